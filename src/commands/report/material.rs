//! What a report is made of beside scores: what the answer files say, and analyses.

use super::Args;
use crate::commands::inputs::{Global, Loaded};
use crate::commands::{Terminal, compare, robustness, statistics};
use crate::document::{Block, Chart, Shape};
use crate::engine::compare::{Comparison, Mapping, Side};
use crate::engine::rank::Results;
use crate::engine::robustness::Robustness;
use crate::engine::score::Scorer;
use crate::engine::statistics::{Scores, Series};
use crate::read::round::Said;
use crate::view::Speech;
use crate::view::comparison::Movements;
use crate::view::report::{Audience, section};
use crate::view::robustness::Certainty;
use crate::view::statistics::Statistics;

/// Below so many services an analysis says nothing.
const FEWEST: usize = 3;

/// What a report is made of beside scores.
pub struct Material {
    /// What the answer files say, row by row; nothing for everybody.
    pub said: Vec<Said>,
    previous: Option<(Box<Loaded>, Comparison)>,
    robustness: Option<Robustness>,
    statistics: Option<(Scores, Option<Series>)>,
}

impl Material {
    /// Gathers it; none, and the findings are shown, where the previous round is faulty.
    ///
    /// # Errors
    /// Something cannot be read, or the findings cannot be written.
    pub fn gather(
        args: &Args,
        global: &Global,
        loaded: &mut Loaded,
        results: &Results,
        terminal: &mut Terminal<'_>,
    ) -> anyhow::Result<Option<Self>> {
        let said = match &args.audience {
            Audience::Public => Vec::new(),
            Audience::Internal | Audience::Entity(_) => loaded.trail(|_, _| true)?,
        };
        let previous = match &args.previous {
            None => None,
            Some(_) => match previous(args, global, loaded, results, terminal)? {
                None => return Ok(None),
                previous => previous,
            },
        };
        let rated = statistics::rated(results);
        let against = args
            .against
            .as_deref()
            .map(|path| statistics::against(path, &rated, global, loaded))
            .transpose()?;
        let enough = rated.len() >= FEWEST;
        let scorer = Scorer::new(&loaded.framework, &loaded.round);
        let statistics = enough.then(|| (Scores::of(&scorer, &rated), against));
        let robustness = (enough && args.draws > 0).then(|| {
            let plan = robustness::usual(&loaded.framework, args.draws as usize);
            crate::engine::robustness::robustness(&loaded.framework, &loaded.round, results, &plan)
        });
        Ok(Some(Self { said, previous, robustness, statistics }))
    }

    /// The analyses as sections of a report.
    pub fn analyses(&self, loaded: &Loaded, draws: u32, speech: &Speech) -> Vec<Vec<Block>> {
        let (framework, round) = (&loaded.framework, &loaded.round);
        let lines = |from, to| {
            let shape = Shape::Bar { from: Some(from), to, mark: Some("rank") };
            Some(Chart { of: "services", label: "title", shape, most: None })
        };
        let mut sections = Vec::new();
        if let Some((before, comparison)) = &self.previous {
            let movements = Movements {
                frameworks: [&before.framework, framework],
                rounds: [&before.round, round],
                comparison,
                speech,
            };
            let name = before.round.title.as_ref().map(|title| title.get(&speech.texts));
            let title = speech.fill("movement_since", &[name.unwrap_or(&before.round.id)]);
            let shape = Shape::Bar { from: Some("index_before"), to: "index", mark: Some("index") };
            let chart = Chart { of: "services", label: "title", shape, most: None };
            sections.push(section(&title, Some(chart), movements.document(false, None)));
        }
        if let Some(robustness) = &self.robustness {
            let options = vec![("draws".to_owned(), draws.to_string())];
            let certainty = Certainty { framework, round, robustness, options, speech };
            let chart = lines("rank_low", "rank_high");
            sections.push(section(speech.say("certainty"), chart, certainty.document()));
        }
        if let Some((scores, against)) = &self.statistics {
            let statistics = Statistics { framework, round, scores, against: against.as_ref(), speech };
            sections.push(section(speech.say("measures"), None, statistics.document()));
        }
        sections
    }
}

/// The previous round, and what moved since.
fn previous(
    args: &Args,
    global: &Global,
    loaded: &mut Loaded,
    results: &Results,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<Option<(Box<Loaded>, Comparison)>> {
    // Its own framework and stages hold in the earlier round.
    let global_then =
        Global { framework: None, weights: Vec::new(), stage: None, folder: None, ..global.clone() };
    let path: Vec<_> = args.previous.iter().cloned().collect();
    let Some(before) = global_then.load_or_report(&path, terminal)? else { return Ok(None) };
    let mapping: Mapping = compare::mapping(args.mapping.as_deref(), global, &before, loaded)?;
    let scorers = [&*before, &*loaded].map(|side| Scorer::new(&side.framework, &side.round));
    let earlier = Results::compute(&scorers[0], &[]);
    let sides = [Side { scorer: &scorers[0], results: &earlier }, Side { scorer: &scorers[1], results }];
    let [then, now] = sides;
    let comparison = crate::engine::compare::compare(then, now, &mapping);
    drop(scorers);
    Ok(Some((before, comparison)))
}
