//! Answers of all files of a round, folded into one matrix.
//!
//! Stages are folded one after the other: within a stage a cell is filled once (or once by each
//! evaluator); the latest counted stage with a row has the last word. What only a finding needs (where
//! the first of two duplicates stands) is looked up in a second pass over the files.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex};

use hashbrown::{DefaultHashBuilder, HashTable};
use smol_str::SmolStr;

use super::habits::Habits;
use super::round::Options;
use super::scan::{Cell, Kind, Run, Scanned, Scanner, Whom};
use super::sheet::{ENTITY, Row, SERVICE, Sheet, Subject};
use super::sheets::{Outcome, Sheets};
use super::table::unguarded;
use super::words::{Lexicon, Names};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::{Asked, Evaluators, EvidenceRule, Framework, Parameter};
use crate::id::{ParameterIndex, ServiceIndex};
use crate::limit::{Limit, Limits};
use crate::parallel::{self, in_order, lock};
use crate::round::{Answers, Bits, Codes, Dictionaries, Entity, Response, Round, Service};
use crate::scale::{Answer, AnswerFault, Entry, Scale, ScaleKind};
use crate::source::Place;
use crate::text::{Text, cleaned, did_you_mean, one_of};

/// A stage of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its id, and the folder of its files under `answers/`.
    pub id: String,
    /// Whether its answers count.
    pub scored: bool,
    /// Whether an answer that it leaves untouched is void.
    pub voids: bool,
}

/// What a cell of a stage says: its code, or nothing.
const BLANK: usize = 0;
const CONFIRMED: usize = 1;
const WITHDRAWN: usize = 2;
/// Codes from here on are positions in the parameter's dictionary.
const FIRST: usize = Answers::FIRST;

/// A subject's row in a grid, and a parameter.
type CellKey = (Party, ParameterIndex);

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Party {
    Service(usize),
    Entity(usize),
}

/// What a stage says, for each subject and parameter; memory is taken when something is said.
#[derive(Debug, Default)]
struct Grid {
    parameters: usize,
    rows: usize,
    codes: Codes,
    /// Nothing was put from here on.
    end: usize,
    evidence: Bits,
}

impl Grid {
    fn new(rows: usize, parameters: usize) -> Self {
        Self { parameters, rows, ..Self::default() }
    }

    fn at(&self, row: usize, parameter: usize) -> usize {
        row * self.parameters + parameter
    }

    fn set_code(&mut self, at: usize, code: usize) {
        self.make_room();
        self.codes.set(at, code);
        self.end = self.end.max(at + 1);
    }

    /// Whether nothing stands where these codes are to be put.
    fn are_free(&self, begin: usize, codes: &[u16]) -> bool {
        begin >= self.end || self.codes.are_free(begin, codes)
    }

    /// Puts codes at free places, and what has evidence.
    fn add(&mut self, begin: usize, codes: &[u16], evidence: &[u64]) {
        if begin >= self.end {
            self.codes.put(begin, codes);
        } else {
            self.codes.add(begin, codes);
        }
        self.end = self.end.max(begin + codes.len());
        self.evidence.add(begin, evidence);
    }

    fn add_evidence(&mut self, at: usize) {
        self.evidence.set(at, true);
    }

    /// Makes room for the codes of all rows that there are by now.
    fn make_room(&mut self) {
        self.codes.grow(self.rows * self.parameters);
    }

    fn clear(&mut self) {
        *self = Self::new(self.rows, self.parameters);
    }
}

/// What one cell text means, found once for each scale.
#[derive(Clone, Debug)]
enum Reading {
    Code(usize),
    NotApplicable(usize),
    Fault(AnswerFault),
}

/// What is known of answers on one scale.
#[derive(Debug, Default)]
struct Dictionary {
    readings: HashMap<String, Reading, DefaultHashBuilder>,
    responses: Vec<Response>,
    positions: HashMap<Key, usize, DefaultHashBuilder>,
}

/// What names a response exactly.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    /// One option.
    Choice(usize),
    /// One number, as it was written: of them there may be many.
    Number((i128, i128)),
    /// Anything else, in its debug form.
    Other(String),
}

impl Key {
    fn of(response: &Response) -> Self {
        match response.as_slice() {
            [Answer::Choice(option)] => Self::Choice(*option),
            [Answer::Number(quantity)] => Self::Number(quantity.parts()),
            _ => Self::Other(format!("{response:?}")),
        }
    }
}

/// The positions of ids that are kept elsewhere: a country's are to be held but once.
#[derive(Debug, Default)]
struct Ids {
    /// How many ids there are as long as each comes after the one before it: a list is often sorted, and what follows
    /// its last id is new without a search. From the first id on that does not, all are in the table instead.
    ascending: usize,
    /// Each with half of its id's hash, so that few ids are looked at.
    positions: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    fn of<'i>(ids: impl Iterator<Item = &'i str>) -> Self {
        let mut found = Self::default();
        ids.enumerate().for_each(|(at, id)| found.insert(at, id));
        found
    }

    /// The position of an id; all that there are have to be in the table.
    fn get<'i>(&self, id: &str, of: impl Fn(usize) -> &'i str) -> Option<usize> {
        debug_assert_eq!(self.ascending, 0, "all are in the table");
        let half = self.half(id);
        let is_it = |(other, at): &(u32, u32)| *other == half && of(*at as usize) == id;
        self.positions.find(Self::whole(half), is_it).map(|(_, at)| *at as usize)
    }

    fn insert(&mut self, at: usize, id: &str) {
        let half = self.half(id);
        self.positions.insert_unique(Self::whole(half), (half, at as u32), |(half, _)| Self::whole(*half));
    }

    /// The same, wherever they are.
    fn seek<'i>(&mut self, id: &str, of: impl Fn(usize) -> &'i str) -> Option<usize> {
        if let Some(last) = self.ascending.checked_sub(1) {
            match of(last).cmp(id) {
                Ordering::Less => return None,
                Ordering::Equal => return Some(last),
                Ordering::Greater => self.fill(&of),
            }
        }
        self.get(id, of)
    }

    /// The position of an id, which gets the next one when it is new.
    fn seek_or_insert<'i>(&mut self, id: &str, next: usize, of: impl Fn(usize) -> &'i str) -> usize {
        self.seek(id, of).unwrap_or_else(|| {
            if self.ascending == next {
                self.ascending += 1;
            } else {
                self.insert(next, id);
            }
            next
        })
    }

    /// Puts all ids into the table.
    fn fill<'i>(&mut self, of: impl Fn(usize) -> &'i str) {
        (0..std::mem::take(&mut self.ascending)).for_each(|at| self.insert(at, of(at)));
    }

    fn half(&self, id: &str) -> u32 {
        self.hasher.hash_one(id) as u32
    }

    /// A hash of which the highest bits and the lowest tell ids apart.
    fn whole(half: u32) -> u64 {
        u64::from(half) << 32 | u64::from(half)
    }
}

impl Dictionary {
    fn intern(&mut self, response: Response) -> usize {
        let next = self.responses.len();
        let position = *self.positions.entry(Key::of(&response)).or_insert(next);
        if position == next {
            self.responses.push(response);
        }
        FIRST + position
    }
}

/// What is settled of a text that is not simply an answer: the general reader is to say what follows from it.
const UNUSUAL: u32 = u32::MAX >> 1;

/// What a thread reads parts with.
struct Reader<'a> {
    scanner: Scanner<'a>,
    /// Memory that served a part and will serve the next.
    spare: String,
}

