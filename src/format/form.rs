//! Answer sheets as a workbook: drop-downs, limits and guidance beside every cell to be filled, all else
//! protected, how much is filled, and by formulas the index so far.

mod calculation;
mod lists;
mod overview;
mod rules;

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Formula, ProtectionOptions, Workbook, Worksheet, XlsxError,
};

use self::calculation::{Block, Calculation, MOST_OPTIONS, Source};
use self::lists::Lists;
use self::overview::Overview;
use super::xlsx::sheet_name;
use crate::framework::{Asked, EvidenceRule};
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::scale::ScaleKind;
use crate::stamp::Stamp;
use crate::view::template::Sheets;

/// The rows above the first question: title, stamp, progress, header.
const FIRST: u32 = 4;
/// The columns of a sheet.
const GROUP: u16 = 0;
const ID: u16 = 1;
const QUESTION: u16 = 2;
const ANSWERS: u16 = 3;
const CHECK: u16 = 4;
const ANSWER: u16 = 5;
const EVIDENCE: u16 = 6;
const COMMENT: u16 = 7;
const SCORE: u16 = 8;
/// Hidden: whom a row is about.
const SUBJECT: u16 = 9;
/// Their names; a sheet is read back by them in either language.
const HEADER: [&str; 10] = [
    "sheet_group",
    "sheet_parameter",
    "sheet_question",
    "sheet_answers",
    "sheet_verification",
    "sheet_answer",
    "sheet_evidence",
    "sheet_comment",
    "sheet_preview",
    "sheet_service",
];
const WIDTHS: [f64; 10] = [17.0, 10.5, 40.0, 32.0, 36.0, 24.0, 24.0, 24.0, 9.0, 8.0];
/// The height of a line of text, in points.
const LINE: f64 = 13.0;
/// The longest text that a cell takes, in characters of UTF-16; a question is cut well below it.
const LONGEST: usize = 8_000;
/// The longest message of a drop-down.
const LONGEST_MESSAGE: usize = 250;
/// Colours: of headers, of what does not apply, of lines.
const SHADE: u32 = 0x1F_4E79;
const GREY: u32 = 0xEC_ECEC;
const RULE: u32 = 0xBF_C8D0;

/// Whom a sheet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A service.
    Service(ServiceIndex),
    /// An entity, for what is asked of entities.
    Entity(EntityIndex),
}

/// A sheet of a workbook, before it is written.
pub struct Page<'a> {
    sheets: &'a Sheets<'a>,
    recipient: Recipient,
    id: &'a str,
    title: &'a str,
    name: String,
    parameters: Vec<ParameterIndex>,
    /// Why the index cannot be worked out in the sheet, as the key of a text.
    unpreviewed: Option<&'static str>,
}

/// A workbook with a sheet for each recipient. `corrects` says that the stage comes after others, whose
/// answers the workbook does not hold.
///
/// # Errors
/// A limit of workbooks is passed, such as the number of rows.
pub fn write(
    sheets: &Sheets<'_>,
    recipients: &[Recipient],
    stage: &str,
    corrects: bool,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let epoch = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&epoch));
    let mut names = vec![lists::NAME.to_owned(), calculation::NAME.to_owned()];
    let overview = sheet_name(sheets.speech.say("overview"), &mut names);
    let pages = pages(sheets, recipients, corrects, &mut names);
    let lists = Lists::new(sheets);
    Overview { sheets, pages: &pages }.add(&mut workbook, &overview)?;
    for (page, block) in &pages {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&page.name)?;
        sheet.set_formula_result_default("");
        page.fill(sheet, &sheets.stamp(stage, page.id), block, &lists)?;
    }
    lists.add(&mut workbook)?;
    let calculation = Calculation::new(sheets, &lists);
    let sheet = calculation.add(&mut workbook)?;
    for (page, block) in &pages {
        calculation.fill(sheet, block, page.id, |at| page.source(at, &pages))?;
    }
    workbook.save_to_buffer()
}

