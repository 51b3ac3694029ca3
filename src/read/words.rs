//! Short texts of a file, told apart by their bytes: each gets a number when it is met, and then whatever its
//! reader makes of it.

use std::ops::Range;
use std::sync::Arc;

use wide::u8x16;

/// The first bytes of a field as two numbers; with the field's length they tell short fields apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    low: u64,
    high: u64,
}

impl Window {
    /// How many bytes a window shows.
    pub const SIZE: usize = 16;

    /// The window of a field that begins at a byte.
    #[inline]
    pub fn of(bytes: &[u8], at: usize, length: usize) -> Self {
        match chunk(bytes, at) {
            Some(chunk) => Self::in_chunk(chunk, length),
            None => Self::at_the_end(bytes, at, length),
        }
    }

    #[cold]
    fn at_the_end(bytes: &[u8], at: usize, length: usize) -> Self {
        let rest = bytes.get(at..).unwrap_or_default();
        Self::in_chunk(&std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0)), length)
    }

    /// The window of a field that a chunk begins with.
    #[inline]
    pub fn in_chunk(chunk: &[u8; Self::SIZE], length: usize) -> Self {
        /// For each length the bytes of a word that a field of it has.
        const MASKS: [u64; 9] = [
            0,
            0xff,
            0xffff,
            0xff_ffff,
            0xffff_ffff,
            u64::MAX >> 24,
            u64::MAX >> 16,
            u64::MAX >> 8,
            u64::MAX,
        ];
        let Self { low, high } = Self::whole(chunk);
        Self { low: low & MASKS[length.min(8)], high: high & MASKS[length.saturating_sub(8).min(8)] }
    }

    #[inline]
    fn whole(chunk: &[u8; Self::SIZE]) -> Self {
        let both = u128::from_le_bytes(*chunk);
        Self { low: both as u64, high: (both >> 64) as u64 }
    }

    /// Where the first of some bytes stands in a chunk, each given eight times; the chunk's size when none does.
    #[inline]
    pub fn find<const N: usize>(chunk: &[u8; Self::SIZE], sought: [u64; N]) -> usize {
        let Self { low, high } = Self::whole(chunk);
        let hits = |word: u64| sought.iter().fold(0, |hits, byte| hits | zeros(word ^ byte));
        // Most fields are short.
        let found = match hits(low) {
            0 => 64 + hits(high).trailing_zeros(),
            found => found.trailing_zeros(),
        };
        found as usize / 8
    }
}

/// A field of up to seven bytes as one number, which tells it from all others: its bytes, the last one highest, and
/// below them one bit that tells where they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short(u64);

impl Short {
    /// No field.
    const NONE: Self = Self(0);

    /// The field that a text begins with, which ends before the first delimiter, given eight times, and how many
    /// bytes it has; none when it is longer, or the text ends soon.
    #[inline]
    pub fn at(text: &[u8], delimiters: u64) -> Option<(Self, usize)> {
        let eight = u64::from_le_bytes(*text.first_chunk()?);
        let bits = zeros(eight ^ delimiters);
        let length = bits.trailing_zeros() / 8;
        (bits != 0).then(|| (Self::first(eight, length), length as usize))
    }

    /// A field of so many bytes; none when it is longer than seven, or the text ends soon.
    #[inline]
    pub fn cut(bytes: &[u8], at: usize, length: usize) -> Option<Self> {
        let eight = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
        (length < 8).then(|| Self::first(eight, length as u32))
    }

    fn of(field: &[u8]) -> Option<Self> {
        let window = Window::of(field, 0, field.len());
        (field.len() < 8).then(|| Self::first(window.low, field.len() as u32))
    }

    /// The first of eight bytes, seven at most.
    #[inline(always)]
    fn first(eight: u64, length: u32) -> Self {
        // Up to the top, which moves all others out. A shift takes six bits of its number: those of !n are 63 - n.
        Self((eight << 1 | 1).wrapping_shl(!(8 * length)))
    }
}

/// Bytes that are expected, such as a field and the delimiter after it.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    window: Window,
    mask: Window,
    bytes: Vec<u8>,
}

