//! `asan-index plan`: what to do, in which order, and what it brings.

mod follow;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rust_decimal::Decimal;
use serde_json::json;

use super::gate::Gate;
use super::inputs::{Destination, Global, Loaded, OutputArgs, deliver, file_speech};
use super::{Terminal, Verdict};
use crate::engine::optimum::{Aim, Terms, optimum};
use crate::engine::plan::{self, Action, changes, wanted};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::{Format, Style, csv, markdown};
use crate::framework::Framework;
use crate::id::{EntityIndex, Node, ServiceIndex};
use crate::output::{File, write_folder};
use crate::parallel;
use crate::read::actions::is_day;
use crate::round::Round;
use crate::text::clean;
use crate::view::Speech;
use crate::view::optimum::BodyPlan;
use crate::view::plan::Plans;

const EXAMPLES: &str = "Examples:
  asan-index plan examples/round-2025 --service customs-import-permit
  asan-index plan examples/round-2025 --entity border-trade --only D3 --top 10
  asan-index plan examples/round-2025 --entity land-records --target 70
  asan-index plan examples/round-2025 --service exporter-certificate --budget 40 --max-actions 5
  asan-index plan examples/round-2025 --entity border-trade -o plan.xlsx --due 2026-06-30
  asan-index plan examples/round-2025 -o plans && asan-index plan examples/round-2025 --follow plans/actions.csv --today 2026-07-01 --gate 'overdue<=0'";

/// Show what to do about gaps, the largest gain first, with the framework's advice.
///
/// `--target` and `--budget` give the optimal plan instead: it chooses between closing gaps one by one, in part
/// too, and introducing solutions, whose effort an entity spends once and which close gaps in all its services.
/// It says whether nothing better exists, or what nothing can be better than.
///
/// With `-o DIR` writes actions.csv, whose columns owner, due, status and note are for people to fill,
/// a Markdown document for each entity, and of optimal plans what was proven of each, optimal.csv.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A round's folder, answer files, or `-` for a CSV on standard input
    #[arg(value_name = "ROUND")]
    pub paths: Vec<PathBuf>,
    /// Only this service, by its id or a part of its id or title
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["entity", "category"])]
    pub service: Option<String>,
    /// Only the services of this entity, by its id or a part of its id or title
    #[arg(long, value_name = "ENTITY", conflicts_with = "category")]
    pub entity: Option<String>,
    /// Only the services of this category
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<String>,
    /// Only gaps in this group or parameter; may be given several times
    #[arg(long, value_name = "ID")]
    pub only: Vec<String>,
    /// No gaps in this group or parameter, or not this solution; may be given several times
    #[arg(long, value_name = "ID")]
    pub exclude: Vec<String>,
    /// Only so many actions: the first ones, or with `--target` or `--budget` the best ones of each body
    #[arg(long, visible_alias = "max-actions", value_name = "N")]
    pub top: Option<usize>,
    /// The least effort that brings every service to this index; with `--entity` the mean of its services
    #[arg(long, value_name = "INDEX", conflicts_with_all = ["budget", "follow"])]
    pub target: Option<Decimal>,
    /// The greatest gain in the mean of its services that each body can have for so many person-days
    #[arg(long, value_name = "DAYS", conflicts_with = "follow")]
    pub budget: Option<Decimal>,
    /// Seconds after which the best plan so far is given, with what no plan can be better than
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub time_limit: u64,
    /// Fill the column `due` with this day, such as 2026-06-30
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true)]
    pub due: String,
    /// Fill the column `owner` with this name in place of the framework's
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub owner: String,
    /// Hold this filled plan, a CSV or the workbook, against the round: what is done, what shows, what is overdue
    #[arg(long, value_name = "FILE")]
    pub follow: Option<PathBuf>,
    /// The day that `--follow` takes for today, such as 2026-03-01; without it nothing is overdue
    #[arg(long, value_name = "DAY", default_value = "", hide_default_value = true, requires = "follow")]
    pub today: String,
    /// With `--follow`, end in exit 1 unless this holds of actions, done, shown, overdue or unkept
    #[arg(long = "gate", value_name = "EXPR", requires = "follow")]
    pub gates: Vec<Gate>,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Plans.
///
/// # Errors
/// Something cannot be read or written, or what is named does not exist.
pub fn run(args: &Args, global: &Global, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let destination = args.output.destination()?;
    for (flag, day) in [("due", &args.due), ("today", &args.today)] {
        if !day.is_empty() && !is_day(day) {
            bail!("`--{flag} {day}` is no day: write it as 2026-03-01");
        }
    }
    let Some(mut loaded) = global.load_or_report(&args.paths, terminal)? else { return Ok(Verdict::Faulty) };
    if let Some(path) = &args.follow {
        return follow::run(path, args, &mut loaded, global, terminal);
    }
    let plan = Plan::make(args, &loaded)?;
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    plan.remark(&destination, global, terminal)?;
    match &destination {
        Destination::Folder(folder) => plan.write_folder(folder, style)?,
        Destination::File(_, format) | Destination::Stream(format) => {
            let speech = global.speech_to(&destination, &loaded);
            deliver(&plan.document(*format, &speech), &destination, style, terminal)?;
        }
    }
    global.report_briefly(&loaded.findings, terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { Verdict::Done })
}

