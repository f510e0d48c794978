//! Lines become lives: which lines are of the same message.
//!
//! In go lines in the order of the log; out come messages in the order of their first line. First the lines that Postfix writes itself are
//! dealt out by host, instance and queue id; then those of Dovecot by the Message-ID, the user and the time; then those of other programs
//! that hold the queue id as a word. Lines of different processes may be written out of order by seconds, so a line that comes a
//! little after the end of a life is still part of it.

use super::LogLine;
use super::message::Message;
use chrono::{DateTime, FixedOffset, TimeDelta};
use mailtop_parsers::{Event, QueueId, Record, Unrecognized};
use std::collections::HashMap;

/// How far lines may be out of order.
pub(super) const LATE: TimeDelta = TimeDelta::seconds(10);
/// How long a delivery may go on after its message was deleted.
const UNDER_WAY: TimeDelta = TimeDelta::hours(1);
/// How far a mailbox's lines may be from those of the message that Postfix handed over, and other programs' from a message's life.
pub(super) const NEAR: TimeDelta = TimeDelta::minutes(1);

type Time = Option<DateTime<FixedOffset>>;

/// Deals the lines out.
pub(super) fn fold(lines: &[LogLine]) -> Vec<Message> {
    let mut all = Lives::default();
    let mut others = Vec::new();
    let mut time = None;
    for (at, line) in lines.iter().enumerate() {
        let record = line.record();
        time = record.time.or(time);
        match speaker(&record) {
            Speaker::Postfix => all.postfix(at, &record, time),
            other => others.push((at, time, other)),
        }
    }
    for (at, time, speaker) in others {
        match (speaker, lines.get(at)) {
            (Speaker::Dovecot, Some(line)) => all.dovecot(at, &line.record(), time),
            (_, Some(line)) => all.foreign(at, &line.record(), time),
            _ => {}
        }
    }
    for message in &mut all.messages {
        message.events.sort_unstable();
    }
    all.messages
}

#[derive(Clone, Copy)]
enum Speaker {
    Postfix,
    Dovecot,
    Foreign,
}

fn speaker(record: &Record<'_>) -> Speaker {
    match &record.event {
        Event::Saved { .. } | Event::Sieve { .. } | Event::MailLog { .. } => Speaker::Dovecot,
        Event::Unrecognized {
            kind: Unrecognized::Foreign | Unrecognized::Unparsed,
            ..
        } => Speaker::Foreign,
        _ => Speaker::Postfix,
    }
}

/// Host, instance and queue id.
type Key = (Box<[u8]>, Box<[u8]>, Box<str>);

#[derive(Default)]
struct Lives {
    messages: Vec<Message>,
    /// The messages of each identity, oldest first.
    by_key: HashMap<Key, Vec<usize>>,
    by_message_id: Option<HashMap<Box<[u8]>, Vec<usize>>>,
    by_queue_id: Option<HashMap<Box<str>, Vec<usize>>>,
}

impl Lives {
    fn postfix(&mut self, at: usize, record: &Record<'_>, time: Time) {
        let Some(id) = own_id(record) else {
            let Event::Verdict(verdict) = &record.event else {
                return;
            };
            if verdict.from.is_some() || verdict.to.is_some() {
                let mut message = begin(record);
                message.take(at, record, time);
                message.ended = time;
                self.messages.push(message);
            }
            return;
        };
        let key: Key = (
            record.host.unwrap_or_default().into(),
            record.instance().into(),
            id.as_str().into(),
        );
        let lives = self.by_key.entry(key).or_default();
        let open = lives.last().copied().filter(|last| {
            let known = self.messages.get(*last);
            known.is_some_and(|life| !begins(life, &record.event, time))
        });
        let index = open.unwrap_or_else(|| {
            let mut message = begin(record);
            message.queue_id = Some(id.as_str().into());
            self.messages.push(message);
            lives.push(self.messages.len() - 1);
            self.messages.len() - 1
        });
        if let Some(message) = self.messages.get_mut(index) {
            message.take(at, record, time);
        }
    }

