//! What tests of the program share: folders of files, and runs of the real binary.

#![allow(dead_code, reason = "each test uses a part of what they share")]

pub mod random;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A framework of one choice and one share, which weighs three times as much.
pub const TINY: &str = r#"
framework: tiny
version: "1"
title: Tiny
levels: [group, question]
scales:
  yes-no: { choices: [ { answer: "yes", score: 1, also: ["true"] }, { answer: "no", score: 0 } ] }
  share: { number: { unit: "%", min: 0, max: 100, points: [[0, 0], [100, 1]], ratio: true } }
groups:
  - id: G1
    title: One
    parameters:
      - { id: A, title: A, question: "A?", scale: yes-no, weight: 1 }
      - { id: B, title: B, question: "B?", scale: share, weight: 3 }
"#;

/// A folder of its own for one test, gone afterwards.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program in this folder.
    pub fn run(&self, args: &[&str]) -> Run {
        Run(command(args).current_dir(self.path()).output().expect("the program runs"))
    }
}

/// The program, free of what the environment would change.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asan-index"));
    command
        .args(args)
        .env_remove("LANG")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("NO_COLOR");
    command
}

/// What a run of the program came to.
pub struct Run(pub Output);

impl Run {
    pub fn status(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("text")
    }

    pub fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("text")
    }

    /// Asserts the exit status, and shows everything when it is another.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status(), status, "\n{}\n{}", self.out(), self.err());
        self
    }
}

/// Runs the program in this process: its exit status, and what it wrote.
pub fn inside(args: &[&str]) -> (u8, String, String) {
    use clap::Parser;
    let words = ["asan-index"].iter().chain(args);
    let cli = asan_index::cli::Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut terminal = asan_index::commands::Terminal {
        out: &mut out,
        err: &mut err,
        width: 200,
        out_is_terminal: false,
        err_is_terminal: false,
    };
    let verdict = asan_index::commands::run(&cli, &mut terminal).unwrap_or_else(|error| panic!("{error:#}"));
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (verdict.status(), text(out), text(err))
}
