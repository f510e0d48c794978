//! Errors and warnings, equal ones as one, with how often and the last time.

use super::shown::Complaint;
use super::{By, Dovecot, Panel};
use crate::app::extract::Extract;
use crate::app::filter::Filter;
use crate::app::looking;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, clock};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, Window, wrap};
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
            view.order.by.word()
        )
    } else {
        String::from("grouped")
    };
    let inner = Window::new("Errors & warnings")
        .note(note)
        .focused(focused)
        .draw(pen, area);
    if rows.is_empty() {
        let ok = facts.theme.glyphs().ok;
        let text = if view.filter.is_empty() {
            format!(" no complaint in the last {}", looking::words(facts.range))
        } else {
            String::from(" no complaint matches the filter")
        };
        let line = Line::of(format!(" {ok}"), Role::Ok).add(text, Role::Dim);
        if inner.height > 0 {
            pen.line(inner.x + 1, inner.y, inner.width.saturating_sub(1), &line);
        }
        return;
    }
    let columns = [
        Column::new("n", Width::Fixed(5))
            .right()
            .sorted(view.order.mark(By::Count)),
        Column::new("last", Width::Fixed(8))
            .drop(1)
            .sorted(view.order.mark(By::Last)),
        Column::new("message", Width::Flex(20)).sorted(view.order.mark(By::Name)),
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
