//! Random cases: small frameworks and rounds that between them touch every rule.

use std::collections::BTreeSet;

use num_traits::Zero;

use crate::exact::{Exact, decimal, whole};
use crate::model::*;
use crate::random::Random;

/// Which of the larger features a family of cases has. Rules of every other kind are always drawn.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    pub means: Means,
    /// Gaps that `missing: reject` does not take, and answers with faults, under `--hold-out`.
    pub hold_out: bool,
    /// Parameters that a body answers once for all its services.
    pub entities: bool,
    /// Answers submitted, verified, objected to.
    pub stages: bool,
    /// Several evaluators of one answer.
    pub evaluators: bool,
}

impl Features {
    /// None of them.
    pub const PLAIN: Self =
        Self { means: Means::Arithmetic, hold_out: false, entities: false, stages: false, evaluators: false };
}

/// Which aggregations are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    Arithmetic,
    Geometric,
    Mixed,
}

/// The case of a seed.
pub fn case(seed: u64, features: Features) -> Case {
    let random = &mut Random::new(seed);
    let framework = framework(random, features);
    let round = round(random, &framework, features);
    let as_of = (features.stages && random.chance(30)).then(|| random.below(round.stages.len()));
    Case {
        framework,
        round,
        hold_out: features.hold_out,
        as_of,
        excel: random.chance(8),
        raw: random.chance(8),
    }
}

// ---------------------------------------------------------------------------- frameworks

const LEVELS: &[&[&str]] = &[
    &["criterion", "parameter"],
    &["dimension", "criterion", "parameter"],
    &["part", "dimension", "criterion", "question"],
];

const ATTRIBUTES: &[Attribute] = &[
    Attribute { id: "fee", values: &["yes", "no"] },
    Attribute { id: "channel", values: &["online", "in person", "poçt"] },
];

const NAMES: &[Name] = &[
    Name { answer: "yes", en: "Yes", az: "Bəli", also: &["y", "1", "true", "hə"] },
    Name { answer: "no", en: "No", az: "Xeyr", also: &["n", "0", "false", "xeyir", "yox"] },
    Name { answer: "partly", en: "In part", az: "Qismən", also: &["½", "half way"] },
    Name { answer: "in time", en: "Within the term", az: "Vaxtında", also: &["iti"] },
    Name { answer: "late", en: "Too late", az: "Gecikmiş", also: &[] },
    Name { answer: "web", en: "On the web", az: "Veb sayt", also: &["www", "internet"] },
    Name { answer: "post", en: "By post", az: "Poçt", also: &["məktub"] },
    Name { answer: "desk", en: "In person", az: "Şəxsən", also: &["İŞ YERİ"] },
    Name {
        answer: "phone", en: "By phone, at any hour", az: "Çağrı mərkəzi", also: &["telefon", "ığdır"]
    },
    Name { answer: "5", en: "Level \"five\"", az: "Beşinci səviyyə", also: &["five"] },
];

fn framework(random: &mut Random, features: Features) -> Framework {
    let levels = *random.pick(LEVELS);
    let languages = random.pick(&[vec!["en", "az"], vec!["en", "az"], vec!["en"], vec![]]).clone();
    let attributes = random.some(ATTRIBUTES, 2);
    let attributes = attributes[..random.count(0, attributes.len())].to_vec();
    let scales = (1..=random.count(1, 4)).map(|n| (format!("scale-{n}"), scale(random, features))).collect();
    let policy = policy(random, levels.len(), features);
    let mut framework = Framework {
        languages,
        levels: levels.to_vec(),
        policy,
        words: words(random),
        attributes,
        scales,
        bands: Vec::new(),
        root: Node {
            id: String::new(),
            weight: None,
            applies_when: Vec::new(),
            asked: None,
            kind: Kind::Group(Vec::new()),
        },
    };
    loop {
        let mut tree = Tree::new(random, &framework, features);
        framework.root.kind = Kind::Group(tree.groups(0));
        if (3..=25).contains(&framework.leaves().len()) {
            break;
        }
    }
    require(random, &mut framework, features);
    framework.bands = bands(random, &framework.groups());
    framework
}

