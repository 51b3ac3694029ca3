//! Runs the program on a case that was written to a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::files::{Written, write};
use crate::model::Case;
use crate::random::Random;

/// One run: what was asked, what came of it, and where.
pub struct Run {
    pub command: String,
    pub output: Output,
    out: PathBuf,
}

impl Run {
    /// Writes the case below `folder`, in files that depend on `writer`, and scores it with these
    /// variables in the environment.
    pub fn of(case: &Case, writer: u64, folder: &Path, environment: &[(&str, &str)]) -> Self {
        let written = write(&mut Random::new(writer), case, folder);
        let out = folder.join("out");
        let mut command = command(case, &written, &out);
        command.envs(environment.iter().copied());
        let output = command.output().expect("the program starts");
        Self { command: format!("{command:?}"), output, out }
    }

    /// A file that it wrote; empty if it did not.
    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.out.join(name)).unwrap_or_default()
    }

    /// The exit status.
    pub fn status(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// The command and what it said, for a message.
    pub fn account(&self) -> String {
        let said = String::from_utf8_lossy(&self.output.stderr);
        format!("{}\nexit {:?}\n{said}", self.command, self.status())
    }
}

fn command(case: &Case, written: &Written, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_asan-index"));
    command.arg("score").arg(&written.round).arg("-o").arg(out).arg("--detail");
    if let Some(framework) = &written.framework {
        command.arg("--framework").arg(framework);
    }
    if case.hold_out {
        command.arg("--hold-out");
    }
    if let Some(stage) = case.as_of {
        command.arg("--stage").arg(case.round.stages[stage].id);
    }
    if case.excel {
        command.args(["--dialect", "excel"]);
    }
    if case.raw {
        command.arg("--raw");
    }
    command
}
