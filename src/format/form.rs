//! Answer sheets as a workbook: drop-downs, limits and guidance beside every cell to be filled, all else
//! protected, and how much is filled.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, ExcelDateTime,
    Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError,
};

use super::xlsx::sheet_name;
use crate::id::{EntityIndex, ParameterIndex, ServiceIndex};
use crate::scale::{Choice, ScaleKind};
use crate::source::column_letters;
use crate::stamp::Stamp;
use crate::view::template::Sheets;

/// The rows above the first question: title, stamp, progress, header.
const FIRST: u32 = 4;
/// The columns of a sheet.
const SUBJECT: u16 = 0;
const ID: u16 = 1;
const QUESTION: u16 = 2;
const ANSWERS: u16 = 3;
const CHECK: u16 = 4;
const ANSWER: u16 = 5;
const EVIDENCE: u16 = 6;
const COMMENT: u16 = 7;
/// The longest text that a cell takes, in characters of UTF-16; a question is cut well below it.
const LONGEST: usize = 8_000;
/// The longest message of a drop-down.
const LONGEST_MESSAGE: usize = 250;
/// The sheet of the words that drop-downs offer.
const LISTS: &str = "lists";

/// Whom a sheet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A service.
    Service(ServiceIndex),
    /// An entity, for what is asked of entities.
    Entity(EntityIndex),
}

/// A workbook with a sheet for each recipient.
///
/// # Errors
/// A limit of workbooks is passed, such as the number of rows.
pub fn write(sheets: &Sheets<'_>, recipients: &[Recipient], stage: &str) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let epoch = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&epoch));
    let mut names = vec![LISTS.to_owned()];
    for recipient in recipients {
        let (id, title) = named(sheets, *recipient);
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(id, &mut names))?;
        let stamp = sheets.stamp(stage, id);
        Form { sheets, recipient: *recipient, id, title, stamp }.fill(sheet)?;
    }
    let lists = workbook.add_worksheet();
    lists.set_name(LISTS)?;
    fill_lists(sheets, lists)?;
    workbook.save_to_buffer()
}

fn named<'a>(sheets: &Sheets<'a>, recipient: Recipient) -> (&'a str, &'a str) {
    let (id, title) = match recipient {
        Recipient::Service(at) => {
            let service = sheets.round.service(at);
            (&service.id, &service.title)
        }
        Recipient::Entity(at) => {
            let entity = sheets.round.entity(at);
            (&entity.id, &entity.title)
        }
    };
    (id, title.get(&sheets.speech.texts))
}

/// The words of each parameter's drop-down, a column a parameter.
fn fill_lists(sheets: &Sheets<'_>, lists: &mut Worksheet) -> Result<(), XlsxError> {
    lists.set_hidden(true);
    lists.protect();
    for at in (0..sheets.framework.parameters.len()).map(ParameterIndex::new) {
        let column = list_column(at);
        for (row, word) in (0u32..).zip(offered(sheets, at)) {
            lists.write_string(row, column, word)?;
        }
    }
    Ok(())
}

fn list_column(at: ParameterIndex) -> u16 {
    u16::try_from(at.get()).unwrap_or(u16::MAX)
}

/// What a drop-down offers, "not applicable" where that may be said.
fn offered(sheets: &Sheets<'_>, at: ParameterIndex) -> Vec<String> {
    let scale = sheets.framework.scale(at);
    let word = |choice: &Choice| {
        let title = choice.title.as_ref().map(|title| title.get(&sheets.speech.texts));
        // A drop-down shows some 250 characters; the short spelling is read as well.
        let title = title.filter(|title| title.chars().count() <= LONGEST_MESSAGE);
        title.unwrap_or(&choice.answer).to_owned()
    };
    let mut words: Vec<String> = match &scale.kind {
        ScaleKind::Choices(choices) => choices.iter().map(word).collect(),
        ScaleKind::Number(_) | ScaleKind::Multiple(_) => Vec::new(),
    };
    if sheets.framework.parameter(at).optional {
        words.extend(sheets.not_applicable().map(str::to_owned));
    }
    words
}

struct Form<'a> {
    sheets: &'a Sheets<'a>,
    recipient: Recipient,
    id: &'a str,
    title: &'a str,
    stamp: Stamp,
}

