//! A framework's and a round's YAML.

use crate::exact::{Exact, shortest};
use crate::generate::{Features, policy};
use crate::model::*;
use crate::random::Random;
use crate::spell::padded;

/// What is written where: `policy` of the framework, and over it the round's.
pub struct Policies {
    framework: Vec<String>,
    round: Vec<String>,
}

impl Policies {
    /// Splits the rules between framework, round and defaults, at random; without a `round.yaml`
    /// the framework says them all.
    pub fn split(random: &mut Random, case: &Case, has_round: bool) -> Self {
        let framework = &case.framework;
        let levels = framework.levels.len();
        let wanted = entries(random, &framework.policy);
        let features = Features { hold_out: true, ..Features::PLAIN };
        let other = policy(random, levels, features);
        let other = entries(random, &other);
        let defaults = entries(random, &Policy::default_for(levels));
        let mut policies = Self { framework: Vec::new(), round: Vec::new() };
        for ((wanted, other), default) in wanted.into_iter().zip(other).zip(defaults) {
            let is_default = wanted == default;
            if has_round && random.chance(25) {
                if random.chance(60) {
                    policies.framework.push(other);
                }
                policies.round.push(wanted);
            } else if !is_default || random.chance(50) {
                policies.framework.push(wanted);
            }
        }
        random.shuffle(&mut policies.framework);
        random.shuffle(&mut policies.round);
        policies
    }
}

/// A policy's keys and values, one a line.
fn entries(random: &mut Random, policy: &Policy) -> Vec<String> {
    let first = policy.aggregation[0];
    let aggregation = if policy.aggregation.iter().all(|&mean| mean == first) && random.chance(70) {
        first.word().to_owned()
    } else {
        let means: Vec<_> = policy.aggregation.iter().map(|mean| mean.word()).collect();
        format!("[{}]", means.join(", "))
    };
    vec![
        format!("missing: {}", policy.missing.word()),
        format!("not_applicable: {}", policy.not_applicable.word()),
        format!("evidence: {}", policy.evidence.word()),
        format!("evaluators: {}", policy.evaluators.word()),
        format!("minimum_coverage: {}", shortest(&policy.minimum_coverage)),
        format!("unrated: {}", policy.unrated.word()),
        format!("aggregation: {aggregation}"),
        format!("decimals: {}", policy.decimals),
        format!("rounding: {}", policy.rounding.word()),
        format!("half: {}", policy.half.word()),
        format!("ranks: {}", policy.ranks.word()),
        format!("entity_from: {}", policy.entity_from.word()),
    ]
}

/// `round.yaml`; `framework` is the path that it names, if it names one.
pub fn round(random: &mut Random, case: &Case, policies: &Policies, framework: Option<&str>) -> String {
    let mut chunks = Vec::new();
    if let Some(path) = framework {
        chunks.push(format!("framework: {path}\n"));
    }
    if random.chance(50) {
        chunks.push("id: round-2025\n".to_owned());
        chunks.push("title: \"Round 2025\"\n".to_owned());
        chunks.push("state: frozen\n".to_owned());
    }
    if let Some(language) = case.round.language {
        chunks.push(format!("language: {language}\n"));
    }
    chunks.push(section("policy", &policies.round));
    let stages = case.round.stages.iter().map(|stage| {
        let scored = if stage.scored { "" } else { ", scored: false" };
        let unconfirmed = if stage.voids { ", unconfirmed: void" } else { "" };
        format!("- {{ id: {}, by: {}{scored}{unconfirmed} }}", stage.id, stage.by)
    });
    chunks.push(section("stages", &stages.collect::<Vec<_>>()));
    random.shuffle(&mut chunks);
    chunks.concat()
}

/// A key and its lines, or nothing without any.
fn section(key: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("{key}:\n{lines}")
}

/// The framework's files: `framework.yaml` first, then those that it includes.
pub fn framework(random: &mut Random, case: &Case, policies: &Policies) -> Vec<(String, String)> {
    let framework = &case.framework;
    let texts = Texts { languages: &framework.languages };
    let mut files = vec![(String::from("framework.yaml"), String::new())];
    let mut groups = Vec::new();
    for (place, group) in framework.root.children().iter().enumerate() {
        let lines = node(random, framework, group);
        if random.chance(20) {
            let name = format!("{}-group.yaml", place + 1);
            groups.push(format!("- file: {name}"));
            files.push((name, lines.join("\n") + "\n"));
        } else {
            groups.extend(item(lines));
        }
    }
    let mut chunks = vec![
        "framework: random-index\n".to_owned(),
        "version: \"1.0\"\n".to_owned(),
        format!("title: {}\n", texts.of(random, "A random index", "Təsadüfi indeks")),
        format!("levels: [{}]\n", framework.levels.join(", ")),
        section("policy", &policies.framework),
        section("words", &words(random, &framework.words)),
        section("scales", &scales(random, framework)),
        section("attributes", &attributes(random, framework)),
        section("bands", &bands(random, framework)),
        section("groups", &groups),
    ];
    if !framework.languages.is_empty() {
        chunks.push(format!("languages: [{}]\n", framework.languages.join(", ")));
    }
    if random.chance(30) {
        chunks.push(counts(framework));
    }
    random.shuffle(&mut chunks);
    files[0].1 = chunks.concat();
    files
}

