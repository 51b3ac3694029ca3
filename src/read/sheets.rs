//! The answer files of a stage, one part after the other.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::ProgressBar;

use super::blocks::{BLOCK, Blocks, Rows, open};
use super::bounded;
use super::round::{Options, read_table};
use super::sheet::{Sheet, is_header};
use super::table::{Table, decode};
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
    files: &'a [AnswerFile],
    /// The round and stage that a sheet of answers should have been made for.
    made_for: (&'a str, &'a str),
    framework: &'a Framework,
    options: &'a Options,
    bar: &'a ProgressBar,
    /// How many small files are handed out at once.
    most: usize,
    /// Sheets of a workbook that are still to be given.
    waiting: VecDeque<Sheet>,
    /// What was opened and is still to be given, when parts are taken one after the other.
    opened: VecDeque<Opened<'a>>,
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
    /// Small files.
    Files(Vec<Small<'a>>),
}

/// A small file that was opened to be measured.
struct Small<'a> {
    file: &'a AnswerFile,
    open: std::io::Result<File>,
    size: u64,
}

impl<'a> Small<'a> {
    /// Opens and measures a file; one that cannot be opened is told of when it is its turn.
    fn open(file: &'a AnswerFile) -> Self {
        let open = File::open(&file.path);
        let data = open.as_ref().ok().and_then(|open| open.metadata().ok());
        Self { file, size: data.map_or(0, |data| data.len()), open }
    }

    /// Its text, or the finding that it is none.
    fn text(self, options: &Options) -> anyhow::Result<Result<String, Box<Diagnostic>>> {
        let AnswerFile { path, name, .. } = self.file;
        let read = |open| bounded::bytes_of(open, self.size, name, Limit::TableSize, &options.limits);
        let bytes = self.open.and_then(read).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(bytes.and_then(|bytes| decode(name, bytes, options.encoding)))
    }
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
    /// Reads what is still to be read, and calls `each` with all that was opened, in order.
    pub fn open(self, mut each: impl FnMut(Opened<'a>)) {
        let mut each = |opened: Opened<'a>| {
            if let Some(sheet) = &opened.sheet {
                self.bar.inc(sheet.table().text().0.len() as u64);
            }
            each(opened);
        };
        let findings = Findings::default();
        match self.piece {
            Piece::Sheet(sheet) => each(Opened { sheet: Some(sheet), findings, outcome: Outcome::Read }),
            Piece::Part(shape, rows, file) => {
                let (sheet, outcome) = match rows.table(shape.table()) {
                    Ok(table) => (Some(shape.part(table)), Outcome::Read),
                    Err(_) => (None, Outcome::Unreadable(file)),
                };
                each(Opened { sheet, findings, outcome });
            }
            Piece::Files(files) => {
                // A round's files begin alike as a rule.
                let mut last = None;
                for small in files {
                    let opened = whole(small, last.as_ref(), self.framework, self.options);
                    if let Some(sheet) = opened.sheet.as_ref().filter(|_| opened.findings.is_empty()) {
                        last.get_or_insert_with(|| sheet.part(sheet.table().nothing()));
                    }
                    each(opened);
                }
            }
        }
    }
}

/// A file as one sheet; `like` is one of the files before, with a header in which nothing was found.
fn whole<'a>(small: Small<'a>, like: Option<&Sheet>, framework: &Framework, options: &Options) -> Opened<'a> {
    let file = small.file;
    let mut findings = Findings::default();
    let read = small.text(options).map(|text| {
        let sheet = text.and_then(|text| {
            let text = match like {
                Some(like) => like.like(&file.name, text, &file.service),
                None => Err(text),
            };
            text.map(Some).or_else(|text| {
                let table = Table::head(&file.name, text, true)?;
                Ok(Sheet::new(table, &file.service, framework, &mut findings))
            })
        });
        sheet.unwrap_or_else(|finding| {
            findings.push(*finding);
            None
        })
    });
    match read {
        Ok(sheet) => Opened { sheet, findings, outcome: Outcome::Read },
        Err(error) => Opened { sheet: None, findings, outcome: Outcome::Failed(error) },
    }
}

impl<'a> Sheets<'a> {
    /// The parts of files, for so many threads.
    pub fn new(
        files: &'a [AnswerFile],
        made_for: (&'a str, &'a str),
        framework: &'a Framework,
        options: &'a Options,
        bar: &'a ProgressBar,
        threads: usize,
    ) -> Self {
        // So many that it takes longer to read them than to hand them out, and that not too many are open.
        const OPEN: usize = 128;
        Self {
            most: (OPEN / threads).clamp(1, 32),
            files,
            made_for,
            waiting: VecDeque::new(),
            opened: VecDeque::new(),
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
            while let Some(opened) = self.opened.pop_front() {
                self.findings.extend(opened.findings);
                if !matches!(opened.outcome, Outcome::Read) {
                    self.fail(opened.outcome);
                    return None;
                }
                if let Some(sheet) = opened.sheet {
                    return Some(sheet);
                }
            }
            let spare = std::mem::take(&mut self.spare);
            self.next_unopened(spare)?.open(|opened| self.opened.push_back(opened));
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
        self.opened.clear();
        self.files = &[];
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
            let small = self.small();
            if !small.is_empty() {
                return Ok(Some(Piece::Files(small)));
            }
            let Some((file, below)) = self.files.split_first() else { return Ok(None) };
            self.files = below;
            if is_workbook(&file.path) {
                self.workbook(file)?;
                continue;
            }
            let small = Small::open(file);
            let limits = &self.options.limits;
            if small.size > limits.of(Limit::TableSize) {
                self.findings.push(limits.exceeded(Limit::TableSize, Place::file(&*file.name)));
                continue;
            }
            if file.whole {
                return Ok(Some(Piece::Files(vec![small])));
            }
            if let Some(sheet) = self.first_part(file)? {
                return Ok(Some(Piece::Sheet(sheet)));
            }
        }
    }

    /// The small files that come next, as many as are handed out at once.
    fn small(&mut self) -> Vec<Small<'a>> {
        let mut files = Vec::new();
        let mut room = (BLOCK as u64).min(self.options.limits.of(Limit::TableSize).saturating_add(1));
        while files.len() < self.most
            && let Some((file, below)) = self.files.split_first().filter(|(file, _)| !is_workbook(&file.path))
        {
            let small = Small::open(file);
            if small.size >= room {
                break;
            }
            room -= small.size;
            files.push(small);
            self.files = below;
        }
        files
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
