//! Providers: who runs the mailboxes, learned from the relay's name, and what they answer.
//!
//! Delivery records go in; out come attempts per provider over a window of minutes, by outcome and code. `aspmx.l.google.com`
//! is Google whatever the recipient's domain, and that is remembered per domain, so that a later `relay=none` of the same
//! domain counts for the right provider. Attempts, not messages, are counted.

use crate::knowledge::{Knowledge, Provider};
use crate::model::reasons;
use chrono::{DateTime, Utc};
use mailtop_parsers::record::{Delivery, Relay};
use mailtop_parsers::{EnhancedStatus, ReplyCode, Status};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Minutes that are kept.
const KEPT: i64 = 60;
/// Domains whose provider is remembered.
const DOMAINS: usize = 50_000;
/// Bytes of the longest domain (RFC 1035, section 2.3.4); what is longer is none and is not remembered.
const LONGEST: usize = 255;
/// Codes counted apart per provider and minute; a hostile server could invent thousands.
const CODES: usize = 64;

/// Outcomes of delivery attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcomes {
    /// `status=sent`.
    pub sent: u64,
    /// `status=deferred`.
    pub deferred: u64,
    /// `status=bounced`.
    pub bounced: u64,
}

impl Outcomes {
    /// All attempts.
    pub fn attempts(self) -> u64 {
        self.sent + self.deferred + self.bounced
    }

    /// The share of `part` in all attempts, 0.0 to 1.0; `None` without attempts.
    pub fn share(self, part: u64) -> Option<f64> {
        let all = self.attempts();
        (all > 0).then(|| part as f64 / all as f64)
    }
}

/// What a provider answered to attempts that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    /// The remote server's reply code.
    pub reply: Option<ReplyCode>,
    /// Postfix's judgement.
    pub dsn: Option<EnhancedStatus>,
}

/// One provider over a window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// By outcome.
    pub outcomes: Outcomes,
    /// Attempts that did not succeed, by code.
    pub codes: BTreeMap<Code, u64>,
    /// Of them, those whose code was not counted apart.
    pub other_codes: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.outcomes.sent += other.outcomes.sent;
        self.outcomes.deferred += other.outcomes.deferred;
        self.outcomes.bounced += other.outcomes.bounced;
        self.other_codes += other.other_codes;
        for (code, count) in &other.codes {
            *self.codes.entry(*code).or_default() += count;
        }
    }

    /// The codes by frequency, most frequent first.
    pub fn by_frequency(&self) -> Vec<(Code, u64)> {
        let mut codes: Vec<_> = self
            .codes
            .iter()
            .map(|(code, count)| (*code, *count))
            .collect();
        codes.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        codes
    }
}

/// Attempts by provider and minute.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    minutes: VecDeque<(i64, BTreeMap<Provider, Tally>)>,
    of_domain: HashMap<Box<[u8]>, Provider>,
}

impl Providers {
    /// Takes one delivery in, logged at `time`. Returns the provider that it counts for.
    pub fn on(
        &mut self,
        delivery: &Delivery<'_>,
        time: DateTime<Utc>,
        knowledge: &Knowledge,
    ) -> Provider {
        let provider = self.provider(delivery, knowledge);
        let dsn = delivery.dsn;
        let code = Code {
            reply: delivery.reply_code(),
            dsn,
        };
        let Some(tally) = self.tally(time.timestamp().div_euclid(60), provider) else {
            return provider;
        };
        match delivery.status {
            Status::Sent => tally.outcomes.sent += 1,
            Status::Deferred | Status::SoftBounce => tally.outcomes.deferred += 1,
            Status::Bounced => tally.outcomes.bounced += 1,
            Status::Deliverable | Status::Undeliverable => return provider,
        }
        if delivery.status != Status::Sent {
            let known = tally.codes.len() < CODES || tally.codes.contains_key(&code);
            if known {
                *tally.codes.entry(code).or_default() += 1;
            } else {
                tally.other_codes += 1;
            }
        }
        provider
    }

    /// The provider that a recipient domain was last seen to use.
    pub fn of_domain(&self, domain: &str) -> Option<Provider> {
        self.of_domain.get(domain.as_bytes()).copied()
    }