/// Makes a scanner ready for what comes next, after so many cells. Names are kept only where they come again: in
/// files that are not sorted by service.
fn release(scanner: &mut Scanner<'_>, cells: usize) {
    scanner.names.iter_mut().filter(|names| names.len() * 8 < cells).for_each(Names::clear);
}

/// Of so many runs the places are looked at before they are taken: they stay near until then.
const AT_ONCE: usize = 64;

/// Something to say once its places are known.
struct Pending {
    /// The stage whose rows are meant; the last one that answers, where it is none.
    stage: Option<usize>,
    cell: CellKey,
    finding: Diagnostic,
}

/// Reads answers into the matrix of a round.
pub struct Ledger<'a> {
    framework: &'a Framework,
    round: Round,
    registered: bool,
    entities_registered: bool,
    names: Ids,
    entity_names: Ids,
    /// The services of each registered entity.
    of_entity: Vec<Vec<usize>>,
    no_category: Arc<str>,
    excluded: HashSet<String>,
    unknown: HashSet<String>,
    dictionaries: Vec<Dictionary>,
    stage: usize,
    stage_grids: [Grid; 2],
    current: [Grid; 2],
    void: Bits,
    /// The parameters that do not apply to every service.
    conditional: Vec<usize>,
    /// Whether the stage confirms or withdraws anything.
    has_words: bool,
    /// Whether a scored stage was folded.
    is_folded: bool,
    by_evaluator: BTreeMap<CellKey, Vec<(String, usize)>>,
    disagreements: BTreeMap<CellKey, usize>,
    objections: BTreeMap<CellKey, usize>,
    overruled: HashSet<(usize, ParameterIndex)>,
    entity_faults: HashSet<(usize, ParameterIndex)>,
    held_entities: HashSet<usize>,
    entity_not_applicable: Vec<(usize, ParameterIndex, Diagnostic)>,
    pending: Vec<Pending>,
    not_applicable: usize,
    habits: Option<Habits<Party>>,
    limits: &'a Limits,
    /// Whether every row goes to the general reader.
    general: bool,
    missing_evidence_files: Box<dyn Fn(&str) -> bool + Send + 'a>,
}

impl<'a> Ledger<'a> {
    /// A ledger for a round whose registries are read. `evidence_exists` tells whether a path that begins with
    /// `evidence/` names a file.
    pub fn new(
        framework: &'a Framework,
        round: Round,
        entities_registered: bool,
        options: &'a Options,
        evidence_exists: impl Fn(&str) -> bool + Send + 'a,
    ) -> Self {
        let names = Ids::of(round.services.iter().map(|service| service.id.as_str()));
        let entity_names = Ids::of(round.entities.iter().map(|entity| entity.id.as_str()));
        let parameters = framework.parameters.len();
        let services = round.services.len();
        let entities = round.entities.len();
        let mut of_entity = vec![Vec::new(); entities];
        for (at, service) in round.services.iter().enumerate() {
            if let Some(entity) = service.entity {
                of_entity[entity.get()].push(at);
            }
        }
        let grids = || [Grid::new(services, parameters), Grid::new(entities, parameters)];
        Self {
            framework,
            registered: round.has_registry,
            entities_registered,
            names,
            entity_names,
            of_entity,
            no_category: "".into(),
            excluded: round.excluded.iter().cloned().collect(),
            unknown: HashSet::new(),
            dictionaries: framework.scales.iter().map(|_| Dictionary::default()).collect(),
            stage: 0,
            stage_grids: grids(),
            current: grids(),
            void: Bits::default(),
            conditional: (0..parameters)
                .filter(|at| !framework.parameters[*at].applies_when.is_empty())
                .collect(),
            has_words: false,
            is_folded: false,
            by_evaluator: BTreeMap::new(),
            disagreements: BTreeMap::new(),
            objections: BTreeMap::new(),
            overruled: HashSet::new(),
            entity_faults: HashSet::new(),
            held_entities: HashSet::new(),
            entity_not_applicable: Vec::new(),
            pending: Vec::new(),
            not_applicable: 0,
            habits: options.places.then(Habits::default),
            limits: &options.limits,
            general: options.general,
            missing_evidence_files: Box::new(evidence_exists),
            round,
        }
    }

