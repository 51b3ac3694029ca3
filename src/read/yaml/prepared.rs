//! Trees that were parsed when the program was built: the framework that it carries costs a run no parsing.
//!
//! A tree is written by `build.rs`, node by node: a byte for its kind, where its span begins and how long
//! it is, then the length and the bytes of a text that stands neither so in the file nor in quotes, or the
//! number of items, or of entries, and these. Numbers take seven bits a byte, lowest first, the top bit of
//! all but the last set.

use super::{Value, Yaml};

/// The tree of a text; none where these bytes hold no such tree. `file` is the number by which its places
/// are found again.
pub fn tree(bytes: &'static [u8], text: &'static str, file: usize) -> Option<Yaml> {
    let mut reader = Reader { bytes, text, file };
    let root = reader.node()?;
    reader.bytes.is_empty().then_some(root)
}

struct Reader {
    bytes: &'static [u8],
    text: &'static str,
    file: usize,
}

impl Reader {
    fn node(&mut self) -> Option<Yaml> {
        let (kind, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        let start = self.number()?;
        let span = start..start.checked_add(self.number()?)?;
        let value = match kind {
            b'n' => Value::Null,
            b's' => Value::Scalar(self.text.get(span.clone())?.into()),
            b'q' => Value::Scalar(self.text.get(start + 1..span.end.checked_sub(1)?)?.into()),
            b'o' => {
                let length = self.number()?;
                let (own, rest) = self.bytes.split_at_checked(length)?;
                self.bytes = rest;
                Value::Scalar(str::from_utf8(own).ok()?.into())
            }
            b'l' => {
                let count = self.count()?;
                let mut items = Vec::with_capacity(count);
                for _ in 0..count {
                    items.push(self.node()?);
                }
                Value::List(items)
            }
            b'm' => {
                let count = self.count()?;
                let mut entries = Vec::with_capacity(count);
                for _ in 0..count {
                    entries.push((self.node()?, self.node()?));
                }
                Value::Map(entries)
            }
            _ => return None,
        };
        Some(Yaml { file: self.file, span, value })
    }

    /// How many nodes follow: no more than there are bytes.
    fn count(&mut self) -> Option<usize> {
        self.number().filter(|count| *count <= self.bytes.len())
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}
