//! Queue depth over time: how many messages were incoming, active, deferred and on hold, and how many came and went.
//!
//! Two kinds of facts go in: *steps* read from the log (a message entered or left a queue) and *counts* from complete
//! listings. A depth is the last count at or before a moment plus the steps since; before the first count it is that count
//! less the steps in between. Without any count it is what the log shows to have been there since before it began. So the
//! chart shows the time before mailtop was started, and a listing corrects whatever the log did not say.
//!
//! Resolution is [`SLOT`] seconds; [`KEPT`] slots are kept.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Seconds in one slot.
pub const SLOT: i64 = 10;
/// Slots kept: 24 hours and a bit.
pub const KEPT: usize = 8_800;

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
    fn add(&mut self, other: Self) {
        self.incoming += other.incoming;
        self.active += other.active;
        self.deferred += other.deferred;
        self.hold += other.hold;
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

    fn at_least_zero(self) -> Self {
        Self {
            incoming: self.incoming.max(0),
            active: self.active.max(0),
            deferred: self.deferred.max(0),
            hold: self.hold.max(0),
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            incoming: self.incoming.max(other.incoming),
            active: self.active.max(other.active),
            deferred: self.deferred.max(other.deferred),
            hold: self.hold.max(other.hold),
        }
    }

    fn min(self, other: Self) -> Self {
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

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    steps: Depth,
    counted: Option<Count>,
    flow: Flow,
}

impl Slot {
    /// The depth at its end, from that at its beginning.
    fn after(&self, before: Depth) -> Depth {
        let (mut depth, steps) = match self.counted {
            Some(count) => (count.depth, self.steps.less(count.included)),
            None => (before, self.steps),
        };
        depth.add(steps);
        depth
    }
}

/// What a listing counted.
#[derive(Debug, Clone, Copy)]
struct Count {
    depth: Depth,
    at: DateTime<Utc>,
    /// The slot's steps up to that moment, whenever they are read: they are in the count already.
    included: Depth,
}

/// Queue depth and flow, by slot.
#[derive(Debug, Clone, Default)]
pub struct History {
    slots: BTreeMap<i64, Slot>,
    /// Messages that are known to have been there before the first slot, as far as the log tells.
    before: Depth,
}

fn slot_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(SLOT)
}

impl History {
    /// These messages had been there since before anything that is known.
    pub fn was_there_before(&mut self, open: Depth) {
        self.before.add(open);
    }

    /// A message entered and left queues at `time`.
    pub fn step(&mut self, time: DateTime<Utc>, step: Depth) {
        let slot = self.slot(time);
        slot.steps.add(step);
        if let Some(count) = slot.counted.as_mut().filter(|count| time <= count.at) {
            count.included.add(step);
        }
    }

    /// Something passed through at `time`.
    pub fn flow(&mut self, time: DateTime<Utc>, flow: Flow) {
        self.slot(time).flow.add(flow);
    }

    /// A complete listing counted `depth` at `time`.
    pub fn count(&mut self, time: DateTime<Utc>, depth: Depth) {
        let slot = self.slot(time);
        slot.counted = Some(Count {
            depth,
            at: time,
            included: slot.steps,
        });
    }

    fn slot(&mut self, time: DateTime<Utc>) -> &mut Slot {
        let at = slot_of(time);
        if self.slots.len() >= KEPT
            && !self.slots.contains_key(&at)
            && let Some((_, oldest)) = self.slots.pop_first()
        {
            self.before = oldest.after(self.before);
        }
        self.slots.entry(at).or_default()
    }

    /// What passed through from `since` (its slot included) to the newest slot.
    pub fn flow_since(&self, since: DateTime<Utc>) -> Flow {
        let mut sum = Flow::default();
        for slot in self.slots.range(slot_of(since)..).map(|(_, slot)| slot) {
            sum.add(slot.flow);
        }
        sum
    }

    /// The first moment that anything is known of.
    pub fn begins(&self) -> Option<DateTime<Utc>> {
        let (first, _) = self.slots.first_key_value()?;
        DateTime::from_timestamp(first * SLOT, 0)
    }

