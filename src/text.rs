//! Texts: localised ones, how words are compared, and the grammar of messages.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::is_nfc;

/// A text in one or more languages; the first is the one to fall back on.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// For each language its name and the words, each after its length and a colon: a round has a title
    /// for each of a million services, and one piece of memory takes the least room.
    packed: Box<str>,
}

impl Text {
    /// A text from `(language, words)` pairs.
    pub fn new<T: AsRef<str>>(variants: Vec<(T, T)>) -> Self {
        let parts = || variants.iter().flat_map(|(language, words)| [language.as_ref(), words.as_ref()]);
        let room = parts().map(|part| part.len() + 1 + part.len().max(1).ilog10() as usize + 1).sum();
        let mut packed = String::with_capacity(room);
        for part in parts() {
            push_number(&mut packed, part.len());
            packed.push(':');
            packed.push_str(part);
        }
        Self { packed: packed.into() }
    }

    /// The words in a language, or in the first one there is.
    pub fn get(&self, language: &str) -> &str {
        self.find(language).or(self.variants().next().map(|(_, words)| words)).unwrap_or("")
    }

    /// The words in just that language.
    pub fn find(&self, language: &str) -> Option<&str> {
        self.variants().find(|(name, _)| *name == language).map(|(_, words)| words)
    }

    /// Each language with its words.
    pub fn variants(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &*self.packed;
        std::iter::from_fn(move || {
            let mut part = || {
                let digits = rest.bytes().position(|byte| byte == b':')?;
                let length =
                    rest[..digits].bytes().fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
                let (part, below) = rest[digits + 1..].split_at_checked(length)?;
                rest = below;
                Some(part)
            };
            Some((part()?, part()?))
        })
    }
}

/// Adds the digits of a number: a framework has thousands of texts, each of some parts.
fn push_number(text: &mut String, number: usize) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.variants()).finish()
    }
}

/// Whether a character turns the direction of the text after it, beyond where it stands.
pub fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character takes no room and says nothing: joiners, marks of direction, byte order marks.
fn is_zero_width(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The form in which words (headers, answers, attribute values) are compared: NFC, `I İ ı` as `i`,
/// lower case, no zero-width characters, white space trimmed and runs of it one space.
pub fn fold(words: &str) -> String {
    let mut folded = String::with_capacity(words.len());
    if words.is_ascii() {
        for part in words.split_ascii_whitespace() {
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.push_str(part);
        }
        folded.make_ascii_lowercase();
        return folded;
    }
    // Letters below U+0300, all of Azerbaijani among them, are composed, small or large, and each takes room.
    if words.bytes().fold(true, |below, byte| below & (byte < 0xcc)) {
        let mut is_apart = false;
        for character in words.chars() {
            if character.is_whitespace() {
                is_apart = !folded.is_empty();
                continue;
            }
            if std::mem::take(&mut is_apart) {
                folded.push(' ');
            }
            push_lower(&mut folded, character);
        }
        return folded;
    }
    let plain = is_nfc(words) && !words.contains(is_zero_width);
    let kept: Cow<'_, str> = match plain {
        true => words.into(),
        false => words.nfc().filter(|character| !is_zero_width(*character)).collect(),
    };
    for part in kept.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        part.chars().for_each(|character| push_lower(&mut folded, character));
    }
    // Lower-casing can leave a letter and its mark apart.
    if is_nfc(&folded) { folded } else { folded.nfc().collect() }
}

/// Adds a letter as words are compared.
fn push_lower(folded: &mut String, character: char) {
    match character {
        'I' | 'İ' | 'ı' => folded.push('i'),
        ascii if ascii.is_ascii() => folded.push(ascii.to_ascii_lowercase()),
        other => folded.extend(other.to_lowercase()),
    }
}

/// The form in which ids, entities and categories are compared: trimmed and NFC, else as they stand.
pub fn clean(id: &str) -> String {
    cleaned(id).into_owned()
}

/// The same, without a copy where it is clean.
pub fn cleaned(id: &str) -> Cow<'_, str> {
    let trimmed = id.trim();
    if trimmed.is_ascii() { trimmed.into() } else { trimmed.nfc().collect() }
}

/// The Latin letter that a Cyrillic or Greek one is taken for.
pub fn look_alike(letter: char) -> Option<char> {
    const PAIRS: [(&str, &str); 2] =
        [("аеорсухіјАВЕКМНОРСТУХІЈ", "aeopcyxijABEKMHOPCTYXIJ"), ("οαΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oaABEZHIKMNOPTYX")];
    if letter.is_ascii() {
        return None;
    }
    PAIRS.iter().find_map(|(alike, latin)| {
        let at = alike.chars().position(|one| one == letter)?;
        latin.chars().nth(at)
    })
}

