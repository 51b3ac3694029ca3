//! The optimal plan against all there are: every subset of solutions with every answer of every gap, weighed
//! by the real scorer, on random small rounds.

mod support;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::{Duration, Instant};

use asan_index::cli::Cli;
use asan_index::commands::inputs::{Loaded, Loading};
use asan_index::engine::optimum::{Aim, Inexact, Optimum, Proof, Terms, optimum};
use asan_index::engine::plan::{Action, Work, changes};
use asan_index::engine::score::{Changes, Scorer, exact};
use asan_index::id::{EntityIndex, ParameterIndex, ServiceIndex};
use asan_index::number::{Published, Ratio};
use asan_index::round::Response;
use asan_index::scale::Answer;
use clap::Parser;
use rust_decimal::Decimal;
use serde_json::Value;
use support::Folder;
use support::random::Random;

/// Random rounds that are solved both ways.
const CASES: usize = 500;
/// No more choices than this are weighed in a case, so that all cases take seconds.
const LARGEST: usize = 256;

/// An option: its answer, its score in hundredths, and the effort that it states, in person-days.
type Choice = (&'static str, i64, Option<i64>);
const YES_NO: &[Choice] = &[("yes", 100, None), ("no", 0, None)];
const STEPS: &[Choice] = &[("full", 100, None), ("most", 70, Some(5)), ("some", 30, None), ("nil", 0, None)];

/// A parameter as the brute force sees it.
struct Question {
    options: &'static [Choice],
    of_entity: bool,
    needs_evidence: bool,
    optional: bool,
    effort: Option<i64>,
    solutions: Vec<usize>,
    /// Whether it may be planned: it is not excluded.
    wanted: bool,
}

/// What a service answers: the position of an option, and whether there is evidence.
type Given = Option<(usize, bool)>;

struct Case {
    questions: Vec<Question>,
    solutions: Vec<i64>,
    /// For each solution whether it may be introduced.
    allowed: Vec<bool>,
    services: usize,
    /// By question, then by service.
    given: Vec<Vec<Given>>,
    /// The same: whether "not applicable" is answered in place of that.
    not_applicable: Vec<Vec<bool>>,
    files: [(&'static str, String); 3],
}

impl Case {
    fn new(seed: u64) -> Self {
        Self::under("", seed)
    }

    /// A case under a policy, as it is written in a framework.
    fn under(policy: &str, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut extra = Random::new(seed + 2_000_000);
        let is_limited = extra.below(3) == 0;
        let services = 1 + random.below(2);
        let count = 3 + random.below(2);
        let solutions: Vec<i64> = (0..random.below(3)).map(|_| 2 + random.below(9) as i64).collect();
        let questions: Vec<Question> = (0..count)
            .map(|at| Question {
                options: if random.below(3) > 0 { YES_NO } else { STEPS },
                of_entity: random.below(4) == 0,
                needs_evidence: random.below(3) == 0,
                // One question applies in any case.
                optional: extra.below(3) == 0 && at > 0,
                wanted: !is_limited || extra.below(6) > 0,
                effort: (random.below(8) > 0).then(|| 1 + random.below(9) as i64),
                solutions: (0..solutions.len()).filter(|_| random.below(2) == 0).collect(),
            })
            .collect();
        let mut framework = format!("policy: {{ {policy} }}\n{}", head(&solutions));
        let mut first_group = 1 + random.below(count - 1);
        for (at, question) in questions.iter().enumerate() {
            if at == 0 || at == first_group {
                let _ = write!(
                    framework,
                    "  - id: G{at}\n    title: G\n    weight: {}\n    parameters:\n",
                    1 + random.below(4)
                );
                first_group = if at == 0 { first_group } else { usize::MAX };
            }
            framework += &parameter(at, question, &questions, &mut random);
        }
        let given: Vec<Vec<Given>> = questions
            .iter()
            .map(|question| {
                let mut draw = || {
                    let option = random.below(question.options.len() + 1);
                    (option < question.options.len()).then(|| (option, random.below(2) == 0))
                };
                let first = draw();
                // What an entity is asked has one answer for all its services.
                (0..services).map(|at| if at == 0 || question.of_entity { first } else { draw() }).collect()
            })
            .collect();
        let not_applicable: Vec<Vec<bool>> = questions
            .iter()
            .map(|question| {
                let mut draw = || question.optional && extra.below(2) == 0;
                let first = draw();
                (0..services).map(|at| if at == 0 || question.of_entity { first } else { draw() }).collect()
            })
            .collect();
        let allowed = solutions.iter().map(|_| !is_limited || extra.below(4) > 0).collect();
        let mut answers = "service,parameter,answer,evidence\n".to_owned();
        let mut registry = "service,title,entity\n".to_owned();
        for service in 0..services {
            let _ = writeln!(registry, "s{service},Service,e");
            for (at, of_question) in given.iter().enumerate() {
                if not_applicable[at][service] {
                    let _ = writeln!(answers, "s{service},P{at},n/a,");
                } else if let Some((option, evidence)) = of_question[service] {
                    let answer = questions[at].options[option].0;
                    let _ = writeln!(
                        answers,
                        "s{service},P{at},{answer},{}",
                        if evidence { "photo" } else { "" }
                    );
                }
            }
        }
        let files = [("framework.yaml", framework), ("services.csv", registry), ("answers/all.csv", answers)];
        Self { questions, solutions, allowed, services, given, not_applicable, files }
    }

    /// How many choices there are, at most.
    fn size(&self) -> usize {
        let options = self.units().into_iter().map(|(at, services)| 1 + self.ways(at, &services).len());
        options.product::<usize>() << self.solutions.len()
    }

    fn folder(&self) -> Folder {
        let folder = Folder::with(&[("round.yaml", "framework: framework.yaml\n")]);
        self.files.iter().for_each(|(name, text)| folder.write(name, text.as_bytes()));
        folder
    }

    fn load(&self) -> Box<Loaded> {
        let folder = self.folder();
        let path = folder.path().to_path_buf();
        let cli = Cli::try_parse_from(["asan-index", "status"]).expect("arguments");
        match cli.global.load(&[path]).expect("a round") {
            Loading::Sound(loaded) => loaded,
            Loading::Faulty(findings) => panic!("{findings:?}"),
        }
    }
}

fn head(solutions: &[i64]) -> String {
    let mut text = "framework: small\nversion: \"1\"\ntitle: Small\nlevels: [part, parameter]\nlanguages: [en]\nscales:\n".to_owned();
    for (name, options) in [("yes-no", YES_NO), ("steps", STEPS)] {
        let option = |(answer, score, effort): &Choice| {
            let effort = effort.map(|effort| format!(", effort: {effort}")).unwrap_or_default();
            format!("{{ answer: \"{answer}\", score: {}{effort} }}", Decimal::new(*score, 2))
        };
        let options: Vec<String> = options.iter().map(option).collect();
        let _ = writeln!(text, "  {name}: {{ choices: [{}] }}", options.join(", "));
    }
    if !solutions.is_empty() {
        text += "solutions:\n";
    }
    for (at, effort) in solutions.iter().enumerate() {
        let _ = writeln!(text, "  - {{ id: sol{at}, title: Solution, effort: {effort} }}");
    }
    text + "bands: [{ id: A, from: 70 }, { id: B, from: 0 }]\ngroups:\n"
}

fn parameter(at: usize, question: &Question, questions: &[Question], random: &mut Random) -> String {
    let mut text = format!("      - id: P{at}\n        title: P\n        question: Q?\n");
    let scale = if question.options.len() == 2 { "yes-no" } else { "steps" };
    let _ = writeln!(text, "        scale: {scale}\n        weight: {}", 1 + random.below(7));
    if question.of_entity {
        text += "        asked: entity\n";
    }
    if question.optional {
        text += "        optional: true\n";
    }
    if question.needs_evidence {
        text += "        evidence: required\n";
    }
    if at > 0 && random.below(3) == 0 {
        let needed = random.below(at);
        let wanted = if questions[needed].options.len() == 2 { "\"yes\"" } else { "full, some" };
        let _ = writeln!(text, "        requires: {{ P{needed}: [{wanted}] }}");
    }
    let effort = question.effort.map(|effort| format!("effort: {effort}, ")).unwrap_or_default();
    let solutions: Vec<String> = question.solutions.iter().map(|at| format!("sol{at}")).collect();
    let _ = writeln!(text, "        advice: {{ {effort}solutions: [{}] }}", solutions.join(", "));
    text
}

/// One way to treat one question in some services: what it takes, in hundredths of a person-day, and the answer.
struct Way {
    cost: i64,
    services: Vec<usize>,
    option: usize,
}

impl Case {
    /// Every single thing that can be done about a question in one of its units.
    fn ways(&self, at: usize, services: &[usize]) -> Vec<Way> {
        let question = &self.questions[at];
        let score = |option: usize| question.options[option].1;
        let given = self.given[at][services[0]];
        let is_void = question.needs_evidence && given.is_some_and(|(_, evidence)| !evidence);
        let mut ways = Vec::new();
        if self.not_applicable[at][services[0]] || !question.wanted {
            return ways;
        }
        for option in 0..question.options.len() {
            let old = given.map_or(0, |(option, _)| score(option));
            let is_same = given.is_some_and(|(known, _)| known == option);
            let day = if is_void { 100 } else { 0 };
            let cost = match (given, question.options[option].2, question.effort) {
                (Some(_), _, _) if is_same && is_void => day,
                (Some(_), _, _) if score(option) <= old => continue,
                (_, Some(stated), _) => stated * 100 + day,
                (None, None, _) if score(option) == 0 => match question.effort {
                    Some(_) => 0,
                    None => continue,
                },
                (_, None, Some(effort)) => rounded(effort * 100 * (score(option) - old), 100 - old) + day,
                (_, None, None) => continue,
            };
            ways.push(Way { cost, services: services.to_vec(), option });
        }
        ways
    }

    fn units(&self) -> Vec<(usize, Vec<usize>)> {
        let mut units = Vec::new();
        for (at, question) in self.questions.iter().enumerate() {
            match question.of_entity {
                true => units.push((at, (0..self.services).collect())),
                false => units.extend((0..self.services).map(|service| (at, vec![service]))),
            }
        }
        units
    }

    /// Whether a solution has something to close: the question's own answer counts for less than the best.
    fn has_gap(&self, at: usize, service: usize) -> bool {
        let question = &self.questions[at];
        if self.not_applicable[at][service] || !question.wanted {
            return false;
        }
        match self.given[at][service] {
            None => true,
            Some((option, evidence)) => {
                question.options[option].1 < 100 || (question.needs_evidence && !evidence)
            }
        }
    }
}

/// A half is rounded to the even neighbour: two places of a person-day, as decimals are rounded.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    match (2 * rest).cmp(&denominator) {
        Ordering::Less => whole,
        Ordering::Greater => whole + 1,
        Ordering::Equal => whole + whole % 2,
    }
}

/// What a choice comes to.
struct Weighed {
    cost: i64,
    indexes: Vec<Ratio>,
    published: Vec<Decimal>,
    actions: usize,
}

impl Weighed {
    fn sum(&self) -> Ratio {
        self.indexes.iter().fold(Ratio::zero(), |sum, index| sum.plus(index))
    }
}

/// Every choice there is.
fn all(case: &Case, scorer: &Scorer<'_>) -> Vec<Weighed> {
    let mut list = Vec::new();
    let units = case.units();
    for introduced in 0..1usize << case.solutions.len() {
        let is_in = |at: &usize| introduced >> at & 1 == 1;
        if (0..case.solutions.len()).any(|at| is_in(&at) && !case.allowed[at]) {
            continue;
        }
        let mut ways: Vec<Vec<Option<Way>>> = Vec::new();
        for (at, services) in &units {
            let is_closed = case.questions[*at].solutions.iter().any(is_in);
            let gaps: Vec<usize> =
                services.iter().copied().filter(|service| case.has_gap(*at, *service)).collect();
            if is_closed && !gaps.is_empty() {
                ways.push(vec![Some(Way { cost: 0, services: gaps, option: 0 })]);
            } else if gaps.is_empty() {
                ways.push(vec![None]);
            } else {
                ways.push(
                    std::iter::once(None).chain(case.ways(*at, services).into_iter().map(Some)).collect(),
                );
            }
        }
        let base: i64 = (0..case.solutions.len()).filter(is_in).map(|at| case.solutions[at] * 100).sum();
        let mut picks = vec![0; units.len()];
        loop {
            list.push(weigh(case, scorer, &units, &ways, &picks, (base, introduced)));
            let Some(next) = (0..picks.len()).find(|at| picks[*at] + 1 < ways[*at].len()) else { break };
            picks[next] += 1;
            picks[..next].fill(0);
        }
    }
    list
}

fn weigh(
    case: &Case,
    scorer: &Scorer<'_>,
    units: &[(usize, Vec<usize>)],
    ways: &[Vec<Option<Way>>],
    picks: &[usize],
    (base, introduced): (i64, usize),
) -> Weighed {
    let mut changes = vec![Changes::new(); case.services];
    let (mut cost, mut actions) = (base, introduced.count_ones() as usize);
    for (((at, _), ways), pick) in units.iter().zip(ways).zip(picks) {
        let Some(way) = &ways[*pick] else { continue };
        cost += way.cost;
        actions += usize::from(!case.questions[*at].solutions.iter().any(|at| introduced >> at & 1 == 1));
        for service in &way.services {
            changes[*service].insert(ParameterIndex::new(*at), vec![Answer::Choice(way.option)]);
        }
    }
    let outcomes = |service: usize| scorer.outcomes_with(ServiceIndex::new(service), &changes[service]);
    // Where gaps are left out a service may have no index: below all others.
    let none = Decimal::NEGATIVE_ONE;
    let index = |service: usize| exact(scorer.framework(), &outcomes(service))[0].clone();
    let published = |service: usize| scorer.values(outcomes(service)).index();
    Weighed {
        cost,
        actions,
        indexes: (0..case.services).map(|at| index(at).unwrap_or_else(Ratio::zero)).collect(),
        published: (0..case.services).map(|at| published(at).map_or(none, Published::decimal)).collect(),
    }
}

/// The best of all choices, by the definitions of docs/plan.md.
fn best(list: &[Weighed], aim: Aim, most_actions: Option<usize>) -> Option<&Weighed> {
    let services = list[0].indexes.len();
    let percent = |target: Decimal| Ratio::from_decimal(target).times(&Ratio::new(1.into(), 100.into()));
    let most = |at: usize| list.iter().map(|one| &one.indexes[at]).max().expect("a choice");
    let most_sum = list.iter().map(Weighed::sum).max().expect("a choice");
    let does = |one: &&Weighed| match aim {
        Aim::Each(target) => {
            (0..services).all(|at| one.published[at] >= target || one.indexes[at] == *most(at))
        }
        Aim::Mean(target) => {
            let wanted = percent(target).scaled(services as u64);
            let now: Decimal = list[0].published.iter().sum::<Decimal>() / Decimal::from(services);
            let is_there =
                now.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero) >= target;
            is_there || one.sum() >= wanted || one.sum() == most_sum
        }
        Aim::Budget(most) => Decimal::new(one.cost, 2) <= most,
    };
    let within = |one: &&Weighed| most_actions.is_none_or(|most| one.actions <= most);
    list.iter().filter(within).filter(does).min_by(|a, b| match aim {
        Aim::Each(_) | Aim::Mean(_) => a.cost.cmp(&b.cost).then(b.sum().cmp(&a.sum())),
        Aim::Budget(_) => b.sum().cmp(&a.sum()).then(a.cost.cmp(&b.cost)),
    })
}

