//! What a sample proves: the bound against rounds whose wrong answers are known.

mod support;

use asan_index::engine::sample::{Claim, Reason, claims, draw, most_wrong, proof};
use asan_index::engine::score::Scorer;
use asan_index::id::ServiceIndex;
use asan_index::trail::Party;
use support::Folder;
use support::random::Random;

#[test]
fn the_hypergeometric_bound_is_that_of_a_table() {
    // By hand: of 10, 5 are drawn and none is wrong: C(9,5)/C(10,5) = 1/2, C(8,5)/C(10,5) = 2/9,
    // C(7,5)/C(10,5) = 1/12, C(6,5)/C(10,5) = 1/42 < 5 %: 3 at most.
    assert_eq!(most_wrong(10, 5, 0, 0.95), 3);
    // All are drawn: nothing is left to be wrong. None are: all may be.
    assert_eq!((most_wrong(10, 10, 4, 0.95), most_wrong(10, 0, 0, 0.95)), (4, 10));
    // The rule of three for a large population: 3 in 300 of 1,000,000 is about 1 %.
    assert!((9_800..=10_000).contains(&most_wrong(1_000_000, 300, 0, 0.95)));
}

const FRAMEWORK: &str = r#"
framework: sampled
version: "1"
title: Sampled
levels: [group, question]
scales: { yn: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] } }
bands: [ { id: A, from: 75 }, { id: B, from: 0 } ]
groups:
  - { id: G1, title: g, weight: 3, parameters: [
      { id: Q1, title: q, question: q, scale: yn, weight: 5 }, { id: Q2, title: q, question: q, scale: yn },
      { id: Q3, title: q, question: q, scale: yn } ] }
  - { id: G2, title: g, parameters: [
      { id: Q4, title: q, question: q, scale: yn }, { id: Q5, title: q, question: q, scale: yn },
      { id: Q6, title: q, question: q, scale: yn, asked: entity } ] }
"#;

/// A round of 40 services of 4 bodies where everything is claimed.
fn round() -> Folder {
    let (mut services, mut answers) =
        ("service,title,entity\n".to_owned(), "service,parameter,answer\n".to_owned());
    for at in 0..40 {
        services += &format!("s{at:02},S,{}\n", ["W", "X", "Y", "Z"][at % 4]);
        for parameter in ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"] {
            answers += &format!("s{at:02},{parameter},yes\n");
        }
    }
    Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", "framework: framework.yaml\nstages: [ { id: submitted }, { id: verified } ]\n"),
        ("services.csv", &services),
        ("answers/submitted/all.csv", &answers),
    ])
}

fn claims_of(folder: &Folder) -> Vec<Claim> {
    use asan_index::commands::inputs::Loading;
    use clap::Parser;
    let path = folder.path().to_string_lossy().into_owned();
    let cli = asan_index::cli::Cli::parse_from(["asan-index", "sample", &path]);
    let Ok(Loading::Sound(loaded)) = cli.global.load(&[folder.path().to_path_buf()]) else {
        panic!("a sound round")
    };
    claims(&Scorer::new(&loaded.framework, &loaded.round), |_| 0.0)
}

/// 40 services with 5 questions each, and one of each of the 4 bodies. Wrong answers are strewn evenly,
/// or lie where most hangs on them, or where least does.
#[test]
fn the_bound_is_broken_in_at_most_5_percent_of_2000_rounds() {
    let all = claims_of(&round());
    assert_eq!(all.len(), 40 * 5 + 4);
    let mut broken = 0;
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let share = [0.01, 0.05, 0.2, 0.5][random.below(4)];
        let place = random.below(3);
        let is_wrong: Vec<bool> = all
            .iter()
            .map(|claim| {
                let chance = match place {
                    0 => share,
                    1 => share * claim.weight.min(1.0) * 1.5,
                    _ => share * (1.5 - claim.weight.min(1.0)),
                };
                random.share() < chance
            })
            .collect();
        let fraction = [10, 20, 60][random.below(3)];
        let picks = draw(&all, fraction, seed);
        assert_eq!(picks.len(), fraction);
        let mut found = vec![None; all.len()];
        picks.iter().for_each(|pick| found[pick.claim] = Some(is_wrong[pick.claim]));
        let proof = proof(&all, &picks, found.clone(), 0.95);
        let hidden = (0..all.len()).filter(|at| found[*at].is_none() && is_wrong[*at]).count();
        let mut overstated = std::collections::BTreeMap::new();
        for at in (0..all.len()).filter(|at| found[*at].is_none() && is_wrong[*at]) {
            *overstated.entry(all[at].body).or_insert(0.0) += all[at].fall;
        }
        let most = overstated.values().copied().fold(0.0_f64, f64::max);
        let bound = proof.overstated.map_or(0.0, |(_, points)| points);
        broken += usize::from(hidden > proof.most_wrong || most > bound + 1e-9);
    }
    assert!(broken <= 100, "{broken} of 2000");
}

#[test]
fn each_body_and_dimension_is_looked_at_and_the_weightiest_first() {
    let all = claims_of(&round());
    let picks = draw(&all, 40, 5);
    let by_weight = picks.iter().filter(|pick| pick.reason == Reason::Weight).count();
    assert!((8..=20).contains(&by_weight), "{by_weight}");
    for body in 0..4 {
        for group in [["Q1", "Q2", "Q3"], ["Q4", "Q5", "Q6"]] {
            let run =
                round().run(&["sample", "--fraction", "0.2", "--seed", "5", "--format", "csv"]).exits(0);
            let body = ["W", "X", "Y", "Z"][body];
            let looked = |line: &&str| {
                line.starts_with(&format!("{body},")) && group.iter().any(|id| line.contains(id))
            };
            assert!(run.out().lines().any(|line| looked(&line)), "{body} {group:?}\n{}", run.out());
        }
    }
}

