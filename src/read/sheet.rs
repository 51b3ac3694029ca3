//! One file of answers: which layout its header has, and its rows as answers.

use std::collections::HashMap;

use super::table::{Columns, Names, Record, Table, unknown_column};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::Framework;
use crate::id::ParameterIndex;
use crate::source::Place;
use crate::text::{clean, fold, nearest};

/// The columns of answer files, and what else each is called.
const NAMES: Names = &[
    ("service", &["service_id", "xidmət"]),
    ("entity", &["qurum"]),
    ("parameter", &["parameter_id", "alt meyar"]),
    ("answer", &["value", "cavab"]),
    ("evidence", &["sübut"]),
    ("comment", &["şərh"]),
    ("note", &[]),
    ("evaluator", &[]),
    ("reason", &[]),
    ("date", &[]),
    // What our own sheets say beside the cells to be filled.
    ("title", &["ad"]),
    ("group", &["qrup"]),
    ("question", &["sual"]),
    ("answers", &["cavab variantları"]),
    ("verification", &["yoxlama qaydası"]),
    ("preview", &["bal"]),
];

/// How a file of answers is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A row is an answer of the service that the file is named after.
    PerService,
    /// A row is an answer of the service it names.
    Long,
    /// A row is a service; its columns are parameters.
    Wide,
    /// A row is an answer of an entity.
    Entity,
    /// A row is evidence for an answer given elsewhere.
    Evidence,
}

/// Whom a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A service, by its id.
    Service(&'a str),
    /// An entity, by its id.
    Entity(&'a str),
}

/// An answer as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    sheet: &'a Sheet,
    record: &'a Record,
    column: Option<usize>,
    /// Whom it is about.
    pub subject: Subject<'a>,
    /// The parameter; none when the framework has none of that id.
    pub parameter: Option<ParameterIndex>,
    /// The parameter's id, as written.
    pub parameter_id: &'a str,
    /// The answer's cell; blank when nothing is answered.
    pub answer: &'a str,
}

impl Row<'_> {
    /// The evidence, blank where there is none.
    pub fn evidence(&self) -> &str {
        self.record.optional(self.sheet.evidence)
    }

    /// Who evaluated, blank where the file does not say.
    pub fn evaluator(&self) -> &str {
        self.record.optional(self.sheet.evaluator)
    }

    /// Why an earlier answer is changed.
    pub fn reason(&self) -> &str {
        self.record.optional(self.sheet.reason)
    }

    /// What is said to the body.
    pub fn comment(&self) -> &str {
        self.record.optional(self.sheet.comment)
    }

    /// What stays in the team.
    pub fn note(&self) -> &str {
        self.record.optional(self.sheet.note)
    }

    /// The question that the sheet puts beside the answer, blank where it puts none.
    pub fn question(&self) -> &str {
        self.record.optional(self.sheet.question)
    }

    /// Where the question stands.
    pub fn question_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.question.unwrap_or(0))
    }

    /// Whether the file gives evidence only.
    pub fn is_evidence(&self) -> bool {
        self.sheet.layout == Layout::Evidence
    }

    /// Whether the row is too long to be trusted.
    pub fn is_long(&self) -> bool {
        self.record.is_long
    }

    /// Where the answer stands.
    pub fn place(&self) -> Place {
        let column = self.column.or(self.sheet.answer).or(self.sheet.parameter).unwrap_or(0);
        self.sheet.table.place(self.record, column)
    }

    /// Where the parameter's id stands.
    pub fn parameter_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.parameter.unwrap_or(0))
    }

    /// Where the service's or entity's id stands.
    pub fn subject_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.subject.or(self.sheet.parameter).unwrap_or(0))
    }

    /// Where the evidence stands.
    pub fn evidence_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.evidence.unwrap_or(0))
    }
}

/// A file of answers with its layout.
#[derive(Debug)]
pub struct Sheet {
    table: Table,
    layout: Layout,
    service: String,
    subject: Option<usize>,
    parameter: Option<usize>,
    answer: Option<usize>,
    evidence: Option<usize>,
    comment: Option<usize>,
    note: Option<usize>,
    question: Option<usize>,
    evaluator: Option<usize>,
    reason: Option<usize>,
    wide: Vec<(usize, ParameterIndex)>,
}

/// Whether a row of a sheet is the header of a layout.
pub fn is_header(cells: &[String], framework: &Framework) -> bool {
    let folded: Vec<String> = cells.iter().map(|cell| fold(cell)).collect();
    let has = |name: &str| {
        let also = NAMES.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, also)| also);
        folded.iter().any(|cell| cell == name || also.iter().any(|also| fold(also) == *cell))
    };
    let parameter = || cells.iter().any(|cell| framework.parameter_named(&clean(cell)).is_some());
    (has("parameter") && (has("answer") || has("evidence"))) || (has("service") && parameter())
}

