//! The fast way through plain rows: cells are told apart by bytes, without reading any text twice.
//!
//! A scanner turns a part of a file into runs of small cells: who, what, and where the row begins. Whatever is
//! not plain (quotes, rows that are too long, unknown names, evaluators, paths of evidence) it leaves
//! to the general reader, row by row; both ways say the same of every row, which a test holds them to.

use std::ops::Range;

use super::sheet::{Layout, Role, Sheet};
use super::table::unguarded;
use crate::framework::Framework;

/// What a row says of one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The parameter.
    pub parameter: u32,
    /// The parameter and the answer's text, a number of the scanner's.
    pub text: u32,
    /// Where the row begins.
    pub start: u32,
    /// What else is to be known.
    pub kind: Kind,
}

/// How a cell is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer without evidence.
    Bare,
    /// An answer with evidence.
    Evident,
    /// Evidence alone.
    Evidence,
}

/// Consecutive cells about one subject, or a row for the general reader.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// Rows of a cell each, parameters in the framework's order.
    Rows {
        /// The subject's name, a number of the scanner's.
        name: u32,
        /// How many cells.
        cells: u32,
    },
    /// One row of many cells, which is taken as a whole.
    Row {
        /// The subject's name, a number of the scanner's.
        name: u32,
        /// How many cells.
        cells: u32,
    },
    /// A row for the general reader.
    General {
        /// Where it begins.
        start: u32,
    },
}

/// What the plain rows of a part come to.
#[derive(Debug, Default)]
pub struct Scanned {
    /// In the order of the part.
    pub runs: Vec<Run>,
    /// The cells of all runs.
    pub cells: Vec<Cell>,
}

/// Scans parts of files; keeps what it learnt for the next one.
pub struct Scanner<'a> {
    framework: &'a Framework,
    /// What the last part came to; none when all of it is for the general reader.
    pub scanned: Option<Scanned>,
    /// Names of subjects, as they stand.
    pub names: Interner,
    /// Answers, as they stand, each with its parameter.
    pub texts: Answers,
    ids: Interner,
    known: Vec<Option<u32>>,
    /// The head and length of each parameter's id, in the framework's order.
    heads: Vec<(u64, usize)>,
    expected: usize,
}

impl<'a> Scanner<'a> {
    /// A scanner of answers to a framework.
    pub fn new(framework: &'a Framework) -> Self {
        let head = |id: &str| (head_at(id.as_bytes(), 0, id.len()), id.len());
        Self {
            framework,
            scanned: None,
            names: Interner::default(),
            texts: Answers::default(),
            ids: Interner::default(),
            known: Vec::new(),
            heads: framework.parameters.iter().map(|parameter| head(&parameter.id)).collect(),
            expected: 0,
        }
    }

    /// Scans a part of a file.
    pub fn scan(&mut self, sheet: &Sheet) {
        let mut out = self.scanned.take().unwrap_or_default();
        out.runs.clear();
        out.cells.clear();
        let (text, body) = sheet.table().text();
        let delimiter = sheet.table().delimiter();
        let is_usual = matches!(delimiter, b',' | b';' | b'\t') && self.heads.len() < MOST_TAGS;
        if !is_usual
            || sheet.layout() == Layout::Entity
            || text.len() >= u32::MAX as usize
            || has_lone_return(text)
        {
            return;
        }
        let of_file = sheet.service().as_bytes();
        let name = (!sheet.names_subjects()).then(|| self.names.number(0, of_file, 0..of_file.len()));
        let mut scan = Scan {
            scanner: self,
            sheet,
            text,
            delimiter,
            delimiters: every(delimiter),
            out,
            at: body.start,
            quote: next_quote(text, body.start),
            name,
            last: None,
            last_parameter: 0,
        };
        while scan.at < body.end {
            let (start, before) = (scan.at, scan.out.cells.len());
            if !scan.row(body.end) {
                scan.out.cells.truncate(before);
                scan.out.runs.push(Run::General { start: start as u32 });
                scan.at = sheet.table().end_of(start);
            }
            if scan.quote < scan.at {
                scan.quote = next_quote(text, scan.at);
            }
        }
        self.scanned = Some(std::mem::take(&mut scan.out));
    }

