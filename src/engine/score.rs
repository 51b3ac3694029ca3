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
use crate::parallel;
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

    /// Whether it counts as answered.
    fn is_answered(self) -> bool {
        matches!(self, Self::Scored | Self::Implied)
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
/// What becomes of a parameter that does not apply.
const LEFT_OUT: Outcome = Outcome { state: State::NotApplicable, score: None };
/// What becomes of a parameter when what it requires is not there.
const IMPLIED: Outcome = Outcome { state: State::Implied, score: Some(Score::ZERO) };

/// What becomes of a parameter that requires others or conditions.
enum Fate {
    LeftOut,
    Missing,
    Implied,
    /// What its own answer says.
    Own,
}

/// What an outcome brings to sums. The lower halves are what the weight of its parameter is multiplied with: the
/// score in billionths, and 1 where it has one. The upper halves are counted: whether it applies, and whether it is
/// answered. In this form machines take both numbers in one go.
#[derive(Clone, Copy, Debug)]
struct Share([u64; 2]);

impl Share {
    fn of(Outcome { state, score }: Outcome) -> Self {
        let with = |count: bool, number: u32| u64::from(count) << 32 | u64::from(number);
        Self([
            with(state != State::NotApplicable, score.map_or(0, Score::units)),
            with(state.is_answered(), u32::from(score.is_some())),
        ])
    }
}

/// What the parameters of a group come to together: the sum of weights times scores in billionths, and the sum of
/// the weights of those that have a score.
#[derive(Clone, Copy, Debug)]
struct Leaves {
    weighted: u128,
    weight: u128,
}

/// Answers in place of a service's own, confirmed and with evidence, to see what would come of them.
pub type Changes = BTreeMap<ParameterIndex, Response>;

/// Scores the services of a round.
///
/// All that may become of a parameter is found once and has a number: its *fate*. A service is then a fate for
/// each parameter, and what a group comes to is a sum over these. Parameters that are answered alike share theirs,
/// so that a processor has them at hand.
pub struct Scorer<'a> {
    framework: &'a Framework,
    round: &'a Round,
    /// For each parameter the fate of code 0; those of the other codes follow it.
    first: Vec<u32>,
    /// What each fate is.
    outcomes: Vec<Outcome>,
    /// What each fate brings to the sums of its group.
    shares: Vec<Share>,
    /// Parameters whose answer is void without evidence where it scores.
    needs_evidence: Vec<ParameterIndex>,
    /// Parameters whose answer does not decide alone, each after those it requires.
    dependent: Vec<ParameterIndex>,
    /// For each parameter and each thing that it requires, whether the code of the required parameter's answer
    /// gives it.
    gives: Vec<Vec<Vec<bool>>>,
    /// For each group the weights of what is right below it, without what they have in common, where sums
    /// of these times scores fit a machine's integers.
    weights: Vec<Option<Vec<u32>>>,
    /// The same of each parameter; 0 where they do not fit.
    leaf_weights: Vec<u32>,
    /// For each group those right below it that weigh anything, with their weights in floating point.
    weighing: Vec<Vec<(f64, GroupIndex)>>,
    /// What a value is multiplied with to be a figure in units of the last published place.
    scale: f64,
    /// For each group, how far the float of such a figure may be off, relative to it.
    bounds: Vec<f64>,
    /// How close to a half a figure counts as the half.
    nearby: f64,
}

/// How far before the fate of code 0 those are that no answer leads to.
const BEFORE_VOID: u32 = 1;
const BEFORE_LEFT_OUT: u32 = 2;
const BEFORE_IMPLIED: u32 = 3;

/// The unit roundoff of a float.
const ROUNDOFF: f64 = f64::EPSILON / 2.0;

