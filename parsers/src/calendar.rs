//! The missing year: what an RFC 3164 stamp leaves out is supplied from here.

use chrono::{DateTime, FixedOffset};

/// Where a stamp without year and zone is to be placed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The newest plausible moment: the file's modification time, or now. Its offset is the log's zone.
    pub anchor: DateTime<FixedOffset>,
}
