//! The DNS of the lab: the script's domains and hosts as lines for dnsmasq.conf(5).
//!
//! Postfix asks this dnsmasq alone, so relays are logged with the names of the real providers. Every other name does not exist.

use crate::script::Script;
use std::net::Ipv4Addr;

/// The address of a host in lab `number`: 127.number.x.y.
pub fn address(number: u8, last_octets: &str) -> anyhow::Result<Ipv4Addr> {
    let text = format!("127.{number}.{last_octets}");
    text.parse()
        .map_err(|_| anyhow::anyhow!("{last_octets} is not two octets with a dot between them"))
}

/// The whole configuration; dnsmasq listens on 127.number.0.53.
pub fn configuration(script: &Script, number: u8) -> anyhow::Result<String> {
    let mut lines = vec![
        format!("listen-address=127.{number}.0.53"),
        "bind-interfaces".to_owned(),
        "no-resolv".to_owned(),
        "no-hosts".to_owned(),
        "user=root".to_owned(),
        "cache-size=0".to_owned(),
        "log-facility=daemon".to_owned(),
        "address=/#/".to_owned(),
        format!("host-record=mail.shop.example,127.{number}.0.1"),
        "mx-host=shop.example,mail.shop.example,10".to_owned(),
    ];
    for provider in &script.providers {
        for host in &provider.hosts {
            lines.push(format!(
                "host-record={},{}",
                host.name,
                address(number, &host.address)?
            ));
        }
        for domain in &provider.domains {
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
