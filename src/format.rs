//! Documents as bytes, a module for each format.

pub mod csv;
pub mod form;
pub mod html;
pub mod json;
pub mod markdown;
pub mod terminal;
pub mod xlsx;

use crate::document::Document;
use crate::messages::Language;
use crate::round::Dialect;

/// A format that a document can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table for a terminal.
    Table,
    /// Comma-separated values: the document's first table.
    Csv,
    /// One JSON document.
    Json,
    /// Markdown.
    #[value(name = "md")]
    Markdown,
    /// A workbook.
    Xlsx,
    /// One HTML file that needs nothing else.
    Html,
}

impl Format {
    /// The format of files with this ending.
    pub fn from_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "md" => Some(Self::Markdown),
            "xlsx" => Some(Self::Xlsx),
            "html" => Some(Self::Html),
            _ => None,
        }
    }
}

/// How a document is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Columns that a table for a terminal may take.
    pub width: usize,
    /// Whether colours may be used.
    pub colour: bool,
    /// Delimiters and decimal marks.
    pub dialect: Dialect,
    /// Whether cells that look like formulas are left as they are.
    pub raw: bool,
    /// The language of what a page says of itself, and of its figures.
    pub language: Language,
    /// Whether a page draws its parts only as a reader asks for them: there are hundreds.
    pub folded: bool,
}

/// A document's bytes in a format.
pub fn write(document: &Document, format: Format, style: Style) -> Vec<u8> {
    match format {
        Format::Table => terminal::write(document, style).into_bytes(),
        Format::Csv => document.tables().next().map(|table| csv::write(table, style)).unwrap_or_default(),
        Format::Json => json::write(document),
        Format::Markdown => markdown::write(document, style.language).into_bytes(),
        Format::Xlsx => xlsx::write(document),
        Format::Html => html::write(document, style, &html::Links::default()).into_bytes(),
    }
}
