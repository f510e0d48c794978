//! One message's life for the screen: the timeline with its waits and what comes next, the envelope, where the time went, the raw lines.
//!
//! In: a message as the model put it together, and its lines. Out: lines of words for whoever draws them: the view of a queued message and
//! Trace show the same life. Everything from the log is safe text here.

mod known;

use super::{Facts, coming, until};
use crate::model::trace::timeline::{self, Ahead, Said, Spent, Step, Timeline};
use crate::model::trace::{LogLine, Mark, Message, Traced};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, bar, wrap};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

pub(super) use known::Known;

/// Steps and raw lines that are shown: a message to fifty thousand recipients has more.
const STEPS: usize = 2_000;
/// From this width on a relay is named with its address.
const WIDE: u16 = 100;
/// Columns of a bar of where the time went.
const BAR: u16 = 11;

/// A message's life, ready to be drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Life {
    steps: Vec<Step>,
    /// Steps beyond [`STEPS`].
    more: usize,
    spent: Option<Spent>,
    ahead: Ahead,
    ended: bool,
    /// Whether attempts need their recipient said.
    several: bool,
    /// From its first line to its last.
    pub(super) lasted: Option<TimeDelta>,
    envelope: Vec<(&'static str, Line)>,
    raw: Vec<SafeText>,
    said: Option<(SafeText, Role)>,
}

/// The sign and role of a mark.
pub(super) fn mark_sign(mark: Mark, facts: &Facts<'_>) -> (&'static str, Role) {
    let glyphs = facts.theme.glyphs();
    match mark {
        Mark::None => (" ", Role::Text),
        Mark::Good => (glyphs.sent, Role::Ok),
        Mark::Wait => (glyphs.deferred, Role::Defer),
        Mark::Bad => (glyphs.bounced, Role::Bounce),
        Mark::Held => (glyphs.held, Role::Hold),
        Mark::Refused => (glyphs.rejected, Role::Reject),
    }
}

/// How a message is called: its queue id, or that it never had one.
pub(super) fn message_name(message: &Message) -> SafeText {
    match &message.queue_id {
        Some(id) => SafeText::from(&**id),
        None if *message.instance == *b"dovecot" => SafeText::from("-"),
        None => SafeText::from("NOQUEUE"),
    }
}

/// A moment of the log in at most twelve columns: with its day when that is not today.
pub(super) fn moment(time: DateTime<Utc>, facts: &Facts<'_>, fine: bool) -> String {
    let (time, now) = (
        time.with_timezone(&facts.model.zone()),
        facts.model.now().with_timezone(&facts.model.zone()),
    );
    let form = match (now.date_naive() - time.date_naive()).num_days() {
        0 if fine => "%H:%M:%S%.3f",
        0 => "%H:%M:%S",
        1..=6 if fine => "%a %H:%M:%S",
        1..=6 => "%a %H:%M",
        _ => "%m-%d %H:%M",
    };
    time.format(form).to_string()
}

/// A span of a life: `1.1s`, `37m37s`.
pub(super) fn span(span: TimeDelta) -> String {
    numbers::delay(span.to_std().unwrap_or_default())
}

impl Life {
    /// The life of a message among those that were traced.
    pub(super) fn of(
        message: &Message,
        traced: &Traced,
        lines: &[LogLine],
        facts: &Facts<'_>,
    ) -> Self {
        let Timeline { mut steps, spent } = timeline::timeline(message, lines);
        steps.retain(|step| !matches!(step, Step::Said(Said { again: true, .. })));
        let more = steps.len().saturating_sub(STEPS);
        // What came of it stands at the end.
        steps.drain(..more);
        let due = message
            .queue_id
            .as_deref()
            .and_then(|id| facts.model.due(id));
        let ahead = timeline::ahead(message, due, facts.model.settings.as_ref());
        let own = message.events.iter().filter_map(|at| lines.get(*at));
        let skipped = message.events.len().saturating_sub(STEPS);
        let raw = own.skip(skipped).map(|line| SafeText::new(&line.text));
        let last = steps.iter().rev().find_map(|step| match step {
            Step::Said(Said {
                attempt: Some(attempt),
                row,
                ..
            }) => Some((SafeText::new(&attempt.said), mark_sign(row.mark, facts).1)),
            _ => None,
        });
        Self {
            more,
            spent,
            ahead,
            ended: message.ended.is_some(),
            several: message.recipients.len() > 1,
            lasted: message
                .first
                .zip(message.ended.or(message.last))
                .map(|(first, last)| last - first),
            envelope: envelope(message, traced, facts),
            raw: raw.collect(),
            said: last,
            steps,
        }
    }

