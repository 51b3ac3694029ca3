//! `asan-index robustness`: how sure the ranking is.

use std::path::PathBuf;

use anyhow::bail;
use rust_decimal::Decimal;
use serde_json::json;

use super::gate::{Gate, Measure, hold, know};
use super::inputs::{Destination, Global, Loaded, OutputArgs, deliver, deliver_tables};
use super::{Terminal, Verdict};
use crate::engine::rank::Results;
use crate::engine::robustness::{Plan, Robustness, Weighting, Weights, robustness};
use crate::engine::score::Scorer;
use crate::framework::Framework;
use crate::parallel;
use crate::text::one_of;
use crate::view::robustness::Certainty;

const EXAMPLES: &str = "Gates:
  rank_width         places between the 5th and 95th percentile of a service's ranks
  entity_rank_width  the same of an entity's
  mean_shift         places by which a service moves in a draw, the mean

Examples:
  asan-index robustness examples/round-2025
  asan-index robustness examples/round-2025 --draws 10000 --vary 10 --levels dimension
  asan-index robustness examples/round-2025 --weights examples/weights-a.csv --weights examples/weights-b.csv
  asan-index robustness examples/round-2025 --gate 'rank_width<=10'";

/// The figures that gates may look at.
const GATES: [&str; 3] = ["rank_width", "entity_rank_width", "mean_shift"];

/// Show how sure the ranking is, when weights and rules are a little other than declared.
///
/// Weights are drawn around their own, each group and parameter is left out, and each other rule is
/// tried. The same seed gives the same figures on every computer. With `--weights` given once or
/// more, those sets are tried instead of drawn ones.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// How many draws
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub draws: u32,
    /// Draw each weight evenly from within so many percent of itself, up or down
    #[arg(long, value_name = "PERCENT", default_value_t = 25, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub vary: u32,
    /// Draw the weights of siblings together (Dirichlet), narrower with a higher concentration
    #[arg(long, value_name = "CONCENTRATION", conflicts_with = "vary", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub dirichlet: Option<u32>,
    /// The levels whose weights are drawn, by name [default: all]
    #[arg(long, value_name = "LEVELS", value_delimiter = ',')]
    pub levels: Vec<String>,
    /// Draw rules with the weights: everything at once
    #[arg(long)]
    pub rules: bool,
    /// Rows of the samples that tell which choice moves ranks; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub rows: u32,
    /// Draws only: leave out what one change at a time does
    #[arg(long)]
    pub draws_only: bool,
    /// Where random numbers begin
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Look at the first so many places
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// A limit, such as 'rank_width<=10': who breaks it is named, and the exit status is 1
    #[arg(long = "gate", value_name = "EXPR")]
    pub gates: Vec<Gate>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Shows how sure a ranking is.
///
/// # Errors
/// Something cannot be read or written, or a level is none of the framework's.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    know(&args.gates, &GATES)?;
    let destination = args.output.destination()?;
    // Sets of weights are what is tried here, not what is scored by.
    let nominal = Global { weights: Vec::new(), ..global.clone() };
    let Some(mut loaded) = nominal.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    let plan = plan(args, global, &mut loaded)?;
    let results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
    let found = robustness(&loaded.framework, &loaded.round, &results, &plan);
    show(args, global, &loaded, (&results, &found), &destination, terminal)?;
    let gates = hold(&args.gates, &measures(&loaded, &found), terminal)?;
    loaded.note_rejected(&results);
    global.report_briefly(&loaded.findings, terminal)?;
    let faulty = gates == Verdict::Faulty || loaded.findings.has_errors();
    Ok(if faulty { Verdict::Faulty } else { Verdict::Done })
}

/// What a report draws: every weight by a quarter up or down, and nothing else.
pub(super) fn usual(framework: &Framework, draws: usize) -> Plan {
    Plan {
        weighting: Weighting::Uniform(0.25),
        levels: vec![true; framework.levels.len()],
        rules_too: false,
        draws,
        rows: 0,
        changes: false,
        seed: 1,
        top: 10,
        threads: parallel::threads(),
    }
}

