//! Sessions now: by protocol against what Dovecot allows, the users with the most, and how sessions ended.

use super::shown::Origin;
use super::{Dovecot, Panel};
use crate::app::extract::Extract;
use crate::model::dovecot::Protocol;
use crate::model::dovecot::sessions::{Ending, User};
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, clock, no_match};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, bar};
use ratatui::layout::Rect;

/// From this share of a limit on it is near.
const NEAR: f64 = 0.85;

/// Whether so many are near a limit.
pub(super) fn is_near(open: u64, limit: Option<u64>) -> bool {
    limit.is_some_and(|limit| limit > 0 && open as f64 >= limit as f64 * NEAR)
}

pub(super) fn draw(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let shown = &view.shown;
    let focused = view.panel == Panel::Sessions;
    let past = facts.until < facts.model.now();
    let note = match &shown.origin {
        Origin::Doveadm => "doveadm who",
        Origin::Log | Origin::LogBecause(_) => "from the log",
    };
    let title = if past {
        "Sessions then"
    } else {
        "Sessions now"
    };
    let old = match &shown.origin {
        Origin::Doveadm => None,
        Origin::Log | Origin::LogBecause(_) => facts.old(&[Source::Log]),
    };
    let inner = Panel::Sessions
        .window(title, view.panel)
        .note(note)
        .old(old)
        .draw(pen, area);
    let mut above = by_protocol(view, inner.width, facts);
    above.push(in_all(view, inner.width, facts));
    if let Origin::LogBecause(why) = &shown.origin
        && inner.height >= 8
    {
        above.push(Line::of(format!(" {why}"), Role::Dim));
    }
    let endings = (inner.height > above.len() as u16 + 3 && !shown.endings.is_empty())
        .then(|| endings(&shown.endings));
    let room = inner.height.saturating_sub(u16::from(endings.is_some()));
    above.truncate(usize::from(room));
    pen.lines(inner, &above);
    let used = above.len() as u16;
    let table = Rect {
        y: inner.y + used,
        height: room - used,
        ..inner
    };
    if shown.users.is_empty() {
        let why = match (past, shown.all.users) {
            (true, _) => Line::of("who they were is not kept", Role::Dim),
            (false, 0) => Line::of("nobody is logged in", Role::Dim),
            (false, all) => no_match(all as u64, "user", &view.filter),
        };
        if table.height > 0 {
            pen.line(table.x + 1, table.y, table.width, &why);
        }
    } else {
        users(view, pen, table, focused, facts);
    }
    if let Some(endings) = endings {
        pen.line(inner.x, inner.bottom() - 1, inner.width, &endings);
    }
}

/// `imap 1 842 ■■■■■■ of 2 048 90 % ▲`
fn by_protocol(view: &Dovecot, width: u16, facts: &Facts<'_>) -> Vec<Line> {
    let shown = &view.shown;
    let glyphs = facts.theme.glyphs();
    let most = shown.open.iter().copied().max().unwrap_or(0);
    let rows = Protocol::ALL.into_iter().zip(shown.open);
    let rows = rows.filter(|(protocol, open)| *open > 0 || *protocol == Protocol::Imap);
    rows.map(|(protocol, open)| {
        let limit = shown.allowed.open[protocol as usize];
        let near = is_near(open, limit);
        let role = if near { Role::Defer } else { Role::Accent };
        let after = limit.map(|limit| {
            let share = open as f64 / limit.max(1) as f64 * 100.0;
            format!(" of {} {share:.0} %", numbers::count(limit))
        });
        let after = after.unwrap_or_default();
        let room = usize::from(width).saturating_sub(21 + after.len() + 2);
        let whole = limit.unwrap_or(most).max(1) as f64;
        let bar = bar(open as f64, whole, room.min(28) as u16, role, facts.theme);
        let gap = " ".repeat(room.min(28).saturating_sub(bar.width()));
        let mut line = Line::of(format!(" {:<11}", protocol.name()), Role::Text)
            .text(format!("{:>6} ", numbers::count(open)))
            .then(bar)
            .text(gap)
            .add(after, Role::Dim);
        if near {
            line = line.add(format!(" {}", glyphs.alert), Role::Alert);
        }
        line
    })
    .collect()
}

