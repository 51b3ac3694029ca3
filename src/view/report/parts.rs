//! The parts of a report about one entity, category or service.

use super::{Audience, Extent, GAPS, Gap, Gaps, Report};
use crate::document::{Block, Cell, Chart, Shape, Table};
use crate::engine::rank::{EntityResult, Mean, ServiceResult};
use crate::engine::score::{State, Values, parameter_figure};
use crate::framework::Children;
use crate::id::{GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::Published;
use crate::read::round::Said;
use crate::scale::Answer;

impl Report<'_> {
    /// A part for each entity, by name.
    pub(super) fn add_entities(&self, blocks: &mut Vec<Block>) {
        let mut list: Vec<&EntityResult> = self.entities().collect();
        if list.is_empty() {
            return;
        }
        let title = |result: &EntityResult| self.round().entity(result.entity).title.get(&self.speech.texts);
        list.sort_by_cached_key(|result| self.speech.program.alphabetical(title(result)));
        blocks.push(self.heading("each_entity"));
        for result in list {
            let id = self.round().entity(result.entity).id.clone();
            blocks.push(Block::Part { kind: "entity", id, title: title(result).to_owned() });
            blocks.extend(self.entity(result));
        }
    }

    /// What is said of one entity.
    pub(super) fn entity(&self, result: &EntityResult) -> Vec<Block> {
        let entity = self.round().entity(result.entity);
        let own = |of: &&ServiceResult| self.round().service(of.service).entity == Some(result.entity);
        let services = self.results.ranked().filter(own);
        let band = result.band.map(|at| self.framework().bands[at].id.clone());
        let category = self.framework().category_title(&entity.category, &self.speech.texts);
        let facts = [
            ("category", Some(category.to_owned()).filter(|title| !title.is_empty())),
            ("rank", result.rank.map(|rank| rank.to_string())),
            ("index", self.figure(result.mean.index)),
            ("band", band),
        ];
        let mut blocks = vec![self.facts(facts)];
        blocks.extend(self.profile(result.mean.index, &result.mean.groups));
        blocks.push(Block::Table(self.rankings().services(services)));
        blocks.extend(self.said(true, &entity.id));
        blocks
    }

    /// A part for each category, where there are any.
    pub(super) fn add_categories(&self, blocks: &mut Vec<Block>) {
        let is_divided = self.results.categories.iter().any(|(id, _)| !id.is_empty());
        if self.is_of_one() || !is_divided {
            return;
        }
        blocks.push(self.heading("each_category"));
        for (id, mean) in &self.results.categories {
            let title = self.framework().category_title(id, &self.speech.texts).to_owned();
            blocks.push(Block::Part { kind: "category", id: id.clone(), title });
            blocks.extend(self.category(mean));
        }
    }

    fn category(&self, mean: &Mean) -> Vec<Block> {
        let services = Some(mean.services.to_string());
        let mut blocks = vec![self.facts([("services", services), ("index", self.figure(mean.index))])];
        blocks.extend(self.profile(mean.index, &mean.groups));
        blocks
    }

    /// A part for each of some services, by name.
    pub(super) fn add_services<'r>(
        &self,
        services: impl IntoIterator<Item = &'r ServiceResult>,
        gaps: &Gaps,
        blocks: &mut Vec<Block>,
    ) {
        let mut list: Vec<&ServiceResult> = services.into_iter().collect();
        let title = |result: &ServiceResult| self.round().service(result.service).title(&self.speech.texts);
        list.sort_by_cached_key(|result| self.speech.program.alphabetical(title(result)));
        blocks.push(self.heading("each_service"));
        for result in list {
            let id = self.id(result.service).to_owned();
            blocks.push(Block::Part { kind: "service", id, title: title(result).to_owned() });
            let own = gaps.get(&result.service).map_or(&[][..], Vec::as_slice);
            blocks.extend(self.service(result, own));
        }
    }

    fn service(&self, result: &ServiceResult, gaps: &[Gap]) -> Vec<Block> {
        let figures = result.figures.as_ref();
        let entity = self.round().service(result.service).entity.map(|at| self.round().entity(at));
        let band = figures.and_then(|figures| figures.band());
        let counts = figures.map(|figures| (figures.answered, figures.applicable));
        let facts = [
            ("entity", entity.map(|entity| entity.title.get(&self.speech.texts).to_owned())),
            ("rank", self.results.rank(result.service).map(|rank| rank.to_string())),
            ("index", self.figure(result.index())),
            ("band", band.map(|at| self.framework().bands[at].id.clone())),
            ("answered", counts.map(|(answered, applicable)| format!("{answered} / {applicable}"))),
            ("state", result.held_out.then(|| self.speech.say("held_out").to_owned())),
        ];
        let mut blocks = vec![self.facts(facts)];
        let Some(figures) = figures else { return blocks };
        blocks.extend(self.profile(figures.index, &figures.groups));
        if !gaps.is_empty() {
            blocks.push(Block::Table(self.own_gaps(gaps)));
        }
        if self.extent == Extent::Whole {
            blocks.push(Block::Table(self.scores(result.service)));
            blocks.extend(self.said(false, self.id(result.service)));
        }
        blocks
    }

    /// Facts in a line, those that there are.
    fn facts<const N: usize>(&self, facts: [(&'static str, Option<String>); N]) -> Block {
        let known = facts.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let words: Vec<String> =
            known.map(|(key, value)| format!("{}: {value}", self.speech.say(key))).collect();
        Block::Paragraph(words.join("; "))
    }

    fn figure(&self, figure: Option<Published>) -> Option<String> {
        figure.map(|figure| self.speech.decimal(&figure.to_string()))
    }

    /// Scores beside the means of all, drawn and as a table.
    fn profile(&self, index: Option<Published>, groups: &[Option<Published>]) -> [Block; 2] {
        let row = |id: Cell, title: &str, figures: [Option<Published>; 2]| {
            let [score, mean] = figures.map(Cell::figure);
            vec![id, Cell::Text(title.to_owned()), score, mean]
        };
        let whole = &self.results.whole;
        let mut rows = vec![row(Cell::Blank, self.speech.say("index"), [index, whole.index])];
        for (at, group) in self.framework().top_groups().iter().enumerate() {
            let group = self.framework().group(*group);
            let of = |groups: &[Option<Published>]| groups.get(at).copied().flatten();
            let title = group.title.get(&self.speech.texts);
            rows.push(row(Cell::Text(group.id.clone()), title, [of(groups), of(&whole.groups)]));
        }
        let columns = ["id", "title", "score", "mean"].map(|key| self.column(key)).to_vec();
        let shape = Shape::Bar { from: None, to: "score", mark: Some("mean") };
        let chart = Chart { of: "profile", label: "title", shape, most: Some(100) };
        [Block::Chart(chart), Block::Table(Table { name: "profile", columns, rows })]
    }

    fn own_gaps(&self, gaps: &[Gap]) -> Table {
        let internal = *self.audience != Audience::Public;
        let mut columns = ["id", "title", "index_loss", "action"].map(|key| self.column(key)).to_vec();
        if internal {
            columns.push(self.column("state"));
        }
        let row = |gap: &Gap| {
            let mut row = self.named(gap.parameter);
            row.extend([Cell::Figure(gap.cost), self.action(gap.parameter)]);
            if internal {
                row.push(self.state(gap.state));
            }
            row
        };
        Table { name: "gaps", columns, rows: gaps.iter().take(GAPS).map(row).collect() }
    }

    fn state(&self, state: State) -> Cell {
        let key = match state {
            State::Scored => "state_scored",
            State::Missing => "state_missing",
            State::NotApplicable => "state_not_applicable",
            State::Void => "state_void",
            State::Implied => "state_implied",
        };
        Cell::Text(self.speech.say(key).to_owned())
    }

    /// Every score of a service, group by group; answers and states for those who assess and the body.
    fn scores(&self, service: ServiceIndex) -> Table {
        let values = self.scorer.service(service);
        let mut columns = ["id", "title", "score"].map(|key| self.column(key)).to_vec();
        if *self.audience != Audience::Public {
            columns.extend(["answer", "state"].map(|key| self.column(key)));
        }
        let mut rows = Vec::new();
        self.add_scores(GroupIndex::ROOT, service, &values, &mut rows);
        Table { name: "scores", columns, rows }
    }

    fn add_scores(
        &self,
        group: GroupIndex,
        service: ServiceIndex,
        values: &Values<'_>,
        rows: &mut Vec<Vec<Cell>>,
    ) {
        let depth = self.framework().group(group).depth;
        let is_public = *self.audience == Audience::Public;
        match &self.framework().group(group).children {
            Children::Groups(children) => {
                for child in children {
                    let group = self.framework().group(*child);
                    let title = group.title.get(&self.speech.texts).to_owned();
                    let id = Cell::Nested(group.id.clone(), depth);
                    let mut row = vec![id, Cell::Text(title), Cell::figure(values.published(*child))];
                    row.resize(if is_public { 3 } else { 5 }, Cell::Blank);
                    rows.push(row);
                    self.add_scores(*child, service, values, rows);
                }
            }
            Children::Parameters => {
                let policy = &self.framework().policy;
                for at in self.framework().group(group).parameters.clone() {
                    let (parameter, outcome) = (ParameterIndex::new(at), values.outcomes()[at]);
                    let score = outcome.score;
                    let score = score.map(|score| parameter_figure(score, policy.decimals, policy.half));
                    let definition = self.framework().parameter(parameter);
                    let title = definition.title.get(&self.speech.texts).to_owned();
                    let id = Cell::Nested(definition.id.clone(), depth);
                    let mut row = vec![id, Cell::Text(title), Cell::figure(score)];
                    if !is_public {
                        let state = match outcome.state {
                            State::Scored => Cell::Blank,
                            state => self.state(state),
                        };
                        row.extend([self.answer(service, parameter), state]);
                    }
                    rows.push(row);
                }
            }
        }
    }

    /// What counts as answered, in words where its scale has them.
    fn answer(&self, service: ServiceIndex, parameter: ParameterIndex) -> Cell {
        let Some(response) = self.round().answers.get(service, parameter).response else {
            return Cell::Blank;
        };
        let scale = self.framework().scale(parameter);
        let words = |answer: &Answer| {
            let title = match answer {
                Answer::Choice(at) => scale.options().get(*at).and_then(|choice| choice.title.as_ref()),
                Answer::Number(_) | Answer::Multiple(_) | Answer::NotApplicable => None,
            };
            let written = || scale.write(answer, &self.framework().words);
            title.map_or_else(written, |title| title.get(&self.speech.texts).to_owned())
        };
        Cell::Text(response.iter().map(words).collect::<Vec<_>>().join(" / "))
    }

    /// What the answer files say beside answers, row by row: what an audience may see of it.
    fn said(&self, of_entity: bool, subject: &str) -> Option<Block> {
        let internal = *self.audience == Audience::Internal;
        let mut keys = vec!["parameter", "stage", "evidence", "comment", "reason"];
        if internal {
            keys.extend(["note", "evaluator"]);
        }
        let says = |said: &&&Said| {
            let words = [&said.evidence, &said.comment, &said.reason];
            let more = [&said.note, &said.evaluator];
            words.iter().chain(more.iter().filter(|_| internal)).any(|words| !words.is_empty())
        };
        let text = |words: &str| if words.is_empty() { Cell::Blank } else { Cell::Text(words.to_owned()) };
        let row = |said: &&Said| {
            let stage = self.stages.get(said.stage).map_or("", |stage| stage.id.as_str());
            let id = &self.framework().parameter(said.parameter).id;
            let mut row = [id, stage, &said.evidence, &said.comment, &said.reason].map(text).to_vec();
            if internal {
                row.extend([text(&said.note), text(&said.evaluator)]);
            }
            row
        };
        let said = self.trail.get(&(of_entity, subject))?;
        let mut said: Vec<&Said> = said.iter().filter(says).copied().collect();
        said.sort_by_key(|said| (said.parameter, said.stage));
        let rows: Vec<Vec<Cell>> = said.iter().map(row).collect();
        let columns = keys.into_iter().map(|key| self.column(key)).collect();
        let table = Table { name: "trail", columns, rows }.without_blank_columns();
        (!table.rows.is_empty()).then_some(Block::Table(table))
    }
}
