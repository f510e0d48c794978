//! Lines that the logger folded: `message repeated N times: [ text]` (rsyslog, under the tag of the line that it repeats) and
//! `last message repeated N times` (other loggers, with no tag).
//!
//! Comes in: the text after the tag. Goes out: the number and the text that was repeated. The first line itself was logged
//! before, so the number counts further ones. Specified in `tools/syslogd.c` and `runtime/ratelimit.c` of rsyslog.

use super::Head;
use crate::grammar::{number32, split};
use crate::record::Event;

/// Reads the number of times, and the text; 1 and the whole text where nothing was folded.
#[inline]
pub(super) fn read(text: &[u8]) -> (u32, &[u8]) {
    if !matches!(text, [b'm', b'e', ..] | [b'l', b'a', ..]) {
        return (1, text);
    }
    folded(text)
        .filter(|(times, _)| *times > 0)
        .unwrap_or((1, text))
}

#[cold]
fn folded(text: &[u8]) -> Option<(u32, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"message repeated ") {
        let (count, inner) = split(rest, b" times: [")?;
        let inner = inner.strip_suffix(b"]").unwrap_or(inner);
        return Some((number32(count)?, inner.trim_ascii_start()));
    }
    let rest = text.strip_prefix(b"last message repeated ")?;
    Some((number32(rest.strip_suffix(b" times")?)?, text))
}

/// The line that says only that the last one was repeated, whoever said that one.
pub(super) fn last<'a>(head: &Head<'a>, repeated: u32) -> Option<Event<'a>> {
    (head.program.is_empty() && repeated != 1).then_some(Event::Notice {
        action: "repeated",
        queue_id: None,
        peer: None,
        text: head.text,
    })
}
