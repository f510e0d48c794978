//! What a listing's end means: the exit status, standard error and the lines taken together.
//!
//! The texts are those of `postqueue/postqueue.c`, `showq/showq.c` and `global/mail_connect.c`.

use super::Limits;
use super::child::{Ending, Outcome};

/// Whether a listing can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of it came.
    Complete {
        /// Something worth saying all the same.
        remark: Option<String>,
    },
    /// It did not come, or not all of it; a sentence with the fix.
    Failed(String),
}

pub(super) fn judge(outcome: &Outcome, limits: &Limits) -> Verdict {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let lines = outcome.messages;
    let failed = Verdict::Failed;
    let status = match &outcome.ending {
        Ending::NotStarted(why) => return failed(format!("cannot run postqueue: {why}")),
        Ending::Silent => {
            return failed(format!(
                "postqueue gave no answer for {} s after {lines} messages: showq or the disk under the queue hangs — see `postfix status` for whether master runs",
                limits.silence.as_secs()
            ));
        }
        Ending::TooLong => {
            return failed(format!(
                "partial: the listing took longer than {} s and was ended after {lines} messages",
                limits.total.as_secs()
            ));
        }
        Ending::Killed(signal) => {
            return failed(format!(
                "partial: postqueue was killed by signal {signal} after {lines} messages"
            ));
        }
        Ending::Exited(status) => *status,
    };
    if let Some(sentence) = known_failure(&said, lines) {
        return failed(sentence);
    }
    if status != 0 {
        return failed(format!(
            "postqueue failed with exit status {status} after {lines} messages: {}",
            last_line(&said)
        ));
    }
    if outcome.broken > 0 {
        return failed(format!(
            "the listing is broken: {} of {lines} lines are no JSON — use the postqueue of Postfix 3.1 or newer",
            outcome.broken
        ));
    }
    let remark = if said.contains("accessing queue directly") {
        Some(String::from(
            "Postfix is stopped: the queue was read directly — start it with `postfix start`",
        ))
    } else {
        left_out(outcome.cut.times, outcome.dropped.times)
    };
    Verdict::Complete { remark }
}

/// What had to be left out of a listing.
pub(super) fn left_out(cut: u64, dropped: u64) -> Option<String> {
    if dropped > 0 {
        Some(format!(
            "{dropped} messages are missing from the listing: their lines are too long"
        ))
    } else if cut > 0 {
        Some(format!("{cut} messages have more recipients than are kept"))
    } else {
        None
    }
}

/// What standard error is known to say, in the operator's words.
fn known_failure(said: &str, lines: u64) -> Option<String> {
    let has = |text: &str| said.contains(text);
    if has("Queue report unavailable") {
        return Some(String::from(
            "Postfix is not running, and only root can list the queue then — start it with `postfix start`",
        ));
    }
    if has("is not allowed to view the mail queue") {
        return Some(String::from(
            "this user may not list the queue — add it to authorized_mailq_users in main.cf, then `postfix reload`",
        ));
    }
    if has("malformed showq server response") || has("premature end-of-input") {
        return Some(format!(
            "partial: showq died after {lines} messages — look for the reason in the mail log"
        ));
    }
    if has("Permission denied") || has("Operation not permitted") {
        return Some(String::from(
            "postqueue may not connect to showq: its set-gid bit is missing or has no effect here (no_new_privs, nosuid) — `postfix set-permissions`, or run mailtop in group postdrop",
        ));
    }
    if has("invalid option") {
        return Some(String::from(
            "this Postfix has no `postqueue -j`: it needs Postfix 3.1 or newer",
        ));
    }
    if has("open /") && has("main.cf") {
        return Some(format!("Postfix is not configured: {}", last_line(said)));
    }
    None
}

fn last_line(said: &str) -> &str {
    said.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feeds::Loss;

    fn ended(ending: Ending, stderr: &str, messages: u64, broken: u64) -> String {
        let none = Loss::default();
        let outcome = Outcome {
            ending,
            stderr: stderr.into(),
            messages,
            broken,
            cut: none,
            dropped: none,
            digest: 0,
        };
        match judge(&outcome, &Limits::default()) {
            Verdict::Complete { remark } => format!("complete {}", remark.unwrap_or_default()),
            Verdict::Failed(why) => why,
        }
    }

    #[test]
    fn an_ending_is_told_in_the_operators_words() {
        let exited = Ending::Exited;
        for (found, expected) in [
            (ended(exited(0), "", 3, 0), "complete "),
            (
                ended(
                    exited(0),
                    "postqueue: warning: Mail system is down -- accessing queue directly\n",
                    3,
                    0,
                ),
                "complete Postfix is stopped: the queue was read directly",
            ),
            (
                ended(
                    exited(69),
                    "postqueue: fatal: Queue report unavailable - mail system is down\n",
                    0,
                    0,
                ),
                "Postfix is not running",
            ),
            (
                ended(
                    exited(69),
                    "postqueue: fatal: User ada(1000) is not allowed to view the mail queue\n",
                    0,
                    0,
                ),
                "this user may not list the queue — add it to authorized_mailq_users",
            ),
            (
                ended(
                    exited(69),
                    "postqueue: warning: close: Permission denied\npostqueue: fatal: Connect to the Postfix showq service: Permission denied\n",
                    0,
                    0,
                ),
                "postqueue may not connect to showq: its set-gid bit",
            ),
            (
                ended(
                    exited(69),
                    "postqueue: fatal: malformed showq server response\n",
                    222,
                    0,
                ),
                "partial: showq died after 222 messages",
            ),
            (
                ended(
                    exited(0),
                    "postqueue: fatal: malformed showq server response\n",
                    222,
                    0,
                ),
                "partial: showq died",
            ),
            (
                ended(exited(1), "postqueue: invalid option -- 'j'\n", 0, 0),
                "this Postfix has no `postqueue -j`",
            ),
            (
                ended(exited(7), "", 1, 0),
                "postqueue failed with exit status 7 after 1 messages: it said nothing",
            ),
            (
                ended(exited(7), "x\n y \n\n", 1, 0),
                "postqueue failed with exit status 7 after 1 messages: y",
            ),
            (
                ended(exited(0), "", 3, 2),
                "the listing is broken: 2 of 3 lines are no JSON",
            ),
            (
                ended(Ending::Killed(9), "", 5, 0),
                "partial: postqueue was killed by signal 9 after 5 messages",
            ),
            (
                ended(Ending::Silent, "", 5, 0),
                "postqueue gave no answer for 30 s after 5 messages",
            ),
            (
                ended(Ending::TooLong, "", 5, 0),
                "partial: the listing took longer than 300 s",
            ),
            (
                ended(
                    Ending::NotStarted("Resource temporarily unavailable".into()),
                    "",
                    0,
                    0,
                ),
                "cannot run postqueue: Resource",
            ),
        ] {
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
