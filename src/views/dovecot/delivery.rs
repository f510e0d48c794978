//! Mail that was handed to Dovecot: saved, to be tried again, bounced; what Sieve did; whose mailbox is full; how long saving takes.

use super::shown::per_minute;
use super::{By, Dovecot, Panel};
use crate::app::extract::Extract;
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, age, clock, no_match};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, bar};
use mailtop_parsers::Status;
use ratatui::layout::Rect;

pub(super) fn draw(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let shown = &view.shown;
    let focused = view.panel == Panel::Delivery;
    let rate = numbers::rate(per_minute(shown.saves.saved, shown), "m");
    let slow = shown
        .seconds
        .quantile(0.95)
        .map_or_else(String::new, |p95| format!(" · p95 {}", seconds(p95)));
    let inner = Panel::Delivery
        .window("LMTP delivery", view.panel)
        .note(format!("{rate}{slow}"))
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let mut lines = outcomes(view, inner.width, facts);
    lines.push(sieve(view, facts));
    // How long it takes stands last, where there is room for it.
    let time = save_time(view).filter(|_| inner.height >= 9);
    lines.truncate(usize::from(inner.height));
    pen.lines(inner, &lines);
    let used = lines.len() as u16;
    let table = Rect {
        y: inner.y + used,
        height: inner.height - used - u16::from(time.is_some() && used < inner.height),
        ..inner
    };
    if table.height > 1 {
        full(view, pen, table, focused, facts);
    }
    if let Some(time) = time {
        pen.line(inner.x, inner.bottom() - 1, inner.width, &time);
    }
}

/// What became of it, each with the main reason.
fn outcomes(view: &Dovecot, width: u16, facts: &Facts<'_>) -> Vec<Line> {
    let shown = &view.shown;
    let glyphs = facts.theme.glyphs();
    let saves = &shown.saves;
    let why = |meant: fn(Status) -> bool| {
        let mut failures = shown.failures.iter();
        failures
            .find(|(status, ..)| meant(*status))
            .map(|(_, words, _)| words.clone())
            .unwrap_or_default()
    };
    let line = |sign: &str, word: &str, count: u64, role: Role, words: SafeText| {
        let (number, role) = match count {
            0 => (String::from(glyphs.zero), Role::Dim),
            count => (numbers::count(count), role),
        };
        Line::of(format!(" {sign} {word:<10}"), role)
            .add(format!("{number:>7}  "), role)
            .text(words)
    };
    let room = width.saturating_sub(24).min(28);
    let most = saves.saved.max(1) as f64;
    let first = line(
        glyphs.sent,
        "saved",
        saves.saved,
        Role::Ok,
        SafeText::default(),
    )
    .then(bar(saves.saved as f64, most, room, Role::Ok, facts.theme));
    let mut lines = vec![
        first,
        line(
            glyphs.deferred,
            "deferred",
            saves.deferred,
            Role::Defer,
            why(|status| status != Status::Bounced),
        ),
        line(
            glyphs.bounced,
            "bounced",
            saves.bounced,
            Role::Bounce,
            why(|status| status == Status::Bounced),
        ),
    ];
    // Where another mail server than Postfix delivers, only Dovecot tells, and not whether it was for good.
    if saves.deferred + saves.bounced == 0 && saves.not_saved > 0 {
        lines.truncate(1);
        let words = shown.full.first().map(|full| full.text.clone());
        lines.push(line(
            glyphs.bounced,
            "not saved",
            saves.not_saved,
            Role::Defer,
            words.unwrap_or_default(),
        ));
    }
    lines
}

/// `Sieve fileinto 801 · redirect 44 · vacation 9 · err 2 ▲`
fn sieve(view: &Dovecot, facts: &Facts<'_>) -> Line {
    let saves = &view.shown.saves;
    let counts = [
        ("filed", saves.filed),
        ("redirect", saves.redirected),
        ("vacation", saves.vacations),
        ("reject", saves.rejected),
        ("discard", saves.discarded),
    ];
    let mut line = Line::of(" Sieve", Role::Dim);
    let mut any = false;
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let separator = if any { " · " } else { " " };
        line = line
            .add(format!("{separator}{name} "), Role::Dim)
            .text(numbers::count(count));
        any = true;
    }
    if saves.sieve_errors > 0 {
        let separator = if any { " · " } else { " " };
        line = line.add(separator, Role::Dim).add(
            format!(
                "errors {} {}",
                numbers::count(saves.sieve_errors),
                facts.theme.glyphs().alert
            ),
            Role::Defer,
        );
        any = true;
    }
    if any {
        line
    } else {
        line.add(" no action in this time", Role::Dim)
    }
}

/// `save time p50 0.08 p95 0.30 p99 1.2 s · by Postfix`
fn save_time(view: &Dovecot) -> Option<Line> {
    let times = &view.shown.seconds;
    let mut line = Line::of(" save time", Role::Dim);
    for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        let value = times.quantile(share)?;
        line = line
            .add(format!(" {name} "), Role::Dim)
            .text(seconds(value));
    }
    Some(line.add(" · by Postfix", Role::Dim))
}

/// `0.08 s`, `12 s`
fn seconds(value: f64) -> String {
    if value < 10.0 {
        format!("{value:.2} s")
    } else {
        format!("{value:.0} s")
    }
}

fn full(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, focused: bool, facts: &Facts<'_>) {
    let rows = &view.shown.full;
    if rows.is_empty() {
        let ok = facts.theme.glyphs().ok;
        let all = view.shown.all.full;
        let line = if all == 0 {
            Line::of(format!(" {ok}"), Role::Ok).add(" no mailbox was full", Role::Dim)
        } else {
            Line::from(" ").then(no_match(all as u64, "user", &view.filter))
        };
        pen.line(area.x, area.y, area.width, &line);
        return;
    }
    let user = Column::new("Over quota", Width::Flex(18));
    let count = Column::new("n", Width::Fixed(5));
    let last = Column::new("last", Width::Fixed(8));
    let columns = [
        view.order.head(user, By::Name),
        view.order.head(count.right(), By::Count),
        view.order.head(last, By::Last),
        Column::new("since", Width::Fixed(5)).right().drop(1),
    ];
    let now = facts.until.timestamp();
    Columns::new(&columns, rows.len())
        .selected(focused.then_some(view.full.at()))
        .focused(focused)
        .gutter(1)
        .draw(pen, area, |at| {
            let Some(row) = rows.get(at) else {
                return Row::default();
            };
            let last = row.last.map(|last| clock(last, facts));
            let since = row.first.map(|first| age(now - first.timestamp()));
            Row::new(vec![
                Line::from(&*row.user),
                Line::of(numbers::count(row.count), Role::Bounce),
                Line::from(last.unwrap_or_default()),
                Line::of(since.unwrap_or_default(), Role::Dim),
            ])
        });
}

pub(super) fn extract(view: &Dovecot, facts: &Facts<'_>) -> Extract {
    let rows = view.shown.full.iter();
    Extract {
        title: SafeText::from("over quota"),
        columns: vec!["User", "Count", "Last", "Text"],
        rows: rows
            .map(|row| {
                let last = row.last.map(|last| clock(last, facts));
                vec![
                    SafeText::from(&*row.user),
                    SafeText::from(row.count.to_string()),
                    SafeText::from(last.unwrap_or_default()),
                    row.text.clone(),
                ]
            })
            .collect(),
        selected: Some(view.full.at()),
    }
}
