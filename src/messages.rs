//! What the program says in its documents and tables, in each of its languages: texts by key, from
//! message files that are compiled in.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A language that the program itself speaks; frameworks may have others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Azerbaijani.
    Azerbaijani,
}

impl Language {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English, Self::Azerbaijani];

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Azerbaijani => "az",
        }
    }

    /// The language of a code or of a locale such as `az_AZ.UTF-8`.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.split(['_', '-', '.', '@']).next().unwrap_or("");
        Self::ALL.iter().copied().find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// A plain decimal as the language writes it.
    pub fn decimal(self, number: &str) -> String {
        match self {
            Self::English => number.to_owned(),
            Self::Azerbaijani => number.replace('.', ","),
        }
    }

    /// A day, written as `2026-03-01`, as the language writes it; any other text as it is.
    pub fn date(self, day: &str) -> String {
        let parts: Vec<&str> = day.split('-').collect();
        match (self, &parts[..]) {
            (Self::Azerbaijani, [year, month, day]) if year.len() == 4 => format!("{day}.{month}.{year}"),
            _ => day.to_owned(),
        }
    }

    /// Its small letters, in their order.
    pub fn letters(self) -> &'static str {
        match self {
            Self::English => "abcdefghijklmnopqrstuvwxyz",
            Self::Azerbaijani => "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
        }
    }

    /// A key by which words are sorted where a person looks them up: the order of the language's letters,
    /// capitals beside small ones, and what is no letter of it by its own code.
    pub fn alphabetical(self, words: &str) -> Vec<u32> {
        let letters = self.letters();
        let lower = |character: char| match (self, character) {
            (Self::Azerbaijani, 'I') => 'ı',
            (Self::Azerbaijani, 'İ') => 'i',
            _ => character.to_lowercase().next().unwrap_or(character),
        };
        let place = |character: char| letters.chars().position(|letter| letter == character);
        let key = |character: char| place(character).map_or(u32::from(character), |at| 0x11_0000 + at as u32);
        words.chars().map(lower).map(key).collect()
    }

    /// The text of a key; the key itself when there is none, which a test forbids.
    pub fn say(self, key: &'static str) -> &'static str {
        // Looked up for every row of a long table.
        static TEXTS: [OnceLock<HashMap<&str, &str>>; 2] = [const { OnceLock::new() }; 2];
        let (texts, file) = match self {
            Self::English => (&TEXTS[0], include_str!("messages/en.txt")),
            Self::Azerbaijani => (&TEXTS[1], include_str!("messages/az.txt")),
        };
        texts.get_or_init(|| entries(file).collect()).get(key).copied().unwrap_or(key)
    }

    /// The text of a key, with `{0}`, `{1}`, ... filled in.
    pub fn fill<T: AsRef<str>>(self, key: &'static str, parts: &[T]) -> String {
        let numbered = parts.iter().enumerate();
        numbered.fold(self.say(key).to_owned(), |text, (at, part)| {
            text.replace(&format!("{{{at}}}"), part.as_ref())
        })
    }
}

/// The `key = text` lines of a message file.
fn entries(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" = ")).map(|(key, text)| (key.trim(), text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_by_the_letters_of_the_language() {
        let mut names = ["Zəng", "Əhatə", "İş", "Irs", "Çatdırılma", "Cərimə", "Eyni", "Xəritə", "Hüquq"];
        names.sort_by_key(|name| Language::Azerbaijani.alphabetical(name));
        let expected = ["Cərimə", "Çatdırılma", "Eyni", "Əhatə", "Hüquq", "Xəritə", "Irs", "İş", "Zəng"];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_key_has_a_text_of_its_own_in_every_language() {
        let english: Vec<_> = entries(include_str!("messages/en.txt")).collect();
        let azerbaijani: Vec<_> = entries(include_str!("messages/az.txt")).collect();
        let keys =
            |list: &[(&'static str, &'static str)]| list.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        assert_eq!(keys(&english), keys(&azerbaijani));
        let mut sorted = keys(&english);
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), english.len(), "a key stands twice");
    }
}
