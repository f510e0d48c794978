//! Deliveries into mailboxes: LMTP sessions, messages saved by lmtp and lda, and what Sieve stored.
//!
//! ```text
//! lmtp(pid): Connect from local                     lmtp(pid): Disconnect from local: Client has quit …
//! lmtp(user)<pid><session>: msgid=<ID>: saved mail to INBOX
//! lmtp(user)<pid><session>: msgid=<ID>: save failed to INBOX: reason
//! lmtp(pid, user): SESSION: msgid=<ID>: …           (2.2)
//! … sieve: msgid=<ID>: [fileinto action: ]stored mail into mailbox 'X'
//! ```
//!
//! The Message-ID is the sender's text, so the action is the last one in the line that the writer knows. What Sieve
//! stored is a message saved; its other actions (`forwarded to`, `sent vacation response to`, …) are events of their own.
//! Specified in `lib-lda/mail-deliver.c`, `lmtp/lmtp-client.c`, and `lib-sieve/sieve-result.c` (Pigeonhole).

use super::mail_log;
use crate::address::unbracketed;
use crate::grammar::{find, rfind, rfind_iter, split, split_at};
use crate::record::{Event, MailUser};

/// Reads a line of lmtp or lda.
pub(super) fn event<'a>(who: MailUser<'a>, words: &'a [u8]) -> Option<Event<'a>> {
    if let Some(peer) = words.strip_prefix(b"Connect from ") {
        return Some(Event::LmtpConnect { peer });
    }
    if let Some(rest) = words.strip_prefix(b"Disconnect from ") {
        let (peer, reason) = split(rest, b": ").unwrap_or((rest, b""));
        return Some(Event::LmtpDisconnect { peer, reason });
    }
    let Some((session, text)) = after_session(words) else {
        return mail_log::event(who, words);
    };
    let (message_id, action) = action(text)?;
    let who = MailUser {
        session: who.session.or(session),
        ..who
    };
    let message_id = match message_id {
        b"unspecified" => b"",
        id => unbracketed(id),
    };
    let Some((mailbox, failure)) = mailbox(action) else {
        return sieve(who, message_id, action);
    };
    Some(Event::Saved {
        who,
        message_id,
        mailbox,
        failure,
    })
}

/// Steps over what stands before `msgid=`: the session word of 2.2 and `sieve: `.
fn after_session(words: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (session, rest) = match split(words, b": ") {
        Some((word, rest)) if is_session(word) => (Some(word), rest),
        _ => (None, words),
    };
    let rest = rest.strip_prefix(b"sieve: ").unwrap_or(rest);
    Some((session, rest.strip_prefix(b"msgid=")?))
}

fn is_session(word: &[u8]) -> bool {
    word != b"sieve"
        && word
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b':'))
}

/// The Message-ID and the last known action after it.
fn action(text: &[u8]) -> Option<(&[u8], &[u8])> {
    rfind_iter(text, b": ")
        .filter_map(|at| split_at(text, at, 2))
        .find(|(_, after)| ACTIONS.iter().any(|action| after.starts_with(action)))
        .map(|(id, after)| match id {
            // `fileinto action: ` stands between the Message-ID and the action since Pigeonhole 0.5.13.
            [before @ .., b'a', b'c', b't', b'i', b'o', b'n'] if before.ends_with(b" ") => (
                rfind(id, b": ").and_then(|at| id.get(..at)).unwrap_or(id),
                after,
            ),
            _ => (id, after),
        })
}

const ACTIONS: [&[u8]; 17] = [
    b"saved mail to ",
    b"save failed to ",
    b"stored mail into mailbox '",
    b"failed to store into mailbox '",
    b"forwarded to <",
    b"failed to forward message to <",
    b"failed to redirect message to <",
    b"discarded ",
    b"sent vacation response to <",
    b"failed to send vacation response to <",
    b"marked message to be discarded",
    b"Marked message to be discarded",
    b"left message in mailbox '",
    b"rejected message from <",
    b"failed to reject message",
    b"sent notification to <",
    b"not sending notification",
];

/// An action that stores nothing: `forwarded to <a>`, `left message in mailbox 'X'`, `marked message to be discarded …`.
fn sieve<'a>(who: MailUser<'a>, message_id: &'a [u8], text: &'a [u8]) -> Option<Event<'a>> {
    let (mailbox, address, end) = if let Some((before, mailbox)) = split(text, b" '") {
        (Some(mailbox.strip_suffix(b"'")?), None, before.len())
    } else if let Some((before, address)) = split(text, b" <") {
        let end = memchr::memchr(b'>', address).unwrap_or(address.len());
        (None, address.get(..end), before.len())
    } else {
        let end = find(text, b" (").unwrap_or(text.len());
        (None, None, end)
    };
    Some(Event::Sieve {
        who,
        message_id,
        action: text.get(..end)?,
        mailbox,
        address,
    })
}

/// The mailbox, and why the message is not in it.
fn mailbox(action: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if let Some(mailbox) = action.strip_prefix(b"saved mail to ") {
        Some((mailbox, None))
    } else if let Some(rest) = action.strip_prefix(b"stored mail into mailbox '") {
        Some((rest.strip_suffix(b"'")?, None))
    } else if let Some(rest) = action.strip_prefix(b"save failed to ") {
        let rest = rest.strip_prefix(b"open mailbox ").unwrap_or(rest);
        let (mailbox, reason) = split(rest, b": ").unwrap_or((rest, b""));
        Some((mailbox, Some(reason)))
    } else {
        let rest = action.strip_prefix(b"failed to store into mailbox '")?;
        let (mailbox, reason) = split(rest, b"': ")?;
        Some((mailbox, Some(reason)))
    }
}
