//! One message: its envelope, why each recipient waits, and every log line seen of its queue id.

use super::{Facts, View, age, clock, coming, inset, queue_role, until};
use crate::app::command::{Command, Motion, Outcome, Root};
use crate::app::effect::{Effect, Search, What};
use crate::app::filter::queue_word;
use crate::app::msg::{Found, Part};
use crate::app::sheet::Choice;
use crate::model::identity::MessageKey;
use crate::model::journal::Verb;
use crate::model::queue::Message;
use crate::model::span::Between;
use crate::model::trace::Question;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen, Window, wrap};
use chrono::{DateTime, FixedOffset, Utc};
use mailtop_parsers::Severity;
use mailtop_parsers::{Calendar, Event, Status};
use memchr::memmem;
use ratatui::layout::Rect;

/// Log lines kept.
const LINES: usize = 2_500;
/// Recipients whose reasons are shown in full.
const RECIPIENTS: usize = 6;

/// The view.
pub struct MessageView {
    key: MessageKey,
    /// As last listed; kept when the message has left the queue.
    message: Option<Message>,
    /// Whether the last listing had it.
    queued: bool,
    lines: Option<Vec<Row>>,
    /// The raw lines among [`MessageView::lines`]; while the search runs, those that were logged since.
    seen: Vec<Box<[u8]>>,
    cut: bool,
    scroll: usize,
}

/// A log line, taken apart for the screen.
#[derive(Debug, Clone)]
struct Row {
    time: Option<chrono::DateTime<chrono::FixedOffset>>,
    daemon: SafeText,
    text: SafeText,
    role: Role,
}

impl MessageView {
    /// The message with that identity.
    pub fn new(key: MessageKey) -> Self {
        Self {
            key,
            message: None,
            queued: false,
            lines: None,
            seen: Vec::new(),
            cut: false,
            scroll: 0,
        }
    }

    fn envelope(&self, facts: &Facts<'_>, columns: usize) -> Vec<Line> {
        let Some(message) = &self.message else {
            return vec![Line::of("Not in the last listing.", Role::Dim)];
        };
        let label = |name: &'static str| Line::of(SafeText::from(name).pad(9), Role::Dim);
        let queue = if self.queued {
            Line::of(queue_word(message), queue_role(message.target.queue))
        } else {
            Line::of("it has left the queue", Role::Ok)
        };
        let arrival = message
            .arrival()
            .with_timezone(&facts.model.zone())
            .format("%Y-%m-%d %H:%M:%S");
        let old = age(message.age(facts.model.now()));
        // Why it waits comes before when it came: on a low screen the end is cut.
        let mut lines = vec![
            label("Queue")
                .then(queue)
                .text(format!(" · {}", numbers::bytes(message.size))),
            label("From").then(message.sender()),
        ];
        let all = message.recipients.len() + message.more;
        for (nth, waiting) in message.recipients.iter().take(RECIPIENTS).enumerate() {
            lines.push(label(if nth == 0 { "To" } else { "" }).text(&*waiting.address));
            let Some(reason) = &waiting.reason else {
                continue;
            };
            for text in wrap(&reason.line(), columns.saturating_sub(9))
                .into_iter()
                .take(4)
            {
                lines.push(label("").add(text, Role::Defer));
            }
            if reason.suspended {
                lines.push(label("").add(
                    "not tried again yet: the destination failed before",
                    Role::Dim,
                ));
            }
        }
        if all > RECIPIENTS {
            lines.push(label("").add(
                format!("and {} more recipients", all - RECIPIENTS),
                Role::Dim,
            ));
        }
        if self.queued {
            lines.extend(next(message, facts).map(|line| label("Next").then(line)));
        }
        lines.push(label("Arrived").text(format!("{arrival} ({old} ago)")));
        lines
    }

    /// Takes log lines in: those of this message, and each once, whether the search or the live log brings it.
    fn add(&mut self, lines: &[u8], anchor: DateTime<Utc>, zone: FixedOffset) {
        let calendar = Calendar {
            anchor: anchor.with_timezone(&zone),
        };
        for line in lines.split(|byte| *byte == b'\n') {
            let line = &*mailtop_parsers::secret::masked(line);
            let ours = mentions(line, self.key.queue_id.as_bytes());
            if !ours || self.seen.len() >= LINES || self.seen.iter().any(|seen| **seen == *line) {
                continue;
            }
            self.seen.push(line.into());
            if let Some(read_so_far) = &mut self.lines {
                read_so_far.push(read(line, &calendar));
            }
        }
    }

