//! Tables as CSV: RFC 4180 with LF and a header, or as spreadsheets of the region take it.

use std::fmt::Write as _;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::Style;
use crate::document::{Cell, Column, LongTable, Table};
use crate::parallel;
use crate::round::Dialect;

/// A table's bytes.
pub fn write(table: &Table, style: Style) -> Vec<u8> {
    let mut rows = Rows::header(&table.columns, style);
    table.rows.iter().for_each(|row| rows.row(row));
    rows.bytes()
}

/// A long table as it is to be written.
pub struct Csv<'a> {
    /// The table.
    pub table: LongTable<'a>,
    /// How it is written.
    pub style: Style,
}

/// Writes a table whose rows are made on the way, by all threads; only a part of it is held at a time.
///
/// # Errors
/// It cannot be written.
pub fn write_long(table: &LongTable<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    const AT_ONCE: usize = 1 << 14;
    out.write_all(&Rows::header(&table.columns, style).bytes())?;
    for begin in (0..table.parts).step_by(AT_ONCE) {
        let count = AT_ONCE.min(table.parts - begin);
        let parts = parallel::split(count, |part| {
            let mut rows = Rows::new(style);
            part.for_each(|at| (table.rows)(begin + at, &mut |row| rows.row(row)));
            rows.bytes()
        });
        parts.iter().try_for_each(|bytes| out.write_all(bytes))?;
    }
    Ok(())
}

/// Rows as bytes.
struct Rows {
    writer: Writer<Vec<u8>>,
    style: Style,
    cell: String,
}

impl Rows {
    fn new(style: Style) -> Self {
        Self::after(&[], style)
    }

    /// Rows that come after these bytes.
    fn after(before: &[u8], style: Style) -> Self {
        let delimiter = match style.dialect {
            Dialect::Rfc => b',',
            Dialect::Excel => b';',
        };
        let writer = WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(QuoteStyle::Necessary)
            .terminator(Terminator::Any(b'\n'))
            .from_writer(before.to_vec());
        Self { writer, style, cell: String::new() }
    }

    /// The names of columns, after the mark by which a spreadsheet knows the encoding.
    fn header(columns: &[Column], style: Style) -> Self {
        let mark = match style.dialect {
            Dialect::Rfc => "",
            Dialect::Excel => "\u{feff}",
        };
        let mut rows = Self::after(mark.as_bytes(), style);
        // Writing to memory cannot fail.
        let _ = rows.writer.write_record(columns.iter().map(|column| column.key.as_str()));
        rows
    }

    fn row(&mut self, cells: &[Cell<impl AsRef<str>>]) {
        for cell in cells {
            self.cell.clear();
            put(&mut self.cell, cell, self.style);
            let _ = self.writer.write_field(&self.cell);
        }
        let _ = self.writer.write_record(None::<&[u8]>);
    }

    fn bytes(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_default()
    }
}

/// Adds a cell's text.
fn put(out: &mut String, cell: &Cell<impl AsRef<str>>, style: Style) {
    // Writing to memory cannot fail.
    let _ = match cell {
        Cell::Blank | Cell::Remark(_) => Ok(()),
        Cell::Count(count) => write!(out, "{count}"),
        Cell::Figure(figure) => match style.dialect {
            Dialect::Rfc => write!(out, "{figure}"),
            Dialect::Excel => write!(out, "{}", figure.to_string().replace('.', ",")),
        },
        Cell::Text(text)
        | Cell::Noted(text, _)
        | Cell::Word(text, _)
        | Cell::Nested(text, _)
        | Cell::Band(text, _, _) => {
            let text = text.as_ref();
            if !style.raw && is_formula(text) {
                out.push('\'');
            }
            out.push_str(text);
            Ok(())
        }
    };
}

/// Whether a spreadsheet would take a text for a formula: it gets an apostrophe in front.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Column;
    use crate::number::Published;

    fn table() -> Table {
        let row =
            |title: &str| vec![Cell::Text(title.to_owned()), Cell::Figure(Published::from_units(8381, 2))];
        Table {
            name: "ranking",
            columns: vec![Column::new("title", "Title"), Column::new("index", "Index")],
            rows: vec![row("=1+1"), row("a,b"), row("two\nlines"), row("say \"x\""), row("plain; text")],
        }
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        let text = String::from_utf8(write(&table(), Style::default())).expect("text");
        let expected = "title,index\n'=1+1,83.81\n\"a,b\",83.81\n\"two\nlines\",83.81\n\"say \"\"x\"\"\",83.81\nplain; text,83.81\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_dialect_of_the_region_has_a_mark_semicolons_and_decimal_commas() {
        let style = Style { dialect: Dialect::Excel, raw: true, ..Style::default() };
        let text = String::from_utf8(write(&table(), style)).expect("text");
        assert!(text.starts_with("\u{feff}title;index\n=1+1;83,81\na,b;83,81\n"));
        assert!(text.ends_with("\"plain; text\";83,81\n"));
    }
}
