//! The fuzz targets over the committed seeds: what fuzzing once found stays mended.

mod support;
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

use support::Folder;

#[test]
fn every_target_takes_its_seeds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (name, target) in targets::TARGETS {
        assert!(fuzz.join(format!("targets/{name}.rs")).is_file(), "{name} has no target");
        let seeds = std::fs::read_dir(fuzz.join("seeds").join(name)).expect("a folder of seeds");
        let mut number = 0;
        for seed in seeds {
            let path = seed.expect("a seed").path();
            let bytes = std::fs::read(&path).expect("a file");
            assert!(std::panic::catch_unwind(|| target(&bytes)).is_ok(), "{}", path.display());
            number += 1;
        }
        assert!(number >= 3, "{name} has {number} seeds");
    }
}

/// A sheet with a header of answers, and more rows.
fn sheet(rows: &str) -> Vec<u8> {
    let header =
        r#"<row r="1"><c r="A1" t="str"><v>parameter</v></c><c r="B1" t="str"><v>answer</v></c></row>"#;
    let sheet = format!(
        "===== xl/worksheets/sheet1.xml\n<worksheet><sheetData>{header}{rows}</sheetData></worksheet>"
    );
    targets::workbook(sheet.as_bytes())
}

#[test]
fn a_sheet_is_not_as_large_as_its_farthest_cell_claims() {
    let far = r#"<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>"#.to_owned();
    let row = |row: usize| format!(r#"<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>"#);
    let wide: String = (2..1000).map(row).collect();
    for (rows, told) in [(far, "a cell lies outside of every sheet"), (wide, "a sheet has too many cells")] {
        let folder = Folder::with(&[]);
        folder.write("answers/a.xlsx", &sheet(&rows));
        let run = folder.run(&["check", "."]).exits(1);
        assert!(run.out().contains(told), "{}", run.out());
    }
}
