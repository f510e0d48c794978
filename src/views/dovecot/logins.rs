//! Logins per minute and by protocol, failures, connections that never tried, and how much of it is encrypted.

use super::shown::per_minute;
use super::{Dovecot, Panel};
use crate::app::extract::Extract;
use crate::app::looking;
use crate::model::dovecot::Protocol;
use crate::model::dovecot::logins::VERSIONS;
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, over_time};
use crate::widgets::{Line, Pen};
use ratatui::layout::Rect;

pub(super) fn draw(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let shown = &view.shown;
    let glyphs = facts.theme.glyphs();
    let range = looking::words(facts.chart_range);
    let note = Line::of(format!("{} logins ", glyphs.bar), Role::Accent)
        .add(format!("{} failures ", glyphs.meter_rest), Role::Defer)
        .add(format!("· last {range}"), Role::Dim);
    let short = Line::of(format!("last {range}"), Role::Dim);
    let note = if area.width >= 50 { note } else { short };
    let inner = Panel::Logins
        .window("Logins per minute", view.panel)
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let lines = lines(view, facts, inner.height >= 8);
    let below = (lines.len() as u16).min(inner.height);
    let plot = Rect {
        height: inner.height - below,
        ..inner
    };
    if plot.height > 1 {
        over_time(&shown.curves[0], Role::Accent, facts)
            .line(&shown.curves[1], Role::Defer)
            .reaching(shown.reach)
            .draw(pen, plot);
    }
    let rest = Rect {
        y: plot.bottom(),
        height: below,
        ..inner
    };
    pen.lines(rest, &lines);
}

/// `imap 121/m  pop3 9/m`, `failures 38/m  no attempt 212/m`, `TLS 100 %  1.3 94 %  1.2 6 %`
fn lines(view: &Dovecot, facts: &Facts<'_>, all: bool) -> Vec<Line> {
    let shown = &view.shown;
    let glyphs = facts.theme.glyphs();
    let counts = &shown.logins;
    let rate = |count: u64| match count {
        0 => String::from(glyphs.zero),
        count => numbers::rate(per_minute(count, shown), "m"),
    };
    let mut protocols = Line::new();
    for (protocol, count) in Protocol::ALL.into_iter().zip(counts.logins) {
        if count > 0 && protocol != Protocol::Lmtp {
            protocols = protocols
                .add(format!(" {} ", protocol.name()), Role::Dim)
                .text(rate(count));
        }
    }
    if protocols.is_empty() {
        protocols = Line::of(
            format!(" no login in the last {}", looking::words(facts.range)),
            Role::Dim,
        );
    }
    let amber = if counts.failed > 0 {
        Role::Defer
    } else {
        Role::Dim
    };
    let mut failures = Line::of(" failures ", Role::Dim).add(rate(counts.failed), amber);
    if all && counts.untried > 0 {
        failures = failures
            .add(" · no attempt ", Role::Dim)
            .text(rate(counts.untried));
    }
    if all && counts.aborted > 0 {
        failures = failures
            .add(" · given up ", Role::Dim)
            .text(rate(counts.aborted));
    }
    let mut lines = vec![protocols, failures];
    let Some(share) = counts.tls_share() else {
        return lines;
    };
    let mut tls = Line::of(" TLS ", Role::Dim);
    tls = if share < 1.0 {
        tls.add(
            format!("{} % {}", numbers::percent(share), glyphs.alert),
            Role::Defer,
        )
    } else {
        tls.text("100 %")
    };
    if !all {
        if let Some(last) = lines.last_mut() {
            *last = std::mem::take(last).add(" ·", Role::Dim).then(tls);
        }
        return lines;
    }
    let told: u64 = counts.versions.iter().sum();
    for (name, count) in VERSIONS.into_iter().zip(counts.versions).rev() {
        if count > 0 {
            let version = name.strip_prefix("TLSv").unwrap_or(name);
            let share = match numbers::percent(count as f64 / told as f64) {
                all if all == "100.0" => String::from("100"),
                share => share,
            };
            tls = tls
                .add(format!(" · {version} "), Role::Dim)
                .text(format!("{share} %"));
        }
    }
    if told == 0 {
        tls = tls.add(
            " · versions: add %k to login_log_format_elements",
            Role::Dim,
        );
    }
    lines.push(tls);
    lines
}

/// What the panel counts, as a table.
pub(super) fn extract(view: &Dovecot) -> Extract {
    let (shown, counts) = (&view.shown, &view.shown.logins);
    let protocols = Protocol::ALL.into_iter().zip(counts.logins);
    let mut rows: Vec<(String, u64)> = protocols
        .filter(|(protocol, _)| *protocol != Protocol::Lmtp)
        .map(|(protocol, count)| (format!("logins by {}", protocol.name()), count))
        .collect();
    rows.extend([
        (String::from("failures"), counts.failed),
        (String::from("no attempt"), counts.untried),
        (String::from("given up"), counts.aborted),
    ]);
    let row = |(what, count): (String, u64)| {
        vec![
            SafeText::from(what),
            SafeText::from(count.to_string()),
            SafeText::from(format!("{:.1}", per_minute(count, shown))),
        ]
    };
    Extract {
        title: SafeText::from("logins"),
        columns: vec!["What", "Count", "Per minute"],
        rows: rows.into_iter().map(row).collect(),
        selected: None,
    }
}
