//! What a framework measures: distributions, correlations, reliability and what each group really
//! contributes. The formulas are in `docs/analysis.md`. These are descriptions, not published scores:
//! they are floats, computed from exact scores with operations that are the same on every platform.

use super::score::{Scorer, State};
use crate::framework::{Aggregation, Children, Framework, Rounding};
use crate::id::{GroupIndex, ParameterIndex, ServiceIndex};

/// A figure for each service, where it has one.
pub type Series = Vec<Option<f64>>;

/// The scores of all services that have an index.
pub struct Scores {
    /// The services.
    pub services: Vec<ServiceIndex>,
    /// Their indexes, 1 at most.
    pub index: Series,
    /// The scores of each group.
    pub groups: Vec<Series>,
    /// The scores of each parameter.
    pub parameters: Vec<Series>,
    /// What each group contributes to the index: its effective weight times its score.
    pub contributions: Vec<Series>,
    /// The states of each parameter.
    pub states: Vec<Vec<State>>,
}

impl Scores {
    /// The scores of a round; held-out services are left out.
    pub fn of(scorer: &Scorer<'_>, rated: &[ServiceIndex]) -> Self {
        let framework = scorer.framework();
        let (groups, parameters) = (framework.groups.len(), framework.parameters.len());
        let mut scores = Self {
            services: rated.to_vec(),
            index: Vec::new(),
            groups: vec![Vec::new(); groups],
            parameters: vec![Vec::new(); parameters],
            contributions: vec![Vec::new(); groups],
            states: vec![Vec::new(); parameters],
        };
        for service in rated {
            let values = scorer.service(*service);
            let found: Series =
                (0..groups).map(|at| values.exact(GroupIndex::new(at)).map(|value| value.to_f64())).collect();
            scores.index.push(found[0]);
            for (at, contribution) in contributions(framework, &found).into_iter().enumerate() {
                scores.contributions[at].push(contribution);
            }
            found.into_iter().enumerate().for_each(|(at, value)| scores.groups[at].push(value));
            for (at, outcome) in values.outcomes().iter().enumerate() {
                scores.parameters[at].push(outcome.score.map(|score| score.ratio().to_f64()));
                scores.states[at].push(outcome.state);
            }
        }
        scores
    }

    /// The scores of a group's parameters.
    pub fn items(&self, framework: &Framework, group: GroupIndex) -> Vec<&Series> {
        framework.group(group).parameters.clone().map(|at| &self.parameters[at]).collect()
    }
}

/// Effective weight times score of every group of a service; none where these do not add up to the
/// index.
fn contributions(framework: &Framework, values: &[Option<f64>]) -> Series {
    let mut shares: Series = vec![None; values.len()];
    shares[0] = Some(1.0);
    for (at, group) in framework.groups.iter().enumerate() {
        let is_sum = framework.policy.aggregation_at(group.depth) == Aggregation::Arithmetic
            && framework.policy.rounding == Rounding::End;
        let (Children::Groups(children), Some(share), true) = (&group.children, shares[at], is_sum) else {
            continue;
        };
        let weight = |child: &GroupIndex| framework.group(*child).weight.units() as f64;
        let counted = children.iter().filter(|child| values[child.get()].is_some());
        let total: f64 = counted.clone().map(weight).sum();
        for child in counted {
            shares[child.get()] = Some(share * weight(child) / total);
        }
    }
    shares.iter().zip(values).map(|(share, value)| Some((*share)? * (*value)?)).collect()
}

/// How a parameter or group is distributed over services.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// How many services have a score.
    pub services: usize,
    /// The mean.
    pub mean: f64,
    /// The standard deviation (of a sample: by n - 1).
    pub deviation: f64,
    /// Least, first quartile, median, third quartile and greatest.
    pub quantiles: [f64; 5],
    /// The share of services at 0.
    pub at_floor: f64,
    /// The share of services at 1.
    pub at_ceiling: f64,
    /// The share of services at the most frequent score.
    pub at_mode: f64,
}

impl Distribution {
    /// The distribution of a series; none where nobody has a score.
    pub fn of(series: &[Option<f64>]) -> Option<Self> {
        let mut sorted: Vec<f64> = series.iter().flatten().copied().collect();
        if sorted.is_empty() {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len() as f64;
        let share = |wanted: f64| sorted.iter().filter(|value| **value == wanted).count() as f64 / count;
        let longest = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0);
        Some(Self {
            services: sorted.len(),
            mean: mean(&sorted),
            deviation: covariance(&sorted, &sorted).unwrap_or(0.0).max(0.0).sqrt(),
            quantiles: [0.0, 0.25, 0.5, 0.75, 1.0].map(|part| quantile(&sorted, part)),
            at_floor: share(0.0),
            at_ceiling: share(1.0),
            at_mode: longest as f64 / count,
        })
    }
}

