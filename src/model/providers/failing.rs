//! Since when a destination has been failing: the first failure after its last success, for each code.
//!
//! Attempts go in, in the order of the log; what comes out is the state after the last one. A destination that still delivers some of its mail is not
//! failing in this sense; since when it has been worse than before is what its curve tells ([`super::onset`]).

use super::Code;
use crate::model::table::Join;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Codes told apart.
const CODES: usize = 64;

/// The state of one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failing {
    /// When something was delivered last.
    pub delivered: Option<DateTime<Utc>>,
    /// The first failure after that, by code.
    pub began: BTreeMap<Code, DateTime<Utc>>,
}

impl Failing {
    /// A recipient was delivered.
    pub fn sent(&mut self, at: DateTime<Utc>) {
        self.delivered = Some(at);
        if !self.began.is_empty() {
            self.began.clear();
        }
    }

    /// An attempt failed.
    pub fn failed(&mut self, code: Code, at: DateTime<Utc>) {
        if self.began.len() < CODES {
            self.began.entry(code).or_insert(at);
        }
    }

    /// The first failure of the codes that are meant since the last success.
    pub fn since(&self, meant: impl Fn(Code) -> bool) -> Option<DateTime<Utc>> {
        let began = self.began.iter().filter(|(code, _)| meant(**code));
        began.map(|(_, at)| *at).min()
    }
}

impl Join for Failing {
    fn join(&mut self, newer: Self) {
        if newer.delivered.is_some() {
            *self = newer;
            return;
        }
        for (code, at) in newer.began {
            self.failed(code, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    const NONE: Code = Code {
        reply: None,
        dsn: None,
    };

    #[test]
    fn pieces_join_to_the_first_failure_after_the_last_success() {
        // Attempts by second: 0 is sent, 1 failed.
        for bits in 0_u32..256 {
            let fold = |from: i64, to: i64| {
                let mut failing = Failing::default();
                for second in from..to {
                    if bits >> second & 1 == 0 {
                        failing.sent(at(second));
                    } else {
                        failing.failed(NONE, at(second));
                    }
                }
                failing
            };
            let whole = fold(0, 8);
            for one in 0..8 {
                for two in one..8 {
                    let mut early = fold(0, one);
                    early.join(fold(one, two));
                    early.join(fold(two, 8));
                    let mut late = fold(one, two);
                    late.join(fold(two, 8));
                    let mut all = fold(0, one);
                    all.join(late);
                    assert_eq!((&early, &all), (&whole, &whole), "{bits:b} {one} {two}");
                }
            }
        }
    }

    #[test]
    fn a_success_ends_it() {
        let mut failing = Failing::default();
        failing.failed(NONE, at(1));
        failing.sent(at(2));
        assert_eq!(failing.since(|_| true), None);
        failing.failed(NONE, at(7));
        failing.failed(NONE, at(9));
        assert_eq!(failing.since(|_| true), Some(at(7)));
        assert_eq!(failing.delivered, Some(at(2)));
    }
}
