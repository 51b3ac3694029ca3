//! The answer files of a stage, one part after the other.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::ProgressBar;

use super::blocks::{Blocks, Part, open};
use super::bounded;
use super::round::{Options, read_table};
use super::sheet::{Sheet, is_header};
use super::table::Table;
use super::xlsx::{Found, is_workbook, tables};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::Framework;
use crate::limit::{Limit, Limits};
use crate::source::{Place, shown};
use crate::stamp::Stamp;

/// A file to read, and how the user would name it when that is not its path.
#[derive(Clone, Debug)]
pub struct AnswerFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name for people.
    pub name: String,
    /// The service it is about, where it does not say.
    pub service: String,
    /// Whether it is to be read as a whole, so that no row is taken when it turns out not to be text.
    pub whole: bool,
}

/// The files of a stage, opened one after the other.
pub struct Sheets<'a> {
    files: std::slice::Iter<'a, AnswerFile>,
    /// The round and stage that a sheet of answers should have been made for.
    made_for: (&'a str, &'a str),
    framework: &'a Framework,
    options: &'a Options,
    bar: &'a ProgressBar,
    /// Sheets of a workbook that are still to be given.
    waiting: VecDeque<Sheet>,
    /// A file that is being read: what its parts have in common, and the rest of it.
    open: Option<(Sheet, Blocks, &'a AnswerFile)>,
    spare: Vec<String>,
    findings: Findings,
    outcome: Outcome<'a>,
}

/// What reading a stage's files came to.
#[derive(Debug, Default)]
pub enum Outcome<'a> {
    /// All were read.
    #[default]
    Read,
    /// One turned out not to be text, after rows of it were taken.
    Unreadable(&'a AnswerFile),
    /// One cannot be read.
    Failed(anyhow::Error),
}

impl<'a> Sheets<'a> {
    /// The parts of files.
    pub fn new(
        files: &'a [AnswerFile],
        made_for: (&'a str, &'a str),
        framework: &'a Framework,
        options: &'a Options,
        bar: &'a ProgressBar,
    ) -> Self {
        Self {
            files: files.iter(),
            made_for,
            waiting: VecDeque::new(),
            framework,
            options,
            bar,
            open: None,
            spare: Vec::new(),
            findings: Findings::default(),
            outcome: Outcome::Read,
        }
    }

    /// The next part; none after the last one, and when reading failed.
    pub fn next(&mut self) -> Option<Sheet> {
        loop {
            if let Some(sheet) = self.waiting.pop_front() {
                return Some(sheet);
            }
            match self.next_part() {
                Ok(Some(sheet)) => return Some(sheet),
                Ok(None) => {
                    let file = self.files.next()?;
                    match self.first_part(file) {
                        Ok(Some(sheet)) => return Some(sheet),
                        Ok(None) => {}
                        Err(error) => return self.fail(Outcome::Failed(error)),
                    }
                }
                Err(outcome) => return self.fail(outcome),
            }
        }
    }

    fn fail(&mut self, outcome: Outcome<'a>) -> Option<Sheet> {
        self.outcome = outcome;
        self.open = None;
        self.files = [].iter();
        None
    }

    fn first_part(&mut self, file: &'a AnswerFile) -> anyhow::Result<Option<Sheet>> {
        if is_workbook(&file.path) {
            self.workbook(file)?;
            return Ok(None);
        }
        let limits = &self.options.limits;
        if std::fs::metadata(&file.path).is_ok_and(|data| data.len() > limits.of(Limit::TableSize)) {
            self.findings.push(limits.exceeded(Limit::TableSize, Place::file(&*file.name)));
            return Ok(None);
        }
        let (part, blocks) = open(file, self.options.encoding)
            .with_context(|| format!("cannot read {}", file.path.display()))?;
        let table = match part {
            Ok(table) => table,
            Err(finding) => {
                self.findings.push(*finding);
                return Ok(None);
            }
        };
        self.note_progress(&table);
        let Some(sheet) = Sheet::new(table, &file.service, self.framework, &mut self.findings) else {
            return Ok(None);
        };
        self.open =
            blocks.map(|blocks| (sheet.part(sheet.table().part(String::new(), 0, false)), blocks, file));
        Ok(Some(sheet))
    }

    /// The sheets of a workbook.
    fn workbook(&mut self, file: &AnswerFile) -> anyhow::Result<()> {
        let (path, name) = (&file.path, &file.name);
        let limits = &self.options.limits;
        let found = of_workbook(path, name, &file.service, self.framework, limits, &mut self.findings)?;
        for (sheet, stamp) in found {
            if let Some((stamp, place)) = stamp {
                let found = [foreign(&stamp, &place, self.made_for), stale(&stamp, &place, self.framework)];
                found.into_iter().flatten().for_each(|finding| self.findings.push(finding));
            }
            self.waiting.extend(sheet);
        }
        Ok(())
    }

