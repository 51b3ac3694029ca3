//! The services of a body as a problem in whole numbers: gains in parts of a common denominator, efforts in
//! parts of a person-day.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use rust_decimal::Decimal;

use super::problem::{Cell, Choice, Chosen, Goal, Need, Problem, Unit};
use super::search::greatest_gains;
use super::{Aim, Proof, Terms, mean_threshold, published_mean, threshold};
use crate::engine::explain::Standing;
use crate::engine::plan::{Action, Step, Work, steps};
use crate::engine::score::{Changes, Scorer, State};
use crate::framework::{Asked, Missing, Requirement};
use crate::id::{EntityIndex, Node, ParameterIndex, ServiceIndex};
use crate::number::{Ratio, Score};
use crate::round::Response;
use crate::scale::Answer;

/// A unit has at most so many options besides staying as it is and being closed by a solution.
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
    /// Effort is counted in `10^-places` person-days.
    places: u32,
    without_effort: Vec<ParameterIndex>,
}

/// A problem with what is needed to read its solution.
pub struct Posed {
    /// The problem.
    pub problem: Problem,
    /// Services that cannot reach their index.
    pub out_of_reach: Vec<ServiceIndex>,
    /// What gains are parts of.
    denominator: BigInt,
    places: u32,
}

impl Posed {
    /// A bound as it is told.
    pub fn bound(&self, bound: f64) -> Proof {
        match self.problem.goal {
            Goal::Reach(_) => {
                let units = bound.max(0.0).ceil() as i128;
                Proof::Effort(decimal(units, self.places))
            }
            Goal::Spend(_) => {
                Proof::Gain(Ratio::new((bound.max(0.0) as i128).into(), self.denominator.clone()))
            }
        }
    }
}

/// So many parts of a person-day.
fn decimal(units: i128, places: u32) -> Decimal {
    Decimal::try_from_i128_with_scale(units, places).unwrap_or(Decimal::MAX).normalize()
}

