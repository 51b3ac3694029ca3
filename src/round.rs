//! A round: the registry of services and entities, and a compact matrix of their answers.

use std::collections::BTreeMap;
use std::ops::BitOrAssign;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::framework::Framework;
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::number::Weight;
use crate::scale::Answer;
use crate::text::Text;

/// One assessment: services, entities and answers under one framework.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// Its id; empty where the files give none.
    pub id: String,
    /// Its name.
    pub title: Option<Text>,
    /// The language of what is written to files.
    pub language: Option<String>,
    /// How far it has come.
    pub state: State,
    /// Whether there is a registry, by which attributes decide what applies.
    pub has_registry: bool,
    /// The assessed services, in the order of ids.
    pub services: Vec<Service>,
    /// Services that the registry puts out of scope, by id.
    pub excluded: Vec<String>,
    /// Entities all of whose services are out of scope, by id.
    pub excluded_entities: Vec<String>,
    /// The entities, in the order of ids.
    pub entities: Vec<Entity>,
    /// What was answered.
    pub answers: Answers,
}

/// How far a round has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Answers may still change.
    #[default]
    Draft,
    /// Answers are closed.
    Frozen,
    /// Results are published.
    Announced,
}

impl crate::framework::Keyword for State {
    const WORDS: &'static [(&'static str, Self)] =
        &[("draft", Self::Draft), ("frozen", Self::Frozen), ("announced", Self::Announced)];
}

/// How a round's own files are written for its people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 4180: commas, points, line feeds.
    #[default]
    Rfc,
    /// As spreadsheets of the region take it: byte order mark, semicolons, decimal commas.
    Excel,
}

impl Dialect {
    /// The word for it in YAML and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Excel => "excel",
        }
    }
}

impl crate::framework::Keyword for Dialect {
    const WORDS: &'static [(&'static str, Self)] = &[("rfc", Self::Rfc), ("excel", Self::Excel)];
}

/// A service that is assessed.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its id.
    pub id: SmolStr,
    /// The body that provides it.
    pub entity: Option<EntityIndex>,
    /// The category it is ranked in; may be empty.
    pub category: Arc<str>,
    /// What it counts in the mean of its entity.
    pub weight: Weight,
    /// What a registry says of it; none without one: a country's services are to take little room.
    pub registered: Option<Box<Registered>>,
    /// Whether a fault in its answers keeps it from being scored.
    pub held_out: bool,
}

/// What a registry says of a service.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Its name.
    pub title: Text,
    /// Services of other bodies that are the same service.
    pub peer_group: Option<String>,
    /// Its id in the last round.
    pub previous: Option<String>,
    /// Which values its attributes have, among those of all attributes.
    pub values: Bits,
}

impl Service {
    /// Its name; the id without a registry.
    pub fn title(&self, language: &str) -> &str {
        self.registered.as_ref().map_or(&self.id, |registered| registered.title.get(language))
    }

    /// Services of other bodies that are the same service.
    pub fn peer_group(&self) -> Option<&str> {
        self.registered.as_ref()?.peer_group.as_deref()
    }

    /// Its id in the last round.
    pub fn previous(&self) -> Option<&str> {
        self.registered.as_ref()?.previous.as_deref()
    }
}

/// A body that provides services.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: Text,
    /// Its category; may be empty.
    pub category: String,
    /// The body above it.
    pub parent: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
}

impl Round {
    /// A service.
    pub fn service(&self, service: ServiceIndex) -> &Service {
        &self.services[service.get()]
    }

    /// An entity.
    pub fn entity(&self, entity: EntityIndex) -> &Entity {
        &self.entities[entity.get()]
    }

    /// Every service's index.
    pub fn service_indices(&self) -> impl Iterator<Item = ServiceIndex> + use<> {
        (0..self.services.len()).map(ServiceIndex::new)
    }

    /// Every entity's index.
    pub fn entity_indices(&self) -> impl Iterator<Item = EntityIndex> + use<> {
        (0..self.entities.len()).map(EntityIndex::new)
    }

