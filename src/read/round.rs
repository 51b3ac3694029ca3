//! A round from its folder, from answer files, or from standard input.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use encoding_rs::Encoding;
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempPath;

use super::answers::{Ledger, Stage, unanswered};
use super::declared::{self, By, Unconfirmed};
use super::framework::policy;
use super::registry::{self, Places};
use super::returns::{Filed, Shelf, files_below, is_sheet, shelf, stem};
use super::sheet::{Row, Subject};
use super::sheets::{AnswerFile, Outcome, Sheets};
use super::table::{Columns, Table, unknown_column};
use super::yaml::{Value, Yaml, YamlReader, parse};
use super::{bounded, manifest};
use crate::diagnostic::{Code, Diagnostic, Findings, Severity};
use crate::framework::Framework;
use crate::id::{Node, ParameterIndex};
use crate::limit::{Limit, Limits};
use crate::number::Weight;
use crate::parallel;
use crate::round::{Dialect, Round, State};
use crate::source::{Place, Source, shown};
use crate::text::{Text, clean, did_you_mean, one_of};

/// What is assessed, as it was named.
#[derive(Clone, Debug)]
pub enum Input {
    /// A round's folder.
    Folder(PathBuf),
    /// Answer files alone.
    Files(Vec<PathBuf>),
    /// A CSV that came from standard input, in a file that is gone when this is.
    Stdin(Arc<TempPath>),
}

/// What `round.yaml` says.
#[derive(Debug, Default)]
pub struct Head {
    /// The round's folder.
    pub folder: PathBuf,
    /// The round's id.
    pub id: String,
    /// Its name.
    pub title: Option<Text>,
    /// The day it is dated.
    pub date: Option<String>,
    /// The first and last day that it looks at.
    pub period: Option<(String, String)>,
    /// The language of what is written to files.
    pub language: Option<String>,
    /// How files are written for people.
    pub dialect: Option<Dialect>,
    /// How far it has come.
    pub state: State,
    /// Where its framework is, from the round's folder.
    pub framework: Option<PathBuf>,
    /// Findings that are not reported.
    pub allow: Vec<Code>,
    /// Its stages; one unnamed stage where it declares none.
    pub stages: Vec<Stage>,
    /// Whether `round.yaml` could not be read as YAML, so that nothing of it is known.
    pub is_broken: bool,
    policy: Option<(Source, Yaml)>,
}

impl Head {
    /// Puts the round's own rules over the framework's.
    pub fn apply_policy(&self, framework: &mut Framework, findings: &mut Findings) {
        if let Some((source, node)) = &self.policy {
            let mut yaml = YamlReader { sources: vec![source.clone()], findings };
            framework.policy = policy(&mut yaml, node, framework.policy.clone());
        }
    }

    /// Whether answers lie in folders of stages.
    pub fn has_stages(&self) -> bool {
        self.stages.iter().any(|stage| !stage.id.is_empty())
    }
}

/// Reads `round.yaml`, which may be absent.
///
/// # Errors
/// The file is there and cannot be read.
pub fn head(folder: &Path, limits: &Limits, findings: &mut Findings) -> anyhow::Result<Head> {
    let path = folder.join("round.yaml");
    let mut head = Head { folder: folder.to_path_buf(), stages: vec![whole()], ..Head::default() };
    if !path.exists() {
        return Ok(head);
    }
    if bounded::leaves(&path, folder) {
        findings.push(bounded::outside(&path));
        head.is_broken = true;
        return Ok(head);
    }
    let bytes = bounded::bytes(&path, Limit::YamlSize, limits);
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    let name = shown(&path);
    let text = match bytes.and_then(|bytes| super::table::decode(&name, bytes, None)) {
        Ok(text) => text,
        Err(finding) => {
            findings.push(*finding);
            head.is_broken = true;
            return Ok(head);
        }
    };
    let source = Source::new(name, text);
    let Some(root) = parse(&source, 0, limits, findings) else {
        head.is_broken = true;
        return Ok(head);
    };
    if matches!(root.value, Value::Null) {
        return Ok(head);
    }
    let mut yaml = YamlReader { sources: vec![source], findings };
    fill_head(&mut head, &mut yaml, &root);
    Ok(head)
}

