//! `asan-index status`: how far a round has come, and what to do next.

use std::path::PathBuf;

use super::inputs::{Global, Loaded, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::engine::score::Scorer;
use crate::engine::status::Status;
use crate::read::trail::hearing;
use crate::round::State;
use crate::view;

const EXAMPLES: &str = "Examples:
  asan-index status examples/round-2025
  asan-index status examples/round-2025 --format csv
  asan-index status examples/round-2025 --stage submitted";

/// Show how far a round has come, and what to do next.
///
/// For each service, entity and evaluator: what is answered, blank, void for want of evidence or of
/// confirmation, and which objections are open; the index now and the range that it can still take,
/// with every open answer at its worst and at its best. `asan-index` alone in a round does the same.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, or answer files
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Shows how a round stands.
///
/// # Errors
/// Something cannot be read or written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let Some(loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    let hearing = hearing(&loaded.input, &loaded.head, &loaded.framework, &loaded.round, &loaded.options)?;
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let status = Status::of(&scorer, &hearing);
    let speech = global.speech_to(&destination, &loaded);
    let document = view::status::document(&scorer, &status, &hearing, &next(args, &loaded, &status), &speech);
    deliver(&document, &destination, global.style(&args.output, Some(&loaded.head), terminal), terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

/// The command to run next: one that shows faults and open objections, one that shows every gap, or one
/// that writes the results.
fn next(args: &Args, loaded: &Loaded, status: &Status) -> String {
    let whole = &status.whole;
    let open = whole.blank + whole.void + whole.unconfirmed;
    let named: String = args.paths.iter().map(|path| format!(" {}", path.display())).collect();
    if loaded.findings.has_errors() || whole.objections > 0 {
        return format!("asan-index check{named}");
    }
    match open > 0 && loaded.round.state == State::Draft {
        true => format!("asan-index score{named} --detail"),
        false => format!("asan-index score{named} -o results"),
    }
}
