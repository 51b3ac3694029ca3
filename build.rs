//! Parses the framework's files when the program is built, so that no run need do it: beside each text lies
//! its tree, written as `src/read/yaml/prepared.rs` reads it.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::{env, fs};

use tree::{Bounds, Value, Yaml, parse};

#[path = "src/read/yaml/tree.rs"]
#[allow(dead_code, reason = "which file a value is in is for the program to know")]
mod tree;

/// What is parsed here: a text beyond it is left to the program, which knows its limits.
const BOUNDS: Bounds = Bounds { depth: 64, values: 1_000_000, aliases: 10_000 };

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=parameters");
    let out = env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| Error::from(ErrorKind::NotFound))?;
    let mut names = Vec::new();
    for entry in fs::read_dir("parameters")? {
        let path = entry?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && name.ends_with(".yaml")
        {
            prepare(&path, &out.join(name))?;
            names.push(name.to_owned());
        }
    }
    names.sort_by_key(|name| (name != "framework.yaml", name.clone()));
    let file = |name: &String| {
        format!(
            "Embedded {{ name: {name:?}, \
             text: include_str!(concat!(env!(\"OUT_DIR\"), \"/\", {name:?})), \
             tree: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/\", {name:?}, \".tree\")) }}"
        )
    };
    let files: Vec<String> = names.iter().map(file).collect();
    fs::write(out.join("embedded.rs"), format!("&[{}]", files.join(",\n")))
}

/// Writes a text and its tree, both from one reading; no tree where the text is faulty, so that the program
/// parses it and tells what is wrong.
fn prepare(from: &Path, to: &Path) -> std::io::Result<()> {
    let text = fs::read_to_string(from)?;
    let shown = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut tree = Vec::new();
    if let Ok(root) = parse(shown, 0, &BOUNDS) {
        write(&root, shown, &mut tree);
    }
    fs::write(to, &text)?;
    fs::write(to.with_extension("yaml.tree"), tree)
}

fn write(node: &Yaml, text: &str, out: &mut Vec<u8>) {
    let kind = match &node.value {
        Value::Null => b'n',
        Value::Scalar(words) if text.get(node.span.clone()) == Some(words) => b's',
        Value::Scalar(words)
            if text.get(node.span.start + 1..node.span.end.saturating_sub(1)) == Some(words) =>
        {
            b'q'
        }
        Value::Scalar(_) => b'o',
        Value::List(_) => b'l',
        Value::Map(_) => b'm',
    };
    out.push(kind);
    number(node.span.start, out);
    number(node.span.len(), out);
    match &node.value {
        Value::Scalar(words) if kind == b'o' => {
            number(words.len(), out);
            out.extend_from_slice(words.as_bytes());
        }
        Value::Null | Value::Scalar(_) => {}
        Value::List(items) => {
            number(items.len(), out);
            items.iter().for_each(|item| write(item, text, out));
        }
        Value::Map(entries) => {
            number(entries.len(), out);
            for (key, value) in entries {
                write(key, text, out);
                write(value, text, out);
            }
        }
    }
}

fn number(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
