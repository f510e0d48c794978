//! The sheet: what is about to be done to the queue, shown before anything changes.
//!
//! It names the count, the senders, the size and the exact command. `y` does it, Tab chooses another set of messages, and
//! every other key cancels. Keys that were typed before the sheet was drawn don't count.

use crate::app::effect::{Action, Scope};
use crate::app::key::Key;
use crate::model::Model;
use crate::model::identity::{MessageKey, Target};
use crate::model::journal::Verb;
use crate::model::queue::Message;
use crate::model::table::Map;
use crate::safe_text::SafeText;
use mailtop_parsers::QueueName;

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
    /// Why it can't be done here, and how it can; `None` when it can.
    pub blocked: Option<SafeText>,
}

/// What a key did to the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The sheet stays.
    Stay,
    /// It is closed, nothing is done.
    Cancel,
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
        (!choices.is_empty()).then_some(Self {
            verb,
            choices,
            chosen: 0,
            summary: None,
            blocked,
        })
    }

    /// A sheet for `postqueue -f`.
    pub fn whole_queue() -> Self {
        Self {
            verb: Verb::Flush,
            choices: Vec::new(),
            chosen: 0,
            summary: None,
            blocked: None,
        }
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
                self.chosen = (self.chosen + 1) % self.choices.len();
                self.summary = None;
                Answer::Stay
            }
            Key::Char('y') if self.blocked.is_none() => Answer::Act(Action {
                verb: self.verb,
                scope: self.scope(),
            }),
            _ => Answer::Cancel,
        }
    }

    fn scope(&self) -> Scope {
        match self.chosen() {
            Some(choice) => Scope::Messages(choice.targets.clone()),
            None => Scope::WholeQueue,
        }
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
            self.summary = Some(self.count(model));
        }
    }

    fn count(&self, model: &Model) -> Summary {
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
            None => queue.messages().iter().for_each(add),
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

/// Whether the verb does anything to a message in that queue (`postsuper(1)`: mail in maildrop can't be held).
pub fn applies(verb: Verb, queue: QueueName) -> bool {
    match verb {
        Verb::Hold => !matches!(queue, QueueName::Hold | QueueName::Maildrop),
        Verb::Release => queue == QueueName::Hold,
        Verb::Requeue => queue != QueueName::Maildrop,
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
    }
}

/// What is said when there is no message that the verb does anything to.
pub fn nothing(verb: Verb) -> &'static str {
    match verb {
        Verb::Hold => "nothing to hold here: select a message or a domain that is not on hold",
        Verb::Release => "nothing here is on hold",
        Verb::Requeue => "nothing to requeue here",
        Verb::Flush => "nothing deferred here: only deferred mail can be flushed",
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(queue: QueueName) -> Target {
        let key = MessageKey {
            instance: "postfix".into(),
            queue_id: "ABCDEF1".into(),
            arrival: 1,
        };
        Target {
            key,
            sender: "a@x.example".into(),
            queue,
        }
    }

    fn sheet(verb: Verb, queues: &[&[QueueName]]) -> Option<Sheet> {
        let choices = queues
            .iter()
            .map(|queues| Choice {
                label: "x".into(),
                targets: queues.iter().map(|queue| target(*queue)).collect(),
            })
            .collect();
        Sheet::new(verb, choices, None)
    }

    #[test]
    fn only_y_acts_and_any_other_key_cancels() {
        for key in [
            Key::Enter,
            Key::Esc,
            Key::Char('n'),
            Key::Char('h'),
            Key::Char('Y'),
            Key::Delete,
            Key::Ctrl('y'),
        ] {
            assert_eq!(
                sheet(Verb::Hold, &[&[QueueName::Deferred]])
                    .unwrap()
                    .on(key),
                Answer::Cancel
            );
        }
        let answer = sheet(Verb::Hold, &[&[QueueName::Deferred]])
            .unwrap()
            .on(Key::Char('y'));
        assert!(
            matches!(answer, Answer::Act(Action { verb: Verb::Hold, scope: Scope::Messages(targets) }) if targets.len() == 1)
        );
    }

    #[test]
    fn a_blocked_sheet_never_acts() {
        let mut sheet = Sheet {
            blocked: Some("needs root".into()),
            ..Sheet::whole_queue()
        };
        assert_eq!(sheet.on(Key::Char('y')), Answer::Cancel);
    }

    #[test]
    fn messages_that_the_verb_does_not_apply_to_are_left_out() {
        assert_eq!(sheet(Verb::Release, &[&[QueueName::Deferred]]), None);
        let sheet = sheet(
            Verb::Hold,
            &[&[QueueName::Hold], &[QueueName::Hold, QueueName::Active]],
        )
        .unwrap();
        assert_eq!(sheet.chosen().unwrap().targets.len(), 1);
    }

    #[test]
    fn tab_chooses_another_set() {
        let mut sheet = sheet(
            Verb::Hold,
            &[
                &[QueueName::Active],
                &[QueueName::Active, QueueName::Deferred],
            ],
        )
        .unwrap();
        assert_eq!(sheet.on(Key::Tab), Answer::Stay);
        assert_eq!(sheet.chosen().unwrap().targets.len(), 2);
    }
}
