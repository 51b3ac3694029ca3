//! Which answers to verify, and what the verified ones prove about the rest. Why it is drawn like this,
//! and the bound, are in `docs/process.md`.

use std::collections::{BTreeMap, HashMap};

use super::score::{Outcome, Scorer, State};
use crate::framework::Asked;
use crate::id::{EntityIndex, GroupIndex, ParameterIndex, ServiceIndex};
use crate::random::Draws;
use crate::round::Round;
use crate::trail::{Party, Question};

/// Why an answer is to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Much hangs on it, in its body and dimension.
    Weight,
    /// By lot.
    Lot,
}

/// An answer that can be verified.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whom it is about, and what was asked.
    pub question: Question,
    /// The body, or the service where it has none.
    pub body: Party,
    /// Points that the body's index would lose at most if the answer were wrong.
    pub fall: f64,
    /// How much hangs on it: the index, the rank and the band, more where the body claimed too much.
    pub weight: f64,
    stratum: (Party, Option<GroupIndex>),
}

/// An answer of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The position of its claim.
    pub claim: usize,
    /// Why it was picked.
    pub reason: Reason,
}

/// Who answers a question: the entity what is asked of it, else the service.
fn party(scorer: &Scorer<'_>, service: ServiceIndex, parameter: ParameterIndex) -> Party {
    match (scorer.framework().parameter(parameter).asked, scorer.round().service(service).entity) {
        (Asked::Entity, Some(entity)) => Party::Entity(entity),
        (Asked::Entity | Asked::Service, _) => Party::Service(service),
    }
}

/// The body that a service belongs to, itself where it has none.
fn body(round: &Round, service: ServiceIndex) -> Party {
    round.service(service).entity.map_or(Party::Service(service), Party::Entity)
}

/// The group below the root that a parameter is in.
fn dimension(scorer: &Scorer<'_>, parameter: ParameterIndex) -> Option<GroupIndex> {
    let groups = scorer.framework().top_groups();
    let holds = |group: &&GroupIndex| scorer.framework().group(**group).parameters.contains(&parameter.get());
    groups.iter().find(holds).copied()
}

/// Every answer that counts, with what hangs on it; `overclaimed` is the share of a body's answers that
/// were found too high last time.
pub fn claims(scorer: &Scorer<'_>, overclaimed: impl Fn(Party) -> f64) -> Vec<Claim> {
    let round = scorer.round();
    let sound = || round.service_indices().filter(|service| !round.service(*service).held_out);
    let index = |service| scorer.service(service).exact_index().map(|value| value.to_f64() * 100.0);
    let indexes: HashMap<ServiceIndex, f64> = sound().filter_map(|at| Some((at, index(at)?))).collect();
    let mut ranked: Vec<f64> = indexes.values().copied().collect();
    ranked.sort_by(f64::total_cmp);
    let mut totals: HashMap<Party, f64> = HashMap::new();
    for service in indexes.keys() {
        *totals.entry(body(round, *service)).or_default() += round.service(*service).weight.units() as f64;
    }
    let mut found: BTreeMap<Question, (Claim, [f64; 3])> = BTreeMap::new();
    for service in sound() {
        let Some(now) = indexes.get(&service) else { continue };
        let body = body(round, service);
        let total = totals.get(&body).copied().unwrap_or_default();
        let share = if total > 0.0 { round.service(service).weight.units() as f64 / total } else { 0.0 };
        for (parameter, after) in falls(scorer, service) {
            let question = (party(scorer, service, parameter), parameter);
            let stratum = (body, dimension(scorer, parameter));
            let blank = Claim { question, body, fall: 0.0, weight: 0.0, stratum };
            let (claim, effects) = found.entry(question).or_insert((blank, [0.0; 3]));
            claim.fall += share * (now - after).max(0.0);
            effects[0] += (now - after).max(0.0);
            effects[1] += places(&ranked, *now, after) as f64;
            effects[2] = effects[2].max(f64::from(u8::from(band(scorer, *now) != band(scorer, after))));
        }
    }
    let most = |at: usize| found.values().map(|(_, effects)| effects[at]).fold(f64::MIN_POSITIVE, f64::max);
    let most = [most(0), most(1), most(2)];
    let weigh = |(mut claim, effects): (Claim, [f64; 3])| {
        let weight: f64 = effects.iter().zip(most).map(|(effect, most)| effect / most).sum();
        claim.weight = weight * (1.0 + overclaimed(claim.body));
        claim
    };
    found.into_values().map(weigh).collect()
}

