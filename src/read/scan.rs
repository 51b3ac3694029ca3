//! The fast way through plain rows: cells are told apart by bytes, without reading any text twice.
//!
//! A scanner turns a part of a file into runs: whom they are about, and either the codes of all parameters or
//! small cells, each with what it says and where its row begins. Rows of a regular file (whom, which parameter,
//! the answer, its evidence; or whom, and a parameter in each column) are taken in one go, expecting the name
//! of the row before and the parameter that followed last time; other plain rows column by column. Whatever is
//! not plain (quotes around more than evidence, rows that are too long, unknown names, evaluators, evidence that
//! names files) is left to the general reader, row by row; all ways say the same of every row, which a
//! test holds them to.

use std::ops::Range;

use smol_str::SmolStr;

use super::blocks::closing;
use super::sheet::{Layout, Role, Sheet};
use super::table::unguarded;
use super::words::{BLOCK, Expected, Lexicon, Names, Places, Short, Vocabulary, Window, chunk, every, hits};
use crate::framework::Framework;
use crate::text::cleaned;

/// What a row says of one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The parameter.
    pub parameter: u32,
    /// What the parameter's lexicon says of the answer's text.
    pub answer: u32,
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

/// How a subject is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// What the lexicon of names says of its name.
    Name(u32),
    /// Its id is the next of those that were not looked up, as they seldom come again.
    Id,
}

/// Consecutive answers about one subject, or a row for the general reader.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// Rows of a cell each, parameters in the framework's order.
    Rows {
        /// What the lexicon of names says of the subject's.
        name: u32,
        /// How many cells.
        cells: u32,
    },
    /// Settled answers: a code for each parameter, and a bit for each that has evidence.
    Codes {
        /// Whom they are about.
        whom: Whom,
        /// Where the first row begins.
        start: u32,
        /// Where the rows end.
        end: u32,
        /// How many cells of the same rows are not settled; then all are taken as a whole.
        cells: u32,
    },
    /// One row of many cells, which is taken as a whole.
    Row {
        /// What the lexicon of names says of the subject's.
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
    /// The codes of runs of them, for each in the order of parameters; 0 where nothing is said.
    pub codes: Vec<u16>,
    /// The bits of the same runs, in whole words.
    pub evidence: Vec<u64>,
    /// The ids of their subjects, of those that have no number.
    pub ids: Vec<SmolStr>,
}

/// A column of answers to one parameter.
#[derive(Debug)]
struct Column {
    parameter: u32,
    /// What is settled of its answers when a part is begun.
    settled: Places,
}

/// Scans parts of files; keeps what it learnt for the next one.
pub struct Scanner<'a> {
    framework: &'a Framework,
    /// Memory of parts that were taken, to be used again.
    pub spare: Vec<Scanned>,
    /// Names of services, and of entities, as they stand.
    pub names: [Names; 2],
    /// Answers, as they stand: the same are settled for all parameters that are answered alike.
    answers: Vec<Vocabulary>,
    /// For each parameter which of these its answers are.
    answered_by: Vec<u32>,
    /// Ids of parameters, as they stand.
    ids: Vocabulary,
    /// Whether many rows in turn were about the same subject in the part before.
    is_sorted: bool,
    /// Of a wide file, each column but the first.
    columns: Vec<Column>,
    /// The codes of a row, where columns are in another order than parameters.
    row: Vec<u16>,
    /// For each parameter its id, as it is expected to stand in a row.
    expected: Vec<Expected>,
    /// For each parameter the one that followed last time.
    after: Vec<u32>,
}

