//! Which return of a sheet an answer file is: `visits.csv` is the first, `visits.2.csv` the second, and
//! the last one replaces the whole sheet.

use std::collections::{BTreeMap, HashSet};
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
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let (path, kind) = (entry.path(), entry.file_type());
        let kind = kind.with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') || name.starts_with('~') {
            continue;
        }
        if kind.is_dir() {
            files.extend(files_below(&path)?);
        } else if kind.is_file() || (kind.is_symlink() && path.is_file()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The answer files of a stage, which has a folder in the round's folder.
///
/// # Errors
/// A folder cannot be read.
pub fn shelf(round: &Path, stage: &Path, is_service: impl Fn(&str) -> bool) -> anyhow::Result<Shelf> {
    if leaves(stage, round) {
        return Ok(Shelf { outside: vec![stage.to_path_buf()], ..Shelf::default() });
    }
    let mut files = files_below(stage)?;
    files.retain(|path| is_sheet(path));
    // Folders that are links are not entered: only a file that is one can lie elsewhere.
    let (outside, files) = files.into_iter().partition(|path| path.is_symlink() && leaves(path, round));
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
        let key = |path: &Path, name: &str| (path.with_file_name(""), name.to_owned());
        let firsts: HashSet<(PathBuf, String)> = files.iter().map(|path| key(path, &stem(path))).collect();
        let mut sheets: BTreeMap<(PathBuf, String), Vec<Filed>> = BTreeMap::new();
        for path in files {
            let whole = stem(&path);
            let number = numbered(&whole)
                .filter(|(name, _)| !is_service(&whole) && firsts.contains(&key(&path, name)));
            let (name, number) = number.unwrap_or((&whole, 1));
            let filed = Filed { name: name.to_owned(), number, path: path.clone() };
            sheets.entry(key(&path, name)).or_default().push(filed);
        }
        let mut shelf = Self::default();
        for returns in sheets.into_values() {
            let last = returns.iter().map(|filed| filed.number).max().unwrap_or(1);
            let (current, superseded): (Vec<Filed>, Vec<Filed>) =
                returns.into_iter().partition(|filed| filed.number == last);
            shelf.current.extend(current);
            shelf.superseded.extend(superseded);
        }
        shelf.current.sort_by(|a, b| a.path.cmp(&b.path));
        shelf.superseded.sort_by(|a, b| a.path.cmp(&b.path));
        shelf
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
