//! The main job through the real binary: layouts, faults, files and exit statuses.

mod support;

use std::io::Read;
use std::process::Stdio;

use support::{Folder, command};

const FRAMEWORK: &str = r#"
framework: tiny
version: "1"
title: Tiny
levels: [group, question]
scales:
  yes-no: { choices: [ { answer: "yes", score: 1, also: [bəli] }, { answer: "no", score: 0 } ] }
bands: [ { id: A, from: 50 }, { id: B, from: 0 } ]
groups:
  - id: G1
    title: One
    weight: 3
    parameters:
      - { id: Q1, title: q, question: q, scale: yes-no }
      - id: Q2
        title: q
        question: q
        weight: 2
        scale: { number: { unit: "%", min: 0, max: 100, points: [[0, 0], [100, 1]], ratio: true } }
  - id: G2
    title: Two
    parameters:
      - id: Q3
        title: q
        question: q
        scale: { multiple: [ { answer: web, score: 0.5 }, { answer: desk, score: 0.75 } ] }
"#;

const SERVICES: &str = "service,title,entity,category,weight\n\
                        a,Alpha,X,central,2\nb,Beta,X,central,\nc,Gamma,Y,local,1\n";

fn round(answers: &[(&str, &str)]) -> Folder {
    let folder = Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", "id: t\nframework: framework.yaml\n"),
        ("services.csv", SERVICES),
    ]);
    for (name, text) in answers {
        folder.write(&format!("answers/{name}"), text.as_bytes());
    }
    folder
}

/// By hand: a: G1 (1*1 + 2*0.335)/3 = 0.556666, G2 min(1, 0.5 + 0.75) = 1,
/// index (3*0.556666 + 1)/4 = 66.75; b: G1 (0 + 2*0.5)/3 = 1/3, G2 0.5, index (1 + 0.5)/4 = 37.50;
/// c: G1 (1 + 0)/3, G2 0, index 25.00. X: (2*66.75 + 37.50)/3 = 57.00; its G1
/// (2*55.67 + 33.33)/3 = 48.22333, its G2 (2*100 + 50)/3 = 83.33333.
const RANKING: &str = "rank,rank_in_category,service,title,entity,category,index,band,answered,applicable,G1,G2\n\
                       1,1,a,Alpha,X,central,66.75,A,3,3,55.67,100.00\n\
                       2,2,b,Beta,X,central,37.50,B,3,3,33.33,50.00\n\
                       3,1,c,Gamma,Y,local,25.00,B,2,3,33.33,0.00\n";
const ENTITIES: &str = "category,rank,entity,title,services,index,band,G1,G2\n\
                        central,1,X,X,2,57.00,A,48.22,83.33\nlocal,1,Y,Y,1,25.00,B,33.33,0.00\n";

#[test]
fn every_layout_gives_the_figures_of_a_hand_calculation() {
    let long = "service,parameter,answer\na,Q1,YES\na,Q2,\"33,5\"\na,Q3,web|desk\nb,Q1,no\nb,Q2,1/2\nb,Q3,web\n\
                c,Q1,Bəli\nc,Q3,none\n";
    let wide = "service;Q3;Q1;Q2\r\nb;web;no;50 %\r\na;web| DESK;Yes;33,5\r\nc;none;bəli;\r\n";
    let layouts: [&[(&str, &str)]; 3] = [
        &[("long.csv", long)],
        &[("wide.csv", wide)],
        &[
            ("a.csv", "\u{feff}parameter\tanswer\nQ1\tyes\nQ2\t33.50\nQ3\tdesk;web;desk\n"),
            ("deep/b.csv", "sep=;\nalt meyar;cavab\nQ1;no\nQ2;50,0\nQ3;web\n"),
            ("c.csv", "parameter_id,value,evidence\nQ1,\"b\u{259}li\",\nQ2,,\nQ3,none,\"two\nlines\"\n"),
        ],
    ];
    for answers in layouts {
        let folder = round(answers);
        folder.run(&["score", "-o", "out"]).exits(0);
        assert_eq!(folder.read("out/ranking.csv"), RANKING);
        assert_eq!(folder.read("out/entity-ranking.csv"), ENTITIES);
    }
}

#[test]
fn standard_input_and_single_files_need_no_round() {
    let folder = Folder::with(&[("framework.yaml", FRAMEWORK)]);
    folder.write("a.csv", "parameter,answer\nQ1,yes\nQ2,33.5\nQ3,web;desk\n".as_bytes());
    let run = folder.run(&["score", "a.csv", "--framework", "framework.yaml", "--format", "csv"]).exits(0);
    assert!(run.out().ends_with("\n1,1,a,a,,,66.75,A,3,3,55.67,100.00\n"), "{}", run.out());
    let input = std::fs::File::open(folder.join("a.csv")).expect("a file");
    let output = command(&["score", "-", "--framework", "framework.yaml"])
        .current_dir(folder.path())
        .stdin(Stdio::from(input))
        .output()
        .expect("the program runs");
    // A file without a service column has no name on standard input.
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown-layout"));
}

