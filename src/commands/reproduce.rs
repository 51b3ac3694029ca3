//! `asan-index reproduce`: published results again, from their inputs.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use encoding_rs::Encoding;
use serde_json::Value;

use super::inputs::{Colour, Global, Loaded, Loading, limit};
use super::score::with_files;
use super::{Terminal, Verdict};
use crate::engine::rank::Results;
use crate::engine::score::Scorer;
use crate::format::Style;
use crate::format::csv::Csv;
use crate::output::{Content, File, MANIFEST, entry};
use crate::round::Dialect;

const EXAMPLES: &str = "Examples:
  asan-index score examples/round-2025 -o results --detail && asan-index reproduce results";

/// Recompute published results from their inputs.
///
/// DIR is a folder that `score -o DIR` wrote. Its manifest names the inputs, the rules and the outputs:
/// every input is compared with what it was, the results are computed again, and the first difference of
/// each file is named. Exit 0: identical; 1: something differs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder of results
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Recomputes results.
///
/// # Errors
/// The folder has no manifest of a scoring, or an input cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> anyhow::Result<Verdict> {
    let path = args.folder.join(MANIFEST);
    let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    if manifest["schema"] != "asan-index/manifest/1" || !manifest["options"]["paths"].is_array() {
        bail!("{} is no manifest of `asan-index score`", path.display());
    }
    let asked = Asked::new(&manifest, &args.folder)?;
    let mut differences = Vec::new();
    match asked.global.load(&asked.paths)? {
        Loading::Faulty(findings) => {
            asked.global.report(&findings, terminal)?;
            differences.push("the inputs have faults now, so that nothing can be computed".to_owned());
        }
        Loading::Sound(loaded) => differences.extend(asked.compare(&loaded, &manifest, &args.folder)?),
    }
    if differences.is_empty() {
        let number = manifest["outputs"].as_array().map_or(0, Vec::len);
        writeln!(terminal.out, "identical: {}", crate::text::count(number, "file"))
            .context("cannot write")?;
        return Ok(Verdict::Done);
    }
    for difference in differences {
        writeln!(terminal.out, "{difference}").context("cannot write")?;
    }
    Ok(Verdict::Faulty)
}

/// How the run was asked for.
struct Asked {
    global: Global,
    paths: Vec<PathBuf>,
    detail: bool,
    style: Style,
}

impl Asked {
    fn new(manifest: &Value, folder: &Path) -> anyhow::Result<Self> {
        let options = &manifest["options"];
        let path = |value: &Value| value.as_str().map(|path| folder.join(path));
        let encoding = options["encoding"].as_str();
        let named = |name: &str| {
            Encoding::for_label(name.as_bytes()).with_context(|| format!("no encoding `{name}`"))
        };
        let paths: Vec<PathBuf> =
            options["paths"].as_array().into_iter().flatten().filter_map(path).collect();
        if options["paths"][0].as_str().is_some_and(|path| path.ends_with("/-") || path == "-") {
            bail!("the answers came from standard input, which nothing keeps: they cannot be read again");
        }
        let limits = options["limits"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let limits = limits.filter_map(|stated| limit(stated).ok()).collect();
        Ok(Self {
            global: Global {
                limit: limits,
                folder: path(&options["folder"]),
                framework: path(&options["framework"]),
                weights: options["weights"].as_array().into_iter().flatten().filter_map(path).collect(),
                stage: options["stage"].as_str().map(str::to_owned),
                encoding: encoding.map(named).transpose()?,
                lang: None,
                color: Colour::Never,
                threads: None,
                quiet: true,
            },
            paths,
            detail: options["detail"] == true,
            style: Style {
                dialect: if options["dialect"] == "excel" { Dialect::Excel } else { Dialect::Rfc },
                raw: options["raw"] == true,
                ..Style::default()
            },
        })
    }

    /// What differs: program, framework, inputs, and the first place of each output.
    fn compare(&self, loaded: &Loaded, manifest: &Value, folder: &Path) -> anyhow::Result<Vec<String>> {
        let results = Results::compute(&Scorer::new(&loaded.framework, &loaded.round), &[]);
        let now = loaded.manifest(&results, Value::Null)?;
        let mut differences = Vec::new();
        for (what, key) in [("program", "program"), ("framework", "framework"), ("policy", "policy")] {
            if now[key] != manifest[key] {
                differences.push(format!("{what} changed: {} then, {} now", manifest[key], now[key]));
            }
        }
        differences.extend(input_differences(&manifest["inputs"], &now["inputs"]));
        let files =
            with_files(loaded, &results, self.detail, self.style, |files| -> io::Result<Vec<File>> {
                let bytes = |(name, content): &File<Csv<'_>>| {
                    let mut bytes = Vec::new();
                    content.write(&mut bytes).map(|()| (name.clone(), bytes))
                };
                files.iter().map(bytes).collect()
            })?;
        for output in manifest["outputs"].as_array().into_iter().flatten() {
            let name = output["path"].as_str().unwrap_or_default();
            let computed = files.iter().find(|(file, _)| file == name).map(|(_, bytes)| bytes.as_slice());
            differences.extend(output_difference(folder, name, output, computed));
        }
        Ok(differences)
    }
}

/// Inputs that changed, are gone, or are new.
fn input_differences(then: &Value, now: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (then, now) = (list(then), list(now));
    let same = |a: &Value, b: &Value| a["path"] == b["path"];
    let name = |input: &Value| input["path"].as_str().unwrap_or_default().to_owned();
    let mut differences = Vec::new();
    for input in &then {
        match now.iter().find(|other| same(input, other)) {
            None => differences.push(format!("input {} is gone", name(input))),
            Some(other) if other["sha256"] != input["sha256"] => {
                differences.push(format!("input {} changed", name(input)));
            }
            Some(_) => {}
        }
    }
    let new = now.iter().filter(|input| !then.iter().any(|other| same(input, other)));
    differences.extend(new.map(|input| format!("input {} is new", name(input))));
    differences
}

/// How an output on disk differs from what was written, or from what is computed now.
fn output_difference(folder: &Path, name: &str, then: &Value, computed: Option<&[u8]>) -> Vec<String> {
    let Ok(found) = std::fs::read(folder.join(name)) else { return vec![format!("output {name} is gone")] };
    let mut differences = Vec::new();
    if entry(name, &found)["sha256"] != then["sha256"] {
        differences.push(format!("output {name} was changed after it was written"));
    }
    match computed {
        None => differences.push(format!("output {name} is not written any more")),
        Some(computed) => differences.extend(first_difference(name, &found, computed)),
    }
    differences
}

/// The first row and column in which two tables differ.
fn first_difference(name: &str, found: &[u8], computed: &[u8]) -> Option<String> {
    if found == computed {
        return None;
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (found, computed) = (text(found), text(computed));
    let at = found.lines().zip(computed.lines()).position(|(a, b)| a != b);
    let Some(at) = at else {
        let (found, computed) = (found.lines().count(), computed.lines().count());
        return Some(format!("output {name} has {found} lines, {computed} are computed"));
    };
    let fields = |text: &str, at: usize| -> Vec<String> {
        text.lines().nth(at).unwrap_or_default().split([',', ';']).map(str::to_owned).collect()
    };
    let (header, a, b) = (fields(&found, 0), fields(&found, at), fields(&computed, at));
    let column = a.iter().zip(&b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    let cell = |row: &[String]| row.get(column).cloned().unwrap_or_default();
    Some(format!(
        "output {name}, line {}, column {}: `{}` is published, `{}` is computed",
        at + 1,
        cell(&header),
        cell(&a),
        cell(&b)
    ))
}
