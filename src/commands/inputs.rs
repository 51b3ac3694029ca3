//! The flags that commands share, and the one way to load a framework and a round.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;
use encoding_rs::Encoding;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::Terminal;
use crate::diagnostic::render::{self, Checked};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::document::{Document, Table};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::{self, Format, Style, write};
use crate::framework::{Framework, Missing};
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::limit::{Limit, Limits};
use crate::messages::Language;
use crate::output::{File, entry, entry_of, relative, replace, write_folder};
use crate::parallel;
use crate::read::framework::{Embedded, FrameworkFile, Origin};
use crate::read::round::{Head, Input, Options, Said, Shelved, is_round, nearest_round, trail};
use crate::read::sheet::Subject;
use crate::read::trail::hearing;
use crate::read::{self};
use crate::round::{Dialect, Round};
use crate::text::{Text, clean, count, fold, nearest, one_of};
use crate::trail::Hearing;
use crate::view::Speech;

/// The flags that every command takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// The round's folder [default: the nearest one upward with a round.yaml]
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub folder: Option<PathBuf>,
    /// A framework's folder or file [default: what round.yaml names, else the embedded one]
    #[arg(long, value_name = "PATH", global = true)]
    pub framework: Option<PathBuf>,
    /// Another set of weights, a CSV of `id,weight`; a later one goes over an earlier one
    #[arg(long, value_name = "FILE", global = true)]
    pub weights: Vec<PathBuf>,
    /// Take the answers as of this stage
    #[arg(long, value_name = "ID", global = true)]
    pub stage: Option<String>,
    /// The encoding of CSV files that are not UTF-8, such as windows-1254
    #[arg(long, value_name = "NAME", global = true, value_parser = encoding)]
    pub encoding: Option<&'static Encoding>,
    /// Raise what a file may cost, such as `yaml-size=64000000`; docs/check.md lists the limits
    #[arg(long, value_name = "NAME=NUMBER", global = true, value_parser = limit)]
    pub limit: Vec<(Limit, u64)>,
    /// The language of what a terminal shows [default: the round's, then LANG]
    #[arg(long, value_name = "LANGUAGE", global = true, value_parser = language)]
    pub lang: Option<Language>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true)]
    pub color: Colour,
    /// How many threads work; they change nothing but the time [default: one for each processor]
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Print no findings but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Whether colours are used, on a terminal or beside one.
    pub fn holds(self, is_terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        format!("there is no encoding `{name}`; windows-1254 and windows-1251 are usual in the region")
    })
}

/// A limit, as a flag takes it.
pub(super) fn limit(text: &str) -> Result<(Limit, u64), String> {
    let (name, number) = text.split_once('=').ok_or("a limit is written as NAME=NUMBER")?;
    let found = Limit::ALL.iter().find(|limit| limit.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        format!("there is no limit `{name}`; there are {}", one_of(&names))
    })?;
    let number = number.parse().map_err(|_| format!("`{number}` is no whole number"))?;
    Ok((*found, number))
}

/// The language of a code, as a flag takes it.
pub(super) fn language(code: &str) -> Result<Language, String> {
    Language::ALL
        .iter()
        .copied()
        .find(|language| language.code() == code)
        .ok_or_else(|| "the languages are `en` and `az`".to_owned())
}

/// How results are written.
#[derive(Debug, Default, clap::Args)]
pub struct OutputArgs {
    /// The format on standard output
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write to this file (.csv, .json, .md, .xlsx), or to this folder
    #[arg(short, long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// `excel`: a byte order mark, semicolons and decimal commas
    #[arg(long, value_enum, value_name = "DIALECT")]
    pub dialect: Option<DialectArg>,
    /// Leave cells that a spreadsheet would take for formulas as they are
    #[arg(long)]
    pub raw: bool,
}

/// A dialect, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DialectArg {
    /// Commas, points, line feeds.
    Rfc,
    /// As spreadsheets of the region take it.
    Excel,
}

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stream(Format),
    /// One file.
    File(PathBuf, Format),
    /// A folder of files.
    Folder(PathBuf),
}

