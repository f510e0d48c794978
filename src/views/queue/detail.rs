//! What is said of the selected domain below the table: why its mail waits, whose it is, and the newest of it.

use super::Queue;
use super::buckets::WIDE;
use crate::model::feeds::Source;
use crate::model::queue::{Listing, Message, PIECE};
use crate::model::stuck::Domain;
use crate::model::table::Map;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, age, coming, in_domain, inset, until};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, Window, bar, wrap};
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use std::collections::HashSet;
use std::sync::Arc;

/// Messages in the small list of the newest ones.
const NEWEST: usize = 12;

/// What is said of the selected domain.
#[derive(Debug, Clone, Default)]
pub(super) struct Detail {
    /// Which one it is; `None` where none is selected.
    domain: Option<Arc<str>>,
    senders: Vec<(SafeText, usize)>,
    newest: Vec<Newest>,
    /// The first and the last of the next attempts.
    attempts: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// When the first message expires.
    expires: Option<DateTime<Utc>>,
}

/// The domains of marked messages.
#[derive(Debug, Default)]
pub(super) struct Marked {
    /// The numbers of the listing and the marks.
    of: Option<(u64, u64)>,
    domains: HashSet<Arc<str>>,
}

impl Marked {
    /// Whether a message to that domain is marked.
    pub(super) fn has(&self, domain: &str) -> bool {
        self.domains.contains(domain)
    }
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

/// What is said of the selected domain, while it is gathered from the messages that are shown.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    /// How many messages are gone through.
    at: usize,
    detail: Detail,
    /// By sender: the place of one message, and how many there are.
    senders: Map<String, (usize, usize)>,
    /// The places of the newest messages, with when they arrived.
    newest: Vec<(i64, usize)>,
}

impl Explaining {
    /// Nothing is said yet of that domain, if one is selected.
    pub(super) fn new(domain: Option<Arc<str>>) -> Self {
        Self {
            detail: Detail {
                domain,
                ..Detail::default()
            },
            ..Self::default()
        }
    }

    /// Goes through a piece of these messages of the listing, always the same ones; whether there is more of them.
    pub(super) fn more(&mut self, shown: &[usize], listing: &Listing, facts: &Facts<'_>) -> bool {
        let domain = self.detail.domain.clone();
        let rest = shown.get(self.at..).unwrap_or_default();
        let piece = rest.get(..PIECE).unwrap_or(rest);
        for at in piece {
            if let Some(message) = listing.at(*at)
                && domain
                    .as_ref()
                    .is_some_and(|domain| in_domain(message, domain))
            {
                self.add(*at, message, facts);
            }
        }
        self.at += piece.len();
        self.at < shown.len()
    }

    fn add(&mut self, at: usize, message: &Message, facts: &Facts<'_>) {
        let arrival = message.target.key.arrival;
        let sender = self.senders.entry_ref(&*message.target.sender);
        sender.or_insert((at, 0)).1 += 1;
        let place = self.newest.partition_point(|(newer, _)| *newer >= arrival);
        if place < NEWEST {
            self.newest.truncate(NEWEST - 1);
            self.newest.insert(place, (arrival, at));
        }
        let detail = &mut self.detail;
        if let Some(due) = facts.model.next_attempt(message) {
            let (first, last) = detail.attempts.unwrap_or((due, due));
            detail.attempts = Some((first.min(due), last.max(due)));
        }
        if let Some(expires) = facts.model.expires(message) {
            detail.expires = Some(detail.expires.map_or(expires, |first| first.min(expires)));
        }
    }

    /// All of it, as soon as the messages are gone through.
    pub(super) fn end(self, facts: &Facts<'_>) -> Detail {
        let queue = &facts.model.queue;
        let mut detail = self.detail;
        detail.senders = self
            .senders
            .into_values()
            .filter_map(|(at, count)| Some((queue.at(at)?.sender(), count)))
            .collect();
        detail
            .senders
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let domain = detail.domain.as_deref().unwrap_or_default();
        let newest = self.newest.iter().filter_map(|(_, at)| queue.at(*at));
        detail.newest = newest.map(|message| newest_row(message, domain)).collect();
        detail
    }
}

impl Queue {
    /// Whether what is said is said of the selected domain.
    pub(super) fn explains(&self) -> bool {
        self.detail.domain.as_ref() == self.selected().map(|domain| &domain.name)
    }

    /// Goes through a piece of the messages that are shown, for what is said of the selected domain; whether there is more to do.
    pub(super) fn gather_detail(&mut self, listing: &Listing, facts: &Facts<'_>) -> bool {
        let domain = self.selected().map(|domain| Arc::clone(&domain.name));
        let begun = self.explaining.take();
        let begun = begun.filter(|begun| begun.detail.domain == domain);
        let mut explaining = begun.unwrap_or_else(|| Explaining::new(domain));
        let more = explaining.more(&self.shown, listing, facts);
        self.explaining = Some(explaining);
        more
    }

    /// Which domains have marked messages, where the marks or the listing are others.
    pub(super) fn mark(&mut self, facts: &Facts<'_>) {
        let of = (facts.model.queue.shown().number(), facts.marks.number());
        if self.marked.of == Some(of) {
            return;
        }
        let marked = facts.marks.keys();
        let marked = marked.filter_map(|key| facts.model.queue.message(key));
        let marked = marked.filter(|message| self.meant(message, facts));
        let recipients = marked.flat_map(|message| &message.recipients);
        let domains = recipients.map(|waiting| Arc::clone(&waiting.domain));
        self.marked = Marked {
            of: Some(of),
            domains: domains.collect(),
        };
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
