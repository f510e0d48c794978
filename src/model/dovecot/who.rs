//! What `doveadm who` lists: who is connected right now, and how many Dovecot is set to allow.
//!
//! In: the tab-separated text of `doveadm -f tab who -1`, a line for each connection, and of `doveconf`, `name = value` a line. Out: counts by protocol
//! and users. Connections through a proxy and those of LMTP are not listed by Dovecot. Specified in `doveadm/doveadm-who.c`.

use super::sessions::User;
use super::{ByProtocol, Protocol};
use crate::model::table::Map;
use chrono::{DateTime, Utc};
use core::net::IpAddr;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// What was learnt from `doveadm who`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Who {
    /// Nothing, and why, as a sentence.
    Unknown(String),
    /// Who is connected.
    Known(Connections),
}

/// Who is connected.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Connections {
    /// When it was asked.
    pub at: DateTime<Utc>,
    /// Connections by protocol.
    pub open: ByProtocol<u64>,
    /// Users by their connections, most first.
    pub users: Vec<User>,
    /// What Dovecot allows.
    pub allowed: Allowed,
}

/// How many connections Dovecot is set to allow; `None` where that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Allowed {
    /// By protocol: `process_limit` times `client_limit` of the service.
    pub open: ByProtocol<Option<u64>>,
    /// `mail_max_userip_connections`: of one user from one address, of each protocol.
    pub userip: Option<u64>,
}

/// The services whose processes hold sessions, in the order of [`Protocol::ALL`].
const SERVICES: ByProtocol<&str> = ["imap", "pop3", "managesieve", "submission", "lmtp"];

impl Allowed {
    /// The settings to ask `doveconf` for.
    pub fn names() -> Vec<String> {
        let services = SERVICES.iter().flat_map(|service| {
            ["process_limit", "client_limit"].map(|limit| format!("service/{service}/{limit}"))
        });
        let others = [
            "default_process_limit",
            "default_client_limit",
            "mail_max_userip_connections",
        ];
        services.chain(others.map(String::from)).collect()
    }

    /// Reads what `doveconf` answered.
    pub fn read(text: &str) -> Self {
        let values: Map<&str, u64> = text
            .lines()
            .filter_map(|line| {
                let (name, value) = line.split_once('=')?;
                // Dovecot 2.4 has names with spaces around, and `unlimited`, which is no number.
                Some((name.trim(), value.trim().parse().ok()?))
            })
            .collect();
        let limit = |service: &str, limit: &str| {
            let own = values.get(format!("service/{service}/{limit}").as_str())?;
            // 0 means the default.
            match own {
                0 => values.get(format!("default_{limit}").as_str()).copied(),
                own => Some(*own),
            }
        };
        Self {
            open: SERVICES.map(|service| {
                let processes = limit(service, "process_limit")?;
                Some(processes.saturating_mul(limit(service, "client_limit")?))
            }),
            userip: values
                .get("mail_max_userip_connections")
                .copied()
                .filter(|limit| *limit > 0),
        }
    }
}

impl Connections {
    /// Reads what `doveadm -f tab who -1` listed; `None` when it is no such list.
    pub fn read(text: &str, at: DateTime<Utc>, allowed: Allowed) -> Option<Self> {
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next()?.split('\t').collect();
        let place = |name: &str| names.iter().position(|known| *known == name);
        let (user, protocol) = (place("username")?, place("proto")?);
        let address = place("ip");
        let mut open = ByProtocol::default();
        let mut users: Map<&str, Map<Option<IpAddr>, u64>> = Map::default();
        for line in lines.filter(|line| !line.is_empty()) {
            let columns: Vec<&str> = line.split('\t').collect();
            let column = |place: usize| columns.get(place).copied();
            let protocol = column(protocol).and_then(|name| Protocol::of_service(name.as_bytes()));
            if let Some(protocol) = protocol {
                open[protocol as usize] += 1;
            }
            let address = address.and_then(column).and_then(|ip| ip.parse().ok());
            let user = users.entry(column(user).unwrap_or_default()).or_default();
            *user.entry(address).or_default() += 1;
        }
        Some(Self {
            at,
            open,
            users: ranked(users),
            allowed,
        })
    }
}

/// Users by how many connections each has, most first, with their addresses in that order.
pub(super) fn ranked(users: Map<&str, Map<Option<IpAddr>, u64>>) -> Vec<User> {
    let users = users.into_iter().map(|(name, addresses)| {
        let sessions = addresses.values().sum();
        let known = addresses.into_iter();
        let known = known.filter_map(|(address, count)| Some((address?, count)));
        let mut addresses: Vec<_> = known.collect();
        addresses.sort_by_key(|(address, count)| (Reverse(*count), *address));
        User {
            name: name.into(),
            sessions,
            addresses,
        }
    });
    let mut users: Vec<User> = users.collect();
    users.sort_by(|a, b| {
        let most = b.sessions.cmp(&a.sessions);
        most.then_with(|| a.name.cmp(&b.name))
    });
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_dovecot_2_3_19() {
        let text = "username\tproto\tpid\tip\nann@shop.example\timap\t17156\t127.0.0.1\nann@shop.example\timap\t17158\t192.0.2.7\n\
            ann@shop.example\timap\t17154\t192.0.2.7\nbob@shop.example\tpop3\t17162\t2001:db8::1\n";
        let at = DateTime::UNIX_EPOCH;
        let who = Connections::read(text, at, Allowed::default()).unwrap();
        assert_eq!(who.open, [3, 1, 0, 0, 0]);
        let ann = &who.users[0];
        assert_eq!((&*ann.name, ann.sessions), ("ann@shop.example", 3));
        let addresses = ["192.0.2.7", "127.0.0.1"].map(|ip| ip.parse().unwrap());
        assert_eq!(ann.addresses, [(addresses[0], 2), (addresses[1], 1)]);
        assert_eq!(Connections::read("", at, Allowed::default()), None);
        let nobody = Connections::read("username\tproto\tpid\tip\n", at, Allowed::default());
        assert_eq!(nobody.map(|who| who.users.len()), Some(0));
    }

    #[test]
    fn what_dovecot_allows() {
        let allowed = Allowed::read(
            "service/imap/process_limit = 1024\nservice/imap/client_limit = 1\nservice/pop3/process_limit = 0\nservice/pop3/client_limit = 5\n\
             service/lmtp/process_limit = 0\nservice/lmtp/client_limit = 1\ndefault_process_limit = 100\ndefault_client_limit = 1000\n\
             mail_max_userip_connections = 10\n",
        );
        assert_eq!(allowed.open, [Some(1024), Some(500), None, None, Some(100)]);
        assert_eq!(allowed.userip, Some(10));
        assert_eq!(Allowed::read("no answer"), Allowed::default());
    }
}
