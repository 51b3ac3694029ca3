//! `asan-index explain`: why a service has its index, or one parameter over all services.

use anyhow::{Context, bail};

use super::inputs::{Global, Loaded, OutputArgs, deliver};
use super::{Terminal, Verdict};
use crate::document::Document;
use crate::engine::explain::Standing;
use crate::engine::rank::Results;
use crate::engine::score::{Changes, Scorer};
use crate::framework::Framework;
use crate::id::{GroupIndex, Node, ParameterIndex};
use crate::read::round::Said;
use crate::read::sheet::Subject;
use crate::round::Round;
use crate::scale::Entry;
use crate::view::Speech;
use crate::view::explain::{Explanations, Part};

const EXAMPLES: &str = "Examples:
  asan-index explain customs-import-permit -C examples/round-2025
  asan-index explain customs-import-permit D3 -C examples/round-2025
  asan-index explain customs-import-permit --gaps -C examples/round-2025
  asan-index explain customs-import-permit --set P3.2.2=48/50 -C examples/round-2025
  asan-index explain P3.2.2 -C examples/round-2025";

/// Show why a service has its index, or one parameter over all services.
///
/// Every node with its weights, the answer with its file and line, the score and why, what it brings
/// to the index and what its gap costs; then what each stage said.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A service, by its id or a part of its id or title; or a parameter's id
    #[arg(value_name = "SERVICE")]
    pub name: String,
    /// Only from this group or parameter down
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// List the gaps alone, by what closing them would bring
    #[arg(long, conflicts_with = "id")]
    pub gaps: bool,
    /// What if: answer a parameter so, confirmed and with evidence
    #[arg(long = "set", value_name = "ID=ANSWER")]
    pub sets: Vec<String>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Explains a service or a parameter.
///
/// # Errors
/// Something cannot be read or written, or there is no such service, parameter or answer.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    let Some(loaded) = global.load_or_report(&[], terminal)? else { return Ok(Verdict::Faulty) };
    let speech = global.speech_to(&destination, &loaded);
    let document = match loaded.framework.parameter_named(&args.name) {
        Some(parameter) if args.id.is_none() && !args.gaps && args.sets.is_empty() => {
            explain_parameter(&loaded, parameter, &speech)?
        }
        Some(_) => bail!("`{}` is a parameter: name a service before it", args.name),
        None => explain_service(args, &loaded, &speech)?,
    };
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    deliver(&document, &destination, style, terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

fn explanations<'a>(
    loaded: &'a Loaded,
    round: &'a Round,
    trail: &'a [Said],
    speech: &'a Speech,
) -> Explanations<'a> {
    Explanations { framework: &loaded.framework, round, trail, stages: &loaded.head.stages, speech }
}

fn explain_parameter(
    loaded: &Loaded,
    parameter: ParameterIndex,
    speech: &Speech,
) -> anyhow::Result<Document> {
    let trail = loaded.trail(|_, at| at == parameter)?;
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let results = Results::compute(&scorer, &[]);
    Ok(explanations(loaded, &loaded.round, &trail, speech).parameter(&scorer, &results, parameter))
}

fn explain_service(args: &Args, loaded: &Loaded, speech: &Speech) -> anyhow::Result<Document> {
    let framework = &loaded.framework;
    let service = loaded.service(&args.name)?;
    let registered = loaded.round.service(service);
    if registered.held_out {
        bail!("`{}` is held out for a fault in its answers: `asan-index score` shows it", registered.id);
    }
    let part = match (&args.id, args.gaps) {
        (None, true) => Part::Gaps,
        (None, false) => Part::Tree(Node::Group(GroupIndex::ROOT)),
        (Some(id), _) => {
            Part::Tree(framework.node(id).with_context(|| format!("the framework has no `{id}`"))?)
        }
    };
    let entity = registered.entity.map(|entity| loaded.round.entity(entity).id.as_str());
    let trail = loaded.trail(|subject, _| match subject {
        Subject::Service(id) => *id == registered.id,
        Subject::Entity(id) => Some(*id) == entity,
    })?;
    let changes = changes(&args.sets, framework)?;
    let changed = loaded.round.with(service, &changes);
    let scorer = Scorer::new(framework, &changed);
    let results = Results::compute(&scorer, &[]);
    let before = match changes.is_empty() {
        true => None,
        false => Some(Results::compute(&Scorer::new(framework, &loaded.round), &[])),
    };
    let view = explanations(loaded, &changed, &trail, speech);
    Ok(view.service(&Standing::new(&scorer, service), part, &results, before.as_ref()))
}

/// The answers of `--set ID=ANSWER`.
fn changes(sets: &[String], framework: &Framework) -> anyhow::Result<Changes> {
    let mut changes = Changes::new();
    for set in sets {
        let (id, answer) =
            set.split_once('=').with_context(|| format!("`--set {set}`: write `--set P1.1.1=yes`"))?;
        let parameter = framework
            .parameter_named(id.trim())
            .with_context(|| format!("the framework has no parameter `{}`", id.trim()))?;
        match framework.scale(parameter).read(answer, &framework.words) {
            Ok(Entry::Given(answer)) => changes.insert(parameter, vec![answer]),
            Ok(Entry::Confirmed | Entry::Withdrawn) | Err(_) => {
                bail!("`{answer}` is no answer to `{id}`: `asan-index framework show {id}` shows its scale")
            }
        };
    }
    Ok(changes)
}
