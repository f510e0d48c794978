//! A line in columns: who says it, about which message, about whom, where to or where from, and what.
//!
//! In: a record and its line. Out: five cells, and the term of a filter that each one stands for. A line that has no such part leaves its
//! cell empty, and what no grammar knows is told in its own words.

use crate::app::filter::Field;
use crate::model::reasons::frame::Frame;
use crate::model::trace::{Mark, mark, row};
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, mark_sign};
use crate::widgets::Line;
use mailtop_parsers::record::{LoginDetails, Peer, Relay};
use mailtop_parsers::{Event, Record, Severity};

/// The columns' titles; the time stands before them.
pub(super) const COLUMNS: [&str; 5] = ["Prog", "Queue-ID", "Recipient", "Relay", "Reply"];
/// The column of whom it is about.
pub(super) const WHO: usize = 2;

/// A line in parts.
pub(super) struct Cells {
    pub(super) program: SafeText,
    pub(super) id: SafeText,
    pub(super) mark: Mark,
    pub(super) who: SafeText,
    pub(super) place: SafeText,
    pub(super) words: SafeText,
    pub(super) role: Role,
}

/// Takes a line apart.
pub(super) fn cells(record: &Record<'_>, line: &[u8]) -> Cells {
    let row = row(record, line);
    let (words, mark) = match &record.event {
        Event::Delivery(one) => {
            let text = std::str::from_utf8(one.reply).ok();
            let frame = text.map(Frame::of).filter(|frame| frame.remote);
            let said = frame.map_or(one.reply, |frame| frame.words.as_bytes());
            (SafeText::new(said), mark(one.status))
        }
        Event::Verdict(one) => (SafeText::new(one.reply), row.mark),
        _ => (SafeText::new(&row.words), row.mark),
    };
    let role = match record.severity {
        Some(Severity::Warning) => Role::Defer,
        Some(severity) if severity > Severity::Warning => Role::Bounce,
        _ if row.foreign => Role::Dim,
        _ => Role::Text,
    };
    let id = match &record.event {
        Event::Verdict(one) if one.queue_id.is_none() => SafeText::from("NOQUEUE"),
        event => event
            .queue_id()
            .map_or_else(SafeText::default, |id| SafeText::from(id.as_str())),
    };
    let value = |column| {
        cell(record, column)
            .map(|(_, value)| value)
            .unwrap_or_default()
    };
    Cells {
        program: SafeText::new(record.daemon()),
        id,
        mark,
        who: value(WHO),
        place: value(3),
        words,
        role,
    }
}

/// What the cell of a column stands for in the language of filters.
pub(super) fn cell(record: &Record<'_>, column: usize) -> Option<(Field, SafeText)> {
    let text = |field, text: &[u8]| (!text.is_empty()).then(|| (field, SafeText::new(text)));
    match column {
        0 => text(Field::Program, record.daemon()),
        1 => {
            let id = record.event.queue_id()?;
            Some((Field::QueueId, SafeText::from(id.as_str())))
        }
        WHO => who(&record.event),
        3 => place(&record.event),
        _ => match &record.event {
            Event::Delivery(one) => Some((Field::Code, SafeText::from(one.dsn?.to_string()))),
            Event::Verdict(one) => Some((Field::Code, SafeText::from(one.dsn?.to_string()))),
            _ => None,
        },
    }
}

fn who(event: &Event<'_>) -> Option<(Field, SafeText)> {
    let text = |field, text: &[u8]| (!text.is_empty()).then(|| (field, SafeText::new(text)));
    let sender = |from: &[u8]| text(Field::From, if from.is_empty() { b"<>" } else { from });
    match event {
        Event::Delivery(one) => text(Field::To, one.to),
        Event::Verdict(one) => match (one.to, one.from) {
            (Some(to), _) => text(Field::To, to),
            (None, Some(from)) => sender(from),
            (None, None) => None,
        },
        Event::Queued { from, .. } | Event::Pickup { from, .. } | Event::Expired { from, .. } => {
            sender(from)
        }
        Event::Cleanup { message_id, .. } => text(Field::MessageId, message_id),
        Event::Client { sasl_username, .. } => text(Field::User, sasl_username.unwrap_or_default()),
        Event::SaslFailed { username, .. } => text(Field::User, username.unwrap_or_default()),
        Event::Login(LoginDetails { user, .. })
        | Event::LoginFailed {
            login: LoginDetails { user, .. },
            ..
        }
        | Event::LoginAborted {
            login: LoginDetails { user, .. },
            ..
        }
        | Event::AuthFailed { user, .. } => text(Field::User, user),
        Event::Logout { who, .. }
        | Event::Saved { who, .. }
        | Event::Sieve { who, .. }
        | Event::MailLog { who, .. } => text(Field::User, who.user),
        _ => None,
    }
}

fn place(event: &Event<'_>) -> Option<(Field, SafeText)> {
    let text = |field, text: &[u8]| (!text.is_empty()).then(|| (field, SafeText::new(text)));
    let client = |peer: &Peer<'_>| text(Field::Ip, peer.ip);
    match event {
        Event::Delivery(one) => match one.relay {
            Relay::None => None,
            Relay::Host(peer) => text(Field::Relay, peer.host),
            Relay::Socket { path, .. } => text(Field::Relay, path),
            Relay::Agent(agent) => text(Field::Relay, agent),
        },
        Event::Interim { relay, .. } => text(Field::Relay, relay.host),
        Event::Verdict(one) => client(&one.client),
        Event::Connect { client: peer }
        | Event::Disconnect { client: peer, .. }
        | Event::LostConnection { client: peer, .. }
        | Event::Client { client: peer, .. }
        | Event::SaslFailed { client: peer, .. } => client(peer),
        Event::Tls(tls) if tls.incoming => client(&tls.peer),
        Event::Tls(tls) => text(Field::Relay, tls.peer.host),
        Event::Login(login)
        | Event::LoginFailed { login, .. }
        | Event::LoginAborted { login, .. } => text(Field::Ip, login.rip.unwrap_or_default()),
        Event::AuthFailed { rip, .. } => text(Field::Ip, rip.unwrap_or_default()),
        _ => None,
    }
}

impl Cells {
    /// The cells as words, in the order of [`COLUMNS`].
    pub(super) fn lines(self, facts: &Facts<'_>) -> [Line; 5] {
        let (sign, role) = mark_sign(self.mark, facts);
        [
            Line::of(self.program, Role::Head),
            Line::from(self.id),
            Line::of(format!("{sign} "), role).text(self.who),
            Line::from(self.place),
            Line::of(
                self.words,
                if self.role == Role::Text {
                    words(self.mark, role)
                } else {
                    self.role
                },
            ),
        ]
    }
}

/// Only what went wrong is told in its colour.
fn words(mark: Mark, role: Role) -> Role {
    match mark {
        Mark::Wait | Mark::Bad => role,
        _ => Role::Text,
    }
}