impl OutputArgs {
    /// Where results go.
    ///
    /// # Errors
    /// The file's ending names no format, or two formats are asked for.
    pub fn destination(&self) -> anyhow::Result<Destination> {
        let Some(path) = &self.out else {
            return Ok(Destination::Stream(self.format.unwrap_or(Format::Table)));
        };
        let Some(ending) = path.extension().map(|ending| ending.to_string_lossy().into_owned()) else {
            return Ok(Destination::Folder(path.clone()));
        };
        if path.is_dir() {
            return Ok(Destination::Folder(path.clone()));
        }
        match (Format::from_ending(&ending), self.format) {
            (None, _) => {
                bail!(
                    "`.{ending}` is no format: a file ends in .csv, .json, .md, .xlsx or .html, a folder has no ending"
                )
            }
            (Some(of_file), Some(asked)) if of_file != asked => {
                bail!("`-o {}` and `--format` ask for two formats: leave one out", path.display())
            }
            (Some(format), _) => Ok(Destination::File(path.clone(), format)),
        }
    }

    fn dialect(&self, head: &Head) -> Dialect {
        match self.dialect {
            Some(DialectArg::Rfc) => Dialect::Rfc,
            Some(DialectArg::Excel) => Dialect::Excel,
            None => head.dialect.unwrap_or_default(),
        }
    }
}

/// A framework and a round, with what was found on the way.
pub struct Loaded {
    /// The framework, under the round's policy and the weights that were asked for.
    pub framework: Framework,
    /// The round.
    pub round: Round,
    /// What `round.yaml` says.
    pub head: Head,
    /// What is wrong.
    pub findings: Findings,
    /// The folder that paths in a manifest are relative to.
    pub folder: PathBuf,
    /// What was named to be assessed.
    pub input: Input,
    /// How it was to be read.
    pub options: Options,
    inputs: Vec<PathBuf>,
    framework_files: Vec<FrameworkFile>,
}

/// What loading comes to.
pub enum Loading {
    /// Everything that belongs to no single service is sound.
    Sound(Box<Loaded>),
    /// It is not; nothing can be scored.
    Faulty(Findings),
}

/// The framework compiled into the program: the files of the folder `parameters/`.
pub const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

impl Global {
    /// Loads what a command works on: `paths` are a round's folder, answer files, or `-`.
    ///
    /// # Errors
    /// Something cannot be read.
    pub fn load(&self, paths: &[PathBuf]) -> anyhow::Result<Loading> {
        let input = self.input(paths)?;
        let folder = self.round_folder(&input)?;
        let mut findings = Findings::default();
        let head = read::round::head(&folder, &self.limits(), &mut findings)?;
        head.allow.iter().for_each(|code| findings.allow(*code));
        if head.is_broken {
            return Ok(Loading::Faulty(findings));
        }
        let (framework, framework_files) = self.read_framework(&folder, &head, &mut findings)?;
        let Some(mut framework) = framework else { return Ok(Loading::Faulty(findings)) };
        head.apply_policy(&mut framework, &mut findings);
        let options = self.options(false);
        for path in &self.weights {
            read::round::weights(path, &mut framework, &options, &mut findings)?;
        }
        let mut inputs = Vec::new();
        if folder.join("round.yaml").is_file() {
            inputs.push(folder.join("round.yaml"));
        }
        inputs.extend(self.weights.clone());
        let faulty = findings.has_errors();
        let (round, stops) =
            read::round::read(&input, &head, &framework, &options, &mut inputs, &mut findings)?;
        if faulty || stops {
            return Ok(Loading::Faulty(findings));
        }
        let loaded =
            Loaded { framework, round, head, findings, folder, input, options, inputs, framework_files };
        Ok(Loading::Sound(Box::new(loaded)))
    }