    fn log(&self, facts: &Facts<'_>, columns: usize) -> Vec<Line> {
        let Some(found) = &self.lines else {
            return vec![Line::of("searching the log …", Role::Dim)];
        };
        if found.is_empty() {
            return vec![Line::of(
                "no line of this queue id in the logs that are followed",
                Role::Dim,
            )];
        }
        let indent = 8 + 1 + 10 + 1;
        let mut lines = Vec::new();
        for line in found {
            let time = line
                .time
                .map(|time| clock(time.to_utc(), facts))
                .unwrap_or_default();
            let head = Line::of(format!("{time:8} "), Role::Dim)
                .add(line.daemon.cut(10).pad(11), Role::Head);
            for (nth, text) in wrap(&line.text, columns.saturating_sub(indent).max(20))
                .into_iter()
                .enumerate()
            {
                let head = if nth == 0 {
                    head.clone()
                } else {
                    Line::of(" ".repeat(indent), Role::Text)
                };
                lines.push(head.add(text, line.role));
            }
        }
        if self.cut {
            lines.push(Line::of("older lines are left out", Role::Dim));
        }
        lines
    }
}

/// `next attempt in 4m (14:32:10), expires in 4d 03h (Sun 10:31)`, as far as it is known.
fn next(message: &Message, facts: &Facts<'_>) -> Option<Line> {
    let attempt = facts
        .model
        .next_attempt(message)
        .map(|due| match until(due, facts).as_str() {
            "now" => String::from("attempt due at the next queue run"),
            left => format!("attempt in {left} ({})", clock(due, facts)),
        });
    let expiry = facts
        .model
        .expires(message)
        .map(|expires| match until(expires, facts).as_str() {
            "now" => String::from("its time is over: given up at the next attempt"),
            left => format!("expires in {left} ({})", coming(expires, facts)),
        });
    let parts: Vec<String> = [attempt, expiry].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| Line::from(parts.join(", ")))
}

/// Whether the line holds the queue id as a word of its own.
fn mentions(line: &[u8], id: &[u8]) -> bool {
    let apart = |at: Option<usize>| {
        !at.and_then(|at| line.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    memmem::find_iter(line, id).any(|at| apart(at.checked_sub(1)) && apart(Some(at + id.len())))
}

fn read(line: &[u8], calendar: &Calendar) -> Row {
    let record = mailtop_parsers::parse(line, calendar);
    let role = match &record.event {
        Event::Delivery(delivery) => match delivery.status {
            Status::Sent | Status::Deliverable => Role::Ok,
            Status::Deferred | Status::SoftBounce => Role::Defer,
            Status::Bounced | Status::Undeliverable => Role::Bounce,
        },
        Event::Hold { .. } | Event::Released { .. } => Role::Hold,
        Event::Expired { .. } => Role::Bounce,
        _ if record
            .severity
            .is_some_and(|severity| severity >= Severity::Warning) =>
        {
            Role::Defer
        }
        _ => Role::Text,
    };
    Row {
        time: record.time,
        daemon: SafeText::new(record.daemon()),
        text: SafeText::new(after_tag(line, record.program)),
        role,
    }
}

/// The text after the tag `program[pid]: `; the whole line when it has none.
fn after_tag<'a>(line: &'a [u8], program: &[u8]) -> &'a [u8] {
    let tag = memmem::find(line, program).filter(|_| !program.is_empty());
    let colon = tag.and_then(|at| memmem::find(line.get(at..)?, b": ").map(|colon| at + colon + 2));
    colon.and_then(|start| line.get(start..)).unwrap_or(line)
}

impl View for MessageView {
    fn root(&self) -> Root {
        Root::Queue
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        let listed = facts.model.queue.message(&self.key);
        self.queued = listed.is_some();
        if let Some(message) = listed {
            self.message = Some(message.clone());
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        let Command::Move(motion) = command else {
            return Outcome::Ignored;
        };
        let lines = self
            .log(facts, usize::from(facts.body.width.saturating_sub(4)))
            .len();
        let page = usize::from(split(facts.body).1.height.saturating_sub(2)).max(2);
        let last = lines.saturating_sub(page);
        self.scroll = match motion {
            Motion::Up => self.scroll.saturating_sub(1),
            Motion::Down => self.scroll + 1,
            Motion::PageUp => self.scroll.saturating_sub(page - 1),
            Motion::PageDown => self.scroll + page - 1,
            Motion::HalfUp => self.scroll.saturating_sub(page / 2),
            Motion::HalfDown => self.scroll + page / 2,
            Motion::First => 0,
            Motion::Last => last,
        }
        .min(last);
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let (upper, lower) = split(area);
        let inner = Window::new(format!("Message {}", self.key.queue_id)).draw(pen, upper);
        pen.lines(
            inset(inner),
            &self.envelope(facts, usize::from(inset(inner).width)),
        );
        let many = self.lines.as_ref().map_or(0, Vec::len);
        let rows = self.log(facts, usize::from(inset(lower).width.saturating_sub(2)));
        let shown = usize::from(lower.height.saturating_sub(2));
        let note = match (many, rows.len() > shown) {
            (0, _) => String::new(),
            (_, false) => numbers::many(many, "line"),
            (_, true) => {
                let last = (self.scroll + shown).min(rows.len());
                let part = format!("rows {}–{last} of {}", self.scroll + 1, rows.len());
                format!("{} · {part}", numbers::many(many, "line"))
            }
        };
        let inner = Window::new("Log lines of this queue id")
            .note(note)
            .focused(true)
            .draw(pen, lower);
        let inner = inset(inner);
        pen.lines(inner, rows.iter().skip(self.scroll));
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Back,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Release),
            Command::Act(Verb::Flush),
            Command::Act(Verb::Requeue),
            Command::Mark,
            Command::Freeze,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        let crumb = facts.theme.glyphs().crumb;
        let to = self
            .message
            .as_ref()
            .and_then(|message| message.recipients.first());
        let to = to
            .map(|waiting| format!(" {crumb} {}", waiting.address))
            .unwrap_or_default();
        Line::of(" Queue", Role::Head).text(format!("{to} {crumb} {}", self.key.queue_id))
    }

