//! The tree of a framework: its groups, in one file or many, and its parameters.

use std::path::{Component, Path};

use rust_decimal::Decimal;

use super::{Builder, Deferred, Inherited, Origin, plain_io};
use crate::diagnostic::Code;
use crate::framework::{Advice, Asked, Children, Condition, EvidenceRule, Group, Parameter};
use crate::id::GroupIndex;
use crate::limit::Limit;
use crate::number::{Weight, parse_decimal};
use crate::read::yaml::{Fields, Value, Yaml};
use crate::read::{bounded, declared};
use crate::text::{did_you_mean, fold, one_of};

impl Builder<'_> {
    /// Checks the groups that lie beside a head that does not parse; what it declares is not missed.
    pub(super) fn without_head(&mut self) {
        self.is_partial = true;
        self.is_headless = true;
        self.framework.languages.clear();
        // However far the limit is raised: no parser goes deeper.
        const DEEPEST: usize = 10_000;
        self.framework.levels = vec![String::new(); self.limits.size(Limit::YamlDepth).min(DEEPEST)];
        self.root();
        for path in self.beside() {
            // One that another names was read with that.
            if self.documents.contains(&path) {
                continue;
            }
            let root = self.origin.bytes(&path, self.limits).ok().and_then(|bytes| self.parse(&path, bytes));
            if let Some(root) = root.filter(looks_like_a_group) {
                self.group(&root, GroupIndex::ROOT, &Inherited::default());
            }
        }
        self.yaml.findings.retain(|code| !code.needs_head());
    }

    fn root(&mut self) {
        self.framework.groups.push(Group {
            id: String::new(),
            title: self.framework.title.clone(),
            weight: Weight::ONE,
            parent: None,
            depth: 0,
            children: Children::Groups(Vec::new()),
            parameters: 0..0,
        });
    }

    pub(super) fn tree(&mut self, fields: &Fields<'_>) {
        self.root();
        let Some(node) = fields.get("groups") else { return };
        let inherited = Inherited::default();
        let groups = self.groups(node, GroupIndex::ROOT, &inherited);
        let root = &mut self.framework.groups[0];
        root.children = Children::Groups(groups);
        root.parameters = 0..self.framework.parameters.len();
    }

    fn groups(&mut self, node: &Yaml, parent: GroupIndex, inherited: &Inherited) -> Vec<GroupIndex> {
        let items = self.yaml.list(node, "groups");
        if items.is_empty() {
            self.no_children(node);
        }
        items.iter().filter_map(|item| self.group_or_file(item, parent, inherited)).collect()
    }

    fn no_children(&mut self, node: &Yaml) {
        self.is_partial = true;
        self.yaml.fault(
            Code::GroupWithoutChildren,
            node,
            "a group without children can have no score",
            "give it `groups` or `parameters`, or take it out",
        );
    }

    fn group_or_file(
        &mut self,
        node: &Yaml,
        parent: GroupIndex,
        inherited: &Inherited,
    ) -> Option<GroupIndex> {
        if let Value::Map(entries) = &node.value
            && let [(key, value)] = entries.as_slice()
            && matches!(&key.value, Value::Scalar(name) if name == "file")
        {
            return self.included(value, parent, inherited);
        }
        self.group(node, parent, inherited)
    }

    fn included(&mut self, node: &Yaml, parent: GroupIndex, inherited: &Inherited) -> Option<GroupIndex> {
        let name = self.yaml.scalar(node)?;
        let inside =
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let including = self.documents[node.file].clone();
        let path = including.parent().map(Path::to_path_buf).unwrap_or_default().join(name);
        if !inside || (matches!(self.origin, Origin::Disk(_)) && bounded::leaves(&path, &self.folder)) {
            self.is_partial = true;
            self.yaml.fault(
                Code::IncludeOutside,
                node,
                format!("`{name}` lies outside the framework's folder"),
                "move the file into the folder and name it from there",
            );
            return None;
        }
        if self.open.contains(&path) || including == path {
            self.is_partial = true;
            self.yaml.fault(
                Code::IncludeCycle,
                node,
                format!("`{name}` includes itself"),
                "take the line out",
            );
            return None;
        }
        if self.is_headless && self.documents.contains(&path) {
            return None;
        }
        let bytes = match self.origin.bytes(&path, self.limits) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("cannot read `{name}`: {}", plain_io(&error));
                self.is_partial = true;
                self.yaml.fault(
                    Code::IncludeMissing,
                    node,
                    message,
                    "the name is a path from this file's folder",
                );
                return None;
            }
        };
        if self.open.len() >= self.limits.size(Limit::IncludeDepth) {
            self.is_partial = true;
            let place = self.yaml.place(node);
            self.yaml.findings.push(self.limits.exceeded(Limit::IncludeDepth, place));
            return None;
        }
        self.open.push(path.clone());
        let root = self.parse(&path, bytes);
        self.is_partial |= root.is_none();
        let group = root.and_then(|root| self.group_or_file(&root, parent, inherited));
        self.open.pop();
        group
    }

    fn group(&mut self, node: &Yaml, parent: GroupIndex, inherited: &Inherited) -> Option<GroupIndex> {
        let fields = self.yaml.fields(node, &declared::GROUP)?;
        let depth = self.framework.groups[parent.get()].depth + 1;
        if depth >= self.framework.levels.len() {
            self.is_partial = true;
            self.yaml.fault(
                Code::TooDeep,
                node,
                format!("this group is at level {depth} below the root"),
                format!("`levels` names {} levels, parameters included", self.framework.levels.len()),
            );
            return None;
        }
        let at = GroupIndex::new(self.framework.groups.len());
        let first = self.framework.parameters.len();
        let id = self.id(&fields);
        let title = self.required_text(&fields, "title");
        let weight = fields.get("weight").and_then(|node| self.yaml.weight(node)).unwrap_or(Weight::ONE);
        let children = Children::Parameters;
        let parent = Some(parent);
        self.framework.groups.push(Group { id, title, weight, parent, depth, children, parameters: 0..0 });
        let inherited = self.inherit(&fields, inherited);
        match (fields.get("groups"), fields.get("parameters")) {
            (Some(groups), None) => {
                let groups = self.groups(groups, at, &inherited);
                self.framework.groups[at.get()].children = Children::Groups(groups);
            }
            (None, Some(parameters)) => self.parameters(parameters, at, &inherited),
            (None, None) => self.no_children(node),
            (Some(_), Some(parameters)) => {
                self.is_partial = true;
                self.yaml.fault(
                    Code::GroupWithBoth,
                    parameters,
                    "a group has either `groups` or `parameters`",
                    "put the parameters into a group of their own",
                );
            }
        }
        self.framework.groups[at.get()].parameters = first..self.framework.parameters.len();
        self.weightless(at, node);
        self.groups_add_up(at, node);
        Some(at)
    }

    fn weightless(&mut self, at: GroupIndex, node: &Yaml) {
        let group = &self.framework.groups[at.get()];
        let none = match &group.children {
            Children::Groups(groups) => {
                groups.iter().all(|at| self.framework.groups[at.get()].weight.is_zero())
            }
            Children::Parameters => {
                let mut parameters = self.framework.parameters[group.parameters.clone()].iter();
                parameters.all(|parameter| parameter.weight.is_zero())
            }
        };
        if none && !group.parameters.is_empty() {
            let message = format!("all children of `{}` weigh 0, so it never has a score", group.id);
            self.yaml.fault(Code::WeightlessGroup, node, message, "give one of them a weight");
        }
    }

    /// The weights right below a group add up to what is declared, where it is.
    pub(super) fn groups_add_up(&mut self, at: GroupIndex, node: &Yaml) {
        let Some(declared) = self.weight_sum else { return };
        let group = &self.framework.groups[at.get()];
        let weights: Vec<Weight> = match &group.children {
            Children::Groups(groups) => {
                groups.iter().map(|at| self.framework.groups[at.get()].weight).collect()
            }
            Children::Parameters => {
                self.framework.parameters[group.parameters.clone()].iter().map(|one| one.weight).collect()
            }
        };
        let sum: Decimal = weights.iter().filter_map(|weight| parse_decimal(&weight.to_string()).ok()).sum();
        if sum != declared && !weights.is_empty() && !self.is_partial {
            let name = if group.id.is_empty() { "the framework" } else { group.id.as_str() };
            let message = format!("the weights in `{name}` add up to {sum}, and not to {declared}");
            self.yaml.fault(Code::WeightSum, node, message, "mend a weight, or `weight_sum`");
        }
    }

    fn inherit(&mut self, fields: &Fields<'_>, inherited: &Inherited) -> Inherited {
        let mut inherited = inherited.clone();
        inherited.asked = self.yaml.keyword(fields, "asked").or(inherited.asked);
        if let Some(node) = fields.get("applies_when") {
            let conditions = self.conditions(node);
            inherited.applies_when.extend(conditions);
        }
        inherited
    }

    fn conditions(&mut self, node: &Yaml) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (key, values) in self.yaml.entries(node, "`applies_when`").unwrap_or(&[]) {
            let Some(name) = self.yaml.scalar(key) else { continue };
            let Some(&attribute) = self.names.attributes.get(name) else {
                let names = self.framework.attributes.iter().map(|attribute| attribute.name.as_str());
                let help = match self.yaml.findings.nearest(name, names.clone()) {
                    Some(near) => did_you_mean(name, near),
                    None => format!("declare it under `attributes`; declared: {}", one_of(names)),
                };
                self.yaml.fault(Code::UnknownAttribute, key, format!("unknown attribute `{name}`"), help);
                continue;
            };
            let mut positions = Vec::new();
            for value in self.yaml.one_or_more(values) {
                let Some(word) = self.yaml.scalar(value) else { continue };
                match self.names.values.get(&(attribute, fold(word))) {
                    Some(&position) => positions.push(position),
                    None => {
                        let declared = &self.framework.attributes[attribute].values;
                        let help =
                            format!("`{name}` takes {}", one_of(declared.iter().map(|(name, _)| name)));
                        let message = format!("`{word}` is no value of `{name}`");
                        self.yaml.fault(Code::UnknownAttributeValue, value, message, help);
                    }
                }
            }
            conditions.push(Condition { attribute, values: positions });
        }
        conditions
    }

    fn parameters(&mut self, node: &Yaml, group: GroupIndex, inherited: &Inherited) {
        let items = self.yaml.list(node, "parameters");
        if items.is_empty() {
            self.no_children(node);
        }
        for item in items {
            self.parameter(item, group, inherited);
        }
    }

    fn parameter(&mut self, node: &Yaml, group: GroupIndex, inherited: &Inherited) {
        let Some(fields) = self.yaml.fields(node, &declared::PARAMETER) else { return };
        let inherited = self.inherit(&fields, inherited);
        let id = self.id(&fields);
        let title = self.required_text(&fields, "title");
        let question = self.required_text(&fields, "question");
        let scale = fields.get("scale").and_then(|node| self.parameter_scale(node));
        let parameter = Parameter {
            id,
            title,
            question,
            scale: scale.unwrap_or(0),
            weight: fields.get("weight").and_then(|node| self.yaml.weight(node)).unwrap_or(Weight::ONE),
            group,
            asked: inherited.asked.unwrap_or(Asked::Service),
            evidence: self.yaml.keyword(&fields, "evidence").unwrap_or(EvidenceRule::Unasked),
            optional: self.yaml.keyword(&fields, "optional").unwrap_or(false),
            applies_when: inherited.applies_when,
            requires: Vec::new(),
            verification: self.optional_text(&fields, "verification"),
            advice: fields.get("advice").and_then(|node| self.advice(node)),
        };
        let requires = fields.get("requires").cloned();
        self.deferred.push(Deferred { parameter: self.framework.parameters.len(), requires });
        self.framework.parameters.push(parameter);
    }

    fn advice(&mut self, node: &Yaml) -> Option<Advice> {
        let fields = self.yaml.fields(node, &declared::ADVICE)?;
        let mut solutions = Vec::new();
        if let Some(node) = fields.get("solutions") {
            for item in self.yaml.list(node, "solutions") {
                let Some(id) = self.yaml.scalar(item) else { continue };
                match self.names.solutions.get(id) {
                    Some(&position) => solutions.push(position),
                    None => {
                        let ids = self.framework.solutions.iter().map(|solution| solution.id.as_str());
                        let help = match self.yaml.findings.nearest(id, ids) {
                            Some(near) => did_you_mean(id, near),
                            None => "declare it under `solutions`".to_owned(),
                        };
                        self.yaml.fault(
                            Code::UnknownSolution,
                            item,
                            format!("there is no solution `{id}`"),
                            help,
                        );
                    }
                }
            }
        }
        Some(Advice {
            action: self.optional_text(&fields, "action"),
            effort: self.yaml.decimal(&fields, "effort"),
            owner: self.optional_text(&fields, "owner"),
            solutions,
        })
    }
}

/// Whether a file holds a group: a map with what is below one.
fn looks_like_a_group(root: &Yaml) -> bool {
    let Value::Map(entries) = &root.value else { return false };
    let has = |wanted: &[&str]| {
        entries.iter().any(|(key, _)| matches!(&key.value, Value::Scalar(name) if wanted.contains(&&**name)))
    };
    has(declared::GROUP.one_of) && !has(&["framework"])
}
