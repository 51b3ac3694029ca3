//! Branch and bound over which solutions are introduced, and over what an entity does for several services
//! that each have a goal of their own. The open branch with the best bound is looked at first, so that at any
//! time what is proven is the bound of that branch.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Instant;

use super::problem::{Chosen, Goal, Problem};
use super::relaxation::{Component, EITHER, INTRODUCED, Open, Prices, Relaxed, components, relax};
use super::start::first_choice;
use super::table::{Best, Wanted, fill};

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

/// Steps to price the goal at first, and again in a branch.
const STEPS: (usize, usize) = (48, 8);
/// Partial choices that a quick look at a branch keeps.
const QUICK_WIDTH: usize = 400;
/// By how much gain is priced up when a quick look finds nothing.
const NUDGES: [f64; 4] = [1.03, 1.2, 2.0, 8.0];

/// Finds the best choice, or the best until the deadline; none where units need each other in too many ways.
pub fn solve(problem: &Problem, deadline: Instant) -> Option<Solved> {
    let all = Open::all(problem);
    let components = components(problem, &all.allowed(problem))?;
    if let Goal::Spend(most) = problem.goal {
        // Where everything can be had, the least cost of having it is what remains to be asked.
        let least: i128 = components.iter().map(greatest_gain).sum();
        let problem = Problem { goal: Goal::Reach(vec![least]), ..problem.clone() };
        let search = Search::new(&problem, &components, deadline);
        let (_, _, bound) = search.price(&all, None);
        if bound <= most as f64 {
            let solved = search.run(all.clone());
            if solved.is_complete && solved.best.as_ref().is_some_and(|best| best.cost <= most) {
                let bound = least as f64;
                return Some(Solved { bound, ..solved });
            }
        }
    }
    let solved = Search::new(problem, &components, deadline).run(all);
    let bound = match problem.goal {
        Goal::Reach(_) => solved.bound,
        Goal::Spend(_) => -solved.bound,
    };
    Some(Solved { bound, ..solved })
}

