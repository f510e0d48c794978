//! A matrix of numbers: names at the left, heads above, and in each cell a number upon the shade of its share.
//!
//! In comes the number of rows, the heads, which cell is selected, and a closure that makes the row of an index; only rows on the screen are made. Where the
//! terminal has too few colours a sign before the number says the share: `░▒▓█`. Columns that do not fit are scrolled in by the selection, and a last line
//! says how many are missing on either side.

use std::ops::Range;

use ratatui::layout::Rect;

use super::{Line, Pen, Span, Spot, visible};
use crate::safe_text::SafeText;
use crate::theme::{Role, SHADES};

/// Columns of a number; one more stands before it.
const NUMBER: u16 = 6;
/// The widest head.
const HEAD: u16 = 8;
/// Columns before the names: a sign and a blank.
const GUTTER: u16 = 2;

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What it says.
    pub title: SafeText,
    /// What the numbers below mean.
    pub role: Role,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatrixCell {
    /// The number; empty for none.
    pub text: SafeText,
    /// Its share of whatever it is a part of, 0.0 to 1.0.
    pub share: f64,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MatrixRow {
    /// A sign before the name.
    pub sign: Option<Span>,
    /// Whose numbers these are.
    pub name: Line,
    /// A number of its own, before the cells.
    pub note: Line,
    /// The cells, one for each head.
    pub cells: Vec<MatrixCell>,
}

/// What [`Matrix::draw`] has put on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixShown {
    /// Indices of the rows.
    pub rows: Range<usize>,
    /// Indices of the columns.
    pub columns: Range<usize>,
}

/// A matrix about to be drawn.
#[derive(Debug, Clone)]
pub struct Matrix<'a> {
    heads: &'a [Head],
    len: usize,
    name: (SafeText, u16),
    note: (SafeText, u16),
    selected: Option<(usize, usize)>,
    focused: bool,
    footer: Option<MatrixRow>,
    unit: &'static str,
}

impl<'a> Matrix<'a> {
    /// A matrix of `len` rows, with the title and the columns of the names.
    pub fn new(heads: &'a [Head], len: usize, name: impl Into<SafeText>, width: u16) -> Self {
        Self {
            heads,
            len,
            name: (name.into(), width),
            note: (SafeText::default(), 0),
            selected: None,
            focused: true,
            footer: None,
            unit: "column",
        }
    }

    /// The title and the columns of the number before the cells.
    pub fn note(mut self, title: impl Into<SafeText>, width: u16) -> Self {
        self.note = (title.into(), width);
        self
    }

    /// The row and the column that are selected.
    pub fn selected(mut self, cell: Option<(usize, usize)>) -> Self {
        self.selected = cell;
        self
    }

    /// Whether keys go to this matrix; without them the cell keeps its brackets but not its style.
    pub fn focused(mut self, focused: bool) -> Self {
        self.focused = focused;
        self
    }

    /// A last row that is always shown where there is room, for totals.
    pub fn footer(mut self, row: Option<MatrixRow>) -> Self {
        self.footer = row;
        self
    }

    /// What a column is called: `code`.
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// Draws heads, the rows around the selection, the footer, and what is missing.
    pub fn draw(
        &self,
        pen: &mut Pen<'_>,
        area: Rect,
        row: impl Fn(usize) -> MatrixRow,
    ) -> MatrixShown {
        let area = area.intersection(pen.area());
        let left = self.left(area.width);
        let columns = self.columns(area.width.saturating_sub(left + 1));
        let missing = columns.len() < self.heads.len();
        let below = u16::from(missing && area.height > 3);
        let footer = u16::from(self.footer.is_some() && area.height > 4 + below);
        let height = area.height.saturating_sub(1 + below + footer);
        let first = self.selected.map_or(0, |(row, _)| row);
        let shown = MatrixShown {
            rows: visible(self.len, first, usize::from(height)),
            columns,
        };
        if area.is_empty() {
            return shown;
        }
        let line = |y: u16| Rect {
            y: area.y + y,
            height: 1,
            ..area
        };
        self.draw_heads(pen, line(0), left, &shown.columns);
        for (y, index) in (1..).zip(shown.rows.clone()) {
            let selected = self.selected.filter(|(row, _)| *row == index);
            let selected = selected.map(|(_, column)| column);
            pen.spot(line(y), Spot::Row(index, selected.is_some()));
            for (column, x, width) in self.places(line(y), left, &shown.columns) {
                let cell = Rect {
                    x,
                    width,
                    ..line(y)
                };
                pen.spot(cell, Spot::Column(column, selected == Some(column)));
            }
            self.draw_row(pen, line(y), left, &shown.columns, &row(index), selected);
        }
        if let Some(total) = self.footer.as_ref().filter(|_| footer > 0) {
            let at = line(area.height - 1 - below);
            self.draw_row(pen, at, left, &shown.columns, total, None);
        }
        if below > 0 {
            let words = self.missing(&shown.columns);
            let at = line(area.height - 1);
            pen.text(
                at.x + GUTTER,
                at.y,
                at.width.saturating_sub(GUTTER),
                words,
                Role::Dim,
            );
        }
        shown
    }

