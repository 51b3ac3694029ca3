//! The answer files of a stage, one part after the other.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::ProgressBar;

use super::blocks::{Blocks, Rows, are_parts, open};
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

/// The files of a stage, one after the other and in parts.
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
    /// Memory that served a part, for when parts are taken one after the other.
    spare: String,
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

/// What comes next of the files, still to be opened: that is work for several threads.
pub struct Unopened<'a> {
    piece: Piece<'a>,
    framework: &'a Framework,
    options: &'a Options,
    bar: &'a ProgressBar,
}

enum Piece<'a> {
    /// A sheet of a workbook, or the first part of a large file.
    Sheet(Sheet),
    /// A later part of a file, as bytes, and what its parts have in common.
    Part(Sheet, Rows, &'a AnswerFile),
    /// A small file.
    File(&'a AnswerFile),
}

/// What was opened.
pub struct Opened<'a> {
    /// The rows; none where a finding says why.
    pub sheet: Option<Sheet>,
    /// What was found on the way.
    pub findings: Findings,
    /// What keeps it from being read.
    pub outcome: Outcome<'a>,
}

impl<'a> Unopened<'a> {
    /// Reads what is still to be read.
    pub fn open(self) -> Opened<'a> {
        let mut findings = Findings::default();
        let (sheet, outcome) = match self.piece {
            Piece::Sheet(sheet) => (Some(sheet), Outcome::Read),
            Piece::Part(shape, rows, file) => match rows.table(shape.table()) {
                Ok(table) => (Some(shape.part(table)), Outcome::Read),
                Err(_) => (None, Outcome::Unreadable(file)),
            },
            Piece::File(file) => match read_whole(file, self.options) {
                Ok(Ok(table)) => {
                    (Sheet::new(table, &file.service, self.framework, &mut findings), Outcome::Read)
                }
                Ok(Err(finding)) => {
                    findings.push(*finding);
                    (None, Outcome::Read)
                }
                Err(error) => (None, Outcome::Failed(error)),
            },
        };
        if let Some(sheet) = &sheet {
            self.bar.inc(sheet.table().text().0.len() as u64);
        }
        Opened { sheet, findings, outcome }
    }
}

/// A file as one table.
fn read_whole(file: &AnswerFile, options: &Options) -> anyhow::Result<Result<Table, Box<Diagnostic>>> {
    let bytes = std::fs::read(&file.path).with_context(|| format!("cannot read {}", file.path.display()))?;
    Ok(Table::read(&file.name, bytes, options.encoding))
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
            spare: String::new(),
            findings: Findings::default(),
            outcome: Outcome::Read,
        }
    }

    /// The next part; none after the last one, and when reading failed.
    pub fn next(&mut self) -> Option<Sheet> {
        loop {
            let spare = std::mem::take(&mut self.spare);
            let opened = self.next_unopened(spare)?.open();
            self.findings.extend(opened.findings);
            if !matches!(opened.outcome, Outcome::Read) {
                self.fail(opened.outcome);
                return None;
            }
            if let Some(sheet) = opened.sheet {
                return Some(sheet);
            }
        }
    }

    /// What comes next; `spare` is memory that is used again.
    pub fn next_unopened(&mut self, spare: String) -> Option<Unopened<'a>> {
        match self.next_piece(spare) {
            Ok(piece) => {
                let (framework, options, bar) = (self.framework, self.options, self.bar);
                Some(Unopened { piece: piece?, framework, options, bar })
            }
            Err(error) => {
                self.fail(Outcome::Failed(error));
                None
            }
        }
    }

    /// Ends reading.
    pub fn fail(&mut self, outcome: Outcome<'a>) {
        self.outcome = outcome;
        self.open = None;
        self.waiting.clear();
        self.files = [].iter();
    }

    fn next_piece(&mut self, spare: String) -> anyhow::Result<Option<Piece<'a>>> {
        loop {
            if let Some(sheet) = self.waiting.pop_front() {
                return Ok(Some(Piece::Sheet(sheet)));
            }
            if let Some((shape, blocks, file)) = &mut self.open {
                let rows = blocks.next(spare, file, &self.options.limits);
                let rows = rows.with_context(|| format!("cannot read {}", file.path.display()))?;
                match rows {
                    Some(Ok(rows)) => {
                        return Ok(Some(Piece::Part(shape.part(shape.table().nothing()), rows, file)));
                    }
                    Some(Err(finding)) => self.findings.push(*finding),
                    None => {}
                }
                self.open = None;
                return self.next_piece(String::new());
            }
            let Some(file) = self.files.next() else { return Ok(None) };
            if is_workbook(&file.path) {
                self.workbook(file)?;
                continue;
            }
            let limits = &self.options.limits;
            let size = std::fs::metadata(&file.path).map(|data| data.len()).unwrap_or(0);
            if size > limits.of(Limit::TableSize) {
                self.findings.push(limits.exceeded(Limit::TableSize, Place::file(&*file.name)));
                continue;
            }
            if file.whole || !are_parts(size) {
                return Ok(Some(Piece::File(file)));
            }
            if let Some(sheet) = self.first_part(file)? {
                return Ok(Some(Piece::Sheet(sheet)));
            }
        }
    }

    fn first_part(&mut self, file: &'a AnswerFile) -> anyhow::Result<Option<Sheet>> {
        let (part, blocks) =
            open(file, self.options).with_context(|| format!("cannot read {}", file.path.display()))?;
        let table = match part {
            Ok(table) => table,
            Err(finding) => {
                self.findings.push(*finding);
                return Ok(None);
            }
        };
        let Some(sheet) = Sheet::new(table, &file.service, self.framework, &mut self.findings) else {
            return Ok(None);
        };
        self.open = blocks.map(|blocks| (sheet.part(sheet.table().nothing()), blocks, file));
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

    /// Takes the memory of a part back.
    pub fn recycle(&mut self, sheet: Sheet) {
        self.spare = sheet.into_text();
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