/// Whether a spreadsheet would turn an id into something else: `MAR1` and `1.2.2025` into a date, `007`
/// and `1E5` into a number, `TRUE` into a truth.
pub fn is_fragile(id: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let folded = fold(id);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let month = MONTHS.iter().find_map(|month| folded.strip_prefix(month));
    let of_month = month.is_some_and(|rest| {
        let rest = rest.strip_prefix(['-', '.', ' ']).unwrap_or(rest);
        rest.len() <= 4 && is_number(rest)
    });
    let parts: Vec<&str> = folded.split(['.', '-', '/']).collect();
    let of_numbers = (2..=3).contains(&parts.len()) && parts.iter().all(|part| is_number(part));
    let exponent = folded.split_once('e').is_some_and(|(a, b)| is_number(a) && is_number(b));
    let leading_zero = folded.len() > 1 && folded.starts_with('0') && is_number(&folded);
    of_month || of_numbers || exponent || leading_zero || matches!(folded.as_str(), "true" | "false")
}

/// `1 service`, `2 services`, `3 entities`.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun) {
        (1, noun) => format!("1 {noun}"),
        (n, "entity") => format!("{n} entities"),
        (n, noun) => format!("{n} {noun}s"),
    }
}

/// `a`, `a or b`, `a, b or c`; long lists are cut and say so.
pub fn one_of<I>(items: I) -> String
where
    I: IntoIterator<IntoIter: ExactSizeIterator, Item: AsRef<str>>,
{
    const SHOWN: usize = 12;
    let items = items.into_iter();
    let more = items.len().saturating_sub(SHOWN);
    let quoted: Vec<String> = items.take(SHOWN).map(|item| format!("`{}`", item.as_ref())).collect();
    if more > 0 {
        return format!("{} or {more} more", quoted.join(", "));
    }
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The candidate nearest to a name that was not found, when it is near enough to be what was meant.
pub fn nearest<'a, T: AsRef<str> + ?Sized + 'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a T>,
) -> Option<&'a str> {
    let folded: Vec<char> = fold(name).chars().take(64).collect();
    let allowed = (folded.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .map(AsRef::as_ref)
        .filter(|candidate| candidate.len() < 200)
        .filter_map(|candidate| {
            let other: Vec<char> = fold(candidate).chars().collect();
            let is_near = folded.len().abs_diff(other.len()) <= allowed;
            Some((is_near.then(|| distance(&folded, &other))?, candidate))
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

/// ``did you mean `P1`?``, and which letter of the name is of another alphabet where that is all that is wrong.
pub fn did_you_mean(name: &str, near: &str) -> String {
    let latin: String = name.chars().map(|letter| look_alike(letter).unwrap_or(letter)).collect();
    let alike = name.chars().find_map(|letter| Some((letter, look_alike(letter)?)));
    match alike.filter(|_| fold(&latin) == fold(near)) {
        Some((letter, latin)) => {
            format!("did you mean `{near}`? this `{letter}` is a letter of another alphabet than `{latin}`")
        }
        None => format!("did you mean `{near}`?"),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours from one word to the other
/// (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = before.clone();
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_as_spreadsheets_write_them() {
        for words in
            ["BƏLİ", " bəli ", "Bəlı", "bə\u{200b}li", "be\u{0301}".replace("e\u{0301}", "əli").as_str()]
        {
            assert_eq!(fold(words), "bəli", "{words:?}");
        }
        assert_eq!(fold("Not \u{a0} Applicable"), "not applicable");
        assert_eq!(fold("TƏTBIQ  OLUNMUR"), "tətbiq olunmur");
        assert_eq!(fold("\u{a0}ÇÖRƏK\t VƏ \n“Süd” "), "çörək və “süd”");
        assert_eq!(fold(" \u{a0}ÇÖRƏK\t VƏ \n Süd\u{85}"), "çörək və süd");
    }

    #[test]
    fn every_letter_below_the_marks_is_folded_as_all_are() {
        for letter in (0..0x300).filter_map(char::from_u32) {
            let alone = fold(&format!("é{letter}É"));
            // The quotation mark is for the general way.
            let quoted = fold(&format!("“é{letter}É”"));
            assert_eq!(format!("“{alone}”"), quoted, "{letter:?}");
        }
    }

    #[test]
    fn a_text_gives_back_its_parts() {
        let parts = vec![("en", "a:b".repeat(40)), ("az", String::new()), ("", "ə".to_owned())];
        let text = Text::new(parts.iter().map(|(language, words)| (*language, words.as_str())).collect());
        let back: Vec<_> = text.variants().map(|(language, words)| (language, words.to_owned())).collect();
        assert_eq!(back, parts);
        assert_eq!((text.find("az"), text.find("fr"), text.get("fr")), (Some(""), None, &*"a:b".repeat(40)));
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_near() {
        assert_eq!(nearest("wieght", ["weight", "title"]), Some("weight"));
        assert_eq!(nearest("P1.1", ["P1.1.1", "P2.2.2"]), None);
        assert_eq!(nearest("colour", ["weight", "title"]), None);
        assert_eq!(nearest("ab", ["ba"]), Some("ba"));
        assert_eq!(did_you_mean("wieght", "weight"), "did you mean `weight`?");
        let cyrillic = "\u{420}1";
        assert_eq!(nearest(cyrillic, ["P1", "Q2"]), Some("P1"));
        assert_eq!(
            did_you_mean(cyrillic, "P1"),
            "did you mean `P1`? this `\u{420}` is a letter of another alphabet than `P`"
        );
    }
}
