//! Verdicts: what a restriction, a milter, or a header or body check did to a message or a request.
//!
//! ```text
//! QID|NOQUEUE: ACTION: STAGE from H[ip]: [CODE ][X.Y.Z ]text[; from=<S>][ to=<R>][ proto=P][ helo=<N>][ sasl_…]
//! QID: ACTION: header|body|mime-error Name: value from SRC; from=<S> to=<R>[ proto=P][ helo=<H>][: text]
//! ```
//!
//! Both ends hold strangers' text: the reply quotes addresses and names, a header is the sender's. So the tail is the first
//! place after a `; ` from which all of the rest can be read as a tail. A forged one inside a quoted address does not fit,
//! because something follows it and a HELO name has no `>` (smtpd(8) replaces it). A header check's tail is the last
//! such place, because the header comes first.
//!
//! postscreen(8) writes the same with commas in the tail; `proxy-accept` and `proxy-reject` name no client.
//! Deliberately not here: what a verdict means.
//! Specified in `smtpd/smtpd_check.c` (`log_whatsup`), `cleanup/cleanup_message.c` (`cleanup_act_log`), `cleanup/cleanup_milter.c`.

use super::Said;
use crate::address::angle;
use crate::grammar::{Read, find, mark, rfind_iter, split, split_at};
use crate::peer::{peer, whole_peer};
use crate::queue_id::QueueId;
use crate::record::{Peer, Verdict};
use crate::status::{EnhancedStatus, ReplyCode};
use nom::Parser;
use nom::bytes::complete::{take_till1, take_while1};
use nom::combinator::opt;
use nom::sequence::{preceded, terminated};

/// The number of places that are tried as the start of a tail: no honest line has as many, and a hostile one costs no more.
const PLACES: usize = 256;

/// The four items at the end.
#[derive(Debug, Clone, Copy, Default)]
struct Tail<'a> {
    from: Option<&'a [u8]>,
    to: Option<&'a [u8]>,
    proto: Option<&'a [u8]>,
    helo: Option<&'a [u8]>,
    sasl: Sasl<'a>,
}

/// The items after those, of Postfix 3.10 and later.
#[derive(Debug, Clone, Copy, Default)]
struct Sasl<'a> {
    method: Option<&'a [u8]>,
    username: Option<&'a [u8]>,
    sender: Option<&'a [u8]>,
}

/// Whose tail it is: smtpd(8) and cleanup(8) put a blank between the items, postscreen(8) a comma too.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    Blanks,
    Commas,
}

/// Reads a restriction's or a milter's verdict.
pub(super) fn verdict<'a>(said: &Said<'a>, style: Style) -> Option<Verdict<'a>> {
    if !said.is_prefixed() {
        return None;
    }
    let (rest, action) = action(said.words).ok()?;
    // `abort: TLS from …` has the shape but is a connection that broke.
    if action == b"abort" {
        return None;
    }
    let (text, (stage, client)) = (
        terminated(take_till1(|byte| byte == b' '), mark(" from ")),
        terminated(peer, mark(": ")),
    )
        .parse(rest)
        .ok()?;
    let (reply, tail) = with_tail(text, style);
    Some(built(said.queue_id, action, (stage, client), reply, tail))
}

/// Reads what a before-queue proxy decided: `proxy-accept: END-OF-MESSAGE: CODE text; from=…`.
pub(super) fn proxied<'a>(said: &Said<'a>) -> Option<Verdict<'a>> {
    let (rest, action) = action(said.words).ok()?;
    if !matches!(action, b"proxy-accept" | b"proxy-reject") {
        return None;
    }
    let (stage, text) = split(rest, b": ")?;
    let (reply, tail) = with_tail(text, Style::Blanks);
    let client = Peer::default();
    Some(built(said.queue_id, action, (stage, client), reply, tail))
}

fn built<'a>(
    queue_id: Option<QueueId<'a>>,
    action: &'a [u8],
    (stage, client): (&'a [u8], Peer<'a>),
    reply: &'a [u8],
    tail: Tail<'a>,
) -> Verdict<'a> {
    let (smtp_code, dsn) = codes(reply);
    Verdict {
        queue_id,
        action,
        stage,
        client,
        smtp_code,
        dsn,
        reply,
        check: None,
        from: tail.from,
        to: tail.to,
        proto: tail.proto,
        helo: tail.helo,
        sasl_method: tail.sasl.method,
        sasl_username: tail.sasl.username,
        sasl_sender: tail.sasl.sender,
    }
}

/// Reads a header or body check's verdict.
pub(super) fn check<'a>(said: &Said<'a>) -> Option<Verdict<'a>> {
    let (rest, action) = action(said.words).ok()?;
    let stages: [&[u8]; 3] = [b"header", b"body", b"mime-error"];
    let stage = stages.into_iter().find(|stage| rest.starts_with(stage))?;
    let rest = rest.get(stage.len()..)?.strip_prefix(b" ")?;
    rfind_iter(rest, b" from ").take(PLACES).find_map(|at| {
        let (matched, source) = split_at(rest, at, b" from ".len())?;
        let (source, text) = split(source, b"; ")?;
        let client = source_of(source)?;
        let ends = |rest: &[u8]| rest.is_empty() || rest.starts_with(b": ");
        let (rest, tail) = tail(text, Style::Blanks, ends).ok()?;
        let reply = match rest.strip_prefix(b": ") {
            Some(reply) => reply,
            None => (rest.is_empty() || is_cut(rest)).then_some(&b""[..])?,
        };
        Some(Verdict {
            check: Some(matched),
            ..built(said.queue_id, action, (stage, client), reply, tail)
        })
    })
}