    fn next_part(&mut self) -> Result<Option<Sheet>, Outcome<'a>> {
        let Some((shape, blocks, file)) = &mut self.open else { return Ok(None) };
        let part: Option<Part> = blocks
            .next(shape.table(), self.spare.pop().unwrap_or_default())
            .with_context(|| format!("cannot read {}", file.path.display()))
            .map_err(Outcome::Failed)?;
        let Some(part) = part else {
            self.open = None;
            return Ok(None);
        };
        let Ok(table) = part else { return Err(Outcome::Unreadable(file)) };
        let sheet = shape.part(table);
        self.note_progress(sheet.table());
        Ok(Some(sheet))
    }

    fn note_progress(&self, table: &Table) {
        self.bar.inc(table.text().0.len() as u64);
    }

    /// Takes the memory of a part back.
    pub fn recycle(&mut self, sheet: Sheet) {
        self.spare.push(sheet.into_text());
    }

    /// What was found in headers, and how reading ended.
    pub fn finish(self, findings: &mut Findings) -> Outcome<'a> {
        findings.extend(self.findings);
        self.outcome
    }
}

/// A sheet of a workbook, where it fits a layout, and the stamp that it bears.
type Stamped = (Option<Sheet>, Option<(Stamp, Place)>);

/// The sheets of a workbook; what keeps it from being one is a finding.
fn of_workbook(
    path: &Path,
    name: &str,
    service: &str,
    framework: &Framework,
    limits: &Limits,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Stamped>> {
    let bytes = bounded::bytes(path, Limit::WorkbookSize, limits);
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    let found = match bytes.and_then(|bytes| tables(name, bytes, limits, |cells| is_header(cells, framework)))
    {
        Ok(found) => found,
        Err(finding) => {
            findings.push(*finding);
            return Ok(Vec::new());
        }
    };
    let sheet = |Found { table, stamp }| (Sheet::new(table, service, framework, findings), stamp);
    Ok(found.into_iter().map(sheet).collect())
}

/// What is called with a sheet of answers and the stamp that it bears.
type Visit<'v> = dyn FnMut(&Sheet, Option<&(Stamp, Place)>, &mut Findings) + 'v;

/// Calls `each` with every sheet of answers in a file, and with the stamp that it bears. `service` is
/// whom a file is about that does not say.
///
/// # Errors
/// The file cannot be read.
pub fn sheets(
    path: &Path,
    service: &str,
    framework: &Framework,
    options: &Options,
    findings: &mut Findings,
    each: &mut Visit<'_>,
) -> anyhow::Result<()> {
    let stamped = match is_workbook(path) {
        true => of_workbook(path, &shown(path), service, framework, &options.limits, findings)?,
        false => {
            let table = read_table(path, options, findings)?;
            let sheet = table.and_then(|table| Sheet::new(table, service, framework, findings));
            vec![(sheet, None)]
        }
    };
    for (sheet, stamp) in &stamped {
        if let Some(sheet) = sheet {
            each(sheet, stamp.as_ref(), findings);
        }
    }
    Ok(())
}

/// The finding that a sheet was made for another round or stage.
pub fn foreign(stamp: &Stamp, place: &Place, (round, stage): (&str, &str)) -> Option<Diagnostic> {
    if stamp.round == round && stamp.stage == stage {
        return None;
    }
    let named = |round: &str, stage: &str| match stage {
        "" => format!("the round `{round}`"),
        stage => format!("the stage `{stage}` of the round `{round}`"),
    };
    let (made, here) = (named(&stamp.round, &stamp.stage), named(round, stage));
    let message = format!("the sheet was made for {made}, and this is {here}");
    let finding = Diagnostic::new(Code::ForeignSheet, message, place.clone());
    Some(finding.help("see that it is not a copy from elsewhere; `template` makes new sheets"))
}

/// The finding that a sheet was made from another framework, or another text of it.
pub fn stale(stamp: &Stamp, place: &Place, framework: &Framework) -> Option<Diagnostic> {
    if stamp.hash == framework.hash {
        return None;
    }
    let now = format!("{} {}", framework.id, framework.version);
    let message = match stamp.framework == now {
        true => format!("the sheet was made from another text of the framework ({now})"),
        false => format!("the sheet was made from the framework `{}`, and this is `{now}`", stamp.framework),
    };
    let finding = Diagnostic::new(Code::StaleSheet, message, place.clone());
    Some(finding.help("its questions may have changed since; `template` makes new sheets"))
}
