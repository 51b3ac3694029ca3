//! How sure a ranking is, as tables.

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::robustness::{Change, Choice, Neighbours, Robustness, Scenario, Spread};
use crate::engine::sobol::Sensitivity;
use crate::framework::Framework;
use crate::id::{EntityIndex, Node, ServiceIndex};
use crate::number::Published;
use crate::round::Round;

/// From this share of draws on, two neighbours can be told apart.
const APART: f64 = 0.95;

/// What robustness is shown with.
pub struct Certainty<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// What was found.
    pub robustness: &'a Robustness,
    /// How it was found: options by name.
    pub options: Vec<(String, String)>,
    /// The languages.
    pub speech: &'a Speech,
}

fn figure(value: f64, decimals: u32) -> Cell {
    let scaled = (value * 10u64.pow(decimals) as f64).round();
    Cell::Figure(Published::from_units(scaled as i64, decimals))
}

impl Certainty<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    /// So many draws as a percentage of all.
    fn share(&self, draws: usize) -> Cell {
        figure(100.0 * draws as f64 / self.robustness.draws.max(1) as f64, 2)
    }

    fn spread_columns(&self, of: &'static str) -> Vec<Column> {
        vec![
            self.column("rank"),
            self.column(of),
            self.column("title").place(ColumnPlace::IfRoom(30)),
            self.column("index"),
            self.column("rank_low"),
            self.column("rank_median").place(ColumnPlace::IfRoom(6)),
            self.column("rank_high"),
            self.column("rank_width").place(ColumnPlace::IfRoom(1)),
            self.column("index_low").place(ColumnPlace::IfRoom(4)),
            self.column("index_median").place(ColumnPlace::IfRoom(7)),
            self.column("index_high").place(ColumnPlace::IfRoom(5)),
            self.column("keeps_band").place(ColumnPlace::IfRoom(3)),
            self.column("among_first").place(ColumnPlace::IfRoom(2)),
        ]
    }

    fn spread_row<T>(&self, id: &str, title: &str, spread: &Spread<T>) -> Vec<Cell> {
        let rank = |at: usize| Cell::count(spread.ranks.map(|ranks| ranks[at]));
        let index = |at: usize| Cell::figure(spread.indexes.map(|indexes| indexes[at]));
        let has_index = spread.index.is_some();
        let share = |draws: usize| if has_index { self.share(draws) } else { Cell::Blank };
        vec![
            Cell::count(spread.rank),
            Cell::Text(id.to_owned()),
            Cell::Text(title.to_owned()),
            Cell::figure(spread.index),
            rank(0),
            rank(1),
            rank(2),
            Cell::count(spread.width()),
            index(0),
            index(1),
            index(2),
            share(spread.keeps_band),
            share(spread.among_first),
        ]
    }

    fn services(&self) -> Table {
        let row = |spread: &Spread<ServiceIndex>| {
            let service = self.round.service(spread.of);
            self.spread_row(&service.id, service.title(&self.speech.texts), spread)
        };
        let rows = self.robustness.services.iter().map(row).collect();
        Table { name: "services", columns: self.spread_columns("service"), rows }
    }

    fn entities(&self) -> Table {
        let row = |spread: &Spread<EntityIndex>| {
            let entity = self.round.entity(spread.of);
            self.spread_row(&entity.id, entity.title.get(&self.speech.texts), spread)
        };
        let rows = self.robustness.entities.iter().map(row).collect();
        Table { name: "entities", columns: self.spread_columns("entity"), rows }
    }

    /// Neighbours that cannot be told apart.
    fn neighbours(&self) -> Table {
        let columns = ["first", "second", "above"].map(|key| self.column(key)).to_vec();
        let unsure = |pair: &&Neighbours| (pair.above as f64) < APART * self.robustness.draws as f64;
        let row = |pair: &Neighbours| {
            let id = |service: ServiceIndex| Cell::Text(self.round.service(service).id.to_string());
            vec![id(pair.pair[0]), id(pair.pair[1]), self.share(pair.above)]
        };
        let rows = self.robustness.neighbours.iter().filter(unsure).map(row).collect();
        Table { name: "neighbours", columns, rows }
    }

    fn change(&self, change: Change) -> (String, String) {
        let rule = |key: &'static str, rule: &str| (key.to_owned(), rule.to_owned());
        match change {
            Change::Without(Node::Group(at)) => ("without".to_owned(), self.framework.group(at).id.clone()),
            Change::Without(Node::Parameter(at)) => {
                ("without".to_owned(), self.framework.parameter(at).id.clone())
            }
            Change::Missing(value) => rule("missing", value.name()),
            Change::NotApplicable(value) => rule("not_applicable", value.name()),
            Change::Aggregation(value) => rule("aggregation", value.name()),
            Change::Rounding(value) => rule("rounding", value.name()),
        }
    }

    /// One thing changed at a time, what moves most first.
    fn scenarios(&self) -> Table {
        let columns = ["changed", "to", "mean_shift", "moved", "furthest_service", "its_rank"]
            .map(|key| self.column(key));
        let mut list: Vec<&Scenario> = self.robustness.scenarios.iter().collect();
        list.sort_by(|a, b| b.mean_shift.total_cmp(&a.mean_shift));
        let row = |scenario: &&Scenario| {
            let (changed, to) = self.change(scenario.change);
            let furthest = scenario.furthest.map(|(service, _)| self.round.service(service).id.to_string());
            vec![
                Cell::Text(changed),
                Cell::Text(to),
                figure(scenario.mean_shift, 2),
                Cell::Count(scenario.moved),
                furthest.map_or(Cell::Blank, Cell::Text),
                Cell::count(scenario.furthest.map(|(_, rank)| rank)),
            ]
        };
        Table { name: "changes", columns: columns.to_vec(), rows: list.iter().map(row).collect() }
    }

    fn choices(&self) -> Table {
        let keys =
            ["choice", "first_order", "first_low", "first_high", "total_order", "total_low", "total_high"];
        let name = |choice: Choice| match choice {
            Choice::Weights(level) => {
                let level = self.framework.levels.get(level).map_or("", String::as_str);
                format!("weights: {level}")
            }
            Choice::Missing => "missing".to_owned(),
            Choice::NotApplicable => "not_applicable".to_owned(),
            Choice::Aggregation => "aggregation".to_owned(),
            Choice::Rounding => "rounding".to_owned(),
        };
        let row = |(choice, found): &(Choice, Sensitivity)| {
            let ([low, high], [total_low, total_high]) = (found.first_interval, found.total_interval);
            let figures = [found.first, low, high, found.total, total_low, total_high];
            std::iter::once(Cell::Text(name(*choice))).chain(figures.map(|value| figure(value, 3))).collect()
        };
        let rows = self.robustness.choices.iter().map(row).collect();
        Table { name: "choices", columns: keys.map(|key| self.column(key)).to_vec(), rows }
    }

    /// Everything that was found.
    pub fn document(&self) -> Document {
        let mut blocks = vec![Block::Table(self.services())];
        let mut section = |key: &'static str, table: Table| {
            if !table.rows.is_empty() {
                blocks.push(Block::Heading(self.speech.say(key).to_owned()));
                blocks.push(Block::Table(table));
            }
        };
        section("entities_moved", self.entities());
        section("not_apart", self.neighbours());
        section("one_change", self.scenarios());
        section("which_choice", self.choices());
        let shift = |value: f64| Published::from_units((value * 100.0).round() as i64, 2);
        let mean = shift(self.robustness.mean_shift);
        let summary = self.speech.say("robustness_summary");
        blocks.push(Block::Paragraph(
            summary
                .replace("{draws}", &self.robustness.draws.to_string())
                .replace("{shift}", &self.speech.decimal(&mean.to_string())),
        ));
        let text = |text: &str| Fact::Value(Cell::Text(text.to_owned()));
        Document {
            schema: "asan-index/robustness/1",
            title: heading(self.framework, self.round, self.speech),
            facts: vec![
                ("framework", text(&self.framework.id)),
                ("framework_version", text(&self.framework.version)),
                ("framework_sha256", text(&self.framework.hash)),
                ("round", text(&self.round.id)),
                ("options", Fact::Map(self.options.clone())),
                ("mean_shift", Fact::Value(Cell::Figure(mean))),
            ],
            blocks,
        }
    }
}
