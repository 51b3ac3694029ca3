//! From scores to a ranking: indexes, bands and ranks of services, and the means of entities,
//! categories and the whole.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use num_bigint::BigInt;
use rust_decimal::Decimal;
use smallvec::SmallVec;

use super::aggregate::nearly_equal;
use super::score::{Outcome, Scorer, Values, published};
use crate::framework::{Band, Basis, Framework, Unrated};
use crate::id::{EntityIndex, GroupIndex, ParameterIndex, ServiceIndex};
use crate::number::{Published, Ratio};
use crate::parallel;
use crate::round::{Round, Service};

/// The published results of a round.
#[derive(Clone, Debug)]
pub struct Results {
    /// The groups whose figures are kept: those below the root, then others that a band requires.
    pub groups: Vec<GroupIndex>,
    /// The results of services in the order of ids.
    services: Parts,
    /// Services in ranking order.
    pub order: Vec<ServiceIndex>,
    /// The ranks of services in the order of ids: close together, as they are found in an order that memory does not
    /// like.
    ranks: Vec<Ranks>,
    /// The services that the policy holds out in the order of ids, each with the parameters that it wants answered.
    pub rejected: Vec<(ServiceIndex, Vec<ParameterIndex>)>,
    /// Entities by category, rank and id.
    pub entities: Vec<EntityResult>,
    /// The mean of each category, in the order of categories.
    pub categories: Vec<(String, Mean)>,
    /// The mean over all services.
    pub whole: Mean,
}

/// The results of services, in parts of one length but for the last: as they were made, side by side. A country's
/// fill much memory, and to lay them end to end would fill as much again.
#[derive(Clone, Debug)]
struct Parts(Vec<Vec<ServiceResult>>);

impl Parts {
    /// How many services a part has: few, so that no thread has to wait long for another's last.
    const LENGTH: usize = 2048;

    fn get(&self, service: ServiceIndex) -> &ServiceResult {
        &self.0[service.get() / Self::LENGTH][service.get() % Self::LENGTH]
    }

    fn iter(&self) -> impl Iterator<Item = &ServiceResult> + Clone {
        self.0.iter().flatten()
    }
}

/// The published result of one service.
#[derive(Clone, Debug)]
pub struct ServiceResult {
    /// The service.
    pub service: ServiceIndex,
    /// Its figures; none when it is held out.
    pub figures: Option<Figures>,
    /// Whether a fault in its answers keeps it from being scored.
    pub held_out: bool,
}

/// The rank of a service among all and in its category; none without an index.
type Ranks = (Option<NonZeroU32>, Option<NonZeroU32>);

/// What is published of a service.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Its index; none when it has none.
    pub index: Option<Published>,
    /// The scores of the kept groups, as a rule in place.
    pub groups: SmallVec<[Option<Published>; 7]>,
    band: Option<u32>,
    /// How many parameters are answered.
    pub answered: u32,
    /// How many parameters apply.
    pub applicable: u32,
    exact: Option<Box<Exact>>,
}

/// The exact values behind figures, where a policy looks at them.
#[derive(Clone, Debug)]
struct Exact {
    index: Option<Ratio>,
    groups: Vec<Option<Ratio>>,
}

/// The mean of some services.
#[derive(Clone, Debug, Default)]
pub struct Mean {
    /// How many services count in it.
    pub services: usize,
    /// Their mean index.
    pub index: Option<Published>,
    /// The means of the kept groups.
    pub groups: Vec<Option<Published>>,
    /// Whether a service of it is held out.
    pub is_incomplete: bool,
    exact_index: Option<Ratio>,
}

/// The published result of one entity.
#[derive(Clone, Debug)]
pub struct EntityResult {
    /// The entity.
    pub entity: EntityIndex,
    /// Its rank in its category; none without an index.
    pub rank: Option<usize>,
    /// The mean of its services.
    pub mean: Mean,
    /// The position of its band among the framework's.
    pub band: Option<usize>,
}

impl ServiceResult {
    /// That of a service without figures.
    fn held_out(service: ServiceIndex) -> Self {
        Self { service, figures: None, held_out: true }
    }

    /// Its published index.
    pub fn index(&self) -> Option<Published> {
        self.figures.as_ref().and_then(|figures| figures.index)
    }
}

