//! `asan-index score`: every service's index.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::json;

use super::inputs::{Destination, Global, Loaded, Loading, OutputArgs, deliver, file_speech};
use super::{Terminal, Verdict};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::{Style, csv};
use crate::output::{File, write_folder};
use crate::view::ranking::Rankings;

const EXAMPLES: &str = "Examples:
  asan-index score examples/round-2025
  asan-index score examples/round-2025 -o results --detail
  asan-index score examples/round-2025 --format json
  asan-index score examples/round-2025 --stage submitted
  asan-index score examples/round-2025/answers/submitted/customs-import-permit.csv";

/// Compute every service's index and rank them.
///
/// Prints a table; with `-o DIR` writes ranking.csv, entity-ranking.csv and manifest.json. A service
/// whose answers have a fault is held out: the rest is scored and shown, and the exit status is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Add every score of every group and parameter (scores.csv)
    #[arg(long)]
    pub detail: bool,
    /// Write files though services with faulty answers are held out
    #[arg(long)]
    pub hold_out: bool,
}

/// Scores a round.
///
/// # Errors
/// Something cannot be read or written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let mut loaded = match global.load(&args.paths)? {
        Loading::Sound(loaded) => loaded,
        Loading::Faulty(findings) => {
            global.report(&findings, terminal)?;
            return Ok(Verdict::Faulty);
        }
    };
    let results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
    loaded.note_rejected(&results);
    let faulty = loaded.findings.has_errors();
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    if let Destination::Stream(_) = destination {
        let speech = global.speech(&loaded.framework, Some(&loaded.head));
        deliver(&document(args, &loaded, &results, &speech), &destination, style, terminal)?;
    } else if !faulty || args.hold_out {
        write_files(args, &loaded, &results, &destination, style, terminal)?;
    }
    global.report_briefly(&loaded.findings, terminal)?;
    if faulty && !args.hold_out && args.output.out.is_some() {
        writeln!(terminal.err, "nothing is written: mend the faults, or pass --hold-out")
            .context("cannot write")?;
    }
    Ok(if faulty { Verdict::Faulty } else { Verdict::Done })
}

fn document(
    args: &Args,
    loaded: &Loaded,
    results: &Results,
    speech: &crate::view::Speech,
) -> crate::document::Document {
    let rankings = Rankings { framework: &loaded.framework, round: &loaded.round, results, speech };
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    rankings.document(args.detail.then(|| rankings.scores(&scorer)))
}

fn write_files(
    args: &Args,
    loaded: &Loaded,
    results: &Results,
    destination: &Destination,
    style: Style,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    let speech = file_speech(&loaded.framework, &loaded.head);
    let Destination::Folder(folder) = destination else {
        return deliver(&document(args, loaded, results, &speech), destination, style, terminal);
    };
    let rankings = Rankings { framework: &loaded.framework, round: &loaded.round, results, speech: &speech };
    let mut tables = vec![rankings.services(&results.services), rankings.entities(&results.entities)];
    if args.detail {
        tables.push(rankings.scores(&Scorer::new(&loaded.framework, &loaded.round)));
    }
    let file = |table: &crate::document::Table| (format!("{}.csv", table.name), csv::write(table, style));
    let files: Vec<File> = tables.iter().map(file).collect();
    let options = json!({
        "detail": args.detail,
        "dialect": format!("{:?}", style.dialect).to_lowercase(),
        "raw": style.raw,
        "hold_out": args.hold_out,
    });
    let manifest = loaded.manifest(results, options, json!([]))?;
    write_folder(folder, &files, |outputs| {
        let mut manifest = manifest;
        manifest["outputs"] = outputs;
        manifest
    })
}
