//! Why a message was deferred or bounced: a reply text taken apart, and folded so that equal causes group.
//!
//! In goes the text of a delivery line's parentheses or of `delay_reason` in a listing; out come the reply code, the
//! enhanced status code and the server's own words. Texts that Postfix wrote itself have no code; theirs is inferred from
//! the wording (`smtp/smtp_connect.c`, `smtp/smtp_trouble.c`, `global/dsn_util.c`).

use crate::safe_text::SafeText;
use mailtop_parsers::{EnhancedStatus, ReplyCode};
use memchr::memmem;
use std::sync::Arc;

/// What qmgr(8) puts before the last real cause when it does not even try a dead destination.
const SUSPENDED: &str = "delivery temporarily suspended: ";

/// A reason, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The text as logged or listed.
    pub verbatim: Arc<str>,
    /// The remote server's reply code.
    pub code: Option<ReplyCode>,
    /// The enhanced status code: the server's, or the one that Postfix gives such a failure.
    pub dsn: Option<EnhancedStatus>,
    /// Whether the destination was not even tried because it failed before.
    pub suspended: bool,
    /// The server's own words, or Postfix's, without the frame around them.
    pub words: SafeText,
    /// Equal for equal causes: addresses, IPs, ids and numbers are placeholders.
    pub fold: Box<str>,
}

impl Reason {
    /// Takes a text apart.
    pub fn new(verbatim: Arc<str>) -> Self {
        let (suspended, text) = match verbatim.strip_prefix(SUSPENDED) {
            Some(cause) => (true, cause),
            None => (false, &*verbatim),
        };
        let code = ReplyCode::find(text.as_bytes());
        let dsn = EnhancedStatus::find(text.as_bytes()).or_else(|| inferred(text));
        let words = words(text);
        let codes = [
            code.map(|code| code.to_string()),
            dsn.map(|dsn| dsn.to_string()),
        ];
        let fold = format!(
            "{} {}",
            codes
                .iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" "),
            fold(words)
        )
        .into();
        let words = SafeText::from(words);
        Self {
            verbatim,
            code,
            dsn,
            suspended,
            words,
            fold,
        }
    }

    /// Reply code, enhanced status code and words, as an administrator would search for them: `421 4.7.0 [TSS04] …`.
    pub fn line(&self) -> SafeText {
        let mut line = String::new();
        for part in [
            self.code.map(|code| code.to_string()),
            self.dsn.map(|dsn| dsn.to_string()),
        ]
        .into_iter()
        .flatten()
        {
            line.push_str(&part);
            line.push(' ');
        }
        line.push_str(self.words.as_str());
        SafeText::from(line)
    }
}

/// The name of the remote host inside a reason: `host N[ip] said: …`, `connect to N[ip]:25: …`.
pub fn host(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(SUSPENDED.as_bytes()).unwrap_or(text);
    let frames: [&[u8]; 4] = [
        b"host ",
        b"connect to ",
        b"lost connection with ",
        b"conversation with ",
    ];
    let rest = frames.iter().find_map(|frame| text.strip_prefix(*frame))?;
    let end = memchr::memchr(b'[', rest)?;
    rest.get(..end)
        .filter(|name| !name.is_empty() && name.iter().all(u8::is_ascii_graphic))
}

/// The text without `host N[ip] said: `, the codes and ` (in reply to X command)`.
fn words(text: &str) -> &str {
    let said = [" said: ", " refused to talk to me: "];
    let start = if text.starts_with("host ") {
        said.iter().find_map(|mark| {
            memmem::find(text.as_bytes(), mark.as_bytes()).map(|at| at + mark.len())
        })
    } else {
        None
    };
    let mut rest = text.get(start.unwrap_or(0)..).unwrap_or(text);
    if let Some(end) = rest.rfind(" (in reply to ") {
        rest = rest.get(..end).unwrap_or(rest);
    }
    let digits = |word: &str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit());
    if rest.get(..3).is_some_and(digits) && matches!(rest.as_bytes().get(3), Some(b' ' | b'-')) {
        rest = rest.get(4..).unwrap_or(rest);
    }
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    if EnhancedStatus::new(first.as_bytes()).is_some() {
        after
    } else {
        rest
    }
}

