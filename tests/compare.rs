//! What moved between two rounds: parts that add up, figures by hand, and the command.

mod support;

use std::path::PathBuf;

use asan_index::cli::Cli;
use asan_index::commands::inputs::{Loaded, Loading};
use asan_index::engine::compare::{Cause, Comparison, Mapping, Side, compare};
use asan_index::engine::rank::Results;
use asan_index::engine::score::Scorer;
use asan_index::framework::{Aggregation, Framework, Missing, NotApplicable};
use asan_index::id::{ParameterIndex, ServiceIndex};
use asan_index::number::{Half, Published, Ratio, Score, Weight};
use asan_index::round::Round;
use asan_index::scale::{Answer, ScaleKind};
use clap::Parser;
use support::Folder;

fn load(path: &str) -> Loaded {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    let cli = Cli::parse_from(["asan-index", "score"]);
    match cli.global.load(&[path]).expect("files") {
        Loading::Sound(loaded) => *loaded,
        Loading::Faulty(_) => panic!("faulty"),
    }
}

fn compared(before: (&Framework, &Round), after: (&Framework, &Round), mapping: &Mapping) -> Comparison {
    let scorers = [before, after].map(|(framework, round)| Scorer::new(framework, round));
    let results = scorers.each_ref().map(|scorer| Results::compute(scorer, &[]));
    let side = |at: usize| Side { scorer: &scorers[at], results: &results[at] };
    compare(side(0), side(1), mapping)
}

/// A small generator for the tests' choices (Steele et al. 2014, SplitMix64).
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

/// The parameters of the published framework.
const PARAMETERS: usize = 335;

/// Makes one random change of weights, scales, answers, applicability, parameters, policies or
/// services.
fn change(framework: &mut Framework, round: &mut Round, mapping: &mut Mapping, choices: &mut Choices) {
    let parameter = ParameterIndex::new(choices.below(framework.parameters.len()));
    let service = ServiceIndex::new(choices.below(round.services.len()));
    let weight = Weight::parse(&format!("{}.{}", choices.below(9), choices.below(9))).expect("a weight");
    match choices.below(10) {
        0 => framework.parameters[parameter.get()].weight = weight,
        1 => {
            let group = 1 + choices.below(framework.groups.len() - 1);
            framework.groups[group].weight = weight;
        }
        2 => {
            let scale = choices.below(framework.scales.len());
            if let ScaleKind::Choices(options) = &mut framework.scales[scale].kind {
                let option = choices.below(options.len());
                options[option].score = Score::parse(&format!("0.{}", choices.below(1000))).expect("a score");
            }
        }
        3 | 4 => {
            let options = framework.scale(parameter).options().len();
            let position = round.answers.intern(parameter, vec![Answer::Choice(choices.below(options))]);
            round.answers.set(service, parameter, Some(position), true, false);
        }
        5 => {
            let position = round.answers.intern(parameter, vec![Answer::NotApplicable]);
            round.answers.set(service, parameter, Some(position), true, false);
        }
        6 => round.answers.set(service, parameter, None, false, false),
        7 => {
            // Another id: one parameter is removed and another added, or a mapping joins the two.
            framework.parameters[parameter.get()].id = format!("renamed-{}", choices.below(1 << 30));
            if choices.below(2) == 0 {
                mapping.pairs.push((parameter, parameter));
            }
        }
        8 => match choices.below(3) {
            0 => framework.policy.missing = [Missing::Zero, Missing::Exclude][choices.below(2)],
            1 => {
                let rules = [NotApplicable::Exclude, NotApplicable::Full, NotApplicable::Zero];
                framework.policy.not_applicable = rules[choices.below(3)];
            }
            // Two parameters become one in the mapping.
            _ => mapping.pairs.push((parameter, ParameterIndex::new(0))),
        },
        _ => {
            let id = format!("new-{}", choices.below(1 << 30));
            match choices.below(2) {
                0 => round.services[service.get()].weight = weight,
                _ => round.services[service.get()].id = id.into(),
            }
        }
    }
}

