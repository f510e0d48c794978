//! Postfix: which daemon speaks, how serious it is, and which message it speaks about.
//!
//! Comes in: the tag and the text after it. Goes out: the severity word and an [`Event`]. The daemon is the last component of
//! the tag; its own grammar comes first. A delivery line is known by its shape and not by its daemon, because every delivery
//! agent writes it through one routine, services are renamed, and queue manager, cleanup and bounce write it too.
//!
//! Deliberately not here: the texts of warnings; only a failed SASL authentication has an event of its own.
//! Specified in `util/msg_output.c` and `util/msg_syslog.c` (severity), `global/mail_queue.h` (queue ids).

mod anvil;
mod bounce;
mod cleanup;
mod delivery;
mod dnsblog;
mod interim;
mod notice;
mod pickup;
mod postscreen;
mod postsuper;
mod qmgr;
mod smtpd;
mod tls;
mod tlsproxy;
mod verdict;

use crate::queue_id::QueueId;
use crate::record::{Event, Severity};

/// A line without severity word: the message that it names at its start, and the words after that.
#[derive(Debug, Clone, Copy)]
struct Said<'a> {
    /// The message.
    queue_id: Option<QueueId<'a>>,
    /// Whether the line begins with `NOQUEUE: `.
    noqueue: bool,
    /// The words.
    words: &'a [u8],
}

impl<'a> Said<'a> {
    fn new(text: &'a [u8]) -> Self {
        if let Some((id, words)) = QueueId::prefix(text) {
            Self {
                queue_id: Some(id),
                noqueue: false,
                words,
            }
        } else if let Some(words) = text.strip_prefix(b"NOQUEUE: ") {
            Self {
                queue_id: None,
                noqueue: true,
                words,
            }
        } else {
            Self {
                queue_id: None,
                noqueue: false,
                words: text,
            }
        }
    }

    /// Whether the line names a message or says that there is none.
    fn is_prefixed(&self) -> bool {
        self.noqueue || self.queue_id.is_some()
    }
}

/// Whether a text of smtpd(8) tells that a client came or left.
pub(crate) fn is_visit(text: &[u8]) -> bool {
    smtpd::is_visit(text)
}

/// Whether a tag is Postfix's: its instance is named after it, or its last component is one of its programs.
#[inline]
pub(crate) fn is_program(tag: &[u8]) -> bool {
    let named_after = |rest: &[u8]| matches!(rest.first(), None | Some(b'/' | b'-'));
    if tag.strip_prefix(b"postfix").is_some_and(named_after) {
        return true;
    }
    let component = last_component(tag);
    component.len() < tag.len() && PROGRAMS.contains(&component)
}

/// Whose grammar reads a line: the daemon, known from the last component of a tag once for all lines with that tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daemon {
    Smtpd,
    Qmqpd,
    Cleanup,
    Pickup,
    Qmgr,
    /// `nqmgr`, `oqmgr`.
    OtherQmgr,
    Bounce,
    Postsuper,
    Postscreen,
    Anvil,
    Tlsproxy,
    Dnsblog,
    /// One without a grammar of its own: the delivery agents, master, ….
    Other,
}

impl Daemon {
    /// Which one a tag names.
    pub(crate) fn of(tag: &[u8]) -> Self {
        match last_component(tag) {
            b"smtpd" => Self::Smtpd,
            b"qmqpd" => Self::Qmqpd,
            b"cleanup" => Self::Cleanup,
            b"pickup" => Self::Pickup,
            b"qmgr" => Self::Qmgr,
            b"nqmgr" | b"oqmgr" => Self::OtherQmgr,
            b"bounce" | b"defer" | b"trace" => Self::Bounce,
            b"postsuper" => Self::Postsuper,
            b"postscreen" => Self::Postscreen,
            b"anvil" => Self::Anvil,
            b"tlsproxy" => Self::Tlsproxy,
            b"dnsblog" => Self::Dnsblog,
            _ => Self::Other,
        }
    }
}

