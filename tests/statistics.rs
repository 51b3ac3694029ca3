//! Statistics against published figures, and the commands `statistics` and `policies`.

mod support;

use std::path::PathBuf;

use asan_index::cli::Cli;
use asan_index::commands::inputs::{Loaded, Loading};
use asan_index::engine::explain::Standing;
use asan_index::engine::score::Scorer;
use asan_index::engine::statistics::{Correlation, Scores, Series, reliability, variance_share};
use asan_index::framework::Framework;
use asan_index::id::{GroupIndex, Node};
use asan_index::number::Ratio;
use clap::Parser;
use support::Folder;

fn published(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/published").join(path)
}

fn load(path: &str) -> Loaded {
    match Cli::parse_from(["asan-index", "score"]).global.load(&[published(path)]).expect("files") {
        Loading::Sound(loaded) => *loaded,
        Loading::Faulty(_) => panic!("faulty"),
    }
}

fn rows(path: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(published(path)).expect("a file");
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn scores(loaded: &Loaded) -> Scores {
    let services: Vec<_> = loaded.round.service_indices().collect();
    Scores::of(&Scorer::new(&loaded.framework, &loaded.round), &services)
}

fn group(framework: &Framework, id: &str) -> GroupIndex {
    match framework.node(id) {
        Some(Node::Group(group)) => group,
        _ if id.is_empty() => GroupIndex::ROOT,
        _ => panic!("no group {id}"),
    }
}

#[track_caller]
fn assert_near(found: Option<f64>, expected: &str, what: &str) {
    let expected: f64 = expected.parse().expect("a number");
    assert!(
        found.is_some_and(|found| (found - expected).abs() < 1e-6),
        "{what}: {found:?}, expected {expected}"
    );
}

#[test]
fn correlations_with_the_index_are_those_of_coinr() {
    let loaded = load("asem-coinr/round-arithmetic");
    let scores = scores(&loaded);
    let expected = rows("asem-coinr/expected/correlations.csv");
    assert_eq!(expected.len(), 24);
    for row in expected {
        let series = &scores.groups[group(&loaded.framework, &row[1]).get()];
        let found = Correlation::of(series, &scores.index);
        let found = match row[0].as_str() {
            "pearson" => found.pearson,
            "spearman" => found.spearman,
            "kendall" => found.kendall,
            other => panic!("{other}"),
        };
        assert_near(found, &row[2], &row.join(" "));
    }
}

#[test]
fn effective_weights_are_those_of_coinr() {
    let loaded = load("asem-coinr/round-arithmetic");
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let expected = rows("asem-coinr/expected/effective-weights.csv");
    assert_eq!(expected.len(), 59);
    for service in loaded.round.service_indices() {
        let standing = Standing::new(&scorer, service);
        for row in &expected {
            let node = loaded.framework.node(&row[0]).expect("an indicator or a group");
            assert_near(standing.effective_weight(node).map(Ratio::to_f64), &row[1], &row[0]);
        }
    }
}

#[test]
fn alpha_is_that_of_coinr() {
    let loaded = load("asem-coinr/round-arithmetic");
    let scores = scores(&loaded);
    let expected = rows("asem-coinr/expected/alpha.csv");
    assert_eq!(expected.len(), 9);
    for row in expected {
        let items = scores.items(&loaded.framework, group(&loaded.framework, &row[0]));
        assert_near(reliability(&items).alpha, &row[1], &row[0]);
    }
}

/// Printed by R's `psych::alpha(attitude)`, psych 2.2.9.
#[test]
fn alpha_of_a_survey_is_as_published() {
    let table = rows("attitude/source/attitude.csv");
    let column = |at: usize| -> Series { table.iter().map(|row| row[at].parse().ok()).collect() };
    let columns: Vec<Series> = (0..7).map(column).collect();
    let found = reliability(&columns.iter().collect::<Vec<_>>());
    assert_near(found.alpha, ".8431428", "alpha");
    let without = [".8097602", ".7969175", ".8278478", ".8030310", ".7953866", ".8638723", ".8404649"];
    for (found, expected) in found.without.into_iter().zip(without) {
        assert_near(found, expected, "alpha without an item");
    }
}

#[test]
fn shares_of_variance_add_up_at_every_level() {
    let loaded = load("asem-coinr/round-arithmetic");
    let scores = scores(&loaded);
    for depth in [0, 1, 2] {
        let groups =
            (0..loaded.framework.groups.len()).filter(|at| loaded.framework.groups[*at].depth == depth);
        let shares =
            groups.map(|at| variance_share(&scores.contributions[at], &scores.index).expect("a share"));
        assert!((shares.sum::<f64>() - 1.0).abs() < 1e-12, "depth {depth}");
    }
    let geometric = load("asem-coinr/round-geometric");
    let scores = self::scores(&geometric);
    assert!(scores.contributions[1].iter().all(Option::is_none), "products have no parts");
}

const FRAMEWORK: &str = r#"
framework: small
version: "1"
title: Small
levels: [group, question]
scales:
  yes-no: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] }
