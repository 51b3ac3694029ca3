//! Reports through the real binary: what is in them, for whom, and that no text in them does harm.

mod support;

use std::collections::HashSet;

use calamine::{Data, Reader, open_workbook_auto};
use serde_json::Value;
use support::{Folder, TINY};

/// What only those who assess may see, what the body may see too, and what nobody else may.
const SECRETS: [&str; 4] = ["the-evidence", "the-comment", "the-note", "the-evaluator"];

/// A round of two bodies: B weighs 3 of 4. s1 has 25 + 72 = 97, s2 has 37.5, s3 has 25.
fn round() -> Folder {
    let row = |service: &str, parameter: &str, answer: &str| {
        format!(
            "{service},{parameter},{answer},the-evidence {service},the-comment {service},the-note {service},the-evaluator {service}\n"
        )
    };
    let mut answers = "service,parameter,answer,evidence,comment,note,evaluator\n".to_owned();
    let given = [("s1", "yes", "48/50"), ("s2", "no", "50"), ("s3", "yes", "0")];
    for (service, first, second) in given {
        answers += &row(service, "A", first);
        answers += &row(service, "B", second);
    }
    Folder::with(&[
        ("framework.yaml", TINY),
        ("round.yaml", "id: r2\ntitle: Second\nframework: framework.yaml\n"),
        ("services.csv", "service,title,entity,category\ns1,Çay,e1,\ns2,Cavab,e2,\ns3,Əsas,e2,\n"),
        ("entities.csv", "entity,title,category\ne1,First body,central\ne2,Other body,local\n"),
        ("answers/a.csv", &answers),
    ])
}

/// The data that a page's script draws its parts from.
fn data(page: &str) -> Value {
    let begin = "<script type=\"application/json\" id=\"data\">";
    let start = page.find(begin).expect("data") + begin.len();
    let end = page[start..].find("</script>").expect("an end") + start;
    serde_json::from_str(&page[start..end]).expect("JSON")
}

/// Every text of a workbook, read with another library than the one that wrote it.
fn texts(folder: &Folder, name: &str) -> Vec<String> {
    let mut workbook = open_workbook_auto(folder.join(name)).expect("a workbook");
    let sheets = workbook.sheet_names();
    let cells = sheets.iter().flat_map(|sheet| {
        let range = workbook.worksheet_range(sheet).expect("a sheet");
        range.cells().map(|(_, _, cell)| cell.to_string()).collect::<Vec<_>>()
    });
    cells.collect()
}

#[test]
fn a_report_is_one_file_without_requests_in_two_linked_languages() {
    let folder = Folder::with(&[]);
    folder.run(&["demo", "round", "--services", "12"]).exits(0);
    folder.run(&["report", "round", "-o", "en.html", "--also", "az"]).exits(0);
    let (english, azerbaijani) = (folder.read("en.html"), folder.read("en.az.html"));
    assert!(english.starts_with("<!DOCTYPE html>\n<html lang=\"en\""));
    assert!(english.contains("<header class=\"draft\">DRAFT</header>"));
    assert!(azerbaijani.contains("<html lang=\"az\"") && azerbaijani.contains("LAYİHƏ</header>"));
    assert!(english.contains("hreflang=\"az\" href=\"en.az.html\">Azərbaycanca</a>"));
    assert!(azerbaijani.contains("hreflang=\"en\" href=\"en.html\">English</a>"));
    for page in [&english, &azerbaijani] {
        assert!(!page.contains(" src=") && !page.contains("<link") && !page.contains("url("));
    }
    // The ranking of the page is that of `score`, in the language's digits, each row linked to its part.
    let ranking = folder.run(&["score", "round", "--format", "csv"]).exits(0).out();
    let data = data(&english);
    for row in ranking.lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        let (id, index) = (fields[2], fields[6]);
        assert!(english.contains(&format!("<a href=\"#service-{id}\">{id}</a>")), "{id}");
        assert!(english.contains(&format!("<details class=\"part\" id=\"service-{id}\">")), "{id}");
        assert!(data["parts"][format!("service-{id}")].as_array().expect("a part").len() > 3, "{id}");
        assert!(english.contains(&format!(">{index}</td>")), "{index}");
        assert!(azerbaijani.contains(&format!(">{}</td>", index.replace('.', ","))), "{index}");
    }
    folder.run(&["report", "round", "-o", "report.csv"]).exits(2);
    folder.run(&["report", "round", "-o", "report.md", "--also", "az"]).exits(2);
}

