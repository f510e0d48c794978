//! Event: what a line says, one variant for each thing that Postfix and Dovecot log.
//!
//! Every variant names its daemon. Fields borrow the line; absent means that the line did not say it. Structs that several
//! variants or readers share are in the file above. Formats: the file of each daemon's grammar names its source.

use super::{Delivery, LoginDetails, MailUser, Observed, Peer, Tls, Verdict};
use crate::queue_id::QueueId;

/// Why a line has no event of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unrecognized {
    /// A `warning:`, `error:`, `fatal:` or `panic:` line of a known daemon.
    Warning,
    /// A known daemon's text that no grammar here knows.
    Other,
    /// Another program's line.
    Foreign,
    /// No envelope could be read.
    Unparsed,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// smtpd(8): `connect from`.
    Connect {
        /// Who connected.
        client: Peer<'a>,
    },
    /// smtpd(8): `disconnect from`.
    Disconnect {
        /// Who disconnected.
        client: Peer<'a>,
        /// The counters as logged, `ehlo=1 mail=1 rcpt=0/3`; empty before Postfix 3.0.
        commands: &'a [u8],
    },
    /// smtpd(8): `lost connection after`, `timeout after`, `too many errors after`.
    LostConnection {
        /// The message in progress (Postfix 3.10 and later).
        queue_id: Option<QueueId<'a>>,
        /// `lost connection`, `timeout` or `too many errors`.
        what: &'a [u8],
        /// The last SMTP stage.
        stage: &'a [u8],
        /// The client.
        client: Peer<'a>,
    },
    /// smtpd(8): `QID: client=`: a message is being received.
    Client {
        /// The message; `None` when a before-queue proxy takes it (`NOQUEUE`).
        queue_id: Option<QueueId<'a>>,
        /// Who sends it.
        client: Peer<'a>,
        /// The SASL mechanism.
        sasl_method: Option<&'a [u8]>,
        /// The SASL account.
        sasl_username: Option<&'a [u8]>,
        /// The SASL `AUTH=` sender.
        sasl_sender: Option<&'a [u8]>,
        /// The id that the message had before a content filter.
        orig_queue_id: Option<&'a [u8]>,
        /// The client before a content filter.
        orig_client: Option<Peer<'a>>,
    },
    /// pickup(8): local submission, or a requeued message.
    Pickup {
        /// The message.
        queue_id: QueueId<'a>,
        /// The submitting user's number.
        uid: Option<u32>,
        /// The envelope sender.
        from: &'a [u8],
        /// The id before `postsuper -r`.
        orig_id: Option<&'a [u8]>,
    },
    /// cleanup(8): `message-id=`.
    Cleanup {
        /// The message.
        queue_id: QueueId<'a>,
        /// The Message-ID header without the angle brackets of a single id; may be empty or odd.
        message_id: &'a [u8],
        /// Whether it is the `resent-message-id=`.
        resent: bool,
    },
    /// qmgr(8): `from=<…>, size=N, nrcpt=N (queue active)`; again at every retry.
    Queued {
        /// The message.
        queue_id: QueueId<'a>,
        /// The envelope sender, empty for the null sender.
        from: &'a [u8],
        /// Bytes.
        size: u64,
        /// Recipients.
        nrcpt: u64,
    },
    /// A delivery agent's line for one recipient.
    Delivery(Delivery<'a>),
    /// A try at one mail exchanger that failed before another was tried; never a delivery.
    Interim {
        /// The message, when the line names it.
        queue_id: Option<QueueId<'a>>,
        /// The mail exchanger; empty where the line does not name it.
        relay: Peer<'a>,
        /// The whole text.
        reply: &'a [u8],
    },
    /// bounce(8): `sender non-delivery notification: QID2`.
    BounceNotification {
        /// The message that the notification is about.
        queue_id: QueueId<'a>,
        /// The notification's own id.
        new_queue_id: QueueId<'a>,
        /// `sender` or `postmaster`.
        whom: &'a [u8],
        /// `non-delivery`, `delay`, `delivery status`.
        kind: &'a [u8],
    },
    /// qmgr(8): `status=expired, returned to sender`.
    Expired {
        /// The message.
        queue_id: QueueId<'a>,
        /// The envelope sender.
        from: &'a [u8],
        /// Whether an administrator forced it (`force-expired`).
        forced: bool,
    },
    /// qmgr(8): the message left the queue; postsuper(1): the message was deleted; cleanup(8): given up before it was queued
    /// (Postfix 3.10 and later). The daemon tells which.
    Removed {
        /// The message.
        queue_id: QueueId<'a>,
    },
    /// postsuper(1): `placed on hold`.
    Hold {
        /// The message.
        queue_id: QueueId<'a>,
    },
    /// postsuper(1): `released from hold`.
    Released {
        /// The message.
        queue_id: QueueId<'a>,
    },
    /// postsuper(1): `requeued`.
    Requeued {
        /// The message.
        queue_id: QueueId<'a>,
    },
    /// postsuper(1): `expired`: it will bounce at the next attempt.
    ForceExpire {
        /// The message.
        queue_id: QueueId<'a>,
    },
    /// smtpd(8), cleanup(8): a restriction, milter or check acted.
    Verdict(Verdict<'a>),
    /// smtpd(8): `SASL M authentication failed`.
    SaslFailed {
        /// The client.
        client: Peer<'a>,
        /// The mechanism.
        method: &'a [u8],
        /// Why, as logged; may be empty.
        reason: &'a [u8],
        /// The account (Postfix 3.9 and later).
        username: Option<&'a [u8]>,
    },
    /// Dovecot: a successful login.
    Login(LoginDetails<'a>),
    /// Dovecot: a login that ended with failed authentication.
    LoginFailed {
        /// The attempts that the line sums up.
        attempts: u32,
        /// The message before the colon, as logged.
        reason: &'a [u8],
        /// Who and where from.
        login: LoginDetails<'a>,
    },
    /// Dovecot: a login connection that ended without a failed authentication (scanners, health checks).
    LoginAborted {
        /// The message, as logged.
        reason: &'a [u8],
        /// Who and where from.
        login: LoginDetails<'a>,
    },
    /// Dovecot: a mail session ended.
    Logout {
        /// Who.
        who: MailUser<'a>,
        /// Bytes received from the client.
        bytes_in: Option<u64>,
        /// Bytes sent to the client.
        bytes_out: Option<u64>,
        /// The whole text.
        text: &'a [u8],
    },
    /// Dovecot LMTP: `Connect from`.
    LmtpConnect {
        /// The peer: `local` or an address.
        peer: &'a [u8],
    },
    /// Dovecot LMTP: `Disconnect from`.
    LmtpDisconnect {
        /// The peer: `local` or an address.
        peer: &'a [u8],
        /// Why.
        reason: &'a [u8],
    },
    /// Dovecot LMTP or LDA: a message was saved, or was not.
    Saved {
        /// Who received it.
        who: MailUser<'a>,
        /// The Message-ID without angle brackets; empty for `unspecified`.
        message_id: &'a [u8],
        /// The mailbox.
        mailbox: &'a [u8],
        /// Why it failed; `None` when it was saved.
        failure: Option<&'a [u8]>,
    },
    /// smtp(8), smtpd(8), lmtp(8), tlsproxy(8): a TLS session began.
    Tls(Tls<'a>),
    /// anvil(8): the peaks of its counters.
    Anvil(Observed<'a>),
    /// postscreen(8): a test, its outcome, or a connection.
    Postscreen(Observed<'a>),
    /// tlsproxy(8): a connection, or a handshake that failed.
    Tlsproxy(Observed<'a>),
    /// dnsblog(8): an address is listed.
    Dnsbl(Observed<'a>),
    /// Dovecot's authentication: credentials were refused. Another line, at the end of the login or from smtpd(8), counts the
    /// same failure.
    AuthFailed {
        /// The user; empty when unknown.
        user: &'a [u8],
        /// The SASL mechanism, where the line has it.
        method: Option<&'a [u8]>,
        /// The client's address.
        rip: Option<&'a [u8]>,
        /// The session id.
        session: Option<&'a [u8]>,
        /// Why, as logged, without any password.
        reason: &'a [u8],
    },
    /// Dovecot, Sieve: an action that stores nothing. What it stores is [`Event::Saved`].
    Sieve {
        /// Who received the message.
        who: MailUser<'a>,
        /// The Message-ID without angle brackets; empty for `unspecified`.
        message_id: &'a [u8],
        /// The action, as logged, up to its object: `forwarded to`, `discarded duplicate forward to`.
        action: &'a [u8],
        /// The mailbox of `left message in mailbox`.
        mailbox: Option<&'a [u8]>,
        /// The address that the action is about.
        address: Option<&'a [u8]>,
    },
    /// Dovecot, the `mail_log` plugin: what a user did to a message or a mailbox.
    MailLog {
        /// Who.
        who: MailUser<'a>,
        /// `delete`, `expunge`, `copy from INBOX`, `Mailbox created`.
        action: &'a [u8],
        /// The mailbox.
        mailbox: Option<&'a [u8]>,
        /// The Message-ID without angle brackets.
        message_id: Option<&'a [u8]>,
        /// Bytes.
        size: Option<u64>,
    },
    /// A known daemon's known text that changes no message, user or client.
    Notice {
        /// What it is, as one word of ours: `start`, `reload`, `statistics`.
        action: &'static str,
        /// The message, when the line names one.
        queue_id: Option<QueueId<'a>>,
        /// The client or server, when the line names one.
        peer: Option<Peer<'a>>,
        /// The whole text.
        text: &'a [u8],
    },
    /// Anything else, kept whole.
    Unrecognized {
        /// Why it is here.
        kind: Unrecognized,
        /// The text after the tag; for `Unparsed` the whole line.
        text: &'a [u8],
    },
}

impl<'a> Event<'a> {
    /// The message that the line is about.
    pub fn queue_id(&self) -> Option<QueueId<'a>> {
        match self {
            Event::Pickup { queue_id, .. }
            | Event::Cleanup { queue_id, .. }
            | Event::Queued { queue_id, .. }
            | Event::BounceNotification { queue_id, .. }
            | Event::Expired { queue_id, .. }
            | Event::Removed { queue_id }
            | Event::Hold { queue_id }
            | Event::Released { queue_id }
            | Event::Requeued { queue_id }
            | Event::ForceExpire { queue_id } => Some(*queue_id),
            Event::Delivery(delivery) => Some(delivery.queue_id),
            Event::Verdict(verdict) => verdict.queue_id,
            Event::Tls(tls) => tls.queue_id,
            Event::Client { queue_id, .. }
            | Event::LostConnection { queue_id, .. }
            | Event::Notice { queue_id, .. }
            | Event::Interim { queue_id, .. } => *queue_id,
            _ => None,
        }
    }
}
