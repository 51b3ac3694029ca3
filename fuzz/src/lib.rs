//! What each fuzz target does with its bytes. `tests/fuzz.rs` of the program includes this file, and
//! does the same with the committed seeds.
//!
//! A target fails by a panic: of the program, or of what is asserted here.

use std::io::{Cursor, Write};
use std::path::{Component, Path};
use std::sync::OnceLock;

use asan_index::cli::{Cli, Command};
use asan_index::commands::inputs::{Colour, EMBEDDED, Global, OutputArgs};
use asan_index::commands::{Terminal, Verdict, check, run, score};
use asan_index::diagnostic::Findings;
use asan_index::diagnostic::render::{self, Checked};
use asan_index::engine::rank::Results;
use asan_index::engine::score::Scorer;
use asan_index::format::Format;
use asan_index::framework::{Framework, Parameter};
use asan_index::limit::Limits;
use asan_index::number::{Half, Published, Quantity, Ratio, Score, Weight, parse_decimal};
use asan_index::read::framework::{Origin, read};
use asan_index::read::round::{self, Input, Options, head};
use asan_index::read::sheet::{Layout, Sheet};
use asan_index::read::table::Table;
use asan_index::round::Round;
use asan_index::scale::Entry;

/// A target: its name, and what it does with its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 9] = [
    ("framework", framework),
    ("long", long),
    ("wide", wide),
    ("service", service),
    ("entity", entity),
    ("evidence", evidence),
    ("number", number),
    ("xlsx", xlsx),
    ("check", folder),
];

/// The bytes are a framework in one file.
pub fn framework(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("framework.yaml");
    std::fs::write(&path, bytes).expect("a file");
    let mut findings = Findings::default();
    let (framework, _) =
        read(&Origin::Disk(path), &Limits::default(), &mut findings).expect("a file that can be read");
    assert_eq!(framework.is_none(), findings.has_errors(), "no framework without a reason");
    if let Some(framework) = framework {
        tell(&framework, "best.csv", best_answers(&framework).as_bytes(), &mut findings);
    }
    show(&findings);
}

/// The bytes are a file of answers, one to a row.
pub fn long(bytes: &[u8]) {
    answers(Layout::Long, bytes);
}

/// The bytes are a file of answers, a service to a row.
pub fn wide(bytes: &[u8]) {
    answers(Layout::Wide, bytes);
}

/// The bytes are a file of answers of the service that it is named after.
pub fn service(bytes: &[u8]) {
    answers(Layout::PerService, bytes);
}

/// The bytes are a file of answers of entities.
pub fn entity(bytes: &[u8]) {
    answers(Layout::Entity, bytes);
}

/// The bytes are a file of evidence for answers given elsewhere.
pub fn evidence(bytes: &[u8]) {
    answers(Layout::Evidence, bytes);
}

/// The bytes are a number, in each of the forms in which one is read.
pub fn number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(weight) = Weight::parse(text) {
        assert_eq!(Some(u128::from(weight.units())), billionths(text), "{text}");
        assert_eq!(Weight::parse(&weight.to_string()), Ok(weight), "{text}");
    }
    if let Ok(score) = Score::parse(text) {
        assert_eq!(Some(u128::from(score.units())), billionths(text), "{text}");
        assert_eq!(Score::parse(&score.to_string()), Ok(score), "{text}");
    }
    if let Ok(decimal) = parse_decimal(text) {
        assert_eq!(parse_decimal(&decimal.to_string()), Ok(decimal), "{text}");
    }
    if let Some(quantity) = Quantity::parse(text) {
        published(&quantity.value());
        let point = text.replacen(',', ".", 1);
        assert_eq!(Quantity::parse(&point), Some(quantity), "{text}");
    }
    let framework = embedded();
    for scale in &framework.scales {
        if let Ok(Entry::Given(answer)) = scale.read(text, &framework.words) {
            let worth = scale.score(&answer);
            assert!(worth.is_none_or(|worth| worth >= scale.worst() && worth <= scale.best()), "{text}");
        }
    }
}

