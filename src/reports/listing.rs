//! A listing of the queue for people and scripts: what `mailtop queue` tells.
//!
//! In come the lines of one run of `postqueue -j`, out come one JSON object for each message or group, or a table ([`text`]). A listing is
//! no snapshot (`postqueue(1)`): a message that is listed twice counts once, and the later mention wins. Which provider a domain uses
//! is what is built in or what the reason names; no log is read. Text of strangers is safe here.

mod subject;
#[cfg(test)]
mod tests;
pub mod text;

use crate::knowledge::{Knowledge, Provider};
use crate::model::groups::{self, Group};
use crate::model::queue::domain_of;
use crate::model::reasons::{self, Reason};
use crate::model::stuck::BUCKETS;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use mailtop_parsers::{QueueEntry, QueueName, QueuedRecipient, postqueue};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// What messages are gathered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The recipient's domain.
    Domain,
    /// The envelope sender.
    Sender,
    /// Who runs the recipient's mailbox.
    Provider,
    /// Why it waits, equal reasons folded to one.
    Reason,
    /// The age bucket.
    Age,
}

impl By {
    /// The name of the key in JSON and in the table's title.
    pub fn name(self) -> &'static str {
        match self {
            By::Domain => "domain",
            By::Sender => "sender",
            By::Provider => "provider",
            By::Reason => "reason",
            By::Age => "age",
        }
    }
}

/// When each message is due.
pub type Due = crate::model::table::Map<Box<str>, i64>;

/// The messages of one listing.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The host, when it is this one's queue.
    pub host: Option<SafeText>,
    /// The Postfix instance, when it is known.
    pub instance: Option<SafeText>,
    /// When it was listed.
    pub at: DateTime<Utc>,
    /// The offset of local time.
    pub zone: FixedOffset,
    /// When each deferred message is due, by queue id, in seconds since 1970, as far as the spool tells.
    pub due: Due,
    knowledge: &'static Knowledge,
    entries: Vec<QueueEntry>,
    by_id: HashMap<String, usize>,
    bad_lines: u64,
}

impl Listing {
    /// Nothing listed yet.
    pub fn new(knowledge: &'static Knowledge, at: DateTime<Utc>, zone: FixedOffset) -> Self {
        Self {
            host: None,
            instance: None,
            at,
            zone,
            due: Due::default(),
            knowledge,
            entries: Vec::new(),
            by_id: HashMap::new(),
            bad_lines: 0,
        }
    }

