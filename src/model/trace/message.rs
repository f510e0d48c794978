//! One message: what its lines say of it.
//!
//! In go records of one life in order; out come the envelope, each recipient's last outcome, and the message's fate. Which records are
//! of one life is decided in [`super::lives`].

use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset};
use mailtop_parsers::record::{Delivery, Relay};
use mailtop_parsers::{Event, Record, Status};

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was being received when the log ends.
    Incoming,
    /// It is with the queue manager.
    Active,
    /// It waits for the next attempt.
    Deferred,
    /// It is on hold.
    Hold,
    /// Every recipient has it.
    Sent,
    /// No recipient has it: it was returned.
    Bounced,
    /// Some recipients have it, for others it was returned.
    SentInPart,
    /// It was too long in the queue for some recipient.
    Expired,
    /// postsuper(1) deleted it.
    Deleted,
    /// postsuper(1) put it through the queue again, under another id.
    Requeued,
    /// It was refused.
    Rejected,
    /// A restriction, milter or check threw it away.
    Discarded,
    /// It left the queue, and the log does not say how.
    Gone,
    /// The lines do not say.
    Unknown,
}

impl Fate {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Active => "active",
            Self::Deferred => "deferred",
            Self::Hold => "hold",
            Self::Sent => "sent",
            Self::Bounced => "bounced",
            Self::SentInPart => "sent in part",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
            Self::Requeued => "requeued",
            Self::Rejected => "rejected",
            Self::Discarded => "discarded",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }
}

/// How one message came of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `postsuper -r` gave it another id.
    Requeued,
    /// A content filter or Sieve took it and handed it back.
    Reinjected,
    /// Another host whose log is here took it.
    Relayed,
    /// local(8) forwarded it.
    Forwarded,
    /// bounce(8) wrote a notification about it.
    Notification {
        /// `sender` or `postmaster`.
        whom: Box<[u8]>,
        /// `non-delivery`, `delay`, `delivery status`.
        about: Box<[u8]>,
    },
}

impl Kind {
    /// What the other message is to this one, in words that its name follows.
    pub fn words(&self, came_of: bool) -> String {
        match (self, came_of) {
            (Self::Requeued, true) => String::from("requeued, before that it was"),
            (Self::Requeued, false) => String::from("requeued, it became"),
            (Self::Reinjected, true) => String::from("handed back by a filter, before that it was"),
            (Self::Reinjected, false) => String::from("handed back by a filter as"),
            (Self::Relayed, true) => String::from("relayed, on the host before it was"),
            (Self::Relayed, false) => String::from("relayed, on the next host it is"),
            (Self::Forwarded, true) => String::from("forwarded from"),
            (Self::Forwarded, false) => String::from("forwarded as"),
            (Self::Notification { whom, about }, came_of) => {
                let (whom, about) = (SafeText::new(whom), SafeText::new(about));
                let of = if came_of { "about" } else { "is" };
                format!("{about} notification to the {whom} {of}")
            }
        }
    }
}

/// A tie to another message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// What it is.
    pub kind: Kind,
    /// Whether this message came of the other one.
    pub came_of: bool,
    /// The other one's place among the messages.
    pub message: usize,
}

/// Who handed a message over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The client's host name.
    pub host: Box<[u8]>,
    /// The client's address.
    pub ip: Box<[u8]>,
    /// The SASL account.
    pub sasl_username: Option<Box<[u8]>>,
    /// The SASL mechanism.
    pub sasl_method: Option<Box<[u8]>>,
    /// The local user's number, for mail that pickup(8) took.
    pub uid: Option<u32>,
}

