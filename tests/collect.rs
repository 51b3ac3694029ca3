//! Sheets that come back: filed into the right stage, or refused with the reason, and never over another.

mod support;

use rust_xlsxwriter::Workbook;
use serde_json::Value;
use support::Folder;

const FRAMEWORK: &str = r#"
framework: small
version: "1"
title: { en: Small, az: Kiçik }
languages: [en, az]
levels: [group, question]
scales:
  yes-no: { choices: [ { answer: "yes", score: 1, title: { en: "Yes", az: Bəli } }, { answer: "no", score: 0, title: { en: "No", az: Xeyr } } ] }
groups:
  - id: G
    title: { en: One, az: Bir }
    parameters:
      - { id: A, title: { en: A, az: A }, question: { en: Is it online?, az: Onlayndırmı? }, scale: yes-no, weight: 3 }
      - { id: B, title: { en: B, az: B }, question: { en: Is it free?, az: Pulsuzdurmu? }, scale: yes-no }
      - { id: E, title: { en: E, az: E }, question: { en: Is there a plan?, az: Plan varmı? }, scale: yes-no, asked: entity }
"#;

const HEAD: &str = "id: r1\nframework: framework.yaml\nstages:\n  - { id: submitted }\n  - { id: verified }\n  \
                    - { id: objections, scored: false }\n  - { id: final }\n";

fn round() -> Folder {
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", HEAD),
        ("services.csv", "service,title,entity,scope\na,A,X,\nb,B,X,\nc,C,Y,\nout,Out,Y,excluded\n"),
    ])
}

