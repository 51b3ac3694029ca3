//! Documents as Markdown, with pipe tables.

use crate::document::{Block, Cell, Column, Document, Entry, Table};
use crate::messages::Language;
use crate::text::is_direction_mark;

/// A document's text; figures as the language writes them.
pub fn write(document: &Document, language: Language) -> String {
    let mut text = format!("# {}\n", escaped(&document.title));
    for block in &document.blocks {
        if !matches!(block, Block::Chart(_)) {
            text.push('\n');
        }
        match block {
            Block::Heading(words) => text.push_str(&format!("## {}\n", escaped(words))),
            Block::Part { id, title, .. } => {
                text.push_str(&format!("### {} ({})\n", escaped(title), escaped(id)));
            }
            Block::Paragraph(words) => text.push_str(&format!("{}\n", escaped(words))),
            Block::Table(table) => text.push_str(&pipes(table, language)),
            // The table says the same.
            Block::Chart(_) => {}
        }
    }
    text
}

fn pipes(table: &Table, language: Language) -> String {
    let shown: Vec<usize> = table.shown().collect();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let is_number =
        |at: usize| table.rows.iter().any(|row| matches!(row[at], Cell::Figure(_) | Cell::Count(_)));
    let mut text = line(shown.iter().map(|at| escaped(&table.columns[*at].title)).collect());
    text += &line(shown.iter().map(|at| if is_number(*at) { "---:" } else { "---" }.to_owned()).collect());
    for row in &table.rows {
        text += &line(shown.iter().map(|at| cell_text(&table.columns[*at], &row[*at], language)).collect());
    }
    text
}

fn cell_text(column: &Column, cell: &Cell, language: Language) -> String {
    match cell {
        Cell::Text(text) if column.entry == Entry::Date => escaped(&language.date(text)),
        Cell::Blank => String::new(),
        Cell::Text(text) | Cell::Word(_, text) | Cell::Band(text, _, _) | Cell::Remark(text) => escaped(text),
        Cell::Noted(text, note) => format!("{} ({})", escaped(text), escaped(note)),
        Cell::Nested(text, depth) => format!("{}{}", "&emsp;".repeat(*depth), escaped(text)),
        Cell::Count(count) => count.to_string(),
        Cell::Figure(figure) => language.decimal(&figure.to_string()),
    }
}

/// A text in which nothing is taken for markup, and no mark of direction reaches beyond its cell.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(character);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            character if is_direction_mark(character) => {}
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}
