//! Words, ids and references of a framework.

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::framework::Reference;
use crate::read::declared;
use crate::read::yaml::{Fields, Value, Yaml, YamlReader};
use crate::text::{Text, is_fragile, look_alike};

impl Builder<'_> {
    pub(super) fn scalars(&mut self, node: &Yaml, what: &str) -> Vec<String> {
        let items = self.yaml.list(node, what);
        items.iter().filter_map(|item| self.yaml.scalar(item).map(str::to_owned)).collect()
    }

    pub(super) fn plain(&mut self, fields: &Fields<'_>, key: &str) -> String {
        fields.get(key).and_then(|node| self.yaml.scalar(node)).unwrap_or_default().to_owned()
    }

    pub(super) fn required_text(&mut self, fields: &Fields<'_>, key: &str) -> Text {
        self.optional_text(fields, key).unwrap_or_default()
    }

    pub(super) fn optional_text(&mut self, fields: &Fields<'_>, key: &str) -> Option<Text> {
        fields.get(key).map(|node| self.text(node))
    }

    /// A text that must be in every language of the framework.
    pub(super) fn text(&mut self, node: &Yaml) -> Text {
        let text = self.any_text(node);
        for language in &self.framework.languages {
            if text.find(language).is_none_or(|words| words.trim().is_empty()) {
                self.yaml.fault(
                    Code::TitleMissingLanguage,
                    node,
                    format!("this text has no words in `{language}`"),
                    format!("write it as a map with a `{language}:` entry"),
                );
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for (language, words) in text.variants() {
            // One word may well be the same: a name, `SMS`.
            if seen.contains(&words) && words.trim().contains(' ') {
                let message = format!("the text in `{language}` is that of another language");
                self.yaml.fault(Code::SameText, node, message, "translate it");
            }
            seen.push(words);
        }
        text
    }

    /// A text in whatever languages it has.
    pub(super) fn any_text(&mut self, node: &Yaml) -> Text {
        let yaml = &mut self.yaml;
        if let Value::Scalar(words) = &node.value {
            plain_words(yaml, node, words);
            let first = self.framework.languages.first().map_or("", String::as_str);
            return Text::new(vec![(first, &**words)]);
        }
        let languages: Vec<&str> = match (&node.value, self.is_headless) {
            (Value::Map(entries), true) => entries.iter().filter_map(|(key, _)| yaml.scalar(key)).collect(),
            _ => self.framework.languages.iter().map(String::as_str).collect(),
        };
        let Some(fields) = yaml.known(node, "a text", languages.iter().copied()) else {
            return Text::default();
        };
        let mut variants = Vec::with_capacity(languages.len());
        for language in languages {
            let Some(node) = fields.get(language) else { continue };
            let Some(words) = yaml.scalar(node) else { continue };
            plain_words(yaml, node, words);
            variants.push((language, words));
        }
        Text::new(variants)
    }

    pub(super) fn references(&mut self, node: &Yaml) -> Vec<Reference> {
        let mut list = Vec::new();
        for item in self.yaml.list(node, "sources") {
            let Some(fields) = self.yaml.fields(item, &declared::SOURCE) else { continue };
            let title = fields.get("title").map(|node| self.any_text(node)).unwrap_or_default();
            let url = fields.get("url").and_then(|node| self.yaml.scalar(node)).map(str::to_owned);
            list.push(Reference { title, url });
        }
        list
    }

    /// A well-formed id that nothing else in the framework has.
    pub(super) fn id(&mut self, fields: &Fields<'_>) -> String {
        let Some(node) = fields.get("id") else { return String::new() };
        let Some(id) = self.yaml.scalar(node) else { return String::new() };
        if let Some((letter, latin)) = id.chars().find_map(|letter| Some((letter, look_alike(letter)?))) {
            let message = format!("the `{letter}` in `{id}` is not the Latin letter `{latin}`");
            self.yaml.fault(Code::LookAlikeLetter, node, message, "type the id again on a Latin keyboard");
            return id.to_owned();
        }
        if is_fragile(id) {
            let message = format!("a spreadsheet would turn the id `{id}` into something else");
            self.yaml.fault(Code::FragileId, node, message, "put a letter before it, such as `P`");
        }
        let tail = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !id.starts_with(|first: char| first.is_ascii_alphabetic()) || !id.bytes().all(tail) {
            self.yaml.fault(
                Code::IllFormedId,
                node,
                format!("`{id}` is no id"),
                "an id is a letter from A to z, then letters, digits, `.`, `_` or `-`: a spreadsheet keeps it as it is",
            );
        }
        if let Some(first) = self.ids.get(id) {
            let place = self.yaml.place(node);
            let finding = Diagnostic::new(Code::DuplicateId, format!("the id `{id}` is used twice"), place)
                .label("used again here")
                .related(self.yaml.place_of(first), "first used here")
                .help("ids are unique in the whole framework: give one of the two another");
            self.yaml.findings.push(finding);
        } else {
            self.ids.insert(id.to_owned(), node.spot());
        }
        id.to_owned()
    }
}

/// Words that can be seen, without spaces around them.
fn plain_words(yaml: &mut YamlReader<'_>, node: &Yaml, words: &str) {
    let hidden = |letter: &char| letter.is_control() && !matches!(letter, '\n' | '\t');
    // Few texts have a byte that a control character may begin with; to look at all bytes takes no longer.
    let may_hide = words.bytes().fold(false, |may, byte| may | matches!(byte, 0..=0x1f | 0x7f | 0xc2));
    if may_hide && let Some(letter) = words.chars().find(hidden) {
        let message = format!("the text holds the control character {}", letter.escape_unicode());
        yaml.fault(Code::ControlCharacter, node, message, "type the text again");
    }
    // A block of YAML ends with a line end; a quoted text with a space was typed so.
    if words.starts_with(' ') || words.ends_with(' ') {
        let message = "the text begins or ends with a space";
        yaml.fault(Code::SurroundingSpace, node, message, "take the space out");
    }
}
