//! JSON Schemas (draft 2020-12) of the YAML files, for editors that complete and check while someone
//! types: made from the declarations that the reader goes by.

use serde_json::{Map, Value, json};

use super::declared;
use super::shape::{Kind, Shape};

/// The kinds of files, and what each holds.
const FILES: [(&str, &Shape); 3] =
    [("framework", &declared::FRAMEWORK), ("group", &declared::GROUP), ("round", &declared::ROUND)];

/// The schema of a kind of file; none where there is no such kind.
pub fn of(name: &str) -> Option<Value> {
    let (_, shape) = FILES.iter().find(|(file, _)| *file == name)?;
    let mut definitions = Definitions(Map::new());
    let root = definitions.shape(shape);
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(format!("asan-index: {name}")));
    schema.extend(root);
    schema.insert("$defs".to_owned(), Value::Object(definitions.0));
    Some(Value::Object(schema))
}

/// The definitions that a schema refers to, each made once.
struct Definitions(Map<String, Value>);

impl Definitions {
    fn shape(&mut self, shape: &Shape) -> Map<String, Value> {
        let mut properties = Map::new();
        for key in shape.keys {
            let mut value = self.kind(&key.kind);
            value.insert("description".to_owned(), json!(key.about));
            properties.insert(key.name.to_owned(), Value::Object(value));
        }
        let required: Vec<&str> = shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        let mut schema = object(json!({
            "description": shape.about,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }));
        if !shape.one_of.is_empty() {
            let one: Vec<Value> = shape.one_of.iter().map(|key| json!({ "required": [key] })).collect();
            schema.insert("oneOf".to_owned(), Value::Array(one));
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Map<String, Value> {
        // A number may stand in quotes; its text is then held to be one.
        const NUMBER: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]{1,9}0*)?$";
        let number = |limits: Value| {
            let mut schema = object(json!({ "type": ["number", "string"], "pattern": NUMBER }));
            schema.extend(object(limits));
            schema
        };
        object(match kind {
            Kind::Plain => json!({ "type": ["string", "number", "boolean"] }),
            Kind::Text => return self.text(),
            Kind::Id => json!({ "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9._-]*$" }),
            Kind::Day => {
                json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" })
            }
            Kind::Word(words) => return word(&words()),
            Kind::Number(least, most) => return number(json!({ "minimum": least, "maximum": most })),
            Kind::Weight => return number(json!({ "minimum": 0, "exclusiveMaximum": 1_000_000_000 })),
            Kind::Score => return number(json!({ "minimum": 0, "maximum": 1 })),
            Kind::Whole(least, most) => json!({
                "type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": least, "maximum": most,
            }),
            Kind::List(item) => json!({ "type": "array", "items": self.kind(item) }),
            Kind::Pair(first, second) => json!({
                "type": "array", "prefixItems": [self.kind(first), self.kind(second)],
                "items": false, "minItems": 2,
            }),
            Kind::OneOrMore(item) => {
                let one = self.kind(item);
                json!({ "anyOf": [one, { "type": "array", "items": one }] })
            }
            Kind::Either(one, other) => json!({ "anyOf": [self.kind(one), self.kind(other)] }),
            Kind::Entries(value) => json!({ "type": "object", "additionalProperties": self.kind(value) }),
            Kind::Map(shape) => return self.refer(shape.name, |all| all.shape(shape)),
        })
    }

    fn text(&mut self) -> Map<String, Value> {
        self.refer("text", |all| {
            let plain = all.kind(&Kind::Plain);
            object(json!({
                "description": "Words for people: in the first language, or a map of languages to words.",
                "anyOf": [plain, { "type": "object", "additionalProperties": plain }],
            }))
        })
    }

    /// A reference to a definition, which is made where there is none yet.
    fn refer(
        &mut self,
        name: &str,
        make: impl FnOnce(&mut Self) -> Map<String, Value>,
    ) -> Map<String, Value> {
        if !self.0.contains_key(name) {
            // Its place is taken first: a group holds groups.
            self.0.insert(name.to_owned(), Value::Null);
            let schema = make(self);
            self.0.insert(name.to_owned(), Value::Object(schema));
        }
        object(json!({ "$ref": format!("#/$defs/{name}") }))
    }
}

/// One of some words; those that YAML takes for booleans may stand without quotes.
fn word(words: &[&str]) -> Map<String, Value> {
    let typed = words.iter().filter_map(|word| word.parse::<bool>().ok()).map(Value::Bool);
    let values: Vec<Value> = typed.chain(words.iter().map(|word| json!(word))).collect();
    object(json!({ "enum": values }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
