//! One fault at random in a framework and a round that are sound: `check` finds it, at its file and line.

mod support;

use std::path::Path;

use support::{Folder, command};

/// A small generator of our own, so that a seed gives the same faults for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

/// What is done to a line, found by a part of it.
struct Way {
    code: &'static str,
    file: &'static str,
    part: &'static str,
    change: fn(&str) -> String,
}

const FRAMEWORK: &str = "framework/framework.yaml";
const GROUP: &str = "framework/1-informing.yaml";
const ANSWERS: &str = "answers/all.csv";
const BODIES: &str = "answers/bodies.csv";
const SERVICES: &str = "services.csv";

const WAYS: &[Way] = &[
    Way {
        code: "yaml-syntax",
        file: GROUP,
        part: "title: {",
        change: |line| line.replace("title: {", "title: ] {"),
    },
    Way {
        code: "unknown-key",
        file: GROUP,
        part: "weight: ",
        change: |line| line.replace("weight", "wieght"),
    },
    Way { code: "weight-not-a-number", file: GROUP, part: "weight: ", change: |line| format!("{line}e2") },
    Way {
        code: "weight-not-a-number",
        file: GROUP,
        part: "weight: ",
        change: |line| line.replace("weight: ", "weight: -"),
    },
    Way {
        code: "weight-not-a-number",
        file: GROUP,
        part: "weight: ",
        change: |line| line.replace("weight: ", "weight: x"),
    },
    Way {
        code: "ill-formed-id",
        file: GROUP,
        part: "- id: P",
        change: |line| line.replace("id: P", "id: 9P"),
    },
    Way {
        code: "look-alike-letter",
        file: GROUP,
        part: "- id: P",
        change: |line| line.replace("id: P", "id: Р"),
    },
    Way {
        code: "duplicate-id",
        file: GROUP,
        part: "- id: P",
        change: |line| format!("{}P1.1.1", &line[..line.find('P').unwrap_or(0)]),
    },
    Way {
        code: "unknown-scale",
        file: GROUP,
        part: "scale: yes-no",
        change: |line| line.replace("yes-no", "yes-on"),
    },
    Way {
        code: "unknown-value",
        file: GROUP,
        part: "evidence: r",
        change: |line| line.replace("evidence: ", "evidence: very-"),
    },
    Way {
        code: "wrong-type",
        file: GROUP,
        part: "scale: yes-no",
        change: |line| line.replace("yes-no", "[yes-no]"),
    },
    Way {
        code: "score-out-of-range",
        file: GROUP,
        part: "score: 1,",
        change: |line| line.replacen("score: 1,", "score: 1.5,", 1),
    },
    Way {
        code: "unknown-value",
        file: FRAMEWORK,
        part: "  missing:",
        change: |line| line.replace("missing: ", "missing: no-"),
    },
    Way {
        code: "unknown-key",
        file: FRAMEWORK,
        part: "version:",
        change: |line| line.replace("version", "versoin"),
    },
    Way {
        code: "count-mismatch",
        file: FRAMEWORK,
        part: "counts:",
        change: |line| line.replace("143", "144"),
    },
    Way {
        code: "include-missing",
        file: FRAMEWORK,
        part: "- file:",
        change: |line| line.replace("yaml", "yml"),
    },
    Way {
        code: "include-outside",
        file: FRAMEWORK,
        part: "- file:",
        change: |line| line.replace("file: ", "file: ../"),
    },
    Way {
        code: "answer-unknown",
        file: ANSWERS,
        part: ",yes,",
        change: |line| line.replace(",yes,", ",yess,"),
    },
    Way {
        code: "dash-for-nothing",
        file: ANSWERS,
        part: ",yes,",
        change: |line| line.replace(",yes,", ",-,"),
    },
    Way {
        code: "answer-out-of-range",
        file: BODIES,
        part: ",P1.4.6,",
        change: |line| with_cell(line, 2, "1000"),
    },
    Way {
        code: "answer-not-a-number",
        file: BODIES,
        part: ",P1.4.6,",
        change: |line| with_cell(line, 2, "1 00"),
    },
    Way {
        code: "answer-is-a-date",
        file: BODIES,
        part: ",P1.4.6,",
        change: |line| with_cell(line, 2, "05.12.2025"),
    },
    Way { code: "unknown-parameter", file: ANSWERS, part: ",P", change: |line| line.replace(",P", ",PP") },
    Way { code: "blank-parameter", file: ANSWERS, part: ",P", change: |line| with_cell(line, 1, "") },
    Way {
        code: "unknown-service",
        file: ANSWERS,
        part: "-01,P",
        change: |line| line.replace("-01,P", "-99,P"),
    },
    Way { code: "long-row", file: ANSWERS, part: ",P", change: |line| format!("{line},more") },
    Way {
        code: "blank-id",
        file: ANSWERS,
        part: "-01,P",
        change: |line| line[line.find(',').unwrap_or(0)..].to_owned(),
    },
    Way {
        code: "unknown-entity",
        file: SERVICES,
        part: "body-01-",
        change: |line| line.replace(",body-01,", ",body-77,"),
    },
    Way {
        code: "unknown-attribute-value",
        file: SERVICES,
        part: "body-01-",
        change: |line| line.replace(",no,", ",never,").replace(",yes,", ",never,"),
    },
    Way {
        code: "blank-id",
        file: SERVICES,
        part: "body-01-",
        change: |line| line[line.find(',').unwrap_or(0)..].to_owned(),
    },
];

