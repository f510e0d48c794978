//! Record and Event: everything that a mail log can say, as types that borrow the line.
//!
//! Text stays raw bytes, exactly as logged: it comes from strangers and is not always UTF-8. Addresses are without their
//! angle brackets, the null sender is empty. Absent means that the line did not say it.

use crate::queue_id::QueueId;
use crate::status::{EnhancedStatus, ReplyCode, Status};
use chrono::{DateTime, FixedOffset};

/// One log line: who said it, when, and what.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    /// When the logger stamped it; `None` when the line has no readable stamp.
    pub time: Option<DateTime<FixedOffset>>,
    /// The host as logged.
    pub host: Option<&'a [u8]>,
    /// The tag as logged, without the process id: `postfix/submission/smtpd`, `dovecot`.
    pub program: &'a [u8],
    /// The process id in the tag.
    pub pid: Option<u32>,
    /// The severity word that the daemon wrote; `None` for the ordinary level, which has no word.
    pub severity: Option<Severity>,
    /// How many times the logger saw the line: more than 1 only where it folded equal ones
    /// (`message repeated N times: [ … ]`, `last message repeated N times`).
    pub repeated: u32,
    /// What the line says.
    pub event: Event<'a>,
}

impl<'a> Record<'a> {
    /// The instance: the first component of a Postfix tag (`postfix`, `postfix-out`), or the whole tag of other programs.
    pub fn instance(&self) -> &'a [u8] {
        let end = memchr::memchr(b'/', self.program).unwrap_or(self.program.len());
        self.program.get(..end).unwrap_or_default()
    }

    /// The daemon: the last component of the tag (`smtpd` for `postfix/submission/smtpd`).
    pub fn daemon(&self) -> &'a [u8] {
        let start = memchr::memrchr(b'/', self.program).map_or(0, |slash| slash + 1);
        self.program.get(start..).unwrap_or_default()
    }
}

/// The severity words of Postfix (`msg(3)`) and Dovecot (`lib/failures.c`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Dovecot's `Debug:`.
    Debug,
    /// Dovecot's `Info:`, written in its own log file only.
    Info,
    /// `warning:` or `Warning:`.
    Warning,
    /// `error:` or `Error:`.
    Error,
    /// `fatal:` or `Fatal:`.
    Fatal,
    /// `panic:` or `Panic:`.
    Panic,
}

/// A peer as Postfix writes it: `host[address]` and sometimes `:port`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Peer<'a> {
    /// The host name, or `unknown`.
    pub host: &'a [u8],
    /// The IP address without brackets; or `unknown`.
    pub ip: &'a [u8],
    /// The TCP port where the line gives one.
    pub port: Option<u16>,
}

/// Where a delivery agent handed the message to: the value of `relay=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relay<'a> {
    /// `relay=none`: no host was reached, or none was tried.
    None,
    /// `relay=host[ip]:port`.
    Host(Peer<'a>),
    /// `relay=host[private/dovecot-lmtp]`: a UNIX-domain socket.
    Socket {
        /// The name before the bracket.
        host: &'a [u8],
        /// The socket's path.
        path: &'a [u8],
    },
    /// `relay=local`, `relay=virtual`, or a pipe transport's name.
    Agent(&'a [u8]),
}

/// The four parts of `delays=a/b/c/d`, in seconds (`postconf(5)`, `delay_logging_resolution_limit`).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Delays {
    /// a: before the queue manager, including reception.
    pub before_qmgr: f64,
    /// b: in the queue manager.
    pub qmgr: f64,
    /// c: connection set-up: DNS, HELO, TLS.
    pub conn_setup: f64,
    /// d: transmission.
    pub transmission: f64,
}

/// One recipient's outcome of one delivery attempt (`global/log_adhoc.c`).
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery<'a> {
    /// The message.
    pub queue_id: QueueId<'a>,
    /// The recipient.
    pub to: &'a [u8],
    /// The recipient before rewriting, only when it differs.
    pub orig_to: Option<&'a [u8]>,
    /// Where it was handed to.
    pub relay: Relay<'a>,
    /// The n-th use of a cached connection.
    pub conn_use: Option<u32>,
    /// Seconds since arrival.
    pub delay: f64,
    /// The parts of the delay.
    pub delays: Option<Delays>,
    /// The `tls=` word of Postfix 3.11 and later.
    pub tls: Option<&'a [u8]>,
    /// Postfix's own judgement, which may contradict the reply.
    pub dsn: Option<EnhancedStatus>,
    /// What became of it.
    pub status: Status,
    /// The text in the outermost parentheses: the remote's words, uninterpreted.
    pub reply: &'a [u8],
}

