//! The panels of the Overview and where they stand. As the screen shrinks the host's panels go first, then the events, then
//! the providers, then the height of the chart.

mod host;
mod providers;
mod queues;

use super::{Overview, Panel, Then, sign};
use crate::app::command::QueueScope;
use crate::app::cursor::Aim;
use crate::app::looking;
use crate::model::events::{Happening, Kind};
use crate::model::feeds::Source;
use crate::model::history::Depth;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, WINDOW, clock, good_news, marked, over_time, which};
use crate::widgets::{Column, Columns, Line, Pen, Row, Sort, Width, Window, bar};
use host::{host_line, host_panels};
use providers::providers;
use queues::queues;
use ratatui::layout::Rect;

/// From this many columns on a panel stands to the right of another one.
const TWO_COLUMNS: u16 = 76;
/// From this many columns on panels have their full content.
const WIDE: u16 = 100;

/// Where the panels stand; those of no height are left out.
struct Places {
    chart: Rect,
    queues: Rect,
    stuck: Rect,
    providers: Rect,
    events: Rect,
    host: Rect,
}

fn places(area: Rect) -> Places {
    let none = Rect {
        height: 0,
        width: 0,
        ..area
    };
    let row = |y: u16, height: u16| Rect {
        y: area.y + y,
        height: height.min(area.height.saturating_sub(y)),
        ..area
    };
    let h = area.height;
    if area.width < TWO_COLUMNS {
        let queues = if h >= 12 { 6 } else { 3 }.min(h);
        let host = u16::from(h >= 12);
        let chart = if h >= 18 { 6 } else { 0 };
        let stuck = h - queues - host - chart;
        return Places {
            queues: row(0, queues),
            chart: row(queues, chart),
            stuck: row(queues + chart, stuck),
            host: row(h - host, host),
            providers: none,
            events: none,
        };
    }
    let (host, events) = match h {
        30.. if area.width >= WIDE => (5, 0),
        18.. => (1, 2),
        12.. => (1, 0),
        _ => (0, 0),
    };
    let upper = if h >= 30 {
        13
    } else {
        (h - host - events) * 45 / 100
    };
    let lower = h - upper - host - events;
    let split = |at: Rect, left: u16| {
        (
            Rect { width: left, ..at },
            Rect {
                x: at.x + left,
                width: at.width - left,
                ..at
            },
        )
    };
    let (chart, queues) = split(row(0, upper), area.width * 60 / 100);
    let (stuck, right) = split(row(upper, lower), area.width * 55 / 100);
    // On a high screen the events stand under the providers, otherwise in lines of their own.
    let (providers, events) = if events == 0 && right.height >= 14 {
        let below = (right.height / 3).max(4);
        let providers = Rect {
            height: right.height - below,
            ..right
        };
        (
            providers,
            Rect {
                y: providers.bottom(),
                height: below,
                ..right
            },
        )
    } else {
        (right, row(upper + lower + host, events))
    };
    Places {
        chart,
        queues,
        stuck,
        providers,
        events,
        host: row(upper + lower, host),
    }
}

/// Draws all panels, or the one that has the keys.
pub(super) fn draw(view: &Overview, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if facts.alone {
        match view.panel {
            Panel::Stuck => stuck(view, pen, area, facts),
            Panel::Queues => queues(view, pen, area, facts),
            Panel::Providers => providers(view, pen, area, facts),
        }
        return;
    }
    let places = places(area);
    if places.chart.height > 2 {
        chart(view, pen, places.chart, facts);
    }
    if places.queues.height > 2 {
        queues(view, pen, places.queues, facts);
    }
    if places.stuck.height > 2 {
        stuck(view, pen, places.stuck, facts);
    }
    if places.providers.height > 2 {
        providers(view, pen, places.providers, facts);
    }
    events(view, pen, places.events, facts);
    match places.host.height {
        0 => {}
        1 | 2 => host_line(pen, places.host, facts),
        _ => host_panels(pen, places.host, facts),
    }
}

fn chart(view: &Overview, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let inner = Window::new("Queue depth")
        .note(chart_note(area.width, facts))
        .old(facts.old(&[Source::Queue, Source::Log]))
        .draw(pen, area);
    let legend = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1,
        ..inner
    };
    let plot = if inner.height > 6 {
        Rect {
            height: inner.height - 1,
            ..inner
        }
    } else {
        inner
    };
    let deferred: Vec<Option<f64>> = view
        .depths
        .iter()
        .map(|depth| depth.map(|depth| depth.deferred as f64))
        .collect();
    let active: Vec<Option<f64>> = view
        .depths
        .iter()
        .map(|depth| depth.map(|depth| depth.active as f64))
        .collect();
    over_time(&deferred, Role::Defer, facts)
        .line(&active, Role::Accent)
        .draw(pen, plot);
    if plot.height < inner.height {
        let now = view.now();
        let depth = |of: fn(Depth) -> i64| {
            now.map_or_else(
                || String::from("-"),
                |depth| numbers::count(of(depth).unsigned_abs()),
            )
        };
        let flow = view.running;
        let glyphs = facts.theme.glyphs();
        let line = Line::of(
            format!(" {} deferred {}", glyphs.bar, depth(|depth| depth.deferred)),
            Role::Defer,
        )
        .add(
            format!(
                "   {} active {}",
                glyphs.meter_rest,
                depth(|depth| depth.active)
            ),
            Role::Accent,
        )
        .add(
            format!("   in {}/m", numbers::count(flow.arrived)),
            Role::Text,
        )
        .add(
            format!("   {} sent {}/m", glyphs.sent, numbers::count(flow.sent)),
            Role::Ok,
        );
        pen.line(legend.x, legend.y, legend.width, &line);
    }
}

