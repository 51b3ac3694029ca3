//! `asan-index check`: everything that is wrong, where it is, and how to mend it.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::inputs::{Global, standard_input};
use super::{Terminal, Verdict};
use crate::diagnostic::render::{self, Checked};
use crate::diagnostic::{Code, Findings, Severity};
use crate::read::framework::Origin;
use crate::read::round::{Input, is_round};
use crate::source::shown;
use crate::text::nearest;

const EXAMPLES: &str = "Examples:
  asan-index check parameters
  asan-index check tests/published
  asan-index check parameters --deny warnings --format github
  asan-index check examples/round-2025 --previous examples/round-2024
  asan-index check --explain duplicate-id
  asan-index check --list";

/// Findings that a person can still look through; the summary counts the rest.
const SHOWN: usize = 1000;

/// Find everything that is wrong in frameworks, registries and answers.
///
/// Checks what the paths name: a round's folder, a framework's folder or file, answer files, `-` for a CSV on
/// standard input, or a folder of any of these; without one, the round or framework of the current folder.
/// Ends in 0 without errors, 1 with some, 2 when something could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Rounds, frameworks, answer files, or folders that hold some
    #[arg(value_name = "PATHS")]
    pub paths: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
    /// Treat warnings of this code as errors, or all `warnings`
    #[arg(long, value_name = "CODE", value_parser = denied)]
    pub deny: Vec<Denied>,
    /// Do not report warnings of this code; errors are always reported
    #[arg(long, value_name = "CODE", value_parser = allowed)]
    pub allow: Vec<Code>,
    /// Show at most so many findings; all are counted [default: 1000 for people, else all]
    #[arg(long, value_name = "N")]
    pub max_findings: Option<usize>,
    /// The last round, in which the registry's `previous` are looked up
    #[arg(long, value_name = "ROUND")]
    pub previous: Option<PathBuf>,
    /// Tell what a code means, why it matters and how to mend it
    #[arg(long, value_name = "CODE", value_parser = code, conflicts_with_all = ["paths", "list"])]
    pub explain: Option<Code>,
    /// List all codes
    #[arg(long, conflicts_with = "paths")]
    pub list: bool,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The source lines, marked, with help.
    Human,
    /// One document, whose `schema` key names and numbers its form.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
    /// SARIF 2.1.0.
    Sarif,
}

/// What `--deny` makes an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Every warning.
    Warnings,
    /// Warnings of a code.
    Code(Code),
}

