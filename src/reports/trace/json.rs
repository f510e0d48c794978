//! One message as one JSON object: `mailtop trace --json`.
//!
//! The names are a contract: they stay, members may be added, absent means unknown. Its events are the objects of `mailtop parse`.

use crate::model::trace::{Kind, LogLine, Message, Recipient, Traced};
use crate::reports::json::object as event_object;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde_json::{Map, Value};

/// The version of this object's names.
const SCHEMA: u32 = 1;

#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn text(&mut self, name: &str, text: Option<&[u8]>) {
        if let Some(text) = text {
            self.put(name, SafeText::new(text).as_str());
        }
    }

    /// What is empty when it is not known.
    fn known(&mut self, name: &str, text: &[u8]) {
        self.text(name, Some(text).filter(|text| !text.is_empty()));
    }

    fn time(&mut self, name: &str, time: Option<DateTime<FixedOffset>>) {
        if let Some(time) = time {
            self.put(name, time.to_rfc3339_opts(SecondsFormat::Micros, false));
        }
    }
}

/// The object of one message. `lines` are those that were traced.
pub fn object(message: &Message, traced: &Traced, lines: &[LogLine]) -> Value {
    let mut object = Object::default();
    object.put("schema", SCHEMA);
    if let Some(id) = &message.queue_id {
        object.put("queue_id", &**id);
    }
    object.known("host", &message.host);
    object.known("instance", &message.instance);
    object.text("message_id", message.message_id.as_deref());
    object.text("from", message.from.as_deref());
    let to = message
        .recipients
        .iter()
        .map(|one| &one.to)
        .chain(&message.refused);
    let to: Vec<Value> = to.map(|to| SafeText::new(to).as_str().into()).collect();
    object.put("to", to);
    let recipients: Vec<Value> = message.recipients.iter().map(recipient).collect();
    object.put("recipients", recipients);
    if let Some(size) = message.size {
        object.put("size", size);
    }
    if let Some(nrcpt) = message.nrcpt {
        object.put("nrcpt", nrcpt);
    }
    if let Some(source) = &message.source {
        object.known("client_host", &source.host);
        object.known("client_ip", &source.ip);
        object.text("sasl_method", source.sasl_method.as_deref());
        object.text("sasl_username", source.sasl_username.as_deref());
        if let Some(uid) = source.uid {
            object.put("uid", uid);
        }
    }
    object.put("status", message.fate().as_str());
    if message.born {
        object.time("born", message.first);
    }
    object.time("ended", message.ended);
    object.put("related", related(message, traced));
    let events = message.events.iter().filter_map(|at| lines.get(*at));
    let events: Vec<Value> = events.map(|line| event_object(&line.record())).collect();
    object.put("events", events);
    Value::Object(object.0)
}

fn recipient(one: &Recipient) -> Value {
    let mut object = Object::default();
    object.text("to", Some(&one.to));
    object.text("orig_to", one.orig_to.as_deref());
    object.put("status", one.status.as_str());
    if let Some(dsn) = &one.dsn {
        object.put("dsn", dsn.as_str());
    }
    object.text("relay", Some(&one.relay));
    object.text("reply", Some(&one.reply));
    object.put("attempts", one.attempts);
    object.time("time", one.time);
    Value::Object(object.0)
}

fn related(message: &Message, traced: &Traced) -> Vec<Value> {
    let objects = message.related.iter().filter_map(|tie| {
        let other = traced.messages.get(tie.message)?;
        let mut object = Object::default();
        let kind = match &tie.kind {
            Kind::Requeued => "requeued",
            Kind::Reinjected => "reinjected",
            Kind::Relayed => "relayed",
            Kind::Forwarded => "forwarded",
            Kind::Notification { whom, about } => {
                object.text("whom", Some(whom));
                object.text("about", Some(about));
                "notification"
            }
        };
        object.put("kind", kind);
        object.put("direction", if tie.came_of { "from" } else { "to" });
        if let Some(id) = &other.queue_id {
            object.put("queue_id", &**id);
        }
        object.known("host", &other.host);
        object.known("instance", &other.instance);
        Some(Value::Object(object.0))
    });
    objects.collect()
}
