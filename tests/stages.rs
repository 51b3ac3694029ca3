//! Who said what: stages, answers of entities and several evaluators, against merges done here in the
//! plainest way, and against hand-written rounds.

mod support;

use std::collections::BTreeMap;

use support::random::Random;
use support::{Folder, inside};

const FRAMEWORK: &str = r#"
framework: staged
version: "1"
title: Staged
levels: [group, question]
policy: { evidence: EVIDENCE }
attributes: { fee: { values: ["yes", "no"] } }
scales:
  yes-no: { choices: [ { answer: "yes", score: 1 }, { answer: partly, score: 0.4 }, { answer: "no", score: 0 } ] }
  share: { number: { unit: "%", min: 0, max: 100, points: [[0, 0], [100, 1]] } }
groups:
  - id: G1
    title: One
    weight: 3
    parameters:
      - { id: Q1, title: q, question: q, scale: yes-no, asked: entity }
      - { id: Q2, title: q, question: q, scale: share, weight: 2, evidence: required }
      - { id: Q3, title: q, question: q, scale: yes-no, requires: { Q1: ["yes", partly] } }
  - id: G2
    title: Two
    parameters:
      - { id: Q4, title: q, question: q, scale: yes-no, asked: entity, evidence: required }
      - { id: Q5, title: q, question: q, scale: share, optional: true, weight: 0.7 }
      - { id: Q6, title: q, question: q, scale: yes-no, asked: entity, applies_when: { fee: "yes" } }
"#;

const PARAMETERS: [&str; 6] = ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"];
const OF_ENTITY: [&str; 3] = ["Q1", "Q4", "Q6"];
const STAGES: [&str; 4] = ["submitted", "verified", "objections", "final"];

/// An answer that counts: its cell, and whether it has evidence or is void.
#[derive(Clone, Debug, Default)]
struct Counted {
    answer: Option<String>,
    evidence: bool,
    void: bool,
}

