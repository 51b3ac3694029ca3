//! How long the parts of a scoring take, each alone and on one thread: `cargo bench --bench parts`.
//!
//! The answers are an export of 2,000 services that `demo` makes up, on the framework that comes with the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use asan_index::commands::inputs::EMBEDDED;
use asan_index::diagnostic::Findings;
use asan_index::engine::rank::Results;
use asan_index::engine::score::Scorer;
use asan_index::format::{Style, csv::write_long};
use asan_index::framework::{Aggregation, Framework};
use asan_index::limit::Limits;
use asan_index::messages::Language;
use asan_index::number::Quantity;
use asan_index::parallel;
use asan_index::read;
use asan_index::read::framework::Origin;
use asan_index::read::round::{Head, Input, Options};
use asan_index::round::{Dialect, Round};
use asan_index::view::Speech;
use asan_index::view::ranking::Rankings;
use csv::{ByteRecord, QuoteStyle, ReaderBuilder, WriterBuilder};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

fn main() {
    parallel::use_threads(1);
    divan::main();
}

/// What the parts work on.
struct Made {
    folder: PathBuf,
    framework: Framework,
    round: Round,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parts");
    // It is there from an earlier run, or it is not.
    let _ = fs::remove_dir_all(&folder);
    let mut demo = Command::new(env!("CARGO_BIN_EXE_asan-index"));
    let status = demo.arg("demo").arg(&folder).args(["--services", "2000", "--export"]).status();
    assert!(status.is_ok_and(|status| status.success()), "an export");
    let mut framework = framework();
    let mut findings = Findings::default();
    round_head(&folder).apply_policy(&mut framework, &mut findings);
    let round = round(&folder, &framework);
    Made { folder, framework, round }
});

impl Made {
    fn answers(&self) -> PathBuf {
        self.folder.join("answers/services.csv")
    }
}

fn framework() -> Framework {
    let mut findings = Findings::default();
    let read = read::framework::read(&Origin::Embedded(EMBEDDED), &Limits::default(), &mut findings);
    read.ok().and_then(|(framework, _)| framework).expect("the framework that comes with the program")
}

fn round_head(folder: &Path) -> Head {
    read::round::head(folder, &Limits::default(), &mut Findings::default()).expect("a head")
}

fn round(folder: &Path, framework: &Framework) -> Round {
    let (input, head) = (Input::Folder(folder.to_owned()), round_head(folder));
    let (options, mut findings) = (Options::default(), Findings::default());
    let read = read::round::read(&input, &head, framework, &options, &mut Vec::new(), &mut findings);
    let (round, stops) = read.expect("files that can be read");
    assert!(!stops && !findings.has_errors(), "a sound round");
    round
}

fn size(path: &Path) -> BytesCount {
    BytesCount::new(fs::metadata(path).expect("a file").len())
}

#[divan::bench]
fn read_framework() -> Framework {
    framework()
}

#[divan::bench]
fn read_long(bencher: Bencher) {
    let made = &*MADE;
    bencher.counter(size(&made.answers())).bench(|| round(&made.folder, &made.framework));
}

/// The same answers, every cell in quotes.
#[divan::bench]
fn read_quoted(bencher: Bencher) {
    let made = &*MADE;
    let folder = made.folder.with_file_name("parts-quoted");
    fs::create_dir_all(folder.join("answers")).expect("a folder");
    fs::copy(made.folder.join("round.yaml"), folder.join("round.yaml")).expect("a head");
    let quoted = folder.join("answers/services.csv");
    let mut rows = ReaderBuilder::new().has_headers(false).from_path(made.answers()).expect("an export");
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_path(&quoted).expect("a file");
    for row in rows.byte_records() {
        writer.write_byte_record(&row.expect("a row")).expect("a file");
    }
    writer.flush().expect("a file");
    bencher.counter(size(&quoted)).bench(|| round(&folder, &made.framework));
}

/// What reading is held against: fields, and nothing done with them.
#[divan::bench]
fn split_by_csv_crate(bencher: Bencher) {
    let answers = MADE.answers();
    bencher.counter(size(&answers)).bench(|| {
        let mut reader = ReaderBuilder::new().from_path(&answers).expect("an export");
        let mut record = ByteRecord::new();
        let mut fields = 0;
        while reader.read_byte_record(&mut record).expect("a row") {
            fields += record.len();
        }
        fields
    });
}

#[divan::bench]
fn parse_numbers(bencher: Bencher) {
    let texts: Vec<String> = (0..1000).map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)).collect();
    let parse = || texts.iter().filter_map(|text| Quantity::parse(text)).count();
    bencher.counter(ItemsCount::new(texts.len())).bench(parse);
}

#[divan::bench(args = [Aggregation::Arithmetic, Aggregation::Geometric])]
fn score(bencher: Bencher, mean: Aggregation) {
    let Made { framework, round, .. } = &*MADE;
    let mut framework = framework.clone();
    framework.policy.aggregation = vec![mean];
    let scorer = Scorer::new(&framework, round);
    let index = |service| scorer.service(service).index();
    let services = ItemsCount::new(round.service_indices().count());
    bencher.counter(services).bench(|| round.service_indices().filter_map(index).count());
}

/// By the first dimension.
#[divan::bench]
fn rank(bencher: Bencher) {
    let Made { framework, round, .. } = &*MADE;
    let results = Results::compute(&Scorer::new(framework, round), &[]);
    bencher.counter(ItemsCount::new(results.order.len())).with_inputs(|| results.clone()).bench_values(
        |mut results| {
            results.rerank_by(framework.top_groups()[0], round);
            results
        },
    );
}

#[divan::bench]
fn write_ranking(bencher: Bencher) {
    let Made { framework, round, .. } = &*MADE;
    let results = Results::compute(&Scorer::new(framework, round), &[]);
    let speech = Speech { program: Language::default(), texts: "en".to_owned() };
    let rankings = Rankings { framework, round, results: &results, speech: &speech };
    let style = Style {
        width: 0,
        colour: false,
        dialect: Dialect::Rfc,
        raw: false,
        language: Language::default(),
        folded: false,
    };
    let write = || {
        let mut out = Vec::new();
        write_long(&rankings.ranking(), style, &mut out).expect("memory");
        out
    };
    bencher.counter(BytesCount::new(write().len())).bench(write);
}
