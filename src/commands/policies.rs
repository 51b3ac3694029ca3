//! `asan-index policies`: what a place is owed to a rule.

use std::path::PathBuf;

use serde_json::json;

use super::inputs::{Destination, Global, OutputArgs, deliver, deliver_tables};
use super::{Terminal, Verdict};
use crate::engine::policies::policies;
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::view::ranking::Rankings;

const EXAMPLES: &str = "Examples:
  asan-index policies examples/round-2025
  asan-index policies examples/round-2025 --format csv";

/// Show each service's index and rank under every rule for gaps and answers "not applicable".
///
/// A column is named by the two rules, such as zero/exclude: a gap is worth nothing, an answer "not
/// applicable" is left out.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Scores a round under every combination of rules.
///
/// # Errors
/// Something cannot be read or written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    let (framework, round) = (&loaded.framework, &loaded.round);
    let results = Results::compute(&Scorer::new(framework, round), &[]);
    let speech = global.speech_to(&destination, &loaded);
    let rankings = Rankings { framework, round, results: &results, speech: &speech };
    let document = rankings.under_policies(&policies(framework, round));
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    if let Destination::Folder(folder) = &destination {
        deliver_tables(&document, folder, style, loaded.manifest(&results, json!({}))?)?;
    } else {
        deliver(&document, &destination, style, terminal)?;
    }
    loaded.note_rejected(&results);
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}
