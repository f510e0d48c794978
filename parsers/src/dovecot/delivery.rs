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
    if let Some(action) = script(words) {
        return Some(Event::Sieve {
            who,
            message_id: b"",
            action,
            mailbox: None,
            address: None,
        });
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
        // A mailbox whose name the logger cut off is not known.
        let stores = STORES.iter().any(|start| action.starts_with(start));
        return (!stores).then(|| sieve(who, message_id, action))?;
    };
    Some(Event::Saved {
        who,
        message_id,
        mailbox,
        failure,
    })
}

/// What became of a user's script that failed, whatever the message (`lda-sieve-plugin.c`): `Failed to compile script`, or what follows the
/// file's name in `Execution of script F failed, but implicit keep was successful`.
fn script(words: &[u8]) -> Option<&[u8]> {
    const COMPILE: &[u8] = b"Failed to compile script";
    let words = words.strip_prefix(b"sieve: ")?;
    if words.starts_with(COMPILE) {
        return words.get(..COMPILE.len());
    }
    let rest = words.strip_prefix(b"Execution of script ")?;
    let ends = [&b" failed"[..], b" was aborted"];
    let at = ends.into_iter().filter_map(|end| find(rest, end)).min()?;
    let (_, action) = split_at(rest, at, 1)?;
    Some(split(action, b" (").map_or(action, |(action, _)| action))
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

/// What Sieve says of a message that it stored, or could not.
const STORES: [&[u8]; 2] = [
    b"stored mail into mailbox ",
    b"failed to store into mailbox ",
];

const VACATION: &[u8] = b"failed to send vacation response to ";

const ACTIONS: [&[u8]; 22] = [
    b"saved mail to ",
    b"save failed to ",
    STORES[0],
    STORES[1],
    b"forwarded to <",
    b"failed to forward message to <",
    b"failed to redirect message to <",
    b"discarded ",
    b"discarding ",
    b"not sent ",
    b"piped message to program `",
    b"sent vacation response to <",
    VACATION,
    b"marked message to be discarded",
    b"Marked message to be discarded",
    b"left message in mailbox ",
    b"rejected message from <",
    b"failed to reject message",
    b"Temporarily failed to send rejection",
    b"Permanently failed to send rejection",
    b"sent notification to <",
    b"not sending notification",
];

/// An action that stores nothing: `forwarded to <a>`, `left message in mailbox 'X'`, `marked message to be discarded …`.
fn sieve<'a>(who: MailUser<'a>, message_id: &'a [u8], text: &'a [u8]) -> Option<Event<'a>> {
    let (mailbox, address, end) =
        if let Some(named) = text.strip_prefix(b"left message in mailbox ") {
            let end = text.len() - named.len() - b" ".len();
            (Some(named_mailbox(named, false)?.0), None, end)
        } else if let Some(rest) = text
            .strip_prefix(VACATION)
            .filter(|rest| !rest.starts_with(b"<"))
        {
            // This one text has no brackets, but an error in brackets after it.
            let address = split(rest, b": <").map_or(rest, |(address, _)| address);
            (None, Some(address), VACATION.len() - b" ".len())
        } else if let Some((before, address)) = split(text, b" <") {
            let end = memchr::memchr(b'>', address).unwrap_or(address.len());
            (None, address.get(..end), before.len())
        } else {
            let end = [&b" ("[..], b" `", b": "].into_iter();
            let end = end.filter_map(|mark| find(text, mark)).min();
            let end = end.unwrap_or(text.len());
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
    } else if let Some(rest) = action.strip_prefix(STORES[0]) {
        Some((named_mailbox(rest, false)?.0, None))
    } else if let Some(rest) = action.strip_prefix(b"save failed to ") {
        let rest = rest.strip_prefix(b"open mailbox ").unwrap_or(rest);
        let (mailbox, reason) = split(rest, b": ").unwrap_or((rest, b""));
        Some((mailbox, Some(reason)))
    } else {
        let rest = action.strip_prefix(STORES[1])?;
        let (mailbox, reason) = named_mailbox(rest, true)?;
        Some((mailbox, Some(reason)))
    }
}

/// The mailbox at the start, before a colon and a reason or, without `reason`, to the end: `'X'`, in which quotes are plain, or
/// `[SPECIAL-USE \Junk]` (RFC 8579), as it stands, because the mailbox's name is not in the line.
fn named_mailbox(text: &[u8], reason: bool) -> Option<(&[u8], &[u8])> {
    let quoted = text.starts_with(b"'");
    let end: &[u8] = if quoted { b"': " } else { b"]: " };
    let (open, after) = if reason {
        split(text, end)?
    } else {
        (text.strip_suffix(end.get(..1)?)?, &b""[..])
    };
    if quoted {
        return Some((open.get(1..)?, after));
    }
    let special = open
        .starts_with(b"[SPECIAL-USE ")
        .then_some(open.len() + 1)?;
    Some((text.get(..special)?, after))
}
