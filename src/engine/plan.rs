//! From gaps to actions: what closes each, what it takes and what it brings. The arithmetic is in
//! `docs/plan.md`.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::explain::Standing;
use super::score::{Changes, Scorer, State};
use crate::framework::{Asked, Framework};
use crate::id::{EntityIndex, Node, ParameterIndex, ServiceIndex};
use crate::number::{Ratio, Score};
use crate::round::Response;
use crate::scale::Answer;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// One gap is closed, or made smaller.
    Gap(ParameterIndex),
    /// A solution is introduced, by its position among the framework's.
    Solution(usize),
    /// A gap is closed by a solution that is introduced, at no effort of its own.
    Closed(ParameterIndex, usize),
}

impl Work {
    /// The gap; none for a solution as such.
    pub fn parameter(self) -> Option<ParameterIndex> {
        match self {
            Self::Gap(parameter) | Self::Closed(parameter, _) => Some(parameter),
            Self::Solution(_) => None,
        }
    }
}

/// Something to do, in a service, or in all services of an entity at once.
#[derive(Clone, Debug)]
pub struct Action {
    /// What is done.
    pub work: Work,
    /// The body that does it.
    pub entity: Option<EntityIndex>,
    /// The services that it reaches, each with the answers that close its gap.
    pub services: Vec<(ServiceIndex, Changes)>,
    /// What the indexes of these services rise by, together; 1 is 100 points.
    pub gain: Ratio,
    /// Person-days, with those of what it requires; none when the framework does not say.
    pub effort: Option<Decimal>,
    /// What each answer that it puts in takes by itself.
    pub efforts: Vec<(ServiceIndex, ParameterIndex, Option<Decimal>)>,
}

impl Action {
    /// The gain for each person-day; none without effort.
    pub fn gain_per_day(&self) -> Option<Ratio> {
        self.gain.over(&Ratio::from_decimal(self.effort?))
    }
}

/// Person-days to give the evidence that an answer lacks.
const EVIDENCE_EFFORT: Decimal = Decimal::ONE;

/// The actions for some services, the largest gain first; equals by parameter, then by service.
pub fn actions(scorer: &Scorer<'_>, services: &[ServiceIndex], wanted: &[bool]) -> Vec<Action> {
    let (framework, round) = (scorer.framework(), scorer.round());
    let mut list: Vec<Action> = Vec::new();
    let mut of_entities: BTreeMap<(EntityIndex, ParameterIndex), Action> = BTreeMap::new();
    for service in services {
        let standing = Standing::new(scorer, *service);
        let entity = round.service(*service).entity;
        let parameters = (0..framework.parameters.len()).map(ParameterIndex::new);
        for parameter in parameters.filter(|at| wanted[at.get()] && standing.has_gap(*at)) {
            let action = action(&standing, parameter, entity);
            match entity.filter(|_| framework.parameter(parameter).asked == Asked::Entity) {
                None => list.push(action),
                Some(entity) => {
                    of_entities
                        .entry((entity, parameter))
                        .and_modify(|known| known.join(&action))
                        .or_insert(action);
                }
            }
        }
    }
    list.extend(of_entities.into_values());
    list.sort_by(|a, b| {
        let services = |action: &Action| action.services.first().map(|(service, _)| *service);
        let by_gain = b.gain.cmp(&a.gain);
        by_gain.then(a.work.parameter().cmp(&b.work.parameter())).then_with(|| services(a).cmp(&services(b)))
    });
    list
}

fn action(standing: &Standing<'_>, parameter: ParameterIndex, entity: Option<EntityIndex>) -> Action {
    let changes = standing.closing(parameter);
    let efforts: Vec<_> = changes
        .iter()
        .map(|(changed, response)| (standing.service(), *changed, effort(standing, *changed, response)))
        .collect();
    Action {
        work: Work::Gap(parameter),
        entity,
        gain: standing.gain(&changes),
        effort: efforts.iter().map(|(_, _, effort)| *effort).sum(),
        efforts,
        services: vec![(standing.service(), changes)],
    }
}

impl Action {
    /// Adds what the same action, paid once, does for another service.
    fn join(&mut self, other: &Self) {
        self.gain = self.gain.plus(&other.gain).reduced();
        self.effort = self.effort.max(other.effort);
        self.efforts.extend(&other.efforts);
        self.services.extend(other.services.iter().cloned());
    }
}

/// What actions take together: an answer that several of them put in is paid once, and what is asked of an entity
/// once for all its services.
pub fn effort_together(framework: &Framework, actions: &[Action]) -> Decimal {
    let solutions = actions.iter().filter(|action| action.work.parameter().is_none());
    let introduced: Decimal = solutions.filter_map(|action| action.effort).sum();
    let mut paid: BTreeMap<(Option<EntityIndex>, Option<ServiceIndex>, ParameterIndex), Decimal> =
        BTreeMap::new();
    for action in actions {
        for (service, parameter, effort) in &action.efforts {
            let entity = action.entity.filter(|_| framework.parameter(*parameter).asked == Asked::Entity);
            let own = entity.is_none().then_some(*service);
            let known = paid.entry((entity, own, *parameter)).or_default();
            *known = (*known).max(effort.unwrap_or_default());
        }
    }
    introduced + paid.into_values().sum::<Decimal>()
}