impl<'a> Scorer<'a> {
    /// Prepares the scoring of a round.
    pub fn new(framework: &'a Framework, round: &'a Round) -> Self {
        let indices = || (0..framework.parameters.len()).map(ParameterIndex::new);
        let is_dependent = |parameter: &ParameterIndex| {
            let definition = framework.parameter(*parameter);
            !definition.applies_when.is_empty() || !definition.requires.is_empty()
        };
        let needs_evidence = |parameter: &ParameterIndex| {
            framework.policy.evidence == EvidencePolicy::Void
                && framework.parameter(*parameter).evidence == EvidenceRule::Required
        };
        let scale = 100.0 * 10f64.powi(framework.policy.decimals as i32);
        let weights: Vec<_> = (0..framework.groups.len()).map(|at| small_weights(framework, at)).collect();
        let mut leaf_weights = vec![0; framework.parameters.len()];
        for (group, weights) in framework.groups.iter().zip(&weights) {
            if let (Children::Parameters, Some(weights)) = (&group.children, weights) {
                leaf_weights[group.parameters.clone()].copy_from_slice(weights);
            }
        }
        let mut scorer = Self {
            framework,
            round,
            first: Vec::new(),
            outcomes: Vec::new(),
            shares: Vec::new(),
            needs_evidence: indices().filter(needs_evidence).collect(),
            dependent: framework.by_requirement().iter().copied().filter(is_dependent).collect(),
            gives: indices().map(|parameter| gives(framework, round, parameter)).collect(),
            weights,
            leaf_weights,
            weighing: framework.groups.iter().map(|group| weighing(group, framework)).collect(),
            scale,
            bounds: bounds(framework).into_iter().map(|bound| bound + 8.0 * ROUNDOFF).collect(),
            nearby: if framework.policy.is_arithmetic() { 0.0 } else { 2e-15 * scale },
        };
        // Parameters of one scale have one dictionary as a rule.
        let kind = |parameter: ParameterIndex| {
            (framework.parameter(parameter).scale, round.answers.dictionary_of(parameter))
        };
        let kinds: BTreeMap<_, _> = indices().map(|parameter| (kind(parameter), parameter)).collect();
        let one_of_each: Vec<ParameterIndex> = kinds.values().copied().collect();
        let given = one_of_each.iter().map(|parameter| round.answers.dictionary(*parameter).len()).sum();
        let answered = parallel::shared(one_of_each.len(), parallel::threads_for(given), |part| {
            one_of_each[part].iter().map(|parameter| scorer.answers_of(*parameter)).collect::<Vec<_>>()
        });
        let first = answered.into_iter().flatten().map(|answered| scorer.add_fates(answered));
        let first: BTreeMap<_, _> = kinds.into_keys().zip(first).collect();
        scorer.shares = scorer.outcomes.iter().copied().map(Share::of).collect();
        scorer.first = indices().map(|parameter| first[&kind(parameter)]).collect();
        scorer
    }

    /// What becomes of a parameter by each response that was given to it.
    fn answers_of(&self, parameter: ParameterIndex) -> Vec<Outcome> {
        let scale = self.framework.scale(parameter);
        let dictionary = self.round.answers.dictionary(parameter).iter();
        dictionary.map(|response| self.worth_of(response_score(scale, response))).collect()
    }

    /// Numbers all that may become of a parameter; gives the fate of code 0.
    fn add_fates(&mut self, answered: Vec<Outcome>) -> u32 {
        let gaps = std::iter::repeat_n(self.missing(), Answers::FIRST);
        let begin = self.outcomes.len() as u32;
        self.outcomes.extend([IMPLIED, LEFT_OUT, VOID].into_iter().chain(gaps).chain(answered));
        begin + BEFORE_IMPLIED
    }

    /// What a fate is.
    fn outcome(&self, fate: u32) -> Outcome {
        self.outcomes[fate as usize]
    }

    /// What a code alone leads to.
    fn fate_of(&self, parameter: ParameterIndex, code: usize) -> u32 {
        self.first[parameter.get()] + code as u32
    }

    /// What the answer of a cell is worth, whether it counts or not; none for a gap or "not applicable".
    pub fn worth(&self, service: ServiceIndex, parameter: ParameterIndex) -> Option<Score> {
        let outcome = self.answered(service, parameter)?;
        outcome.score.filter(|_| outcome.state == State::Scored)
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
        let mut fates = Vec::new();
        self.find_fates(service, &mut fates);
        fates.into_iter().map(|fate| self.outcome(fate)).collect()
    }

