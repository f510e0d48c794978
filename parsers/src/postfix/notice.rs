//! What daemons say of themselves and of connections, and what changes no message: starts and stops, statistics, totals,
//! protocol trouble that is not a rejection.
//!
//! Comes in: a line without severity word that no other grammar knew. Goes out: a notice with one word of ours for it, and the
//! peer where the line names one. The texts are Postfix's own; what a client said comes after them.
//!
//! Specified in `master/master.c`, `conf/postfix-script`, `scache/scache.c`, `util/dict_cache.c`, `postsuper/postsuper.c`,
//! `smtpd/smtpd.c`, `smtp/smtp_proto.c`, `tls/tls_client.c`, `tls/tls_server.c`, `global/compat_level.c`.

use super::Said;
use crate::grammar::{find, split};
use crate::peer::peer;
use crate::record::{Event, Peer};

/// How a text begins, our word for it, and what stands before the peer, if there is one.
type Shape = (&'static [u8], &'static str, &'static [u8]);

static SHAPES: [Shape; 41] = [
    (b"daemon started -- ", "start", b""),
    (b"starting the Postfix mail system", "start", b""),
    (b"reload -- ", "reload", b""),
    (b"refreshing the Postfix mail system", "reload", b""),
    (b"terminating on signal ", "stop", b""),
    (b"stopping the Postfix mail system", "stop", b""),
    (b"waiting for the Postfix mail system", "stop", b""),
    (b"aborting the Postfix mail system", "stop", b""),
    (b"the Postfix mail system is ", "running", b""),
    (b"flushing the queue", "flush", b""),
    (b"statistics: ", "statistics", b""),
    (b"Deleted: ", "total", b""),
    (b"Requeued: ", "total", b""),
    (b"Placed on hold: ", "total", b""),
    (b"Released from hold: ", "total", b""),
    (b"Force-expired: ", "total", b""),
    (b"Renamed to match inode number: ", "total", b""),
    (b"skipped, still being delivered", "skipped", b""),
    (b"passing <", "passed", b""),
    (
        b"sender notification failed to ",
        "notification_failed",
        b"",
    ),
    (
        b"postmaster notification failed to ",
        "notification_failed",
        b"",
    ),
    (b"entering STRESS mode", "stress", b""),
    (b"leaving STRESS mode", "stress", b""),
    (
        b"using backwards-compatible default setting ",
        "compatibility",
        b"",
    ),
    (
        b"improper command pipelining after ",
        "pipelining",
        b" from ",
    ),
    (b"SSL_accept error from ", "tls_failed", b" from "),
    (b"abort: TLS from ", "tls_failed", b" from "),
    (b"discarding EHLO keywords: ", "ehlo_keywords", b""),
    (b"bare <LF> received after ", "bare_lf", b" from "),
    (b"setting up TLS connection from ", "tls_setup", b" from "),
    (b"setting up TLS connection to ", "tls_setup", b" to "),
    (b"enabling PIX workarounds: ", "workarounds", b" for "),
    (b"SASL authentication failed", "sasl_failed", b""),
    (
        b"certificate verification failed for ",
        "certificate",
        b" for ",
    ),
    (b"untrusted issuer ", "certificate", b""),
    (b"self-signed certificate", "certificate", b""),
    (b"Matched ", "certificate", b""),
    (b"> ", "dialogue", b">"),
    (b"< ", "dialogue", b"<"),
    (b"initializing the ", "tls_setup", b""),
    (b"Host offered STARTTLS: ", "starttls_offered", b""),
];

/// How a text begins and goes on somewhere.
static PAIRS: [(&[u8], &[u8], &str); 3] = [
    (b"table ", b" has changed -- restarting", "restart"),
    (b"cache ", b" full cleanup: ", "statistics"),
    (b"", b": subject_CN=", "certificate"),
];

/// Reads a line of any daemon.
pub(super) fn event<'a>(said: &Said<'a>, text: &'a [u8]) -> Option<Event<'a>> {
    let words = said.words;
    let shaped = SHAPES.iter().find(|(start, ..)| words.starts_with(start));
    let (action, peer) = match shaped {
        Some((_, action, mark)) => (*action, named(words, mark)),
        None => (paired(words)?, None),
    };
    Some(Event::Notice {
        action,
        queue_id: said.queue_id,
        peer,
        text,
    })
}

fn named<'a>(words: &'a [u8], mark: &[u8]) -> Option<Peer<'a>> {
    if mark.is_empty() {
        return None;
    }
    let (_, rest) = split(words, mark)?;
    peer(rest.trim_ascii_start()).ok().map(|(_, peer)| peer)
}

fn paired(words: &[u8]) -> Option<&'static str> {
    PAIRS.iter().find_map(|(start, middle, action)| {
        let rest = words.strip_prefix(*start)?;
        find(rest, middle).map(|_| *action)
    })
}
