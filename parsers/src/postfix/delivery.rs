//! Delivery attempts: what smtp(8), lmtp(8), local(8), virtual(8), pipe(8), error(8) and discard(8) log for each recipient.
//!
//! ```text
//! QID: to=<A>[, orig_to=<B>], relay=R[, conn_use=N], delay=D[, delays=a/b/c/d][, tls=T][, dsn=X.Y.Z], status=S (text)
//! ```
//!
//! They share one writer, so they share one grammar. Optional fields appear only when they differ (`orig_to`), apply
//! (`conn_use`) or exist in that release (`delays` and `dsn` from 2.3, `tls` from 3.11); a field of a future release is read
//! over. The reason in parentheses is free text from the remote host and may itself hold parentheses and `status=`: it runs
//! to the last `)` of the line. Nothing here interprets it; grouping reasons is the model's business.
//!
//! Specified in `global/log_adhoc.c`.

use super::Said;
use crate::address::angle;
use crate::grammar::{
    decimal, find_byte, find_either, leading_decimal, number32, split_at, split_byte,
};
use crate::peer::{peer, whole_peer};
use crate::queue_id::QueueId;
use crate::record::{Delays, Delivery, Event, Relay};
use crate::status::{EnhancedStatus, Status};

/// Reads a delivery line of any daemon.
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    delivery(said.queue_id?, said.words).map(Event::Delivery)
}

/// The fields between `relay=` and the reply.
#[derive(Default)]
struct Fields<'a> {
    conn_use: Option<u32>,
    delay: Option<f64>,
    delays: Option<Delays>,
    tls: Option<&'a [u8]>,
    dsn: Option<EnhancedStatus>,
}

fn delivery<'a>(queue_id: QueueId<'a>, words: &'a [u8]) -> Option<Delivery<'a>> {
    let to = angle(|after| before_relay(after) || before_orig_to(after));
    let (rest, to) = to(words.strip_prefix(b"to=")?).ok()?;
    let orig_to = rest.strip_prefix(b", orig_to=");
    let (rest, orig_to) = match orig_to.and_then(|text| angle(before_relay)(text).ok()) {
        Some((rest, orig_to)) => (rest, Some(orig_to)),
        None => (rest, None),
    };
    let (relay, rest) = relay(rest.strip_prefix(b", relay=")?)?;
    let (fields, rest) = fields(rest)?;
    let (status, text) = status(rest)?;
    let closed = |text: &'a [u8]| text.strip_suffix(b")");
    Some(Delivery {
        queue_id,
        to,
        orig_to,
        relay,
        conn_use: fields.conn_use,
        delay: fields.delay?,
        delays: fields.delays,
        tls: fields.tls,
        dsn: fields.dsn,
        status,
        reply: closed(text)
            .or_else(|| closed(text.trim_ascii_end()))
            .unwrap_or(text),
    })
}

/// Reads what became of it, and the bracket before the text.
#[inline]
fn status(rest: &[u8]) -> Option<(Status, &[u8])> {
    if let Some(text) = rest.strip_prefix(b"sent (") {
        return Some((Status::Sent, text));
    }
    // A line that was cut off may have no text, and a text without its last parenthesis.
    let (word, text) = split_byte(rest, b' ').unwrap_or((rest, b"("));
    Some((Status::new(word)?, text.strip_prefix(b"(")?))
}

fn before_relay(after: &[u8]) -> bool {
    after.starts_with(b", relay=")
}

fn before_orig_to(after: &[u8]) -> bool {
    after.starts_with(b", orig_to=<")
}

/// Reads `key=value, ` up to and including `status=`. Only Postfix itself writes here, and no value has a comma.
fn fields(input: &[u8]) -> Option<(Fields<'_>, &[u8])> {
    let mut fields = Fields::default();
    let mut input = input;
    loop {
        input = fields.common(input);
        if let Some(rest) = input.strip_prefix(b"status=") {
            return Some((fields, rest));
        }
        input = fields.any(input)?;
    }
}

impl<'a> Fields<'a> {
    /// Reads the fields that most lines have, in their order, as far as they are there. Their values end by themselves.
    #[inline]
    fn common(&mut self, input: &'a [u8]) -> &'a [u8] {
        let mut input = input;
        if let Some((delay, rest)) = field(input, b"delay=", leading_decimal) {
            (self.delay, input) = (Some(delay), rest);
        }
        if let Some((delays, rest)) = field(input, b"delays=", delays) {
            (self.delays, input) = (Some(delays), rest);
        }
        if let Some((dsn, rest)) = field(input, b"dsn=", EnhancedStatus::leading) {
            (self.dsn, input) = (Some(dsn), rest);
        }
        input
    }

    /// Reads any field.
    fn any(&mut self, input: &'a [u8]) -> Option<&'a [u8]> {
        let (key, rest) = split_byte(input, b'=')?;
        let (value, rest) = value(rest)?;
        match key {
            b"conn_use" => self.conn_use = number32(value),
            b"delay" => self.delay = decimal(value),
            b"delays" => self.delays = whole_delays(value),
            b"tls" => self.tls = Some(value),
            b"dsn" => self.dsn = EnhancedStatus::new(value),
            _ if is_key(key) => {}
            _ => return None,
        }
        Some(rest)
    }
}

/// Reads a field whose value ends by itself, with the mark after it.
#[inline]
fn field<'a, T>(
    input: &'a [u8],
    key: &[u8],
    value: impl Fn(&'a [u8]) -> Option<(T, &'a [u8])>,
) -> Option<(T, &'a [u8])> {
    let (value, rest) = value(input.strip_prefix(key)?)?;
    Some((value, rest.strip_prefix(b", ")?))
}

/// A field of a future release.
fn is_key(key: &[u8]) -> bool {
    let known = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    !key.is_empty() && key.iter().all(known)
}

/// Reads a value and the comma and blank after it.
fn value(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + find_byte(b',', input.get(from..)?)?;
        let (value, rest) = split_at(input, at, 1)?;
        if let [b' ', rest @ ..] = rest {
            return Some((value, rest));
        }
        from = at + 1;
    }
}

