//! The parts of a page as data: every text once, drawn by the page's script when a reader opens a part.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::json;

use super::{Page, drawing, is_id};
use crate::document::{Block, Cell, Chart, Table};

/// What the script draws parts from.
///
/// As JSON: `texts`; `tables`, what is alike in many tables (a name, and a title and a class for each
/// column); `charts`, what is drawn and its caption; and `parts`, by anchor, each a list of blocks: the
/// number of a text, `[table, rows]`, or `{"chart": number}`, after a null. A cell is -1 for nothing, the number of a
/// text, `[text, depth]` down a tree, `[text, "address"]` of a link, `[count]`, or a figure as a string.
#[derive(Default)]
pub(super) struct Data<'a> {
    texts: Numbered<&'a str>,
    tables: Numbered<String>,
    charts: Numbered<String>,
    parts: String,
}

/// Things, each once, by the order in which they came.
struct Numbered<T> {
    list: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { list: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn number(&mut self, thing: T) -> usize {
        let next = self.list.len();
        let number = *self.numbers.entry(thing.clone()).or_insert(next);
        if number == next {
            self.list.push(thing);
        }
        number
    }
}

impl<'a> Data<'a> {
    /// Begins a part.
    pub(super) fn begin(&mut self, anchor: &str) {
        let end = if self.parts.is_empty() { "" } else { "]," };
        // Writing to a string cannot fail.
        let _ = write!(self.parts, "{end}{}:[null", json!(anchor));
    }

    /// Adds a block to the part.
    pub(super) fn add(&mut self, page: &Page<'a>, at: usize, block: &'a Block) {
        match block {
            Block::Paragraph(words) => {
                let number = self.texts.number(words);
                let _ = write!(self.parts, ",{number}");
            }
            Block::Table(table) => self.add_table(page, table),
            Block::Chart(chart) => {
                if let Some((_, table)) = page.document.drawn(at, chart) {
                    self.add_chart(page, chart, table);
                }
            }
            Block::Heading(_) | Block::Part { .. } => {}
        }
    }

    fn add_chart(&mut self, page: &Page<'a>, chart: &Chart, table: &Table) {
        let caption = json!(clean(&page.caption(chart, table)));
        let number = self.charts.number(format!("[{},{caption}]", drawing(chart, table)));
        let _ = write!(self.parts, ",{{\"chart\":{number}}}");
    }

    fn add_table(&mut self, page: &Page<'a>, table: &'a Table) {
        let shown: Vec<usize> = table.shown().collect();
        let columns: Vec<_> = shown.iter().map(|at| json!(clean(&table.columns[*at].title))).collect();
        let number = self.tables.number(json!([table.name, columns]).to_string());
        let _ = write!(self.parts, ",[{number},[");
        for (row, cells) in table.rows.iter().enumerate() {
            self.parts.push_str(if row == 0 { "[" } else { ",[" });
            for (position, at) in shown.iter().enumerate() {
                if position > 0 {
                    self.parts.push(',');
                }
                self.add_cell(page, table, *at, &cells[*at]);
            }
            self.parts.push(']');
        }
        self.parts.push_str("]]");
    }

    fn add_cell(&mut self, page: &Page<'a>, table: &'a Table, at: usize, cell: &'a Cell) {
        let column = &table.columns[at];
        let _ = match cell {
            Cell::Blank => write!(self.parts, "-1"),
            Cell::Text(text) => {
                let number = self.texts.number(text);
                match page.address(column, text) {
                    Some(address) => write!(self.parts, "[{number},{}]", json!(address)),
                    None if is_id(column, text) => write!(self.parts, "[{number},-1]"),
                    None => write!(self.parts, "{number}"),
                }
            }
            // What a note says of a text is for the ranking, which is not drawn by script.
            Cell::Noted(text, _) | Cell::Word(_, text) | Cell::Band(text, _, _) | Cell::Remark(text) => {
                let number = self.texts.number(text);
                write!(self.parts, "{number}")
            }
            Cell::Nested(text, depth) => {
                let number = self.texts.number(text);
                write!(self.parts, "[{number},{depth}]")
            }
            Cell::Count(count) => write!(self.parts, "[{count}]"),
            Cell::Figure(figure) => write!(self.parts, "\"{figure}\""),
        };
    }

    /// The data as an element that runs nothing; nothing where there are no parts.
    pub(super) fn script(&self) -> String {
        if self.parts.is_empty() {
            return String::new();
        }
        let texts: Vec<String> = self.texts.list.iter().map(|text| clean(text)).collect();
        let data = format!(
            "{{\"texts\":{},\n\"tables\":[{}],\n\"charts\":[{}],\n\"parts\":{{{}]}}}}",
            json!(texts),
            self.tables.list.join(","),
            self.charts.list.join(","),
            self.parts,
        );
        // A text may not end the element.
        let data = data.replace('<', "\\u003c");
        format!("<script type=\"application/json\" id=\"data\">\n{data}\n</script>\n")
    }
}

fn clean(text: &str) -> String {
    super::plain(text).collect()
}
