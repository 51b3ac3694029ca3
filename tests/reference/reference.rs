//! The independent evaluator: a case's figures in exact fractions, rule by rule as they are
//! promised, with no thought of speed.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::exact::{Exact, decimal, geometric_mean, power_of_ten, whole};
use crate::model::*;

/// The state of one parameter of one service.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// With what the answer "not applicable" counts, if it counts.
    NotApplicable(Option<Exact>),
    Missing,
    Implied,
    Void,
    Scored(Exact),
}

/// What is found out about one service.
pub struct Assessment<'a> {
    pub service: &'a Service,
    pub held_out: bool,
    pub states: BTreeMap<&'a str, State>,
    /// Exact scores from 0 to 1 by id, the root's under no id, of nodes that have one.
    pub scores: BTreeMap<&'a str, Exact>,
    /// The root's score, unless it is insufficient.
    pub index: Option<Exact>,
    pub answered: usize,
    pub applicable: usize,
}

/// What is found out about one body.
pub struct Standing<'a> {
    pub entity: &'a Entity,
    /// How many services count in its mean.
    pub services: usize,
    pub index: Option<Exact>,
    pub groups: BTreeMap<&'a str, Exact>,
}

// ------------------------------------------------------------------- published figures

impl Policy {
    /// A score as whole units of the last place that is published: times 100, rounded once.
    pub fn publish(&self, score: &Exact) -> BigInt {
        let exact = score * whole(100) * power_of_ten(self.decimals);
        let down = exact.floor().to_integer();
        let above = exact - whole(down.clone()) - decimal(5, 1);
        let up = if self.is_same(&above, &Exact::zero()) {
            match self.half {
                Half::Up => true,
                Half::Even => down.bit(0),
            }
        } else {
            above.is_positive()
        };
        if up { down + 1 } else { down }
    }

    /// The score that a published figure stands for.
    pub fn published(&self, score: &Exact) -> Exact {
        Exact::new(self.publish(score), power_of_ten(self.decimals + 2))
    }

    /// Whether two values are equal; where some are irrational, if they nearly are.
    fn is_same(&self, one: &Exact, other: &Exact) -> bool {
        let apart = (one - other).abs();
        let can_be_irrational = self.aggregation.contains(&Mean::Geometric);
        if can_be_irrational { apart <= decimal(1, 15) } else { apart.is_zero() }
    }

    /// The value that a rule works on: what is published, or what is exact.
    fn figure(&self, figures: Figures, score: &Exact) -> Exact {
        match figures {
            Figures::Published => self.published(score),
            Figures::Exact => score.clone(),
        }
    }

    /// The rank of each index among them all: 1, 2, 2, 4.
    pub fn ranks(&self, indexes: &[Option<Exact>]) -> Vec<Option<usize>> {
        let values: Vec<Option<Exact>> =
            indexes.iter().map(|index| index.as_ref().map(|index| self.figure(self.ranks, index))).collect();
        let mut sorted: Vec<&Exact> = values.iter().flatten().collect();
        sorted.sort();
        let rank = |own: &Exact| {
            let is_better = |other: &Exact| other > own && !self.is_same(other, own);
            sorted.len() - sorted.partition_point(|other| !is_better(other)) + 1
        };
        values.iter().map(|value| value.as_ref().map(rank)).collect()
    }

    /// A group's score from its children's weights and scores.
    fn mean(&self, depth: usize, children: &[(Exact, Exact)]) -> Option<Exact> {
        let total: Exact = children.iter().map(|(weight, _)| weight).sum();
        if total.is_zero() {
            return None;
        }
        match self.aggregation[depth] {
            Mean::Arithmetic => {
                Some(children.iter().map(|(weight, score)| weight * score).sum::<Exact>() / total)
            }
            Mean::Geometric => {
                let weighty: Vec<_> =
                    children.iter().filter(|(weight, _)| !weight.is_zero()).cloned().collect();
                let is_zero = weighty.iter().any(|(_, score)| score.is_zero());
                Some(if is_zero { Exact::zero() } else { geometric_mean(&weighty) })
            }
        }
    }
}

