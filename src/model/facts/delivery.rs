//! What a delivery agent's line adds: one recipient's outcome of one attempt.

use super::Told;
use super::record::{At, at_domain, text};
use crate::knowledge::Knowledge;
use crate::model::causes::Causes;
use crate::model::destinations::earliest;
use crate::model::events::Kind;
use crate::model::history::Flow;
use crate::model::ledger::Life;
use crate::model::ledger::life::Deferral;
use crate::model::reasons::Reason;
use crate::model::traffic::Hour;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::Status;
use mailtop_parsers::record::{Delivery, Relay};
use std::borrow::Cow;
use std::sync::Arc;

impl Told {
    pub(super) fn delivery(
        &mut self,
        delivery: &Delivery<'_>,
        at: At,
        message: Option<&mut Life>,
        knowledge: &Knowledge,
    ) {
        let to = text(delivery.to);
        let (local, domain) = split(&to);
        let domain = &*domain;
        let provider = self.providers.on(delivery, domain, at.time, knowledge);
        // One look-up for all that a delivery tells of its domain: most of what a line costs is looking up.
        let row = self.destinations.row(domain);
        row.provider = provider.or(row.provider);
        match delivery.status {
            Status::Sent => {
                row.sent += 1;
                row.delay.add(delivery.delay);
                if !is_forwarded(delivery) {
                    row.bytes += message.as_deref().and_then(|life| life.size).unwrap_or(0);
                }
            }
            Status::Deferred | Status::SoftBounce => {
                row.deferred += 1;
                row.oldest = earliest(row.oldest, arrival(delivery, at.time));
            }
            Status::Bounced => row.bounced += 1,
            Status::Deliverable | Status::Undeliverable => {}
        }
        match delivery.status {
            Status::Sent => self.sent(delivery, (local, domain), at, message),
            Status::Deferred | Status::SoftBounce => self.deferred(delivery, domain, at, message),
            Status::Bounced => self.bounced(delivery, domain, at, message),
            Status::Deliverable | Status::Undeliverable => {}
        }
    }

    fn sent(
        &mut self,
        delivery: &Delivery<'_>,
        (local, domain): (&str, &str),
        at: At,
        message: Option<&mut Life>,
    ) {
        self.history.flow(
            at.time,
            Flow {
                sent: 1,
                ..Flow::default()
            },
        );
        if is_forwarded(delivery) {
            self.traffic.forwarded += 1;
            return;
        }
        self.count(
            at,
            Hour {
                delivered: 1,
                ..Hour::default()
            },
        );
        self.traffic.recipients.add((local, domain));
        self.traffic.recipient_domains.add(domain);
        let Some(life) = message else { return };
        if let Some(size) = life.size {
            self.traffic.bytes_delivered += size;
        } else if let Some(origin) = &mut life.origin {
            origin.sent_to(domain);
        }
    }

    /// What is told of an attempt that did not succeed, deferred or bounced. Gives why.
    fn failed(&mut self, kind: Kind, delivery: &Delivery<'_>, domain: &str, at: At) -> Arc<Reason> {
        let reason = self.reason(delivery.reply);
        let causes = if kind == Kind::Bounced {
            &mut self.bounces
        } else {
            &mut self.deferrals
        };
        cause(causes, delivery.status, &reason, domain, at.time);
        self.events.failed(kind, at.time, domain, &reason);
        reason
    }

    fn deferred(
        &mut self,
        delivery: &Delivery<'_>,
        domain: &str,
        at: At,
        message: Option<&mut Life>,
    ) {
        self.history.flow(
            at.time,
            Flow {
                deferred: 1,
                ..Flow::default()
            },
        );
        self.count(
            at,
            Hour {
                deferrals: 1,
                ..Hour::default()
            },
        );
        let reason = self.failed(Kind::Deferred, delivery, domain, at);
        self.onsets.advance(at.time);
        let Some(life) = message.filter(|life| !life.deferred) else {
            return;
        };
        life.deferred = true;
        self.traffic.deferred += 1;
        let what = (
            self.destinations.shared(domain),
            self.deferrals.shared(&reason.fold),
        );
        if let Some(origin) = &mut life.origin {
            let (domain, cause) = what.clone();
            origin.deferral = Some(Deferral {
                at: at.time,
                domain,
                cause,
            });
        }
        self.onsets.add(at.time, what);
    }

    fn bounced(
        &mut self,
        delivery: &Delivery<'_>,
        domain: &str,
        at: At,
        message: Option<&mut Life>,
    ) {
        self.history.flow(
            at.time,
            Flow {
                bounced: 1,
                ..Flow::default()
            },
        );
        self.count(
            at,
            Hour {
                bounced: 1,
                ..Hour::default()
            },
        );
        self.failed(Kind::Bounced, delivery, domain, at);
        match message {
            Some(Life {
                origin: Some(origin),
                queued,
                ..
            }) => {
                let [early, late] = &mut origin.bounced;
                *if queued.is_some() { late } else { early } += 1;
            }
            Some(life) => {
                let life = &*life;
                self.bounced_for(life, 1);
            }
            None => {}
        }
    }
}

fn cause(
    causes: &mut Causes,
    status: Status,
    reason: &Arc<Reason>,
    domain: &str,
    time: DateTime<Utc>,
) {
    let row = causes.row(&reason.fold);
    row.count += 1;
    row.seen.add(time);
    *row.domains.row(domain) += 1;
    if row.sample.is_none() {
        row.sample = Some((status, Arc::clone(reason)));
    }
}

/// Whether local(8) sent it on as another message.
fn is_forwarded(delivery: &Delivery<'_>) -> bool {
    matches!(delivery.relay, Relay::Agent(_)) && delivery.reply.starts_with(b"forwarded as ")
}

/// When the message arrived.
fn arrival(delivery: &Delivery<'_>, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let delay = TimeDelta::try_milliseconds((delivery.delay * 1000.0) as i64)?;
    time.checked_sub_signed(delay)
}

/// Local part and domain; the domain in lower case, `(no domain)` for a bare local part.
fn split(address: &str) -> (&str, Cow<'_, str>) {
    match at_domain(address) {
        Some((local, domain)) if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            (local, Cow::Owned(domain.to_ascii_lowercase()))
        }
        Some((local, domain)) if !domain.is_empty() => (local, Cow::Borrowed(domain)),
        _ => (address, Cow::Borrowed("(no domain)")),
    }
}
