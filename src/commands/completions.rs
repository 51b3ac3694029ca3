//! `asan-index completions`: completions for a shell.

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::{Terminal, Verdict};
use crate::cli::Cli;

const EXAMPLES: &str = "Examples:
  asan-index completions bash
  asan-index completions zsh";

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The shell
    pub shell: Shell,
}

/// Prints completions.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut script);
    terminal.out.write_all(&script).context("cannot write")?;
    Ok(Verdict::Done)
}
