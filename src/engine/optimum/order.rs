//! The order in which the actions of a plan are taken, and what each gains over those before it.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::explain::{Progress, Standing};
use crate::engine::plan::Action;
use crate::engine::score::Changes;
use crate::framework::Framework;
use crate::id::{ParameterIndex, ServiceIndex};
use crate::number::Ratio;

/// Puts actions in order, and says what each gains over those before it.
pub fn in_order(work: Vec<Vec<Action>>, standings: &[Standing<'_>], framework: &Framework) -> Vec<Action> {
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
    let mut before: BTreeMap<ServiceIndex, Progress> = BTreeMap::new();
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
    before: &mut BTreeMap<ServiceIndex, Progress>,
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
        let done = before.entry(*service).or_insert_with(|| Progress::new(standing));
        sum = sum.plus(&done.put(standing, changes)).reduced();
    }
    sum
}
