//! How far a round has come: what is answered and what is open, the index now, and the range that it can
//! still take.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::range::{Ends, ends, open};
use super::rank::{Possible, entity_ends, entity_indexes};
use super::score::{Outcome, Scorer, State};
use crate::framework::Asked;
use crate::id::{EntityIndex, GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::Published;
use crate::trail::{Desk, Hearing, Party};

/// How many questions stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Answered, or not asked because of another answer.
    pub answered: usize,
    /// Not answered.
    pub blank: usize,
    /// Answered without the evidence that is required.
    pub void: usize,
    /// Answered, and left untouched by a stage that had to confirm it.
    pub unconfirmed: usize,
    /// Objections that are open.
    pub objections: usize,
    /// Faults in the rows.
    pub faults: usize,
}

impl Progress {
    fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.blank += other.blank;
        self.void += other.void;
        self.unconfirmed += other.unconfirmed;
        self.objections += other.objections;
        self.faults += other.faults;
    }

    fn note(&mut self, standing: Standing) {
        match standing {
            Standing::Answered => self.answered += 1,
            Standing::Void => self.void += 1,
            Standing::Unconfirmed => self.unconfirmed += 1,
            Standing::Blank => self.blank += 1,
        }
    }
}

/// How one question stands, what is done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Answered,
    Void,
    Unconfirmed,
    Blank,
}

/// An index: as it is, and the least and greatest that it can still be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// As it is.
    pub now: Option<Published>,
    /// With every open answer at its worst.
    pub low: Option<Published>,
    /// With every open answer at its best.
    pub high: Option<Published>,
}

/// How a service stands: of the questions that are asked of it, not of its entity.
#[derive(Clone, Debug)]
pub struct ServiceStatus {
    /// The service.
    pub service: ServiceIndex,
    /// Its questions.
    pub progress: Progress,
    /// Whether a fault holds it out.
    pub held_out: bool,
    /// Its index.
    pub range: Range,
}

/// How an entity stands: its services, and once what is asked of itself.
#[derive(Clone, Debug)]
pub struct EntityStatus {
    /// The entity.
    pub entity: EntityIndex,
    /// How many services it has.
    pub services: usize,
    /// How many of them faults hold out.
    pub held_out: usize,
    /// Its services' questions and its own.
    pub progress: Progress,
    /// What is asked of itself.
    pub own: Progress,
    /// Its index.
    pub range: Range,
}

/// How an evaluator stands: the questions that rows name him or her for.
#[derive(Clone, Debug)]
pub struct EvaluatorStatus {
    /// The name.
    pub name: String,
    /// How many services and entities the rows are about.
    pub parties: usize,
    /// What is answered and blank in the rows, and how it stands in the round.
    pub progress: Progress,
}

/// How a round stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// Services, in the order of ids.
    pub services: Vec<ServiceStatus>,
    /// Entities, in the order of ids.
    pub entities: Vec<EntityStatus>,
    /// Evaluators who are named, by name.
    pub evaluators: Vec<EvaluatorStatus>,
    /// All of it.
    pub whole: Progress,
}

/// A service's outcomes: now, at their least and at their greatest.
struct Completions {
    service: ServiceIndex,
    now: Vec<Outcome>,
    low: Vec<Outcome>,
    high: Vec<Outcome>,
    /// Whether gaps keep it from being scored now.
    is_rejected: bool,
    /// Whether any answer of it is open.
    is_open: bool,
    /// Whether what is open may leave it without an index.
    may_lack_index: bool,
}

impl Status {
    /// How a round stands.
    pub fn of(scorer: &Scorer<'_>, hearing: &Hearing) -> Self {
        let round = scorer.round();
        let sound = round.service_indices().filter(|service| !round.service(*service).held_out);
        let completions: Vec<Completions> = sound.map(|service| completions(scorer, service)).collect();
        let mut services: Vec<ServiceStatus> =
            round.service_indices().map(|service| service_status(scorer, service, hearing)).collect();
        for found in &completions {
            services[found.service.get()].range = range(scorer, found);
        }
        let entities = entities(scorer, &services, &completions, hearing);
        let mut whole = Progress::default();
        entities.iter().for_each(|status| whole.add(status.progress));
        let without_entity = |status: &&ServiceStatus| round.service(status.service).entity.is_none();
        services.iter().filter(without_entity).for_each(|status| whole.add(status.progress));
        let evaluators = evaluators(scorer, hearing);
        Self { services, entities, evaluators, whole }
    }
}

fn completions(scorer: &Scorer<'_>, service: ServiceIndex) -> Completions {
    let policy = &scorer.framework().policy;
    let Ends { low, high, may_have_none } =
        ends(scorer, service, |parameter, state| open(scorer, service, parameter, state));
    let now = scorer.outcomes(service);
    let has = |state: State| now.iter().any(|outcome| outcome.state == state);
    let is_rejected = scorer.is_rejected(&now);
    let is_open = has(State::Missing) || has(State::Void);
    // Which completions answer enough is not looked at: any of them may not.
    let may_lack_index = is_open && (may_have_none || !policy.minimum_coverage.is_zero());
    Completions { service, now, low, high, is_rejected, is_open, may_lack_index }
}

fn range(scorer: &Scorer<'_>, completions: &Completions) -> Range {
    let end = |outcomes: &Vec<Outcome>| scorer.values(outcomes.clone()).published(GroupIndex::ROOT);
    let now = || scorer.values(completions.now.clone()).index();
    Range {
        now: if completions.is_rejected { None } else { now() },
        low: end(&completions.low),
        high: end(&completions.high),
    }
}