fn whole_delays(value: &[u8]) -> Option<Delays> {
    match delays(value)? {
        (delays, b"") => Some(delays),
        _ => None,
    }
}

/// Reads `a/b/c/d`; goes out with what follows.
#[inline]
fn delays(text: &[u8]) -> Option<(Delays, &[u8])> {
    let (before_qmgr, rest) = leading_decimal(text)?;
    let (qmgr, rest) = leading_decimal(rest.strip_prefix(b"/")?)?;
    let (conn_setup, rest) = leading_decimal(rest.strip_prefix(b"/")?)?;
    let (transmission, rest) = leading_decimal(rest.strip_prefix(b"/")?)?;
    let delays = Delays {
        before_qmgr,
        qmgr,
        conn_setup,
        transmission,
    };
    Some((delays, rest))
}

/// Reads where it was handed to, and the mark after that.
fn relay(input: &[u8]) -> Option<(Relay<'_>, &[u8])> {
    host(input).or_else(|| any_relay(input))
}

/// The same for a host with an address, as most are, which ends by itself.
#[inline]
fn host(input: &[u8]) -> Option<(Relay<'_>, &[u8])> {
    let (rest, peer) = peer(input).ok()?;
    let rest = rest.strip_prefix(b", ")?;
    let is_other = find_either(b'/', b',', peer.ip).is_some();
    (!is_other).then_some((Relay::Host(peer), rest))
}

fn any_relay(input: &[u8]) -> Option<(Relay<'_>, &[u8])> {
    let (value, rest) = value(input)?;
    let relay = match whole_peer(value) {
        Some(peer) if find_byte(b'/', peer.ip).is_some() => Relay::Socket {
            host: peer.host,
            path: peer.ip,
        },
        Some(peer) => Relay::Host(peer),
        None if value == b"none" => Relay::None,
        None => Relay::Agent(value),
    };
    Some((relay, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_any_relay() {
        let relays = [
            ("mx.example[192.0.2.1]:25", true),
            ("mx.example[2001:db8::1]:25", true),
            ("mx.example[192.0.2.1]", true),
            ("unknown[unknown]", true),
            ("[192.0.2.1]:25", true),
            ("mail[private/dovecot-lmtp]", false),
            ("mail[/var/run/a, b]", false),
            ("mail[a,b]", false),
            ("mx, example[192.0.2.1]:25", false),
            ("mx example[192.0.2.1]:25", false),
            ("mx.example[]:25", false),
            ("mx.example[192.0.2.1]:99999", false),
            ("mx.example[192.0.2.1]:25 x", false),
            ("none", false),
            ("virtual", false),
            ("", false),
        ];
        for (relay, is_host) in relays {
            for rest in [
                ", delay=1",
                ",delay=1",
                ", ",
                "",
                " x[192.0.2.1]:25, delay=1",
            ] {
                let text = format!("{relay}{rest}");
                let host = host(text.as_bytes());
                assert!(
                    host.is_none() || host == any_relay(text.as_bytes()),
                    "{text}"
                );
                assert_eq!(host.is_some(), is_host && rest.starts_with(", "), "{text}");
            }
        }
    }

    #[test]
    fn common_fields_are_read_as_any() {
        let values = [
            "0",
            "0.05",
            "12",
            "123.4",
            "0,5",
            "x",
            "",
            "0/0/0/0",
            "0.03/0.01/5410/30.5",
            "1/2/3",
            "1/2/3/4/5",
            "1/2/3/4x",
            "-1",
            "2.0.0",
            "4.7.28",
            "5.1.1000",
            "2.0",
            "2.0.0.0",
        ];
        for key in ["delay", "delays", "dsn", "conn_use", "tls", "delayed"] {
            for value in values {
                for rest in [
                    ", dsn=2.0.0, status=sent",
                    ", status=sent",
                    ",status=sent",
                    ", ",
                    "",
                ] {
                    let text = format!("{key}={value}{rest}");
                    let read = |common: bool| {
                        let (mut fields, mut input) = (Fields::default(), text.as_bytes());
                        while !input.is_empty() && !input.starts_with(b"status=") {
                            input = if common { fields.common(input) } else { input };
                            if !input.starts_with(b"status=") {
                                input = fields.any(input).unwrap_or_default();
                            }
                        }
                        let Fields {
                            conn_use,
                            delay,
                            delays,
                            tls,
                            dsn,
                        } = fields;
                        (
                            conn_use,
                            delay,
                            delays,
                            tls.map(<[u8]>::to_vec),
                            dsn,
                            input.to_vec(),
                        )
                    };
                    assert_eq!(read(true), read(false), "{text}");
                }
            }
        }
        let text = b"delay=0.04, delays=0.03/0.01/0/0, dsn=2.0.0, status=sent";
        assert_eq!(Fields::default().common(text), b"status=sent");
    }
}