/// Rules as they could stand in a framework with so many levels.
pub fn policy(random: &mut Random, levels: usize, features: Features) -> Policy {
    let missing = match (features.hold_out, random.count(0, 4)) {
        (true, 0..=3) => Missing::Reject,
        (_, 0..=2) if !spares_zeros(random, features) => Missing::Zero,
        _ => Missing::Exclude,
    };
    let aggregation = match features.means {
        Means::Arithmetic => vec![Mean::Arithmetic; levels],
        Means::Geometric => vec![Mean::Geometric; levels],
        Means::Mixed => (0..levels).map(|_| *random.pick(&[Mean::Arithmetic, Mean::Geometric])).collect(),
    };
    // A value "within 1e-15 of a half" says little at 9 decimals, so irrational figures have few.
    let most = if features.means == Means::Arithmetic && random.chance(10) { 9 } else { 4 };
    Policy {
        missing,
        not_applicable: match spares_zeros(random, features) {
            true => *random.pick(&[NotApplicable::Exclude, NotApplicable::Full]),
            false => *random.pick(&[NotApplicable::Exclude, NotApplicable::Full, NotApplicable::Zero]),
        },
        evidence: match spares_zeros(random, features) {
            true => Unproven::Warn,
            false => *random.pick(&[Unproven::Void, Unproven::Warn]),
        },
        evaluators: *random.pick(&[Evaluators::Agree, Evaluators::Mean]),
        minimum_coverage: match random.count(0, 9) {
            0..=5 => Exact::zero(),
            6..=8 => whole(random.within(1, 100)),
            _ => decimal(random.within(1, 999), 1),
        },
        unrated: *random.pick(&[Unrated::Exclude, Unrated::Zero]),
        aggregation,
        decimals: u32::try_from(random.count(0, most)).expect("one digit"),
        rounding: *random.pick(&[Rounding::End, Rounding::End, Rounding::EachLevel]),
        half: *random.pick(&[Half::Up, Half::Even]),
        ranks: *random.pick(&[Figures::Published, Figures::Exact]),
        entity_from: *random.pick(&[Figures::Published, Figures::Exact]),
    }
}

/// A zero makes a geometric mean zero, and with it most indexes, if they are not mostly spared.
fn spares_zeros(random: &mut Random, features: Features) -> bool {
    random.chance(match features.means {
        Means::Arithmetic => 0,
        Means::Mixed => 40,
        Means::Geometric => 90,
    })
}

fn words(random: &mut Random) -> Words {
    let mut words = Words::default();
    if random.chance(15) {
        words.not_applicable = vec!["-", "uyğun deyil"];
    }
    if random.chance(15) {
        words.none = vec!["nothing", "HEÇ NƏ"];
    }
    if random.chance(15) {
        words.confirmed = vec!["agreed", "razıyıq"];
    }
    if random.chance(15) {
        words.withdrawn = vec!["taken back"];
    }
    words
}

/// A score from 0 to 1: often one that makes exact halves, at times one of 9 places.
fn score(random: &mut Random, features: Features) -> Exact {
    const HANDY: &[(i64, u32)] =
        &[(0, 0), (1, 0), (5, 1), (25, 2), (75, 2), (125, 3), (2, 1), (4, 1), (5, 2), (5, 3), (333, 3)];
    if random.chance(75) {
        let first = usize::from(spares_zeros(random, features));
        let &(mantissa, places) = random.pick(&HANDY[first..]);
        decimal(mantissa, places)
    } else {
        let places = u32::try_from(random.count(1, 9)).expect("one digit");
        decimal(random.within(0, 10_i64.pow(places)), places)
    }
}

fn scale(random: &mut Random, features: Features) -> Scale {
    let choices = |random: &mut Random, count| {
        let names = random.some(&NAMES.iter().collect::<Vec<_>>(), count);
        names.into_iter().map(|name| Choice { name, score: score(random, features) }).collect()
    };
    match random.below(5) {
        0..=2 => {
            let count = random.count(2, 5);
            Scale::Choices(choices(random, count))
        }
        3 => Scale::Number(number(random, features)),
        _ => {
            let count = random.count(1, 5);
            Scale::Multiple(choices(random, count))
        }
    }
}

