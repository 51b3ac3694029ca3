//! Documents as workbooks: what is said on a first sheet, each table on a sheet of its own, with a
//! filter, a header that stays, and drop-downs where a column is for people to fill.

mod picture;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, Workbook, Worksheet,
    XlsxError,
};

use super::form::cut;
use crate::document::{Block, Cell, Column, Document, Entry, Table};

/// The longest name that a sheet may have.
const LONGEST_NAME: usize = 31;
/// The longest text that a cell may have.
const LONGEST_TEXT: usize = 32_767;
/// Columns are as wide as their longest text, within these.
const WIDTHS: (usize, usize) = (8, 60);
/// Drop-downs reach this far below a table, for rows that people add.
const SPARE_ROWS: u32 = 200;

/// A document's bytes.
pub fn write(document: &Document) -> Vec<u8> {
    // Sheets are named, sized and filled here within the limits of a workbook, and memory cannot fail.
    workbook(document).unwrap_or_default()
}

fn workbook(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The day of writing would make two runs differ.
    let epoch = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(&document.title).set_creation_datetime(&epoch));
    let mut names: Vec<String> = Vec::new();
    let words = said(document);
    if !words.is_empty() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(&document.title, &mut names))?;
        lay_out(sheet, document)?;
        fill_words(sheet, document, &words)?;
    }
    let mut heading = None;
    let mut sheets: Vec<Option<String>> = vec![None; document.blocks.len()];
    for (at, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Heading(words) => heading = Some(words.as_str()),
            Block::Table(table) => {
                let name = sheet_name(heading.take().unwrap_or(table.name), &mut names);
                let sheet = workbook.add_worksheet();
                sheet.set_name(&name)?;
                lay_out(sheet, document)?;
                fill_table(sheet, table)?;
                sheets[at] = Some(name);
            }
            Block::Part { .. } | Block::Paragraph(_) | Block::Chart(_) => {}
        }
    }
    for (at, block) in document.blocks.iter().enumerate() {
        let Block::Chart(chart) = block else { continue };
        let drawn = document.drawn(at, chart);
        let Some((table, Some(name))) = drawn.map(|(at, table)| (table, sheets[at].as_ref())) else {
            continue;
        };
        picture::draw(workbook.worksheet_from_name(name)?, name, chart, table)?;
    }
    workbook.save_to_buffer()
}

/// Pages lie across, and each says what it is of: a draft says so.
fn lay_out(sheet: &mut Worksheet, document: &Document) -> Result<(), XlsxError> {
    // An ampersand is a command there, and 255 characters are all that fit.
    let title: String = document.title.chars().filter(|character| *character != '&').take(200).collect();
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    sheet.set_header(format!("&L{title}")).set_footer("&C&P / &N");
    Ok(())
}

/// The paragraphs of a document.
fn said(document: &Document) -> Vec<&str> {
    let paragraphs = document.blocks.iter().filter_map(|block| match block {
        Block::Paragraph(words) => Some(words.as_str()),
        Block::Heading(_) | Block::Part { .. } | Block::Table(_) | Block::Chart(_) => None,
    });
    paragraphs.collect()
}

fn fill_words(sheet: &mut Worksheet, document: &Document, words: &[&str]) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 110)?;
    sheet.write_string_with_format(
        0,
        0,
        whole(&document.title),
        &Format::new().set_bold().set_font_size(14),
    )?;
    let wrapped = Format::new().set_text_wrap();
    for (row, words) in (2..).zip(words) {
        sheet.write_string_with_format(row, 0, whole(words), &wrapped)?;
    }
    Ok(())
}

fn fill_table(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let header = Format::new().set_bold().set_background_color(Color::RGB(0xDDE6EE)).set_text_wrap();
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, at, whole(&column.title), &header)?;
        sheet.set_column_width(at, width(table, usize::from(at)) as f64)?;
        if let Some(rule) = validation(column)? {
            sheet.add_data_validation(1, at, rows.saturating_add(SPARE_ROWS), at, &rule)?;
        }
    }
    for (row, cells) in (1u32..).zip(&table.rows) {
        for (at, (cell, column)) in (0u16..).zip(cells.iter().zip(&table.columns)) {
            fill_cell(sheet, row, at, cell, column)?;
        }
    }
    let last = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, rows, last)?;
    Ok(())
}

