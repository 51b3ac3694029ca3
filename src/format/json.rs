//! Documents as JSON: one object with a `schema` key; figures are strings, so that no reader rounds them.

use serde_json::{Map, Value, json};

use crate::document::{Cell, Document, Fact, Table};

/// A document's bytes.
pub fn write(document: &Document) -> Vec<u8> {
    let mut root = Map::new();
    root.insert("schema".to_owned(), json!(document.schema));
    for (key, fact) in &document.facts {
        let value = match fact {
            Fact::Value(cell) => cell_value(cell),
            Fact::Map(entries) => {
                Value::Object(entries.iter().map(|(name, value)| (name.clone(), json!(value))).collect())
            }
        };
        root.insert((*key).to_owned(), value);
    }
    for table in document.tables() {
        root.insert(table.name.replace('-', "_"), rows(table));
    }
    // A value made of strings, numbers and maps can always be written.
    let mut bytes = serde_json::to_vec_pretty(&Value::Object(root)).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn rows(table: &Table) -> Value {
    let row = |cells: &Vec<Cell>| {
        let keys = table.columns.iter().map(|column| column.key.clone());
        Value::Object(keys.zip(cells.iter().map(cell_value)).collect())
    };
    Value::Array(table.rows.iter().map(row).collect())
}

fn cell_value(cell: &Cell) -> Value {
    match cell {
        Cell::Blank | Cell::Remark(_) => Value::Null,
        Cell::Text(text)
        | Cell::Noted(text, _)
        | Cell::Word(text, _)
        | Cell::Nested(text, _)
        | Cell::Band(text, _, _) => json!(text),
        Cell::Count(count) => json!(count),
        Cell::Figure(figure) => json!(figure.to_string()),
    }
}