/// The services that are planned for, and what to do.
struct Plan<'a> {
    args: &'a Args,
    loaded: &'a Loaded,
    services: Vec<ServiceIndex>,
    optimal: Vec<BodyPlan>,
    actions: Vec<Action>,
    before: Results,
    after: Results,
}

impl<'a> Plan<'a> {
    fn make(args: &'a Args, loaded: &'a Loaded) -> anyhow::Result<Self> {
        let (framework, round) = (&loaded.framework, &loaded.round);
        let services = services(args, loaded)?;
        let scorer = Scorer::new(framework, round);
        let (wanted, solutions) = scope(args, framework)?;
        let (mut optimal, mut actions) = (Vec::new(), Vec::new());
        match args.aim()? {
            Some(aim) => {
                optimal = optimal_plans(args, aim, &scorer, &services, &wanted, &solutions);
                actions.extend(optimal.iter().flat_map(|plan| plan.optimum.actions.iter().cloned()));
            }
            None => {
                actions = plan::actions(&scorer, &services, &wanted);
                actions.truncate(args.top.unwrap_or(usize::MAX));
            }
        }
        let before = Results::compute(&scorer, &[]);
        let mut done: Round = round.clone();
        for (service, changes) in changes(&actions) {
            done.put(service, &changes);
        }
        let after = Results::compute(&Scorer::new(framework, &done), &[]);
        Ok(Self { args, loaded, services, optimal, actions, before, after })
    }

    fn view<'v>(&'v self, speech: &'v Speech) -> Plans<'v> {
        Plans {
            framework: &self.loaded.framework,
            round: &self.loaded.round,
            before: &self.before,
            after: &self.after,
            due: &self.args.due,
            owner: &self.args.owner,
            optimal: &self.optimal,
            speech,
        }
    }

    fn document(&self, format: Format, speech: &Speech) -> crate::document::Document {
        let to_fill = match format {
            Format::Table | Format::Markdown | Format::Html => false,
            Format::Csv | Format::Json | Format::Xlsx => true,
        };
        let name = self.name(speech);
        self.view(speech).document(&name, &self.services, &self.actions, to_fill)
    }

    /// Whose plan it is: blank for the whole round.
    fn name(&self, speech: &Speech) -> String {
        let (framework, round) = (&self.loaded.framework, &self.loaded.round);
        let first = self.services.first().map(|at| round.service(*at));
        let title = match (&self.args.service, &self.args.entity, &self.args.category) {
            (Some(_), _, _) => first.map(|service| service.title(&speech.texts)),
            (_, Some(_), _) => {
                let entity = first.and_then(|service| service.entity);
                entity.map(|entity| round.entity(entity).title.get(&speech.texts))
            }
            (_, _, Some(_)) => {
                first.map(|service| framework.category_title(&service.category, &speech.texts))
            }
            (None, None, None) => None,
        };
        title.unwrap_or_default().to_owned()
    }

