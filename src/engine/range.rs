//! Between which figures a service's index lies while some of its answers are open.
//!
//! Each open parameter may take any of its chances. A mean falls when a child falls, and when a child
//! is left out that is above it; so the least value of a group is found from the least values of its
//! children, those that may be left out joining in order while they pull it down. What a parameter
//! `requires` is let go: one that hangs on an open answer may count, score 0 or be left out, whatever
//! the others do. The range then holds every completion, and may be wider than need be.

use std::cmp::Ordering;

use super::score::{Outcome, Scorer, State};
use crate::framework::{Aggregation, Children, EvidencePolicy, EvidenceRule, Framework, NotApplicable};
use crate::id::{GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::{Score, UNIT, Weight};

/// What an open parameter may come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chances {
    /// The least and the greatest score that it may have.
    pub scores: Option<(Score, Score)>,
    /// Whether it may be left out.
    pub may_leave: bool,
}

/// The end of a range that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Least,
    Greatest,
}

impl Chances {
    /// What an outcome that is certain comes to.
    fn certain(outcome: Outcome) -> Self {
        Self { scores: outcome.score.map(|score| (score, score)), may_leave: outcome.score.is_none() }
    }

    /// The chances of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let scores = match (self.scores, other.scores) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, another) => one.or(another),
        };
        Self { scores, may_leave: self.may_leave || other.may_leave }
    }

    /// What an answer "not applicable" comes to.
    pub fn not_applicable(framework: &Framework) -> Self {
        let score = match framework.policy.not_applicable {
            NotApplicable::Exclude => None,
            NotApplicable::Full => Some(Score::ONE),
            NotApplicable::Zero => Some(Score::ZERO),
        };
        Self { scores: score.map(|score| (score, score)), may_leave: score.is_none() }
    }

    /// What an answer with this score comes to.
    pub fn of(score: Score) -> Self {
        Self { scores: Some((score, score)), may_leave: false }
    }
}

/// What a blank or void parameter may come to; none for one that is settled.
pub fn open(
    scorer: &Scorer<'_>,
    service: ServiceIndex,
    parameter: ParameterIndex,
    state: State,
) -> Option<Chances> {
    let framework = scorer.framework();
    let definition = framework.parameter(parameter);
    match state {
        State::Scored | State::NotApplicable | State::Implied => None,
        State::Void => {
            let counted = scorer.answered(service, parameter)?;
            Some(Chances::of(Score::ZERO).or(Chances::certain(counted)))
        }
        State::Missing => {
            let left_out = definition.optional.then(|| Chances::not_applicable(framework));
            let answered = answered(framework, parameter);
            Some(left_out.map_or(answered, |left_out| answered.or(left_out)))
        }
    }
}

/// What a parameter may come to that is answered, and not with "not applicable".
fn answered(framework: &Framework, parameter: ParameterIndex) -> Chances {
    let scale = framework.scale(parameter);
    let evidence = framework.parameter(parameter).evidence;
    let may_be_void = evidence == EvidenceRule::Required && framework.policy.evidence == EvidencePolicy::Void;
    let least = if may_be_void { Score::ZERO } else { scale.worst() };
    Chances { scores: Some((least, scale.best())), may_leave: false }
}

/// The outcomes at both ends of a range. The scores of what hangs on an open answer are bounds.
#[derive(Clone, Debug)]
pub struct Ends {
    /// Those with the least index.
    pub low: Vec<Outcome>,
    /// Those with the greatest index.
    pub high: Vec<Outcome>,
    /// Whether everything that weighs anything may be left out, so that there is no index.
    pub may_have_none: bool,
}

