//! One cell of the matrix: what exactly was answered, when, to whose mail, and since when it has been failing.

use super::answers::{Answers, Failed, Failure};
use super::matrix::{Axis, CodeColumn, CodeMatrix, Meant, Who, whose};
use super::onset::Onset;
use super::slots::ten_of;
use super::{Code, Outcome, Resolve};
use crate::model::causes::{Causes, Span};
use crate::model::minute::{MinuteRange, minute_of};
use crate::model::reasons::Reason;
use crate::model::table::{Distinct, Join, Map};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use std::sync::Arc;

/// Messages that are told apart in one cell.
const MESSAGES: usize = 100_000;

/// Steps of the longest curve: a quarter of a year.
const LONGEST: i64 = 13_000;

/// One wording of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// The folded reason; `None` for what is no longer told apart.
    pub cause: Option<Arc<str>>,
    /// What became of the attempts.
    pub outcome: Outcome,
    /// How many attempts.
    pub attempts: u64,
    /// The first and the last of them.
    pub seen: Span,
    /// The words as they were logged first, if they are still known.
    pub sample: Option<Arc<Reason>>,
}

/// What is known of one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// Attempts.
    pub attempts: u64,
    /// The first and the last of those that failed.
    pub seen: Span,
    /// Messages that the failed attempts were for, and whether there were more.
    pub messages: (u64, bool),
    /// In which words, most frequent first.
    pub wordings: Vec<Wording>,
    /// Whose mail, most attempts first; of failed attempts only.
    pub senders: Vec<(Arc<str>, u64)>,
    /// To which domains, most attempts first; `None`: those that were not told apart.
    pub domains: Vec<(Option<Arc<str>>, u64)>,
    /// Attempts over time: the beginning of each step in minutes since 1970, those of this cell, and all of the row.
    pub curve: Vec<(i64, u64, u64)>,
    /// Minutes of a step.
    pub step: i64,
    /// Since when it is as it is.
    pub onset: Option<Onset>,
}

impl Cell {
    /// The addresses of this host that the answers name, as far as the samples tell: in brackets, or behind a word such as `from`.
    pub fn own_addresses(&self) -> Vec<IpAddr> {
        let mut found = Vec::new();
        for reason in self.wordings.iter().filter_map(|one| one.sample.as_ref()) {
            let remote = |ip: &IpAddr| reason.verbatim.contains(&format!("[{ip}] said"));
            let mut before = "";
            for word in reason.words.as_str().split_whitespace() {
                let told = NAMING
                    .iter()
                    .any(|naming| before.eq_ignore_ascii_case(naming));
                before = word.trim_end_matches(':');
                let Some(ip) = address(word, told).filter(|ip| !remote(ip)) else {
                    continue;
                };
                if !found.contains(&ip) {
                    found.push(ip);
                }
            }
        }
        found
    }
}

/// Words that an address of the sending host stands behind.
const NAMING: [&str; 6] = ["from", "ip", "address", "client", "host", "sender"];

/// The address in a word: a bare one only where it was `told` that one comes. Yahoo ends its replies with a number that looks like one.
fn address(word: &str, told: bool) -> Option<IpAddr> {
    let bare = word.trim_matches(|c: char| !c.is_ascii_hexdigit() && c != ':');
    let bare = bare.trim_end_matches(':');
    let enclosed = word.starts_with(['[', '(']) || word.contains("=[");
    (told || enclosed).then(|| bare.parse().ok()).flatten()
}

/// The row and the column of a cell; `None`: all columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The row; `None`: all rows.
    pub who: Option<Who>,
    /// The column; `None`: every answer that is no success.
    pub column: Option<CodeColumn>,
}

impl At {
    /// Whether an answer with this code belongs to the column.
    pub fn holds(&self, code: Code, matrix: &CodeMatrix) -> bool {
        match self.column {
            Some(column) => matrix.column(code) == column,
            None => code.dsn.is_none_or(|dsn| dsn.class != 2),
        }
    }
}

impl Answers {
    /// What is known of a cell of that matrix in these minutes. The words come from what was `deferred` and `bounced`.
    pub fn cell(
        &self,
        minutes: MinuteRange,
        at: &At,
        matrix: &CodeMatrix,
        (deferred, bounced, meant): (&Causes, &Causes, &Meant<'_>),
        resolve: &impl Resolve,
    ) -> Cell {
        let axis = match &at.who {
            None | Some(Who::Provider(_)) => Axis::Provider,
            Some(Who::Domain(_)) => Axis::Domain,
            Some(Who::Sender(_)) => Axis::Sender,
        };
        let step = self.slots.step(minutes);
        let mut sum = Sum {
            cell: Cell {
                step,
                ..Cell::default()
            },
            messages: Distinct::default(),
            wordings: Map::default(),
            senders: Map::default(),
            domains: Map::default(),
        };
        let of_row = |who: Who| at.who.as_ref().is_none_or(|row| *row == who);
        for (begin, _, slot) in self.slots.between(minutes) {
            let begin = if step == 1 { begin } else { ten_of(begin) };
            for (row, count) in &slot.sent {
                let who = whose(axis, row.domain.as_ref(), row.provider, resolve);
                let code = Code {
                    reply: None,
                    dsn: row.dsn,
                };
                if axis != Axis::Sender && of_row(who) && meant.sent(row, resolve) {
                    let here = at.holds(code, matrix);
                    sum.attempt(begin, *count, here);
                    if here {
                        *sum.domains.entry(row.domain.clone()).or_default() += count;
                    }
                }
            }
            for (row, failure) in &slot.failed {
                let parts = meant.failed(row, failure, true, resolve);
                let mine = |sender: Option<&Arc<str>>| match &at.who {
                    Some(Who::Sender(wanted)) => sender == wanted.as_ref(),
                    _ => true,
                };
                let is_row = axis == Axis::Sender
                    || of_row(whose(axis, row.domain.as_ref(), row.provider, resolve));
                let own = parts.iter().filter(|(sender, _)| is_row && mine(*sender));
                let attempts: u64 = own.map(|(_, attempts)| attempts).sum();
                if attempts > 0 {
                    let here = at.holds(row.code, matrix);
                    sum.attempt(begin, attempts, here);
                    if here {
                        sum.failed(row, failure, attempts);
                        for (sender, attempts) in parts.iter().filter(|(sender, _)| mine(*sender)) {
                            sum.sender(*sender, *attempts);
                        }
                    }
                }
            }
        }
        sum.done(deferred, bounced)
    }
}

/// What became of attempts, and the folded reason.
type Worded = (Outcome, Option<Arc<str>>);

struct Sum {
    cell: Cell,
    messages: Distinct<MESSAGES>,
    wordings: Map<Worded, (u64, Span)>,
    senders: Map<Arc<str>, u64>,
    domains: Map<Option<Arc<str>>, u64>,
}

impl Sum {
    fn attempt(&mut self, begin: i64, count: u64, here: bool) {
        let own = if here { count } else { 0 };
        self.cell.attempts += own;
        match self.cell.curve.last_mut() {
            Some((at, cell, row)) if *at == begin => {
                *cell += own;
                *row += count;
            }
            _ => self.cell.curve.push((begin, own, count)),
        }
    }

