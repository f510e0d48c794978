//! What is known of each provider, and by which hosts it is told.
//!
//! A host's name goes in, its provider and that one's facts come out. Most of mail goes to few hosts, so what was found for a host is remembered,
//! and where its provider's facts are.

use super::Code;
use super::Tally;
use super::failing::Failing;
use crate::knowledge::{Knowledge, Provider};
use crate::model::histogram::Histogram;
use crate::model::table::{Join, Memo};
use std::collections::BTreeMap;

/// One provider over the whole span.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// Attempts by outcome and code.
    pub tally: Tally,
    /// Seconds from arrival to delivery; delivered recipients only.
    pub delay: Histogram,
    /// Their parts: before the queue manager, in it, connection set-up, transmission.
    pub delays: [Histogram; 4],
    /// TLS sessions to its hosts, by version.
    pub tls: BTreeMap<Box<str>, u64>,
    /// One reply for each code, the first that was logged.
    pub samples: BTreeMap<Code, Box<str>>,
    /// Since when it has been failing.
    pub(super) failing: Failing,
}

impl Join for Account {
    fn join(&mut self, newer: Self) {
        self.tally.add(&newer.tally);
        self.delay.join(newer.delay);
        for (part, newer) in self.delays.iter_mut().zip(newer.delays) {
            part.join(newer);
        }
        for (version, count) in newer.tls {
            *self.tls.entry(version).or_default() += count;
        }
        for (code, sample) in newer.samples {
            self.samples.entry(code).or_insert(sample);
        }
        self.failing.join(newer.failing);
    }
}

/// Facts by provider; there are as many as the knowledge names.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Known {
    /// In the order that they were met in.
    accounts: Vec<(Provider, Account)>,
    relays: Memo<Box<[u8]>, Runs>,
}

/// Who runs a relay, and where his facts are, once there are any.
#[derive(Debug, Clone, Copy)]
struct Runs {
    provider: Provider,
    place: Option<usize>,
}

impl Known {
    /// A provider's facts.
    pub(super) fn of(&mut self, provider: Provider) -> &mut Account {
        let place = self.place(provider);
        &mut self.accounts[place].1
    }

    /// Who runs that host, and his facts.
    pub(super) fn of_host(
        &mut self,
        host: &[u8],
        knowledge: &Knowledge,
    ) -> (Provider, &mut Account) {
        let Runs { provider, place } = *self.runs(host, knowledge);
        let place = place.unwrap_or_else(|| {
            let place = self.place(provider);
            self.runs(host, knowledge).place = Some(place);
            place
        });
        (provider, &mut self.accounts[place].1)
    }

    /// Who runs that host.
    pub(super) fn provider(&mut self, host: &[u8], knowledge: &Knowledge) -> Provider {
        self.runs(host, knowledge).provider
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = (Provider, &Account)> {
        let all = self.accounts.iter();
        all.map(|(provider, account)| (*provider, account))
    }

    fn runs(&mut self, host: &[u8], knowledge: &Knowledge) -> &mut Runs {
        self.relays.kept(host, |host| Runs {
            provider: knowledge.provider_of_relay(host).unwrap_or(Provider::OTHER),
            place: None,
        })
    }

    fn place(&mut self, provider: Provider) -> usize {
        let all = &mut self.accounts;
        let known = all.iter().position(|(known, _)| *known == provider);
        known.unwrap_or_else(|| {
            all.push((provider, Account::default()));
            all.len() - 1
        })
    }
}

impl Join for Known {
    fn join(&mut self, newer: Self) {
        for (provider, account) in newer.accounts {
            self.of(provider).join(account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_remembered_leads_to_its_provider_as_one_that_is_not() {
        let knowledge = Knowledge::builtin();
        let hosts = [
            &b"aspmx.l.google.com"[..],
            b"mx.dead.example",
            b"mta5.am0.yahoodns.net",
            b"alt1.aspmx.l.google.com",
            b"",
        ];
        let mut known = Known::default();
        for round in 1..=3 {
            for host in hosts {
                let asked = known.provider(host, knowledge);
                let (provider, account) = known.of_host(host, knowledge);
                let expected = knowledge.provider_of_relay(host).unwrap_or(Provider::OTHER);
                assert_eq!((asked, provider), (expected, expected));
                account.tally.other_codes += 1;
            }
            // Two of Google's, two of others'.
            let counts: Vec<u64> = known.all().map(|(_, own)| own.tally.other_codes).collect();
            assert_eq!(counts, [2 * round, 2 * round, round]);
            // A newer piece that met others first changes nothing of where they are.
            let mut newer = Known::default();
            newer.of(Provider::LOCAL);
            known.join(newer);
            known
                .accounts
                .retain(|(provider, _)| *provider != Provider::LOCAL);
        }
    }
}
