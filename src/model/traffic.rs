//! Traffic: how many messages and recipients came, went, waited and were refused, in all and by the hour.
//!
//! Counted as pflogsumm(1) counts, so that the two can stand side by side: `received` and `rejected` are messages or requests,
//! `delivered` and `bounced` are recipients, `deferrals` are attempts. Where this counts otherwise, and why, is in `docs/report.md`.

use crate::model::table::{Distinct, Join};
use chrono::{DateTime, FixedOffset};

/// Senders or recipients that are told apart.
const MANY: usize = 2_000_000;

/// Hours kept: a year of them; a log with wrong clocks in it must not fill the memory.
const HOURS: usize = 9_000;
/// Seconds.
const HOUR: i64 = 3600;

/// What is counted by the hour as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    /// Messages that smtpd(8) or pickup(8) took.
    pub received: u64,
    /// Recipients delivered, those forwarded not included.
    pub delivered: u64,
    /// Delivery attempts deferred.
    pub deferrals: u64,
    /// Recipients bounced.
    pub bounced: u64,
    /// Requests that a restriction, check or milter refused, held, discarded or warned of.
    pub rejected: u64,
}

impl Join for Hour {
    fn join(&mut self, newer: Self) {
        self.received += newer.received;
        self.delivered += newer.delivered;
        self.deferrals += newer.deferrals;
        self.bounced += newer.bounced;
        self.rejected += newer.rejected;
    }
}

/// What is counted over the whole span only.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traffic {
    /// The sum of the hours, and of what has no readable time; its `rejected` counts whatever a verdict did.
    pub total: Hour,
    /// Messages of which a recipient was ever deferred.
    pub deferred: u64,
    /// Recipients forwarded by local(8).
    pub forwarded: u64,
    /// Requests and messages refused.
    pub rejected: u64,
    /// Refusals that were only warned of.
    pub reject_warnings: u64,
    /// Messages put on hold by a restriction, check or milter.
    pub held: u64,
    /// Messages discarded by a restriction, check or milter.
    pub discarded: u64,
    /// Messages received for the second time: a content filter gave them back, and said which queue id they had before.
    pub reinjected: u64,
    /// Bytes of the messages received.
    pub bytes_received: u64,
    /// Bytes delivered, counted for each recipient.
    pub bytes_delivered: u64,
    /// Different senders of received messages.
    pub senders: Distinct<MANY>,
    /// Their different domains; a sender without one counts as itself.
    pub sender_domains: Distinct<MANY>,
    /// Different recipients that were delivered to.
    pub recipients: Distinct<MANY>,
    /// Their different domains.
    pub recipient_domains: Distinct<MANY>,
    /// By the beginning of the hour, seconds since 1970, and the offset in which it was logged, seconds east; ascending.
    hours: Vec<((i64, i32), Hour)>,
}

impl Traffic {
    /// Counts what one record said, in all and in the hour that it was logged in: its second since 1970, and its offset, seconds east.
    pub fn count(&mut self, stamp: Option<(i64, i32)>, add: impl Fn(&mut Hour)) {
        add(&mut self.total);
        let Some((second, offset)) = stamp else {
            return;
        };
        // Nearly every line is of the newest hour.
        if let Some(((begin, newest), hour)) = self.hours.last_mut()
            && *newest == offset
            && (*begin..*begin + HOUR).contains(&second)
        {
            add(hour);
            return;
        }
        let local = second + i64::from(offset);
        add(self.hour((second - local.rem_euclid(HOUR), offset)));
        self.forget();
    }

    fn hour(&mut self, at: (i64, i32)) -> &mut Hour {
        let place = self.hours.binary_search_by_key(&at, |(at, _)| *at);
        let place = place.unwrap_or_else(|place| {
            self.hours.insert(place, (at, Hour::default()));
            place
        });
        &mut self.hours[place].1
    }

    fn forget(&mut self) {
        let many = self.hours.len().saturating_sub(HOURS);
        self.hours.drain(..many);
    }

    /// The hours, oldest first, each with its beginning.
    pub fn hours(&self) -> impl Iterator<Item = (DateTime<FixedOffset>, &Hour)> {
        self.hours.iter().filter_map(|((begin, offset), hour)| {
            let zone = FixedOffset::east_opt(*offset)?;
            Some((
                DateTime::from_timestamp(*begin, 0)?.with_timezone(&zone),
                hour,
            ))
        })
    }
}

impl Join for Traffic {
    fn join(&mut self, newer: Self) {
        self.total.join(newer.total);
        self.deferred += newer.deferred;
        self.forwarded += newer.forwarded;
        self.rejected += newer.rejected;
        self.reject_warnings += newer.reject_warnings;
        self.held += newer.held;
        self.discarded += newer.discarded;
        self.reinjected += newer.reinjected;
        self.bytes_received += newer.bytes_received;
        self.bytes_delivered += newer.bytes_delivered;
        self.senders.join(newer.senders);
        self.sender_domains.join(newer.sender_domains);
        self.recipients.join(newer.recipients);
        self.recipient_domains.join(newer.recipient_domains);
        for (at, hour) in newer.hours {
            self.hour(at).join(hour);
        }
        self.forget();
    }
}
