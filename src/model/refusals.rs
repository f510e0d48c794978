//! Refusals: what smtpd(8), postscreen(8) and cleanup(8) rejected, by stage, code and reason, over the whole span that is known.

use crate::model::causes::Span;
use crate::model::table::{Distinct, Join, Table};
use mailtop_parsers::{EnhancedStatus, ReplyCode};

/// Refusals counted apart; part of a reason may be the client's own words.
pub const REFUSALS: usize = 5_000;
/// Clients of one refusal that are told apart.
const CLIENTS: usize = 1_000;

/// One kind of refusal.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Refusal {
    /// `reject`, `milter-reject`, ….
    pub action: Box<str>,
    /// The SMTP stage, or `header` or `body`.
    pub stage: Box<str>,
    /// The reply code.
    pub code: Option<ReplyCode>,
    /// The enhanced status code.
    pub dsn: Option<EnhancedStatus>,
    /// The folded reason.
    pub reason: Box<str>,
    /// How often.
    pub count: u64,
    /// The first and the last time.
    pub seen: Span,
    /// The clients' addresses.
    pub clients: Distinct<CLIENTS>,
}

/// By action, stage and folded reason.
pub type Refusals = Table<Refusal, REFUSALS>;

impl Join for Refusal {
    fn join(&mut self, newer: Self) {
        self.count += newer.count;
        self.seen.join(newer.seen);
        self.clients.join(newer.clients);
    }
}