    /// The same with other answers in place of some.
    pub fn outcomes_with(&self, service: ServiceIndex, changes: &Changes) -> Vec<Outcome> {
        let mut outcomes = self.outcomes(service);
        if changes.is_empty() {
            return outcomes;
        }
        for parameter in self.framework.by_requirement() {
            let state = |required: ParameterIndex| outcomes[required.get()].state;
            let outcome = match self.fate(service, *parameter, changes, state) {
                Fate::LeftOut => LEFT_OUT,
                Fate::Missing => self.missing(),
                Fate::Implied => IMPLIED,
                Fate::Own => match changes.get(parameter) {
                    Some(response) => {
                        self.worth_of(response_score(self.framework.scale(*parameter), response))
                    }
                    None => self.own(service, *parameter),
                },
            };
            outcomes[parameter.get()] = outcome;
        }
        outcomes
    }

    /// Finds what becomes of every parameter of a service.
    fn find_fates(&self, service: ServiceIndex, fates: &mut Vec<u32>) {
        let answers = &self.round.answers;
        fates.clear();
        answers.add_codes(service, &self.first, fates);
        if answers.may_be_void() {
            for (at, fate) in fates.iter_mut().enumerate() {
                *fate = self.confirmed(service, ParameterIndex::new(at), *fate);
            }
        }
        for parameter in &self.needs_evidence {
            let fate = &mut fates[parameter.get()];
            *fate = self.proved(service, *parameter, *fate);
        }
        for parameter in &self.dependent {
            let state = |required: ParameterIndex| self.outcome(fates[required.get()]).state;
            let first = self.first[parameter.get()];
            fates[parameter.get()] = match self.fate(service, *parameter, &Changes::new(), state) {
                Fate::LeftOut => first - BEFORE_LEFT_OUT,
                Fate::Missing => first,
                Fate::Implied => first - BEFORE_IMPLIED,
                Fate::Own => continue,
            };
        }
    }

    /// What becomes of a cell if it has to be confirmed.
    fn confirmed(&self, service: ServiceIndex, parameter: ParameterIndex, fate: u32) -> u32 {
        let first = self.first[parameter.get()];
        let is_answer = fate >= first + Answers::FIRST as u32;
        let is_void = is_answer && self.round.answers.is_void(service, parameter);
        if is_void { first - BEFORE_VOID } else { fate }
    }

    /// What becomes of a cell if it needs evidence.
    fn proved(&self, service: ServiceIndex, parameter: ParameterIndex, fate: u32) -> u32 {
        let scores = self.outcome(fate).state == State::Scored;
        let is_void = scores && !self.round.answers.has_evidence(service, parameter);
        if is_void { self.first[parameter.get()] - BEFORE_VOID } else { fate }
    }

    /// The first of the states that holds; `known` has those of the parameters it requires.
    fn fate(
        &self,
        service: ServiceIndex,
        parameter: ParameterIndex,
        changes: &Changes,
        known: impl Fn(ParameterIndex) -> State,
    ) -> Fate {
        let definition = self.framework.parameter(parameter);
        if !definition.applies_when.is_empty() && !self.round.applies(self.framework, service, parameter) {
            return Fate::LeftOut;
        }
        let required = || definition.requires.iter().map(|requirement| known(requirement.parameter));
        if required().any(|state| state == State::NotApplicable) {
            return Fate::LeftOut;
        }
        if required().any(|state| state == State::Missing) {
            return Fate::Missing;
        }
        let gives = &self.gives[parameter.get()];
        let unmet = definition.requires.iter().zip(gives).any(|(requirement, gives)| {
            let given = match changes.get(&requirement.parameter) {
                Some(response) => gives_one_of(response, &requirement.options),
                None => gives[self.round.answers.code(service, requirement.parameter)],
            };
            matches!(known(requirement.parameter), State::Void | State::Implied) || !given
        });
        if unmet { Fate::Implied } else { Fate::Own }
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
        let fate = self.fate_of(parameter, self.round.answers.code(service, parameter));
        let fate = self.confirmed(service, parameter, fate);
        let asked = self.needs_evidence.binary_search(&parameter).is_ok();
        self.outcome(if asked { self.proved(service, parameter, fate) } else { fate })
    }