/// Where a checked message came from: a client, or `local` or `unknown`, which become the peer's host.
fn source_of(source: &[u8]) -> Option<Peer<'_>> {
    match source {
        b"local" | b"unknown" => Some(Peer {
            host: source,
            ..Peer::default()
        }),
        _ => whole_peer(source),
    }
}

fn action(words: &[u8]) -> Read<'_, &[u8]> {
    terminated(
        take_while1(|byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_')),
        mark(": "),
    )
    .parse(words)
}

/// The codes at the start of a reply; a milter's verdict at the end of the message has the enhanced code only.
fn codes(reply: &[u8]) -> (Option<ReplyCode>, Option<EnhancedStatus>) {
    let (code, rest) = match reply {
        [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ', rest @ ..] => (ReplyCode::find(reply), rest),
        _ => (None, reply),
    };
    let word = rest.split(|&byte| byte == b' ').next();
    (code, word.and_then(EnhancedStatus::new))
}

/// Splits the tail off: the first one that reaches to the end of the line, or else the first that a cut line breaks off.
fn with_tail(text: &[u8], style: Style) -> (&[u8], Tail<'_>) {
    let after_echo = echo(text);
    let places = memchr::memchr_iter(b';', text)
        .filter(|&at| at >= after_echo && text.get(at + 1) == Some(&b' '))
        .filter_map(|at| split_at(text, at, 2))
        .filter(|(_, after)| KEYS.iter().any(|key| after.starts_with(key)))
        .take(PLACES);
    let mut cut = None;
    for (reply, after) in places {
        let Ok((rest, tail)) = tail(after, style, ends_tail) else {
            continue;
        };
        if ends_tail(rest) {
            let sasl = sasl(rest);
            return (reply, Tail { sasl, ..tail });
        }
        if is_cut(rest) {
            cut = cut.or(Some((reply, tail)));
        }
    }
    cut.unwrap_or((text, Tail::default()))
}

/// The length of what a restriction's text repeats in front, the client's own name or address, which may hold a tail:
/// `554 5.7.1 <NAME>: Helo command rejected: …`.
fn echo(text: &[u8]) -> usize {
    let is_code = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b' ');
    let start = text.iter().position(|byte| !is_code(byte)).unwrap_or(0);
    let echoed = angle(|after| after.starts_with(b": "));
    match text.get(start..).and_then(|text| echoed(text).ok()) {
        Some((after, _)) => text.len() - after.len(),
        None => 0,
    }
}

const KEYS: [&[u8]; 5] = [b"from=<", b"to=<", b"proto=", b"helo=<", b"sasl_"];

/// What may follow the four items: nothing, or the SASL items of Postfix 3.10, in which no honest value has a `>`. A forged
/// tail inside an address has the address's own end behind it.
fn ends_tail(rest: &[u8]) -> bool {
    rest.is_empty() || (rest.starts_with(b" sasl_") && memchr::memchr(b'>', rest).is_none())
}

/// Whether the rest of a tail is what is left of an item when the logger cut the line.
fn is_cut(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    KEYS.iter().any(|key| {
        key.starts_with(rest) || (rest.starts_with(key) && memchr::memchr(b'>', rest).is_none())
    })
}

/// Reads ` sasl_method=M sasl_username=U sasl_sender=S`, each where it is known. An account may have blanks in its name, so a
/// value ends where a later key begins.
fn sasl(rest: &[u8]) -> Sasl<'_> {
    const METHOD: &[u8] = b" sasl_method=";
    const USERNAME: &[u8] = b" sasl_username=";
    const SENDER: &[u8] = b" sasl_sender=";
    let item = |rest, key: &[u8], later: &[&[u8]]| -> (&[u8], Option<&[u8]>) {
        let rest: &[u8] = rest;
        let Some(value) = rest.strip_prefix(key) else {
            return (rest, None);
        };
        let end = later.iter().filter_map(|key| find(value, key)).min();
        match split_at(value, end.unwrap_or(value.len()), 0) {
            Some((value, rest)) => (rest, Some(value)),
            None => (b"", Some(value)),
        }
    };
    let (rest, method) = item(rest, METHOD, &[USERNAME, SENDER]);
    let (rest, username) = item(rest, USERNAME, &[SENDER]);
    let (_, sender) = item(rest, SENDER, &[]);
    Sasl {
        method,
        username,
        sender,
    }
}

/// Reads the four items, which come in this order, each with a blank before it unless it is the first. The name after `helo=` is the
/// client's own and may hold a `>` or a forged tail, so it goes on until `ends`.
fn tail(input: &[u8], style: Style, ends: impl Fn(&[u8]) -> bool) -> Read<'_, Tail<'_>> {
    let comma: &'static str = match style {
        Style::Blanks => "",
        Style::Commas => ",",
    };
    let follows = |after: &[u8]| {
        let marks: [&[u8]; 5] = [b" to=<", b" proto=", b" helo=<", b" sasl_", b": "];
        let after = after.strip_prefix(comma.as_bytes()).unwrap_or(after);
        after.is_empty() || marks.iter().any(|mark| after.starts_with(mark))
    };
    let between = || (opt(mark(comma)), opt(mark(" ")));
    let (rest, from) = opt(preceded(mark("from="), angle(follows))).parse(input)?;
    let (rest, to) = opt(preceded((between(), mark("to=")), angle(follows))).parse(rest)?;
    let word = take_while1(|byte: u8| byte.is_ascii_alphanumeric());
    let (rest, proto) = opt(preceded((between(), mark("proto=")), word)).parse(rest)?;
    let (rest, helo) = opt(preceded((between(), mark("helo=")), angle(ends))).parse(rest)?;
    Ok((
        rest,
        Tail {
            from,
            to,
            proto,
            helo,
            sasl: Sasl::default(),
        },
    ))
}
