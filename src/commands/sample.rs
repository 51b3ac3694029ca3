//! `asan-index sample`: which answers to verify, and what the verified ones prove.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::inputs::{Global, Loaded, Loading, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::engine::sample::{Claim, Proof, claims, draw, overclaimed, proof};
use crate::engine::score::Scorer;
use crate::read::trail::votes;
use crate::trail::Party;
use crate::view;

const EXAMPLES: &str = "Examples:
  asan-index sample examples/round-2025 --fraction 0.1 --seed 7
  asan-index sample examples/round-2025 --fraction 0.1 --seed 7 --format csv
  asan-index sample examples/round-2025 --fraction 0.1 --seed 7 --bound";

/// Pick answers to verify, and tell what the verified ones prove about the rest.
///
/// The answers are those of the first stage, or of `--stage`. Half of the sample is what moves the index,
/// the rank or the band most in each body and dimension; the rest is drawn by lot. The same stage,
/// fraction and seed give the same sample, so that `--bound` needs no list: what later stages confirmed or
/// changed counts as verified. The formulas are in docs/process.md.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// The share of all answers to verify, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub fraction: f64,
    /// What the lot depends on: write it down before the draw
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// The last round: bodies that claimed too much there are looked at more
    #[arg(long, value_name = "DIR")]
    pub last: Option<PathBuf>,
    /// Tell what the verified answers prove about the rest
    #[arg(long)]
    pub bound: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How sure a bound is.
const CONFIDENCE: f64 = 0.95;

/// Draws a sample, or tells what it proves.
///
/// # Errors
/// Something cannot be read or written, or the fraction is none.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    if !(0.0..=1.0).contains(&args.fraction) {
        bail!("`--fraction {}` is no share: give a number from 0 to 1", args.fraction);
    }
    let destination = args.output.destination()?;
    let (claimed, settled) = match both(&args.paths, global)? {
        Ok(rounds) => rounds,
        Err(findings) => {
            global.report(&findings, terminal)?;
            return Ok(Verdict::Faulty);
        }
    };
    let last = match &args.last {
        Some(path) => claimed_too_much(path, global)?,
        None => Default::default(),
    };
    let claims = claims(&Scorer::new(&claimed.framework, &claimed.round), |body| match body {
        Party::Entity(entity) => last.get(&claimed.round.entity(entity).id).copied().unwrap_or_default(),
        Party::Service(_) => 0.0,
    });
    let size = (args.fraction * claims.len() as f64).ceil() as usize;
    let picks = draw(&claims, size, args.seed);
    let found = args.bound.then(|| verified(&claims, &claimed, &settled)).transpose()?;
    let proof: Option<Proof> = found.map(|found| proof(&claims, &picks, found, CONFIDENCE));
    let speech = global.speech_to(&destination, &claimed);
    let of = (&claimed.framework, &claimed.round);
    let document = view::sample::document(of, (&claims, &picks), proof.as_ref(), &speech);
    deliver(&document, &destination, global.style(&args.output, Some(&claimed.head), terminal), terminal)?;
    global.report_briefly(&claimed.findings, terminal)?;
    Ok(if claimed.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

type Rounds = Result<(Box<Loaded>, Box<Loaded>), crate::diagnostic::Findings>;

/// A round as it was claimed (in the stage that is named, else the first), and as it stands.
fn both(paths: &[PathBuf], global: &Global) -> anyhow::Result<Rounds> {
    let whole = Global { stage: None, ..global.clone() };
    let settled = match whole.load(paths)? {
        Loading::Sound(loaded) => loaded,
        Loading::Faulty(findings) => return Ok(Err(findings)),
    };
    let first =
        settled.head.stages.first().filter(|_| settled.head.has_stages()).map(|stage| stage.id.clone());
    let claimed = Global { stage: global.stage.clone().or(first), ..global.clone() };
    Ok(match claimed.load(paths)? {
        Loading::Sound(claimed) => Ok((claimed, settled)),
        Loading::Faulty(findings) => Err(findings),
    })
}

/// The share of each entity's answers that were found too high in another round.
fn claimed_too_much(path: &Path, global: &Global) -> anyhow::Result<std::collections::HashMap<String, f64>> {
    let unstaged = Global { stage: None, framework: None, weights: Vec::new(), ..global.clone() };
    let Ok((claimed, settled)) = both(&[path.to_path_buf()], &unstaged)? else {
        bail!("{} has faults: `asan-index check {}` shows them", path.display(), path.display());
    };
    Ok(overclaimed(
        &Scorer::new(&claimed.framework, &claimed.round),
        &Scorer::new(&settled.framework, &settled.round),
    ))
}

/// For each claim whether a later stage found it wrong: it has another score there, or none; none for one
/// that no later scored stage speaks to.
fn verified(claims: &[Claim], claimed: &Loaded, settled: &Loaded) -> anyhow::Result<Vec<Option<bool>>> {
    let votes = votes(&settled.input, &settled.head, &settled.framework, &settled.round, &settled.options)?;
    let stages = &claimed.head.stages;
    let drawn = claimed.options.stage.as_ref().and_then(|id| stages.iter().position(|stage| stage.id == *id));
    let (before, after) =
        (Scorer::new(&claimed.framework, &claimed.round), Scorer::new(&settled.framework, &settled.round));
    let judge = |claim: &Claim| {
        let (party, parameter) = claim.question;
        let spoken = votes.last.get(&claim.question).filter(|stage| Some(**stage) > drawn);
        let service = match party {
            Party::Service(service) => Some(service),
            Party::Entity(entity) => claimed.round.service_indices().find(|service| {
                claimed.round.service(*service).entity == Some(entity)
                    && claimed.round.applies(&claimed.framework, *service, parameter)
            }),
        };
        spoken?;
        let service = service?;
        let score = |scorer: &Scorer<'_>| scorer.answered(service, parameter).map(|outcome| outcome.score);
        Some(score(&before) != score(&after))
    };
    Ok(claims.iter().map(judge).collect())
}
