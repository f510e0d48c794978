//! Warnings: what daemons complained of, equal texts folded to one, over the whole span that is known.

use crate::model::causes::Span;
use crate::model::table::{Join, Table};
use crate::safe_text::SafeText;
use mailtop_parsers::Severity;

/// Warnings counted apart.
pub const WARNINGS: usize = 2_000;

/// One kind of warning.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Warning {
    /// How grave the gravest was.
    pub severity: Option<Severity>,
    /// How often.
    pub count: u64,
    /// The first and the last time.
    pub seen: Span,
    /// What the log said the first time.
    pub sample: SafeText,
}

/// By daemon and folded text.
pub type Warnings = Table<Warning, WARNINGS>;

impl Join for Warning {
    fn join(&mut self, newer: Self) {
        self.severity = self.severity.max(newer.severity);
        if self.count == 0 {
            self.sample = newer.sample;
        }
        self.count += newer.count;
        self.seen.join(newer.seen);
    }
}
