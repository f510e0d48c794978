//! The rows of a summary: what one hour, provider, domain, reason, sender or warning tells. The names are those of the JSON object.

use super::Stamp;
use crate::knowledge::{self, Class};
use crate::model::causes::{Cause, Causes, Span};
use crate::model::facts::{Facts, Told};
use crate::model::histogram::Histogram;
use crate::model::history::Depth;
use crate::model::logins::Logins;
use crate::model::parties::{Parties, Party};
use crate::model::providers::Code;
use crate::model::table::Table;
use crate::model::traffic::{self, Traffic};
use crate::model::warnings;
use crate::reports::json;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset};
use mailtop_parsers::{EnhancedStatus, ReplyCode};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

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

/// Seconds below which half, nineteen of twenty, and all but one of a hundred lie.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Quantiles {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

impl Quantiles {
    fn of(histogram: &Histogram) -> Option<Self> {
        // More digits than Postfix logs would only look exact.
        let at = |share| {
            let seconds = histogram.quantile(share)?;
            Some((seconds * 1000.0).round() / 1000.0)
        };
        Some(Self {
            p50: at(0.5)?,
            p95: at(0.95)?,
            p99: at(0.99)?,
        })
    }
}

/// The parts of a delay.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(missing_docs, reason = "the names are those of `mailtop parse`")]
pub struct Delays {
    pub before_qmgr: Quantiles,
    pub qmgr: Quantiles,
    pub conn_setup: Quantiles,
    pub transmission: Quantiles,
}

/// What a provider answered to attempts that did not succeed.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsn: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SafeText>,
}

/// One provider; all counts are of attempts.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Provider {
    pub provider: &'static str,
    pub attempts: u64,
    pub sent: u64,
    pub deferred: u64,
    pub bounced: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Quantiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delays: Option<Delays>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tls: BTreeMap<SafeText, u64>,
    pub codes: Vec<Answer>,
    #[serde(skip_serializing_if = "is_zero")]
    pub other_codes: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Provider {
    pub(super) fn all(facts: &Facts) -> Vec<Self> {
        let mut all: Vec<Self> = facts
            .providers()
            .into_iter()
            .map(|(provider, account)| {
                let [before_qmgr, qmgr, conn_setup, transmission] =
                    account.delays.each_ref().map(Quantiles::of);
                let delays = before_qmgr.zip(qmgr).zip(conn_setup.zip(transmission));
                let outcomes = account.tally.outcomes;
                Self {
                    provider: provider.name(),
                    attempts: outcomes.attempts(),
                    sent: outcomes.sent,
                    deferred: outcomes.deferred,
                    bounced: outcomes.bounced,
                    delay: Quantiles::of(&account.delay),
                    delays: delays.map(|((before_qmgr, qmgr), (conn_setup, transmission))| {
                        Delays {
                            before_qmgr,
                            qmgr,
                            conn_setup,
                            transmission,
                        }
                    }),
                    tls: account
                        .tls
                        .iter()
                        .map(|(version, count)| (SafeText::from(&**version), *count))
                        .collect(),
                    codes: account
                        .tally
                        .by_frequency()
                        .into_iter()
                        .map(|(code, count)| Answer {
                            smtp_code: code.reply.map(|reply| reply.0),
                            dsn: code.dsn.map(|dsn| SafeText::from(dsn.to_string())),
                            status: status(code),
                            count,
                            sample: account
                                .samples
                                .get(&code)
                                .map(|text| SafeText::from(&**text)),
                        })
                        .collect(),
                    other_codes: account.tally.other_codes,
                }
            })
            .collect();
        all.sort_by_key(|row| (Reverse(row.attempts), row.provider));
        all
    }
}

/// Postfix itself goes by the class of the enhanced status code (`global/bounce.c`, `global/defer.c`).
fn status(code: Code) -> Option<&'static str> {
    match code.dsn?.class {
        4 => Some("deferred"),
        5 => Some("bounced"),
        _ => None,
    }
}

/// One recipient domain; `deferred` are attempts, the others recipients.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Domain {
    pub domain: SafeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<&'static str>,
    pub sent: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Quantiles>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Stamp>,
}

impl Domain {
    pub(super) fn all(facts: &Facts) -> Vec<Self> {
        let zone = facts.zone();
        let rows = facts.told().destinations.rows();
        rows.map(|(name, row)| Self {
            domain: SafeText::from(&**name),
            provider: facts
                .provider_of_domain(name)
                .map(knowledge::Provider::name),
            sent: row.sent,
            deferred: row.deferred,
            bounced: row.bounced,
            bytes: row.bytes,
            delay: Quantiles::of(&row.delay),
            oldest: row.oldest.map(|time| Stamp(time.with_timezone(&zone))),
        })
        .collect()
    }

