//! How fast lines are read: from memory, on one core, next to two named peers over the same bytes.
//!
//! Run with `cargo bench -p mailtop-parsers`; a log of your own is measured too with `cargo bench -p mailtop-parsers -- LOG`.
//!
//! Three logs: what a message through a relay writes; the corpus, which has every wording once and so is harder than any real
//! log; and `lab.log`, recorded from the Postfix and Dovecot of `tests/lab` and grown to 100 MB. The peers are a bare newline
//! count with memchr, which is as fast as a log can be read at all, and the two regular expressions that log collectors
//! use for Postfix (a grok pattern for the envelope and one for deliveries), run by the regex crate.

#[path = "support/grow.rs"]
mod grow;

use chrono::DateTime;
use mailtop_parsers::{Calendar, Event, Record, parse};
use regex::bytes::Regex;
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

/// Grown to this many bytes.
const GROWN: u64 = 100_000_000;

const RUNS: usize = 7;

/// The bytes of a slice: a millisecond or less.
const SLICE: usize = 200_000;

fn main() {
    println!("A record is {} bytes.", size_of::<Record<'_>>());
    report("a relay's log", &MESSAGE.repeat(20_000));
    report("the corpus", &CORPUS.concat().repeat(500));
    report("the lab's log, grown", &grown(include_bytes!("lab.log")));
    for path in std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
    {
        match std::fs::read(&path) {
            Ok(log) => report(&path, &grown(&log)),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}

fn grown(log: &[u8]) -> Vec<u8> {
    let mut copies = Vec::new();
    if let Err(error) = grow::grow(log, GROWN, &mut copies) {
        eprintln!("{error}");
    }
    copies
}

fn report(what: &str, log: &[u8]) {
    let (lines, counting) = best(log, |slice| memchr::memchr_iter(b'\n', slice).count());
    let (events, parsing) = best(log, parsed);
    // Slow and steady: a tenth of the log is enough.
    let start = log.get(..log.len() / 10).unwrap_or(log);
    let patterns = Patterns::new();
    let (_, matching) = best(start, |slice| patterns.matched(slice));
    let seconds = parsing.as_secs_f64();
    println!(
        "{what}: {} MB, {lines} lines, {events} with an event; {:.0} lines/s, {:.0} MB/s, {:.0} ns a line; {:.1} times as long as a \
         newline count, {:.0} times as fast as the regular expressions",
        log.len() / 1_000_000,
        lines as f64 / seconds,
        log.len() as f64 / seconds / 1e6,
        seconds * 1e9 / lines as f64,
        seconds / counting.as_secs_f64(),
        matching.as_secs_f64() / start.len() as f64 / (seconds / log.len() as f64),
    );
}

fn lines(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', log).map(move |end| {
        let line = log.get(start..end).unwrap_or_default();
        start = end + 1;
        line
    })
}

/// The number of lines with an event.
fn parsed(log: &[u8]) -> usize {
    let calendar = Calendar {
        anchor: DateTime::UNIX_EPOCH.fixed_offset(),
    };
    lines(log)
        .filter(|line| {
            let record = parse(black_box(line), &calendar);
            // By reference: to hand it over is not what is measured.
            black_box(&record);
            !matches!(record.event, Event::Unrecognized { .. })
        })
        .count()
}

/// What log collectors match.
struct Patterns {
    envelope: Regex,
    delivery: Regex,
}

impl Patterns {
    fn new() -> Self {
        Self {
            envelope: pattern(
                r"^(?<time>\S+|\w{3} [ \d]\d [\d:]{8}) (?<host>\S+) (?<program>[\w./-]+)(?:\[(?<pid>\d+)\])?: (?:(?<id>[0-9A-Za-z]{6,24}): )?(?<text>.*)$",
            ),
            delivery: pattern(
                r"^to=<(?<to>[^>]*)>, (?:orig_to=<(?<orig>[^>]*)>, )?relay=(?<relay>[^,]+), (?:conn_use=(?<use>\d+), )?delay=(?<delay>[^,]+), delays=(?<a>[^/]+)/(?<b>[^/]+)/(?<c>[^/]+)/(?<d>[^,]+), dsn=(?<dsn>[^,]+), status=(?<status>\w+) \((?<reply>.*)\)$",
            ),
        }
    }

    /// The number of lines that fit.
    fn matched(&self, log: &[u8]) -> usize {
        let fits = |line: &&[u8]| {
            let Some(head) = self.envelope.captures(line) else {
                return false;
            };
            let text = head.name("text").map_or(&b""[..], |text| text.as_bytes());
            black_box(
                text.starts_with(b"to=<")
                    .then(|| self.delivery.captures(text)),
            );
            true
        };
        lines(log).filter(fits).count()
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?-u){text}")).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(1)
    })
}

/// Runs over the whole log a few times and adds up the fastest time of every slice: on a machine that does other work too, some
/// slices of every run are disturbed, and the same ones seldom.
fn best(log: &[u8], run: impl Fn(&[u8]) -> usize) -> (usize, Duration) {
    let mut slices = Vec::new();
    let mut rest = log;
    while !rest.is_empty() {
        let from = rest.len().min(SLICE);
        let end = rest.get(from..).and_then(|far| memchr::memchr(b'\n', far));
        let (slice, after) = rest.split_at(end.map_or(rest.len(), |end| from + end + 1));
        slices.push((slice, 0, Duration::MAX));
        rest = after;
    }
    for _ in 0..RUNS {
        for (slice, count, fastest) in &mut slices {
            let start = Instant::now();
            *count = run(black_box(slice));
            *fastest = start.elapsed().min(*fastest);
        }
    }
    let counts = slices.iter().map(|(_, count, _)| count);
    let times = slices.iter().map(|(_, _, fastest)| fastest);
    (counts.sum(), times.sum())
}
