//! The registries of a round: its services and its entities.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use smol_str::SmolStr;

use super::table::{Columns, Names, Record, Table, unknown_column};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::{Attribute, Framework, Keyword};
use crate::id::EntityIndex;
use crate::number::Weight;
use crate::round::{Bits, Entity, Registered, Service};
use crate::source::Place;
use crate::text::{Text, clean, cleaned, did_you_mean, fold, is_fragile, look_alike, one_of};

const SERVICE_NAMES: Names = &[
    ("service", &["service_id", "xidmət"]),
    ("title", &["ad"]),
    ("entity", &["qurum"]),
    ("category", &["kateqoriya"]),
    ("weight", &["çəki"]),
    ("peer_group", &[]),
    ("previous", &[]),
    ("scope", &[]),
];

const ENTITY_NAMES: Names = &[
    ("entity", &["qurum"]),
    ("title", &["ad"]),
    ("category", &["kateqoriya"]),
    ("parent", &[]),
    ("contact", &[]),
];

/// Whether a service is assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Assessed,
    Excluded,
}

impl Keyword for Scope {
    const WORDS: &'static [(&'static str, Self)] =
        &[("assessed", Self::Assessed), ("excluded", Self::Excluded)];
}

/// What the registries say.
#[derive(Debug, Default)]
pub struct Registry {
    /// Assessed services, in the order of ids.
    pub services: Vec<Service>,
    /// Where the assessed services are registered.
    pub places: Option<Places>,
    /// Ids out of scope.
    pub excluded: Vec<String>,
    /// Entities that only services out of scope name.
    pub excluded_entities: Vec<String>,
    /// Entities, in the order of ids.
    pub entities: Vec<Entity>,
}

/// Where assessed services are registered: a place is made when it is asked for.
#[derive(Debug)]
pub struct Places {
    table: Table,
    column: usize,
    /// For each service where its row begins.
    rows: Vec<usize>,
}

impl Places {
    /// The place of the service at a position.
    pub fn get(&self, service: usize) -> Option<Place> {
        self.rows.get(service).map(|start| self.table.place_at(*start, self.column))
    }

    /// The place of the last service.
    pub fn last(&self) -> Option<Place> {
        self.get(self.rows.len().checked_sub(1)?)
    }
}

/// For each id of a registry where its row begins.
type Seen = HashMap<SmolStr, usize, DefaultHashBuilder>;

/// Reads the entities.
pub fn entities(table: &Table, framework: &Framework, findings: &mut Findings) -> Vec<Entity> {
    let (columns, titles) = columns(table, ENTITY_NAMES, &[], findings);
    if !required(table, &columns, "entity", findings) {
        return Vec::new();
    }
    let mut seen = Seen::default();
    let mut entities = Vec::new();
    let mut parents: Vec<Place> = Vec::new();
    let column = columns.get("entity").unwrap_or(0);
    table.rows(findings, |record, findings| {
        let cell = |name: &str| record.optional(columns.get(name));
        let id = SmolStr::from(cleaned(cell("entity")));
        let place = |start: usize| table.place_at(start, column);
        if !is_new(&id, "entity", Code::DuplicateEntity, (record.start, place), &mut seen, findings) {
            return;
        }
        let filled = |name: &str| Some(clean(cell(name))).filter(|text| !text.is_empty());
        let category = clean(cell("category"));
        check_category(&category, table, record, columns.get("category"), framework, findings);
        let title = title(record, &titles, framework, &id);
        parents.push(table.place(record, columns.get("parent").unwrap_or(0)));
        let (parent, contact) = (filled("parent"), filled("contact"));
        entities.push(Entity { title, category, parent, contact, id: id.into() });
    });
    unknown_parents(&entities, &parents, findings);
    entities.sort_by(|a, b| a.id.cmp(&b.id));
    entities
}

