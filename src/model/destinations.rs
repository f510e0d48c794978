//! Destinations: what became of mail by recipient domain, over the whole span that is known.
//!
//! Counts are of recipients and attempts, not of messages.

use crate::knowledge::Provider;
use crate::model::histogram::Histogram;
use crate::model::providers::failing::Failing;
use crate::model::table::{Join, Table};
use chrono::{DateTime, Utc};

/// Domains counted apart.
pub const DOMAINS: usize = 50_000;

/// One recipient domain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Destination {
    /// Recipients delivered.
    pub sent: u64,
    /// Attempts deferred.
    pub deferred: u64,
    /// Recipients bounced.
    pub bounced: u64,
    /// Bytes delivered, counted for each recipient.
    pub bytes: u64,
    /// Seconds from arrival to delivery.
    pub delay: Histogram,
    /// When the oldest message arrived that was deferred.
    pub oldest: Option<DateTime<Utc>>,
    /// Who runs its mailboxes, by the relay that was reached last.
    pub provider: Option<Provider>,
    /// Since when it has been failing.
    pub failing: Failing,
}

/// By recipient domain in lower case.
pub type Destinations = Table<Destination, DOMAINS>;

impl Join for Destination {
    fn join(&mut self, newer: Self) {
        self.sent += newer.sent;
        self.deferred += newer.deferred;
        self.bounced += newer.bounced;
        self.bytes += newer.bytes;
        self.delay.join(newer.delay);
        self.oldest = earliest(self.oldest, newer.oldest);
        self.provider = newer.provider.or(self.provider);
        self.failing.join(newer.failing);
    }
}

/// The earlier of two moments, if there is any.
pub fn earliest(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}
