//! How far observers agree who rated the same units. The formulas and where they come from are in
//! `docs/process.md`.

use std::collections::{BTreeMap, BTreeSet};

use super::range::{Chances, Ends, ends};
use super::score::Scorer;
use crate::framework::Framework;
use crate::id::{GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::{Published, Score, UNIT};
use crate::trail::Votes;

/// How the distance of two values counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Equal or not.
    Nominal,
    /// How many ratings lie between them.
    Ordinal,
    /// Their difference.
    Interval,
    /// Their difference relative to their sum.
    Ratio,
}

/// What observers said of units.
#[derive(Clone, Debug, Default)]
pub struct Ratings {
    /// The worth of each value that was given; none for one that is no number, such as "not applicable".
    pub values: Vec<Option<f64>>,
    /// For each unit, what each observer gave, as positions in `values`; none where one gave nothing.
    pub units: Vec<Vec<Option<usize>>>,
}

/// How far observers agree; a figure that is not defined (nothing varies, or nobody overlaps) is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Units that two or more observers rated.
    pub units: usize,
    /// Their ratings.
    pub ratings: usize,
    /// The share of pairs of ratings of a unit that are equal.
    pub percent: Option<f64>,
    /// Cohen's kappa; of more than two observers the mean over their pairs.
    pub cohen: Option<f64>,
    /// Fleiss' kappa.
    pub fleiss: Option<f64>,
    /// Krippendorff's alpha, by each metric.
    pub nominal: Option<f64>,
    /// The same for ordered values.
    pub ordinal: Option<f64>,
    /// The same for values with differences.
    pub interval: Option<f64>,
    /// The same for values with a zero.
    pub ratio: Option<f64>,
}

impl Ratings {
    /// Every figure.
    pub fn agreement(&self) -> Agreement {
        let paired = self.paired(|_| true);
        Agreement {
            units: paired.len(),
            ratings: paired.iter().map(Vec::len).sum(),
            percent: self.percent(),
            cohen: self.cohen(),
            fleiss: self.fleiss(),
            nominal: self.alpha(Metric::Nominal),
            ordinal: self.alpha(Metric::Ordinal),
            interval: self.alpha(Metric::Interval),
            ratio: self.alpha(Metric::Ratio),
        }
    }

    /// The ratings of units that two or more observers gave one of these values.
    fn paired(&self, counts: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let given = |unit: &Vec<Option<usize>>| -> Vec<usize> {
            unit.iter().flatten().copied().filter(|value| counts(*value)).collect()
        };
        self.units.iter().map(given).filter(|unit| unit.len() > 1).collect()
    }

    /// How often each value was given to a unit.
    fn counts(&self, unit: &[usize]) -> Vec<f64> {
        let mut counts = vec![0.0; self.values.len()];
        unit.iter().for_each(|value| counts[*value] += 1.0);
        counts
    }

    /// The share of pairs of ratings of a unit that are equal: `sum(n_ij (n_ij - 1)) / sum(n_i (n_i - 1))`.
    pub fn percent(&self) -> Option<f64> {
        let (mut equal, mut all) = (0.0, 0.0);
        for unit in self.paired(|_| true) {
            equal += self.counts(&unit).iter().map(|count| count * (count - 1.0)).sum::<f64>();
            all += (unit.len() * (unit.len() - 1)) as f64;
        }
        defined(equal, all)
    }

    /// Cohen's kappa `(po - pe) / (1 - pe)`, the mean of it over all pairs of observers who rated a unit
    /// both and vary in what they say.
    pub fn cohen(&self) -> Option<f64> {
        let observers = self.units.iter().map(Vec::len).max().unwrap_or(0);
        let pairs = (0..observers).flat_map(|a| (a + 1..observers).map(move |b| (a, b)));
        let kappas: Vec<f64> = pairs.filter_map(|(a, b)| self.cohen_of(a, b)).collect();
        defined(kappas.iter().sum(), kappas.len() as f64)
    }

    fn cohen_of(&self, a: usize, b: usize) -> Option<f64> {
        let said = |unit: &[Option<usize>], at: usize| unit.get(at).copied().flatten();
        let both: Vec<(usize, usize)> =
            self.units.iter().filter_map(|unit| Some((said(unit, a)?, said(unit, b)?))).collect();
        let share = |count: usize| defined(count as f64, both.len() as f64);
        let equal = share(both.iter().filter(|(a, b)| a == b).count())?;
        let mut by_chance = 0.0;
        for value in 0..self.values.len() {
            let first = share(both.iter().filter(|(a, _)| *a == value).count())?;
            by_chance += first * share(both.iter().filter(|(_, b)| *b == value).count())?;
        }
        defined(equal - by_chance, 1.0 - by_chance)
    }

    /// Fleiss' kappa `(P - Pe) / (1 - Pe)`: `P` the mean over units of `sum(n_ij (n_ij - 1)) / (n_i (n_i - 1))`,
    /// `Pe` the sum of squares of the values' shares in all ratings.
    pub fn fleiss(&self) -> Option<f64> {
        let units = self.paired(|_| true);
        let mut observed = 0.0;
        let mut totals = vec![0.0; self.values.len()];
        for unit in &units {
            let counts = self.counts(unit);
            let equal: f64 = counts.iter().map(|count| count * (count - 1.0)).sum();
            observed += equal / (unit.len() * (unit.len() - 1)) as f64;
            totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        }
        let observed = defined(observed, units.len() as f64)?;
        let all: f64 = totals.iter().sum();
        let by_chance: f64 = totals.iter().map(|total| (total / all).powi(2)).sum();
        defined(observed - by_chance, 1.0 - by_chance)
    }

