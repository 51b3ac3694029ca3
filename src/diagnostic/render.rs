//! Findings as text, for a person and for other programs.

mod machine;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

pub use machine::{github, json, json_schema, sarif};

use super::{Diagnostic, Findings, Severity};
use crate::source::Place;
use crate::text::count;

/// What was looked at, by how a user would name it.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Frameworks that were named themselves, by no round.
    pub frameworks: Vec<String>,
    /// Rounds, each with its framework.
    pub rounds: Vec<String>,
    /// Answer files that were named without their round.
    pub files: Vec<String>,
}

impl Checked {
    fn kinds(&self) -> [(&'static str, &[String]); 3] {
        [("framework", &self.frameworks), ("round", &self.rounds), ("answer file", &self.files)]
    }

    /// ` in the round `x``, ` in 2 frameworks and 3 rounds`; nothing where nothing is named.
    fn words(&self) -> String {
        let some: Vec<_> = self.kinds().into_iter().filter(|(_, names)| !names.is_empty()).collect();
        if let [(kind, [name])] = some.as_slice() {
            return format!(" in the {kind} `{name}`");
        }
        let parts: Vec<String> = some.iter().map(|(kind, names)| count(names.len(), kind)).collect();
        match parts.split_last() {
            None => String::new(),
            Some((last, [])) => format!(" in {last}"),
            Some((last, rest)) => format!(" in {} and {last}", rest.join(", ")),
        }
    }
}

/// The findings that are shown, each with its source line, marked, and a line that sums up all.
pub fn human(findings: &Findings, shown: &[&Diagnostic], checked: &Checked, colour: bool) -> String {
    let mut text = String::new();
    for finding in shown {
        text.push_str(&one(finding, findings.severity(finding), colour));
        text.push_str("\n\n");
    }
    text + &summary(findings, shown.len(), checked)
}

/// Every error with its source line, marked; nothing for no errors.
pub fn errors(findings: &Findings, colour: bool) -> String {
    let sorted = findings.sorted();
    let errors = sorted.iter().filter(|finding| findings.severity(finding) == Severity::Error);
    errors.map(|finding| format!("{}\n\n", one(finding, Severity::Error, colour))).collect()
}

/// All warnings in one line, counted by code; nothing for none.
pub fn warnings(findings: &Findings) -> String {
    let warnings = findings.warnings();
    let parts: Vec<String> =
        warnings.iter().map(|(code, number)| format!("{} {number}", code.name())).collect();
    if parts.is_empty() { String::new() } else { format!("warnings: {}\n", parts.join(", ")) }
}

/// `2 errors, 1 warning`, in what, and how many of them are shown where not all are.
fn summary(findings: &Findings, shown: usize, checked: &Checked) -> String {
    let numbers = [Severity::Error, Severity::Warning].map(|severity| (findings.number(severity), severity));
    let parts: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, severity)| count(*number, severity.name()))
        .collect();
    let all: usize = numbers.iter().map(|(number, _)| number).sum();
    let found = if all == 0 { "no findings".to_owned() } else { parts.join(", ") };
    let cut = if shown < all { format!("; {shown} shown") } else { String::new() };
    format!("{found}{}{cut}\n", checked.words())
}

/// One finding: its message and code, the marked line, and help.
pub fn one(finding: &Diagnostic, severity: Severity, colour: bool) -> String {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&*finding.message).id(finding.code.name()));
    if let Some(place) = &finding.place {
        group = mark(group, place, AnnotationKind::Primary, &finding.label);
    }
    if let Some((place, words)) = &finding.related {
        group = mark(group, place, AnnotationKind::Context, words);
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(&**help));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// Adds a place to a finding: its line with the span marked, or its name where there is no line.
fn mark<'a>(group: Group<'a>, place: &'a Place, kind: AnnotationKind, words: &'a str) -> Group<'a> {
    let Some(excerpt) = &place.excerpt else {
        let origin = match &place.cell {
            Some(cell) => Origin::path(format!("{}:{cell}", place.path)),
            None if place.line > 0 => Origin::path(&*place.path).line(place.line).char_column(place.column),
            None => Origin::path(&*place.path),
        };
        return group.element(origin);
    };
    let span = excerpt.start..excerpt.end.max(excerpt.start);
    let annotation = kind.span(span);
    let annotation = if words.is_empty() { annotation } else { annotation.label(words) };
    group.element(
        Snippet::source(&*excerpt.text).path(&*place.path).line_start(place.line).annotation(annotation),
    )
}
