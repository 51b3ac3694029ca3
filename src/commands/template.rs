//! `asan-index template`: answer sheets to be filled.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::init::write_new;
use super::inputs::{Global, Loaded};
use super::{Terminal, Verdict};
use crate::document::Table;
use crate::format::form::{self, Recipient};
use crate::format::{Style, csv};
use crate::id::{EntityIndex, ServiceIndex};
use crate::output::File;
use crate::round::Dialect;
use crate::text::nearest;
use crate::view::template::Sheets;

const EXAMPLES: &str = "Examples:
  asan-index -C examples/round-2025 template -o sheets
  asan-index -C examples/round-2025 template --entity border-trade -o border-trade.xlsx
  asan-index -C examples/round-2025 template --layout wide -o answers.csv";

/// Make answer sheets for services and their entities.
///
/// A workbook has a sheet for each, with drop-downs, limits, guidance, a preview of the index and nothing
/// but the answer cells open; a folder gets a workbook for each entity, or with `--layout` CSV files.
/// Filled sheets go into the round's `answers/`. Nothing that is there already is overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this service
    #[arg(long, value_name = "ID", conflicts_with = "entity")]
    pub service: Option<String>,
    /// Only this entity and its services
    #[arg(long, value_name = "ID")]
    pub entity: Option<String>,
    /// A layout of CSV files
    #[arg(long, value_enum, value_name = "LAYOUT")]
    pub layout: Option<Layout>,
    /// A workbook (.xlsx), a CSV file, or a folder of files
    #[arg(short, long, value_name = "PATH")]
    pub out: PathBuf,
}

/// How CSV files are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// A file for each service, and one for each entity.
    PerService,
    /// A row for each answer of every service.
    Long,
    /// A row for each service.
    Wide,
    /// What is asked of entities.
    Entity,
    /// Evidence for answers given elsewhere.
    Evidence,
}

/// What sheets are made for.
struct Selection {
    services: Vec<ServiceIndex>,
    entities: Vec<EntityIndex>,
}

/// The stage that sheets are made for.
#[derive(Clone, Copy)]
struct Stage<'a> {
    id: &'a str,
    /// Whether stages before it have answers that it changes.
    corrects: bool,
}

/// Makes answer sheets.
///
/// # Errors
/// There is no such service or entity, a file is in the way, or something cannot be written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let Some(loaded) = global.load_or_report(&[], terminal)? else { return Ok(Verdict::Faulty) };
    let speech = global.speech_asked(&loaded);
    let sheets = Sheets { framework: &loaded.framework, round: &loaded.round, speech: &speech };
    let selection = select(args, &loaded, &sheets)?;
    // The last stage that the command is told of, else the first: what a body fills before all.
    let first = loaded.head.stages.first().map_or("", |stage| stage.id.as_str());
    let stage = global.stage.as_deref().unwrap_or(first);
    let stage = Stage { id: stage, corrects: stage != first };
    let dialect = loaded.head.dialect.unwrap_or_default();
    let (folder, files) = files(args, &sheets, &selection, stage, dialect)?;
    named_safely(&files)?;
    write_new(&folder, &files)?;
    if is_csv(&args.out) && !selection.entities.is_empty() && args.layout != Some(Layout::Entity) {
        let note = "what is asked of entities is not in this file: `--layout entity` has it, or a folder";
        writeln!(terminal.err, "note: {note}").context("cannot write")?;
    }
    writeln!(terminal.out, "{}: {}", args.out.display(), crate::text::count(files.len(), "file"))
        .context("cannot write")?;
    Ok(Verdict::Done)
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

fn select(args: &Args, loaded: &Loaded, sheets: &Sheets<'_>) -> anyhow::Result<Selection> {
    let round = &loaded.round;
    let asked = |list: Vec<EntityIndex>| if sheets.asks_entities() { list } else { Vec::new() };
    if let Some(id) = &args.service {
        let near = || nearest(id, round.services.iter().map(|service| service.id.as_str()));
        let service =
            round.service_named(id).with_context(|| format!("there is no service `{id}`{}", hint(near())))?;
        return Ok(Selection { services: vec![service], entities: Vec::new() });
    }
    let Some(id) = &args.entity else {
        let entities = asked(round.entity_indices().collect());
        return Ok(Selection { services: round.service_indices().collect(), entities });
    };
    let near = || nearest(id, round.entities.iter().map(|entity| entity.id.as_str()));
    let entity = round.entity_indices().find(|at| round.entity(*at).id == *id);
    let entity = entity.with_context(|| format!("there is no entity `{id}`{}", hint(near())))?;
    let of_entity = |at: &ServiceIndex| round.service(*at).entity == Some(entity);
    let services = round.service_indices().filter(of_entity).collect();
    Ok(Selection { services, entities: asked(vec![entity]) })
}

