//! Why a service has its index: its tree with weights, answers and contributions; its gaps; what was
//! said on the way; and one parameter over all services.

use rust_decimal::Decimal;

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::explain::Standing;
use crate::engine::rank::{Results, ServiceResult};
use crate::engine::score::{Outcome, Scorer, State, parameter_figure};
use crate::framework::{Children, Framework};
use crate::id::{GroupIndex, Node, ParameterIndex, ServiceIndex};
use crate::number::{Half, Published, Quantity, Ratio};
use crate::read::answers::Stage;
use crate::read::round::Said;
use crate::round::Round;
use crate::scale::{Answer, Entry, NumberScale, ScaleKind};
use crate::text::Text;

/// Places of a shown effective weight.
const WEIGHT_DECIMALS: u32 = 3;

/// What explanations are made of.
pub struct Explanations<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// What was said, by stage.
    pub trail: &'a [Said],
    /// The stages of the round.
    pub stages: &'a [Stage],
    /// The languages.
    pub speech: &'a Speech,
}

/// What of a service is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The tree, from a node down.
    Tree(Node),
    /// The gaps, by gain.
    Gaps,
}

impl Explanations<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    /// The document about one service; `before` has the results without the answers that are put in.
    pub fn service(
        &self,
        standing: &Standing<'_>,
        part: Part,
        results: &Results,
        before: Option<&Results>,
    ) -> Document {
        let service = self.round.service(standing.service());
        let result = results.of(standing.service());
        let mut blocks = Vec::new();
        if let Some(before) = before {
            blocks.push(Block::Heading(self.speech.say("what_if").to_owned()));
            blocks.push(Block::Table(self.what_if(standing.service(), before, results)));
        }
        match part {
            Part::Tree(from) => self.tree_blocks(standing, from, &mut blocks),
            Part::Gaps => {
                blocks.push(Block::Paragraph(self.speech.say("gains_note").to_owned()));
                blocks.push(Block::Heading(self.speech.say("gaps").to_owned()));
                blocks.push(Block::Table(self.gaps(standing)));
            }
        }
        let title = service.title(&self.speech.texts);
        let text = |text: &str| Fact::Value(Cell::Text(text.to_owned()));
        Document {
            schema: "asan-index/explain/1",
            title: format!("{title} ({}). {}", service.id, heading(self.framework, self.round, self.speech)),
            facts: vec![
                ("framework", text(&self.framework.id)),
                ("round", text(&self.round.id)),
                ("service", text(&service.id)),
                ("index", Fact::Value(Cell::figure(result.index()))),
                ("rank", Fact::Value(Cell::count(results.rank(standing.service())))),
                ("band", Fact::Value(self.band(result))),
            ],
            blocks,
        }
    }

    fn band(&self, result: &ServiceResult) -> Cell {
        let bands = &self.framework.bands;
        let band = result.figures.as_ref().and_then(|figures| figures.band());
        band.map_or(Cell::Blank, |at| Cell::Band(bands[at].id.clone(), at, bands.len()))
    }

    fn what_if(&self, service: ServiceIndex, before: &Results, after: &Results) -> Table {
        let columns =
            vec![Column::new("when", ""), self.column("index"), self.column("band"), self.column("rank")];
        let row = |key: &'static str, results: &Results| {
            let result = results.of(service);
            vec![
                Cell::Text(self.speech.say(key).to_owned()),
                Cell::figure(result.index()),
                self.band(result),
                Cell::count(results.rank(service)),
            ]
        };
        Table { name: "what-if", columns, rows: vec![row("before", before), row("after", after)] }
    }

    fn tree_blocks(&self, standing: &Standing<'_>, from: Node, blocks: &mut Vec<Block>) {
        let contributions = standing.contributions();
        let sum: Option<i64> =
            contributions.as_ref().map(|list| list.iter().map(|figure| figure.units()).sum());
        blocks.push(Block::Heading(self.speech.say("explained").to_owned()));
        blocks.push(Block::Table(self.tree(standing, from, contributions.as_deref())));
        if from == Node::Group(GroupIndex::ROOT) {
            let decimals = self.framework.policy.decimals;
            let words = match sum {
                Some(sum) => {
                    let sum = Published::from_units(sum, decimals).to_string();
                    self.speech.fill("adds_up", &[&sum])
                }
                None => self.speech.say("losses").to_owned(),
            };
            blocks.push(Block::Paragraph(words));
        } else if let Some((list, index)) = contributions.as_ref().zip(standing.published()) {
            let (id, below) = self.named(from);
            let units = list[below].iter().map(|figure| figure.units()).sum();
            let part = Published::from_units(units, index.decimals()).to_string();
            let words = self.speech.fill("adds_up_part", &[id, &part, &index.to_string()]);
            blocks.push(Block::Paragraph(words));
        }
        if let Node::Parameter(parameter) = from {
            blocks.push(Block::Heading(self.speech.say("in_full").to_owned()));
            blocks.push(Block::Table(self.in_full(standing, parameter, contributions.as_deref())));
        }
        blocks.push(Block::Heading(self.speech.say("trail").to_owned()));
        blocks.push(Block::Table(self.said(standing.service(), from)));
    }

    /// All there is to say of a parameter of a service, a line each.
    fn in_full(
        &self,
        standing: &Standing<'_>,
        at: ParameterIndex,
        contributions: Option<&[Published]>,
    ) -> Table {
        let (definition, service) = (self.framework.parameter(at), standing.service());
        let figure = |value: &Ratio| self.speech.decimal(&self.figure(value).to_string());
        let share = |share: &Ratio| {
            let share = Published::from_ratio(share, WEIGHT_DECIMALS, Half::Up).to_string();
            self.speech.decimal(&share)
        };
        let group = self.framework.group(definition.group);
        let siblings = self.framework.parameters[group.parameters.clone()].iter();
        let beside = siblings.map(|parameter| i128::from(parameter.weight.units())).sum();
        let beside = Decimal::from_i128_with_scale(beside, 9).normalize();
        let weights = [definition.weight.to_string(), beside.to_string(), group.id.clone()];
        let weight = self.speech.fill("weight_of", &weights.each_ref().map(String::as_str));
        let outcome = standing.outcomes()[at.get()];
        let words = |text: Option<&Text>| {
            text.map(|text| text.get(&self.speech.texts).to_owned()).unwrap_or_default()
        };
        let brought = match contributions {
            Some(list) => outcome.score.map(|_| list[at.get()].to_string()),
            None => standing.loss(at).map(|loss| self.figure(&loss).to_string()),
        };
        let closing = standing.has_gap(at).then(|| standing.closing(at));
        let best = closing.iter().flatten().map(|(changed, response)| {
            let scale = self.framework.scale(*changed);
            let written = response.iter().map(|answer| scale.write(answer, &self.framework.words));
            let written = written.collect::<Vec<_>>().join(" / ");
            format!("{}={written}", self.framework.parameter(*changed).id)
        });
        let best = best.collect::<Vec<_>>().join(", ");
        let lines: [(&'static str, String); 13] = [
            ("question", definition.question.get(&self.speech.texts).to_owned()),
            ("weight", weight),
            ("nominal_weight", share(&self.framework.nominal_share(Node::Parameter(at)))),
            (
                "effective_weight",
                standing.effective_weight(Node::Parameter(at)).map(share).unwrap_or_default(),
            ),
            ("answer", self.answer(service, at)),
            ("place", self.last_place(service, at)),
            ("evidence", self.evidence(service, at)),
            ("why", self.why(service, at, outcome)),
            ("score", outcome.score.map(|score| figure(&score.ratio())).unwrap_or_default()),
            (
                if contributions.is_some() { "contribution" } else { "loss" },
                brought.map(|brought| self.speech.decimal(&brought)).unwrap_or_default(),
            ),
            ("gain", closing.map(|changes| figure(&standing.gain(&changes))).unwrap_or_default()),
            ("target", best),
            ("action", words(definition.advice.as_ref().and_then(|advice| advice.action.as_ref()))),
        ];
        let row = |(key, value): (&'static str, String)| {
            vec![Cell::Word(key.to_owned(), self.speech.say(key).to_owned()), text(&value)]
        };
        let columns = vec![Column::new("what", ""), Column::new("value", "")];
        Table { name: "in_full", columns, rows: lines.into_iter().map(row).collect() }
    }

    /// A node's id, and the parameters below it.
    fn named(&self, node: Node) -> (&str, std::ops::Range<usize>) {
        match node {
            Node::Group(at) => (&self.framework.group(at).id, self.framework.group(at).parameters.clone()),
            Node::Parameter(at) => (&self.framework.parameter(at).id, at.get()..at.get() + 1),
        }
    }

    /// The tree: groups and parameters, each with its weights, answer, score, contribution and gain.
    fn tree(&self, standing: &Standing<'_>, from: Node, contributions: Option<&[Published]>) -> Table {
        let mut columns = vec![
            self.column("id"),
            self.column("title").place(ColumnPlace::IfRoom(4)),
            self.column("weight").place(ColumnPlace::IfRoom(7)),
            self.column("nominal_weight").place(ColumnPlace::IfRoom(8)),
            self.column("effective_weight").place(ColumnPlace::IfRoom(3)),
            self.column("answer").place(ColumnPlace::IfRoom(1)),
            self.column("score"),
            self.column("state").place(ColumnPlace::FilesOnly),
            self.column("why").place(ColumnPlace::IfRoom(5)),
            self.column("evidence").place(ColumnPlace::IfRoom(9)),
        ];
        columns.push(self.column(if contributions.is_some() { "contribution" } else { "loss" }));
        columns.push(self.column("gain"));
        columns.push(self.column("place").place(ColumnPlace::IfRoom(6)));
        let mut rows = Vec::new();
        self.walk(from, 0, &mut |node, depth| {
            rows.push(self.tree_row(standing, node, depth, contributions));
        });
        Table { name: "nodes", columns, rows }
    }

    fn walk(&self, node: Node, depth: usize, visit: &mut impl FnMut(Node, usize)) {
        visit(node, depth);
        let Node::Group(at) = node else { return };
        let group = self.framework.group(at);
        match &group.children {
            Children::Groups(groups) => {
                groups.iter().for_each(|child| self.walk(Node::Group(*child), depth + 1, visit));
            }
            Children::Parameters => {
                let parameters = group.parameters.clone().map(ParameterIndex::new);
                parameters.for_each(|child| visit(Node::Parameter(child), depth + 1));
            }
        }
    }

    fn tree_row(
        &self,
        standing: &Standing<'_>,
        node: Node,
        depth: usize,
        contributions: Option<&[Published]>,
    ) -> Vec<Cell> {
        let decimals = self.framework.policy.decimals;
        let (id, title, weight, below) = match node {
            Node::Group(at) => {
                let group = self.framework.group(at);
                (&group.id, &group.title, group.weight, group.parameters.clone())
            }
            Node::Parameter(at) => {
                let parameter = self.framework.parameter(at);
                (&parameter.id, &parameter.title, parameter.weight, at.get()..at.get() + 1)
            }
        };
        let sum = |list: &[Published]| list[below].iter().map(|figure| figure.units()).sum();
        let has_score = standing.score(node).is_some();
        let contributed =
            contributions.filter(|_| has_score).map(|list| Published::from_units(sum(list), decimals));
        let effective = standing.effective_weight(node);
        let effective = effective.map(|share| Published::from_ratio(share, WEIGHT_DECIMALS, Half::Up));
        let mut cells = vec![
            Cell::Nested(if id.is_empty() { self.speech.say("index").to_owned() } else { id.clone() }, depth),
            Cell::Text(title.get(&self.speech.texts).to_owned()),
            Cell::Text(if id.is_empty() { String::new() } else { weight.to_string() }),
            Cell::Figure(Published::from_ratio(
                &self.framework.nominal_share(node),
                WEIGHT_DECIMALS,
                Half::Up,
            )),
            Cell::figure(effective),
        ];
        match node {
            Node::Group(_) => {
                let score = standing.score(node).map(|value| self.figure(&value));
                let state = if has_score { State::Scored } else { State::NotApplicable };
                cells.extend([
                    Cell::Blank,
                    Cell::figure(score),
                    text(state.name()),
                    Cell::Blank,
                    Cell::Blank,
                ]);
                cells.extend([Cell::figure(contributed), Cell::Blank, Cell::Blank]);
            }
            Node::Parameter(at) => {
                let outcome = standing.outcomes()[at.get()];
                let brought = match contributions {
                    Some(_) => contributed,
                    None => standing.loss(at).map(|loss| self.figure(&loss)),
                };
                let gain = standing.has_gap(at).then(|| self.figure(&standing.gain(&standing.closing(at))));
                cells.push(Cell::Text(self.answer(standing.service(), at)));
                cells.push(self.score_cell(outcome));
                cells.push(text(outcome.state.name()));
                cells.push(Cell::Text(self.why(standing.service(), at, outcome)));
                cells.push(text(&self.evidence(standing.service(), at)));
                cells.extend([Cell::figure(brought), Cell::figure(gain)]);
                cells.push(text(&self.last_place(standing.service(), at)));
            }
        }
        cells
    }

    /// An exact figure of this document, in percent, with the framework's places.
    fn figure(&self, value: &Ratio) -> Published {
        Published::from_ratio(value, self.framework.policy.decimals, self.framework.policy.half)
    }

    fn score_cell(&self, outcome: Outcome) -> Cell {
        let policy = &self.framework.policy;
        Cell::figure(outcome.score.map(|score| parameter_figure(score, policy.decimals, policy.half)))
    }

    /// What counts as answered, as it is written out: a share by the two numbers that it was given as.
    fn answer(&self, service: ServiceIndex, parameter: ParameterIndex) -> String {
        let (scale, words) = (self.framework.scale(parameter), &self.framework.words);
        let response = self.round.answers.get(service, parameter).response;
        let written = |answer: &Answer| {
            let is_given = |said: &&Said| {
                let reads =
                    || matches!(scale.read(&said.answer, words), Ok(Entry::Given(read)) if read == *answer);
                said.answer.contains('/') && matches!(answer, Answer::Number(_)) && reads()
            };
            let given = self.counted(service, parameter).filter(is_given).last();
            given.map_or_else(|| scale.write(answer, words), |said| said.answer.trim().to_owned())
        };
        response.map(|list| list.iter().map(written).collect::<Vec<_>>().join(" / ")).unwrap_or_default()
    }

    /// What was said of a parameter in stages that count.
    fn counted(&self, service: ServiceIndex, parameter: ParameterIndex) -> impl Iterator<Item = &Said> {
        let counts = |said: &Said| self.stages.get(said.stage).is_none_or(|stage| stage.scored);
        self.about(service).filter(move |said| said.parameter == parameter && counts(said))
    }

    /// Where what counts was last said: in one stage a service's own word goes before its entity's.
    fn last_place(&self, service: ServiceIndex, parameter: ParameterIndex) -> String {
        let said = self.counted(service, parameter).filter(|said| !said.answer.is_empty());
        said.max_by_key(|said| (said.stage, !said.of_entity)).map(place).unwrap_or_default()
    }

    /// The evidence that counts: that of the latest stage with any, and in it of the service before its entity's.
    fn evidence(&self, service: ServiceIndex, parameter: ParameterIndex) -> String {
        let given = || self.counted(service, parameter).filter(|said| !said.evidence.is_empty());
        let rank = |said: &Said| (said.stage, !said.of_entity);
        let Some(latest) = given().map(rank).max() else { return String::new() };
        let mut words: Vec<&str> = Vec::new();
        for said in given().filter(|said| rank(said) == latest) {
            if !words.contains(&said.evidence.as_str()) {
                words.push(&said.evidence);
            }
        }
        words.join("; ")
    }

    /// What was said of a service, by itself or by its entity.
    fn about(&self, service: ServiceIndex) -> impl DoubleEndedIterator<Item = &Said> {
        let service = self.round.service(service);
        let entity = service.entity.map(|entity| self.round.entity(entity).id.as_str());
        self.trail.iter().filter(move |said| match said.of_entity {
            true => entity == Some(said.subject.as_str()),
            false => said.subject == service.id,
        })
    }

    /// Why a parameter has its score.
    fn why(&self, service: ServiceIndex, parameter: ParameterIndex, outcome: Outcome) -> String {
        let cell = self.round.answers.get(service, parameter);
        match outcome.state {
            State::Missing => self.speech.say("why_missing").to_owned(),
            State::NotApplicable => self.speech.say("why_not_applicable").to_owned(),
            State::Void if cell.void => self.speech.say("why_unconfirmed").to_owned(),
            State::Void => self.speech.say("why_no_evidence").to_owned(),
            State::Implied => self.speech.fill("why_implied", &[&self.required(parameter)]),
            State::Scored => match cell.response.map(Vec::as_slice) {
                Some([answer]) => self.why_scored(parameter, answer),
                Some(several) => self.speech.fill("why_several", &[&several.len().to_string()]),
                None => String::new(),
            },
        }
    }

    fn required(&self, parameter: ParameterIndex) -> String {
        let requirements = self.framework.parameter(parameter).requires.iter().map(|requirement| {
            let options = self.framework.scale(requirement.parameter).options();
            let answers: Vec<&str> =
                requirement.options.iter().map(|at| options[*at].answer.as_str()).collect();
            format!("{}={}", self.framework.parameter(requirement.parameter).id, answers.join("|"))
        });
        requirements.collect::<Vec<_>>().join(", ")
    }

    fn why_scored(&self, parameter: ParameterIndex, answer: &Answer) -> String {
        let scale = self.framework.scale(parameter);
        match (answer, &scale.kind) {
            (Answer::Choice(at), _) => {
                let title = scale.options().get(*at).and_then(|choice| choice.title.as_ref());
                title.map(|title| title.get(&self.speech.texts).to_owned()).unwrap_or_default()
            }
            (Answer::Number(quantity), ScaleKind::Number(scale)) => self.why_number(scale, quantity),
            (Answer::Multiple(_), _) => self.speech.say("why_sum").to_owned(),
            (Answer::Number(_) | Answer::NotApplicable, _) => String::new(),
        }
    }

    /// The points that a number lies between: `(5, 1)` and `(15, 0.5)`.
    fn why_number(&self, scale: &NumberScale, quantity: &Quantity) -> String {
        let point = |at: usize| format!("({}, {})", scale.points[at].0.normalize(), scale.points[at].1);
        let value = quantity.to_string();
        match scale.point_above(quantity) {
            Some(0) => self.speech.fill("why_flat", &[&value, &point(0)]),
            Some(next) => self.speech.fill("why_between", &[&value, &point(next - 1), &point(next)]),
            None => self.speech.fill("why_flat", &[&value, &point(scale.points.len() - 1)]),
        }
    }

    /// The gaps of a service, the largest gain first.
    fn gaps(&self, standing: &Standing<'_>) -> Table {
        let columns = vec![
            self.column("parameter"),
            self.column("title").place(ColumnPlace::IfRoom(2)),
            self.column("answer"),
            self.column("score"),
            self.column("state").place(ColumnPlace::FilesOnly),
            self.column("why").place(ColumnPlace::IfRoom(3)),
            self.column("gain"),
            self.column("place").place(ColumnPlace::IfRoom(4)),
        ];
        let parameters = (0..self.framework.parameters.len()).map(ParameterIndex::new);
        let gaps = parameters.filter(|at| standing.has_gap(*at));
        let mut gaps: Vec<(Ratio, ParameterIndex)> =
            gaps.map(|at| (standing.gain(&standing.closing(at)), at)).collect();
        gaps.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let row = |(gain, at): (Ratio, ParameterIndex)| {
            let parameter = self.framework.parameter(at);
            let outcome = standing.outcomes()[at.get()];
            vec![
                text(&parameter.id),
                text(parameter.title.get(&self.speech.texts)),
                Cell::Text(self.answer(standing.service(), at)),
                self.score_cell(outcome),
                text(outcome.state.name()),
                Cell::Text(self.why(standing.service(), at, outcome)),
                Cell::Figure(self.figure(&gain)),
                text(&self.last_place(standing.service(), at)),
            ]
        };
        Table { name: "gaps", columns, rows: gaps.into_iter().map(row).collect() }
    }

    /// Every row of the files about a service, below a node.
    fn said(&self, service: ServiceIndex, from: Node) -> Table {
        let (_, below) = self.named(from);
        let mut said: Vec<&Said> =
            self.about(service).filter(|said| below.contains(&said.parameter.get())).collect();
        said.sort_by_key(|said| (said.parameter, said.stage));
        self.trail_table(said, false)
    }

    fn trail_table(&self, said: Vec<&Said>, with_subject: bool) -> Table {
        let mut columns = vec![
            self.column("parameter"),
            self.column("stage").place(ColumnPlace::IfRoom(2)),
            self.column("inherited").place(ColumnPlace::IfRoom(2)),
            self.column("answer"),
            self.column("evidence").place(ColumnPlace::IfRoom(3)),
            self.column("reason").place(ColumnPlace::IfRoom(4)),
            self.column("evaluator").place(ColumnPlace::IfRoom(5)),
            self.column("place").place(ColumnPlace::IfRoom(1)),
        ];
        if with_subject {
            columns[0] = self.column("service");
        }
        let stage = |at: usize| self.stages.get(at).map_or("", |stage| stage.id.as_str());
        let row = |said: &Said| {
            let parameter = &self.framework.parameter(said.parameter).id;
            vec![
                text(if with_subject { &said.subject } else { parameter }),
                text(stage(said.stage)),
                text(if said.of_entity { &said.subject } else { "" }),
                text(&said.answer),
                text(&said.evidence),
                text(&said.reason),
                text(&said.evaluator),
                Cell::Text(place(said)),
            ]
        };
        Table { name: "trail", columns, rows: said.into_iter().map(row).collect() }
    }

    /// One parameter over all services, in ranking order, as those who check for even-handedness read it.
    pub fn parameter(&self, scorer: &Scorer<'_>, results: &Results, parameter: ParameterIndex) -> Document {
        let columns = vec![
            self.column("service"),
            self.column("title").place(ColumnPlace::IfRoom(3)),
            self.column("entity").place(ColumnPlace::IfRoom(4)),
            self.column("answer"),
            self.column("score"),
            self.column("state").place(ColumnPlace::FilesOnly),
            self.column("why").place(ColumnPlace::IfRoom(1)),
            self.column("place").place(ColumnPlace::IfRoom(2)),
        ];
        let shown = results.ranked().filter(|result| !result.held_out);
        let row = |result: &ServiceResult| {
            let service = self.round.service(result.service);
            let outcome = scorer.outcomes(result.service)[parameter.get()];
            let entity = service.entity.map(|entity| self.round.entity(entity).id.as_str());
            vec![
                text(&service.id),
                text(service.title(&self.speech.texts)),
                text(entity.unwrap_or_default()),
                Cell::Text(self.answer(result.service, parameter)),
                self.score_cell(outcome),
                text(outcome.state.name()),
                Cell::Text(self.why(result.service, parameter, outcome)),
                text(&self.last_place(result.service, parameter)),
            ]
        };
        let services = Table { name: "services", columns, rows: shown.map(row).collect() };
        let definition = self.framework.parameter(parameter);
        let title = definition.title.get(&self.speech.texts);
        Document {
            schema: "asan-index/explain-parameter/1",
            title: format!("{} {title}. {}", definition.id, heading(self.framework, self.round, self.speech)),
            facts: vec![
                ("framework", Fact::Value(text(&self.framework.id))),
                ("round", Fact::Value(text(&self.round.id))),
                ("parameter", Fact::Value(text(&definition.id))),
            ],
            blocks: vec![
                Block::Paragraph(definition.question.get(&self.speech.texts).to_owned()),
                Block::Table(services),
                Block::Heading(self.speech.say("trail").to_owned()),
                Block::Table(self.trail_table(self.trail.iter().collect(), true)),
            ],
        }
    }
}

fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Blank } else { Cell::Text(words.to_owned()) }
}

/// `answers/final/a.csv:12`, or a workbook's sheet and cell.
fn place(said: &Said) -> String {
    match &said.place.cell {
        Some(cell) => format!("{}:{cell}", said.place.path),
        None => format!("{}:{}", said.place.path, said.place.line),
    }
}
