//! The framework: the tree that is scored, with what every answer is worth and the rules by which
//! scores become an index. A value of these types is valid: the reader lets nothing else through.

use std::collections::HashMap;
use std::ops::Range;

use hashbrown::DefaultHashBuilder;
use rust_decimal::Decimal;

use crate::id::{GroupIndex, Node, ParameterIndex};
use crate::number::{Half, Ratio, Weight};
use crate::scale::{Scale, Words};
use crate::text::Text;

/// A framework: groups, and parameters at the leaves.
#[derive(Clone, Debug)]
pub struct Framework {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Whether it is the official one, where it says so.
    pub status: Option<Status>,
    /// Its name.
    pub title: Text,
    /// Names of the levels, outermost first, parameters last.
    pub levels: Vec<String>,
    /// Languages that every text has; the first is the default.
    pub languages: Vec<String>,
    /// What it rests on.
    pub sources: Vec<Reference>,
    /// Its rules.
    pub policy: Policy,
    /// Answers that every scale takes.
    pub words: Words,
    /// Titles of categories of entities.
    pub categories: Vec<(String, Text)>,
    /// Registry columns that decide what applies.
    pub attributes: Vec<Attribute>,
    /// The scales: named ones and those written in place.
    pub scales: Vec<Scale>,
    /// Innovative solutions.
    pub solutions: Vec<Solution>,
    /// Bands, highest first.
    pub bands: Vec<Band>,
    /// The groups, each before its children; the first is the root.
    pub groups: Vec<Group>,
    /// The parameters, in the framework's order.
    pub parameters: Vec<Parameter>,
    /// SHA-256 over its files.
    pub hash: String,
    nodes: HashMap<String, Node, DefaultHashBuilder>,
    by_requirement: Vec<ParameterIndex>,
}

/// Whether a framework is the official one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Made to be replaced by the official one.
    Reference,
    /// In force.
    Official,
}

/// A document somewhere else.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its name.
    pub title: Text,
    /// Where it is.
    pub url: Option<String>,
}

/// How gaps, evidence, rounding and ties count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What a gap is worth.
    pub missing: Missing,
    /// What an answer "not applicable" is worth.
    pub not_applicable: NotApplicable,
    /// What an answer without required evidence is worth.
    pub evidence: EvidencePolicy,
    /// What counts when several evaluators answer.
    pub evaluators: Evaluators,
    /// Percent of the applicable parameters that must be answered for an index.
    pub minimum_coverage: Decimal,
    /// What a service without an index is worth in its entity's mean.
    pub unrated: Unrated,
    /// The mean at each depth, the root first; the last one serves all deeper groups.
    pub aggregation: Vec<Aggregation>,
    /// Places of a published figure.
    pub decimals: u32,
    /// Where figures are rounded.
    pub rounding: Rounding,
    /// What an exact half does.
    pub half: Half,
    /// Which figures services and entities are ranked by.
    pub ranks: Basis,
    /// Which service figures an entity's mean is taken over.
    pub entity_from: Basis,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            missing: Missing::Zero,
            not_applicable: NotApplicable::Exclude,
            evidence: EvidencePolicy::Void,
            evaluators: Evaluators::Agree,
            minimum_coverage: Decimal::ZERO,
            unrated: Unrated::Exclude,
            aggregation: vec![Aggregation::Arithmetic],
            decimals: 2,
            rounding: Rounding::End,
            half: Half::Up,
            ranks: Basis::Published,
            entity_from: Basis::Published,
        }
    }
}

impl Policy {
    /// The mean that groups at a depth use; the root's depth is 0.
    pub fn aggregation_at(&self, depth: usize) -> Aggregation {
        let last = self.aggregation.last().copied().unwrap_or(Aggregation::Arithmetic);
        self.aggregation.get(depth).copied().unwrap_or(last)
    }

    /// Whether all means are arithmetic.
    pub fn is_arithmetic(&self) -> bool {
        self.aggregation.iter().all(|mean| *mean == Aggregation::Arithmetic)
    }

