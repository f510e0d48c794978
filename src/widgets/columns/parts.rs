//! What a table is made of: columns and rows.

use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Span};

/// To which side the words of a column go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Words.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// How wide a column is. A column is never narrower than its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Exactly so many columns.
    Fixed(u16),
    /// So many columns, and a share of what is left over.
    Flex(u16),
}

/// Which way a sorted column runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Smallest first.
    Up,
    /// Largest first.
    Down,
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    pub(super) title: SafeText,
    pub(super) width: Width,
    pub(super) align: Align,
    pub(super) drop: u8,
    pub(super) sort: Option<Sort>,
    pub(super) order: Option<&'static str>,
}

impl Column {
    /// A column of words that is never left out.
    pub fn new(title: impl Into<SafeText>, width: Width) -> Self {
        Self {
            title: title.into(),
            width,
            align: Align::Left,
            drop: 0,
            sort: None,
            order: None,
        }
    }

    /// A column of numbers.
    pub fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }

    /// Left out when the screen is narrow: the highest number first, of equal ones the rightmost; 0 is left out last of all.
    pub fn drop(mut self, order: u8) -> Self {
        self.drop = order;
        self
    }

    /// The table is sorted by this column.
    pub fn sorted(mut self, sort: Option<Sort>) -> Self {
        self.sort = sort;
        self
    }

    /// The name of the order that the head stands for: a click upon it sorts by it.
    pub fn order(mut self, name: &'static str) -> Self {
        self.order = Some(name);
        self
    }
}

/// One row: a line for each column, those left out included.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// What stands in the columns.
    pub cells: Vec<Line>,
    /// Marked by the operator.
    pub marked: bool,
    /// A sign before the first column, for instance `▲`.
    pub sign: Option<Span>,
}

impl Row {
    /// A row of these cells.
    pub fn new(cells: Vec<Line>) -> Self {
        Self {
            cells,
            ..Self::default()
        }
    }

    /// The words of its cells.
    pub fn words(&self) -> Vec<SafeText> {
        self.cells.iter().map(Line::words).collect()
    }

    /// Marked by the operator.
    pub fn marked(mut self, marked: bool) -> Self {
        self.marked = marked;
        self
    }

    /// With a sign before the first column.
    pub fn sign(mut self, sign: impl Into<SafeText>, role: Role) -> Self {
        self.sign = Some(Span {
            text: sign.into(),
            role,
        });
        self
    }
}
