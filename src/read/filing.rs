//! Where returned sheets are filed: beside what is there already, and over nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::returned::{Content, Desk, Returned, Whom, content, unfit};
use super::returns::{Filed, Shelf, numbered, shelf};
use super::round::{Input, Options, rows};
use super::sheet::Subject;
use crate::diagnostic::{Diagnostic, Findings};
use crate::id::ParameterIndex;
use crate::source::{Place, shown};
use crate::text::{count, one_of};

/// Where a returned sheet goes, and what it brings.
#[derive(Clone, Debug)]
pub struct Filing {
    /// The sheet.
    pub returned: Returned,
    /// The file that it becomes, or that has the same bytes already.
    pub to: PathBuf,
    /// Whether that file is there, so that nothing is to be done.
    pub is_there: bool,
    /// The files that it replaces; they stay where they are.
    pub replaces: Vec<PathBuf>,
    /// What it brings.
    pub moves: Moves,
}

/// A question of a sheet: whether of an entity, whose, and which.
pub type Asked = (bool, String, ParameterIndex);

/// What a return of a sheet brings beside the one before.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Answers that were blank or absent before.
    pub new: Vec<Asked>,
    /// Answers that were others before, or had other evidence.
    pub changed: Vec<Asked>,
    /// Answers that were there before, and are blank or absent now.
    pub gone: Vec<Asked>,
}

impl Moves {
    fn between(before: &Content, now: &Content) -> Self {
        let find = |content: &Content, whom: &Whom, parameter: &ParameterIndex| -> Option<(String, String)> {
            content.get(whom).and_then(|said| said.get(parameter)).filter(|said| is_said(said)).cloned()
        };
        let questions =
            before.iter().chain(now).flat_map(|(whom, said)| said.keys().map(move |at| (whom, at)));
        let questions: BTreeSet<(&Whom, &ParameterIndex)> = questions.collect();
        let mut moves = Self::default();
        for (whom, parameter) in questions {
            let list = match (find(before, whom, parameter), find(now, whom, parameter)) {
                (None, Some(_)) => &mut moves.new,
                (Some(was), Some(is)) if was != is => &mut moves.changed,
                (Some(_), None) => &mut moves.gone,
                (Some(_), Some(_)) | (None, None) => continue,
            };
            list.push((whom.of_entity, whom.id.clone(), *parameter));
        }
        moves
    }

    fn all(&self) -> impl Iterator<Item = &Asked> {
        self.new.iter().chain(&self.changed).chain(&self.gone)
    }
}

/// A sheet of a stage: its last return and those before.
struct Sheet {
    folder: PathBuf,
    name: String,
    current: Vec<Filed>,
    content: Content,
}

/// The sheets of one stage.
struct Stage {
    folder: PathBuf,
    shelf: Shelf,
    sheets: Vec<Sheet>,
}

impl Stage {
    fn read(round: &Path, folder: PathBuf, desk: &Desk<'_>) -> anyhow::Result<Self> {
        let shelf = shelf(round, &folder, |stem| desk.round.service_named(stem).is_some())?;
        let mut sheets: BTreeMap<(PathBuf, String), Sheet> = BTreeMap::new();
        for filed in &shelf.current {
            let (folder, name) = (filed.path.with_file_name(""), filed.name.clone());
            let sheet = sheets.entry((folder.clone(), name.clone())).or_insert_with(|| Sheet {
                folder,
                name,
                current: Vec::new(),
                content: Content::new(),
            });
            for (whom, said) in content(&filed.path, &filed.name, desk.framework, desk.options)? {
                sheet.content.entry(whom).or_default().extend(said);
            }
            sheet.current.push(filed.clone());
        }
        Ok(Self { folder, sheets: sheets.into_values().collect(), shelf })
    }

    /// A file of the stage with the same bytes about the same, be it replaced since.
    fn same(&self, returned: &Returned, desk: &Desk<'_>) -> anyhow::Result<Option<PathBuf>> {
        for Filed { path, name, .. } in self.shelf.current.iter().chain(&self.shelf.superseded) {
            let length = path.metadata().map(|data| data.len()).unwrap_or_default();
            if length != returned.bytes.len() as u64 {
                continue;
            }
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            // Blank sheets of two services may be equal: their names tell them apart.
            if bytes == returned.bytes
                && content(path, name, desk.framework, desk.options)? == returned.content
            {
                return Ok(Some(path.clone()));
            }
        }
        Ok(None)
    }

