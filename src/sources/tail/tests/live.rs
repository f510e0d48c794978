//! The driver with real writers: logrotate(8) of the distribution, an rsyslogd that is not told of a rotation, another user.
//!
//! These need Debian's packages logrotate and rsyslog, or root, and are therefore run with `--include-ignored`.

use super::bed::{Bed, put};
use crate::app::msg::Msg;
use crate::model::feeds::{FeedReport, FeedState};
use crate::sources::tail::{Follow, Start, spawn};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

const DEADLINE: Duration = Duration::from_mins(1);

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    // logrotate refuses directories that others may write to.
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// Receives until the line `end`. Gives how often each line came, and the remarks.
fn receive(receiver: &mut Receiver<Msg>) -> (BTreeMap<String, usize>, Vec<String>) {
    let (mut lines, mut remarks) = (BTreeMap::new(), Vec::new());
    let begin = Instant::now();
    loop {
        match receiver.try_recv() {
            Ok(Msg::Log(batch)) => {
                for line in String::from_utf8(batch.lines).unwrap().lines() {
                    *lines.entry(line.to_owned()).or_default() += 1;
                }
                if lines.remove("end").is_some() {
                    return (lines, remarks);
                }
            }
            Ok(Msg::Feed(FeedReport::Remark(_, Some(remark)))) => remarks.push(remark.to_string()),
            Ok(_) => {}
            // waits for: the next line of the writer
            Err(_) => thread::sleep(Duration::from_millis(1)),
        }
        assert!(
            begin.elapsed() < DEADLINE,
            "no end after {} lines",
            lines.len()
        );
    }
}

fn logrotate(directory: &Path, style: &str) {
    let config = directory.join("logrotate.conf");
    let hup = directory.join("hup");
    let text = format!(
        "{}/mail.log {{\n rotate 1000\n size 1\n {style}\n postrotate\n  touch {}\n endscript\n}}\n",
        directory.display(),
        hup.display()
    );
    fs::write(&config, text).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    let output = Command::new("/usr/sbin/logrotate")
        .arg("-f")
        .arg("-s")
        .arg(directory.join("status"))
        .arg(&config)
        .output()
        .expect("apt-get install logrotate");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Writes numbered lines until told to end, and opens the log anew when logrotate's postrotate asks for it.
fn write_lines(directory: &Path, stop: &AtomicBool) -> usize {
    let open = || {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(directory.join("mail.log"))
            .unwrap()
    };
    let mut log = open();
    let mut number = 0;
    while !stop.load(Ordering::Acquire) {
        if fs::remove_file(directory.join("hup")).is_ok() {
            log = open();
        }
        put(&log, &format!("{number:08} some line of the mail log\n"));
        number += 1;
        if number % 16 == 0 {
            // waits for: nothing: paces the writer
            thread::sleep(Duration::from_micros(500));
        }
    }
    put(&open(), "end\n");
    number
}

/// Rotates a log that is written all the time. Gives the received lines, the number of written ones, and the lines on disk.
fn rotated(style: &str, rotations: usize) -> (BTreeMap<String, usize>, usize, Vec<String>) {
    let directory = directory();
    let (sender, mut receiver) = channel(8);
    let tail = spawn(
        vec![(directory.path().join("mail.log"), Start::Beginning)],
        sender,
    )
    .unwrap();
    let stop = AtomicBool::new(false);
    let (lines, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| write_lines(directory.path(), &stop));
        let rotating = scope.spawn(|| {
            for _ in 0..rotations {
                // waits for: lines to be written between two rotations
                thread::sleep(Duration::from_millis(60));
                logrotate(directory.path(), style);
            }
            stop.store(true, Ordering::Release);
        });
        let (lines, _) = receive(&mut receiver);
        rotating.join().unwrap();
        (lines, writer.join().unwrap())
    });
    drop(tail);
    let mut on_disk = Vec::new();
    for entry in directory.path().read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("mail.log")
            && path.extension().is_none_or(|end| end != "gz")
        {
            let text = String::from_utf8(fs::read(path).unwrap()).unwrap();
            on_disk.extend(
                text.lines()
                    .filter(|line| *line != "end")
                    .map(str::to_owned),
            );
        }
    }
    (lines, written, on_disk)
}

