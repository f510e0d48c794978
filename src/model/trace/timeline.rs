//! The timeline of one message: its events in order of time, the waits between them, where the time went, and what comes next.
//!
//! In go a message and the lines that it was put together from; out come steps with words but without glyphs or columns, which a report or a
//! view adds. Waits shorter than [`WAIT`] are none. The next attempt is what the queue manager wrote into the spool, where somebody
//! could read that; otherwise it is reckoned as `qmgr/qmgr_active.c` does, and said to be estimated.
//!
//! `delays=a/b/c/d` of a message that was deferred counts its time in the deferred queue in `a` (postconf(5), `delay_logging_resolution_limit`),
//! so reception is taken from the first attempt and what no attempt accounts for is the queue's.

use super::row::{Row, relay, row};
use super::{Fate, LogLine, Message};
use crate::model::reasons::frame::Frame;
use crate::model::settings::Settings;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use mailtop_parsers::record::{Delays, Delivery};
use mailtop_parsers::{Event, Status};

#[cfg(test)]
mod tests;

/// A wait that is worth a step.
const WAIT: TimeDelta = TimeDelta::seconds(2);

/// A message's life in steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// What happened, in order of time.
    pub steps: Vec<Step>,
    /// Where the time went; `None` when no delivery agent told.
    pub spent: Option<Spent>,
}

/// A step of a life.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Something was logged.
    Said(Said),
    /// Nothing happened for a while.
    Waited {
        /// How long.
        passed: TimeDelta,
        /// In which queue, where that is known.
        queue: Option<&'static str>,
    },
}

/// An event of a life.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its line's place among those that were given.
    pub line: usize,
    /// When.
    pub time: Option<DateTime<FixedOffset>>,
    /// What.
    pub row: Row,
    /// Whether it only says that the queue manager took the message up once more.
    pub again: bool,
    /// The attempt that it tells of.
    pub attempt: Option<Attempted>,
}

/// A delivery attempt, in the parts that a screen has room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempted {
    /// The recipient.
    pub to: Vec<u8>,
    /// Where it was handed to, with the port.
    pub relay: Vec<u8>,
    /// What became of it.
    pub status: Status,
    /// The enhanced status.
    pub dsn: Option<String>,
    /// What the other side said, without Postfix's frame around it; or what Postfix says.
    pub said: Vec<u8>,
}

impl Attempted {
    fn of(one: &Delivery<'_>) -> Self {
        let text = std::str::from_utf8(one.reply).ok();
        let words = text.map(Frame::of).filter(|frame| frame.remote);
        Self {
            to: one.to.into(),
            relay: relay(&one.relay),
            status: one.status,
            dsn: one.dsn.map(|dsn| dsn.to_string()),
            said: words
                .map_or(one.reply, |frame| frame.words.as_bytes())
                .into(),
        }
    }
}

/// Where the time went, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spent {
    /// Reception: up to the queue manager.
    pub reception: f64,
    /// In the queues.
    pub queue: f64,
    /// Connecting: name look-up, HELO, TLS; all attempts together.
    pub connecting: f64,
    /// Transmission; all attempts together.
    pub sending: f64,
}

impl Spent {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.reception + self.queue + self.connecting + self.sending
    }
}

