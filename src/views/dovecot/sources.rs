//! Failed logins by source: from where passwords are guessed, at Dovecot and at smtpd(8), which asks it.

use super::{By, Dovecot, Panel};
use crate::app::extract::Extract;
use crate::app::looking;
use crate::model::auth_failures::SourceFailures;
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, age, clock, no_match};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width};
use core::net::IpAddr;
use ratatui::layout::Rect;

pub(super) fn draw(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let rows = &view.shown.sources;
    let focused = view.panel == Panel::Sources;
    let range = looking::words(facts.range);
    let failed = numbers::count(view.shown.failed);
    let inner = Panel::Sources
        .window("Login failures", view.panel)
        .note(format!("by source · {failed} in {range}"))
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    if rows.is_empty() {
        let all = view.shown.all.sources;
        let line = if all == 0 {
            let ok = facts.theme.glyphs().ok;
            let text = format!(" nobody failed to log in in the last {range}");
            Line::of(format!(" {ok}"), Role::Ok).add(text, Role::Dim)
        } else {
            Line::from(" ").then(no_match(all as u64, "source", &view.filter))
        };
        if inner.height > 0 {
            pen.line(inner.x + 1, inner.y, inner.width.saturating_sub(1), &line);
        }
        return;
    }
    let source = Column::new("Source IP", Width::Flex(19));
    let fails = Column::new("fails", Width::Fixed(7));
    let last = Column::new("last", Width::Fixed(8));
    let columns = [
        view.order.head(source, By::Name),
        view.order.head(fails.right(), By::Count),
        Column::new("users", Width::Fixed(6)).right().drop(1),
        Column::new("proto", Width::Flex(10)).drop(3),
        Column::new("method", Width::Fixed(9)).drop(5),
        Column::new("last user tried", Width::Flex(22)).drop(4),
        view.order.head(last, By::Last),
        Column::new("since", Width::Fixed(6)).right().drop(2),
    ];
    Columns::new(&columns, rows.len())
        .selected(Some(view.source.at()))
        .focused(focused)
        .gutter(2)
        .draw(pen, inner, |at| {
            rows.get(at).map(|row| line(row, facts)).unwrap_or_default()
        });
}

fn line(row: &SourceFailures, facts: &Facts<'_>) -> Row {
    let protocols: Vec<&str> = row.services.names().collect();
    Row::new(vec![
        Line::from(asked(row.source)),
        Line::from(numbers::count(row.failures)),
        Line::from(numbers::count(row.users)),
        Line::from(protocols.join(" ")),
        Line::from(row.method.as_deref().unwrap_or_default()),
        Line::from(row.last_user.as_deref().unwrap_or_default()),
        Line::from(clock(row.last, facts)),
        Line::of(
            age(facts.until.timestamp() - row.first.timestamp()),
            Role::Dim,
        ),
    ])
}

/// A source as a filter asks for it, and as it is shown: an address, or the /64 of IPv6.
pub(super) fn asked(source: IpAddr) -> String {
    match source {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{address}/64"),
    }
}

pub(super) fn extract(view: &Dovecot, facts: &Facts<'_>) -> Extract {
    let rows = view.shown.sources.iter();
    Extract {
        title: SafeText::from("login failures by source"),
        columns: vec![
            "Source",
            "Failures",
            "Users",
            "Protocols",
            "Method",
            "Last user",
            "Last",
        ],
        rows: rows
            .map(|row| {
                let protocols: Vec<&str> = row.services.names().collect();
                vec![
                    SafeText::from(asked(row.source)),
                    SafeText::from(row.failures.to_string()),
                    SafeText::from(row.users.to_string()),
                    SafeText::from(protocols.join(" ")),
                    SafeText::from(row.method.as_deref().unwrap_or_default()),
                    SafeText::from(row.last_user.as_deref().unwrap_or_default()),
                    SafeText::from(clock(row.last, facts)),
                ]
            })
            .collect(),
        selected: Some(view.source.at()),
    }
}
