//! `asan-index collect`: files returned sheets into the round.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::inputs::{Global, Loaded, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::engine::score::Scorer;
use crate::engine::status::Status;
use crate::output::add;
use crate::read::filing::{Filing, plan};
use crate::read::returned::{Desk, Returned, refusing};
use crate::read::returns::{files_below, is_sheet};
use crate::read::round::Input;
use crate::round::State;
use crate::source::{Place, shown};
use crate::text::one_of;
use crate::view;

const EXAMPLES: &str = "Examples:
  asan-index init my-round && asan-index -C my-round collect my-round/answers
  asan-index -C examples/round-2025 collect examples/round-2024/answers/bodies.csv --stage submitted";

/// File returned answer sheets into the round.
///
/// CSV files and workbooks go unchanged into the folder of their stage, which a stamp tells or `--stage`. A
/// second return of a sheet is filed beside the first as NAME.2.csv, and replaces the whole of it. Sheets of
/// another round, framework or stage, with an altered question, or about a service that is not asked are
/// refused, each with its reason; then none is filed. docs/process.md has the rules.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Returned sheets, and folders of them
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,
    /// Take sheets that were made from another text of the framework, where no question is altered
    #[arg(long)]
    pub stale: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Files returned sheets, or says why not.
///
/// # Errors
/// Something cannot be read or written, or there is no such stage.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let whole = Global { stage: None, ..global.clone() };
    let Some(loaded) = whole.load_or_report(&[], terminal)? else { return Ok(Verdict::Faulty) };
    let mut findings = refusing();
    let (sheets, aside) = sheets(&args.files)?;
    let filings = filings(args, global.stage.as_deref(), &loaded, &sheets, &mut findings)?;
    global.report_briefly(&findings, terminal)?;
    if findings.has_errors() {
        writeln!(terminal.err, "nothing is filed").context("cannot write to standard error")?;
        return Ok(Verdict::Faulty);
    }
    let new = filings.iter().filter(|filing| !filing.is_there);
    add(&new.map(|filing| (filing.to.clone(), filing.returned.bytes.as_slice())).collect::<Vec<_>>())?;
    let Some(loaded) = whole.load_or_report(&[], terminal)? else { return Ok(Verdict::Faulty) };
    let (hearing, superseded) = (loaded.hearing()?, loaded.shelved()?.superseded);
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let speech = global.speech_to(&destination, &loaded);
    let collected = view::collect::Collected {
        filings: &filings,
        stages: &loaded.head.stages,
        aside: &aside,
        superseded: &superseded,
    };
    let document = collected.document(&scorer, &Status::of(&scorer, &hearing), &speech);
    deliver(&document, &destination, global.style(&args.output, Some(&loaded.head), terminal), terminal)?;
    Ok(Verdict::Done)
}

/// The files that are named or lie below folders that are named: sheets, and what is none.
fn sheets(named: &[PathBuf]) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut sheets, mut aside) = (Vec::new(), Vec::new());
    for path in named {
        if !path.exists() {
            bail!("{} does not exist", path.display());
        }
        if path.is_dir() {
            let (found, others): (Vec<PathBuf>, Vec<PathBuf>) =
                files_below(path)?.into_iter().partition(|file| is_sheet(file));
            sheets.extend(found);
            aside.extend(others);
        } else {
            sheets.push(path.clone());
        }
    }
    let mut seen = std::collections::HashSet::new();
    sheets.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    if sheets.is_empty() {
        bail!(
            "there is no CSV and no workbook in {}",
            one_of(named.iter().map(|path| shown(path)).collect::<Vec<_>>())
        );
    }
    Ok((sheets, aside))
}

/// Where each sheet goes; what goes nowhere is a finding.
fn filings(
    args: &Args,
    stage: Option<&str>,
    loaded: &Loaded,
    sheets: &[PathBuf],
    findings: &mut Findings,
) -> anyhow::Result<Vec<Filing>> {
    let Input::Folder(folder) = &loaded.input else { bail!("`-C` names the round's folder") };
    if loaded.round.state != State::Draft {
        findings.push(closed(folder));
        return Ok(Vec::new());
    }
    let stages = &loaded.head.stages;
    let ids: Vec<&str> = stages.iter().map(|stage| stage.id.as_str()).collect();
    let named = |id: &str| {
        let at = ids.iter().position(|known| *known == id && loaded.head.has_stages());
        at.with_context(|| match loaded.head.has_stages() {
            true => format!("the round has no stage `{id}`; it has {}", one_of(&ids)),
            false => "the round has no stages: leave `--stage` out".to_owned(),
        })
    };
    let desk = Desk {
        framework: &loaded.framework,
        round: &loaded.round,
        head: &loaded.head,
        options: &loaded.options,
        lists_entities: folder.join("entities.csv").exists(),
        stage: stage.map(named).transpose()?,
        takes_stale: args.stale,
    };
    let mut returned: Vec<Returned> = Vec::new();
    for path in sheets {
        returned.extend(desk.read(path, findings)?);
    }
    plan(&desk, folder, returned, findings)
}

/// The finding that no answers are taken any more.
fn closed(folder: &Path) -> Diagnostic {
    let message = "the round is frozen or announced: its answers are closed";
    let finding = Diagnostic::new(Code::UnfitReturn, message, Place::file(shown(&folder.join("round.yaml"))));
    finding.help("to take answers again, put `state: draft` there; what is announced then no longer holds")
}