    /// Loads as [`Global::load`] does; where nothing can be scored, reports why and gives nothing.
    ///
    /// # Errors
    /// Something cannot be read, or the findings cannot be written.
    pub fn load_or_report(
        &self,
        paths: &[PathBuf],
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<Option<Box<Loaded>>> {
        match self.load(paths)? {
            Loading::Sound(loaded) => Ok(Some(loaded)),
            Loading::Faulty(findings) => self.report(&findings, terminal).map(|()| None),
        }
    }

    /// How files are read; with `places` every warning says where it is.
    pub(super) fn options(&self, places: bool) -> Options {
        Options {
            encoding: self.encoding,
            stage: self.stage.clone(),
            limits: self.limits(),
            places,
            last: None,
            progress: !self.quiet,
            general: false,
        }
    }

    /// What files may cost.
    pub fn limits(&self) -> Limits {
        Limits::with(&self.limit)
    }

    /// Finds everything that is wrong in a round and in its framework.
    ///
    /// `last` are the ids of the last round's services, where it is known.
    /// Where the framework is not known for a fault of its own, the round is read against one that
    /// asks nothing, and what only the framework could tell is left unsaid.
    ///
    /// # Errors
    /// Something cannot be read.
    pub fn examine(&self, input: &Input, last: Option<Arc<BTreeSet<String>>>) -> anyhow::Result<Findings> {
        let folder = self.round_folder(input)?;
        let mut findings = Findings::default();
        let head = read::round::head(&folder, &self.limits(), &mut findings)?;
        head.allow.iter().for_each(|code| findings.allow(*code));
        let framework = match head.is_broken {
            true => {
                frameworks_below(&folder, &self.limits(), &mut findings)?;
                None
            }
            false => self.read_framework(&folder, &head, &mut findings)?.0,
        };
        let is_known = framework.is_some();
        let mut framework = framework.unwrap_or_else(Framework::asking_nothing);
        head.apply_policy(&mut framework, &mut findings);
        let options = Options { last, ..self.options(true) };
        for path in self.weights.iter().filter(|_| is_known) {
            read::round::weights(path, &mut framework, &options, &mut findings)?;
        }
        let mut found = Findings::default();
        let (round, stops) =
            read::round::read(input, &head, &framework, &options, &mut Vec::new(), &mut found)?;
        if !is_known {
            found.retain(|code| !code.needs_framework());
        } else if !stops && framework.policy.missing == Missing::Reject {
            let results = Results::compute(&Scorer::new(&framework, &round), &[]);
            rejected(&framework, &round, &results).for_each(|finding| found.push(finding));
        }
        findings.extend(found);
        Ok(findings)
    }

    /// The ids of a round's services, those that are out of scope included; its own framework holds in it.
    ///
    /// # Errors
    /// It cannot be read, or has faults of its own.
    pub fn service_ids(&self, round: &Path) -> anyhow::Result<BTreeSet<String>> {
        let own = Self { framework: None, weights: Vec::new(), stage: None, folder: None, ..self.clone() };
        match own.load(&[round.to_path_buf()])? {
            Loading::Sound(loaded) => {
                let services = loaded.round.services.into_iter().map(|service| service.id.into());
                Ok(services.chain(loaded.round.excluded).collect())
            }
            Loading::Faulty(_) => bail!(
                "{} has faults, so that its services are not known\n\
                 help: `asan-index check {0}` tells them",
                round.display()
            ),
        }
    }

    /// Loads a framework alone.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn load_framework(&self) -> anyhow::Result<(Option<Framework>, Findings)> {
        let mut findings = Findings::default();
        let folder = self.round_folder(&Input::Files(Vec::new()))?;
        let head = read::round::head(&folder, &self.limits(), &mut findings)?;
        let (mut framework, _) = self.read_framework(&folder, &head, &mut findings)?;
        if let Some(framework) = &mut framework {
            for path in &self.weights {
                read::round::weights(path, framework, &Options::default(), &mut findings)?;
            }
        }
        let sound = !findings.has_errors();
        Ok((framework.filter(|_| sound), findings))
    }

    /// Whether a round is named, or lies here or upward.
    ///
    /// # Errors
    /// The current folder cannot be told.
    pub fn is_in_round(&self) -> anyhow::Result<bool> {
        Ok(self.folder.is_some() || is_round(&self.own_folder()?))
    }

