//! What a case means, before any of it is spelled in a file: a framework and a round.

use num_traits::{One, Signed, Zero};

use crate::exact::{Exact, half_up, whole};

/// A closed list of words as the framework's YAML spells them.
macro_rules! words {
    ($(#[$doc:meta] $name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    )+};
}

words! {
    /// What a missing answer counts.
    Missing { Zero = "zero", Exclude = "exclude", Reject = "reject" }
    /// What the answer "not applicable" counts.
    NotApplicable { Exclude = "exclude", Full = "full", Zero = "zero" }
    /// What comes of required evidence that is not there.
    Unproven { Void = "void", Warn = "warn" }
    /// What several evaluators of one answer amount to.
    Evaluators { Agree = "agree", Mean = "mean" }
    /// What a service without an index counts in its entity's mean.
    Unrated { Exclude = "exclude", Zero = "zero" }
    /// How children make a group.
    Mean { Arithmetic = "arithmetic", Geometric = "geometric" }
    /// Where figures are rounded.
    Rounding { End = "end", EachLevel = "each-level" }
    /// Where an exact half goes.
    Half { Up = "up", Even = "even" }
    /// Which figures a comparison or a mean is over.
    Figures { Published = "published", Exact = "exact" }
    /// Who answers a parameter.
    Asked { Service = "service", Entity = "entity" }
    /// Whether an answer needs evidence.
    Evidence { None = "none", Recommended = "recommended", Required = "required" }
}

/// The rules that a framework declares.
#[derive(Clone, Debug)]
pub struct Policy {
    pub missing: Missing,
    pub not_applicable: NotApplicable,
    pub evidence: Unproven,
    pub evaluators: Evaluators,
    pub minimum_coverage: Exact,
    pub unrated: Unrated,
    /// By depth, the root first.
    pub aggregation: Vec<Mean>,
    pub decimals: u32,
    pub rounding: Rounding,
    pub half: Half,
    pub ranks: Figures,
    pub entity_from: Figures,
}

impl Policy {
    /// The policy of a framework that declares none.
    pub fn default_for(levels: usize) -> Self {
        Self {
            missing: Missing::Zero,
            not_applicable: NotApplicable::Exclude,
            evidence: Unproven::Void,
            evaluators: Evaluators::Agree,
            minimum_coverage: Exact::zero(),
            unrated: Unrated::Exclude,
            aggregation: vec![Mean::Arithmetic; levels],
            decimals: 2,
            rounding: Rounding::End,
            half: Half::Up,
            ranks: Figures::Published,
            entity_from: Figures::Published,
        }
    }
}

/// Answers that every scale takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    pub not_applicable: Vec<&'static str>,
    pub none: Vec<&'static str>,
    pub confirmed: Vec<&'static str>,
    pub withdrawn: Vec<&'static str>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            not_applicable: vec!["n/a", "na", "not applicable", "tətbiq olunmur"],
            none: vec!["none", "heç biri"],
            confirmed: vec!["ok", "təsdiq"],
            withdrawn: vec!["withdrawn", "geri götürülüb"],
        }
    }
}

/// A whole framework.
#[derive(Clone, Debug)]
pub struct Framework {
    pub languages: Vec<&'static str>,
    /// Outermost first, parameters last.
    pub levels: Vec<&'static str>,
    pub policy: Policy,
    pub words: Words,
    pub attributes: Vec<Attribute>,
    pub scales: Vec<(String, Scale)>,
    pub bands: Vec<Band>,
    /// The index itself, without an id.
    pub root: Node,
}

/// A registry column that `applies_when` may use.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub id: &'static str,
    pub values: &'static [&'static str],
}

/// A band of the index.
#[derive(Clone, Debug)]
pub struct Band {
    pub id: String,
    pub from: Exact,
    /// Group and the least published score of it.
    pub requires: Vec<(String, Exact)>,
}

/// A group or a parameter.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: String,
    /// None is a weight that is not written: 1.
    pub weight: Option<Exact>,
    /// Attribute and the values that it applies to.
    pub applies_when: Vec<(&'static str, Vec<&'static str>)>,
    pub asked: Option<Asked>,
    pub kind: Kind,
}

impl Node {
    /// The weight that counts.
    pub fn weight(&self) -> Exact {
        self.weight.clone().unwrap_or_else(Exact::one)
    }

