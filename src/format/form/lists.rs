//! The hidden sheet of what answers are compared with: the words that drop-downs offer, every spelling
//! of every option, and what options and numbers are worth.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::cut;
use crate::framework::Framework;
use crate::id::ParameterIndex;
use crate::scale::{Choice, NumberScale, Scale, ScaleKind};
use crate::source::column_letters;
use crate::text::fold;
use crate::view::template::Sheets;

/// The sheet's name.
pub const NAME: &str = "lists";
/// The longest word that a drop-down shows, or that anyone types.
const LONGEST_WORD: usize = 250;
/// Columns of words before those of the scales: for what does not apply, and for nothing chosen.
const WORDS: usize = 2;
/// Columns of each scale: what is offered, spellings (or points), their options (or scores), scores.
const OF_SCALE: usize = 4;

/// The lists of a framework's scales.
pub struct Lists<'a> {
    sheets: &'a Sheets<'a>,
    framework: &'a Framework,
}

impl<'a> Lists<'a> {
    /// The lists for sheets.
    pub fn new(sheets: &'a Sheets<'a>) -> Self {
        Self { sheets, framework: sheets.framework }
    }

    /// Adds the sheet.
    ///
    /// # Errors
    /// There are more scales than a sheet has room for.
    pub fn add(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(NAME)?;
        sheet.set_hidden(true);
        sheet.protect();
        write_words(sheet, 0, self.framework.words.not_applicable.iter().map(|word| fold(word)))?;
        write_words(sheet, 1, self.none_words().into_iter())?;
        for at in 0..self.framework.scales.len() {
            self.fill_scale(sheet, at)?;
        }
        for (at, scale) in self.framework.scales.iter().enumerate() {
            if matches!(scale.kind, ScaleKind::Multiple(_)) {
                workbook.define_name(spelling_name(at), &format!("={}", self.spellings(at)))?;
            }
        }
        Ok(())
    }

    fn fill_scale(&self, sheet: &mut Worksheet, at: usize) -> Result<(), XlsxError> {
        let scale = &self.framework.scales[at];
        match &scale.kind {
            ScaleKind::Number(number) => {
                for (row, (x, y)) in (0u32..).zip(&number.points) {
                    sheet.write_number(row, column(at, 1), float(x))?;
                    sheet.write_number(row, column(at, 2), float(y))?;
                }
            }
            ScaleKind::Choices(choices) | ScaleKind::Multiple(choices) => {
                let offered = choices.iter().map(|choice| self.word(choice));
                write_words(sheet, column(at, 0), offered.chain(self.not_applicable()))?;
                for (row, (spelling, option)) in (0u32..).zip(spellings(scale)) {
                    sheet.write_string(row, column(at, 1), spelling)?;
                    sheet.write_number(row, column(at, 2), option as f64)?;
                }
                for (row, choice) in (0u32..).zip(choices) {
                    sheet.write_number(row, column(at, 3), float(&choice.score))?;
                }
            }
        }
        Ok(())
    }

    /// An option as it is offered; the short spelling where its title is long.
    fn word(&self, choice: &Choice) -> String {
        let title = choice.title.as_ref().map(|title| title.get(&self.sheets.speech.texts));
        let title = title.filter(|title| title.chars().count() <= LONGEST_WORD);
        cut(title.unwrap_or(&choice.answer), LONGEST_WORD)
    }

    fn not_applicable(&self) -> Option<String> {
        self.sheets.not_applicable().map(str::to_owned)
    }

    /// What a parameter's drop-down offers: with "not applicable" at the end where that may be said.
    pub fn offered(&self, at: ParameterIndex) -> String {
        let parameter = self.framework.parameter(at);
        let optional = parameter.optional && self.not_applicable().is_some();
        range(column(parameter.scale, 0), 0, self.framework.scale(at).options().len() + usize::from(optional))
    }

    /// The words for "not applicable".
    pub fn not_applicable_words(&self) -> String {
        range(0, 0, self.framework.words.not_applicable.len())
    }

