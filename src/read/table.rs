//! Tables as spreadsheets write them: delimiters, byte order marks, encodings, and the place of every
//! cell.

use std::cell::Cell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::source::Place;
use crate::text::fold;

/// A table with a header, or a part of one, and its text for the places of faults.
#[derive(Debug)]
pub struct Table {
    path: Arc<str>,
    shape: Arc<Shape>,
    text: String,
    body: Range<usize>,
    /// Lines of the file above the text.
    above: usize,
    /// Whether the file ends with this text.
    is_last: bool,
    ends: LineEnds,
}

/// Where the lines of a text end, found once: a file of many faults asks for many places.
type LineEnds = OnceLock<Vec<usize>>;

/// What all parts of a table have in common, and other files that begin alike.
#[derive(Debug)]
struct Shape {
    delimiter: u8,
    header: Vec<String>,
    /// The text down to the rows, and where in it the header begins.
    head: String,
    header_start: usize,
    header_ends: LineEnds,
    sheet: Option<SheetRows>,
}

/// Which rows of a workbook's sheet a table's records are.
#[derive(Debug)]
struct SheetRows {
    name: String,
    /// Where each record begins in the text, and its row in the sheet, from 1.
    starts: Vec<(usize, usize)>,
}

/// A row of a table that is not blank.
#[derive(Debug, Default)]
pub struct Record {
    /// The bytes of all fields, without what quotes and doubles them, and room for more.
    bytes: Vec<u8>,
    /// Where each field ends there, and room for more.
    ends: Vec<usize>,
    /// How many fields there are.
    fields: usize,
    /// Where it begins in the text of its table.
    pub(super) start: usize,
    /// Whether it has more fields than the header, which was reported: its cells cannot be trusted.
    pub is_long: bool,
}

impl Record {
    /// A cell, without the white space around it and the apostrophe that guards a formula; blank
    /// where the row is short.
    pub fn get(&self, column: usize) -> &str {
        unguarded(std::str::from_utf8(self.field(column)).unwrap_or("").trim())
    }

    /// The bytes of a field; none where the row is short.
    fn field(&self, column: usize) -> &[u8] {
        let ends = &self.ends[..self.fields];
        let Some(end) = ends.get(column) else { return &[] };
        let begin = column.checked_sub(1).map_or(0, |before| ends[before]);
        &self.bytes[begin..*end]
    }

    /// Whether the row has no such column, be it blank.
    pub fn ends_before(&self, column: usize) -> bool {
        self.fields <= column
    }

    /// The cell of a column that may not be there.
    pub fn optional(&self, column: Option<usize>) -> &str {
        column.map(|column| self.get(column)).unwrap_or("")
    }
}

/// Splits rows into fields: the tables by which it does so take longer to build than a small file to read,
/// so that a thread keeps them.
struct Splitter {
    reader: Reader,
    delimiter: u8,
    record: Record,
}

thread_local! {
    static SPLITTER: Cell<Option<Box<Splitter>>> = const { Cell::new(None) };
}

impl Splitter {
    /// The thread's own where it knows the delimiter, ready for the beginning of a row.
    fn take(delimiter: u8) -> Box<Self> {
        match SPLITTER.take().filter(|kept| kept.delimiter == delimiter) {
            Some(mut kept) => {
                kept.reader.reset();
                kept
            }
            None => {
                let reader = ReaderBuilder::new().delimiter(delimiter).build();
                Box::new(Self { reader, delimiter, record: Record::default() })
            }
        }
    }

    /// Gives it back to the thread, but for the memory of a giant row.
    fn keep(mut self: Box<Self>) {
        const KEPT: usize = 1 << 16;
        if self.record.bytes.len() > KEPT || self.record.ends.len() > KEPT {
            self.record = Record::default();
        }
        SPLITTER.set(Some(self));
    }

