//! Answer sheets out and back: every layout gives the same indexes, and hostile text stays text.

mod support;

use std::collections::BTreeMap;

use calamine::{Reader, open_workbook_auto};
use rust_xlsxwriter::Workbook;
use support::Folder;

const FRAMEWORK: &str = include_str!("workbook/small/framework.yaml");
const SERVICES: &str = include_str!("workbook/small/services.csv");
const ENTITIES: &str = include_str!("workbook/small/entities.csv");

/// The small round, still without answers.
fn round(framework: &str, services: &str) -> Folder {
    let head = "id: r\nframework: framework.yaml\npolicy: { evidence: void }\n";
    Folder::with(&[
        ("framework.yaml", framework),
        ("round.yaml", head),
        ("services.csv", services),
        ("entities.csv", ENTITIES),
    ])
}

/// What is answered to each parameter, by everyone.
fn answers() -> BTreeMap<&'static str, &'static str> {
    let list = [
        ("P1", "Yes, \"fully\""),
        ("P2", "yes"),
        ("P3", "2/3"),
        ("P4", "web; post"),
        ("P5", "none"),
        ("P6", "10"),
        ("P7", "-1,5"),
        ("P8", "48/50"),
        ("P9", "partly"),
        ("P10", "50%"),
    ];
    list.into()
}

type Rows = Vec<Vec<String>>;

fn read_csv(text: &str) -> Rows {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.expect("a record"));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

fn write_csv(rows: &Rows) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("a record");
    }
    writer.into_inner().expect("bytes")
}

/// Fills the rows of a sheet below its header.
fn fill(rows: &mut Rows, header: usize, evidence: &str) {
    let answers = answers();
    let names = rows[header].clone();
    let column = |name: &str| names.iter().position(|own| own == name);
    for row in rows.iter_mut().skip(header + 1) {
        match column("parameter") {
            Some(parameter) => {
                let id = row[parameter].clone();
                // A question that does not apply stays blank, as its cell is closed.
                let applies = column("answers").is_none_or(|at| !row[at].starts_with("does not apply"));
                if let Some(at) = column("answer").filter(|_| applies) {
                    row[at] = answers[id.as_str()].to_owned();
                }
                for name in ["evidence", "comment"] {
                    if let Some(at) = column(name).filter(|_| applies) {
                        row[at] = evidence.to_owned();
                    }
                }
            }
            // In a wide file the columns are those of all services: what is asked of the body, or does not
            // apply, stays blank.
            None => {
                let service = row[0].clone();
                let open = |name: &&str| match *name {
                    "P9" | "P10" => service == "s'4",
                    "P4" | "P5" => ["s-1", "s-3"].contains(&service.as_str()),
                    _ => true,
                };
                for (at, name) in names.iter().enumerate().skip(1).filter(|(_, name)| open(&name.as_str())) {
                    row[at] = answers[name.as_str()].to_owned();
                }
            }
        }
    }
}

/// Makes CSV sheets of a layout, fills them and leaves them as the round's answers.
fn answer_by_csv(folder: &Folder, args: &[&str], evidence: &str) {
    std::fs::remove_dir_all(folder.join("answers")).ok();
    folder.run(&[&["template", "-o", "answers"][..], args].concat()).exits(0);
    for file in std::fs::read_dir(folder.join("answers")).expect("a folder") {
        let name = format!("answers/{}", file.expect("a file").file_name().to_string_lossy());
        let mut rows = read_csv(&folder.read(&name));
        fill(&mut rows, 0, evidence);
        folder.write(&name, &write_csv(&rows));
    }
}

/// The same with a workbook.
fn answer_by_workbook(folder: &Folder, evidence: &str) {
    std::fs::remove_dir_all(folder.join("answers")).ok();
    std::fs::remove_file(folder.join("all.xlsx")).ok();
    folder.run(&["template", "-o", "all.xlsx"]).exits(0);
    let mut sheets = open_workbook_auto(folder.join("all.xlsx")).expect("a workbook");
    let mut filled = Workbook::new();
    for name in sheets.sheet_names().into_iter().filter(|name| name.starts_with(['s', 'e'])) {
        let range = sheets.worksheet_range(&name).expect("a sheet");
        let mut rows: Rows = range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        fill(&mut rows, 3, evidence);
        let sheet = filled.add_worksheet().set_name(&name).expect("a name");
        for (row, cells) in (0u32..).zip(&rows) {
            for (column, cell) in (0u16..).zip(cells) {
                sheet.write_string(row, column, cell).expect("a cell");
            }
        }
    }
    folder.write("answers/all.xlsx", &filled.save_to_buffer().expect("a workbook"));
}

fn ranking(folder: &Folder) -> String {
    folder.run(&["score", "--format", "csv"]).exits(0).out()
}

