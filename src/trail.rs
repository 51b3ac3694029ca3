//! Who said what: what evaluators gave, before it is folded into what counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::round::Round;
use crate::scale::Answer;

/// Whom an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// One service.
    Service(ServiceIndex),
    /// An entity, for all its services that do not answer themselves.
    Entity(EntityIndex),
}

/// A party and a parameter.
pub type Question = (Party, ParameterIndex);

/// What evaluators gave who are named, by stage and question.
#[derive(Clone, Debug, Default)]
pub struct Votes {
    /// What each gave, by name; an answer that was taken back is none.
    pub given: BTreeMap<(usize, Question), BTreeMap<String, Option<Answer>>>,
    /// The last scored stage that spoke to a question.
    pub last: HashMap<Question, usize>,
}

impl Votes {
    /// What several evaluators gave to a parameter of a service, or for it to its entity, where no later
    /// stage has spoken.
    pub fn standing(
        &self,
        round: &Round,
        service: ServiceIndex,
        parameter: ParameterIndex,
    ) -> Option<&BTreeMap<String, Option<Answer>>> {
        let own = (Party::Service(service), parameter);
        let inherited = round.service(service).entity.map(|entity| (Party::Entity(entity), parameter));
        let stage = |question: Question| self.last.get(&question).map(|stage| (*stage, question));
        // In one stage the service's own row goes first.
        let latest = match (stage(own), inherited.and_then(stage)) {
            (Some(own), Some(inherited)) if inherited.0 > own.0 => Some(inherited),
            (own, inherited) => own.or(inherited),
        };
        self.given.get(&latest?).filter(|given| given.len() > 1)
    }
}

/// What is still to be heard, how far each evaluator has come, and whose rows have faults.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    /// Objections that no later stage has answered.
    pub objections: BTreeSet<Question>,
    /// The evaluators who are named, by name.
    pub evaluators: BTreeMap<String, Desk>,
    /// How many faults stand in the rows about a service or entity.
    pub faults: BTreeMap<Party, usize>,
}

/// The rows of one evaluator.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// What was asked, and whether it is answered in the last row about it.
    pub questions: BTreeMap<Question, bool>,
    /// How many faults stand in the rows.
    pub faults: usize,
}

impl Desk {
    /// How many services and entities the rows are about.
    pub fn parties(&self) -> usize {
        let parties: BTreeSet<Party> = self.questions.keys().map(|(party, _)| *party).collect();
        parties.len()
    }
}
