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
        ("round/answers/e.csv", "service,parameter,evidence\na,Q1,evidence/act.txt\nb,Q2,decree 5\n"),
        ("round/evidence/act.txt", "Act 17"),
        ("round/evidence/unnamed.txt", "not named by any answer"),
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
fn results_of_answer_files_are_identical_from_anywhere() {
    let folder = published();
    let args = ["score", "answers/w.csv", "answers/e.csv", "-o", "../files/of/one"];
    let run = support::command(&args).current_dir(folder.join("round")).output().expect("a run");
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(folder.run(&["reproduce", "files/of/one"]).exits(0).out(), "identical: 2 files\n");
    folder.write("round/evidence/act.txt", b"Act 18");
    let run = folder.run(&["reproduce", "files/of/one"]).exits(1);
    assert_eq!(run.out(), "input evidence/act.txt changed\n");
}

#[test]
fn evidence_that_answers_name_is_among_the_inputs() {
    let folder = published();
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("out/manifest.json")).expect("JSON");
    let inputs = manifest["inputs"].as_array().expect("a list");
    let evidence = |input: &&serde_json::Value| input["path"].to_string().contains("evidence/");
    let evidence: Vec<_> = inputs.iter().filter(evidence).collect();
    // As `printf 'Act 17' | sha256sum` has it.
    let sha256 = "5532a2f61ddec5a6f438c7827336593371ca3b44bb0ddda7edbabd01b65e1b90";
    let expected = serde_json::json!({ "path": "evidence/act.txt", "size": 6, "sha256": sha256 });
    assert_eq!(evidence, [&expected]);
}

#[test]
fn changed_evidence_of_a_closed_round_is_a_finding() {
    let folder = published();
    folder.run(&["score", "round", "-o", "round/results"]).exits(0);
    folder.write("round/round.yaml", b"id: t\nframework: framework.yaml\nstate: frozen\n");
    let told = "`evidence/act.txt` changed after it was scored, and the round is closed";
    let check = |told_now: bool| {
        let run = folder.run(&["check", "round"]).exits(0);
        assert_eq!(run.out().contains(told), told_now, "{}", run.out());
    };
    let score = |told_now: bool| {
        let run = folder.run(&["score", "round"]).exits(0);
        assert_eq!(run.err().contains("closed-round-changed"), told_now, "{}", run.err());
    };
    check(false);
    score(false);
    // Another text of the same length: only `check` reads evidence as a whole.
    folder.write("round/evidence/act.txt", b"Act 18");
    check(true);
    score(false);
    folder.write("round/evidence/act.txt", b"Act 18, amended");
    check(true);
    score(true);
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
        (
            "round/services.csv",
            "Alpha",
            "Alfa",
            "output ranking.csv, line 2, column title: `Alpha` is published, `Alfa` is computed",
        ),
        ("round/evidence/act.txt", "17", "18", "input evidence/act.txt changed"),
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
