//! Every key of the YAML files: what it takes, whether it must be there, and what it means.

use super::shape::{Kind, Shape, optional, required, words};
use crate::diagnostic::{Code, Severity};
use crate::framework::{
    Aggregation, Asked, Basis, Evaluators, EvidencePolicy, EvidenceRule, Keyword, Missing, NotApplicable,
    Rounding, Status, Unrated,
};
use crate::number::Half;
use crate::round::{Dialect, State};

/// Numbers that a scale's points and limits may reach.
pub const ANY: (i64, i64) = (-999_999_999_999_999, 999_999_999_999_999);
/// Percent.
pub const PERCENT: (i64, i64) = (0, 100);
/// Person-days, and the sum of a group's weights.
const MOST: i64 = 999_999_999;

const NUMBER_OF_SCALE: Kind = Kind::Number(ANY.0, ANY.1);
const SHARE: Kind = Kind::Number(PERCENT.0, PERCENT.1);
const PLAINS: Kind = Kind::List(&Kind::Plain);
const EFFORT: Kind = Kind::Number(0, MOST);
const SOURCES: Kind = Kind::List(&Kind::Map(&SOURCE));
const OPTIONS: Kind = Kind::List(&Kind::Map(&OPTION));
const APPLIES_WHEN: Kind = Kind::Entries(&Kind::OneOrMore(&Kind::Plain));

/// A group below another, which may lie in a file of its own.
static CHILD: Kind = Kind::Either(&Kind::Map(&INCLUDE), &Kind::Map(&GROUP));

/// `framework.yaml`.
pub static FRAMEWORK: Shape = Shape {
    name: "framework",
    what: "the framework",
    about: "A framework: the tree of groups and parameters, with scales, weights and the rules of scoring.",
    keys: &[
        required("framework", Kind::Plain, "The framework's id."),
        required("version", Kind::Plain, "Its version, in quotes: a change of content changes it."),
        optional(
            "status",
            Kind::Word(words::<Status>),
            "Whether it is the official framework; documents made from one that is not say so.",
        ),
        required("title", Kind::Text, "Its name."),
        required("levels", PLAINS, "The names of the levels, outermost first, parameters last."),
        optional("counts", Kind::Entries(&Kind::Whole(0, MOST)), "How many nodes each level has; checked."),
        optional(
            "weight_sum",
            Kind::Number(0, MOST),
            "What the weights right below every group add up to; checked.",
        ),
        optional(
            "languages",
            PLAINS,
            "The languages that every text has; the first is the default. `[en]` if left out.",
        ),
        optional("sources", SOURCES, "What the framework rests on."),
        optional("policy", Kind::Map(&POLICY), "How gaps, evidence, rounding and ties count."),
        optional("words", Kind::Map(&WORDS), "Answers that every scale takes."),
        optional(
            "categories",
            Kind::Entries(&Kind::Text),
            "The titles of categories of entities, by their ids.",
        ),
        optional(
            "attributes",
            Kind::Entries(&Kind::Map(&ATTRIBUTE)),
            "Columns of the registry of services that `applies_when` may use, by their names.",
        ),
        required(
            "scales",
            Kind::Entries(&Kind::Map(&SCALE)),
            "Scales that parameters share, by their names.",
        ),
        optional(
            "solutions",
            Kind::List(&Kind::Map(&SOLUTION)),
            "Innovative solutions: paid once by an entity, each closes many gaps.",
        ),
        optional(
            "bands",
            Kind::List(&Kind::Map(&BAND)),
            "Bands of the index: an index has the highest whose `from` it reaches.",
        ),
        required(
            "groups",
            Kind::List(&CHILD),
            "The outermost groups: written here, or each in a file of its own.",
        ),
    ],
    one_of: &[],
};

/// A document somewhere else.
pub static SOURCE: Shape = Shape {
    name: "source",
    what: "a source",
    about: "A document somewhere else.",
    keys: &[
        required("title", Kind::Text, "Its name, in one language or several."),
        optional("url", Kind::Plain, "Where it is."),
    ],
    one_of: &[],
};

