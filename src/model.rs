//! The facts: what is known of the mail system, pure and without a clock.
//!
//! Raw log lines, pieces of listings, host figures, source reports and receipts go in, each with its own method; what the
//! views show comes out by reference. Time is told by [`Model::tick`]. Nothing here knows of a screen, a file or a process.

pub mod alarms;
pub mod command_line;
pub mod events;
pub mod feeds;
pub mod history;
pub mod host;
pub mod identity;
pub mod journal;
pub mod ledger;
pub mod logins;
pub mod providers;
pub mod queue;
pub mod reasons;
pub mod stuck;
pub mod trace;
pub mod unrecognized;

use crate::knowledge::Knowledge;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset, Utc};
use events::{Events, Kind};
use feeds::{FeedReport, FeedState, Feeds};
use history::{Flow, History};
use host::Host;
use journal::Receipt;
use ledger::Ledger;
use logins::Logins;
use mailtop_parsers::record::Delivery;
use mailtop_parsers::{Calendar, Event, Record, Severity, Status};
use providers::Providers;
use queue::Queue;
use reasons::Reason;
use std::time::Duration;
use unrecognized::Lines;

/// Receipts kept.
const RECEIPTS: usize = 100;
/// Seconds that a stamp may be ahead of what can be: clocks of hosts that share a log differ a little.
const AHEAD: i64 = 60;

/// Everything that is known.
#[derive(Debug, Clone)]
pub struct Model {
    knowledge: &'static Knowledge,
    zone: FixedOffset,
    now: DateTime<Utc>,
    last_line: Option<DateTime<Utc>>,
    ledger: Ledger,
    /// The queue as last listed.
    pub queue: Queue,
    /// Queue depth and flow over time.
    pub history: History,
    /// Attempts by provider.
    pub providers: Providers,
    /// The newest events.
    pub events: Events,
    /// Dovecot's logins.
    pub logins: Logins,
    /// The host's figures.
    pub host: Host,
    /// The state of every source.
    pub feeds: Feeds,
    /// What was read, and what was not understood.
    pub lines: Lines,
    /// What was done to the queue, newest last.
    pub receipts: Vec<Receipt>,
}

impl Model {
    /// A model that knows nothing yet. `zone` is the offset of stamps that carry none.
    pub fn new(knowledge: &'static Knowledge, zone: FixedOffset) -> Self {
        Self {
            knowledge,
            zone,
            now: DateTime::default(),
            last_line: None,
            ledger: Ledger::default(),
            queue: Queue::default(),
            history: History::default(),
            providers: Providers::default(),
            events: Events::default(),
            logins: Logins::default(),
            host: Host::default(),
            feeds: Feeds::default(),
            lines: Lines::default(),
            receipts: Vec::new(),
        }
    }

    /// The time, as last told.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The offset of local time.
    pub fn zone(&self) -> FixedOffset {
        self.zone
    }

    /// When the newest log line was written.
    pub fn last_line(&self) -> Option<DateTime<Utc>> {
        self.last_line
    }

    /// Time passed.
    pub fn tick(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    /// Whole log lines, each ended by `\n`. `anchor` is the newest moment that a stamp without a year can mean.
    pub fn log(&mut self, lines: &[u8], anchor: DateTime<Utc>) {
        let calendar = Calendar {
            anchor: anchor.with_timezone(&self.zone),
        };
        let newest = anchor.max(self.now);
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let record = mailtop_parsers::parse(line, &calendar);
            self.record(line, &record, newest);
        }
    }

    /// `newest`: no line was written later. A stamp that says so comes from a wrong clock, and would make today look old.
    fn record(&mut self, line: &[u8], record: &Record<'_>, newest: DateTime<Utc>) {
        self.lines.read += 1;
        let time = record
            .time
            .map_or(self.last_line.unwrap_or(self.now), |time| {
                time.with_timezone(&Utc)
            });
        let ahead = (time - newest).num_seconds() > AHEAD;
        let time = if ahead { newest } else { time };
        if record.time.is_some() {
            self.last_line = self.last_line.max(Some(time));
        }
        if let Some(step) = self.ledger.on(record) {
            self.history.was_there_before(step.open);
            self.history.step(time, step.depth);
            if step.arrived {
                self.history.flow(
                    time,
                    Flow {
                        arrived: 1,
                        ..Flow::default()
                    },
                );
            }
        }
        self.logins.on(&record.event);
        match &record.event {
            Event::Delivery(delivery) => self.delivery(delivery, time),
            Event::Unrecognized { kind, text } => {
                self.lines.unrecognized(*kind, line);
                if record
                    .severity
                    .is_some_and(|severity| severity >= Severity::Warning)
                {
                    self.warning(record, text, time);
                }
            }
            _ => self.note(record, time),
        }
    }

