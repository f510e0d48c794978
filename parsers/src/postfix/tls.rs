//! TLS summaries: what was agreed with a peer, as smtp(8), lmtp(8), smtpd(8) and tlsproxy(8) log it.
//!
//! ```text
//! [QID: ]TRUST TLS connection established|reused to|from H[ip][:port][ to SNI]: VERSION with cipher C (n/m bits)…
//! ```
//!
//! The key exchange and signatures that follow since Postfix 3.4 are not kept. Specified in `tls/tls_misc.c`
//! (`tls_log_summary`).

use super::Said;
use crate::grammar::{split, split_byte};
use crate::peer::peer;
use crate::record::{Event, Tls};

/// Reads a summary of any daemon.
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let words = said.words;
    let trust: &[u8] = match words.first()? {
        b'A' => b"Anonymous",
        b'U' => b"Untrusted",
        b'T' => b"Trusted",
        b'V' => b"Verified",
        _ => return None,
    };
    let rest = words.strip_prefix(trust)?;
    let trust = words.get(..trust.len())?;
    let rest = rest.strip_prefix(b" TLS connection ")?;
    let (reused, rest) = either(rest, b"established ", b"reused ")?;
    let (outgoing, rest) = either(rest, b"from ", b"to ")?;
    let (rest, peer) = peer(rest).ok()?;
    let (name, rest) = split(rest, b": ")?;
    let (version, rest) = split(rest, b" with cipher ")?;
    Some(Event::Tls(Tls {
        queue_id: said.queue_id,
        incoming: !outgoing,
        reused,
        trust,
        peer,
        sni: name.strip_prefix(b" to "),
        version,
        cipher: split_byte(rest, b' ').map_or(rest, |(cipher, _)| cipher),
    }))
}

/// Reads one word or the other; whether it is the other one.
fn either<'a>(text: &'a [u8], one: &[u8], other: &[u8]) -> Option<(bool, &'a [u8])> {
    match text.strip_prefix(one) {
        Some(rest) => Some((false, rest)),
        None => Some((true, text.strip_prefix(other)?)),
    }
}
