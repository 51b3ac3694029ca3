//! YAML as a tree whose every value knows its place, and readers that collect all faults.
//!
//! The tree keeps a scalar's own text, as it stands in the file: a number never passes through a
//! float, and `yes` stays a word.

pub mod prepared;
mod tree;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_yaml::Error;
use serde_yaml::budget::BudgetBreach;

use tree::Bounds;
pub use tree::{Spot, Value, Yaml};

use super::shape::{Kind, Shape, words};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::Keyword;
use crate::limit::{Limit, Limits};
use crate::number::{Weight, parse_decimal};
use crate::source::{Place, Source};
use crate::text::{did_you_mean, one_of};

/// What a value is, in words.
fn described(node: &Yaml) -> &'static str {
    match node.value {
        Value::Null => "nothing",
        Value::Scalar(_) => "a single value",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

/// Parses a file's text; `file` is the number by which its places are found again.
pub fn parse(source: &Source, file: usize, limits: &Limits, findings: &mut Findings) -> Option<Yaml> {
    if let Some(finding) = oversized(source, limits) {
        findings.push(finding);
        return None;
    }
    let bounds = Bounds {
        depth: limits.size(Limit::YamlDepth),
        values: limits.size(Limit::YamlValues),
        aliases: limits.size(Limit::YamlAliases),
    };
    match tree::parse(source.text(), file, &bounds) {
        Ok(root) => Some(root),
        Err(error) => {
            let place = match error.location() {
                Some(at) => source.at(at.line() as usize, at.column() as usize),
                None => Place::file(source.path().clone()),
            };
            findings.push(unparsed(error.without_snippet(), place, limits));
            None
        }
    }
}

/// Why a file was not parsed: it is no YAML, or more of it than is allowed.
fn unparsed(error: &Error, place: Place, limits: &Limits) -> Diagnostic {
    if let Error::AliasError { error, .. } = error {
        return unparsed(error, place, limits);
    }
    let limit = match error {
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. }
        | Error::AliasReplayStackDepthExceeded { .. } => Some(Limit::YamlDepth),
        Error::Budget { breach: BudgetBreach::Aliases { .. } | BudgetBreach::Anchors { .. }, .. } => {
            Some(Limit::YamlAliases)
        }
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } => Some(Limit::YamlValues),
        _ => None,
    };
    if let Some(limit) = limit {
        return limits.exceeded(limit, place);
    }
    let words = error.to_string();
    // The parser gives up on its own, before the limit is reached, where brackets open one after the other.
    if words.starts_with("recursion limit exceeded") {
        return limits.exceeded(Limit::YamlDepth, place);
    }
    let words = words.split(" at line ").next().unwrap_or(&words).to_owned();
    Diagnostic::new(Code::YamlSyntax, format!("this is not YAML: {words}"), place)
        .help("check the indentation, the quotes and the brackets here and in the lines above")
}

/// The finding that a file, or a line of it, is too long to be checked in time.
fn oversized(source: &Source, limits: &Limits) -> Option<Diagnostic> {
    let (file, line) = (limits.size(Limit::YamlSize), limits.size(Limit::YamlLine));
    if source.text().len() > file {
        return Some(limits.exceeded(Limit::YamlSize, Place::file(source.path().clone())));
    }
    let long = source.text().split('\n').position(|text| text.len() > line)?;
    Some(limits.exceeded(Limit::YamlLine, source.at(long + 1, 1)))
}

/// A map whose keys were found to be declared and single, with none missing.
pub struct Fields<'y> {
    shape: &'static Shape,
    entries: Entries<'y>,
}

/// The values of a map by keys that are known: a few, which are sooner looked through than sorted.
pub struct Entries<'y>(Vec<(&'y str, &'y Yaml)>);

impl<'y> Entries<'y> {
    /// The value of a key, the last one where it repeats.
    pub fn get(&self, key: &str) -> Option<&'y Yaml> {
        self.0.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }
}

