//! The optimal plan: the least effort that reaches an index, or the greatest gain that an effort can have. It
//! chooses between closing gaps one by one, in part too, and introducing solutions that close many at once.
//! The definitions are in `docs/plan.md`.

mod greedy;
mod model;
mod problem;
mod relaxation;
mod search;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use rust_decimal::Decimal;

use super::explain::Standing;
use super::plan::{Action, changes};
use super::rank::entity_indexes;
use super::score::{Changes, Scorer};
use crate::framework::{Basis, Framework};
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::number::{Half, Published, Ratio};

pub use model::is_linear;
pub use problem::{Cell, Choice, Chosen, Goal, Need, Problem, Unit};
pub use search::{Solved, solve};

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

/// How sure it is that nothing is better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No other plan is.
    Optimal,
    /// No plan takes less effort than this.
    Effort(Decimal),
    /// No plan gains more than this, in the mean of the services.
    Gain(Ratio),
    /// It was put together step by step: contributions do not add up here.
    Heuristic,
}

/// The best plan that was found for the services of one body.
#[derive(Clone, Debug)]
pub struct Optimum {
    /// What is done, in order: what others require first, then by gain for each person-day. Each gain is over
    /// what comes before it. A solution is followed by the gaps that it closes.
    pub actions: Vec<Action>,
    /// Person-days.
    pub effort: Decimal,
    /// How sure it is that nothing is better.
    pub proof: Proof,
    /// Services (or, where the mean is aimed at, all) that cannot reach the index: the plan brings them as far
    /// as they can come.
    pub out_of_reach: Vec<ServiceIndex>,
    /// Gaps whose effort the framework does not say, and that no solution closes: they are not planned.
    pub without_effort: Vec<ParameterIndex>,
}

/// The best plan for services of one body; none where no plan within the terms does what it is to.
pub fn optimum(
    scorer: &Scorer<'_>,
    entity: Option<EntityIndex>,
    services: &[ServiceIndex],
    terms: &Terms<'_>,
) -> Option<Optimum> {
    let standings: Vec<Standing<'_>> =
        services.iter().map(|service| Standing::new(scorer, *service)).collect();
    let model = model::Model::new(scorer, entity, &standings, terms);
    let (chosen, proof, out_of_reach) = match model.problem() {
        Some(posed) => {
            let solved = solve(&posed.problem, terms.deadline)?;
            let chosen = solved.best?;
            let proof = match solved.is_complete {
                true => Proof::Optimal,
                false => posed.bound(solved.bound),
            };
            (chosen, proof, posed.out_of_reach)
        }
        None => {
            let (chosen, out_of_reach) = greedy::choose(&model, terms)?;
            (chosen, Proof::Heuristic, out_of_reach)
        }
    };
    let work = model.actions(&chosen);
    let mut optimum = Optimum {
        actions: in_order(work, &standings, scorer.framework()),
        effort: model.effort(chosen.cost),
        proof,
        out_of_reach,
        without_effort: model.without_effort(),
    };
    if !does(&optimum, scorer, services, terms) {
        optimum.proof = Proof::Effort(optimum.effort);
    }
    Some(optimum)
}

/// Whether the real scorer says that a plan does what it is to.
fn does(optimum: &Optimum, scorer: &Scorer<'_>, services: &[ServiceIndex], terms: &Terms<'_>) -> bool {
    let changes = changes(&optimum.actions);
    let none = Changes::new();
    let outcomes =
        |service: &ServiceIndex| scorer.outcomes_with(*service, changes.get(service).unwrap_or(&none));
    match terms.aim {
        Aim::Budget(most) => optimum.effort <= most,
        Aim::Each(target) => services.iter().filter(|at| !optimum.out_of_reach.contains(at)).all(|service| {
            let index = scorer.values(outcomes(service)).index();
            index.is_some_and(|index| index.decimal() >= target)
        }),
        Aim::Mean(target) => {
            let indexes =
                entity_indexes(scorer, services.iter().map(|service| (*service, outcomes(service))));
            let index = indexes.into_iter().flatten().next();
            !optimum.out_of_reach.is_empty() || index.is_none_or(|index| index.decimal() >= target)
        }
    }
}

/// Puts actions in order, and says what each gains over those before it.
fn in_order(work: Vec<Vec<Action>>, standings: &[Standing<'_>], framework: &Framework) -> Vec<Action> {
    let rank = |actions: &[Action]| -> Ratio {
        let gains = actions[0].services.iter().map(|(service, changes)| {
            let standing = standings.iter().find(|standing| standing.service() == *service);
            standing.map_or_else(Ratio::zero, |standing| standing.gain(changes))
        });
        let gain = gains.fold(Ratio::zero(), |sum, gain| sum.plus(&gain)).reduced();
        let effort = actions[0].effort.map(Ratio::from_decimal);
        effort.and_then(|effort| gain.over(&effort)).unwrap_or(gain)
    };
    let mut left: Vec<(Ratio, Vec<Action>)> =
        work.into_iter().map(|actions| (rank(&actions), actions)).collect();
    left.sort_by(|a, b| b.0.cmp(&a.0));
    let mut done = Vec::new();
    while !left.is_empty() {
        let changed: BTreeSet<(ServiceIndex, ParameterIndex)> =
            left.iter().flat_map(|(_, actions)| touched(&actions[0])).collect();
        let is_ready = |actions: &[Action]| {
            let own: BTreeSet<_> = touched(&actions[0]).collect();
            own.iter().all(|(service, parameter)| {
                let required = framework.parameter(*parameter).requires.iter().map(|needed| needed.parameter);
                required
                    .into_iter()
                    .all(|at| own.contains(&(*service, at)) || !changed.contains(&(*service, at)))
            })
        };
        // Two solutions may each close what the other's gaps require: then the better one goes first.
        let next = left.iter().position(|(_, actions)| is_ready(actions)).unwrap_or(0);
        done.push(left.remove(next).1);
    }
    let mut before: BTreeMap<ServiceIndex, Changes> = BTreeMap::new();
    for actions in &mut done {
        let of_solution = actions.len() > 1;
        for action in actions.iter_mut() {
            let gain = gain_over(&mut before, action, standings);
            // A solution as such brings what the gaps bring that it closes.
            action.gain = if of_solution && action.work.parameter().is_none() { Ratio::zero() } else { gain };
        }
        if of_solution {
            actions[0].gain =
                actions[1..].iter().fold(Ratio::zero(), |sum, action| sum.plus(&action.gain)).reduced();
        }
    }
    done.into_iter().flatten().collect()
}

/// What an action changes.
fn touched(action: &Action) -> impl Iterator<Item = (ServiceIndex, ParameterIndex)> + '_ {
    let cells = |(service, changes): &'_ (ServiceIndex, Changes)| {
        let service = *service;
        changes.keys().map(move |parameter| (service, *parameter)).collect::<Vec<_>>()
    };
    action.services.iter().flat_map(cells)
}

/// What an action gains over what is done before it, and then is done too.
fn gain_over(
    before: &mut BTreeMap<ServiceIndex, Changes>,
    action: &Action,
    standings: &[Standing<'_>],
) -> Ratio {
    let mut sum = Ratio::zero();
    if action.work.parameter().is_none() {
        return sum;
    }
    for (service, changes) in &action.services {
        let Some(standing) = standings.iter().find(|standing| standing.service() == *service) else {
            continue;
        };
        let done = before.entry(*service).or_default();
        let old = standing.gain(done);
        done.extend(changes.iter().map(|(parameter, response)| (*parameter, response.clone())));
        sum = sum.plus(&standing.gain(done).minus(&old)).reduced();
    }
    sum
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
