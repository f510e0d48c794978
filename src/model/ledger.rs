//! The ledger: the messages in flight, and which queue each is in, as far as the log has said.
//!
//! Records go in, [`Turn`]s come out: what each changed. A message that the log mentions for the first time without its birth was
//! there before (*open to the left*); it is taken to have been where such a record finds a message, and the first few moves of its
//! life are remembered ([`life`]), so that a piece of the log that is read later but was written earlier can put right what was
//! assumed ([`join`]). What is not kept: anything of messages that have left the queue, except of those open to the left.
//!
//! Queue ids are used again as soon as a message is removed (`postsuper(1)`, BUGS), and a log can lose the line that says so. So a
//! birth never ends another message: messages of one id lie on a stack, and records are about the newest.
//!
//! Which daemon says what: `qmgr/qmgr_message.c` (queue active), `qmgr/qmgr_active.c` (removed), `postsuper/postsuper.c`.

mod join;
pub mod life;
#[cfg(test)]
mod tests;

use crate::model::history::Depth;
use crate::model::table::{Map, stand_in};
use chrono::{DateTime, Utc};
use hashbrown::hash_map::Entry;
pub use join::Correction;
pub use life::{Life, Move, Origin, Place};
use mailtop_parsers::{Event, QueueId, Record, Status};

/// Messages in flight that are remembered; more are counted in [`Ledger::left_out`].
const CAPACITY: usize = 1_000_000;

/// Messages of one id that are remembered at once; a log that loses lines for ever must not fill the memory.
const STACK: usize = 16;

/// The messages in flight.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    /// By host, instance and queue id, the newest last.
    lives: Map<u64, Stack>,
    /// Messages open to the left that have left the queue.
    ended: Map<u64, Vec<Life>>,
    left_out: u64,
}

/// The messages of one queue id: nearly always one.
#[derive(Debug, Clone, PartialEq)]
struct Stack {
    top: Life,
    below: Vec<Life>,
}

/// What a record changed.
#[derive(Debug, Default)]
pub struct Turn<'a> {
    /// Where the message was; `None`: outside.
    pub from: Option<Place>,
    /// Where it is now.
    pub to: Option<Place>,
    /// Where a message that was never mentioned before must have been since before the log began.
    pub open: Option<Place>,
    /// The message, when it is in flight.
    pub message: Option<&'a mut Life>,
}

impl Turn<'_> {
    /// Whether a message reached the queue manager for the first time.
    pub fn arrived(&self) -> bool {
        arrives(self.from, self.to)
    }
}

impl Ledger {
    /// Messages that were not remembered because too many are in flight.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The message with that id in that instance on that host, as the log names them, when it is in flight.
    pub fn life(&self, host: Option<&[u8]>, instance: &[u8], id: QueueId<'_>) -> Option<&Life> {
        let instance = HostKey::new(host).instance(instance);
        let stack = self.lives.get(&stand_in((instance, id)))?;
        Some(&stack.top)
    }

    /// Takes one record of that host in, logged at `time`; `None` when it moves no message.
    pub fn on(
        &mut self,
        record: &Record<'_>,
        host: HostKey,
        time: DateTime<Utc>,
    ) -> Option<Turn<'_>> {
        let step = Step::of(record);
        if step.is_none() && !matches!(record.event, Event::Client { .. } | Event::Pickup { .. }) {
            return None;
        }
        let id = record.event.queue_id()?;
        let key = stand_in((host.of(record), id));
        let Some(step) = step else {
            return Some(self.birth(key));
        };
        if step.to == Move::To(None) {
            return Some(self.leave(key, step.assumed, time));
        }
        // When too many are in flight an unknown message may be one that was not remembered.
        let open = step.assumed.filter(|_| self.left_out == 0);
        let full = self.lives.len() >= CAPACITY;
        let (stack, open) = match self.lives.entry(key) {
            Entry::Occupied(known) => (known.into_mut(), None),
            Entry::Vacant(_) if full => {
                self.left_out += 1;
                return None;
            }
            Entry::Vacant(room) => (room.insert(Stack::new(Life::open(step.assumed))), open),
        };
        let before = stack.top.place;
        stack.top.go(step.to, time);
        Some(Turn {
            from: before,
            to: stack.top.place,
            open,
            message: Some(&mut stack.top),
        })
    }

    fn birth(&mut self, key: u64) -> Turn<'_> {
        let full = self.lives.len() >= CAPACITY;
        let stack = match self.lives.entry(key) {
            Entry::Occupied(known) => {
                let stack = known.into_mut();
                stack.push(Life::born());
                stack
            }
            Entry::Vacant(_) if full => {
                self.left_out += 1;
                return Turn::default();
            }
            Entry::Vacant(room) => room.insert(Stack::new(Life::born())),
        };
        Turn {
            to: Some(Place::Incoming),
            message: Some(&mut stack.top),
            ..Turn::default()
        }
    }

    /// The newest message of that id leaves; it is remembered when it was open to the left.
    fn leave(&mut self, key: u64, assumed: Option<Place>, time: DateTime<Utc>) -> Turn<'_> {
        let (mut life, open) = match self.pop(key) {
            Some(life) => (life, None),
            None => (Life::open(assumed), assumed.filter(|_| self.left_out == 0)),
        };
        let before = life.place;
        life.go(Move::To(None), time);
        if life.origin.is_some() {
            if self.ended.len() < CAPACITY {
                self.ended.entry(key).or_default().push(life);
            } else {
                self.left_out += 1;
            }
        }
        Turn {
            from: before,
            open,
            ..Turn::default()
        }
    }

    fn pop(&mut self, key: u64) -> Option<Life> {
        let Entry::Occupied(mut known) = self.lives.entry(key) else {
            return None;
        };
        let stack = known.get_mut();
        Some(match stack.below.pop() {
            Some(below) => std::mem::replace(&mut stack.top, below),
            None => known.remove().top,
        })
    }

    /// Messages in flight by where they are, as far as the log tells.
    pub fn depth(&self) -> Depth {
        let mut depth = Depth::default();
        for stack in self.lives.values() {
            for life in stack.below.iter().chain([&stack.top]) {
                depth.add(Depth::one(life.place));
            }
        }
        depth
    }
}

