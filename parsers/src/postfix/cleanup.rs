//! cleanup(8): the Message-ID, what header and body checks and milters decided, and messages given up before they were queued.
//!
//! ```text
//! QID: message-id=<…>            QID: resent-message-id=<…>
//! QID: removed (canceled)        (Postfix 3.10 and later)
//! ```
//!
//! The Message-ID is the raw header value, a stranger's text that runs to the end of the line: empty, without brackets, with
//! blanks, or several. Verdicts have a file of their own. Specified in `cleanup/cleanup_message.c`, `cleanup/cleanup_api.c`.

use super::{Said, verdict};
use crate::address::unbracketed;
use crate::record::Event;

/// Reads a line of cleanup(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let queue_id = said.queue_id?;
    let message_id = |value, resent| Event::Cleanup {
        queue_id,
        message_id: unbracketed(value),
        resent,
    };
    if let Some(value) = said.words.strip_prefix(b"message-id=") {
        Some(message_id(value, false))
    } else if let Some(value) = said.words.strip_prefix(b"resent-message-id=") {
        Some(message_id(value, true))
    } else if said.words == b"removed" || said.words.starts_with(b"removed (") {
        Some(Event::Removed { queue_id })
    } else {
        verdict::check(said)
            .or_else(|| verdict::verdict(said, verdict::Style::Blanks))
            .map(Event::Verdict)
    }
}
