//! Every choice there is in a case, weighed by the real scorer, and the best of them.

use asan_index::engine::optimum::Aim;
use asan_index::engine::score::{Changes, Scorer, exact};
use asan_index::id::{ParameterIndex, ServiceIndex};
use asan_index::number::{Published, Ratio};
use asan_index::scale::Answer;
use rust_decimal::Decimal;

use super::case::{Case, Way};

/// What a choice comes to.
pub struct Weighed {
    pub cost: i64,
    pub indexes: Vec<Ratio>,
    pub published: Vec<Decimal>,
    pub actions: usize,
}

impl Weighed {
    pub fn sum(&self) -> Ratio {
        self.indexes.iter().fold(Ratio::zero(), |sum, index| sum.plus(index))
    }
}

/// Every choice there is.
pub fn all(case: &Case, scorer: &Scorer<'_>) -> Vec<Weighed> {
    let mut list = Vec::new();
    let units = case.units();
    for introduced in 0..1usize << case.solutions.len() {
        let is_in = |at: &usize| introduced >> at & 1 == 1;
        if (0..case.solutions.len()).any(|at| is_in(&at) && !case.allowed[at]) {
            continue;
        }
        let mut ways: Vec<Vec<Option<Way>>> = Vec::new();
        for (at, services) in &units {
            let is_closed = case.questions[*at].solutions.iter().any(is_in);
            let gaps: Vec<usize> =
                services.iter().copied().filter(|service| case.has_gap(*at, *service)).collect();
            if is_closed && !gaps.is_empty() {
                ways.push(vec![Some(Way { cost: 0, services: gaps, option: 0 })]);
            } else if gaps.is_empty() {
                ways.push(vec![None]);
            } else {
                ways.push(
                    std::iter::once(None).chain(case.ways(*at, services).into_iter().map(Some)).collect(),
                );
            }
        }
        let base: i64 = (0..case.solutions.len()).filter(is_in).map(|at| case.solutions[at] * 100).sum();
        let mut picks = vec![0; units.len()];
        loop {
            list.push(weigh(case, scorer, &units, &ways, &picks, (base, introduced)));
            let Some(next) = (0..picks.len()).find(|at| picks[*at] + 1 < ways[*at].len()) else { break };
            picks[next] += 1;
            picks[..next].fill(0);
        }
    }
    list
}

fn weigh(
    case: &Case,
    scorer: &Scorer<'_>,
    units: &[(usize, Vec<usize>)],
    ways: &[Vec<Option<Way>>],
    picks: &[usize],
    (base, introduced): (i64, usize),
) -> Weighed {
    let mut changes = vec![Changes::new(); case.services];
    let (mut cost, mut actions) = (base, introduced.count_ones() as usize);
    for (((at, _), ways), pick) in units.iter().zip(ways).zip(picks) {
        let Some(way) = &ways[*pick] else { continue };
        cost += way.cost;
        actions += usize::from(!case.questions[*at].solutions.iter().any(|at| introduced >> at & 1 == 1));
        for service in &way.services {
            changes[*service].insert(ParameterIndex::new(*at), vec![Answer::Choice(way.option)]);
        }
    }
    let outcomes = |service: usize| scorer.outcomes_with(ServiceIndex::new(service), &changes[service]);
    // Where gaps are left out a service may have no index: below all others.
    let none = Decimal::NEGATIVE_ONE;
    let index = |service: usize| exact(scorer.framework(), &outcomes(service))[0].clone();
    let published = |service: usize| scorer.values(outcomes(service)).index();
    Weighed {
        cost,
        actions,
        indexes: (0..case.services).map(|at| index(at).unwrap_or_else(Ratio::zero)).collect(),
        published: (0..case.services).map(|at| published(at).map_or(none, Published::decimal)).collect(),
    }
}

/// The best of all choices, by the definitions of docs/plan.md.
pub fn best(list: &[Weighed], aim: Aim, most_actions: Option<usize>) -> Option<&Weighed> {
    let services = list[0].indexes.len();
    let percent = |target: Decimal| Ratio::from_decimal(target).times(&Ratio::new(1.into(), 100.into()));
    let most = |at: usize| list.iter().map(|one| &one.indexes[at]).max().expect("a choice");
    let most_sum = list.iter().map(Weighed::sum).max().expect("a choice");
    let does = |one: &&Weighed| match aim {
        Aim::Each(target) => {
            (0..services).all(|at| one.published[at] >= target || one.indexes[at] == *most(at))
        }
        Aim::Mean(target) => {
            let wanted = percent(target).scaled(services as u64);
            let now: Decimal = list[0].published.iter().sum::<Decimal>() / Decimal::from(services);
            let is_there =
                now.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero) >= target;
            is_there || one.sum() >= wanted || one.sum() == most_sum
        }
        Aim::Budget(most) => Decimal::new(one.cost, 2) <= most,
    };
    let within = |one: &&Weighed| most_actions.is_none_or(|most| one.actions <= most);
    list.iter().filter(within).filter(does).min_by(|a, b| match aim {
        Aim::Each(_) | Aim::Mean(_) => a.cost.cmp(&b.cost).then(b.sum().cmp(&a.sum())),
        Aim::Budget(_) => b.sum().cmp(&a.sum()).then(a.cost.cmp(&b.cost)),
    })
}

/// Whether a choice leaves something below what is aimed at, as published.
pub fn is_short(weighed: &Weighed, aim: Aim) -> bool {
    match aim {
        Aim::Budget(_) => false,
        Aim::Each(target) => weighed.published.iter().any(|index| *index < target),
        Aim::Mean(target) => {
            let mean = weighed.published.iter().sum::<Decimal>() / Decimal::from(weighed.published.len());
            mean.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero) < target
        }
    }
}
