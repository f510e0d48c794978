//! What log lines have in common: how often each value of a field stands in them, and how mail fared in each minute.
//!
//! In go the records of the lines that are looked at, in any order; out come the most frequent values of each [`Facet`] and the minutes. Each table
//! holds a bounded number of values and counts the rest as left out, so a log full of strangers' names costs no more than another.
//!
//! A line counts for a facet only if it says it: a delivery agent names no sender, the queue manager no recipient.

use crate::model::reasons::frame::Frame;
use crate::model::table::{Map, stand_in};
use crate::safe_text::SafeText;
use mailtop_parsers::record::Relay;
use mailtop_parsers::{Event, Record, Status};
use std::collections::BTreeMap;

/// Values of one facet that are told apart.
const VALUES: usize = 2_000;
/// Recipients of messages whose attempts are counted.
const RECIPIENTS: usize = 50_000;
/// Minutes that are kept: the newest.
const MINUTES: usize = 2 * 24 * 60;
/// Attempts that are told apart; the last number stands for more as well.
const TRIES: usize = 4;

/// A field that lines are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Facet {
    /// The recipient's domain.
    Domain,
    /// The host or agent that mail was handed to.
    Relay,
    /// The envelope sender.
    Sender,
    /// The enhanced status code.
    Dsn,
    /// The host that logged.
    Host,
    /// The version of TLS.
    Tls,
    /// Who logged.
    Program,
    /// What became of a delivery.
    Status,
    /// How far a delivery had come when it failed.
    Phase,
}

impl Facet {
    /// All, in the order of the screen.
    pub const ALL: [Self; 9] = [
        Self::Domain,
        Self::Status,
        Self::Dsn,
        Self::Relay,
        Self::Sender,
        Self::Phase,
        Self::Program,
        Self::Host,
        Self::Tls,
    ];

    /// The name for the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Relay => "relay",
            Self::Sender => "sender",
            Self::Dsn => "dsn",
            Self::Host => "host",
            Self::Tls => "tls",
            Self::Program => "program",
            Self::Status => "status",
            Self::Phase => "phase",
        }
    }
}

/// How mail fared in a minute, in lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Minute {
    /// Delivered.
    pub sent: u32,
    /// Put off.
    pub deferred: u32,
    /// Given back.
    pub bounced: u32,
    /// Refused at the door.
    pub rejected: u32,
}

impl Minute {
    /// All of them.
    pub fn total(self) -> u32 {
        self.sent + self.deferred + self.bounced + self.rejected
    }
}

/// The counts.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    lines: u64,
    tables: [Counts; Facet::ALL.len()],
    minutes: BTreeMap<i64, Minute>,
    attempts: Map<u64, u32>,
    tries: [u64; TRIES],
}

#[derive(Debug, Clone, Default)]
struct Counts {
    by_value: Map<Box<[u8]>, u64>,
    left_out: u64,
}

impl Counts {
    fn add(&mut self, value: &[u8]) {
        if value.is_empty() {
            return;
        }
        if let Some(count) = self.by_value.get_mut(value) {
            *count += 1;
        } else if self.by_value.len() < VALUES {
            self.by_value.insert(value.into(), 1);
        } else {
            self.left_out += 1;
        }
    }
}

