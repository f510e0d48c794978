//! One record taken in: what each kind of line adds to which table.

use super::{Facts, Told};
use crate::knowledge::Knowledge;
use crate::model::causes::Causes;
use crate::model::destinations::earliest;
use crate::model::events::Kind;
use crate::model::history::Flow;
use crate::model::ledger::life::{Deferral, Queued};
use crate::model::ledger::{Life, Turn};
use crate::model::parties;
use crate::model::reasons::Reason;
use crate::model::traffic::Hour;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use mailtop_parsers::record::{Delivery, Relay, Verdict};
use mailtop_parsers::secret;
use mailtop_parsers::{Event, Record, Severity, Status, Unrecognized};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// Seconds that a stamp may be ahead of what can be: clocks of hosts that share a log differ a little.
const AHEAD: i64 = 60;

/// The network of a client's address.
pub(super) fn network_of(client: &str) -> Option<IpAddr> {
    parties::network(client)
}

/// When a line was written.
#[derive(Debug, Clone, Copy)]
struct At {
    /// As good as it is known.
    time: DateTime<Utc>,
    /// As stamped, if it was, with the offset of the stamp.
    stamp: Option<DateTime<FixedOffset>>,
}

impl Facts {
    /// `newest`: no line was written later. A stamp that says so comes from a wrong clock, and would make today look old. Returns whether
    /// the line belongs to the span that is looked at. Its host is counted by the caller.
    pub(super) fn record(
        &mut self,
        line: &[u8],
        record: &Record<'_>,
        newest: DateTime<Utc>,
    ) -> bool {
        if record
            .time
            .is_some_and(|time| !self.between.holds(time.to_utc()))
        {
            return false;
        }
        let latest = newest.timestamp().saturating_add(AHEAD);
        let stamp = record.time.filter(|time| time.timestamp() <= latest);
        let at = At {
            time: stamp.map_or(newest, |stamp| stamp.to_utc()),
            stamp,
        };
        let Self {
            knowledge,
            ledger,
            told,
            ..
        } = self;
        told.lines.read += 1;
        if record.time.is_some() {
            told.seen.add(at.time);
        }
        told.history.advance(at.time);
        let turn = ledger.on(record, at.time);
        told.turn(&turn, at);
        told.event(line, record, at, turn.message, knowledge);
        true
    }
}

impl Told {
    fn turn(&mut self, turn: &Turn<'_>, at: At) {
        self.history.was_there_before(turn.open);
        self.history.step(at.time, turn.depth);
        if turn.arrived {
            self.history.flow(at.time, Flow::arrived());
        }
    }

    fn event(
        &mut self,
        line: &[u8],
        record: &Record<'_>,
        at: At,
        message: Option<&mut Life>,
        knowledge: &Knowledge,
    ) {
        let times = u64::from(record.repeated);
        match &record.event {
            Event::Delivery(delivery) => self.delivery(delivery, at, message, knowledge),
            Event::Client {
                queue_id: Some(_),
                client,
                sasl_username,
                orig_queue_id,
                ..
            } => {
                self.traffic.reinjected += u64::from(orig_queue_id.is_some());
                self.count(
                    at,
                    Hour {
                        received: 1,
                        ..Hour::default()
                    },
                );
                if let Some(message) = message {
                    message.client = Some(self.clients.shared(&text(client.ip)));
                    message.account = sasl_username.map(|name| self.accounts.shared(&text(name)));
                }
            }
            Event::Pickup { .. } => self.count(
                at,
                Hour {
                    received: 1,
                    ..Hour::default()
                },
            ),
            Event::Queued {
                from, size, nrcpt, ..
            } => {
                let Some(message) = message else { return };
                message.size = Some(*size);
                if message.queued.is_none() {
                    let sender = lower_domain(text(from));
                    message.queued = Some(Queued {
                        sender: self.senders.shared(&sender),
                        size: *size,
                        recipients: *nrcpt,
                    });
                    self.received(message);
                }
            }
            Event::Verdict(verdict) => self.verdict(verdict, at, times),
            Event::Tls(tls) if !tls.incoming => self.providers.tls(tls, knowledge),
            Event::Unrecognized { kind, text } => {
                self.lines.unrecognized(*kind, line);
                if *kind == Unrecognized::Warning {
                    self.warning(record, text, at, times);
                }
            }
            Event::Cleanup { .. }
            | Event::Removed { .. }
            | Event::Connect { .. }
            | Event::Disconnect { .. }
                if record.daemon() != b"postsuper" => {}
            event => {
                self.logins.on(event, times);
                self.note(record, at.time, times);
            }
        }
    }

    fn count(&mut self, at: At, hour: Hour) {
        self.traffic.count(at.stamp, hour);
    }