fn number(random: &mut Random, features: Features) -> Number {
    let percent = random.chance(50);
    let ratio = percent && random.chance(70);
    let places = u32::try_from(random.count(0, 3)).expect("one digit");
    let (low, high) = if percent { (0, 100) } else { (-20, 300) };
    let unit = 10_i64.pow(places);
    let mut at = BTreeSet::new();
    for _ in 0..random.count(2, 5) {
        at.insert(random.within(low * unit, high * unit));
    }
    at.insert(random.within(0, 99) * unit);
    at.insert(100 * unit);
    let points: Vec<_> = at.into_iter().map(|x| (decimal(x, places), score(random, features))).collect();
    let (first, last) = (points[0].0.clone(), points[points.len() - 1].0.clone());
    let (min, max) = match percent {
        true => (whole(0), whole(100)),
        false => (first - whole(random.within(0, 9)), last + whole(random.within(0, 9))),
    };
    Number {
        unit: if percent { Some("%") } else { *random.pick(&[None, Some("minute")]) },
        ratio,
        min: random.chance(70).then_some(min),
        max: random.chance(70).then_some(max),
        points,
    }
}

/// Draws the groups and parameters of one framework.
struct Tree<'a> {
    random: &'a mut Random,
    framework: &'a Framework,
    features: Features,
    taken: BTreeSet<String>,
    /// Weights of a kind within one framework, or of all kinds.
    weights: usize,
}

impl<'a> Tree<'a> {
    fn new(random: &'a mut Random, framework: &'a Framework, features: Features) -> Self {
        let weights = random.below(6);
        Self { random, framework, features, taken: BTreeSet::new(), weights }
    }

    /// The groups below one of this depth.
    fn groups(&mut self, depth: usize) -> Vec<Node> {
        let deepest = self.framework.levels.len() - 1;
        let most = if depth == 0 { 4 } else { 3 };
        (0..self.random.count(1, most))
            .map(|_| {
                let ends = depth + 1 == deepest || self.random.chance(30);
                let kind = if ends {
                    let count = self.random.count(1, 5);
                    Kind::Group((0..count).map(|_| self.parameter()).collect())
                } else {
                    Kind::Group(self.groups(depth + 1))
                };
                self.node("G", kind, 12)
            })
            .collect()
    }

    fn parameter(&mut self) -> Node {
        let (named, scale) = if self.random.chance(60) {
            let (name, scale) = self.random.pick(&self.framework.scales);
            (Some(name.clone()), scale.clone())
        } else {
            (None, scale(self.random, self.features))
        };
        let parameter = Parameter {
            scale,
            named,
            evidence: *self.random.pick(&[
                Evidence::None,
                Evidence::None,
                Evidence::Recommended,
                Evidence::Required,
            ]),
            optional: self.random.chance(35),
            requires: Vec::new(),
        };
        self.node("P", Kind::Parameter(Box::new(parameter)), 8)
    }

    fn node(&mut self, letter: &str, kind: Kind, conditional: u64) -> Node {
        let asked = (self.features.entities && self.random.chance(25))
            .then(|| *self.random.pick(&[Asked::Entity, Asked::Entity, Asked::Service]));
        Node {
            id: self.id(letter),
            weight: self.weight(),
            applies_when: if self.random.chance(conditional) { self.condition() } else { Vec::new() },
            asked,
            kind,
        }
    }