    /// Each rule with its value, as a framework's YAML writes them.
    pub fn entries(&self) -> Vec<(&'static str, String)> {
        let aggregation: Vec<&str> = self.aggregation.iter().map(|mean| mean.name()).collect();
        let aggregation = match aggregation.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("[{}]", several.join(", ")),
        };
        vec![
            ("missing", self.missing.name().to_owned()),
            ("not_applicable", self.not_applicable.name().to_owned()),
            ("evidence", self.evidence.name().to_owned()),
            ("evaluators", self.evaluators.name().to_owned()),
            ("minimum_coverage", self.minimum_coverage.normalize().to_string()),
            ("unrated", self.unrated.name().to_owned()),
            ("aggregation", aggregation),
            ("decimals", self.decimals.to_string()),
            ("rounding", self.rounding.name().to_owned()),
            ("half", self.half.name().to_owned()),
            ("ranks", self.ranks.name().to_owned()),
            ("entity_from", self.entity_from.name().to_owned()),
        ]
    }
}

/// A closed set of words that a key takes.
pub trait Keyword: Copy + Sized + 'static {
    /// Every value with the word for it.
    const WORDS: &'static [(&'static str, Self)];
}

macro_rules! keywords {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident $word:literal)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_meta])* $variant,)* }

        impl Keyword for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];
        }

        impl $name {
            /// The word for it in YAML.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

keywords! {
    /// What a gap is worth.
    Missing {
        /// Nothing: what is not substantiated does not count.
        Zero "zero"
        /// It is left out, as a parameter that does not apply.
        Exclude "exclude"
        /// The service is held out.
        Reject "reject"
    }
}
keywords! {
    /// What an answer "not applicable" is worth.
    NotApplicable {
        /// It is left out; its weight goes to its siblings.
        Exclude "exclude"
        /// The best score.
        Full "full"
        /// The worst score.
        Zero "zero"
    }
}
keywords! {
    /// What an answer without required evidence is worth.
    EvidencePolicy {
        /// Nothing.
        Void "void"
        /// Its score, with a warning.
        Warn "warn"
    }
}
keywords! {
    /// What counts when several evaluators answer.
    Evaluators {
        /// Their scores must be equal.
        Agree "agree"
        /// The mean of their scores.
        Mean "mean"
    }
}
keywords! {
    /// What a service without an index is worth in a mean of services.
    Unrated {
        /// It is left out.
        Exclude "exclude"
        /// It counts as 0.
        Zero "zero"
    }
}
keywords! {
    /// How children's scores become a group's.
    Aggregation {
        /// `sum(w x) / sum(w)`.
        Arithmetic "arithmetic"
        /// `product(x ^ (w / sum(w)))`.
        Geometric "geometric"
    }
}
keywords! {
    /// Where figures are rounded.
    Rounding {
        /// Once, when published.
        End "end"
        /// Before each score goes up to its parent.
        EachLevel "each-level"
    }
}
keywords! {
    /// Whether a rule looks at published or at exact figures.
    Basis {
        /// As printed, so that a reader of the table can check it.
        Published "published"
        /// Before rounding.
        Exact "exact"
    }
}
keywords! {
    /// Who answers a parameter.
    Asked {
        /// Each service.
        Service "service"
        /// The entity, once for all its services.
        Entity "entity"
    }
}
keywords! {
    /// Whether an answer needs evidence.
    EvidenceRule {
        /// It does not count without.
        Required "required"
        /// It is welcome.
        Recommended "recommended"
        /// None is asked for.
        Unasked "none"
    }
}

impl Keyword for Half {
    const WORDS: &'static [(&'static str, Self)] = &[("up", Self::Up), ("even", Self::Even)];
}

impl Half {
    /// The word for it in YAML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Even => "even",
        }
    }
}

impl Keyword for Status {
    const WORDS: &'static [(&'static str, Self)] =
        &[("reference", Self::Reference), ("official", Self::Official)];
}

impl Keyword for bool {
    const WORDS: &'static [(&'static str, Self)] = &[("true", true), ("false", false)];
}

/// A registry column that decides what applies.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The column's name.
    pub name: String,
    /// What it means.
    pub title: Option<Text>,
    /// Its values with their titles.
    pub values: Vec<(String, Option<Text>)>,
    /// Where its values begin among those of all attributes.
    pub first: usize,
}

/// An innovative solution: paid once by an entity, it closes many gaps.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// What it is.
    pub description: Option<Text>,
    /// Person-days, once for an entity.
    pub effort: Option<Decimal>,
    /// Where it is in use.
    pub sources: Vec<Reference>,
}