fn planned(scorer: &Scorer<'_>, case: &Case, aim: Aim, most_actions: Option<usize>) -> Optimum {
    let services: Vec<ServiceIndex> = (0..case.services).map(ServiceIndex::new).collect();
    let wanted: Vec<bool> = case.questions.iter().map(|question| question.wanted).collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    let terms = Terms { aim, wanted: &wanted, solutions: &case.allowed, most_actions, deadline };
    optimum(scorer, Some(EntityIndex::new(0)), &services, &terms)
}

/// The indexes that a plan leads to, by the scorer.
fn after(scorer: &Scorer<'_>, services: usize, plan: &Optimum) -> Ratio {
    let changes = changes(&plan.actions);
    let none = Changes::new();
    (0..services).map(ServiceIndex::new).fold(Ratio::zero(), |sum, service| {
        let outcomes = scorer.outcomes_with(service, changes.get(&service).unwrap_or(&none));
        sum.plus(exact(scorer.framework(), &outcomes)[0].as_ref().unwrap_or(&Ratio::zero()))
    })
}

/// Whether a choice leaves something below what is aimed at, as published.
fn is_short(weighed: &Weighed, aim: Aim) -> bool {
    match aim {
        Aim::Budget(_) => false,
        Aim::Each(target) => weighed.published.iter().any(|index| *index < target),
        Aim::Mean(target) => {
            let mean = weighed.published.iter().sum::<Decimal>() / Decimal::from(weighed.published.len());
            mean.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero) < target
        }
    }
}

