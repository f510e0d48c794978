//! The tape's own queue: answers actions in the demo as Postfix would, so that nothing real is touched.
//!
//! Listings from the tape pass through here and come out as they would be after what was done: held messages are on hold,
//! released ones deferred again, requeued ones have a new queue id, deleted ones are gone. Every answer says that it is a demo.

use crate::app::effect::{Action, Scope};
use crate::model::command_line::{Aim, command_line};
use crate::model::identity::Target;
use crate::model::journal::{Receipt, Verb};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use mailtop_parsers::{QueueEntry, QueueName, postqueue};
use std::collections::HashMap;
use std::time::Duration;

/// What was done to a message of the tape.
#[derive(Debug, Clone, Default)]
struct Change {
    queue: Option<QueueName>,
    queue_id: Option<String>,
    arrival: Option<i64>,
    deleted: bool,
}

/// A message on the tape: its queue id, which may be used again, and its arrival time.
type OnTape = (String, i64);

/// The queue of a tape, with what was done to it.
#[derive(Debug, Default)]
pub struct SimulatedQueue {
    changes: HashMap<OnTape, Change>,
    /// The messages of the listing that runs or ran last, as they are after the changes.
    listed: Vec<(OnTape, QueueEntry)>,
    requeued: u32,
}

impl SimulatedQueue {
    /// A listing begins on the tape.
    pub fn begin(&mut self) {
        self.listed.clear();
    }

    /// Lines of the tape's listing, each ended by `\n`; out come the lines as they are after what was done.
    pub fn lines(&mut self, lines: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(lines.len());
        for line in super::lines(lines) {
            let Ok(entry) = postqueue::parse(line) else {
                out.extend_from_slice(line);
                out.push(b'\n');
                continue;
            };
            let on_tape = (entry.queue_id.clone(), entry.arrival_time);
            if let Some(entry) = self.changed(&on_tape, entry) {
                write(&mut out, &entry);
                self.listed.push((on_tape, entry));
            }
        }
        out
    }

    /// The whole listing as it is now.
    pub fn listing(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (_, entry) in &self.listed {
            write(&mut out, entry);
        }
        out
    }

    fn changed(&self, on_tape: &OnTape, mut entry: QueueEntry) -> Option<QueueEntry> {
        if let Some(change) = self.changes.get(on_tape) {
            if change.deleted {
                return None;
            }
            entry.queue_name = change.queue.unwrap_or(entry.queue_name);
            entry.arrival_time = change.arrival.unwrap_or(entry.arrival_time);
            if let Some(queue_id) = &change.queue_id {
                entry.queue_id.clone_from(queue_id);
            }
        }
        Some(entry)
    }

    /// Does what is asked; out come the receipt and the log lines that postsuper(1) would have written.
    pub fn perform(&mut self, action: &Action, now: DateTime<Utc>) -> (Receipt, Vec<u8>) {
        let aim = match &action.scope {
            Scope::WholeQueue => Aim::WholeQueue,
            Scope::Messages(targets) => Aim::Many(targets.len()),
        };
        let command = command_line(action.verb, aim, None);
        let mut receipt = Receipt {
            verb: action.verb,
            asked: 0,
            matched: 0,
            done: 0,
            skipped: Vec::new(),
            command: SafeText::from(format!("demo: {command}")),
            exit: Some(0),
            stderr: SafeText::default(),
            took: Duration::ZERO,
            failure: None,
        };
        let mut log = Vec::new();
        match &action.scope {
            // As on a real queue: nobody counts what is asked for.
            Scope::WholeQueue => {}
            Scope::Messages(targets) => {
                receipt.asked = targets.len();
                for target in targets {
                    match self.one(action.verb, target, now) {
                        Ok(line) => {
                            receipt.matched += 1;
                            receipt.done += 1;
                            log.extend_from_slice(line.as_bytes());
                        }
                        Err(why) => receipt
                            .skipped
                            .push((target.key.clone(), SafeText::from(why))),
                    }
                }
            }
        }
        (receipt, log)
    }

