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
    ends("framework.yaml", deep.as_bytes(), "limit-exceeded");
    let deep: String = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    ends("framework.yaml", deep.as_bytes(), "limit-exceeded");
}

#[test]
fn aliases_of_aliases() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    ends("framework.yaml", bomb.as_bytes(), "limit-exceeded");
    ends("round.yaml", bomb.as_bytes(), "limit-exceeded");
}

#[test]
fn limits_that_are_raised_beyond_all_memory() {
    let folder =
        Folder::with(&[("framework.yaml", "id: [\n"), ("round.yaml", "framework: framework.yaml\n")]);
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_string(0, 0, "service").expect("a cell");
    folder.write("answers/a.xlsx", &book.save_to_buffer().expect("a workbook"));
    let limits = ["yaml-depth", "yaml-values", "yaml-aliases", "workbook-size", "services", "table-row"]
        .map(|name| format!("--limit={name}={}", u64::MAX));
    let args: Vec<&str> = std::iter::once("check").chain(limits.iter().map(String::as_str)).collect();
    let run = folder.run(&args).exits(1);
    assert!(run.out().contains("yaml-syntax"), "{}", run.out());
}

#[test]
fn lines_without_end() {
    let long = "x".repeat(100_000_000);
    ends("framework.yaml", long.as_bytes(), "limit-exceeded");
    ends("answers/long.csv", long.as_bytes(), "limit-exceeded");
    ends("answers/commas.csv", ",".repeat(20_000_000).as_bytes(), "limit-exceeded");
    let row = |answer: &str| format!("service,parameter,answer\ns,P1.1.1,{answer}\n");
    ends("answers/row.csv", row(&long).as_bytes(), "limit-exceeded");
    ends("answers/row.csv", row(&long[..10_000_000]).as_bytes(), "answer-unknown");
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
    std::os::unix::fs::symlink("all.csv", folder.join("answers/same.txt")).expect("a link");
    let out = folder.run(&["check", "--format", "github"]).exits(1).out();
    assert_eq!(out.matches("answer-unknown").count(), 1, "{out}");
}

/// A framework of a group and a parameter, with more YAML.
fn framework(more: &str) -> String {
    format!(
        "{HEADER}scales: {{ s: {{ choices: [{{ answer: 'yes', score: 1 }}] }} }}\n{more}groups:\n  - id: G\n    title: G\n    \
         parameters:\n      - {{ id: P, title: P, question: P?, scale: s }}\n"
    )
}

/// A limit that the file goes beyond is named, and holds no more when it is raised.
#[track_caller]
fn is_bounded(folder: &Folder, args: &[&str], limit: &str, low: &str, words: &str) {
    let args = [&["check", "--format", "github"], args].concat();
    folder.run(&args).exits(0);
    let run = folder.run(&[&args[..], &["--limit", &format!("{limit}={low}")]].concat()).exits(1);
    let message = format!("beyond the limit of {low} {words}");
    assert!(run.out().contains("title=limit-exceeded") && run.out().contains(&message), "{}", run.out());
    assert!(run.out().contains(&format!("--limit {limit}=NUMBER")), "{}", run.out());
}

