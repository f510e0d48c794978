//! How messages came of each other.
//!
//! In go messages and their lines; out come ties from the one that was first to the one that came of it. A tie is taken from what Postfix
//! says itself (`orig_id=`, `orig_queue_id=`, `forwarded as`, `notification:`). `queued as` stands in a remote server's reply, which
//! may name any id: it is believed where the relay is this host, or where the Message-ID is the same. A filter that hands mail back
//! through sendmail(1), and Sieve's redirect, say nothing: there the Message-ID, the way in and the time must agree.

use super::LogLine;
use super::lives::{LATE, NEAR, distance};
use super::message::{Fate, Kind, Message};
use chrono::{DateTime, FixedOffset, TimeDelta};
use mailtop_parsers::record::{Delivery, Relay};
use mailtop_parsers::{Event, QueueId, Status};
use memchr::memmem;
use std::collections::{HashMap, HashSet};

/// One message came of another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tie {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: Kind,
}

/// What the lines of a message name.
#[derive(Debug, Clone, Default)]
pub(super) struct Ties {
    pub(super) ties: Vec<Tie>,
    /// Ids that each message's lines name, whether their lines are here or not.
    pub(super) named: Vec<Vec<Box<str>>>,
}

/// The most messages with one Message-ID among which a tie is looked for: a mailing list sends the same to thousands.
pub(super) const TWINS: usize = 100;

type Time = Option<DateTime<FixedOffset>>;

/// Finds the ties.
pub(super) fn find(messages: &[Message], lines: &[LogLine]) -> Ties {
    let mut by_queue_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        if let Some(id) = &message.queue_id {
            by_queue_id.entry(id).or_default().push(at);
        }
    }
    let mut search = Search {
        messages,
        by_queue_id,
        found: Ties {
            named: vec![Vec::new(); messages.len()],
            ..Ties::default()
        },
    };
    for (at, message) in messages.iter().enumerate() {
        for line in message.events.iter().filter_map(|event| lines.get(*event)) {
            let record = line.record();
            search.event(at, &record.event, record.time.or(message.last));
        }
    }
    search.by_message_id(lines);
    let mut found = search.found;
    let mut seen = HashSet::new();
    // Two lines may say the same.
    let new = |tie: &Tie| tie.from != tie.to && seen.insert((tie.from, tie.to));
    found.ties.retain(new);
    found
}

struct Search<'a> {
    messages: &'a [Message],
    by_queue_id: HashMap<&'a str, Vec<usize>>,
    found: Ties,
}