/// `(subject, parameter)` to `(answer, evidence)`, as the rows of a stage.
type Rows = BTreeMap<(String, &'static str), (String, bool)>;

fn services(random: &mut Random) -> (String, Vec<(String, String)>) {
    let mut list = Vec::new();
    let mut text = "service,title,entity,fee\n".to_owned();
    for at in 0..2 + random.below(4) {
        let entity = ["X", "Y"][random.below(2)];
        let fee = ["yes", "no"][random.below(2)];
        text += &format!("s{at},S,{entity},{fee}\n");
        list.push((format!("s{at}"), entity.to_owned()));
    }
    (text, list)
}

fn answer(parameter: &str, random: &mut Random) -> String {
    match parameter {
        "Q5" if random.below(5) == 0 => "n/a".to_owned(),
        "Q2" | "Q5" => random.below(101).to_string(),
        _ => ["yes", "partly", "no"][random.below(3)].to_owned(),
    }
}

/// A row or none: an answer, or a word where something stands to be confirmed or withdrawn.
fn row(parameter: &str, stands: bool, random: &mut Random) -> Option<(String, bool)> {
    let cell = match random.below(6) {
        0 | 1 => return None,
        2 if stands => "ok".to_owned(),
        3 if stands => "withdrawn".to_owned(),
        _ => answer(parameter, random),
    };
    Some((cell, random.below(2) == 0))
}

/// What counts after a row, as the contract words it.
fn after(before: &Counted, row: Option<&(String, bool)>, voids: bool) -> Counted {
    let mut now = before.clone();
    match row {
        None => now.void |= voids && now.answer.is_some(),
        Some((word, _)) if word == "withdrawn" => now = Counted::default(),
        Some((word, evidence)) => {
            if word != "ok" {
                now.answer = Some(word.clone());
            }
            now.evidence |= evidence;
            now.void = false;
        }
    }
    now
}

/// The rows of one stage as files: some in a file for each service, some in one, entities apart.
fn write_stage(folder: &Folder, stage: &str, of_services: &Rows, of_entities: &Rows, random: &mut Random) {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for ((service, parameter), (answer, evidence)) in of_services {
        let evidence = if *evidence { "seen" } else { "" };
        let (name, header, subject) = match service.ends_with(['0', '2']) {
            true => (format!("{service}.csv"), "parameter,answer,evidence", String::new()),
            false => ("rest.csv".to_owned(), "service,parameter,answer,evidence", format!("{service},")),
        };
        let text = files.entry(name).or_insert_with(|| format!("{header}\n"));
        *text += &format!("{subject}{parameter},{answer},{evidence}\n");
        if random.below(4) == 0 {
            *text += "\n";
        }
    }
    for ((entity, parameter), (answer, evidence)) in of_entities {
        let evidence = if *evidence { "seen" } else { "" };
        let text = files
            .entry("bodies.csv".to_owned())
            .or_insert_with(|| "entity,parameter,answer,evidence\n".to_owned());
        *text += &format!("{entity},{parameter},{answer},{evidence}\n");
    }
    for (name, text) in files {
        folder.write(&format!("answers/{stage}/{name}"), text.as_bytes());
    }
}

/// A round whose answers are in one stage.
fn plain_round(services: &str, answers: &str, evidence: &str) -> Folder {
    Folder::with(&[
        ("framework.yaml", &FRAMEWORK.replace("EVIDENCE", evidence)),
        ("round.yaml", "id: t\nframework: framework.yaml\n"),
        ("services.csv", services),
        ("answers/all.csv", answers),
    ])
}

fn ranking(folder: &Folder, stage: Option<&str>) -> String {
    let path = folder.path().to_string_lossy().into_owned();
    let mut args = vec!["score", &path, "--format", "csv", "-q"];
    args.extend(stage.map(|stage| ["--stage", stage]).iter().flatten());
    let (verdict, out, err) = inside(&args);
    assert_eq!(verdict, 0, "{err}");
    out
}

/// A ranking without the numbers of answers: a void answer is none, its stand-in here is one.
fn figures(ranking: &str) -> Vec<Vec<String>> {
    let kept = |(at, _): &(usize, &str)| ![8, 9].contains(at);
    ranking
        .lines()
        .map(|line| line.split(',').enumerate().filter(kept).map(|(_, cell)| cell.to_owned()).collect())
        .collect()
}

#[test]
fn stages_count_as_the_same_answers_merged_by_hand() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let (registry, services) = services(&mut random);
        let voids = seed % 2 == 1;
        let evidence = ["void", "warn"][random.below(2)];
        let folder = plain_round(&registry, "service,parameter,answer\n", evidence);
        std::fs::remove_dir_all(folder.join("answers")).expect("no answers yet");
        let unconfirmed = if voids { "void" } else { "keep" };
        let head = format!(
            "id: t\nframework: framework.yaml\nstages:\n  - {{ id: submitted, by: entity }}\n  \
             - {{ id: verified, unconfirmed: {unconfirmed} }}\n  - {{ id: objections, scored: false }}\n  \
             - {{ id: final, by: evaluator }}\n"
        );
        folder.write("round.yaml", head.as_bytes());
        let as_of = [None, Some(0), Some(1), Some(2), Some(3)][random.below(5)];
        let mut counted: BTreeMap<(String, &'static str), Counted> = BTreeMap::new();
        let mut entities: BTreeMap<(String, &'static str), Counted> = BTreeMap::new();
        for (at, stage) in STAGES.iter().enumerate() {
            let (mut of_services, mut of_entities) = (Rows::new(), Rows::new());
            for entity in ["X", "Y"].iter().filter(|id| services.iter().any(|(_, entity)| entity == *id)) {
                for parameter in OF_ENTITY {
                    let key = ((*entity).to_owned(), parameter);
                    let before = entities.entry(key.clone()).or_default();
                    if let Some(row) = row(parameter, before.answer.is_some(), &mut random) {
                        if *stage != "objections" {
                            *before = after(before, Some(&row), false);
                        }
                        of_entities.insert(key, row);
                    }
                }
            }
            for (service, entity) in &services {
                for parameter in PARAMETERS {
                    let key = (service.clone(), parameter);
                    let before = counted.entry(key.clone()).or_default().clone();
                    if let Some(row) = row(parameter, before.answer.is_some(), &mut random) {
                        of_services.insert(key.clone(), row);
                    }
                    let inherited = of_entities.get(&(entity.clone(), parameter));
                    let row = of_services.get(&key).or(inherited);
                    if *stage != "objections" && as_of.is_none_or(|last| at <= last) {
                        let files = !STAGES[1].ne(*stage) && voids;
                        counted.insert(key, after(&before, row, files));
                    }
                }
            }
            let any = !of_services.is_empty() || !of_entities.is_empty();
            assert!(any, "a stage without files voids nothing: not what is tested here");
            write_stage(&folder, stage, &of_services, &of_entities, &mut random);
        }
        let mut merged = "service,parameter,answer,evidence\n".to_owned();
        for ((service, parameter), counted) in &counted {
            let Some(answer) = &counted.answer else { continue };
            let nothing = if ["Q2", "Q5"].contains(parameter) { "0" } else { "no" };
            let (answer, evidence) = match counted.void {
                true => (nothing, "seen"),
                false => (answer.as_str(), if counted.evidence { "seen" } else { "" }),
            };
            merged += &format!("{service},{parameter},{answer},{evidence}\n");
        }
        let by_hand = ranking(&plain_round(&registry, &merged, evidence), None);
        let staged = ranking(&folder, as_of.map(|at| STAGES[at]));
        match voids {
            true => assert_eq!(figures(&staged), figures(&by_hand), "seed {seed}"),
            false => assert_eq!(staged, by_hand, "seed {seed}"),
        }
    }
}

#[test]
fn answers_of_an_entity_count_as_the_same_written_into_each_service() {
    for seed in 0..500 {
        let mut random = Random::new(10_000 + seed);
        let (registry, services) = services(&mut random);
        let (mut own, mut of_entities) = (Rows::new(), Rows::new());
        for entity in ["X", "Y"].iter().filter(|id| services.iter().any(|(_, entity)| entity == *id)) {
            for parameter in OF_ENTITY {
                if let Some(row) = row(parameter, false, &mut random) {
                    of_entities.insert(((*entity).to_owned(), parameter), row);
                }
            }
        }
        for (service, _) in &services {
            for parameter in PARAMETERS {
                if let Some(row) = row(parameter, false, &mut random) {
                    own.insert((service.clone(), parameter), row);
                }
            }
        }
        let folder = plain_round(&registry, "service,parameter,answer\n", "void");
        write_stage(&folder, "any", &own, &of_entities, &mut random);
        for (service, entity) in &services {
            for parameter in OF_ENTITY {
                if let Some(row) = of_entities.get(&(entity.clone(), parameter)) {
                    own.entry((service.clone(), parameter)).or_insert_with(|| row.clone());
                }
            }
        }
        let each = plain_round(&registry, "service,parameter,answer\n", "void");
        write_stage(&each, "any", &own, &Rows::new(), &mut random);
        assert_eq!(ranking(&folder, None), ranking(&each, None), "seed {seed}");
    }
}

const STAGED: &str = "id: t\nframework: framework.yaml\nstages:\n  - { id: submitted }\n  - { id: verified }\n  \
                      - { id: objections, scored: false }\n  - { id: final }\n";

/// A round with stages whose files are given below `answers/`.
fn staged(answers: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(&[
        ("framework.yaml", &FRAMEWORK.replace("EVIDENCE", "warn")),
        ("round.yaml", STAGED),
        ("services.csv", "service,title,entity,fee\na,A,X,yes\nb,B,X,no\nc,C,Y,yes\n"),
    ]);
    for (name, text) in answers {
        folder.write(&format!("answers/{name}"), text.as_bytes());
    }
    folder
}

#[test]
fn an_objection_is_open_until_a_later_stage_speaks_to_it() {
    let objected = [
        ("submitted/all.csv", "service,parameter,answer\na,Q3,yes\nb,Q3,yes\nc,Q3,yes\n"),
        ("verified/all.csv", "service,parameter,answer,reason\na,Q3,no,not seen\nb,Q3,no,not seen\n"),
        ("objections/all.csv", "service,parameter,answer\na,Q3,yes\nb,Q3,yes\nc,Q3,ok\n"),
    ];
    let folder = staged(&objected);
    // The final stage is declared, and has not spoken at all.
    let run = folder.run(&["score"]).exits(0);
    assert!(!run.err().contains("objection-unanswered"), "{}", run.err());
    folder.write("answers/final/all.csv", b"service,parameter,answer\na,Q3,ok\n");
    let run = folder.run(&["score"]).exits(0);
    assert!(run.err().contains("objection-unanswered 1"), "{}", run.err());
    folder.write("answers/final/all.csv", b"service,parameter,answer,reason\na,Q3,ok,\nb,Q3,yes,seen now\n");
    let run = folder.run(&["score"]).exits(0);
    assert!(!run.err().contains("objection-unanswered"), "{}", run.err());
    // As of the objections themselves, nobody has had a chance to answer them.
    let run = folder.run(&["score", "--stage", "objections"]).exits(0);
    assert!(!run.err().contains("objection-unanswered"), "{}", run.err());
}

#[test]
fn a_change_needs_a_reason_and_a_word_needs_something_to_stand_for() {
    let folder = staged(&[
        ("submitted/all.csv", "service,parameter,answer\na,Q3,yes\n"),
        ("verified/all.csv", "service,parameter,answer,reason\na,Q3,no,\nb,Q3,ok,\n"),
    ]);
    let run = folder.run(&["score"]).exits(0);
    assert!(run.err().contains("change-without-reason 1"), "{}", run.err());
    assert!(run.err().contains("confirmation-of-nothing 1"), "{}", run.err());
}

#[test]
fn answers_in_a_stage_that_the_round_does_not_have_stop_everything() {
    let folder = staged(&[
        ("submitted/all.csv", "service,parameter,answer\na,Q3,yes\n"),
        ("appeals/all.csv", "service,parameter,answer\na,Q3,no\n"),
    ]);
    let run = folder.run(&["score"]).exits(1);
    assert!(run.err().contains("`appeals` belongs to no stage of the round"), "{}", run.err());
}

#[test]
fn evaluators_who_disagree_hold_a_service_out_until_someone_settles_it() {
    let two = "service,parameter,answer,evaluator\na,Q3,yes,Ana\na,Q3,no,Bey\nb,Q3,yes,Ana\nb,Q3,yes,Bey\n";
    let folder = staged(&[("verified/all.csv", two)]);
    let run = folder.run(&["score"]).exits(1);
    assert!(run.err().contains("evaluators gave `Q3` of the service `a` different scores"), "{}", run.err());
    assert!(run.err().contains("verified/all.csv:2"), "both places are shown\n{}", run.err());
    assert!(run.err().contains("the other"), "{}", run.err());
    folder.write("answers/final/all.csv", b"service,parameter,answer,reason\na,Q3,no,visited\n");
    folder.run(&["score"]).exits(0);
}

#[test]
fn a_service_that_speaks_for_itself_is_not_held_out_by_its_entitys_evaluators() {
    let folder = staged(&[
        ("verified/body.csv", "entity,parameter,answer,evaluator\nX,Q1,yes,Ana\nX,Q1,no,Bey\n"),
        ("verified/own.csv", "service,parameter,answer\na,Q1,yes\n"),
    ]);
    let run = folder.run(&["score", "--format", "csv"]).exits(1);
    let figure = |id: &str| {
        let line = run.out().lines().find(|line| line.contains(&format!(",{id},"))).map(str::to_owned);
        line.and_then(|line| line.split(',').nth(6).map(str::to_owned))
    };
    assert_ne!(figure("a").as_deref(), Some(""), "{}", run.out());
    assert_eq!(figure("b").as_deref(), Some(""), "{}", run.out());
}

/// A second return of a sheet replaces the whole of it, for each reader: score, explain, manifest.
#[test]
fn the_last_return_of_a_sheet_is_the_only_one_that_is_read() {
    let returns = [
        ("a.csv", "parameter,answer\nQ1,yes\nQ3,yes\nQ5,not a number\n"),
        ("a.2.csv", "parameter,answer\nQ1,no\n"),
        ("a.10.csv", "parameter,answer\nQ1,partly\n"),
        ("body.csv", "entity,parameter,answer\nY,Q4,no\n"),
        ("body.2.csv", "entity,parameter,answer\nY,Q4,yes\n"),
    ];
    let folder = staged(
        &returns
            .map(|(name, text)| (format!("submitted/{name}"), text))
            .each_ref()
            .map(|(name, text)| (name.as_str(), *text)),
    );
    let alone = staged(&[
        ("submitted/a.csv", "parameter,answer\nQ1,partly\n"),
        ("submitted/body.csv", "entity,parameter,answer\nY,Q4,yes\n"),
    ]);
    assert_eq!(ranking(&folder, None), ranking(&alone, None));
    let explained = folder.run(&["explain", "a", "Q1"]).exits(0);
    assert!(
        explained.out().contains("a.10.csv:2") && !explained.out().contains("a.csv:2"),
        "{}",
        explained.out()
    );
    folder.run(&["score", "-o", "out"]).exits(0);
    let manifest = folder.read("out/manifest.json");
    assert!(manifest.contains("a.10.csv") && !manifest.contains("/a.csv") && !manifest.contains("/a.2.csv"));
    folder.run(&["reproduce", "out"]).exits(0);
    folder.write("answers/submitted/a.11.csv", b"parameter,answer\nQ1,no\n");
    let run = folder.run(&["reproduce", "out"]).exits(1);
    assert!(run.out().contains("a.10.csv is gone") && run.out().contains("a.11.csv is new"), "{}", run.out());
}
