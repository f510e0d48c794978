//! Kinds of failure, and whether trying again helps: closed sets, so that a report can be compared with last year's.
//!
//! The classes are fewer than those of other classifiers (sisimai has 34): one for each thing that an administrator does next.

use serde::Deserialize;
use std::fmt;

/// What kind of failure a reply tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The mailbox or the domain does not exist, or takes no mail any more.
    InvalidRecipient,
    /// The mailbox is full.
    MailboxFull,
    /// Refused for now, because the sender is new there.
    Greylisted,
    /// Too many messages, connections or recipients.
    RateLimited,
    /// The sending address or domain is listed or has a bad name.
    Reputation,
    /// SPF, DKIM, DMARC or the reverse name of the sending address.
    Auth,
    /// The message itself: spam, viruses, forbidden attachments.
    Content,
    /// Another rule of the receiver: size, relaying, restricted recipients, malformed mail.
    Policy,
    /// The domain could not be looked up.
    Dns,
    /// No connection, or a broken one.
    Unreachable,
    /// Encryption that is demanded and not to be had.
    Tls,
    /// This host: transports, mailboxes, programs, passwords for relays.
    Local,
    /// Nothing that the table knows.
    Other,
}

impl Class {
    /// Every class, in the order of the enum.
    pub const ALL: [Self; 13] = [
        Self::InvalidRecipient,
        Self::MailboxFull,
        Self::Greylisted,
        Self::RateLimited,
        Self::Reputation,
        Self::Auth,
        Self::Content,
        Self::Policy,
        Self::Dns,
        Self::Unreachable,
        Self::Tls,
        Self::Local,
        Self::Other,
    ];

    /// The word on the screen and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRecipient => "invalid-recipient",
            Self::MailboxFull => "mailbox-full",
            Self::Greylisted => "greylisted",
            Self::RateLimited => "rate-limited",
            Self::Reputation => "reputation",
            Self::Auth => "auth",
            Self::Content => "content",
            Self::Policy => "policy",
            Self::Dns => "dns",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Local => "local",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether another attempt can succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// Yes: Postfix's own schedule is enough.
    Yes,
    /// Yes, but only later and slower; flushing the queue makes it worse.
    Slower,
    /// Only when something was changed first, here or there.
    AfterFix,
    /// No: the answer will stay the same.
    No,
    /// The reply does not tell.
    Unknown,
}

impl Retry {
    /// Every answer, in the order of the enum.
    pub const ALL: [Self; 5] = [
        Self::Yes,
        Self::Slower,
        Self::AfterFix,
        Self::No,
        Self::Unknown,
    ];

    /// The word on the screen and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Slower => "slower",
            Self::AfterFix => "after-fix",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