/// What it takes to change one answer: `effort x (new - old) / (best - old)`, or the effort that the new
/// option states; and one person-day where evidence or confirmation is lacking.
fn effort(standing: &Standing<'_>, parameter: ParameterIndex, response: &Response) -> Option<Decimal> {
    let framework = standing.framework();
    let scale = framework.scale(parameter);
    let old = standing.answered_score(parameter);
    let is_void = standing.own(parameter).state == State::Void;
    let evidence = if is_void { EVIDENCE_EFFORT } else { Decimal::ZERO };
    let new = response.first().and_then(|answer| scale.score(answer)).unwrap_or(Score::ZERO);
    if old.is_some_and(|old| old >= new) {
        return Some(evidence);
    }
    if let [Answer::Choice(option)] = response.as_slice()
        && let Some(stated) = scale.options().get(*option).and_then(|choice| choice.effort)
    {
        return Some(stated + evidence);
    }
    let whole = framework.parameter(parameter).advice.as_ref()?.effort?;
    let units = |score: Score| Decimal::from(score.units());
    let old = units(old.unwrap_or(Score::ZERO));
    let best = units(scale.best());
    let share = if best > old { (units(new) - old) / (best - old) } else { Decimal::ZERO };
    Some((whole * share).round_dp(2).normalize() + evidence)
}

/// An answer that a service's own may rise to.
#[derive(Clone, Debug)]
pub struct Step {
    /// The answer.
    pub response: Response,
    /// What it is worth.
    pub score: Score,
    /// Person-days; none when the framework does not say.
    pub effort: Option<Decimal>,
}

/// Every answer that a service's own may rise to, whatever the parameter requires: evidence for the one
/// that is there, and each that is worth more; where nothing is answered, each.
pub fn steps(standing: &Standing<'_>, parameter: ParameterIndex) -> Vec<Step> {
    let own = standing.own(parameter);
    if own.state == State::NotApplicable {
        return Vec::new();
    }
    let now = own.score.unwrap_or(Score::ZERO);
    let scale = standing.framework().scale(parameter);
    let response = standing.response(parameter);
    let answered = standing.answered_score(parameter);
    let mut steps = Vec::new();
    let mut step = |response: Response, score: Score| {
        steps.push(Step { effort: effort(standing, parameter, &response), response, score });
    };
    if let (State::Void, Some(response), Some(score)) = (own.state, response, answered) {
        step(response.clone(), score);
    }
    let from = match response.map(Vec::as_slice) {
        Some([answer]) => Some(answer),
        Some(_) | None => None,
    };
    let floor = (own.state != State::Missing).then(|| answered.unwrap_or(now).max(now));
    for answer in scale.answers_above(floor, from) {
        let score = scale.score(&answer).unwrap_or(Score::ZERO);
        step(vec![answer], score);
    }
    steps
}

/// All answers that a list of actions puts in, service by service.
pub fn changes(actions: &[Action]) -> BTreeMap<ServiceIndex, Changes> {
    let mut all: BTreeMap<ServiceIndex, Changes> = BTreeMap::new();
    for (service, changes) in actions.iter().flat_map(|action| &action.services) {
        let known = all.entry(*service).or_default();
        for (parameter, response) in changes {
            known.entry(*parameter).or_insert_with(|| response.clone());
        }
    }
    all
}

/// For each parameter whether it may be in a plan: below one of the `only` nodes, and not excluded. With
/// `required` what those parameters require may be too, unless it is excluded.
pub fn wanted(framework: &Framework, only: &[Node], exclude: &[Node], required: bool) -> Vec<bool> {
    let below = |node: &Node, at: usize| match node {
        Node::Group(group) => framework.group(*group).parameters.contains(&at),
        Node::Parameter(parameter) => parameter.get() == at,
    };
    let is_asked = |at: usize| only.is_empty() || only.iter().any(|node| below(node, at));
    let mut wanted: Vec<bool> = (0..framework.parameters.len()).map(is_asked).collect();
    if required {
        // From behind, each comes before what it requires.
        for parameter in framework.by_requirement().iter().rev() {
            if wanted[parameter.get()] {
                let requires = &framework.parameter(*parameter).requires;
                requires.iter().for_each(|needed| wanted[needed.parameter.get()] = true);
            }
        }
    }
    (0..wanted.len()).map(|at| wanted[at] && !exclude.iter().any(|node| below(node, at))).collect()
}

/// What a newer round shows of a promised action.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whether every service that it reaches now has at least the score it was to have.
    pub shows: bool,
    /// What it brought the indexes of these services, together, at the weights of the newer round:
    /// `effective weight x (score now - score then)`. None where contributions do not add up.
    pub realised: Option<Ratio>,
}

/// Holds a promise against where services stand: `then` is the score when the plan was made.
pub fn kept(standings: &[Standing<'_>], parameter: ParameterIndex, then: Score, target: Score) -> Kept {
    let mut kept = Kept { shows: !standings.is_empty(), realised: Some(Ratio::zero()) };
    for standing in standings {
        let score = standing.outcomes()[parameter.get()].score;
        kept.shows &= score.is_some_and(|score| score >= target);
        let weight = standing.effective_weight(Node::Parameter(parameter)).filter(|_| standing.is_additive());
        let is_as_it_was = standing.answered_score(parameter) == Some(then)
            && standing.outcomes()[parameter.get()].state != State::Scored;
        // The same answer does not count, and did not then: nothing is won or lost.
        let then = if is_as_it_was { Score::ZERO } else { then };
        kept.realised = kept
            .realised
            .zip(weight.zip(score))
            .map(|(sum, (weight, score))| sum.plus(&weight.times(&score.ratio().minus(&then.ratio()))));
    }
    kept
}