impl Results {
    /// Scores and ranks a round, and keeps the figures of `wanted` beside those of the groups below
    /// the root.
    pub fn compute(scorer: &Scorer<'_>, wanted: &[GroupIndex]) -> Self {
        let (framework, round) = (scorer.framework(), scorer.round());
        let groups = kept_groups(framework, wanted);
        let means = Means { framework, round, groups: &groups };
        let categories = Categories::of(round);
        let count = round.services.len();
        let mut begins = (0..count).step_by(Parts::LENGTH);
        // All that is to be known of a service is asked while its result is at hand.
        let (parts, sides) = parallel::as_free_with(
            parallel::threads_for(count),
            || begins.next(),
            || (scorer.of_nothing(), Vec::new(), means.of_no_service(&categories)),
            |(values, order, sums), begin| {
                let mut rejected = Vec::new();
                let services = (begin..count.min(begin + Parts::LENGTH)).map(ServiceIndex::new);
                let result = |service| service_result(values, scorer, service, &groups, &mut rejected);
                let services: Vec<ServiceResult> = services.map(result).collect();
                order.extend(services.iter().map(|result| standing(result, &service_key(result, framework))));
                services.iter().for_each(|result| means.add_to(sums, result, &categories));
                (services, rejected)
            },
            |(_, mut order, sums)| {
                order.sort_unstable();
                (order, sums)
            },
        );
        let (services, rejected): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let rejected = rejected.into_iter().flatten().collect();
        // Sums are exact, in whatever order they are taken.
        let joined =
            sides.into_iter().reduce(|(mut order, (mut by_category, mut by_entity)), (more, sums)| {
                order.extend(more);
                let categories = by_category.iter_mut().zip(&sums.0);
                categories.chain(by_entity.iter_mut().zip(&sums.1)).for_each(|(sums, more)| sums.join(more));
                (order, (by_category, by_entity))
            });
        let nothing = || (Vec::new(), means.of_no_service(&categories));
        let (order, (by_category, by_entity)) = joined.unwrap_or_else(nothing);
        let services = Parts(services);
        let (order, ranks) =
            rank_services(&services, order, &categories, |result| service_key(result, framework));
        let entities = entities(&means, by_entity);
        let mut whole = means.nothing();
        by_category.iter().for_each(|sums| whole.join(sums));
        let whole = means.mean_of(&whole);
        let named = categories.names.iter().zip(&by_category);
        let mut categories: Vec<(String, Mean)> =
            named.map(|(name, sums)| ((*name).to_owned(), means.mean_of(sums))).collect();
        categories.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { services, order, ranks, rejected, entities, categories, whole, groups }
    }

    /// The result of a service.
    pub fn of(&self, service: ServiceIndex) -> &ServiceResult {
        self.services.get(service)
    }

    /// A service's rank among all; none without an index.
    pub fn rank(&self, service: ServiceIndex) -> Option<usize> {
        self.ranks[service.get()].0.map(|rank| rank.get() as usize)
    }

    /// A service's rank in its category.
    pub fn rank_in_category(&self, service: ServiceIndex) -> Option<usize> {
        self.ranks[service.get()].1.map(|rank| rank.get() as usize)
    }

    /// The results of services in the order of ids: that in which they lie.
    pub fn by_id(&self) -> impl Iterator<Item = &ServiceResult> + Clone {
        self.services.iter()
    }

    /// The results of services in ranking order.
    pub fn ranked(&self) -> impl Iterator<Item = &ServiceResult> + Clone {
        self.order.iter().map(|service| self.of(*service))
    }

    /// The means of services that share a peer group, in the order of their names.
    pub fn peer_groups(&self, framework: &Framework, round: &Round) -> Vec<(String, Mean)> {
        let means = Means { framework, round, groups: &self.groups };
        let mut by_group: BTreeMap<&str, Vec<&ServiceResult>> = BTreeMap::new();
        for result in self.by_id() {
            if let Some(group) = round.service(result.service).peer_group() {
                by_group.entry(group).or_default().push(result);
            }
        }
        by_group.into_iter().map(|(group, list)| (group.to_owned(), means.mean(list))).collect()
    }

