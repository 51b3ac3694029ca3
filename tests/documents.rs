//! Rounds to begin with, and workbooks of answers, through the real binary.

mod support;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use support::{Folder, TINY};

/// A folder with the tiny framework and one workbook of answers.
fn round(name: &str, fill: impl FnOnce(&mut Workbook)) -> Folder {
    let folder = Folder::with(&[("framework.yaml", TINY), ("round.yaml", "framework: framework.yaml\n")]);
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    folder.write(&format!("answers/{name}"), &workbook.save_to_buffer().expect("a workbook"));
    folder
}

#[test]
fn a_started_round_scores_at_once_and_is_never_overwritten() {
    let folder = Folder::with(&[]);
    for args in [&["init", "one"][..], &["init", "az", "--lang", "az"], &["init", "own", "--framework-copy"]]
    {
        folder.run(args).exits(0);
        let out = folder.run(&["score", args[1], "--format", "csv"]).exits(0).out();
        assert!(out.contains("\n1,1,service-1,"), "{out}");
        assert!(out.contains(",0.00,E,0,128,"), "{out}");
    }
    folder.write("one/round.yaml", b"id: mine\n");
    let run = folder.run(&["init", "one"]).exits(2);
    assert!(run.err().contains("is there already"), "{}", run.err());
    assert_eq!(folder.read("one/round.yaml"), "id: mine\n");
    // A single file in the way keeps everything from being written.
    folder.write("part/services.csv", b"mine");
    folder.run(&["init", "part"]).exits(2);
    assert!(!folder.join("part/round.yaml").exists());
}

#[test]
fn a_workbook_is_read_wherever_its_header_stands() {
    // 48 of 50 and `yes`: (1 + 3 x 0.96) / 4 = 0.97; a percentage of 0.5 and `false`: 3 x 0.5 / 4 = 0.375.
    let folder = round("any.xlsx", |workbook| {
        let percent = Format::new().set_num_format("0%");
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "Fill the green cells").expect("a cell");
        for (column, title) in ["xidmət", "alt meyar", "sual", "cavab"].into_iter().enumerate() {
            sheet.write(2, column as u16, title).expect("a cell");
        }
        for (row, (service, parameter)) in
            [("s1", "A"), ("s1", "B"), ("s2", "A"), ("s2", "B")].into_iter().enumerate()
        {
            sheet.write(row as u32 + 3, 0, service).expect("a cell");
            sheet.write(row as u32 + 3, 1, parameter).expect("a cell");
        }
        sheet.write(3, 3, true).expect("a cell");
        sheet.write(4, 3, Formula::new("=100*48/50").set_result("96")).expect("a cell");
        sheet.write(5, 3, "no").expect("a cell");
        sheet.write_with_format(6, 3, 0.5, &percent).expect("a cell");
        let hidden = workbook.add_worksheet().set_hidden(true);
        hidden.write(0, 0, "service").expect("a cell");
        hidden.write(0, 1, "A").expect("a cell");
        hidden.write(1, 0, "ghost").expect("a cell");
    });
    let out = folder.run(&["score", "--format", "csv"]).exits(0).out();
    let rows: Vec<&str> = out.lines().skip(1).collect();
    assert_eq!(rows, ["1,1,s1,s1,,,97.00,,2,2,97.00", "2,2,s2,s2,,,37.50,,2,2,37.50"]);
}

#[test]
fn findings_in_a_workbook_name_the_sheet_and_cell() {
    let folder = round("s1.xlsx", |workbook| {
        let sheet = workbook.add_worksheet().set_name("Vərəq 1").expect("a name");
        for (row, (parameter, answer)) in [("parameter", "answer"), ("A", "maybe")].into_iter().enumerate() {
            sheet.write(row as u32, 0, parameter).expect("a cell");
            sheet.write(row as u32, 1, answer).expect("a cell");
        }
        let day = ExcelDateTime::from_ymd(2025, 12, 5).expect("a day");
        sheet.write(2, 0, "B").expect("a cell");
        sheet.write_with_format(2, 1, &day, &Format::new().set_num_format("dd.mm.yyyy")).expect("a cell");
    });
    let err = folder.run(&["score"]).exits(1).err();
    for expected in ["answer-unknown", "Vərəq 1!B2", "answer-is-a-date", "Vərəq 1!B3"] {
        assert!(err.contains(expected), "{expected}: {err}");
    }
}

