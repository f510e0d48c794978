//! How long deliveries took: a table by provider, and a heat map over time.

use super::detail::seconds;
use super::{Panel, Providers};
use crate::knowledge::Provider;
use crate::model::feeds::Source;
use crate::model::minute::MinuteRange;
use crate::model::providers::delays::{Delays, Level};
use crate::model::providers::slots::ten_of;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, inset, quarters};
use crate::widgets::{Column, Columns, HeatMap, Line, Pen, Row, Width};
use ratatui::layout::Rect;
use std::time::Duration;

/// The steps of the heat map's scale in seconds, and how they are written.
const STEPS: [(f64, &str); 11] = [
    (0.3, "<0.3s"),
    (1.0, "0.3s"),
    (3.0, "1s"),
    (10.0, "3s"),
    (30.0, "10s"),
    (60.0, "30s"),
    (300.0, "1m"),
    (1_800.0, "5m"),
    (7_200.0, "30m"),
    (43_200.0, "2h"),
    (f64::INFINITY, "12h"),
];
/// A 95th percentile is far above the others when it is so many times their middle one, and not below a minute.
const FAR: f64 = 5.0;
const SLOW: f64 = 60.0;
/// Deliveries from which on a percentile says something.
const FEW: u64 = 10;

/// Deliveries over time by how long they took.
#[derive(Debug, Default)]
pub(super) struct Map {
    provider: Option<Provider>,
    /// Shares of each step of the scale, the longest first; `None` where nothing was delivered.
    columns: Vec<Option<Vec<f64>>>,
    deliveries: u64,
    /// The first minute.
    first: i64,
    /// Minutes of a column.
    step: i64,
}

impl Map {
    /// Of one provider, or of all.
    pub(super) fn new(provider: Option<Provider>, facts: &Facts<'_>) -> Self {
        let edges: Vec<f64> = STEPS[..STEPS.len() - 1]
            .iter()
            .map(|(edge, _)| *edge)
            .collect();
        let model = &facts.model.facts;
        let minutes = facts.shown().minutes();
        let (steps, step) = model.delay_map(minutes, provider, &edges);
        let first = if step == 1 {
            minutes.first
        } else {
            ten_of(minutes.first)
        };
        let many = ((minutes.last - first).div_euclid(step) + 1).clamp(0, 2_000);
        let mut map = Self {
            provider,
            columns: vec![None; many as usize],
            deliveries: 0,
            first,
            step,
        };
        for (begin, counts) in steps {
            let all: u64 = counts.iter().sum();
            map.deliveries += all;
            let shares = counts
                .iter()
                .rev()
                .map(|count| *count as f64 / all.max(1) as f64);
            let place = usize::try_from((begin - first).div_euclid(step)).ok();
            if let Some(column) = place.and_then(|place| map.columns.get_mut(place)) {
                *column = Some(shares.collect());
            }
        }
        map
    }

    fn minutes(&self) -> MinuteRange {
        MinuteRange {
            first: self.first,
            last: self.first + self.step * self.columns.len() as i64 - 1,
        }
    }
}

/// The heat map of the selected provider.
pub(super) fn map(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let whose = view.map.provider.map_or("all providers", Provider::name);
    let title = format!("Delay to 250 over time · {whose}");
    let step = format!("{} min", view.map.step);
    let note = format!(
        "{} · a column {step}",
        numbers::many(view.map.deliveries as usize, "delivery").replace("deliverys", "deliveries")
    );
    let note = if area.width >= 70 {
        note
    } else {
        String::new()
    };
    let old = facts.old(&[Source::Log]);
    let window = Panel::Map.window(title, view.panel).note(note).old(old);
    let inner = inset(window.draw(pen, area));
    if view.map.deliveries == 0 {
        let words = format!("nothing was delivered to {whose} in this range");
        pen.text(inner.x, inner.y, inner.width, words, Role::Dim);
        return;
    }
    let names: Vec<SafeText> = STEPS
        .iter()
        .rev()
        .map(|(_, name)| SafeText::from(*name))
        .collect();
    let shown = facts.shown();
    HeatMap::new(&view.map.columns, &names, Role::Accent)
        .labels(quarters(facts))
        .cursor(shown.cursor)
        .reaching(shown.reach(view.map.minutes()))
        .draw(pen, inner);
}

