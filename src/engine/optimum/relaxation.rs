//! A bound on what any choice can come to: the goal is priced (`cost + m actions - l gain`, Lagrange), and the
//! cost of a solution that is still open is shared out among the units that it would close. What is left falls
//! apart into components, each of which is solved by itself. Any prices and any shares give a true bound.

use super::problem::{Goal, Problem};

/// Units that hang together by what they need: one of its cases holds, and then each leaf is free.
#[derive(Clone, Debug)]
pub struct Component {
    /// Every way in which the units that others need may be.
    pub cases: Vec<Case>,
}

/// One way in which the units that others need may be.
#[derive(Clone, Debug)]
pub struct Case {
    /// The units that others need, with their options.
    pub picks: Vec<Pick>,
    /// The units that nothing else needs.
    pub leaves: Vec<Vec<Pick>>,
}

/// An option of a unit with what it costs and gains here.
#[derive(Clone, Debug)]
pub struct Pick {
    /// The unit.
    pub unit: usize,
    /// Its option.
    pub option: usize,
    /// What it costs.
    pub cost: i128,
    /// Whether it counts as an action.
    pub is_action: bool,
    /// Whether it is there only under a solution.
    pub by_solution: bool,
    /// What it gains, by row.
    pub gains: Vec<(usize, i128)>,
    /// The cost, and the gains by row, near enough to price them.
    pub near: (f64, Vec<(usize, f64)>),
}

/// More cases than this in one component are not listed.
pub const MOST_CASES: usize = 4096;

/// The components of a problem whose units have these options left; none where one has too many cases.
/// A unit with a single option links nothing: its cells stand alone, and cost nothing here.
pub fn components(problem: &Problem, allowed: &[u64]) -> Option<Vec<Component>> {
    let is_open = |unit: usize| allowed[unit].count_ones() > 1;
    let mut parts: Vec<(usize, Option<usize>)> = Vec::new();
    for unit in 0..problem.units.len() {
        match is_open(unit) {
            true => parts.push((unit, None)),
            false => parts.extend((0..problem.units[unit].cells.len()).map(|cell| (unit, Some(cell)))),
        }
    }
    let mut links = Links((0..problem.units.len() + parts.len()).collect());
    let mut is_needed = vec![false; problem.units.len()];
    for (at, (unit, cell)) in parts.iter().enumerate() {
        let own = problem.units.len() + at;
        if cell.is_none() {
            links.join(own, *unit);
        }
        for needed in needed_units(problem, *unit, *cell).into_iter().filter(|needed| is_open(*needed)) {
            is_needed[needed] = true;
            links.join(own, needed);
        }
    }
    let mut by_root: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    for at in 0..parts.len() {
        by_root.entry(links.root(problem.units.len() + at)).or_default().push(at);
    }
    let components = by_root.into_values().map(|members| {
        let members: Vec<(usize, Option<usize>)> = members.into_iter().map(|at| parts[at]).collect();
        component(problem, allowed, &members, &is_needed)
    });
    components.collect()
}

/// Every unit that decides what a unit, or one of its cells, gains.
fn needed_units(problem: &Problem, unit: usize, cell: Option<usize>) -> Vec<usize> {
    let cells = match cell {
        Some(cell) => cell..cell + 1,
        None => 0..problem.units[unit].cells.len(),
    };
    cells.flat_map(|cell| problem.deciding(unit, cell)).collect()
}