/// What stands for a host, as the log names it, when queue ids are looked up: they are unique in one of its instances.
#[derive(Debug, Clone, Copy)]
pub struct HostKey {
    host: u64,
    /// What stands for the instance that most hosts have alone.
    usual: u64,
}

impl HostKey {
    const USUAL: &[u8] = b"postfix";

    /// Of the host of that name.
    pub fn new(host: Option<&[u8]>) -> Self {
        let host = stand_in(host);
        let usual = stand_in((host, Self::USUAL));
        Self { host, usual }
    }

    fn instance(self, instance: &[u8]) -> u64 {
        stand_in((self.host, instance))
    }

    /// That of the instance that wrote the record.
    fn of(self, record: &Record<'_>) -> u64 {
        let rest = record.program.strip_prefix(Self::USUAL);
        if rest.is_some_and(|rest| rest.starts_with(b"/")) {
            self.usual
        } else {
            self.instance(record.instance())
        }
    }
}

/// Whether postsuper(1) wrote the record, an operator's hand. Nearly always the last letter tells.
pub fn is_postsuper(record: &Record<'_>) -> bool {
    record.program.ends_with(b"postsuper") && record.daemon() == b"postsuper"
}

/// Whether that step is the queue manager's first taking of a message.
fn arrives(from: Option<Place>, to: Option<Place>) -> bool {
    from == Some(Place::Incoming) && to == Some(Place::Active)
}

impl Stack {
    fn new(life: Life) -> Self {
        Self {
            top: life,
            below: Vec::new(),
        }
    }

    fn push(&mut self, life: Life) {
        if self.below.len() == STACK {
            self.below.remove(0);
        }
        self.below.push(std::mem::replace(&mut self.top, life));
    }
}

/// What a record does to a message's place.
struct Step {
    to: Move,
    /// Where it must have been when nothing is known of it.
    assumed: Option<Place>,
}

impl Step {
    fn of(record: &Record<'_>) -> Option<Self> {
        let (to, assumed) = match &record.event {
            Event::Cleanup { .. } => (Move::Appear, None),
            Event::Queued { .. } => (Move::To(Some(Place::Active)), Some(Place::Deferred)),
            Event::Delivery(delivery)
                if matches!(delivery.status, Status::Deferred | Status::SoftBounce) =>
            {
                (Move::Defer, Some(Place::Active))
            }
            // Whatever else happens to a recipient happens to an active message.
            Event::Delivery(_) => (Move::Stay, Some(Place::Active)),
            Event::Hold { .. } => (Move::To(Some(Place::Hold)), Some(Place::Deferred)),
            Event::Released { .. } => (Move::To(Some(Place::Deferred)), Some(Place::Hold)),
            Event::Requeued { .. } => (Move::To(None), Some(Place::Deferred)),
            Event::Removed { .. } if is_postsuper(record) => {
                (Move::To(None), Some(Place::Deferred))
            }
            Event::Removed { .. } => (Move::To(None), Some(Place::Active)),
            Event::Verdict(verdict) if verdict.verb() == b"hold" => {
                (Move::To(Some(Place::Hold)), None)
            }
            _ => return None,
        };
        Some(Self { to, assumed })
    }
}
