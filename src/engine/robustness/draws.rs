//! Draws: weights around their own, and what becomes of ranks and indexes under them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::matrix::{Matrix, Means, Values, Weights, scale};
use super::{Plan, Weighting};
use crate::engine::random::Random;
use crate::engine::rank::{Results, ServiceResult};
use crate::framework::{Basis, Children, Framework, Unrated};
use crate::id::{EntityIndex, GroupIndex, ServiceIndex};
use crate::number::Published;
use crate::parallel::shared;
use crate::round::Round;

/// What one draw is computed with.
pub struct Setting {
    pub weights: Weights,
    pub matrix: usize,
    pub means: Means,
}

/// Where a service or entity is over the draws; the 5th, 50th and 95th percentile each.
#[derive(Clone, Debug)]
pub struct Spread<T> {
    /// Whose it is.
    pub of: T,
    /// The published rank.
    pub rank: Option<usize>,
    /// The published index.
    pub index: Option<Published>,
    /// The ranks.
    pub ranks: Option<[usize; 3]>,
    /// The indexes.
    pub indexes: Option<[Published; 3]>,
    /// In how many draws it keeps its band.
    pub keeps_band: usize,
    /// In how many draws it is among the first.
    pub among_first: usize,
}

impl<T> Spread<T> {
    /// How many places lie between the 5th and the 95th percentile of its ranks.
    pub fn width(&self) -> Option<usize> {
        self.ranks.map(|[low, _, high]| high - low)
    }
}

/// Two services next to each other in the ranking.
#[derive(Clone, Debug)]
pub struct Neighbours {
    /// The upper and the lower.
    pub pair: [ServiceIndex; 2],
    /// In how many draws the upper one is above the lower.
    pub above: usize,
}

/// What all draws come to.
pub struct Spreads {
    pub services: Vec<Spread<ServiceIndex>>,
    pub entities: Vec<Spread<EntityIndex>>,
    pub neighbours: Vec<Neighbours>,
    pub mean_shift: f64,
}

/// The weights whose random numbers are, at each level, those of a row.
pub fn weights(framework: &Framework, plan: &Plan, rows: &[u64]) -> Weights {
    let mut weights = Weights::of(framework);
    let count = rows.len() as u64;
    for (level, row) in rows.iter().enumerate().filter(|(level, _)| plan.levels[*level]) {
        let mut random = Random::of(plan.seed, row * count + level as u64);
        for group in &framework.groups {
            match &group.children {
                Children::Groups(children) if group.depth == level => {
                    let all = &mut weights.groups;
                    let mut siblings: Vec<f64> = children.iter().map(|child| all[child.get()]).collect();
                    draw(&plan.weighting, &mut siblings, &mut random);
                    children.iter().zip(siblings).for_each(|(child, weight)| all[child.get()] = weight);
                }
                Children::Parameters if level + 1 == rows.len() => {
                    draw(&plan.weighting, &mut weights.parameters[group.parameters.clone()], &mut random);
                }
                Children::Groups(_) | Children::Parameters => {}
            }
        }
    }
    weights
}

/// Draws the weights of siblings around their own.
fn draw(weighting: &Weighting, siblings: &mut [f64], random: &mut Random) {
    match weighting {
        Weighting::Uniform(part) => {
            siblings.iter_mut().for_each(|weight| *weight *= 1.0 + part * (2.0 * random.uniform() - 1.0));
        }
        Weighting::Dirichlet(concentration) => {
            let total: f64 = siblings.iter().sum();
            for weight in siblings.iter_mut().filter(|weight| **weight > 0.0) {
                *weight = random.gamma(concentration * *weight / total);
            }
        }
        Weighting::Sets(_) => {}
    }
}

/// A round, ready to be computed under many settings.
pub struct Model<'a> {
    framework: &'a Framework,
    results: &'a Results,
    /// Services in ranking order.
    services: Vec<ServiceIndex>,
    matrices: Vec<Matrix<'a>>,
    /// The services of each entity by position, with their weights.
    members: Vec<Vec<(usize, f64)>>,
    /// Entities of one category, by position.
    categories: Vec<Vec<usize>>,
    bands: Vec<BandFloor>,
    top: usize,
    scale: f64,
}

/// What a band asks for, in units of the last published place.
struct BandFloor {
    from: i64,
    requires: Vec<(GroupIndex, i64)>,
}

/// The figures of one draw.
struct Drawn {
    values: Values,
    order: Vec<u64>,
    units: Vec<Option<i64>>,
    ranks: Vec<u32>,
    entity_units: Vec<Option<i64>>,
    entity_ranks: Vec<u32>,
}

