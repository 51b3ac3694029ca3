//! A sheet that came back: what it says, and whether it was made for this round.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::returns::{is_sheet, numbered, stem};
use super::round::{Head, Options};
use super::sheet::{Layout, Row, Sheet, Subject};
use super::sheets::{foreign, sheets, stale};
use super::table::decode;
use super::xlsx::is_workbook;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::Framework;
use crate::id::ParameterIndex;
use crate::round::Round;
use crate::source::{Place, shown};
use crate::stamp::Stamp;
use crate::text::{clean, did_you_mean, fold, one_of};

/// Whom rows are about, and who filled them in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whom {
    /// Whether they are an entity's answers for all its services.
    pub of_entity: bool,
    /// The service's id, or the entity's.
    pub id: String,
    /// The evaluator, blank where none is named.
    pub evaluator: String,
    /// Whether the rows are evidence for answers given elsewhere.
    pub is_evidence: bool,
}

/// What the rows of a file say, blank ones included: for each question its answer, as compared, and its
/// evidence.
pub type Content = BTreeMap<Whom, BTreeMap<ParameterIndex, (String, String)>>;

/// A returned file that belongs to the round.
#[derive(Clone, Debug)]
pub struct Returned {
    /// Where it was found.
    pub path: PathBuf,
    /// What is to be filed: its bytes, as UTF-8 where another encoding was named.
    pub bytes: Vec<u8>,
    /// The name that it is filed under if it is new.
    pub name: String,
    /// The position of its stage.
    pub stage: usize,
    /// What it says.
    pub content: Content,
    /// Answers that cannot be read.
    pub faults: usize,
}

/// Puts a row into what a file says.
fn note(content: &mut Content, row: &Row<'_>, parameter: ParameterIndex) {
    let (of_entity, id) = match row.subject {
        Subject::Service(id) => (false, id),
        Subject::Entity(id) => (true, id),
    };
    let whom = Whom {
        of_entity,
        id: id.to_owned(),
        evaluator: row.evaluator().to_owned(),
        is_evidence: row.is_evidence(),
    };
    let said = (fold(row.answer), clean(row.evidence()));
    content.entry(whom).or_default().insert(parameter, said);
}

/// What a file says that is filed already.
///
/// # Errors
/// It cannot be read.
pub fn content(path: &Path, name: &str, framework: &Framework, options: &Options) -> anyhow::Result<Content> {
    let mut content = Content::new();
    sheets(path, name, framework, options, &mut Findings::default(), &mut |sheet, _, silent| {
        sheet.rows(framework, silent, |row, _| {
            if let Some(parameter) = row.parameter {
                note(&mut content, &row, parameter);
            }
        });
    })?;
    Ok(content)
}

/// The round that sheets come back to, and what is said of them beside what they say themselves.
pub struct Desk<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// What `round.yaml` says.
    pub head: &'a Head,
    /// How files are read.
    pub options: &'a Options,
    /// Whether the round lists its entities, so that there are no others.
    pub lists_entities: bool,
    /// The stage that was named for them.
    pub stage: Option<usize>,
    /// Whether sheets made from another text of the framework are taken.
    pub takes_stale: bool,
}

/// One file while it is read.
struct Reading {
    content: Content,
    stages: BTreeSet<Option<usize>>,
    told: BTreeSet<String>,
    is_per_service: bool,
    faults: usize,
}

