//! Laws that any composite index must keep, whatever its framework: checked on what the program
//! writes for random cases, without a second opinion on the figures themselves.

#[path = "reference/exact.rs"]
mod exact;
#[path = "reference/files.rs"]
mod files;
#[path = "reference/generate.rs"]
mod generate;
#[path = "reference/model.rs"]
mod model;
#[path = "reference/random.rs"]
mod random;
#[path = "reference/run.rs"]
mod run;
#[path = "reference/spell.rs"]
mod spell;
#[path = "reference/table.rs"]
mod table;
#[path = "reference/yaml.rs"]
mod yaml;

use std::collections::BTreeMap;

use exact::{Exact, decimal};
use generate::{Features, Means};
use model::*;
use num_traits::Zero;
use random::Random;
use run::Run;

/// Cases of each law.
const CASES: u64 = 96;

const FILES: [&str; 3] = ["ranking.csv", "entity-ranking.csv", "scores.csv"];

/// The case of a seed, in the program's own dialect.
fn case(seed: u64) -> Case {
    let means = if seed.is_multiple_of(4) { Means::Geometric } else { Means::Mixed };
    let mut case = generate::case(seed, Features { means, ..Features::PLAIN });
    (case.excel, case.raw) = (false, false);
    case
}

/// What the program wrote, by file; it must have had nothing against the case.
fn score(case: &Case, writer: u64, environment: &[(&str, &str)]) -> BTreeMap<&'static str, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = Run::of(case, writer, folder.path(), environment);
    if run.status() != Some(0) {
        let folder = folder.keep();
        panic!("writer {writer}, kept in {}\n{}", folder.display(), run.account());
    }
    FILES.into_iter().map(|name| (name, run.file(name))).collect()
}

/// Scores of a case in units of the last place, by service and node; nodes without one left out.
fn scores(case: &Case, writer: u64) -> BTreeMap<(String, String), i64> {
    let file = &score(case, writer, &[])["scores.csv"];
    let mut scores = BTreeMap::new();
    for row in csv::Reader::from_reader(file.as_bytes()).records() {
        let row = row.expect("a row of scores.csv");
        if !row[3].is_empty() {
            let units = row[3].replace('.', "").parse().expect("a figure");
            scores.insert((row[0].to_owned(), row[2].to_owned()), units);
        }
    }
    assert!(file.starts_with("service,level,id,score,state\n"));
    scores
}

/// All cells of a file by their row's key and their column.
fn cells(file: &str, key: &str) -> BTreeMap<(String, String), String> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let key = header.iter().position(|name| name == key).expect("the key's column");
    let mut cells = BTreeMap::new();
    for row in reader.records() {
        let row = row.expect("a row");
        for (name, cell) in header.iter().zip(&row) {
            cells.insert((row[key].to_owned(), name.to_owned()), cell.to_owned());
        }
    }
    cells
}

/// Visits every group that has a score, with the scores of its children that weigh anything.
fn see_groups(case: &Case, writer: u64, see: &mut dyn FnMut(&Node, i64, &[i64])) {
    let scores = scores(case, writer);
    let services: Vec<&String> = {
        let mut services: Vec<_> = scores.keys().map(|(service, _)| service).collect();
        services.dedup();
        services
    };
    for service in services {
        let of = |node: &Node| scores.get(&(service.clone(), node.id.clone())).copied();
        case.framework.root.visit(0, &mut |group, _| {
            let children = group.children().iter().filter(|child| !child.weight().is_zero());
            let children: Vec<i64> = children.filter_map(of).collect();
            if let (Kind::Group(_), Some(score)) = (&group.kind, of(group)) {
                see(group, score, &children);
            }
        });
    }
}

#[test]
fn every_score_is_from_0_to_100_and_within_those_of_its_children() {
    for seed in 0..CASES {
        let case = case(20_000 + seed);
        let full = 100 * 10_i64.pow(case.framework.policy.decimals);
        see_groups(&case, seed, &mut |group, score, children| {
            assert!((0..=full).contains(&score), "seed {seed}: {} has {score}", group.id);
            let (least, most) = (children.iter().min(), children.iter().max());
            let is_within = least <= Some(&score) && Some(&score) <= most;
            assert!(is_within, "seed {seed}: {} has {score} of {children:?}", group.id);
        });
    }
}

#[test]
fn a_group_of_one_child_passes_its_score_on() {
    let mut seen = 0;
    for seed in 0..CASES {
        see_groups(&case(21_000 + seed), seed, &mut |group, score, children| {
            if let [only] = group.children() {
                seen += 1;
                assert_eq!(children, [score], "seed {seed}: {} over {}", group.id, only.id);
            }
        });
    }
    assert!(seen > 100, "only {seen} groups of one child");
}

#[test]
fn equal_scores_give_that_score() {
    for seed in 0..CASES {
        let mut case = case(22_000 + seed);
        let random = &mut Random::new(seed);
        let places = random.below(4) as u32;
        let worth = decimal(random.within(0, 10_i64.pow(places)), places);
        make_equal(&mut case, &worth);
        let scores = scores(&case, seed);
        let mut figures: Vec<i64> = scores.values().copied().collect();
        figures.dedup();
        assert!(figures.len() <= 1, "seed {seed}: {worth} gives {scores:?}");
    }
}

