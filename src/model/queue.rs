//! The queue as `postqueue -j` last listed it.
//!
//! Pieces of listings go in; out comes the last complete one, kept whole, with the counts by queue. A listing is no snapshot:
//! a message may be listed twice or be missed while it moves between queues (`postqueue(1)`), so messages are kept by queue id
//! and the later mention wins. A listing that broke off never replaces a complete one; it is shown as partial.
//!
//! With a hundred thousand messages whatever goes through all of them takes a long moment. So a complete listing is not shown at once: it is
//! the [next one](Queue::next) until all that is shown of it has been made, piece by piece, and then takes the place of the one before
//! ([`Queue::turn`]), which is taken down piece by piece as well.

mod listing;
#[cfg(test)]
mod tests;

use crate::model::history::Depth;
use crate::model::identity::{MessageKey, Target};
use crate::model::ledger::Place;
use crate::model::reasons::Reason;
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use listing::Building;
pub use listing::{Listing, PIECE};
use mailtop_parsers::QueueName;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Recipients kept per message; a message may have 50,000.
pub const RECIPIENTS_KEPT: usize = 50;

/// A recipient that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The address as listed.
    pub address: Box<str>,
    /// Its domain in lower case, shared between messages.
    pub domain: Arc<str>,
    /// Why it waits.
    pub reason: Option<Arc<Reason>>,
}

/// A message in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What an action would be aimed at.
    pub target: Target,
    /// Bytes.
    pub size: u64,
    /// Whether it was force-expired.
    pub forced_expire: bool,
    /// The recipients, at most [`RECIPIENTS_KEPT`].
    pub recipients: Vec<Waiting>,
    /// How many more there are.
    pub more: usize,
}

impl Message {
    /// When it arrived.
    pub fn arrival(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.target.key.arrival, 0).unwrap_or_default()
    }

    /// Seconds since arrival; 0 for stamps in the future.
    pub fn age(&self, now: DateTime<Utc>) -> i64 {
        now.timestamp()
            .saturating_sub(self.target.key.arrival)
            .max(0)
    }

    /// The one message as a depth: in which queue it is.
    pub fn depth(&self) -> Depth {
        Depth::one(Some(match self.target.queue {
            QueueName::Maildrop | QueueName::Incoming => Place::Incoming,
            QueueName::Active => Place::Active,
            QueueName::Deferred => Place::Deferred,
            QueueName::Hold => Place::Hold,
        }))
    }

    /// Whether its sender is the null sender, which `postqueue` lists as `MAILER-DAEMON`.
    pub fn is_bounce(&self) -> bool {
        &*self.target.sender == "MAILER-DAEMON"
    }

    /// The sender for the screen: `<>` for the null sender, which `postqueue` lists as `MAILER-DAEMON`.
    pub fn sender(&self) -> SafeText {
        if self.is_bounce() {
            SafeText::from("<>")
        } else {
            SafeText::from(&*self.target.sender)
        }
    }
}

/// Numbers about the listing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// When the listing that is shown ended.
    pub at: Option<DateTime<Utc>>,
    /// How long it took.
    pub took: Duration,
    /// When the next one starts.
    pub next: Option<DateTime<Utc>>,
    /// Lines of it that were no queue entry.
    pub bad_lines: u64,
    /// Messages seen so far by the listing that runs now; `None` when none runs.
    pub running: Option<usize>,
    /// Messages that the last listing showed before it broke off; `None` when it came to its end.
    pub broke_off: Option<usize>,
}

/// The last complete listing, the next one, and what is left of the one before.
#[derive(Debug, Default)]
pub struct Queue {
    shown: Arc<Listing>,
    next: Option<Next>,
    leaving: Vec<Arc<Listing>>,
    listed: Listed,
    /// Complete listings so far.
    number: u64,
    building: Building,
}

/// A complete listing that is not shown yet.
#[derive(Debug, Clone)]
struct Next {
    listing: Arc<Listing>,
    at: DateTime<Utc>,
    took: Duration,
    bad_lines: u64,
}

