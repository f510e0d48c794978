//! The logrotate(8) of the distribution rotates in the middle of everything: each line is history or followed, once.

use super::*;
use crate::app::msg::Msg;
use crate::sources::tail;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;
use tokio::sync::mpsc::channel;

const DEADLINE: Duration = Duration::from_mins(2);

fn logrotate(bed: &Bed, style: &str) {
    let (log, hup) = (bed.log(), bed.path("hup"));
    let (log, hup) = (log.display(), hup.display());
    bed.write(
        "logrotate.conf",
        format!("{log} {{\n rotate 1000\n size 1\n {style}\n postrotate\n  touch {hup}\n endscript\n}}\n"),
    );
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(bed.path("logrotate.conf"), mode).unwrap();
    let output = Command::new("/usr/sbin/logrotate")
        .arg("-f")
        .arg("-s")
        .arg(bed.path("status"))
        .arg(bed.path("logrotate.conf"))
        .output()
        .expect("apt-get install logrotate");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Writes numbered lines until told to end, and opens the log anew when logrotate's postrotate asks for it.
fn write_lines(bed: &Bed, stop: &AtomicBool) -> usize {
    let open = || {
        File::options()
            .create(true)
            .append(true)
            .open(bed.log())
            .unwrap()
    };
    let mut log = open();
    let mut number = 0;
    while !stop.load(Ordering::Acquire) {
        if std::fs::remove_file(bed.path("hup")).is_ok() {
            log = open();
        }
        log.write_all(format!("{number:08} some line of the mail log\n").as_bytes())
            .unwrap();
        number += 1;
        if number % 16 == 0 {
            // waits for: nothing: paces the writer
            thread::sleep(Duration::from_micros(800));
        }
    }
    open().write_all(b"end\n").unwrap();
    number
}

fn wait(rotations: &AtomicUsize, enough: usize) {
    let begin = Instant::now();
    while rotations.load(Ordering::Acquire) < enough {
        assert!(begin.elapsed() < DEADLINE);
        // waits for: logrotate
        thread::sleep(Duration::from_millis(1));
    }
}

/// History and live lines of one start, and how often each came.
fn start(bed: &Bed, rotations: &AtomicUsize, after: usize) -> BTreeMap<String, usize> {
    wait(rotations, after);
    let (archive, seam) = Archive::before_tail(&bed.log(), now());
    let (sender, mut receiver) = channel(8);
    let tail = tail::spawn(vec![(bed.log(), seam.unwrap())], sender).unwrap();
    let mut lines = BTreeMap::new();
    let mut take = |text: Vec<u8>| {
        for line in String::from_utf8(text).unwrap().lines() {
            *lines.entry(line.to_owned()).or_default() += 1;
        }
    };
    thread::scope(|scope| {
        let history = scope.spawn(|| {
            // The files have other names, or are gone, when they are read.
            wait(rotations, after + 2);
            backwards(&archive)
        });
        let begin = Instant::now();
        loop {
            match receiver.try_recv() {
                Ok(Msg::Log(batch)) => {
                    let ended = batch.lines.ends_with(b"\nend\n") || batch.lines == b"end\n";
                    take(batch.lines);
                    if ended {
                        break;
                    }
                }
                Ok(_) => {}
                // waits for: the next line of the writer
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
            assert!(begin.elapsed() < DEADLINE);
        }
        let (folds, remarks) = history.join().unwrap();
        assert_eq!(remarks, [""; 0]);
        folds.into_iter().for_each(&mut take);
    });
    drop(tail);
    lines.remove("end");
    lines
}

/// Several starts while a log is written and rotated. Gives what each of them saw, the number of written lines, and those on disk.
fn started(style: &str, pause: Duration) -> (Vec<BTreeMap<String, usize>>, usize, Vec<String>) {
    let bed = Bed::new();
    // logrotate refuses directories that others may write to.
    std::fs::set_permissions(bed.0.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    bed.write("mail.log", "");
    let (stop, rotations) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (seen, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| write_lines(&bed, &stop));
        let starts: Vec<_> = [0, 1, 3, 4, 6]
            .map(|after| {
                let (bed, rotations) = (&bed, &rotations);
                scope.spawn(move || start(bed, rotations, after))
            })
            .into();
        for _ in 0..10 {
            // waits for: lines to be written between two rotations
            thread::sleep(pause);
            logrotate(&bed, style);
            rotations.fetch_add(1, Ordering::AcqRel);
        }
        stop.store(true, Ordering::Release);
        let seen: Vec<_> = starts.into_iter().map(|one| one.join().unwrap()).collect();
        (seen, writer.join().unwrap())
    });
    let (on_disk, remarks) = all(&Archive::of_log(&bed.log(), now()));
    assert_eq!(remarks, [""; 0]);
    let on_disk = on_disk
        .lines()
        .filter(|line| *line != "end")
        .map(str::to_owned)
        .collect();
    (seen, written, on_disk)
}

fn once_each(seen: &[BTreeMap<String, usize>], wanted: &[String], style: &str) {
    for (number, lines) in seen.iter().enumerate() {
        let missing: Vec<_> = wanted
            .iter()
            .filter(|line| !lines.contains_key(*line))
            .collect();
        let twice: Vec<_> = lines.iter().filter(|(_, times)| **times != 1).collect();
        assert!(
            missing.is_empty() && twice.is_empty(),
            "{style}, start {number}: {} missing from {:?} on, {} twice from {:?} on",
            missing.len(),
            missing.first(),
            twice.len(),
            twice.first()
        );
    }
}

#[test]
#[ignore = "needs logrotate"]
fn logrotate_during_start_history_and_tail_loses_nothing() {
    for (style, pause) in [
        ("create", 100),
        ("create\n compress\n delaycompress", 100),
        ("create\n dateext\n dateformat -%Y%m%d-%s", 1_100),
        ("create\n extension .log", 100),
    ] {
        let (seen, written, on_disk) = started(style, Duration::from_millis(pause));
        assert_eq!(
            on_disk.len(),
            written,
            "{style}: the history alone, afterwards"
        );
        assert!(on_disk.is_sorted(), "{style}: in order");
        once_each(&seen, &on_disk, style);
        assert!(seen.iter().all(|lines| lines.len() == written), "{style}");
    }
}

#[test]
#[ignore = "needs logrotate"]
fn logrotate_copytruncate_during_start_history_and_tail_loses_nothing_that_is_on_disk() {
    // Longer than the quarter of a second between two looks: a file that is emptied twice in between can lose lines.
    let pause = Duration::from_millis(400);
    for style in ["copytruncate", "copytruncate\n compress\n delaycompress"] {
        let (seen, _, on_disk) = started(style, pause);
        once_each(&seen, &on_disk, style);
    }
}
