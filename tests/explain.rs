//! Why a score: figures computed by hand.

mod support;

use support::Folder;

const FRAMEWORK: &str = r#"
framework: small
version: "1"
title: Small
levels: [part, parameter]
languages: [en, az]
scales:
  yes-no:
    choices:
      - { answer: "yes", score: 1, title: { en: "Yes", az: "Bəli" } }
      - { answer: "no", score: 0, title: { en: "No", az: "Xeyr" } }
  waiting:
    number: { min: 0, points: [[5, 1], [15, 0.5], [60, 0]] }
groups:
  - id: A
    title: { en: First, az: Birinci }
    weight: 2
    parameters:
      - { id: A1, title: { en: One, az: Bir }, question: { en: "One?", az: "Bir?" }, scale: yes-no, evidence: required }
      - { id: A2, title: { en: Two, az: İki }, question: { en: "Two?", az: "İki?" }, scale: waiting }
      - { id: A3, title: { en: Three, az: Üç }, question: { en: "Three?", az: "Üç?" }, scale: yes-no, requires: { A1: ["yes"] } }
  - id: B
    title: { en: Second, az: İkinci }
    weight: 1
    parameters:
      - { id: B1, title: { en: Four, az: Dörd }, question: { en: "Four?", az: "Dörd?" }, scale: yes-no, optional: true }
      - { id: B2, title: { en: Five, az: Beş }, question: { en: "Five?", az: "Beş?" }, scale: yes-no }
"#;

fn round() -> Folder {
    Folder::with(&[
        ("framework.yaml", &FRAMEWORK.replace("title: Small", "title: { en: Small, az: Kiçik }")),
        ("round.yaml", "framework: framework.yaml\nstages: [{ id: first }, { id: second }]\n"),
        ("services.csv", "service,title,entity\npassport,Issue of a passport,e1\npermit,Import permit,e1\n"),
        (
            "answers/first/all.csv",
            "service,parameter,answer,evidence\n\
             passport,A1,yes,photo\npassport,A2,30,\npassport,A3,yes,\npassport,B1,n/a,\npassport,B2,yes,\n\
             permit,A1,yes,\npermit,A2,20,\n",
        ),
        ("answers/second/all.csv", "service,parameter,answer,reason\npassport,A2,10,measured again\n"),
    ])
}

#[test]
fn a_tree_shows_weights_answers_reasons_and_contributions_that_add_up() {
    let folder = round();
    let run = folder.run(&["explain", "issue of", "--format", "json"]).exits(0);
    let json: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    // A = (1 + 0.75 + 1) / 3 = 11/12, B = 1 (B1 left out): (2 x 11/12 + 1) / 3 = 17/18 = 94.44.
    assert_eq!(json["index"], "94.44");
    let nodes = json["nodes"].as_array().expect("nodes");
    let node = |id: &str| nodes.iter().find(|node| node["id"] == id).expect("a node");
    assert_eq!(node("A2")["effective_weight"], "22.222");
    assert_eq!(node("A2")["why"], "10 lies between (5, 1) and (15, 0.5)");
    assert_eq!(node("A2")["gain"], "5.56");
    assert!(node("A2")["place"].as_str().is_some_and(|place| place.ends_with("answers/second/all.csv:2")));
    assert_eq!(node("B1")["state"], "not-applicable");
    // 22.222 + 16.667 + 22.222 + 33.333 = 94.444: floors 22.22, 16.66, 22.22, 33.33 lack one hundredth,
    // which goes to the largest remainder, that of A2.
    let brings = ["A1", "A2", "A3", "B2"].map(|id| node(id)["contribution"].clone());
    assert_eq!(brings, ["22.22", "16.67", "22.22", "33.33"]);
    assert_eq!(
        (&node("A")["contribution"], &node("index")["contribution"]),
        (&"61.11".into(), &"94.44".into())
    );
    folder.run(&["explain", "passport", "-o", "why.md"]).exits(0);
    assert!(folder.read("why.md").contains("The contributions add up to 94.44, the published index."));
}

