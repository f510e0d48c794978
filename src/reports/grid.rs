//! Tables as text: for reports that are read in a terminal, a pipe or a mail.
//!
//! In come titles and rows of safe text, out come lines. A column is as wide as its widest cell; the last one takes what is left of the
//! [`Paper`]'s width and is cut there, another one of words at a third of it. Numbers stand on the right. No colours, no frames.

use crate::safe_text::SafeText;

/// What the text is written on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Columns, at least 80.
    pub width: usize,
    /// Whether it can show nothing but ASCII.
    pub ascii: bool,
    /// Rows of each table; what is left out is said.
    pub top: usize,
}

impl Paper {
    /// `width` columns, but no less than 80.
    pub fn new(width: usize, ascii: bool, top: usize) -> Self {
        let width = width.max(80);
        Self { width, ascii, top }
    }

    fn cut(self, text: &SafeText, columns: usize) -> SafeText {
        if self.ascii {
            text.ascii().cut_ascii(columns)
        } else {
            text.cut(columns)
        }
    }
}

/// Where a cell stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Grid {
    columns: Vec<(&'static str, Side)>,
    rows: Vec<Vec<SafeText>>,
}

impl Grid {
    /// A table without rows; a title that begins with `>` is one of numbers.
    pub fn new(titles: &[&'static str]) -> Self {
        let column = |title: &&'static str| match title.strip_prefix('>') {
            Some(title) => (title, Side::Right),
            None => (*title, Side::Left),
        };
        Self {
            columns: titles.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// One more row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = SafeText>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The titles and the rows, each line indented by two blanks.
    pub fn lines(&self, paper: Paper) -> String {
        let titles = self
            .columns
            .iter()
            .map(|(title, _)| SafeText::from(*title))
            .collect();
        let rows: Vec<&Vec<SafeText>> = self.rows.iter().collect();
        let widths = self.widths(paper);
        let mut out = String::new();
        for row in [&titles].into_iter().chain(rows) {
            let mut line = String::new();
            for ((cell, width), (_, side)) in row.iter().zip(&widths).zip(&self.columns) {
                let cell = paper.cut(cell, *width);
                line.push_str("  ");
                let cell = match side {
                    Side::Left => cell.pad(*width),
                    Side::Right => cell.pad_left(*width),
                };
                line.push_str(cell.as_str());
            }
            out.push_str(line.trim_end_matches(' '));
            out.push('\n');
        }
        out
    }

    fn widths(&self, paper: Paper) -> Vec<usize> {
        let widest = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let cells = cells.map(|cell| {
                if paper.ascii {
                    cell.ascii().width()
                } else {
                    cell.width()
                }
            });
            cells.max().unwrap_or(0)
        };
        let mut left = paper.width;
        let mut widths = Vec::new();
        for (at, (title, side)) in self.columns.iter().enumerate() {
            let mut width = widest(at).max(title.len());
            if *side == Side::Left {
                width = width.min(paper.width / 3);
            }
            if at + 1 == self.columns.len() {
                width = widest(at)
                    .max(title.len())
                    .min(left.saturating_sub(2).max(10));
            }
            left = left.saturating_sub(width + 2);
            widths.push(width);
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new(&["domain", ">messages", "why"]);
        let long = "452 4.2.2 over quota and so on and on ".repeat(4);
        for (domain, count, why) in [("yahoo.com", "1 240", &*long), ("größe.example", "7", "no")]
        {
            grid.row([domain, count, why].map(SafeText::from));
        }
        grid
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_wider_than_the_paper() {
        let text = grid().lines(Paper::new(80, false, 20));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "  domain         messages  why");
        assert!(lines[1].starts_with("  yahoo.com         1 240  452 4.2.2 over"));
        assert_eq!(lines[1].chars().count(), 80);
        assert_eq!(lines[2], "  größe.example         7  no");
    }

    #[test]
    fn nothing_but_ascii_where_nothing_else_can_be_shown() {
        let text = grid().lines(Paper::new(0, true, 20));
        assert!(text.is_ascii(), "{text}");
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }
}
