//! A heuristic for frameworks in which gains do not add up: the step with the most gain for each person-day,
//! again and again, the whole scoring run for each; then whatever can be left out again is.

use std::time::Instant;

use super::exactness::is_monotone;
use super::model::Model;
use super::posed::response_score;
use super::problem::Chosen;
use super::{Aim, Terms, short};
use crate::engine::explain::Standing;
use crate::engine::score::{Changes, Outcome};
use crate::framework::Framework;
use crate::id::{GroupIndex, Node, ParameterIndex, ServiceIndex};
use crate::number::Score;

/// A gain below this is none.
const LEAST_GAIN: f64 = 1e-12;
/// What progress counts that does not yet show in the index: a geometric mean with two zeros stays at zero
/// when one of them is mended.
const HIDDEN_PROGRESS: f64 = 1e-6;

/// A choice, and whether it proves what cannot be reached: no service can have a higher index than under it.
pub fn choose(model: &Model<'_>) -> (Chosen, bool) {
    let framework = model.scorer().framework();
    let parameters = (0..framework.parameters.len()).map(ParameterIndex::new);
    let shares: Vec<f64> =
        parameters.map(|at| framework.nominal_share(Node::Parameter(at)).to_f64()).collect();
    let terms = model.terms();
    let mut choice = Choice::new(model, terms, &shares);
    let mut moves: Vec<(f64, Move)> = choice.moves().into_iter().map(|one| (f64::INFINITY, one)).collect();
    while !choice.is_done() && Instant::now() < terms.deadline {
        let Some(best) = choice.best_of(&mut moves) else { break };
        choice.make(&moves[best].1);
    }
    let is_free = terms.most_actions.is_none() && !matches!(terms.aim, Aim::Budget(_));
    if is_free && !choice.is_done() && Instant::now() >= terms.deadline {
        choice.take_everything();
    }
    choice.leave_out();
    (choice.chosen(), choice.is_highest())
}

/// Something that can be done at once: ways of gaps with what they require, or a solution.
struct Move {
    ways: Vec<(usize, usize)>,
    solution: Option<usize>,
}

struct Choice<'a> {
    model: &'a Model<'a>,
    terms: &'a Terms<'a>,
    /// For each gap 0, or the number of its way from 1.
    options: Vec<usize>,
    solutions: Vec<bool>,
    /// How far each service is.
    progress: Vec<f64>,
    shares: &'a [f64],
}

impl<'a> Choice<'a> {
    fn new(model: &'a Model<'a>, terms: &'a Terms<'a>, shares: &'a [f64]) -> Self {
        let mut choice = Self {
            model,
            terms,
            options: vec![0; model.gaps.len()],
            solutions: vec![false; model.solutions.len()],
            progress: Vec::new(),
            shares,
        };
        choice.progress = (0..model.standings.len()).map(|site| choice.progress_of(site)).collect();
        choice
    }

    fn framework(&self) -> &Framework {
        self.model.scorer().framework()
    }

