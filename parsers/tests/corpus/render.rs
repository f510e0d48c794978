//! A record as readable text: the line, then who said it, then the event with one field a line. Bytes are escaped text.

use mailtop_parsers::record::{LoginDetails, MailUser, Observed, Peer, Relay};
use mailtop_parsers::{Event, Record};
use std::fmt::{Debug, Write};

pub(crate) fn record(line: &[u8], record: &Record<'_>) -> String {
    let mut text = format!("{}\n", line.escape_ascii());
    let time = record
        .time
        .map_or("no time".into(), |time| time.to_rfc3339());
    let host = record.host.map_or("no host".into(), escaped);
    let program = escaped(record.program);
    let pid = record.pid.map_or(String::new(), |pid| format!("[{pid}]"));
    let severity = record
        .severity
        .map_or(String::new(), |severity| format!(" {severity:?}"));
    let repeated = match record.repeated {
        1 => String::new(),
        times => format!(" x{times}"),
    };
    let fields = fields(&record.event);
    let _ = writeln!(
        text,
        "  {time} | {host} | {program}{pid}{severity}{repeated} | {}",
        fields.name
    );
    for (name, value) in fields.values {
        let _ = writeln!(text, "    {name}: {value}");
    }
    text
}

/// An event's name and its fields in order; a field that is absent is left out.
struct Fields {
    name: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Fields {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            values: Vec::new(),
        }
    }
    fn text(self, name: &'static str, bytes: &[u8]) -> Self {
        self.value(name, Some(format!("\"{}\"", escaped(bytes))))
    }
    fn maybe(self, name: &'static str, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.text(name, bytes),
            None => self,
        }
    }
    fn debug(self, name: &'static str, value: impl Debug) -> Self {
        self.value(name, Some(format!("{value:?}")))
    }
    fn some(self, name: &'static str, value: Option<impl Debug>) -> Self {
        self.value(name, value.map(|value| format!("{value:?}")))
    }
    fn peer(self, name: &'static str, peer: &Peer<'_>) -> Self {
        self.value(name, Some(peer_text(peer)))
    }
    fn login(self, login: &LoginDetails<'_>) -> Self {
        self.text("service", login.service)
            .text("user", login.user)
            .maybe("method", login.method)
            .maybe("rip", login.rip)
            .maybe("lip", login.lip)
            .some("mpid", login.mpid)
            .debug("secured", login.secured)
            .maybe("tls", login.tls)
            .maybe("session", login.session)
    }
    fn who(self, who: &MailUser<'_>) -> Self {
        self.text("service", who.service)
            .text("user", who.user)
            .maybe("session", who.session)
    }
    fn value(mut self, name: &'static str, value: Option<String>) -> Self {
        self.values.extend(value.map(|value| (name, value)));
        self
    }
}

fn escaped(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_string(),
        _ => bytes.escape_ascii().to_string(),
    }
}

fn peer_text(peer: &Peer<'_>) -> String {
    let port = peer
        .port
        .map_or(String::new(), |port| format!(" port {port}"));
    format!(
        "\"{}\" at \"{}\"{port}",
        escaped(peer.host),
        escaped(peer.ip)
    )
}

fn relay_text(relay: &Relay<'_>) -> String {
    match relay {
        Relay::None => "none".into(),
        Relay::Host(peer) => format!("host {}", peer_text(peer)),
        Relay::Socket { host, path } => {
            format!("socket \"{}\" of \"{}\"", escaped(path), escaped(host))
        }
        Relay::Agent(name) => format!("agent \"{}\"", escaped(name)),
    }
}

fn fields(event: &Event<'_>) -> Fields {
    smtpd(event)
        .or_else(|| queue(event))
        .or_else(|| attempt(event))
        .or_else(|| connection(event))
        .or_else(|| dovecot(event))
        .unwrap_or_else(|| panic!("no rendering for {event:?}"))
}

