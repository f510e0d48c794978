//! Lines per second: the corpus, repeated, parsed from memory on one core; and the same bytes with only their newlines
//! counted, which is as fast as a log can be read at all.
//!
//! Run with `cargo bench -p mailtop-parsers`. The corpus has every wording once, so it is harder than a real log, most of
//! which is a few wordings.

use chrono::DateTime;
use mailtop_parsers::{Calendar, Event, parse};
use std::hint::black_box;
use std::time::{Duration, Instant};

const CORPUS: [&[u8]; 4] = [
    include_bytes!("../tests/corpus/smtpd.log"),
    include_bytes!("../tests/corpus/queue.log"),
    include_bytes!("../tests/corpus/delivery.log"),
    include_bytes!("../tests/corpus/dovecot.log"),
];

/// What one message through a relay writes: the bulk of real logs.
const MESSAGE: &[u8] = b"\
2026-06-05T09:00:00.123456+02:00 mail postfix/smtpd[12]: connect from mx.example[192.0.2.1]
2026-06-05T09:00:00.123456+02:00 mail postfix/smtpd[12]: 4D1A22001F: client=mx.example[192.0.2.1]
2026-06-05T09:00:00.123456+02:00 mail postfix/cleanup[13]: 4D1A22001F: message-id=<20260605070000.4D1A22001F@mx.example>
2026-06-05T09:00:00.123456+02:00 mail postfix/qmgr[14]: 4D1A22001F: from=<sender@c.example>, size=2345, nrcpt=1 (queue active)
2026-06-05T09:00:00.123456+02:00 mail postfix/smtpd[12]: disconnect from mx.example[192.0.2.1] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7
2026-06-05T09:00:00.123456+02:00 mail postfix/smtp[15]: 4D1A22001F: to=<recipient@d.example>, relay=mx.d.example[192.0.2.25]:25, delay=1.1, delays=0.05/0.01/0.6/0.44, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 5E2B330020)
2026-06-05T09:00:00.123456+02:00 mail postfix/qmgr[14]: 4D1A22001F: removed
";

fn main() {
    report("a relay's log", &MESSAGE.repeat(20_000));
    report("the corpus", &CORPUS.concat().repeat(500));
}

fn report(what: &str, log: &[u8]) {
    let calendar = Calendar {
        anchor: DateTime::UNIX_EPOCH.fixed_offset(),
    };
    let (lines, counting) = best(|| memchr::memchr_iter(b'\n', black_box(log)).count());
    let (events, parsing) = best(|| {
        let mut start = 0;
        let mut events = 0;
        for end in memchr::memchr_iter(b'\n', log) {
            let line = log.get(start..end).unwrap_or_default();
            start = end + 1;
            let record = black_box(parse(black_box(line), &calendar));
            events += usize::from(!matches!(record.event, Event::Unrecognized { .. }));
        }
        events
    });
    let seconds = parsing.as_secs_f64();
    println!(
        "{what}: {lines} lines, {events} with an event; {:.0} lines/s, {:.0} MB/s, {:.0} ns a line, {:.1} times a newline count",
        lines as f64 / seconds,
        log.len() as f64 / seconds / 1e6,
        seconds * 1e9 / lines as f64,
        seconds / counting.as_secs_f64(),
    );
}

/// The fastest of a few runs: the others were disturbed.
fn best(run: impl Fn() -> usize) -> (usize, Duration) {
    let runs = (0..5).map(|_| {
        let start = Instant::now();
        (run(), start.elapsed())
    });
    runs.min_by_key(|(_, time)| *time).unwrap_or_default()
}
