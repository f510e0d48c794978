//! postscreen(8): who connects, which test a client fails or passes, and whom it turns away.
//!
//! ```text
//! CONNECT from [ip]:port to [ip]:port       PASS OLD|NEW [ip]:port      DISCONNECT [ip]:port
//! ALLOWLISTED|DENYLISTED [ip]:port, ALLOWLIST VETO [ip]:port            (before 3.6: WHITELISTED, BLACKLISTED)
//! DNSBL rank N for [ip]:port                PREGREET N after T from [ip]:port: what the client said
//! HANGUP after T from [ip]:port in tests …  COMMAND … LIMIT from [ip]:port[ after X]   and other protocol tests
//! NOQUEUE: reject: RCPT from [ip]:port: 550 … ; from=<S>, to=<R>, proto=P, helo=<H>
//! ```
//!
//! A client that passes logs a second `connect from` at smtpd(8). Specified in `postscreen/postscreen.c` and its neighbours.

use super::{Said, verdict};
use crate::grammar::split;
use crate::peer::peer;
use crate::record::{Event, Observed};

const ACTIONS: [&[u8]; 21] = [
    b"CONNECT",
    b"PASS OLD",
    b"PASS NEW",
    b"DISCONNECT",
    b"ALLOWLISTED",
    b"ALLOWLIST VETO",
    b"DENYLISTED",
    b"WHITELISTED",
    b"WHITELIST VETO",
    b"BLACKLISTED",
    b"DNSBL rank",
    b"PREGREET",
    b"HANGUP",
    b"COMMAND TIME LIMIT",
    b"COMMAND COUNT LIMIT",
    b"COMMAND LENGTH LIMIT",
    b"COMMAND PIPELINING",
    b"BARE NEWLINE",
    b"NON-SMTP COMMAND",
    b"DATA without valid RCPT",
    b"BDAT without valid RCPT",
];

/// Reads a line of postscreen(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    if said.noqueue {
        return verdict::verdict(said, verdict::Style::Commas).map(Event::Verdict);
    }
    let words = said.words;
    let (action, after) = ACTIONS
        .into_iter()
        .find_map(|action| Some((action, words.strip_prefix(action)?)))?;
    // The client's own words come after its address.
    let client = [&b" from "[..], b" for "]
        .into_iter()
        .find_map(|mark| split(after, mark).map(|(_, rest)| rest))
        .or_else(|| after.strip_prefix(b" "))
        .and_then(|rest| peer(rest).ok())?;
    Some(Event::Postscreen(Observed {
        action,
        client: Some(client.1),
        text: words,
    }))
}
