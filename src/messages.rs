//! What the program says in its documents and tables, in each of its languages: texts by key, from
//! message files that are compiled in.

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

    /// The text of a key; the key itself when there is none, which a test forbids.
    pub fn say(self, key: &'static str) -> &'static str {
        let file = match self {
            Self::English => include_str!("messages/en.txt"),
            Self::Azerbaijani => include_str!("messages/az.txt"),
        };
        entries(file).find(|(name, _)| *name == key).map_or(key, |(_, text)| text)
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
