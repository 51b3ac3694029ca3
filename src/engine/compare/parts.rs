//! Causes, and the parts of a difference that they have.

use num_bigint::BigInt;

use crate::number::{Half, Published, Ratio};

/// Why a figure moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Other answers, or other evidence for them.
    Answers,
    /// Other scales: the same answer is worth something else.
    Scales,
    /// Parameters that stopped or started to count for the service.
    Applicability,
    /// Other weights, or another place in the tree.
    Weights,
    /// Parameters added to the framework or removed from it.
    Parameters,
    /// Other rules for gaps, answers "not applicable" and evidence.
    Policies,
    /// Services that came or went, in a mean of services.
    Services,
    /// Other weights of services, in a mean of services.
    ServiceWeights,
    /// What several causes did together, where contributions do not add up.
    Interaction,
    /// The rounding of the two published figures.
    Rounding,
}

impl Cause {
    /// Every cause, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::Answers,
        Self::Scales,
        Self::Applicability,
        Self::Weights,
        Self::Parameters,
        Self::Policies,
        Self::Services,
        Self::ServiceWeights,
        Self::Interaction,
        Self::Rounding,
    ];

    /// The word for it in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Scales => "scales",
            Self::Applicability => "applicability",
            Self::Weights => "weights",
            Self::Parameters => "parameters",
            Self::Policies => "policies",
            Self::Services => "services",
            Self::ServiceWeights => "service_weights",
            Self::Interaction => "interaction",
            Self::Rounding => "rounding",
        }
    }
}

/// The parts of a difference, one for each cause; 1 is 100 percent.
#[derive(Clone, Debug)]
pub struct Parts([Ratio; Cause::ALL.len()]);

impl Default for Parts {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Ratio::zero()))
    }
}

impl Parts {
    /// The part of a cause.
    pub fn of(&self, cause: Cause) -> &Ratio {
        &self.0[cause as usize]
    }

    /// Adds to the part of a cause.
    pub fn add(&mut self, cause: Cause, change: &Ratio) {
        if !change.is_zero() {
            let part = &mut self.0[cause as usize];
            *part = part.plus(change);
        }
    }

    /// All parts together.
    pub fn total(&self) -> Ratio {
        sum(self.0.iter())
    }

    /// Whether no cause did anything.
    pub fn is_still(&self) -> bool {
        self.0.iter().all(Ratio::is_zero)
    }

    /// The sums of parts, cause by cause.
    pub fn sum<'p>(all: impl Iterator<Item = &'p Self> + Clone) -> Self {
        Self(std::array::from_fn(|at| sum(all.clone().map(|parts| &parts.0[at]))))
    }

    /// Every part times a factor.
    #[must_use]
    pub fn times(&self, factor: &Ratio) -> Self {
        Self(std::array::from_fn(|at| match self.0[at].is_zero() {
            true => Ratio::zero(),
            false => self.0[at].times(factor),
        }))
    }

    /// The parts as figures that add up to the rounded whole: the largest remainders are rounded up,
    /// among equals in the order of causes.
    pub fn figures(&self, decimals: u32) -> [Published; Cause::ALL.len()] {
        let scale = 100 * 10u64.pow(decimals);
        let total = self.total().scaled(scale).rounded(Half::Up);
        let scaled = self.0.each_ref().map(|part| part.scaled(scale));
        let mut units = scaled.each_ref().map(floor);
        let lacking = total - units.iter().sum::<BigInt>();
        let mut order: Vec<usize> = (0..units.len()).collect();
        let rest = |at: usize| scaled[at].minus(&Ratio::new(floor(&scaled[at]), 1.into()));
        order.sort_by_key(|at| std::cmp::Reverse(rest(*at)));
        let lacking = usize::try_from(lacking).unwrap_or(0);
        for at in order.into_iter().take(lacking) {
            units[at] += 1;
        }
        units.map(|units| Published::from_units(i64::try_from(units).unwrap_or(i64::MAX), decimals))
    }
}

/// The greatest whole number that is not above a value.
fn floor(value: &Ratio) -> BigInt {
    num_integer::Integer::div_floor(value.numerator(), value.denominator())
}

/// A sum in which denominators stay short: terms over the same one are added first.
pub fn sum<'r>(terms: impl Iterator<Item = &'r Ratio>) -> Ratio {
    let mut sums: Vec<Ratio> = Vec::new();
    for term in terms.filter(|term| !term.is_zero()) {
        match sums.iter_mut().find(|sum| sum.denominator() == term.denominator()) {
            Some(sum) => *sum = sum.plus(term),
            None => sums.push(term.clone()),
        }
    }
    sums.into_iter().fold(Ratio::zero(), |sum, term| sum.plus(&term).reduced())
}
