//! Complaints: what Dovecot logs as a warning or worse, and what it logs as ordinary though somebody did not get what he wanted: mail that was not
//! saved, a Sieve script that failed, a login that a limit prevented. Equal texts are one; users, mailboxes, files, addresses and numbers
//! are placeholders.

use super::limits::{self, Limits};
use super::repeated::Repeated;
use crate::model::reasons;
use crate::model::table::{Join, Table};
use crate::safe_text::SafeText;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::Severity;
use mailtop_parsers::dovecot::Said;
use mailtop_parsers::record::{LoginDetails, MailUser};
use std::cmp::Reverse;
use std::sync::Arc;

/// Complaints told apart.
const COMPLAINTS: usize = 500;

/// One kind of complaint.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Complaint {
    /// Who complains: `imap-login`, `lmtp`; empty where the line does not tell.
    pub service: Box<str>,
    /// How grave the gravest was; `None` for what Dovecot logs as ordinary.
    pub severity: Option<Severity>,
    /// The text with its placeholders.
    pub text: Box<str>,
    /// Whether a limit that was reached is what it is about.
    pub limit: bool,
    /// How often.
    pub repeated: Repeated,
}

impl Join for Complaint {
    fn join(&mut self, newer: Self) {
        if self.repeated.count == 0 {
            self.service = newer.service;
            self.text = newer.text;
        }
        self.limit |= newer.limit;
        self.severity = self.severity.max(newer.severity);
        self.repeated.join(newer.repeated);
    }
}

/// What Dovecot complained of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Complaints {
    /// By service and text with placeholders.
    pub kinds: Table<Complaint, COMPLAINTS>,
    /// The limits that were reached.
    pub limits: Limits,
}

impl Complaints {
    /// Takes a line in that was logged as a warning or worse. Returns service and text with its placeholders, equal for equal complaints.
    pub fn add(&mut self, said: &Said<'_>, time: DateTime<Utc>, times: u64) -> String {
        self.take(said.who, said.severity, said.words, time, times)
    }

    pub(super) fn not_saved(
        &mut self,
        who: &MailUser<'_>,
        reason: &[u8],
        time: DateTime<Utc>,
        times: u64,
    ) {
        self.take(
            *who,
            None,
            &[b"save failed: ", reason].concat(),
            time,
            times,
        );
    }

    pub(super) fn sieve(
        &mut self,
        who: &MailUser<'_>,
        severity: Option<Severity>,
        action: &[u8],
        time: DateTime<Utc>,
        times: u64,
    ) {
        self.take(*who, severity, &[b"sieve: ", action].concat(), time, times);
    }

    /// A connection that ended without a login: a complaint when a limit prevented it, or a failure of Dovecot's own.
    pub(super) fn aborted(
        &mut self,
        login: &LoginDetails<'_>,
        reason: &[u8],
        time: DateTime<Utc>,
        times: u64,
    ) {
        let text = String::from_utf8_lossy(reason);
        let internal = ["nternal login failure", "(internal_failure)"];
        let internal = internal.iter().any(|words| text.contains(words));
        if internal || limits::reached(&text).is_some() {
            let who = MailUser {
                service: login.service,
                user: login.user,
                session: login.session,
            };
            let cause = [&b"Disconnected: "[..], b"Login aborted: "]
                .into_iter()
                .find_map(|start| reason.strip_prefix(start));
            self.take(who, None, cause.unwrap_or(reason), time, times);
        }
    }

    fn take(
        &mut self,
        who: MailUser<'_>,
        severity: Option<Severity>,
        words: &[u8],
        time: DateTime<Utc>,
        times: u64,
    ) -> String {
        let words = SafeText::new(words);
        let service = String::from_utf8_lossy(who.service);
        let text = template(words.as_str(), &String::from_utf8_lossy(who.user));
        let key = format!("{service}: {text}");
        let row = self.kinds.row(&key);
        if row.repeated.count == 0 {
            row.service = service.clone().into();
            row.text = text.into();
        }
        let reached = limits::reached(words.as_str());
        row.limit |= reached.is_some();
        row.severity = row.severity.max(severity);
        row.repeated.add(time, times, || words.clone());
        if let Some(reached) = reached {
            let about = reached.service.unwrap_or(&service);
            let row = self.limits.row(&format!("{} {about}", reached.setting));
            if row.repeated.count == 0 {
                row.setting = reached.setting.into();
                row.service = about.into();
            }
            row.value = reached.value.or(row.value);
            row.repeated.add(time, times, || words.clone());
        }
        key
    }

