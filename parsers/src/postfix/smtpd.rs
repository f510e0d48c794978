//! smtpd(8): clients connect, leave, are lost, hand over a message, are turned away, or fail to authenticate.
//!
//! ```text
//! connect from H[ip]             disconnect from H[ip] ehlo=1 mail=1 rcpt=0/3 …   (counters: Postfix 3.0 and later)
//! [QID|NOQUEUE: ]lost connection|timeout|too many errors after STAGE[ (N bytes)] from H[ip]
//! QID|NOQUEUE: client=H[ip][, sasl_method=M][, sasl_username=U][, sasl_sender=S][, orig_queue_id=Q][, orig_client=H[ip]]
//! warning: H[ip]: SASL M authentication failed[: REASON][, sasl_username=U]
//! warning: H[ip]: SASL M authentication aborted
//! ```
//!
//! qmqpd(8) has some of these lines. Rejects and their kin have a file of their own. Specified in `smtpd/smtpd.c`,
//! `smtpd/smtpd_sasl_glue.c`, `qmqpd/qmqpd.c`.

use super::{Said, verdict};
use crate::grammar::{find, find_byte, mark, split, split_at};
use crate::peer::{peer, whole_peer};
use crate::record::Event;
use nom::Parser;
use nom::bytes::complete::take_till1;
use nom::character::complete::digit1;
use nom::combinator::opt;
use nom::sequence::{delimited, preceded};

const COMES: &[u8] = b"connect from ";
const LEAVES: &[u8] = b"disconnect from ";

/// Whether a client comes or leaves, by the first words.
pub(super) fn is_visit(text: &[u8]) -> bool {
    text.starts_with(COMES) || text.starts_with(LEAVES)
}

/// Reads a line of smtpd(8) without severity word.
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let words = said.words;
    if said.is_prefixed() {
        if let Some(value) = words.strip_prefix(b"client=") {
            return client(said, value);
        }
        return lost(said)
            .or_else(|| verdict::verdict(said, verdict::Style::Blanks).map(Event::Verdict));
    }
    if let Some(rest) = words.strip_prefix(COMES) {
        let (_, client) = peer(rest).ok()?;
        Some(Event::Connect { client })
    } else if let Some(rest) = words.strip_prefix(LEAVES) {
        let (counters, client) = peer(rest).ok()?;
        let commands = counters.strip_prefix(b" ").unwrap_or(counters);
        Some(Event::Disconnect { client, commands })
    } else {
        lost(said).or_else(|| verdict::proxied(said).map(Event::Verdict))
    }
}

/// Reads a failed SASL authentication; the words after `warning: `.
pub(super) fn sasl_failed(words: &[u8]) -> Option<Event<'_>> {
    let (rest, (client, method)) = (
        peer,
        delimited(
            mark(": SASL "),
            take_till1(|byte| byte == b' '),
            mark(" authentication "),
        ),
    )
        .parse(words)
        .ok()?;
    if rest == b"aborted" {
        return Some(Event::SaslFailed {
            client,
            method,
            reason: rest,
            username: None,
        });
    }
    let rest = rest.strip_prefix(b"failed")?;
    // The reason is the server's own; the account comes last and is the client's text, so the first mark counts.
    let (reason, username) = match split(rest, b", sasl_username=") {
        Some((reason, username)) => (reason, Some(username)),
        None => (rest, None),
    };
    let reason = reason.strip_prefix(b":").unwrap_or(reason);
    Some(Event::SaslFailed {
        client,
        method,
        reason: reason.trim_ascii(),
        username: username.filter(|name| *name != b"(unavailable)"),
    })
}

/// `lost connection`, `timeout` and `too many errors`.
fn lost<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let causes: [&[u8]; 3] = [b"lost connection", b"timeout", b"too many errors"];
    let what = causes.into_iter().find_map(|cause| {
        said.words
            .starts_with(cause)
            .then(|| said.words.get(..cause.len()))
    })??;
    let (rest, stage) = preceded(mark(" after "), take_till1(|byte| byte == b' '))
        .parse(said.words.get(what.len()..)?)
        .ok()?;
    let (rest, _) = opt(delimited(mark(" ("), digit1, mark(" bytes)")))
        .parse(rest)
        .ok()?;
    let (_, client) = preceded(mark(" from "), peer).parse(rest).ok()?;
    Some(Event::LostConnection {
        queue_id: said.queue_id,
        what,
        stage,
        client,
    })
}

/// `client=` and the fields after it, which come in this order.
fn client<'a>(said: &Said<'a>, value: &'a [u8]) -> Option<Event<'a>> {
    let (rest, client) = peer(value).ok()?;
    let (rest, sasl_method) = field(rest, b", sasl_method=");
    let (rest, sasl_username) = field(rest, b", sasl_username=");
    let (rest, sasl_sender) = field(rest, b", sasl_sender=");
    let (rest, orig_queue_id) = field(rest, b", orig_queue_id=");
    let (_, orig_client) = field(rest, b", orig_client=");
    Some(Event::Client {
        queue_id: said.queue_id,
        client,
        sasl_method,
        sasl_username,
        sasl_sender,
        orig_queue_id,
        orig_client: orig_client.and_then(whole_peer),
    })
}

/// Reads one optional field; its value ends where a later one begins, because an account may have a comma in its name. Of Postfix's
/// own words none has.
fn field<'a>(input: &'a [u8], key: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    const LATER: [&[u8]; 4] = [
        b", sasl_username=",
        b", sasl_sender=",
        b", orig_queue_id=",
        b", orig_client=",
    ];
    let Some(value) = input.strip_prefix(key) else {
        return (input, None);
    };
    // Most values are the last one and have no comma.
    let comma = find_byte(b',', value);
    let end = if comma.is_none() {
        None
    } else if matches!(key, b", sasl_method=" | b", orig_queue_id=") {
        find(value, b", ")
    } else {
        let later = LATER.into_iter().filter(|later| *later != key);
        later.filter_map(|later| find(value, later)).min()
    };
    let end = end.unwrap_or(value.len());
    match split_at(value, end, 0) {
        Some((value, rest)) => (rest, Some(value)),
        None => (b"", Some(value)),
    }
}
