//! Runs the program on a case that was written to a folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::files::{Written, write};
use crate::model::Case;
use crate::random::Random;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_asan-index");

/// A case takes some milliseconds; one that takes this long would never end.
const PATIENCE: Duration = Duration::from_secs(60);

/// One run: what was asked, what came of it, and where.
pub struct Run {
    command: String,
    status: Option<i32>,
    folder: PathBuf,
}

impl Run {
    /// Writes the case below `folder`, in files that depend on `writer`, and scores it with these
    /// variables in the environment.
    pub fn of(case: &Case, writer: u64, folder: &Path, environment: &[(&str, &str)]) -> Self {
        let written = write(&mut Random::new(writer), case, folder);
        let mut command = command(case, &written, &folder.join("out"));
        command.envs(environment.iter().copied());
        Self::with(command, folder)
    }

    /// Runs a command that writes to `out` below `folder`.
    pub fn with(mut command: Command, folder: &Path) -> Self {
        let said = File::create(folder.join("said")).expect("a file for what it says");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        let status = wait(command.spawn().expect("the program starts"));
        Self { command: format!("{command:?}"), status, folder: folder.to_owned() }
    }

    /// A file that it wrote; empty if it did not.
    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join("out").join(name)).unwrap_or_default()
    }

    /// The exit status; none if it did not end.
    pub fn status(&self) -> Option<i32> {
        self.status
    }

    /// The command and what it said, for a message.
    pub fn account(&self) -> String {
        let said = fs::read_to_string(self.folder.join("said")).unwrap_or_default();
        format!("{}\nexit {:?}\n{said}", self.command, self.status)
    }
}

/// Waits for the program, but not for ever.
fn wait(mut child: Child) -> Option<i32> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("a child of this process") {
            return status.code();
        }
        sleep(Duration::from_millis(1));
    }
    child.kill().and_then(|()| child.wait()).expect("a child that can be ended");
    None
}

fn command(case: &Case, written: &Written, out: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
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
