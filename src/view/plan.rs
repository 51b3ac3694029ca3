//! An action plan: where services stand, what to do in which order, and what it brings.

use rust_decimal::Decimal;

use super::optimum::BodyPlan;
use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Entry, Fact, Table};
use crate::engine::plan::{Action, Work, effort_together};
use crate::engine::rank::{EntityResult, Results, ServiceResult, unmet};
use crate::framework::{Framework, Parameter};
use crate::id::ServiceIndex;
use crate::number::{Published, Ratio};
use crate::round::Round;
use crate::scale::Answer;

/// Places of a gain for each person-day: such gains are small.
const RATE_DECIMALS: u32 = 4;
/// What people may write into the column `status`.
const STATUSES: [&str; 4] = ["status_open", "status_started", "status_done", "status_dropped"];

/// What plans are made of.
pub struct Plans<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// The round.
    pub round: &'a Round,
    /// Its results.
    pub before: &'a Results,
    /// The results of the same round with every action done.
    pub after: &'a Results,
    /// What is filled in beforehand as the day due.
    pub due: &'a str,
    /// What is filled in as the owner in place of the framework's.
    pub owner: &'a str,
    /// The optimal plans, body by body, where one was asked for.
    pub optimal: &'a [BodyPlan],
    /// The languages.
    pub speech: &'a Speech,
}