impl<'a> Scanner<'a> {
    /// A scanner of answers to a framework.
    pub fn new(framework: &'a Framework) -> Self {
        let parameters = framework.parameters.len();
        // "Not applicable" is not for all that is answered on a scale.
        let kinds = || framework.parameters.iter().map(|parameter| (parameter.scale, parameter.optional));
        let mut known: Vec<(usize, bool)> = kinds().collect();
        known.sort_unstable();
        known.dedup();
        let place = |kind| known.binary_search(&kind).unwrap_or_default() as u32;
        Self {
            framework,
            spare: Vec::new(),
            names: Default::default(),
            answers: known.iter().map(|_| Vocabulary::default()).collect(),
            answered_by: kinds().map(place).collect(),
            ids: Vocabulary::default(),
            is_sorted: true,
            columns: Vec::new(),
            row: Vec::new(),
            expected: vec![Expected::default(); parameters],
            after: (1..=parameters as u32).map(|next| next % parameters.max(1) as u32).collect(),
        }
    }

    /// Scans a part of a file; none when all of it is for the general reader. `may_gather` tells whether answers
    /// may come as codes.
    pub fn scan(&mut self, sheet: &Sheet, may_gather: bool) -> Option<Scanned> {
        let (text, body) = sheet.table().text();
        let delimiter = sheet.table().delimiter();
        let is_usual = matches!(delimiter, b',' | b';' | b'\t');
        if !is_usual || text.len() >= u32::MAX as usize || has_lone_return(text) {
            return None;
        }
        let mut out = self.spare.pop().unwrap_or_default();
        out.runs.clear();
        out.cells.clear();
        out.codes.clear();
        out.evidence.clear();
        out.ids.clear();
        for (word, parameter) in self.expected.iter_mut().zip(&self.framework.parameters) {
            if !word.ends_with(delimiter) {
                word.set(&[parameter.id.as_bytes(), &[delimiter]]);
            }
        }
        let of_file = sheet.service().as_bytes();
        let name =
            (!sheet.names_subjects()).then(|| self.names[sheet.side()].look_up(of_file, 0..of_file.len()));
        let gathers = may_gather && self.is_sorted;
        let regular = Regular::of(sheet);
        if matches!(regular, Some(Regular::Wide)) {
            let column = |parameter: u32| {
                let answers = &self.answers[self.answered_by[parameter as usize] as usize];
                Column { parameter, settled: answers.places() }
            };
            self.columns.extend(sheet.roles().iter().filter_map(|role| role.parameter().map(column)));
            let is_ordered = (0..).zip(&self.columns).all(|(at, column)| column.parameter == at);
            self.row = if is_ordered { Vec::new() } else { vec![0; self.columns.len()] };
        }
        let mut scan = Scan {
            scanner: self,
            sheet,
            side: sheet.side(),
            text,
            delimiter,
            delimiters: every(delimiter),
            out,
            at: body.start,
            quote: next_quote(text, body.start),
            name,
            last: Expected::default(),
            last_name: None,
            last_parameter: None,
            met: None,
            gathers,
        };
        if sheet.roles().first() == Some(&Role::Service) && scan.scanner.names[scan.side].are_far() {
            scan.fetch_names();
        }
        let mut rows = 0;
        while scan.at < body.end {
            if let Some(Regular::Long { has_evidence }) = regular
                && gathers
            {
                rows += scan.expected_rows(has_evidence);
                if scan.at >= body.end {
                    break;
                }
            }
            rows += 1;
            let is_taken = match regular {
                Some(Regular::Long { has_evidence }) => scan.regular_row(has_evidence),
                Some(Regular::Wide) => may_gather && scan.wide_row(),
                None => false,
            };
            if is_taken {
                continue;
            }
            let (start, before) = (scan.at, scan.out.cells.len());
            if !scan.row() {
                scan.out.cells.truncate(before);
                scan.out.runs.push(Run::General { start: start as u32 });
                scan.at = sheet.table().end_of(start);
            }
            scan.pass_quotes();
        }
        let out = std::mem::take(&mut scan.out);
        // Now that nobody else has them, more may be settled without a copy.
        self.columns.clear();
        self.is_sorted = out.runs.len() * 8 < rows;
        Some(out)
    }

