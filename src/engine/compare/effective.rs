//! Effective weights: what each parameter weighs in the index, given which parameters count.

use std::collections::HashMap;
use std::rc::Rc;

use crate::framework::{Children, Framework};
use crate::number::Ratio;

/// The effective weights in two frameworks; services in which the same parameters count share them.
pub struct EffectiveWeights<'a> {
    frameworks: [&'a Framework; 2],
    same: bool,
    known: HashMap<(usize, Vec<bool>), Rc<Vec<Ratio>>>,
}

impl<'a> EffectiveWeights<'a> {
    /// Nothing known yet; `same` says that the frameworks have one tree and one set of weights.
    pub fn new(frameworks: [&'a Framework; 2], same: bool) -> Self {
        Self { frameworks, same, known: HashMap::new() }
    }

    /// The effective weights in one of the frameworks when these parameters count.
    pub fn of(&mut self, side: usize, scored: Vec<bool>) -> Rc<Vec<Ratio>> {
        let side = if self.same { 0 } else { side };
        let framework = self.frameworks[side];
        let known = self.known.entry((side, scored));
        let scored = known.key().1.clone();
        known.or_insert_with(|| Rc::new(effective_weights(framework, &scored))).clone()
    }
}

/// The product, up the tree, of `w` by the sum of the `w` of siblings that count.
fn effective_weights(framework: &Framework, scored: &[bool]) -> Vec<Ratio> {
    let mut totals = vec![0u128; framework.groups.len()];
    for (at, group) in framework.groups.iter().enumerate().rev() {
        totals[at] = match &group.children {
            Children::Parameters => group
                .parameters
                .clone()
                .filter(|at| scored[*at])
                .map(|at| u128::from(framework.parameters[at].weight.units()))
                .sum(),
            Children::Groups(groups) => groups
                .iter()
                .filter(|child| totals[child.get()] > 0)
                .map(|child| u128::from(framework.group(*child).weight.units()))
                .sum(),
        };
    }
    let share = |above: &Ratio, weight: u64, total: u128| {
        let part = above.scaled(weight).over(&Ratio::new(total.into(), 1.into()));
        part.unwrap_or_else(Ratio::zero).reduced()
    };
    let mut shares = vec![Ratio::new(1.into(), 1.into()); framework.groups.len()];
    let mut weights = vec![Ratio::zero(); framework.parameters.len()];
    for (at, group) in framework.groups.iter().enumerate() {
        if let Some(parent) = group.parent {
            shares[at] = match totals[at] {
                0 => Ratio::zero(),
                _ => share(&shares[parent.get()], group.weight.units(), totals[parent.get()]),
            };
        }
        if let Children::Parameters = group.children {
            for child in group.parameters.clone().filter(|child| scored[*child]) {
                weights[child] = share(&shares[at], framework.parameters[child].weight.units(), totals[at]);
            }
        }
    }
    weights
}

/// Whether two frameworks have the same nodes in the same places with the same weights.
pub fn same_tree(first: &Framework, second: &Framework) -> bool {
    let groups = |framework: &Framework| {
        let list = framework.groups.iter().skip(1);
        list.map(|group| (group.id.clone(), group.weight, group.parent)).collect::<Vec<_>>()
    };
    let parameters = |framework: &Framework| {
        let list = framework.parameters.iter();
        list.map(|parameter| (parameter.id.clone(), parameter.weight, parameter.group)).collect::<Vec<_>>()
    };
    groups(first) == groups(second) && parameters(first) == parameters(second)
}
