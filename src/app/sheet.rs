//! The sheet: what is about to be done to the queue, shown before anything changes.
//!
//! It names the count, the senders, the size and the exact command. `y` does it, Tab chooses another set of messages, and
//! every other key cancels. To delete more than a few messages their count is typed instead. Keys that were typed before
//! the sheet was drawn don't count.

mod count;
#[cfg(test)]
mod tests;

use crate::app::effect::{Action, Scope};
use crate::app::key::Key;
use crate::model::Model;
use crate::model::identity::{MessageKey, Target};
use crate::model::journal::Verb;
use crate::model::queue::Message;
use crate::model::table::Map;
use crate::numbers;
use crate::safe_text::SafeText;
use count::Typed;
pub use count::TypedCount;
use mailtop_parsers::QueueName;

/// So many messages are deleted by a `y`; more only when their count is typed.
const FEW: usize = 10;

/// One set of messages that the action can be aimed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// In the operator's words: `this message`, `marked`, `domain yahoo.com`.
    pub label: SafeText,
    /// The messages.
    pub targets: Vec<Target>,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What is asked.
    pub verb: Verb,
    /// Whom it can be aimed at; never empty, unless the whole queue is meant.
    choices: Vec<Choice>,
    chosen: usize,
    /// What is said of the chosen messages; `None` until somebody has counted.
    summary: Option<Summary>,
    /// What has to be typed; `None` when `y` is enough.
    count: Option<TypedCount>,
    /// Why it can't be done here, and how it can; `None` when it can.
    pub blocked: Option<SafeText>,
}

/// What a key did to the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The sheet stays.
    Stay,
    /// Other messages are meant now: they have to be seen before another key counts.
    Turned,
    /// It is closed, nothing is done.
    Cancel,
    /// It is closed, nothing is done, and this is why.
    Wrong(SafeText),
    /// This sheet takes its place.
    Instead(Sheet),
    /// Do it.
    Act(Action),
}

/// What a sheet says about its chosen messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Messages.
    pub count: usize,
    /// Bytes.
    pub bytes: u64,
    /// Senders by count, most first.
    pub senders: Vec<(SafeText, usize)>,
}

impl Sheet {
    /// A sheet for messages. Choices without a message that the verb applies to are left out; `None` when none is left.
    pub fn new(verb: Verb, choices: Vec<Choice>, blocked: Option<SafeText>) -> Option<Self> {
        let choices: Vec<Choice> = choices
            .into_iter()
            .map(|mut choice| {
                choice.targets.retain(|target| applies(verb, target.queue));
                choice
            })
            .filter(|choice| !choice.targets.is_empty())
            .collect();
        let mut sheet = Self {
            verb,
            choices,
            chosen: 0,
            summary: None,
            count: None,
            blocked,
        };
        sheet.aim(0);
        (!sheet.choices.is_empty()).then_some(sheet)
    }

    /// A sheet for `postqueue -f`.
    pub fn whole_queue() -> Self {
        Self {
            verb: Verb::Flush,
            choices: Vec::new(),
            chosen: 0,
            summary: None,
            count: None,
            blocked: None,
        }
    }

    fn aim(&mut self, chosen: usize) {
        self.chosen = chosen;
        self.summary = None;
        let many = self.verb == Verb::Delete && self.blocked.is_none() && self.meant() > FEW;
        self.count = many.then(|| TypedCount::new(self.meant()));
    }

    /// How many messages are meant: those that were there when the sheet was opened, or the whole queue as it is now.
    pub fn meant(&self) -> usize {
        self.chosen()
            .map_or(self.summary().count, |choice| choice.targets.len())
    }

    /// How many of these have left the queue since.
    pub fn left(&self) -> usize {
        let there = self.summary.as_ref().map(|summary| summary.count);
        there.map_or(0, |there| self.meant().saturating_sub(there))
    }

    /// What has to be typed; `None` when `y` is enough.
    pub fn count(&self) -> Option<&TypedCount> {
        self.count.as_ref()
    }

    /// Whether the messages that it would delete can be held instead, at least some of them.
    pub fn can_hold(&self) -> bool {
        let held = |choice: &Choice| {
            let mut targets = choice.targets.iter();
            targets.any(|target| applies(Verb::Hold, target.queue))
        };
        self.verb == Verb::Delete && self.blocked.is_none() && self.chosen().is_some_and(held)
    }

    fn instead(&self) -> Option<Self> {
        Self::new(Verb::Hold, vec![self.chosen()?.clone()], None)
    }

    /// The chosen set; `None` when the whole queue is meant.
    pub fn chosen(&self) -> Option<&Choice> {
        self.choices.get(self.chosen)
    }

    /// The set that Tab chooses.
    pub fn other(&self) -> Option<&Choice> {
        let next = (self.chosen + 1) % self.choices.len().max(1);
        self.choices.get(next).filter(|_| self.choices.len() > 1)
    }

