//! From answers to scores: the state of every parameter of a service, and the value of every group.
//!
//! Values are first computed in floating point with a bound on their error; where the bound straddles
//! a rounding boundary, the service is computed again in exact rationals. Either way the published
//! figures are those of the exact rationals.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use num_integer::Integer;
use rust_decimal::Decimal;

use super::aggregate::{mean, published_nearly};
use super::fraction::{Fraction, Mean, TooLong};
use crate::framework::{
    Aggregation, Children, EvidencePolicy, EvidenceRule, Framework, Group, Missing, NotApplicable, Rounding,
};
use crate::id::{GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::{Half, Published, Ratio, Score, UNIT, Weight};
use crate::round::{Answers, Response, Round};
use crate::scale::{Answer, Scale};

/// What became of a parameter of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was answered, and has the answer's score.
    Scored,
    /// It was not answered.
    Missing,
    /// It does not apply, by the registry, by an answer, or by what it requires.
    NotApplicable,
    /// Its answer does not count: evidence or confirmation is lacking.
    Void,
    /// What it requires is not there: it scores 0 without being asked.
    Implied,
}

impl State {
    /// The word for it in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scored => "scored",
            Self::Missing => "missing",
            Self::NotApplicable => "not-applicable",
            Self::Void => "void",
            Self::Implied => "implied",
        }
    }
}

/// The state of a parameter, and the score that it brings to its group; none when it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its state.
    pub state: State,
    /// What goes up to its group.
    pub score: Option<Score>,
}

/// What becomes of an answer that does not count.
const VOID: Outcome = Outcome { state: State::Void, score: Some(Score::ZERO) };

/// What becomes of a parameter by the code of its answer, whatever it requires.
struct ByCode {
    /// With evidence.
    proved: Vec<Outcome>,
    /// Whether an answer that scores is void without evidence.
    needs_evidence: bool,
    /// For each thing that it requires, whether the code of the required parameter's answer gives it.
    gives: Vec<Vec<bool>>,
}

impl ByCode {
    fn outcome(&self, code: usize, evidence: impl FnOnce() -> bool) -> Outcome {
        let outcome = self.proved[code];
        match self.needs_evidence && outcome.state == State::Scored && !evidence() {
            true => VOID,
            false => outcome,
        }
    }
}

/// Answers in place of a service's own, confirmed and with evidence, to see what would come of them.
pub type Changes = BTreeMap<ParameterIndex, Response>;

/// Scores the services of a round.
pub struct Scorer<'a> {
    framework: &'a Framework,
    round: &'a Round,
    /// For each parameter and response of its dictionary, what the response is worth.
    worth: Vec<Vec<Option<Score>>>,
    /// For each parameter, what becomes of it by its answer.
    by_code: Vec<ByCode>,
    /// Parameters whose answer does not decide alone, each after those it requires.
    dependent: Vec<ParameterIndex>,
    /// For each group of parameters, their weights without what they have in common, where sums of
    /// these times scores fit a machine's integers.
    weights: Vec<Option<Vec<u64>>>,
    /// For each group, how far the float of its value may be off, relative to it.
    bounds: Vec<f64>,
}

/// The unit roundoff of a float.
const ROUNDOFF: f64 = f64::EPSILON / 2.0;

impl<'a> Scorer<'a> {
    /// Prepares the scoring of a round.
    pub fn new(framework: &'a Framework, round: &'a Round) -> Self {
        let worth = (0..framework.parameters.len())
            .map(ParameterIndex::new)
            .map(|parameter| {
                let scale = framework.scale(parameter);
                let dictionary = round.answers.dictionary(parameter);
                dictionary.iter().map(|response| response_score(scale, response)).collect()
            })
            .collect();
        let is_dependent = |parameter: &ParameterIndex| {
            let definition = framework.parameter(*parameter);
            !definition.applies_when.is_empty() || !definition.requires.is_empty()
        };
        let dependent = framework.by_requirement().iter().copied().filter(is_dependent).collect();
        let weights =
            (0..framework.groups.len()).map(|at| small_weights(framework, GroupIndex::new(at))).collect();
        let mut scorer = Self {
            framework,
            round,
            worth,
            by_code: Vec::new(),
            dependent,
            weights,
            bounds: bounds(framework),
        };
        let parameters = (0..framework.parameters.len()).map(ParameterIndex::new);
        scorer.by_code = parameters.map(|parameter| scorer.by_code(parameter)).collect();
        scorer
    }

