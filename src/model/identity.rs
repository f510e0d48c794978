//! Who is who: what an action is aimed at, and what a fact is attached to.
//!
//! Queue ids are unique only within one Postfix instance and are used again after a message left, so the arrival time and
//! the sender are part of the identity (`postsuper(1)`, BUGS; `global/mail_queue.h`).

use mailtop_parsers::{QueueEntry, QueueName, QueuedRecipient};

/// A message: instance, queue id and arrival time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey {
    /// The Postfix instance, as its `syslog_name` begins (`postfix`, `postfix-out`).
    pub instance: Box<str>,
    /// The queue id; always a valid [`mailtop_parsers::QueueId`].
    pub queue_id: Box<str>,
    /// Seconds since 1970.
    pub arrival: i64,
}

/// One message that an action is aimed at, as the operator saw it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The identity.
    pub key: MessageKey,
    /// The envelope sender as listed.
    pub sender: Box<str>,
    /// The queue it was in when the operator saw it.
    pub queue: QueueName,
}

impl Target {
    /// The target that a listed message makes.
    pub fn of(instance: &str, entry: &QueueEntry) -> Self {
        let key = MessageKey {
            instance: instance.into(),
            queue_id: entry.queue_id.as_str().into(),
            arrival: entry.arrival_time,
        };
        Self {
            key,
            sender: entry.sender.as_str().into(),
            queue: entry.queue_name,
        }
    }

    /// The same, and the recipients, without copying.
    pub fn taken(instance: &str, entry: QueueEntry) -> (Self, Vec<QueuedRecipient>) {
        let key = MessageKey {
            instance: instance.into(),
            queue_id: entry.queue_id.into(),
            arrival: entry.arrival_time,
        };
        let target = Self {
            key,
            sender: entry.sender.into(),
            queue: entry.queue_name,
        };
        (target, entry.recipients)
    }

    /// Whether a freshly listed message is this one: same queue id, arrival time and sender. The queue may differ.
    pub fn is(&self, entry: &QueueEntry) -> bool {
        *self.key.queue_id == *entry.queue_id
            && self.key.arrival == entry.arrival_time
            && *self.sender == *entry.sender
    }
}