/// Reads the text of a daemon's line; no event where no grammar here knows it.
#[inline]
pub(crate) fn event<'a>(
    daemon: Daemon,
    text: &'a [u8],
    severity: &mut Option<Severity>,
) -> Option<Event<'a>> {
    match self::severity(text) {
        Some((word, words)) => {
            *severity = Some(word);
            warning(daemon, words)
        }
        None => ordinary(daemon, text),
    }
}

/// Reads a line with a severity word; only a failed SASL authentication has an event of its own.
fn warning(daemon: Daemon, words: &[u8]) -> Option<Event<'_>> {
    match daemon {
        Daemon::Smtpd => smtpd::sasl_failed(words),
        _ => None,
    }
}

/// Reads a line without severity word.
fn ordinary(daemon: Daemon, text: &[u8]) -> Option<Event<'_>> {
    let said = Said::new(text);
    // No daemon's own grammar has a line that begins so.
    if said.words.starts_with(b"to=<") {
        let delivery = delivery::event(&said);
        if delivery.is_some() {
            return delivery;
        }
    }
    let own = match daemon {
        Daemon::Smtpd | Daemon::Qmqpd => smtpd::event(&said),
        Daemon::Cleanup => cleanup::event(&said),
        Daemon::Pickup => pickup::event(&said),
        Daemon::Qmgr | Daemon::OtherQmgr => qmgr::event(&said),
        Daemon::Bounce => bounce::event(&said),
        Daemon::Postsuper => postsuper::event(&said),
        Daemon::Postscreen => postscreen::event(&said),
        Daemon::Anvil => anvil::event(&said),
        Daemon::Tlsproxy => tlsproxy::event(&said),
        Daemon::Dnsblog => dnsblog::event(&said),
        Daemon::Other => None,
    };
    if own.is_some() {
        return own;
    }
    tls::event(&said)
        .or_else(|| interim::event(daemon, &said))
        .or_else(|| notice::event(&said, text))
}

/// What follows the last slash of a tag; all of it where there is none. A tag is too short for memrchr to pay.
#[inline]
pub(crate) fn last_component(tag: &[u8]) -> &[u8] {
    let slash = tag.iter().rposition(|&byte| byte == b'/');
    slash.and_then(|slash| tag.get(slash + 1..)).unwrap_or(tag)
}

fn severity(text: &[u8]) -> Option<(Severity, &[u8])> {
    // Most lines begin with an id.
    if !matches!(text.first(), Some(b'w' | b'e' | b'f' | b'p')) {
        return None;
    }
    let words: [(&[u8], Severity); 4] = [
        (b"warning: ", Severity::Warning),
        (b"error: ", Severity::Error),
        (b"fatal: ", Severity::Fatal),
        (b"panic: ", Severity::Panic),
    ];
    words
        .into_iter()
        .find_map(|(word, severity)| Some((severity, text.strip_prefix(word)?)))
}

/// The programs that write to the log (`conf/postfix-files`, `master.cf`), for instances that are not named after Postfix.
const PROGRAMS: [&[u8]; 46] = [
    b"anvil",
    b"bounce",
    b"cleanup",
    b"defer",
    b"discard",
    b"dnsblog",
    b"error",
    b"flush",
    b"lmtp",
    b"local",
    b"master",
    b"nqmgr",
    b"oqmgr",
    b"pickup",
    b"pipe",
    b"postalias",
    b"postcat",
    b"postconf",
    b"postdrop",
    b"postfix-script",
    b"postfix-tlsrpt",
    b"postkick",
    b"postlock",
    b"postlog",
    b"postlogd",
    b"postmap",
    b"postmulti",
    b"postqueue",
    b"postscreen",
    b"postsuper",
    b"proxymap",
    b"qmgr",
    b"qmqpd",
    b"retry",
    b"scache",
    b"sendmail",
    b"showq",
    b"smtp",
    b"smtpd",
    b"spawn",
    b"tlsmgr",
    b"tlsproxy",
    b"trace",
    b"trivial-rewrite",
    b"verify",
    b"virtual",
];

#[cfg(test)]
mod tests;