/// Linear between order statistics, the k-th of n at `(k - 1) / (n - 1)` (Hyndman and Fan 1996, type 7).
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() as f64 - 1.0);
    let below = place.floor();
    let (lower, upper) = (sorted[below as usize], sorted[(below as usize + 1).min(sorted.len() - 1)]);
    lower + (upper - lower) * (place - below)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// `sum((x - mean x) (y - mean y)) / (n - 1)`; none for fewer than two.
fn covariance(x: &[f64], y: &[f64]) -> Option<f64> {
    let (of_x, of_y) = (mean(x), mean(y));
    let sum: f64 = x.iter().zip(y).map(|(x, y)| (x - of_x) * (y - of_y)).sum();
    (x.len() > 1).then(|| sum / (x.len() as f64 - 1.0))
}

/// The figures of those who have both.
fn paired(x: &[Option<f64>], y: &[Option<f64>]) -> (Vec<f64>, Vec<f64>) {
    x.iter().zip(y).filter_map(|(x, y)| Some(((*x)?, (*y)?))).unzip()
}

/// How two series go together over those who have both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// How many have both.
    pub services: usize,
    /// `cov(x, y) / (sd x sd y)` (Pearson).
    pub pearson: Option<f64>,
    /// The same of ranks, equals sharing their mean rank (Spearman).
    pub spearman: Option<f64>,
    /// Pairs in the same order less pairs in the other, corrected for ties: tau-b (Kendall).
    pub kendall: Option<f64>,
}

impl Correlation {
    /// How two series go together; a measure is none where one of them does not vary.
    pub fn of(x: &[Option<f64>], y: &[Option<f64>]) -> Self {
        let (x, y) = paired(x, y);
        Self {
            services: x.len(),
            pearson: pearson(&x, &y),
            spearman: pearson(&mean_ranks(&x), &mean_ranks(&y)),
            kendall: kendall(&x, &y),
        }
    }
}

/// Pearson's correlation over those who have both figures.
pub fn correlation(x: &[Option<f64>], y: &[Option<f64>]) -> Option<f64> {
    let (x, y) = paired(x, y);
    pearson(&x, &y)
}

fn pearson(x: &[f64], y: &[f64]) -> Option<f64> {
    let product = covariance(x, x)? * covariance(y, y)?;
    let varies = |values: &[f64]| values.iter().any(|value| *value != values[0]);
    (varies(x) && varies(y) && product > 0.0).then(|| covariance(x, y).map(|both| both / product.sqrt()))?
}

/// The rank of each value; equals share the mean of theirs.
fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equals in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let shared = before as f64 + (equals.len() as f64 + 1.0) / 2.0;
        equals.iter().for_each(|at| ranks[*at] = shared);
        before += equals.len();
    }
    ranks
}

/// `(C - D) / sqrt((n0 - n1) (n0 - n2))`, with `n0` all pairs and `n1`, `n2` those tied in x, in y.
fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    let (mut balance, mut differ_in_x, mut differ_in_y) = (0i64, 0i64, 0i64);
    for second in 1..x.len() {
        for first in 0..second {
            let sign = |values: &[f64]| {
                i64::from(values[first] < values[second]) - i64::from(values[first] > values[second])
            };
            let (in_x, in_y) = (sign(x), sign(y));
            balance += in_x * in_y;
            differ_in_x += in_x.abs();
            differ_in_y += in_y.abs();
        }
    }
    let product = differ_in_x as f64 * differ_in_y as f64;
    (product > 0.0).then(|| balance as f64 / product.sqrt())
}

/// How far items measure one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    /// Cronbach's alpha.
    pub alpha: Option<f64>,
    /// Alpha without each item.
    pub without: Vec<Option<f64>>,
}

