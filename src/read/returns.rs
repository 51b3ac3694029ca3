//! Which return of a sheet an answer file is: `visits.csv` is the first, `visits.2.csv` the second, and
//! the last one replaces the whole sheet.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::bounded::leaves;
use super::xlsx::is_workbook;

/// An answer file in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Where it lies.
    pub path: PathBuf,
    /// The sheet's name: the file's, without its ending and the number of its return.
    pub name: String,
    /// Which return of the sheet it is, from 1.
    pub number: u32,
}

/// The files of a stage.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// The last return of each sheet, in the order of paths: what counts.
    pub current: Vec<Filed>,
    /// The returns before, which nobody reads any more.
    pub superseded: Vec<Filed>,
    /// Links that lead out of the round's folder, which are not followed.
    pub outside: Vec<PathBuf>,
}

/// A file's name without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether a file is a CSV or a workbook, by its name.
pub fn is_sheet(path: &Path) -> bool {
    is_workbook(path) || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// The files below a folder, in the order of their paths, without hidden ones and those that a program
/// has open; none where there is no folder.
///
/// # Errors
/// A folder cannot be read.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    Ok(entries_below(folder)?.into_iter().map(|(path, _)| path).collect())
}

/// The same files, each with whether it is a link.
fn entries_below(folder: &Path) -> anyhow::Result<Vec<(PathBuf, bool)>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        collect_below(folder, &mut files)?;
    }
    Ok(files)
}

fn collect_below(folder: &Path, files: &mut Vec<(PathBuf, bool)>) -> anyhow::Result<()> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let name = entry.file_name();
        if !matches!(name.as_encoded_bytes().first(), Some(b'.' | b'~')) {
            let kind = entry.file_type();
            let kind = kind.with_context(|| format!("cannot read {}", entry.path().display()))?;
            entries.push((name, kind));
        }
    }
    // Paths are compared name by name, so that these are in order when the names of each folder are.
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, kind) in entries {
        let path = folder.join(name);
        if kind.is_dir() {
            collect_below(&path, files)?;
        } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
            files.push((path, kind.is_symlink()));
        }
    }
    Ok(())
}

/// The answer files of a stage, which has a folder in the round's folder.
///
/// # Errors
/// A folder cannot be read.
pub fn shelf(round: &Path, stage: &Path, is_service: impl Fn(&str) -> bool) -> anyhow::Result<Shelf> {
    if leaves(stage, round) {
        return Ok(Shelf { outside: vec![stage.to_path_buf()], ..Shelf::default() });
    }
    let (mut files, mut outside) = (Vec::new(), Vec::new());
    for (path, is_link) in entries_below(stage)?.into_iter().filter(|(path, _)| is_sheet(path)) {
        // Folders that are links are not entered: only a file that is one can lie elsewhere.
        let list = if is_link && leaves(&path, round) { &mut outside } else { &mut files };
        list.push(path);
    }
    Ok(Shelf { outside, ..Shelf::of(files, is_service) })
}

/// A name and the number of a return at its end, from 2; none for a name without one.
pub fn numbered(stem: &str) -> Option<(&str, u32)> {
    let (name, digits) = stem.rsplit_once('.')?;
    let number: u32 = digits.parse().ok()?;
    (number >= 2 && digits == number.to_string()).then_some((name, number))
}

impl Shelf {
    /// Tells the last returns among files from those that they replace. A number makes a return only
    /// beside the first one, and where no service is called so: ids may end in numbers too.
    pub fn of(files: Vec<PathBuf>, is_service: impl Fn(&str) -> bool) -> Self {
        let key = |filed: &Filed, name: &str| (filed.path.with_file_name(""), name.to_owned());
        let mut files: Vec<Filed> =
            files.into_iter().map(|path| Filed { name: stem(&path), number: 1, path }).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        // As a rule no sheet was returned twice.
        if !files.iter().any(|filed| numbered(&filed.name).is_some()) {
            return Self { current: files, ..Self::default() };
        }
        let firsts: HashSet<(PathBuf, String)> = files.iter().map(|filed| key(filed, &filed.name)).collect();
        let mut last: HashMap<(PathBuf, String), u32> = HashMap::new();
        for filed in &mut files {
            let number = numbered(&filed.name)
                .filter(|(name, _)| !is_service(&filed.name) && firsts.contains(&key(filed, name)));
            if let Some((name, number)) = number {
                let last = last.entry(key(filed, name)).or_default();
                *last = number.max(*last);
                (filed.name, filed.number) = (name.to_owned(), number);
            }
        }
        let is_last = |filed: &Filed| {
            let last = last.get(&key(filed, &filed.name)).copied();
            filed.number == last.unwrap_or(1)
        };
        let (current, superseded) = files.into_iter().partition(is_last);
        Self { current, superseded, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[Filed]) -> Vec<String> {
        files.iter().map(|filed| filed.path.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_last_return_of_a_sheet_counts() {
        let files =
            ["a.csv", "a.10.csv", "a.2.csv", "sub/a.csv", "b.2.csv", "c.csv", "c.xlsx", "d.csv", "d.02.csv"];
        let shelf = Shelf::of(files.iter().map(PathBuf::from).collect(), |_| false);
        assert_eq!(
            names(&shelf.current),
            ["a.10.csv", "b.2.csv", "c.csv", "c.xlsx", "d.02.csv", "d.csv", "sub/a.csv"]
        );
        assert_eq!(names(&shelf.superseded), ["a.2.csv", "a.csv"]);
        assert_eq!((shelf.current[0].name.as_str(), shelf.current[0].number), ("a", 10));
    }

    #[test]
    fn a_service_whose_id_ends_in_a_number_is_no_return_of_another() {
        let files = vec![PathBuf::from("3.csv"), PathBuf::from("3.2.csv")];
        let shelf = Shelf::of(files, |stem| stem == "3.2");
        assert_eq!(names(&shelf.current), ["3.2.csv", "3.csv"]);
    }
}
