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
    slash(tag).is_some_and(|slash| PROGRAMS.contains(&last_component(tag, slash)))
}

/// Where the daemon's name begins: behind the last slash of a tag.
pub(crate) fn daemon(tag: &[u8]) -> usize {
    slash(tag).map_or(0, |slash| slash + 1)
}

/// Reads the text of a daemon's line; no event where no grammar here knows it.
pub(crate) fn event<'a>(
    daemon: &[u8],
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
fn warning<'a>(daemon: &[u8], words: &'a [u8]) -> Option<Event<'a>> {
    match daemon {
        b"smtpd" => smtpd::sasl_failed(words),
        _ => None,
    }
}

/// Reads a line without severity word.
fn ordinary<'a>(daemon: &[u8], text: &'a [u8]) -> Option<Event<'a>> {
    let said = Said::new(text);
    // No daemon's own grammar has a line that begins so.
    if said.words.starts_with(b"to=<") {
        let delivery = delivery::event(&said);
        if delivery.is_some() {
            return delivery;
        }
    }
    let own = match daemon {
        b"smtpd" | b"qmqpd" => smtpd::event(&said),
        b"cleanup" => cleanup::event(&said),
        b"pickup" => pickup::event(&said),
        b"qmgr" | b"nqmgr" | b"oqmgr" => qmgr::event(&said),
        b"bounce" | b"defer" | b"trace" => bounce::event(&said),
        b"postsuper" => postsuper::event(&said),
        b"postscreen" => postscreen::event(&said),
        b"anvil" => anvil::event(&said),
        b"tlsproxy" => tlsproxy::event(&said),
        b"dnsblog" => dnsblog::event(&said),
        _ => None,
    };
    if own.is_some() {
        return own;
    }
    interim::event(daemon, &said)
        .or_else(|| tls::event(&said))
        .or_else(|| notice::event(&said, text))
}

/// The last slash of a tag.
fn slash(tag: &[u8]) -> Option<usize> {
    tag.iter().rposition(|&byte| byte == b'/')
}

fn last_component(tag: &[u8], slash: usize) -> &[u8] {
    tag.get(slash + 1..).unwrap_or_default()
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