    /// The depth at the end of each of `columns` equal spans between `since` and `until`; `None` before anything is known.
    pub fn depths(
        &self,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
        columns: usize,
    ) -> Vec<Option<Depth>> {
        let curve = self.curve();
        let (from, span) = (
            since.timestamp_millis(),
            (until - since).num_milliseconds().max(1),
        );
        let mut at = 0;
        let mut depth = None;
        (1..=columns as i64)
            .map(|column| {
                let end = (from + span * column / columns.max(1) as i64).div_euclid(1000);
                while let Some((_, value)) = curve.get(at).filter(|(slot, _)| slot * SLOT < end) {
                    depth = Some(*value);
                    at += 1;
                }
                depth
            })
            .collect()
    }

    /// The depth at the end of every slot that is known, oldest first.
    fn curve(&self) -> Vec<(i64, Depth)> {
        let mut running = self.depth_before_the_first_slot();
        let mut curve = Vec::with_capacity(self.slots.len());
        for (at, slot) in &self.slots {
            running = slot.after(running);
            curve.push((*at, running.at_least_zero()));
        }
        curve
    }

    fn depth_before_the_first_slot(&self) -> Depth {
        let (mut sum, mut lowest) = (Depth::default(), Depth::default());
        for slot in self.slots.values() {
            if let Some(count) = slot.counted {
                sum.add(count.included);
                return count.depth.less(sum).at_least_zero();
            }
            sum.add(slot.steps);
            lowest = lowest.min(sum);
        }
        // More may have left than the log showed to be there.
        self.before.max(Depth::default().less(lowest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + second, 0).unwrap()
    }

    fn deferred(count: i64) -> Depth {
        Depth {
            deferred: count,
            ..Depth::default()
        }
    }

    fn curve(history: &History, until: i64, columns: usize) -> Vec<Option<i64>> {
        let depths = history.depths(at(0), at(until), columns);
        depths
            .into_iter()
            .map(|depth| depth.map(|depth| depth.deferred))
            .collect()
    }

    #[test]
    fn a_listing_reaches_back_to_the_time_before_it() {
        let mut history = History::default();
        history.step(at(5), deferred(2));
        history.step(at(15), deferred(3));
        history.count(at(25), deferred(105));
        history.step(at(26), deferred(-1));
        assert_eq!(curve(&history, 30, 3), [Some(102), Some(105), Some(104)]);
    }

    #[test]
    fn the_last_listing_wins_over_the_steps() {
        let mut history = History::default();
        history.count(at(5), deferred(10));
        history.step(at(15), deferred(1));
        history.count(at(25), deferred(40));
        assert_eq!(curve(&history, 30, 3), [Some(10), Some(11), Some(40)]);
    }

    /// A log line is read a moment after what it tells: a listing in between has counted it already.
    #[test]
    fn a_step_that_is_read_after_the_listing_that_counted_it_counts_once() {
        let mut history = History::default();
        history.count(at(27), deferred(62));
        history.step(at(26), deferred(62));
        history.step(at(28), deferred(-2));
        assert_eq!(curve(&history, 30, 3), [None, None, Some(60)]);
    }

    #[test]
    fn without_a_listing_no_depth_is_below_zero() {
        let mut history = History::default();
        history.step(at(5), deferred(-4));
        history.step(at(15), deferred(1));
        assert_eq!(curve(&history, 20, 2), [Some(0), Some(1)]);
    }

    #[test]
    fn nothing_is_known_before_the_first_fact() {
        let mut history = History::default();
        history.count(at(25), deferred(7));
        assert_eq!(curve(&history, 40, 4), [None, None, Some(7), Some(7)]);
    }

    #[test]
    fn only_a_day_is_kept() {
        let mut history = History::default();
        for slot in 0..(KEPT as i64 + 100) {
            history.step(at(slot * SLOT), deferred(1));
        }
        assert_eq!(history.slots.len(), KEPT);
    }

    /// What came before the slots that are kept is still in the queue.
    #[test]
    fn what_is_forgotten_still_counts() {
        let mut history = History::default();
        history.was_there_before(deferred(2));
        let slots = KEPT as i64 + 100;
        for slot in 0..slots {
            history.step(at(slot * SLOT), deferred(1));
        }
        let end = slots * SLOT;
        let depths = history.depths(at(end - SLOT), at(end), 1);
        assert_eq!(depths, [Some(deferred(slots + 2))]);
    }
}
