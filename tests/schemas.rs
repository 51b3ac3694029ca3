//! The JSON Schemas: committed and current, true to the reader, and named by the files that they
//! describe; what `check` writes for programs is held to a schema, and SARIF to the published one.
//!
//! `UPDATE=1 cargo test --test schemas` writes the committed schemas anew.

mod support;

use std::path::{Path, PathBuf};

use asan_index::commands::schema::{KINDS, text_of};
use jsonschema::Validator;
use serde_json::Value;
use support::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn validator(kind: &str) -> Validator {
    let schema: Value = serde_json::from_str(&text_of(kind).expect("a schema")).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{kind}: {error}"));
    jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    let all = validator.iter_errors(value);
    all.map(|error| format!("{}: {error}", error.instance_path()).chars().take(300).collect()).collect()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The YAML files below a folder.
fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
    files
}

/// The kind of a file, by its name.
fn kind(path: &Path) -> &'static str {
    match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("framework") => "framework",
        Some("round") => "round",
        _ => "group",
    }
}

#[test]
fn the_committed_schemas_are_current() {
    for (kind, _) in KINDS {
        let path = root().join(format!("schemas/{kind}.json"));
        let text = text_of(kind).expect("a schema");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).expect("written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is not current", path.display());
        let printed = support::command(&["schema", kind]).output().expect("it runs");
        assert_eq!(String::from_utf8(printed.stdout).expect("text"), text);
    }
}

