//! Queue depth over time: how many messages were incoming, active, deferred and on hold, and how many came and went.
//!
//! Two kinds of facts go in: *steps* read from the log (a message entered or left a queue) and *counts* from complete
//! listings. A depth is the last count at or before a moment plus the steps since; before the first count it is that count
//! less the steps in between. Without any count it is what the log shows to have been there since before it began. So the
//! chart shows the time before mailtop was started, and a listing corrects whatever the log did not say.
//!
//! The newest [`SECONDS`] minutes are known by the second, what is older by the minute; [`KEPT`] minutes are kept. What a piece of
//! a log told joins what the piece before it told ([`Join`]).

mod depth;
#[cfg(test)]
mod tests;

use crate::model::ledger::Place;
use crate::model::minute::{Moment, minute_of};
use crate::model::table::Join;
use chrono::{DateTime, Utc};
pub use depth::{Depth, Flow};
use std::collections::{BTreeMap, VecDeque};

/// Minutes, the running one included, that are known by the second.
pub const SECONDS: i64 = 11;
/// Minutes kept: five weeks. A message stays five days in the queue (`postconf(5)`, `maximal_queue_lifetime`).
pub const KEPT: usize = 50_400;

/// What happened in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Slot {
    steps: Depth,
    counted: Option<Count>,
    flow: Flow,
}

/// What a listing counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    at: DateTime<Utc>,
    /// The depth at the end of the slot: as counted, with the steps since.
    end: Depth,
}

impl Slot {
    /// The depth at its end, from that at its beginning.
    fn after(&self, mut before: Depth) -> Depth {
        before.add(self.steps);
        self.counted.map_or(before, |count| count.end)
    }

