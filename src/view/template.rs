//! Answer sheets: which rows they have, and what stands beside the cells to be filled.

use super::Speech;
use crate::document::{Cell, Column, Table};
use crate::framework::{Asked, EvidenceRule, Framework};
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::round::Round;
use crate::scale::{Choice, NumberScale, ScaleKind};
use crate::stamp::Stamp;

/// Makes the sheets of a round.
pub struct Sheets<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round; its answers are not looked at.
    pub round: &'a Round,
    /// The languages.
    pub speech: &'a Speech,
}

impl Sheets<'_> {
    /// The stamp of a sheet.
    pub fn stamp(&self, stage: &str, recipient: &str) -> Stamp {
        Stamp {
            round: self.round.id.clone(),
            framework: format!("{} {}", self.framework.id, self.framework.version),
            hash: self.framework.hash.clone(),
            stage: stage.to_owned(),
            recipient: recipient.to_owned(),
        }
    }

    /// Whether any parameter is asked of entities.
    pub fn asks_entities(&self) -> bool {
        self.framework.parameters.iter().any(|parameter| parameter.asked == Asked::Entity)
            && !self.round.entities.is_empty()
    }

    /// The parameters that a sheet of a service asks: all, or where it has an entity, those that the
    /// entity does not answer for it.
    pub fn parameters(&self, service: ServiceIndex) -> Vec<ParameterIndex> {
        let by_entity = self.round.service(service).entity.is_some();
        let asked =
            |at: &ParameterIndex| !(by_entity && self.framework.parameter(*at).asked == Asked::Entity);
        self.all().filter(asked).collect()
    }

    /// The parameters that a sheet of an entity asks.
    pub fn entity_parameters(&self) -> Vec<ParameterIndex> {
        self.all().filter(|at| self.framework.parameter(*at).asked == Asked::Entity).collect()
    }

    fn all(&self) -> impl Iterator<Item = ParameterIndex> + use<> {
        (0..self.framework.parameters.len()).map(ParameterIndex::new)
    }

    fn applicable(&self, service: ServiceIndex) -> impl Iterator<Item = ParameterIndex> + '_ {
        let applies = move |at: &ParameterIndex| self.round.applies(self.framework, service, *at);
        self.parameters(service).into_iter().filter(applies)
    }

    /// `parameter,...`: a file named after its service.
    pub fn of_service(&self, service: ServiceIndex) -> Table {
        let rows = self.applicable(service).map(|at| self.row(None, at)).collect();
        Table { name: "answers", columns: columns(&[]), rows }
    }

    /// `service,parameter,...`.
    pub fn long(&self, services: &[ServiceIndex]) -> Table {
        let row = |service: ServiceIndex| {
            let id = &self.round.service(service).id;
            self.applicable(service).map(move |at| self.row(Some(id), at))
        };
        let rows = services.iter().flat_map(|service| row(*service)).collect();
        Table { name: "answers", columns: columns(&["service"]), rows }
    }

    /// `entity,parameter,...`, of what is asked of entities.
    pub fn of_entities(&self, entities: impl IntoIterator<Item = EntityIndex>) -> Table {
        let mut rows = Vec::new();
        for entity in entities {
            let id = &self.round.entity(entity).id;
            rows.extend(self.entity_parameters().into_iter().map(|at| self.row(Some(id), at)));
        }
        Table { name: "answers", columns: columns(&["entity"]), rows }
    }

    /// A row for each service and a column for each parameter.
    pub fn wide(&self, services: &[ServiceIndex]) -> Table {
        let asked: Vec<ParameterIndex> = self
            .all()
            .filter(|at| services.iter().any(|service| self.applicable(*service).any(|own| own == *at)))
            .collect();
        let ids = asked.iter().map(|at| self.framework.parameter(*at).id.as_str());
        let keys = std::iter::once("service").chain(ids);
        let columns = keys.map(|key| Column::new(key, key)).collect();
        let row = |service: &ServiceIndex| {
            let id = Cell::Text(self.round.service(*service).id.to_string());
            std::iter::once(id).chain(asked.iter().map(|_| Cell::Blank)).collect()
        };
        Table { name: "answers", columns, rows: services.iter().map(row).collect() }
    }

    /// `service,parameter,evidence`, for what needs evidence or welcomes it.
    pub fn evidence(&self, services: &[ServiceIndex]) -> Table {
        let mut rows = Vec::new();
        for service in services {
            let id = &self.round.service(*service).id;
            let asks = |at: &ParameterIndex| self.framework.parameter(*at).evidence != EvidenceRule::Unasked;
            for at in self.applicable(*service).filter(asks) {
                let parameter = &self.framework.parameter(at).id;
                rows.push(vec![Cell::Text(id.to_string()), Cell::Text(parameter.clone()), Cell::Blank]);
            }
        }
        let columns = ["service", "parameter", "evidence"].map(|key| Column::new(key, key)).to_vec();
        Table { name: "answers", columns, rows }
    }

    fn row(&self, subject: Option<&str>, at: ParameterIndex) -> Vec<Cell> {
        let parameter = self.framework.parameter(at);
        let text = |text: &str| Cell::Text(text.to_owned());
        let mut row: Vec<Cell> = subject.map(text).into_iter().collect();
        row.extend([text(&parameter.id), text(parameter.question.get(&self.speech.texts))]);
        row.extend([Cell::Text(self.answers(at, "; ")), Cell::Blank, Cell::Blank, Cell::Blank]);
        row
    }

    /// Which answers a parameter takes, in words, with this between them.
    pub fn answers(&self, at: ParameterIndex, between: &str) -> String {
        let named = |choice: &Choice| match &choice.title {
            Some(title) => format!("{}: {}", choice.answer, title.get(&self.speech.texts)),
            None => choice.answer.clone(),
        };
        let scale = self.framework.scale(at);
        let list = || scale.options().iter().map(named).collect::<Vec<_>>().join(between);
        let mut words = match &scale.kind {
            ScaleKind::Choices(_) => list(),
            ScaleKind::Multiple(_) => format!(
                "{}:{}{}",
                self.speech.say("several"),
                if between == "\n" { between } else { " " },
                list()
            ),
            ScaleKind::Number(number) => self.number(number),
        };
        if self.framework.parameter(at).optional
            && let Some(word) = self.not_applicable()
        {
            words.push_str(&format!("{between}{word}"));
        }
        words
    }

    /// Which numbers a scale takes, in words.
    pub fn number(&self, scale: &NumberScale) -> String {
        let say = |key| self.speech.say(key);
        let mut words = say("number").to_owned();
        if let Some(unit) = &scale.unit {
            words.push_str(&format!(" ({})", unit.get(&self.speech.texts)));
        }
        let limit = |limit: rust_decimal::Decimal| self.speech.decimal(&limit.normalize().to_string());
        match (scale.min, scale.max) {
            (Some(min), Some(max)) => words.push_str(&format!(", {} – {}", limit(min), limit(max))),
            (Some(min), None) => words.push_str(&format!(", ≥ {}", limit(min))),
            (None, Some(max)) => words.push_str(&format!(", ≤ {}", limit(max))),
            (None, None) => {}
        }
        if scale.ratio {
            words.push_str(&format!("; {}", say("or_share")));
        }
        words
    }

    /// The word for "not applicable": the framework lists them from its first language on.
    pub fn not_applicable(&self) -> Option<&str> {
        let words = &self.framework.words.not_applicable;
        let first = self.framework.languages.first().is_none_or(|language| *language == self.speech.texts);
        let word = if first { words.first() } else { words.last() };
        word.map(String::as_str)
    }
}

fn columns(before: &[&'static str]) -> Vec<Column> {
    let own = ["parameter", "question", "answers", "answer", "evidence", "comment"];
    before.iter().chain(&own).map(|key| Column::new(*key, *key)).collect()
}
