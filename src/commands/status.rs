//! `asan-index status`: how far a round has come, and what to do next.

use std::path::{Path, PathBuf};

use super::inputs::{Global, Loaded, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::engine::score::Scorer;
use crate::engine::status::Status;
use crate::read::round::Input;
use crate::round::State;
use crate::source::shown;
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
    let hearing = loaded.hearing()?;
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let status = Status::of(&scorer, &hearing);
    let shelved = loaded.shelved()?;
    let next = next(&loaded, &status, &shelved.begun);
    let speech = global.speech_to(&destination, &loaded);
    let document = view::status::document(&scorer, &status, &shelved.superseded, &next, &speech);
    deliver(&document, &destination, global.style(&args.output, Some(&loaded.head), terminal), terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

/// The command to run next, in the state that the round is in. `begun` tells which stages have files.
fn next(loaded: &Loaded, status: &Status, begun: &[bool]) -> String {
    let whole = &status.whole;
    let Input::Folder(folder) = &loaded.input else { return files_next(loaded, status) };
    let has = |name: &str| folder.join(name).exists();
    match (loaded.round.state, loaded.findings.has_errors()) {
        (_, true) => return command(folder, "check", ""),
        (State::Announced, false) if has("results/manifest.json") => {
            return format!("asan-index reproduce {}", word(&folder.join("results")));
        }
        (State::Frozen | State::Announced, false) => return command(folder, "report", "report.html"),
        (State::Draft, false) => {}
    }
    let stages = &loaded.head.stages;
    let current = begun.iter().rposition(|begun| *begun);
    let answered = whole.answered + whole.void + whole.unconfirmed;
    let Some(current) = current.filter(|_| answered > 0) else { return ask(folder, &stages[0].id) };
    let stage = &stages[current];
    match stages.get(current + 1) {
        // What was not said must be said by those who have not yet.
        _ if current == 0 && whole.blank > 0 => ask(folder, &stage.id),
        Some(_) if current == 0 => command(folder, "sample", ""),
        _ if stage.voids && whole.unconfirmed > 0 => ask(folder, &stage.id),
        Some(following) if whole.objections > 0 || !following.scored => ask(folder, &following.id),
        None if whole.objections > 0 => command(folder, "check", ""),
        _ if has("results/manifest.json") => command(folder, "report", "report.html"),
        _ => command(folder, "score", "results"),
    }
}

/// The command for answer files alone: they have no stages and no sheets.
fn files_next(loaded: &Loaded, status: &Status) -> String {
    let named: String = match &loaded.input {
        Input::Files(files) => files.iter().map(|file| format!(" {}", word(file))).collect(),
        Input::Folder(_) | Input::Stdin(_) => " -".to_owned(),
    };
    let open = status.whole.blank + status.whole.void;
    match (loaded.findings.has_errors(), open > 0) {
        (true, _) => format!("asan-index check{named}"),
        (false, true) => format!("asan-index score{named} --detail"),
        (false, false) => format!("asan-index score{named} -o results"),
    }
}

/// A path as a word of a command line.
fn word(path: &Path) -> String {
    let path = shown(path);
    let is_plain = |c: char| c.is_alphanumeric() || "-_./\\:".contains(c);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// A command on a round's folder, and the name of what it writes there.
fn command(folder: &Path, name: &str, out: &str) -> String {
    let named = if folder == Path::new(".") { String::new() } else { format!(" {}", word(folder)) };
    let out = if out.is_empty() { String::new() } else { format!(" -o {}", word(&folder.join(out))) };
    format!("asan-index {name}{named}{out}")
}

/// The command that makes sheets of a stage, or files them where they have been made.
fn ask(folder: &Path, stage: &str) -> String {
    let named = if folder == Path::new(".") { String::new() } else { format!(" -C {}", word(folder)) };
    let (name, stage) = match stage {
        "" => ("sheets".to_owned(), String::new()),
        stage => (format!("sheets-{stage}"), format!(" --stage {stage}")),
    };
    let sheets = folder.join(name);
    match sheets.is_dir() {
        true => format!("asan-index{named} collect {}{stage}", word(&sheets)),
        false => format!("asan-index{named} template{stage} -o {}", word(&sheets)),
    }
}