    fn id(&mut self, letter: &str) -> String {
        loop {
            let (a, b) = (self.random.below(30), self.random.below(30));
            let id = match self.random.below(4) {
                0 => format!("{letter}{a}"),
                1 => format!("{letter}{a}.{b}"),
                2 => format!("{letter}_{a}-x"),
                _ => format!("{}{a}", letter.to_lowercase()),
            };
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }

    fn weight(&mut self) -> Option<Exact> {
        if self.random.chance(7) {
            return Some(Exact::zero());
        }
        let kind = if self.weights == 5 { self.random.below(5) } else { self.weights };
        match kind {
            0 => None,
            1 => Some(whole(self.random.within(1, 9))),
            2 => Some(whole(*self.random.pick(&[1, 2, 4, 8, 16]))),
            3 => Some(decimal(self.random.within(1, 40_000), 3)),
            // Weights far apart put exact values within 1e-15 of a half, where the rule for
            // irrational ones would count another way: only for arithmetic means.
            _ if self.features.means != Means::Arithmetic => Some(whole(self.random.within(1, 99))),
            _ => Some(match self.random.below(4) {
                0 => decimal(999_999_999_999_999_999_i64, 9),
                1 => decimal(1, 9),
                _ => decimal(self.random.within(1, 999_999_999_999_999_999), 9),
            }),
        }
    }

    fn condition(&mut self) -> Vec<(&'static str, Vec<&'static str>)> {
        let attributes = &self.framework.attributes;
        let count = self.random.count(0, attributes.len());
        self.random
            .some(attributes, count)
            .into_iter()
            .map(|attribute| {
                let count = self.random.count(1, 2);
                (attribute.id, self.random.some(attribute.values, count))
            })
            .collect()
    }
}

/// Makes some parameters require answers of others, never in a circle.
fn require(random: &mut Random, framework: &mut Framework, features: Features) {
    let mut order: Vec<(String, Option<usize>)> = Vec::new();
    for leaf in framework.leaves() {
        let options = match &leaf.parameter.scale {
            Scale::Choices(choices) => Some(choices.len()),
            Scale::Number(_) | Scale::Multiple(_) => None,
        };
        order.push((leaf.id.to_owned(), options));
    }
    random.shuffle(&mut order);
    framework.root.visit_mut(&mut |node| {
        let Kind::Parameter(parameter) = &mut node.kind else {
            return;
        };
        if !random.chance(18) || spares_zeros(random, features) {
            return;
        }
        let place = order.iter().position(|(id, _)| *id == node.id).expect("every leaf is there");
        let earlier: Vec<_> =
            order[..place].iter().filter_map(|(id, options)| Some((id, (*options)?))).collect();
        let count = random.count(1, 2);
        for (id, options) in random.some(&earlier, count) {
            // With several evaluators it is not said whether two of the accepted answers together
            // are one required answer, so only one is accepted.
            let accepted = if features.evaluators { 1 } else { random.count(1, options - 1) };
            let accepted = random.some(&(0..options).collect::<Vec<_>>(), accepted);
            parameter.requires.push((id.clone(), accepted));
        }
    });
}

fn bands(random: &mut Random, groups: &[&str]) -> Vec<Band> {
    let mut from = BTreeSet::new();
    for _ in 0..random.count(0, 5) {
        from.insert(if random.chance(70) { random.within(0, 20) * 50 } else { random.within(0, 1000) });
    }
    let mut bands: Vec<_> = from
        .into_iter()
        .rev()
        .zip(["A", "B", "C", "D", "E"])
        .map(|(from, id)| {
            let count = if random.chance(30) { random.count(1, 2) } else { 0 };
            let least = |random: &mut Random| decimal(random.within(0, 200) * 5, 1);
            let requires = random.some(groups, count);
            let requires = requires.into_iter().map(|id| (id.to_owned(), least(random))).collect();
            Band { id: format!("band-{id}"), from: decimal(from, 1), requires }
        })
        .collect();
    if random.chance(15) {
        random.shuffle(&mut bands);
    }
    bands
}

// -------------------------------------------------------------------------------- rounds

const CATEGORIES: &[&str] = &["central", "local", "legal-person", "", "Ədliyyə", "=mixed"];

const TITLES: &[&str] = &[
    "Birth certificate",
    "Şəxsiyyət vəsiqəsi",
    "Permit, temporary; or not",
    "The \"single\" window",
    "two\nlines",
    "=SUM(A1:A2)",
    "-minus",
    "+994 12 000",
    "@home",
    "'quoted'",
];

fn round(random: &mut Random, framework: &Framework, features: Features) -> Round {
    let registry = features.entities || random.chance(85);
    let mut round = Round {
        registry,
        entity_registry: registry && random.chance(45),
        language: random.chance(40).then(|| framework.languages.first()).flatten().copied(),
        services: Vec::new(),
        entities: Vec::new(),
        stages: if features.stages { stages(random) } else { Vec::new() },
        rows: Vec::new(),
    };
    if framework.languages.len() > 1 && random.chance(30) {
        round.language = Some("az");
    }
    if registry {
        let ids = ids(random, "E", 4);
        round.entities = ids.into_iter().map(|id| entity(random, id)).collect();
    }
    let most = if random.chance(10) { 1 } else { 8 };
    let ids = ids(random, "s", most);
    round.services = ids.into_iter().map(|id| service(random, id, framework, &round)).collect();
    if let [only] = &mut round.services[..] {
        only.excluded = false;
    }
    Answers { random, framework, features, round: &mut round }.give();
    round
}

fn stages(random: &mut Random) -> Vec<Stage> {
    let mut stages = vec![
        Stage { id: "submitted", by: "entity", scored: true, voids: false, silent: false },
        Stage { id: "verified", by: "evaluator", scored: true, voids: false, silent: false },
        Stage { id: "objections", by: "entity", scored: false, voids: false, silent: false },
        Stage { id: "final", by: "evaluator", scored: true, voids: false, silent: false },
    ];
    stages.truncate(random.count(1, 4));
    for stage in &mut stages[1..] {
        stage.voids = stage.scored && random.chance(50);
        stage.silent = random.chance(20);
    }
    stages
}

/// Ids of one style, in an order of their own.
fn ids(random: &mut Random, letter: &str, most: usize) -> Vec<String> {
    let style = random.below(12);
    let lower = letter.to_lowercase();
    let mut ids = BTreeSet::new();
    for _ in 0..random.count(1, most) {
        let n = random.below(30);
        ids.insert(match style {
            0..=4 => format!("{letter}{n}"),
            5..=6 => format!("{letter}-xidmət-ö{n}"),
            7 => format!("{n:03}"),
            8 => format!("ASAN {letter} {n}"),
            9 => format!("{}{n}", random.pick(&[letter, &lower])),
            10 => format!("{}{letter}{n}", random.pick(&["=", "-", "+", "@", ""])),
            _ => format!("{letter}.{n}.x"),
        });
    }
    let mut ids: Vec<_> = ids.into_iter().collect();
    random.shuffle(&mut ids);
    ids
}

fn title(random: &mut Random) -> Title {
    let text = (*random.pick(TITLES)).to_owned();
    let az = random.chance(50).then(|| format!("{}, az", random.pick(TITLES)));
    Title { text, az }
}

fn entity(random: &mut Random, id: String) -> Entity {
    let category = (*random.pick(CATEGORIES)).to_owned();
    Entity { id, title: title(random), category }
}

fn service(random: &mut Random, id: String, framework: &Framework, round: &Round) -> Service {
    let plain = Title { text: id.clone(), az: None };
    let weight = match random.below(10) {
        0 => Some(Exact::zero()),
        1..=3 => Some(whole(random.within(1, 5))),
        4 => Some(decimal(random.within(1, 9999), 2)),
        _ => None,
    };
    let attributes = framework.attributes.iter().map(|attribute| {
        let count = if random.chance(25) { 2 } else { 1 };
        (attribute.id, random.some(attribute.values, count))
    });
    let attributes = attributes.collect();
    Service {
        id,
        title: if round.registry { title(random) } else { plain },
        entity: random.below(round.entities.len().max(1)),
        weight: weight.filter(|_| round.registry),
        excluded: round.registry && random.chance(8),
        attributes,
    }
}

/// What one service has for one parameter, as the stages go by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Absent,
    Given,
    /// Left untouched by a stage with `unconfirmed: void`.
    Voided,
}