    /// The complaints of a range, the most frequent first, with how often and the last time that is known.
    pub fn within(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> Vec<(&Arc<str>, &Complaint, u64)> {
        let rows = self.kinds.rows().filter_map(|(key, complaint)| {
            let count = complaint.repeated.within(until, range);
            (count > 0).then_some((key, complaint, count))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(key, _, count)| (Reverse(*count), *key));
        rows
    }

    /// The limits that were reached in a range, the most often reached first.
    pub fn limits_within(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> Vec<(&super::limits::Limit, u64)> {
        let rows = self.limits.rows().filter_map(|(key, limit)| {
            let count = limit.repeated.within(until, range);
            (count > 0).then_some((key, limit, count))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(key, _, count)| (Reverse(*count), *key));
        rows.into_iter()
            .map(|(_, limit, count)| (limit, count))
            .collect()
    }
}

impl Join for Complaints {
    fn join(&mut self, newer: Self) {
        self.kinds.join(newer.kinds);
        self.limits.join(newer.limits);
    }
}

/// The text with what differs between users taken out, before numbers, ids and addresses are.
fn template(words: &str, user: &str) -> String {
    const AROUND: [char; 14] = [
        '(', ')', '[', ']', '<', '>', '\'', '"', '`', ',', '.', ':', ';', '=',
    ];
    let mut plain = String::with_capacity(words.len());
    let mut before = "";
    for (nth, word) in words.split(' ').enumerate() {
        if nth > 0 {
            plain.push(' ');
        }
        let core = word.trim_matches(AROUND);
        let path = path(word);
        let named = match before {
            "Mailbox" | "mailbox" if word.ends_with(':') && !core.is_empty() => Some("<mailbox>"),
            _ if !user.is_empty() && core == user => Some("<user>"),
            _ => path.map(|_| "<path>"),
        };
        let core = path.unwrap_or(core);
        match named {
            // What stands around the word stays.
            Some(named) => plain.push_str(&word.replacen(core, named, 1)),
            None => plain.push_str(word),
        }
        before = word;
    }
    // The name of a protocol is no number.
    reasons::template(&plain).replace("pop<n>", "pop3")
}

/// The absolute path in a word: `(/var/mail/bob)`, `path=/var/mail/bob:`.
fn path(word: &str) -> Option<&str> {
    let start = word.find('/')?;
    let before = word.get(..start)?;
    if before.ends_with(|c: char| c.is_alphanumeric()) || before.ends_with(['<', '.', '-']) {
        return None;
    }
    let path = word
        .get(start..)?
        .trim_end_matches([')', '\'', '"', ',', '.', ':', ';', ']']);
    (path.len() > 1).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_between_users_is_a_placeholder() {
        let table = [
            (
                "Mailbox INBOX: UID=1: read(/var/mail/ann/cur/1) failed: No such file or directory",
                "Mailbox <mailbox>: UID=<n>: read(<path>) failed: No such file or directory",
            ),
            (
                "open(/srv/mail/ann/dovecot.index.log) failed: Permission denied (euid=8(mail) egid=8(mail) missing +w perm: /srv/mail/ann, dir owned by 0:0)",
                "open(<path>) failed: Permission denied (euid=<n>(mail) egid=<n>(mail) missing +w perm: <path>, dir owned by <n>:<n>)",
            ),
            (
                "Couldn't init INBOX for user ann: Timeout",
                "Couldn't init INBOX for user <user>: Timeout",
            ),
            (
                "service(imap-login): process_limit (100) reached, client connections are being dropped",
                "service(imap-login): process_limit (<n>) reached, client connections are being dropped",
            ),
            (
                "service(pop3): process_limit (512) reached",
                "service(pop3): process_limit (<n>) reached",
            ),
            (
                "sieve: file storage: Active sieve script symlink /srv/mail/ann/.dovecot.sieve is no symlink.",
                "sieve: file storage: Active sieve script symlink <path> is no symlink.",
            ),
        ];
        for (words, expected) in table {
            assert_eq!(template(words, "ann"), expected);
        }
    }
}