    /// A group's children; a parameter has none.
    pub fn children(&self) -> &[Node] {
        match &self.kind {
            Kind::Group(children) => children,
            Kind::Parameter(_) => &[],
        }
    }

    /// Visits this node and all below, parents first, with their depth.
    pub fn visit<'a>(&'a self, depth: usize, see: &mut dyn FnMut(&'a Node, usize)) {
        see(self, depth);
        for child in self.children() {
            child.visit(depth + 1, see);
        }
    }

    /// Visits this node and all below, to change them.
    pub fn visit_mut(&mut self, change: &mut dyn FnMut(&mut Node)) {
        change(self);
        if let Kind::Group(children) = &mut self.kind {
            for child in children {
                child.visit_mut(change);
            }
        }
    }
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    Group(Vec<Node>),
    Parameter(Box<Parameter>),
}

/// What a leaf is beyond its id and weight.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub scale: Scale,
    /// The name of the scale, unless it is written in place.
    pub named: Option<String>,
    pub evidence: Evidence,
    pub optional: bool,
    /// Parameter and the options of which it must have one.
    pub requires: Vec<(String, Vec<usize>)>,
}

/// A parameter with what it inherits.
#[derive(Clone, Debug)]
pub struct Leaf<'a> {
    pub id: &'a str,
    pub parameter: &'a Parameter,
    pub asked: Asked,
    /// Its own conditions and those of all groups above it.
    pub applies_when: Vec<&'a (&'static str, Vec<&'static str>)>,
}

impl Leaf<'_> {
    /// Whether all conditions match the service's attributes.
    pub fn applies_to(&self, round: &Round, service: &Service) -> bool {
        // Without a registry nothing is known of the service, so everything applies.
        !round.registry
            || self.applies_when.iter().all(|(attribute, accepted)| {
                let given = service.attributes.iter().find(|(id, _)| id == attribute);
                given.is_some_and(|(_, values)| values.iter().any(|value| accepted.contains(value)))
            })
    }
}

impl Framework {
    /// All parameters in the framework's order.
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        fn below<'a>(node: &'a Node, above: &Leaf<'a>, leaves: &mut Vec<Leaf<'a>>) {
            let mut here = above.clone();
            here.asked = node.asked.unwrap_or(above.asked);
            here.applies_when.extend(&node.applies_when);
            match &node.kind {
                Kind::Group(children) => {
                    for child in children {
                        below(child, &here, leaves);
                    }
                }
                Kind::Parameter(parameter) => {
                    leaves.push(Leaf { id: &node.id, parameter, ..here });
                }
            }
        }
        let mut leaves = Vec::new();
        // The root is no parameter; one is borrowed only to fill the field until a leaf is met.
        if let Some(parameter) = self.root.first_parameter() {
            let top = Leaf { id: "", parameter, asked: Asked::Service, applies_when: Vec::new() };
            below(&self.root, &top, &mut leaves);
        }
        leaves
    }

    /// Group ids, parents first, the root left out.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups = Vec::new();
        self.root.visit(0, &mut |node, depth| {
            if depth > 0 && matches!(node.kind, Kind::Group(_)) {
                groups.push(node.id.as_str());
            }
        });
        groups
    }
}

impl Node {
    fn first_parameter(&self) -> Option<&Parameter> {
        match &self.kind {
            Kind::Group(children) => children.iter().find_map(Self::first_parameter),
            Kind::Parameter(parameter) => Some(parameter),
        }
    }
}

/// What answers a parameter takes, and what each is worth.
#[derive(Clone, Debug)]
pub enum Scale {
    Choices(Vec<Choice>),
    Number(Number),
    Multiple(Vec<Choice>),
}

/// An option.
#[derive(Clone, Debug)]
pub struct Choice {
    pub name: &'static Name,
    pub score: Exact,
}

/// The spellings of an option, no two options sharing one.
#[derive(Debug)]
pub struct Name {
    pub answer: &'static str,
    pub en: &'static str,
    pub az: &'static str,
    pub also: &'static [&'static str],
}

/// A piecewise linear scale.
#[derive(Clone, Debug)]
pub struct Number {
    pub unit: Option<&'static str>,
    pub ratio: bool,
    pub min: Option<Exact>,
    pub max: Option<Exact>,
    pub points: Vec<(Exact, Exact)>,
}

