//! `asan-index man`: man pages.

use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;
use clap_mangen::Man;

use super::{Terminal, Verdict};
use crate::cli::Cli;
use crate::output::replace;

const EXAMPLES: &str = "Examples:
  asan-index man > asan-index.1
  asan-index man --out man1";

/// Print the man page, or write one for each command to a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder to write pages to, one for each command
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Writes man pages.
///
/// # Errors
/// They cannot be written.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let mut root = Cli::command();
    root.build();
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        Man::new(root).render(&mut page).context("cannot write a man page")?;
        terminal.out.write_all(&page).context("cannot write")?;
        return Ok(Verdict::Done);
    };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let commands = root.get_subcommands().cloned().map(|command| {
        let name = format!("{}-{}", env!("CARGO_PKG_NAME"), command.get_name());
        (name, command)
    });
    for (name, command) in std::iter::once((env!("CARGO_PKG_NAME").to_owned(), root.clone())).chain(commands)
    {
        let mut page = Vec::new();
        Man::new(command).title(name.clone()).render(&mut page).context("cannot write a man page")?;
        replace(&folder.join(format!("{name}.1")), &page)?;
    }
    Ok(Verdict::Done)
}
