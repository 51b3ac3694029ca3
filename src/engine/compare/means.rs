//! What moved in the means of services: entities, categories and the whole.

use std::collections::BTreeSet;

use super::parts::{Cause, Parts, sum};
use super::{ServiceMovement, Side, halved};
use crate::framework::{Basis, Unrated};
use crate::id::{EntityIndex, ServiceIndex};
use crate::number::{Published, Ratio};
use crate::round::Service;

/// Whose mean it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeanOf {
    /// An entity's, in the earlier and in the later round.
    Entity([Option<EntityIndex>; 2]),
    /// A category's.
    Category(String),
    /// That of all services.
    Whole,
}

/// What moved in a mean of services.
#[derive(Clone, Debug)]
pub struct MeanMovement {
    /// Whose mean it is.
    pub of: MeanOf,
    /// The published index in either round.
    pub index: [Option<Published>; 2],
    /// The rank in either round; entities have one.
    pub rank: [Option<usize>; 2],
    /// The position of the band in either round; entities have one.
    pub band: [Option<usize>; 2],
    /// The parts of the difference between the published indexes.
    pub parts: Option<Parts>,
}

impl MeanMovement {
    /// How far the published index rose, 1 being 100 percent.
    pub fn change(&self) -> Option<Ratio> {
        Some(self.index[1]?.ratio().minus(&self.index[0]?.ratio()))
    }
}

/// What a joined parameter did to the mean of all services.
#[derive(Clone, Debug)]
pub struct ItemTotal {
    /// Its position among the items.
    pub item: usize,
    /// In how many services its score rose.
    pub rose: usize,
    /// In how many services its score fell.
    pub fell: usize,
    /// The parts of the mean's difference that are its own.
    pub parts: Parts,
}

/// Takes the differences of means apart.
pub struct Movements<'a> {
    pub before: Side<'a>,
    pub after: Side<'a>,
    pub services: &'a [ServiceMovement],
}

/// What a service brings to a mean in one round.
struct Share {
    weight: Ratio,
    value: Ratio,
}

impl Movements<'_> {
    fn sides(&self) -> [Side<'_>; 2] {
        [self.before, self.after]
    }

    pub fn entities(&self) -> Vec<MeanMovement> {
        let rounds = self.sides().map(|side| side.scorer.round());
        let same = |id: &str, side: usize| {
            rounds[side].entity_indices().find(|entity| rounds[side].entity(*entity).id == id)
        };
        let stayed = self
            .after
            .results
            .entities
            .iter()
            .map(|result| [same(&rounds[1].entity(result.entity).id, 0), Some(result.entity)]);
        let went = self
            .before
            .results
            .entities
            .iter()
            .filter(|result| same(&rounds[0].entity(result.entity).id, 1).is_none());
        stayed.chain(went.map(|result| [Some(result.entity), None])).map(|pair| self.entity(pair)).collect()
    }

    fn entity(&self, pair: [Option<EntityIndex>; 2]) -> MeanMovement {
        let sides = self.sides();
        let result = [0, 1]
            .map(|side| sides[side].results.entities.iter().find(|result| Some(result.entity) == pair[side]));
        self.mean(
            MeanMovement {
                of: MeanOf::Entity(pair),
                index: result.map(|result| result.and_then(|result| result.mean.index)),
                rank: result.map(|result| result.and_then(|result| result.rank)),
                band: result.map(|result| result.and_then(|result| result.band)),
                parts: None,
            },
            |side, service| service.entity.is_some() && service.entity == pair[side],
        )
    }

    pub fn categories(&self) -> Vec<MeanMovement> {
        let sides = self.sides();
        let names =
            sides.iter().flat_map(|side| side.results.categories.iter().map(|(name, _)| name.clone()));
        let names: BTreeSet<String> = names.collect();
        let index = |side: usize, name: &str| {
            let found = sides[side].results.categories.iter().find(|(known, _)| known == name);
            found.and_then(|(_, mean)| mean.index)
        };
        names
            .into_iter()
            .map(|name| {
                let index = [index(0, &name), index(1, &name)];
                let of = MeanOf::Category(name.clone());
                let blank = MeanMovement { of, index, rank: [None; 2], band: [None; 2], parts: None };
                self.mean(blank, |_, service| *service.category == *name)
            })
            .collect()
    }

    pub fn whole(&self) -> MeanMovement {
        let index = self.sides().map(|side| side.results.whole.index);
        let blank = MeanMovement { of: MeanOf::Whole, index, rank: [None; 2], band: [None; 2], parts: None };
        self.mean(blank, |_, _| true)
    }

    /// What each joined parameter did to the mean of all services.
    pub fn item_totals(&self, items: usize) -> Vec<ItemTotal> {
        let shares = self.shares(|_, _| true);
        let all = [0, 1]
            .map(|side| sum(shares.iter().filter_map(|pair| pair[side].as_ref()).map(|share| &share.weight)));
        let mut lists: Vec<Vec<Parts>> = vec![Vec::new(); items];
        let mut totals: Vec<ItemTotal> =
            (0..items).map(|item| ItemTotal { item, rose: 0, fell: 0, parts: Parts::default() }).collect();
        for (service, pair) in self.services.iter().zip(&shares) {
            let [Some(first), Some(second)] = pair else { continue };
            let part = |share: &Share, total: &Ratio| share.weight.over(total).unwrap_or_else(Ratio::zero);
            let share = halved(&part(first, &all[0]).plus(&part(second, &all[1])));
            for moved in &service.items {
                if let [Some(low), Some(high)] = &moved.score {
                    totals[moved.item].rose += usize::from(high > low);
                    totals[moved.item].fell += usize::from(high < low);
                }
                lists[moved.item].push(moved.parts.times(&share));
            }
        }
        for (total, list) in totals.iter_mut().zip(&lists) {
            total.parts = Parts::sum(list.iter());
        }
        totals.retain(|total| total.rose + total.fell > 0 || !total.parts.is_still());
        let size = |total: &ItemTotal| {
            let change = total.parts.total();
            if change < Ratio::zero() { Ratio::zero().minus(&change) } else { change }
        };
        totals.sort_by_cached_key(|total| (std::cmp::Reverse(size(total)), total.item));
        totals
    }

    fn shares(&self, member: impl Fn(usize, &Service) -> bool) -> Vec<[Option<Share>; 2]> {
        self.services
            .iter()
            .map(|service| {
                [0, 1].map(|side| {
                    let at = if side == 0 { service.before } else { service.after }?;
                    let known = self.sides()[side].scorer.round().service(at);
                    if member(side, known) { self.share(side, at, service) } else { None }
                })
            })
            .collect()
    }

    /// Adds the parts of a mean over the services that a side counts among its members.
    fn mean(&self, movement: MeanMovement, member: impl Fn(usize, &Service) -> bool) -> MeanMovement {
        let Some(change) = movement.change() else { return movement };
        let shares = self.shares(member);
        let mut parts = mean_parts(self.services, &shares);
        parts.add(Cause::Rounding, &change.minus(&parts.total()));
        MeanMovement { parts: Some(parts), ..movement }
    }

    /// What a service brings to a mean; none where it is left out.
    fn share(&self, side: usize, at: ServiceIndex, movement: &ServiceMovement) -> Option<Share> {
        let scorer = self.sides()[side].scorer;
        let policy = &scorer.framework().policy;
        let service = scorer.round().service(at);
        let value = match (&movement.index[side], &movement.exact[side]) {
            (Some(published), _) if policy.entity_from == Basis::Published => published.ratio(),
            (Some(_), Some(exact)) => exact.clone(),
            _ => {
                if self.sides()[side].results.of(at).held_out || policy.unrated == Unrated::Exclude {
                    return None;
                }
                Ratio::zero()
            }
        };
        let weight = Ratio::new(service.weight.units().into(), 1.into());
        (!weight.is_zero()).then_some(Share { weight, value })
    }
}

