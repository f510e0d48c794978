//! What is known of messages that were asked for: the answer of the search, and what was logged since.
//!
//! In: the parts of the answer, and lines as they are logged. Out: lives that hold both. Lines that belong to the answer are kept, at most
//! [`LIVE`] of them until they are put in, and the lives are put together again not more than once a second.

use crate::app::msg::Lives;
use crate::model::trace::{self, LogLine, Question};
use chrono::{DateTime, FixedOffset, Utc};
use std::collections::HashSet;
use std::sync::Arc;

/// Lines that wait to be put in, and lines at the end of the answer that they are compared with.
const LIVE: usize = 2_000;

/// The lives, and what was logged since.
#[derive(Debug, Default)]
pub(in crate::views) struct Known {
    pub(in crate::views) lives: Arc<Lives>,
    live: Vec<LogLine>,
    /// Queue ids of all messages.
    ids: HashSet<Box<[u8]>>,
    stale: bool,
    /// When the lives were put together last, in seconds.
    told: Option<i64>,
}

impl Known {
    /// Another part of the answer: all that was found so far.
    pub(in crate::views) fn answer(&mut self, lives: &Arc<Lives>) {
        self.lives = Arc::clone(lives);
        self.learn();
        // It may hold them already, or not yet.
        self.stale |= !self.live.is_empty();
        self.told = None;
    }

    /// Lines were logged: those are kept that hold what is asked for or the queue id of a message.
    pub(in crate::views) fn logged(
        &mut self,
        question: &Question,
        lines: &[u8],
        anchor: DateTime<Utc>,
        zone: FixedOffset,
    ) {
        let lines = lines.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.is_empty()) {
            if self.live.len() >= LIVE {
                return;
            }
            let mut words = line.split(|byte| !byte.is_ascii_alphanumeric());
            if words.any(|word| self.ids.contains(word)) || names(question, line) {
                self.live.push(LogLine {
                    text: mailtop_parsers::secret::masked(line).into(),
                    anchor: anchor.with_timezone(&zone),
                });
                self.stale = true;
            }
        }
    }

    /// Puts in what was logged; whether that changed anything.
    pub(in crate::views) fn catch_up(&mut self, question: &Question, now: DateTime<Utc>) -> bool {
        if !self.stale || self.told == Some(now.timestamp()) {
            return false;
        }
        (self.stale, self.told) = (false, Some(now.timestamp()));
        let lives = Arc::make_mut(&mut self.lives);
        let before = lives.lines.len();
        for line in self.live.drain(..) {
            // The search may have read it too.
            let mut known = lives.lines.iter().rev().take(LIVE);
            if !known.any(|other| other.text == line.text) {
                lives.lines.push(line);
            }
        }
        if lives.lines.len() == before {
            return false;
        }
        lives.traced = trace::trace(question, &lives.lines);
        self.learn();
        true
    }

    fn learn(&mut self) {
        let messages = self.lives.traced.messages.iter();
        let ids = messages.filter_map(|one| one.queue_id.as_deref());
        self.ids = ids.map(|id| id.as_bytes().into()).collect();
    }
}

/// Whether a line holds what was asked for.
fn names(question: &Question, line: &[u8]) -> bool {
    let text = question.text().as_bytes();
    if matches!(question, Question::QueueId(_)) {
        // One id can be the beginning of another.
        let mut words = line.split(|byte| !byte.is_ascii_alphanumeric());
        return words.any(|word| word == text);
    }
    line.windows(text.len().max(1))
        .any(|part| part.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "2026-11-24T10:00:00+00:00 mx1 postfix/qmgr[1]: 3F0000001: from=<a@x.example>, size=1, nrcpt=1 (queue active)";
    const SECOND: &str = "2026-11-24T10:00:01+00:00 mx1 postfix/smtp[2]: 3F0000001: host x[1] said: 450 no (given password: hunter2)";
    const OTHER: &str = "2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 3F00000012: removed";
    const THIRD: &str =
        "2026-11-24T10:00:03+00:00 mx1 postfix/postsuper[3]: 3F0000001: placed on hold";

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_514_400 + second, 0).unwrap()
    }

    fn texts(known: &Known) -> Vec<&[u8]> {
        known.lives.lines.iter().map(|line| &*line.text).collect()
    }

    #[test]
    fn lines_that_come_while_it_is_open_are_kept_once_and_in_order() {
        let question = Question::QueueId("3F0000001".into());
        let zone = FixedOffset::east_opt(0).unwrap();
        let mut known = Known::default();
        // While the search runs, a line comes that the search finds as well.
        let both = format!("{SECOND}\n{OTHER}\n");
        known.logged(&question, both.as_bytes(), at(1), zone);
        let line = |text: &str| LogLine {
            text: mailtop_parsers::secret::masked(text.as_bytes()).into(),
            anchor: at(9).with_timezone(&zone),
        };
        let lines = vec![line(FIRST), line(SECOND)];
        let traced = trace::trace(&question, &lines);
        known.answer(&Arc::new(Lives { traced, lines }));
        assert!(!known.catch_up(&question, at(2)), "nothing new");
        known.logged(&question, format!("{THIRD}\n").as_bytes(), at(3), zone);
        assert!(!known.catch_up(&question, at(2)), "once a second");
        assert!(known.catch_up(&question, at(3)));
        let masked = mailtop_parsers::secret::masked(SECOND.as_bytes());
        assert!(!masked.windows(7).any(|part| part == b"hunter2"));
        assert_eq!(texts(&known), [FIRST.as_bytes(), &masked, THIRD.as_bytes()]);
        let message = &known.lives.traced.messages[0];
        assert_eq!(
            (message.fate(), message.events.len()),
            (trace::Fate::Hold, 3)
        );
    }
}