/// The index of a service with each of its scored answers at its worst, in percent.
fn falls(scorer: &Scorer<'_>, service: ServiceIndex) -> Vec<(ParameterIndex, f64)> {
    let framework = scorer.framework();
    let outcomes = scorer.outcomes(service);
    let scored = |parameter: &ParameterIndex| outcomes[parameter.get()].state == State::Scored;
    let parameters = (0..outcomes.len()).map(ParameterIndex::new).filter(scored);
    let after = |parameter: ParameterIndex| {
        let mut wrong = outcomes.clone();
        let worst = Some(framework.scale(parameter).worst());
        wrong[parameter.get()] = Outcome { state: State::Scored, score: worst };
        let mut touched = vec![false; wrong.len()];
        touched[parameter.get()] = true;
        for at in framework.by_requirement() {
            let hangs = framework.parameter(*at).requires.iter().any(|other| touched[other.parameter.get()]);
            if hangs && wrong[at.get()].score.is_some() {
                touched[at.get()] = true;
                wrong[at.get()] = Outcome { state: State::Implied, score: Some(crate::number::Score::ZERO) };
            }
        }
        let index = scorer.values(wrong).exact(GroupIndex::ROOT).map_or(0.0, |value| value.to_f64() * 100.0);
        (parameter, index)
    };
    parameters.map(after).collect()
}

/// How many services lie between two figures.
fn places(ranked: &[f64], now: f64, after: f64) -> usize {
    let below = |figure: f64| ranked.partition_point(|other| *other < figure);
    below(now).saturating_sub(below(after))
}

/// The position of the band that a figure is in, by where bands begin.
fn band(scorer: &Scorer<'_>, figure: f64) -> Option<usize> {
    let from = |band: &crate::framework::Band| crate::number::Ratio::from_decimal(band.from).to_f64();
    scorer.framework().bands.iter().position(|band| from(band) <= figure)
}

/// Picks `size` claims: half by weight, at least one for each body and dimension as far as they go, and
/// the rest by lot among all the others.
pub fn draw(claims: &[Claim], size: usize, seed: u64) -> Vec<Pick> {
    let mut strata: BTreeMap<(Party, Option<GroupIndex>), Vec<usize>> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        strata.entry(claim.stratum).or_default().push(at);
    }
    let mut strata: Vec<Vec<usize>> = strata.into_values().collect();
    let weight = |list: &Vec<usize>| list.iter().map(|at| claims[*at].weight).sum::<f64>();
    strata.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
    let by_weight = size / 2;
    let spare = by_weight.saturating_sub(strata.len()) as f64;
    let total: f64 = strata.iter().map(weight).sum();
    let mut picks: Vec<Pick> = Vec::new();
    for list in strata.iter_mut().take(by_weight) {
        let share = if total > 0.0 { spare * weight(list) / total } else { 0.0 };
        list.sort_by(|a, b| claims[*b].weight.total_cmp(&claims[*a].weight).then(a.cmp(b)));
        picks.extend(
            list.iter().take(1 + share as usize).map(|at| Pick { claim: *at, reason: Reason::Weight }),
        );
    }
    let mut taken = vec![false; claims.len()];
    picks.iter().for_each(|pick| taken[pick.claim] = true);
    let mut rest: Vec<usize> = (0..claims.len()).filter(|at| !taken[*at]).collect();
    let mut draws = Draws::new(seed);
    for at in 0..size.saturating_sub(picks.len()).min(rest.len()) {
        // Fisher and Yates: every set of that size is as likely as any other.
        let other = at + draws.below((rest.len() - at) as u64) as usize;
        rest.swap(at, other);
        picks.push(Pick { claim: rest[at], reason: Reason::Lot });
    }
    picks.sort_by_key(|pick| pick.claim);
    picks
}

/// The most wrong ones that `population` can hold when `wrong` of `drawn` by lot are: the greatest D with
/// `P(K <= wrong | population, D, drawn) > 1 - confidence`, K hypergeometric.
pub fn most_wrong(population: usize, drawn: usize, wrong: usize, confidence: f64) -> usize {
    let mut logs = Vec::with_capacity(population + 1);
    let mut log = 0.0;
    logs.push(log);
    for n in 1..=population {
        log += (n as f64).ln();
        logs.push(log);
    }
    let choose = |n: usize, k: usize| logs[n] - logs[k] - logs[n - k];
    let tail = |bad: usize| -> f64 {
        let least = drawn.saturating_sub(population - bad);
        let terms = least..=wrong.min(bad).min(drawn);
        let term = |k: usize| {
            (choose(bad, k) + choose(population - bad, drawn - k) - choose(population, drawn)).exp()
        };
        terms.map(term).sum()
    };
    let (mut possible, mut limit) = (wrong, population - (drawn - wrong));
    while possible < limit {
        let middle = (possible + limit).div_ceil(2);
        if tail(middle) > 1.0 - confidence { possible = middle } else { limit = middle - 1 }
    }
    possible
}