/// What one thread gathers. Counts are whole numbers, so that their sums do not know of threads.
#[derive(Clone, Default)]
struct Gathered {
    services: Vec<Tally>,
    entities: Vec<Tally>,
    above: Vec<usize>,
    shift: u64,
    shifted: u64,
}

#[derive(Clone, Default)]
struct Tally {
    ranks: Vec<u32>,
    units: Vec<i64>,
    keeps_band: usize,
    among_first: usize,
}

impl<'a> Model<'a> {
    pub fn new(
        framework: &'a Framework,
        round: &'a Round,
        results: &'a Results,
        services: Vec<ServiceIndex>,
        matrices: Vec<Matrix<'a>>,
        top: usize,
    ) -> Self {
        let place: BTreeMap<EntityIndex, usize> =
            results.entities.iter().enumerate().map(|(at, result)| (result.entity, at)).collect();
        let mut members = vec![Vec::new(); results.entities.len()];
        for (at, service) in services.iter().enumerate() {
            let known = round.service(*service);
            if let Some(entity) = known.entity.and_then(|entity| place.get(&entity)) {
                members[*entity].push((at, known.weight.units() as f64));
            }
        }
        let mut categories: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, result) in results.entities.iter().enumerate() {
            categories.entry(&round.entity(result.entity).category).or_default().push(at);
        }
        let unit = Decimal::from(10u64.pow(framework.policy.decimals));
        let floor = |figure: Decimal| i64::try_from((figure * unit).ceil()).unwrap_or(i64::MAX);
        let bands = framework.bands.iter().map(|band| BandFloor {
            from: floor(band.from),
            requires: band.requires.iter().map(|(group, least)| (*group, floor(*least))).collect(),
        });
        Self {
            framework,
            results,
            services,
            matrices,
            members,
            categories: categories.into_values().collect(),
            bands: bands.collect(),
            top,
            scale: scale(framework),
        }
    }

    fn room(&self) -> Drawn {
        let (services, entities) = (self.services.len(), self.members.len());
        Drawn {
            values: self.matrices[0].values(),
            order: Vec::with_capacity(services),
            units: vec![None; services],
            ranks: vec![0; services],
            entity_units: vec![None; entities],
            entity_ranks: vec![0; entities],
        }
    }

    /// Computes a draw. Ranks of 0 are none.
    fn compute(&self, setting: &Setting, stays: &[bool], drawn: &mut Drawn) {
        let matrix = &self.matrices[setting.matrix];
        matrix.compute(&setting.weights, setting.means, stays, &mut drawn.values);
        let index = &drawn.values.groups[GroupIndex::ROOT.get()];
        for ((units, value), rated) in drawn.units.iter_mut().zip(index).zip(&matrix.rated) {
            *units = (*rated && !value.is_nan()).then(|| (value * self.scale + 0.5).floor() as i64);
        }
        match self.framework.policy.ranks {
            Basis::Published => rank(drawn.units.iter().copied(), &mut drawn.order, &mut drawn.ranks),
            Basis::Exact => {
                let fine = drawn.units.iter().zip(index).map(|(units, value)| units.map(|_| fine(*value)));
                rank(fine, &mut drawn.order, &mut drawn.ranks);
            }
        }
    }

    /// Computes the entities of a draw.
    fn compute_entities(&self, drawn: &mut Drawn) {
        let policy = &self.framework.policy;
        let index = &drawn.values.groups[GroupIndex::ROOT.get()];
        let mut exact = vec![0.0; self.members.len()];
        for (at, members) in self.members.iter().enumerate() {
            let figures = members.iter().filter_map(|(service, weight)| {
                let figure = match (drawn.units[*service], policy.entity_from, policy.unrated) {
                    (Some(units), Basis::Published, _) => units as f64 / self.scale,
                    (Some(_), Basis::Exact, _) => index[*service],
                    (None, _, Unrated::Zero) => 0.0,
                    (None, _, Unrated::Exclude) => return None,
                };
                Some((figure, *weight))
            });
            let found = mean(figures);
            exact[at] = found.unwrap_or(0.0);
            drawn.entity_units[at] = found.map(|mean| (mean * self.scale + 0.5).floor() as i64);
        }
        for category in &self.categories {
            let key = |at: &usize| match policy.ranks {
                Basis::Published => drawn.entity_units[*at],
                Basis::Exact => drawn.entity_units[*at].map(|_| fine(exact[*at])),
            };
            let mut ranks = vec![0; category.len()];
            rank(category.iter().map(key), &mut drawn.order, &mut ranks);
            category.iter().zip(ranks).for_each(|(at, rank)| drawn.entity_ranks[*at] = rank);
        }
    }

    /// The position of a band; `group` gives the figures of groups.
    fn band(&self, units: Option<i64>, group: impl Fn(GroupIndex) -> Option<i64>) -> Option<usize> {
        let units = units?;
        self.bands.iter().position(|band| {
            let met = |(at, least): &(GroupIndex, i64)| group(*at).is_none_or(|figure| figure >= *least);
            band.from <= units && band.requires.iter().all(met)
        })
    }

    fn group_units(&self, values: &Values, group: GroupIndex, service: usize) -> Option<i64> {
        let value = values.groups[group.get()][service];
        (!value.is_nan()).then(|| (value * self.scale + 0.5).floor() as i64)
    }

    /// By how many places a service moves in each of some settings, the mean over services.
    pub fn shifts(
        &self,
        count: usize,
        threads: usize,
        stays: &[bool],
        setting: impl Fn(usize) -> Setting + Sync,
    ) -> Vec<f64> {
        let work = |range: std::ops::Range<usize>| {
            let mut drawn = self.room();
            range
                .map(|row| {
                    self.compute(&setting(row), stays, &mut drawn);
                    let (shift, shifted) = self.shift(&drawn);
                    if shifted == 0 { 0.0 } else { shift as f64 / shifted as f64 }
                })
                .collect::<Vec<f64>>()
        };
        shared(count, threads, work).concat()
    }

    /// The places that services moved by, and how many have a rank before and after.
    fn shift(&self, drawn: &Drawn) -> (u64, u64) {
        let ranks =
            self.nominal().zip(&drawn.ranks).filter(|(nominal, rank)| nominal.is_some() && **rank > 0);
        ranks.fold((0, 0), |(shift, count), (nominal, rank)| {
            (shift + (nominal.unwrap_or(0) as u64).abs_diff(u64::from(*rank)), count + 1)
        })
    }

    fn result(&self, at: usize) -> &ServiceResult {
        self.results.of(self.services[at])
    }

    fn nominal(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        self.services.iter().map(|service| self.results.rank(*service))
    }

    /// What becomes of ranks and indexes over many settings.
    pub fn spread(
        &self,
        count: usize,
        threads: usize,
        stays: &[bool],
        setting: impl Fn(usize) -> Setting + Sync,
    ) -> Spreads {
        let nominal = Setting {
            weights: Weights::of(self.framework),
            matrix: 0,
            means: Means { aggregation: None, rounding: self.framework.policy.rounding },
        };
        let nothing = vec![false; self.framework.groups.len()];
        let work = |range: std::ops::Range<usize>| {
            let mut drawn = self.room();
            // What no draw moves is computed once.
            self.compute(&nominal, &nothing, &mut drawn);
            let mut gathered = Gathered {
                services: vec![Tally::default(); self.services.len()],
                entities: vec![Tally::default(); self.members.len()],
                above: vec![0; self.services.len().saturating_sub(1)],
                ..Gathered::default()
            };
            for row in range {
                self.compute(&setting(row), stays, &mut drawn);
                self.compute_entities(&mut drawn);
                self.gather(&drawn, &mut gathered);
            }
            gathered
        };
        self.summed(shared(count, threads, work))
    }

    fn gather(&self, drawn: &Drawn, gathered: &mut Gathered) {
        for (at, tally) in gathered.services.iter_mut().enumerate() {
            let Some(units) = drawn.units[at] else { continue };
            let of_group = |group: GroupIndex| self.group_units(&drawn.values, group, at);
            let own = self.result(at).figures.as_ref().and_then(|figures| figures.band());
            tally.add(drawn.ranks[at], units, self.band(Some(units), of_group) == own, self.top);
        }
        for (at, tally) in gathered.entities.iter_mut().enumerate() {
            let Some(units) = drawn.entity_units[at] else { continue };
            let of_group = |group: GroupIndex| {
                let figures = self.members[at].iter().filter_map(|(service, weight)| {
                    let units = self.group_units(&drawn.values, group, *service)?;
                    Some((units as f64 / self.scale, *weight))
                });
                mean(figures).map(|mean| (mean * self.scale + 0.5).floor() as i64)
            };
            let keeps = self.band(Some(units), of_group) == self.results.entities[at].band;
            tally.add(drawn.entity_ranks[at], units, keeps, self.top);
        }
        for (above, pair) in gathered.above.iter_mut().zip(drawn.ranks.windows(2)) {
            *above += usize::from(pair[0] > 0 && (pair[1] == 0 || pair[0] < pair[1]));
        }
        let (shift, shifted) = self.shift(drawn);
        gathered.shift += shift;
        gathered.shifted += shifted;
    }

    fn summed(&self, all: Vec<Gathered>) -> Spreads {
        let decimals = self.framework.policy.decimals;
        let tally = |pick: &dyn Fn(&Gathered) -> Tally| {
            let mut sum = Tally::default();
            for part in all.iter().map(pick) {
                sum.ranks.extend(part.ranks);
                sum.units.extend(part.units);
                sum.keeps_band += part.keeps_band;
                sum.among_first += part.among_first;
            }
            sum
        };
        let figures = |units: [i64; 3]| units.map(|units| Published::from_units(units, decimals));
        let services = self.services.iter().enumerate().map(|(at, service)| {
            let mut tally = tally(&|gathered| gathered.services[at].clone());
            Spread {
                of: *service,
                rank: self.results.rank(*service),
                index: self.result(at).index(),
                ranks: percentiles(&mut tally.ranks).map(|ranks| ranks.map(|rank| rank as usize)),
                indexes: percentiles(&mut tally.units).map(figures),
                keeps_band: tally.keeps_band,
                among_first: tally.among_first,
            }
        });
        let entities = self.results.entities.iter().enumerate().map(|(at, result)| {
            let mut tally = tally(&|gathered| gathered.entities[at].clone());
            Spread {
                of: result.entity,
                rank: result.rank,
                index: result.mean.index,
                ranks: percentiles(&mut tally.ranks).map(|ranks| ranks.map(|rank| rank as usize)),
                indexes: percentiles(&mut tally.units).map(figures),
                keeps_band: tally.keeps_band,
                among_first: tally.among_first,
            }
        });
        let rated = |at: usize| self.results.rank(self.services[at]).is_some();
        let pairs = (0..self.services.len().saturating_sub(1)).filter(|at| rated(*at) && rated(at + 1));
        let neighbours = pairs.map(|at| Neighbours {
            pair: [self.services[at], self.services[at + 1]],
            above: all.iter().map(|gathered| gathered.above[at]).sum(),
        });
        let shifted: u64 = all.iter().map(|gathered| gathered.shifted).sum();
        let shift: u64 = all.iter().map(|gathered| gathered.shift).sum();
        Spreads {
            services: services.collect(),
            entities: entities.collect(),
            neighbours: neighbours.collect(),
            mean_shift: if shifted == 0 { 0.0 } else { shift as f64 / shifted as f64 },
        }
    }
}