    /// Ranks services by the published score of a kept group instead of the index.
    pub fn rerank_by(&mut self, group: GroupIndex, round: &Round) {
        let at = self.groups.iter().position(|kept| *kept == group);
        let figure = |result: &ServiceResult| result.figures.as_ref().and_then(|figures| figures.groups[at?]);
        let order = self.by_id().map(|result| standing(result, &Key::of(figure(result)))).collect();
        let categories = Categories::of(round);
        (self.order, self.ranks) =
            rank_services(&self.services, order, &categories, |result| Key::of(figure(result)));
    }

    /// The middle one of all indexes, or the mean of the middle two.
    pub fn median(&self, framework: &Framework) -> Option<Published> {
        let mut indexes: Vec<Published> = self.by_id().filter_map(ServiceResult::index).collect();
        indexes.sort();
        let upper = *indexes.get(indexes.len() / 2)?;
        let lower = indexes[(indexes.len() - 1) / 2];
        let half = Ratio::new(1.into(), 2.into());
        Some(published(&lower.ratio().plus(&upper.ratio()).times(&half), framework))
    }
}

/// What a service may come to.
pub struct Possible {
    /// The service.
    pub service: ServiceIndex,
    /// Its outcomes.
    pub outcomes: Vec<Outcome>,
    /// Whether they are one end of a range, so that not they but others tell how much is answered.
    pub is_open: bool,
    /// Whether it may come to no index instead.
    pub may_lack_index: bool,
}

/// Every entity's index if its services come to these outcomes; a service that is not listed is left out.
pub fn entity_indexes(
    scorer: &Scorer<'_>,
    outcomes: impl IntoIterator<Item = (ServiceIndex, Vec<Outcome>)>,
) -> Vec<Option<Published>> {
    let certain = |(service, outcomes)| Possible { service, outcomes, is_open: false, may_lack_index: false };
    entity_ends(scorer, outcomes.into_iter().map(certain), Ordering::Less)
}

/// Every entity's least index (`end` is `Less`) or greatest one, if its services may come to these outcomes; a
/// service that is not listed is left out, and one that may lack an index is where that serves the end.
pub fn entity_ends(
    scorer: &Scorer<'_>,
    possible: impl IntoIterator<Item = Possible>,
    end: Ordering,
) -> Vec<Option<Published>> {
    let (framework, round) = (scorer.framework(), scorer.round());
    let mut by_entity: Vec<Vec<(ServiceResult, bool)>> = vec![Vec::new(); round.entities.len()];
    for Possible { service, outcomes, is_open, may_lack_index } in possible {
        let Some(entity) = round.service(service).entity else { continue };
        let values = scorer.values(outcomes);
        let mut figures = figures(&values, framework, &[]);
        if is_open {
            figures.index = values.published(GroupIndex::ROOT);
            if let Some(exact) = &mut figures.exact {
                exact.index = values.exact(GroupIndex::ROOT).cloned();
            }
        }
        let zero = framework.policy.unrated == Unrated::Zero;
        if may_lack_index && zero && end == Ordering::Less {
            figures.index = None;
        }
        let blank = ServiceResult::held_out(service);
        let result = ServiceResult { figures: Some(figures), held_out: false, ..blank };
        by_entity[entity.get()].push((result, may_lack_index && !zero));
    }
    let means = Means { framework, round, groups: &[] };
    by_entity.into_iter().map(|services| means.end(services, end)).collect()
}

/// The groups below the root, then others that bands look at or that are wanted.
fn kept_groups(framework: &Framework, wanted: &[GroupIndex]) -> Vec<GroupIndex> {
    let mut groups = framework.top_groups().to_vec();
    let required = framework.bands.iter().flat_map(|band| &band.requires).map(|(group, _)| group);
    for group in required.chain(wanted) {
        if !groups.contains(group) {
            groups.push(*group);
        }
    }
    groups
}

