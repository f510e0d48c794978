//! A listing as a table: one line for each message, or for each group with the age buckets of qshape(1).
//!
//! In come a [`Listing`] and the [`Paper`], out comes the text. Where the paper is narrow the age buckets stay and other columns go.

use super::{By, Listing, sender};
use crate::model::groups::Group;
use crate::model::reasons::Reason;
use crate::numbers;
use crate::reports::grid::{Grid, Paper};
use crate::safe_text::SafeText;
use mailtop_parsers::QueueEntry;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// From here on a group's recipients, bytes and buckets have room beside each other.
const WIDE: usize = 110;
/// The titles of qshape's buckets.
const AGES: [&str; 10] = [
    ">5", ">10", ">20", ">40", ">80", ">160", ">320", ">640", ">1280", ">1280+",
];

/// One line for each message, in the order listed.
pub fn messages(listing: &Listing, paper: Paper) -> String {
    if listing.entries().is_empty() {
        return String::from("The queue is empty.\n");
    }
    let mut grid = Grid::new(&[
        "queue",
        "queue id",
        ">age",
        ">size",
        "sender",
        "recipients",
        "reason",
    ]);
    for entry in listing.entries() {
        let reason = entry.recipients.iter().find_map(|to| to.reason());
        let reason = reason.map(|text| Reason::new(Arc::from(text)).line());
        grid.row([
            SafeText::from(queue(entry)),
            SafeText::from(&*entry.queue_id),
            age(listing, entry.arrival_time),
            SafeText::from(numbers::bytes_short(
                entry.message_size.max(0).unsigned_abs(),
            )),
            null_or(sender(entry)),
            recipients(entry),
            reason.unwrap_or_default(),
        ]);
    }
    format!("{}\n{}", grid.lines(paper), total(listing))
}

/// One line for each group.
pub fn groups(listing: &Listing, by: By, paper: Paper) -> String {
    let groups = listing.groups(by);
    if groups.is_empty() {
        return String::from("The queue is empty.\n");
    }
    let buckets = !matches!(by, By::Age | By::Reason);
    let all = paper.width >= WIDE || !buckets;
    let mut titles = vec![">messages"];
    if all {
        titles.extend([">recipients", ">bytes"]);
    }
    titles.push(">oldest");
    if buckets {
        titles.extend(AGES);
    }
    titles.push(by.name());
    let mut grid = Grid::new(&titles);
    for group in groups.iter().take(paper.top) {
        grid.row(row(listing, group, all, buckets));
    }
    let mut text = grid.lines(paper);
    if let Some(more @ 1..) = groups.len().checked_sub(paper.top) {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  and {} more", numbers::count(more as u64));
    }
    format!("{text}\n{}", total(listing))
}

fn row(listing: &Listing, group: &Group, all: bool, buckets: bool) -> Vec<SafeText> {
    let number = |count: u64| SafeText::from(numbers::count(count));
    let mut row = vec![number(group.messages)];
    if all {
        row.push(number(group.recipients));
        row.push(SafeText::from(numbers::bytes_short(group.bytes)));
    }
    row.push(age(listing, group.oldest));
    if buckets {
        row.extend(group.ages.iter().map(|count| match count {
            0 => SafeText::from("."),
            count => number(*count),
        }));
    }
    row.push(null_or(&group.key));
    row
}

fn total(listing: &Listing) -> String {
    let entries = listing.entries();
    let bytes = entries.iter().fold(0u64, |sum, entry| {
        sum.saturating_add(entry.message_size.max(0).unsigned_abs())
    });
    let recipients: usize = entries.iter().map(|entry| entry.recipients.len()).sum();
    format!(
        "{}, {}, {}\n",
        numbers::many(entries.len(), "message"),
        numbers::many(recipients, "recipient"),
        numbers::bytes(bytes)
    )
}

fn queue(entry: &QueueEntry) -> &'static str {
    use mailtop_parsers::QueueName;
    match entry.queue_name {
        QueueName::Maildrop => "maildrop",
        QueueName::Incoming => "incoming",
        QueueName::Active => "active",
        QueueName::Deferred => "deferred",
        QueueName::Hold => "hold",
    }
}

fn age(listing: &Listing, arrival: i64) -> SafeText {
    let seconds = listing.at.timestamp().saturating_sub(arrival).max(0);
    SafeText::from(numbers::age(Duration::from_secs(seconds.unsigned_abs())))
}

fn null_or(name: &str) -> SafeText {
    SafeText::from(if name.is_empty() { "<>" } else { name })
}

fn recipients(entry: &QueueEntry) -> SafeText {
    let more = entry.recipients.len().saturating_sub(1);
    match (entry.recipients.first(), more) {
        (None, _) => SafeText::default(),
        (Some(to), 0) => SafeText::from(&*to.address),
        (Some(to), more) => SafeText::from(format!("{} +{more}", to.address)),
    }
}