impl Expected {
    /// Expects these bytes, one part after the other.
    pub fn set(&mut self, parts: &[&[u8]]) {
        self.bytes.clear();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.window = Window::of(&self.bytes, 0, self.bytes.len());
        self.mask = Window::in_chunk(&[0xff; Window::SIZE], self.bytes.len());
    }

    /// What is expected.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether this byte is expected last.
    pub fn ends_with(&self, byte: u8) -> bool {
        self.bytes.last() == Some(&byte)
    }

    /// Where the text goes on, if what is expected stands here; nothing is expected of text that ends soon.
    #[inline]
    pub fn passes(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let Window { low, high } = Window::whole(chunk(bytes, at)?);
        let length = self.bytes.len();
        let begins = low & self.mask.low == self.window.low && high & self.mask.high == self.window.high;
        let is_here = begins
            && (length <= Window::SIZE || bytes.get(at..at + length) == Some(self.bytes.as_slice()))
            && length > 0;
        is_here.then_some(at + length)
    }
}

/// How many bytes are looked through at once.
pub const BLOCK: usize = 64;

/// Where a byte stands in a block: a bit for each place, the lowest for the first.
#[inline]
pub fn hits(block: &[u8; BLOCK], byte: u8) -> u64 {
    let sought = u8x16::splat(byte);
    let (parts, _) = block.as_chunks();
    let hits = parts.iter().map(|part| u8x16::new(*part).simd_eq(sought).to_bitmask());
    hits.rev().fold(0, |found, hits| found << u8x16::LANES | u64::from(hits))
}

/// A byte eight times.
pub const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The highest bit of each byte that is zero; of those above the first such byte nothing is said.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & every(0x80)
}

/// The bytes from a place on that a window shows; none near the end.
#[inline]
pub fn chunk(bytes: &[u8], at: usize) -> Option<&[u8; Window::SIZE]> {
    bytes.get(at..)?.first_chunk()
}

/// Texts, each with a number in the order in which they were met, and with what was settled about it.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// Found by hash; at most half of them are taken.
    slots: Vec<Slot>,
    entries: Vec<Range<usize>>,
    bytes: Vec<u8>,
}

/// What a lexicon says of a text of which nothing is settled: this, with the text's number below it.
const OPEN: u32 = 1 << 31;

/// What tells a text from others: a slot is read in one go.
#[derive(Clone, Copy, Debug)]
struct Slot {
    window: Window,
    length: u32,
    number: u32,
    says: u32,
}

const FREE: Slot = Slot { window: Window { low: 0, high: 0 }, length: 0, number: 0, says: u32::MAX };

impl Lexicon {
    /// What was settled about the text in a range of bytes, or that it is open. A text that is new is added.
    pub fn look_up(&mut self, bytes: &[u8], field: Range<usize>) -> u32 {
        let window = Window::of(bytes, field.start, field.len());
        match self.find(window, bytes, &field) {
            Some(slot) => slot.says,
            None => OPEN | self.add(window, bytes, field),
        }
    }

    /// The number of the text, where this says that nothing is settled about it.
    #[inline]
    pub fn open(says: u32) -> Option<u32> {
        (says >= OPEN).then_some(says ^ OPEN)
    }

    /// Settles what is said of a text from now on: a number below 2^31.
    pub fn settle(&mut self, number: u32, says: u32) {
        let at = self.slot_of_number(number);
        self.slots[at].says = says;
    }

    /// What was settled about a text by now, or that it is open.
    pub fn says(&self, number: u32) -> u32 {
        self.slots[self.slot_of_number(number)].says
    }

    fn slot_of_number(&self, number: u32) -> usize {
        let field = &self.entries[number as usize];
        self.slot_of(Window::of(&self.bytes, field.start, field.len()), &self.bytes, field)
    }

    /// A text.
    pub fn get(&self, number: u32) -> &str {
        // Fields are cut at ASCII bytes out of a text.
        std::str::from_utf8(&self.bytes[self.entries[number as usize].clone()]).unwrap_or_default()
    }