    fn by_code(&self, parameter: ParameterIndex) -> ByCode {
        let definition = self.framework.parameter(parameter);
        let answered = self.worth[parameter.get()].iter().map(|worth| self.worth_of(*worth));
        let gives = definition.requires.iter().map(|requirement| {
            let responses = self.round.answers.dictionary(requirement.parameter).iter();
            let given = responses.map(|response| gives_one_of(response, &requirement.options));
            std::iter::repeat_n(false, Answers::FIRST).chain(given).collect()
        });
        ByCode {
            proved: std::iter::repeat_n(self.missing(), Answers::FIRST).chain(answered).collect(),
            needs_evidence: definition.evidence == EvidenceRule::Required
                && self.framework.policy.evidence == EvidencePolicy::Void,
            gives: gives.collect(),
        }
    }

    /// What the answer of a cell is worth, whether it counts or not; none for a gap or "not applicable".
    pub fn worth(&self, service: ServiceIndex, parameter: ParameterIndex) -> Option<Score> {
        self.worth[parameter.get()][self.round.answers.position(service, parameter)?]
    }

    /// The framework that is scored by.
    pub fn framework(&self) -> &'a Framework {
        self.framework
    }

    /// The round that is scored.
    pub fn round(&self) -> &'a Round {
        self.round
    }

    /// The state and score of every parameter of a service, in the framework's order.
    pub fn outcomes(&self, service: ServiceIndex) -> Vec<Outcome> {
        self.outcomes_with(service, &Changes::new())
    }

    /// The same with other answers in place of some.
    pub fn outcomes_with(&self, service: ServiceIndex, changes: &Changes) -> Vec<Outcome> {
        let answers = &self.round.answers;
        let codes = answers.codes(service).zip(&self.by_code).enumerate();
        let mut outcomes: Vec<Outcome> = codes
            .map(|(at, (code, by_code))| {
                let parameter = ParameterIndex::new(at);
                match code >= Answers::FIRST && answers.is_void(service, parameter) {
                    true => VOID,
                    false => by_code.outcome(code, || answers.has_evidence(service, parameter)),
                }
            })
            .collect();
        for parameter in if changes.is_empty() { &self.dependent } else { self.framework.by_requirement() } {
            outcomes[parameter.get()] = self.outcome(service, *parameter, changes, &outcomes);
        }
        outcomes
    }

    /// The first of the states that holds; `known` has those of the parameters it requires.
    fn outcome(
        &self,
        service: ServiceIndex,
        parameter: ParameterIndex,
        changes: &Changes,
        known: &[Outcome],
    ) -> Outcome {
        let definition = self.framework.parameter(parameter);
        let left_out = Outcome { state: State::NotApplicable, score: None };
        if !definition.applies_when.is_empty() && !self.round.applies(self.framework, service, parameter) {
            return left_out;
        }
        if !definition.requires.is_empty() {
            let required =
                || definition.requires.iter().map(|requirement| known[requirement.parameter.get()].state);
            if required().any(|state| state == State::NotApplicable) {
                return left_out;
            }
            if required().any(|state| state == State::Missing) {
                return self.missing();
            }
            let gives = &self.by_code[parameter.get()].gives;
            let unmet = definition.requires.iter().zip(gives).any(|(requirement, gives)| {
                let state = known[requirement.parameter.get()].state;
                let given = match changes.get(&requirement.parameter) {
                    Some(response) => gives_one_of(response, &requirement.options),
                    None => gives[self.round.answers.code(service, requirement.parameter)],
                };
                matches!(state, State::Void | State::Implied) || !given
            });
            if unmet {
                return Outcome { state: State::Implied, score: Some(Score::ZERO) };
            }
        }
        match changes.get(&parameter) {
            Some(response) => self.worth_of(response_score(self.framework.scale(parameter), response)),
            None => self.own(service, parameter),
        }
    }

    fn missing(&self) -> Outcome {
        let score = match self.framework.policy.missing {
            Missing::Zero | Missing::Reject => Some(Score::ZERO),
            Missing::Exclude => None,
        };
        Outcome { state: State::Missing, score }
    }

    /// What becomes of a parameter by its own answer, whatever it requires.
    pub fn own(&self, service: ServiceIndex, parameter: ParameterIndex) -> Outcome {
        let answers = &self.round.answers;
        match answers.position(service, parameter) {
            Some(_) if answers.is_void(service, parameter) => VOID,
            Some(position) => self.by_code[parameter.get()]
                .outcome(position + Answers::FIRST, || answers.has_evidence(service, parameter)),
            None => self.missing(),
        }
    }

    /// What an answer comes to that neither lacks evidence nor confirmation; none for a gap.
    pub fn answered(&self, service: ServiceIndex, parameter: ParameterIndex) -> Option<Outcome> {
        let position = self.round.answers.position(service, parameter)?;
        Some(self.worth_of(self.worth[parameter.get()][position]))
    }

    /// What an answer that counts comes to, by what it is worth.
    fn worth_of(&self, worth: Option<Score>) -> Outcome {
        match worth {
            None => Outcome {
                state: State::NotApplicable,
                score: match self.framework.policy.not_applicable {
                    NotApplicable::Exclude => None,
                    NotApplicable::Full => Some(Score::ONE),
                    NotApplicable::Zero => Some(Score::ZERO),
                },
            },
            score @ Some(_) => Outcome { state: State::Scored, score },
        }
    }

    /// The values of all groups under these outcomes.
    pub fn values(&self, outcomes: Vec<Outcome>) -> Values<'_> {
        let floats = match self.framework.policy.rounding {
            Rounding::End => floats(self.framework, &self.weights, &outcomes),
            // Each level rounds: only exact values can be rounded on the way.
            Rounding::EachLevel => Vec::new(),
        };
        let count = |is: fn(State) -> bool| outcomes.iter().filter(|outcome| is(outcome.state)).count();
        Values {
            framework: self.framework,
            bounds: &self.bounds,
            weights: &self.weights,
            applicable: count(|state| state != State::NotApplicable),
            answered: count(|state| matches!(state, State::Scored | State::Implied)),
            outcomes,
            floats,
            exact: OnceCell::new(),
        }
    }

    /// The missing parameters for which a service with these outcomes is held out, where the policy rejects it.
    pub fn rejecting<'o>(&self, outcomes: &'o [Outcome]) -> impl Iterator<Item = ParameterIndex> + use<'o> {
        let looked_at = match self.framework.policy.missing {
            Missing::Reject => outcomes,
            Missing::Zero | Missing::Exclude => &[],
        };
        let is_missing = |(_, outcome): &(usize, &Outcome)| outcome.state == State::Missing;
        looked_at.iter().enumerate().filter(is_missing).map(|(at, _)| ParameterIndex::new(at))
    }

    /// Whether a service with these outcomes is held out: something is missing, and that rejects it.
    pub fn is_rejected(&self, outcomes: &[Outcome]) -> bool {
        self.rejecting(outcomes).next().is_some()
    }

    /// The values of a service.
    pub fn service(&self, service: ServiceIndex) -> Values<'_> {
        self.values(self.outcomes(service))
    }
}

