//! qmgr(8): a message enters the active queue, expires, or leaves the queue.
//!
//! ```text
//! QID: from=<S>, size=N, nrcpt=N (queue active)
//! QID: from=<S>, status=expired, returned to sender      (force-expired: Postfix 3.5 and later)
//! QID: removed
//! ```
//!
//! The first comes again at every retry. What the queue manager defers or bounces itself is an ordinary delivery line.
//! Specified in `qmgr/qmgr_active.c`, `qmgr/qmgr_message.c`.

use super::Said;
use crate::address::angle;
use crate::grammar::leading_number;
use crate::queue_id::QueueId;
use crate::record::Event;

/// Reads a line of qmgr(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let queue_id = said.queue_id?;
    if said.words == b"removed" {
        return Some(Event::Removed { queue_id });
    }
    let sender = angle(|after| after.starts_with(b", size=") || after.starts_with(b", status="));
    let (rest, from) = sender(said.words.strip_prefix(b"from=")?).ok()?;
    queued(queue_id, from, rest).or_else(|| expired(queue_id, from, rest))
}

fn queued<'a>(queue_id: QueueId<'a>, from: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (size, rest) = leading_number(rest.strip_prefix(b", size=")?)?;
    let (nrcpt, _) = leading_number(rest.strip_prefix(b", nrcpt=")?)?;
    Some(Event::Queued {
        queue_id,
        from,
        size,
        nrcpt,
    })
}

fn expired<'a>(queue_id: QueueId<'a>, from: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let word = rest.strip_prefix(b", status=")?;
    let forced = word.starts_with(b"force-expired");
    (forced || word.starts_with(b"expired")).then_some(Event::Expired {
        queue_id,
        from,
        forced,
    })
}