#[test]
fn one_parameter_is_shown_in_full() {
    let folder = round();
    let framework = FRAMEWORK.replace("title: Small", "title: { en: Small, az: Kiçik }");
    let share = "number: { unit: '%', min: 0, max: 100, points: [[50, 0], [100, 1]], ratio: true }";
    let framework = framework.replace("number: { min: 0, points: [[5, 1], [15, 0.5], [60, 0]] }", share);
    folder.write("framework.yaml", framework.as_bytes());
    folder.write(
        "answers/second/all.csv",
        b"service,parameter,answer,evidence,reason\npassport,A2,22/24,a list,counted again\n",
    );
    let run = folder.run(&["explain", "passport", "A2", "--format", "json"]).exits(0);
    let json: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    let lines = json["in_full"].as_array().expect("lines");
    let said = |what: &str| {
        let line = lines.iter().find(|line| line["what"] == what);
        line.unwrap_or_else(|| panic!("no {what}"))["value"].as_str().unwrap_or_default().to_owned()
    };
    // A weighs 2 of 3, A2 1 of its 3. 22 of 24 are 91.667 %, (91.667 - 50) / 50 = 5/6: 18.52 of 22.22 points.
    for (what, value) in [
        ("question", "Two?"),
        ("weight", "1 of 3 in A"),
        ("nominal_weight", "22.222"),
        ("effective_weight", "22.222"),
        ("answer", "22/24"),
        ("evidence", "a list"),
        ("why", "91.666666667 lies between (50, 0) and (100, 1)"),
        ("score", "83.33"),
        ("contribution", "18.52"),
        ("gain", "3.70"),
        ("target", "A2=100"),
    ] {
        assert_eq!(said(what), value, "{what}");
    }
    assert!(said("place").ends_with("answers/second/all.csv:2"));
    // In words, in both languages; and what it requires stands beside the best answer.
    let full =
        |language| folder.run(&["explain", "permit", "A3", "--format", "md", "--lang", language]).out();
    let (english, azerbaijani) = (full("en"), full("az"));
    assert!(english.contains("| question | Three? |") && english.contains("A1=yes, A3=yes"), "{english}");
    assert!(azerbaijani.contains("| sual | Üç? |"), "{azerbaijani}");
}