/// Whether what a service gains is the sum of what its answers gain: all means are arithmetic, rounding is at
/// the end, and no answer that a plan may change is left out now or will be then.
pub fn is_linear(scorer: &Scorer<'_>, standing: &Standing<'_>) -> bool {
    let framework = scorer.framework();
    let parameters = (0..framework.parameters.len()).map(ParameterIndex::new);
    let leaves_weights = |at: ParameterIndex| {
        let outcome = standing.outcomes()[at.get()];
        match outcome.state {
            State::NotApplicable | State::Scored => true,
            // A gap that is left out would come in; an answer "not applicable" would come to count as one.
            State::Missing | State::Implied | State::Void => {
                outcome.score.is_some()
                    && standing.own(at).score.is_some()
                    && standing.answered_score(at).is_some() == standing.response(at).is_some()
            }
        }
    };
    let has_index = scorer.service(standing.service()).index().is_some();
    let is_held_out = framework.policy.missing == Missing::Reject
        && standing.outcomes().iter().any(|outcome| outcome.state == State::Missing);
    standing.is_additive() && has_index && !is_held_out && parameters.into_iter().all(leaves_weights)
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
            places: 0,
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
        model.places = efforts
            .chain(solutions)
            .chain(budget)
            .map(|effort| effort.normalize().scale())
            .max()
            .unwrap_or(0);
        model
    }

    /// Solutions that may be introduced and that close a parameter.
    fn closing_solutions(&self, parameter: ParameterIndex) -> Vec<usize> {
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
        decimal(cost, self.places)
    }

    /// A person-day's worth in units of cost.
    pub fn cost(&self, effort: Decimal) -> i128 {
        let mut effort = effort;
        effort.rescale(self.places);
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

    /// The problem; none where gains do not add up, or units hang together in too many ways.
    pub fn problem(&self) -> Option<Posed> {
        if !self.standings.iter().all(|standing| is_linear(self.scorer, standing)) {
            return None;
        }
        let framework = self.scorer.framework();
        let weights = self.weights();
        let ratios: Vec<Vec<Gains>> = self.gaps.iter().map(|gap| self.gains(gap, &weights)).collect();
        let parts = Parts::of(ratios.iter().flatten().flat_map(Gains::all));
        let by_place = self.by_place();
        let units = self.gaps.iter().zip(&ratios);
        let units: Vec<Unit> = units.map(|(gap, gains)| self.unit(gap, gains, &parts, &by_place)).collect();
        let solutions = self.solutions.iter().filter_map(|at| framework.solutions[*at].effort);
        let mut posed = Posed {
            problem: Problem {
                solutions: solutions.map(|effort| self.cost(effort)).collect(),
                units,
                goal: Goal::Reach(Vec::new()),
                most_actions: self.terms.most_actions,
            },
            out_of_reach: Vec::new(),
            denominator: parts.denominator.clone(),
            places: self.places,
        };
        self.set_goal(&mut posed, &parts, &weights)?;
        Some(posed)
    }

    /// The unit of each service's parameter, and its cell.
    pub fn by_place(&self) -> BTreeMap<(usize, ParameterIndex), (usize, usize)> {
        let places = self.gaps.iter().enumerate().flat_map(|(unit, gap)| {
            gap.sites.iter().enumerate().map(move |(cell, site)| ((*site, gap.parameter), (unit, cell)))
        });
        places.collect()
    }

    /// What each way gains in each site, exactly.
    fn gains(&self, gap: &Gap, weights: &[Ratio]) -> Vec<Gains> {
        let scale = self.scorer.framework().scale(gap.parameter);
        let of_site = |(at, site): (usize, &usize)| {
            let standing = &self.standings[*site];
            let weight = standing.effective_weight(Node::Parameter(gap.parameter));
            let weight = weight.map_or_else(Ratio::zero, |weight| weight.times(&weights[*site]));
            let now = standing.outcomes()[gap.parameter.get()].score.unwrap_or(Score::ZERO).ratio();
            let own = standing.own(gap.parameter).score.unwrap_or(Score::ZERO);
            let gain = |score: Score| weight.times(&score.ratio().minus(&now)).reduced();
            let scores = gap.ways.iter().map(|way| match &way.responses[at] {
                None => own,
                Some(response) => response_score(scale, response, standing, gap.parameter),
            });
            Gains { met: std::iter::once(own).chain(scores).map(gain).collect(), unmet: gain(Score::ZERO) }
        };
        gap.sites.iter().enumerate().map(of_site).collect()
    }

    fn unit(
        &self,
        gap: &Gap,
        gains: &[Gains],
        parts: &Parts,
        by_place: &BTreeMap<(usize, ParameterIndex), (usize, usize)>,
    ) -> Unit {
        let stay = Choice { cost: 0, is_action: false, by_solution: false };
        let choices = gap.ways.iter().map(|way| Choice {
            cost: self.cost(way.effort),
            is_action: !way.by_solution,
            by_solution: way.by_solution,
        });
        let closing = match gap.ways.iter().any(|way| way.by_solution) {
            true => self.closing_solutions(gap.parameter),
            false => Vec::new(),
        };
        let position = |solution: &usize| self.solutions.binary_search(solution).ok();
        let cells = gap.sites.iter().zip(gains).map(|(site, gains)| {
            let requires = &self.scorer.framework().parameter(gap.parameter).requires;
            let needs = requires.iter().filter_map(|requirement| {
                let (unit, cell) = *by_place.get(&(*site, requirement.parameter))?;
                Some(Need { unit, cell, options: self.will_do(unit, cell, requirement) })
            });
            Cell {
                row: match self.terms.aim {
                    Aim::Each(_) => *site,
                    Aim::Mean(_) | Aim::Budget(_) => 0,
                },
                needs: needs.collect(),
                met: gains.met.iter().map(|gain| parts.of_ratio(gain)).collect(),
                unmet: parts.of_ratio(&gains.unmet),
            }
        });
        Unit {
            options: std::iter::once(stay).chain(choices).collect(),
            solutions: closing.iter().filter_map(position).collect(),
            cells: cells.collect(),
        }
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

    /// Sets what is wanted, no more than can be reached.
    fn set_goal(&self, posed: &mut Posed, parts: &Parts, weights: &[Ratio]) -> Option<()> {
        let framework = self.scorer.framework();
        let services: Vec<ServiceIndex> = self.standings.iter().map(Standing::service).collect();
        let index = |standing: &Standing<'_>| standing.index().cloned().unwrap_or_else(Ratio::zero);
        let wanted: Vec<i128> = match self.terms.aim {
            Aim::Budget(most) => {
                posed.problem.goal = Goal::Spend(self.cost(most));
                return greatest_gains(&posed.problem).map(|_| ());
            }
            Aim::Each(target) => {
                let threshold = threshold(target, framework);
                self.standings.iter().map(|standing| parts.needed(&threshold, &index(standing))).collect()
            }
            Aim::Mean(target) => {
                let is_there =
                    published_mean(self.scorer, &services).is_some_and(|mean| mean.decimal() >= target);
                let terms = self.standings.iter().zip(weights);
                let mean = terms.fold(Ratio::zero(), |sum, (standing, weight)| {
                    sum.plus(&weight.times(&index(standing))).reduced()
                });
                vec![if is_there { 0 } else { parts.needed(&mean_threshold(target, framework), &mean) }]
            }
        };
        posed.problem.goal = Goal::Reach(wanted.clone());
        let most = greatest_gains(&posed.problem)?;
        let mut goal = Vec::new();
        for (row, (wanted, most)) in wanted.iter().zip(&most).enumerate() {
            if wanted > most {
                match self.terms.aim {
                    Aim::Each(_) => posed.out_of_reach.push(services[row]),
                    Aim::Mean(_) | Aim::Budget(_) => posed.out_of_reach.clone_from(&services),
                }
            }
            goal.push((*wanted).min(*most));
        }
        posed.problem.goal = Goal::Reach(goal);
        Some(())
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
        Action {
            work,
            entity: self.entity,
            services: changed.collect(),
            gain: Ratio::zero(),
            effort: Some(way.effort),
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

    /// The scorer.
    pub fn scorer(&self) -> &'a Scorer<'a> {
        self.scorer
    }
}

/// Every answer that is an option with an effort, in any site, with the most that it takes in one: what is
/// asked of an entity is paid once.
fn paid_ways(steps: &[Vec<Step>]) -> Vec<Way> {
    let mut responses: Vec<&Response> = Vec::new();
    for step in steps.iter().flatten() {
        if !responses.contains(&&step.response) {
            responses.push(&step.response);
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
    responses.into_iter().filter_map(way).take(MOST_OPTIONS).collect()
}

/// What a response is worth, by its answer or, where several evaluators gave it, by their mean.
fn response_score(
    scale: &crate::scale::Scale,
    response: &Response,
    standing: &Standing<'_>,
    parameter: ParameterIndex,
) -> Score {
    match response.as_slice() {
        [answer] => scale.score(answer),
        _ => standing.answered_score(parameter),
    }
    .unwrap_or(Score::ZERO)
}

/// What the options of a unit gain in one site.
struct Gains {
    met: Vec<Ratio>,
    unmet: Ratio,
}

impl Gains {
    fn all(&self) -> impl Iterator<Item = &Ratio> {
        self.met.iter().chain([&self.unmet])
    }
}

/// Gains in whole parts of a common denominator.
struct Parts {
    denominator: BigInt,
}

/// Where no common denominator is below 2^100, gains are rounded up to parts of this: what a choice gains is
/// then never taken for less than it is, and differences below 10^-25 points are no differences.
const BITS: u64 = 100;

impl Parts {
    fn of<'r>(ratios: impl Iterator<Item = &'r Ratio>) -> Self {
        let mut denominator = BigInt::from(1);
        for ratio in ratios.filter(|ratio| !ratio.is_zero()) {
            denominator = denominator.lcm(ratio.denominator());
            if denominator.bits() > BITS {
                return Self { denominator: BigInt::from(1) << BITS };
            }
        }
        Self { denominator }
    }

    fn of_ratio(&self, ratio: &Ratio) -> i128 {
        up(&ratio.times(&Ratio::new(self.denominator.clone(), 1.into())))
    }

    /// The gain that brings an index to a threshold, which may or may not be enough itself.
    fn needed(&self, (threshold, is_enough): &(Ratio, bool), index: &Ratio) -> i128 {
        let parts = threshold.minus(index).times(&Ratio::new(self.denominator.clone(), 1.into()));
        let whole = up(&parts);
        let is_met = *is_enough || Ratio::new(whole.into(), 1.into()) > parts;
        if is_met { whole } else { whole + 1 }
    }
}

fn up(parts: &Ratio) -> i128 {
    let floor = parts.floor();
    let is_whole = Ratio::new(floor.clone(), 1.into()) == *parts;
    i128::try_from(&floor).unwrap_or(i128::MAX / 4) + i128::from(!is_whole)
}