/// A recipient and what became of the message for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipient {
    /// The address.
    pub to: Box<[u8]>,
    /// The address before rewriting, where it differs.
    pub orig_to: Option<Box<[u8]>>,
    /// The outcome of the last attempt.
    pub status: Status,
    /// The enhanced status of the last attempt.
    pub dsn: Option<String>,
    /// Where the last attempt went.
    pub relay: Box<[u8]>,
    /// The text of the last attempt.
    pub reply: Box<[u8]>,
    /// Attempts.
    pub attempts: u32,
    /// The last attempt.
    pub time: Option<DateTime<FixedOffset>>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message {
    /// The host as logged; empty when the log does not name it.
    pub host: Box<[u8]>,
    /// The Postfix instance; `dovecot` for a message that only Dovecot mentions.
    pub instance: Box<[u8]>,
    /// The queue id; none for what was refused before it had one.
    pub queue_id: Option<Box<str>>,
    /// The Message-ID without angle brackets.
    pub message_id: Option<Box<[u8]>>,
    /// The envelope sender.
    pub from: Option<Box<[u8]>>,
    /// Bytes.
    pub size: Option<u64>,
    /// Recipients, as the queue manager counts them.
    pub nrcpt: Option<u64>,
    /// Who handed it over.
    pub source: Option<Source>,
    /// Recipients with an attempt, in the order of their first one; for a refused message those that it names.
    pub recipients: Vec<Recipient>,
    /// Recipients that a refusal names.
    pub refused: Vec<Box<[u8]>>,
    /// The enhanced status of a refusal.
    pub refused_with: Option<String>,
    /// The first line that mentions it.
    pub first: Option<DateTime<FixedOffset>>,
    /// The last line that mentions it.
    pub last: Option<DateTime<FixedOffset>>,
    /// Whether its reception is in the log.
    pub born: bool,
    /// When it left the queue.
    pub ended: Option<DateTime<FixedOffset>>,
    /// Its lines, by their place among those that were given.
    pub events: Vec<usize>,
    /// Its ties.
    pub related: Vec<Related>,
    pub(super) traits: Traits,
}

/// What the fate follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits {
    pub(super) queued: bool,
    pub(super) place: Option<Fate>,
    pub(super) expired: bool,
    pub(super) verdict: Option<Fate>,
    pub(super) end: Option<Fate>,
}

impl Message {
    /// The enhanced status of the last attempt, or of the refusal.
    pub fn dsn(&self) -> Option<&str> {
        let last = self.recipients.iter().max_by_key(|one| one.time);
        let last = last.and_then(|one| one.dsn.as_deref());
        last.or(self.refused_with.as_deref())
    }

    /// What became of it.
    pub fn fate(&self) -> Fate {
        let traits = self.traits;
        if let Some(end @ (Fate::Deleted | Fate::Requeued)) = traits.end {
            return end;
        }
        let count = |status| {
            let with = self.recipients.iter().filter(|to| to.status == status);
            with.count()
        };
        let (sent, bounced) = (
            count(Status::Sent) + count(Status::Deliverable),
            count(Status::Bounced) + count(Status::Undeliverable),
        );
        if traits.end.is_some() || traits.expired {
            return match (sent, bounced) {
                _ if traits.expired => Fate::Expired,
                (0, 0) => traits.verdict.unwrap_or(Fate::Gone),
                (_, 0) => Fate::Sent,
                (0, _) => Fate::Bounced,
                _ => Fate::SentInPart,
            };
        }
        match traits.place {
            Some(place) => place,
            None if traits.verdict.is_some() => traits.verdict.unwrap_or(Fate::Unknown),
            None if sent > 0 => Fate::Sent,
            None if self.born => Fate::Incoming,
            None => Fate::Unknown,
        }
    }