#[test]
fn a_faulty_service_is_held_out_and_all_faults_are_told() {
    let folder =
        round(&[("w.csv", "service,Q1,Q2,Q3\na,yes,33.5,web;desk\nb,maybe,12 3,web;wep\nc,yes,,none\n")]);
    let run = folder.run(&["score", "-o", "out"]).exits(1);
    let places = ["answers/w.csv:3:3", "answers/w.csv:3:9", "answers/w.csv:3:14"];
    for (place, code) in places.iter().zip(["answer-unknown", "answer-not-a-number", "answer-unknown"]) {
        assert!(run.err().contains(place) && run.err().contains(code), "{place}: {}", run.err());
    }
    assert!(!folder.join("out").exists(), "files are written only with --hold-out");
    folder.run(&["score", "-o", "out", "--hold-out"]).exits(1);
    let ranking = folder.read("out/ranking.csv");
    assert!(ranking.ends_with(",,b,Beta,X,central,,,,,,\n"), "{ranking}");
    // X's mean is a's alone.
    assert!(folder.read("out/entity-ranking.csv").contains("central,1,X,X,1,66.75,A,55.67,100.00\n"));
    assert!(folder.read("out/manifest.json").contains("\"held_out\": [\n    \"b\"\n  ]"));
}

#[test]
fn a_fault_of_no_single_service_stops_everything() {
    for (answers, code) in [
        ("service,Q1,Q9\na,yes,1\n", "unknown-parameter-column"),
        ("service,parameter,answer\nz,Q1,yes\n", "unknown-service"),
        ("name,answer\na,yes\n", "unknown-layout"),
        ("service,Q1,Q1\na,yes,yes\n", "duplicate-column"),
    ] {
        let folder = round(&[("x.csv", answers)]);
        let run = folder.run(&["score"]).exits(1);
        assert!(run.err().contains(code), "{code}: {}", run.err());
        assert_eq!(run.out(), "", "nothing is shown");
    }
    let folder = round(&[]);
    folder.write("framework.yaml", FRAMEWORK.replace("weight: 3", "wieght: 3").as_bytes());
    let run = folder.run(&["score"]).exits(1);
    assert!(run.err().contains("framework.yaml:12:5") && run.err().contains("did you mean `weight`?"));
}

#[test]
fn usage_and_missing_files_are_exit_2() {
    let folder = round(&[]);
    folder.run(&["score", "nowhere"]).exits(2);
    folder.run(&["score", "--frmework", "x"]).exits(2);
    folder.run(&["score", "--framework", "nowhere.yaml"]).exits(2);
    folder.run(&["score", "--stage", "final"]).exits(2);
    folder.run(&["score", "-o", "out.docx"]).exits(2);
    folder.run(&["rank", "--category", "centrel"]).exits(2);
}

