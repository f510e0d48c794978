//! The syslog head of a line: who said it and when.
//!
//! Comes in: one raw line. Goes out: a [`Record`] whose event the speaker's grammar read from the text after the tag. The
//! shape is found line by line, because a file may change it in the middle (a new rsyslog configuration, joined files):
//!
//! * `Mon _D HH:MM:SS host tag[pid]: text` (RFC 3164, section 4.1), as rsyslog, syslog-ng, journalctl and postlogd write it;
//!   `BusyBox` puts `mail.info` before the tag, and off the wire `<PRI>` stands before the month;
//! * `2026-06-05T14:09:36.750604+02:00 host tag[pid]: text` (RFC 3339), also with a second stamp that a container's log
//!   reader put in front, and with a level word in the place of the host;
//! * `<22>1 2026-06-05T14:09:36Z host tag 1234 - - text` (RFC 5424);
//! * Dovecot's own file (`log_path`): a stamp, then `service: text` without host and tag;
//! * what Dovecot and Postfix write to a terminal or a supervisor: the same without a stamp, or with multilog's TAI64N label.
//!
//! What the logger folded (`message repeated N times: [ … ]`) is read as the text inside, with the number.
//!
//! Dirt that is skipped: NUL bytes (a crash) and a byte order mark in front, carriage returns and newlines at the end, also as rsyslog
//! writes them (`#015`, `#012`).
//!
//! Deliberately not here: journald's formats; repeating what was folded.

mod fold;
mod recent;
mod rfc5424;
mod stamp;

use crate::record::{Event, Record, Unrecognized};
use crate::{Calendar, Speaker, dovecot, grammar, postfix, secret};
use chrono::{DateTime, FixedOffset};
use memchr::memchr;
pub use recent::Recent;
use stamp::Moment;

/// Reads one line.
pub fn parse<'a>(line: &'a [u8], calendar: &Calendar) -> Record<'a> {
    begin(line, calendar, None).record()
}

/// A line of which only the head has been read: who said it, and when.
#[derive(Debug, Clone, Copy)]
pub struct Begun<'a> {
    moment: Option<Moment>,
    /// Whether there is a readable envelope; without one, the text is all of the line.
    is_enveloped: bool,
    head: Head<'a>,
}

/// Reads the head of a line, one of several when there is a memory. What it has in common with the ones before is not read again; the
/// result is the same as without.
#[inline]
pub fn begin<'a>(line: &'a [u8], calendar: &Calendar, recent: Option<&mut Recent>) -> Begun<'a> {
    match recent
        .as_deref()
        .and_then(|recent| begin_as_before(line, calendar, recent))
    {
        Some(begun) => begun,
        None => begin_anew(line, calendar, recent),
    }
}

/// Reads the head of a line when all of it was known before.
#[inline]
pub(crate) fn begin_as_before<'a>(
    line: &'a [u8],
    calendar: &Calendar,
    recent: &Recent,
) -> Option<Begun<'a>> {
    let line = clean_end(line);
    let (moment, head) = recent.head(line, calendar)?;
    Some(Begun {
        moment: Some(moment),
        is_enveloped: true,
        head,
    })
}

/// Reads the head of a line of which not everything was known before.
pub(crate) fn begin_anew<'a>(
    line: &'a [u8],
    calendar: &Calendar,
    mut recent: Option<&mut Recent>,
) -> Begun<'a> {
    let line = clean(line);
    let message = after_priority(line);
    let begun = |moment, head: Option<Head<'a>>| Begun {
        moment,
        is_enveloped: head.is_some(),
        head: head.unwrap_or(Head {
            text: line,
            ..Head::default()
        }),
    };
    if message.len() < line.len()
        && let Some((time, head)) = rfc5424::read(message, calendar)
    {
        return begun(time.map(Moment::from), Some(head));
    }
    if let Some((rest, moment)) = stamp::read(message, calendar, recent.as_deref_mut()) {
        return begun(Some(moment), Some(head(rest, recent)));
    }
    begun(None, unstamped(message))
}

impl<'a> Begun<'a> {
    /// When it was written, as in [`Record::time`].
    pub fn time(&self) -> Option<DateTime<FixedOffset>> {
        self.moment.map(|moment| moment.time)
    }

