//! systemd's journal as a log: what Postfix and Dovecot wrote to journald, read with journalctl(1).
//!
//! In come entries (`-o export`), out go lines as rsyslogd(8) would have written them ([`mailtop_parsers::journal::Entry::write_line`]), so that the model, a
//! tape and a search need no second road. [`spawn`] follows the journal; [`crate::sources::archive::Archive::before_journal`] reads
//! its past in slices of time, the newest first; both meet at a cursor, so no entry is lost or read twice.
//!
//! Which entries: those of the facility mail, because Postfix and Dovecot log to it by default on every distribution, whatever their units
//! are called; and those of the units `postfix.service`, `postfix@-.service` (Debian and Ubuntu) and `dovecot.service`, for a
//! host with another `syslog_facility`, and for what they write to standard error. systemd's message about what it left out because
//! of its rate limit comes with them.
//!
//! It never begins with `-n 0`: with matches, journalctl then misses entries that are written while it starts. It begins at a cursor,
//! and not after it: `--after-cursor` leaves out one entry too many when the cursor's own was vacuumed. That entry is recognized and
//! not given out a second time.
//!
//! Deliberately not here: the journal's files, journal namespaces (`LogNamespace=`), and whom to trust: a local user may write what looks like
//! Postfix's, as into a file. A clock that was set back by more than the entries' order shows is not made up for.
//!
//! Specified in journalctl(1), systemd.journal-fields(7), `JOURNAL_EXPORT_FORMATS` (systemd.io).

mod command;
mod edges;
mod gather;
mod live;
mod sentences;
mod slice;
mod stream;
#[cfg(test)]
mod tests;

pub use command::Journal;
pub use edges::Mark;
pub use live::{Begin, Live, spawn, spawn_after};
pub(crate) use slice::{Said, Slice, slices};
