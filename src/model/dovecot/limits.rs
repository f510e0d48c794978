//! Limits of Dovecot that were reached, by the setting that would change them.
//!
//! ```text
//! master: Warning: service(imap-login): process_limit (100) reached, client connections are being dropped
//! imap-login: … Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)
//! master: Error: service(imap): child 7 returned error 83 (Out of memory (service imap { vsz_limit=256 MB }, …
//! imap(bob): Warning: Inotify instance limit for user 8 (UID mail) exceeded, disabling. Increase /proc/sys/fs/inotify/max_user_instances
//! ```
//!
//! A warning that a limit is lower than it should be ("lower than required under max. load") is no limit reached, and neither is a guess
//! with a question mark. Specified in `master/service-monitor.c`, `login-common/sasl-server.c`, `lib/ioloop-notify-inotify.c`.

use super::repeated::Repeated;
use crate::model::table::{Join, Table};

/// Limits told apart.
const LIMITS: usize = 100;

/// A limit that was reached.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limit {
    /// The setting: `process_limit`, `mail_max_userip_connections`.
    pub setting: Box<str>,
    /// The service that it is about, or that reached it: `imap-login`.
    pub service: Box<str>,
    /// What it is set to, where the log says so.
    pub value: Option<u64>,
    /// How often it was reached.
    pub repeated: Repeated,
}

/// By setting and service.
pub type Limits = Table<Limit, LIMITS>;

impl Join for Limit {
    fn join(&mut self, newer: Self) {
        if self.repeated.count == 0 {
            self.setting = newer.setting;
            self.service = newer.service;
        }
        self.value = newer.value.or(self.value);
        self.repeated.join(newer.repeated);
    }
}

/// What a text says of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached<'a> {
    pub(super) setting: &'a str,
    pub(super) service: Option<&'a str>,
    pub(super) value: Option<u64>,
}

/// Texts that name no setting, and the setting that they mean.
const MEANT: [(&str, &str); 6] = [
    (
        "Inotify instance limit for user",
        "fs.inotify.max_user_instances",
    ),
    (
        "Inotify watch limit for user",
        "fs.inotify.max_user_watches",
    ),
    ("Too many open files", "LimitNOFILE"),
    ("Connection queue full", "client_limit"),
    ("(process_full)", "client_limit"),
    (
        "Too many concurrent deliveries for user",
        "lmtp_user_concurrency_limit",
    ),
];

/// Reads which limit was reached, if the text says that one was.
pub(super) fn reached(words: &str) -> Option<Reached<'_>> {
    if let Some((_, setting)) = MEANT.iter().find(|(text, _)| words.contains(text)) {
        return Some(Reached {
            setting,
            service: None,
            value: None,
        });
    }
    let happened = ["reached", "exceeded", "Out of memory"];
    let happened = happened.iter().any(|word| words.contains(word));
    if !happened || words.contains("reached?") {
        return None;
    }
    let (before, setting, after) = setting(words)?;
    let value = after.trim_start_matches([' ', '(', '=']);
    let digits = value.find(|c: char| !c.is_ascii_digit());
    Some(Reached {
        setting,
        service: service(before),
        value: value
            .get(..digits.unwrap_or(value.len()))
            .and_then(|digits| digits.parse().ok()),
    })
}

/// The first word that is the name of a limit's setting, and what stands around it.
fn setting(words: &str) -> Option<(&str, &str, &str)> {
    let mut rest = words;
    let mut start = 0;
    loop {
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let word = rest.get(..length)?;
        if word.ends_with("_limit") || (word.starts_with("mail_max_") && word.len() > 9) {
            return Some((words.get(..start)?, word, rest.get(length..)?));
        }
        let next = rest.get(length..)?.chars().next()?.len_utf8();
        rest = rest.get(length + next..)?;
        start += length + next;
    }
}

/// `service(imap)` or `service imap {`, the last one in the text.
fn service(before: &str) -> Option<&str> {
    let (_, name) = before.rsplit_once("service")?;
    let name = name.trim_start_matches(['(', ' ']);
    let end = name.find([')', ' ', '{'])?;
    name.get(..end).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_named_by_its_setting() {
        let table = [
            (
                "service(imap-login): process_limit (100) reached, client connections are being dropped",
                ("process_limit", Some("imap-login"), Some(100)),
            ),
            (
                "service(anvil): client_limit (1603) reached, client connections are being dropped",
                ("client_limit", Some("anvil"), Some(1603)),
            ),
            (
                "Disconnected: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=3)",
                ("mail_max_userip_connections", None, Some(3)),
            ),
            (
                "service(imap): child 7 returned error 83 (Out of memory (service imap { vsz_limit=256 MB }, you may need to increase it)",
                ("vsz_limit", Some("imap"), Some(256)),
            ),
            (
                "Inotify instance limit for user 8 (UID mail) exceeded, disabling. Increase /proc/sys/fs/inotify/max_user_instances",
                ("fs.inotify.max_user_instances", None, None),
            ),
            (
                "net_accept() failed: Too many open files",
                ("LimitNOFILE", None, None),
            ),
        ];
        for (text, (setting, service, value)) in table {
            let expected = Reached {
                setting,
                service,
                value,
            };
            assert_eq!(reached(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_warning_before_the_limit_is_none() {
        for text in [
            "service auth { client_limit=1000 } is lower than required under max. load (5216)",
            "master(imap): read() failed: Remote closed connection (destination service { process_limit } reached?)",
            "Quota exceeded (mailbox for user is full)",
            "unlimited",
            "",
        ] {
            assert_eq!(reached(text), None, "{text}");
        }
    }
}
