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

/// Bytes of the longest instance name with queue id that is remembered.
const LONGEST: usize = 128;

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
    /// Where a message that was never mentioned before must have been since before the log began.
    pub open: Depth,
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
        // When too many are in flight an unknown message may be one that was not remembered.
        let open = from.filter(|_| known.is_none() && self.left_out == 0);
        self.put(&key, to);
        let arrived = from == Some(Place::Incoming) && to == Some(Place::Active);
        Some(Step {
            depth: count(to).less(count(from)),
            arrived,
            open: count(open),
        })
    }

    fn put(&mut self, key: &[u8], place: Option<Place>) {
        // An instance's name comes from the line; no real one is that long.
        if key.len() > LONGEST {
            self.left_out += 1;
            return;
        }
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

/// One message in that place, or none.
fn count(place: Option<Place>) -> Depth {
    let mut depth = Depth::default();
    match place {
        Some(Place::Incoming) => depth.incoming = 1,
        Some(Place::Active) => depth.active = 1,
        Some(Place::Deferred) => depth.deferred = 1,
        Some(Place::Hold) => depth.hold = 1,
        None => {}
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued(ledger: &mut Ledger, instance: &str, id: usize) {
        let line = format!(
            "2026-11-24T10:00:00+00:00 mx1 {instance}/qmgr[1]: {id:X}: from=<a@b.example>, size=1, nrcpt=1 (queue active)"
        );
        let anchor = chrono::DateTime::parse_from_rfc3339("2026-11-24T12:00:00+00:00").unwrap();
        let calendar = mailtop_parsers::Calendar { anchor };
        ledger.on(&mailtop_parsers::parse(line.as_bytes(), &calendar));
    }

    #[test]
    fn no_more_messages_are_remembered_than_there_is_room_for() {
        let mut ledger = Ledger::default();
        for id in 0..CAPACITY - 1 {
            let key = id.to_string().into_bytes().into();
            ledger.places.insert(key, Place::Deferred);
        }
        for id in 0..3 {
            queued(&mut ledger, "postfix", 0x1000_0000 + id);
        }
        assert_eq!((ledger.places.len(), ledger.left_out()), (CAPACITY, 2));
    }

    #[test]
    fn an_instance_with_an_endless_name_is_not_remembered() {
        let mut ledger = Ledger::default();
        queued(&mut ledger, &"postfix".repeat(100), 0x1000_0000);
        assert!(ledger.places.is_empty());
    }
}
