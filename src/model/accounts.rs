//! Accounts: who sends mail with a password (SASL), how much, from where, whereto, and what became of it.
//!
//! smtpd(8) says whose message it takes (`client=…, sasl_username=…`), qmgr(8) how many recipients it has, and the delivery agents
//! what became of each; the [ledger](crate::model::ledger) carries the account from the one to the others. Out comes each account over
//! the span that is known ([`Party`]), and over any span of time: messages and recipients when the queue manager took them, outcomes of
//! attempts when they happened. What is remarkable about an account is judged in [`judge`].
//!
//! Deliberately not here: envelope senders and clients without an account ([`parties`](crate::model::parties)), and who failed to
//! authenticate ([`auth_failures`](crate::model::auth_failures)).
//!
//! Formats: `smtpd/smtpd.c` (`client=`), RFC 4954 for the account.

pub mod judge;
mod row;
#[cfg(test)]
mod tests;

use crate::model::auth_failures::source_of;
use crate::model::causes::Span;
use crate::model::kept::{Kept, Weight};
use crate::model::ledger::Correction;
use crate::model::ledger::life::Queued;
use crate::model::minutes::Minutes;
use crate::model::parties::Party;
use crate::model::providers::Outcomes;
use crate::model::table::{Join, Name, Table};
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::Status;
pub use row::{AccountRow, remarkable, rows};
use std::net::IpAddr;
use std::sync::Arc;

/// Accounts told apart.
pub const ACCOUNTS: usize = 100_000;
/// Addresses of one account that are told apart, those used last.
const ADDRESSES: usize = 1_000;
/// Recipient domains of one account that are told apart, those with most attempts.
const DESTINATIONS: usize = 50;
/// Envelope senders of one account that are told apart, those with most messages.
const SENDERS: usize = 20;

/// Outcomes of delivery attempts, small enough to be kept for every minute and domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    sent: u32,
    deferred: u32,
    bounced: u32,
}

impl Reached {
    /// One attempt; `None` for a probe, which delivers nothing.
    pub fn of(status: Status) -> Option<Self> {
        let mut one = Self::default();
        *match status {
            Status::Sent => &mut one.sent,
            Status::Deferred | Status::SoftBounce => &mut one.deferred,
            Status::Bounced => &mut one.bounced,
            Status::Deliverable | Status::Undeliverable => return None,
        } = 1;
        Some(one)
    }

    /// Recipients sent and bounced, attempts deferred.
    pub fn outcomes(self) -> Outcomes {
        Outcomes {
            sent: self.sent.into(),
            deferred: self.deferred.into(),
            bounced: self.bounced.into(),
        }
    }
}

impl Join for Reached {
    fn join(&mut self, newer: Self) {
        self.sent = self.sent.saturating_add(newer.sent);
        self.deferred = self.deferred.saturating_add(newer.deferred);
        self.bounced = self.bounced.saturating_add(newer.bounced);
    }
}

impl Weight for Reached {
    fn weight(&self) -> i64 {
        self.outcomes().attempts() as i64
    }
}

/// What an account did in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Messages that the queue manager took.
    pub messages: u32,
    /// Their recipients.
    pub recipients: u32,
    /// What became of recipients, whenever their message came.
    pub reached: Reached,
}

impl Join for Sent {
    fn join(&mut self, newer: Self) {
        self.messages = self.messages.saturating_add(newer.messages);
        self.recipients = self.recipients.saturating_add(newer.recipients);
        self.reached.join(newer.reached);
    }
}

/// When an address was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// The first and the last time.
    pub seen: Span,
    /// Messages begun.
    pub messages: u32,
}

impl Join for Used {
    fn join(&mut self, newer: Self) {
        self.seen.join(newer.seen);
        self.messages = self.messages.saturating_add(newer.messages);
    }
}

impl Weight for Used {
    fn weight(&self) -> i64 {
        self.seen.last.map_or(i64::MIN, |last| last.timestamp())
    }
}

/// Messages of one envelope sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Messages(u32);

impl Join for Messages {
    fn join(&mut self, newer: Self) {
        self.0 = self.0.saturating_add(newer.0);
    }
}

impl Weight for Messages {
    fn weight(&self) -> i64 {
        self.0.into()
    }
}

/// The last time that an account handed a message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// When.
    pub at: DateTime<Utc>,
    /// The client's address; `None` when the log says `unknown`.
    pub address: Option<IpAddr>,
    /// The SASL mechanism: `PLAIN`.
    pub method: Option<Box<str>>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// What it sent over the whole span.
    pub party: Party,
    minutes: Minutes<Sent>,
    /// IPv6 by /64.
    addresses: Kept<IpAddr, Used, ADDRESSES>,
    destinations: Kept<Arc<str>, Reached, DESTINATIONS>,
    senders: Kept<Arc<str>, Messages, SENDERS>,
    first: Option<DateTime<Utc>>,
    last: Option<Submission>,
}