/// A copy is of complete listings: it has nothing that comes in, and nothing to take down.
impl Clone for Queue {
    fn clone(&self) -> Self {
        Self {
            shown: Arc::clone(&self.shown),
            next: self.next.clone(),
            listed: self.listed,
            number: self.number,
            ..Self::default()
        }
    }
}

impl Queue {
    /// The listing that is shown.
    pub fn shown(&self) -> &Listing {
        &self.shown
    }

    /// The complete listing that is to be shown as soon as all has been made of it that is shown.
    pub fn next(&self) -> Option<&Listing> {
        self.next.as_ref().map(|next| &*next.listing)
    }

    /// The messages, in the order listed.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.shown.messages()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.shown.count()
    }

    /// The message at that place of the listing.
    pub fn at(&self, place: usize) -> Option<&Message> {
        self.shown.at(place)
    }

    /// How many messages are in each queue.
    pub fn depth(&self) -> Depth {
        self.shown.depth()
    }

    /// Bytes of all messages.
    pub fn bytes(&self) -> u64 {
        self.shown.bytes()
    }

    /// About the listing itself.
    pub fn listed(&self) -> Listed {
        self.listed
    }

    /// The message with that identity, if it is still listed.
    pub fn message(&self, key: &MessageKey) -> Option<&Message> {
        self.at(self.shown.place(key)?)
    }

    /// A listing starts.
    pub fn begin(&mut self, instance: &str) {
        self.building = Building::new(instance, Arc::clone(&self.shown));
        self.listed.running = Some(0);
    }

    /// Lines of the running listing.
    pub fn lines(&mut self, lines: &[u8]) {
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            self.building.line(line);
        }
        self.listed.running = Some(self.building.count());
    }

    /// The running listing ended. When it was complete it is the next one from now on, and its depths are returned.
    pub fn end(
        &mut self,
        at: DateTime<Utc>,
        took: Duration,
        complete: bool,
        next: DateTime<Utc>,
    ) -> Option<Depth> {
        let building = std::mem::take(&mut self.building);
        self.listed.running = None;
        self.listed.next = Some(next);
        if !complete {
            self.listed.broke_off = Some(building.count());
            return None;
        }
        self.listed.broke_off = None;
        self.number += 1;
        let (listing, bad_lines) = building.end(self.number);
        let depth = listing.depth();
        let never_shown = self.next.replace(Next {
            listing: Arc::new(listing),
            at,
            took,
            bad_lines,
        });
        if let Some(next) = never_shown {
            self.leave(next.listing);
        }
        Some(depth)
    }

    /// The next listing is shown from now on; whether there was one.
    pub fn turn(&mut self) -> bool {
        let Some(next) = self.next.take() else {
            return false;
        };
        self.listed = Listed {
            at: Some(next.at),
            took: next.took,
            bad_lines: next.bad_lines,
            ..self.listed
        };
        let before = std::mem::replace(&mut self.shown, next.listing);
        self.leave(before);
        true
    }

    /// Takes down a piece of what is no longer shown; whether there is more. What somebody still looks at stays until they don't.
    pub fn take_down(&mut self) -> bool {
        let mut more = false;
        self.leaving.retain_mut(|listing| {
            // One piece of one of them.
            if more {
                return true;
            }
            let Some(listing) = Arc::get_mut(listing) else {
                return true;
            };
            more = listing.take_down();
            more
        });
        more
    }

    fn leave(&mut self, listing: Arc<Listing>) {
        // Where nobody takes down what left, no more than one waits for it.
        self.leaving.retain(|left| Arc::strong_count(left) > 1);
        self.leaving.push(listing);
    }
}

/// The domain of an address in lower case; `(no domain)` for a bare local part.
pub fn domain_of(address: &str) -> Cow<'_, str> {
    match address.rsplit_once('@') {
        Some((_, domain)) if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Cow::Owned(domain.to_ascii_lowercase())
        }
        Some((_, domain)) if !domain.is_empty() => Cow::Borrowed(domain),
        _ => Cow::Borrowed("(no domain)"),
    }
}