#[test]
fn every_layout_gives_the_same_indexes() {
    let folder = round(FRAMEWORK, SERVICES);
    answer_by_workbook(&folder, "seen");
    let expected = ranking(&folder);
    // By hand for s'4, which is free and of no body. A: A1 alone applies, (2 + 1 + 1.5 x 0.666666667) / 4.5
    // = 0.888888889; B1: (0.75 + 3 x 0.85 + 7 x 0.96) / 11 = 10.02 / 11 = 0.910909; B2: (0.35 + 2 x 0.5) / 3
    // = 0.45; B: (0.910909 + 2 x 0.45) / 3 = 0.603636. 30 x 0.888889 + 70 x 0.603636 = 68.92.
    assert!(expected.contains(",s'4,") && expected.contains(",68.92,"), "{expected}");
    for layout in ["long", "wide", "per-service"] {
        answer_by_csv(&folder, &["--layout", layout], "seen");
        assert_eq!(ranking(&folder), expected, "{layout}");
    }
    // Service by service and body by body, into one folder.
    let mut parts = Vec::new();
    for service in ["s-1", "s-2", "s-3", "s'4"] {
        answer_by_csv(&folder, &["--layout", "long", "--service", service], "seen");
        parts.push((format!("answers/{service}.csv"), folder.read("answers/long.csv")));
    }
    for entity in ["e-1", "e-2"] {
        answer_by_csv(&folder, &["--layout", "entity", "--entity", entity], "seen");
        parts.push((format!("answers/{entity}.csv"), folder.read("answers/entity.csv")));
    }
    std::fs::remove_dir_all(folder.join("answers")).expect("answers");
    for (name, text) in parts {
        folder.write(&name, text.as_bytes());
    }
    assert_eq!(ranking(&folder), expected);
}

#[test]
fn one_file_says_what_it_has_no_room_for() {
    let folder = round(FRAMEWORK, SERVICES);
    let run = folder.run(&["template", "--layout", "wide", "-o", "wide.csv"]).exits(0);
    assert!(run.err().contains("`--layout entity` has it"), "{}", run.err());
    assert_eq!(folder.run(&["template", "--layout", "entity", "-o", "e.csv"]).exits(0).err(), "");
}

#[test]
fn a_later_stage_and_a_service_alone_have_no_preview_and_say_so() {
    let folder = round(FRAMEWORK, SERVICES);
    let stages = "stages: [{ id: submitted, by: entity }, { id: verified, by: evaluator }]\n";
    let head = format!("id: r\nframework: framework.yaml\n{stages}");
    folder.write("round.yaml", head.as_bytes());
    let said = |args: &[&str], name: &str| {
        folder.run(&[&["template", "-o", name][..], args].concat()).exits(0);
        let mut workbook = open_workbook_auto(folder.join(name)).expect("a workbook");
        let sheet = workbook.worksheet_range("s-1").expect("a sheet");
        sheet.get_value((2, 3)).map(ToString::to_string).unwrap_or_default()
    };
    assert_eq!(said(&[], "first.xlsx"), "index so far:");
    let later = said(&["--stage", "verified"], "later.xlsx");
    assert!(later.contains("answers of an earlier stage"), "{later}");
    let alone = said(&["--service", "s-1"], "alone.xlsx");
    assert!(alone.contains("answered by the entity"), "{alone}");
}

/// What a formula, a quote, markup or a mark of direction could do harm with.
const HOSTILE: [&str; 8] = [
    "=1+1",
    "+2 and more",
    "-3 or less",
    "@SUM(A1)",
    "=HYPERLINK(\"http://x\";\"y\")",
    "</td><script>alert(1)</script>\" onload='x'",
    "\u{202e}right to left|`x`",
    "two\nlines, \"quoted\"; and a comma",
];

#[test]
fn hostile_text_stays_text_out_and_back() {
    let plain = round(FRAMEWORK, SERVICES);
    answer_by_csv(&plain, &["--layout", "long"], "seen");
    let figures = |text: &str| -> Vec<String> {
        let rows = read_csv(text);
        rows.iter().skip(1).map(|row| format!("{} {}", row[2], row[6])).collect()
    };
    let expected = figures(&ranking(&plain));
    let long = "x".repeat(10_000);
    for hostile in HOSTILE.iter().chain([&long.as_str()]) {
        let quoted = serde_json::Value::from(*hostile).to_string();
        let framework =
            FRAMEWORK.replace("\"Waiting?\"", &quoted).replace("en: Web site", &format!("en: {quoted}"));
        let title = format!("s-2,\"{}\"", hostile.replace('"', "\"\""));
        let services = SERVICES.replace("s-2,Second service", &title);
        let folder = round(&framework, &services);
        for workbook in [false, true] {
            if workbook {
                answer_by_workbook(&folder, hostile);
            } else {
                answer_by_csv(&folder, &["--layout", "long"], hostile);
            }
            assert_eq!(figures(&ranking(&folder)), expected, "{hostile} {workbook}");
        }
        assert_stays_text(&folder, hostile);
        folder.run(&["handbook", "--framework", "framework.yaml", "-o", "handbook.html"]).exits(0);
        let page = folder.read("handbook.html");
        assert!(!page.contains("<script>alert") && !page.contains('\u{202e}'), "{hostile}");
    }
}

/// In the workbook no cell that shows the text is a formula; in a CSV none would be taken for one.
fn assert_stays_text(folder: &Folder, hostile: &str) {
    let mut workbook = open_workbook_auto(folder.join("all.xlsx")).expect("a workbook");
    let sheet = workbook.worksheet_range("s-2").expect("a sheet");
    let formulas = workbook.worksheet_formula("s-2").expect("formulas");
    let shown: Vec<(u32, u32)> = sheet
        .used_cells()
        .filter(|(_, _, cell)| {
            cell.to_string().replace('\r', "").starts_with(&hostile[..8.min(hostile.len())])
        })
        .map(|(row, column, _)| (row as u32, column as u32))
        .collect();
    assert!(shown.len() >= 2, "title and question are there: {hostile}");
    assert!(shown.iter().all(|at| formulas.get_value(*at).is_none_or(String::is_empty)), "{hostile}");
    folder.run(&["template", "--layout", "long", "-o", "plain.csv"]).exits(0);
    for row in read_csv(&folder.read("plain.csv")) {
        let dangerous = row.iter().find(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
        assert_eq!(dangerous, None, "{hostile}");
    }
}
