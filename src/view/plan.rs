//! An action plan: where services stand, what to do in which order, and what it brings.

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Entry, Fact, Table};
use crate::engine::plan::Action;
use crate::engine::rank::{Results, ServiceResult};
use crate::framework::Framework;
use crate::id::ServiceIndex;
use crate::number::{Published, Ratio};
use crate::round::Round;
use crate::scale::Answer;

/// Places of a gain for each person-day: such gains are small.
const RATE_DECIMALS: u32 = 4;
/// What people may write into the column `status`.
const STATUSES: [&str; 4] = ["open", "started", "done", "dropped"];

/// What plans are made of.
pub struct Plans<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// Its results.
    pub before: &'a Results,
    /// The results of the same round with every action done.
    pub after: &'a Results,
    /// What is filled in beforehand as the day due.
    pub due: &'a str,
    /// What is filled in as the owner in place of the framework's.
    pub owner: &'a str,
    /// The languages.
    pub speech: &'a Speech,
}

impl Plans<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    /// The actions as `actions.csv` has them: some columns are for people to fill.
    pub fn actions(&self, actions: &[Action]) -> Table {
        let statuses = STATUSES.map(str::to_owned).to_vec();
        let columns = vec![
            self.column("service"),
            self.column("entity"),
            self.column("priority"),
            self.column("parameter"),
            self.column("title"),
            self.column("answer"),
            self.column("target"),
            self.column("gain"),
            self.column("effort"),
            self.column("action"),
            self.column("solution"),
            self.column("owner"),
            self.column("due").entry(Entry::Date),
            self.column("status").entry(Entry::OneOf(statuses)),
            self.column("note"),
        ];
        let rows = (1..).zip(actions).map(|(priority, action)| self.action_row(priority, action)).collect();
        Table { name: "actions", columns, rows }
    }

    fn action_row(&self, priority: usize, action: &Action) -> Vec<Cell> {
        let parameter = self.framework.parameter(action.parameter);
        let advice = parameter.advice.as_ref();
        let entity = action.entity.map(|entity| self.round.entity(entity).id.as_str());
        let words = |words: Option<&str>| text(words.unwrap_or_default());
        let owner = advice.and_then(|advice| advice.owner.as_ref());
        let owner = owner.map_or("", |owner| owner.get(&self.speech.texts));
        vec![
            text(&self.reached(action)),
            words(entity),
            Cell::Count(priority),
            text(&parameter.id),
            text(parameter.title.get(&self.speech.texts)),
            text(&self.answers(action)),
            text(&self.target(action)),
            Cell::Figure(self.figure(&action.gain)),
            Cell::decimal(action.effort),
            text(&self.advised(action)),
            text(&self.solutions(action)),
            text(if self.owner.is_empty() { owner } else { self.owner }),
            text(self.due),
            Cell::Blank,
            Cell::Blank,
        ]
    }

    /// The service that an action is for; blank when its entity does it for all of them.
    fn reached(&self, action: &Action) -> String {
        match action.services.as_slice() {
            [(service, _)] => self.round.service(*service).id.clone(),
            _ => String::new(),
        }
    }

    fn figure(&self, gain: &Ratio) -> Published {
        Published::from_ratio(gain, self.framework.policy.decimals, self.framework.policy.half)
    }

    fn write(&self, action: &Action, response: &[Answer]) -> String {
        let scale = self.framework.scale(action.parameter);
        let written = response.iter().map(|answer| scale.write(answer, &self.framework.words));
        written.collect::<Vec<_>>().join(" / ")
    }

    /// What is answered now, each answer once; gaps are left out.
    fn answers(&self, action: &Action) -> String {
        let mut answers: Vec<String> = Vec::new();
        for (service, _) in &action.services {
            let response = self.round.answers.get(*service, action.parameter).response;
            let written = response.map(|response| self.write(action, response)).unwrap_or_default();
            if !written.is_empty() && !answers.contains(&written) {
                answers.push(written);
            }
        }
        answers.join(" / ")
    }

    fn target(&self, action: &Action) -> String {
        let first = action.services.first().and_then(|(_, changes)| changes.get(&action.parameter));
        first.map(|response| self.write(action, response)).unwrap_or_default()
    }

    /// What to do, and what it requires to be done first.
    fn advised(&self, action: &Action) -> String {
        let advice = self.framework.parameter(action.parameter).advice.as_ref();
        let words = advice.and_then(|advice| advice.action.as_ref());
        let words = words.map_or("", |words| words.get(&self.speech.texts)).to_owned();
        let changed = action.services.iter().flat_map(|(_, changes)| changes.keys());
        let mut first: Vec<&str> = changed
            .filter(|changed| **changed != action.parameter)
            .map(|changed| self.framework.parameter(*changed).id.as_str())
            .collect();
        first.sort_unstable();
        first.dedup();
        match first.is_empty() {
            true => words,
            false => {
                let words = self.speech.fill("plan_first", &[&first.join(", "), &words]);
                words.trim_end().to_owned()
            }
        }
    }

    fn solutions(&self, action: &Action) -> String {
        let advice = self.framework.parameter(action.parameter).advice.as_ref();
        let solutions = advice.map(|advice| advice.solutions.as_slice()).unwrap_or_default();
        let ids = solutions.iter().map(|at| self.framework.solutions[*at].id.as_str());
        ids.collect::<Vec<_>>().join(";")
    }

    /// The actions as people read them.
    fn reading(&self, actions: &[Action]) -> Table {
        let columns = vec![
            self.column("priority"),
            self.column("service").place(ColumnPlace::IfRoom(3)),
            self.column("parameter"),
            self.column("action"),
            self.column("answer").place(ColumnPlace::IfRoom(6)),
            self.column("target").place(ColumnPlace::IfRoom(5)),
            self.column("gain"),
            self.column("effort"),
            self.column("gain_per_day").place(ColumnPlace::IfRoom(2)),
            self.column("owner").place(ColumnPlace::IfRoom(7)),
            self.column("solution").place(ColumnPlace::IfRoom(8)),
        ];
        let row = |(priority, action): (usize, &Action)| {
            let parameter = self.framework.parameter(action.parameter);
            let advised = self.advised(action);
            let title = parameter.title.get(&self.speech.texts);
            let cells = self.action_row(priority, action);
            let rate = action.gain_per_day();
            let rate =
                rate.map(|rate| Published::from_ratio(&rate, RATE_DECIMALS, self.framework.policy.half));
            vec![
                cells[2].clone(),
                cells[0].clone(),
                cells[3].clone(),
                text(if advised.is_empty() { title } else { &advised }),
                cells[5].clone(),
                cells[6].clone(),
                cells[7].clone(),
                cells[8].clone(),
                Cell::figure(rate),
                cells[11].clone(),
                cells[10].clone(),
            ]
        };
        Table { name: "actions", columns, rows: (1..).zip(actions).map(row).collect() }
    }

    /// Where services stand now, and where they would with every action done.
    fn standings(&self, services: &[ServiceIndex]) -> Table {
        let columns = vec![
            self.column("service"),
            self.column("title").place(ColumnPlace::IfRoom(1)),
            self.column("index"),
            self.column("band"),
            self.column("index_after"),
            self.column("band_after"),
        ];
        let of = |results: &Results, service| {
            results.services.iter().find(|result| result.service == service).cloned()
        };
        let row = |service: &ServiceIndex| {
            let registered = self.round.service(*service);
            let (before, after) = (of(self.before, *service), of(self.after, *service));
            vec![
                text(&registered.id),
                text(registered.title.get(&self.speech.texts)),
                Cell::figure(before.as_ref().and_then(ServiceResult::index)),
                self.band(before.as_ref()),
                Cell::figure(after.as_ref().and_then(ServiceResult::index)),
                self.band(after.as_ref()),
            ]
        };
        Table { name: "services", columns, rows: services.iter().map(row).collect() }
    }

    fn band(&self, result: Option<&ServiceResult>) -> Cell {
        let bands = &self.framework.bands;
        let band = result.and_then(|result| result.figures.as_ref()).and_then(|figures| figures.band);
        band.map_or(Cell::Blank, |at| Cell::Band(bands[at].id.clone(), at, bands.len()))
    }

    /// The plan of some services as a document that their body can be sent. `name` is theirs; with
    /// `to_fill` the actions have the columns that people fill.
    pub fn document(
        &self,
        name: &str,
        services: &[ServiceIndex],
        actions: &[Action],
        to_fill: bool,
    ) -> Document {
        let say = |key: &'static str| self.speech.say(key).to_owned();
        let effort: rust_decimal::Decimal = actions.iter().filter_map(|action| action.effort).sum();
        let summary =
            self.speech.fill("plan_summary", &[&actions.len().to_string(), &effort.normalize().to_string()]);
        let table = if to_fill { self.actions(actions) } else { self.reading(actions) };
        let mut blocks = vec![
            Block::Heading(say("plan_actions")),
            Block::Paragraph(summary),
            Block::Paragraph(say("plan_note")),
            Block::Table(table),
        ];
        let standing = [Block::Heading(say("plan_standing")), Block::Table(self.standings(services))];
        // A CSV is a document's first table; people read first where they stand.
        let at = if to_fill { blocks.len() } else { 0 };
        blocks.splice(at..at, standing);
        let value = |words: &str| Fact::Value(text(words));
        let title = heading(self.framework, self.round, self.speech);
        let name = if name.is_empty() { String::new() } else { format!("{name}. ") };
        Document {
            schema: "asan-index/plan/1",
            title: format!("{}: {name}{title}", self.speech.say("plan")),
            facts: vec![
                ("framework", value(&self.framework.id)),
                ("round", value(&self.round.id)),
                ("effort", Fact::Value(Cell::decimal(Some(effort)))),
            ],
            blocks,
        }
    }
}

fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Blank } else { Cell::Text(words.to_owned()) }
}
