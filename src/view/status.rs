//! How a round stands, as tables, and what to do next.

use std::path::PathBuf;

use super::collect::files;
use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::score::Scorer;
use crate::engine::status::{Progress, Range, Status};

/// The document of a round's status; `superseded` are the files that later returns replace, `next` is the
/// command to run next.
pub fn document(
    scorer: &Scorer<'_>,
    status: &Status,
    superseded: &[PathBuf],
    next: &str,
    speech: &Speech,
) -> Document {
    let mut blocks = vec![Block::Table(services(scorer, status, speech))];
    let mut part = |key: &'static str, table: Table| {
        if !table.rows.is_empty() {
            blocks.push(Block::Heading(speech.say(key).to_owned()));
            blocks.push(Block::Table(table));
        }
    };
    part("entities", entities(scorer, status, speech));
    part("evaluators", evaluators(status, speech));
    part("superseded", files("superseded", superseded, speech));
    let counts = counts(&status.whole);
    let words: Vec<String> = counts.iter().map(|(key, n)| format!("{}: {n}", speech.say(key))).collect();
    blocks.push(Block::Paragraph(words.join(", ")));
    blocks.push(Block::Paragraph(format!("{}: {next}", speech.say("next"))));
    let mut facts: Vec<(&'static str, Fact)> =
        counts.iter().map(|(key, n)| (*key, Fact::Value(Cell::Count(*n)))).collect();
    facts.push(("next", Fact::Value(Cell::Text(next.to_owned()))));
    Document {
        schema: "asan-index/status/1",
        title: heading(scorer.framework(), scorer.round(), speech),
        facts,
        blocks,
    }
}

/// How many questions stand how, each number with its name.
fn counts(progress: &Progress) -> [(&'static str, usize); 6] {
    [
        ("answered", progress.answered),
        ("blank", progress.blank),
        ("void", progress.void),
        ("unconfirmed", progress.unconfirmed),
        ("objections", progress.objections),
        ("faults", progress.faults),
    ]
}

fn count_keys() -> impl Iterator<Item = &'static str> {
    counts(&Progress::default()).into_iter().map(|(key, _)| key)
}

fn count_cells(progress: &Progress) -> Vec<Cell> {
    counts(progress).into_iter().map(|(_, number)| Cell::Count(number)).collect()
}

fn progress_columns(speech: &Speech) -> impl Iterator<Item = Column> + '_ {
    count_keys().chain(["index", "low", "high"]).map(|key| Column::new(key, speech.say(key)))
}

fn progress_cells(progress: &Progress, range: &Range, held_out: bool, speech: &Speech) -> Vec<Cell> {
    let index = match held_out {
        true => Cell::Remark(speech.say("held_out").to_owned()),
        false => Cell::figure(range.now),
    };
    let mut cells = count_cells(progress);
    cells.extend([index, Cell::figure(range.low), Cell::figure(range.high)]);
    cells
}

fn services(scorer: &Scorer<'_>, status: &Status, speech: &Speech) -> Table {
    let round = scorer.round();
    let mut columns = vec![
        Column::new("service", speech.say("service")),
        Column::new("title", speech.say("title")).place(ColumnPlace::IfRoom(3)),
        Column::new("entity", speech.say("entity")).place(ColumnPlace::IfRoom(2)),
    ];
    columns.extend(progress_columns(speech));
    let rows = status.services.iter().map(|found| {
        let service = round.service(found.service);
        let entity = service.entity.map(|entity| round.entity(entity).id.clone()).unwrap_or_default();
        let mut cells = vec![
            Cell::Text(service.id.to_string()),
            Cell::Text(service.title(&speech.texts).to_owned()),
            Cell::Text(entity),
        ];
        cells.extend(progress_cells(&found.progress, &found.range, found.held_out, speech));
        cells
    });
    Table { name: "services", rows: rows.collect(), columns }
}

fn entities(scorer: &Scorer<'_>, status: &Status, speech: &Speech) -> Table {
    let mut columns = vec![
        Column::new("entity", speech.say("entity")),
        Column::new("services", speech.say("services")).place(ColumnPlace::IfRoom(2)),
        Column::new("held_out", speech.say("held_out")).place(ColumnPlace::IfRoom(3)),
    ];
    columns.extend(progress_columns(speech));
    let rows = status.entities.iter().map(|found| {
        let id = scorer.round().entity(found.entity).id.clone();
        let mut cells = vec![Cell::Text(id), Cell::Count(found.services), Cell::Count(found.held_out)];
        cells.extend(progress_cells(&found.progress, &found.range, false, speech));
        cells
    });
    Table { name: "entities", rows: rows.collect(), columns }
}

fn evaluators(status: &Status, speech: &Speech) -> Table {
    let columns = ["evaluator", "parties"].into_iter().chain(count_keys());
    let columns = columns.map(|key| Column::new(key, speech.say(key))).collect();
    let rows = status.evaluators.iter().map(|found| {
        let mut cells = vec![Cell::Text(found.name.clone()), Cell::Count(found.parties)];
        cells.extend(count_cells(&found.progress));
        cells
    });
    Table { name: "evaluators", columns, rows: rows.collect() }
}