#[test]
fn every_good_file_is_valid() {
    let validators = ["framework", "group", "round"].map(|kind| (kind, validator(kind)));
    let mut count = 0;
    for folder in ["parameters", "examples", "tests/published"] {
        for path in yaml_files(&root().join(folder)) {
            let text = std::fs::read_to_string(&path).expect("a file");
            let (_, validator) = validators.iter().find(|(name, _)| *name == kind(&path)).expect("a kind");
            assert_eq!(faults(validator, &yaml(&text)), Vec::<String>::new(), "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 50, "{count} files");
}

#[test]
fn files_name_their_schema_and_it_is_there() {
    let folder = Folder::with(&[]);
    folder.run(&["init", "new", "--framework-copy"]).exits(0);
    folder.run(&["init", "neu", "--lang", "az"]).exits(0);
    let own = [root().join("parameters"), root().join("examples"), folder.join("new"), folder.join("neu")];
    for path in own.iter().flat_map(|folder| yaml_files(folder)) {
        let text = std::fs::read_to_string(&path).expect("a file");
        let first = text.lines().next().unwrap_or("");
        let named = first.strip_prefix("# yaml-language-server: $schema=");
        let named = named.unwrap_or_else(|| panic!("{}: {first}", path.display()));
        let schema = path.parent().expect("a folder").join(named);
        assert!(named.ends_with(&format!("{}.json", kind(&path))), "{}: {named}", path.display());
        let found = std::fs::read_to_string(&schema).unwrap_or_else(|_| panic!("{}", schema.display()));
        assert_eq!(Some(found), text_of(kind(&path)));
    }
}

const FRAMEWORK: &str = "framework: small
version: '1'
status: reference
title: { en: Small, az: Kiçik }
levels: [group, parameter]
counts: { group: 1, parameter: 2 }
languages: [en, az]
policy: { missing: zero, decimals: 2, minimum_coverage: 50, aggregation: [arithmetic] }
scales:
  yes-no: { choices: [{ answer: 'yes', score: 1 }, { answer: 'no', score: 0.5 }] }
bands: [{ id: A, from: 0 }]
groups:
  - id: G1
    title: { en: One, az: Bir }
    weight: 2
    parameters:
      - { id: P1, title: { en: T, az: B }, question: { en: Q?, az: S? }, scale: yes-no, optional: true }
      - id: P2
        title: { en: T, az: B }
        question: { en: Q?, az: S? }
        evidence: required
        scale: { number: { min: 0, max: 9, points: [[0, 0], [9, 1]], ratio: false } }
";

const ROUND: &str = "id: r
title: R
date: 2025-05-30
period: { from: 2024-01-01, to: 2024-12-31 }
state: draft
framework: framework.yaml
allow: [evidence-missing]
stages:
  - { id: first, by: entity }
  - { id: last, by: evaluator, unconfirmed: keep, scored: true }
";

/// A fault made in one of the files, and the code by which `check` names it.
const FAULTS: [(&str, &str, &str); 27] = [
    ("version: '1'", "versoin: '1'", "unknown-key"),
    ("version: '1'\n", "", "missing-key"),
    ("status: reference", "status: official-ish", "unknown-value"),
    ("levels: [group, parameter]", "levels: group", "wrong-type"),
    ("missing: zero", "missing: nothing", "unknown-value"),
    ("decimals: 2", "decimals: 2.5", "number-malformed"),
    ("decimals: 2", "decimals: 10", "number-out-of-range"),
    ("minimum_coverage: 50", "minimum_coverage: 101", "number-out-of-range"),
    ("aggregation: [arithmetic]", "aggregation: [mean]", "unknown-value"),
    ("score: 0.5", "score: 1.5", "score-out-of-range"),
    ("score: 0.5", "score: half", "score-out-of-range"),
    ("answer: 'no', ", "", "missing-key"),
    ("bands: [{ id: A, from: 0 }]", "bands: [{ id: A, from: -1 }]", "number-out-of-range"),
    ("id: G1", "id: 1G", "ill-formed-id"),
    ("weight: 2", "weight: -2", "weight-not-a-number"),
    ("weight: 2", "weight: '1,5'", "weight-not-a-number"),
    ("weight: 2", "weight: 1000000000", "weight-not-a-number"),
    ("optional: true", "optional: maybe", "unknown-value"),
    ("evidence: required", "evidence: wanted", "unknown-value"),
    ("number: { min: 0", "numbers: { min: 0", "scale-kind"),
    ("[9, 1]]", "[9]]", "wrong-type"),
    ("    parameters:\n", "    groups: []\n    parameters:\n", "group-with-both"),
    ("date: 2025-05-30", "date: 30.05.2025", "date-malformed"),
    ("state: draft", "state: open", "unknown-value"),
    ("allow: [evidence-missing]", "allow: [duplicate-id]", "allowed-error"),
    ("by: entity", "by: nobody", "unknown-value"),
    ("id: last, ", "", "missing-key"),
];

#[test]
fn what_the_reader_refuses_a_schema_refuses() {
    let (of_framework, of_round) = (validator("framework"), validator("round"));
    assert_eq!(faults(&of_framework, &yaml(FRAMEWORK)), Vec::<String>::new());
    assert_eq!(faults(&of_round, &yaml(ROUND)), Vec::<String>::new());
    let folder = Folder::with(&[("framework.yaml", FRAMEWORK), ("round.yaml", ROUND)]);
    assert_eq!(folder.run(&["check"]).exits(0).out(), "no findings in 1 framework and 1 round\n");
    for (from, to, code) in FAULTS {
        let (name, validator, good) = match FRAMEWORK.contains(from) {
            true => ("framework.yaml", &of_framework, FRAMEWORK),
            false => ("round.yaml", &of_round, ROUND),
        };
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        assert!(!faults(validator, &yaml(&bad)).is_empty(), "the schema takes `{to}`");
        folder.write(name, bad.as_bytes());
        let found = folder.run(&["check"]).out();
        assert!(found.contains(&format!("[{code}]")), "{to}: {found}");
        folder.write(name, good.as_bytes());
    }
}

#[test]
fn what_check_writes_is_valid() {
    let published = std::fs::read_to_string(root().join("tests/sarif/sarif-schema-2.1.0.json"));
    let mut published: Value = serde_json::from_str(&published.expect("the schema")).expect("JSON");
    // Its pattern for a key that we do not write has a stray `]`, which this validator takes for a fault.
    for object in ["run", "toolComponent"] {
        let language = &mut published["definitions"][object]["properties"]["language"];
        language.as_object_mut().expect("a map").remove("pattern").expect("a pattern");
    }
    let sarif = jsonschema::draft7::new(&published).expect("a schema");
    for (format, validator) in [("json", validator("check")), ("sarif", sarif)] {
        for path in ["tests/diagnostics", "parameters"] {
            let mut run = support::command(&["check", path, "--format", format]);
            let text = run.current_dir(root()).output().expect("it runs").stdout;
            let log: Value = serde_json::from_slice(&text).expect("JSON");
            assert_eq!(faults(&validator, &log), Vec::<String>::new(), "{format} of {path}");
            let found = if format == "json" { &log["findings"] } else { &log["runs"][0]["results"] };
            let number = found.as_array().expect("a list").len();
            assert_eq!(number > 100, path == "tests/diagnostics", "{number} findings in {path}");
        }
    }
}
