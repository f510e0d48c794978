//! How soon the dashboard shows the past of a log of 1 GB: the real program in a real terminal.
//!
//! `cargo bench --bench past`. It makes a log that ends now in the directory for temporary files and deletes it; `PAST_BENCH_BYTES` makes another
//! size. Printed: the time from the start of the process to the first whole frame, to the last hour in the chart, and to all
//! that was asked for, for the last day and for everything; beside it the time that wc(1) takes to count the lines.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

#[path = "../tests/support/console.rs"]
mod console;
#[path = "../parsers/benches/support/grow.rs"]
mod grow;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use console::Console;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const SIZE: (u16, u16) = (120, 36);
const RUNS: usize = 7;
const SEED: &[u8] = include_bytes!("../parsers/benches/lab.log");
/// What the chart's title says once it shows an hour or more.
const HOUR: [&str; 7] = ["60 min", "2 h", "4 h", "8 h", "12 h", "16 h", "24 h"];

fn main() {
    let size = std::env::var("PAST_BENCH_BYTES")
        .map_or(1 << 30, |size| size.parse().expect("a number of bytes"));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let log = directory.path().join("mail.log");
    fs::write(&log, ending_now(size)).expect("room for the log");
    let wc = median((0..RUNS).map(|_| {
        let begin = Instant::now();
        let mut wc = Command::new("wc");
        wc.arg("-l").arg(&log).stdout(Stdio::null());
        assert!(wc.status().expect("wc runs").success());
        milliseconds(begin, Instant::now())
    }));
    println!("wc -l: {wc:.0} ms");
    for since in ["24h", "30d"] {
        let mut frames = Vec::new();
        let mut hours = Vec::new();
        let mut alls = Vec::new();
        for _ in 0..RUNS {
            let begin = Instant::now();
            let mut console = Console::open(&mailtop(&log, since), SIZE);
            frames.push(milliseconds(begin, console.wait_for("quit")));
            let hour = console.wait_until("the last hour", |screen| {
                let text = screen.contents();
                HOUR.iter()
                    .any(|span| text.contains(&format!("last {span}")))
            });
            hours.push(milliseconds(begin, hour));
            let all = console.wait_until("all of it", |screen| {
                let text = screen.contents();
                text.contains("last 24 h") && !text.contains("reading ")
            });
            alls.push(milliseconds(begin, all));
            console.type_in("q");
            console.exit();
        }
        println!(
            "--since {since}: first frame {:.0} ms, the last hour {:.0} ms, all {:.0} ms ({:.1} times wc -l)",
            median(frames.into_iter()),
            median(hours.into_iter()),
            median(alls.clone().into_iter()),
            median(alls.into_iter()) / wc,
        );
    }
}

fn mailtop(log: &Path, since: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
    command.arg("--log").arg(log).args(["--since", since]);
    command
}

/// A grown log whose last line was written now.
fn ending_now(size: u64) -> Vec<u8> {
    let mut log = Vec::with_capacity(size as usize + SEED.len() * 2);
    grow::grow(SEED, size, &mut log).expect("it grows");
    let stamp = |line: &[u8]| {
        let end = memchr::memchr(b' ', line)?;
        let text = std::str::from_utf8(line.get(..end)?).ok()?;
        Some((end, DateTime::parse_from_rfc3339(text).ok()?.to_utc()))
    };
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', &log).collect();
    let starts = |nth: usize| if nth == 0 { 0 } else { ends[nth - 1] + 1 };
    let last = (0..ends.len())
        .rev()
        .find_map(|nth| stamp(&log[starts(nth)..ends[nth]]));
    let shift: TimeDelta = Utc::now() - last.expect("stamps").1;
    for nth in 0..ends.len() {
        let line = &mut log[starts(nth)..ends[nth]];
        if let Some((end, time)) = stamp(line) {
            let text = (time + shift).to_rfc3339_opts(SecondsFormat::Micros, false);
            assert_eq!(text.len(), end, "stamps have microseconds and an offset");
            line[..end].copy_from_slice(text.as_bytes());
        }
    }
    log
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn milliseconds(begin: Instant, end: Instant) -> f64 {
    (end - begin).as_secs_f64() * 1000.0
}