/// The sheets of recipients, each with what works its scores out.
fn pages<'a>(
    sheets: &'a Sheets<'a>,
    recipients: &[Recipient],
    corrects: bool,
    names: &mut Vec<String>,
) -> Vec<(Page<'a>, Block)> {
    let mut pages = Vec::new();
    let mut first = 0;
    for recipient in recipients {
        let page = Page::new(sheets, *recipient, recipients, corrects, names);
        let all = (0..sheets.framework.parameters.len()).map(ParameterIndex::new);
        let block = match page.unpreviewed {
            Some("preview_by_entity") => Block::new(first, page.parameters.clone(), None),
            Some(_) => Block::new(first, Vec::new(), None),
            None if page.has_index() => Block::new(first, all.collect(), Some(sheets.framework)),
            None => Block::new(first, page.parameters.clone(), None),
        };
        first = block.end();
        pages.push((page, block));
    }
    pages
}

impl<'a> Page<'a> {
    fn new(
        sheets: &'a Sheets<'a>,
        recipient: Recipient,
        recipients: &[Recipient],
        corrects: bool,
        names: &mut Vec<String>,
    ) -> Self {
        let (id, title, parameters) = match recipient {
            Recipient::Service(at) => {
                let service = sheets.round.service(at);
                (service.id.as_str(), service.title(&sheets.speech.texts), sheets.parameters(at))
            }
            Recipient::Entity(at) => {
                let entity = sheets.round.entity(at);
                (entity.id.as_str(), entity.title.get(&sheets.speech.texts), sheets.entity_parameters())
            }
        };
        let unpreviewed = unpreviewed(sheets, recipient, recipients, corrects);
        Self { sheets, recipient, id, title, name: sheet_name(id, names), parameters, unpreviewed }
    }

    /// Whether the sheet has an index: what is asked of an entity alone has none.
    fn has_index(&self) -> bool {
        matches!(self.recipient, Recipient::Service(_)) && self.unpreviewed.is_none()
    }

    fn applies(&self, at: ParameterIndex) -> bool {
        match self.recipient {
            Recipient::Service(service) => self.sheets.round.applies(self.sheets.framework, service, at),
            Recipient::Entity(_) => true,
        }
    }

    /// How many questions the sheet asks.
    fn asked(&self) -> usize {
        self.parameters.iter().filter(|at| self.applies(**at)).count()
    }

    /// The formula of how many are answered.
    fn filled(&self) -> String {
        let last = FIRST + u32::try_from(self.parameters.len()).unwrap_or(0);
        format!("COUNTA('{}'!$F${}:$F${last})", self.name, FIRST + 1)
    }

    fn own_source(&self, at: ParameterIndex) -> Option<Source> {
        let row = self.parameters.iter().position(|own| *own == at)? + FIRST as usize + 1;
        let cell = |letter: char| format!("'{}'!${letter}${row}", self.name);
        Some(Source { answer: cell('F'), evidence: cell('G') })
    }

