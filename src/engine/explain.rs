//! Why a service has its index: what each node weighs, what it brings, and what its gap costs.

use super::score::{Changes, Outcome, Scorer, State, exact, exact_from, published};
use crate::framework::{Children, Framework, Rounding};
use crate::id::{GroupIndex, Node, ParameterIndex, ServiceIndex};
use crate::number::{Published, Ratio, Score};
use crate::round::Response;
use crate::scale::Answer;

/// Where a service stands, and what other answers would bring it.
pub struct Standing<'a> {
    scorer: &'a Scorer<'a>,
    service: ServiceIndex,
    outcomes: Vec<Outcome>,
    values: Vec<Option<Ratio>>,
    /// For each group, what it weighs in the index once what has no score is left out.
    groups: Vec<Option<Ratio>>,
    /// The same for each parameter.
    parameters: Vec<Option<Ratio>>,
}

impl<'a> Standing<'a> {
    /// Where a service stands.
    pub fn new(scorer: &'a Scorer<'a>, service: ServiceIndex) -> Self {
        let framework = scorer.framework();
        let outcomes = scorer.outcomes(service);
        let values = exact(framework, &outcomes);
        let (groups, parameters) = effective_weights(framework, &outcomes, &values);
        Self { scorer, service, outcomes, values, groups, parameters }
    }