/// The ends of a service's range, when the parameters that `free` gives chances to are open.
pub fn ends(
    scorer: &Scorer<'_>,
    service: ServiceIndex,
    free: impl Fn(ParameterIndex, State) -> Option<Chances>,
) -> Ends {
    let framework = scorer.framework();
    let outcomes = scorer.outcomes(service);
    let chances = chances(scorer, service, &outcomes, free);
    let end = |end: End, chances: &[(Chances, bool)]| Search { framework, chances, end }.outcomes(&outcomes);
    let ((low, may_have_none), (high, _)) = (end(End::Least, &chances), end(End::Greatest, &chances));
    let mut ends = Ends { low, high, may_have_none };
    if may_all_be_left_out(framework, &outcomes, &chances) {
        // Answers "not applicable" count, but where nothing applies there is no index: one at least is answered.
        let value =
            |outcomes: &Vec<Outcome>| scorer.values(outcomes.clone()).exact(GroupIndex::ROOT).cloned();
        let open = (0..chances.len()).filter(|at| chances[*at].1);
        let each = open.map(|at| {
            let mut forced = chances.clone();
            forced[at].0 = answered(framework, ParameterIndex::new(at));
            (end(End::Least, &forced).0, end(End::Greatest, &forced).0)
        });
        let (lows, highs): (Vec<_>, Vec<_>) = each.unzip();
        ends.low = lows.into_iter().min_by_key(value).unwrap_or(ends.low);
        ends.high = highs.into_iter().max_by_key(value).unwrap_or(ends.high);
        ends.may_have_none = true;
    }
    ends
}

/// Whether each parameter that applies may be answered "not applicable", and such answers count.
fn may_all_be_left_out(framework: &Framework, outcomes: &[Outcome], chances: &[(Chances, bool)]) -> bool {
    let mut each = framework.parameters.iter().zip(outcomes).zip(chances);
    framework.policy.not_applicable != NotApplicable::Exclude
        && each.all(|((parameter, outcome), (_, is_open))| match outcome.state {
            State::NotApplicable => true,
            State::Missing => *is_open && parameter.optional && parameter.requires.is_empty(),
            State::Scored | State::Void | State::Implied => false,
        })
}

/// The chances of every parameter; none for one whose outcome is certain.
fn chances(
    scorer: &Scorer<'_>,
    service: ServiceIndex,
    outcomes: &[Outcome],
    free: impl Fn(ParameterIndex, State) -> Option<Chances>,
) -> Vec<(Chances, bool)> {
    let framework = scorer.framework();
    let mut chances: Vec<(Chances, bool)> =
        outcomes.iter().map(|outcome| (Chances::certain(*outcome), false)).collect();
    for parameter in framework.by_requirement() {
        let definition = framework.parameter(*parameter);
        let applies = scorer.round().applies(framework, service, *parameter);
        let required = || definition.requires.iter().map(|requirement| requirement.parameter.get());
        let hangs = required().any(|at| chances[at].1);
        let leaves = required().any(|at| {
            let (chance, is_open) = chances[at];
            let left_out = is_open && framework.parameters[at].optional;
            let unanswered = outcomes[at].state == State::Missing && outcomes[at].score.is_none();
            chance.may_leave || left_out || (!is_open && unanswered)
        });
        let at = parameter.get();
        if !applies {
            continue;
        }
        if hangs {
            // Whether it is asked at all is open: what is asked may be answered, in any way or as it is.
            let own = scorer.own(service, *parameter);
            let asked = free(*parameter, own.state).unwrap_or_else(|| Chances::certain(own));
            let unmet = Chances { may_leave: leaves, ..Chances::of(Score::ZERO) };
            chances[at] = (asked.or(unmet), true);
        } else if let Some(open) = free(*parameter, outcomes[at].state) {
            chances[at] = (open, true);
        }
    }
    chances
}

struct Search<'a> {
    framework: &'a Framework,
    chances: &'a [(Chances, bool)],
    end: End,
}

/// A child of a group: its value at this end if it takes part, and whether it may stay out.
#[derive(Clone, Copy, Debug)]
struct Child {
    weight: Weight,
    value: Option<f64>,
    may_leave: bool,
}

