//! A heat map: time across, steps of a scale from top to bottom, and in each cell the shade of a share.
//!
//! In come columns of shares, oldest first, each from the top down; a column that nobody knows is a gap and is drawn as one. More columns than there is room
//! for are gathered to their largest, fewer are stretched; more rows than there is room for are joined to their neighbours. Shades are grounds where the
//! terminal has the colours, and `░▒▓█` elsewhere.

use ratatui::layout::Rect;

use super::timeseries::axis;
use super::{Line, Pen, bars, matrix};
use crate::safe_text::SafeText;
use crate::theme::{GlyphSet, Role};

/// A heat map about to be drawn.
#[derive(Debug, Clone)]
pub struct HeatMap<'a> {
    columns: &'a [Option<Vec<f64>>],
    rows: &'a [SafeText],
    role: Role,
    labels: Vec<(f64, SafeText)>,
    cursor: Option<f64>,
    reach: (f64, f64),
}

impl<'a> HeatMap<'a> {
    /// A map of these columns, oldest first; `rows` are the names of the steps from top to bottom.
    pub fn new(columns: &'a [Option<Vec<f64>>], rows: &'a [SafeText], role: Role) -> Self {
        Self {
            columns,
            rows,
            role,
            labels: Vec::new(),
            cursor: None,
            reach: (0.0, 1.0),
        }
    }

    /// Times below: where (0 is the left end, 1 the right one) and how it is written. Those that would collide are left out, the rightmost never.
    pub fn labels(mut self, labels: Vec<(f64, SafeText)>) -> Self {
        self.labels = labels;
        self
    }

    /// Where the time cursor stands (0 is the left end, 1 the right one).
    pub fn cursor(mut self, at: Option<f64>) -> Self {
        self.cursor = at;
        self
    }

    /// From where to where the columns lie (0 is the left end, 1 the right one), which may be beyond either end.
    pub fn reaching(mut self, reach: (f64, f64)) -> Self {
        self.reach = reach;
        self
    }

    /// Draws into the area; axes are left out where there is too little room for them.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect) {
        let area = area.intersection(pen.area());
        if area.is_empty() || self.rows.is_empty() {
            return;
        }
        let below = if area.height < 4 || self.labels.is_empty() {
            0
        } else {
            2
        };
        let groups = groups(self.rows.len(), usize::from(area.height - below));
        let names = self.rows.iter().map(SafeText::width).max().unwrap_or(0) as u16;
        let gutter = if area.width < names + 12 {
            0
        } else {
            names + 1
        };
        let height = groups.len() as u16;
        let plot = Rect {
            x: area.x + gutter,
            width: area.width - gutter,
            height,
            ..area
        };
        let down = pen.glyphs().axis[3];
        for (y, group) in (plot.y..).zip(&groups) {
            if gutter > 0 {
                if let Some(name) = self.rows.get(group.start) {
                    pen.line_right(area.x, y, gutter - 1, &Line::of(name, Role::Dim));
                }
                pen.sign(plot.x - 1, y, down, Role::Frame);
            }
        }
        for column in 0..plot.width {
            self.draw_column(pen, plot, column, &groups);
        }
        if below > 0 {
            let axes = Rect {
                height: height + below,
                ..area
            };
            axis::draw_times(pen, axes, gutter, &self.labels);
        }
        if let Some(at) = self.cursor.filter(|at| at.is_finite()) {
            axis::draw_cursor(pen, plot, at);
        }
    }

    /// The shares of the values that one column of the screen stands for: the largest of each row.
    fn shares(&self, column: u16, width: u16) -> Option<Vec<f64>> {
        let (many, at, width) = (self.columns.len(), usize::from(column), usize::from(width));
        let within = bars::within(at, width, many, self.reach);
        let mut shares: Option<Vec<f64>> = None;
        for values in self.columns.get(within)?.iter().flatten() {
            let shares = shares.get_or_insert_with(|| vec![0.0; self.rows.len()]);
            for (share, value) in shares.iter_mut().zip(values) {
                *share = value.max(*share);
            }
        }
        shares
    }

    fn draw_column(
        &self,
        pen: &mut Pen<'_>,
        plot: Rect,
        column: u16,
        groups: &[std::ops::Range<usize>],
    ) {
        let x = plot.x + column;
        let Some(shares) = self.shares(column, plot.width) else {
            // The lightest shade of ASCII is a dot already.
            let gap = if pen.theme.glyphs == GlyphSet::Ascii {
                "-"
            } else {
                pen.glyphs().zero
            };
            pen.sign(x, plot.bottom() - 1, gap, Role::Dim);
            return;
        };
        for (y, group) in (plot.y..).zip(groups) {
            let share: f64 = shares.get(group.clone()).unwrap_or_default().iter().sum();
            let level = match matrix::level(share) {
                // Where something is, however little, something is seen.
                0 if share > 0.0 => 1,
                level => level,
            };
            let cell = Rect {
                x,
                y,
                width: 1,
                height: 1,
            };
            if level > 0
                && !pen.shade(cell, self.role, level)
                && let Some(sign) = pen.glyphs().shade.get(level - 1)
            {
                pen.sign(x, y, sign, self.role);
            }
        }
    }
}

/// So many rows in at most `height` groups of neighbours, as even as can be.
fn groups(rows: usize, height: usize) -> Vec<std::ops::Range<usize>> {
    let height = height.clamp(1, rows.max(1));
    let edge = |at: usize| at * rows / height;
    (0..height).map(|at| edge(at)..edge(at + 1)).collect()
}
