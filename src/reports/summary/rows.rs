//! The rows of a summary: what one hour, provider, domain, reason, sender or warning tells. The names are those of the JSON object.
//!
//! Facts go in, rows of safe text come out, in no order. What attempts came to is in [`deliveries`], why in [`reasons`].

mod deliveries;
mod reasons;

pub use deliveries::{Answer, Delays, Domain, Provider, Quantiles};
pub use reasons::{Reason, Reject, Share};

use super::Stamp;
use crate::model::causes::Span;
use crate::model::dovecot;
use crate::model::dovecot::limits::Limit;
use crate::model::history::Depth;
use crate::model::parties::Party;
use crate::model::table::Table;
use crate::model::traffic::{self, Traffic};
use crate::model::warnings;
use crate::reports::json;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use std::sync::Arc;

/// Messages and recipients, counted as pflogsumm(1) counts them.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Messages {
    pub received: u64,
    pub delivered: u64,
    pub forwarded: u64,
    pub deferred: u64,
    pub deferrals: u64,
    pub bounced: u64,
    pub rejected: u64,
    pub reject_warnings: u64,
    pub held: u64,
    pub discarded: u64,
    pub reinjected: u64,
    pub bytes_received: u64,
    pub bytes_delivered: u64,
    pub senders: u64,
    pub sender_domains: u64,
    pub recipients: u64,
    pub recipient_domains: u64,
}

impl Messages {
    pub(super) fn of(traffic: &Traffic) -> Self {
        Self {
            received: traffic.total.received,
            delivered: traffic.total.delivered,
            forwarded: traffic.forwarded,
            deferred: traffic.deferred,
            deferrals: traffic.total.deferrals,
            bounced: traffic.total.bounced,
            rejected: traffic.rejected,
            reject_warnings: traffic.reject_warnings,
            held: traffic.held,
            discarded: traffic.discarded,
            reinjected: traffic.reinjected,
            bytes_received: traffic.bytes_received,
            bytes_delivered: traffic.bytes_delivered,
            senders: traffic.senders.count(),
            sender_domains: traffic.sender_domains.count(),
            recipients: traffic.recipients.count(),
            recipient_domains: traffic.recipient_domains.count(),
        }
    }
}

/// One hour; `deferred` are attempts, and `rejected` whatever a restriction, check or milter did.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Hour {
    pub hour: Stamp,
    pub received: u64,
    pub delivered: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub rejected: u64,
}

impl Hour {
    pub(super) fn of((begin, hour): (DateTime<FixedOffset>, &traffic::Hour)) -> Self {
        Self {
            hour: Stamp(begin),
            received: hour.received,
            delivered: hour.delivered,
            deferred: hour.deferrals,
            bounced: hour.bounced,
            rejected: hour.rejected,
        }
    }
}

fn span(seen: Span, zone: FixedOffset) -> (Option<Stamp>, Option<Stamp>) {
    let stamp = |time: DateTime<_>| Stamp(time.with_timezone(&zone));
    (seen.first.map(stamp), seen.last.map(stamp))
}

/// How much a sender, account or client sent; `bounced` are recipients, `networks` are /24 of IPv4 and /48 of IPv6.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Sent {
    pub messages: u64,
    pub recipients: u64,
    pub bytes: u64,
    pub bounced: u64,
    pub networks: u64,
}

impl From<&Party> for Sent {
    fn from(party: &Party) -> Self {
        Self {
            messages: party.messages,
            recipients: party.recipients,
            bytes: party.bytes,
            bounced: party.bounced,
            networks: party.networks.count(),
        }
    }
}

macro_rules! party {
    ($(#[$doc:meta])* $row:ident $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        #[expect(missing_docs, reason = "explained in docs/report.md")]
        pub struct $row {
            pub $name: SafeText,
            #[serde(flatten)]
            pub party: Sent,
        }

        impl $row {
            pub(super) fn all<'a>(parties: impl Iterator<Item = (&'a Arc<str>, &'a Party)>) -> Vec<Self> {
                parties.map(|(name, party)| Self { $name: SafeText::from(&**name), party: party.into() }).collect()
            }
        }
    };
}

party! {
    /// An envelope sender, the null sender being empty.
    Sender address
}
party! {
    /// A SASL account.
    User user
}
party! {
    /// A client's address.
    Client address
}

/// The queues at the end of one minute.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "the names are those of the queues")]
pub struct Minute {
    pub time: Stamp,
    pub incoming: i64,
    pub active: i64,
    pub deferred: i64,
    pub hold: i64,
}

impl Minute {
    pub(super) fn of(time: Stamp, depth: Depth) -> Self {
        Self {
            time,
            incoming: depth.incoming,
            active: depth.active,
            deferred: depth.deferred,
            hold: depth.hold,
        }
    }

    /// All messages.
    pub fn all(&self) -> i64 {
        self.incoming + self.active + self.deferred + self.hold
    }
}

/// Dovecot's logins and deliveries.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Dovecot {
    pub logins: u64,
    pub auth_failures: u64,
    pub saves: u64,
    pub lmtp_errors: u64,
    pub limits: Vec<Warning>,
}

impl Dovecot {
    pub(super) fn of(told: &dovecot::Dovecot, zone: FixedOffset) -> Self {
        let (logins, saves) = (told.logins.minutes.all(), told.saves.minutes.all());
        let limits = told.complaints.limits.rows();
        let mut limits: Vec<_> = limits
            .map(|(_, limit)| Warning::of_limit(limit, zone))
            .collect();
        limits.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        Self {
            logins: logins.all(),
            auth_failures: logins.failed + told.logins.sasl_failed,
            saves: saves.saved,
            lmtp_errors: saves.not_saved,
            limits,
        }
    }
}

/// What a daemon complained of.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Warning {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    pub text: SafeText,
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Stamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Stamp>,
    pub sample: SafeText,
}

impl Warning {
    /// `imap-login: process_limit (100) reached`.
    fn of_limit(limit: &Limit, zone: FixedOffset) -> Self {
        let value = limit
            .value
            .map_or_else(String::new, |value| format!(" ({value})"));
        let (first, last) = span(limit.repeated.seen, zone);
        Self {
            severity: None,
            text: SafeText::from(format!(
                "{}: {}{value} reached",
                limit.service, limit.setting
            )),
            count: limit.repeated.count,
            first,
            last,
            sample: limit.repeated.sample.clone(),
        }
    }

    pub(super) fn all<const ROWS: usize>(
        table: &Table<warnings::Warning, ROWS>,
        zone: FixedOffset,
    ) -> Vec<Self> {
        let rows = table.rows();
        rows.map(|(key, row)| {
            let (daemon, text) = key.split_once(' ').unwrap_or(("", key));
            let (first, last) = span(row.seen, zone);
            Self {
                severity: row.severity.and_then(json::severity),
                text: SafeText::from(format!("{daemon}: {}", text.trim_start())),
                count: row.count,
                first,
                last,
                sample: row.sample.clone(),
            }
        })
        .collect()
    }
}
