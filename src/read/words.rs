//! Short texts of a file, told apart by their bytes: each gets a number when it is met, and then whatever its
//! reader makes of it.

use std::borrow::Cow;
use std::ops::Range;

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

/// A field of up to seven bytes: they and its length as one number, which tells it from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short(u64);

impl Short {
    /// No field.
    const NONE: Self = Self(u64::MAX);

    /// The field that a text begins with, which ends before the first delimiter, given eight times; none when it is
    /// longer, or the text ends soon.
    #[inline]
    pub fn at(text: &[u8], delimiters: u64) -> Option<Self> {
        let eight = u64::from_le_bytes(*text.first_chunk()?);
        let bits = zeros(eight ^ delimiters);
        // Below the mark at the highest bit of the delimiter are the field's bytes.
        let below = (bits & bits.wrapping_neg()).wrapping_sub(1) >> 7;
        (bits != 0).then(|| Self(eight & below | u64::from(bits.trailing_zeros() / 8) << 56))
    }

    /// A field of so many bytes; none when it is longer than seven, or the text ends soon.
    #[inline]
    pub fn cut(bytes: &[u8], at: usize, length: usize) -> Option<Self> {
        let eight = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
        (length < 8).then(|| Self(eight & !(u64::MAX << (8 * length)) | (length as u64) << 56))
    }

    fn of(field: &[u8]) -> Option<Self> {
        let window = Window::of(field, 0, field.len());
        (field.len() < 8).then_some(Self(window.low | (field.len() as u64) << 56))
    }

    /// How many bytes it has.
    #[inline]
    pub fn len(self) -> usize {
        (self.0 >> 56) as usize
    }

