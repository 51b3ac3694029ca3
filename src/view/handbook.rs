//! The framework as a document for those who are assessed: the method in plain words, every question
//! with its answers, evidence, verification, weight and advice, and where to find it.

mod example;
mod rules;

use super::Speech;
use super::template::Sheets;
use crate::document::{Block, Cell, Column, Document, Table};
use crate::framework::{Asked, Children, EvidenceRule, Framework, Reference, Requirement, Status};
use crate::id::{GroupIndex, Node, ParameterIndex};
use crate::number::{Half, Published};
use crate::round::Round;
use crate::scale::ScaleKind;

/// Places of a shown effective weight.
const DECIMALS: u32 = 3;

/// The framework that comes with the program: which of its parts are official is known here.
const OWN: &str = "asan-service-index";

/// Makes the handbook of a framework.
pub struct Handbook<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The languages.
    pub speech: &'a Speech,
}

impl Handbook<'_> {
    fn say(&self, key: &'static str) -> &'static str {
        self.speech.say(key)
    }

    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.say(key))
    }

    /// The handbook.
    pub fn document(&self) -> Document {
        let heading = |key| Block::Heading(self.say(key).to_owned());
        let paragraph = |key| Block::Paragraph(self.say(key).to_owned());
        let mut blocks: Vec<Block> =
            self.standing().into_iter().map(|words| Block::Paragraph(words.to_owned())).collect();
        blocks.push(heading("method"));
        blocks.extend(["handbook_scores", "handbook_means", "handbook_gaps"].map(paragraph));
        blocks.push(heading("example"));
        blocks.extend(self.example());
        blocks.extend([heading("rules"), Block::Table(self.rules())]);
        if !self.framework.bands.is_empty() {
            blocks.extend([heading("bands"), paragraph("bands_note"), Block::Table(self.bands())]);
        }
        blocks.extend([heading("handbook_groups"), Block::Table(self.contents())]);
        self.add_group(GroupIndex::ROOT, &mut blocks);
        if !self.framework.solutions.is_empty() {
            blocks.extend([heading("solutions"), Block::Table(self.solutions())]);
        }
        if !self.framework.sources.is_empty() {
            blocks.push(heading("sources"));
            blocks
                .extend(self.framework.sources.iter().map(|source| Block::Paragraph(self.reference(source))));
        }
        blocks.extend([heading("by_name"), Block::Table(self.index())]);
        let title = self.framework.title.get(&self.speech.texts);
        Document {
            schema: "asan-index/handbook/1",
            title: format!("{title} {}: {}", self.framework.version, self.say("handbook")),
            facts: Vec::new(),
            blocks,
        }
    }

    /// What is official and what is not.
    fn standing(&self) -> Vec<&'static str> {
        let standing = match self.framework.status {
            Some(Status::Reference) => self.say("standing_reference"),
            Some(Status::Official) => self.say("standing_official"),
            None => self.say("standing_unsaid"),
        };
        let own = self.framework.id == OWN && self.framework.status == Some(Status::Reference);
        let parts = ["standing_own_official", "standing_own_ours"].map(|key| self.say(key));
        std::iter::once(standing).chain(parts.into_iter().filter(|_| own)).collect()
    }

    /// Every group with its share of the index and how many questions are in it.
    fn contents(&self) -> Table {
        let groups = (1..self.framework.groups.len()).map(GroupIndex::new);
        let row = |at: GroupIndex| {
            let group = self.framework.group(at);
            vec![
                text(&group.id),
                Cell::Nested(group.title.get(&self.speech.texts).to_owned(), group.depth - 1),
                Cell::Text(self.share(Node::Group(at))),
                Cell::Count(group.parameters.len()),
            ]
        };
        let columns = ["id", "title", "of_index", "asked_count"].map(|key| self.column(key)).to_vec();
        Table { name: "groups", columns, rows: groups.map(row).collect() }
    }

    fn bands(&self) -> Table {
        let rows = self.framework.bands.iter().map(|band| {
            let title = band.title.as_ref().map_or("", |title| title.get(&self.speech.texts));
            let requires = band.requires.iter().map(|(group, least)| {
                format!("{} ≥ {}", self.framework.group(*group).id, self.speech.decimal(&least.to_string()))
            });
            let from = self.speech.decimal(&band.from.normalize().to_string());
            vec![
                text(&band.id),
                text(title),
                Cell::Text(from),
                Cell::Text(requires.collect::<Vec<_>>().join("; ")),
            ]
        });
        let columns = ["band", "title", "from", "requires"].map(|key| self.column(key)).to_vec();
        Table { name: "bands", columns, rows: rows.collect() }
    }

    fn share(&self, node: Node) -> String {
        let share = Published::from_ratio(&self.framework.nominal_share(node), DECIMALS, Half::Up);
        format!("{} %", self.speech.decimal(&share.to_string()))
    }

    fn add_group(&self, at: GroupIndex, blocks: &mut Vec<Block>) {
        let group = self.framework.group(at);
        if at != GroupIndex::ROOT {
            let title = format!("{} {}", group.id, group.title.get(&self.speech.texts));
            blocks.push(match group.depth {
                1 => Block::Heading(title),
                _ => Block::Part { kind: "id", id: group.id.clone(), title },
            });
            let share = self.share(Node::Group(at));
            blocks.push(Block::Paragraph(format!("{}: {share}", self.say("of_index"))));
        }
        match &group.children {
            Children::Groups(groups) => groups.iter().for_each(|child| self.add_group(*child, blocks)),
            Children::Parameters => {
                group.parameters.clone().for_each(|at| self.add_parameter(ParameterIndex::new(at), blocks));
            }
        }
    }

    fn add_parameter(&self, at: ParameterIndex, blocks: &mut Vec<Block>) {
        let parameter = self.framework.parameter(at);
        let words = |text: &crate::text::Text| text.get(&self.speech.texts).to_owned();
        let title = format!("{} {}", parameter.id, words(&parameter.title));
        blocks.push(Block::Part { kind: "id", id: parameter.id.clone(), title });
        blocks.push(Block::Paragraph(words(&parameter.question)));
        blocks.push(Block::Table(self.answers(at)));
        let mut facts: Vec<(&'static str, String)> = vec![("of_index", self.share(Node::Parameter(at)))];
        let evidence = match parameter.evidence {
            EvidenceRule::Required => "evidence_required",
            EvidenceRule::Recommended => "evidence_recommended",
            EvidenceRule::Unasked => "evidence_unasked",
        };
        facts.push(("evidence", self.say(evidence).to_owned()));
        if parameter.asked == Asked::Entity {
            facts.push(("asked", self.say("asked_entity").to_owned()));
        }
        if !parameter.applies_when.is_empty() {
            facts.push(("applies_when", self.speech.conditions(self.framework, at)));
        }
        if !parameter.requires.is_empty() {
            let requires = parameter.requires.iter().map(|requirement| self.requirement(requirement));
            facts.push(("requires", requires.collect::<Vec<_>>().join("; ")));
        }
        if parameter.optional {
            facts.push(("optional", self.say("optional_may").to_owned()));
        }
        facts.extend(parameter.verification.as_ref().map(|text| ("verification", words(text))));
        if let Some(advice) = &parameter.advice {
            facts.extend(advice.action.as_ref().map(|text| ("action", words(text))));
            facts.extend(advice.owner.as_ref().map(|text| ("owner", words(text))));
            let effort = advice.effort.map(|days| self.speech.decimal(&days.normalize().to_string()));
            facts.extend(effort.map(|days| ("effort", days)));
            let titles = advice.solutions.iter().map(|at| words(&self.framework.solutions[*at].title));
            let titles = titles.collect::<Vec<_>>().join("; ");
            facts
                .extend(Some(titles).filter(|titles| !titles.is_empty()).map(|titles| ("solutions", titles)));
        }
        let row = |(key, value): (&'static str, String)| vec![text(self.say(key)), Cell::Text(value)];
        let columns = vec![self.column("aspect"), self.column("description")];
        blocks.push(Block::Table(Table {
            name: "facts",
            columns,
            rows: facts.into_iter().map(row).collect(),
        }));
    }

    /// A required parameter with the answers that it must have.
    fn requirement(&self, requirement: &Requirement) -> String {
        let options = self.framework.scale(requirement.parameter).options();
        let answers = requirement.options.iter().filter_map(|at| options.get(*at));
        let answers = answers.map(|choice| choice.answer.as_str()).collect::<Vec<_>>().join(" / ");
        format!("{}: {answers}", self.framework.parameter(requirement.parameter).id)
    }

    /// The answers of a parameter with their scores.
    fn answers(&self, at: ParameterIndex) -> Table {
        let scale = self.framework.scale(at);
        let score = |score: &crate::number::Score| Cell::Text(self.speech.decimal(&score.to_string()));
        let mut rows: Vec<Vec<Cell>> = scale
            .options()
            .iter()
            .map(|choice| {
                let title = choice.title.as_ref().map_or("", |title| title.get(&self.speech.texts));
                vec![text(&choice.answer), text(title), score(&choice.score)]
            })
            .collect();
        if let ScaleKind::Number(number) = &scale.kind {
            let words = Sheets { framework: self.framework, round: &Round::default(), speech: self.speech }
                .number(number);
            rows.extend(number.points.iter().map(|(x, y)| {
                vec![Cell::Text(self.speech.decimal(&x.normalize().to_string())), text(&words), score(y)]
            }));
        }
        let columns = ["answer", "meaning", "score"].map(|key| self.column(key)).to_vec();
        Table { name: "answers", columns, rows }
    }

    fn solutions(&self) -> Table {
        let rows = self.framework.solutions.iter().map(|solution| {
            let description = solution.description.as_ref().map_or("", |text| text.get(&self.speech.texts));
            let effort = solution.effort.map(|days| self.speech.decimal(&days.normalize().to_string()));
            let sources: Vec<String> = solution.sources.iter().map(|source| self.reference(source)).collect();
            vec![
                text(solution.title.get(&self.speech.texts)),
                text(description),
                Cell::Text(effort.unwrap_or_default()),
                Cell::Text(sources.join("\n")),
            ]
        });
        let columns = ["title", "description", "effort", "sources"].map(|key| self.column(key)).to_vec();
        Table { name: "solutions", columns, rows: rows.collect() }
    }

    fn reference(&self, source: &Reference) -> String {
        let title = source.title.get(&self.speech.texts);
        source.url.as_ref().map_or(title.to_owned(), |url| format!("{title}, {url}"))
    }

    /// Every parameter by its name, in the order of the language's alphabet.
    fn index(&self) -> Table {
        let title = |at: &ParameterIndex| self.framework.parameter(*at).title.get(&self.speech.texts);
        let mut list: Vec<ParameterIndex> =
            (0..self.framework.parameters.len()).map(ParameterIndex::new).collect();
        list.sort_by_cached_key(|at| (self.speech.program.alphabetical(title(at)), *at));
        let row = |at: &ParameterIndex| vec![text(title(at)), text(&self.framework.parameter(*at).id)];
        let columns = vec![self.column("title"), self.column("id")];
        Table { name: "index", columns, rows: list.iter().map(row).collect() }
    }
}

fn text(words: &str) -> Cell {
    Cell::Text(words.to_owned())
}
