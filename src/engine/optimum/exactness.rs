//! Whether what services gain is the sum of what their answers gain, and what keeps it from being so.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::model::Model;
use crate::engine::score::State;
use crate::framework::{Framework, Missing, NotApplicable, Rounding};
use crate::id::{GroupIndex, ParameterIndex};
use crate::number::Weight;

/// Why no exact search is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inexact {
    /// Some mean is geometric.
    Geometric,
    /// Scores are rounded at each level.
    EachLevel,
    /// What a plan changes decides what is left out in more ways than are listed.
    LeftOut,
    /// A service has no index, or may lose it.
    NoIndex,
    /// Parameters require each other in more ways than are listed.
    Entangled,
    /// The round with the plan's answers put in does not score what the search had found.
    Unequal,
}

impl Inexact {
    /// Its word in files, the same in every language.
    pub fn code(self) -> &'static str {
        match self {
            Self::Geometric => "geometric",
            Self::EachLevel => "each-level",
            Self::LeftOut => "left-out",
            Self::NoIndex => "no-index",
            Self::Entangled => "entangled",
            Self::Unequal => "unequal",
        }
    }
}

/// More parameters than this of one group, whose answers "not applicable" would come to count, are not followed.
const MOST_LEAVING: usize = 4;

/// For each service, as position among the standings, and group: the parameters that will not apply once what
/// they require is met, whose weight then goes to the others of the group.
pub type Leaving = BTreeMap<(usize, GroupIndex), Vec<ParameterIndex>>;

/// What leaves its group under some plan, service by service.
///
/// # Errors
/// What keeps gains from adding up.
pub fn leaving(model: &Model<'_>) -> Result<Leaving, Inexact> {
    let policy = &model.scorer().framework().policy;
    if !policy.is_arithmetic() {
        return Err(Inexact::Geometric);
    }
    if policy.rounding == Rounding::EachLevel {
        return Err(Inexact::EachLevel);
    }
    let mut leaving = Leaving::new();
    for site in 0..model.standings.len() {
        let site = Site { model, framework: model.scorer().framework(), at: site };
        if site.may_lack_index() {
            return Err(Inexact::NoIndex);
        }
        if site.comes_and_goes() {
            return Err(Inexact::LeftOut);
        }
        site.add_leaving(&mut leaving);
    }
    let is_followed = |((site, group), parameters): (&(usize, GroupIndex), &Vec<ParameterIndex>)| {
        parameters.len() <= MOST_LEAVING && !weight_beside(model, *site, *group, parameters).is_zero()
    };
    if leaving.iter().all(is_followed) { Ok(leaving) } else { Err(Inexact::LeftOut) }
}

/// What the parameters of a group weigh together that have a score, without some of them.
pub fn weight_beside(
    model: &Model<'_>,
    site: usize,
    group: GroupIndex,
    without: &[ParameterIndex],
) -> Decimal {
    let framework = model.scorer().framework();
    let parameters = framework.group(group).parameters.clone().map(ParameterIndex::new);
    let counts = |at: &ParameterIndex| {
        model.standings[site].outcomes()[at.get()].score.is_some() && !without.contains(at)
    };
    parameters.filter(counts).map(|at| Decimal::from(Weight::units(framework.parameter(at).weight))).sum()
}

struct Site<'m> {
    model: &'m Model<'m>,
    framework: &'m Framework,
    at: usize,
}

impl Site<'_> {
    fn parameters(&self) -> impl Iterator<Item = ParameterIndex> + use<> {
        (0..self.framework.parameters.len()).map(ParameterIndex::new)
    }

    fn state(&self, parameter: ParameterIndex) -> State {
        self.model.standings[self.at].outcomes()[parameter.get()].state
    }

    fn own_state(&self, parameter: ParameterIndex) -> State {
        self.model.standings[self.at].own(parameter).state
    }

    /// Whether the service has no index now, or a plan could take it: what scores 0 without being asked counts
    /// as answered, and once it is asked it may not be.
    fn may_lack_index(&self) -> bool {
        let standing = &self.model.standings[self.at];
        let values = self.model.scorer().service(standing.service());
        if values.index().is_none() {
            return true;
        }
        let policy = &self.framework.policy;
        let would_be = |wanted: fn(State) -> bool| {
            let implied = self.parameters().filter(|at| self.state(*at) == State::Implied);
            implied.filter(|at| wanted(self.own_state(*at))).count()
        };
        let is_missing = |state| state == State::Missing;
        let has_missing = self.parameters().any(|at| is_missing(self.state(at)));
        let left = values.answered() - would_be(|state| state != State::Scored);
        let may_fall_short =
            Decimal::from(left * 100) < policy.minimum_coverage * Decimal::from(values.applicable());
        may_fall_short || (policy.missing == Missing::Reject && (has_missing || would_be(is_missing) > 0))
    }

    /// Whether a plan decides what is left out in a way that is not followed.
    fn comes_and_goes(&self) -> bool {
        self.parameters().any(|parameter| {
            let own = self.own_state(parameter);
            let is_exclude = self.framework.policy.not_applicable == NotApplicable::Exclude;
            match self.state(parameter) {
                State::Scored => false,
                State::NotApplicable => self.may_come_back(parameter),
                State::Missing | State::Implied | State::Void => {
                    let is_gap = own == State::Missing && self.framework.policy.missing == Missing::Exclude;
                    is_gap || (own == State::NotApplicable && !is_exclude && self.is_required(parameter))
                }
            }
        })
    }

    fn is_required(&self, parameter: ParameterIndex) -> bool {
        let requires = self.framework.parameters.iter().flat_map(|other| &other.requires);
        requires.into_iter().any(|requirement| requirement.parameter == parameter)
    }

    /// Whether what a parameter requires is met now, and under some plan is not.
    fn may_come_back(&self, parameter: ParameterIndex) -> bool {
        self.framework.parameter(parameter).requires.iter().any(|requirement| {
            let place = self.model.place(self.at, requirement.parameter);
            let ends = place.is_some_and(|(unit, cell)| {
                let will_do = self.model.will_do(unit, cell, requirement);
                will_do[0] && will_do.contains(&false)
            });
            ends || self.may_come_back(requirement.parameter)
        })
    }

    /// Adds what counts now and does not apply by its answer, or by what it requires, once that is met.
    fn add_leaving(&self, leaving: &mut Leaving) {
        let mut found: Vec<ParameterIndex> = Vec::new();
        for parameter in self.framework.by_requirement() {
            let definition = self.framework.parameter(*parameter);
            let is_excluded = self.own_state(*parameter) == State::NotApplicable
                && self.framework.policy.not_applicable == NotApplicable::Exclude;
            let follows = definition.requires.iter().any(|needed| found.contains(&needed.parameter));
            if self.state(*parameter) != State::NotApplicable && (is_excluded || follows) {
                found.push(*parameter);
                leaving.entry((self.at, definition.group)).or_default().push(*parameter);
            }
        }
    }
}

/// Whether the index of a service is the highest it can have with every answer the best: no mean falls when
/// what is in it rises, and nothing comes in or goes out.
pub fn is_monotone(model: &Model<'_>) -> bool {
    let is_fixed = |at: usize| {
        let site = Site { model, framework: model.scorer().framework(), at };
        let mut leaving = Leaving::new();
        site.add_leaving(&mut leaving);
        leaving.is_empty() && !site.comes_and_goes() && !site.may_lack_index()
    };
    (0..model.standings.len()).all(is_fixed)
}
