//! Facts: everything that log lines tell, line by line, and joinable: a piece of the log folded alone and joined to the piece before it
//! knows what both folded in one go would know.
//!
//! Records go in; tables, curves and counts come out by reference. [`Facts::join`] is the law of the house: cut a log at any line into pieces, fold each on
//! its own, join neighbours in any grouping, and the result is the same. It holds as long as no table is full; then totals
//! still add up, and the table says what it left out.
//!
//! What is told depends on nothing but the lines and, for lines without a readable stamp or year, the moment that is given with them.

mod answers;
mod correct;
mod delivery;
mod record;
#[cfg(test)]
mod tests;

use crate::knowledge::{Knowledge, Provider};
use crate::model::accounts::Accounts;
use crate::model::auth_failures::AuthFailures;
use crate::model::causes::{Causes, Span};
use crate::model::destinations::Destinations;
use crate::model::door::Door;
use crate::model::dovecot::Dovecot;
use crate::model::events::Events;
use crate::model::history::History;
use crate::model::identity::MessageKey;
use crate::model::ledger::{HostKey, Ledger, Life};
use crate::model::onsets::Onsets;
use crate::model::parties::Parties;
use crate::model::providers::{Account, Providers, Resolve, Tally};
use crate::model::reasons::Reason;
use crate::model::refusals::Refusals;
use crate::model::span::Between;
use crate::model::table::{Join, Memo, Table};
use crate::model::traffic::Traffic;
use crate::model::unrecognized::Lines;
use crate::model::warnings::Warnings;
use chrono::{DateTime, FixedOffset, Utc};
use mailtop_parsers::journal::{Beginning, Mixed};
use mailtop_parsers::{Calendar, QueueId};
use record::Newest;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Hosts that are told apart; one log has few.
const HOSTS: usize = 1_000;

/// Everything that log lines have told.
#[derive(Debug, Clone)]
pub struct Facts {
    knowledge: &'static Knowledge,
    zone: FixedOffset,
    between: Between,
    ledger: Ledger,
    told: Told,
}

/// What the lines told, without the messages in flight.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// What was read, and what was not understood.
    pub lines: Lines,
    /// The first and the last stamp.
    pub seen: Span,
    /// Lines by the host that wrote them.
    pub hosts: Table<u64, HOSTS>,
    /// Queue depth and flow over time.
    pub history: History,
    /// Messages and recipients, in all and by the hour.
    pub traffic: Traffic,
    /// Attempts by provider.
    pub providers: Providers,
    /// What became of mail by recipient domain.
    pub destinations: Destinations,
    /// Why attempts were deferred.
    pub deferrals: Causes,
    /// Why recipients bounced.
    pub bounces: Causes,
    /// Messages deferred for the first time.
    pub onsets: Onsets,
    /// By envelope sender.
    pub senders: Parties,
    /// By SASL account.
    pub accounts: Accounts,
    /// By client address.
    pub clients: Parties,
    /// What was refused.
    pub refusals: Refusals,
    /// What was turned away, as far as it tells of accounts and floods.
    pub door: Door,
    /// What daemons complained of.
    pub warnings: Warnings,
    /// The newest events.
    pub events: Events,
    /// Failed authentications, and logins after them.
    pub auth_failures: AuthFailures,
    /// Dovecot's logins, sessions, saved mail and complaints.
    pub dovecot: Dovecot,
    reasons: Memo<Box<[u8]>, Arc<Reason>>,
    sums_only: bool,
}

impl Facts {
    /// Nothing told yet. `zone` is the offset of stamps that carry none.
    pub fn new(knowledge: &'static Knowledge, zone: FixedOffset) -> Self {
        Self {
            knowledge,
            zone,
            between: Between::default(),
            ledger: Ledger::default(),
            told: Told::default(),
        }
    }

