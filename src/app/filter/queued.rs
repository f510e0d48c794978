//! A message of the queue's listing as a filter sees it.
//!
//! `postqueue -j` tells the queue, the id, the sender, the size, the age, and each recipient with why it waits. What the log told of the message
//! in flight, its account and its client, is asked of the ledger. A message has several recipients, and a term holds for it when it
//! holds for one of them.

use super::{Field, Subject, subject::shown};
use crate::knowledge::Provider;
use crate::model::Model;
use crate::model::ledger::Life;
use crate::model::queue::Message;
use crate::model::reasons::{self, Reason};
use mailtop_parsers::QueueName;

/// A message, with the model that knows the rest.
#[derive(Clone, Copy)]
pub struct Queued<'a> {
    message: &'a Message,
    model: &'a Model,
}

impl<'a> Queued<'a> {
    /// This message.
    pub fn new(message: &'a Message, model: &'a Model) -> Self {
        Self { message, model }
    }

    fn reasons(&self) -> impl Iterator<Item = &'a Reason> {
        let recipients = self.message.recipients.iter();
        recipients.filter_map(|waiting| waiting.reason.as_deref())
    }

    fn life(&self) -> Option<&'a Life> {
        self.model.facts.life(&self.message.target.key)
    }
}

impl Subject for Queued<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let message = self.message;
        let mut recipients = message.recipients.iter();
        match field {
            Field::Domain => recipients.any(|waiting| test(&shown(&*waiting.domain))),
            Field::From if message.is_bounce() => test("<>"),
            Field::From => test(&shown(&*message.target.sender)),
            Field::To => recipients.any(|waiting| test(&shown(&*waiting.address))),
            Field::Code => self.reasons().any(|reason| codes(reason, test)),
            Field::Reason => self.reasons().any(|reason| words(reason, test)),
            // Of a word anywhere only the text as it was listed is looked at: there may be a hundred thousand.
            Field::Anywhere => self.reasons().any(|reason| test(&shown(&*reason.verbatim))),
            Field::Class => self
                .reasons()
                .any(|reason| test(reason.class(self.model.facts.knowledge()).as_str())),
            Field::Relay => self.reasons().any(|reason| {
                let host = reasons::host(reason.verbatim.as_bytes());
                host.is_some_and(|host| test(&shown(host)))
            }),
            Field::Provider => recipients.any(|waiting| {
                let provider = self.model.facts.provider_of_domain(&waiting.domain);
                test(provider.unwrap_or(Provider::OTHER).name())
            }),
            Field::Queue => test(queue_word(message)),
            Field::QueueId => test(&message.target.key.queue_id),
            Field::User => self
                .life()
                .and_then(|life| life.account.as_deref())
                .is_some_and(|account| test(&shown(account))),
            Field::Ip => self
                .life()
                .and_then(|life| life.client.as_deref())
                .is_some_and(|client| test(&shown(client))),
            _ => false,
        }
    }

    fn number(&self, field: Field) -> Option<i64> {
        let message = self.message;
        match field {
            Field::Age => Some(message.age(self.model.now())),
            Field::Size => Some(i64::try_from(message.size).unwrap_or(i64::MAX)),
            Field::Recipients => i64::try_from(message.recipients.len() + message.more).ok(),
            _ => None,
        }
    }

    fn anywhere(&self) -> &'static [Field] {
        // The likeliest first; the codes stand in most reasons, too.
        &[
            Field::Domain,
            Field::From,
            Field::To,
            Field::Anywhere,
            Field::QueueId,
            Field::Code,
        ]
    }
}

/// The codes of a reason.
pub fn codes(reason: &Reason, test: &mut dyn FnMut(&str) -> bool) -> bool {
    reason.code.is_some_and(|code| test(&code.to_string()))
        || reason.dsn.is_some_and(|dsn| test(&dsn.to_string()))
}

/// A reason as it is logged, and as it is shown in lists: without its frame, and folded.
pub fn words(reason: &Reason, test: &mut dyn FnMut(&str) -> bool) -> bool {
    test(&shown(&*reason.verbatim)) || test(&reason.fold) || test(reason.line().as_str())
}

/// The queue's name.
pub fn queue_word(message: &Message) -> &'static str {
    match message.target.queue {
        QueueName::Maildrop => "maildrop",
        QueueName::Incoming => "incoming",
        QueueName::Active => "active",
        QueueName::Deferred => "deferred",
        QueueName::Hold => "hold",
    }
}