fn part(services: usize, round: &Round, from: usize) -> Round {
    let mut part = round.clone();
    part.services =
        (0..services).map(|at| round.services[(from + at) % round.services.len()].clone()).collect();
    for at in 0..services {
        for parameter in 0..PARAMETERS {
            let (to, parameter) = (ServiceIndex::new(at), ParameterIndex::new(parameter));
            let of = ServiceIndex::new((from + at) % round.services.len());
            let (evidence, void) =
                (round.answers.has_evidence(of, parameter), round.answers.is_void(of, parameter));
            part.answers.set(to, parameter, round.answers.position(of, parameter), evidence, void);
        }
    }
    part
}

fn assert_adds_up(comparison: &Comparison) {
    let difference = |index: [Option<Published>; 2]| Some(index[1]?.ratio().minus(&index[0]?.ratio()));
    for movement in &comparison.services {
        let expected = difference(movement.index);
        assert_eq!(movement.parts.as_ref().map(asan_index::engine::compare::Parts::total), expected);
        if let Some(parts) = &movement.parts {
            assert!(parts.of(Cause::Interaction).is_zero(), "an arithmetic framework leaves nothing over");
            let half = Ratio::new(1.into(), 10_000.into());
            let rounding = parts.of(Cause::Rounding);
            assert!(*rounding <= half && Ratio::zero().minus(&half) <= *rounding, "two half units at most");
            let shown: i64 = parts.figures(2).iter().map(|figure| figure.units()).sum();
            assert_eq!(
                expected.map(|expected| Published::from_ratio(&expected, 2, Half::Up).units()),
                Some(shown)
            );
        }
    }
    for movement in comparison.entities.iter().chain(&comparison.categories).chain([&comparison.whole]) {
        assert_eq!(
            movement.parts.as_ref().map(asan_index::engine::compare::Parts::total),
            difference(movement.index),
            "{:?}",
            movement.of
        );
    }
}

#[test]
fn the_parts_of_a_thousand_random_changes_add_up_exactly() {
    let loaded = load("tests/published/rdr-2022-services/round");
    let mut choices = Choices(2022);
    for trial in 0..1000 {
        let before = part(3, &loaded.round, trial * 3);
        let (mut framework, mut after) = (loaded.framework.clone(), before.clone());
        let mut mapping = Mapping::default();
        for _ in 0..1 + trial % 10 {
            change(&mut framework, &mut after, &mut mapping, &mut choices);
        }
        // Ids are looked up in order.
        framework.finish().expect("requirements stand");
        let comparison = compared((&loaded.framework, &before), (&framework, &after), &mapping);
        assert_adds_up(&comparison);
    }
}

#[test]
fn a_round_compared_with_itself_is_still() {
    for path in ["tests/published/rdr-2022-services/round", "tests/published/godi-2015/round"] {
        let loaded = load(path);
        let side = (&loaded.framework, &loaded.round);
        let comparison = compared(side, side, &Mapping::default());
        assert!(comparison.services.iter().all(|service| service.items.is_empty()));
        assert!(
            comparison
                .services
                .iter()
                .filter_map(|service| service.parts.as_ref())
                .all(|parts| parts.is_still())
        );
        assert!(
            comparison
                .entities
                .iter()
                .filter_map(|entity| entity.parts.as_ref())
                .all(|parts| parts.is_still())
        );
        assert!(comparison.item_totals.is_empty());
    }
}

#[test]
fn what_is_left_over_under_geometric_means_is_named() {
    let loaded = load("tests/published/asem-coinr/round-geometric");
    let mut framework = loaded.framework.clone();
    framework.policy.aggregation = vec![Aggregation::Arithmetic, Aggregation::Geometric];
    let comparison =
        compared((&loaded.framework, &loaded.round), (&framework, &loaded.round), &Mapping::default());
    for service in &comparison.services {
        let parts = service.parts.as_ref().expect("an index in both");
        let expected = service.change();
        assert_eq!(Some(parts.total()), expected);
        assert!(!parts.of(Cause::Interaction).is_zero(), "another mean is no answer's doing");
        assert!(parts.of(Cause::Answers).is_zero());
    }
}

/// Three parameters in one group, weights 2, 1, 1; the later round weighs them 1, 1, 1, answers C
/// otherwise and takes "no" for half of B.
const FRAMEWORK: &str = r#"
framework: small
version: "1"
title: Small
levels: [group, question]
scales:
  yes-no: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: 0 } ] }
  kind: { choices: [ { answer: "yes", score: 1 }, { answer: "no", score: NO } ] }
