//! Who sends: envelope senders and clients, over the whole span that is known; what a SASL account sent is counted alike
//! ([`accounts`](crate::model::accounts)).
//!
//! A message counts when the queue manager takes it for the first time, and only if it came from outside: smtpd(8) or
//! pickup(8) received it.

use crate::model::table::{Distinct, Join, Table};
use std::net::IpAddr;

/// Senders, accounts or clients counted apart, of each kind.
pub const PARTIES: usize = 50_000;
/// Networks of one party that are told apart.
const NETWORKS: usize = 1_000;

/// One sender, account or client.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Party {
    /// Messages.
    pub messages: u64,
    /// Their recipients.
    pub recipients: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Recipients bounced.
    pub bounced: u64,
    /// The networks that it came from: /24 of IPv4, /48 of IPv6.
    pub networks: Distinct<NETWORKS>,
}

/// By address or account name.
pub type Parties = Table<Party, PARTIES>;

impl Join for Party {
    fn join(&mut self, newer: Self) {
        self.messages += newer.messages;
        self.recipients += newer.recipients;
        self.bytes += newer.bytes;
        self.bounced += newer.bounced;
        self.networks.join(newer.networks);
    }
}

/// The network of an address as logged: /24 of IPv4, /48 of IPv6; `None` for what is no address.
pub fn network(address: &str) -> Option<IpAddr> {
    address.parse().ok().map(network_of)
}

/// The network of an address.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(four) => {
            let [a, b, c, _] = four.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(six) => {
            let [a, b, c, ..] = six.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_network() {
        assert_eq!(network("192.0.2.7"), network("192.0.2.200"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("2001:db8:1::1"), network("2001:db8:1:ffff::9"));
        assert_eq!(network("unknown"), None);
    }
}
