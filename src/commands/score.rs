//! `asan-index score`: every service's index.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use super::inputs::{Destination, Global, Loaded, OutputArgs, deliver, file_speech};
use super::{Terminal, Verdict};
use crate::document::Document;
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::csv::Csv;
use crate::format::{Format, Style, csv};
use crate::output::{File, Written, relative, write_folder};
use crate::parallel;
use crate::read::round::Input;
use crate::view::Speech;
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
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    // Only a manifest names the inputs, and with faults there may be none; the files are read again while they
    // are scored.
    let is_clean = args.hold_out || !loaded.findings.has_errors();
    let named = matches!(destination, Destination::Folder(_)) && is_clean;
    let compute = || Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
    let (results, fingerprints) = match named {
        true => parallel::both(compute, || loaded.fingerprints()),
        false => (compute(), Ok(Vec::new())),
    };
    loaded.note_rejected(&results);
    let faulty = loaded.findings.has_errors();
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    let mut written = None;
    match &destination {
        Destination::File(..) | Destination::Folder(_) if faulty && !args.hold_out => {}
        Destination::Stream(_) | Destination::File(..) => {
            written = show(args, global, &loaded, &results, &destination, style, terminal)?;
        }
        Destination::Folder(folder) => {
            let options = options(args, global, &loaded, folder, style);
            let manifest = loaded.manifest_of(fingerprints?, &results, options);
            with_files(&loaded, &results, args.detail, style, |files| write_folder(folder, files, manifest))?;
        }
    }
    // The process ends soon. What is large goes back while the disk is waited for; the rest as a whole, sooner than
    // piece by piece.
    let is_large = parallel::threads_for(results.order.len()) > 1;
    let large = (std::mem::take(&mut loaded.round.answers), results);
    match written {
        Some(written) if is_large => parallel::both(|| written.place(), || drop(large)).0?,
        written => {
            std::mem::forget(large);
            written.map_or(Ok(()), Written::place)?;
        }
    }
    global.report_briefly(&loaded.findings, terminal)?;
    if faulty && !args.hold_out && args.output.out.is_some() {
        writeln!(terminal.err, "nothing is written: mend the faults, or pass --hold-out")
            .context("cannot write")?;
    }
    // What was kept of standard input is a file, and has to go.
    let Loaded { framework, round, findings, .. } = *loaded;
    std::mem::forget((framework, round, findings));
    Ok(if faulty { Verdict::Faulty } else { Verdict::Done })
}

/// Prints the results or writes them to one file; a CSV is made on the way, however long it is, and is still to be
/// put in its place.
fn show<'d>(
    args: &Args,
    global: &Global,
    loaded: &Loaded,
    results: &Results,
    destination: &'d Destination,
    style: Style,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Option<Written<'d>>> {
    let speech = global.speech_to(destination, loaded);
    let ranking = rankings(loaded, results, &speech);
    match destination {
        Destination::Stream(Format::Csv) => {
            csv::write_long(&ranking.ranking(), style, terminal.out).context("cannot write")?;
        }
        Destination::File(path, Format::Csv) => {
            return Written::new(path, |out| csv::write_long(&ranking.ranking(), style, out)).map(Some);
        }
        Destination::Stream(_) | Destination::File(..) | Destination::Folder(_) => {
            deliver(&document(args, loaded, results, &speech), destination, style, terminal)?;
        }
    }
    Ok(None)
}

fn rankings<'a>(loaded: &'a Loaded, results: &'a Results, speech: &'a Speech) -> Rankings<'a> {
    Rankings { framework: &loaded.framework, round: &loaded.round, results, speech }
}

fn document(args: &Args, loaded: &Loaded, results: &Results, speech: &Speech) -> Document {
    let rankings = rankings(loaded, results, speech);
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    rankings.document(args.detail.then(|| rankings.scores(&scorer).table()))
}

/// Makes the files of a scoring, but for its manifest, and hands them on.
pub fn with_files<T>(
    loaded: &Loaded,
    results: &Results,
    detail: bool,
    style: Style,
    take: impl FnOnce(&[File<Csv<'_>>]) -> T,
) -> T {
    let speech = file_speech(&loaded.framework, &loaded.head);
    let rankings = rankings(loaded, results, &speech);
    let scorer = detail.then(|| Scorer::new(&loaded.framework, &loaded.round));
    let mut tables = vec![rankings.ranking(), rankings.entity_ranking()];
    tables.extend(scorer.as_ref().map(|scorer| rankings.scores(scorer)));
    let files: Vec<_> =
        tables.into_iter().map(|table| (format!("{}.csv", table.name), Csv { table, style })).collect();
    take(&files)
}

/// What a manifest says of how a run was asked for; paths are seen from the folder of results, so that
/// the run can be done again from there.
fn options(args: &Args, global: &Global, loaded: &Loaded, folder: &Path, style: Style) -> Value {
    let seen = |path: &PathBuf| relative(path, folder);
    let round = [loaded.folder.clone()];
    let paths = if args.paths.is_empty() { &round[..] } else { &args.paths[..] };
    // Answer files alone do not say which round they are of.
    let of_files = (!matches!(loaded.input, Input::Folder(_))).then_some(&loaded.folder);
    json!({
        "paths": paths.iter().map(seen).collect::<Vec<_>>(),
        "folder": global.folder.as_ref().or(of_files).map(seen),
        "framework": global.framework.as_ref().map(seen),
        "weights": global.weights.iter().map(seen).collect::<Vec<_>>(),
        "detail": args.detail,
        "dialect": style.dialect.name(),
        "raw": style.raw,
        "hold_out": args.hold_out,
    })
}
