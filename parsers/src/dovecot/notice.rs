//! What Dovecot says of itself: starts, proxies, indexing, and progress that changes no message.
//!
//! Specified in `master/main.c`, `login-common/login-proxy.c`, `indexer/master-connection.c`, `auth/main.c`.

use crate::record::Event;

/// The service (empty: any), how the text begins, and our word for it.
const SHAPES: [(&[u8], &[u8], &str); 9] = [
    (b"master", b"Dovecot v", "start"),
    (b"indexer-worker", b"Indexed ", "indexed"),
    (b"ssl-params", b"", "tls_setup"),
    (b"stats", b"", "statistics"),
    (b"old-stats", b"", "statistics"),
    (b"anvil", b"", "statistics"),
    (b"log", b"", "log"),
    (b"config", b"", "configuration"),
    (b"", b"quota: ", "quota"),
];

/// Reads a line of any service. A line with a level word is a warning before it comes here.
pub(super) fn event<'a>(service: &[u8], words: &'a [u8]) -> Option<Event<'a>> {
    let action = if words.starts_with(b"proxy(") {
        "proxy"
    } else {
        SHAPES
            .into_iter()
            .find(|(who, start, _)| (who.is_empty() || *who == service) && words.starts_with(start))
            .map(|(_, _, action)| action)?
    };
    Some(Event::Notice {
        action,
        queue_id: None,
        peer: None,
        text: words,
    })
}