/// Scores a service, by way of the values of the one before; adds it to those that the policy holds out, if it does.
fn service_result(
    values: &mut Values<'_>,
    scorer: &Scorer<'_>,
    service: ServiceIndex,
    groups: &[GroupIndex],
    rejected: &mut Vec<(ServiceIndex, Vec<ParameterIndex>)>,
) -> ServiceResult {
    let (framework, round) = (scorer.framework(), scorer.round());
    let blank = ServiceResult::held_out(service);
    if round.service(service).held_out {
        return blank;
    }
    values.put(service);
    let unanswered: Vec<ParameterIndex> = values.rejecting().collect();
    if !unanswered.is_empty() {
        rejected.push((service, unanswered));
        return blank;
    }
    ServiceResult { held_out: false, figures: Some(figures(values, framework, groups)), ..blank }
}

fn figures(values: &Values<'_>, framework: &Framework, groups: &[GroupIndex]) -> Figures {
    let policy = &framework.policy;
    let index = values.index();
    let figures: SmallVec<_> = groups.iter().map(|group| values.published(*group)).collect();
    let needs_exact = policy.ranks == Basis::Exact || policy.entity_from == Basis::Exact;
    let exact = needs_exact.then(|| {
        let groups = groups.iter().map(|group| values.exact(*group).cloned()).collect();
        Box::new(Exact { index: values.exact_index().cloned(), groups })
    });
    Figures {
        band: index.and_then(|index| band(framework, index, groups, &figures)).map(|band| band as u32),
        index,
        groups: figures,
        answered: values.answered() as u32,
        applicable: values.applicable() as u32,
        exact,
    }
}

/// The highest band that begins at or below the index and whose required groups reach their figures;
/// a group without a score reaches any.
fn band(
    framework: &Framework,
    index: Published,
    groups: &[GroupIndex],
    figures: &[Option<Published>],
) -> Option<usize> {
    let is_had = |band: &Band| band.from <= index.decimal() && unmet(band, groups, figures).next().is_none();
    framework.bands.iter().position(is_had)
}

/// The groups that keep a band from being had, each with its figure and the figure that it has to reach; one
/// without a score keeps nothing.
pub fn unmet<'b>(
    band: &'b Band,
    groups: &'b [GroupIndex],
    figures: &'b [Option<Published>],
) -> impl Iterator<Item = (GroupIndex, Published, Decimal)> + 'b {
    band.requires.iter().filter_map(|(group, least)| {
        let figure = figures[groups.iter().position(|kept| kept == group)?]?;
        (figure.decimal() < *least).then_some((*group, figure, *least))
    })
}

/// What a thing is ranked by: its published index, or the exact one.
#[derive(Clone, Debug)]
struct Key<'a> {
    published: Option<Published>,
    exact: Option<&'a Ratio>,
    nearly: bool,
}

impl Key<'_> {
    /// That of a published figure alone.
    fn of(published: Option<Published>) -> Self {
        Self { published, exact: None, nearly: false }
    }

    /// Whether both share a rank.
    fn equals(&self, other: &Self) -> bool {
        match (self.exact, other.exact) {
            (Some(a), Some(b)) if self.nearly => nearly_equal(a, b),
            _ => self.compare(other) == Ordering::Equal,
        }
    }

    /// Highest first; without an index last.
    fn compare(&self, other: &Self) -> Ordering {
        match (self.exact, other.exact) {
            (Some(a), Some(b)) => b.cmp(a),
            _ => match (self.published, other.published) {
                (Some(a), Some(b)) => b.cmp(&a),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        }
    }
}

fn service_key<'a>(result: &'a ServiceResult, framework: &Framework) -> Key<'a> {
    let policy = &framework.policy;
    let exact = result.figures.as_ref().and_then(|figures| figures.exact.as_deref());
    Key {
        published: result.index(),
        exact: exact.and_then(|exact| exact.index.as_ref()).filter(|_| policy.ranks == Basis::Exact),
        nearly: !policy.is_arithmetic(),
    }
}

/// The categories of a round's services.
struct Categories<'a> {
    /// Each of them, as it is met first.
    names: Vec<&'a str>,
    /// For each service, the position of its own.
    of: Vec<u32>,
}

