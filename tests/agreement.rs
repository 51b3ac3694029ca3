//! Agreement of evaluators, against published coefficients, in the library and through the program.

mod support;

use asan_index::engine::agreement::{Metric, Ratings};
use serde_json::Value;
use support::Folder;

fn published(key: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/published/statistics/agreement.json");
    let text = std::fs::read_to_string(path).expect("the published figures");
    serde_json::from_str::<Value>(&text).expect("JSON")[key].clone()
}

/// The ratings of `data`: a row for each observer, a column for each unit.
fn ratings(data: &Value) -> Ratings {
    let rows: Vec<Vec<Option<f64>>> = data
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row.as_array().expect("a row").iter().map(Value::as_f64).collect())
        .collect();
    let mut values: Vec<f64> = rows.iter().flatten().flatten().copied().collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let position = |value: f64| values.iter().position(|known| *known == value);
    let units = (0..rows[0].len()).map(|unit| rows.iter().map(|row| row[unit].and_then(position)).collect());
    Ratings { units: units.collect(), values: values.iter().copied().map(Some).collect() }
}

/// The ratings of a table of counts: a row for each unit, a column for each value.
fn counted(table: &Value) -> Ratings {
    let rows = table.as_array().expect("rows");
    let unit = |row: &Value| -> Vec<Option<usize>> {
        let counts = row.as_array().expect("a row").iter().map(|count| count.as_u64().expect("a count"));
        counts.enumerate().flat_map(|(value, count)| (0..count).map(move |_| Some(value))).collect()
    };
    let values = rows[0].as_array().expect("a row").len();
    Ratings {
        units: rows.iter().map(unit).collect(),
        values: (0..values).map(|at| Some(at as f64)).collect(),
    }
}

#[track_caller]
fn near(found: Option<f64>, published: &Value) {
    let (found, published) = (found.expect("defined"), published.as_f64().expect("a number"));
    assert!((found - published).abs() < 1e-12, "{found} {published}");
}

#[test]
fn krippendorffs_alpha_is_the_published_one_by_every_metric() {
    for key in ["krippendorff_2011", "krippendorff_wiki"] {
        let example = published(key);
        let ratings = ratings(&example["data"]);
        near(ratings.alpha(Metric::Nominal), &example["nominal"]);
        near(ratings.alpha(Metric::Ordinal), &example["ordinal"]);
        near(ratings.alpha(Metric::Interval), &example["interval"]);
        near(ratings.alpha(Metric::Ratio), &example["ratio"]);
    }
}

#[test]
fn fleiss_kappa_is_the_published_one() {
    let example = published("fleiss_wiki");
    near(counted(&example["table"]).fleiss(), &example["kappa"]);
}

#[test]
fn cohens_kappa_is_the_published_one() {
    // 20 said yes by both, 5 by the first only, 10 by the second only, 15 by neither.
    let said = |count: usize, a: usize, b: usize| (0..count).map(move |_| vec![Some(a), Some(b)]);
    let units = said(20, 1, 1).chain(said(5, 1, 0)).chain(said(10, 0, 1)).chain(said(15, 0, 0)).collect();
    let ratings = Ratings { units, values: vec![Some(0.0), Some(1.0)] };
    near(ratings.cohen(), &published("cohen_wiki")["kappa"]);
    // 35 of 50.
    assert_eq!(ratings.percent(), Some(0.7));
}

#[test]
fn nothing_that_varies_has_no_coefficient() {
    let ratings = Ratings { units: vec![vec![Some(0), Some(0)]; 3], values: vec![Some(1.0)] };
    assert_eq!((ratings.cohen(), ratings.fleiss(), ratings.alpha(Metric::Interval)), (None, None, None));
    assert_eq!(ratings.percent(), Some(1.0));
    assert_eq!(Ratings::default().agreement().percent, None);
}

const FRAMEWORK: &str = r#"
framework: rated
version: "1"
title: Rated
levels: [group, question]
policy: { evaluators: mean }
scales: { five: { number: { min: 0, max: 5, points: [[0, 0], [5, 1]] } } }
groups:
  - id: G
    title: g
    parameters: [ { id: Q, title: q, question: q, scale: five } ]
"#;

/// The published example as a round: a service for each unit, an evaluator for each observer, and a
/// scale on which a value of 5 is worth 1 (alpha does not see what all values are multiplied by).
#[test]
fn the_program_prints_the_published_alphas_of_a_round() {
    let mut answers = "service,parameter,answer,evaluator\n".to_owned();
    for (observer, row) in published("krippendorff_2011")["data"].as_array().expect("rows").iter().enumerate()
    {
        for (unit, value) in row.as_array().expect("a row").iter().enumerate() {
            if let Some(value) = value.as_f64() {
                answers += &format!("s{unit:02},Q,{value},observer {observer}\n");
            }
        }
    }
    let folder = Folder::with(&[
        ("framework.yaml", FRAMEWORK),
        ("round.yaml", "framework: framework.yaml\n"),
        ("answers/all.csv", &answers),
    ]);
    let run = folder.run(&["statistics", "--agreement", "--format", "csv"]).exits(0);
    let rows: Vec<String> = run.out().lines().map(str::to_owned).collect();
    assert_eq!(
        rows[0],
        "level,id,units,ratings,percent_agreement,cohen,fleiss,alpha_nominal,alpha_ordinal,alpha_interval,alpha_ratio"
    );
    assert!(rows[1].starts_with("index,,11,40,"), "the unit with one rating is in no pair: {}", rows[1]);
    assert!(rows[1].ends_with(",0.743,0.815,0.849,0.797"), "{}", rows[1]);
    assert!(rows[3].starts_with("question,Q,11,40,") && rows[3].ends_with(",0.743,0.815,0.849,0.797"));
}

#[test]
fn what_evaluators_dispute_leaves_an_interval_on_the_index() {
    let folder = Folder::with(&[
        (
            "framework.yaml",
            "framework: rated\nversion: \"1\"\ntitle: Rated\nlevels: [group, question]\n\
             scales: { yn: { choices: [ { answer: \"yes\", score: 1 }, { answer: \"no\", score: 0 } ] } }\n\
             groups:\n  - id: G\n    title: g\n    parameters:\n      \
             - { id: Q1, title: q, question: q, scale: yn, weight: 3 }\n      \
             - { id: Q2, title: q, question: q, scale: yn }\n",
        ),
        ("round.yaml", "framework: framework.yaml\nstages: [ { id: first }, { id: second } ]\n"),
        (
            "answers/first/all.csv",
            "service,parameter,answer,evaluator\na,Q1,yes,Ana\na,Q1,yes,Bey\na,Q2,yes,Ana\na,Q2,no,Bey\n\
             b,Q1,yes,Ana\nb,Q1,no,Bey\nb,Q2,yes,Ana\n",
        ),
        ("answers/second/all.csv", "service,parameter,answer,reason\nb,Q1,no,seen\n"),
    ]);
    // By hand: a has 3/4 or 4/4; b's dispute was settled in the second stage.
    let run = folder.run(&["statistics", "--agreement", "--format", "json"]).exits(1);
    let document: Value = serde_json::from_str(&run.out()).expect("JSON");
    let disputes = document["disputes"].as_array().expect("a table");
    assert_eq!(disputes.len(), 1, "{}", run.out());
    assert_eq!((&disputes[0]["service"], &disputes[0]["disputed"]), (&"a".into(), &1.into()));
    assert_eq!((&disputes[0]["low"], &disputes[0]["high"]), (&"75.00".into(), &"100.00".into()));
}
