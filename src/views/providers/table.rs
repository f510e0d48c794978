//! The matrix, where the panels stand, and what is said where there is nothing.

use super::{Axis, Panel, Providers, WIDE, name, role};
use crate::app::looking;
use crate::model::feeds::Source;
use crate::model::providers::matrix::MatrixRow as Answered;
use crate::numbers;
use crate::theme::Role;
use crate::views::{Facts, Panels, clock, no_match};
use crate::widgets::{Head, Line, Matrix, MatrixCell, MatrixRow, Pen, Span, Window};
use ratatui::layout::Rect;

/// A row needs a person when more than this share of its attempts is tried again, and it has at least [`FEW`].
const MUCH: f64 = 0.2;
const FEW: u64 = 20;

/// Where the matrix, the panel below it and the one to the right of that stand; those for which there is no room are empty.
pub(super) fn places(view: &Providers, area: Rect) -> (Rect, Rect, Rect) {
    let below = match area.height {
        30.. => 17,
        19.. => 7,
        12.. => 6,
        _ => 0,
    };
    // Frame, heads, total, what is missing.
    let wanted = (view.matrix.rows.len() + 5).min(200) as u16;
    let height = wanted.clamp(7, area.height.saturating_sub(below).max(7));
    let matrix = Rect {
        height: height.min(area.height),
        ..area
    };
    let rest = Rect {
        y: matrix.bottom(),
        height: area.height - matrix.height,
        ..area
    };
    if below == 0 {
        return (area, Rect { height: 0, ..area }, Rect { height: 0, ..area });
    }
    let left = if area.width >= WIDE {
        area.width * 58 / 100
    } else {
        area.width
    };
    let right = Rect {
        x: area.x + left,
        width: area.width - left,
        ..rest
    };
    (
        matrix,
        Rect {
            width: left,
            ..rest
        },
        right,
    )
}

pub(super) fn matrix(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let matrix = &view.matrix;
    let (title, head, width) = match view.axis {
        Axis::Provider => ("Provider × DSN", "Provider", 12),
        Axis::Domain => ("Domain × DSN", "Domain", 24),
        Axis::Sender => ("Sender × DSN", "Sender", 24),
    };
    let width = if area.width < 70 {
        width.min(14)
    } else {
        width
    };
    let glyphs = facts.theme.glyphs();
    let legend = Line::of(format!("{} 2.x", glyphs.sent), Role::Ok)
        .add(format!(" {} 4.x", glyphs.deferred), Role::Defer)
        .add(format!(" {} 5.x", glyphs.bounced), Role::Bounce);
    let note = if area.width >= 60 {
        Line::of("shade: share of row · ", Role::Dim).then(legend)
    } else {
        legend
    };
    let inner = Panel::Matrix
        .window(title, view.panel)
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let heads: Vec<Head> = matrix
        .columns
        .iter()
        .map(|column| Head {
            title: column.title().into(),
            role: role(*column),
        })
        .collect();
    let total = matrix.total.as_ref().map(|total| MatrixRow {
        name: Line::of("TOTAL", Role::Head),
        sign: None,
        ..row(view, total, facts)
    });
    Matrix::new(&heads, matrix.rows.len(), head, width)
        .note("att/m", 7)
        .selected(Some(view.at))
        .footer(total)
        .unit("code")
        .draw(pen, inner, |at| {
            matrix
                .rows
                .get(at)
                .map(|answered| row(view, answered, facts))
                .unwrap_or_default()
        });
}

fn row(view: &Providers, row: &Answered, facts: &Facts<'_>) -> MatrixRow {
    let all = row.attempts.max(1) as f64;
    let cells = row.cells.iter().map(|count| {
        let share = *count as f64 / all;
        let text = match count {
            0 => String::new(),
            _ if view.percent => numbers::percent(share),
            0..100_000 => count.to_string(),
            _ => numbers::compact(*count as f64),
        };
        MatrixCell {
            text: text.into(),
            share,
        }
    });
    let rate = row.attempts as f64 / view.matrix.minutes.max(1) as f64;
    let much = row.outcomes.share(row.outcomes.deferred).unwrap_or(0.0);
    MatrixRow {
        sign: (much > MUCH && row.attempts >= FEW && view.axis != Axis::Sender).then(|| Span {
            text: facts.theme.glyphs().alert.into(),
            role: Role::Defer,
        }),
        name: name(&row.who).into(),
        note: format!("{rate:.1}").into(),
        cells: cells.collect(),
    }
}

/// Nothing was tried: good or bad, with what it rests on, and where to look next.
pub(super) fn nothing(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let inner = Window::new("Provider × DSN")
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let told = facts.model.told();
    let words = looking::words(facts.range);
    let mut lines = match (told.seen.first, told.seen.last) {
        (Some(_), Some(last)) => {
            let line = match view.axis {
                Axis::Sender => Line::of(facts.theme.glyphs().ok, Role::Ok)
                    .text(format!(" No delivery failed in the last {words}.")),
                Axis::Provider | Axis::Domain => {
                    Line::from(format!("No delivery was tried in the last {words}."))
                }
            };
            vec![
                line,
                Line::of(
                    format!(
                        "  {} log lines are known, the last of {}.",
                        numbers::count(told.lines.read),
                        clock(last, facts)
                    ),
                    Role::Dim,
                ),
                Line::of("  Z a longer range · 2 the queue · 8 the log", Role::Dim),
            ]
        }
        _ => vec![
            Line::of(
                "No log line is known yet: who answers what is learned from the log.",
                Role::Dim,
            ),
            Line::of("D what mailtop found on this host", Role::Dim),
        ],
    };
    if !view.filter.is_empty() {
        lines = vec![no_match(view.all, "attempt", &view.filter)];
    }
    let at = Rect {
        x: inner.x + 2.min(inner.width),
        width: inner.width.saturating_sub(3),
        y: inner.y + u16::from(inner.height > 4),
        height: inner.height - u16::from(inner.height > 4),
    };
    pen.lines(at, &lines);
}
