//! The end of a mail session of imap, pop3, submission or managesieve.
//!
//! ```text
//! imap(user)<pid><session>: Disconnected: Logged out in=93 out=1020 deleted=0 …
//! imap(user)<pid><session>: Connection closed (IDLE running for …) in=… out=…
//! pop3(user)<pid><session>: Disconnected: Logged out top=0/0, retr=1/2345, del=1/1, size=2345
//! managesieve(user)<pid><session>: Disconnected: Logged out bytes=31/190
//! ```
//!
//! Specified in `imap/imap-client.c` (`imap_logout_format`), `pop3/pop3-client.c` (`pop3_logout_format`), `managesieve-client.c`.

use crate::grammar::{leading_number, rfind, split_at};
use crate::record::{Event, MailUser};

/// How the text begins that ends a session.
const ENDS: [&[u8]; 8] = [
    b"Logged out",
    b"Disconnected",
    b"Connection closed",
    b"Connection reset",
    b"Inactivity",
    b"Server shutting down",
    b"Too many invalid",
    b"Client has quit",
];

/// Reads a session's last line.
pub(super) fn event<'a>(who: MailUser<'a>, words: &'a [u8]) -> Option<Event<'a>> {
    let (bytes_in, bytes_out) = if who.service == b"managesieve" {
        both(words)
    } else {
        counters(words)
    };
    let counted = bytes_in.is_some() && bytes_out.is_some();
    (counted || ENDS.iter().any(|end| words.starts_with(end))).then_some(Event::Logout {
        who,
        bytes_in,
        bytes_out,
        text: words,
    })
}

/// The last `bytes=in/out` (`managesieve_logout_format`).
fn both(words: &[u8]) -> (Option<u64>, Option<u64>) {
    let both = rfind(words, b" bytes=")
        .and_then(|at| split_at(words, at, b" bytes=".len()))
        .and_then(|(_, value)| leading_number(value));
    match both {
        Some((bytes_in, [b'/', rest @ ..])) => (Some(bytes_in), counter(rest)),
        _ => (None, None),
    }
}

/// The last `in=` and the last `out=`, in one pass: the cause before the counters is free text.
fn counters(words: &[u8]) -> (Option<u64>, Option<u64>) {
    let (mut bytes_in, mut bytes_out) = (None, None);
    for at in memchr::memrchr_iter(b'=', words) {
        let Some((before, value)) = split_at(words, at, 1) else {
            continue;
        };
        if bytes_out.is_none() && before.ends_with(b" out") {
            bytes_out = Some(counter(value));
        } else if bytes_in.is_none() && before.ends_with(b" in") {
            bytes_in = Some(counter(value));
        }
        if bytes_in.is_some() && bytes_out.is_some() {
            break;
        }
    }
    (bytes_in.flatten(), bytes_out.flatten())
}

/// The number at the start; `None` when anything but a blank or a comma follows it.
fn counter(value: &[u8]) -> Option<u64> {
    match leading_number(value)? {
        (number, b"" | [b' ' | b',', ..]) => Some(number),
        _ => None,
    }
}
