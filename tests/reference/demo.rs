//! A case of another kind, as large as one likes: the framework that comes with the program and a round that its `demo` makes up,
//! read here from their files, as far as the demo goes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use num_bigint::BigInt;
use serde_json::{Value, json};

use crate::exact::{Exact, decimal};
use crate::model::*;
use crate::run::{PROGRAM, Run};

/// Makes up a round of so many services below `folder`, and scores it.
pub fn run(services: usize, folder: &Path) -> Run {
    let round = folder.join("round");
    let mut demo = Command::new(PROGRAM);
    demo.arg("demo").arg(&round).args(["--seed", "6", "--services", &services.to_string()]);
    let made = demo.stderr(Stdio::null()).status().expect("the program starts");
    assert!(made.success(), "{demo:?}");
    let mut command = Command::new(PROGRAM);
    command.arg("score").arg(&round).arg("--detail").arg("-o").arg(folder.join("out"));
    Run::with(command, folder)
}

/// The case that `run` made up below `folder`.
pub fn read(folder: &Path) -> Case {
    let folder = folder.join("round");
    let framework = framework();
    let round = round(&folder, &framework);
    Case { framework, round, hold_out: false, as_of: None, excel: false, raw: false }
}

// ------------------------------------------------------------------------------------ framework

fn framework() -> Framework {
    let head = yaml("framework.yaml");
    let policy = json!({
        "missing": "zero", "not_applicable": "exclude", "evidence": "void", "evaluators": "agree",
        "minimum_coverage": 0, "unrated": "exclude", "aggregation": "arithmetic", "decimals": 2,
        "rounding": "end", "half": "up", "ranks": "published", "entity_from": "published",
    });
    assert_eq!(head["policy"], policy, "it is taken for the default below");
    let levels: Vec<_> = list(&head["levels"]).iter().map(kept).collect();
    let attributes = entries(&head["attributes"]).map(|(id, attribute)| {
        let values: Vec<_> = entries(&attribute["values"]).map(|(value, _)| value).collect();
        Attribute { id, values: values.leak() }
    });
    let scales = entries(&head["scales"]).map(|(id, scale)| (id.to_owned(), read_scale(scale))).collect();
    let mut tree = Tree { scales, requires: Vec::new() };
    let groups = list(&head["groups"]).iter();
    let children = groups.map(|group| tree.node(&yaml(&text(&group["file"])))).collect();
    let root = Node {
        id: String::new(),
        weight: None,
        applies_when: Vec::new(),
        asked: None,
        kind: Kind::Group(children),
    };
    let mut framework = Framework {
        languages: list(&head["languages"]).iter().map(kept).collect(),
        policy: Policy::default_for(levels.len()),
        levels,
        words: Words::default(),
        attributes: attributes.collect(),
        scales: tree.scales,
        bands: list(&head["bands"]).iter().map(band).collect(),
        root,
    };
    require(&mut framework, &tree.requires);
    framework
}

/// Fills in which options a parameter requires of another, once all are known.
fn require(framework: &mut Framework, requires: &[Required]) {
    let leaves = framework.leaves();
    let options = |Required { of, answers, .. }: &Required| -> Vec<usize> {
        let leaf = leaves.iter().find(|leaf| leaf.id == of).expect("a parameter");
        answers.iter().map(|answer| option(&leaf.parameter.scale, answer).expect("an option")).collect()
    };
    let options: Vec<_> = requires.iter().map(options).collect();
    framework.root.visit_mut(&mut |node| {
        if let Kind::Parameter(parameter) = &mut node.kind {
            let own = requires.iter().zip(&options).filter(|(required, _)| required.by == node.id);
            parameter.requires =
                own.map(|(required, options)| (required.of.clone(), options.clone())).collect();
        }
    });
}

/// The place of an answer among a scale's options.
fn option(scale: &Scale, answer: &str) -> Option<usize> {
    match scale {
        Scale::Choices(choices) | Scale::Multiple(choices) => {
            choices.iter().position(|choice| choice.name.answer == answer)
        }
        Scale::Number(_) => None,
    }
}

fn yaml(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("parameters").join(name);
    let text = fs::read_to_string(path).expect("a file of the framework");
    serde_yaml::from_str(&text).expect("YAML")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn entries(value: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (&*key.clone().leak(), value))
}

/// What a scalar says. A number went through a float, which gives back the digits that it was written with.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn kept(value: &Value) -> &'static str {
    text(value).leak()
}

fn exact(text: &str) -> Exact {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{places}").parse().expect("digits");
    decimal(digits, u32::try_from(places.len()).expect("a few places"))
}

fn optional_exact(value: &Value) -> Option<Exact> {
    (!value.is_null()).then(|| exact(&text(value)))
}

fn read_scale(scale: &Value) -> Scale {
    let choices = |kind: &str| list(&scale[kind]).iter().map(choice).collect();
    let number = &scale["number"];
    if number.is_object() {
        let points = list(&number["points"]).iter();
        return Scale::Number(Number {
            unit: number["unit"].as_str().map(|_| kept(&number["unit"])),
            ratio: number["ratio"] == true,
            min: optional_exact(&number["min"]),
            max: optional_exact(&number["max"]),
            points: points.map(|point| (exact(&text(&point[0])), exact(&text(&point[1])))).collect(),
        });
    }
    match scale["choices"].is_array() {
        true => Scale::Choices(choices("choices")),
        false => Scale::Multiple(choices("multiple")),
    }
}

/// An option; a demo knows it by its answer alone.
fn choice(option: &Value) -> Choice {
    let name = Name { answer: kept(&option["answer"]), en: "", az: "", also: &[] };
    Choice { name: Box::leak(Box::new(name)), score: exact(&text(&option["score"])) }
}

