//! What is told of an optimal plan: what was asked, what it takes, and how sure it is that nothing is better.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::plan::Plans;
use crate::document::{Block, Cell, Column, ColumnPlace, Table};
use crate::engine::optimum::{Aim, Bound, Inexact, Optimum, Proof};
use crate::engine::rank::ServiceResult;
use crate::id::{EntityIndex, ServiceIndex};
use crate::number::{Published, Ratio};

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
    /// The plan.
    pub optimum: Optimum,
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
        blocks.extend(self.out_of_reach(&plans).map(Block::Table));
        blocks.extend(self.remarks(&plans).into_iter().map(Block::Paragraph));
        blocks
    }

    /// The optimal plans with what was proven of them; none where none was asked for.
    pub fn optimal(&self) -> Option<Table> {
        let plans: Vec<&BodyPlan> = self.optimal.iter().collect();
        (!plans.is_empty()).then(|| self.optimal_table(&plans))
    }

    /// What is to be known of all optimal plans besides their actions, for those who get the actions alone.
    pub fn all_remarks(&self) -> Vec<String> {
        self.remarks(&self.optimal.iter().collect::<Vec<_>>())
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
            column("reason").place(ColumnPlace::FilesOnly),
        ];
        let row = |plan: &&BodyPlan| {
            let proof = &plan.optimum.proof;
            let key = match proof {
                Proof::Optimal => "proof_optimal",
                Proof::Bound(_) => "proof_bound",
                Proof::Impossible(_) | Proof::Crowded(_) => "proof_impossible",
                Proof::Heuristic(_) => "proof_heuristic",
            };
            vec![
                Cell::Text(self.body(plan).to_owned()),
                Cell::Count(plan.services.len()),
                Cell::decimal(Some(plan.optimum.effort)),
                Cell::Word(proof.code().to_owned(), self.speech.say(key).to_owned()),
                match proof.bound() {
                    Some(Bound::Effort(least)) => Cell::decimal(Some(*least)),
                    Some(Bound::Gain(most)) => Cell::Figure(self.figure_above(most)),
                    None => Cell::Blank,
                },
                match proof {
                    Proof::Heuristic(why) => {
                        Cell::Word(why.code().to_owned(), self.speech.say(reason(*why)).to_owned())
                    }
                    Proof::Optimal | Proof::Bound(_) | Proof::Impossible(_) | Proof::Crowded(_) => {
                        Cell::Blank
                    }
                },
            ]
        };
        Table { name: "optimal", columns, rows: plans.iter().map(row).collect() }
    }

    /// The id of a body: of an entity, or of a service by itself.
    fn body(&self, plan: &BodyPlan) -> &str {
        let entity = plan.entity.map(|entity| self.round.entity(entity).id.as_str());
        let service = plan.services.first().map(|at| self.round.service(*at).id.as_str());
        entity.or(service).unwrap_or_default()
    }

    /// A gain in points that nothing exceeds: rounded up.
    fn figure_above(&self, most: &Ratio) -> Published {
        let decimals = self.framework.policy.decimals;
        let nearest = self.figure(most);
        let is_below = nearest.ratio() < *most;
        Published::from_units(nearest.units() + i64::from(is_below), decimals)
    }

    /// What a plan leaves below the index, each with the index that it then has: services, or the body whose mean
    /// was aimed at.
    fn short(&self, plan: &BodyPlan) -> Vec<(&str, Option<Published>)> {
        match plan.aim {
            Aim::Mean(_) if !plan.optimum.short.is_empty() => {
                let mean = self.after.entities.iter().find(|result| Some(result.entity) == plan.entity);
                vec![(self.body(plan), mean.and_then(|result| result.mean.index))]
            }
            Aim::Mean(_) | Aim::Each(_) | Aim::Budget(_) => {
                let short = plan.optimum.short.iter();
                short.map(|at| (self.round.service(*at).id.as_str(), self.after.of(*at).index())).collect()
            }
        }
    }

    /// What cannot reach the index, with the highest that it can have.
    fn out_of_reach(&self, plans: &[&BodyPlan]) -> Option<Table> {
        let columns = ["entity", "service", "highest"];
        let columns = columns.map(|key| Column::new(key, self.speech.say(key))).to_vec();
        let is_impossible = |plan: &&&BodyPlan| matches!(plan.optimum.proof, Proof::Impossible(_));
        let row = |plan: &&BodyPlan| {
            let entity = plan.entity.map(|entity| self.round.entity(entity).id.clone());
            let is_mean = matches!(plan.aim, Aim::Mean(_));
            let cells = self.short(plan).into_iter().map(move |(id, index)| {
                vec![
                    entity.clone().map_or(Cell::Blank, Cell::Text),
                    if is_mean { Cell::Blank } else { Cell::Text(id.to_owned()) },
                    Cell::figure(index),
                ]
            });
            cells.collect::<Vec<_>>()
        };
        let rows: Vec<Vec<Cell>> = plans.iter().filter(is_impossible).flat_map(row).collect();
        (!rows.is_empty()).then_some(Table { name: "out_of_reach", columns, rows })
    }

    /// What reaches the index, but not the band that begins there, since that requires something of groups too.
    fn missed_band(&self, aim: Aim, plans: &[&BodyPlan]) -> Option<String> {
        let (Aim::Each(target) | Aim::Mean(target)) = aim else { return None };
        let at = self.framework.bands.iter().position(|band| band.from <= target)?;
        let missed = |id: &str, index: Option<Published>, figures: &[Option<Published>]| {
            index.filter(|index| index.decimal() >= target)?;
            let groups = self.lacking_groups(at, self.after, figures);
            (!groups.is_empty()).then(|| format!("{id} ({groups})"))
        };
        let mut words = Vec::new();
        for plan in plans {
            match aim {
                Aim::Mean(_) => {
                    let mean = self.after.entities.iter().find(|result| Some(result.entity) == plan.entity);
                    let mean = mean.map(|result| &result.mean);
                    words.extend(mean.and_then(|mean| missed(self.body(plan), mean.index, &mean.groups)));
                }
                Aim::Each(_) | Aim::Budget(_) => {
                    let is_of = |result: &&ServiceResult| plan.services.contains(&result.service);
                    words.extend(self.after.ranked().filter(is_of).filter_map(|result| {
                        let figures = result.figures.as_ref()?;
                        missed(&self.round.service(result.service).id, figures.index, &figures.groups)
                    }));
                }
            }
        }
        (!words.is_empty())
            .then(|| self.speech.fill("plan_band_missed", &[&self.band_words(at), &words.join("; ")]))
    }

    /// What else is to be known: bounds, heuristics, what is out of reach, and what was not planned.
    fn remarks(&self, plans: &[&BodyPlan]) -> Vec<String> {
        let proofs = || plans.iter().map(|plan| &plan.optimum.proof);
        let mut remarks = Vec::new();
        if proofs().any(|proof| proof.bound().is_some()) {
            remarks.push(self.speech.fill("plan_bound", &[&plans[0].seconds.to_string()]));
        }
        let reasons: BTreeSet<Inexact> = proofs()
            .filter_map(|proof| match proof {
                Proof::Heuristic(why) => Some(*why),
                Proof::Optimal | Proof::Bound(_) | Proof::Impossible(_) | Proof::Crowded(_) => None,
            })
            .collect();
        for why in reasons {
            remarks.push(self.speech.fill("plan_heuristic", &[self.speech.say(reason(why))]));
        }
        for key in ["plan_impossible", "plan_impossible_together", "plan_short"] {
            let is_of = |plan: &&&BodyPlan| match plan.optimum.proof {
                Proof::Impossible(_) => key == "plan_impossible",
                Proof::Crowded(_) => key == "plan_impossible_together",
                Proof::Optimal | Proof::Bound(_) | Proof::Heuristic(_) => key == "plan_short",
            };
            let short = plans.iter().filter(is_of).flat_map(|plan| self.short(plan));
            let short = short.map(|(id, index)| match index {
                Some(index) => format!("{id} ({})", self.speech.decimal(&index.to_string())),
                None => id.to_owned(),
            });
            let short: Vec<String> = short.collect();
            if !short.is_empty() {
                remarks.push(self.speech.fill(key, &[&short.join(", ")]));
            }
        }
        remarks.extend(plans.first().and_then(|plan| self.missed_band(plan.aim, plans)));
        let mut unplanned: Vec<_> =
            plans.iter().flat_map(|plan| &plan.optimum.without_effort).copied().collect();
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

/// Why no exact search was made, as a message.
fn reason(why: Inexact) -> &'static str {
    match why {
        Inexact::Geometric => "inexact_geometric",
        Inexact::EachLevel => "inexact_each_level",
        Inexact::LeftOut => "inexact_left_out",
        Inexact::NoIndex => "inexact_no_index",
        Inexact::Entangled => "inexact_entangled",
        Inexact::Unequal => "inexact_unequal",
    }
}
