//! Writes a case to a folder: the same case in ever other files, by the seed of their writer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::exact::Exact;
use crate::model::*;
use crate::random::Random;
use crate::spell;
use crate::table::Table;
use crate::yaml::{self, Policies};

/// Where a case was written.
pub struct Written {
    pub round: PathBuf,
    /// `--framework`, where no `round.yaml` names it.
    pub framework: Option<PathBuf>,
}

/// Writes the framework, the registries and the answers of a case below `folder`.
pub fn write(random: &mut Random, case: &Case, folder: &Path) -> Written {
    let round = folder.join("round");
    fs::create_dir_all(&round).expect("a folder for the round");
    let must_have_round = case.round.language.is_some() || !case.round.stages.is_empty();
    let has_round = must_have_round || random.chance(60);
    let policies = Policies::split(random, case, has_round);

    let path = *random.pick(&["../framework", "framework"]);
    for (name, text) in yaml::framework(random, case, &policies) {
        save(&round.join(path).join(name), text.as_bytes());
    }
    let path = if random.chance(50) { path.to_owned() } else { format!("{path}/framework.yaml") };
    let is_named = has_round && random.chance(70);
    if has_round {
        let named = is_named.then_some(path.as_str());
        let text = yaml::round(random, case, &policies, named);
        // An empty document is no round.
        save(&round.join("round.yaml"), if text.is_empty() { b"id: r\n" } else { text.as_bytes() });
    }
    if case.round.registry {
        save(&round.join("services.csv"), &services(random, case).save(random));
    }
    if case.round.entity_registry {
        save(&round.join("entities.csv"), &entities(random, case).save(random));
    }
    for stage in 0..case.round.stages.len().max(1) {
        Answers { random, case, stage, round: &round }.write();
    }
    let framework = (!is_named).then(|| round.join(path));
    Written { round, framework }
}

fn save(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file in a folder");
    fs::create_dir_all(folder).expect("a folder for the file");
    fs::write(path, bytes).expect("a file of the case");
}

/// A header name in one of its spellings.
fn header(random: &mut Random, name: &str) -> String {
    let spellings: &[&str] = match name {
        "service" => &["service", "service", "service_id", "xidmət"],
        "parameter" => &["parameter", "parameter", "parameter_id", "alt meyar"],
        "answer" => &["answer", "answer", "value", "cavab"],
        "evidence" => &["evidence", "sübut"],
        "comment" => &["comment", "şərh"],
        "entity" => &["entity", "entity", "qurum"],
        "title" => &["title", "ad"],
        "category" => &["category", "kateqoriya"],
        "weight" => &["weight", "çəki"],
        name => &[name],
    };
    let spelled = random.pick(spellings);
    match random.below(10) {
        0 => spell::cased(random, spelled),
        1 => format!(" {spelled}  "),
        _ => (*spelled).to_owned(),
    }
}

// ---------------------------------------------------------------------------- registries

fn services(random: &mut Random, case: &Case) -> Table {
    let round = &case.round;
    let header = ["service", "title", "entity"].map(|name| header(random, name)).to_vec();
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    let all = &round.services;
    let has_categories = round.entities.iter().any(|entity| !entity.category.is_empty());
    if if round.entity_registry { random.chance(30) } else { has_categories || random.chance(30) } {
        // Where the bodies have a registry, it says the categories, and this one may repeat them.
        let cells = all.iter().map(|service| match round.entity_registry && random.chance(30) {
            true => String::new(),
            false => spell::text(random, &round.entities[service.entity].category),
        });
        let cells = cells.collect();
        columns.push((self::header(random, "category"), cells));
    }
    if all.iter().any(|service| service.weight.is_some()) || random.chance(20) {
        let cell = |weight: &Option<Exact>| match weight {
            Some(weight) => spell::quantity(random, weight),
            None => String::new(),
        };
        let cells = all.iter().map(|service| &service.weight).map(cell).collect();
        columns.push((self::header(random, "weight"), cells));
    }
    if all.iter().any(|service| service.excluded) || random.chance(20) {
        let cells = all.iter().map(|service| match service.excluded {
            true => "excluded".to_owned(),
            false => random.pick(&["assessed", ""]).to_string(),
        });
        let cells = cells.collect();
        columns.push(("scope".to_owned(), cells));
    }
    if case.framework.languages.contains(&"az") && random.chance(80) {
        let cells = all.iter().map(|service| azerbaijani(random, &service.title)).collect();
        columns.push(("title:az".to_owned(), cells));
    } else if case.framework.languages.contains(&"az") && case.round.language == Some("az") {
        let cells = all.iter().map(|service| azerbaijani(random, &service.title)).collect();
        columns.push(("title:az".to_owned(), cells));
    }
    for attribute in &case.framework.attributes {
        let cells = all.iter().map(|service| values(random, service, attribute.id)).collect();
        columns.push((attribute.id.to_owned(), cells));
    }
    for (name, likely) in [("peer_group", 15), ("previous", 15), ("remark", 4)] {
        if random.chance(likely) {
            let cells = all.iter().map(|service| format!("x{}", service.entity)).collect();
            columns.push((name.to_owned(), cells));
        }
    }
    let mut table = Table::new(header);
    for service in all {
        table.rows.push(vec![
            spell::id(random, &service.id),
            spell::text(random, &service.title.text),
            spell::id(random, &round.entities[service.entity].id),
        ]);
    }
    for (name, cells) in columns {
        let mut cells = cells.into_iter();
        table.add_column(name, |_| cells.next().expect("a cell of every service"));
    }
    table.shuffle(random);
    table
}