/// A row with another cell.
fn with_cell(line: &str, column: usize, words: &str) -> String {
    let mut cells: Vec<&str> = line.split(',').collect();
    cells[column] = words;
    cells.join(",")
}

/// The reference framework and a made-up round under it, with evidence for everything.
fn sound() -> Folder {
    let folder = Folder::with(&[]);
    let made = command(&["demo", "made", "--services", "3"]).current_dir(folder.path()).output();
    assert!(made.expect("it runs").status.success());
    let parameters = Path::new(env!("CARGO_MANIFEST_DIR")).join("parameters");
    for entry in std::fs::read_dir(parameters).expect("the framework") {
        let path = entry.expect("a file").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("").to_owned();
        folder.write(&format!("made/framework/{name}"), &std::fs::read(path).expect("a file"));
    }
    let head = folder.read("made/round.yaml");
    folder.write("made/round.yaml", format!("{head}framework: framework\n").as_bytes());
    let answers = folder.read("made/answers/services.csv");
    let filled = answers.lines().map(|line| match line.strip_suffix(',') {
        Some(row) => format!("{row},letter {}\n", row.len() * 31 % 97),
        None => format!("{line}\n"),
    });
    folder.write("made/answers/all.csv", filled.collect::<String>().as_bytes());
    std::fs::remove_file(folder.join("made/answers/services.csv")).expect("removed");
    folder
}

#[test]
fn a_thousand_faults_are_found_where_they_are() {
    let folder = sound();
    let check = || {
        let run = command(&["check", "made", "--format", "github"]).current_dir(folder.path()).output();
        String::from_utf8(run.expect("it runs").stdout).expect("text")
    };
    let clean = check();
    assert!(!clean.contains("::error"), "{clean}");
    let mut random = Random(20_251_123);
    assert_eq!(WAYS.len(), 30);
    for number in 0..1000 {
        let way = &WAYS[number % WAYS.len()];
        let name = format!("made/{}", way.file);
        let text = folder.read(&name);
        let is_one = |line: &str| {
            let plain = !line.trim_start().starts_with('#') && line.contains(way.part);
            plain && (way.change)(line) != line
        };
        let places: Vec<usize> =
            (0..).zip(text.lines()).filter(|(_, line)| is_one(line)).map(|(at, _)| at).collect();
        assert!(!places.is_empty(), "{} has no line for {}", way.file, way.code);
        let at = places[random.below(places.len())];
        let lines = text.lines().enumerate();
        let broken: Vec<String> = lines
            .map(|(line, words)| if line == at { (way.change)(words) } else { words.to_owned() })
            .collect();
        folder.write(&name, (broken.join("\n") + "\n").as_bytes());
        let out = check();
        folder.write(&name, text.as_bytes());
        let found = out.lines().any(|line| {
            line.starts_with("::error")
                && line.contains(&format!("title={}::", way.code))
                && line.contains(&format!("file={name},line={},", at + 1))
        });
        assert!(found, "{} in line {} of {}: {}\n{out}", way.code, at + 1, way.file, broken[at]);
    }
    assert_eq!(check(), clean);
}