#[test]
fn what_is_no_workbook_of_answers_is_told() {
    let folder = round("s1.xlsx", |workbook| {
        workbook.add_worksheet().write(0, 0, "nothing here").expect("a cell");
    });
    assert!(folder.run(&["score"]).exits(1).err().contains("no sheet of the workbook has a header"));
    folder.write("answers/s1.xlsx", b"PK\x03\x04 cut off");
    assert!(folder.run(&["score"]).exits(1).err().contains("not a workbook that can be read"));
}

#[test]
fn a_handbook_has_every_question_in_either_language() {
    let folder = Folder::with(&[]);
    folder.run(&["handbook", "-o", "en.html", "--lang", "en"]).exits(0);
    folder.run(&["handbook", "-o", "az.html", "--lang", "az"]).exits(0);
    let markdown = folder.run(&["handbook", "--lang", "en"]).exits(0).out();
    let list = folder.run(&["framework", "list", "--format", "csv"]).exits(0).out();
    let (english, azerbaijani) = (folder.read("en.html"), folder.read("az.html"));
    let ids: Vec<&str> = list.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(ids.len(), 143);
    for id in ids {
        for page in [&english, &azerbaijani] {
            assert!(page.contains(&format!("<section id=\"id-{id}\">")), "{id}");
        }
        assert!(markdown.contains(&format!("### {id} ")), "{id}");
    }
    assert!(english.contains("not the official one") && azerbaijani.contains("rəsmi deyil"));
    folder.run(&["handbook", "-o", "handbook.xlsx"]).exits(2);
}

/// The cells of a sheet, read with another library than the one that wrote them.
fn cells(folder: &Folder, name: &str, sheet: &str) -> Vec<Vec<String>> {
    use calamine::{Reader, open_workbook_auto};
    let mut workbook = open_workbook_auto(folder.join(name)).expect("a workbook");
    let range = workbook.worksheet_range(sheet).expect("a sheet");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn sheets_ask_what_applies_and_come_back_as_answers() {
    let framework = TINY.replace("weight: 3 }", "weight: 3, applies_when: { fee: paid } }");
    let framework = framework.replace("groups:", "attributes: { fee: { values: [paid, free] } }\ngroups:");
    let files = [
        ("framework.yaml", framework.as_str()),
        ("round.yaml", "id: r1\nframework: framework.yaml\n"),
        ("services.csv", "service,title,fee\ns1,One,paid\ns2,=2+2,free\n"),
    ];
    let folder = Folder::with(&files);
    folder.run(&["template", "-o", "all.xlsx"]).exits(0);
    folder.run(&["template", "-o", "all.xlsx"]).exits(2);
    let rows = cells(&folder, "all.xlsx", "s1");
    assert_eq!(rows[0][0], "One");
    assert!(rows[1][0].starts_with("asan-index/sheet/1 {\"round\":\"r1\""), "{}", rows[1][0]);
    let header = "group parameter question answers verification answer evidence comment preview service";
    assert_eq!(rows[3].join(" "), header);
    assert_eq!(rows[5][1..4], ["B", "B?", "number (%), 0 – 100; or a share such as 48/50"]);
    assert_eq!(rows[5][9], "s1");
    // What does not apply is grey with the reason: s2 is free.
    assert_eq!(cells(&folder, "all.xlsx", "s2")[5][3], "does not apply to this service: fee: paid");
    // A blank sheet is no answer, and one of another round or framework is told.
    folder.run(&["template", "-o", "answers", "--service", "s2"]).exits(0);
    let run = folder.run(&["score", "--format", "csv"]).exits(0);
    assert!(run.out().contains(",0.00,"), "{}", run.out());
    assert!(!run.err().contains("foreign-sheet") && !run.err().contains("stale-sheet"), "{}", run.err());
    folder.write("round.yaml", b"id: r2\nframework: framework.yaml\n");
    folder.write("framework.yaml", framework.replace("Tiny", "Other").as_bytes());
    let err = folder.run(&["score"]).exits(0).err();
    assert!(err.contains("foreign-sheet 1") && err.contains("stale-sheet 1"), "{err}");
    // Every layout of CSV, filled, is read back: s2 is asked A alone.
    for layout in ["long", "wide", "per-service", "evidence"] {
        folder.run(&["template", "--layout", layout, "-o", &format!("csv-{layout}")]).exits(0);
    }
    assert_eq!(folder.read("csv-wide/wide.csv"), "service,A,B\ns1,,\ns2,,\n");
    let long = folder.read("csv-long/long.csv");
    let ids: Vec<String> =
        long.lines().skip(1).map(|row| row.split(',').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(ids, ["s1 A", "s1 B", "s2 A"]);
    assert!(
        folder
            .run(&["template", "-o", "x.xlsx", "--service", "s9"])
            .exits(2)
            .err()
            .contains("no service `s9`")
    );
}
