//! What is said of the selected domain below the table: why its mail waits, whose it is, and the newest of it.

use super::Queue;
use super::buckets::WIDE;
use crate::model::feeds::Source;
use crate::model::queue::Message;
use crate::model::stuck::Domain;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, age, coming, in_domain, inset, until};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, Window, bar, wrap};
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use std::collections::HashMap;
use std::sync::Arc;

/// Messages in the small list of the newest ones.
const NEWEST: usize = 12;

/// What is said of the selected domain.
#[derive(Debug, Clone, Default)]
pub(super) struct Detail {
    pub(super) senders: Vec<(SafeText, usize)>,
    pub(super) newest: Vec<Newest>,
    pub(super) marked: HashMap<Arc<str>, bool>,
    /// The first and the last of the next attempts.
    pub(super) attempts: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When the first message expires.
    pub(super) expires: Option<DateTime<Utc>>,
}

/// One of the newest messages.
#[derive(Debug, Clone)]
pub(super) struct Newest {
    queue_id: SafeText,
    arrival: i64,
    size: u64,
    from: SafeText,
    to: SafeText,
}

impl Queue {
    pub(super) fn explain(&self, facts: &Facts<'_>) -> Detail {
        let mut detail = Detail::default();
        let mut senders: HashMap<SafeText, usize> = HashMap::new();
        let name = self.selected().map(|domain| Arc::clone(&domain.name));
        let mut newest: Vec<&Message> = Vec::new();
        for message in self.messages(facts) {
            if !facts.marks.is_empty() && facts.marks.has(&message.target.key) {
                detail.marked.extend(
                    message
                        .recipients
                        .iter()
                        .map(|waiting| (Arc::clone(&waiting.domain), true)),
                );
            }
            if name.as_ref().is_some_and(|name| in_domain(message, name)) {
                *senders.entry(message.sender()).or_default() += 1;
                newest.push(message);
                if let Some(due) = facts.model.next_attempt(message) {
                    let (first, last) = detail.attempts.unwrap_or((due, due));
                    detail.attempts = Some((first.min(due), last.max(due)));
                }
                if let Some(expires) = facts.model.expires(message) {
                    detail.expires =
                        Some(detail.expires.map_or(expires, |first| first.min(expires)));
                }
            }
        }
        detail.senders = senders.into_iter().collect();
        detail
            .senders
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        newest.sort_by_key(|message| std::cmp::Reverse(message.target.key.arrival));
        detail.newest = newest
            .into_iter()
            .take(NEWEST)
            .map(|message| newest_row(message, name.as_deref().unwrap_or_default()))
            .collect();
        detail
    }

    /// Draws what is said of the selected domain, and beside it the newest messages where there is room.
    pub(super) fn draw_below(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let Some(domain) = self.selected().filter(|_| area.height > 2) else {
            return;
        };
        let width = if area.width >= WIDE {
            area.width * 55 / 100
        } else {
            area.width
        };
        self.draw_detail(pen, Rect { width, ..area }, domain, facts);
        if width < area.width {
            let beside = Rect {
                x: area.x + width,
                width: area.width - width,
                ..area
            };
            self.draw_newest(pen, beside, facts);
        }
    }