    /// The same round with other answers of a service, confirmed and with evidence.
    #[must_use]
    pub fn with(&self, service: ServiceIndex, changes: &BTreeMap<ParameterIndex, Response>) -> Self {
        let mut round = self.clone();
        round.put(service, changes);
        round
    }

    /// Puts other answers of a service in, confirmed and with evidence.
    pub fn put(&mut self, service: ServiceIndex, changes: &BTreeMap<ParameterIndex, Response>) {
        for (parameter, response) in changes {
            let position = self.answers.intern(*parameter, response.clone());
            self.answers.set(service, *parameter, Some(position), true, false);
        }
    }

    /// The service with an id.
    pub fn service_named(&self, id: &str) -> Option<ServiceIndex> {
        let found = self.services.binary_search_by(|service| service.id.as_str().cmp(id));
        found.ok().map(ServiceIndex::new)
    }

    /// Whether a parameter applies to a service, by the service's attributes.
    pub fn applies(&self, framework: &Framework, service: ServiceIndex, parameter: ParameterIndex) -> bool {
        let has =
            |value| self.service(service).registered.as_ref().is_some_and(|known| known.values.get(value));
        framework.parameter(parameter).applies_when.iter().all(|condition| {
            let first = framework.attributes[condition.attribute].first;
            !self.has_registry || condition.values.iter().any(|value| has(first + value))
        })
    }
}

/// What all evaluators who answered gave, the first in the order of their names; one answer in the
/// ordinary case.
pub type Response = Vec<Answer>;

/// What counts as answered: for each service and parameter a code into the parameter's dictionary.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    codes: Codes,
    evidence: Bits,
    void: Bits,
    dictionaries: Dictionaries,
}

/// All responses that were given, once for all parameters of a scale.
#[derive(Clone, Debug, Default)]
pub struct Dictionaries {
    /// For each parameter the dictionary that its responses are in.
    pub of: Vec<usize>,
    /// Each dictionary's responses.
    pub responses: Vec<Vec<Response>>,
}

/// One cell of the matrix.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// What was answered; none for a gap.
    pub response: Option<&'a Response>,
    /// Whether there is evidence.
    pub evidence: bool,
    /// Whether a stage left it untouched that had to confirm it.
    pub void: bool,
}

impl Answers {
    /// The code of the first response in a dictionary: 0 is a gap, and the others below are for the
    /// words that a reader meets on the way.
    pub const FIRST: usize = 3;

    /// Answers whose codes are known, for each service the parameters in order.
    pub fn of(codes: Codes, evidence: Bits, void: Bits, dictionaries: Dictionaries) -> Self {
        Self { codes, evidence, void, dictionaries }
    }

    fn parameters(&self) -> usize {
        self.dictionaries.of.len()
    }

    /// The same answers, of services in another order.
    pub fn in_order(self, order: &[usize]) -> Self {
        let parameters = self.parameters();
        let cells = order.len() * parameters;
        let widest = self.dictionaries.responses.iter().map(Vec::len).max().unwrap_or(0) + Self::FIRST;
        let mut codes = Codes::new(cells, widest);
        let (mut evidence, mut void) = (Bits::new(cells), Bits::default());
        let old = order.iter().flat_map(|row| row * parameters..(row + 1) * parameters);
        for (new, old) in old.enumerate() {
            codes.set(new, self.codes.get(old));
            if self.evidence.get(old) {
                evidence.set(new, true);
            }
            if self.void.get(old) {
                void.set(new, true);
            }
        }
        Self { codes, evidence, void, ..self }
    }

    fn at(&self, service: ServiceIndex, parameter: ParameterIndex) -> usize {
        service.get() * self.parameters() + parameter.get()
    }

    /// Puts the response at `position` of the parameter's dictionary into a cell; none makes a gap.
    pub fn set(
        &mut self,
        service: ServiceIndex,
        parameter: ParameterIndex,
        position: Option<usize>,
        evidence: bool,
        void: bool,
    ) {
        let at = self.at(service, parameter);
        self.codes.set(at, position.map_or(0, |position| position + Self::FIRST));
        self.evidence.set(at, evidence);
        self.void.set(at, void);
    }

