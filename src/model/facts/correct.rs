//! What is put right when an older piece of the log is joined in front: for each message that was in flight at the seam.

use super::Told;
use crate::model::history::Depth;
use crate::model::ledger::{Correction, Life};
use crate::model::parties::{self, Party};
use crate::model::table::stand_in;

impl Told {
    pub(super) fn correct(&mut self, correction: Correction) {
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
        self.bounced_for(&life, correction.bounced);
    }

    /// The queue manager has taken the message for the first time: now it is known who sent how much to how many.
    pub(super) fn received(&mut self, life: &Life) {
        let Some(queued) = life.queued.as_ref().filter(|_| life.received) else {
            return;
        };
        self.traffic.bytes_received += queued.size;
        self.traffic.senders.add(&queued.sender);
        let sender = &*queued.sender;
        let domain = super::record::at_domain(sender).map_or(sender, |(_, domain)| domain);
        self.traffic.sender_domains.add(domain);
        let network = life.client.as_deref().and_then(parties::network);
        let network = network.map(stand_in);
        let parties = [
            self.senders.row(&queued.sender),
            match &life.account {
                Some(account) => self.accounts.row(account),
                None => &mut Party::default(),
            },
            match &life.client {
                Some(client) => self.clients.row(client),
                None => &mut Party::default(),
            },
        ];
        for party in parties {
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
        self.senders.row(&queued.sender).bounced += recipients;
        if let Some(account) = &life.account {
            self.accounts.row(account).bounced += recipients;
        }
        if let Some(client) = &life.client {
            self.clients.row(client).bounced += recipients;
        }
    }
}