    /// Folds the files of a round, stage by stage, on so many threads. `sheets` gives the files of a
    /// stage; it is asked again where a finding needs a second place.
    pub fn fold<'s>(
        &mut self,
        stages: &[Stage],
        threads: usize,
        findings: &mut Findings,
        sheets: impl Fn(usize) -> Sheets<'s>,
    ) -> Outcome<'s> {
        let mut last = 0;
        for (at, stage) in stages.iter().enumerate() {
            self.stage = at;
            let files = Mutex::new(sheets(at));
            let (mut any, mut is_ended) = (false, false);
            // Each row of a stage that does not count may be an objection, and all are looked at for habits.
            let plain = stage.scored && self.habits.is_none() && !self.general;
            let is_first = !self.is_folded;
            in_order(
                threads,
                || Reader { scanner: Scanner::new(self.framework), spare: String::new() },
                |reader| lock(&files).next_unopened(std::mem::take(&mut reader.spare)),
                |reader, unopened| {
                    let mut all = Vec::new();
                    unopened.open(|opened| {
                        let sheet = opened.sheet.as_ref().filter(|_| plain);
                        let scanned = sheet.and_then(|sheet| reader.scanner.scan(sheet, is_first));
                        all.push((opened, scanned));
                    });
                    all
                },
                |reader, all| {
                    let cells = all.iter().filter_map(|(_, scanned)| scanned.as_ref());
                    let cells = cells.map(|scanned| scanned.cells.len() + scanned.codes.len()).sum();
                    for (opened, scanned) in all {
                        if is_ended {
                            return;
                        }
                        findings.extend(opened.findings);
                        is_ended = !matches!(opened.outcome, Outcome::Read);
                        if is_ended {
                            lock(&files).fail(opened.outcome);
                        } else if let Some(sheet) = opened.sheet {
                            any = true;
                            self.take(&mut reader.scanner, &sheet, scanned, stage.scored, findings);
                            reader.spare = sheet.into_text();
                        }
                    }
                    release(&mut reader.scanner, cells);
                },
            );
            let files = files.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
            match files.finish(findings) {
                Outcome::Read => {}
                ended => return ended,
            }
            if any {
                last = at;
            }
            self.settle_evaluators(at);
            self.finish_stage(stage, any, findings);
        }
        self.report_disagreements(findings);
        self.report_objections(last);
        if let Some(habits) = self.habits.take() {
            habits.report(findings);
            self.await_evidence(&habits);
            self.habits = Some(habits);
        }
        let pending = std::mem::take(&mut self.pending);
        let places = self.locate(&pending, stages.len(), threads, sheets);
        for Pending { stage, cell, mut finding } in pending {
            let rows = places.get(&cell).into_iter().flatten();
            let last = || places.get(&cell).and_then(|rows| rows.last()).map(|(stage, _)| *stage);
            let wanted = stage.or_else(last);
            let mut found = rows.filter(|(at, _)| Some(*at) == wanted).map(|(_, place)| place);
            if finding.place.is_none() {
                finding.place = found.next().cloned();
            }
            if stage.is_some()
                && let Some(place) = found.find(|place| Some(*place) != finding.place.as_ref())
            {
                let words = if finding.code == Code::EvaluatorsDisagree { "the other" } else { "first here" };
                finding = finding.related(place.clone(), words);
            }
            findings.push(finding);
        }
        Outcome::Read
    }

    /// Where the rows of cells stand that findings wait for, in the order of stages and files.
    fn locate<'s>(
        &mut self,
        pending: &[Pending],
        stages: usize,
        threads: usize,
        sheets: impl Fn(usize) -> Sheets<'s>,
    ) -> HashMap<CellKey, Vec<(usize, Place)>> {
        let cells: HashSet<CellKey, DefaultHashBuilder> =
            pending.iter().map(|pending| pending.cell).collect();
        let mut places: HashMap<CellKey, Vec<(usize, Place)>> = HashMap::new();
        if cells.is_empty() {
            return places;
        }
        self.names.fill(|at| &self.round.services[at].id);
        let (framework, round) = (self.framework, &self.round);
        let (names, entity_names) = (&self.names, &self.entity_names);
        let cell_of = |row: &Row<'_>| {
            let party = match row.subject {
                Subject::Service(id) => names.get(id, |at| &round.services[at].id).map(Party::Service)?,
                Subject::Entity(id) => {
                    entity_names.get(id, |at| &round.entities[at].id).map(Party::Entity)?
                }
            };
            let answers = !row.is_evidence() && !row.answer.is_empty();
            let cell = (party, row.parameter.filter(|_| answers)?);
            cells.contains(&cell).then_some(cell)
        };
        let wanted = |stage: usize| pending.iter().any(|pending| pending.stage.is_none_or(|at| at == stage));
        for stage in (0..stages).filter(|stage| wanted(*stage)) {
            let files = Mutex::new(sheets(stage));
            in_order(
                threads,
                String::new,
                |spare| lock(&files).next_unopened(std::mem::take(spare)),
                |spare, unopened| {
                    let mut found = Vec::new();
                    unopened.open(|opened| {
                        let Some(sheet) = opened.sheet else { return };
                        sheet.rows(framework, &mut Findings::default(), |row, _| {
                            found.extend(cell_of(&row).map(|cell| (cell, row.place())));
                        });
                        *spare = sheet.into_text();
                    });
                    found
                },
                |_, found| {
                    for (cell, place) in found {
                        places.entry(cell).or_default().push((stage, place));
                    }
                },
            );
        }
        places
    }

    /// Takes a part of a file: plain cells as they were scanned, the rest row by row.
    fn take(
        &mut self,
        scanner: &mut Scanner<'_>,
        sheet: &Sheet,
        scanned: Option<Scanned>,
        scored: bool,
        findings: &mut Findings,
    ) {
        let Some(mut scanned) = scanned else {
            sheet.rows(self.framework, findings, |row, findings| self.row(&row, scored, findings));
            return;
        };
        let (framework, side) = (self.framework, sheet.side());
        let general = |ledger: &mut Self, start: u32, findings: &mut Findings| {
            sheet.row_at(start as usize, framework, findings, |row, findings| {
                ledger.row(&row, scored, findings);
            });
        };
        let parameters = framework.parameters.len().max(1);
        let mut gathered = scanned
            .codes
            .chunks_exact(parameters)
            .zip(scanned.evidence.chunks_exact(parameters.div_ceil(64)));
        let mut ids = scanned.ids.iter_mut().map(std::mem::take);
        let mut rest = scanned.cells.as_mut_slice();
        // Rows in turn are often about the same.
        let mut last = None;
        let mut party_of = |ledger: &mut Self, scanner: &mut Scanner<'_>, name| match last {
            Some((same, party)) if same == name => Some(party),
            _ => {
                let party = ledger.party_of(&mut scanner.names[side], side, name)?;
                last = Some((name, party));
                Some(party)
            }
        };
        for (at, run) in scanned.runs.iter().enumerate() {
            if at % AT_ONCE == 0 {
                self.fetch(side, &scanned.runs[at..scanned.runs.len().min(at + AT_ONCE)], rest);
            }
            let (name, cells, as_a_whole) = match *run {
                Run::General { start } => {
                    general(self, start, findings);
                    continue;
                }
                Run::Codes { whom, start, end, cells } => {
                    let (cells, below) = rest.split_at_mut(cells as usize);
                    rest = below;
                    let rows = start as usize..end as usize;
                    let party = match whom {
                        Whom::Name(name) => party_of(self, scanner, name),
                        Whom::Id => ids.next().and_then(|id| self.service_of_id(id)).map(Party::Service),
                    };
                    let taken = gathered.next().zip(party).is_some_and(|((codes, evidence), party)| {
                        self.take_codes(scanner, party, codes, evidence, cells)
                    });
                    if !taken {
                        sheet.rows_of(rows, framework, findings, |row, findings| {
                            self.row(&row, scored, findings);
                        });
                    }
                    continue;
                }
                Run::Rows { name, cells } => (name, cells, false),
                Run::Row { name, cells } => (name, cells, true),
            };
            let (cells, below) = rest.split_at_mut(cells as usize);
            rest = below;
            let party = party_of(self, scanner, name);
            if as_a_whole {
                if !party.is_some_and(|party| self.take_row(scanner, party, cells)) {
                    general(self, cells[0].start, findings);
                }
                continue;
            }
            for cell in cells {
                if !party.is_some_and(|party| self.take_cell(scanner, party, cell)) {
                    general(self, cell.start, findings);
                }
            }
        }
        scanner.spare.push(scanned);
    }

    /// Looks at the places of the first cell of each run before they are needed one by one: memory that is far away
    /// answers many questions in the time of one.
    fn fetch(&self, side: usize, runs: &[Run], mut cells: &[Cell]) {
        let grid = &self.stage_grids[side];
        let mut seen = 0;
        for run in runs {
            let Run::Rows { name, cells: count } = run else { return };
            if let (None, Some(cell)) = (Lexicon::open(*name), cells.first()) {
                let at = grid.at(*name as usize, cell.parameter as usize);
                seen ^= grid.codes.get(at) ^ usize::from(grid.evidence.get(at));
            }
            cells = &cells[*count as usize..];
        }
        std::hint::black_box(seen);
    }

    /// Takes the cells of a row; says no, and takes none, when any of them is not plain.
    fn take_row(&mut self, scanner: &mut Scanner<'_>, party: Party, cells: &mut [Cell]) -> bool {
        let are_plain = cells.iter_mut().all(|cell| self.is_plain(scanner, party, cell));
        if are_plain {
            cells.iter().for_each(|cell| self.put_cell(party, cell));
        }
        are_plain
    }

    /// Takes a cell; says no when it is not plain.
    #[inline]
    fn take_cell(&mut self, scanner: &mut Scanner<'_>, party: Party, cell: &mut Cell) -> bool {
        let is_plain = self.is_plain(scanner, party, cell);
        if is_plain {
            self.put_cell(party, cell);
        }
        is_plain
    }

    /// Whether nothing is to be said of a cell: its answer is usual, and its place free in this stage and not taken by
    /// another answer before. The answer is settled if it was not.
    #[inline]
    fn is_plain(&mut self, scanner: &mut Scanner<'_>, party: Party, cell: &mut Cell) -> bool {
        if let Some(number) = Lexicon::open(cell.answer) {
            cell.answer = self.learn(scanner, cell.parameter as usize, number);
        }
        if cell.kind == Kind::Evidence || cell.answer == BLANK as u32 {
            return true;
        }
        let (side, subject) = split(party);
        let at = self.stage_grids[side].at(subject, cell.parameter as usize);
        let before = self.current[side].codes.get(at);
        cell.answer != UNUSUAL
            && self.is_asked_of(side, cell.parameter as usize)
            && self.stage_grids[side].codes.get(at) == BLANK
            && (before == BLANK || before == cell.answer as usize)
    }

    /// Puts a plain cell into its place.
    #[inline]
    fn put_cell(&mut self, party: Party, cell: &Cell) {
        let (side, subject) = split(party);
        let grid = &mut self.stage_grids[side];
        let at = grid.at(subject, cell.parameter as usize);
        let is_answer = cell.kind != Kind::Evidence && cell.answer != BLANK as u32;
        if is_answer {
            grid.set_code(at, cell.answer as usize);
        }
        if cell.kind == Kind::Evidence || (is_answer && cell.kind == Kind::Evident) {
            grid.add_evidence(at);
        }
        if is_answer && side == SERVICE {
            self.not_applicable +=
                usize::from(self.is_unasked(subject, cell.parameter as usize, cell.answer as usize));
        }
    }

    /// Takes codes, in the first stage that counts, and cells of the same rows; says no, and takes none, when any of
    /// them is not plain.
    fn take_codes(
        &mut self,
        scanner: &mut Scanner<'_>,
        party: Party,
        codes: &[u16],
        evidence: &[u64],
        cells: &mut [Cell],
    ) -> bool {
        let (side, subject) = split(party);
        let grid = &mut self.stage_grids[side];
        let begin = grid.at(subject, 0);
        if self.registered {
            // All rows are known: zeros in the place of those that nobody answers take no memory.
            grid.make_room();
        }
        let is_free = grid.are_free(begin, codes)
            && cells.iter().all(|cell| codes[cell.parameter as usize] == BLANK as u16)
            && (side == SERVICE
                || (0..).zip(codes).all(|(at, code)| *code == BLANK as u16 || self.is_asked_of(side, at)));
        if !is_free || !self.take_row(scanner, party, cells) {
            return false;
        }
        self.stage_grids[side].add(begin, codes, evidence);
        if side == SERVICE {
            let unasked = |at: &&usize| self.is_unasked(subject, **at, usize::from(codes[**at]));
            self.not_applicable += self.conditional.iter().filter(unasked).count();
        }
        true
    }

    /// Whether a parameter may be answered for a subject of this side.
    fn is_asked_of(&self, side: usize, parameter: usize) -> bool {
        side == SERVICE || self.framework.parameters[parameter].asked == Asked::Entity
    }

    /// Whom a name means; none when that is for the general reader to say.
    fn party_of(&mut self, names: &mut Names, side: usize, name: u32) -> Option<Party> {
        let subject = match Lexicon::open(name) {
            None => name as usize,
            Some(number) => {
                let id = cleaned(unguarded(names.get(number).trim()));
                let found = match side {
                    SERVICE => self.service_of_id(id.into()),
                    _ => self.entity_named(&id),
                };
                let subject = found?;
                names.settle(number, subject as u32);
                subject
            }
        };
        Some(if side == SERVICE { Party::Service(subject) } else { Party::Entity(subject) })
    }

    /// The service of an id; none when that is for the general reader to say.
    fn service_of_id(&mut self, id: SmolStr) -> Option<usize> {
        let may_be_new = !self.registered
            && !id.is_empty()
            && !self.excluded.contains(&*id)
            && self.round.services.len() < self.limits.size(Limit::Services);
        if may_be_new { Some(self.service_or_new(id)) } else { self.service_named(&id) }
    }

    /// The code of a text that was not settled when it was met; it is settled now.
    fn learn(&mut self, scanner: &mut Scanner<'_>, parameter: usize, number: u32) -> u32 {
        let index = ParameterIndex::new(parameter);
        let answers = scanner.answers_to(parameter);
        if let Some(code) = answers.said(number) {
            return code;
        }
        let code = match unguarded(answers.get(number).trim()) {
            "" => BLANK as u32,
            answer => usual_code(self.reading(index, answer), self.framework.parameter(index)),
        };
        answers.settle(number, code);
        code
    }

    /// Whether a code is an answer to a parameter that does not apply, as the registry says.
    fn is_unasked(&self, service: usize, parameter: usize, code: usize) -> bool {
        let index = ParameterIndex::new(parameter);
        let is_asked = || self.round.applies(self.framework, ServiceIndex::new(service), index);
        self.registered
            && code >= FIRST
            && !self.framework.parameters[parameter].applies_when.is_empty()
            && !is_asked()
            && self.dictionary(index).responses[code - FIRST] != [Answer::NotApplicable]
    }

    /// What is known of answers on a parameter's scale.
    fn dictionary(&self, parameter: ParameterIndex) -> &Dictionary {
        &self.dictionaries[self.framework.parameter(parameter).scale]
    }

    fn row(&mut self, row: &Row<'_>, scored: bool, findings: &mut Findings) {
        let Some(party) = self.party(row, findings) else { return };
        if row.is_long() {
            self.hold_all(party);
            return;
        }
        let Some(parameter) = row.parameter else {
            self.unknown_parameter(row, party, findings);
            return;
        };
        if row.answer.is_empty() && !row.is_evidence() {
            return;
        }
        let evidence = self.evidence(row, party, parameter, findings);
        let (side, subject) = split(party);
        if row.is_evidence() {
            let grid = &mut self.stage_grids[side];
            let at = grid.at(subject, parameter.get());
            if evidence {
                grid.add_evidence(at);
            }
            return;
        }
        if let Some(finding) = row.not_asked_of_entity(self.framework.parameter(parameter)) {
            findings.push(finding);
            self.hold(party, parameter);
            return;
        }
        let code = match self.reading(parameter, row.answer) {
            Reading::Code(code) => code,
            Reading::NotApplicable(code) => {
                self.check_not_applicable(row, party, parameter, findings);
                code
            }
            Reading::Fault(fault) => {
                let finding = answer_finding(&fault, self.framework, parameter, row, findings);
                findings.push(finding);
                self.hold(party, parameter);
                return;
            }
        };
        self.check_against_earlier(row, party, parameter, code, scored, findings);
        if !scored && code != CONFIRMED {
            self.objections.insert((party, parameter), self.stage);
        }
        if let Some(habits) = &mut self.habits
            && code >= FIRST
        {
            habits.note(party, || subject_name(row), self.framework, row);
        }
        self.put(row, party, parameter, code, evidence);
    }

    /// Whom a row is about; none when that is a fault or the service is out of scope.
    fn party(&mut self, row: &Row<'_>, findings: &mut Findings) -> Option<Party> {
        match row.subject {
            Subject::Service(id) => {
                if let Some(at) = self.service_named(id) {
                    return Some(Party::Service(at));
                }
                if self.excluded.contains(id) {
                    self.excluded_service(id, row, findings);
                    return None;
                }
                if self.registered {
                    self.unknown_subject(id, "service", Code::UnknownService, row, findings);
                    return None;
                }
                if self.round.services.len() >= self.limits.size(Limit::Services) {
                    // Said once: the place of another such row tells nothing more.
                    if self.unknown.insert(String::new()) {
                        findings.push(self.limits.exceeded(Limit::Services, row.subject_place()));
                    }
                    return None;
                }
                Some(Party::Service(self.service_or_new(id.into())))
            }
            Subject::Entity(id) => {
                if let Some(at) = self.entity_named(id) {
                    return Some(Party::Entity(at));
                }
                if self.round.excluded_entities.iter().any(|known| known == id) {
                    return None;
                }
                if self.registered || self.entities_registered {
                    self.unknown_subject(id, "entity", Code::UnknownEntity, row, findings);
                    return None;
                }
                Some(Party::Entity(self.new_entity(id)))
            }
        }
    }

    fn excluded_service(&mut self, id: &str, row: &Row<'_>, findings: &mut Findings) {
        if row.answer.is_empty() {
        } else if self.habits.is_none() {
            findings.count(Code::ExcludedService, 1);
        } else if self.unknown.insert(format!("excluded {id}")) {
            let message = format!("the service `{id}` is out of scope, and is answered");
            let finding = Diagnostic::new(Code::ExcludedService, message, row.subject_place());
            findings.push(finding.help("take the answers out, or put `assessed` in the registry's `scope`"));
        }
    }

    /// One finding for each id, at its first row.
    fn unknown_subject(&mut self, id: &str, noun: &str, code: Code, row: &Row<'_>, findings: &mut Findings) {
        if !self.unknown.insert(format!("{noun} {id}")) {
            return;
        }
        let near = match code == Code::UnknownService {
            true => findings.nearest(id, self.round.services.iter().map(|service| &service.id)),
            false => findings.nearest(id, self.round.entities.iter().map(|entity| &entity.id)),
        };
        let help = match near {
            Some(near) => did_you_mean(id, near),
            None => format!("add it to the registry, or mend the {noun}'s id"),
        };
        let message = format!("the {noun} `{id}` is not registered");
        findings.push(Diagnostic::new(code, message, row.subject_place()).help(help));
    }

    fn service_named(&mut self, id: &str) -> Option<usize> {
        self.names.seek(id, |at| &self.round.services[at].id)
    }

    fn entity_named(&self, id: &str) -> Option<usize> {
        self.entity_names.get(id, |at| &self.round.entities[at].id)
    }

    fn service_or_new(&mut self, id: SmolStr) -> usize {
        let services = &self.round.services;
        let at = self.names.seek_or_insert(&id, services.len(), |at| &services[at].id);
        if at < services.len() {
            return at;
        }
        self.round.services.push(Service {
            id,
            entity: None,
            category: self.no_category.clone(),
            weight: crate::number::Weight::ONE,
            registered: None,
            held_out: false,
        });
        self.stage_grids[SERVICE].rows = at + 1;
        self.current[SERVICE].rows = at + 1;
        at
    }

    fn new_entity(&mut self, id: &str) -> usize {
        let at = self.round.entities.len();
        self.round.entities.push(Entity {
            id: id.to_owned(),
            title: Text::new(vec![(self.framework.languages[0].clone(), id.to_owned())]),
            category: String::new(),
            parent: None,
            contact: None,
        });
        self.entity_names.insert(at, id);
        self.stage_grids[ENTITY].rows = at + 1;
        self.current[ENTITY].rows = at + 1;
        at
    }

    fn unknown_parameter(&mut self, row: &Row<'_>, party: Party, findings: &mut Findings) {
        let finding = match row.parameter_id.is_empty() {
            true => {
                let message = "this row names no parameter";
                let finding = Diagnostic::new(Code::BlankParameter, message, row.parameter_place());
                finding.help("write the parameter's id, or take the row out")
            }
            false => row.unknown_parameter(self.framework, findings),
        };
        findings.push(finding);
        self.hold_all(party);
    }

    /// Holds out a service, or every service of an entity.
    fn hold_all(&mut self, party: Party) {
        match party {
            Party::Service(at) => self.round.services[at].held_out = true,
            Party::Entity(at) => {
                if !self.held_entities.insert(at) {
                    return;
                }
                for service in self.of_entity.get(at).into_iter().flatten() {
                    self.round.services[*service].held_out = true;
                }
            }
        }
    }

    /// Holds out a service, or the services that inherit an entity's faulty answer.
    fn hold(&mut self, party: Party, parameter: ParameterIndex) {
        match party {
            Party::Service(at) => self.round.services[at].held_out = true,
            Party::Entity(at) => {
                self.entity_faults.insert((at, parameter));
            }
        }
    }

    /// Whether a row brings evidence; a path that names no file is a fault.
    fn evidence(
        &mut self,
        row: &Row<'_>,
        party: Party,
        parameter: ParameterIndex,
        findings: &mut Findings,
    ) -> bool {
        let evidence = row.evidence();
        if !evidence.contains("evidence/") {
            return !evidence.is_empty();
        }
        for path in evidence.split(';').map(str::trim).filter(|part| part.starts_with("evidence/")) {
            if !(self.missing_evidence_files)(path) {
                let message = format!("there is no file `{path}`");
                let finding = Diagnostic::new(Code::EvidenceFileMissing, message, row.evidence_place());
                findings
                    .push(finding.help("put the file into the round's `evidence` folder, or mend the path"));
                self.hold(party, parameter);
            }
        }
        true
    }

    /// What a cell means, kept for when it comes again.
    fn reading(&mut self, parameter: ParameterIndex, cell: &str) -> Reading {
        if let Some(reading) = self.dictionary(parameter).readings.get(cell) {
            return reading.clone();
        }
        let read = self.framework.scale(parameter).read(cell, &self.framework.words);
        let dictionary = &mut self.dictionaries[self.framework.parameter(parameter).scale];
        let reading = match read {
            Ok(Entry::Confirmed) => Reading::Code(CONFIRMED),
            Ok(Entry::Withdrawn) => Reading::Code(WITHDRAWN),
            Ok(Entry::Given(Answer::NotApplicable)) => {
                Reading::NotApplicable(dictionary.intern(vec![Answer::NotApplicable]))
            }
            Ok(Entry::Given(answer)) => Reading::Code(dictionary.intern(vec![answer])),
            Err(fault) => Reading::Fault(fault),
        };
        dictionary.readings.insert(cell.to_owned(), reading.clone());
        reading
    }

    /// "Not applicable" is for optional parameters, and for those that the registry says do not apply.
    fn check_not_applicable(
        &mut self,
        row: &Row<'_>,
        party: Party,
        parameter: ParameterIndex,
        findings: &mut Findings,
    ) {
        if self.framework.parameter(parameter).optional || !self.any_applies(party, parameter) {
            return;
        }
        let message = format!(
            "`{}` applies to this service, and cannot be answered `{}`",
            row.parameter_id, row.answer
        );
        let help = match self.framework.parameter(parameter).applies_when.is_empty() {
            true => "the parameter is not optional: answer it, or leave it blank as a gap",
            false => "mend the service's attributes in services.csv if it does not apply; else answer it",
        };
        let finding = Diagnostic::new(Code::NotApplicableNotAllowed, message, row.place());
        match party {
            Party::Service(at) => {
                findings.push(finding.help(help));
                self.round.services[at].held_out = true;
            }
            // It is a fault only for services that have no answer of their own.
            Party::Entity(at) => self.entity_not_applicable.push((at, parameter, finding.help(help))),
        }
    }

    /// Whether a parameter applies to a service, or to any service of an entity.
    fn any_applies(&self, party: Party, parameter: ParameterIndex) -> bool {
        let applies = |at: usize| self.round.applies(self.framework, ServiceIndex::new(at), parameter);
        match party {
            Party::Service(at) => applies(at),
            Party::Entity(entity) => self.of_entity.get(entity).into_iter().flatten().copied().any(applies),
        }
    }

    fn check_against_earlier(
        &mut self,
        row: &Row<'_>,
        party: Party,
        parameter: ParameterIndex,
        code: usize,
        scored: bool,
        findings: &mut Findings,
    ) {
        let (side, subject) = split(party);
        let grid = &self.current[side];
        let before = grid.codes.get(grid.at(subject, parameter.get()));
        let disputed = self.disagreements.contains_key(&(party, parameter));
        if code < FIRST && before == BLANK && !disputed {
            let message = format!("`{}` stands where nothing was answered before", row.answer);
            let finding = Diagnostic::new(Code::ConfirmationOfNothing, message, row.place());
            findings.push(finding.help("give the answer itself, or leave the cell blank"));
        } else if scored && code >= FIRST && before != BLANK && before != code && row.reason().is_empty() {
            let message = format!("`{}` changes an earlier answer and says no reason", row.parameter_id);
            let finding = Diagnostic::new(Code::ChangeWithoutReason, message, row.place());
            findings.push(finding.help("say why in the column `reason`"));
        }
        if side == SERVICE && self.is_unasked(subject, parameter.get(), code) {
            self.not_applicable += 1;
            if self.habits.is_some() {
                findings.push(unasked_answer(row));
            }
        }
    }

    fn put(&mut self, row: &Row<'_>, party: Party, parameter: ParameterIndex, code: usize, evidence: bool) {
        let (side, subject) = split(party);
        let grid = &mut self.stage_grids[side];
        let at = grid.at(subject, parameter.get());
        let before = grid.codes.get(at);
        let evaluator = row.evaluator();
        let cell = (party, parameter);
        if before != BLANK {
            let others = self.by_evaluator.get(&cell);
            let known = others.is_none_or(|list| list.iter().any(|(name, _)| name == evaluator));
            if evaluator.is_empty() || known {
                let message = format!("`{}` is answered twice for {}", row.parameter_id, subject_name(row));
                let finding = Diagnostic::new(Code::DuplicateAnswer, message, row.place()).help(
                    "keep one of the two rows, or name the evaluator of each in the column `evaluator`",
                );
                self.pending.push(Pending { stage: Some(self.stage), cell, finding });
                self.hold(party, parameter);
                return;
            }
        }
        if !evaluator.is_empty() {
            self.by_evaluator.entry(cell).or_default().push((evaluator.to_owned(), code));
        }
        let grid = &mut self.stage_grids[side];
        if before == BLANK {
            grid.set_code(at, code);
            self.has_words |= code < FIRST;
        }
        if evidence {
            grid.add_evidence(at);
        }
    }

    /// Makes one answer of what several evaluators said in a stage.
    fn settle_evaluators(&mut self, stage: usize) {
        for (cell, mut list) in std::mem::take(&mut self.by_evaluator) {
            if list.len() < 2 {
                continue;
            }
            list.sort();
            let (party, parameter) = cell;
            let (side, subject) = split(party);
            let before = {
                let grid = &self.current[side];
                grid.codes.get(grid.at(subject, parameter.get()))
            };
            let dictionary = &mut self.dictionaries[self.framework.parameter(parameter).scale];
            let mut answers: Response = Vec::new();
            for (_, code) in &list {
                let code = if *code == CONFIRMED { before } else { *code };
                if code >= FIRST {
                    answers.extend(dictionary.responses[code - FIRST].iter().cloned());
                }
            }
            let scale = self.framework.scale(parameter);
            let mut scores: Vec<_> = answers.iter().map(|answer| scale.score(answer)).collect();
            scores.sort();
            scores.dedup();
            let at = self.stage_grids[side].at(subject, parameter.get());
            let agreed = scores.len() < 2 || self.framework.policy.evaluators == Evaluators::Mean;
            let code = if answers.is_empty() { WITHDRAWN } else { dictionary.intern(answers) };
            self.stage_grids[side].set_code(at, code);
            self.has_words |= code < FIRST;
            if !agreed {
                self.disagreements.insert(cell, stage);
            }
        }
    }

    /// Folds what a stage says into what counts, and makes room for the next one.
    fn finish_stage(&mut self, stage: &Stage, any_file: bool, findings: &mut Findings) {
        self.answer_objections();
        self.inherit_faults(findings);
        if stage.scored && !self.is_folded && !self.has_words && self.disagreements.is_empty() {
            self.fold_first();
        } else if stage.scored {
            self.fold_services(stage, any_file);
            self.fold_entities();
        }
        self.is_folded |= stage.scored;
        self.has_words = false;
        self.stage_grids.iter_mut().for_each(Grid::clear);
    }

    /// Takes over the first stage that counts as it is, with the entities' answers where services have
    /// none of their own: the same as folding it into nothing, without a second matrix.
    fn fold_first(&mut self) {
        std::mem::swap(&mut self.stage_grids, &mut self.current);
        let [services, entities] = &mut self.current;
        let asked = |at: &usize| self.framework.parameters[*at].asked == Asked::Entity;
        let parameters: Vec<usize> = (0..self.framework.parameters.len()).filter(asked).collect();
        for (service, entity) in self.round.services.iter().enumerate() {
            let Some(entity) = entity.entity else { continue };
            for parameter in &parameters {
                let from = entities.at(entity.get(), *parameter);
                let at = services.at(service, *parameter);
                let code = entities.codes.get(from);
                if services.codes.get(at) == BLANK && code != BLANK {
                    services.set_code(at, code);
                    if entities.evidence.get(from) {
                        services.add_evidence(at);
                    }
                }
            }
        }
    }

    /// Forgets the objections that this stage answers, with a word or an answer.
    fn answer_objections(&mut self) {
        let grids = &self.stage_grids;
        let says = |side: usize, row: usize, parameter: ParameterIndex| {
            grids[side].codes.get(grids[side].at(row, parameter.get())) != BLANK
        };
        let (services, stage) = (&self.round.services, self.stage);
        self.objections.retain(|(party, parameter), from| {
            let (side, row) = split(*party);
            let entity = if side == SERVICE { services[row].entity } else { None };
            let answered = says(side, row, *parameter)
                || entity.is_some_and(|entity| says(ENTITY, entity.get(), *parameter));
            *from == stage || !answered
        });
    }

    fn fold_services(&mut self, stage: &Stage, any_file: bool) {
        let parameters = self.framework.parameters.len();
        for service in 0..self.round.services.len() {
            let entity = self.round.services[service].entity;
            for parameter in 0..parameters {
                let at = self.stage_grids[SERVICE].at(service, parameter);
                let own = self.stage_grids[SERVICE].codes.get(at);
                let mut evidence = self.stage_grids[SERVICE].evidence.get(at);
                let mut code = own;
                if let (BLANK, Some(entity)) = (own, entity) {
                    let from = self.stage_grids[ENTITY].at(entity.get(), parameter);
                    code = self.stage_grids[ENTITY].codes.get(from);
                    evidence |= self.stage_grids[ENTITY].evidence.get(from);
                }
                if code == BLANK && !evidence && !stage.voids {
                    continue;
                }
                self.overrule(service, ParameterIndex::new(parameter), own);
                let current = &mut self.current[SERVICE];
                merge(current, at, code, evidence);
                let key = (Party::Service(service), ParameterIndex::new(parameter));
                if code == BLANK {
                    if stage.voids && any_file && current.codes.get(at) != BLANK {
                        self.void.set(at, true);
                    }
                } else {
                    self.void.set(at, false);
                    if code != CONFIRMED
                        && self.disagreements.get(&key).is_some_and(|from| *from < self.stage)
                    {
                        self.disagreements.remove(&key);
                    }
                }
            }
        }
    }

    /// Notes that a service's own row goes before the answer that its entity's evaluators dispute.
    fn overrule(&mut self, service: usize, parameter: ParameterIndex, own: usize) {
        let speaks = own != BLANK && own != CONFIRMED && !self.disagreements.is_empty();
        if let (true, Some(entity)) = (speaks, self.round.services[service].entity) {
            let disputed = (Party::Entity(entity.get()), parameter);
            if self.disagreements.contains_key(&disputed) {
                self.overruled.insert((service, parameter));
            }
        }
    }

    fn fold_entities(&mut self) {
        for entity in 0..self.round.entities.len() {
            for parameter in 0..self.framework.parameters.len() {
                let at = self.stage_grids[ENTITY].at(entity, parameter);
                let grid = &self.stage_grids[ENTITY];
                let (code, evidence) = (grid.codes.get(at), grid.evidence.get(at));
                merge(&mut self.current[ENTITY], at, code, evidence);
                let key = (Party::Entity(entity), ParameterIndex::new(parameter));
                let settled = code != BLANK && code != CONFIRMED;
                if settled && self.disagreements.get(&key).is_some_and(|from| *from < self.stage) {
                    self.disagreements.remove(&key);
                }
            }
        }
    }

    /// Holds out the services that inherit a faulty answer: those without one of their own.
    fn inherit_faults(&mut self, findings: &mut Findings) {
        for (entity, parameter) in std::mem::take(&mut self.entity_faults) {
            for at in self.heirs(entity, parameter) {
                self.round.services[at].held_out = true;
            }
        }
        for (entity, parameter, finding) in std::mem::take(&mut self.entity_not_applicable) {
            let heirs = self.heirs(entity, parameter);
            if !heirs.is_empty() {
                findings.push(finding);
            }
            heirs.into_iter().for_each(|at| self.round.services[at].held_out = true);
        }
    }

    /// The services that take an entity's answer in this stage.
    fn heirs(&self, entity: usize, parameter: ParameterIndex) -> Vec<usize> {
        let grid = &self.stage_grids[SERVICE];
        let inherits = |at: &usize| {
            grid.codes.get(grid.at(*at, parameter.get())) == BLANK
                && !self.overruled.contains(&(*at, parameter))
                && self.round.applies(self.framework, ServiceIndex::new(*at), parameter)
        };
        self.of_entity.get(entity).into_iter().flatten().copied().filter(inherits).collect()
    }

    /// Evaluators who still disagree when all has been said keep their services from being scored.
    fn report_disagreements(&mut self, findings: &mut Findings) {
        for (cell, stage) in std::mem::take(&mut self.disagreements) {
            let (party, parameter) = cell;
            let id = &self.framework.parameter(parameter).id;
            let name = match party {
                Party::Service(at) => format!("the service `{}`", self.round.services[at].id),
                Party::Entity(at) => format!("the entity `{}`", self.round.entities[at].id),
            };
            let finding = Diagnostic::nowhere(
                Code::EvaluatorsDisagree,
                format!("evaluators gave `{id}` of {name} different scores"),
            )
            .help("settle it in a later stage, or state `evaluators: mean` in the policy");
            self.pending.push(Pending { stage: Some(stage), cell, finding });
            self.hold(party, parameter);
        }
        self.inherit_faults(findings);
    }

    /// Objections that no later stage answered, once there is a later one.
    /// An objection is late once a stage after it has a file: before that nobody could answer it.
    fn report_objections(&mut self, last: usize) {
        for ((party, parameter), stage) in std::mem::take(&mut self.objections) {
            if stage < last {
                let id = &self.framework.parameter(parameter).id;
                let message = format!("no later stage answers the objection to `{id}`");
                let finding = Diagnostic::nowhere(Code::ObjectionUnanswered, message)
                    .help("confirm the answer or change it in a later stage, with the reason");
                self.pending.push(Pending { stage: Some(stage), cell: (party, parameter), finding });
            }
        }
    }

    /// Lets a warning wait for the place of each answer that counts and lacks the evidence it needs.
    fn await_evidence(&mut self, habits: &Habits<Party>) {
        let needed = |(_, parameter): &(usize, &Parameter)| parameter.evidence == EvidenceRule::Required;
        let framework = self.framework;
        for (at, parameter) in framework.parameters.iter().enumerate().filter(needed) {
            for (service, of) in self.round.services.iter().enumerate() {
                let grid = &self.current[SERVICE];
                let cell = grid.at(service, at);
                let Some(position) = grid.codes.get(cell).checked_sub(FIRST) else { continue };
                let answered =
                    self.dictionaries[parameter.scale].responses[position] != [Answer::NotApplicable];
                if grid.evidence.get(cell) || !answered {
                    continue;
                }
                let message = format!("`{}` needs evidence, and has none", parameter.id);
                let finding = Diagnostic::nowhere(Code::EvidenceMissing, message)
                    .help("name a document, an address or a file under `evidence/` in the column `evidence`");
                let own =
                    parameter.asked == Asked::Service || habits.has_own_row(Party::Service(service), at);
                let party = match (own, of.entity) {
                    (false, Some(entity)) => Party::Entity(entity.get()),
                    (true, _) | (false, None) => Party::Service(service),
                };
                self.pending.push(Pending { stage: None, cell: (party, ParameterIndex::new(at)), finding });
            }
        }
    }

    /// The round with its answers, services in the order of ids.
    pub fn finish(mut self, findings: &mut Findings) -> Round {
        if self.habits.is_none() {
            findings.count(Code::AnswerNotApplicable, self.not_applicable);
            findings.count(Code::EvidenceMissing, self.missing_evidence());
        }
        let dictionaries = Dictionaries {
            of: self.framework.parameters.iter().map(|parameter| parameter.scale).collect(),
            responses: self.dictionaries.into_iter().map(|dictionary| dictionary.responses).collect(),
        };
        let [mut grid, _] = self.current;
        grid.make_room();
        self.round.answers = Answers::of(grid.codes, grid.evidence, self.void, dictionaries);
        let is_sorted = self.names.ascending == self.round.services.len()
            || self.round.services.is_sorted_by(|a, b| a.id <= b.id);
        if !is_sorted {
            let mut order: Vec<usize> = (0..self.round.services.len()).collect();
            order.sort_by(|a, b| self.round.services[*a].id.cmp(&self.round.services[*b].id));
            self.round.answers = self.round.answers.in_order(&order);
            let mut services: Vec<Option<Service>> = self.round.services.into_iter().map(Some).collect();
            self.round.services = order.iter().filter_map(|at| services[*at].take()).collect();
        }
        self.round
    }

    /// How many answers lack the evidence that they need.
    fn missing_evidence(&self) -> usize {
        let grid = &self.current[SERVICE];
        let required = self.framework.parameters.iter().enumerate();
        let required = required.filter(|(_, definition)| definition.evidence == EvidenceRule::Required);
        // Of each parameter that needs evidence, the code of the answer that needs none.
        let exempt: Vec<(usize, usize)> = required
            .map(|(parameter, definition)| {
                let mut responses = self.dictionaries[definition.scale].responses.iter();
                let position = responses.position(|response| *response == [Answer::NotApplicable]);
                (parameter, position.map_or(BLANK, |position| position + FIRST))
            })
            .collect();
        if exempt.is_empty() {
            return 0;
        }
        let lacks = |service: usize| {
            let cells = exempt.iter().filter(|(parameter, exempt)| {
                let at = grid.at(service, *parameter);
                let code = grid.codes.get(at);
                code != BLANK && code != *exempt && !grid.evidence.get(at)
            });
            cells.count()
        };
        parallel::split(self.round.services.len(), |services| services.map(lacks).sum::<usize>())
            .into_iter()
            .sum()
    }
}

