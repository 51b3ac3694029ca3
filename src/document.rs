//! A document: what a result has to show, before any format. It knows headings, paragraphs and tables
//! of typed cells; a format turns each into bytes.

use std::ops::Range;

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
        /// What it is a part about, such as `service`: cells of columns of that name lead here.
        kind: &'static str,
        /// Its id: cells with this text lead here.
        id: String,
        /// What it is called.
        title: String,
    },
    /// Some sentences.
    Paragraph(String),
    /// A table.
    Table(Table),
    /// A picture of a table that stands in the same part: the table is its text.
    Chart(Chart),
}

/// A picture of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// The table's name.
    pub of: &'static str,
    /// The column, by its key, that names the rows.
    pub label: &'static str,
    /// What is drawn of each row.
    pub shape: Shape,
    /// The end of the axis; the greatest figure where none.
    pub most: Option<u32>,
}

/// What is drawn of each row of a table; columns are named by their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A bar, from nought or the figure of one column to that of another, and a mark across it.
    Bar {
        /// Where it begins.
        from: Option<&'static str>,
        /// Where it ends.
        to: &'static str,
        /// Where the mark is.
        mark: Option<&'static str>,
    },
    /// A field for each figure from a column on, the darker the higher.
    Heat {
        /// The first column after those that are not drawn.
        after: &'static str,
    },
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

/// A table that may be too long to be held: its rows are made when they are written.
pub struct LongTable<'a> {
    /// Its key in JSON, and the name of its file without an ending.
    pub name: &'static str,
    /// What is in each column.
    pub columns: Vec<Column>,
    /// How many parts it has.
    pub parts: usize,
    /// What makes them.
    pub rows: Box<MakeRows<'a>>,
}

/// Makes the rows of some parts and hands them on, one after the other.
pub type MakeRows<'a> = dyn Fn(Range<usize>, &mut dyn FnMut(&[Cell<&str>])) + Sync + 'a;

impl LongTable<'_> {
    /// The table with all of its rows.
    pub fn table(&self) -> Table {
        let mut rows = Vec::new();
        (self.rows)(0..self.parts, &mut |row| rows.push(owned(row)));
        Table { name: self.name, columns: self.columns.clone(), rows }
    }
}

/// A row with texts of its own.
pub fn owned(row: &[Cell<&str>]) -> Vec<Cell> {
    row.iter().map(Cell::owned).collect()
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

/// A cell of a table; its texts may be borrowed while a long table is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<S = String> {
    /// Nothing.
    Blank,
    /// A text that may be cut or wrapped.
    Text(S),
    /// A text, and a note on it for people only.
    Noted(S, S),
    /// A word of the program or the framework: as other programs read it, and as people do.
    Word(S, S),
    /// An id so many levels down a tree, which people see indented.
    Nested(S, usize),
    /// How many.
    Count(usize),
    /// A published figure.
    Figure(Published),
    /// A band: its id, how far down the list of bands it is, and how many there are.
    Band(S, usize, usize),
    /// A remark that stands out, for people only; files leave it blank.
    Remark(S),
}

impl<S: AsRef<str>> Cell<S> {
    /// The same cell with texts of its own.
    pub fn owned(&self) -> Cell {
        let owned = |text: &S| text.as_ref().to_owned();
        match self {
            Self::Blank => Cell::Blank,
            Self::Text(text) => Cell::Text(owned(text)),
            Self::Noted(text, note) => Cell::Noted(owned(text), owned(note)),
            Self::Word(word, shown) => Cell::Word(owned(word), owned(shown)),
            Self::Nested(text, levels) => Cell::Nested(owned(text), *levels),
            Self::Count(count) => Cell::Count(*count),
            Self::Figure(figure) => Cell::Figure(*figure),
            Self::Band(id, at, of) => Cell::Band(owned(id), *at, *of),
            Self::Remark(text) => Cell::Remark(owned(text)),
        }
    }
}

impl<S> Cell<S> {
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

/// The name by which links lead to a part: ids may hold anything, such names no white space.
pub fn anchor(kind: &str, id: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "-._".contains(c) { c.to_string() } else { format!("~{:x}", u32::from(c)) }
    };
    format!("{kind}-{}", id.chars().map(safe).collect::<String>())
}

impl Document {
    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Heading(_) | Block::Part { .. } | Block::Paragraph(_) | Block::Chart(_) => None,
        })
    }

    /// The table that the picture at a position draws, and its own position: the nearest of its name in the
    /// same part, or before.
    pub fn drawn(&self, at: usize, chart: &Chart) -> Option<(usize, &Table)> {
        let table = |at: usize| match &self.blocks[at] {
            Block::Table(table) if table.name == chart.of => Some((at, table)),
            Block::Heading(_)
            | Block::Part { .. }
            | Block::Paragraph(_)
            | Block::Table(_)
            | Block::Chart(_) => None,
        };
        let in_part = |at: &usize| !matches!(self.blocks[*at], Block::Part { .. });
        let after = (at..self.blocks.len()).take_while(in_part).find_map(table);
        after.or_else(|| (0..at).rev().find_map(table))
    }
}

impl Table {
    /// The position of a column among those that people see.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.shown().position(|at| self.columns[at].key == key)
    }

    /// The columns that people see.
    pub fn shown(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.columns.len()).filter(|at| self.columns[*at].place != ColumnPlace::FilesOnly)
    }

    /// The same table without the columns that say nothing in any row.
    #[must_use]
    pub fn without_blank_columns(mut self) -> Self {
        let says = |at: usize| self.rows.iter().any(|row| row[at] != Cell::Blank);
        let kept: Vec<bool> = (0..self.columns.len()).map(says).collect();
        let mut keep = kept.iter();
        self.columns.retain(|_| keep.next().copied().unwrap_or(true));
        for row in &mut self.rows {
            let mut keep = kept.iter();
            row.retain(|_| keep.next().copied().unwrap_or(true));
        }
        self
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
