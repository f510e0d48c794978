//! One event of a message as the words of one row.
//!
//! In: a record. Out: who says it, whether it went well, and what it is in few words. What has no words of its own is told in the log's.

use super::Fate;
use crate::numbers::count;
use mailtop_parsers::record::{Delivery, Peer, Relay, Verdict};
use mailtop_parsers::{Event, Record, Status, Unrecognized, said, secret};

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is neither good nor bad.
    None,
    /// Well.
    Good,
    /// Not yet: it will be tried again.
    Wait,
    /// Badly: somebody does not get mail.
    Bad,
    /// An administrator or a check holds it.
    Held,
    /// It was refused at the door.
    Refused,
}

impl Mark {
    /// How a message fared.
    pub fn of(fate: Fate) -> Self {
        match fate {
            Fate::Sent => Self::Good,
            Fate::Deferred => Self::Wait,
            Fate::Bounced | Fate::SentInPart | Fate::Expired | Fate::Deleted => Self::Bad,
            Fate::Hold => Self::Held,
            Fate::Rejected | Fate::Discarded => Self::Refused,
            Fate::Incoming | Fate::Active | Fate::Requeued | Fate::Gone | Fate::Unknown => {
                Self::None
            }
        }
    }
}

/// An event in words, not yet safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The daemon.
    pub who: Vec<u8>,
    /// How it went.
    pub mark: Mark,
    /// What it is, in few words.
    pub words: Vec<u8>,
    /// Whether a program says it that is neither Postfix nor Dovecot: it is shown and believed in nothing.
    pub foreign: bool,
}

/// The row of a record; `line` is its text.
pub fn row(record: &Record<'_>, line: &[u8]) -> Row {
    let (mark, words) = words(record, line);
    let foreign = matches!(
        record.event,
        Event::Unrecognized {
            kind: Unrecognized::Foreign | Unrecognized::Unparsed,
            ..
        }
    );
    Row {
        who: record.daemon().to_vec(),
        mark,
        words,
        foreign,
    }
}

/// The mark of a recipient's status.
pub fn mark(status: Status) -> Mark {
    match status {
        Status::Sent | Status::Deliverable => Mark::Good,
        Status::Deferred | Status::SoftBounce => Mark::Wait,
        Status::Bounced | Status::Undeliverable => Mark::Bad,
    }
}

fn words(record: &Record<'_>, line: &[u8]) -> (Mark, Vec<u8>) {
    match &record.event {
        Event::Client {
            client,
            sasl_username,
            sasl_method,
            orig_queue_id,
            ..
        } => {
            let mut words = [b"client=", &*peer(client)].concat();
            add(&mut words, b"  sasl=", *sasl_username);
            add(&mut words, b" by ", *sasl_method);
            add(&mut words, b"  before the filter ", *orig_queue_id);
            (Mark::None, words)
        }
        Event::Pickup {
            uid, from, orig_id, ..
        } => {
            let uid = uid.map_or(String::from("?"), |uid| uid.to_string());
            let mut words = [b"uid=", uid.as_bytes(), b" from=<", *from, b">"].concat();
            add(&mut words, b"  requeued from ", *orig_id);
            (Mark::None, words)
        }
        Event::Cleanup {
            message_id, resent, ..
        } => {
            let name: &[u8] = if *resent {
                b"resent-message-id=<"
            } else {
                b"message-id=<"
            };
            (Mark::None, [name, *message_id, b">"].concat())
        }
        Event::Queued { size, nrcpt, .. } => {
            let words = format!("{} B, nrcpt {nrcpt}, active", count(*size));
            (Mark::None, words.into())
        }
        Event::Delivery(one) => (mark(one.status), delivery(one)),
        Event::Interim { relay, reply, .. } => {
            (Mark::Wait, [&*peer(relay), b"  ", *reply].concat())
        }
        Event::Verdict(one) => verdict(one),
        Event::Expired { from, forced, .. } => {
            let how: &[u8] = if *forced {
                b"force-expired"
            } else {
                b"expired"
            };
            (Mark::Bad, [how, b", returned to <", *from, b">"].concat())
        }
        Event::Removed { .. } if record.daemon() == b"postsuper" => (Mark::Bad, b"deleted".into()),
        Event::Removed { .. } => (Mark::None, b"removed".into()),
        Event::Hold { .. } => (Mark::Held, b"placed on hold".into()),
        Event::Released { .. } => (Mark::None, b"released from hold".into()),
        Event::Requeued { .. } => (Mark::None, b"requeued".into()),
        Event::ForceExpire { .. } => (Mark::None, b"to expire at the next attempt".into()),
        Event::BounceNotification {
            new_queue_id,
            whom,
            kind,
            ..
        } => {
            let id = new_queue_id.as_str().as_bytes();
            let words = [*kind, b" notification to the ", *whom, b": ", id].concat();
            (Mark::None, words)
        }
        other => rest(other, line),
    }
}

