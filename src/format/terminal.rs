//! Documents for a terminal: tables that fit it, bands in colour.

use comfy_table::{
    CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table as Grid, TableStyle,
};

use super::Style;
use crate::document::{Block, Cell, ColumnPlace, Document, Table};

/// Marks of no width around a coloured word; they become colours once the table is laid out, so that
/// they do not disturb it.
const SHADES: [(char, &str); 4] = [
    ('\u{2061}', "\u{1b}[32m"),
    ('\u{2062}', "\u{1b}[36m"),
    ('\u{2063}', "\u{1b}[33m"),
    ('\u{2064}', "\u{1b}[31m"),
];
const END: (char, &str) = ('\u{2060}', "\u{1b}[0m");

/// No frame: one line below the header is enough to read by.
const PLAIN: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::new(' ', ' ', ' '))
    .header_separator(LineStyle::new(' ', '─', ' ', ' '))
    .content_lines(ContentLineStyle::new(' ', ' ', ' '));

/// A document's text.
pub fn write(document: &Document, style: Style) -> String {
    let mut text = String::new();
    let bold = |words: &str| match style.colour {
        true => format!("\u{1b}[1m{words}\u{1b}[0m"),
        false => words.to_owned(),
    };
    if !document.title.is_empty() {
        text.push_str(&format!("{}\n", bold(&printable(&document.title))));
    }
    for block in &document.blocks {
        match block {
            Block::Heading(words) | Block::Part { title: words, .. } => {
                text.push_str(&format!("\n{}\n", bold(&printable(words))))
            }
            Block::Paragraph(words) => text.push_str(&format!("{}\n", printable(words))),
            Block::Table(table) => text.push_str(&format!("{}\n", grid(table, style))),
            Block::Chart(_) => {}
        }
    }
    coloured(&text, style.colour)
}

fn grid(table: &Table, style: Style) -> String {
    let shown = fitting(table, style.width);
    let mut grid = Grid::new();
    grid.load_style(PLAIN).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    grid.set_header(shown.iter().map(|at| printable(&table.columns[*at].title)));
    for row in &table.rows {
        grid.add_row(shown.iter().map(|at| {
            let cell = &row[*at];
            let aligned = comfy_table::Cell::new(cell_text(cell));
            match cell {
                Cell::Count(_) | Cell::Figure(_) => aligned.set_alignment(CellAlignment::Right),
                Cell::Blank
                | Cell::Text(_)
                | Cell::Noted(..)
                | Cell::Word(..)
                | Cell::Nested(..)
                | Cell::Band(..)
                | Cell::Remark(_) => aligned,
            }
        }));
    }
    for column in grid.column_iter_mut() {
        column.set_padding((0, 1));
    }
    let lines = grid.to_string();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The columns that a terminal has room for: those that may be left out go order
/// by order.
fn fitting(table: &Table, width: usize) -> Vec<usize> {
    let mut shown: Vec<usize> =
        (0..table.columns.len()).filter(|at| table.columns[*at].place != ColumnPlace::FilesOnly).collect();
    // A text may be wrapped, but not below this.
    const NARROWEST_TEXT: usize = 24;
    let needed = |at: &usize| {
        let cells = table.rows.iter().map(|row| match &row[*at] {
            Cell::Text(text) => text.chars().count().min(NARROWEST_TEXT),
            cell => cell_text(cell).chars().count(),
        });
        cells.chain([table.columns[*at].title.chars().count()]).max().unwrap_or(0) + 2
    };
    // Two more for the edges.
    while shown.iter().map(needed).sum::<usize>() + 2 > width {
        let order = |at: &usize| match table.columns[*at].place {
            ColumnPlace::IfRoom(order) => Some(order),
            ColumnPlace::Always | ColumnPlace::FilesOnly => None,
        };
        let Some(last) = shown.iter().filter_map(order).max() else { break };
        shown.retain(|at| order(at) != Some(last));
    }
    shown
}

fn cell_text(cell: &Cell) -> String {
    match cell {
        Cell::Blank => "–".to_owned(),
        Cell::Text(text) | Cell::Word(_, text) => printable(text),
        Cell::Noted(text, note) => format!("{} ({})", printable(text), printable(note)),
        Cell::Nested(text, depth) => format!("{}{}", "  ".repeat(*depth), printable(text)),
        Cell::Count(count) => count.to_string(),
        Cell::Figure(figure) => figure.to_string(),
        Cell::Band(band, at, bands) => {
            let shade = at * SHADES.len() / (*bands).max(1);
            format!("{}{}{}", SHADES[shade.min(SHADES.len() - 1)].0, printable(band), END.0)
        }
        Cell::Remark(text) => format!("{}{}{}", SHADES[3].0, printable(text), END.0),
    }
}

/// A text without what a terminal would take for a command, or this module for a colour.
fn printable(text: &str) -> String {
    let is_mark = |character: char| SHADES.iter().any(|(mark, _)| *mark == character) || character == END.0;
    let kept = text.chars().filter(|character| !is_mark(*character));
    kept.map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn coloured(text: &str, colour: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let code = SHADES.iter().chain([&END]).find(|(mark, _)| *mark == character).map(|(_, code)| *code);
        match code {
            Some(code) if colour => out.push_str(code),
            Some(_) => {}
            None => out.push(character),
        }
    }
    out
}