    /// Where a parameter is answered: here, or in the sheet of the entity; none where it does not apply.
    fn source(&self, at: ParameterIndex, pages: &[(Page<'_>, Block)]) -> Option<Source> {
        if !self.applies(at) {
            return None;
        }
        let of_entity = || {
            let Recipient::Service(service) = self.recipient else { return None };
            let entity = Recipient::Entity(self.sheets.round.service(service).entity?);
            pages.iter().find(|(page, _)| page.recipient == entity)?.0.own_source(at)
        };
        self.own_source(at).or_else(of_entity)
    }

    fn fill(
        &self,
        sheet: &mut Worksheet,
        stamp: &Stamp,
        block: &Block,
        lists: &Lists<'_>,
    ) -> Result<(), XlsxError> {
        self.fill_head(sheet, stamp, block)?;
        for (row, at) in (FIRST..).zip(&self.parameters) {
            self.fill_row(sheet, row, *at)?;
            if self.applies(*at) {
                self.fill_open(sheet, row, *at, block.score(*at).filter(|_| self.unpreviewed.is_none()))?;
                rules::add(sheet, row, *at, self.sheets, lists)?;
            }
        }
        sheet.set_freeze_panes(FIRST, QUESTION)?;
        sheet.set_selection(FIRST, ANSWER, FIRST, ANSWER)?;
        set_print(sheet, FIRST - 1)?;
        sheet.protect_with_options(&protection());
        Ok(())
    }

    fn fill_head(&self, sheet: &mut Worksheet, stamp: &Stamp, block: &Block) -> Result<(), XlsxError> {
        let say = |key| self.sheets.speech.say(key);
        let bold = Format::new().set_bold().set_font_size(14).set_font_color(Color::RGB(SHADE));
        let small = Format::new().set_font_size(7).set_font_color(Color::RGB(0x6A737C));
        let strong = Format::new().set_bold().set_align(FormatAlign::Left);
        sheet.write_string_with_format(0, GROUP, cut(self.title, LONGEST), &bold)?;
        sheet.write_string_with_format(1, GROUP, stamp.text(), &small)?;
        let asked = self.asked();
        let filled = format!("={}&\" / {asked}\"", self.filled());
        sheet.write_string_with_format(2, GROUP, say("progress"), &small)?;
        sheet.write_formula_with_format(2, QUESTION, Formula::new(filled), &strong)?;
        match self.unpreviewed {
            _ if matches!(self.recipient, Recipient::Entity(_)) => {}
            Some(reason) => drop(sheet.write_string_with_format(2, ANSWERS, say(reason), &small)?),
            None => {
                let label = format!("{}:", say("index_so_far"));
                let index = Formula::new(block.index());
                let figure = figure_format(self.sheets).set_bold().set_align(FormatAlign::Left);
                sheet.write_string_with_format(2, ANSWERS, label, &strong.set_align(FormatAlign::Right))?;
                sheet.write_formula_with_format(2, CHECK, index, &figure)?;
            }
        }
        sheet.set_row_height(0, 24)?;
        sheet.set_row_height(FIRST - 1, 30)?;
        for (column, (key, width)) in (0u16..).zip(HEADER.into_iter().zip(WIDTHS)) {
            let entity = column == SUBJECT && matches!(self.recipient, Recipient::Entity(_));
            let title = say(if entity { "sheet_entity" } else { key });
            sheet.write_string_with_format(FIRST - 1, column, title, &header_format())?;
            sheet.set_column_width(column, width)?;
        }
        sheet.set_column_hidden(SUBJECT)?;
        Ok(())
    }

    /// What is asked, and how it is answered and verified; grey with the reason where it does not apply.
    fn fill_row(&self, sheet: &mut Worksheet, row: u32, at: ParameterIndex) -> Result<(), XlsxError> {
        let (framework, speech) = (self.sheets.framework, self.sheets.speech);
        let parameter = framework.parameter(at);
        let applies = self.applies(at);
        let format = if applies { self.line(row) } else { grey(self.line(row)) };
        let answers = if applies {
            self.sheets.answers(at, "\n")
        } else {
            format!("{}: {}", speech.say("does_not_apply"), speech.conditions(framework, at))
        };
        let check = parameter.verification.as_ref().map_or("", |text| text.get(&speech.texts));
        let question = parameter.question.get(&speech.texts);
        let group = framework.group(parameter.group);
        let group = format!("{} {}", group.id, group.title.get(&speech.texts));
        let group = if row == FIRST || self.begins_group(row) { group.trim() } else { "" };
        let texts =
            [(GROUP, group), (QUESTION, question), (ANSWERS, &answers), (CHECK, check), (SUBJECT, self.id)];
        for (column, text) in texts {
            sheet.write_string_with_format(row, column, cut(text, LONGEST), &format)?;
        }
        let lines = texts[..4].iter().map(|(column, text)| lines(text, WIDTHS[usize::from(*column)]));
        sheet.set_row_height(row, LINE * lines.max().unwrap_or(1).min(30) as f64 + 3.0)?;
        sheet.write_string_with_format(row, ID, &parameter.id, &format.clone().set_bold())?;
        if !applies {
            for column in [ANSWER, EVIDENCE, COMMENT, SCORE] {
                sheet.write_blank(row, column, &format)?;
            }
        }
        Ok(())
    }

    /// The cells to be filled, and the score beside them.
    fn fill_open(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        at: ParameterIndex,
        score: Option<String>,
    ) -> Result<(), XlsxError> {
        let framework = self.sheets.framework;
        let parameter = framework.parameter(at);
        let open = self.line(row).set_unlocked().set_background_color(Color::RGB(0xFFF8DC));
        // As text, so that a spreadsheet makes no date of `5/12`.
        let text = open.clone().set_num_format("@");
        let of_answer = match &framework.scale(at).kind {
            ScaleKind::Number(number) if !number.ratio && !parameter.optional => &open,
            ScaleKind::Number(_) | ScaleKind::Choices(_) | ScaleKind::Multiple(_) => &text,
        };
        for (column, format) in [(ANSWER, of_answer), (EVIDENCE, &text), (COMMENT, &text)] {
            sheet.write_blank(row, column, format)?;
        }
        let figure = figure_format(self.sheets).set_align(FormatAlign::Top);
        let score = Formula::new(score.unwrap_or_else(|| "=\"\"".to_owned()));
        sheet.write_formula_with_format(row, SCORE, score, &bordered(figure, self.begins_group(row)))?;
        // What cannot be read stands out, and evidence that is asked for and lacks.
        let red = Format::new().set_background_color(Color::RGB(0xF8CBAD));
        let unread = ConditionalFormatFormula::new().set_rule(format!("=$I{}=\"?\"", row + 1).as_str());
        sheet.add_conditional_format(row, ANSWER, row, ANSWER, &unread.set_format(&red))?;
        if parameter.evidence == EvidenceRule::Required {
            let rule = format!("=AND(LEN($F{0})>0,LEN($G{0})=0)", row + 1);
            let lacking = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(&red);
            sheet.add_conditional_format(row, EVIDENCE, row, EVIDENCE, &lacking)?;
        }
        Ok(())
    }

    /// Whether the row is the first of its group.
    fn begins_group(&self, row: u32) -> bool {
        let group = |at: u32| {
            let at = self.parameters.get(at as usize)?;
            Some(self.sheets.framework.parameter(*at).group)
        };
        row > FIRST && group(row - FIRST) != group(row - FIRST - 1)
    }

    /// A row's cells: a line above, a stronger one where a group begins.
    fn line(&self, row: u32) -> Format {
        bordered(
            Format::new().set_text_wrap().set_font_size(10).set_align(FormatAlign::Top),
            self.begins_group(row),
        )
    }
}

/// Why a recipient's index cannot be worked out in its workbook, as the key of a text.
fn unpreviewed(
    sheets: &Sheets<'_>,
    recipient: Recipient,
    recipients: &[Recipient],
    corrects: bool,
) -> Option<&'static str> {
    let framework = sheets.framework;
    let too_long = |kind: &ScaleKind| match kind {
        ScaleKind::Multiple(options) => options.len() > MOST_OPTIONS,
        ScaleKind::Choices(_) | ScaleKind::Number(_) => false,
    };
    if corrects {
        return Some("preview_later_stage");
    }
    if framework.scales.iter().any(|scale| too_long(&scale.kind)) {
        return Some("preview_many_options");
    }
    let Recipient::Service(service) = recipient else { return None };
    let entity = Recipient::Entity(sheets.round.service(service).entity?);
    let asks = framework.parameters.iter().any(|parameter| parameter.asked == Asked::Entity);
    (asks && !recipients.contains(&entity)).then_some("preview_by_entity")
}

/// How many lines a text takes in a column; no program that writes workbooks can measure letters.
fn lines(text: &str, width: f64) -> usize {
    let of = |line: &str| (line.chars().count() as f64 / (width * 1.15)).ceil().max(1.0) as usize;
    text.lines().map(of).sum()
}

/// One page wide on A4, its header on every page, and its name and number below.
fn set_print(sheet: &mut Worksheet, header: u32) -> Result<(), XlsxError> {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_repeat_rows(header, header)?;
    sheet.set_footer("&L&A&R&P / &N");
    sheet.set_screen_gridlines(false);
    Ok(())
}

fn header_format() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_font_color(Color::White)
        .set_background_color(Color::RGB(SHADE))
}

fn figure_format(sheets: &Sheets<'_>) -> Format {
    let decimals = sheets.framework.policy.decimals as usize;
    let shape = if decimals == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(decimals)) };
    Format::new().set_num_format(shape).set_align(FormatAlign::Right)
}

fn bordered(format: Format, strong: bool) -> Format {
    let border = if strong { FormatBorder::Medium } else { FormatBorder::Thin };
    format.set_border_top(border).set_border_color(Color::RGB(if strong { SHADE } else { RULE }))
}

fn grey(format: Format) -> Format {
    format.set_font_color(Color::RGB(0x6A737C)).set_background_color(Color::RGB(GREY))
}

/// Only what is open can be filled; rows and columns may be sized for reading.
fn protection() -> ProtectionOptions {
    ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::default() }
}

/// The beginning of a text that is too long, marked as cut.
pub(super) fn cut(text: &str, longest: usize) -> String {
    let fits = text.chars().count() <= longest;
    if fits { text.to_owned() } else { text.chars().take(longest - 1).chain(['…']).collect() }
}
