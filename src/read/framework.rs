//! A framework from its YAML files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::declared;
use super::yaml::{Fields, Value, Yaml, YamlReader, parse};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::{
    Advice, Aggregation, Asked, Attribute, Band, Children, Condition, EvidenceRule, Framework, Group,
    NotApplicable, Parameter, Policy, Reference, Requirement, Solution,
};
use crate::id::{GroupIndex, ParameterIndex};
use crate::number::{Score, Weight, parse_decimal};
use crate::scale::{Choice, NumberScale, Scale, ScaleKind, Words};
use crate::source::{Place, Source, shown};
use crate::text::{Text, fold, is_fragile, look_alike, nearest, one_of};

/// Where a framework's files are.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A folder with `framework.yaml`, or that file.
    Disk(PathBuf),
    /// Files compiled into the program, by name.
    Embedded(&'static [(&'static str, &'static str)]),
}

impl Origin {
    /// The first file to read, and how the user would name it.
    fn head(&self) -> PathBuf {
        match self {
            Self::Embedded(_) => PathBuf::from("framework.yaml"),
            Self::Disk(path) if path.is_dir() => path.join("framework.yaml"),
            Self::Disk(path) => path.clone(),
        }
    }

    fn text(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Disk(_) => std::fs::read(path),
            Self::Embedded(files) => {
                let found = files.iter().find(|(name, _)| Path::new(name) == path);
                let text = found.map(|(_, text)| text.as_bytes().to_vec());
                text.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
            }
        }
    }
}

/// A file of a framework, for a manifest.
#[derive(Clone, Debug)]
pub struct FrameworkFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a framework and everything it includes.
///
/// Returns none when any finding is an error.
///
/// # Errors
/// The first file cannot be read.
pub fn read(
    origin: &Origin,
    findings: &mut Findings,
) -> std::io::Result<(Option<Framework>, Vec<FrameworkFile>)> {
    let head = origin.head();
    let bytes = origin.text(&head)?;
    let mut local = Findings::default();
    let mut builder = Builder {
        origin,
        folder: head.parent().map(Path::to_path_buf).unwrap_or_default(),
        yaml: YamlReader { sources: Vec::new(), findings: &mut local },
        framework: Framework::empty(),
        ids: HashMap::new(),
        scales: HashMap::new(),
        open: Vec::new(),
        files: Vec::new(),
        deferred: Vec::new(),
        documents: Vec::new(),
        is_partial: false,
        weight_sum: None,
    };
    if let Some(root) = builder.parse(&head, bytes) {
        builder.head(&root);
    }
    let files = std::mem::take(&mut builder.files);
    let mut framework = std::mem::replace(&mut builder.framework, Framework::empty());
    framework.hash = content_hash(&files, &builder.folder);
    let valid = !builder.yaml.findings.has_errors();
    let place =
        |parameter: ParameterIndex| builder.ids.get(&framework.parameters[parameter.get()].id).cloned();
    let finished = match valid {
        false => None,
        true => match framework.clone().finish() {
            Ok(framework) => Some(framework),
            Err(parameter) => {
                let id = &framework.parameters[parameter.get()].id;
                let message = format!("`{id}` requires itself, through what it requires");
                let place = place(parameter).unwrap_or_else(|| Place::file("framework.yaml"));
                local.push(
                    Diagnostic::new(Code::RequirementCycle, message, place)
                        .help("take one `requires` out of the circle"),
                );
                None
            }
        },
    };
    findings.extend(local);
    Ok((finished, files))
}

