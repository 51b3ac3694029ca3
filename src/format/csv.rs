//! Tables as CSV: RFC 4180 with LF and a header, or as spreadsheets of the region take it.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::Style;
use crate::document::{Cell, Table};
use crate::round::Dialect;

/// A table's bytes.
pub fn write(table: &Table, style: Style) -> Vec<u8> {
    let (mark, delimiter) = match style.dialect {
        Dialect::Rfc => ("", b','),
        Dialect::Excel => ("\u{feff}", b';'),
    };
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(QuoteStyle::Necessary)
        .terminator(Terminator::Any(b'\n'))
        .from_writer(mark.as_bytes().to_vec());
    let header: Vec<&str> = table.columns.iter().map(|column| column.key.as_str()).collect();
    let rows = table.rows.iter().map(|row| row.iter().map(|cell| text(cell, style)).collect::<Vec<_>>());
    // Writing to memory cannot fail.
    let _ = writer.write_record(&header);
    for row in rows {
        let _ = writer.write_record(&row);
    }
    writer.into_inner().unwrap_or_default()
}

fn text(cell: &Cell, style: Style) -> String {
    match cell {
        Cell::Blank | Cell::Remark(_) => String::new(),
        Cell::Count(count) => count.to_string(),
        Cell::Figure(figure) => match style.dialect {
            Dialect::Rfc => figure.to_string(),
            Dialect::Excel => figure.to_string().replace('.', ","),
        },
        Cell::Text(text)
        | Cell::Noted(text, _)
        | Cell::Word(text, _)
        | Cell::Nested(text, _)
        | Cell::Band(text, _, _)
            if style.raw =>
        {
            text.clone()
        }
        Cell::Text(text)
        | Cell::Noted(text, _)
        | Cell::Word(text, _)
        | Cell::Nested(text, _)
        | Cell::Band(text, _, _) => guarded(text),
    }
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
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
