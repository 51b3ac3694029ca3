//! How long whole commands take, on made-up rounds and on a published one: `cargo bench --bench commands`.
//!
//! Each row is the median of some runs of the real program, from its start to its end.
#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_asan-index");

/// Runs the program in a folder and takes the time; 0 and 1 are its statuses for what it has judged.
fn run(folder: &Path, line: &str) -> Duration {
    let begun = Instant::now();
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).args(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("the program runs");
    assert!(matches!(status.code(), Some(0 | 1)), "{line}: {status}");
    begun.elapsed()
}

fn median(folder: &Path, line: &str, runs: usize) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| run(folder, line)).collect();
    times.sort();
    times[runs / 2]
}

/// Gives all services of a round to its first body.
fn give_to_one_body(folder: &Path) {
    let path = folder.join("services.csv");
    let text = std::fs::read_to_string(&path).expect("a registry");
    let given = (2..=9).fold(text, |text, at| text.replace(&format!(",body-0{at},"), ",body-01,"));
    std::fs::write(&path, given).expect("a registry");
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = tempfile::tempdir().expect("a temporary folder");
    for line in [
        "demo files --services 1000 --layout per-service --seed 1",
        "demo r600 --services 600 --seed 3",
        "demo large --services 10000 --seed 4",
        "demo body60 --services 60 --seed 3",
    ] {
        run(made.path(), line);
    }
    give_to_one_body(&made.path().join("body60"));
    println!("| command | seconds |\n| --- | ---: |");
    for (folder, line, runs) in [
        (root, "score examples/round-2025", 21),
        (root, "robustness tests/published/asem-coinr/round-arithmetic --draws 1000 --draws-only", 21),
        (made.path(), "score files", 7),
        (made.path(), "check files", 7),
        (made.path(), "robustness r600 --draws 10000 --draws-only", 5),
        (made.path(), "report r600 -o report.html", 5),
        (made.path(), "plan r600 -o plans", 5),
        (root, "plan examples/round-2025 --entity serincay --target 50", 5),
        (made.path(), "plan body60 --entity body-01 --target 70", 5),
        (made.path(), "plan body60 --target 70", 3),
        (made.path(), "plan r600 --target 70 -o optimal", 1),
        (made.path(), "score large", 5),
        (made.path(), "report large --pages site", 1),
    ] {
        println!("| `{line}` | {:.3} |", median(folder, line, runs).as_secs_f64());
    }
}
