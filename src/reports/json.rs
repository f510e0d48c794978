//! One record as one JSON object, for `mailtop parse`. The names are a contract: they stay, members may be added, absent means
//! unknown, and only the null sender is `""`. Text from outside goes through [`crate::safe_text::SafeText`], so that no tool that prints
//! a value prints a control character.
//!
//! What restrictions, milters and checks did has these events, and the exact word in `action`:
//!
//! | event | `action` |
//! |---|---|
//! | `reject` | `reject`, `reject_warning` (which refused nothing), `milter-reject`, `proxy-reject` |
//! | `hold` | `hold`, `milter-hold` (with the members of `reject`; without `action` it is postsuper(1)'s) |
//! | `filter` `redirect` `discard` `proxy_accept` | the same word, also with `milter-` or `milter-header-` in front |
//! | `other` | any other, which neither refused nor diverted the mail: `warning`, `info`, `prepend`, `replace`, `bcc`, `permit`, … |
//!
//! What is read but has no event in the contract's table is `other` as well, with its members and in `action` what it is: `force_expire` (postsuper(1)
//! `-e`), `login_aborted` (a connection to Dovecot that ended without a failed login), what the `mail_log` plugin tells, and a daemon's
//! text that concerns no message. Members beside the table's: `repeated` (how often the logger saw the line), `resent`, `matched`
//! (what a check saw), `service` (of Dovecot), `counters` (of a logout), `text`.

mod dovecot;
mod names;
mod object;

use chrono::SecondsFormat;
use mailtop_parsers::record::{Delays, Delivery, Relay, Verdict};
use mailtop_parsers::{EnhancedStatus, Event, Record, Severity};
use names::{name, verdict_name};
use object::Object;
use serde_json::Value;

/// The object of one line.
pub fn object(record: &Record<'_>) -> Value {
    let mut object = Object::default();
    if let Some(time) = record.time {
        object.0.insert(
            String::from("time"),
            Value::String(time.to_rfc3339_opts(SecondsFormat::Micros, false)),
        );
    }
    object.text("host", record.host);
    if !record.program.is_empty() {
        object.text("program", Some(record.program));
        object.text("instance", Some(record.instance()));
        object.text("daemon", Some(record.daemon()));
    }
    object.number("pid", record.pid);
    if record.repeated != 1 {
        object.number("repeated", Some(record.repeated));
    }
    if let Some(severity) = record.severity.and_then(severity) {
        object.word("severity", severity);
    }
    event(&mut object, record.daemon(), &record.event);
    Value::Object(object.0)
}

/// The words of Postfix, in lower case; the ordinary levels have none.
pub(super) fn severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Debug | Severity::Info => None,
        Severity::Warning => Some("warning"),
        Severity::Error => Some("error"),
        Severity::Fatal => Some("fatal"),
        Severity::Panic => Some("panic"),
    }
}

fn event(object: &mut Object, daemon: &[u8], event: &Event<'_>) {
    object.word("event", name(event));
    object.queue_id(event.queue_id());
    match event {
        Event::Connect { .. }
        | Event::Disconnect { .. }
        | Event::LostConnection { .. }
        | Event::Client { .. }
        | Event::Verdict(_)
        | Event::SaslFailed { .. } => smtpd(object, event),
        Event::Tls(_)
        | Event::Anvil(_)
        | Event::Postscreen(_)
        | Event::Tlsproxy(_)
        | Event::Dnsbl(_)
        | Event::Notice { .. } => connection(object, daemon, event),
        Event::Login(_)
        | Event::LoginFailed { .. }
        | Event::LoginAborted { .. }
        | Event::Logout { .. }
        | Event::LmtpConnect { .. }
        | Event::LmtpDisconnect { .. }
        | Event::AuthFailed { .. }
        | Event::Sieve { .. }
        | Event::MailLog { .. }
        | Event::Saved { .. } => dovecot::members(object, event),
        Event::Unrecognized { text, .. } => object.text("text", Some(text)),
        _ => message(object, event),
    }
}

/// What smtpd(8) says of its clients.
fn smtpd(object: &mut Object, event: &Event<'_>) {
    match event {
        Event::Connect { client } => object.client(client),
        Event::Disconnect { client, commands } => {
            object.client(client);
            object.counters("commands", commands, &[]);
        }
        Event::LostConnection {
            what,
            stage,
            client,
            ..
        } => {
            object.text("action", Some(what));
            object.text("stage", Some(stage));
            object.client(client);
        }
        Event::Client {
            client,
            sasl_method,
            sasl_username,
            sasl_sender,
            orig_queue_id,
            orig_client,
            ..
        } => {
            object.client(client);
            object.text("sasl_method", *sasl_method);
            object.text("sasl_username", *sasl_username);
            object.text("sasl_sender", *sasl_sender);
            object.text("orig_queue_id", *orig_queue_id);
            object.text(
                "orig_client",
                orig_client
                    .map(|client| [client.host, b"[", client.ip, b"]"].concat())
                    .as_deref(),
            );
        }
        Event::Verdict(one) => verdict(object, one),
        Event::SaslFailed {
            client,
            method,
            reason,
            username,
        } => {
            object.client(client);
            object.text("sasl_method", Some(method));
            object.text("sasl_username", *username);
            object.text("text", Some(reason));
        }
        _ => {}
    }
}

