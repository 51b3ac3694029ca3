//! Every finding: a case with its exact output, an explanation, and a row in docs/check.md.
//!
//! `UPDATE=1 cargo test --test diagnostics` writes the outputs and the rows anew, to be looked at before they are committed.

mod support;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use asan_index::diagnostic::{Code, Severity};
use asan_index::limit::Limit;
use support::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a file of the repository with what it should be, or writes it.
fn assert_current(path: &Path, expected: &str) -> Result<(), String> {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, expected).expect("written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    match found == expected {
        true => Ok(()),
        false => Err(format!("{} is not current:\n{expected}", path.display())),
    }
}

/// Copies a case. A workbook is bytes that no one can review: `NAME.xlsx.txt` holds the cells of one,
/// a row a line, between tabs.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        match name.strip_suffix(".xlsx.txt") {
            #[cfg(unix)]
            _ if path.is_symlink() => {
                let target = std::fs::read_link(&path).expect("a link");
                std::os::unix::fs::symlink(target, to.join(name)).expect("a link");
            }
            _ if path.is_dir() => copy(&path, &to.join(name)),
            Some(stem) => workbook(&path, &to.join(format!("{stem}.xlsx"))),
            None => drop(std::fs::copy(&path, to.join(name)).expect("copied")),
        }
    }
}

fn workbook(cells: &Path, to: &Path) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(std::fs::read_to_string(cells).expect("cells").lines()) {
        for (column, cell) in (0..).zip(line.split('\t')) {
            sheet.write_string(row, column, cell).expect("a cell");
        }
    }
    book.save(to).expect("a workbook");
}

#[test]
fn every_code_has_a_case_that_prints_exactly_this() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let folder = root().join("tests/diagnostics").join(code.name());
        if !folder.is_dir() {
            wrong.push(format!("{} has no case", code.name()));
            continue;
        }
        let made = Folder::with(&[]);
        copy(&folder, made.path());
        // What `check` does not meet has the command that does.
        let command = std::fs::read_to_string(folder.join("command.txt")).unwrap_or("check".to_owned());
        let run = made.run(&command.split_whitespace().collect::<Vec<_>>());
        let (text, ended) = (run.out() + &run.err(), run.status());
        if !text.contains(&format!("{}[{}]", code.severity().name(), code.name())) {
            wrong.push(format!("{} is not found in its case:\n{text}", code.name()));
        }
        let status = i32::from(text.contains("\nerror[") || text.starts_with("error["));
        if ended != status {
            wrong.push(format!("{} ends in {ended}", code.name()));
        }
        wrong.extend(assert_current(&folder.join("expected.txt"), &text).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_is_explained_with_a_wrong_and_a_right_example() {
    for code in Code::ALL {
        let page = code.explanation();
        for part in ["Wrong:\n", "Right:\n"] {
            assert!(page.contains(part), "{}: {page}", code.name());
        }
        let output = support::command(&["check", "--explain", code.name()]).output().expect("it runs");
        assert!(String::from_utf8_lossy(&output.stdout).contains(page), "{}", code.name());
    }
}

#[test]
fn every_code_has_a_row_in_the_documentation() {
    let mut table = String::from("| code | severity | what it says |\n| --- | --- | --- |\n");
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error if code.is_of_a_service() => "error, holds the service out",
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(table, "| `{}` | {severity} | {} |", code.name(), code.summary());
    }
    let path = root().join("docs/check.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let mark = "<!-- codes -->\n";
    let head = &page[..page.find(mark).expect("the mark") + mark.len()];
    assert_current(&path, &format!("{head}\n{table}")).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_limit_has_a_row_in_the_documentation() {
    let page = std::fs::read_to_string(root().join("docs/check.md")).expect("the page");
    let page = page.replace(',', "");
    for limit in Limit::ALL {
        let row = format!("| `{}` | {} | {} |", limit.name(), limit.usual(), limit.words()).replace(',', "");
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn names_of_codes_are_unique() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
}
