//! Thresholds: from where on something is an alarm or is marked, in words, and who says so.
//!
//! In: the model at a moment, and how the queue grows. Out: a row for each rule, made by the module that applies it from the number that it
//! applies, and one for each limit of Postfix and Dovecot that is known here.

use super::Model;
use super::growth::Growth;
use super::{accounts::judge, alarms, auth_failures, headroom};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};

/// Who says so, where it is a rule of this program.
pub const OWN: &str = "mailtop";

/// From where on something is remarkable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// What is watched.
    pub what: SafeText,
    /// From where on.
    pub from: SafeText,
    /// Who says so: this program, or a setting by its name.
    pub source: SafeText,
}

impl Threshold {
    /// A rule of this program.
    pub(super) fn own(what: &str, from: String) -> Self {
        Self {
            what: SafeText::from(what),
            from: SafeText::from(from),
            source: SafeText::from(OWN),
        }
    }
}

/// All of them at a moment: of the queue, the host, what Postfix and Dovecot limit, the accounts.
pub fn thresholds(model: &Model, growth: &Growth, until: DateTime<Utc>) -> Vec<Threshold> {
    let mut all = growth.thresholds().to_vec();
    all.extend(alarms::thresholds(model));
    all.extend(headroom::thresholds(model, until));
    all.extend(judge::thresholds());
    all.push(auth_failures::threshold());
    all
}