    /// Looks at where the texts of these fields are: memory that is far away answers many questions in the time
    /// of one, if they do not wait for each other.
    pub fn fetch(&self, bytes: &[u8], fields: impl Iterator<Item = Range<usize>>) {
        if self.slots.is_empty() {
            return;
        }
        let place =
            |field: Range<usize>| self.place_of(Window::of(bytes, field.start, field.len()), bytes, &field);
        let seen = fields.fold(0, |seen, field| seen ^ self.slots[place(field)].says);
        std::hint::black_box(seen);
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.slots.fill(FREE);
        self.entries.clear();
        self.bytes.clear();
    }

    #[inline]
    fn find(&self, window: Window, bytes: &[u8], field: &Range<usize>) -> Option<&Slot> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = &self.slots[self.slot_of(window, bytes, field)];
        (slot.says != FREE.says).then_some(slot)
    }

    /// Where a text is, or where it would be.
    #[inline]
    fn slot_of(&self, window: Window, bytes: &[u8], field: &Range<usize>) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = self.place_of(window, bytes, field);
        loop {
            let slot = &self.slots[at & mask];
            let is_same = slot.window == window && slot.length as usize == field.len();
            if slot.says == FREE.says || (is_same && self.is_at(slot.number, bytes, field)) {
                return at & mask;
            }
            at += 1;
        }
    }

    /// Where a text is looked for first: of a product the highest bits depend on all others.
    #[inline]
    fn place_of(&self, window: Window, bytes: &[u8], field: &Range<usize>) -> usize {
        (hash(window, bytes, field) >> (u64::BITS - self.slots.len().trailing_zeros())) as usize
    }

    /// Whether a text whose window and length are the same is the same.
    #[inline]
    fn is_at(&self, number: u32, bytes: &[u8], field: &Range<usize>) -> bool {
        field.len() <= Window::SIZE
            || self.bytes[self.entries[number as usize].clone()] == bytes[field.clone()]
    }

    #[cold]
    fn add(&mut self, window: Window, bytes: &[u8], field: Range<usize>) -> u32 {
        if self.entries.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let number = self.entries.len() as u32;
        let at = self.slot_of(window, bytes, &field);
        self.slots[at] = Slot { window, length: field.len() as u32, number, says: OPEN | number };
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&bytes[field]);
        self.entries.push(start..self.bytes.len());
        number
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![FREE; length]);
        for slot in old.into_iter().filter(|slot| slot.says != FREE.says) {
            let at = self.slot_of(slot.window, &self.bytes, &self.entries[slot.number as usize]);
            self.slots[at] = slot;
        }
    }
}

/// A number that texts seldom share; of a long one all bytes count, as ids often begin alike.
#[inline]
fn hash(window: Window, bytes: &[u8], field: &Range<usize>) -> u64 {
    const OTHER: u64 = 0xd1b5_4a32_d192_ed03;
    let mix = |hash: u64, window: Window| {
        let hash = (hash ^ window.low).wrapping_mul(ODD) ^ window.high.wrapping_mul(OTHER);
        hash ^ hash >> 32
    };
    let mut hash = mix(field.len() as u64, window);
    let mut at = field.start + Window::SIZE;
    while at < field.end {
        hash = mix(hash, Window::of(bytes, at, field.end - at));
        at += Window::SIZE;
    }
    hash.wrapping_mul(ODD)
}

/// Spreads keys: of a product the highest bits depend on all others.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What is settled of short texts, each in its place, of which there are a power of two: they stand alone and side by
/// side, as they are looked at again and again.
#[derive(Clone, Debug)]
pub struct Places(Arc<[(Short, u16)]>);

impl Places {
    fn of(length: usize) -> Self {
        Self(vec![(Short::NONE, 0); length].into())
    }

    /// Where a text has its place.
    #[inline(always)]
    fn place(&self, text: Short) -> usize {
        // The upper half of a product is a sum over all bytes of the text, each times a number of its own: what stands
        // in this one above its lowest byte, for the last byte, above its lowest two for the one before, and so on. It
        // was searched for until numbers with up to four digits and ids such as `7.3.12` hardly ever met (a test
        // counts how often), and those such as `48.5` stood close together: all that a scale has are to stay in a
        // processor's nearest memory.
        const SPREAD: u64 = 0xbf20_3088_b6d2_e2fc;
        let product = u128::from(text.0) * u128::from(SPREAD);
        (product >> 64) as usize & self.0.len().wrapping_sub(1)
    }