    /// Columns before the cells; where it is narrow the number before them goes.
    fn left(&self, width: u16) -> u16 {
        let name = GUTTER + self.name.1;
        if width >= name + self.note.1 + 3 * (NUMBER + 1) {
            name + self.note.1
        } else {
            name.min(width)
        }
    }

    fn width(&self, column: usize) -> u16 {
        let title = self.heads.get(column).map_or(0, |head| head.title.width());
        (title as u16).clamp(NUMBER, HEAD) + 1
    }

    /// The columns that fit, the selected one among them.
    fn columns(&self, room: u16) -> Range<usize> {
        let fit = |first: usize| {
            let mut used = 0;
            let fits = (first..self.heads.len()).take_while(|column| {
                used += self.width(*column);
                used <= room
            });
            first..first + fits.count()
        };
        let wanted = self.selected.map_or(0, |(_, column)| column);
        let wanted = wanted.min(self.heads.len().saturating_sub(1));
        (0..=wanted)
            .map(fit)
            .find(|columns| columns.contains(&wanted))
            .unwrap_or(wanted..wanted)
    }

    fn missing(&self, columns: &Range<usize>) -> String {
        let after = self.heads.len() - columns.end;
        let many = |count: usize| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} more {}{plural}", self.unit)
        };
        match (columns.start, after) {
            (0, after) => format!("→ {}: scroll right", many(after)),
            (before, 0) => format!("← {}: scroll left", many(before)),
            (before, after) => format!("← {before} · → {}", many(after)),
        }
    }

    /// Every cell with where it begins, its blank included, and its columns.
    fn places(&self, at: Rect, left: u16, columns: &Range<usize>) -> Vec<(usize, u16, u16)> {
        let mut x = at.x + left;
        let mut places = Vec::with_capacity(columns.len());
        for column in columns.clone() {
            let width = self.width(column);
            places.push((column, x, width));
            x = x.saturating_add(width);
        }
        places
    }

    fn draw_heads(&self, pen: &mut Pen<'_>, at: Rect, left: u16, columns: &Range<usize>) {
        let room = left.saturating_sub(GUTTER);
        pen.text(
            at.x + GUTTER,
            at.y,
            room.min(self.name.1),
            &self.name.0,
            Role::Head,
        );
        if left > GUTTER + self.name.1 {
            let title = Line::of(&self.note.0, Role::Head);
            pen.line_right(at.x + left - self.note.1, at.y, self.note.1, &title);
        }
        for (column, x, width) in self.places(at, left, columns) {
            if let Some(head) = self.heads.get(column) {
                let role = match head.role {
                    Role::Text => Role::Head,
                    role => role,
                };
                let title = Line::of(&head.title, role);
                pen.line_right(x + 1, at.y, width - 1, &title);
            }
        }
    }

    fn draw_row(
        &self,
        pen: &mut Pen<'_>,
        at: Rect,
        left: u16,
        columns: &Range<usize>,
        row: &MatrixRow,
        selected: Option<usize>,
    ) {
        if let Some(sign) = &row.sign {
            pen.line(at.x, at.y, 1, &sign.clone().into());
        }
        let room = left.saturating_sub(GUTTER);
        pen.line(at.x + GUTTER, at.y, room.min(self.name.1), &row.name);
        if left > GUTTER + self.name.1 {
            pen.line_right(at.x + left - self.note.1, at.y, self.note.1, &row.note);
        }
        let nothing = MatrixCell::default();
        for (column, x, width) in self.places(at, left, columns) {
            let cell = row.cells.get(column).unwrap_or(&nothing);
            let role = self.heads.get(column).map_or(Role::Text, |head| head.role);
            let number = Rect {
                x: x + 1,
                width: width - 1,
                ..at
            };
            draw_cell(pen, number, cell, role);
            if selected == Some(column) {
                if self.focused {
                    pen.paint(number, Role::Sel);
                }
                pen.sign(x, at.y, "[", Role::Accent);
                let end = x + width;
                if end < at.right() {
                    pen.sign(end, at.y, "]", Role::Accent);
                }
            }
        }
    }
}

fn draw_cell(pen: &mut Pen<'_>, at: Rect, cell: &MatrixCell, role: Role) {
    if cell.text.is_empty() {
        let zero = pen.glyphs().zero;
        pen.line_right(at.x, at.y, at.width, &Line::of(zero, Role::Dim));
        return;
    }
    let number = Line::of(&cell.text, role);
    pen.line_right(at.x, at.y, at.width, &number);
    let level = level(cell.share);
    if !pen.shade(at, role, level)
        && let Some(sign) = level
            .checked_sub(1)
            .and_then(|at| pen.glyphs().shade.get(at))
    {
        // Right before the number, in the blank between two cells if it must be.
        let width = (cell.text.width() as u16).min(at.width);
        pen.sign((at.right() - width).saturating_sub(1), at.y, sign, role);
    }
}

/// The level of shade for a share: none below a fiftieth, so that what is rare stays calm.
pub(super) fn level(share: f64) -> usize {
    if share.is_nan() || share < 0.02 {
        return 0;
    }
    ((share * SHADES as f64).ceil() as usize).clamp(1, SHADES)
}