/// Which of a pair of grids a subject is in, and its row there.
fn split(party: Party) -> (usize, usize) {
    match party {
        Party::Service(at) => (SERVICE, at),
        Party::Entity(at) => (ENTITY, at),
    }
}

/// What counts after a row: a confirmation keeps what was answered, a withdrawal takes it back, and a
/// later row without evidence keeps the earlier evidence.
fn merge(current: &mut Grid, at: usize, code: usize, evidence: bool) {
    if code == WITHDRAWN {
        current.set_code(at, BLANK);
        current.evidence.set(at, false);
        return;
    }
    if code >= FIRST {
        current.set_code(at, code);
    }
    if evidence {
        current.add_evidence(at);
    }
}

/// The code of an answer to a parameter; that of unusual ones where anything is to be said of it.
fn usual_code(reading: Reading, parameter: &Parameter) -> u32 {
    match reading {
        Reading::Code(code) if code >= FIRST => code as u32,
        Reading::NotApplicable(code) if parameter.optional => code as u32,
        Reading::Code(_) | Reading::NotApplicable(_) | Reading::Fault(_) => UNUSUAL,
    }
}

fn subject_name(row: &Row<'_>) -> String {
    match row.subject {
        Subject::Service(id) => format!("the service `{id}`"),
        Subject::Entity(id) => format!("the entity `{id}`"),
    }
}

