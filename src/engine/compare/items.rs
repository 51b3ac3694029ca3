//! Parameters of two frameworks, joined.

use std::collections::HashMap;

use crate::framework::Framework;
use crate::id::ParameterIndex;

/// Which parameters became which: an id of the earlier framework and one of the later. An id may
/// stand in several pairs: a parameter was split, or several were merged.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The pairs.
    pub pairs: Vec<(ParameterIndex, ParameterIndex)>,
}

/// What is one thing in both frameworks: a parameter and itself, or those that a mapping joins; one
/// side is empty for a parameter that was added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its parameters in the earlier and in the later framework.
    pub sides: [Vec<ParameterIndex>; 2],
}

/// Joins parameters by the mapping, else by their ids, in the later framework's order; those that were
/// removed come last.
pub fn join(before: &Framework, after: &Framework, mapping: &Mapping) -> Vec<Item> {
    let (earlier, later) = (before.parameters.len(), after.parameters.len());
    // A set is named by its least member; the earlier parameters come after the later ones.
    let mut set: Vec<usize> = (0..later + earlier).collect();
    let mut joined = vec![false; later + earlier];
    let mut unite = |set: &mut Vec<usize>, first: ParameterIndex, second: ParameterIndex| {
        let (a, b) = (set[later + first.get()], set[second.get()]);
        let (least, other) = (a.min(b), a.max(b));
        set.iter_mut().filter(|member| **member == other).for_each(|member| *member = least);
        joined[later + first.get()] = true;
        joined[second.get()] = true;
    };
    for (first, second) in &mapping.pairs {
        unite(&mut set, *first, *second);
    }
    let mapped = joined.clone();
    for at in (0..later).filter(|at| !mapped[*at]) {
        let found = before.parameter_named(&after.parameters[at].id);
        if let Some(first) = found.filter(|first| !mapped[later + first.get()]) {
            set[later + first.get()] = at;
        }
    }
    let mut items: Vec<Item> = Vec::new();
    let mut place: HashMap<usize, usize> = HashMap::new();
    for (member, name) in set.iter().enumerate() {
        let at = *place.entry(*name).or_insert_with(|| {
            items.push(Item { sides: [Vec::new(), Vec::new()] });
            items.len() - 1
        });
        match member.checked_sub(later) {
            Some(first) => items[at].sides[0].push(ParameterIndex::new(first)),
            None => items[at].sides[1].push(ParameterIndex::new(member)),
        }
    }
    items
}
