//! The matrix: who answered what, how often. Rows are providers, recipient domains or senders; columns are enhanced status codes.
//!
//! A span of minutes and an axis go in; out come the rows with most attempts first, and as columns the codes that occur most: success first, then
//! temporary, then permanent, and one for all others. Details of three digits, which some providers number through, share a column by hundreds: `4.7.5×`
//! (`4.7.500` to `4.7.599`). Attempts are counted, not messages.

use super::answers::{Answers, Failed, Failure, Sent, Slot};
use super::{Code, Outcome, Resolve};
use crate::knowledge::Provider;
use crate::model::minute::MinuteRange;
use crate::model::table::Map;
use mailtop_parsers::EnhancedStatus;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Axis {
    /// Who runs the mailboxes.
    #[default]
    Provider,
    /// Recipient domains.
    Domain,
    /// Envelope senders. Only what failed is known by sender.
    Sender,
}

impl Axis {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Provider, Self::Domain, Self::Sender];
}

/// One row's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// A provider.
    Provider(Provider),
    /// A recipient domain; `None`: those that were too many to be told apart.
    Domain(Option<Arc<str>>),
    /// A sender; `None`: not known.
    Sender(Option<Arc<str>>),
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeColumn {
    /// One enhanced status code.
    One(EnhancedStatus),
    /// The details of one hundred.
    Hundred {
        /// 2, 4 or 5.
        class: u8,
        /// The subject.
        subject: u16,
        /// The detail's first digit.
        hundred: u16,
    },
    /// All codes without a column of their own, and attempts without a code.
    Other,
}

impl CodeColumn {
    /// Where a code belongs when every code has a column.
    pub fn of(code: Code) -> Self {
        match code.dsn {
            Some(EnhancedStatus {
                class,
                subject,
                detail: detail @ 100..,
            }) => Self::Hundred {
                class,
                subject,
                hundred: detail / 100,
            },
            Some(dsn) => Self::One(dsn),
            None => Self::Other,
        }
    }

    /// `4.7.0`, `4.7.5×`, `other`.
    pub fn title(self) -> String {
        match self {
            Self::One(dsn) => dsn.to_string(),
            Self::Hundred {
                class,
                subject,
                hundred,
            } => format!("{class}.{subject}.{hundred}×"),
            Self::Other => String::from("other"),
        }
    }

    /// The pattern that a filter finds it by: `4.7.0`, `4.7.5??`; `None` for the others.
    pub fn pattern(self) -> Option<String> {
        match self {
            Self::One(dsn) => Some(dsn.to_string()),
            Self::Hundred {
                class,
                subject,
                hundred,
            } => Some(format!("{class}.{subject}.{hundred}??")),
            Self::Other => None,
        }
    }

    /// 2, 4 or 5; `None` for the others.
    pub fn class(self) -> Option<u8> {
        match self {
            Self::One(EnhancedStatus { class, .. }) | Self::Hundred { class, .. } => Some(class),
            Self::Other => None,
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// Whose.
    pub who: Who,
    /// All attempts.
    pub attempts: u64,
    /// Of them, those that were delivered, are tried again, and bounced.
    pub outcomes: super::Outcomes,
    /// Attempts by column.
    pub cells: Vec<u64>,
}

impl MatrixRow {
    fn new(who: Who, columns: usize) -> Self {
        Self {
            who,
            attempts: 0,
            outcomes: super::Outcomes::default(),
            cells: vec![0; columns],
        }
    }

    fn add(&mut self, column: usize, counted: Counted) {
        self.attempts += counted.attempts();
        self.outcomes.sent += counted.sent;
        self.outcomes.deferred += counted.deferred;
        self.outcomes.bounced += counted.bounced;
        if let Some(cell) = self.cells.get_mut(column) {
            *cell += counted.attempts();
        }
    }
}

type Counted = super::Outcomes;

/// Who answered what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeMatrix {
    /// The columns, [`CodeColumn::Other`] last where anything is in it.
    pub columns: Vec<CodeColumn>,
    /// Most attempts first.
    pub rows: Vec<MatrixRow>,
    /// All rows together.
    pub total: Option<MatrixRow>,
    /// Minutes that are counted: those of the range of which anything can be known.
    pub minutes: i64,
}

impl CodeMatrix {
    /// The column that a code is in.
    pub fn column(&self, code: Code) -> CodeColumn {
        let own = CodeColumn::of(code);
        if self.columns.contains(&own) {
            own
        } else {
            CodeColumn::Other
        }
    }
}

/// What a filter can ask of some attempts.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The recipient domain, where it is told apart.
    pub domain: Option<&'a str>,
    /// Who runs the mailboxes.
    pub provider: Provider,
    /// The sender, where it is known and asked for; of failed attempts only.
    pub sender: Option<&'a str>,
    /// The codes.
    pub code: Code,
    /// The folded reason of failed attempts, where it is told apart.
    pub cause: Option<&'a str>,
    /// What became of them; `None`: delivered.
    pub outcome: Option<Outcome>,
}

