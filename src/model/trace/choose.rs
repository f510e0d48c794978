//! Which messages answer a question, in which order, and what else must be searched for.
//!
//! In go all messages that the lines tell of, and their ties; out come those that the question names with everything that is tied to
//! them, the newest [`MESSAGES`] of them.

use super::message::{Message, Related};
use super::relations::{TWINS, Tie, Ties, known};
use super::{LogLine, MESSAGES, Question, Traced};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Chooses.
pub(super) fn choose(
    question: &Question,
    messages: Vec<Message>,
    lines: &[LogLine],
    ties: &Ties,
) -> Traced {
    let answers = |at: &usize| {
        let message = messages.get(*at);
        message.is_some_and(|message| answers(question, message, lines))
    };
    let mut asked: Vec<usize> = (0..messages.len()).filter(answers).collect();
    asked.sort_by_key(|at| messages.get(*at).map(|one| one.last));
    let left_out = asked.len().saturating_sub(MESSAGES);
    asked.drain(..left_out);

    let mut by_message: HashMap<usize, Vec<&Tie>> = HashMap::new();
    for tie in &ties.ties {
        by_message.entry(tie.from).or_default().push(tie);
        by_message.entry(tie.to).or_default().push(tie);
    }
    let mut chosen: HashSet<usize> = asked.iter().copied().collect();
    while let Some(at) = asked.pop() {
        for tie in by_message.get(&at).into_iter().flatten() {
            let other = if tie.from == at { tie.to } else { tie.from };
            if chosen.insert(other) {
                asked.push(other);
            }
        }
    }
    let wanted = wanted(&messages, ties, &chosen);
    let order = order(&messages, &by_message, &chosen);
    let place: HashMap<usize, usize> = order.iter().enumerate().map(|(to, at)| (*at, to)).collect();
    let mut all: Vec<Option<Message>> = messages.into_iter().map(Some).collect();
    let take = |at: &usize| {
        let mut message = all.get_mut(*at)?.take()?;
        for tie in by_message.get(at).into_iter().flatten() {
            let came_of = tie.to == *at;
            let other = if came_of { tie.from } else { tie.to };
            message.related.push(Related {
                kind: tie.kind.clone(),
                came_of,
                message: *place.get(&other)?,
            });
        }
        Some(message)
    };
    Traced {
        messages: order.iter().filter_map(take).collect(),
        wanted,
        left_out,
    }
}

fn answers(question: &Question, message: &Message, lines: &[LogLine]) -> bool {
    match question {
        Question::Text(text) => {
            let mut own = message.events.iter().filter_map(|at| lines.get(*at));
            own.any(|line| holds(&line.text, text.as_bytes()))
        }
        Question::QueueId(id) => message.queue_id.as_deref() == Some(id),
        Question::Name(name) => {
            let name = name.as_bytes();
            // Postfix compares mailboxes without regard to case (local(8), virtual(8)), and so do people.
            let same = |address: &[u8]| address.eq_ignore_ascii_case(name);
            message.message_id.as_deref() == Some(name)
                || message.from.as_deref().is_some_and(same)
                || message.refused.iter().any(|to| same(to))
                || message
                    .recipients
                    .iter()
                    .any(|one| same(&one.to) || one.orig_to.as_deref().is_some_and(same))
        }
    }
}

/// Whether a line holds a text, with its letters in either case.
fn holds(line: &[u8], text: &[u8]) -> bool {
    line.windows(text.len().max(1))
        .any(|part| part.eq_ignore_ascii_case(text))
}

/// What else must be searched for: the chosen messages' own names, what their lines name, and what has a Message-ID of theirs.
fn wanted(messages: &[Message], ties: &Ties, chosen: &HashSet<usize>) -> BTreeSet<Box<[u8]>> {
    let mut wanted = BTreeSet::new();
    let ids: HashSet<&[u8]> = chosen
        .iter()
        .filter_map(|at| known(messages.get(*at)?))
        .collect();
    let mut twins: HashMap<&[u8], usize> = HashMap::new();
    for (at, message) in messages.iter().enumerate() {
        let own = chosen.contains(&at);
        let twin = known(message).filter(|id| ids.contains(id));
        if let (false, Some(id)) = (own, twin) {
            // Among more of them no tie is looked for.
            let seen = twins.entry(id).or_default();
            *seen += 1;
            if *seen > TWINS {
                continue;
            }
        }
        if (own || twin.is_some())
            && let Some(id) = &message.queue_id
        {
            wanted.insert(id.as_bytes().into());
        }
        if own {
            let named = ties.named.get(at).into_iter().flatten();
            wanted.extend(named.map(|id| id.as_bytes().into()));
            wanted.extend(known(message).map(mention));
        }
    }
    wanted
}

/// How a Message-ID stands in the lines of cleanup(8) and Dovecot. The sender chose it: without what stands around it, it might be a
/// text that every line holds. One that was sent without angle brackets is not found in this way.
pub(super) fn mention(message_id: &[u8]) -> Box<[u8]> {
    let bracketed = message_id.starts_with(b"<");
    let (before, after): (&[u8], &[u8]) = if bracketed {
        (b"id=", b"")
    } else {
        (b"id=<", b">")
    };
    [before, message_id, after].concat().into()
}

/// The oldest first, each one followed by those that came of it.
fn order(
    messages: &[Message],
    by_message: &HashMap<usize, Vec<&Tie>>,
    chosen: &HashSet<usize>,
) -> Vec<usize> {
    let mut by_age: Vec<usize> = chosen.iter().copied().collect();
    let age = |at: &usize| (messages.get(*at).map(|one| one.first), *at);
    by_age.sort_by_key(age);
    let mut order = Vec::new();
    let mut done = HashSet::new();
    let came_of = |at: &usize| {
        let ties = by_message.get(at).into_iter().flatten();
        ties.into_iter().any(|tie| tie.to == *at)
    };
    // Should messages have come of each other in a circle, the oldest begins.
    let (roots, rest): (Vec<usize>, Vec<usize>) = by_age.iter().partition(|at| !came_of(at));
    for root in roots.into_iter().chain(rest) {
        let mut stack = vec![root];
        while let Some(at) = stack.pop() {
            if !done.insert(at) {
                continue;
            }
            order.push(at);
            let mut children: Vec<usize> = by_message
                .get(&at)
                .into_iter()
                .flatten()
                .filter(|tie| tie.from == at)
                .map(|tie| tie.to)
                .collect();
            children.sort_by_key(age);
            stack.extend(children.into_iter().rev());
        }
    }
    order
}