    /// What was settled about a short text, if that can be told at once: it is, unless it is no small number or
    /// another text has the place.
    #[inline(always)]
    pub fn settled(&self, text: Short) -> Option<u16> {
        let (found, says) = self.0.get(self.place(text))?;
        (*found == text).then_some(*says)
    }
}

/// Texts that come again and again, such as answers on a scale. What is settled about a short one is found by one
/// look, or not at all.
#[derive(Debug)]
pub struct Vocabulary {
    places: Places,
    /// Kept elsewhere, so that what is looked at again and again lies close together.
    all: Box<Lexicon>,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self { places: Places::of(16), all: Box::default() }
    }
}

impl Vocabulary {
    /// Where two texts want the same place there get to be four times as many, up to this; then the later one has it.
    const MOST: usize = 1 << 16;

    /// What was settled about short texts by now.
    pub fn places(&self) -> Places {
        self.places.clone()
    }

    /// What was settled about a short text, if that can be told at once.
    #[inline(always)]
    pub fn settled(&self, text: Short) -> Option<u16> {
        self.places.settled(text)
    }

    /// What was settled about the text in a range of bytes, or that it is open, as a lexicon says it. A text that
    /// is new is added.
    pub fn look_up(&mut self, bytes: &[u8], field: Range<usize>) -> u32 {
        self.all.look_up(bytes, field)
    }

    /// What was settled about a text since it was looked up.
    pub fn said(&self, number: u32) -> Option<u32> {
        Some(self.all.says(number)).filter(|says| Lexicon::open(*says).is_none())
    }

    /// Settles what is said of a text from now on: a number below 2^31.
    pub fn settle(&mut self, number: u32, says: u32) {
        self.all.settle(number, says);
        let text = Short::of(self.all.get(number).as_bytes());
        if let (Some(text), Ok(says)) = (text, u16::try_from(says)) {
            self.put(text, says);
        }
    }

    fn put(&mut self, text: Short, says: u16) {
        let Places(places) = &self.places;
        let place = self.places.place(text);
        let (found, _) = places[place];
        if found != Short::NONE && found != text && places.len() < Self::MOST {
            let grown = Places::of(places.len() * 4);
            let Places(old) = std::mem::replace(&mut self.places, grown);
            let kept = old.iter().filter(|(text, _)| *text != Short::NONE);
            kept.for_each(|(text, says)| self.put(*text, *says));
            return self.put(text, says);
        }
        Arc::make_mut(&mut self.places.0)[place] = (text, says);
    }

    /// A text.
    pub fn get(&self, number: u32) -> &str {
        self.all.get(number)
    }
}

/// Names of subjects. A registry's ids are often alike but for a number at their end: where it is not much larger
/// than there are names, it tells the name in one look at little memory, whatever the order of rows.
#[derive(Debug, Default)]
pub struct Names {
    all: Lexicon,
    /// What stands before the numbers.
    before: Expected,
    digits: usize,
    /// For each number what is said of its name.
    numbers: Vec<u32>,
}

impl Names {
    /// Most digits that are read as a number.
    const DIGITS: usize = 8;

    /// What was settled about the name in a range of bytes, or that it is open. A name that is new is added.
    pub fn look_up(&mut self, bytes: &[u8], field: Range<usize>) -> u32 {
        let says = self.all.look_up(bytes, field.clone());
        self.note(bytes, field, says);
        says
    }

    /// What is said of the name that stands here and ends before this delimiter, and where it ends, if its number
    /// tells it.
    #[inline]
    pub fn at(&self, bytes: &[u8], at: usize, delimiter: u8) -> Option<(u32, usize)> {
        let end = self.before.passes(bytes, at)? + self.digits;
        let value = number_before(bytes, end, self.digits)?;
        let says = *self.numbers.get(value)?;
        (says != FREE.says && bytes.get(end) == Some(&delimiter)).then_some((says, end))
    }

