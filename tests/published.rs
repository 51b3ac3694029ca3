//! Indices that others computed and published, scored anew by the program itself: its figures must be
//! theirs. `tests/published/README.md` tells where the data comes from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Figures by what they are about: a service or entity, and a group (empty for the index).
type Figures = BTreeMap<(String, String), String>;

fn published(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/published").join(path)
}

/// Scores a round with the binary and gives the folder of its results.
fn score(round: &Path) -> tempfile::TempDir {
    let results = tempfile::tempdir().expect("a temporary folder");
    let run = Command::new(env!("CARGO_BIN_EXE_asan-index"))
        .args(["score", "--detail", "-o"])
        .args([results.path(), round])
        .output()
        .expect("the program runs");
    assert!(run.status.success(), "{}: {}", round.display(), String::from_utf8_lossy(&run.stderr));
    results
}

/// The named columns of a CSV's rows.
fn rows<const N: usize>(path: &Path, columns: [&str; N]) -> Vec<[String; N]> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    let header = reader.headers().expect("a header").clone();
    let places = columns.map(|column| {
        let found = header.iter().position(|name| name == column);
        found.unwrap_or_else(|| panic!("{}: no column `{column}`", path.display()))
    });
    reader
        .records()
        .map(|record| {
            let record = record.expect("a row");
            places.map(|place| record[place].to_owned())
        })
        .collect()
}

fn figures(path: &Path, columns: [&str; 3]) -> Figures {
    rows(path, columns).into_iter().map(|[of, group, figure]| ((of, group), figure)).collect()
}

/// A file of totals: figures of the index.
fn totals(path: &Path, columns: [&str; 2]) -> Figures {
    rows(path, columns).into_iter().map(|[of, figure]| ((of, String::new()), figure)).collect()
}

fn scores(results: &tempfile::TempDir) -> Figures {
    figures(&results.path().join("scores.csv"), ["service", "id", "score"])
}

/// What the program says otherwise than the publisher: (what it is about, published, ours).
fn differences<'a>(
    expected: &'a Figures,
    ours: &'a Figures,
) -> Vec<(&'a (String, String), &'a str, &'a str)> {
    expected
        .iter()
        .map(|(of, figure)| (of, figure.as_str(), ours.get(of).map_or("not there", String::as_str)))
        .filter(|(_, published, computed)| published != computed)
        .collect()
}

fn assert_all_equal(expected: &Figures, count: usize, ours: &Figures) {
    assert_eq!(expected.len(), count, "the published figures are complete");
    assert_eq!(differences(expected, ours), []);
}

#[test]
fn godi_2015_all_122_places_have_their_published_scores_and_ranks() {
    let results = score(&published("godi-2015/round"));
    let mut expected = rows(&published("godi-2015/expected/places.csv"), ["place", "score", "rank"]);
    let mut ours = rows(&results.path().join("entity-ranking.csv"), ["entity", "index", "rank"]);
    expected.sort();
    ours.sort();
    assert_eq!(expected.len(), 122);
    assert_eq!(ours, expected);
}

#[test]
fn godi_2015_all_1586_entries_have_their_published_scores() {
    let results = score(&published("godi-2015/round"));
    let expected = totals(&published("godi-2015/expected/entries.csv"), ["service", "score"]);
    assert_all_equal(&expected, 1586, &scores(&results));
}

#[test]
fn rdr_2022_all_levels_indicators_and_company_totals_are_the_published_ones() {
    let ours = scores(&score(&published("rdr-2022-companies/round")));
    let expected = published("rdr-2022-companies/expected");
    let columns = ["company", "group", "score"];
    assert_all_equal(&figures(&expected.join("levels.csv"), columns), 2660, &ours);
    assert_all_equal(&figures(&expected.join("indicators.csv"), columns), 980, &ours);
    assert_all_equal(&totals(&expected.join("totals.csv"), ["company", "total"]), 14, &ours);
}

#[test]
fn rdr_2022_rounded_at_each_level_is_the_publishers_other_chain() {
    let round = rounding_each_level(&published("rdr-2022-companies"));
    let ours = scores(&score(round.path()));
    let expected = published("rdr-2022-companies/expected");
    let columns = ["company", "group", "score"];
    assert_all_equal(&figures(&expected.join("levels.csv"), columns), 2660, &ours);
    assert_all_equal(&figures(&expected.join("indicators-each-level.csv"), columns), 980, &ours);
    let each_level = totals(&expected.join("totals-each-level.csv"), ["company", "total"]);
    assert_all_equal(&each_level, 14, &ours);
    // The two chains differ in one company, so that this test could not pass by ignoring the policy.
    let once = totals(&expected.join("totals.csv"), ["company", "total"]);
    let kakao = ("kakao".to_owned(), String::new());
    assert_eq!(differences(&once, &each_level), [(&kakao, "43.93", "43.94")]);
}

/// A copy of a published round that rounds at each level.
fn rounding_each_level(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    let head = format!(
        "id: each-level\nframework: '{}'\npolicy: {{ rounding: each-level }}\n",
        folder.join("framework").display()
    );
    fs::write(copy.path().join("round.yaml"), head).expect("round.yaml is written");
    for part in ["", "answers"] {
        fs::create_dir_all(copy.path().join(part)).expect("a folder is made");
        for entry in fs::read_dir(folder.join("round").join(part)).expect("a folder") {
            let file = entry.expect("an entry").path();
            if file.extension().is_some_and(|ending| ending == "csv") {
                let name = file.file_name().expect("a name");
                fs::copy(&file, copy.path().join(part).join(name)).expect("a file is copied");
            }
        }
    }
    copy
}

#[test]
fn rdr_2022_of_43_services_only_the_one_that_the_publisher_slipped_on_differs() {
    let ours = scores(&score(&published("rdr-2022-services/round")));
    let folder = published("rdr-2022-services/expected");
    let expected = totals(&folder.join("totals.csv"), ["service", "total"]);
    assert_eq!(expected.len(), 43);
    let android = ("android-mobile-ecosystem".to_owned(), String::new());
    // The publisher's total follows neither from the answers nor from the same row's indicators.
    assert_eq!(differences(&expected, &ours), [(&android, "42.71", "44.54")]);

    let groups = figures(&folder.join("groups.csv"), ["service", "group", "score"]);
    assert_eq!(groups.len(), 3010);
    let columns = ["service", "group", "published", "from_answers"];
    let slips = rows(&folder.join("exceptions.csv"), columns);
    let differing: Vec<[String; 4]> = differences(&expected, &ours)
        .into_iter()
        .chain(differences(&groups, &ours))
        .map(|((service, group), published, computed)| {
            [service.clone(), group.clone(), published.to_owned(), computed.to_owned()]
        })
        .collect();
    assert_eq!(differing, slips);
}

#[test]
fn asem_aggregates_are_those_of_coinr_under_both_means() {
    for mean in ["arithmetic", "geometric"] {
        let ours = scores(&score(&published(&format!("asem-coinr/round-{mean}"))));
        let path = published(&format!("asem-coinr/expected/{mean}.csv"));
        let expected = figures(&path, ["country", "group", "score"]);
        assert_eq!(expected.len(), 51 * 11);
        for (of, figure) in expected {
            let computed = &ours[&of];
            let distance = number(computed) - number(&figure);
            assert!(distance.abs() < 1e-6, "{mean} {of:?}: {computed} and COINr's {figure}");
        }
    }
}

fn number(figure: &str) -> f64 {
    figure.parse().unwrap_or_else(|_| panic!("`{figure}` is no number"))
}