/// The bytes are a workbook, or the parts of one: see [`parts`].
pub fn xlsx(bytes: &[u8]) {
    let bytes = if bytes.starts_with(b"PK") { bytes.to_vec() } else { workbook(bytes) };
    let mut findings = Findings::default();
    tell(embedded(), "a.xlsx", &bytes, &mut findings);
    show(&findings);
}

/// The bytes are the files of a folder (see [`parts`]): it is checked, and scored where nothing is wrong.
pub fn folder(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut is_round, mut names_framework) = (false, false);
    for (name, bytes) in parts(bytes) {
        let is_inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
        let path = folder.path().join(&name);
        if is_inside && path.parent().is_some_and(|parent| std::fs::create_dir_all(parent).is_ok()) {
            is_round |= std::fs::write(path, bytes).is_ok() && name == "round.yaml";
            names_framework |= bytes.windows(10).any(|words| words == b"framework:");
        }
    }
    // The framework of the program is sound, and takes long to read: all that names none would be slow.
    if !names_framework {
        return;
    }
    let paths = vec![folder.path().to_path_buf()];
    let checked = carry_out(Command::Check(check::Args {
        paths: paths.clone(),
        format: check::Format::Human,
        deny: Vec::new(),
        allow: Vec::new(),
        max_findings: None,
        previous: None,
        explain: None,
        list: false,
    }));
    if is_round && checked.is_some_and(|verdict| verdict == Verdict::Done) {
        let output = OutputArgs { format: Some(Format::Csv), ..OutputArgs::default() };
        let scored = carry_out(Command::Score(score::Args { paths, output, detail: true, hold_out: false }));
        assert_eq!(scored, Some(Verdict::Done), "nothing is wrong, and it is not scored");
    }
}

/// Carries out a command; none where it says that it cannot.
fn carry_out(command: Command) -> Option<Verdict> {
    let global = Global {
        folder: None,
        framework: None,
        weights: Vec::new(),
        stage: None,
        encoding: None,
        limit: Vec::new(),
        lang: None,
        color: Colour::Always,
        threads: None,
        quiet: false,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut terminal =
        Terminal { out: &mut out, err: &mut err, width: 100, out_is_terminal: true, err_is_terminal: true };
    run(&Cli { global, command: Some(command) }, &mut terminal).ok()
}

/// The framework of the program, read once.
fn embedded() -> &'static Framework {
    static FRAMEWORK: OnceLock<Framework> = OnceLock::new();
    FRAMEWORK.get_or_init(|| {
        let (limits, mut findings) = (Limits::default(), Findings::default());
        let (framework, _) = read(&Origin::Embedded(EMBEDDED), &limits, &mut findings).expect("text");
        framework.expect("a framework without faults")
    })
}

/// Reads a file of answers that has this layout, to the end: into a round, and its figures.
fn answers(layout: Layout, bytes: &[u8]) {
    let mut findings = Findings::default();
    let table = Table::read("a.csv", bytes.to_vec(), None);
    let sheet = table.ok().and_then(|table| Sheet::new(table, "a", embedded(), &mut findings));
    if sheet.is_none_or(|sheet| sheet.layout() == layout) {
        tell(embedded(), "a.csv", bytes, &mut findings);
    }
    show(&findings);
}

/// A sheet that gives a service the best answer to everything.
fn best_answers(framework: &Framework) -> String {
    let row = |parameter: &Parameter| {
        let scale = &framework.scales[parameter.scale];
        let answer = scale.write(&scale.best_answer(), &framework.words);
        format!("a,{},\"{}\"\n", parameter.id.as_str(), answer.replace('"', "\"\""))
    };
    let rows: String = framework.parameters.iter().map(row).collect();
    format!("service,parameter,answer\n{rows}")
}

