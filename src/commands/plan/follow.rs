//! `asan-index plan --follow`: a filled plan beside a newer round.

use std::path::Path;

use anyhow::Context;
use rust_decimal::Decimal;

use super::{Args, of_entity};
use crate::commands::gate::{Measure, hold, know};
use crate::commands::inputs::{Global, Loaded, deliver};
use crate::commands::{Terminal, Verdict};
use crate::engine::explain::Standing;
use crate::engine::plan::{Kept, kept};
use crate::engine::score::Scorer;
use crate::id::ServiceIndex;
use crate::number::Score;
use crate::read;
use crate::read::actions::Promise;
use crate::scale::Entry;
use crate::view;
use crate::view::follow::Followed;

/// The figures that gates may look at.
const GATES: [&str; 5] = ["actions", "done", "shown", "overdue", "unkept"];

/// Holds a filled plan against the round.
///
/// # Errors
/// It cannot be read, it names what is not there, or a result cannot be written.
pub fn run(
    path: &Path,
    args: &Args,
    loaded: &mut Loaded,
    global: &Global,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Verdict> {
    know(&args.gates, &GATES)?;
    let promises = read::actions::read(path, &loaded.options, &mut loaded.findings)?;
    let followed = all_followed(promises, loaded, &args.today)?;
    let facts = facts(&followed);
    let destination = args.output.destination()?;
    let speech = global.speech_to(&destination, loaded);
    let document = view::follow::document(&loaded.framework, &loaded.round, &followed, &facts, &speech);
    let style = global.style(&args.output, Some(&loaded.head), terminal);
    deliver(&document, &destination, style, terminal)?;
    global.report_briefly(&loaded.findings, terminal)?;
    let measure = |(name, count): &(&'static str, usize)| Measure {
        name,
        of: path.display().to_string(),
        figure: (*count).into(),
    };
    let verdict = hold(&args.gates, &facts.iter().map(measure).collect::<Vec<_>>(), terminal)?;
    Ok(if loaded.findings.has_errors() { Verdict::Faulty } else { verdict })
}

/// How many actions there are, and how many of them are what gates ask for.
fn facts(followed: &[Followed]) -> Vec<(&'static str, usize)> {
    let count = |holds: &dyn Fn(&Followed) -> bool| followed.iter().filter(|one| holds(one)).count();
    let counts = [
        followed.len(),
        count(&|one| one.promise.is_done),
        count(&|one| one.kept.shows),
        count(&|one| one.is_overdue),
        count(&|one| one.promise.is_done && !one.kept.shows),
    ];
    GATES.into_iter().zip(counts).collect()
}

/// What became of each promise. A solution as such shows when every gap shows that the plan has it close.
fn all_followed(promises: Vec<Promise>, loaded: &Loaded, today: &str) -> anyhow::Result<Vec<Followed>> {
    let scorer = Scorer::new(&loaded.framework, &loaded.round);
    let followed = promises.into_iter().map(|promise| followed(promise, loaded, &scorer, today));
    let mut followed = followed.collect::<anyhow::Result<Vec<Followed>>>()?;
    let shows: Vec<bool> = followed
        .iter()
        .map(|one| match one.promise.is_of_solution() {
            false => one.kept.shows,
            true => {
                let mut closed =
                    followed.iter().map(|other| (&other.promise, other.kept.shows)).filter(|(other, _)| {
                        !other.is_of_solution()
                            && other.solution == one.promise.solution
                            && other.entity == one.promise.entity
                    });
                closed.clone().next().is_some() && closed.all(|(_, shows)| shows)
            }
        })
        .collect();
    followed.iter_mut().zip(shows).for_each(|(one, shows)| one.kept.shows = shows);
    Ok(followed)
}

/// What became of a promise: its services and parameter must still be there.
fn followed(promise: Promise, loaded: &Loaded, scorer: &Scorer<'_>, today: &str) -> anyhow::Result<Followed> {
    let is_late = !promise.due.is_empty() && promise.due.as_str() < today;
    Ok(Followed {
        kept: match promise.is_of_solution() {
            true => Kept { shows: false, realised: None },
            false => kept_promise(&promise, loaded, scorer)?,
        },
        promised: promise.gain.replace(',', ".").parse::<Decimal>().ok(),
        is_overdue: is_late && !promise.is_done && !promise.is_dropped,
        promise,
    })
}

fn kept_promise(promise: &Promise, loaded: &Loaded, scorer: &Scorer<'_>) -> anyhow::Result<Kept> {
    let (framework, round) = (&loaded.framework, &loaded.round);
    let parameter = framework
        .parameter_named(&promise.parameter)
        .with_context(|| format!("the plan names `{}`, which the framework has not", promise.parameter))?;
    let services = match promise.service.as_str() {
        "" => {
            let all: Vec<ServiceIndex> = round.service_indices().collect();
            of_entity(&all, loaded.entity(&promise.entity)?, round)
        }
        id => vec![loaded.service(id)?],
    };
    let score = |cell: &str| match framework.scale(parameter).read(cell, &framework.words) {
        Ok(Entry::Given(answer)) => framework.scale(parameter).score(&answer),
        Ok(Entry::Confirmed | Entry::Withdrawn) | Err(_) => None,
    };
    let target = score(&promise.target).unwrap_or(framework.scale(parameter).best());
    // An answer that was to stay as it is lacked its evidence, and scored nothing.
    let then = score(&promise.answer).filter(|then| *then < target).unwrap_or(Score::ZERO);
    let assessed = services.into_iter().filter(|service| !round.service(*service).held_out);
    let standings: Vec<Standing<'_>> = assessed.map(|service| Standing::new(scorer, service)).collect();
    Ok(kept(&standings, parameter, then, target))
}
