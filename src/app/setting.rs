//! The setting: what the program was told at its start and can't change: which host, live or a tape, and what it may do.

use crate::model::journal::Verb;
use crate::safe_text::SafeText;

/// Where the facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// This host, now.
    Live,
    /// The built-in tape; actions are answered by the tape's own queue.
    Demo,
    /// A tape from a file.
    Replay,
}

/// What the program was told at its start.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The host's name, as in the log.
    pub host: SafeText,
    /// Where the facts come from.
    pub mode: Mode,
    /// Postfix's configuration directory, when it is not the default one.
    pub config_dir: Option<SafeText>,
    /// Why this user can't hold, release, requeue or delete; the command follows. `None` when the user can.
    pub no_actions: Option<SafeText>,
}

impl Setting {
    /// Postfix's configuration directory, when it is not the default one.
    pub fn config_dir(&self) -> Option<&str> {
        self.config_dir.as_ref().map(SafeText::as_str)
    }

    /// Why this user can't do that; `None` when it can be done. Flushing is left to Postfix, which asks its
    /// `authorized_flush_users` (`postconf(5)`).
    pub fn blocked(&self, verb: Verb) -> Option<SafeText> {
        self.no_actions.clone().filter(|_| verb != Verb::Flush)
    }
}
