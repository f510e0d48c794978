//! Accounts as a table shows them: what each did in a span, and what is remarkable about it at its end.

use super::judge::{self, Intrusions, Judgement};
use super::{Account, Submission};
use crate::model::facts::Told;
use crate::model::parties::network_of;
use crate::model::providers::Outcomes;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::IpAddr;
use std::sync::Arc;

/// One account that did anything in a span.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountRow {
    /// Its name as logged.
    pub name: Arc<str>,
    /// Messages in the span.
    pub messages: u64,
    /// Their recipients.
    pub recipients: u64,
    /// Recipients sent and bounced, attempts deferred, in the span.
    pub outcomes: Outcomes,
    /// Different addresses in the span, IPv6 by /64: as far as the first and last use of each tell.
    pub addresses: usize,
    /// Their networks.
    pub networks: usize,
    /// Where it was seen last up to the end of the span.
    pub last: Option<Submission>,
    /// What is remarkable.
    pub judgement: Option<Judgement>,
}

impl AccountRow {
    /// The share of the recipients that ended in the span that bounced, 0.0 to 1.0; `None` when none ended.
    pub fn bounce_share(&self) -> Option<f64> {
        let ended = self.outcomes.sent + self.outcomes.bounced;
        (ended > 0).then(|| self.outcomes.bounced as f64 / ended as f64)
    }

    fn of(
        name: &Arc<str>,
        account: &Account,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> Option<Self> {
        let sent = account.sent(until, range);
        let outcomes = sent.reached.outcomes();
        if sent.messages == 0 && outcomes.attempts() == 0 {
            return None;
        }
        let since = until - range;
        let mut networks: Vec<IpAddr> = account
            .addresses()
            .filter(|(_, used)| judge::used_between(used.seen.first, used.seen.last, since, until))
            .map(|(address, _)| network_of(*address))
            .collect();
        let addresses = networks.len();
        networks.sort_unstable();
        networks.dedup();
        Some(Self {
            name: Arc::clone(name),
            messages: sent.messages.into(),
            recipients: sent.recipients.into(),
            outcomes,
            addresses,
            networks: networks.len(),
            last: account.last().filter(|last| last.at <= until).cloned(),
            judgement: None,
        })
    }
}

/// The accounts that did anything in the span, the most remarkable first, then by recipients. `intrusions` are those of its end
/// ([`judge::intrusions`]).
pub fn rows(
    told: &Told,
    intrusions: &Intrusions,
    until: DateTime<Utc>,
    range: TimeDelta,
) -> Vec<AccountRow> {
    let judge = Judge {
        intrusions,
        told,
        until,
    };
    let rows = told.accounts.all().filter_map(|(name, account)| {
        let row = AccountRow::of(name, account, until, range)?;
        let judgement = judge.judge(name, account);
        Some(AccountRow { judgement, ..row })
    });
    in_order(rows.collect())
}

/// Of the accounts that did anything in the last hour those that are remarkable: the same rows, at the cost of a judgement for each account.
pub fn remarkable(told: &Told, intrusions: &Intrusions, until: DateTime<Utc>) -> Vec<AccountRow> {
    let judge = Judge {
        intrusions,
        told,
        until,
    };
    let rows = told.accounts.all().filter_map(|(name, account)| {
        let judgement = Some(judge.judge(name, account)?);
        let row = AccountRow::of(name, account, until, TimeDelta::hours(1))?;
        Some(AccountRow { judgement, ..row })
    });
    in_order(rows.collect())
}

/// Judges accounts at one moment.
struct Judge<'a> {
    intrusions: &'a Intrusions,
    told: &'a Told,
    until: DateTime<Utc>,
}

impl Judge<'_> {
    fn judge(&self, name: &str, account: &Account) -> Option<Judgement> {
        let intrusion = if self.intrusions.is_empty() {
            None
        } else {
            let lower = || self.intrusions.get(&*name.to_ascii_lowercase());
            self.intrusions.get(name).or_else(lower)
        };
        judge::judge(account, intrusion, self.told.seen.first, self.until)
    }
}

fn in_order(mut rows: Vec<AccountRow>) -> Vec<AccountRow> {
    rows.sort_by(|a, b| order(b).cmp(&order(a)).then_with(|| a.name.cmp(&b.name)));
    rows
}

fn order(row: &AccountRow) -> (u64, u64, u64) {
    let weight = row.judgement.as_ref().map_or(0, Judgement::weight);
    (weight, row.recipients, row.messages)
}
