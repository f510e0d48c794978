//! Errors and warnings, equal ones as one, with how often and the last time.

use super::shown::Complaint;
use super::{By, Dovecot, Panel};
use crate::app::extract::Extract;
use crate::app::filter::Filter;
use crate::app::looking;
use crate::app::sorting::Ordered;
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, clock, no_match};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, wrap};
use mailtop_parsers::Severity;
use ratatui::layout::Rect;

/// Letters of a piece of a folded text from which on it tells lines apart.
const TELLING: usize = 6;

pub(super) fn draw(view: &Dovecot, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let rows = &view.shown.complaints;
    let focused = view.panel == Panel::Complaints;
    let note = if area.width >= 50 {
        format!(
            "last {}, grouped · sort: {}",
            looking::words(facts.range),
            view.order.name()
        )
    } else {
        String::from("grouped")
    };
    let inner = Panel::Complaints
        .window("Errors & warnings", view.panel)
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    if rows.is_empty() {
        let all = view.shown.all.complaints;
        let line = if all == 0 {
            let ok = facts.theme.glyphs().ok;
            let text = format!(" no complaint in the last {}", looking::words(facts.range));
            Line::of(format!(" {ok}"), Role::Ok).add(text, Role::Dim)
        } else {
            Line::from(" ").then(no_match(all as u64, "complaint", &view.filter))
        };
        if inner.height > 0 {
            pen.line(inner.x + 1, inner.y, inner.width.saturating_sub(1), &line);
        }
        return;
    }
    let wide = area.width >= 50;
    let mut last = view
        .order
        .head(Column::new("last", Width::Fixed(8)), By::Last);
    if !wide {
        // The words need the room.
        last = Column::new("", Width::Fixed(0));
    }
    let count = Column::new("n", Width::Fixed(if wide { 5 } else { 4 }));
    let message = Column::new("message", Width::Flex(20));
    let columns = [
        view.order.head(count.right(), By::Count),
        last,
        view.order.head(message, By::Name),
    ];
    // The whole text of the selected one stands below, where there is room.
    let whole = selected_text(view, inner).filter(|_| inner.height >= 8);
    let below = whole.as_ref().map_or(0, |rows| rows.len() as u16 + 1);
    let table = Rect {
        height: inner.height - below,
        ..inner
    };
    Columns::new(&columns, rows.len())
        .selected(Some(view.complaint.at()))
        .focused(focused)
        .gutter(2)
        .draw(pen, table, |at| {
            rows.get(at).map(|row| line(row, facts)).unwrap_or_default()
        });
    for (text, y) in whole.into_iter().flatten().zip(table.bottom() + 1..) {
        pen.line(
            inner.x + 2,
            y,
            inner.width.saturating_sub(3),
            &Line::from(text),
        );
    }
}

/// The selected text in rows, when it is cut in the table; at most three.
fn selected_text(view: &Dovecot, inner: Rect) -> Option<Vec<SafeText>> {
    let row = view.shown.complaints.get(view.complaint.at())?;
    let text = words(row);
    let cut = text.width() > usize::from(inner.width.saturating_sub(22));
    let mut rows = wrap(&text, usize::from(inner.width.saturating_sub(4)));
    rows.truncate(3);
    cut.then_some(rows)
}

fn words(row: &Complaint) -> SafeText {
    if row.service.is_empty() {
        row.text.clone()
    } else {
        SafeText::from(format!("{}: {}", row.service, row.text))
    }
}

fn line(complaint: &Complaint, facts: &Facts<'_>) -> Row {
    let glyphs = facts.theme.glyphs();
    let last = complaint.last.map(|last| clock(last, facts));
    let role = match complaint.severity {
        Some(Severity::Fatal | Severity::Panic) => Role::Bounce,
        Some(Severity::Error) => Role::Defer,
        _ => Role::Text,
    };
    let row = Row::new(vec![
        Line::of(numbers::count(complaint.count), role),
        Line::of(last.unwrap_or_default(), Role::Dim),
        Line::from(words(complaint)),
    ]);
    if complaint.limit || complaint.severity >= Some(Severity::Fatal) {
        row.sign(glyphs.alert, Role::Alert)
    } else {
        row
    }
}