impl Desk<'_> {
    /// Reads a file that came back; none where it does not belong here, with every reason as a finding.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, path: &Path, findings: &mut Findings) -> anyhow::Result<Option<Returned>> {
        let file = Place::file(shown(path));
        if !is_sheet(path) {
            let finding = unfit("the file is no CSV and no workbook", file);
            findings.push(finding.help("sheets end in .csv or .xlsx: save it as one of them"));
            return Ok(None);
        }
        let mut local = refusing();
        let service = self.service_of(path);
        let mut reading = Reading {
            content: Content::new(),
            stages: BTreeSet::new(),
            told: BTreeSet::new(),
            is_per_service: false,
            faults: 0,
        };
        sheets(path, &service, self.framework, self.options, &mut local, &mut |sheet, stamp, local| {
            self.sheet(sheet, stamp, &mut reading, local);
        })?;
        let stage = self.stage_of(&reading, &file, &mut local);
        let refused = local.has_errors();
        findings.extend(local);
        let Some(stage) = stage.filter(|_| !refused) else { return Ok(None) };
        let name = if reading.is_per_service { service } else { stem(path) };
        let Reading { content, faults, .. } = reading;
        Ok(Some(Returned { path: path.to_owned(), bytes: self.bytes(path)?, name, stage, content, faults }))
    }

    /// The service that a file is named after, which may come back under the name of a second return.
    fn service_of(&self, path: &Path) -> String {
        let whole = clean(&stem(path));
        let known = |id: &str| self.round.service_named(id).is_some();
        let first = numbered(&whole).map(|(name, _)| name.to_owned()).filter(|name| known(name));
        first.filter(|_| !known(&whole)).unwrap_or(whole)
    }

    /// A file's bytes. A round is read in one encoding, so that one of another is written anew.
    fn bytes(&self, path: &Path) -> anyhow::Result<Vec<u8>> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        if self.options.encoding.is_none() || is_workbook(path) {
            return Ok(bytes);
        }
        let text = decode(&shown(path), bytes.clone(), self.options.encoding);
        Ok(text.map_or(bytes, String::into_bytes))
    }

    fn sheet(
        &self,
        sheet: &Sheet,
        stamp: Option<&(Stamp, Place)>,
        reading: &mut Reading,
        findings: &mut Findings,
    ) {
        reading.is_per_service |= sheet.layout() == Layout::PerService;
        reading.stages.insert(stamp.and_then(|(stamp, place)| self.stamped(stamp, place, findings)));
        let made_for = stamp.map(|(stamp, _)| stamp.recipient.as_str());
        sheet.rows(self.framework, findings, |row, findings| {
            if !self.is_asked(&row, made_for, &mut reading.told, findings) {
                return;
            }
            let Some(parameter) = row.parameter else {
                if reading.told.insert(format!("parameter {}", row.parameter_id)) {
                    let finding = row.unknown_parameter(self.framework, findings);
                    findings.push(finding);
                }
                return;
            };
            if !self.puts_the_question(&row, parameter)
                && reading.told.insert(format!("question {}", row.parameter_id))
            {
                findings.push(altered(&row));
            }
            let is_blank = row.answer.is_empty();
            let finding = row.not_asked_of_entity(self.framework.parameter(parameter));
            finding.filter(|_| !is_blank).into_iter().for_each(|finding| findings.push(finding));
            let is_fault =
                || self.framework.scale(parameter).read(row.answer, &self.framework.words).is_err();
            reading.faults += usize::from(!is_blank && is_fault());
            note(&mut reading.content, &row, parameter);
        });
    }

    /// The stage of a stamp, once it is seen to be of this round.
    fn stamped(&self, stamp: &Stamp, place: &Place, findings: &mut Findings) -> Option<usize> {
        let stages = &self.head.stages;
        let at = self.stage.or_else(|| stages.iter().position(|stage| stage.id == stamp.stage));
        let here = at.map_or(stamp.stage.as_str(), |at| stages[at].id.as_str());
        let mut found = vec![foreign(stamp, place, (&self.head.id, here))];
        if at.is_none() {
            let message =
                format!("the sheet was made for the stage `{}`, which the round does not have", stamp.stage);
            let ids: Vec<&str> = stages.iter().map(|stage| stage.id.as_str()).collect();
            let help = match self.head.has_stages() {
                true => format!("its stages are {}", one_of(&ids)),
                false => "it has no stages: `template` makes new sheets".to_owned(),
            };
            found.push(Some(Diagnostic::new(Code::ForeignSheet, message, place.clone()).help(help)));
        }
        found.push(stale(stamp, place, self.framework).filter(|_| !self.takes_stale));
        found.into_iter().flatten().for_each(|finding| findings.push(finding));
        at
    }

    /// The one stage of a file's sheets; where no stamp tells it, the one that was named.
    fn stage_of(&self, reading: &Reading, file: &Place, findings: &mut Findings) -> Option<usize> {
        let stages = &self.head.stages;
        if let Some(at) = self.stage.or((stages.len() == 1).then_some(0)) {
            return Some(at);
        }
        let stamped: Vec<usize> = reading.stages.iter().flatten().copied().collect();
        match stamped.as_slice() {
            [at] if reading.stages.len() == 1 => return Some(*at),
            // What was wrong with the file or its stamp is said already.
            [] if findings.has_errors() => return None,
            _ => {}
        }
        let ids: Vec<&str> = stages.iter().map(|stage| stage.id.as_str()).collect();
        let message = match stamped.len() {
            0 => "the sheet has no stamp that tells its stage",
            _ => "the workbook has sheets of several stages",
        };
        let help = format!("name the stage with `--stage`: {}", one_of(&ids));
        findings.push(unfit(message, file.clone()).help(help));
        None
    }

    /// Whether the round asks the row's service or entity, in this sheet.
    fn is_asked(
        &self,
        row: &Row<'_>,
        made_for: Option<&str>,
        told: &mut BTreeSet<String>,
        findings: &mut Findings,
    ) -> bool {
        let (id, noun) = match row.subject {
            Subject::Service(id) => (id, "service"),
            Subject::Entity(id) => (id, "entity"),
        };
        let place = || row.subject_place();
        let finding = if let Some(made_for) = made_for.filter(|made_for| *made_for != id) {
            let message = format!("the sheet was made for `{made_for}`, and answers for the {noun} `{id}`");
            let finding = Diagnostic::new(Code::ForeignSheet, message, place());
            finding.help("each sheet is of one service or entity: give it back its id")
        } else if self.round.excluded.iter().any(|excluded| excluded == id) && noun == "service" {
            let message = format!("the service `{id}` is out of scope, and is not asked");
            let finding = Diagnostic::new(Code::ExcludedService, message, place());
            finding.help("take it out, or put `assessed` in the registry's `scope`")
        } else if self.knows(&row.subject) {
            return true;
        } else {
            let (code, ids): (Code, Vec<&str>) = match row.subject {
                Subject::Service(_) => (
                    Code::UnknownService,
                    self.round.services.iter().map(|known| known.id.as_str()).collect(),
                ),
                Subject::Entity(_) => {
                    (Code::UnknownEntity, self.round.entities.iter().map(|known| known.id.as_str()).collect())
                }
            };
            let help = match findings.nearest(id, ids) {
                Some(near) => did_you_mean(id, near),
                None => format!("add it to the registry, or mend the {noun}'s id"),
            };
            Diagnostic::new(code, format!("the {noun} `{id}` is not asked in this round"), place()).help(help)
        };
        if told.insert(format!("{noun} {id}")) {
            findings.push(finding);
        }
        false
    }

    fn knows(&self, subject: &Subject<'_>) -> bool {
        let round = self.round;
        match subject {
            Subject::Service(id) => !round.has_registry || round.service_named(id).is_some(),
            Subject::Entity(id) => {
                let listed = self.lists_entities || round.has_registry;
                !listed || round.entities.iter().any(|entity| entity.id == *id)
            }
        }
    }

    /// Whether a row has the framework's question beside it, in any language and up to where it is cut.
    fn puts_the_question(&self, row: &Row<'_>, parameter: ParameterIndex) -> bool {
        let put = fold(row.question());
        let fits = |words: &str| {
            let asked = fold(words);
            put == asked || put.strip_suffix('…').is_some_and(|start| asked.starts_with(start))
        };
        put.is_empty()
            || self.framework.parameter(parameter).question.variants().any(|(_, words)| fits(words))
    }
}

/// Findings among which those that a run only warns of keep a sheet from being filed.
pub fn refusing() -> Findings {
    let mut findings = Findings::default();
    for code in [Code::ForeignSheet, Code::StaleSheet, Code::ExcludedService] {
        findings.deny(code);
    }
    findings
}

/// A finding that a file does not fit.
pub fn unfit(message: impl Into<String>, place: Place) -> Diagnostic {
    Diagnostic::new(Code::UnfitReturn, message, place)
}

fn altered(row: &Row<'_>) -> Diagnostic {
    let message = format!("the question of `{}` is not the framework's", row.parameter_id);
    let finding = unfit(message, row.question_place());
    finding.help("an answer to another question does not count: ask again with a sheet from `template`")
}