    /// The words for nothing chosen.
    pub fn nothing_words(&self) -> String {
        range(1, 0, self.none_words().len())
    }

    /// The words that a parameter takes beside its scale's own answers.
    pub fn words(&self, optional: bool, several: bool) -> Option<String> {
        let rows = self.framework.words.not_applicable.len().max(self.none_words().len());
        match (optional, several) {
            (true, true) => Some(format!("{NAME}!$A$1:$B${rows}")),
            (true, false) => Some(self.not_applicable_words()),
            (false, true) => Some(self.nothing_words()),
            (false, false) => None,
        }
    }

    fn none_words(&self) -> Vec<String> {
        let words = self.framework.words.none.iter().map(|word| fold(word));
        words.filter(|word| !is_several(word)).collect()
    }

    /// Every spelling of a scale's options, or the points of its numbers.
    pub fn spellings(&self, scale: usize) -> String {
        range(column(scale, 1), 0, self.length(scale))
    }

    /// The spellings of one option, counted from 1; none where all of them are read as another.
    pub fn spellings_of(&self, scale: usize, option: usize) -> Option<String> {
        let all = spellings(&self.framework.scales[scale]);
        let first = all.iter().position(|(_, of)| *of == option)?;
        let count = all.iter().filter(|(_, of)| *of == option).count();
        Some(range(column(scale, 1), first, count))
    }

    /// The option of each spelling, counted from 1, or the score of each point.
    pub fn options(&self, scale: usize) -> String {
        range(column(scale, 2), 0, self.length(scale))
    }

    /// The score of each option.
    pub fn scores(&self, scale: usize) -> String {
        range(column(scale, 3), 0, self.framework.scales[scale].options().len())
    }

    fn length(&self, scale: usize) -> usize {
        let scale = &self.framework.scales[scale];
        match &scale.kind {
            ScaleKind::Number(NumberScale { points, .. }) => points.len(),
            ScaleKind::Choices(_) | ScaleKind::Multiple(_) => spellings(scale).len(),
        }
    }
}

/// The name by which a rule calls the spellings of a scale: rules have room for 255 characters.
pub fn spelling_name(scale: usize) -> String {
    format!("_s{scale}")
}

/// The folded spellings of a scale's options, each with its option's number, counted from 1.
fn spellings(scale: &Scale) -> Vec<(String, usize)> {
    let several = matches!(scale.kind, ScaleKind::Multiple(_));
    let mut list: Vec<(String, usize)> = Vec::new();
    for (option, choice) in (1..).zip(scale.options()) {
        for spelling in choice.spellings().map(fold) {
            // The first option keeps a spelling that two share, as when answers are read.
            let is_new = !list.iter().any(|(known, _)| *known == spelling);
            let is_typed = !spelling.is_empty() && spelling.chars().count() <= LONGEST_WORD;
            if is_new && is_typed && !(several && is_several(&spelling)) {
                list.push((spelling, option));
            }
        }
    }
    list
}

/// Whether a word is read as several.
fn is_several(word: &str) -> bool {
    word.contains([';', '|'])
}

fn write_words(
    sheet: &mut Worksheet,
    column: u16,
    words: impl Iterator<Item = String>,
) -> Result<(), XlsxError> {
    for (row, word) in (0u32..).zip(words) {
        sheet.write_string(row, column, word)?;
    }
    Ok(())
}

fn column(scale: usize, part: usize) -> u16 {
    u16::try_from(WORDS + OF_SCALE * scale + part).unwrap_or(u16::MAX)
}

/// Rows of a column, as formulas name them; at least one.
fn range(column: u16, first: usize, rows: usize) -> String {
    let letters = column_letters(usize::from(column));
    format!("{NAME}!${letters}${}:${letters}${}", first + 1, first + rows.max(1))
}

/// A decimal as the nearest float, which is all that a spreadsheet counts in.
pub fn float(decimal: &impl ToString) -> f64 {
    decimal.to_string().parse().unwrap_or(0.0)
}
