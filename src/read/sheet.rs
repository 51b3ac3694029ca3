//! One file of answers: which layout its header has, and its rows as answers.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::table::{Columns, Names, Record, Table, unknown_column};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::framework::{Asked, Framework, Parameter};
use crate::id::ParameterIndex;
use crate::source::Place;
use crate::text::{clean, did_you_mean, fold};

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

/// What is kept of services and of entities apart is a pair: here the one of services.
pub(super) const SERVICE: usize = 0;
/// And here that of entities.
pub(super) const ENTITY: usize = 1;

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
        self.record.optional(self.sheet.columns.evidence)
    }

    /// Who evaluated, blank where the file does not say.
    pub fn evaluator(&self) -> &str {
        self.record.optional(self.sheet.columns.evaluator)
    }

    /// Why an earlier answer is changed.
    pub fn reason(&self) -> &str {
        self.record.optional(self.sheet.columns.reason)
    }

    /// What is said to the body.
    pub fn comment(&self) -> &str {
        self.record.optional(self.sheet.columns.comment)
    }

    /// What stays in the team.
    pub fn note(&self) -> &str {
        self.record.optional(self.sheet.columns.note)
    }

    /// The question that the sheet puts beside the answer, blank where it puts none.
    pub fn question(&self) -> &str {
        self.record.optional(self.sheet.columns.question)
    }

    /// Where the question stands.
    pub fn question_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.columns.question.unwrap_or(0))
    }

    /// Whether the file gives evidence only.
    pub fn is_evidence(&self) -> bool {
        self.sheet.columns.layout == Layout::Evidence
    }

    /// The finding that the framework has no such parameter.
    pub fn unknown_parameter(&self, framework: &Framework, findings: &mut Findings) -> Diagnostic {
        let ids = framework.parameters.iter().map(|parameter| parameter.id.as_str());
        let help = match findings.nearest(self.parameter_id, ids) {
            Some(near) => did_you_mean(self.parameter_id, near),
            None => "the framework has no such parameter: mend the id, or take the row out".to_owned(),
        };
        let message = format!("there is no parameter `{}`", self.parameter_id);
        Diagnostic::new(Code::UnknownParameter, message, self.parameter_place()).help(help)
    }

    /// The finding that the entity answers what is asked of each service; none where it is asked.
    pub fn not_asked_of_entity(&self, parameter: &Parameter) -> Option<Diagnostic> {
        if matches!(self.subject, Subject::Service(_)) || parameter.asked == Asked::Entity {
            return None;
        }
        let message = format!("`{}` is asked of each service, not of the entity", self.parameter_id);
        let finding = Diagnostic::new(Code::NotAskedOfEntity, message, self.parameter_place());
        Some(finding.help("answer it for each service"))
    }

    /// Whether the row is too long to be trusted.
    pub fn is_long(&self) -> bool {
        self.record.is_long
    }

    /// Where the answer stands.
    pub fn place(&self) -> Place {
        let column = self.column.or(self.sheet.columns.answer).or(self.sheet.columns.parameter).unwrap_or(0);
        self.sheet.table.place(self.record, column)
    }

    /// Where the parameter's id stands.
    pub fn parameter_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.columns.parameter.unwrap_or(0))
    }

    /// Where the service's or entity's id stands.
    pub fn subject_place(&self) -> Place {
        self.sheet
            .table
            .place(self.record, self.sheet.columns.subject.or(self.sheet.columns.parameter).unwrap_or(0))
    }

    /// Where the evidence stands.
    pub fn evidence_place(&self) -> Place {
        self.sheet.table.place(self.record, self.sheet.columns.evidence.unwrap_or(0))
    }
}

/// What the scanner takes a column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Whom the row is about.
    Service,
    /// Which parameter.
    Parameter,
    /// The answer.
    Answer,
    /// What shows it.
    Evidence,
    /// Who evaluated.
    Evaluator,
    /// The answer to this parameter, in a wide file.
    Value(u32),
    /// Nothing that decides how a plain row is taken.
    Other,
}

impl Role {
    /// The parameter that is answered in the column of a wide file.
    pub(super) fn parameter(self) -> Option<u32> {
        match self {
            Self::Value(parameter) => Some(parameter),
            _ => None,
        }
    }
}

/// A file of answers with its layout, or a part of one.
#[derive(Debug)]
pub struct Sheet {
    table: Table,
    columns: Arc<SheetColumns>,
    /// The service that the file is named after.
    service: Arc<str>,
}