    /// Attempts of every outcome.
    pub fn attempts(&self) -> u64 {
        self.sent + self.deferred + self.bounced
    }
}

/// How much of something falls to one domain.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Share {
    pub domain: SafeText,
    pub count: u64,
}

/// Why attempts were deferred or recipients bounced.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Reason {
    pub class: &'static str,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsn: Option<SafeText>,
    pub text: SafeText,
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Stamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Stamp>,
    pub domains: Vec<Share>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_helps: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<SafeText>,
}

impl Reason {
    pub(super) fn all(facts: &Facts) -> Vec<Self> {
        let of = |causes: &Causes, status| -> Vec<Self> {
            causes
                .rows()
                .map(|(fold, cause)| Self::of(fold, cause, status, facts))
                .collect()
        };
        let told = facts.told();
        let mut all = of(&told.deferrals, "deferred");
        all.extend(of(&told.bounces, "bounced"));
        all
    }

    fn of(fold: &str, cause: &Cause, status: &'static str, facts: &Facts) -> Self {
        let zone = facts.zone();
        let sample = cause.sample.as_ref().map(|(_, reason)| reason);
        let code = sample.and_then(|reason| reason.code);
        let dsn = sample.and_then(|reason| reason.dsn);
        let (first, last) = span(cause.seen, zone);
        let mut domains: Vec<Share> = cause
            .domains
            .rows()
            .map(|(name, count)| Share {
                domain: SafeText::from(&**name),
                count: *count,
            })
            .collect();
        domains.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.domain.cmp(&b.domain)));
        let reply = sample.and_then(|reason| reason.reply(facts.knowledge()));
        Self {
            class: reply.map_or(Class::Other, |reply| reply.class).as_str(),
            status,
            smtp_code: code.map(|code| code.0),
            dsn: dsn.map(|dsn| SafeText::from(dsn.to_string())),
            text: without_codes(fold, code, dsn),
            count: cause.count,
            first,
            last,
            domains,
            sample: sample.map(|reason| SafeText::from(&*reason.verbatim)),
            command: sample.and_then(|reason| reason.command()),
            meaning: reply.map(|reply| reply.meaning.clone()),
            retry_helps: reply.map(|reply| reply.retry_helps.as_str()),
            advice: reply.map(|reply| reply.advice.clone()),
        }
    }
}

/// A folded reason without the codes that it begins with.
fn without_codes(fold: &str, code: Option<ReplyCode>, dsn: Option<EnhancedStatus>) -> SafeText {
    let code = code.map(|code| code.to_string());
    let dsn = dsn.map(|dsn| dsn.to_string());
    let mut text = fold.trim_start();
    for code in [code, dsn].into_iter().flatten() {
        text = text.strip_prefix(&*code).unwrap_or(text).trim_start();
    }
    SafeText::from(text)
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
            pub(super) fn all(parties: &Parties) -> Vec<Self> {
                let rows = parties.rows();
                rows.map(|(name, party)| Self { $name: SafeText::from(&**name), party: party.into() }).collect()
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

/// What was refused, held, discarded or warned of.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Reject {
    pub action: SafeText,
    pub stage: SafeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsn: Option<SafeText>,
    pub reason: SafeText,
    pub count: u64,
    pub clients: u64,
}

impl Reject {
    pub(super) fn all(told: &Told) -> Vec<Self> {
        let rows = told.refusals.rows();
        rows.map(|(_, row)| Self {
            action: SafeText::from(&*row.action),
            stage: SafeText::from(&*row.stage),
            smtp_code: row.code.map(|code| code.0),
            dsn: row.dsn.map(|dsn| SafeText::from(dsn.to_string())),
            reason: without_codes(&row.reason, row.code, row.dsn),
            count: row.count,
            clients: row.clients.count(),
        })
        .collect()
    }

    pub(super) fn name(&self) -> SafeText {
        SafeText::from(format!("{} {} {}", self.action, self.stage, self.reason))
    }
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
    pub(super) fn of(logins: &Logins, zone: FixedOffset) -> Self {
        let mut limits = Warning::all(&logins.limits, zone);
        limits.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        Self {
            logins: logins.logins,
            auth_failures: logins.failed,
            saves: logins.saved,
            lmtp_errors: logins.not_saved,
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
