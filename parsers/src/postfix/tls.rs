//! TLS summaries: what was agreed with a peer, as smtp(8), lmtp(8), smtpd(8) and tlsproxy(8) log it.
//!
//! ```text
//! [QID: ]TRUST TLS connection established|reused to|from H[ip][:port][ to SNI]: VERSION with cipher C (n/m bits)…
//! ```
//!
//! The key exchange and signatures that follow since Postfix 3.4 are not kept. Specified in `tls/tls_misc.c`
//! (`tls_log_summary`).

use super::Said;
use crate::grammar::{mark, split};
use crate::peer::peer;
use crate::record::{Event, Tls};
use nom::Parser;
use nom::branch::alt;

/// Reads a summary of any daemon.
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let trusts: [&[u8]; 4] = [b"Anonymous", b"Untrusted", b"Trusted", b"Verified"];
    let words = said.words;
    let length = trusts.iter().find(|trust| words.starts_with(trust))?.len();
    let (trust, rest) = words.split_at_checked(length)?;
    let (rest, _) = mark(" TLS connection ")(rest).ok()?;
    let (rest, (how, way, peer)) = (
        alt((mark("established "), mark("reused "))),
        alt((mark("from "), mark("to "))),
        peer,
    )
        .parse(rest)
        .ok()?;
    let (name, rest) = split(rest, b": ")?;
    let (version, rest) = split(rest, b" with cipher ")?;
    Some(Event::Tls(Tls {
        queue_id: said.queue_id,
        incoming: way == b"from ",
        reused: how == b"reused ",
        trust,
        peer,
        sni: name.strip_prefix(b" to "),
        version,
        cipher: rest.split(|byte| *byte == b' ').next().unwrap_or(rest),
    }))
}
