//! The ledger: which queue every message in flight is in, as far as the log has said.
//!
//! Records go in, steps between queues come out. A message that the log mentions for the first time without its birth was
//! there before the log began (*open to the left*): the step out of the queue where it must have been is still made, so that
//! the depths before it come out right. What is not kept: anything of messages that have left the queue.
//!
//! Which daemon says what: `qmgr/qmgr_message.c` (queue active), `qmgr/qmgr_active.c` (removed), `postsuper/postsuper.c`.

use crate::model::history::Depth;
use mailtop_parsers::{Event, Record, Status};
use std::collections::HashMap;

/// Messages in flight that are remembered; more are counted in [`Ledger::left_out`].
const CAPACITY: usize = 300_000;

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Incoming,
    Active,
    Deferred,
    Hold,
}

/// The messages in flight.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    places: HashMap<Box<[u8]>, Place>,
    left_out: u64,
}

/// What a record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// The change of the depths.
    pub depth: Depth,
    /// Whether a message reached the queue manager for the first time.
    pub arrived: bool,
}

impl Ledger {
    /// Messages that were not remembered because too many are in flight.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes one record in; `None` when it moves no message.
    pub fn on(&mut self, record: &Record<'_>) -> Option<Step> {
        let id = record.event.queue_id()?;
        let mut key = Vec::with_capacity(48);
        key.extend_from_slice(record.instance());
        key.push(b'/');
        key.extend_from_slice(id.as_str().as_bytes());
        let known = self.places.get(key.as_slice()).copied();
        let by_postsuper = record.daemon() == b"postsuper";
        let (from, to) = match &record.event {
            Event::Client { .. } | Event::Pickup { .. } | Event::Cleanup { .. }
                if known.is_none() =>
            {
                (None, Some(Place::Incoming))
            }
            Event::Queued { .. } => (Some(known.unwrap_or(Place::Deferred)), Some(Place::Active)),
            Event::Delivery(delivery)
                if matches!(delivery.status, Status::Deferred | Status::SoftBounce) =>
            {
                match known {
                    None | Some(Place::Active) => (Some(Place::Active), Some(Place::Deferred)),
                    Some(_) => return None,
                }
            }
            Event::Hold { .. } => (Some(known.unwrap_or(Place::Deferred)), Some(Place::Hold)),
            Event::Released { .. } => (Some(known.unwrap_or(Place::Hold)), Some(Place::Deferred)),
            Event::Requeued { .. } => (Some(known.unwrap_or(Place::Deferred)), None),
            Event::Removed { .. } => {
                let unknown = if by_postsuper {
                    Place::Deferred
                } else {
                    Place::Active
                };
                (Some(known.unwrap_or(unknown)), None)
            }
            Event::Verdict(verdict)
                if verdict.action == b"hold" || verdict.action == b"milter-hold" =>
            {
                (known, Some(Place::Hold))
            }
            _ => return None,
        };
        self.put(&key, to);
        let mut depth = Depth::default();
        for (place, sign) in [(from, -1), (to, 1)] {
            match place {
                Some(Place::Incoming) => depth.incoming += sign,
                Some(Place::Active) => depth.active += sign,
                Some(Place::Deferred) => depth.deferred += sign,
                Some(Place::Hold) => depth.hold += sign,
                None => {}
            }
        }
        let arrived = from == Some(Place::Incoming) && to == Some(Place::Active);
        Some(Step { depth, arrived })
    }

    fn put(&mut self, key: &[u8], place: Option<Place>) {
        let Some(place) = place else {
            self.places.remove(key);
            return;
        };
        let room = self.places.len() < CAPACITY;
        match self.places.get_mut(key) {
            Some(known) => *known = place,
            None if room => {
                self.places.insert(key.into(), place);
            }
            None => self.left_out += 1,
        }
    }
}
