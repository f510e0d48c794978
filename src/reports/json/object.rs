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
    /// A text; an empty one says nothing and is left out.
    pub(super) fn text(&mut self, name: &str, text: Option<&[u8]>) {
        self.any_text(name, text.filter(|text| !text.is_empty()));
    }

    /// A sender, which is empty when it is the null sender.
    pub(super) fn sender(&mut self, sender: Option<&[u8]>) {
        self.any_text("from", sender);
    }

    fn any_text(&mut self, name: &str, text: Option<&[u8]>) {
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
        self.client_address(client);
    }

    /// The client's address without its name; `unknown`, as Postfix writes of a peer that is gone, is none.
    pub(super) fn client_address(&mut self, client: &Peer<'_>) {
        self.text("client_ip", Some(client.ip).filter(|ip| ip != b"unknown"));
        self.number("client_port", client.port);
    }

    pub(super) fn relay(&mut self, relay: &Peer<'_>) {
        self.text("relay_host", Some(relay.host));
        // The brackets of a UNIX-domain socket hold its path.
        let path = relay.ip.contains(&b'/');
        self.text(if path { "relay_path" } else { "relay_ip" }, Some(relay.ip));
        self.number("relay_port", relay.port);
    }

    pub(super) fn user(&mut self, who: &MailUser<'_>) {
        self.text("service", Some(who.service));
        self.text("user", Some(who.user));
        self.text("session", who.session);
    }

    pub(super) fn login(&mut self, login: &LoginDetails<'_>) {
        self.text("service", Some(login.service));
        self.text("user", Some(login.user));
        self.text("method", login.method);
        self.text("rip", login.rip);
        self.text("lip", login.lip);
        self.number("mpid", login.mpid);
        self.text("session", login.session);
        self.number("secured", Some(login.secured));
    }

    /// Pairs of a name and one number, or two: `ehlo=1 rcpt=0/3` as `{"ehlo": 1, "rcpt": [0, 3]}`. Other words are passed over.
    pub(super) fn counters(&mut self, name: &str, text: &[u8], except: &[&str]) {
        let number = |text: &str| text.parse::<u64>().ok().map(Value::from);
        let counters: Map<String, Value> = text
            .split(|byte| matches!(byte, b' ' | b','))
            .filter_map(|pair| {
                let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if !name.bytes().all(is_name) || name.is_empty() || except.contains(&name) {
                    return None;
                }
                let value = match value.split_once('/') {
                    Some((ok, all)) => Value::Array(vec![number(ok)?, number(all)?]),
                    None => number(value)?,
                };
                Some((name.to_owned(), value))
            })
            .collect();
        if !counters.is_empty() {
            self.0.insert(name.to_owned(), Value::Object(counters));
        }
    }
}
