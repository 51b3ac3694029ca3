//! The handbook through the real binary: its worked example by hand, its rules in words, its languages.

mod support;

use support::Folder;

const SMALL: &str = include_str!("workbook/small/framework.yaml");

fn handbook(folder: &Folder, args: &[&str]) -> String {
    let base = ["handbook", "--framework", "framework.yaml", "--format", "md"];
    folder.run(&[&base[..], args].concat()).exits(0).out()
}

#[test]
fn the_worked_example_is_right_by_hand() {
    let folder = Folder::with(&[("framework.yaml", SMALL)]);
    let text = handbook(&folder, &[]);
    // A1: P1 `yes` 1, P2 `partly` 0.35, P3 the first of its points from the end but two, 100 % again.
    // (2 x 1 + 1 x 0.35 + 1.5 x 1) / 4.5 = 3.85 / 4.5 = 0.85556; of the index 0.3 x 0.3 = 9 %: 7.70.
    // Without P3: 2.35 / 3 = 78.33.
    assert!(
        text.contains("(2 × 1 + 1 × 0.35 + 1.5 × 1) / (2 + 1 + 1.5) ≈ 0.8556, published as 85.56."),
        "{text}"
    );
    assert!(text.contains("9.000 % of the index") && text.contains("brings 7.70 points"), "{text}");
    assert!(
        text.contains("If P3 did not apply to a service") && text.contains("would have 78.33."),
        "{text}"
    );
    let azerbaijani = handbook(&folder, &["--lang", "az"]);
    assert!(azerbaijani.contains("(2 × 1 + 1 × 0,35 + 1,5 × 1) / (2 + 1 + 1,5) ≈ 0,8556"), "{azerbaijani}");
    assert!(azerbaijani.contains("9,000 %") && azerbaijani.contains("7,70 bal"), "{azerbaijani}");
}

#[test]
fn every_rule_is_said_in_words_and_as_the_file_writes_it() {
    let rules = "policy: { missing: exclude, not_applicable: full, evidence: warn, evaluators: mean, \
                 minimum_coverage: 62.5, unrated: zero, aggregation: [geometric, arithmetic], decimals: 1, \
                 rounding: each-level, half: even, ranks: exact, entity_from: exact }\nscales:";
    let framework = SMALL.replace("scales:", rules);
    let folder = Folder::with(&[("framework.yaml", &framework)]);
    let english = handbook(&folder, &[]);
    for row in [
        "| It is left out; its weight goes to the other questions of its group. | missing: exclude |",
        "| It has the full score. | not\\_applicable: full |",
        "at least 62.5 % of what applies",
        "index: Weighted geometric mean",
        "| 1 after the decimal point. | decimals: 1 |",
        "| It goes to the even neighbour. | half: even |",
    ] {
        assert!(english.contains(row), "{row}: {english}");
    }
    let azerbaijani = handbook(&folder, &["--lang", "az"]);
    assert!(azerbaijani.contains("62,5 %-i") && azerbaijani.contains("| Tam bal alır. |"), "{azerbaijani}");
    assert!(azerbaijani.contains("indeks: Çəkili həndəsi orta"), "{azerbaijani}");
}

#[test]
fn what_is_required_and_when_a_question_applies_is_said() {
    let folder = Folder::with(&[("framework.yaml", SMALL)]);
    let text = handbook(&folder, &[]);
    assert!(text.contains("| requires | P1: yes / partly |"), "{text}");
    assert!(text.contains("| applies when | fee: paid |"), "{text}");
    assert!(text.contains("does not say whether it is official") && !text.contains("Decree"), "{text}");
    let own = folder.run(&["handbook", "--format", "md"]).exits(0).out();
    assert!(own.contains("Official are: the seven dimensions") && own.contains("Ours is everything else"));
}

#[test]
fn names_are_looked_up_in_the_order_of_the_alphabet() {
    let mut framework = SMALL.to_owned();
    let names =
        ["Zal", "Əhatə", "Çatdırılma", "Cərimə", "Ödəniş", "Oxunuş", "İş", "Irs", "Şikayət", "Güzəşt"];
    for (at, name) in (1..).zip(names) {
        framework =
            framework.replace(&format!("en: P{at}, az: P{at} }}"), &format!("en: P{at}, az: {name} }}"));
    }
    let folder = Folder::with(&[("framework.yaml", &framework)]);
    let text = handbook(&folder, &["--lang", "az"]);
    let (_, index) = text.rsplit_once("## ").expect("headings");
    let sorted: Vec<&str> = index.lines().skip(4).filter_map(|row| row.split(" | ").next()).collect();
    let expected =
        ["Cərimə", "Çatdırılma", "Əhatə", "Güzəşt", "Irs", "İş", "Oxunuş", "Ödəniş", "Şikayət", "Zal"];
    assert_eq!(sorted.iter().map(|row| row.trim_start_matches("| ")).collect::<Vec<_>>(), expected);
}
