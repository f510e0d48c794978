//! What a report costs: the whole program beside pflogsumm(1) and wc(1), and the fold of a line beyond its parsing.
//!
//! `cargo bench --bench report`. The log is the lab's, grown to `REPORT_BENCH_BYTES` (1 GB when not set) in the directory for temporary files.
//! Printed are wall times, the best of several runs in turn, the memory that the program took at most, and, in this process and on one
//! core, nanoseconds for each line. pflogsumm gets a part of the log and its time is taken for all of it; it is left out where it is not
//! installed.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

#[path = "../parsers/benches/support/grow.rs"]
mod grow;

use chrono::{Offset, Utc};
use mailtop::knowledge::Knowledge;
use mailtop::model::facts::Facts;
use mailtop_parsers::Calendar;
use mailtop_parsers::journal::Mixed;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SEED: &[u8] = include_bytes!("../parsers/benches/lab.log");
const RUNS: usize = 3;
/// What pflogsumm reads, and what is folded in this process.
const PART: u64 = 50_000_000;

fn main() {
    let bytes = std::env::var("REPORT_BENCH_BYTES")
        .ok()
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(1_000_000_000);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (log, part) = (
        directory.path().join("mail.log"),
        directory.path().join("part.log"),
    );
    for (path, bytes) in [(&log, bytes), (&part, PART.min(bytes))] {
        let mut out = BufWriter::new(File::create(path).expect("the log"));
        grow::grow(SEED, bytes, &mut out).expect("room for the log");
        out.flush().expect("room for the log");
    }
    let length = |path: &Path| fs::metadata(path).expect("the log").len() as f64;
    let mut best = [Duration::MAX; 3];
    let mut memory = 0;
    for _ in 0..RUNS {
        let (took, _) = run(Command::new("wc").arg("-l").arg(&log));
        best[0] = best[0].min(took);
        let mut mailtop = Command::new(env!("CARGO_BIN_EXE_mailtop"));
        let (took, most) = run(mailtop.args(["report", "--json"]).arg(&log));
        best[1] = best[1].min(took);
        memory = memory.max(most);
    }
    let pflogsumm = Command::new("pflogsumm")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if pflogsumm.is_ok_and(|status| status.success()) {
        let (took, _) = run(Command::new("pflogsumm").arg(&part));
        best[2] = took.mul_f64(length(&log) / length(&part));
    }
    let [wc, mailtop, pflogsumm] = best.map(|time| time.as_secs_f64());
    println!("{:.0} MB", length(&log) / 1e6);
    println!("wc -l                  {wc:>8.2} s");
    println!(
        "mailtop report --json  {mailtop:>8.2} s  {:>6.1} times wc, {memory} kB resident",
        mailtop / wc
    );
    if best[2] < Duration::MAX {
        println!(
            "pflogsumm              {pflogsumm:>8.2} s  {:>6.1} times mailtop",
            pflogsumm / mailtop
        );
    }
    fold(&part);
}

/// Runs to the end: how long it took, and the most memory that was seen meanwhile, in kB.
fn run(command: &mut Command) -> (Duration, u64) {
    let begin = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut out = child.stdout.take().expect("it is piped");
    let status = format!("/proc/{}/status", child.id());
    // The memory is asked for whenever something was printed, and a report is printed at its end.
    let (mut room, mut most) = (vec![0; 1 << 16], 0);
    while out.read(&mut room).expect("its output") > 0 {
        most = most.max(high_water(&status).unwrap_or(0));
    }
    assert!(child.wait().expect("it ends").success(), "{command:?}");
    (begin.elapsed(), most)
}

fn high_water(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Parsing alone, parsing and folding to what a report prints, and to all that the dashboard shows, in turn.
fn fold(part: &Path) {
    let lines = fs::read(part).expect("the log");
    let now = Utc::now();
    let zone = Utc.fix();
    let calendar = Calendar {
        anchor: now.with_timezone(&zone),
    };
    let ends: Vec<usize> = memchr::memchr_iter(b'\n', &lines).collect();
    let count = ends.len() as u32;
    let mut best = [Duration::MAX; 3];
    for _ in 0..RUNS {
        let begin = Instant::now();
        let (mut mixed, mut start) = (Mixed::default(), 0);
        for end in &ends {
            black_box(mixed.record(&lines[start..*end], &calendar));
            start = end + 1;
        }
        best[0] = best[0].min(begin.elapsed());
        let facts = || Facts::new(Knowledge::builtin(), zone);
        for (best, mut facts) in best[1..].iter_mut().zip([facts().sums_only(), facts()]) {
            let begin = Instant::now();
            facts.lines(&lines, now);
            black_box(facts.told().lines.read);
            *best = (*best).min(begin.elapsed());
        }
    }
    let [parse, sums, all] = best.map(|time| time.as_nanos() / u128::from(count.max(1)));
    println!(
        "a line: {parse} ns parsed, {} ns folded beyond that for a report, {} ns for the dashboard ({count} lines, one core)",
        sums.saturating_sub(parse),
        all.saturating_sub(parse)
    );
}