impl Search<'_> {
    fn score(&self, parameter: usize) -> Option<Score> {
        let (least, greatest) = self.chances[parameter].0.scores?;
        Some(if self.end == End::Least { least } else { greatest })
    }

    /// The outcomes at this end: what is open takes its score there, or is left out where that helps. With
    /// it whether the root may be left out.
    fn outcomes(&self, certain: &[Outcome]) -> (Vec<Outcome>, bool) {
        let groups = self.framework.groups.len();
        let mut nodes: Vec<Child> = vec![Child { weight: Weight::ONE, value: None, may_leave: true }; groups];
        let mut takes_part: Vec<Vec<bool>> = vec![Vec::new(); groups];
        for (at, group) in self.framework.groups.iter().enumerate().rev() {
            let children: Vec<Child> = match &group.children {
                Children::Parameters => group.parameters.clone().map(|at| self.leaf(at)).collect(),
                Children::Groups(groups) => groups.iter().map(|child| nodes[child.get()]).collect(),
            };
            let aggregation = self.framework.policy.aggregation_at(group.depth);
            let (value, chosen) = self.choose(aggregation, &children);
            let weighing = |child: &&Child| !child.weight.is_zero();
            let may_leave = children.iter().filter(weighing).all(|child| child.may_leave);
            nodes[at] = Child { weight: group.weight, value, may_leave };
            takes_part[at] = chosen;
        }
        let mut outcomes = certain.to_vec();
        self.settle(GroupIndex::ROOT, true, &takes_part, &mut outcomes);
        (outcomes, nodes[GroupIndex::ROOT.get()].may_leave)
    }

    fn leaf(&self, at: usize) -> Child {
        let value = self.score(at).map(|score| f64::from(score.units()) / UNIT as f64);
        let weight = self.framework.parameters[at].weight;
        Child { weight, value, may_leave: self.chances[at].0.may_leave }
    }

    /// The group's value at this end, and which of its children take part in it.
    fn choose(&self, aggregation: Aggregation, children: &[Child]) -> (Option<f64>, Vec<bool>) {
        let mut chosen: Vec<bool> =
            children.iter().map(|child| child.value.is_some() && !child.may_leave).collect();
        let mut mean = Mean::new(aggregation);
        for (child, _) in children.iter().zip(&chosen).filter(|(_, chosen)| **chosen) {
            mean.add(child);
        }
        let mut optional: Vec<(f64, usize)> = Vec::new();
        for (at, child) in children.iter().enumerate().filter(|(at, _)| !chosen[*at]) {
            optional.extend(child.value.filter(|_| !child.weight.is_zero()).map(|value| (value, at)));
        }
        optional.sort_by(|(a, _), (b, _)| self.prefer(*a, *b));
        for (value, at) in optional {
            let helps = mean.value().is_none_or(|mean| self.prefer(value, mean) == Ordering::Less);
            if !helps {
                break;
            }
            mean.add(&children[at]);
            chosen[at] = true;
        }
        (mean.value(), chosen)
    }

    /// The order in which values serve this end.
    fn prefer(&self, a: f64, b: f64) -> Ordering {
        match self.end {
            End::Least => a.total_cmp(&b),
            End::Greatest => b.total_cmp(&a),
        }
    }

    fn settle(&self, group: GroupIndex, is_in: bool, takes_part: &[Vec<bool>], outcomes: &mut [Outcome]) {
        let definition = self.framework.group(group);
        match &definition.children {
            Children::Groups(groups) => {
                for (child, chosen) in groups.iter().zip(&takes_part[group.get()]) {
                    self.settle(*child, is_in && *chosen, takes_part, outcomes);
                }
            }
            Children::Parameters => {
                for (at, chosen) in definition.parameters.clone().zip(&takes_part[group.get()]) {
                    if self.chances[at].1 {
                        outcomes[at] = match self.score(at).filter(|_| is_in && *chosen) {
                            score @ Some(_) => Outcome { state: State::Scored, score },
                            None => Outcome { state: State::NotApplicable, score: None },
                        };
                    }
                }
            }
        }
    }
}

/// A weighted mean that grows.
struct Mean {
    aggregation: Aggregation,
    sum: f64,
    weight: f64,
}

impl Mean {
    fn new(aggregation: Aggregation) -> Self {
        Self { aggregation, sum: 0.0, weight: 0.0 }
    }

    fn add(&mut self, child: &Child) {
        let (weight, value) = (child.weight.units() as f64, child.value.unwrap_or_default());
        if weight > 0.0 {
            self.weight += weight;
            self.sum += weight
                * match self.aggregation {
                    Aggregation::Arithmetic => value,
                    Aggregation::Geometric => value.ln(),
                };
        }
    }

    fn value(&self) -> Option<f64> {
        let mean = (self.weight > 0.0).then(|| self.sum / self.weight)?;
        Some(match self.aggregation {
            Aggregation::Arithmetic => mean,
            Aggregation::Geometric => mean.exp(),
        })
    }
}
