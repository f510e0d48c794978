//! anvil(8): `statistics: max connection rate N/60s for (service:ip) at Mon _D HH:MM:SS`, and `max cache size N at …`.
//!
//! A service may be `address:port`, IPv6 in brackets, and the client IPv6 without. Specified in `anvil/anvil.c` (`anvil_status_dump`).

use super::Said;
use crate::grammar::split;
use crate::record::{Event, Observed, Peer};
use core::net::IpAddr;

/// Reads a line of anvil(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let text = said.words.strip_prefix(b"statistics: ")?;
    let digits = text.iter().position(u8::is_ascii_digit)?;
    let action = text.get(..digits)?.trim_ascii_end();
    let client = split(text, b" for (")
        .and_then(|(_, rest)| split(rest, b") at "))
        .and_then(|(pair, _)| client(pair))
        .map(|ip| Peer {
            ip,
            ..Peer::default()
        });
    action
        .starts_with(b"max ")
        .then_some(Event::Anvil(Observed {
            action,
            client,
            text,
        }))
}

/// The client in `service:ip`: after one colon, or after two where the service is `address:port`.
fn client(pair: &[u8]) -> Option<&[u8]> {
    let (first, rest) = match pair.strip_prefix(b"[") {
        Some(inner) => split(inner, b"]:")?,
        None => split(pair, b":")?,
    };
    let listens = std::str::from_utf8(first).is_ok_and(|first| first.parse::<IpAddr>().is_ok());
    if listens {
        split(rest, b":").map(|(_, ip)| ip)
    } else {
        Some(rest)
    }
}
