//! An extract: what a view shows, as a table of text to copy or to write to a file.
//!
//! The view says what its table holds, all rows and not only the visible ones; [`crate::reports::extract`] makes text of it.

use crate::safe_text::SafeText;

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extract {
    /// What it is, for a heading and a file name: `queue`, `messages to yahoo.com`.
    pub title: SafeText,
    /// The columns' names, in the words of the screen.
    pub columns: Vec<&'static str>,
    /// The rows, in the order of the screen; each as long as `columns`.
    pub rows: Vec<Vec<SafeText>>,
    /// The selected row.
    pub selected: Option<usize>,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with cells that no spreadsheet takes for a formula.
    Csv,
    /// An array of objects.
    Json,
    /// A table of GitHub Flavored Markdown.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Markdown];

    /// For the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Markdown => "Markdown",
        }
    }

    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "md",
        }
    }
}

impl Extract {
    /// The table with every cell made anew.
    #[must_use]
    pub fn map(mut self, cell: impl Fn(&SafeText) -> SafeText) -> Self {
        self.title = cell(&self.title);
        for text in self.rows.iter_mut().flatten() {
            *text = cell(text);
        }
        self
    }
}
