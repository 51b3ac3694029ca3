//! Fingerprints of files, and what the manifests of a round say of its inputs, held against those that are there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::bounded;
use super::framework::hex;
use super::round::Options;
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::Framework;
use crate::limit::Limit;
use crate::source::{Place, shown};

/// The file that says how far a round has come.
const HEAD: &str = "round.yaml";

/// The file that says what a run wrote, from what, and by which rules.
pub const MANIFEST: &str = "manifest.json";

/// The size and SHA-256 of some bytes.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// How many bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

impl Fingerprint {
    /// That of a file, which may be larger than memory.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(file: &Path) -> io::Result<Self> {
        let mut hashing = Hashing::new(io::sink());
        io::copy(&mut BufReader::with_capacity(1 << 18, File::open(file)?), &mut hashing)?;
        Ok(hashing.finish().1)
    }

    /// As a manifest names it.
    pub fn entry(&self, path: &str) -> Value {
        json!({ "path": path, "size": self.size, "sha256": self.sha256 })
    }
}

/// Takes the fingerprint of what is written.
#[derive(Debug)]
pub struct Hashing<W> {
    to: W,
    size: u64,
    hash: Sha256,
}

impl<W> Hashing<W> {
    /// What is written goes on to another.
    pub fn new(to: W) -> Self {
        Self { to, size: 0, hash: Sha256::new() }
    }

    /// The other, and the fingerprint of all that was written.
    pub fn finish(self) -> (W, Fingerprint) {
        (self.to, Fingerprint { size: self.size, sha256: hex(&self.hash.finalize()) })
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Finds what differs between the inputs of a closed round and those that its manifests name; they lie
/// in the round's folder or right below it. `round.yaml` itself changes when a round is closed: the
/// rules that it states are compared instead. Evidence may be large: but where every place is asked for,
/// its sizes alone are compared.
pub fn closed(
    folder: &Path,
    round: &str,
    inputs: &[PathBuf],
    framework: &Framework,
    options: &Options,
    findings: &mut Findings,
) {
    for path in manifests(folder) {
        let bytes = bounded::bytes(&path, Limit::YamlSize, &options.limits)
            .ok()
            .and_then(Result::ok)
            .unwrap_or_default();
        let manifest: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if manifest["program"]["name"] != env!("CARGO_PKG_NAME") || manifest["round"] != round {
            continue;
        }
        let rules = framework.policy.entries().into_iter().map(|(key, value)| (key.to_owned(), json!(value)));
        let rules = Value::Object(rules.collect());
        for (is_same, what) in [
            (manifest["framework"]["sha256"] == framework.hash, "the framework is another"),
            (manifest["policy"] == rules, "the policy is another"),
        ] {
            if !is_same {
                differs(folder.join(HEAD), &format!("{what} than the round was scored by"), &path, findings);
            }
        }
        let named = manifest["inputs"].as_array().into_iter().flatten();
        let named: BTreeMap<&str, &Value> =
            named.filter_map(|input| Some((input["path"].as_str()?, input))).collect();
        for (input, then) in named.iter().filter(|(input, _)| **input != HEAD) {
            let is_brief = input.starts_with("evidence/") && !options.places;
            let how = match is_as_it_was(&folder.join(input), then, is_brief) {
                Ok(true) => continue,
                Ok(false) => "changed after it was scored",
                Err(_) => "was scored, and is gone",
            };
            differs(folder.join(input), &format!("`{input}` {how}"), &path, findings);
        }
        // As of a stage only a part of the files is scored.
        for input in inputs.iter().filter(|_| manifest["options"]["stage"].is_null()) {
            let Some(inner) = input.strip_prefix(folder).ok().and_then(Path::to_str) else { continue };
            let inner = inner.replace('\\', "/");
            if inner != HEAD && !named.contains_key(inner.as_str()) {
                differs(
                    input.clone(),
                    &format!("`{inner}` was not there when the round was scored"),
                    &path,
                    findings,
                );
            }
        }
    }
}

/// Whether a file is what a manifest says of it, or as large at least.
fn is_as_it_was(path: &Path, then: &Value, is_brief: bool) -> io::Result<bool> {
    let size = path.metadata()?.len();
    Ok(then["size"] == size && (is_brief || then["sha256"] == Fingerprint::of(path)?.sha256))
}

/// The manifests in a folder and in the folders right below it.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let below = std::fs::read_dir(folder).into_iter().flatten();
    let below = below.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut found: Vec<PathBuf> =
        below.chain([folder.to_path_buf()]).map(|path| path.join(MANIFEST)).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found
}

fn differs(input: PathBuf, how: &str, manifest: &Path, findings: &mut Findings) {
    let message = format!("{how}, and the round is closed");
    let finding = Diagnostic::new(Code::ClosedRoundChanged, message, Place::file(shown(&input)));
    findings.push(
        finding
            .related(Place::file(shown(manifest)), "what was scored")
            .help("undo the change, or set `state: draft` and score again"),
    );
}
