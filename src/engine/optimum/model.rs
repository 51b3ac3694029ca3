//! What could be done for the services of a body: the gaps with the ways to close them, the solutions, and what
//! each takes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::problem::Chosen;
use super::{Aim, Terms};
use crate::engine::explain::Standing;
use crate::engine::plan::{Action, Step, Work, steps};
use crate::engine::score::{Changes, Scorer, State};
use crate::framework::{Asked, Requirement};
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::number::{Ratio, Score};
use crate::round::Response;
use crate::scale::Answer;

/// A unit has at most so many options besides staying as it is and being closed by a solution: those that are
/// worth most.
const MOST_OPTIONS: usize = 60;

/// What could be done about one parameter of a service, or of an entity in all its services.
pub struct Gap {
    /// The parameter.
    pub parameter: ParameterIndex,
    /// The services, as positions among the standings.
    pub sites: Vec<usize>,
    /// The ways to change it.
    pub ways: Vec<Way>,
}

/// One way to change a parameter.
pub struct Way {
    /// Person-days.
    pub effort: Decimal,
    /// For each site the answer that it gets; none where it stays as it is.
    pub responses: Vec<Option<Response>>,
    /// Whether a solution does it.
    pub by_solution: bool,
}

/// What could be done for the services of a body.
pub struct Model<'a> {
    scorer: &'a Scorer<'a>,
    entity: Option<EntityIndex>,
    terms: &'a Terms<'a>,
    /// Where the services stand.
    pub standings: &'a [Standing<'a>],
    /// The gaps, those first that others require.
    pub gaps: Vec<Gap>,
    /// The solutions that close one of them, as positions among the framework's.
    pub solutions: Vec<usize>,
    /// The gap of each service's parameter, and its place in it.
    places: BTreeMap<(usize, ParameterIndex), (usize, usize)>,
    /// Effort is counted in so many decimal places of a person-day.
    decimals: u32,
    without_effort: Vec<ParameterIndex>,
}

/// So many parts of a person-day.
fn decimal(units: i128, decimals: u32) -> Decimal {
    Decimal::try_from_i128_with_scale(units, decimals).unwrap_or(Decimal::MAX).normalize()
}

