//! The queue as `postqueue -j` last listed it.
//!
//! Pieces of listings go in; out comes the last complete one, kept whole, with the counts by queue. A listing is no snapshot:
//! a message may be listed twice or be missed while it moves between queues (`postqueue(1)`), so messages are kept by queue id
//! and the later mention wins. A listing that broke off never replaces a complete one; it is shown as partial.

use crate::model::history::Depth;
use crate::model::identity::{MessageKey, Target};
use crate::model::reasons::Reason;
use crate::model::table::Map;
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use mailtop_parsers::{QueueName, postqueue};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Recipients kept per message; a message may have 50,000.
pub const RECIPIENTS_KEPT: usize = 50;

/// A recipient that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The address as listed.
    pub address: Box<str>,
    /// Its domain in lower case, shared between messages.
    pub domain: Arc<str>,
    /// Why it waits.
    pub reason: Option<Arc<Reason>>,
}

/// A message in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What an action would be aimed at.
    pub target: Target,
    /// Bytes.
    pub size: u64,
    /// Whether it was force-expired.
    pub forced_expire: bool,
    /// The recipients, at most [`RECIPIENTS_KEPT`].
    pub recipients: Vec<Waiting>,
    /// How many more there are.
    pub more: usize,
}

impl Message {
    /// When it arrived.
    pub fn arrival(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.target.key.arrival, 0).unwrap_or_default()
    }

    /// Seconds since arrival; 0 for stamps in the future.
    pub fn age(&self, now: DateTime<Utc>) -> i64 {
        now.timestamp()
            .saturating_sub(self.target.key.arrival)
            .max(0)
    }

    /// Whether its sender is the null sender, which `postqueue` lists as `MAILER-DAEMON`.
    pub fn is_bounce(&self) -> bool {
        &*self.target.sender == "MAILER-DAEMON"
    }

    /// The sender for the screen: `<>` for the null sender, which `postqueue` lists as `MAILER-DAEMON`.
    pub fn sender(&self) -> SafeText {
        if self.is_bounce() {
            SafeText::from("<>")
        } else {
            SafeText::from(&*self.target.sender)
        }
    }
}

/// Numbers about the listing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// When the last complete listing ended.
    pub at: Option<DateTime<Utc>>,
    /// How long it took.
    pub took: Duration,
    /// When the next one starts.
    pub next: Option<DateTime<Utc>>,
    /// Lines of it that were no queue entry.
    pub bad_lines: u64,
    /// Messages seen so far by the listing that runs now; `None` when none runs.
    pub running: Option<usize>,
    /// Messages that the last listing showed before it broke off; `None` when it came to its end.
    pub broke_off: Option<usize>,
}

/// The last complete listing.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    messages: Arc<Vec<Message>>,
    depth: Depth,
    bytes: u64,
    /// Where each queue id stands among the messages.
    by_id: Arc<Map<Box<str>, usize>>,
    listed: Listed,
    number: u64,
    building: Building,
}

#[derive(Debug, Clone, Default)]
struct Building {
    instance: Box<str>,
    messages: Vec<Message>,
    by_id: Map<Box<str>, usize>,
    bad_lines: u64,
    domains: Map<Arc<str>, ()>,
    reasons: Map<Arc<str>, Arc<Reason>>,
}

impl Queue {
    /// The messages, in the order listed.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// How many messages are in each queue.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// Bytes of all messages.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// About the listing itself.
    pub fn listed(&self) -> Listed {
        self.listed
    }

    /// Which listing this is: another one has another number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The message with that identity, if it is still listed.
    pub fn message(&self, key: &MessageKey) -> Option<&Message> {
        let at = *self.by_id.get(&*key.queue_id)?;
        let message = self.messages.get(at)?;
        (message.target.key == *key).then_some(message)
    }

    /// A listing starts.
    pub fn begin(&mut self, instance: &str) {
        self.building = Building {
            instance: instance.into(),
            ..Building::default()
        };
        self.listed.running = Some(0);
    }

    /// Lines of the running listing.
    pub fn lines(&mut self, lines: &[u8]) {
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            self.building.line(line);
        }
        self.listed.running = Some(self.building.messages.len());
    }

    /// The running listing ended. Returns the new depths when it was complete.
    pub fn end(
        &mut self,
        at: DateTime<Utc>,
        took: Duration,
        complete: bool,
        next: DateTime<Utc>,
    ) -> Option<Depth> {
        let building = std::mem::take(&mut self.building);
        self.listed.running = None;
        self.listed.next = Some(next);
        if !complete {
            self.listed.broke_off = Some(building.messages.len());
            return None;
        }
        self.listed = Listed {
            at: Some(at),
            took,
            next: Some(next),
            bad_lines: building.bad_lines,
            running: None,
            broke_off: None,
        };
        self.depth = depth(&building.messages);
        self.bytes = building
            .messages
            .iter()
            .fold(0, |sum, message| sum.saturating_add(message.size));
        self.messages = Arc::new(building.messages);
        self.by_id = Arc::new(building.by_id);
        self.number += 1;
        Some(self.depth)
    }
}