#[test]
#[ignore = "needs logrotate"]
fn logrotate_create_loses_nothing() {
    for style in ["create", "create\n compress\n delaycompress"] {
        let (lines, written, _) = rotated(style, 15);
        assert_eq!(lines.len(), written, "{style}");
        assert!(lines.values().all(|&times| times == 1), "{style}: once");
    }
}

#[test]
#[ignore = "needs logrotate"]
fn logrotate_copytruncate_loses_nothing_that_is_on_disk() {
    let (lines, _, on_disk) = rotated("copytruncate", 25);
    let missing: Vec<_> = on_disk
        .iter()
        .filter(|line| !lines.contains_key(*line))
        .collect();
    assert!(
        missing.is_empty(),
        "{} from {:?} on",
        missing.len(),
        missing.first()
    );
    let twice: Vec<_> = lines.iter().filter(|(_, times)| **times != 1).collect();
    assert!(
        twice.is_empty(),
        "{} from {:?} on",
        twice.len(),
        twice.first()
    );
}

/// Shifts the numbers of all rotated files, as logrotate does.
fn shift(directory: &Path, count: usize) {
    let name = |number: usize| directory.join(format!("mail.log.{number}"));
    for number in (1..=count).rev() {
        fs::rename(name(number), name(number + 1)).unwrap();
    }
    fs::rename(directory.join("mail.log"), name(1)).unwrap();
}

#[test]
fn rotations_in_a_race_with_the_looks_lose_nothing() {
    // (rotations at once, the logger opens the new file so many lines late)
    for (at_once, late) in [(1, 0), (1, 300), (2, 0), (3, 50)] {
        let directory = directory();
        let open = || {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(directory.path().join("mail.log"))
                .unwrap()
        };
        let (sender, mut receiver) = channel(8);
        let mut log = open();
        let tail = spawn(
            vec![(directory.path().join("mail.log"), Start::Beginning)],
            sender,
        )
        .unwrap();
        until(|| receiver.try_recv().ok());
        let mut number = 0;
        let mut write = |log: &fs::File, count: usize| {
            for _ in 0..count {
                put(log, &format!("{number:08} some line of the mail log\n"));
                number += 1;
            }
        };
        let (lines, _) = thread::scope(|scope| {
            let collecting = scope.spawn(|| receive(&mut receiver));
            for rotation in 0..12 {
                write(&log, 300);
                for more in 0..at_once {
                    shift(directory.path(), rotation * at_once + more);
                    let new = open();
                    if more + 1 < at_once {
                        write(&new, 10);
                    }
                }
                write(&log, late);
                log = open();
                // waits for: the time in which the old writer goes on, which is what is tried
                thread::sleep(Duration::from_millis(7 * (rotation as u64 % 9)));
            }
            write(&log, 1);
            put(&log, "end\n");
            collecting.join().unwrap()
        });
        drop(tail);
        let twice: Vec<_> = lines.iter().filter(|(_, times)| **times != 1).collect();
        assert!(
            twice.is_empty(),
            "{} twice from {:?} on",
            twice.len(),
            twice.first()
        );
        assert_eq!(lines.len(), number, "{at_once} at once, {late} late");
    }
}

#[test]
fn the_thread_ends_when_it_is_dropped() {
    let directory = directory();
    let (sender, mut receiver) = channel(1);
    let logs = ["one.log", "two.log"].map(|name| (directory.path().join(name), Start::Beginning));
    fs::write(&logs[1].0, "line\n").unwrap();
    let tail = spawn(logs.into(), sender).unwrap();
    while !matches!(receiver.blocking_recv().unwrap(), Msg::Log(batch) if batch.lines == b"line\n")
    {
    }
    drop(tail);
    while receiver.blocking_recv().is_some() {}
}