    /// The folder that `-C` names; without it the nearest one upward that has a `round.yaml`, else this one.
    ///
    /// # Errors
    /// The current folder cannot be told.
    pub fn own_folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let here = std::env::current_dir().context("cannot tell the current folder")?;
        Ok(nearest_round(&here).unwrap_or_else(|| PathBuf::from(".")))
    }

    fn input(&self, paths: &[PathBuf]) -> anyhow::Result<Input> {
        match paths {
            [] => Ok(Input::Folder(a_round(self.own_folder()?)?)),
            [one] if one == Path::new("-") => standard_input(),
            [one] if one.is_dir() => Ok(Input::Folder(a_round(one.clone())?)),
            files => {
                for file in files {
                    if !file.exists() {
                        bail!("{} does not exist", file.display());
                    }
                    if file.is_dir() {
                        bail!("{} is a folder: name one round, or answer files", file.display());
                    }
                }
                Ok(Input::Files(files.to_vec()))
            }
        }
    }

    /// The folder whose `round.yaml` holds.
    fn round_folder(&self, input: &Input) -> anyhow::Result<PathBuf> {
        match input {
            Input::Folder(folder) => Ok(folder.clone()),
            Input::Files(_) | Input::Stdin(_) => self.own_folder(),
        }
    }

    fn read_framework(
        &self,
        folder: &Path,
        head: &Head,
        findings: &mut Findings,
    ) -> anyhow::Result<(Option<Framework>, Vec<FrameworkFile>)> {
        let origin = match (&self.framework, &head.framework) {
            (Some(path), _) => Origin::Disk(path.clone()),
            (None, Some(path)) => Origin::Disk(from(folder, path)),
            (None, None) => Origin::Embedded(EMBEDDED),
        };
        let named = match &origin {
            Origin::Disk(path) => path.display().to_string(),
            Origin::Embedded(_) => "the embedded framework".to_owned(),
        };
        read::framework::read(&origin, &self.limits(), findings)
            .with_context(|| format!("cannot read {named}"))
    }

    /// The languages of what a terminal shows.
    pub fn speech(&self, framework: &Framework, head: Option<&Head>) -> Speech {
        let of_round = head.and_then(|head| head.language.as_deref());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let language = self
            .lang
            .or_else(|| of_round.and_then(Language::from_code))
            .or_else(|| locale.as_deref().and_then(Language::from_code))
            .or_else(|| framework.languages.first().and_then(|code| Language::from_code(code)))
            .unwrap_or_default();
        Speech { program: language, texts: language.code().to_owned() }
    }

    /// The languages of a result: a terminal's are the reader's, a file's the round's.
    pub fn speech_to(&self, destination: &Destination, loaded: &Loaded) -> Speech {
        match destination {
            Destination::Stream(_) => self.speech(&loaded.framework, Some(&loaded.head)),
            Destination::File(..) | Destination::Folder(_) => file_speech(&loaded.framework, &loaded.head),
        }
    }

    /// The languages of what is written for people to fill or to publish: the round's, unless another is asked for.
    pub fn speech_asked(&self, loaded: &Loaded) -> Speech {
        match self.lang {
            Some(_) => self.speech(&loaded.framework, Some(&loaded.head)),
            None => file_speech(&loaded.framework, &loaded.head),
        }
    }

    /// Prints findings to standard error, in full.
    ///
    /// # Errors
    /// Standard error cannot be written.
    pub fn report(&self, findings: &Findings, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
        let colour = self.color.holds(terminal.err_is_terminal);
        let text = render::human(findings, &findings.sorted(), &Checked::default(), colour);
        write!(terminal.err, "{text}").context("cannot write to standard error")
    }

    /// Prints errors in full, and warnings in one line by code.
    ///
    /// # Errors
    /// Standard error cannot be written.
    pub fn report_briefly(&self, findings: &Findings, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
        let colour = self.color.holds(terminal.err_is_terminal);
        let mut text = render::errors(findings, colour);
        if !self.quiet {
            text.push_str(&render::warnings(findings));
        }
        write!(terminal.err, "{text}").context("cannot write to standard error")
    }

    /// How a terminal or file is written to.
    pub fn style(&self, args: &OutputArgs, head: Option<&Head>, terminal: &Terminal<'_>) -> Style {
        let dialect = match head {
            Some(head) => args.dialect(head),
            None => args.dialect(&Head::default()),
        };
        Style {
            width: terminal.width,
            colour: args.out.is_none() && self.color.holds(terminal.out_is_terminal),
            dialect,
            raw: args.raw,
            language: self
                .lang
                .or_else(|| head.and_then(|head| head.language.as_deref()).and_then(Language::from_code))
                .unwrap_or_default(),
            folded: false,
        }
    }
}

/// A folder that is a round; any other holds nothing to assess, which would be a ranking of nothing.
fn a_round(folder: PathBuf) -> anyhow::Result<PathBuf> {
    if !folder.is_dir() {
        bail!("{} is no folder", folder.display());
    }
    if !is_round(&folder) {
        let named = match folder == Path::new(".") {
            true => "there is no round here: this folder has".to_owned(),
            false => format!("{} is no round: it has", folder.display()),
        };
        bail!(
            "{named} no round.yaml, services.csv, entities.csv or answers/\n\
             help: name a round's folder or answer files, or start a round with `asan-index init DIR`"
        );
    }
    Ok(folder)
}