fn band(band: &Value) -> Band {
    let requires = entries(&band["requires"]).map(|(group, least)| (group.to_owned(), exact(&text(least))));
    Band { id: text(&band["id"]), from: exact(&text(&band["from"])), requires: requires.collect() }
}

/// What one parameter requires of another.
struct Required {
    by: String,
    of: String,
    answers: Vec<String>,
}

/// Groups and parameters as they are read.
struct Tree {
    scales: Vec<(String, Scale)>,
    requires: Vec<Required>,
}

impl Tree {
    fn node(&mut self, yaml: &Value) -> Node {
        let id = text(&yaml["id"]);
        let conditions =
            entries(&yaml["applies_when"]).map(|(attribute, values)| (attribute, one_or_more(values)));
        let kind = match yaml["question"].is_null() {
            true => {
                let below = list(&yaml["groups"]).iter().chain(list(&yaml["parameters"]));
                Kind::Group(below.map(|node| self.node(node)).collect())
            }
            false => Kind::Parameter(Box::new(self.parameter(&id, yaml))),
        };
        Node {
            id,
            weight: optional_exact(&yaml["weight"]),
            applies_when: conditions.collect(),
            asked: [Asked::Service, Asked::Entity].into_iter().find(|asked| yaml["asked"] == asked.word()),
            kind,
        }
    }

    fn parameter(&mut self, id: &str, yaml: &Value) -> Parameter {
        self.requires.extend(entries(&yaml["requires"]).map(|(of, answers)| Required {
            by: id.to_owned(),
            of: of.to_owned(),
            answers: list(answers).iter().map(text).collect(),
        }));
        let named = yaml["scale"].as_str();
        let scale = match named {
            Some(name) => self.scales.iter().find(|(id, _)| id == name).expect("a scale").1.clone(),
            None => read_scale(&yaml["scale"]),
        };
        let rules = [Evidence::Recommended, Evidence::Required];
        let evidence = rules.into_iter().find(|rule| yaml["evidence"] == rule.word());
        Parameter {
            scale,
            named: named.map(str::to_owned),
            evidence: evidence.unwrap_or(Evidence::None),
            optional: yaml["optional"] == true,
            requires: Vec::new(),
        }
    }
}

fn one_or_more(value: &Value) -> Vec<&'static str> {
    if value.is_array() { list(value).iter().map(kept).collect() } else { vec![kept(value)] }
}

// ---------------------------------------------------------------------------------------- round

fn round(folder: &Path, framework: &Framework) -> Round {
    let entities = table(&folder.join("entities.csv"));
    let entities: Vec<Entity> = entities
        .map(|row| Entity {
            id: row["entity"].clone(),
            title: title(&row),
            category: row["category"].clone(),
        })
        .collect();
    let place: BTreeMap<&str, usize> =
        entities.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
    let attributes = |row: &BTreeMap<String, String>| {
        let given = |attribute: &Attribute| {
            let values = row[attribute.id].split(';').map(|value| &*value.to_owned().leak());
            (attribute.id, values.collect())
        };
        framework.attributes.iter().map(given).collect()
    };
    let services: Vec<Service> = table(&folder.join("services.csv"))
        .map(|row| Service {
            id: row["service"].clone(),
            title: title(&row),
            entity: place[row["entity"].as_str()],
            weight: None,
            excluded: false,
            attributes: attributes(&row),
        })
        .collect();
    let mut rows = answers(&folder.join("answers/services.csv"), "service", framework, |id| {
        Subject::Service(services.binary_search_by(|one| one.id.as_str().cmp(id)).expect("a service"))
    });
    let of_entities =
        answers(&folder.join("answers/bodies.csv"), "entity", framework, |id| Subject::Entity(place[id]));
    rows.extend(of_entities);
    Round {
        registry: true,
        entity_registry: true,
        language: None,
        services,
        entities,
        stages: Vec::new(),
        rows,
    }
}

/// A CSV's rows, each by its columns.
fn table(path: &Path) -> impl Iterator<Item = BTreeMap<String, String>> + use<> {
    let reader = csv::Reader::from_reader(File::open(path).expect("a file of the demo"));
    reader.into_deserialize().map(|row| row.expect("a row"))
}

fn title(row: &BTreeMap<String, String>) -> Title {
    Title { text: row["title"].clone(), az: Some(row["title:az"].clone()) }
}

fn answers(path: &Path, whose: &str, framework: &Framework, subject: impl Fn(&str) -> Subject) -> Vec<Row> {
    let leaves = framework.leaves();
    let scales: BTreeMap<&str, &Scale> = leaves.iter().map(|leaf| (leaf.id, &leaf.parameter.scale)).collect();
    let read = |row: BTreeMap<String, String>| Row {
        stage: 0,
        subject: subject(&row[whose]),
        parameter: row["parameter"].clone(),
        evaluator: None,
        answer: answer(&framework.words, scales[row["parameter"].as_str()], &row["answer"]),
        evidence: !row["evidence"].is_empty(),
    };
    table(path).map(read).collect()
}

fn answer(words: &Words, scale: &Scale, cell: &str) -> Answer {
    if words.not_applicable.contains(&cell) {
        return Answer::NotApplicable;
    }
    let place = |answer| option(scale, answer).expect("an option");
    match scale {
        Scale::Choices(_) => Answer::Chosen(place(cell)),
        Scale::Number(_) => Answer::Number(exact(cell)),
        Scale::Multiple(_) if words.none.contains(&cell) => Answer::Several(Vec::new()),
        Scale::Multiple(_) => Answer::Several(cell.split("; ").map(place).collect()),
    }
}