fn depth(messages: &[Message]) -> Depth {
    let mut depth = Depth::default();
    for message in messages {
        match message.target.queue {
            QueueName::Maildrop | QueueName::Incoming => depth.incoming += 1,
            QueueName::Active => depth.active += 1,
            QueueName::Deferred => depth.deferred += 1,
            QueueName::Hold => depth.hold += 1,
        }
    }
    depth
}

impl Building {
    fn line(&mut self, line: &[u8]) {
        let Ok(entry) = postqueue::parse(line) else {
            self.bad_lines += 1;
            return;
        };
        let more = entry.recipients.len().saturating_sub(RECIPIENTS_KEPT);
        let target = Target::of(&self.instance, &entry);
        let mut recipients = Vec::with_capacity(entry.recipients.len().min(RECIPIENTS_KEPT));
        for recipient in entry.recipients.into_iter().take(RECIPIENTS_KEPT) {
            let domain = self.domain(&recipient.address);
            let reason = recipient.reason().map(|text| self.reason(text));
            recipients.push(Waiting {
                address: recipient.address.into(),
                domain,
                reason,
            });
        }
        let size = entry.message_size.max(0).unsigned_abs();
        let message = Message {
            target,
            size,
            forced_expire: entry.forced_expire,
            recipients,
            more,
        };
        if let Some(at) = self.by_id.get(&message.target.key.queue_id) {
            if let Some(before) = self.messages.get_mut(*at) {
                *before = message;
            }
            return;
        }
        self.by_id
            .insert(message.target.key.queue_id.clone(), self.messages.len());
        self.messages.push(message);
    }

    /// Domains and reasons repeat over thousands of messages, so each is kept once.
    fn domain(&mut self, address: &str) -> Arc<str> {
        let domain = domain_of(address);
        if let Some((known, ())) = self.domains.get_key_value(&*domain) {
            return Arc::clone(known);
        }
        let domain: Arc<str> = domain.into();
        self.domains.insert(Arc::clone(&domain), ());
        domain
    }

    fn reason(&mut self, text: &str) -> Arc<Reason> {
        if let Some(known) = self.reasons.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        let reason = Arc::new(Reason::new(Arc::clone(&text)));
        self.reasons.insert(text, Arc::clone(&reason));
        reason
    }
}

/// The domain of an address in lower case; `(no domain)` for a bare local part.
pub fn domain_of(address: &str) -> Cow<'_, str> {
    match address.rsplit_once('@') {
        Some((_, domain)) if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Cow::Owned(domain.to_ascii_lowercase())
        }
        Some((_, domain)) if !domain.is_empty() => Cow::Borrowed(domain),
        _ => Cow::Borrowed("(no domain)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(queue: &str, id: &str, to: &str) -> String {
        format!(
            "{{\"queue_name\": \"{queue}\", \"queue_id\": \"{id}\", \"arrival_time\": 1000, \"message_size\": 10, \
             \"sender\": \"a@b.example\", \"recipients\": [{{\"address\": \"{to}\", \"delay_reason\": \"connect to \
             x[192.0.2.1]:25: Connection refused\"}}]}}\n"
        )
    }

    fn listed(lines: &str, complete: bool) -> Queue {
        let mut queue = Queue::default();
        list(&mut queue, lines, complete);
        queue
    }

    fn list(queue: &mut Queue, lines: &str, complete: bool) {
        queue.begin("postfix");
        queue.lines(lines.as_bytes());
        queue.end(
            DateTime::default(),
            Duration::ZERO,
            complete,
            DateTime::default(),
        );
    }

    #[test]
    fn a_message_listed_twice_counts_once_and_the_later_mention_wins() {
        let queue = listed(
            &(line("active", "ABCDEF1", "x@y.example")
                + &line("deferred", "ABCDEF1", "x@y.example")),
            true,
        );
        assert_eq!(
            queue.depth(),
            Depth {
                deferred: 1,
                ..Depth::default()
            }
        );
    }

    #[test]
    fn a_listing_that_broke_off_replaces_nothing() {
        let mut queue = listed(
            &(line("deferred", "ABCDEF1", "x@Y.Example")
                + &line("deferred", "ABCDEF2", "x@y.example")),
            true,
        );
        list(
            &mut queue,
            &line("deferred", "ABCDEF1", "x@y.example"),
            false,
        );
        assert_eq!(queue.depth().deferred, 2);
        assert_eq!(queue.listed().broke_off, Some(1));
    }

    #[test]
    fn a_broken_line_is_counted_and_the_rest_is_read() {
        let queue = listed(
            &(String::from("{\"queue_name\": \n") + &line("hold", "ABCDEF1", "x@y.example")),
            true,
        );
        assert_eq!((queue.listed().bad_lines, queue.depth().hold), (1, 1));
    }

    #[test]
    fn equal_domains_and_reasons_are_kept_once() {
        let queue = listed(
            &(line("deferred", "ABCDEF1", "x@Y.Example")
                + &line("deferred", "ABCDEF2", "z@y.example")),
            true,
        );
        let waiting: Vec<_> = queue
            .messages()
            .iter()
            .flat_map(|message| &message.recipients)
            .collect();
        assert!(Arc::ptr_eq(&waiting[0].domain, &waiting[1].domain));
        assert!(Arc::ptr_eq(
            waiting[0].reason.as_ref().unwrap(),
            waiting[1].reason.as_ref().unwrap()
        ));
    }
}