/// For shares `o` of the weight and values `v`: of a service in both, `mean(o) dv + mean(v) do`, where
/// `do` goes by way of the shares among the services in both; of a service in one, all of it.
fn mean_parts(services: &[ServiceMovement], shares: &[[Option<Share>; 2]]) -> Parts {
    let in_both = |pair: &&[Option<Share>; 2]| pair.iter().all(Option::is_some);
    let total = |side: usize, only_both: bool| {
        let list = shares.iter().filter(|pair| !only_both || in_both(pair));
        sum(list.filter_map(|pair| pair[side].as_ref()).map(|share| &share.weight))
    };
    let (all, core) = ([total(0, false), total(1, false)], [total(0, true), total(1, true)]);
    let part = |share: &Share, total: &Ratio| share.weight.over(total).unwrap_or_else(Ratio::zero);
    let mut list: Vec<Parts> = Vec::new();
    for (service, pair) in services.iter().zip(shares) {
        let mut parts = Parts::default();
        match pair {
            [Some(first), Some(second)] => {
                let whole = [part(first, &all[0]), part(second, &all[1])];
                let inner = [part(first, &core[0]), part(second, &core[1])];
                let share = halved(&whole[0].plus(&whole[1]));
                let value = halved(&first.value.plus(&second.value));
                let change = second.value.minus(&first.value);
                match &service.parts {
                    Some(own) => {
                        parts = own.times(&share);
                        // The mean may be over exact values: what rounding did to the service is not in it.
                        let rest = change.minus(&own.total());
                        parts.add(Cause::Rounding, &rest.times(&share));
                    }
                    None => parts.add(Cause::Services, &change.times(&share)),
                }
                let moved = whole[1].minus(&inner[1]).plus(&inner[0].minus(&whole[0]));
                parts.add(Cause::Services, &moved.times(&value));
                parts.add(Cause::ServiceWeights, &inner[1].minus(&inner[0]).times(&value));
            }
            [Some(first), None] => {
                parts.add(Cause::Services, &Ratio::zero().minus(&part(first, &all[0]).times(&first.value)));
            }
            [None, Some(second)] => parts.add(Cause::Services, &part(second, &all[1]).times(&second.value)),
            [None, None] => continue,
        }
        list.push(parts);
    }
    Parts::sum(list.iter())
}
