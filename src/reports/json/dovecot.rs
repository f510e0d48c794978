//! The members of Dovecot's events.
//!
//! In: an event of Dovecot's, and the object that already has its name. Out: the object with what the line says of users, mailboxes and
//! sessions. It deliberately leaves other events alone.

use super::object::Object;
use mailtop_parsers::Event;

/// What Dovecot says of its users.
pub(super) fn members(object: &mut Object, event: &Event<'_>) {
    match event {
        Event::Login(login) => object.login(login),
        Event::LoginFailed {
            attempts,
            reason,
            login,
        } => {
            object.login(login);
            object.number("attempts", Some(*attempts));
            object.text("text", Some(reason));
        }
        Event::LoginAborted { reason, login } => {
            object.word("action", "login_aborted");
            object.login(login);
            object.text("text", Some(reason));
        }
        Event::Logout {
            who,
            bytes_in,
            bytes_out,
            text,
        } => {
            object.user(who);
            object.number("bytes_in", *bytes_in);
            object.number("bytes_out", *bytes_out);
            object.counters("counters", text, &["in", "out", "bytes"]);
            object.text("text", Some(text));
        }
        Event::AuthFailed {
            user,
            method,
            rip,
            session,
            reason,
        } => {
            object.text("user", Some(user));
            object.text("method", *method);
            object.text("rip", *rip);
            object.text("session", *session);
            object.text("text", Some(reason));
        }
        Event::Sieve {
            who,
            message_id,
            action,
            mailbox,
            address,
        } => {
            object.user(who);
            object.text("message_id", Some(message_id));
            object.text("action", Some(action));
            object.text("mailbox", *mailbox);
            object.text("address", *address);
        }
        Event::MailLog {
            who,
            action,
            mailbox,
            message_id,
            size,
        } => {
            object.user(who);
            object.text("action", Some(action));
            object.text("text", Some(action));
            object.text("mailbox", *mailbox);
            object.text("message_id", *message_id);
            object.number("size", *size);
        }
        Event::LmtpConnect { peer } => object.text("peer", Some(peer)),
        Event::LmtpDisconnect { peer, reason } => {
            object.text("peer", Some(peer));
            object.text("text", Some(reason));
        }
        Event::Saved {
            who,
            message_id,
            mailbox,
            failure,
        } => {
            object.user(who);
            object.text("message_id", Some(message_id));
            object.text("mailbox", Some(mailbox));
            object.word(
                "action",
                if failure.is_some() {
                    "save failed"
                } else {
                    "saved"
                },
            );
            object.text("text", *failure);
        }
        _ => {}
    }
}