    /// The parameter of an id as it stands.
    fn parameter(&mut self, text: &str, field: Range<usize>) -> Option<u32> {
        let (number, is_new) = self.ids.number(0, text.as_bytes(), field.clone());
        if is_new {
            let id = crate::text::clean(unguarded(text[field].trim()));
            let found = self.framework.parameter_named(&id);
            self.known.push(found.map(|parameter| parameter.get() as u32));
        }
        self.known[number as usize]
    }
}

/// A carriage return that ends a line alone is for the general reader.
fn has_lone_return(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
}

fn next_quote(text: &str, from: usize) -> usize {
    memchr::memchr(b'"', &text.as_bytes()[from..]).map_or(usize::MAX, |at| from + at)
}

/// One scan over a part.
struct Scan<'s, 'a> {
    scanner: &'s mut Scanner<'a>,
    sheet: &'s Sheet,
    text: &'s str,
    delimiter: u8,
    /// The delimiter, eight times.
    delimiters: u64,
    out: Scanned,
    at: usize,
    /// Where the next quote stands: from there on a row is for the general reader.
    quote: usize,
    /// The service that the file is named after, where rows do not name any, and whether it is new.
    name: Option<(u32, bool)>,
    /// The name in the row before: its bytes, and its number.
    last: Option<(Range<usize>, u32)>,
    /// The parameter of the row before.
    last_parameter: u32,
}

impl Scan<'_, '_> {
    /// Takes a row; says no when it is for the general reader.
    fn row(&mut self, limit: usize) -> bool {
        let bytes = self.text.as_bytes();
        let (start, before) = (self.at, self.out.cells.len());
        if matches!(bytes[start], b'\n' | b'\r') {
            self.at += 1;
            return true;
        }
        let mut row = Row { name: self.name, ..Row::default() };
        let sheet = self.sheet;
        for role in sheet.roles() {
            match role {
                Role::Service if self.repeats_name() => {
                    row.name = self.last.as_ref().map(|(_, number)| (*number, false));
                    continue;
                }
                Role::Parameter if self.is_as_expected() => {
                    row.parameter = Some(self.scanner.expected as u32);
                    self.expect_after(row.parameter);
                    continue;
                }
                _ => {}
            }
            let end = self.field_end(limit);
            let is_last = end >= limit || bytes[end] == b'\n';
            let stop = if is_last && end > self.at && bytes[end - 1] == b'\r' { end - 1 } else { end };
            let field = self.at..stop;
            self.at = end + 1;
            if !self.take(*role, field, &mut row, start) {
                return false;
            }
            if is_last {
                self.at = self.at.min(limit);
                return self.finish(&row, start, before);
            }
        }
        // More fields than the header has.
        false
    }

    /// Takes a field; says no when the row is for the general reader.
    fn take(&mut self, role: Role, field: Range<usize>, row: &mut Row, start: usize) -> bool {
        match role {
            Role::Service => {
                let number = self.scanner.names.number(0, self.text.as_bytes(), field.clone());
                self.last = Some((field, number.0));
                row.name = Some(number);
            }
            Role::Parameter => {
                row.parameter = self.scanner.parameter(self.text, field);
                self.expect_after(row.parameter);
            }
            Role::Answer => row.answer = Some(field),
            Role::Evidence => row.evidence = field,
            Role::Evaluator => return field.is_empty() || self.cell(field).is_empty(),
            Role::Value(parameter) => match row.name {
                Some(_) => self.value(parameter, field, start),
                None => return false,
            },
            Role::Other => {}
        }
        true
    }

    /// Passes the name of the row before, where it stands here again.
    fn repeats_name(&mut self) -> bool {
        let Some((last, _)) = &self.last else { return false };
        let bytes = self.text.as_bytes();
        let end = self.at + last.len();
        let repeats = bytes.get(end) == Some(&self.delimiter)
            && is_same((bytes, last.start), (bytes, self.at), last.len());
        if repeats {
            self.at = end + 1;
        }
        repeats
    }