    fn bytes(self) -> u64 {
        self.0 & u64::MAX >> 8
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
pub fn places(block: &[u8; BLOCK], byte: u8) -> u64 {
    // In this form compilers know how to look at many bytes at once.
    let hits = block.map(|other| u8::from(other == byte));
    let (eights, _) = hits.as_chunks::<8>();
    // The product moves the lowest bits of eight bytes side by side.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |found, eight| found << 8 | bits(eight))
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
        let field = self.entries[number as usize].clone();
        let window = Window::of(&self.bytes, field.start, field.len());
        let at = self.slot_of(window, &self.bytes, &field);
        self.slots[at].says = says;
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

/// What was settled about brief texts, each found by one look or not at all.
#[derive(Debug, Default)]
struct Brief {
    places: Vec<(Short, u16)>,
}

impl Brief {
    /// Where two texts want the same place the table grows, up to this; then the later one has it.
    const MOST: usize = 1 << 10;

    #[inline]
    fn place(&self, text: Short) -> usize {
        (text.0.wrapping_mul(ODD) >> 32) as usize & self.places.len().wrapping_sub(1)
    }

    #[inline]
    fn get(&self, text: Short) -> Option<u16> {
        let (found, says) = self.places.get(self.place(text))?;
        (*found == text).then_some(*says)
    }

    fn put(&mut self, text: Short, says: u16) {
        if self.places.is_empty() {
            self.places.resize(8, (Short::NONE, 0));
        }
        let place = self.place(text);
        let (found, _) = self.places[place];
        if found != Short::NONE && found != text && self.places.len() < Self::MOST {
            let grown = vec![(Short::NONE, 0); self.places.len() * 2];
            let old = std::mem::replace(&mut self.places, grown);
            let kept = old.into_iter().filter(|(text, _)| *text != Short::NONE);
            kept.for_each(|(text, says)| self.put(text, says));
            return self.put(text, says);
        }
        self.places[place] = (text, says);
    }
}

/// Texts that come again and again, such as the answers to a parameter. Plain numbers of up to three digits and
/// one place, of which a parameter may have a thousand, are told apart by their value: that takes the least
/// memory to look at, and memory is what reading waits for.
#[derive(Debug, Default)]
pub struct Vocabulary {
    brief: Brief,
    /// For each plain number what is settled about it; none where numbers are nothing that is expected.
    numbers: Option<Vec<u16>>,
    /// Kept elsewhere, so that what is looked at again and again lies close together.
    all: Box<Lexicon>,
}

/// Nothing so small is settled about a number.
const UNSETTLED: u16 = u16::MAX;

/// The number of a text that is a plain number: this, with its tenths below it. No vocabulary has so many others.
const PLAIN: u32 = 1 << 30;

impl Vocabulary {
    /// Texts of which none was met; `are_numbers` tells whether numbers are expected.
    pub fn new(are_numbers: bool) -> Self {
        Self { numbers: are_numbers.then(Vec::new), ..Self::default() }
    }

    /// What was settled about a short text, if that can be told at once: it is, unless it is no small number.
    #[inline(always)]
    pub fn settled(&self, text: Short) -> Option<u16> {
        if let Some(numbers) = &self.numbers
            && let Some(value) = plain_number(text)
            && let Some(&says) = numbers.get(value)
            && says != UNSETTLED
        {
            return Some(says);
        }
        self.brief.get(text)
    }

    /// What was settled about the text in a range of bytes, or that it is open, as a lexicon says it. A text that
    /// is new is added.
    pub fn look_up(&mut self, bytes: &[u8], field: Range<usize>) -> u32 {
        match Short::of(&bytes[field.clone()]).and_then(plain_number) {
            Some(value) if self.numbers.is_some() => OPEN | PLAIN | value as u32,
            Some(_) | None => self.all.look_up(bytes, field),
        }
    }

    /// The tenths of a text that is a plain number, where numbers are expected.
    fn plain(number: u32) -> Option<usize> {
        (number >= PLAIN).then_some((number ^ PLAIN) as usize)
    }

    /// Settles what is said of a text from now on: a number below 2^31. A plain number stays open where this is no
    /// small one.
    pub fn settle(&mut self, number: u32, says: u32) {
        let Some(value) = Self::plain(number) else {
            self.all.settle(number, says);
            let text = Short::of(self.all.get(number).as_bytes());
            if let (Some(text), Ok(says)) = (text, u16::try_from(says)) {
                self.brief.put(text, says);
            }
            return;
        };
        if let (Some(numbers), Ok(says)) = (&mut self.numbers, u16::try_from(says)) {
            numbers.resize(numbers.len().max(value + 1), UNSETTLED);
            numbers[value] = says;
        }
    }

    /// A text.
    pub fn get(&self, number: u32) -> Cow<'_, str> {
        match Self::plain(number).map(|tenths| (tenths / 10, tenths % 10)) {
            None => self.all.get(number).into(),
            Some((whole, 0)) => whole.to_string().into(),
            Some((whole, tenths)) => format!("{whole}.{tenths}").into(),
        }
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

/// The tenths of texts such as `7`, `48` and `96.5`, which tell them apart: a number is not plain when it is
/// written in another way, such as `7.0`. The tenths are read as if it were one, without a branch on how long it
/// is, which no processor could foresee; then the text has to be theirs.
#[inline]
fn plain_number(text: Short) -> Option<usize> {
    // The text in the highest bytes, and nothing before it.
    let padded = text.bytes() << (64 - 8 * text.len().clamp(1, 7));
    let has_tenths = padded >> 48 & 0xff == u64::from(b'.');
    let digits = if has_tenths { padded } else { padded >> 16 };
    let digit = |at: u32| (digits >> (8 * at) & 0xf) as usize;
    let tenths = digit(3) * 1000 + digit(4) * 100 + digit(5) * 10 + digit(7);
    (PLAIN_NUMBERS.get(tenths) == Some(&text)).then_some(tenths)
}

/// For all tenths below a thousand the text of the number.
static PLAIN_NUMBERS: [Short; 10_000] = {
    let mut texts = [Short::NONE; 10_000];
    let mut tenths = 0;
    while tenths < texts.len() {
        // From the end of the text to its begin.
        let (mut bytes, mut length) = (0, 0);
        if tenths % 10 != 0 {
            bytes = (b'.' as u64) | (b'0' as u64 + tenths as u64 % 10) << 8;
            length = 2;
        }
        let mut whole = tenths as u64 / 10;
        while length == 0 || whole > 0 || bytes & 0xff == b'.' as u64 {
            bytes = bytes << 8 | (b'0' as u64 + whole % 10);
            length += 1;
            whole /= 10;
        }
        texts[tenths] = Short(bytes | length << 56);
        tenths += 1;
    }
    texts
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_told_apart_by_their_texts() {
        let value = |text: &str| Short::of(text.as_bytes()).and_then(plain_number);
        for tenths in 0..10_000 {
            let (whole, tenth) = (tenths / 10, tenths % 10);
            let text = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
            assert_eq!(value(&text), Some(tenths), "{text}");
        }
        for text in [
            "7.0", "", ".", "07", "00", "00.1", "1000", "-1", "1,5", ".5", "5.", "1.25", "a", "1.a", "1:5",
            "12/4", "\u{1}",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_settled_of_an_answer_is_said_of_it() {
        let mut answers = Vocabulary::new(true);
        let look_up = |answers: &mut Vocabulary, text: &str| {
            let settled = Short::of(text.as_bytes()).and_then(|text| answers.settled(text));
            settled.map(u32::from).unwrap_or_else(|| answers.look_up(text.as_bytes(), 0..text.len()))
        };
        let texts = ["7", "7.0", "yes", "96.5", "100", "0", "more than seven"];
        for (says, text) in (40..).zip(texts) {
            let number = Lexicon::open(look_up(&mut answers, text)).expect("it is open");
            assert_eq!(answers.get(number), text);
            answers.settle(number, says);
        }
        for (says, text) in (40..).zip(texts) {
            assert_eq!(look_up(&mut answers, text), says);
        }
        let number = Lexicon::open(look_up(&mut answers, "12.5")).expect("it is open");
        answers.settle(number, 70_000);
        assert_eq!(Lexicon::open(look_up(&mut answers, "12.5")), Some(number));
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
