//! A table of which only the visible rows are ever made.
//!
//! In comes the number of rows, which one is selected, and a closure that makes the row of an index; it is called for the rows on the screen and no
//! other, so that a queue of a hundred thousand messages costs as much as one of thirty. The window of rows is centred on the selection, therefore
//! drawing keeps no scroll position, and rows that arrive above do not move the aim. When the screen is narrow, columns are left out in the order that
//! they say themselves; a title is never cut.

mod layout;

use std::ops::Range;

use ratatui::layout::Rect;

use super::{Line, Pen, Span};
use crate::safe_text::SafeText;
use crate::theme::Role;

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
    title: SafeText,
    width: Width,
    align: Align,
    drop: u8,
    sort: Option<Sort>,
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

/// What [`Columns::draw`] has put on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Indices of the rows.
    pub rows: Range<usize>,
    /// Where the first of them is drawn, for clicks.
    pub top: u16,
    /// Indices of the columns, left to right.
    pub columns: Vec<usize>,
}

/// A table about to be drawn.
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    specs: &'a [Column],
    len: usize,
    selected: Option<usize>,
    focused: bool,
    gutter: u16,
    footer: Option<Row>,
}

impl<'a> Columns<'a> {
    /// A table of `len` rows.
    pub fn new(columns: &'a [Column], len: usize) -> Self {
        Self {
            specs: columns,
            len,
            selected: None,
            focused: true,
            gutter: 3,
            footer: None,
        }
    }

    /// The selected row.
    pub fn selected(mut self, row: Option<usize>) -> Self {
        self.selected = row;
        self
    }

    /// Whether keys go to this table; without them the selected row keeps its mark but not its style.
    pub fn focused(mut self, focused: bool) -> Self {
        self.focused = focused;
        self
    }

    /// Columns before the first one: 3 (selection, sign, blank), 2 (selection, sign), 1 or 0.
    pub fn gutter(mut self, columns: u16) -> Self {
        self.gutter = columns;
        self
    }

    /// A last line that is always shown, for totals.
    pub fn footer(mut self, row: Option<Row>) -> Self {
        self.footer = row;
        self
    }

    /// Draws titles, the rows around the selection, and the footer. Where no column has a title there is no row for titles. With a gutter, the
    /// last column of the area stays blank, so that numbers do not touch the frame.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect, row: impl Fn(usize) -> Row) -> Shown {
        let area = area.intersection(pen.area());
        let places = layout::places(self.specs, area, self.gutter);
        let titles = u16::from(self.specs.iter().any(|column| !column.title.is_empty()));
        if area.height > 0 && titles > 0 {
            self.draw_titles(pen, area, &places);
        }
        let footer = u16::from(self.footer.is_some() && area.height > 2);
        let height = area.height.saturating_sub(titles + footer);
        let rows = visible(self.len, self.selected.unwrap_or(0), usize::from(height));
        let top = area.y.saturating_add(titles);
        for (y, index) in (top..).zip(rows.clone()) {
            self.draw_row(
                pen,
                Rect {
                    y,
                    height: 1,
                    ..area
                },
                &places,
                &row(index),
                self.selected == Some(index),
            );
        }
        if let Some(total) = self.footer.as_ref().filter(|_| footer > 0) {
            self.draw_row(
                pen,
                Rect {
                    y: area.bottom() - 1,
                    height: 1,
                    ..area
                },
                &places,
                total,
                false,
            );
        }
        Shown {
            rows,
            top,
            columns: places.iter().map(|place| place.index).collect(),
        }
    }

    fn draw_titles(&self, pen: &mut Pen<'_>, area: Rect, places: &[layout::Place]) {
        for place in places {
            let Some(column) = self.specs.get(place.index) else {
                continue;
            };
            let mut title = Line::of(&column.title, Role::Head);
            if let Some(sort) = column.sort {
                let mark = if sort == Sort::Up {
                    pen.glyphs().sort_up
                } else {
                    pen.glyphs().sort_down
                };
                let blank = if usize::from(place.width) > column.title.width() + 1 {
                    " "
                } else {
                    ""
                };
                title = title.add(blank, Role::Text).add(mark, Role::Accent);
            }
            put(pen, place, area.y, column.align, &title);
        }
    }

    fn draw_row(
        &self,
        pen: &mut Pen<'_>,
        at: Rect,
        places: &[layout::Place],
        row: &Row,
        selected: bool,
    ) {
        if selected && self.focused {
            pen.paint(at, Role::Sel);
        }
        self.draw_gutter(pen, at, row, selected);
        for place in places {
            let (Some(column), Some(cell)) =
                (self.specs.get(place.index), row.cells.get(place.index))
            else {
                continue;
            };
            put(pen, place, at.y, column.align, cell);
        }
        // Once more over the words, whose own styles may have undone it.
        if selected && self.focused {
            pen.paint(at, Role::Sel);
        }
    }

    fn draw_gutter(&self, pen: &mut Pen<'_>, at: Rect, row: &Row, selected: bool) {
        let gutter = self.gutter.min(at.width);
        let marked = pen.glyphs().marked;
        if gutter > 0 {
            match (selected, row.marked) {
                (true, _) => pen.sign(at.x, at.y, pen.glyphs().selected, Role::Accent),
                (false, true) => pen.sign(at.x, at.y, marked, Role::Accent),
                (false, false) => {}
            }
        }
        if gutter > 1 {
            if selected && row.marked {
                pen.sign(at.x + 1, at.y, marked, Role::Accent);
            } else if let Some(sign) = &row.sign {
                pen.line(at.x + 1, at.y, 1, &sign.clone().into());
            }
        }
    }
}

fn put(pen: &mut Pen<'_>, place: &layout::Place, y: u16, align: Align, line: &Line) {
    match align {
        Align::Left => pen.line(place.x, y, place.width, line),
        Align::Right => pen.line_right(place.x, y, place.width, line),
    };
}

/// The rows that are on a screen of `height` rows when the selection is kept in its middle.
pub fn visible(len: usize, selected: usize, height: usize) -> Range<usize> {
    let height = height.min(len);
    let first = selected
        .min(len)
        .saturating_sub(height / 2)
        .min(len - height);
    first..first + height
}