#[test]
fn every_limit_holds_and_can_be_raised() {
    let notes = "sources: [&a { title: x }, *a, *a, *a]\n";
    let folder = Folder::with(&[
        ("framework.yaml", &framework(notes)),
        ("round.yaml", "id: r\nframework: framework.yaml\n"),
        ("services.csv", "service,title\na,A\nb,B\nc,C\n"),
        ("answers/all.csv", "service,parameter,answer\na,P,yes\nb,P,yes\nc,P,yes\n"),
        ("alone.csv", "service,parameter,answer\na,P,yes\nb,P,yes\nc,P,yes\n"),
    ]);
    is_bounded(&folder, &[], "yaml-size", "100", "bytes of a YAML file");
    is_bounded(&folder, &[], "yaml-line", "30", "bytes of a line of YAML");
    is_bounded(&folder, &[], "yaml-depth", "4", "levels of maps and lists in a YAML file");
    is_bounded(&folder, &[], "yaml-values", "20", "values in a YAML file");
    is_bounded(&folder, &[], "yaml-aliases", "2", "aliases in a YAML file");
    is_bounded(&folder, &[], "table-size", "40", "bytes of a CSV file");
    is_bounded(&folder, &[], "services", "2", "services of a round");
    is_bounded(&folder, &["alone.csv"], "services", "2", "services of a round");
    let comment = "x".repeat(600_000);
    let rows = format!("service,parameter,answer,comment\na,P,yes,\nb,P,yes,{comment}\nc,P,yes,\n");
    folder.write("long.csv", rows.as_bytes());
    is_bounded(&folder, &["long.csv"], "table-row", "600007", "bytes of a row of a CSV file");
    // Five letters and three commas beside the comment.
    folder.run(&["check", "long.csv", "--limit", "table-row=600008"]).exits(0);
    folder.write(
        "framework.yaml",
        framework("").replace("  - id: G\n", "  - file: a.yaml\n  - id: G\n").as_bytes(),
    );
    folder.write("a.yaml", b"id: A\ntitle: A\ngroups:\n  - file: b.yaml\n");
    folder.write("b.yaml", b"file: c.yaml\n");
    let deep = "id: C\ntitle: C\nparameters: [{ id: C1, title: C, question: C?, scale: s }]\n";
    folder.write("c.yaml", deep.as_bytes());
    let levels = framework("").replace("[group, parameter]", "[group, inner, parameter]");
    let levels = levels.replace("  - id: G\n", "  - file: a.yaml\n  - id: G\n");
    folder.write("framework.yaml", levels.as_bytes());
    is_bounded(&folder, &[], "include-depth", "2", "files of a framework that include each other");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip([["parameter", "answer"], ["P", "yes"]]) {
        sheet.write_row(row, 0, cells).expect("cells");
    }
    std::fs::remove_file(folder.join("answers/all.csv")).expect("removed");
    for service in ["a", "b", "c"] {
        book.save(folder.join(&format!("answers/{service}.xlsx"))).expect("a workbook");
    }
    let size = std::fs::metadata(folder.join("answers/a.xlsx")).expect("a file").len();
    // More than the file has, and less than it unpacks to.
    is_bounded(&folder, &[], "workbook-size", &(size + 1).to_string(), "bytes of a workbook, decompressed");
}

#[test]
fn findings_beyond_what_is_kept_are_counted() {
    let mut rows = String::from("service,parameter,answer\n");
    (0..100_010).for_each(|row| rows.push_str(&format!("s{row},P1.1.1,never\n")));
    let folder = Folder::with(&[("answers/all.csv", &rows)]);
    let out = folder.run(&["check", "--max-findings", "1"]).exits(1).out();
    assert!(
        out.ends_with("100010 errors in the round `.`; 1 shown\n"),
        "{}",
        out.lines().last().unwrap_or("")
    );
}

#[cfg(unix)]
#[test]
fn links_that_leave_the_folder_are_refused() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with(&[
        ("out/answers.csv", "service,parameter,answer\ns,P1.1.1,never\n"),
        ("out/services.csv", "service,title\ns,S\n"),
        ("round/round.yaml", "id: r\n"),
        ("round/answers/own.csv", "service,parameter,answer\n"),
    ]);
    symlink("../out/services.csv", folder.join("round/services.csv")).expect("a link");
    symlink("../../out/answers.csv", folder.join("round/answers/all.csv")).expect("a link");
    symlink("own.csv", folder.join("round/answers/inner.csv")).expect("a link");
    let out = folder.run(&["check", "round", "--format", "github"]).exits(1).out();
    let found: Vec<&str> = out.lines().filter_map(|line| line.split("::").nth(1)).collect();
    assert_eq!(
        found,
        [
            "error file=round/answers/all.csv,title=link-outside",
            "error file=round/services.csv,title=link-outside"
        ]
    );
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with(&[("out/keep.csv", "kept\n"), ("new/readme.txt", "")]);
    symlink("../out", folder.join("new/answers")).expect("a link");
    let run = folder.run(&["init", "new"]).exits(2);
    assert!(run.err().contains("new/answers is a link that leads out of new"), "{}", run.err());
    assert_eq!(std::fs::read_dir(folder.join("out")).expect("a folder").count(), 1);
    assert!(!folder.join("new/round.yaml").exists());
    // A file that is a link is replaced itself; what it led to stays.
    symlink("out/keep.csv", folder.join("ranking.csv")).expect("a link");
    folder.write("a.csv", b"parameter,answer\n");
    folder.run(&["score", "a.csv", "-o", "ranking.csv"]).exits(0);
    assert_eq!(folder.read("out/keep.csv"), "kept\n");
    assert!(folder.read("ranking.csv").starts_with("rank,"));
}

/// A check of a round ends in 1 within a minute of computing, however its parts multiply; a machine that has
/// other things to do may take longer.
#[cfg(unix)]
#[track_caller]
fn ends_soon(files: &[(&str, &str)], expected: &str) {
    let folder = Folder::with(files);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -t 60; exec \"$0\" check --format json", env!("CARGO_BIN_EXE_asan-index")]);
    let run = support::Run(shell.current_dir(folder.path()).output().expect("a shell"));
    assert_eq!(run.status(), 1, "{expected}: {}", run.err());
    assert!(run.out().contains(expected), "{expected}");
}

