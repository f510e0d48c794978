//! One action from its frozen targets to its receipt.
//!
//! The queue is listed once more; what is gone, is another message by now or is in the wrong queue is left out, with the
//! reason; the rest goes to `postsuper(1)` or `postqueue(1)`; what they say they did is what the receipt says.
//! If the listing can't be had, nothing is run. There is no retry: the operator decides again, on a new screen.

use super::child::{End, Limit, Stream, run, run_batch};
use super::lines::{KEPT, Lines, Tail};
use super::listing::{Standing, fresh};
use super::outcome::Outcome;
use super::rights::{advice, rights};
use super::tools::Tools;
use super::vector::Vector;
use crate::app::effect::{Action, Scope};
use crate::model::command_line::{Aim, command_line};
use crate::model::identity::{MessageKey, Target};
use crate::model::journal::{Receipt, Verb};
use crate::safe_text::SafeText;
use mailtop_parsers::{QueueId, QueueName};
use std::collections::HashSet;
use std::time::Instant;

/// How many messages are flushed one by one. Each is a run of `postqueue -i`, and a mass of them defeats the queue
/// manager's back-off towards a provider that asked for patience (`flush(8)`).
pub(super) const MOST_FLUSHES: usize = 1000;

/// How long Postfix's commands may take.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// The fresh listing.
    pub(super) listing: Limit,
    /// What is done then.
    pub(super) acting: Limit,
}

/// Performs `action` and waits for its end.
pub(super) fn perform(tools: &Tools, limits: Limits, action: &Action) -> Receipt {
    let start = Instant::now();
    let mut receipt = empty(tools, action);
    if let Err(why) = rights(action.verb) {
        receipt.failure = Some(advice(&why, action, tools.config_dir_text().as_deref()));
    } else if let Err(why) = trusted(tools, action.verb) {
        receipt.failure = Some(why);
    } else {
        match &action.scope {
            Scope::WholeQueue => whole_queue(tools, limits, &mut receipt),
            Scope::Messages(targets) => messages(tools, limits, targets, &mut receipt),
        }
    }
    receipt.took = start.elapsed();
    receipt
}

/// A receipt of nothing.
pub(super) fn empty(tools: &Tools, action: &Action) -> Receipt {
    let (asked, aim) = match &action.scope {
        Scope::WholeQueue => (0, Aim::WholeQueue),
        Scope::Messages(targets) => (targets.len(), Aim::Many(targets.len())),
    };
    Receipt {
        verb: action.verb,
        asked,
        matched: 0,
        done: 0,
        skipped: Vec::new(),
        command: shown(tools, action.verb, aim),
        exit: None,
        stderr: SafeText::default(),
        took: std::time::Duration::ZERO,
        failure: None,
    }
}

fn shown(tools: &Tools, verb: Verb, aim: Aim<'_>) -> SafeText {
    SafeText::new(command_line(verb, aim, tools.config_dir_text().as_deref()))
}

fn trusted(tools: &Tools, verb: Verb) -> Result<(), SafeText> {
    tools.trusted(&tools.postqueue)?;
    if verb != Verb::Flush {
        tools.trusted(&tools.postsuper)?;
    }
    Ok(())
}

fn whole_queue(tools: &Tools, limits: Limits, receipt: &mut Receipt) {
    if receipt.verb != Verb::Flush {
        receipt.failure = Some(SafeText::new(
            "only flush is done to the whole queue at once",
        ));
        return;
    }
    let mut said = Tail::default();
    let end = run(
        Vector::FlushAll.command(tools),
        limits.acting,
        &mut |_, piece| {
            said.push(piece);
        },
    );
    receipt.stderr = kept(said.bytes());
    receipt.failure = ended(end, receipt, "postqueue -f");
}