/// What a response is worth: the mean of the scores of those who gave one.
fn response_score(scale: &Scale, response: &Response) -> Option<Score> {
    let given: Vec<Score> = response.iter().filter_map(|answer| scale.score(answer)).collect();
    Score::mean(&given)
}

/// Whether every evaluator gave one of these options.
fn gives_one_of(response: &Response, options: &[usize]) -> bool {
    response.iter().all(|answer| matches!(answer, Answer::Choice(option) if options.contains(option)))
}

/// How far the float of each group's value may be off, relative to it. All terms are positive, so
/// that relative errors do not grow in sums: a mean of n children adds at most n + 6 roundings; a
/// logarithm here is below 64 in size (see `floats`), which a geometric mean's error may be times.
fn bounds(framework: &Framework) -> Vec<f64> {
    let mut bounds = vec![0.0_f64; framework.groups.len()];
    for (at, group) in framework.groups.iter().enumerate().rev() {
        let (children, below) = match &group.children {
            Children::Parameters => (group.parameters.len(), 0.0),
            Children::Groups(groups) => {
                (groups.len(), groups.iter().map(|child| bounds[child.get()]).fold(0.0, f64::max))
            }
        };
        let own = (children as f64 + 6.0) * 2.0 * ROUNDOFF;
        bounds[at] = match framework.policy.aggregation_at(group.depth) {
            Aggregation::Arithmetic => below + own,
            Aggregation::Geometric => 2.0 * below + 128.0 * own,
        };
    }
    bounds
}

