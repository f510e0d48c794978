//! Dovecot's logins and deliveries: how many, and how many failed.

use mailtop_parsers::Event;

/// Counts since mailtop began to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logins {
    /// Successful logins.
    pub logins: u64,
    /// Failed authentications: the attempts that the lines sum up, not the lines.
    pub failed: u64,
    /// Messages that LMTP or LDA saved.
    pub saved: u64,
    /// Messages that could not be saved.
    pub not_saved: u64,
}

impl Logins {
    /// Takes one event in.
    pub fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Login(_) => self.logins += 1,
            Event::LoginFailed { attempts, .. } => self.failed += u64::from(*attempts),
            Event::SaslFailed { .. } => self.failed += 1,
            Event::Saved { failure: None, .. } => self.saved += 1,
            Event::Saved {
                failure: Some(_), ..
            } => self.not_saved += 1,
            _ => {}
        }
    }
}