fn messages(tools: &Tools, limits: Limits, targets: &[Target], receipt: &mut Receipt) {
    let standing = match fresh(tools, targets, limits.listing) {
        Ok(standing) => standing,
        Err(why) => {
            receipt.failure = Some(why);
            return;
        }
    };
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    let mut fit: Vec<(&Target, QueueId<'_>)> = Vec::new();
    for (target, at) in targets.iter().zip(&standing.standings) {
        let id = QueueId::new(target.key.queue_id.as_bytes()).filter(|id| id.as_str() != "ALL");
        let refusal = match (id, at) {
            (None, _) => Some(String::from("that is no queue id")),
            (_, Standing::Gone) if standing.unread > 0 => Some(format!(
                "not found: {} lines of the fresh listing could not be read",
                standing.unread
            )),
            (_, Standing::Gone) => Some(String::from("left the queue")),
            (_, Standing::Other) => Some(String::from("the queue id now names another message")),
            (_, Standing::Same(queue)) => {
                receipt.matched += usize::from(seen.insert(target.key.queue_id.as_ref()));
                unfit(receipt.verb, *queue).map(String::from)
            }
        };
        match (id, refusal) {
            (_, Some(why)) => receipt.skipped.push(skip(target, why)),
            (Some(id), None) if taken.insert(id) => fit.push((target, id)),
            _ => receipt.skipped.push(skip(target, "named twice")),
        }
    }
    if fit.is_empty() {
        return;
    }
    if receipt.verb == Verb::Flush {
        flush(tools, limits, &fit, receipt);
    } else {
        postsuper(tools, limits, &fit, receipt);
    }
}

/// Why a message in this queue is not a case for this verb.
fn unfit(verb: Verb, queue: QueueName) -> Option<&'static str> {
    match (verb, queue) {
        (Verb::Hold, QueueName::Hold) => Some("already on hold"),
        (Verb::Hold, QueueName::Maildrop) => Some("in maildrop: can't be held"),
        (Verb::Release, QueueName::Hold) => None,
        (Verb::Release, _) => Some("is not on hold"),
        (Verb::Requeue, QueueName::Maildrop) => Some("in maildrop: is about to be queued anyway"),
        (Verb::Delete, QueueName::Maildrop) => {
            Some("in maildrop: is about to be queued, delete it then")
        }
        (Verb::Flush, QueueName::Hold) => Some("is on hold: release it first"),
        (Verb::Flush, QueueName::Maildrop | QueueName::Incoming) => {
            Some("is about to be delivered")
        }
        (Verb::Flush, QueueName::Active) => Some("is being delivered already"),
        (Verb::Hold | Verb::Requeue | Verb::Delete, _) | (Verb::Flush, QueueName::Deferred) => None,
    }
}

