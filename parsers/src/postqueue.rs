//! One JSON line of `postqueue -j`: a message in the queue.
//!
//! Comes in: a line of the listing (one object per line, no array). Goes out: a [`QueueEntry`], or a sentence that says why
//! there is none. Members of future releases are read over, as the manual asks; those that a release lacks are absent.
//!
//! Releases before 3.9 wrote escapes that no JSON reader takes, and before 3.7 bytes that are no UTF-8; such a line is
//! repaired first (`postqueue/repair.rs`), because one odd address must not hide a message.
//!
//! Deliberately not here: the listing as a whole, `postqueue -p`, and what a reason means.
//! Specified in `postqueue(1)`, JSON OBJECT FORMAT, and `postqueue/showq_json.c`.

mod repair;

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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedRecipient {
    /// The address before rewriting (Postfix 3.11 and later); empty when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orig_address: Option<String>,
    /// The address in external form.
    pub address: String,
    /// Why it was deferred; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_reason: Option<String>,
    /// Why it bounced, while the notification is still to be sent (Postfix 3.11 and later).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounce_reason: Option<String>,
    /// A reason of another kind (Postfix 3.11 and later).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_reason: Option<String>,
}

impl QueuedRecipient {
    /// The reason of whichever kind.
    pub fn reason(&self) -> Option<&str> {
        [&self.delay_reason, &self.bounce_reason, &self.other_reason]
            .into_iter()
            .find_map(|reason| reason.as_deref())
    }
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

/// Reads one line of a listing, without or with its newline.
///
/// # Errors
/// A sentence for the operator, when the line is no JSON object of that shape or its queue id is none.
pub fn parse(line: &[u8]) -> Result<QueueEntry, String> {
    let entry: QueueEntry = serde_json::from_slice(line)
        .or_else(|_| serde_json::from_slice(&repair::repaired(line)))
        .map_err(|error| sentence(&error))?;
    if crate::QueueId::new(entry.queue_id.as_bytes()).is_none() {
        return Err(String::from(
            "postqueue listed a message whose queue_id is no queue id; it cannot be shown or acted on",
        ));
    }
    Ok(entry)
}

/// Letters of serde's words that are kept: they may quote the line.
const CAUSE: usize = 160;

/// serde's words without the line number, which is always 1; the column helps to find the place. What they quote is shown with escapes.
fn sentence(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let cause = full.split(" at line ").next().unwrap_or(&full);
    let mut safe = String::with_capacity(cause.len().min(CAUSE));
    for letter in cause.chars().take(CAUSE) {
        if letter.is_control() {
            safe.extend(letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    format!(
        "postqueue printed a line that cannot be read: {safe} (column {})",
        error.column()
    )
}

#[cfg(test)]
mod tests;
