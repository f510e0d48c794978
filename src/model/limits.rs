//! Limits: how many processes of each service Postfix and Dovecot allow, and what else they stop at.
//!
//! In: the text of `postconf -M`, `postconf` and `doveconf`. Out: numbers by service. What nobody told is unknown, with the reason as a
//! sentence; a service without a limit says so. Formats: `master(5)`, `postconf(1)` (`-M`), Dovecot's `doveconf(1)`.

use crate::safe_text::SafeText;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of the limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Postfix's.
    pub postfix: Asked<PostfixLimits>,
    /// Dovecot's.
    pub dovecot: Asked<DovecotLimits>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked<T> {
    /// It was not asked, or not answered yet.
    #[default]
    Not,
    /// There is no answer, and why.
    Unknown(Why),
    /// The answer.
    Known(T),
}

impl<T> Asked<T> {
    /// The answer.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(answer) => Some(answer),
            Self::Not | Self::Unknown(_) => None,
        }
    }

    /// Why there is none.
    pub fn why(&self) -> Option<&SafeText> {
        match self {
            Self::Unknown(Why(why)) => Some(why),
            Self::Not | Self::Known(_) => None,
        }
    }
}

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Why(pub SafeText);

impl From<String> for Why {
    fn from(text: String) -> Self {
        Self(SafeText::from(text))
    }
}

/// Postfix's limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PostfixLimits {
    /// By service as `postconf -M` names it: `smtp/unix`.
    pub services: BTreeMap<String, ServiceLimit>,
    /// `default_process_limit`.
    pub default_process_limit: Option<u32>,
    /// `qmgr_message_active_limit`: with so many messages in the active queue no more are taken in.
    pub active: Option<u64>,
    /// Bytes that must be free in the spool, or smtpd refuses mail: `queue_minfree`, or 1.5 times `message_size_limit` (`smtpd/smtpd_check.c`).
    pub minfree: Option<u64>,
}

/// How many processes a service may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLimit {
    /// `None`: as many as are needed.
    pub processes: Option<u32>,
    /// Whether the service has no number of its own and takes the default.
    pub default: bool,
}

/// Dovecot's limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DovecotLimits {
    /// Processes by service.
    pub services: BTreeMap<String, DovecotService>,
    /// `mail_max_userip_connections`: of one user from one address.
    pub user_connections: Option<u32>,
}

/// A service of Dovecot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DovecotService {
    /// `process_limit`.
    pub processes: ServiceLimit,
    /// `client_limit`: connections that one process serves.
    pub clients: Option<u32>,
}

impl PostfixLimits {
    /// The names of the parameters, for `postconf`.
    pub const NAMES: [&str; 4] = [
        "default_process_limit",
        "qmgr_message_active_limit",
        "queue_minfree",
        "message_size_limit",
    ];

    /// Reads `postconf -M` and `postconf` with [`Self::NAMES`].
    pub fn read(master: &str, parameters: &str) -> Self {
        let values: BTreeMap<&str, &str> = parameters
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let number = |name| values.get(name).and_then(|value| value.parse::<u64>().ok());
        let default = number("default_process_limit").and_then(|limit| u32::try_from(limit).ok());
        let minfree = number("queue_minfree").map(|least| {
            let message = number("message_size_limit").unwrap_or(0);
            least.max(message.saturating_add(message / 2))
        });
        Self {
            services: services(master, default),
            default_process_limit: default,
            active: number("qmgr_message_active_limit").filter(|limit| *limit > 0),
            minfree,
        }
    }
}

/// Service, type, private, unprivileged, chroot, wakeup, maxproc, command.
fn services(master: &str, default: Option<u32>) -> BTreeMap<String, ServiceLimit> {
    let lines = master
        .lines()
        .filter(|line| !line.starts_with(char::is_whitespace) && !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let (name, kind) = (fields.next()?, fields.next()?);
            let limit = match fields.nth(4)? {
                "-" => ServiceLimit {
                    processes: Some(default?).filter(|limit| *limit > 0),
                    default: true,
                },
                own => ServiceLimit {
                    processes: Some(own.parse().ok()?).filter(|limit| *limit > 0),
                    default: false,
                },
            };
            Some((format!("{name}/{kind}"), limit))
        })
        .collect()
}

impl DovecotLimits {
    /// Reads what `doveconf` prints of its services and of [`Self::NAMES`].
    pub fn read(text: &str) -> Self {
        let (mut defaults, mut read) = (BTreeMap::new(), Self::default());
        let mut blocks: Vec<&str> = Vec::new();
        let mut found: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for line in text.lines().map(str::trim) {
            if let Some(head) = line.strip_suffix('{') {
                blocks.push(head.trim());
                if let Some(name) = head.trim().strip_prefix("service ") {
                    found.entry(name.trim()).or_default();
                }
            } else if line == "}" {
                blocks.pop();
            } else if let Some((name, value)) = line.split_once('=') {
                let (name, value) = (name.trim(), value.trim());
                match blocks.as_slice() {
                    [] => {
                        defaults.insert(name, value);
                    }
                    [block] => {
                        if let Some(service) = block.strip_prefix("service ") {
                            found.entry(service.trim()).or_default().insert(name, value);
                        }
                    }
                    _ => {}
                }
            }
        }
        let number = |values: &BTreeMap<&str, &str>, name: &str| {
            values.get(name).and_then(|value| number(value))
        };
        let processes = number(&defaults, "default_process_limit");
        let clients = number(&defaults, "default_client_limit");
        read.user_connections = number(&defaults, "mail_max_userip_connections");
        for (service, values) in found {
            // 0 is "the default", and so is a version that leaves out what nobody has set.
            let own = number(&values, "process_limit").filter(|limit| *limit > 0);
            let Some(limit) = own.or(processes) else {
                continue;
            };
            let clients = number(&values, "client_limit")
                .filter(|limit| *limit > 0)
                .or(clients);
            let service_limit = ServiceLimit {
                processes: Some(limit),
                default: own.is_none(),
            };
            read.services.insert(
                service.to_owned(),
                DovecotService {
                    processes: service_limit,
                    clients,
                },
            );
        }
        read
    }