/// The finding for an answer to a parameter that does not apply.
fn unasked_answer(row: &Row<'_>) -> Diagnostic {
    let message = format!("`{}` does not apply to {}, and is answered", row.parameter_id, subject_name(row));
    let finding = Diagnostic::new(Code::AnswerNotApplicable, message, row.place());
    finding.help("take the answer out, or mend the service's attributes in services.csv")
}

/// The finding for a cell that is no answer.
fn answer_finding(
    fault: &AnswerFault,
    framework: &Framework,
    parameter: ParameterIndex,
    row: &Row<'_>,
    findings: &mut Findings,
) -> Diagnostic {
    let scale = framework.scale(parameter);
    let (id, answer) = (row.parameter_id, row.answer);
    let (code, message, help) = match fault {
        AnswerFault::UnknownOption(part) => {
            let help = match option_near(scale, part, findings) {
                Some(near) => format!("{} {}", did_you_mean(part, near), takes(scale, framework)),
                None => takes(scale, framework),
            };
            (Code::AnswerUnknown, format!("`{part}` is no answer to `{id}`"), help)
        }
        AnswerFault::Dash => (
            Code::DashForNothing,
            format!("`{answer}` stands where `{id}` is answered"),
            format!("leave the cell blank where nothing is answered; {}", takes(scale, framework)),
        ),
        AnswerFault::NotANumber => {
            (Code::AnswerNotANumber, format!("`{answer}` is not a number"), takes(scale, framework))
        }
        AnswerFault::Date => {
            let help = format!(
                "a spreadsheet turned the cell into a date: format the column as text, and type it again; {}",
                takes(scale, framework)
            );
            (Code::AnswerIsADate, format!("`{answer}` is a date"), help)
        }
        AnswerFault::OutOfRange => (
            Code::AnswerOutOfRange,
            format!("`{answer}` is outside the scale of `{id}`"),
            takes(scale, framework),
        ),
        AnswerFault::Ratio => (
            Code::RatioOutOfRange,
            format!("`{answer}` is no share"),
            "write `a/b` with whole numbers, 0 <= a <= b".to_owned(),
        ),
        AnswerFault::NoneWithOthers => (
            Code::NoneWithOthers,
            format!("`{answer}` says nothing is chosen and chooses"),
            "keep the chosen options, or the word alone".to_owned(),
        ),
    };
    Diagnostic::new(code, message, row.place()).help(help)
}

