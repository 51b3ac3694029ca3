//! Workbooks: the sheets that are tables of answers, with the place of every cell.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, DataRef, Reader, SheetVisible, Xlsx, XlsxError};

use super::table::Table;
use crate::diagnostic::{Code, Diagnostic};
use crate::limit::{Limit, Limits};
use crate::source::Place;
use crate::stamp::Stamp;

/// Rows at the top of a sheet among which its header is looked for.
const HEADER_WITHIN: usize = 40;
/// Cells that a sheet may have, blank ones before a row's last one included: more is no sheet of answers.
const MOST_CELLS: usize = 5_000_000;
/// Rows that a sheet can have.
const MOST_ROWS: u32 = 1_048_576;
/// Columns that a sheet can have.
const MOST_COLUMNS: u32 = 16_384;

/// A sheet of a workbook that is a table of answers.
#[derive(Debug)]
pub struct Found {
    /// Its rows, the header first.
    pub table: Table,
    /// The stamp above its header, and where it stands.
    pub stamp: Option<(Stamp, Place)>,
}

/// The cells of a sheet that are not blank, by row and column from 0.
type Cells = BTreeMap<u32, BTreeMap<u32, String>>;

/// Whether a file is a workbook, by its name.
pub fn is_workbook(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}

/// The visible sheets with a row that `is_header` takes for one; hidden ones and those without are
/// skipped.
///
/// # Errors
/// The finding that keeps the file from being a workbook, or from having any such sheet.
pub fn tables(
    path: &str,
    bytes: Vec<u8>,
    limits: &Limits,
    is_header: impl Fn(&[String]) -> bool,
) -> Result<Vec<Found>, Box<Diagnostic>> {
    let unreadable = |error: XlsxError| {
        let message = format!("the file is not a workbook that can be read: {error}");
        let finding = Diagnostic::new(Code::UnreadableText, message, Place::file(path));
        Box::new(finding.help("open it in a spreadsheet and save it as XLSX, without a password"))
    };
    if unpacks_beyond(&bytes, limits.of(Limit::WorkbookSize)) {
        return Err(Box::new(limits.exceeded(Limit::WorkbookSize, Place::file(path))));
    }
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let shown = workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = shown.map(|sheet| sheet.name.clone()).collect();
    let mut found = Vec::new();
    for name in names {
        let cells = cells(&mut workbook, &name).map_err(unreadable)?;
        found.extend(sheet(path, &name, &cells, &is_header));
    }
    if found.is_empty() {
        let message = "no sheet of the workbook has a header of answers";
        let finding = Diagnostic::new(Code::UnknownLayout, message, Place::file(path));
        let help = "a sheet's header has `parameter` and `answer`, or `service` and ids of parameters";
        return Err(Box::new(finding.help(help)));
    }
    Ok(found)
}

/// Whether a workbook holds more bytes than are allowed: they are unpacked and counted, for what its
/// directory says of them may be untrue.
fn unpacks_beyond(bytes: &[u8], most: u64) -> bool {
    // What is no archive is told by the reader of workbooks.
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return false };
    let mut left = most;
    for at in 0..archive.len() {
        let Ok(part) = archive.by_index(at) else { continue };
        // A part that is broken counts as far as it goes.
        let enough = left.saturating_add(1);
        let mut part = part.take(enough);
        let _ = std::io::copy(&mut part, &mut std::io::sink());
        let taken = enough - part.limit();
        if taken > left {
            return true;
        }
        left -= taken;
    }
    false
}

fn sheet(path: &str, name: &str, cells: &Cells, is_header: impl Fn(&[String]) -> bool) -> Option<Found> {
    let header = cells.iter().take(HEADER_WITHIN).position(|(_, row)| is_header(&dense(row)))?;
    let stamp = cells.iter().take(header).find_map(|(row, columns)| {
        let found = columns.iter().find_map(|(column, text)| Some((column, Stamp::parse(text)?)));
        found.map(|(column, stamp)| (stamp, Place::cell(path, name, *row as usize + 1, *column as usize)))
    });
    let width = cells.values().nth(header).map_or(0, |row| dense(row).len());
    // A workbook keeps no blank cells, so that a row of it ends where its last word stands.
    let filled = |columns| {
        let mut row = dense(columns);
        row.resize(row.len().max(width), String::new());
        row
    };
    let rows = cells.iter().skip(header).map(|(row, columns)| (*row as usize + 1, filled(columns)));
    Some(Found { table: Table::of_sheet(path, name, rows), stamp })
}

/// A row with blanks between its cells.
fn dense(row: &BTreeMap<u32, String>) -> Vec<String> {
    let width = row.keys().last().map_or(0, |last| *last as usize + 1);
    let mut cells = vec![String::new(); width];
    for (column, text) in row {
        cells[*column as usize].clone_from(text);
    }
    cells
}

/// The cells of a sheet as texts. They are taken one by one: a sheet's stated size may be anything.
fn cells(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Cells, XlsxError> {
    const TOO_MANY: XlsxError = XlsxError::Unexpected("a sheet has too many cells");
    let mut found = Vec::new();
    let mut reader = workbook.worksheet_cells_reader(name)?;
    let mut count = 0;
    while let Some(cell) = reader.next_cell()? {
        let (row, column) = cell.get_position();
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(XlsxError::Unexpected("a cell lies outside of every sheet"));
        }
        count += 1;
        if count > MOST_CELLS {
            return Err(TOO_MANY);
        }
        let text = text(cell.get_value());
        if !text.trim().is_empty() {
            let is_number = matches!(cell.get_value(), DataRef::Int(_) | DataRef::Float(_));
            found.push((row, column, text, is_number));
        }
    }
    drop(reader);
    // Styles come last: how they are kept takes for granted that every cell lies inside of a sheet.
    let styles = workbook.worksheet_style(name)?;
    let mut cells = Cells::new();
    for (row, column, text, is_number) in found {
        let format = styles.get((row, column)).and_then(|style| style.number_format.as_ref());
        let is_percent = is_number && format.is_some_and(|format| format.format_code.contains('%'));
        let text = if is_percent { hundredfold(&text) } else { text };
        cells.entry(row).or_default().insert(column, text);
    }
    let widths = cells.values().filter_map(|row| row.keys().last());
    if widths.map(|last| *last as usize + 1).sum::<usize>() > MOST_CELLS {
        return Err(TOO_MANY);
    }
    Ok(cells)
}

/// What a cell says: a number as its shortest decimal text, before it is taken for a percentage.
fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text,
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
    }
}

/// A decimal text times 100, by moving its point: a product of floats would add digits.
fn hundredfold(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{places:0<2}");
    let (moved, rest) = padded.split_at(2);
    let joined = format!("{whole}{moved}");
    let head = joined.trim_start_matches('0');
    let head = if head.is_empty() { "0" } else { head };
    if rest.is_empty() { format!("{sign}{head}") } else { format!("{sign}{head}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_its_decimal_text_times_a_hundred() {
        let texts = ["0.96", "0.965", "1", "0", "0.123456", "-0.5", "0.07", "12.5"].map(hundredfold);
        assert_eq!(texts, ["96", "96.5", "100", "0", "12.3456", "-50", "7", "1250"]);
    }
}