#[test]
fn a_run_replaces_its_own_files_and_touches_no_others() {
    let folder = round(&[("w.csv", "service,Q1,Q2,Q3\na,yes,33.5,web;desk\nb,no,50,web\nc,yes,,none\n")]);
    folder.write("out/ranking.csv", b"mine");
    let run = folder.run(&["score", "-o", "out"]).exits(2);
    assert!(run.err().contains("ranking.csv is in the way"), "{}", run.err());
    assert_eq!(folder.read("out/ranking.csv"), "mine");
    std::fs::remove_file(folder.join("out/ranking.csv")).expect("gone");
    folder.write("out/notes.txt", b"mine");
    folder.run(&["score", "-o", "out", "--detail"]).exits(0);
    assert!(folder.join("out/scores.csv").exists());
    folder.run(&["score", "-o", "out"]).exits(0);
    assert!(!folder.join("out/scores.csv").exists(), "what the new run does not write is gone");
    assert_eq!(folder.read("out/notes.txt"), "mine");
    let names: Vec<_> = std::fs::read_dir(folder.join("out")).expect("a folder").flatten().collect();
    assert_eq!(names.len(), 4, "no temporary file is left: {names:?}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let rows =
        ["a,Q1,yes", "a,Q2,33.5", "a,Q3,web;desk", "b,Q1,no", "b,Q2,50", "b,Q3,web", "c,Q1,yes", "c,Q3,none"];
    let whole = |order: &[&str]| format!("service,parameter,answer\n{}\n", order.join("\n"));
    let mut backwards = rows;
    backwards.reverse();
    let first = round(&[("one.csv", &whole(&rows))]);
    let second = round(&[("z.csv", &whole(&backwards[..3])), ("b.csv", &whole(&backwards[3..]))]);
    for (folder, zone, locale) in [(&first, "UTC", "C"), (&second, "Asia/Baku", "az_AZ.UTF-8")] {
        let run = command(&["score", "--detail", "-o", "out"])
            .current_dir(folder.path())
            .env("TZ", zone)
            .env("LC_ALL", locale)
            .output()
            .expect("the program runs");
        assert_eq!(run.status.code(), Some(0));
    }
    for file in ["ranking.csv", "entity-ranking.csv", "scores.csv"] {
        assert_eq!(first.read(&format!("out/{file}")), second.read(&format!("out/{file}")));
    }
}

#[test]
fn weights_filters_and_dialects_do_what_they_say() {
    let folder = round(&[("w.csv", "service,Q1,Q2,Q3\na,yes,33.5,web;desk\nb,no,50,web\nc,yes,,none\n")]);
    folder.write("w.csv", b"id;weight\nG1;0\n");
    let run = folder.run(&["score", "--weights", "w.csv", "--format", "csv"]).exits(0);
    // Only G2 counts.
    assert!(run.out().contains("1,1,a,Alpha,X,central,100.00,"), "{}", run.out());
    let run = folder.run(&["rank", "--dimension", "G1", "--category", "central", "--format", "csv"]).exits(0);
    assert!(run.out().lines().nth(1).is_some_and(|line| line.starts_with("1,1,a,")), "{}", run.out());
    let run = folder.run(&["rank", "--by", "category", "--format", "csv"]).exits(0);
    assert!(run.out().contains("central,central,2,57.00,"), "{}", run.out());
    let run = folder.run(&["rank", "--top", "1", "--dialect", "excel", "--format", "csv"]).exits(0);
    assert!(
        run.out().starts_with('\u{feff}') && run.out().ends_with("66,75;A;3;3;55,67;100,00\n"),
        "{}",
        run.out()
    );
    let run = folder.run(&["score", "--format", "json"]).exits(0);
    let json: serde_json::Value = serde_json::from_str(&run.out()).expect("JSON");
    assert_eq!(json["schema"], "asan-index/scores/1");
    assert_eq!(json["ranking"][0]["index"], "66.75", "figures are strings");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = round(&[("w.csv", "service,Q1\na,yes\n")]);
    let mut child = command(&["framework", "list", "--framework", "framework.yaml", "--format", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let mut complaints = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut complaints).expect("text");
    let status = child.wait().expect("an end");
    assert_eq!((status.code(), complaints.as_str()), (Some(0), ""));
}

/// More different answers on a scale than two bytes tell apart, in a wide file and a long one: a number of thousands
/// on a scale of hundreds of thousands is its own share in percent.
#[test]
fn a_scale_may_have_more_answers_than_two_bytes_tell_apart() {
    const SERVICES: usize = 70_000;
    let framework = "framework: many\nversion: \"1\"\ntitle: Many\nlevels: [group, question]\npolicy: { decimals: 3 }\n\
                     scales: { n: { number: { min: 0, max: 100000, points: [[0, 0], [100000, 1]] } } }\n\
                     groups: [ { id: G, title: G, parameters: [ { id: Q, title: q, question: q, scale: n } ] } ]\n";
    // No two of them are the same, as the factor is prime.
    let answer = |service: usize| service * 7919 % SERVICES;
    let rows = |services: std::ops::Range<usize>, between: &str| -> String {
        services.map(|at| format!("s{at:05}{between}{}\n", answer(at))).collect()
    };
    let folder = Folder::with(&[
        ("framework.yaml", framework),
        ("round.yaml", "id: t\nframework: framework.yaml\n"),
        ("answers/a.csv", &format!("service,Q\n{}", rows(0..SERVICES / 2, ","))),
        ("answers/b.csv", &format!("service,parameter,answer\n{}", rows(SERVICES / 2..SERVICES, ",Q,"))),
    ]);
    folder.run(&["score", "-q", "-o", "ranking.csv"]).exits(0);
    let text = folder.read("ranking.csv");
    let mut expected: Vec<usize> = (0..SERVICES).collect();
    expected.sort_by_key(|at| std::cmp::Reverse(answer(*at)));
    let found = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let figure = |at: usize| format!("{}.{:03}", answer(at) / 1000, answer(at) % 1000);
    let expected = expected.iter().map(|at| (format!("s{at:05}"), figure(*at)));
    assert!(found.map(|row| (row[2].to_owned(), row[6].to_owned())).eq(expected));
}
