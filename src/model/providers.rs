//! Providers: who runs the mailboxes, learned from the relay's name, and what they answer.
//!
//! Delivery records go in; out come attempts per provider, over the last hour by minute and over the whole span that is known, by
//! outcome and code, with delays. `aspmx.l.google.com` is Google whatever the recipient's domain. An attempt with `relay=none` counts
//! for its domain until somebody asks: only then is it known which provider that domain was seen to use ([`Resolve`]), before or after.
//! Attempts, not messages, are counted.

pub mod answers;
pub mod cell;
pub mod delays;
pub mod failing;
mod known;
pub mod matrix;
pub mod onset;
pub mod slots;

use crate::knowledge::{Knowledge, Provider};
use crate::model::minute::MinuteRange;
use crate::model::reasons;
use crate::model::table::{Join, Map, Table, text};
use answers::Answers;
use chrono::{DateTime, Utc};
use delays::Delays;
pub use known::Account;
use known::Known;
use mailtop_parsers::record::{Delivery, Relay, Tls};
use mailtop_parsers::{EnhancedStatus, ReplyCode, Status};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Minutes that are kept apart.
const KEPT: i64 = 60;
/// Codes counted apart per provider and minute; a hostile server could invent thousands.
const CODES: usize = 64;
/// Providers and domains counted apart per minute, and domains in all.
const APART: usize = 5_000;
/// TLS versions told apart.
const VERSIONS: usize = 8;

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

/// What became of an attempt that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It is tried again.
    Deferred,
    /// It is not.
    Bounced,
}

/// What a provider answered to attempts that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
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
    fn count(&mut self, status: Status, code: Option<Code>) {
        match status {
            Status::Sent => self.outcomes.sent += 1,
            Status::Deferred | Status::SoftBounce => self.outcomes.deferred += 1,
            Status::Bounced => self.outcomes.bounced += 1,
            Status::Deliverable | Status::Undeliverable => {}
        }
        let Some(code) = code else { return };
        if self.codes.len() < CODES || self.codes.contains_key(&code) {
            *self.codes.entry(code).or_default() += 1;
        } else {
            self.other_codes += 1;
        }
    }

    fn add(&mut self, other: &Self) {
        self.outcomes.sent += other.outcomes.sent;
        self.outcomes.deferred += other.outcomes.deferred;
        self.outcomes.bounced += other.outcomes.bounced;
        self.other_codes += other.other_codes;
        for (code, count) in &other.codes {
            if self.codes.len() < CODES || self.codes.contains_key(code) {
                *self.codes.entry(*code).or_default() += count;
            } else {
                self.other_codes += count;
            }
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

/// Whom an attempt counts for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    /// The relay's provider.
    Provider(Provider),
    /// That of the recipient's domain: no relay was reached.
    Domain(Arc<str>),
}

/// Says which provider a recipient domain uses.
pub trait Resolve {
    /// The provider, by the domain in lower case.
    fn provider_of(&self, domain: &str) -> Provider;
}

/// Attempts by provider.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Providers {
    /// By minute since 1970, the newest [`KEPT`].
    minutes: BTreeMap<i64, Map<Whose, Tally>>,
    known: Known,
    /// Attempts that reached no relay, by the recipient's domain.
    domains: Table<Account, APART>,
    /// What was answered, by time.
    pub answers: Answers,
    /// Nothing is kept by time: [`crate::model::facts::Facts::sums_only`].
    pub(super) sums_only: bool,
}

/// Whom an attempt reached.
enum Reached<'a> {
    /// This host itself.
    Local,
    /// A host of that name.
    Host(&'a [u8]),
    Nobody,
}

impl<'a> Reached<'a> {
    fn of(delivery: &Delivery<'a>) -> Self {
        match delivery.relay {
            Relay::Agent(_) | Relay::Socket { .. } => Self::Local,
            Relay::Host(peer) => Self::Host(peer.host),
            Relay::None => reasons::host(delivery.reply).map_or(Self::Nobody, Self::Host),
        }
    }
}