    /// The timeline, one line for each step.
    pub(super) fn timeline(&self, facts: &Facts<'_>) -> Vec<Line> {
        let mut lines = Vec::with_capacity(self.steps.len() + 3);
        if self.more > 0 {
            let words = format!(
                "{} earlier steps are left out",
                numbers::count(self.more as u64)
            );
            lines.push(Line::of(words, Role::Dim));
        }
        let last = self.steps.len().saturating_sub(1);
        let goes_on = self.ahead != Ahead::default() || !self.ended;
        for (at, step) in self.steps.iter().enumerate() {
            let stroke = match at {
                0 => "┬",
                _ if at == last && !goes_on => "└",
                _ => "├",
            };
            lines.push(match step {
                Step::Said(said) => self.said(said, stroke, facts),
                Step::Waited { passed, queue } => waited(*passed, *queue),
            });
        }
        if let Some(attempt) = self.ahead.attempt {
            let how = if attempt.estimated {
                "next attempt (estimated)"
            } else {
                "next attempt"
            };
            let left = match until(attempt.due, facts).as_str() {
                "now" => String::from(", due at the next queue run"),
                left => format!(" in {left}"),
            };
            lines.push(to_come(coming(attempt.due, facts), format!("{how}{left}")));
        }
        if let Some(expiry) = self.ahead.expiry {
            lines.push(to_come(
                coming(expiry, facts),
                String::from("expires: goes back to its sender"),
            ));
        }
        lines
    }

    fn said(&self, said: &Said, stroke: &'static str, facts: &Facts<'_>) -> Line {
        let time = said.time.map(|time| moment(time.to_utc(), facts, true));
        let (mark, role) = mark_sign(said.row.mark, facts);
        let who = SafeText::new(&said.row.who);
        let line = Line::of(SafeText::from(time.unwrap_or_default()).pad(12), Role::Dim)
            .add(format!(" {stroke} "), Role::Frame)
            .add(who.cut(8).pad(8), Role::Head)
            .add(format!("{mark} "), role);
        let Some(attempt) = &said.attempt else {
            let role = if said.row.foreign {
                Role::Dim
            } else {
                Role::Text
            };
            return line.add(SafeText::new(&said.row.words), role);
        };
        let mut line = line;
        if self.several {
            line = line.add(SafeText::new(&attempt.to), Role::Text).text("  ");
        }
        if !attempt.relay.is_empty() {
            // The address gives way to the words where both have no room.
            let narrow = facts.body.width < WIDE;
            let end = memchr::memchr(b'[', &attempt.relay).filter(|_| narrow);
            let relay = attempt.relay.get(..end.unwrap_or(attempt.relay.len()));
            line = line
                .add(SafeText::new(relay.unwrap_or_default()), Role::Dim)
                .text("  ");
        }
        let coded = attempt.said.first().is_some_and(u8::is_ascii_digit);
        if !coded {
            let dsn = attempt.dsn.as_deref().unwrap_or_default();
            line = line.add(format!("{dsn} "), role);
        }
        let role = if said.row.mark == Mark::Good {
            Role::Text
        } else {
            role
        };
        line.add(SafeText::new(&attempt.said), role)
    }

    /// `37m37s in system`; so far, when it is still there.
    pub(super) fn note(&self) -> String {
        let so_far = if self.ended { "" } else { " so far" };
        self.lasted
            .map(|lasted| format!("{} in the system{so_far}", span(lasted)))
            .unwrap_or_default()
    }

    /// The envelope, a line for each of its fields.
    pub(super) fn envelope(&self, label: usize) -> Vec<Line> {
        let line = |(name, words): &(&'static str, Line)| {
            Line::of(SafeText::from(*name).pad(label), Role::Dim).then(words.clone())
        };
        self.envelope.iter().map(line).collect()
    }

    /// Where the time went, a bar for each part.
    pub(super) fn spent(&self, facts: &Facts<'_>) -> Vec<Line> {
        let Some(spent) = self.spent else {
            return Vec::new();
        };
        let mut lines = vec![Line::of("Where the time went", Role::Head)];
        for (name, seconds) in parts(spent) {
            let figure = SafeText::from(seconds_in_words(seconds)).pad_left(8);
            let share = bar(seconds, spent.total(), BAR, Role::Accent, facts.theme);
            lines.push(
                Line::of(SafeText::from(name).pad(8), Role::Dim)
                    .text(figure)
                    .text(" ")
                    .then(share),
            );
        }
        lines
    }

    /// The same in one line.
    pub(super) fn spent_in_one(&self) -> Option<Line> {
        let spent = self.spent?;
        let parts = parts(spent).into_iter().filter(|(_, part)| *part > 0.0);
        let words: Vec<String> = parts
            .map(|(name, part)| format!("{name} {}", seconds_in_words(part)))
            .collect();
        Some(Line::of("time: ", Role::Dim).text(words.join(" · ")))
    }