    /// The answers to a parameter, as they stand.
    pub fn answers_to(&mut self, parameter: usize) -> &mut Vocabulary {
        &mut self.answers[self.answered_by[parameter] as usize]
    }

    /// The parameter of an id as it stands.
    fn parameter(&mut self, text: &str, field: Range<usize>) -> Option<u32> {
        let says = self.ids.look_up(text.as_bytes(), field.clone());
        let Some(number) = Lexicon::open(says) else { return Some(says) };
        let id = crate::text::clean(unguarded(text[field].trim()));
        let found = self.framework.parameter_named(&id)?.get() as u32;
        self.ids.settle(number, found);
        Some(found)
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

/// Columns that are read in one go.
#[derive(Clone, Copy, Debug)]
enum Regular {
    /// Whom, where rows say it, which parameter, the answer and its evidence, in this order.
    Long {
        /// Whether a row may have evidence.
        has_evidence: bool,
    },
    /// Whom, and in each other column a parameter of its own.
    Wide,
}

impl Regular {
    fn of(sheet: &Sheet) -> Option<Self> {
        let (names_subject, rest) = match sheet.roles() {
            [Role::Service, rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let is_wide = || {
            let mut parameters: Vec<u32> = rest.iter().filter_map(|role| role.parameter()).collect();
            parameters.sort_unstable();
            parameters.dedup();
            parameters.len() == rest.len()
        };
        match rest {
            [Role::Parameter, Role::Answer] => Some(Self::Long { has_evidence: false }),
            [Role::Parameter, Role::Answer, Role::Evidence] => Some(Self::Long { has_evidence: true }),
            [_, ..] if names_subject && is_wide() => Some(Self::Wide),
            _ => None,
        }
    }
}

/// A line feed, eight times.
const LINE_ENDS: u64 = every(b'\n');

/// One scan over a part.
struct Scan<'s, 'a> {
    scanner: &'s mut Scanner<'a>,
    sheet: &'s Sheet,
    /// Which of the scanner's names are those of its subjects.
    side: usize,
    text: &'s str,
    delimiter: u8,
    /// The delimiter, eight times.
    delimiters: u64,
    out: Scanned,
    at: usize,
    /// Where the next quote stands: from there on a row is seldom plain.
    quote: usize,
    /// What is said of the service that the file is named after, where rows do not name any.
    name: Option<u32>,
    /// The name in the row before, and what is said of it.
    last: Expected,
    last_name: Option<u32>,
    /// The parameter of the row before.
    last_parameter: Option<u32>,
    /// Of whom the general reader was left a row that says nothing.
    met: Option<u32>,
    /// Whether answers of rows in turn are gathered as codes.
    gathers: bool,
}

impl Scan<'_, '_> {
    /// Looks at where the names of all rows are before they are needed one by one.
    fn fetch_names(&self) {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        let names = std::iter::from_fn(|| {
            let name = start..self.field_end(start);
            start = memchr::memchr(b'\n', bytes.get(name.end..)?).map(|end| name.end + end + 1)?;
            Some(name)
        });
        self.scanner.names[self.side].fetch(bytes, names);
    }

    /// Takes a regular row; says no, and takes nothing, when it is not one.
    #[inline]
    fn regular_row(&mut self, has_evidence: bool) -> bool {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let (name, at) = match self.name {
            Some(name) => (name, start),
            None => match (self.last.passes(bytes, start), self.last_name) {
                (Some(next), Some(name)) => (name, next),
                _ => match self.next_name(start) {
                    Some(found) => found,
                    None => return false,
                },
            },
        };
        let Some((parameter, at)) = self.next_parameter(at) else { return false };
        let stop = self.field_end(at);
        let Some(byte) = bytes.get(stop) else { return false };
        let is_last = *byte == b'\n';
        let end = stop - usize::from(is_last && stop > at && bytes[stop - 1] == b'\r');
        if end == at || self.quote < end {
            return false;
        }
        let (kind, next) = match is_last {
            true => (Kind::Bare, bytes_after(bytes, end)),
            false if has_evidence => match self.evidence(end + 1) {
                Some(found) => found,
                None => return false,
            },
            false => return false,
        };
        let answer = self.answer(parameter, at..end);
        self.at = next;
        if !(self.gathers && self.gather(name, parameter, answer, kind, start)) {
            self.push(name, Cell { parameter, answer, start: start as u32, kind });
        }
        self.last_parameter = Some(parameter);
        self.pass_quotes();
        true
    }

    /// Takes regular rows in turn, and tells how many, as long as they are about the subject of the row before, each
    /// has the parameter that is expected, and what is said is settled.
    #[inline(never)]
    fn expected_rows(&mut self, has_evidence: bool) -> usize {
        let (Some(name), Some(mut parameter)) = (self.name.or(self.last_name), self.last_parameter) else {
            return 0;
        };
        let bytes = self.text.as_bytes();
        let is_named = self.name.is_none();
        let answer_ends = if has_evidence { self.delimiters } else { LINE_ENDS };
        let begins = self.open_codes(name, self.at);
        let mut taken = 0;
        loop {
            let expected = self.scanner.after[parameter as usize];
            let begin = if is_named { self.last.passes(bytes, self.at) } else { Some(self.at) };
            let Some(at) = begin else { break };
            let Some(at) = self.scanner.expected[expected as usize].passes(bytes, at) else { break };
            let field = bytes.get(at..).and_then(|rest| Short::at(rest, answer_ends));
            let Some((answer, length)) = field else { break };
            let end = at + length;
            let Some(says) = self.scanner.answers_to(expected as usize).settled(answer) else { break };
            let (kind, next) = match bytes.get(end + 1) {
                _ if !has_evidence => (Kind::Bare, end + 1),
                Some(b'\n') => (Kind::Bare, end + 2),
                _ => match self.evidence(end + 1) {
                    Some(found) => found,
                    None => break,
                },
            };
            if self.quote < end || !self.put_code(begins, expected, says, kind) {
                break;
            }
            parameter = expected;
            taken += 1;
            self.at = next;
            self.pass_quotes();
        }
        self.last_parameter = Some(parameter);
        self.close_codes(self.at);
        taken
    }

    /// Adds the answer of a row to the codes of its subject; says no when it is to be a cell.
    fn gather(&mut self, name: u32, parameter: u32, answer: u32, kind: Kind, start: usize) -> bool {
        let Ok(answer) = u16::try_from(answer) else { return false };
        let begins = self.open_codes(name, start);
        let is_put = self.put_code(begins, parameter, answer, kind);
        if is_put {
            self.close_codes(self.at);
        }
        is_put
    }

    /// Puts the code of an answer among those of its subject, which begin where `open_codes` says; says no when
    /// there is one.
    #[inline]
    fn put_code(&mut self, (first, words): (usize, usize), parameter: u32, answer: u16, kind: Kind) -> bool {
        let code = &mut self.out.codes[first + parameter as usize];
        let is_free = *code == 0;
        if is_free {
            *code = answer;
            if kind == Kind::Evident && answer != 0 {
                self.out.evidence[words + parameter as usize / 64] |= 1 << (parameter % 64);
            }
        }
        is_free
    }

    /// Where the codes about a subject begin, and their words of evidence: those of the last run, if it is of codes
    /// about the same, else of a new one.
    fn open_codes(&mut self, name: u32, start: usize) -> (usize, usize) {
        if !matches!(self.out.runs.last(), Some(Run::Codes { whom, .. }) if *whom == Whom::Name(name)) {
            self.begin_codes(Whom::Name(name), start);
        }
        let parameters = self.scanner.answered_by.len();
        (self.out.codes.len() - parameters, self.out.evidence.len() - parameters.div_ceil(64))
    }

    /// Begins a run of codes, which say nothing yet.
    fn begin_codes(&mut self, whom: Whom, start: usize) {
        let parameters = self.scanner.answered_by.len();
        self.out.codes.resize(self.out.codes.len() + parameters, 0);
        self.out.evidence.resize(self.out.evidence.len() + parameters.div_ceil(64), 0);
        self.out.runs.push(Run::Codes { whom, start: start as u32, end: start as u32, cells: 0 });
    }

    /// Notes where the rows end whose codes were put into the last run.
    fn close_codes(&mut self, at: usize) {
        if let Some(Run::Codes { end, .. }) = self.out.runs.last_mut() {
            *end = at as u32;
        }
    }

    /// Takes a row with a parameter in each column but the first; says no, and takes nothing, when it is not a
    /// regular one.
    fn wide_row(&mut self) -> bool {
        let (start, runs, cells) = (self.at, self.out.runs.len(), self.out.cells.len());
        let (codes, words) = (self.out.codes.len(), self.out.evidence.len());
        let name = self.field_end(start);
        if name == start || self.text.as_bytes().get(name) != Some(&self.delimiter) {
            return false;
        }
        self.begin_codes(Whom::Id, start);
        let Some(end) = self.values(name + 1, start, codes).filter(|end| *end <= self.quote) else {
            self.out.runs.truncate(runs);
            self.out.cells.truncate(cells);
            self.out.codes.truncate(codes);
            self.out.evidence.truncate(words);
            return false;
        };
        self.out.ids.push(cleaned(self.cell(start..name)).into());
        if let Some(Run::Codes { end: at, cells: open, .. }) = self.out.runs.last_mut() {
            *at = end as u32;
            *open = (self.out.cells.len() - cells) as u32;
        }
        self.at = end;
        self.pass_quotes();
        true
    }

    /// Puts the answers of a row into the codes from `first` on, or into cells, and tells where the next row begins;
    /// none when the row has more or fewer fields than the header, or none that says anything.
    fn values(&mut self, mut at: usize, start: usize, first: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let (count, mut column, mut says_any) = (self.scanner.columns.len(), 0, false);
        loop {
            let Scanner { columns, row, .. } = &mut *self.scanner;
            let codes = if row.is_empty() { &mut self.out.codes[first..] } else { row.as_mut_slice() };
            let taken =
                settled_values(&bytes[at..], &columns[column..], &mut codes[column..], self.delimiter);
            let fields = column..column + taken.fields;
            for (column, code) in columns[fields.clone()].iter().zip(row.iter_mut().skip(column)) {
                self.out.codes[first + column.parameter as usize] = std::mem::take(code);
            }
            at += taken.bytes;
            column = fields.end;
            // Each field has one byte more than its text.
            says_any |= taken.bytes > taken.fields;
            if taken.ends_row {
                return (column == count && says_any).then_some(at);
            }
            let parameter = self.scanner.columns.get(column)?.parameter;
            column += 1;
            let (is_last, stop) = (column == count, self.field_end(at));
            if *bytes.get(stop)? != if is_last { b'\n' } else { self.delimiter } {
                return None;
            }
            let end = stop - usize::from(is_last && stop > at && bytes[stop - 1] == b'\r');
            says_any |= self.value(parameter, at..end, start);
            at = stop + 1;
            if is_last {
                return says_any.then_some(at);
            }
        }
    }

    /// Puts an answer into a cell; tells whether there is one.
    fn value(&mut self, parameter: u32, field: Range<usize>, start: usize) -> bool {
        let says_any = !field.is_empty();
        if says_any {
            let answer = self.answer(parameter, field);
            self.out.cells.push(Cell { parameter, answer, start: start as u32, kind: Kind::Bare });
        }
        says_any
    }

    /// The name that a row begins with, and where it goes on.
    fn next_name(&mut self, start: usize) -> Option<(u32, usize)> {
        let bytes = self.text.as_bytes();
        if let Some((name, end)) = self.scanner.names[self.side].at(bytes, start, self.delimiter)
            && end <= self.quote
        {
            self.expect(start..end, name);
            return Some((name, end + 1));
        }
        let end = self.field_end(start);
        if end == start || bytes.get(end) != Some(&self.delimiter) || end > self.quote {
            return None;
        }
        Some((self.name_in(start..end), end + 1))
    }

    /// What is said of a name.
    fn name_in(&mut self, field: Range<usize>) -> u32 {
        let bytes = self.text.as_bytes();
        let name = self.scanner.names[self.side].look_up(bytes, field.clone());
        self.expect(field, name);
        name
    }

    /// Expects a name in the next row, where many rows in turn are about the same subject.
    fn expect(&mut self, field: Range<usize>, name: u32) {
        if self.scanner.is_sorted {
            self.last.set(&[&self.text.as_bytes()[field], &[self.delimiter]]);
            self.last_name = Some(name);
        }
    }

    /// The parameter whose id stands here, and where the row goes on.
    #[inline]
    fn next_parameter(&mut self, at: usize) -> Option<(u32, usize)> {
        let bytes = self.text.as_bytes();
        let expected = self.expected();
        if let Some(next) = self.scanner.expected.get(expected as usize)?.passes(bytes, at) {
            return Some((expected, next));
        }
        let known = bytes
            .get(at..)
            .and_then(|rest| Short::at(rest, self.delimiters))
            .and_then(|(id, length)| Some((self.scanner.ids.settled(id)?, at + length)));
        let (parameter, end) = match known {
            Some((parameter, end)) => (u32::from(parameter), end),
            None => {
                let end = self.field_end(at);
                if bytes.get(end) != Some(&self.delimiter) || end > self.quote {
                    return None;
                }
                (self.scanner.parameter(self.text, at..end)?, end)
            }
        };
        if let Some(last) = self.last_parameter {
            self.scanner.after[last as usize] = parameter;
        }
        Some((parameter, end + 1))
    }

    /// Exports list a service's parameters in one order: the one that followed last time is the likely one.
    fn expected(&self) -> u32 {
        self.last_parameter.map_or(0, |last| self.scanner.after[last as usize])
    }

    /// Whether there is evidence in the field that ends a row, and where the next row begins; none when
    /// that is not plain to see.
    fn evidence(&self, start: usize) -> Option<(Kind, usize)> {
        let bytes = self.text.as_bytes();
        if self.quote == start {
            return self.quoted_evidence(start);
        }
        let (mut at, mut has_slash) = (start, false);
        let end = loop {
            let chunk = chunk(bytes, at)?;
            match Window::find(chunk, [self.delimiters, LINE_ENDS, every(b'/')]) {
                Window::SIZE => at += Window::SIZE,
                stop => match chunk[stop] {
                    b'\n' => break at + stop,
                    b'/' => {
                        has_slash = true;
                        at += stop + 1;
                    }
                    _ => return None,
                },
            }
        };
        let field = &bytes[start..end - usize::from(end > start && bytes[end - 1] == b'\r')];
        self.kind(field, has_slash).filter(|_| end < self.quote).map(|kind| (kind, end + 1))
    }

    /// The same of evidence in quotes, which may hold delimiters and line feeds.
    fn quoted_evidence(&self, start: usize) -> Option<(Kind, usize)> {
        let bytes = self.text.as_bytes();
        let close = closing(bytes, start + 1)?;
        let field = &bytes[start + 1..close];
        let next = bytes_after(bytes, close + 1);
        let ends_row = next > close + 1 && bytes[next - 1] == b'\n';
        let kind = self.kind(field, field.contains(&b'/')).filter(|_| ends_row);
        kind.map(|kind| (kind, next))
    }

    /// Whether a field of evidence holds any; none when more is to be known of it.
    fn kind(&self, field: &[u8], has_slash: bool) -> Option<Kind> {
        let Some(first) = field.first() else { return Some(Kind::Bare) };
        let is_plain = first.is_ascii_graphic() && !matches!(first, b'\'' | b'"');
        (is_plain && !(has_slash && memchr::memmem::find(field, b"evidence/").is_some()))
            .then_some(Kind::Evident)
    }

    /// Adds a cell of a row of its own.
    #[inline]
    fn push(&mut self, name: u32, cell: Cell) {
        let goes_on = self.last_parameter < Some(cell.parameter);
        match self.out.runs.last_mut() {
            Some(Run::Rows { name: same, cells }) if *same == name && goes_on => *cells += 1,
            _ => self.out.runs.push(Run::Rows { name, cells: 1 }),
        }
        self.last_parameter = Some(cell.parameter);
        self.out.cells.push(cell);
    }

    /// Looks for the next quote, once the last one is behind.
    fn pass_quotes(&mut self) {
        if self.quote < self.at {
            self.quote = next_quote(self.text, self.at);
        }
    }

    /// Takes a row; says no when it is for the general reader.
    fn row(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let (start, before) = (self.at, self.out.cells.len());
        if matches!(bytes[start], b'\n' | b'\r') {
            self.at += 1;
            return true;
        }
        let mut row = Row { name: self.name, ..Row::default() };
        let sheet = self.sheet;
        for role in sheet.roles() {
            let end = self.field_end(self.at);
            let is_last = end == bytes.len() || bytes[end] == b'\n';
            let stop = if is_last && end > self.at && bytes[end - 1] == b'\r' { end - 1 } else { end };
            let field = self.at..stop;
            self.at = end + 1;
            if !self.take(*role, field, &mut row, start) {
                return false;
            }
            if is_last {
                self.at = self.at.min(bytes.len());
                return self.finish(&row, start, before);
            }
        }
        // More fields than the header has.
        false
    }

    /// Takes a field; says no when the row is for the general reader.
    fn take(&mut self, role: Role, field: Range<usize>, row: &mut Row, start: usize) -> bool {
        match role {
            Role::Service => row.name = Some(self.name_in(field)),
            Role::Parameter => row.parameter = self.scanner.parameter(self.text, field),
            Role::Answer => row.answer = Some(field),
            Role::Evidence => row.evidence = field,
            Role::Evaluator => return field.is_empty() || self.cell(field).is_empty(),
            Role::Value(parameter) => match row.name {
                Some(_) => {
                    self.value(parameter, field, start);
                }
                None => return false,
            },
            Role::Other => {}
        }
        true
    }

    /// Where the field ends that begins at a byte: at a delimiter, a line feed or the end of the text.
    #[inline]
    fn field_end(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(chunk) = chunk(bytes, at) {
            let found = Window::find(chunk, [self.delimiters, LINE_ENDS]);
            if found < Window::SIZE {
                return at + found;
            }
            at += Window::SIZE;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        memchr::memchr2(self.delimiter, b'\n', rest).map_or(bytes.len(), |end| at + end)
    }

    fn cell(&self, field: Range<usize>) -> &str {
        unguarded(self.text[field].trim())
    }

    /// What is said of an answer.
    fn answer(&mut self, parameter: u32, field: Range<usize>) -> u32 {
        let bytes = self.text.as_bytes();
        let vocabulary = self.scanner.answers_to(parameter as usize);
        let settled = Short::cut(bytes, field.start, field.len()).and_then(|text| vocabulary.settled(text));
        settled.map_or_else(|| vocabulary.look_up(bytes, field), u32::from)
    }

    fn finish(&mut self, row: &Row, start: usize, before: usize) -> bool {
        let Some(name) = row.name else { return false };
        let layout = self.sheet.layout();
        if self.at > self.quote {
            return false;
        }
        if layout == Layout::Wide {
            let cells = self.out.cells.len() - before;
            if cells > 0 {
                self.out.runs.push(Run::Row { name, cells: cells as u32 });
            }
            return cells > 0 || self.is_met(name);
        }
        let Some(parameter) = row.parameter else { return false };
        if row.answer.is_none() && self.sheet.has_answer_column() {
            return false;
        }
        let answer = row.answer.clone().unwrap_or_default();
        let evidence = if row.evidence.is_empty() { "" } else { self.cell(row.evidence.clone()) };
        let kind = match (layout, evidence.is_empty()) {
            (Layout::Evidence, true) => return self.is_met(name),
            (Layout::Evidence, false) => Kind::Evidence,
            (_, _) if answer.is_empty() => return self.is_met(name),
            (_, true) => Kind::Bare,
            (_, false) => Kind::Evident,
        };
        if evidence.contains('/') && evidence.contains("evidence/") {
            return false;
        }
        let answer = self.answer(parameter, answer);
        self.push(name, Cell { parameter, answer, start: start as u32, kind });
        true
    }

    /// Whether a row that says nothing of its subject can be passed over; if not, the general reader is to
    /// meet the subject.
    fn is_met(&mut self, name: u32) -> bool {
        let is_last = || match self.out.runs.last() {
            Some(Run::Rows { name: last, .. } | Run::Row { name: last, .. }) => *last == name,
            Some(Run::Codes { whom, .. }) => *whom == Whom::Name(name),
            Some(Run::General { .. }) | None => false,
        };
        Lexicon::open(name).is_none() || is_last() || self.met.replace(name) == Some(name)
    }
}

/// How much of a row was taken.
struct Taken {
    fields: usize,
    bytes: usize,
    /// Whether the last field that was taken ends the row.
    ends_row: bool,
}

/// Puts the codes of fields in turn, each with what ends it, as long as they are blank, or short and settled. It is
/// kept apart, so that what it works with stays in registers.
#[inline(never)]
fn settled_values(text: &[u8], columns: &[Column], codes: &mut [u16], delimiter: u8) -> Taken {
    let line_end = memchr::memchr(b'\n', text).unwrap_or(usize::MAX);
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let mut blocks = blocks.iter().zip((0..).step_by(BLOCK));
    // The ends of fields in a block, where it begins, and whether the row ends in it.
    let (mut ends, mut begin, mut is_last) = (0, 0, false);
    // Apart from what is told in the end, so that each stays in a register.
    let (mut fields, mut bytes) = (0, 0);
    'row: for (column, place) in columns.iter().zip(codes) {
        while ends == 0 {
            let Some((block, next)) = blocks.next().filter(|_| !is_last) else { break 'row };
            (ends, begin, is_last) = (hits(block, delimiter), next, line_end < next + BLOCK);
            if is_last {
                let last = 1 << (line_end - begin);
                ends = ends & (last - 1) | last;
            }
        }
        let end = begin + ends.trailing_zeros() as usize;
        let length = end - bytes;
        if length > 0 {
            let Some(field) = Short::cut(text, bytes, length) else { break };
            let Some(code) = column.settled.settled(field) else { break };
            *place = code;
        }
        ends &= ends - 1;
        fields += 1;
        bytes = end + 1;
    }
    Taken { fields, bytes, ends_row: bytes.checked_sub(1) == Some(line_end) }
}

/// The parts of a row that were met so far.
#[derive(Default)]
struct Row {
    name: Option<u32>,
    parameter: Option<u32>,
    answer: Option<Range<usize>>,
    evidence: Range<usize>,
}

/// Where the next row begins after a field that ends at a byte: behind one line end.
fn bytes_after(bytes: &[u8], end: usize) -> usize {
    let returns = usize::from(bytes.get(end) == Some(&b'\r'));
    end + returns + usize::from(bytes.get(end + returns) == Some(&b'\n'))
}
