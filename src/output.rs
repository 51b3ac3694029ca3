//! Files that a run writes: each replaced atomically, the manifest last, and nothing touched that an
//! earlier run did not write.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::format::csv::{Csv, write_long};
use crate::read::bounded::leaves;
use crate::read::framework::hex;
pub use crate::read::manifest::MANIFEST;
use crate::read::manifest::{Fingerprint, Hashing};

/// A file's name in its folder, and what it holds.
pub type File<C = Vec<u8>> = (String, C);

/// What a file holds: bytes, or something that is made while it is written.
pub trait Content {
    /// Writes all of it.
    ///
    /// # Errors
    /// It cannot be written.
    fn write(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Content for Vec<u8> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self)
    }
}

impl<C: Content> Content for &C {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        (**self).write(out)
    }
}

impl Content for Csv<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_long(&self.table, self.style, out)
    }
}

/// Replaces a file as a whole: a reader sees the old bytes or the new ones.
///
/// # Errors
/// The file cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    replace_with(path, |out| out.write_all(bytes)).map(|_| ())
}

/// Replaces a file as a whole by what is made while it is written.
///
/// # Errors
/// The file cannot be written.
pub fn replace_by(path: &Path, content: &impl Content) -> anyhow::Result<()> {
    replace_with(path, |out| content.write(out)).map(|_| ())
}

/// Replaces a file by what `write` writes, and says what a manifest says of those bytes.
fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<Fingerprint> {
    let written = || -> io::Result<Fingerprint> {
        let (file, fingerprint) = staged(path, write)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(fingerprint)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

/// A file beside its place, whole and on disk, that is only still to be moved there.
fn staged(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<(NamedTempFile, Fingerprint)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = Hashing::new(NamedTempFile::with_prefix_in(".asan-index-", folder)?);
    write(&mut file)?;
    let (file, fingerprint) = file.finish();
    file.as_file().sync_all()?;
    share(&file)?;
    Ok((file, fingerprint))
}

/// Adds files, all of them or none, and over nothing that is there.
///
/// # Errors
/// A file is in the way, or one cannot be written.
pub fn add(files: &[(PathBuf, &[u8])]) -> anyhow::Result<()> {
    let mut written = Vec::new();
    for (path, bytes) in files {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let (file, _) = staged(path, |out| out.write_all(bytes))
            .with_context(|| format!("cannot write {}", path.display()))?;
        written.push((file, path));
    }
    let mut added: Vec<&PathBuf> = Vec::new();
    for (file, path) in written {
        if let Err(error) = file.persist_noclobber(path) {
            for path in added {
                std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
            return Err(error.error).with_context(|| format!("cannot write {}", path.display()));
        }
        added.push(path);
    }
    Ok(())
}

/// A temporary file is for its owner alone; what is published is for those whom the umask lets in.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// Refuses to write where a link leads out of the folder that was asked for.
///
/// # Errors
/// The path, or a folder above it, lies elsewhere.
pub fn require_inside(folder: &Path, path: &Path) -> anyhow::Result<()> {
    let above = path.ancestors().skip(1).take_while(|above| above.starts_with(folder));
    match above.into_iter().find(|above| leaves(above, folder)) {
        Some(above) => bail!("{} is a link that leads out of {}", above.display(), folder.display()),
        None => Ok(()),
    }
}

/// Writes the files of a run into a folder: over those that an earlier manifest names, and over
/// nothing else. Files of the earlier run that this one does not write are removed.
///
/// # Errors
/// A file is in the way, or something cannot be written.
pub fn write_folder<C: Content>(folder: &Path, files: &[File<C>], manifest: Value) -> anyhow::Result<()> {
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    write_each(folder, &names, |at| Ok(&files[at].1), manifest)
}

/// Writes files as [`write_folder`] does, each made only when it is its turn: many pages need not be in
/// memory at once.
///
/// # Errors
/// A file is in the way, or something cannot be made or written.
pub fn write_each<C: Content>(
    folder: &Path,
    names: &[&str],
    mut content: impl FnMut(usize) -> anyhow::Result<C>,
    mut manifest: Value,
) -> anyhow::Result<()> {
    let earlier = earlier_outputs(folder)?;
    for name in names.iter().copied().chain([MANIFEST]) {
        let path = folder.join(name);
        require_inside(folder, &path)?;
        if path.symlink_metadata().is_ok() && !earlier.contains(name) {
            bail!(
                "{} is in the way: it was not written by an earlier run; move it, or choose another folder",
                path.display()
            );
        }
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut outputs = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let content = content(at)?;
        outputs.push(replace_with(&folder.join(name), |out| content.write(out))?.entry(name));
    }
    let written: HashSet<&str> = names.iter().copied().collect();
    for name in earlier.iter().filter(|name| *name != MANIFEST && !written.contains(name.as_str())) {
        let path = folder.join(name);
        if path.is_file() {
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    manifest["outputs"] = Value::Array(outputs);
    let mut bytes = serde_json::to_vec_pretty(&manifest).context("cannot write a manifest")?;
    bytes.push(b'\n');
    replace(&folder.join(MANIFEST), &bytes)
}

/// What a manifest says of a file: its name or path, size and SHA-256.
pub fn entry(path: &str, bytes: &[u8]) -> Value {
    json!({ "path": path, "size": bytes.len(), "sha256": hex(&Sha256::digest(bytes)) })
}

/// The same of a file on disk, which may be larger than memory.
///
/// # Errors
/// It cannot be read.
pub fn entry_of(file: &Path, path: &str) -> anyhow::Result<Value> {
    let found = Fingerprint::of(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(found.entry(path))
}

/// The names that the manifest of an earlier run says were written to a folder, itself included.
fn earlier_outputs(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let path = folder.join(MANIFEST);
    if !path.is_file() {
        return Ok(BTreeSet::new());
    }
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let ours = manifest["program"]["name"] == env!("CARGO_PKG_NAME");
    let outputs = manifest["outputs"].as_array().filter(|_| ours).cloned();
    let Some(outputs) = outputs else { return Ok(BTreeSet::new()) };
    let plain =
        |name: &str| Path::new(name).components().count() == 1 && Path::new(name).file_name().is_some();
    let names = outputs.iter().filter_map(|output| output["path"].as_str().map(str::to_owned));
    Ok(names.filter(|name| plain(name)).chain([MANIFEST.to_owned()]).collect())
}

/// A path as seen from a folder, with forward slashes.
pub fn relative(path: &Path, folder: &Path) -> String {
    let whole = |path: &Path| {
        path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
    };
    let (path, folder) = (whole(path), whole(folder));
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| PathBuf::from(".."));
    let down = path.components().skip(shared).map(|part| PathBuf::from(part.as_os_str()));
    let joined: PathBuf = up.chain(down).collect();
    if joined.as_os_str().is_empty() { ".".to_owned() } else { joined.to_string_lossy().replace('\\', "/") }
}