fn fill_cell(
    sheet: &mut Worksheet,
    row: u32,
    at: u16,
    cell: &Cell,
    column: &Column,
) -> Result<(), XlsxError> {
    let wrapped = Format::new().set_text_wrap();
    match cell {
        Cell::Blank if column.entry == Entry::Date => {
            sheet.write_blank(row, at, &Format::new().set_num_format("yyyy-mm-dd"))?;
        }
        Cell::Blank => {}
        Cell::Text(text) if column.entry == Entry::Date => match ExcelDateTime::parse_from_str(text) {
            Ok(day) => {
                sheet.write_datetime_with_format(
                    row,
                    at,
                    &day,
                    &Format::new().set_num_format("yyyy-mm-dd"),
                )?;
            }
            Err(_) => {
                sheet.write_string(row, at, whole(text))?;
            }
        },
        Cell::Text(text)
        | Cell::Noted(text, _)
        | Cell::Word(_, text)
        | Cell::Band(text, _, _)
        | Cell::Remark(text) => {
            sheet.write_string_with_format(row, at, whole(text), &wrapped)?;
        }
        Cell::Nested(text, depth) => {
            let indent = u8::try_from(*depth).unwrap_or(u8::MAX);
            sheet.write_string_with_format(row, at, whole(text), &Format::new().set_indent(indent))?;
        }
        Cell::Count(count) => {
            sheet.write_number(row, at, *count as f64)?;
        }
        Cell::Figure(figure) => {
            // A spreadsheet counts in floats anyway; the nearest one shows the figure's own digits.
            let places = "0".repeat(figure.decimals() as usize);
            let shape = if places.is_empty() { "0".to_owned() } else { format!("0.{places}") };
            let number = figure.to_string().parse().unwrap_or(0.0);
            sheet.write_number_with_format(row, at, number, &Format::new().set_num_format(shape))?;
        }
    }
    Ok(())
}

/// A text as a cell takes it: whole, unless it is too long for any.
fn whole(text: &str) -> String {
    cut(text, LONGEST_TEXT)
}

/// What a spreadsheet lets people type into a column.
fn validation(column: &Column) -> Result<Option<DataValidation>, XlsxError> {
    Ok(match &column.entry {
        Entry::Free => None,
        Entry::OneOf(choices) => Some(DataValidation::new().allow_list_strings(choices)?),
        Entry::Date => {
            let first = ExcelDateTime::from_ymd(2000, 1, 1)?;
            Some(DataValidation::new().allow_date(DataValidationRule::GreaterThan(first)))
        }
    })
}

fn width(table: &Table, at: usize) -> usize {
    let length = |cell: &Cell| match cell {
        Cell::Blank => 0,
        Cell::Text(text)
        | Cell::Noted(text, _)
        | Cell::Word(_, text)
        | Cell::Band(text, _, _)
        | Cell::Remark(text) => text.chars().count(),
        Cell::Nested(text, depth) => text.chars().count() + 2 * depth,
        Cell::Count(count) => count.to_string().len(),
        Cell::Figure(figure) => figure.to_string().len(),
    };
    let cells = table.rows.iter().map(|row| length(&row[at]));
    let longest = cells.chain([table.columns[at].title.chars().count()]).max().unwrap_or(0);
    (longest + 2).clamp(WIDTHS.0, WIDTHS.1)
}

/// A name that a sheet may have and that no other sheet has.
pub fn sheet_name(wanted: &str, taken: &mut Vec<String>) -> String {
    let allowed = |character: &char| !['[', ']', ':', '*', '?', '/', '\\', '\''].contains(character);
    let plain: String = wanted.chars().filter(allowed).take(LONGEST_NAME).collect();
    let plain = if plain.trim().is_empty() { "1".to_owned() } else { plain };
    let numbered = (2..).map(|number| {
        let suffix = format!(" {number}");
        let head: String = plain.chars().take(LONGEST_NAME - suffix.len()).collect();
        head + &suffix
    });
    // Names that differ in case only are one name to a spreadsheet.
    let free = |name: &String| !taken.contains(&name.to_lowercase());
    let name = std::iter::once(plain.clone()).chain(numbered).find(free).unwrap_or(plain.clone());
    taken.push(name.to_lowercase());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_names_that_a_workbook_takes() {
        let mut taken = Vec::new();
        assert_eq!(sheet_name("a/b: c", &mut taken), "ab c");
        assert_eq!(sheet_name("AB C", &mut taken), "AB C 2");
        let long = "x".repeat(40);
        assert_eq!(sheet_name(&long, &mut taken).len(), 31);
        assert_eq!(sheet_name(&long, &mut taken), format!("{} 2", "x".repeat(29)));
    }

    #[test]
    fn two_runs_give_the_same_workbook() {
        let column = Column::new("status", "Status").entry(Entry::OneOf(vec!["done".to_owned()]));
        let due = Column::new("due", "Due").entry(Entry::Date);
        let rows = vec![vec![Cell::Text("done".to_owned()), Cell::Text("2026-03-01".to_owned())]];
        let table = Table { name: "actions", columns: vec![column, due], rows };
        let blocks = vec![Block::Paragraph("what is to do".to_owned()), Block::Table(table)];
        let document = Document { title: "Plan".to_owned(), blocks, ..Document::default() };
        let bytes = write(&document);
        assert!(bytes.starts_with(b"PK"));
        assert_eq!(bytes, write(&document));
    }
}
