//! One thing changed at a time, by the real scoring.

use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::framework::{Aggregation, Framework, Missing, NotApplicable, Rounding};
use crate::id::{GroupIndex, Node, ParameterIndex, ServiceIndex};
use crate::number::Weight;
use crate::parallel::shared;
use crate::round::Round;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A group or a parameter weighs nothing.
    Without(Node),
    /// Gaps count by this rule.
    Missing(Missing),
    /// Answers "not applicable" count by this rule.
    NotApplicable(NotApplicable),
    /// All means are of this kind.
    Aggregation(Aggregation),
    /// Figures are rounded here.
    Rounding(Rounding),
}

/// What a change does to the ranking.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The change.
    pub change: Change,
    /// The rank of each service, in the ranking's order.
    pub ranks: Vec<(ServiceIndex, Option<usize>)>,
    /// How many services have another rank.
    pub moved: usize,
    /// By how many places a service moves, the mean.
    pub mean_shift: f64,
    /// The one that moves furthest, with its rank under the change.
    pub furthest: Option<(ServiceIndex, usize)>,
}

/// Each group and each parameter left out, and each other rule.
pub fn scenarios(framework: &Framework, round: &Round, results: &Results, threads: usize) -> Vec<Scenario> {
    let changes = changes(framework);
    let work = |range: std::ops::Range<usize>| {
        let list = changes[range].iter().map(|change| scenario(*change, framework, round, results));
        list.collect::<Vec<_>>()
    };
    shared(changes.len(), threads, work).concat()
}

fn changes(framework: &Framework) -> Vec<Change> {
    let policy = &framework.policy;
    let groups = (1..framework.groups.len()).map(|at| Node::Group(GroupIndex::new(at)));
    let parameters = (0..framework.parameters.len()).map(|at| Node::Parameter(ParameterIndex::new(at)));
    let mut changes: Vec<Change> = groups.chain(parameters).map(Change::Without).collect();
    let missing = [Missing::Zero, Missing::Exclude].into_iter().filter(|rule| *rule != policy.missing);
    changes.extend(missing.map(Change::Missing));
    let rules = [NotApplicable::Exclude, NotApplicable::Full, NotApplicable::Zero];
    let rules = rules.into_iter().filter(|rule| *rule != policy.not_applicable);
    changes.extend(rules.map(Change::NotApplicable));
    let means = [Aggregation::Arithmetic, Aggregation::Geometric];
    let means = means.into_iter().filter(|mean| policy.aggregation.iter().any(|own| own != mean));
    changes.extend(means.map(Change::Aggregation));
    let rounding = [Rounding::End, Rounding::EachLevel].into_iter().filter(|rule| *rule != policy.rounding);
    changes.extend(rounding.map(Change::Rounding));
    changes
}

fn changed(framework: &Framework, change: Change) -> Framework {
    let mut framework = framework.clone();
    let nothing = Weight::parse("0").unwrap_or(Weight::ONE);
    match change {
        Change::Without(Node::Group(at)) => framework.groups[at.get()].weight = nothing,
        Change::Without(Node::Parameter(at)) => framework.parameters[at.get()].weight = nothing,
        Change::Missing(rule) => framework.policy.missing = rule,
        Change::NotApplicable(rule) => framework.policy.not_applicable = rule,
        Change::Aggregation(mean) => framework.policy.aggregation = vec![mean],
        Change::Rounding(rounding) => framework.policy.rounding = rounding,
    }
    framework
}

fn scenario(change: Change, framework: &Framework, round: &Round, results: &Results) -> Scenario {
    let framework = changed(framework, change);
    let found = Results::compute(&Scorer::new(&framework, round), &[]);
    let pair = |service: &ServiceIndex| Some((*service, results.rank(*service)?, found.rank(*service)?));
    let pairs = || results.order.iter().filter_map(pair);
    let shift = |(_, before, after): &(ServiceIndex, usize, usize)| before.abs_diff(*after);
    let total: usize = pairs().map(|pair| shift(&pair)).sum();
    let furthest = pairs()
        .filter(|pair| shift(pair) > 0)
        .reduce(|most, pair| if shift(&pair) > shift(&most) { pair } else { most });
    Scenario {
        change,
        moved: pairs().filter(|pair| shift(pair) > 0).count(),
        mean_shift: total as f64 / pairs().count().max(1) as f64,
        furthest: furthest.map(|(service, _, rank)| (service, rank)),
        ranks: results.order.iter().map(|service| (*service, found.rank(*service))).collect(),
    }
}
