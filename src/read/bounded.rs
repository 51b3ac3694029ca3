//! Files that are read with care: no more of them than is allowed, and none that a link leads out to.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

use crate::diagnostic::{Code, Diagnostic};
use crate::limit::{Limit, Limits};
use crate::source::{Place, shown};

/// The bytes of a file, or the finding that there are more than are allowed, of which no more are read.
pub type Bytes<B = Vec<u8>> = Result<B, Box<Diagnostic>>;

/// Reads a file as far as it is allowed to go.
///
/// # Errors
/// The file cannot be read.
pub fn bytes(path: &Path, limit: Limit, limits: &Limits) -> std::io::Result<Bytes> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    bytes_of(file, size, &shown(path), limit, limits)
}

/// Reads an open file as far as it is allowed to go; `size` is how many bytes it has, as far as is known.
///
/// # Errors
/// The file cannot be read.
pub fn bytes_of(file: File, size: u64, name: &str, limit: Limit, limits: &Limits) -> std::io::Result<Bytes> {
    let most = limits.of(limit);
    // A byte more than there are tells the end without more memory; what a size says is not trusted with much.
    const ROOM: u64 = 1 << 24;
    let mut bytes = Vec::with_capacity(size.min(most).min(ROOM) as usize + 1);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(match bytes.len() as u64 <= most {
        true => Ok(bytes),
        false => Err(Box::new(limits.exceeded(limit, Place::file(name)))),
    })
}

/// Whether a link leads out of a folder.
pub fn leaves(path: &Path, folder: &Path) -> bool {
    // As a rule there is no link below the folder, and nothing to follow.
    if path.strip_prefix(folder).is_ok_and(|below| has_no_link(folder, below)) {
        return false;
    }
    match (path.canonicalize(), folder.join(".").canonicalize()) {
        (Ok(path), Ok(folder)) => !path.starts_with(folder),
        _ => false,
    }
}

/// Whether every part of a path below a folder is there and no link.
fn has_no_link(folder: &Path, below: &Path) -> bool {
    let mut path = folder.to_path_buf();
    below.components().all(|part| {
        path.push(part);
        let is_named = matches!(part, Component::Normal(_));
        is_named && path.symlink_metadata().is_ok_and(|data| !data.is_symlink())
    })
}

/// The finding that a file of a round lies elsewhere.
pub fn outside(path: &Path) -> Diagnostic {
    let message = "a link leads out of the round's folder";
    let finding = Diagnostic::new(Code::LinkOutside, message, Place::file(shown(path)));
    finding.help("put the file itself there: what lies elsewhere may change without a trace")
}
