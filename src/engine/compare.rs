//! What moved between two rounds and why: every difference in parts that add up to it exactly. The
//! formulas are in `docs/analysis.md`.

mod effective;
mod items;
mod means;
mod parts;

use std::collections::HashMap;

use super::rank::Results;
use super::score::{Outcome, Scorer, State};
use crate::framework::{Framework, Rounding};
use crate::id::ServiceIndex;
use crate::number::{Published, Ratio};
use crate::scale::Answer;

use effective::{EffectiveWeights, same_tree};
pub use items::{Item, Mapping};
pub use means::{ItemTotal, MeanMovement, MeanOf};
pub use parts::{Cause, Parts};

/// What moved between two rounds.
pub struct Comparison {
    /// Parameters of the two frameworks, joined.
    pub items: Vec<Item>,
    /// Services in the order of the later ranking, then those that went.
    pub services: Vec<ServiceMovement>,
    /// Entities in the order of the later ranking, then those that went.
    pub entities: Vec<MeanMovement>,
    /// Categories by name.
    pub categories: Vec<MeanMovement>,
    /// All services.
    pub whole: MeanMovement,
    /// What each joined parameter did to the mean of all services, the largest movement first.
    pub item_totals: Vec<ItemTotal>,
}

/// What moved in one service.
#[derive(Clone, Debug)]
pub struct ServiceMovement {
    /// It in the earlier round; none when it came.
    pub before: Option<ServiceIndex>,
    /// It in the later round; none when it went.
    pub after: Option<ServiceIndex>,
    /// The published index in either round.
    pub index: [Option<Published>; 2],
    /// The rank in either round.
    pub rank: [Option<usize>; 2],
    /// The position of the band in either round.
    pub band: [Option<usize>; 2],
    /// What each joined parameter did; empty unless both rounds have an index.
    pub items: Vec<ItemMovement>,
    /// The parts of the difference between the published indexes.
    pub parts: Option<Parts>,
    exact: [Option<Ratio>; 2],
}

/// What one joined parameter did to a service's index.
#[derive(Clone, Debug)]
pub struct ItemMovement {
    /// Its position among the items.
    pub item: usize,
    /// The score in either round, 1 at most.
    pub score: [Option<Ratio>; 2],
    /// The parts of its contribution's difference.
    pub parts: Parts,
}

impl ServiceMovement {
    /// How far the published index rose, 1 being 100 percent.
    pub fn change(&self) -> Option<Ratio> {
        Some(self.index[1]?.ratio().minus(&self.index[0]?.ratio()))
    }
}

/// One of two rounds, scored.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// Its scorer.
    pub scorer: &'a Scorer<'a>,
    /// Its results.
    pub results: &'a Results,
}

/// Compares two rounds.
pub fn compare(before: Side<'_>, after: Side<'_>, mapping: &Mapping) -> Comparison {
    let items = items::join(before.scorer.framework(), after.scorer.framework(), mapping);
    let frameworks = [before.scorer.framework(), after.scorer.framework()];
    let crossed =
        [under_rules_of(frameworks[0], frameworks[1]), under_rules_of(frameworks[1], frameworks[0])];
    let crossed =
        [Scorer::new(&crossed[0], before.scorer.round()), Scorer::new(&crossed[1], after.scorer.round())];
    let pairs = pairs(before, after);
    let mut decomposer = Decomposer {
        items: &items,
        scorers: [[before.scorer, &crossed[0]], [&crossed[1], after.scorer]],
        same_rules: frameworks[0].policy == frameworks[1].policy,
        trees: EffectiveWeights::new(frameworks, same_tree(frameworks[0], frameworks[1])),
    };
    let services: Vec<ServiceMovement> = pairs
        .into_iter()
        .map(|(first, second)| movement([before, after], [first, second], &mut decomposer))
        .collect();
    let means = means::Movements { before, after, services: &services };
    let (entities, categories, whole) = (means.entities(), means.categories(), means.whole());
    let item_totals = means.item_totals(items.len());
    Comparison { items, services, entities, categories, whole, item_totals }
}

/// A framework under the rules of another.
fn under_rules_of(framework: &Framework, other: &Framework) -> Framework {
    let mut framework = framework.clone();
    framework.policy = other.policy.clone();
    framework
}

