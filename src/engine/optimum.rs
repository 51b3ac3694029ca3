//! The optimal plan: the least effort that reaches an index, or the greatest gain that an effort can have. It
//! chooses between closing gaps one by one, in part too, and introducing solutions that close many at once.
//! The definitions are in `docs/plan.md`.

mod completion;
mod exactness;
mod greedy;
mod model;
mod order;
mod posed;
mod price;
mod problem;
mod relaxation;
mod search;
mod start;
mod table;

use std::collections::BTreeMap;
use std::time::Instant;

use rust_decimal::Decimal;

use super::explain::Standing;
use super::plan::{Action, changes};
use super::rank::entity_indexes;
use super::score::{Changes, Scorer};
use crate::framework::{Basis, Framework};
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::number::{Half, Published, Ratio};

use model::Model;
use posed::pose;
use problem::{Chosen, Problem};
use search::{Solved, all_components, solve};

pub use exactness::Inexact;

/// What a plan is to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Every service reaches this index, in percent.
    Each(Decimal),
    /// The mean of the services reaches it.
    Mean(Decimal),
    /// At most so many person-days.
    Budget(Decimal),
}

/// What may be in a plan.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// What it is to come to.
    pub aim: Aim,
    /// For each parameter whether its gap may be closed.
    pub wanted: &'a [bool],
    /// For each solution whether it may be introduced.
    pub solutions: &'a [bool],
    /// The most actions; introducing a solution is one.
    pub most_actions: Option<usize>,
    /// When to stop looking for a better one.
    pub deadline: Instant,
}

/// What was proven of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No other plan is better.
    Optimal,
    /// The search ended before it was known whether another plan is better than this one, but none is better
    /// than the bound. Where few actions are allowed this one may still leave services [short](Optimum::short).
    Bound(Bound),
    /// No plan brings these services to the index: this one brings each to the highest that it can have. The
    /// bound is there when the search ended before it was known whether another does that better.
    Impossible(Option<Bound>),
    /// No plan of so many actions brings all services to the index: this one gains the most, or the bound is
    /// there.
    Crowded(Option<Bound>),
    /// Nothing: it was put together step by step, since no exact search is made here.
    Heuristic(Inexact),
}

/// What no plan is better than.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// No plan takes less effort than this, in person-days.
    Effort(Decimal),
    /// No plan gains more than this: in the mean of the services, or where each of several is to reach an
    /// index, in all together.
    Gain(Ratio),
}

impl Proof {
    /// Its word in files, the same in every language.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::Bound(_) => "bound",
            Self::Impossible(_) | Self::Crowded(_) => "impossible",
            Self::Heuristic(_) => "heuristic",
        }
    }

    /// What no plan is better than, where that is known and this one may not be the best.
    pub fn bound(&self) -> Option<&Bound> {
        match self {
            Self::Bound(bound) => Some(bound),
            Self::Impossible(bound) | Self::Crowded(bound) => bound.as_ref(),
            Self::Optimal | Self::Heuristic(_) => None,
        }
    }
}

/// The best plan that was found for the services of one body.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// What is done, in order: what others require first, then by gain for each person-day. Each gain is over
    /// what comes before it. A solution is followed by the gaps that it closes.
    pub actions: Vec<Action>,
    /// Person-days.
    pub effort: Decimal,
    /// What was proven of it.
    pub proof: Proof,
    /// Services (or, where their mean is aimed at, all) that the plan leaves below the index, by the scoring of
    /// the round with its answers put in. With [`Proof::Impossible`] and [`Proof::Crowded`] it is proven that no
    /// plan brings all there.
    pub short: Vec<ServiceIndex>,
    /// Gaps whose effort the framework does not say, and that no solution closes: they are not planned.
    pub without_effort: Vec<ParameterIndex>,
}

/// The best plan for services of one body that can be found within the terms.
pub fn optimum(
    scorer: &Scorer<'_>,
    entity: Option<EntityIndex>,
    services: &[ServiceIndex],
    terms: &Terms<'_>,
) -> Optimum {
    let standings: Vec<Standing<'_>> =
        services.iter().map(|service| Standing::new(scorer, *service)).collect();
    let model = Model::new(scorer, entity, &standings, terms);
    exact_plan(&model).unwrap_or_else(|why| {
        let (chosen, is_highest) = greedy::choose(&model);
        let mut optimum = plan(&model, &chosen, Proof::Heuristic(why));
        if is_highest && !optimum.short.is_empty() {
            optimum.proof = Proof::Impossible(None);
        }
        optimum
    })
}

/// The plan of a choice, with what the real scorer says of it.
fn plan(model: &Model<'_>, chosen: &Chosen, proof: Proof) -> Optimum {
    let actions = order::in_order(model.actions(chosen), model.standings, model.scorer().framework());
    let short = short(&changes(&actions), model);
    Optimum {
        actions,
        effort: model.effort(chosen.cost),
        proof,
        short,
        without_effort: model.without_effort(),
    }
}

