//! What a delivery agent's line adds: one recipient's outcome of one attempt.

use super::Told;
use super::record::{At, at_domain};
use crate::knowledge::{Knowledge, Provider};
use crate::model::accounts::Reached;
use crate::model::causes::Causes;
use crate::model::destinations::earliest;
use crate::model::dovecot::saves;
use crate::model::events::Kind;
use crate::model::ledger::Life;
use crate::model::ledger::life::Deferral;
use crate::model::minutes::minute_of;
use crate::model::providers::answers::Failed;
use crate::model::providers::{Code, Outcome};
use crate::model::reasons::Reason;
use crate::model::table::{Name, text};
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
        mut message: Option<&mut Life>,
        knowledge: &Knowledge,
    ) {
        let to = legible(delivery.to);
        let (local, domain) = split(&to);
        // One look-up for all that a delivery tells of its domain: most of what a line costs is looking up.
        let found = self.destinations.find(domain);
        let domain = match found {
            Some(_) => Cow::Borrowed(domain),
            None => lower(domain),
        };
        let domain = &*domain;
        let full = self.destinations.is_full();
        let provider = self.providers.on(delivery, domain, at.time, knowledge);
        let row = match found {
            Some(place) => self.destinations.row_at(place),
            None => self.destinations.row_of_bytes(domain),
        };
        // Where bytes were delivered before, the domain is counted already.
        let new = full || row.bytes == 0;
        row.provider = provider.or(row.provider);
        match delivery.status {
            Status::Sent => {
                if !self.sums_only {
                    row.failing.sent(at.time);
                }
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
        if let Some(life) = message.as_deref_mut()
            && !self.sums_only
        {
            self.tried(life, &text(domain), delivery.status, at);
        }
        if !self.sums_only && saves::is_dovecot(&delivery.relay) {
            let failed = delivery.status != Status::Sent;
            let reason = failed.then(|| self.reason(delivery.reply));
            let saves = &mut self.dovecot.saves;
            saves.attempt(delivery, reason.as_ref(), at.time);
        }
        match delivery.status {
            Status::Sent => {
                let Self {
                    providers,
                    destinations,
                    sums_only,
                    ..
                } = self;
                if !*sums_only {
                    let domain = &*text(domain);
                    let shared = || Arc::clone(destinations.name(domain.as_bytes()).shared());
                    providers
                        .answers
                        .sent(at.time, delivery, domain, provider, shared);
                }
                self.sent(delivery, (local, domain, new), at, message);
            }
            Status::Deferred | Status::SoftBounce => {
                let domain = &*text(domain);
                self.answered(delivery, (domain, provider), at, message.as_deref_mut());
                self.deferred(delivery, domain, at, message);
            }
            Status::Bounced => {
                let domain = &*text(domain);
                self.answered(delivery, (domain, provider), at, message.as_deref_mut());
                self.bounced(delivery, domain, at, message);
            }
            Status::Deliverable | Status::Undeliverable => {}
        }
    }

    /// What an attempt tells of the account whose message it is.
    fn tried(&mut self, life: &mut Life, domain: &str, status: Status, at: At) {
        let Some(reached) = Reached::of(status) else {
            return;
        };
        if let Some(origin) = &mut life.origin {
            origin.tried(minute_of(at.time), domain, reached);
        } else if let Some(account) = &life.account {
            let account = self.accounts.row_of(account);
            account.tried(minute_of(at.time), reached);
            let own = || Arc::clone(self.destinations.name(domain.as_bytes()).shared());
            account.reached(domain, own, reached);
        }
    }

    fn sent(
        &mut self,
        delivery: &Delivery<'_>,
        (local, domain, new): (&[u8], &[u8], bool),
        at: At,
        message: Option<&mut Life>,
    ) {
        self.history.flow(at.second, |flow| flow.sent += 1);
        if is_forwarded(delivery) {
            self.traffic.forwarded += 1;
            return;
        }
        self.count(at, |hour| hour.delivered += 1);
        self.traffic.recipients.add((local, domain));
        if new {
            self.traffic.recipient_domains.add(domain);
        }
        let Some(life) = message else { return };
        if let Some(size) = life.size {
            self.traffic.bytes_delivered += size;
        } else if let Some(origin) = &mut life.origin {
            origin.sent_to(&text(domain));
        }
    }

    /// A server's answer to an attempt that did not succeed, or why none was reached.
    fn answered(
        &mut self,
        delivery: &Delivery<'_>,
        (domain, provider): (&str, Option<Provider>),
        at: At,
        message: Option<&mut Life>,
    ) {
        if self.sums_only {
            return;
        }
        let reason = self.reason(delivery.reply);
        let (outcome, causes) = match delivery.status {
            Status::Bounced => (Outcome::Bounced, &mut self.bounces),
            _ => (Outcome::Deferred, &mut self.deferrals),
        };
        // The rows are made here, so that their names can be shared.
        let (cause, _) = causes.named(reason.fold.as_bytes());
        let code = Code {
            reply: delivery.reply_code(),
            dsn: delivery.dsn,
        };
        let (domain, destination) = self.destinations.named(domain.as_bytes());
        destination.failing.failed(code, at.time);
        let row = Failed {
            domain: Some(Arc::clone(domain.shared())),
            provider,
            outcome,
            code,
            cause: Some(Arc::clone(cause.shared())),
        };
        let sender = message.as_deref().and_then(|life| life.sender.clone());
        if sender.is_none()
            && let Some(origin) = message.and_then(|life| life.origin.as_mut())
        {
            origin.answered(minute_of(at.time).into(), &row);
        }
        self.providers.answers.failed(
            at.time,
            row,
            delivery.queue_id,
            sender.as_ref().map(Name::shared),
        );
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
        if !self.sums_only {
            self.events.failed(kind, at.time, domain, &reason);
        }
        reason
    }

    fn deferred(
        &mut self,
        delivery: &Delivery<'_>,
        domain: &str,
        at: At,
        message: Option<&mut Life>,
    ) {
        self.history.flow(at.second, |flow| flow.deferred += 1);
        self.count(at, |hour| hour.deferrals += 1);
        let reason = self.failed(Kind::Deferred, delivery, domain, at);
        if !self.sums_only {
            self.onsets.advance(at.time);
        }
        let Some(life) = message.filter(|life| !life.deferred) else {
            return;
        };
        life.deferred = true;
        self.traffic.deferred += 1;
        if self.sums_only {
            return;
        }
        let what = (
            Arc::clone(self.destinations.name(domain.as_bytes()).shared()),
            Arc::clone(self.deferrals.name(reason.fold.as_bytes()).shared()),
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
        self.history.flow(at.second, |flow| flow.bounced += 1);
        self.count(at, |hour| hour.bounced += 1);
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

/// The address; what is no UTF-8 in it is replaced. Nearly all are ASCII, which is seen sooner.
fn legible(address: &[u8]) -> Cow<'_, [u8]> {
    if address.is_ascii() {
        return Cow::Borrowed(address);
    }
    match text(address) {
        Cow::Borrowed(address) => Cow::Borrowed(address.as_bytes()),
        Cow::Owned(address) => Cow::Owned(address.into_bytes()),
    }
}

/// Local part and domain, `(no domain)` for a bare local part.
fn split(address: &[u8]) -> (&[u8], &[u8]) {
    at_domain(address)
        .filter(|(_, domain)| !domain.is_empty())
        .unwrap_or((address, b"(no domain)"))
}

/// In lower case.
fn lower(domain: &[u8]) -> Cow<'_, [u8]> {
    if domain.iter().any(u8::is_ascii_uppercase) {
        Cow::Owned(domain.to_ascii_lowercase())
    } else {
        Cow::Borrowed(domain)
    }
}
