//! The fields of the filter language: their names before the colon, what their values are, and an example that works for each.

use crate::knowledge::Class;

/// What a term of a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// `domain:` the recipient's domain, in lower case.
    Domain,
    /// `code:` or `dsn:` the reply code or the enhanced status code.
    Code,
    /// `from:` the envelope sender; `<>` for the null sender.
    From,
    /// `to:` the recipient, also as it was before rewriting.
    To,
    /// `user:` the SASL account or Dovecot user.
    User,
    /// `ip:` the address of the client or of the remote server; also a network, `192.0.2.0/24`.
    Ip,
    /// `client:` the client's host name.
    Client,
    /// `host:` the host that wrote the line.
    Host,
    /// `queue:` the queue.
    Queue,
    /// `qid:` the queue id.
    QueueId,
    /// `msgid:` the Message-ID, without angle brackets.
    MessageId,
    /// `provider:` who runs the recipient's mailbox.
    Provider,
    /// `reason:` or `error:` the remote server's words, or why something failed.
    Reason,
    /// `class:` what kind of failure the reason tells of.
    Class,
    /// `relay:` where a delivery agent handed the message to.
    Relay,
    /// `prog:` the program: `smtp`, `postfix/smtp`, `dovecot`.
    Program,
    /// `proto:` the service of Dovecot or the protocol of a client: `imap`, `lmtp`, `ESMTP`.
    Protocol,
    /// `status:` what became of a delivery, or what was done to a request: `deferred`, `expired`, `reject`.
    Status,
    /// `age:` seconds since arrival, or since the line was logged.
    Age,
    /// `size:` bytes.
    Size,
    /// `delay:` milliseconds that a delivery took, since arrival.
    Delay,
    /// `rcpts:` recipients.
    Recipients,
    /// A word or `/regex/` without a field: whatever of it can be read on the screen.
    Anywhere,
}

/// The names before the colon. The first of a field is the one that is written; the others are read, too.
const NAMES: &[(&str, Field)] = &[
    ("domain", Field::Domain),
    ("code", Field::Code),
    ("dsn", Field::Code),
    ("from", Field::From),
    ("sender", Field::From),
    ("to", Field::To),
    ("rcpt", Field::To),
    ("recipient", Field::To),
    ("user", Field::User),
    ("account", Field::User),
    ("ip", Field::Ip),
    ("rip", Field::Ip),
    ("client", Field::Client),
    ("host", Field::Host),
    ("queue", Field::Queue),
    ("qid", Field::QueueId),
    ("id", Field::QueueId),
    ("msgid", Field::MessageId),
    ("provider", Field::Provider),
    ("reason", Field::Reason),
    ("error", Field::Reason),
    ("class", Field::Class),
    ("relay", Field::Relay),
    ("mx", Field::Relay),
    ("prog", Field::Program),
    ("program", Field::Program),
    ("proto", Field::Protocol),
    ("service", Field::Protocol),
    ("status", Field::Status),
    ("age", Field::Age),
    ("size", Field::Size),
    ("delay", Field::Delay),
    ("rcpts", Field::Recipients),
    ("nrcpt", Field::Recipients),
];

/// The queues that are listed (`postqueue(1)`).
const QUEUES: &[&str] = &["maildrop", "incoming", "active", "deferred", "hold"];

impl Field {
    /// Every field that has a name, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES
            .iter()
            .filter(|(name, field)| field.name() == *name)
            .map(|(_, field)| *field)
    }

    /// The name before the colon; empty for [`Field::Anywhere`].
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, field)| *field == self)
            .map_or("", |(name, _)| name)
    }

    /// The field of a name, in any case of letters.
    pub fn of_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, field)| *field)
    }

    /// A value that works.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Domain => "*.example",
            Self::Code => "4.7.*",
            Self::From => "news@*",
            Self::To | Self::User => "ann@*",
            Self::Ip => "192.0.2.0/24",
            Self::Client | Self::Relay => "*.example.com",
            Self::Host => "mx*",
            Self::Queue => "hold",
            Self::QueueId => "4jYg*",
            Self::MessageId => "*@shop.example",
            Self::Provider => "google",
            Self::Reason => "TSS04",
            Self::Class => "rate-limited",
            Self::Program => "smtp",
            Self::Protocol => "imap",
            Self::Status => "deferred",
            Self::Age => ">2h",
            Self::Size => ">1M",
            Self::Delay => ">30s",
            Self::Recipients => ">100",
            Self::Anywhere => "yahoo",
        }
    }

    /// Whether its values are numbers, which are compared.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Age | Self::Size | Self::Delay | Self::Recipients
        )
    }

    /// Whether a pattern must fit the whole text. A reason is a sentence and a provider a name: part of it is enough.
    pub(super) fn is_whole(self) -> bool {
        !matches!(self, Self::Reason | Self::Provider | Self::Anywhere)
    }

    /// The words that its values are, where they are a closed set.
    pub(super) fn words(self) -> Option<Vec<&'static str>> {
        match self {
            Self::Queue => Some(QUEUES.to_vec()),
            Self::Class => Some(Class::ALL.iter().map(|class| class.as_str()).collect()),
            _ => None,
        }
    }
}

/// What somebody may have meant: the word that is fewest letters away, at most two and less than half of them.
pub(in crate::app) fn nearest<'a>(
    meant: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let meant: Vec<char> = meant.to_lowercase().chars().take(32).collect();
    words
        .into_iter()
        .map(|word| (distance(&meant, word), word))
        .filter(|(away, word)| *away <= 2 && away * 2 < word.len().max(meant.len()))
        .min_by_key(|(away, _)| *away)
        .map(|(_, word)| word)
}

/// All names, for a suggestion.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// Letters to put in, take out, change or swap to make one word of the other.
fn distance(from: &[char], to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&row, j) + usize::from(a != b))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_but_anywhere_has_a_name_that_is_read_again() {
        for field in Field::all() {
            assert_eq!(Field::of_name(field.name()), Some(field));
        }
        assert_eq!(Field::all().count(), 22);
        assert_eq!(Field::Anywhere.name(), "");
        assert_eq!(Field::of_name("DSN"), Some(Field::Code));
    }

    #[test]
    fn the_nearest_name_is_near() {
        for (meant, name) in [
            ("sise", Some("size")),
            ("form", Some("from")),
            ("Domian", Some("domain")),
            ("recieved", None),
            ("colour", None),
            ("x", None),
            ("provder", Some("provider")),
        ] {
            assert_eq!(nearest(meant, names()), name, "{meant}");
        }
    }
}