impl Delivery<'_> {
    /// The remote server's three-digit reply code, when the reply text holds one.
    pub fn reply_code(&self) -> Option<ReplyCode> {
        ReplyCode::find(self.reply)
    }
}

/// What smtpd(8) or cleanup(8) did to a client's request: `reject`, `hold`, `milter-reject`, ….
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict<'a> {
    /// The message; `None` for `NOQUEUE`.
    pub queue_id: Option<QueueId<'a>>,
    /// `reject`, `reject_warning`, `hold`, `discard`, `filter`, `redirect`, `milter-reject`, ….
    pub action: &'a [u8],
    /// The SMTP stage: `CONNECT`, `RCPT`, `END-OF-MESSAGE`, …; or `header`, `body` or `mime-error`.
    pub stage: &'a [u8],
    /// The client. A check of a message that no client sent has the host `local` or `unknown` and no address.
    pub client: Peer<'a>,
    /// The reply code, where there is one.
    pub smtp_code: Option<ReplyCode>,
    /// The enhanced status code, where there is one.
    pub dsn: Option<EnhancedStatus>,
    /// The whole text up to the `;` of the tail, codes included. For a header or body check: the text that the check's
    /// author gave, which may be empty.
    pub reply: &'a [u8],
    /// What a header or body check matched: `Subject: …`; only for the stages `header`, `body` and `mime-error`.
    pub check: Option<&'a [u8]>,
    /// The sender.
    pub from: Option<&'a [u8]>,
    /// The recipient.
    pub to: Option<&'a [u8]>,
    /// `SMTP` or `ESMTP`.
    pub proto: Option<&'a [u8]>,
    /// The client's HELO name.
    pub helo: Option<&'a [u8]>,
    /// The SASL mechanism (Postfix 3.10 and later).
    pub sasl_method: Option<&'a [u8]>,
    /// The SASL account (Postfix 3.10 and later).
    pub sasl_username: Option<&'a [u8]>,
    /// The SASL `AUTH=` sender (Postfix 3.10 and later).
    pub sasl_sender: Option<&'a [u8]>,
}

/// A TLS session's summary (`tls/tls_misc.c`, `tls_log_summary`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tls<'a> {
    /// The message, when the line names it.
    pub queue_id: Option<QueueId<'a>>,
    /// Whether the peer connected to us (`from`) or we to it (`to`).
    pub incoming: bool,
    /// Whether a cached connection was used again.
    pub reused: bool,
    /// `Anonymous`, `Untrusted`, `Trusted` or `Verified`.
    pub trust: &'a [u8],
    /// The other side.
    pub peer: Peer<'a>,
    /// The name that the client asked for, where it differs from the peer's.
    pub sni: Option<&'a [u8]>,
    /// `TLSv1.3`.
    pub version: &'a [u8],
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: &'a [u8],
}

/// What a daemon observed of one client: a statistic, a test, a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed<'a> {
    /// The verdict, as logged: `PASS NEW`, `max connection rate`, `listed`.
    pub action: &'a [u8],
    /// The client, where the line names one.
    pub client: Option<Peer<'a>>,
    /// The whole text.
    pub text: &'a [u8],
}

/// The tail of a Dovecot login or login failure (`login_log_format_elements`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoginDetails<'a> {
    /// The login service: `imap-login`, `pop3-login`, ….
    pub service: &'a [u8],
    /// The user; empty when none was given.
    pub user: &'a [u8],
    /// The SASL mechanism.
    pub method: Option<&'a [u8]>,
    /// The client's address.
    pub rip: Option<&'a [u8]>,
    /// The local address.
    pub lip: Option<&'a [u8]>,
    /// The mail process's id.
    pub mpid: Option<u32>,
    /// Whether the connection was encrypted or local (`TLS`, `secured`).
    pub secured: bool,
    /// The session id.
    pub session: Option<&'a [u8]>,
}

/// Who an LMTP or LDA line of Dovecot is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailUser<'a> {
    /// The service: `lmtp`, `lda`, `imap`.
    pub service: &'a [u8],
    /// The user; empty when unknown.
    pub user: &'a [u8],
    /// The session id of Dovecot 2.3 and later.
    pub session: Option<&'a [u8]>,
}

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
        /// The mail exchanger.
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
