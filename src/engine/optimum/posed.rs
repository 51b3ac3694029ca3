//! What could be done for a body as a problem in whole numbers: gains in parts of a common denominator, efforts
//! in parts of a person-day.

use num_bigint::BigInt;
use num_integer::Integer;

use super::exactness::{Inexact, Leaving, leaving, weight_beside};
use super::model::{Gap, Model};
use super::problem::{self, Cell, Choice, Chosen, Goal, Need, Problem, Unit};
use super::relaxation::Component;
use super::search::{all_components, greatest_gains};
use super::{Aim, Bound, mean_threshold, published_mean, threshold};
use crate::engine::explain::Standing;
use crate::engine::plan::{Action, changes};
use crate::engine::score::State;
use crate::framework::NotApplicable;
use crate::id::{Node, ParameterIndex, ServiceIndex};
use crate::number::{Ratio, Score, Weight};
use crate::round::Response;
use crate::scale::Scale;

/// A problem with what is needed to read its solution.
pub struct Posed {
    /// The problem.
    pub problem: Problem,
    /// Its components.
    pub components: Vec<Component>,
    /// Services (or, where their mean is aimed at, all) that cannot reach their index: the goal is the highest
    /// that they can.
    pub out_of_reach: Vec<ServiceIndex>,
    /// What gains are parts of.
    denominator: BigInt,
    /// Whether no gain was rounded to such parts.
    is_exact: bool,
}

impl Posed {
    /// The problem of the greatest gain, whatever it costs, over all services together.
    pub fn greatest(&self) -> Problem {
        let mut problem = self.problem.clone();
        let all = problem.units.iter().map(Unit::dearest).chain(problem.solutions.iter().copied()).sum();
        problem.goal = Goal::Spend(all);
        problem.units.iter_mut().flat_map(|unit| &mut unit.cells).for_each(|cell| cell.row = 0);
        problem
    }

    /// Whether actions gain what a choice does, where no gain was rounded.
    pub fn gains_so(&self, chosen: &Chosen, actions: &[Action], model: &Model<'_>) -> bool {
        if !self.is_exact {
            return true;
        }
        let changes = changes(actions);
        let sum =
            model.standings.iter().zip(model.weights()).fold(Ratio::zero(), |sum, (standing, weight)| {
                let gain = changes.get(&standing.service()).map(|changes| standing.gain(changes));
                gain.map_or(sum.clone(), |gain| sum.plus(&gain.times(&weight)).reduced())
            });
        sum == Ratio::new(chosen.gain.into(), self.denominator.clone())
    }

    /// A bound as it is told.
    pub fn bound(&self, problem: &Problem, bound: f64, model: &Model<'_>) -> Bound {
        match problem.goal {
            Goal::Reach(_) => Bound::Effort(model.effort(bound.max(0.0).ceil() as i128)),
            Goal::Spend(_) => {
                Bound::Gain(Ratio::new((bound.max(0.0) as i128).into(), self.denominator.clone()))
            }
        }
    }
}

/// Poses the problem.
///
/// # Errors
/// Why it cannot be posed exactly.
pub fn pose(model: &Model<'_>) -> Result<Posed, Inexact> {
    let posing = Posing { model, leaving: leaving(model)?, weights: model.weights() };
    let ratios: Vec<Vec<Vec<Gains>>> = model.gaps.iter().map(|gap| posing.gains(gap)).collect();
    let parts = Parts::of(ratios.iter().flatten().flatten().flat_map(Gains::all));
    let units = model.gaps.iter().zip(&ratios).map(|(gap, gains)| posing.unit(gap, gains, &parts)).collect();
    let framework = model.scorer().framework();
    let solutions = model.solutions.iter().filter_map(|at| framework.solutions[*at].effort);
    let problem = Problem {
        solutions: solutions.map(|effort| model.cost(effort)).collect(),
        units,
        goal: Goal::Reach(Vec::new()),
        most_actions: model.terms().most_actions,
    };
    let components = all_components(&problem).ok_or(Inexact::Entangled)?;
    let mut posed = Posed {
        problem,
        components,
        out_of_reach: Vec::new(),
        denominator: parts.denominator.clone(),
        is_exact: parts.is_exact,
    };
    posing.set_goal(&mut posed, &parts);
    Ok(posed)
}

