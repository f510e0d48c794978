//! The DNS of the lab: the script's domains and hosts as lines for dnsmasq.conf(5).
//!
//! Postfix asks this dnsmasq alone, so relays are logged with the names of the real providers. Every other name does not exist.

use crate::script::Script;
use std::net::Ipv4Addr;

/// The address of a host in the lab's network, which is its first two octets: 127.7 and 5.1 make 127.7.5.1.
pub fn address(network: &str, last_octets: &str) -> anyhow::Result<Ipv4Addr> {
    let text = format!("{network}.{last_octets}");
    text.parse().map_err(|_| {
        anyhow::anyhow!("{network} and {last_octets} are not two octets each with a dot between")
    })
}

/// The whole configuration; dnsmasq listens on NETWORK.0.53.
pub fn configuration(script: &Script, network: &str) -> anyhow::Result<String> {
    let mut lines = vec![
        format!("listen-address={network}.0.53"),
        "bind-interfaces".to_owned(),
        "no-resolv".to_owned(),
        "no-hosts".to_owned(),
        "user=root".to_owned(),
        "cache-size=0".to_owned(),
        "log-facility=daemon".to_owned(),
        "address=/#/".to_owned(),
        format!("host-record=mail.shop.example,{network}.0.1"),
        "mx-host=shop.example,mail.shop.example,10".to_owned(),
    ];
    for provider in &script.providers {
        for host in &provider.hosts {
            lines.push(format!(
                "host-record={},{}",
                host.name,
                address(network, &host.address)?
            ));
        }
        for domain in &provider.domains {
            if domain.mx.is_empty() {
                // Questions about it go to where nobody answers: SERVFAIL, "try again".
                lines.push(format!("server=/{}/{network}.0.99", domain.name));
            }
            for mx in &domain.mx {
                let (preference, host) = mx
                    .split_once(' ')
                    .ok_or_else(|| anyhow::anyhow!("{mx} is no preference and host"))?;
                lines.push(format!("mx-host={},{host},{preference}", domain.name));
            }
        }
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}