impl Providers {
    /// Takes one delivery in, logged at `time`, for a recipient of `domain`. Returns the provider when a relay told it.
    pub fn on(
        &mut self,
        delivery: &Delivery<'_>,
        domain: &[u8],
        time: DateTime<Utc>,
        knowledge: &Knowledge,
    ) -> Option<Provider> {
        let reached = Reached::of(delivery);
        if matches!(delivery.status, Status::Deliverable | Status::Undeliverable) {
            return self.provider(&reached, knowledge);
        }
        let code = (delivery.status != Status::Sent).then(|| Code {
            reply: delivery.reply_code(),
            dsn: delivery.dsn,
        });
        let sums_only = self.sums_only;
        let (known, account) = match reached {
            Reached::Local => (Some(Provider::LOCAL), self.known.of(Provider::LOCAL)),
            Reached::Host(host) => {
                let (provider, account) = self.known.of_host(host, knowledge);
                (Some(provider), account)
            }
            Reached::Nobody => (None, self.domains.row_of_bytes(domain)),
        };
        account.tally.count(delivery.status, code);
        if !sums_only {
            match code {
                Some(code) => account.failing.failed(code, time),
                None => account.failing.sent(time),
            }
        }
        match code {
            Some(code) if account.tally.codes.contains_key(&code) => {
                account
                    .samples
                    .entry(code)
                    .or_insert_with(|| String::from_utf8_lossy(delivery.reply).into());
            }
            Some(_) => {}
            None => {
                account.delay.add(delivery.delay);
                if let Some(parts) = delivery.delays {
                    let parts = [
                        parts.before_qmgr,
                        parts.qmgr,
                        parts.conn_setup,
                        parts.transmission,
                    ];
                    for (histogram, part) in account.delays.iter_mut().zip(parts) {
                        histogram.add(part);
                    }
                }
            }
        }
        if !sums_only {
            let whose =
                known.map_or_else(|| Whose::Domain(Arc::from(&*text(domain))), Whose::Provider);
            if let Some(tally) = self.tally(time.timestamp().div_euclid(60), &whose) {
                tally.count(delivery.status, code);
            }
        }
        known
    }

    /// A TLS session to a provider's host.
    pub fn tls(&mut self, tls: &Tls<'_>, time: DateTime<Utc>, knowledge: &Knowledge) {
        let (provider, account) = self.known.of_host(tls.peer.host, knowledge);
        let version = String::from_utf8_lossy(tls.version);
        if account.tls.len() < VERSIONS || account.tls.contains_key(&*version) {
            *account.tls.entry(version.into()).or_default() += 1;
        }
        if !self.sums_only {
            self.answers.session(time, provider, tls);
        }
    }

    /// Whom the attempt reached; `None`: nobody.
    fn provider(&mut self, reached: &Reached<'_>, knowledge: &Knowledge) -> Option<Provider> {
        match reached {
            Reached::Local => Some(Provider::LOCAL),
            Reached::Host(host) => Some(self.known.provider(host, knowledge)),
            Reached::Nobody => None,
        }
    }

    /// The tally of one minute; `None` for minutes that are no longer kept.
    fn tally(&mut self, minute: i64, whose: &Whose) -> Option<&mut Tally> {
        let newest = self.minutes.keys().next_back().copied();
        if newest.is_some_and(|newest| minute <= newest - KEPT) {
            return None;
        }
        if newest.is_none_or(|newest| minute > newest) {
            self.minutes = self.minutes.split_off(&(minute - KEPT + 1));
        }
        Some(entry(self.minutes.entry(minute).or_default(), whose))
    }

    /// The tallies of the last `minutes` minutes before `now`, the running one included.
    pub fn since(
        &self,
        now: DateTime<Utc>,
        minutes: i64,
        resolve: &impl Resolve,
    ) -> BTreeMap<Provider, Tally> {
        let first = now.timestamp().div_euclid(60) - minutes + 1;
        let mut sums: BTreeMap<Provider, Tally> = BTreeMap::new();
        for (_, tallies) in self.minutes.range(first..) {
            for (whose, tally) in tallies {
                sums.entry(whose.resolved(resolve)).or_default().add(tally);
            }
        }
        sums
    }