/// Below this a geometric mean leaves the floats: its logarithm would be too large for the bound.
const SMALLEST: f64 = 1e-27;

/// The value of every group in floating point; not a number where it has none, and infinite where
/// only exact arithmetic will do.
fn floats(framework: &Framework, weights: &[Option<Vec<u64>>], outcomes: &[Outcome]) -> Vec<f64> {
    let mut values = vec![f64::NAN; framework.groups.len()];
    for (at, group) in framework.groups.iter().enumerate().rev() {
        let aggregation = framework.policy.aggregation_at(group.depth);
        values[at] = match (&group.children, aggregation) {
            (Children::Parameters, Aggregation::Arithmetic) => {
                let (sum, total) = match weights[at].as_deref() {
                    Some(weights) => {
                        let (sum, total) = small_sums(weights, group, outcomes);
                        (sum as f64, total as f64)
                    }
                    None => {
                        let (sum, total) = large_sums(framework, group, outcomes);
                        (sum as f64, total as f64)
                    }
                };
                if total == 0.0 { f64::NAN } else { sum / total / UNIT as f64 }
            }
            (Children::Parameters, Aggregation::Geometric) => {
                let parameters = &framework.parameters[group.parameters.clone()];
                let children = parameters.iter().zip(&outcomes[group.parameters.clone()]);
                let scored = children.filter_map(|(parameter, outcome)| {
                    outcome.score.map(|score| (parameter.weight, f64::from(score.units()) / UNIT as f64))
                });
                float_mean(aggregation, scored)
            }
            (Children::Groups(groups), _) => {
                let scored = groups.iter().map(|child| (framework.group(*child).weight, values[child.get()]));
                float_mean(aggregation, scored.filter(|(_, value)| !value.is_nan()))
            }
        };
    }
    values
}

/// The weights of what is right below a group without what they have in common, where the sum of weight
/// times score fits 64 bits.
fn small_weights(framework: &Framework, at: GroupIndex) -> Option<Vec<u64>> {
    let weights = || framework.child_weights(at).map(Weight::units);
    let common = weights().fold(0, |common: u64, weight| common.gcd(&weight)).max(1);
    let weights: Vec<u64> = weights().map(|weight| weight / common).collect();
    let total = weights.iter().try_fold(0u64, |total, weight| total.checked_add(*weight))?;
    total.checked_mul(UNIT).map(|_| weights)
}

/// The sum of weight times score of a group's parameters, and that of their weights, in integers: exact.
fn sums(framework: &Framework, group: &Group, small: Option<&[u64]>, outcomes: &[Outcome]) -> (u128, u128) {
    match small {
        Some(weights) => {
            let (sum, total) = small_sums(weights, group, outcomes);
            (sum.into(), total.into())
        }
        None => large_sums(framework, group, outcomes),
    }
}

/// The same of weights for which the sums fit 64 bits.
fn small_sums(weights: &[u64], group: &Group, outcomes: &[Outcome]) -> (u64, u64) {
    let (mut sum, mut total) = (0, 0);
    for (weight, outcome) in weights.iter().zip(&outcomes[group.parameters.clone()]) {
        sum += weight * u64::from(outcome.score.map_or(0, Score::units));
        total += weight * u64::from(outcome.score.is_some());
    }
    (sum, total)
}

