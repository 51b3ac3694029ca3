//! How a round stands: counts by hand, and ranges against every completion.

mod support;

use serde_json::Value;
use support::random::Random;
use support::{Folder, inside};

/// A parameter that is made up, with the cells that it takes: the worst, the best, and others.
struct Question {
    id: String,
    optional: bool,
    evidence: bool,
    cells: Vec<&'static str>,
}

/// A framework with two groups and what stands in for its texts, and its questions.
fn framework(random: &mut Random, requires: bool) -> (String, Vec<Question>) {
    let mut one_of = |words: &[&'static str]| words[random.below(words.len())];
    let mut text = format!(
        "framework: made-up\nversion: \"1\"\ntitle: Made up\nlevels: [group, question]\n\
         policy: {{ missing: {}, not_applicable: {}, evidence: {}, aggregation: [{}, {}], rounding: {} }}\n\
         scales:\n  yn: {{ choices: [ {{ answer: \"yes\", score: 1 }}, {{ answer: partly, score: 0.35 }}, \
         {{ answer: \"no\", score: {} }} ] }}\n  wait: {{ number: {{ min: 0, max: 90, points: [[5, 1], [15, 0.5], [60, 0.1]] }} }}\n\
         groups:\n",
        one_of(&["zero", "exclude"]),
        one_of(&["exclude", "full", "zero"]),
        one_of(&["void", "warn"]),
        one_of(&["arithmetic", "geometric"]),
        one_of(&["arithmetic", "geometric"]),
        one_of(&["end", "each-level"]),
        one_of(&["0", "0.2"]),
    );
    let mut questions = Vec::new();
    for group in 1..=2 {
        text += &format!(
            "  - id: G{group}\n    title: g\n    weight: {}\n    parameters:\n",
            1 + random.below(3)
        );
        for at in 1..=2 + random.below(2) {
            let (optional, evidence) = (random.below(3) == 0, random.below(4) == 0);
            let is_choice = random.below(2) == 0;
            let id = format!("Q{group}{at}");
            let asks = match requires && is_choice && group == 2 && at == 1 {
                true => ", requires: { Q11: [\"yes\"] }",
                false => "",
            };
            let first = group == 1 && at == 1;
            let scale = if is_choice || first { "yn" } else { "wait" };
            let weight = ["1", "0", "2.5", "0.3"][random.below(4)];
            text += &format!(
                "      - {{ id: {id}, title: q, question: q, scale: {scale}, weight: {weight}, optional: {optional}, \
                 evidence: {}{asks} }}\n",
                if evidence { "required" } else { "none" }
            );
            let cells = if scale == "yn" { vec!["no", "yes", "partly"] } else { vec!["90", "0", "33"] };
            questions.push(Question { id, optional, evidence, cells });
        }
    }
    (text, questions)
}

fn round(framework: &str, answers: &str) -> Folder {
    Folder::with(&[
        ("framework.yaml", framework),
        ("round.yaml", "framework: framework.yaml\n"),
        ("answers/all.csv", answers),
    ])
}

fn table(folder: &Folder, command: &str, name: &str) -> Vec<Value> {
    let path = folder.path().to_string_lossy().into_owned();
    let (status, out, err) = inside(&[command, &path, "--format", "json"]);
    assert_eq!(status, 0, "{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    document[name].as_array().expect("a table").clone()
}

/// A figure in hundredths.
fn figure(value: &Value) -> Option<i64> {
    value.as_str().map(|text| text.replace('.', "").parse().expect("digits"))
}

#[test]
fn the_range_holds_every_completion_and_both_ends_are_reached() {
    let (mut ranges, mut open_seen) = (0, 0);
    for seed in 0..500 {
        let mut random = Random::new(77_000 + seed);
        let requires = seed % 3 == 0;
        let (framework, questions) = framework(&mut random, requires);
        // What every question can come to: its answer, or each completion of an open one.
        let mut now = "service,parameter,answer,evidence\nnow,Q11,,\n".to_owned();
        let mut ways: Vec<Vec<(&str, &str)>> = Vec::new();
        for question in &questions {
            let proofs: &[&str] = if question.evidence { &["seen", ""] } else { &["seen"] };
            let open = random.below(2) == 0;
            let cell = question.cells[random.below(3)];
            let evidence = if random.below(2) == 0 || !question.evidence { "seen" } else { "" };
            let mut cells = question.cells[..2].to_vec();
            cells.extend(question.optional.then_some("n/a"));
            cells.extend((random.below(4) == 0).then_some(question.cells[2]));
            open_seen += usize::from(open);
            if !open {
                now += &format!("now,{},{cell},{evidence}\n", question.id);
            }
            ways.push(match (open, evidence.is_empty()) {
                (false, false) => vec![(cell, "seen")],
                (false, true) => vec![(cell, ""), (cell, "seen")],
                (true, _) => {
                    cells.iter().flat_map(|cell| proofs.iter().map(move |proof| (*cell, *proof))).collect()
                }
            });
        }
        // Every completion is a service of one other round.
        let total: usize = ways.iter().map(Vec::len).product();
        let mut completed = "service,parameter,answer,evidence\n".to_owned();
        for number in 0..total.min(600) {
            let mut rest = if total > 600 { random.below(total) } else { number };
            for (question, ways) in questions.iter().zip(&ways) {
                let (cell, evidence) = ways[rest % ways.len()];
                rest /= ways.len();
                completed += &format!("c{number},{},{cell},{evidence}\n", question.id);
            }
        }
        let range = &table(&round(&framework, &now), "status", "services");
        let Some(range) = range.first() else { continue };
        let indexes: Vec<i64> = table(&round(&framework, &completed), "score", "ranking")
            .iter()
            .filter_map(|row| figure(&row["index"]))
            .collect();
        let ends = (figure(&range["low"]), figure(&range["high"]));
        let (Some(least), Some(most)) = (indexes.iter().min(), indexes.iter().max()) else { continue };
        let (Some(low), Some(high)) = ends else { panic!("seed {seed}: no range\n{framework}\n{now}") };
        assert!(
            low <= *least && *most <= high,
            "seed {seed}: {low} {least} {most} {high}\n{framework}\n{now}"
        );
        if !requires && total <= 600 {
            assert_eq!((low, high), (*least, *most), "seed {seed}\n{framework}\n{now}");
            ranges += 1;
        }
    }
    assert!(ranges > 200 && open_seen > 500, "{ranges} rounds with few enough completions, {open_seen} open");
}

const FRAMEWORK: &str = r#"
framework: tiny
version: "1"
title: Tiny
levels: [group, question]
scales: { yn: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] } }
groups:
  - id: G
    title: g
    parameters:
      - { id: Q1, title: q, question: q, scale: yn, asked: entity }
      - { id: Q2, title: q, question: q, scale: yn, evidence: required }
      - { id: Q3, title: q, question: q, scale: yn }
      - { id: Q4, title: q, question: q, scale: yn }