/// Searches for the best plan.
///
/// # Errors
/// Why no exact search can be made.
fn exact_plan(model: &Model<'_>) -> Result<Optimum, Inexact> {
    let posed = pose(model)?;
    let deadline = model.terms().deadline;
    let solved = solve(&posed.problem, &posed.components, search_deadline(model.terms()));
    let bound = |problem: &Problem, solved: &Solved| {
        (!solved.is_complete).then(|| posed.bound(problem, solved.bound, model))
    };
    let proven = bound(&posed.problem, &solved);
    match (solved.best, proven) {
        (Some(chosen), proven) => {
            let proof = match proven {
                proven if !posed.out_of_reach.is_empty() => Proof::Impossible(proven),
                None => Proof::Optimal,
                Some(bound) => Proof::Bound(bound),
            };
            let optimum = plan(model, &chosen, proof);
            let gains_so = posed.gains_so(&chosen, &optimum.actions, model);
            if gains_so && is_short_of(&optimum, &posed.out_of_reach) {
                Ok(optimum)
            } else {
                Err(Inexact::Unequal)
            }
        }
        // Not even what can be reached is within the terms.
        (None, None) => {
            let problem = posed.greatest();
            let components = all_components(&problem).ok_or(Inexact::Entangled)?;
            let solved = solve(&problem, &components, deadline);
            let is_one = matches!(model.terms().aim, Aim::Mean(_)) || model.standings.len() == 1;
            let proof = match bound(&problem, &solved) {
                None if is_one => Proof::Impossible(None),
                bound => Proof::Crowded(bound),
            };
            let optimum = plan(model, &solved.best.ok_or(Inexact::Entangled)?, proof);
            if optimum.short.is_empty() { Err(Inexact::Unequal) } else { Ok(optimum) }
        }
        // The time is over: a plan is put together step by step, and what was proven holds of any.
        (None, Some(bound)) => Ok(plan(model, &greedy::choose(model).0, Proof::Bound(bound))),
    }
}

/// Whether a plan leaves nothing below the index but what the search takes for out of reach, and something if
/// there is such.
fn is_short_of(optimum: &Optimum, out_of_reach: &[ServiceIndex]) -> bool {
    optimum.short.iter().all(|service| out_of_reach.contains(service))
        && optimum.short.is_empty() == out_of_reach.is_empty()
}

/// Under a number of actions a search may find nothing at all: then time is left to put a plan together.
fn search_deadline(terms: &Terms<'_>) -> Instant {
    let left = terms.deadline.saturating_duration_since(Instant::now());
    if terms.most_actions.is_some() { terms.deadline - left / 4 } else { terms.deadline }
}

/// Services (or, where their mean is aimed at, all) that are below the index under these answers.
fn short(changes: &BTreeMap<ServiceIndex, Changes>, model: &Model<'_>) -> Vec<ServiceIndex> {
    let scorer = model.scorer();
    let services = model.standings.iter().map(Standing::service);
    let none = Changes::new();
    let outcomes =
        |service: ServiceIndex| scorer.outcomes_with(service, changes.get(&service).unwrap_or(&none));
    match model.terms().aim {
        Aim::Budget(_) => Vec::new(),
        Aim::Each(target) => {
            let is_short = |service: &ServiceIndex| {
                let outcomes = outcomes(*service);
                let index =
                    if scorer.is_rejected(&outcomes) { None } else { scorer.values(outcomes).index() };
                index.is_none_or(|index| index.decimal() < target)
            };
            services.filter(is_short).collect()
        }
        Aim::Mean(target) => {
            let all: Vec<ServiceIndex> = services.collect();
            let kept = all.iter().map(|service| (*service, outcomes(*service)));
            let kept = kept.filter(|(_, outcomes)| !scorer.is_rejected(outcomes));
            let mean = entity_indexes(scorer, kept).into_iter().flatten().next();
            if mean.is_some_and(|mean| mean.decimal() >= target) { Vec::new() } else { all }
        }
    }
}

/// The least exact value that is published as `target` percent or more, and whether it is itself enough.
fn threshold(target: Decimal, framework: &Framework) -> (Ratio, bool) {
    let policy = &framework.policy;
    let scale = Ratio::from_decimal(Decimal::from(10u64.pow(policy.decimals)));
    let wanted = Ratio::from_decimal(target).times(&scale);
    let floor = wanted.floor();
    let is_whole = Ratio::new(floor.clone(), 1.into()) == wanted;
    let units = if is_whole { floor } else { floor + 1 };
    let is_enough = policy.half == Half::Up || !units.bit(0);
    let half_below = Ratio::new(units * 2 - 1, 200.into());
    (half_below.over(&scale).unwrap_or_else(Ratio::zero), is_enough)
}

/// The published mean of some services of one entity.
fn published_mean(scorer: &Scorer<'_>, services: &[ServiceIndex]) -> Option<Published> {
    let outcomes = services.iter().map(|service| (*service, scorer.outcomes(*service)));
    entity_indexes(scorer, outcomes).into_iter().flatten().next()
}

/// What the mean must rise to: what is published of it is never below the target then.
fn mean_threshold(target: Decimal, framework: &Framework) -> (Ratio, bool) {
    match framework.policy.entity_from {
        Basis::Exact => threshold(target, framework),
        // Each service's figure is off by half a unit at most, and so is their mean: it rounds to the target.
        Basis::Published => (Ratio::from_decimal(target).times(&Ratio::new(1.into(), 100.into())), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_does_not_score_what_the_search_found_is_known() {
        let services = |list: &[usize]| list.iter().map(|at| ServiceIndex::new(*at)).collect::<Vec<_>>();
        let is_short_of = |short: &[usize], out_of_reach: &[usize]| {
            let optimum = Optimum {
                actions: Vec::new(),
                effort: Decimal::ZERO,
                proof: Proof::Optimal,
                short: services(short),
                without_effort: Vec::new(),
            };
            is_short_of(&optimum, &services(out_of_reach))
        };
        assert!(is_short_of(&[], &[]) && is_short_of(&[1], &[0, 1]));
        assert!(!is_short_of(&[0], &[]) && !is_short_of(&[], &[0]) && !is_short_of(&[0, 2], &[0, 1]));
    }
}
