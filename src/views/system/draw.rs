//! Where the panels of the system stand. As the screen shrinks the charts become lines, then the processes, then both go.

use super::{Panel, System, charts, services, words};
use crate::app::looking;
use crate::model::feeds::{Feed, FeedState, Source};
use crate::model::headroom::{Full, Kind, Resource, Used};
use crate::model::standing::Busiest;
use crate::theme::Role;
use crate::views::{Facts, Panels, which};
use crate::widgets::{Column, Columns, Line, Pen, Row, Sort, Width, meter};
use chrono::TimeDelta;
use ratatui::layout::Rect;

/// From this many columns on there are charts and notes.
pub(super) const WIDE: u16 = 100;
/// From this many rows on as well.
const TALL: u16 = 28;
/// Rows of the charts, with their frames.
const CHARTS: u16 = 11;
/// Fewest rows of the processes, with their frame.
const PROCESSES: u16 = 6;

/// Draws all panels, or the one that has the keys.
pub(super) fn draw(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if facts.alone {
        match view.panel {
            Panel::Headroom => headroom(view, pen, area, facts),
            Panel::Services => services::draw(view, pen, area, facts),
            Panel::Cpu | Panel::Disk | Panel::Memory => charts::alone(view, pen, area, facts),
        }
        return;
    }
    let wanted = view.resources.len().max(3) as u16 + 3;
    let row = |y: u16, height: u16| Rect {
        y: area.y + y,
        height,
        ..area
    };
    let h = area.height;
    if area.width >= WIDE && h >= TALL {
        let upper = wanted.min(h - CHARTS - PROCESSES - 3);
        headroom(view, pen, row(0, upper), facts);
        charts::draw(view, pen, row(upper, CHARTS), facts);
        services::draw(view, pen, row(upper + CHARTS, h - upper - CHARTS), facts);
        return;
    }
    let lines = if h >= 11 { 3 } else { 0 };
    let below = if h >= 18 { PROCESSES } else { 0 };
    let upper = if below > 0 {
        wanted.min(h - lines - below)
    } else {
        h - lines
    };
    headroom(view, pen, row(0, upper), facts);
    charts::lines(view, pen, row(upper, lines), facts);
    if below > 0 {
        services::draw(view, pen, row(upper + lines, h - upper - lines), facts);
    }
}

fn headroom(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let past = (facts.model.now() - facts.until).num_seconds() > 1;
    let count = view.resources.len();
    let at = which(view.resource.at(), count);
    let mut note = match area.width {
        WIDE.. if count > 0 => format!(
            "{at} · charts: {} · sorted by time to limit",
            looking::words(facts.chart_range)
        ),
        60.. if count > 0 => format!("{at} · sorted by time to limit"),
        _ => String::new(),
    };
    if past {
        let then = facts.until.with_timezone(&facts.model.zone());
        note = format!("at {} · {note}", then.format("%H:%M:%S"));
    }
    let focused = view.panel == Panel::Headroom;
    let inner = Panel::Headroom
        .window("Headroom", view.panel)
        .note(note)
        .old(facts.old(&[Source::Host]))
        .draw(pen, area);
    if view.resources.is_empty() {
        pen.lines(
            Rect {
                x: inner.x + 2,
                width: inner.width.saturating_sub(3),
                ..inner
            },
            &nothing(facts),
        );
        return;
    }
    let bar: u16 = match area.width {
        110.. => 36,
        76.. => 20,
        56.. => 10,
        _ => 0,
    };
    let narrow = bar == 0;
    let name = if narrow { 16 } else { 20 };
    let columns = [
        Column::new("Resource", Width::Fixed(name)),
        Column::new("Used", Width::Fixed(bar)).drop(2),
        Column::new("Value", Width::Fixed(if narrow { 6 } else { 13 })),
        Column::new("Full in", Width::Fixed(10)).sorted(Some(Sort::Up)),
        Column::new("Note", Width::Flex(18)).drop(3),
    ];
    let mut shown = columns.to_vec();
    if narrow {
        shown.remove(1);
    }
    Columns::new(&shown, view.resources.len())
        .selected(Some(view.resource.at()))
        .focused(focused)
        .draw(pen, inner, |at| {
            let Some(resource) = view.resources.get(at) else {
                return Row::default();
            };
            let mut cells = row(resource, (name, bar), facts);
            if narrow {
                cells.remove(1);
            }
            let row = Row::new(cells);
            match words::sign(resource) {
                Some(role) => row.sign(facts.theme.glyphs().alert, role),
                None => row,
            }
        });
}

fn row(resource: &Resource, (name, bar): (u16, u16), facts: &Facts<'_>) -> Vec<Line> {
    let role = words::role(resource);
    let filled = if role == Role::Defer {
        Role::Defer
    } else {
        Role::Accent
    };
    let used = match resource.share {
        Some(share) => meter(share, 1.0, bar, filled, facts.theme),
        None if resource.used == Used::Unknown => Line::of("not known", Role::Dim),
        None => Line::of("limit not known", Role::Dim),
    };
    let full = match resource.full {
        Full::Stable | Full::Unknown => Role::Dim,
        Full::Now | Full::In(_) => role,
    };
    let mut note = resource.note.as_str().to_owned();
    let now = facts
        .model
        .host
        .at()
        .is_some_and(|at| facts.until + TimeDelta::seconds(30) >= at);
    let smtp = now && resource.kind == Kind::Processes && resource.full == Full::Now;
    if let Some(Busiest { domain, count, all }) = facts
        .standing
        .busiest
        .as_ref()
        .filter(|_| smtp && resource.name == "smtp processes")
    {
        note = format!("{domain} {count} of {all} active · {note}");
    }
    vec![
        Line::of(words::name(resource, usize::from(name)), role),
        used,
        Line::of(words::used(resource, bar == 0), role),
        Line::of(words::full(resource), full),
        Line::of(note, Role::Dim),
    ]
}

/// Why there is nothing.
fn nothing(facts: &Facts<'_>) -> Vec<Line> {
    let mut states = facts.model.feeds.states();
    let lost = states.find_map(|(feed, state)| match (feed, state) {
        (Feed::Host, FeedState::Waiting { why } | FeedState::Lost { why, .. }) => Some(why.clone()),
        _ => None,
    });
    vec![match lost {
        Some(why) => Line::of(why, Role::Defer),
        None => Line::of("waiting for the first reading of /proc …", Role::Dim),
    }]
}
