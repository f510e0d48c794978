//! Logins by the minute: how many and by which protocol, how many were encrypted, and what became of the connections that did not come to one.
//!
//! A connection that never tried to log in (a scanner, a health check) is not a failure (`login-common/client-common.c`, "no auth attempts").

use super::minutes::{Minutes, WEEK};
use super::{ByProtocol, Protocol};
use crate::model::table::Join;
use chrono::{DateTime, Utc};
use mailtop_parsers::record::LoginDetails;

/// TLS versions by their names, oldest first.
pub const VERSIONS: [&str; 4] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// What happened in a minute, or in a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Logins; of LMTP, which has none, connections.
    pub logins: ByProtocol<u64>,
    /// Refused credentials: attempts, not connections.
    pub failed: u64,
    /// Connections that ended before any attempt.
    pub untried: u64,
    /// Connections that ended otherwise without a login: a limit, an internal failure, a client that gave up.
    pub aborted: u64,
    /// Logins over TLS.
    pub tls: u64,
    /// Of them, by version where the line tells ([`VERSIONS`]).
    pub versions: [u64; 4],
    /// Logins that were secured without TLS, because they came from this host.
    pub local: u64,
}

impl Counts {
    /// Logins of all protocols that have them.
    pub fn all(&self) -> u64 {
        Protocol::ALL
            .into_iter()
            .zip(self.logins)
            .filter(|(protocol, _)| *protocol != Protocol::Lmtp)
            .map(|(_, logins)| logins)
            .sum()
    }

    /// The share of TLS in the logins from elsewhere, 0.0 to 1.0; `None` without any.
    pub fn tls_share(&self) -> Option<f64> {
        let far = self.all().saturating_sub(self.local);
        (far > 0).then(|| self.tls as f64 / far as f64)
    }
}

impl Join for Counts {
    fn join(&mut self, newer: Self) {
        self.logins.join(newer.logins);
        self.failed += newer.failed;
        self.untried += newer.untried;
        self.aborted += newer.aborted;
        self.tls += newer.tls;
        self.versions.join(newer.versions);
        self.local += newer.local;
    }
}

/// Logins by the minute.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Logins {
    /// The newest week.
    pub minutes: Minutes<Counts, WEEK>,
    /// What smtpd(8) refused, which asks Dovecot but says it itself.
    pub sasl_failed: u64,
}

impl Logins {
    pub(super) fn login(&mut self, login: &LoginDetails<'_>, time: DateTime<Utc>, times: u64) {
        let Some(protocol) = Protocol::of_service(login.service) else {
            return;
        };
        let minute = self.minutes.at(time);
        minute.logins[protocol as usize] += times;
        match login.tls {
            Some(tls) => {
                minute.tls += times;
                let name = tls.split(|byte| matches!(byte, b' ' | b',')).next();
                let known = VERSIONS
                    .iter()
                    .zip(&mut minute.versions)
                    .find(|(version, _)| Some(version.as_bytes()) == name);
                if let Some((_, count)) = known {
                    *count += times;
                }
            }
            None if login.secured => minute.local += times,
            None => {}
        }
    }

    pub(super) fn connected(&mut self, time: DateTime<Utc>, times: u64) {
        self.minutes.at(time).logins[Protocol::Lmtp as usize] += times;
    }

    pub(super) fn failed(&mut self, time: DateTime<Utc>, attempts: u64) {
        self.minutes.at(time).failed += attempts;
    }

    pub(super) fn aborted(&mut self, time: DateTime<Utc>, times: u64, reason: &[u8]) {
        let minute = self.minutes.at(time);
        // `(no auth attempts in 2 secs)`, and the machine word of 2.4 behind it.
        if memchr::memmem::find(reason, b"no auth attempts").is_some() {
            minute.untried += times;
        } else {
            minute.aborted += times;
        }
    }
}

impl Join for Logins {
    fn join(&mut self, newer: Self) {
        self.minutes.join(newer.minutes);
        self.sasl_failed += newer.sasl_failed;
    }
}
