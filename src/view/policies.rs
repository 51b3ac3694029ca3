//! Indexes and ranks under every combination of rules, side by side.

use super::heading;
use super::ranking::Rankings;
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Table};
use crate::engine::policies::{COMBINATIONS, UnderPolicies};
use crate::engine::rank::ServiceResult;

impl Rankings<'_> {
    /// What each place is owed to a rule.
    pub fn under_policies(&self, services: &[UnderPolicies]) -> Document {
        let say = |key: &'static str| self.speech.say(key);
        let column = |key: &'static str| Column::new(key, say(key));
        let mut columns = vec![
            column("rank"),
            column("service"),
            column("title").place(ColumnPlace::IfRoom(40)),
            column("index"),
            column("best_rank"),
            column("worst_rank"),
        ];
        for (at, (missing, not_applicable)) in COMBINATIONS.iter().enumerate() {
            let key = format!("{}_{}", missing.name(), not_applicable.name());
            let title = format!("{}/{}", missing.name(), not_applicable.name());
            let place = ColumnPlace::IfRoom(2 + at as u8);
            columns
                .push(Column::new(format!("index_{key}"), format!("{} {title}", say("index"))).place(place));
            columns.push(Column::new(format!("rank_{key}"), format!("{} {title}", say("rank"))).place(place));
        }
        let row = |result: &ServiceResult| self.policies_row(result, &services[result.service.get()]);
        let rows = self.results.ranked().map(row).collect();
        let mut blocks = vec![Block::Table(Table { name: "policies", columns, rows })];
        blocks.push(Block::Paragraph(self.furthest(services)));
        blocks.push(Block::Paragraph(say("note_policies").to_owned()));
        Document {
            schema: "asan-index/policies/1",
            title: heading(self.framework, self.round, self.speech),
            facts: self.facts(),
            blocks,
        }
    }

    fn policies_row(&self, result: &ServiceResult, under: &UnderPolicies) -> Vec<Cell> {
        let service = self.round.service(result.service);
        let ranks = under.ranks();
        let mut cells = vec![
            Cell::count(self.results.rank(result.service)),
            Cell::Text(service.id.to_string()),
            Cell::Text(service.title(&self.speech.texts).to_owned()),
            Cell::figure(result.index()),
            Cell::count(ranks.map(|(best, _)| best)),
            Cell::count(ranks.map(|(_, worst)| worst)),
        ];
        cells.extend(
            under.places.iter().flat_map(|place| [Cell::figure(place.index), Cell::count(place.rank)]),
        );
        cells
    }

    /// Who owes most places to a rule.
    fn furthest(&self, services: &[UnderPolicies]) -> String {
        let width = |under: &&UnderPolicies| under.ranks().map_or(0, |(best, worst)| worst - best);
        let most = services.iter().rev().max_by_key(width);
        let Some((under, (best, worst))) = most.and_then(|most| Some((most, most.ranks()?))) else {
            return String::new();
        };
        self.speech
            .say("furthest")
            .replace("{service}", &self.round.service(under.service).id)
            .replace("{best}", &best.to_string())
            .replace("{worst}", &worst.to_string())
    }
}