/// Takes a file twice, in two stages of a round, and computes its figures.
fn tell(framework: &Framework, name: &str, bytes: &[u8], findings: &mut Findings) {
    const STAGES: &str = "stages: [{ id: submitted }, { id: final, unconfirmed: void }]\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    std::fs::write(path.join("round.yaml"), STAGES).expect("a file");
    for stage in ["answers/submitted", "answers/final"] {
        std::fs::create_dir_all(path.join(stage)).expect("a folder");
        std::fs::write(path.join(stage).join(name), bytes).expect("a file");
    }
    let head = head(path, &Limits::default(), findings).expect("a round");
    let input = Input::Folder(path.to_path_buf());
    let options = Options { places: true, ..Options::default() };
    let (round, stops) =
        round::read(&input, &head, framework, &options, &mut Vec::new(), findings).expect("a round");
    if !stops {
        figures(framework, &round);
    }
}

/// Computes every figure; none may leave 0 to 100.
fn figures(framework: &Framework, round: &Round) {
    let results = Results::compute(&Scorer::new(framework, round), framework.top_groups());
    for result in results.ranked() {
        let groups = result.figures.iter().flat_map(|figures| figures.groups.iter().flatten());
        for figure in groups.copied().chain(result.index()) {
            assert!((0..=100 * 10i64.pow(figure.decimals())).contains(&figure.units()), "{figure}");
        }
    }
}

/// Writes findings in every form but SARIF, which says what JSON says after a long list of all codes.
fn show(findings: &Findings) {
    let sorted = findings.sorted();
    for render in [render::json, render::github] {
        render(findings, &sorted, &Checked::default());
    }
    render::human(findings, &sorted, &Checked::default(), true);
}

/// A value rounded to every number of places is within half a unit of the last one.
fn published(value: &Ratio) {
    for decimals in 0..=9 {
        for half in [Half::Up, Half::Even] {
            let figure = Published::from_ratio(value, decimals, half);
            // A figure beyond what a framework can publish is cut, and no share is one.
            if figure.units() == Published::MOST {
                continue;
            }
            let away = figure.ratio().minus(value);
            let step = Ratio::new(1.into(), (200 * 10u64.pow(decimals)).into());
            assert!(away <= step && Ratio::zero().minus(&away) <= step, "{figure}");
        }
    }
}

/// The billionths of a plain decimal, by its digits alone.
fn billionths(text: &str) -> Option<u128> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let places = places.trim_end_matches('0');
    let padded = format!("{}{places:0<9}", whole.trim_start_matches('-'));
    padded.parse().ok()
}

/// Files in one text: each begins with a line of `=====`, a space and its path.
fn parts(bytes: &[u8]) -> Vec<(String, &[u8])> {
    const MARK: &[u8] = b"===== ";
    let mut starts: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(MARK)).collect();
    starts.retain(|at| *at == 0 || bytes[*at - 1] == b'\n');
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    let part = |(start, end): (&usize, usize)| {
        let part = &bytes[start + MARK.len()..end];
        let line = part.iter().position(|byte| *byte == b'\n')?;
        let name = std::str::from_utf8(&part[..line]).ok()?;
        Some((name.to_owned(), &part[line + 1..]))
    };
    starts.iter().zip(ends).filter_map(part).collect()
}

/// A workbook of one sheet, over whose parts those given go.
pub fn workbook(bytes: &[u8]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let link = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="{LINKS}/{kind}" Target="{target}"/>"#)
    };
    let usual = [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}">{}</Relationships>"#,
                link("r", "officeDocument", "xl/workbook.xml")
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}">{}{}{}</Relationships>"#,
                link("s", "worksheet", "worksheets/sheet1.xml"),
                link("t", "sharedStrings", "sharedStrings.xml"),
                link("u", "styles", "styles.xml")
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="A" sheetId="1" r:id="s"/></sheets></workbook>"#
            ),
        ),
    ];
    let given = parts(bytes);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let usual = usual.iter().filter(|(name, _)| given.iter().all(|(other, _)| other != name));
    let usual = usual.map(|(name, text)| ((*name).to_owned(), text.as_bytes()));
    for (name, part) in usual.chain(given.iter().map(|(name, part)| (name.clone(), *part))) {
        // A name that is there already, or none, is refused: the part is left out.
        if archive.start_file(name, stored).is_ok() {
            archive.write_all(part).expect("memory");
        }
    }
    archive.finish().expect("memory").into_inner()
}
