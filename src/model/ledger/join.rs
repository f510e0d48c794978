//! Joining what two pieces of a log know of the messages in flight: what the newer one assumed of a message that was there before is
//! put right with what the older one knows of it.

use super::life::{Deferral, Life};
use super::{CAPACITY, Ledger, Stack, arrives};
use crate::model::accounts::Reached;
use crate::model::history::Depth;
use crate::model::providers::answers::Failed;
use chrono::{DateTime, Utc};
use hashbrown::hash_map::Entry;
use std::sync::Arc;

/// What the newer piece has told wrongly, or left open, of one message.
#[derive(Debug, Default)]
pub struct Correction {
    /// The difference of depths that was taken to have been there before the newer piece began.
    pub assumed: Depth,
    /// Differences of steps.
    pub steps: Vec<(DateTime<Utc>, Depth)>,
    /// When messages reached the queue manager for the first time: one more or one less than was told.
    pub arrived: Vec<(DateTime<Utc>, i64)>,
    /// A first deferral that was none.
    pub deferral: Option<Deferral>,
    /// Whether the message was counted as deferred twice.
    pub deferred_twice: bool,
    /// Whether the newer piece is the first to say what is queued.
    pub newly_queued: bool,
    /// Bytes of one copy of the message, for those delivered before the newer piece knew it.
    pub size: u64,
    /// Recipients delivered, by domain, for which the size was not known.
    pub unsized_sent: Vec<(Arc<str>, u64)>,
    /// Failed attempts for which the sender was not known: the minute, the row that they count for, and how many.
    pub unsigned: Vec<(i64, Failed, u64)>,
    /// Whose mail that was.
    pub sender: Option<Arc<str>>,
    /// Bounces for which sender, account and client were not known.
    pub bounced: u64,
    /// Attempts by minute for which the account was not known.
    pub tried: Vec<(i32, Reached)>,
    /// The same by recipient domain.
    pub reached: Vec<(Arc<str>, Reached)>,
    /// What is known of the message now.
    pub life: Life,
}

impl Ledger {
    /// Takes in what the next piece of the log knows. Each message that was in flight at the seam gives one correction.
    pub fn join(&mut self, newer: Self, mut correct: impl FnMut(Correction)) {
        self.left_out += newer.left_out;
        for (key, opened) in newer.ended {
            for life in opened {
                match self.pop(key) {
                    Some(older) => {
                        let life = older.joined(life, &mut correct);
                        if life.origin.is_some() {
                            self.ended.entry(key).or_default().push(life);
                        }
                    }
                    None => self.ended.entry(key).or_default().push(life),
                }
            }
        }
        // Nearly all of them are new ones: room is made once for all.
        let room = CAPACITY.saturating_sub(self.lives.len());
        self.lives.reserve(newer.lives.len().min(room));
        for (key, stack) in newer.lives {
            for life in stack.below.into_iter().chain([stack.top]) {
                let life = match life.origin.is_some().then(|| self.pop(key)).flatten() {
                    Some(older) => older.joined(life, &mut correct),
                    None => life,
                };
                self.push(key, life);
            }
        }
    }

    fn push(&mut self, key: u64, life: Life) {
        let full = self.lives.len() >= CAPACITY;
        match self.lives.entry(key) {
            Entry::Occupied(mut known) => known.get_mut().push(life),
            Entry::Vacant(_) if full => self.left_out += 1,
            Entry::Vacant(room) => {
                room.insert(Stack::new(life));
            }
        }
    }
}

impl Life {
    /// What both pieces know of one message: `self` at the end of the older, `newer` from the start of the newer one on.
    fn joined(self, newer: Self, correct: &mut impl FnMut(Correction)) -> Self {
        let Some(opening) = newer.origin else {
            return newer;
        };
        let mut correction = Correction {
            assumed: Depth::default().less(Depth::one(opening.assumed)),
            ..Correction::default()
        };
        opening.run(opening.assumed, |time, from, to| {
            correction
                .steps
                .push((time, Depth::one(from).less(Depth::one(to))));
            if arrives(from, to) {
                correction.arrived.push((time, -1));
            }
        });
        let place = opening.run(self.place, |time, from, to| {
            correction
                .steps
                .push((time, Depth::one(to).less(Depth::one(from))));
            if arrives(from, to) {
                correction.arrived.push((time, 1));
            }
        });
        // It was settled where the message is by a move that is not remembered.
        let place = if opening.is_settled() {
            newer.place
        } else {
            place
        };
        correction.deferred_twice = self.deferred && newer.deferred;
        if correction.deferred_twice {
            correction.deferral.clone_from(&opening.deferral);
        }
        correction.newly_queued = self.queued.is_none() && newer.queued.is_some();
        let mut origin = self.origin;
        match (self.size, &mut origin) {
            (Some(size), _) => {
                correction.size = size;
                correction.unsized_sent = opening.unsized_sent;
            }
            (None, Some(origin)) => {
                for (domain, recipients) in &opening.unsized_sent {
                    origin.sent_as(domain, *recipients);
                }
            }
            (None, None) => {}
        }
        match (&self.sender, &mut origin) {
            (Some(sender), _) => {
                correction.unsigned = opening.unsigned;
                correction.sender = Some(Arc::clone(sender.shared()));
            }
            (None, Some(origin)) => {
                for (minute, row, attempts) in &opening.unsigned {
                    origin.answered_as(*minute, row, *attempts);
                }
            }
            (None, None) => {}
        }
        let [early, late] = opening.bounced;
        let bounced = if self.queued.is_some() {
            [0, early + late]
        } else {
            [early, late]
        };
        if let Some(origin) = &mut origin {
            for (time, to) in opening.moves {
                origin.remember(time, to);
            }
            for (minute, reached) in opening.tried {
                origin.tried_at(minute, reached);
            }
            for (domain, reached) in opening.reached {
                origin.reached_at(&domain, || Arc::clone(&domain), reached);
            }
            origin.bounced[0] += bounced[0];
            origin.bounced[1] += bounced[1];
            if !self.deferred {
                origin.deferral = opening.deferral;
            }
        } else {
            correction.bounced = bounced[1];
            correction.tried = opening.tried;
            correction.reached = opening.reached;
        }
        let life = Self {
            place,
            received: self.received,
            queued: self.queued.or(newer.queued),
            sender: newer.sender.or(self.sender),
            size: newer.size.or(self.size),
            account: self.account,
            client: self.client,
            deferred: self.deferred || newer.deferred,
            origin,
        };
        correction.life = life.clone();
        correct(correction);
        life
    }
}
