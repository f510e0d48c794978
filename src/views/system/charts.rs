//! Three charts: CPU, the disk and memory; each with its figures in words. Where there is little room they are one line each.

mod figures;

use super::System;
use crate::model::feeds::Source;
use crate::model::headroom::{Kind, NEAR, Resource};
use crate::model::host::Figure;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, over_time};
use crate::widgets::{Line, Pen, marked, sparkline};
use figures::{Chart, all, percent};
use ratatui::layout::Rect;
use std::sync::Arc;

/// Values of a chart: two for each column of a wide one.
const VALUES: usize = 160;

/// What is drawn.
#[derive(Debug, Default)]
pub(super) struct Charts {
    /// In percent.
    cpu: Vec<Option<f64>>,
    busy: Vec<Option<f64>>,
    memory: Vec<Option<f64>>,
    disk: Option<Arc<str>>,
}

impl Charts {
    /// Of the time that charts show. The disk is the selected one, else the spool's.
    pub(super) fn of(facts: &Facts<'_>, selected: Option<&Resource>) -> Self {
        let host = &facts.model.host;
        let shown = facts.shown();
        let percent = |figure: &Figure| {
            let series = host.series(figure, shown.until, shown.range(), VALUES);
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
    let title = format!("{} {}", chart.name, percent(chart.now));
    let inner = chart
        .panel
        .window(title, view.panel)
        .note(chart.note.clone())
        .old(facts.old(&[Source::Host]))
        .draw(pen, area);
    let below = (chart.below.len() as u16).min(inner.height.saturating_sub(4));
    let plot = Rect {
        height: inner.height - below,
        ..inner
    };
    over_time(chart.values, Role::Accent, facts)
        .up_to(100.0)
        .threshold(NEAR * 100.0, percent(Some(NEAR * 100.0)))
        .draw(pen, plot);
    // The log tells of yesterday, the host only of what was since mailtop began.
    let shown = facts.shown();
    let begins = facts.model.host.begins();
    if let Some(begins) = begins.filter(|begins| *begins - shown.since > shown.range() / 2) {
        let begins = begins.with_timezone(&facts.model.zone());
        let words = format!("known from {}", begins.format("%H:%M"));
        let half = Rect {
            x: plot.x + plot.width / 6,
            width: plot.width / 2,
            ..plot
        };
        // The threshold and its name are in the first row.
        pen.text(half.x, half.y + 1, half.width, words, Role::Dim);
    }
    let words = Rect {
        x: inner.x + 1,
        y: plot.bottom(),
        width: inner.width.saturating_sub(1),
        height: below,
    };
    pen.lines(words, &chart.below);
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
            .then(marked(
                sparkline(chart.values, 100.0, spark, Role::Accent, facts.theme),
                facts.shown().cursor,
            ));
        let mut x = area.x + pen.line(area.x, y, area.width, &line) + 2;
        for (words, width) in chart.short.iter().zip([26_u16, 19, 12]) {
            let words = SafeText::from(words.as_str());
            let room = area.right().saturating_sub(x);
            if usize::from(room) < words.width() {
                break;
            }
            pen.text(x, y, width - 1, words, Role::Text);
            x += width;
        }
    }
    if let Some(old) = facts.old(&[Source::Host]) {
        old.over(pen, area);
    }
}