#[cfg(unix)]
#[test]
fn very_many_names_that_are_unknown_among_very_many() {
    let lines = |number: usize, line: &dyn Fn(usize) -> String| (0..number).map(line).collect::<String>();
    let answers = "service,parameter,answer\n";
    let services = lines(10_000, &|at| format!("svc-{at:06},Title\n"));
    let unknown = lines(100_000, &|at| format!("swc-{at:06}x,P,yes\n"));
    let (registry, unknown) = (format!("service,title\n{services}"), format!("{answers}{unknown}"));
    ends_soon(&[("services.csv", &registry), ("answers/a.csv", &unknown)], "unknown-service");
    let bodies =
        lines(50_000, &|at| format!("body-{at:06},Title,body-{:06},bode-{at}x\n", (at * 7 + 1) % 50_000));
    let bodies = format!("entity,title,parent,contact\n{bodies}");
    let of_nobody = lines(50_000, &|at| format!("s{at},Title,bady-{at:06}x\n"));
    let registry = format!("service,title,entity\n{of_nobody}");
    ends_soon(&[("entities.csv", &bodies), ("services.csv", &registry)], "unknown-entity");
    // Each row of a body that names nothing holds all its services out.
    let of_one = lines(50_000, &|at| format!("s{at},Title,body\n"));
    let registry = format!("service,title,entity\n{of_one}");
    let faults = format!("entity,parameter,answer\n{}", lines(50_000, &|at| format!("body,X{at},yes\n")));
    ends_soon(&[("services.csv", &registry), ("answers/a.csv", &faults)], "unknown-parameter");
}

#[cfg(unix)]
#[test]
fn words_of_a_megabyte() {
    let word = "x".repeat(1_000_000);
    let rows: String = (0..20).map(|at| format!("{word}{at},{word},{word}\n")).collect();
    let services = format!("service,title\n{word},T\n");
    let answers = format!("service,parameter,answer\n{rows}");
    ends_soon(&[("services.csv", &services), ("answers/a.csv", &answers)], "unknown-service");
    let answers = format!("service,parameter,answer\n{rows}s,P1.1.1,{word}\n");
    ends_soon(&[("answers/a.csv", &answers)], "answer-unknown");
}

#[cfg(unix)]
#[test]
fn parts_of_a_framework_that_refer_to_many_others() {
    const MANY: usize = 10_000;
    let lines = |line: &dyn Fn(usize) -> String| (0..MANY).map(line).collect::<String>();
    let parameter = |more: String| format!(" title: P, question: P?{more} }}\n");
    let group = "groups:\n  - id: G\n    title: G\n    parameters:\n";
    let shared = "scales: { s: { choices: [{ answer: 'yes', score: 1 }] } }\n";
    let scales = lines(&|at| format!("  s{at}: {{ choices: [{{ answer: 'yes', score: 1 }}] }}\n"));
    let of_scales = lines(&|at| format!("      - {{ id: P{at}, scale: x{at},{}", parameter(String::new())));
    let solutions = lines(&|at| format!("  - {{ id: S{at}, title: T }}\n"));
    let of_solutions = lines(&|at| {
        format!(
            "      - {{ id: P{at}, scale: s,{}",
            parameter(format!(", advice: {{ solutions: [S{at}, T{at}] }}"))
        )
    });
    let attributes = lines(&|at| format!("  a{at}: {{ values: [x, z] }}\n"));
    let groups = lines(&|at| {
        let one = format!("      - {{ id: P{at}, scale: s,{}", parameter(String::new()));
        format!(
            "  - id: G{at}\n    title: G\n    applies_when: {{ a{at}: y, b{at}: x }}\n    parameters:\n{one}"
        )
    });
    let bands = lines(&|at| {
        format!("  - {{ id: B{at}, from: {}, requires: {{ G{at}: 50, H{at}: 1 }} }}\n", at / 100)
    });
    for (framework, expected) in [
        (format!("{HEADER}scales:\n{scales}{group}{of_scales}"), "unknown-scale"),
        (format!("{HEADER}{shared}solutions:\n{solutions}{group}{of_solutions}"), "unknown-solution"),
        (format!("{HEADER}{shared}attributes:\n{attributes}groups:\n{groups}"), "unknown-attribute-value"),
        (
            format!("{HEADER}{shared}bands:\n{bands}attributes:\n{attributes}groups:\n{groups}"),
            "duplicate-band",
        ),
    ] {
        ends_soon(&[("framework.yaml", &framework)], expected);
    }
}
