//! Files that a run writes: all of them are whole on disk before the first is moved to its place, the
//! manifest comes last, and nothing is touched that an earlier run did not write.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::{Builder, TempDir, TempPath};

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
    fn write(&self, out: &mut (dyn Write + Send)) -> io::Result<()>;
}

impl Content for Vec<u8> {
    fn write(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        out.write_all(self)
    }
}

impl<C: Content> Content for &C {
    fn write(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        (**self).write(out)
    }
}

impl Content for Csv<'_> {
    fn write(&self, out: &mut (dyn Write + Send)) -> io::Result<()> {
        write_long(&self.table, self.style, out)
    }
}

/// How the names of what is not yet in its place begin.
const STAGED: &str = ".asan-index-";

/// A folder in another for what is not yet in its place; gone at the latest when it is dropped.
///
/// # Errors
/// It cannot be made.
pub fn stage(folder: &Path) -> anyhow::Result<TempDir> {
    let stage = Builder::new().prefix(STAGED).tempdir_in(folder);
    stage.with_context(|| format!("cannot write to {}", folder.display()))
}

/// Removes such a folder, now that all is in its place.
///
/// # Errors
/// It cannot be removed.
pub fn clear(stage: TempDir) -> anyhow::Result<()> {
    let path = stage.path().to_path_buf();
    stage.close().with_context(|| format!("cannot remove {}", path.display()))
}

/// Replaces a file as a whole: a reader sees the old bytes or the new ones.
///
/// # Errors
/// The file cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    Written::new(path, |out| out.write_all(bytes))?.place()
}

/// A file all of which is written, but neither seen on disk nor in its place.
pub struct Written<'p> {
    file: Draining,
    beside: TempPath,
    path: &'p Path,
}

impl<'p> Written<'p> {
    /// Writes what is made on the way.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(
        path: &'p Path,
        write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> anyhow::Result<Self> {
        let (file, beside) = write_beside(path, write).with_context(|| cannot_write(path))?;
        Ok(Self { file, beside, path })
    }

