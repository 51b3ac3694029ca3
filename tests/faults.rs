//! What a run leaves behind when one of its calls that write fails, when the disk is full from some call on,
//! and when it is killed before one: each such call of each command in turn.
//!
//! `tests/faults/supervisor.c` stands between the program and the kernel; without a kernel that allows it
//! nothing is tested, and a line says so. `ASAN_FAULTS=all` lets each call fail in every way.
#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use support::{Folder, Run, TINY};

/// How the names of what is not yet in its place begin.
const STAGED: &str = ".asan-index-";
/// No space left on device, permission denied, input/output error.
const ERRORS: [(i32, &str); 3] =
    [(28, "No space left"), (13, "Permission denied"), (5, "Input/output error")];

/// The supervisor, compiled; none where the kernel does not allow it.
#[expect(clippy::print_stderr, reason = "what is not tested is said")]
fn supervisor() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let build = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("supervisor");
        let mut cc = Command::new("cc");
        cc.arg(root.join("tests/faults/supervisor.c")).arg("-o").arg(&to);
        assert!(cc.status().expect("the compiler that Rust links with").success());
        let log = to.with_extension("log");
        let trial = Command::new(&to).arg(log).args(["0", "0", "/bin/true"]).status().expect("it runs");
        match trial.code() {
            Some(0) => Some(to),
            Some(125) => {
                eprintln!("not tested: this kernel does not hand calls to a supervisor");
                None
            }
            other => panic!("the supervisor ends in {other:?}"),
        }
    };
    BUILT.get_or_init(build).as_deref()
}

/// What happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Error(i32),
    Full,
    Kill,
}

/// The files below a folder and what they hold; folders are of no account.
type Tree = BTreeMap<String, Vec<u8>>;

fn tree(folder: &Path) -> Tree {
    fn walk(folder: &Path, inner: &str, found: &mut Tree) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = format!("{inner}{}", path.file_name().expect("a name").to_string_lossy());
            match path.is_dir() {
                // A staging folder that is empty is left behind all the same.
                true if name.contains(STAGED) => drop(found.insert(name, Vec::new())),
                true => walk(&path, &format!("{name}/"), found),
                false => drop(found.insert(name, std::fs::read(&path).expect("a file"))),
            }
        }
    }
    let mut found = Tree::new();
    walk(folder, "", &mut found);
    found
}

/// Without what was staged.
fn of_users(tree: &Tree) -> Tree {
    let theirs = tree.iter().filter(|(name, _)| !name.contains(STAGED));
    theirs.map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
}

/// A command and the files that it is run over.
struct Case {
    before: Tree,
    args: &'static [&'static str],
    /// What a message about any of its outputs names.
    named: &'static str,
    /// Whether all files change together, or none.
    is_set: bool,
    /// Whether the next run over what a killed one left does what this one was to do.
    goes_on: bool,
}

impl Case {
    fn folder(&self) -> Folder {
        let folder = Folder::with(&[]);
        self.before.iter().for_each(|(name, bytes)| folder.write(name, bytes));
        folder
    }

    /// Runs it with a fault at one call; gives what it came to and the names of the calls it made.
    fn run(&self, folder: &Folder, at: usize, fault: Fault) -> (Run, Vec<String>) {
        let log = Folder::with(&[]);
        let action = match fault {
            Fault::None => "0".to_owned(),
            Fault::Error(number) => number.to_string(),
            Fault::Full => "full".to_owned(),
            Fault::Kill => "kill".to_owned(),
        };
        let mut command = Command::new(supervisor().expect("a supervisor"));
        let output = command
            .arg(log.join("calls"))
            .args([&at.to_string(), &action, env!("CARGO_BIN_EXE_asan-index")])
            .args(self.args)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        let calls = log.read("calls").trim_end_matches('\0').lines().map(str::to_owned).collect();
        (Run(output), calls)
    }