groups:
  - id: G
    title: One
    parameters:
      - { id: A, title: a, question: q, scale: yes-no, weight: WEIGHT }
      - { id: B, title: b, question: q, scale: kind }
      - { id: C, title: c, question: q, scale: yes-no, optional: true }
"#;

fn rounds(no: &str, weight: &str, answers: &str) -> Folder {
    let later = FRAMEWORK.replace("NO", no).replace("WEIGHT", weight);
    Folder::with(&[
        ("old/framework.yaml", &FRAMEWORK.replace("NO", "0").replace("WEIGHT", "2")),
        ("old/round.yaml", "id: old\nframework: framework.yaml\n"),
        ("old/answers/all.csv", "service,A,B,C\ns,yes,no,no\nt,no,no,no\n"),
        ("new/framework.yaml", &later),
        ("new/round.yaml", "id: new\nframework: framework.yaml\n"),
        ("new/answers/all.csv", answers),
    ])
}

/// By hand. s before: (2*1 + 0 + 0)/4 = 50; after, weights 1, 1, 1 and scores 1, 0.5, 1: 2.5/3 = 83.33.
/// A: e 1/2 to 1/3, x 1: weights -1/6. B: e 1/4 to 1/3, x 0 to 1/2: mean x 1/4 of de 1/12 is weights
/// 1/48, mean e 7/24 of dx 1/2 is scales 7/48. C: x 0 to 1: weights 1/24, answers 7/24.
/// Weights (-8 + 1 + 2)/48 = -10.4167, scales 14.5833, answers 29.1667: 33.3333, less 0.0033 of rounding.
#[test]
fn a_worked_example() {
    let folder = rounds("0.5", "1", "service,A,B,C\ns,yes,no,yes\nt,no,no,no\n");
    let run = folder.run(&["compare", "old", "new", "--service", "s", "--format", "json"]).exits(0);
    let found: serde_json::Value = serde_json::from_str(&run.out()).expect("json");
    let service = &found["services"][0];
    assert_eq!(
        [&service["service"], &service["index_before"], &service["index"], &service["change"]],
        ["s", "50.00", "83.33", "33.33"]
    );
    assert_eq!([&service["answers"], &service["scales"], &service["weights"]], ["29.17", "14.58", "-10.42"]);
    assert_eq!(
        [&service["applicability"], &service["policies"], &service["rounding"]],
        ["0.00", "0.00", "0.00"]
    );
    let of_b = &found["parameters"][1];
    assert_eq!([&of_b["parameter"], &of_b["score_before"], &of_b["score"]], ["B", "0.00", "50.00"]);
    assert_eq!([&of_b["change"], &of_b["scales"], &of_b["weights"]], ["16.67", "14.59", "2.08"]);
}

#[test]
fn one_changed_answer_is_named_with_its_effect() {
    let folder = rounds("0", "2", "service,A,B,C\ns,yes,no,yes\nt,no,no,no\n");
    folder.run(&["compare", "old", "new", "-o", "out", "--detail"]).exits(0);
    assert_eq!(
        folder.read("out/parameters.csv"),
        "service,parameter,title,score_before,score,change,answers,scales,applicability,weights,parameters,policies,\
         services,service_weights,interaction,rounding\n\
         s,C,c,0.00,100.00,25.00,25.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00\n"
    );
    assert!(folder.read("out/manifest.json").contains("\"path\": \"services.csv\""));
    let again = folder.run(&["compare", "old", "old"]).exits(0);
    assert!(!again.out().contains("Where"), "nothing moved:\n{}", again.out());
}

#[test]
fn what_stops_to_apply_is_told_from_what_is_answered() {
    // s: C no longer applies: weights 2, 1 of A, B; index 2/3. A's e 1/2 to 2/3: 16.67 of applicability.
    let folder = rounds("0", "2", "service,A,B,C\ns,yes,no,n/a\nt,no,no,no\n");
    let run = folder.run(&["compare", "old", "new", "--format", "csv"]).exits(0);
    let row = "s,s,1,1,50.00,66.67,16.67,,,stayed,0.00,0.00,16.67,0.00,0.00,0.00,0.00,0.00,0.00,0.00\n";
    assert!(run.out().contains(row), "{}", run.out());
}

