//! tlsproxy(8): connections that it encrypts for postscreen(8) and smtp(8).
//!
//! ```text
//! CONNECT from|to [ip]:port      DISCONNECT [ip]:port      TLS handshake failed for service=S peer=[ip]:port
//! ```
//!
//! Its TLS summaries are like everybody's. Specified in `tlsproxy/tlsproxy.c`.

use super::Said;
use crate::grammar::split;
use crate::peer::peer;
use crate::record::{Event, Observed};

/// Reads a line of tlsproxy(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    const SHAPES: [(&[u8], usize); 4] = [
        (b"CONNECT from ", 7),
        (b"CONNECT to ", 7),
        (b"DISCONNECT ", 10),
        (b"TLS handshake failed for ", 20),
    ];
    SHAPES.into_iter().find_map(|(start, length)| {
        let rest = said.words.strip_prefix(start)?;
        let rest = split(rest, b"peer=").map_or(rest, |(_, rest)| rest);
        Some(Event::Tlsproxy(Observed {
            action: said.words.get(..length)?,
            client: Some(peer(rest).ok()?.1),
            text: said.words,
        }))
    })
}
