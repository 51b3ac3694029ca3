//! What moved between two rounds, as tables.

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::compare::{Cause, Comparison, MeanMovement, MeanOf, Parts, ServiceMovement};
use crate::framework::Framework;
use crate::id::ServiceIndex;
use crate::number::{Half, Published, Ratio};
use crate::round::Round;

/// What a comparison is shown with.
pub struct Movements<'a> {
    /// The two frameworks, the earlier first.
    pub frameworks: [&'a Framework; 2],
    /// The two rounds.
    pub rounds: [&'a Round; 2],
    /// What moved.
    pub comparison: &'a Comparison,
    /// The languages.
    pub speech: &'a Speech,
}

impl Movements<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    fn decimals(&self) -> u32 {
        self.frameworks.iter().map(|framework| framework.policy.decimals).max().unwrap_or(0)
    }

    /// A signed difference in percent.
    fn change(&self, change: &Ratio) -> Cell {
        Cell::Figure(Published::from_ratio(change, self.decimals(), Half::Up))
    }

    fn causes(&self) -> impl Iterator<Item = Column> + '_ {
        Cause::ALL.iter().map(|cause| self.column(cause.name()).place(ColumnPlace::IfRoom(20)))
    }

    fn parts<'p>(&self, parts: Option<&'p Parts>) -> impl Iterator<Item = Cell> + use<'p> {
        let figures = parts.map(|parts| parts.figures(self.decimals()));
        (0..Cause::ALL.len()).map(move |at| Cell::figure(figures.map(|figures| figures[at])))
    }

    fn band(&self, side: usize, band: Option<usize>) -> Cell {
        let bands = &self.frameworks[side].bands;
        band.map_or(Cell::Blank, |at| Cell::Band(bands[at].id.clone(), at, bands.len()))
    }

    /// Columns that only files show where they say nothing of any row.
    fn without_idle_causes(mut table: Table) -> Table {
        for (at, column) in table.columns.iter_mut().enumerate() {
            let is_cause = Cause::ALL.iter().any(|cause| cause.name() == column.key);
            let idle = |row: &Vec<Cell>| match &row[at] {
                Cell::Figure(figure) => figure.units() == 0,
                cell => *cell == Cell::Blank,
            };
            if is_cause && table.rows.iter().all(idle) {
                column.place = ColumnPlace::FilesOnly;
            }
        }
        table
    }

    fn columns(&self, of: &'static str) -> Vec<Column> {
        let mut columns = vec![
            self.column(of),
            self.column("title").place(ColumnPlace::IfRoom(30)),
            self.column("rank_before").place(ColumnPlace::IfRoom(3)),
            self.column("rank").place(ColumnPlace::IfRoom(2)),
            self.column("index_before"),
            self.column("index"),
            self.column("change"),
            self.column("band_before").place(ColumnPlace::IfRoom(40)),
            self.column("band").place(ColumnPlace::IfRoom(40)),
            self.column("movement").place(ColumnPlace::IfRoom(50)),
        ];
        columns.extend(self.causes());
        columns
    }

    fn cells(&self, id: &str, title: &str, row: &Row<'_>) -> Vec<Cell> {
        let movement = match row.index {
            [Some(_), Some(_)] => "stayed",
            [None, Some(_)] => "came",
            [Some(_), None] => "went",
            [None, None] => "no_index",
        };
        let mut cells = vec![
            Cell::Text(id.to_owned()),
            Cell::Text(title.to_owned()),
            Cell::count(row.rank[0]),
            Cell::count(row.rank[1]),
            Cell::figure(row.index[0]),
            Cell::figure(row.index[1]),
            row.change.as_ref().map_or(Cell::Blank, |change| self.change(change)),
            self.band(0, row.band[0]),
            self.band(1, row.band[1]),
            Cell::Text(self.speech.say(movement).to_owned()),
        ];
        cells.extend(self.parts(row.parts));
        cells
    }

    /// A service's id and title; those of the later round where it is there.
    pub fn service(&self, movement: &ServiceMovement) -> (&str, &str) {
        let of = |side: usize, service: ServiceIndex| {
            let service = self.rounds[side].service(service);
            (service.id.as_str(), service.title(&self.speech.texts))
        };
        match (movement.before, movement.after) {
            (_, Some(service)) => of(1, service),
            (Some(service), None) => of(0, service),
            (None, None) => ("", ""),
        }
    }

    fn services(&self) -> Table {
        let row = |movement: &ServiceMovement| {
            let (id, title) = self.service(movement);
            self.cells(
                id,
                title,
                &Row {
                    index: movement.index,
                    rank: movement.rank,
                    band: movement.band,
                    change: movement.change(),
                    parts: movement.parts.as_ref(),
                },
            )
        };
        let rows = self.comparison.services.iter().map(row).collect();
        Self::without_idle_causes(Table { name: "services", columns: self.columns("service"), rows })
    }

    /// The id and title of what a mean is of.
    pub fn mean(&self, of: &MeanOf) -> (String, String) {
        let texts = &self.speech.texts;
        match of {
            MeanOf::Whole => (String::new(), self.speech.say("whole").to_owned()),
            MeanOf::Category(id) => (id.clone(), self.frameworks[1].category_title(id, texts).to_owned()),
            MeanOf::Entity(pair) => {
                let side = usize::from(pair[1].is_some());
                let entity = pair[side].map(|entity| self.rounds[side].entity(entity));
                entity
                    .map(|entity| (entity.id.clone(), entity.title.get(texts).to_owned()))
                    .unwrap_or_default()
            }
        }
    }

    fn means<'m>(
        &self,
        name: &'static str,
        of: &'static str,
        means: impl IntoIterator<Item = &'m MeanMovement>,
    ) -> Table {
        let row = |movement: &MeanMovement| {
            let (id, title) = self.mean(&movement.of);
            self.cells(
                &id,
                &title,
                &Row {
                    index: movement.index,
                    rank: movement.rank,
                    band: movement.band,
                    change: movement.change(),
                    parts: movement.parts.as_ref(),
                },
            )
        };
        let rows = means.into_iter().map(row).collect();
        Self::without_idle_causes(Table { name, columns: self.columns(of), rows })
    }

    /// What each parameter did to the indexes of these services.
    fn parameters<'m>(&self, services: impl IntoIterator<Item = &'m ServiceMovement>) -> Table {
        let mut columns = vec![
            self.column("service"),
            self.column("parameter"),
            self.column("title").place(ColumnPlace::IfRoom(2)),
            self.column("score_before"),
            self.column("score"),
            self.column("change"),
        ];
        columns.extend(self.causes());
        let mut rows = Vec::new();
        for service in services {
            for item in &service.items {
                let (id, title) = self.item(item.item);
                let score =
                    |score: &Option<Ratio>| score.as_ref().map_or(Cell::Blank, |score| self.change(score));
                let mut cells = vec![
                    Cell::Text(self.service(service).0.to_owned()),
                    Cell::Text(id),
                    Cell::Text(title),
                    score(&item.score[0]),
                    score(&item.score[1]),
                    self.change(&item.parts.total()),
                ];
                cells.extend(self.parts(Some(&item.parts)));
                rows.push(cells);
            }
        }
        Self::without_idle_causes(Table { name: "parameters", columns, rows })
    }

    /// The ids of a joined parameter (`old > new` where they differ) and its title.
    fn item(&self, at: usize) -> (String, String) {
        let item = &self.comparison.items[at];
        let ids = [0, 1].map(|side| {
            let ids = item.sides[side].iter().map(|at| self.frameworks[side].parameter(*at).id.as_str());
            ids.collect::<Vec<_>>().join("+")
        });
        let side = usize::from(!item.sides[1].is_empty());
        let title = item.sides[side].first().map(|at| &self.frameworks[side].parameter(*at).title);
        let title = title.map_or("", |title| title.get(&self.speech.texts)).to_owned();
        let id = match &ids {
            [first, second] if first == second || first.is_empty() => second.clone(),
            [first, second] if second.is_empty() => first.clone(),
            [first, second] => format!("{first} > {second}"),
        };
        (id, title)
    }

    /// What each parameter did to the mean of all services: where the movement lies.
    fn where_it_lies(&self) -> Table {
        let mut columns = vec![
            self.column("parameter"),
            self.column("title").place(ColumnPlace::IfRoom(2)),
            self.column("rose"),
            self.column("fell"),
            self.column("change"),
        ];
        columns.extend(self.causes());
        let row = |total: &crate::engine::compare::ItemTotal| {
            let (id, title) = self.item(total.item);
            let mut cells = vec![
                Cell::Text(id),
                Cell::Text(title),
                Cell::Count(total.rose),
                Cell::Count(total.fell),
                self.change(&total.parts.total()),
            ];
            cells.extend(self.parts(Some(&total.parts)));
            cells
        };
        let rows = self.comparison.item_totals.iter().map(row).collect();
        Self::without_idle_causes(Table { name: "where", columns, rows })
    }

    /// The whole comparison; `detail` adds every parameter of every service, `only` those of one.
    pub fn document(&self, detail: bool, only: Option<&ServiceMovement>) -> Document {
        let comparison = self.comparison;
        let mut blocks = vec![Block::Table(self.services())];
        let mut section = |key: &'static str, table: Table| {
            if !table.rows.is_empty() {
                blocks.push(Block::Heading(self.speech.say(key).to_owned()));
                blocks.push(Block::Table(table));
            }
        };
        section("entities_moved", self.means("entities", "entity", &comparison.entities));
        section("categories_moved", self.means("categories", "category", &comparison.categories));
        section("whole", self.means("whole", "id", [&comparison.whole]));
        section("where_it_lies", self.where_it_lies());
        match only {
            Some(service) => section("parameters_moved", self.parameters([service])),
            None if detail => section("parameters_moved", self.parameters(&comparison.services)),
            None => {}
        }
        let title = [0, 1].map(|side| heading(self.frameworks[side], self.rounds[side], self.speech));
        Document {
            schema: "asan-index/comparison/1",
            title: format!("{} → {}", title[0], title[1]),
            facts: self.facts(),
            blocks,
        }
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        let side = |side: usize| {
            let framework = self.frameworks[side];
            Fact::Map(vec![
                ("round".to_owned(), self.rounds[side].id.clone()),
                ("framework".to_owned(), framework.id.clone()),
                ("framework_version".to_owned(), framework.version.clone()),
                ("framework_sha256".to_owned(), framework.hash.clone()),
            ])
        };
        vec![("before", side(0)), ("after", side(1))]
    }
}

/// What services and means show alike.
struct Row<'a> {
    index: [Option<Published>; 2],
    rank: [Option<usize>; 2],
    band: [Option<usize>; 2],
    change: Option<Ratio>,
    parts: Option<&'a Parts>,
}
