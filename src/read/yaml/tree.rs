//! The tree of a YAML text. The build script parses the framework's files with this very file, so that it
//! names nothing else of the program.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, Error, MergeKeyPolicy, Spanned};

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yaml {
    /// Which source it is in.
    pub file: usize,
    /// Its bytes there; those of the first key, of a map.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// Where a value stands: which source it is in, and its bytes there.
pub type Spot = (usize, Range<usize>);

impl Yaml {
    /// Where it stands.
    pub fn spot(&self) -> Spot {
        (self.file, self.span.clone())
    }
}

/// A YAML value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// A scalar's text; the program's own is not copied.
    Scalar(Cow<'static, str>),
    /// A sequence.
    List(Vec<Yaml>),
    /// A map in the file's order; keys may repeat.
    Map(Vec<(Yaml, Yaml)>),
}

/// What a text may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Levels of maps and lists.
    pub depth: usize,
    /// Values, those behind aliases included.
    pub values: usize,
    /// Aliases, and anchors.
    pub aliases: usize,
}

/// Parses a text; `file` is the number by which its places are found again.
///
/// # Errors
/// It is no YAML, or more of it than the bounds allow.
pub fn parse(text: &str, file: usize, bounds: &Bounds) -> Result<Yaml, Box<Error>> {
    let Bounds { depth, values, aliases } = *bounds;
    let options = serde_yaml::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_depth: depth,
            // A level more, so that it is told as the limit that it is.
            flow_nesting_limit: depth.saturating_add(1),
            max_events: values,
            max_nodes: values,
            max_recorded_anchor_events: values,
            max_aliases: aliases,
            max_anchors: aliases,
            // One anchor may well be named often; what that costs is counted in values.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: values,
            max_replay_stack_depth: depth,
        },
    };
    let mut root = serde_yaml::from_str_with_options::<Yaml>(text, options).map_err(Box::new)?;
    settle(&mut root, text, file);
    Ok(root)
}

/// Gives every node its file, and the scalars that the parser took for numbers or booleans the text
/// that stands in the file.
fn settle(node: &mut Yaml, text: &str, file: usize) {
    node.file = file;
    match &mut node.value {
        Value::Null => {}
        Value::Scalar(words) => {
            if words.is_empty() && !matches!(text.get(node.span.clone()), Some("''" | "\"\"")) {
                *words = text.get(node.span.clone()).unwrap_or("").trim().to_owned().into();
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| settle(item, text, file)),
        Value::Map(entries) => {
            for (key, value) in entries.iter_mut() {
                settle(key, text, file);
                settle(value, text, file);
            }
            if let Some((key, _)) = entries.first() {
                node.span = key.span.clone();
            }
        }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let span = spanned.defined.span();
        let start = span.byte_offset().unwrap_or(0) as usize;
        let end = start + span.byte_len().unwrap_or(0) as usize;
        Ok(Self { file: 0, span: start..end, value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

/// A scalar whose text is taken from the file afterwards.
fn typed<E>() -> Result<Value, E> {
    Ok(Value::Scalar(Cow::default()))
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Scalar(text.to_owned().into()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        typed()
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        typed()
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        typed()
    }

    fn visit_i128<E>(self, _: i128) -> Result<Value, E> {
        typed()
    }

    fn visit_u128<E>(self, _: u128) -> Result<Value, E> {
        typed()
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        typed()
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}