    /// What an answer comes to that neither lacks evidence nor confirmation; none for a gap.
    pub fn answered(&self, service: ServiceIndex, parameter: ParameterIndex) -> Option<Outcome> {
        let code = self.round.answers.code(service, parameter);
        (code >= Answers::FIRST).then(|| self.outcome(self.fate_of(parameter, code)))
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
        let mut values = self.of_nothing();
        values.outcomes = OnceCell::from(outcomes);
        values.take();
        values
    }

    /// The values of no service yet, for services to be put in one after the other.
    pub fn of_nothing(&self) -> Values<'_> {
        Values {
            scorer: self,
            fates: Vec::new(),
            outcomes: OnceCell::new(),
            applicable: 0,
            answered: 0,
            sums: Vec::new(),
            floats: Vec::new(),
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
        let mut values = self.of_nothing();
        values.put(service);
        values
    }
}

/// For each thing that a parameter requires, whether the code of the required parameter's answer gives it.
fn gives(framework: &Framework, round: &Round, parameter: ParameterIndex) -> Vec<Vec<bool>> {
    let requires = framework.parameter(parameter).requires.iter();
    requires
        .map(|requirement| {
            let responses = round.answers.dictionary(requirement.parameter).iter();
            let given = responses.map(|response| gives_one_of(response, &requirement.options));
            std::iter::repeat_n(false, Answers::FIRST).chain(given).collect()
        })
        .collect()
}

/// What a response is worth: the mean of the scores of those who gave one.
fn response_score(scale: &Scale, response: &Response) -> Option<Score> {
    if let [answer] = response.as_slice() {
        return scale.score(answer);
    }
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

/// The weights of what is right below a group without what they have in common, where sums of weight times score
/// fit 63 bits.
fn small_weights(framework: &Framework, group: usize) -> Option<Vec<u32>> {
    let weights = || framework.child_weights(GroupIndex::new(group)).map(Weight::units);
    let common = weights().fold(0, |common: u64, weight| common.gcd(&weight)).max(1);
    let weights: Vec<u32> =
        weights().map(|weight| u32::try_from(weight / common).ok()).collect::<Option<_>>()?;
    let total: u64 = weights.iter().copied().map(u64::from).sum();
    (total <= i64::MAX as u64 / UNIT).then_some(weights)
}

/// The groups right below a group that weigh anything.
fn weighing(group: &Group, framework: &Framework) -> Vec<(f64, GroupIndex)> {
    let Children::Groups(children) = &group.children else { return Vec::new() };
    let weight = |child: &GroupIndex| (framework.group(*child).weight.units() as f64, *child);
    children.iter().map(weight).filter(|(weight, _)| *weight > 0.0).collect()
}

/// A weighted mean in floating point of children that have a value and weigh something; not a number without any.
#[inline]
fn float_mean(aggregation: Aggregation, children: impl Iterator<Item = (f64, f64)>) -> f64 {
    match aggregation {
        Aggregation::Arithmetic => {
            let (sum, total) = children.fold((0.0, 0.0), |(sum, total), (weight, value)| {
                // In this form it is chosen without a branch: which have a value is hard to guess.
                let (weight, value) = if value.is_nan() { (0.0, 0.0) } else { (weight, value) };
                (sum + weight * value, total + weight)
            });
            sum / total
        }
        Aggregation::Geometric => {
            let (mut sum, mut total, mut zero) = (0.0, 0.0, false);
            for (weight, value) in children.filter(|(_, value)| !value.is_nan()) {
                total += weight;
                match value {
                    0.0 => zero = true,
                    value if value < SMALLEST => sum = f64::INFINITY,
                    value => sum += weight * value.ln(),
                }
            }
            match zero {
                true => 0.0,
                false => (sum / total).exp(),
            }
        }
    }
}

/// The values of all groups of one service.
pub struct Values<'a> {
    scorer: &'a Scorer<'a>,
    /// What became of every parameter of the service; none where outcomes were given instead.
    fates: Vec<u32>,
    outcomes: OnceCell<Vec<Outcome>>,
    applicable: usize,
    answered: usize,
    /// For each parameter and for the end, what those before it come to: the sum of weights times scores, and the sum
    /// of weights. They go round where they get too large: the differences within a group do not.
    sums: Vec<[u64; 2]>,
    /// The value of every group in floating point; not a number where it has none, and infinite where only
    /// exact arithmetic will do. None where each level rounds: only exact values can be rounded on the way.
    floats: Vec<f64>,
    exact: OnceCell<Vec<Option<Ratio>>>,
}

