//! A document: what a result has to show, before any format. It knows headings, paragraphs and tables
//! of typed cells; a format turns each into bytes.

use rust_decimal::Decimal;

use crate::number::Published;

/// What is shown.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The name and version of its JSON form, such as `asan-index/scores/1`.
    pub schema: &'static str,
    /// What it is called.
    pub title: String,
    /// Facts about the whole, for machines: a key and its value each.
    pub facts: Vec<(&'static str, Fact)>,
    /// Its parts, in order.
    pub blocks: Vec<Block>,
}

/// A fact for machines.
#[derive(Clone, Debug)]
pub enum Fact {
    /// One value.
    Value(Cell),
    /// Values by name.
    Map(Vec<(String, String)>),
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// Where a part begins that links lead to, such as that of a service.
    Part {
        /// Its id: cells with this text lead here.
        id: String,
        /// What it is called.
        title: String,
    },
    /// Some sentences.
    Paragraph(String),
    /// A table.
    Table(Table),
}

/// A table of typed cells.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its key in JSON, and the name of its file without an ending.
    pub name: &'static str,
    /// What is in each column.
    pub columns: Vec<Column>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in files.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// Where it is shown, and how soon a narrow terminal leaves it out.
    pub place: ColumnPlace,
    /// What people may type into it, in a format that is filled in.
    pub entry: Entry,
}

/// What people may type into a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Anything.
    Free,
    /// One of these.
    OneOf(Vec<String>),
    /// A day, written as `2026-03-01`.
    Date,
}

/// Where a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnPlace {
    /// Everywhere.
    Always,
    /// On a terminal only where there is room, lower numbers first to stay; those of one number stay
    /// or go together.
    IfRoom(u8),
    /// In files only.
    FilesOnly,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A text that may be cut or wrapped.
    Text(String),
    /// A text, and a note on it for people only.
    Noted(String, String),
    /// An id so many levels down a tree, which people see indented.
    Nested(String, usize),
    /// How many.
    Count(usize),
    /// A published figure.
    Figure(Published),
    /// A band: its id, how far down the list of bands it is, and how many there are.
    Band(String, usize, usize),
    /// A remark that stands out, for people only; files leave it blank.
    Remark(String),
}

impl Cell {
    /// A figure, or nothing.
    pub fn figure(figure: Option<Published>) -> Self {
        figure.map_or(Self::Blank, Self::Figure)
    }

    /// A decimal with the places it has, or nothing.
    pub fn decimal(decimal: Option<Decimal>) -> Self {
        let figure = |decimal: Decimal| {
            let units = i64::try_from(decimal.mantissa()).unwrap_or(i64::MAX);
            Published::from_units(units, decimal.scale())
        };
        Self::figure(decimal.map(figure))
    }

    /// A number, or nothing.
    pub fn count(count: Option<usize>) -> Self {
        count.map_or(Self::Blank, Self::Count)
    }
}

impl Document {
    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Heading(_) | Block::Part { .. } | Block::Paragraph(_) => None,
        })
    }
}

impl Column {
    /// A column that is shown everywhere.
    pub fn new(key: impl Into<String>, title: impl Into<String>) -> Self {
        Self { key: key.into(), title: title.into(), place: ColumnPlace::Always, entry: Entry::Free }
    }

    /// The same column for people to fill.
    #[must_use]
    pub fn entry(mut self, entry: Entry) -> Self {
        self.entry = entry;
        self
    }

    /// The same column shown elsewhere.
    #[must_use]
    pub fn place(mut self, place: ColumnPlace) -> Self {
        self.place = place;
        self
    }
}
