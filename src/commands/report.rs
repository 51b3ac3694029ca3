//! `asan-index report`: the results of a round as a document.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::inputs::{Destination, Global, Loaded, OutputArgs, deliver, file_speech};
use super::{Terminal, Verdict};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::{Format, Style};
use crate::text::nearest;
use crate::view::report::{Audience, Report};

const EXAMPLES: &str = "Examples:
  asan-index report examples/round-2025 -o report.html
  asan-index report examples/round-2025 -o report.xlsx
  asan-index report examples/round-2025 --audience entity:border-trade -o customs.html";

/// Write the results of a round as a document: one HTML file that needs nothing else, a workbook or
/// Markdown.
///
/// Rankings, distribution, the gaps that cost most over all services, and a part for each entity and
/// service with its scores, gaps and actions. A draft round says so.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// For whom: `public`, `internal` (with why an answer does not count) or `entity:ID` (that body alone)
    #[arg(long, value_name = "WHO", default_value = "public", value_parser = audience)]
    pub audience: Audience,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

fn audience(words: &str) -> Result<Audience, String> {
    match (words, words.strip_prefix("entity:")) {
        ("public", _) => Ok(Audience::Public),
        ("internal", _) => Ok(Audience::Internal),
        (_, Some(id)) if !id.is_empty() => Ok(Audience::Entity(id.to_owned())),
        _ => Err("an audience is `public`, `internal` or `entity:ID`".to_owned()),
    }
}

/// Reports a round.
///
/// # Errors
/// Something cannot be read or written, or there is no such entity.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = destination(args)?;
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    check_audience(args, &loaded)?;
    let results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
    loaded.note_rejected(&results);
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let mut speech = file_speech(&loaded.framework, &loaded.head);
    if global.lang.is_some() {
        speech = global.speech(&loaded.framework, Some(&loaded.head));
    }
    // A sheet for each of 600 services would be no workbook that anyone opens.
    let parts =
        !matches!(destination, Destination::Stream(Format::Xlsx) | Destination::File(_, Format::Xlsx));
    let report =
        Report { scorer: &scorer, results: &results, speech: &speech, audience: &args.audience, parts };
    let style =
        Style { language: speech.program, ..global.style(&args.output, Some(&loaded.head), terminal) };
    deliver(&report.document(), &destination, style, terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

/// Where it goes: HTML unless another format for people is asked for.
fn destination(args: &Args) -> anyhow::Result<Destination> {
    let destination = match args.output.destination()? {
        Destination::Stream(_) if args.output.format.is_none() => Destination::Stream(Format::Html),
        other => other,
    };
    match destination {
        Destination::Stream(Format::Csv | Format::Json)
        | Destination::File(_, Format::Csv | Format::Json) => {
            bail!("a report is for people: `.html`, `.xlsx` or `.md`; `score` writes CSV and JSON")
        }
        Destination::Stream(_) | Destination::File(..) | Destination::Folder(_) => Ok(destination),
    }
}

fn check_audience(args: &Args, loaded: &Loaded) -> anyhow::Result<()> {
    let Audience::Entity(id) = &args.audience else { return Ok(()) };
    let ids = || loaded.round.entities.iter().map(|entity| entity.id.as_str());
    let known = ids().any(|known| known == id);
    let near = nearest(id, ids()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    known.then_some(()).with_context(|| format!("there is no entity `{id}`{near}"))
}