#[test]
fn the_loss_of_a_gap_is_its_share_of_the_index() {
    // B weighs 3 of 4: s1 lacks 4 % of it, s2 50 % and s3 all: 3, 37.5 and 75, in the mean 38.5.
    // A weighs 1 of 4 and s2 lacks it: 25, in the mean 8.33.
    let text = round().run(&["report", "--format", "md"]).exits(0).out();
    for row in ["| B | B | 38.50 | 3 |", "| A | A | 8.33 | 1 |", "| B | B | 37.50 |", "| B | B | 3.00 |"] {
        assert!(text.contains(row), "{row}: {text}");
    }
    assert!(text.starts_with("# Tiny 1, Second \\[DRAFT\\]"), "{text}");
}

#[test]
fn an_audience_sees_what_is_for_it_in_every_format() {
    let folder = round();
    let seen = |audience: &str, format: &str| {
        let name = format!("r.{format}");
        folder.run(&["report", "--audience", audience, "-o", &name]).exits(0);
        let text = if format == "xlsx" { texts(&folder, &name).join("\n") } else { folder.read(&name) };
        SECRETS.map(|secret| text.contains(&format!("{secret} s2")))
    };
    for format in ["html", "md", "xlsx"] {
        assert_eq!(seen("public", format), [false; 4], "{format}");
    }
    assert_eq!(seen("internal", "html"), [true; 4]);
    // A body reads what is said to it, and neither notes nor who evaluated.
    assert_eq!(seen("entity:e2", "html"), [true, true, false, false]);
}

#[test]
fn a_report_for_one_body_holds_that_body_alone() {
    let folder = round();
    folder.write("then/services.csv", b"service,title,entity,category\ns1,Then,e1,\ns2,Then,e2,\n");
    folder.write("then/round.yaml", b"id: r1\nframework: ../framework.yaml\n");
    folder.write("then/answers/a.csv", b"service,parameter,answer\ns1,A,no\ns2,A,no\n");
    for name in ["one.html", "one.md", "one.xlsx"] {
        let args = ["report", "--audience", "entity:e1", "--previous", "then", "-o", name];
        folder.run(&args).exits(0);
        let text = if name == "one.xlsx" { texts(&folder, name).join("\n") } else { folder.read(name) };
        assert!(text.contains("First body") && text.contains("97"), "{name}");
        for other in ["Other body", "Cavab", "Əsas", "e2", "37.5", "s2", "s3"] {
            // A hash may hold any two letters.
            let named = text.split(|c: char| !c.is_alphanumeric() && c != '.').any(|word| word == other);
            assert!(!named && (other.len() < 4 || !text.contains(other)), "{name}: {other}");
        }
    }
    folder.run(&["report", "--audience", "entity:e1", "--pages", "site"]).exits(0);
    assert!(folder.join("site/entity-e1.html").exists() && !folder.join("site/entity-e2.html").exists());
    folder.run(&["report", "--audience", "entity:nobody", "-o", "none.html"]).exits(2);
}

#[test]
fn analyses_are_sections_where_there_is_input_for_them() {
    let folder = round();
    folder.write("then/services.csv", b"service,title,entity,category\ns1,Then,e1,\ns2,Then,e2,\n");
    folder.write("then/round.yaml", b"id: r1\ntitle: First\nframework: ../framework.yaml\n");
    // s2 was 0 and is 37.5 now.
    folder.write("then/answers/a.csv", b"service,parameter,answer\ns1,A,no\ns2,A,no\n");
    let text = folder.run(&["report", "--previous", "then", "--format", "md"]).exits(0).out();
    assert!(text.contains("## What moved since First\n"), "{text}");
    assert!(text.contains("| s2 | Cavab | 1 | 2 | 0.00 | 37.50 | 37.50 |"), "{text}");
    assert!(
        text.contains("## How sure the ranking is\n") && text.contains("## What the framework measures\n")
    );
    let without = folder.run(&["report", "--draws", "0", "--format", "md"]).exits(0).out();
    assert!(!without.contains("## How sure the ranking is") && !without.contains("## What moved"));
    let page = folder.run(&["report", "--previous", "then"]).exits(0).out();
    // Movements, rank intervals, distribution, losses, a heat map each of services and entities.
    assert_eq!(page.matches("<figure class=\"chart\"").count(), 6);
}

