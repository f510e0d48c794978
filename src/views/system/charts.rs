//! Three charts: CPU, the disk and memory; each with its figures in words. Where there is little room they are one line each.

mod figures;

use super::System;
use crate::model::feeds::Source;
use crate::model::headroom::{Kind, Resource};
use crate::model::host::Figure;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Line, Pen, TimeSeries, Window, sparkline};
use chrono::{DateTime, TimeDelta, Utc};
use figures::{Chart, all, percent};
use ratatui::layout::Rect;
use std::sync::Arc;

/// Values of a chart: two for each column of a wide one.
const VALUES: usize = 160;
/// The shortest range that a chart of the host shows.
const SHORTEST: TimeDelta = TimeDelta::minutes(10);

/// What is drawn.
#[derive(Debug, Default)]
pub(super) struct Charts {
    range: TimeDelta,
    /// In percent.
    cpu: Vec<Option<f64>>,
    busy: Vec<Option<f64>>,
    memory: Vec<Option<f64>>,
    disk: Option<Arc<str>>,
}

impl Charts {
    /// The time that they show.
    pub(super) fn range(&self) -> TimeDelta {
        self.range
    }

    /// Of the moment and range that are looked at. The disk is the selected one, else the spool's.
    pub(super) fn of(facts: &Facts<'_>, selected: Option<&Resource>) -> Self {
        let host = &facts.model.host;
        let range = range(facts);
        let percent = |figure: &Figure| {
            let series = host.series(figure, facts.until, range, VALUES);
            series
                .into_iter()
                .map(|share| share.map(|share| share * 100.0))
                .collect()
        };
        let chosen = selected.filter(|resource| resource.kind == Kind::Disk);
        let disk = match chosen.and_then(|resource| resource.figure.as_ref()) {
            Some(Figure::Busy(name)) => Some(Arc::clone(name)),
            _ => first_disk(facts),
        };
        Self {
            range,
            cpu: percent(&Figure::Cpu),
            busy: disk.as_ref().map_or_else(
                || vec![None; VALUES],
                |name| percent(&Figure::Busy(Arc::clone(name))),
            ),
            memory: percent(&Figure::Memory),
            disk,
        }
    }
}

fn first_disk(facts: &Facts<'_>) -> Option<Arc<str>> {
    let mut disks = facts.model.host.newest()?.disks();
    disks.next().map(|disk| disk.name.as_str().into())
}

/// The log tells of yesterday, the host only of what was since mailtop began: unless a range is chosen, a chart shows just that.
fn range(facts: &Facts<'_>) -> TimeDelta {
    if facts.chart_range == facts.range {
        return facts.range;
    }
    let known = facts
        .model
        .host
        .begins()
        .map_or(SHORTEST, |begin| facts.until - begin);
    let minutes = [10, 30, 60, 180, 360, 720, 1440].map(TimeDelta::minutes);
    let fits = minutes.into_iter().find(|range| *range >= known);
    fits.unwrap_or(minutes[6])
}

/// Three charts side by side.
pub(super) fn draw(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let third = area.width / 3;
    for (nth, chart) in all(view, facts).into_iter().enumerate() {
        let x = area.x + nth as u16 * third;
        let width = if nth == 2 {
            area.right().saturating_sub(x)
        } else {
            third
        };
        one(view, pen, Rect { x, width, ..area }, facts, &chart);
    }
}

/// The chart of the panel that has the keys, alone.
pub(super) fn alone(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if let Some(chart) = all(view, facts)
        .iter()
        .find(|chart| chart.panel == view.panel)
    {
        one(view, pen, area, facts, chart);
    }
}

fn one(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>, chart: &Chart<'_>) {
    let inner = Window::new(format!("{} {}", chart.name, percent(chart.now)))
        .note(chart.note.clone())
        .focused(view.panel == chart.panel)
        .old(facts.old(&[Source::Host]))
        .draw(pen, area);
    let below = (chart.below.len() as u16).min(inner.height.saturating_sub(4));
    let plot = Rect {
        height: inner.height - below,
        ..inner
    };
    TimeSeries::new(chart.values, Role::Accent)
        .up_to(100.0)
        .labels(labels(facts, view.charts.range))
        .draw(pen, plot);
    let words = Rect {
        x: inner.x + 1,
        y: plot.bottom(),
        width: inner.width.saturating_sub(1),
        height: below,
    };
    pen.lines(words, &chart.below);
}

/// Begin, middle and end.
fn labels(facts: &Facts<'_>, range: TimeDelta) -> Vec<(f64, SafeText)> {
    let clock = |time: DateTime<Utc>| {
        let time = time.with_timezone(&facts.model.zone());
        SafeText::from(time.format("%H:%M").to_string())
    };
    vec![
        (0.0, clock(facts.until - range)),
        (0.5, clock(facts.until - range / 2)),
        (1.0, clock(facts.until)),
    ]
}

/// ` CPU  34% ▂▃▃▂▃  user 21 sys 9   load 2.1   PSI 2 %`: one line each.
pub(super) fn lines(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let spark = if area.width >= 70 { 14 } else { 8 };
    for (y, chart) in (area.top()..area.bottom()).zip(all(view, facts)) {
        let name = chart
            .name
            .trim_start_matches("Disk ")
            .replace("Memory", "mem");
        let role = if view.panel == chart.panel {
            Role::Accent
        } else {
            Role::Dim
        };
        let line = Line::of(format!(" {:<4} ", SafeText::from(name).cut(4)), role)
            .add(
                format!("{:>4} ", percent(chart.now).replace(' ', "")),
                Role::Text,
            )
            .then(sparkline(
                chart.values,
                100.0,
                spark,
                Role::Accent,
                facts.theme,
            ));
        let mut x = area.x + pen.line(area.x, y, area.width, &line) + 2;
        for (words, width) in chart.short.iter().zip([26_u16, 19, 12]) {
            let room = area.right().saturating_sub(x);
            if room < width.min(8) {
                break;
            }
            pen.text(x, y, room.min(width - 1), words.clone(), Role::Text);
            x += width;
        }
    }
    if let Some(old) = facts.old(&[Source::Host]) {
        old.over(pen, area);
    }
}
