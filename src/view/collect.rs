//! What became of returned sheets, and what is still missing.

use std::path::PathBuf;

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::score::Scorer;
use crate::engine::status::Status;
use crate::read::answers::Stage;
use crate::read::filing::Filing;
use crate::source::shown;

/// What a run of `collect` came to.
pub struct Collected<'a> {
    /// The sheets, each with its place.
    pub filings: &'a [Filing],
    /// The stages of the round.
    pub stages: &'a [Stage],
    /// Files that are no sheets.
    pub aside: &'a [PathBuf],
    /// All files of the round that a later return replaces.
    pub superseded: &'a [PathBuf],
}

impl Collected<'_> {
    /// The document of it; `status` is that of the round with the sheets.
    pub fn document(&self, scorer: &Scorer<'_>, status: &Status, speech: &Speech) -> Document {
        let mut blocks = vec![Block::Table(self.filed(speech))];
        let mut part = |key: &'static str, table: Table| {
            if !table.rows.is_empty() {
                blocks.push(Block::Heading(speech.say(key).to_owned()));
                blocks.push(Block::Table(table));
            }
        };
        part("superseded", files("superseded", self.superseded, speech));
        part("aside", files("aside", self.aside, speech));
        part("still_missing", missing(scorer, status, speech));
        let new = self.filings.iter().filter(|filing| !filing.is_there).count();
        let counts =
            [("filed", new), ("filed_already", self.filings.len() - new), ("blank", status.whole.blank)];
        let words: Vec<String> = counts.iter().map(|(key, n)| format!("{}: {n}", speech.say(key))).collect();
        blocks.push(Block::Paragraph(words.join(", ")));
        Document {
            schema: "asan-index/collect/1",
            title: heading(scorer.framework(), scorer.round(), speech),
            facts: counts.iter().map(|(key, n)| (*key, Fact::Value(Cell::Count(*n)))).collect(),
            blocks,
        }
    }

    fn filed(&self, speech: &Speech) -> Table {
        let keys = ["sheet", "filed", "new", "changed", "gone", "faults"];
        let mut columns = keys.map(|key| Column::new(key, speech.say(key))).to_vec();
        columns.insert(2, Column::new("stage", speech.say("stage")).place(ColumnPlace::IfRoom(1)));
        columns.insert(3, Column::new("replaces", speech.say("replaces")).place(ColumnPlace::IfRoom(2)));
        let row = |filing: &Filing| {
            let replaces: Vec<String> = filing.replaces.iter().map(|path| shown(path)).collect();
            let to = shown(&filing.to);
            vec![
                Cell::Text(shown(&filing.returned.path)),
                match filing.is_there {
                    true => Cell::Noted(to, speech.say("filed_already").to_owned()),
                    false => Cell::Text(to),
                },
                Cell::Text(self.stages[filing.returned.stage].id.clone()),
                Cell::Text(replaces.join("; ")),
                Cell::Count(filing.moves.new.len()),
                Cell::Count(filing.moves.changed.len()),
                Cell::Count(filing.moves.gone.len()),
                Cell::Count(filing.returned.faults),
            ]
        };
        Table { name: "collected", columns, rows: self.filings.iter().map(row).collect() }
    }
}

/// A table of files.
pub fn files(name: &'static str, paths: &[PathBuf], speech: &Speech) -> Table {
    let rows = paths.iter().map(|path| vec![Cell::Text(shown(path))]).collect();
    Table { name, columns: vec![Column::new("file", speech.say("file"))], rows }
}

/// Services and entities of which something is not answered, with how much.
fn missing(scorer: &Scorer<'_>, status: &Status, speech: &Speech) -> Table {
    let round = scorer.round();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for found in status.entities.iter().filter(|found| found.own.blank > 0) {
        let id = Cell::Text(round.entity(found.entity).id.clone());
        rows.push(vec![id, Cell::Blank, Cell::Count(found.own.answered), Cell::Count(found.own.blank)]);
    }
    for found in status.services.iter().filter(|found| found.progress.blank > 0) {
        let service = round.service(found.service);
        let entity = service.entity.map_or(Cell::Blank, |entity| Cell::Text(round.entity(entity).id.clone()));
        let id = Cell::Text(service.id.to_string());
        rows.push(vec![entity, id, Cell::Count(found.progress.answered), Cell::Count(found.progress.blank)]);
    }
    let columns =
        ["entity", "service", "answered", "blank"].map(|key| Column::new(key, speech.say(key))).to_vec();
    Table { name: "missing", columns, rows }
}
