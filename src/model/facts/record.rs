//! One record taken in: what each kind of line adds to which table.

use super::{Facts, Told};
use crate::knowledge::Knowledge;
use crate::model::auth_failures;
use crate::model::events::Kind;
use crate::model::history::Depth;
use crate::model::ledger::life::Queued;
use crate::model::ledger::{HostKey, Life, Turn, is_postsuper};
use crate::model::minute::Moment;
use crate::model::reasons::Reason;
use crate::model::table::{Name, text};
use crate::model::traffic::Hour;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset, Utc};
use mailtop_parsers::record::Verdict;
use mailtop_parsers::{Event, Record, Severity, Unrecognized};
use mailtop_parsers::{dovecot, secret};
use std::borrow::Cow;
use std::sync::Arc;

/// Seconds that a stamp may be ahead of what can be: clocks of hosts that share a log differ a little.
const AHEAD: i64 = 60;

/// When a line was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    /// As good as it is known.
    pub(super) time: DateTime<Utc>,
    /// Its second since 1970.
    pub(super) second: i64,
    /// The offset of the stamp, if it has one, seconds east.
    pub(super) offset: Option<i32>,
}

impl At {
    pub(super) fn moment(&self) -> Moment {
        Moment {
            time: self.time,
            second: self.second,
        }
    }
}

/// No line was written later than that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest {
    moment: Moment,
    /// A stamp from this second on is a wrong clock's.
    latest: i64,
}

impl From<DateTime<Utc>> for Newest {
    fn from(moment: DateTime<Utc>) -> Self {
        let moment = Moment::from(moment);
        Self {
            moment,
            latest: moment.second.saturating_add(AHEAD).saturating_add(1),
        }
    }
}

impl Facts {
    /// A line with that stamp, in that second since 1970, is taken in; `newest`: no line was written later. A stamp that says so comes from a wrong
    /// clock, and would make today look old. `None` when the line does not belong to the span that is looked at. Its host is counted by the caller.
    #[expect(
        clippy::inline_always,
        reason = "asked of every line, where a call costs as much as what it does"
    )]
    #[inline(always)]
    pub(super) fn at(
        &mut self,
        stamp: Option<DateTime<FixedOffset>>,
        second: Option<i64>,
        newest: Newest,
    ) -> Option<At> {
        let told = &mut self.told;
        let mut at = At {
            time: newest.moment.time,
            second: newest.moment.second,
            offset: None,
        };
        if let (Some(stamp), Some(second)) = (stamp, second) {
            let time = stamp.to_utc();
            if !self.between.holds(time) {
                return None;
            }
            if second < newest.latest {
                at = At {
                    time,
                    second,
                    offset: Some(stamp.offset().local_minus_utc()),
                };
            }
            told.seen.add(at.time);
        }
        told.lines.read += 1;
        told.history.advance(at.second);
        Some(at)
    }

    /// Takes in a whole line of that host.
    pub(super) fn record(&mut self, line: &[u8], record: &Record<'_>, host: HostKey, at: At) {
        let Self {
            knowledge,
            ledger,
            told,
            ..
        } = self;
        let turn = ledger.on(record, host, at.time);
        if let Some(turn) = &turn {
            told.turn(turn, at);
        }
        // These tell of a step and no more, and a third of all lines are such.
        let silent = matches!(
            record.event,
            Event::Cleanup { .. }
                | Event::Removed { .. }
                | Event::Connect { .. }
                | Event::Disconnect { .. }
        );
        if !silent || is_postsuper(record) {
            let message = turn.and_then(|turn| turn.message);
            told.event(line, record, at, message, knowledge);
        }
    }
}