impl Form<'_> {
    fn parameters(&self) -> Vec<ParameterIndex> {
        match self.recipient {
            Recipient::Service(service) => self.sheets.parameters(service),
            Recipient::Entity(_) => self.sheets.entity_parameters(),
        }
    }

    fn applies(&self, at: ParameterIndex) -> bool {
        match self.recipient {
            Recipient::Service(service) => self.sheets.round.applies(self.sheets.framework, service, at),
            Recipient::Entity(_) => true,
        }
    }

    fn fill(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let parameters = self.parameters();
        self.fill_head(sheet, &parameters)?;
        for (row, at) in (FIRST..).zip(&parameters) {
            self.fill_row(sheet, row, *at)?;
        }
        sheet.set_freeze_panes(FIRST, QUESTION)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(FIRST - 1, FIRST - 1)?;
        sheet.set_footer("&L&A&R&P / &N");
        sheet.protect();
        Ok(())
    }

    fn fill_head(&self, sheet: &mut Worksheet, parameters: &[ParameterIndex]) -> Result<(), XlsxError> {
        let say = |key| self.sheets.speech.say(key);
        let bold = Format::new().set_bold().set_font_size(13);
        let small = Format::new().set_font_size(7).set_font_color(Color::RGB(0x6A737C));
        let head = Format::new().set_bold().set_text_wrap().set_background_color(Color::RGB(0xDDE6EE));
        sheet.write_string_with_format(0, ID, self.title, &bold)?;
        sheet.write_string_with_format(1, ID, self.stamp.text(), &small)?;
        let asked = parameters.iter().filter(|at| self.applies(**at)).count();
        let last = FIRST + u32::try_from(parameters.len()).unwrap_or(0);
        let filled = format!("=COUNTA(F{}:F{last})&\" / {asked}\"", FIRST + 1);
        sheet.write_string(2, QUESTION, say("progress"))?;
        sheet.write_formula(2, ANSWERS, Formula::new(filled).set_result(format!("0 / {asked}")))?;
        let subject = match self.recipient {
            Recipient::Service(_) => "service",
            Recipient::Entity(_) => "entity",
        };
        let own =
            [subject, "parameter", "question", "answers", "verification", "answer", "evidence", "comment"];
        let widths = [8.0, 10.0, 45.0, 40.0, 45.0, 30.0, 30.0, 30.0];
        for (column, (title, width)) in (0u16..).zip(own.into_iter().zip(widths)) {
            sheet.write_string_with_format(FIRST - 1, column, title, &head)?;
            sheet.set_column_width(column, width)?;
        }
        sheet.set_column_hidden(SUBJECT)?;
        Ok(())
    }

    fn fill_row(&self, sheet: &mut Worksheet, row: u32, at: ParameterIndex) -> Result<(), XlsxError> {
        let (framework, speech) = (self.sheets.framework, self.sheets.speech);
        let parameter = framework.parameter(at);
        let applies = self.applies(at);
        let fixed = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let grey =
            fixed.clone().set_font_color(Color::RGB(0x6A737C)).set_background_color(Color::RGB(0xE3E3E3));
        let fixed = if applies { fixed } else { grey.clone() };
        let why = speech.say("does_not_apply");
        let answers = if applies { self.sheets.answers(at) } else { why.to_owned() };
        let check = parameter.verification.as_ref().map_or("", |text| text.get(&speech.texts));
        let question = parameter.question.get(&speech.texts);
        let texts = [
            (SUBJECT, self.id),
            (ID, &parameter.id),
            (QUESTION, question),
            (ANSWERS, &answers),
            (CHECK, check),
        ];
        for (column, text) in texts {
            sheet.write_string_with_format(row, column, cut(text, LONGEST), &fixed)?;
        }
        let open = Format::new()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_unlocked()
            .set_background_color(Color::RGB(0xFFF8DC));
        // As text, so that a spreadsheet makes no date of `5/12`.
        let open_text = open.clone().set_num_format("@");
        let of_answer = match &framework.scale(at).kind {
            ScaleKind::Number(number) if !number.ratio => &open,
            ScaleKind::Number(_) | ScaleKind::Choices(_) | ScaleKind::Multiple(_) => &open_text,
        };
        for (column, format) in [(ANSWER, of_answer), (EVIDENCE, &open), (COMMENT, &open)] {
            sheet.write_blank(row, column, if applies { format } else { &grey })?;
        }
        if applies {
            sheet.add_data_validation(row, ANSWER, row, ANSWER, &self.rule(at)?)?;
        }
        Ok(())
    }

    /// What a spreadsheet lets people type as the answer.
    fn rule(&self, at: ParameterIndex) -> Result<DataValidation, XlsxError> {
        let offered = offered(self.sheets, at).len();
        let message = cut(&self.sheets.answers(at), LONGEST_MESSAGE);
        let float = |decimal: rust_decimal::Decimal| decimal.to_string().parse::<f64>().unwrap_or(0.0);
        let rule = match &self.sheets.framework.scale(at).kind {
            ScaleKind::Choices(_) => {
                let letters = column_letters(usize::from(list_column(at)));
                let range = format!("={LISTS}!${letters}$1:${letters}${offered}");
                DataValidation::new().allow_list_formula(Formula::new(range))
            }
            // What is not a plain number may be an honest answer there: only the message helps.
            ScaleKind::Number(number) if number.ratio || offered > 0 => {
                DataValidation::new().allow_any_value()
            }
            ScaleKind::Number(number) => {
                let limits = (number.min.map(float), number.max.map(float));
                let rule = match limits {
                    (Some(min), Some(max)) => DataValidationRule::Between(min, max),
                    (Some(min), None) => DataValidationRule::GreaterThanOrEqualTo(min),
                    (None, Some(max)) => DataValidationRule::LessThanOrEqualTo(max),
                    (None, None) => DataValidationRule::GreaterThanOrEqualTo(-1e15),
                };
                DataValidation::new().allow_decimal_number(rule)
            }
            ScaleKind::Multiple(_) => DataValidation::new().allow_any_value(),
        };
        let rule = rule.set_input_message(&message)?.set_error_message(&message)?;
        Ok(rule.set_error_style(DataValidationErrorStyle::Stop))
    }
}

/// The beginning of a text that is too long, marked as cut.
fn cut(text: &str, longest: usize) -> String {
    let fits = text.chars().count() <= longest;
    if fits { text.to_owned() } else { text.chars().take(longest - 1).chain(['…']).collect() }
}
