//! What hostile input and interrupted runs must never do: panic, hang, eat the machine, or leave half
//! a file.

mod support;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::Folder;

/// Mutated inputs in an ordinary run; `ASAN_MUTATIONS=10000` is the whole promise.
const MUTATIONS: u64 = 600;
/// Interrupted runs in an ordinary run; `ASAN_KILLS=200` is the whole promise.
const KILLS: u64 = 40;

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

const FRAMEWORK: &str = r#"
framework: tiny
version: "1"
title: { en: Tiny, az: Kiçik }
languages: [en, az]
levels: [group, question]
counts: { group: 2, question: 4 }
attributes: { fee: { values: ["yes", "no"] } }
scales:
  yes-no: { choices: [ { answer: "yes", score: 1, also: [bəli] }, { answer: "no", score: 0 } ] }
solutions: [ { id: portal, title: { en: Portal, az: Vahid portal }, effort: 60 } ]
bands: [ { id: A, from: 50, requires: { G1: 40 } }, { id: B, from: 0 } ]
groups:
  - id: G1
    title: { en: One, az: Bir }
    weight: 3
    parameters:
      - { id: Q1, title: { en: a, az: b }, question: { en: "a?", az: "b?" }, scale: yes-no, evidence: required }
      - id: Q2
        title: { en: a, az: b }
        question: { en: "a?", az: "b?" }
        weight: 2.5
        optional: true
        requires: { Q1: ["yes"] }
        scale: { number: { unit: "%", min: 0, max: 100, points: [[0, 0], [100, 1]], ratio: true } }
  - id: G2
    title: { en: Two, az: İki }
    asked: entity
    parameters:
      - id: Q3
        title: { en: a, az: b }
        question: { en: "a?", az: "b?" }
        scale: { multiple: [ { answer: web, score: 0.5 }, { answer: desk, score: 0.75 } ] }
        advice: { action: { en: Do it, az: Et }, effort: 3, solutions: [portal] }
      - { id: Q4, title: { en: a, az: b }, question: { en: "a?", az: "b?" }, scale: yes-no, applies_when: { fee: "yes" } }
"#;

const FILES: [(&str, &str); 7] = [
    ("framework.yaml", FRAMEWORK),
    (
        "round.yaml",
        "id: r\nframework: framework.yaml\nlanguage: az\nstages:\n  - { id: submitted, by: entity }\n  - { id: final, by: evaluator, unconfirmed: void }\npolicy: { half: even }\n",
    ),
    ("services.csv", "service;title;entity;fee;weight\na;Şəhadətnamə;X;yes;2,5\nb;\"two\r\nlines\";Y;no;\n"),
    ("entities.csv", "entity,title,category\nX,Ex,central\nY,Why,local\n"),
    (
        "answers/submitted/long.csv",
        "service,parameter,answer,evidence\na,Q1,bəli,\"act, 5\"\na,Q2,48/50,\nb,Q1,no,x\n",
    ),
    ("answers/submitted/x.csv", "entity,parameter,answer\nX,Q3,web|desk\nX,Q4,yes\nY,Q3,none\n"),
    ("answers/final/a.csv", "\u{feff}parameter\tanswer\treason\nQ1\tok\t\nQ2\t\"96,5\"\tcounted again\n"),
];

/// Waits for a run that must end soon; gives its exit status.
fn end(mut child: Child, what: &str) -> Option<i32> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a process") {
            return status.code();
        }
        if begin.elapsed() > Duration::from_secs(30) {
            child.kill().expect("an end");
            panic!("{what}: still running");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn mutated_inputs_end_in_exit_0_1_or_2() {
    let mut random = Random(20_261_123);
    let folder = Folder::with(&FILES);
    for case in 0..number("ASAN_MUTATIONS", MUTATIONS) {
        let (name, text) = FILES[random.below(FILES.len())];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            mutate(&mut bytes, &mut random);
        }
        folder.write(name, &bytes);
        let binary = env!("CARGO_BIN_EXE_asan-index");
        // A gigabyte of address space and five seconds of a processor are all that a run may take.
        let child = Command::new("sh")
            .args([
                "-c",
                &format!("ulimit -v 1048576; ulimit -t 5; exec '{binary}' score --detail --format csv >/dev/null 2>err"),
            ])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program runs");
        let status = end(child, &format!("case {case}"));
        let err = String::from_utf8_lossy(&std::fs::read(folder.join("err")).expect("a file")).into_owned();
        let fine = matches!(status, Some(0..=2)) && !err.contains("panicked");
        assert!(fine, "case {case}, {name}: {status:?}\n{err}\n{}", String::from_utf8_lossy(&bytes));
        folder.write(name, text.as_bytes());
    }
}