#[test]
fn looks_in_the_middle_of_rotations_lose_nothing() {
    for round in 0..20 {
        let (mut bed, first) = Bed::begun();
        let stop = AtomicBool::new(false);
        let looks = AtomicUsize::new(0);
        let directory = bed.directory.path().to_owned();
        let copytruncate = round % 2 == 1;
        let mut given = String::new();
        thread::scope(|scope| {
            let rotating = scope.spawn(|| {
                let mut log = first;
                for rotation in 0..50 {
                    put(&log, &format!("{rotation:03} a\n{rotation:03} b\n"));
                    if copytruncate {
                        for number in (1..=rotation).rev() {
                            let name = |number: usize| directory.join(format!("mail.log.{number}"));
                            fs::rename(name(number), name(number + 1)).unwrap();
                        }
                        fs::copy(directory.join("mail.log"), directory.join("mail.log.1")).unwrap();
                        log.set_len(0).unwrap();
                        // Two of them between two looks are another test's subject.
                        let enough = looks.load(Ordering::Acquire) + 2;
                        while looks.load(Ordering::Acquire) < enough {
                            thread::yield_now();
                        }
                    } else {
                        shift(&directory, rotation);
                        log = OpenOptions::new()
                            .create(true)
                            .append(true)
                            .open(directory.join("mail.log"))
                            .unwrap();
                    }
                }
                stop.store(true, Ordering::Release);
            });
            while !stop.load(Ordering::Acquire) {
                given += &bed.look();
                looks.fetch_add(1, Ordering::AcqRel);
            }
            rotating.join().unwrap();
        });
        given += &bed.look();
        given += &bed.look();
        let mut lines: Vec<_> = given.lines().collect();
        lines.sort_unstable();
        let expected: Vec<_> = (0..50)
            .flat_map(|rotation| ["a", "b"].map(|line| format!("{rotation:03} {line}")))
            .collect();
        assert_eq!(lines, expected, "round {round}");
    }
}