    /// A cell.
    pub fn get(&self, service: ServiceIndex, parameter: ParameterIndex) -> Cell<'_> {
        let response = self.position(service, parameter).map(|at| &self.dictionary(parameter)[at]);
        let at = self.at(service, parameter);
        Cell { response, evidence: self.evidence.get(at), void: self.void.get(at) }
    }

    /// The position of a cell's response in the parameter's dictionary; none for a gap.
    pub fn position(&self, service: ServiceIndex, parameter: ParameterIndex) -> Option<usize> {
        self.codes.get(self.at(service, parameter)).checked_sub(Self::FIRST)
    }

    /// The code of a cell; one below [`Answers::FIRST`] is a gap.
    pub fn code(&self, service: ServiceIndex, parameter: ParameterIndex) -> usize {
        self.codes.get(self.at(service, parameter))
    }

    /// Whether a cell has evidence.
    pub fn has_evidence(&self, service: ServiceIndex, parameter: ParameterIndex) -> bool {
        self.evidence.get(self.at(service, parameter))
    }

    /// Whether a cell is void for want of confirmation.
    pub fn is_void(&self, service: ServiceIndex, parameter: ParameterIndex) -> bool {
        self.void.get(self.at(service, parameter))
    }

    /// Whether any cell may be void for want of confirmation.
    pub fn may_be_void(&self) -> bool {
        !self.void.words.is_empty()
    }

    /// Adds the codes of a service's cells to a list, in the order of parameters, each on top of a number of its
    /// parameter.
    pub fn add_codes(&self, service: ServiceIndex, on: &[u32], list: &mut Vec<u32>) {
        let begin = service.get() * self.parameters();
        let cells = begin..begin + self.parameters();
        match &self.codes {
            Codes::Narrow(codes) => {
                list.extend(codes[cells].iter().zip(on).map(|(code, on)| on + u32::from(*code)));
            }
            Codes::Wide(codes) => list.extend(codes[cells].iter().zip(on).map(|(code, on)| on + code)),
        }
    }

    /// Which dictionary the responses to a parameter are in.
    pub fn dictionary_of(&self, parameter: ParameterIndex) -> usize {
        self.dictionaries.of[parameter.get()]
    }

    /// Every response that was given to a parameter, and to others of its scale.
    pub fn dictionary(&self, parameter: ParameterIndex) -> &[Response] {
        &self.dictionaries.responses[self.dictionary_of(parameter)]
    }

    /// The position of a response in the parameter's dictionary, which grows when it is new.
    pub fn intern(&mut self, parameter: ParameterIndex, response: Response) -> usize {
        let dictionary = &mut self.dictionaries.responses[self.dictionaries.of[parameter.get()]];
        dictionary.iter().position(|known| *known == response).unwrap_or_else(|| {
            dictionary.push(response);
            dictionary.len() - 1
        })
    }
}

