//! A message that was traced, as a filter sees it: what its lines say of it, taken together.

use crate::app::filter::Field;
use crate::app::filter::subject::{Subject, address, shown};
use crate::model::queue::domain_of;
use crate::model::trace::Message;
use chrono::{DateTime, Utc};

/// A message and the moment that ages are counted to.
pub(super) struct Traced<'a> {
    pub(super) message: &'a Message,
    pub(super) now: DateTime<Utc>,
}

impl Subject for Traced<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let message = self.message;
        let source = message.source.as_ref();
        let recipients = || {
            let each = message.recipients.iter();
            each.flat_map(|one| [Some(&*one.to), one.orig_to.as_deref()])
                .flatten()
                .chain(message.refused.iter().map(|to| &**to))
        };
        let mut one = |text: Option<&[u8]>| text.is_some_and(|text| test(&shown(text)));
        match field {
            Field::Domain => recipients().any(|to| test(&domain_of(&shown(to)))),
            Field::To => recipients().any(|to| test(&shown(to))),
            Field::From => message
                .from
                .as_deref()
                .is_some_and(|from| test(&address(from))),
            Field::User => one(source.and_then(|one| one.sasl_username.as_deref())),
            Field::Ip => one(source.map(|one| &*one.ip)),
            Field::Client => one(source.map(|one| &*one.host)),
            Field::Host => one(Some(&message.host)),
            Field::QueueId => message.queue_id.as_deref().is_some_and(test),
            Field::MessageId => one(message.message_id.as_deref()),
            Field::Code => {
                let codes = message.recipients.iter();
                let mut codes = codes
                    .filter_map(|one| one.dsn.as_deref())
                    .chain(message.refused_with.as_deref());
                codes.any(test)
            }
            Field::Reason => message
                .recipients
                .iter()
                .any(|one| test(&shown(&one.reply))),
            Field::Relay => message.recipients.iter().any(|one| {
                // The host's name, as the log view has it, without the address.
                let end = memchr::memchr(b'[', &one.relay).unwrap_or(one.relay.len());
                test(&shown(one.relay.get(..end).unwrap_or_default()))
            }),
            Field::Status => {
                test(message.fate().as_str())
                    || message
                        .recipients
                        .iter()
                        .any(|one| test(one.status.as_str()))
            }
            _ => false,
        }
    }

    fn number(&self, field: Field) -> Option<i64> {
        let message = self.message;
        match field {
            Field::Age => Some((self.now - message.first?.to_utc()).num_seconds()),
            Field::Size => i64::try_from(message.size?).ok(),
            Field::Delay => {
                Some((message.ended.or(message.last)? - message.first?).num_milliseconds())
            }
            Field::Recipients => i64::try_from(message.nrcpt?).ok(),
            _ => None,
        }
    }
}
