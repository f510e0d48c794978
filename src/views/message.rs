//! One message: its envelope, why each recipient waits, its timeline, and every log line of its life.

use super::{
    Facts, Known, Life, View, age, clock, coming, in_sight, inset, queue_role, scrolled, until,
};
use crate::app::command::{Command, Outcome, Place, Root};
use crate::app::effect::{Effect, Search, What};
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, queue_word};
use crate::app::msg::{Found, Part};
use crate::app::sheet::Choice;
use crate::model::feeds::Source;
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
use ratatui::layout::Rect;

/// Recipients whose reasons are shown in full.
const RECIPIENTS: usize = 6;

/// Below this height only one of both is drawn.
const LOW: u16 = 10;

/// The view.
pub struct MessageView {
    key: MessageKey,
    /// As last listed; kept when the message has left the queue.
    message: Option<Message>,
    /// Whether the last listing had it.
    queued: bool,
    known: Known,
    life: Option<Life>,
    /// Whether lines were left out; `None` while the search runs.
    cut: Option<bool>,
    changed: bool,
    /// Whether its lines are shown as they were logged.
    raw: bool,
    scroll: usize,
}

impl MessageView {
    /// The message with that identity.
    pub fn new(key: MessageKey) -> Self {
        Self {
            key,
            message: None,
            queued: false,
            known: Known::default(),
            life: None,
            cut: None,
            changed: false,
            raw: false,
            scroll: 0,
        }
    }

    fn question(&self) -> Question {
        Question::QueueId(self.key.queue_id.clone())
    }

    /// The life that is this message's: the latest of its queue id, which may have been used before.
    fn live(&self, facts: &Facts<'_>) -> Option<Life> {
        let traced = &self.known.lives.traced;
        let own = traced.messages.iter();
        let own = own.filter(|one| one.queue_id.as_deref() == Some(&*self.key.queue_id));
        let message = own.max_by_key(|one| one.last)?;
        Some(Life::of(message, traced, &self.known.lives.lines, facts))
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

    /// What is known of its life: a line for each step, or its lines as they were logged.
    fn rows(&self, facts: &Facts<'_>, columns: usize) -> Vec<Line> {
        let Some(life) = &self.life else {
            let words = if self.cut.is_some() {
                "no line of this queue id in the logs that are followed"
            } else {
                "searching the log …"
            };
            return vec![Line::of(words, Role::Dim)];
        };
        let mut rows = if self.raw {
            life.raw(columns)
        } else {
            life.timeline(facts)
        };
        if self.cut == Some(true) {
            rows.push(Line::of("older lines are left out", Role::Dim));
        }
        rows
    }

    /// The first row that is shown of so many: the timeline begins at its end, where the news is.
    fn first(&self, rows: usize, room: usize) -> usize {
        let back = self.scroll.min(rows.saturating_sub(room));
        if self.raw {
            back
        } else {
            rows.saturating_sub(room + back)
        }
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
        let question = self.question();
        let caught_up = self.known.catch_up(&question, facts.model.now());
        if std::mem::take(&mut self.changed) || caught_up {
            self.life = self.live(facts);
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        match command {
            Command::Move(motion) => {
                let envelope =
                    self.envelope(facts, usize::from(facts.body.width.saturating_sub(4)));
                let lower = inset(split(facts.body, envelope.len(), self.raw).1);
                let rows = self.rows(facts, usize::from(lower.width.saturating_sub(2)));
                let page = usize::from(lower.height.saturating_sub(2)).max(2);
                let motion = if self.raw { motion } else { motion.reversed() };
                let last = rows.len().saturating_sub(page);
                self.scroll = scrolled(self.scroll, motion, page, last);
            }
            Command::Open | Command::Wrap => {
                (self.raw, self.scroll) = (!self.raw, 0);
            }
            Command::Lines => {
                let id = SafeText::from(&*self.key.queue_id);
                let filter = Filter::default().with(Field::QueueId, &id);
                return Outcome::Open(Place::Root(Root::Log, filter));
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let envelope = self.envelope(facts, usize::from(area.width.saturating_sub(4)));
        let (upper, lower) = split(area, envelope.len(), self.raw);
        if !upper.is_empty() {
            let inner = Window::new(format!("Message {}", self.key.queue_id))
                .old(facts.old(&[Source::Queue]))
                .draw(pen, upper);
            pen.lines(inset(inner), &envelope);
        }
        if lower.is_empty() {
            return;
        }
        let rows = self.rows(facts, usize::from(inset(lower).width.saturating_sub(2)));
        let room = usize::from(lower.height.saturating_sub(2));
        let first = self.first(rows.len(), room);
        let mut notes: Vec<String> = in_sight(first, room, rows.len()).into_iter().collect();
        if let Some(life) = &self.life {
            let lines = numbers::many(life.raw_lines(), "line");
            notes.push(if self.raw { lines } else { life.note() });
            notes.push(String::from(if self.raw {
                "Enter: timeline"
            } else {
                "Enter: raw lines"
            }));
        }
        let title = if self.raw {
            "Raw, newest first"
        } else {
            "Timeline"
        };
        let inner = Window::new(title)
            .note(notes.join(" · "))
            .focused(true)
            .old(facts.old(&[Source::Log]))
            .draw(pen, lower);
        let inner = inset(inner);
        pen.lines(inner, rows.iter().skip(first));
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::Lines,
            Command::Back,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Release),
            Command::Act(Verb::Flush),
            Command::Act(Verb::Delete),
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
            what: What::Lives(self.question()),
            between: Between::default(),
        }))
    }

    fn found(&mut self, found: &Found, _zone: FixedOffset) {
        if found.search.what != What::Lives(self.question()) {
            return;
        }
        match &found.part {
            Part::Lives(lives) => self.known.answer(lives),
            Part::End { cut, .. } => self.cut = Some(*cut),
            Part::Lines { .. } | Part::Reading(_) => {}
        }
        self.changed = true;
    }

    fn logged(&mut self, lines: &[u8], anchor: DateTime<Utc>, zone: FixedOffset) {
        let question = self.question();
        self.known.logged(&question, lines, anchor, zone);
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        let mut rows = self.envelope(facts, usize::MAX);
        let mut selected = 0;
        if self.life.is_some() {
            let life = self.rows(facts, usize::MAX);
            let last = life.len().saturating_sub(1);
            let back = self.scroll.min(last);
            selected = rows.len() + if self.raw { back } else { last - back };
            rows.extend(life);
        }
        Some(Extract {
            title: SafeText::from(format!("message {}", self.key.queue_id)),
            columns: vec!["Message"],
            rows: rows.iter().map(|row| vec![row.words()]).collect(),
            selected: Some(selected),
        })
    }
}

/// The envelope above, the life below; where there is no room for both, the one that is looked at.
fn split(area: Rect, wanted: usize, raw: bool) -> (Rect, Rect) {
    let upper = if area.height < LOW {
        if raw { 0 } else { area.height }
    } else {
        let most = (area.height * 45 / 100).clamp(area.height.min(9), 16);
        u16::try_from(wanted + 2).unwrap_or(most).min(most)
    };
    let lower = Rect {
        y: area.y + upper,
        height: area.height - upper,
        ..area
    };
    let upper = Rect {
        height: upper,
        ..area
    };
    (upper, lower)
}