impl Framework {
    /// The band of an index, beside the scores of groups.
    pub fn band(&self, index: &Exact, groups: &BTreeMap<&str, Exact>) -> &str {
        let percent = |score: &Exact| self.policy.published(score) * whole(100);
        let is_met = |(group, least): &(String, Exact)| {
            groups.get(group.as_str()).is_none_or(|score| percent(score) >= *least)
        };
        self.bands
            .iter()
            .filter(|band| band.from <= percent(index) && band.requires.iter().all(is_met))
            .max_by(|one, other| one.from.cmp(&other.from))
            .map_or("", |band| &band.id)
    }
}

// ------------------------------------------------------------------------------ services

impl Case {
    /// All services in scope, in no order of rank.
    pub fn assess(&self) -> Vec<Assessment<'_>> {
        let mut rows = Rows::new();
        for row in &self.round.rows {
            rows.entry((row.stage, row.subject, &row.parameter)).or_default().push(row);
        }
        let services = self.round.services.iter().enumerate();
        services
            .filter(|(_, service)| !service.excluded)
            .map(|(at, service)| self.assess_one(&rows, at, service))
            .collect()
    }

    fn assess_one<'a>(&'a self, rows: &Rows, at: usize, service: &'a Service) -> Assessment<'a> {
        let policy = &self.framework.policy;
        let leaves: BTreeMap<&str, Leaf> =
            self.framework.leaves().into_iter().map(|leaf| (leaf.id, leaf)).collect();
        let mut states = States { case: self, rows, at, service, leaves: &leaves, known: BTreeMap::new() };
        for id in leaves.keys() {
            states.of(id);
        }
        let states = states.known;
        let rejects =
            policy.missing == Missing::Reject && states.values().any(|state| *state == State::Missing);
        let held_out = rejects || leaves.values().any(|leaf| self.is_faulty(rows, at, service, leaf));

        let mut scores = BTreeMap::new();
        let index = self.score(&self.framework.root, 0, &states, &mut scores);
        let count = |counts: fn(&State) -> bool| states.values().filter(|state| counts(state)).count();
        let applicable = count(|state| !matches!(state, State::NotApplicable(_)));
        let answered = count(|state| matches!(state, State::Scored(_) | State::Implied));
        let suffices =
            applicable > 0 && whole(100 * answered) >= &policy.minimum_coverage * whole(applicable);
        let index = if suffices && !held_out { index.map(|_| scores[""].clone()) } else { None };
        Assessment { service, held_out, states, scores, index, answered, applicable }
    }

    /// Scores a node and all below it, and returns what it hands to its parent.
    fn score<'a>(
        &self,
        node: &'a Node,
        depth: usize,
        states: &BTreeMap<&str, State>,
        scores: &mut BTreeMap<&'a str, Exact>,
    ) -> Option<Exact> {
        let policy = &self.framework.policy;
        let score = match &node.kind {
            Kind::Parameter(_) => match &states[node.id.as_str()] {
                State::NotApplicable(counted) => counted.clone(),
                State::Missing => (policy.missing == Missing::Zero).then(Exact::zero),
                State::Implied | State::Void => Some(Exact::zero()),
                State::Scored(score) => Some(score.clone()),
            },
            Kind::Group(children) => {
                let mut scored = Vec::new();
                for child in children {
                    if let Some(score) = self.score(child, depth + 1, states, scores) {
                        scored.push((child.weight(), score));
                    }
                }
                policy.mean(depth, &scored)
            }
        }?;
        scores.insert(&node.id, score.clone());
        Some(match policy.rounding {
            Rounding::End => score,
            Rounding::EachLevel => policy.published(&score),
        })
    }

    /// The rows that speak for a service in one stage: its own, else those of its body.
    fn speaking<'r>(&self, rows: &'r Rows, stage: usize, at: usize, leaf: &Leaf<'r>) -> &'r [&'r Row] {
        let of = |subject| rows.get(&(stage, subject, leaf.id)).map_or(&[][..], Vec::as_slice);
        let own = of(Subject::Service(at));
        if own.is_empty() && leaf.asked == Asked::Entity {
            of(Subject::Entity(self.round.services[at].entity))
        } else {
            own
        }
    }

    /// Whether what counts for a service and parameter has a fault.
    fn is_faulty(&self, rows: &Rows, at: usize, service: &Service, leaf: &Leaf) -> bool {
        (0..self.round.stages.len().max(1)).any(|stage| {
            let rows = self.speaking(rows, stage, at, leaf);
            let evaluators: BTreeSet<_> = rows.iter().map(|row| row.evaluator).collect();
            let is_given_twice = evaluators.len() < rows.len();
            let must_apply = !leaf.parameter.optional && leaf.applies_to(&self.round, service);
            is_given_twice
                || rows.iter().any(|row| match &row.answer {
                    Answer::Faulty(_) => true,
                    answer => must_apply && answer.is_not_applicable(),
                })
        })
    }

    /// What stands for a service and parameter after the stages, if anything does.
    fn find(&self, rows: &Rows, at: usize, leaf: &Leaf) -> Option<Found> {
        let mut answers: Option<Vec<Answer>> = None;
        let (mut voided, mut evidence) = (false, false);
        let last = self.as_of.unwrap_or(usize::MAX);
        for stage in 0..self.round.stages.len().max(1) {
            let declared = self.round.stages.get(stage);
            if stage > last || declared.is_some_and(|stage| !stage.scored) {
                continue;
            }
            let rows = self.speaking(rows, stage, at, leaf);
            evidence |= rows.iter().any(|row| row.evidence);
            match rows.first().map(|row| &row.answer) {
                None => {
                    let voids = declared.is_some_and(|stage| stage.voids && !stage.silent);
                    voided |= voids && answers.is_some();
                }
                Some(Answer::Confirmed) => {}
                Some(Answer::Withdrawn) => (answers, voided) = (None, false),
                Some(_) => {
                    answers = Some(rows.iter().map(|row| row.answer.clone()).collect());
                    voided = false;
                }
            }
        }
        answers.map(|answers| Found { answers, voided, evidence })
    }
}

