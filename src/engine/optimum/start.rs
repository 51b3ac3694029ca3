//! A first choice to search from: everything is done that brings anything, and then whatever is not needed is left
//! out again, the dearest first. So there is a plan however soon the time is over.

use super::problem::{Chosen, Goal, Problem};
use super::relaxation::{Case, Component, INTRODUCED, Open, Pick};

/// A choice that reaches the goal; none where that is not so simple, as under a number of actions.
pub fn first_choice(problem: &Problem, components: &[Component]) -> Option<Chosen> {
    let Goal::Reach(least) = &problem.goal else { return None };
    if problem.most_actions.is_some() {
        return None;
    }
    let mut open = Open::all(problem);
    open.solutions.fill(INTRODUCED);
    let allowed = open.allowed(problem);
    let mut options: Vec<usize> = allowed.iter().map(|bits| bits.trailing_zeros() as usize).collect();
    for component in components {
        let picks = component.cases.iter().filter_map(|case| greatest(case, &allowed));
        let (_, picks) = picks.max_by_key(|(gain, _)| *gain)?;
        picks.into_iter().for_each(|pick| options[pick.unit] = pick.option);
    }
    let solutions = vec![true; problem.solutions.len()];
    let mut trimming = Trimming::new(problem, least, solutions, options);
    if !trimming.reaches() {
        return None;
    }
    trimming.leave_out_solutions();
    trimming.leave_out_options();
    Some(problem.weigh(trimming.solutions, trimming.options))
}

/// The picks of a case that gain the most; none where an option of it is not left.
fn greatest<'c>(case: &'c Case, allowed: &[u64]) -> Option<(i128, Vec<&'c Pick>)> {
    let gain = |pick: &Pick| pick.gains.iter().map(|(_, gain)| gain).sum::<i128>();
    let is_left = |pick: &&Pick| allowed[pick.unit] >> pick.option & 1 == 1;
    let mut picks: Vec<&Pick> = case.picks.iter().filter(is_left).collect();
    if picks.len() < case.picks.len() {
        return None;
    }
    for leaf in &case.leaves {
        picks.push(leaf.iter().filter(is_left).max_by_key(|pick| gain(pick))?);
    }
    Some((picks.iter().map(|pick| gain(pick)).sum(), picks))
}

/// A choice that is made smaller as long as it reaches the goal.
struct Trimming<'p> {
    problem: &'p Problem,
    least: &'p [i128],
    solutions: Vec<bool>,
    options: Vec<usize>,
    gains: Vec<i128>,
    /// For each unit the cells, as unit and cell, whose gains its option decides.
    decided: Vec<Vec<(usize, usize)>>,
}

impl<'p> Trimming<'p> {
    fn new(problem: &'p Problem, least: &'p [i128], solutions: Vec<bool>, options: Vec<usize>) -> Self {
        let mut decided: Vec<Vec<(usize, usize)>> = vec![Vec::new(); problem.units.len()];
        for (unit, of_unit) in problem.units.iter().enumerate() {
            for cell in 0..of_unit.cells.len() {
                let mut deciding = problem.deciding(unit, cell);
                deciding.push(unit);
                deciding.sort_unstable();
                deciding.dedup();
                deciding.into_iter().for_each(|at| decided[at].push((unit, cell)));
            }
        }
        let gains = problem.gains(&options);
        Self { problem, least, solutions, options, gains, decided }
    }

    fn reaches(&self) -> bool {
        self.gains.iter().zip(self.least).all(|(gain, least)| gain >= least)
    }

    /// Adds (`sign` 1) or takes away (-1) what the cells gain that some units decide.
    fn count(&mut self, units: &[usize], sign: i128) {
        let mut cells: Vec<(usize, usize)> = units.iter().flat_map(|at| self.decided[*at].clone()).collect();
        cells.sort_unstable();
        cells.dedup();
        let taken = |unit: usize| self.options[unit];
        for (unit, cell) in cells {
            let gain = self.problem.gain(unit, cell, self.options[unit], &taken);
            self.gains[self.problem.units[unit].cells[cell].row] += sign * gain;
        }
    }

    /// Gives units other options, unless the goal is then missed.
    fn try_options(&mut self, changes: &[(usize, usize)]) -> bool {
        let units: Vec<usize> = changes.iter().map(|(unit, _)| *unit).collect();
        let (options, gains) = (self.options.clone(), self.gains.clone());
        self.count(&units, -1);
        changes.iter().for_each(|(unit, option)| self.options[*unit] = *option);
        self.count(&units, 1);
        let reaches = self.reaches();
        if !reaches {
            (self.options, self.gains) = (options, gains);
        }
        reaches
    }

    fn leave_out_solutions(&mut self) {
        let mut dearest: Vec<usize> = (0..self.solutions.len()).collect();
        dearest.sort_by_key(|at| -self.problem.solutions[*at]);
        for solution in dearest {
            let closes_alone = |unit: &usize| {
                let mut closing = self.problem.units[*unit].solutions.iter();
                closing.clone().any(|at| *at == solution)
                    && closing.all(|at| *at == solution || !self.solutions[*at])
            };
            let closed = (0..self.options.len()).filter(closes_alone).map(|unit| (unit, 0));
            if self.try_options(&closed.collect::<Vec<_>>()) {
                self.solutions[solution] = false;
            }
        }
    }

    fn leave_out_options(&mut self) {
        let cost =
            |trimming: &Self, unit: usize, option: usize| trimming.problem.units[unit].options[option].cost;
        let mut dearest: Vec<usize> = (0..self.options.len()).collect();
        dearest.sort_by_key(|unit| -cost(self, *unit, self.options[*unit]));
        for unit in dearest {
            let of_unit = &self.problem.units[unit];
            let now = self.options[unit];
            if of_unit.options[now].by_solution {
                continue;
            }
            let mut cheaper: Vec<usize> = (0..of_unit.options.len())
                .filter(|at| {
                    !of_unit.options[*at].by_solution && cost(self, unit, *at) < cost(self, unit, now)
                })
                .collect();
            cheaper.sort_by_key(|at| cost(self, unit, *at));
            cheaper.into_iter().any(|option| self.try_options(&[(unit, option)]));
        }
    }
}
