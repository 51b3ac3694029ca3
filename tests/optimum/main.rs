//! The optimal plan against all there are: every subset of solutions with every answer of every gap, weighed
//! by the real scorer, on random small rounds.

mod brute;
mod case;
#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use asan_index::engine::optimum::{Aim, Inexact, Optimum, Proof, Terms, optimum};
use asan_index::engine::plan::{Action, Work, changes};
use asan_index::engine::score::{Changes, Scorer, exact};
use asan_index::id::{EntityIndex, ParameterIndex, ServiceIndex};
use asan_index::number::{Published, Ratio};
use asan_index::round::Response;
use brute::{Weighed, all, best, is_short};
use case::Case;
use rust_decimal::Decimal;
use serde_json::Value;
use support::random::Random;

/// Random rounds that are solved both ways.
const CASES: usize = 500;
/// No more choices than this are weighed in a case, so that all cases take seconds.
const LARGEST: usize = 256;

fn planned(scorer: &Scorer<'_>, case: &Case, aim: Aim, most_actions: Option<usize>) -> Optimum {
    let services: Vec<ServiceIndex> = (0..case.services).map(ServiceIndex::new).collect();
    let wanted: Vec<bool> = case.questions.iter().map(|question| question.wanted).collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    let terms = Terms { aim, wanted: &wanted, solutions: &case.allowed, most_actions, deadline };
    optimum(scorer, Some(EntityIndex::new(0)), &services, &terms)
}

/// The indexes that a plan leads to, by the scorer.
fn after(scorer: &Scorer<'_>, services: usize, plan: &Optimum) -> Ratio {
    let changes = changes(&plan.actions);
    let none = Changes::new();
    (0..services).map(ServiceIndex::new).fold(Ratio::zero(), |sum, service| {
        let outcomes = scorer.outcomes_with(service, changes.get(&service).unwrap_or(&none));
        sum.plus(exact(scorer.framework(), &outcomes)[0].as_ref().unwrap_or(&Ratio::zero()))
    })
}

/// What the cases had in them, to see that they are worth their name.
#[derive(Debug, Default)]
struct Seen {
    plans: usize,
    with_solutions: usize,
    in_part: usize,
    impossible: usize,
    crowded: usize,
    /// An answer "not applicable" came to count.
    leaving: usize,
    /// Evidence was given for an answer that is there.
    evidence: usize,
    /// What another parameter requires was raised.
    required: usize,
    /// What an entity is asked was raised in several services.
    of_entity: usize,
    /// Something was excluded.
    limited: usize,
    heuristic: usize,
}

impl Seen {
    fn count(&mut self, found: &Optimum, scorer: &Scorer<'_>, case: &Case) {
        let work = |holds: fn(&Action) -> bool| usize::from(found.actions.iter().any(holds));
        self.plans += usize::from(!found.actions.is_empty());
        self.with_solutions += work(|action| action.work.parameter().is_none());
        self.in_part += work(|action| action.effort.is_some_and(|effort| effort.normalize().scale() > 0));
        self.impossible += usize::from(matches!(found.proof, Proof::Impossible(_)));
        self.crowded += usize::from(matches!(found.proof, Proof::Crowded(_)));
        self.heuristic += usize::from(matches!(found.proof, Proof::Heuristic(_)));
        let changes = changes(&found.actions);
        let leaves = |(service, changes): (&ServiceIndex, &Changes)| {
            let after = scorer.outcomes_with(*service, changes);
            let pairs = scorer.outcomes(*service).into_iter().zip(after);
            pairs.into_iter().any(|(old, new)| old.score.is_some() && new.score.is_none())
        };
        self.leaving += usize::from(changes.iter().any(leaves));
        let round = scorer.round();
        let is_kept = |service: &ServiceIndex, (parameter, response): (&ParameterIndex, &Response)| {
            round.answers.get(*service, *parameter).response == Some(response)
        };
        self.evidence += usize::from(
            changes.iter().any(|(service, changes)| changes.iter().any(|change| is_kept(service, change))),
        );
        let is_required = |at: &ParameterIndex| {
            let requires = scorer.framework().parameters.iter().flat_map(|other| &other.requires);
            requires.into_iter().any(|requirement| requirement.parameter == *at)
        };
        self.required += usize::from(changes.values().flat_map(Changes::keys).any(is_required));
        let is_of_entity = |action: &Action| {
            matches!(action.work, Work::Gap(at) if case.questions[at.get()].of_entity)
                && action.services.len() > 1
        };
        self.of_entity += usize::from(found.actions.iter().any(is_of_entity));
        self.limited += usize::from(case.questions.iter().any(|question| !question.wanted));
    }
}