/// The greatest gain that each row can have.
pub fn greatest_gains(problem: &Problem) -> Option<Vec<i128>> {
    let components = components(problem, &Open::all(problem).allowed(problem))?;
    let mut gains = vec![0; problem.rows()];
    for component in &components {
        for (row, gain) in gains.iter_mut().enumerate() {
            *gain += greatest_gain_in(component, |at| at == row);
        }
    }
    Some(gains)
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

struct Search<'a> {
    problem: &'a Problem,
    components: &'a [Component],
    decisions: Vec<Decision>,
    deadline: Instant,
    best: Option<Chosen>,
    /// What was completed, and whether for certain.
    tried: BTreeMap<Open, bool>,
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
    fn limit(&self) -> f64 {
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

    /// Prices that make the bound good: each row's is raised while its gain falls short, and halved between
    /// where it did and where it did not. Gives the best bound of all that were tried.
    fn price(&self, open: &Open, start: Option<&Prices>) -> (Prices, Relaxed, f64) {
        let rows = self.problem.rows();
        let (mut prices, steps) = match start {
            Some(prices) => (prices.clone(), STEPS.1),
            None => (self.first_prices(), STEPS.0),
        };
        let mut below: Vec<f64> =
            prices.gains.iter().map(|price| if start.is_some() { price / 2.0 } else { 0.0 }).collect();
        let mut above: Vec<f64> = prices
            .gains
            .iter()
            .map(|price| if start.is_some() { price * 2.0 } else { f64::INFINITY })
            .collect();
        let mut actions = (0.0, f64::INFINITY);
        let mut best: Option<(Prices, Relaxed, f64)> = None;
        for _ in 0..steps {
            let relaxed = relax(self.problem, self.components, open, &prices);
            let bound = relaxed.bound(self.problem, &prices);
            let is_short: Vec<bool> = (0..rows).map(|row| self.falls_short(&relaxed, row)).collect();
            let too_many = self.problem.most_actions.is_some_and(|most| relaxed.actions > most as f64);
            if best.as_ref().is_none_or(|(_, _, known)| bound > *known) {
                best = Some((prices.clone(), relaxed, bound));
            }
            for row in 0..rows {
                let price = prices.gains[row];
                if is_short[row] {
                    below[row] = price
                } else {
                    above[row] = price
                }
                prices.gains[row] = between(below[row], above[row], price);
            }
            if self.problem.most_actions.is_some() {
                let price = prices.action;
                if too_many {
                    actions.0 = price
                } else {
                    actions.1 = price
                }
                // A price that moves with the others: what was found out before holds no longer for good.
                prices.action = between(actions.0, actions.1, price);
                actions = (actions.0 / 1.2, actions.1 * 1.2);
            }
        }
        best.unwrap_or_else(|| {
            let relaxed = relax(self.problem, self.components, open, &prices);
            let bound = relaxed.bound(self.problem, &prices);
            (prices, relaxed, bound)
        })
    }

    fn falls_short(&self, relaxed: &Relaxed, row: usize) -> bool {
        match &self.problem.goal {
            Goal::Reach(least) => relaxed.gains[row] < least[row] as f64,
            Goal::Spend(most) => relaxed.cost <= *most as f64,
        }
    }

    /// What gain costs on the whole.
    fn first_prices(&self) -> Prices {
        let dearest =
            |unit: &super::problem::Unit| unit.options.iter().map(|option| option.cost).max().unwrap_or(0);
        let cost = self.problem.units.iter().map(dearest).sum::<i128>() as f64;
        let mut gains = vec![0.0; self.problem.rows()];
        for cell in self.problem.units.iter().flat_map(|unit| &unit.cells) {
            gains[cell.row] += cell.gains[0].met.iter().copied().max().unwrap_or(0) as f64;
        }
        let rows = gains.len() as f64;
        let price = |gain: &f64| if *gain > 0.0 { (cost / rows + 1.0) / gain } else { 1.0 };
        let action = match self.problem.most_actions {
            Some(_) => cost / (self.problem.units.len() as f64 + 1.0) / 10.0,
            None => 0.0,
        };
        Prices { gains: gains.iter().map(price).collect(), action }
    }

    /// The best choice where every decision is made; whether it is known for certain.
    fn complete(&mut self, open: &Open, prices: &Prices, width: Option<usize>) -> bool {
        match self.tried.get(open) {
            Some(is_certain) if *is_certain || width.is_some() => return *is_certain,
            Some(_) | None => {}
        }
        let is_certain = self.complete_anew(open, prices, width);
        self.tried.insert(open.clone(), is_certain);
        is_certain
    }

    fn complete_anew(&mut self, open: &Open, prices: &Prices, width: Option<usize>) -> bool {
        let (prices, relaxed, bound) = self.price(open, Some(prices));
        if bound > self.limit() {
            return true;
        }
        let allowed = open.allowed(self.problem);
        if allowed.contains(&0) {
            return true;
        }
        let rebuilt;
        let components = match self.problem.rows() {
            1 => self.components,
            _ => match components(self.problem, &allowed) {
                Some(built) => {
                    rebuilt = built;
                    &rebuilt
                }
                None => return false,
            },
        };
        let is_certain = self.fill_rows(open, &allowed, components, &prices, &relaxed, width);
        // A narrow look may miss every choice that reaches the goal: gain is made dearer until one does.
        for nudge in NUDGES.iter().filter(|_| width.is_some() && !is_certain) {
            if self.best.is_some() {
                break;
            }
            let gains = prices.gains.iter().map(|price| price * nudge).collect();
            let prices = Prices { gains, ..prices.clone() };
            self.fill_rows(open, &allowed, components, &prices, &relaxed, width);
        }
        is_certain
    }

    /// Fills the table of each row, joins them, and keeps what is better than the best so far.
    fn fill_rows(
        &mut self,
        open: &Open,
        allowed: &[u64],
        components: &[Component],
        prices: &Prices,
        relaxed: &Relaxed,
        width: Option<usize>,
    ) -> bool {
        let base = self.base(open, allowed);
        let most_actions = match self.problem.most_actions {
            Some(most) if base.actions > most => return true,
            most => most.map(|most| most - base.actions),
        };
        let mut wanted = Wanted {
            least_gain: None,
            most_cost: match self.problem.goal {
                Goal::Reach(_) => None,
                Goal::Spend(most) => Some(most - base.cost),
            },
            most_actions,
            limit: f64::INFINITY,
            prices,
            row: 0,
            allowed,
            width,
            deadline: self.deadline,
        };
        let by_row: Vec<Vec<Component>> = match self.problem.rows() {
            1 => Vec::new(),
            rows => (0..rows).map(|row| of_row(components, row)).collect(),
        };
        let of = |row: usize| if by_row.is_empty() { components } else { by_row[row].as_slice() };
        let least: Vec<f64> = (0..self.problem.rows()).map(|row| wanted.least_of_all(of(row))).collect();
        let limit = self.value_limit(prices, relaxed, &base);
        let mut joined = vec![base];
        let mut is_complete = true;
        for row in 0..self.problem.rows() {
            wanted.row = row;
            if let Goal::Reach(goals) = &self.problem.goal {
                wanted.least_gain = Some(goals[row]);
            }
            let others: f64 = (0..least.len()).filter(|at| *at != row).map(|at| least[at]).sum();
            wanted.limit = limit - others;
            let filled = fill(of(row), &wanted);
            is_complete &= filled.is_complete;
            joined = join(joined, filled.best, self.problem);
            if joined.is_empty() {
                return is_complete;
            }
        }
        for best in joined {
            self.offer(open, allowed, best);
        }
        is_complete
    }

    /// The solutions that are introduced, and the units that are settled.
    fn base(&self, open: &Open, allowed: &[u64]) -> Best {
        let mut base = Best { cost: 0, gain: 0, actions: 0, picks: Vec::new() };
        for (cost, _) in
            self.problem.solutions.iter().zip(&open.solutions).filter(|(_, state)| **state == INTRODUCED)
        {
            base.cost += cost;
            base.actions += 1;
        }
        if self.problem.rows() > 1 {
            let settled =
                self.problem.units.iter().zip(allowed).filter(|(_, allowed)| allowed.count_ones() == 1);
            for (unit, allowed) in settled {
                let option = unit.options[allowed.trailing_zeros() as usize];
                base.cost += option.cost;
                base.actions += usize::from(option.is_action);
            }
        }
        base
    }

    /// The greatest priced value of the options that can still be as good as the best choice so far.
    fn value_limit(&self, prices: &Prices, relaxed: &Relaxed, base: &Best) -> f64 {
        let Some(best) = &self.best else { return f64::INFINITY };
        let actions = self.problem.most_actions.map_or(0.0, |most| most as f64) - base.actions as f64;
        let limit = match &self.problem.goal {
            Goal::Reach(least) => {
                let priced = prices.gains.iter().zip(least).map(|(price, least)| price * *least as f64);
                best.cost as f64 - priced.sum::<f64>()
            }
            Goal::Spend(most) => *most as f64 - prices.gains[0] * best.gain as f64,
        };
        let size: f64 =
            prices.gains.iter().zip(&relaxed.gains).map(|(price, gain)| (price * gain).abs()).sum();
        let allowance = 1e-10 * (1.0 + size + relaxed.cost + limit.abs() + best.cost as f64);
        limit - base.cost as f64 + prices.action * actions + allowance
    }

    fn offer(&mut self, open: &Open, allowed: &[u64], best: Best) {
        let mut options: Vec<usize> =
            allowed.iter().map(|allowed| allowed.trailing_zeros() as usize).collect();
        best.picks.iter().for_each(|(unit, option)| options[*unit] = *option);
        let solutions = open.solutions.iter().map(|state| *state == INTRODUCED).collect();
        let chosen = self.problem.weigh(solutions, options);
        if self.best.as_ref().is_none_or(|known| self.problem.prefers(&chosen, known)) {
            self.best = Some(chosen);
        }
    }
}

enum Split {
    Settled,
    Into(Vec<(Open, f64)>),
}

/// Best choices of several rows, joined: for each number of actions the best sum.
fn join(joined: Vec<Best>, row: Vec<Best>, problem: &Problem) -> Vec<Best> {
    let mut sums: Vec<Best> = Vec::new();
    for one in &joined {
        for other in &row {
            let actions = one.actions + other.actions;
            if problem.most_actions.is_some_and(|most| actions > most) {
                continue;
            }
            let picks = [one.picks.as_slice(), &other.picks].concat();
            sums.push(Best { cost: one.cost + other.cost, gain: one.gain + other.gain, actions, picks });
        }
    }
    sums.sort_by_key(|best| match problem.goal {
        Goal::Reach(_) => (best.actions, best.cost, -best.gain),
        Goal::Spend(_) => (best.actions, -best.gain, best.cost),
    });
    sums.dedup_by_key(|best| best.actions);
    sums
}

/// The components that one row gains by.
fn of_row(components: &[Component], row: usize) -> Vec<Component> {
    let is_of = |component: &&Component| {
        let picks =
            component.cases.iter().flat_map(|case| case.picks.iter().chain(case.leaves.iter().flatten()));
        picks.flat_map(|pick| &pick.gains).any(|(at, _)| *at == row)
    };
    components.iter().filter(is_of).cloned().collect()
}

fn between(below: f64, above: f64, price: f64) -> f64 {
    if above.is_finite() { f64::midpoint(below, above) } else { price * 2.0 }
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
