//! A message of a listing as a filter sees it: what [`crate::app::filter::queued`] says of the dashboard's, without any log.
//!
//! Providers are what is built in or what the reason names.

use super::{Listing, sender};
use crate::app::filter::subject::{address, shown};
use crate::app::filter::{Field, Filter, Subject, queued};
use crate::knowledge::Provider;
use crate::model::queue::domain_of;
use crate::model::reasons::{self, Reason};
use mailtop_parsers::{QueueEntry, QueueName};
use std::sync::Arc;

struct Listed<'a> {
    entry: &'a QueueEntry,
    listing: &'a Listing,
}

impl Listing {
    /// Keeps only the messages that the filter means; returns how many there were.
    pub fn keep(&mut self, filter: &Filter) -> usize {
        let all = std::mem::take(&mut self.entries);
        let count = all.len();
        let meant = |entry: &QueueEntry| {
            let listing = &*self;
            filter.matches(&Listed { entry, listing })
        };
        let kept: Vec<QueueEntry> = all.into_iter().filter(meant).collect();
        let ids = kept.iter().enumerate();
        self.by_id = ids
            .map(|(at, entry)| (entry.queue_id.clone(), at))
            .collect();
        self.entries = kept;
        count
    }
}

impl Listed<'_> {
    fn reasons(&self) -> impl Iterator<Item = Reason> {
        let recipients = self.entry.recipients.iter();
        recipients.filter_map(|to| Some(Reason::new(Arc::from(to.reason()?))))
    }
}

impl Subject for Listed<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let entry = self.entry;
        let mut recipients = entry.recipients.iter();
        match field {
            Field::Domain => recipients.any(|to| test(&shown(&*domain_of(&to.address)))),
            Field::From => test(&address(sender(entry).as_bytes())),
            Field::To => recipients.any(|to| {
                let before = to.orig_address.as_deref();
                test(&shown(&to.address)) || before.is_some_and(|before| test(&shown(before)))
            }),
            Field::Code => self.reasons().any(|reason| queued::codes(&reason, test)),
            Field::Reason => self.reasons().any(|reason| queued::words(&reason, test)),
            Field::Class => {
                let knowledge = self.listing.knowledge;
                self.reasons()
                    .any(|reason| test(reason.class(knowledge).as_str()))
            }
            Field::Relay => recipients.any(|to| {
                let host = to.reason().and_then(|text| reasons::host(text.as_bytes()));
                host.is_some_and(|host| test(&shown(host)))
            }),
            Field::Provider => recipients.any(|to| {
                let provider = self.listing.provider(to);
                test(provider.unwrap_or(Provider::OTHER.name()))
            }),
            Field::Queue => test(match entry.queue_name {
                QueueName::Maildrop => "maildrop",
                QueueName::Incoming => "incoming",
                QueueName::Active => "active",
                QueueName::Deferred => "deferred",
                QueueName::Hold => "hold",
            }),
            Field::QueueId => test(&shown(&entry.queue_id)),
            Field::Host => {
                let host = self.listing.host.as_ref();
                host.is_some_and(|host| test(host.as_str()))
            }
            _ => false,
        }
    }

    fn number(&self, field: Field) -> Option<i64> {
        let entry = self.entry;
        match field {
            Field::Age => {
                let now = self.listing.at.timestamp();
                Some(now.saturating_sub(entry.arrival_time).max(0))
            }
            Field::Size => Some(entry.message_size.max(0)),
            Field::Recipients => i64::try_from(entry.recipients.len()).ok(),
            _ => None,
        }
    }
}