    /// The last thing that somebody answered, in full.
    pub(super) fn verbatim(&self) -> Option<Line> {
        let (said, role) = self.said.as_ref()?;
        Some(Line::of("verbatim: ", Role::Dim).add(said.clone(), *role))
    }

    /// How many raw lines there are.
    pub(super) fn raw_lines(&self) -> usize {
        self.raw.len()
    }

    /// The raw lines, the newest first, wrapped to so many columns.
    pub(super) fn raw(&self, columns: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        for text in self.raw.iter().rev() {
            for (nth, row) in wrap(text, columns.max(10)).into_iter().enumerate() {
                let role = if nth == 0 { Role::Text } else { Role::Dim };
                lines.push(Line::of(row, role));
            }
        }
        lines
    }
}

fn waited(passed: TimeDelta, queue: Option<&'static str>) -> Line {
    let place = queue.map(|queue| match queue {
        "hold" => String::from(" on hold"),
        queue => format!(" in {queue}"),
    });
    Line::of(" ".repeat(12), Role::Dim)
        .add(" ┊ ", Role::Frame)
        .add(
            format!("… waited {}{}", span(passed), place.unwrap_or_default()),
            Role::Dim,
        )
}

fn to_come(time: String, words: String) -> Line {
    Line::of(SafeText::from(time).pad(12), Role::Accent)
        .add(" ┄ ", Role::Frame)
        .add(words, Role::Accent)
}

fn parts(spent: Spent) -> [(&'static str, f64); 4] {
    [
        ("smtpd", spent.reception),
        ("queue", spent.queue),
        ("connect", spent.connecting),
        ("send", spent.sending),
    ]
}

fn seconds_in_words(seconds: f64) -> String {
    if (0.0..10.0).contains(&seconds) {
        return format!("{seconds:.2}s");
    }
    Duration::try_from_secs_f64(seconds).map_or_else(|_| String::from("?"), numbers::delay)
}

/// The first recipient, and how many more there are.
pub(super) fn recipients(message: &Message) -> Option<Line> {
    let first = message.recipients.first().map(|one| &one.to);
    let first = first.or(message.refused.first())?;
    let more = match message.recipients.len().max(message.refused.len()) {
        0 | 1 => String::new(),
        all => format!(" +{}", all - 1),
    };
    Some(Line::from(SafeText::new(first)).add(more, Role::Dim))
}

fn envelope(message: &Message, traced: &Traced, facts: &Facts<'_>) -> Vec<(&'static str, Line)> {
    let mut fields: Vec<(&'static str, Line)> = Vec::new();
    if let Some(from) = &message.from {
        let from = if from.is_empty() {
            SafeText::from("<>")
        } else {
            SafeText::new(from)
        };
        fields.push(("From", Line::from(from)));
    }
    if let Some(to) = recipients(message) {
        fields.push(("To", to));
    }
    if let Some(size) = message.size {
        fields.push(("Size", Line::from(format!("{} B", numbers::count(size)))));
    }
    if let Some(source) = &message.source {
        if let Some(account) = &source.sasl_username {
            fields.push(("SASL", Line::from(SafeText::new(account))));
        }
        if !source.ip.is_empty() {
            let host = SafeText::new(&source.host);
            let ip = SafeText::new(&source.ip);
            fields.push(("IP", Line::from(format!("{ip} ({host})"))));
        }
        if let Some(uid) = source.uid {
            fields.push(("Local", Line::from(format!("user {uid}"))));
        }
    }
    let fate = message.fate();
    let (mark, role) = mark_sign(Mark::of(fate), facts);
    fields.push((
        "Status",
        Line::of(
            format!("{mark} {}", fate.as_str()).trim_start().to_owned(),
            role,
        ),
    ));
    let attempts: u32 = message.recipients.iter().map(|one| one.attempts).sum();
    if attempts > 0 {
        fields.push(("Tries", Line::from(attempts.to_string())));
    }
    if let Some(id) = &message.message_id {
        fields.push(("Msg-ID", Line::from(SafeText::new(id))));
    }
    for tie in &message.related {
        if let Some(other) = traced.messages.get(tie.message) {
            let words = format!("{} {}", tie.kind.words(tie.came_of), message_name(other));
            fields.push(("Related", Line::from(words)));
        }
    }
    if !message.born && message.queue_id.is_some() {
        fields.push(("Begin", Line::of("not in these logs", Role::Dim)));
    }
    if !message.host.is_empty() {
        fields.push(("Host", Line::from(SafeText::new(&message.host))));
    }
    fields
}
