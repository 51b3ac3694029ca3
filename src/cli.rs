//! The command line: its commands and the flags that all of them take.

use clap::{Parser, Subcommand};

use crate::commands::inputs::Global;
use crate::commands::{
    check, collect, compare, completions, demo, explain, framework, handbook, init, man, plan, policies,
    rank, report, reproduce, robustness, sample, schema, score, statistics, status, template,
};

/// Assess public services with a weighted index: exact scores, rankings and reasons, from files.
#[derive(Debug, Parser)]
#[command(name = "asan-index", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// The flags that all commands take.
    #[command(flatten)]
    pub global: Global,
    /// What to do; in a round its status is shown without.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXAMPLES: &str = "Examples:
  asan-index score examples/round-2025           the ranking of a round
  asan-index score examples/round-2025 -o out    the same as files
  asan-index framework show D3                   the questions of a dimension, with their weights

Each command's --help ends with examples of its own.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a round: a folder that works at once
    Init(init::Args),
    /// File returned answer sheets into the round
    Collect(collect::Args),
    /// Pick answers to verify, and tell what the verified ones prove about the rest
    Sample(sample::Args),
    /// Show how far a round has come, and what to do next
    Status(status::Args),
    /// Write the framework as a document for those who are assessed
    Handbook(handbook::Args),
    /// Make answer sheets: workbooks with drop-downs, or CSV
    Template(template::Args),
    /// Compute every service's index and rank them
    Score(score::Args),
    /// Find everything that is wrong in frameworks, registries and answers
    Check(check::Args),
    /// Rank services, entities, categories or peer groups
    Rank(rank::Args),
    /// Show what moved between two rounds, and why
    Compare(compare::Args),
    /// Show how sure the ranking is, when weights and rules are a little other than declared
    Robustness(robustness::Args),
    /// Show what the framework measures: distributions, correlations, reliability, real weights
    Statistics(statistics::Args),
    /// Show each service's index and rank under every rule for gaps and answers "not applicable"
    Policies(policies::Args),
    /// Show why a service has its index, or one parameter over all services
    Explain(explain::Args),
    /// Show what to do about gaps, in which order, and what it brings
    Plan(plan::Args),
    /// Write the results as a document: HTML, a workbook or Markdown
    Report(report::Args),
    /// Show the framework, with the weight of each parameter in the index
    #[command(subcommand)]
    Framework(framework::Command),
    /// Make up a realistic round of any size
    Demo(demo::Args),
    /// Recompute published results from their inputs, and say what differs
    Reproduce(reproduce::Args),
    /// Print the JSON Schema of a kind of file
    Schema(schema::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Write man pages to a folder
    Man(man::Args),
}
