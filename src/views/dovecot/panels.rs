//! Where the panels stand: two columns of two and the sources below, or on a narrow screen two lines of figures and the panel that has the keys.

use super::shown::per_minute;
use super::{Dovecot, Panel, complaints, delivery, empty, logins, sessions, sources};
use crate::model::dovecot::Protocol;
use crate::model::dovecot::sessions::clients;
use crate::model::feeds::Source;
use crate::numbers;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Line, Pen};
use ratatui::layout::Rect;

/// From this many columns on panels stand beside each other.
const TWO_COLUMNS: u16 = 76;
/// From this many rows on.
const HIGH: u16 = 16;

/// Draws all panels.
pub(super) fn draw(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if !view.shown.known {
        return empty::draw(pen, area, facts);
    }
    if facts.alone {
        return one(view, view.panel, pen, area, facts);
    }
    if area.width < TWO_COLUMNS || area.height < HIGH {
        return narrow(view, pen, area, facts);
    }
    // The mock-up's proportions: 12, 11 and 9 of 32 rows; 8, 7 and 6 of 21.
    let upper = (area.height * 38 / 100).clamp(7, 14);
    let lower = (area.height * 28 / 100).max(5);
    let middle = area.height - upper - lower;
    let left = area.width / 2;
    let place = |x: u16, y: u16, width: u16, height: u16| Rect {
        x: area.x + x,
        y: area.y + y,
        width,
        height,
    };
    let right = area.width - left;
    let places = [
        (Panel::Logins, place(0, 0, left, upper)),
        (Panel::Sessions, place(left, 0, right, upper)),
        (Panel::Delivery, place(0, upper, left, middle)),
        (Panel::Complaints, place(left, upper, right, middle)),
        (Panel::Sources, place(0, upper + middle, area.width, lower)),
    ];
    for (panel, place) in places {
        one(view, panel, pen, place, facts);
    }
}

fn one(view: &Dovecot, panel: Panel, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    // Doveadm goes on when the log does not.
    let sessions = facts;
    let facts = &facts.as_told_by(&[Source::Log]);
    match panel {
        Panel::Logins => logins::draw(view, pen, area, facts),
        Panel::Sessions => sessions::draw(view, pen, area, sessions),
        Panel::Delivery => delivery::draw(view, pen, area, facts),
        Panel::Complaints => complaints::draw(view, pen, area, facts),
        Panel::Sources => sources::draw(view, pen, area, facts),
    }
}

/// The figures of all panels, then the one that has the keys.
fn narrow(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let lines = figures(view, facts);
    let many = if area.height >= 7 { lines.len() } else { 0 };
    pen.lines(
        Rect {
            height: many as u16,
            ..area
        },
        &lines,
    );
    if let Some(old) = facts.old(&[Source::Log]) {
        let height = many as u16;
        old.over(pen, Rect { height, ..area });
    }
    let below = Rect {
        y: area.y + many as u16,
        height: area.height.saturating_sub(many as u16),
        ..area
    };
    one(view, view.panel, pen, below, facts);
}

/// `logins 121.0/m  failed 38.0/m`, `sessions 1 842  saved 65.0/m  not saved 4`
fn figures(view: &Dovecot, facts: &Facts<'_>) -> [Line; 2] {
    let shown = &view.shown;
    let glyphs = facts.theme.glyphs();
    let rate = |count: u64| numbers::rate(per_minute(count, shown), "m");
    let failed = if shown.failed > 0 {
        Role::Text
    } else {
        Role::Dim
    };
    let logins = Line::of(" logins ", Role::Dim)
        .text(rate(shown.logins.all()))
        .add("  failed ", Role::Dim)
        .add(rate(shown.failed), failed);
    let imap = Protocol::Imap as usize;
    let mut sessions = Line::of(" sessions ", Role::Dim).text(numbers::count(clients(shown.open)));
    if sessions::is_near(shown.open[imap], shown.allowed.open[imap]) {
        sessions = sessions.add(format!(" {}", glyphs.alert), Role::Alert);
    }
    let lost = shown.saves.bounced.max(shown.saves.not_saved);
    sessions = sessions
        .add("  saved ", Role::Dim)
        .text(rate(shown.saves.saved));
    if lost > 0 {
        sessions = sessions.add(
            format!("  {} {}", glyphs.bounced, numbers::count(lost)),
            Role::Bounce,
        );
    }
    [logins, sessions]
}