impl Told {
    fn turn(&mut self, turn: &Turn<'_>, at: At) {
        if let Some(open) = turn.open {
            self.history.was_there_before(Depth::one(Some(open)));
        }
        self.history.step(at.moment(), turn.from, turn.to);
        if turn.arrived() {
            self.history.flow(at.second, |flow| flow.arrived += 1);
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
                sasl_method,
                sasl_username,
                orig_queue_id,
                ..
            } => {
                self.traffic.reinjected += u64::from(orig_queue_id.is_some());
                self.count(at, |hour| hour.received += 1);
                let account = sasl_username.map(|user| {
                    let (name, account) = self.accounts.named(user);
                    if self.sums_only {
                        return name;
                    }
                    let address = auth_failures::address(client.ip);
                    account.submits(at.time, address, *sasl_method);
                    if let Some(address) = address {
                        let source = auth_failures::source_of(address);
                        self.auth_failures.succeeded(user, source, at.time);
                    }
                    name
                });
                if let Some(message) = message {
                    message.client = Some(self.clients.name(client.ip));
                    message.account = account;
                }
            }
            Event::Pickup { .. } => self.count(at, |hour| hour.received += 1),
            Event::Queued {
                from, size, nrcpt, ..
            } => {
                let Some(message) = message else { return };
                message.size = Some(*size);
                // Whose mail was tried, only the dashboard asks; a report asks but once for each message.
                let asked = !self.sums_only;
                let known = message.sender.as_deref().map(str::as_bytes);
                if asked && known != Some(*from) {
                    message.sender = Some(self.sender(from));
                }
                if message.queued.is_none() {
                    let sender = message.sender.clone();
                    message.queued = Some(Queued {
                        sender: sender.unwrap_or_else(|| self.sender(from)),
                        size: *size,
                        recipients: *nrcpt,
                        at: at.time,
                    });
                    self.received(message);
                }
            }
            Event::Verdict(verdict) => {
                if !self.sums_only {
                    self.door.refused(record, verdict, at.time, times);
                }
                self.verdict(verdict, at, times);
            }
            Event::Tls(tls) if !tls.incoming => self.providers.tls(tls, at.time, knowledge),
            Event::Unrecognized { kind, text } => {
                self.lines.unrecognized(*kind, line);
                if *kind == Unrecognized::Warning {
                    self.warning(record, text, at, times);
                }
            }
            _ => {
                if !self.sums_only {
                    self.auth_failures.on(record, at.time, times);
                }
                self.dovecot.on(record, at.time, times);
                self.grave(record, at, times);
                self.note(record, at, times);
            }
        }
    }

    /// The name of an envelope sender, its domain in lower case.
    fn sender(&self, from: &[u8]) -> Name {
        match self.senders.find(from) {
            Some(place) => self.senders.name_at(place),
            None => self.senders.name(&lower_domain(from)),
        }
    }

    pub(super) fn count(&mut self, at: At, add: impl Fn(&mut Hour)) {
        let stamped = at.offset.map(|offset| (at.second, offset));
        self.traffic.count(stamped, add);
    }

    pub(super) fn reason(&mut self, text: &[u8]) -> Arc<Reason> {
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
        self.count(at, |hour| hour.rejected += times);
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
    fn note(&mut self, record: &Record<'_>, at: At, times: u64) {
        let time = at.time;
        match &record.event {
            Event::Expired { from, forced, .. } => {
                self.history.flow(at.second, |flow| flow.expired += 1);
                if self.sums_only {
                    return;
                }
                let how = if *forced { "force-expired" } else { "expired" };
                self.events
                    .add(Kind::Bounced, time, times, (how, from), || {
                        SafeText::from(format!("{how}, returned to {}", SafeText::new(from)))
                    });
            }
            _ if self.sums_only => {}
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
        let text = secret::masked(text);
        if record.program == b"dovecot" {
            let said = dovecot::said(&text);
            let kind = self.dovecot.complaints.add(&said, at.time, times);
            self.dovecot.seen.add(at.time);
            let line = || SafeText::new([b"dovecot: ", &*text].concat());
            self.warned(record, &format!("dovecot {kind}"), at, times, line);
            return;
        }
        let reason = self.reason(&text);
        if record.daemon() == b"smtpd" && !self.sums_only {
            self.door.warned(&text, at.time, times);
        }
        let daemon = String::from_utf8_lossy(record.daemon());
        let key = format!("{daemon} {}", reason.fold);
        let line = || SafeText::from(format!("{daemon}: {}", reason.words));
        self.warned(record, &key, at, times, line);
    }

    /// An event of its own that Dovecot logs as a warning or worse: of Sieve, as a rule.
    fn grave(&mut self, record: &Record<'_>, at: At, times: u64) {
        if record.severity < Some(Severity::Warning) || record.program != b"dovecot" {
            return;
        }
        if let Event::Sieve { who, action, .. } = &record.event {
            let (service, action) = (text(who.service), text(action));
            let line = || SafeText::from(format!("dovecot: {service}: sieve: {action}"));
            let key = format!("dovecot {service}: sieve: {action}");
            self.warned(record, &key, at, times, line);
        }
    }

    fn warned(
        &mut self,
        record: &Record<'_>,
        key: &str,
        at: At,
        times: u64,
        line: impl Fn() -> SafeText,
    ) {
        let row = self.warnings.row(key);
        if row.count == 0 {
            row.sample = line();
        }
        row.severity = row.severity.max(record.severity);
        row.count += times;
        row.seen.add(at.time);
        if record.severity >= Some(Severity::Warning) && !self.sums_only {
            self.events.add(Kind::Warning, at.time, times, key, line);
        }
    }
}

/// Local part and domain, cut at the last `@`.
pub(super) fn at_domain(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = address.iter().rposition(|byte| *byte == b'@')?;
    Some((address.get(..at)?, address.get(at + 1..)?))
}

/// The address with its domain in lower case.
fn lower_domain(address: &[u8]) -> Cow<'_, [u8]> {
    match at_domain(address) {
        Some((local, domain)) if domain.iter().any(u8::is_ascii_uppercase) => {
            Cow::Owned([local, b"@", &domain.to_ascii_lowercase()].concat())
        }
        _ => Cow::Borrowed(address),
    }
}