/// Reads the services; `entities` are those of a registry of their own, where there is one, `last` the ids
/// of the last round's services, where it is known.
pub fn services(
    table: Table,
    entities: Option<Vec<Entity>>,
    framework: &Framework,
    last: Option<&BTreeSet<String>>,
    findings: &mut Findings,
) -> Registry {
    let names: Vec<&str> = framework.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let (columns, titles) = columns(&table, SERVICE_NAMES, &names, findings);
    if !required(&table, &columns, "service", findings) {
        return Registry::default();
    }
    attribute_columns(&table, &columns, framework, findings);
    let used: Vec<usize> = framework.used_attributes().map(|(at, _)| at).collect();
    let attributes = framework.attributes.iter().enumerate();
    let attributes = attributes
        .map(|(at, attribute)| AttributeColumn::of(attribute, used.contains(&at), &columns))
        .collect();
    let column = columns.get("service").unwrap_or(0);
    let mut reader = Services {
        table: &table,
        cells: Cells::of(&columns),
        attributes,
        titles,
        framework,
        registered: entities.is_some(),
        entities: entities
            .unwrap_or_default()
            .into_iter()
            .map(|entity| (entity.id.clone(), entity))
            .collect(),
        categories: HashMap::new(),
        category: "".into(),
        seen: Seen::default(),
        previous: Seen::default(),
        last,
        rows: Vec::new(),
        excluded: Vec::new(),
    };
    table.rows(findings, |record, findings| reader.row(record, findings));
    let (registry, rows) = reader.finish();
    Registry { places: Some(Places { table, column, rows }), ..registry }
}

/// A service whose entity is still a name.
struct Draft {
    service: Service,
    entity: SmolStr,
    /// Where its row begins.
    start: usize,
}

/// Where the columns of services stand.
#[derive(Clone, Copy)]
struct Cells {
    service: Option<usize>,
    entity: Option<usize>,
    category: Option<usize>,
    weight: Option<usize>,
    peer_group: Option<usize>,
    previous: Option<usize>,
    scope: Option<usize>,
}

impl Cells {
    fn of(columns: &Columns) -> Self {
        Self {
            service: columns.get("service"),
            entity: columns.get("entity"),
            category: columns.get("category"),
            weight: columns.get("weight"),
            peer_group: columns.get("peer_group"),
            previous: columns.get("previous"),
            scope: columns.get("scope"),
        }
    }
}

/// Where an attribute's values stand, and what they are.
struct AttributeColumn {
    column: Option<usize>,
    /// Whether anything applies by it.
    is_used: bool,
    /// Each spelling of a value, as words are compared, with the value's position.
    spellings: HashMap<String, usize, DefaultHashBuilder>,
}

impl AttributeColumn {
    fn of(attribute: &Attribute, is_used: bool, columns: &Columns) -> Self {
        let mut spellings: HashMap<String, usize, DefaultHashBuilder> = HashMap::default();
        for (position, (name, title)) in attribute.values.iter().enumerate() {
            let titles = title.iter().flat_map(Text::variants).map(|(_, words)| words);
            let words = std::iter::once(name.as_str()).chain(titles).map(fold);
            for words in words.filter(|words| !words.is_empty()) {
                spellings.entry(words).or_insert(position);
            }
        }
        Self { column: columns.get(&fold(&attribute.name)), is_used, spellings }
    }

    /// The position of a value. What is a spelling as it stands needs no folding, which would leave it so.
    fn position(&self, word: &str) -> Option<usize> {
        self.spellings.get(word).or_else(|| self.spellings.get(&fold(word))).copied()
    }
}

struct Services<'a> {
    table: &'a Table,
    cells: Cells,
    attributes: Vec<AttributeColumn>,
    titles: Vec<(String, usize)>,
    framework: &'a Framework,
    registered: bool,
    entities: BTreeMap<String, Entity>,
    /// The category of each entity, and where its row begins.
    categories: HashMap<String, (String, usize)>,
    /// The category of the row before: most that follow have the same.
    category: Arc<str>,
    seen: Seen,
    previous: Seen,
    last: Option<&'a BTreeSet<String>>,
    rows: Vec<Draft>,
    excluded: Vec<(SmolStr, SmolStr)>,
}

