//! Pictures of tables in a workbook: charts beside them, and colours in their cells.

use rust_xlsxwriter::{
    Chart as Drawing, ChartFormat, ChartLine, ChartMarker, ChartMarkerType, ChartType,
    ConditionalFormat2ColorScale, ConditionalFormatType, Worksheet, XlsxError,
};

use crate::document::{Chart, Shape, Table};

/// Rows that a chart can show without their names running into each other.
const ROWS: usize = 40;
/// Height of a row of a chart, and of what is around them, in pixels.
const HEIGHTS: (u32, u32) = (22, 110);
/// The colours of a scale: what is lowest and what is highest.
const SCALE: (u32, u32) = (0xFFFFFF, 0x7FA8D0);

/// Draws a table on its own sheet.
pub fn draw(sheet: &mut Worksheet, name: &str, chart: &Chart, table: &Table) -> Result<(), XlsxError> {
    match &chart.shape {
        Shape::Heat { after } => colour(sheet, after, table),
        Shape::Bar { from: None, to, mark } => {
            let series: Vec<&str> = [Some(*to), *mark].into_iter().flatten().collect();
            insert(sheet, name, (chart, table), ChartType::Bar, &series)
        }
        Shape::Bar { from: Some(from), to, mark } => {
            let series: Vec<&str> = [Some(*from), Some(*to), *mark].into_iter().flatten().collect();
            insert(sheet, name, (chart, table), ChartType::Line, &series)
        }
    }
}

fn at(table: &Table, key: &str) -> Option<u16> {
    let position = table.columns.iter().position(|column| column.key == key)?;
    u16::try_from(position).ok()
}

/// Colours the figures after a column, the darker the higher, by one scale from 0 to 100.
fn colour(sheet: &mut Worksheet, after: &str, table: &Table) -> Result<(), XlsxError> {
    let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
    let first = at(table, after).map(|at| at + 1);
    let last = u16::try_from(table.columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    let Some(first) = first.filter(|first| *first <= last && rows > 0) else { return Ok(()) };
    let scale = || {
        ConditionalFormat2ColorScale::new()
            .set_minimum(ConditionalFormatType::Number, 0)
            .set_maximum(ConditionalFormatType::Number, 100)
            .set_minimum_color(SCALE.0)
            .set_maximum_color(SCALE.1)
    };
    sheet.add_conditional_format(1, first, rows, last, &scale())?;
    if let Some(index) = at(table, "index") {
        sheet.add_conditional_format(1, index, rows, index, &scale())?;
    }
    Ok(())
}

/// Puts a chart of some columns, each a series, to the right of a table.
fn insert(
    sheet: &mut Worksheet,
    name: &str,
    (chart, table): (&Chart, &Table),
    kind: ChartType,
    series: &[&str],
) -> Result<(), XlsxError> {
    let rows = u32::try_from(table.rows.len().min(ROWS)).unwrap_or(0);
    let Some(label) = at(table, chart.label).filter(|_| rows > 0) else { return Ok(()) };
    let mut drawing = Drawing::new(kind);
    let markers = [ChartMarkerType::Triangle, ChartMarkerType::Square, ChartMarkerType::Diamond];
    for (column, marker) in series.iter().filter_map(|key| at(table, key)).zip(markers) {
        let one = drawing.add_series();
        one.set_categories((name, 1, label, rows, label)).set_values((name, 1, column, rows, column));
        one.set_name((name, 0, column));
        if kind == ChartType::Line {
            // Where something lies is told by the shape of its mark, not by a colour alone.
            one.set_format(ChartFormat::new().set_line(ChartLine::new().set_hidden(true)));
            one.set_marker(ChartMarker::new().set_type(marker).set_size(7));
        }
    }
    if kind == ChartType::Bar {
        drawing.x_axis().set_reverse();
        drawing.set_width(760).set_height(rows * HEIGHTS.0 + HEIGHTS.1);
    } else {
        drawing.set_width(1_100).set_height(420);
    }
    if series.len() == 1 {
        drawing.legend().set_hidden();
    }
    let beside = u16::try_from(table.columns.len()).unwrap_or(u16::MAX).saturating_add(1);
    sheet.insert_chart(1, beside, &drawing)?;
    Ok(())
}
