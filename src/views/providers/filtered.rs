//! The attempts that a filter means. What is not known of an attempt holds for no term: the sender of delivered mail, for one.

use crate::app::filter::{Field, Filter, Subject};
use crate::model::facts::Facts;
use crate::model::providers::Outcome;
use crate::model::providers::matrix::{Answered, Meant};
use crate::safe_text;

/// Attempts, with the facts that know the words of an answer.
struct Asked<'a> {
    answered: &'a Answered<'a>,
    facts: &'a Facts,
}

impl Subject for Asked<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let answered = self.answered;
        let shown = |text: &str, test: &mut dyn FnMut(&str) -> bool| {
            test(&safe_text::shown(text.as_bytes()))
        };
        match field {
            Field::Domain => answered.domain.is_some_and(|text| shown(text, test)),
            Field::Provider => test(answered.provider.name()),
            Field::From => match answered.sender {
                Some("") => test("<>"),
                sender => sender.is_some_and(|text| shown(text, test)),
            },
            Field::Code => {
                let code = answered.code;
                let reply = code.reply.is_some_and(|reply| test(&reply.to_string()));
                reply || code.dsn.is_some_and(|dsn| test(&dsn.to_string()))
            }
            Field::Reason => answered.cause.is_some_and(|text| shown(text, test)),
            Field::Class => {
                let told = self.facts.told();
                let causes = match answered.outcome {
                    Some(Outcome::Bounced) => &told.bounces,
                    _ => &told.deferrals,
                };
                let known = answered.cause.and_then(|cause| causes.get(cause));
                let sample = known.and_then(|cause| cause.sample.as_ref());
                sample
                    .is_some_and(|(_, reason)| test(reason.class(self.facts.knowledge()).as_str()))
            }
            Field::Status => test(match answered.outcome {
                None => "sent",
                Some(Outcome::Deferred) => "deferred",
                Some(Outcome::Bounced) => "bounced",
            }),
            _ => false,
        }
    }
}

/// Asks with the attempts that the filter means.
pub(super) fn meant<T>(filter: &Filter, facts: &Facts, ask: impl FnOnce(&Meant<'_>) -> T) -> T {
    if filter.is_empty() {
        return ask(&Meant::ALL);
    }
    let holds = |answered: &Answered<'_>| filter.matches(&Asked { answered, facts });
    let by_sender = filter
        .terms()
        .any(|part| matches!(part.field, Field::From | Field::Anywhere));
    ask(&Meant {
        holds: &holds,
        by_sender,
    })
}
