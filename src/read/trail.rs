//! Every row of a round's answers, in the order of stages, before any of them is folded away.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::round::{Input, Options, rows};
use super::sheet::{Row, Subject};
use crate::diagnostic::{Findings, Severity};
use crate::framework::Framework;
use crate::id::{EntityIndex, ParameterIndex};
use crate::read::round::Head;
use crate::round::Round;
use crate::scale::{Answer, Entry};
use crate::source::Place;
use crate::trail::{Hearing, Party, Question, Votes};

/// A row of answers about something that the round has.
#[derive(Clone, Copy)]
pub struct Statement<'r> {
    /// The position of its stage.
    pub stage: usize,
    /// Whom it is about.
    pub party: Party,
    /// What was asked.
    pub parameter: ParameterIndex,
    /// The row as it stands.
    pub row: &'r Row<'r>,
}

impl Statement<'_> {
    /// What it says; none for a blank, for evidence alone, and for what is no answer.
    pub fn entry(&self, framework: &Framework) -> Option<Entry> {
        if self.row.is_evidence() || self.row.answer.is_empty() {
            return None;
        }
        framework.scale(self.parameter).read(self.row.answer, &framework.words).ok()
    }
}

/// The services and entities of a round, by their ids.
struct Parties<'r> {
    round: &'r Round,
    entities: HashMap<&'r str, EntityIndex>,
}

impl<'r> Parties<'r> {
    fn of(round: &'r Round) -> Self {
        let entities = round.entity_indices().map(|at| (round.entity(at).id.as_str(), at)).collect();
        Self { round, entities }
    }

    /// Whom a row is about; none when the round has no such service or entity.
    fn party(&self, subject: Subject<'_>) -> Option<Party> {
        match subject {
            Subject::Service(id) => self.round.service_named(id).map(Party::Service),
            Subject::Entity(id) => self.entities.get(id).copied().map(Party::Entity),
        }
    }
}

