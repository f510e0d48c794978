//! The queue as `postqueue -j` last listed it.
//!
//! Pieces of listings go in; out comes the last complete one, kept whole, with the counts by queue. A listing is no snapshot:
//! a message may be listed twice or be missed while it moves between queues (`postqueue(1)`), so messages are kept by queue id
//! and the later mention wins. A listing that broke off never replaces a complete one; it is shown as partial.

use crate::model::history::Depth;
use crate::model::identity::{MessageKey, Target};
use crate::model::ledger::Place;
use crate::model::reasons::Reason;
use crate::model::table::{Map, stand_in};
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
    /// Where each message stands, by the [`stand_in`] of its queue id.
    by_id: Arc<Map<u64, usize>>,
    /// The listing before, while it is taken down: piece by piece, since a hundred thousand messages take a long moment.
    leaving: Leaving,
    listed: Listed,
    number: u64,
    building: Building,
}

/// Messages that are taken down.
#[derive(Debug, Default)]
struct Leaving(Vec<Message>);

/// A copy has nothing to take down.
impl Clone for Leaving {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Messages that are taken down at a time: about two milliseconds.
const LEAVE: usize = 4_000;

#[derive(Debug, Clone, Default)]
struct Building {
    instance: Box<str>,
    messages: Vec<Message>,
    depth: Depth,
    bytes: u64,
    by_id: Map<u64, usize>,
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

    /// Time passed: a piece of what is no longer listed is taken down.
    pub fn tick(&mut self) {
        let left = self.leaving.0.len().saturating_sub(LEAVE);
        self.leaving.0.truncate(left);
        if left == 0 {
            self.leaving = Leaving::default();
        }
    }

    /// The message with that identity, if it is still listed.
    pub fn message(&self, key: &MessageKey) -> Option<&Message> {
        let at = *self.by_id.get(&stand_in(&*key.queue_id))?;
        let message = self.messages.get(at)?;
        (message.target.key == *key).then_some(message)
    }

    /// A listing starts.
    pub fn begin(&mut self, instance: &str) {
        self.building = Building {
            instance: instance.into(),
            // About as many as last time: growing on the way would move them all at once.
            messages: Vec::with_capacity(self.messages.len()),
            by_id: Map::with_capacity(self.messages.len()),
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
        self.depth = building.depth;
        self.bytes = building.bytes;
        let before = std::mem::replace(&mut self.messages, Arc::new(building.messages));
        // Where the screen is frozen it still has it.
        self.leaving = Leaving(Arc::try_unwrap(before).unwrap_or_default());
        self.by_id = Arc::new(building.by_id);
        self.number += 1;
        Some(self.depth)
    }
}

fn depth(message: &Message) -> Depth {
    Depth::one(Some(match message.target.queue {
        QueueName::Maildrop | QueueName::Incoming => Place::Incoming,
        QueueName::Active => Place::Active,
        QueueName::Deferred => Place::Deferred,
        QueueName::Hold => Place::Hold,
    }))
}

impl Building {
    fn line(&mut self, line: &[u8]) {
        let Ok(entry) = postqueue::parse(line) else {
            self.bad_lines += 1;
            return;
        };
        let more = entry.recipients.len().saturating_sub(RECIPIENTS_KEPT);
        let size = entry.message_size.max(0).unsigned_abs();
        let forced_expire = entry.forced_expire;
        let (target, all) = Target::taken(&self.instance, entry);
        let mut recipients = Vec::with_capacity(all.len().min(RECIPIENTS_KEPT));
        for recipient in all.into_iter().take(RECIPIENTS_KEPT) {
            let domain = self.domain(&recipient.address);
            let reason = recipient.reason().map(|text| self.reason(text));
            recipients.push(Waiting {
                address: recipient.address.into(),
                domain,
                reason,
            });
        }
        let message = Message {
            target,
            size,
            forced_expire,
            recipients,
            more,
        };
        let id = stand_in(&*message.target.key.queue_id);
        let at = *self.by_id.entry(id).or_insert(self.messages.len());
        self.depth.add(depth(&message));
        self.bytes = self.bytes.saturating_add(message.size);
        match self.messages.get_mut(at) {
            Some(before) => {
                self.depth = self.depth.less(depth(before));
                self.bytes = self.bytes.saturating_sub(before.size);
                *before = message;
            }
            None => self.messages.push(message),
        }
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
        assert_eq!(queue.bytes(), 10);
        let key = queue.messages()[0].target.key.clone();
        assert_eq!(queue.message(&key), queue.messages().first());
        let other = MessageKey { arrival: 7, ..key };
        assert_eq!(queue.message(&other), None);
    }

    #[test]
    fn a_listing_that_another_one_took_the_place_of_is_taken_down_with_the_time() {
        let many = |from: usize| -> String {
            let ids = from..from + 2 * LEAVE;
            ids.map(|n| line("deferred", &format!("{n:08X}"), "x@y.example"))
                .collect()
        };
        let mut queue = listed(&many(0), true);
        let frozen = queue.clone();
        list(&mut queue, &many(1), true);
        assert!(queue.leaving.0.is_empty(), "somebody still looks at it");
        drop(frozen);
        list(&mut queue, &many(2), true);
        let left: Vec<usize> = (0..3)
            .map(|_| {
                queue.tick();
                queue.leaving.0.len()
            })
            .collect();
        assert_eq!(left, [LEAVE, 0, 0]);
        assert_eq!(queue.messages().len(), 2 * LEAVE);
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