/// `policy`, in a framework or a round.
pub static POLICY: Shape = Shape {
    name: "policy",
    what: "`policy`",
    about: "The rules of scoring; a round's go key by key over the framework's.",
    keys: &[
        optional(
            "missing",
            Kind::Word(words::<Missing>),
            "What a blank answer is worth: 0 (`zero`, the default), nothing either way, or the service is held out.",
        ),
        optional(
            "not_applicable",
            Kind::Word(words::<NotApplicable>),
            "What an answer \"not applicable\" counts: nothing either way (`exclude`, the default), full, or 0.",
        ),
        optional(
            "evidence",
            Kind::Word(words::<EvidencePolicy>),
            "An answer without its required evidence: scores 0 (`void`, the default), or is only warned of.",
        ),
        optional(
            "evaluators",
            Kind::Word(words::<Evaluators>),
            "Several evaluators of one answer: must agree (the default), or their mean counts.",
        ),
        optional(
            "minimum_coverage",
            SHARE,
            "Percent of the applicable parameters that must be answered for a service to have an index. Default 0.",
        ),
        optional(
            "unrated",
            Kind::Word(words::<Unrated>),
            "A service without an index, in its entity's mean: left out (`exclude`, the default), or 0.",
        ),
        optional(
            "aggregation",
            Kind::OneOrMore(&Kind::Word(words::<Aggregation>)),
            "The mean by which children become their group's score: one for all levels, or a list, the root's first. Default arithmetic.",
        ),
        optional("decimals", Kind::Whole(0, 9), "Places of published figures. Default 2."),
        optional(
            "rounding",
            Kind::Word(words::<Rounding>),
            "Rounded once, at the end (the default), or at each level.",
        ),
        optional(
            "half",
            Kind::Word(words::<Half>),
            "What an exact half of the last place does: goes up (the default), or to the even digit.",
        ),
        optional(
            "ranks",
            Kind::Word(words::<Basis>),
            "Whether ranks compare published figures (the default) or exact ones.",
        ),
        optional(
            "entity_from",
            Kind::Word(words::<Basis>),
            "Whether an entity's mean is taken over published figures (the default) or exact ones.",
        ),
    ],
    one_of: &[],
};

/// `words`.
pub static WORDS: Shape = Shape {
    name: "words",
    what: "`words`",
    about: "Answers that every scale takes; none of them may be the spelling of an option.",
    keys: &[
        optional("not_applicable", PLAINS, "The question does not apply to the service."),
        optional("none", PLAINS, "Nothing chosen, where several may be."),
        optional("confirmed", PLAINS, "In a later stage: it stands as it is."),
        optional("withdrawn", PLAINS, "In a later stage: as if it had never been answered."),
    ],
    one_of: &[],
};

/// An attribute.
pub static ATTRIBUTE: Shape = Shape {
    name: "attribute",
    what: "an attribute",
    about: "A column of the registry of services, with its values.",
    keys: &[
        optional("title", Kind::Text, "What it means."),
        required(
            "values",
            Kind::Either(&PLAINS, &Kind::Entries(&Kind::Text)),
            "Its values: a list, or a map to their titles.",
        ),
    ],
    one_of: &[],
};

/// A scale.
pub static SCALE: Shape = Shape {
    name: "scale",
    what: "a scale",
    about: "How a question is answered, and what each answer is worth: exactly one of the three kinds.",
    keys: &[
        optional("choices", OPTIONS, "One of several options."),
        optional("number", Kind::Map(&NUMBER), "A number, worth what the line through its points says."),
        optional("multiple", OPTIONS, "Several options at once; their scores add up and stop at 1."),
    ],
    one_of: &["choices", "number", "multiple"],
};

/// An option of a scale.
pub static OPTION: Shape = Shape {
    name: "option",
    what: "an option",
    about: "An answer that can be chosen.",
    keys: &[
        required("answer", Kind::Plain, "What is written in an answer sheet."),
        required("score", Kind::Score, "What it is worth, from 0 to 1."),
        optional("title", Kind::Text, "Its name; a spelling of it too, in any language."),
        optional("also", PLAINS, "Other spellings."),
        optional("effort", EFFORT, "Person-days to reach it."),
    ],
    one_of: &[],
};