#[test]
fn where_an_answer_stands_is_where_what_counts_was_said() {
    let folder = round();
    folder.write(
        "round.yaml",
        b"framework: framework.yaml\nstages: [{ id: first }, { id: second, scored: false }]\n",
    );
    folder.write("answers/first/zz.csv", b"service,parameter,evidence\npassport,A2,a stopwatch\n");
    let run = folder.run(&["explain", "passport", "A2", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    // The objection of the second stage does not count, and a row of evidence says no answer.
    let node = &json["nodes"][0];
    assert_eq!((&node["answer"], &node["evidence"]), (&"30".into(), &"a stopwatch".into()));
    assert!(node["place"].as_str().is_some_and(|place| place.ends_with("answers/first/all.csv:3")), "{node}");
    assert_eq!(json["trail"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_void_answer_costs_what_its_evidence_would_bring_with_what_hangs_on_it() {
    let run = round().run(&["explain", "permit", "--gaps", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    let gaps = json["gaps"].as_array().expect("gaps");
    let gap = |id: &str| gaps.iter().find(|gap| gap["parameter"] == id).expect("a gap");
    assert_eq!((&gap("A1")["state"], &gap("A1")["why"]), (&"void".into(), &"no evidence".into()));
    // A weighs 2/3, each of its three parameters 2/9; A3 is missing and needs A1 as well.
    assert_eq!(gap("A1")["gain"], "22.22");
    assert_eq!(gap("A3")["gain"], "44.44");
    // 20 minutes are worth 0.5 - 0.5 x 5/45 = 4/9, and lack 5/9 of 22.22.
    assert_eq!(gap("A2")["gain"], "12.35");
    assert_eq!(gaps[0]["parameter"], "A3");
}

#[test]
fn what_if_shows_index_and_rank_that_would_result() {
    let sets = ["--set", "A1=yes", "--set", "A3=yes", "--set", "B1=yes", "--set", "B2=yes", "--set", "A2=5"];
    let folder = round();
    let run = folder.run(&[&["explain", "permit", "--format", "json"], sets.as_slice()].concat());
    let json: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    let what_if = &json["what_if"];
    // Now only A2 counts: 2/3 x 4/9 / 3 = 9.88, behind 94.44; then everything is at its best.
    assert_eq!((&what_if[0]["index"], &what_if[0]["rank"]), (&"9.88".into(), &2.into()));
    assert_eq!((&what_if[1]["index"], &what_if[1]["rank"]), (&"100.00".into(), &1.into()));
    let wrong = folder.run(&["explain", "permit", "--set", "A1=maybe"]);
    assert_eq!(wrong.status(), 2);
    assert!(wrong.err().contains("`maybe` is no answer to `A1`"));
}

#[test]
fn a_parameter_over_all_services_and_names_that_fit_several() {
    let folder = round();
    let run = folder.run(&["explain", "A1", "--format", "csv"]);
    let rows: Vec<String> = run.out().lines().map(str::to_owned).collect();
    assert!(rows[1].starts_with("passport,Issue of a passport,e1,yes,100.00,scored,Yes,"), "{rows:?}");
    assert!(rows[2].starts_with("permit,Import permit,e1,yes,0.00,void,no evidence,"), "{rows:?}");
    let several = folder.run(&["explain", "p"]);
    assert_eq!(several.status(), 2);
    assert!(several.err().contains("`p` is part of 2 services: `passport` or `permit`"), "{}", several.err());
    let azerbaijani = folder.run(&["explain", "permit", "--lang", "az"]).out();
    assert!(azerbaijani.contains("sübut yoxdur"), "{azerbaijani}");
}

#[test]
fn what_the_entity_said_is_shown_as_inherited_and_the_services_own_word_goes_before_it() {
    let folder = Folder::with(&[
        (
            "framework.yaml",
            "framework: small\nversion: '1'\ntitle: Small\nlevels: [group, parameter]\nscales:\n  \
             yn: { choices: [{ answer: 'yes', score: 1 }, { answer: 'no', score: 0 }] }\ngroups:\n  - id: G\n    title: G\n    \
             parameters:\n      - { id: P, title: P, question: P?, scale: yn, asked: entity }\n",
        ),
        ("round.yaml", "framework: framework.yaml\nstages: [{ id: first }, { id: second }]\n"),
        ("services.csv", "service,title,entity\na,A,e\nb,B,e\n"),
        ("answers/first/all.csv", "service,parameter,answer\nb,P,no\n"),
        ("answers/first/of-bodies.csv", "entity,parameter,answer\ne,P,yes\n"),
    ]);
    let explained = |service: &str| {
        let out = folder.run(&["explain", service, "P", "--format", "json"]).exits(0).out();
        let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        json
    };
    let (a, b) = (explained("a"), explained("b"));
    assert_eq!((&a["index"], &b["index"]), (&"100.00".into(), &"0.00".into()));
    assert_eq!(a["trail"][0]["inherited"], "e");
    assert_eq!(b["trail"][0]["inherited"], serde_json::Value::Null);
    for (json, file) in [(&a, "of-bodies.csv:2"), (&b, "all.csv:2")] {
        let place = json["nodes"][0]["place"].as_str().expect("a place");
        assert!(place.ends_with(file), "{place}");
    }
    // A word that confirms stands for the service's own answer, in the votes of evaluators too.
    folder.write(
        "answers/second/word.csv",
        b"service,parameter,answer,evaluator\nb,P,ok,Aysel\nb,P,no,Murad\n",
    );
    let out = folder.run(&["statistics", "--agreement", "--format", "json"]).exits(0).out();
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["agreement"][0]["percent_agreement"], "100.00", "{out}");
}
