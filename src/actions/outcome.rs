//! What `postsuper(1)` says it did, message by message, read from its standard error.
//!
//! Its exit status is 0 whatever happened (unknown id, wrong queue, already on hold), so the words are all there is:
//! `postsuper: ID: placed on hold` for each message, then `postsuper: Placed on hold: 2 messages` (`postsuper/postsuper.c`).
//! What is not among these words is not guessed at: then the outcome is not known.

use crate::model::journal::Verb;
use mailtop_parsers::QueueId;
use std::collections::HashSet;

/// What was said.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    verb: Verb,
    sent: HashSet<&'a str>,
    /// The queue ids of which it says that it did what was asked.
    pub(super) done: HashSet<&'a str>,
    /// Its own count.
    pub(super) total: Option<usize>,
    /// The first line that says that it gave up.
    pub(super) fatal: Option<String>,
    /// Messages that it named though they were not asked for, or named with other words.
    pub(super) strange: usize,
}

impl<'a> Outcome<'a> {
    /// Nothing said yet about these ids.
    pub(super) fn new(verb: Verb, sent: impl Iterator<Item = &'a str>) -> Self {
        Self {
            verb,
            sent: sent.collect(),
            done: HashSet::new(),
            total: None,
            fatal: None,
            strange: 0,
        }
    }

    /// Takes one line of standard error in.
    pub(super) fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let text = line.strip_prefix("postsuper: ").unwrap_or(&line);
        if text.starts_with("fatal: ") || text.starts_with("panic: ") {
            self.fatal.get_or_insert_with(|| String::from(text));
            return;
        }
        let (each, total) = words(self.verb);
        let Some((subject, said)) = text.split_once(": ") else {
            return;
        };
        if subject == total {
            self.total = count(said);
        } else if let Some(id) = self.sent.get(subject) {
            if said == each {
                self.done.insert(*id);
            } else {
                self.strange += 1;
            }
        } else if QueueId::new(subject.as_bytes()).is_some() && said == each {
            self.strange += 1;
        }
    }

    /// Why what was said can't be the whole truth; `None` when it adds up.
    pub(super) fn doubt(&self) -> Option<String> {
        let named = self.done.len();
        if let Some(fatal) = &self.fatal {
            return Some(format!(
                "postsuper gave up: {fatal} (it had named {named} messages as done)"
            ));
        }
        match self.total {
            None => Some(format!(
                "outcome not known: postsuper ended without its total (it had named {named} messages as done)"
            )),
            Some(total) if total != named => Some(format!(
                "outcome not known: postsuper says {total} but named {named} of the messages asked for"
            )),
            Some(_) if self.strange > 0 => Some(format!(
                "outcome not known: {} lines of postsuper about queue ids were not understood",
                self.strange
            )),
            Some(_) => None,
        }
    }
}

/// What it says of each message, and before its total.
fn words(verb: Verb) -> (&'static str, &'static str) {
    match verb {
        Verb::Hold => ("placed on hold", "Placed on hold"),
        Verb::Release => ("released from hold", "Released from hold"),
        Verb::Requeue => ("requeued", "Requeued"),
        Verb::Delete => ("removed", "Deleted"),
        Verb::Flush => ("", ""),
    }
}

/// `1 message`, `3 messages`.
fn count(said: &str) -> Option<usize> {
    let (number, noun) = said.split_once(' ')?;
    matches!(noun, "message" | "messages").then_some(())?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(verb: Verb, sent: &[&'static str], said: &str) -> (usize, Option<String>) {
        let mut outcome = Outcome::new(verb, sent.iter().copied());
        for line in said.lines() {
            outcome.line(line.as_bytes());
        }
        (outcome.done.len(), outcome.doubt())
    }

    #[test]
    fn real_words_add_up() {
        let said = "postsuper: D76669C20CC: placed on hold\npostsuper: Placed on hold: 1 message\n";
        assert_eq!(
            read(Verb::Hold, &["D76669C20CC", "AAAAAAAAAA"], said),
            (1, None)
        );
        let said = "postsuper: Released from hold: 0 messages\n";
        assert_eq!(read(Verb::Release, &["D76669C20CC"], said), (0, None));
        let said = "postsuper: D76669C20CC: requeued\npostsuper: D5D379C20C8: requeued\npostsuper: Requeued: 2 messages\n";
        assert_eq!(
            read(Verb::Requeue, &["D76669C20CC", "D5D379C20C8"], said),
            (2, None)
        );
        let said = "postsuper: D76669C20CC: removed\npostsuper: Deleted: 1 message\n";
        assert_eq!(
            read(Verb::Delete, &["D76669C20CC", "AAAAAAAAAA"], said),
            (1, None)
        );
    }

    #[test]
    fn what_does_not_add_up_is_not_known() {
        let sent = ["D76669C20CC"];
        for said in [
            "",
            "postsuper: D76669C20CC: placed on hold\n",
            "postsuper: Placed on hold: 1 message\n",
            "postsuper: D76669C20CC: parked\npostsuper: Parked: 1 message\n",
            "postsuper: D76669C20CC: requeued\npostsuper: Placed on hold: 0 messages\n",
            "postsuper: EEEEEEEEEE: placed on hold\npostsuper: Placed on hold: 1 message\n",
            "postsuper: EEEEEEEEEE: placed on hold\npostsuper: Placed on hold: 0 messages\n",
            "postsuper: Placed on hold: many messages\n",
        ] {
            let (_, doubt) = read(Verb::Hold, &sent, said);
            assert!(
                doubt.is_some_and(|doubt| doubt.contains("not known")),
                "{said}"
            );
        }
        let said = "postsuper: fatal: use of this command is reserved for the superuser\n";
        let (_, doubt) = read(Verb::Hold, &sent, said);
        assert!(doubt.is_some_and(|doubt| doubt.contains("superuser")));
    }

    proptest! {
        #[test]
        fn no_words_make_more_done_than_was_sent(lines in prop::collection::vec(".{0,40}", 0..20)) {
            let mut outcome = Outcome::new(Verb::Hold, ["D76669C20CC"].into_iter());
            for line in &lines {
                outcome.line(line.as_bytes());
            }
            prop_assert!(outcome.done.is_empty());
            prop_assert!(outcome.doubt().is_some());
        }
    }
}
