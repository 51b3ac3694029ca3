//! The files that the program should write, from the reference's figures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::exact::{Exact, fixed};
use crate::model::{Case, Kind, Node, Title};
use crate::reference::{Assessment, Standing, State};

/// Stands for digits that are not promised: what a service that is held out has answered.
pub const ANY_COUNT: char = '\u{1}';

/// The files, and the services in them that are held out.
pub struct Expected {
    pub ranking: String,
    pub entity_ranking: String,
    /// Without the rows of services that are held out, which come last.
    pub scores: String,
    pub held_out: Vec<String>,
}

impl Expected {
    /// What a case should come to.
    pub fn of(case: &Case) -> Self {
        let mut assessments = case.assess();
        let standings = case.stand(&assessments);
        let ranks = ranks(case, &assessments);
        assessments.sort_by_key(|one| {
            (one.held_out, one.index.is_none(), ranks[one.service.id.as_str()].0, &one.service.id)
        });
        let held_out = assessments.iter().filter(|one| one.held_out);
        Self {
            ranking: ranking(case, &assessments, &ranks),
            entity_ranking: entity_ranking(case, &standings),
            scores: scores(case, &assessments),
            held_out: held_out.map(|one| one.service.id.clone()).collect(),
        }
    }
}

impl Expected {
    /// Writes the files beside the program's, to be looked at.
    pub fn keep(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder for the expected files");
        let files = [
            ("ranking.csv", &self.ranking),
            ("entity-ranking.csv", &self.entity_ranking),
            ("scores.csv", &self.scores),
        ];
        for (name, text) in files {
            fs::write(folder.join(name), text.replace(ANY_COUNT, "*")).expect("an expected file");
        }
    }
}

/// A service's rank among all and in its category.
type Ranks<'a> = BTreeMap<&'a str, (Option<usize>, Option<usize>)>;

fn ranks<'a>(case: &Case, assessments: &[Assessment<'a>]) -> Ranks<'a> {
    let among = |is_one: &dyn Fn(&Assessment) -> bool| {
        let indexes: Vec<_> =
            assessments.iter().map(|one| one.index.clone().filter(|_| is_one(one))).collect();
        case.framework.policy.ranks(&indexes)
    };
    let all = among(&|_| true);
    let categories: BTreeSet<_> = assessments.iter().map(|one| category(case, one)).collect();
    let peers: BTreeMap<_, _> =
        categories.into_iter().map(|own| (own, among(&|one| category(case, one) == own))).collect();
    let of = |(at, one): (usize, &Assessment<'a>)| {
        (one.service.id.as_str(), (all[at], peers[category(case, one)][at]))
    };
    assessments.iter().enumerate().map(of).collect()
}

fn category<'a>(case: &'a Case, one: &Assessment) -> &'a str {
    if case.round.registry { &case.round.entities[one.service.entity].category } else { "" }
}

fn ranking(case: &Case, assessments: &[Assessment], ranks: &Ranks) -> String {
    let mut file = File::new(case);
    let mut header: Vec<_> = [
        "rank",
        "rank_in_category",
        "service",
        "title",
        "entity",
        "category",
        "index",
        "band",
        "answered",
        "applicable",
    ]
    .map(File::verbatim)
    .into();
    header.extend(top_groups(case).map(|group| File::verbatim(&group.id)));
    file.line(&header);
    for one in assessments {
        let (rank, in_category) = ranks[one.service.id.as_str()];
        let entity = case.round.registry.then(|| &case.round.entities[one.service.entity].id);
        let band = one.index.as_ref().map_or("", |index| case.framework.band(index, &one.scores));
        let count = |count: usize| match one.held_out {
            true => ANY_COUNT.to_string(),
            false => count.to_string(),
        };
        let mut cells = vec![
            optional(rank),
            optional(in_category),
            file.text(&one.service.id),
            file.title(&one.service.title),
            file.text(entity.map_or("", String::as_str)),
            file.text(category(case, one)),
            file.figure(one.index.as_ref()),
            file.text(band),
            count(one.answered),
            count(one.applicable),
        ];
        cells.extend(
            top_groups(case)
                .map(|group| file.figure(one.scores.get(group.id.as_str()).filter(|_| !one.held_out))),
        );
        file.line(&cells);
    }
    file.content
}