/// Checks what is named.
///
/// # Errors
/// Something cannot be read or written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    if let Some(text) = reference(args) {
        terminal.out.write_all(text.as_bytes()).context("cannot write")?;
        return Ok(Verdict::Done);
    }
    let mut findings = Findings::default();
    let mut failure = None;
    let targets = targets(&args.paths, global)?;
    let last = args.previous.as_deref().map(|round| global.service_ids(round)).transpose()?.map(Arc::new);
    for target in &targets {
        match target.examine(global, last.clone()) {
            Ok(found) => findings.extend(found.reported()),
            // The findings of the other targets are shown all the same.
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    args.allow.iter().for_each(|code| findings.allow(*code));
    for denied in &args.deny {
        match denied {
            Denied::Warnings => findings.deny_warnings(),
            Denied::Code(code) => findings.deny(*code),
        }
    }
    let text = rendered(args, global, &findings, &checked(&targets), terminal.out_is_terminal);
    terminal.out.write_all(text.as_bytes()).context("cannot write")?;
    match failure {
        Some(error) => Err(error),
        None => Ok(if findings.has_errors() { Verdict::Faulty } else { Verdict::Done }),
    }
}

fn rendered(
    args: &Args,
    global: &Global,
    findings: &Findings,
    checked: &Checked,
    is_terminal: bool,
) -> String {
    let most = args.max_findings.unwrap_or(match args.format {
        Format::Human => SHOWN,
        Format::Json | Format::Github | Format::Sarif => usize::MAX,
    });
    let quiet = global.quiet;
    let listed: Vec<_> = findings
        .sorted()
        .into_iter()
        .filter(|finding| !quiet || findings.severity(finding) == Severity::Error)
        .take(most)
        .collect();
    match args.format {
        Format::Human => render::human(findings, &listed, checked, global.color.holds(is_terminal)),
        Format::Json => render::json(findings, &listed, checked),
        Format::Github => render::github(findings, &listed, checked),
        Format::Sarif => render::sarif(findings, &listed),
    }
}

/// What `--explain` and `--list` print; none when files are to be checked.
fn reference(args: &Args) -> Option<String> {
    if let Some(code) = args.explain {
        let severity = code.severity().name();
        return Some(format!("{severity}[{}]: {}\n\n{}\n", code.name(), code.summary(), code.explanation()));
    }
    let line =
        |code: &Code| format!("{:<30} {:<8} {}\n", code.name(), code.severity().name(), code.summary());
    args.list.then(|| Code::ALL.iter().map(line).collect())
}

fn code(name: &str) -> Result<Code, String> {
    Code::from_name(name).ok_or_else(|| match nearest(name, Code::ALL.iter().map(|code| code.name())) {
        Some(near) => format!("there is no such code; did you mean `{near}`?"),
        None => "there is no such code; `asan-index check --list` names all".to_owned(),
    })
}

fn allowed(name: &str) -> Result<Code, String> {
    let code = code(name)?;
    match code.severity() {
        Severity::Warning => Ok(code),
        Severity::Error => Err("it is an error, and only warnings can be left out".to_owned()),
    }
}

fn denied(name: &str) -> Result<Denied, String> {
    match name {
        "warnings" => Ok(Denied::Warnings),
        name => code(name).map(Denied::Code),
    }
}

/// A thing that is checked on its own.
#[derive(Debug)]
enum Target {
    Framework(PathBuf),
    Round(Input),
}

impl Target {
    /// What tells it from others: the first file to read, whether it is there or not; none for answers alone.
    fn head(&self) -> Option<PathBuf> {
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        match self {
            Self::Framework(path) if path.is_dir() => Some(whole(path).join("framework.yaml")),
            Self::Framework(path) => Some(whole(path)),
            Self::Round(Input::Folder(path)) => Some(whole(path).join("round.yaml")),
            Self::Round(Input::Files(_) | Input::Stdin(_)) => None,
        }
    }

    fn examine(&self, global: &Global, last: Option<Arc<BTreeSet<String>>>) -> anyhow::Result<Findings> {
        match self {
            Self::Round(input) => global.examine(input, last),
            Self::Framework(path) => {
                let mut findings = Findings::default();
                crate::read::framework::read(&Origin::Disk(path.clone()), &global.limits(), &mut findings)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                Ok(findings)
            }
        }
    }
}

/// What the targets are called.
fn checked(targets: &[Target]) -> Checked {
    let mut checked = Checked::default();
    for target in targets {
        match target {
            Target::Framework(path) => checked.frameworks.push(shown(path)),
            Target::Round(Input::Folder(path)) => checked.rounds.push(shown(path)),
            Target::Round(Input::Files(paths)) => checked.files.extend(paths.iter().map(|path| shown(path))),
            Target::Round(Input::Stdin(_)) => checked.files.push("<stdin>".to_owned()),
        }
    }
    checked
}

/// What the paths name; without one, the round or framework of the current folder.
fn targets(paths: &[PathBuf], global: &Global) -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::new();
    if paths.is_empty() {
        let here = global.folder.clone().unwrap_or_else(|| PathBuf::from("."));
        discover(&here, &mut targets)?;
        let round = global.own_folder()?;
        if targets.is_empty() && is_round(&round) {
            targets.push(Target::Round(Input::Folder(round)));
        }
        require(&targets, &here)?;
        return Ok(targets);
    }
    let mut sheets = Vec::new();
    for path in paths {
        let before = targets.len();
        if path == Path::new("-") {
            targets.push(Target::Round(standard_input()?));
        } else if path.is_dir() {
            discover(path, &mut targets)?;
            require(&targets[before..], path)?;
        } else if path.is_file() {
            match target_of_file(path) {
                Some(target) => targets.push(target),
                None => sheets.push(path.clone()),
            }
        } else {
            bail!("{} does not exist, or is no file", path.display());
        }
    }
    // Several files of one framework, or of one round, name it once.
    let mut seen = HashSet::new();
    targets.retain(|target| target.head().is_none_or(|head| seen.insert(head)));
    if !sheets.is_empty() {
        targets.push(Target::Round(Input::Files(sheets)));
    }
    Ok(targets)
}

fn require(found: &[Target], folder: &Path) -> anyhow::Result<()> {
    if found.is_empty() {
        let named = match folder == Path::new(".") {
            true => "this folder".to_owned(),
            false => folder.display().to_string(),
        };
        bail!(
            "{named} holds no round (round.yaml, services.csv, entities.csv or answers/) and no framework \
             (framework.yaml)\n\
             help: name the files to check, or start a round with `asan-index init DIR`"
        );
    }
    Ok(())
}

/// The round or framework that a file is part of; none for a sheet of answers.
fn target_of_file(path: &Path) -> Option<Target> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    if ["round.yaml", "services.csv", "entities.csv"].contains(&name) {
        let is_here = folder.as_os_str().is_empty();
        return Some(Target::Round(Input::Folder(if is_here { Path::new(".") } else { folder }.into())));
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    if !["yaml", "yml"].contains(&ending) {
        return None;
    }
    let whole = folder.ancestors().map(|folder| folder.join("framework.yaml")).find(|head| head.is_file());
    Some(Target::Framework(whole.unwrap_or_else(|| path.to_path_buf())))
}

/// Adds the rounds and frameworks at or below a folder; links are not followed.
fn discover(folder: &Path, targets: &mut Vec<Target>) -> anyhow::Result<()> {
    let before = targets.len();
    if is_round(folder) {
        targets.push(Target::Round(Input::Folder(folder.to_path_buf())));
    }
    if folder.join("framework.yaml").is_file() {
        targets.push(Target::Framework(folder.to_path_buf()));
    }
    if targets.len() > before {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    folders.retain(|path| {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !hidden && path.is_dir() && !path.is_symlink()
    });
    folders.sort();
    folders.iter().try_for_each(|folder| discover(folder, targets))
}
