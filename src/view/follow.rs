//! A filled plan beside a newer round: what is done, what shows, what is overdue.

use rust_decimal::Decimal;

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Entry, Fact, Table};
use crate::engine::plan::Kept;
use crate::framework::Framework;
use crate::number::{Published, Ratio};
use crate::read::actions::Promise;
use crate::round::Round;

/// A promise and what became of it.
pub struct Followed {
    /// What was promised.
    pub promise: Promise,
    /// What the round shows.
    pub kept: Kept,
    /// What the index was to rise by, where that is a number.
    pub promised: Option<Decimal>,
    /// Whether its day has passed, and it is neither done nor dropped.
    pub is_overdue: bool,
}

/// The document.
pub fn document(
    framework: &Framework,
    round: &Round,
    followed: &[Followed],
    facts: &[(&'static str, usize)],
    speech: &Speech,
) -> Document {
    let column = |key: &'static str| Column::new(key, speech.say(key));
    let columns = vec![
        column("service"),
        column("entity").place(ColumnPlace::IfRoom(4)),
        column("parameter"),
        column("solution").place(ColumnPlace::IfRoom(6)),
        column("target").place(ColumnPlace::IfRoom(3)),
        column("owner").place(ColumnPlace::IfRoom(5)),
        column("due").place(ColumnPlace::IfRoom(1)).entry(Entry::Date),
        column("done"),
        column("shows"),
        column("overdue"),
        column("promised"),
        column("realised"),
    ];
    let text = |words: &str| if words.is_empty() { Cell::Blank } else { Cell::Text(words.to_owned()) };
    let mark = |holds: bool| text(if holds { "yes" } else { "" });
    let row = |followed: &Followed| {
        let promise = &followed.promise;
        let realised = followed.kept.realised.as_ref();
        let policy = &framework.policy;
        let realised = realised.map(|gain| Published::from_ratio(gain, policy.decimals, policy.half));
        // A workbook drops the zeros at the end.
        let promised = followed.promised.map(|mut gain| {
            gain.rescale(gain.scale().max(policy.decimals));
            gain
        });
        vec![
            text(&promise.service),
            text(&promise.entity),
            text(&promise.parameter),
            text(&promise.solution),
            text(&promise.target),
            text(&promise.owner),
            text(&promise.due),
            mark(promise.is_done),
            mark(followed.kept.shows),
            mark(followed.is_overdue),
            Cell::decimal(promised),
            Cell::figure(realised),
        ]
    };
    let table = Table { name: "promises", columns, rows: followed.iter().map(row).collect() };
    let said: Vec<String> =
        facts.iter().map(|(name, count)| format!("{}: {count}", speech.say(name))).collect();
    let of_gaps = || followed.iter().filter(|one| !one.promise.is_of_solution());
    let promised: Decimal = of_gaps().filter_map(|one| one.promised).sum();
    let realised: Option<Ratio> =
        of_gaps().try_fold(Ratio::zero(), |sum, one| Some(sum.plus(one.kept.realised.as_ref()?).reduced()));
    let policy = &framework.policy;
    let realised = realised.map(|sum| Published::from_ratio(&sum, policy.decimals, policy.half));
    let sums = match realised {
        Some(realised) => speech.fill(
            "follow_sums",
            &[&speech.decimal(&promised.to_string()), &speech.decimal(&realised.to_string())],
        ),
        None => speech.fill("follow_promised", &[&speech.decimal(&promised.to_string())]),
    };
    let counts = facts.iter().map(|(name, count)| (*name, Fact::Value(Cell::Count(*count))));
    let figures = [
        ("promised", Fact::Value(Cell::decimal(Some(promised)))),
        ("realised", Fact::Value(Cell::figure(realised))),
    ];
    Document {
        schema: "asan-index/follow/1",
        title: format!("{}: {}", speech.say("follow"), heading(framework, round, speech)),
        facts: counts.chain(figures).collect(),
        blocks: vec![
            Block::Paragraph(said.join(", ")),
            Block::Paragraph(sums),
            Block::Table(table),
            Block::Paragraph(speech.say("follow_note").to_owned()),
        ],
    }
}