/// A child that is killed and reaped at the end.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(begin.elapsed() < DEADLINE);
        // waits for: what rsyslogd does by itself
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
#[ignore = "needs rsyslogd and logrotate"]
fn an_rsyslogd_that_is_not_told_of_the_rotation_loses_nothing_and_is_remarked_on() {
    let directory = directory();
    let path = |name: &str| directory.path().join(name);
    let config = format!(
        "module(load=\"imuxsock\" SysSock.Use=\"off\")\ninput(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n\
         template(name=\"bare\" type=\"string\" string=\"%msg:2:$%\\n\")\naction(type=\"omfile\" file=\"{}\" template=\"bare\")\n",
        path("socket").display(),
        path("mail.log").display()
    );
    fs::write(path("rsyslog.conf"), config).unwrap();
    let daemon = Command::new("/usr/sbin/rsyslogd")
        .args(["-n", "-f"])
        .arg(path("rsyslog.conf"))
        .arg("-i")
        .arg(path("pid"))
        .stdin(Stdio::null())
        .spawn()
        .expect("apt-get install rsyslog");
    let daemon = Daemon(daemon);
    until(|| path("socket").exists().then_some(()));
    let socket = UnixDatagram::unbound().unwrap();
    let log = |text: &str| {
        let line = format!("<22>Nov 24 12:00:00 postfix/qmgr[1]: {text}");
        until(|| socket.send_to(line.as_bytes(), path("socket")).ok());
    };
    let (sender, mut receiver) = channel(8);
    let tail = spawn(vec![(path("mail.log"), Start::Beginning)], sender).unwrap();
    log("before");
    until(|| {
        fs::read_to_string(path("mail.log"))
            .ok()
            .filter(|text| text.contains("before"))
    });
    // What Debian's /usr/lib/rsyslog/rsyslog-rotate does where systemd does not run: nothing.
    logrotate(directory.path(), "create");
    for number in 0..3 {
        log(&format!("after {number}"));
    }
    until(|| {
        fs::read_to_string(path("mail.log.1"))
            .ok()
            .filter(|text| text.contains("after 2"))
    });
    assert_eq!(
        fs::read_to_string(path("mail.log")).unwrap(),
        "",
        "it writes to the old file"
    );
    // Go on until the remark comes.
    let mut expected: BTreeMap<String, usize> = ["before", "after 0", "after 1", "after 2"]
        .map(|line| (line.to_owned(), 1))
        .into();
    let (mut remark, mut number, mut lines) = (None, 0, String::new());
    until(|| {
        log(&format!("later {number}"));
        expected.insert(format!("later {number}"), 1);
        number += 1;
        while let Ok(message) = receiver.try_recv() {
            match message {
                Msg::Log(batch) => lines += &String::from_utf8(batch.lines).unwrap(),
                Msg::Feed(FeedReport::Remark(_, said)) => remark = said,
                _ => {}
            }
        }
        remark.clone()
    });
    assert_eq!(
        remark.unwrap().as_str(),
        "mail.log.1 is still being written: the logger was not told of the rotation"
    );
    // Told at last, it writes to the new file.
    let pid = rustix::process::Pid::from_raw(daemon.0.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    until(|| {
        log("told");
        fs::read_to_string(path("mail.log"))
            .ok()
            .filter(|text| text.contains("told"))
    });
    log("end");
    let (rest, _) = receive(&mut receiver);
    for line in lines.lines() {
        assert!(!rest.contains_key(line), "twice: {line}");
    }
    let mut given: BTreeMap<String, usize> = rest;
    for line in lines.lines() {
        *given.entry(line.to_owned()).or_default() += 1;
    }
    given.remove("told");
    assert_eq!(given, expected);
    drop(tail);
}

#[test]
#[ignore = "run as nobody by the next one"]
fn look_as_another_user() {
    let Some(log) = std::env::var_os("MAILTOP_TEST_LOG").map(PathBuf::from) else {
        return;
    };
    let mut follow = Follow::new([(log, Start::Beginning)]);
    let message = follow.next();
    let Some(Msg::Feed(FeedReport::State(_, FeedState::Lost { why, .. }))) = message else {
        panic!("{message:?}")
    };
    println!("why: {why}");
}

#[test]
#[ignore = "needs root and setpriv"]
fn a_log_of_another_group_is_refused_with_the_fix() {
    let directory = directory();
    let log = directory.path().join("mail.log");
    fs::write(&log, "secret\n").unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::chown(&log, Some(0), Some(4)).unwrap();
    let output = Command::new("/usr/bin/setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--nocapture",
            "--exact",
            "sources::tail::tests::live::look_as_another_user",
        ])
        .env("MAILTOP_TEST_LOG", &log)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let sentence = format!(
        "why: cannot read {}: permission denied — add this user to group adm: usermod -aG adm nobody",
        log.display()
    );
    assert!(
        said.contains(&sentence),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
#[ignore = "takes ten seconds and measures this machine"]
fn following_idle_logs_costs_next_to_nothing() {
    let directory = directory();
    let logs = ["mail.log", "dovecot.log"].map(|name| directory.path().join(name));
    for (log, number) in logs
        .iter()
        .flat_map(|log| (0..20).map(move |number| (log, number)))
    {
        fs::write(log.with_extension(format!("log.{number}")), "old\n").unwrap();
        fs::write(log, "line\n".repeat(1000)).unwrap();
    }
    let mut follow = Follow::new(logs.map(|log| (log, Start::Beginning)));
    let stopper = follow.stopper();
    let used = || {
        let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        stat.split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    for _ in 0..4 {
        follow.next();
    }
    let before = used();
    thread::scope(|scope| {
        scope.spawn(move || {
            // waits for: the span that is measured
            thread::sleep(Duration::from_secs(10));
            stopper.stop();
        });
        assert_eq!(follow.next(), None);
    });
    let share = (used() - before) as f64 / 10e9;
    let report = format!("two idle logs: {:.4} % of a processor", share * 100.0);
    println!("{report}");
    assert!(share < 0.005, "{report}");
}
