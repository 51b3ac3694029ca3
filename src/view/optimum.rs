//! What is told of an optimal plan: what was asked, what it takes, and how sure it is that nothing is better.

use rust_decimal::Decimal;

use super::plan::Plans;
use crate::document::{Block, Cell, Column, ColumnPlace, Table};
use crate::engine::optimum::{Aim, Optimum, Proof};
use crate::id::{EntityIndex, ServiceIndex};

/// The optimal plan of one body: an entity, or a service by itself.
#[derive(Clone, Debug)]
pub struct BodyPlan {
    /// The body; none for a service without one.
    pub entity: Option<EntityIndex>,
    /// Its services that are planned for.
    pub services: Vec<ServiceIndex>,
    /// What was asked for.
    pub aim: Aim,
    /// When the search was to end.
    pub seconds: u64,
    /// The plan; none where none within the terms does what was asked.
    pub optimum: Option<Optimum>,
}

impl Plans<'_> {
    /// What is said of the optimal plans for some services, and a table of them.
    pub fn optimal_blocks(&self, services: &[ServiceIndex]) -> Vec<Block> {
        let concerns = |plan: &&BodyPlan| plan.services.iter().any(|service| services.contains(service));
        let plans: Vec<&BodyPlan> = self.optimal.iter().filter(concerns).collect();
        let Some(first) = plans.first() else { return Vec::new() };
        let mut blocks = vec![
            Block::Heading(self.speech.say("plan_optimal").to_owned()),
            Block::Paragraph(self.asked(first.aim)),
            Block::Table(self.optimal_table(&plans)),
        ];
        blocks.extend(self.remarks(&plans).into_iter().map(Block::Paragraph));
        blocks
    }

    fn asked(&self, aim: Aim) -> String {
        let number = |number: Decimal| self.speech.decimal(&number.normalize().to_string());
        match aim {
            Aim::Each(target) => self.speech.fill("plan_asked_each", &[&number(target)]),
            Aim::Mean(target) => self.speech.fill("plan_asked_mean", &[&number(target)]),
            Aim::Budget(most) => self.speech.fill("plan_asked_budget", &[&number(most)]),
        }
    }

    fn optimal_table(&self, plans: &[&BodyPlan]) -> Table {
        let column = |key: &'static str| Column::new(key, self.speech.say(key));
        let columns = vec![
            column("entity"),
            column("services").place(ColumnPlace::IfRoom(1)),
            column("effort"),
            Column::new("proof", self.speech.say("plan_proof")),
            column("bound"),
        ];
        let row = |plan: &&BodyPlan| {
            let entity = plan.entity.map(|entity| self.round.entity(entity).id.clone());
            let name = entity.or_else(|| plan.services.first().map(|at| self.round.service(*at).id.clone()));
            let proof = plan.optimum.as_ref().map(|optimum| &optimum.proof);
            let key = match proof {
                None => "proof_none",
                Some(Proof::Optimal) => "proof_optimal",
                Some(Proof::Effort(_) | Proof::Gain(_)) => "proof_bound",
                Some(Proof::Heuristic) => "proof_heuristic",
            };
            vec![
                Cell::Text(name.unwrap_or_default()),
                Cell::Count(plan.services.len()),
                Cell::decimal(plan.optimum.as_ref().map(|optimum| optimum.effort)),
                Cell::Text(self.speech.say(key).to_owned()),
                match proof {
                    Some(Proof::Effort(least)) => Cell::decimal(Some(*least)),
                    Some(Proof::Gain(most)) => Cell::Figure(self.figure(most)),
                    Some(Proof::Optimal | Proof::Heuristic) | None => Cell::Blank,
                },
            ]
        };
        Table { name: "optimal", columns, rows: plans.iter().map(row).collect() }
    }

    /// What else is to be known: bounds, heuristics, what is out of reach, and what was not planned.
    fn remarks(&self, plans: &[&BodyPlan]) -> Vec<String> {
        let optima = || plans.iter().filter_map(|plan| plan.optimum.as_ref());
        let proof = |holds: fn(&Proof) -> bool| optima().any(|optimum| holds(&optimum.proof));
        let mut remarks = Vec::new();
        if proof(|proof| matches!(proof, Proof::Effort(_) | Proof::Gain(_))) {
            remarks.push(self.speech.fill("plan_bound", &[&plans[0].seconds.to_string()]));
        }
        if proof(|proof| *proof == Proof::Heuristic) {
            remarks.push(self.speech.say("plan_heuristic").to_owned());
        }
        if plans.iter().any(|plan| plan.optimum.is_none()) {
            remarks.push(self.speech.say("plan_none").to_owned());
        }
        let far = optima().flat_map(|optimum| &optimum.out_of_reach);
        let far: Vec<&str> = far.map(|service| self.round.service(*service).id.as_str()).collect();
        if !far.is_empty() {
            remarks.push(self.speech.fill("plan_out_of_reach", &[&far.join(", ")]));
        }
        let mut unplanned: Vec<_> = optima().flat_map(|optimum| &optimum.without_effort).copied().collect();
        unplanned.sort_unstable();
        unplanned.dedup();
        if !unplanned.is_empty() {
            let ids: Vec<&str> =
                unplanned.iter().map(|at| self.framework.parameter(*at).id.as_str()).collect();
            remarks.push(self.speech.fill("plan_without_effort", &[&ids.join(", ")]));
        }
        remarks
    }
}
