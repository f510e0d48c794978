//! What was done to the queue: verbs, and the receipts that say what came of them.

use crate::model::identity::MessageKey;
use crate::safe_text::SafeText;
use std::time::Duration;

/// What can be done to queued messages. Each is one fixed argument vector of `postsuper(1)` or `postqueue(1)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// `postsuper -h -`: park.
    Hold,
    /// `postsuper -H -`: release from hold.
    Release,
    /// `postsuper -r -`: queue again, with a new queue id.
    Requeue,
    /// `postqueue -i ID`: try now; for the whole queue `postqueue -f`.
    Flush,
    /// `postsuper -d -`: delete; nobody is told, and it cannot be undone.
    Delete,
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What was asked.
    pub verb: Verb,
    /// How many messages the operator meant; 0 for the whole queue.
    pub asked: usize,
    /// How many of them were found again in a fresh listing, with the same identity.
    pub matched: usize,
    /// How many `postsuper` says it did. For flush: how many were asked for, since `postqueue` does not tell.
    pub done: usize,
    /// The messages left out, and why.
    pub skipped: Vec<(MessageKey, SafeText)>,
    /// The command as it was run, `postsuper -h -   (12 queue ids on standard input)`.
    pub command: SafeText,
    /// The exit status; `None` when it did not end by itself.
    pub exit: Option<i32>,
    /// What it wrote to standard error, at most 8 KiB.
    pub stderr: SafeText,
    /// How long it took.
    pub took: Duration,
    /// Why nothing was run, or why the outcome is not known; `None` when the command ran to its end.
    pub failure: Option<SafeText>,
}
