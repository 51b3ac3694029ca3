//! The first sheet of a workbook: how to fill the others, and how far each is with its index so far.

use rust_xlsxwriter::{
    Color, ConditionalFormatDataBar, Format, FormatAlign, FormatBorder, Formula, Url, Workbook, Worksheet,
    XlsxError,
};

use super::calculation::Block;
use super::{LONGEST, Page, RULE, SHADE, cut};
use crate::id::GroupIndex;
use crate::view::template::Sheets;

/// How to fill the sheets, line by line.
const STEPS: [&str; 5] = ["fill_answers", "fill_open", "fill_evidence", "fill_comments", "fill_return"];
/// The columns before those of groups: sheet, title, answered, asked, index.
const OWN: u16 = 5;
/// The most groups that stand beside the index.
const MOST_GROUPS: usize = 20;

/// Fills the overview of a workbook.
pub struct Overview<'a> {
    /// What sheets are made from.
    pub sheets: &'a Sheets<'a>,
    /// The sheets, each with what works its scores out.
    pub pages: &'a [(Page<'a>, Block)],
}

impl Overview<'_> {
    /// Adds the sheet.
    ///
    /// # Errors
    /// A limit of workbooks is passed.
    pub fn add(&self, workbook: &mut Workbook, name: &str) -> Result<(), XlsxError> {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        sheet.set_formula_result_default("");
        let head = self.fill_words(sheet)?;
        self.fill_header(sheet, head)?;
        for (row, (page, block)) in (head + 1..).zip(self.pages) {
            self.fill_row(sheet, row, page, block)?;
        }
        self.set_layout(sheet, head)
    }

    fn groups(&self) -> &[GroupIndex] {
        let groups = self.sheets.framework.top_groups();
        &groups[..groups.len().min(MOST_GROUPS)]
    }

    /// What it is and how it is filled; the row where the table begins.
    fn fill_words(&self, sheet: &mut Worksheet) -> Result<u32, XlsxError> {
        let speech = self.sheets.speech;
        let title = Format::new().set_bold().set_font_size(16).set_font_color(Color::RGB(SHADE));
        let words = crate::view::heading(self.sheets.framework, self.sheets.round, speech);
        sheet.write_string_with_format(0, 0, cut(&words, LONGEST), &title)?;
        let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let last = OWN + self.groups().len() as u16;
        let notes = self.pages.iter().find_map(|(page, _)| page.unpreviewed);
        let preview = notes.unwrap_or("preview_note");
        for (row, key) in (2..).zip(STEPS.into_iter().chain([preview])) {
            sheet.merge_range(row, 0, row, last.max(OWN) - 1, speech.say(key), &plain)?;
            sheet.set_row_height(row, 18)?;
        }
        Ok(STEPS.len() as u32 + 4)
    }

    fn fill_header(&self, sheet: &mut Worksheet, row: u32) -> Result<(), XlsxError> {
        let speech = self.sheets.speech;
        let format = super::header_format();
        sheet.set_row_height(row, 62)?;
        let own = ["sheet", "sheet_title", "progress", "asked_count", "index_so_far"];
        let own = own.into_iter().map(|key| speech.say(key).to_owned());
        let groups = self.groups().iter().map(|at| {
            let group = self.sheets.framework.group(*at);
            cut(&format!("{} {}", group.id, group.title.get(&speech.texts)), LONGEST)
        });
        for (column, title) in (0u16..).zip(own.chain(groups)) {
            sheet.write_string_with_format(row, column, title, &format)?;
        }
        Ok(())
    }

    fn fill_row(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        page: &Page<'_>,
        block: &Block,
    ) -> Result<(), XlsxError> {
        let line = Format::new()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border_bottom(FormatBorder::Thin)
            .set_border_color(Color::RGB(RULE));
        let link = line
            .clone()
            .set_font_color(Color::RGB(SHADE))
            .set_underline(rust_xlsxwriter::FormatUnderline::Single);
        let url = Url::new(format!("internal:'{}'!A1", page.name));
        sheet.write_url_with_options(row, 0, &url, &page.name, "", Some(&link))?;
        sheet.write_string_with_format(row, 1, cut(page.title, LONGEST), &line)?;
        let filled = Formula::new(format!("={}", page.filled()));
        sheet.write_formula_with_format(row, 2, filled, &line)?;
        sheet.write_number_with_format(row, 3, page.asked() as f64, &line)?;
        let figure = super::figure_format(self.sheets).set_align(FormatAlign::Top).set_text_wrap();
        let figure = figure.set_border_bottom(FormatBorder::Thin).set_border_color(Color::RGB(RULE));
        let blank = || "=\"\"".to_owned();
        let index = if page.has_index() { block.index() } else { blank() };
        let groups = self.groups().iter().map(|at| block.group(*at).unwrap_or_else(blank));
        for (column, formula) in (4u16..).zip(std::iter::once(index).chain(groups)) {
            sheet.write_formula_with_format(row, column, Formula::new(formula), &figure)?;
        }
        Ok(())
    }

    fn set_layout(&self, sheet: &mut Worksheet, head: u32) -> Result<(), XlsxError> {
        let last = head + self.pages.len() as u32;
        for (column, width) in [(0, 24.0), (1, 44.0), (2, 15.0), (3, 11.0), (4, 19.0)] {
            sheet.set_column_width(column, width)?;
        }
        for column in (OWN..).take(self.groups().len()) {
            sheet.set_column_width(column, 16.0)?;
        }
        let bar = ConditionalFormatDataBar::new()
            .set_fill_color(Color::RGB(0x9CC3E6))
            .set_solid_fill(true)
            .set_minimum(rust_xlsxwriter::ConditionalFormatType::Number, 0)
            .set_maximum(rust_xlsxwriter::ConditionalFormatType::Number, 100);
        let columns = OWN - 1 + self.groups().len() as u16;
        sheet.add_conditional_format(head + 1, OWN - 1, last, columns, &bar)?;
        sheet.set_freeze_panes(head + 1, 2)?;
        super::set_print(sheet, head)?;
        sheet.protect_with_options(&super::protection());
        Ok(())
    }
}
