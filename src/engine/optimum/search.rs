//! Branch and bound over which solutions are introduced, and over what an entity does for several services
//! that each have a goal of their own. The open branch with the best bound is looked at first, so that at any
//! time what is proven is the bound of that branch.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Instant;

use super::problem::{Chosen, Goal, Problem};
use super::relaxation::{Component, EITHER, INTRODUCED, Open, Prices, Relaxed, components, relax};
use super::start::first_choice;

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Solved {
    /// The best choice that was found; none where no choice does what is wanted.
    pub best: Option<Chosen>,
    /// What no choice is better than: a cost, or with [`Goal::Spend`] a gain.
    pub bound: f64,
    /// Whether every choice was weighed or ruled out.
    pub is_complete: bool,
}

/// Partial choices that a quick look at a branch keeps.
const QUICK_WIDTH: usize = 400;

/// The components of a problem with nothing decided; none where units need each other in too many ways.
pub fn all_components(problem: &Problem) -> Option<Vec<Component>> {
    components(problem, &Open::all(problem).allowed(problem))
}

/// Finds the best choice, or the best until the deadline.
pub fn solve(problem: &Problem, components: &[Component], deadline: Instant) -> Solved {
    let all = Open::all(problem);
    if let Goal::Spend(most) = problem.goal {
        // Where everything can be had, the least cost of having it is what remains to be asked.
        let least: i128 = components.iter().map(greatest_gain).sum();
        let problem = Problem { goal: Goal::Reach(vec![least]), ..problem.clone() };
        let search = Search::new(&problem, components, deadline);
        let (_, _, bound) = search.price(&all, None);
        if bound <= most as f64 {
            let solved = search.run(all.clone());
            if solved.is_complete && solved.best.as_ref().is_some_and(|best| best.cost <= most) {
                let bound = least as f64;
                return Solved { bound, ..solved };
            }
        }
    }
    let solved = Search::new(problem, components, deadline).run(all);
    let bound = match problem.goal {
        Goal::Reach(_) => solved.bound,
        Goal::Spend(_) => -solved.bound,
    };
    Solved { bound, ..solved }
}

/// The greatest gain that each row can have.
pub fn greatest_gains(problem: &Problem, components: &[Component]) -> Vec<i128> {
    let mut gains = vec![0; problem.rows()];
    for component in components {
        for (row, gain) in gains.iter_mut().enumerate() {
            *gain += greatest_gain_in(component, |at| at == row);
        }
    }
    gains
}

fn greatest_gain(component: &Component) -> i128 {
    greatest_gain_in(component, |_| true)
}

fn greatest_gain_in(component: &Component, counts: impl Fn(usize) -> bool) -> i128 {
    let gain = |gains: &[(usize, i128)]| -> i128 {
        gains.iter().filter(|(row, _)| counts(*row)).map(|(_, gain)| *gain).sum()
    };
    let of_case = |case: &super::relaxation::Case| -> i128 {
        let leaves =
            case.leaves.iter().map(|leaf| leaf.iter().map(|pick| gain(&pick.gains)).max().unwrap_or(0));
        case.picks.iter().map(|pick| gain(&pick.gains)).sum::<i128>() + leaves.sum::<i128>()
    };
    component.cases.iter().map(of_case).max().unwrap_or(0)
}

/// A branch that is still to be looked at.
struct Branch {
    bound: f64,
    /// Of equal bounds the first made comes first.
    number: usize,
    open: Open,
    prices: Prices,
}

