//! Postfix and Dovecot log lines and `postqueue -j` listings, as records that borrow the text they were read from.
//!
//! One line goes in, one [`Record`] comes out. Parsing is *total*: any bytes give a record. What no grammar knows is
//! [`Event::Unrecognized`], a value that the caller counts and shows, never an error and never dropped.
//!
//! ```
//! use mailtop_parsers::{Calendar, Event, Status, parse};
//!
//! let calendar = Calendar {
//!     anchor: chrono::DateTime::parse_from_rfc3339("2026-06-05T12:00:00+02:00")?,
//! };
//! let line = b"Jun  5 09:00:00 mail postfix/smtp[12]: 4D1A22001F: to=<bob@example.com>, relay=none, delay=30, \
//!     delays=0.03/0.01/30/0, dsn=4.4.1, status=deferred (connect to mx.example.com[192.0.2.25]:25: Connection timed out)";
//! let record = parse(line, &calendar);
//! assert_eq!(record.daemon(), b"smtp");
//! let Event::Delivery(delivery) = record.event else {
//!     panic!("a delivery line is read as one");
//! };
//! assert_eq!((delivery.to, delivery.status), (&b"bob@example.com"[..], Status::Deferred));
//! # Ok::<(), chrono::ParseError>(())
//! ```
//!
//! No record holds a password that Dovecot was told to log: texts end before it ([`secret`]).
//!
//! What this crate deliberately does not do: it reads no file, asks no clock, lets no line change what another means and does not
//! interpret free text (grouping reasons is the model's business).
//!
//! Formats: the sources of Postfix (`global/log_adhoc.c`, `smtpd/smtpd.c`, `qmgr/qmgr_active.c`, …) and Dovecot
//! (`login-common/client-common.c`, `lib-lda/mail-deliver.c`, …); each file names its own.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

pub mod address;
pub mod calendar;
pub mod dovecot;
pub mod envelope;
mod grammar;
pub mod journal;
mod peer;
pub mod postfix;
pub mod postqueue;
pub mod queue_id;
pub mod record;
pub mod secret;
pub mod status;

pub use calendar::Calendar;
pub use postqueue::{QueueEntry, QueueName, QueuedRecipient};
pub use queue_id::QueueId;
pub use record::{Event, Record, Severity, Unrecognized};
pub use status::{EnhancedStatus, ReplyCode, Status};

/// Reads one log line.
///
/// * `line`: the raw bytes without the final newline. A carriage return at the end, and NUL bytes or a byte order mark at the
///   start, are dirt of the logger and are skipped.
/// * `calendar`: supplies the year and offset that RFC 3164 stamps do not carry.
///
/// Never fails and never panics. A line without a readable envelope is
/// `Event::Unrecognized { kind: Unrecognized::Unparsed, .. }` with an empty program and no time. A password that the line
/// gives away is in no text of the record; for the whole line there is [`secret::masked`].
pub fn parse<'a>(line: &'a [u8], calendar: &Calendar) -> Record<'a> {
    envelope::parse(line, calendar)
}

/// What a line says without who says it and when: the text after the tag, or all of it where there is no readable envelope. A password that the
/// line gives away is still in it ([`secret::masked`]).
pub fn said(line: &[u8]) -> &[u8] {
    // Only the moment of a stamp without a year depends on it.
    let calendar = Calendar {
        anchor: chrono::DateTime::UNIX_EPOCH.fixed_offset(),
    };
    envelope::begin(line, &calendar, None).text()
}

/// Reads the text of a line that has no envelope, because its program is known otherwise: from the journal, or a socket.
///
/// * `program`: the tag without the process id, as in [`Record::program`].
/// * `text`: what follows the tag.
///
/// Never fails and never panics, like [`parse`]. The severity is the word at the text's start.
pub fn parse_text<'a>(program: &[u8], text: &'a [u8]) -> (Option<Severity>, Event<'a>) {
    let mut severity = None;
    let speaker = Speaker::of(program);
    let known = known(speaker, program, text, &mut severity);
    let event = known.unwrap_or_else(|| unrecognized(speaker, severity, text));
    (severity, event)
}

/// Whose grammar reads the text of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// Postfix's.
    Postfix(postfix::Daemon),
    /// Dovecot's.
    Dovecot,
    /// Another program's.
    Other,
}

impl Speaker {
    /// Who that is.
    pub(crate) fn of(program: &[u8]) -> Self {
        if postfix::is_program(program) {
            Self::Postfix(postfix::Daemon::of(program))
        } else if dovecot::is_program(program) {
            Self::Dovecot
        } else {
            Self::Other
        }
    }
}

/// Reads a text, and the severity on the side; no event where no grammar knows it, which [`unrecognized`] then names.
///
/// An event is a quarter of a kilobyte, and to copy it right after it was written is slow: three copies took 15 % of the time
/// of a line. So nothing is put around it on its way to the place where the record is put together.
#[inline]
pub(crate) fn known<'a>(
    speaker: Speaker,
    program: &[u8],
    text: &'a [u8],
    severity: &mut Option<Severity>,
) -> Option<Event<'a>> {
    match speaker {
        Speaker::Postfix(daemon) => postfix::event(daemon, text, severity),
        Speaker::Dovecot => dovecot::event(secret::before(text), severity),
        Speaker::Other => dovecot::pam(program, secret::before(text)),
    }
}

/// The event of a text that no grammar knows.
#[cold]
pub(crate) fn unrecognized(speaker: Speaker, severity: Option<Severity>, text: &[u8]) -> Event<'_> {
    let kind = if speaker == Speaker::Other {
        Unrecognized::Foreign
    } else if severity >= Some(Severity::Warning) {
        Unrecognized::Warning
    } else {
        Unrecognized::Other
    };
    // No daemon of Postfix logs a password, but anybody may write under its name.
    let text = secret::before(text);
    Event::Unrecognized { kind, text }
}
