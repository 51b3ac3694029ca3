//! A report as a site: a first page, the ranking in pages, and a page for each entity with its services.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Gaps, Report, about};
use crate::document::{Block, Cell, Document, Table, anchor};
use crate::engine::rank::ServiceResult;
use crate::id::EntityIndex;
use crate::view::heading;

/// Services on a page of the ranking.
const RANKED: usize = 1_000;
/// Services on a page of those that belong to no entity.
const LOOSE: usize = 50;
/// The longest name of a page that comes from an id.
const LONGEST_NAME: usize = 60;

/// A report in pages.
pub struct Site<'a> {
    report: &'a Report<'a>,
    gaps: Gaps,
    pages: Vec<(String, Leaf)>,
    addresses: HashMap<String, String>,
}

/// What a page is about.
enum Leaf {
    /// The whole.
    First,
    /// A stretch of the ranking.
    Ranking(Range<usize>),
    /// What analyses say of the whole.
    Analyses,
    /// An entity and its services.
    Entity(EntityIndex),
    /// A stretch of the services that belong to no entity.
    Loose(Range<usize>),
}

impl<'a> Site<'a> {
    /// Lays out the pages of a report.
    pub fn new(report: &'a Report<'a>) -> Self {
        let mut site = Self { report, gaps: Gaps::new(), pages: Vec::new(), addresses: HashMap::new() };
        let mut taken = HashSet::new();
        site.add("index", Leaf::First, &mut taken);
        let services = report.services().count();
        for stretch in stretches(services, RANKED).filter(|_| services > RANKED) {
            let page = site.add("ranking", Leaf::Ranking(stretch.clone()), &mut taken);
            site.addresses.insert(anchor("page", &name_of(&stretch)), page);
        }
        if !report.analyses.is_empty() && !report.is_of_one() {
            let page = site.add("analysis", Leaf::Analyses, &mut taken);
            site.addresses.insert(anchor("page", report.speech.say("analyses")), page);
        }
        for result in report.entities() {
            let id = report.round().entity(result.entity).id.as_str();
            let page = site.add(&format!("entity-{}", plain(id)), Leaf::Entity(result.entity), &mut taken);
            site.addresses.insert(anchor("entity", id), page.clone());
            for service in site.of_entity(result.entity).map(|result| report.id(result.service)) {
                let anchor = anchor("service", service);
                site.addresses.insert(anchor.clone(), format!("{page}#{anchor}"));
            }
        }
        for stretch in stretches(site.loose().count(), LOOSE) {
            let page = site.add("services", Leaf::Loose(stretch.clone()), &mut taken);
            for result in site.loose().skip(stretch.start).take(stretch.len()) {
                let anchor = anchor("service", report.id(result.service));
                site.addresses.insert(anchor.clone(), format!("{page}#{anchor}"));
            }
        }
        site.gaps = report.all_gaps(report.services());
        site
    }

    /// Adds a page under a name that no other has, on a disk that takes capitals for small letters too.
    fn add(&mut self, name: &str, leaf: Leaf, taken: &mut HashSet<String>) -> String {
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let free = |name: &String| !taken.contains(&name.to_lowercase());
        let name = std::iter::once(name.to_owned()).chain(numbered).find(free).unwrap_or_default();
        taken.insert(name.to_lowercase());
        let file = format!("{name}.html");
        self.pages.push((file.clone(), leaf));
        file
    }

