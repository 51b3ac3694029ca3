//! `check` through the real binary: what is checked, what is reported, and how.

mod support;

use std::path::Path;

use support::Folder;

const FRAMEWORK: &str = "framework: small
version: '1'
title: Small
levels: [group, parameter]
scales:
  yes-no: { choices: [{ answer: 'yes', score: 1 }, { answer: 'no', score: 0 }] }
groups:
  - id: G1
    title: One
    parameters:
      - { id: P1, title: First, question: First?, scale: yes-no, evidence: required }
      - { id: P2, title: Second, question: Second?, scale: yes-no }
";

fn round() -> Folder {
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", "framework: framework.yaml\n"),
        ("services.csv", "service,title,scope\na,A,\nb,B,\nc,C,excluded\n"),
        ("answers/all.csv", "service,parameter,answer,evidence\na,P1,yes,letter\na,P2,no,\nb,P1,no,letter\n"),
    ])
}

#[test]
fn what_is_sound_has_no_findings() {
    let run = round().run(&["check"]).exits(0);
    assert_eq!(
        (run.out(), run.err()),
        ("no findings in 1 framework and 1 round\n".to_owned(), String::new())
    );
}

#[test]
fn every_warning_says_where_it_is() {
    let folder = round();
    folder.write("answers/all.csv", b"service,parameter,answer,evidence\na,P1,yes,\nc,P1,no,x\n");
    let out = folder.run(&["check", "--format", "github"]).exits(0).out();
    let lines: Vec<&str> = out.lines().filter_map(|line| line.split("::").nth(1)).collect();
    assert_eq!(out.lines().last(), Some("3 warnings in 1 framework and 1 round"));
    assert_eq!(
        lines,
        [
            "warning file=answers/all.csv,line=2,col=6,endColumn=9,title=evidence-missing",
            "warning file=answers/all.csv,line=3,col=1,endColumn=2,title=excluded-service",
            "warning file=services.csv,line=3,col=1,endColumn=2,title=service-without-answers",
        ]
    );
}

#[test]
fn warnings_can_be_denied_and_left_out() {
    let folder = round();
    folder.write("services.csv", b"service,title\na,A\nb,B\nc,C\n");
    let summary = |args: &[&str], status: i32| {
        let out = folder.run(&[&["check"], args].concat()).exits(status).out();
        out.lines().last().unwrap_or("").replace(" in 1 framework and 1 round", "")
    };
    assert_eq!(summary(&[], 0), "1 warning");
    assert_eq!(summary(&["--deny", "warnings"], 1), "1 error");
    assert_eq!(summary(&["--deny", "service-without-answers"], 1), "1 error");
    assert_eq!(summary(&["--allow", "service-without-answers", "--deny", "warnings"], 0), "no findings");
    assert_eq!(summary(&["--max-findings", "0"], 0), "1 warning; 0 shown");
    folder.write("round.yaml", b"framework: framework.yaml\nallow: [service-without-answers]\n");
    assert_eq!(summary(&["--deny", "warnings"], 0), "no findings");
    let run = folder.run(&["check", "--allow", "duplicate-id"]).exits(2);
    assert!(run.err().contains("only warnings can be left out"), "{}", run.err());
}

#[test]
fn a_file_that_does_not_parse_hides_no_finding_of_another() {
    let folder = round();
    folder.write("services.csv", b"service,title\na,A\na,A\nb,B\n");
    folder.write("framework.yaml", FRAMEWORK.replace("title: One", "title: [One").as_bytes());
    let out = folder.run(&["check", "--format", "github"]).exits(1).out();
    let titles: Vec<&str> = out.lines().filter_map(|line| line.split("title=").nth(1)).collect();
    let codes: Vec<&str> = titles.iter().filter_map(|title| title.split("::").next()).collect();
    assert_eq!(codes, ["yaml-syntax", "duplicate-service"]);
}

/// The codes found in a folder, each with its file and line.
fn found(folder: &Folder) -> Vec<String> {
    let out = folder.run(&["check", "--format", "json"]).exits(1).out();
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let place = |one: &serde_json::Value| {
        let at = &one["place"];
        format!("{} {}:{}", one["code"].as_str().unwrap_or(""), at["file"].as_str().unwrap_or(""), at["line"])
    };
    json["findings"].as_array().expect("a list").iter().map(place).collect()
}