    /// Passes the id of the parameter that comes next in the framework, where it stands here.
    fn is_as_expected(&mut self) -> bool {
        let Some(&(head, length)) = self.scanner.heads.get(self.scanner.expected) else { return false };
        let bytes = self.text.as_bytes();
        let end = self.at + length;
        let is_expected = bytes.get(end) == Some(&self.delimiter)
            && head == head_at(bytes, self.at, length)
            && (length <= 8
                || bytes[self.at..end]
                    == *self.scanner.framework.parameters[self.scanner.expected].id.as_bytes());
        if is_expected {
            self.at = end + 1;
        }
        is_expected
    }

    /// Exports list a service's parameters in the framework's order: the next one is the likely one.
    fn expect_after(&mut self, parameter: Option<u32>) {
        let next = parameter.map_or(0, |found| found as usize + 1);
        self.scanner.expected = if next < self.scanner.heads.len() { next } else { 0 };
    }

    /// Where the field ends that begins here: at a delimiter, a line feed or the limit.
    fn field_end(&self, limit: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(word) = word_at(bytes, at) {
            let found = zeros(word ^ self.delimiters) | zeros(word ^ every(b'\n'));
            if found != 0 {
                return (at + found.trailing_zeros() as usize / 8).min(limit);
            }
            at += 8;
        }
        let rest = bytes.get(at..limit).unwrap_or_default();
        memchr::memchr2(self.delimiter, b'\n', rest).map_or(limit, |end| at + end)
    }

    fn cell(&self, field: Range<usize>) -> &str {
        unguarded(self.text[field].trim())
    }

    /// A cell of a wide row.
    fn value(&mut self, parameter: u32, field: Range<usize>, start: usize) {
        if !field.is_empty() {
            let text = self.scanner.texts.number(parameter, self.text.as_bytes(), field);
            self.out.cells.push(Cell { parameter, text, start: start as u32, kind: Kind::Bare });
        }
    }

    fn finish(&mut self, row: &Row, start: usize, before: usize) -> bool {
        let Some((name, is_new)) = row.name else { return false };
        let layout = self.sheet.layout();
        if self.at > self.quote {
            return false;
        }
        if layout == Layout::Wide {
            let cells = self.out.cells.len() - before;
            if cells > 0 {
                self.out.runs.push(Run::Row { name, cells: cells as u32 });
            }
            // Whom no cell is about is still to be met: the general reader sees to that.
            return !is_new || cells > 0;
        }
        let Some(parameter) = row.parameter else { return false };
        if row.answer.is_none() && self.sheet.has_answer_column() {
            return false;
        }
        let answer = row.answer.clone().unwrap_or_default();
        let evidence = if row.evidence.is_empty() { "" } else { self.cell(row.evidence.clone()) };
        let kind = match (layout, evidence.is_empty()) {
            (Layout::Evidence, true) => return !is_new,
            (Layout::Evidence, false) => Kind::Evidence,
            (_, _) if answer.is_empty() => return !is_new,
            (_, true) => Kind::Bare,
            (_, false) => Kind::Evident,
        };
        if evidence.contains('/') && evidence.contains("evidence/") {
            return false;
        }
        let text = self.scanner.texts.number(parameter, self.text.as_bytes(), answer);
        self.out.cells.push(Cell { parameter, text, start: start as u32, kind });
        match self.out.runs.last_mut() {
            Some(Run::Rows { name: same, cells }) if *same == name && self.last_parameter < parameter => {
                *cells += 1
            }
            _ => self.out.runs.push(Run::Rows { name, cells: 1 }),
        }
        self.last_parameter = parameter;
        true
    }
}

/// The parts of a row that were met so far.
#[derive(Default)]
struct Row {
    name: Option<(u32, bool)>,
    parameter: Option<u32>,
    answer: Option<Range<usize>>,
    evidence: Range<usize>,
}

/// A byte eight times.
const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The eight bytes from a position on, the first one lowest.
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

/// The highest bit of each byte that is zero; of those above the first such byte nothing is said.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & every(0x80)
}

/// Up to 8 bytes as a number: with the length it tells texts of up to 8 bytes apart.
fn head_at(bytes: &[u8], at: usize, length: usize) -> u64 {
    match word_at(bytes, at) {
        Some(word) if length >= 8 => word,
        Some(word) => word & !(u64::MAX << (8 * length)),
        None => {
            let end = bytes.len().min(at + length.min(8));
            bytes
                .get(at..end)
                .unwrap_or_default()
                .iter()
                .rev()
                .fold(0, |head, byte| head << 8 | u64::from(*byte))
        }
    }
}

