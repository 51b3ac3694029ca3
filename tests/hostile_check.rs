//! Nothing makes `check` panic or hang: what is no table, no YAML, or never ends, is a finding.

mod support;

use std::time::{Duration, Instant};

use support::Folder;

const HEADER: &str = "framework: hostile\nversion: '1'\ntitle: T\nlevels: [group, parameter]\n";

/// Checks a round with one more file; it must end soon, with 1 and a code, or with 2 and a sentence.
#[track_caller]
fn ends(name: &str, bytes: &[u8], expected: &str) {
    let folder = Folder::with(&[("answers/all.csv", "service,parameter,answer\n")]);
    folder.write(name, bytes);
    let path = if name == "framework.yaml" { "framework.yaml" } else { "." };
    let begun = Instant::now();
    let run = folder.run(&["check", path, "--format", "github"]);
    assert!(begun.elapsed() < Duration::from_secs(30), "{name}: {:?}", begun.elapsed());
    assert_eq!(run.status(), 1, "{}\n{}", run.out().chars().take(500).collect::<String>(), run.err());
    assert!(run.out().contains(expected), "{expected}: {}", run.out().chars().take(500).collect::<String>());
    assert!(run.out().len() < 100_000, "{} bytes of findings", run.out().len());
}

#[test]
fn yaml_that_nests_for_ever() {
    let deep = format!("{HEADER}groups: {}", "[".repeat(50_000));
    ends("framework.yaml", deep.as_bytes(), "yaml-syntax");
    let deep: String = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    ends("framework.yaml", deep.as_bytes(), "yaml-syntax");
}

#[test]
fn aliases_of_aliases() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    ends("framework.yaml", bomb.as_bytes(), "yaml-syntax");
    ends("round.yaml", bomb.as_bytes(), "yaml-syntax");
}

#[test]
fn lines_without_end() {
    let long = "x".repeat(20_000_000);
    ends("framework.yaml", long.as_bytes(), "oversized-file");
    ends("answers/long.csv", long.as_bytes(), "oversized-file");
    ends("answers/commas.csv", ",".repeat(20_000_000).as_bytes(), "oversized-file");
    let row = format!("service,parameter,answer\ns,P1.1.1,{long}\n");
    ends("answers/row.csv", row.as_bytes(), "answer-unknown");
    let row = format!("service,parameter,answer\ns,P1.1.1,{}\n", ",".repeat(5_000_000));
    ends("answers/row.csv", row.as_bytes(), "long-row");
    let quote = format!("service,parameter,answer\ns,P1.1.1,\"{}\n", "a\n".repeat(5_000_000));
    ends("answers/row.csv", quote.as_bytes(), "unclosed-quote");
}

#[test]
fn bytes_that_are_no_text() {
    let mut bytes = Vec::new();
    let mut state = 1u64;
    for _ in 0..100_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.push((state >> 56) as u8);
    }
    ends("framework.yaml", &bytes, "unreadable-text");
    ends("round.yaml", &bytes, "unreadable-text");
    ends("services.csv", &bytes, "unreadable-text");
    ends("answers/noise.csv", &bytes, "unreadable-text");
    ends("answers/zeros.csv", &[0; 10_000], "unknown-layout");
}

#[test]
fn files_without_content() {
    ends("services.csv", b"", "empty-file");
    ends("entities.csv", b"\n\n", "empty-file");
    ends("answers/empty.csv", b"\xef\xbb\xbf", "empty-file");
    ends("framework.yaml", b"", "wrong-type");
}

#[cfg(unix)]
#[test]
fn a_folder_that_links_to_itself() {
    let folder = Folder::with(&[("answers/all.csv", "service,parameter,answer\ns,P1.1.1,never\n")]);
    std::os::unix::fs::symlink(folder.path(), folder.join("answers/again")).expect("a link");
    std::os::unix::fs::symlink("/dev/zero", folder.join("answers/zero.csv")).expect("a link");
    let out = folder.run(&["check", "--format", "github"]).exits(1).out();
    assert_eq!(out.matches("answer-unknown").count(), 1, "{out}");
}