#[test]
fn groups_are_checked_beside_a_head_that_does_not_parse() {
    let group = |id: &str, more: &str| {
        format!(
            "id: {id}\ntitle: {{ en: One thing, az: Bir }}\n{more}parameters:\n  \
             - {{ id: {id}.1, title: First, question: First?, scale: shared, requires: {{ X: 'yes' }} }}\n"
        )
    };
    let folder = Folder::with(&[
        ("framework.yaml", "framework: broken\ntitle: [One\n"),
        ("a.yaml", &group("A", "wieght: 2\n")),
        ("b.yaml", &group("B", "weight: heavy\napplies_when: { fee: 'yes' }\n")),
        ("c.yaml", "id: C\ntitle: C\ngroups:\n  - file: sub/d.yaml\n  - file: e.yaml\n"),
        ("e.yaml", &group("E", "")),
        ("f.yaml", "id: [F\n"),
        ("sub/d.yaml", &group("A", "")),
        ("unrelated.yaml", "services: { web: { image: x } }\n"),
    ]);
    assert_eq!(
        found(&folder),
        [
            "unknown-key a.yaml:3",
            "weight-not-a-number b.yaml:3",
            "yaml-syntax f.yaml:1",
            "yaml-syntax framework.yaml:2",
            "duplicate-id sub/d.yaml:1",
            "duplicate-id sub/d.yaml:4",
        ]
    );
}

#[test]
fn a_round_that_does_not_parse_hides_no_finding_of_its_framework() {
    let folder = round();
    folder.write("round.yaml", b"id: [r\nframework: framework\n");
    folder.write("framework/framework.yaml", FRAMEWORK.replace("id: P2", "id: P1").as_bytes());
    std::fs::remove_file(folder.join("framework.yaml")).expect("removed");
    assert_eq!(found(&folder), ["duplicate-id framework/framework.yaml:12", "yaml-syntax round.yaml:2"]);
}

#[test]
fn a_closed_round_stays_as_it_was_scored() {
    let folder = round();
    folder.run(&["score", "-o", "results"]).exits(0);
    folder.write("answers/more.csv", b"service,parameter,answer\nb,P2,yes\n");
    // Still open: nobody relies on it.
    folder.run(&["check", "--deny", "closed-round-changed"]).exits(0);
    folder.write("round.yaml", b"framework: framework.yaml\nstate: frozen\npolicy: { missing: exclude }\n");
    folder.write("services.csv", b"service,title,scope\na,Another,\nb,B,\nc,C,excluded\n");
    folder.write("framework.yaml", FRAMEWORK.replace("score: 0", "score: 0.1").as_bytes());
    let changed = |out: String| -> Vec<String> {
        let lines = out.lines().filter(|line| line.contains("closed-round-changed"));
        lines
            .map(|line| {
                line.split("::")
                    .nth(2)
                    .unwrap_or("")
                    .split(", and the round is")
                    .next()
                    .unwrap_or("")
                    .to_owned()
            })
            .collect()
    };
    let run = folder.run(&["check", "--deny", "closed-round-changed", "--format", "github"]).exits(1);
    assert_eq!(
        changed(run.out()),
        [
            "`answers/more.csv` was not there when the round was scored",
            "`framework.yaml` changed after it was scored",
            "the framework is another than the round was scored by",
            "the policy is another than the round was scored by",
            "`services.csv` changed after it was scored",
        ]
    );
    std::fs::remove_file(folder.join("answers/all.csv")).expect("removed");
    let out = folder.run(&["check", "--format", "github"]).out();
    assert!(changed(out).contains(&"`answers/all.csv` was scored, and is gone".to_owned()));
    // Scored anew, it is what its manifest says; announcing it changes nothing.
    let run = folder.run(&["score", "-o", "results"]).exits(0);
    assert!(run.err().contains("closed-round-changed"), "{}", run.err());
    folder
        .write("round.yaml", b"framework: framework.yaml\nstate: announced\npolicy: { missing: exclude }\n");
    assert!(!folder.run(&["check"]).out().contains("closed-round-changed"));
}

