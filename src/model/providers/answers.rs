//! Answers: what mail servers answered to delivery attempts, by time, provider, recipient domain and code; and to the failed ones in which words, to whose
//! mail.
//!
//! One call for each delivery goes in; the tables of a day come out, which [`super::matrix`] and [`super::cell`] sum up. An ordinary delivery costs one
//! look-up and no allocation. The tables of a slot are bounded: beyond [`SENT`] or [`FAILED`] rows, first the domain and then the words of an answer are no
//! longer told apart; counts by provider and code stay true.

#[cfg(test)]
mod tests;

use super::delays::Delays;
use super::slots::Slots;
use super::{Code, Outcome};
use crate::knowledge::Provider;
use crate::model::causes::Span;
use crate::model::minute::minute_of;
use crate::model::table::{Distinct, Join, Map, Table};
use chrono::{DateTime, Utc};
use hashbrown::Equivalent;
use mailtop_parsers::EnhancedStatus;
use mailtop_parsers::record::Delivery;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Rows of delivered mail in one slot.
const SENT: usize = 1_000;
/// Rows of failed attempts in one slot.
const FAILED: usize = 200;
/// Rows beyond those, for what is no longer told apart.
const ROOM: usize = 100;
/// Senders told apart in one row.
const SENDERS: usize = 20;
/// Messages told apart in one row.
const MESSAGES: usize = 2_000;

/// What was answered in one slot of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slot {
    pub(super) sent: Map<Sent, u64>,
    pub(super) failed: Map<Failed, Failure>,
    /// By provider, in its order.
    pub(super) delays: Vec<(Provider, Delays)>,
}

/// A row of delivered mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    /// `None` when too many are told apart.
    pub(super) domain: Option<Arc<str>>,
    /// `None` when no relay told it.
    pub(super) provider: Option<Provider>,
    pub(super) dsn: Option<EnhancedStatus>,
}

/// What a row is looked up with.
struct AskedSent<'a> {
    domain: &'a str,
    provider: Option<Provider>,
    dsn: Option<EnhancedStatus>,
}

impl Equivalent<Sent> for AskedSent<'_> {
    fn equivalent(&self, row: &Sent) -> bool {
        row.dsn == self.dsn
            && row.domain.as_deref() == Some(self.domain)
            && row.provider == self.provider
    }
}

// Domain and code alone make the hash: they nearly always tell the provider.
fn hash(domain: Option<&str>, dsn: Option<EnhancedStatus>, state: &mut impl Hasher) {
    state.write(domain.unwrap_or_default().as_bytes());
    let packed = dsn.map_or(0, |dsn| {
        u64::from(dsn.class) << 32 | u64::from(dsn.subject) << 16 | u64::from(dsn.detail)
    });
    state.write_u64(packed);
}

impl Hash for Sent {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.domain.as_deref(), self.dsn, state);
    }
}

impl Hash for AskedSent<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(Some(self.domain), self.dsn, state);
    }
}

/// A row of failed attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The recipient domain; `None` when too many are told apart.
    pub domain: Option<Arc<str>>,
    /// Who runs the host that was reached, or named in the answer.
    pub provider: Option<Provider>,
    /// What became of the attempt.
    pub outcome: Outcome,
    /// The codes.
    pub code: Code,
    /// The folded reason, as [`crate::model::causes`] names it; `None` when too many are told apart.
    pub cause: Option<Arc<str>>,
}

// The words are long, and few for one domain and code.
impl Hash for Failed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.domain.as_deref(), self.code.dsn, state);
    }
}

/// What is known of such attempts.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Failure {
    pub(super) attempts: u64,
    pub(super) seen: Span,
    /// Messages, by queue id.
    pub(super) messages: Distinct<MESSAGES>,
    /// Attempts by envelope sender, where it is known.
    pub(super) senders: Table<u64, SENDERS>,
}

impl Join for Failure {
    fn join(&mut self, newer: Self) {
        self.attempts += newer.attempts;
        self.seen.join(newer.seen);
        self.messages.join(newer.messages);
        self.senders.join(newer.senders);
    }
}

