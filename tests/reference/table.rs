//! A table of text and its bytes, as the many programs that save CSV write them.

use crate::random::Random;

/// A header and rows of as many cells.
#[derive(Clone, Debug)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(header: Vec<String>) -> Self {
        Self { header, rows: Vec::new() }
    }

    /// Adds a column whose cells come from the row.
    pub fn add_column(&mut self, name: String, mut cell: impl FnMut(&[String]) -> String) {
        for row in &mut self.rows {
            let cell = cell(row);
            row.push(cell);
        }
        self.header.push(name);
    }

    /// Puts rows and columns in another order.
    pub fn shuffle(&mut self, random: &mut Random) {
        let mut order: Vec<usize> = (0..self.header.len()).collect();
        random.shuffle(&mut order);
        let reorder = |row: &[String]| order.iter().map(|&at| row[at].clone()).collect();
        self.header = reorder(&self.header);
        self.rows = self.rows.iter().map(|row| reorder(row)).collect();
        random.shuffle(&mut self.rows);
    }

    /// The file that one or another program would save.
    pub fn save(&self, random: &mut Random) -> Vec<u8> {
        let delimiter = *random.pick(&[',', ';', '\t']);
        let end = *random.pick(&["\n", "\n", "\r\n"]);
        let mut text = String::new();
        if random.chance(10) {
            text.push_str(&format!("sep={delimiter}{end}"));
        }
        text.push_str(&line(random, &self.header, delimiter));
        for row in &self.rows {
            text.push_str(end);
            if random.chance(4) {
                let empty = vec![String::new(); random.count(1, row.len())];
                text.push_str(&empty.join(&delimiter.to_string()));
                text.push_str(end);
            }
            // Spreadsheets leave out the empty cells at a row's end, some of them.
            let filled = row.iter().rposition(|cell| !cell.is_empty()).map_or(1, |last| last + 1);
            let width = if random.chance(20) { random.count(filled, row.len()) } else { row.len() };
            text.push_str(&line(random, &row[..width], delimiter));
        }
        if random.chance(85) {
            text.push_str(end);
        }
        encoded(random, &text)
    }
}

fn line(random: &mut Random, cells: &[String], delimiter: char) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| {
            let needs_quotes = cell.contains([delimiter, '"', '\n', '\r']);
            if needs_quotes || random.chance(6) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        })
        .collect();
    cells.join(&delimiter.to_string())
}

fn encoded(random: &mut Random, text: &str) -> Vec<u8> {
    match random.below(12) {
        0 => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        1 => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        2..=4 => format!("\u{feff}{text}").into_bytes(),
        _ => text.as_bytes().to_vec(),
    }
}