    /// Lines of the listing.
    pub fn lines(&mut self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n') {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let Ok(entry) = postqueue::parse(line) else {
                self.bad_lines += 1;
                continue;
            };
            let end = self.entries.len();
            let at = *self.by_id.entry(entry.queue_id.clone()).or_insert(end);
            match self.entries.get_mut(at) {
                Some(before) => *before = entry,
                None => self.entries.push(entry),
            }
        }
    }

    /// The messages, in the order listed.
    pub fn entries(&self) -> &[QueueEntry] {
        &self.entries
    }

    /// Lines that were no message.
    pub fn bad_lines(&self) -> u64 {
        self.bad_lines
    }

    /// The messages in groups, most messages first; by age the youngest first.
    pub fn groups(&self, by: By) -> Vec<Group> {
        let now = self.at.timestamp();
        let keys = |entry: &QueueEntry| match by {
            By::Sender => vec![sender(entry).to_owned(); entry.recipients.len().max(1)],
            By::Age => vec![
                age_name(groups::bucket(now.saturating_sub(entry.arrival_time)));
                entry.recipients.len().max(1)
            ],
            _ if entry.recipients.is_empty() => vec![String::from("(no recipient)")],
            _ => entry.recipients.iter().map(|to| self.key(to, by)).collect(),
        };
        let mut groups = groups::groups(self.entries.iter(), now, keys);
        if by == By::Age {
            groups.sort_by_key(|group| group.ages.iter().position(|count| *count > 0));
        }
        groups
    }

    fn key(&self, to: &QueuedRecipient, by: By) -> String {
        match by {
            By::Provider => self.provider(to).unwrap_or("other").to_owned(),
            By::Reason => to.reason().map_or_else(
                || String::from("(no reason yet)"),
                |text| Reason::new(Arc::from(text)).fold.trim_start().to_owned(),
            ),
            _ => domain_of(&to.address).into_owned(),
        }
    }

    /// The provider that a reason names by its host, or that the domain is known to use.
    fn provider(&self, to: &QueuedRecipient) -> Option<&'static str> {
        let named = to
            .reason()
            .and_then(|reason| reasons::host(reason.as_bytes()));
        named
            .and_then(|host| self.knowledge.provider_of_relay(host))
            .or_else(|| {
                self.knowledge
                    .provider_of_domain(domain_of(&to.address).as_bytes())
            })
            .map(Provider::name)
    }

    /// The JSON object of one message.
    pub fn object(&self, entry: &QueueEntry) -> Value {
        let safe = |text: &str| Value::from(SafeText::from(text).as_str());
        let mut object = Map::new();
        for (name, value) in [("host", &self.host), ("instance", &self.instance)] {
            if let Some(value) = value {
                object.insert(name.to_owned(), safe(value.as_str()));
            }
        }
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("queue_name", json!(entry.queue_name));
        put("queue_id", json!(entry.queue_id));
        put("arrival_time", json!(entry.arrival_time));
        put("arrival", self.time(entry.arrival_time));
        put("message_size", json!(entry.message_size));
        put("forced_expire", json!(entry.forced_expire));
        put("sender", safe(sender(entry)));
        let deferred = entry.queue_name == QueueName::Deferred;
        if let Some(due) = self.due.get(&*entry.queue_id).filter(|_| deferred) {
            // A time that is over: the next queue run takes it.
            put("next_attempt", self.time(*due.max(&self.at.timestamp())));
        }
        let recipients: Vec<Value> = entry
            .recipients
            .iter()
            .map(|to| self.recipient(to))
            .collect();
        // What all recipients have in common is said of the message, too.
        for name in ["domain", "provider", "class", "dsn"] {
            let mut values = recipients.iter().map(|to| to.get(name));
            if let Some(Some(first)) = values.next()
                && values.all(|value| value == Some(first))
            {
                put(name, first.clone());
            }
        }
        put("recipients", Value::Array(recipients));
        Value::Object(object)
    }

    fn recipient(&self, to: &QueuedRecipient) -> Value {
        let safe = |text: &str| Value::from(SafeText::from(text).as_str());
        let mut object = Map::new();
        object.insert(String::from("address"), safe(&to.address));
        for (name, text) in [
            ("orig_address", &to.orig_address),
            ("delay_reason", &to.delay_reason),
            ("bounce_reason", &to.bounce_reason),
            ("other_reason", &to.other_reason),
        ] {
            if let Some(text) = text {
                object.insert(name.to_owned(), safe(text));
            }
        }
        object.insert(String::from("domain"), safe(&domain_of(&to.address)));
        if let Some(provider) = self.provider(to) {
            object.insert(String::from("provider"), json!(provider));
        }
        if let Some(text) = to.reason() {
            let reason = Reason::new(Arc::from(text));
            let class = reason.class(self.knowledge).as_str();
            object.insert(String::from("class"), json!(class));
            if let Some(dsn) = reason.dsn {
                object.insert(String::from("dsn"), json!(dsn.to_string()));
            }
        }
        Value::Object(object)
    }

    /// The JSON object of one group.
    pub fn group(&self, group: &Group, by: By) -> Value {
        let ages: Vec<Value> = group.ages.iter().map(|count| json!(count)).collect();
        json!({
            by.name(): SafeText::from(&*group.key).as_str(),
            "messages": group.messages,
            "recipients": group.recipients,
            "bytes": group.bytes,
            "oldest": self.time(group.oldest),
            "newest": self.time(group.newest),
            "buckets": ages,
        })
    }

    fn time(&self, seconds: i64) -> Value {
        let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let time = time.with_timezone(&self.zone);
        Value::from(time.to_rfc3339_opts(SecondsFormat::Micros, false))
    }
}

/// The sender; the null sender, which `postqueue` lists as `MAILER-DAEMON`, is empty.
fn sender(entry: &QueueEntry) -> &str {
    if entry.sender == "MAILER-DAEMON" {
        ""
    } else {
        &entry.sender
    }
}

/// `< 5 min`, `5 - 10 min`, …: an age bucket as a key.
fn age_name(bucket: usize) -> String {
    let bound = |at: usize| BUCKETS.get(at).copied();
    match (bucket.checked_sub(1).and_then(bound), bound(bucket)) {
        (None, Some(end)) => format!("< {end} min"),
        (Some(begin), Some(end)) => format!("{begin} - {end} min"),
        (begin, None) => format!("> {} min", begin.unwrap_or_default()),
    }
}