impl Facets {
    /// Counts a line.
    pub fn add(&mut self, record: &Record<'_>) {
        self.lines += 1;
        self.count(Facet::Host, record.host.unwrap_or_default());
        self.count(Facet::Program, record.daemon());
        match &record.event {
            Event::Delivery(one) => {
                self.recipient(one.to);
                match &one.relay {
                    Relay::None => {}
                    Relay::Host(peer) => self.count(Facet::Relay, peer.host),
                    Relay::Socket { path: name, .. } | Relay::Agent(name) => {
                        self.count(Facet::Relay, name);
                    }
                }
                if let Some(dsn) = one.dsn {
                    self.count(Facet::Dsn, dsn.to_string().as_bytes());
                }
                self.count(Facet::Tls, one.tls.unwrap_or_default());
                self.count(Facet::Status, one.status.as_str().as_bytes());
                if !matches!(one.status, Status::Sent | Status::Deliverable) {
                    let stage = std::str::from_utf8(one.reply).ok();
                    let stage = stage.and_then(|reply| Frame::of(reply).stage);
                    let name = stage.map(|stage| stage.as_str().as_bytes());
                    self.count(Facet::Phase, name.unwrap_or_default());
                }
                self.attempt(stand_in((one.queue_id, one.to)));
                self.minute(record, |minute| match one.status {
                    Status::Sent | Status::Deliverable => &mut minute.sent,
                    Status::Deferred | Status::SoftBounce => &mut minute.deferred,
                    Status::Bounced | Status::Undeliverable => &mut minute.bounced,
                });
            }
            Event::Verdict(one) if one.verb() == b"reject" => {
                self.recipient(one.to.unwrap_or_default());
                self.count(Facet::Sender, one.from.unwrap_or_default());
                if let Some(dsn) = one.dsn {
                    self.count(Facet::Dsn, dsn.to_string().as_bytes());
                }
                self.count(Facet::Status, b"rejected");
                self.count(Facet::Phase, one.stage);
                self.minute(record, |minute| &mut minute.rejected);
            }
            Event::Queued { from, .. } | Event::Pickup { from, .. } => {
                let from: &[u8] = if from.is_empty() { b"<>" } else { from };
                self.count(Facet::Sender, from);
            }
            Event::Expired { from, .. } => {
                self.count(Facet::Sender, from);
                self.count(Facet::Status, b"expired");
                self.minute(record, |minute| &mut minute.bounced);
            }
            Event::Tls(tls) => self.count(Facet::Tls, tls.version),
            _ => {}
        }
    }

    fn count(&mut self, facet: Facet, value: &[u8]) {
        if let Some(counts) = self.tables.get_mut(facet as usize) {
            counts.add(value);
        }
    }

    fn recipient(&mut self, to: &[u8]) {
        let domain = memchr::memrchr(b'@', to).and_then(|at| to.get(at + 1..));
        self.count(
            Facet::Domain,
            &domain.unwrap_or_default().to_ascii_lowercase(),
        );
    }

    fn attempt(&mut self, recipient: u64) {
        if self.attempts.len() >= RECIPIENTS && !self.attempts.contains_key(&recipient) {
            return;
        }
        let attempts = self.attempts.entry(recipient).or_default();
        let at = |attempts: u32| (attempts as usize).min(TRIES).checked_sub(1);
        let (before, now) = (at(*attempts), at(*attempts + 1));
        *attempts += 1;
        if let Some(count) = before.and_then(|at| self.tries.get_mut(at)) {
            *count -= 1;
        }
        if let Some(count) = now.and_then(|at| self.tries.get_mut(at)) {
            *count += 1;
        }
    }

    fn minute(&mut self, record: &Record<'_>, which: impl Fn(&mut Minute) -> &mut u32) {
        let Some(time) = record.time else { return };
        let minute = self
            .minutes
            .entry(time.timestamp().div_euclid(60))
            .or_default();
        *which(minute) += 1;
        if self.minutes.len() > MINUTES {
            self.minutes.pop_first();
        }
    }

    /// Lines that were counted.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The most frequent values of a facet with their counts, the most frequent first.
    pub fn top(&self, facet: Facet, most: usize) -> Vec<(SafeText, u64)> {
        let values = self.tables.get(facet as usize);
        let mut all: Vec<(&[u8], u64)> = values
            .into_iter()
            .flat_map(|counts| &counts.by_value)
            .map(|(value, count)| (&**value, *count))
            .collect();
        all.sort_unstable_by(|(one, many), (other, more)| more.cmp(many).then(one.cmp(other)));
        all.truncate(most);
        all.into_iter()
            .map(|(value, count)| (SafeText::new(value), count))
            .collect()
    }

    /// Lines whose value of a facet found no room.
    pub fn left_out(&self, facet: Facet) -> u64 {
        let counts = self.tables.get(facet as usize);
        counts.map_or(0, |counts| counts.left_out)
    }

    /// How many recipients of messages had one attempt in these lines, two, three, and four or more.
    pub fn tries(&self) -> [u64; TRIES] {
        self.tries
    }

    /// The minutes in which mail fared somehow, by minutes since 1970, in order of time.
    pub fn minutes(&self) -> impl DoubleEndedIterator<Item = (i64, Minute)> {
        self.minutes.iter().map(|(minute, fared)| (*minute, *fared))
    }

