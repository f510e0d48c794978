//! How fast a history is read and cut into lines, beside wc(1) and gzip(1) in the same run.
//!
//! `cargo bench --bench history`. It makes a log of 1 GB in the directory for temporary files and deletes it. Printed are wall times, the
//! best of several runs: of reading alone, of counting its lines, of the first segment for a dashboard, and of a packed file.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

use chrono::{Offset, Utc};
use mailtop::sources::archive::Archive;
use mailtop::sources::archive::fold::{self, Told};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const SIZE: usize = 1 << 30;
const RUNS: usize = 5;

fn main() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let log = directory.path().join("mail.log");
    let lines = write(&log);
    let wc = best(|| run("wc", &["-l"], &log));
    report("wc -l", wc, wc);
    for workers in [1, 2] {
        report(
            &format!("read and cut, {workers} threads"),
            best(|| assert!(sum(&log, workers, |_| 1) > 0)),
            wc,
        );
        let count = || assert_eq!(sum(&log, workers, newlines), lines);
        report(
            &format!("and count lines, {workers} threads"),
            best(count),
            wc,
        );
    }
    let soon = best(|| {
        let archive = Archive::of_log(&log, Utc::now());
        let take = |fold: &mut usize, piece: mailtop::sources::archive::Piece<'_>| {
            *fold += newlines(piece.lines);
        };
        fold::newest_first(
            &archive,
            2,
            &AtomicBool::new(false),
            || 0,
            take,
            |told| match told {
                Told::Fold(_) => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            },
        );
    });
    report("newest 4 MiB", soon, wc);
    let status = Command::new("gzip")
        .arg("-1")
        .arg(&log)
        .status()
        .expect("gzip");
    assert!(status.success(), "gzip");
    let packed = directory.path().join("mail.log.gz");
    let gzip = best(|| run("gzip", &["-dc"], &packed));
    report("gzip -dc", gzip, gzip);
    report(
        "read and cut the packed file",
        best(|| assert!(sum(&packed, 1, |_| 1) > 0)),
        gzip,
    );
}

/// A log of plausible lines. Gives their number.
fn write(log: &Path) -> usize {
    let mut file = BufWriter::new(File::create(log).expect("the log"));
    let (mut size, mut lines) = (0, 0);
    while size < SIZE {
        let line = format!(
            "2026-11-24T10:{:02}:{:02}.123456+00:00 mx postfix/smtp[{}]: 4ABCDEF{lines:09}: to=<user{lines}@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 ok)\n",
            lines / 60 % 60,
            lines % 60,
            lines % 30_000
        );
        file.write_all(line.as_bytes()).expect("the log");
        size += line.len();
        lines += 1;
    }
    file.flush().expect("the log");
    lines
}

fn run(program: &str, arguments: &[&str], file: &Path) {
    let mut command = Command::new(program);
    let status = command
        .args(arguments)
        .arg(file)
        .stdout(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "{program}");
}

fn sum(log: &Path, workers: usize, take: impl Fn(&[u8]) -> usize + Sync) -> usize {
    let archive = Archive::of_files(&[log.to_owned()], Utc::now(), Utc.fix());
    let take =
        |fold: &mut usize, piece: mailtop::sources::archive::Piece<'_>| *fold += take(piece.lines);
    fold::whole(
        &archive,
        workers,
        &AtomicBool::new(false),
        || 0,
        take,
        |older, newer| older + newer,
    )
    .fold
}

fn newlines(lines: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', lines).count()
}

fn best(mut what: impl FnMut()) -> Duration {
    let runs = (0..RUNS).map(|_| {
        let begin = Instant::now();
        what();
        begin.elapsed()
    });
    runs.min().unwrap_or_default()
}

fn report(what: &str, took: Duration, peer: Duration) {
    let seconds = took.as_secs_f64();
    let rate = SIZE as f64 / seconds / 1e9;
    let ratio = seconds / peer.as_secs_f64();
    println!(
        "{what:35} {:8.1} ms {rate:7.2} GB/s {ratio:6.2} of the peer's time",
        seconds * 1e3
    );
}