/// `k / (k - 1) (1 - sum(var_i) / sum(cov_ij))` (Cronbach 1951), covariances over those who have both
/// items.
pub fn reliability(items: &[&Series]) -> Reliability {
    let count = items.len();
    let mut covariances = vec![0.0; count * count];
    for first in 0..count {
        for second in first..count {
            let (x, y) = paired(items[first], items[second]);
            let found = covariance(&x, &y).unwrap_or(0.0);
            covariances[first * count + second] = found;
            covariances[second * count + first] = found;
        }
    }
    let variance = |at: usize| covariances[at * count + at];
    let trace: f64 = (0..count).map(variance).sum();
    let total: f64 = covariances.iter().sum();
    let without = |at: usize| {
        let row: f64 = covariances[at * count..(at + 1) * count].iter().sum();
        alpha(count - 1, trace - variance(at), total - 2.0 * row + variance(at))
    };
    Reliability { alpha: alpha(count, trace, total), without: (0..count).map(without).collect() }
}

fn alpha(count: usize, trace: f64, total: f64) -> Option<f64> {
    let items = count as f64;
    (count > 1 && total > 1e-12).then(|| items / (items - 1.0) * (1.0 - trace / total))
}

/// What a group has of the index's variance: `cov(c, I) / var(I)`, with its contribution c. These
/// add up to 1 over the groups of one level. None where contributions do not add up to the index.
pub fn variance_share(contribution: &[Option<f64>], index: &[Option<f64>]) -> Option<f64> {
    if contribution.iter().all(Option::is_none) {
        return None;
    }
    // Where the group does not apply it contributes nothing.
    let contribution: Vec<f64> = contribution.iter().map(|value| value.unwrap_or(0.0)).collect();
    let index: Vec<f64> = index.iter().map(|value| value.unwrap_or(0.0)).collect();
    let variance = covariance(&index, &index).filter(|variance| *variance > 1e-18)?;
    covariance(&contribution, &index).map(|both| both / variance)
}

/// Two parameters that give nearly the same scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// The two.
    pub pair: [ParameterIndex; 2],
    /// Their correlation.
    pub pearson: f64,
    /// How many services have both.
    pub services: usize,
}

/// Pairs of parameters that correlate by `least` or more either way over at least ten services, the
/// closest first.
pub fn alike(scores: &Scores, least: f64) -> Vec<Alike> {
    const FEWEST: usize = 10;
    let mut found = Vec::new();
    for second in 0..scores.parameters.len() {
        for first in 0..second {
            let (x, y) = paired(&scores.parameters[first], &scores.parameters[second]);
            let Some(pearson) = pearson(&x, &y).filter(|pearson| pearson.abs() >= least) else { continue };
            if x.len() >= FEWEST {
                let pair = [first, second].map(ParameterIndex::new);
                found.push(Alike { pair, pearson, services: x.len() });
            }
        }
    }
    found.sort_by(|a, b| b.pearson.abs().total_cmp(&a.pearson.abs()).then(a.pair.cmp(&b.pair)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        values.iter().copied().map(Some).collect()
    }

    #[test]
    fn correlations_of_a_hand_calculation() {
        // x 1 2 3 4, y 1 3 2 2: cov 0.5, var x 5/3, var y 2/3; ranks of y 1 4 2.5 2.5; pairs in order 3,
        // against 2, one tied in y: 1 / sqrt(6 * 5).
        let found = Correlation::of(&series(&[1.0, 2.0, 3.0, 4.0]), &series(&[1.0, 3.0, 2.0, 2.0]));
        let near =
            |found: Option<f64>, expected: f64| found.is_some_and(|found| (found - expected).abs() < 1e-12);
        assert!(near(found.pearson, 1.0 / 3.0 / (10.0f64 / 9.0).sqrt()), "{found:?}");
        assert!(near(found.spearman, 1.5 / (5.0f64 * 4.5).sqrt()), "{found:?}");
        assert!(near(found.kendall, 1.0 / 30.0f64.sqrt()), "{found:?}");
        let flat = Correlation::of(&series(&[1.0, 2.0]), &series(&[1.0, 1.0]));
        assert_eq!((flat.pearson, flat.spearman, flat.kendall), (None, None, None));
    }

    #[test]
    fn a_distribution_of_a_hand_calculation() {
        let found = Distribution::of(&[Some(0.0), Some(1.0), None, Some(1.0), Some(0.5)]).expect("scores");
        assert_eq!((found.services, found.mean, found.at_floor, found.at_ceiling), (4, 0.625, 0.25, 0.5));
        assert_eq!(found.quantiles, [0.0, 0.375, 0.75, 1.0, 1.0]);
    }
}