impl<'a> Categories<'a> {
    fn of(round: &'a Round) -> Self {
        let mut names: Vec<&str> = Vec::new();
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut last = 0;
        let position = |service: &'a Service| {
            let category = &*service.category;
            // Services that lie side by side are of one category as a rule.
            if names.get(last as usize).is_none_or(|name| *name != category) {
                last = *known.entry(category).or_insert_with(|| {
                    names.push(category);
                    names.len() as u32 - 1
                });
            }
            last
        };
        let of = round.services.iter().map(position).collect();
        Self { names, of }
    }

    fn position(&self, service: ServiceIndex) -> usize {
        self.of[service.get()] as usize
    }
}

/// Where a service stands by its published figure: the lower the higher it stands. Those without an index come
/// after, then the held-out ones.
type Standing = u64;

/// From here on there is no index.
const UNRANKED: Standing = u64::MAX - 1;

/// Where a service stands by what it is ranked by.
fn standing(result: &ServiceResult, key: &Key<'_>) -> (Standing, ServiceIndex) {
    let standing = match key.published {
        Some(figure) => i64::MAX.abs_diff(figure.units()),
        None => UNRANKED + u64::from(result.held_out),
    };
    (standing, result.service)
}

/// Gives services their ranks, and lists them in that order; equals stay in that of ids.
fn rank_services(
    services: &Parts,
    mut order: Vec<(Standing, ServiceIndex)>,
    categories: &Categories<'_>,
    key: impl Fn(&ServiceResult) -> Key<'_>,
) -> (Vec<ServiceIndex>, Vec<Ranks>) {
    // A sort that finds ordered parts only merges them.
    order.sort();
    let of = |(_, service): &(Standing, ServiceIndex)| services.get(*service);
    let is_exact = order.first().is_some_and(|first| key(of(first)).exact.is_some());
    let equals = |a: &(Standing, ServiceIndex), b: &(Standing, ServiceIndex)| match is_exact {
        // Where published figures are ranked, no service has to be looked at.
        false => a.0 == b.0,
        true => of(a).held_out == of(b).held_out && key(of(a)).equals(&key(of(b))),
    };
    if is_exact {
        // Exact values never contradict what is published of them: they only tell more.
        for tied in order.chunk_by_mut(|a, b| a.0 == b.0) {
            tied.sort_by(|a, b| key(of(a)).compare(&key(of(b))));
        }
        settle_ties(&mut order, equals, |(_, service)| *service);
    }
    let mut overall = Ranking::default();
    let mut by_category = vec![Ranking::default(); categories.names.len()];
    let mut ranks = vec![(None, None); order.len()];
    for (place, this) in order.iter().enumerate() {
        let (standing, service) = *this;
        let within = &mut by_category[categories.position(service)];
        let is_same = |last: usize| equals(&order[last], this);
        let found = (overall.next(place, is_same), within.next(place, is_same));
        if standing < UNRANKED {
            ranks[service.get()] = found;
        }
    }
    (order.into_iter().map(|(_, service)| service).collect(), ranks)
}

/// Lists what shares a rank by its place in the registry; values that are nearly equal share one too, so that
/// a sort by value cannot do it.
fn settle_ties<T, P: Ord>(list: &mut [T], equals: impl Fn(&T, &T) -> bool, place: impl Fn(&T) -> P) {
    for tied in list.chunk_by_mut(equals).filter(|tied| tied.len() > 1) {
        tied.sort_by_key(&place);
    }
}

/// How far the ranks of an ordered list have come: equals share one and the next rank skips.
#[derive(Clone, Debug, Default)]
struct Ranking {
    count: u32,
    /// The place of the one before, and its rank.
    last: Option<(usize, NonZeroU32)>,
}

impl Ranking {
    /// The rank of the one at a place, which is held against the one before.
    fn next(&mut self, at: usize, equals: impl Fn(usize) -> bool) -> Option<NonZeroU32> {
        self.count += 1;
        let rank = match self.last {
            Some((last, rank)) if equals(last) => Some(rank),
            Some(_) | None => NonZeroU32::new(self.count),
        };
        self.last = rank.map(|rank| (at, rank));
        rank
    }
}

