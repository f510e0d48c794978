//! Everything that can happen to mailtop. One road, one order; a recorded stream of these is a tape.
//!
//! Log lines and queue listings travel as raw bytes: parsing is the model's business, and a tape stays readable.

use crate::app::key::Key;
pub use crate::app::search::{Found, Lives, Part};
use crate::model::Reading;
use crate::model::attempts::Attempts;
use crate::model::dovecot::who::Who;
use crate::model::facts::Facts;
use crate::model::feeds::FeedReport;
use crate::model::host::HostSample;
use crate::model::journal::Receipt;
use crate::model::limits::Limits;
use crate::model::settings::Settings;
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// Time passed. The only clock that the floors below the runtime know.
    Tick(DateTime<Utc>),
    /// Whole log lines.
    Log(LogBatch),
    /// What was logged before mailtop began to follow.
    Past(Past),
    /// A piece of a queue listing.
    Listing(Listing),
    /// The host's figures.
    Host(Box<HostSample>),
    /// What Postfix is set to.
    Settings(Settings),
    /// How many processes Postfix and Dovecot allow, and what else they stop at.
    Limits(Box<Limits>),
    /// When deferred messages are tried again.
    Attempts(Attempts),
    /// Who is connected to Dovecot.
    Who(Box<Who>),
    /// A source changed state.
    Feed(FeedReport),
    /// An action came to its end.
    Receipt(Box<Receipt>),
    /// A part of the answer to a search in the logs.
    Found(Found),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal answered how its background is.
    Background(Ground),
    /// Something that the shell was asked for came to its end: a sentence, and whether it is good news.
    Said {
        /// The sentence.
        text: SafeText,
        /// Whether it went well.
        good: bool,
    },
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The process is told to end: SIGTERM, SIGHUP, SIGINT, or the terminal is gone.
    Terminate,
}

/// What the terminal draws upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Nearer to black.
    Dark,
    /// Nearer to white.
    Light,
}

/// What a mouse did, while it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
    /// The left button was pressed.
    Click {
        /// Columns from the left, 0 being the first.
        column: u16,
        /// Rows from above, 0 being the first.
        row: u16,
    },
}

/// Whole lines of one log, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogBatch {
    /// The log's path, or `journal`.
    pub source: Box<str>,
    /// The lines, each ended by `\n`. Bytes as logged, but no line is longer than 64 KiB and no NUL run is kept.
    pub lines: Vec<u8>,
    /// The newest plausible moment of these lines, for stamps without a year: the file's modification time or now.
    pub anchor: DateTime<Utc>,
}

/// What was logged before mailtop began to follow, read newest first.
#[derive(Debug, Clone, PartialEq)]
pub enum Past {
    /// What a piece of a log tells: it lies right before all of that log that was told so far.
    Told(Box<Facts>),
    /// How far a file is read.
    Reading(Reading),
    /// A file, or a part of it, cannot be read.
    Unread {
        /// The log that it belongs to.
        log: Box<str>,
        /// A sentence with the file's name and the reason.
        why: SafeText,
        /// Bytes that were there and are lost.
        lost: u64,
    },
    /// All is read.
    Read,
}

/// One `postqueue -j` run, in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// It starts.
    Begin {
        /// When.
        at: DateTime<Utc>,
        /// The Postfix instance that is listed.
        instance: Box<str>,
    },
    /// Lines of it, each ended by `\n`.
    Lines(Vec<u8>),
    /// It ended.
    End {
        /// When.
        at: DateTime<Utc>,
        /// How long it took.
        took: Duration,
        /// Whether it came to its end with exit status 0; otherwise only what it showed so far is known.
        complete: bool,
        /// When the next one starts.
        next: DateTime<Utc>,
    },
}