impl Plans<'_> {
    fn column(&self, key: &'static str) -> Column {
        Column::new(key, self.speech.say(key))
    }

    /// The actions as `actions.csv` has them: some columns are for people to fill.
    pub fn actions(&self, actions: &[Action]) -> Table {
        let statuses = STATUSES.map(|key| self.speech.say(key).to_owned()).to_vec();
        let columns = vec![
            self.column("service"),
            self.column("entity"),
            self.column("priority"),
            self.column("parameter"),
            self.column("title"),
            self.column("answer"),
            self.column("target"),
            self.column("gain"),
            self.column("effort"),
            self.column("action"),
            self.column("solution"),
            self.column("owner"),
            self.column("due").entry(Entry::Date),
            self.column("status").entry(Entry::OneOf(statuses)),
            self.column("note"),
        ];
        let rows =
            self.numbered(actions).map(|(priority, action)| self.action_row(priority, action)).collect();
        Table { name: "actions", columns, rows }
    }

    /// Actions with their priorities; what a solution closes has that of the solution.
    fn numbered<'n>(&self, actions: &'n [Action]) -> impl Iterator<Item = (usize, &'n Action)> + use<'n> {
        actions.iter().scan(0, |priority, action| {
            *priority += usize::from(!matches!(action.work, Work::Closed(..)));
            Some((*priority, action))
        })
    }

    fn action_row(&self, priority: usize, action: &Action) -> Vec<Cell> {
        let parameter = self.parameter(action);
        let advice = parameter.and_then(|parameter| parameter.advice.as_ref());
        let entity = action.entity.map(|entity| self.round.entity(entity).id.as_str());
        let words = |words: Option<&str>| text(words.unwrap_or_default());
        let owner = advice.and_then(|advice| advice.owner.as_ref());
        let owner = owner.map_or("", |owner| owner.get(&self.speech.texts));
        vec![
            text(&self.reached(action)),
            words(entity),
            Cell::Count(priority),
            words(parameter.map(|parameter| parameter.id.as_str())),
            text(self.title(action)),
            text(&self.answers(action, |response| self.write(action, response))),
            text(&self.target(action, |response| self.write(action, response))),
            Cell::Figure(self.figure(&action.gain)),
            Cell::decimal(action.effort),
            text(&self.advised(action)),
            text(&self.solutions(action)),
            text(if self.owner.is_empty() { owner } else { self.owner }),
            text(self.due),
            Cell::Blank,
            Cell::Blank,
        ]
    }

    fn parameter(&self, action: &Action) -> Option<&Parameter> {
        action.work.parameter().map(|parameter| self.framework.parameter(parameter))
    }

    fn title(&self, action: &Action) -> &str {
        match action.work {
            Work::Solution(at) => self.framework.solutions[at].title.get(&self.speech.texts),
            Work::Gap(at) | Work::Closed(at, _) => self.framework.parameter(at).title.get(&self.speech.texts),
        }
    }

    /// The service that an action is for; blank when its entity does it for all of them.
    fn reached(&self, action: &Action) -> String {
        match (action.services.as_slice(), action.entity, action.work) {
            ([(service, _)], _, Work::Gap(_) | Work::Closed(..))
            | ([(service, _)], None, Work::Solution(_)) => self.round.service(*service).id.to_string(),
            _ => String::new(),
        }
    }

    /// A gain in points, with the framework's places.
    pub fn figure(&self, gain: &Ratio) -> Published {
        Published::from_ratio(gain, self.framework.policy.decimals, self.framework.policy.half)
    }

    /// An answer to what an action is about, as it is written out; blank for a solution as such.
    fn write(&self, action: &Action, response: &[Answer]) -> String {
        let Some(parameter) = action.work.parameter() else { return String::new() };
        let scale = self.framework.scale(parameter);
        let written = response.iter().map(|answer| scale.write(answer, &self.framework.words));
        written.collect::<Vec<_>>().join(" / ")
    }

    /// The same in words: the titles of options.
    fn words(&self, action: &Action, response: &[Answer]) -> String {
        let Some(parameter) = action.work.parameter() else { return String::new() };
        let scale = self.framework.scale(parameter);
        let title = |at: &usize| {
            let choice = &scale.options()[*at];
            choice.title.as_ref().map_or(choice.answer.as_str(), |title| title.get(&self.speech.texts))
        };
        let words = response.iter().map(|answer| match answer {
            Answer::Choice(at) => title(at).to_owned(),
            Answer::Multiple(chosen) if !chosen.is_empty() => {
                chosen.iter().map(title).collect::<Vec<_>>().join("; ")
            }
            Answer::Multiple(_) | Answer::Number(_) | Answer::NotApplicable => {
                self.speech.decimal(&scale.write(answer, &self.framework.words))
            }
        });
        words.collect::<Vec<_>>().join(" / ")
    }

    /// What is answered now, each answer once; gaps are left out.
    fn answers(&self, action: &Action, write: impl Fn(&[Answer]) -> String) -> String {
        let mut answers: Vec<String> = Vec::new();
        for (service, _) in &action.services {
            let response =
                action.work.parameter().and_then(|at| self.round.answers.get(*service, at).response);
            let written = response.map(|response| write(response)).unwrap_or_default();
            if !written.is_empty() && !answers.contains(&written) {
                answers.push(written);
            }
        }
        answers.join(" / ")
    }

    fn target(&self, action: &Action, write: impl Fn(&[Answer]) -> String) -> String {
        let parameter = action.work.parameter();
        let first = action.services.first().zip(parameter);
        let response = first.and_then(|((_, changes), parameter)| changes.get(&parameter));
        response.map(|response| write(response)).unwrap_or_default()
    }

    /// What an answer lacks that is to stay as it is: evidence, or that it is confirmed, or nothing but what it
    /// requires. None where it is to change in some service.
    fn lacks(&self, action: &Action) -> Option<&'static str> {
        let parameter = action.work.parameter()?;
        let mut is_unconfirmed = true;
        for (service, changes) in &action.services {
            let now = self.round.answers.get(*service, parameter);
            now.response.filter(|response| changes.get(&parameter) == Some(*response))?;
            is_unconfirmed &= now.void;
        }
        let mut own = action.efforts.iter().filter(|(_, at, _)| *at == parameter);
        Some(match own.all(|(_, _, effort)| *effort == Some(Decimal::ZERO)) {
            true => "",
            false => self.speech.say(if is_unconfirmed { "plan_confirm" } else { "plan_evidence" }),
        })
    }

    /// What to do, and what it requires to be done first.
    fn advised(&self, action: &Action) -> String {
        let parameter = match action.work {
            Work::Gap(parameter) => parameter,
            Work::Solution(at) => {
                let description = self.framework.solutions[at].description.as_ref();
                return description.map_or("", |words| words.get(&self.speech.texts)).to_owned();
            }
            Work::Closed(_, at) => {
                return self
                    .speech
                    .fill("plan_closed", &[self.framework.solutions[at].title.get(&self.speech.texts)]);
            }
        };
        let advice = self.framework.parameter(parameter).advice.as_ref();
        let words = advice.and_then(|advice| advice.action.as_ref());
        let words = words.map_or("", |words| words.get(&self.speech.texts));
        let words = self.lacks(action).unwrap_or(words).to_owned();
        let changed = action.services.iter().flat_map(|(_, changes)| changes.keys());
        let mut first: Vec<&str> = changed
            .filter(|changed| **changed != parameter)
            .map(|changed| self.framework.parameter(*changed).id.as_str())
            .collect();
        first.sort_unstable();
        first.dedup();
        match first.is_empty() {
            true => words,
            false => {
                let words = self.speech.fill("plan_first", &[&first.join(", "), &words]);
                words.trim_end().to_owned()
            }
        }
    }

    /// The solution that does it; where none was chosen, those that would do it too.
    fn solutions(&self, action: &Action) -> String {
        let id = |at: &usize| self.framework.solutions[*at].id.as_str();
        match action.work {
            Work::Solution(at) | Work::Closed(_, at) => id(&at).to_owned(),
            Work::Gap(_) if !self.optimal.is_empty() => String::new(),
            Work::Gap(parameter) => {
                let advice = self.framework.parameter(parameter).advice.as_ref();
                let solutions = advice.map(|advice| advice.solutions.as_slice()).unwrap_or_default();
                solutions.iter().map(id).collect::<Vec<_>>().join(";")
            }
        }
    }

    /// What an action is, for people: the framework's advice, or what a solution closes.
    fn reading_action(&self, action: &Action, closed: &[&Action]) -> String {
        let advised = self.advised(action);
        let title = self.title(action);
        if !matches!(action.work, Work::Solution(_)) {
            return if advised.is_empty() { title.to_owned() } else { advised };
        }
        let mut ids: Vec<&str> = Vec::new();
        for parameter in closed.iter().filter_map(|action| self.parameter(action)) {
            if !ids.contains(&parameter.id.as_str()) {
                ids.push(&parameter.id);
            }
        }
        self.speech.fill("plan_introduce", &[title, &ids.join(", ")])
    }

    /// The actions as people read them.
    fn reading(&self, actions: &[Action]) -> Table {
        let columns = vec![
            self.column("priority"),
            self.column("service").place(ColumnPlace::IfRoom(3)),
            self.column("parameter"),
            self.column("action"),
            self.column("answer").place(ColumnPlace::IfRoom(6)),
            self.column("target").place(ColumnPlace::IfRoom(5)),
            self.column("gain"),
            self.column("effort"),
            self.column("gain_per_day").place(ColumnPlace::IfRoom(2)),
            self.column("owner").place(ColumnPlace::IfRoom(7)),
            self.column("solution").place(ColumnPlace::IfRoom(8)),
        ];
        let row = |(priority, action): (usize, &Action)| {
            let closed = self
                .numbered(actions)
                .filter(|(at, action)| *at == priority && matches!(action.work, Work::Closed(..)));
            let closed: Vec<&Action> = closed.map(|(_, action)| action).collect();
            let cells = self.action_row(priority, action);
            let reached = match (&cells[0], action.entity) {
                (Cell::Blank, Some(entity)) => {
                    Cell::Text(self.speech.fill("plan_all_of", &[&self.round.entity(entity).id]))
                }
                (cell, _) => cell.clone(),
            };
            let in_words = |response: &[Answer]| self.words(action, response);
            let rate = action.gain_per_day();
            let rate =
                rate.map(|rate| Published::from_ratio(&rate, RATE_DECIMALS, self.framework.policy.half));
            vec![
                cells[2].clone(),
                reached,
                cells[3].clone(),
                text(&self.reading_action(action, &closed)),
                text(&self.answers(action, in_words)),
                text(&self.target(action, in_words)),
                cells[7].clone(),
                cells[8].clone(),
                Cell::figure(rate),
                cells[11].clone(),
                cells[10].clone(),
            ]
        };
        let shown = self.numbered(actions).filter(|(_, action)| !matches!(action.work, Work::Closed(..)));
        Table { name: "actions", columns, rows: shown.map(row).collect() }
    }

    /// Where services stand now, and where they would with every action done.
    fn standings(&self, services: &[ServiceIndex]) -> Table {
        let columns = vec![
            self.column("service"),
            self.column("title").place(ColumnPlace::IfRoom(1)),
            self.column("index"),
            self.column("band"),
            self.column("index_after"),
            self.column("band_after"),
        ];
        let row = |service: &ServiceIndex| {
            let registered = self.round.service(*service);
            let (before, after) = (self.before.of(*service), self.after.of(*service));
            vec![
                text(&registered.id),
                text(registered.title(&self.speech.texts)),
                Cell::figure(before.index()),
                self.band(before),
                Cell::figure(after.index()),
                self.band(after),
            ]
        };
        Table { name: "services", columns, rows: services.iter().map(row).collect() }
    }

    fn band(&self, result: &ServiceResult) -> Cell {
        self.band_cell(result.figures.as_ref().and_then(|figures| figures.band()))
    }

    /// A band of the framework, or nothing.
    pub fn band_cell(&self, band: Option<usize>) -> Cell {
        let bands = &self.framework.bands;
        band.map_or(Cell::Blank, |at| Cell::Band(bands[at].id.clone(), at, bands.len()))
    }

    /// The entities all of whose assessed services are among these, with their results before and after.
    fn entities(&self, services: &[ServiceIndex]) -> Vec<(&EntityResult, &EntityResult)> {
        let is_whole = |result: &&EntityResult| {
            let mut own = self.round.service_indices().filter(|at| {
                let service = self.round.service(*at);
                service.entity == Some(result.entity) && !service.held_out
            });
            own.next().is_some_and(|first| services.contains(&first)) && own.all(|at| services.contains(&at))
        };
        let whole = self.before.entities.iter().filter(is_whole);
        whole
            .filter_map(|before| {
                let after = self.after.entities.iter().find(|after| after.entity == before.entity)?;
                Some((before, after))
            })
            .collect()
    }

    /// Where entities stand, which band is next, and where they would be.
    fn entity_standings(&self, entities: &[(&EntityResult, &EntityResult)]) -> Table {
        let columns = vec![
            self.column("entity"),
            self.column("title").place(ColumnPlace::IfRoom(1)),
            self.column("index"),
            self.column("band"),
            self.column("next_band"),
            self.column("lacking"),
            self.column("index_after"),
            self.column("band_after"),
        ];
        let row = |(before, after): &(&EntityResult, &EntityResult)| {
            let entity = self.round.entity(before.entity);
            let next = before.mean.index.and_then(|index| self.next_band(index, before.band));
            vec![
                text(&entity.id),
                text(entity.title.get(&self.speech.texts)),
                Cell::figure(before.mean.index),
                self.band_cell(before.band),
                self.band_cell(next.map(|(at, _)| at)),
                Cell::figure(next.map(|(_, lacking)| lacking)),
                Cell::figure(after.mean.index),
                self.band_cell(after.band),
            ]
        };
        Table { name: "entities", columns, rows: entities.iter().map(row).collect() }
    }

    /// The band above an index's own, and the points that are lacking to where it begins (none where only
    /// what it requires of groups is).
    fn next_band(&self, index: Published, band: Option<usize>) -> Option<(usize, Published)> {
        let above = band.unwrap_or(self.framework.bands.len()).checked_sub(1)?;
        let from = Ratio::from_decimal(self.framework.bands[above].from);
        let lacking = from.times(&Ratio::new(1.into(), 100.into())).minus(&index.ratio());
        let lacking = self.figure(&lacking);
        Some((above, Published::from_units(lacking.units().max(0), lacking.decimals())))
    }

    /// Where one entity stands, in words.
    fn standing_words(&self, (before, after): &(&EntityResult, &EntityResult)) -> Option<Block> {
        let title = self.round.entity(before.entity).title.get(&self.speech.texts);
        let index = before.mean.index?;
        let figure = |figure: Published| self.speech.decimal(&figure.to_string());
        let mut words = Vec::new();
        match before.band {
            Some(band) => {
                words.push(self.speech.fill("plan_stands", &[title, &figure(index), &self.band_words(band)]))
            }
            None => words.push(self.speech.fill("plan_stands_bare", &[title, &figure(index)])),
        }
        if let Some((above, lacking)) = self.next_band(index, before.band) {
            let from = self.speech.decimal(&self.framework.bands[above].from.normalize().to_string());
            words.push(
                self.speech.fill("plan_next_band", &[&self.band_words(above), &from, &figure(lacking)]),
            );
            let groups = self.lacking_groups(above, self.before, &before.mean.groups);
            if !groups.is_empty() {
                words.push(self.speech.fill("plan_requires", &[&groups]));
            }
        }
        if let Some(index) = after.mean.index {
            let band = after.band.map(|band| self.speech.fill("plan_then_band", &[&self.band_words(band)]));
            let band = band.unwrap_or_default();
            words.push(self.speech.fill("plan_then", &[&figure(index), &band]));
        }
        Some(Block::Paragraph(words.join(" ")))
    }

    /// The groups that keep a band from being had, in words.
    pub fn lacking_groups(&self, band: usize, results: &Results, figures: &[Option<Published>]) -> String {
        let groups = unmet(&self.framework.bands[band], &results.groups, figures);
        let words = groups.map(|(group, figure, least)| {
            let number = |number: String| self.speech.decimal(&number);
            let id = &self.framework.group(group).id;
            let parts = [id, &number(least.normalize().to_string()), &number(figure.to_string())];
            self.speech.fill("plan_required_group", &parts.map(String::as_str))
        });
        words.collect::<Vec<_>>().join("; ")
    }

    /// A band's id and title.
    pub fn band_words(&self, band: usize) -> String {
        let band = &self.framework.bands[band];
        let title = band.title.as_ref().map(|title| format!(" ({})", title.get(&self.speech.texts)));
        format!("{}{}", band.id, title.unwrap_or_default())
    }

    /// The plan of some services as a document that their body can be sent. `name` is theirs; with
    /// `to_fill` the actions have the columns that people fill.
    pub fn document(
        &self,
        name: &str,
        services: &[ServiceIndex],
        actions: &[Action],
        to_fill: bool,
    ) -> Document {
        let say = |key: &'static str| self.speech.say(key).to_owned();
        let effort = effort_together(self.framework, actions);
        let count = actions.iter().filter(|action| !matches!(action.work, Work::Closed(..))).count();
        let days = self.speech.decimal(&effort.normalize().to_string());
        let summary = self.speech.fill("plan_summary", &[&count.to_string(), &days]);
        let note = if self.optimal.is_empty() { "plan_note" } else { "plan_note_optimal" };
        let table = if to_fill { self.actions(actions) } else { self.reading(actions) };
        let words = match actions.is_empty() {
            true => vec![say("plan_nothing")],
            false => vec![summary, say(note)],
        };
        let mut blocks = vec![Block::Heading(say("plan_actions"))];
        blocks.extend(words.into_iter().map(Block::Paragraph));
        if to_fill || !actions.is_empty() {
            blocks.push(Block::Table(table));
        }
        let mut standing = vec![Block::Heading(say("plan_standing"))];
        let entities = self.entities(services);
        if let [one] = entities.as_slice() {
            standing.extend(self.standing_words(one));
        }
        if !entities.is_empty() {
            standing.push(Block::Table(self.entity_standings(&entities)));
        }
        standing.push(Block::Table(self.standings(services)));
        standing.extend(self.optimal_blocks(services));
        // A CSV is a document's first table; people read first where they stand.
        let at = if to_fill { blocks.len() } else { 0 };
        blocks.splice(at..at, standing);
        let value = |words: &str| Fact::Value(text(words));
        let title = heading(self.framework, self.round, self.speech);
        let name = if name.is_empty() { String::new() } else { format!("{name}. ") };
        Document {
            schema: "asan-index/plan/1",
            title: format!("{}: {name}{title}", self.speech.say("plan")),
            facts: vec![
                ("framework", value(&self.framework.id)),
                ("round", value(&self.round.id)),
                ("effort", Fact::Value(Cell::decimal(Some(effort)))),
            ],
            blocks,
        }
    }
}

fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Blank } else { Cell::Text(words.to_owned()) }
}