/// Draws the answers of one round.
struct Answers<'a> {
    random: &'a mut Random,
    framework: &'a Framework,
    features: Features,
    round: &'a mut Round,
}

impl Answers<'_> {
    fn give(&mut self) {
        // How much each service answers at all, in percent.
        let complete: &[u64] =
            if self.features.hold_out { &[100, 100, 100, 80] } else { &[100, 100, 90, 70, 40, 0] };
        let diligence: Vec<u64> = self.round.services.iter().map(|_| *self.random.pick(complete)).collect();
        let framework = self.framework;
        for leaf in framework.leaves() {
            self.parameter(&leaf, &diligence);
        }
        if !self.round.registry {
            self.answer_once_at_least();
        }
        if self.features.hold_out {
            for _ in 0..self.random.count(0, 2) {
                self.fault();
            }
        }
    }

    fn parameter(&mut self, leaf: &Leaf, diligence: &[u64]) {
        let services = self.round.services.len();
        let mut standing = vec![Standing::Absent; services];
        let stages = self.round.stages.len().max(1);
        for stage in 0..stages {
            let (silent, scored, voids) = match self.round.stages.get(stage) {
                Some(stage) => (stage.silent, stage.scored, stage.voids),
                None => (false, true, false),
            };
            if silent {
                continue;
            }
            let mut after = standing.clone();
            let mut untouched: Vec<usize> = (0..services).collect();
            for service in 0..services {
                // An own row beside the body's, now and then.
                let share = if leaf.asked == Asked::Entity { 25 } else { diligence[service] };
                let share = if stage == 0 { share } else { share.min(55) };
                if self.random.chance(share) {
                    after[service] =
                        self.row(leaf, stage, Subject::Service(service), &[service], standing[service]);
                    untouched.retain(|&other| other != service);
                }
            }
            if leaf.asked == Asked::Entity {
                for entity in 0..self.round.entities.len() {
                    let inherits = |&service: &usize| self.round.services[service].entity == entity;
                    let heirs: Vec<usize> = untouched.iter().copied().filter(inherits).collect();
                    let Some(&first) = heirs.first() else {
                        continue;
                    };
                    // A confirmed or withdrawn word must have something before it for every heir.
                    let same = heirs.iter().all(|&heir| standing[heir] == standing[first]);
                    let before = if same { standing[first] } else { Standing::Voided };
                    if self.random.chance(if stage == 0 { 85 } else { 50 }) {
                        let result = self.row(leaf, stage, Subject::Entity(entity), &heirs, before);
                        for heir in heirs {
                            after[heir] = result;
                            untouched.retain(|&other| other != heir);
                        }
                    }
                }
            }
            if scored {
                for service in untouched {
                    if voids && standing[service] == Standing::Given {
                        after[service] = Standing::Voided;
                    }
                }
                standing = after;
            }
        }
    }

    /// Adds a row (or one of each evaluator) for these services and says where it leaves them.
    fn row(
        &mut self,
        leaf: &Leaf,
        stage: usize,
        subject: Subject,
        services: &[usize],
        before: Standing,
    ) -> Standing {
        let answer = match (before, self.random.count(0, 9)) {
            (Standing::Given, 0..=4) => Answer::Confirmed,
            (Standing::Given, 5) => Answer::Withdrawn,
            _ => self.answer(leaf, services),
        };
        let after = if answer == Answer::Withdrawn { Standing::Absent } else { Standing::Given };
        // Whether evidence outlives a withdrawal is not said: a later answer brings its own.
        let likely = match leaf.parameter.evidence {
            Evidence::Required if stage > 0 && before != Standing::Given => 100,
            Evidence::Required => 75,
            Evidence::None | Evidence::Recommended => 20,
        };
        let parameter = leaf.id.to_owned();
        if self.features.evaluators && !matches!(answer, Answer::Confirmed | Answer::Withdrawn) {
            let count = self.random.count(1, 3);
            let evaluators = self.random.some(&["Aygün", "B. Əliyev", "c"], count);
            for (place, evaluator) in evaluators.into_iter().enumerate() {
                let answer = if place == 0 { answer.clone() } else { self.second(leaf, &answer, services) };
                let evidence = self.random.chance(likely);
                let (evaluator, parameter) = (Some(evaluator), parameter.clone());
                self.round.rows.push(Row { stage, subject, parameter, evaluator, answer, evidence });
            }
        } else {
            let evidence = self.random.chance(likely);
            self.round.rows.push(Row { stage, subject, parameter, evaluator: None, answer, evidence });
        }
        after
    }

    /// A second evaluator's answer beside the first one's.
    fn second(&mut self, leaf: &Leaf, first: &Answer, services: &[usize]) -> Answer {
        let scale = &leaf.parameter.scale;
        let leaves = self.framework.leaves();
        let is_required = leaves
            .iter()
            .any(|other| other.parameter.requires.iter().any(|(required, _)| required == leaf.id));
        let answer = self.answer(leaf, services);
        let settled = match self.framework.policy.evaluators {
            // Different answers of one score agree; whether a required one is among them is not
            // said, so there they are the same.
            Evaluators::Agree => {
                !is_required
                    && answer.is_not_applicable() == first.is_not_applicable()
                    && scale.score(&answer) == scale.score(first)
            }
            // Nor whether one who says "not applicable" has given a required answer.
            Evaluators::Mean => !is_required || answer.is_not_applicable() == first.is_not_applicable(),
        };
        if settled { answer } else { first.clone() }
    }

    /// An answer that the parameter takes from these services.
    fn answer(&mut self, leaf: &Leaf, services: &[usize]) -> Answer {
        let random = &mut *self.random;
        let parameter = leaf.parameter;
        let does_not_apply =
            services.iter().all(|&service| !leaf.applies_to(self.round, &self.round.services[service]));
        if parameter.optional && random.chance(20) || does_not_apply && random.chance(20) {
            return match &parameter.scale {
                Scale::Number(number) if number.ratio && parameter.optional && random.chance(50) => {
                    Answer::Ratio(0, 0)
                }
                _ => Answer::NotApplicable,
            };
        }
        match &parameter.scale {
            Scale::Choices(choices) => Answer::Chosen(random.below(choices.len())),
            Scale::Number(number) => quantity(random, number),
            Scale::Multiple(choices) => {
                let count = random.count(0, choices.len());
                Answer::Several(random.some(&(0..choices.len()).collect::<Vec<_>>(), count))
            }
        }
    }

    /// Without a registry, services are those in the answers.
    fn answer_once_at_least(&mut self) {
        let framework = self.framework;
        let leaf = &framework.leaves()[0];
        for service in 0..self.round.services.len() {
            let subject = Subject::Service(service);
            let speaks = |row: &Row| row.subject == subject && row.stage == 0;
            if !self.round.rows.iter().any(speaks) {
                let answer = self.answer(leaf, &[service]);
                let parameter = leaf.id.to_owned();
                let row = Row { stage: 0, subject, parameter, evaluator: None, answer, evidence: true };
                self.round.rows.insert(0, row);
            }
        }
    }

    /// Spoils one answer: of a parameter that surely applies, so that the fault counts.
    fn fault(&mut self) {
        let framework = self.framework;
        let leaves = framework.leaves();
        let row = self.random.below(self.round.rows.len().max(1));
        let Some(row) = self.round.rows.get(row).cloned() else {
            return;
        };
        let leaf = leaves.iter().find(|leaf| leaf.id == row.parameter).expect("a known parameter");
        let applies = |service: &Service| leaf.applies_to(self.round, service);
        if !leaf.parameter.requires.is_empty() || !self.round.services.iter().all(applies) {
            return;
        }
        if self.random.chance(25) {
            self.round.rows.push(row);
            return;
        }
        let answer = if !leaf.parameter.optional && self.random.chance(25) {
            Answer::NotApplicable
        } else {
            Answer::Faulty(faulty(self.random, &leaf.parameter.scale))
        };
        let spoilt = self
            .round
            .rows
            .iter_mut()
            .find(|other| other.subject == row.subject && other.parameter == row.parameter);
        spoilt.expect("the row is there").answer = answer;
    }
}