    /// Disturbs every call in turn, and asserts what is promised.
    fn hold(&self) {
        if supervisor().is_none() {
            return;
        }
        let undisturbed = self.folder();
        let (run, calls) = self.run(&undisturbed, 0, Fault::None);
        run.exits(0);
        let new = tree(undisturbed.path());
        assert!(new != self.before && new == of_users(&new), "{:?}", new.keys());
        let every = std::env::var("ASAN_FAULTS").is_ok_and(|asked| asked == "all");
        let faults = ERRORS.iter().map(|(number, _)| Fault::Error(*number)).chain([Fault::Full]);
        let faults: Vec<Fault> = faults.collect();
        for at in 1..=calls.len() {
            let some = faults.iter().enumerate().filter(|(kind, _)| every || at % faults.len() == *kind);
            for fault in some.map(|(_, fault)| *fault).chain([Fault::Kill]) {
                self.disturb(at, fault, &calls[at - 1], &new);
            }
        }
    }

    fn disturb(&self, at: usize, fault: Fault, call: &str, new: &Tree) {
        let folder = self.folder();
        let (run, _) = self.run(&folder, at, fault);
        let after = tree(folder.path());
        let visible = of_users(&after);
        let what = format!("{:?}, {fault:?} at call {at} ({call}): {}", self.args, run.err());
        for name in visible.keys().chain(self.before.keys()).chain(new.keys()) {
            let found = after.get(name);
            assert!(found == self.before.get(name) || found == new.get(name), "{name} is half: {what}");
        }
        self.assert_manifests_last(&visible, new, &what);
        // What could not be removed is still there.
        let is_removal = ["unlink", "unlinkat", "rmdir"].contains(&call);
        if fault == Fault::Kill {
            assert_eq!(run.0.status.code(), None, "{what}");
        } else if fault == Fault::Full && visible == *new {
            assert_eq!(run.status(), 0, "nothing was written after this call: {what}");
        } else {
            assert_eq!(run.status(), 2, "{what}");
            let told = ERRORS.iter().any(|(_, words)| run.err().contains(words));
            assert!(told && run.err().contains(self.named), "{what}");
            assert!(visible.len() == after.len() || is_removal, "a temporary file is left: {what}");
            let is_move = call.starts_with("rename") || is_removal;
            let is_as_before = visible == self.before;
            assert!(!self.is_set || is_move || is_as_before, "only a part of the files is new: {what}");
        }
        if self.goes_on && after != self.before {
            let (run, _) = self.run(&folder, 0, Fault::None);
            assert_eq!(run.status(), 0, "the next run: {}\nafter {what}", run.err());
            let last = tree(folder.path());
            // Only a folder of results can be known to be no other run's.
            let last = if self.is_set { last } else { of_users(&last) };
            assert!(last == *new, "the next run leaves {:?}\nafter {what}", last.keys());
        }
    }

    /// Asserts that where a manifest is new, all that it names is.
    fn assert_manifests_last(&self, visible: &Tree, new: &Tree, what: &str) {
        let is_new =
            |name: &&String| visible.get(*name) == new.get(*name) && self.before.get(*name) != new.get(*name);
        for manifest in new.keys().filter(|name| name.ends_with("manifest.json")).filter(is_new) {
            let folder = Path::new(manifest).parent();
            let beside = |tree: &Tree| -> Tree {
                let own = tree.iter().filter(|(name, _)| Path::new(name).parent() == folder);
                own.map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
            };
            assert!(beside(visible) == beside(new), "{manifest} came before the rest: {what}");
        }
    }
}

/// A round of two services; `weight` is that of its first parameter.
fn round(weight: &str) -> Vec<(&'static str, String)> {
    vec![
        (
            "framework.yaml",
            TINY.replace("scale: yes-no, weight: 1", &format!("scale: yes-no, weight: {weight}")),
        ),
        ("round.yaml", "id: r\nframework: framework.yaml\n".to_owned()),
        ("services.csv", "service,title,entity\na,Alpha,X\nb,Beta,Y\n".to_owned()),
        ("answers/all.csv", "service,parameter,answer\na,A,yes\na,B,40\nb,A,no\nb,B,90\n".to_owned()),
    ]
}

