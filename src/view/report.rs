//! The report of a round: rankings, pictures, common gaps, analyses, and a part for each entity,
//! category and service.

mod parts;
mod site;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

pub use self::site::Site;
use super::ranking::Rankings;
use super::{Speech, heading};
use crate::document::{Block, Cell, Chart, Column, Document, Shape, Table};
use crate::engine::rank::{EntityResult, Results, ServiceResult};
use crate::engine::score::{Scorer, State};
use crate::framework::Framework;
use crate::id::{Node, ParameterIndex, ServiceIndex};
use crate::number::{Half, Published, Ratio, UNIT};
use crate::read::answers::Stage;
use crate::read::round::Said;
use crate::round::Round;

/// Gaps shown of each service.
const GAPS: usize = 10;
/// Gaps shown of the whole.
const COMMON_GAPS: usize = 25;

/// For whom a report is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: no answers, no evidence, comments, notes or evaluators, no word on why an answer does
    /// not count.
    Public,
    /// Those who assess.
    Internal,
    /// One body, by its id: its own services alone, with what is said to it.
    Entity(String),
}

impl Audience {
    /// What it is called on the command line.
    pub fn name(&self) -> String {
        match self {
            Self::Public => "public".to_owned(),
            Self::Internal => "internal".to_owned(),
            Self::Entity(id) => format!("entity:{id}"),
        }
    }
}

/// How much of each service and entity a report has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A part for each, with every score: a page draws them when they are opened.
    Whole,
    /// A part for each, with its profile and gaps.
    Gaps,
    /// No parts, but one table of everybody's gaps: a workbook of 600 sheets is none that anyone opens.
    Tables,
}

/// What a report is made of.
pub struct Report<'a> {
    /// Scores of single answers.
    pub scorer: &'a Scorer<'a>,
    /// Results of the whole round.
    pub results: &'a Results,
    /// The languages.
    pub speech: &'a Speech,
    /// For whom it is.
    pub audience: &'a Audience,
    /// How much it has.
    pub extent: Extent,
    /// The stages of the round.
    pub stages: &'a [Stage],
    /// What the answer files say of each subject (whether an entity, and its id); nothing for everybody.
    pub trail: HashMap<(bool, &'a str), Vec<&'a Said>>,
    /// Analyses, each a list of blocks that begins with a heading.
    pub analyses: Vec<Vec<Block>>,
}

/// What a service loses by a parameter, in the index of a service to which everything applies.
struct Gap {
    parameter: ParameterIndex,
    state: State,
    /// Billionths of a score.
    units: u64,
    /// Points of the index.
    cost: Published,
}

/// The gaps of services, those that cost most first.
type Gaps = HashMap<ServiceIndex, Vec<Gap>>;