/// An answer inside a number's bounds, often on or near one of its points.
fn quantity(random: &mut Random, number: &Number) -> Answer {
    if number.ratio && random.chance(50) {
        let b = u64::try_from(random.within(1, 60)).expect("above 0");
        let a = random.bits() % (b + 1);
        return if random.chance(10) { Answer::Ratio(b, b) } else { Answer::Ratio(a, b) };
    }
    let (low, high) = (&number.points[0].0, &number.points[number.points.len() - 1].0);
    let x = match random.below(4) {
        0 => random.pick(&number.points).0.clone(),
        1 => low - decimal(random.within(0, 500), 2),
        2 => high + decimal(random.within(0, 500), 2),
        _ => {
            let places = u32::try_from(random.count(0, 6)).expect("one digit");
            let part = decimal(random.within(0, 10_i64.pow(places)), places);
            // A decimal between the two, since both of them are.
            low + (high - low) * part
        }
    };
    let inside = is_inside(number, &x) && (!number.ratio || x >= Exact::zero());
    Answer::Number(if inside { x } else { high.clone() })
}

/// A text that the scale does not take.
fn faulty(random: &mut Random, scale: &Scale) -> String {
    let wrong: Vec<String> = match scale {
        Scale::Choices(_) => vec!["perhaps".into(), "yes no".into(), "yess".into(), "12.5".into()],
        Scale::Multiple(_) => vec!["fax".into(), "web, post".into(), "yes;fax".into()],
        Scale::Number(number) => {
            let mut wrong: Vec<String> = [
                "1,234.5",
                "1 234",
                ".5",
                "5.",
                "1e1",
                "many",
                "05.12.2025",
                "12.May",
                "--5",
                "1234567890123456",
            ]
            .map(str::to_owned)
            .into();
            if number.unit != Some("%") {
                wrong.push("5%".into());
            }
            wrong.push(if number.ratio { "3/2".into() } else { "1/2".into() });
            if number.max.is_some() {
                wrong.push("900000000".into());
            }
            wrong
        }
    };
    random.pick(&wrong).clone()
}