/// Changes, takes out, doubles or puts in some bytes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const TOKENS: [&[u8]; 16] = [
        b"\"",
        b",",
        b";",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\xc3\xa9",
        b"- ",
        b": ",
        b"{",
        b"[",
        b"&a ",
        b"*a",
        b"99999999999999999999",
        b"-",
    ];
    let at = random.below(bytes.len());
    let end = (at + 1 + random.below(12)).min(bytes.len());
    match random.below(5) {
        0 if !bytes.is_empty() => bytes[at] = random.next() as u8,
        1 => drop(bytes.drain(at..end)),
        2 => {
            let part = bytes[at..end].to_vec();
            bytes.splice(at..at, part);
        }
        3 => bytes.truncate(at),
        _ => drop(bytes.splice(at..at, TOKENS[random.below(TOKENS.len())].iter().copied())),
    }
}

#[test]
fn a_killed_run_leaves_whole_files() {
    let folder = Folder::with(&FILES);
    let mut random = Random(7);
    let results = |weight: &str| {
        let side = Folder::with(&FILES);
        side.write("framework.yaml", FRAMEWORK.replace("weight: 3", weight).as_bytes());
        side.run(&["score", "--detail", "-o", "out"]).exits(0);
        ["ranking.csv", "entity-ranking.csv", "scores.csv"].map(|name| side.read(&format!("out/{name}")))
    };
    let (old, new) = (results("weight: 3"), results("weight: 9"));
    assert_ne!(old, new);
    folder.run(&["score", "--detail", "-o", "out"]).exits(0);
    for kill in 0..number("ASAN_KILLS", KILLS) {
        let weight = if kill % 2 == 0 { "weight: 9" } else { "weight: 3" };
        folder.write("framework.yaml", FRAMEWORK.replace("weight: 3", weight).as_bytes());
        let mut child = support::command(&["score", "--detail", "-o", "out"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        std::thread::sleep(Duration::from_micros(random.next() % 25_000));
        child.kill().expect("an end");
        child.wait().expect("an end");
        for (at, name) in ["ranking.csv", "entity-ranking.csv", "scores.csv"].iter().enumerate() {
            let text = folder.read(&format!("out/{name}"));
            assert!(
                text == old[at] || text == new[at],
                "kill {kill}: {name} is neither old nor new:\n{text}"
            );
        }
        let manifest: Result<serde_json::Value, _> = serde_json::from_str(&folder.read("out/manifest.json"));
        assert!(manifest.is_ok(), "kill {kill}: half a manifest");
    }
    // The next run ends the matter, and works over what was left.
    folder.run(&["score", "--detail", "-o", "out"]).exits(0);
}

#[test]
fn a_folder_that_cannot_be_written_keeps_what_it_has() {
    let folder = Folder::with(&FILES);
    folder.run(&["score", "-o", "out"]).exits(0);
    let before = folder.read("out/ranking.csv");
    folder.write("framework.yaml", FRAMEWORK.replace("weight: 3", "weight: 9").as_bytes());
    // A folder in the place of a file cannot be replaced, whoever runs this.
    std::fs::remove_file(folder.join("out/entity-ranking.csv")).expect("gone");
    std::fs::create_dir(folder.join("out/entity-ranking.csv")).expect("a folder");
    let run = folder.run(&["score", "-o", "out"]).exits(2);
    assert!(run.err().contains("cannot write"), "{}", run.err());
    let after = folder.read("out/ranking.csv");
    assert!(after == before || after.lines().count() == before.lines().count());
    let left: Vec<_> = std::fs::read_dir(folder.join("out"))
        .expect("a folder")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(".asan-index"))
        .collect();
    assert!(left.is_empty(), "temporary files are left: {left:?}");
}
