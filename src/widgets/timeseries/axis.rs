//! The axes: round numbers on the left, times below.

use ratatui::layout::Rect;

use super::plot::Plot;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::Pen;

/// Round values between zero and the top, ascending, about one for three rows; zero only where there is an axis for it.
pub(super) fn ticks(top: f64, height: u16, zero: bool) -> Vec<f64> {
    let wanted = f64::from(height / 3).clamp(1.0, 6.0);
    let raw = top / wanted;
    let power = 10.0_f64.powf(raw.log10().floor());
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].map(|nice| nice * power);
    let step = nice
        .into_iter()
        .find(|step| *step >= raw * 0.999)
        .filter(|step| *step <= top)
        .or_else(|| nice.into_iter().rfind(|step| *step <= top))
        .unwrap_or(raw);
    let mut ticks = if zero { vec![0.0] } else { Vec::new() };
    if step.is_finite() && step > 0.0 {
        ticks.extend(
            (1..=8)
                .map(|n| f64::from(n) * step)
                .take_while(|tick| *tick <= top),
        );
    }
    if ticks.iter().all(|tick| *tick <= 0.0) {
        ticks.push(top);
    }
    ticks
}

/// Columns for the numbers and the axis; none where the chart would be left with too few.
pub(super) fn gutter(ticks: &[f64], width: u16) -> u16 {
    let widest = ticks
        .iter()
        .map(|tick| numbers::tick(*tick).len())
        .max()
        .unwrap_or(0)
        .max(4) as u16;
    if width < widest + 12 { 0 } else { widest + 1 }
}

/// The axis of values at the left of the plot, the corner below it.
pub(super) fn draw_values(
    pen: &mut Pen<'_>,
    area: Rect,
    gutter: u16,
    corner: bool,
    plot: &Plot,
    ticks: &[f64],
) {
    let [tick_sign, corner_sign, _, down, _] = pen.glyphs().axis;
    let x = area.x + gutter - 1;
    let plot_bottom = area.bottom() - if corner { 2 } else { 0 };
    for y in area.y..plot_bottom {
        pen.sign(x, y, down, Role::Frame);
    }
    for tick in ticks {
        let zero = *tick <= 0.0;
        let y = if zero {
            plot_bottom
        } else {
            plot.row_of(*tick)
        };
        if zero && !corner {
            continue;
        }
        pen.sign(
            x,
            y,
            if zero { corner_sign } else { tick_sign },
            Role::Frame,
        );
        pen.line_right(
            area.x,
            y,
            gutter - 1,
            &crate::widgets::Line::of(numbers::tick(*tick), Role::Dim),
        );
    }
}

/// The axis of times below the plot, and the times.
pub(in crate::widgets) fn draw_times(
    pen: &mut Pen<'_>,
    area: Rect,
    gutter: u16,
    labels: &[(f64, SafeText)],
) {
    let [_, corner, tick, _, across] = pen.glyphs().axis;
    let left = area.x + gutter;
    let width = area.width - gutter;
    let row = |y| Rect {
        y,
        height: 1,
        ..area
    };
    let y = area.bottom() - 2;
    let axis = Rect {
        x: left,
        width,
        ..row(y)
    };
    pen.fill(axis, across, Role::Frame);
    if gutter == 0 && width > 0 {
        pen.sign(left, y, corner, Role::Frame);
    }
    for column in times(pen, row(y + 1), gutter, labels) {
        pen.sign(column, y, tick, Role::Frame);
    }
}

/// Writes times into the row below a plot that begins after the gutter; answers at which columns they are. The rightmost is placed first, then the
/// others from the left as far as they do not touch.
pub fn times(pen: &mut Pen<'_>, area: Rect, gutter: u16, labels: &[(f64, SafeText)]) -> Vec<u16> {
    let left = area.x + gutter;
    let width = area.width.saturating_sub(gutter);
    let mut columns = Vec::new();
    let mut order: Vec<&(f64, SafeText)> = labels
        .iter()
        .filter(|(at, _)| (0.0..=1.0).contains(at))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut taken: Vec<(u16, u16)> = Vec::new();
    for (at, text) in order.pop().into_iter().chain(order) {
        let text = pen.theme.glyphs.spell(text);
        let size = text.width();
        if size == 0 || size > usize::from(area.width) {
            continue;
        }
        let size = size as u16;
        let column = left + (at * f64::from(width.saturating_sub(1))).round() as u16;
        let start = column
            .saturating_sub(size / 2)
            .clamp(area.x, area.right() - size);
        if taken
            .iter()
            .any(|(from, to)| start < to.saturating_add(1) && start + size + 1 > *from)
        {
            continue;
        }
        taken.push((start, start + size));
        columns.push(column);
        pen.text(start, area.y, size, text, Role::Dim);
    }
    columns
}

/// The time cursor: a line from top to bottom where nothing is drawn, the selection's ground elsewhere. `at`: 0 is the left end, 1 the right one.
pub(in crate::widgets) fn draw_cursor(pen: &mut Pen<'_>, plot: Rect, at: f64) {
    if plot.is_empty() {
        return;
    }
    let column = Rect {
        x: plot.x + (at.clamp(0.0, 1.0) * f64::from(plot.width - 1)).round() as u16,
        width: 1,
        ..plot
    };
    for y in column.top()..column.bottom() {
        if pen.is_blank(column.x, y) {
            let down = pen.glyphs().axis[3];
            pen.sign(column.x, y, down, Role::Accent);
        }
    }
    pen.paint(column, Role::Sel);
}
