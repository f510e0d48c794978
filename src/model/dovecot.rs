//! Dovecot: logins, sessions, saved mail and complaints, as its log tells them.
//!
//! Records go in; counts by the minute, open sessions and folded messages come out. How many of its own processes and users there are only
//! `doveadm who` knows; what is known here is what was logged ([`sessions`]). What Postfix says of mail that it handed to Dovecot is told here too
//! ([`saves`]), because only there stands whether a failure was temporary.
//!
//! Deliberately not here: who tries to guess passwords (failures by address and account).

pub mod complaints;
pub mod limits;
pub mod logins;
pub mod minutes;
pub mod repeated;
pub mod saves;
pub mod sessions;
pub mod who;

use crate::model::causes::Span;
use crate::model::table::Join;
use chrono::{DateTime, Utc};
use complaints::Complaints;
use logins::Logins;
use mailtop_parsers::{Event, Record};
use saves::Saves;
use sessions::Sessions;

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
    /// `ManageSieve`.
    Sieve,
    /// Submission.
    Submission,
    /// LMTP.
    Lmtp,
}

/// Something of each protocol, in the order of [`Protocol::ALL`].
pub type ByProtocol<T> = [T; 5];

impl Protocol {
    /// All of them.
    pub const ALL: ByProtocol<Self> = [
        Self::Imap,
        Self::Pop3,
        Self::Sieve,
        Self::Submission,
        Self::Lmtp,
    ];

    /// The protocol of one of Dovecot's services: `imap-login`, `managesieve`, `imap-hibernate`.
    pub fn of_service(service: &[u8]) -> Option<Self> {
        let name = service.split(|byte| *byte == b'-').next()?;
        Some(match name {
            b"imap" => Self::Imap,
            b"pop3" => Self::Pop3,
            b"managesieve" | b"sieve" => Self::Sieve,
            b"submission" => Self::Submission,
            b"lmtp" => Self::Lmtp,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Sieve => "sieve",
            Self::Submission => "submission",
            Self::Lmtp => "lmtp",
        }
    }
}

/// Everything that Dovecot's lines told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dovecot {
    /// The first and the last of its lines.
    pub seen: Span,
    /// Logins, and connections that did not come to one.
    pub logins: Logins,
    /// Sessions.
    pub sessions: Sessions,
    /// Mail saved, and not saved.
    pub saves: Saves,
    /// Errors and warnings.
    pub complaints: Complaints,
    /// Nothing is kept by time, and no sessions: [`crate::model::facts::Facts::sums_only`].
    sums_only: bool,
}

impl Dovecot {
    /// Keeps sums over the whole span, and nothing else, from now on.
    pub fn sum_up(&mut self) {
        self.sums_only = true;
        self.logins.minutes.sum_up();
        self.saves.minutes.sum_up();
    }

    /// Takes one record in that nothing else is told by, logged at `time`, `times` times.
    pub fn on(&mut self, record: &Record<'_>, time: DateTime<Utc>, times: u64) {
        if record.program == b"dovecot" {
            self.seen.add(time);
        }
        match &record.event {
            Event::SaslFailed { .. } => self.logins.sasl_failed += times,
            Event::Login(login) => {
                self.logins.login(login, time, times);
            }
            Event::LoginFailed { attempts, .. } => {
                self.logins.failed(time, times * u64::from(*attempts));
            }
            Event::LoginAborted { reason, login } => {
                self.logins.aborted(time, times, reason);
                self.complaints.aborted(login, reason, time, times);
            }
            Event::LmtpConnect { .. } => self.logins.connected(time, times),
            Event::Saved {
                who,
                mailbox,
                failure,
                ..
            } => {
                self.saves.saved(who, mailbox, *failure, time, times);
                if let Some(reason) = failure {
                    self.complaints.not_saved(who, reason, time, times);
                }
            }
            Event::Sieve { who, action, .. } => {
                let failed = self.saves.sieve(action, time, times);
                let complaints = failed.then_some(&mut self.complaints);
                if let Some(complaints) = complaints {
                    complaints.sieve(who, record.severity, action, time, times);
                }
            }
            _ => {}
        }
        if !self.sums_only {
            self.session(record, time);
        }
    }

    /// What a record tells of who is logged in.
    fn session(&mut self, record: &Record<'_>, time: DateTime<Utc>) {
        match &record.event {
            Event::Login(login) => self.sessions.login(record.host, login, time),
            Event::Logout {
                who,
                bytes_in,
                bytes_out,
                text,
            } => {
                let bytes = [bytes_in.unwrap_or(0), bytes_out.unwrap_or(0)];
                self.sessions.logout(record.host, who, time, text, bytes);
            }
            Event::LmtpConnect { peer } => self.sessions.connect(record.host, peer, time),
            Event::LmtpDisconnect { peer, reason } => {
                self.sessions.disconnect(record.host, peer, time, reason);
            }
            Event::Notice {
                action: "start",
                text,
                ..
            } if text.starts_with(b"Dovecot v") => self.sessions.restarted(record.host, time),
            _ => {}
        }
    }
}

impl Join for Dovecot {
    fn join(&mut self, newer: Self) {
        self.seen.join(newer.seen);
        self.logins.join(newer.logins);
        self.sessions.join(newer.sessions);
        self.saves.join(newer.saves);
        self.complaints.join(newer.complaints);
    }
}