    /// Settles what is said of a name from now on: a number below 2^31.
    pub fn settle(&mut self, number: u32, says: u32) {
        self.all.settle(number, says);
        let field = self.all.entries[number as usize].clone();
        let bytes = std::mem::take(&mut self.all.bytes);
        self.note(&bytes, field, says);
        self.all.bytes = bytes;
    }

    /// A name.
    pub fn get(&self, number: u32) -> &str {
        self.all.get(number)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether what is known of names is not near at hand when they come in any order.
    pub fn are_far(&self) -> bool {
        const MANY: usize = 4096;
        self.all.len() > MANY && self.numbers.len() < self.all.len()
    }

    /// Looks at where these names are, before they are needed one by one.
    pub fn fetch(&self, bytes: &[u8], names: impl Iterator<Item = Range<usize>>) {
        self.all.fetch(bytes, names);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.all.clear();
        self.numbers.clear();
        self.digits = 0;
    }

    fn note(&mut self, bytes: &[u8], field: Range<usize>, says: u32) {
        let name = &bytes[field.clone()];
        if self.digits == 0 {
            let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            self.digits = digits.min(Self::DIGITS);
            self.before.set(&[&name[..name.len() - self.digits]]);
        }
        let expected = self.before.bytes().len() + self.digits;
        if expected != name.len() || !name.starts_with(self.before.bytes()) {
            return;
        }
        let most = 1024 + 4 * self.all.len();
        if let Some(value) = number_before(bytes, field.end, self.digits).filter(|value| *value < most) {
            self.numbers.resize(self.numbers.len().max(value + 1), FREE.says);
            self.numbers[value] = says;
        }
    }
}

/// The number that so many digits are which end before a byte, eight at most; none when they are no digits, or the
/// text is too short to look at eight bytes.
#[inline]
fn number_before(bytes: &[u8], end: usize, digits: usize) -> Option<usize> {
    const ZEROS: u64 = every(b'0');
    let eight = bytes.get(end.checked_sub(8)?..)?.first_chunk()?;
    // What stands before the digits counts as zeros.
    let others = !(u64::MAX << (64 - 8 * digits.clamp(1, 8)));
    let text = u64::from_le_bytes(*eight) & !others | ZEROS & others;
    let digits = text ^ ZEROS;
    if (digits | digits.wrapping_add(every(0x76))) & every(0x80) != 0 {
        return None;
    }
    // Neighbours are added up: two digits, four, eight.
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(10_000 << 32 | 1) >> 32) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_of_an_answer_is_said_of_it() {
        let mut answers = Vocabulary::default();
        let look_up = |answers: &mut Vocabulary, text: &str| {
            let settled = Short::of(text.as_bytes()).and_then(|text| answers.settled(text));
            settled.map(u32::from).unwrap_or_else(|| answers.look_up(text.as_bytes(), 0..text.len()))
        };
        let mut texts: Vec<String> =
            (0..=1000).map(|tenths| format!("{}", f64::from(tenths) / 10.0)).collect();
        let others = ["", "7.0", "07", "yes", "YES", "n/a", "n\0", "seven77", "more than seven", "əla"];
        texts.extend(others.map(str::to_owned));
        for (says, text) in (40..).zip(&texts) {
            let number = Lexicon::open(look_up(&mut answers, text)).expect("it is open");
            assert_eq!(answers.get(number), text);
            answers.settle(number, says);
        }
        for (says, text) in (40..).zip(&texts) {
            assert_eq!(look_up(&mut answers, text), says);
        }
        let number = Lexicon::open(look_up(&mut answers, "12.55")).expect("it is open");
        answers.settle(number, 70_000);
        assert_eq!(look_up(&mut answers, "12.55"), 70_000);
    }

    /// How many of these texts are not told at once when all of them are settled.
    fn crowded(texts: impl Iterator<Item = String> + Clone) -> usize {
        let mut answers = Vocabulary::default();
        for (says, text) in (0..).zip(texts.clone()) {
            let number = answers.look_up(text.as_bytes(), 0..text.len());
            answers.settle(Lexicon::open(number).expect("it is new"), says);
        }
        let told = |(says, text): &(u16, String)| {
            Short::of(text.as_bytes()).and_then(|text| answers.settled(text)) != Some(*says)
        };
        (0..).zip(texts).filter(told).count()
    }