/// What the cases had in them, to see that they are worth their name.
#[derive(Debug, Default)]
struct Seen {
    plans: usize,
    with_solutions: usize,
    in_part: usize,
    impossible: usize,
    crowded: usize,
    /// An answer "not applicable" came to count.
    leaving: usize,
    /// Evidence was given for an answer that is there.
    evidence: usize,
    /// What another parameter requires was raised.
    required: usize,
    /// What an entity is asked was raised in several services.
    of_entity: usize,
    /// Something was excluded.
    limited: usize,
    heuristic: usize,
}

impl Seen {
    fn count(&mut self, found: &Optimum, scorer: &Scorer<'_>, case: &Case) {
        let work = |holds: fn(&Action) -> bool| usize::from(found.actions.iter().any(holds));
        self.plans += usize::from(!found.actions.is_empty());
        self.with_solutions += work(|action| action.work.parameter().is_none());
        self.in_part += work(|action| action.effort.is_some_and(|effort| effort.normalize().scale() > 0));
        self.impossible += usize::from(matches!(found.proof, Proof::Impossible(_)));
        self.crowded += usize::from(matches!(found.proof, Proof::Crowded(_)));
        self.heuristic += usize::from(matches!(found.proof, Proof::Heuristic(_)));
        let changes = changes(&found.actions);
        let leaves = |(service, changes): (&ServiceIndex, &Changes)| {
            let after = scorer.outcomes_with(*service, changes);
            let pairs = scorer.outcomes(*service).into_iter().zip(after);
            pairs.into_iter().any(|(old, new)| old.score.is_some() && new.score.is_none())
        };
        self.leaving += usize::from(changes.iter().any(leaves));
        let round = scorer.round();
        let is_kept = |service: &ServiceIndex, (parameter, response): (&ParameterIndex, &Response)| {
            round.answers.get(*service, *parameter).response == Some(response)
        };
        self.evidence += usize::from(
            changes.iter().any(|(service, changes)| changes.iter().any(|change| is_kept(service, change))),
        );
        let is_required = |at: &ParameterIndex| {
            let requires = scorer.framework().parameters.iter().flat_map(|other| &other.requires);
            requires.into_iter().any(|requirement| requirement.parameter == *at)
        };
        self.required += usize::from(changes.values().flat_map(Changes::keys).any(is_required));
        let is_of_entity = |action: &Action| {
            matches!(action.work, Work::Gap(at) if case.questions[at.get()].of_entity)
                && action.services.len() > 1
        };
        self.of_entity += usize::from(found.actions.iter().any(is_of_entity));
        self.limited += usize::from(case.questions.iter().any(|question| !question.wanted));
    }
}