/// A band of indexes.
#[derive(Clone, Debug)]
pub struct Band {
    /// Its id.
    pub id: String,
    /// The lowest index in it, in percent.
    pub from: Decimal,
    /// Its name.
    pub title: Option<Text>,
    /// Groups that must reach a figure, in percent.
    pub requires: Vec<(GroupIndex, Decimal)>,
}

/// An inner node.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its id; empty for the root.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// What it counts among its siblings.
    pub weight: Weight,
    /// The group above; none for the root.
    pub parent: Option<GroupIndex>,
    /// How far below the root it is.
    pub depth: usize,
    /// What is right below it.
    pub children: Children,
    /// All parameters below it.
    pub parameters: Range<usize>,
}

/// What is right below a group.
#[derive(Clone, Debug)]
pub enum Children {
    /// Groups.
    Groups(Vec<GroupIndex>),
    /// All the group's parameters.
    Parameters,
}

/// A leaf: one question.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// What is asked.
    pub question: Text,
    /// The position of its scale among the framework's.
    pub scale: usize,
    /// What it counts among its siblings.
    pub weight: Weight,
    /// The group above.
    pub group: GroupIndex,
    /// Who answers.
    pub asked: Asked,
    /// Whether an answer needs evidence.
    pub evidence: EvidenceRule,
    /// Whether "not applicable" is an answer.
    pub optional: bool,
    /// What a service must be for it to apply, those of the groups above included; all must hold.
    pub applies_when: Vec<Condition>,
    /// What other parameters must be answered, or it scores 0 without being asked.
    pub requires: Vec<Requirement>,
    /// How an evaluator checks the answer.
    pub verification: Option<Text>,
    /// What to do about a gap.
    pub advice: Option<Advice>,
}

/// An attribute must have one of these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The attribute's position among the framework's.
    pub attribute: usize,
    /// Positions of values of it.
    pub values: Vec<usize>,
}

/// A parameter must have one of these answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The parameter, one with choices.
    pub parameter: ParameterIndex,
    /// Positions of options of its scale.
    pub options: Vec<usize>,
}

/// What to do about a gap.
#[derive(Clone, Debug)]
pub struct Advice {
    /// What closes it.
    pub action: Option<Text>,
    /// Person-days, for one service.
    pub effort: Option<Decimal>,
    /// Who usually does it.
    pub owner: Option<Text>,
    /// Positions of solutions that close it too.
    pub solutions: Vec<usize>,
}

impl Framework {
    /// Finishes a framework whose tree is complete: fills the look-ups.
    ///
    /// # Errors
    /// A parameter that requires itself, directly or through others.
    pub fn finish(&mut self) -> Result<(), ParameterIndex> {
        self.nodes = self.named_nodes().collect();
        self.by_requirement = self.requirement_order()?;
        Ok(())
    }

    /// A framework with no tree yet, for its reader to fill.
    pub fn empty() -> Self {
        Self {
            id: String::new(),
            version: String::new(),
            status: None,
            title: Text::default(),
            levels: Vec::new(),
            languages: Vec::new(),
            sources: Vec::new(),
            policy: Policy::default(),
            words: Words::default(),
            categories: Vec::new(),
            attributes: Vec::new(),
            scales: Vec::new(),
            solutions: Vec::new(),
            bands: Vec::new(),
            groups: Vec::new(),
            parameters: Vec::new(),
            hash: String::new(),
            nodes: HashMap::default(),
            by_requirement: Vec::new(),
        }
    }

    /// A framework without questions, under which a round's other faults are found.
    pub fn asking_nothing() -> Self {
        Self { languages: vec!["en".to_owned()], ..Self::empty() }
    }

    fn named_nodes(&self) -> impl Iterator<Item = (String, Node)> {
        let groups = self.groups.iter().enumerate().skip(1);
        let groups = groups.map(|(at, group)| (group.id.clone(), Node::Group(GroupIndex::new(at))));
        let parameters = self.parameters.iter().enumerate();
        let parameters = parameters
            .map(|(at, parameter)| (parameter.id.clone(), Node::Parameter(ParameterIndex::new(at))));
        groups.chain(parameters)
    }

    /// The node with an id.
    pub fn node(&self, id: &str) -> Option<Node> {
        self.nodes.get(id).copied()
    }