fn entity_ranking(case: &Case, standings: &[Standing]) -> String {
    let mut file = File::new(case);
    let mut header: Vec<_> =
        ["category", "rank", "entity", "title", "services", "index", "band"].map(File::verbatim).into();
    header.extend(top_groups(case).map(|group| File::verbatim(&group.id)));
    file.line(&header);

    let mut rows = Vec::new();
    for one in standings {
        let peers: Vec<_> =
            standings.iter().filter(|other| other.entity.category == one.entity.category).collect();
        let indexes: Vec<_> = peers.iter().map(|other| other.index.clone()).collect();
        let ranks = case.framework.policy.ranks(&indexes);
        let at = peers.iter().position(|other| other.entity.id == one.entity.id);
        let rank = ranks[at.expect("one of its peers")];
        rows.push((&one.entity.category, rank.is_none(), rank, &one.entity.id, one));
    }
    rows.sort_by_key(|&(category, is_unranked, rank, id, _)| (category, is_unranked, rank, id));
    for (category, _, rank, id, one) in rows {
        // Without a registry of bodies nobody has said their titles.
        let title = if case.round.entity_registry { file.title(&one.entity.title) } else { file.text(id) };
        let band = one.index.as_ref().map_or("", |index| case.framework.band(index, &one.groups));
        let mut cells = vec![
            file.text(category),
            optional(rank),
            file.text(id),
            title,
            one.services.to_string(),
            file.figure(one.index.as_ref()),
            file.text(band),
        ];
        let groups = top_groups(case).map(|group| file.figure(one.groups.get(group.id.as_str())));
        cells.extend(groups);
        file.line(&cells);
    }
    file.content
}

fn scores(case: &Case, assessments: &[Assessment]) -> String {
    let mut file = File::new(case);
    file.line(&["service", "level", "id", "score", "state"].map(File::verbatim));
    for one in assessments.iter().filter(|one| !one.held_out) {
        let mut lines = Vec::new();
        case.framework.root.visit(0, &mut |node, depth| {
            let score = match depth {
                0 => one.index.as_ref(),
                _ => one.scores.get(node.id.as_str()),
            };
            lines.push([
                file.text(&one.service.id),
                level(case, node, depth).to_owned(),
                node.id.clone(),
                file.figure(score),
                state(one, node, score).to_owned(),
            ]);
        });
        for line in lines {
            file.line(&line);
        }
    }
    file.content
}

fn level(case: &Case, node: &Node, depth: usize) -> &'static str {
    let levels = &case.framework.levels;
    match &node.kind {
        Kind::Group(_) if depth == 0 => "index",
        Kind::Group(_) => levels[depth - 1],
        Kind::Parameter(_) => levels[levels.len() - 1],
    }
}

fn state(one: &Assessment, node: &Node, score: Option<&Exact>) -> &'static str {
    match (&node.kind, score) {
        (Kind::Parameter(_), _) => match one.states[node.id.as_str()] {
            State::NotApplicable(_) => "not-applicable",
            State::Missing => "missing",
            State::Implied => "implied",
            State::Void => "void",
            State::Scored(_) => "scored",
        },
        (Kind::Group(_), Some(_)) => "scored",
        (Kind::Group(_), None) if node.id.is_empty() => "insufficient",
        (Kind::Group(_), None) => "not-applicable",
    }
}

fn top_groups(case: &Case) -> impl Iterator<Item = &Node> {
    case.framework.root.children().iter()
}

fn optional(rank: Option<usize>) -> String {
    rank.map_or_else(String::new, |rank| rank.to_string())
}

/// A CSV file in the making.
struct File<'a> {
    case: &'a Case,
    content: String,
}

impl<'a> File<'a> {
    fn new(case: &'a Case) -> Self {
        let content = if case.excel { "\u{feff}".to_owned() } else { String::new() };
        Self { case, content }
    }

    fn verbatim(text: &str) -> String {
        text.to_owned()
    }

    /// A text that a spreadsheet would not take for a formula.
    fn text(&self, text: &str) -> String {
        if !self.case.raw && text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            format!("'{text}")
        } else {
            text.to_owned()
        }
    }

    /// A title in the round's language.
    fn title(&self, title: &Title) -> String {
        let az = title.az.as_ref().filter(|_| self.case.round.language == Some("az"));
        self.text(az.unwrap_or(&title.text))
    }

    fn figure(&self, score: Option<&Exact>) -> String {
        let policy = &self.case.framework.policy;
        let Some(score) = score else {
            return String::new();
        };
        let figure = fixed(&policy.publish(score), policy.decimals);
        if self.case.excel { figure.replace('.', ",") } else { figure }
    }

    fn line(&mut self, cells: &[String]) {
        let delimiter = if self.case.excel { ';' } else { ',' };
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.content.push(delimiter);
            }
            if cell.contains([delimiter, '"', '\n', '\r']) {
                self.content.push_str(&format!("\"{}\"", cell.replace('"', "\"\"")));
            } else {
                self.content.push_str(cell);
            }
        }
        self.content.push('\n');
    }
}