/// The timeline of a message; `lines` are those that were traced.
pub fn timeline(message: &Message, lines: &[LogLine]) -> Timeline {
    let mut said = Vec::new();
    let mut attempts: Vec<(f64, Delays)> = Vec::new();
    let mut last = None;
    let mut taken_up = false;
    for (at, line) in message
        .events
        .iter()
        .filter_map(|at| Some((*at, lines.get(*at)?)))
    {
        let record = line.record();
        let queue = match &record.event {
            Event::Delivery(one) => {
                // Recipients of one transaction have one line each, with the same figures.
                if let Some(delays) = one.delays
                    && !attempts.contains(&(one.delay, delays))
                {
                    attempts.push((one.delay, delays));
                }
                matches!(one.status, Status::Deferred | Status::SoftBounce).then_some("deferred")
            }
            Event::Released { .. } => Some("deferred"),
            Event::Hold { .. } => Some("hold"),
            _ => None,
        };
        let attempt = match &record.event {
            Event::Delivery(one) => Some(Attempted::of(one)),
            _ => None,
        };
        let queued = matches!(record.event, Event::Queued { .. });
        last = record.time.or(last);
        said.push((
            last,
            queue,
            Said {
                line: at,
                time: record.time,
                row: row(&record, &line.text),
                again: queued && std::mem::replace(&mut taken_up, true),
                attempt,
            },
        ));
    }
    // Logs lie one after the other; what two of them say of one moment belongs together.
    said.sort_by_key(|(time, ..)| *time);
    let mut steps = Vec::new();
    let (mut before, mut place) = (None, None);
    for (time, queue, one) in said {
        let passed = time.zip(before).map(|(now, before)| now - before);
        if let Some(passed) = passed.filter(|passed| *passed >= WAIT) {
            let queue = place;
            steps.push(Step::Waited { passed, queue });
        }
        before = time.or(before);
        place = queue;
        steps.push(Step::Said(one));
    }
    Timeline {
        steps,
        spent: spent(&attempts),
    }
}

fn spent(attempts: &[(f64, Delays)]) -> Option<Spent> {
    let reception = attempts
        .iter()
        .map(|(_, delays)| delays.before_qmgr)
        .reduce(f64::min)?;
    let whole = attempts.iter().map(|(delay, _)| *delay).fold(0.0, f64::max);
    let sum =
        |part: fn(&Delays) -> f64| -> f64 { attempts.iter().map(|(_, delays)| part(delays)).sum() };
    let (connecting, sending) = (
        sum(|delays| delays.conn_setup),
        sum(|delays| delays.transmission),
    );
    let queue = (whole - reception - connecting - sending).max(0.0);
    Some(Spent {
        reception,
        queue,
        connecting,
        sending,
    })
}

/// What comes next for a message that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ahead {
    /// The next attempt.
    pub attempt: Option<Attempt>,
    /// When it is given up and goes back to its sender.
    pub expiry: Option<DateTime<Utc>>,
}

/// When a message is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// From then on, at the next queue run.
    pub due: DateTime<Utc>,
    /// Whether it is reckoned from the log and the settings, not read from the spool.
    pub estimated: bool,
}

/// What comes next. `due`: what the spool says of the message. Nothing is known of one whose reception is not in the log.
pub fn ahead(message: &Message, due: Option<DateTime<Utc>>, settings: Option<&Settings>) -> Ahead {
    if message.fate() != Fate::Deferred {
        return Ahead::default();
    }
    let arrival = message
        .first
        .filter(|_| message.born)
        .map(|first| first.to_utc());
    let expiry = arrival.zip(settings).and_then(|(arrival, settings)| {
        let bounce = message.from.as_deref() == Some(b"");
        arrival.checked_add_signed(settings.lifetime(bounce)?)
    });
    let read = due.map(|due| Attempt {
        due,
        estimated: false,
    });
    let reckoned = || {
        let attempt = message.recipients.iter().filter_map(|one| one.time).max()?;
        let due = estimate(arrival?, attempt.to_utc(), settings?)?;
        Some(Attempt {
            due,
            estimated: true,
        })
    };
    Ahead {
        attempt: read.or_else(reckoned),
        expiry,
    }
}

/// As long as the message is old, but within both limits (`qmgr_active_done_3_generic`, `qmgr_active_defer`).
fn estimate(
    arrival: DateTime<Utc>,
    attempt: DateTime<Utc>,
    settings: &Settings,
) -> Option<DateTime<Utc>> {
    let seconds = |limit: Option<u32>| limit.map(|limit| TimeDelta::seconds(i64::from(limit)));
    let (least, most) = (
        seconds(settings.minimal_backoff_time)?,
        seconds(settings.maximal_backoff_time)?,
    );
    attempt.checked_add_signed((attempt - arrival).min(most).max(least))
}