/// The same of any weights.
fn large_sums(framework: &Framework, group: &Group, outcomes: &[Outcome]) -> (u128, u128) {
    let scores = outcomes[group.parameters.clone()].iter().map(|outcome| outcome.score);
    let weights = framework.parameters[group.parameters.clone()].iter().map(|parameter| parameter.weight);
    let scored = weights.zip(scores).filter_map(|(weight, score)| Some((u128::from(weight.units()), score?)));
    scored.fold((0, 0), |(sum, total), (weight, score)| {
        (sum + weight * u128::from(score.units()), total + weight)
    })
}

/// A weighted mean in floating point; not a number when nothing weighs anything.
fn float_mean(aggregation: Aggregation, children: impl Iterator<Item = (Weight, f64)>) -> f64 {
    let (mut sum, mut total, mut zero) = (0.0, 0.0, false);
    for (weight, value) in children.filter(|(weight, _)| !weight.is_zero()) {
        let weight = weight.units() as f64;
        total += weight;
        match aggregation {
            Aggregation::Arithmetic => sum += weight * value,
            Aggregation::Geometric if value == 0.0 => zero = true,
            Aggregation::Geometric if value < SMALLEST => sum = f64::INFINITY,
            Aggregation::Geometric => sum += weight * value.ln(),
        }
    }
    match aggregation {
        _ if total == 0.0 => f64::NAN,
        Aggregation::Arithmetic => sum / total,
        Aggregation::Geometric if zero => 0.0,
        Aggregation::Geometric => (sum / total).exp(),
    }
}

/// The values of all groups of one service.
pub struct Values<'a> {
    framework: &'a Framework,
    bounds: &'a [f64],
    weights: &'a [Option<Vec<u64>>],
    applicable: usize,
    answered: usize,
    outcomes: Vec<Outcome>,
    floats: Vec<f64>,
    exact: OnceCell<Vec<Option<Ratio>>>,
}

impl Values<'_> {
    /// What became of every parameter.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// How many parameters apply.
    pub fn applicable(&self) -> usize {
        self.applicable
    }

    /// How many parameters are answered: scored or implied.
    pub fn answered(&self) -> usize {
        self.answered
    }

    /// Whether enough is answered for an index.
    pub fn is_sufficient(&self) -> bool {
        let least = self.framework.policy.minimum_coverage;
        let covered = || Decimal::from(self.answered * 100) >= least * Decimal::from(self.applicable);
        self.applicable > 0 && (least.is_zero() || covered())
    }

    /// A group's published score, in percent; none when it has no score.
    pub fn published(&self, group: GroupIndex) -> Option<Published> {
        let policy = &self.framework.policy;
        let Some(&value) = self.floats.get(group.get()) else { return self.published_exactly(group) };
        if value.is_nan() {
            return None;
        }
        let scale = 100.0 * 10f64.powi(policy.decimals as i32);
        let scaled = value * scale;
        let fraction = scaled - scaled.floor();
        let nearby = if policy.is_arithmetic() { 0.0 } else { 2e-15 * scale };
        let error = scaled * (self.bounds[group.get()] + 8.0 * ROUNDOFF) + nearby;
        if !scaled.is_finite() || (fraction - 0.5).abs() <= error {
            return self.published_exactly(group);
        }
        Some(Published::from_units(scaled.round() as i64, policy.decimals))
    }

    fn published_exactly(&self, group: GroupIndex) -> Option<Published> {
        let policy = &self.framework.policy;
        if policy.is_arithmetic() && policy.rounding == Rounding::End {
            let figure = |value: Fraction| value.published(policy.decimals, policy.half);
            if let Ok(found) = self.fraction(group).and_then(|value| value.map(figure).transpose()) {
                return found;
            }
        }
        self.exact(group).map(|value| published(value, self.framework))
    }

    /// A float near a group's value, to weigh possibilities by; nothing published comes from it.
    pub fn near(&self, group: GroupIndex) -> f64 {
        match self.floats.get(group.get()) {
            Some(value) if value.is_finite() => *value,
            Some(_) | None => self.exact(group).map_or(0.0, Ratio::to_f64),
        }
    }

    /// A group's exact value where all means are arithmetic, as long as it fits machine integers.
    fn fraction(&self, group: GroupIndex) -> Mean {
        let weights = self.weights[group.get()].as_deref();
        let definition = self.framework.group(group);
        match &definition.children {
            Children::Parameters => {
                let (sum, total) = sums(self.framework, definition, weights, &self.outcomes);
                Fraction::of_sums(sum, total)
            }
            Children::Groups(groups) => {
                let children = weights.ok_or(TooLong)?.iter().zip(groups);
                let scored =
                    children.map(|(weight, child)| Ok(self.fraction(*child)?.map(|value| (*weight, value))));
                Fraction::mean(scored.filter_map(Result::transpose))
            }
        }
    }

    /// The index; none when the root has no score or too little is answered.
    pub fn index(&self) -> Option<Published> {
        self.published(GroupIndex::ROOT).filter(|_| self.is_sufficient())
    }

    /// A group's exact value, 1 at most; none when it has no score.
    pub fn exact(&self, group: GroupIndex) -> Option<&Ratio> {
        self.exact.get_or_init(|| exact(self.framework, &self.outcomes))[group.get()].as_ref()
    }

    /// The exact index.
    pub fn exact_index(&self) -> Option<&Ratio> {
        self.exact(GroupIndex::ROOT).filter(|_| self.is_sufficient())
    }
}