/// Makes every answer of a case worth the same, and lets nothing but answers count.
fn make_equal(case: &mut Case, worth: &Exact) {
    let policy = &mut case.framework.policy;
    policy.missing = Missing::Exclude;
    policy.not_applicable = NotApplicable::Exclude;
    policy.evidence = Unproven::Warn;
    policy.minimum_coverage = Exact::zero();
    let level = |scale: &mut Scale| match scale {
        Scale::Choices(choices) | Scale::Multiple(choices) => {
            choices.iter_mut().for_each(|choice| choice.score = worth.clone());
        }
        Scale::Number(number) => number.points.iter_mut().for_each(|point| point.1 = worth.clone()),
    };
    case.framework.scales.iter_mut().for_each(|(_, scale)| level(scale));
    case.framework.root.visit_mut(&mut |node| {
        if let Kind::Parameter(parameter) = &mut node.kind {
            level(&mut parameter.scale);
            parameter.requires.clear();
        }
    });
    for row in &mut case.round.rows {
        if let Answer::Several(chosen) = &mut row.answer {
            *chosen = vec![0];
        }
    }
}

#[test]
fn a_better_answer_never_lowers_a_score() {
    let mut rises = 0;
    for seed in 0..2 * CASES {
        let before = case(23_000 + seed);
        let after = improve(&before, &mut Random::new(seed));
        let (low, high) = (scores(&before, seed), scores(&after, seed));
        for (place, score) in &low {
            let Some(better) = high.get(place) else { panic!("seed {seed}: {place:?} lost its score") };
            assert!(better >= score, "seed {seed}: {place:?} fell from {score} to {better}");
            rises += usize::from(better > score);
        }
    }
    assert!(rises > 100, "only {rises} scores rose");
}

/// Betters one answer of each service: one that nothing else requires. Where a gap counts 0 it may
/// be filled; where it is left out, filling it could rightly lower the index.
fn improve(case: &Case, random: &mut Random) -> Case {
    let mut better = case.clone();
    let leaves = case.framework.leaves();
    let is_required =
        |id: &str| leaves.iter().any(|leaf| leaf.parameter.requires.iter().any(|(other, _)| other == id));
    let free: Vec<_> = leaves.iter().filter(|leaf| !is_required(leaf.id)).collect();
    for service in 0..case.round.services.len() {
        let leaf = random.pick(&free);
        let subject = Subject::Service(service);
        let row = better.round.rows.iter_mut().find(|row| row.subject == subject && row.parameter == leaf.id);
        let scale = &leaf.parameter.scale;
        if let Some(row) = row {
            // An answer "not applicable" may count full, so it stays.
            if let Some(score) = scale.score(&row.answer) {
                row.answer = at_least(random, scale, &score).unwrap_or(row.answer.clone());
            }
        } else if case.framework.policy.missing == Missing::Zero
            && let Some(answer) = at_least(random, scale, &Exact::zero())
        {
            let parameter = leaf.id.to_owned();
            let row = Row { stage: 0, subject, parameter, evaluator: None, answer, evidence: true };
            better.round.rows.push(row);
        }
    }
    better
}

/// An answer with at least this score.
fn at_least(random: &mut Random, scale: &Scale, score: &Exact) -> Option<Answer> {
    let mut answers: Vec<Answer> = match scale {
        Scale::Choices(choices) => (0..choices.len()).map(Answer::Chosen).collect(),
        Scale::Number(number) => number.points.iter().map(|(x, _)| Answer::Number(x.clone())).collect(),
        Scale::Multiple(choices) => vec![Answer::Several((0..choices.len()).collect())],
    };
    answers.retain(|answer| scale.score(answer).is_some_and(|better| better >= *score));
    (!answers.is_empty()).then(|| random.pick(&answers).clone())
}

#[test]
fn the_order_and_the_layout_of_files_and_rows_do_not_matter() {
    for seed in 0..CASES {
        let case = case(24_000 + seed);
        let [one, other] = [1, 2].map(|writer| score(&case, 2 * seed + writer, &[]));
        assert_eq!(one, other, "seed {seed}");
    }
}

#[test]
fn the_order_of_siblings_does_not_matter() {
    for seed in 0..CASES {
        let case = case(25_000 + seed);
        let random = &mut Random::new(seed);
        let mut shuffled = case.clone();
        shuffled.framework.root.visit_mut(&mut |node| {
            if let Kind::Group(children) = &mut node.kind {
                random.shuffle(children);
            }
        });
        let (one, other) = (score(&case, seed, &[]), score(&shuffled, seed, &[]));
        for (name, key) in [("ranking.csv", "service"), ("entity-ranking.csv", "entity")] {
            assert_eq!(cells(&one[name], key), cells(&other[name], key), "seed {seed}: {name}");
        }
        assert_eq!(sorted(&one["scores.csv"]), sorted(&other["scores.csv"]), "seed {seed}");
    }
}

fn sorted(file: &str) -> Vec<&str> {
    let mut lines: Vec<_> = file.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_place_and_the_clock_do_not_matter() {
    let places = [
        [("TZ", "Asia/Baku"), ("LC_ALL", "az_AZ.UTF-8"), ("LANG", "az_AZ.UTF-8")],
        [("TZ", "America/St_Johns"), ("LC_ALL", "C"), ("LANG", "C")],
        [("TZ", "UTC"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "en_GB.UTF-8")],
    ];
    for seed in 0..CASES / 2 {
        let case = case(26_000 + seed);
        let [one, two, three] = places.map(|place| score(&case, seed, &place));
        assert_eq!(one, two, "seed {seed}");
        assert_eq!(one, three, "seed {seed}");
    }
}
