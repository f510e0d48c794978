//! The names of the events in JSON: a contract, so a name stays.
//!
//! In: an event. Out: its name. What a restriction did is told by its action.

use mailtop_parsers::{Event, Unrecognized};

/// A known daemon's text without an event of the contract.
pub(super) const OTHER: &str = "other";

/// The event's name.
pub(super) fn name(event: &Event<'_>) -> &'static str {
    match event {
        Event::Connect { .. } => "connect",
        Event::Disconnect { .. } => "disconnect",
        Event::LostConnection { .. } => "lost_connection",
        Event::Client { .. } => "client",
        Event::Pickup { .. } => "pickup",
        Event::Cleanup { .. } => "cleanup",
        Event::Queued { .. } => "queued",
        Event::Delivery(_) => "delivery",
        Event::Interim { .. } => "interim",
        Event::BounceNotification { .. } => "bounce_notification",
        Event::Expired { .. } => "expired",
        Event::Removed { .. } => "removed",
        Event::Hold { .. } => "hold",
        Event::Released { .. } => "released",
        Event::Requeued { .. } => "requeued",
        Event::Verdict(verdict) => verdict_name(verdict.verb()),
        Event::SaslFailed { .. } | Event::LoginFailed { .. } | Event::AuthFailed { .. } => {
            "auth_failed"
        }
        Event::Tls(_) => "tls",
        Event::Anvil(_) => "anvil",
        Event::Postscreen(_) => "postscreen",
        Event::Tlsproxy(_) => "tlsproxy",
        Event::Dnsbl(_) => "dnsbl",
        Event::Sieve { .. } => "sieve",
        Event::Login(_) => "login",
        Event::Logout { .. } => "logout",
        Event::LmtpConnect { .. } => "lmtp_connect",
        Event::LmtpDisconnect { .. } => "lmtp_disconnect",
        Event::Saved { who, .. } if who.service != b"lmtp" => "lda_save",
        Event::Saved { .. } => "lmtp_save",
        Event::Unrecognized { kind, .. } => match kind {
            Unrecognized::Warning => "warning",
            Unrecognized::Other => OTHER,
            Unrecognized::Foreign => "foreign",
            Unrecognized::Unparsed => "unparsed",
        },
        // The contract has no name for them; `action` says what they are.
        Event::ForceExpire { .. }
        | Event::MailLog { .. }
        | Event::Notice { .. }
        | Event::LoginAborted { .. } => OTHER,
    }
}

/// What a restriction, milter or check did is the event's name where the contract has one; `action` holds the exact word.
pub(super) fn verdict_name(verb: &[u8]) -> &'static str {
    match verb {
        b"hold" => "hold",
        b"filter" => "filter",
        b"discard" => "discard",
        b"redirect" => "redirect",
        b"accept" => "proxy_accept",
        b"reject" | b"reject_warning" => "reject",
        _ => OTHER,
    }
}