/// Ranks entities by what their means are taken of.
fn entities(means: &Means<'_>, sums: Vec<Sums>) -> Vec<EntityResult> {
    let (framework, round) = (means.framework, means.round);
    let mut list: Vec<EntityResult> = round
        .entity_indices()
        .zip(&sums)
        .map(|(entity, sums)| {
            let mean = means.mean_of(sums);
            let band = mean.index.and_then(|index| band(framework, index, means.groups, &mean.groups));
            EntityResult { entity, rank: None, mean, band }
        })
        .collect();
    let category = |result: &EntityResult| round.entity(result.entity).category.as_str();
    list.sort_by(|a, b| {
        let (first, second) = (mean_key(&a.mean, framework), mean_key(&b.mean, framework));
        let by_category = category(a).cmp(category(b));
        by_category.then_with(|| first.compare(&second))
    });
    for members in list.chunk_by_mut(|a, b| category(a) == category(b)) {
        let equals = |a: &EntityResult, b: &EntityResult| {
            mean_key(&a.mean, framework).equals(&mean_key(&b.mean, framework))
        };
        settle_ties(members, equals, |result| result.entity);
        let mut ranking = Ranking::default();
        for at in 0..members.len() {
            let key = |at: usize| mean_key(&members[at].mean, framework);
            let rank = ranking.next(at, |last| key(last).equals(&key(at)));
            let is_ranked = members[at].mean.index.is_some();
            members[at].rank = rank.filter(|_| is_ranked).map(|rank| rank.get() as usize);
        }
    }
    list
}

fn mean_key<'a>(mean: &'a Mean, framework: &Framework) -> Key<'a> {
    Key {
        published: mean.index,
        exact: mean.exact_index.as_ref().filter(|_| framework.policy.ranks == Basis::Exact),
        nearly: !framework.policy.is_arithmetic(),
    }
}

/// Takes means over services: `sum(w index) / sum(w)`, rounded once.
struct Means<'a> {
    framework: &'a Framework,
    round: &'a Round,
    groups: &'a [GroupIndex],
}

impl Means<'_> {
    /// The least or greatest mean, when some services may be left out: a mean falls with each service below
    /// it, so that these join from the lowest on as long as they pull it down (for the greatest the other way round).
    fn end(&self, services: Vec<(ServiceResult, bool)>, end: Ordering) -> Option<Published> {
        let (free, certain): (Vec<_>, Vec<_>) = services.into_iter().partition(|(_, may_lack)| *may_lack);
        let mut chosen: Vec<ServiceResult> = certain.into_iter().map(|(result, _)| result).collect();
        let alone = |(result, _): (ServiceResult, bool)| Some((self.mean([&result]).exact_index?, result));
        let mut free: Vec<(Ratio, ServiceResult)> = free.into_iter().filter_map(alone).collect();
        free.sort_by(|(a, _), (b, _)| if end == Ordering::Greater { b.cmp(a) } else { a.cmp(b) });
        let mut index = self.mean(&chosen).exact_index;
        for (_, result) in free {
            chosen.push(result);
            let joined = self.mean(&chosen).exact_index;
            if index.is_some() && joined.cmp(&index) != end {
                chosen.pop();
                continue;
            }
            index = joined;
        }
        self.mean(&chosen).index
    }

    fn mean<'s>(&self, services: impl IntoIterator<Item = &'s ServiceResult>) -> Mean {
        self.mean_of(&self.sums(services))
    }

    /// What the mean of no service is taken of.
    fn nothing(&self) -> Sums {
        Sums { groups: vec![Sum::default(); self.groups.len()], ..Sums::default() }
    }

    /// What a mean of services is taken of.
    fn sums<'s>(&self, services: impl IntoIterator<Item = &'s ServiceResult>) -> Sums {
        let mut sums = self.nothing();
        services.into_iter().for_each(|result| self.add(&mut sums, result));
        sums
    }

    /// What the means of each category and of each entity are taken of, of no service yet.
    fn of_no_service(&self, categories: &Categories<'_>) -> (Vec<Sums>, Vec<Sums>) {
        let by_category = categories.names.iter().map(|_| self.nothing()).collect();
        (by_category, self.round.entities.iter().map(|_| self.nothing()).collect())
    }

    /// Takes a service in, into its category and its entity.
    fn add_to(&self, sums: &mut (Vec<Sums>, Vec<Sums>), result: &ServiceResult, categories: &Categories<'_>) {
        let (by_category, by_entity) = sums;
        self.add(&mut by_category[categories.position(result.service)], result);
        if let Some(entity) = self.round.service(result.service).entity {
            self.add(&mut by_entity[entity.get()], result);
        }
    }

    /// Takes a service in.
    fn add(&self, sums: &mut Sums, result: &ServiceResult) {
        let policy = &self.framework.policy;
        let Some(figures) = &result.figures else {
            sums.is_incomplete = true;
            return;
        };
        let weight = self.round.service(result.service).weight.units();
        let value = match figures.index {
            Some(published) => {
                Some(figures.value(|exact| exact.index.as_ref(), published, policy.entity_from))
            }
            None if policy.unrated == Unrated::Zero => Some(Value::Units(0)),
            None => None,
        };
        if let Some(value) = value
            && weight > 0
        {
            sums.index.add(weight, value);
            sums.services += 1;
        }
        for (at, (sum, figure)) in sums.groups.iter_mut().zip(&figures.groups).enumerate() {
            if let Some(published) = *figure {
                let value = figures.value(|exact| exact.groups[at].as_ref(), published, policy.entity_from);
                sum.add(weight, value);
            }
        }
    }

    fn mean_of(&self, sums: &Sums) -> Mean {
        let decimals = self.framework.policy.decimals;
        let exact_index = sums.index.mean(decimals);
        let figure = |value: &Ratio| published(value, self.framework);
        Mean {
            services: sums.services,
            index: exact_index.as_ref().map(figure),
            groups: sums.groups.iter().map(|sum| sum.mean(decimals).as_ref().map(figure)).collect(),
            is_incomplete: sums.is_incomplete,
            exact_index,
        }
    }
}