/// A path from a folder, as short as it can be named: findings in one file have one name for it, however
/// it was reached.
fn from(folder: &Path, path: &Path) -> PathBuf {
    let whole = folder.join(path);
    let mut short = PathBuf::new();
    for part in whole.components() {
        match (part, short.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => drop(short.pop()),
            (Component::CurDir, _) => {}
            _ => short.push(part),
        }
    }
    // Behind a link to a folder, `..` leads elsewhere.
    if short.canonicalize().ok() == whole.canonicalize().ok() { short } else { whole }
}

/// Standard input, kept in a file: a finding may need a second look at it, and it may not fit in memory.
///
/// # Errors
/// It cannot be read.
pub fn standard_input() -> anyhow::Result<Input> {
    let mut file = NamedTempFile::new().context("cannot make a temporary file")?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).context("cannot read standard input")?;
    Ok(Input::Stdin(Arc::new(file.into_temp_path())))
}

/// The languages of what is written to files: the round's, else the framework's first.
pub fn file_speech(framework: &Framework, head: &Head) -> Speech {
    let language = head.language.clone().or_else(|| framework.languages.first().cloned()).unwrap_or_default();
    Speech { program: Language::from_code(&language).unwrap_or_default(), texts: language }
}

/// Writes a document to standard output or to one file.
///
/// # Errors
/// It cannot be written.
pub fn deliver(
    document: &Document,
    to: &Destination,
    style: Style,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    match to {
        Destination::Stream(format) => {
            terminal.out.write_all(&write(document, *format, style)).context("cannot write")
        }
        Destination::File(path, format) => replace(path, &write(document, *format, style)),
        Destination::Folder(path) => bail!("{} has no ending: this command writes one file", path.display()),
    }
}

/// Writes every table of a document to a file of its own in a folder, and a manifest.
///
/// # Errors
/// They cannot be written.
pub fn deliver_tables(
    document: &Document,
    folder: &Path,
    style: Style,
    mut manifest: Value,
) -> anyhow::Result<()> {
    let file = |table: &Table| (format!("{}.csv", table.name), format::csv::write(table, style));
    let files: Vec<File> = document.tables().map(file).collect();
    manifest["schema"] = json!("asan-index/manifest/1");
    manifest["program"] = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    write_folder(folder, &files, manifest)
}

/// Checks the frameworks right below a round that does not say any more which one is its own.
fn frameworks_below(folder: &Path, limits: &Limits, findings: &mut Findings) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.join("framework.yaml").is_file() {
            read::framework::read(&Origin::Disk(path.clone()), limits, findings)
                .with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    Ok(())
}

/// A finding for each service that the policy holds out for its gaps.
fn rejected(framework: &Framework, round: &Round, results: &Results) -> impl Iterator<Item = Diagnostic> {
    results.rejected.iter().map(|(service, unanswered)| {
        let id = &round.service(*service).id;
        let ids = unanswered.iter().take(6).map(|at| framework.parameter(*at).id.as_str());
        let ids: Vec<&str> = ids.collect();
        let more = unanswered.len() - ids.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("the service `{id}` lacks answers to {}{more}", ids.join(", "));
        let finding = Diagnostic::nowhere(Code::MissingAnswer, message);
        finding.help("answer them, or state another policy for `missing`")
    })
}

/// The position of the one thing that has a name as its id, or as part of its id or title.
fn named(name: &str, noun: &str, things: &[(&str, Option<&Text>)]) -> anyhow::Result<usize> {
    let (id, part) = (clean(name), fold(name));
    if let Some(at) = things.iter().position(|(known, _)| *known == id) {
        return Ok(at);
    }
    let fits = |(id, title): &(&str, Option<&Text>)| {
        let mut titles = title.iter().flat_map(|title| title.variants());
        fold(id).contains(&part) || titles.any(|(_, words)| fold(words).contains(&part))
    };
    let found: Vec<usize> = (0..things.len()).filter(|at| fits(&things[*at])).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let near = nearest(name, things.iter().map(|(id, _)| *id));
            let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
            bail!("there is no {noun} `{name}`{near}")
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|at| things[*at].0).collect();
            bail!("`{name}` is part of {}: {}", count(several.len(), noun), one_of(&ids))
        }
    }
}