    /// A key was pressed while the sheet was on the screen.
    pub fn on(&mut self, key: Key) -> Answer {
        match key {
            Key::Tab if self.choices.len() > 1 => {
                self.aim((self.chosen + 1) % self.choices.len());
                return Answer::Turned;
            }
            Key::Char('h') if self.can_hold() => {
                return self.instead().map_or(Answer::Cancel, Answer::Instead);
            }
            _ => {}
        }
        match &mut self.count {
            Some(count) => match count.on(key) {
                Typed::More => Answer::Stay,
                Typed::Right => self.act(),
                Typed::Wrong => Answer::Wrong(self.wrong()),
                Typed::Cancel => Answer::Cancel,
            },
            None if key == Key::Char('y') && self.blocked.is_none() => self.act(),
            None => Answer::Cancel,
        }
    }

    fn act(&self) -> Answer {
        let scope = match self.chosen() {
            Some(choice) => Scope::Messages(choice.targets.clone()),
            None => Scope::WholeQueue,
        };
        Answer::Act(Action {
            verb: self.verb,
            scope,
        })
    }

    fn wrong(&self) -> SafeText {
        let typed = self.count.as_ref().map_or("", TypedCount::digits);
        let count = numbers::count(self.meant() as u64);
        let verb = word(self.verb);
        SafeText::from(format!(
            "{verb}: nothing was done, the count is {count} and {typed} was typed"
        ))
    }

    /// What is said of the chosen messages.
    pub fn summary(&self) -> &Summary {
        const NOTHING: &Summary = &Summary {
            count: 0,
            bytes: 0,
            senders: Vec::new(),
        };
        self.summary.as_ref().unwrap_or(NOTHING)
    }

    /// Counts the chosen messages as they are in the queue now, when other ones were chosen or the listing is another.
    pub fn settle(&mut self, model: &Model, listing_changed: bool) {
        if listing_changed || self.summary.is_none() {
            self.summary = Some(self.summarized(model));
        }
    }

    fn summarized(&self, model: &Model) -> Summary {
        let queue = &model.queue;
        let mut summary = Summary::default();
        let mut senders: Map<&str, (&Message, usize)> = Map::default();
        let mut add = |message| {
            let message: &Message = message;
            summary.count += 1;
            summary.bytes = summary.bytes.saturating_add(message.size);
            let (_, count) = senders
                .entry(&*message.target.sender)
                .or_insert((message, 0));
            *count += 1;
        };
        match self.chosen() {
            // Marks and rows may name a message twice.
            Some(choice) => {
                let mut seen: Map<&MessageKey, ()> = Map::default();
                for key in choice.targets.iter().map(|target| &target.key) {
                    if seen.insert(key, ()).is_none()
                        && let Some(message) = queue.message(key)
                    {
                        add(message);
                    }
                }
            }
            None => queue.messages().for_each(add),
        }
        summary.senders = senders
            .into_values()
            .map(|(message, count)| (message.sender(), count))
            .collect();
        summary
            .senders
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        summary
    }
}

/// Whether the verb does anything to a message in that queue (`postsuper(1)`: mail in maildrop can't be held, nor deleted without
/// naming that queue).
pub fn applies(verb: Verb, queue: QueueName) -> bool {
    match verb {
        Verb::Hold => !matches!(queue, QueueName::Hold | QueueName::Maildrop),
        Verb::Release => queue == QueueName::Hold,
        Verb::Requeue | Verb::Delete => queue != QueueName::Maildrop,
        Verb::Flush => queue == QueueName::Deferred,
    }
}

/// The verb in the operator's words.
pub fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Hold => "Hold",
        Verb::Release => "Release from hold",
        Verb::Requeue => "Requeue",
        Verb::Flush => "Flush",
        Verb::Delete => "Delete",
    }
}

/// What is said when there is no message that the verb does anything to.
pub fn nothing(verb: Verb) -> &'static str {
    match verb {
        Verb::Hold => "nothing to hold here: select a message or a domain that is not on hold",
        Verb::Release => "nothing here is on hold",
        Verb::Requeue => "nothing to requeue here",
        Verb::Flush => "nothing deferred here: only deferred mail can be flushed",
        Verb::Delete => "nothing to delete here: select a message or a domain",
    }
}

/// What an administrator must know before, from the manual page.
pub fn warning(verb: Verb) -> &'static str {
    match verb {
        Verb::Hold => "Held mail is not delivered and does not expire until it is released.",
        Verb::Release => {
            "Goes back to the deferred queue with its old arrival time; too old mail bounces at its next failure."
        }
        Verb::Requeue => {
            "New queue ids and arrival times; rewriting and content filters run again, milters do not."
        }
        Verb::Flush => {
            "Tries now and forgets that the destination was dead; often flushed mail slows all other mail."
        }
        Verb::Delete => "No sender is told, and what is being delivered just now may still arrive.",
    }
}