    /// What is known of the world outside.
    pub fn knowledge(&self) -> &'static Knowledge {
        self.knowledge
    }

    /// Takes in only lines whose stamp lies between these moments, and those without one.
    #[must_use]
    pub fn within(mut self, between: Between) -> Self {
        self.between = between;
        self
    }

    /// Keeps what a report prints and nothing else: sums over the whole span and the depth of the queue, but nothing that only a dashboard asks
    /// for. That is answers and accounts by time, guesses of passwords, who knocked at the door, events, Dovecot's sessions, since when a destination fails, and
    /// what makes the queue grow.
    #[must_use]
    pub fn sums_only(mut self) -> Self {
        self.told.sums_only = true;
        self.told.providers.sums_only = true;
        self.told.dovecot.sum_up();
        self
    }

    /// The offset of stamps that carry none.
    pub fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// What the lines told.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// The same, for facts that come from elsewhere: listings and sources.
    pub fn told_mut(&mut self) -> &mut Told {
        &mut self.told
    }

    /// The messages in flight.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the log told of a message in flight. A listing does not say as what host the log knows this one: the first few are tried.
    pub fn life(&self, key: &MessageKey) -> Option<&Life> {
        const HOSTS_TRIED: usize = 8;
        let id = QueueId::new(key.queue_id.as_bytes())?;
        let hosts = self
            .told
            .hosts
            .rows()
            .map(|(host, _)| Some(host.as_bytes()));
        hosts
            .chain([None])
            .take(HOSTS_TRIED)
            .find_map(|host| self.ledger.life(host, key.instance.as_bytes(), id))
    }

    /// Whole log lines, each ended by `\n`. `anchor` is the newest moment that they can have been written at: it places stamps without
    /// a year, and stands for those that are missing or later.
    pub fn lines(&mut self, lines: &[u8], anchor: DateTime<Utc>) {
        let calendar = Calendar {
            anchor: anchor.with_timezone(&self.zone),
        };
        let mut mixed = Mixed::default();
        let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
        let newest = Newest::from(anchor);
        let mut run = Run::default();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', lines).chain([lines.len()]) {
            let line = lines.get(start..end).unwrap_or_default();
            start = end + 1;
            if !line.is_empty() {
                let begun = mixed.begin(line, &calendar);
                let second = begun.second();
                match begun {
                    // A report counts no visits.
                    Beginning::Line(visit) if self.told.sums_only && visit.is_visit() => {
                        if self.at(visit.time(), second, newest).is_some() {
                            self.of_host(visit.host(), &mut run);
                        }
                    }
                    begun => {
                        let record = begun.record();
                        if let Some(at) = self.at(record.time, second, newest) {
                            self.of_host(record.host, &mut run);
                            self.record(line, &record, run.key, at);
                        }
                    }
                }
            }
        }
        self.count_host(&run);
    }

    /// A line of that host was taken in.
    #[expect(
        clippy::inline_always,
        reason = "asked of every line, where a call costs as much as what it does"
    )]
    #[inline(always)]
    fn of_host(&mut self, host: Option<&[u8]>, run: &mut Run) {
        if host != run.host.as_deref() {
            self.count_host(run);
            *run = Run::new(host);
        }
        run.lines += 1;
    }

    fn count_host(&mut self, run: &Run) {
        if let Some(host) = &run.host
            && run.lines > 0
        {
            *self.told.hosts.row_of_bytes(host) += run.lines;
        }
    }

    /// Takes in what the next piece of the log told.
    pub fn join(&mut self, newer: Self) {
        let Self { ledger, told, .. } = newer;
        self.told.join(told);
        let Self {
            ledger: own, told, ..
        } = self;
        own.join(ledger, |correction| told.correct(correction));
    }

    /// The tallies of the last `minutes` minutes before `now`, the running one included, by provider.
    pub fn providers_since(&self, now: DateTime<Utc>, minutes: i64) -> BTreeMap<Provider, Tally> {
        self.told.providers.since(now, minutes, self)
    }

    /// What is known of every provider.
    pub fn providers(&self) -> BTreeMap<Provider, Account> {
        self.told.providers.all(self)
    }

    /// The provider that a recipient domain was last seen to use, or is known to.
    pub fn provider_of_domain(&self, domain: &str) -> Option<Provider> {
        let seen = self
            .told
            .destinations
            .get(domain)
            .and_then(|known| known.provider);
        seen.or_else(|| self.knowledge.provider_of_domain(domain.as_bytes()))
    }
}

impl Resolve for Facts {
    fn provider_of(&self, domain: &str) -> Provider {
        self.provider_of_domain(domain).unwrap_or(Provider::OTHER)
    }
}

/// Lines of one host. Neighbours nearly always are, so its lines are counted and its key is made once for all of them.
struct Run {
    host: Option<Box<[u8]>>,
    key: HostKey,
    lines: u64,
}

impl Run {
    fn new(host: Option<&[u8]>) -> Self {
        Self {
            host: host.map(Box::from),
            key: HostKey::new(host),
            lines: 0,
        }
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::new(None)
    }
}

/// Two are equal when they were told the same.
impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        self.told == other.told && self.ledger == other.ledger
    }
}

impl Join for Told {
    fn join(&mut self, newer: Self) {
        self.lines.join(newer.lines);
        self.seen.join(newer.seen);
        self.hosts.join(newer.hosts);
        self.history.join(newer.history);
        self.traffic.join(newer.traffic);
        self.providers.join(newer.providers);
        self.destinations.join(newer.destinations);
        self.deferrals.join(newer.deferrals);
        self.bounces.join(newer.bounces);
        self.onsets.join(newer.onsets);
        self.senders.join(newer.senders);
        self.accounts.join(newer.accounts);
        self.clients.join(newer.clients);
        self.refusals.join(newer.refusals);
        self.door.join(newer.door);
        self.warnings.join(newer.warnings);
        self.events.join(newer.events);
        self.auth_failures.join(newer.auth_failures);
        self.dovecot.join(newer.dovecot);
    }
}