    /// The framework that is scored by.
    pub fn framework(&self) -> &'a Framework {
        self.scorer.framework()
    }

    /// The service.
    pub fn service(&self) -> ServiceIndex {
        self.service
    }

    /// What became of every parameter.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The exact value of the root; none when nothing of it has a score.
    pub fn index(&self) -> Option<&Ratio> {
        self.values[GroupIndex::ROOT.get()].as_ref()
    }

    /// The published value of the root.
    pub fn published(&self) -> Option<Published> {
        self.index().map(|value| published(value, self.framework()))
    }

    /// The exact score of a node; none when it has none.
    pub fn score(&self, node: Node) -> Option<Ratio> {
        match node {
            Node::Group(group) => self.values[group.get()].clone(),
            Node::Parameter(parameter) => self.outcomes[parameter.get()].score.map(Score::ratio),
        }
    }

    /// What a node weighs in the index: the product, up the tree, of `w / sum(w)` over the siblings
    /// that have a score. None when it has no score itself.
    pub fn effective_weight(&self, node: Node) -> Option<&Ratio> {
        match node {
            Node::Group(group) => self.groups[group.get()].as_ref(),
            Node::Parameter(parameter) => self.parameters[parameter.get()].as_ref(),
        }
    }

    /// Whether contributions add up to the index: all means are arithmetic, and rounding is at the end.
    pub fn is_additive(&self) -> bool {
        let policy = &self.framework().policy;
        policy.is_arithmetic() && policy.rounding == Rounding::End
    }

    /// What every parameter contributes to the published index: `100 x effective weight x score`, rounded
    /// by largest remainder, so that the shown figures add up to it. None unless they can.
    pub fn contributions(&self) -> Option<Vec<Published>> {
        let total = self.published().filter(|_| self.is_additive())?;
        let policy = &self.framework().policy;
        let scale = 100 * 10u64.pow(policy.decimals);
        let exact = self.outcomes.iter().zip(&self.parameters).map(|(outcome, weight)| {
            let parts = weight.as_ref().zip(outcome.score);
            parts.map_or_else(Ratio::zero, |(weight, score)| weight.times(&score.ratio()).scaled(scale))
        });
        let units = largest_remainder(&exact.collect::<Vec<_>>(), total.units());
        Some(units.into_iter().map(|units| Published::from_units(units, policy.decimals)).collect())
    }

    /// What the index would fall by if a parameter scored 0; none when it has no score.
    pub fn loss(&self, parameter: ParameterIndex) -> Option<Ratio> {
        let mut outcomes = self.outcomes.clone();
        outcomes[parameter.get()].score.replace(Score::ZERO)?;
        let values = exact(self.framework(), &outcomes);
        Some(self.index()?.minus(values[GroupIndex::ROOT.get()].as_ref()?))
    }

    /// Whether a parameter applies and has less than its best score.
    pub fn has_gap(&self, parameter: ParameterIndex) -> bool {
        let outcome = self.outcomes[parameter.get()];
        let best = self.framework().scale(parameter).best();
        outcome.state != State::NotApplicable && outcome.score.is_none_or(|score| score < best)
    }

    /// What closes a gap: the best answer, with whatever it requires met as well.
    pub fn closing(&self, parameter: ParameterIndex) -> Changes {
        let mut changes = Changes::new();
        changes.insert(parameter, self.best_response(parameter));
        self.meet_requirements(parameter, &mut changes);
        changes
    }

    /// What is answered, whether it counts or not, is worth this.
    pub fn answered_score(&self, parameter: ParameterIndex) -> Option<Score> {
        self.scorer.worth(self.service, parameter)
    }

    /// What becomes of a parameter by its own answer, whatever it requires.
    pub fn own(&self, parameter: ParameterIndex) -> Outcome {
        self.scorer.own(self.service, parameter)
    }

    /// What is answered.
    pub fn response(&self, parameter: ParameterIndex) -> Option<&'a Response> {
        self.scorer.round().answers.get(self.service, parameter).response
    }

    /// What closes a gap by itself: the answer that is there where it is the best, with evidence, else the
    /// best answer.
    pub fn best_response(&self, parameter: ParameterIndex) -> Response {
        let scale = self.framework().scale(parameter);
        let is_best = self.answered_score(parameter) == Some(scale.best());
        let response = self.response(parameter).filter(|_| is_best).cloned();
        response.unwrap_or_else(|| vec![scale.best_answer()])
    }

    /// Adds the answers that a parameter requires where they are not given: of those that will do, the one
    /// with the highest score.
    pub fn meet_requirements(&self, parameter: ParameterIndex, changes: &mut Changes) {
        for requirement in &self.framework().parameter(parameter).requires {
            let required = requirement.parameter;
            let given = changes.get(&required).or_else(|| {
                let counts = self.outcomes[required.get()].state == State::Scored;
                self.scorer.round().answers.get(self.service, required).response.filter(|_| counts)
            });
            let met = given.is_some_and(|response| {
                let one_of = |answer: &Answer| matches!(answer, Answer::Choice(at) if requirement.options.contains(at));
                response.iter().all(one_of)
            });
            if !met {
                let options = self.framework().scale(required).options();
                let score = |at: &&usize| options.get(**at).map(|choice| choice.score);
                // The last of equals is taken by `max_by_key`: from behind, that is the first.
                if let Some(option) = requirement.options.iter().rev().max_by_key(score) {
                    changes.insert(required, vec![Answer::Choice(*option)]);
                }
            }
            self.meet_requirements(required, changes);
        }
    }

    /// What the exact index would rise by under other answers, all else as it is.
    pub fn gain(&self, changes: &Changes) -> Ratio {
        let outcomes = self.scorer.outcomes_with(self.service, changes);
        let zero = Ratio::zero();
        let before = self.index().unwrap_or(&zero);
        let same_weights = || {
            let pairs = self.outcomes.iter().zip(&outcomes);
            pairs.into_iter().all(|(old, new)| old.score.is_some() == new.score.is_some())
        };
        if !self.is_additive() || !same_weights() {
            let values = exact_from(self.framework(), &outcomes, Some((&self.outcomes, &self.values)));
            return values[GroupIndex::ROOT.get()].as_ref().unwrap_or(&zero).minus(before);
        }
        let mut sum = Ratio::zero();
        for ((old, new), weight) in self.outcomes.iter().zip(&outcomes).zip(&self.parameters) {
            if let (Some(old), Some(new), Some(weight)) = (old.score, new.score, weight)
                && old != new
            {
                sum = sum.plus(&weight.times(&new.ratio().minus(&old.ratio())));
            }
        }
        sum
    }
}

/// How far a service has come by some answers put in.
pub struct Progress {
    changes: Changes,
    outcomes: Vec<Outcome>,
    values: Vec<Option<Ratio>>,
}

