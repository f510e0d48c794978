//! bounce(8): `QID: sender non-delivery notification: QID2`, the new message that tells about the old one.
//!
//! Whom: `sender` or `postmaster`. Kind: `non-delivery`, `delay`, `delivery status`. A notification that failed
//! (`sender notification failed to …`, 3.11 and later) has no event of its own. Specified in `bounce/bounce_notify_service.c`
//! and its neighbours.

use super::Said;
use crate::grammar::{split, up_to};
use crate::queue_id::QueueId;
use crate::record::Event;

/// Reads a line of bounce(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let (rest, whom) = up_to(" ")(said.words).ok()?;
    let (kind, new) = split(rest, b" notification: ")?;
    matches!(whom, b"sender" | b"postmaster").then_some(Event::BounceNotification {
        queue_id: said.queue_id?,
        new_queue_id: QueueId::new(new)?,
        whom,
        kind,
    })
}
