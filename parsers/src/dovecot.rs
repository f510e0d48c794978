//! Dovecot: which service speaks, for whom, and how serious it is.
//!
//! Comes in: the text after the tag `dovecot:`, or a line of Dovecot's own file after the stamp. Goes out: the severity word
//! and an [`Event`]. The text is `prefix: [Level: ]words`, and the prefix says the service and the user:
//!
//! * 2.2: `imap(user): `, `lmtp(pid, user): `, `imap-login: `;
//! * 2.3 and 2.4: `imap(user)<pid><session>: `, `lmtp(pid): `, 2.4 also `auth(user,ip,sasl:mech)<session>: `.
//!
//! Deliberately not here: other values of `mail_log_prefix`; their lines are `Other` or `Warning`.
//! Specified in `lib/failures.c`, `lib-storage/mail-storage-service.c` (`mail_log_prefix`).

mod auth;
mod delivery;
mod login;
mod mail_log;
mod notice;
mod session;

pub(crate) use auth::pam;

use crate::grammar::{number, split, split_at};
use crate::record::{Event, MailUser, Severity};

/// Whether a tag is Dovecot's.
#[inline]
pub(crate) fn is_program(tag: &[u8]) -> bool {
    tag == b"dovecot"
}

/// Whether a word is the name of one of Dovecot's services, as its own log file has it in front of a line.
pub(crate) fn is_service(word: &[u8]) -> bool {
    SERVICES.contains(&word)
}

/// Reads the text of a Dovecot line; no event where no grammar here knows it.
pub(crate) fn event<'a>(text: &'a [u8], severity: &mut Option<Severity>) -> Option<Event<'a>> {
    let refused = auth::pam(b"dovecot", text);
    if refused.is_some() {
        return refused;
    }
    let Said {
        who,
        severity: level,
        words,
    } = said(text);
    *severity = level;
    let event = match who.service {
        service if service.ends_with(b"-login") => login::event(service, words),
        b"lmtp" | b"lda" | b"dovecot-lda" | b"deliver" => delivery::event(who, words),
        b"imap" | b"pop3" | b"submission" | b"managesieve" | b"imap-hibernate" => {
            session::event(who, words).or_else(|| mail_log::event(who, words))
        }
        b"auth" | b"auth-worker" => auth::event(who, words),
        _ => None,
    };
    if event.is_some() || *severity >= Some(Severity::Warning) {
        return event;
    }
    notice::event(who.service, words)
}

/// A text of Dovecot's, without what it puts in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said<'a> {
    /// Who says it, and of whom; empty where the text has no prefix.
    pub who: MailUser<'a>,
    /// The level word.
    pub severity: Option<Severity>,
    /// What is said.
    pub words: &'a [u8],
}

/// Takes the prefix off the text that follows Dovecot's tag: `imap(bob)<7><abc>: Error: Mailbox INBOX: …`.
pub fn said(text: &[u8]) -> Said<'_> {
    let (early, rest) = severity(text);
    let (who, words) = prefix(rest).unwrap_or((MailUser::default(), rest));
    let (late, words) = severity(words);
    Said {
        who,
        severity: early.or(late),
        words,
    }
}

/// Whether a text has a level word, as every line of Dovecot's own file does.
pub(crate) fn has_level(text: &[u8]) -> bool {
    prefix(text).is_some_and(|(_, words)| severity(words).0.is_some())
}

/// Reads `service[(user)][<pid>][<session>]: `.
fn prefix(text: &[u8]) -> Option<(MailUser<'_>, &[u8])> {
    let end = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')))?;
    let (service, rest) = text.split_at_checked(end)?;
    if service.is_empty() {
        return None;
    }
    let (user, rest) = match rest.strip_prefix(b"(") {
        Some(inner) => user(inner)?,
        None => (&b""[..], rest),
    };
    let (first, rest) = group(rest);
    let (second, rest) = group(rest);
    let words = rest.strip_prefix(b": ").or(rest.strip_prefix(b":"))?;
    // The process id comes first; a single group that is no number is the session (2.4, auth).
    let session = second.or(first.filter(|group| number(group).is_none()));
    Some((
        MailUser {
            service,
            user: known(after_pid(user)),
            session: session.filter(|session| !session.is_empty()),
        },
        words,
    ))
}

/// The text in the parentheses: it ends at the first `)` that a group, or the colon, follows.
fn user(inner: &[u8]) -> Option<(&[u8], &[u8])> {
    memchr::memchr_iter(b')', inner)
        .filter_map(|at| split_at(inner, at, 1))
        .find(|(_, rest)| rest.starts_with(b": ") || rest.starts_with(b"<"))
}

/// `lmtp(pid)` and `lmtp(pid, user)`.
fn after_pid(inner: &[u8]) -> &[u8] {
    // Most users are no number.
    if !inner.first().is_some_and(u8::is_ascii_digit) {
        return inner;
    }
    if number(inner).is_some() {
        return b"";
    }
    match split(inner, b", ") {
        Some((pid, user)) if number(pid).is_some() => user,
        _ => inner,
    }
}

/// Dovecot writes `?` for a user that it does not know.
fn known(user: &[u8]) -> &[u8] {
    if user == b"?" { b"" } else { user }
}

/// Reads `<…>` where there is one.
fn group(input: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match input
        .strip_prefix(b"<")
        .and_then(|inner| split(inner, b">"))
    {
        Some((group, rest)) => (Some(group), rest),
        None => (None, input),
    }
}

fn severity(text: &[u8]) -> (Option<Severity>, &[u8]) {
    // Most texts begin in lower case, or with another letter.
    if !matches!(text.first(), Some(b'I' | b'D' | b'W' | b'E' | b'F' | b'P')) {
        return (None, text);
    }
    let words: [(&[u8], Severity); 6] = [
        (b"Info: ", Severity::Info),
        (b"Debug: ", Severity::Debug),
        (b"Warning: ", Severity::Warning),
        (b"Error: ", Severity::Error),
        (b"Fatal: ", Severity::Fatal),
        (b"Panic: ", Severity::Panic),
    ];
    words
        .into_iter()
        .find_map(|(word, severity)| Some((Some(severity), text.strip_prefix(word)?)))
        .unwrap_or((None, text))
}

const SERVICES: [&[u8]; 36] = [
    b"aggregator",
    b"anvil",
    b"auth",
    b"auth-worker",
    b"config",
    b"deliver",
    b"dict",
    b"director",
    b"dns-client",
    b"doveadm",
    b"dovecot-lda",
    b"dsync",
    b"dsync-local",
    b"dsync-server",
    b"imap",
    b"imap-hibernate",
    b"imap-login",
    b"imap-urlauth",
    b"indexer",
    b"indexer-worker",
    b"ipc",
    b"lda",
    b"lmtp",
    b"log",
    b"managesieve",
    b"managesieve-login",
    b"master",
    b"old-stats",
    b"pop3",
    b"pop3-login",
    b"quota-status",
    b"replicator",
    b"ssl-params",
    b"stats",
    b"submission",
    b"submission-login",
];

#[cfg(test)]
mod tests;