fn option_near<'a>(scale: &'a Scale, word: &str, findings: &mut Findings) -> Option<&'a str> {
    findings.nearest(word, scale.options().iter().flat_map(|choice| choice.spellings()))
}

/// What a scale takes, in words.
fn takes(scale: &Scale, framework: &Framework) -> String {
    match &scale.kind {
        ScaleKind::Choices(choices) => {
            let answers: Vec<&str> = choices.iter().map(|choice| choice.answer.as_str()).collect();
            format!("it takes {}", one_of(&answers))
        }
        ScaleKind::Multiple(choices) => {
            let mut answers: Vec<&str> = choices.iter().map(|choice| choice.answer.as_str()).collect();
            answers.extend(framework.words.none.first().map(String::as_str));
            format!("it takes any of {}, separated by `;`", one_of(&answers))
        }
        ScaleKind::Number(number) => {
            let unit = number.unit.as_ref().map(|unit| format!(" ({})", unit.get(""))).unwrap_or_default();
            let range = match (number.min, number.max) {
                (Some(min), Some(max)) => format!(" from {min} to {max}"),
                (Some(min), None) => format!(" of {min} or more"),
                (None, Some(max)) => format!(" of {max} or less"),
                (None, None) => String::new(),
            };
            let share = if number.ratio { ", or a share `a/b`" } else { "" };
            format!("it takes a number{unit}{range}, such as `96` or `96,5`{share}")
        }
    }
}

