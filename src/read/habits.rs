//! What is odd about answers as a whole, though each is allowed: all the same, or all with one evidence.

use std::collections::{HashMap, HashSet};

use hashbrown::DefaultHashBuilder;

use super::sheet::Row;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::{Asked, Framework};
use crate::source::Place;
use crate::text::fold;

/// Fewer answers that are all the same say nothing.
const UNIFORM: usize = 20;
/// A text that is evidence for as many parameters is rather a phrase.
const REPEATED: usize = 20;

/// What the rows of a round have in common, by whom they are of.
#[derive(Debug)]
pub struct Habits<P> {
    positions: HashMap<P, usize, DefaultHashBuilder>,
    parties: Vec<Habit>,
    own: HashSet<(P, usize), DefaultHashBuilder>,
    /// The party of the row before, which mostly is that of the next one too.
    last: Option<(P, usize)>,
}

#[derive(Debug)]
struct Habit {
    name: String,
    answer: String,
    first: Place,
    uniform: bool,
    answers: usize,
    evidence: HashMap<String, Evidence, DefaultHashBuilder>,
}

/// A text that is evidence for a parameter; of most texts there is no other.
#[derive(Debug)]
struct Evidence {
    first: usize,
    others: Option<Box<Others>>,
}

/// The other parameters that a text is evidence for.
#[derive(Debug, Default)]
struct Others {
    parameters: HashSet<usize>,
    /// Where the text was given once too often.
    place: Option<Place>,
}

impl<P> Default for Habits<P> {
    fn default() -> Self {
        Self { positions: HashMap::default(), parties: Vec::new(), own: HashSet::default(), last: None }
    }
}

impl<P: Copy + Eq + Ord + std::hash::Hash> Habits<P> {
    /// Takes note of an answer.
    pub fn note(&mut self, party: P, name: impl FnOnce() -> String, framework: &Framework, row: &Row<'_>) {
        let Some(parameter) = row.parameter else { return };
        if framework.parameter(parameter).asked == Asked::Entity {
            self.own.insert((party, parameter.get()));
        }
        let at = match self.last {
            Some((known, at)) if known == party => at,
            _ => *self.positions.entry(party).or_insert(self.parties.len()),
        };
        self.last = Some((party, at));
        if at == self.parties.len() {
            self.parties.push(Habit {
                name: name(),
                answer: fold(row.answer),
                first: row.place(),
                uniform: true,
                answers: 0,
                evidence: HashMap::default(),
            });
        }
        let habit = &mut self.parties[at];
        habit.answers += 1;
        habit.uniform = habit.uniform && habit.answer == fold(row.answer);
        let text = row.evidence();
        if text.is_empty() {
            return;
        }
        match habit.evidence.get_mut(text) {
            None => {
                habit.evidence.insert(text.to_owned(), Evidence { first: parameter.get(), others: None });
            }
            Some(evidence) if evidence.first == parameter.get() => {}
            Some(evidence) => {
                let others = evidence.others.get_or_insert_default();
                others.parameters.insert(parameter.get());
                if others.parameters.len() + 1 == REPEATED && others.place.is_none() {
                    others.place = Some(row.evidence_place());
                }
            }
        }
    }

    /// Whether a parameter that is asked of entities has a row of this party's own.
    pub fn has_own_row(&self, party: P, parameter: usize) -> bool {
        self.own.contains(&(party, parameter))
    }

    /// Says what is odd.
    pub fn report(&self, findings: &mut Findings) {
        for habit in &self.parties {
            if habit.uniform && habit.answers >= UNIFORM {
                let message =
                    format!("all {} answers of {} are `{}`", habit.answers, habit.name, habit.answer);
                let finding = Diagnostic::new(Code::UniformAnswers, message, habit.first.clone());
                findings.push(finding.help("check that the sheet was filled in, and not only filled down"));
            }
            for (text, evidence) in &habit.evidence {
                let Some(others) = &evidence.others else { continue };
                let Some(place) = &others.place else { continue };
                let number = others.parameters.len() + 1;
                let message = format!("`{text}` is the evidence of {number} parameters of {}", habit.name);
                let finding = Diagnostic::new(Code::RepeatedEvidence, message, place.clone());
                findings.push(finding.help("name what shows each answer: a page, a document, a file"));
            }
        }
    }
}
