//! What a framework measures, as tables and in plain words.

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::score::State;
use crate::engine::statistics::{
    Alike, Correlation, Distribution, Reliability, Scores, Series, alike, correlation, reliability,
    variance_share,
};
use crate::framework::{Children, Framework};
use crate::id::{GroupIndex, Node, ParameterIndex};
use crate::number::{Half, Published};
use crate::round::Round;

/// Places of correlations and shares.
const DECIMALS: u32 = 4;
/// From here on, two parameters measure the same.
const SAME: f64 = 0.9;
/// From this share of services at one score on, a parameter tells nearly none apart.
const FLAT: f64 = 0.95;

/// What statistics are shown with.
pub struct Statistics<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// The scores.
    pub scores: &'a Scores,
    /// Figures of services from elsewhere, to hold the index against.
    pub against: Option<&'a Series>,
    /// The languages.
    pub speech: &'a Speech,
}

/// A float as a figure with so many places.
fn figure(value: f64, decimals: u32) -> Cell {
    let scaled = (value * 10f64.powi(decimals as i32)).round();
    Cell::Figure(Published::from_units(scaled as i64, decimals))
}

fn optional(value: Option<f64>) -> Cell {
    value.map_or(Cell::Blank, |value| figure(value, DECIMALS))
}

impl Statistics<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    fn percent(&self, value: f64) -> Cell {
        figure(value * 100.0, self.framework.policy.decimals.min(6))
    }

    fn id(&self, parameter: ParameterIndex) -> &str {
        &self.framework.parameter(parameter).id
    }

    fn title(&self, node: Node) -> String {
        let title = match node {
            Node::Group(at) => &self.framework.group(at).title,
            Node::Parameter(at) => &self.framework.parameter(at).title,
        };
        title.get(&self.speech.texts).to_owned()
    }

    /// Groups below the root that have parameters or groups of their own, in the framework's order.
    fn groups(&self) -> impl Iterator<Item = GroupIndex> + '_ {
        (0..self.framework.groups.len()).map(GroupIndex::new)
    }

    fn group_table(&self, reliabilities: &[Reliability]) -> Table {
        let mut columns = vec![
            self.column("id"),
            self.column("level").place(ColumnPlace::IfRoom(30)),
            self.column("title").place(ColumnPlace::IfRoom(9)),
            self.column("weight_share"),
            self.column("variance_share"),
            self.column("pearson"),
            self.column("spearman").place(ColumnPlace::IfRoom(4)),
            self.column("kendall").place(ColumnPlace::IfRoom(5)),
            self.column("items").place(ColumnPlace::IfRoom(6)),
            self.column("alpha"),
        ];
        columns.extend(self.distribution_columns());
        let mut rows = Vec::new();
        for group in self.groups() {
            let node = Node::Group(group);
            let series = &self.scores.groups[group.get()];
            let with_index = Correlation::of(series, &self.scores.index);
            let nominal = Published::from_ratio(&self.framework.nominal_share(node), 2, Half::Up);
            let share = variance_share(&self.scores.contributions[group.get()], &self.scores.index);
            let mut cells = vec![
                Cell::Text(self.framework.group(group).id.clone()),
                self.speech.level(self.framework.level(group)),
                Cell::Text(self.title(node)),
                Cell::Figure(nominal),
                share.map_or(Cell::Blank, |share| figure(share * 100.0, 2)),
                optional(with_index.pearson),
                optional(with_index.spearman),
                optional(with_index.kendall),
                Cell::Count(self.framework.group(group).parameters.len()),
                optional(reliabilities[group.get()].alpha),
            ];
            cells.extend(self.distribution(series));
            rows.push(cells);
        }
        Table { name: "groups", columns, rows }
    }

    fn distribution_columns(&self) -> impl Iterator<Item = Column> + '_ {
        ["services", "mean", "deviation", "least", "quartile_1", "median", "quartile_3", "greatest"]
            .into_iter()
            .map(|key| self.column(key).place(ColumnPlace::IfRoom(if key == "mean" { 8 } else { 20 })))
    }

    fn distribution(&self, series: &Series) -> Vec<Cell> {
        let Some(found) = Distribution::of(series) else {
            return [vec![Cell::Count(0)], vec![Cell::Blank; 7]].concat();
        };
        let mut cells =
            vec![Cell::Count(found.services), self.percent(found.mean), self.percent(found.deviation)];
        cells.extend(found.quantiles.map(|quantile| self.percent(quantile)));
        cells
    }

    fn parameter_table(&self, reliabilities: &[Reliability]) -> Table {
        let mut columns = vec![
            self.column("id"),
            self.column("title").place(ColumnPlace::IfRoom(9)),
            self.column("applicable_share").place(ColumnPlace::IfRoom(3)),
            self.column("answered_share").place(ColumnPlace::IfRoom(2)),
            self.column("at_floor"),
            self.column("at_ceiling"),
            self.column("pearson"),
            self.column("alpha_without").place(ColumnPlace::IfRoom(4)),
        ];
        columns.extend(self.distribution_columns());
        let row = |at: usize| {
            let (series, states) = (&self.scores.parameters[at], &self.scores.states[at]);
            let parameter = self.framework.parameter(ParameterIndex::new(at));
            let applicable = states.iter().filter(|state| **state != State::NotApplicable).count();
            let answered =
                states.iter().filter(|state| matches!(state, State::Scored | State::Implied)).count();
            let share = |part: usize, whole: usize| match whole {
                0 => Cell::Blank,
                whole => figure(100.0 * part as f64 / whole as f64, 2),
            };
            let found = Distribution::of(series);
            let part = |of: fn(&Distribution) -> f64| {
                found.as_ref().map_or(Cell::Blank, |found| figure(100.0 * of(found), 2))
            };
            let first = self.framework.group(parameter.group).parameters.start;
            let without = reliabilities[parameter.group.get()].without[at - first];
            let mut cells = vec![
                Cell::Text(parameter.id.clone()),
                Cell::Text(self.title(Node::Parameter(ParameterIndex::new(at)))),
                share(applicable, states.len()),
                share(answered, applicable),
                part(|found| found.at_floor),
                part(|found| found.at_ceiling),
                optional(correlation(series, &self.scores.index)),
                optional(without),
            ];
            cells.extend(self.distribution(series));
            cells
        };
        let rows = (0..self.framework.parameters.len()).map(row).collect();
        Table { name: "parameters", columns, rows }
    }

    /// How groups go together that stand side by side.
    fn correlation_table(&self) -> Table {
        let columns =
            ["first", "second", "services", "pearson", "spearman", "kendall"].map(|key| self.column(key));
        let mut rows = Vec::new();
        for parent in &self.framework.groups {
            let Children::Groups(children) = &parent.children else { continue };
            for (at, second) in children.iter().enumerate() {
                for first in &children[..at] {
                    let series = |group: &GroupIndex| &self.scores.groups[group.get()];
                    let found = Correlation::of(series(first), series(second));
                    let id = |group: &GroupIndex| Cell::Text(self.framework.group(*group).id.clone());
                    let mut cells = vec![id(first), id(second), Cell::Count(found.services)];
                    cells.extend([found.pearson, found.spearman, found.kendall].map(optional));
                    rows.push(cells);
                }
            }
        }
        Table { name: "correlations", columns: columns.to_vec(), rows }
    }

    fn alike_table(&self, alike: &[Alike]) -> Table {
        let mut columns = ["first", "second", "services", "pearson"].map(|key| self.column(key)).to_vec();
        columns.push(self.column("title").place(ColumnPlace::IfRoom(1)));
        let row = |found: &Alike| {
            let titles = found.pair.map(|at| self.title(Node::Parameter(at)));
            vec![
                Cell::Text(self.id(found.pair[0]).to_owned()),
                Cell::Text(self.id(found.pair[1]).to_owned()),
                Cell::Count(found.services),
                figure(found.pearson, DECIMALS),
                Cell::Text(titles.join(" / ")),
            ]
        };
        Table { name: "alike", columns, rows: alike.iter().map(row).collect() }
    }

    fn against_table(&self, against: &Series) -> Table {
        let columns = ["against", "services", "pearson", "spearman", "kendall"].map(|key| self.column(key));
        let of_groups = self
            .framework
            .top_groups()
            .iter()
            .map(|group| (self.framework.group(*group).id.as_str(), &self.scores.groups[group.get()]));
        let row = |(id, series): (&str, &Series)| {
            let found = Correlation::of(series, against);
            let mut cells = vec![Cell::Text(id.to_owned()), Cell::Count(found.services)];
            cells.extend([found.pearson, found.spearman, found.kendall].map(optional));
            cells
        };
        let rows = std::iter::once(("index", &self.scores.index)).chain(of_groups).map(row).collect();
        Table { name: "against", columns: columns.to_vec(), rows }
    }

    /// Everything, with what to look at in plain words at the end.
    pub fn document(&self) -> Document {
        let reliabilities: Vec<Reliability> =
            self.groups().map(|group| reliability(&self.scores.items(self.framework, group))).collect();
        let alike = alike(self.scores, SAME);
        let mut blocks = vec![Block::Table(self.group_table(&reliabilities))];
        let mut section = |key: &'static str, table: Table| {
            if !table.rows.is_empty() {
                blocks.push(Block::Heading(self.speech.say(key).to_owned()));
                blocks.push(Block::Table(table));
            }
        };
        section("statistics_parameters", self.parameter_table(&reliabilities));
        section("statistics_correlations", self.correlation_table());
        section("statistics_alike", self.alike_table(&alike));
        if let Some(against) = self.against {
            section("statistics_against", self.against_table(against));
        }
        blocks.push(Block::Heading(self.speech.say("notes").to_owned()));
        blocks.extend(self.notes(&reliabilities, &alike).into_iter().map(Block::Paragraph));
        let text = |text: &str| Fact::Value(Cell::Text(text.to_owned()));
        Document {
            schema: "asan-index/statistics/1",
            title: heading(self.framework, self.round, self.speech),
            facts: vec![
                ("framework", text(&self.framework.id)),
                ("framework_version", text(&self.framework.version)),
                ("framework_sha256", text(&self.framework.hash)),
                ("round", text(&self.round.id)),
                ("services", Fact::Value(Cell::Count(self.scores.services.len()))),
            ],
            blocks,
        }
    }

    /// What to look at, and why.
    fn notes(&self, reliabilities: &[Reliability], alike: &[Alike]) -> Vec<String> {
        let mut notes = Vec::new();
        let mut note = |key: &'static str, ids: Vec<String>| {
            if !ids.is_empty() {
                notes.push(
                    self.speech
                        .say(key)
                        .replace("{n}", &ids.len().to_string())
                        .replace("{ids}", &listed(&ids)),
                );
            }
        };
        let parameters = || (0..self.framework.parameters.len()).map(ParameterIndex::new);
        let those = |wanted: &dyn Fn(&Distribution) -> bool| -> Vec<String> {
            let found = parameters().filter(|at| {
                Distribution::of(&self.scores.parameters[at.get()]).is_some_and(|found| wanted(&found))
            });
            found.map(|at| self.id(at).to_owned()).collect()
        };
        note("note_ceiling", those(&|found| found.at_ceiling >= FLAT));
        note("note_floor", those(&|found| found.at_floor >= FLAT));
        note(
            "note_flat",
            those(&|found| found.at_mode >= FLAT && found.at_ceiling < FLAT && found.at_floor < FLAT),
        );
        let against_index = parameters().filter(|at| {
            correlation(&self.scores.parameters[at.get()], &self.scores.index)
                .is_some_and(|found| found < -0.1)
        });
        note("note_against_index", against_index.map(|at| self.id(at).to_owned()).collect());
        note(
            "note_alike",
            alike
                .iter()
                .map(|found| format!("{}–{}", self.id(found.pair[0]), self.id(found.pair[1])))
                .collect(),
        );
        let heavier = |factor: fn(f64, f64) -> bool| -> Vec<String> {
            let groups = self.framework.top_groups().iter().filter(|group| {
                let nominal = self.framework.nominal_share(Node::Group(**group)).to_f64();
                variance_share(&self.scores.contributions[group.get()], &self.scores.index)
                    .is_some_and(|share| factor(share, nominal))
            });
            groups.map(|group| self.framework.group(*group).id.clone()).collect()
        };
        note("note_heavier", heavier(|share, nominal| share > 1.5 * nominal));
        note("note_lighter", heavier(|share, nominal| share < 0.5 * nominal));
        let low = self
            .groups()
            .skip(1)
            .filter(|group| reliabilities[group.get()].alpha.is_some_and(|alpha| alpha < 0.6));
        note("note_alpha", low.map(|group| self.framework.group(group).id.clone()).collect());
        notes.push(self.speech.say("note_reading").to_owned());
        notes
    }
}

/// The first of some ids, and how many more there are.
fn listed(ids: &[String]) -> String {
    const SHOWN: usize = 12;
    let more = ids.len().saturating_sub(SHOWN);
    let shown = ids.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} (+{more})") } else { shown }
}