/// Joins services: the same id, else the id that the later registry says a service had before.
fn pairs(before: Side<'_>, after: Side<'_>) -> Vec<(Option<ServiceIndex>, Option<ServiceIndex>)> {
    let (earlier, later) = (before.scorer.round(), after.scorer.round());
    let mut taken = vec![false; earlier.services.len()];
    let mut partner: HashMap<ServiceIndex, ServiceIndex> = HashMap::new();
    for by_previous in [false, true] {
        for service in
            later.service_indices().filter(|service| !partner.contains_key(service)).collect::<Vec<_>>()
        {
            let known = later.service(service);
            let id = if by_previous { known.previous() } else { Some(known.id.as_str()) };
            let Some(found) = id.and_then(|id| earlier.service_named(id)) else { continue };
            if !std::mem::replace(&mut taken[found.get()], true) {
                partner.insert(service, found);
            }
        }
    }
    let stayed = after.results.order.iter().map(|service| (partner.get(service).copied(), Some(*service)));
    let went = before.results.order.iter().filter(|service| !taken[service.get()]);
    stayed.chain(went.map(|service| (Some(*service), None))).collect()
}

fn movement(
    of: [Side<'_>; 2],
    pair: [Option<ServiceIndex>; 2],
    decomposer: &mut Decomposer<'_>,
) -> ServiceMovement {
    let [first, second] = pair;
    let sides = [0, 1].map(|side| {
        let result = of[side].results.of(pair[side]?);
        let exact = decomposer.scorers[side][side].service(result.service).exact_index().cloned()?;
        Some((
            result.index()?,
            exact,
            of[side].results.rank(result.service),
            result.figures.as_ref().and_then(|figures| figures.band()),
        ))
    });
    let mut movement = ServiceMovement {
        before: first,
        after: second,
        index: sides.each_ref().map(|side| side.as_ref().map(|side| side.0)),
        rank: sides.each_ref().map(|side| side.as_ref().and_then(|side| side.2)),
        band: sides.each_ref().map(|side| side.as_ref().and_then(|side| side.3)),
        items: Vec::new(),
        parts: None,
        exact: sides.map(|side| side.map(|side| side.1)),
    };
    if let ([Some(lower), Some(upper)], Some(change)) = (&movement.exact, movement.change())
        && let (Some(first), Some(second)) = (first, second)
    {
        let exact = upper.minus(lower);
        movement.items = decomposer.items(first, second);
        let mut parts = Parts::sum(movement.items.iter().map(|item| &item.parts));
        // Nothing is left over where all means are arithmetic and figures are rounded at the end.
        parts.add(Cause::Interaction, &exact.minus(&parts.total()));
        parts.add(Cause::Rounding, &change.minus(&exact));
        movement.parts = Some(parts);
    }
    movement
}

/// Takes the difference of a service's index apart, by joined parameter and cause.
struct Decomposer<'a> {
    items: &'a [Item],
    /// By whose answers, and by whose rules.
    scorers: [[&'a Scorer<'a>; 2]; 2],
    same_rules: bool,
    trees: EffectiveWeights<'a>,
}

/// The outcomes of a service, by whose answers and by whose rules.
type Outcomes = [[Vec<Outcome>; 2]; 2];

