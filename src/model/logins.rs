//! Dovecot's logins and deliveries: how many, and how many failed.

use crate::model::table::{Join, Table};
use crate::model::warnings::Warning;
use mailtop_parsers::Event;

/// Limits told apart.
const LIMITS: usize = 100;

/// Counts over the whole span that is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Logins {
    /// Successful logins.
    pub logins: u64,
    /// Failed authentications: the attempts that the lines sum up, not the lines.
    pub failed: u64,
    /// Messages that LMTP or LDA saved.
    pub saved: u64,
    /// Messages that could not be saved.
    pub not_saved: u64,
    /// What Dovecot said about a limit that was reached, by folded text.
    pub limits: Table<Warning, LIMITS>,
}

impl Join for Logins {
    fn join(&mut self, newer: Self) {
        self.logins += newer.logins;
        self.failed += newer.failed;
        self.saved += newer.saved;
        self.not_saved += newer.not_saved;
        self.limits.join(newer.limits);
    }
}

impl Logins {
    /// Takes one event in that happened `times` times.
    pub fn on(&mut self, event: &Event<'_>, times: u64) {
        match event {
            Event::Login(_) => self.logins += times,
            Event::LoginFailed { attempts, .. } => self.failed += times * u64::from(*attempts),
            Event::SaslFailed { .. } => self.failed += times,
            Event::Saved { failure: None, .. } => self.saved += times,
            Event::Saved {
                failure: Some(_), ..
            } => self.not_saved += times,
            _ => {}
        }
    }
}