#[test]
fn every_link_of_a_site_leads_somewhere() {
    let folder = Folder::with(&[]);
    folder.run(&["demo", "round", "--services", "30"]).exits(0);
    folder.run(&["report", "round", "--pages", "site", "--also", "az"]).exits(0);
    let site = folder.join("site");
    let mut pages: Vec<std::path::PathBuf> = Vec::new();
    for folder in [site.clone(), site.join("az")] {
        let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|ending| ending == "html")));
    }
    assert!(pages.len() >= 8, "{pages:?}");
    let text = |path: &std::path::Path| {
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    };
    let mut followed = HashSet::new();
    for page in &pages {
        let source = text(page);
        assert!(source.contains("<header class=\"draft\">"), "{page:?}");
        for address in source.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let (file, anchor) = address.split_once('#').unwrap_or((address, ""));
            let target =
                if file.is_empty() { page.clone() } else { page.parent().expect("a folder").join(file) };
            if followed.insert((target.clone(), anchor.to_owned())) {
                let target_text = text(&target);
                assert!(
                    anchor.is_empty() || target_text.contains(&format!(" id=\"{anchor}\"")),
                    "{page:?}: {address}"
                );
            }
        }
    }
    // Every service has its part on one page of each language.
    let parts = |language: &str| {
        let of = pages.iter().filter(|page| page.parent().is_some_and(|folder| folder.ends_with(language)));
        of.map(|page| text(page).matches("<details class=\"part\" id=\"service-").count()).sum::<usize>()
    };
    assert_eq!([parts("site"), parts("az")], [30, 30]);
    // A second run replaces its own pages, and touches nothing else.
    folder.run(&["report", "round", "--pages", "site"]).exits(0);
    folder.write("other/index.html", b"mine");
    folder.run(&["report", "round", "--pages", "other"]).exits(2);
    assert_eq!(folder.read("other/index.html"), "mine");
}

#[test]
fn a_workbook_has_real_numbers_and_says_that_it_is_a_draft() {
    let folder = round();
    folder.run(&["report", "-o", "r.xlsx"]).exits(0);
    let mut workbook = open_workbook_auto(folder.join("r.xlsx")).expect("a workbook");
    let sheets = workbook.sheet_names();
    let range = workbook.worksheet_range(&sheets[1]).expect("the ranking");
    let rows: Vec<Vec<Data>> = range.rows().map(<[Data]>::to_vec).collect();
    let at = rows[0].iter().position(|cell| *cell == Data::String("index".to_owned())).expect("a column");
    let indexes: Vec<Data> = rows[1..].iter().map(|row| row[at].clone()).collect();
    assert_eq!(indexes, [Data::Float(97.0), Data::Float(37.5), Data::Float(25.0)]);
    assert!(texts(&folder, "r.xlsx")[0].ends_with("[DRAFT]"));
}

#[test]
fn hostile_texts_stay_texts_in_every_document() {
    let hostile = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/hostile");
    let folder = Folder::with(&[]);
    for audience in ["public", "internal", "entity:e<1>"] {
        for name in ["r.html", "r.md", "r.xlsx"] {
            folder.run(&["report", hostile, "--audience", audience, "-o", name]).exits(0);
        }
        let page = folder.read("r.html");
        assert_eq!(page.matches("<script").count(), 2, "the page's own script and data alone");
        assert_eq!(page.matches("</script").count(), 2);
        for harm in ["<img", "\u{202e}", "href=\"javascript"] {
            assert!(!page.contains(harm), "{harm}");
        }
        let markdown = folder.read("r.md");
        for harm in ["<script", "<img", "[l](", "\u{202e}", " **b**"] {
            assert!(!markdown.contains(harm), "{harm}");
        }
        // The formula is a text of the workbook, whole, and no cell is one.
        let mut workbook = open_workbook_auto(folder.join("r.xlsx")).expect("a workbook");
        for sheet in workbook.sheet_names() {
            assert!(workbook.worksheet_formula(&sheet).expect("a sheet").is_empty(), "{sheet}");
        }
        assert!(texts(&folder, "r.xlsx").iter().any(|text| text == "=cmd|' /C calc'!A0"));
    }
    folder.run(&["report", hostile, "-o", "r.md"]).exits(0);
    assert!(folder.read("r.md").contains(&"x".repeat(10_000)));
    // In CSV a formula has an apostrophe before it.
    let csv = folder.run(&["score", hostile, "--format", "csv"]).exits(0).out();
    assert!(csv.contains(",'=cmd|' /C calc'!A0,") && csv.contains(",'+1+1,"), "{csv}");
    folder.run(&["report", hostile, "--audience", "internal", "--pages", "site"]).exits(0);
    assert!(folder.join("site/entity-e-1-.html").exists());
}
