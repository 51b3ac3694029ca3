//! A framework from its YAML files.

mod scales;
mod texts;
mod tree;
mod whole;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use hashbrown::DefaultHashBuilder;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::bounded::{self, Bytes};
use super::declared;
use super::yaml::{Fields, Spot, Value, Yaml, YamlReader, parse, prepared};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::{Aggregation, Asked, Attribute, Condition, Framework, Policy, Solution};
use crate::id::GroupIndex;
use crate::limit::{Limit, Limits};
use crate::scale::Words;
use crate::source::{Place, Source, shown};
use crate::text::fold;

/// A file compiled into the program.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub text: &'static str,
    /// The text's tree, as it was parsed when the program was built; nothing where that is to be done still.
    pub tree: &'static [u8],
}

/// Where a framework's files are.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A folder with `framework.yaml`, or that file.
    Disk(PathBuf),
    /// Files compiled into the program.
    Embedded(&'static [Embedded]),
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

    /// A file's bytes, or the finding that there are too many.
    fn bytes(&self, path: &Path, limits: &Limits) -> std::io::Result<Bytes<Cow<'static, [u8]>>> {
        match self {
            Self::Disk(_) => Ok(bounded::bytes(path, Limit::YamlSize, limits)?.map(Cow::from)),
            Self::Embedded(_) => {
                let text = self.embedded(path).map(|file| Ok(file.text.as_bytes().into()));
                text.ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
            }
        }
    }

    /// A file that is compiled into the program.
    fn embedded(&self, path: &Path) -> Option<&'static Embedded> {
        match self {
            Self::Disk(_) => None,
            Self::Embedded(files) => files.iter().find(|file| Path::new(file.name) == path),
        }
    }
}

/// A file of a framework, for a manifest.
#[derive(Clone, Debug)]
pub struct FrameworkFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
}

/// Reads a framework and everything it includes.
///
/// Returns none when any finding is an error.
///
/// # Errors
/// The first file cannot be read.
pub fn read(
    origin: &Origin,
    limits: &Limits,
    findings: &mut Findings,
) -> std::io::Result<(Option<Framework>, Vec<FrameworkFile>)> {
    let head = origin.head();
    let bytes = origin.bytes(&head, limits)?;
    let mut local = Findings::default();
    let mut builder = Builder {
        origin,
        limits,
        head: head.clone(),
        folder: head.parent().map(Path::to_path_buf).unwrap_or_default(),
        yaml: YamlReader { sources: Vec::new(), findings: &mut local },
        framework: Framework::empty(),
        ids: HashMap::default(),
        scales: HashMap::new(),
        names: Names::default(),
        open: Vec::new(),
        files: Vec::new(),
        deferred: Vec::new(),
        documents: Vec::new(),
        is_partial: false,
        is_headless: false,
        weight_sum: None,
    };
    match builder.parse(&head, bytes) {
        Some(root) => builder.head(&root),
        None => builder.without_head(),
    }
    let files = std::mem::take(&mut builder.files);
    let mut framework = std::mem::replace(&mut builder.framework, Framework::empty());
    framework.hash = content_hash(&files, &builder.folder);
    let valid = !builder.yaml.findings.has_errors();
    let finished = match valid {
        false => None,
        true => match framework.finish() {
            Ok(()) => Some(framework),
            Err(parameter) => {
                let id = &framework.parameters[parameter.get()].id;
                let message = format!("`{id}` requires itself, through what it requires");
                let place = builder.ids.get(id).map(|spot| builder.yaml.place_of(spot));
                let place = place.unwrap_or_else(|| Place::file("framework.yaml"));
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
    let mut sorted: Vec<(String, &[u8])> = files.iter().map(|file| (name(file), &*file.bytes)).collect();
    sorted.sort();
    let mut hasher = Sha256::new();
    for (name, bytes) in sorted {
        hasher.update(format!("{name}\0{}\0", bytes.len()));
        hasher.update(bytes);
    }
    hex(&hasher.finalize())
}

/// A text without a byte order mark.
fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
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
    limits: &'r Limits,
    head: PathBuf,
    folder: PathBuf,
    yaml: YamlReader<'r>,
    framework: Framework,
    /// For each id where it stands.
    ids: HashMap<String, Spot, DefaultHashBuilder>,
    scales: HashMap<String, usize>,
    names: Names,
    open: Vec<PathBuf>,
    files: Vec<FrameworkFile>,
    deferred: Vec<Deferred>,
    documents: Vec<PathBuf>,
    /// Whether a part could not be read, so that what it may hold is not missed elsewhere.
    is_partial: bool,
    /// Whether the head could not be read, so that nothing of what it declares is known.
    is_headless: bool,
    weight_sum: Option<Decimal>,
}

/// Where names of the head are, for what refers to them: a file may have very many of both.
#[derive(Default)]
struct Names {
    attributes: HashMap<String, usize>,
    /// Values of attributes, as compared.
    values: HashMap<(usize, String), usize>,
    solutions: HashMap<String, usize>,
    /// Words that every scale takes, as compared: of which list each is, and how it is written.
    words: HashMap<String, (&'static str, String)>,
}

/// What a group hands down.
#[derive(Clone, Default)]
struct Inherited {
    asked: Option<Asked>,
    applies_when: Vec<Condition>,
}

impl Builder<'_> {
    fn parse(&mut self, path: &Path, bytes: Bytes<Cow<'static, [u8]>>) -> Option<Yaml> {
        let name = shown(path);
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(finding) => {
                self.yaml.findings.push(*finding);
                return None;
            }
        };
        let embedded = self.origin.embedded(path);
        let read = match embedded {
            Some(embedded) => Ok(Cow::from(unmarked(embedded.text))),
            None => str::from_utf8(&bytes).map(|text| unmarked(text).to_owned().into()),
        };
        let text = match read {
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
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
        let prepared =
            embedded.and_then(|embedded| prepared::tree(embedded.tree, unmarked(embedded.text), file));
        prepared.or_else(|| parse(&self.yaml.sources[file], file, self.limits, self.yaml.findings))
    }

    fn head(&mut self, root: &Yaml) {
        let Some(fields) = self.yaml.fields(root, &declared::FRAMEWORK) else { return self.without_head() };
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
        for (list, words) in self.framework.words.lists() {
            let written = words.iter().map(|word| (fold(word), (list, word.clone())));
            self.names.words.extend(written);
        }
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
            let at = self.framework.attributes.len();
            self.names.attributes.entry(name.to_owned()).or_insert(at);
            for (position, (value, _)) in values.iter().enumerate() {
                self.names.values.entry((at, fold(value))).or_insert(position);
            }
            let first = self.framework.attributes.last().map_or(0, |last| last.first + last.values.len());
            self.framework.attributes.push(Attribute { name: name.to_owned(), title, values, first });
        }
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
            let at = self.framework.solutions.len();
            self.names.solutions.entry(solution.id.clone()).or_insert(at);
            self.framework.solutions.push(solution);
        }
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
