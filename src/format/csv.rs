//! Tables as CSV: RFC 4180 with LF and a header, or as spreadsheets of the region take it.

use std::io::{self, Write};
use std::sync::OnceLock;

use super::Style;
use crate::document::{Cell, Column, LongTable, Table};
use crate::number::Published;
use crate::parallel;
use crate::round::Dialect;

/// A table's bytes.
pub fn write(table: &Table, style: Style) -> Vec<u8> {
    let mut rows = Rows::header(&table.columns, style);
    table.rows.iter().for_each(|row| rows.row(row));
    rows.bytes
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
pub fn write_long(table: &LongTable<'_>, style: Style, out: &mut (dyn Write + Send)) -> io::Result<()> {
    const AT_ONCE: usize = 512;
    out.write_all(&Rows::header(&table.columns, style).bytes)?;
    let failure = OnceLock::new();
    let mut begins = (0..table.parts).step_by(AT_ONCE);
    parallel::in_order(
        parallel::threads_for(table.parts),
        || Rows::new(style),
        |_| begins.next().filter(|_| failure.get().is_none()),
        |rows, begin| {
            rows.bytes.clear();
            let parts = begin..table.parts.min(begin + AT_ONCE);
            (table.rows)(parts, &mut |row| rows.row(row));
        },
        |rows, ()| {
            if let (None, Err(error)) = (failure.get(), out.write_all(&rows.bytes)) {
                // The first failure is what is told.
                let _ = failure.set(error);
            }
        },
    );
    failure.into_inner().map_or(Ok(()), Err)
}

/// Rows as bytes.
struct Rows {
    bytes: Vec<u8>,
    delimiter: u8,
    /// The decimal mark.
    mark: u8,
    /// Whether cells that look like formulas are left as they are.
    raw: bool,
    /// The bytes for which a field is quoted.
    quoted: [bool; 256],
}

impl Rows {
    fn new(style: Style) -> Self {
        let (delimiter, mark) = match style.dialect {
            Dialect::Rfc => (b',', b'.'),
            Dialect::Excel => (b';', b','),
        };
        let mut quoted = [false; 256];
        [b'"', b'\n', b'\r', delimiter].into_iter().for_each(|byte| quoted[usize::from(byte)] = true);
        Self { bytes: Vec::new(), delimiter, mark, raw: style.raw, quoted }
    }

    /// The names of columns, after the mark by which a spreadsheet knows the encoding.
    fn header(columns: &[Column], style: Style) -> Self {
        let mut rows = Self::new(style);
        if style.dialect == Dialect::Excel {
            rows.bytes.extend_from_slice("\u{feff}".as_bytes());
        }
        rows.record(columns, |rows, column| rows.text(&column.key));
        rows
    }

    fn row(&mut self, cells: &[Cell<impl AsRef<str>>]) {
        self.record(cells, Self::cell);
    }

    /// Adds a record; `put` puts each field.
    fn record<T>(&mut self, fields: &[T], put: impl Fn(&mut Self, &T)) {
        let begin = self.bytes.len();
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                self.bytes.push(self.delimiter);
            }
            put(self, field);
        }
        // A record of one blank field would be no record.
        if fields.len() == 1 && self.bytes.len() == begin {
            self.bytes.extend_from_slice(b"\"\"");
        }
        self.bytes.push(b'\n');
    }

    fn cell(&mut self, cell: &Cell<impl AsRef<str>>) {
        match cell {
            Cell::Blank | Cell::Remark(_) => {}
            Cell::Count(count) => Published::from_units(*count as i64, 0).put(self.mark, &mut self.bytes),
            Cell::Figure(figure) => figure.put(self.mark, &mut self.bytes),
            Cell::Text(text)
            | Cell::Noted(text, _)
            | Cell::Word(text, _)
            | Cell::Nested(text, _)
            | Cell::Band(text, _, _) => {
                let text = text.as_ref();
                if !self.raw && is_formula(text) {
                    self.text(&format!("'{text}"));
                } else {
                    self.text(text);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if text.bytes().any(|byte| self.quoted[usize::from(byte)]) {
            self.bytes.push(b'"');
            self.bytes.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            self.bytes.push(b'"');
        } else {
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }
}

/// Whether a spreadsheet would take a text for a formula: it gets an apostrophe in front.
fn is_formula(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Column;

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
    fn any_reader_gives_back_what_was_written() {
        let texts = ["", "a", "a\"b", "\"", "x,y;z", "two\r\nlines", "\r", "ends\n", " \t", "\"quoted\""];
        let row = |first: &str| texts.iter().map(|text| Cell::Text(format!("{first}{text}"))).collect();
        let rows: Vec<Vec<Cell>> = texts.iter().map(|text| row(text)).collect();
        let names = || texts.iter().enumerate().map(|(at, _)| at.to_string());
        let columns = names().map(|name| Column::new(name.clone(), name)).collect();
        let table = Table { name: "texts", columns, rows };
        for (dialect, delimiter) in [(Dialect::Rfc, b','), (Dialect::Excel, b';')] {
            let bytes = write(&table, Style { dialect, raw: true, ..Style::default() });
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes.as_slice());
            let read: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
            assert_eq!(read.len(), table.rows.len());
            for (cells, fields) in table.rows.iter().zip(&read) {
                assert!(fields.iter().zip(cells).all(|(field, cell)| *cell == Cell::Text(field.to_owned())));
            }
        }
        let alone = Table {
            name: "alone",
            columns: vec![Column::new("a", "a")],
            rows: vec![vec![Cell::Blank], vec![Cell::Text("b".to_owned())]],
        };
        assert_eq!(write(&alone, Style::default()), b"a\n\"\"\nb\n");
    }

    #[test]
    fn the_dialect_of_the_region_has_a_mark_semicolons_and_decimal_commas() {
        let style = Style { dialect: Dialect::Excel, raw: true, ..Style::default() };
        let text = String::from_utf8(write(&table(), style)).expect("text");
        assert!(text.starts_with("\u{feff}title;index\n=1+1;83,81\na,b;83,81\n"));
        assert!(text.ends_with("\"plain; text\";83,81\n"));
    }
}