impl Account {
    /// smtpd(8) takes a message of it, from that address.
    pub fn submits(&mut self, at: DateTime<Utc>, address: Option<IpAddr>, method: Option<&[u8]>) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        if let Some(source) = address.map(source_of) {
            self.addresses.with(
                &source,
                || source,
                |_, used| {
                    used.seen.add(at);
                    used.messages = used.messages.saturating_add(1);
                },
            );
        }
        let last = self.last.get_or_insert(Submission {
            at,
            address,
            method: None,
        });
        (last.at, last.address) = (at, address);
        if last.method.as_deref().map(str::as_bytes) != method {
            last.method = method.map(|method| String::from_utf8_lossy(method).into());
        }
    }

    /// qmgr(8) takes it.
    pub fn queued(&mut self, queued: &Queued) {
        let sent = Sent {
            messages: 1,
            recipients: u32::try_from(queued.recipients).unwrap_or(u32::MAX),
            reached: Reached::default(),
        };
        self.minutes.add(queued.at, sent);
        let own = || Arc::clone(queued.sender.shared());
        self.senders.with(&*queued.sender, own, |_, messages| {
            messages.join(Messages(1));
        });
    }

    /// A recipient's attempt of that minute.
    pub fn tried(&mut self, minute: i32, reached: Reached) {
        let sent = Sent {
            reached,
            ..Sent::default()
        };
        self.minutes.put(minute, sent);
    }

    /// Attempts at a recipient domain.
    pub fn reached(&mut self, domain: &str, own: impl FnOnce() -> Arc<str>, reached: Reached) {
        self.destinations
            .with(domain, own, |_, known| known.join(reached));
    }

    /// What it did in a span.
    pub fn sent(&self, until: DateTime<Utc>, range: TimeDelta) -> Sent {
        self.minutes.sum(until, range)
    }

    /// Its recipients over the span in so many equal parts, oldest first.
    pub fn curve(&self, until: DateTime<Utc>, range: TimeDelta, columns: usize) -> Vec<f64> {
        let recipients = |sent: &Sent| u64::from(sent.recipients);
        self.minutes.curve(until, range, columns, recipients)
    }

    /// What it did over time.
    pub fn minutes(&self) -> &Minutes<Sent> {
        &self.minutes
    }

    /// The addresses that it used, IPv6 by /64, with when.
    pub fn addresses(&self) -> impl Iterator<Item = (&IpAddr, &Used)> {
        self.addresses.rows()
    }

    /// Whether it used more addresses than can be told apart.
    pub fn has_more_addresses(&self) -> bool {
        self.addresses.gone() > 0
    }

    /// The recipient domains with their attempts over the whole span, most first.
    pub fn destinations(&self) -> Vec<(&Arc<str>, Outcomes)> {
        let rows = self.destinations.rows();
        let mut rows: Vec<_> = rows
            .map(|(name, reached)| (name, reached.outcomes()))
            .collect();
        rows.sort_by(|a, b| (b.1.attempts(), a.0).cmp(&(a.1.attempts(), b.0)));
        rows
    }

    /// Recipient domains that are not told apart any more; at least so many where more than 0.
    pub fn destinations_gone(&self) -> u64 {
        self.destinations.gone()
    }

    /// The envelope senders that it used, with their messages, most first.
    pub fn senders(&self) -> Vec<(&Arc<str>, u64)> {
        let rows = self.senders.rows();
        let mut rows: Vec<_> = rows.map(|(name, many)| (name, u64::from(many.0))).collect();
        rows.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
        rows
    }

    /// When it was first seen.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        self.first
    }

    /// When and where from it was seen last.
    pub fn last(&self) -> Option<&Submission> {
        self.last.as_ref()
    }
}

impl Join for Account {
    fn join(&mut self, newer: Self) {
        self.party.join(newer.party);
        self.minutes.join(newer.minutes);
        self.addresses.join(newer.addresses);
        self.destinations.join(newer.destinations);
        self.senders.join(newer.senders);
        self.first = self.first.into_iter().chain(newer.first).min();
        self.last = newer.last.or(self.last.take());
    }
}

/// All accounts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Accounts(Table<Account, ACCOUNTS>);

impl Accounts {
    /// The account of that name, and the table's own copy of it.
    pub fn named(&mut self, name: &[u8]) -> (Name, &mut Account) {
        self.0.named(name)
    }

    /// The account of that name, to be changed.
    pub fn row_of(&mut self, name: &Name) -> &mut Account {
        self.0.row_of(name)
    }

    /// The account of that name.
    pub fn get(&self, name: &str) -> Option<&Account> {
        self.0.get(name)
    }

    /// All accounts, in no order.
    pub fn all(&self) -> impl Iterator<Item = (&Arc<str>, &Account)> {
        self.0.rows()
    }

    /// What each sent over the whole span; those of which no message came so far as the queue manager are left out.
    pub fn parties(&self) -> impl Iterator<Item = (&Arc<str>, &Party)> {
        let rows = self.0.rows();
        rows.map(|(name, account)| (name, &account.party))
            .filter(|(_, party)| **party != Party::default())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is known to have sent with a password.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was counted for accounts beyond [`ACCOUNTS`].
    pub fn left_out(&self) -> &Account {
        self.0.left_out()
    }

    /// What a newer piece of the log told of a message before it was known whose it is.
    pub fn correct(&mut self, correction: &Correction) {
        let Some(name) = &correction.life.account else {
            return;
        };
        if correction.tried.is_empty() && correction.reached.is_empty() {
            return;
        }
        let account = self.0.row_of(name);
        for (minute, reached) in &correction.tried {
            account.tried(*minute, *reached);
        }
        for (domain, reached) in &correction.reached {
            account.reached(domain, || Arc::clone(domain), *reached);
        }
    }
}

impl Join for Accounts {
    fn join(&mut self, newer: Self) {
        self.0.join(newer.0);
    }
}
