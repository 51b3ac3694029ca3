//! The example rounds: they score without a fault, show every layout and every state, use the whole
//! framework, and give the figures that a reader computes by hand.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use support::{Folder, command};

const ROUNDS: [&str; 2] = ["round-2024", "round-2025"];

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path)
}

/// Scores an example as a user would, in full detail.
fn scored(round: &str, options: &[&str]) -> Folder {
    let results = Folder::with(&[]);
    let round = example(round);
    let paths = [round.to_str().expect("a path"), "-o", "results", "--detail"];
    results.run(&[&["score"], paths.as_slice(), options].concat()).exits(0);
    results
}

/// The rows of a result as maps from column to cell.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// (score, state) of every node of every service.
fn scores(results: &Folder) -> BTreeMap<(String, String), (String, String)> {
    let rows = rows(&results.read("results/scores.csv"));
    let cells = |row: &BTreeMap<String, String>| {
        ((row["service"].clone(), row["id"].clone()), (row["score"].clone(), row["state"].clone()))
    };
    rows.iter().map(cells).collect()
}

#[test]
fn both_rounds_score_with_exit_0_and_fit_100_columns() {
    for round in ROUNDS {
        let run = command(&["score"]).arg(example(round)).env("COLUMNS", "100").output().expect("a run");
        let table = String::from_utf8(run.stdout).expect("text");
        let warnings = String::from_utf8(run.stderr).expect("text");
        assert_eq!(run.status.code(), Some(0), "{round}: {warnings}");
        // The three answers whose required evidence is absent, and nothing else.
        assert_eq!(warnings.trim(), "warnings: evidence-missing 3", "{round}");
        let rows = table.lines().take_while(|line| !line.contains(" services, "));
        assert!(rows.into_iter().all(|line| line.chars().count() <= 100), "{round}:\n{table}");
    }
}

#[test]
fn indexes_are_spread_over_all_bands() {
    let results = scored("round-2025", &[]);
    let bands: BTreeSet<String> =
        rows(&results.read("results/ranking.csv")).iter().map(|row| row["band"].clone()).collect();
    assert_eq!(bands.into_iter().collect::<String>(), "ABCDE");
}

#[test]
fn every_layout_occurs() {
    let header = |name: &str| {
        let text =
            std::fs::read_to_string(example("round-2025/answers/submitted").join(name)).expect("a file");
        text.lines().next().expect("a header").to_owned()
    };
    assert_eq!(header("customs-import-permit.csv"), "parameter,answer,evidence", "per service");
    assert_eq!(header("border-trade.csv"), "service,parameter,answer,evidence", "long");
    assert!(header("housing-lists.csv").starts_with("service,P1.1.1,P1.1.2,"), "wide");
    assert_eq!(header("housing-lists-evidence.csv"), "service,parameter,evidence", "evidence");
    assert_eq!(header("bodies.csv"), "entity,parameter,answer,evidence", "of an entity");
    assert_eq!(header("torpaq-qeydleri.csv"), "\u{feff}xidmət;alt meyar;cavab;sübut", "a spreadsheet's");
}

#[test]
fn every_state_occurs() {
    let states: BTreeSet<String> =
        scores(&scored("round-2025", &[])).into_values().map(|(_, state)| state).collect();
    let expected = ["implied", "missing", "not-applicable", "scored", "void"];
    assert_eq!(states.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn each_of_the_143_is_answered_missing_or_not_applicable_somewhere_and_scored() {
    for round in ROUNDS {
        let scores = scores(&scored(round, &[]));
        let parameters: BTreeSet<&str> =
            scores.keys().map(|(_, id)| id.as_str()).filter(|id| id.starts_with('P')).collect();
        assert_eq!(parameters.len(), 143, "{round}");
        let answered: BTreeSet<&str> = scores
            .iter()
            .filter(|(_, (_, state))| state == "scored")
            .map(|((_, id), _)| id.as_str())
            .filter(|id| id.starts_with('P'))
            .collect();
        let unanswered: Vec<&&str> = parameters.difference(&answered).collect();
        assert_eq!(unanswered, Vec::<&&str>::new(), "{round}: every scale is used");
    }
}

#[test]
fn a_criterion_computed_by_hand() {
    // C2.3 of exporter-certificate in 2025, weights 15, 20, 40, 25. As finally counted:
    //   P2.3.1 unpublished      0.5
    //   P2.3.2 fillable         0.7
    //   P2.3.3 240/400 = 60 %   60/80 = 0.75  (0 % is worth 0, 80 % is worth 1)
    //   P2.3.4 representative   0.5
    // (15 x 0.5 + 20 x 0.7 + 40 x 0.75 + 25 x 0.5) / 100 = (7.5 + 14 + 30 + 12.5) / 100 = 0.64
    let counted = scores(&scored("round-2025", &[]));
    let of = |scores: &BTreeMap<(String, String), (String, String)>, id: &str| {
        scores[&("exporter-certificate".to_owned(), id.to_owned())].0.clone()
    };
    let figures = ["P2.3.1", "P2.3.2", "P2.3.3", "P2.3.4", "C2.3"].map(|id| of(&counted, id));
    assert_eq!(figures, ["50.00", "70.00", "75.00", "50.00", "64.00"]);
    // The body had claimed 312/400 = 78 %, worth 0.975: (7.5 + 14 + 39 + 12.5) / 100 = 0.73.
    let submitted = scores(&scored("round-2025", &["--stage", "submitted"]));
    assert_eq!([of(&submitted, "P2.3.3"), of(&submitted, "C2.3")], ["97.50", "73.00"]);
}

#[test]
fn each_stage_changes_what_counts_but_the_objections_that_are_only_heard() {
    let index = |stage: &str| rows(&scored("round-2025", &["--stage", stage]).read("results/ranking.csv"));
    let [submitted, verified, objections, last] = ["submitted", "verified", "objections", "final"].map(index);
    assert_ne!(submitted, verified);
    assert_eq!(verified, objections);
    assert_ne!(objections, last);
}

#[test]
fn the_later_round_is_mostly_the_better_one_and_one_service_dropped() {
    let indexes = |round: &str| -> BTreeMap<String, f64> {
        let rows = rows(&scored(round, &[]).read("results/ranking.csv"));
        rows.iter().map(|row| (row["service"].clone(), row["index"].parse().expect("an index"))).collect()
    };
    let before = indexes("round-2024");
    let after = indexes("round-2025");
    let registry = std::fs::read_to_string(example("round-2025/services.csv")).expect("a registry");
    let dropped: Vec<String> = rows(&registry)
        .iter()
        .filter(|row| !row["previous"].is_empty())
        .filter(|row| after[&row["service"]] < before[&row["previous"]])
        .map(|row| row["service"].clone())
        .collect();
    assert_eq!(dropped, ["exporter-certificate"]);
    assert_eq!((before.len(), after.len()), (12, 13), "the excluded service is in no ranking");
}