/// Services that no file answers: a warning for each where they are registered, or one with their
/// number where no places are given.
pub fn unanswered(
    framework: &Framework,
    round: &Round,
    place: Option<impl Fn(usize) -> Option<Place>>,
    findings: &mut Findings,
) {
    let parameters = (0..framework.parameters.len()).map(ParameterIndex::new);
    let answered =
        |service| parameters.clone().any(|parameter| round.answers.position(service, parameter).is_some());
    // One that is held out was answered, if wrongly.
    let is_silent = |service: &ServiceIndex| !answered(*service) && !round.service(*service).held_out;
    let Some(place) = place else {
        let counts = parallel::split(round.services.len(), |services| {
            services.map(ServiceIndex::new).filter(is_silent).count()
        });
        return findings.count(Code::ServiceWithoutAnswers, counts.into_iter().sum());
    };
    for service in round.service_indices().filter(is_silent) {
        let message = format!("the service `{}` has no answer at all", round.service(service).id);
        let finding = match place(service.get()) {
            Some(place) => Diagnostic::new(Code::ServiceWithoutAnswers, message, place),
            None => Diagnostic::nowhere(Code::ServiceWithoutAnswers, message),
        };
        findings.push(finding.help("add its answers; without them everything counts as missing"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_position_whatever_the_order() {
        let ascending = ["a", "b", "b", "d", "e"].as_slice();
        for (ids, rest) in
            [(ascending, [].as_slice()), (ascending, &["c", "a", "f", "f", "e"]), (&["b", "a"], &["b"])]
        {
            let (mut seen, mut positions) = (Vec::new(), Ids::default());
            for id in ids.iter().chain(rest) {
                let known = seen.iter().position(|other| other == id);
                assert_eq!(positions.seek(id, |at| seen[at]), known, "{id} after {seen:?}");
                let at = positions.seek_or_insert(id, seen.len(), |at| seen[at]);
                assert_eq!(at, known.unwrap_or(seen.len()), "{id} after {seen:?}");
                if known.is_none() {
                    seen.push(id);
                }
            }
            positions.fill(|at| seen[at]);
            let found = |id: &&str| positions.get(id, |at| seen[at]).map(|at| seen[at]);
            assert!(ids.iter().chain(rest).all(|id| found(id) == Some(*id)));
            assert_eq!(found(&"nobody"), None);
        }
    }
}
