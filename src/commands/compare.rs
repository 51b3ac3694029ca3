//! `asan-index compare`: what moved between two rounds, and why.

use std::path::{Path, PathBuf};

use anyhow::bail;
use rust_decimal::Decimal;
use serde_json::json;

use super::gate::{Gate, Measure, hold, know};
use super::inputs::{Destination, Global, Loaded, Loading, OutputArgs, deliver, deliver_tables};
use super::{Terminal, Verdict};
use crate::diagnostic::Code;
use crate::engine::compare::{Comparison, Mapping, MeanOf, ServiceMovement, Side, compare};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::number::Published;
use crate::read::pairs::{pairs, unknown};
use crate::text::{fold, one_of};
use crate::view::comparison::Movements;

const EXAMPLES: &str = "Gates:
  index         a service's index in the later round
  entity_index  an entity's
  drop          by how much a service's index fell (0 when it did not)
  entity_drop   by how much an entity's fell
  rank_drop     by how many places a service fell

Examples:
  asan-index compare examples/round-2024 examples/round-2025
  asan-index compare examples/round-2024 examples/round-2025 -o what-moved --detail
  asan-index compare examples/round-2025 --stage submitted verified
  asan-index compare examples/round-2024 examples/round-2025 --gate 'drop<=5'";

/// The figures that gates may look at.
const GATES: [&str; 5] = ["index", "entity_index", "drop", "entity_drop", "rank_drop"];

/// Show what moved between two rounds, and why.
///
/// Every difference is shown in parts that add up to it: what the answers did, the scales, what
/// applies, the weights, parameters added or removed, and rules. Each round has its own framework;
/// `--stage A B` compares two stages of one round.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The earlier and the later round; with --stage, a round and the later stage
    #[arg(value_name = "ROUND", required = true, num_args = 1..=2)]
    pub rounds: Vec<PathBuf>,
    /// Which parameters became which, a CSV of `from,to`: renamed, split or merged ones
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// The parameters of this service, by id or part of its title
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Every parameter of every service
    #[arg(long)]
    pub detail: bool,
    /// A limit, such as 'drop<=5': who breaks it is named, and the exit status is 1
    #[arg(long = "gate", value_name = "EXPR")]
    pub gates: Vec<Gate>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Compares two rounds.
///
/// # Errors
/// Something cannot be read or written, or a name is of nothing.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    know(&args.gates, &GATES)?;
    let destination = args.output.destination()?;
    let Some([mut before, mut after]) = load(args, global, terminal)? else { return Ok(Verdict::Faulty) };
    let mapping = mapping(args.mapping.as_deref(), global, &before, &mut after)?;
    let results =
        [&before, &after].map(|side| Results::compute(&Scorer::new(&side.framework, &side.round), &[]));
    before.note_rejected(&results[0]);
    after.note_rejected(&results[1]);
    let scorers = [&before, &after].map(|side| Scorer::new(&side.framework, &side.round));
    let side = |at: usize| Side { scorer: &scorers[at], results: &results[at] };
    let comparison = compare(side(0), side(1), &mapping);
    let sides = [&before, &after];
    show(args, global, sides, (&comparison, &results), &destination, terminal)?;
    let gates = hold(&args.gates, &measures(&comparison, sides), terminal)?;
    for side in sides {
        global.report_briefly(&side.findings, terminal)?;
    }
    let faulty = gates == Verdict::Faulty || sides.iter().any(|side| side.findings.has_errors());
    Ok(if faulty { Verdict::Faulty } else { Verdict::Done })
}