impl Decomposer<'_> {
    fn items(&mut self, first: ServiceIndex, second: ServiceIndex) -> Vec<ItemMovement> {
        let services = [first, second];
        let own = [self.scorers[0][0].outcomes(first), self.scorers[1][1].outcomes(second)];
        let additive = |side: usize| {
            let policy = &self.scorers[side][side].framework().policy;
            policy.is_arithmetic() && policy.rounding == Rounding::End
        };
        if !(additive(0) && additive(1)) {
            return self.swapped(&own);
        }
        let [first_own, second_own] = own;
        let outcomes: Outcomes = if self.same_rules {
            [[first_own.clone(), first_own], [second_own.clone(), second_own]]
        } else {
            let crossed = [self.scorers[0][1].outcomes(first), self.scorers[1][0].outcomes(second)];
            let [first_crossed, second_crossed] = crossed;
            [[first_own, first_crossed], [second_crossed, second_own]]
        };
        self.additive(services, &outcomes)
    }

    /// The parts of a sum: `effective weight x score` of every joined parameter.
    fn additive(&mut self, services: [ServiceIndex; 2], outcomes: &Outcomes) -> Vec<ItemMovement> {
        let whole = [0, 1].map(|side| {
            let scored = outcomes[side][side].iter().map(|outcome| outcome.score.is_some()).collect();
            self.trees.of(side, scored)
        });
        let mut core = Vec::with_capacity(8);
        for hybrid in 0..8 {
            let [tree, data, rules] = bits(hybrid);
            core.push(self.trees.of(tree, self.core(tree, data, &outcomes[data][rules])));
        }
        let weight = |weights: &[Ratio], item: &Item, side: usize| {
            item.sides[side].iter().fold(Ratio::zero(), |sum, at| sum.plus(&weights[at.get()]))
        };
        let mut movements = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let ends = [0, 1].map(|side| weight(&whole[side], item, side));
            let score = [0, 1].map(|side| item_score(item, side, &outcomes[side][side], &whole[side]));
            let mut parts = Parts::default();
            if let Some(mean) = mean_score(&score) {
                let inner: Vec<Ratio> =
                    (0..8).map(|hybrid| weight(&core[hybrid], item, bits(hybrid)[0])).collect();
                let [weights, applicability, policies] = shapley(&inner);
                let removed = inner[0].minus(&ends[0]);
                let added = ends[1].minus(&inner[7]);
                parts.add(Cause::Weights, &weights.times(&mean));
                parts.add(Cause::Applicability, &applicability.times(&mean));
                parts.add(Cause::Policies, &policies.times(&mean));
                parts.add(Cause::Parameters, &removed.plus(&added).times(&mean));
            }
            if let [Some(low), Some(high)] = &score
                && low != high
            {
                let mean = halved(&ends[0].plus(&ends[1]));
                for (cause, change) in self.score_change(item, services, outcomes, &high.minus(low)) {
                    parts.add(cause, &change.times(&mean));
                }
            }
            if score[0] != score[1] || !parts.is_still() {
                movements.push(ItemMovement { item: at, score, parts });
            }
        }
        movements
    }

    /// Which parameters of a framework count, of those that both frameworks have, when it is the
    /// answers of one round under the rules of one framework that say what counts.
    fn core(&self, tree: usize, data: usize, outcomes: &[Outcome]) -> Vec<bool> {
        let mut scored = vec![false; self.scorers[tree][tree].framework().parameters.len()];
        for item in self.items.iter().filter(|item| item.sides.iter().all(|side| !side.is_empty())) {
            let counts = |at: &crate::id::ParameterIndex| outcomes[at.get()].score.is_some();
            let any = item.sides[data].iter().any(counts);
            for at in &item.sides[tree] {
                scored[at.get()] = if tree == data { counts(at) } else { any };
            }
        }
        scored
    }

    /// A difference of scores, by what the answers, the scales and the policies did. Where a
    /// parameter was split or merged, another question is asked, and all of it is the scales'.
    fn score_change(
        &self,
        item: &Item,
        services: [ServiceIndex; 2],
        outcomes: &Outcomes,
        change: &Ratio,
    ) -> Vec<(Cause, Ratio)> {
        let ([first], [second]) = (item.sides[0].as_slice(), item.sides[1].as_slice()) else {
            return vec![(Cause::Scales, change.clone())];
        };
        let parameters = [*first, *second];
        let values: Vec<Ratio> = (0..8)
            .map(|hybrid| {
                let [answers, scale, rules] = bits(hybrid);
                let outcome = outcomes[answers][rules][parameters[answers].get()];
                let own = outcome.score.map_or_else(Ratio::zero, |score| score.ratio());
                if answers == scale || outcome.state != State::Scored {
                    return own;
                }
                self.under_other_scale(parameters, services, answers).unwrap_or(own)
            })
            .collect();
        let [answers, scales, policies] = shapley(&values);
        vec![(Cause::Answers, answers), (Cause::Scales, scales), (Cause::Policies, policies)]
    }

    /// What an answer of one side is worth by the other side's scale; none where that does not know it.
    fn under_other_scale(
        &self,
        parameters: [crate::id::ParameterIndex; 2],
        services: [ServiceIndex; 2],
        answers: usize,
    ) -> Option<Ratio> {
        let scales = [0, 1].map(|side| self.scorers[side][side].framework().scale(parameters[side]));
        let (own, other) = (scales[answers], scales[1 - answers]);
        let round = self.scorers[answers][answers].round();
        let response = round.answers.get(services[answers], parameters[answers]).response?;
        let option = |at: &usize| own.options()[*at].spellings().find_map(|words| other.option(words));
        let worth = |answer: &Answer| -> Option<crate::number::Score> {
            let translated = match answer {
                Answer::NotApplicable => return None,
                Answer::Choice(at) => Answer::Choice(option(at)?),
                Answer::Multiple(chosen) => {
                    Answer::Multiple(chosen.iter().map(option).collect::<Option<Vec<usize>>>()?)
                }
                Answer::Number(number) => Answer::Number(*number),
            };
            let kinds_agree = own.kind_name() == other.kind_name();
            kinds_agree.then(|| other.score(&translated)).flatten()
        };
        let given = response.iter().filter(|answer| **answer != Answer::NotApplicable);
        let scores = given.map(worth).collect::<Option<Vec<_>>>()?;
        Some(crate::number::Score::mean(&scores)?.ratio())
    }

    /// The parts where contributions do not add up (a geometric mean, or rounding at each level): the
    /// mean of what a parameter's outcome does when put into the other round, both ways; what is left
    /// is interaction.
    fn swapped(&self, own: &[Vec<Outcome>; 2]) -> Vec<ItemMovement> {
        let mut movements = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let ([first], [second]) = (item.sides[0].as_slice(), item.sides[1].as_slice()) else { continue };
            let parameters = [first.get(), second.get()];
            let outcomes = [own[0][parameters[0]], own[1][parameters[1]]];
            if outcomes[0].score == outcomes[1].score {
                continue;
            }
            let effects = [0, 1].map(|side| {
                let mut other = own[side].clone();
                other[parameters[side]] = outcomes[1 - side];
                let scorer = self.scorers[side][side];
                let index = |outcomes| {
                    let values = scorer.values(outcomes);
                    values.exact(crate::id::GroupIndex::ROOT).cloned().unwrap_or_else(Ratio::zero)
                };
                let (with, without) = (index(other), index(own[side].clone()));
                if side == 0 { with.minus(&without) } else { without.minus(&with) }
            });
            let both = outcomes.iter().all(|outcome| outcome.score.is_some());
            let cause = if both { Cause::Answers } else { Cause::Applicability };
            let mut parts = Parts::default();
            parts.add(cause, &halved(&effects[0].plus(&effects[1])));
            let score = outcomes.map(|outcome| outcome.score.map(|score| score.ratio()));
            movements.push(ItemMovement { item: at, score, parts });
        }
        movements
    }
}