/// The share of each entity's answers whose score was lower in the end than as it claimed.
pub fn overclaimed(claimed: &Scorer<'_>, settled: &Scorer<'_>) -> HashMap<String, f64> {
    let round = settled.round();
    let mut counts: HashMap<EntityIndex, (usize, usize)> = HashMap::new();
    for service in round.service_indices() {
        let Some(entity) = round.service(service).entity else { continue };
        let Some(before) = claimed.round().service_named(&round.service(service).id) else { continue };
        for parameter in (0..settled.framework().parameters.len()).map(ParameterIndex::new) {
            let score =
                |scorer: &Scorer<'_>, at| scorer.answered(at, parameter).and_then(|outcome| outcome.score);
            if let Some(first) = score(claimed, before) {
                let (all, high) = counts.entry(entity).or_default();
                *all += 1;
                *high += usize::from(score(settled, service).is_none_or(|last| last < first));
            }
        }
    }
    let share = |(entity, (all, high)): (EntityIndex, (usize, usize))| {
        (round.entity(entity).id.clone(), high as f64 / all as f64)
    };
    counts.into_iter().map(share).collect()
}

/// What verified answers prove about the rest.
#[derive(Clone, Debug)]
pub struct Proof {
    /// For each claim, whether it was found wrong; none for one that was not verified.
    pub found: Vec<Option<bool>>,
    /// Claims picked by lot that are not verified yet; they are taken to be wrong.
    pub pending: usize,
    /// Claims that nobody verified.
    pub unverified: usize,
    /// How many of them are wrong at most, with the confidence that was asked for.
    pub most_wrong: usize,
    /// The body whose index may be too high by most, and by how many points at most.
    pub overstated: Option<(Party, f64)>,
}

/// What is proved about claims when `found` says which were verified, and which of these were wrong.
///
/// Half of what the confidence leaves goes to the whole, half to the bodies, the same to each, so that all bounds
/// hold together. The lot is simple, so that what fell on a body is a simple lot of that body's answers too.
pub fn proof(claims: &[Claim], picks: &[Pick], found: Vec<Option<bool>>, confidence: f64) -> Proof {
    let mut reasons = vec![None; claims.len()];
    picks.iter().for_each(|pick| reasons[pick.claim] = Some(pick.reason));
    let mut by_body: BTreeMap<Party, Vec<usize>> = BTreeMap::new();
    for (at, claim) in claims.iter().enumerate() {
        by_body.entry(claim.body).or_default().push(at);
    }
    let risk = (1.0 - confidence) / 2.0;
    let all: Vec<usize> = (0..claims.len()).collect();
    let most_wrong = hidden(&all, &reasons, &found, 1.0 - risk);
    let of_each = 1.0 - risk / by_body.len().max(1) as f64;
    let overstated = by_body.into_iter().map(|(body, of)| {
        let wrong = hidden(&of, &reasons, &found, of_each).min(most_wrong);
        let unverified = of.iter().filter(|at| found[**at].is_none());
        let mut falls: Vec<f64> = unverified.map(|at| claims[*at].fall).collect();
        falls.sort_by(|a, b| b.total_cmp(a));
        // What hangs on several answers falls with each of them, and no index is too high by more than all of it.
        (body, falls.iter().take(wrong).sum::<f64>().min(100.0))
    });
    Proof {
        pending: picks
            .iter()
            .filter(|pick| pick.reason == Reason::Lot && found[pick.claim].is_none())
            .count(),
        unverified: found.iter().filter(|found| found.is_none()).count(),
        most_wrong,
        overstated: overstated.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))),
        found,
    }
}

/// How many unverified ones of some claims are wrong at most.
fn hidden(of: &[usize], reasons: &[Option<Reason>], found: &[Option<bool>], confidence: f64) -> usize {
    let count = |test: &dyn Fn(Option<Reason>, Option<bool>) -> bool| {
        of.iter().filter(|at| test(reasons[**at], found[**at])).count()
    };
    let population = count(&|reason, _| reason != Some(Reason::Weight));
    let drawn = count(&|reason, _| reason == Some(Reason::Lot));
    // One that is drawn and not verified yet is taken to be wrong.
    let wrong = count(&|reason, found| reason == Some(Reason::Lot) && found != Some(false));
    let pending = count(&|reason, found| reason == Some(Reason::Lot) && found.is_none());
    // What was verified beside the sample and found wrong is among the wrong ones, and no longer hidden.
    let beside = count(&|reason, found| reason.is_none() && found == Some(true));
    // An unverified pick by weight is in no population that was drawn from: it may be wrong.
    let unseen = count(&|reason, found| reason == Some(Reason::Weight) && found.is_none());
    let unverified = count(&|_, found| found.is_none());
    let limit = most_wrong(population, drawn, wrong, confidence);
    ((limit - wrong).saturating_sub(beside) + pending + unseen).min(unverified)
}
