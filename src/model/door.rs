//! At the door: what was turned away before it became a message, as far as it tells of accounts and floods, over time.
//!
//! Three kinds are counted: a sender address that the account does not own (`smtpd_sender_login_maps`, `reject_sender_login_mismatch`), a client
//! over one of the limits per client (`smtpd_client_*_limit`, counted by anvil(8), logged by smtpd(8) as a warning), and what postscreen(8)
//! refused. Every refusal by its reason is in [`refusals`](crate::model::refusals).
//!
//! Not known: clients that postscreen(8) drops without a line of its own (`postscreen_*_action = drop`).
//!
//! Formats: `smtpd/smtpd_check.c` (`reject_sender_login_mismatch`), `smtpd/smtpd.c` (`limit exceeded`), `postscreen/postscreen_smtpd.c`.

use crate::model::minutes::Minutes;
use crate::model::table::Join;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::record::Verdict;
use mailtop_parsers::{Record, ReplyCode};

/// How many were turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turned {
    /// Sender addresses that the account does not own, or that need a login.
    pub not_owned: u32,
    /// Clients over a limit.
    pub over_limit: u32,
    /// Refused by postscreen(8).
    pub postscreen: u32,
}

impl Join for Turned {
    fn join(&mut self, newer: Self) {
        self.not_owned = self.not_owned.saturating_add(newer.not_owned);
        self.over_limit = self.over_limit.saturating_add(newer.over_limit);
        self.postscreen = self.postscreen.saturating_add(newer.postscreen);
    }
}

/// Turned away over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Door(Minutes<Turned>);

impl Door {
    /// Takes in what a record that is a verdict says.
    pub fn refused(
        &mut self,
        record: &Record<'_>,
        verdict: &Verdict<'_>,
        time: DateTime<Utc>,
        times: u64,
    ) {
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        let mut turned = Turned::default();
        if record.daemon() == b"postscreen" {
            turned.postscreen = times;
        } else if is_not_owned(verdict) {
            turned.not_owned = times;
        } else {
            return;
        }
        self.0.add(time, turned);
    }

    /// Takes in the text of a warning of smtpd(8).
    pub fn warned(&mut self, text: &[u8], time: DateTime<Utc>, times: u64) {
        if memchr::memmem::find(text, b" limit exceeded: ").is_some() {
            let turned = Turned {
                over_limit: u32::try_from(times).unwrap_or(u32::MAX),
                ..Turned::default()
            };
            self.0.add(time, turned);
        }
    }

    /// How many were turned away in the minutes up to `until` that `range` has.
    pub fn turned(&self, until: DateTime<Utc>, range: TimeDelta) -> Turned {
        self.0.sum(until, range)
    }
}

/// `553 5.7.1 <a@b>: Sender address rejected: not owned by user c`, or `not logged in`. The code is not configurable.
fn is_not_owned(verdict: &Verdict<'_>) -> bool {
    let words: &[u8] = b": Sender address rejected: not ";
    verdict.smtp_code == Some(ReplyCode(553))
        && memchr::memmem::find(verdict.reply, words).is_some_and(|at| {
            let why = verdict.reply.get(at + words.len()..).unwrap_or_default();
            why.starts_with(b"owned by user ") || why.starts_with(b"logged in")
        })
}

impl Join for Door {
    fn join(&mut self, newer: Self) {
        self.0.join(newer.0);
    }
}

#[cfg(test)]
mod tests {
    use crate::knowledge::Knowledge;
    use crate::model::facts::Facts;
    use chrono::{DateTime, Offset, TimeDelta, Utc};

    #[test]
    fn each_kind_is_counted_apart() {
        let log = "\
2026-11-24T10:00:00+00:00 mx1 postfix/submission/smtpd[7]: NOQUEUE: reject: RCPT from home[192.0.2.7]: 553 5.7.1 <boss@shop.example>: Sender address rejected: not owned by user carol; from=<boss@shop.example> to=<a@b.example> proto=ESMTP helo=<x>
2026-11-24T10:00:01+00:00 mx1 postfix/smtpd[7]: NOQUEUE: reject: RCPT from home[192.0.2.7]: 553 5.7.1 <boss@shop.example>: Sender address rejected: not logged in; from=<boss@shop.example> to=<a@b.example> proto=ESMTP helo=<x>
2026-11-24T10:00:02+00:00 mx1 postfix/smtpd[7]: NOQUEUE: reject: RCPT from home[192.0.2.7]: 450 4.1.8 <x@nowhere.example>: Sender address rejected: Domain not found; from=<x@nowhere.example> to=<a@b.example> proto=ESMTP helo=<x>
2026-11-24T10:00:03+00:00 mx1 postfix/smtpd[7]: warning: Connection rate limit exceeded: 61 from bad[203.0.113.9] for service smtpd
2026-11-24T10:00:04+00:00 mx1 postfix/smtpd[7]: warning: hostname bad.example does not resolve to address 203.0.113.9
2026-11-24T10:00:05+00:00 mx1 postfix/postscreen[7]: NOQUEUE: reject: RCPT from [203.0.113.9]:4711: 550 5.7.1 Service unavailable; client [203.0.113.9] blocked using zen.example; from=<a@b.example>, to=<c@d.example>, proto=ESMTP, helo=<x>
";
        let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
        let now = DateTime::parse_from_rfc3339("2026-11-24T10:30:00+00:00")
            .unwrap()
            .to_utc();
        facts.lines(log.as_bytes(), now);
        let turned = facts.told().door.turned(now, TimeDelta::hours(1));
        assert_eq!(
            (turned.not_owned, turned.over_limit, turned.postscreen),
            (2, 1, 1)
        );
        let later = facts.told().door.turned(now, TimeDelta::minutes(10));
        assert_eq!(later.not_owned + later.over_limit + later.postscreen, 0);
    }
}
