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
    let (rest, sasl_method) = field(rest, b", sasl_method=", word);
    let (rest, sasl_username) = field(rest, USERNAME, |value| name(value, USERNAME));
    let (rest, sasl_sender) = field(rest, SENDER, |value| name(value, SENDER));
    let (rest, orig_queue_id) = field(rest, ORIG_QUEUE_ID, word);
    let (_, orig_client) = field(rest, ORIG_CLIENT, |value| name(value, ORIG_CLIENT));
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

const USERNAME: &[u8] = b", sasl_username=";
const SENDER: &[u8] = b", sasl_sender=";
const ORIG_QUEUE_ID: &[u8] = b", orig_queue_id=";
const ORIG_CLIENT: &[u8] = b", orig_client=";

/// Reads one optional field, whose value is as long as `length` says.
#[inline]
fn field<'a>(
    input: &'a [u8],
    key: &[u8],
    length: impl Fn(&[u8]) -> usize,
) -> (&'a [u8], Option<&'a [u8]>) {
    let Some(value) = input.strip_prefix(key) else {
        return (input, None);
    };
    match split_at(value, length(value), 0) {
        Some((value, rest)) => (rest, Some(value)),
        None => (b"", Some(value)),
    }
}

/// The length of one of Postfix's own words, none of which has a comma.
#[inline]
fn word(value: &[u8]) -> usize {
    find(value, b", ").unwrap_or(value.len())
}

/// The length of a name, which ends where a later field begins, because an account may have a comma in it.
#[inline]
fn name(value: &[u8], key: &[u8]) -> usize {
    // Most names are the last value and have no comma.
    if find_byte(b',', value).is_none() {
        return value.len();
    }
    let later = [USERNAME, SENDER, ORIG_QUEUE_ID, ORIG_CLIENT];
    let later = later.into_iter().filter(|later| *later != key);
    let ends = later.filter_map(|later| find(value, later));
    ends.min().unwrap_or(value.len())
}