    /// The second since 1970 of [`Self::time`], known without arithmetic on dates; a leap second counts as the one before it.
    pub fn second(&self) -> Option<i64> {
        self.moment.map(|moment| moment.second)
    }

    /// On which host, as in [`Record::host`].
    pub fn host(&self) -> Option<&'a [u8]> {
        self.head.host
    }

    /// What was said: the text after the tag, or all of the line where there is no readable envelope.
    pub fn text(&self) -> &'a [u8] {
        self.head.text
    }

    /// Whether it tells that a client of smtpd(8) came or left, and nothing else.
    pub fn is_visit(&self) -> bool {
        postfix::is_visit(self.head.text)
            && self.head.speaker() == Speaker::Postfix(postfix::Daemon::Smtpd)
    }

    /// All of it: lets the speaker's grammar read the text.
    pub fn record(self) -> Record<'a> {
        let head = &self.head;
        let with = |severity, repeated, event| Record {
            event,
            time: self.time(),
            host: head.host,
            program: head.program,
            pid: head.pid,
            severity,
            repeated,
        };
        if !self.is_enveloped {
            let kind = Unrecognized::Unparsed;
            let text = secret::before(head.text);
            return with(None, 1, Event::Unrecognized { kind, text });
        }
        let (repeated, text) = fold::read(head.text);
        if let Some(folded) = fold::last(head, repeated) {
            return with(None, repeated, folded);
        }
        let mut severity = None;
        let speaker = head.speaker();
        if let Some(event) = crate::known(speaker, head.program, text, &mut severity) {
            return with(severity, repeated, event);
        }
        let event = crate::unrecognized(speaker, severity, text);
        with(severity, repeated, event)
    }
}

/// A line without a stamp: Dovecot's, which then has a level word or its tag, or Postfix's, which has a tag with a daemon.
fn unstamped(line: &[u8]) -> Option<Head<'_>> {
    let (first, text) = word(line);
    if is_own_file(first) && dovecot::has_level(line) {
        return Some(own_file(line));
    }
    let postfix = |program| memchr(b'/', program).is_some() && postfix::is_program(program);
    tagged(None, first, text).filter(|head| head.program == b"dovecot" || postfix(head.program))
}

/// What stands between the stamp and the text.
#[derive(Debug, Clone, Copy, Default)]
struct Head<'a> {
    host: Option<&'a [u8]>,
    program: &'a [u8],
    pid: Option<u32>,
    /// Who the program is, where that is known.
    speaker: Option<Speaker>,
    text: &'a [u8],
}

impl Head<'_> {
    /// Who the program is.
    fn speaker(&self) -> Speaker {
        self.speaker.unwrap_or_else(|| Speaker::of(self.program))
    }
}

/// Takes the dirt of the logger off both ends.
pub(crate) fn clean(line: &[u8]) -> &[u8] {
    let mut line = line;
    while let [0, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] = line {
        line = rest;
    }
    clean_end(line)
}

/// The same at the end only.
#[inline]
fn clean_end(line: &[u8]) -> &[u8] {
    let mut line = line;
    // Most lines end with another byte than any of these, so that one comparison is all they cost.
    while let [rest @ .., last @ (b'\r' | b'\n' | b'2' | b'5')] = line {
        line = match last {
            b'\r' | b'\n' => rest,
            _ => match rest.strip_suffix(b"#01") {
                Some(rest) => rest,
                None => break,
            },
        };
    }
    line
}

/// Steps over `<PRI>`.
fn after_priority(line: &[u8]) -> &[u8] {
    let inner = line.strip_prefix(b"<");
    match inner.and_then(|inner| grammar::split_byte(inner.get(..5).unwrap_or(inner), b'>')) {
        Some((priority, _)) if grammar::number(priority).is_some() => {
            line.get(priority.len() + 2..).unwrap_or_default()
        }
        _ => line,
    }
}