/// A plan held against every choice there is.
fn hold(found: &Optimum, list: &[Weighed], aim: Aim, most_actions: Option<usize>, told: &str) {
    let within = || list.iter().filter(|one| most_actions.is_none_or(|most| one.actions <= most));
    let expected = match best(list, aim, most_actions) {
        Some(expected) => {
            let proof = if is_short(expected, aim) { Proof::Impossible(None) } else { Proof::Optimal };
            assert_eq!(found.proof, proof, "{told}");
            expected
        }
        // Not even what can be reached is within the terms: then the greatest gain is.
        None => {
            assert!(
                matches!(found.proof, Proof::Impossible(None) | Proof::Crowded(None)),
                "{found:?}, {told}"
            );
            within().min_by(|a, b| b.sum().cmp(&a.sum()).then(a.cost.cmp(&b.cost))).expect("a choice")
        }
    };
    assert_eq!(found.effort, Decimal::new(expected.cost, 2), "effort: {told}");
    assert_eq!(found.short.is_empty(), !is_short(expected, aim), "{told}");
    let gains = found.actions.iter().filter(|action| action.work.parameter().is_some());
    let promised = gains.fold(list[0].sum(), |sum, action| sum.plus(&action.gain));
    assert_eq!(promised, expected.sum(), "gains of single actions: {told}");
}

#[test]
fn the_optimum_is_the_best_of_all_subsets() {
    let mut seen = Seen::default();
    let small = (0..).map(|seed| (seed, Case::new(seed)));
    let small = small.filter(|(_, case)| case.size() <= LARGEST);
    for (seed, case) in small.take(CASES) {
        let loaded = case.load();
        let scorer = Scorer::new(&loaded.framework, &loaded.round);
        let list = all(&case, &scorer);
        let mut random = Random::new(seed + 1_000_000);
        let figure = Decimal::new(random.below(10_001) as i64, 2);
        let aims = [
            Aim::Each(figure),
            Aim::Mean(figure),
            Aim::Budget(Decimal::new(random.below(30) as i64 * 50, 2)),
        ];
        for aim in aims {
            let most_actions = (random.below(3) == 0).then(|| 1 + random.below(3));
            let found = planned(&scorer, &case, aim, most_actions);
            let told = format!("seed {seed}, {aim:?}, at most {most_actions:?} actions");
            seen.count(&found, &scorer, &case);
            match found.proof {
                // A group of which nothing would be left is not followed; no plan may be better than the best.
                Proof::Heuristic(why) => {
                    assert_eq!(why, Inexact::LeftOut, "{told}");
                    let expected = best(&list, aim, most_actions);
                    let is_better = |best: &Weighed| match aim {
                        Aim::Budget(_) => after(&scorer, case.services, &found) > best.sum(),
                        Aim::Each(_) | Aim::Mean(_) => {
                            found.short.is_empty() && found.effort < Decimal::new(best.cost, 2)
                        }
                    };
                    assert!(!expected.is_some_and(is_better), "{told}");
                }
                _ => {
                    hold(&found, &list, aim, most_actions, &told);
                    let gains = found.actions.iter().filter(|action| action.work.parameter().is_some());
                    let promised = gains.fold(list[0].sum(), |sum, action| sum.plus(&action.gain));
                    assert_eq!(after(&scorer, case.services, &found), promised, "gain: {told}");
                }
            }
        }
    }
    assert!(seen.plans > 500 && seen.with_solutions > 100 && seen.in_part > 50, "{seen:?}");
    assert!(seen.impossible > 100 && seen.crowded > 10 && seen.leaving > 100, "{seen:?}");
    assert!(seen.evidence > 100 && seen.required > 100 && seen.of_entity > 100, "{seen:?}");
    assert!(seen.limited > 100 && seen.heuristic < 100, "{seen:?}");
}