impl<'y> Fields<'y> {
    /// The value of a key; none when it is absent or null.
    pub fn get(&self, key: &str) -> Option<&'y Yaml> {
        debug_assert!(self.shape.kind(key).is_some(), "`{key}` is not declared");
        self.entries.get(key).filter(|value| !matches!(value.value, Value::Null))
    }

    /// A value and the limits of its number, as they are declared.
    fn limited(&self, key: &str) -> Option<(&'y Yaml, i64, i64)> {
        let Some(Kind::Number(least, most) | Kind::Whole(least, most)) = self.shape.kind(key) else {
            return None;
        };
        Some((self.get(key)?, *least, *most))
    }
}

/// Reads values of a set of YAML files and collects what is wrong with them.
pub struct YamlReader<'r> {
    /// The files; a node's `file` is its position here.
    pub sources: Vec<Source>,
    /// Where findings go.
    pub findings: &'r mut Findings,
}

impl YamlReader<'_> {
    /// Where a value stands.
    pub fn place(&self, node: &Yaml) -> Place {
        self.place_of(&node.spot())
    }

    /// The place of what stands so in the files.
    pub fn place_of(&self, (file, span): &Spot) -> Place {
        self.sources[*file].place(span.clone())
    }

    /// Reports a fault at a value.
    pub fn fault(&mut self, code: Code, node: &Yaml, message: impl Into<String>, help: impl Into<String>) {
        let help = help.into();
        let finding = Diagnostic::new(code, message, self.place(node));
        self.findings.push(if help.is_empty() { finding } else { finding.help(help) });
    }

    fn wrong_type(&mut self, node: &Yaml, expected: &str) {
        self.fault(Code::WrongType, node, format!("expected {expected}, found {}", described(node)), "");
    }

    /// A map of declared keys; others are unknown, and those that must be there are missed.
    pub fn fields<'y>(&mut self, node: &'y Yaml, shape: &'static Shape) -> Option<Fields<'y>> {
        let names = shape.keys.iter().map(|key| key.name);
        let fields = Fields { shape, entries: self.known(node, shape.what, names)? };
        for key in shape.keys.iter().filter(|key| key.required && fields.get(key.name).is_none()) {
            let message = format!("{} has no `{}`", shape.what, key.name);
            self.fault(Code::MissingKey, node, message, format!("add `{}: ...` here", key.name));
        }
        Some(fields)
    }

    /// The values of a map by these keys; others are unknown.
    pub fn known<'y, 'n>(
        &mut self,
        node: &'y Yaml,
        what: &str,
        known: impl ExactSizeIterator<Item = &'n str> + Clone,
    ) -> Option<Entries<'y>> {
        let entries = self.entries(node, what)?;
        let mut values = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = self.scalar(key) else { continue };
            if known.clone().any(|known| known == name) {
                values.push((name, value));
                continue;
            }
            let help = match self.findings.nearest(name, known.clone()) {
                Some(near) => did_you_mean(name, near),
                None => format!("{what} takes {}", one_of(known.clone())),
            };
            self.fault(Code::UnknownKey, key, format!("unknown key `{name}` in {what}"), help);
        }
        Some(Entries(values))
    }

    /// The entries of a map of free keys; a key that repeats is a fault.
    pub fn entries<'y>(&mut self, node: &'y Yaml, what: &str) -> Option<&'y [(Yaml, Yaml)]> {
        let Value::Map(entries) = &node.value else {
            self.wrong_type(node, &format!("{what} as a map"));
            return None;
        };
        // A few keys are sooner compared with each other than sorted.
        const FEW: usize = 16;
        let mut seen: BTreeMap<&str, &Yaml> = BTreeMap::new();
        for (at, (key, _)) in entries.iter().enumerate() {
            let Value::Scalar(name) = &key.value else { continue };
            let is_same = |other: &&Yaml| matches!(&other.value, Value::Scalar(other) if other == name);
            let first = match entries.len() <= FEW {
                true => entries[..at].iter().rev().map(|(key, _)| key).find(is_same),
                false => seen.insert(name, key),
            };
            if let Some(first) = first {
                let finding = Diagnostic::new(
                    Code::DuplicateKey,
                    format!("key `{name}` stands twice"),
                    self.place(key),
                )
                .related(self.place(first), "first here")
                .help("keep one of them");
                self.findings.push(finding);
            }
        }
        Some(entries)
    }

    /// The items of a list.
    pub fn list<'y>(&mut self, node: &'y Yaml, what: &str) -> &'y [Yaml] {
        if let Value::List(items) = &node.value {
            return items;
        }
        self.wrong_type(node, &format!("a list of {what}"));
        &[]
    }

    /// The items of a list, or one value as a list of one.
    pub fn one_or_more<'y>(&mut self, node: &'y Yaml) -> &'y [Yaml] {
        match &node.value {
            Value::List(items) => items,
            Value::Null | Value::Scalar(_) | Value::Map(_) => std::slice::from_ref(node),
        }
    }

    /// A scalar's text.
    pub fn scalar<'y>(&mut self, node: &'y Yaml) -> Option<&'y str> {
        if let Value::Scalar(text) = &node.value {
            return Some(text);
        }
        self.wrong_type(node, "a single value");
        None
    }

    /// The word of a key that takes one of a closed set.
    pub fn keyword<T: Keyword>(&mut self, fields: &Fields<'_>, key: &str) -> Option<T> {
        debug_assert!(
            matches!(fields.shape.kind(key), Some(Kind::Word(declared)) if declared() == words::<T>())
        );
        self.word(fields.get(key)?, key)
    }

    /// One of a closed set of words.
    pub fn word<T: Keyword>(&mut self, node: &Yaml, what: &str) -> Option<T> {
        let word = self.scalar(node)?;
        let found = T::WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() {
            let message = format!("`{word}` is no value of `{what}`");
            self.fault(Code::UnknownValue, node, message, format!("it takes {}", one_of(&words::<T>())));
        }
        found
    }

    /// A weight.
    pub fn weight(&mut self, node: &Yaml) -> Option<Weight> {
        let text = self.scalar(node)?;
        match Weight::parse(text) {
            Ok(weight) => Some(weight),
            Err(fault) => {
                self.fault(
                    Code::WeightNotANumber,
                    node,
                    format!("the weight `{text}` {}", fault.reason()),
                    "a weight is 0 or more and below 1000000000, with a point and at most 9 places, such as `2.5`",
                );
                None
            }
        }
    }

    /// The decimal of a key, within the limits that are declared.
    pub fn decimal(&mut self, fields: &Fields<'_>, key: &str) -> Option<Decimal> {
        let (node, least, most) = fields.limited(key)?;
        self.number(node, key, (least, most))
    }

    /// The whole number of a key, within the limits that are declared.
    pub fn whole(&mut self, fields: &Fields<'_>, key: &str) -> Option<u32> {
        let (node, ..) = fields.limited(key)?;
        let number = self.decimal(fields, key)?;
        if !number.is_integer() {
            let message = format!("`{key}`: `{number}` is no whole number");
            self.fault(Code::NumberMalformed, node, message, "write it without a fraction");
        }
        u32::try_from(number).ok()
    }

    /// A decimal within limits.
    pub fn number(&mut self, node: &Yaml, what: &str, (least, most): (i64, i64)) -> Option<Decimal> {
        let text = self.scalar(node)?;
        let number = match parse_decimal(text) {
            Ok(number) => number,
            Err(fault) => {
                let message = format!("`{what}`: `{text}` {}", fault.reason());
                self.fault(Code::NumberMalformed, node, message, "write it with a point, such as `2.5`");
                return None;
            }
        };
        if number < Decimal::from(least) || number > Decimal::from(most) {
            let message = format!("`{what}` is {text}");
            let help = format!("it lies from {least} to {most}");
            self.fault(Code::NumberOutOfRange, node, message, help);
            return None;
        }
        Some(number)
    }
}
