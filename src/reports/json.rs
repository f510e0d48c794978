//! One record as one JSON object, for `mailtop parse`. The names are a contract: they stay, members may be added, absent means
//! unknown. Text from outside goes through [`SafeText`], so that no tool that prints a value prints a control character.

mod names;
mod object;

use crate::safe_text::SafeText;
use chrono::SecondsFormat;
use mailtop_parsers::record::{Delays, Delivery, Peer, Relay, Verdict};
use mailtop_parsers::{EnhancedStatus, Event, Record, Severity};
use names::name;
use object::Object;
use serde_json::{Map, Value};

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
    event(&mut object, &record.event);
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

fn event(object: &mut Object, event: &Event<'_>) {
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
        | Event::Notice { .. } => connection(object, event),
        Event::Login(_)
        | Event::LoginFailed { .. }
        | Event::LoginAborted { .. }
        | Event::Logout { .. }
        | Event::LmtpConnect { .. }
        | Event::LmtpDisconnect { .. }
        | Event::AuthFailed { .. }
        | Event::Sieve { .. }
        | Event::MailLog { .. }
        | Event::Saved { .. } => dovecot(object, event),
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
            counters(object, commands);
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
            object.text("orig_client", orig_client.map(|client| client.host));
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
fn connection(object: &mut Object, event: &Event<'_>) {
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
                object.text("client_ip", Some(client.ip));
                object.number("client_port", client.port);
            }
            object.text("text", Some(seen.text));
        }
        Event::Notice {
            action, peer, text, ..
        } => {
            object.word("action", action);
            if let Some(peer) = peer {
                object.client(peer);
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
            object.text("from", Some(from));
            object.text("orig_id", *orig_id);
        }
        Event::Cleanup { message_id, .. } => object.text("message_id", Some(message_id)),
        Event::Queued {
            from, size, nrcpt, ..
        } => {
            object.text("from", Some(from));
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
            object.text("from", Some(from));
            object.word("status", if *forced { "force-expired" } else { "expired" });
        }
        _ => {}
    }
}

/// What Dovecot says of its users.
fn dovecot(object: &mut Object, event: &Event<'_>) {
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
    // A before-queue proxy's verdict names no client.
    if verdict.client != Peer::default() {
        object.client(&verdict.client);
    }
    object.number("smtp_code", verdict.smtp_code.map(|code| code.0));
    object.shown(
        "dsn",
        verdict.dsn.map(|dsn: EnhancedStatus| dsn.to_string()),
    );
    object.text("reply", Some(verdict.reply));
    object.text("from", verdict.from);
    object.text("to", verdict.to);
    object.text("proto", verdict.proto);
    object.text("helo", verdict.helo);
    object.text("sasl_method", verdict.sasl_method);
    object.text("sasl_username", verdict.sasl_username);
    object.text("sasl_sender", verdict.sasl_sender);
}

/// `ehlo=1 rcpt=0/3` as `{"ehlo": 1, "rcpt": [0, 3]}`.
fn counters(object: &mut Object, commands: &[u8]) {
    let mut counters = Map::new();
    for pair in commands.split(|byte| *byte == b' ') {
        let Some((name, value)) = std::str::from_utf8(pair)
            .ok()
            .and_then(|pair| pair.split_once('='))
        else {
            continue;
        };
        let number = |text: &str| text.parse::<u64>().ok().map(Value::from);
        let value = match value.split_once('/') {
            Some((ok, all)) => number(ok)
                .zip(number(all))
                .map(|(ok, all)| Value::Array(vec![ok, all])),
            None => number(value),
        };
        if let Some(value) = value {
            counters.insert(SafeText::from(name).as_str().to_owned(), value);
        }
    }
    if !counters.is_empty() {
        object
            .0
            .insert(String::from("commands"), Value::Object(counters));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use mailtop_parsers::Calendar;

    fn of(line: &[u8]) -> Value {
        let calendar = Calendar {
            anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00+00:00").unwrap(),
        };
        object(&mailtop_parsers::parse(line, &calendar))
    }

    #[test]
    fn a_delivery_has_the_members_of_the_contract() {
        let line = b"2026-11-24T10:00:00.5+01:00 mx1 postfix/smtp[12]: 3F0000001: to=<ann@yahoo.com>, \
            relay=mta5.am0.yahoodns.net[203.0.113.4]:25, delay=1.5, delays=1/0.1/0.3/0.1, dsn=4.7.0, status=deferred \
            (host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))";
        let expected = serde_json::json!({
            "time": "2026-11-24T10:00:00.500000+01:00", "host": "mx1", "program": "postfix/smtp",
            "instance": "postfix", "daemon": "smtp", "pid": 12, "event": "delivery", "queue_id": "3F0000001",
            "to": "ann@yahoo.com", "relay_host": "mta5.am0.yahoodns.net", "relay_ip": "203.0.113.4",
            "relay_port": 25, "delay": 1.5,
            "delays": {"before_qmgr": 1.0, "qmgr": 0.1, "conn_setup": 0.3, "transmission": 0.1},
            "dsn": "4.7.0", "status": "deferred", "smtp_code": 421,
            "reply": "host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command)",
        });
        assert_eq!(of(line), expected);
    }

    #[test]
    fn no_password_comes_out() {
        for line in [
            &b"Nov 24 10:00:00 mx1 dovecot: auth: sql(ann,192.0.2.9): Password mismatch (given password: hunter2)"[..],
            b"Nov 24 10:00:00 mx1 dovecot: auth: Error: x (SHA1 of given password: hunter2)",
            b"Nov 24 10:00:00 mx1 dovecot: message repeated 2 times: [ auth: x (given password: hunter2)]",
            b"Nov 24 10:00:00 mx1 auth: what (given password: hunter2)",
            b"auth: sql(ann,192.0.2.9): Password mismatch (given password: hunter2)",
        ] {
            let json = of(line).to_string();
            assert!(!json.contains("hunter2"), "{json}");
        }
    }

    #[test]
    fn no_control_character_comes_out() {
        let json = of(b"Nov 24 10:00:00 mx1 postfix/cleanup[9]: 3F0000001: message-id=<a\x1b[2J\xc2\x9b\xe2\x80\xaeb@x>");
        let id = json["message_id"].as_str().unwrap();
        assert!(id.chars().all(|c| c.is_ascii_graphic()), "{id:?}");
    }

    #[test]
    fn what_nobody_knows_is_an_object_too() {
        assert_eq!(of(b"\xff\xfe nonsense")["event"], "unparsed");
    }
}