    /// Splits the next row of these bytes; gives how many it took, and none when there are no more rows.
    fn next(&mut self, bytes: &[u8]) -> Option<usize> {
        let record = &mut self.record;
        let (mut taken, mut written, mut ended) = (0, 0, 0);
        loop {
            let (result, input, output, ends) = self.reader.read_record(
                &bytes[taken..],
                &mut record.bytes[written..],
                &mut record.ends[ended..],
            );
            taken += input;
            written += output;
            ended += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => record.bytes.resize((written * 2).max(256), 0),
                ReadRecordResult::OutputEndsFull => record.ends.resize((ended * 2).max(16), 0),
                ReadRecordResult::Record => {
                    record.fields = ended;
                    return Some(taken);
                }
                ReadRecordResult::End => return None,
            }
        }
    }
}

/// Drops the one apostrophe before `= + - @` that keeps a spreadsheet from taking a text for a formula.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

/// Bytes as text: UTF-8, UTF-16 with a byte order mark, or the named encoding.
pub fn decode(
    path: &str,
    bytes: Vec<u8>,
    encoding: Option<&'static Encoding>,
) -> Result<String, Box<Diagnostic>> {
    let marked = Encoding::for_bom(&bytes);
    let (encoding, skipped) = match (marked, encoding) {
        (Some((marked, length)), _) => (marked, length),
        (None, Some(named)) => (named, 0),
        (None, None) => (UTF_8, 0),
    };
    if encoding == UTF_8 {
        let bytes = if skipped > 0 { bytes[skipped..].to_vec() } else { bytes };
        return String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Box::new(not_text(path, error.as_bytes(), at))
        });
    }
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes[skipped..]) {
        Some(text) => Ok(text.into_owned()),
        None => {
            let message = format!("the file is not {} text", encoding.name());
            Err(Box::new(Diagnostic::new(Code::UnreadableText, message, Place::file(path))))
        }
    }
}

fn not_text(path: &str, bytes: &[u8], at: usize) -> Diagnostic {
    let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
    let begin = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
    let before = String::from_utf8_lossy(&bytes[begin..at]).into_owned();
    let place = Place {
        column: before.chars().count() + 1,
        ..Place::in_line(path.into(), line, &before, at - begin..at - begin)
    };
    let help = match looks_like(bytes) {
        Some(encoding) => format!(
            "it looks like {}: save it as UTF-8, or pass `--encoding {}`",
            encoding.name(),
            encoding.name().to_ascii_lowercase()
        ),
        None => "save it as UTF-8 (in a spreadsheet: CSV UTF-8)".to_owned(),
    };
    Diagnostic::new(Code::UnreadableText, "the file is not UTF-8 text", place).help(help)
}

/// What bytes that are no UTF-8 look like: half of them zero, Cyrillic letters, or Turkish ones.
fn looks_like(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(65_536)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 4;
    if zeros(1) > sample.len() {
        return Some(UTF_16LE);
    }
    if zeros(0) > sample.len() {
        return Some(UTF_16BE);
    }
    if sample.contains(&0) {
        return None;
    }
    let high: Vec<u8> = sample.iter().copied().filter(|byte| *byte >= 0xc0).collect();
    let turkish =
        high.iter().filter(|byte| b"\xc7\xd0\xd6\xdc\xdd\xde\xe7\xf0\xf6\xfc\xfd\xfe".contains(byte)).count();
    match high.len() {
        0 => None,
        all if turkish * 2 > all => Some(encoding_rs::WINDOWS_1254),
        _ => Some(encoding_rs::WINDOWS_1251),
    }
}

/// The delimiter of a file that begins with these bytes.
pub(super) fn delimiter_of(bytes: &[u8]) -> u8 {
    dialect(&String::from_utf8_lossy(&bytes[..bytes.len().min(65_536)])).1
}