/// Reads what follows the stamp.
fn head<'a>(rest: &'a [u8], mut recent: Option<&mut Recent>) -> Head<'a> {
    if let Some(recent) = recent.as_deref_mut()
        && let Some((host, after)) = recent.host(rest)
    {
        return after_same_host(host, after, recent);
    }
    let (first, after) = word(rest);
    if is_own_file(first) {
        return own_file(rest);
    }
    if let Some(head) = tagged(None, first, after) {
        return head;
    }
    if first == b"last" && fold::read(rest).0 != 1 {
        return Head {
            text: rest,
            ..Head::default()
        };
    }
    let host = (!is_level(first)).then_some(first);
    // `last message repeated …` needs a look of its own.
    if let Some(host) = host.filter(|host| *host != b"last")
        && let Some(recent) = recent
    {
        recent.remember_host(host, rest);
    }
    after_host(host, after)
}

/// Reads what follows a host that lines before had too, and so perhaps the tag.
fn after_same_host<'a>(host: &'a [u8], after: &'a [u8], recent: &mut Recent) -> Head<'a> {
    if let Some(head) = recent.tag(host, after) {
        return head;
    }
    let (word, text) = word(after);
    let Some(mut head) = tagged(Some(host), word, text) else {
        return after_host(Some(host), after);
    };
    let speaker = Speaker::of(head.program);
    head.speaker = Some(speaker);
    recent.remember_tag(after, &head, speaker);
    head
}

/// Reads what follows the host, or the level word in its place.
fn after_host<'a>(host: Option<&'a [u8]>, after: &'a [u8]) -> Head<'a> {
    let (second, text) = word(after);
    tagged(host, second, text)
        .or_else(|| {
            let (third, text) = word(text);
            is_facility(second).then(|| tagged(host, third, text))?
        })
        .unwrap_or(Head {
            host,
            text: after,
            ..Head::default()
        })
}

/// Whether a line of Dovecot's own file begins with this word: `imap-login:` or `imap(user`, never a host.
fn is_own_file(first: &[u8]) -> bool {
    first
        .iter()
        .position(|byte| matches!(byte, b'(' | b':'))
        .and_then(|end| first.get(..end))
        .is_some_and(dovecot::is_service)
}

/// A line of Dovecot's own file: the text begins right after the stamp.
fn own_file(text: &[u8]) -> Head<'_> {
    Head {
        program: b"dovecot",
        text,
        ..Head::default()
    }
}

/// Reads the word before the text as `tag[pid]:` or `tag:`. A colon inside the tag is part of it (an instance named after an
/// IPv6 address).
#[inline]
fn tagged<'a>(host: Option<&'a [u8]>, tag: &'a [u8], text: &'a [u8]) -> Option<Head<'a>> {
    let tag = tag.strip_suffix(b":")?;
    let numbered = tag.strip_suffix(b"]").and_then(|open| {
        let bracket = open.iter().rposition(|&byte| byte == b'[')?;
        let (program, pid) = grammar::split_at(open, bracket, 1)?;
        Some((program, grammar::number32(pid)?))
    });
    let (program, pid) = numbered.map_or((tag, None), |(program, pid)| (program, Some(pid)));
    (!program.is_empty()).then_some(Head {
        host,
        program,
        pid,
        speaker: None,
        text,
    })
}

/// The text up to the next blank, and what follows the blanks.
#[inline]
fn word(input: &[u8]) -> (&[u8], &[u8]) {
    let end = grammar::find_byte(b' ', input).unwrap_or(input.len());
    let (word, rest) = input.split_at_checked(end).unwrap_or((input, b""));
    (word, stamp::unpadded(rest))
}

/// The level words that container images write in the place of the host.
fn is_level(word: &[u8]) -> bool {
    matches!(
        word,
        b"DEBUG"
            | b"INFO"
            | b"NOTICE"
            | b"WARN"
            | b"WARNING"
            | b"ERR"
            | b"ERROR"
            | b"CRIT"
            | b"CRITICAL"
            | b"FATAL"
    )
}

/// `BusyBox`: `mail.info`.
fn is_facility(word: &[u8]) -> bool {
    grammar::split_byte(word, b'.').is_some_and(|(facility, level)| {
        facility.iter().all(u8::is_ascii_alphanumeric)
            && matches!(
                level,
                b"debug"
                    | b"info"
                    | b"notice"
                    | b"warn"
                    | b"warning"
                    | b"err"
                    | b"error"
                    | b"crit"
                    | b"alert"
                    | b"emerg"
            )
    })
}

#[cfg(test)]
mod tests;