impl Tally {
    fn add(&mut self, rank: u32, units: i64, keeps_band: bool, top: usize) {
        self.ranks.push(rank);
        self.units.push(units);
        self.keeps_band += usize::from(keeps_band);
        self.among_first += usize::from(rank as usize <= top);
    }
}

/// The 5th, 50th and 95th percentile: the least value that so many of all do not exceed.
fn percentiles<T: Ord + Copy>(values: &mut [T]) -> Option<[T; 3]> {
    let count = values.len();
    let nth = |values: &mut [T], percent: usize| {
        let at = (count * percent).div_ceil(100).max(1) - 1;
        *values.select_nth_unstable(at).1
    };
    (count > 0).then(|| [5, 50, 95].map(|percent| nth(values, percent)))
}

/// `sum(w x) / sum(w)`; none where nothing weighs anything.
fn mean(figures: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, total) =
        figures.fold((0.0, 0.0), |(sum, total), (x, weight)| (sum + weight * x, total + weight));
    (total > 0.0).then(|| sum / total)
}

/// A value of 1 at most as a whole number, to 12 places.
fn fine(value: f64) -> i64 {
    (value * (1u64 << 39) as f64 + 0.5).floor() as i64
}

/// Ranks keys, highest first: equals share a rank and the next skips; none is 0.
fn rank(keys: impl Iterator<Item = Option<i64>>, order: &mut Vec<u64>, ranks: &mut [u32]) {
    const PLACE: u32 = 24;
    const HIGHEST: u64 = (1 << (63 - PLACE)) + 1;
    order.clear();
    for (at, key) in keys.enumerate() {
        ranks[at] = 0;
        if let Some(key) = key {
            order.push((HIGHEST - key.unsigned_abs()) << PLACE | at as u64);
        }
    }
    order.sort_unstable();
    let mut before = (u64::MAX, 0);
    for (at, packed) in order.iter().enumerate() {
        let key = packed >> PLACE;
        if key != before.0 {
            before = (key, at as u32 + 1);
        }
        ranks[(packed & ((1 << PLACE) - 1)) as usize] = before.1;
    }
}