    fn delivery(
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
        let reason = self.reason(delivery.reply);
        cause(
            &mut self.deferrals,
            delivery.status,
            &reason,
            domain,
            at.time,
        );
        self.events
            .add(Kind::Deferred, at.time, 1, (domain, &reason.fold), || {
                SafeText::from(format!("{domain} deferred {}", reason.line()))
            });
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
        let reason = self.reason(delivery.reply);
        cause(&mut self.bounces, delivery.status, &reason, domain, at.time);
        self.events
            .add(Kind::Bounced, at.time, 1, (domain, &reason.fold), || {
                SafeText::from(format!("{domain} bounced {}", reason.line()))
            });
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

    fn reason(&mut self, text: &[u8]) -> Arc<Reason> {
        self.reasons.get_or(text, |text| {
            Arc::new(Reason::new(String::from_utf8_lossy(text).into()))
        })
    }

    fn verdict(&mut self, verdict: &Verdict<'_>, at: At, times: u64) {
        let counter = match verdict.verb() {
            b"reject" => &mut self.traffic.rejected,
            b"reject_warning" | b"warning" | b"warn" => &mut self.traffic.reject_warnings,
            b"hold" => &mut self.traffic.held,
            b"discard" => &mut self.traffic.discarded,
            _ => return,
        };
        *counter += times;
        self.count(
            at,
            Hour {
                rejected: times,
                ..Hour::default()
            },
        );
        let reason = self.reason(verdict.reply);
        let (action, stage) = (text(verdict.action), text(verdict.stage));
        let row = self
            .refusals
            .row(&format!("{action} {stage} {}", reason.fold));
        if row.count == 0 {
            row.action = action.into();
            row.stage = stage.into();
            row.code = verdict.smtp_code;
            row.dsn = verdict.dsn;
            row.reason = reason.fold.clone();
        }
        row.count += times;
        row.seen.add(at.time);
        row.clients.add(verdict.client.ip);
    }

    /// Events that are worth a line of their own.
    fn note(&mut self, record: &Record<'_>, time: DateTime<Utc>, times: u64) {
        match &record.event {
            Event::Expired { from, forced, .. } => {
                self.history.flow(
                    time,
                    Flow {
                        expired: 1,
                        ..Flow::default()
                    },
                );
                let how = if *forced { "force-expired" } else { "expired" };
                self.events
                    .add(Kind::Bounced, time, times, (how, from), || {
                        SafeText::from(format!("{how}, returned to {}", SafeText::new(from)))
                    });
            }
            Event::Hold { .. } => self.acted(time, "held"),
            Event::Released { .. } => self.acted(time, "released from hold"),
            Event::Requeued { .. } => self.acted(time, "requeued"),
            Event::ForceExpire { .. } => self.acted(time, "marked to expire"),
            Event::Removed { .. } => self.acted(time, "deleted"),
            Event::LoginFailed { login, .. } => {
                let rip = login.rip.unwrap_or(b"an unknown address");
                self.events.add(Kind::LoginFailed, time, times, rip, || {
                    let (user, rip) = (SafeText::new(login.user), SafeText::new(rip));
                    SafeText::from(format!("login failed for {user} from {rip}"))
                });
            }
            Event::SaslFailed {
                client, username, ..
            } => self
                .events
                .add(Kind::LoginFailed, time, times, client.ip, || {
                    let user = SafeText::new(username.unwrap_or(b"unknown user"));
                    let ip = SafeText::new(client.ip);
                    SafeText::from(format!("SASL login failed for {user} from {ip}"))
                }),
            _ => {}
        }
    }

    /// Queue actions are counted together while they follow each other within a minute.
    fn acted(&mut self, time: DateTime<Utc>, what: &'static str) {
        let minute = time.timestamp().div_euclid(60);
        self.events
            .add(Kind::Acted, time, 1, (what, minute), || what.into());
    }

    fn warning(&mut self, record: &Record<'_>, text: &[u8], at: At, times: u64) {
        let reason = self.reason(&secret::masked(text));
        let daemon = String::from_utf8_lossy(record.daemon());
        let key = format!("{daemon} {}", reason.fold);
        let line = || SafeText::from(format!("{daemon}: {}", reason.words));
        let limit = daemon == "dovecot" && reason.words.as_str().contains("limit");
        let rows = [
            Some(self.warnings.row(&key)),
            limit.then(|| self.logins.limits.row(&key)),
        ];
        for row in rows.into_iter().flatten() {
            if row.count == 0 {
                row.sample = line();
            }
            row.severity = row.severity.max(record.severity);
            row.count += times;
            row.seen.add(at.time);
        }
        if record.severity >= Some(Severity::Warning) {
            self.events.add(Kind::Warning, at.time, times, &key, line);
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

/// The text, what is no UTF-8 in it replaced. Nearly all of it is short and valid, which `from_utf8` sees sooner than `from_utf8_lossy`.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Local part and domain, cut at the last `@`.
pub(super) fn at_domain(address: &str) -> Option<(&str, &str)> {
    let at = memchr::memrchr(b'@', address.as_bytes())?;
    Some((address.get(..at)?, address.get(at + 1..)?))
}

/// When the message arrived.
fn arrival(delivery: &Delivery<'_>, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let delay = TimeDelta::try_milliseconds((delivery.delay * 1000.0) as i64)?;
    time.checked_sub_signed(delay)
}

/// The address with its domain in lower case.
fn lower_domain(address: Cow<'_, str>) -> Cow<'_, str> {
    match at_domain(&address) {
        Some((local, domain)) if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Cow::Owned(format!("{local}@{}", domain.to_ascii_lowercase()))
        }
        _ => address,
    }
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
