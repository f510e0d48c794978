//! One message in flight: where it is and what the log has said of it, and for one that is open to the left, how it was met.

use crate::model::accounts::Reached;
use crate::model::providers::answers::Failed;
use crate::model::table::{Join, Name};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Minutes and domains of one message for which attempts of an unknown account are remembered. Beyond, the last one counts for all.
const TRIED: usize = 100;

/// Domains of one message for which deliveries of unknown size are remembered.
const UNSIZED: usize = 100;

/// Answers to one message that are remembered while its sender is not known.
const UNSIGNED: usize = 100;

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `maildrop` and `incoming`.
    Incoming,
    /// `active`.
    Active,
    /// `deferred`.
    Deferred,
    /// `hold`.
    Hold,
}

/// What a record does to a message's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// It is there: incoming, unless it was known before.
    Appear,
    /// Nothing changes.
    Stay,
    /// It is deferred, if it was active.
    Defer,
    /// It is there, wherever it was; `None`: it has left the queue.
    To(Option<Place>),
}

impl Move {
    fn from(self, place: Option<Place>) -> Option<Place> {
        match (self, place) {
            (Move::Appear, None) => Some(Place::Incoming),
            (Move::Defer, Some(Place::Active)) => Some(Place::Deferred),
            (Move::To(place), _) | (_, place) => place,
        }
    }
}

/// One message in flight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Life {
    /// Where it is; `None` once it has left.
    pub place: Option<Place>,
    /// Whether it came from outside: smtpd(8) or pickup(8) said so.
    pub received: bool,
    /// What qmgr(8) said when it first took the message.
    pub queued: Option<Queued>,
    /// The sender, as qmgr(8) said last. Unlike the first time, it is known to every piece of the log that shows the attempt begin.
    pub sender: Option<Name>,
    /// Its bytes, as qmgr(8) said last; it is the same every time.
    pub size: Option<u64>,
    /// The SASL account that sent it.
    pub account: Option<Name>,
    /// The address of the client that sent it.
    pub client: Option<Name>,
    /// Whether any recipient was ever deferred.
    pub deferred: bool,
    /// For a message that was there before this piece of the log.
    pub origin: Option<Box<Origin>>,
}

/// What qmgr(8) says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The sender.
    pub sender: Name,
    /// Bytes.
    pub size: u64,
    /// Recipients.
    pub recipients: u64,
    /// When it said so.
    pub at: DateTime<Utc>,
}

/// How a message that is open to the left was met: everything that depends on what came before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Origin {
    /// Where it was taken to have been.
    pub assumed: Option<Place>,
    /// Its first moves, up to the first after which it does not matter any more where it was before.
    pub moves: Vec<(DateTime<Utc>, Move)>,
    /// Recipients delivered before the size was known, by domain.
    pub unsized_sent: Vec<(Arc<str>, u64)>,
    /// Attempts by minute since 1970, the account being unknown.
    pub tried: Vec<(i32, Reached)>,
    /// The same by recipient domain.
    pub reached: Vec<(Arc<str>, Reached)>,
    /// Recipients bounced, account and client being unknown: before qmgr(8) said whose message it is, and after.
    pub bounced: [u64; 2],
    /// The first deferral, which counts only if there was none before.
    pub deferral: Option<Deferral>,
    /// Failed attempts of which it was not known whose mail it was: the minute, the row that they count for, and how many.
    pub unsigned: Vec<(i64, Failed, u64)>,
}

/// A message's first deferral.
#[derive(Debug, Clone, PartialEq)]
pub struct Deferral {
    /// When.
    pub at: DateTime<Utc>,
    /// The recipient's domain.
    pub domain: Arc<str>,
    /// The cause, as [`crate::model::causes`] names it.
    pub cause: Arc<str>,
}

impl Life {
    /// A message whose birth the log shows.
    pub fn born() -> Self {
        Self {
            place: Some(Place::Incoming),
            received: true,
            ..Self::default()
        }
    }