/// The one stage of a round that declares none.
fn whole() -> Stage {
    Stage { id: String::new(), scored: true, voids: false }
}

fn fill_head(head: &mut Head, yaml: &mut YamlReader<'_>, root: &Yaml) {
    let Some(fields) = yaml.fields(root, &declared::ROUND) else { return };
    let mut scalar = |key: &str| fields.get(key).and_then(|node| yaml.scalar(node)).map(str::to_owned);
    head.id = scalar("id").unwrap_or_default();
    head.date = scalar("date");
    head.language = scalar("language");
    head.framework = scalar("framework").map(PathBuf::from);
    head.title = fields.get("title").map(|node| free_text(yaml, node));
    head.dialect = yaml.keyword(&fields, "dialect");
    head.state = yaml.keyword(&fields, "state").unwrap_or_default();
    if let Some(node) = fields.get("period")
        && let Some(inner) = yaml.fields(node, &declared::PERIOD)
    {
        let mut day =
            |key: &str| inner.get(key).and_then(|node| yaml.scalar(node)).unwrap_or_default().to_owned();
        let (from, to) = (day("from"), day("to"));
        let nodes = ["from", "to"].map(|key| inner.get(key));
        nodes.into_iter().flatten().for_each(|node| check_date(yaml, node));
        if let (true, [_, Some(node)]) = (from > to, nodes) {
            yaml.fault(
                Code::DateMalformed,
                node,
                "the period ends before it begins",
                "exchange the two days",
            );
        }
        head.period = Some((from, to));
    }
    if let Some(node) = fields.get("date") {
        check_date(yaml, node);
    }
    if let Some(node) = fields.get("allow") {
        for item in yaml.list(node, "codes") {
            let Some(name) = yaml.scalar(item) else { continue };
            match Code::from_name(name) {
                Some(code) => {
                    head.allow.push(code);
                    if code.severity() == Severity::Error {
                        let message = format!("`{name}` is an error, and is reported all the same");
                        yaml.fault(
                            Code::AllowedError,
                            item,
                            message,
                            "mend what it finds, and take it out here",
                        );
                    }
                }
                None => {
                    let help = match yaml.findings.nearest(name, Code::ALL.iter().map(|code| code.name())) {
                        Some(near) => did_you_mean(name, near),
                        None => "`asan-index check --list` names all codes".to_owned(),
                    };
                    yaml.fault(Code::UnknownValue, item, format!("there is no finding `{name}`"), help);
                }
            }
        }
    }
    if let Some(node) = fields.get("stages") {
        head.stages = stages(yaml, node);
    }
    head.policy = fields.get("policy").map(|node| (yaml.sources[0].clone(), node.clone()));
}

/// A day is written as `2025-12-31`.
fn check_date(yaml: &mut YamlReader<'_>, node: &Yaml) {
    let Some(text) = yaml.scalar(node) else { return };
    let parts: Vec<&str> = text.split('-').collect();
    let widths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let is_day = widths == [4, 2, 2]
        && matches!(numbers.as_slice(), [_, month, day] if (1..=12).contains(month) && (1..=31).contains(day));
    if !is_day {
        let message = format!("`{text}` is no date");
        yaml.fault(Code::DateMalformed, node, message, "write year, month and day, such as `2025-12-31`");
    }
}

/// A text in whatever languages it has.
fn free_text(yaml: &mut YamlReader<'_>, node: &Yaml) -> Text {
    if let Value::Scalar(words) = &node.value {
        return Text::new(vec![("", &**words)]);
    }
    let mut variants = Vec::new();
    for (key, value) in yaml.entries(node, "a text").unwrap_or(&[]) {
        if let (Some(language), Some(words)) = (yaml.scalar(key), yaml.scalar(value)) {
            variants.push((language.to_owned(), words.to_owned()));
        }
    }
    Text::new(variants)
}