/// A plan held against every choice there is.
fn hold(found: &Optimum, list: &[Weighed], aim: Aim, most_actions: Option<usize>, told: &str) {
    let within = || list.iter().filter(|one| most_actions.is_none_or(|most| one.actions <= most));
    let expected = match best(list, aim, most_actions) {
        Some(expected) => {
            let proof = if is_short(expected, aim) { Proof::Impossible(None) } else { Proof::Optimal };
            assert_eq!(found.proof, proof, "{told}");
            expected
        }
        // Not even what can be reached is within the terms: then the greatest gain is.
        None => {
            assert!(
                matches!(found.proof, Proof::Impossible(None) | Proof::Crowded(None)),
                "{found:?}, {told}"
            );
            within().min_by(|a, b| b.sum().cmp(&a.sum()).then(a.cost.cmp(&b.cost))).expect("a choice")
        }
    };
    assert_eq!(found.effort, Decimal::new(expected.cost, 2), "effort: {told}");
    assert_eq!(found.short.is_empty(), !is_short(expected, aim), "{told}");
    let gains = found.actions.iter().filter(|action| action.work.parameter().is_some());
    let promised = gains.fold(list[0].sum(), |sum, action| sum.plus(&action.gain));
    assert_eq!(promised, expected.sum(), "gains of single actions: {told}");
}