/// What comes before the queue.
fn smtpd(event: &Event<'_>) -> Option<Fields> {
    Some(match event {
        Event::Connect { client } => Fields::new("Connect").peer("client", client),
        Event::Disconnect { client, commands } => Fields::new("Disconnect")
            .peer("client", client)
            .text("commands", commands),
        Event::LostConnection {
            queue_id,
            what,
            stage,
            client,
        } => Fields::new("LostConnection")
            .some("queue_id", *queue_id)
            .text("what", what)
            .text("stage", stage)
            .peer("client", client),
        Event::Client {
            queue_id,
            client,
            sasl_method,
            sasl_username,
            sasl_sender,
            orig_queue_id,
            orig_client,
        } => Fields::new("Client")
            .some("queue_id", *queue_id)
            .peer("client", client)
            .maybe("sasl_method", *sasl_method)
            .maybe("sasl_username", *sasl_username)
            .maybe("sasl_sender", *sasl_sender)
            .maybe("orig_queue_id", *orig_queue_id)
            .value("orig_client", orig_client.as_ref().map(peer_text)),
        Event::Verdict(verdict) => Fields::new("Verdict")
            .some("queue_id", verdict.queue_id)
            .text("action", verdict.action)
            .text("stage", verdict.stage)
            .peer("client", &verdict.client)
            .some("smtp_code", verdict.smtp_code)
            .some("dsn", verdict.dsn)
            .text("reply", verdict.reply)
            .maybe("check", verdict.check)
            .maybe("from", verdict.from)
            .maybe("to", verdict.to)
            .maybe("proto", verdict.proto)
            .maybe("helo", verdict.helo)
            .maybe("sasl_method", verdict.sasl_method)
            .maybe("sasl_username", verdict.sasl_username)
            .maybe("sasl_sender", verdict.sasl_sender),
        Event::SaslFailed {
            client,
            method,
            reason,
            username,
        } => Fields::new("SaslFailed")
            .peer("client", client)
            .text("method", method)
            .text("reason", reason)
            .maybe("username", *username),
        _ => return None,
    })
}

/// What happens to a message in the queue.
fn queue(event: &Event<'_>) -> Option<Fields> {
    Some(match event {
        Event::Pickup {
            queue_id,
            uid,
            from,
            orig_id,
        } => Fields::new("Pickup")
            .debug("queue_id", queue_id)
            .some("uid", *uid)
            .text("from", from)
            .maybe("orig_id", *orig_id),
        Event::Cleanup {
            queue_id,
            message_id,
            resent,
        } => Fields::new("Cleanup")
            .debug("queue_id", queue_id)
            .text("message_id", message_id)
            .debug("resent", resent),
        Event::Queued {
            queue_id,
            from,
            size,
            nrcpt,
        } => Fields::new("Queued")
            .debug("queue_id", queue_id)
            .text("from", from)
            .debug("size", size)
            .debug("nrcpt", nrcpt),
        Event::BounceNotification {
            queue_id,
            new_queue_id,
            whom,
            kind,
        } => Fields::new("BounceNotification")
            .debug("queue_id", queue_id)
            .debug("new_queue_id", new_queue_id)
            .text("whom", whom)
            .text("kind", kind),
        Event::Expired {
            queue_id,
            from,
            forced,
        } => Fields::new("Expired")
            .debug("queue_id", queue_id)
            .text("from", from)
            .debug("forced", forced),
        Event::Removed { queue_id } => Fields::new("Removed").debug("queue_id", queue_id),
        Event::Hold { queue_id } => Fields::new("Hold").debug("queue_id", queue_id),
        Event::Released { queue_id } => Fields::new("Released").debug("queue_id", queue_id),
        Event::Requeued { queue_id } => Fields::new("Requeued").debug("queue_id", queue_id),
        Event::ForceExpire { queue_id } => Fields::new("ForceExpire").debug("queue_id", queue_id),
        _ => return None,
    })
}