    /// Tells on standard error what an `actions.csv` has no room for: what was proven of optimal plans, and what
    /// is out of their reach.
    fn remark(
        &self,
        destination: &Destination,
        global: &Global,
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<()> {
        let has_room = match destination {
            Destination::Folder(_) => false,
            Destination::File(_, format) | Destination::Stream(format) => *format != Format::Csv,
        };
        if has_room || global.quiet {
            return Ok(());
        }
        let speech = global.speech_to(&Destination::Stream(Format::Table), self.loaded);
        for remark in self.view(&speech).all_remarks() {
            writeln!(terminal.err, "note: {remark}").context("cannot write to standard error")?;
        }
        Ok(())
    }

    /// `actions.csv`, and a document for each entity.
    fn write_folder(&self, folder: &std::path::Path, style: Style) -> anyhow::Result<()> {
        let speech = file_speech(&self.loaded.framework, &self.loaded.head);
        let view = self.view(&speech);
        let mut files: Vec<File> =
            vec![("actions.csv".to_owned(), csv::write(&view.actions(&self.actions), style))];
        if let Some(optimal) = view.optimal() {
            files.push(("optimal.csv".to_owned(), csv::write(&optimal, style)));
        }
        for entity in self.loaded.round.entity_indices() {
            let services = of_entity(&self.services, entity, &self.loaded.round);
            if services.is_empty() {
                continue;
            }
            let of_this = |action: &&Action| action.entity == Some(entity);
            let actions: Vec<Action> = self.actions.iter().filter(of_this).cloned().collect();
            let registered = self.loaded.round.entity(entity);
            let document = view.document(registered.title.get(&speech.texts), &services, &actions, false);
            let name = file_name(&registered.id);
            if files.iter().any(|(known, _)| *known == name) {
                bail!("two entities would be written to {name}: rename one of them");
            }
            files.push((name, markdown::write(&document, style.language).into_bytes()));
        }
        let options = json!({ "due": self.args.due, "owner": self.args.owner, "top": self.args.top,
            "target": self.args.target.map(|target| target.to_string()),
            "budget": self.args.budget.map(|most| most.to_string()), "time_limit": self.args.time_limit,
            "service": self.args.service, "entity": self.args.entity, "category": self.args.category,
            "only": self.args.only, "exclude": self.args.exclude });
        let manifest = self.loaded.manifest(&self.before, options)?;
        write_folder(folder, &files, manifest)
    }
}

impl Args {
    /// What an optimal plan is to come to; none where the gaps are to be listed.
    fn aim(&self) -> anyhow::Result<Option<Aim>> {
        let hundred = Decimal::ONE_HUNDRED;
        match (self.target, self.budget) {
            (Some(target), _) if target < Decimal::ZERO || target > hundred => {
                bail!("`--target {target}` is no index: it lies between 0 and 100")
            }
            (Some(target), _) if self.entity.is_some() => Ok(Some(Aim::Mean(target))),
            (Some(target), _) => Ok(Some(Aim::Each(target))),
            (None, Some(most)) if most < Decimal::ZERO => {
                bail!("`--budget {most}` is no effort: it is 0 person-days or more")
            }
            (None, Some(most)) => Ok(Some(Aim::Budget(most))),
            (None, None) => Ok(None),
        }
    }
}

/// For each parameter and for each solution whether it may be in the plan.
fn scope(args: &Args, framework: &Framework) -> anyhow::Result<(Vec<bool>, Vec<bool>)> {
    let node = |id: &String| framework.node(id).with_context(|| format!("the framework has no `{id}`"));
    let is_solution = |id: &&String| framework.solutions.iter().any(|solution| solution.id == **id);
    let only = args.only.iter().map(node).collect::<anyhow::Result<Vec<Node>>>()?;
    let exclude = args.exclude.iter().filter(|id| !is_solution(id)).map(node);
    let exclude = exclude.collect::<anyhow::Result<Vec<Node>>>()?;
    let solutions = framework.solutions.iter().map(|solution| !args.exclude.contains(&solution.id)).collect();
    Ok((wanted(framework, &only, &exclude, args.aim()?.is_some()), solutions))
}

/// No search goes on longer than a year.
const LONGEST: u64 = 365 * 24 * 60 * 60;

/// The optimal plan of each body; bodies share the time evenly.
fn optimal_plans(
    args: &Args,
    aim: Aim,
    scorer: &Scorer<'_>,
    services: &[ServiceIndex],
    wanted: &[bool],
    solutions: &[bool],
) -> Vec<BodyPlan> {
    let mut bodies: BTreeMap<(Option<EntityIndex>, Option<ServiceIndex>), Vec<ServiceIndex>> =
        BTreeMap::new();
    for service in services {
        let entity = scorer.round().service(*service).entity;
        bodies.entry((entity, entity.is_none().then_some(*service))).or_default().push(*service);
    }
    // A fifth of the time is left for scoring and writing what was found.
    let end = Instant::now() + Duration::from_secs(args.time_limit.min(LONGEST)) * 4 / 5;
    let threads = parallel::threads().min(bodies.len()).max(1);
    let mut left = bodies.len();
    let mut bodies = bodies.into_iter();
    let next = || {
        let ((entity, _), services) = bodies.next()?;
        let time = end.saturating_duration_since(Instant::now());
        let share = time * threads as u32 / u32::try_from(left.max(threads)).unwrap_or(u32::MAX);
        left -= 1;
        Some((entity, services, Instant::now() + share))
    };
    parallel::as_free(threads, next, |(entity, services, deadline)| {
        let terms = Terms { aim, wanted, solutions, most_actions: args.top, deadline };
        let optimum = optimum(scorer, entity, &services, &terms);
        BodyPlan { entity, services, aim, seconds: args.time_limit, optimum }
    })
}

/// An entity's id as the name of a Markdown file.
fn file_name(id: &str) -> String {
    let allowed = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    format!("{}.md", id.chars().map(allowed).collect::<String>())
}

fn of_entity(services: &[ServiceIndex], entity: EntityIndex, round: &Round) -> Vec<ServiceIndex> {
    services.iter().copied().filter(|service| round.service(*service).entity == Some(entity)).collect()
}

/// The services that are asked for; those that are held out have no plan.
fn services(args: &Args, loaded: &Loaded) -> anyhow::Result<Vec<ServiceIndex>> {
    let round = &loaded.round;
    let all = round.service_indices().filter(|service| !round.service(*service).held_out).collect::<Vec<_>>();
    if let Some(name) = &args.service {
        let service = loaded.service(name)?;
        if !all.contains(&service) {
            bail!("`{name}` is held out for a fault in its answers: `asan-index score` shows it");
        }
        return Ok(vec![service]);
    }
    if let Some(name) = &args.entity {
        return Ok(of_entity(&all, loaded.entity(name)?, round));
    }
    let Some(category) = args.category.as_deref().map(clean) else { return Ok(all) };
    let found: Vec<ServiceIndex> =
        all.into_iter().filter(|service| *round.service(*service).category == *category).collect();
    if found.is_empty() {
        bail!("there is no service in the category `{category}`");
    }
    Ok(found)
}
