//! postsuper(1): what an administrator did to a message. The totals (`Deleted: 2 messages`) have no event of their own.
//!
//! Specified in `postsuper/postsuper.c`.

use super::Said;
use crate::record::Event;

/// Reads a line of postsuper(1).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let queue_id = said.queue_id?;
    Some(match said.words {
        b"removed" => Event::Removed { queue_id },
        b"requeued" => Event::Requeued { queue_id },
        b"placed on hold" => Event::Hold { queue_id },
        b"released from hold" => Event::Released { queue_id },
        b"expired" => Event::ForceExpire { queue_id },
        _ => return None,
    })
}
