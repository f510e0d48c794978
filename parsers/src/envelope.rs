//! The syslog head.
use crate::{Calendar, Event, Record, Unrecognized};

/// Reads one line.
pub fn parse<'a>(line: &'a [u8], _calendar: &Calendar) -> Record<'a> {
    let event = Event::Unrecognized {
        kind: Unrecognized::Unparsed,
        text: line,
    };
    Record {
        time: None,
        host: None,
        program: b"",
        pid: None,
        severity: None,
        event,
    }
}