#[test]
fn a_folder_stands_for_the_rounds_and_frameworks_below_it() {
    let folder = round();
    folder.write("more/framework/framework.yaml", FRAMEWORK.replace("id: P2", "id: P1").as_bytes());
    folder.write("more/round/answers/a.csv", b"parameter,answer\nP1.1.1,nothing\n");
    let out = folder.run(&["check", "more", "--format", "json"]).exits(1).out();
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let found: Vec<(&str, &str)> = json["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            (finding["code"].as_str().unwrap_or(""), finding["place"]["file"].as_str().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        found,
        [("duplicate-id", "more/framework/framework.yaml"), ("answer-unknown", "more/round/answers/a.csv"),]
    );
    folder.run(&["check", "nowhere"]).exits(2);
    folder.write("empty/readme.txt", b"");
    let run = folder.run(&["check", "empty"]).exits(2);
    assert!(run.err().contains("holds no round"), "{}", run.err());
}

#[test]
fn the_last_line_says_what_was_looked_at() {
    let folder = round();
    folder.write("more/framework/framework.yaml", FRAMEWORK.as_bytes());
    folder.write("more/round/entities.csv", b"entity,title\nb,Body\n");
    folder.write("loose.csv", b"service,parameter,answer\na,P2,yes\n");
    let said = |args: &[&str]| {
        let out = folder.run(&[&["check"], args].concat()).exits(0).out();
        out.lines().last().unwrap_or("").to_owned()
    };
    assert_eq!(said(&["more"]), "no findings in 1 framework and 1 round");
    assert_eq!(said(&["-C", "more/round"]), "no findings in the round `more/round`");
    assert_eq!(said(&["more/framework"]), "no findings in the framework `more/framework`");
    assert_eq!(said(&["loose.csv"]), "no findings in the answer file `loose.csv`");
    // Two files of one round name it once.
    assert_eq!(said(&["services.csv", "round.yaml"]), "no findings in the round `.`");
    assert_eq!(
        said(&[".", "more", "framework.yaml", "loose.csv"]),
        "no findings in 2 frameworks, 2 rounds and 1 answer file"
    );
    let out = folder.run(&["check", "more", "--format", "json"]).exits(0).out();
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        json["checked"],
        serde_json::json!({ "frameworks": ["more/framework"], "rounds": ["more/round"], "files": [] })
    );
    // Where nothing lies in or below a folder, it is the round upward.
    folder.write("answers/deep/note.txt", b"");
    let run =
        support::command(&["check"]).current_dir(folder.join("answers/deep")).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&run.stdout), "no findings in the round `../..`\n");
}

#[test]
fn a_framework_of_one_file_is_checked_without_what_lies_beside_it() {
    let folder = Folder::with(&[
        ("one.yaml", FRAMEWORK),
        ("two.yaml", FRAMEWORK),
        ("broken.yaml", "framework: [broken\n"),
        ("group.yaml", "id: 1\nparameters: []\n"),
    ]);
    let out = folder.run(&["check", "one.yaml"]).exits(0).out();
    assert_eq!(out, "no findings in the framework `one.yaml`\n");
    let out = folder.run(&["check", "broken.yaml", "--format", "github"]).exits(1).out();
    assert_eq!(out.matches("::error").count(), 1, "{out}");
    assert!(out.starts_with("::error file=broken.yaml,line=1,"), "{out}");
}

#[test]
fn without_a_round_no_command_ranks_nothing() {
    let folder = Folder::with(&[("readme.txt", ""), ("other/readme.txt", "")]);
    let commands: [&[&str]; 12] = [
        &["score"],
        &["rank"],
        &["status"],
        &["plan"],
        &["report", "-o", "report.html"],
        &["statistics"],
        &["robustness"],
        &["policies"],
        &["sample"],
        &["explain", "a"],
        &["template", "-o", "sheets"],
        &["check"],
    ];
    for args in commands {
        let run = folder.run(args).exits(2);
        assert_eq!(run.out(), "", "{args:?}");
        assert!(run.err().contains("round.yaml, services.csv, entities.csv or answers/"), "{}", run.err());
        assert!(run.err().contains("`asan-index init DIR`"), "{}", run.err());
    }
    let run = folder.run(&["score", "other"]).exits(2);
    assert!(run.err().starts_with("error: other is no round: it has no round.yaml"), "{}", run.err());
    folder.run(&["-C", "other", "score"]).exits(2);
    folder.run(&["-C", "nowhere", "score"]).exits(2);
    // Alone, the program says what there is to do.
    let run = folder.run(&[]).exits(0);
    assert!(run.out().contains("There is no round here: `asan-index init DIR` starts one"), "{}", run.out());
    // Any of its parts makes a folder a round.
    for (name, text) in [
        ("services.csv", "service,title\na,A\n"),
        ("entities.csv", "entity,title\nb,B\n"),
        ("answers/a.csv", "parameter,answer\nP1.1.1,yes\n"),
        ("round.yaml", "id: r\n"),
    ] {
        let folder = Folder::with(&[(name, text)]);
        assert!(!folder.run(&["score"]).err().contains("no round"), "{name}");
        assert!(!folder.run(&[]).out().contains("Usage:"), "{name}");
    }
}