impl Services<'_> {
    fn place(&self, record: &Record, column: Option<usize>) -> Place {
        self.table.place(record, column.unwrap_or(0))
    }

    fn row(&mut self, record: &Record, findings: &mut Findings) {
        let cells = self.cells;
        let known = |column| SmolStr::from(cleaned(record.optional(column)));
        let filled = |column| Some(clean(record.optional(column))).filter(|text| !text.is_empty());
        let (id, entity) = (known(cells.service), known(cells.entity));
        let (peer_group, previous) = (filled(cells.peer_group), filled(cells.previous));
        let (table, column) = (self.table, cells.service.unwrap_or(0));
        let place = |start: usize| table.place_at(start, column);
        let start = record.start;
        if !is_new(&id, "service", Code::DuplicateService, (start, place), &mut self.seen, findings) {
            return;
        }
        if self.scope(record, findings) == Scope::Excluded {
            self.excluded.push((id, entity));
            return;
        }
        self.previous(record, previous.as_deref(), findings);
        let weight = self.weight(record, findings);
        let category = self.category(record, &entity, findings);
        let values = self.values(record, findings);
        let title = title(record, &self.titles, self.framework, &id);
        let registered = Some(Box::new(Registered { title, peer_group, previous, values }));
        let service = Service { id, entity: None, category, weight, registered, held_out: false };
        self.rows.push(Draft { service, entity, start });
    }

    /// A service of the last round goes on as one service of this one.
    fn previous(&mut self, record: &Record, previous: Option<&str>, findings: &mut Findings) {
        let Some(previous) = previous else { return };
        let column = self.cells.previous;
        if let Some(last) = self.last.filter(|last| !last.contains(previous)) {
            let help = match findings.nearest(previous, last) {
                Some(near) => did_you_mean(previous, near),
                None => "name a service of the last round, or leave the cell blank".to_owned(),
            };
            let message = format!("the last round has no service `{previous}`");
            let place = self.place(record, column);
            findings.push(Diagnostic::new(Code::UnknownPrevious, message, place).help(help));
        }
        match self.previous.get(previous) {
            Some(first) => {
                let message = format!("`{previous}` is the last round's id of two services");
                let place = self.place(record, column);
                let finding = Diagnostic::new(Code::DuplicatePrevious, message, place);
                let first = self.table.place_at(*first, column.unwrap_or(0));
                findings.push(
                    finding
                        .related(first, "first here")
                        .help("leave it blank in all but the service that goes on"),
                );
            }
            None => {
                self.previous.insert(previous.into(), record.start);
            }
        }
    }

    fn scope(&self, record: &Record, findings: &mut Findings) -> Scope {
        let word = fold(record.optional(self.cells.scope));
        let found = Scope::WORDS.iter().find(|(name, _)| *name == word);
        if found.is_none() && !word.is_empty() {
            let message = format!("`{word}` is no scope");
            let finding = Diagnostic::new(Code::UnknownScope, message, self.place(record, self.cells.scope));
            findings.push(finding.help("a service is `assessed` (or blank) or `excluded`"));
        }
        found.map_or(Scope::Assessed, |(_, scope)| *scope)
    }

    fn weight(&self, record: &Record, findings: &mut Findings) -> Weight {
        let text = record.optional(self.cells.weight);
        if text.is_empty() {
            return Weight::ONE;
        }
        // A spreadsheet of the region writes a decimal comma.
        match Weight::parse(&text.replacen(',', ".", 1)) {
            Ok(weight) => weight,
            Err(fault) => {
                let message = format!("the weight `{text}` {}", fault.reason());
                let finding =
                    Diagnostic::new(Code::WeightNotANumber, message, self.place(record, self.cells.weight));
                findings.push(finding.help("a weight is a plain number of 0 or more; blank counts as 1"));
                Weight::ONE
            }
        }
    }

    /// The category of a row's entity, or of the service itself where it has none.
    fn category(&mut self, record: &Record, entity: &str, findings: &mut Findings) -> Arc<str> {
        let column = self.cells.category;
        let category = cleaned(record.optional(column));
        check_category(&category, self.table, record, column, self.framework, findings);
        if entity.is_empty() {
            return shared(&mut self.category, &category);
        }
        if self.registered {
            let known = self.entities.get(entity);
            self.check_entity(record, entity, known, &category, findings);
            return shared(&mut self.category, known.map_or(&*category, |known| &known.category));
        }
        if let Some((first, start)) = self.categories.get(entity) {
            if *first != category {
                let message =
                    format!("`{entity}` is in the category `{category}` here and in `{first}` elsewhere");
                let finding = Diagnostic::new(Code::CategoryConflict, message, self.place(record, column))
                    .related(self.table.place_at(*start, column.unwrap_or(0)), "first here")
                    .help("one entity has one category");
                findings.push(finding);
            }
            return shared(&mut self.category, first);
        }
        self.categories.insert(entity.to_owned(), (category.to_string(), record.start));
        self.entities.entry(entity.to_owned()).or_insert_with(|| Entity {
            id: entity.to_owned(),
            title: Text::new(vec![(self.framework.languages[0].as_str(), entity)]),
            category: category.to_string(),
            parent: None,
            contact: None,
        });
        shared(&mut self.category, &category)
    }

    /// The entity of a row is registered, and the row gives it no other category.
    fn check_entity(
        &self,
        record: &Record,
        entity: &str,
        known: Option<&Entity>,
        category: &str,
        findings: &mut Findings,
    ) {
        let Some(known) = known else {
            let help = match findings.nearest(entity, self.entities.keys()) {
                Some(near) => did_you_mean(entity, near),
                None => "add it to entities.csv".to_owned(),
            };
            let message = format!("the entity `{entity}` is not registered");
            findings.push(
                Diagnostic::new(Code::UnknownEntity, message, self.place(record, self.cells.entity))
                    .help(help),
            );
            return;
        };
        if !category.is_empty() && category != known.category {
            let message = format!(
                "`{entity}` is in the category `{category}` here and in `{}` in entities.csv",
                known.category
            );
            let finding =
                Diagnostic::new(Code::CategoryConflict, message, self.place(record, self.cells.category));
            findings.push(finding.help("leave it blank here, or make the two agree"));
        }
    }

    /// The values that attributes have here; several are separated by `;`.
    fn values(&self, record: &Record, findings: &mut Findings) -> Bits {
        let mut values = Bits::default();
        for (attribute, known) in self.framework.attributes.iter().zip(&self.attributes) {
            let Some(column) = known.column else { continue };
            let cell = record.get(column);
            let finding = |code: Code, message: String, takes: &str| {
                let names: Vec<&str> = attribute.values.iter().map(|(name, _)| name.as_str()).collect();
                let finding = Diagnostic::new(code, message, self.table.place(record, column));
                finding.help(format!("{takes} {}", one_of(&names)))
            };
            if cell.is_empty() && known.is_used {
                let message = format!("`{}` is blank", attribute.name);
                findings.push(finding(Code::AttributeBlank, message, "it decides what applies, and takes"));
            }
            for word in cell.split(';') {
                match known.position(word) {
                    Some(position) => values.set(attribute.first + position, true),
                    None => {
                        let word = fold(word);
                        if word.is_empty() {
                            continue;
                        }
                        let message = format!("`{word}` is no value of `{}`", attribute.name);
                        findings.push(finding(Code::UnknownAttributeValue, message, "it takes"));
                    }
                }
            }
        }
        values
    }

    fn finish(self) -> (Registry, Vec<usize>) {
        let entities: Vec<Entity> = self.entities.into_values().collect();
        let position = |id: &str| entities.binary_search_by(|entity| entity.id.as_str().cmp(id)).ok();
        let mut rows = self.rows;
        rows.sort_by(|a, b| a.service.id.cmp(&b.service.id));
        let mut services = Vec::with_capacity(rows.len());
        let mut starts = Vec::with_capacity(rows.len());
        // Services that lie side by side are of one entity as a rule.
        let mut last = (SmolStr::default(), None);
        for Draft { mut service, entity, start } in rows {
            if entity != last.0 {
                let found = position(&entity).map(EntityIndex::new);
                last = (entity, found);
            }
            service.entity = last.1;
            services.push(service);
            starts.push(start);
        }
        let named = self.excluded.iter().filter(|(_, entity)| position(entity).is_none());
        let excluded_entities = named.map(|(_, entity)| entity.to_string()).collect();
        let excluded = self.excluded.iter().map(|(id, _)| id.to_string()).collect();
        (Registry { services, places: None, excluded, excluded_entities, entities }, starts)
    }
}

