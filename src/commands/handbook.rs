//! `asan-index handbook`: the framework as a document.

use super::inputs::{Destination, Global, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::format::{Format, Style};
use crate::view::handbook::Handbook;

const EXAMPLES: &str = "Examples:
  asan-index handbook -o handbook.html
  asan-index handbook --lang az -o handbook.html
  asan-index handbook --format md";

/// Write the framework as a document for those who are assessed, as HTML or Markdown.
///
/// The method in plain words, every question with its answers, evidence, verification, weight in the
/// index and advice, the solutions, and an index of names.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Writes the handbook.
///
/// # Errors
/// The framework cannot be read, or the document cannot be written.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = match args.output.destination()? {
        Destination::Stream(Format::Table) => Destination::Stream(Format::Markdown),
        Destination::Stream(Format::Html | Format::Markdown)
        | Destination::File(_, Format::Html | Format::Markdown) => args.output.destination()?,
        Destination::Stream(_) | Destination::File(..) | Destination::Folder(_) => {
            anyhow::bail!("a handbook is written as `.html` or `.md`; `framework list` has the other formats")
        }
    };
    let (framework, findings) = global.load_framework()?;
    let Some(framework) = framework else {
        global.report(&findings, terminal)?;
        return Ok(Verdict::Faulty);
    };
    let speech = global.speech(&framework, None);
    let document = Handbook { framework: &framework, speech: &speech }.document();
    let style = Style { language: speech.program, ..global.style(&args.output, None, terminal) };
    deliver(&document, &destination, style, terminal)?;
    global.report_briefly(&findings, terminal)?;
    Ok(Verdict::Done)
}