fn stages(yaml: &mut YamlReader<'_>, node: &Yaml) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut seen = BTreeSet::new();
    for item in yaml.list(node, "stages") {
        let Some(fields) = yaml.fields(item, &declared::STAGE) else { continue };
        let Some(id_node) = fields.get("id") else { continue };
        let Some(id) = yaml.scalar(id_node) else { continue };
        if !seen.insert(id) {
            yaml.fault(
                Code::DuplicateId,
                id_node,
                format!("two stages are called `{id}`"),
                "rename one of them",
            );
        }
        yaml.keyword::<By>(&fields, "by");
        let unconfirmed = yaml.keyword(&fields, "unconfirmed");
        let scored = yaml.keyword(&fields, "scored").unwrap_or(true);
        let voids = matches!(unconfirmed, Some(Unconfirmed::Void));
        stages.push(Stage { id: id.to_owned(), scored, voids });
    }
    if stages.is_empty() { vec![whole()] } else { stages }
}

/// What is asked of the reader beside the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encoding of files that have no byte order mark.
    pub encoding: Option<&'static Encoding>,
    /// The last stage to take.
    pub stage: Option<String>,
    /// What files may cost.
    pub limits: Limits,
    /// Whether every warning says where it is; else those that a run only counts are counted.
    pub places: bool,
    /// The ids of the last round's services, where `previous` is to be looked up in them.
    pub last: Option<Arc<BTreeSet<String>>>,
    /// Whether long reading shows its progress on standard error, where that is a terminal.
    pub progress: bool,
    /// Whether every row goes to the general reader: a test holds the fast way to what it says.
    #[doc(hidden)]
    pub general: bool,
}

/// Reads registries and answers.
///
/// Files that were read are added to `inputs`, and files that answers name as their evidence. Whether a finding stops everything is for the caller
/// to see; the round holds out the services that faults belong to.
///
/// # Errors
/// A file cannot be read, or the stage that is asked for does not exist.
pub fn read(
    input: &Input,
    head: &Head,
    framework: &Framework,
    options: &Options,
    inputs: &mut Vec<PathBuf>,
    findings: &mut Findings,
) -> anyhow::Result<(Round, bool)> {
    // Files that are no text are few: then all is read again, and they as a whole.
    let mut whole: Vec<PathBuf> = Vec::new();
    loop {
        let mut paths = Vec::new();
        match attempt(input, head, framework, options, &whole, &mut paths, findings)? {
            Attempt::Unreadable(path) => whole.push(path),
            Attempt::Read(round, stops) => {
                inputs.extend(paths);
                return Ok((*round, stops));
            }
        }
    }
}

