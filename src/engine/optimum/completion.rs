//! The best choice where every decision is made: a table for each row, joined.

use super::problem::{Goal, Problem};
use super::relaxation::{Component, INTRODUCED, Open, Prices, Relaxed, components};
use super::search::Search;
use super::table::{Best, Wanted, fill};

/// By how much gain is priced up when a quick look finds nothing.
const NUDGES: [f64; 4] = [1.03, 1.2, 2.0, 8.0];

impl Search<'_> {
    /// The best choice where every decision is made; whether it is known for certain.
    pub fn complete(&mut self, open: &Open, prices: &Prices, width: Option<usize>) -> bool {
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
