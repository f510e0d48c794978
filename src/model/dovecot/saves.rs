//! Mail that reached Dovecot: saved, filed, redirected or refused, how long it took, and whose mailbox is full.
//!
//! Two logs tell of it. Dovecot's own says what lmtp and lda saved and what Sieve did. Postfix's delivery lines to Dovecot (an LMTP socket, port 24, a
//! pipe transport named after it) say whether a failure was temporary, which Dovecot does not, and how long saving took: the last of the
//! four `delays`, from the first command to the answer after the message.

use super::minutes::{DAY, Minutes, WEEK};
use super::repeated::Repeated;
use crate::model::histogram::Histogram;
use crate::model::reasons::Reason;
use crate::model::table::{Join, Table};
use crate::safe_text::SafeText;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::Status;
use mailtop_parsers::record::{Delivery, MailUser, Relay};
use std::cmp::Reverse;
use std::sync::Arc;

/// Failures told apart.
const FAILURES: usize = 100;
/// Users over quota told apart.
const USERS: usize = 1_000;

/// What happened in a minute, or in a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Saved, as Dovecot says.
    pub saved: u64,
    /// Of them, into another mailbox than INBOX: `fileinto`, or an address with a detail.
    pub filed: u64,
    /// Not saved, as Dovecot says.
    pub not_saved: u64,
    /// Sieve's `redirect`.
    pub redirected: u64,
    /// Vacation answers sent.
    pub vacations: u64,
    /// Sieve's `reject`.
    pub rejected: u64,
    /// Sieve's `discard`.
    pub discarded: u64,
    /// Scripts and actions of Sieve that failed.
    pub sieve_errors: u64,
    /// Recipients that Postfix handed over.
    pub sent: u64,
    /// Attempts that Postfix will repeat.
    pub deferred: u64,
    /// Recipients that bounced.
    pub bounced: u64,
}

impl Join for Counts {
    fn join(&mut self, newer: Self) {
        self.saved += newer.saved;
        self.filed += newer.filed;
        self.not_saved += newer.not_saved;
        self.redirected += newer.redirected;
        self.vacations += newer.vacations;
        self.rejected += newer.rejected;
        self.discarded += newer.discarded;
        self.sieve_errors += newer.sieve_errors;
        self.sent += newer.sent;
        self.deferred += newer.deferred;
        self.bounced += newer.bounced;
    }
}

/// Why Dovecot did not take mail from Postfix.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failure {
    /// What became of the recipient, and the answer the first time.
    pub first: Option<(Status, Arc<Reason>)>,
    /// How often.
    pub repeated: Repeated,
}

impl Join for Failure {
    fn join(&mut self, newer: Self) {
        self.first = self.first.take().or(newer.first);
        self.repeated.join(newer.repeated);
    }
}

/// Mail that reached Dovecot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saves {
    /// The newest week.
    pub minutes: Minutes<Counts, WEEK>,
    /// Seconds that saving took, as Postfix measured it; the newest day.
    pub seconds: Minutes<Histogram, DAY>,
    /// By status and folded answer.
    pub failures: Table<Failure, FAILURES>,
    /// Whose mailbox was full.
    pub over_quota: Table<Full, USERS>,
}

/// A full mailbox: each refusal stands in two logs, Dovecot's and Postfix's, so each is counted apart, and the one that tells more counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Full {
    /// As Dovecot told it.
    dovecot: Repeated,
    /// As Postfix told it.
    postfix: Repeated,
}

impl Full {
    /// How often in a range.
    pub fn within(&self, until: DateTime<Utc>, range: TimeDelta) -> u64 {
        let both = [&self.dovecot, &self.postfix].map(|told| told.within(until, range));
        both[0].max(both[1])
    }

    /// The last time in a range.
    pub fn last(&self, until: DateTime<Utc>, range: TimeDelta) -> Option<DateTime<Utc>> {
        let both = [&self.dovecot, &self.postfix].map(|told| told.last(until, range));
        both[0].max(both[1])
    }

    /// The first time that is known.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        let both = [&self.dovecot, &self.postfix];
        both.into_iter().filter_map(|told| told.seen.first).min()
    }

    /// What was said the first time.
    pub fn sample(&self) -> &SafeText {
        let told = if self.dovecot.count > 0 {
            &self.dovecot
        } else {
            &self.postfix
        };
        &told.sample
    }
}

impl Join for Full {
    fn join(&mut self, newer: Self) {
        self.dovecot.join(newer.dovecot);
        self.postfix.join(newer.postfix);
    }
}

/// Whether that is Dovecot, as far as a delivery line tells. A content filter on a socket would be taken for it.
pub fn is_dovecot(relay: &Relay<'_>) -> bool {
    /// LMTP has no port of its own; everybody, Dovecot's documents included, takes this one.
    const LMTP: u16 = 24;
    match relay {
        Relay::Socket { .. } => true,
        Relay::Host(peer) => peer.port == Some(LMTP),
        Relay::Agent(name) => name.starts_with(b"dovecot"),
        Relay::None => false,
    }
}

