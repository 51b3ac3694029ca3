//! Parse, run, and map the outcome to an exit status.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use asan_index::cli::Cli;
use asan_index::commands::{Terminal, is_closed_pipe, run};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    asan_index::parallel::keep_apart();
    let (mut out, mut err) = (BufWriter::new(std::io::stdout()), BufWriter::new(std::io::stderr()));
    let outcome = run(&cli, &mut Terminal::of_process(&mut out, &mut err));
    let flushed = out.flush().map_err(anyhow::Error::from);
    let (outcome, status) = match outcome.and_then(|verdict| flushed.map(|()| verdict)) {
        Ok(verdict) => (String::new(), verdict.status()),
        Err(error) if is_closed_pipe(&error) => (String::new(), 0),
        Err(error) => (format!("error: {error:#}\n"), 2),
    };
    let _ = err.write_all(outcome.as_bytes()).and_then(|()| err.flush());
    ExitCode::from(status)
}
