//! One JSON line of `postqueue -j` (`postqueue(1)`, JSON OBJECT FORMAT; `postqueue/showq_json.c`).

use serde::{Deserialize, Serialize};

/// The queues that `postqueue` lists. A name of a future release is kept out by being no known variant: the line is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueName {
    /// Submitted locally, not yet picked up.
    Maildrop,
    /// Received, waiting for the queue manager.
    Incoming,
    /// Being delivered.
    Active,
    /// Waiting for the next attempt.
    Deferred,
    /// Parked by an administrator or a policy.
    Hold,
}

/// A recipient that is not delivered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedRecipient {
    /// The address in external form.
    pub address: String,
    /// Why it was deferred; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_reason: Option<String>,
}

/// One message in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueEntry {
    /// Which queue.
    pub queue_name: QueueName,
    /// The queue id, as text; always a valid [`crate::QueueId`].
    pub queue_id: String,
    /// Seconds since 1970.
    pub arrival_time: i64,
    /// Bytes.
    pub message_size: i64,
    /// Whether it was force-expired; absent before Postfix 3.5.
    #[serde(default)]
    pub forced_expire: bool,
    /// The envelope sender; the null sender is listed as `MAILER-DAEMON`.
    pub sender: String,
    /// The recipients that are not delivered yet.
    #[serde(default)]
    pub recipients: Vec<QueuedRecipient>,
}

/// Reads one line of a listing.
///
/// # Errors
/// A sentence for the operator, when the line is no JSON object of that shape or its queue id is none.
pub fn parse(line: &[u8]) -> Result<QueueEntry, String> {
    let entry: QueueEntry = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if crate::QueueId::new(entry.queue_id.as_bytes()).is_none() {
        return Err(String::from("the queue id is none"));
    }
    Ok(entry)
}
