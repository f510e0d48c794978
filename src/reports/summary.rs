//! A summary of a span of time: what `mailtop report` tells, as figures and rows in their order.
//!
//! Facts come in; out comes a [`Summary`], which is the JSON object of the contract when serialized and a text for people
//! ([`text`]). Rows are sorted by what they count, the largest first, then by name, so that the same log gives the same report. How
//! each figure is counted is in `docs/report.md`. Text of strangers is safe here; nothing is cut but by `top`.

mod queue;
pub mod rows;
#[cfg(test)]
mod tests;
pub mod text;

use crate::model::facts::Facts;
use crate::model::table::Table;
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use rows::{
    Client, Domain, Dovecot, Hour, Messages, Minute, Provider, Reason, Reject, Sender, User,
    Warning,
};
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The version of the JSON object: members are added without a new one.
const SCHEMA: u32 = 1;

/// A moment, as JSON has it: RFC 3339 with offset and microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub DateTime<FixedOffset>);

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, false))
    }
}

/// Rows in their order, of which `top` are written.
#[derive(Debug, Clone)]
pub struct Section<T> {
    rows: Vec<T>,
    top: Option<usize>,
}

impl<T> Section<T> {
    /// All rows.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    fn shown(&self) -> &[T] {
        let top = self.top.unwrap_or(self.rows.len());
        self.rows.get(..top).unwrap_or(&self.rows)
    }
}

impl<T: Serialize> Serialize for Section<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

/// What became of mail in a span of time.
#[derive(Debug, Clone, Serialize)]
#[expect(
    missing_docs,
    reason = "the names are the members of the JSON object, explained in docs/report.md"
)]
pub struct Summary {
    pub schema: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Stamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Stamp>,
    pub hosts: Vec<SafeText>,
    pub lines: u64,
    pub unparsed: u64,
    pub foreign: u64,
    pub other: u64,
    pub messages: Messages,
    pub hours: Vec<Hour>,
    pub providers: Vec<Provider>,
    pub domains: Section<Domain>,
    pub reasons: Section<Reason>,
    pub senders: Section<Sender>,
    pub accounts: Section<User>,
    pub clients: Section<Client>,
    pub rejects: Section<Reject>,
    pub queue: Vec<Minute>,
    pub dovecot: Dovecot,
    pub warnings: Section<Warning>,
    /// What was counted for rows that found no room in a full table, by section: attempts, messages, lines.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<&'static str, u64>,
    /// Rows beyond `top`, by section.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub not_shown: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// What the facts tell; at most `top` rows of each section when it is written as JSON.
    pub fn of(facts: &Facts, top: Option<usize>) -> Self {
        let told = facts.told();
        let zone = facts.zone();
        let stamp = |time: DateTime<Utc>| Stamp(time.with_timezone(&zone));
        let mut summary = Self {
            schema: SCHEMA,
            since: told.seen.first.map(stamp),
            until: told.seen.last.map(stamp),
            hosts: names(&told.hosts),
            lines: told.lines.read,
            unparsed: told.lines.unparsed,
            foreign: told.lines.foreign,
            other: told.lines.other,
            messages: Messages::of(&told.traffic),
            hours: told.traffic.hours().map(Hour::of).collect(),
            providers: Provider::all(facts),
            domains: section(Domain::all(facts), top, |row| {
                (row.attempts(), row.domain.clone())
            }),
            reasons: section(Reason::all(facts), top, |row| (row.count, row.text.clone())),
            senders: section(Sender::all(told.senders.rows()), top, |row| {
                (row.party.messages, row.address.clone())
            }),
            accounts: section(User::all(told.accounts.parties()), top, |row| {
                (row.party.messages, row.user.clone())
            }),
            clients: section(Client::all(told.clients.rows()), top, |row| {
                (row.party.messages, row.address.clone())
            }),
            rejects: section(Reject::all(told), top, |row| (row.count, row.name())),
            queue: queue::minutes(&told.history, told.seen.last, zone),
            dovecot: Dovecot::of(&told.dovecot, zone),
            warnings: section(Warning::all(&told.warnings, zone), top, |row| {
                (row.count, row.text.clone())
            }),
            left_out: left_out(facts),
            not_shown: BTreeMap::new(),
        };
        summary.not_shown = summary.beyond();
        summary
    }

    fn beyond(&self) -> BTreeMap<&'static str, usize> {
        let beyond = |name, all: usize, shown: usize| (all > shown).then(|| (name, all - shown));
        [
            beyond(
                "domains",
                self.domains.rows.len(),
                self.domains.shown().len(),
            ),
            beyond(
                "reasons",
                self.reasons.rows.len(),
                self.reasons.shown().len(),
            ),
            beyond(
                "senders",
                self.senders.rows.len(),
                self.senders.shown().len(),
            ),
            beyond(
                "accounts",
                self.accounts.rows.len(),
                self.accounts.shown().len(),
            ),
            beyond(
                "clients",
                self.clients.rows.len(),
                self.clients.shown().len(),
            ),
            beyond(
                "rejects",
                self.rejects.rows.len(),
                self.rejects.shown().len(),
            ),
            beyond(
                "warnings",
                self.warnings.rows.len(),
                self.warnings.shown().len(),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn section<T>(
    mut rows: Vec<T>,
    top: Option<usize>,
    order: impl Fn(&T) -> (u64, SafeText),
) -> Section<T> {
    rows.sort_by_cached_key(|row| {
        let (count, name) = order(row);
        (Reverse(count), name)
    });
    Section { rows, top }
}

/// Names by how many lines each has, most first.
fn names<const ROWS: usize>(table: &Table<u64, ROWS>) -> Vec<SafeText> {
    let mut names: Vec<_> = table
        .rows()
        .map(|(name, lines)| (Reverse(*lines), SafeText::from(&**name)))
        .collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

fn left_out(facts: &Facts) -> BTreeMap<&'static str, u64> {
    let told = facts.told();
    let domains = told.destinations.left_out();
    let counts = [
        ("hosts", *told.hosts.left_out()),
        ("domains", domains.sent + domains.deferred + domains.bounced),
        (
            "reasons",
            told.deferrals.left_out().count + told.bounces.left_out().count,
        ),
        ("senders", told.senders.left_out().messages),
        ("accounts", told.accounts.left_out().party.messages),
        ("clients", told.clients.left_out().messages),
        ("rejects", told.refusals.left_out().count),
        ("warnings", told.warnings.left_out().count),
        (
            "limits",
            told.dovecot.complaints.limits.left_out().repeated.count,
        ),
        ("messages_in_flight", facts.ledger().left_out()),
    ];
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}