/// The enhanced status code that Postfix gives to a failure without a reply.
fn inferred(text: &str) -> Option<EnhancedStatus> {
    let known: &[(&str, &str)] = &[
        ("Host not found, try again", "4.4.3"),
        ("Name service error", "4.4.3"),
        ("Connection timed out", "4.4.1"),
        ("Connection refused", "4.4.1"),
        ("No route to host", "4.4.1"),
        ("Network is unreachable", "4.4.1"),
        ("timed out while", "4.4.2"),
        ("lost connection with", "4.4.2"),
        ("refused to talk to me", "4.0.0"),
        ("TLS", "4.7.5"),
        ("mail transport unavailable", "4.3.0"),
        ("deferred transport", "4.3.2"),
        ("loops back to myself", "5.4.6"),
    ];
    let code = known
        .iter()
        .find(|(words, _)| text.contains(words))
        .map(|(_, code)| code)?;
    EnhancedStatus::new(code.as_bytes())
}

/// Replaces what differs between two messages with the same cause.
fn fold(words: &str) -> String {
    let mut folded = String::with_capacity(words.len());
    for (nth, word) in words.split(' ').enumerate() {
        if nth > 0 {
            folded.push(' ');
        }
        if word.contains('@') {
            folded.push('@');
            continue;
        }
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits > 0 && word.len() >= 10 {
            folded.push('#');
            continue;
        }
        let mut in_number = false;
        for c in word.chars() {
            if c.is_ascii_digit() {
                if !in_number {
                    folded.push('#');
                }
                in_number = true;
            } else {
                folded.push(c);
                in_number = false;
            }
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Reason {
        Reason::new(Arc::from(text))
    }

    #[test]
    fn a_reply_is_taken_apart() {
        let yahoo = reason(
            "host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily \
             deferred (in reply to MAIL FROM command)",
        );
        assert_eq!(
            yahoo.line().as_str(),
            "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred"
        );
        assert!(!yahoo.suspended);
    }

    #[test]
    fn a_suspended_destination_keeps_its_cause() {
        let dead = reason(
            "delivery temporarily suspended: connect to dead.example[192.0.2.1]:25: Connection timed out",
        );
        assert!(dead.suspended);
        assert_eq!(
            dead.dsn.map(|dsn| dsn.to_string()).as_deref(),
            Some("4.4.1")
        );
        assert_eq!(host(dead.verbatim.as_bytes()), Some(&b"dead.example"[..]));
    }

    #[test]
    fn equal_causes_fold_to_one() {
        let one = reason(
            "host a[192.0.2.1] said: 452 4.2.2 <ann@full.example> over quota id 8f3a2b71c09d-17 (in reply to RCPT TO command)",
        );
        let two = reason(
            "host b[192.0.2.2] said: 452 4.2.2 <bob@full.example> over quota id 1c3f2b71c09d-99 (in reply to RCPT TO command)",
        );
        assert_eq!(one.fold, two.fold);
        assert_ne!(
            one.fold,
            reason("host a[192.0.2.1] said: 452 4.2.2 mailbox locked").fold
        );
    }

    #[test]
    fn a_multi_line_reply_keeps_its_words() {
        let google = reason(
            "host aspmx.l.google.com[192.0.2.9] said: 421-4.7.28 Gmail has detected 421 4.7.28 an unusual rate - gsmtp \
             (in reply to end of DATA command)",
        );
        assert_eq!(
            google.line().as_str(),
            "421 4.7.28 Gmail has detected 421 4.7.28 an unusual rate - gsmtp"
        );
    }

    #[test]
    fn hostile_words_are_made_visible() {
        assert!(
            !reason("host x[1] said: 450 \u{202e}\u{1b}[2J")
                .words
                .as_str()
                .contains('\u{1b}')
        );
    }
}
