//! The answers to verify, and what the verified ones prove about the rest.

use super::{Speech, heading};
use crate::document::{Block, Cell, Column, ColumnPlace, Document, Fact, Table};
use crate::engine::sample::{Claim, Pick, Proof, Reason};
use crate::framework::Framework;
use crate::number::Published;
use crate::round::Round;
use crate::trail::Party;

/// The document of a sample; with `proof`, of what it proves.
pub fn document(
    (framework, round): (&Framework, &Round),
    (claims, picks): (&[Claim], &[Pick]),
    proof: Option<&Proof>,
    speech: &Speech,
) -> Document {
    let mut facts = vec![
        ("claims", Fact::Value(Cell::Count(claims.len()))),
        ("picked", Fact::Value(Cell::Count(picks.len()))),
    ];
    let counts =
        format!("{}: {}, {}: {}", speech.say("claims"), claims.len(), speech.say("picked"), picks.len());
    let mut blocks = vec![Block::Table(table((framework, round), (claims, picks), proof, speech))];
    blocks.push(Block::Paragraph(counts));
    if let Some(proof) = proof {
        blocks.push(Block::Heading(speech.say("proof").to_owned()));
        let figure = |points: f64| Published::from_units((points * 100.0).ceil() as i64, 2).to_string();
        let (body, points) = match proof.overstated {
            Some((body, points)) => (id(round, body), figure(points)),
            None => ("–".to_owned(), figure(0.0)),
        };
        if proof.pending > 0 {
            let words = speech.say("bound_pending").replace("{pending}", &proof.pending.to_string());
            blocks.push(Block::Paragraph(words));
        }
        let words = speech
            .say("bound_wrong")
            .replace("{wrong}", &proof.most_wrong.to_string())
            .replace("{rest}", &proof.unverified.to_string())
            .replace("{points}", &points)
            .replace("{body}", &body);
        blocks.push(Block::Paragraph(words));
        facts.push(("most_wrong", Fact::Value(Cell::Count(proof.most_wrong))));
        facts.push(("unverified", Fact::Value(Cell::Count(proof.unverified))));
        facts.push(("most_overstated", Fact::Value(Cell::Text(points))));
    }
    Document { schema: "asan-index/sample/1", title: heading(framework, round, speech), facts, blocks }
}

fn id(round: &Round, party: Party) -> String {
    match party {
        Party::Service(service) => round.service(service).id.to_string(),
        Party::Entity(entity) => round.entity(entity).id.clone(),
    }
}

fn table(
    (framework, round): (&Framework, &Round),
    (claims, picks): (&[Claim], &[Pick]),
    proof: Option<&Proof>,
    speech: &Speech,
) -> Table {
    let mut columns = vec![
        Column::new("entity", speech.say("entity")),
        Column::new("service", speech.say("service")),
        Column::new("parameter", framework.parameter_level()),
        Column::new("title", speech.say("title")).place(ColumnPlace::IfRoom(1)),
        Column::new("fall", speech.say("fall")),
        Column::new("why", speech.say("why")),
    ];
    if proof.is_some() {
        columns.extend(["verified", "wrong"].map(|key| Column::new(key, speech.say(key))));
    }
    let row = |pick: &Pick| {
        let claim = &claims[pick.claim];
        let (party, parameter) = claim.question;
        let definition = framework.parameter(parameter);
        let service = if let Party::Service(_) = party { Cell::Text(id(round, party)) } else { Cell::Blank };
        let why = match pick.reason {
            Reason::Weight => speech.say("by_weight"),
            Reason::Lot => speech.say("by_lot"),
        };
        let mut cells = vec![
            Cell::Text(id(round, claim.body)),
            service,
            Cell::Text(definition.id.clone()),
            Cell::Text(definition.title.get(&speech.texts).to_owned()),
            Cell::Figure(Published::from_units((claim.fall * 100.0).round() as i64, 2)),
            Cell::Text(why.to_owned()),
        ];
        if let Some(proof) = proof {
            let found = proof.found[pick.claim];
            cells.extend([
                Cell::Count(usize::from(found.is_some())),
                Cell::Count(usize::from(found == Some(true))),
            ]);
        }
        cells
    };
    Table { name: "sample", columns, rows: picks.iter().map(row).collect() }
}
