//! The commands: each loads, computes, views and writes.

pub mod check;
pub mod collect;
pub mod compare;
pub mod completions;
pub mod demo;
pub mod explain;
pub mod framework;
pub mod gate;
pub mod handbook;
pub mod init;
pub mod inputs;
pub mod man;
pub mod plan;
pub mod policies;
pub mod rank;
pub mod report;
pub mod reproduce;
pub mod robustness;
pub mod sample;
pub mod schema;
pub mod score;
pub mod statistics;
pub mod status;
pub mod template;

use std::io::{IsTerminal, Write};

use anyhow::Context;
use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::parallel;

/// How a command that was carried out came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done; there may be warnings.
    Done,
    /// The data is wrong, or a gate was not met.
    Faulty,
}

impl Verdict {
    /// The exit status.
    pub fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Faulty => 1,
        }
    }
}

/// Where a command writes, and what is known of it.
pub struct Terminal<'w> {
    /// Results.
    pub out: &'w mut (dyn Write + Send),
    /// Findings.
    pub err: &'w mut dyn Write,
    /// Columns that a table may take.
    pub width: usize,
    /// Whether results go to a terminal.
    pub out_is_terminal: bool,
    /// Whether findings go to a terminal.
    pub err_is_terminal: bool,
}

impl<'w> Terminal<'w> {
    /// The process's own streams.
    pub fn of_process(out: &'w mut (dyn Write + Send), err: &'w mut dyn Write) -> Self {
        // Beside a terminal, what most windows and documents have room for.
        const USUAL_WIDTH: usize = 100;
        let size = terminal_size::terminal_size_of(std::io::stdout());
        Self {
            out,
            err,
            width: size.map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0)),
            out_is_terminal: std::io::stdout().is_terminal(),
            err_is_terminal: std::io::stderr().is_terminal(),
        }
    }
}

/// Carries out what was typed.
///
/// # Errors
/// The command could not be carried out.
pub fn run(cli: &Cli, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    if let Some(threads) = cli.global.threads {
        parallel::use_threads(threads.into());
    }
    let Some(command) = &cli.command else { return alone(&cli.global, terminal) };
    match command {
        Command::Collect(args) => collect::run(args, &cli.global, terminal),
        Command::Status(args) => status::run(args, &cli.global, terminal),
        Command::Init(args) => init::run(args, &cli.global, terminal),
        Command::Sample(args) => sample::run(args, &cli.global, terminal),
        Command::Handbook(args) => handbook::run(args, &cli.global, terminal),
        Command::Template(args) => template::run(args, &cli.global, terminal),
        Command::Score(args) => score::run(args, &cli.global, terminal),
        Command::Check(args) => check::run(args, &cli.global, terminal),
        Command::Rank(args) => rank::run(args, &cli.global, terminal),
        Command::Compare(args) => compare::run(args, &cli.global, terminal),
        Command::Robustness(args) => robustness::run(args, &cli.global, terminal),
        Command::Statistics(args) => statistics::run(args, &cli.global, terminal),
        Command::Policies(args) => policies::run(args, &cli.global, terminal),
        Command::Explain(args) => explain::run(args, &cli.global, terminal),
        Command::Plan(args) => plan::run(args, &cli.global, terminal),
        Command::Report(args) => report::run(args, &cli.global, terminal),
        Command::Framework(command) => framework::run(command, &cli.global, terminal),
        Command::Demo(args) => demo::run(args, &cli.global, terminal),
        Command::Reproduce(args) => reproduce::run(args, terminal),
        Command::Schema(args) => schema::run(args, terminal),
        Command::Completions(args) => completions::run(args, terminal),
        Command::Man(args) => man::run(args, terminal),
    }
}

/// Nothing was asked for: the status of the round that this is in, or else what can be asked for.
fn alone(global: &inputs::Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    if global.is_in_round()? {
        return status::run(&status::Args::default(), global, terminal);
    }
    let help = Cli::command().render_help();
    let hint =
        "There is no round here: `asan-index init DIR` starts one, `asan-index -C DIR` shows how one stands.";
    write!(terminal.out, "{help}\n{hint}\n").context("cannot write")?;
    Ok(Verdict::Done)
}

/// Whether an error is only that nobody reads any more.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    kinds.into_iter().any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