/// SHA-256 over the names and contents of a framework's files, in the order of names.
fn content_hash(files: &[FrameworkFile], folder: &Path) -> String {
    let name = |file: &FrameworkFile| {
        let path = file.path.strip_prefix(folder).unwrap_or(&file.path);
        path.to_string_lossy().replace('\\', "/")
    };
    let mut sorted: Vec<(String, &[u8])> =
        files.iter().map(|file| (name(file), file.bytes.as_slice())).collect();
    sorted.sort();
    let mut hasher = Sha256::new();
    for (name, bytes) in sorted {
        hasher.update(format!("{name}\0{}\0", bytes.len()));
        hasher.update(bytes);
    }
    hex(&hasher.finalize())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a parameter refers to, resolved when the whole tree is known.
struct Deferred {
    parameter: usize,
    requires: Option<Yaml>,
}

struct Builder<'r> {
    origin: &'r Origin,
    folder: PathBuf,
    yaml: YamlReader<'r>,
    framework: Framework,
    ids: HashMap<String, Place>,
    scales: HashMap<String, usize>,
    open: Vec<PathBuf>,
    files: Vec<FrameworkFile>,
    deferred: Vec<Deferred>,
    documents: Vec<PathBuf>,
    /// Whether a part could not be read, so that what it may hold is not missed elsewhere.
    is_partial: bool,
    weight_sum: Option<Decimal>,
}

/// What a group hands down.
#[derive(Clone, Default)]
struct Inherited {
    asked: Option<Asked>,
    applies_when: Vec<Condition>,
}

