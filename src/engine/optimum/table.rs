//! With the solutions settled, the best choice of options: dynamic programming over components. Of the partial
//! choices only those are kept that no other equals or beats in cost, gain and actions together, and that the
//! bound on what is left does not rule out.

use std::cmp::Reverse;
use std::time::Instant;

use super::relaxation::{Case, Component, Pick, Prices};

/// What is wanted of the table.
pub struct Wanted<'a> {
    /// The least gain; none when the greatest is wanted.
    pub least_gain: Option<i128>,
    /// The most cost.
    pub most_cost: Option<i128>,
    /// The most actions.
    pub most_actions: Option<usize>,
    /// No priced value above this leads to anything better.
    pub limit: f64,
    /// What gain and actions are worth.
    pub prices: &'a Prices,
    /// The row that gains.
    pub row: usize,
    /// The options that units have left.
    pub allowed: &'a [u64],
    /// At most so many partial choices are kept; all without.
    pub width: Option<usize>,
    /// When to give up.
    pub deadline: Instant,
}

/// A best choice: its cost, gain and actions, and the options taken.
#[derive(Clone, Debug)]
pub struct Best {
    /// What it costs.
    pub cost: i128,
    /// What it gains.
    pub gain: i128,
    /// How many actions it has.
    pub actions: usize,
    /// The units with the option taken of each.
    pub picks: Vec<(usize, usize)>,
}

/// What a table came to.
pub struct Filled {
    /// The best choices, no two with equally many actions; one alone where actions are not counted.
    pub best: Vec<Best>,
    /// Whether every choice was weighed.
    pub is_complete: bool,
}

#[derive(Clone, Copy)]
struct Partial {
    cost: i128,
    gain: i128,
    actions: usize,
    value: f64,
    /// The last pick on the way here.
    trail: usize,
}

/// A pick, and the one before it.
struct Step {
    before: usize,
    unit: usize,
    option: usize,
}

/// Fills the table.
pub fn fill(components: &[Component], wanted: &Wanted<'_>) -> Filled {
    let mut order: Vec<(f64, f64, &Component)> = components
        .iter()
        .map(|component| (wanted.regret(component), wanted.least(component), component))
        .collect();
    // Those that hardly may deviate from their cheapest come first: few partial choices grow from them.
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut rest: Vec<f64> = vec![0.0];
    for (_, least, _) in order.iter().rev() {
        rest.push(rest[rest.len() - 1] + least);
    }
    rest.reverse();
    let mut table = Table { wanted, steps: vec![Step { before: 0, unit: 0, option: 0 }], is_complete: true };
    let mut partials = vec![Partial { cost: 0, gain: 0, actions: 0, value: 0.0, trail: 0 }];
    for ((_, _, component), rest) in order.iter().zip(&rest[1..]) {
        let grown = component.cases.iter().flat_map(|case| table.grow(&partials, case, *rest)).collect();
        partials = table.keep(grown);
        if partials.is_empty() || Instant::now() > wanted.deadline {
            table.is_complete &= partials.is_empty();
            return Filled { best: Vec::new(), is_complete: table.is_complete };
        }
    }
    table.finish(partials)
}

impl Wanted<'_> {
    fn value(&self, pick: &Pick) -> Option<f64> {
        (self.allowed[pick.unit] >> pick.option & 1 == 1).then(|| self.prices.value(pick))
    }

    /// The least value of a leaf.
    fn least_of(&self, leaf: &[Pick]) -> f64 {
        leaf.iter().filter_map(|pick| self.value(pick)).fold(f64::INFINITY, f64::min)
    }

    fn case_value(&self, case: &Case) -> f64 {
        let picks = case.picks.iter().map(|pick| self.value(pick).unwrap_or(f64::INFINITY));
        picks.sum::<f64>() + case.leaves.iter().map(|leaf| self.least_of(leaf)).sum::<f64>()
    }

    /// The least value of one choice of all components.
    pub fn least_of_all(&self, components: &[Component]) -> f64 {
        components.iter().map(|component| self.least(component)).sum()
    }

    fn least(&self, component: &Component) -> f64 {
        component.cases.iter().map(|case| self.case_value(case)).fold(f64::INFINITY, f64::min)
    }

    /// By how much the second best way of a component is worse than the best; 0 where it is not simple.
    fn regret(&self, component: &Component) -> f64 {
        let [case] = component.cases.as_slice() else { return 0.0 };
        let [leaf] = case.leaves.as_slice() else { return 0.0 };
        let mut values: Vec<f64> = leaf.iter().filter_map(|pick| self.value(pick)).collect();
        values.sort_by(f64::total_cmp);
        match values.as_slice() {
            [least, second, ..] => second - least,
            _ => f64::INFINITY,
        }
    }
}

