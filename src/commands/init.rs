//! `asan-index init`: a round to begin with.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::inputs::{EMBEDDED, Global};
use super::{Terminal, Verdict};
use crate::document::{Cell, Column, Table};
use crate::format::{Style, csv};
use crate::framework::Framework;
use crate::id::{EntityIndex, ServiceIndex};
use crate::messages::Language;
use crate::number::Weight;
use crate::output::{File, add, relative, require_inside};
use crate::round::{Bits, Entity, Registered, Round, Service};
use crate::text::Text;
use crate::view::Speech;
use crate::view::template::Sheets;

const EXAMPLES: &str = "Examples:
  asan-index init my-round && asan-index score my-round
  asan-index init my-round --lang az
  asan-index init my-round --framework-copy";

/// Start a round: a folder that works at once, with comments that say what to edit.
///
/// Nothing that is there already is overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder [default: this one]
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Put the built-in framework into the folder, to be edited
    #[arg(long)]
    pub framework_copy: bool,
}

/// Starts a round.
///
/// # Errors
/// A file is in the way, or something cannot be read or written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    if args.framework_copy && global.framework.is_some() {
        bail!("`--framework-copy` copies the built-in framework: leave `--framework` out");
    }
    let (framework, findings) = global.load_framework()?;
    let Some(framework) = framework else {
        global.report(&findings, terminal)?;
        return Ok(Verdict::Faulty);
    };
    let speech = global.speech(&framework, None);
    let mut files = files(args, global, &framework, &speech);
    let kinds: &[&str] = if args.framework_copy { &["round", "framework", "group"] } else { &["round"] };
    files.extend(kinds.iter().filter_map(|kind| Some((format!("schemas/{kind}.json"), schema(kind)?))));
    if args.framework_copy {
        let copies =
            EMBEDDED.iter().map(|file| (format!("framework/{}", file.name), file.text.as_bytes().to_vec()));
        files.extend(copies);
    }
    write_new(&args.folder, &files)?;
    writeln!(terminal.out, "{}: {}", args.folder.display(), speech.say("init_done"))
        .context("cannot write")?;
    Ok(Verdict::Done)
}

/// A schema for editors: the files that are written name it in their first line.
fn schema(kind: &str) -> Option<Vec<u8>> {
    super::schema::text_of(kind).map(String::into_bytes)
}

/// Writes files where none is; when any is in the way nothing is written.
///
/// # Errors
/// A file is in the way, or something cannot be written.
pub fn write_new(folder: &Path, files: &[File]) -> anyhow::Result<()> {
    for (name, _) in files {
        let path = folder.join(name);
        require_inside(folder, &path)?;
        if path.symlink_metadata().is_ok() {
            bail!("{} is there already: nothing was written; choose another folder", path.display());
        }
    }
    let files = files.iter().map(|(name, bytes)| (folder.join(name), bytes.as_slice()));
    add(&files.collect::<Vec<_>>())
}

fn files(args: &Args, global: &Global, framework: &Framework, speech: &Speech) -> Vec<File> {
    let round = example(framework, speech);
    let sheets = Sheets { framework, round: &round, speech };
    let write = |table: &Table| csv::write(table, Style::default());
    let mut files = vec![
        ("round.yaml".to_owned(), head(args, global, speech).into_bytes()),
        ("entities.csv".to_owned(), write(&entities(&round, speech))),
        ("services.csv".to_owned(), write(&services(framework, &round, speech))),
    ];
    for service in round.service_indices() {
        let name = format!("answers/{}.csv", round.service(service).id);
        files.push((name, write(&sheets.of_service(service))));
    }
    if sheets.asks_entities() {
        files.push(("answers/of-bodies.csv".to_owned(), write(&sheets.of_entities(round.entity_indices()))));
    }
    files
}

/// `round.yaml`, with its comments.
fn head(args: &Args, global: &Global, speech: &Speech) -> String {
    let text = match speech.program {
        Language::English => include_str!("init/round.en.yaml"),
        Language::Azerbaijani => include_str!("init/round.az.yaml"),
    };
    let whole = std::path::absolute(&args.folder).unwrap_or_else(|_| args.folder.clone());
    let id = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let path = match &global.framework {
        Some(path) => Some(relative(path, &whole)),
        None => args.framework_copy.then(|| "framework".to_owned()),
    };
    let framework = path.map_or_else(
        || format!("# framework: framework    # {}", speech.say("init_framework")),
        |path| format!("framework: {}", serde_json::Value::from(path)),
    );
    text.replace("{id}", &serde_json::Value::from(id).to_string()).replace("{framework}", &framework)
}

/// A round of one body and two services, to be replaced.
fn example(framework: &Framework, speech: &Speech) -> Round {
    let text = |words: String| Text::new(vec![(speech.texts.clone(), words)]);
    let category = framework.categories.first().map(|(id, _)| id.clone()).unwrap_or_default();
    // The first value of each attribute: the ordinary one by which most parameters apply.
    let mut values = Bits::default();
    framework.attributes.iter().for_each(|attribute| values.set(attribute.first, true));
    let service = |number: usize| Service {
        id: format!("service-{number}").into(),
        entity: Some(EntityIndex::new(0)),
        category: category.as_str().into(),
        weight: Weight::ONE,
        registered: Some(Box::new(Registered {
            title: text(format!("{} {number}", speech.say("init_service"))),
            peer_group: None,
            previous: None,
            values: values.clone(),
        })),
        held_out: false,
    };
    let entity = Entity {
        id: "body-1".to_owned(),
        title: text(speech.say("init_entity").to_owned()),
        category: category.clone(),
        parent: None,
        contact: None,
    };
    Round {
        has_registry: true,
        services: vec![service(1), service(2)],
        entities: vec![entity],
        ..Round::default()
    }
}

fn table(name: &'static str, columns: &[String], rows: Vec<Vec<String>>) -> Table {
    let columns = columns.iter().map(|key| Column::new(key.clone(), key.clone())).collect();
    let rows = rows.into_iter().map(|row| row.into_iter().map(Cell::Text).collect()).collect();
    Table { name, columns, rows }
}

fn entities(round: &Round, speech: &Speech) -> Table {
    let columns = ["entity", "title", "category", "contact"].map(str::to_owned);
    let row = |entity: &Entity| {
        let title = entity.title.get(&speech.texts).to_owned();
        vec![entity.id.clone(), title, entity.category.clone(), String::new()]
    };
    table("entities", &columns, round.entities.iter().map(row).collect())
}

fn services(framework: &Framework, round: &Round, speech: &Speech) -> Table {
    let attributes: Vec<_> = framework.used_attributes().map(|(_, attribute)| attribute).collect();
    let mut columns = ["service", "title", "entity", "weight"].map(str::to_owned).to_vec();
    columns.extend(attributes.iter().map(|attribute| attribute.name.clone()));
    let row = |at: ServiceIndex| {
        let service = round.service(at);
        let entity = service.entity.map(|entity| round.entity(entity).id.clone()).unwrap_or_default();
        let mut row = vec![
            service.id.to_string(),
            service.title(&speech.texts).to_owned(),
            entity,
            service.weight.to_string(),
        ];
        let first = |values: &[(String, Option<Text>)]| values.first().map(|(value, _)| value.clone());
        row.extend(attributes.iter().map(|attribute| first(&attribute.values).unwrap_or_default()));
        row
    };
    table("services", &columns, round.service_indices().map(row).collect())
}