/// The exact value of every group under these outcomes. With rounding at each level, what goes up from
/// children is rounded; the value itself is not.
pub fn exact(framework: &Framework, outcomes: &[Outcome]) -> Vec<Option<Ratio>> {
    exact_from(framework, outcomes, None)
}

/// The same where the values under other outcomes are known: only groups below which something is different are
/// computed anew.
pub fn exact_from(
    framework: &Framework,
    outcomes: &[Outcome],
    known: Option<(&[Outcome], &[Option<Ratio>])>,
) -> Vec<Option<Ratio>> {
    let policy = &framework.policy;
    let each_level = policy.rounding == Rounding::EachLevel;
    let mut values: Vec<Option<Ratio>> = vec![None; framework.groups.len()];
    for (at, group) in framework.groups.iter().enumerate().rev() {
        let below = group.parameters.clone();
        if let Some((_, known)) = known.filter(|(others, _)| others[below.clone()] == outcomes[below]) {
            values[at].clone_from(&known[at]);
            continue;
        }
        let children: Vec<(Weight, Ratio)> = match &group.children {
            Children::Parameters => {
                let parameters = &framework.parameters[group.parameters.clone()];
                let scored = parameters.iter().zip(&outcomes[group.parameters.clone()]);
                scored
                    .filter_map(|(parameter, outcome)| {
                        let score = outcome.score?;
                        let rounded = || parameter_figure(score, policy.decimals, policy.half).ratio();
                        Some((parameter.weight, if each_level { rounded() } else { score.ratio() }))
                    })
                    .collect()
            }
            Children::Groups(groups) => {
                let scored = groups.iter().filter_map(|child| Some((*child, values[child.get()].as_ref()?)));
                scored
                    .map(|(child, value)| {
                        let weight = framework.group(child).weight;
                        (weight, if each_level { published(value, framework).ratio() } else { value.clone() })
                    })
                    .collect()
            }
        };
        values[at] = mean(policy.aggregation_at(group.depth), &children);
    }
    values
}

/// The published figure of an exact value under a framework's policy.
pub fn published(value: &Ratio, framework: &Framework) -> Published {
    let policy = &framework.policy;
    match policy.is_arithmetic() {
        true => Published::from_ratio(value, policy.decimals, policy.half),
        false => published_nearly(value, policy.decimals, policy.half),
    }
}

/// A parameter's published score, in percent.
pub fn parameter_figure(score: Score, decimals: u32, half: Half) -> Published {
    let scaled = u128::from(score.units()) * 100 * 10u128.pow(decimals);
    let unit = u128::from(UNIT);
    let (whole, rest) = (scaled / unit, scaled % unit);
    let up = match (2 * rest).cmp(&unit) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => half == Half::Up || whole % 2 == 1,
    };
    Published::from_units((whole + u128::from(up)) as i64, decimals)
}