/// The body above an entity is one that is registered, and another.
fn unknown_parents(entities: &[Entity], places: &[Place], findings: &mut Findings) {
    let known: HashSet<&str> = entities.iter().map(|entity| entity.id.as_str()).collect();
    for (entity, place) in entities.iter().zip(places) {
        let Some(parent) = &entity.parent else { continue };
        if parent != &entity.id && known.contains(parent.as_str()) {
            continue;
        }
        let others = entities.iter().map(|other| other.id.as_str()).filter(|other| *other != entity.id);
        let message = format!("the parent `{parent}` of `{}` is no other entity", entity.id);
        let help = match findings.nearest(parent, others) {
            Some(near) => did_you_mean(parent, near),
            None => "register it, or leave the cell blank".to_owned(),
        };
        findings.push(Diagnostic::new(Code::UnknownParent, message, place.clone()).help(help));
    }
}

/// A registry's columns, and those of titles by language.
fn columns(
    table: &Table,
    names: Names,
    attributes: &[&str],
    findings: &mut Findings,
) -> (Columns, Vec<(String, usize)>) {
    let mut titles = Vec::new();
    let columns = Columns::read(table, names, findings, |column, title, findings| {
        let folded = fold(title);
        if let Some(language) = folded.strip_prefix("title:").or(folded.strip_prefix("ad:")) {
            titles.push((language.trim().to_owned(), column));
        } else if !attributes.iter().any(|name| fold(name) == folded) {
            unknown_column(table, column, title, findings);
        }
        folded
    });
    if let Some(column) = columns.get("title") {
        titles.insert(0, (String::new(), column));
    }
    (columns, titles)
}