    /// The names of the settings, for `doveconf`; `service` prints every service.
    pub const NAMES: [&str; 4] = [
        "default_process_limit",
        "default_client_limit",
        "mail_max_userip_connections",
        "service",
    ];
}

/// Dovecot 2.4 knows `unlimited`: then there is no number.
fn number(value: &str) -> Option<u32> {
    value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASTER: &str = "\
smtp       inet  n       -       y       -       -       smtpd
submission inet  n       -       y       -       20      smtpd -o syslog_name=postfix/submission
127.0.0.1:2526 inet n    -       n       -       3       smtpd
cleanup    unix  n       -       y       -       0       cleanup
qmgr       unix  n       -       y       300     1       qmgr
smtp       unix  -       -       y       -       -       smtp
";

    #[test]
    fn a_service_has_its_own_limit_the_default_or_none() {
        let parameters = "default_process_limit = 100\nqmgr_message_active_limit = 20000\nqueue_minfree = 0\nmessage_size_limit = 10240000\n";
        let read = PostfixLimits::read(MASTER, parameters);
        let limit = |name: &str| read.services[name];
        let (own, default) = (
            |processes| ServiceLimit {
                processes,
                default: false,
            },
            ServiceLimit {
                processes: Some(100),
                default: true,
            },
        );
        assert_eq!(limit("smtp/inet"), default);
        assert_eq!(limit("smtp/unix"), default);
        assert_eq!(limit("submission/inet"), own(Some(20)));
        assert_eq!(limit("127.0.0.1:2526/inet"), own(Some(3)));
        assert_eq!(limit("cleanup/unix"), own(None));
        assert_eq!(limit("qmgr/unix"), own(Some(1)));
        assert_eq!(
            (read.active, read.minfree),
            (Some(20_000), Some(15_360_000))
        );
        let more = PostfixLimits::read(
            "",
            "queue_minfree = 50000000\nmessage_size_limit = 10240000\n",
        );
        assert_eq!(more.minfree, Some(50_000_000));
        let without = PostfixLimits::read(MASTER, "");
        assert_eq!(
            without.services.get("smtp/unix"),
            None,
            "the default is unknown"
        );
        assert_eq!((without.minfree, without.active), (None, None));
    }

    #[test]
    fn a_line_that_is_none_is_no_service() {
        let odd = "# comment\nsmtp unix\nx unix - - - - many x\n   -o y=z a b c d e f\n";
        assert_eq!(
            PostfixLimits::read(odd, "default_process_limit = 9").services,
            BTreeMap::new()
        );
    }

    #[test]
    fn dovecots_services_take_defaults_where_they_have_no_number() {
        let text = "default_process_limit = 100\ndefault_client_limit = 1000\nmail_max_userip_connections = 10\n\
                    service imap {\n  client_limit = 1\n  process_limit = 1024\n  unix_listener imap {\n    process_limit = 7\n  }\n}\n\
                    service auth {\n  client_limit = 0\n  process_limit = 1\n}\nservice lmtp {\n  client_limit = 1\n  process_limit = 0\n}\n\
                    service anvil {\n}\n";
        let read = DovecotLimits::read(text);
        let limit = |name: &str| {
            let service = read.services[name];
            (
                service.processes.processes,
                service.processes.default,
                service.clients,
            )
        };
        assert_eq!(limit("imap"), (Some(1024), false, Some(1)));
        assert_eq!(limit("auth"), (Some(1), false, Some(1000)));
        assert_eq!(limit("lmtp"), (Some(100), true, Some(1)));
        assert_eq!(limit("anvil"), (Some(100), true, Some(1000)));
        assert_eq!(read.user_connections, Some(10));
        assert_eq!(
            DovecotLimits::read("service imap {\n}\n}\n}}\n").services,
            BTreeMap::new()
        );
    }

    #[test]
    fn limits_go_through_json() {
        let limits = Limits {
            postfix: Asked::Known(PostfixLimits::read(MASTER, "default_process_limit = 100\n")),
            dovecot: Asked::Unknown(Why("no Dovecot here: \x1b[2J".into())),
        };
        let text = serde_json::to_string(&limits).unwrap();
        assert_eq!(serde_json::from_str::<Limits>(&text).unwrap(), limits);
        assert_eq!(
            limits.dovecot.why().map(|why| why.as_str().is_empty()),
            Some(false)
        );
        assert_eq!(
            serde_json::from_str::<Limits>("{}").unwrap(),
            Limits::default()
        );
    }
}
