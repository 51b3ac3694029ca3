//! A filled action plan: what was promised, by when, and how far it is said to be.

use std::path::Path;

use super::round::{Options, read_table};
use super::table::{Columns, Names, unknown_column};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::text::{clean, fold};

const NAMES: Names = &[
    ("service", &["xidmət"]),
    ("entity", &["qurum"]),
    ("priority", &[]),
    ("parameter", &["alt meyar"]),
    ("title", &["ad"]),
    ("answer", &["cavab"]),
    ("target", &[]),
    ("gain", &[]),
    ("effort", &[]),
    ("action", &[]),
    ("solution", &[]),
    ("owner", &[]),
    ("due", &[]),
    ("status", &[]),
    ("note", &[]),
];

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
    let Some(table) = read_table(path, options, findings)? else { return Ok(promises) };
    let columns = Columns::read(&table, NAMES, findings, |column, title, findings| {
        unknown_column(&table, column, title, findings);
        clean(title)
    });
    if columns.get("parameter").is_none() {
        let message = "there is no column `parameter`";
        let finding = Diagnostic::new(Code::MissingColumn, message, table.header_place(0));
        findings
            .push(finding.help("a plan is the actions.csv that `asan-index plan -o DIR` writes, filled in"));
        return Ok(promises);
    }
    table.rows(findings, |record, findings| {
        let cell = |name: &str| record.optional(columns.get(name)).to_owned();
        let (due, status) = (cell("due"), fold(&cell("status")));
        if !due.is_empty() && !is_day(&due) {
            let place = table.place(record, columns.get("due").unwrap_or(0));
            let message = format!("`{due}` is no day");
            findings.push(Diagnostic::new(Code::WrongType, message, place).help("write it as 2026-03-01"));
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
            due,
            is_done: status == "done",
            is_dropped: status == "dropped",
        });
    });
    Ok(promises)
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
