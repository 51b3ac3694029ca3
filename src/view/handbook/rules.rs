//! The rules of a framework in plain words, beside what its file says.

use super::{Handbook, text};
use crate::document::{Cell, Table};
use crate::framework::{
    Aggregation, Basis, Evaluators, EvidencePolicy, Missing, NotApplicable, Rounding, Unrated,
};
use crate::number::Half;

impl Handbook<'_> {
    /// Every rule: what it is about, what it says, and how the framework's file writes it.
    pub(super) fn rules(&self) -> Table {
        let entries = self.framework.policy.entries();
        let rows = entries.into_iter().zip(self.meanings()).map(|((key, value), (name, meaning))| {
            vec![text(self.say(name)), Cell::Text(meaning), Cell::Text(format!("{key}: {value}"))]
        });
        let columns = ["rule", "meaning", "in_file"].map(|key| self.column(key)).to_vec();
        Table { name: "policies", columns, rows: rows.collect() }
    }

    /// The name and the meaning of every rule, in the order of `Policy::entries`.
    fn meanings(&self) -> [(&'static str, String); 12] {
        let policy = &self.framework.policy;
        let say = |key| self.say(key).to_owned();
        let coverage = policy.minimum_coverage.normalize();
        [
            (
                "rule_missing",
                say(match policy.missing {
                    Missing::Zero => "missing_zero",
                    Missing::Exclude => "missing_exclude",
                    Missing::Reject => "missing_reject",
                }),
            ),
            (
                "rule_not_applicable",
                say(match policy.not_applicable {
                    NotApplicable::Exclude => "not_applicable_exclude",
                    NotApplicable::Full => "not_applicable_full",
                    NotApplicable::Zero => "not_applicable_zero",
                }),
            ),
            (
                "rule_evidence",
                say(match policy.evidence {
                    EvidencePolicy::Void => "evidence_void",
                    EvidencePolicy::Warn => "evidence_warn",
                }),
            ),
            (
                "rule_evaluators",
                say(match policy.evaluators {
                    Evaluators::Agree => "evaluators_agree",
                    Evaluators::Mean => "evaluators_mean",
                }),
            ),
            (
                "rule_minimum_coverage",
                match coverage.is_zero() {
                    true => say("coverage_any"),
                    false => {
                        let share = self.speech.decimal(&coverage.to_string());
                        self.speech.fill("coverage_least", &[&share])
                    }
                },
            ),
            (
                "rule_unrated",
                say(match policy.unrated {
                    Unrated::Exclude => "unrated_exclude",
                    Unrated::Zero => "unrated_zero",
                }),
            ),
            ("rule_aggregation", self.means()),
            ("rule_decimals", self.speech.fill("decimals_shown", &[&policy.decimals.to_string()])),
            (
                "rule_rounding",
                say(match policy.rounding {
                    Rounding::End => "rounding_end",
                    Rounding::EachLevel => "rounding_each_level",
                }),
            ),
            (
                "rule_half",
                say(match policy.half {
                    Half::Up => "half_up",
                    Half::Even => "half_even",
                }),
            ),
            ("rule_ranks", say(basis(policy.ranks, "ranks_published", "ranks_exact"))),
            ("rule_entity_from", say(basis(policy.entity_from, "entity_published", "entity_exact"))),
        ]
    }

    /// The mean of the index, and of each level of groups where they differ.
    fn means(&self) -> String {
        let policy = &self.framework.policy;
        let mean = |depth| {
            self.say(match policy.aggregation_at(depth) {
                Aggregation::Arithmetic => "mean_arithmetic",
                Aggregation::Geometric => "mean_geometric",
            })
        };
        let depths = 0..self.framework.levels.len();
        if depths.clone().all(|depth| policy.aggregation_at(depth) == policy.aggregation_at(0)) {
            return mean(0).to_owned();
        }
        let level = |depth: usize| match depth.checked_sub(1) {
            None => "index",
            Some(above) => self.framework.levels[above].as_str(),
        };
        let line = |depth| format!("{}: {}", self.speech.level_name(level(depth)), mean(depth));
        depths.map(line).collect::<Vec<_>>().join("\n")
    }
}

fn basis(basis: Basis, published: &'static str, exact: &'static str) -> &'static str {
    match basis {
        Basis::Published => published,
        Basis::Exact => exact,
    }
}
