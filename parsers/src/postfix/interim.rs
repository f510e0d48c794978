//! Tries at one mail exchanger that failed before another was tried: what smtp(8) and lmtp(8) log without `to=`.
//!
//! ```text
//! QID: host N[ip] said: 4xx … (in reply to X command)
//! QID: host N[ip] refused to talk to me: …
//! QID: lost connection with N[ip] while S
//! QID: conversation with N[ip] timed out while S
//! connect to N[ip]:25: reason
//! SSL_connect error to N[ip]:25: reason
//! ```
//!
//! They are never a delivery: the recipient's own line follows. Lines that name no exchanger have no event of their own.
//! Specified in `smtp/smtp_trouble.c`, `smtp/smtp_connect.c`, `tls/tls_client.c`.

use super::Said;
use crate::peer::peer;
use crate::record::Event;

/// One wording.
struct Shape {
    /// How it begins.
    start: &'static [u8],
    /// Whether the line names a message.
    named: bool,
    /// What stands after the peer, any of these.
    after: &'static [&'static [u8]],
}

const fn shape(start: &'static [u8], named: bool, after: &'static [&'static [u8]]) -> Shape {
    Shape {
        start,
        named,
        after,
    }
}

const SHAPES: [Shape; 6] = [
    shape(b"host ", true, &[b" said: ", b" refused to talk to me: "]),
    shape(b"lost connection with ", true, &[b" while "]),
    shape(b"conversation with ", true, &[b" timed out while "]),
    shape(b"connect to ", false, &[b": "]),
    shape(b"SSL_connect error to ", false, &[b": "]),
    shape(b"SASL authentication failed; server ", true, &[b" said: "]),
];

/// Reads a line of a delivery agent. Daemons that talk to no mail exchanger have no such lines.
pub(super) fn event<'a>(daemon: &[u8], said: &Said<'a>) -> Option<Event<'a>> {
    if said.noqueue
        || matches!(
            daemon,
            b"smtpd" | b"cleanup" | b"qmgr" | b"pickup" | b"postsuper"
        )
    {
        return None;
    }
    SHAPES.iter().find_map(|shape| {
        let rest = said.words.strip_prefix(shape.start)?;
        let (rest, relay) = peer(rest).ok()?;
        let fits = shape.named == said.queue_id.is_some()
            && shape.after.iter().any(|mark| rest.starts_with(mark));
        fits.then_some(Event::Interim {
            queue_id: said.queue_id,
            relay,
            reply: said.words,
        })
    })
}
