//! Where the journal's mail begins and ends: its oldest and its newest entry.

use super::gather::Gather;
use super::stream::Stream;
use super::{Journal, sentences};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The place of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// `__CURSOR`.
    pub cursor: Vec<u8>,
    /// When journald received it, in microseconds since 1970.
    pub received: i64,
}

impl Mark {
    /// When journald received it.
    pub fn time(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.received).unwrap_or_default()
    }
}

impl Journal {
    /// The newest entry of mail; `None` when there is none.
    ///
    /// # Errors
    /// Why the journal cannot be read, a sentence.
    pub fn newest(&self) -> Result<Option<Mark>, SafeText> {
        self.first_of(&["--lines=1"])
    }

    /// The oldest entry of mail; `None` when there is none.
    ///
    /// # Errors
    /// Why the journal cannot be read, a sentence.
    pub fn oldest(&self) -> Result<Option<Mark>, SafeText> {
        // journalctl ends when nobody reads on; `--lines=+1` is younger than the systemd of Debian 12.
        self.first_of(&[])
    }

    fn first_of(&self, arguments: &[&str]) -> Result<Option<Mark>, SafeText> {
        let hasty = Self {
            silence: self.silence.min(PATIENCE),
            ..self.clone()
        };
        let mut stream = Stream::start(&hasty, arguments.iter().copied())?;
        let stop = AtomicBool::new(false);
        let (mut gather, mut room) = (Gather::new(self.zone), vec![0; 64 * 1024]);
        loop {
            let read = stream.read(&mut room, &stop)?;
            if read == 0 && sentences::is_denial(stream.said()) {
                return Err(sentences::denied());
            }
            gather.take(room.get(..read).unwrap_or_default());
            if read == 0 || gather.first.is_some() {
                return Ok(gather.first);
            }
        }
    }
}