    fn draw_detail(&self, pen: &mut Pen<'_>, area: Rect, domain: &Domain, facts: &Facts<'_>) {
        let many = format!(
            "{} · {}",
            numbers::many(domain.count, "message"),
            numbers::bytes(domain.bytes)
        );
        let inner = inset(
            Window::new(&*domain.name)
                .note(many)
                .old(facts.old(&[Source::Queue]))
                .draw(pen, area),
        );
        let all: usize = domain.reasons.iter().map(|(_, count)| count).sum();
        let mut lines: Vec<Line> = Vec::new();
        let senders = self.detail.senders.len().clamp(1, 3);
        let next = self.detail.next(facts);
        // Where it is low, what comes next takes the place of the blank line.
        let blank = inner.height >= 8 || next.is_none();
        let below = senders + usize::from(blank) + usize::from(next.is_some());
        let room = usize::from(inner.height).saturating_sub(below);
        let reasons = domain.reasons.len().max(1);
        let rows_each = (room / reasons).clamp(1, 4);
        for (reason, count) in &domain.reasons {
            let share = format!(
                "{:>7} {:>4.0} %",
                numbers::count(*count as u64),
                *count as f64 * 100.0 / all.max(1) as f64
            );
            let words = usize::from(inner.width).saturating_sub(share.len() + 2);
            for (nth, text) in wrap(&reason.line(), words)
                .into_iter()
                .take(rows_each)
                .enumerate()
            {
                let line = Line::of(text.pad(words), Role::Defer);
                lines.push(if nth == 0 {
                    line.add(" ", Role::Text).text(share.as_str())
                } else {
                    line
                });
            }
        }
        if domain.reasons.is_empty() {
            lines.push(Line::of(
                "no reason yet: not tried, or being delivered now",
                Role::Dim,
            ));
        }
        lines.truncate(room);
        if blank {
            lines.push(Line::new());
        }
        // `from `, the name, a count, a bar and percents.
        let name = usize::from(inner.width).saturating_sub(30).min(34);
        for (sender, count) in self.detail.senders.iter().take(senders) {
            let share = *count as f64 / domain.count.max(1) as f64;
            let line = Line::of("from ", Role::Dim)
                .text(sender.cut(name).pad(name))
                .text(format!(" {:>7} ", numbers::count(*count as u64)))
                .then(bar(share, 1.0, 10, Role::Accent, facts.theme))
                .add(format!(" {:.0} %", share * 100.0), Role::Dim);
            lines.push(line);
        }
        lines.extend(next);
        pen.lines(inner, &lines);
    }

    fn draw_newest(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let columns = [
            Column::new("Queue-ID", Width::Fixed(16)),
            Column::new("Age", Width::Fixed(4)).right(),
            Column::new("Size", Width::Fixed(6)).right().drop(1),
            Column::new("From", Width::Flex(10)),
            Column::new("To", Width::Flex(8)),
        ];
        let inner = Window::new("Newest messages")
            .note("Enter: all of them")
            .old(facts.old(&[Source::Queue]))
            .draw(pen, area);
        let newest = &self.detail.newest;
        Columns::new(&columns, newest.len())
            .gutter(1)
            .draw(pen, inner, |at| {
                let Some(newest) = newest.get(at) else {
                    return Row::default();
                };
                let age = age(facts.model.now().timestamp() - newest.arrival);
                Row::new(vec![
                    Line::from(&newest.queue_id),
                    Line::from(age),
                    Line::from(numbers::bytes_short(newest.size)),
                    Line::from(&newest.from),
                    Line::from(&newest.to),
                ])
            });
    }
}

impl Detail {
    /// `next attempt 11:12–11:41 · first expires Sun 10:31`, as far as it is known.
    fn next(&self, facts: &Facts<'_>) -> Option<Line> {
        let attempts = self.attempts.map(|(first, last)| {
            let first = match until(first, facts).as_str() {
                "now" => String::from("now"),
                _ => coming(first, facts),
            };
            match (until(last, facts).as_str(), coming(last, facts)) {
                ("now", _) => first,
                (_, last) if last == first => first,
                (_, last) => format!("{first}–{last}"),
            }
        });
        let expires = self
            .expires
            .map(|first| match until(first, facts).as_str() {
                "now" => String::from("first expires at its next attempt"),
                _ => format!("first expires {}", coming(first, facts)),
            });
        let mut line = Line::new();
        if let Some(attempts) = &attempts {
            line = line.add("next attempt ", Role::Dim).text(attempts.as_str());
        }
        if let Some(expires) = &expires {
            let dot = if attempts.is_some() { " · " } else { "" };
            line = line.text(format!("{dot}{expires}"));
        }
        (!line.is_empty()).then_some(line)
    }
}

/// The recipient is the one in that domain, which is named above and left out.
fn newest_row(message: &Message, domain: &str) -> Newest {
    let mut all = message.recipients.iter();
    let here = all.find(|waiting| &*waiting.domain == domain);
    let to = here.map_or("", |waiting| {
        let parts = waiting.address.rsplit_once('@');
        parts.map_or(&*waiting.address, |(local, _)| local)
    });
    Newest {
        queue_id: SafeText::from(&*message.target.key.queue_id),
        arrival: message.target.key.arrival,
        size: message.size,
        from: message.sender(),
        to: SafeText::from(format!("{to}@")),
    }
}