    #[test]
    fn usual_answers_and_ids_have_places_of_their_own() {
        let shown = |places: usize, number: i32| {
            format!("{:.places$}", f64::from(number) / 10f64.powi(places as i32))
        };
        assert_eq!(crowded((0..1000).map(|tenths| shown(1, tenths))), 0);
        for places in 0..3 {
            let found = crowded((0..10_000).map(|number| shown(places, number)));
            assert!(found < 10, "{found} with {places} decimals");
        }
        let ids = |first: &'static str| {
            (1..=10).flat_map(move |a| {
                (1..=9).flat_map(move |b| (1..=9).map(move |c| format!("{first}{a}.{b}.{c}")))
            })
        };
        let found = [crowded(ids("")), crowded(ids("P"))];
        assert!(found.iter().all(|found| *found < 10), "{found:?}");
        let words = ["yes", "no", "n/a", "bəli", "xeyr", "true", "false", "partly", "full", "none", "-"];
        assert_eq!(crowded(words.into_iter().map(str::to_owned)), 0);
    }

    /// What is said of a text among others, so that its window is not all that there is.
    fn look_up(lexicon: &mut Lexicon, text: &str) -> u32 {
        let bytes = format!("before{text}, and after");
        lexicon.look_up(bytes.as_bytes(), 6..6 + text.len())
    }

    #[test]
    fn texts_that_differ_in_anything_have_numbers_of_their_own() {
        let mut lexicon = Lexicon::default();
        let mut seen = Vec::new();
        for length in 0..40 {
            for byte in ['a', 'b', '\0'] {
                let text = format!("{}{byte}", "x".repeat(length));
                for word in [format!("{byte}{text}"), format!("{text}{text}"), text] {
                    seen.push(word);
                }
            }
        }
        seen.sort();
        seen.dedup();
        for (number, text) in seen.iter().enumerate() {
            assert_eq!(Lexicon::open(look_up(&mut lexicon, text)), Some(number as u32), "{text:?}");
        }
        for (number, text) in seen.iter().enumerate() {
            assert_eq!(lexicon.get(number as u32), text);
            lexicon.settle(number as u32, 7 * number as u32);
        }
        for (number, text) in seen.iter().enumerate() {
            assert_eq!(look_up(&mut lexicon, text), 7 * number as u32);
        }
        lexicon.clear();
        assert_eq!(Lexicon::open(look_up(&mut lexicon, "a")), Some(0));
    }

    #[test]
    fn ids_of_any_pattern_are_spread() {
        let patterns: [fn(u32) -> String; 3] = [
            |at| format!("service-{at:06}"),
            |at| format!("body-{:04}-{:02}", at / 12, at % 12),
            |at| format!("ministry-of-something/{}/{:03}/service", at / 1000, at % 1000),
        ];
        for pattern in patterns {
            let mut lexicon = Lexicon::default();
            let mut farthest = 0;
            for id in (0..20_000).map(pattern) {
                let (window, all) = (Window::of(id.as_bytes(), 0, id.len()), 0..id.len());
                lexicon.look_up(id.as_bytes(), all.clone());
                let first = lexicon.place_of(window, id.as_bytes(), &all);
                let found = lexicon.slot_of(window, id.as_bytes(), &all);
                farthest = farthest.max(found.wrapping_sub(first) & (lexicon.slots.len() - 1));
            }
            assert!(farthest < 64, "{}: {farthest}", pattern(0));
        }
    }

    #[test]
    fn a_byte_is_found_where_it_first_stands() {
        let find = |text: &str| {
            let mut chunk = [b' '; Window::SIZE];
            chunk[..text.len()].copy_from_slice(text.as_bytes());
            Window::find(&chunk, [every(b','), every(b'\n')])
        };
        assert_eq!([find(",a"), find("ab\n,"), find("0123456789abcde,"), find("-+.")], [0, 2, 15, 16]);
    }
}