/// The files of a round, after a run of the program over it and with what changed since.
fn after_run(args: &[&str], change: &[(&str, &str)]) -> Tree {
    let folder = Folder::with(&[]);
    round("1").iter().for_each(|(name, text)| folder.write(name, text.as_bytes()));
    if !args.is_empty() {
        folder.run(args).exits(0);
    }
    change.iter().for_each(|(name, text)| folder.write(name, text.as_bytes()));
    tree(folder.path())
}

/// Results change: by hand, a has 1 of 2 then where it had 1 of 4, as far as A goes.
fn heavier() -> String {
    round("3").swap_remove(0).1
}

#[test]
fn a_first_folder_of_results() {
    let before = after_run(&[], &[]);
    let args = &["score", "--detail", "-o", "out"];
    Case { before, args, named: "out", is_set: true, goes_on: true }.hold();
}

#[test]
fn results_over_earlier_ones_that_had_a_file_more() {
    let before = after_run(&["score", "--detail", "-o", "out"], &[("framework.yaml", &heavier())]);
    Case { before, args: &["score", "-o", "out"], named: "out", is_set: true, goes_on: true }.hold();
}

#[test]
fn results_over_earlier_ones_that_had_a_file_less() {
    let before = after_run(&["score", "-o", "out"], &[("framework.yaml", &heavier())]);
    let args = &["score", "--detail", "-o", "out"];
    Case { before, args, named: "out", is_set: true, goes_on: true }.hold();
}

#[test]
fn results_in_one_file() {
    for args in [&["score", "-o", "out.csv"], &["score", "-o", "out.xlsx"]] {
        let before = after_run(args, &[("framework.yaml", &heavier())]);
        Case { before, args, named: "out.", is_set: false, goes_on: true }.hold();
    }
}

#[test]
fn plans() {
    let before = after_run(&["plan", "-o", "plans"], &[("framework.yaml", &heavier())]);
    Case { before, args: &["plan", "-o", "plans"], named: "plans", is_set: true, goes_on: true }.hold();
}

#[test]
fn a_site() {
    let args = &["report", "--pages", "site", "--also", "az", "--draws", "10"];
    let before = after_run(args, &[("framework.yaml", &heavier())]);
    // Two folders, one in the other: each is a set.
    Case { before, args, named: "site", is_set: false, goes_on: true }.hold();
}

#[test]
fn collected_sheets() {
    let returned = [
        ("answers/all.csv", "service,parameter,answer\n"),
        ("returned/a.csv", "service,parameter,answer\na,A,no\na,B,40\n"),
        ("returned/b.csv", "service,parameter,answer\nb,A,yes\nb,B,90\n"),
    ];
    let before = after_run(&[], &returned);
    let args = &["-C", ".", "collect", "returned"];
    Case { before, args, named: "answers", is_set: false, goes_on: true }.hold();
}

#[test]
fn a_round_to_begin_with() {
    let before = after_run(&[], &[]);
    let args = &["init", "fresh", "--framework", "framework.yaml"];
    Case { before, args, named: "fresh", is_set: false, goes_on: false }.hold();
}

#[test]
fn sheets_to_be_filled() {
    let before = after_run(&[], &[]);
    Case { before, args: &["template", "-o", "sheets"], named: "sheets", is_set: false, goes_on: false }
        .hold();
}

#[test]
fn a_made_up_round() {
    let before = after_run(&[], &[]);
    let args = &["demo", "trial", "--services", "2", "--framework", "framework.yaml"];
    Case { before, args, named: "trial", is_set: true, goes_on: false }.hold();
}