/// What an audience may see of what the answer files say, by subject.
pub fn trail_for<'a>(audience: &Audience, said: &'a [Said]) -> HashMap<(bool, &'a str), Vec<&'a Said>> {
    let mut trail: HashMap<(bool, &str), Vec<&Said>> = HashMap::new();
    if *audience != Audience::Public {
        for said in said {
            trail.entry((said.of_entity, &said.subject)).or_default().push(said);
        }
    }
    trail
}

/// An analysis as a section of a report: its title stands before those of its parts, and its first table
/// is drawn.
pub fn section(title: &str, drawn: Option<Chart>, analysis: Document) -> Vec<Block> {
    let named = |block| match block {
        Block::Heading(words) => Block::Heading(format!("{title}: {words}")),
        block => block,
    };
    let head = [Block::Heading(title.to_owned())].into_iter().chain(drawn.map(Block::Chart));
    head.chain(analysis.blocks.into_iter().map(named)).collect()
}

/// Of blocks about many services those tables, and the pictures of them, that are about these.
fn about(blocks: &[Block], services: &HashSet<&str>) -> Vec<Block> {
    let own =
        |row: &Vec<Cell>, at: usize| matches!(&row[at], Cell::Text(id) if services.contains(id.as_str()));
    let Some(table) = blocks.iter().find_map(|block| match block {
        Block::Table(table) if table.name == "services" => Some(table),
        Block::Heading(_) | Block::Part { .. } | Block::Paragraph(_) | Block::Table(_) | Block::Chart(_) => {
            None
        }
    }) else {
        return Vec::new();
    };
    let at = table.columns.iter().position(|column| column.key == "service");
    let rows = table.rows.iter().filter(|row| at.is_some_and(|at| own(row, at))).cloned();
    let table = Table { rows: rows.collect(), ..table.clone() };
    if table.rows.is_empty() {
        return Vec::new();
    }
    let drawn = |block: &&Block| match block {
        Block::Chart(chart) => chart.of == table.name,
        Block::Heading(_) => true,
        Block::Part { .. } | Block::Paragraph(_) | Block::Table(_) => false,
    };
    let mut kept: Vec<Block> = blocks.iter().take(2).filter(drawn).cloned().collect();
    kept.push(Block::Table(table));
    kept
}

impl Report<'_> {
    fn framework(&self) -> &Framework {
        self.scorer.framework()
    }

    fn round(&self) -> &Round {
        self.scorer.round()
    }

    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    fn heading(&self, key: &'static str) -> Block {
        Block::Heading(self.speech.say(key).to_owned())
    }

    fn rankings(&self) -> Rankings<'_> {
        let (framework, round) = (self.framework(), self.round());
        Rankings { framework, round, results: self.results, speech: self.speech }
    }

    fn is_of_one(&self) -> bool {
        match self.audience {
            Audience::Public | Audience::Internal => false,
            Audience::Entity(_) => true,
        }
    }

    fn is_shown(&self, service: ServiceIndex) -> bool {
        let entity = self.round().service(service).entity.map(|entity| self.round().entity(entity));
        match self.audience {
            Audience::Public | Audience::Internal => true,
            Audience::Entity(id) => entity.is_some_and(|entity| entity.id == *id),
        }
    }

    fn services(&self) -> impl Iterator<Item = &ServiceResult> {
        self.results.ranked().filter(|result| self.is_shown(result.service))
    }

    fn entities(&self) -> impl Iterator<Item = &EntityResult> {
        self.results.entities.iter().filter(|result| match self.audience {
            Audience::Public | Audience::Internal => true,
            Audience::Entity(id) => self.round().entity(result.entity).id == *id,
        })
    }

    /// The whole report.
    pub fn document(&self) -> Document {
        let gaps = self.all_gaps(self.services());
        let mut blocks = self.summary();
        blocks.extend(self.ranking(self.services()));
        blocks.extend(self.means());
        blocks.extend(self.overview(&gaps));
        let own: HashSet<&str> = self.services().map(|result| self.id(result.service)).collect();
        for analysis in &self.analyses {
            blocks.extend(if self.is_of_one() { about(analysis, &own) } else { analysis.clone() });
        }
        match self.extent {
            Extent::Tables => {
                blocks.extend([self.heading("plan_actions"), Block::Table(self.actions(&gaps))])
            }
            Extent::Whole | Extent::Gaps => {
                self.add_entities(&mut blocks);
                self.add_categories(&mut blocks);
                self.add_services(self.services(), &gaps, &mut blocks);
            }
        }
        blocks.extend(self.method());
        self.titled(heading(self.framework(), self.round(), self.speech), blocks)
    }

    fn titled(&self, title: String, blocks: Vec<Block>) -> Document {
        Document { schema: "asan-index/report/1", title, facts: self.rankings().facts(), blocks }
    }

    fn id(&self, service: ServiceIndex) -> &str {
        &self.round().service(service).id
    }

    fn summary(&self) -> Vec<Block> {
        let whole = (!self.is_of_one()).then(|| Block::Paragraph(self.rankings().summary()));
        whole.into_iter().collect()
    }

    /// The ranking of some services, and its heat map.
    fn ranking<'r>(&self, services: impl IntoIterator<Item = &'r ServiceResult>) -> Vec<Block> {
        let shape = Shape::Heat { after: "applicable" };
        let chart = Chart { of: "ranking", label: "title", shape, most: None };
        let table = Block::Table(self.rankings().services(services));
        vec![self.heading("ranking"), table, self.heading("heat_map"), Block::Chart(chart)]
    }

    /// The rankings of entities and categories.
    fn means(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        if self.entities().next().is_some() {
            let shape = Shape::Heat { after: "band" };
            blocks.push(self.heading("entity_ranking"));
            blocks.push(Block::Table(self.rankings().entities(self.entities())));
            blocks.push(Block::Chart(Chart { of: "entity-ranking", label: "title", shape, most: None }));
        }
        if !self.is_of_one() {
            let categories = self.rankings().means("categories", "category", &self.results.categories);
            blocks.extend([self.heading("category_ranking"), Block::Table(categories)]);
        }
        blocks
    }

    /// How indexes are distributed, and where most index is lost.
    fn overview(&self, gaps: &Gaps) -> Vec<Block> {
        let bars = |of, label, to| {
            Block::Chart(Chart { of, label, shape: Shape::Bar { from: None, to, mark: None }, most: None })
        };
        vec![
            self.heading("distribution"),
            bars("distribution", "index", "services"),
            Block::Table(self.distribution()),
            self.heading("common_gaps"),
            Block::Paragraph(self.speech.say("gap_note").to_owned()),
            bars("gaps", "title", "index_loss"),
            Block::Table(self.common_gaps(gaps)),
        ]
    }

    fn method(&self) -> Vec<Block> {
        let framework = self.framework();
        let (id, version, hash) = (&framework.id, &framework.version, &framework.hash);
        vec![
            self.heading("method"),
            Block::Paragraph(self.rankings().policies()),
            Block::Paragraph(format!("{} {id} {version}, SHA-256 {hash}", self.speech.say("framework"))),
        ]
    }

    /// How many indexes lie in each tenth.
    fn distribution(&self) -> Table {
        let mut counts = [0_usize; 10];
        for index in self.services().filter_map(ServiceResult::index) {
            let tenth = index.units() / (10 * 10_i64.pow(index.decimals()));
            counts[usize::try_from(tenth).unwrap_or(0).min(9)] += 1;
        }
        let row = |(at, count): (usize, &usize)| {
            let name =
                if at == 9 { "90 – 100".to_owned() } else { format!("{} – <{}", at * 10, at * 10 + 10) };
            vec![Cell::Text(name), Cell::Count(*count)]
        };
        let columns = vec![self.column("index"), self.column("services")];
        Table { name: "distribution", columns, rows: counts.iter().enumerate().map(row).collect() }
    }

    fn all_gaps<'r>(&self, services: impl IntoIterator<Item = &'r ServiceResult>) -> Gaps {
        let parameters = (0..self.framework().parameters.len()).map(ParameterIndex::new);
        let shares: Vec<Ratio> =
            parameters.map(|at| self.framework().nominal_share(Node::Parameter(at))).collect();
        let rated = services.into_iter().filter(|result| !result.held_out);
        rated.map(|result| (result.service, self.gaps(result.service, &shares))).collect()
    }

    /// The gaps of a service, those that cost most first; `shares` are the weights of parameters.
    fn gaps(&self, service: ServiceIndex, shares: &[Ratio]) -> Vec<Gap> {
        let outcomes = self.scorer.outcomes(service);
        let gap = |at: usize| {
            let parameter = ParameterIndex::new(at);
            let best = self.framework().scale(parameter).best().units();
            let score = outcomes[at].score?.units();
            let units = u64::from(best.saturating_sub(score));
            let cost = || loss(&shares[at], units, 1);
            (units > 0).then(|| Gap { parameter, state: outcomes[at].state, units, cost: cost() })
        };
        let mut gaps: Vec<Gap> = (0..outcomes.len()).filter_map(gap).collect();
        gaps.sort_by_key(|gap| (Reverse(gap.cost), gap.parameter));
        gaps
    }

    fn common_gaps(&self, gaps: &Gaps) -> Table {
        let mut sums = vec![(0_u64, 0_usize); self.framework().parameters.len()];
        for gap in gaps.values().flatten() {
            let sum = &mut sums[gap.parameter.get()];
            *sum = (sum.0 + gap.units, sum.1 + 1);
        }
        let with_gap = sums.iter().enumerate().filter(|(_, (_, services))| *services > 0);
        let mut list: Vec<(Published, usize, ParameterIndex)> = with_gap
            .map(|(at, (units, services))| {
                let parameter = ParameterIndex::new(at);
                let share = self.framework().nominal_share(Node::Parameter(parameter));
                (loss(&share, *units, gaps.len()), *services, parameter)
            })
            .collect();
        list.sort_by_key(|(loss, _, parameter)| (Reverse(*loss), *parameter));
        let columns =
            ["id", "title", "index_loss", "services", "action"].map(|key| self.column(key)).to_vec();
        let row = |(loss, services, parameter): &(Published, usize, ParameterIndex)| {
            let mut row = self.named(*parameter);
            row.extend([Cell::Figure(*loss), Cell::Count(*services), self.action(*parameter)]);
            row
        };
        Table { name: "gaps", columns, rows: list.iter().take(COMMON_GAPS).map(row).collect() }
    }

    /// The gaps of every service that cost it most, in one table.
    fn actions(&self, gaps: &Gaps) -> Table {
        let columns =
            ["service", "parameter", "title", "index_loss", "action"].map(|key| self.column(key)).to_vec();
        let rows = self.services().flat_map(|result| {
            let own = gaps.get(&result.service).map_or(&[][..], Vec::as_slice);
            own.iter().take(GAPS).map(|gap| {
                let mut row = vec![Cell::Text(self.id(result.service).to_owned())];
                row.extend(self.named(gap.parameter));
                row.extend([Cell::Figure(gap.cost), self.action(gap.parameter)]);
                row
            })
        });
        Table { name: "actions", columns, rows: rows.collect() }
    }

    fn named(&self, parameter: ParameterIndex) -> Vec<Cell> {
        let definition = self.framework().parameter(parameter);
        let title = definition.title.get(&self.speech.texts).to_owned();
        vec![Cell::Text(definition.id.clone()), Cell::Text(title)]
    }

    fn action(&self, parameter: ParameterIndex) -> Cell {
        let advice = self.framework().parameter(parameter).advice.as_ref();
        let action = advice.and_then(|advice| advice.action.as_ref());
        action.map_or(Cell::Blank, |action| Cell::Text(action.get(&self.speech.texts).to_owned()))
    }
}

/// The part of the index that missing billionths of a score cost, as a mean over so many services.
fn loss(share: &Ratio, units: u64, services: usize) -> Published {
    let whole = Ratio::new((UNIT as usize * services.max(1)).into(), 1.into());
    let loss = share.scaled(units).over(&whole).unwrap_or_else(Ratio::zero);
    Published::from_ratio(&loss, 2, Half::Up)
}