    /// When a provider's answers with the codes that are meant began, if nothing was delivered to it since, and its last success.
    pub fn failing(
        &self,
        provider: Provider,
        meant: impl Fn(Code) -> bool,
        resolve: &impl Resolve,
    ) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let his = self.each(resolve).filter(|(whose, _)| *whose == provider);
        onset::together(his.map(|(_, account)| &account.failing), meant)
    }

    /// Delays and TLS levels in these minutes, by provider.
    pub fn delays(&self, minutes: MinuteRange) -> BTreeMap<Provider, Delays> {
        let mut sums: BTreeMap<Provider, Delays> = BTreeMap::new();
        for (_, _, slot) in self.answers.slots.between(minutes) {
            for (provider, delays) in &slot.delays {
                sums.entry(*provider).or_default().join(delays.clone());
            }
        }
        sums
    }

    /// Deliveries over time by how long they took, as [`crate::model::facts::Facts::delay_map`] says.
    pub fn delay_map(
        &self,
        minutes: MinuteRange,
        provider: Option<Provider>,
        edges: &[f64],
    ) -> (Vec<(i64, Vec<u64>)>, i64) {
        let slots = &self.answers.slots;
        let step = slots.step(minutes);
        let mut map: Vec<(i64, Vec<u64>)> = Vec::new();
        for (begin, _, slot) in slots.between(minutes) {
            let begin = if step == 1 {
                begin
            } else {
                slots::ten_of(begin)
            };
            for (_, delays) in slot.delays.iter().filter(|(of, delays)| {
                provider.is_none_or(|meant| meant == *of) && delays.total.count() > 0
            }) {
                let spread = delays.total.spread(edges);
                match map.last_mut() {
                    Some((at, counts)) if *at == begin => {
                        for (sum, count) in counts.iter_mut().zip(spread) {
                            *sum += count;
                        }
                    }
                    _ => map.push((begin, spread)),
                }
            }
        }
        (map, step)
    }

    /// What is known of every provider over the whole span.
    pub fn all(&self, resolve: &impl Resolve) -> BTreeMap<Provider, Account> {
        let mut sums: BTreeMap<Provider, Account> = BTreeMap::new();
        for (provider, account) in self.each(resolve) {
            sums.entry(provider).or_default().join(account.clone());
        }
        sums
    }

    fn each(&self, resolve: &impl Resolve) -> impl Iterator<Item = (Provider, &Account)> {
        let known = self.known.all();
        let domains = self.domains.rows();
        let domains = domains.map(|(domain, account)| (resolve.provider_of(domain), account));
        // Nobody knows whose domains those are for which there was no room.
        let others = Some((Provider::OTHER, self.domains.left_out()));
        let others = others.filter(|(_, account)| account.tally.outcomes.attempts() > 0);
        known.chain(domains).chain(others)
    }
}

impl Whose {
    fn resolved(&self, resolve: &impl Resolve) -> Provider {
        match self {
            Whose::Provider(provider) => *provider,
            Whose::Domain(domain) => resolve.provider_of(domain),
        }
    }
}

impl Join for Providers {
    fn join(&mut self, newer: Self) {
        for (minute, tallies) in newer.minutes.into_iter().rev() {
            for (whose, tally) in tallies {
                if let Some(known) = self.tally(minute, &whose) {
                    known.add(&tally);
                }
            }
        }
        self.known.join(newer.known);
        self.domains.join(newer.domains);
        self.answers.join(newer.answers);
    }
}

/// The facts of one; those of nobody in particular when too many are told apart.
fn entry<'a, V: Default>(all: &'a mut Map<Whose, V>, whose: &Whose) -> &'a mut V {
    if all.len() < APART || all.contains_key(whose) {
        all.entry_ref(whose).or_default()
    } else {
        all.entry(Whose::Provider(Provider::OTHER)).or_default()
    }
}

impl From<&Whose> for Whose {
    fn from(whose: &Whose) -> Self {
        whose.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailtop_parsers::{Calendar, Event};

    struct Nobody;

    impl Resolve for Nobody {
        fn provider_of(&self, _: &str) -> Provider {
            Provider::OTHER
        }
    }

    fn on(providers: &mut Providers, domain: &str, second: usize, reply: &str) {
        let line = format!(
            "2026-11-24T10:{:02}:{:02}+00:00 mx1 postfix/smtp[1]: ABCDEF1: to=<a@{domain}>, relay=aspmx.l.google.com[192.0.2.1]:25, \
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
        providers.on(delivery, domain.as_bytes(), time, Knowledge::builtin());
    }

    #[test]
    fn codes_without_end_are_bounded_and_all_attempts_count() {
        let mut providers = Providers::default();
        let all = 20_000;
        for n in 0..all {
            let reply = format!("4{:02} 4.{}.{} x", n % 100, n % 9, n % 997);
            on(&mut providers, "b.example", 0, &reply);
        }
        let now = DateTime::from_timestamp(1_795_514_400, 0).unwrap();
        let tallies = providers.since(now, 10, &Nobody);
        let (_, tally) = tallies.first_key_value().unwrap();
        assert_eq!(tally.codes.len(), CODES);
        assert_eq!(tally.outcomes.deferred, all as u64);
        let counted: u64 = tally.codes.values().sum();
        assert_eq!(counted + tally.other_codes, all as u64);
    }

    #[test]
    fn only_the_newest_minutes_are_kept_in_whatever_order_they_come() {
        let mut providers = Providers::default();
        for second in (0..3600).chain((0..3600).rev()) {
            on(&mut providers, "b.example", second, "x");
        }
        assert!(providers.minutes.len() <= KEPT as usize);
    }
}
