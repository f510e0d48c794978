//! Tries at one mail exchanger that failed before another was tried: what smtp(8) and lmtp(8) log without `to=`.
//!
//! ```text
//! QID: host N[ip] said: 4xx … (in reply to X command)
//! QID: host N[ip] refused to talk to me: …
//! QID: lost connection with N[ip] while S
//! QID: conversation with N[ip] timed out while S
//! connect to N[ip]:25: reason
//! SSL_connect error to N[ip]:25: reason
//! QID: SASL authentication failed; server N[ip] said: …
//! QID: Cannot start TLS: …      QID: TLS is required, but …      QID: Server certificate not …
//! ```
//!
//! They are never a delivery: the recipient's own line follows.
//! Specified in `smtp/smtp_trouble.c`, `smtp/smtp_connect.c`, `smtp/smtp_proto.c`, `tls/tls_client.c`.

use super::{Daemon, Said};
use crate::grammar::split;
use crate::peer::{peer, whole_peer};
use crate::record::Event;

/// How a line begins, and what stands after the peer: any of these.
type Shape = (&'static [u8], &'static [&'static [u8]]);

const SHAPES: [Shape; 8] = [
    (b"host ", &[b" said: ", b" refused to talk to me: "]),
    (b"Protocol error: host ", &[b" said: "]),
    (b"lost connection with ", &[b" while "]),
    (b"conversation with ", &[b" timed out while "]),
    (b"connect to ", &[b": "]),
    (b"SSL_connect error to ", &[b": "]),
    (b"SASL authentication failed; server ", &[b" said: "]),
    (
        b"SASL authentication failed; cannot authenticate to server ",
        &[b": "],
    ),
];

/// How a line about a message begins that names its peer nowhere, or only at its end.
const TLS: [&[u8]; 3] = [
    b"Cannot start TLS: ",
    b"TLS is required, but ",
    b"Server certificate not ",
];

/// Reads a line of a delivery agent. Daemons that talk to no mail exchanger have no such lines.
pub(super) fn event<'a>(daemon: Daemon, said: &Said<'a>) -> Option<Event<'a>> {
    if said.noqueue
        || matches!(
            daemon,
            Daemon::Smtpd | Daemon::Cleanup | Daemon::Qmgr | Daemon::Pickup | Daemon::Postsuper
        )
    {
        return None;
    }
    let shaped = SHAPES.iter().find_map(|(start, after)| {
        let rest = said.words.strip_prefix(*start)?;
        let (rest, relay) = peer(rest).ok()?;
        let fits = after.iter().any(|mark| rest.starts_with(mark));
        fits.then_some(relay)
    });
    let relay = shaped.or_else(|| {
        said.queue_id?;
        let rest = TLS
            .iter()
            .find_map(|start| said.words.strip_prefix(*start))?;
        let named = split(rest, b" host ").and_then(|(_, host)| whole_peer(host));
        Some(named.unwrap_or_default())
    })?;
    Some(Event::Interim {
        queue_id: said.queue_id,
        relay,
        reply: said.words,
    })
}