impl Values<'_> {
    /// Puts in a service.
    pub fn put(&mut self, service: ServiceIndex) {
        self.scorer.find_fates(service, &mut self.fates);
        self.outcomes.take();
        self.take();
    }

    /// Computes what is computed of every service.
    fn take(&mut self) {
        let framework = self.scorer.framework;
        self.exact.take();
        self.add_up();
        let mut floats = std::mem::take(&mut self.floats);
        floats.clear();
        floats.resize(framework.groups.len(), f64::NAN);
        for (at, group) in framework.groups.iter().enumerate().rev() {
            let aggregation = framework.policy.aggregation_at(group.depth);
            floats[at] = match &group.children {
                Children::Parameters => match (self.small_sums(at, group), aggregation) {
                    // Sums fit 63 bits, which machines turn into floats at once; 0 / 0 is not a number.
                    (Some([weighted, weight]), Aggregation::Arithmetic) => {
                        weighted as i64 as f64 / (weight as i64 as f64 * UNIT as f64)
                    }
                    _ => self.float_mean_of_leaves(aggregation, group),
                },
                Children::Groups(_) => {
                    let children = self.scorer.weighing[at].iter();
                    float_mean(aggregation, children.map(|(weight, child)| (*weight, floats[child.get()])))
                }
            };
        }
        if framework.policy.rounding == Rounding::EachLevel {
            floats.clear();
        }
        self.floats = floats;
    }

    /// Adds up what the outcomes bring.
    fn add_up(&mut self) {
        let mut sums = std::mem::take(&mut self.sums);
        let weights = self.scorer.leaf_weights.as_slice();
        sums.resize(weights.len() + 1, [0; 2]);
        let counts = match self.fates.is_empty() {
            true => {
                let outcomes = self.outcomes();
                add_up(weights, |at| Share::of(outcomes[at]), &mut sums[1..])
            }
            false => {
                let (fates, shares) = (self.fates.as_slice(), self.scorer.shares.as_slice());
                add_up(weights, move |at| shares[fates[at] as usize], &mut sums[1..])
            }
        };
        self.sums = sums;
        [self.applicable, self.answered] = counts.map(|count| count as usize);
    }

    /// What became of a parameter.
    fn outcome(&self, at: usize) -> Outcome {
        match self.fates.get(at) {
            Some(fate) => self.scorer.outcome(*fate),
            None => self.outcomes()[at],
        }
    }

    /// What the parameters of a group come to, if it is small: its sums.
    fn small_sums(&self, at: usize, group: &Group) -> Option<[u64; 2]> {
        self.scorer.weights[at].as_ref()?;
        let (before, all) = (self.sums[group.parameters.start], self.sums[group.parameters.end]);
        Some(std::array::from_fn(|at| all[at].wrapping_sub(before[at])))
    }

    /// What the parameters of a group come to, exactly.
    fn leaves(&self, at: usize, group: &Group) -> Leaves {
        if let Some([weighted, weight]) = self.small_sums(at, group) {
            return Leaves { weighted: weighted.into(), weight: weight.into() };
        }
        let mut leaves = Leaves { weighted: 0, weight: 0 };
        for at in group.parameters.clone() {
            if let Some(score) = self.outcome(at).score {
                let weight = u128::from(self.scorer.framework.parameters[at].weight.units());
                leaves.weighted += weight * u128::from(score.units());
                leaves.weight += weight;
            }
        }
        leaves
    }

    fn float_mean_of_leaves(&self, aggregation: Aggregation, group: &Group) -> f64 {
        let scored = group.parameters.clone().filter_map(|at| {
            let score = self.outcome(at).score?;
            let weight = self.scorer.framework.parameters[at].weight.units() as f64;
            (weight > 0.0).then(|| (weight, f64::from(score.units()) / UNIT as f64))
        });
        float_mean(aggregation, scored)
    }

    /// What became of every parameter.
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.get_or_init(|| self.fates.iter().map(|fate| self.scorer.outcome(*fate)).collect())
    }

    /// The missing parameters for which the service is held out, where the policy rejects it.
    pub fn rejecting(&self) -> impl Iterator<Item = ParameterIndex> {
        let all_answered = self.answered == self.applicable;
        self.scorer.rejecting(if all_answered { &[] } else { self.outcomes() })
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
        let least = self.scorer.framework.policy.minimum_coverage;
        let covered = || Decimal::from(self.answered * 100) >= least * Decimal::from(self.applicable);
        self.applicable > 0 && (least.is_zero() || covered())
    }

    /// A group's published score, in percent; none when it has no score.
    pub fn published(&self, group: GroupIndex) -> Option<Published> {
        /// From here on a float has no place for a half.
        const NO_HALVES: f64 = (1u64 << (f64::MANTISSA_DIGITS - 1)) as f64;
        let Some(&value) = self.floats.get(group.get()) else { return self.published_exactly(group) };
        if value.is_nan() {
            return None;
        }
        let Scorer { scale, bounds, nearby, .. } = self.scorer;
        let scaled = value * scale;
        if scaled >= NO_HALVES {
            return self.published_exactly(group);
        }
        let whole = scaled as i64;
        let fraction = scaled - whole as f64;
        let error = scaled * bounds[group.get()] + nearby;
        if (fraction - 0.5).abs() <= error {
            return self.published_exactly(group);
        }
        let decimals = self.scorer.framework.policy.decimals;
        Some(Published::from_units(whole + i64::from(fraction > 0.5), decimals))
    }

    fn published_exactly(&self, group: GroupIndex) -> Option<Published> {
        let policy = &self.scorer.framework.policy;
        if policy.is_arithmetic() && policy.rounding == Rounding::End {
            let figure = |value: Fraction| value.published(policy.decimals, policy.half);
            if let Ok(found) = self.fraction(group).and_then(|value| value.map(figure).transpose()) {
                return found;
            }
        }
        self.exact(group).map(|value| published(value, self.scorer.framework))
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
        let definition = self.scorer.framework.group(group);
        match &definition.children {
            Children::Parameters => {
                let leaves = self.leaves(group.get(), definition);
                Fraction::of_sums(leaves.weighted, leaves.weight)
            }
            Children::Groups(groups) => {
                let weights = self.scorer.weights[group.get()].as_ref().ok_or(TooLong)?;
                let scored = weights
                    .iter()
                    .zip(groups)
                    .map(|(weight, child)| Ok(self.fraction(*child)?.map(|value| (*weight, value))));
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
        self.exact.get_or_init(|| exact(self.scorer.framework, self.outcomes()))[group.get()].as_ref()
    }

    /// The exact index.
    pub fn exact_index(&self) -> Option<&Ratio> {
        self.exact(GroupIndex::ROOT).filter(|_| self.is_sufficient())
    }
}

/// Adds up what outcomes bring, and keeps how far sums have come at each; gives the counts. There is one loop for all
/// parameters, since where a group ends is hard to guess, and it is kept apart, so that all it works with stays in
/// registers.
#[inline(never)]
fn add_up(weights: &[u32], share: impl Fn(usize) -> Share, sums: &mut [[u64; 2]]) -> [u64; 2] {
    let (mut sum, mut counts) = ([0; 2], [0; 2]);
    for (at, (weight, place)) in weights.iter().zip(sums).enumerate() {
        let Share(share) = share(at);
        for at in 0..2 {
            sum[at] = u64::wrapping_add(sum[at], u64::from(*weight) * u64::from(share[at] as u32));
            counts[at] += share[at] >> 32;
        }
        *place = sum;
    }
    counts
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