fn postsuper(tools: &Tools, limits: Limits, fit: &[(&Target, QueueId<'_>)], receipt: &mut Receipt) {
    let vector = match receipt.verb {
        Verb::Hold => Vector::Hold,
        Verb::Release => Vector::Release,
        Verb::Requeue => Vector::Requeue,
        Verb::Delete => Vector::Delete,
        Verb::Flush => return,
    };
    receipt.command = shown(tools, receipt.verb, Aim::Many(fit.len()));
    let mut input = String::new();
    for (_, id) in fit {
        input.push_str(id.as_str());
        input.push('\n');
    }
    let mut outcome = Outcome::new(receipt.verb, fit.iter().map(|(_, id)| id.as_str()));
    let (mut lines, mut said) = (Lines::new(4096), Tail::default());
    let end = run_batch(
        vector.command(tools),
        input.as_bytes(),
        limits.acting,
        &mut |stream, piece| {
            if stream == Stream::Err {
                said.push(piece);
                lines.push(piece, &mut |line| outcome.line(line));
            }
        },
    );
    lines.end(&mut |line| outcome.line(line));
    receipt.stderr = kept(said.bytes());
    receipt.done = outcome.done.len();
    // How it ended explains a missing total better than the missing total does; a refusal in words explains both.
    let ended = ended(end, receipt, "postsuper");
    receipt.failure = if outcome.fatal.is_some() || ended.is_none() {
        outcome.doubt().map(SafeText::new)
    } else {
        ended
    };
    let why = if receipt.failure.is_none() {
        "postsuper did not find it any more: it moved or left the queue meanwhile"
    } else {
        "outcome not known"
    };
    let done = |id: &QueueId<'_>| outcome.done.contains(id.as_str());
    for (target, _) in fit.iter().filter(|(_, id)| !done(id)) {
        receipt.skipped.push(skip(target, why));
    }
}

fn flush(tools: &Tools, limits: Limits, fit: &[(&Target, QueueId<'_>)], receipt: &mut Receipt) {
    let count = fit.len().min(MOST_FLUSHES);
    let aim = match fit {
        [(_, id)] => Aim::One(id.as_str()),
        _ => Aim::Many(count),
    };
    receipt.command = shown(tools, receipt.verb, aim);
    let mut said = Tail::default();
    for (place, (target, id)) in fit.iter().enumerate() {
        let why = if place >= MOST_FLUSHES {
            "more than 1,000 at once: flush the rest later, or the whole queue"
        } else if receipt.failure.is_some() {
            "not asked for: the run before it failed"
        } else {
            let vector = Vector::Flush(*id);
            let end = run(vector.command(tools), limits.acting, &mut |_, piece| {
                said.push(piece);
            });
            receipt.stderr = kept(said.bytes());
            receipt.failure = ended(end, receipt, "postqueue -i");
            if receipt.failure.is_none() {
                receipt.done += 1;
                continue;
            }
            "postqueue failed"
        };
        receipt.skipped.push(skip(target, why));
    }
}

/// Notes how a command ended; gives the sentence when that was not by itself with status 0.
fn ended(end: std::io::Result<End>, receipt: &mut Receipt, what: &str) -> Option<SafeText> {
    let said = receipt.stderr.as_str().trim();
    let said = if said.is_empty() {
        "it said nothing"
    } else {
        said
    };
    let sentence = match end {
        Ok(End::Exited(status)) => {
            receipt.exit = status.code();
            if status.success() {
                return None;
            }
            format!("outcome not known: {what} ended with {status}: {said}")
        }
        Ok(End::Stopped(after)) => format!(
            "outcome not known: {what} was stopped after {} s without an end: {said}",
            after.as_secs()
        ),
        Err(error) => format!("{what} could not be run, nothing was done: {error}"),
    };
    Some(SafeText::new(sentence))
}

fn skip(target: &Target, why: impl AsRef<[u8]>) -> (MessageKey, SafeText) {
    (target.key.clone(), SafeText::new(why))
}

/// What a command said, made safe; escapes may have made it longer than what was kept of it.
fn kept(said: &[u8]) -> SafeText {
    SafeText::new(said).cut(KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_verb_is_for_some_queues_and_says_why_not_for_the_others() {
        use QueueName::{Active, Deferred, Hold, Incoming, Maildrop};
        let fit = |verb| -> Vec<QueueName> {
            let queues = [Maildrop, Incoming, Active, Deferred, Hold];
            queues
                .into_iter()
                .filter(|queue| unfit(verb, *queue).is_none())
                .collect()
        };
        // As the manual has it for postsuper without queue names; -i is for deferred mail.
        assert_eq!(fit(Verb::Hold), [Incoming, Active, Deferred]);
        assert_eq!(fit(Verb::Release), [Hold]);
        assert_eq!(fit(Verb::Requeue), [Incoming, Active, Deferred, Hold]);
        assert_eq!(fit(Verb::Delete), [Incoming, Active, Deferred, Hold]);
        assert_eq!(fit(Verb::Flush), [Deferred]);
        assert_eq!(
            unfit(Verb::Hold, Maildrop),
            Some("in maildrop: can't be held")
        );
        assert_eq!(unfit(Verb::Hold, Hold), Some("already on hold"));
        assert_eq!(unfit(Verb::Release, Deferred), Some("is not on hold"));
    }
}