#[test]
fn services_that_came_and_went_are_parts_of_the_whole() {
    // Whole before: (50 + 0)/2 = 25; after (50 + 100)/2 = 75: t went (0), u came: 1/2 * 100 = 50, and s
    // has the same share.
    let folder = rounds("0", "2", "service,A,B,C\ns,yes,no,no\nu,yes,yes,yes\n");
    let run = folder.run(&["compare", "old", "new", "--format", "json"]).exits(0);
    let found: serde_json::Value = serde_json::from_str(&run.out()).expect("json");
    let whole = &found["whole"][0];
    assert_eq!([&whole["change"], &whole["services"], &whole["answers"]], ["50.00", "50.00", "0.00"]);
    let movements: Vec<&str> = found["services"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| row["movement"].as_str())
        .collect();
    assert_eq!(movements, ["came", "stayed", "went"]);
}

#[test]
fn a_mapping_joins_what_was_renamed() {
    let folder = rounds("0", "2", "service,A,B,C\ns,yes,no,yes\nt,no,no,no\n");
    let later = folder.read("new/framework.yaml").replace("id: C,", "id: C2,");
    folder.write("new/framework.yaml", later.as_bytes());
    folder.write("new/answers/all.csv", b"service,A,B,C2\ns,yes,no,yes\nt,no,no,no\n");
    folder.write("mapping.csv", b"from,to\nC,C2\n");
    let run = folder.run(&["compare", "old", "new", "--format", "csv"]).exits(0);
    let parts = |run: &support::Run| {
        run.out().lines().nth(1).expect("a row").split(',').skip(10).map(str::to_owned).collect::<Vec<_>>()
    };
    // Unjoined: C (0) is removed and C2 (1) added at 1/4: all of it is the parameters'.
    assert_eq!(parts(&run)[..6], ["0.00", "0.00", "0.00", "0.00", "25.00", "0.00"]);
    let run = folder.run(&["compare", "old", "new", "--mapping", "mapping.csv", "--format", "csv"]).exits(0);
    assert_eq!(parts(&run)[..6], ["25.00", "0.00", "0.00", "0.00", "0.00", "0.00"]);
    folder.write("mapping.csv", b"from,to\nX,C2\n");
    let run = folder.run(&["compare", "old", "new", "--mapping", "mapping.csv"]).exits(1);
    assert!(run.err().contains("there is no earlier parameter `X`"), "{}", run.err());
}

#[test]
fn gates_name_who_breaks_them() {
    let folder = rounds("0", "2", "service,A,B,C\ns,no,no,no\nt,no,no,yes\n");
    let run = folder.run(&["compare", "old", "new", "--gate", "drop<=5", "--gate", "index>=20"]).exits(1);
    assert!(run.err().contains("gate drop<=5 is not met: `s` has 50.00"), "{}", run.err());
    assert!(run.err().contains("gate index>=20 is not met: `s` has 0.00"), "{}", run.err());
    assert!(!run.err().contains("`t`"));
    folder.run(&["compare", "old", "new", "--gate", "drop<=50"]).exits(0);
    let run = folder.run(&["compare", "old", "new", "--gate", "drp<=50"]).exits(2);
    assert!(run.err().contains("did you mean `drop`?"), "{}", run.err());
}

#[test]
fn stages_of_one_round_are_compared() {
    let folder = rounds("0", "2", "service,A,B,C\ns,no,no,no\n");
    folder.write(
        "staged/round.yaml",
        b"id: staged\nframework: ../old/framework.yaml\nstages: [{ id: submitted, by: entity }, { id: verified, by: evaluator }]\n",
    );
    folder
        .write("staged/answers/submitted/all.csv", b"service,parameter,answer\ns,A,yes\ns,B,yes\ns,C,yes\n");
    folder.write("staged/answers/verified/all.csv", b"service,parameter,answer,reason\ns,A,no,not seen\n");
    let run =
        folder.run(&["compare", "staged", "--stage", "submitted", "verified", "--format", "csv"]).exits(0);
    assert!(run.out().contains("s,s,1,1,100.00,50.00,-50.00,,,stayed,-50.00,"), "{}", run.out());
    let run = folder.run(&["compare", "staged"]).exits(2);
    assert!(run.err().contains("name two, or a round and --stage A B"), "{}", run.err());
}