    fn provider(&mut self, delivery: &Delivery<'_>, knowledge: &Knowledge) -> Provider {
        let host = match delivery.relay {
            Relay::Agent(_) | Relay::Socket { .. } => return Provider::LOCAL,
            Relay::Host(peer) => Some(peer.host),
            Relay::None => reasons::host(delivery.reply),
        };
        let at = memchr::memrchr(b'@', delivery.to).map_or(0, |at| at + 1);
        let domain = delivery
            .to
            .get(at..)
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let Some(provider) = host.and_then(|host| knowledge.provider_of_relay(host)) {
            let room = self.of_domain.len() < DOMAINS && domain.len() <= LONGEST;
            if room || self.of_domain.contains_key(domain.as_slice()) {
                self.of_domain.insert(domain.into(), provider);
            }
            return provider;
        }
        if host.is_some() {
            return Provider::OTHER;
        }
        let remembered = self.of_domain.get(domain.as_slice()).copied();
        remembered
            .or_else(|| knowledge.provider_of_domain(&domain))
            .unwrap_or(Provider::OTHER)
    }

    /// The tally of one minute; `None` for minutes that are no longer kept.
    fn tally(&mut self, minute: i64, provider: Provider) -> Option<&mut Tally> {
        let at = match self
            .minutes
            .binary_search_by_key(&minute, |(minute, _)| *minute)
        {
            Ok(at) => at,
            Err(at) => {
                self.minutes.insert(at, (minute, BTreeMap::new()));
                let newest = self.minutes.back().map_or(minute, |(newest, _)| *newest);
                let old = self
                    .minutes
                    .iter()
                    .take_while(|(minute, _)| *minute <= newest - KEPT)
                    .count();
                self.minutes.drain(..old);
                at.checked_sub(old)?
            }
        };
        self.minutes
            .get_mut(at)
            .map(|(_, tallies)| tallies.entry(provider).or_default())
    }

    /// The tallies of the last `minutes` minutes before `now`, the running one included.
    pub fn since(&self, now: DateTime<Utc>, minutes: i64) -> BTreeMap<Provider, Tally> {
        let first = now.timestamp().div_euclid(60) - minutes + 1;
        let mut sums: BTreeMap<Provider, Tally> = BTreeMap::new();
        for (_, tallies) in self.minutes.iter().filter(|(minute, _)| *minute >= first) {
            for (provider, tally) in tallies {
                sums.entry(*provider).or_default().add(tally);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailtop_parsers::{Calendar, Event};

    fn on(providers: &mut Providers, to: &str, second: usize, reply: &str) {
        let line = format!(
            "2026-11-24T10:{:02}:{:02}+00:00 mx1 postfix/smtp[1]: ABCDEF1: to=<{to}>, relay=aspmx.l.google.com[192.0.2.1]:25, \
             delay=1, dsn=4.0.0, status=deferred (host aspmx.l.google.com[192.0.2.1] said: {reply})",
            second / 60 % 60,
            second % 60
        );
        let anchor = DateTime::parse_from_rfc3339("2026-11-24T12:00:00+00:00").unwrap();
        let record = mailtop_parsers::parse(line.as_bytes(), &Calendar { anchor });
        let Event::Delivery(delivery) = &record.event else {
            panic!("{line}");
        };
        let time = record.time.unwrap().to_utc();
        providers.on(delivery, time, Knowledge::builtin());
    }

    #[test]
    fn domains_and_codes_without_end_are_bounded_and_all_attempts_count() {
        let mut providers = Providers::default();
        let all = 2 * DOMAINS;
        for n in 0..all {
            let reply = format!("4{:02} 4.{}.{} x", n % 100, n % 9, n % 997);
            on(&mut providers, &format!("a@d{n}.example"), 0, &reply);
        }
        on(&mut providers, &format!("a@{}", "x".repeat(60_000)), 0, "x");
        assert_eq!(providers.of_domain.len(), DOMAINS);
        let now = DateTime::from_timestamp(1_795_514_400, 0).unwrap();
        let tallies = providers.since(now, 10);
        let (_, tally) = tallies.first_key_value().unwrap();
        assert_eq!(tally.codes.len(), CODES);
        assert_eq!(tally.outcomes.deferred, all as u64 + 1);
        let counted: u64 = tally.codes.values().sum();
        assert_eq!(counted + tally.other_codes, all as u64 + 1);
    }

    #[test]
    fn only_the_newest_minutes_are_kept_in_whatever_order_they_come() {
        let mut providers = Providers::default();
        for second in (0..3600).chain((0..3600).rev()) {
            on(&mut providers, "a@b.example", second, "x");
        }
        assert!(providers.minutes.len() <= KEPT as usize);
        assert!(
            providers
                .minutes
                .iter()
                .is_sorted_by_key(|(minute, _)| minute)
        );
    }
}