    /// The parameter with an id.
    pub fn parameter_named(&self, id: &str) -> Option<ParameterIndex> {
        match self.node(id) {
            Some(Node::Parameter(parameter)) => Some(parameter),
            Some(Node::Group(_)) | None => None,
        }
    }

    /// A parameter.
    pub fn parameter(&self, parameter: ParameterIndex) -> &Parameter {
        &self.parameters[parameter.get()]
    }

    /// A group.
    pub fn group(&self, group: GroupIndex) -> &Group {
        &self.groups[group.get()]
    }

    /// A parameter's scale.
    pub fn scale(&self, parameter: ParameterIndex) -> &Scale {
        &self.scales[self.parameter(parameter).scale]
    }

    /// Every parameter, each after those it requires.
    pub fn by_requirement(&self) -> &[ParameterIndex] {
        &self.by_requirement
    }

    /// The groups right below the root; none when the root has parameters.
    pub fn top_groups(&self) -> &[GroupIndex] {
        match &self.group(GroupIndex::ROOT).children {
            Children::Groups(groups) => groups,
            Children::Parameters => &[],
        }
    }

    /// The name of a group's level; `index` for the root.
    pub fn level(&self, group: GroupIndex) -> &str {
        match self.group(group).depth {
            0 => "index",
            depth => &self.levels[depth - 1],
        }
    }

    /// The name of the parameters' level.
    pub fn parameter_level(&self) -> &str {
        self.levels.last().map_or("parameter", String::as_str)
    }

    /// The effective weight that a node has when everything applies: its share of the index.
    pub fn nominal_share(&self, node: Node) -> Ratio {
        let (weight, parent) = match node {
            Node::Parameter(at) => (self.parameter(at).weight, Some(self.parameter(at).group)),
            Node::Group(at) => (self.group(at).weight, self.group(at).parent),
        };
        let Some(parent) = parent else { return Ratio::new(1.into(), 1.into()) };
        let total: u128 = self.child_weights(parent).map(|weight| u128::from(weight.units())).sum();
        let share = self.nominal_share(Node::Group(parent)).scaled(weight.units());
        share.over(&Ratio::new(total.into(), 1.into())).unwrap_or_else(Ratio::zero)
    }

    /// The weights of what is right below a group.
    pub fn child_weights(&self, group: GroupIndex) -> Box<dyn Iterator<Item = Weight> + '_> {
        let group = self.group(group);
        match &group.children {
            Children::Groups(groups) => Box::new(groups.iter().map(|child| self.group(*child).weight)),
            Children::Parameters => {
                Box::new(self.parameters[group.parameters.clone()].iter().map(|parameter| parameter.weight))
            }
        }
    }

    /// The title of a category, or the category itself.
    pub fn category_title<'a>(&'a self, category: &'a str, language: &str) -> &'a str {
        let found = self.categories.iter().find(|(name, _)| name == category);
        found.map_or(category, |(_, title)| title.get(language))
    }

    /// Attributes that some condition looks at.
    pub fn used_attributes(&self) -> impl Iterator<Item = (usize, &Attribute)> {
        let used = |at: usize| {
            let conditions = self.parameters.iter().flat_map(|parameter| &parameter.applies_when);
            conditions.into_iter().any(|condition| condition.attribute == at)
        };
        self.attributes.iter().enumerate().filter(move |(at, _)| used(*at))
    }

    /// Parameters ordered so that each comes after those it requires.
    fn requirement_order(&self) -> Result<Vec<ParameterIndex>, ParameterIndex> {
        let mut order = Vec::with_capacity(self.parameters.len());
        let mut marks = vec![Mark::New; self.parameters.len()];
        for start in 0..self.parameters.len() {
            // Walked with a stack of our own: a chain of requirements may be as long as the framework.
            let mut stack = vec![(start, 0)];
            while let Some((at, next)) = stack.pop() {
                if marks[at] == Mark::Done {
                    continue;
                }
                marks[at] = Mark::Open;
                match self.parameters[at].requires.get(next) {
                    None => {
                        marks[at] = Mark::Done;
                        order.push(ParameterIndex::new(at));
                    }
                    Some(requirement) => {
                        stack.push((at, next + 1));
                        let required = requirement.parameter.get();
                        match marks[required] {
                            Mark::New => stack.push((required, 0)),
                            Mark::Open => return Err(ParameterIndex::new(at)),
                            Mark::Done => {}
                        }
                    }
                }
            }
        }
        Ok(order)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}