#[test]
fn what_later_stages_say_counts_as_verified() {
    let folder = round();
    let listed = folder.run(&["sample", "--fraction", "0.3", "--seed", "9", "--format", "csv"]).exits(0);
    let mut verified = "service,parameter,answer,reason\n".to_owned();
    let mut bodies = "entity,parameter,answer,reason\n".to_owned();
    for (at, line) in listed.out().lines().skip(1).enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let (answer, reason) = if at == 0 { ("no", "not seen") } else { ("yes", "") };
        match cells[1] {
            "" => bodies += &format!("{},{},{answer},{reason}\n", cells[0], cells[2]),
            service => verified += &format!("{service},{},{answer},{reason}\n", cells[2]),
        }
    }
    folder.write("answers/verified/all.csv", verified.as_bytes());
    folder.write("answers/verified/bodies.csv", bodies.as_bytes());
    let run = folder.run(&["sample", "--fraction", "0.3", "--seed", "9", "--bound"]).exits(0);
    assert!(run.out().contains("With 95 % confidence at most "), "{}", run.out());
    assert!(!run.out().contains("not verified yet"), "{}", run.out());
    let run = folder.run(&["sample", "--fraction", "0.3", "--seed", "10", "--bound"]).exits(0);
    assert!(run.out().contains("not verified yet"), "another seed is another sample\n{}", run.out());
}

/// Picks by weight of each body, as the program lists them.
fn by_weight(folder: &Folder, more: &[&str]) -> std::collections::BTreeMap<String, usize> {
    let args = [&["sample", "--fraction", "0.2", "--seed", "5", "--format", "csv"], more].concat();
    let run = folder.run(&args).exits(0);
    let mut bodies = std::collections::BTreeMap::new();
    for line in run.out().lines().skip(1).filter(|line| line.ends_with(",weight")) {
        *bodies.entry(line.split(',').next().expect("a body").to_owned()).or_insert(0) += 1;
    }
    bodies
}

#[test]
fn a_body_that_claimed_too_much_last_time_is_looked_at_more() {
    let folder = round();
    let even = by_weight(&folder, &[]);
    assert!(even.values().max() == even.values().min(), "four bodies alike: {even:?}");
    // Last year half of what X claimed was found too high, and nothing of the others.
    let registry = folder.read("services.csv");
    let (mut claimed, mut found) =
        ("service,parameter,answer\n".to_owned(), "service,parameter,answer,reason\n".to_owned());
    for at in 0..8 {
        for parameter in ["Q1", "Q2", "Q3", "Q4"] {
            claimed += &format!("s{at:02},{parameter},yes\n");
            if at % 4 == 1 && ["Q1", "Q2"].contains(&parameter) {
                found += &format!("s{at:02},{parameter},no,not seen\n");
            }
        }
    }
    folder.write("last/framework.yaml", FRAMEWORK.as_bytes());
    folder.write("last/round.yaml", folder.read("round.yaml").as_bytes());
    folder.write("last/services.csv", registry.as_bytes());
    folder.write("last/answers/submitted/all.csv", claimed.as_bytes());
    folder.write("last/answers/verified/all.csv", found.as_bytes());
    let after = by_weight(&folder, &["--last", "last"]);
    assert!(["W", "Y", "Z"].iter().all(|body| after["X"] > after[*body]), "{after:?}");
    assert!(after["X"] > even["X"], "{even:?} {after:?}");
}

/// Four questions of equal weight, so that each answer costs its service 25 points: one of `far` (100) takes it to
/// the one at 75, one of `near` (75) down to the three at 50, one of those to the three at 25, and out of band A.
#[test]
fn what_moves_the_rank_or_the_band_weighs_more() {
    let framework = r#"
framework: level
version: "1"
title: Level
levels: [group, question]
scales: { yn: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] } }
bands: [ { id: A, from: 40 }, { id: B, from: 0 } ]
groups:
  - { id: G1, title: g, parameters: [
      { id: Q1, title: q, question: q, scale: yn }, { id: Q2, title: q, question: q, scale: yn },
      { id: Q3, title: q, question: q, scale: yn }, { id: Q4, title: q, question: q, scale: yn } ] }
"#;
    let given = [("far", 4), ("near", 3), ("p1", 2), ("p2", 2), ("p3", 2), ("s1", 1), ("s2", 1), ("s3", 1)];
    let mut answers = "service,parameter,answer\n".to_owned();
    for (service, number) in given {
        (1..=number).for_each(|question| answers += &format!("{service},Q{question},yes\n"));
    }
    let folder = Folder::with(&[
        ("framework.yaml", framework),
        ("round.yaml", "framework: framework.yaml\n"),
        ("answers/all.csv", &answers),
    ]);
    let claims = claims_of(&folder);
    // Services are known by their place among the ids, which are in order here.
    let of = |service: &str| {
        let at = given.iter().position(|(id, _)| *id == service).expect("a service");
        let party = Party::Service(ServiceIndex::new(at));
        claims.iter().find(|claim| claim.question.0 == party).expect("a claim")
    };
    assert!(["far", "near", "p1"].iter().all(|service| (of(service).fall - 25.0).abs() < 1e-9));
    // By hand: 25 points are the most at stake, 3 places, and 1 band: 1 + 1/3, 1 + 3/3, and 1 + 3/3 + 1.
    let weights = ["far", "near", "p1"].map(|service| of(service).weight);
    for (weight, expected) in weights.iter().zip([4.0 / 3.0, 2.0, 3.0]) {
        assert!((weight - expected).abs() < 1e-9, "{weights:?}");
    }
}
