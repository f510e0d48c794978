//! Why a message was deferred or bounced: a reply text taken apart, and folded so that equal causes group.
//!
//! In goes the text of a delivery line's parentheses or of `delay_reason` in a listing; out come the reply code, the enhanced status code, how far the delivery
//! had come, and the server's own words without the frame that Postfix puts around them ([`frame`]) and without the codes that each line of a reply repeats.
//! Texts that Postfix wrote itself have no code; theirs is inferred from the wording (`smtp/smtp_connect.c`, `smtp/smtp_trouble.c`, `global/dsn_util.c`).
//!
//! A reason is made for every deferred line, therefore it does not look up what it means: that is [`Reason::class`] and [`Reason::reply`], asked of the table
//! `knowledge/replies.toml` once for each group of equal reasons.

mod fold;
pub mod frame;
#[cfg(test)]
mod tests;

use crate::knowledge::{Class, Knowledge, Provider, Reply};
use crate::safe_text::SafeText;
use frame::{Frame, Stage};
use mailtop_parsers::{EnhancedStatus, ReplyCode};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

/// Bytes of a reply that are taken apart; what follows stays in the verbatim text. Postfix logs about 2000.
const LONGEST: usize = 4096;

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
    /// How far the delivery had come, where the text tells.
    pub stage: Option<Stage>,
    /// Whether `words` are a remote server's; else Postfix or one of its delivery agents wrote them.
    pub remote: bool,
    /// The server's own words, or Postfix's, without the frame around them; the lines of a reply joined.
    pub words: SafeText,
    /// Codes and words, equal for equal causes: addresses, IPs, ids and numbers are placeholders ([`fold`]). Safe to show.
    pub fold: Box<str>,
}

impl Reason {
    /// Takes a text apart.
    pub fn new(verbatim: Arc<str>) -> Self {
        let frame = Frame::of(&verbatim);
        let (code, dsn, words) = said(beginning(frame.words));
        let dsn = dsn.or_else(|| inferred(&frame));
        let (suspended, stage, remote) = (frame.suspended, frame.stage, frame.remote);
        let words = match words {
            Cow::Borrowed(words) => SafeText::from(words),
            Cow::Owned(words) => SafeText::from(words),
        };
        let mut fold = String::with_capacity(words.as_str().len() + 16);
        codes(&mut fold, code, dsn);
        fold::fold_into(&mut fold, words.as_str());
        Self {
            verbatim,
            code,
            dsn,
            suspended,
            stage,
            remote,
            words,
            fold: fold.into(),
        }
    }

    /// Reply code, enhanced status code and words, as an administrator would search for them: `421 4.7.0 [TSS04] …`.
    pub fn line(&self) -> SafeText {
        let mut line = String::with_capacity(self.words.as_str().len() + 16);
        codes(&mut line, self.code, self.dsn);
        line.push_str(self.words.as_str());
        SafeText::from(line)
    }

    /// The SMTP command that was answered: `RCPT TO`, `end of DATA`.
    pub fn command(&self) -> Option<&'static str> {
        self.stage.and_then(Stage::command)
    }

    /// Who runs the host that the text names. `None` if it names none, or one that no table knows.
    pub fn provider(&self, knowledge: &Knowledge) -> Option<Provider> {
        knowledge.provider_of_relay(host(self.verbatim.as_bytes())?)
    }

    /// What is known of this reply, of the provider whose host the text names.
    pub fn reply<'k>(&self, knowledge: &'k Knowledge) -> Option<&'k Reply> {
        knowledge.reply(self.provider(knowledge), self)
    }

    /// What kind of failure this is.
    pub fn class(&self, knowledge: &Knowledge) -> Class {
        self.reply(knowledge)
            .map_or(Class::Other, |reply| reply.class)
    }
}

/// The name of the remote host inside a reason: `host N[ip] said: …`, `connect to N[ip]:25: …`.
pub fn host(text: &[u8]) -> Option<&[u8]> {
    let valid = match std::str::from_utf8(text) {
        Ok(text) => text,
        // The host stands before the server's words, which need not be UTF-8.
        Err(error) => std::str::from_utf8(text.get(..error.valid_up_to())?).ok()?,
    };
    Frame::of(valid).host.map(str::as_bytes)
}

/// A text of any daemon folded so that equal texts group ([`fold`]).
pub fn template(words: &str) -> String {
    let mut template = String::with_capacity(words.len() + 16);
    fold::fold_into(&mut template, words);
    template
}

fn codes(out: &mut String, code: Option<ReplyCode>, dsn: Option<EnhancedStatus>) {
    // Writing into a string cannot fail.
    if let Some(code) = code {
        let _ = write!(out, "{code} ");
    }
    if let Some(dsn) = dsn {
        let _ = write!(out, "{dsn} ");
    }
}

