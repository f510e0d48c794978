//! A line of the log as a filter sees it.
//!
//! In go the record and the line that it was read from; nothing is kept. A line has only what it says: the sender of a message stands in the line of
//! qmgr(8), not in those of its deliveries. Words without a field are looked for in the whole line. Classes and providers are
//! looked up only where a filter asks for them.

#[cfg(test)]
mod tests;

use super::Field;
use super::queued::codes;
use super::subject::{Subject, address, shown};
use crate::knowledge::{Class, Provider};
use crate::model::facts::Facts;
use crate::model::queue::domain_of;
use crate::model::reasons::Reason;
use chrono::{DateTime, Utc};
use mailtop_parsers::record::{Delivery, LoginDetails, MailUser, Peer, Relay, Verdict};
use mailtop_parsers::{Event, Record};
use std::sync::Arc;

/// A line with its record.
#[derive(Clone, Copy)]
pub struct Logged<'a> {
    /// What the line says.
    pub record: &'a Record<'a>,
    /// The line.
    pub line: &'a [u8],
    /// Who runs which domain, and what replies mean.
    pub facts: &'a Facts,
    /// The moment that ages are counted to.
    pub until: DateTime<Utc>,
}

type Test<'t> = &'t mut dyn FnMut(&str) -> bool;

impl<'a> Logged<'a> {
    /// Puts these texts to the test; those that the line does not have are none.
    fn any(texts: &[Option<&[u8]>], test: Test<'_>) -> bool {
        texts.iter().flatten().any(|text| test(&shown(*text)))
    }

    /// The recipients that the line names, the one before rewriting second.
    fn recipients(&self) -> [Option<&'a [u8]>; 2] {
        match &self.record.event {
            Event::Delivery(delivery) => [Some(delivery.to), delivery.orig_to],
            Event::Verdict(verdict) => [verdict.to, None],
            Event::Sieve { address, .. } => [*address, None],
            _ => [None, None],
        }
    }