/// Which attempts are meant.
pub struct Meant<'a> {
    /// Whether these are.
    pub holds: &'a dyn Fn(&Answered<'_>) -> bool,
    /// Whether that depends on the sender.
    pub by_sender: bool,
}

impl Meant<'_> {
    /// All attempts.
    pub const ALL: Self = Self {
        holds: &|_| true,
        by_sender: false,
    };

    pub(super) fn sent(&self, row: &Sent, resolve: &impl Resolve) -> bool {
        let domain = row.domain.as_deref();
        (self.holds)(&Answered {
            domain,
            provider: provider_of(domain, row.provider, resolve),
            sender: None,
            code: Code {
                reply: None,
                dsn: row.dsn,
            },
            cause: None,
            outcome: None,
        })
    }

    /// The attempts of a row that are meant, by sender; `None`: the senders that are not known, or all of them where that was not asked.
    pub(super) fn failed<'f>(
        &self,
        row: &Failed,
        failure: &'f Failure,
        split: bool,
        resolve: &impl Resolve,
    ) -> Vec<(Option<&'f Arc<str>>, u64)> {
        let domain = row.domain.as_deref();
        let answered = Answered {
            domain,
            provider: provider_of(domain, row.provider, resolve),
            sender: None,
            code: row.code,
            cause: row.cause.as_deref(),
            outcome: Some(row.outcome),
        };
        let holds = |sender: Option<&str>| (self.holds)(&Answered { sender, ..answered });
        if !split && !self.by_sender {
            return if holds(None) {
                vec![(None, failure.attempts)]
            } else {
                Vec::new()
            };
        }
        let mut rest = failure.attempts;
        let mut parts = Vec::with_capacity(failure.senders.len() + 1);
        for (sender, attempts) in failure.senders.rows() {
            rest = rest.saturating_sub(*attempts);
            if holds(Some(sender)) {
                parts.push((Some(sender), *attempts));
            }
        }
        if rest > 0 && holds(None) {
            parts.push((None, rest));
        }
        parts
    }
}

fn provider_of(domain: Option<&str>, told: Option<Provider>, resolve: &impl Resolve) -> Provider {
    let told = told.or_else(|| domain.map(|domain| resolve.provider_of(domain)));
    told.unwrap_or(Provider::OTHER)
}

/// Every row that one slot's facts belong to.
pub(super) fn whose(
    axis: Axis,
    domain: Option<&Arc<str>>,
    provider: Option<Provider>,
    resolve: &impl Resolve,
) -> Who {
    match (axis, domain) {
        (Axis::Provider, domain) => {
            Who::Provider(provider_of(domain.map(AsRef::as_ref), provider, resolve))
        }
        (Axis::Domain, domain) => Who::Domain(domain.cloned()),
        (Axis::Sender, _) => Who::Sender(None),
    }
}