impl Slot {
    fn sent(&mut self, row: Sent, count: u64) {
        let many = self.sent.len();
        let row = match many {
            _ if many < SENT || self.sent.contains_key(&row) => row,
            _ => Sent {
                domain: None,
                dsn: row.dsn.filter(|_| many < SENT + ROOM),
                ..row
            },
        };
        *self.sent.entry(row).or_default() += count;
    }

    /// The row for such attempts, or the one for those that are not told apart.
    fn failed(&mut self, row: Failed) -> &mut Failure {
        let row = self.kept(row);
        self.failed.entry(row).or_default()
    }

    fn kept(&self, mut row: Failed) -> Failed {
        let many = self.failed.len();
        if many < FAILED || self.failed.contains_key(&row) {
            return row;
        }
        row.domain = None;
        if many < FAILED + ROOM || self.failed.contains_key(&row) {
            return row;
        }
        row.cause = None;
        if many >= FAILED + 2 * ROOM && !self.failed.contains_key(&row) {
            row.code = Code::default();
        }
        row
    }

    fn delays(&mut self, provider: Provider) -> &mut Delays {
        let place = match self.delays.binary_search_by(|(of, _)| of.cmp(&provider)) {
            Ok(place) => place,
            Err(place) => {
                self.delays.insert(place, (provider, Delays::default()));
                place
            }
        };
        &mut self.delays[place].1
    }
}

impl Join for Slot {
    fn join(&mut self, newer: Self) {
        if self.sent.is_empty() {
            self.sent = newer.sent;
        } else {
            for (row, count) in newer.sent {
                self.sent(row, count);
            }
        }
        for (row, failure) in newer.failed {
            self.failed(row).join(failure);
        }
        for (provider, delays) in newer.delays {
            self.delays(provider).join(delays);
        }
    }
}

/// What was answered, by time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answers {
    pub(super) slots: Slots<Slot>,
}

impl Answers {
    /// A recipient of `domain` was delivered. `shared` gives a copy of the domain's name to keep; it is asked only when the row is new.
    pub fn sent(
        &mut self,
        at: DateTime<Utc>,
        delivery: &Delivery<'_>,
        domain: &str,
        provider: Option<Provider>,
        shared: impl FnOnce() -> Arc<str>,
    ) {
        let Some(slot) = self.slots.at(minute_of(at)) else {
            return;
        };
        let dsn = delivery.dsn;
        let asked = AskedSent {
            domain,
            provider,
            dsn,
        };
        match slot.sent.get_mut(&asked) {
            Some(count) => *count += 1,
            None => slot.sent(
                Sent {
                    domain: Some(shared()),
                    provider,
                    dsn,
                },
                1,
            ),
        }
        slot.delays(provider.unwrap_or(Provider::OTHER))
            .add(delivery);
    }

    /// An attempt failed: a row as of [`Failed`], the message's queue id hashed or whole, and the sender where it is known.
    pub fn failed(
        &mut self,
        at: DateTime<Utc>,
        row: Failed,
        message: impl Hash,
        sender: Option<&Arc<str>>,
    ) {
        let Some(slot) = self.slots.at(minute_of(at)) else {
            return;
        };
        let failure = slot.failed(row);
        failure.attempts += 1;
        failure.seen.add(at);
        failure.messages.add(message);
        if let Some(sender) = sender {
            *failure.senders.row_shared(sender) += 1;
        }
    }

    /// It has turned out who sent the mail of attempts that are counted already.
    pub fn sender_known(&mut self, minute: i64, row: Failed, attempts: u64, sender: &Arc<str>) {
        if let Some(slot) = self.slots.known(minute) {
            let row = slot.kept(row);
            if let Some(failure) = slot.failed.get_mut(&row) {
                *failure.senders.row_shared(sender) += attempts;
            }
        }
    }

    /// A TLS session to a provider's host began.
    pub fn session(
        &mut self,
        at: DateTime<Utc>,
        provider: Provider,
        tls: &mailtop_parsers::record::Tls<'_>,
    ) {
        if let Some(slot) = self.slots.at(minute_of(at)) {
            slot.delays(provider).session(tls);
        }
    }
}

impl Join for Answers {
    fn join(&mut self, newer: Self) {
        self.slots.join(newer.slots);
    }
}