impl Saves {
    pub(super) fn saved(
        &mut self,
        who: &MailUser<'_>,
        mailbox: &[u8],
        failure: Option<&[u8]>,
        time: DateTime<Utc>,
        times: u64,
    ) {
        let minute = self.minutes.at(time);
        let Some(reason) = failure else {
            minute.saved += times;
            minute.filed += if mailbox.eq_ignore_ascii_case(b"INBOX") {
                0
            } else {
                times
            };
            return;
        };
        minute.not_saved += times;
        if is_quota(reason) {
            let told = &mut self.full(who.user).dovecot;
            told.add(time, times, || SafeText::new(reason));
        }
    }

    /// Takes an action of Sieve in that stores nothing. Returns whether it is a failure.
    pub(super) fn sieve(&mut self, action: &[u8], time: DateTime<Utc>, times: u64) -> bool {
        let failed = [
            &b"failed"[..],
            b"Failed",
            b"was aborted",
            b"Temporarily failed",
            b"Permanently failed",
        ];
        let failed = failed.iter().any(|start| action.starts_with(start));
        let minute = self.minutes.at(time);
        if failed {
            minute.sieve_errors += times;
        } else if action.starts_with(b"forwarded to") {
            minute.redirected += times;
        } else if action.starts_with(b"sent vacation") {
            minute.vacations += times;
        } else if action.starts_with(b"rejected message") {
            minute.rejected += times;
        } else if action
            .get(1..)
            .is_some_and(|rest| rest.starts_with(b"arked message to be discarded"))
        {
            minute.discarded += times;
        }
        failed
    }

    /// Takes Postfix's delivery to Dovecot in; `reason` is the answer, taken apart, where it did not succeed.
    pub fn attempt(
        &mut self,
        delivery: &Delivery<'_>,
        reason: Option<&Arc<Reason>>,
        time: DateTime<Utc>,
    ) {
        let minute = self.minutes.at(time);
        match delivery.status {
            Status::Sent => {
                minute.sent += 1;
                if let Some(delays) = delivery.delays {
                    self.seconds.at(time).add(delays.transmission);
                }
            }
            Status::Deferred | Status::SoftBounce => minute.deferred += 1,
            Status::Bounced => minute.bounced += 1,
            Status::Deliverable | Status::Undeliverable => return,
        }
        let Some(reason) = reason else { return };
        let bounced = delivery.status == Status::Bounced;
        let status = if bounced { "bounced" } else { "deferred" };
        let row = self.failures.row(&format!("{status} {}", reason.fold));
        if row.first.is_none() {
            row.first = Some((delivery.status, Arc::clone(reason)));
        }
        row.repeated.add(time, 1, || reason.line());
        let full = delivery
            .dsn
            .is_some_and(|dsn| (dsn.subject, dsn.detail) == (2, 2));
        if full || is_quota(delivery.reply) {
            let told = &mut self.full(delivery.to).postfix;
            told.add(time, 1, || reason.words.clone());
        }
    }

    fn full(&mut self, user: &[u8]) -> &mut Full {
        let user = String::from_utf8_lossy(user).to_lowercase();
        self.over_quota.row(&user)
    }

    /// Users whose mailbox was full in a range, the last one first, with how often mail was refused.
    pub fn over_quota_within(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> Vec<(&Arc<str>, &Full, u64)> {
        let rows = self.over_quota.rows().filter_map(|(user, full)| {
            let count = full.within(until, range);
            (count > 0).then_some((user, full, count))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(user, full, _)| (Reverse(full.last(until, range)), *user));
        rows
    }

    /// Why mail was deferred or bounced in a range, the most frequent first.
    pub fn failures_within(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> Vec<(Status, &Reason, u64)> {
        let rows = self.failures.rows().filter_map(|(key, failure)| {
            let count = failure.repeated.within(until, range);
            let (status, reason) = failure.first.as_ref()?;
            (count > 0).then_some((key, *status, &**reason, count))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(key, .., count)| (Reverse(*count), *key));
        rows.into_iter()
            .map(|(_, status, reason, count)| (status, reason, count))
            .collect()
    }
}

impl Join for Saves {
    fn join(&mut self, newer: Self) {
        self.minutes.join(newer.minutes);
        self.seconds.join(newer.seconds);
        self.failures.join(newer.failures);
        self.over_quota.join(newer.over_quota);
    }
}

/// `Quota exceeded (mailbox for user is full)`, `Not enough disk quota`, `… over quota`.
fn is_quota(reason: &[u8]) -> bool {
    memchr::memmem::find(reason, b"uota").is_some()
}