/// How a question of a service stands; none where it does not apply.
fn standing(scorer: &Scorer<'_>, service: ServiceIndex, at: usize, outcome: Outcome) -> Option<Standing> {
    let unconfirmed = || scorer.round().answers.is_void(service, ParameterIndex::new(at));
    match outcome.state {
        State::Scored | State::Implied => Some(Standing::Answered),
        State::Missing => Some(Standing::Blank),
        State::Void if unconfirmed() => Some(Standing::Unconfirmed),
        State::Void => Some(Standing::Void),
        State::NotApplicable => None,
    }
}

fn service_status(scorer: &Scorer<'_>, service: ServiceIndex, hearing: &Hearing) -> ServiceStatus {
    let definition = scorer.round().service(service);
    let mut progress = Progress::default();
    for (at, outcome) in scorer.outcomes(service).into_iter().enumerate() {
        let own = scorer.framework().parameters[at].asked == Asked::Service || definition.entity.is_none();
        if let (true, Some(standing)) = (own, standing(scorer, service, at, outcome)) {
            progress.note(standing);
        }
    }
    progress.objections = objections(hearing, Party::Service(service));
    progress.faults = hearing.faults.get(&Party::Service(service)).copied().unwrap_or_default();
    ServiceStatus { service, progress, held_out: definition.held_out, range: Range::default() }
}

fn objections(hearing: &Hearing, party: Party) -> usize {
    hearing.objections.iter().filter(|(of, _)| *of == party).count()
}

fn entities(
    scorer: &Scorer<'_>,
    services: &[ServiceStatus],
    completions: &[Completions],
    hearing: &Hearing,
) -> Vec<EntityStatus> {
    let round = scorer.round();
    let possible = |which: fn(&Completions) -> &Vec<Outcome>| {
        completions.iter().map(move |found| Possible {
            service: found.service,
            outcomes: which(found).clone(),
            is_open: found.is_open,
            may_lack_index: found.may_lack_index,
        })
    };
    let now = completions.iter().filter(|found| !found.is_rejected);
    let now = entity_indexes(scorer, now.map(|found| (found.service, found.now.clone())));
    let low = entity_ends(scorer, possible(|found| &found.low), Ordering::Less);
    let high = entity_ends(scorer, possible(|found| &found.high), Ordering::Greater);
    let mut list: Vec<EntityStatus> = round
        .entity_indices()
        .map(|entity| EntityStatus {
            entity,
            services: 0,
            held_out: 0,
            progress: Progress::default(),
            own: Progress {
                objections: objections(hearing, Party::Entity(entity)),
                faults: hearing.faults.get(&Party::Entity(entity)).copied().unwrap_or_default(),
                ..Progress::default()
            },
            range: Range { now: now[entity.get()], low: low[entity.get()], high: high[entity.get()] },
        })
        .collect();
    for status in services {
        if let Some(entity) = round.service(status.service).entity {
            let entity = &mut list[entity.get()];
            entity.services += 1;
            entity.held_out += usize::from(status.held_out);
            entity.progress.add(status.progress);
        }
    }
    for (entity, standing) in asked_of_entities(scorer) {
        list[entity.get()].own.note(standing);
    }
    for status in &mut list {
        status.progress.add(status.own);
    }
    list
}

/// What is asked of each entity, once: answered where it is for all its services that it applies to.
fn asked_of_entities(scorer: &Scorer<'_>) -> Vec<(EntityIndex, Standing)> {
    let round = scorer.round();
    let parameters = scorer.framework().parameters.len();
    let mut found: Vec<Vec<Option<Standing>>> = vec![vec![None; parameters]; round.entities.len()];
    for service in round.service_indices() {
        let Some(entity) = round.service(service).entity else { continue };
        for (at, outcome) in scorer.outcomes(service).into_iter().enumerate() {
            if scorer.framework().parameters[at].asked == Asked::Entity {
                let worst = &mut found[entity.get()][at];
                *worst = (*worst).max(standing(scorer, service, at, outcome));
            }
        }
    }
    let each = |(entity, list): (usize, Vec<Option<Standing>>)| {
        list.into_iter().flatten().map(move |standing| (EntityIndex::new(entity), standing))
    };
    found.into_iter().enumerate().flat_map(each).collect()
}

/// How the questions of each evaluator stand: a row without an answer is blank; one with an answer may be
/// void or unconfirmed in the round, and objected to.
fn evaluators(scorer: &Scorer<'_>, hearing: &Hearing) -> Vec<EvaluatorStatus> {
    let round = scorer.round();
    let of_party = |party: Party| match party {
        Party::Service(service) => vec![service],
        Party::Entity(entity) => {
            let own = |service: &ServiceIndex| round.service(*service).entity == Some(entity);
            round.service_indices().filter(own).collect()
        }
    };
    let each = |(name, desk): (&String, &Desk)| {
        let mut progress = Progress { faults: desk.faults, ..Progress::default() };
        let mut known: HashMap<ServiceIndex, Vec<Outcome>> = HashMap::new();
        for ((party, parameter), is_answered) in &desk.questions {
            let stands = of_party(*party).into_iter().filter_map(|service| {
                let outcomes = known.entry(service).or_insert_with(|| scorer.outcomes(service));
                standing(scorer, service, parameter.get(), outcomes[parameter.get()])
            });
            progress.note(match (is_answered, stands.max()) {
                (false, _) => Standing::Blank,
                // An answer that was taken back, or does not apply, was given all the same.
                (true, None | Some(Standing::Blank)) => Standing::Answered,
                (true, Some(stands)) => stands,
            });
            progress.objections += usize::from(hearing.objections.contains(&(*party, *parameter)));
        }
        EvaluatorStatus { name: name.clone(), parties: desk.parties(), progress }
    };
    hearing.evaluators.iter().map(each).collect()
}