/// What a sheet of a template is for, filled: `(recipient, stage, rows of parameter and answer)`.
type Sheet<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// A filled workbook as `template` makes it, by the stamp that `template` itself wrote for the round.
fn workbook(folder: &Folder, sheets: &[Sheet<'_>], mend: impl Fn(String) -> String) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (recipient, stage, answers) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*recipient).expect("a name");
        sheet.write(0, 1, "A title").expect("a cell");
        sheet.write(1, 1, mend(stamp(folder, recipient, stage))).expect("a cell");
        let subject = if ["X", "Y"].contains(recipient) { "entity" } else { "service" };
        for (at, title) in [subject, "parameter", "question", "answer", "evidence"].iter().enumerate() {
            sheet.write(3, at as u16, *title).expect("a cell");
        }
        for (row, (parameter, answer)) in (4..).zip(*answers) {
            let question = match *parameter {
                "A" => "Is it online?",
                "B" => "Pulsuzdurmu?",
                _ => "Is there a plan?",
            };
            for (at, text) in [recipient, parameter, question, answer].iter().enumerate() {
                sheet.write(row, at as u16, *text).expect("a cell");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

/// The stamp that `template` puts on a sheet.
fn stamp(folder: &Folder, recipient: &str, stage: &str) -> String {
    use calamine::{Reader, open_workbook_auto};
    let kind = if ["X", "Y"].contains(&recipient) { "--entity" } else { "--service" };
    let name = format!("made-{recipient}-{stage}.xlsx");
    if !folder.join(&name).exists() {
        folder.run(&["template", kind, recipient, "--stage", stage, "-o", &name]).exits(0);
    }
    let mut workbook = open_workbook_auto(folder.join(&name)).expect("a workbook");
    let range = workbook.worksheet_range(recipient).expect("a sheet");
    let cells = range.used_cells().map(|(_, _, cell)| cell.to_string());
    cells.into_iter().find(|cell| cell.starts_with("asan-index/sheet/1 ")).expect("a stamp")
}

fn index(folder: &Folder, service: &str) -> String {
    let out = folder.run(&["score", "--format", "csv", "-q"]).out();
    let row = out.lines().find(|line| line.split(',').nth(2) == Some(service)).expect("a row");
    row.split(',').nth(6).expect("an index").to_owned()
}

fn collected(folder: &Folder, args: &[&str]) -> Value {
    let run = folder.run(&[&["collect"], args, &["--format", "json"]].concat()).exits(0);
    serde_json::from_str(&run.out()).expect("JSON")
}

#[test]
fn a_filled_template_is_filed_as_it_is_and_scored() {
    let folder = round();
    let sheets: [Sheet<'_>; 3] = [
        ("X", "submitted", &[("E", "yes")]),
        ("a", "submitted", &[("A", "yes"), ("B", "")]),
        ("b", "submitted", &[("A", "Xeyr"), ("B", "yes")]),
    ];
    let bytes = workbook(&folder, &sheets, |stamp| stamp);
    folder.write("inbox/X.xlsx", &bytes);
    // Blank sheets that lie there already, as `init` makes them, are in nobody's way.
    folder.write("answers/submitted/a.csv", b"parameter,answer\nA,\nB,\n");
    folder.write("answers/submitted/b.csv", b"parameter,answer\nA,\nB,\n");
    folder.write("inbox/letter.pdf", b"%PDF");
    let report = collected(&folder, &["inbox"]);
    assert_eq!(std::fs::read(folder.join("answers/submitted/X.xlsx")).expect("filed"), bytes);
    let row = &report["collected"][0];
    assert_eq!((&row["new"], &row["changed"], &row["gone"]), (&4.into(), &0.into(), &0.into()), "{report}");
    assert_eq!(report["aside"][0]["file"], "inbox/letter.pdf");
    assert!(!folder.run(&["score"]).err().contains("short-row"), "blank cells are no short rows");
    // Missing: B of a; all of c, and what is asked of Y.
    let missing: Vec<(&str, &str, i64)> = report["missing"]
        .as_array()
        .expect("a table")
        .iter()
        .map(|row| {
            (
                row["entity"].as_str().unwrap_or(""),
                row["service"].as_str().unwrap_or(""),
                row["blank"].as_i64().unwrap_or(0),
            )
        })
        .collect();
    assert_eq!(missing, [("Y", "", 1), ("X", "a", 1), ("Y", "c", 2)]);
    // a: (3 + 0 + 1) / 5; b: (0 + 1 + 1) / 5.
    assert_eq!((index(&folder, "a").as_str(), index(&folder, "b").as_str()), ("80.00", "40.00"));
    // The same again changes nothing.
    let report = collected(&folder, &["inbox"]);
    assert_eq!((&report["filed"], &report["filed_already"]), (&0.into(), &1.into()), "{report}");
    assert_eq!(std::fs::read_dir(folder.join("answers/submitted")).expect("a folder").count(), 3);
}

#[test]
fn a_second_return_is_filed_beside_the_first_and_replaces_the_whole_sheet() {
    let folder = round();
    let first = "parameter,question,answer,evidence\nA,Is it online?,yes,seen\nB,Pulsuzdurmu?,no,\n";
    folder.write("one/a.csv", first.as_bytes());
    folder.run(&["collect", "one/a.csv", "--stage", "submitted"]).exits(0);
    // A is another answer, B is blank now; the body has renamed nothing.
    folder.write(
        "two/a.csv",
        "parameter,question,answer,evidence\nA,Is it online?,no,seen\nB,Is it free?,,\n".as_bytes(),
    );
    let report = collected(&folder, &["two/a.csv", "--stage", "submitted"]);
    let row = &report["collected"][0];
    assert_eq!(row["filed"], "answers/submitted/a.2.csv");
    assert_eq!(row["replaces"], "answers/submitted/a.csv");
    assert_eq!((&row["new"], &row["changed"], &row["gone"]), (&0.into(), &1.into(), &1.into()), "{report}");
    assert_eq!(report["superseded"][0]["file"], "answers/submitted/a.csv");
    assert_eq!(folder.read("answers/submitted/a.csv"), first);
    assert_eq!(index(&folder, "a"), "0.00");
    // A third one under another name and as a workbook is known by what it asks.
    let sheets: [Sheet<'_>; 1] = [("a", "submitted", &[("A", "yes"), ("B", "yes")])];
    folder.write("three/a (1).xlsx", &workbook(&folder, &sheets, |stamp| stamp));
    let report = collected(&folder, &["three"]);
    assert_eq!(report["collected"][0]["filed"], "answers/submitted/a.3.xlsx", "{report}");
    assert_eq!(report["superseded"].as_array().expect("a table").len(), 2);
    assert_eq!(index(&folder, "a"), "80.00");
    // The inbox is collected once more: what was replaced does not come back.
    let report = collected(&folder, &["one", "three", "--stage", "submitted"]);
    assert_eq!((&report["filed"], &report["filed_already"]), (&0.into(), &2.into()), "{report}");
    assert_eq!(index(&folder, "a"), "80.00");
}

/// One fault of each kind, all in one run: each is named with its reason, and nothing is filed.
#[test]
fn what_does_not_belong_is_refused_with_its_reason_and_nothing_is_filed() {
    let folder = round();
    let a: [Sheet<'_>; 1] = [("a", "submitted", &[("A", "yes")])];
    folder.write("in/round.xlsx", &workbook(&folder, &a, |stamp| stamp.replace("\"r1\"", "\"r0\"")));
    folder.write(
        "in/version.xlsx",
        &workbook(&folder, &a, |stamp| {
            let at = stamp.find("\"sha256\":\"").expect("a hash") + 10;
            format!("{}00{}", &stamp[..at], &stamp[at + 2..]).replace("small 1", "small 0.9")
        }),
    );
    folder.write(
        "in/stage.xlsx",
        &workbook(&folder, &a, |stamp| stamp.replace("\"submitted\"", "\"appeals\"")),
    );
    folder.write("in/recipient.xlsx", &workbook(&folder, &a, |stamp| stamp.replace("\"a\"", "\"b\"")));
    let c: [Sheet<'_>; 1] = [("c", "submitted", &[("A", "yes"), ("B", "yes")])];
    folder.write("in/sound.xlsx", &workbook(&folder, &c, |stamp| stamp));
    folder.write("in/no-stamp.csv", b"service,parameter,answer\nb,A,yes\n");
    folder.write(
        "in/altered.csv",
        "service,parameter,question,answer\nb,A,Is it online on some days?,yes\n".as_bytes(),
    );
    folder.write("in/service.csv", b"service,parameter,answer\nd,A,yes\nout,A,yes\n");
    folder.write("in/parameter.csv", b"service,parameter,answer\nb,Z,yes\n");
    folder.write("in/entity.csv", b"entity,parameter,answer\nX,A,yes\nZ,E,yes\n");
    let run = folder.run(&["collect", "in"]).exits(1);
    for (file, reason) in [
        (
            "in/round.xlsx",
            "the sheet was made for the stage `submitted` of the round `r0`, and this is the stage `submitted` of the round `r1`",
        ),
        ("in/version.xlsx", "the sheet was made from the framework `small 0.9`, and this is `small 1`"),
        ("in/stage.xlsx", "the sheet was made for the stage `appeals`, which the round does not have"),
        ("in/recipient.xlsx", "the sheet was made for `b`, and answers for the service `a`"),
        ("in/no-stamp.csv", "the sheet has no stamp that tells its stage"),
        ("in/altered.csv:2:5", "the question of `A` is not the framework's"),
        ("in/service.csv:2:1", "the service `d` is not asked in this round"),
        ("in/service.csv:3:1", "the service `out` is out of scope, and is not asked"),
        ("in/parameter.csv:2:3", "there is no parameter `Z`"),
        ("in/entity.csv:2:3", "`A` is asked of each service, not of the entity"),
        ("in/entity.csv:3:1", "the entity `Z` is not asked in this round"),
    ] {
        let told = run
            .err()
            .split("\n\n")
            .any(|finding| finding.contains(reason) && finding.contains(&format!("--> {file}")));
        assert!(told, "{file}: {reason}\n{}", run.err());
    }
    assert!(!run.err().contains("sound.xlsx") && run.err().ends_with("nothing is filed\n"), "{}", run.err());
    assert!(!folder.join("answers").exists());
    // Named beside its stamp, another stage is another stage.
    let run = folder.run(&["collect", "in/sound.xlsx", "--stage", "verified"]).exits(1);
    assert!(run.err().contains("and this is the stage `verified`"), "{}", run.err());
    // Another text of the framework is taken on demand, where the questions are the same.
    folder.run(&["collect", "in/version.xlsx", "--stale"]).exits(0);
    assert!(folder.join("answers/submitted/version.xlsx").exists());
}

#[test]
fn what_would_lose_or_turn_over_other_answers_is_refused() {
    let folder = round();
    folder.write("answers/submitted/both.csv", b"service,parameter,answer\na,A,yes\na,B,no\nb,A,yes\n");
    folder.write("answers/submitted/c.csv", b"parameter,answer\nA,yes\n");
    folder.write("answers/verified/visits.csv", b"service,parameter,answer\na,A,ok\n");
    let refused = |name: &str, text: &str, reason: &str| {
        folder.write(name, text.as_bytes());
        let run = folder.run(&["collect", name, "--stage", "submitted"]).exits(1);
        assert!(run.err().contains(reason), "{reason}\n{}", run.err());
    };
    refused(
        "a.csv",
        "parameter,answer\nA,yes\nB,yes\n",
        "it replaces the whole of `answers/submitted/both.csv`, and says nothing of `b`",
    );
    refused(
        "all.csv",
        "service,parameter,answer\nb,A,no\nc,A,no\n",
        "it answers what 2 sheets answer already",
    );
    refused(
        "turned.csv",
        "service,parameter,answer\na,A,no\na,B,no\nb,A,yes\n",
        "the stage `verified` has spoken already to 1 answer that it changes",
    );
    refused("blank.csv", "service,parameter,answer\nb,B,\n", "nothing is answered in it");
    refused("both.csv", "service,parameter,answer\nb,B,yes\n", "another sheet is filed as `both.csv`");
    folder.write("twins/one.csv", b"service,parameter,answer\nb,B,yes\n");
    folder.write("twins/two.csv", b"service,parameter,answer\nb,B,no\n");
    let run = folder.run(&["collect", "twins", "--stage", "submitted"]).exits(1);
    assert!(run.err().contains("it answers the same questions as twins/one.csv"), "{}", run.err());
    // What a later stage rests on is left as it was: the rest may still come.
    folder.write("late.csv", b"service,parameter,answer\na,A,yes\na,B,yes\nb,A,no\n");
    folder.run(&["collect", "late.csv", "--stage", "submitted"]).exits(0);
    assert!(folder.join("answers/submitted/both.2.csv").exists());
    folder.write("round.yaml", HEAD.replace("id: r1", "id: r1\nstate: frozen").as_bytes());
    let run = folder.run(&["collect", "late.csv", "--stage", "submitted"]).exits(1);
    assert!(run.err().contains("the round is frozen or announced"), "{}", run.err());
}

/// Two evaluators answer the same questions, and neither replaces the other.
#[test]
fn evaluators_keep_a_sheet_each() {
    let folder = round();
    folder.write("ana.csv", b"service,parameter,answer,evaluator\na,A,yes,Ana\n");
    folder.write("bey.csv", b"service,parameter,answer,evaluator\na,A,yes,Bey\n");
    let report = collected(&folder, &["ana.csv", "bey.csv", "--stage", "verified"]);
    assert_eq!((&report["filed"], report["superseded"].as_array()), (&2.into(), None), "{report}");
}

/// The sheets of two services may have the same bytes.
#[test]
fn equal_sheets_of_two_services_are_two_sheets() {
    let folder = round();
    for name in ["in/a.csv", "in/b.csv"] {
        folder.write(name, b"parameter,answer\nA,yes\nB,no\n");
    }
    assert_eq!(collected(&folder, &["in", "--stage", "submitted"])["filed"], 2);
    assert_eq!((index(&folder, "a").as_str(), index(&folder, "b").as_str()), ("60.00", "60.00"));
    assert_eq!(collected(&folder, &["in", "--stage", "submitted"])["filed_already"], 2);
}

/// A sheet in another encoding is filed in UTF-8: a round is read in one.
#[test]
fn a_sheet_in_another_encoding_is_filed_as_utf_8() {
    let folder = round();
    let bytes = encoding_rs::WINDOWS_1254.encode("service;parameter;answer;evidence\na;A;yes;Çıxarış\n").0;
    folder.write("a.csv", &bytes);
    folder.run(&["collect", "a.csv", "--stage", "submitted", "--encoding", "windows-1254"]).exits(0);
    assert_eq!(
        folder.read("answers/submitted/a.csv"),
        "service;parameter;answer;evidence\na;A;yes;Çıxarış\n"
    );
}