/// Where the first row of a table begins, and the delimiter, which is told from it.
fn dialect(text: &str) -> (usize, u8) {
    let mut start = text.len() - text.trim_start_matches(['\r', '\n', '\u{feff}']).len();
    let first = &text.as_bytes()[start..];
    let declared = first.get(..5).filter(|line| line[..4].eq_ignore_ascii_case(b"sep=")).map(|line| line[4]);
    if declared.is_some() {
        start += text[start..].find('\n').map_or(text.len() - start, |end| end + 1);
    }
    let line = text[start..].lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    (start, declared.unwrap_or_else(|| delimiter(line)))
}

impl Table {
    /// A table from a file's bytes; its delimiter is told from the header.
    ///
    /// # Errors
    /// The finding that keeps it from being a table.
    pub fn read(
        path: &str,
        bytes: Vec<u8>,
        encoding: Option<&'static Encoding>,
    ) -> Result<Self, Box<Diagnostic>> {
        Self::head(path, decode(path, bytes, encoding)?, true)
    }

    /// The first part of a table, with its header.
    ///
    /// # Errors
    /// There is no header.
    pub(super) fn head(path: &str, text: String, is_last: bool) -> Result<Self, Box<Diagnostic>> {
        let (start, delimiter) = dialect(&text);
        let line = text[start..].lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        // A header holds names; a long one is no table, and each of its columns would ask for a place.
        const HEADER: usize = 1_000_000;
        if line.len() > HEADER {
            let finding =
                Diagnostic::new(Code::LimitExceeded, "the header is no row of names", Place::file(path));
            return Err(Box::new(finding.help("is this a table? a header has up to 1 MB")));
        }
        let shape = Shape {
            delimiter,
            header: Vec::new(),
            head: String::new(),
            header_start: 0,
            header_ends: LineEnds::new(),
            sheet: None,
        };
        let mut table = Self {
            path: path.into(),
            shape: Arc::new(shape),
            body: start..text.len(),
            text,
            above: 0,
            is_last,
            ends: LineEnds::new(),
        };
        let mut header = None;
        let mut silent = Findings::default();
        let end = table.scan(table.body.clone(), &mut silent, |record, _| {
            let names: Vec<String> = (0..record.fields).map(|column| record.get(column).to_owned()).collect();
            header = Some((names, record.start));
            false
        });
        let Some((header, start)) = header else {
            return Err(Box::new(
                Diagnostic::new(Code::EmptyFile, "the file is empty", Place::file(path))
                    .help("its first row names the columns"),
            ));
        };
        table.body = end..table.text.len();
        table.shape = Arc::new(Shape {
            delimiter,
            header,
            head: table.text[..end].to_owned(),
            header_start: start,
            header_ends: LineEnds::new(),
            sheet: None,
        });
        Ok(table)
    }

    /// Another whole file, where it begins as this one does.
    ///
    /// # Errors
    /// It begins otherwise; its text is given back.
    pub(super) fn like(&self, path: &str, text: String) -> Result<Self, String> {
        let Shape { head, header_start, .. } = &*self.shape;
        let header = &head[*header_start..];
        // What tells the delimiter is in the header then: a line that is not blank, or the first bytes.
        let decides = header.ends_with('\n') && header.len() > "sep=,".len() && !header.trim().is_empty();
        if !decides || !text.starts_with(head) {
            return Err(text);
        }
        Ok(Self { path: path.into(), body: head.len()..text.len(), ..self.part(text, 0, true) })
    }

    /// A table from rows of a workbook's sheet, each with its number from 1, the header first.
    pub fn of_sheet(path: &str, sheet: &str, rows: impl IntoIterator<Item = (usize, Vec<String>)>) -> Self {
        let mut text = String::new();
        let mut starts = Vec::new();
        let mut header = None;
        let mut body = 0;
        for (number, row) in rows {
            starts.push((text.len(), number));
            let quoted: Vec<String> =
                row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text.push_str(&quoted.join(","));
            text.push('\n');
            if header.is_none() {
                header = Some(row.iter().map(|cell| unguarded(cell.trim()).to_owned()).collect());
                body = text.len();
            }
        }
        let shape = Shape {
            delimiter: b',',
            header: header.unwrap_or_default(),
            head: text[..body].to_owned(),
            header_start: 0,
            header_ends: LineEnds::new(),
            sheet: Some(SheetRows { name: sheet.to_owned(), starts }),
        };
        Self {
            path: path.into(),
            shape: Arc::new(shape),
            body: body..text.len(),
            text,
            above: 0,
            is_last: true,
            ends: LineEnds::new(),
        }
    }

