//! Where something stands in a file: a source text, its lines, and places in it.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The longest line that a place carries whole; a longer one is cut around the span.
const SHOWN_LINE: usize = 400;

/// A place in a file, with the line it is on, so that it can be shown without the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the user would name it.
    pub path: Arc<str>,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The first character of the span in its line, from 1.
    pub column: usize,
    /// The sheet and cell, in a workbook: `Sheet1!C4`.
    pub cell: Option<String>,
    /// The line's text, and the bytes of it that are meant.
    pub excerpt: Option<Excerpt>,
}

/// A line of a file and the span in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excerpt {
    /// The line, without its end; cut when it is very long.
    pub text: String,
    /// First byte of the span in `text`.
    pub start: usize,
    /// End of the span in `text`.
    pub end: usize,
}

/// A path as a user would name it: without a leading `./`.
pub fn shown(path: &Path) -> String {
    let name = path.to_string_lossy();
    name.strip_prefix("./").unwrap_or(&name).to_owned()
}

impl Place {
    /// A file as a whole.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), line: 0, column: 0, cell: None, excerpt: None }
    }

    /// A cell of a workbook.
    pub fn cell(path: impl Into<Arc<str>>, sheet: &str, row: usize, column: usize) -> Self {
        let name = format!("{sheet}!{}{row}", column_letters(column));
        Self { path: path.into(), line: row, column: column + 1, cell: Some(name), excerpt: None }
    }

    /// A span of a line that stands at `line` of the file.
    pub fn in_line(path: Arc<str>, line: usize, text: &str, span: Range<usize>) -> Self {
        let start = floor(text, span.start.min(text.len()));
        let end = floor(text, span.end.clamp(start, text.len()));
        let column = text[..start].chars().count() + 1;
        let from = floor(text, start.saturating_sub(SHOWN_LINE / 2));
        let to = floor(text, (from + SHOWN_LINE).min(text.len()));
        let excerpt =
            Excerpt { text: text[from..to].to_owned(), start: start - from, end: end.min(to) - from };
        Self { path, line, column, cell: None, excerpt: Some(excerpt) }
    }
}

/// `A`, `B`, ... `Z`, `AA` for columns from 0.
pub fn column_letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (column % 26) as u8);
        column /= 26;
        if column == 0 {
            break;
        }
        column -= 1;
    }
    letters.reverse();
    String::from_utf8_lossy(&letters).into_owned()
}

/// The nearest character boundary at or below `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// A whole text file, with its lines, for places in it.
#[derive(Clone, Debug)]
pub struct Source {
    path: Arc<str>,
    text: Cow<'static, str>,
    /// Where lines begin, found once a place is asked for.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// A file's text.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let starts = memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at + 1);
            std::iter::once(0).chain(starts).collect()
        })
    }

    /// The file, as the user would name it.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a range of bytes; of its first line, when it goes over several.
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = span.start.min(self.text.len());
        let lines = self.lines();
        let line = lines.partition_point(|&begin| begin <= start).max(1) - 1;
        let begin = lines[line];
        let end = lines.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let text = self.text.get(begin..end).unwrap_or("").trim_end_matches('\r');
        Place::in_line(self.path.clone(), line + 1, text, start - begin..span.end.max(start) - begin)
    }

    /// The place of a line and column, both from 1, the column in characters.
    pub fn at(&self, line: usize, column: usize) -> Place {
        let begin = self.lines().get(line.max(1) - 1).copied().unwrap_or(self.text.len());
        let rest = &self.text[begin..];
        let offset = rest.char_indices().nth(column.max(1) - 1).map_or(rest.len(), |(at, _)| at);
        let offset = offset.min(rest.find('\n').unwrap_or(rest.len()));
        self.place(begin + offset..begin + offset + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = Source::new("a.yaml", "id: x\r\nad: şərh here\n".to_owned());
        let at = source.text().find("here").unwrap_or(0);
        let place = source.place(at..at + 4);
        assert_eq!((place.line, place.column), (2, 10));
        assert_eq!(source.at(2, 10), place.clone().tap_end(1));
        assert_eq!(source.place(4..5).excerpt.map(|excerpt| excerpt.text), Some("id: x".to_owned()));
    }

    impl Place {
        fn tap_end(mut self, length: usize) -> Self {
            if let Some(excerpt) = &mut self.excerpt {
                excerpt.end = excerpt.start + length;
            }
            self
        }
    }

    #[test]
    fn spreadsheet_columns_have_letters() {
        let letters: Vec<String> = [0, 25, 26, 701, 702].into_iter().map(column_letters).collect();
        assert_eq!(letters, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
