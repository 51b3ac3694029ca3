//! What the README and every `--help` show is what the program does.
//!
//! `UPDATE_README=1 cargo test --test readme` writes what commands print now into the README.

mod support;

use std::path::{Path, PathBuf};

use clap::CommandFactory;
use support::{Folder, command};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of what examples work on, so that a test writes nothing into the repository.
fn copy() -> Folder {
    let folder = Folder::with(&[]);
    for name in ["examples", "parameters", "tests/published"] {
        copy_folder(&root().join(name), &folder.join(name));
    }
    folder
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &target);
        } else {
            std::fs::copy(source, target).expect("a copy");
        }
    }
}

/// The words of a command line; quotes keep words together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in line.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_readme_shows_what_commands_print() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).expect("the README");
    let folder = copy();
    let mut updated = String::new();
    let mut rest = text.as_str();
    let mut shown = 0;
    while let Some((before, after)) = rest.split_once("<!-- command: asan-index ") {
        let (line, after) = after.split_once(" -->\n```text\n").expect("a block of text after the command");
        let (_, after) = after.split_once("```").expect("the end of the block");
        let args = words(line);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let run = folder.run(&args).exits(0);
        updated += &format!("{before}<!-- command: asan-index {line} -->\n```text\n{}```", run.out());
        rest = after;
        shown += 1;
    }
    updated += rest;
    assert!(shown > 0, "the README shows no command");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, &updated).expect("the README");
    }
    assert!(
        updated == text || std::env::var_os("UPDATE_README").is_some(),
        "run with UPDATE_README=1:\n{updated}"
    );
}

/// Every command with subcommands below it, as words.
fn commands(command: &clap::Command, before: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    found.push((before.to_vec(), help));
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let mut words = before.to_vec();
        words.push(inner.get_name().to_owned());
        commands(inner, &words, found);
    }
}

#[test]
fn every_help_ends_with_examples_that_run() {
    let mut found = Vec::new();
    commands(&asan_index::cli::Cli::command(), &[], &mut found);
    for (name, help) in found {
        let name = name.join(" ");
        let (_, examples) = help
            .split_once("Examples:\n")
            .unwrap_or_else(|| panic!("`asan-index {name} --help` ends with no examples"));
        for line in examples.lines().filter_map(|line| line.strip_prefix("  asan-index")) {
            let folder = copy();
            let line = line.split("   ").next().unwrap_or(line);
            let (line, input) =
                line.split_once(" < ").map_or((line, None), |(line, input)| (line, Some(input)));
            let line = line.split(" > ").next().unwrap_or(line);
            for part in line.split(" && asan-index") {
                let args = words(part);
                let mut run = command(&args.iter().map(String::as_str).collect::<Vec<_>>());
                run.current_dir(folder.path());
                if let Some(input) = input {
                    run.stdin(std::fs::File::open(folder.join(input.trim())).expect("the example's input"));
                }
                let output = run.output().expect("the program runs");
                let status = output.status.code();
                let complaint = String::from_utf8_lossy(&output.stderr);
                // Findings may be what an example shows; a usage error is never.
                assert!(matches!(status, Some(0 | 1)), "`asan-index{part}`: {status:?}\n{complaint}");
            }
        }
    }
}

#[test]
fn every_command_has_its_row() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("the README");
    for command in asan_index::cli::Cli::command().get_subcommands() {
        let name = command.get_name();
        assert!(
            text.contains(&format!("| `{name}")),
            "the README's table has no row that begins with `{name}`"
        );
    }
}

#[test]
fn links_lead_somewhere() {
    for file in ["README.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(file)).expect("a document");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or(link);
            let known = path.is_empty() || path.starts_with("http") || root().join(path).exists();
            assert!(known, "{file} links to {link}, which does not exist");
        }
    }
}