#[test]
fn a_framework_that_is_named_and_of_a_round_is_told_once() {
    let folder = Folder::with(&[
        ("index/framework.yaml", &FRAMEWORK.replace("id: P2", "id: P1")),
        ("rounds/one/round.yaml", "framework: ../../index\n"),
    ]);
    assert_eq!(found(&folder), ["duplicate-id index/framework.yaml:12"]);
    // A link leads out of where it lies, not back.
    #[cfg(unix)]
    {
        folder.write("elsewhere/index/framework.yaml", FRAMEWORK.as_bytes());
        folder.write("elsewhere/rounds/two/round.yaml", b"framework: ../../index\n");
        std::os::unix::fs::symlink("../elsewhere/rounds/two", folder.join("rounds/two")).expect("a link");
        folder.run(&["check", "rounds/two"]).exits(0);
    }
}

/// The step of the action that checks, as a workflow runs it.
#[cfg(unix)]
#[test]
fn the_action_checks_every_path_and_denies_every_code() {
    let action =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).expect("it");
    let script: String = action.split("      run: |\n").nth(1).expect("a script").replace("\n        ", "\n");
    let folder = round();
    folder.write("services.csv", b"service,title\na,A\nb,B\nc,C\n");
    folder.write("more/framework.yaml", FRAMEWORK.as_bytes());
    let program = Path::new(env!("CARGO_BIN_EXE_asan-index")).parent().expect("a folder").to_owned();
    let path = std::env::join_paths(
        std::iter::once(program).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let path = path.expect("a path");
    let step = |paths: &str, deny: &str| {
        let mut bash = std::process::Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script.trim()]);
        bash.envs([("PATHS", paths), ("DENY", deny)]).env("PATH", &path).current_dir(folder.path());
        let run = support::Run(bash.output().expect("bash runs"));
        (run.status(), run.out().lines().last().unwrap_or("").to_owned())
    };
    let said = |words: &str| words.to_owned();
    assert_eq!(step(".", ""), (0, said("1 warning in 1 framework and 1 round")));
    assert_eq!(step(".", "warnings"), (1, said("1 error in 1 framework and 1 round")));
    assert_eq!(step(".", "uniform-answers service-without-answers").0, 1);
    assert_eq!(step(".", "uniform-answers").0, 0);
    for both in ["services.csv more", "services.csv\n  more\n"] {
        assert_eq!(step(both, ""), (0, said("1 warning in 1 framework and 1 round")));
    }
    assert_eq!(step("more; true", "").0, 2);
    assert_eq!(step("$(echo more)", "").0, 2);
}

#[test]
fn a_name_is_told_by_the_one_that_was_meant() {
    let folder = round();
    folder.write("services.csv", b"servise,title\na,A\n");
    folder.write("answers/all.csv", "service,parametr,ansver\na,P1,yes\n".as_bytes());
    let out = folder.run(&["check"]).exits(1).out();
    assert!(out.contains("help: name the column `servise` `service`"), "{out}");
    assert!(
        out.contains("there is no parameter `parametr`") && out.contains("did you mean `parameter`?"),
        "{out}"
    );
    // A Cyrillic letter, which nobody sees.
    folder.write("services.csv", b"service,title\na,A\n");
    folder.write("answers/all.csv", "service,parameter,answer\na,\u{420}1,yes\n".as_bytes());
    let out = folder.run(&["check"]).exits(1).out();
    let help = "did you mean `P1`? this `\u{420}` is a letter of another alphabet than `P`";
    assert!(out.contains(help), "{out}");
}
