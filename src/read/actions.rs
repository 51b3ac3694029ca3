//! A filled action plan: what was promised, by when, and how far it is said to be.

use std::path::Path;

use anyhow::Context;

use super::bounded;
use super::round::{Options, read_table};
use super::table::{Columns, Names, Table, unknown_column};
use super::xlsx::{is_workbook, tables};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::limit::Limit;
use crate::source::{Place, shown};
use crate::text::{clean, fold, one_of};

/// Columns by their names in `actions.csv`; a workbook's are titled for people.
const NAMES: Names = &[
    ("service", &["xidmət"]),
    ("entity", &["qurum"]),
    ("priority", &["növbə"]),
    ("parameter", &["alt meyar"]),
    ("title", &["ad"]),
    ("answer", &["cavab"]),
    ("target", &["hədəf"]),
    ("gain", &["qazanc"]),
    ("effort", &["days", "gün"]),
    ("action", &["tədbir"]),
    ("solution", &["həll"]),
    ("owner", &["məsul"]),
    ("due", &["son tarix"]),
    ("status", &["icra"]),
    ("note", &["qeyd"]),
];

/// How far an action is said to be, and how else people write it. A blank one is open.
const STATUSES: [(&str, &str); 4] =
    [("open", "açıq"), ("started", "başlanıb"), ("done", "icra olunub"), ("dropped", "imtina edilib")];

/// A row of a filled plan, as it stands.
#[derive(Clone, Debug, Default)]
pub struct Promise {
    /// The service; blank for all services of the entity.
    pub service: String,
    /// The entity.
    pub entity: String,
    /// The parameter's id.
    pub parameter: String,
    /// The solution that was to do it; blank for an action of its own.
    pub solution: String,
    /// What was answered when the plan was made.
    pub answer: String,
    /// What was to be answered.
    pub target: String,
    /// What the index was to rise by.
    pub gain: String,
    /// Who sees to it.
    pub owner: String,
    /// The day it is due, `2026-03-01`; blank where none is set.
    pub due: String,
    /// Whether it is said to be done.
    pub is_done: bool,
    /// Whether it was given up.
    pub is_dropped: bool,
}

impl Promise {
    /// Whether a solution was to be introduced: the gaps that it closes are promises of their own.
    pub fn is_of_solution(&self) -> bool {
        self.parameter.is_empty() && !self.solution.is_empty()
    }
}

/// Reads a filled plan.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path, options: &Options, findings: &mut Findings) -> anyhow::Result<Vec<Promise>> {
    let mut promises = Vec::new();
    let Some(table) = table(path, options, findings)? else { return Ok(promises) };
    let columns = Columns::read(&table, NAMES, findings, |column, title, findings| {
        unknown_column(&table, column, title, findings);
        clean(title)
    });
    if columns.get("parameter").is_none() {
        findings.push(no_plan(table.header_place(0)));
        return Ok(promises);
    }
    table.rows(findings, |record, findings| {
        let cell = |name: &str| record.optional(columns.get(name)).to_owned();
        let place = |name: &str| table.place(record, columns.get(name).unwrap_or(0));
        let (written, status) = (cell("due"), cell("status"));
        let due = day(written.trim());
        if due.is_none() {
            let message = format!("`{written}` is no day");
            let finding = Diagnostic::new(Code::WrongType, message, place("due"));
            findings.push(finding.help("write it as 2026-03-01 or 01.03.2026"));
        }
        let known = fold(&status);
        let is = |(word, also): &&(&str, &str)| *word == known || fold(also) == known;
        let known = STATUSES.iter().find(is).map(|(word, _)| *word);
        if known.is_none() && !status.trim().is_empty() {
            let message = format!("`{}` is no status", status.trim());
            let finding = Diagnostic::new(Code::UnknownValue, message, place("status"));
            findings.push(finding.help(format!("write {}", one_of(&STATUSES.map(|(word, _)| word)))));
        }
        promises.push(Promise {
            service: clean(&cell("service")),
            entity: clean(&cell("entity")),
            parameter: clean(&cell("parameter")),
            solution: clean(&cell("solution")),
            answer: cell("answer"),
            target: cell("target"),
            gain: cell("gain"),
            owner: cell("owner"),
            due: due.unwrap_or(written),
            is_done: known == Some("done"),
            is_dropped: known == Some("dropped"),
        });
    });
    Ok(promises)
}

/// The table of a plan: a CSV, or the sheet of a workbook that has its columns.
fn table(path: &Path, options: &Options, findings: &mut Findings) -> anyhow::Result<Option<Table>> {
    if !is_workbook(path) {
        return read_table(path, options, findings);
    }
    let bytes = bounded::bytes(path, Limit::WorkbookSize, &options.limits);
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    let is_header = |cells: &[String]| {
        let names = NAMES.iter().filter(|(name, _)| *name == "parameter");
        let mut names = names.flat_map(|(name, also)| std::iter::once(name).chain(also.iter()));
        names.any(|name| cells.iter().any(|cell| fold(cell) == fold(name)))
    };
    let found = bytes.and_then(|bytes| tables(&shown(path), bytes, &options.limits, is_header));
    match found {
        Ok(found) => Ok(found.into_iter().next().map(|found| found.table)),
        Err(finding) => {
            let is_other = finding.code == Code::UnknownLayout;
            findings.push(if is_other { no_plan(Place::file(shown(path))) } else { *finding });
            Ok(None)
        }
    }
}

fn no_plan(place: Place) -> Diagnostic {
    let finding = Diagnostic::new(Code::MissingColumn, "there is no column `parameter`", place);
    finding.help("a plan is the actions.csv or the workbook that `asan-index plan -o` writes, filled in")
}

/// A day as `2026-03-01`, which it may also be written as `01.03.2026`: so a spreadsheet of the region saves it.
fn day(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('.').collect();
    let day = match parts.as_slice() {
        [day, month, year] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    };
    (day.is_empty() || is_day(&day)).then_some(day)
}

/// Whether a text is a day as `2026-03-01`: days so written compare as texts.
pub fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let within = |part: &str, most: u8| part.parse().is_ok_and(|number: u8| (1..=most).contains(&number));
    match parts.as_slice() {
        [year, month, day] => {
            let lengths = (year.len(), month.len(), day.len()) == (4, 2, 2);
            lengths && parts.iter().all(|part| digits(part)) && within(month, 12) && within(day, 31)
        }
        _ => false,
    }
}
