//! RFC 5424: `<22>1 2026-06-05T14:09:36Z host tag 1234 msgid [structured] text`, after the priority.
//!
//! `-` is an absent item. Structured items are read over; a `]` in a value is escaped with a backslash. A byte order mark in
//! front of the text is dirt. Specified in RFC 5424, section 6.

use super::{Head, stamp, word};
use crate::Calendar;
use crate::grammar::number32;
use chrono::{DateTime, FixedOffset};

/// Reads what follows `<PRI>`; `None` when the version is not 1.
pub(super) fn read<'a>(
    input: &'a [u8],
    calendar: &Calendar,
) -> Option<(Option<DateTime<FixedOffset>>, Head<'a>)> {
    let rest = input.strip_prefix(b"1 ")?;
    let (time, rest) = if let Some(rest) = rest.strip_prefix(b"- ") {
        (None, rest)
    } else {
        let (rest, time) = stamp::rfc3339(rest, calendar)?;
        (Some(time), rest)
    };
    let (host, rest) = word(rest);
    let (program, rest) = word(rest);
    let (pid, rest) = word(rest);
    let (_, rest) = word(rest);
    let present = |item: &'a [u8]| (item != b"-" && !item.is_empty()).then_some(item);
    let text = stamp::unpadded(after_structured(rest)?);
    Some((
        time,
        Head {
            host: present(host),
            program: present(program)?,
            pid: number32(pid),
            speaker: None,
            text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
        },
    ))
}

/// Steps over `-` or `[id name="value" …]…`.
fn after_structured(input: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = input.strip_prefix(b"-") {
        return Some(rest);
    }
    let mut rest = input;
    while rest.first() == Some(&b'[') {
        let mut escaped = false;
        let end = rest.iter().position(|&byte| {
            let closes = byte == b']' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })?;
        rest = rest.get(end + 1..)?;
    }
    (rest.len() < input.len()).then_some(rest)
}