/// What all parts of a file of answers have in common, and other files that begin alike.
#[derive(Debug)]
struct SheetColumns {
    roles: Vec<Role>,
    layout: Layout,
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
        let mut read = SheetColumns {
            roles: Vec::new(),
            layout,
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
        };
        read.roles = (0..table.header().len()).map(|column| read.role(column)).collect();
        Some(Self { table, columns: Arc::new(read), service: clean(service).into() })
    }

    /// Another whole file, where it begins as this one does and nothing was found in the header; `service`
    /// is whom it is about where it does not say.
    ///
    /// # Errors
    /// It is to be looked at by itself; its text is given back.
    pub(super) fn like(&self, path: &str, text: String, service: &str) -> Result<Self, String> {
        if service.is_empty() {
            return Err(text);
        }
        let table = self.table.like(path, text)?;
        Ok(Self { table, columns: self.columns.clone(), service: clean(service).into() })
    }

    /// Another part of the same file.
    pub(super) fn part(&self, table: Table) -> Self {
        Self { table, columns: self.columns.clone(), service: self.service.clone() }
    }

    /// The table of this part.
    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// The memory of this part, to be used again.
    pub(super) fn into_text(self) -> String {
        self.table.into_text()
    }

    /// What each column is taken for.
    pub(super) fn roles(&self) -> &[Role] {
        &self.columns.roles
    }

    /// Whether rows are to have an answer in a column of its own.
    pub(super) fn has_answer_column(&self) -> bool {
        self.columns.answer.is_some()
    }

    /// Whether each row says whom it is about.
    pub(super) fn names_subjects(&self) -> bool {
        self.columns.subject.is_some()
    }

    /// The service that the file is named after.
    pub(super) fn service(&self) -> &str {
        &self.service
    }

    /// How the file is laid out.
    pub fn layout(&self) -> Layout {
        self.columns.layout
    }

    /// Which of a pair its subjects are in: one of services and one of entities.
    pub(super) fn side(&self) -> usize {
        if self.layout() == Layout::Entity { ENTITY } else { SERVICE }
    }

    /// Calls `each` for every answer, blank ones included.
    pub fn rows(
        &self,
        framework: &Framework,
        findings: &mut Findings,
        each: impl FnMut(Row<'_>, &mut Findings),
    ) {
        self.rows_of(self.table.text().1, framework, findings, each);
    }

    /// The same of whole rows that are a part of the text.
    pub(super) fn rows_of(
        &self,
        part: Range<usize>,
        framework: &Framework,
        findings: &mut Findings,
        mut each: impl FnMut(Row<'_>, &mut Findings),
    ) {
        let mut next = 0;
        self.table.rows_of(part, findings, |record, findings| {
            self.row(record, framework, &mut next, findings, &mut each);
        });
    }

    /// Calls `each` for the answers of the row that begins at a byte.
    pub(super) fn row_at(
        &self,
        start: usize,
        framework: &Framework,
        findings: &mut Findings,
        mut each: impl FnMut(Row<'_>, &mut Findings),
    ) {
        self.table.row_at(start, findings, |record, findings| {
            self.row(record, framework, &mut 0, findings, &mut each);
        });
    }

    /// Calls `each` for the answers of a row; `next` is the parameter that likely comes next, as sheets list them
    /// in the framework's order.
    fn row(
        &self,
        record: &Record,
        framework: &Framework,
        next: &mut usize,
        findings: &mut Findings,
        each: &mut impl FnMut(Row<'_>, &mut Findings),
    ) {
        let columns = &self.columns;
        let subject_cell: Cow<'_, str> = match columns.subject {
            Some(column) => clean(record.get(column)).into(),
            None => (&*self.service).into(),
        };
        if subject_cell.is_empty() {
            let place = self.table.place(record, columns.subject.unwrap_or(0));
            let noun = if columns.layout == Layout::Entity { "entity" } else { "service" };
            let finding = Diagnostic::new(Code::BlankId, format!("this row names no {noun}"), place);
            findings.push(finding.help(format!("write the {noun}'s id, or take the row out")));
            return;
        }
        let subject = match columns.layout {
            Layout::Entity => Subject::Entity(&subject_cell),
            Layout::PerService | Layout::Long | Layout::Wide | Layout::Evidence => {
                Subject::Service(&subject_cell)
            }
        };
        let row =
            Row { sheet: self, record, column: None, subject, parameter: None, parameter_id: "", answer: "" };
        if columns.layout == Layout::Wide {
            for (column, parameter) in &columns.wide {
                let answer = record.get(*column);
                let parameter_id = &framework.parameter(*parameter).id;
                let parameter = Some(*parameter);
                each(Row { column: Some(*column), parameter, parameter_id, answer, ..row }, findings);
            }
            return;
        }
        let parameter_id = record.optional(columns.parameter);
        let parameter = match framework.parameters.get(*next) {
            Some(likely) if likely.id == parameter_id => Some(ParameterIndex::new(*next)),
            Some(_) | None => framework.parameter_named(&clean(parameter_id)),
        };
        *next = parameter.map_or(0, |found| found.get() + 1);
        if columns.answer.is_some_and(|column| record.ends_before(column)) {
            let message = "this row ends before its answer";
            let finding = Diagnostic::new(Code::ShortRow, message, self.table.place(record, 0));
            findings.push(finding.help("add the missing fields; without them the answer is a gap"));
        }
        each(Row { parameter, parameter_id, answer: record.optional(columns.answer), ..row }, findings);
    }
}

impl SheetColumns {
    /// What a column is taken for.
    fn role(&self, column: usize) -> Role {
        let roles = [
            (self.subject, Role::Service),
            (self.parameter, Role::Parameter),
            (self.answer, Role::Answer),
            (self.evidence, Role::Evidence),
            (self.evaluator, Role::Evaluator),
        ];
        let named = roles.iter().find(|(at, _)| *at == Some(column)).map(|(_, role)| *role);
        let value = self.wide.iter().find(|(at, _)| *at == column);
        let value = value.map(|(_, parameter)| Role::Value(parameter.get() as u32));
        named.or(value).unwrap_or(Role::Other)
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
    let help = match findings.nearest(title, ids.chain(["parameter", "answer", "evidence"])) {
        Some(near) => did_you_mean(title, near),
        None => {
            "in a wide file every column but `service` is a parameter: rename it or take it out".to_owned()
        }
    };
    let message = format!("there is no parameter `{title}`");
    findings
        .push(Diagnostic::new(Code::UnknownParameterColumn, message, table.header_place(column)).help(help));
}
