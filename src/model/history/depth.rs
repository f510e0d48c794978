//! Depth, how many messages are in each queue, and flow, how many came and went.

use crate::model::ledger::Place;
use crate::model::table::Join;

/// Messages per queue. `maildrop` counts as incoming: it is mail that the queue manager has not seen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// `maildrop` and `incoming`.
    pub incoming: i64,
    /// `active`.
    pub active: i64,
    /// `deferred`.
    pub deferred: i64,
    /// `hold`.
    pub hold: i64,
}

impl Depth {
    /// Adds another, queue by queue.
    pub fn add(&mut self, other: Self) {
        self.incoming += other.incoming;
        self.active += other.active;
        self.deferred += other.deferred;
        self.hold += other.hold;
    }

    /// One message in that place, or none.
    pub fn one(place: Option<Place>) -> Self {
        let mut depth = Self::default();
        depth.step(None, place);
        depth
    }

    /// One message goes from one place to another; `None` is outside.
    pub fn step(&mut self, from: Option<Place>, to: Option<Place>) {
        if let Some(place) = from {
            *self.of(place) -= 1;
        }
        if let Some(place) = to {
            *self.of(place) += 1;
        }
    }

    fn of(&mut self, place: Place) -> &mut i64 {
        match place {
            Place::Incoming => &mut self.incoming,
            Place::Active => &mut self.active,
            Place::Deferred => &mut self.deferred,
            Place::Hold => &mut self.hold,
        }
    }

    /// The difference, queue by queue.
    pub fn less(self, other: Self) -> Self {
        Self {
            incoming: self.incoming - other.incoming,
            active: self.active - other.active,
            deferred: self.deferred - other.deferred,
            hold: self.hold - other.hold,
        }
    }

    pub(super) fn at_least_zero(self) -> Self {
        Self {
            incoming: self.incoming.max(0),
            active: self.active.max(0),
            deferred: self.deferred.max(0),
            hold: self.hold.max(0),
        }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self {
            incoming: self.incoming.max(other.incoming),
            active: self.active.max(other.active),
            deferred: self.deferred.max(other.deferred),
            hold: self.hold.max(other.hold),
        }
    }

    pub(super) fn min(self, other: Self) -> Self {
        Self {
            incoming: self.incoming.min(other.incoming),
            active: self.active.min(other.active),
            deferred: self.deferred.min(other.deferred),
            hold: self.hold.min(other.hold),
        }
    }
}

/// What passed through in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow {
    /// Messages that reached the queue manager for the first time.
    pub arrived: u64,
    /// Recipients delivered.
    pub sent: u64,
    /// Delivery attempts deferred.
    pub deferred: u64,
    /// Recipients bounced.
    pub bounced: u64,
    /// Messages that ran out of time.
    pub expired: u64,
}

impl Join for Flow {
    fn join(&mut self, newer: Self) {
        self.add(newer);
    }
}

impl Flow {
    /// Adds another span.
    pub fn add(&mut self, other: Self) {
        self.arrived += other.arrived;
        self.sent += other.sent;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
        self.expired += other.expired;
    }
}
