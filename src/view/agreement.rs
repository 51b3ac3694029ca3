//! How far evaluators agree, and what their disagreement leaves open.

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Table};
use crate::engine::agreement::{Dispute, disputes, ratings};
use crate::engine::score::Scorer;
use crate::id::{GroupIndex, ParameterIndex};
use crate::number::Published;
use crate::trail::Votes;

/// The document of the agreement of evaluators: for the index, each group and each parameter that two
/// of them rated, and for each service on which they differ.
pub fn document(scorer: &Scorer<'_>, votes: &Votes, speech: &Speech) -> Document {
    let list = disputes(scorer, votes);
    let mut blocks = vec![
        Block::Heading(speech.say("agreement").to_owned()),
        Block::Table(agreement(scorer, votes, speech)),
    ];
    if !list.is_empty() {
        blocks.push(Block::Heading(speech.say("disputes").to_owned()));
        blocks.push(Block::Table(disputed(scorer, &list, speech)));
    }
    Document {
        schema: "asan-index/agreement/1",
        title: heading(scorer.framework(), scorer.round(), speech),
        blocks,
        ..Document::default()
    }
}

/// The agreement on the index, groups and parameters, parents first.
fn agreement(scorer: &Scorer<'_>, votes: &Votes, speech: &Speech) -> Table {
    let framework = scorer.framework();
    let optional =
        [("fleiss", 2), ("alpha_ratio", 5), ("alpha_interval", 3), ("alpha_ordinal", 4), ("ratings", 6)];
    let keys = [
        "level",
        "id",
        "units",
        "ratings",
        "percent_agreement",
        "cohen",
        "fleiss",
        "alpha_nominal",
        "alpha_ordinal",
        "alpha_interval",
        "alpha_ratio",
    ];
    let columns = keys.map(|key| {
        let place = optional.iter().find(|(name, _)| *name == key);
        let place = place.map_or(ColumnPlace::Always, |(_, order)| ColumnPlace::IfRoom(*order));
        Column::new(key, speech.say(key)).place(place)
    });
    let mut rows = Vec::new();
    let mut row = |level: &str, id: &str, depth: usize, counts: &dyn Fn(ParameterIndex) -> bool| {
        let found = ratings(framework, votes, counts).agreement();
        if found.units == 0 {
            return;
        }
        let figures = [
            share(found.percent),
            thousandths(found.cohen),
            thousandths(found.fleiss),
            thousandths(found.nominal),
            thousandths(found.ordinal),
            thousandths(found.interval),
            thousandths(found.ratio),
        ];
        let id = Cell::Nested(id.to_owned(), depth);
        let head = [speech.level(level), id, Cell::Count(found.units), Cell::Count(found.ratings)];
        rows.push(head.into_iter().chain(figures).collect());
    };
    for (at, group) in framework.groups.iter().enumerate() {
        let level = framework.level(GroupIndex::new(at));
        row(level, &group.id, group.depth, &|parameter| group.parameters.contains(&parameter.get()));
    }
    for (at, parameter) in framework.parameters.iter().enumerate() {
        row(framework.parameter_level(), &parameter.id, 0, &|other| other.get() == at);
    }
    Table { name: "agreement", columns: columns.to_vec(), rows }
}

/// The services on which evaluators differ, and the interval that this leaves on their index.
fn disputed(scorer: &Scorer<'_>, list: &[Dispute], speech: &Speech) -> Table {
    let columns = ["service", "title", "disputed", "low", "high"];
    let columns = columns.map(|key| Column::new(key, speech.say(key))).to_vec();
    let row = |dispute: &Dispute| {
        let service = scorer.round().service(dispute.service);
        vec![
            Cell::Text(service.id.to_string()),
            Cell::Text(service.title(&speech.texts).to_owned()),
            Cell::Count(dispute.parameters),
            Cell::figure(dispute.low),
            Cell::figure(dispute.high),
        ]
    };
    Table { name: "disputes", columns, rows: list.iter().map(row).collect() }
}

/// A coefficient, at three places.
fn thousandths(value: Option<f64>) -> Cell {
    Cell::figure(value.map(|value| Published::from_units((value * 1000.0).round() as i64, 3)))
}

/// A share in percent, at two places.
fn share(value: Option<f64>) -> Cell {
    Cell::figure(value.map(|value| Published::from_units((value * 10_000.0).round() as i64, 2)))
}
