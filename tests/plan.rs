//! Plans: efforts and gains computed by hand, and the index that a plan promises.

mod support;

use support::Folder;

const FRAMEWORK: &str = r#"
framework: small
version: "1"
title: Small
levels: [part, parameter]
languages: [en]
scales:
  yes-no: { choices: [{ answer: "yes", score: 1 }, { answer: "no", score: 0 }] }
  steps: { choices: [{ answer: full, score: 1 }, { answer: half, score: 0.5 }, { answer: none-yet, score: 0 }] }
solutions: [{ id: portal, title: Portal, effort: 12 }]
bands: [{ id: A, from: 90 }, { id: B, from: 0 }]
groups:
  - id: G
    title: G
    parameters:
      - { id: P1, title: One, question: "One?", scale: yes-no, weight: 4, evidence: required,
          advice: { action: Write it down, effort: 8, owner: Legal unit } }
      - { id: P2, title: Two, question: "Two?", scale: steps, weight: 3, advice: { effort: 10, solutions: [portal] } }
      - { id: P3, title: Three, question: "Three?", scale: yes-no, weight: 2, asked: entity, advice: { effort: 6 } }
      - { id: P4, title: Four, question: "Four?", scale: yes-no, weight: 1, requires: { P1: ["yes"] } }
"#;

fn round() -> Folder {
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", "framework: framework.yaml\n"),
        ("services.csv", "service,title,entity\na,First,e\nb,Second,e\n"),
        (
            "answers/all.csv",
            "service,parameter,answer,evidence\na,P1,yes,\na,P2,half,\na,P3,no,\nb,P1,yes,photo\nb,P2,full,\nb,P4,yes,\n",
        ),
    ])
}

#[test]
fn actions_come_by_gain_with_the_effort_that_is_left() {
    let run = round().run(&["plan", ".", "--format", "csv", "--due", "2026-06-30"]).exits(0);
    let expected = [
        "service,entity,priority,parameter,title,answer,target,gain,effort,action,solution,owner,due,status,note",
        // P4 hangs on P1, which lacks its evidence: 10 points with P1's 40; P4 states no effort.
        "a,e,1,P4,Four,,yes,50.00,,First P1.,,,2026-06-30,,",
        // Evidence takes a day.
        "a,e,2,P1,One,yes,yes,40.00,1,Write it down,,Legal unit,2026-06-30,,",
        // Asked of the entity: 20 points in each of its two services, paid once.
        ",e,3,P3,Three,no,yes,40.00,6,,,,2026-06-30,,",
        // From half to full is the whole gap that is left, and so the whole effort.
        "a,e,4,P2,Two,half,full,15.00,10,,portal,,2026-06-30,,",
    ];
    assert_eq!(run.out().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_index_after_a_plan_is_that_of_a_round_with_its_answers_put_in() {
    let folder = round();
    let plan = folder.run(&["plan", ".", "--only", "P2", "--only", "P3", "--format", "json"]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&plan.out()).expect("JSON");
    folder.write(
        "answers/all.csv",
        b"service,parameter,answer,evidence\na,P1,yes,\na,P2,full,\na,P3,yes,\nb,P1,yes,photo\nb,P2,full,\nb,P3,yes,\nb,P4,yes,\n",
    );
    let scored = folder.run(&["score", ".", "--format", "json"]).out();
    let scored: serde_json::Value = serde_json::from_str(&scored).expect("JSON");
    // a: P2 and P3 are 3 + 2 of 10; b has all.
    for (service, index) in [("a", "50.00"), ("b", "100.00")] {
        let of = |list: &serde_json::Value, key: &str| {
            let found = list.as_array().and_then(|list| list.iter().find(|row| row["service"] == service));
            found.expect("the service")[key].clone()
        };
        assert_eq!(of(&plan["services"], "index_after"), index);
        assert_eq!(of(&scored["ranking"], "index"), index);
    }
}

#[test]
fn a_folder_has_a_document_for_each_entity_and_the_sheet_to_fill() {
    let folder = round();
    folder.run(&["plan", ".", "-o", "plans"]).exits(0);
    assert!(folder.read("plans/actions.csv").starts_with("service,entity,priority,parameter,"));
    let document = folder.read("plans/e.md");
    assert!(
        document.contains("Write it down") && document.contains("| a | First | 15.00 | B |"),
        "{document}"
    );
    folder.run(&["plan", ".", "-o", "plans"]).exits(0);
    folder.run(&["plan", ".", "--service", "a", "-o", "plan.xlsx"]).exits(0);
    assert!(std::fs::read(folder.join("plan.xlsx")).expect("a workbook").starts_with(b"PK"));
    let unknown = folder.run(&["plan", ".", "--only", "P9"]).exits(2);
    assert!(unknown.err().contains("the framework has no `P9`"));
}

#[test]
fn a_filled_plan_is_held_against_a_newer_round() {
    let folder = round();
    folder.write(
        "filled.csv",
        b"service,entity,parameter,answer,target,gain,due,status\n\
          a,e,P1,yes,yes,40.00,2026-03-01,done\na,e,P2,half,full,15.00,2026-03-01,started\n,e,P3,no,yes,40.00,2026-09-01,done\n",
    );
    // a now has P1's evidence, and P2 as before; the entity says that P3 is done, which b does not show.
    folder.write(
        "answers/all.csv",
        b"service,parameter,answer,evidence\na,P1,yes,photo\na,P2,half,\na,P3,yes,\nb,P1,yes,photo\nb,P2,full,\nb,P3,no,\n",
    );
    let follow = ["plan", ".", "--follow", "filled.csv", "--today", "2026-07-01"];
    let csv = folder.run(&[&follow, ["--format", "csv"].as_slice()].concat()).exits(0).out();
    let expected = [
        "service,entity,parameter,target,owner,due,done,shows,overdue,promised,realised",
        "a,e,P1,yes,,2026-03-01,yes,yes,,40.00,40.00",
        "a,e,P2,full,,2026-03-01,,,yes,15.00,0.00",
        ",e,P3,yes,,2026-09-01,yes,,,40.00,20.00",
    ];
    assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
    let gate = folder.run(&[&follow, ["--gate", "overdue<=0"].as_slice()].concat()).exits(1);
    assert!(gate.err().contains("gate overdue<=0 is not met: filled.csv has 1"), "{}", gate.err());
    folder.run(&[&follow, ["--gate", "unkept<=1"].as_slice()].concat()).exits(0);
}