/// What is said of connections, and what daemons say of themselves.
fn connection(object: &mut Object, daemon: &[u8], event: &Event<'_>) {
    match event {
        Event::Tls(tls) => {
            object.word("direction", if tls.incoming { "from" } else { "to" });
            object.text("trust", Some(&tls.trust.to_ascii_lowercase()));
            if tls.incoming {
                object.client(&tls.peer);
            } else {
                object.relay(&tls.peer);
            }
            object.text("sni", tls.sni);
            if tls.reused {
                object.number("reused", Some(true));
            }
            object.text("tls_version", Some(tls.version));
            object.text("tls_cipher", Some(tls.cipher));
        }
        Event::Anvil(seen)
        | Event::Postscreen(seen)
        | Event::Tlsproxy(seen)
        | Event::Dnsbl(seen) => {
            object.text("action", Some(seen.action));
            if let Some(client) = &seen.client {
                object.client_address(client);
            }
            object.text("text", Some(seen.text));
        }
        Event::Notice {
            action, peer, text, ..
        } => {
            object.word("action", action);
            match peer {
                Some(server) if matches!(daemon, b"smtp" | b"lmtp") => object.relay(server),
                Some(client) => object.client(client),
                None => {}
            }
            object.text("text", Some(text));
        }
        _ => {}
    }
}

/// What is said of a message on its way through the queue.
fn message(object: &mut Object, event: &Event<'_>) {
    match event {
        Event::Pickup {
            uid, from, orig_id, ..
        } => {
            object.number("uid", *uid);
            object.sender(Some(from));
            object.text("orig_id", *orig_id);
        }
        Event::Cleanup {
            message_id, resent, ..
        } => {
            object.text("message_id", Some(message_id));
            object.number("resent", resent.then_some(true));
        }
        Event::Queued {
            from, size, nrcpt, ..
        } => {
            object.sender(Some(from));
            object.number("size", Some(*size));
            object.number("nrcpt", Some(*nrcpt));
        }
        Event::Delivery(one) => delivery(object, one),
        Event::Interim { relay, reply, .. } => {
            object.relay(relay);
            object.text("reply", Some(reply));
            object.number(
                "smtp_code",
                mailtop_parsers::ReplyCode::find(reply).map(|code| code.0),
            );
        }
        Event::BounceNotification {
            new_queue_id,
            whom,
            kind,
            ..
        } => {
            object.shown("new_queue_id", Some(new_queue_id));
            object.text("kind", Some(kind));
            object.text("whom", Some(whom));
        }
        Event::Expired { from, forced, .. } => {
            object.sender(Some(from));
            object.word("status", if *forced { "force-expired" } else { "expired" });
        }
        Event::ForceExpire { .. } => {
            object.word("action", "force_expire");
            object.word("text", "expired");
        }
        _ => {}
    }
}

fn delivery(object: &mut Object, delivery: &Delivery<'_>) {
    object.text("to", Some(delivery.to));
    object.text("orig_to", delivery.orig_to);
    match &delivery.relay {
        Relay::None => object.word("relay_host", "none"),
        Relay::Host(peer) => object.relay(peer),
        Relay::Socket { host, path } => {
            object.text("relay_host", Some(host));
            object.text("relay_path", Some(path));
        }
        Relay::Agent(agent) => object.text("relay_host", Some(agent)),
    }
    object.number("conn_use", delivery.conn_use);
    object.number("delay", Some(delivery.delay));
    if let Some(Delays {
        before_qmgr,
        qmgr,
        conn_setup,
        transmission,
    }) = delivery.delays
    {
        let delays = serde_json::json!({
            "before_qmgr": before_qmgr, "qmgr": qmgr, "conn_setup": conn_setup, "transmission": transmission
        });
        object.number("delays", Some(delays));
    }
    object.text("tls", delivery.tls);
    object.shown("dsn", delivery.dsn);
    object.word("status", delivery.status.as_str());
    object.text("reply", Some(delivery.reply));
    object.number("smtp_code", delivery.reply_code().map(|code| code.0));
}

fn verdict(object: &mut Object, verdict: &Verdict<'_>) {
    object.text("action", Some(verdict.action));
    object.text("stage", Some(verdict.stage));
    // A before-queue proxy's verdict names no client, a check of local mail no address.
    object.client(&verdict.client);
    object.number("smtp_code", verdict.smtp_code.map(|code| code.0));
    object.shown(
        "dsn",
        verdict.dsn.map(|dsn: EnhancedStatus| dsn.to_string()),
    );
    object.text("reply", Some(verdict.reply));
    if verdict_name(verdict.verb()) == names::OTHER {
        object.text("text", Some(verdict.reply));
    }
    object.text("matched", verdict.check);
    object.sender(verdict.from);
    object.text("to", verdict.to);
    object.text("proto", verdict.proto);
    object.text("helo", verdict.helo);
    object.text("sasl_method", verdict.sasl_method);
    object.text("sasl_username", verdict.sasl_username);
    object.text("sasl_sender", verdict.sasl_sender);
}

#[cfg(test)]
mod tests;