    /// A later part of the same table, below so many lines of the file.
    pub(super) fn part(&self, text: String, above: usize, is_last: bool) -> Self {
        Self {
            path: self.path.clone(),
            shape: self.shape.clone(),
            body: 0..text.len(),
            text,
            above,
            is_last,
            ends: LineEnds::new(),
        }
    }

    /// The same table without any row.
    pub(super) fn nothing(&self) -> Self {
        self.part(String::new(), 0, false)
    }

    /// The file, as the user would name it.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The column names, as they stand.
    pub fn header(&self) -> &[String] {
        &self.shape.header
    }

    /// The byte between fields.
    pub(super) fn delimiter(&self) -> u8 {
        self.shape.delimiter
    }

    /// The text of this part, and where in it rows begin and end.
    pub(super) fn text(&self) -> (&str, Range<usize>) {
        (&self.text, self.body.clone())
    }

    /// Gives the text back, so that its memory serves another part.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The place of a column's name.
    pub fn header_place(&self, column: usize) -> Place {
        let shape = &self.shape;
        let (above, header) = shape.head.split_at(shape.header_start);
        let above = memchr::memchr_iter(b'\n', above.as_bytes()).count();
        place_of(&self.path, shape, (header, &shape.header_ends), above, 0, column)
    }

    /// The place of a cell.
    pub fn place(&self, record: &Record, column: usize) -> Place {
        self.place_at(record.start, column)
    }

    /// The place of a cell of the record that begins at a byte.
    pub(super) fn place_at(&self, start: usize, column: usize) -> Place {
        place_of(&self.path, &self.shape, (&self.text, &self.ends), self.above, start, column)
    }

    /// The bytes of a field of the record that begins at `start`.
    fn field(&self, start: usize, column: usize) -> Range<usize> {
        field(self.text.as_bytes(), self.shape.delimiter, start, column)
    }

    /// Where the row after the one at a byte begins.
    pub(super) fn end_of(&self, start: usize) -> usize {
        self.scan(start..self.body.end, &mut Findings::default(), |_, _| false)
    }

    /// Notes whether a row is too long.
    fn measure(&self, record: &mut Record, findings: &mut Findings) {
        let expected = self.header().len();
        record.is_long = record.fields > expected;
        if record.is_long {
            let finding = Diagnostic::new(
                Code::LongRow,
                format!("this row has {} fields, the header {expected}", record.fields),
                self.place(record, expected),
            );
            findings
                .push(finding.help("quote a field that holds the delimiter, or take the extra fields out"));
        }
    }

    /// Every row below the header that is not blank, one that is too long included.
    pub fn rows(&self, findings: &mut Findings, row: impl FnMut(&Record, &mut Findings)) {
        self.rows_of(self.body.clone(), findings, row);
    }

    /// The same of whole rows that are a part of the text.
    pub(super) fn rows_of(
        &self,
        part: Range<usize>,
        findings: &mut Findings,
        mut row: impl FnMut(&Record, &mut Findings),
    ) {
        self.scan(part, findings, |record, findings| {
            self.measure(record, findings);
            row(record, findings);
            true
        });
    }

    /// The row that begins at a byte, unless it is blank.
    pub(super) fn row_at(
        &self,
        start: usize,
        findings: &mut Findings,
        mut row: impl FnMut(&Record, &mut Findings),
    ) {
        self.scan(start..self.body.end, findings, |record, findings| {
            self.measure(record, findings);
            row(record, findings);
            false
        });
    }

