//! What a spreadsheet lets people type as an answer, and what it says when they type another thing.

use rust_decimal::Decimal;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Formula, Worksheet, XlsxError,
};

use super::lists::{self, Lists, float};
use super::{ANSWER, EVIDENCE, LONGEST_MESSAGE, cut};
use crate::framework::EvidenceRule;
use crate::id::ParameterIndex;
use crate::scale::{NumberScale, ScaleKind};
use crate::view::template::Sheets;

/// The longest formula that a rule takes.
const LONGEST_RULE: usize = 255;

/// Adds the rules of a row.
///
/// # Errors
/// A limit of workbooks is passed.
pub fn add(
    sheet: &mut Worksheet,
    row: u32,
    at: ParameterIndex,
    sheets: &Sheets<'_>,
    lists: &Lists<'_>,
) -> Result<(), XlsxError> {
    let message = cut(&sheets.answers(at, "; "), LONGEST_MESSAGE);
    let rule = rule(row, at, sheets, lists);
    let rule = rule.set_input_message(&message)?.set_error_message(&message)?;
    let rule = rule.set_error_style(DataValidationErrorStyle::Stop);
    sheet.add_data_validation(row, ANSWER, row, ANSWER, &rule)?;
    let evidence = match sheets.framework.parameter(at).evidence {
        EvidenceRule::Required => "evidence_required",
        EvidenceRule::Recommended => "evidence_recommended",
        EvidenceRule::Unasked => return Ok(()),
    };
    let note = cut(sheets.speech.say(evidence), LONGEST_MESSAGE);
    let rule = DataValidation::new().allow_any_value().set_input_message(&note)?;
    sheet.add_data_validation(row, EVIDENCE, row, EVIDENCE, &rule)?;
    Ok(())
}

fn rule(row: u32, at: ParameterIndex, sheets: &Sheets<'_>, lists: &Lists<'_>) -> DataValidation {
    let parameter = sheets.framework.parameter(at);
    let scale = sheets.framework.scale(at);
    let cell = format!("F{}", row + 1);
    let words = lists.words(parameter.optional, matches!(scale.kind, ScaleKind::Multiple(_)));
    match &scale.kind {
        ScaleKind::Choices(_) => {
            DataValidation::new().allow_list_formula(Formula::new(format!("={}", lists.offered(at))))
        }
        ScaleKind::Number(number) if number.ratio || parameter.optional => {
            custom(&text_number(number, &cell), words.as_deref(), &cell)
        }
        ScaleKind::Number(number) => DataValidation::new().allow_decimal_number(limits(number)),
        ScaleKind::Multiple(_) => custom(&several(parameter.scale, &cell), words.as_deref(), &cell),
    }
}

fn limits(number: &NumberScale) -> DataValidationRule<f64> {
    match (number.min.as_ref().map(float), number.max.as_ref().map(float)) {
        (Some(min), Some(max)) => DataValidationRule::Between(min, max),
        (Some(min), None) => DataValidationRule::GreaterThanOrEqualTo(min),
        (None, Some(max)) => DataValidationRule::LessThanOrEqualTo(max),
        (None, None) => DataValidationRule::GreaterThanOrEqualTo(-1e15),
    }
}

/// A rule by a formula, or none where it is too long for one: the message is there all the same.
fn custom(formula: &str, words: Option<&str>, cell: &str) -> DataValidation {
    let formula = match words {
        Some(words) => format!("=IF(COUNTIF({words},{cell})>0,TRUE,IFERROR({formula},FALSE))"),
        None => format!("=IFERROR({formula},FALSE)"),
    };
    if formula.chars().count() > LONGEST_RULE {
        return DataValidation::new().allow_any_value();
    }
    DataValidation::new().allow_custom(Formula::new(formula))
}

/// A number within the limits, with a comma or point, or a share such as 48/50.
fn text_number(number: &NumberScale, cell: &str) -> String {
    let bare = format!("SUBSTITUTE(SUBSTITUTE({cell},\",\",\".\"),\"%\",\"\")");
    let value = format!("_xlfn.NUMBERVALUE({bare},\".\",\" \")");
    let plain = match (number.min, number.max) {
        (Some(min), Some(max)) => {
            let middle = ((min + max) / Decimal::TWO).normalize();
            format!("ABS({value}-{middle})<={}", ((max - min) / Decimal::TWO).normalize())
        }
        (Some(min), None) => format!("{value}>={}", min.normalize()),
        (None, Some(max)) => format!("{value}<={}", max.normalize()),
        (None, None) => format!("ISNUMBER({value})"),
    };
    if !number.ratio {
        return plain;
    }
    let slash = format!("FIND(\"/\",{cell})");
    let share = format!("VALUE(LEFT({cell},{slash}-1))<=VALUE(MID({cell},{slash}+1,15))");
    format!("IF(ISERR({slash}),{plain},{share})")
}

/// As many spellings are found between the separators as there are parts.
fn several(scale: usize, cell: &str) -> String {
    let dotted = format!("SUBSTITUTE(SUBSTITUTE({cell},\"İ\",\"i\"),\"ı\",\"i\")");
    let parts = format!("\";\"&SUBSTITUTE({dotted},\"; \",\";\")&\";\"");
    let found = format!("SEARCH(\";\"&{}&\";\",{parts})", lists::spelling_name(scale));
    format!("SUMPRODUCT(--ISNUMBER({found}))=LEN({cell})-LEN(SUBSTITUTE({cell},\";\",\"\"))+1")
}