struct Posing<'m> {
    model: &'m Model<'m>,
    leaving: Leaving,
    weights: Vec<Ratio>,
}

impl Posing<'_> {
    /// What leaves the group of a parameter in a service.
    fn leaving(&self, site: usize, parameter: ParameterIndex) -> &[ParameterIndex] {
        let group = self.model.scorer().framework().parameter(parameter).group;
        self.leaving.get(&(site, group)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What each way gains in each site, exactly, by what of its group does not apply.
    fn gains(&self, gap: &Gap) -> Vec<Vec<Gains>> {
        gap.sites.iter().enumerate().map(|(at, site)| self.gains_in(gap, at, *site)).collect()
    }

    fn gains_in(&self, gap: &Gap, at: usize, site: usize) -> Vec<Gains> {
        let framework = self.model.scorer().framework();
        let (scale, standing) = (framework.scale(gap.parameter), &self.model.standings[site]);
        let now = standing.outcomes()[gap.parameter.get()].score.unwrap_or(Score::ZERO).ratio();
        let own = standing.own(gap.parameter).score.unwrap_or(Score::ZERO);
        let scores = gap.ways.iter().map(|way| match &way.responses[at] {
            None => own,
            Some(response) => response_score(scale, response, standing, gap.parameter),
        });
        let scores: Vec<Score> = std::iter::once(own).chain(scores).collect();
        let weight = |without: &[ParameterIndex]| self.weight(site, gap.parameter, without);
        let counts_now = weight(&[]).times(&now);
        let leaving = self.leaving(site, gap.parameter);
        let gone = |bits: usize| -> Vec<ParameterIndex> {
            let is_gone = |(bit, _): &(usize, &ParameterIndex)| bits >> bit & 1 == 1;
            leaving.iter().enumerate().filter(is_gone).map(|(_, parameter)| *parameter).collect()
        };
        let gains = (0..1usize << leaving.len()).map(|bits| {
            let weight = weight(&gone(bits));
            let gain = |score: &Score| weight.times(&score.ratio()).minus(&counts_now).reduced();
            Gains { met: scores.iter().map(gain).collect(), unmet: gain(&Score::ZERO) }
        });
        gains.collect()
    }

    /// What a parameter weighs in what is aimed at, when some of its group do not apply.
    fn weight(&self, site: usize, parameter: ParameterIndex, without: &[ParameterIndex]) -> Ratio {
        let standing = &self.model.standings[site];
        let definition = self.model.scorer().framework().parameter(parameter);
        let group = standing.effective_weight(Node::Group(definition.group));
        let total = Ratio::from_decimal(weight_beside(self.model, site, definition.group, without));
        let own = Ratio::new(Weight::units(definition.weight).into(), 1.into());
        let share = own.over(&total).filter(|_| !without.contains(&parameter));
        let share = share.zip(group).map(|(share, group)| share.times(group));
        share.map_or_else(Ratio::zero, |share| share.times(&self.weights[site]).reduced())
    }

    fn unit(&self, gap: &Gap, gains: &[Vec<Gains>], parts: &Parts) -> Unit {
        let stay = Choice { cost: 0, is_action: false, by_solution: false };
        let choices = gap.ways.iter().map(|way| Choice {
            cost: self.model.cost(way.effort),
            is_action: !way.by_solution,
            by_solution: way.by_solution,
        });
        let closing = match gap.ways.iter().any(|way| way.by_solution) {
            true => self.model.closing_solutions(gap.parameter),
            false => Vec::new(),
        };
        let position = |solution: &usize| self.model.solutions.binary_search(solution).ok();
        let cells =
            gap.sites.iter().zip(gains).map(|(site, gains)| self.cell(gap.parameter, *site, gains, parts));
        Unit {
            options: std::iter::once(stay).chain(choices).collect(),
            solutions: closing.iter().filter_map(position).collect(),
            cells: cells.collect(),
        }
    }

    fn cell(&self, parameter: ParameterIndex, site: usize, gains: &[Gains], parts: &Parts) -> Cell {
        let framework = self.model.scorer().framework();
        let needs = framework.parameter(parameter).requires.iter().filter_map(|requirement| {
            let (unit, cell) = self.model.place(site, requirement.parameter)?;
            Some(Need { unit, cell, options: self.model.will_do(unit, cell, requirement) })
        });
        let siblings = self.leaving(site, parameter).iter();
        Cell {
            row: match self.model.terms().aim {
                Aim::Each(_) => site,
                Aim::Mean(_) | Aim::Budget(_) => 0,
            },
            needs: needs.collect(),
            is_not_applicable: framework.policy.not_applicable == NotApplicable::Exclude
                && self.model.standings[site].own(parameter).state == State::NotApplicable,
            siblings: siblings.filter_map(|sibling| self.model.place(site, *sibling)).collect(),
            gains: gains.iter().map(|gains| gains.in_parts(parts)).collect(),
        }
    }

    /// Sets what is wanted, no more than can be reached.
    fn set_goal(&self, posed: &mut Posed, parts: &Parts) {
        let (model, framework) = (self.model, self.model.scorer().framework());
        let services: Vec<ServiceIndex> = model.standings.iter().map(Standing::service).collect();
        let index = |standing: &Standing<'_>| standing.index().cloned().unwrap_or_else(Ratio::zero);
        let wanted: Vec<i128> = match model.terms().aim {
            Aim::Budget(most) => {
                posed.problem.goal = Goal::Spend(model.cost(most));
                return;
            }
            Aim::Each(target) => {
                let threshold = threshold(target, framework);
                model.standings.iter().map(|standing| parts.needed(&threshold, &index(standing))).collect()
            }
            Aim::Mean(target) => {
                let is_there =
                    published_mean(model.scorer(), &services).is_some_and(|mean| mean.decimal() >= target);
                let terms = model.standings.iter().zip(&self.weights);
                let mean = terms.fold(Ratio::zero(), |sum, (standing, weight)| {
                    sum.plus(&weight.times(&index(standing))).reduced()
                });
                vec![if is_there { 0 } else { parts.needed(&mean_threshold(target, framework), &mean) }]
            }
        };
        posed.problem.goal = Goal::Reach(wanted.clone());
        let most = greatest_gains(&posed.problem, &posed.components);
        let mut goal = Vec::new();
        for (row, (wanted, most)) in wanted.iter().zip(&most).enumerate() {
            if wanted > most {
                match model.terms().aim {
                    Aim::Each(_) => posed.out_of_reach.push(services[row]),
                    Aim::Mean(_) | Aim::Budget(_) => posed.out_of_reach.clone_from(&services),
                }
            }
            goal.push((*wanted).min(*most));
        }
        posed.problem.goal = Goal::Reach(goal);
    }
}

/// What a response is worth, by its answer or, where several evaluators gave it, by their mean.
pub fn response_score(
    scale: &Scale,
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

    fn in_parts(&self, parts: &Parts) -> problem::Gains {
        let met: Vec<i128> = self.met.iter().map(|gain| parts.of_ratio(gain)).collect();
        problem::Gains {
            near: met.iter().map(|gain| *gain as f64).collect(),
            met,
            unmet: parts.of_ratio(&self.unmet),
        }
    }
}

/// Gains in whole parts of a common denominator.
struct Parts {
    denominator: BigInt,
    is_exact: bool,
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
                return Self { denominator: BigInt::from(1) << BITS, is_exact: false };
            }
        }
        Self { denominator, is_exact: true }
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