/// The first 16 bytes of a field as numbers.
fn heads_at(bytes: &[u8], field: &Range<usize>) -> [u64; 2] {
    let first = head_at(bytes, field.start, field.len());
    [first, if field.len() > 8 { head_at(bytes, field.start + 8, field.len() - 8) } else { 0 }]
}

/// Whether as many bytes are the same from one place and from another on.
fn is_same(a: (&[u8], usize), b: (&[u8], usize), length: usize) -> bool {
    let mut done = 0;
    while done < length {
        if head_at(a.0, a.1 + done, length - done) != head_at(b.0, b.1 + done, length - done) {
            return false;
        }
        done += 8;
    }
    true
}

/// Numbers for short texts, each with a tag.
#[derive(Debug, Default)]
pub struct Interner {
    /// Found by hash; twice as many as there are entries.
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

/// What tells a text from others: a slot is read in one go.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The first 16 bytes of a text; all of a shorter one.
    head: [u64; 2],
    /// The tag and the length, as far as they fit.
    kind: u32,
    /// The number of the text plus 1; 0 is free.
    number: u32,
}

/// More tags than this do not fit a slot.
const MOST_TAGS: usize = 1 << 24;

#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u32,
    length: u32,
    start: usize,
}

impl Interner {
    /// The number of the text in a range of bytes, and whether it is new.
    pub fn number(&mut self, tag: u32, bytes: &[u8], field: Range<usize>) -> (u32, bool) {
        if self.entries.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let head = heads_at(bytes, &field);
        let kind = tag << 8 | field.len().min(0xff) as u32;
        let mask = self.slots.len() - 1;
        let mut at = hash(head, kind) & mask;
        loop {
            let slot = self.slots[at];
            if slot.number == 0 {
                break;
            }
            if slot.head == head && slot.kind == kind && self.is_at(slot.number - 1, bytes, field.clone()) {
                return (slot.number - 1, false);
            }
            at = (at + 1) & mask;
        }
        let number = self.entries.len() as u32;
        self.slots[at] = Slot { head, kind, number: number + 1 };
        self.entries.push(Entry { tag, length: field.len() as u32, start: self.bytes.len() });
        self.bytes.extend_from_slice(&bytes[field]);
        (number, true)
    }

    /// Whether a text whose head and length are known to be the same is the same.
    fn is_at(&self, number: u32, bytes: &[u8], field: Range<usize>) -> bool {
        field.len() <= 16 || {
            let Entry { start, length, .. } = self.entries[number as usize];
            length as usize == field.len() && is_same((&self.bytes, start), (bytes, field.start), field.len())
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// A text and its tag.
    pub fn get(&self, number: u32) -> (u32, &str) {
        let entry = &self.entries[number as usize];
        let text = &self.bytes[entry.start..entry.start + entry.length as usize];
        // Fields are cut at ASCII bytes out of a text.
        (entry.tag, std::str::from_utf8(text).unwrap_or_default())
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.entries.clear();
        self.bytes.clear();
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        let length = (old.len() * 2).max(1024);
        self.slots = vec![Slot::default(); length];
        for slot in old.into_iter().filter(|slot| slot.number > 0) {
            let mut at = hash(slot.head, slot.kind) & (length - 1);
            while self.slots[at].number != 0 {
                at = (at + 1) & (length - 1);
            }
            self.slots[at] = slot;
        }
    }
}

/// What is behind the head seldom tells two answers apart, and is left out.
fn hash(head: [u64; 2], kind: u32) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let hash = (head[0] ^ u64::from(kind).wrapping_mul(ODD).rotate_left(31)).wrapping_mul(ODD);
    let hash = (hash.rotate_left(29) ^ head[1]).wrapping_mul(ODD);
    (hash ^ hash >> 32) as usize
}

/// Numbers for answers, each with its parameter. Plain numbers of three digits and one place, of which a
/// parameter may have thousands, are told apart by their value: that takes the least memory to look at.
#[derive(Debug, Default)]
pub struct Answers {
    all: Interner,
    /// For each parameter and plain number the number of its text plus 1; 0 is not met.
    plain: Vec<Vec<u32>>,
}

impl Answers {
    /// The number of the answer in a range of bytes.
    pub fn number(&mut self, parameter: u32, bytes: &[u8], field: Range<usize>) -> u32 {
        let Some(value) = plain_number(bytes, &field) else {
            return self.all.number(parameter, bytes, field).0;
        };
        let at = parameter as usize;
        if let Some(known) =
            self.plain.get(at).and_then(|numbers| numbers.get(value)).and_then(|one| one.checked_sub(1))
        {
            return known;
        }
        let (number, _) = self.all.number(parameter, bytes, field);
        if self.plain.len() <= at {
            self.plain.resize_with(at + 1, Vec::new);
        }
        if self.plain[at].len() <= value {
            self.plain[at].resize(value + 1, 0);
        }
        self.plain[at][value] = number + 1;
        number
    }