    fn sender(&self) -> Option<&'a [u8]> {
        match &self.record.event {
            Event::Queued { from, .. }
            | Event::Pickup { from, .. }
            | Event::Expired { from, .. } => Some(from),
            Event::Verdict(verdict) => verdict.from,
            _ => None,
        }
    }

    fn users(&self) -> [Option<&'a [u8]>; 2] {
        match &self.record.event {
            Event::Client {
                sasl_username,
                sasl_sender,
                ..
            } => [*sasl_username, *sasl_sender],
            Event::Verdict(verdict) => [verdict.sasl_username, verdict.sasl_sender],
            Event::SaslFailed { username, .. } => [*username, None],
            Event::AuthFailed { user, .. } => [Some(user), None],
            event => {
                let user = login(event).map(|login| login.user);
                [user.or_else(|| mail_user(event).map(|who| who.user)), None]
            }
        }
    }

    /// The client, and the one before a content filter.
    fn clients(&self) -> [Option<Peer<'a>>; 2] {
        match &self.record.event {
            Event::Connect { client }
            | Event::Disconnect { client, .. }
            | Event::LostConnection { client, .. }
            | Event::SaslFailed { client, .. }
            | Event::Verdict(Verdict { client, .. }) => [Some(*client), None],
            Event::Client {
                client,
                orig_client,
                ..
            } => [Some(*client), *orig_client],
            Event::Tls(tls) if tls.incoming => [Some(tls.peer), None],
            Event::Anvil(observed)
            | Event::Postscreen(observed)
            | Event::Tlsproxy(observed)
            | Event::Dnsbl(observed) => [observed.client, None],
            Event::Notice { peer, .. } => [*peer, None],
            _ => [None, None],
        }
    }

    /// The remote server of an outgoing connection.
    fn server(&self) -> Option<Peer<'a>> {
        match &self.record.event {
            Event::Delivery(Delivery {
                relay: Relay::Host(peer),
                ..
            }) => Some(*peer),
            Event::Interim { relay, .. } if !relay.host.is_empty() => Some(*relay),
            Event::Tls(tls) if !tls.incoming => Some(tls.peer),
            _ => None,
        }
    }

    fn relay(&self, test: Test<'_>) -> bool {
        let Event::Delivery(delivery) = &self.record.event else {
            return Self::any(&[self.server().map(|server| server.host)], test);
        };
        match delivery.relay {
            Relay::None => test("none"),
            Relay::Host(peer) => test(&shown(peer.host)),
            Relay::Socket { host, path } => Self::any(&[Some(host), Some(path)], test),
            Relay::Agent(agent) => test(&shown(agent)),
        }
    }

    fn addresses(&self, test: Test<'_>) -> bool {
        let [client, before] = self.clients();
        let ip = |peer: Option<Peer<'a>>| peer.map(|peer| peer.ip).filter(|ip| !ip.is_empty());
        let rip = match &self.record.event {
            Event::AuthFailed { rip, .. } => *rip,
            Event::LmtpConnect { peer } | Event::LmtpDisconnect { peer, .. } => Some(*peer),
            event => login(event).and_then(|login| login.rip),
        };
        Self::any(&[ip(client), ip(before), ip(self.server()), rip], test)
    }

    fn message_id(&self) -> Option<&'a [u8]> {
        let id = match &self.record.event {
            Event::Cleanup { message_id, .. }
            | Event::Saved { message_id, .. }
            | Event::Sieve { message_id, .. } => Some(*message_id),
            Event::MailLog { message_id, .. } => *message_id,
            _ => None,
        };
        id.filter(|id| !id.is_empty())
    }

    fn queue_ids(&self) -> [Option<&'a [u8]>; 2] {
        let other = match &self.record.event {
            Event::BounceNotification { new_queue_id, .. } => Some(new_queue_id.as_bytes()),
            Event::Pickup { orig_id, .. } => *orig_id,
            Event::Client { orig_queue_id, .. } => *orig_queue_id,
            _ => None,
        };
        [
            self.record
                .event
                .queue_id()
                .map(|id| id.as_str().as_bytes()),
            other,
        ]
    }

    /// Why something failed, or what was answered.
    fn reason(&self) -> Option<&'a [u8]> {
        let reason = match &self.record.event {
            Event::Delivery(delivery) => Some(delivery.reply),
            Event::Interim { reply, .. } => Some(*reply),
            Event::Verdict(verdict) => Some(verdict.reply),
            Event::SaslFailed { reason, .. }
            | Event::LoginFailed { reason, .. }
            | Event::LoginAborted { reason, .. }
            | Event::AuthFailed { reason, .. }
            | Event::LmtpDisconnect { reason, .. } => Some(*reason),
            Event::LostConnection { what, .. } => Some(*what),
            Event::Saved { failure, .. } => *failure,
            _ => None,
        };
        reason.filter(|reason| !reason.is_empty())
    }

    /// The reason of a delivery that did not succeed, taken apart.
    fn taken_apart(&self) -> Option<Reason> {
        let reply = match &self.record.event {
            Event::Delivery(delivery) => delivery.reply,
            Event::Interim { reply, .. } => reply,
            _ => return None,
        };
        let text: Arc<str> = String::from_utf8_lossy(reply).into();
        Some(Reason::new(text))
    }

    fn codes(&self, test: Test<'_>) -> bool {
        match &self.record.event {
            Event::Delivery(delivery) => {
                let own = delivery.dsn.is_some_and(|dsn| test(&dsn.to_string()));
                own || delivery
                    .reply_code()
                    .is_some_and(|code| test(&code.to_string()))
            }
            Event::Verdict(verdict) => {
                verdict
                    .smtp_code
                    .is_some_and(|code| test(&code.to_string()))
                    || verdict.dsn.is_some_and(|dsn| test(&dsn.to_string()))
            }
            Event::Interim { .. } => self
                .taken_apart()
                .is_some_and(|reason| codes(&reason, test)),
            _ => false,
        }
    }

    fn class(&self) -> Option<Class> {
        let unsuccessful = match &self.record.event {
            Event::Delivery(delivery) => delivery.status != mailtop_parsers::Status::Sent,
            Event::Interim { .. } => true,
            _ => false,
        };
        let reason = unsuccessful.then(|| self.taken_apart()).flatten()?;
        Some(reason.class(self.facts.knowledge()))
    }

    /// Who answered a delivery: by the relay's name, or who is known to run the domain.
    fn provider(&self) -> Option<Provider> {
        let Event::Delivery(delivery) = &self.record.event else {
            return None;
        };
        let knowledge = self.facts.knowledge();
        let by_name = match delivery.relay {
            Relay::Host(peer) => knowledge.provider_of_relay(peer.host),
            Relay::Socket { .. } | Relay::Agent(_) => Some(Provider::LOCAL),
            Relay::None => None,
        };
        let by_domain = || {
            let to = String::from_utf8_lossy(delivery.to);
            self.facts.provider_of_domain(&domain_of(&to))
        };
        Some(by_name.or_else(by_domain).unwrap_or(Provider::OTHER))
    }

    fn status(&self, test: Test<'_>) -> bool {
        match &self.record.event {
            Event::Delivery(delivery) => test(delivery.status.as_str()),
            Event::Expired { .. } => test("expired"),
            Event::Hold { .. } => test("hold"),
            Event::Verdict(verdict) => test(&shown(verdict.verb())) || test(&shown(verdict.action)),
            Event::SaslFailed { .. } | Event::LoginFailed { .. } | Event::AuthFailed { .. } => {
                test("failed")
            }
            Event::LoginAborted { .. } => test("aborted"),
            Event::Saved { failure, .. } => {
                test(if failure.is_some() { "failed" } else { "saved" })
            }
            _ => false,
        }
    }

    /// `imap-login` is asked for as `imap`, too.
    fn protocol(&self, test: Test<'_>) -> bool {
        let service = match &self.record.event {
            Event::Verdict(verdict) => verdict.proto,
            Event::LmtpConnect { .. } | Event::LmtpDisconnect { .. } => Some(&b"lmtp"[..]),
            event => login(event)
                .map(|login| login.service)
                .or_else(|| mail_user(event).map(|who| who.service)),
        };
        let Some(service) = service else { return false };
        let short = service.strip_suffix(b"-login");
        Self::any(&[Some(service), short], test)
    }
}