    /// Calls `row` for each row of a part of the text until it says no; gives where it ended.
    fn scan(
        &self,
        part: Range<usize>,
        findings: &mut Findings,
        mut row: impl FnMut(&mut Record, &mut Findings) -> bool,
    ) -> usize {
        let bytes = &self.text.as_bytes()[..part.end];
        let mut splitter = Splitter::take(self.shape.delimiter);
        let mut end = part.start;
        while let Some(taken) = splitter.next(&bytes[end..]) {
            let begin = end;
            end += taken;
            let blanks = bytes[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let record = &mut splitter.record;
            record.start = begin + blanks;
            record.is_long = false;
            self.check_quotes(record.start..end, record.fields, findings);
            let blank = (0..record.fields).all(|column| record.field(column).trim_ascii().is_empty());
            if !blank && !row(record, findings) {
                splitter.keep();
                return end;
            }
        }
        splitter.keep();
        part.end
    }

    /// A quote that is never closed swallows the rest of the file.
    fn check_quotes(&self, record: Range<usize>, fields: usize, findings: &mut Findings) {
        let text = &self.text[record.clone()];
        let is_last = self.is_last && record.end >= self.text.len();
        if !is_last || !text.contains('"') {
            return;
        }
        for column in 0..fields {
            let span = self.field(record.start, column);
            let raw = &self.text[span];
            if raw.starts_with('"') && raw.matches('"').count() % 2 == 1 {
                let place = self.place_at(record.start, column);
                let finding = Diagnostic::new(Code::UnclosedQuote, "this quote is never closed", place);
                findings.push(finding.help("close it, or double a quote that is part of the text"));
                return;
            }
        }
    }
}

/// The place of a field of the record that begins at `start` of a text below so many lines.
fn place_of(
    path: &Arc<str>,
    shape: &Shape,
    (text, ends): (&str, &LineEnds),
    above: usize,
    start: usize,
    column: usize,
) -> Place {
    if let Some(sheet) = &shape.sheet {
        let next = sheet.starts.partition_point(|(begin, _)| *begin <= start);
        let row = sheet.starts.get(next.saturating_sub(1)).map_or(0, |(_, row)| *row);
        return Place::cell(path.clone(), &sheet.name, row, column);
    }
    let bytes = text.as_bytes();
    let span = field(bytes, shape.delimiter, start, column);
    let ends = ends.get_or_init(|| memchr::memchr_iter(b'\n', bytes).collect());
    let line = ends.partition_point(|end| *end < span.start);
    let begin = line.checked_sub(1).map_or(0, |before| ends[before] + 1);
    let end = ends.get(line).copied().unwrap_or(bytes.len());
    let shown = text[begin..end].trim_end_matches('\r');
    Place::in_line(path.clone(), above + line + 1, shown, span.start - begin..span.end.min(end) - begin)
}

/// The bytes of a field of the record that begins at `start`.
fn field(bytes: &[u8], delimiter: u8, start: usize, column: usize) -> Range<usize> {
    let mut begin = start;
    let mut at = start;
    let mut quoted = bytes.get(at) == Some(&b'"');
    let mut current = 0;
    if quoted {
        at += 1;
    }
    while let Some(&byte) = bytes.get(at) {
        if quoted {
            quoted = byte != b'"';
        } else if byte == delimiter {
            if current == column {
                break;
            }
            current += 1;
            begin = at + 1;
            quoted = bytes.get(begin) == Some(&b'"');
            at += usize::from(quoted);
        } else if byte == b'\n' || byte == b'\r' {
            break;
        } else if byte == b'"' {
            // A doubled quote inside a quoted field opens it again.
            quoted = bytes.get(begin) == Some(&b'"');
        }
        at += 1;
    }
    begin..at
}

/// The delimiter that a header line uses most: comma, semicolon or tab.
fn delimiter(line: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == *delimiter);
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Columns that a kind of file reads, by their names and what else they are called.
pub type Names = &'static [(&'static str, &'static [&'static str])];

/// Which column of a table has which name.
#[derive(Debug)]
pub struct Columns {
    found: Vec<(String, usize)>,
}

