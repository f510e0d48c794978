//! What is put right when an older piece of the log is joined in front: for each message that was in flight at the seam.

use super::Told;
use crate::model::history::Depth;
use crate::model::ledger::{Correction, Life};
use crate::model::parties;
use crate::model::table::stand_in;

impl Told {
    pub(super) fn correct(&mut self, correction: Correction) {
        self.accounts.correct(&correction);
        self.history.was_there_before(correction.assumed);
        for (time, step) in correction.steps {
            self.history.correct(time, step, 0);
        }
        for (time, arrived) in correction.arrived {
            self.history.correct(time, Depth::default(), arrived);
        }
        if correction.deferred_twice {
            self.traffic.deferred -= 1;
        }
        if let Some(deferral) = correction.deferral {
            let what = (deferral.domain, deferral.cause);
            self.onsets.take_back(deferral.at, &what);
        }
        let life = correction.life;
        if correction.newly_queued {
            self.received(&life);
        }
        for (domain, recipients) in correction.unsized_sent {
            let bytes = recipients * correction.size;
            self.traffic.bytes_delivered += bytes;
            self.destinations.row(&domain).bytes += bytes;
        }
        if let Some(sender) = &correction.sender {
            for (minute, row, attempts) in correction.unsigned {
                let answers = &mut self.providers.answers;
                answers.sender_known(minute, row, attempts, sender);
            }
        }
        self.bounced_for(&life, correction.bounced);
    }

    /// The queue manager has taken the message for the first time: now it is known who sent how much to how many.
    pub(super) fn received(&mut self, life: &Life) {
        let Some(queued) = life.queued.as_ref().filter(|_| life.received) else {
            return;
        };
        self.traffic.bytes_received += queued.size;
        let known = !self.senders.is_full();
        let sender = self.senders.row_of(&queued.sender);
        // Of whom there was a message before is counted already.
        if !(known && sender.messages > 0) {
            self.traffic.senders.add(&*queued.sender);
            let name = queued.sender.as_bytes();
            let domain = super::record::at_domain(name).map_or(name, |(_, domain)| domain);
            self.traffic.sender_domains.add(domain);
        }
        let network = life.client.as_deref().and_then(parties::network);
        let network = network.map(stand_in);
        let account = life.account.as_ref().map(|name| {
            let account = self.accounts.row_of(name);
            if !self.sums_only {
                account.queued(queued);
            }
            &mut account.party
        });
        let client = life.client.as_ref();
        let client = client.map(|client| self.clients.row_of(client));
        for party in [Some(sender), account, client].into_iter().flatten() {
            party.messages += 1;
            party.recipients += queued.recipients;
            party.bytes += queued.size;
            if let Some(network) = network {
                party.networks.put(network);
            }
        }
    }

    /// Recipients of a received message bounced after the queue manager took it.
    pub(super) fn bounced_for(&mut self, life: &Life, recipients: u64) {
        let Some(queued) = life
            .queued
            .as_ref()
            .filter(|_| life.received && recipients > 0)
        else {
            return;
        };
        self.senders.row_of(&queued.sender).bounced += recipients;
        if let Some(account) = &life.account {
            self.accounts.row_of(account).party.bounced += recipients;
        }
        if let Some(client) = &life.client {
            self.clients.row_of(client).bounced += recipients;
        }
    }
}
