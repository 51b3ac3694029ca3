//! What a YAML file may hold, as data: the reader tells unknown keys, missing ones, wrong words and
//! numbers out of range by it, and the JSON Schemas are made from it.

use crate::framework::Keyword;

/// A map of declared keys.
#[derive(Debug)]
pub struct Shape {
    /// Its name among the definitions of a schema.
    pub name: &'static str,
    /// What a finding calls it.
    pub what: &'static str,
    /// What it is, for whoever writes one.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// Keys of which exactly one is there; none where any may be.
    pub one_of: &'static [&'static str],
}

/// A key of a map.
#[derive(Debug)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, for whoever writes one.
    pub about: &'static str,
}

/// What a key takes.
#[derive(Debug)]
pub enum Kind {
    /// One value, taken by its text as it stands.
    Plain,
    /// Words for people: in the first language, or in each.
    Text,
    /// An id.
    Id,
    /// A day, such as `2025-12-31`.
    Day,
    /// One of a closed set of words.
    Word(fn() -> Vec<&'static str>),
    /// A decimal from the first limit to the second.
    Number(i64, i64),
    /// A whole number from the first limit to the second.
    Whole(i64, i64),
    /// What something weighs.
    Weight,
    /// From 0 to 1.
    Score,
    /// A list.
    List(&'static Self),
    /// A list of two.
    Pair(&'static Self, &'static Self),
    /// One, or a list.
    OneOrMore(&'static Self),
    /// One or the other.
    Either(&'static Self, &'static Self),
    /// A map of keys that the file chooses.
    Entries(&'static Self),
    /// A map of declared keys.
    Map(&'static Shape),
}

/// A key that may be left out.
pub const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, required: false, about }
}

/// A key that must be there.
pub const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, required: true, about }
}

/// The words of a closed set.
pub fn words<T: Keyword>() -> Vec<&'static str> {
    T::WORDS.iter().map(|(word, _)| *word).collect()
}

impl Shape {
    /// What a key takes; none for a key that is not declared.
    pub fn kind(&self, key: &str) -> Option<&'static Kind> {
        self.keys.iter().find(|declared| declared.name == key).map(|declared| &declared.kind)
    }
}