fn component(
    problem: &Problem,
    allowed: &[u64],
    members: &[(usize, Option<usize>)],
    is_needed: &[bool],
) -> Option<Component> {
    let is_hub = |(unit, cell): &&(usize, Option<usize>)| cell.is_none() && is_needed[*unit];
    let hubs: Vec<usize> = members.iter().filter(is_hub).map(|(unit, _)| *unit).collect();
    let options =
        |unit: usize| (0..problem.units[unit].options.len()).filter(move |at| allowed[unit] >> at & 1 == 1);
    let mut ways: Vec<Vec<usize>> = vec![Vec::new()];
    for hub in &hubs {
        ways = ways
            .iter()
            .flat_map(|way| options(*hub).map(move |option| [way.as_slice(), &[option]].concat()))
            .collect();
        if ways.len() > MOST_CASES {
            return None;
        }
    }
    let cases = ways.into_iter().map(|way| {
        let taken = |unit: usize| match hubs.iter().position(|hub| *hub == unit) {
            Some(at) => way[at],
            None => allowed[unit].trailing_zeros() as usize,
        };
        let pick =
            |unit: usize, cell: Option<usize>, option: usize| pick(problem, unit, cell, option, &taken);
        let picks = hubs.iter().zip(&way).map(|(hub, option)| pick(*hub, None, *option)).collect();
        let leaves = members.iter().filter(|member| !is_hub(member));
        let leaves =
            leaves.map(|(unit, cell)| options(*unit).map(|option| pick(*unit, *cell, option)).collect());
        Case { picks, leaves: leaves.collect() }
    });
    Some(Component { cases: cases.collect() })
}

fn pick(
    problem: &Problem,
    unit: usize,
    cell: Option<usize>,
    option: usize,
    taken: &dyn Fn(usize) -> usize,
) -> Pick {
    let of_unit = &problem.units[unit];
    let choice = of_unit.options[option];
    let cells = match cell {
        Some(cell) => cell..cell + 1,
        None => 0..of_unit.cells.len(),
    };
    let mut gains: Vec<(usize, i128)> = Vec::new();
    for at in cells {
        let (row, gain) = (of_unit.cells[at].row, problem.gain(unit, at, option, taken));
        match gains.iter_mut().find(|(known, _)| *known == row) {
            Some((_, sum)) => *sum += gain,
            None => gains.push((row, gain)),
        }
    }
    let is_free = cell.is_some();
    let cost = if is_free { 0 } else { choice.cost };
    Pick {
        unit,
        option,
        cost,
        near: (cost as f64, gains.iter().map(|(row, gain)| (*row, *gain as f64)).collect()),
        is_action: choice.is_action && !is_free,
        by_solution: choice.by_solution && !is_free,
        gains,
    }
}

/// Sets that are joined (union-find).
struct Links(Vec<usize>);