/// Where no exact search is made: what a plan promises is so, it is never better than the best there is, and what
/// is called impossible is.
#[test]
fn a_heuristic_does_what_it_says_and_is_often_the_best() {
    for (policy, reason) in [
        ("aggregation: geometric", Inexact::Geometric),
        ("rounding: each-level, decimals: 0", Inexact::EachLevel),
        ("missing: exclude", Inexact::LeftOut),
    ] {
        let small = (0..).map(|seed| Case::under(policy, seed)).filter(|case| case.size() <= LARGEST);
        let (mut plans, mut reached, mut best_ones, mut impossible) = (0, 0, 0, 0);
        for (seed, case) in small.take(100).enumerate() {
            let loaded = case.load();
            let scorer = Scorer::new(&loaded.framework, &loaded.round);
            let list = all(&case, &scorer);
            let figure = Decimal::new(Random::new(seed as u64).below(10_001) as i64, 2);
            for aim in [Aim::Each(figure), Aim::Budget(Decimal::from(seed % 15))] {
                let found = planned(&scorer, &case, aim, None);
                let told = format!("{policy}, case {seed}, {aim:?}: {found:?}");
                let own = changes(&found.actions);
                let none = Changes::new();
                let index = |service: ServiceIndex| {
                    let outcomes = scorer.outcomes_with(service, own.get(&service).unwrap_or(&none));
                    scorer.values(outcomes).index().map_or(Decimal::NEGATIVE_ONE, Published::decimal)
                };
                match (aim, &found.proof) {
                    // Under `exclude` some rounds have no gap, and are searched exactly.
                    (_, Proof::Optimal | Proof::Bound(_) | Proof::Crowded(_)) => {
                        assert_eq!(reason, Inexact::LeftOut, "{told}");
                        continue;
                    }
                    (_, Proof::Heuristic(why)) => {
                        assert!(*why == reason || *why == Inexact::NoIndex, "{told}");
                    }
                    (_, Proof::Impossible(_)) => {
                        let is_so = |service: &ServiceIndex| {
                            list.iter().all(|one| one.published[service.get()] <= index(*service))
                        };
                        assert!(!found.short.is_empty() && found.short.iter().all(is_so), "{told}");
                        impossible += 1;
                        continue;
                    }
                }
                plans += 1;
                match aim {
                    Aim::Each(target) | Aim::Mean(target) => {
                        let below = (0..case.services).map(ServiceIndex::new);
                        assert!(below.filter(|at| index(*at) < target).eq(found.short.clone()), "{told}");
                        let does =
                            list.iter().filter(|one| one.published.iter().all(|index| *index >= target));
                        let least = does.map(|one| one.cost).min().map(|cost| Decimal::new(cost, 2));
                        if found.short.is_empty() {
                            reached += 1;
                            assert!(least.is_some_and(|least| found.effort >= least), "{told}");
                            best_ones += usize::from(least == Some(found.effort));
                        } else {
                            reached += usize::from(least.is_none());
                            best_ones += usize::from(least.is_none());
                        }
                    }
                    Aim::Budget(most) => {
                        assert!(found.effort <= most, "{told}");
                        let within = list.iter().filter(|one| Decimal::new(one.cost, 2) <= most);
                        let greatest = within.map(Weighed::sum).max().expect("a choice");
                        let own = after(&scorer, case.services, &found);
                        assert!(own <= greatest, "{told}");
                        reached += 1;
                        best_ones += usize::from(own == greatest);
                    }
                }
            }
        }
        let told =
            format!("{policy}: {plans} plans, {reached} reach it, {best_ones} best, {impossible} impossible");
        assert!(reached == plans && plans > 100 && best_ones * 100 >= 80 * plans && impossible > 0, "{told}");
    }
}