    /// Replaces what is in its place.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn place(self) -> anyhow::Result<()> {
        let Self { file, beside, path } = self;
        let placed = file.finish().and_then(|()| Ok(beside.persist(path)?));
        placed.with_context(|| cannot_write(path))
    }
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// A file beside its place, whole and on disk, that is only still to be moved there.
fn beside(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<TempPath> {
    let (file, beside) = write_beside(path, write)?;
    file.finish()?;
    Ok(beside)
}

/// A file beside its place, whole but not seen on disk.
fn write_beside(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<(Draining, TempPath)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(STAGED);
    // A temporary file is for its owner alone; what is published is for those whom the umask lets in.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let (file, place) = builder.tempfile_in(folder)?.into_parts();
    let mut file = Draining::new(file);
    write(&mut file)?;
    Ok((file, place))
}

/// A file that is sent to the disk while more of it is made: that of a country would else be waited for at the end.
struct Draining {
    file: fs::File,
    /// How much was written since the last time it was sent.
    waiting: usize,
    sent: Option<JoinHandle<io::Result<()>>>,
}

impl Draining {
    /// How much is sent at once: a small file is not.
    const AT_ONCE: usize = 1 << 22;

    fn new(file: fs::File) -> Self {
        Self { file, waiting: 0, sent: None }
    }

    /// Waits for what was sent. A fault is told but once, to whoever asks first: none may go unheard.
    fn settle(&mut self) -> io::Result<()> {
        let stopped = || io::Error::other("writing stopped");
        self.sent.take().map_or(Ok(()), |sent| sent.join().unwrap_or_else(|_| Err(stopped())))
    }

    /// Sees all of it on disk.
    fn finish(mut self) -> io::Result<()> {
        self.settle()?;
        self.file.sync_all()
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        // Not every system removes a file that somebody has open; what failed before is told already.
        let _ = self.settle();
    }
}

impl Write for Draining {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.waiting += written;
        if self.waiting >= Self::AT_ONCE && self.sent.as_ref().is_none_or(JoinHandle::is_finished) {
            self.settle()?;
            let file = self.file.try_clone()?;
            // Without another thread it is all seen on disk at the end.
            self.sent = thread::Builder::new().spawn(move || file.sync_data()).ok();
            self.waiting = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Adds files, all of them or none, and over nothing that is there.
///
/// # Errors
/// A file is in the way, or one cannot be written.
pub fn add(files: &[(PathBuf, &[u8])]) -> anyhow::Result<()> {
    let mut written = Vec::new();
    for (path, bytes) in files {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = beside(path, |out| out.write_all(bytes)).with_context(|| cannot_write(path))?;
        written.push((file, path));
    }
    let mut added: Vec<&PathBuf> = Vec::new();
    for (file, path) in written {
        if let Err(error) = file.persist_noclobber(path) {
            // The first failure is what is told.
            added.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(error.error).with_context(|| cannot_write(path));
        }
        added.push(path);
    }
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

/// A folder that this run writes to, and no other at the same time.
#[derive(Debug)]
pub struct Held {
    folder: PathBuf,
    /// The folder itself, locked as long as it is open: nothing is left to be unlocked when a run is killed.
    lock: Option<fs::File>,
}

impl Held {
    /// Makes a folder where there is none, and keeps other runs out of it. Where folders cannot be
    /// locked (Windows, some network file systems) it goes unlocked.
    ///
    /// # Errors
    /// The folder cannot be made, or another run is writing to it.
    pub fn folder(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let opened = fs::File::open(folder).ok();
        let lock = match opened.as_ref().map(fs::File::try_lock) {
            Some(Ok(())) => opened,
            Some(Err(TryLockError::WouldBlock)) => bail!(
                "another run is writing to {}: wait until it has ended, or choose another folder",
                folder.display()
            ),
            Some(Err(TryLockError::Error(_))) | None => None,
        };
        Ok(Self { folder: folder.to_path_buf(), lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes the files of a run: over those that an earlier manifest names, and over nothing else. Files
    /// of the earlier run that this one does not write are removed. Each is made only when it is its turn:
    /// many pages need not be in memory at once.
    ///
    /// # Errors
    /// A file is in the way, or something cannot be made or written.
    pub fn write<C: Content>(
        &self,
        names: &[&str],
        mut content: impl FnMut(usize) -> anyhow::Result<C>,
        mut manifest: Value,
    ) -> anyhow::Result<()> {
        let leftovers = self.leftovers()?;
        let mut earlier = earlier_outputs(&self.folder)?;
        for leftover in &leftovers {
            // What is not there any more was moved to its place.
            let moved = |name: &String| leftover.join(name).symlink_metadata().is_err();
            earlier.extend(earlier_outputs(leftover)?.into_iter().filter(moved));
        }
        for name in names.iter().copied().chain([MANIFEST]) {
            let path = self.folder.join(name);
            if path.symlink_metadata().is_ok() && !earlier.contains(name) {
                bail!(
                    "{} is in the way: it was not written by an earlier run; move it, or choose another folder",
                    path.display()
                );
            }
        }
        let stage = stage(&self.folder)?;
        let told = |name: &str| format!("cannot write {}", self.folder.join(name).display());
        let mut outputs = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let content = content(at)?;
            let written = written(&stage.path().join(name), |out| content.write(out));
            outputs.push(written.with_context(|| told(name))?.entry(name));
        }
        manifest["outputs"] = Value::Array(outputs);
        let mut bytes = serde_json::to_vec_pretty(&manifest).context("cannot write a manifest")?;
        bytes.push(b'\n');
        written(&stage.path().join(MANIFEST), |out| out.write_all(&bytes)).with_context(|| told(MANIFEST))?;
        self.publish(stage.path(), names, &earlier)?;
        for leftover in leftovers {
            fs::remove_dir_all(&leftover).with_context(|| format!("cannot remove {}", leftover.display()))?;
        }
        clear(stage)
    }

    /// Moves staged files to their places, the manifest last. Where that fails, no file stays that no
    /// manifest names.
    fn publish(&self, stage: &Path, names: &[&str], earlier: &BTreeSet<String>) -> anyhow::Result<()> {
        let mut added = Vec::new();
        let mut put = |name: &str| {
            let path = self.folder.join(name);
            fs::rename(stage.join(name), &path).with_context(|| cannot_write(&path))?;
            if !earlier.contains(name) {
                added.push(path);
            }
            Ok(())
        };
        let mut all = || -> anyhow::Result<()> {
            names.iter().try_for_each(|name| put(name))?;
            let written: HashSet<&str> = names.iter().copied().chain([MANIFEST]).collect();
            for name in earlier.iter().filter(|name| !written.contains(name.as_str())) {
                let path = self.folder.join(name);
                if path.is_file() {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                }
            }
            put(MANIFEST)
        };
        let done = all();
        if done.is_err() {
            // The first failure is what is told.
            added.iter().for_each(|path| drop(fs::remove_file(path)));
        }
        done
    }

    /// The folders in which killed runs staged their files; none where another run may still be at work.
    fn leftovers(&self) -> anyhow::Result<Vec<PathBuf>> {
        if self.lock.is_none() {
            return Ok(Vec::new());
        }
        let cannot_read = || format!("cannot read {}", self.folder.display());
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).with_context(cannot_read)? {
            let entry = entry.with_context(cannot_read)?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && entry.file_name().to_string_lossy().starts_with(STAGED) {
                found.push(entry.path());
            }
        }
        Ok(found)
    }
}

/// Writes a new file and sees it on disk; gives what a manifest says of it.
fn written(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<Fingerprint> {
    let mut file = Hashing::new(Draining::new(fs::File::create_new(path)?));
    write(&mut file)?;
    let (file, fingerprint) = file.finish();
    file.finish()?;
    Ok(fingerprint)
}

/// Writes the files of a run into a folder, as [`Held::write`] does.
///
/// # Errors
/// A file is in the way, another run is writing there, or something cannot be written.
pub fn write_folder<C: Content>(folder: &Path, files: &[File<C>], manifest: Value) -> anyhow::Result<()> {
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    Held::folder(folder)?.write(&names, |at| Ok(&files[at].1), manifest)
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
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let ours = manifest["program"]["name"] == env!("CARGO_PKG_NAME");
    let outputs = manifest["outputs"].as_array().filter(|_| ours).cloned();
    let Some(outputs) = outputs else { return Ok(BTreeSet::new()) };
    let plain =
        |name: &str| Path::new(name).components().count() == 1 && Path::new(name).file_name().is_some();
    let names = outputs.iter().filter_map(|output| output["path"].as_str().map(str::to_owned));
    Ok(names.filter(|name| plain(name)).chain([MANIFEST.to_owned()]).collect())
}

/// A path from the root of the file system, without links and `..` as far as it exists.
fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let known = |above: &Path| Some(above.canonicalize().ok()?.join(path.strip_prefix(above).ok()?));
    path.ancestors().find_map(known).unwrap_or_else(|| path.clone())
}

/// A path as seen from a folder, with forward slashes.
pub fn relative(path: &Path, folder: &Path) -> String {
    let (path, folder) = (whole(path), whole(folder));
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| PathBuf::from(".."));
    let down = path.components().skip(shared).map(|part| PathBuf::from(part.as_os_str()));
    let joined: PathBuf = up.chain(down).collect();
    if joined.as_os_str().is_empty() { ".".to_owned() } else { joined.to_string_lossy().replace('\\', "/") }
}