/// `users 611 · most 1 903 at 09:41 · at most 20 of one user from one address`
fn in_all(view: &Dovecot, width: u16, facts: &Facts<'_>) -> Line {
    let shown = &view.shown;
    let mut line = Line::new();
    if facts.until >= facts.model.now() {
        line = line
            .add(" users ", Role::Dim)
            .text(numbers::count(shown.all.users as u64));
    }
    if let Some((at, most)) = shown.peak.filter(|(_, most)| *most > 0) {
        let at = clock(at, facts);
        let separator = if line.is_empty() { " " } else { " · " };
        line = line
            .add(format!("{separator}most "), Role::Dim)
            .text(numbers::count(most))
            .add(format!(" at {}", at.get(..5).unwrap_or(&at)), Role::Dim);
    }
    if let Some(limit) = shown.allowed.userip.filter(|_| width >= 50) {
        line = line
            .add(" · limit ", Role::Dim)
            .text(numbers::count(limit))
            .add("/user+ip", Role::Dim);
    }
    line
}

fn users(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, focused: bool, facts: &Facts<'_>) {
    let shown = &view.shown;
    let glyphs = facts.theme.glyphs();
    let columns = [
        Column::new("", Width::Flex(18)),
        Column::new("", Width::Fixed(5)).right(),
        Column::new("", Width::Flex(22)).drop(1),
    ];
    Columns::new(&columns, shown.users.len())
        .selected(focused.then_some(view.user.at()))
        .focused(focused)
        .gutter(2)
        .draw(pen, area, |at| {
            let Some(user) = shown.users.get(at) else {
                return Row::default();
            };
            let row = Row::new(vec![
                Line::from(&*user.name),
                Line::from(numbers::count(user.sessions)),
                Line::of(addresses(user), Role::Dim),
            ]);
            let worst = user.addresses.first().map_or(0, |(_, count)| *count);
            if is_near(worst, shown.allowed.userip) {
                row.sign(glyphs.alert, Role::Alert)
            } else {
                row
            }
        });
}

/// `192.0.2.77 ×6 +2`: the address with the most, and how many sessions are from others.
fn addresses(user: &User) -> String {
    let Some((address, count)) = user.addresses.first() else {
        return String::new();
    };
    match user.sessions - count {
        0 => format!("{address} ×{count}"),
        others => format!("{address} ×{count} +{others}"),
    }
}

/// `ended: logout 61 % · idle 30 % · inactivity 9 %`
fn endings(endings: &[(Ending, u64)]) -> Line {
    let all: u64 = endings.iter().map(|(_, count)| count).sum();
    let mut line = Line::of(" ended ", Role::Dim).text(numbers::count(all));
    for (ending, count) in endings {
        let share = *count as f64 / all as f64 * 100.0;
        line = line
            .add(format!(" · {} ", ending.name()), Role::Dim)
            .text(format!("{share:.0} %"));
    }
    line
}

pub(super) fn extract(view: &Dovecot) -> Extract {
    let rows = view.shown.users.iter();
    Extract {
        title: SafeText::from("sessions by user"),
        columns: vec!["User", "Sessions", "Addresses"],
        rows: rows
            .map(|user| {
                let addresses: Vec<String> = user
                    .addresses
                    .iter()
                    .map(|(address, count)| format!("{address} ×{count}"))
                    .collect();
                vec![
                    SafeText::from(&*user.name),
                    SafeText::from(user.sessions.to_string()),
                    SafeText::from(addresses.join(" ")),
                ]
            })
            .collect(),
        selected: Some(view.user.at()),
    }
}