/// Calls `each` with every row about a service or entity of the round and one of the framework's
/// parameters, stage by stage.
///
/// # Errors
/// A file cannot be read.
pub fn walk(
    input: &Input,
    head: &Head,
    framework: &Framework,
    round: &Round,
    options: &Options,
    mut each: impl FnMut(Statement<'_>),
) -> anyhow::Result<()> {
    let parties = Parties::of(round);
    rows(input, head, framework, round, options, &mut |stage, row| {
        let party = parties.party(row.subject);
        if let (Some(party), Some(parameter)) = (party, row.parameter) {
            each(Statement { stage, party, parameter, row });
        }
    })
}

/// What the evaluators gave who are named. A word that confirms stands for what was answered before.
///
/// # Errors
/// A file cannot be read.
pub fn votes(
    input: &Input,
    head: &Head,
    framework: &Framework,
    round: &Round,
    options: &Options,
) -> anyhow::Result<Votes> {
    let mut votes = Votes::default();
    let mut before: HashMap<Question, (usize, Answer)> = HashMap::new();
    let mut now: HashMap<Question, (usize, Answer)> = HashMap::new();
    let mut stage = 0;
    walk(input, head, framework, round, options, |statement| {
        if !head.stages[statement.stage].scored {
            return;
        }
        if statement.stage != stage {
            stage = statement.stage;
            before.extend(std::mem::take(&mut now));
        }
        let Some(entry) = statement.entry(framework) else { return };
        let question = (statement.party, statement.parameter);
        votes.last.insert(question, stage);
        let answer = match entry {
            Entry::Given(answer) => Some(answer),
            Entry::Confirmed => earlier(&before, question, round),
            Entry::Withdrawn => None,
        };
        if let Some(answer) = &answer {
            now.insert(question, (stage, answer.clone()));
        }
        let evaluator = statement.row.evaluator();
        if !evaluator.is_empty() {
            let given = votes.given.entry((stage, question)).or_default();
            given.insert(evaluator.to_owned(), answer);
        }
    })?;
    Ok(votes)
}

/// The latest answer to a question before a stage; in one stage the service's own goes before its entity's.
fn earlier(before: &HashMap<Question, (usize, Answer)>, question: Question, round: &Round) -> Option<Answer> {
    let (party, parameter) = question;
    let own = before.get(&question);
    let inherited = match party {
        Party::Service(service) => {
            round.service(service).entity.and_then(|entity| before.get(&(Party::Entity(entity), parameter)))
        }
        Party::Entity(_) => None,
    };
    inherited.into_iter().chain(own).max_by_key(|(stage, _)| *stage).map(|(_, answer)| answer.clone())
}

/// Which objections are open, what each evaluator has filled in, and whose rows the errors among
/// `findings` stand in.
///
/// # Errors
/// A file cannot be read.
pub fn hearing(
    input: &Input,
    head: &Head,
    framework: &Framework,
    round: &Round,
    options: &Options,
    findings: &Findings,
) -> anyhow::Result<Hearing> {
    let mut hearing = Hearing::default();
    note_faults(&mut hearing, (input, head), framework, round, options, findings)?;
    let mut raised: BTreeMap<Question, usize> = BTreeMap::new();
    let mut spoken: HashMap<Question, usize> = HashMap::new();
    walk(input, head, framework, round, options, |statement| {
        let question = (statement.party, statement.parameter);
        let entry = statement.entry(framework);
        if entry.is_some() {
            spoken.insert(question, statement.stage);
        }
        if !head.stages[statement.stage].scored
            && entry.as_ref().is_some_and(|entry| *entry != Entry::Confirmed)
        {
            raised.insert(question, statement.stage);
        }
        let evaluator = statement.row.evaluator();
        if !evaluator.is_empty() && !statement.row.is_evidence() {
            let desk = hearing.evaluators.entry(evaluator.to_owned()).or_default();
            desk.questions.insert(question, !statement.row.answer.is_empty());
        }
    })?;
    let answered =
        |question: Question, since: usize| spoken.get(&question).is_some_and(|stage| *stage > since);
    raised.retain(|(party, parameter), since| {
        let inherited = match party {
            Party::Service(service) => round.service(*service).entity.map(Party::Entity),
            Party::Entity(_) => None,
        };
        let by_entity = inherited.is_some_and(|entity| answered((entity, *parameter), *since));
        !answered((*party, *parameter), *since) && !by_entity
    });
    hearing.objections = raised.into_keys().collect();
    Ok(hearing)
}

/// A row of a file: where it is, and in which sheet of a workbook.
type Line = (Arc<str>, Option<String>, usize);

fn line(place: &Place) -> Line {
    let sheet =
        place.cell.as_deref().and_then(|cell| cell.rsplit_once('!')).map(|(sheet, _)| sheet.to_owned());
    (place.path.clone(), sheet, place.line)
}

/// Counts the errors in the rows about each service and entity, and in those of each evaluator.
fn note_faults(
    hearing: &mut Hearing,
    (input, head): (&Input, &Head),
    framework: &Framework,
    round: &Round,
    options: &Options,
    findings: &Findings,
) -> anyhow::Result<()> {
    let mut faults: HashMap<Line, usize> = HashMap::new();
    let errors =
        findings.sorted().into_iter().filter(|finding| findings.severity(finding) == Severity::Error);
    for place in errors.filter_map(|finding| finding.place.as_ref()) {
        *faults.entry(line(place)).or_default() += 1;
    }
    if faults.is_empty() {
        return Ok(());
    }
    let parties = Parties::of(round);
    rows(input, head, framework, round, options, &mut |_, row| {
        // A wide row has many answers and is counted at the first.
        let Some(count) = faults.remove(&line(&row.place())) else { return };
        if let Some(party) = parties.party(row.subject) {
            *hearing.faults.entry(party).or_default() += count;
        }
        if !row.evaluator().is_empty() {
            hearing.evaluators.entry(row.evaluator().to_owned()).or_default().faults += count;
        }
    })
}