    /// An answer and its parameter.
    pub fn get(&self, number: u32) -> (u32, &str) {
        self.all.get(number)
    }
}

/// Tells texts such as `7`, `48` and `96.5` apart: twice the tenths, and 1 more where none are written.
fn plain_number(bytes: &[u8], field: &Range<usize>) -> Option<usize> {
    let text = bytes.get(field.clone())?;
    let (digits, tenths) = match text {
        [digits @ .., b'.', tenth] => (digits, Some(tenth)),
        digits => (digits, None),
    };
    let is_short = matches!(digits, [_] | [b'1'..=b'9', _] | [b'1'..=b'9', _, _]);
    let all = || digits.iter().chain(tenths);
    if !is_short || !all().all(u8::is_ascii_digit) {
        return None;
    }
    let value = all().fold(0, |value, digit| value * 10 + usize::from(digit - b'0'));
    Some(if tenths.is_some() { 2 * value } else { 20 * value + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text among others, so that its head is not all that there is.
    fn number(interner: &mut Interner, tag: u32, text: &str) -> (u32, bool) {
        let bytes = format!("before{text}, and after");
        interner.number(tag, bytes.as_bytes(), 6..6 + text.len())
    }

    #[test]
    fn plain_numbers_are_told_apart_by_their_texts() {
        let texts = ["0", "0.0", "7", "7.0", "7.1", "48", "48.9", "100", "100.0", "999.9"];
        let mut answers = Answers::default();
        let numbers: Vec<u32> =
            texts.iter().map(|text| answers.number(3, text.as_bytes(), 0..text.len())).collect();
        assert_eq!(numbers, (0..texts.len() as u32).collect::<Vec<_>>());
        for (at, text) in texts.iter().enumerate() {
            assert!(plain_number(text.as_bytes(), &(0..text.len())).is_some(), "{text}");
            assert_eq!(answers.number(3, text.as_bytes(), 0..text.len()), at as u32);
            assert_eq!(answers.get(at as u32), (3, *text));
        }
        for text in ["", ".", "07", "00", "1000", "-1", "1,5", ".5", "5.", "1.25", "a", "1.a"] {
            assert_eq!(plain_number(text.as_bytes(), &(0..text.len())), None, "{text}");
        }
    }

    #[test]
    fn texts_that_differ_in_anything_have_numbers_of_their_own() {
        let mut interner = Interner::default();
        let mut seen = Vec::new();
        for tag in 0..3 {
            for length in 0..40 {
                for byte in ['a', 'b'] {
                    let text = format!("{}{byte}", "x".repeat(length));
                    for word in [format!("{byte}{text}"), format!("{text}{text}"), text] {
                        seen.push((tag, word));
                    }
                }
            }
        }
        seen.sort();
        seen.dedup();
        let numbers: Vec<u32> = seen.iter().map(|(tag, text)| number(&mut interner, *tag, text).0).collect();
        assert!(numbers.iter().enumerate().all(|(at, number)| at == *number as usize));
        for (at, (tag, text)) in seen.iter().enumerate() {
            assert_eq!(number(&mut interner, *tag, text), (at as u32, false));
            assert_eq!(interner.get(at as u32), (*tag, text.as_str()));
        }
        interner.clear();
        assert_eq!(number(&mut interner, 0, "a"), (0, true));
    }
}
