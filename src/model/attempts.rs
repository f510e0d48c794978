//! Next attempts: when the queue manager means to try each deferred message again.
//!
//! The queue manager keeps that as the modification time of the deferred file, in the future (`qmgr/qmgr_active.c`), so it is known only
//! where the spool can be read. At the first queue run after that moment the message is tried; a flush tries it at once.

use crate::model::table::Map;
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What was read of the deferred queue's files.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempts {
    /// They can't be read, and why.
    Unreadable(SafeText),
    /// They were read.
    Read(Due),
}

/// When every deferred message is due.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Due {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Seconds since 1970, by queue id.
    pub by_id: Arc<Map<Box<str>, i64>>,
}

impl Due {
    /// When the message with that queue id is due.
    pub fn of(&self, queue_id: &str) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(*self.by_id.get(queue_id)?, 0)
    }
}