impl Links {
    fn root(&mut self, at: usize) -> usize {
        let mut root = at;
        while self.0[root] != root {
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// What gain and actions are worth in cost.
#[derive(Clone, Debug)]
pub struct Prices {
    /// What a unit of gain is worth, by row.
    pub gains: Vec<f64>,
    /// What an action costs besides.
    pub action: f64,
}

impl Prices {
    /// The priced value of an option, without the share of a solution that it may need.
    pub fn value(&self, pick: &Pick) -> f64 {
        let gain: f64 = pick.near.1.iter().map(|(row, gain)| self.gains[*row] * gain).sum();
        pick.near.0 + self.action * f64::from(u8::from(pick.is_action)) - gain
    }
}

/// What is still open: for each solution and unit what may be chosen, a bit for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// Bit 0: left out; bit 1: introduced.
    pub solutions: Vec<u64>,
    /// The options of each unit, coverage by solutions aside.
    pub units: Vec<u64>,
}

/// A solution may still be left out or introduced.
pub const EITHER: u64 = 3;
/// A solution is introduced.
pub const INTRODUCED: u64 = 2;

impl Open {
    /// Everything is open.
    pub fn all(problem: &Problem) -> Self {
        let units = problem.units.iter().map(|unit| (1 << unit.options.len()) - 1);
        Self { solutions: vec![EITHER; problem.solutions.len()], units: units.collect() }
    }

    /// The options that each unit has left under the solutions.
    pub fn allowed(&self, problem: &Problem) -> Vec<u64> {
        let of_unit = |(unit, open): (&super::problem::Unit, &u64)| {
            let states = || unit.solutions.iter().map(|at| self.solutions[*at]);
            let covered: u64 = unit
                .options
                .iter()
                .enumerate()
                .filter(|(_, option)| option.by_solution)
                .map(|(at, _)| 1 << at)
                .sum();
            if states().any(|state| state == INTRODUCED) {
                open & covered
            } else if states().any(|state| state == EITHER) {
                *open
            } else {
                open & !covered
            }
        };
        problem.units.iter().zip(&self.units).map(of_unit).collect()
    }
}

/// The relaxed problem solved: the least priced value, and the choice that has it.
#[derive(Clone, Debug)]
pub struct Relaxed {
    /// The least priced value, solutions that are introduced included.
    pub value: f64,
    /// What that choice costs, shares of solutions included.
    pub cost: f64,
    /// How many actions it has, shares of solutions included.
    pub actions: f64,
    /// What it gains, by row.
    pub gains: Vec<f64>,
    /// The option that it takes of each unit.
    pub options: Vec<usize>,
    /// How much of each solution's cost it pays, from 0 to 1.
    pub paid: Vec<f64>,
}

/// The share of a solution that a unit pays: the solution, and the part of its cost.
#[derive(Clone, Copy)]
struct Share {
    solution: usize,
    part: f64,
    value: f64,
}

/// Solves the relaxed problem for some prices.
pub fn relax(problem: &Problem, components: &[Component], open: &Open, prices: &Prices) -> Relaxed {
    let allowed = open.allowed(problem);
    let shares = shares(problem, open, &allowed, prices);
    let mut relaxed = Relaxed {
        value: 0.0,
        cost: 0.0,
        actions: 0.0,
        gains: vec![0.0; problem.rows()],
        options: allowed.iter().map(|options| options.trailing_zeros() as usize).collect(),
        paid: vec![0.0; problem.solutions.len()],
    };
    for (at, cost) in problem.solutions.iter().enumerate().filter(|(at, _)| open.solutions[*at] == INTRODUCED)
    {
        relaxed.value += *cost as f64 + prices.action;
        relaxed.cost += *cost as f64;
        relaxed.actions += 1.0;
        relaxed.paid[at] = 1.0;
    }
    let priced = |pick: &Pick| {
        let is_allowed = allowed[pick.unit] >> pick.option & 1 == 1;
        let share = shares[pick.unit].filter(|_| pick.by_solution).map_or(0.0, |share| share.value);
        is_allowed.then(|| prices.value(pick) + share)
    };
    for component in components {
        let case = match component.cases.as_slice() {
            [only] => Some(only),
            several => {
                let values = several.iter().filter_map(|case| Some((value(case, &priced)?, case)));
                values.reduce(|best, one| if one.0 < best.0 { one } else { best }).map(|(_, case)| case)
            }
        };
        if case.and_then(|case| relaxed.take_case(case, &priced, &shares)).is_none() {
            // Nothing is left to choose from: no choice is so cheap as this.
            relaxed.value = f64::INFINITY;
            return relaxed;
        }
    }
    relaxed
}

/// The least priced value of a case; none where an option of it is not left.
fn value(case: &Case, priced: &impl Fn(&Pick) -> Option<f64>) -> Option<f64> {
    let mut value = 0.0;
    for pick in &case.picks {
        value += priced(pick)?;
    }
    for leaf in &case.leaves {
        value += cheapest(leaf, priced)?.0;
    }
    Some(value)
}

/// The pick with the least priced value, the first of equals.
fn cheapest<'a>(leaf: &'a [Pick], priced: &impl Fn(&Pick) -> Option<f64>) -> Option<(f64, &'a Pick)> {
    let values = leaf.iter().filter_map(|pick| Some((priced(pick)?, pick)));
    values.reduce(|best, one| if one.0 < best.0 { one } else { best })
}

impl Relaxed {
    /// Takes the least that a case can be; none where an option of it is not left.
    fn take_case(
        &mut self,
        case: &Case,
        priced: &impl Fn(&Pick) -> Option<f64>,
        shares: &[Option<Share>],
    ) -> Option<()> {
        for pick in &case.picks {
            self.value += priced(pick)?;
            self.take(pick, shares[pick.unit]);
        }
        for leaf in &case.leaves {
            let (value, pick) = cheapest(leaf, priced)?;
            self.value += value;
            self.take(pick, shares[pick.unit]);
        }
        Some(())
    }