    /// Krippendorff's alpha `1 - (n - 1) sum(o_ck d_ck) / sum(n_c n_k d_ck)`, over the coincidences `o_ck` of
    /// values within units. Values that are no numbers count in the nominal one only.
    pub fn alpha(&self, metric: Metric) -> Option<f64> {
        let units = self.paired(|value| metric == Metric::Nominal || self.values[value].is_some());
        let values = self.values.len();
        let mut coincidences = vec![vec![0.0; values]; values];
        for unit in &units {
            let each = 1.0 / (unit.len() - 1) as f64;
            for (at, c) in unit.iter().enumerate() {
                let others = unit.iter().enumerate().filter(|(other, _)| *other != at);
                others.for_each(|(_, k)| coincidences[*c][*k] += each);
            }
        }
        let totals: Vec<f64> = coincidences.iter().map(|row| row.iter().sum()).collect();
        let all: f64 = totals.iter().sum();
        let (mut observed, mut expected) = (0.0, 0.0);
        for c in 0..values {
            for k in (0..values).filter(|k| totals[c] * totals[*k] > 0.0) {
                let distance = self.distance(metric, c, k, &totals);
                observed += coincidences[c][k] * distance;
                expected += totals[c] * totals[k] * distance;
            }
        }
        defined((all - 1.0) * observed, expected).map(|share| 1.0 - share)
    }

    /// The squared distance of two values.
    fn distance(&self, metric: Metric, c: usize, k: usize, totals: &[f64]) -> f64 {
        let (Some(low), Some(high)) = (self.values[c], self.values[k]) else {
            return f64::from(u8::from(c != k));
        };
        let (low, high) = (low.min(high), low.max(high));
        match metric {
            Metric::Nominal => f64::from(u8::from(c != k)),
            Metric::Ordinal if c == k => 0.0,
            Metric::Ordinal => {
                let between = |value: &Option<f64>| value.is_some_and(|value| low <= value && value <= high);
                let inside: f64 =
                    self.values.iter().zip(totals).filter(|(value, _)| between(value)).map(|(_, n)| n).sum();
                (inside - (totals[c] + totals[k]) / 2.0).powi(2)
            }
            Metric::Interval => (high - low).powi(2),
            Metric::Ratio if low + high == 0.0 => 0.0,
            Metric::Ratio => ((high - low) / (high + low)).powi(2),
        }
    }
}

/// A quotient; none where nothing is divided by.
fn defined(part: f64, whole: f64) -> Option<f64> {
    (whole != 0.0).then(|| part / whole)
}

/// What evaluators gave to some parameters, by the scores of their answers; "not applicable" is a value
/// of its own that is no number. What was taken back is not given.
pub fn ratings(framework: &Framework, votes: &Votes, counts: impl Fn(ParameterIndex) -> bool) -> Ratings {
    let mut ratings = Ratings::default();
    let mut positions: BTreeMap<Option<Score>, usize> = BTreeMap::new();
    let names: BTreeSet<&String> = votes.given.values().flat_map(BTreeMap::keys).collect();
    for ((_, (_, parameter)), given) in votes.given.iter().filter(|((_, (_, at)), _)| counts(*at)) {
        let mut unit = Vec::with_capacity(names.len());
        for name in &names {
            unit.push(given.get(*name).and_then(Option::as_ref).map(|answer| {
                let score = framework.scale(*parameter).score(answer);
                *positions.entry(score).or_insert_with(|| {
                    ratings.values.push(score.map(|score| f64::from(score.units()) / UNIT as f64));
                    ratings.values.len() - 1
                })
            }));
        }
        ratings.units.push(unit);
    }
    ratings
}

/// Between which figures a service's index lies while evaluators disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The service.
    pub service: ServiceIndex,
    /// How many of its parameters have different scores.
    pub parameters: usize,
    /// The index if the lowest scores held.
    pub low: Option<Published>,
    /// The index if the highest held.
    pub high: Option<Published>,
}

/// The services with parameters to which evaluators gave different scores, in the order of ids.
pub fn disputes(scorer: &Scorer<'_>, votes: &Votes) -> Vec<Dispute> {
    let services = scorer.round().service_indices();
    services.filter_map(|service| dispute(scorer, votes, service)).collect()
}

fn dispute(scorer: &Scorer<'_>, votes: &Votes, service: ServiceIndex) -> Option<Dispute> {
    let disputed: BTreeMap<ParameterIndex, Chances> = (0..scorer.framework().parameters.len())
        .map(ParameterIndex::new)
        .filter(|parameter| scorer.round().applies(scorer.framework(), service, *parameter))
        .filter_map(|parameter| Some((parameter, chances(scorer, votes, service, parameter)?)))
        .collect();
    if disputed.is_empty() {
        return None;
    }
    let Ends { low, high, .. } = ends(scorer, service, |parameter, _| disputed.get(&parameter).copied());
    let figure = |outcomes| scorer.values(outcomes).published(GroupIndex::ROOT);
    Some(Dispute { service, parameters: disputed.len(), low: figure(low), high: figure(high) })
}

/// What a parameter comes to by each of the evaluators; none where their scores are equal.
fn chances(
    scorer: &Scorer<'_>,
    votes: &Votes,
    service: ServiceIndex,
    parameter: ParameterIndex,
) -> Option<Chances> {
    let framework = scorer.framework();
    let scale = framework.scale(parameter);
    let given = votes.standing(scorer.round(), service, parameter)?.values().flatten();
    let mut each = given.map(|answer| match scale.score(answer) {
        Some(score) => Chances::of(score),
        None => Chances::not_applicable(framework),
    });
    let first = each.next()?;
    let all = each.fold(first, Chances::or);
    (all != first).then_some(all)
}