    /// Each way with what it requires and has not, and each solution.
    fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        for (gap, of_gap) in self.model.gaps.iter().enumerate() {
            for (way, _) in of_gap.ways.iter().enumerate().filter(|(_, way)| !way.by_solution) {
                let mut ways = vec![(gap, way + 1)];
                if self.add_required(gap, &mut ways) {
                    moves.push(Move { ways, solution: None });
                }
            }
        }
        moves.extend((0..self.solutions.len()).map(|at| Move { ways: Vec::new(), solution: Some(at) }));
        moves
    }

    /// Adds the cheapest ways by which what a gap requires is met; false where there is none.
    fn add_required(&self, gap: usize, ways: &mut Vec<(usize, usize)>) -> bool {
        let of_gap = &self.model.gaps[gap];
        for site in &of_gap.sites {
            for requirement in &self.framework().parameter(of_gap.parameter).requires {
                let Some((unit, cell)) = self.model.place(*site, requirement.parameter) else {
                    continue;
                };
                let will_do = self.model.will_do(unit, cell, requirement);
                if !will_do[0] && !ways.iter().any(|(known, _)| *known == unit) {
                    let paid = self.model.gaps[unit].ways.iter().enumerate();
                    let paid = paid.filter(|(at, way)| !way.by_solution && will_do[at + 1]);
                    let Some((cheapest, _)) = paid.min_by_key(|(_, way)| way.effort) else { return false };
                    ways.push((unit, cheapest + 1));
                }
                if !self.add_required(unit, ways) {
                    return false;
                }
            }
        }
        true
    }

    /// The move with the best rate. A rate is worked out again only when no other known one is higher: rates
    /// seldom rise by what was done before.
    fn best_of(&self, moves: &mut [(f64, Move)]) -> Option<usize> {
        let mut is_new = vec![false; moves.len()];
        loop {
            let highest = (0..moves.len()).rev().max_by(|a, b| moves[*a].0.total_cmp(&moves[*b].0))?;
            if is_new[highest] {
                return (moves[highest].0 > 0.0).then_some(highest);
            }
            moves[highest].0 = self.rate(&moves[highest].1).unwrap_or(0.0);
            is_new[highest] = true;
        }
    }

    /// Gain for each person-day of a move; none where it does nothing or may not be made.
    fn rate(&self, one: &Move) -> Option<f64> {
        let mut after = self.with(one);
        let (cost, before) = (after.cost(), self.cost());
        let affordable = match self.terms.aim {
            Aim::Budget(most) => cost <= self.model.cost(most),
            Aim::Each(_) | Aim::Mean(_) => true,
        };
        if !affordable || self.terms.most_actions.is_some_and(|most| after.actions() > most) {
            return None;
        }
        after.refresh(&self.touched(one));
        let gain = after.measure() - self.measure();
        (gain > LEAST_GAIN).then(|| gain / ((cost - before) as f64).max(LEAST_GAIN))
    }

    fn with(&self, one: &Move) -> Choice<'a> {
        let mut after = Choice {
            options: self.options.clone(),
            solutions: self.solutions.clone(),
            progress: self.progress.clone(),
            ..*self
        };
        for (gap, way) in &one.ways {
            let known = after.options[*gap];
            let is_closed = known > 0 && self.model.gaps[*gap].ways[known - 1].by_solution;
            if !is_closed && (known <= *way || one.ways[0].0 == *gap) {
                after.options[*gap] = *way;
            }
        }
        if let Some(solution) = one.solution {
            after.solutions[solution] = true;
            after.close_by_solutions();
        }
        after
    }

    fn make(&mut self, one: &Move) {
        let mut after = self.with(one);
        after.refresh(&self.touched(one));
        *self = after;
    }

    /// Whatever an introduced solution closes is closed by it.
    fn close_by_solutions(&mut self) {
        for (option, gap) in self.options.iter_mut().zip(&self.model.gaps) {
            let by_solution = gap.ways.iter().position(|way| way.by_solution);
            let is_closed = self.model.is_closed(gap.parameter, &self.solutions);
            if let Some(way) = by_solution.filter(|_| is_closed) {
                *option = way + 1;
            }
        }
    }

    fn touched(&self, one: &Move) -> Vec<usize> {
        match one.solution {
            Some(_) => (0..self.progress.len()).collect(),
            None => one.ways.iter().flat_map(|(gap, _)| self.model.gaps[*gap].sites.clone()).collect(),
        }
    }

    fn refresh(&mut self, sites: &[usize]) {
        for site in sites {
            self.progress[*site] = self.progress_of(*site);
        }
    }

    fn changes(&self, site: usize) -> Changes {
        let mut changes = Changes::new();
        for (gap, option) in self.model.gaps.iter().zip(&self.options).filter(|(_, option)| **option > 0) {
            if let Some(at) = gap.sites.iter().position(|known| *known == site)
                && let Some(response) = &gap.ways[option - 1].responses[at]
            {
                changes.insert(gap.parameter, response.clone());
            }
        }
        changes
    }

    fn outcomes(&self, site: usize) -> (ServiceIndex, Vec<Outcome>) {
        let service = self.model.standings[site].service();
        (service, self.model.scorer().outcomes_with(service, &self.changes(site)))
    }

    fn progress_of(&self, site: usize) -> f64 {
        let (_, outcomes) = self.outcomes(site);
        let score = |outcome: &Outcome| f64::from(outcome.score.unwrap_or(Score::ZERO).units()) / 1e9;
        let hidden: f64 =
            outcomes.iter().zip(self.shares).map(|(outcome, share)| score(outcome) * share).sum();
        // A service that is held out for what it leaves unanswered is below any index until all of it is answered.
        let unanswered = self.model.scorer().rejecting(&outcomes).count() as f64;
        let held_out = unanswered.min(1.0) + HIDDEN_PROGRESS * unanswered;
        self.model.scorer().values(outcomes).near(GroupIndex::ROOT) + HIDDEN_PROGRESS * hidden - held_out
    }

    /// How far all services are towards what is aimed at.
    fn measure(&self) -> f64 {
        let target = match self.terms.aim {
            Aim::Each(target) => rust_decimal::prelude::ToPrimitive::to_f64(&target).unwrap_or(100.0) / 100.0,
            Aim::Mean(_) | Aim::Budget(_) => f64::INFINITY,
        };
        let weights = self.model.weights();
        self.progress
            .iter()
            .zip(weights)
            .map(|(progress, weight)| progress.min(target) * weight.to_f64())
            .sum()
    }

    fn cost(&self) -> i128 {
        let ways = self.model.gaps.iter().zip(&self.options).filter(|(_, option)| **option > 0);
        let paid = ways.map(|(gap, option)| self.model.cost(gap.ways[option - 1].effort));
        paid.sum::<i128>() + self.model.cost_of(&self.solutions)
    }

    fn actions(&self) -> usize {
        let ways = self.model.gaps.iter().zip(&self.options).filter(|(_, option)| **option > 0);
        let paid = ways.filter(|(gap, option)| !gap.ways[**option - 1].by_solution);
        paid.count() + self.solutions.iter().filter(|introduced| **introduced).count()
    }

    /// The services that are still below the index.
    fn short(&self) -> Vec<ServiceIndex> {
        let sites = self.model.standings.iter().enumerate();
        let changes = sites.map(|(site, standing)| (standing.service(), self.changes(site))).collect();
        short(&changes, self.model)
    }

    fn is_done(&self) -> bool {
        match self.terms.aim {
            Aim::Budget(_) => false,
            Aim::Each(_) | Aim::Mean(_) => self.short().is_empty(),
        }
    }

    /// Whether no service that is still below the index can have a higher one: each has what it would have with
    /// every gap closed as far as can be.
    fn is_highest(&self) -> bool {
        let short = self.short();
        let is_highest = |(site, standing): (usize, &Standing<'_>)| {
            let index = |outcomes| self.model.scorer().values(outcomes).index();
            !short.contains(&standing.service())
                || index(self.outcomes(site).1) == index(self.highest_outcomes(site))
        };
        is_monotone(self.model) && self.model.standings.iter().enumerate().all(is_highest)
    }

    /// The outcomes of a service with every gap closed as far as can be, whatever is required.
    fn highest_outcomes(&self, site: usize) -> Vec<Outcome> {
        let standing = &self.model.standings[site];
        let mut outcomes = standing.outcomes().to_vec();
        for gap in &self.model.gaps {
            let Some(at) = gap.sites.iter().position(|known| *known == site) else { continue };
            let scale = self.framework().scale(gap.parameter);
            let ways = gap.ways.iter().filter_map(|way| way.responses[at].as_ref());
            let scores = ways.map(|response| response_score(scale, response, standing, gap.parameter));
            outcomes[gap.parameter.get()].score = scores.chain(standing.own(gap.parameter).score).max();
        }
        outcomes
    }

    /// Closes every gap as far as can be, and introduces every solution: that is what there is time for.
    fn take_everything(&mut self) {
        self.solutions.fill(true);
        for (option, gap) in self.options.iter_mut().zip(&self.model.gaps) {
            let scale = self.model.scorer().framework().scale(gap.parameter);
            let worth = |at: &usize| {
                let response = gap.ways[*at].responses.iter().flatten().next();
                response.and_then(|response| scale.score(response.first()?))
            };
            *option = (0..gap.ways.len()).max_by_key(worth).map_or(0, |at| at + 1);
        }
        self.close_by_solutions();
        self.refresh(&(0..self.progress.len()).collect::<Vec<_>>());
    }

    /// Leaves out again, the dearest first, what is not needed to reach what was reached.
    fn leave_out(&mut self) {
        if matches!(self.terms.aim, Aim::Budget(_)) || !self.is_done() {
            return;
        }
        for solution in 0..self.solutions.len() {
            if self.solutions[solution] {
                let mut without = self.with(&Move { ways: Vec::new(), solution: None });
                without.solutions[solution] = false;
                for (option, gap) in without.options.iter_mut().zip(&self.model.gaps) {
                    let by_solution = *option > 0 && gap.ways[*option - 1].by_solution;
                    if by_solution && !self.model.is_closed(gap.parameter, &without.solutions) {
                        *option = 0;
                    }
                }
                self.keep_if_done(without);
            }
        }
        let mut dearest: Vec<usize> = (0..self.options.len()).filter(|gap| self.options[*gap] > 0).collect();
        dearest
            .sort_by_key(|gap| std::cmp::Reverse(self.model.gaps[*gap].ways[self.options[*gap] - 1].effort));
        for gap in dearest {
            if !self.model.gaps[gap].ways[self.options[gap] - 1].by_solution {
                let mut without = self.with(&Move { ways: Vec::new(), solution: None });
                without.options[gap] = 0;
                self.keep_if_done(without);
            }
        }
    }

    fn keep_if_done(&mut self, other: Choice<'a>) {
        if Instant::now() < self.terms.deadline && other.is_done() {
            *self = other;
        }
    }

    fn chosen(&self) -> Chosen {
        Chosen {
            solutions: self.solutions.clone(),
            options: self.options.clone(),
            cost: self.cost(),
            gain: 0,
        }
    }
}