impl Search<'_> {
    fn event(&mut self, at: usize, event: &Event<'_>, time: Time) {
        match event {
            Event::Delivery(delivery) if delivery.status == Status::Sent => {
                self.sent(at, delivery, time);
            }
            Event::BounceNotification {
                new_queue_id,
                whom,
                kind,
                ..
            } => {
                let kind = Kind::Notification {
                    whom: (*whom).into(),
                    about: (*kind).into(),
                };
                let new = new_queue_id.as_str();
                self.named(at, new);
                let found = self.born(at, new, time);
                self.tie(Some(at), found, kind);
            }
            Event::Pickup {
                orig_id: Some(id), ..
            } => {
                let Some(id) = QueueId::new(id) else { return };
                self.named(at, id.as_str());
                let found = self.requeued(at, id.as_str(), time);
                self.tie(found, Some(at), Kind::Requeued);
            }
            Event::Client {
                orig_queue_id: Some(id),
                ..
            } => {
                let Some(id) = QueueId::new(id) else { return };
                self.named(at, id.as_str());
                let found = self.living(at, id.as_str(), time);
                self.tie(found, Some(at), Kind::Reinjected);
            }
            _ => {}
        }
    }

    fn sent(&mut self, at: usize, delivery: &Delivery<'_>, time: Time) {
        if matches!(delivery.relay, Relay::Agent(_))
            && let Some(id) = delivery.reply.strip_prefix(b"forwarded as ")
            && let Some(id) = QueueId::new(id)
        {
            self.named(at, id.as_str());
            let found = self.born(at, id.as_str(), time);
            self.tie(Some(at), found, Kind::Forwarded);
            return;
        }
        let Some(id) = queued_as(delivery.reply) else {
            return;
        };
        if is_here(&delivery.relay) {
            self.named(at, id.as_str());
            let found = self.born(at, id.as_str(), time);
            self.tie(Some(at), found, Kind::Reinjected);
        } else {
            let found = self.elsewhere(at, id.as_str(), time);
            self.tie(Some(at), found, Kind::Relayed);
        }
    }

    fn named(&mut self, at: usize, id: &str) {
        if let Some(named) = self.found.named.get_mut(at)
            && !named.iter().any(|known| **known == *id)
        {
            named.push(id.into());
        }
    }

    fn tie(&mut self, from: Option<usize>, to: Option<usize>, kind: Kind) {
        if let Some((from, to)) = from.zip(to) {
            self.found.ties.push(Tie { from, to, kind });
        }
    }

    /// The message of that id on the same host that was born nearest to the time.
    fn born(&self, at: usize, id: &str, time: Time) -> Option<usize> {
        let host = &self.messages.get(at)?.host;
        self.nearest(id, |message| {
            (message.host == *host).then(|| gap(message.first, time))
        })
    }

    /// The message of that id on the same host that was in the queue then, or not long before.
    fn living(&self, at: usize, id: &str, time: Time) -> Option<usize> {
        let host = &self.messages.get(at)?.host;
        self.nearest(id, |message| {
            (message.host == *host).then(|| distance(message, time))
        })
    }

    /// The message of that id on the same host that was requeued last. It waits for pickup(8) as long as Postfix is stopped.
    fn requeued(&self, at: usize, id: &str, time: Time) -> Option<usize> {
        let host = &self.messages.get(at)?.host;
        let same = self.by_queue_id.get(id)?.iter();
        let before = same.filter_map(|&other| {
            let message = self.messages.get(other)?;
            let is_one = message.host == *host && (message.first <= time || time.is_none());
            is_one.then_some((message.fate() == Fate::Requeued, message.first, other))
        });
        before.max().map(|(.., other)| other)
    }

    /// The message of that id that another host, or another instance, took with the same Message-ID.
    fn elsewhere(&self, at: usize, id: &str, time: Time) -> Option<usize> {
        let message_id = known(self.messages.get(at)?)?;
        self.nearest(id, |message| {
            (known(message) == Some(message_id)).then(|| gap(message.first, time))
        })
    }

    fn nearest(&self, id: &str, far: impl Fn(&Message) -> Option<TimeDelta>) -> Option<usize> {
        let same = self.by_queue_id.get(id)?;
        let near = same.iter().filter_map(|&at| {
            let far = far(self.messages.get(at)?)?;
            (far <= NEAR).then_some((far, at))
        });
        near.min().map(|(_, at)| at)
    }

    /// What came back to this host with the same Message-ID while it was handed to something on this host.
    fn by_message_id(&mut self, lines: &[LogLine]) {
        let mut groups: HashMap<(&[u8], &[u8]), Vec<usize>> = HashMap::new();
        for (at, message) in self.messages.iter().enumerate() {
            if let Some(id) = known(message) {
                groups.entry((&message.host, id)).or_default().push(at);
            }
        }
        let tied: HashSet<usize> = self.found.ties.iter().map(|tie| tie.to).collect();
        let groups = groups
            .values()
            .filter(|group| (2..=TWINS).contains(&group.len()));
        for group in groups {
            for &child in group.iter().filter(|child| !tied.contains(child)) {
                let parent = self.handed(group, child, lines);
                self.tie(parent, Some(child), Kind::Reinjected);
            }
        }
    }

    fn handed(&self, group: &[usize], child: usize, lines: &[LogLine]) -> Option<usize> {
        let born = self.messages.get(child)?;
        let source = born.source.as_ref()?;
        if !is_loopback(&source.ip) && source.uid.is_none() {
            return None;
        }
        let near = group.iter().filter(|at| **at != child).filter_map(|&at| {
            let message = self.messages.get(at)?;
            if message.first > born.first || born.first > message.last.map(|last| last + LATE) {
                return None;
            }
            let events = message.events.iter().filter_map(|event| lines.get(*event));
            let handed = events.filter_map(|line| {
                let record = line.record();
                let Event::Delivery(delivery) = &record.event else {
                    return None;
                };
                let here = delivery.status == Status::Sent && is_here(&delivery.relay);
                here.then(|| gap(record.time, born.first))
            });
            Some((handed.min().filter(|far| *far <= NEAR)?, at))
        });
        near.min().map(|(_, at)| at)
    }
}

/// A Message-ID that tells a message from others.
pub(super) fn known(message: &Message) -> Option<&[u8]> {
    message.message_id.as_deref().filter(|id| !id.is_empty())
}

fn gap(one: Time, other: Time) -> TimeDelta {
    one.zip(other)
        .map_or(TimeDelta::zero(), |(one, other)| (one - other).abs())
}

/// `… queued as QID`: the last one, because a filter repeats what the server behind it said.
fn queued_as(reply: &[u8]) -> Option<QueueId<'_>> {
    let words = b"queued as ";
    let rest = reply.get(memmem::rfind(reply, words)? + words.len()..)?;
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
    QueueId::new(rest.get(..end.unwrap_or(rest.len()))?)
}

/// Whether a message was handed to something on this host.
fn is_here(relay: &Relay<'_>) -> bool {
    match relay {
        Relay::None => false,
        Relay::Host(peer) => is_loopback(peer.ip),
        Relay::Socket { .. } | Relay::Agent(_) => true,
    }
}

fn is_loopback(ip: &[u8]) -> bool {
    ip.starts_with(b"127.") || ip == b"::1"
}
