//! The report of a round: rankings, distribution, common gaps, a part for each entity and service.

use std::cmp::Reverse;

use super::ranking::Rankings;
use super::{Speech, heading};
use crate::document::{Block, Cell, Column, Document, Table};
use crate::engine::rank::{EntityResult, Results, ServiceResult};
use crate::engine::score::{Scorer, State};
use crate::framework::Framework;
use crate::id::{Node, ParameterIndex, ServiceIndex};
use crate::number::{Half, Published, Ratio, UNIT};
use crate::round::Round;

/// Gaps shown of each service.
const GAPS: usize = 5;
/// Gaps shown of the whole.
const COMMON_GAPS: usize = 25;

/// For whom a report is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: no word on why an answer does not count.
    Public,
    /// Those who assess.
    Internal,
    /// One body, by its id: its own services alone.
    Entity(String),
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
    /// Whether services and entities have parts of their own.
    pub parts: bool,
}

/// What a service loses by a parameter, in the index of a service to which everything applies.
struct Gap {
    parameter: ParameterIndex,
    state: State,
    units: u64,
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

    fn rankings(&self) -> Rankings<'_> {
        let (framework, round) = (self.framework(), self.round());
        Rankings { framework, round, results: self.results, speech: self.speech }
    }

    fn is_shown(&self, service: ServiceIndex) -> bool {
        let entity = self.round().service(service).entity.map(|entity| self.round().entity(entity));
        match self.audience {
            Audience::Public | Audience::Internal => true,
            Audience::Entity(id) => entity.is_some_and(|entity| entity.id == *id),
        }
    }

    fn services(&self) -> impl Iterator<Item = &ServiceResult> {
        self.results.services.iter().filter(|result| self.is_shown(result.service))
    }

    fn entities(&self) -> impl Iterator<Item = &EntityResult> {
        self.results.entities.iter().filter(|result| match self.audience {
            Audience::Public | Audience::Internal => true,
            Audience::Entity(id) => self.round().entity(result.entity).id == *id,
        })
    }

    /// The report.
    pub fn document(&self) -> Document {
        let rankings = self.rankings();
        let say = |key| Block::Heading(self.speech.say(key).to_owned());
        let mut blocks = Vec::new();
        if matches!(self.audience, Audience::Public | Audience::Internal) {
            blocks.push(Block::Paragraph(rankings.summary()));
        }
        blocks.extend([say("ranking"), Block::Table(rankings.services(self.services()))]);
        if self.entities().next().is_some() {
            blocks.extend([say("entity_ranking"), Block::Table(rankings.entities(self.entities()))]);
        }
        if matches!(self.audience, Audience::Public | Audience::Internal) {
            let categories = rankings.means("categories", "category", &self.results.categories);
            blocks.extend([say("category_ranking"), Block::Table(categories)]);
        }
        blocks.extend([say("distribution"), Block::Table(self.distribution())]);
        let gaps: Vec<(ServiceIndex, Vec<Gap>)> = self
            .services()
            .filter(|result| !result.held_out)
            .map(|result| (result.service, self.gaps(result.service)))
            .collect();
        blocks.extend([say("common_gaps"), Block::Paragraph(self.speech.say("gap_note").to_owned())]);
        blocks.push(Block::Table(self.common_gaps(&gaps)));
        if self.parts {
            self.add_parts(&gaps, &mut blocks);
        }
        blocks.extend([say("method"), Block::Paragraph(rankings.policies())]);
        blocks.push(Block::Paragraph(format!(
            "{} {} {}, SHA-256 {}",
            self.speech.say("framework"),
            self.framework().id,
            self.framework().version,
            self.framework().hash
        )));
        Document {
            schema: "asan-index/report/1",
            title: heading(self.framework(), self.round(), self.speech),
            facts: rankings.facts(),
            blocks,
        }
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

    /// The gaps of a service, those that cost most first.
    fn gaps(&self, service: ServiceIndex) -> Vec<Gap> {
        let outcomes = self.scorer.outcomes(service);
        let gap = |at: usize| {
            let parameter = ParameterIndex::new(at);
            let best = self.framework().scale(parameter).best().units();
            let score = outcomes[at].score?.units();
            let units = u64::from(best.saturating_sub(score));
            (units > 0).then_some(Gap { parameter, state: outcomes[at].state, units })
        };
        let mut gaps: Vec<Gap> = (0..outcomes.len()).filter_map(gap).collect();
        gaps.sort_by_cached_key(|gap| (Reverse(self.loss(gap.parameter, gap.units, 1)), gap.parameter));
        gaps
    }

    /// The share of the index that missing billionths of a score cost, as a mean over so many services.
    fn loss(&self, parameter: ParameterIndex, units: u64, services: usize) -> Published {
        let share = self.framework().nominal_share(Node::Parameter(parameter)).scaled(units);
        let whole = Ratio::new((UNIT as usize * services.max(1)).into(), 1.into());
        let loss = share.over(&whole).unwrap_or_else(Ratio::zero);
        Published::from_ratio(&loss, 2, Half::Up)
    }

    fn common_gaps(&self, gaps: &[(ServiceIndex, Vec<Gap>)]) -> Table {
        let mut sums = vec![(0_u64, 0_usize); self.framework().parameters.len()];
        for gap in gaps.iter().flat_map(|(_, gaps)| gaps) {
            let sum = &mut sums[gap.parameter.get()];
            *sum = (sum.0 + gap.units, sum.1 + 1);
        }
        let with_gap = sums.iter().enumerate().filter(|(_, (_, services))| *services > 0);
        let mut list: Vec<(Published, usize, ParameterIndex)> = with_gap
            .map(|(at, (units, services))| {
                let parameter = ParameterIndex::new(at);
                (self.loss(parameter, *units, gaps.len()), *services, parameter)
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

    fn add_parts(&self, gaps: &[(ServiceIndex, Vec<Gap>)], blocks: &mut Vec<Block>) {
        if self.entities().next().is_some() {
            blocks.push(Block::Heading(self.speech.say("each_entity").to_owned()));
        }
        for result in self.entities() {
            let entity = self.round().entity(result.entity);
            let title = entity.title.get(&self.speech.texts).to_owned();
            blocks.push(Block::Part { id: entity.id.clone(), title });
            let own = |of: &&ServiceResult| self.round().service(of.service).entity == Some(result.entity);
            let services = self.results.services.iter().filter(own);
            blocks.push(Block::Table(self.rankings().services(services)));
        }
        blocks.push(Block::Heading(self.speech.say("each_service").to_owned()));
        let mut found = gaps.iter().peekable();
        for result in self.services() {
            let service = self.round().service(result.service);
            let title = service.title.get(&self.speech.texts).to_owned();
            blocks.push(Block::Part { id: service.id.clone(), title });
            blocks.push(Block::Table(self.profile(result)));
            let own = found.next_if(|(service, _)| *service == result.service);
            let own = own.map_or(&[][..], |(_, gaps)| gaps);
            if !own.is_empty() {
                blocks.push(Block::Table(self.own_gaps(own)));
            }
        }
    }

    /// A service's scores beside the means of all.
    fn profile(&self, result: &ServiceResult) -> Table {
        let figures = result.figures.as_ref();
        let index = vec![
            Cell::Text(self.speech.say("index").to_owned()),
            Cell::Blank,
            Cell::figure(result.index()),
            Cell::figure(self.results.whole.index),
        ];
        let mut rows = vec![index];
        for (at, group) in self.framework().top_groups().iter().enumerate() {
            let group = self.framework().group(*group);
            rows.push(vec![
                Cell::Text(group.id.clone()),
                Cell::Text(group.title.get(&self.speech.texts).to_owned()),
                Cell::figure(figures.and_then(|figures| figures.groups.get(at).copied().flatten())),
                Cell::figure(self.results.whole.groups.get(at).copied().flatten()),
            ]);
        }
        let columns = ["id", "title", "score", "mean"].map(|key| self.column(key)).to_vec();
        Table { name: "profile", columns, rows }
    }

    fn own_gaps(&self, gaps: &[Gap]) -> Table {
        let internal = *self.audience != Audience::Public;
        let mut columns = ["id", "title", "index_loss", "action"].map(|key| self.column(key)).to_vec();
        if internal {
            columns.push(self.column("state"));
        }
        let row = |gap: &Gap| {
            let mut row = self.named(gap.parameter);
            row.extend([Cell::Figure(self.loss(gap.parameter, gap.units, 1)), self.action(gap.parameter)]);
            if internal {
                row.push(Cell::Text(self.speech.say(state_key(gap.state)).to_owned()));
            }
            row
        };
        Table { name: "gaps", columns, rows: gaps.iter().take(GAPS).map(row).collect() }
    }
}

fn state_key(state: State) -> &'static str {
    match state {
        State::Scored => "state_scored",
        State::Missing => "state_missing",
        State::NotApplicable => "state_not_applicable",
        State::Void => "state_void",
        State::Implied => "state_implied",
    }
}
