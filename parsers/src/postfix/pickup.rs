//! pickup(8): `QID: uid=N from=<S>[ orig_id=QID0]`, mail submitted locally, or queued anew by `postsuper -r`.
//!
//! The sender may be a bare login name. Specified in `pickup/pickup.c`.

use super::Said;
use crate::address::angle;
use crate::grammar::mark;
use crate::record::Event;
use nom::Parser;
use nom::character::complete::u32;
use nom::sequence::delimited;

const ORIG_ID: &[u8] = b" orig_id=";

/// Reads a line of pickup(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let sender = angle(|after| after.is_empty() || after.starts_with(ORIG_ID));
    let (rest, (uid, from)) = (delimited(mark("uid="), u32, mark(" from=")), sender)
        .parse(said.words)
        .ok()?;
    Some(Event::Pickup {
        queue_id: said.queue_id?,
        uid: Some(uid),
        from,
        orig_id: rest.strip_prefix(ORIG_ID),
    })
}