impl Subject for Logged<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Anywhere => test(&shown(self.line)),
            Field::Domain => self.recipients().into_iter().flatten().any(|to| {
                let to = String::from_utf8_lossy(to);
                test(&shown(&*domain_of(&to)))
            }),
            Field::To => Self::any(&self.recipients(), test),
            Field::From => self.sender().is_some_and(|from| test(&address(from))),
            Field::User => Self::any(&self.users(), test),
            Field::Ip => self.addresses(test),
            Field::Client => {
                let clients = self.clients();
                clients
                    .into_iter()
                    .flatten()
                    .any(|client| test(&shown(client.host)))
            }
            Field::Host => Self::any(&[self.record.host], test),
            Field::QueueId => Self::any(&self.queue_ids(), test),
            Field::MessageId => Self::any(&[self.message_id()], test),
            Field::Provider => self
                .provider()
                .is_some_and(|provider| test(provider.name())),
            Field::Reason => Self::any(&[self.reason()], test),
            Field::Class => self.class().is_some_and(|class| test(class.as_str())),
            Field::Code => self.codes(test),
            Field::Relay => self.relay(test),
            Field::Program => {
                test(&shown(self.record.program)) || test(&shown(self.record.daemon()))
            }
            Field::Protocol => self.protocol(test),
            Field::Status => self.status(test),
            Field::Queue | Field::Age | Field::Size | Field::Delay | Field::Recipients => false,
        }
    }

    fn number(&self, field: Field) -> Option<i64> {
        match (field, &self.record.event) {
            (Field::Age, _) => {
                let time = self.record.time?;
                Some(self.until.signed_duration_since(time).num_seconds().max(0))
            }
            (Field::Size, Event::Queued { size, .. }) => i64::try_from(*size).ok(),
            (Field::Size, Event::MailLog { size, .. }) => i64::try_from((*size)?).ok(),
            (Field::Recipients, Event::Queued { nrcpt, .. }) => i64::try_from(*nrcpt).ok(),
            // A cast from a float saturates.
            (Field::Delay, Event::Delivery(delivery)) => Some((delivery.delay * 1_000.0) as i64),
            _ => None,
        }
    }

    fn anywhere(&self) -> &'static [Field] {
        &[Field::Anywhere]
    }
}

fn login<'e, 'a>(event: &'e Event<'a>) -> Option<&'e LoginDetails<'a>> {
    match event {
        Event::Login(login)
        | Event::LoginFailed { login, .. }
        | Event::LoginAborted { login, .. } => Some(login),
        _ => None,
    }
}

fn mail_user<'e, 'a>(event: &'e Event<'a>) -> Option<&'e MailUser<'a>> {
    match event {
        Event::Logout { who, .. }
        | Event::Saved { who, .. }
        | Event::Sieve { who, .. }
        | Event::MailLog { who, .. } => Some(who),
        _ => None,
    }
}