fn rest(event: &Event<'_>, line: &[u8]) -> (Mark, Vec<u8>) {
    match event {
        Event::Tls(tls) => {
            let to: &[u8] = if tls.incoming { b" from " } else { b" to " };
            let words = [tls.version, to, &*peer(&tls.peer), b"  ", tls.cipher].concat();
            (Mark::None, words)
        }
        Event::Saved {
            who,
            mailbox,
            failure,
            ..
        } => {
            let what: &[u8] = if failure.is_some() {
                b"not saved to "
            } else {
                b"saved to "
            };
            let mut words = [what, *mailbox, b" of ", who.user].concat();
            add(&mut words, b": ", *failure);
            let mark = if failure.is_some() {
                Mark::Bad
            } else {
                Mark::Good
            };
            (mark, words)
        }
        Event::Sieve {
            action,
            mailbox,
            address,
            ..
        } => {
            let mut words = [b"sieve: ", *action].concat();
            add(&mut words, b" ", address.or(*mailbox));
            (Mark::None, words)
        }
        Event::MailLog {
            who,
            action,
            mailbox,
            ..
        } => {
            let mut words = [who.user, b": ", *action].concat();
            add(&mut words, b" ", *mailbox);
            (Mark::None, words)
        }
        Event::Notice { text, .. } | Event::Unrecognized { text, .. } => {
            (Mark::None, text.to_vec())
        }
        Event::LostConnection {
            what,
            stage,
            client,
            ..
        } => (
            Mark::None,
            [*what, b" after ", *stage, b" from ", &*peer(client)].concat(),
        ),
        _ => (Mark::None, said(&secret::masked(line)).to_vec()),
    }
}

fn add(words: &mut Vec<u8>, name: &[u8], value: Option<&[u8]>) {
    if let Some(value) = value {
        words.extend_from_slice(name);
        words.extend_from_slice(value);
    }
}

fn peer(peer: &Peer<'_>) -> Vec<u8> {
    let mut words = [peer.host, b"[", peer.ip, b"]"].concat();
    if let Some(port) = peer.port {
        words.extend_from_slice(format!(":{port}").as_bytes());
    }
    words
}

/// Where mail was handed to; nothing when it was nowhere.
pub(super) fn relay(relay: &Relay<'_>) -> Vec<u8> {
    match relay {
        Relay::None => Vec::new(),
        Relay::Host(host) => peer(host),
        Relay::Socket { host, path } => [*host, b" ", *path].concat(),
        Relay::Agent(agent) => agent.to_vec(),
    }
}

fn delivery(one: &Delivery<'_>) -> Vec<u8> {
    let mut words = [b"<", one.to, b">"].concat();
    add(&mut words, b" for ", one.orig_to);
    if one.relay != Relay::None {
        add(&mut words, b"  ", Some(&*relay(&one.relay)));
    }
    let dsn = one.dsn.map(|dsn| dsn.to_string()).unwrap_or_default();
    let status = format!("  {} {dsn}  ", one.status.as_str());
    add(&mut words, status.as_bytes(), Some(one.reply));
    words
}

fn verdict(one: &Verdict<'_>) -> (Mark, Vec<u8>) {
    let mark = match one.action {
        b"reject" | b"milter-reject" | b"proxy-reject" | b"discard" | b"milter-discard" => {
            Mark::Refused
        }
        b"hold" | b"milter-hold" => Mark::Held,
        _ => Mark::None,
    };
    let mut words = [one.action, b" at ", one.stage].concat();
    if !one.client.ip.is_empty() {
        add(&mut words, b" from ", Some(&*peer(&one.client)));
    }
    add(&mut words, b": ", Some(one.reply));
    add(&mut words, b" ", one.check);
    (mark, words)
}
