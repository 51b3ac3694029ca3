//! `asan-index rank`: rankings by what is asked for.

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;

use super::inputs::{Global, Loaded, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::document::{Block, Document, Table};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::id::{GroupIndex, Node};
use crate::text::nearest;
use crate::view::ranking::Rankings;
use crate::view::{Speech, heading};

const EXAMPLES: &str = "Examples:
  asan-index rank examples/round-2025 --by entity
  asan-index rank examples/round-2025 --top 5
  asan-index rank examples/round-2025 --category central --format csv
  asan-index rank examples/round-2025 --dimension D3";

/// Rank services, entities, categories or peer groups.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// What is ranked
    #[arg(long, value_enum, default_value_t = By::Service, value_name = "WHAT")]
    pub by: By,
    /// Show only the first N
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Only this category
    #[arg(long, value_name = "ID")]
    pub category: Option<String>,
    /// Only this entity
    #[arg(long, value_name = "ID")]
    pub entity: Option<String>,
    /// Rank services by the score of this group instead of the index
    #[arg(long, value_name = "ID")]
    pub dimension: Option<String>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What is ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Services.
    Service,
    /// Entities, in their categories.
    Entity,
    /// Categories of entities.
    Category,
    /// The same service in several bodies.
    PeerGroup,
}

/// Ranks a round.
///
/// # Errors
/// Something cannot be read or written, or a filter names nothing.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    let dimension = args.dimension.as_deref().map(|id| group(&loaded, id)).transpose()?;
    let wanted: Vec<GroupIndex> = dimension.into_iter().collect();
    let mut results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &wanted);
    loaded.note_rejected(&results);
    if let Some(group) = dimension {
        results.rerank_by(group, &loaded.round);
    }
    let speech = global.speech_to(&destination, &loaded);
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    deliver(&document(args, &loaded, &results, &speech)?, &destination, style, terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

fn group(loaded: &Loaded, id: &str) -> anyhow::Result<GroupIndex> {
    match loaded.framework.node(id) {
        Some(Node::Group(group)) => Ok(group),
        Some(Node::Parameter(_)) => bail!("`{id}` is a parameter: name a group"),
        None => {
            let near = nearest(id, loaded.framework.groups.iter().map(|group| group.id.as_str()));
            bail!(
                "there is no group `{id}`{}",
                near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
            )
        }
    }
}

fn document(args: &Args, loaded: &Loaded, results: &Results, speech: &Speech) -> anyhow::Result<Document> {
    let round = &loaded.round;
    if let Some(category) = &args.category {
        let known = round.services.iter().any(|service| *service.category == **category);
        let near = || nearest(category, round.services.iter().map(|service| &*service.category));
        if !known {
            bail!("there is no category `{category}`{}", hint(near()));
        }
    }
    if let Some(entity) = &args.entity {
        let ids = round.entities.iter().map(|entity| entity.id.as_str());
        if !ids.clone().any(|id| id == entity) {
            bail!("there is no entity `{entity}`{}", hint(nearest(entity, ids)));
        }
    }
    let rankings = Rankings { framework: &loaded.framework, round, results, speech };
    let table = match args.by {
        By::Service => services(args, loaded, results, &rankings),
        By::Entity => rankings.entities(results.entities.iter().filter(|result| {
            let entity = round.entity(result.entity);
            args.category.as_ref().is_none_or(|category| entity.category == *category)
                && args.entity.as_ref().is_none_or(|id| entity.id == *id)
        })),
        By::Category => rankings.means("categories", "category", &results.categories),
        By::PeerGroup => {
            rankings.means("peer-groups", "peer_group", &results.peer_groups(&loaded.framework, round))
        }
    };
    let table =
        Table { rows: table.rows.into_iter().take(args.top.unwrap_or(usize::MAX)).collect(), ..table };
    Ok(Document {
        schema: "asan-index/ranking/1",
        title: heading(&loaded.framework, round, speech),
        facts: rankings.facts(),
        blocks: vec![Block::Table(table)],
    })
}

fn hint(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

fn services(args: &Args, loaded: &Loaded, results: &Results, rankings: &Rankings<'_>) -> Table {
    let round = &loaded.round;
    rankings.services(results.ranked().filter(|result| {
        let service = round.service(result.service);
        let entity = service.entity.map(|entity| &round.entity(entity).id);
        args.category.as_ref().is_none_or(|category| *service.category == **category)
            && args.entity.as_ref().is_none_or(|id| entity == Some(id))
    }))
}