#[test]
fn the_optimum_is_the_best_of_all_subsets() {
    let mut seen = Seen::default();
    let small = (0..).map(|seed| (seed, Case::new(seed)));
    let small = small.filter(|(_, case)| case.size() <= LARGEST);
    for (seed, case) in small.take(CASES) {
        let loaded = case.load();
        let scorer = Scorer::new(&loaded.framework, &loaded.round);
        let list = all(&case, &scorer);
        let mut random = Random::new(seed + 1_000_000);
        let figure = Decimal::new(random.below(10_001) as i64, 2);
        let aims = [
            Aim::Each(figure),
            Aim::Mean(figure),
            Aim::Budget(Decimal::new(random.below(30) as i64 * 50, 2)),
        ];
        for aim in aims {
            let most_actions = (random.below(3) == 0).then(|| 1 + random.below(3));
            let found = planned(&scorer, &case, aim, most_actions);
            let told = format!("seed {seed}, {aim:?}, at most {most_actions:?} actions");
            seen.count(&found, &scorer, &case);
            match found.proof {
                // A group of which nothing would be left is not followed; no plan may be better than the best.
                Proof::Heuristic(why) => {
                    assert_eq!(why, Inexact::LeftOut, "{told}");
                    let expected = best(&list, aim, most_actions);
                    let is_better = |best: &Weighed| match aim {
                        Aim::Budget(_) => after(&scorer, case.services, &found) > best.sum(),
                        Aim::Each(_) | Aim::Mean(_) => {
                            found.short.is_empty() && found.effort < Decimal::new(best.cost, 2)
                        }
                    };
                    assert!(!expected.is_some_and(is_better), "{told}");
                }
                _ => {
                    hold(&found, &list, aim, most_actions, &told);
                    let gains = found.actions.iter().filter(|action| action.work.parameter().is_some());
                    let promised = gains.fold(list[0].sum(), |sum, action| sum.plus(&action.gain));
                    assert_eq!(after(&scorer, case.services, &found), promised, "gain: {told}");
                }
            }
        }
    }
    assert!(seen.plans > 500 && seen.with_solutions > 100 && seen.in_part > 50, "{seen:?}");
    assert!(seen.impossible > 100 && seen.crowded > 10 && seen.leaving > 100, "{seen:?}");
    assert!(seen.evidence > 100 && seen.required > 100 && seen.of_entity > 100, "{seen:?}");
    assert!(seen.limited > 100 && seen.heuristic < 100, "{seen:?}");
}