impl Ord for Branch {
    fn cmp(&self, other: &Self) -> Ordering {
        other.bound.total_cmp(&self.bound).then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Branch {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Branch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Branch {}

/// What may be decided: a solution, or the option of a unit that several rows share.
#[derive(Clone, Copy)]
enum Decision {
    Solution(usize),
    Unit(usize),
}

pub struct Search<'a> {
    /// What is searched.
    pub problem: &'a Problem,
    /// Its components.
    pub components: &'a [Component],
    decisions: Vec<Decision>,
    /// When to stop.
    pub deadline: Instant,
    /// The best choice so far.
    pub best: Option<Chosen>,
    /// What was completed, and whether for certain.
    pub tried: BTreeMap<Open, bool>,
    /// The best bound of what had to be left unsolved.
    unsolved: f64,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem, components: &'a [Component], deadline: Instant) -> Self {
        let solutions = (0..problem.solutions.len()).map(Decision::Solution);
        let is_shared = |unit: &usize| {
            let mut rows = problem.units[*unit].cells.iter().map(|cell| cell.row);
            let first = rows.next();
            problem.units[*unit].options.len() > 1 && rows.any(|row| Some(row) != first)
        };
        let shared = (0..problem.units.len()).filter(is_shared).map(Decision::Unit);
        let decisions = solutions.chain(shared).collect();
        let (best, tried, unsolved) = (None, BTreeMap::new(), f64::INFINITY);
        Self { problem, components, decisions, deadline, best, tried, unsolved }
    }

    fn run(mut self, all: Open) -> Solved {
        if matches!(self.problem.goal, Goal::Spend(_)) {
            let nothing = self.problem.weigh(vec![false; all.solutions.len()], vec![0; all.units.len()]);
            self.best = Some(nothing);
        } else {
            self.best = first_choice(self.problem, self.components);
        }
        let mut branches = BinaryHeap::new();
        let (prices, _, bound) = self.price(&all, None);
        let mut number = 0;
        branches.push(Branch { bound, number, open: all, prices });
        while let Some(branch) = branches.pop() {
            if branch.bound > self.limit() {
                break;
            }
            if Instant::now() > self.deadline {
                self.unsolved = self.unsolved.min(branch.bound);
                break;
            }
            for (open, bound, prices) in self.look_at(branch) {
                number += 1;
                branches.push(Branch { bound, number, open, prices });
            }
        }
        let is_complete = self.unsolved > self.limit() || self.unsolved == f64::INFINITY;
        let bound = self.unsolved.min(self.limit());
        Solved { best: self.best, bound, is_complete }
    }

    /// Above this bound nothing is as good as what was found.
    pub fn limit(&self) -> f64 {
        match (&self.best, &self.problem.goal) {
            (None, _) => f64::INFINITY,
            (Some(best), Goal::Reach(_)) => best.cost as f64,
            (Some(best), Goal::Spend(_)) => -(best.gain as f64),
        }
    }

    /// Solves a branch, or splits it in two or more.
    fn look_at(&mut self, branch: Branch) -> Vec<(Open, f64, Prices)> {
        let (prices, relaxed, bound) = self.price(&branch.open, Some(&branch.prices));
        let bound = bound.max(branch.bound);
        if bound > self.limit() {
            return Vec::new();
        }
        let settled = self.settled(&branch.open, &relaxed);
        self.complete(&settled, &prices, Some(QUICK_WIDTH));
        if self.best.is_none() {
            self.complete(&self.introducing_all(&branch.open), &prices, Some(QUICK_WIDTH));
        }
        let mut open = branch.open;
        let Some(split) = self.probe(&mut open, &prices) else { return Vec::new() };
        match split {
            Split::Settled => {
                if !self.complete(&open, &prices, None) {
                    self.unsolved = self.unsolved.min(bound);
                }
                Vec::new()
            }
            Split::Into(branches) => {
                let within = |(open, at): (Open, f64)| (open, at.max(bound), prices.clone());
                branches.into_iter().map(within).collect()
            }
        }
    }

    /// The branch with everything decided as the relaxed choice suggests; of solutions, those that it pays most
    /// of come first, as far as a budget goes.
    fn settled(&self, open: &Open, relaxed: &Relaxed) -> Open {
        let mut settled = open.clone();
        let mut undecided: Vec<usize> =
            (0..open.solutions.len()).filter(|at| open.solutions[*at] == EITHER).collect();
        undecided.sort_by(|a, b| relaxed.paid[*b].total_cmp(&relaxed.paid[*a]));
        let introduced =
            self.problem.solutions.iter().zip(&open.solutions).filter(|(_, state)| **state == INTRODUCED);
        let mut cost: i128 = introduced.map(|(cost, _)| cost).sum();
        for at in undecided {
            cost += self.problem.solutions[at];
            let is_affordable = match self.problem.goal {
                Goal::Reach(_) => true,
                Goal::Spend(most) => cost <= most,
            };
            if relaxed.paid[at] > 0.5 && is_affordable {
                settled.solutions[at] = INTRODUCED;
            } else {
                settled.solutions[at] = 1;
                cost -= self.problem.solutions[at];
            }
        }
        for decision in &self.decisions {
            if let Decision::Unit(unit) = decision {
                let allowed = settled.allowed(self.problem)[*unit];
                let wish = 1 << relaxed.options[*unit];
                settled.units[*unit] = if allowed & wish != 0 { wish } else { lowest(allowed) };
            }
        }
        settled
    }

    /// The branch with every solution introduced that still may be: what can be reached is reached so.
    fn introducing_all(&self, open: &Open) -> Open {
        let mut all = open.clone();
        for state in all.solutions.iter_mut().filter(|state| **state == EITHER) {
            *state = INTRODUCED;
        }
        let allowed = all.allowed(self.problem);
        for decision in &self.decisions {
            if let Decision::Unit(unit) = decision {
                all.units[*unit] = lowest(allowed[*unit]);
            }
        }
        all
    }

    /// Tries each value of each decision: those that the bound rules out are gone. What is left is settled, or
    /// split where both sides suffer most; none when nothing is left.
    fn probe(&mut self, open: &mut Open, prices: &Prices) -> Option<Split> {
        let mut widest: Option<(f64, Vec<(Open, f64)>)> = None;
        for decision in self.decisions.clone() {
            if Instant::now() > self.deadline {
                break;
            }
            let values = values(self.problem, open, decision);
            if values.len() < 2 {
                continue;
            }
            let mut left = Vec::new();
            for value in values {
                let mut tried = open.clone();
                set(&mut tried, decision, value);
                let bound = relax(self.problem, self.components, &tried, prices).bound(self.problem, prices);
                if bound <= self.limit() {
                    left.push((tried, bound));
                }
            }
            match left.as_slice() {
                [] => return None,
                [(only, _)] => *open = only.clone(),
                several => {
                    let least = several.iter().map(|(_, bound)| *bound).fold(f64::INFINITY, f64::min);
                    if widest.as_ref().is_none_or(|(widest, _)| least > *widest) {
                        widest = Some((least, left));
                    }
                }
            }
        }
        let Some((_, branches)) = widest else { return Some(Split::Settled) };
        // What was ruled out after a decision was tried is gone from its branches too.
        let narrowed = branches.into_iter().map(|(mut branch, bound)| {
            let narrow = |(own, common): (&mut u64, &u64)| *own &= common;
            branch.solutions.iter_mut().zip(&open.solutions).for_each(narrow);
            branch.units.iter_mut().zip(&open.units).for_each(narrow);
            (branch, bound)
        });
        Some(Split::Into(narrowed.collect()))
    }
}

enum Split {
    Settled,
    Into(Vec<(Open, f64)>),
}

fn lowest(bits: u64) -> u64 {
    bits & bits.wrapping_neg()
}

fn values(problem: &Problem, open: &Open, decision: Decision) -> Vec<u64> {
    let bits = match decision {
        Decision::Solution(at) => open.solutions[at],
        Decision::Unit(unit) => open.allowed(problem)[unit],
    };
    (0..64).map(|at| 1 << at).filter(|bit| bits & bit != 0).collect()
}

fn set(open: &mut Open, decision: Decision, value: u64) {
    match decision {
        Decision::Solution(at) => open.solutions[at] = value,
        Decision::Unit(unit) => open.units[unit] = value,
    }
}
