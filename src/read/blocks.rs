//! Big files of answers in parts: each ends with a row, and no more than a few are in memory at once.

use std::fs::File;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8};

use super::bounded::Bytes;
use super::round::Options;
use super::sheets::AnswerFile;
use super::table::{Table, decode, delimiter_of};
use crate::diagnostic::Diagnostic;
use crate::limit::{Limit, Limits};
use crate::source::Place;

/// Bytes that are read at once, and the size from which a file is read in parts: they stay in a processor's own
/// memory while they are looked at.
pub const BLOCK: usize = 1 << 17;

/// Bytes of the first part, from which parts grow to a block: whatever a thread meets for the first time takes long,
/// and is settled when its part is.
const FIRST: usize = BLOCK >> 5;

/// The rest of a file whose first part was read.
#[derive(Debug)]
pub struct Blocks {
    file: File,
    delimiter: u8,
    /// Bytes after the last whole row, and more while parts are small.
    rest: Vec<u8>,
    /// How many bytes the next part is to have, about.
    size: usize,
    above: usize,
    is_at_end: bool,
}

/// The first part of a file, or what keeps it from being a table.
pub type First = Result<Table, Box<Diagnostic>>;

/// Whole rows of a later part of a file, as bytes.
#[derive(Debug)]
pub struct Rows {
    bytes: Vec<u8>,
    above: usize,
    is_last: bool,
}

impl Rows {
    /// The rows as a part of their table.
    ///
    /// # Errors
    /// They are no text.
    pub fn table(self, table: &Table) -> Result<Table, std::string::FromUtf8Error> {
        String::from_utf8(self.bytes).map(|text| table.part(text, self.above, self.is_last))
    }
}

/// Reads the first part of a file, and what is needed to read the others; none when it is the only one.
/// Text that is no UTF-8 is read as a whole.
///
/// # Errors
/// The file cannot be read.
pub fn open(from: &AnswerFile, options: &Options) -> std::io::Result<(First, Option<Blocks>)> {
    let encoding = options.encoding;
    let (mut file, name) = (File::open(&from.path)?, from.name.as_str());
    let mut bytes = Vec::new();
    let read = file.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)?;
    let marked = Encoding::for_bom(&bytes).map(|(encoding, _)| encoding);
    let is_utf8 = marked.or(encoding).is_none_or(|encoding| encoding == UTF_8);
    if read < BLOCK || !is_utf8 {
        file.read_to_end(&mut bytes)?;
        return Ok((Table::read(name, bytes, encoding), None));
    }
    let delimiter = delimiter_of(&bytes);
    let mut blocks = Blocks { file, delimiter, rest: bytes, size: FIRST, above: 0, is_at_end: false };
    let bytes = blocks.cut(Vec::new(), from, &options.limits)?;
    let first = bytes
        .and_then(|bytes| decode(name, bytes, encoding))
        .and_then(|text| Table::head(name, text, blocks.is_at_end));
    Ok((first, Some(blocks)))
}

impl Blocks {
    /// The next part of a table, or the finding that a row is too long; none when it is read to its end.
    /// `spare` is memory that is used again.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next(
        &mut self,
        spare: String,
        from: &AnswerFile,
        limits: &Limits,
    ) -> std::io::Result<Option<Result<Rows, Box<Diagnostic>>>> {
        if self.is_at_end {
            return Ok(None);
        }
        let above = self.above;
        let bytes = self.cut(spare.into_bytes(), from, limits)?;
        Ok(Some(bytes.map(|bytes| Rows { bytes, above, is_last: self.is_at_end })))
    }

    /// Whole rows: what is left over and so much of the file as is needed to end one. `bytes` is memory that
    /// is used again, whatever it holds.
    fn cut(&mut self, mut bytes: Vec<u8>, from: &AnswerFile, limits: &Limits) -> std::io::Result<Bytes> {
        let most = limits.size(Limit::TableRow).max(BLOCK);
        let size = self.size;
        self.size = BLOCK.min(size * 2);
        if let Some(end) = self.rest.get(..size).and_then(|some| last_end(some, self.delimiter)) {
            bytes.clear();
            bytes.extend(self.rest.drain(..end));
            return Ok(self.pass(bytes));
        }
        let mut filled = self.rest.len();
        bytes.resize(bytes.len().max(filled), 0);
        bytes[..filled].copy_from_slice(&self.rest);
        loop {
            let room = most.saturating_sub(filled).saturating_add(1);
            let wanted = filled + BLOCK.max(filled).min(room);
            bytes.resize(wanted, 0);
            while filled < wanted && !self.is_at_end {
                match self.file.read(&mut bytes[filled..]) {
                    Ok(0) => self.is_at_end = true,
                    Ok(read) => filled += read,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            let read = &bytes[..filled];
            let end = if self.is_at_end { Some(filled) } else { last_end(read, self.delimiter) };
            if let Some(end) = end {
                self.rest.clear();
                self.rest.extend_from_slice(&read[end..]);
                bytes.truncate(end);
                return Ok(self.pass(bytes));
            }
            if filled > most {
                let place = Place { line: self.above + 1, column: 1, ..Place::file(&*from.name) };
                return Ok(Err(Box::new(limits.exceeded(Limit::TableRow, place))));
            }
        }
    }

    /// Passes on rows that were cut: their lines are above what comes next.
    fn pass(&mut self, rows: Vec<u8>) -> Bytes {
        self.above += memchr::memchr_iter(b'\n', &rows).count();
        Ok(rows)
    }
}

/// Where the last row ends that is whole: after the last line feed that no quotes enclose.
fn last_end(bytes: &[u8], delimiter: u8) -> Option<usize> {
    let mut outside = 0;
    let mut end = None;
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &bytes[at..]).map(|found| at + found) {
        let opens = quote == 0 || bytes[quote - 1] == delimiter || matches!(bytes[quote - 1], b'\n' | b'\r');
        at = quote + 1;
        if opens {
            let line = memchr::memrchr(b'\n', &bytes[outside..quote]).map(|found| outside + found + 1);
            end = line.or(end);
            let Some(close) = closing(bytes, at) else { return end };
            at = close + 1;
            outside = at;
        }
    }
    memchr::memrchr(b'\n', &bytes[outside..]).map(|found| outside + found + 1).or(end)
}

/// The quote that closes a field; a doubled one is part of it.
pub(super) fn closing(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        match bytes.get(quote + 1) {
            Some(b'"') => at = quote + 2,
            // The next byte decides, and it is not read yet.
            None => return None,
            Some(_) => return Some(quote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_where_rows_do() {
        let end = |text: &'static str| last_end(text.as_bytes(), b',').map(|end| &text[end..]);
        assert_eq!(end("a,b\nc,d"), Some("c,d"));
        assert_eq!(end("a,\"x\ny\"\nc"), Some("c"));
        assert_eq!(end("a\nb,\"x\ny"), Some("b,\"x\ny"));
        assert_eq!(end("a\nb,\"x\"\"\ny\"\nc"), Some("c"));
        assert_eq!(end("a 19\" screen\nb"), Some("b"));
        assert_eq!(end("a;\"b\nc"), Some("c"));
        assert_eq!(end("\"a\nb"), None);
        assert_eq!(end("\"a\"b\"\nc"), Some("c"));
        assert_eq!(end("z\na,\"b\"\n\"c\nd"), Some("\"c\nd"));
    }
}
