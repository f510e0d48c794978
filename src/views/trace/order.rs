//! The orders of the messages that were traced.

use crate::app::sorting::{Order, Sorting};
use crate::model::trace::Message;
use crate::widgets::Sort;
use chrono::TimeDelta;
use std::cmp::Ordering;

/// What the messages are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Last,
    From,
    To,
    Tries,
    Delay,
    Status,
}

pub(super) const ORDERS: &[Order<By>] = &[
    (By::Last, "last event", Sort::Down),
    (By::From, "from", Sort::Up),
    (By::To, "to", Sort::Up),
    (By::Tries, "tries", Sort::Down),
    (By::Delay, "delay", Sort::Down),
    (By::Status, "status", Sort::Up),
];

/// Of equal messages the one with the newest line comes first.
pub(super) fn compare(order: Sorting<By>, a: &Message, b: &Message) -> Ordering {
    let tries = |one: &Message| one.recipients.iter().map(|to| to.attempts).max();
    let by = match order.by() {
        By::Last => b.last.cmp(&a.last),
        By::From => a.from.cmp(&b.from),
        By::To => to(a).cmp(&to(b)),
        By::Tries => tries(b).cmp(&tries(a)),
        By::Delay => took(b).cmp(&took(a)),
        By::Status => (a.fate().as_str(), a.dsn()).cmp(&(b.fate().as_str(), b.dsn())),
    };
    let by = order.run(by);
    by.then_with(|| b.last.cmp(&a.last))
}

/// The first recipient.
fn to(message: &Message) -> Option<&[u8]> {
    let first = message.recipients.first().map(|one| &*one.to);
    first.or(message.refused.first().map(|to| &**to))
}

/// From the first line to the last, or so far; nothing for what never had a queue id.
pub(super) fn took(message: &Message) -> Option<TimeDelta> {
    let ends = message.first.zip(message.ended.or(message.last));
    let ends = ends.filter(|_| message.queue_id.is_some());
    ends.map(|(first, last)| last - first)
}