    /// A line of a mailbox goes to the message with its Message-ID that has the user as recipient or is the nearest in time.
    fn dovecot(&mut self, at: usize, record: &Record<'_>, time: Time) {
        let (who, message_id) = match &record.event {
            Event::Saved {
                who, message_id, ..
            }
            | Event::Sieve {
                who, message_id, ..
            }
            | Event::MailLog {
                who,
                message_id: Some(message_id),
                ..
            } => (who, *message_id),
            _ => return,
        };
        if message_id.is_empty() {
            return;
        }
        let messages = &self.messages;
        let index = self.by_message_id.get_or_insert_with(|| {
            let with = |(at, message): (usize, &Message)| Some((message.message_id.clone()?, at));
            grouped(messages.iter().enumerate().filter_map(with))
        });
        // What a user does with the message comes at any time after it was saved.
        let later = matches!(record.event, Event::MailLog { .. });
        let same = index.get(message_id).map_or(&[][..], Vec::as_slice);
        let best = same
            .iter()
            .filter_map(|&candidate| {
                let message = messages.get(candidate)?;
                let far = distance(message, time);
                let after = later && message.first <= time;
                (far <= NEAR || after).then(|| {
                    let theirs = message.recipients.iter().any(|to| *to.to == *who.user);
                    (!theirs, far, candidate)
                })
            })
            .min();
        let found = if let Some((.., found)) = best {
            found
        } else {
            let mut message = begin(record);
            message.message_id = Some(message_id.into());
            self.messages.push(message);
            let new = self.messages.len() - 1;
            index.entry(message_id.into()).or_default().push(new);
            new
        };
        if let Some(message) = self.messages.get_mut(found) {
            message.take(at, record, time);
        }
    }

    /// Another program's line goes to the message on the same host whose id it holds and that lives then or did shortly before.
    fn foreign(&mut self, at: usize, record: &Record<'_>, time: Time) {
        let Event::Unrecognized { text, .. } = &record.event else {
            return;
        };
        let messages = &self.messages;
        let index = self.by_queue_id.get_or_insert_with(|| {
            let with = |(at, message): (usize, &Message)| Some((message.queue_id.clone()?, at));
            grouped(messages.iter().enumerate().filter_map(with))
        });
        let mut to = Vec::new();
        for id in words(text) {
            let same = index.get(id).map_or(&[][..], Vec::as_slice);
            let here = same.iter().filter_map(|&candidate| {
                let message = messages.get(candidate)?;
                let far = distance(message, time);
                (*message.host == *record.host.unwrap_or_default() && far <= NEAR)
                    .then_some((far, candidate))
            });
            to.extend(here.min().map(|(_, found)| found));
        }
        to.sort_unstable();
        to.dedup();
        for found in to {
            if let Some(message) = self.messages.get_mut(found) {
                // It is shown and believed in nothing, not even in the time.
                message.events.push(at);
            }
        }
    }
}

fn grouped<K: Eq + std::hash::Hash>(
    pairs: impl Iterator<Item = (K, usize)>,
) -> HashMap<K, Vec<usize>> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for (key, at) in pairs {
        groups.entry(key).or_default().push(at);
    }
    groups
}

fn begin(record: &Record<'_>) -> Message {
    Message {
        host: record.host.unwrap_or_default().into(),
        instance: record.instance().into(),
        ..Message::default()
    }
}

/// The message that a line of Postfix is about: the parser's word, or the id at the start of a text that no grammar knows.
fn own_id<'a>(record: &Record<'a>) -> Option<QueueId<'a>> {
    let Event::Unrecognized { text, .. } = &record.event else {
        return record.event.queue_id();
    };
    let text = [&b"warning: "[..], b"error: ", b"fatal: ", b"panic: "]
        .iter()
        .find_map(|word| text.strip_prefix(*word))
        .unwrap_or(text);
    let end = memchr::memchr(b':', text)?;
    QueueId::new(text.get(..end)?)
}

/// Whether a line is the first of another life under the same id.
fn begins(life: &Message, event: &Event<'_>, time: Time) -> bool {
    let since = |then: Time| {
        let passed = time.zip(then).map(|(now, then)| now - then);
        passed.unwrap_or(TimeDelta::zero())
    };
    let late = since(life.ended.or(life.first)) > LATE;
    let received = matches!(event, Event::Client { .. } | Event::Pickup { .. });
    let named = matches!(event, Event::Cleanup { resent: false, .. });
    let queued = life.traits.queued;
    match (life.traits.end.is_some(), received, named) {
        (_, true, _) => life.source.is_some() || late || life.traits.end.is_some() && life.born,
        (true, _, true) => life.message_id.is_some() || late || !life.born,
        (false, _, true) => life.message_id.is_some() || queued && late,
        (true, ..) => {
            let deleted = life.traits.end == Some(super::Fate::Deleted);
            since(life.ended) > if deleted { UNDER_WAY } else { LATE }
        }
        _ => false,
    }
}

/// How far a moment is from a message's life; nothing within it or when one of the two is not known.
pub(super) fn distance(message: &Message, time: Time) -> TimeDelta {
    match (message.first, message.last, time) {
        (Some(first), _, Some(time)) if time < first => first - time,
        (_, Some(last), Some(time)) if time > last => time - last,
        _ => TimeDelta::zero(),
    }
}

/// The words of a text that may be queue ids.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|byte| !byte.is_ascii_alphanumeric())
        .filter_map(|word| QueueId::new(word).map(|id| id.as_str()))
}