/// The chart's span, how many log lines it rests on, and how many of them no grammar knew: a change of format is seen here.
fn chart_note(width: u16, facts: &Facts<'_>) -> String {
    let lines = &facts.model.told().lines;
    let unknown = lines.other + lines.unparsed;
    let span = looking::words(facts.chart_range);
    match (width >= 60, unknown) {
        (true, _) => format!(
            "{} log lines, {} unrecognized · last {span}",
            numbers::count(lines.read),
            numbers::count(unknown)
        ),
        (false, 0) => format!("last {span}"),
        (false, _) => format!("{} unrecognized · {span}", numbers::count(unknown)),
    }
}

/// What was deferred for the first time before a moment in the past: how long it waited is no longer known.
fn then(rows: &[Then], pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let note = format!("in the {WINDOW} min before {}", clock(facts.until, facts));
    let inner = Window::new("Deferred then")
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    if rows.is_empty() {
        let words = "Nothing was deferred for the first time.";
        pen.text(
            inner.x + 2,
            inner.y,
            inner.width.saturating_sub(3),
            words,
            Role::Dim,
        );
    }
    let columns = [
        Column::new("Domain", Width::Flex(14)),
        Column::new("Count", Width::Fixed(6))
            .right()
            .sorted(Some(Sort::Down)),
        Column::new("Reason", Width::Flex(18)).drop(3),
    ];
    Columns::new(&columns, rows.len()).draw(pen, inner, |at| {
        let Some(row) = rows.get(at) else {
            return Row::default();
        };
        Row::new(vec![
            Line::from(&*row.domain),
            Line::from(numbers::count(row.count)),
            Line::of(SafeText::from(&*row.reason), Role::Defer),
        ])
    });
}

fn stuck(view: &Overview, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if let Some(rows) = &view.past {
        return then(rows, pen, area, facts);
    }
    let domains = &facts.standing.stuck;
    let note = which(view.domain.at(), domains.len()) + &marked(facts);
    let focused = view.panel == Panel::Stuck;
    let inner = Panel::Stuck
        .window("Stuck domains", view.panel)
        .note(note)
        .old(facts.old(&[Source::Queue]))
        .draw(pen, area);
    if domains.is_empty() {
        for (nth, line) in good_news(
            facts,
            QueueScope::Waiting,
            "2: the queue, also what is active",
        )
        .iter()
        .enumerate()
        {
            let y = inner.y + 1 + nth as u16;
            if y < inner.bottom() {
                pen.line(inner.x + 2, y, inner.width.saturating_sub(3), line);
            }
        }
        return;
    }
    let most = domains.first().map_or(1, |domain| domain.count.max(1));
    let columns = [
        Column::new("Domain", Width::Flex(14)),
        Column::new("Count", Width::Fixed(6))
            .right()
            .sorted(Some(Sort::Down)),
        Column::new("", Width::Fixed(6)).drop(4),
        Column::new("Oldest", Width::Fixed(6)).right().drop(1),
        Column::new("DSN", Width::Fixed(7)).drop(2),
        Column::new("Reason", Width::Flex(18)).drop(3),
    ];
    let table = Columns::new(&columns, domains.len())
        .selected(Some(view.domain.at()))
        .range(view.domain.range())
        .focused(focused);
    table.draw(pen, inner, |at| {
        let Some(domain) = domains.get(at) else {
            return Row::default();
        };
        let reason = domain.main_reason();
        let dsn = reason
            .and_then(|reason| reason.dsn)
            .map(|dsn| dsn.to_string())
            .unwrap_or_default();
        let words = reason
            .map(|reason| Line::of(&reason.words, Role::Text))
            .unwrap_or_default();
        let row = Row::new(vec![
            Line::from(&*domain.name),
            Line::from(numbers::count(domain.count as u64)),
            bar(
                domain.count as f64,
                most as f64,
                6,
                Role::Defer,
                facts.theme,
            ),
            Line::from(super::super::age(
                facts.model.now().timestamp() - domain.oldest,
            )),
            Line::of(dsn, Role::Defer),
            words,
        ]);
        match sign(domain, facts) {
            Some((sign, role)) => row.sign(sign, role),
            None => row,
        }
    });
}

fn events(view: &Overview, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let events = &view.events;
    if area.height > 3 {
        let inner = Window::new("Newest events").draw(pen, area);
        let lines: Vec<Line> = events
            .iter()
            .take(usize::from(inner.height))
            .map(|event| event_line(event, facts))
            .collect();
        if lines.is_empty() {
            pen.text(
                inner.x + 2,
                inner.y,
                inner.width.saturating_sub(3),
                "nothing yet",
                Role::Dim,
            );
        }
        pen.lines(inner, &lines);
    } else {
        let lines: Vec<Line> = events
            .iter()
            .take(usize::from(area.height))
            .map(|event| event_line(event, facts))
            .collect();
        pen.lines(area, &lines);
    }
}

fn event_line(event: &Happening, facts: &Facts<'_>) -> Line {
    let glyphs = facts.theme.glyphs();
    let (sign, role) = match event.kind {
        Kind::Deferred => (glyphs.deferred, Role::Defer),
        Kind::Bounced => (glyphs.bounced, Role::Bounce),
        Kind::Acted => (glyphs.marked, Role::Hold),
        Kind::LoginFailed => (glyphs.rejected, Role::Reject),
        Kind::Warning | Kind::Source => (glyphs.alert, Role::Defer),
    };
    let many = if event.count > 1 {
        format!("×{} ", numbers::count(event.count))
    } else {
        String::new()
    };
    Line::of(format!(" {} ", clock(event.last, facts)), Role::Dim)
        .add(format!("{sign} "), role)
        .add(many, Role::Dim)
        .text(&event.text)
}