fn attempt(
    input: &Input,
    head: &Head,
    framework: &Framework,
    options: &Options,
    whole: &[PathBuf],
    inputs: &mut Vec<PathBuf>,
    findings: &mut Findings,
) -> anyhow::Result<Attempt> {
    // Faults that belong to a service alone are told apart by what holds it out.
    let mut structural = Findings::default();
    let mut round = Round {
        id: head.id.clone(),
        title: head.title.clone(),
        language: head.language.clone(),
        state: head.state,
        ..Round::default()
    };
    let mut entities_registered = false;
    let mut registered = None;
    if let Input::Folder(folder) = input {
        let mut table = |name: &str| -> anyhow::Result<Option<Table>> {
            let path = folder.join(name);
            if !path.exists() {
                return Ok(None);
            }
            if bounded::leaves(&path, folder) {
                structural.push(bounded::outside(&path));
                return Ok(None);
            }
            inputs.push(path.clone());
            read_table(&path, options, &mut structural)
        };
        let (entities, services) = (table("entities.csv")?, table("services.csv")?);
        let entities = entities.map(|table| registry::entities(&table, framework, &mut structural));
        entities_registered = entities.is_some();
        match services {
            Some(table) => {
                let registry =
                    registry::services(table, entities, framework, options.last.as_deref(), &mut structural);
                round.has_registry = true;
                round.services = registry.services;
                registered = registry.places;
                round.excluded = registry.excluded;
                round.excluded_entities = registry.excluded_entities;
                round.entities = registry.entities;
            }
            None => round.entities = entities.unwrap_or_default(),
        }
        round.has_registry |= folder.join("services.csv").exists();
    }
    if round.services.len() > options.limits.size(Limit::Services) {
        let place = registered.and_then(|registered: Places| registered.last());
        let place = place.unwrap_or_else(|| Place::file("services.csv"));
        findings.extend(structural);
        findings.push(options.limits.exceeded(Limit::Services, place));
        return Ok(Attempt::Read(Box::default(), true));
    }
    // Where no place is told, the registry's text is not kept.
    let registered = registered.filter(|_| options.places);
    let files = Files::find(input, head, &round, options, whole, &mut structural)?;
    inputs.extend(files.paths());
    if let (Input::Folder(folder), State::Frozen | State::Announced) = (input, head.state) {
        manifest::closed(folder, &head.id, inputs, framework, options, &mut structural);
    }
    let stopped = structural.has_errors();
    let evidence = Mutex::new(BTreeSet::new());
    let evidence_exists = |path: &str| {
        let mut known = evidence.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(path) || (is_file_inside(&head.folder, path) && known.insert(path.to_owned()))
    };
    let mut ledger = Ledger::new(framework, round, entities_registered, options, evidence_exists);
    let stages = &head.stages[..files.stages.len()];
    let mut of_services = Findings::default();
    let (size, threads) = files.size(options);
    let bar = progress(size, options);
    let ended = ledger.fold(stages, threads, &mut of_services, |stage| {
        files.sheets(stage, framework, options, &bar, threads)
    });
    bar.finish_and_clear();
    match ended {
        Outcome::Read => {}
        Outcome::Unreadable(file) => return Ok(Attempt::Unreadable(file.path.clone())),
        Outcome::Failed(error) => return Err(error),
    }
    let round = ledger.finish(&mut of_services);
    let evidence = evidence.into_inner().unwrap_or_else(PoisonError::into_inner);
    inputs.extend(evidence.into_iter().map(|path| head.folder.join(path)));
    let place = |service| registered.as_ref().and_then(|registered| registered.get(service));
    unanswered(framework, &round, options.places.then_some(place), &mut of_services);
    let stops = stopped || of_services.stops();
    findings.extend(structural);
    findings.extend(of_services);
    Ok(Attempt::Read(Box::new(round), stops))
}

/// What an attempt at reading a round comes to.
enum Attempt {
    /// The round, and whether a finding stops everything.
    Read(Box<Round>, bool),
    /// A file that is read in parts turned out not to be text when rows of it had been taken.
    Unreadable(PathBuf),
}