    /// A message that is open to the left.
    pub fn open(assumed: Option<Place>) -> Self {
        let origin = Origin {
            assumed,
            ..Origin::default()
        };
        Self {
            place: assumed,
            origin: Some(Box::new(origin)),
            ..Self::default()
        }
    }

    pub(super) fn go(&mut self, to: Move, time: DateTime<Utc>) {
        self.place = to.from(self.place);
        if let Some(origin) = &mut self.origin {
            origin.remember(time, to);
        }
    }
}

impl Origin {
    /// A recipient of this domain was delivered while the size was not known.
    pub fn sent_to(&mut self, domain: &str) {
        self.sent_as(domain, 1);
    }

    pub(super) fn sent_as(&mut self, domain: &str, recipients: u64) {
        let many = self.unsized_sent.len();
        let known = self
            .unsized_sent
            .iter_mut()
            .find(|(known, _)| **known == *domain);
        match known {
            Some((_, count)) => *count += recipients,
            None if many < UNSIZED => self.unsized_sent.push((Arc::from(domain), recipients)),
            None => {}
        }
    }

    /// A recipient was tried while the account was not known.
    pub fn tried(&mut self, minute: i32, domain: &str, reached: Reached) {
        self.tried_at(minute, reached);
        let own = || Arc::from(domain);
        self.reached_at(domain, own, reached);
    }

    pub(super) fn tried_at(&mut self, minute: i32, reached: Reached) {
        let place = self.tried.partition_point(|(at, _)| *at < minute);
        let place = if self.tried.len() >= TRIED {
            place.min(TRIED - 1)
        } else {
            place
        };
        match self.tried.get_mut(place) {
            Some((at, known)) if *at == minute || place == TRIED - 1 => known.join(reached),
            _ => self.tried.insert(place, (minute, reached)),
        }
    }

    pub(super) fn reached_at(
        &mut self,
        domain: &str,
        own: impl FnOnce() -> Arc<str>,
        reached: Reached,
    ) {
        let full = self.reached.len() >= TRIED;
        let known = self
            .reached
            .iter()
            .position(|(known, _)| **known == *domain);
        let known = known.or(full.then_some(TRIED - 1));
        match known.and_then(|place| self.reached.get_mut(place)) {
            Some((_, known)) => known.join(reached),
            None => self.reached.push((own(), reached)),
        }
    }

    /// An attempt failed while the sender was not known.
    pub fn answered(&mut self, minute: i64, row: &Failed) {
        self.answered_as(minute, row, 1);
    }

    pub(super) fn answered_as(&mut self, minute: i64, row: &Failed, attempts: u64) {
        let many = self.unsigned.len();
        let known = self
            .unsigned
            .iter_mut()
            .find(|(at, known, _)| *at == minute && known == row);
        match known {
            Some((.., count)) => *count += attempts,
            None if many < UNSIGNED => {
                self.unsigned.push((minute, row.clone(), attempts));
            }
            None => {}
        }
    }

    /// A move that does what an earlier one did already needs no remembering.
    pub(super) fn remember(&mut self, time: DateTime<Utc>, to: Move) {
        let settled = self
            .moves
            .last()
            .is_some_and(|(_, last)| matches!(last, Move::To(_)));
        let again = self.moves.iter().any(|(_, known)| *known == to);
        if !settled && !again && to != Move::Stay {
            self.moves.push((time, to));
        }
    }

    /// Where a message that was at `start` is after the moves that are remembered, and each step on the way.
    pub(super) fn run(
        &self,
        start: Option<Place>,
        mut step: impl FnMut(DateTime<Utc>, Option<Place>, Option<Place>),
    ) -> Option<Place> {
        self.moves.iter().fold(start, |from, (time, to)| {
            let next = to.from(from);
            step(*time, from, next);
            next
        })
    }

    /// Whether it does not matter any more where the message was before.
    pub(super) fn is_settled(&self) -> bool {
        self.moves
            .last()
            .is_some_and(|(_, last)| matches!(last, Move::To(_)))
    }
}