impl Sheet {
    /// Tells a table's layout from its header. `service` is whom a file is about that does not say.
    pub fn new(table: Table, service: &str, framework: &Framework, findings: &mut Findings) -> Option<Self> {
        let mut others: Vec<(usize, String)> = Vec::new();
        let columns = Columns::read(&table, NAMES, findings, |column, title, _| {
            others.push((column, title.to_owned()));
            clean(title)
        });
        let has = |name: &str| columns.get(name).is_some();
        let layout = match (has("service"), has("entity"), has("parameter"), has("answer"), has("evidence")) {
            (true, _, true, true, _) => Layout::Long,
            (false, true, true, true, _) => Layout::Entity,
            (false, false, true, true, _) => Layout::PerService,
            (_, false, true, false, true) => Layout::Evidence,
            (true, _, false, false, _) => Layout::Wide,
            _ => return unknown_layout(&table, findings),
        };
        if layout == Layout::PerService && service.is_empty() {
            return unknown_layout(&table, findings);
        }
        let mut wide = Vec::new();
        for (column, title) in others {
            let parameter = framework.parameter_named(&clean(&title));
            match (layout, parameter) {
                (Layout::Wide, Some(parameter)) => wide.push((column, parameter)),
                (Layout::Wide, None) => unknown_parameter_column(&table, column, &title, framework, findings),
                (Layout::PerService | Layout::Long | Layout::Entity | Layout::Evidence, _) => {
                    unknown_column(&table, column, &title, findings);
                }
            }
        }
        let subject = match layout {
            Layout::Entity => columns.get("entity"),
            Layout::PerService | Layout::Long | Layout::Wide | Layout::Evidence => columns.get("service"),
        };
        Some(Self {
            layout,
            service: clean(service),
            subject,
            parameter: columns.get("parameter"),
            answer: columns.get("answer"),
            // In a wide file a row has many answers, so that one cell cannot be the evidence of each.
            evidence: columns.get("evidence").filter(|_| layout != Layout::Wide),
            comment: columns.get("comment"),
            note: columns.get("note"),
            question: columns.get("question"),
            evaluator: columns.get("evaluator"),
            reason: columns.get("reason"),
            wide,
            table,
        })
    }

    /// How the file is laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Calls `each` for every answer, blank ones included.
    pub fn rows(
        &self,
        framework: &Framework,
        findings: &mut Findings,
        mut each: impl FnMut(Row<'_>, &mut Findings),
    ) {
        let mut known: HashMap<String, Option<ParameterIndex>> = HashMap::new();
        let mut expected = 0;
        self.table.rows(findings, |record, findings| {
            let subject_cell = match self.subject {
                Some(column) => clean(record.get(column)),
                None => self.service.clone(),
            };
            if subject_cell.is_empty() {
                let place = self.table.place(record, self.subject.unwrap_or(0));
                let noun = if self.layout == Layout::Entity { "entity" } else { "service" };
                let finding = Diagnostic::new(Code::BlankId, format!("this row names no {noun}"), place);
                findings.push(finding.help(format!("write the {noun}'s id, or take the row out")));
                return;
            }
            let subject = match self.layout {
                Layout::Entity => Subject::Entity(&subject_cell),
                Layout::PerService | Layout::Long | Layout::Wide | Layout::Evidence => {
                    Subject::Service(&subject_cell)
                }
            };
            let row = Row {
                sheet: self,
                record,
                column: None,
                subject,
                parameter: None,
                parameter_id: "",
                answer: "",
            };
            if self.layout == Layout::Wide {
                for (column, parameter) in &self.wide {
                    let answer = record.get(*column);
                    let parameter_id = &framework.parameter(*parameter).id;
                    each(
                        Row {
                            column: Some(*column),
                            parameter: Some(*parameter),
                            parameter_id,
                            answer,
                            ..row
                        },
                        findings,
                    );
                }
                return;
            }
            let parameter_id = record.optional(self.parameter);
            // Exports list a service's parameters in the framework's order: the next one is the likely one.
            let next = framework.parameters.get(expected).filter(|parameter| parameter.id == parameter_id);
            let parameter = match next {
                Some(_) => Some(ParameterIndex::new(expected)),
                None => *known
                    .entry(parameter_id.to_owned())
                    .or_insert_with(|| framework.parameter_named(&clean(parameter_id))),
            };
            expected = parameter.map_or(0, |parameter| (parameter.get() + 1) % framework.parameters.len());
            if self.answer.is_some_and(|column| record.ends_before(column)) {
                let message = "this row ends before its answer";
                let finding = Diagnostic::new(Code::ShortRow, message, self.table.place(record, 0));
                findings.push(finding.help("add the missing fields; without them the answer is a gap"));
            }
            each(Row { parameter, parameter_id, answer: record.optional(self.answer), ..row }, findings);
        });
    }
}

fn unknown_layout(table: &Table, findings: &mut Findings) -> Option<Sheet> {
    let finding =
        Diagnostic::new(Code::UnknownLayout, "the header fits no layout of answers", table.header_place(0))
            .help(
                "expected `parameter,answer` (a file named after its service), `service,parameter,answer`, \
             `service` and columns named by parameter ids, `entity,parameter,answer`, or \
             `service,parameter,evidence`",
            );
    findings.push(finding);
    None
}

fn unknown_parameter_column(
    table: &Table,
    column: usize,
    title: &str,
    framework: &Framework,
    findings: &mut Findings,
) {
    let ids = framework.parameters.iter().map(|parameter| parameter.id.as_str());
    let help = match nearest(title, ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "in a wide file every column but `service` is a parameter: rename it or take it out".to_owned()
        }
    };
    let message = format!("there is no parameter `{title}`");
    findings
        .push(Diagnostic::new(Code::UnknownParameterColumn, message, table.header_place(column)).help(help));
}