impl Table<'_> {
    /// Every partial choice with every way of a case; `rest` is the least value of what comes after.
    fn grow(&mut self, partials: &[Partial], case: &Case, rest: f64) -> Vec<Partial> {
        let leaves: Vec<f64> = case.leaves.iter().map(|leaf| self.wanted.least_of(leaf)).collect();
        let mut rest = rest + leaves.iter().sum::<f64>();
        let mut grown = partials.to_vec();
        for (at, pick) in case.picks.iter().enumerate() {
            let later: f64 = case.picks[at + 1..].iter().filter_map(|pick| self.wanted.value(pick)).sum();
            grown = self.extend(&grown, std::slice::from_ref(pick), rest + later);
        }
        for (leaf, least) in case.leaves.iter().zip(leaves) {
            rest -= least;
            grown = self.extend(&grown, leaf, rest);
        }
        grown
    }

    fn extend(&mut self, partials: &[Partial], picks: &[Pick], rest: f64) -> Vec<Partial> {
        let mut grown: Vec<(Partial, &Pick)> = Vec::with_capacity(partials.len() * picks.len());
        for pick in picks {
            let Some(value) = self.wanted.value(pick) else { continue };
            let gain = pick
                .gains
                .iter()
                .filter(|(row, _)| *row == self.wanted.row)
                .map(|(_, gain)| gain)
                .sum::<i128>();
            for partial in partials {
                let next = Partial {
                    cost: partial.cost + pick.cost,
                    gain: partial.gain + gain,
                    actions: partial.actions + usize::from(pick.is_action),
                    value: partial.value + value,
                    trail: partial.trail,
                };
                if self.may_lead_on(&next, rest) {
                    grown.push((next, pick));
                }
            }
        }
        let kept = self.undominated(grown);
        kept.into_iter()
            .map(|(mut partial, pick)| {
                self.steps.push(Step { before: partial.trail, unit: pick.unit, option: pick.option });
                partial.trail = self.steps.len() - 1;
                partial
            })
            .collect()
    }

    fn may_lead_on(&self, partial: &Partial, rest: f64) -> bool {
        partial.value + rest <= self.wanted.limit
            && self.wanted.most_cost.is_none_or(|most| partial.cost <= most)
            && self.wanted.most_actions.is_none_or(|most| partial.actions <= most)
    }

    fn keep(&mut self, partials: Vec<Partial>) -> Vec<Partial> {
        let partials = partials.into_iter().map(|partial| (partial, ())).collect();
        let mut kept: Vec<Partial> =
            self.undominated(partials).into_iter().map(|(partial, ())| partial).collect();
        if let Some(width) = self.wanted.width.filter(|width| kept.len() > *width) {
            kept.sort_by(|a, b| a.value.total_cmp(&b.value));
            kept.truncate(width);
            self.is_complete = false;
        }
        kept
    }

    /// Without those that another equals or beats in everything; of equals the first stays.
    fn undominated<T>(&self, mut partials: Vec<(Partial, T)>) -> Vec<(Partial, T)> {
        partials.sort_by_key(|(partial, _)| (partial.cost, Reverse(partial.gain), partial.actions));
        // For each number of actions, the greatest gain so far with so many or fewer.
        let mut greatest: Vec<Option<i128>> = vec![None; self.wanted.most_actions.map_or(1, |most| most + 1)];
        partials.retain(|(partial, _)| {
            let at = self.counted(partial);
            let is_new = greatest[..=at].iter().flatten().all(|gain| *gain < partial.gain);
            if is_new {
                greatest[at] = Some(partial.gain);
            }
            is_new
        });
        partials
    }

    /// The actions of a choice where they are counted; else 0.
    fn counted(&self, partial: &Partial) -> usize {
        self.wanted.most_actions.map_or(0, |_| partial.actions)
    }

    fn finish(self, mut partials: Vec<Partial>) -> Filled {
        partials.retain(|partial| self.wanted.least_gain.is_none_or(|least| partial.gain >= least));
        match self.wanted.least_gain {
            Some(_) => partials.sort_by_key(|one| (self.counted(one), one.cost, Reverse(one.gain))),
            None => partials.sort_by_key(|one| (self.counted(one), Reverse(one.gain), one.cost)),
        }
        partials.dedup_by_key(|partial| self.counted(partial));
        let best = partials.iter().map(|partial| Best {
            cost: partial.cost,
            gain: partial.gain,
            actions: partial.actions,
            picks: self.trail(partial.trail),
        });
        Filled { best: best.collect(), is_complete: self.is_complete }
    }

    fn trail(&self, mut at: usize) -> Vec<(usize, usize)> {
        let mut picks = Vec::new();
        while at > 0 {
            picks.push((self.steps[at].unit, self.steps[at].option));
            at = self.steps[at].before;
        }
        picks
    }
}

/// The partial choices, and how each came about.
struct Table<'a> {
    wanted: &'a Wanted<'a>,
    steps: Vec<Step>,
    is_complete: bool,
}