fn azerbaijani(random: &mut Random, title: &Title) -> String {
    title.az.as_ref().map_or_else(String::new, |az| spell::text(random, az))
}

fn values(random: &mut Random, service: &Service, attribute: &str) -> String {
    if service.excluded && random.chance(50) {
        return String::new();
    }
    let values = service.attributes.iter().find(|(id, _)| *id == attribute);
    let (_, values) = values.expect("a service has all attributes");
    let values: Vec<_> = values.iter().map(|value| spell::word(random, value)).collect();
    values.join(*random.pick(&[";", "; "]))
}

fn entities(random: &mut Random, case: &Case) -> Table {
    let all = &case.round.entities;
    let mut table = Table::new(["entity", "title"].map(|name| header(random, name)).to_vec());
    for entity in all {
        table.rows.push(vec![spell::id(random, &entity.id), spell::text(random, &entity.title.text)]);
    }
    if all.iter().any(|entity| !entity.category.is_empty()) || random.chance(30) {
        let mut cells = all.iter().map(|entity| spell::text(random, &entity.category));
        let cells: Vec<_> = cells.by_ref().collect();
        let mut cells = cells.into_iter();
        table.add_column(header(random, "category"), |_| cells.next().expect("a cell of every body"));
    }
    if case.framework.languages.contains(&"az") {
        let cells: Vec<_> = all.iter().map(|entity| azerbaijani(random, &entity.title)).collect();
        let mut cells = cells.into_iter();
        table.add_column("title:az".to_owned(), |_| cells.next().expect("a cell of every body"));
    }
    if random.chance(20) {
        table.add_column("contact".to_owned(), |_| "office@example.org".to_owned());
    }
    table.shuffle(random);
    table
}

// -------------------------------------------------------------------------------- answers

/// Where an answer of a service is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sheet {
    /// The service's own sheet.
    Own(usize),
    Long(usize),
    Wide(usize),
}

/// Writes the answers of one stage in any mix of layouts.
struct Answers<'a> {
    random: &'a mut Random,
    case: &'a Case,
    stage: usize,
    round: &'a Path,
}

