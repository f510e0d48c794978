//! What delivery attempts came to, by provider and by recipient domain.
//!
//! Facts go in, rows come out: outcomes, delays and what was answered. Counts are of attempts and recipients, not of messages.

use super::Stamp;
use crate::knowledge;
use crate::model::facts::Facts;
use crate::model::histogram::Histogram;
use crate::model::providers::Code;
use crate::safe_text::SafeText;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

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
    pub(in crate::reports::summary) fn all(facts: &Facts) -> Vec<Self> {
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
    pub(in crate::reports::summary) fn all(facts: &Facts) -> Vec<Self> {
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
