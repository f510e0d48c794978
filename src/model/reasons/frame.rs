//! The frame that Postfix puts around a reply text: who said it, in answer to what, and whether anybody was asked at all.
//!
//! In goes the whole text, `delivery temporarily suspended: host N[ip] said: 450 4.2.0 no (in reply to RCPT TO command)`; out come its parts, borrowed. What
//! stands inside a remote server's words is never read as a frame: only the start and the end of the text are looked at, so a server that writes `said: 250`
//! changes nothing. Each part is looked at once, whatever its length. Nothing here knows what a reply means.
//!
//! Texts: `smtp/smtp_trouble.c`, `smtp/smtp_proto.c`, `smtp/smtp_connect.c`, `smtp/smtp_addr.c`, `smtp/smtp_sasl_glue.c`, `qmgr/qmgr_error.c` of Postfix.

use memchr::memmem;
use serde::Deserialize;

/// What qmgr(8) puts before the last real cause when it does not even try a dead destination.
pub(super) const SUSPENDED: &str = "delivery temporarily suspended: ";

/// How far a delivery had come when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Stage {
    /// Looking the destination up in the DNS.
    #[serde(rename = "DNS lookup")]
    Lookup,
    /// Opening the connection.
    #[serde(rename = "connect")]
    Connect,
    /// The server's greeting, or its refusal to talk.
    #[serde(rename = "greeting")]
    Greeting,
    /// `EHLO`, `HELO` or `LHLO`.
    #[serde(rename = "EHLO")]
    Ehlo,
    /// `STARTTLS`.
    #[serde(rename = "STARTTLS")]
    StartTls,
    /// The TLS handshake, and what the server's certificate proved.
    #[serde(rename = "TLS")]
    Tls,
    /// `AUTH`: this host logging in to a relay.
    #[serde(rename = "AUTH")]
    Auth,
    /// `MAIL FROM`.
    #[serde(rename = "MAIL FROM")]
    MailFrom,
    /// `RCPT TO`.
    #[serde(rename = "RCPT TO")]
    RcptTo,
    /// `DATA`.
    #[serde(rename = "DATA")]
    Data,
    /// The message itself, and the dot at its end.
    #[serde(rename = "end of DATA")]
    EndOfData,
    /// `RSET` or `QUIT`: after the work.
    #[serde(rename = "QUIT")]
    Quit,
}

impl Stage {
    /// The stage as Postfix calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "DNS lookup",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Tls => "TLS",
            Self::Auth => "AUTH",
            Self::MailFrom => "MAIL FROM",
            Self::RcptTo => "RCPT TO",
            Self::Data => "DATA",
            Self::EndOfData => "end of DATA",
            Self::Quit => "QUIT",
        }
    }

    /// The SMTP command that was answered; `None` for what comes before the first one.
    pub fn command(self) -> Option<&'static str> {
        match self {
            Self::Lookup | Self::Connect | Self::Greeting | Self::Tls => None,
            _ => Some(self.as_str()),
        }
    }

    /// From `X command` of `(in reply to X command)`, or from `while S`.
    fn named(text: &str) -> Option<Self> {
        let stages = [
            ("end of DATA", Self::EndOfData),
            ("end of data", Self::EndOfData),
            ("message body", Self::EndOfData),
            ("RCPT TO", Self::RcptTo),
            ("MAIL FROM", Self::MailFrom),
            ("DATA", Self::Data),
            ("greeting", Self::Greeting),
            ("HLO", Self::Ehlo),
            ("HELO", Self::Ehlo),
            ("XFORWARD", Self::Ehlo),
            ("STARTTLS", Self::StartTls),
            ("AUTH", Self::Auth),
            ("SASL", Self::Auth),
            ("RSET", Self::Quit),
            ("QUIT", Self::Quit),
        ];
        let text = text.get(..64).unwrap_or(text);
        stages
            .into_iter()
            .find_map(|(words, stage)| text.contains(words).then_some(stage))
    }
}

/// A text, taken out of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frame<'a> {
    /// Whether the destination was not even tried.
    pub suspended: bool,
    /// The remote host's name, or the name that a socket's relay has.
    pub host: Option<&'a str>,
    /// How far the delivery had come, where the text tells.
    pub stage: Option<Stage>,
    /// Whether `words` are a remote server's reply; else Postfix or one of its delivery agents wrote them.
    pub remote: bool,
    /// What was said, with its codes.
    pub words: &'a str,
}

impl<'a> Frame<'a> {
    /// Takes a text out of its frame.
    pub fn of(mut text: &'a str) -> Self {
        let mut suspended = false;
        while let Some(cause) = text.strip_prefix(SUSPENDED) {
            (suspended, text) = (true, cause);
        }
        let frame = Self::reply(text).unwrap_or_else(|| Self::own(text));
        Self { suspended, ..frame }
    }

    /// Frames around a remote server's reply.
    fn reply(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix("Protocol error: ").unwrap_or(text);
        let frames = [
            ("host ", None),
            ("SASL authentication failed; server ", Some(Stage::Auth)),
            ("TLS is required, but host ", Some(Stage::StartTls)),
        ];
        let (rest, at) = frames
            .into_iter()
            .find_map(|(frame, stage)| Some((text.strip_prefix(frame)?, stage)))?;
        let (peer, rest) = rest.split_once(' ')?;
        let said = [
            ("said: ", None),
            ("refused to talk to me: ", Some(Stage::Greeting)),
            ("refused to start TLS: ", Some(Stage::StartTls)),
        ];
        let (words, how) = said
            .into_iter()
            .find_map(|(mark, stage)| Some((rest.strip_prefix(mark)?, stage)))?;
        // The last one is Postfix's; a server may write the same words before it.
        let tail = b" (in reply to ";
        let (words, command) = match memmem::rfind(words.as_bytes(), tail) {
            Some(end) => (
                words.get(..end).unwrap_or(words),
                words.get(end + tail.len()..).and_then(Stage::named),
            ),
            None => (words, None),
        };
        Some(Self {
            suspended: false,
            host: name(peer),
            stage: command.or(how).or(at),
            remote: true,
            words,
        })
    }

    /// What Postfix itself wrote.
    fn own(text: &'a str) -> Self {
        let starts = [
            ("connect to ", Some(Stage::Connect)),
            ("lost connection with ", None),
            ("conversation with ", None),
            ("Host or domain name not found", Some(Stage::Lookup)),
            ("Host found but no data record", Some(Stage::Lookup)),
            ("Name service error", Some(Stage::Lookup)),
            ("unable to look up ", Some(Stage::Lookup)),
            ("TLS is required", Some(Stage::Tls)),
            ("Cannot start TLS", Some(Stage::Tls)),
            ("Server certificate not ", Some(Stage::Tls)),
            ("SASL authentication failed", Some(Stage::Auth)),
        ];
        let found = starts
            .into_iter()
            .find_map(|(start, stage)| Some((text.strip_prefix(start)?, stage)));
        let (host, stage) = match found {
            Some((rest, Some(Stage::Connect))) => (name(rest), Some(Stage::Connect)),
            Some((rest, None)) => {
                let doing = memmem::find(rest.as_bytes(), b" while ");
                let doing = doing.and_then(|at| Stage::named(rest.get(at + 7..)?));
                (name(rest), doing)
            }
            Some((_, stage)) => (None, stage),
            None => (None, None),
        };
        Self {
            host,
            stage,
            words: text,
            ..Self::default()
        }
    }
}

/// The name in `N[ip]`.
fn name(peer: &str) -> Option<&str> {
    let (name, _) = peer.split_once('[')?;
    (!name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic())).then_some(name)
}