"#;

fn staged() -> Folder {
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        (
            "round.yaml",
            "id: t\nframework: framework.yaml\nstages:\n  - { id: submitted }\n  \
             - { id: verified, unconfirmed: void }\n  - { id: objections, scored: false }\n  - { id: final }\n",
        ),
        ("services.csv", "service,title,entity\na,A,X\nb,B,X\n"),
        ("answers/submitted/body.csv", "entity,parameter,answer\nX,Q1,yes\n"),
        ("answers/submitted/all.csv", "service,parameter,answer\na,Q2,yes\na,Q3,yes\nb,Q3,no\n"),
        (
            "answers/verified/all.csv",
            "service,parameter,answer,reason,evaluator\na,Q2,ok,,Ana\na,Q3,no,not seen,Ana\na,Q4,,,Ana\na,Q1,ok,,Ana\n\
             b,Q1,ok,,Bey\n",
        ),
        ("answers/objections/all.csv", "service,parameter,answer\na,Q3,yes\n"),
    ])
}

/// By hand: a has Q1 1, Q2 void for want of evidence, Q3 0, Q4 blank: 25.00, at most 1 + 1 + 0 + 1 of 4. b has
/// Q1 1, Q3 left untouched by the stage that had to confirm it (it says no, so that nothing is lost), Q2 and Q4
/// blank: 25.00, at most 75.00. The body answered Q1 once. X: the means of both.
#[test]
fn questions_are_counted_where_they_are_asked() {
    let folder = staged();
    let run = folder.run(&["status", "--format", "csv"]).exits(0);
    let rows: Vec<String> = run.out().lines().map(str::to_owned).collect();
    assert_eq!(rows[0], "service,title,entity,answered,blank,void,unconfirmed,objections,index,low,high");
    assert_eq!(rows[1], "a,A,X,1,1,1,0,1,25.00,25.00,75.00");
    assert_eq!(rows[2], "b,B,X,0,2,0,1,0,25.00,25.00,75.00");
    let entities = table(&folder, "status", "entities");
    let counts: Vec<&Value> = ["services", "answered", "blank", "void", "unconfirmed", "objections"]
        .iter()
        .map(|key| &entities[0][*key])
        .collect();
    assert_eq!(counts, [2, 2, 3, 1, 1, 1]);
    assert_eq!(entities[0]["high"], "75.00");
    let evaluators = table(&folder, "status", "evaluators");
    assert_eq!(
        evaluators[0],
        serde_json::json!({ "evaluator": "Ana", "parties": 1, "answered": 3, "blank": 1 })
    );
}

#[test]
fn the_program_alone_shows_the_status_of_the_round_it_is_in() {
    let folder = staged();
    let (alone, named) = (folder.run(&[]).exits(0), folder.run(&["status"]).exits(0));
    assert_eq!(alone.out(), named.out());
    assert!(alone.out().contains("next: asan-index check\n"), "{}", alone.out());
    let empty = Folder::with(&[]);
    assert!(empty.run(&[]).exits(0).out().contains("Usage:"));
}
