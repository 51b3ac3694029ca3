//! `asan-index framework`: what is asked, and what each answer weighs.

use anyhow::Context;

use super::inputs::{Global, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::id::{GroupIndex, Node};
use crate::view::framework::{Shape, document};

const EXAMPLES: &str = "Examples:
  asan-index framework show
  asan-index framework show D3 --lang az
  asan-index framework list --format csv";

/// Show the framework.
#[derive(Debug, clap::Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Command {
    /// The tree, with the share of the index that each node has when everything applies
    #[command(after_help = EXAMPLES)]
    Show(Args),
    /// The parameters alone, one a row
    #[command(after_help = EXAMPLES)]
    List(Args),
}

/// What of the framework, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A node's id: only what is below it
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Shows the framework.
///
/// # Errors
/// It cannot be read, or there is no node of the id.
pub fn run(command: &Command, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let (args, shape) = match command {
        Command::Show(args) => (args, Shape::Tree),
        Command::List(args) => (args, Shape::List),
    };
    let destination = args.output.destination()?;
    let (framework, findings) = global.load_framework()?;
    let Some(framework) = framework else {
        global.report(&findings, terminal)?;
        return Ok(Verdict::Faulty);
    };
    let from = match &args.id {
        None => Node::Group(GroupIndex::ROOT),
        Some(id) => framework.node(id).with_context(|| format!("the framework has no `{id}`"))?,
    };
    let speech = global.speech(&framework, None);
    let style = global.style(&args.output, None, terminal);
    deliver(&document(&framework, from, shape, &speech), &destination, style, terminal)?;
    global.report_briefly(&findings, terminal)?;
    Ok(Verdict::Done)
}