/// Small numbers, two bytes each until one needs more.
#[derive(Clone, Debug)]
pub enum Codes {
    /// All are below 2^16.
    Narrow(Vec<u16>),
    /// Some are not.
    Wide(Vec<u32>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Codes {
    /// So many zeros, with room for numbers up to `largest`.
    pub fn new(length: usize, largest: usize) -> Self {
        if largest <= usize::from(u16::MAX) {
            Self::Narrow(vec![0; length])
        } else {
            Self::Wide(vec![0; length])
        }
    }

    /// The number at a position; 0 beyond the end.
    pub fn get(&self, at: usize) -> usize {
        match self {
            Self::Narrow(codes) => codes.get(at).map_or(0, |code| usize::from(*code)),
            Self::Wide(codes) => codes.get(at).map_or(0, |code| *code as usize),
        }
    }

    /// Puts a number at a position, and widens all when it needs to.
    pub fn set(&mut self, at: usize, code: usize) {
        if let Self::Narrow(codes) = self {
            match u16::try_from(code) {
                Ok(code) => codes[at] = code,
                Err(_) => self.widen(),
            }
        }
        if let Self::Wide(codes) = self {
            codes[at] = u32::try_from(code).unwrap_or(u32::MAX);
        }
    }

    /// Whether nothing stands at the places from one on for which there are numbers; beyond the end there is nothing.
    pub fn are_free(&self, begin: usize, numbers: &[u16]) -> bool {
        fn are_free<T: Default + PartialEq>(places: &[T], begin: usize, numbers: &[u16]) -> bool {
            let places = places.get(begin..).unwrap_or_default();
            let taken =
                places.iter().zip(numbers).map(|(place, number)| *place != T::default() && *number != 0);
            !taken.fold(false, |any, taken| any | taken)
        }
        match self {
            Self::Narrow(codes) => are_free(codes, begin, numbers),
            Self::Wide(codes) => are_free(codes, begin, numbers),
        }
    }

    /// Puts numbers at places from one on where none was put yet, which may be beyond the end. Nothing is looked at:
    /// memory that is new is written at once, as zeros that are read or written before cost as much again.
    pub fn put(&mut self, begin: usize, numbers: &[u16]) {
        fn put<T: Clone + Default + From<u16>>(codes: &mut Vec<T>, begin: usize, numbers: &[u16]) {
            if begin >= codes.len() {
                codes.resize(begin, T::default());
                codes.extend(numbers.iter().map(|number| T::from(*number)));
            } else {
                codes[begin..].iter_mut().zip(numbers).for_each(|(place, number)| *place = T::from(*number));
            }
        }
        match self {
            Self::Narrow(codes) => put(codes, begin, numbers),
            Self::Wide(codes) => put(codes, begin, numbers),
        }
    }

    /// Puts numbers at free places from one on.
    pub fn add(&mut self, begin: usize, numbers: &[u16]) {
        fn add<T: BitOrAssign + From<u16>>(codes: &mut [T], begin: usize, numbers: &[u16]) {
            codes[begin..].iter_mut().zip(numbers).for_each(|(place, number)| *place |= T::from(*number));
        }
        match self {
            Self::Narrow(codes) => add(codes, begin, numbers),
            Self::Wide(codes) => add(codes, begin, numbers),
        }
    }

    /// Makes room for any numbers.
    pub fn widen(&mut self) {
        if let Self::Narrow(codes) = self {
            *self = Self::Wide(codes.iter().map(|code| u32::from(*code)).collect());
        }
    }

    /// Adds zeros up to a length, where there are fewer numbers.
    pub fn grow(&mut self, length: usize) {
        fn grow<T: Clone + Default>(numbers: &mut Vec<T>, length: usize) {
            if numbers.is_empty() {
                // Zeros of a country that nobody looks at take no memory.
                *numbers = vec![T::default(); length];
            } else if numbers.len() < length {
                numbers.resize(length, T::default());
            }
        }
        match self {
            Self::Narrow(codes) => grow(codes, length),
            Self::Wide(codes) => grow(codes, length),
        }
    }
}

/// Truths, a bit each.
#[derive(Clone, Debug, Default)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// So many that are false.
    pub fn new(length: usize) -> Self {
        Self { words: vec![0; length.div_ceil(64)] }
    }

    /// The one at a position; false beyond the end.
    pub fn get(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// Puts one at a position, which may be beyond the end.
    pub fn set(&mut self, at: usize, truth: bool) {
        let bit = 1 << (at % 64);
        if truth {
            self.grow(at / 64 + 1);
        }
        match self.words.get_mut(at / 64) {
            Some(word) if truth => *word |= bit,
            Some(word) => *word &= !bit,
            None => {}
        }
    }

    /// Adds truths: the bits of words, from a position on, which may be beyond the end.
    pub fn add(&mut self, begin: usize, words: &[u64]) {
        let (first, shift) = (begin / 64, begin % 64);
        for (at, word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
            // The lower bits end one word, the upper ones begin the next.
            for (at, part) in [(first + at, word << shift), (first + at + 1, word >> 1 >> (63 - shift))] {
                if part != 0 {
                    self.grow(at + 1);
                    self.words[at] |= part;
                }
            }
        }
    }

    /// Adds words of falsehoods up to a length, where there are fewer.
    fn grow(&mut self, words: usize) {
        if words > self.words.len() {
            self.words.resize(words, 0);
        }
    }
}