impl Progress {
    /// Nothing is put in yet.
    pub fn new(standing: &Standing<'_>) -> Self {
        let (outcomes, values) = (standing.outcomes.clone(), standing.values.clone());
        Self { changes: Changes::new(), outcomes, values }
    }

    /// Puts answers in; what the exact index rises by over what it was.
    pub fn put(&mut self, standing: &Standing<'_>, changes: &Changes) -> Ratio {
        self.changes.extend(changes.iter().map(|(parameter, response)| (*parameter, response.clone())));
        let outcomes = standing.scorer.outcomes_with(standing.service, &self.changes);
        let values = exact_from(standing.framework(), &outcomes, Some((&self.outcomes, &self.values)));
        let index =
            |values: &[Option<Ratio>]| values[GroupIndex::ROOT.get()].clone().unwrap_or_else(Ratio::zero);
        let gain = index(&values).minus(&index(&self.values)).reduced();
        (self.outcomes, self.values) = (outcomes, values);
        gain
    }
}

type Weights = Vec<Option<Ratio>>;

/// The effective weights of groups and parameters.
fn effective_weights(
    framework: &Framework,
    outcomes: &[Outcome],
    values: &[Option<Ratio>],
) -> (Weights, Weights) {
    let mut groups: Weights = vec![None; framework.groups.len()];
    let mut parameters: Weights = vec![None; framework.parameters.len()];
    groups[0] = values[0].as_ref().map(|_| Ratio::new(1.into(), 1.into()));
    for (at, group) in framework.groups.iter().enumerate() {
        let Some(above) = groups[at].clone() else { continue };
        let share = |weight: u64, total: u128| {
            let parts = above.scaled(weight).over(&Ratio::new(total.into(), 1.into()));
            parts.map(Ratio::reduced)
        };
        match &group.children {
            Children::Groups(children) => {
                let scored = || children.iter().filter(|child| values[child.get()].is_some());
                let weight = |child: &GroupIndex| framework.group(*child).weight.units();
                let total = scored().map(|child| u128::from(weight(child))).sum();
                scored().for_each(|child| groups[child.get()] = share(weight(child), total));
            }
            Children::Parameters => {
                let scored = || group.parameters.clone().filter(|at| outcomes[*at].score.is_some());
                let weight = |at: usize| framework.parameters[at].weight.units();
                let total = scored().map(|at| u128::from(weight(at))).sum();
                scored().for_each(|at| parameters[at] = share(weight(at), total));
            }
        }
    }
    (groups, parameters)
}

/// Whole numbers near exact ones that add up to `total`: each is cut, and what is left over goes, one
/// each, to the largest remainders, the first of equals first.
fn largest_remainder(exact: &[Ratio], total: i64) -> Vec<i64> {
    let floors: Vec<i64> =
        exact.iter().map(|value| i64::try_from(value.floor()).unwrap_or(i64::MAX)).collect();
    let remainder = |at: usize| exact[at].minus(&Ratio::new(floors[at].into(), 1.into()));
    let mut order: Vec<(Ratio, usize)> = (0..exact.len()).map(|at| (remainder(at), at)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = usize::try_from(total - floors.iter().sum::<i64>()).unwrap_or(0);
    let mut units = floors;
    for (_, at) in order.iter().take(left) {
        units[*at] += 1;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_goes_to_the_largest_remainders() {
        let thirds = |list: &[i64]| -> Vec<Ratio> {
            list.iter().map(|third| Ratio::new((*third).into(), 3.into())).collect()
        };
        // 1/3 + 5/3 + 2/3 = 8/3, rounded 3: the floors 0, 1, 0 leave 2 for the two remainders of 2/3.
        assert_eq!(largest_remainder(&thirds(&[1, 5, 2]), 3), [0, 2, 1]);
        // Equal remainders: the first ones.
        assert_eq!(largest_remainder(&thirds(&[1, 1, 1]), 1), [1, 0, 0]);
        assert_eq!(largest_remainder(&[], 0), [0; 0]);
    }
}
