//! Findings for other programs: JSON, GitHub annotations and SARIF.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{Checked, summary};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};
use crate::source::Place;

/// One document: its `schema` key names and numbers its form.
pub fn json(findings: &Findings, shown: &[&Diagnostic], checked: &Checked) -> String {
    let one = |finding: &&Diagnostic| {
        let mut object = Map::new();
        object.insert("code".to_owned(), json!(finding.code.name()));
        object.insert("severity".to_owned(), json!(findings.severity(finding).name()));
        object.insert("message".to_owned(), json!(finding.message));
        if let Some(at) = &finding.place {
            object.insert("place".to_owned(), place(at));
        }
        if let Some((at, words)) = &finding.related {
            object.insert("related".to_owned(), json!({ "message": words, "place": place(at) }));
        }
        if let Some(help) = &finding.help {
            object.insert("help".to_owned(), json!(help));
        }
        Value::Object(object)
    };
    let list: Vec<Value> = shown.iter().map(one).collect();
    let document = json!({
        "schema": "asan-index/check/1",
        "checked": {
            "frameworks": checked.frameworks,
            "rounds": checked.rounds,
            "files": checked.files,
        },
        "findings": list,
        "summary": {
            "errors": findings.number(Severity::Error),
            "warnings": findings.number(Severity::Warning),
            "shown": shown.len(),
        },
    });
    format!("{document:#}\n")
}

/// The JSON Schema of what [`json()`] writes.
pub fn json_schema() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    let number =
        |least: u64, words: &str| json!({ "type": "integer", "minimum": least, "description": words });
    let words = |words: &str| json!({ "type": "string", "description": words });
    let map = |words: &str, properties: Value, required: &[&str]| {
        json!({
            "description": words, "type": "object", "properties": properties,
            "required": required, "additionalProperties": false,
        })
    };
    let place = map(
        "A place in a file.",
        json!({
            "file": words("The file, as it was named."),
            "line": number(1, "The line; absent where the whole file is meant."),
            "column": number(1, "The first character, counted in code points."),
            "end_column": number(1, "The column behind the last character."),
            "cell": words("The sheet and cell of a workbook."),
        }),
        &["file"],
    );
    let at = json!({ "$ref": "#/$defs/place" });
    let finding = map(
        "A finding.",
        json!({
            "code": { "enum": codes, "description": "What kind of fault it is." },
            "severity": { "enum": [Severity::Error.name(), Severity::Warning.name()] },
            "message": words("What was found and what was expected."),
            "place": at,
            "related": map(
                "A second place that explains it.",
                json!({ "message": words("What stands there."), "place": at }),
                &["message", "place"],
            ),
            "help": words("How to mend it."),
        }),
        &["code", "severity", "message"],
    );
    let summary = map(
        "How many findings there are, and how many of them are listed.",
        json!({
            "errors": number(0, "Errors."),
            "warnings": number(0, "Warnings."),
            "shown": number(0, "Findings that are listed."),
        }),
        &["errors", "warnings", "shown"],
    );
    let names = |words: &str| json!({ "type": "array", "items": { "type": "string" }, "description": words });
    let checked = map(
        "What was looked at, as it was named.",
        json!({
            "frameworks": names("Frameworks that were named themselves, by no round."),
            "rounds": names("Rounds, each with its framework."),
            "files": names("Answer files that were named without their round."),
        }),
        &["frameworks", "rounds", "files"],
    );
    let mut schema = map(
        "What `asan-index check --format json` writes.",
        json!({
            "schema": { "const": "asan-index/check/1" },
            "checked": checked,
            "findings": { "type": "array", "items": { "$ref": "#/$defs/finding" } },
            "summary": summary,
        }),
        &["schema", "checked", "findings", "summary"],
    );
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("asan-index: check");
    schema["$defs"] = json!({ "finding": finding, "place": place });
    schema
}

fn place(place: &Place) -> Value {
    let mut object = Map::new();
    object.insert("file".to_owned(), json!(&*place.path));
    if place.line > 0 {
        object.insert("line".to_owned(), json!(place.line));
        object.insert("column".to_owned(), json!(place.column));
    }
    if let Some(end) = end_column(place) {
        object.insert("end_column".to_owned(), json!(end));
    }
    if let Some(cell) = &place.cell {
        object.insert("cell".to_owned(), json!(cell));
    }
    Value::Object(object)
}

/// The column behind the last character of a span.
fn end_column(place: &Place) -> Option<usize> {
    let excerpt = place.excerpt.as_ref()?;
    Some(place.column + excerpt.text.get(excerpt.start..excerpt.end)?.chars().count())
}

/// Annotations of a GitHub workflow, a line each, and a line for its log that sums up all.
pub fn github(findings: &Findings, shown: &[&Diagnostic], checked: &Checked) -> String {
    let mut text = String::new();
    for finding in shown {
        let mut properties = Vec::new();
        if let Some(place) = &finding.place {
            properties.push(format!("file={}", property(&place.path)));
            if place.line > 0 {
                properties.push(format!("line={},col={}", place.line, place.column));
            }
            properties.extend(end_column(place).map(|end| format!("endColumn={end}")));
        }
        properties.push(format!("title={}", finding.code.name()));
        let mut words = finding.message.clone();
        if let Some((place, label)) = &finding.related {
            let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
            let _ = write!(words, "\n{label}: {}{line}", place.path);
        }
        if let Some(help) = &finding.help {
            let _ = write!(words, "\nhelp: {help}");
        }
        let severity = findings.severity(finding).name();
        let _ = writeln!(text, "::{severity} {}::{}", properties.join(","), escaped(&words));
    }
    text + &summary(findings, shown.len(), checked)
}

fn escaped(words: &str) -> String {
    words.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(words: &str) -> String {
    escaped(words).replace(':', "%3A").replace(',', "%2C")
}

/// A SARIF 2.1.0 log of one run.
pub fn sarif(findings: &Findings, shown: &[&Diagnostic]) -> String {
    let rules: Vec<Value> = Code::ALL.iter().map(|code| rule(*code)).collect();
    let result = |finding: &&Diagnostic| {
        let index = Code::ALL.iter().position(|code| *code == finding.code);
        let mut words = finding.message.clone();
        if let Some(help) = &finding.help {
            let _ = write!(words, ". {help}");
        }
        let mut result = json!({
            "ruleId": finding.code.name(),
            "ruleIndex": index,
            "level": findings.severity(finding).name(),
            "message": { "text": words },
            "locations": finding.place.iter().map(location).collect::<Vec<Value>>(),
        });
        if let Some((place, words)) = &finding.related {
            let mut related = location(place);
            related["message"] = json!({ "text": words });
            result["relatedLocations"] = json!([related]);
        }
        result
    };
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": shown.iter().map(result).collect::<Vec<Value>>(),
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.summary() },
        "help": { "text": code.explanation(), "markdown": code.explanation() },
        "defaultConfiguration": { "level": code.severity().name() },
    })
}

fn location(place: &Place) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.path) } });
    if place.cell.is_none() && place.line > 0 {
        physical["region"] = json!({ "startLine": place.line, "startColumn": place.column });
        if let Some(end) = end_column(place) {
            physical["region"]["endColumn"] = json!(end);
        }
        if let Some(excerpt) = &place.excerpt {
            physical["region"]["snippet"] = json!({ "text": excerpt.text });
        }
    }
    let mut location = json!({ "physicalLocation": physical });
    if let Some(cell) = &place.cell {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": cell }]);
    }
    location
}

/// A path as a relative reference: what a URI cannot hold is written in percent.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}
