//! How sure a ranking is: the round scored again with weights drawn around their own, with one thing
//! changed at a time, and with everything changed at once. The formulas are in `docs/analysis.md`.

mod draws;
mod matrix;
mod scenarios;

use crate::framework::{Aggregation, Framework, Missing, NotApplicable, Rounding};
use crate::id::{EntityIndex, ServiceIndex};
use crate::round::Round;

use super::rank::Results;
use super::score::Scorer;
use super::sobol::{Design, Sensitivity};
use draws::{Model, Setting};
pub use draws::{Neighbours, Spread};
pub use matrix::Weights;
use matrix::{Matrix, Means};
pub use scenarios::{Change, Scenario};

/// What is tried.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which weights are tried.
    pub weighting: Weighting,
    /// At which of the framework's levels weights are drawn.
    pub levels: Vec<bool>,
    /// Whether rules are drawn with the weights.
    pub rules_too: bool,
    /// How many draws.
    pub draws: usize,
    /// How many rows the samples for Sobol' indices have; none are computed for 0.
    pub rows: usize,
    /// Whether one thing is changed at a time.
    pub changes: bool,
    /// Where the random numbers begin.
    pub seed: u64,
    /// The first so many places are looked at.
    pub top: usize,
    /// How many threads work; it changes nothing but the time.
    pub threads: usize,
}

/// Which weights are tried.
#[derive(Clone, Debug)]
pub enum Weighting {
    /// Each is drawn evenly from within this part of itself, up or down.
    Uniform(f64),
    /// Those of siblings are drawn together (Dirichlet), narrower with a higher concentration.
    Dirichlet(f64),
    /// These sets, one a draw.
    Sets(Vec<Weights>),
}

/// How sure a ranking is.
pub struct Robustness {
    /// How many draws there were.
    pub draws: usize,
    /// Services in ranking order.
    pub services: Vec<Spread<ServiceIndex>>,
    /// Entities by category and rank.
    pub entities: Vec<Spread<EntityIndex>>,
    /// Each service with the next in the ranking.
    pub neighbours: Vec<Neighbours>,
    /// By how many places a service moved in a draw, the mean over all services and draws.
    pub mean_shift: f64,
    /// One thing changed at a time, by the real scoring.
    pub scenarios: Vec<Scenario>,
    /// Which choices move ranks.
    pub choices: Vec<(Choice, Sensitivity)>,
}

/// A choice that someone made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The weights at a level.
    Weights(usize),
    /// What a gap is worth.
    Missing,
    /// What an answer "not applicable" is worth.
    NotApplicable,
    /// The kind of mean.
    Aggregation,
    /// Where figures are rounded.
    Rounding,
}

/// Tries a plan on a round.
pub fn robustness(framework: &Framework, round: &Round, results: &Results, plan: &Plan) -> Robustness {
    let rules = Rules::new(framework, plan.rules_too || plan.rows > 0);
    let scorers: Vec<Scorer<'_>> =
        rules.frameworks.iter().map(|framework| Scorer::new(framework, round)).collect();
    let services: Vec<ServiceIndex> =
        results.ranked().filter(|result| !result.held_out).map(|result| result.service).collect();
    let matrices = scorers.iter().map(|scorer| Matrix::new(scorer, &services)).collect();
    let model = Model::new(framework, round, results, services, matrices, plan.top);
    let draws = match &plan.weighting {
        Weighting::Sets(sets) => sets.len(),
        Weighting::Uniform(_) | Weighting::Dirichlet(_) => plan.draws,
    };
    let setting = |draw: usize| match &plan.weighting {
        Weighting::Sets(sets) => Setting {
            weights: sets[draw].clone(),
            matrix: 0,
            means: Means { aggregation: None, rounding: framework.policy.rounding },
        },
        Weighting::Uniform(_) | Weighting::Dirichlet(_) => {
            let draw = draw as u64;
            let levels = vec![draw; plan.levels.len()];
            let rows = plan.rules_too.then_some([draw; 4]);
            rules.setting(framework, plan, &levels, rows)
        }
    };
    let spread = model.spread(draws, plan.threads, &stays(framework, plan), setting);
    let choices = choices(framework, plan, &rules, &model);
    let scenarios = match plan.changes {
        true => scenarios::scenarios(framework, round, results, plan.threads),
        false => Vec::new(),
    };
    Robustness {
        draws,
        services: spread.services,
        entities: spread.entities,
        neighbours: spread.neighbours,
        mean_shift: spread.mean_shift,
        scenarios,
        choices,
    }
}

/// The groups whose values no draw moves: nothing below them is drawn.
fn stays(framework: &Framework, plan: &Plan) -> Vec<bool> {
    let drawn = |level: usize| plan.levels.get(level).copied().unwrap_or(false);
    let by_weights = matches!(plan.weighting, Weighting::Sets(_)) || plan.rules_too;
    let last = framework.levels.len().saturating_sub(1);
    let mut stays = vec![true; framework.groups.len()];
    for (at, group) in framework.groups.iter().enumerate().rev() {
        stays[at] = !by_weights
            && match &group.children {
                crate::framework::Children::Parameters => !drawn(last),
                crate::framework::Children::Groups(children) => {
                    !drawn(group.depth) && children.iter().all(|child| stays[child.get()])
                }
            };
    }
    stays
}

