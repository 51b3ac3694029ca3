//! Results as documents.

pub mod agreement;
pub mod collect;
pub mod comparison;
pub mod explain;
pub mod follow;
pub mod framework;
pub mod handbook;
pub mod optimum;
pub mod plan;
pub mod policies;
pub mod ranking;
pub mod report;
pub mod robustness;
pub mod sample;
pub mod statistics;
pub mod status;
pub mod template;

use crate::document::Cell;
use crate::framework::{Condition, Framework};
use crate::id::ParameterIndex;
use crate::messages::Language;
use crate::round::{Round, State};

/// In which languages a document is: the program's own words, and those of the framework's texts.
#[derive(Clone, Debug)]
pub struct Speech {
    /// The program's language.
    pub program: Language,
    /// The language of titles; texts that lack it fall back on their first.
    pub texts: String,
}

impl Speech {
    /// The program's text of a key, with `{0}`, `{1}`, ... filled in.
    pub fn fill(&self, key: &'static str, parts: &[&str]) -> String {
        self.program.fill(key, parts)
    }

    /// A level's name; a usual one is read in the program's language.
    pub fn level(&self, name: &str) -> Cell {
        Cell::Word(name.to_owned(), self.level_name(name).to_owned())
    }

    /// The same as a word alone.
    pub fn level_name<'a>(&self, name: &'a str) -> &'a str {
        match name {
            "index" => self.say("index"),
            "dimension" => self.say("level_dimension"),
            "criterion" => self.say("level_criterion"),
            "parameter" => self.say("parameter"),
            name => name,
        }
    }

    /// What a service must be for a parameter to apply, in words.
    pub fn conditions(&self, framework: &Framework, at: ParameterIndex) -> String {
        let conditions = framework.parameter(at).applies_when.iter();
        conditions.map(|condition| self.condition(framework, condition)).collect::<Vec<_>>().join("; ")
    }

    fn condition(&self, framework: &Framework, condition: &Condition) -> String {
        let attribute = &framework.attributes[condition.attribute];
        let title = attribute.title.as_ref().map_or(attribute.name.as_str(), |title| title.get(&self.texts));
        let values = condition.values.iter().map(|at| {
            let (value, title) = &attribute.values[*at];
            title.as_ref().map_or(value.as_str(), |title| title.get(&self.texts))
        });
        format!("{title}: {}", values.collect::<Vec<_>>().join(" / "))
    }

    /// The program's text of a key.
    pub fn say(&self, key: &'static str) -> &'static str {
        self.program.say(key)
    }

    /// A plain decimal as the language writes it.
    pub fn decimal(&self, number: &str) -> String {
        self.program.decimal(number)
    }
}

/// What a document about a round is called: the framework, its version and standing, the round, and
/// whether it is a draft.
pub fn heading(framework: &Framework, round: &Round, speech: &Speech) -> String {
    let mut words = format!("{} {}", framework.title.get(&speech.texts), framework.version);
    if let Some(status) = framework.status {
        let key = match status {
            crate::framework::Status::Reference => "reference",
            crate::framework::Status::Official => "official",
        };
        words.push_str(&format!(" ({})", speech.say(key)));
    }
    let title = round.title.as_ref().map_or(round.id.as_str(), |title| title.get(&speech.texts));
    if !title.is_empty() {
        words.push_str(&format!(", {title}"));
    }
    if round.state == State::Draft && (!title.is_empty() || round.has_registry) {
        words.push_str(&format!(" [{}]", speech.say("draft")));
    }
    words
}