    /// How mail fared in a minute since 1970.
    pub fn in_minute(&self, minute: i64) -> Minute {
        self.minutes.get(&minute).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use mailtop_parsers::Calendar;

    fn facets(lines: &[&str]) -> Facets {
        let calendar = Calendar {
            anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z").unwrap(),
        };
        let mut facets = Facets::default();
        for line in lines {
            facets.add(&mailtop_parsers::parse(line.as_bytes(), &calendar));
        }
        facets
    }

    fn attempt(second: u32, id: &str, to: &str, relay: &str, how: &str) -> String {
        format!(
            "2026-11-24T10:00:{second:02}+00:00 mx1 postfix/smtp[4]: {id}: to=<{to}>, relay={relay}, delay=1, delays=0.1/0/0.5/0.4, {how}"
        )
    }

    const DEFERRED: &str = "dsn=4.7.0, status=deferred (host mta5.example[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))";

    #[test]
    fn what_lines_say_is_counted_by_field() {
        let (mta5, mta6) = (
            "mta5.example[203.0.113.4]:25",
            "mta6.example[203.0.113.5]:25",
        );
        let lines = [
            attempt(1, "4AAAAAAAA1", "ann@Yahoo.com", mta5, DEFERRED),
            attempt(2, "4AAAAAAAA1", "ann@yahoo.com", mta6, DEFERRED),
            attempt(3, "4AAAAAAAA2", "bob@yahoo.com", mta5, DEFERRED),
            attempt(
                4,
                "4AAAAAAAA3",
                "zoe@b.example",
                "mx1[private/lmtp]",
                "dsn=2.0.0, status=sent (250 ok)",
            ),
            String::from(
                "2026-11-24T10:01:00+00:00 mx2 postfix/qmgr[3]: 4AAAAAAAA1: from=<>, size=6214, nrcpt=2 (queue active)",
            ),
            String::from(
                "2026-11-24T10:01:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.99]: 550 5.1.1 <x@b.example>: User unknown; from=<spam@bad.example> to=<x@b.example> proto=ESMTP helo=<x>",
            ),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let facets = facets(&lines);
        let top = |facet| {
            let top = facets.top(facet, 3).into_iter();
            let words = top.map(|(value, count)| format!("{value} {count}"));
            words.collect::<Vec<_>>().join(" · ")
        };
        assert_eq!(top(Facet::Domain), "yahoo.com 3 · b.example 2");
        assert_eq!(
            top(Facet::Relay),
            "mta5.example 2 · mta6.example 1 · private/lmtp 1"
        );
        assert_eq!(top(Facet::Sender), "<> 1 · spam@bad.example 1");
        assert_eq!(top(Facet::Dsn), "4.7.0 3 · 2.0.0 1 · 5.1.1 1");
        assert_eq!(top(Facet::Host), "mx1 5 · mx2 1");
        assert_eq!(top(Facet::Program), "smtp 4 · qmgr 1 · smtpd 1");
        assert_eq!(top(Facet::Status), "deferred 3 · rejected 1 · sent 1");
        assert_eq!(top(Facet::Phase), "MAIL FROM 3 · RCPT 1");
        assert_eq!(top(Facet::Tls), "");
        assert_eq!(facets.lines(), 6);
        // The second attempt counts by the address as logged: another spelling is another recipient.
        assert_eq!(facets.tries(), [4, 0, 0, 0]);
        let minutes: Vec<Minute> = facets.minutes().map(|(_, minute)| minute).collect();
        let first = Minute {
            sent: 1,
            deferred: 3,
            ..Minute::default()
        };
        let second = Minute {
            rejected: 1,
            ..Minute::default()
        };
        assert_eq!(minutes, [first, second]);
    }

    #[test]
    fn attempts_of_one_recipient_move_up() {
        let line = attempt(1, "4AAAAAAAA1", "ann@yahoo.com", "none", DEFERRED);
        let lines = [line.as_str(); 6];
        for (count, tries) in [(1, [1, 0, 0, 0]), (2, [0, 1, 0, 0]), (6, [0, 0, 0, 1])] {
            assert_eq!(facets(&lines[..count]).tries(), tries);
        }
    }

    #[test]
    fn strangers_names_fill_a_table_only_so_far() {
        let lines: Vec<String> = (0..VALUES + 7)
            .map(|nth| {
                attempt(
                    1,
                    "4AAAAAAAA1",
                    &format!("x@{nth}.example"),
                    "none",
                    DEFERRED,
                )
            })
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let facets = facets(&lines);
        assert_eq!(facets.left_out(Facet::Domain), 7);
        assert_eq!(facets.top(Facet::Dsn, 1)[0].1, VALUES as u64 + 7);
    }
}
