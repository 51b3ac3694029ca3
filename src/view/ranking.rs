//! Rankings of services, entities, categories and peer groups, and all scores.

use std::ops::Range;

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, LongTable, Table, owned};
use crate::engine::rank::{EntityResult, Mean, Results, ServiceResult};
use crate::engine::score::{Scorer, State, parameter_figure};
use crate::framework::Framework;
use crate::id::{GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::Published;
use crate::round::Round;
use crate::text::count;

/// The name of the ranking of services.
const RANKING: &str = "ranking";
/// The name of the ranking of entities.
const ENTITY_RANKING: &str = "entity-ranking";

/// What rankings are made of.
pub struct Rankings<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// Its results.
    pub results: &'a Results,
    /// The languages.
    pub speech: &'a Speech,
}

/// Of so many services what is said of them is looked at together.
const AT_ONCE: usize = 64;

impl Rankings<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    /// The groups below the root, each a column.
    fn group_columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.framework.top_groups().iter().map(|group| {
            let id = &self.framework.group(*group).id;
            Column::new(id.clone(), id.clone()).place(ColumnPlace::IfRoom(20))
        })
    }

    fn group_cells<'b, S>(
        &'b self,
        groups: &'b [Option<Published>],
    ) -> impl Iterator<Item = Cell<S>> + use<'b, S> {
        groups.iter().take(self.framework.top_groups().len()).map(|figure| Cell::figure(*figure))
    }

    fn band(&self, band: Option<usize>) -> Cell<&str> {
        let bands = &self.framework.bands;
        band.map_or(Cell::Blank, |at| Cell::Band(&bands[at].id, at, bands.len()))
    }

    /// The ranking of some services, in their order.
    pub fn services<'r>(&self, services: impl IntoIterator<Item = &'r ServiceResult>) -> Table {
        let rows = services.into_iter().map(|result| {
            let mut cells = Vec::new();
            self.service_row(result, &mut cells);
            owned(&cells)
        });
        let rows = rows.collect();
        Table { name: RANKING, columns: self.service_columns(), rows }
    }

    /// The ranking of all services.
    pub fn ranking(&self) -> LongTable<'_> {
        let services = &self.results.order;
        LongTable {
            name: RANKING,
            columns: self.service_columns(),
            parts: services.len(),
            rows: Box::new(|parts, row| {
                let mut cells = Vec::new();
                for services in services[parts].chunks(AT_ONCE) {
                    self.fetch(services);
                    for service in services {
                        cells.clear();
                        self.service_row(self.results.of(*service), &mut cells);
                        row(&cells);
                    }
                }
            }),
        }
    }

    /// Looks at what is said of services before it is needed one by one: in the order of ranks they are far from each
    /// other, and memory that is far away answers many questions in the time of one.
    fn fetch(&self, services: &[ServiceIndex]) {
        let seen = services.iter().map(|at| {
            let (service, result) = (self.round.service(*at), self.results.of(*at));
            // Fields that are not on one line of memory, and the id.
            let id = service.id.as_bytes().first() == Some(&0);
            let of_service = id ^ service.held_out ^ service.registered.is_some();
            let figures = result.figures.as_ref();
            let groups = figures.map_or(&[][..], |figures| &figures.groups);
            let of_result = result.held_out ^ groups.first().is_some_and(Option::is_some);
            let is_ranked = self.results.rank(*at).is_some();
            usize::from(of_service ^ of_result ^ is_ranked ^ groups.last().is_some_and(Option::is_some))
        });
        std::hint::black_box(seen.sum::<usize>());
    }

    fn service_columns(&self) -> Vec<Column> {
        let mut columns = vec![
            self.column("rank"),
            self.column("rank_in_category").place(ColumnPlace::IfRoom(50)),
            self.column("service"),
            self.column("title").place(ColumnPlace::IfRoom(2)),
            self.column("entity").place(ColumnPlace::IfRoom(4)),
            self.column("category").place(ColumnPlace::IfRoom(51)),
            self.column("index"),
            self.column("band"),
            self.column("answered").place(ColumnPlace::IfRoom(10)),
            self.column("applicable").place(ColumnPlace::IfRoom(11)),
        ];
        columns.extend(self.group_columns());
        columns
    }

    /// Adds the cells of a service's row.
    fn service_row<'s>(&'s self, result: &ServiceResult, cells: &mut Vec<Cell<&'s str>>) {
        let service = self.round.service(result.service);
        let entity = service.entity.map(|entity| self.round.entity(entity).id.as_str()).unwrap_or_default();
        let figures = result.figures.as_ref();
        let index = match (result.held_out, result.index()) {
            (true, _) => Cell::Remark(self.speech.say("held_out")),
            (false, None) => Cell::Remark(self.speech.say("no_index")),
            (false, Some(index)) => Cell::Figure(index),
        };
        cells.extend([
            Cell::count(self.results.rank(result.service)),
            Cell::count(self.results.rank_in_category(result.service)),
            Cell::Text(service.id.as_str()),
            Cell::Text(service.title(&self.speech.texts)),
            Cell::Text(entity),
            Cell::Text(&*service.category),
            index,
            self.band(figures.and_then(|figures| figures.band())),
            Cell::count(figures.map(|figures| figures.answered as usize)),
            Cell::count(figures.map(|figures| figures.applicable as usize)),
        ]);
        match figures {
            Some(figures) => cells.extend(self.group_cells(&figures.groups)),
            None => cells.extend(self.framework.top_groups().iter().map(|_| Cell::Blank)),
        }
    }

    /// The ranking of some entities, in their order.
    pub fn entities<'r>(&self, entities: impl IntoIterator<Item = &'r EntityResult>) -> Table {
        let rows = entities.into_iter().map(|result| owned(&self.entity_row(result))).collect();
        Table { name: ENTITY_RANKING, columns: self.entity_columns(), rows }
    }

    /// The ranking of all entities.
    pub fn entity_ranking(&self) -> LongTable<'_> {
        let entities = &self.results.entities;
        LongTable {
            name: ENTITY_RANKING,
            columns: self.entity_columns(),
            parts: entities.len(),
            rows: Box::new(|parts, row| {
                entities[parts].iter().for_each(|result| row(&self.entity_row(result)));
            }),
        }
    }

    fn entity_columns(&self) -> Vec<Column> {
        let mut columns = vec![
            self.column("category").place(ColumnPlace::IfRoom(1)),
            self.column("rank"),
            self.column("entity"),
            self.column("title").place(ColumnPlace::IfRoom(2)),
            self.column("services").place(ColumnPlace::IfRoom(3)),
            self.column("index"),
            self.column("band"),
        ];
        columns.extend(self.group_columns());
        columns
    }

    fn entity_row(&self, result: &EntityResult) -> Vec<Cell<&str>> {
        let entity = self.round.entity(result.entity);
        let mut cells = vec![
            Cell::Text(entity.category.as_str()),
            Cell::count(result.rank),
            Cell::Text(entity.id.as_str()),
            self.title(entity.title.get(&self.speech.texts), &result.mean),
            Cell::Count(result.mean.services),
            Cell::figure(result.mean.index),
            self.band(result.band),
        ];
        cells.extend(self.group_cells(&result.mean.groups));
        cells
    }

    /// A title; of an entity with held-out services, noted as incomplete.
    fn title<'t>(&self, title: &'t str, mean: &Mean) -> Cell<&'t str> {
        match mean.is_incomplete {
            true => Cell::Noted(title, self.speech.say("incomplete")),
            false => Cell::Text(title),
        }
    }

    /// The means of named sets of services.
    pub fn means(&self, name: &'static str, key: &'static str, means: &[(String, Mean)]) -> Table {
        let mut columns = vec![
            self.column(key),
            self.column("title").place(ColumnPlace::IfRoom(2)),
            self.column("services").place(ColumnPlace::IfRoom(3)),
            self.column("index"),
        ];
        columns.extend(self.group_columns());
        let row = |(id, mean): &(String, Mean)| {
            let title = self.framework.category_title(id, &self.speech.texts);
            let mut cells = vec![
                Cell::Text(id.as_str()),
                self.title(title, mean),
                Cell::Count(mean.services),
                Cell::figure(mean.index),
            ];
            cells.extend(self.group_cells(&mean.groups));
            owned(&cells)
        };
        Table { name, columns, rows: means.iter().map(row).collect() }
    }

    /// Every score of every service, in ranking order.
    pub fn scores<'s>(&'s self, scorer: &'s Scorer<'_>) -> LongTable<'s> {
        let columns = ["service", "level", "id", "score", "state"].map(|key| self.column(key)).to_vec();
        let services: Vec<ServiceIndex> =
            self.results.ranked().filter(|result| !result.held_out).map(|result| result.service).collect();
        let parts = services.len();
        let rows = move |parts: Range<usize>, each: &mut dyn FnMut(&[Cell<&str>])| {
            let mut values = scorer.of_nothing();
            for service in &services[parts] {
                values.put(*service);
                let id = &self.round.service(*service).id;
                let mut row = |level: &str, node: &str, score: Option<Published>, state: &str| {
                    let level = Cell::Word(level, self.speech.level_name(level));
                    each(&[
                        Cell::Text(id.as_str()),
                        level,
                        Cell::Text(node),
                        Cell::figure(score),
                        Cell::Text(state),
                    ]);
                };
                let index = values.index();
                row("index", "", index, if index.is_some() { "scored" } else { "insufficient" });
                self.score_rows(GroupIndex::ROOT, &values, &mut row);
            }
        };
        LongTable { name: "scores", columns, parts, rows: Box::new(rows) }
    }

    fn score_rows(
        &self,
        group: GroupIndex,
        values: &crate::engine::score::Values<'_>,
        row: &mut impl FnMut(&str, &str, Option<Published>, &str),
    ) {
        let framework = self.framework;
        match &framework.group(group).children {
            crate::framework::Children::Groups(children) => {
                for child in children {
                    let score = values.published(*child);
                    let state = if score.is_some() { State::Scored } else { State::NotApplicable };
                    row(framework.level(*child), &framework.group(*child).id, score, state.name());
                    self.score_rows(*child, values, row);
                }
            }
            crate::framework::Children::Parameters => {
                let policy = &framework.policy;
                for at in framework.group(group).parameters.clone() {
                    let outcome = values.outcomes()[at];
                    let score =
                        outcome.score.map(|score| parameter_figure(score, policy.decimals, policy.half));
                    let id = &framework.parameter(ParameterIndex::new(at)).id;
                    row(framework.parameter_level(), id, score, outcome.state.name());
                }
            }
        }
    }

    /// The document of a whole scoring: the ranking, that of entities, and in one line each what they
    /// come to and which rules were used.
    pub fn document(&self, detail: Option<Table>) -> Document {
        let mut blocks = vec![Block::Table(self.services(self.results.ranked()))];
        if !self.results.entities.is_empty() {
            blocks.push(Block::Heading(self.speech.say("entity_ranking").to_owned()));
            blocks.push(Block::Table(self.entities(&self.results.entities)));
        }
        blocks.extend(detail.map(Block::Table));
        blocks.push(Block::Paragraph(self.summary()));
        blocks.push(Block::Paragraph(self.policies()));
        Document {
            schema: "asan-index/scores/1",
            title: heading(self.framework, self.round, self.speech),
            facts: self.facts(),
            blocks,
        }
    }

    /// What machines want to know of the whole.
    pub fn facts(&self) -> Vec<(&'static str, Fact)> {
        let text = |text: &str| Fact::Value(Cell::Text(text.to_owned()));
        let policy = self.framework.policy.entries();
        vec![
            ("framework", text(&self.framework.id)),
            ("framework_version", text(&self.framework.version)),
            ("framework_sha256", text(&self.framework.hash)),
            ("round", text(&self.round.id)),
            ("policy", Fact::Map(policy.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
            ("mean", Fact::Value(Cell::figure(self.results.whole.index))),
            ("median", Fact::Value(Cell::figure(self.results.median(self.framework)))),
        ]
    }

    /// How many services and entities there are, and what they come to.
    pub fn summary(&self) -> String {
        let say = |key| self.speech.say(key);
        let figure = |figure: Option<Published>| {
            figure.map_or("–".to_owned(), |figure| self.speech.decimal(&figure.to_string()))
        };
        let held_out = self.results.by_id().filter(|result| result.held_out).count();
        let mut parts = match self.speech.program {
            crate::messages::Language::English => {
                vec![count(self.results.order.len(), "service"), count(self.results.entities.len(), "entity")]
            }
            crate::messages::Language::Azerbaijani => vec![
                format!("{}: {}", say("services"), self.results.order.len()),
                format!("{}: {}", say("entities"), self.results.entities.len()),
            ],
        };
        parts.push(format!("{} {}", say("mean"), figure(self.results.whole.index)));
        parts.push(format!("{} {}", say("median"), figure(self.results.median(self.framework))));
        if held_out > 0 {
            parts.push(format!("{} {held_out}", say("held_out")));
        }
        parts.join(", ")
    }

    /// The rules that were used, in one line.
    pub fn policies(&self) -> String {
        let entries = self.framework.policy.entries();
        let entries: Vec<String> =
            entries.iter().map(|(key, value)| format!("{} {value}", key.replace('_', " "))).collect();
        format!("{}: {}", self.speech.say("policies"), entries.join(", "))
    }
}
