//! The `mail_log` plugin: `delete: box=Trash, uid=7, msgid=<a@b>, size=99`, `copy from INBOX: box=…`, `Mailbox created: X`.
//!
//! Sites choose the fields (`mail_log_fields`), of which mailbox, Message-ID and size are kept. The Message-ID is the sender's
//! text and may hold commas and keys: the mailbox is the first `box=`, the size the last `size=`.
//! Specified in `plugins/mail-log/mail-log-plugin.c`.

use crate::address::unbracketed;
use crate::grammar::{number, rfind, split, split_at};
use crate::record::{Event, MailUser};

const ACTIONS: [&[u8]; 9] = [
    b"delete",
    b"undelete",
    b"expunge",
    b"autoexpunge",
    b"save",
    b"append",
    b"flag_change",
    b"mailbox_create",
    b"mailbox_rename",
];

const MAILBOX: [&[u8]; 3] = [b"Mailbox created", b"Mailbox deleted", b"Mailbox renamed"];

/// Reads a line of a mail process.
pub(super) fn event<'a>(who: MailUser<'a>, words: &'a [u8]) -> Option<Event<'a>> {
    let (action, fields) = split(words, b": ")?;
    if MAILBOX.contains(&action) {
        return Some(Event::MailLog {
            who,
            action,
            mailbox: Some(fields),
            message_id: None,
            size: None,
        });
    }
    let known = ACTIONS.contains(&action) || action.starts_with(b"copy from ");
    known.then(|| Event::MailLog {
        who,
        action,
        mailbox: fields
            .strip_prefix(b"box=")
            .map(|rest| split(rest, b", ").map_or(rest, |(mailbox, _)| mailbox)),
        message_id: message_id(fields).map(unbracketed),
        size: rfind(fields, b"size=")
            .and_then(|at| split_at(fields, at, 5))
            .and_then(|(_, size)| number(size.split(|byte| *byte == b',').next()?)),
    })
}

/// The value of `msgid=`, up to the field after it.
fn message_id(fields: &[u8]) -> Option<&[u8]> {
    let (_, value) = split(fields, b"msgid=")?;
    let end = [&b", size="[..], b", vsize=", b", flags=", b", subject="]
        .into_iter()
        .filter_map(|key| rfind(value, key))
        .min();
    value.get(..end.unwrap_or(value.len()))
}
