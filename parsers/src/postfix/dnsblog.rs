//! dnsblog(8): `addr IP listed by domain L as A`. Specified in `dnsblog/dnsblog.c`.

use super::Said;
use crate::grammar::split;
use crate::record::{Event, Observed, Peer};

/// Reads a line of dnsblog(8).
pub(super) fn event<'a>(said: &Said<'a>) -> Option<Event<'a>> {
    let (ip, rest) = split(said.words.strip_prefix(b"addr ")?, b" ")?;
    let action = rest.get(..b"listed".len())?;
    rest.starts_with(b"listed by domain ")
        .then_some(Event::Dnsbl(Observed {
            action,
            client: Some(Peer {
                ip,
                ..Peer::default()
            }),
            text: said.words,
        }))
}
