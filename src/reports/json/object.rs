//! A JSON object under construction: members by kind of value, and the groups of members that several events share.
//!
//! In: names of the contract, and values as the parsers give them. Out: a map in the order of `serde_json`. Text goes through
//! [`SafeText`]; what is absent is left out. It deliberately does not know the events.

use crate::safe_text::SafeText;
use mailtop_parsers::QueueId;
use mailtop_parsers::record::{LoginDetails, MailUser, Peer};
use serde_json::{Map, Value};

/// An object that grows.
#[derive(Default)]
pub(super) struct Object(pub(super) Map<String, Value>);

impl Object {
    pub(super) fn text(&mut self, name: &str, text: Option<&[u8]>) {
        if let Some(text) = text {
            self.0.insert(
                name.to_owned(),
                Value::String(SafeText::new(text).as_str().to_owned()),
            );
        }
    }

    pub(super) fn word(&mut self, name: &str, word: &'static str) {
        self.0
            .insert(name.to_owned(), Value::String(word.to_owned()));
    }

    pub(super) fn number(&mut self, name: &str, number: Option<impl Into<Value>>) {
        if let Some(number) = number {
            self.0.insert(name.to_owned(), number.into());
        }
    }

    pub(super) fn shown(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.0
                .insert(name.to_owned(), Value::String(value.to_string()));
        }
    }

    pub(super) fn queue_id(&mut self, queue_id: Option<QueueId<'_>>) {
        self.shown("queue_id", queue_id);
    }

    pub(super) fn client(&mut self, client: &Peer<'_>) {
        self.text("client_host", Some(client.host));
        self.text("client_ip", Some(client.ip));
        self.number("client_port", client.port);
    }

    pub(super) fn relay(&mut self, relay: &Peer<'_>) {
        self.text("relay_host", Some(relay.host));
        self.text("relay_ip", Some(relay.ip));
        self.number("relay_port", relay.port);
    }

    pub(super) fn user(&mut self, who: &MailUser<'_>) {
        self.text("user", Some(who.user));
        self.text("session", who.session);
    }

    pub(super) fn login(&mut self, login: &LoginDetails<'_>) {
        self.text("user", Some(login.user));
        self.text("method", login.method);
        self.text("rip", login.rip);
        self.text("lip", login.lip);
        self.number("mpid", login.mpid);
        self.text("session", login.session);
        self.number("secured", Some(login.secured));
    }
}