/// The rows of a round's answers with those of a plan put in, as people would.
fn with_plan(answers: &str, services: usize, plan: &Value) -> String {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let mut rows: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in answers.lines().skip(1) {
        let mut cells = row.splitn(3, ',').map(str::to_owned);
        let (service, parameter) = (cells.next().expect("a service"), cells.next().expect("a parameter"));
        rows.insert((service, parameter), cells.next().expect("an answer"));
    }
    for action in
        plan["actions"].as_array().expect("actions").iter().filter(|row| !row["parameter"].is_null())
    {
        let own = text(action, "service");
        let all = (0..services).map(|at| format!("s{at}"));
        let reached: Vec<String> = if own.is_empty() { all.collect() } else { vec![own] };
        for service in reached {
            rows.insert((service, text(action, "parameter")), format!("{},photo", text(action, "target")));
        }
    }
    let rows = rows.into_iter().map(|((service, parameter), rest)| format!("{service},{parameter},{rest}\n"));
    format!("service,parameter,answer,evidence\n{}", rows.collect::<String>())
}

/// Small rounds of every policy are planned by the program, the plan's answers are written into their files, and
/// the program scores them: indexes and bands are those that the plan promised.
#[test]
fn a_round_with_a_plans_answers_written_in_scores_what_was_promised() {
    let policies = [
        "",
        "aggregation: geometric",
        "aggregation: [arithmetic, geometric], decimals: 4",
        "rounding: each-level, decimals: 1",
        "missing: exclude",
        "not_applicable: full, half: even, entity_from: exact",
        "not_applicable: zero, evidence: warn",
        "minimum_coverage: 60, unrated: zero",
        "missing: reject",
    ];
    let (mut held, mut raised, mut rejected) = (0, 0, 0);
    let mut proofs = BTreeSet::new();
    for (number, policy) in policies.iter().enumerate() {
        for seed in 0..6 {
            let case = Case::under(policy, (number * 100 + seed) as u64);
            let folder = case.folder();
            let aim = [["--target", "71.5"], ["--budget", "9.5"], ["--target", "40"]][seed % 3];
            let scope = [["--entity", "e"].as_slice(), &[]][seed % 2];
            let args = [["plan", ".", "--format", "json"].as_slice(), &aim, scope].concat();
            let plan: Value = serde_json::from_str(&folder.run(&args).exits(0).out()).expect("JSON");
            let has_index = |row: &Value| !row["index"].is_null();
            rejected += usize::from(!plan["services"].as_array().into_iter().flatten().all(has_index));
            folder.write("answers/all.csv", with_plan(&case.files[2].1, case.services, &plan).as_bytes());
            let scored = folder.run(&["score", ".", "--format", "json"]);
            // A round in which a service still lacks answers that are asked for is scored without it.
            assert!(scored.status() == 0 || *policy == "missing: reject", "{}", scored.err());
            let scored = scored.out();
            let scored: Value = serde_json::from_str(&scored).expect("JSON");
            for (promised, found, key) in
                [("services", "ranking", "service"), ("entities", "entity_ranking", "entity")]
            {
                for row in plan[promised].as_array().into_iter().flatten() {
                    let mut list = scored[found].as_array().expect("a list").iter();
                    let same = list.find(|other| other[key] == row[key]).expect("the same");
                    let told = format!("seed {seed}, {policy}: {plan} {scored}");
                    assert_eq!(
                        (&row["index_after"], &row["band_after"]),
                        (&same["index"], &same["band"]),
                        "{told}"
                    );
                    held += 1;
                    raised += usize::from(row["index"] != row["index_after"]);
                }
            }
            proofs.insert(plan["optimal"][0]["proof"].as_str().expect("a code").to_owned());
        }
    }
    assert!(held > 80 && raised > 60 && rejected > 2, "{held}, {raised}, {rejected}");
    assert!(proofs.iter().map(String::as_str).eq(["heuristic", "impossible", "optimal"]), "{proofs:?}");
}
