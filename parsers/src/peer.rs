//! Peers as Postfix writes them: `host[address]`, sometimes with `:port`.
//!
//! Comes in: text that begins with a peer. Goes out: a [`Peer`]. The host is a name that Postfix checked (or `unknown`) and
//! so has no blank and no bracket; the address may be IPv6 without prefix, `unknown`, or a socket's path.
//!
//! Deliberately not here: reading the address as a number. Specified in `smtpd/smtpd_peer.c` (`namaddr`),
//! `smtp/smtp_session.c`.

use crate::grammar::{NO, Read, find_byte_before, leading_number, split_at, split_byte};
use crate::record::Peer;

/// Reads a peer.
pub(crate) fn peer(input: &[u8]) -> Read<'_, Peer<'_>> {
    let host = find_byte_before(b'[', b' ', input).ok_or(NO)?;
    let (host, rest) = split_at(input, host, 1).ok_or(NO)?;
    let (ip, rest) = split_byte(rest, b']').ok_or(NO)?;
    if ip.is_empty() {
        return Err(NO);
    }
    let (port, rest) = match rest.strip_prefix(b":").and_then(leading_number) {
        Some((port, after)) => match u16::try_from(port) {
            Ok(port) => (Some(port), after),
            Err(_) => (None, rest),
        },
        None => (None, rest),
    };
    Ok((rest, Peer { host, ip, port }))
}

/// Reads a whole field as a peer.
pub(crate) fn whole_peer(field: &[u8]) -> Option<Peer<'_>> {
    match peer(field) {
        Ok((b"", peer)) => Some(peer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_with_and_without_port() {
        let table: [(&[u8], Peer<'_>); 4] = [
            (
                b"mx.example[192.0.2.1]:25",
                Peer {
                    host: b"mx.example",
                    ip: b"192.0.2.1",
                    port: Some(25),
                },
            ),
            (
                b"unknown[2001:db8::1]",
                Peer {
                    host: b"unknown",
                    ip: b"2001:db8::1",
                    port: None,
                },
            ),
            (
                b"unknown[unknown]",
                Peer {
                    host: b"unknown",
                    ip: b"unknown",
                    port: None,
                },
            ),
            (
                b"mail[private/dovecot-lmtp]",
                Peer {
                    host: b"mail",
                    ip: b"private/dovecot-lmtp",
                    port: None,
                },
            ),
        ];
        for (text, expected) in table {
            assert_eq!(whole_peer(text), Some(expected), "{}", text.escape_ascii());
        }
        for text in [
            &b"none"[..],
            b"a b[1]",
            b"a[]",
            b"a[1",
            b"a[1]:99999",
            b"a[1] ",
        ] {
            assert_eq!(whole_peer(text), None, "{}", text.escape_ascii());
        }
    }
}
