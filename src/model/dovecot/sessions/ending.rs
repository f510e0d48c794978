//! How a session ended, from the text of its last line.
//!
//! Specified in `imap/imap-client.c` (`client_get_disconnect_reason`), `pop3/pop3-client.c`, `lib-master/master-service.c`.

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The client said good-bye.
    LoggedOut,
    /// The client closed the connection while it waited for new mail (IMAP IDLE).
    Idle,
    /// The client closed the connection, or it broke.
    Closed,
    /// The client said nothing for too long, or did not take what it asked for.
    Inactivity,
    /// Dovecot stopped or started anew.
    ShutDown,
    /// Anything else: too many wrong commands, a mailbox that cannot be read, an administrator.
    Other,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::LoggedOut,
        Self::Idle,
        Self::Closed,
        Self::Inactivity,
        Self::ShutDown,
        Self::Other,
    ];

    /// In a word or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoggedOut => "logout",
            Self::Idle => "idle",
            Self::Closed => "closed",
            Self::Inactivity => "inactivity",
            Self::ShutDown => "shutdown",
            Self::Other => "other",
        }
    }

    /// Reads the last line's text.
    pub(super) fn of(text: &[u8]) -> Self {
        let cause = text.strip_prefix(b"Disconnected: ").unwrap_or(text);
        let starts: [(&[u8], Self); 10] = [
            (b"Logged out", Self::LoggedOut),
            (b"Client has quit", Self::LoggedOut),
            (b"Connection closed (IDLE running", Self::Idle),
            (b"Connection closed", Self::Closed),
            (b"Connection reset", Self::Closed),
            (b"Remote closed connection", Self::Closed),
            (b"Inactivity", Self::Inactivity),
            (b"Disconnected for inactivity", Self::Inactivity),
            (b"for inactivity", Self::Inactivity),
            (b"Server shutting down", Self::ShutDown),
        ];
        starts
            .into_iter()
            .find(|(start, _)| cause.starts_with(start))
            .map_or(Self::Other, |(_, ending)| ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_by_their_first_words() {
        let table = [
            ("Disconnected: Logged out in=1 out=2", Ending::LoggedOut),
            (
                "Logged out in=93, out=1020, bytes=93/1020",
                Ending::LoggedOut,
            ),
            (
                "Disconnected: Connection closed (IDLE running for 0.001 + waiting input for 0.301 secs, 2 B in + 10 B out, state=wait-input) in=28 out=767",
                Ending::Idle,
            ),
            (
                "Disconnected: Connection closed (No commands sent) in=0 out=415",
                Ending::Closed,
            ),
            (
                "Connection closed: read(size=4096) failed: Connection reset by peer in=1 out=2",
                Ending::Closed,
            ),
            (
                "Disconnected: Inactivity - no input for 1800 secs in=1 out=2",
                Ending::Inactivity,
            ),
            (
                "Disconnected for inactivity in reading our output in=1 out=2",
                Ending::Inactivity,
            ),
            (
                "Disconnected: Server shutting down. in=1 out=2",
                Ending::ShutDown,
            ),
            (
                "Disconnected: Too many invalid IMAP commands. in=1 out=2",
                Ending::Other,
            ),
        ];
        for (text, ending) in table {
            assert_eq!(Ending::of(text.as_bytes()), ending, "{text}");
        }
    }
}