impl Builder<'_> {
    fn parse(&mut self, path: &Path, bytes: Vec<u8>) -> Option<Yaml> {
        let name = shown(path);
        let text = match String::from_utf8(bytes.clone()) {
            Ok(text) => text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                let place = Place { line, column: 1, ..Place::file(name) };
                let message = "the file is not UTF-8 text";
                let finding = Diagnostic::new(Code::UnreadableText, message, place);
                self.yaml.findings.push(finding.help("save it as UTF-8"));
                return None;
            }
        };
        self.files.push(FrameworkFile { path: path.to_path_buf(), bytes });
        let file = self.yaml.sources.len();
        self.yaml.sources.push(Source::new(name, text));
        self.documents.push(path.to_path_buf());
        parse(&self.yaml.sources[file], file, self.yaml.findings)
    }

    fn head(&mut self, root: &Yaml) {
        let Some(fields) = self.yaml.fields(root, &declared::FRAMEWORK) else { return };
        if let Some(node) = fields.get("languages") {
            self.framework.languages = self.scalars(node, "languages");
        }
        if self.framework.languages.is_empty() {
            self.framework.languages = vec!["en".to_owned()];
        }
        self.framework.id = self.plain(&fields, "framework");
        self.framework.version = self.plain(&fields, "version");
        self.framework.status = self.yaml.keyword(&fields, "status");
        self.framework.title = self.required_text(&fields, "title");
        if let Some(node) = fields.get("levels") {
            self.framework.levels = self.scalars(node, "levels");
            if self.framework.levels.len() < 2 {
                self.yaml.fault(
                    Code::MissingKey,
                    node,
                    "`levels` names fewer than two levels",
                    "name the levels of groups, outermost first, and the parameters' level last",
                );
            }
        }
        self.framework.sources = fields.get("sources").map(|node| self.references(node)).unwrap_or_default();
        self.framework.policy = match fields.get("policy") {
            Some(node) => policy(&mut self.yaml, node, Policy::default()),
            None => Policy::default(),
        };
        self.framework.words = fields.get("words").map(|node| self.words(node)).unwrap_or_default();
        self.categories(&fields);
        self.attributes(&fields);
        self.named_scales(&fields);
        self.solutions(&fields);
        self.weight_sum = self.yaml.decimal(&fields, "weight_sum");
        self.tree(&fields);
        self.groups_add_up(GroupIndex::ROOT, root);
        self.resolve_requirements();
        self.bands(&fields);
        self.geometric_zero(&fields);
        if !self.is_partial {
            self.counts(&fields);
            self.unused(&fields);
            self.not_included();
        }
    }

    fn scalars(&mut self, node: &Yaml, what: &str) -> Vec<String> {
        let items = self.yaml.list(node, what);
        items.iter().filter_map(|item| self.yaml.scalar(item).map(str::to_owned)).collect()
    }

    fn plain(&mut self, fields: &Fields<'_>, key: &str) -> String {
        fields.get(key).and_then(|node| self.yaml.scalar(node)).unwrap_or_default().to_owned()
    }

    fn required_text(&mut self, fields: &Fields<'_>, key: &str) -> Text {
        self.optional_text(fields, key).unwrap_or_default()
    }

    fn optional_text(&mut self, fields: &Fields<'_>, key: &str) -> Option<Text> {
        fields.get(key).map(|node| self.text(node))
    }

    /// A text that must be in every language of the framework.
    fn text(&mut self, node: &Yaml) -> Text {
        let text = self.any_text(node);
        for language in self.framework.languages.clone() {
            if text.find(&language).is_none_or(|words| words.trim().is_empty()) {
                self.yaml.fault(
                    Code::TitleMissingLanguage,
                    node,
                    format!("this text has no words in `{language}`"),
                    format!("write it as a map with a `{language}:` entry"),
                );
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for (language, words) in text.variants() {
            // One word may well be the same: a name, `SMS`.
            if words.trim().contains(' ') && seen.contains(&words) {
                let message = format!("the text in `{language}` is that of another language");
                self.yaml.fault(Code::SameText, node, message, "translate it");
            }
            seen.push(words);
        }
        text
    }

    /// A text in whatever languages it has.
    fn any_text(&mut self, node: &Yaml) -> Text {
        if let Value::Scalar(words) = &node.value {
            self.plain_words(node, words);
            return Text::new(vec![(self.framework.languages[0].clone(), words.clone())]);
        }
        let languages = self.framework.languages.clone();
        let known: Vec<&str> = languages.iter().map(String::as_str).collect();
        let Some(fields) = self.yaml.known(node, "a text", &known) else { return Text::default() };
        let words = |language: &String| {
            let node = fields.get(language.as_str())?;
            let words = self.yaml.scalar(node)?;
            self.plain_words(node, words);
            Some((language.clone(), words.to_owned()))
        };
        Text::new(languages.iter().filter_map(words).collect())
    }

    /// Words that can be seen, without spaces around them.
    fn plain_words(&mut self, node: &Yaml, words: &str) {
        let hidden = |letter: &char| letter.is_control() && !matches!(letter, '\n' | '\t');
        if let Some(letter) = words.chars().find(hidden) {
            let message = format!("the text holds the control character {}", letter.escape_unicode());
            self.yaml.fault(Code::ControlCharacter, node, message, "type the text again");
        }
        // A block of YAML ends with a line end; a quoted text with a space was typed so.
        if words.starts_with(' ') || words.ends_with(' ') {
            let message = "the text begins or ends with a space";
            self.yaml.fault(Code::SurroundingSpace, node, message, "take the space out");
        }
    }

    fn references(&mut self, node: &Yaml) -> Vec<Reference> {
        let mut list = Vec::new();
        for item in self.yaml.list(node, "sources") {
            let Some(fields) = self.yaml.fields(item, &declared::SOURCE) else { continue };
            let title = fields.get("title").map(|node| self.any_text(node)).unwrap_or_default();
            let url = fields.get("url").and_then(|node| self.yaml.scalar(node)).map(str::to_owned);
            list.push(Reference { title, url });
        }
        list
    }

    fn words(&mut self, node: &Yaml) -> Words {
        let mut words = Words::default();
        let Some(fields) = self.yaml.fields(node, &declared::WORDS) else { return words };
        let lists = [
            ("not_applicable", &mut words.not_applicable),
            ("none", &mut words.none),
            ("confirmed", &mut words.confirmed),
            ("withdrawn", &mut words.withdrawn),
        ];
        for (key, list) in lists {
            if let Some(node) = fields.get(key) {
                *list = self.scalars(node, "words");
            }
        }
        words
    }

    fn categories(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("categories") else { return };
        for (key, value) in self.yaml.entries(node, "`categories`").unwrap_or(&[]) {
            let Some(name) = self.yaml.scalar(key) else { continue };
            let title = self.text(value);
            self.framework.categories.push((name.to_owned(), title));
        }
    }

    fn attributes(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("attributes") else { return };
        for (key, value) in self.yaml.entries(node, "`attributes`").unwrap_or(&[]) {
            let Some(name) = self.yaml.scalar(key) else { continue };
            let Some(inner) = self.yaml.fields(value, &declared::ATTRIBUTE) else { continue };
            let title = self.optional_text(&inner, "title");
            let values = match inner.get("values") {
                Some(Yaml { value: Value::Map(entries), .. }) => {
                    let mut values = Vec::new();
                    for (key, title) in entries {
                        if let Some(value) = self.yaml.scalar(key) {
                            values.push((value.to_owned(), Some(self.text(title))));
                        }
                    }
                    values
                }
                Some(node) => self.scalars(node, "values").into_iter().map(|value| (value, None)).collect(),
                None => Vec::new(),
            };
            self.framework.attributes.push(Attribute { name: name.to_owned(), title, values });
        }
    }

    fn named_scales(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("scales") else { return };
        for (key, value) in self.yaml.entries(node, "`scales`").unwrap_or(&[]) {
            let Some(name) = self.yaml.scalar(key) else { continue };
            if let Some(at) = self.scale(value, Some(name.to_owned())) {
                self.scales.insert(name.to_owned(), at);
            }
        }
    }

    /// Reads a scale and gives its position.
    fn scale(&mut self, node: &Yaml, name: Option<String>) -> Option<usize> {
        let fields = self.yaml.fields(node, &declared::SCALE)?;
        let kinds = declared::SCALE.one_of.iter();
        let kinds: Vec<(&str, &Yaml)> =
            kinds.filter_map(|key| fields.get(key).map(|node| (*key, node))).collect();
        let [(kind, inner)] = kinds.as_slice() else {
            self.yaml.fault(
                Code::ScaleKind,
                node,
                "a scale is exactly one of `choices`, `number` and `multiple`",
                "keep the one that fits the answers",
            );
            return None;
        };
        let kind = match *kind {
            "choices" => ScaleKind::Choices(self.choices(inner)),
            "multiple" => ScaleKind::Multiple(self.choices(inner)),
            _ => ScaleKind::Number(self.number_scale(inner)?),
        };
        let (scale, shared) = Scale::new(name, kind);
        let unreachable = self.unreachable(&scale, inner);
        for (spelling, first, second) in shared {
            if unreachable.contains(&second) {
                continue;
            }
            let options = scale.options();
            let message = format!(
                "`{spelling}` is a spelling of `{}` and of `{}`",
                options[first].answer, options[second].answer
            );
            let at = option_node(inner, second).unwrap_or(inner);
            let place = self.yaml.place(at);
            let mut finding = Diagnostic::new(Code::DuplicateOption, message, place).help(
                "answers, titles and other spellings of a scale's options differ, however they are cased",
            );
            if let Some(first) = option_node(inner, first) {
                finding = finding.related(self.yaml.place(first), "the other option");
            }
            self.yaml.findings.push(finding);
        }
        self.reserved(&scale, inner);
        self.framework.scales.push(scale);
        Some(self.framework.scales.len() - 1)
    }

    /// Options all of whose spellings belong to earlier ones, or are cut in two where several are chosen.
    fn unreachable(&mut self, scale: &Scale, node: &Yaml) -> Vec<usize> {
        let is_multiple = matches!(scale.kind, ScaleKind::Multiple(_));
        let mut found = Vec::new();
        for (at, option) in scale.options().iter().enumerate() {
            let cut = |spelling: &str| is_multiple && spelling.contains([';', '|']);
            if option.spellings().any(|spelling| scale.option(spelling) == Some(at) && !cut(spelling)) {
                continue;
            }
            let message = format!("no answer can be read as `{}`", option.answer);
            let help = match scale.option(&option.answer) {
                Some(first) if first != at => {
                    format!(
                        "all its spellings are those of `{}`: give it others",
                        scale.options()[first].answer
                    )
                }
                Some(_) | None => "`;` and `|` separate several answers: spell it without them".to_owned(),
            };
            self.yaml.fault(Code::UnreachableOption, option_node(node, at).unwrap_or(node), message, help);
            found.push(at);
        }
        found
    }

    fn reserved(&mut self, scale: &Scale, node: &Yaml) {
        let words = self.framework.words.clone();
        for (list, spellings) in words.lists() {
            for word in spellings {
                let Some(option) = scale.option(word) else { continue };
                let at = option_node(node, option).unwrap_or(node);
                self.yaml.fault(
                    Code::ReservedWord,
                    at,
                    format!("`{word}` is an option here and a word of `{list}`"),
                    "give the option another spelling, or change `words`",
                );
            }
        }
    }

    fn choices(&mut self, node: &Yaml) -> Vec<Choice> {
        let mut choices = Vec::new();
        for item in self.yaml.list(node, "options") {
            let Some(fields) = self.yaml.fields(item, &declared::OPTION) else { continue };
            let answer = self.plain(&fields, "answer");
            let score = fields.get("score").and_then(|node| self.score(node));
            choices.push(Choice {
                answer,
                score: score.unwrap_or(Score::ZERO),
                title: self.optional_text(&fields, "title"),
                also: fields.get("also").map(|node| self.scalars(node, "spellings")).unwrap_or_default(),
                effort: self.yaml.decimal(&fields, "effort"),
            });
        }
        if choices.is_empty() {
            self.yaml.fault(
                Code::EmptyScale,
                node,
                "the scale has no options",
                "add options, each with a score",
            );
        }
        choices
    }

    fn score(&mut self, node: &Yaml) -> Option<Score> {
        let text = self.yaml.scalar(node)?;
        match Score::parse(text) {
            Ok(score) => Some(score),
            Err(fault) => {
                let message = format!("the score `{text}` {}", fault.reason());
                self.yaml.fault(
                    Code::ScoreOutOfRange,
                    node,
                    message,
                    "a score lies from 0 to 1, with a point and at most 9 places, such as `0.5`",
                );
                None
            }
        }
    }

    fn number_scale(&mut self, node: &Yaml) -> Option<NumberScale> {
        let fields = self.yaml.fields(node, &declared::NUMBER)?;
        let (min, max) = (self.yaml.decimal(&fields, "min"), self.yaml.decimal(&fields, "max"));
        if let (Some(least), Some(most), Some(at)) = (min, max, fields.get("max"))
            && least > most
        {
            self.yaml.fault(Code::NumberOutOfRange, at, "`max` is below `min`", "exchange the two");
        }
        let unit = fields.get("unit").map(|node| self.any_text(node));
        let ratio = self.yaml.keyword(&fields, "ratio").unwrap_or(false);
        let points = fields.get("points")?;
        let points = self.points(points);
        (!points.is_empty()).then_some(NumberScale { unit, min, max, points, ratio })
    }

    fn points(&mut self, node: &Yaml) -> Vec<(Decimal, Score)> {
        let mut points: Vec<(Decimal, Score)> = Vec::new();
        for item in self.yaml.list(node, "points") {
            let [x, y] = self.yaml.list(item, "two numbers") else {
                self.yaml.fault(
                    Code::WrongType,
                    item,
                    "a point is a number and its score",
                    "write it as `[15, 0.5]`",
                );
                continue;
            };
            let x_node = x;
            let (Some(x), Some(y)) = (self.yaml.number(x, "points", declared::ANY), self.score(y)) else {
                continue;
            };
            if points.last().is_some_and(|(before, _)| *before >= x) {
                let before = points.last().map(|(before, _)| before.to_string()).unwrap_or_default();
                self.yaml.fault(
                    Code::PointsOutOfOrder,
                    x_node,
                    format!("the point {x} comes after {before}"),
                    "order the points by their numbers, each above the one before",
                );
            }
            points.push((x, y));
        }
        if points.is_empty() {
            self.yaml.fault(
                Code::EmptyScale,
                node,
                "the scale has no points",
                "add points, such as `[0, 0]`",
            );
        }
        points
    }

    fn solutions(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("solutions") else { return };
        for item in self.yaml.list(node, "solutions") {
            let Some(inner) = self.yaml.fields(item, &declared::SOLUTION) else { continue };
            let id = self.id(&inner);
            let solution = Solution {
                id,
                title: self.required_text(&inner, "title"),
                description: self.optional_text(&inner, "description"),
                effort: self.yaml.decimal(&inner, "effort"),
                sources: inner.get("sources").map(|node| self.references(node)).unwrap_or_default(),
            };
            self.framework.solutions.push(solution);
        }
    }

    /// A well-formed id that nothing else in the framework has.
    fn id(&mut self, fields: &Fields<'_>) -> String {
        let Some(node) = fields.get("id") else { return String::new() };
        let Some(id) = self.yaml.scalar(node) else { return String::new() };
        if let Some((letter, latin)) = id.chars().find_map(|letter| Some((letter, look_alike(letter)?))) {
            let message = format!("the `{letter}` in `{id}` is not the Latin letter `{latin}`");
            self.yaml.fault(Code::LookAlikeLetter, node, message, "type the id again on a Latin keyboard");
            return id.to_owned();
        }
        if is_fragile(id) {
            let message = format!("a spreadsheet would turn the id `{id}` into something else");
            self.yaml.fault(Code::FragileId, node, message, "put a letter before it, such as `P`");
        }
        let tail = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !id.starts_with(|first: char| first.is_ascii_alphabetic()) || !id.bytes().all(tail) {
            self.yaml.fault(
                Code::IllFormedId,
                node,
                format!("`{id}` is no id"),
                "an id is a letter from A to z, then letters, digits, `.`, `_` or `-`: a spreadsheet keeps it as it is",
            );
        }
        let place = self.yaml.place(node);
        if let Some(first) = self.ids.get(id) {
            let finding = Diagnostic::new(Code::DuplicateId, format!("the id `{id}` is used twice"), place)
                .label("used again here")
                .related(first.clone(), "first used here")
                .help("ids are unique in the whole framework: give one of the two another");
            self.yaml.findings.push(finding);
        } else {
            self.ids.insert(id.to_owned(), place);
        }
        id.to_owned()
    }

    fn tree(&mut self, fields: &Fields<'_>) {
        self.framework.groups.push(Group {
            id: String::new(),
            title: self.framework.title.clone(),
            weight: Weight::ONE,
            parent: None,
            depth: 0,
            children: Children::Groups(Vec::new()),
            parameters: 0..0,
        });
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
        if !inside || self.leaves_folder(&path) {
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
        let bytes = match self.origin.text(&path) {
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
        self.open.push(path.clone());
        let root = self.parse(&path, bytes);
        self.is_partial |= root.is_none();
        let group = root.and_then(|root| self.group_or_file(&root, parent, inherited));
        self.open.pop();
        group
    }

    /// Whether a link leads out of the framework's folder.
    fn leaves_folder(&self, path: &Path) -> bool {
        match (path.canonicalize(), self.folder.join(".").canonicalize()) {
            (Ok(path), Ok(folder)) => matches!(self.origin, Origin::Disk(_)) && !path.starts_with(folder),
            _ => false,
        }
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
    fn groups_add_up(&mut self, at: GroupIndex, node: &Yaml) {
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
    fn geometric_zero(&mut self, fields: &Fields<'_>) {
        let Some(policy) = fields.get("policy") else { return };
        let framework = &self.framework;
        let geometric = |parameter: &&Parameter| {
            let depth = framework.groups[parameter.group.get()].depth;
            framework.policy.aggregation_at(depth) == Aggregation::Geometric && !parameter.weight.is_zero()
        };
        let worthless = |parameter: &&Parameter| {
            let options = framework.scales.get(parameter.scale).map(Scale::options).unwrap_or_default();
            options.iter().any(|option| option.score == Score::ZERO)
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

    /// YAML files beside the framework's that no group names.
    fn not_included(&mut self) {
        let Origin::Disk(_) = self.origin else { return };
        let here = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let Ok(entries) = std::fs::read_dir(here) else { return };
        let mut names: Vec<PathBuf> =
            entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
        names.sort();
        for path in names {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            let is_read = self.documents.iter().any(|read| read.file_name() == path.file_name());
            if !is_yaml || is_read || name.starts_with('.') || matches!(name, "round.yaml" | "action.yml") {
                continue;
            }
            let message = format!("no group names the file `{name}`");
            let place = Place::file(shown(&self.folder.join(name)));
            let finding = Diagnostic::new(Code::FileNotIncluded, message, place);
            let help = format!("add `- file: {name}` to `groups`, or move the file elsewhere");
            self.yaml.findings.push(finding.help(help));
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
            let Some(attribute) =
                self.framework.attributes.iter().position(|attribute| attribute.name == name)
            else {
                let names: Vec<&str> =
                    self.framework.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
                let help = match nearest(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("declare it under `attributes`; declared: {}", one_of(&names)),
                };
                self.yaml.fault(Code::UnknownAttribute, key, format!("unknown attribute `{name}`"), help);
                continue;
            };
            let mut positions = Vec::new();
            for value in self.yaml.one_or_more(values) {
                let Some(word) = self.yaml.scalar(value) else { continue };
                let declared = &self.framework.attributes[attribute].values;
                match declared.iter().position(|(name, _)| fold(name) == fold(word)) {
                    Some(position) => positions.push(position),
                    None => {
                        let names: Vec<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
                        let help = format!("`{name}` takes {}", one_of(&names));
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

    fn parameter_scale(&mut self, node: &Yaml) -> Option<usize> {
        let Value::Scalar(name) = &node.value else { return self.scale(node, None) };
        let found = self.scales.get(name).copied();
        if found.is_none() {
            let names: Vec<&String> = self.scales.keys().collect();
            let help = match nearest(name, names.iter().map(|name| name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it under `scales`, or write the scale here".to_owned(),
            };
            self.yaml.fault(Code::UnknownScale, node, format!("there is no scale `{name}`"), help);
        }
        found
    }

    fn advice(&mut self, node: &Yaml) -> Option<Advice> {
        let fields = self.yaml.fields(node, &declared::ADVICE)?;
        let mut solutions = Vec::new();
        if let Some(node) = fields.get("solutions") {
            for item in self.yaml.list(node, "solutions") {
                let Some(id) = self.yaml.scalar(item) else { continue };
                match self.framework.solutions.iter().position(|solution| solution.id == id) {
                    Some(position) => solutions.push(position),
                    None => {
                        let ids: Vec<&str> =
                            self.framework.solutions.iter().map(|solution| solution.id.as_str()).collect();
                        let help = match nearest(id, ids.iter().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
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

    fn resolve_requirements(&mut self) {
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
                    let help = match nearest(id, positions.keys()) {
                        Some(near) => format!("did you mean `{near}`?"),
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
                    let answers: Vec<&str> =
                        scale.options().iter().map(|choice| choice.answer.as_str()).collect();
                    let help = format!("it takes {}", one_of(&answers));
                    let message = format!("`{word}` is no answer to the required parameter");
                    self.yaml.fault(Code::UnknownRequiredAnswer, answer, message, help);
                }
            }
        }
        options
    }

    fn bands(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("bands") else { return };
        let mut bands: Vec<(Band, &Yaml)> = Vec::new();
        for item in self.yaml.list(node, "bands") {
            let Some(inner) = self.yaml.fields(item, &declared::BAND) else {
                continue;
            };
            let id = self.plain(&inner, "id");
            let Some(from) = self.yaml.decimal(&inner, "from") else { continue };
            let title = self.optional_text(&inner, "title");
            let requires = inner.get("requires").map(|node| self.band_requirements(node)).unwrap_or_default();
            let same = bands.iter().find(|(band, _)| band.from == from || band.id == id);
            if let Some((band, first)) = same {
                let message = match band.from == from {
                    true => format!("bands `{}` and `{id}` both begin at {from}", band.id),
                    false => format!("two bands are called `{id}`"),
                };
                let finding = Diagnostic::new(Code::DuplicateBand, message, self.yaml.place(item))
                    .related(self.yaml.place(first), "the other band")
                    .help("bands differ in their ids and in where they begin");
                self.yaml.findings.push(finding);
            }
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

    fn band_requirements(&mut self, node: &Yaml) -> Vec<(GroupIndex, Decimal)> {
        let mut list = Vec::new();
        for (key, value) in self.yaml.entries(node, "`requires`").unwrap_or(&[]) {
            let Some(id) = self.yaml.scalar(key) else { continue };
            let group = self.framework.groups.iter().position(|group| !group.id.is_empty() && group.id == id);
            let Some(figure) = self.yaml.number(value, "requires", declared::PERCENT) else { continue };
            match group {
                Some(at) => {
                    self.meetable(at, figure, value);
                    list.push((GroupIndex::new(at), figure));
                }
                None if self.is_partial => {}
                None => {
                    let ids = self.framework.groups.iter().map(|group| group.id.as_str());
                    let help = match nearest(id, ids) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "a band requires figures of groups".to_owned(),
                    };
                    self.yaml.fault(Code::UnknownBandGroup, key, format!("there is no group `{id}`"), help);
                }
            }
        }
        list
    }

    fn counts(&mut self, fields: &Fields<'_>) {
        let Some(node) = fields.get("counts") else { return };
        let levels = self.framework.levels.clone();
        for (key, value) in self.yaml.entries(node, "`counts`").unwrap_or(&[]) {
            let Some(level) = self.yaml.scalar(key) else { continue };
            let Some(depth) = levels.iter().position(|name| name == level) else {
                let help = format!("the levels are {}", one_of(&levels));
                self.yaml.fault(Code::UnknownKey, key, format!("there is no level `{level}`"), help);
                continue;
            };
            let found = match depth + 1 == levels.len() {
                true => self.framework.parameters.len(),
                false => self.framework.groups.iter().filter(|group| group.depth == depth + 1).count(),
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

    fn unused(&mut self, fields: &Fields<'_>) {
        if let Some(Yaml { value: Value::Map(entries), .. }) = fields.get("scales") {
            for (key, _) in entries {
                let Value::Scalar(name) = &key.value else { continue };
                let Some(at) = self.scales.get(name) else { continue };
                if !self.framework.parameters.iter().any(|parameter| parameter.scale == *at) {
                    let message = format!("no parameter uses the scale `{name}`");
                    self.yaml.fault(Code::UnusedScale, key, message, "use it or take it out");
                }
            }
        }
        let closes = |at: usize| {
            let advice = self.framework.parameters.iter().filter_map(|parameter| parameter.advice.as_ref());
            advice.into_iter().any(|advice| advice.solutions.contains(&at))
        };
        let unused: Vec<String> = self
            .framework
            .solutions
            .iter()
            .enumerate()
            .filter(|(at, _)| !closes(*at))
            .map(|(_, solution)| solution.id.clone())
            .collect();
        for id in unused {
            let Some(place) = self.ids.get(&id).cloned() else { continue };
            let message = format!("no advice names the solution `{id}`");
            let finding = Diagnostic::new(Code::UnusedSolution, message, place);
            self.yaml.findings.push(finding.help("name it under a parameter's `advice`, or take it out"));
        }
    }
}

fn has(number: usize) -> String {
    if number == 1 { "1 parameter has".to_owned() } else { format!("{number} parameters have") }
}

/// The node of a scale's option.
fn option_node(options: &Yaml, position: usize) -> Option<&Yaml> {
    match &options.value {
        Value::List(items) => items.get(position),
        Value::Null | Value::Scalar(_) | Value::Map(_) => None,
    }
}

/// Reads a `policy` map over the rules that hold without it.
pub fn policy(yaml: &mut YamlReader<'_>, node: &Yaml, mut policy: Policy) -> Policy {
    let Some(fields) = yaml.fields(node, &declared::POLICY) else { return policy };
    macro_rules! keyword {
        ($($field:ident)*) => {
            $(policy.$field = yaml.keyword(&fields, stringify!($field)).unwrap_or(policy.$field);)*
        };
    }
    keyword!(missing not_applicable evidence evaluators unrated rounding half ranks entity_from);
    policy.minimum_coverage = yaml.decimal(&fields, "minimum_coverage").unwrap_or(policy.minimum_coverage);
    policy.decimals = yaml.whole(&fields, "decimals").unwrap_or(policy.decimals);
    if let Some(node) = fields.get("aggregation") {
        let means: Vec<Aggregation> =
            yaml.one_or_more(node).iter().filter_map(|item| yaml.word(item, "aggregation")).collect();
        if !means.is_empty() {
            policy.aggregation = means;
        }
    }
    policy
}

/// The words of an input or output error, without the program's own.
pub fn plain_io(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => error.to_string(),
    }
}