/// Rows by stage, whose they are, and parameter.
type Rows<'a> = BTreeMap<(usize, Subject, &'a str), Vec<&'a Row>>;

/// What stands for one parameter of one service.
struct Found {
    /// One of each evaluator.
    answers: Vec<Answer>,
    voided: bool,
    evidence: bool,
}

impl Found {
    /// The mean of the scores given; where evaluators must agree they are all the same.
    fn score(&self, scale: &Scale) -> Option<Exact> {
        let scores: Vec<_> = self.answers.iter().filter_map(|answer| scale.score(answer)).collect();
        let sum: Exact = scores.iter().sum();
        (!scores.is_empty()).then(|| crate::exact::half_up(&(sum / whole(scores.len())), 9))
    }
}

/// Works out the states of one service's parameters, each after those that it requires.
struct States<'a, 'b> {
    case: &'a Case,
    rows: &'b Rows<'b>,
    at: usize,
    service: &'a Service,
    leaves: &'b BTreeMap<&'a str, Leaf<'a>>,
    known: BTreeMap<&'a str, State>,
}

impl<'a> States<'a, '_> {
    fn of(&mut self, id: &str) -> State {
        if let Some(state) = self.known.get(id) {
            return state.clone();
        }
        let leaf = &self.leaves[id];
        let state = self.work_out(leaf);
        self.known.insert(leaf.id, state.clone());
        state
    }

    fn work_out(&mut self, leaf: &Leaf<'a>) -> State {
        if !leaf.applies_to(&self.case.round, self.service) {
            return State::NotApplicable(None);
        }
        let mut required = Vec::new();
        for (id, accepted) in &leaf.parameter.requires {
            let state = self.of(id);
            let found = self.case.find(self.rows, self.at, &self.leaves[id.as_str()]);
            let is_accepted =
                |answer: &Answer| matches!(answer, Answer::Chosen(option) if accepted.contains(option));
            let is_given = found.is_some_and(|found| found.answers.iter().all(is_accepted));
            required.push((state, is_given));
        }
        if required.iter().any(|(state, _)| matches!(state, State::NotApplicable(_))) {
            return State::NotApplicable(None);
        }
        if required.iter().any(|(state, _)| *state == State::Missing) {
            return State::Missing;
        }
        if required.iter().any(|(state, given)| !given || !matches!(state, State::Scored(_))) {
            return State::Implied;
        }
        self.answered(leaf)
    }

    fn answered(&self, leaf: &Leaf) -> State {
        let policy = &self.case.framework.policy;
        let Some(found) = self.case.find(self.rows, self.at, leaf) else {
            return State::Missing;
        };
        if found.voided {
            return State::Void;
        }
        if found.answers.iter().all(Answer::is_not_applicable) {
            return State::NotApplicable(match policy.not_applicable {
                NotApplicable::Exclude => None,
                NotApplicable::Full => Some(Exact::one()),
                NotApplicable::Zero => Some(Exact::zero()),
            });
        }
        let must_prove = leaf.parameter.evidence == Evidence::Required;
        if must_prove && !found.evidence && policy.evidence == Unproven::Void {
            return State::Void;
        }
        // A fault has no score; its service is held out, so what it is worth is of no account.
        found.score(&leaf.parameter.scale).map_or(State::Missing, State::Scored)
    }
}

