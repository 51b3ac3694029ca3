//! The scales of a framework: how answers are read, and what each is worth.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::number::Score;
use crate::read::declared;
use crate::read::yaml::{Fields, Value, Yaml};
use crate::scale::{Choice, NumberScale, Scale, ScaleKind};
use crate::text::{did_you_mean, fold};

impl Builder<'_> {
    pub(super) fn named_scales(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("scales") else { return };
        for (key, value) in self.yaml.entries(node, "`scales`").unwrap_or(&[]) {
            let Some(name) = self.yaml.scalar(key) else { continue };
            if let Some(at) = self.scale(value, Some(name.to_owned())) {
                self.scales.insert(name.to_owned(), at);
            }
        }
    }

    /// Reads a scale and gives its position.
    fn scale(&mut self, node: &Yaml, name: Option<String>) -> Option<usize> {
        let fields = self.yaml.fields(node, &declared::SCALE)?;
        let kinds = declared::SCALE.one_of.iter();
        let kinds: Vec<(&str, &Yaml)> =
            kinds.filter_map(|key| fields.get(key).map(|node| (*key, node))).collect();
        let [(kind, inner)] = kinds.as_slice() else {
            self.yaml.fault(
                Code::ScaleKind,
                node,
                "a scale is exactly one of `choices`, `number` and `multiple`",
                "keep the one that fits the answers",
            );
            return None;
        };
        let kind = match *kind {
            "choices" => ScaleKind::Choices(self.choices(inner)),
            "multiple" => ScaleKind::Multiple(self.choices(inner)),
            _ => ScaleKind::Number(self.number_scale(inner)?),
        };
        let (scale, shared) = Scale::new(name, kind);
        // What is no spelling of two options is one of its own, unless it is cut in two.
        let unreachable = match scale.kind {
            ScaleKind::Choices(_) if shared.is_empty() => BTreeSet::new(),
            _ => self.unreachable(&scale, inner),
        };
        for (spelling, first, second) in shared {
            if unreachable.contains(&second) {
                continue;
            }
            let options = scale.options();
            let message = format!(
                "`{spelling}` is a spelling of `{}` and of `{}`",
                options[first].answer, options[second].answer
            );
            let at = option_node(inner, second).unwrap_or(inner);
            let place = self.yaml.place(at);
            let mut finding = Diagnostic::new(Code::DuplicateOption, message, place).help(
                "answers, titles and other spellings of a scale's options differ, however they are cased",
            );
            if let Some(first) = option_node(inner, first) {
                finding = finding.related(self.yaml.place(first), "the other option");
            }
            self.yaml.findings.push(finding);
        }
        self.reserved(&scale, inner);
        self.framework.scales.push(scale);
        Some(self.framework.scales.len() - 1)
    }

    /// Options all of whose spellings belong to earlier ones, or are cut in two where several are chosen.
    fn unreachable(&mut self, scale: &Scale, node: &Yaml) -> BTreeSet<usize> {
        let is_multiple = matches!(scale.kind, ScaleKind::Multiple(_));
        let mut found = BTreeSet::new();
        for (at, option) in scale.options().iter().enumerate() {
            let cut = |spelling: &str| is_multiple && spelling.contains([';', '|']);
            if option.spellings().any(|spelling| scale.option(spelling) == Some(at) && !cut(spelling)) {
                continue;
            }
            let message = format!("no answer can be read as `{}`", option.answer);
            let help = match scale.option(&option.answer) {
                Some(first) if first != at => {
                    format!(
                        "all its spellings are those of `{}`: give it others",
                        scale.options()[first].answer
                    )
                }
                Some(_) | None => "`;` and `|` separate several answers: spell it without them".to_owned(),
            };
            self.yaml.fault(Code::UnreachableOption, option_node(node, at).unwrap_or(node), message, help);
            found.insert(at);
        }
        found
    }

    fn reserved(&mut self, scale: &Scale, node: &Yaml) {
        if !self.names.words.keys().any(|word| scale.has_spelling(word)) {
            return;
        }
        for (option, choice) in scale.options().iter().enumerate() {
            let said: BTreeSet<_> =
                choice.spellings().filter_map(|word| self.names.words.get(&fold(word))).collect();
            for (list, word) in said {
                let at = option_node(node, option).unwrap_or(node);
                self.yaml.fault(
                    Code::ReservedWord,
                    at,
                    format!("`{word}` is an option here and a word of `{list}`"),
                    "give the option another spelling, or change `words`",
                );
            }
        }
    }

    fn choices(&mut self, node: &Yaml) -> Vec<Choice> {
        let mut choices = Vec::new();
        for item in self.yaml.list(node, "options") {
            let Some(fields) = self.yaml.fields(item, &declared::OPTION) else { continue };
            let answer = self.plain(&fields, "answer");
            let score = fields.get("score").and_then(|node| self.score(node));
            choices.push(Choice {
                answer,
                score: score.unwrap_or(Score::ZERO),
                title: self.optional_text(&fields, "title"),
                also: fields.get("also").map(|node| self.scalars(node, "spellings")).unwrap_or_default(),
                effort: self.yaml.decimal(&fields, "effort"),
            });
        }
        if choices.is_empty() {
            self.yaml.fault(
                Code::EmptyScale,
                node,
                "the scale has no options",
                "add options, each with a score",
            );
        }
        choices
    }

    fn score(&mut self, node: &Yaml) -> Option<Score> {
        let text = self.yaml.scalar(node)?;
        match Score::parse(text) {
            Ok(score) => Some(score),
            Err(fault) => {
                let message = format!("the score `{text}` {}", fault.reason());
                self.yaml.fault(
                    Code::ScoreOutOfRange,
                    node,
                    message,
                    "a score lies from 0 to 1, with a point and at most 9 places, such as `0.5`",
                );
                None
            }
        }
    }

    fn number_scale(&mut self, node: &Yaml) -> Option<NumberScale> {
        let fields = self.yaml.fields(node, &declared::NUMBER)?;
        let (min, max) = (self.yaml.decimal(&fields, "min"), self.yaml.decimal(&fields, "max"));
        if let (Some(least), Some(most), Some(at)) = (min, max, fields.get("max"))
            && least > most
        {
            self.yaml.fault(Code::NumberOutOfRange, at, "`max` is below `min`", "exchange the two");
        }
        let unit = fields.get("unit").map(|node| self.any_text(node));
        let ratio = self.yaml.keyword(&fields, "ratio").unwrap_or(false);
        let points = fields.get("points")?;
        let points = self.points(points);
        (!points.is_empty()).then_some(NumberScale { unit, min, max, points, ratio })
    }

    fn points(&mut self, node: &Yaml) -> Vec<(Decimal, Score)> {
        let mut points: Vec<(Decimal, Score)> = Vec::new();
        for item in self.yaml.list(node, "points") {
            let [x, y] = self.yaml.list(item, "two numbers") else {
                self.yaml.fault(
                    Code::WrongType,
                    item,
                    "a point is a number and its score",
                    "write it as `[15, 0.5]`",
                );
                continue;
            };
            let x_node = x;
            let (Some(x), Some(y)) = (self.yaml.number(x, "points", declared::ANY), self.score(y)) else {
                continue;
            };
            if points.last().is_some_and(|(before, _)| *before >= x) {
                let before = points.last().map(|(before, _)| before.to_string()).unwrap_or_default();
                self.yaml.fault(
                    Code::PointsOutOfOrder,
                    x_node,
                    format!("the point {x} comes after {before}"),
                    "order the points by their numbers, each above the one before",
                );
            }
            points.push((x, y));
        }
        if points.is_empty() {
            self.yaml.fault(
                Code::EmptyScale,
                node,
                "the scale has no points",
                "add points, such as `[0, 0]`",
            );
        }
        points
    }

    pub(super) fn parameter_scale(&mut self, node: &Yaml) -> Option<usize> {
        let Value::Scalar(name) = &node.value else { return self.scale(node, None) };
        let found = self.scales.get(&**name).copied();
        if found.is_none() {
            let help = match self.yaml.findings.nearest(name, self.scales.keys()) {
                Some(near) => did_you_mean(name, near),
                None => "declare it under `scales`, or write the scale here".to_owned(),
            };
            self.yaml.fault(Code::UnknownScale, node, format!("there is no scale `{name}`"), help);
        }
        found
    }
}

/// The node of a scale's option.
fn option_node(options: &Yaml, position: usize) -> Option<&Yaml> {
    match &options.value {
        Value::List(items) => items.get(position),
        Value::Null | Value::Scalar(_) | Value::Map(_) => None,
    }
}