#[test]
fn a_link_in_a_site_does_not_lead_a_run_elsewhere() {
    let folder = Folder::with(&[("elsewhere/index.html", "not of this site")]);
    after_run(&[], &[]).iter().for_each(|(name, bytes)| folder.write(name, bytes));
    std::fs::create_dir(folder.join("site")).expect("a folder");
    std::os::unix::fs::symlink(folder.join("elsewhere"), folder.join("site/az")).expect("a link");
    let run = folder.run(&["report", "--pages", "site", "--also", "az", "--draws", "0"]).exits(2);
    assert!(run.err().contains("site/az is a link that leads out of site"), "{}", run.err());
    assert_eq!(tree(&folder.join("elsewhere")).len(), 1);
}

#[test]
fn what_was_kept_of_standard_input_is_removed() {
    let folder = Folder::with(&[]);
    after_run(&[], &[]).iter().for_each(|(name, bytes)| folder.write(name, bytes));
    std::fs::create_dir(folder.join("temporary")).expect("a folder");
    let answers = std::fs::File::open(folder.join("answers/all.csv")).expect("a file");
    let mut command = support::command(&["score", "-"]);
    command.current_dir(folder.path()).env("TMPDIR", folder.join("temporary")).stdin(answers);
    Run(command.output().expect("it runs")).exits(0);
    assert!(tree(&folder.join("temporary")).is_empty());
}

#[test]
fn two_runs_into_one_folder_do_not_mix() {
    let folder = Folder::with(&[]);
    after_run(&["score", "--detail", "-o", "out"], &[("framework.yaml", &heavier())])
        .iter()
        .for_each(|(name, bytes)| folder.write(name, bytes));
    let before = tree(folder.path());
    let other = std::fs::File::open(folder.join("out")).expect("a folder");
    other.lock().expect("a lock");
    for args in [&["score", "-o", "out"][..], &["report", "--pages", "out", "--draws", "0"]] {
        let run = folder.run(args).exits(2);
        let told =
            "error: another run is writing to out: wait until it has ended, or choose another folder\n";
        assert!(run.err().ends_with(told), "{}", run.err());
    }
    assert!(tree(folder.path()) == before);
    drop(other);
    folder.run(&["score", "-o", "out"]).exits(0);
}

#[test]
fn of_many_runs_at_once_the_files_are_those_of_one() {
    let folder = Folder::with(&[]);
    let names = ["ranking.csv", "entity-ranking.csv", "scores.csv", "manifest.json"];
    let weights = ["1", "3", "5", "7"];
    let mut sets = Vec::new();
    for weight in weights {
        for (name, text) in round(weight) {
            folder.write(&format!("{weight}/{name}"), text.as_bytes());
        }
        folder.run(&["score", weight, "--detail", "-o", "out"]).exits(0);
        sets.push(names.map(|name| folder.read(&format!("out/{name}"))));
        std::fs::remove_dir_all(folder.join("out")).expect("gone");
    }
    for _ in 0..5 {
        let start = |weight: &&str| {
            let mut command = support::command(&["score", weight, "--detail", "-o", "out"]);
            command.current_dir(folder.path()).stderr(Stdio::piped()).spawn().expect("it runs")
        };
        let children: Vec<_> = weights.iter().cycle().take(8).map(start).collect();
        let ends: Vec<Run> =
            children.into_iter().map(|child| Run(child.wait_with_output().expect("an end"))).collect();
        for run in &ends {
            let refused = run.status() == 2 && run.err().contains("another run is writing to out");
            assert!(run.status() == 0 || refused, "{}: {}", run.status(), run.err());
        }
        assert!(ends.iter().any(|run| run.status() == 0));
        let found = names.map(|name| folder.read(&format!("out/{name}")));
        assert!(sets.contains(&found), "the folder is of several runs:\n{}", found.join("\n"));
        assert_eq!(tree(&folder.join("out")).len(), names.len());
    }
}
