//! `asan-index schema`: JSON Schemas of files that people and programs write.

use std::fmt::Write as _;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use serde_json::Value;

use super::{Terminal, Verdict};
use crate::diagnostic::render;
use crate::read;

const EXAMPLES: &str = "Examples:
  asan-index schema
  asan-index schema framework
  asan-index schema round";

/// Print the JSON Schema of a kind of file, for editors and other programs.
///
/// An editor with YAML support completes and checks a file while you type when its first line names the schema:
/// `# yaml-language-server: $schema=PATH`. Without a name, the kinds of files are listed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The kind of file
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(KINDS.map(|(name, _)| name)))]
    pub kind: Option<String>,
}

/// The kinds of files, and what each is.
pub const KINDS: [(&str, &str); 4] = [
    ("framework", "framework.yaml: the head of a framework"),
    ("group", "a file that a framework's `groups` name: a group of its own"),
    ("round", "round.yaml: a round of assessment"),
    ("check", "what `asan-index check --format json` writes"),
];

/// Prints a schema, or their names.
///
/// # Errors
/// It cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let mut text = String::new();
    match args.kind.as_deref().and_then(text_of) {
        Some(schema) => text.push_str(&schema),
        None => KINDS.iter().for_each(|(name, what)| {
            let _ = writeln!(text, "{name:<10} {what}");
        }),
    }
    terminal.out.write_all(text.as_bytes()).context("cannot write")?;
    Ok(Verdict::Done)
}

/// The schema of a kind of file as the text of a file; none for a kind that there is not.
pub fn text_of(kind: &str) -> Option<String> {
    let schema: Value = match kind {
        "check" => render::json_schema(),
        kind => read::schema::of(kind)?,
    };
    Some(format!("{schema:#}\n"))
}
