//! `asan-index statistics`: what the framework measures.

use std::path::{Path, PathBuf};

use super::inputs::{Destination, Global, Loaded, OutputArgs, deliver, deliver_tables};
use super::{Terminal, Verdict};
use crate::diagnostic::{Code, Diagnostic};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::engine::statistics::{Scores, Series};
use crate::id::ServiceIndex;
use crate::number::Quantity;
use crate::read::pairs::{pairs, unknown};
use crate::read::trail::votes;
use crate::view;
use crate::view::statistics::Statistics;

const EXAMPLES: &str = "Examples:
  asan-index statistics examples/round-2025
  asan-index statistics examples/round-2025 --against examples/satisfaction.csv
  asan-index statistics examples/round-2025 --agreement
  asan-index statistics examples/round-2025 -o statistics";

/// Show what the framework measures: distributions, correlations, reliability, real weights.
///
/// Closes with what to look at, in plain words.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// A CSV of `service,figure`, such as what citizens say: does the index go with it?
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// How far evaluators agree who answered the same questions (docs/process.md) [instead of the rest]
    #[arg(long, conflicts_with = "against")]
    pub agreement: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Shows statistics of a round.
///
/// # Errors
/// Something cannot be read or written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    let results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
    loaded.note_rejected(&results);
    if args.agreement {
        agreement(args, global, &loaded, &destination, terminal)?;
        return Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done });
    }
    let rated = rated(&results);
    let against =
        args.against.as_deref().map(|path| against(path, &rated, global, &mut loaded)).transpose()?;
    let scores = Scores::of(&Scorer::new(&loaded.framework, &loaded.round), &rated);
    show(args, global, &loaded, (&results, &scores, against.as_ref()), &destination, terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

/// Shows how far evaluators agree.
fn agreement(
    args: &Args,
    global: &Global,
    loaded: &Loaded,
    destination: &Destination,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    let votes = votes(&loaded.input, &loaded.head, &loaded.framework, &loaded.round, &loaded.options)?;
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let speech = global.speech_to(destination, loaded);
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    deliver(&view::agreement::document(&scorer, &votes, &speech), destination, style, terminal)?;
    global.report_briefly(&loaded.findings, terminal)
}

fn show(
    args: &Args,
    global: &Global,
    loaded: &Loaded,
    (results, scores, against): (&Results, &Scores, Option<&Series>),
    destination: &Destination,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    let speech = global.speech_to(destination, loaded);
    let statistics =
        Statistics { framework: &loaded.framework, round: &loaded.round, scores, against, speech: &speech };
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    let document = statistics.document();
    match destination {
        Destination::Folder(folder) => {
            let manifest = loaded.manifest(results, serde_json::json!({}))?;
            deliver_tables(&document, folder, style, manifest)
        }
        Destination::Stream(_) | Destination::File(..) => deliver(&document, destination, style, terminal),
    }
}

/// The services that have an index, in the order of the registry.
pub(super) fn rated(results: &Results) -> Vec<ServiceIndex> {
    let rated = results.by_id().filter(|result| result.index().is_some());
    rated.map(|result| result.service).collect()
}

/// The figures of rated services from a file.
pub(super) fn against(
    path: &Path,
    rated: &[ServiceIndex],
    global: &Global,
    loaded: &mut Loaded,
) -> anyhow::Result<Series> {
    let options = global.options(false);
    loaded.depends_on(path);
    let rows = pairs(path, &[("service", &["xidmət"]), ("figure", &[])], &options, &mut loaded.findings)?;
    let mut series: Series = vec![None; rated.len()];
    for [service, figure] in rows {
        let Some(found) = loaded.round.service_named(&service.0) else {
            unknown(Code::UnknownService, "service", &service, &mut loaded.findings);
            continue;
        };
        let Some(number) = Quantity::parse(&figure.0) else {
            let message = format!("`{}` is no number", figure.0);
            let finding = Diagnostic::new(Code::NumberMalformed, message, figure.1);
            loaded
                .findings
                .push(finding.help("a figure is digits, optionally with a point or comma and more"));
            continue;
        };
        if let Ok(at) = rated.binary_search(&found) {
            series[at] = Some(number.value().to_f64());
        }
    }
    Ok(series)
}
