//! What can be told of a framework only when its whole tree is known.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use super::{Builder, Deferred, Origin};
use crate::diagnostic::{Code, Diagnostic};
use crate::framework::{Aggregation, Band, NotApplicable, Parameter, Requirement};
use crate::id::{GroupIndex, ParameterIndex};
use crate::number::{Score, parse_decimal};
use crate::read::declared;
use crate::read::yaml::{Fields, Value, Yaml};
use crate::scale::{Scale, ScaleKind};
use crate::source::{Place, shown};
use crate::text::{did_you_mean, one_of};

impl Builder<'_> {
    /// Whether a group can reach a figure: its best parameter bounds every mean.
    fn meetable(&mut self, group: usize, figure: Decimal, node: &Yaml) {
        let framework = &self.framework;
        let parameters = framework.parameters[framework.groups[group].parameters.clone()].iter();
        let full = |parameter: &&Parameter| {
            parameter.optional && framework.policy.not_applicable == NotApplicable::Full
        };
        let weighty: Vec<&Parameter> = parameters.filter(|one| !one.weight.is_zero()).collect();
        let scores = weighty.iter().filter_map(|one| framework.scales.get(one.scale).map(Scale::best));
        let best = scores.max().unwrap_or(Score::ZERO);
        let best = parse_decimal(&best.to_string()).unwrap_or_default() * Decimal::ONE_HUNDRED;
        if best < figure && !weighty.is_empty() && !weighty.iter().any(full) {
            let id = &framework.groups[group].id;
            let message = format!("`{id}` reaches at most {}", best.normalize());
            self.yaml.fault(Code::UnmeetableBand, node, message, "require less, or mend its scales");
        }
    }

    /// A geometric mean over answers that can be worth 0.
    pub(super) fn geometric_zero(&mut self, fields: &Fields<'_>) {
        let Some(policy) = fields.get("policy") else { return };
        let framework = &self.framework;
        let geometric = |parameter: &&Parameter| {
            let depth = framework.groups[parameter.group.get()].depth;
            framework.policy.aggregation_at(depth) == Aggregation::Geometric && !parameter.weight.is_zero()
        };
        // The least of a measured number is rarely one that is measured.
        let worthless = |parameter: &&Parameter| {
            let scale = framework.scales.get(parameter.scale);
            let scale = scale.filter(|scale| !matches!(scale.kind, ScaleKind::Number(_)));
            scale.map(Scale::worst) == Some(Score::ZERO)
        };
        let found: Vec<&Parameter> =
            framework.parameters.iter().filter(geometric).filter(worthless).collect();
        let Some(first) = found.first() else { return };
        let message = format!(
            "an answer worth 0 to `{}` makes the geometric mean of its whole group 0, whatever else is answered",
            first.id
        );
        let help = format!("{} such an answer: give it a low score, or take another mean", has(found.len()));
        self.yaml.fault(Code::GeometricZero, policy, message, help);
    }

    /// The YAML files beside a framework's head that may be part of it, in the order of their names.
    pub(super) fn beside(&self) -> Vec<PathBuf> {
        // Beside a head of another name lie other frameworks, or anything.
        let is_whole = self.head.file_name().is_some_and(|name| name == "framework.yaml");
        if !is_whole || matches!(self.origin, Origin::Embedded(_)) {
            return Vec::new();
        }
        let here = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let Ok(entries) = std::fs::read_dir(here) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.retain(|name| {
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            is_yaml && !name.starts_with('.') && !matches!(name.as_str(), "round.yaml" | "action.yml")
        });
        names.sort();
        names.iter().map(|name| self.folder.join(name)).filter(|path| path.is_file()).collect()
    }

    /// YAML files beside the framework's that no group names.
    pub(super) fn not_included(&mut self) {
        for path in self.beside() {
            if self.documents.iter().any(|read| read.file_name() == path.file_name()) {
                continue;
            }
            let name = shown(path.strip_prefix(&self.folder).unwrap_or(&path));
            let message = format!("no group names the file `{name}`");
            let place = Place::file(shown(&path));
            let finding = Diagnostic::new(Code::FileNotIncluded, message, place);
            let help = format!("add `- file: {name}` to `groups`, or move the file elsewhere");
            self.yaml.findings.push(finding.help(help));
        }
    }

    pub(super) fn resolve_requirements(&mut self) {
        let positions: BTreeMap<String, usize> = self
            .framework
            .parameters
            .iter()
            .enumerate()
            .map(|(at, parameter)| (parameter.id.clone(), at))
            .collect();
        for Deferred { parameter, requires } in std::mem::take(&mut self.deferred) {
            let Some(node) = requires else { continue };
            let mut requirements = Vec::new();
            for (key, answers) in self.yaml.entries(&node, "`requires`").unwrap_or(&[]) {
                let Some(id) = self.yaml.scalar(key) else { continue };
                let Some(&required) = positions.get(id) else {
                    if self.is_partial {
                        continue;
                    }
                    let help = match self.yaml.findings.nearest(id, positions.keys()) {
                        Some(near) => did_you_mean(id, near),
                        None => "name a parameter of this framework".to_owned(),
                    };
                    self.yaml.fault(
                        Code::UnknownRequirement,
                        key,
                        format!("there is no parameter `{id}`"),
                        help,
                    );
                    continue;
                };
                let scale = self.framework.parameters[required].scale;
                if !self.framework.scales.get(scale).is_some_and(|s| matches!(s.kind, ScaleKind::Choices(_)))
                {
                    self.yaml.fault(
                        Code::UnknownRequirement,
                        key,
                        format!("`{id}` is not answered with one of several choices"),
                        "only parameters with a `choices` scale can be required",
                    );
                    continue;
                }
                let options = self.required_options(answers, scale);
                requirements.push(Requirement { parameter: ParameterIndex::new(required), options });
            }
            self.framework.parameters[parameter].requires = requirements;
        }
    }

    fn required_options(&mut self, node: &Yaml, scale: usize) -> Vec<usize> {
        let mut options = Vec::new();
        for answer in self.yaml.one_or_more(node) {
            let Some(word) = self.yaml.scalar(answer) else { continue };
            let scale = &self.framework.scales[scale];
            match scale.option(word) {
                Some(option) => options.push(option),
                None => {
                    let answers = scale.options().iter().map(|choice| choice.answer.as_str());
                    let help = format!("it takes {}", one_of(answers));
                    let message = format!("`{word}` is no answer to the required parameter");
                    self.yaml.fault(Code::UnknownRequiredAnswer, answer, message, help);
                }
            }
        }
        options
    }

    pub(super) fn bands(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("bands") else { return };
        let mut bands: Vec<(Band, &Yaml)> = Vec::new();
        let mut by_from: HashMap<Decimal, usize> = HashMap::new();
        let mut by_id: HashMap<String, usize> = HashMap::new();
        let groups = self.framework.groups.iter().enumerate().skip(1);
        let groups: HashMap<String, usize> = groups.map(|(at, group)| (group.id.clone(), at)).rev().collect();
        for item in self.yaml.list(node, "bands") {
            let Some(inner) = self.yaml.fields(item, &declared::BAND) else {
                continue;
            };
            let id = self.plain(&inner, "id");
            let Some(from) = self.yaml.decimal(&inner, "from") else { continue };
            let title = self.optional_text(&inner, "title");
            let requires =
                inner.get("requires").map(|node| self.band_requirements(node, &groups)).unwrap_or_default();
            let same = by_from.get(&from).into_iter().chain(by_id.get(&id)).min();
            if let Some((band, first)) = same.map(|at| &bands[*at]) {
                let message = match band.from == from {
                    true => format!("bands `{}` and `{id}` both begin at {from}", band.id),
                    false => format!("two bands are called `{id}`"),
                };
                let finding = Diagnostic::new(Code::DuplicateBand, message, self.yaml.place(item))
                    .related(self.yaml.place(first), "the other band")
                    .help("bands differ in their ids and in where they begin");
                self.yaml.findings.push(finding);
            }
            by_from.entry(from).or_insert(bands.len());
            by_id.entry(id.clone()).or_insert(bands.len());
            bands.push((Band { id, from, title, requires }, item));
        }
        if !bands.is_empty() && !bands.iter().any(|(band, _)| band.from.is_zero()) {
            self.yaml.fault(
                Code::NoLowestBand,
                node,
                "no band begins at 0, so a low index has no band",
                "add a band with `from: 0`",
            );
        }
        self.framework.bands = bands.into_iter().map(|(band, _)| band).collect();
        self.framework.bands.sort_by_key(|band| std::cmp::Reverse(band.from));
    }

    fn band_requirements(
        &mut self,
        node: &Yaml,
        groups: &HashMap<String, usize>,
    ) -> Vec<(GroupIndex, Decimal)> {
        let mut list = Vec::new();
        for (key, value) in self.yaml.entries(node, "`requires`").unwrap_or(&[]) {
            let Some(id) = self.yaml.scalar(key) else { continue };
            let group = groups.get(id).filter(|_| !id.is_empty());
            let Some(figure) = self.yaml.number(value, "requires", declared::PERCENT) else { continue };
            match group {
                Some(&at) => {
                    self.meetable(at, figure, value);
                    list.push((GroupIndex::new(at), figure));
                }
                None if self.is_partial => {}
                None => {
                    let ids = self.framework.groups.iter().map(|group| group.id.as_str());
                    let help = match self.yaml.findings.nearest(id, ids) {
                        Some(near) => did_you_mean(id, near),
                        None => "a band requires figures of groups".to_owned(),
                    };
                    self.yaml.fault(Code::UnknownBandGroup, key, format!("there is no group `{id}`"), help);
                }
            }
        }
        list
    }

    pub(super) fn counts(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("counts") else { return };
        let levels = self.framework.levels.clone();
        let depths: HashMap<&str, usize> =
            levels.iter().enumerate().rev().map(|(depth, name)| (name.as_str(), depth)).collect();
        let mut groups = vec![0; levels.len() + 1];
        for group in &self.framework.groups {
            groups[group.depth.min(levels.len())] += 1;
        }
        for (key, value) in self.yaml.entries(node, "`counts`").unwrap_or(&[]) {
            let Some(level) = self.yaml.scalar(key) else { continue };
            let Some(&depth) = depths.get(level) else {
                let help = format!("the levels are {}", one_of(&levels));
                self.yaml.fault(Code::UnknownKey, key, format!("there is no level `{level}`"), help);
                continue;
            };
            let found = match depth + 1 == levels.len() {
                true => self.framework.parameters.len(),
                false => groups[depth + 1],
            };
            let Some(text) = self.yaml.scalar(value) else { continue };
            if parse_decimal(text) != Ok(Decimal::from(found)) {
                self.yaml.fault(
                    Code::CountMismatch,
                    value,
                    format!("`{level}`: {text} declared, {found} found"),
                    "mend the number, or the list that lacks or repeats one",
                );
            }
        }
    }

    pub(super) fn unused(&mut self, fields: &Fields<'_>) {
        let used: HashSet<usize> =
            self.framework.parameters.iter().map(|parameter| parameter.scale).collect();
        if let Some(Yaml { value: Value::Map(entries), .. }) = fields.get("scales") {
            for (key, _) in entries {
                let Value::Scalar(name) = &key.value else { continue };
                let Some(at) = self.scales.get(&**name) else { continue };
                if !used.contains(at) {
                    let message = format!("no parameter uses the scale `{name}`");
                    self.yaml.fault(Code::UnusedScale, key, message, "use it or take it out");
                }
            }
        }
        let advice = self.framework.parameters.iter().filter_map(|parameter| parameter.advice.as_ref());
        let named: HashSet<usize> = advice.flat_map(|advice| advice.solutions.iter().copied()).collect();
        let unused: Vec<String> = self
            .framework
            .solutions
            .iter()
            .enumerate()
            .filter(|(at, _)| !named.contains(at))
            .map(|(_, solution)| solution.id.clone())
            .collect();
        for id in unused {
            let Some(place) = self.ids.get(&id).map(|spot| self.yaml.place_of(spot)) else { continue };
            let message = format!("no advice names the solution `{id}`");
            let finding = Diagnostic::new(Code::UnusedSolution, message, place);
            self.yaml.findings.push(finding.help("name it under a parameter's `advice`, or take it out"));
        }
    }
}

fn has(number: usize) -> String {
    if number == 1 { "1 parameter has".to_owned() } else { format!("{number} parameters have") }
}
