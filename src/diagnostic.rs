//! Faults in a user's files: what, where, and how to mend it. They are collected, sorted by file and
//! place, and shown once; a failure of the program itself is an `anyhow::Error` instead.

mod code;
pub mod render;

use std::collections::{BTreeMap, BTreeSet};

pub use code::{Code, Severity};

use crate::source::Place;
use crate::text::nearest;

/// Findings that are kept whole; of more, only the number of each code is.
const KEPT: usize = 100_000;

/// One finding in a user's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of fault it is.
    pub code: Code,
    /// What was found and what was expected, in lower case, the user's words in backticks.
    pub message: String,
    /// Where it is; none when it belongs to no file.
    pub place: Option<Place>,
    /// What to say at the marked place.
    pub label: String,
    /// A second place that explains it: the rule it breaks, the first of a duplicate.
    pub related: Option<(Place, String)>,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(code: Code, message: impl Into<String>, place: Place) -> Self {
        Self {
            code,
            message: clipped(message.into()),
            place: Some(place),
            label: String::new(),
            related: None,
            help: None,
        }
    }

    /// A finding that belongs to no place in a file.
    pub fn nowhere(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: clipped(message.into()),
            place: None,
            label: String::new(),
            related: None,
            help: None,
        }
    }

    /// Says something at the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at a second place that explains it.
    #[must_use]
    pub fn related(mut self, place: Place, words: impl Into<String>) -> Self {
        self.related = Some((place, words.into()));
        self
    }
}

/// A message of a length that can be read, whatever a file holds.
fn clipped(mut message: String) -> String {
    const MOST: usize = 1000;
    if let Some((end, _)) = message.char_indices().nth(MOST) {
        message.truncate(end);
        message.push('…');
    }
    message
}

/// Collects findings.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    list: Vec<Diagnostic>,
    beyond: BTreeMap<Code, usize>,
    counted: BTreeMap<Code, usize>,
    allowed: BTreeSet<Code>,
    denied: BTreeSet<Code>,
    deny_warnings: bool,
    compared: usize,
}

impl Findings {
    /// Notes a finding; when there are more than anyone looks through it is only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < KEPT {
            self.list.push(diagnostic);
        } else {
            *self.beyond.entry(diagnostic.code).or_default() += 1;
        }
    }

    /// The candidate that was meant by a name, as [`nearest`] finds it. Where a file has very many unknown
    /// names, only the first of them are helped: each is compared with every candidate.
    pub fn nearest<'a, T: AsRef<str> + ?Sized + 'a>(
        &mut self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a T>,
    ) -> Option<&'a str> {
        const MOST: usize = 500_000;
        if self.compared >= MOST {
            return None;
        }
        nearest(name, candidates.into_iter().inspect(|_| self.compared += 1))
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.counted.is_empty()
    }

    /// Keeps only findings of codes of which this is true.
    pub fn retain(&mut self, keep: impl Fn(Code) -> bool) {
        self.list.retain(|finding| keep(finding.code));
        self.beyond.retain(|code, _| keep(*code));
    }

    /// What is reported, without what is allowed here.
    #[must_use]
    pub fn reported(mut self) -> Self {
        let allowed = std::mem::take(&mut self.allowed);
        self.retain(|code| !allowed.contains(&code) || code.severity() == Severity::Error);
        self.counted.retain(|code, _| !allowed.contains(code));
        self
    }

    /// Takes over the findings of another collection.
    pub fn extend(&mut self, other: Self) {
        other.list.into_iter().for_each(|finding| self.push(finding));
        for (code, number) in other.beyond {
            *self.beyond.entry(code).or_default() += number;
        }
        for (code, number) in other.counted {
            self.count(code, number);
        }
    }

    /// Notes so many warnings of a code without their places, where a run does not show them.
    pub fn count(&mut self, code: Code, number: usize) {
        if number > 0 {
            *self.counted.entry(code).or_default() += number;
        }
    }

    /// Leaves warnings of a code unreported. A fault that holds figures back is never left out.
    pub fn allow(&mut self, code: Code) {
        self.allowed.insert(code);
    }

    /// Reports warnings of a code as errors.
    pub fn deny(&mut self, code: Code) {
        self.denied.insert(code);
    }

    /// Reports every warning as an error.
    pub fn deny_warnings(&mut self) {
        self.deny_warnings = true;
    }

    /// How serious a finding is here.
    pub fn severity(&self, diagnostic: &Diagnostic) -> Severity {
        self.severity_of(diagnostic.code)
    }

    fn severity_of(&self, code: Code) -> Severity {
        match code.severity() {
            Severity::Warning if self.deny_warnings || self.denied.contains(&code) => Severity::Error,
            severity => severity,
        }
    }

    /// How many findings there are of each code beyond those that are kept.
    fn beyond(&self) -> impl Iterator<Item = (Code, usize)> {
        let shown = self.beyond.iter().filter(|(code, _)| !self.hides(**code));
        shown.map(|(code, number)| (*code, *number))
    }

    /// All findings that are reported, by file and place.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut list: Vec<&Diagnostic> =
            self.list.iter().filter(|finding| !self.hides(finding.code)).collect();
        list.sort_by(|a, b| {
            (&a.place, a.code, &a.message, &a.related).cmp(&(&b.place, b.code, &b.message, &b.related))
        });
        list.dedup();
        list
    }

    fn hides(&self, code: Code) -> bool {
        code.severity() == Severity::Warning && self.allowed.contains(&code)
    }

    /// How many findings of a severity are reported.
    pub fn number(&self, severity: Severity) -> usize {
        let beyond = self.beyond().filter(|(code, _)| self.severity_of(*code) == severity);
        self.sorted().iter().filter(|finding| self.severity(finding) == severity).count()
            + beyond.map(|(_, number)| number).sum::<usize>()
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        let list = self.list.iter().map(|finding| finding.code).filter(|code| !self.hides(*code));
        let mut all = list.chain(self.beyond().map(|(code, _)| code));
        all.any(|code| self.severity_of(code) == Severity::Error)
    }

    /// Whether any finding belongs to no single service, so that nothing can be scored.
    pub fn stops(&self) -> bool {
        let mut codes = self.list.iter().map(|finding| &finding.code).chain(self.beyond.keys());
        codes.any(|code| code.severity() == Severity::Error && !code.is_of_a_service())
    }

    /// How many warnings there are of each code.
    pub fn warnings(&self) -> BTreeMap<Code, usize> {
        let mut counts = self.counted.clone();
        counts.retain(|code, _| !self.allowed.contains(code));
        for finding in self.sorted() {
            if self.severity(finding) == Severity::Warning {
                *counts.entry(finding.code).or_default() += 1;
            }
        }
        for (code, number) in self.beyond().filter(|(code, _)| self.severity_of(*code) == Severity::Warning) {
            *counts.entry(code).or_default() += number;
        }
        counts
    }
}