fn beginning(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Reply code, enhanced status code and words of a reply.
fn said(text: &str) -> (Option<ReplyCode>, Option<EnhancedStatus>, Cow<'_, str>) {
    let text = text.trim_ascii();
    let Some((code, several, rest)) = code_of(text) else {
        // Postfix's own texts, and those of error: entries in transport(5), may begin with an enhanced code alone.
        let (dsn, words) = dsn_of(text);
        return (None, dsn, Cow::Borrowed(words));
    };
    let (dsn, words) = dsn_of(rest);
    let words = if several {
        Cow::Owned(joined(text.get(..3).unwrap_or_default(), words))
    } else {
        Cow::Borrowed(words)
    };
    (Some(code), dsn, words)
}

/// The reply code at the start, whether another line follows, and what stands behind it (RFC 5321, section 4.2.1).
fn code_of(text: &str) -> Option<(ReplyCode, bool, &str)> {
    let [
        a @ b'2'..=b'5',
        b @ b'0'..=b'9',
        c @ b'0'..=b'9',
        after @ ..,
    ] = text.as_bytes()
    else {
        return None;
    };
    if !matches!(after, [] | [b' ' | b'-', ..]) {
        return None;
    }
    let digit = |byte: &u8| u16::from(byte - b'0');
    let code = ReplyCode(digit(a) * 100 + digit(b) * 10 + digit(c));
    let rest = text.get(4..).unwrap_or_default().trim_start();
    Some((code, after.first() == Some(&b'-'), rest))
}

/// The enhanced status code at the start, and what stands behind it. Some servers put a colon or a hyphen after it.
fn dsn_of(text: &str) -> (Option<EnhancedStatus>, &str) {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    match EnhancedStatus::new(first.trim_end_matches([':', ';', '-']).as_bytes()) {
        Some(dsn) => (Some(dsn), rest.trim_start()),
        None => (None, text),
    }
}

/// The lines of a reply as one text. Postfix joins them with blanks and leaves the codes before each: `550-5.7.1 a 550-5.7.1 b 550 5.7.1 c`.
fn joined(code: &str, text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
    // After the last line's code, with a blank behind it, the same number is a number.
    let mut more = true;
    while let Some(word) = words.next() {
        let rest = match word.strip_prefix(code) {
            Some("") if more => {
                more = false;
                words.next_if(|next| EnhancedStatus::new(next.as_bytes()).is_some());
                continue;
            }
            Some(rest) if more && rest.starts_with('-') => {
                let rest = rest.get(1..).unwrap_or_default();
                if rest.is_empty() || EnhancedStatus::new(rest.as_bytes()).is_some() {
                    continue;
                }
                rest
            }
            _ => word,
        };
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(rest);
    }
    joined
}

/// The enhanced status code that Postfix gives to a failure without one.
fn inferred(frame: &Frame<'_>) -> Option<EnhancedStatus> {
    let status = |class, subject, detail| {
        Some(EnhancedStatus {
            class,
            subject,
            detail,
        })
    };
    if frame.remote {
        return match frame.stage {
            Some(Stage::Greeting) => status(4, 0, 0),
            Some(Stage::StartTls) => status(4, 7, 5),
            _ => None,
        };
    }
    let words = frame.words;
    match frame.stage {
        Some(Stage::Lookup) => {
            let temporary = words.contains("try again") || !words.contains("Host not found");
            return if temporary {
                status(4, 4, 3)
            } else {
                status(5, 4, 4)
            };
        }
        Some(Stage::Connect) => return status(4, 4, 1),
        Some(Stage::Tls) => return status(4, 7, 5),
        Some(Stage::Auth) => return status(4, 7, 0),
        _ => {}
    }
    if words.starts_with("lost connection with ") || words.starts_with("conversation with ") {
        return status(4, 4, 2);
    }
    let known: [(&str, u8, u16, u16); 8] = [
        ("mail transport unavailable", 4, 3, 0),
        ("deferred transport", 4, 3, 2),
        ("loops back to myself", 5, 4, 6),
        ("mail forwarding loop", 5, 4, 6),
        ("(nullMX)", 5, 1, 0),
        ("unknown user: ", 5, 1, 1),
        ("User unknown in ", 5, 1, 1),
        ("message size ", 5, 3, 4),
    ];
    let near = beginning_of_own(words);
    known
        .iter()
        .find(|(text, ..)| near.contains(text))
        .and_then(|&(_, class, subject, detail)| status(class, subject, detail))
}

/// Postfix's own texts are short; a program's output that follows them says nothing about their code.
fn beginning_of_own(words: &str) -> &str {
    words.get(..300).unwrap_or(words)
}
