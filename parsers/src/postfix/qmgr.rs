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
use crate::grammar::mark;
use crate::queue_id::QueueId;
use crate::record::Event;
use nom::Parser;
use nom::character::complete::u64;
use nom::sequence::preceded;

/// Reads a line of qmgr(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let queue_id = said.queue_id?;
    if said.words == b"removed" {
        return Some(Event::Removed { queue_id });
    }
    let sender = angle(|after| after.starts_with(b", size=") || after.starts_with(b", status="));
    let (rest, from) = preceded(mark("from="), sender).parse(said.words).ok()?;
    queued(queue_id, from, rest).or_else(|| expired(queue_id, from, rest))
}

fn queued<'a>(queue_id: QueueId<'a>, from: &'a [u8], rest: &'a [u8]) -> Option<Event<'a>> {
    let (_, (size, nrcpt)) = (
        preceded(mark(", size="), u64),
        preceded(mark(", nrcpt="), u64),
    )
        .parse(rest)
        .ok()?;
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