/// The filter that finds the lines of a complaint: the pieces of its text that stand between the placeholders.
pub(super) fn lines_of(complaint: &Complaint) -> Filter {
    let text = complaint.text.as_str();
    let mut pieces: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        pieces.push(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    pieces.push(rest);
    // What mailtop put in front of words of its own is in no line.
    let own = ["save failed: ", "sieve: "];
    let mut pieces: Vec<&str> = pieces
        .into_iter()
        .map(|piece| {
            own.iter()
                .find_map(|own| piece.strip_prefix(own))
                .unwrap_or(piece)
        })
        .map(|piece| piece.trim_matches(|c: char| c.is_whitespace() || "\"\\".contains(c)))
        .filter(|piece| piece.len() >= TELLING && !piece.contains(['"', '\\']))
        .collect();
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
    pieces.truncate(2);
    let terms: Vec<String> = pieces.iter().map(|piece| format!("\"{piece}\"")).collect();
    Filter::new(&format!("prog:dovecot {}", terms.join(" "))).unwrap_or_default()
}

pub(super) fn extract(view: &Dovecot, facts: &Facts<'_>) -> Extract {
    let rows = view.shown.complaints.iter();
    Extract {
        title: SafeText::from("Dovecot errors and warnings"),
        columns: vec!["Count", "Last", "Service", "Message"],
        rows: rows
            .map(|row| {
                let last = row.last.map(|last| clock(last, facts));
                vec![
                    SafeText::from(row.count.to_string()),
                    SafeText::from(last.unwrap_or_default()),
                    row.service.clone(),
                    row.text.clone(),
                ]
            })
            .collect(),
        selected: Some(view.complaint.at()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::filter::Logged;
    use crate::knowledge::Knowledge;
    use crate::model::facts::Facts;
    use chrono::{DateTime, Offset, TimeDelta, Utc};
    use mailtop_parsers::Calendar;

    /// Enter shows the lines that were counted, and no others.
    #[test]
    fn the_filter_finds_the_lines_of_a_complaint() {
        let lines = [
            "imap-login: Disconnected: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=3): user=<ann@shop.example>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.2, TLS, session=<Oplhegthhuh/AAAB>",
            "master: Warning: service(imap): process_limit (6) reached, client connections are being dropped",
            "lmtp(full@shop.example)<32566><kAeYDDzyBWs2fwAAg+zDdQ>: msgid=<1@c.example>: save failed to INBOX: Quota exceeded (mailbox for user is full)",
            "lmtp(bob@shop.example)<32565><0ParCjzyBWs1fwAAg+zDdQ>: Error: sieve: msgid=<2@c.example>: redirect action: failed to redirect message to <ann@gmail.com>: Sendmail program returned error (temporary failure)",
            "imap(ann@shop.example)<7><abc>: Error: Mailbox INBOX: UID=1: read(/var/mail/ann/cur/1) failed: No such file or directory",
            "submission(bob@shop.example)<32581><eGl8>: Error: smtp-client: conn 127.0.0.1:9 [1]: connect(127.0.0.1:9) failed: Connection refused",
            "imap-login: Error: master(imap): read() failed: Remote closed connection (destination service { process_limit } reached?) (client-pid=32637, client-id=1, rip=127.0.0.1, created 10006 msecs ago, received 0/4 bytes)",
            "lmtp(eve@shop.example)<7><s>: sieve: Execution of script /srv/mail/eve/.dovecot.sieve failed, but implicit keep was successful (user logfile /srv/mail/eve/.dovecot.sieve.log may reveal additional details)",
            "lmtp(eve@shop.example)<7><s>: sieve: Failed to compile script `/srv/mail/eve/.dovecot.sieve' (view user logfile `/srv/mail/eve/.dovecot.sieve.log' for more information)",
        ];
        let now: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let calendar = Calendar {
            anchor: now.fixed_offset(),
        };
        let line = |text: &str| format!("2026-11-24T11:59:00.000000+00:00 mx1 dovecot: {text}");
        let log: Vec<String> = lines.iter().map(|text| line(text)).collect();
        for (at, told) in log.iter().enumerate() {
            let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
            facts.lines(told.as_bytes(), now);
            let rows = facts
                .told()
                .dovecot
                .complaints
                .within(now, TimeDelta::hours(1));
            let (key, row, count) = rows.first().unwrap_or_else(|| panic!("{told}"));
            let complaint = Complaint {
                key: (&***key).into(),
                service: SafeText::from(&*row.service),
                text: SafeText::from(&*row.text),
                severity: row.severity,
                count: *count,
                last: None,
                limit: row.limit,
            };
            let filter = lines_of(&complaint);
            for (other, line) in log.iter().enumerate() {
                let record = mailtop_parsers::parse(line.as_bytes(), &calendar);
                let logged = Logged {
                    record: &record,
                    line: line.as_bytes(),
                    facts: &facts,
                    until: now,
                };
                let found = filter.matches(&logged);
                assert_eq!(found, at == other, "{} in {line}", filter.text());
            }
        }
    }
}