fn plan(args: &Args, global: &Global, loaded: &mut Loaded) -> anyhow::Result<Plan> {
    let mut sets = Vec::new();
    for path in &global.weights {
        let mut framework = loaded.framework.clone();
        let options = global.options(false);
        loaded.depends_on(path);
        crate::read::round::weights(path, &mut framework, &options, &mut loaded.findings)?;
        sets.push(Weights::of(&framework));
    }
    let weighting = match (sets.is_empty(), args.dirichlet) {
        (false, _) => Weighting::Sets(sets),
        (true, Some(concentration)) => Weighting::Dirichlet(f64::from(concentration)),
        (true, None) => Weighting::Uniform(f64::from(args.vary) / 100.0),
    };
    Ok(Plan {
        weighting,
        levels: levels(&args.levels, &loaded.framework)?,
        rules_too: args.rules,
        draws: args.draws as usize,
        rows: args.rows as usize,
        changes: !args.draws_only,
        seed: args.seed,
        top: args.top,
        threads: parallel::threads(),
    })
}

/// Which of the framework's levels are named; all where none is.
fn levels(names: &[String], framework: &Framework) -> anyhow::Result<Vec<bool>> {
    if let Some(unknown) = names.iter().find(|name| !framework.levels.contains(name)) {
        bail!("there is no level `{unknown}`: name {}", one_of(&framework.levels));
    }
    Ok(framework.levels.iter().map(|level| names.is_empty() || names.contains(level)).collect())
}

fn show(
    args: &Args,
    global: &Global,
    loaded: &Loaded,
    (results, found): (&Results, &Robustness),
    destination: &Destination,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    let speech = global.speech_to(destination, loaded);
    let options = options(args, global);
    let certainty = Certainty {
        framework: &loaded.framework,
        round: &loaded.round,
        robustness: found,
        options: options.clone(),
        speech: &speech,
    };
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    let document = certainty.document();
    let Destination::Folder(folder) = destination else {
        return deliver(&document, destination, style, terminal);
    };
    let options: serde_json::Map<String, serde_json::Value> =
        options.into_iter().map(|(key, value)| (key, json!(value))).collect();
    deliver_tables(&document, folder, style, loaded.manifest(results, json!(options))?)
}

/// What the figures depend on; the number of threads is not among it.
fn options(args: &Args, global: &Global) -> Vec<(String, String)> {
    let mut options = vec![("seed", args.seed.to_string()), ("draws", args.draws.to_string())];
    match args.dirichlet {
        _ if !global.weights.is_empty() => options.push(("weight_sets", global.weights.len().to_string())),
        Some(concentration) => options.push(("dirichlet", concentration.to_string())),
        None => options.push(("vary", args.vary.to_string())),
    }
    options.push(("levels", args.levels.join(",")));
    options.push(("rules", args.rules.to_string()));
    options.push(("rows", args.rows.to_string()));
    options.push(("top", args.top.to_string()));
    options.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What gates may look at.
fn measures(loaded: &Loaded, found: &Robustness) -> Vec<Measure> {
    let measure = |name, of: &str, figure: Decimal| Measure { name, of: format!("`{of}`"), figure };
    let services = found.services.iter().filter_map(|spread| {
        let id = &loaded.round.service(spread.of).id;
        Some(measure("rank_width", id, Decimal::from(spread.width()?)))
    });
    let entities = found.entities.iter().filter_map(|spread| {
        let id = &loaded.round.entity(spread.of).id;
        Some(measure("entity_rank_width", id, Decimal::from(spread.width()?)))
    });
    let shift = Decimal::new((found.mean_shift * 100.0).round() as i64, 2);
    let whole = Measure { name: "mean_shift", of: "the ranking".to_owned(), figure: shift };
    services.chain(entities).chain([whole]).collect()
}
