//! Lines per minute by how mail fared, as a strip of stacked columns.
//!
//! In: the minutes and how many of them are shown. Out: a chart with its largest value and its times, or one row where there is no room for
//! more. A minute that saw anything of a kind shows at least one cell of it, while there are cells.

use crate::model::facets::{Facets, Minute};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, quarters_before};
use crate::widgets::{Line, Pen, times};
use ratatui::layout::Rect;

/// Columns before the chart: the largest value and the axis.
const GUTTER: u16 = 6;

/// The kinds from the bottom up, with sign and role.
fn kinds(minute: Minute, facts: &Facts<'_>) -> [(u32, &'static str, Role); 4] {
    let glyphs = facts.theme.glyphs();
    [
        (minute.sent, glyphs.bar, Role::Ok),
        (minute.deferred, glyphs.bar_deferred, Role::Defer),
        (minute.bounced, glyphs.bar_bounced, Role::Bounce),
        (minute.rejected, glyphs.bar_rest, Role::Reject),
    ]
}

/// What the signs mean, for the frame.
pub(super) fn legend(facts: &Facts<'_>) -> Line {
    let words = ["sent", "deferred", "bounced", "rejected"];
    let kinds = kinds(Minute::default(), facts).into_iter().zip(words);
    kinds.fold(Line::new(), |line, ((_, sign, role), word)| {
        let gap = if line.is_empty() { "" } else { "  " };
        line.add(format!("{gap}{word} "), Role::Dim).add(sign, role)
    })
}

/// The minutes that stand in the columns: first and how many.
fn span(facts: &Facts<'_>) -> (i64, i64) {
    let last = facts.until.timestamp().div_euclid(60);
    let minutes = facts.range.num_minutes().max(1);
    (last - minutes + 1, minutes)
}

/// The minute of each column.
fn column(at: u16, width: u16, facts: &Facts<'_>) -> std::ops::Range<i64> {
    let (first, minutes) = span(facts);
    let edge = |at: u16| first + i64::from(at) * minutes / i64::from(width.max(1));
    let (from, to) = (edge(at), edge(at + 1));
    from..to.max(from + 1)
}

/// The busiest minute of a column.
fn fared(counts: &Facets, at: u16, width: u16, facts: &Facts<'_>) -> Minute {
    let minutes = column(at, width, facts).map(|minute| counts.in_minute(minute));
    minutes
        .max_by_key(|minute| minute.total())
        .unwrap_or_default()
}

/// Draws the chart.
pub(super) fn draw(counts: &Facets, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if area.width <= GUTTER + 2 || area.height == 0 {
        return;
    }
    let times = u16::from(area.height > 2);
    let (width, height) = (area.width - GUTTER, area.height - times);
    let columns: Vec<Minute> = (0..width)
        .map(|at| fared(counts, at, width, facts))
        .collect();
    let most = columns.iter().map(|minute| minute.total()).max();
    let most = most.unwrap_or(0).max(1);
    let axis = facts.theme.glyphs().axis;
    for y in 0..height {
        let label = if y == 0 {
            numbers::compact(f64::from(most))
        } else {
            String::new()
        };
        let tick = if y == 0 { axis[0] } else { axis[3] };
        let line = Line::of(SafeText::from(label).pad_left(4), Role::Dim).add(tick, Role::Frame);
        pen.line(area.x, area.y + y, GUTTER, &line);
    }
    for (x, minute) in (area.x + GUTTER - 1..).zip(columns) {
        let mut y = area.y + height;
        for (count, sign, role) in kinds(minute, facts) {
            let cells = u64::from(count) * u64::from(height) * 2 / u64::from(most);
            let cells = (cells.div_ceil(2) as u16).max(u16::from(count > 0));
            for _ in 0..cells {
                if y > area.y {
                    y -= 1;
                    pen.sign(x, y, sign, role);
                }
            }
        }
    }
    if times > 0 {
        draw_times(pen, area, facts);
    }
}

/// The axis has the times of other charts, each below the column of its minute.
fn draw_times(pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let (first, minutes) = span(facts);
    let since = facts.until - facts.range;
    let late = since.timestamp() - first * 60;
    let place = |(at, words): (f64, SafeText)| {
        let seconds = late as f64 + at * facts.range.as_seconds_f64();
        (seconds / (minutes * 60) as f64, words)
    };
    let labels = quarters_before(facts.until, facts.range, facts);
    let labels: Vec<_> = labels.into_iter().map(place).collect();
    let row = Rect {
        y: area.bottom() - 1,
        width: area.width - 1,
        height: 1,
        ..area
    };
    times(pen, row, GUTTER - 1, &labels);
}

/// The same in one row: what most lines of a minute tell.
pub(super) fn row(counts: &Facets, width: u16, facts: &Facts<'_>) -> Line {
    let words = " lines/min";
    let room = width.saturating_sub(GUTTER + words.len() as u16);
    let columns: Vec<Minute> = (0..room).map(|at| fared(counts, at, room, facts)).collect();
    let most = columns.iter().map(|minute| minute.total()).max();
    let label = numbers::compact(f64::from(most.unwrap_or(0)));
    let mut line = Line::of(SafeText::from(label).pad_left(5), Role::Dim).text(" ");
    for minute in columns {
        let kind = kinds(minute, facts).into_iter().max_by_key(|kind| kind.0);
        line = match kind.filter(|kind| kind.0 > 0) {
            Some((_, sign, role)) => line.add(sign, role),
            None => line.text(" "),
        };
    }
    line.add(words, Role::Dim)
}