/// Calls `each` with every row of a round's answers and the position of its stage.
///
/// # Errors
/// A file cannot be read, or the stage that is asked for does not exist.
pub fn rows(
    input: &Input,
    head: &Head,
    framework: &Framework,
    round: &Round,
    options: &Options,
    each: &mut dyn FnMut(usize, &Row<'_>),
) -> anyhow::Result<()> {
    let mut silent = Findings::default();
    let files = Files::find(input, head, round, options, &[], &mut silent)?;
    let hidden = ProgressBar::hidden();
    for stage in 0..files.stages.len() {
        let mut sheets = files.sheets(stage, framework, options, &hidden, 1);
        while let Some(sheet) = sheets.next() {
            sheet.rows(framework, &mut silent, |row, _| each(stage, &row));
            sheets.recycle(sheet);
        }
        if let Outcome::Failed(error) = sheets.finish(&mut silent) {
            return Err(error);
        }
    }
    Ok(())
}

/// What lies in the folders of a round's stages.
#[derive(Clone, Debug)]
pub struct Shelved {
    /// Which stages have files.
    pub begun: Vec<bool>,
    /// The files that a later return of their sheet replaces.
    pub superseded: Vec<PathBuf>,
}

/// Looks into the folders of a round's stages.
///
/// # Errors
/// A folder cannot be read, or the stage that is asked for does not exist.
pub fn shelved(input: &Input, head: &Head, round: &Round, options: &Options) -> anyhow::Result<Shelved> {
    let files = Files::find(input, head, round, options, &[], &mut Findings::default())?;
    let begun = files.stages.iter().map(|stage| !stage.is_empty()).collect();
    Ok(Shelved { begun, superseded: files.superseded })
}

/// A row of an answer file that says something of a service and parameter.
#[derive(Clone, Debug)]
pub struct Said {
    /// The position of its stage.
    pub stage: usize,
    /// The service's id, or the entity's.
    pub subject: String,
    /// Whether the entity says it, for all its services.
    pub of_entity: bool,
    /// About what.
    pub parameter: ParameterIndex,
    /// The answer, as it stands in the cell.
    pub answer: String,
    /// Its evidence.
    pub evidence: String,
    /// Why an earlier answer is changed.
    pub reason: String,
    /// What is said of it to the body.
    pub comment: String,
    /// What never leaves the team.
    pub note: String,
    /// Who evaluated.
    pub evaluator: String,
    /// Where it stands.
    pub place: Place,
}

/// The rows that are `wanted`, in the order of stages and files: what reading a round does not keep.
///
/// # Errors
/// A file cannot be read.
pub fn trail(
    input: &Input,
    head: &Head,
    framework: &Framework,
    round: &Round,
    options: &Options,
    wanted: impl Fn(&Subject<'_>, ParameterIndex) -> bool,
) -> anyhow::Result<Vec<Said>> {
    let mut said = Vec::new();
    rows(input, head, framework, round, options, &mut |stage, row| {
        let Some(parameter) = row.parameter.filter(|at| wanted(&row.subject, *at)) else { return };
        if row.answer.is_empty() && row.evidence().is_empty() {
            return;
        }
        let (subject, of_entity) = match row.subject {
            Subject::Service(id) => (id, false),
            Subject::Entity(id) => (id, true),
        };
        said.push(Said {
            stage,
            subject: subject.to_owned(),
            of_entity,
            parameter,
            answer: row.answer.to_owned(),
            evidence: row.evidence().to_owned(),
            reason: row.reason().to_owned(),
            comment: row.comment().to_owned(),
            note: row.note().to_owned(),
            evaluator: row.evaluator().to_owned(),
            place: row.place(),
        });
    })?;
    Ok(said)
}

/// Whether a relative path names a file inside a folder.
fn is_file_inside(folder: &Path, path: &str) -> bool {
    let inside = Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    inside && folder.join(path).is_file() && !bounded::leaves(&folder.join(path), folder)
}

/// A table from a file; what keeps it from being one is a finding.
pub fn read_table(path: &Path, options: &Options, findings: &mut Findings) -> anyhow::Result<Option<Table>> {
    let bytes = bounded::bytes(path, Limit::TableSize, &options.limits);
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    match bytes.and_then(|bytes| Table::read(&shown(path), bytes, options.encoding)) {
        Ok(table) => Ok(Some(table)),
        Err(finding) => {
            findings.push(*finding);
            Ok(None)
        }
    }
}

/// The answer files of a round, by stage.
struct Files {
    round: String,
    stage_ids: Vec<String>,
    stages: Vec<Vec<AnswerFile>>,
    superseded: Vec<PathBuf>,
    are_inputs: bool,
}

impl Files {
    fn find(
        input: &Input,
        head: &Head,
        round: &Round,
        options: &Options,
        whole: &[PathBuf],
        findings: &mut Findings,
    ) -> anyhow::Result<Self> {
        let wanted = match &options.stage {
            None => head.stages.len(),
            Some(id) => {
                let ids: Vec<&str> = head.stages.iter().map(|stage| stage.id.as_str()).collect();
                let at = ids.iter().position(|stage| stage == id);
                let at =
                    at.with_context(|| format!("the round has no stage `{id}`; it has {}", one_of(&ids)))?;
                at + 1
            }
        };
        let is_service = |stem: &str| round.service_named(stem).is_some();
        let shelves = match input {
            Input::Files(files) => {
                let mut files = files.clone();
                files.sort();
                let filed = |path: PathBuf| Filed { name: stem(&path), number: 1, path };
                vec![Shelf { current: files.into_iter().map(filed).collect(), ..Shelf::default() }]
            }
            Input::Stdin(path) => {
                let name = String::new();
                vec![Shelf {
                    current: vec![Filed { name, number: 1, path: path.to_path_buf() }],
                    ..Shelf::default()
                }]
            }
            Input::Folder(folder) if !head.has_stages() => {
                vec![shelf(folder, &folder.join("answers"), is_service)?]
            }
            Input::Folder(folder) => {
                let answers = folder.join("answers");
                if !bounded::leaves(&answers, folder) {
                    check_stage_folders(&answers, head, findings)?;
                }
                let ids = head.stages.iter().take(wanted).map(|stage| &stage.id);
                ids.map(|id| shelf(folder, &answers.join(id), is_service)).collect::<Result<_, _>>()?
            }
        };
        let is_stdin = matches!(input, Input::Stdin(_));
        let file = |Filed { path, name, .. }: Filed| AnswerFile {
            name: if is_stdin { "<stdin>".to_owned() } else { shown(&path) },
            service: name,
            whole: whole.contains(&path),
            path,
        };
        let mut files = Self {
            round: head.id.clone(),
            stage_ids: head.stages.iter().map(|stage| stage.id.clone()).collect(),
            stages: Vec::new(),
            superseded: Vec::new(),
            are_inputs: !is_stdin,
        };
        for shelf in shelves {
            shelf.outside.iter().for_each(|path| findings.push(bounded::outside(path)));
            files.superseded.extend(shelf.superseded.into_iter().map(|filed| filed.path));
            files.stages.push(shelf.current.into_iter().map(file).collect());
        }
        Ok(files)
    }

    fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.stages.iter().flatten().filter(|_| self.are_inputs);
        files.map(|file| file.path.clone())
    }

    /// The sheets of a stage, for so many threads.
    fn sheets<'a>(
        &'a self,
        stage: usize,
        framework: &'a Framework,
        options: &'a Options,
        bar: &'a ProgressBar,
        threads: usize,
    ) -> Sheets<'a> {
        let made_for = (self.round.as_str(), self.stage_ids.get(stage).map_or("", String::as_str));
        Sheets::new(&self.stages[stage], made_for, framework, options, bar, threads)
    }

    /// How many bytes there are to read, counted as long as it makes a difference, and how many threads they
    /// are work for.
    fn size(&self, options: &Options) -> (u64, usize) {
        let is_shown = may_show_bar(options);
        let mut files = self.stages.iter().flatten();
        let number = files.clone().count();
        let mut size = 0;
        loop {
            let worth = worth(size, number);
            // How many there may be is asked only where there is work for more than one.
            let most = if worth > 1 { parallel::threads() } else { usize::MAX };
            match files.next().filter(|_| is_shown || worth < most) {
                Some(file) => size += std::fs::metadata(&file.path).map_or(0, |data| data.len()),
                None => return (size, worth.min(most)),
            }
        }
    }
}

