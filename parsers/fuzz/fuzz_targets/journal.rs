//! Any bytes as a stream of the journal, in both formats and in pieces of any size.
//!
//! In: a stream; its length says the size of the pieces. Checked: the pieces do not change what is read, no entry holds more
//! than its limits, and every entry gives a record whose queue id is one. A line of JSON gives one entry at most.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use mailtop_parsers::journal::{Entry, Format, Journal, MESSAGE_LIMIT};
use mailtop_parsers::{Calendar, QueueId};

fn entries(format: Format, stream: &[u8], piece: usize) -> Vec<Entry> {
    let mut journal = Journal::new(format);
    let mut entries = Vec::new();
    for piece in stream.chunks(piece) {
        journal.take(piece, |entry| entries.push(entry.clone()));
    }
    journal.finish(|entry| entries.push(entry.clone()));
    entries
}

fuzz_target!(|stream: &[u8]| {
    let calendar = Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-06-05T12:00:00+02:00").expect("a moment"),
    };
    let _ = Format::of(stream);
    for format in [Format::Export, Format::Json] {
        let whole = entries(format, stream, usize::MAX);
        assert_eq!(whole, entries(format, stream, 1 + stream.len() % 61));
        for entry in &whole {
            assert!(entry.message().unwrap_or_default().len() <= MESSAGE_LIMIT);
            let record = entry.record(&calendar);
            if let Some(id) = record.event.queue_id() {
                assert_eq!(QueueId::new(id.as_str().as_bytes()), Some(id));
            }
        }
        let lines = stream.split(|byte| *byte == b'\n').count();
        assert!(format == Format::Export || whole.len() <= lines);
    }
});
