//! Published results can be computed again, and whatever changed is named.

mod support;

use support::Folder;

const FRAMEWORK: &str = r#"
framework: tiny
version: "1"
title: Tiny
levels: [group, question]
scales:
  yes-no: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] }
groups:
  - id: G1
    title: One
    parameters:
      - { id: Q1, title: q, question: q, scale: yes-no, weight: 3 }
      - { id: Q2, title: q, question: q, scale: yes-no }
"#;

fn published() -> Folder {
    let folder = Folder::with(&[
        ("round/framework.yaml", FRAMEWORK),
        ("round/round.yaml", "id: t\nframework: framework.yaml\n"),
        ("round/services.csv", "service,title,entity\na,Alpha,X\nb,Beta,X\n"),
        ("round/answers/w.csv", "service,Q1,Q2\na,yes,no\nb,no,yes\n"),
        ("weights.csv", "id,weight\nQ2,2\n"),
    ]);
    folder.run(&["score", "round", "-o", "out", "--detail", "--weights", "weights.csv"]).exits(0);
    folder.run(&["reproduce", "out"]).exits(0);
    folder
}

#[test]
fn unchanged_results_are_identical_from_anywhere() {
    let folder = published();
    let run = folder.run(&["reproduce", "out"]).exits(0);
    assert_eq!(run.out(), "identical: 3 files\n");
    let inner = support::command(&["reproduce", "../out"]).current_dir(folder.join("round")).output();
    assert_eq!(inner.expect("a run").status.code(), Some(0));
}

#[test]
fn whatever_changed_is_named() {
    // By hand: a scores 3 of 5 (60.00), b 2 of 5 (40.00).
    for (file, from, to, told) in [
        ("round/answers/w.csv", "b,no,yes", "b,no,no", "input answers/w.csv changed"),
        (
            "round/answers/w.csv",
            "b,no,yes",
            "b,no,no",
            "output ranking.csv, line 3, column index: `40.00` is published, `0.00` is computed",
        ),
        ("round/framework.yaml", "weight: 3", "weight: 4", "framework changed"),
        ("weights.csv", "Q2,2", "Q2,7", "input ../weights.csv changed"),
        ("round/services.csv", "Alpha", "Alfa", "input services.csv changed"),
        ("out/ranking.csv", "60.00", "60.01", "output ranking.csv was changed after it was written"),
        (
            "out/ranking.csv",
            "60.00",
            "60.01",
            "output ranking.csv, line 2, column index: `60.01` is published, `60.00` is computed",
        ),
    ] {
        let folder = published();
        let text = folder.read(file);
        assert!(text.contains(from), "{file}");
        folder.write(file, text.replacen(from, to, 1).as_bytes());
        let run = folder.run(&["reproduce", "out"]).exits(1);
        assert!(run.out().contains(told), "{told}:\n{}", run.out());
    }
    let folder = published();
    folder.write("round/answers/new.csv", b"service,parameter,answer\n");
    assert!(folder.run(&["reproduce", "out"]).exits(1).out().contains("input answers/new.csv is new"));
    std::fs::remove_file(folder.join("out/scores.csv")).expect("gone");
    assert!(folder.run(&["reproduce", "out"]).exits(1).out().contains("output scores.csv is gone"));
    folder.run(&["reproduce", "round"]).exits(2);
}
