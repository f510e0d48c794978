//! Bars, meters and sparklines as words of a line, so that they fit into a table cell as well as into a panel.
//!
//! Bars are made of `■`, not `█`: full blocks of neighbouring rows would grow together into one slab.

use super::{Line, Span};
use crate::theme::{Role, Theme};
use std::ops::Range;

/// One part of a stacked bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// How much; negative and not-a-number count as nothing.
    pub value: f64,
    /// The sign that it is drawn with, from [`Theme::glyphs`].
    pub sign: &'static str,
    /// What it means.
    pub role: Role,
}

/// `■` for the share of `value` in `max`, at least one if there is anything.
pub fn bar(value: f64, max: f64, width: u16, role: Role, theme: &Theme) -> Line {
    Line::of(theme.glyphs().bar.repeat(filled(value, max, width)), role)
}

/// `━━━───`: a bar that shows its whole length.
pub fn meter(value: f64, max: f64, width: u16, role: Role, theme: &Theme) -> Line {
    let full = filled(value, max, width);
    let rest = usize::from(width) - full;
    Line::of(theme.glyphs().meter.repeat(full), role)
        .add(theme.glyphs().meter_rest.repeat(rest), Role::Frame)
}

/// Several parts that fill the whole width; a part of at least 2 % gets at least one column while there are enough.
pub fn stacked(parts: &[Part], width: u16, theme: &Theme) -> Line {
    let mut line = Line::new();
    for (part, columns) in parts.iter().zip(shares(parts, usize::from(width))) {
        if columns > 0 {
            line = line.add(part.sign.repeat(columns), part.role);
        }
    }
    if line.is_empty() {
        return Line::of(
            theme.glyphs().bar_rest.repeat(usize::from(width)),
            Role::Dim,
        );
    }
    line
}

/// The values as heights, one column each; the newest is rightmost. `max` is the height of a full column: 1.0 for shares of one; values without
/// a natural limit are given their own largest. More values than columns are gathered to their maxima; no value is a blank.
pub fn sparkline(values: &[Option<f64>], max: f64, width: u16, role: Role, theme: &Theme) -> Line {
    let width = usize::from(width);
    let values = gather(values, width);
    let spark = &theme.glyphs().spark;
    let mut text = " ".repeat(width - values.len());
    for value in values {
        let sign = match value.filter(|v| v.is_finite()) {
            None => " ",
            Some(v) if max.is_nan() || max <= 0.0 || v <= 0.0 => spark[0],
            Some(v) => spark
                .get((v / max * 7.0).round() as usize)
                .copied()
                .unwrap_or(spark[7]),
        };
        text.push_str(sign);
    }
    Line::of(text, role)
}

/// A sparkline with the time cursor in it (0 is the left end, 1 the right one), if there is one.
pub fn marked(sparkline: Line, cursor: Option<f64>) -> Line {
    let Some(at) = cursor.filter(|at| at.is_finite()) else {
        return sparkline;
    };
    let last = sparkline.width().saturating_sub(1);
    let column = (at.clamp(0.0, 1.0) * last as f64).round() as usize;
    let mut marked = Line::new();
    let mut passed = 0;
    for Span { text, role } in sparkline.spans {
        let part = |from: usize, many: usize| -> String {
            text.as_str().chars().skip(from).take(many).collect()
        };
        // Every height is one column wide.
        let (width, at) = (text.width(), column.wrapping_sub(passed));
        marked = if at < width {
            marked
                .add(part(0, at), role)
                .add(part(at, 1), Role::Sel)
                .add(part(at + 1, width), role)
        } else {
            marked.add(text, role)
        };
        passed += width;
    }
    marked
}

/// A shade for a share of one, for maps of numbers without colour: a blank for nothing, `░▒▓█` for the four quarters.
pub fn shade(share: f64, theme: &Theme) -> &'static str {
    if share.is_nan() || share <= 0.0 {
        return " ";
    }
    let shades = &theme.glyphs().shade;
    shades
        .get((share * 4.0).ceil() as usize - 1)
        .copied()
        .unwrap_or(shades[3])
}

/// At most `columns` values, each the largest of its neighbours.
fn gather(values: &[Option<f64>], columns: usize) -> Vec<Option<f64>> {
    if values.len() <= columns {
        return values.to_vec();
    }
    let value = |at: usize| values.get(at).copied().flatten();
    (0..columns)
        .map(|column| within(column, columns, values.len(), (0.0, 1.0)))
        .map(|within| within.filter_map(value).reduce(f64::max))
        .collect()
}

/// Which of `many` values lie in one of `columns`, when they are spread evenly from one place to another (0 is the left end, 1 the right one): at
/// least one of them, and none outside.
pub(super) fn within(
    column: usize,
    columns: usize,
    many: usize,
    (from, to): (f64, f64),
) -> Range<usize> {
    /// Less than any value's share: it is lost in the arithmetic.
    const LITTLE: f64 = 1e-6;
    let at = |column: f64| (column / columns as f64 - from) / (to - from) * many as f64;
    let middle = at(column as f64 + 0.5);
    if !(middle >= 0.0 && middle < many as f64) {
        return 0..0;
    }
    let edge = |column: usize| (at(column as f64) + LITTLE).max(0.0) as usize;
    let first = edge(column).min(many - 1);
    first..edge(column + 1).max(first + 1).min(many)
}

fn filled(value: f64, max: f64, width: u16) -> usize {
    let share = value / max;
    if share.is_nan() || share <= 0.0 {
        return 0;
    }
    let columns = (share.min(1.0) * f64::from(width)).round() as usize;
    columns.max(1).min(usize::from(width))
}

/// Columns for each part: its rounded-down share, at least one from 2 % on, and what is left over goes to the largest remainder.
fn shares(parts: &[Part], width: usize) -> Vec<usize> {
    let values: Vec<f64> = parts
        .iter()
        .map(|p| {
            if p.value.is_finite() {
                p.value.max(0.0)
            } else {
                0.0
            }
        })
        .collect();
    let largest = values.iter().copied().fold(0.0, f64::max);
    if largest <= 0.0 {
        return vec![0; parts.len()];
    }
    // Scaled by the largest, so that the sum of huge numbers stays finite.
    let sum: f64 = values.iter().map(|v| v / largest).sum();
    let exact: Vec<f64> = values
        .iter()
        .map(|v| v / largest / sum * width as f64)
        .collect();
    let least = |share: f64| usize::from(share >= width as f64 / 50.0);
    let mut columns: Vec<usize> = exact
        .iter()
        .map(|share| (*share as usize).max(least(*share)))
        .collect();
    while columns.iter().sum::<usize>() < width {
        let gap = |at: usize| {
            exact
                .get(at)
                .zip(columns.get(at))
                .map_or(f64::MIN, |(e, c)| e - *c as f64)
        };
        let Some(most) = (0..columns.len())
            .filter(|at| exact.get(*at).is_some_and(|e| *e > 0.0))
            .max_by(|a, b| gap(*a).total_cmp(&gap(*b)))
        else {
            break;
        };
        if let Some(c) = columns.get_mut(most) {
            *c += 1;
        }
    }
    while columns.iter().sum::<usize>() > width {
        if let Some(c) = columns.iter_mut().max() {
            *c -= 1;
        }
    }
    columns
}
