//! The scores of a round as columns of floats, and the index of every service under any weights:
//! what draws are computed with, thousands of times.

use crate::engine::elementary::{exp, ln};
use crate::engine::score::Scorer;
use crate::framework::{Aggregation, Children, Framework, Rounding};
use crate::id::{GroupIndex, ServiceIndex};

/// A weight for each group and each parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Of the groups.
    pub groups: Vec<f64>,
    /// Of the parameters.
    pub parameters: Vec<f64>,
}

impl Weights {
    /// Those that a framework declares.
    pub fn of(framework: &Framework) -> Self {
        let units = |weight: crate::number::Weight| weight.units() as f64;
        Self {
            groups: framework.groups.iter().map(|group| units(group.weight)).collect(),
            parameters: framework.parameters.iter().map(|parameter| units(parameter.weight)).collect(),
        }
    }
}

/// How values go up the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// One mean for all levels; the framework's own where none.
    pub aggregation: Option<Aggregation>,
    /// Where figures are rounded.
    pub rounding: Rounding,
}

/// The scores of all services that count.
pub struct Matrix<'a> {
    framework: &'a Framework,
    /// How many services there are.
    pub services: usize,
    /// Whether each service may have an index.
    pub rated: Vec<bool>,
    plain: Columns,
    rounded: Columns,
    /// For each parameter, 1 where a service has a score and 0 where not; none where all have one.
    present: Vec<Option<Vec<f64>>>,
}

/// For each parameter, a value for each service; 0 where it has none.
struct Columns {
    scores: Vec<Vec<f64>>,
    logarithms: Vec<Vec<f64>>,
}

/// The values of groups, group by group, each service's; not a number where it has none.
pub struct Values {
    /// Each group's.
    pub groups: Vec<Vec<f64>>,
    sum: Vec<f64>,
    weight: Vec<f64>,
}

impl<'a> Matrix<'a> {
    /// The scores of some services under the rules of the scorer's framework.
    pub fn new(scorer: &Scorer<'a>, services: &[ServiceIndex]) -> Self {
        let framework = scorer.framework();
        let mut scores = vec![Vec::with_capacity(services.len()); framework.parameters.len()];
        let mut present = scores.clone();
        let mut rated = Vec::with_capacity(services.len());
        for service in services {
            let values = scorer.service(*service);
            rated.push(values.is_sufficient());
            for (at, outcome) in values.outcomes().iter().enumerate() {
                scores[at].push(outcome.score.map_or(0.0, |score| f64::from(score.units()) / 1e9));
                present[at].push(f64::from(u8::from(outcome.score.is_some())));
            }
        }
        let scale = scale(framework);
        let rounded: Vec<Vec<f64>> =
            scores.iter().map(|column| column.iter().map(|score| rounded(*score, scale)).collect()).collect();
        let all = |column: &Vec<f64>| column.iter().all(|present| *present > 0.0);
        Self {
            framework,
            services: services.len(),
            rated,
            plain: Columns::new(scores, &present),
            rounded: Columns::new(rounded, &present),
            present: present
                .into_iter()
                .map(|column| if all(&column) { None } else { Some(column) })
                .collect(),
        }
    }

    /// Room for values.
    pub fn values(&self) -> Values {
        let blank = vec![f64::NAN; self.services];
        let groups = vec![blank.clone(); self.framework.groups.len()];
        Values { groups, sum: blank.clone(), weight: blank }
    }

    /// Computes every group's values; those that `stays` are left as they are.
    pub fn compute(&self, weights: &Weights, means: Means, stays: &[bool], values: &mut Values) {
        for at in (0..self.framework.groups.len()).rev().filter(|at| !stays[*at]) {
            let group = &self.framework.groups[at];
            let own = self.framework.policy.aggregation_at(group.depth);
            let aggregation = means.aggregation.unwrap_or(own);
            values.sum.fill(0.0);
            match &group.children {
                Children::Parameters => {
                    self.add_parameters(group.parameters.clone(), weights, means, aggregation, values)
                }
                Children::Groups(children) => add_groups(children, weights, aggregation, values),
            }
            let scale = scale(self.framework);
            let Values { groups, sum, weight } = values;
            for ((value, sum), weight) in groups[at].iter_mut().zip(sum).zip(weight) {
                // No weight at all: 0 / 0 is not a number, and there is no value.
                let mean = *sum / *weight;
                *value = match aggregation {
                    Aggregation::Arithmetic => mean,
                    Aggregation::Geometric if mean.is_nan() => mean,
                    Aggregation::Geometric => exp(mean),
                };
                if means.rounding == Rounding::EachLevel {
                    *value = rounded(*value, scale);
                }
            }
        }
    }

    fn add_parameters(
        &self,
        parameters: std::ops::Range<usize>,
        weights: &Weights,
        means: Means,
        aggregation: Aggregation,
        values: &mut Values,
    ) {
        let columns = match means.rounding {
            Rounding::End => &self.plain,
            Rounding::EachLevel => &self.rounded,
        };
        let columns = match aggregation {
            Aggregation::Arithmetic => &columns.scores,
            Aggregation::Geometric => &columns.logarithms,
        };
        let counted = || parameters.clone().filter(|at| weights.parameters[*at] > 0.0);
        let of_all: f64 =
            counted().filter(|at| self.present[*at].is_none()).map(|at| weights.parameters[at]).sum();
        values.weight.fill(of_all);
        for at in counted() {
            let weight = weights.parameters[at];
            for (sum, score) in values.sum.iter_mut().zip(&columns[at]) {
                *sum += weight * score;
            }
            if let Some(present) = &self.present[at] {
                for (total, present) in values.weight.iter_mut().zip(present) {
                    *total += weight * present;
                }
            }
        }
    }
}

fn add_groups(children: &[GroupIndex], weights: &Weights, aggregation: Aggregation, values: &mut Values) {
    values.weight.fill(0.0);
    for child in children {
        let weight = weights.groups[child.get()];
        if weight == 0.0 {
            continue;
        }
        let Values { groups, sum, weight: total } = &mut *values;
        for ((sum, total), value) in sum.iter_mut().zip(total).zip(&groups[child.get()]) {
            let there = !value.is_nan();
            let value = match aggregation {
                Aggregation::Arithmetic => *value,
                Aggregation::Geometric if there => ln(*value),
                Aggregation::Geometric => *value,
            };
            *sum += if there { weight * value } else { 0.0 };
            *total += if there { weight } else { 0.0 };
        }
    }
}

impl Columns {
    fn new(scores: Vec<Vec<f64>>, present: &[Vec<f64>]) -> Self {
        let logarithm = |(score, present): (&f64, &f64)| if *present > 0.0 { ln(*score) } else { 0.0 };
        let logarithms = scores
            .iter()
            .zip(present)
            .map(|(column, present)| column.iter().zip(present).map(logarithm).collect())
            .collect();
        Self { scores, logarithms }
    }
}

/// Units of the last published place in 1.
pub fn scale(framework: &Framework) -> f64 {
    100.0 * 10u64.pow(framework.policy.decimals) as f64
}

/// To the last published place, a half up.
fn rounded(value: f64, scale: f64) -> f64 {
    (value * scale + 0.5).floor() / scale
}
