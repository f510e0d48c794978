//! How long deliveries to a provider took, and how its sessions were protected.
//!
//! Sent deliveries and TLS sessions go in; out come quantiles of the delay, the sums and the worst of its four parts (`delays=a/b/c/d`: before the queue
//! manager, in it, connection set-up, transmission), and the levels of TLS. Only what was delivered counts: of a deferred attempt the delay says how old
//! the message is. On a retry the whole earlier wait is in `a`. Sums are of whole milliseconds, because sums of fractions depend on their order.

use crate::model::histogram::Histogram;
use crate::model::table::Join;
use mailtop_parsers::record::{Delivery, Tls};

/// How a session was protected, as smtp(8) says with `smtp_tls_loglevel = 1` (`tls/tls_client.c`), or `tls=` of a delivery (Postfix 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The certificate is that of the host that was to be reached.
    Verified,
    /// The certificate is signed by an authority that is trusted.
    Trusted,
    /// It is not.
    Untrusted,
    /// There was none.
    Anonymous,
    /// No TLS. Only Postfix 3.11 and later says so.
    None,
}

impl Level {
    /// All levels, the best first.
    pub const ALL: [Self; 5] = [
        Self::Trusted,
        Self::Verified,
        Self::Untrusted,
        Self::Anonymous,
        Self::None,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Trusted => "trusted",
            Self::Untrusted => "untrusted",
            Self::Anonymous => "anonymous",
            Self::None => "none",
        }
    }
}

/// What is known of one provider in one slot of time, or in several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delays {
    /// Seconds from arrival to delivery.
    pub total: Histogram,
    /// Deliveries that told the four parts.
    told: u64,
    /// Milliseconds of the four parts, all deliveries together.
    parts: [u64; 4],
    /// The worst of each.
    worst: [u64; 4],
    /// TLS sessions by level.
    levels: [u64; 5],
}

impl Delays {
    /// A recipient was delivered.
    pub(super) fn add(&mut self, delivery: &Delivery<'_>) {
        self.total.add(delivery.delay);
        if let Some(parts) = delivery.delays {
            let parts = [
                parts.before_qmgr,
                parts.qmgr,
                parts.conn_setup,
                parts.transmission,
            ];
            self.told += 1;
            for ((sum, worst), part) in self.parts.iter_mut().zip(&mut self.worst).zip(parts) {
                // What is no number, or less than nothing, becomes 0.
                let part = (part * 1000.0).round() as u64;
                *sum = sum.saturating_add(part);
                *worst = part.max(*worst);
            }
        }
        if delivery.tls.is_some_and(plain) {
            self.count(Level::None, 1);
        }
    }

    /// A TLS session began.
    pub(super) fn session(&mut self, tls: &Tls<'_>) {
        let level = match tls.trust {
            b"Verified" => Level::Verified,
            b"Trusted" => Level::Trusted,
            b"Untrusted" => Level::Untrusted,
            b"Anonymous" => Level::Anonymous,
            _ => return,
        };
        self.count(level, 1);
    }

    fn count(&mut self, level: Level, sessions: u64) {
        if let Some(count) = self.levels.get_mut(level as usize) {
            *count += sessions;
        }
    }

    /// The middle value of each part in seconds: before the queue manager, in it, connection set-up, transmission. `None` where no delivery told them.
    pub fn means(&self) -> Option<[f64; 4]> {
        let told = self.told as f64;
        (self.told > 0).then(|| self.parts.map(|sum| sum as f64 / 1000.0 / told))
    }

    /// The worst of each part, in seconds.
    pub fn worst(&self) -> [f64; 4] {
        self.worst.map(|worst| worst as f64 / 1000.0)
    }

    /// Sessions of that level.
    pub fn level(&self, level: Level) -> u64 {
        self.levels.get(level as usize).copied().unwrap_or(0)
    }

    /// Sessions of any level that were told.
    pub fn sessions(&self) -> u64 {
        self.levels.iter().sum()
    }
}

impl Join for Delays {
    fn join(&mut self, newer: Self) {
        self.total.join(newer.total);
        self.told += newer.told;
        for (sum, newer) in self.parts.iter_mut().zip(newer.parts) {
            *sum = sum.saturating_add(newer);
        }
        for (worst, newer) in self.worst.iter_mut().zip(newer.worst) {
            *worst = newer.max(*worst);
        }
        for (count, newer) in self.levels.iter_mut().zip(newer.levels) {
            *count += newer;
        }
    }
}

/// Whether `tls=` says that there was no TLS: asked for none, or fallen back to none (`none`, `may:none`).
fn plain(word: &[u8]) -> bool {
    let level = word.split(|byte| *byte == b'/').next().unwrap_or_default();
    let used = level
        .split(|byte| *byte == b':')
        .next_back()
        .unwrap_or_default();
    used == b"none"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tls_is_told_by_the_word_of_a_delivery() {
        for word in ["none", "may:none", "none/!requiretls:nocertmatch"] {
            assert!(plain(word.as_bytes()), "{word}");
        }
        for word in ["may", "dane:halfdane/requiretls", "encrypt", "may?", ""] {
            assert!(!plain(word.as_bytes()), "{word}");
        }
    }
}