impl Loaded {
    /// The service of an id, or of any part of an id or title that no other service has.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn service(&self, name: &str) -> anyhow::Result<ServiceIndex> {
        let services = self.round.services.iter().map(|service| {
            (service.id.as_str(), service.registered.as_ref().map(|registered| &registered.title))
        });
        named(name, "service", &services.collect::<Vec<_>>()).map(ServiceIndex::new)
    }

    /// The entity of an id, or of any part of an id or title that no other entity has.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn entity(&self, name: &str) -> anyhow::Result<EntityIndex> {
        let entities = self.round.entities.iter().map(|entity| (entity.id.as_str(), Some(&entity.title)));
        named(name, "entity", &entities.collect::<Vec<_>>()).map(EntityIndex::new)
    }

    /// The rows of the answer files that are wanted, by stage.
    ///
    /// # Errors
    /// A file cannot be read again.
    pub fn trail(&self, wanted: impl Fn(&Subject<'_>, ParameterIndex) -> bool) -> anyhow::Result<Vec<Said>> {
        trail(&self.input, &self.head, &self.framework, &self.round, &self.options, wanted)
    }

    /// What is still to be heard, how far each evaluator has come, and whose rows have faults.
    ///
    /// # Errors
    /// A file cannot be read again.
    pub fn hearing(&self) -> anyhow::Result<Hearing> {
        hearing(&self.input, &self.head, &self.framework, &self.round, &self.options, &self.findings)
    }

    /// Which stages of the round have files, and which files a later return of their sheet replaces.
    ///
    /// # Errors
    /// A folder cannot be read again.
    pub fn shelved(&self) -> anyhow::Result<Shelved> {
        read::round::shelved(&self.input, &self.head, &self.round, &self.options)
    }

    /// Adds a finding for each service that the policy holds out for its gaps.
    pub fn note_rejected(&mut self, results: &Results) {
        rejected(&self.framework, &self.round, results).for_each(|finding| self.findings.push(finding));
    }

    /// Names a file that a result depends on beside the round and its framework.
    pub fn depends_on(&mut self, path: &Path) {
        self.inputs.push(path.to_path_buf());
    }

    /// The manifest of a run: `options` are the command's own, to which those are added by which the round
    /// was read. What it says of outputs is added when they are written.
    ///
    /// # Errors
    /// An input cannot be read again.
    pub fn manifest(&self, results: &Results, options: Value) -> anyhow::Result<Value> {
        Ok(self.manifest_of(self.fingerprints()?, results, options))
    }

    /// What a manifest says of each input.
    ///
    /// # Errors
    /// An input cannot be read again.
    pub fn fingerprints(&self) -> anyhow::Result<Vec<Value>> {
        let mut inputs = self.inputs.iter();
        let of_disk = parallel::as_free(
            parallel::threads().min(self.inputs.len()),
            || inputs.next(),
            |path| entry_of(path, &relative(path, &self.folder)),
        );
        let mut entries = of_disk.into_iter().collect::<anyhow::Result<Vec<Value>>>()?;
        let embedded = self.framework_files.iter().any(|file| !file.path.exists());
        let framework_files = self.framework_files.iter().filter(|_| !embedded);
        entries.extend(framework_files.map(|file| entry(&relative(&file.path, &self.folder), &file.bytes)));
        Ok(entries)
    }

    /// The manifest of a run whose inputs' fingerprints are taken.
    pub fn manifest_of(&self, inputs: Vec<Value>, results: &Results, mut options: Value) -> Value {
        options["stage"] = json!(self.options.stage);
        options["encoding"] = json!(self.options.encoding.map(Encoding::name));
        options["limits"] = json!(self.options.limits.stated().collect::<Vec<_>>());
        let held_out = results.by_id().filter(|result| result.held_out);
        let held_out: Vec<&str> =
            held_out.map(|result| self.round.service(result.service).id.as_str()).collect();
        let policy: serde_json::Map<String, Value> = self
            .framework
            .policy
            .entries()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        json!({
            "schema": "asan-index/manifest/1",
            "program": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
            "framework": {
                "id": self.framework.id,
                "version": self.framework.version,
                "sha256": self.framework.hash,
            },
            "round": self.round.id,
            "policy": policy,
            "options": options,
            "held_out": held_out,
            "inputs": inputs,
            "outputs": [],
        })
    }
}
