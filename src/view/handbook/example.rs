//! A worked example with the framework's own questions and weights.

use super::{Handbook, text};
use crate::document::{Block, Cell, Table};
use crate::engine::aggregate::mean;
use crate::framework::{Aggregation, Children, Group, Rounding};
use crate::id::{GroupIndex, Node, ParameterIndex};
use crate::number::{Published, Quantity, Ratio, Score, Weight};
use crate::scale::{Answer, ScaleKind};

/// Places of a score that is shown before it is a figure.
const PLACES: u32 = 4;

/// A question of the example, with the answer made up for it.
struct Sample {
    at: ParameterIndex,
    answer: String,
    score: Score,
}

impl Handbook<'_> {
    /// How the score of the first group of questions comes about. Where scores are rounded on the way, or the
    /// questions weigh nothing, an example in plain numbers serves.
    pub(super) fn example(&self) -> Vec<Block> {
        let own = self.own_example();
        if own.is_empty() { vec![Block::Paragraph(self.say("handbook_example").to_owned())] } else { own }
    }

    fn own_example(&self) -> Vec<Block> {
        if self.framework.policy.rounding == Rounding::EachLevel {
            return Vec::new();
        }
        let has_questions = |group: &Group| matches!(group.children, Children::Parameters);
        let Some(at) = self.framework.groups.iter().position(has_questions) else { return Vec::new() };
        let at = GroupIndex::new(at);
        let group = self.framework.group(at);
        let samples: Vec<Sample> =
            (0..).zip(group.parameters.clone()).map(|(turn, at)| self.sample(turn, at)).collect();
        let Some(value) = self.mean_of(group, &samples) else { return Vec::new() };
        let name = self.named(at);
        let mut blocks = vec![
            Block::Paragraph(self.speech.fill("example_intro", &[&name])),
            Block::Table(self.sample_table(&samples)),
            Block::Paragraph(self.sum(group, &samples, &value)),
        ];
        blocks.extend(self.share_of_index(at, &name, &value).map(Block::Paragraph));
        blocks.extend(self.without_last(group, &samples).map(Block::Paragraph));
        blocks
    }

    fn named(&self, at: GroupIndex) -> String {
        let group = self.framework.group(at);
        format!("{} {}", group.id, group.title.get(&self.speech.texts)).trim().to_owned()
    }

    /// Answers in turn from the best down, so that whole, partial and no scores are seen.
    fn sample(&self, turn: usize, at: usize) -> Sample {
        let at = ParameterIndex::new(at);
        let scale = self.framework.scale(at);
        let answer = match &scale.kind {
            ScaleKind::Choices(choices) => Answer::Choice(turn % choices.len().max(1)),
            ScaleKind::Multiple(choices) => Answer::Multiple((0..choices.len().div_ceil(turn + 1)).collect()),
            ScaleKind::Number(number) => {
                let point = number.points.iter().rev().cycle().nth(turn);
                Answer::Number(Quantity::from(point.map_or(rust_decimal::Decimal::ZERO, |(x, _)| *x)))
            }
        };
        let title = |at: usize| {
            let choice = scale.options().get(at);
            let title =
                choice.and_then(|choice| choice.title.as_ref()).map(|title| title.get(&self.speech.texts));
            title.or(choice.map(|choice| choice.answer.as_str())).unwrap_or_default().to_owned()
        };
        let words = match &answer {
            Answer::Choice(option) => title(*option),
            Answer::Multiple(options) => {
                options.iter().map(|option| title(*option)).collect::<Vec<_>>().join("; ")
            }
            Answer::Number(_) | Answer::NotApplicable => {
                self.speech.decimal(&scale.write(&answer, &self.framework.words))
            }
        };
        Sample { at, answer: words, score: scale.score(&answer).unwrap_or(Score::ZERO) }
    }

    fn mean_of(&self, group: &Group, samples: &[Sample]) -> Option<Ratio> {
        let weighed = |sample: &Sample| (self.weight(sample), sample.score.ratio());
        let children: Vec<(Weight, Ratio)> = samples.iter().map(weighed).collect();
        mean(self.framework.policy.aggregation_at(group.depth), &children)
    }

    fn weight(&self, sample: &Sample) -> Weight {
        self.framework.parameter(sample.at).weight
    }

    fn sample_table(&self, samples: &[Sample]) -> Table {
        let row = |sample: &Sample| {
            let parameter = self.framework.parameter(sample.at);
            let number = |number: String| Cell::Text(self.speech.decimal(&number));
            vec![
                text(&parameter.id),
                text(parameter.title.get(&self.speech.texts)),
                text(&sample.answer),
                number(parameter.weight.to_string()),
                number(sample.score.to_string()),
            ]
        };
        let columns = ["id", "title", "answer", "weight", "score"].map(|key| self.column(key)).to_vec();
        Table { name: "example", columns, rows: samples.iter().map(row).collect() }
    }

    /// A score from 0 to 1, with a sign that says whether it is the whole of it.
    fn plain(&self, value: &Ratio) -> String {
        let hundredth = value.times(&Ratio::new(1.into(), 100.into()));
        let shown = Published::from_ratio(&hundredth, PLACES, self.framework.policy.half);
        let sign = if shown.ratio() == hundredth { "=" } else { "≈" };
        format!("{sign} {}", self.speech.decimal(&shown.decimal().normalize().to_string()))
    }

    fn figure(&self, value: &Ratio) -> String {
        let policy = &self.framework.policy;
        self.speech.decimal(&Published::from_ratio(value, policy.decimals, policy.half).to_string())
    }

    /// The mean, worked out where it is a sum.
    fn sum(&self, group: &Group, samples: &[Sample], value: &Ratio) -> String {
        let (plain, figure) = (self.plain(value), self.figure(value));
        match self.framework.policy.aggregation_at(group.depth) {
            Aggregation::Geometric => self.speech.fill("example_geometric", &[&plain, &figure]),
            Aggregation::Arithmetic => {
                let term = |sample: &Sample| format!("{} × {}", self.weight(sample), sample.score);
                let terms = samples.iter().map(term).collect::<Vec<_>>().join(" + ");
                let weights = samples.iter().map(|sample| self.weight(sample).to_string());
                let weights = weights.collect::<Vec<_>>().join(" + ");
                let sum = self.speech.decimal(&format!("({terms}) / ({weights})"));
                self.speech.fill("example_arithmetic", &[&sum, &plain, &figure])
            }
        }
    }

    /// What the group brings to the index, where contributions add up.
    fn share_of_index(&self, at: GroupIndex, name: &str, value: &Ratio) -> Option<String> {
        if !self.framework.policy.is_arithmetic() || at == GroupIndex::ROOT {
            return None;
        }
        let share = self.framework.nominal_share(Node::Group(at));
        let brought = self.figure(&share.times(value));
        Some(self.speech.fill("example_share", &[name, &self.share(Node::Group(at)), &brought]))
    }

    /// What becomes of the score when the last question does not apply.
    fn without_last(&self, group: &Group, samples: &[Sample]) -> Option<String> {
        let (last, others) = samples.split_last()?;
        let value = self.mean_of(group, others)?;
        let id = &self.framework.parameter(last.at).id;
        Some(self.speech.fill("example_without", &[id, &self.figure(&value)]))
    }
}