impl Columns {
    /// The columns with known names; `other` gives the rest the name by which they are told apart.
    pub fn read(
        table: &Table,
        names: Names,
        findings: &mut Findings,
        mut other: impl FnMut(usize, &str, &mut Findings) -> String,
    ) -> Self {
        let mut found: Vec<(String, usize)> = Vec::new();
        for (column, title) in table.header().iter().enumerate() {
            let folded = fold(title);
            let known = names
                .iter()
                .find(|(name, also)| *name == folded || also.iter().any(|also| fold(also) == folded));
            let key = match known {
                Some((name, _)) => (*name).to_owned(),
                None if folded.is_empty() => continue,
                None => other(column, title, findings),
            };
            if let Some((_, first)) = found.iter().find(|(name, _)| *name == key) {
                let message = format!("the column `{title}` stands twice");
                let finding = Diagnostic::new(Code::DuplicateColumn, message, table.header_place(column))
                    .related(table.header_place(*first), "first here")
                    .help("keep one of the two");
                findings.push(finding);
                continue;
            }
            found.push((key, column));
        }
        Self { found }
    }

    /// The column of a name.
    pub fn get(&self, name: &str) -> Option<usize> {
        self.found.iter().find(|(known, _)| known == name).map(|(_, column)| *column)
    }
}

/// Says that a column is not read; it does no harm.
pub fn unknown_column(table: &Table, column: usize, title: &str, findings: &mut Findings) {
    let message = format!("the column `{title}` is not read");
    let finding = Diagnostic::new(Code::UnknownColumn, message, table.header_place(column));
    findings.push(finding.help("rename it if it should be read; else it does no harm"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = Table::read("a.csv", bytes.to_vec(), None).expect("a table");
        let mut findings = Findings::default();
        let mut rows = vec![table.header().to_vec()];
        table.rows(&mut findings, |record, _| {
            rows.push((0..table.header().len()).map(|column| record.get(column).to_owned()).collect());
        });
        assert!(findings.sorted().is_empty());
        rows
    }

    #[test]
    fn every_dialect_of_the_region_gives_the_same_cells() {
        let expected = [["parameter", "answer"], ["P1", "bəli"], ["P2", "a\"b"]];
        let plain = "parameter,answer\nP1,bəli\nP2,\"a\"\"b\"\n";
        let semicolons = "\u{feff}sep=;\r\n\r\nparameter;answer\r\n;;\r\nP1;bəli\r\n\r\nP2;a\"b";
        let utf16: Vec<u8> = "\u{feff}parameter\tanswer\nP1\tbəli\nP2\ta\"b\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [plain.as_bytes(), semicolons.replace(";;\r\n", ";\r\n").as_bytes(), &utf16] {
            assert_eq!(cells(bytes), expected);
        }
    }

    #[test]
    fn a_cell_has_the_line_and_column_where_it_stands() {
        let text = "parameter;answer\r\n\r\nP1;\"two\r\nlines\"\r\nP2;şərh;x\r\n";
        let table = Table::read("a.csv", text.into(), None).expect("a table");
        let mut findings = Findings::default();
        let mut places = Vec::new();
        table.rows(&mut findings, |record, _| places.push(table.place(record, 1)));
        let at = |place: &Place| (place.line, place.column);
        assert_eq!(places.iter().map(at).collect::<Vec<_>>(), [(3, 4), (5, 4)]);
        let long = findings.sorted();
        assert_eq!(long[0].code, Code::LongRow);
        assert_eq!(long[0].place.as_ref().map(at), Some((5, 9)));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_a_fault() {
        let table = Table::read("a.csv", "a,b\n1,\"x\n2,y\n".into(), None).expect("a table");
        let mut findings = Findings::default();
        table.rows(&mut findings, |_, _| {});
        let place = findings.sorted()[0].place.clone().expect("a place");
        assert_eq!((findings.sorted()[0].code, place.line, place.column), (Code::UnclosedQuote, 2, 3));
    }
}
