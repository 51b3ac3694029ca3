//! Made-up rounds: the same from the same seed, alike in every layout, without a fault, and with good
//! bodies that are good at most things.

mod support;

use support::Folder;

const TINY: &str = r#"
framework: tiny
version: "1"
title: { en: Tiny, az: Kiçik }
languages: [en, az]
levels: [group, question]
attributes: { fee: { values: ["yes", "no"] } }
scales:
  yes-no: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] }
groups:
  - id: G1
    title: { en: One, az: Bir }
    parameters:
      - { id: Q1, title: { en: q, az: s }, question: { en: q, az: s }, scale: yes-no, evidence: required }
      - { id: Q2, title: { en: q, az: s }, question: { en: q, az: s }, applies_when: { fee: "yes" }, requires: { Q1: ["yes"] }, scale: { number: { unit: minute, min: 0, points: [[5, 1], [65, 0]] } } }
      - { id: Q3, title: { en: q, az: s }, question: { en: q, az: s }, asked: entity, scale: { multiple: [ { answer: "web, post", score: 0.5 }, { answer: desk, score: 0.5 } ] } }
"#;

fn files(folder: &Folder, name: &str) -> Vec<(String, String)> {
    ["round.yaml", "entities.csv", "services.csv", "answers/bodies.csv", "answers/services.csv"]
        .iter()
        .map(|file| ((*file).to_owned(), folder.read(&format!("{name}/{file}"))))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = Folder::with(&[("tiny.yaml", TINY)]);
    for (name, seed) in [("a", "5"), ("b", "5"), ("c", "6")] {
        folder.run(&["demo", name, "--services", "30", "--seed", seed, "--framework", "tiny.yaml"]).exits(0);
    }
    assert_eq!(files(&folder, "a"), files(&folder, "b"));
    assert_ne!(folder.read("a/answers/services.csv"), folder.read("c/answers/services.csv"));
    // What a platform or a release must never change: the first answers of a seed.
    let answers = folder.read("a/answers/services.csv");
    let first: Vec<&str> = answers.lines().take(5).collect();
    let pinned = [
        "service,parameter,answer,evidence",
        "body-01-01,Q1,yes,",
        "body-01-02,Q1,yes,page 318",
        "body-01-02,Q2,30,",
        "body-01-03,Q1,yes,register 750",
    ];
    assert_eq!(first, pinned);
    assert!(folder.read("a/answers/bodies.csv").contains("\"web, post"));
}

#[test]
fn every_layout_holds_the_same_answers_without_a_fault() {
    let folder = Folder::with(&[]);
    let mut rankings = Vec::new();
    for layout in ["long", "wide", "per-service"] {
        folder.run(&["demo", layout, "--services", "40", "--layout", layout]).exits(0);
        let run = folder.run(&["score", layout, "--format", "csv"]).exits(0);
        assert!(!run.err().contains("error"), "{}", run.err());
        rankings.push(run.out());
    }
    assert_eq!(rankings[0].lines().count(), 41);
    assert!(rankings.iter().all(|ranking| *ranking == rankings[0]));
}

#[test]
fn an_export_names_every_service_and_needs_no_registry() {
    let folder = Folder::with(&[]);
    folder.run(&["demo", "national", "--services", "25", "--export"]).exits(0);
    assert!(!folder.join("national/services.csv").exists());
    let run = folder.run(&["score", "national", "--format", "csv"]).exits(0);
    assert_eq!(run.out().lines().count(), 26);
    let rows = folder.read("national/answers/services.csv").lines().count();
    // 143 parameters each, without the gaps of a few in a hundred.
    assert!((3300..3575).contains(&rows), "{rows}");
}

#[test]
fn good_bodies_are_good_at_most_things() {
    let folder = Folder::with(&[]);
    folder.run(&["demo", "round", "--services", "240"]).exits(0);
    let out = folder.run(&["score", "round", "--format", "csv"]).exits(0).out();
    let rows: Vec<Vec<&str>> = out.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let column = |at: usize| rows.iter().map(|row| row[at].parse::<f64>().expect("a figure")).collect();
    // Columns of the second and sixth dimension, told from the right.
    let width = rows[0].len();
    let (second, sixth): (Vec<f64>, Vec<f64>) = (column(width - 6), column(width - 2));
    assert!(correlation(&second, &sixth) > 0.4, "{}", correlation(&second, &sixth));
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = Folder::with(&[("mine/note.txt", "keep")]);
    let run = folder.run(&["demo", "mine"]).exits(2);
    assert!(run.err().contains("mine is not empty"));
    assert!(!folder.join("mine/answers").exists());
}