    /// The number of a sheet's next return.
    fn next(&self, sheet: &Sheet) -> u32 {
        let of_sheet =
            |filed: &&Filed| filed.name == sheet.name && filed.path.with_file_name("") == sheet.folder;
        let filed = self.shelf.current.iter().chain(&self.shelf.superseded);
        filed.filter(of_sheet).map(|filed| filed.number).max().unwrap_or(0) + 1
    }
}

/// Whether two files have a row about the same question, by the same evaluator.
fn share(one: &Content, other: &Content) -> bool {
    one.iter().any(|(whom, said)| {
        other.get(whom).is_some_and(|others| said.keys().any(|parameter| others.contains_key(parameter)))
    })
}

fn is_said(said: &(String, String)) -> bool {
    !said.0.is_empty() || !said.1.is_empty()
}

/// Finds the place of each returned sheet; one that has none becomes a finding.
///
/// # Errors
/// What is filed already cannot be read.
pub fn plan(
    desk: &Desk<'_>,
    folder: &Path,
    returned: Vec<Returned>,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Filing>> {
    let spoken = spoken(desk, folder, &returned)?;
    let mut stages: BTreeMap<usize, Stage> = BTreeMap::new();
    for at in returned.iter().map(|returned| returned.stage).collect::<BTreeSet<usize>>() {
        let inner = folder.join("answers").join(&desk.head.stages[at].id);
        stages.insert(at, Stage::read(folder, inner, desk)?);
    }
    let mut filings: Vec<Filing> = Vec::new();
    for returned in returned {
        let Some(stage) = stages.get(&returned.stage) else { continue };
        if let Some(to) = stage.same(&returned, desk)? {
            let (replaces, moves) = (Vec::new(), Moves::default());
            filings.push(Filing { to, is_there: true, replaces, moves, returned });
            continue;
        }
        let twin = filings.iter().filter(|other| !other.is_there && other.returned.stage == returned.stage);
        let twin = twin.clone().find(|other| share(&other.returned.content, &returned.content));
        if let Some(twin) = twin {
            findings.push(twice(&returned, &twin.returned.path));
            continue;
        }
        match place(stage, returned) {
            Ok(filing) => {
                findings_of(desk, &filing, &filings, &spoken)
                    .into_iter()
                    .for_each(|finding| findings.push(finding));
                filings.push(filing);
            }
            Err(finding) => findings.push(*finding),
        }
    }
    Ok(filings)
}

fn twice(returned: &Returned, other: &Path) -> Diagnostic {
    let message = format!("it answers the same questions as {}", shown(other));
    let finding = unfit(message, Place::file(shown(&returned.path)));
    finding.help("which is the later one? collect them one after the other")
}

/// Where a sheet goes in its stage: a new file, or the next return of the one sheet that asks the same.
fn place(stage: &Stage, returned: Returned) -> Result<Filing, Box<Diagnostic>> {
    let file = Place::file(shown(&returned.path));
    let ending = returned.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let ending = ending.unwrap_or_default();
    let known = || stage.sheets.iter().filter(|sheet| share(&sheet.content, &returned.content));
    // Blank sheets that lie there to be filled hold nothing that a return could turn over.
    let answered: Vec<&Sheet> =
        known().filter(|sheet| sheet.content.values().flat_map(BTreeMap::values).any(is_said)).collect();
    let known = if answered.is_empty() && known().count() == 1 { known().collect() } else { answered };
    let paths =
        |sheet: &Sheet| -> Vec<PathBuf> { sheet.current.iter().map(|filed| filed.path.clone()).collect() };
    match known.as_slice() {
        [] => {
            let to = stage.folder.join(format!("{}.{ending}", returned.name));
            let moves = Moves::between(&Content::new(), &returned.content);
            Ok(Filing { returned, to, is_there: false, replaces: Vec::new(), moves })
        }
        [sheet] => {
            let lost = lost(sheet, &returned.content);
            if !lost.is_empty() {
                let was = one_of(paths(sheet).iter().map(|path| shown(path)).collect::<Vec<_>>());
                let message =
                    format!("it replaces the whole of {was}, and says nothing of {}", one_of(&lost));
                return Err(Box::new(
                    unfit(message, file).help("send the whole sheet, with all that it had"),
                ));
            }
            let to = sheet.folder.join(format!("{}.{}.{ending}", sheet.name, stage.next(sheet)));
            let moves = Moves::between(&sheet.content, &returned.content);
            Ok(Filing { to, is_there: false, replaces: paths(sheet), moves, returned })
        }
        several => {
            let names: Vec<String> =
                several.iter().flat_map(|sheet| paths(sheet)).map(|path| shown(&path)).collect();
            let message =
                format!("it answers what {} sheets answer already: {}", several.len(), one_of(&names));
            Err(Box::new(
                unfit(message, file).help("a return replaces one sheet: split it as they are split"),
            ))
        }
    }
}

/// Whom a sheet has answers of that its next return does not mention.
fn lost(sheet: &Sheet, now: &Content) -> Vec<String> {
    let answered = sheet.content.iter().filter(|(_, said)| said.values().any(is_said));
    let gone: BTreeSet<String> =
        answered.filter(|(whom, _)| !now.contains_key(*whom)).map(|(whom, _)| whom.id.clone()).collect();
    gone.into_iter().collect()
}

/// What keeps a sheet from a place that is otherwise right: it is blank, its name is taken, or a later
/// stage rests on what it would change.
fn findings_of(
    desk: &Desk<'_>,
    filing: &Filing,
    others: &[Filing],
    spoken: &HashMap<Asked, usize>,
) -> Vec<Diagnostic> {
    let file = || Place::file(shown(&filing.returned.path));
    let mut found = Vec::new();
    let name = filing.to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !filing.returned.content.values().flat_map(BTreeMap::values).any(is_said) {
        found.push(unfit("nothing is answered in it", file()).help("send it back to be filled"));
    }
    let is_new = filing.replaces.is_empty();
    let other = others.iter().any(|other| other.to == filing.to);
    let is_service = desk.round.service_named(&filing.returned.name).is_some();
    if is_new && (other || filing.to.symlink_metadata().is_ok()) {
        let message = format!("another sheet is filed as `{name}`");
        found.push(unfit(message, file()).help("rename this one, after the service or body that it is of"));
    } else if is_new && !is_service && numbered(&filing.returned.name).is_some() {
        let message = format!("`{name}` is how a second return is called, and there is no first one");
        found.push(unfit(message, file()).help("rename it without the number"));
    }
    let later = filing.moves.all().filter_map(|asked| spoken.get(asked).copied());
    let later: Vec<usize> = later.filter(|stage| *stage > filing.returned.stage).collect();
    if let Some(last) = later.iter().max() {
        let message = format!(
            "the stage `{}` has spoken already to {} that it changes",
            desk.head.stages[*last].id,
            count(later.len(), "answer")
        );
        let help = "what was found later rests on what was said before: file it in a later stage";
        found.push(unfit(message, file()).help(help));
    }
    found
}

/// The last stage that speaks to each question of those whom the returned sheets are about.
fn spoken(desk: &Desk<'_>, folder: &Path, returned: &[Returned]) -> anyhow::Result<HashMap<Asked, usize>> {
    let mut spoken: HashMap<Asked, usize> = HashMap::new();
    let first = returned.iter().map(|returned| returned.stage).min();
    if first.is_none_or(|first| first + 1 >= desk.head.stages.len()) {
        return Ok(spoken);
    }
    let asked = returned.iter().flat_map(|returned| returned.content.keys());
    let asked: BTreeSet<(bool, String)> = asked.map(|whom| (whom.of_entity, whom.id.clone())).collect();
    let input = Input::Folder(folder.to_path_buf());
    let options = Options { stage: None, ..desk.options.clone() };
    rows(&input, desk.head, desk.framework, desk.round, &options, &mut |stage, row| {
        let (of_entity, id) = match row.subject {
            Subject::Service(id) => (false, id),
            Subject::Entity(id) => (true, id),
        };
        let Some(parameter) = row.parameter.filter(|_| !row.answer.is_empty()) else { return };
        if asked.contains(&(of_entity, id.to_owned())) {
            // Stages come in their order: the last one stays.
            spoken.insert((of_entity, id.to_owned(), parameter), stage);
        }
    })?;
    Ok(spoken)
}
