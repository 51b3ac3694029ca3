//! Plans: efforts and gains computed by hand, and the index that a plan promises.

mod support;

use asan_index::messages::Language;
use calamine::{Reader, open_workbook_auto};
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
        "a,e,2,P1,One,yes,yes,40.00,1,Give the evidence that this answer lacks.,,Legal unit,2026-06-30,,",
        // Asked of the entity: 20 points in each of its two services, paid once.
        ",e,3,P3,Three,no,yes,40.00,6,,,,2026-06-30,,",
        // From half to full is the whole gap that is left, and so the whole effort.
        "a,e,4,P2,Two,half,full,15.00,10,,portal,,2026-06-30,,",
    ];
    assert_eq!(run.out().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_several_actions_require_is_paid_once_in_the_sum() {
    let folder = round();
    let framework = FRAMEWORK
        .replace("requires: { P1: [\"yes\"] } }", "requires: { P1: [\"yes\"] }, advice: { effort: 5 } }");
    folder.write("framework.yaml", framework.as_bytes());
    let run = folder.run(&["plan", ".", "--format", "json"]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    // P4 takes its 5 days and the day of P1's evidence, which is P1's own action too; P3 takes 6, P2 10.
    assert_eq!(row(&plan["actions"], "parameter", "P4")["effort"], "6");
    assert_eq!(plan["effort"], "22");
}

#[test]
fn a_document_for_people_says_it_in_words() {
    let folder = round();
    let titled = "{ answer: full, score: 1, title: In full }";
    folder.write("framework.yaml", FRAMEWORK.replace("{ answer: full, score: 1 }", titled).as_bytes());
    let of = |language| {
        let args = ["plan", ".", "--entity", "e", "--format", "md", "--lang", language];
        folder.run(&args).out()
    };
    for (language, words) in [
        ("en", ["| e: all services | P3 |", "| half | In full |"]),
        ("az", ["| e: bütün xidmətlər | P3 |", "| half | In full |"]),
    ] {
        let document = of(language);
        assert!(words.iter().all(|words| document.contains(words)), "{document}");
    }
    // Files that are filled keep the answers as sheets take them.
    assert!(folder.run(&["plan", ".", "--format", "csv"]).out().contains(",half,full,"));
}

/// Two groups: one day brings the first, which weighs 3 of 4; a hundred days the second.
const REQUIRING: &str = r#"
framework: small
version: "1"
title: Small
levels: [part, parameter]
languages: [en]
scales: { yes-no: { choices: [{ answer: "yes", score: 1 }, { answer: "no", score: 0 }] } }
bands: [{ id: A, from: 70, requires: { H: 50 } }, { id: B, from: 0 }]
groups:
  - { id: G, title: G, weight: 3, parameters: [{ id: P1, title: One, question: "One?", scale: yes-no, advice: { effort: 1 } }] }
  - { id: H, title: H, parameters: [{ id: P2, title: Two, question: "Two?", scale: yes-no, advice: { effort: 100 } }] }
"#;

#[test]
fn an_index_that_is_reached_without_its_band_is_told() {
    let answers = "service,parameter,answer\na,P1,no\na,P2,no\n";
    let folder = round();
    folder.write("framework.yaml", REQUIRING.as_bytes());
    folder.write("services.csv", b"service,title,entity\na,First,e\n");
    folder.write("answers/all.csv", answers.as_bytes());
    for scope in [["--service", "a"], ["--entity", "e"]] {
        let plan = |target, form, language| {
            let args =
                ["plan", ".", scope[0], scope[1], "--target", target, "--format", form, "--lang", language];
            let run = folder.run(&args).exits(0);
            format!("{}{}", run.out(), run.err())
        };
        let told = "The index is reached, but not the band A, since that also requires of groups: ";
        for form in ["md", "csv"] {
            let out = plan("70", form, "en");
            assert!(out.contains(told) && out.contains("(H at least 50, it has 0.00)"), "{out}");
            assert!(plan("70", form, "az").contains("A dərəcəsinə isə yox"));
            // From 76 both answers are needed, and with them the band is had; 60 asks for no more than B.
            assert!(!plan("76", form, "en").contains(told) && !plan("60", form, "en").contains(told));
        }
    }
    let document = folder.run(&["plan", ".", "--entity", "e", "--format", "md"]).out();
    assert!(
        document.contains("70.00 points are lacking. It also requires of groups: H at least 50"),
        "{document}"
    );
}

#[test]
fn a_service_that_is_held_out_for_what_it_lacks_is_planned_to_have_an_index() {
    let folder = round();
    folder.write(
        "framework.yaml",
        REQUIRING.replace("bands:", "policy: { missing: reject }\nbands:").as_bytes(),
    );
    folder.write("services.csv", b"service,title,entity\na,First,e\n");
    folder.write("answers/all.csv", b"service,parameter,answer\na,P1,no\n");
    let run = folder.run(&["plan", ".", "--target", "70", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    // To answer P2 at all takes nothing; 75 points are P1's.
    assert_eq!(row(&plan["services"], "service", "a")["index_after"], "75.00", "{plan}");
    assert_eq!((&plan["effort"], &plan["optimal"][0]["reason"]), (&"1".into(), &"no-index".into()));
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
fn days_follow_the_language_in_documents_and_never_in_files_for_programs() {
    let folder = round();
    folder.write("filled.csv", b"service,entity,parameter,due,status\na,e,P1,2026-06-30,started\n");
    let plan = |format| {
        ["plan", ".", "--follow", "filled.csv", "--today", "2026-07-01", "--lang", "az", "--format", format]
    };
    for (format, has, lacks) in
        [("md", "| 30.06.2026 |", "2026-06-30"), ("csv", ",2026-06-30,", "30.06.2026")]
    {
        let out = folder.run(&plan(format)).exits(0).out();
        assert!(out.contains(has) && !out.contains(lacks), "{out}");
    }
}

#[test]
fn a_folder_has_a_document_for_each_entity_and_the_sheet_to_fill() {
    let folder = round();
    folder.run(&["plan", ".", "-o", "plans"]).exits(0);
    assert!(folder.read("plans/actions.csv").starts_with("service,entity,priority,parameter,"));
    let document = folder.read("plans/e.md");
    assert!(
        document.contains("Give the evidence") && document.contains("| a | First | 15.00 | B |"),
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
        "service,entity,parameter,solution,target,owner,due,done,shows,overdue,promised,realised",
        "a,e,P1,,yes,,2026-03-01,yes,yes,,40.00,40.00",
        "a,e,P2,,full,,2026-03-01,,,yes,15.00,0.00",
        ",e,P3,,yes,,2026-09-01,yes,,,40.00,20.00",
    ];
    assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
    let gate = folder.run(&[&follow, ["--gate", "overdue<=0"].as_slice()].concat()).exits(1);
    assert!(gate.err().contains("gate overdue<=0 is not met: filled.csv has 1"), "{}", gate.err());
    folder.run(&[&follow, ["--gate", "unkept<=1"].as_slice()].concat()).exits(0);
}

#[test]
fn a_plan_is_followed_as_a_spreadsheet_saves_it() {
    let folder = round();
    let follow = |file: &str| {
        let args = ["plan", ".", "--follow", file, "--today", "2026-07-01", "--format", "csv"];
        folder.run(&args).exits(0).out()
    };
    folder.run(&["plan", ".", "--due", "2026-06-30", "-o", "plans"]).exits(0);
    let expected = follow("plans/actions.csv");
    assert_eq!(expected.matches(",2026-06-30,,,yes,").count(), 4, "{expected}");
    // The workbook, whose columns are titled for people.
    for language in ["en", "az"] {
        let file = format!("{language}.xlsx");
        folder.run(&["plan", ".", "--due", "2026-06-30", "--lang", language, "-o", &file]).exits(0);
        assert_eq!(follow(&file), expected, "{language}");
    }
    // A day and a number as the region writes them; each status as a workbook offers it in each language.
    for language in Language::ALL {
        for (key, done, overdue) in [
            ("status_open", "", "yes"),
            ("status_started", "", "yes"),
            ("status_done", "yes", ""),
            ("status_dropped", "", ""),
        ] {
            let status = language.say(key);
            let filled = format!(
                "xidmət;alt meyar;cavab;hədəf;qazanc;son tarix;icra\na;P2;half;full;15,00;30.06.2026;{status}\n"
            );
            folder.write("filled.csv", filled.as_bytes());
            let row = format!("a,,P2,,full,,2026-06-30,{done},,{overdue},15.00,0.00");
            assert_eq!(follow("filled.csv").lines().nth(1), Some(row.as_str()), "{status}");
        }
    }
    folder.write("filled.csv", b"service,parameter,due,status\na,P2,30.06,done\na,P1,,finished\n");
    let wrong = folder.run(&["plan", ".", "--follow", "filled.csv"]).exits(1).err();
    assert!(wrong.contains("`30.06` is no day") && wrong.contains("`finished` is no status"), "{wrong}");
    let other = folder.run(&["score", ".", "-o", "scores.xlsx"]).exits(0);
    let wrong = folder.run(&["plan", ".", "--follow", "scores.xlsx"]).exits(1).err();
    assert!(wrong.contains("there is no column `parameter`"), "{wrong}{}", other.err());
    assert!(folder.run(&["plan", ".", "--due", "soon"]).exits(2).err().contains("`--due soon` is no day"));
}

/// One row of a JSON list, by a key.
fn row<'a>(list: &'a serde_json::Value, key: &str, value: &str) -> &'a serde_json::Value {
    let found = list.as_array().and_then(|list| list.iter().find(|row| row[key] == value));
    found.unwrap_or_else(|| panic!("no {key} {value} in {list}"))
}

#[test]
fn the_least_effort_is_chosen_between_single_gaps_and_a_solution() {
    let folder = round();
    // a stands at 15 (half of P2); b lacks P3's 20. Evidence is worth 40 points for one day; P4 states no effort.
    let plan = |args: &[&str]| -> serde_json::Value {
        let run = folder.run(&[&["plan", ".", "--format", "json"], args].concat()).exits(0);
        serde_json::from_str(&run.out()).expect("JSON")
    };
    let cheapest = plan(&["--service", "a", "--target", "55"]);
    assert_eq!((&cheapest["effort"], &cheapest["optimal"][0]["proof"]), (&"1".into(), &"optimal".into()));
    assert_eq!(row(&cheapest["services"], "service", "a")["index_after"], "55.00");
    // 15 more: P2 alone takes 10 days, the portal 12; P3 brings 20 for 6.
    let next = plan(&["--service", "a", "--target", "70"]);
    assert_eq!(next["effort"], "7");
    // Without P3 it takes P2, by itself: 11 days.
    let without = plan(&["--service", "a", "--target", "70", "--exclude", "P3"]);
    assert_eq!(
        (&without["effort"], &row(&without["services"], "service", "a")["index_after"]),
        (&"11".into(), &"70.00".into())
    );
    // 10 days: evidence and P3. One action alone: evidence, the most gain.
    assert_eq!(
        row(&plan(&["--service", "a", "--budget", "10"])["services"], "service", "a")["index_after"],
        "75.00"
    );
    assert_eq!(
        row(&plan(&["--service", "a", "--budget", "10", "--max-actions", "1"])["services"], "service", "a")["index_after"],
        "55.00"
    );
    // P4 cannot be planned: 90 is the most. With one action it is 55, by the evidence.
    for (args, most, effort) in [
        (["--target", "95"].as_slice(), "90.00", "17"),
        (&["--target", "70", "--max-actions", "1"], "55.00", "1"),
    ] {
        let far = plan(&[["--service", "a"].as_slice(), args].concat());
        assert_eq!((&far["optimal"][0]["proof"], &far["effort"]), (&"impossible".into(), &effort.into()));
        assert_eq!(
            far["out_of_reach"],
            serde_json::json!([{ "entity": "e", "service": "a", "highest": most }])
        );
        let told = folder.run(&[["plan", ".", "--service", "a"].as_slice(), args].concat()).exits(0).out();
        assert!(told.contains("Impossible: nothing") && told.contains(&format!("a ({most})")), "{told}");
        assert!(told.contains("no effort for them: P4"), "{told}");
    }
    assert!(folder.run(&["plan", ".", "--target", "101"]).exits(2).err().contains("lies between 0 and 100"));
}

#[test]
fn a_solution_is_paid_once_and_followed_with_the_gaps_that_it_closes() {
    let folder = round();
    folder.write("framework.yaml", FRAMEWORK.replace("effort: 12 }]", "effort: 8 }]").as_bytes());
    folder.write(
        "answers/all.csv",
        b"service,parameter,answer,evidence\na,P1,yes,photo\na,P2,half,\na,P3,yes,\nb,P1,yes,photo\nb,P2,none-yet,\nb,P3,yes,\n",
    );
    // P2 in both services takes 20 days by itself, the portal 8: 15 points for a, 30 for b.
    let csv = folder.run(&["plan", ".", "--entity", "e", "--target", "90", "--format", "csv"]).exits(0).out();
    let expected = [
        "service,entity,priority,parameter,title,answer,target,gain,effort,action,solution,owner,due,status,note",
        ",e,1,,Portal,,,45.00,8,,portal,,,,",
        "a,e,1,P2,Two,half,full,15.00,0,Closed by: Portal,portal,,,,",
        "b,e,1,P2,Two,none-yet,full,30.00,0,Closed by: Portal,portal,,,,",
    ];
    assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
    folder.write("filled.csv", csv.replace(",portal,,,,", ",portal,,,done,").as_bytes());
    // a has it now, b has not.
    let answers = folder.read("answers/all.csv").replace("a,P2,half", "a,P2,full");
    folder.write("answers/all.csv", answers.as_bytes());
    let follow = ["plan", ".", "--follow", "filled.csv", "--format", "csv"];
    let expected = [
        "service,entity,parameter,solution,target,owner,due,done,shows,overdue,promised,realised",
        ",e,,portal,,,,yes,,,45.00,",
        "a,e,P2,portal,full,,,yes,yes,,15.00,15.00",
        "b,e,P2,portal,full,,,yes,,,30.00,0.00",
    ];
    assert_eq!(folder.run(&follow).exits(0).out().lines().collect::<Vec<_>>(), expected);
    folder.run(&["plan", ".", "--follow", "filled.csv", "-o", "followed.md"]).exits(0);
    let document = folder.read("followed.md");
    assert!(document.contains("Promised in all: 45.00 points; realised so far: 15.00 points."), "{document}");
}

/// Scores a round again with the answers of a plan written into its files: the figures must be those promised.
#[test]
fn a_plan_promises_what_the_round_then_scores() {
    for seed in 1..=2 {
        let folder = Folder::with(&[]);
        folder.run(&["demo", "r", "--services", "6", "--seed", &seed.to_string(), "-q"]).exits(0);
        let aim = [["--target", "75"], ["--budget", "60"]][seed % 2];
        let entity = ["--entity", "body-01"];
        let run =
            folder.run(&[["plan", "r"].as_slice(), &entity, &aim, &["--format", "json"]].concat()).exits(0);
        let plan: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
        let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let services: Vec<String> =
            plan["services"].as_array().expect("services").iter().map(|row| text(row, "service")).collect();
        // The answers as they will be, in a stage of their own that comes after.
        let mut rows = "service,parameter,answer,evidence\n".to_owned();
        for action in
            plan["actions"].as_array().expect("actions").iter().filter(|row| !row["parameter"].is_null())
        {
            let own = text(action, "service");
            let reached = if own.is_empty() { services.clone() } else { vec![own] };
            let field = |key: &str| text(action, key);
            reached.iter().for_each(|service| {
                rows += &format!("{service},{},\"{}\",file\n", field("parameter"), field("target"));
            });
        }
        let round = folder.read("r/round.yaml");
        folder.write(
            "r/round.yaml",
            format!("{round}\nstages: [{{ id: before }}, {{ id: then }}]\n").as_bytes(),
        );
        for name in ["services.csv", "bodies.csv"] {
            let answers = folder.read(&format!("r/answers/{name}"));
            folder.write(&format!("r/answers/before/{name}"), answers.as_bytes());
            std::fs::remove_file(folder.join(&format!("r/answers/{name}"))).expect("a file");
        }
        folder.write("r/answers/then/plan.csv", rows.as_bytes());
        let scored = folder.run(&["score", "r", "--format", "json"]);
        let scored: serde_json::Value = serde_json::from_str(&scored.out()).expect("JSON");
        for service in &services {
            let promised = &row(&plan["services"], "service", service)["index_after"];
            let (index, band) = {
                let scored = row(&scored["ranking"], "service", service);
                (&scored["index"], &scored["band"])
            };
            assert_eq!(promised, index, "seed {seed}, {service}");
            assert_eq!(
                &row(&plan["services"], "service", service)["band_after"],
                band,
                "seed {seed}, {service}"
            );
        }
        let promised = &row(&plan["entities"], "entity", "body-01")["index_after"];
        assert_eq!(promised, &row(&scored["entity_ranking"], "entity", "body-01")["index"], "seed {seed}");
    }
}

/// The round above under a policy, with all but P2 of a to be done.
fn round_under(policy: &str) -> Folder {
    let folder = round();
    folder.write(
        "framework.yaml",
        FRAMEWORK.replace("bands:", &format!("policy: {{ {policy} }}\nbands:")).as_bytes(),
    );
    folder.write(
        "answers/all.csv",
        b"service,parameter,answer,evidence\na,P1,yes,\na,P2,half,\na,P3,no,\na,P4,yes,\nb,P1,yes,photo\nb,P2,full,\nb,P3,yes,\nb,P4,yes,\n",
    );
    folder
}

#[test]
fn where_gains_do_not_add_up_a_heuristic_is_labelled_and_its_index_exact() {
    let folder = round_under("aggregation: geometric");
    // All but P2 at 1: (0.5 ^ 3) ^ (1 / 10) = 81.2252. P1's evidence and P3 have to go together: each alone leaves a zero.
    let run = folder.run(&["plan", ".", "--service", "a", "--target", "80", "--format", "json"]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    assert_eq!((&plan["optimal"][0]["proof"], &plan["effort"]), (&"heuristic".into(), &"7".into()));
    assert_eq!(row(&plan["services"], "service", "a")["index_after"], "81.23");
}

#[test]
fn what_was_proven_is_told_in_every_form_and_by_one_word_in_every_language() {
    let folder = round_under("aggregation: geometric");
    let plan = |args: &[&str]| folder.run(&[&["plan", ".", "--target", "80"], args].concat()).exits(0);
    for language in ["en", "az"] {
        let json: serde_json::Value =
            serde_json::from_str(&plan(&["--format", "json", "--lang", language]).out()).expect("JSON");
        assert_eq!(
            (&json["optimal"][0]["proof"], &json["optimal"][0]["reason"]),
            (&"heuristic".into(), &"geometric".into())
        );
    }
    for (language, label) in [("en", "A heuristic, not proven the best"), ("az", "Evristik plandır")] {
        for form in ["table", "md", "html"] {
            let told = plan(&["--format", form, "--lang", language]).out();
            assert!(told.split_whitespace().collect::<Vec<_>>().join(" ").contains(label), "{form}: {told}");
        }
        // The columns of a CSV are fixed: there it is told beside it.
        let told = plan(&["--format", "csv", "--lang", language]).err();
        assert!(told.contains(&format!("note: {label}")), "{told}");
    }
    plan(&["-o", "plan.xlsx"]);
    let mut workbook = open_workbook_auto(folder.join("plan.xlsx")).expect("a workbook");
    let cells = workbook
        .worksheets()
        .into_iter()
        .flat_map(|(_, sheet)| sheet.rows().flatten().map(|cell| cell.to_string()).collect::<Vec<_>>());
    let sheets = cells.collect::<Vec<_>>().join("|");
    assert!(sheets.contains("heuristic") && sheets.contains("geometric"), "{sheets}");
    let told = plan(&["-o", "plans"]).err();
    assert!(
        told.contains("note: A heuristic") && folder.read("plans/e.md").contains("A heuristic"),
        "{told}"
    );
    // A folder tells it in a file too, whatever is not to be said.
    assert!(plan(&["-o", "quiet", "-q"]).err().is_empty());
    assert_eq!(
        folder.read("quiet/optimal.csv"),
        "entity,services,effort,proof,bound,reason\ne,2,7,heuristic,,geometric\n"
    );
    folder.run(&["plan", ".", "-o", "gaps"]).exits(0);
    assert!(!folder.join("gaps/optimal.csv").exists());
}

#[test]
fn a_plan_that_cannot_be_searched_for_exactly_says_why() {
    // P1 is answered by nobody, so P4 is missing too: what is missing is left out, or rejects the service.
    let gap = "service,parameter,answer,evidence\na,P2,half,\na,P3,no,\n";
    // P1 lacks its evidence, so P4 counts as answered, with 0; once it is asked it is missing: 3 of 4 answers are.
    let implied = "service,parameter,answer,evidence\na,P1,yes,\na,P2,half,\na,P3,no,\nb,P1,yes,photo\nb,P2,full,\nb,P3,yes,\nb,P4,yes,\n";
    let all = "service,parameter,answer,evidence\na,P1,yes,\na,P2,half,\na,P3,no,\na,P4,yes,\n";
    for (policy, answers, reason) in [
        ("aggregation: geometric", all, "geometric"),
        ("rounding: each-level", all, "each-level"),
        ("missing: exclude", gap, "left-out"),
        ("minimum_coverage: 60", implied, "no-index"),
        ("minimum_coverage: 80", gap, "no-index"),
        ("missing: reject", implied, "no-index"),
    ] {
        let folder = round_under(policy);
        folder.write("answers/all.csv", answers.as_bytes());
        let json = folder.run(&["plan", ".", "--service", "a", "--target", "52", "--format", "json"]);
        let plan: serde_json::Value = serde_json::from_str(&json.out()).expect("JSON");
        let told = format!("{policy}: {plan}");
        assert_eq!(
            (&plan["optimal"][0]["proof"], &plan["optimal"][0]["reason"]),
            (&"heuristic".into(), &reason.into()),
            "{told}"
        );
    }
    // Where none of this is, and where what is not asked is all answered, the search is exact.
    for policy in ["minimum_coverage: 25", "half: even", "not_applicable: full"] {
        let folder = round_under(policy);
        let json =
            folder.run(&["plan", ".", "--service", "a", "--target", "52", "--format", "json"]).exits(0);
        let plan: serde_json::Value = serde_json::from_str(&json.out()).expect("JSON");
        assert_eq!(plan["optimal"][0]["proof"], "optimal", "{policy}");
    }
}

#[test]
fn there_is_a_plan_and_a_true_bound_however_soon_the_time_is_over() {
    let folder = round();
    let plan = |args: &[&str]| -> serde_json::Value {
        let args = [&["plan", ".", "--target", "70", "--time-limit", "0", "--format", "json"], args].concat();
        serde_json::from_str(&folder.run(&args).exits(0).out()).expect("JSON")
    };
    let number =
        |value: &serde_json::Value| value.as_str().map_or(0.0, |text| text.parse().expect("a number"));
    // The least effort for a is 7 days, the evidence and P3; b has 80 already.
    for args in [["--service", "a"].as_slice(), &["--entity", "e"], &[]] {
        let plan = plan(args);
        let index = number(&row(&plan["services"], "service", "a")["index_after"]);
        assert_eq!(plan["optimal"][0]["proof"], "bound", "{plan}");
        assert!(number(&plan["optimal"][0]["bound"]) <= number(&plan["effort"]), "{plan}");
        assert!(
            args == ["--entity", "e"] || index >= 70.0 && number(&plan["optimal"][0]["bound"]) <= 7.0,
            "{plan}"
        );
    }
    // Under a number of actions nothing may be found in no time: then it says so, and proves nothing false.
    let few = plan(&["--service", "a", "--max-actions", "2"]);
    assert!(number(&few["optimal"][0]["bound"]) <= 7.0, "{few}");
}

#[test]
fn no_time_limit_is_too_long() {
    let most = u64::MAX.to_string();
    let run =
        round().run(&["plan", ".", "--target", "70", "--time-limit", &most, "--format", "json"]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    assert_eq!((&plan["optimal"][0]["proof"], &plan["effort"]), (&"optimal".into(), &"7".into()));
}

/// `count` questions of a day each, and one that requires all of them.
fn requiring(count: usize) -> String {
    let head = REQUIRING.split("bands:").next().expect("a head");
    let question = |id: &str, requires: &str| {
        format!(
            "      - {{ id: {id}, title: T, question: Q?, scale: yes-no, advice: {{ effort: 1 }}{requires} }}\n"
        )
    };
    let questions: String = (0..count).map(|at| question(&format!("P{at}"), "")).collect();
    let all: Vec<String> = (0..count).map(|at| format!("P{at}: [\"yes\"]")).collect();
    let last = question("last", &format!(", requires: {{ {} }}", all.join(", ")));
    format!("{head}groups:\n  - id: G\n    title: G\n    parameters:\n{questions}{last}")
}

#[test]
fn more_ways_than_can_be_listed_are_not_searched_and_it_is_told() {
    // Each of so many may be as it is or "yes": 2^12 ways are listed, 2^13 are not.
    for (count, proof, reason) in [(12, "optimal", None), (13, "heuristic", Some("entangled"))] {
        let folder = round();
        folder.write("framework.yaml", requiring(count).as_bytes());
        folder.write("services.csv", b"service,title,entity\na,First,e\n");
        let answers: String = (0..count).map(|at| format!("a,P{at},no\n")).collect();
        folder.write("answers/all.csv", format!("service,parameter,answer\n{answers}").as_bytes());
        let run = folder.run(&["plan", ".", "--target", "100", "--format", "json"]).exits(0);
        let plan: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
        let optimal = &plan["optimal"][0];
        assert_eq!((optimal["proof"].as_str(), optimal["reason"].as_str()), (Some(proof), reason));
        assert_eq!(row(&plan["services"], "service", "a")["index_after"], "100.00");
        assert_eq!(plan["effort"], (count + 1).to_string());
    }
}

#[test]
fn of_a_scale_with_more_answers_than_are_weighed_those_worth_most_are() {
    let folder = round();
    let options: Vec<String> =
        (0..=100).map(|at| format!("{{ answer: a{at}, score: {} }}", f64::from(at) / 100.0)).collect();
    let scale = format!("steps: {{ choices: [{}] }}", options.join(", "));
    let framework = FRAMEWORK.lines().map(|line| {
        if line.trim_start().starts_with("steps:") { format!("  {scale}\n") } else { format!("{line}\n") }
    });
    folder.write("framework.yaml", framework.collect::<String>().as_bytes());
    folder.write("answers/all.csv", b"service,parameter,answer,evidence\na,P1,yes,\na,P2,a0,\na,P3,no,\n");
    let plan = |target: &str| -> serde_json::Value {
        let args = ["plan", ".", "--service", "a", "--only", "P2", "--target", target, "--format", "json"];
        serde_json::from_str(&folder.run(&args).exits(0).out()).expect("JSON")
    };
    // P2 weighs 30 of 100 and takes 10 days in all: a61 is the lowest of the 40 best, 18.3 points for 6.1 days.
    for (target, answer, effort) in [("30", "a100", "10"), ("21", "a70", "7"), ("1", "a61", "6.1")] {
        let plan = plan(target);
        assert_eq!((&plan["actions"][0]["target"], &plan["effort"]), (&answer.into(), &effort.into()));
    }
}

#[test]
fn plans_are_the_same_on_any_number_of_threads() {
    let folder = round();
    let (mut services, mut answers) =
        ("service,title,entity\n".to_owned(), "service,parameter,answer,evidence\n".to_owned());
    for at in 0..12 {
        services += &format!("s{at},Service,e{}\n", at / 2);
        answers += &format!("s{at},P1,yes,\ns{at},P2,{},\n", ["half", "full", "none-yet"][at % 3]);
    }
    folder.write("services.csv", services.as_bytes());
    folder.write("answers/all.csv", answers.as_bytes());
    let plan = |threads| {
        let args = ["plan", ".", "--target", "70", "--threads", threads, "--format", "json"];
        folder.run(&args).exits(0).out()
    };
    let one = plan("1");
    assert!(one.matches("\"optimal\"").count() > 6, "{one}");
    assert!(one == plan("2") && one == plan("5"));
}

#[test]
fn what_was_not_done_realises_nothing() {
    // P4 counts for nothing as long as P1 lacks its evidence, though it is answered.
    let folder = round();
    let answers = folder.read("answers/all.csv").replace("a,P3,no,", "a,P3,no,\na,P4,yes,");
    folder.write("answers/all.csv", answers.as_bytes());
    folder.run(&["plan", ".", "-o", "plans"]).exits(0);
    // It is not P4's own answer that lacks anything.
    assert!(folder.read("plans/actions.csv").contains(",P4,Four,yes,yes,50.00,1,First P1.,,"));
    let follow = ["plan", ".", "--follow", "plans/actions.csv", "--format", "csv"];
    let out = folder.run(&follow).exits(0).out();
    assert!(out.lines().count() > 3 && out.lines().skip(1).all(|line| line.ends_with(",0.00")), "{out}");
}