/// Percentiles by provider, the parts of the worst, and TLS.
pub(super) fn table(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let rows: Vec<&(Provider, Delays)> = view
        .delays
        .iter()
        .filter(|(_, delays)| delays.total.count() > 0)
        .collect();
    let inner = Panel::Delays
        .window("Delay to 250", view.panel)
        .note("p50 / p95 / p99")
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let mut below = below(view, &rows, facts);
    if inner.height < 9 && below.len() > 2 {
        below.remove(0);
    }
    let room = inner.height.saturating_sub(3);
    let lines = (below.len() as u16).min(room);
    let blank = u16::from(inner.height > lines + rows.len() as u16 + 1);
    let columns = [
        Column::new("Provider", Width::Flex(9)),
        Column::new("p50", Width::Fixed(8)).right(),
        Column::new("p95", Width::Fixed(8)).right(),
        Column::new("p99", Width::Fixed(8)).right(),
        Column::new("", Width::Fixed(1)),
    ];
    let upper = Rect {
        height: inner.height - lines - blank,
        ..inner
    };
    let selected = rows.iter().position(|(of, _)| Some(*of) == view.provider());
    let middle = middle(&rows);
    Columns::new(&columns, rows.len())
        .selected(selected)
        .numbered(None)
        .focused(false)
        .gutter(1)
        .draw(pen, upper, |at| {
            let Some((provider, delays)) = rows.get(at) else {
                return Row::default();
            };
            let far = is_far(delays, middle);
            let value = |share: f64, role: Role| {
                let value = delays.total.quantile(share).map(seconds);
                Line::of(value.unwrap_or_default(), role)
            };
            let role = if far { Role::Defer } else { Role::Text };
            let sign = if far { facts.theme.glyphs().alert } else { "" };
            Row::new(vec![
                provider.name().into(),
                value(0.5, Role::Text),
                value(0.95, role),
                value(0.99, Role::Text),
                Line::of(sign, Role::Defer),
            ])
        });
    let lower = inset(Rect {
        y: inner.bottom() - lines,
        height: lines,
        ..inner
    });
    pen.lines(lower, &below);
}

/// The middle one of the 95th percentiles.
fn middle(rows: &[&(Provider, Delays)]) -> f64 {
    let mut values: Vec<f64> = rows
        .iter()
        .filter(|(_, delays)| delays.total.count() >= FEW)
        .filter_map(|(_, delays)| delays.total.quantile(0.95))
        .collect();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(0.0)
}

fn is_far(delays: &Delays, middle: f64) -> bool {
    let value = delays.total.quantile(0.95).unwrap_or(0.0);
    delays.total.count() >= FEW && value >= SLOW && value > middle * FAR
}

/// The four parts of the slowest provider's delay, and how sessions were protected.
fn below(view: &Providers, rows: &[&(Provider, Delays)], facts: &Facts<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let worst = rows
        .iter()
        .filter(|(_, delays)| delays.total.count() >= FEW.min(view.map.deliveries.max(1)))
        .max_by(|a, b| {
            let of = |delays: &Delays| delays.total.quantile(0.95).unwrap_or(0.0);
            of(&a.1).total_cmp(&of(&b.1))
        });
    if let Some((provider, delays)) = worst
        && let Some(means) = delays.means()
    {
        lines.push(Line::of(
            "before / in queue / connect / send: slowest",
            Role::Dim,
        ));
        let parts = means.map(short).join(" / ");
        let names = ["before the queue", "in queue", "connect", "send"];
        let most = means
            .iter()
            .copied()
            .zip(names)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let mut line = Line::from(format!("{} {parts}", provider.name()));
        if let Some((_, name)) = most.filter(|(value, _)| *value >= 1.0) {
            line = line.add(format!("  ← {name}"), Role::Defer);
        }
        lines.push(line);
    }
    lines.push(tls(view, facts));
    lines
}

/// `0.1`, `20m`: a length of time for a row of four.
fn short(value: f64) -> String {
    if value < 60.0 {
        format!("{value:.1}")
    } else {
        numbers::age(Duration::try_from_secs_f64(value).unwrap_or_default())
    }
}

/// How sessions were protected: to the selected provider, or to all when nothing is known of it.
fn tls(view: &Providers, _facts: &Facts<'_>) -> Line {
    let own = view
        .provider()
        .and_then(|provider| view.delays.iter().find(|(of, _)| *of == provider))
        .filter(|(_, delays)| delays.sessions() > 0);
    let whose = own.map_or("all providers", |(provider, _)| provider.name());
    let count = |level: Level| match own {
        Some((_, delays)) => delays.level(level),
        None => view
            .delays
            .iter()
            .map(|(_, delays)| delays.level(level))
            .sum(),
    };
    let all: u64 = Level::ALL.iter().map(|level| count(*level)).sum();
    if all == 0 {
        return Line::of(
            "TLS is not logged: smtp_tls_loglevel = 1 shows it",
            Role::Dim,
        );
    }
    let mut line = Line::of(format!("TLS to {whose}:"), Role::Dim);
    for level in Level::ALL {
        let count = count(level);
        if count > 0 {
            let share = count as f64 * 100.0 / all as f64;
            line = line.text(format!(" {} {share:.0} %", level.name()));
        }
    }
    line
}