/// Where no exact search is made: what a plan promises is so, it is never better than the best there is, and what
/// is called impossible is.
#[test]
fn a_heuristic_does_what_it_says_and_is_often_the_best() {
    for (policy, reason) in [
        ("aggregation: geometric", Inexact::Geometric),
        ("rounding: each-level, decimals: 0", Inexact::EachLevel),
        ("missing: exclude", Inexact::LeftOut),
    ] {
        let small = (0..).map(|seed| Case::under(policy, seed)).filter(|case| case.size() <= LARGEST);
        let (mut plans, mut reached, mut best_ones, mut impossible) = (0, 0, 0, 0);
        for (seed, case) in small.take(100).enumerate() {
            let loaded = case.load();
            let scorer = Scorer::new(&loaded.framework, &loaded.round);
            let list = all(&case, &scorer);
            let figure = Decimal::new(Random::new(seed as u64).below(10_001) as i64, 2);
            for aim in [Aim::Each(figure), Aim::Budget(Decimal::from(seed % 15))] {
                let found = planned(&scorer, &case, aim, None);
                let told = format!("{policy}, case {seed}, {aim:?}: {found:?}");
                let own = changes(&found.actions);
                let none = Changes::new();
                let index = |service: ServiceIndex| {
                    let outcomes = scorer.outcomes_with(service, own.get(&service).unwrap_or(&none));
                    scorer.values(outcomes).index().map_or(Decimal::NEGATIVE_ONE, Published::decimal)
                };
                match (aim, &found.proof) {
                    // Under `exclude` some rounds have no gap, and are searched exactly.
                    (_, Proof::Optimal | Proof::Bound(_) | Proof::Crowded(_)) => {
                        assert_eq!(reason, Inexact::LeftOut, "{told}");
                        continue;
                    }
                    (_, Proof::Heuristic(why)) => {
                        assert!(*why == reason || *why == Inexact::NoIndex, "{told}");
                    }
                    (_, Proof::Impossible(_)) => {
                        let is_so = |service: &ServiceIndex| {
                            list.iter().all(|one| one.published[service.get()] <= index(*service))
                        };
                        assert!(!found.short.is_empty() && found.short.iter().all(is_so), "{told}");
                        impossible += 1;
                        continue;
                    }
                }
                plans += 1;
                match aim {
                    Aim::Each(target) | Aim::Mean(target) => {
                        let below = (0..case.services).map(ServiceIndex::new);
                        assert!(below.filter(|at| index(*at) < target).eq(found.short.clone()), "{told}");
                        let does =
                            list.iter().filter(|one| one.published.iter().all(|index| *index >= target));
                        let least = does.map(|one| one.cost).min().map(|cost| Decimal::new(cost, 2));
                        if found.short.is_empty() {
                            reached += 1;
                            assert!(least.is_some_and(|least| found.effort >= least), "{told}");
                            best_ones += usize::from(least == Some(found.effort));
                        } else {
                            reached += usize::from(least.is_none());
                            best_ones += usize::from(least.is_none());
                        }
                    }
                    Aim::Budget(most) => {
                        assert!(found.effort <= most, "{told}");
                        let within = list.iter().filter(|one| Decimal::new(one.cost, 2) <= most);
                        let greatest = within.map(Weighed::sum).max().expect("a choice");
                        let own = after(&scorer, case.services, &found);
                        assert!(own <= greatest, "{told}");
                        reached += 1;
                        best_ones += usize::from(own == greatest);
                    }
                }
            }
        }
        let told =
            format!("{policy}: {plans} plans, {reached} reach it, {best_ones} best, {impossible} impossible");
        assert!(reached == plans && plans > 100 && best_ones * 100 >= 80 * plans && impossible > 0, "{told}");
    }
}