impl Figures {
    /// The position of its band among the framework's.
    pub fn band(&self) -> Option<usize> {
        self.band.map(|band| band as usize)
    }

    /// The figure that a mean takes: the published one, or the exact value behind it.
    fn value<'f>(
        &'f self,
        exact: impl Fn(&'f Exact) -> Option<&'f Ratio>,
        published: Published,
        basis: Basis,
    ) -> Value<'f> {
        let value = self.exact.as_deref().and_then(exact).filter(|_| basis == Basis::Exact);
        value.map_or(Value::Units(published.units()), Value::Exact)
    }
}

/// A figure in a mean.
enum Value<'a> {
    /// Units of the last published place.
    Units(i64),
    /// An exact value, 1 at most.
    Exact(&'a Ratio),
}

/// What the mean of some services is taken of.
#[derive(Debug, Default)]
struct Sums {
    services: usize,
    index: Sum,
    groups: Vec<Sum>,
    is_incomplete: bool,
}

impl Sums {
    fn join(&mut self, other: &Self) {
        self.services += other.services;
        self.is_incomplete |= other.is_incomplete;
        self.index.join(&other.index);
        self.groups.iter_mut().zip(&other.groups).for_each(|(sum, other)| sum.join(other));
    }
}

/// A weighted sum: published figures in integers, exact values in rationals.
#[derive(Clone, Debug, Default)]
struct Sum {
    units: i128,
    exact: Option<Ratio>,
    weight: i128,
}

impl Sum {
    fn add(&mut self, weight: u64, value: Value<'_>) {
        self.weight += i128::from(weight);
        match value {
            Value::Units(units) => self.units += i128::from(weight) * i128::from(units),
            Value::Exact(ratio) => self.add_exact(ratio.scaled(weight)),
        }
    }

    fn add_exact(&mut self, term: Ratio) {
        self.exact = Some(match &self.exact {
            Some(sum) => sum.plus(&term),
            None => term,
        });
    }

    fn join(&mut self, other: &Self) {
        self.weight += other.weight;
        self.units += other.units;
        if let Some(exact) = &other.exact {
            self.add_exact(exact.clone());
        }
    }

    /// The mean as a value of 1 at most; none when nothing weighs anything.
    fn mean(&self, decimals: u32) -> Option<Ratio> {
        let weight = Ratio::new(BigInt::from(self.weight), 1.into());
        let units = Ratio::new(BigInt::from(self.units), BigInt::from(100 * 10u64.pow(decimals)));
        let sum = self.exact.as_ref().map_or(units.clone(), |exact| exact.plus(&units));
        sum.over(&weight)
    }
}