    fn failed(&mut self, row: &Failed, failure: &Failure, attempts: u64) {
        self.cell.seen.join(failure.seen);
        self.messages.include(&failure.messages);
        let wording = self
            .wordings
            .entry((row.outcome, row.cause.clone()))
            .or_default();
        wording.0 += attempts;
        wording.1.join(failure.seen);
        *self.domains.entry(row.domain.clone()).or_default() += attempts;
    }

    fn sender(&mut self, sender: Option<&Arc<str>>, attempts: u64) {
        if let Some(sender) = sender {
            *self.senders.entry(Arc::clone(sender)).or_default() += attempts;
        }
    }

    fn done(mut self, deferred: &Causes, bounced: &Causes) -> Cell {
        self.cell.messages = (self.messages.count(), self.messages.is_full());
        self.cell.senders = most_first(self.senders);
        self.cell.domains = most_first(self.domains);
        let wordings = self.wordings.into_iter();
        self.cell.wordings = wordings
            .map(|((outcome, cause), (attempts, seen))| {
                let causes = match outcome {
                    Outcome::Deferred => deferred,
                    Outcome::Bounced => bounced,
                };
                let known = cause.as_deref().and_then(|cause| causes.get(cause));
                let sample = known.and_then(|cause| cause.sample.as_ref());
                Wording {
                    outcome,
                    attempts,
                    seen,
                    sample: sample.map(|(_, reason)| Arc::clone(reason)),
                    cause,
                }
            })
            .collect();
        self.cell
            .wordings
            .sort_by(|a, b| (b.attempts.cmp(&a.attempts)).then_with(|| a.cause.cmp(&b.cause)));
        self.cell
    }
}

fn most_first<K: Ord>(counts: Map<K, u64>) -> Vec<(K, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// The attempts of a cell over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// The first minute.
    pub first: i64,
    /// Minutes of a step.
    pub step: i64,
    /// Attempts in each step; `None` before anything was known.
    pub counts: Vec<Option<u64>>,
}

impl Curve {
    /// Of the cell of these minutes; `known` is when the first thing known happened.
    pub fn of(cell: &Cell, minutes: MinuteRange, known: Option<DateTime<Utc>>) -> Self {
        let step = cell.step.max(1);
        let first = if step == 1 {
            minutes.first
        } else {
            ten_of(minutes.first)
        };
        let known = known.map_or(i64::MAX, minute_of);
        let steps = (minutes.last - first).div_euclid(step).clamp(-1, LONGEST);
        let mut counts: Vec<Option<u64>> = (0..=steps)
            .map(|nth| first + nth * step)
            .map(|begin| (begin + step > known).then_some(0))
            .collect();
        for (begin, count, _) in &cell.curve {
            let place = usize::try_from((begin - first) / step).ok();
            if let Some(value) = place.and_then(|place| counts.get_mut(place)) {
                *value = Some(*count);
            }
        }
        Self {
            first,
            step,
            counts,
        }
    }

    /// The minutes of all steps.
    pub fn minutes(&self) -> MinuteRange {
        MinuteRange {
            first: self.first,
            last: self.first + self.step * self.counts.len() as i64 - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_numbers_that_look_like_one() {
        let found = |text: &str| {
            let wording = Wording {
                cause: None,
                outcome: Outcome::Deferred,
                attempts: 1,
                seen: Span::default(),
                sample: Some(Arc::new(Reason::new(text.into()))),
            };
            let cell = Cell {
                wordings: vec![wording],
                ..Cell::default()
            };
            let found = cell.own_addresses();
            found.iter().map(IpAddr::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            found(
                "host a.b[198.51.100.5] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred - 4.16.55.1; see x"
            ),
            ["192.0.2.25"]
        );
        assert_eq!(
            found("550 5.7.1 Client host [2001:db8::25] blocked"),
            ["2001:db8::25"]
        );
        assert_eq!(
            found("421-4.7.28 [192.0.2.26      15] Our system has detected"),
            ["192.0.2.26"]
        );
        assert_eq!(
            found("host a.b[198.51.100.5] said: 450 try 198.51.100.5 or [198.51.100.5] later"),
            [""; 0]
        );
    }
}