    /// Acts on one message; returns the log line that Postfix would write, or why it was left out.
    fn one(
        &mut self,
        verb: Verb,
        target: &Target,
        now: DateTime<Utc>,
    ) -> Result<String, &'static str> {
        let at = self
            .listed
            .iter()
            .position(|(_, entry)| target.is(entry))
            .ok_or("left the queue")?;
        let (on_tape, entry) = self.listed.get_mut(at).ok_or("left the queue")?;
        let change = self.changes.entry(on_tape.clone()).or_default();
        let what = match verb {
            Verb::Hold if entry.queue_name == QueueName::Hold => return Err("already on hold"),
            Verb::Hold => {
                change.queue = Some(QueueName::Hold);
                "placed on hold"
            }
            Verb::Release if entry.queue_name != QueueName::Hold => return Err("is not on hold"),
            Verb::Release => {
                change.queue = Some(QueueName::Deferred);
                "released from hold"
            }
            Verb::Requeue => {
                self.requeued += 1;
                // The shape of a short queue id, and no id that the tape has.
                change.queue_id = Some(format!("DE{:08X}", self.requeued));
                change.arrival = Some(now.timestamp());
                "requeued"
            }
            Verb::Flush => return Ok(String::new()),
            Verb::Delete => {
                change.deleted = true;
                "removed"
            }
        };
        let line = format!(
            "{} demo postfix/postsuper[1]: {}: {what}\n",
            now.format("%Y-%m-%dT%H:%M:%S%.6f+00:00"),
            entry.queue_id
        );
        entry.queue_name = change.queue.unwrap_or(entry.queue_name);
        entry.arrival_time = change.arrival.unwrap_or(entry.arrival_time);
        if let Some(queue_id) = &change.queue_id {
            entry.queue_id.clone_from(queue_id);
        }
        if change.deleted {
            self.listed.remove(at);
        }
        Ok(line)
    }
}

fn write(out: &mut Vec<u8>, entry: &QueueEntry) {
    if serde_json::to_writer(&mut *out, entry).is_ok() {
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &[u8] =
        b"{\"queue_name\": \"deferred\", \"queue_id\": \"ABCDEF1\", \"arrival_time\": 7, \
        \"message_size\": 1, \"sender\": \"a@x.example\", \"recipients\": []}\n";

    fn queue() -> (SimulatedQueue, Target) {
        let mut queue = SimulatedQueue::default();
        queue.begin();
        let entry = postqueue::parse(&queue.lines(LISTING)).unwrap();
        (queue, Target::of("postfix", &entry))
    }

    fn act(queue: &mut SimulatedQueue, verb: Verb, target: &Target) -> Receipt {
        let action = Action {
            verb,
            scope: Scope::Messages(vec![target.clone()]),
        };
        queue.perform(&action, DateTime::default()).0
    }

    #[test]
    fn what_was_done_shows_in_the_next_listing_of_the_tape() {
        let (mut queue, target) = queue();
        assert_eq!(act(&mut queue, Verb::Hold, &target).done, 1);
        queue.begin();
        assert_eq!(
            postqueue::parse(&queue.lines(LISTING)).unwrap().queue_name,
            QueueName::Hold
        );
        assert_eq!(act(&mut queue, Verb::Hold, &target).skipped.len(), 1);
        assert_eq!(act(&mut queue, Verb::Release, &target).done, 1);
        assert_eq!(
            postqueue::parse(&queue.listing()).unwrap().queue_name,
            QueueName::Deferred
        );
    }

    #[test]
    fn a_requeued_message_has_another_identity() {
        let (mut queue, target) = queue();
        assert_eq!(act(&mut queue, Verb::Requeue, &target).done, 1);
        assert_ne!(
            postqueue::parse(&queue.listing()).unwrap().queue_id,
            "ABCDEF1"
        );
        let again = act(&mut queue, Verb::Hold, &target);
        assert_eq!((again.matched, again.skipped.len()), (0, 1));
    }

    #[test]
    fn a_deleted_message_is_gone_and_its_queue_id_may_be_used_again() {
        let (mut queue, target) = queue();
        assert_eq!(act(&mut queue, Verb::Delete, &target).done, 1);
        assert_eq!(queue.listing(), b"");
        let again = act(&mut queue, Verb::Delete, &target);
        assert_eq!((again.matched, again.done, again.skipped.len()), (0, 0, 1));
        queue.begin();
        assert_eq!(queue.lines(LISTING), b"");
        let later =
            String::from_utf8_lossy(LISTING).replace("\"arrival_time\": 7", "\"arrival_time\": 8");
        assert!(!queue.lines(later.as_bytes()).is_empty());
    }

    #[test]
    fn what_is_deleted_is_in_the_log_as_postsuper_says_it() {
        let (mut queue, target) = queue();
        let action = Action {
            verb: Verb::Delete,
            scope: Scope::Messages(vec![target]),
        };
        let (_, log) = queue.perform(&action, DateTime::default());
        assert_eq!(
            String::from_utf8_lossy(&log),
            "1970-01-01T00:00:00.000000+00:00 demo postfix/postsuper[1]: ABCDEF1: removed\n"
        );
    }

    #[test]
    fn every_receipt_says_that_it_is_a_demo() {
        let (mut queue, target) = queue();
        assert!(
            act(&mut queue, Verb::Flush, &target)
                .command
                .as_str()
                .starts_with("demo")
        );
    }
}
