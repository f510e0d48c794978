//! Where the panels of the system stand. As the screen shrinks the charts become lines, then the processes, then both go.

use super::{Panel, System, charts, services, words};
use crate::app::looking;
use crate::model::feeds::{Feed, FeedState};
use crate::model::headroom::{Full, Kind, Resource};
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Column, Columns, Line, Pen, Row, Sort, Width, Window, meter};
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
    let mut note = match area.width {
        WIDE.. => format!(
            "charts: {} · sorted by time to limit",
            looking::words(view.charts.range())
        ),
        50.. => String::from("sorted by time to limit"),
        _ => String::new(),
    };
    if past {
        let then = facts.until.with_timezone(&facts.model.zone());
        note = format!("at {} · {note}", then.format("%H:%M:%S"));
    }
    let focused = view.panel == Panel::Headroom;
    let inner = Window::new("Headroom")
        .note(note)
        .focused(focused)
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
    let columns = [
        Column::new(
            "Resource",
            Width::Fixed(if area.width >= 56 { 20 } else { 16 }),
        ),
        Column::new("Used", Width::Fixed(bar)).drop(2),
        Column::new("Value", Width::Fixed(13)),
        Column::new("Full in", Width::Fixed(10)).sorted(Some(Sort::Up)),
        Column::new("Note", Width::Flex(18)).drop(3),
    ];
    let kept: Vec<usize> = (0..columns.len())
        .filter(|at| bar > 0 || *at != 1)
        .collect();
    let shown: Vec<Column> = kept
        .iter()
        .filter_map(|at| columns.get(*at).cloned())
        .collect();
    Columns::new(&shown, view.resources.len())
        .selected(Some(view.resource.at()))
        .focused(focused)
        .draw(pen, inner, |at| {
            let Some(resource) = view.resources.get(at) else {
                return Row::default();
            };
            let mut cells = row(view, resource, bar, facts);
            if bar == 0 {
                cells.remove(1);
            }
            let row = Row::new(cells);
            match words::sign(resource) {
                Some(role) => row.sign(facts.theme.glyphs().alert, role),
                None => row,
            }
        });
}

fn row(view: &System, resource: &Resource, bar: u16, facts: &Facts<'_>) -> Vec<Line> {
    let role = words::role(resource);
    let filled = if role == Role::Defer {
        Role::Defer
    } else {
        Role::Accent
    };
    let used = match resource.share {
        Some(share) => meter(share, 1.0, bar, filled, facts.theme),
        None => Line::of("limit not known", Role::Dim),
    };
    let full = match resource.full {
        Full::Stable | Full::Unknown => Role::Dim,
        Full::Now | Full::In(_) => role,
    };
    let mut note = resource.note.as_str().to_owned();
    let smtp = resource.kind == Kind::Processes && resource.full == Full::Now;
    if let Some((domain, count, all)) = view
        .busiest
        .as_ref()
        .filter(|_| smtp && resource.name == "smtp processes")
    {
        note = format!("{note} · {domain} has {count} of {all} active");
    }
    vec![
        Line::of(resource.name.clone(), role),
        used,
        Line::of(words::used(resource), role),
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
