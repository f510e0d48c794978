//! Onset: since when a destination has been answering like this.
//!
//! In goes the curve of a cell and the state of its destination; out comes the moment. While nothing has been delivered since, that is known to the second:
//! the first failure after the last success. Otherwise it is the step of the curve from which on this answer has been at least every second one; when it
//! never was, there is no onset. One failure right after a success is none either: it has to last, or to be more than a few.

use super::failing::Failing;
use super::slots::ten_of;
use crate::model::minute::{begin, minute_of};
use chrono::{DateTime, TimeDelta, Utc};

/// Attempts with the same answer from which on there is an onset, if they go on for [`SOON`].
const FEW: u64 = 3;
const SOON: TimeDelta = TimeDelta::seconds(30);
/// Or so long without a success.
const LONG: TimeDelta = TimeDelta::minutes(10);

/// Since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onset {
    /// Nothing was delivered since.
    Since {
        /// The first failure after the last success.
        began: DateTime<Utc>,
        /// The last success before; `None` when none is known.
        delivered: Option<DateTime<Utc>>,
    },
    /// Since then at least every second attempt has been answered like this.
    Mostly {
        /// The beginning of the step; `None` when it has been so for the whole range.
        began: Option<DateTime<Utc>>,
        /// Attempts since then with another answer.
        others: u64,
    },
}

impl Onset {
    /// `curve`: the beginning of each step in minutes, the attempts with this answer, and all of the row. `failing`: the state after the whole log, and
    /// the first failure of these codes in it; left out of account when it is from after `until`. With the first minute of the
    /// range and its end.
    pub fn of(
        curve: &[(i64, u64, u64)],
        failing: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
        (first_minute, until): (i64, DateTime<Utc>),
    ) -> Option<Self> {
        let last = curve.iter().rposition(|(_, own, _)| *own > 0)?;
        let since = |began: DateTime<Utc>| {
            let steps = curve
                .iter()
                .filter(|(at, ..)| *at >= ten_of(minute_of(began)));
            steps.map(|(_, own, _)| own).sum::<u64>()
        };
        let lasts = |(began, _): &(DateTime<Utc>, Option<DateTime<Utc>>)| {
            *began <= until
                && (since(*began) >= FEW && until - *began >= SOON || until - *began >= LONG)
        };
        if let Some((began, delivered)) = failing.filter(lasts) {
            return Some(Self::Since { began, delivered });
        }
        let (mut first, mut count, mut others) = (None, 0, 0);
        for (at, own, all) in curve.iter().take(last + 1).rev() {
            if own * 2 < *all {
                break;
            }
            if *own > 0 {
                first = Some(*at);
            }
            count += own;
            others += all - own;
        }
        // What came after the last such answer counts too: it may be over.
        let after: u64 = curve.iter().skip(last + 1).map(|(.., all)| all).sum();
        let at = first.filter(|_| count >= FEW)?;
        Some(Self::Mostly {
            began: begin(at).filter(|_| at > first_minute),
            others: others + after,
        })
    }
}

/// The states of destinations that count as one: the first failure of the codes that are meant after the last success of any, and that success.
pub(super) fn together<'a>(
    states: impl Iterator<Item = &'a Failing>,
    meant: impl Fn(super::Code) -> bool,
) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let (mut began, mut delivered): (Option<DateTime<Utc>>, _) = (None, None);
    for state in states {
        delivered = delivered.max(state.delivered);
        let since = state.since(&meant);
        began = began.into_iter().chain(since).min();
    }
    let began = began.filter(|began| delivered.is_none_or(|delivered| *began >= delivered))?;
    Some((began, delivered))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        begin(minute).unwrap()
    }

    #[test]
    fn nothing_delivered_since_is_known_to_the_second() {
        let curve = [(10, 0, 9), (11, 5, 6), (12, 7, 7)];
        let failing = Some((at(11), Some(at(10))));
        let since = Onset::Since {
            began: at(11),
            delivered: Some(at(10)),
        };
        assert_eq!(Onset::of(&curve, failing, (5, at(13))), Some(since));
        // Looked at from before, what came later is not known.
        let before = Onset::of(&curve[..1], failing, (5, at(10)));
        assert_eq!(before, None);
    }

    #[test]
    fn the_curve_tells_since_when_most_fail() {
        let curve = [(10, 1, 9), (11, 0, 6), (12, 5, 7), (14, 7, 7), (15, 0, 0)];
        let mostly = Onset::Mostly {
            began: Some(at(12)),
            others: 2,
        };
        assert_eq!(Onset::of(&curve, None, (10, at(15))), Some(mostly));
        let always = [(10, 9, 9), (11, 6, 6)];
        let whole = Onset::Mostly {
            began: None,
            others: 0,
        };
        assert_eq!(Onset::of(&always, None, (10, at(15))), Some(whole));
        let rare = [(10, 1, 9), (11, 1, 6)];
        assert_eq!(Onset::of(&rare, None, (10, at(15))), None);
        assert_eq!(Onset::of(&[], None, (10, at(15))), None);
    }

    #[test]
    fn one_failure_after_a_success_is_no_onset() {
        let curve = [(10, 0, 9), (11, 1, 9), (12, 1, 9)];
        let failing = Some((at(12), Some(at(12))));
        assert_eq!(Onset::of(&curve, failing, (5, at(12))), None);
        // Without another attempt for so long it is one.
        let since = Onset::Since {
            began: at(12),
            delivered: Some(at(12)),
        };
        assert_eq!(Onset::of(&curve, failing, (5, at(22))), Some(since));
    }

    #[test]
    fn of_several_the_last_success_decides() {
        let mut one = Failing::default();
        one.failed(super::super::Code::default(), at(3));
        let mut other = Failing::default();
        other.sent(at(5));
        assert_eq!(together([&one, &other].into_iter(), |_| true), None);
        let mut later = Failing::default();
        later.sent(at(2));
        let both = together([&one, &later].into_iter(), |_| true);
        assert_eq!(both, Some((at(3), Some(at(2)))));
    }
}
