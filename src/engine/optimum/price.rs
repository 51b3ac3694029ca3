//! What gain and actions are worth in a branch: the prices under which its bound is best.

use super::problem::{Goal, Unit};
use super::relaxation::{Open, Prices, Relaxed, relax};
use super::search::Search;

/// Steps to price the goal at first, and again in a branch.
const STEPS: (usize, usize) = (48, 8);

impl Search<'_> {
    /// Prices that make the bound good: each row's is raised while its gain falls short, and halved between
    /// where it did and where it did not. Gives the best bound of all that were tried.
    pub fn price(&self, open: &Open, start: Option<&Prices>) -> (Prices, Relaxed, f64) {
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
        let mut best = self.priced(open, prices.clone());
        let mut last = best.1.clone();
        for _ in 1..steps {
            let is_short: Vec<bool> = (0..rows).map(|row| self.falls_short(&last, row)).collect();
            let too_many = self.problem.most_actions.is_some_and(|most| last.actions > most as f64);
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
            let tried = self.priced(open, prices.clone());
            last.clone_from(&tried.1);
            if tried.2 > best.2 {
                best = tried;
            }
        }
        best
    }

    /// Some prices with the relaxed choice under them, and its bound.
    fn priced(&self, open: &Open, prices: Prices) -> (Prices, Relaxed, f64) {
        let relaxed = relax(self.problem, self.components, open, &prices);
        let bound = relaxed.bound(self.problem, &prices);
        (prices, relaxed, bound)
    }

    fn falls_short(&self, relaxed: &Relaxed, row: usize) -> bool {
        match &self.problem.goal {
            Goal::Reach(least) => relaxed.gains[row] < least[row] as f64,
            Goal::Spend(most) => relaxed.cost <= *most as f64,
        }
    }

    /// What gain costs on the whole.
    fn first_prices(&self) -> Prices {
        let cost = self.problem.units.iter().map(Unit::dearest).sum::<i128>() as f64;
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
}

fn between(below: f64, above: f64, price: f64) -> f64 {
    if above.is_finite() { f64::midpoint(below, above) } else { price * 2.0 }
}