groups:
  - id: G
    title: One
    parameters:
      - { id: A, title: a, question: q, scale: yes-no, optional: true }
      - { id: B, title: b, question: q, scale: yes-no }
      - { id: C, title: c, question: q, scale: yes-no }
      - { id: D, title: d, question: q, scale: yes-no }
"#;

fn round() -> Folder {
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", "id: t\nframework: framework.yaml\n"),
        ("answers/all.csv", "service,A,B,C,D\ns,n/a,yes,yes,\nt,yes,yes,no,yes\nu,no,no,no,yes\n"),
    ])
}

#[test]
fn the_command_holds_the_index_against_other_figures() {
    // Indexes: s (1 + 1 + 0)/3 = 66.67, t 75, u 25. The figures fall where these rise: Spearman -1.
    let folder = round();
    folder.write("said.csv", b"service,figure\nt,\"1,5\"\ns,2\nu,30\n");
    let run = folder.run(&["statistics", "--against", "said.csv", "--format", "json"]).exits(0);
    let found: serde_json::Value = serde_json::from_str(&run.out()).expect("json");
    assert_eq!(found["against"][0]["spearman"], "-1.0000");
    let d = &found["parameters"][3];
    assert_eq!(
        [&d["id"], &d["answered_share"], &d["at_floor"], &d["at_ceiling"]],
        ["D", "66.67", "33.33", "66.67"]
    );
    let a = &found["parameters"][0];
    assert_eq!([&a["applicable_share"], &a["at_ceiling"], &a["mean"]], ["66.67", "50.00", "50.00"]);
    folder.write("said.csv", b"service,figure\nx,2\nu,much\n");
    let run = folder.run(&["statistics", "--against", "said.csv"]).exits(1);
    assert!(
        run.err().contains("there is no service `x`") && run.err().contains("`much` is no number"),
        "{}",
        run.err()
    );
    folder.run(&["statistics", "-o", "out"]).exits(0);
    assert!(folder.read("out/groups.csv").starts_with("id,level,title,weight_share,variance_share,pearson"));
}

#[test]
fn policies_are_shown_side_by_side() {
    // s: A not applicable, B and C yes, D missing. Gaps 0: left out 2/3, full 3/4, zero 2/4; gaps left
    // out: 2/2, 3/3, 2/3. t is 75 and u 25 under all of them.
    let run = round().run(&["policies", "--format", "csv"]).exits(0);
    let row = run.out().lines().find(|line| line.contains(",s,")).expect("s").to_owned();
    assert_eq!(row, "2,s,s,66.67,1,2,66.67,2,75.00,1,50.00,2,100.00,1,100.00,1,66.67,2");
    let table = round().run(&["policies"]).exits(0);
    assert!(table.out().contains("Most is owed to a rule by s: from place 1 to place 2."), "{}", table.out());
}