    fn delivery(&mut self, delivery: &Delivery<'_>, time: DateTime<Utc>) {
        self.providers.on(delivery, time, self.knowledge);
        let mut flow = Flow::default();
        let kind = match delivery.status {
            Status::Sent => {
                flow.sent = 1;
                self.history.flow(time, flow);
                return;
            }
            Status::Deferred | Status::SoftBounce => {
                flow.deferred = 1;
                Kind::Deferred
            }
            Status::Bounced => {
                flow.bounced = 1;
                Kind::Bounced
            }
            Status::Deliverable | Status::Undeliverable => return,
        };
        self.history.flow(time, flow);
        let domain = queue::domain_of(&String::from_utf8_lossy(delivery.to));
        let reason = Reason::new(String::from_utf8_lossy(delivery.reply).into());
        let verb = if kind == Kind::Bounced {
            "bounced"
        } else {
            "deferred"
        };
        let key = format!("{domain} {}", reason.fold);
        self.events.add(kind, time, key, || {
            SafeText::from(format!("{domain} {verb} {}", reason.line()))
        });
    }

    /// Events that are worth a line of their own.
    fn note(&mut self, record: &Record<'_>, time: DateTime<Utc>) {
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
                let from = SafeText::new(from);
                self.events
                    .add(Kind::Bounced, time, format!("{how} {from}"), || {
                        SafeText::from(format!("{how}, returned to {from}"))
                    });
            }
            Event::Hold { .. } => self.acted(time, "held"),
            Event::Released { .. } => self.acted(time, "released from hold"),
            Event::Requeued { .. } => self.acted(time, "requeued"),
            Event::ForceExpire { .. } => self.acted(time, "marked to expire"),
            Event::Removed { .. } if record.daemon() == b"postsuper" => self.acted(time, "deleted"),
            Event::LoginFailed { login, .. } => {
                let rip = SafeText::new(login.rip.unwrap_or(b"an unknown address"));
                self.events.add(Kind::LoginFailed, time, rip.clone(), || {
                    SafeText::from(format!(
                        "login failed for {} from {rip}",
                        SafeText::new(login.user)
                    ))
                });
            }
            Event::SaslFailed {
                client, username, ..
            } => {
                let ip = SafeText::new(client.ip);
                let user = SafeText::new(username.unwrap_or(b"unknown user"));
                self.events.add(Kind::LoginFailed, time, ip.clone(), || {
                    SafeText::from(format!("SASL login failed for {user} from {ip}"))
                });
            }
            _ => {}
        }
    }

    /// Queue actions are counted together while they follow each other within a minute.
    fn acted(&mut self, time: DateTime<Utc>, what: &'static str) {
        let minute = time.timestamp().div_euclid(60);
        self.events
            .add(Kind::Acted, time, format!("{what} {minute}"), || {
                SafeText::from(what)
            });
    }

    fn warning(&mut self, record: &Record<'_>, text: &[u8], time: DateTime<Utc>) {
        let daemon = SafeText::new(record.daemon());
        let text = Reason::new(String::from_utf8_lossy(text).into());
        self.events.add(
            Kind::Warning,
            time,
            format!("{daemon} {}", text.fold),
            || SafeText::from(format!("{daemon}: {}", text.words)),
        );
    }

    /// A listing starts.
    pub fn listing_begins(&mut self, instance: &str) {
        self.queue.begin(instance);
    }

    /// Lines of the running listing.
    pub fn listing_lines(&mut self, lines: &[u8]) {
        self.queue.lines(lines);
    }

    /// The running listing ended. Returns whether the queue was replaced.
    pub fn listing_ends(
        &mut self,
        at: DateTime<Utc>,
        took: Duration,
        complete: bool,
        next: DateTime<Utc>,
    ) -> bool {
        let depth = self.queue.end(at, took, complete, next);
        if let Some(depth) = depth {
            self.history.count(at, depth);
        }
        depth.is_some()
    }

    /// A source reported.
    pub fn feed(&mut self, report: FeedReport) {
        if let FeedReport::State(_, FeedState::Lost { why, .. }) = &report {
            let why = why.clone();
            self.events
                .add(Kind::Source, self.now, why.as_str(), || why.clone());
        }
        self.feeds.on(report);
    }

    /// An action came to its end.
    pub fn receipt(&mut self, receipt: Receipt) {
        if self.receipts.len() == RECEIPTS {
            self.receipts.remove(0);
        }
        self.receipts.push(receipt);
    }
}