// -------------------------------------------------------------------------------- bodies

impl Case {
    /// All bodies, in no order of rank.
    pub fn stand<'a>(&'a self, assessments: &[Assessment<'a>]) -> Vec<Standing<'a>> {
        if !self.round.registry {
            return Vec::new();
        }
        let entities = self.round.entities.iter().enumerate();
        entities
            .filter(|(at, _)| {
                self.round.entity_registry
                    || assessments.iter().any(|assessment| assessment.service.entity == *at)
            })
            .map(|(at, entity)| {
                let counts = |one: &&Assessment| one.service.entity == at && !one.held_out;
                let own: Vec<_> = assessments.iter().filter(counts).collect();
                self.stand_one(entity, &own)
            })
            .collect()
    }

    fn stand_one<'a>(&'a self, entity: &'a Entity, own: &[&Assessment<'a>]) -> Standing<'a> {
        let zero = (self.framework.policy.unrated == Unrated::Zero).then(Exact::zero);
        let indexes = own.iter().map(|one| (one.service, one.index.clone().or(zero.clone())));
        let indexes = self.weighted(indexes);
        let groups = self.framework.groups().into_iter().filter_map(|group| {
            let scores = own.iter().map(|one| (one.service, one.scores.get(group).cloned()));
            Some((group, mean_of(&self.weighted(scores))?))
        });
        let groups = groups.collect();
        Standing { entity, services: indexes.len(), index: mean_of(&indexes), groups }
    }

    /// Weights and figures of the services that have both.
    fn weighted<'a>(
        &self,
        scores: impl Iterator<Item = (&'a Service, Option<Exact>)>,
    ) -> Vec<(Exact, Exact)> {
        let policy = &self.framework.policy;
        scores
            .filter_map(|(service, score)| {
                let weight = service.weight.clone().unwrap_or_else(Exact::one);
                Some((weight, policy.figure(policy.entity_from, &score?)))
            })
            .filter(|(weight, _)| !weight.is_zero())
            .collect()
    }
}

/// The weighted mean of figures, if there are any.
fn mean_of(figures: &[(Exact, Exact)]) -> Option<Exact> {
    let total: Exact = figures.iter().map(|(weight, _)| weight).sum();
    let sum: Exact = figures.iter().map(|(weight, figure)| weight * figure).sum();
    (!total.is_zero()).then(|| sum / total)
}
