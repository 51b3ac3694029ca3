//! Arrows point down only: a module uses those of its own floor or of floors below it, `read` and
//! `engine` never see each other, and `engine` never sees a document.

use std::path::{Path, PathBuf};

/// The floors, from the ground up, as the crate's documentation tells them.
const FLOORS: [&[&str]; 5] = [
    &["number", "id", "text", "source", "random", "parallel", "diagnostic", "limit"],
    &["scale", "framework", "round", "stamp", "trail"],
    &["read", "engine", "demo"],
    &["document", "view", "format", "messages"],
    &["cli", "commands", "output"],
];

fn floor(module: &str) -> usize {
    FLOORS
        .iter()
        .position(|modules| modules.contains(&module))
        .unwrap_or_else(|| panic!("`{module}` stands on no floor: give it one here and in src/lib.rs"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules that a source names as `crate::module`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn arrows_point_down_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&root) {
        let inner = path.strip_prefix(&root).expect("below src");
        let module = inner.components().next().expect("a name").as_os_str().to_string_lossy();
        let module = module.trim_end_matches(".rs").to_owned();
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        for target in used(&text) {
            let upward = floor(target) > floor(&module);
            let sideways = [("read", "engine"), ("engine", "read")].contains(&(module.as_str(), target));
            assert!(!upward && !sideways, "{}: `{module}` uses `{target}`", inner.display());
        }
    }
}
