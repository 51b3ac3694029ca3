//! The choice behind a plan, in whole numbers: units of work with options, solutions that close several
//! units at once, and what options bring to the rows that a goal looks at.

/// What is to be chosen.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What each solution costs.
    pub solutions: Vec<i128>,
    /// The units of work.
    pub units: Vec<Unit>,
    /// What is wanted.
    pub goal: Goal,
    /// The most actions that a choice may have.
    pub most_actions: Option<usize>,
}

/// What is wanted of a choice.
#[derive(Clone, Debug)]
pub enum Goal {
    /// At least so much gain in each row at the least cost; of equal costs the greatest gain.
    Reach(Vec<i128>),
    /// The greatest gain, of one row, at this cost at most; of equal gains the least cost.
    Spend(i128),
}

/// A gap of a service, or of an entity in all its services: one of its options is taken.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The first is to leave it as it is.
    pub options: Vec<Choice>,
    /// The solutions any of which closes it: all other options are then gone.
    pub solutions: Vec<usize>,
    /// The services that it touches.
    pub cells: Vec<Cell>,
}

impl Unit {
    /// What the option costs that costs most.
    pub fn dearest(&self) -> i128 {
        self.options.iter().map(|option| option.cost).max().unwrap_or(0)
    }
}

/// An option of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it costs.
    pub cost: i128,
    /// Whether it counts as an action.
    pub is_action: bool,
    /// Whether it is there only under a solution.
    pub by_solution: bool,
}

/// What a unit does in one service.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The row that gains.
    pub row: usize,
    /// What else must hold for its options to count.
    pub needs: Vec<Need>,
    /// Whether it is answered "not applicable": once its needs are met it does not apply.
    pub is_not_applicable: bool,
    /// The cells, as unit and cell, whose weight goes to this one while they do not apply.
    pub siblings: Vec<(usize, usize)>,
    /// What it gains: by which of the siblings do not apply, a bit for each.
    pub gains: Vec<Gains>,
}

/// What the options of a unit gain in a cell.
#[derive(Clone, Debug)]
pub struct Gains {
    /// What each option gains where all needs are met.
    pub met: Vec<i128>,
    /// The same, near enough to price it.
    pub near: Vec<f64>,
    /// What is gained (nothing or less) where they are not.
    pub unmet: i128,
}

/// A cell of another unit must have one of some options, and its own needs met.
#[derive(Clone, Debug)]
pub struct Need {
    /// The unit.
    pub unit: usize,
    /// Its cell for the same service.
    pub cell: usize,
    /// For each of its options whether it will do.
    pub options: Vec<bool>,
}

/// A choice that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// For each solution whether it is introduced.
    pub solutions: Vec<bool>,
    /// The option of each unit.
    pub options: Vec<usize>,
    /// What it costs.
    pub cost: i128,
    /// What it gains, over all rows.
    pub gain: i128,
}

impl Problem {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match &self.goal {
            Goal::Reach(least) => least.len(),
            Goal::Spend(_) => 1,
        }
    }

    /// What an option gains in a cell, under the options that `taken` says of other units.
    pub fn gain(&self, unit: usize, cell: usize, option: usize, taken: &dyn Fn(usize) -> usize) -> i128 {
        let at = &self.units[unit].cells[cell];
        let bits = at
            .siblings
            .iter()
            .enumerate()
            .map(|(bit, (unit, cell))| usize::from(!self.applies(*unit, *cell, taken)) << bit);
        let gains = &at.gains[bits.sum::<usize>()];
        if self.is_met(unit, cell, taken) { gains.met[option] } else { gains.unmet }
    }

    fn is_met(&self, unit: usize, cell: usize, taken: &dyn Fn(usize) -> usize) -> bool {
        self.units[unit].cells[cell]
            .needs
            .iter()
            .all(|need| need.options[taken(need.unit)] && self.is_met(need.unit, need.cell, taken))
    }

    /// A cell applies unless it is answered otherwise, which counts once its needs are met, or needs one that
    /// does not apply.
    fn applies(&self, unit: usize, cell: usize, taken: &dyn Fn(usize) -> usize) -> bool {
        let at = &self.units[unit].cells[cell];
        at.needs.iter().all(|need| self.applies(need.unit, need.cell, taken))
            && !(at.is_not_applicable && self.is_met(unit, cell, taken))
    }

    /// What each row gains by a choice of options.
    pub fn gains(&self, options: &[usize]) -> Vec<i128> {
        let taken = |unit: usize| options[unit];
        let mut gains = vec![0; self.rows()];
        for (at, unit) in self.units.iter().enumerate() {
            for (number, cell) in unit.cells.iter().enumerate() {
                gains[cell.row] += self.gain(at, number, options[at], &taken);
            }
        }
        gains
    }

    /// Every unit whose options decide what a cell gains besides its own, as often as it is asked of them.
    pub fn deciding(&self, unit: usize, cell: usize) -> Vec<usize> {
        let mut open = self.units[unit].cells[cell].siblings.clone();
        open.push((unit, cell));
        let mut found = Vec::new();
        while let Some((unit, cell)) = open.pop() {
            for need in &self.units[unit].cells[cell].needs {
                found.push(need.unit);
                open.push((need.unit, need.cell));
            }
        }
        found
    }

    /// What a choice of options and solutions costs and gains.
    pub fn weigh(&self, solutions: Vec<bool>, options: Vec<usize>) -> Chosen {
        let introduced = self.solutions.iter().zip(&solutions).filter(|(_, chosen)| **chosen);
        let paid = self.units.iter().zip(&options).map(|(unit, option)| unit.options[*option].cost);
        let cost = introduced.map(|(cost, _)| *cost).sum::<i128>() + paid.sum::<i128>();
        let gain = self.gains(&options).iter().sum();
        Chosen { solutions, options, cost, gain }
    }

    /// Whether a choice is better than another, by cost and gain in the order of the goal.
    pub fn prefers(&self, new: &Chosen, old: &Chosen) -> bool {
        let key = |chosen: &Chosen| match self.goal {
            Goal::Reach(_) => (chosen.cost, -chosen.gain),
            Goal::Spend(_) => (-chosen.gain, chosen.cost),
        };
        key(new) < key(old)
    }
}