/// The rows of a round's answers with those of a plan put in, as people would.
fn with_plan(answers: &str, services: usize, plan: &Value) -> String {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let mut rows: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in answers.lines().skip(1) {
        let mut cells = row.splitn(3, ',').map(str::to_owned);
        let (service, parameter) = (cells.next().expect("a service"), cells.next().expect("a parameter"));
        rows.insert((service, parameter), cells.next().expect("an answer"));
    }
    for action in
        plan["actions"].as_array().expect("actions").iter().filter(|row| !row["parameter"].is_null())
    {
        let own = text(action, "service");
        let all = (0..services).map(|at| format!("s{at}"));
        let reached: Vec<String> = if own.is_empty() { all.collect() } else { vec![own] };
        for service in reached {
            rows.insert((service, text(action, "parameter")), format!("{},photo", text(action, "target")));
        }
    }
    let rows = rows.into_iter().map(|((service, parameter), rest)| format!("{service},{parameter},{rest}\n"));
    format!("service,parameter,answer,evidence\n{}", rows.collect::<String>())
}

/// Small rounds of every policy are planned by the program, the plan's answers are written into their files, and
/// the program scores them: indexes and bands are those that the plan promised.
#[test]
fn a_round_with_a_plans_answers_written_in_scores_what_was_promised() {
    let policies = [
        "",
        "aggregation: geometric",
        "aggregation: [arithmetic, geometric], decimals: 4",
        "rounding: each-level, decimals: 1",
        "missing: exclude",
        "not_applicable: full, half: even, entity_from: exact",
        "not_applicable: zero, evidence: warn",
        "minimum_coverage: 60, unrated: zero",
    ];
    let (mut held, mut raised) = (0, 0);
    let mut proofs = BTreeSet::new();
    for (number, policy) in policies.iter().enumerate() {
        for seed in 0..6 {
            let case = Case::under(policy, (number * 100 + seed) as u64);
            let folder = case.folder();
            let aim = [["--target", "71.5"], ["--budget", "9.5"], ["--target", "40"]][seed % 3];
            let scope = [["--entity", "e"].as_slice(), &[]][seed % 2];
            let args = [["plan", ".", "--format", "json"].as_slice(), &aim, scope].concat();
            let plan: Value = serde_json::from_str(&folder.run(&args).exits(0).out()).expect("JSON");
            folder.write("answers/all.csv", with_plan(&case.files[2].1, case.services, &plan).as_bytes());
            let scored = folder.run(&["score", ".", "--format", "json"]).exits(0).out();
            let scored: Value = serde_json::from_str(&scored).expect("JSON");
            for (promised, found, key) in
                [("services", "ranking", "service"), ("entities", "entity_ranking", "entity")]
            {
                for row in plan[promised].as_array().into_iter().flatten() {
                    let mut list = scored[found].as_array().expect("a list").iter();
                    let same = list.find(|other| other[key] == row[key]).expect("the same");
                    let told = format!("seed {seed}, {policy}: {plan} {scored}");
                    assert_eq!(
                        (&row["index_after"], &row["band_after"]),
                        (&same["index"], &same["band"]),
                        "{told}"
                    );
                    held += 1;
                    raised += usize::from(row["index"] != row["index_after"]);
                }
            }
            proofs.insert(plan["optimal"][0]["proof"].as_str().expect("a code").to_owned());
        }
    }
    assert!(held > 80 && raised > 60, "{held}, {raised}");
    assert!(proofs.iter().map(String::as_str).eq(["heuristic", "impossible", "optimal"]), "{proofs:?}");
}
