//! A table of which only the visible rows are ever made.
//!
//! In comes the number of rows, which one is selected, and a closure that makes the row of an index; it is called for the rows on the screen and no
//! other, so that a queue of a hundred thousand messages costs as much as one of thirty. The window of rows is centred on the selection, therefore
//! drawing keeps no scroll position, and rows that arrive above do not move the aim. When the screen is narrow, columns are left out in the order that
//! they say themselves; a title is never cut.

mod layout;
mod parts;

use std::ops::{Range, RangeInclusive};

use ratatui::layout::Rect;

use super::{Line, Pen, Spot};
use crate::theme::Role;

pub use parts::{Align, Column, Row, Sort, Width};

/// What [`Columns::draw`] has put on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Indices of the rows.
    pub rows: Range<usize>,
    /// Where the first of them is drawn.
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
    cursor: Option<usize>,
    gutter: u16,
    footer: Option<Row>,
    first: Option<usize>,
    range: Option<RangeInclusive<usize>>,
}

impl<'a> Columns<'a> {
    /// A table of `len` rows.
    pub fn new(columns: &'a [Column], len: usize) -> Self {
        Self {
            specs: columns,
            len,
            selected: None,
            focused: true,
            cursor: None,
            gutter: 3,
            footer: None,
            first: Some(0),
            range: None,
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

    /// The column of the cell cursor: `[ 4 226]` in the selected row. It is never left out, so moving the cursor scrolls through a wide table.
    pub fn cursor(mut self, column: Option<usize>) -> Self {
        self.cursor = column;
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

    /// The number of the first row among those that the keys go through; `None`: these rows are not selected one by one.
    pub fn numbered(mut self, first: Option<usize>) -> Self {
        self.first = first;
        self
    }

    /// Rows that are in the range that is being marked.
    pub fn range(mut self, rows: Option<RangeInclusive<usize>>) -> Self {
        self.range = rows;
        self
    }

    /// Draws titles, the rows around the selection, and the footer. Where no column has a title there is no row for titles. With a gutter, the
    /// last column of the area stays blank, so that numbers do not touch the frame.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect, row: impl Fn(usize) -> Row) -> Shown {
        let area = area.intersection(pen.area());
        let places = layout::places(self.specs, area, self.gutter, self.cursor);
        let titles = u16::from(self.specs.iter().any(|column| !column.title.is_empty()));
        if area.height > 0 && titles > 0 {
            self.draw_titles(pen, area, &places);
        }
        let footer = u16::from(self.footer.is_some() && area.height > 2);
        let height = area.height.saturating_sub(titles + footer);
        let rows = visible(self.len, self.selected.unwrap_or(0), usize::from(height));
        let top = area.y.saturating_add(titles);
        for (y, index) in (top..).zip(rows.clone()) {
            let at = Rect {
                y,
                height: 1,
                ..area
            };
            let selected = self.selected == Some(index);
            let mut row = row(index);
            row.marked |= self
                .range
                .as_ref()
                .is_some_and(|rows| rows.contains(&index));
            self.draw_row(pen, at, &places, &row, selected);
            if let Some(first) = self.first {
                pen.spot(at, Spot::Row(first + index, selected));
            }
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
            if let Some(order) = column.order {
                let head = Rect {
                    x: place.x,
                    width: place.width,
                    height: 1,
                    ..area
                };
                pen.spot(head, Spot::Head(order));
            }
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
        let cell = places
            .iter()
            .find(|place| selected && Some(place.index) == self.cursor);
        if let Some(place) = cell.filter(|place| place.x > at.x && place.width > 0) {
            pen.sign(place.x - 1, at.y, "[", Role::Accent);
            let end = place.x + place.width;
            if end < at.right() {
                pen.sign(end, at.y, "]", Role::Accent);
            }
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
