//! Tables of two columns, such as which parameters became which, or a figure for each service.

use std::path::Path;

use super::round::{Options, read_table};
use super::table::{Columns, Names, Table, unknown_column};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::source::Place;
use crate::text::clean;

/// A row: its two cells, each with its place.
pub type Pair = [(String, Place); 2];

/// The rows of a table that has two columns of these names.
///
/// # Errors
/// The file cannot be read.
pub fn pairs(
    path: &Path,
    names: &'static [(&'static str, &'static [&'static str]); 2],
    options: &Options,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Pair>> {
    let Some(table) = read_table(path, options, findings)? else { return Ok(Vec::new()) };
    let Some(columns) = columns(&table, names, findings) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    table.rows(findings, |record, _| {
        rows.push(columns.map(|column| (clean(record.get(column)), table.place(record, column))));
    });
    Ok(rows)
}

fn columns(table: &Table, names: Names, findings: &mut Findings) -> Option<[usize; 2]> {
    let columns = Columns::read(table, names, findings, |column, title, findings| {
        unknown_column(table, column, title, findings);
        clean(title)
    });
    let expected: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    for name in expected.iter().filter(|name| columns.get(name).is_none()) {
        let message = format!("there is no column `{name}`");
        let finding = Diagnostic::new(Code::MissingColumn, message, table.header_place(0));
        findings.push(finding.help(format!("this file has the columns `{}`", expected.join(","))));
    }
    Some([columns.get(expected[0])?, columns.get(expected[1])?])
}

/// Reports a cell whose id nobody knows.
pub fn unknown(code: Code, what: &str, cell: &(String, Place), findings: &mut Findings) {
    let message = format!("there is no {what} `{}`", cell.0);
    findings.push(Diagnostic::new(code, message, cell.1.clone()).help("take the row out, or mend the id"));
}