    fn take(&mut self, pick: &Pick, share: Option<Share>) {
        self.cost += pick.near.0;
        self.actions += f64::from(u8::from(pick.is_action));
        self.options[pick.unit] = pick.option;
        for (row, gain) in &pick.near.1 {
            self.gains[*row] += gain;
        }
        if let Some(share) = share.filter(|_| pick.by_solution) {
            self.paid[share.solution] += share.part;
        }
    }

    /// What no choice under these prices can be better than: its cost, or for [`Goal::Spend`] its gain with
    /// the sign changed. Floats are off by far less than the allowance that is made for them.
    pub fn bound(&self, problem: &Problem, prices: &Prices) -> f64 {
        let actions = problem.most_actions.map_or(0.0, |most| most as f64 * prices.action);
        let rows = || prices.gains.iter().zip(&self.gains).map(|(price, gain)| (price * gain).abs());
        let allowance = 1e-11 * (1.0 + self.cost + self.value.abs() + actions + rows().sum::<f64>());
        let value = self.value - actions - allowance;
        match &problem.goal {
            Goal::Reach(least) => {
                value
                    + prices.gains.iter().zip(least).map(|(price, least)| price * *least as f64).sum::<f64>()
            }
            Goal::Spend(most) => match prices.gains[0] > 0.0 {
                true => (value - *most as f64) / prices.gains[0],
                false => f64::NEG_INFINITY,
            },
        }
    }
}

/// What each unit pays to be closed by a solution that is open: its part, by what that would be worth to it,
/// of the cheapest one. Parts of a solution add up to one at most.
fn shares(problem: &Problem, open: &Open, allowed: &[u64], prices: &Prices) -> Vec<Option<Share>> {
    let worth: Vec<f64> =
        problem.units.iter().zip(allowed).map(|(unit, allowed)| worth(unit, *allowed, prices)).collect();
    let mut total = vec![(0.0, 0usize); problem.solutions.len()];
    for (unit, worth) in problem.units.iter().zip(&worth) {
        for solution in &unit.solutions {
            total[*solution].0 += worth;
            total[*solution].1 += 1;
        }
    }
    let of_unit = |(at, unit): (usize, &super::problem::Unit)| {
        if unit.solutions.iter().any(|solution| open.solutions[*solution] == INTRODUCED) {
            return None;
        }
        let offers = unit.solutions.iter().filter(|solution| open.solutions[**solution] == EITHER);
        let shares = offers.map(|solution| {
            let (sum, count) = total[*solution];
            let part = if sum > 0.0 { worth[at] / sum } else { 1.0 / count.max(1) as f64 };
            let value = part * (problem.solutions[*solution] as f64 + prices.action);
            Share { solution: *solution, part, value }
        });
        shares.min_by(|a, b| a.value.total_cmp(&b.value))
    };
    problem.units.iter().enumerate().map(of_unit).collect()
}

/// What it would be worth to a unit to be closed for nothing, were all its needs met.
fn worth(unit: &super::problem::Unit, allowed: u64, prices: &Prices) -> f64 {
    if unit.solutions.is_empty() {
        return 0.0;
    }
    let (mut best, mut closed) = (f64::INFINITY, f64::INFINITY);
    for (at, option) in unit.options.iter().enumerate().filter(|(at, _)| allowed >> at & 1 == 1) {
        let gain: f64 = unit.cells.iter().map(|cell| prices.gains[cell.row] * cell.gains[0].near[at]).sum();
        let value = option.cost as f64 - gain;
        if option.by_solution {
            closed = value
        } else {
            best = best.min(value + prices.action * f64::from(u8::from(option.is_action)))
        }
    }
    if closed.is_finite() && best.is_finite() { (best - closed).max(0.0) } else { 0.0 }
}