fn required(table: &Table, columns: &Columns, name: &str, findings: &mut Findings) -> bool {
    let found = columns.get(name).is_some();
    if !found {
        let message = format!("there is no column `{name}`");
        let finding = Diagnostic::new(Code::MissingColumn, message, table.header_place(0));
        let near = renamed(table, name, findings);
        findings.push(finding.help(near.unwrap_or_else(|| format!("add `{name}` to the header"))));
    }
    found
}

/// How to mend a header that has a column under a name that is only near the right one.
fn renamed(table: &Table, name: &str, findings: &mut Findings) -> Option<String> {
    findings.nearest(name, table.header()).map(|near| format!("name the column `{near}` `{name}`"))
}

/// An attribute that decides what applies must be a column: one finding for each that is not.
fn attribute_columns(table: &Table, columns: &Columns, framework: &Framework, findings: &mut Findings) {
    for (_, attribute) in framework.used_attributes() {
        if columns.get(&fold(&attribute.name)).is_none() {
            let names: Vec<&str> = attribute.values.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "there is no column `{}`, by which the framework decides what applies",
                attribute.name
            );
            let finding = Diagnostic::new(Code::AttributeColumnMissing, message, table.header_place(0));
            let near = renamed(table, &attribute.name, findings).unwrap_or_else(|| "add it".to_owned());
            findings.push(finding.help(format!("{near}; it takes {}", one_of(&names))));
        }
    }
}

/// The category of a row, as that of the row before where it is the same.
fn shared(last: &mut Arc<str>, category: &str) -> Arc<str> {
    if **last != *category {
        *last = category.into();
    }
    last.clone()
}

/// Whether an id is there, and for the first time; `start` is where its row begins.
fn is_new(
    id: &str,
    noun: &str,
    code: Code,
    (start, place): (usize, impl Fn(usize) -> Place),
    seen: &mut Seen,
    findings: &mut Findings,
) -> bool {
    if id.is_empty() {
        let finding = Diagnostic::new(Code::BlankId, format!("this row names no {noun}"), place(start));
        findings.push(finding.help(format!("write the {noun}'s id, or take the row out")));
        return false;
    }
    odd_id(id, noun, || place(start), findings);
    if let Some(first) = seen.get(id) {
        let finding = Diagnostic::new(code, format!("the {noun} `{id}` is registered twice"), place(start))
            .related(place(*first), "first here")
            .help("keep one of the two rows");
        findings.push(finding);
        return false;
    }
    seen.insert(id.into(), start);
    true
}

/// An id that is not what it looks like, or would not survive a spreadsheet.
fn odd_id(id: &str, noun: &str, place: impl Fn() -> Place, findings: &mut Findings) {
    let latin = id.chars().any(|letter| letter.is_ascii_alphabetic());
    let alike = id.chars().find_map(|letter| Some((letter, look_alike(letter)?)));
    if let (true, Some((letter, latin))) = (latin, alike) {
        let message = format!("the `{letter}` in the {noun} `{id}` is not the Latin letter `{latin}`");
        let finding = Diagnostic::new(Code::LookAlikeLetter, message, place());
        findings.push(finding.help("type the id again with the letters of one alphabet"));
    } else if is_fragile(id) {
        let message = format!("a spreadsheet would turn the {noun} `{id}` into something else");
        let finding = Diagnostic::new(Code::FragileId, message, place());
        findings.push(finding.help("put a letter before it, such as `S`"));
    }
}

fn check_category(
    category: &str,
    table: &Table,
    record: &Record,
    column: Option<usize>,
    framework: &Framework,
    findings: &mut Findings,
) {
    let categories = &framework.categories;
    if category.is_empty() || categories.is_empty() || categories.iter().any(|(name, _)| name == category) {
        return;
    }
    let known: Vec<&str> = categories.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!("the framework has no title for the category `{category}`");
    let finding = Diagnostic::new(Code::UnknownCategory, message, table.place(record, column.unwrap_or(0)));
    findings.push(finding.help(format!("its categories are {}", one_of(&known))));
}

/// A title in the languages that have one; the id without any.
fn title(record: &Record, titles: &[(String, usize)], framework: &Framework, id: &str) -> Text {
    let first = framework.languages[0].as_str();
    let mut variants: Vec<(&str, &str)> = titles
        .iter()
        .map(|(name, column)| (if name.is_empty() { first } else { name }, record.get(*column)))
        .filter(|(_, words)| !words.is_empty())
        .collect();
    if variants.is_empty() {
        variants.push((first, id));
    }
    Text::new(variants)
}