impl Number {
    /// The line through the points, flat outside them, rounded half up to 9 places.
    fn score(&self, x: &Exact) -> Exact {
        let (first, last) = (&self.points[0], &self.points[self.points.len() - 1]);
        let score = if x <= &first.0 {
            first.1.clone()
        } else if x >= &last.0 {
            last.1.clone()
        } else {
            let right = self.points.iter().position(|(at, _)| at > x).expect("x is inside");
            let ((x0, y0), (x1, y1)) = (&self.points[right - 1], &self.points[right]);
            y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        };
        half_up(&score, 9)
    }
}

/// What was found for one parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Chosen(usize),
    Number(Exact),
    /// `a/b`.
    Ratio(u64, u64),
    /// None of the options, when empty.
    Several(Vec<usize>),
    NotApplicable,
    /// In a later stage: as it stands.
    Confirmed,
    /// In a later stage: as if never answered.
    Withdrawn,
    /// A text that the scale does not take.
    Faulty(String),
}

impl Answer {
    /// Whether the answer says that the parameter does not apply.
    pub fn is_not_applicable(&self) -> bool {
        matches!(self, Self::NotApplicable | Self::Ratio(_, 0))
    }
}

impl Scale {
    /// What an answer is worth, from 0 to 1; None for one that carries no score.
    pub fn score(&self, answer: &Answer) -> Option<Exact> {
        if answer.is_not_applicable() {
            return None;
        }
        match (self, answer) {
            (Self::Choices(choices), Answer::Chosen(chosen)) => Some(choices[*chosen].score.clone()),
            (Self::Number(number), Answer::Number(x)) => Some(number.score(x)),
            (Self::Number(number), Answer::Ratio(a, b)) => Some(number.score(&(whole(100 * a) / whole(*b)))),
            (Self::Multiple(choices), Answer::Several(chosen)) => {
                let sum: Exact = chosen.iter().map(|&one| choices[one].score.clone()).sum();
                Some(sum.min(Exact::one()))
            }
            _ => None,
        }
    }
}

/// A whole round.
#[derive(Clone, Debug)]
pub struct Round {
    /// Whether it has a `services.csv`.
    pub registry: bool,
    /// Whether it has an `entities.csv`.
    pub entity_registry: bool,
    pub language: Option<&'static str>,
    pub services: Vec<Service>,
    pub entities: Vec<Entity>,
    /// None: the answers are not told apart by stage.
    pub stages: Vec<Stage>,
    pub rows: Vec<Row>,
}

/// A title in the first language, and perhaps in Azerbaijani.
#[derive(Clone, Debug)]
pub struct Title {
    pub text: String,
    pub az: Option<String>,
}

/// A row of the registry of services.
#[derive(Clone, Debug)]
pub struct Service {
    pub id: String,
    pub title: Title,
    /// Its place in the round's entities.
    pub entity: usize,
    pub weight: Option<Exact>,
    pub excluded: bool,
    pub attributes: Vec<(&'static str, Vec<&'static str>)>,
}

/// A body.
#[derive(Clone, Debug)]
pub struct Entity {
    pub id: String,
    pub title: Title,
    pub category: String,
}

/// One voice in the round.
#[derive(Clone, Debug)]
pub struct Stage {
    pub id: &'static str,
    pub by: &'static str,
    pub scored: bool,
    /// `unconfirmed: void`.
    pub voids: bool,
    /// Whether nobody has handed in a file yet.
    pub silent: bool,
}

/// Whose answer a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Service(usize),
    Entity(usize),
}

/// One answer as it was given.
#[derive(Clone, Debug)]
pub struct Row {
    pub stage: usize,
    pub subject: Subject,
    pub parameter: String,
    pub evaluator: Option<&'static str>,
    pub answer: Answer,
    pub evidence: bool,
}

/// A framework, a round, and how the program is asked to score it.
#[derive(Clone, Debug)]
pub struct Case {
    pub framework: Framework,
    pub round: Round,
    /// `--hold-out`.
    pub hold_out: bool,
    /// `--stage`, by its place.
    pub as_of: Option<usize>,
    /// `--dialect excel`.
    pub excel: bool,
    /// `--raw`.
    pub raw: bool,
}

/// Whether a number lies between the bounds of a scale.
pub fn is_inside(number: &Number, x: &Exact) -> bool {
    number.min.as_ref().is_none_or(|min| x >= min) && number.max.as_ref().is_none_or(|max| x <= max)
}

/// Whether a number needs a sign.
pub fn is_signed(x: &Exact) -> bool {
    x.is_negative()
}
