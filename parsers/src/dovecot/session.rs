//! The end of a mail session of imap, pop3, submission or managesieve.
//!
//! ```text
//! imap(user)<pid><session>: Disconnected: Logged out in=93 out=1020 deleted=0 …
//! imap(user)<pid><session>: Connection closed (IDLE running for …) in=… out=…
//! pop3(user)<pid><session>: Disconnected: Logged out top=0/0, retr=1/2345, del=1/1, size=2345
//! ```
//!
//! Specified in `imap/imap-client.c` (`imap_logout_format`), `pop3/pop3-client.c` (`pop3_logout_format`).

use crate::grammar::{number, split_at};
use crate::record::{Event, MailUser};
use memchr::memmem;

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
    let bytes_in = counter(words, b" in=");
    let bytes_out = counter(words, b" out=");
    let counted = bytes_in.is_some() && bytes_out.is_some();
    (counted || ENDS.iter().any(|end| words.starts_with(end))).then_some(Event::Logout {
        who,
        bytes_in,
        bytes_out,
        text: words,
    })
}

/// The last number with that key: the cause before the counters is free text.
fn counter(words: &[u8], key: &[u8]) -> Option<u64> {
    let (_, value) = split_at(words, memmem::rfind(words, key)?, key.len())?;
    let digits = value.split(|byte| matches!(byte, b' ' | b',')).next()?;
    number(digits)
}