impl Answers<'_> {
    fn write(mut self) {
        let round = &self.case.round;
        let stage = round.stages.get(self.stage);
        let folder = match stage {
            Some(stage) => self.round.join("answers").join(stage.id),
            None => self.round.join("answers"),
        };
        if stage.is_some_and(|stage| stage.silent) {
            if self.random.chance(50) {
                fs::create_dir_all(folder).expect("a folder for the stage");
            }
            return;
        }
        for (name, table) in self.tables() {
            save(&folder.join(name), &table.save(self.random));
        }
    }

    /// File names and what the files hold.
    fn tables(&mut self) -> Vec<(String, Table)> {
        let mut sheets: BTreeMap<Sheet, Vec<&Row>> = BTreeMap::new();
        let mut of_entities: Vec<&Row> = Vec::new();
        let (longs, wides) = (self.random.count(0, 2), self.random.count(0, 2));
        let may_own = self.random.chance(60) || longs + wides == 0;
        let (case, stage) = (self.case, self.stage);
        let preferred: Vec<_> =
            (0..case.round.services.len()).map(|at| self.sheet(at, longs, wides, may_own)).collect();
        for row in case.round.rows.iter().filter(|row| row.stage == stage) {
            match row.subject {
                Subject::Entity(_) => of_entities.push(row),
                Subject::Service(at) => {
                    let stays = self.random.chance(75);
                    let sheet = if stays { preferred[at] } else { self.sheet(at, longs, wides, may_own) };
                    sheets.entry(sheet).or_default().push(row);
                }
            }
        }
        if sheets.is_empty() && of_entities.is_empty() {
            // Handed in, but not filled in.
            sheets.insert(Sheet::Long(0), Vec::new());
        }
        let mut elsewhere = Vec::new();
        let mut tables = Vec::new();
        for (sheet, rows) in sheets {
            tables.push(match sheet {
                Sheet::Own(at) => {
                    let id = &case.round.services[at].id;
                    let id = if self.random.chance(15) { id.nfd().collect() } else { id.clone() };
                    (format!("{id}.csv"), self.listed(sheet, &rows, &mut elsewhere))
                }
                Sheet::Long(n) => (format!("list {n}.csv"), self.listed(sheet, &rows, &mut elsewhere)),
                Sheet::Wide(n) => (format!("wide-{n}.csv"), self.wide(&rows, &mut elsewhere)),
            });
        }
        if !of_entities.is_empty() {
            let half = self.random.below(of_entities.len());
            for (n, rows) in [&of_entities[..half], &of_entities[half..]].into_iter().enumerate() {
                if !rows.is_empty() {
                    let table = self.listed_of_entities(rows);
                    tables.push((format!("bodies-{n}.csv"), table));
                }
            }
        }
        if !elsewhere.is_empty() {
            tables.push(("sübutlar.csv".to_owned(), self.evidence(&elsewhere)));
        }
        tables
    }

    fn sheet(&mut self, service: usize, longs: usize, wides: usize, may_own: bool) -> Sheet {
        let place = self.random.below(longs + wides + usize::from(may_own));
        if place < longs {
            Sheet::Long(place)
        } else if place < longs + wides {
            Sheet::Wide(place - longs)
        } else {
            Sheet::Own(service)
        }
    }

    fn subject(&mut self, subject: Subject) -> String {
        let round = &self.case.round;
        let id = match subject {
            Subject::Service(at) => &round.services[at].id,
            Subject::Entity(at) => &round.entities[at].id,
        };
        spell::id(self.random, id)
    }

    fn answer(&mut self, row: &Row) -> String {
        let leaves = self.case.framework.leaves();
        let leaf = leaves.iter().find(|leaf| leaf.id == row.parameter).expect("a known parameter");
        spell::answer(self.random, &self.case.framework, &leaf.parameter.scale, &row.answer)
    }

    fn proof(&mut self) -> String {
        let proof =
            self.random.pick(&["https://example.org/act?id=5", "akt № 12, səh. 3", "evidence/photo 1.pdf"]);
        if proof.starts_with("evidence/") {
            save(&self.round.join(proof), b"a photograph");
        }
        (*proof).to_owned()
    }

    /// One row an answer, of one service or several; evidence here or in a file of its own.
    fn listed<'a>(&mut self, sheet: Sheet, rows: &[&'a Row], elsewhere: &mut Vec<&'a Row>) -> Table {
        let mut evidence = Vec::new();
        for row in rows {
            let here = row.evidence && self.random.chance(75);
            evidence.push(if here { self.proof() } else { String::new() });
            if row.evidence && !here {
                elsewhere.push(row);
            }
        }
        let mut table = self.list("service", rows, evidence);
        self.add_blanks(sheet, &mut table);
        if let Sheet::Own(_) = sheet {
            for row in &mut table.rows {
                row.remove(0);
            }
            table.header.remove(0);
        }
        self.finish(table)
    }

    fn listed_of_entities(&mut self, rows: &[&Row]) -> Table {
        let mut evidence = Vec::new();
        for row in rows {
            evidence.push(if row.evidence { self.proof() } else { String::new() });
        }
        let table = self.list("entity", rows, evidence);
        self.finish(table)
    }

    /// Whose, parameter, answer, and where any row has them, evidence and evaluator.
    fn list(&mut self, whose: &str, rows: &[&Row], evidence: Vec<String>) -> Table {
        let header = [whose, "parameter", "answer"].map(|name| header(self.random, name)).to_vec();
        let mut table = Table::new(header);
        for row in rows {
            let subject = self.subject(row.subject);
            let parameter = spell::id(self.random, &row.parameter);
            table.rows.push(vec![subject, parameter, self.answer(row)]);
        }
        if evidence.iter().any(|cell| !cell.is_empty()) || self.random.chance(30) {
            let mut cells = evidence.into_iter();
            let name = self::header(self.random, "evidence");
            table.add_column(name, |_| cells.next().expect("a cell of every row"));
        }
        if rows.iter().any(|row| row.evaluator.is_some()) {
            let mut cells = rows.iter().map(|row| row.evaluator.unwrap_or_default().to_owned());
            table.add_column("evaluator".to_owned(), |_| cells.next().expect("a cell of every row"));
        }
        table
    }

    /// Rows without an answer, beside others on the same parameters or not: they are no rows.
    fn add_blanks(&mut self, sheet: Sheet, table: &mut Table) {
        let count = if table.rows.is_empty() { 1 } else { self.random.below(4) };
        let leaves = self.case.framework.leaves();
        for _ in 0..count {
            let service = match sheet {
                Sheet::Own(at) => at,
                Sheet::Long(_) | Sheet::Wide(_) => self.random.below(self.case.round.services.len()),
            };
            let mut row = vec![String::new(); table.header.len()];
            row[0] = self.subject(Subject::Service(service));
            let leaf = self.random.pick(&leaves);
            row[1] = spell::id(self.random, leaf.id);
            table.rows.push(row);
        }
    }

    /// A row a service (or a service and evaluator), a column a parameter.
    fn wide<'a>(&mut self, rows: &[&'a Row], elsewhere: &mut Vec<&'a Row>) -> Table {
        let leaves = self.case.framework.leaves();
        let mut columns: Vec<&str> = leaves.iter().map(|leaf| leaf.id).collect();
        let extra = if self.random.chance(40) { 100 } else { 20 };
        columns.retain(|id| rows.iter().any(|row| row.parameter == *id) || self.random.chance(extra));
        let mut lines: Vec<(Subject, Option<&str>, Vec<String>)> = Vec::new();
        for row in rows {
            if row.evidence {
                elsewhere.push(row);
            }
            let column = columns.iter().position(|id| row.parameter == *id).expect("a column");
            let splits = self.random.chance(3);
            let line = lines.iter_mut().find(|(subject, evaluator, cells)| {
                *subject == row.subject && *evaluator == row.evaluator && cells[column].is_empty() && !splits
            });
            let answer = self.answer(row);
            if let Some((_, _, cells)) = line {
                cells[column] = answer;
            } else {
                let mut cells = vec![String::new(); columns.len()];
                cells[column] = answer;
                lines.push((row.subject, row.evaluator, cells));
            }
        }
        let mut header = vec![header(self.random, "service")];
        header.extend(columns.iter().map(|id| (*id).to_owned()));
        let mut table = Table::new(header);
        let mut evaluators = Vec::new();
        for (subject, evaluator, cells) in lines {
            let mut line = vec![self.subject(subject)];
            line.extend(cells);
            table.rows.push(line);
            evaluators.push(evaluator.unwrap_or_default().to_owned());
        }
        if evaluators.iter().any(|evaluator| !evaluator.is_empty()) {
            let mut cells = evaluators.into_iter();
            table.add_column("evaluator".to_owned(), |_| cells.next().expect("a cell of every row"));
        }
        table.shuffle(self.random);
        table
    }

    /// Evidence for answers that are in other files.
    fn evidence(&mut self, rows: &[&Row]) -> Table {
        let names = ["service", "parameter", "evidence"];
        let mut table = Table::new(names.map(|name| header(self.random, name)).to_vec());
        for row in rows {
            let parameter = spell::id(self.random, &row.parameter);
            table.rows.push(vec![self.subject(row.subject), parameter, self.proof()]);
        }
        table.shuffle(self.random);
        table
    }

    /// Columns that no figure depends on, and any order.
    fn finish(&mut self, mut table: Table) -> Table {
        let columns = [
            ("comment", "ok, \"fine\""),
            ("note", "ask again;\nsoon"),
            ("reason", "a visit"),
            ("date", "2025-03-01"),
            ("colour", "red"),
        ];
        for (name, cell) in columns {
            if self.random.chance(8) {
                let name = header(self.random, name);
                table.add_column(name, |_| cell.to_owned());
            }
        }
        table.shuffle(self.random);
        table
    }
}