/// Texts in all of a framework's languages.
struct Texts<'a> {
    languages: &'a [&'static str],
}

impl Texts<'_> {
    fn of(&self, random: &mut Random, en: &str, az: &str) -> String {
        match self.languages.len() {
            0 => quoted(en),
            1 if random.chance(50) => quoted(en),
            1 => format!("{{ en: {} }}", quoted(en)),
            _ => format!("{{ en: {}, az: {} }}", quoted(en), quoted(az)),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn list(texts: &[&str]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn number(random: &mut Random, value: &Exact) -> String {
    padded(random, value, 9)
}

/// Words that differ from the defaults, and at times those that do not.
fn words(random: &mut Random, words: &Words) -> Vec<String> {
    let default = Words::default();
    [
        ("not_applicable", &words.not_applicable, default.not_applicable),
        ("none", &words.none, default.none),
        ("confirmed", &words.confirmed, default.confirmed),
        ("withdrawn", &words.withdrawn, default.withdrawn),
    ]
    .into_iter()
    .filter(|(_, words, default)| *words != default || random.chance(20))
    .map(|(key, words, _)| format!("{key}: {}", list(words)))
    .collect()
}

fn attributes(random: &mut Random, framework: &Framework) -> Vec<String> {
    let texts = Texts { languages: &framework.languages };
    let attribute = |random: &mut Random, attribute: &Attribute| {
        let title = texts.of(random, attribute.id, attribute.id);
        let values = if random.chance(50) {
            list(attribute.values)
        } else {
            let titled = |value: &&str| format!("{}: {}", quoted(value), texts.of(random, value, value));
            let values: Vec<_> = attribute.values.iter().map(titled).collect();
            format!("{{ {} }}", values.join(", "))
        };
        format!("{}: {{ title: {title}, values: {values} }}", attribute.id)
    };
    framework.attributes.iter().map(|one| attribute(random, one)).collect()
}

fn scales(random: &mut Random, framework: &Framework) -> Vec<String> {
    let scales = framework.scales.iter();
    scales.map(|(name, one)| format!("{name}: {}", scale(random, framework, one))).collect()
}

fn scale(random: &mut Random, framework: &Framework, scale: &Scale) -> String {
    let texts = Texts { languages: &framework.languages };
    let options = |random: &mut Random, choices: &[Choice]| {
        let option = |choice: &Choice| {
            let name = choice.name;
            let also = match name.also {
                [] => String::new(),
                also => format!(", also: {}", list(also)),
            };
            format!(
                "{{ answer: {}, score: {}, title: {}{also} }}",
                quoted(name.answer),
                number(random, &choice.score),
                texts.of(random, name.en, name.az),
            )
        };
        let options: Vec<_> = choices.iter().map(option).collect();
        format!("[{}]", options.join(", "))
    };
    match scale {
        Scale::Choices(choices) => format!("{{ choices: {} }}", options(random, choices)),
        Scale::Multiple(choices) => format!("{{ multiple: {} }}", options(random, choices)),
        Scale::Number(scale) => {
            let points: Vec<_> = scale
                .points
                .iter()
                .map(|(x, y)| format!("[{}, {}]", number(random, x), number(random, y)))
                .collect();
            let mut keys = vec![format!("points: [{}]", points.join(", "))];
            keys.extend(scale.unit.map(|unit| format!("unit: {}", quoted(unit))));
            keys.extend(scale.min.as_ref().map(|min| format!("min: {}", number(random, min))));
            keys.extend(scale.max.as_ref().map(|max| format!("max: {}", number(random, max))));
            if scale.ratio || random.chance(20) {
                keys.push(format!("ratio: {}", scale.ratio));
            }
            random.shuffle(&mut keys);
            format!("{{ number: {{ {} }} }}", keys.join(", "))
        }
    }
}

fn bands(random: &mut Random, framework: &Framework) -> Vec<String> {
    let texts = Texts { languages: &framework.languages };
    let band = |band: &Band| {
        let requires: Vec<_> =
            band.requires.iter().map(|(id, least)| format!("{id}: {}", shortest(least))).collect();
        let requires = match requires.is_empty() {
            true => String::new(),
            false => format!(", requires: {{ {} }}", requires.join(", ")),
        };
        let title = texts.of(random, &band.id, &band.id);
        format!("- {{ id: {}, from: {}, title: {title}{requires} }}", band.id, shortest(&band.from))
    };
    framework.bands.iter().map(band).collect()
}

/// How many nodes each level has.
fn counts(framework: &Framework) -> String {
    let parameters = framework.levels.len() - 1;
    let mut counts = vec![0; framework.levels.len()];
    framework.root.visit(0, &mut |node, depth| match node.kind {
        Kind::Group(_) if depth > 0 => counts[depth - 1] += 1,
        Kind::Group(_) => {}
        Kind::Parameter(_) => counts[parameters] += 1,
    });
    let counts: Vec<_> = framework
        .levels
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count > 0)
        .map(|(level, count)| format!("{level}: {count}"))
        .collect();
    format!("counts: {{ {} }}\n", counts.join(", "))
}

/// A node's keys in any order, one or more lines each.
fn node(random: &mut Random, framework: &Framework, node: &Node) -> Vec<String> {
    let texts = Texts { languages: &framework.languages };
    let title = texts.of(random, &format!("Title of {}", node.id), &format!("{} başlığı", node.id));
    let mut keys = vec![vec![format!("id: {}", node.id)], vec![format!("title: {title}")]];
    let mut key = |line: String| keys.push(vec![line]);
    if let Some(weight) = &node.weight {
        key(format!("weight: {}", number(random, weight)));
    }
    if let Some(asked) = node.asked {
        key(format!("asked: {}", asked.word()));
    }
    if !node.applies_when.is_empty() {
        key(format!("applies_when: {{ {} }}", conditions(random, &node.applies_when)));
    }
    match &node.kind {
        Kind::Group(children) => {
            let children_are_groups = matches!(children[0].kind, Kind::Group(_));
            let name = if children_are_groups { "groups" } else { "parameters" };
            let mut lines = vec![format!("{name}:")];
            for child in children {
                let child = self::node(random, framework, child);
                lines.extend(item(child).into_iter().map(|line| format!("  {line}")));
            }
            keys.push(lines);
        }
        Kind::Parameter(parameter) => {
            let keys_of_parameter = self::parameter(random, framework, parameter);
            keys.extend(keys_of_parameter.into_iter().map(|line| vec![line]));
        }
    }
    random.shuffle(&mut keys);
    keys.concat()
}

fn conditions(random: &mut Random, conditions: &[(&str, Vec<&str>)]) -> String {
    let conditions: Vec<_> = conditions
        .iter()
        .map(|(attribute, values)| match &values[..] {
            [only] if random.chance(50) => format!("{attribute}: {}", quoted(only)),
            values => format!("{attribute}: {}", list(values)),
        })
        .collect();
    conditions.join(", ")
}

fn parameter(random: &mut Random, framework: &Framework, parameter: &Parameter) -> Vec<String> {
    let texts = Texts { languages: &framework.languages };
    let scale = match &parameter.named {
        Some(name) => name.clone(),
        None => scale(random, framework, &parameter.scale),
    };
    let mut keys = vec![
        format!("question: {}", texts.of(random, "What was found?", "Nə aşkar edildi?")),
        format!("scale: {scale}"),
    ];
    if parameter.evidence != Evidence::None || random.chance(10) {
        keys.push(format!("evidence: {}", parameter.evidence.word()));
    }
    if parameter.optional || random.chance(10) {
        keys.push(format!("optional: {}", parameter.optional));
    }
    if !parameter.requires.is_empty() {
        let requires: Vec<_> = parameter
            .requires
            .iter()
            .map(|(id, accepted)| format!("{id}: {}", list(&answers(framework, id, accepted))))
            .collect();
        keys.push(format!("requires: {{ {} }}", requires.join(", ")));
    }
    keys
}

/// The names of these options of a parameter.
fn answers(framework: &Framework, id: &str, options: &[usize]) -> Vec<&'static str> {
    let leaves = framework.leaves();
    let leaf = leaves.iter().find(|leaf| leaf.id == id).expect("a known parameter");
    match &leaf.parameter.scale {
        Scale::Choices(choices) => options.iter().map(|&one| choices[one].name.answer).collect(),
        Scale::Number(_) | Scale::Multiple(_) => unreachable!("only choices are required"),
    }
}

/// Lines as an item of a list.
fn item(lines: Vec<String>) -> Vec<String> {
    let mut lines = lines.into_iter();
    let first = lines.next().map(|line| format!("- {line}"));
    first.into_iter().chain(lines.map(|line| format!("  {line}"))).collect()
}