fn hint(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// The folder that is written to, and the files.
fn files(
    args: &Args,
    sheets: &Sheets<'_>,
    selection: &Selection,
    stage: Stage<'_>,
    dialect: Dialect,
) -> anyhow::Result<(PathBuf, Vec<File>)> {
    let ending = args.out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let style = Style { dialect, ..Style::default() };
    let one = |bytes: Vec<u8>| {
        let folder = args.out.parent().filter(|folder| !folder.as_os_str().is_empty());
        let name = args.out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (folder.unwrap_or(Path::new(".")).to_path_buf(), vec![(name, bytes)])
    };
    match (ending.as_deref(), args.layout) {
        (Some("xlsx"), None) => Ok(one(workbook(sheets, &recipients(selection), stage)?)),
        (Some("csv"), Some(Layout::PerService)) => {
            bail!("`--layout per-service` makes several files: name a folder")
        }
        (Some("csv"), layout) => {
            Ok(one(csv::write(&table(sheets, selection, layout.unwrap_or(Layout::Long)), style)))
        }
        (None, None) => Ok((args.out.clone(), workbooks(sheets, selection, stage)?)),
        (None, Some(layout)) => Ok((args.out.clone(), tables(sheets, selection, layout, style))),
        (Some("xlsx"), Some(_)) => {
            bail!("`--layout` is for CSV files: leave it out, or name a .csv file or a folder")
        }
        (Some(other), _) => bail!("`.{other}` is no format of sheets: a file ends in .csv or .xlsx"),
    }
}

fn table(sheets: &Sheets<'_>, selection: &Selection, layout: Layout) -> Table {
    match layout {
        Layout::PerService | Layout::Long => sheets.long(&selection.services),
        Layout::Wide => sheets.wide(&selection.services),
        Layout::Entity => sheets.of_entities(selection.entities.iter().copied()),
        Layout::Evidence => sheets.evidence(&selection.services),
    }
}

fn recipients(selection: &Selection) -> Vec<Recipient> {
    let entities = selection.entities.iter().map(|entity| Recipient::Entity(*entity));
    entities.chain(selection.services.iter().map(|service| Recipient::Service(*service))).collect()
}

fn workbook(sheets: &Sheets<'_>, recipients: &[Recipient], stage: Stage<'_>) -> anyhow::Result<Vec<u8>> {
    let written = form::write(sheets, recipients, stage.id, stage.corrects);
    written.context("a workbook cannot hold so much: choose less, or CSV")
}

/// A workbook for each entity with its services, and one for each service without an entity.
fn workbooks(sheets: &Sheets<'_>, selection: &Selection, stage: Stage<'_>) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for at in sheets.round.entity_indices() {
        let own = |service: &&ServiceIndex| sheets.round.service(**service).entity == Some(at);
        let services: Vec<ServiceIndex> = selection.services.iter().filter(own).copied().collect();
        let entities = selection.entities.iter().filter(|entity| **entity == at).copied().collect();
        let list = recipients(&Selection { services, entities });
        if !list.is_empty() {
            files.push((format!("{}.xlsx", sheets.round.entity(at).id), workbook(sheets, &list, stage)?));
        }
    }
    let alone = selection.services.iter().filter(|at| sheets.round.service(**at).entity.is_none());
    for at in alone {
        let list = [Recipient::Service(*at)];
        files.push((format!("{}.xlsx", sheets.round.service(*at).id), workbook(sheets, &list, stage)?));
    }
    Ok(files)
}

/// The CSV files of a layout. What it has no room for goes into a file beside it: what is asked of
/// entities, and evidence where a row has the answers of many questions.
fn tables(sheets: &Sheets<'_>, selection: &Selection, layout: Layout, style: Style) -> Vec<File> {
    let name = layout.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let mut files: Vec<File> = match layout {
        Layout::PerService => {
            let id = |at: ServiceIndex| &sheets.round.service(at).id;
            let own =
                |at: &ServiceIndex| (format!("{}.csv", id(*at)), csv::write(&sheets.of_service(*at), style));
            selection.services.iter().map(own).collect()
        }
        Layout::Long | Layout::Wide | Layout::Entity | Layout::Evidence => {
            vec![(format!("{name}.csv"), csv::write(&table(sheets, selection, layout), style))]
        }
    };
    let mut beside = |name: &str, layout| {
        files.push((name.to_owned(), csv::write(&table(sheets, selection, layout), style)));
    };
    if layout == Layout::Wide {
        beside("evidence.csv", Layout::Evidence);
    }
    if !selection.entities.is_empty() && !matches!(layout, Layout::Entity | Layout::Evidence) {
        beside("of-bodies.csv", Layout::Entity);
    }
    files
}

/// An id may hold what no file name may.
fn named_safely(files: &[File]) -> anyhow::Result<()> {
    for (name, _) in files {
        if Path::new(name).components().count() != 1 || name.contains(['/', '\\', ':']) {
            bail!("`{name}` cannot be the name of a file: make one workbook with `-o FILE.xlsx`");
        }
    }
    Ok(())
}