/// A number scale.
pub static NUMBER: Shape = Shape {
    name: "number",
    what: "a number scale",
    about: "A scale of numbers.",
    keys: &[
        optional("unit", Kind::Text, "What is counted, such as `minute`; with `%` an answer may end in it."),
        optional("min", NUMBER_OF_SCALE, "The lowest answer."),
        optional("max", NUMBER_OF_SCALE, "The highest answer."),
        required(
            "points",
            Kind::List(&Kind::Pair(&NUMBER_OF_SCALE, &Kind::Score)),
            "Numbers and what they are worth, in ascending order; straight lines between them, level beyond.",
        ),
        optional(
            "ratio",
            Kind::Word(words::<bool>),
            "Whether `48/50` may be answered for 96. Default false.",
        ),
    ],
    one_of: &[],
};

/// An innovative solution.
pub static SOLUTION: Shape = Shape {
    name: "solution",
    what: "a solution",
    about: "An innovative solution: paid once by an entity, it closes many gaps.",
    keys: &[
        required("id", Kind::Id, "Its id."),
        required("title", Kind::Text, "Its name."),
        optional("description", Kind::Text, "What it is."),
        optional("effort", EFFORT, "Person-days, once for an entity."),
        optional("sources", SOURCES, "Where it is in use."),
    ],
    one_of: &[],
};

/// A band.
pub static BAND: Shape = Shape {
    name: "band",
    what: "a band",
    about: "A band of the index.",
    keys: &[
        required("id", Kind::Plain, "Its name in tables, such as `A`."),
        required("from", SHARE, "The lowest index that reaches it."),
        optional("title", Kind::Text, "Its name."),
        optional(
            "requires",
            Kind::Entries(&SHARE),
            "What groups must reach as well, in percent, by their ids; else the next lower band.",
        ),
    ],
    one_of: &[],
};

/// A group in a file of its own.
pub static INCLUDE: Shape = Shape {
    name: "include",
    what: "a group",
    about: "A group in a file of its own.",
    keys: &[required(
        "file",
        Kind::Plain,
        "The file, as a path from this one, inside the framework's folder.",
    )],
    one_of: &[],
};

/// A group, in a framework's file or in one of its own.
pub static GROUP: Shape = Shape {
    name: "group",
    what: "a group",
    about: "A node of the tree that is no parameter: it has either groups or parameters.",
    keys: &[
        required("id", Kind::Id, "Its id, unique in the framework."),
        required("title", Kind::Text, "Its name."),
        optional("weight", Kind::Weight, "What it weighs among its siblings. Default 1."),
        optional(
            "asked",
            Kind::Word(words::<Asked>),
            "Who answers the parameters below: each service (the default), or the entity once for all.",
        ),
        optional(
            "applies_when",
            APPLIES_WHEN,
            "What a service's attributes must be for it to apply: for each attribute a value or several; all must match.",
        ),
        optional("groups", Kind::List(&CHILD), "The groups below."),
        optional("parameters", Kind::List(&Kind::Map(&PARAMETER)), "The parameters below."),
    ],
    one_of: &["groups", "parameters"],
};

/// A parameter.
pub static PARAMETER: Shape = Shape {
    name: "parameter",
    what: "a parameter",
    about: "A leaf of the tree: one question.",
    keys: &[
        required("id", Kind::Id, "Its id, unique in the framework and never given a new meaning."),
        required("title", Kind::Text, "Its name."),
        required("question", Kind::Text, "What is asked."),
        required(
            "scale",
            Kind::Either(&Kind::Plain, &Kind::Map(&SCALE)),
            "The name of a scale, or a scale written here.",
        ),
        optional("weight", Kind::Weight, "What it weighs among its siblings. Default 1."),
        optional(
            "asked",
            Kind::Word(words::<Asked>),
            "Who answers: each service (the default), or the entity once for all.",
        ),
        optional(
            "evidence",
            Kind::Word(words::<EvidenceRule>),
            "Whether an answer needs evidence. Default none.",
        ),
        optional(
            "optional",
            Kind::Word(words::<bool>),
            "Whether \"not applicable\" may be answered. Default false.",
        ),
        optional(
            "applies_when",
            APPLIES_WHEN,
            "What a service's attributes must be for it to apply: for each attribute a value or several; all must match.",
        ),
        optional(
            "requires",
            Kind::Entries(&Kind::OneOrMore(&Kind::Plain)),
            "Answers to other parameters without which this one scores 0 unasked, by their ids; all must hold.",
        ),
        optional("verification", Kind::Text, "How an evaluator checks the answer."),
        optional("advice", Kind::Map(&ADVICE), "What closes the gap."),
    ],
    one_of: &[],
};