/// Delivery attempts.
fn attempt(event: &Event<'_>) -> Option<Fields> {
    Some(match event {
        Event::Delivery(delivery) => Fields::new("Delivery")
            .debug("queue_id", delivery.queue_id)
            .text("to", delivery.to)
            .maybe("orig_to", delivery.orig_to)
            .value("relay", Some(relay_text(&delivery.relay)))
            .some("conn_use", delivery.conn_use)
            .debug("delay", delivery.delay)
            .value(
                "delays",
                delivery.delays.map(|d| {
                    format!(
                        "{}/{}/{}/{}",
                        d.before_qmgr, d.qmgr, d.conn_setup, d.transmission
                    )
                }),
            )
            .maybe("tls", delivery.tls)
            .some("dsn", delivery.dsn)
            .debug("status", delivery.status)
            .some("reply_code", delivery.reply_code())
            .text("reply", delivery.reply),
        Event::Interim {
            queue_id,
            relay,
            reply,
        } => Fields::new("Interim")
            .some("queue_id", *queue_id)
            .peer("relay", relay)
            .text("reply", reply),
        _ => return None,
    })
}

/// Connections, and what daemons say of themselves.
fn connection(event: &Event<'_>) -> Option<Fields> {
    let observed = |name, seen: &Observed<'_>| {
        Fields::new(name)
            .text("action", seen.action)
            .value("client", seen.client.as_ref().map(peer_text))
            .text("text", seen.text)
    };
    Some(match event {
        Event::Tls(tls) => Fields::new("Tls")
            .some("queue_id", tls.queue_id)
            .debug("incoming", tls.incoming)
            .debug("reused", tls.reused)
            .text("trust", tls.trust)
            .peer("peer", &tls.peer)
            .maybe("sni", tls.sni)
            .text("version", tls.version)
            .text("cipher", tls.cipher),
        Event::Anvil(seen) => observed("Anvil", seen),
        Event::Postscreen(seen) => observed("Postscreen", seen),
        Event::Tlsproxy(seen) => observed("Tlsproxy", seen),
        Event::Dnsbl(seen) => observed("Dnsbl", seen),
        Event::Notice {
            action,
            queue_id,
            peer,
            text,
        } => Fields::new("Notice")
            .debug("action", action)
            .some("queue_id", *queue_id)
            .value("peer", peer.as_ref().map(peer_text))
            .text("text", text),
        _ => return None,
    })
}

/// Dovecot, and what is not recognized.
fn dovecot(event: &Event<'_>) -> Option<Fields> {
    Some(match event {
        Event::Login(login) => Fields::new("Login").login(login),
        Event::LoginFailed {
            attempts,
            reason,
            login,
        } => Fields::new("LoginFailed")
            .debug("attempts", attempts)
            .text("reason", reason)
            .login(login),
        Event::LoginAborted { reason, login } => Fields::new("LoginAborted")
            .text("reason", reason)
            .login(login),
        Event::Logout {
            who,
            bytes_in,
            bytes_out,
            text,
        } => Fields::new("Logout")
            .who(who)
            .some("bytes_in", *bytes_in)
            .some("bytes_out", *bytes_out)
            .text("text", text),
        Event::LmtpConnect { peer } => Fields::new("LmtpConnect").text("peer", peer),
        Event::LmtpDisconnect { peer, reason } => Fields::new("LmtpDisconnect")
            .text("peer", peer)
            .text("reason", reason),
        Event::Saved {
            who,
            message_id,
            mailbox,
            failure,
        } => Fields::new("Saved")
            .who(who)
            .text("message_id", message_id)
            .text("mailbox", mailbox)
            .maybe("failure", *failure),
        Event::AuthFailed {
            user,
            method,
            rip,
            session,
            reason,
        } => Fields::new("AuthFailed")
            .text("user", user)
            .maybe("method", *method)
            .maybe("rip", *rip)
            .maybe("session", *session)
            .text("reason", reason),
        Event::Sieve {
            who,
            message_id,
            action,
            mailbox,
            address,
        } => Fields::new("Sieve")
            .who(who)
            .text("message_id", message_id)
            .text("action", action)
            .maybe("mailbox", *mailbox)
            .maybe("address", *address),
        Event::MailLog {
            who,
            action,
            mailbox,
            message_id,
            size,
        } => Fields::new("MailLog")
            .who(who)
            .text("action", action)
            .maybe("mailbox", *mailbox)
            .maybe("message_id", *message_id)
            .some("size", *size),
        Event::Unrecognized { kind, text } => Fields::new("Unrecognized")
            .debug("kind", kind)
            .text("text", text),
        _ => return None,
    })
}