    /// A log line is read a moment after what it tells: a step up to the moment of a count is in that count already.
    fn step(&mut self, time: DateTime<Utc>, step: impl Fn(&mut Depth)) {
        step(&mut self.steps);
        if let Some(count) = self.counted.as_mut().filter(|count| time > count.at) {
            step(&mut count.end);
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Of two slots of one span, the newer one's facts come after.
impl Join for Slot {
    fn join(&mut self, newer: Self) {
        self.steps.add(newer.steps);
        self.flow.add(newer.flow);
        if let Some(count) = &mut self.counted {
            count.end.add(newer.steps);
        }
        self.counted = newer.counted.or(self.counted);
    }
}

/// Queue depth and flow over time.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// By minute since 1970: all but the newest.
    minutes: BTreeMap<i64, Slot>,
    /// By second since 1970, ascending: the newest [`SECONDS`] minutes. A line is nearly always of the last one.
    seconds: VecDeque<(i64, Slot)>,
    newest: Option<i64>,
    /// Messages that are known to have been there before the first slot, as far as the log tells.
    before: Depth,
}

impl History {
    /// These messages had been there since before anything that is known.
    pub fn was_there_before(&mut self, open: Depth) {
        if open != Depth::default() {
            self.before.add(open);
        }
    }

    /// A message went from one queue to another; `None` is outside.
    pub fn step(&mut self, at: Moment, from: Option<Place>, to: Option<Place>) {
        if from != to {
            self.slot(at.second)
                .step(at.time, |depth| depth.step(from, to));
        }
    }

    /// The log has come to this second since 1970.
    pub fn advance(&mut self, to: i64) {
        // Asked of every line: a product is cheaper than a quotient.
        if self.newest.is_none_or(|newest| (newest + 1) * 60 <= to) {
            self.advance_to(to.div_euclid(60));
        }
    }

    /// What was told of that moment was wrong: the differences.
    pub fn correct(&mut self, time: DateTime<Utc>, step: Depth, arrived: i64) {
        let slot = self.slot(time.timestamp());
        slot.step(time, |depth| depth.add(step));
        slot.flow.arrived = slot.flow.arrived.saturating_add_signed(arrived);
    }

    /// Something passed through at `second` since 1970.
    pub fn flow(&mut self, second: i64, add: impl FnOnce(&mut Flow)) {
        add(&mut self.slot(second).flow);
    }

    /// A complete listing counted `depth` at `time`.
    pub fn count(&mut self, time: DateTime<Utc>, depth: Depth) {
        self.slot(time.timestamp()).counted = Some(Count {
            at: time,
            end: depth,
        });
    }

    #[inline]
    fn slot(&mut self, at: i64) -> &mut Slot {
        // Nearly every line is of the newest second.
        let last = self.seconds.len().wrapping_sub(1);
        if self
            .seconds
            .get(last)
            .is_some_and(|(second, _)| *second == at)
        {
            return &mut self.seconds[last].1;
        }
        self.older_or_newer(at)
    }

    #[cold]
    fn older_or_newer(&mut self, at: i64) -> &mut Slot {
        let minute = at.div_euclid(60);
        self.advance_to(minute);
        if self.newest.is_some_and(|newest| minute > newest - SECONDS) {
            second(&mut self.seconds, at)
        } else {
            self.minutes.entry(minute).or_default()
        }
    }

    /// Seconds that are no longer among the newest are gathered into minutes, and the oldest minutes are forgotten.
    fn advance_to(&mut self, minute: i64) {
        if self.newest.is_some_and(|newest| newest >= minute) {
            return;
        }
        self.newest = Some(minute);
        let first = (minute - SECONDS + 1) * 60;
        while let Some((second, slot)) = self.seconds.pop_front_if(|(second, _)| *second < first) {
            let minute = second.div_euclid(60);
            self.minutes.entry(minute).or_default().join(slot);
        }
        self.forget();
    }

    fn forget(&mut self) {
        while self.minutes.len() > KEPT
            && let Some((_, oldest)) = self.minutes.pop_first()
        {
            self.before = oldest.after(self.before);
        }
    }

    /// What passed through from `since` (its second included) to the newest.
    pub fn flow_since(&self, since: DateTime<Utc>) -> Flow {
        self.flow_between(since, DateTime::<Utc>::MAX_UTC)
    }

    /// What passed through from `since` to `until`, their seconds included; what is kept by the minute counts by whole minutes.
    pub fn flow_between(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> Flow {
        let mut sum = Flow::default();
        if until < since {
            return sum;
        }
        let minutes = self.minutes.range(minute_of(since)..=minute_of(until));
        let (begin, end) = (since.timestamp(), until.timestamp());
        let first = self.seconds.partition_point(|(second, _)| *second < begin);
        let last = self.seconds.partition_point(|(second, _)| *second <= end);
        let seconds = self
            .seconds
            .range(first..last.max(first))
            .map(|(_, slot)| slot);
        for slot in minutes.map(|(_, slot)| slot).chain(seconds) {
            sum.add(slot.flow);
        }
        sum
    }

    /// The first moment that anything is known of.
    pub fn begins(&self) -> Option<DateTime<Utc>> {
        let minute = self.minutes.keys().next().map(|minute| minute * 60);
        let first = minute.or_else(|| self.seconds.front().map(|(second, _)| *second))?;
        DateTime::from_timestamp(first, 0)
    }

    /// The depth at the end of each of `columns` equal spans between `since` and `until`; `None` before anything is known.
    pub fn depths(
        &self,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
        columns: usize,
    ) -> Vec<Option<Depth>> {
        let mut curve = self.curve().peekable();
        let (from, span) = (
            since.timestamp_millis(),
            (until - since).num_milliseconds().max(1),
        );
        let mut depth = None;
        (1..=columns as i64)
            .map(|column| {
                let mut end = (from + span * column / columns.max(1) as i64).div_euclid(1000);
                // The last span ends with the running second.
                end += i64::from(column == columns as i64);
                while let Some((_, value)) = curve.next_if(|(begin, _)| *begin < end) {
                    depth = Some(value);
                }
                depth
            })
            .collect()
    }

    /// The depth at the end of every minute or second of which anything is known, oldest first, with its first second.
    pub fn curve(&self) -> impl Iterator<Item = (i64, Depth)> {
        let mut running = self.depth_before_the_first_slot();
        self.slots().map(move |(begin, slot)| {
            running = slot.after(running);
            (begin, running.at_least_zero())
        })
    }

    fn slots(&self) -> impl Iterator<Item = (i64, &Slot)> {
        let minutes = self
            .minutes
            .iter()
            .map(|(minute, slot)| (minute * 60, slot));
        minutes.chain(self.seconds.iter().map(|(second, slot)| (*second, slot)))
    }

    fn depth_before_the_first_slot(&self) -> Depth {
        let (mut sum, mut lowest) = (Depth::default(), Depth::default());
        for (_, slot) in self.slots() {
            sum.add(slot.steps);
            if let Some(count) = slot.counted {
                return count.end.less(sum).at_least_zero();
            }
            lowest = lowest.min(sum);
        }
        // More may have left than the log showed to be there.
        self.before.max(Depth::default().less(lowest))
    }
}

/// Two are equal when they tell the same; spans in which all cancelled out tell nothing.
impl PartialEq for History {
    fn eq(&self, other: &Self) -> bool {
        let telling = |history: &Self| {
            let minutes = history.minutes.iter().map(|(at, slot)| (*at, *slot));
            let seconds = history.seconds.iter().copied();
            let told = |(_, slot): &(i64, Slot)| !slot.is_empty();
            let told: [Vec<_>; 2] = [
                minutes.filter(told).collect(),
                seconds.filter(told).collect(),
            ];
            told
        };
        telling(self) == telling(other)
            && (self.newest, self.before) == (other.newest, other.before)
    }
}

impl Join for History {
    fn join(&mut self, newer: Self) {
        self.before.add(newer.before);
        if let Some(newest) = newer.newest {
            self.advance_to(newest);
        }
        // What the older piece knows by the second stays so only where it is among the newest of both.
        let first = self
            .newest
            .map_or(i64::MIN, |newest| (newest - SECONDS + 1) * 60);
        for (minute, slot) in newer.minutes {
            self.minutes.entry(minute).or_default().join(slot);
        }
        for (at, slot) in newer.seconds {
            if at >= first {
                second(&mut self.seconds, at).join(slot);
            } else {
                self.minutes
                    .entry(at.div_euclid(60))
                    .or_default()
                    .join(slot);
            }
        }
        self.forget();
    }
}

/// The slot of that second.
fn second(seconds: &mut VecDeque<(i64, Slot)>, at: i64) -> &mut Slot {
    let last = seconds.len().wrapping_sub(1);
    let place = match seconds.back() {
        Some((newest, _)) if *newest == at => last,
        Some((newest, _)) if *newest > at => {
            let place = seconds.partition_point(|(second, _)| *second < at);
            if seconds[place].0 != at {
                seconds.insert(place, (at, Slot::default()));
            }
            place
        }
        _ => {
            seconds.push_back((at, Slot::default()));
            last.wrapping_add(1)
        }
    };
    &mut seconds[place].1
}