    /// Takes a line in. `time`: when it was written, as far as is known.
    pub(super) fn take(
        &mut self,
        at: usize,
        record: &Record<'_>,
        time: Option<DateTime<FixedOffset>>,
    ) {
        self.events.push(at);
        self.first = self.first.or(time);
        self.last = self.last.max(time);
        match &record.event {
            Event::Client {
                client,
                sasl_method,
                sasl_username,
                ..
            } => {
                self.born = true;
                self.source = Some(Source {
                    host: client.host.into(),
                    ip: client.ip.into(),
                    sasl_username: sasl_username.map(Into::into),
                    sasl_method: sasl_method.map(Into::into),
                    uid: None,
                });
            }
            Event::Pickup { uid, from, .. } => {
                self.born = true;
                self.from.get_or_insert_with(|| (*from).into());
                self.source = Some(Source {
                    uid: *uid,
                    ..Source::default()
                });
            }
            Event::Cleanup {
                message_id,
                resent: false,
                ..
            } => {
                self.born = true;
                self.message_id.get_or_insert_with(|| (*message_id).into());
            }
            Event::Queued {
                from, size, nrcpt, ..
            } => {
                self.from = Some((*from).into());
                self.size = Some(*size);
                self.nrcpt = self.nrcpt.max(Some(*nrcpt));
                self.traits.queued = true;
                self.traits.place = Some(Fate::Active);
            }
            Event::Delivery(delivery) => self.attempt(delivery, time),
            Event::Expired { .. } => self.traits.expired = true,
            Event::Verdict(verdict) => self.verdict(verdict),
            Event::Hold { .. } => self.traits.place = Some(Fate::Hold),
            Event::Released { .. } => self.traits.place = Some(Fate::Deferred),
            Event::Requeued { .. } => self.end(Fate::Requeued, time),
            Event::Removed { .. } if record.daemon() == b"postsuper" => {
                self.end(Fate::Deleted, time);
            }
            Event::Removed { .. } => self.end(Fate::Gone, time),
            _ => {}
        }
    }

    fn end(&mut self, how: Fate, time: Option<DateTime<FixedOffset>>) {
        self.traits.end.get_or_insert(how);
        self.ended = self.ended.or(time);
    }

    fn attempt(&mut self, delivery: &Delivery<'_>, time: Option<DateTime<FixedOffset>>) {
        if matches!(delivery.status, Status::Deferred | Status::SoftBounce)
            && self.traits.place != Some(Fate::Hold)
        {
            self.traits.place = Some(Fate::Deferred);
        }
        let known = self
            .recipients
            .iter_mut()
            .find(|one| *one.to == *delivery.to && one.orig_to.as_deref() == delivery.orig_to);
        let attempts = known.as_ref().map_or(0, |one| one.attempts) + 1;
        let now = Recipient {
            to: delivery.to.into(),
            orig_to: delivery.orig_to.map(Into::into),
            status: delivery.status,
            dsn: delivery.dsn.map(|dsn| dsn.to_string()),
            relay: relay(&delivery.relay).into(),
            reply: delivery.reply.into(),
            attempts,
            time,
        };
        match known {
            Some(known) => *known = now,
            None => self.recipients.push(now),
        }
    }

    fn verdict(&mut self, verdict: &mailtop_parsers::record::Verdict<'_>) {
        let fate = match verdict.action {
            b"reject" | b"milter-reject" | b"proxy-reject" => Fate::Rejected,
            b"discard" | b"milter-discard" => Fate::Discarded,
            b"hold" | b"milter-hold" => {
                self.traits.place = Some(Fate::Hold);
                return;
            }
            _ => return,
        };
        self.traits.verdict = Some(fate);
        self.refused_with = verdict.dsn.map(|dsn| dsn.to_string());
        if let Some(from) = verdict.from {
            self.from.get_or_insert_with(|| from.into());
        }
        if self.source.is_none() {
            self.source = Some(Source {
                host: verdict.client.host.into(),
                ip: verdict.client.ip.into(),
                sasl_username: verdict.sasl_username.map(Into::into),
                sasl_method: verdict.sasl_method.map(Into::into),
                uid: None,
            });
        }
        if let Some(to) = verdict.to
            && !self.refused.iter().any(|known| **known == *to)
        {
            self.refused.push(to.into());
        }
    }
}

/// The relay as it is logged, without the port.
fn relay(relay: &Relay<'_>) -> Vec<u8> {
    match relay {
        Relay::None => b"none".to_vec(),
        Relay::Host(peer) => [peer.host, b"[", peer.ip, b"]"].concat(),
        Relay::Socket { host, path } => [*host, b"[", *path, b"]"].concat(),
        Relay::Agent(agent) => agent.to_vec(),
    }
}