    fn choices(&self, _facts: &Facts<'_>) -> Vec<Choice> {
        let Some(message) = self.message.as_ref().filter(|_| self.queued) else {
            return Vec::new();
        };
        let label = SafeText::from(format!("this message {}", self.key.queue_id));
        vec![Choice {
            label,
            targets: vec![message.target.clone()],
        }]
    }

    fn opened(&mut self, _facts: &Facts<'_>) -> Option<Effect> {
        Some(Effect::Search(Search {
            what: What::Lives(Question::QueueId(self.key.queue_id.clone())),
            between: Between::default(),
        }))
    }

    fn found(&mut self, found: &Found, zone: FixedOffset) {
        let What::Lives(Question::QueueId(id)) = &found.search.what else {
            return;
        };
        if *id != self.key.queue_id {
            return;
        }
        match &found.part {
            Part::Lives(lives) => {
                let since = std::mem::take(&mut self.seen);
                self.lines = Some(Vec::new());
                let mut anchor = DateTime::<Utc>::MIN_UTC;
                for line in &lives.lines {
                    anchor = line.anchor.to_utc();
                    self.add(&line.text, anchor, zone);
                }
                for line in since {
                    self.add(&line, anchor, zone);
                }
            }
            Part::End { cut, .. } => {
                self.cut = *cut;
                self.lines.get_or_insert_default();
            }
            Part::Lines { .. } | Part::Reading(_) => {}
        }
    }

    fn logged(&mut self, lines: &[u8], anchor: DateTime<Utc>, zone: FixedOffset) {
        if memmem::find(lines, self.key.queue_id.as_bytes()).is_some() {
            self.add(lines, anchor, zone);
        }
    }
}

/// The envelope above, the log lines below.
fn split(area: Rect) -> (Rect, Rect) {
    let upper = (area.height * 45 / 100)
        .clamp(area.height.min(9), 16)
        .min(area.height);
    let lower = Rect {
        y: area.y + upper,
        height: area.height - upper,
        ..area
    };
    (
        Rect {
            height: upper,
            ..area
        },
        lower,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::Lives;
    use crate::model::trace::LogLine;
    use std::sync::Arc;

    fn line(text: &str) -> Vec<u8> {
        format!("2026-11-24T10:00:00.000001+00:00 mx postfix/{text}\n").into_bytes()
    }

    fn texts(view: &MessageView) -> Vec<&str> {
        let lines = view.lines.iter().flatten();
        lines.map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_that_come_while_it_is_open_are_shown_once_and_in_order() {
        let key = MessageKey {
            instance: "postfix".into(),
            queue_id: "3F0000001".into(),
            arrival: 0,
        };
        let (mut view, now) = (MessageView::new(key), DateTime::default());
        let zone = FixedOffset::east_opt(0).unwrap();
        let first = line("qmgr[1]: 3F0000001: from=<a@x.example>, size=1, nrcpt=1 (queue active)");
        let second = line("smtp[2]: 3F0000001: host x[1] said: 450 no");
        let other = line("qmgr[1]: 3F00000012: removed");
        let third = line("postsuper[3]: 3F0000001: placed on hold");
        // While the search runs, a line comes that the search finds as well.
        view.logged(&[&second[..], &other].concat(), now, zone);
        let search = Search {
            what: What::Lives(Question::QueueId("3F0000001".into())),
            between: Between::default(),
        };
        let line = |text: &[u8]| LogLine {
            text: text.trim_ascii_end().into(),
            anchor: now.with_timezone(&zone),
        };
        let lives = Lives {
            lines: vec![line(&first), line(&second)],
            ..Lives::default()
        };
        let found = Found {
            search: Arc::new(search),
            part: Part::Lives(Arc::new(lives)),
        };
        view.found(&found, zone);
        view.logged(&third, now, zone);
        let expected = [
            "3F0000001: from=<a@x.example>, size=1, nrcpt=1 (queue active)",
            "3F0000001: host x[1] said: 450 no",
            "3F0000001: placed on hold",
        ];
        assert_eq!(texts(&view), expected);
    }
}
