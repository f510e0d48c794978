//! A series over time: a filled area, an optional thin second line, an optional dotted threshold with its name written in it.
//!
//! Values are equally spaced, oldest first; a value that nobody knows is a gap and is drawn as one, not as zero. Braille gives 2×4 points to a
//! cell, blocks eight heights, code page 437 two, ASCII three. A cell has one glyph and one colour: where the second line crosses the area, the cell keeps
//! the ink of both and has the line's colour; in the lowest row it gives way to the area. The threshold is only where nothing else is.

pub(super) mod axis;
mod plot;

use ratatui::layout::Rect;

use super::Pen;
use crate::safe_text::SafeText;
use crate::theme::Role;
use plot::Plot;

/// A chart about to be drawn.
#[derive(Debug, Clone)]
pub struct TimeSeries<'a> {
    area: (&'a [Option<f64>], Role),
    line: Option<(&'a [Option<f64>], Role)>,
    threshold: Option<(f64, SafeText)>,
    labels: Vec<(f64, SafeText)>,
    cursor: Option<f64>,
    reach: (f64, f64),
    least: f64,
}

impl<'a> TimeSeries<'a> {
    /// A chart of these values, oldest first, as a filled area.
    pub fn new(values: &'a [Option<f64>], role: Role) -> Self {
        Self {
            area: (values, role),
            line: None,
            threshold: None,
            labels: Vec::new(),
            cursor: None,
            reach: (0.0, 1.0),
            least: 0.0,
        }
    }

    /// A second series of the same time span, as a thin line.
    pub fn line(mut self, values: &'a [Option<f64>], role: Role) -> Self {
        self.line = Some((values, role));
        self
    }

    /// A limit, dotted, with its name. It is shown once the values come near: above half of it.
    pub fn threshold(mut self, value: f64, name: impl Into<SafeText>) -> Self {
        self.threshold = Some((value, name.into()));
        self
    }

    /// The upper edge is at least this: 100 for what is a share in percent.
    pub fn up_to(mut self, value: f64) -> Self {
        self.least = value;
        self
    }

    /// Times below the axis: where (0 is the left end, 1 the right one) and how it is written. Those that would collide are left out, the rightmost never.
    pub fn labels(mut self, labels: Vec<(f64, SafeText)>) -> Self {
        self.labels = labels;
        self
    }

    /// Where the time cursor stands (0 is the left end, 1 the right one).
    pub fn cursor(mut self, at: Option<f64>) -> Self {
        self.cursor = at;
        self
    }

    /// From where to where the values lie (0 is the left end, 1 the right one), which may be beyond either end: what is counted by the minute rarely
    /// begins and ends with the chart.
    pub fn reaching(mut self, reach: (f64, f64)) -> Self {
        self.reach = reach;
        self
    }

    /// Draws into the area; axes are left out where there is too little room for them.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect) {
        let area = area.intersection(pen.area());
        if area.is_empty() {
            return;
        }
        let below = if area.height < 4 || self.labels.is_empty() {
            0
        } else {
            2
        };
        let height = area.height - below;
        let top = self.top();
        let ticks = axis::ticks(top, height, below > 0);
        let gutter = axis::gutter(&ticks, area.width);
        let plot = Plot::new(
            Rect {
                x: area.x + gutter,
                width: area.width - gutter,
                height,
                ..area
            },
            top,
            self.reach,
            pen.theme.glyphs,
        );
        if gutter > 0 {
            axis::draw_values(pen, area, gutter, below > 0, &plot, &ticks);
        }
        if below > 0 {
            axis::draw_times(pen, area, gutter, &self.labels);
        }
        plot.draw(pen, self.area, self.line);
        if let Some((value, name)) = &self.threshold {
            plot.draw_threshold(pen, *value, name);
        }
        if let Some(at) = self.cursor.filter(|at| at.is_finite()) {
            axis::draw_cursor(pen, plot.area(), at);
        }
    }

    /// The value at the upper edge: the largest one, the threshold too once the values come near it; at least 1.
    fn top(&self) -> f64 {
        let line = self.line.map_or(&[] as &[_], |(values, _)| values);
        let finite = |value: &f64| value.is_finite();
        let largest = self
            .area
            .0
            .iter()
            .chain(line)
            .flatten()
            .copied()
            .filter(finite)
            .fold(self.least, f64::max);
        let limit = self
            .threshold
            .as_ref()
            .map(|(value, _)| *value)
            .filter(|limit| limit.is_finite() && largest * 2.0 >= *limit);
        let top = limit.map_or(largest, |limit| largest.max(limit * 1.1));
        if top >= 1.0 {
            top
        } else if top > 0.0 && largest < 1.0 && top.fract() > 0.0 {
            top.max(f64::MIN_POSITIVE * 1e16)
        } else {
            1.0
        }
    }
}