impl<'a> Model<'a> {
    /// What could be done for some services of one body.
    pub fn new(
        scorer: &'a Scorer<'a>,
        entity: Option<EntityIndex>,
        standings: &'a [Standing<'a>],
        terms: &'a Terms<'a>,
    ) -> Self {
        let framework = scorer.framework();
        let mut model = Self {
            scorer,
            entity,
            terms,
            standings,
            gaps: Vec::new(),
            solutions: Vec::new(),
            places: BTreeMap::new(),
            decimals: 0,
            without_effort: Vec::new(),
        };
        for parameter in framework.by_requirement() {
            let applies =
                |site: &usize| standings[*site].outcomes()[parameter.get()].state != State::NotApplicable;
            let sites: Vec<usize> = (0..standings.len()).filter(applies).collect();
            match framework.parameter(*parameter).asked {
                Asked::Entity if entity.is_some() && !sites.is_empty() => model.add_gap(*parameter, sites),
                Asked::Entity | Asked::Service => {
                    sites.into_iter().for_each(|site| model.add_gap(*parameter, vec![site]));
                }
            }
        }
        model.solutions.sort_unstable();
        model.solutions.dedup();
        model.without_effort.sort_unstable();
        model.without_effort.dedup();
        let efforts = model.gaps.iter().flat_map(|gap| gap.ways.iter().map(|way| way.effort));
        let solutions = model.solutions.iter().filter_map(|at| framework.solutions[*at].effort);
        let budget = match terms.aim {
            Aim::Budget(most) => Some(most),
            Aim::Each(_) | Aim::Mean(_) => None,
        };
        model.decimals = efforts
            .chain(solutions)
            .chain(budget)
            .map(|effort| effort.normalize().scale())
            .max()
            .unwrap_or(0);
        model
    }

    /// Solutions that may be introduced and that close a parameter.
    pub fn closing_solutions(&self, parameter: ParameterIndex) -> Vec<usize> {
        let framework = self.scorer.framework();
        let advice = framework.parameter(parameter).advice.as_ref();
        let solutions = advice.map(|advice| advice.solutions.as_slice()).unwrap_or_default();
        let may = |at: &&usize| self.terms.solutions[**at] && framework.solutions[**at].effort.is_some();
        solutions.iter().filter(may).copied().collect()
    }

    fn add_gap(&mut self, parameter: ParameterIndex, sites: Vec<usize>) {
        let mut ways = Vec::new();
        let has_gap = |site: &usize| self.own_gap(*site, parameter);
        if self.terms.wanted[parameter.get()] && sites.iter().any(has_gap) {
            let steps: Vec<Vec<Step>> =
                sites.iter().map(|site| steps(&self.standings[*site], parameter)).collect();
            ways = paid_ways(&steps);
            let solutions = self.closing_solutions(parameter);
            if !solutions.is_empty() {
                let close = |site: &usize| {
                    self.own_gap(*site, parameter).then(|| self.standings[*site].best_response(parameter))
                };
                let responses = sites.iter().map(close).collect();
                ways.push(Way { effort: Decimal::ZERO, responses, by_solution: true });
                self.solutions.extend(solutions);
            }
            if ways.is_empty() {
                self.without_effort.push(parameter);
            }
        }
        let number = self.gaps.len();
        self.places.extend(sites.iter().enumerate().map(|(cell, site)| ((*site, parameter), (number, cell))));
        self.gaps.push(Gap { parameter, sites, ways });
    }

    /// Whether a service's own answer is below the best, whatever the parameter requires.
    fn own_gap(&self, site: usize, parameter: ParameterIndex) -> bool {
        let own = self.standings[site].own(parameter);
        let best = self.scorer.framework().scale(parameter).best();
        own.state != State::NotApplicable && own.score.is_none_or(|score| score < best)
    }

    /// Gaps that nothing within the terms closes, since no effort is stated.
    pub fn without_effort(&self) -> Vec<ParameterIndex> {
        self.without_effort.clone()
    }

    /// So many units of cost in person-days.
    pub fn effort(&self, cost: i128) -> Decimal {
        decimal(cost, self.decimals)
    }

    /// A person-day's worth in units of cost.
    pub fn cost(&self, effort: Decimal) -> i128 {
        let mut effort = effort;
        effort.rescale(self.decimals);
        effort.mantissa()
    }

    /// What a service counts in what is aimed at.
    pub fn weights(&self) -> Vec<Ratio> {
        let one = || Ratio::new(1.into(), 1.into());
        let units = |standing: &Standing<'_>| {
            u128::from(self.scorer.round().service(standing.service()).weight.units())
        };
        let total = Ratio::new(self.standings.iter().map(units).sum::<u128>().into(), 1.into());
        let share = |standing: &Standing<'_>| {
            Ratio::new(units(standing).into(), 1.into()).over(&total).unwrap_or_else(Ratio::zero).reduced()
        };
        match self.terms.aim {
            Aim::Each(_) => self.standings.iter().map(|_| one()).collect(),
            Aim::Mean(_) | Aim::Budget(_) if self.standings.len() == 1 => vec![one()],
            Aim::Mean(_) | Aim::Budget(_) => self.standings.iter().map(share).collect(),
        }
    }

    /// The gap of a service's parameter, and its place in it; none where the parameter does not apply.
    pub fn place(&self, site: usize, parameter: ParameterIndex) -> Option<(usize, usize)> {
        self.places.get(&(site, parameter)).copied()
    }

    /// For each option of a unit whether a requirement is met by it.
    pub fn will_do(&self, unit: usize, cell: usize, requirement: &Requirement) -> Vec<bool> {
        let gap = &self.gaps[unit];
        let standing = &self.standings[gap.sites[cell]];
        let gives = |response: &Response| {
            let one_of =
                |answer: &Answer| matches!(answer, Answer::Choice(at) if requirement.options.contains(at));
            response.iter().all(one_of)
        };
        let counts = standing.own(gap.parameter).state == State::Scored;
        let now = counts && standing.response(gap.parameter).is_some_and(gives);
        let then = gap.ways.iter().map(|way| way.responses[cell].as_ref().map_or(now, gives));
        std::iter::once(now).chain(then).collect()
    }

    /// What is done under a choice: each list is one action, after a solution with the gaps that it closes.
    pub fn actions(&self, chosen: &Chosen) -> Vec<Vec<Action>> {
        let framework = self.scorer.framework();
        let mut list = Vec::new();
        let mut closed: BTreeMap<usize, Vec<Action>> = BTreeMap::new();
        for (gap, option) in self.gaps.iter().zip(&chosen.options) {
            let Some(way) = option.checked_sub(1).map(|at| &gap.ways[at]) else { continue };
            let action = self.action(gap, way, Work::Gap(gap.parameter));
            if !way.by_solution {
                list.push(vec![action]);
                continue;
            }
            let introduced = |at: &usize| {
                self.solutions.iter().position(|known| known == at).is_some_and(|at| chosen.solutions[at])
            };
            if let Some(solution) = self.closing_solutions(gap.parameter).into_iter().find(introduced) {
                let work = Work::Closed(gap.parameter, solution);
                closed.entry(solution).or_default().push(Action { work, ..action });
            }
        }
        for (solution, actions) in closed {
            let mut services: BTreeMap<ServiceIndex, Changes> = BTreeMap::new();
            for (service, changes) in actions.iter().flat_map(|action| &action.services) {
                services.entry(*service).or_default().extend(changes.clone());
            }
            let head = Action {
                work: Work::Solution(solution),
                entity: self.entity,
                services: services.into_iter().collect(),
                gain: Ratio::zero(),
                effort: framework.solutions[solution].effort,
                efforts: Vec::new(),
            };
            list.push(std::iter::once(head).chain(actions).collect());
        }
        list
    }

    fn action(&self, gap: &Gap, way: &Way, work: Work) -> Action {
        let changed = gap.sites.iter().zip(&way.responses);
        let changed = changed.filter_map(|(site, response)| {
            let changes = Changes::from([(gap.parameter, response.clone()?)]);
            Some((self.standings[*site].service(), changes))
        });
        let services: Vec<(ServiceIndex, Changes)> = changed.collect();
        let effort = Some(way.effort);
        Action {
            work,
            entity: self.entity,
            efforts: services.iter().map(|(service, _)| (*service, gap.parameter, effort)).collect(),
            services,
            gain: Ratio::zero(),
            effort,
        }
    }

    /// Whether an introduced solution closes a parameter.
    pub fn is_closed(&self, parameter: ParameterIndex, introduced: &[bool]) -> bool {
        let closing = self.closing_solutions(parameter);
        self.solutions.iter().zip(introduced).any(|(at, introduced)| *introduced && closing.contains(at))
    }

    /// What introduced solutions cost.
    pub fn cost_of(&self, introduced: &[bool]) -> i128 {
        let chosen = self.solutions.iter().zip(introduced).filter(|(_, introduced)| **introduced);
        let efforts = chosen.filter_map(|(at, _)| self.scorer.framework().solutions[*at].effort);
        efforts.map(|effort| self.cost(effort)).sum()
    }

    /// What may be planned.
    pub fn terms(&self) -> &'a Terms<'a> {
        self.terms
    }

    /// The scorer.
    pub fn scorer(&self) -> &'a Scorer<'a> {
        self.scorer
    }
}