/// The rules that may be drawn; the framework's own come first.
struct Rules {
    missing: Vec<Missing>,
    not_applicable: Vec<NotApplicable>,
    aggregation: [Option<Aggregation>; 2],
    rounding: [Rounding; 2],
    /// The framework under each rule for gaps and each for answers "not applicable".
    frameworks: Vec<Framework>,
}

impl Rules {
    fn new(framework: &Framework, all: bool) -> Self {
        let policy = &framework.policy;
        let mut missing = vec![policy.missing];
        let mut not_applicable = vec![policy.not_applicable];
        if all {
            missing
                .extend([Missing::Zero, Missing::Exclude].into_iter().filter(|rule| *rule != policy.missing));
            // Held-out services stay out: under `reject` no gap is left that a rule could be about.
            missing.truncate(if policy.missing == Missing::Reject { 1 } else { 2 });
            let others = [NotApplicable::Exclude, NotApplicable::Full, NotApplicable::Zero];
            not_applicable.extend(others.into_iter().filter(|rule| *rule != policy.not_applicable));
        }
        let mut frameworks = Vec::new();
        for missing in &missing {
            for not_applicable in &not_applicable {
                let mut framework = framework.clone();
                framework.policy.missing = *missing;
                framework.policy.not_applicable = *not_applicable;
                frameworks.push(framework);
            }
        }
        let other_mean =
            if policy.is_arithmetic() { Aggregation::Geometric } else { Aggregation::Arithmetic };
        let other_rounding = match policy.rounding {
            Rounding::End => Rounding::EachLevel,
            Rounding::EachLevel => Rounding::End,
        };
        Self {
            missing,
            not_applicable,
            aggregation: [None, Some(other_mean)],
            rounding: [policy.rounding, other_rounding],
            frameworks,
        }
    }

    /// The setting whose weights at each level are those of a row, and whose rules are drawn by rows
    /// too, or are the framework's own.
    fn setting(
        &self,
        framework: &Framework,
        plan: &Plan,
        levels: &[u64],
        rules: Option<[u64; 4]>,
    ) -> Setting {
        let pick = |choice: usize, count: usize| {
            rules.map_or(0, |rows| {
                let stream = rows[choice] * 4 + choice as u64;
                super::random::Random::of(!plan.seed, stream).below(count)
            })
        };
        let (missing, not_applicable) = (pick(0, self.missing.len()), pick(1, self.not_applicable.len()));
        Setting {
            weights: draws::weights(framework, plan, levels),
            matrix: missing * self.not_applicable.len() + not_applicable,
            means: Means { aggregation: self.aggregation[pick(2, 2)], rounding: self.rounding[pick(3, 2)] },
        }
    }
}

/// Which choices move ranks: Sobol' indices of the mean shift of ranks.
fn choices(
    framework: &Framework,
    plan: &Plan,
    rules: &Rules,
    model: &Model<'_>,
) -> Vec<(Choice, Sensitivity)> {
    if plan.rows == 0 || matches!(plan.weighting, Weighting::Sets(_)) {
        return Vec::new();
    }
    let mut list: Vec<Choice> =
        (0..plan.levels.len()).filter(|level| plan.levels[*level]).map(Choice::Weights).collect();
    if rules.missing.len() > 1 {
        list.push(Choice::Missing);
    }
    list.extend([Choice::NotApplicable, Choice::Aggregation, Choice::Rounding]);
    let rows = plan.rows as u64;
    // Rows of the samples lie beyond those of the draws, so that the two are independent.
    let first = plan.draws as u64;
    let sample = |row: u64, crossed: Option<Choice>| {
        let (own, other) = (first + row % rows, first + rows + row % rows);
        let base = if row < rows { own } else { other };
        let of = |choice: Choice| if crossed == Some(choice) { other } else { base };
        let levels: Vec<u64> = (0..plan.levels.len()).map(|level| of(Choice::Weights(level))).collect();
        let drawn = [Choice::Missing, Choice::NotApplicable, Choice::Aggregation, Choice::Rounding].map(of);
        rules.setting(framework, plan, &levels, Some(drawn))
    };
    let nothing = vec![false; framework.groups.len()];
    let results = |from: u64, crossed: Option<Choice>| {
        model.shifts(plan.rows, plan.threads, &nothing, |row| sample(from + row as u64, crossed))
    };
    let design = Design {
        a: results(0, None),
        b: results(rows, None),
        crossed: list.iter().map(|choice| results(0, Some(*choice))).collect(),
    };
    list.into_iter().zip(design.sensitivities(plan.seed)).collect()
}