/// How many threads so many bytes of so many files are work for.
fn worth(size: u64, files: usize) -> usize {
    /// A thread starts sooner than it helps with less to read.
    const THREAD: u64 = 1 << 21;
    /// To open and close a file takes as long as to read so many bytes more.
    const FILE: u64 = 1 << 13;
    let work = size.saturating_add(FILE.saturating_mul(files as u64));
    usize::try_from(work / THREAD).unwrap_or(usize::MAX).saturating_add(1)
}

/// Whether somebody may look at how far reading is.
fn may_show_bar(options: &Options) -> bool {
    options.progress && std::io::stderr().is_terminal()
}

/// A bar of what is read; it stays hidden where little is, and where nobody looks.
fn progress(size: u64, options: &Options) -> ProgressBar {
    const WORTH_A_BAR: u64 = 1 << 27;
    if size < WORTH_A_BAR || !may_show_bar(options) {
        return ProgressBar::hidden();
    }
    let template = "reading {bytes} of {total_bytes} {wide_bar} {bytes_per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Answers that lie beside the stages' folders, or in a folder of no stage, would be lost silently.
fn check_stage_folders(answers: &Path, head: &Head, findings: &mut Findings) -> anyhow::Result<()> {
    let ids: Vec<&str> = head.stages.iter().map(|stage| stage.id.as_str()).collect();
    let mut strays: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files_below(answers)?.into_iter().filter(|file| is_sheet(file)) {
        let inner = file.strip_prefix(answers).unwrap_or(&file);
        let mut parts = inner.components();
        let first =
            parts.next().map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
        let in_folder = parts.next().is_some();
        if !in_folder || !ids.contains(&first.as_str()) {
            strays.entry(first).or_insert(file);
        }
    }
    for (name, file) in strays {
        let message = format!("`{name}` belongs to no stage of the round");
        let finding = Diagnostic::new(Code::UnknownStage, message, Place::file(shown(&file)));
        findings.push(
            finding.help(format!("its stages are {}: move the file into the folder of one", one_of(&ids))),
        );
    }
    Ok(())
}

/// Reads another set of weights (`id,weight`) over a framework's.
///
/// # Errors
/// The file cannot be read.
pub fn weights(
    path: &Path,
    framework: &mut Framework,
    options: &Options,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let Some(table) = read_table(path, options, findings)? else { return Ok(()) };
    let columns = Columns::read(
        &table,
        &[("id", &[]), ("weight", &["çəki"])],
        findings,
        |column, title, findings| {
            unknown_column(&table, column, title, findings);
            clean(title)
        },
    );
    for name in ["id", "weight"] {
        if columns.get(name).is_none() {
            let message = format!("there is no column `{name}`");
            let finding = Diagnostic::new(Code::MissingColumn, message, table.header_place(0));
            findings.push(finding.help("a file of weights has the columns `id,weight`"));
        }
    }
    let (Some(ids), Some(weights)) = (columns.get("id"), columns.get("weight")) else { return Ok(()) };
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    table.rows(findings, |record, findings| {
        let id = clean(record.get(ids));
        let place = table.place(record, ids);
        if let Some(first) = seen.insert(id.clone(), place.clone()) {
            let finding =
                Diagnostic::new(Code::DuplicateId, format!("`{id}` has two weights"), place.clone());
            findings.push(finding.related(first, "first here").help("keep one of the two rows"));
        }
        let text = record.get(weights);
        let weight = Weight::parse(&text.replacen(',', ".", 1)).map_err(|fault| {
            let message = format!("the weight `{text}` {}", fault.reason());
            let finding = Diagnostic::new(Code::WeightNotANumber, message, table.place(record, weights));
            findings.push(finding.help("a weight is a plain number of 0 or more"));
        });
        let Ok(weight) = weight else { return };
        match framework.node(&id) {
            Some(Node::Group(at)) => framework.groups[at.get()].weight = weight,
            Some(Node::Parameter(at)) => framework.parameters[at.get()].weight = weight,
            None => {
                let message = format!("the framework has no `{id}`");
                let known = framework.groups.iter().map(|group| group.id.as_str());
                let known = known.chain(framework.parameters.iter().map(|parameter| parameter.id.as_str()));
                let help = findings.nearest(&id, known).map(|near| did_you_mean(&id, near));
                let finding = Diagnostic::new(Code::UnknownParameter, message, place);
                findings.push(finding.help(help.unwrap_or_else(|| "name a group or a parameter".to_owned())));
            }
        }
    });
    Ok(())
}

/// Whether a folder is a round: it has a `round.yaml`, a registry or answers.
pub fn is_round(folder: &Path) -> bool {
    ["round.yaml", "services.csv", "entities.csv"].iter().any(|name| folder.join(name).is_file())
        || folder.join("answers").is_dir()
}

/// The nearest folder upward that has a `round.yaml`, as a path from here.
pub fn nearest_round(here: &Path) -> Option<PathBuf> {
    let up = here.ancestors().position(|folder| folder.join("round.yaml").is_file())?;
    Some(if up == 0 { PathBuf::from(".") } else { vec![".."; up].iter().collect() })
}