impl Answers {
    /// Who answered what in these minutes to the attempts that are `meant`, at most `most` codes apart. `known`: the first minute of which anything is
    /// known.
    pub fn matrix(
        &self,
        minutes: MinuteRange,
        axis: Axis,
        most: usize,
        (known, meant): (Option<i64>, &Meant<'_>),
        resolve: &impl Resolve,
    ) -> CodeMatrix {
        let mut sums: Map<(Who, CodeColumn), Counted> = Map::default();
        for (_, _, slot) in self.slots.between(minutes) {
            sum_up(slot, axis, meant, resolve, &mut sums);
        }
        let columns = columns(&sums, most);
        let mut matrix = CodeMatrix {
            columns,
            rows: Vec::new(),
            total: None,
            minutes: minutes.last - known.unwrap_or(minutes.first).max(minutes.first) + 1,
        };
        matrix.minutes = matrix.minutes.max(1);
        let mut rows: BTreeMap<Who, MatrixRow> = BTreeMap::new();
        let many = matrix.columns.len();
        let mut total = MatrixRow::new(Who::Provider(Provider::OTHER), many);
        for ((who, code), counted) in sums {
            let column = matrix.columns.iter().position(|column| *column == code);
            let column = column.unwrap_or(many.saturating_sub(1));
            total.add(column, counted);
            rows.entry(who.clone())
                .or_insert_with(|| MatrixRow::new(who, many))
                .add(column, counted);
        }
        matrix.rows = rows.into_values().collect();
        matrix.rows.sort_by_key(|row| {
            let rest = matches!(
                &row.who,
                Who::Domain(None) | Who::Sender(None) | Who::Provider(Provider::OTHER)
            );
            (rest, std::cmp::Reverse(row.attempts))
        });
        matrix.total = (!matrix.rows.is_empty()).then_some(total);
        matrix
    }
}

fn sum_up(
    slot: &Slot,
    axis: Axis,
    meant: &Meant<'_>,
    resolve: &impl Resolve,
    sums: &mut Map<(Who, CodeColumn), Counted>,
) {
    if axis != Axis::Sender {
        for (row, count) in &slot.sent {
            if meant.sent(row, resolve) {
                let who = whose(axis, row.domain.as_ref(), row.provider, resolve);
                let code = CodeColumn::of(Code {
                    reply: None,
                    dsn: row.dsn,
                });
                sums.entry((who, code)).or_default().sent += count;
            }
        }
    }
    for (row, failure) in &slot.failed {
        let code = CodeColumn::of(row.code);
        for (sender, attempts) in meant.failed(row, failure, axis == Axis::Sender, resolve) {
            let who = match axis {
                Axis::Sender => Who::Sender(sender.cloned()),
                Axis::Provider | Axis::Domain => {
                    whose(axis, row.domain.as_ref(), row.provider, resolve)
                }
            };
            let counted = sums.entry((who, code)).or_default();
            match row.outcome {
                Outcome::Deferred => counted.deferred += attempts,
                Outcome::Bounced => counted.bounced += attempts,
            }
        }
    }
}

/// The codes that occur most, in order, and the column for all others where it is needed.
fn columns(sums: &Map<(Who, CodeColumn), Counted>, most: usize) -> Vec<CodeColumn> {
    let mut by_code: BTreeMap<CodeColumn, u64> = BTreeMap::new();
    for ((_, code), counted) in sums {
        *by_code.entry(*code).or_default() += counted.attempts();
    }
    let mut other = by_code.remove(&CodeColumn::Other).is_some();
    let mut codes: Vec<(CodeColumn, u64)> = by_code.into_iter().collect();
    if codes.len() > most {
        codes.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        codes.truncate(most);
        other = true;
    }
    let key = |code: &CodeColumn| match *code {
        CodeColumn::One(dsn) => (dsn.class, dsn.subject, dsn.detail),
        CodeColumn::Hundred {
            class,
            subject,
            hundred,
        } => (class, subject, hundred * 100),
        CodeColumn::Other => (u8::MAX, 0, 0),
    };
    let mut columns: Vec<CodeColumn> = codes.into_iter().map(|(code, _)| code).collect();
    columns.sort_by_key(key);
    if other {
        columns.push(CodeColumn::Other);
    }
    columns
}