/// Every answer that is an option with an effort, in any site, with the most that it takes in one: what is
/// asked of an entity is paid once.
fn paid_ways(steps: &[Vec<Step>]) -> Vec<Way> {
    let mut responses: Vec<(&Response, Score)> = Vec::new();
    for step in steps.iter().flatten() {
        if !responses.iter().any(|(known, _)| **known == step.response) {
            responses.push((&step.response, step.score));
        }
    }
    let way = |response: &Response| {
        let of_site = |steps: &Vec<Step>| steps.iter().find(|step| step.response == *response).cloned();
        let found: Vec<Option<Step>> = steps.iter().map(of_site).collect();
        let mut effort = Decimal::ZERO;
        for step in found.iter().flatten() {
            effort = effort.max(step.effort?);
        }
        let responses = found.into_iter().map(|step| step.map(|step| step.response)).collect();
        Some(Way { effort, responses, by_solution: false })
    };
    let ways = responses.into_iter().filter_map(|(response, score)| Some((score, way(response)?)));
    let mut ways: Vec<(usize, (Score, Way))> = ways.enumerate().collect();
    ways.sort_by_key(|(_, (score, _))| Reverse(*score));
    ways.truncate(MOST_OPTIONS);
    ways.sort_by_key(|(at, _)| *at);
    ways.into_iter().map(|(_, (_, way))| way).collect()
}