    /// The names of the pages, the first page first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pages.iter().map(|(name, _)| name.as_str())
    }

    /// The addresses of entities, services and stretches of the ranking, by anchor.
    pub fn addresses(&self) -> &HashMap<String, String> {
        &self.addresses
    }

    fn of_entity(&self, entity: EntityIndex) -> impl Iterator<Item = &'a ServiceResult> + use<'a> {
        let report = self.report;
        report.services().filter(move |result| report.round().service(result.service).entity == Some(entity))
    }

    fn loose(&self) -> impl Iterator<Item = &'a ServiceResult> + use<'a> {
        let report = self.report;
        report.services().filter(|result| report.round().service(result.service).entity.is_none())
    }

    /// The page at a position.
    pub fn page(&self, at: usize) -> Document {
        let report = self.report;
        let whole = heading(report.framework(), report.round(), report.speech);
        match &self.pages[at].1 {
            Leaf::First => report.titled(whole, self.first()),
            Leaf::Ranking(stretch) => {
                let services: Vec<_> = report.services().skip(stretch.start).take(stretch.len()).collect();
                let mut blocks = report.ranking(services.iter().copied());
                blocks.extend(self.analyses_of(&services));
                report.titled(format!("{whole}: {}", name_of(stretch)), blocks)
            }
            Leaf::Analyses => {
                report.titled(format!("{whole}: {}", report.speech.say("analyses")), self.analyses())
            }
            Leaf::Entity(entity) => {
                let title = report.round().entity(*entity).title.get(&report.speech.texts);
                let services: Vec<_> = self.of_entity(*entity).collect();
                let mut blocks = vec![Block::Heading(title.to_owned())];
                let result = report.entities().find(|result| result.entity == *entity);
                blocks.extend(result.into_iter().flat_map(|result| report.entity(result)));
                blocks.extend(self.analyses_of(&services));
                report.add_services(services, &self.gaps, &mut blocks);
                report.titled(format!("{title}. {whole}"), blocks)
            }
            Leaf::Loose(stretch) => {
                let services: Vec<_> = self.loose().skip(stretch.start).take(stretch.len()).collect();
                let mut blocks = self.analyses_of(&services);
                report.add_services(services, &self.gaps, &mut blocks);
                report.titled(format!("{whole}: {}", name_of(stretch)), blocks)
            }
        }
    }

    fn first(&self) -> Vec<Block> {
        let report = self.report;
        let mut blocks = report.summary();
        let stretches = self.pages.iter().filter_map(|(_, leaf)| match leaf {
            Leaf::Ranking(stretch) => Some(name_of(stretch)),
            Leaf::Analyses => Some(report.speech.say("analyses").to_owned()),
            Leaf::First | Leaf::Entity(_) | Leaf::Loose(_) => None,
        });
        let rows: Vec<Vec<Cell>> = stretches.map(|name| vec![Cell::Text(name)]).collect();
        if !rows.is_empty() {
            blocks.push(report.heading("pages"));
            blocks.push(Block::Table(Table { name: "pages", columns: vec![report.column("page")], rows }));
        }
        if report.services().count() <= RANKED {
            blocks.extend(report.ranking(report.services()));
        }
        blocks.extend(report.means());
        blocks.extend(report.overview(&self.gaps));
        report.add_categories(&mut blocks);
        blocks.extend(report.method());
        blocks
    }

    /// What analyses say of these services.
    fn analyses_of(&self, services: &[&ServiceResult]) -> Vec<Block> {
        let ids: HashSet<&str> = services.iter().map(|result| self.report.id(result.service)).collect();
        self.report.analyses.iter().flat_map(|analysis| about(analysis, &ids)).collect()
    }

    /// What analyses say of the whole: long tables of services are on the pages of the ranking.
    fn analyses(&self) -> Vec<Block> {
        let is_short = |block: &&Block| match block {
            Block::Table(table) => table.rows.len() <= RANKED,
            Block::Heading(_) | Block::Part { .. } | Block::Paragraph(_) | Block::Chart(_) => true,
        };
        self.report.analyses.iter().flatten().filter(is_short).cloned().collect()
    }
}

/// The stretches of so many things, so many each.
fn stretches(count: usize, each: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(each).map(move |start| start..(start + each).min(count))
}

fn name_of(stretch: &Range<usize>) -> String {
    format!("{} – {}", stretch.start + 1, stretch.end)
}

/// An id as any disk takes it for a name.
fn plain(id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '-' };
    id.chars().take(LONGEST_NAME).map(safe).collect()
}
