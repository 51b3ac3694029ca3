//! What a place is owed to a rule: a round scored under every combination of rules for gaps and for
//! answers "not applicable".

use super::rank::Results;
use super::score::Scorer;
use crate::framework::{Framework, Missing, NotApplicable};
use crate::id::ServiceIndex;
use crate::number::Published;
use crate::round::Round;

/// The combinations. `reject` is none of them: it changes no figure, it only holds services out.
pub const COMBINATIONS: [(Missing, NotApplicable); 6] = [
    (Missing::Zero, NotApplicable::Exclude),
    (Missing::Zero, NotApplicable::Full),
    (Missing::Zero, NotApplicable::Zero),
    (Missing::Exclude, NotApplicable::Exclude),
    (Missing::Exclude, NotApplicable::Full),
    (Missing::Exclude, NotApplicable::Zero),
];

/// The index and rank of a service under each combination.
#[derive(Clone, Debug)]
pub struct UnderPolicies {
    /// The service.
    pub service: ServiceIndex,
    /// Under each combination, in their order.
    pub places: Vec<Place>,
}

/// A published index and the rank it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The index; none where the service has none.
    pub index: Option<Published>,
    /// The rank.
    pub rank: Option<usize>,
}

impl UnderPolicies {
    /// The best and the worst rank.
    pub fn ranks(&self) -> Option<(usize, usize)> {
        let ranks = || self.places.iter().filter_map(|place| place.rank);
        Some((ranks().min()?, ranks().max()?))
    }
}

/// Scores a round under every combination; services are in the order of ids.
pub fn policies(framework: &Framework, round: &Round) -> Vec<UnderPolicies> {
    let blank = |service| UnderPolicies { service, places: Vec::with_capacity(COMBINATIONS.len()) };
    let mut services: Vec<UnderPolicies> = round.service_indices().map(blank).collect();
    for (missing, not_applicable) in COMBINATIONS {
        let mut framework = framework.clone();
        framework.policy.missing = missing;
        framework.policy.not_applicable = not_applicable;
        let results = Results::compute(&Scorer::new(&framework, round), &[]);
        for under in &mut services {
            let result = results.of(under.service);
            under.places.push(Place { index: result.index(), rank: results.rank(under.service) });
        }
    }
    services
}
