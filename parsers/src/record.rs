//! Record and Event: everything that a mail log can say, as types that borrow the line.
//!
//! Text stays raw bytes, exactly as logged: it comes from strangers and is not always UTF-8. Addresses are without their
//! angle brackets, the null sender is empty. Absent means that the line did not say it.

mod event;

pub use event::{Event, Unrecognized};

use crate::grammar;
use crate::postfix;
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
        let end = grammar::find_byte(b'/', self.program).unwrap_or(self.program.len());
        self.program.get(..end).unwrap_or_default()
    }

    /// The daemon: the last component of the tag (`smtpd` for `postfix/submission/smtpd`).
    pub fn daemon(&self) -> &'a [u8] {
        postfix::last_component(self.program)
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

impl<'a> Verdict<'a> {
    /// What was done, whoever did it: `reject` of `reject`, `milter-reject`, `milter-header-reject` and `proxy-reject`.
    pub fn verb(&self) -> &'a [u8] {
        [&b"milter-header-"[..], b"milter-", b"proxy-"]
            .into_iter()
            .find_map(|who| self.action.strip_prefix(who))
            .unwrap_or(self.action)
    }
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
    /// What the line says of the encryption: `TLS`, `TLSv1.3 with cipher …`, `TLS: ` and an error; `None` without TLS.
    pub tls: Option<&'a [u8]>,
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