/// Which of three things come from the later round.
fn bits(hybrid: usize) -> [usize; 3] {
    [hybrid & 1, hybrid >> 1 & 1, hybrid >> 2 & 1]
}

/// What each of three causes did to a value, the mean over all orders in which they could have come:
/// `(2 (f_i - f_0) + (f_ij - f_j) + (f_ik - f_k) + 2 (f_ijk - f_jk)) / 6` (Shapley 1953).
fn shapley(values: &[Ratio]) -> [Ratio; 3] {
    let step = |cause: usize, others: usize| values[others | 1 << cause].minus(&values[others]);
    [0, 1, 2].map(|cause| {
        if (0..8)
            .filter(|others| others >> cause & 1 == 0)
            .all(|others| values[others] == values[others | 1 << cause])
        {
            return Ratio::zero();
        }
        let all = 7 ^ 1 << cause;
        let [second, third] = match cause {
            0 => [2, 4],
            1 => [1, 4],
            _ => [1, 2],
        };
        let ends = step(cause, 0).plus(&step(cause, all)).scaled(2);
        let sum = ends.plus(&step(cause, second)).plus(&step(cause, third));
        sum.times(&Ratio::new(1.into(), 6.into()))
    })
}

fn halved(value: &Ratio) -> Ratio {
    value.times(&Ratio::new(1.into(), 2.into()))
}

/// The mean of the scores there are.
fn mean_score(score: &[Option<Ratio>; 2]) -> Option<Ratio> {
    match score {
        [Some(first), Some(second)] => Some(halved(&first.plus(second))),
        [Some(only), None] | [None, Some(only)] => Some(only.clone()),
        [None, None] => None,
    }
}

/// The score of a joined parameter: the mean of its parameters' by their effective weights.
fn item_score(item: &Item, side: usize, outcomes: &[Outcome], weights: &[Ratio]) -> Option<Ratio> {
    let scored: Vec<(&Ratio, Ratio)> = item.sides[side]
        .iter()
        .filter_map(|at| Some((&weights[at.get()], outcomes[at.get()].score?.ratio())))
        .collect();
    if let [(_, score)] = scored.as_slice() {
        return Some(score.clone());
    }
    let sum = scored.iter().fold(Ratio::zero(), |sum, (weight, score)| sum.plus(&score.times(weight)));
    let total = scored.iter().fold(Ratio::zero(), |sum, (weight, _)| sum.plus(weight));
    // Parameters that weigh nothing contribute nothing, whatever their score.
    sum.over(&total).or_else(|| scored.first().map(|(_, score)| score.clone()))
}