/// Loads both sides; none, and the findings are shown, where one is faulty.
fn load(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Option<[Loaded; 2]>> {
    let mut loaded = Vec::new();
    for (path, stage) in sides(args, global)? {
        let global = Global { stage, ..global.clone() };
        match global.load(&path.into_iter().collect::<Vec<_>>())? {
            Loading::Sound(side) => loaded.push(*side),
            Loading::Faulty(findings) => {
                global.report(&findings, terminal)?;
                return Ok(None);
            }
        }
    }
    Ok(<[Loaded; 2]>::try_from(loaded).ok())
}

/// The round and the stage of either side. With `--stage A B`, one of the names is no folder: it is
/// the later stage of the other, or of the round here.
fn sides(args: &Args, global: &Global) -> anyhow::Result<[(Option<PathBuf>, Option<String>); 2]> {
    let (folders, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
        args.rounds.iter().partition(|path| path.is_dir());
    match (&global.stage, folders.as_slice(), others.as_slice()) {
        (stage, [before, after], []) => {
            Ok([before, after].map(|path| (Some((*path).clone()), stage.clone())))
        }
        (Some(before), rounds, [after]) => {
            let round = rounds.first().map(|path| (*path).clone());
            let after = after.to_string_lossy().into_owned();
            Ok([(round.clone(), Some(before.clone())), (round, Some(after))])
        }
        (_, _, [other, ..]) => {
            bail!("{} is no folder: name two rounds, or a round and --stage A B", other.display())
        }
        (_, _, []) => bail!("there is one round: name two, or a round and --stage A B"),
    }
}

/// Which parameters became which; what is wrong with the file is found in the later side.
pub(super) fn mapping(
    path: Option<&Path>,
    global: &Global,
    before: &Loaded,
    after: &mut Loaded,
) -> anyhow::Result<Mapping> {
    let mut mapping = Mapping::default();
    let Some(path) = path else { return Ok(mapping) };
    let options = global.options(false);
    after.depends_on(path);
    for [from, to] in pairs(path, &[("from", &[]), ("to", &[])], &options, &mut after.findings)? {
        let first = before.framework.parameter_named(&from.0);
        let second = after.framework.parameter_named(&to.0);
        match (first, second) {
            (Some(first), Some(second)) => mapping.pairs.push((first, second)),
            (None, _) => unknown(Code::UnknownParameter, "earlier parameter", &from, &mut after.findings),
            (_, None) => unknown(Code::UnknownParameter, "later parameter", &to, &mut after.findings),
        }
    }
    Ok(mapping)
}

fn show(
    args: &Args,
    global: &Global,
    sides: [&Loaded; 2],
    (comparison, results): (&Comparison, &[Results; 2]),
    destination: &Destination,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    let [before, after] = sides;
    let speech = global.speech_to(destination, after);
    let movements = Movements {
        frameworks: sides.map(|side| &side.framework),
        rounds: sides.map(|side| &side.round),
        comparison,
        speech: &speech,
    };
    let only = args.service.as_deref().map(|name| service(&movements, name)).transpose()?;
    let document = movements.document(args.detail, only);
    let style = global.style(&args.output, Some(&after.head), terminal);
    let Destination::Folder(folder) = destination else {
        return deliver(&document, destination, style, terminal);
    };
    let options = json!({ "service": args.service, "detail": args.detail });
    let of = |side: &Loaded, at: usize| side.manifest(&results[at], options.clone());
    let manifest = json!({ "before": of(before, 0)?, "after": of(after, 1)? });
    deliver_tables(&document, folder, style, manifest)
}

/// The service of an id, or of a part of an id or title that no other has.
fn service<'c>(movements: &Movements<'c>, name: &str) -> anyhow::Result<&'c ServiceMovement> {
    let services = &movements.comparison.services;
    if let Some(found) = services.iter().find(|service| movements.service(service).0 == name) {
        return Ok(found);
    }
    let part = fold(name);
    let named = |service: &&ServiceMovement| {
        let (id, title) = movements.service(service);
        fold(id).contains(&part) || fold(title).contains(&part)
    };
    match services.iter().filter(named).collect::<Vec<_>>().as_slice() {
        [one] => Ok(one),
        [] => bail!("there is no service `{name}`"),
        several => {
            let ids: Vec<&str> = several.iter().map(|service| movements.service(service).0).collect();
            bail!("`{name}` may be {}", one_of(&ids))
        }
    }
}

/// What gates may look at.
fn measures(comparison: &Comparison, sides: [&Loaded; 2]) -> Vec<Measure> {
    let mut measures = Vec::new();
    let mut add = |names: [&'static str; 2], of: &str, index: [Option<Published>; 2]| {
        let [before, after] = index.map(|index| index.map(Published::decimal));
        let measure = |name, figure| Measure { name, of: format!("`{of}`"), figure };
        measures.extend(after.map(|after| measure(names[0], after)));
        if let (Some(before), Some(after)) = (before, after) {
            measures.push(measure(names[1], (before - after).max(Decimal::ZERO)));
        }
    };
    for movement in &comparison.services {
        let Some(at) = movement.after else { continue };
        add(["index", "drop"], &sides[1].round.service(at).id, movement.index);
    }
    for movement in &comparison.entities {
        if let MeanOf::Entity([_, Some(at)]) = movement.of {
            add(["entity_index", "entity_drop"], &sides[1].round.entity(at).id, movement.index);
        }
    }
    for movement in &comparison.services {
        if let ([Some(before), Some(after)], Some(at)) = (movement.rank, movement.after) {
            let of = format!("`{}`", sides[1].round.service(at).id);
            measures.push(Measure {
                name: "rank_drop",
                of,
                figure: Decimal::from(after.saturating_sub(before)),
            });
        }
    }
    measures
}