/// What closes a parameter's gap.
pub static ADVICE: Shape = Shape {
    name: "advice",
    what: "advice",
    about: "What closes a parameter's gap, what it costs, and who does it.",
    keys: &[
        optional("action", Kind::Text, "What closes the gap for one service."),
        optional("effort", EFFORT, "Person-days, for one service."),
        optional("owner", Kind::Text, "Who usually does it."),
        optional("solutions", PLAINS, "The ids of innovative solutions that close it too."),
    ],
    one_of: &[],
};

/// `round.yaml`.
pub static ROUND: Shape = Shape {
    name: "round",
    what: "the round",
    about: "A round of assessment: what is assessed by which framework, and how far it has come.",
    keys: &[
        optional("id", Kind::Plain, "The round's id."),
        optional("title", Kind::Text, "Its name, in one language or several."),
        optional("date", Kind::Day, "The day it is dated."),
        optional("period", Kind::Map(&PERIOD), "The days it looks at."),
        optional("language", Kind::Plain, "The language of what is written to files."),
        optional(
            "dialect",
            Kind::Word(words::<Dialect>),
            "How CSV files are written: `rfc` (the default), or `excel`, with semicolons and decimal commas.",
        ),
        optional(
            "state",
            Kind::Word(words::<State>),
            "How far it has come: still open (`draft`, the default), closed, or published.",
        ),
        optional(
            "framework",
            Kind::Plain,
            "Where its framework is, as a path from here. The built-in one if left out.",
        ),
        optional("policy", Kind::Map(&POLICY), "Rules that go over the framework's."),
        optional("allow", Kind::List(&Kind::Word(codes)), "Codes of warnings that are not reported."),
        optional(
            "stages",
            Kind::List(&Kind::Map(&STAGE)),
            "Its stages, each a folder under `answers/`; the latest scored one with a row counts.",
        ),
    ],
    one_of: &[],
};

/// The codes that `allow` leaves out; an error is always reported.
fn codes() -> Vec<&'static str> {
    let warnings = Code::ALL.iter().filter(|code| code.severity() == Severity::Warning);
    warnings.map(|code| code.name()).collect()
}

/// The days that a round looks at.
pub static PERIOD: Shape = Shape {
    name: "period",
    what: "`period`",
    about: "The days that a round looks at.",
    keys: &[optional("from", Kind::Day, "The first day."), optional("to", Kind::Day, "The last day.")],
    one_of: &[],
};

/// A stage of a round.
pub static STAGE: Shape = Shape {
    name: "stage",
    what: "a stage",
    about: "A stage of a round: who says what, and whether it counts.",
    keys: &[
        required("id", Kind::Plain, "Its id, and the name of its folder."),
        optional("by", Kind::Word(words::<By>), "Who speaks in it."),
        optional(
            "unconfirmed",
            Kind::Word(words::<Unconfirmed>),
            "What becomes of an answer that it leaves untouched: kept (the default), or void.",
        ),
        optional("scored", Kind::Word(words::<bool>), "Whether it counts. Default true."),
    ],
    one_of: &[],
};

/// What becomes of an answer that a stage leaves untouched.
#[derive(Clone, Copy)]
pub enum Unconfirmed {
    /// It stands.
    Keep,
    /// It scores 0.
    Void,
}

impl Keyword for Unconfirmed {
    const WORDS: &'static [(&'static str, Self)] = &[("keep", Self::Keep), ("void", Self::Void)];
}

/// Who speaks in a stage.
#[derive(Clone, Copy)]
pub enum By {
    /// The bodies.
    Entity,
    /// The evaluators.
    Evaluator,
}

impl Keyword for By {
    const WORDS: &'static [(&'static str, Self)] =
        &[("entity", Self::Entity), ("evaluator", Self::Evaluator)];
}
