//! `mailtop parse` as it is run: logs of every kind from files, compressed files, a pipe and a followed file; what it refuses; and no secret.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("parsers/tests/corpus")
        .join(name)
}

/// Runs it with what it gets on standard input.
fn run(arguments: &[&Path], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailtop"))
        .arg("parse")
        .args(arguments)
        .env("TZ", "UTC")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("mailtop runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    thread::scope(|scope| {
        // In small writes, as a program that logs does; it may have ended before.
        scope.spawn(move || {
            for piece in input.chunks(700) {
                if pipe.write_all(piece).is_err() {
                    break;
                }
            }
        });
        child.wait_with_output().expect("it ends")
    })
}

/// The objects; each is checked to be one line of JSON.
fn objects(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let text = str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(text).expect("memory");
    gz.finish().expect("memory")
}

#[test]
fn every_kind_of_log_is_recognized_in_a_file_a_compressed_one_and_a_pipe() {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, entries) in [
        ("smtpd.log", None),
        ("journal/captured.export", Some(11)),
        ("journal/captured-all.json", Some(11)),
    ] {
        let log = fs::read(corpus(name)).expect("the corpus");
        let lines = log.split_inclusive(|byte| *byte == b'\n').count();
        let count = entries.unwrap_or(lines);
        let file = objects(&run(&[&corpus(name)], b""));
        assert_eq!(file.len(), count, "{name}");
        // The modification time that places lines without a year is that of the corpus file in one case and now in the other.
        let untimed = |objects: Vec<Value>| -> Vec<Value> {
            let timeless = |mut object: Value| {
                if !name.starts_with("journal/") {
                    object.as_object_mut().expect("an object").remove("time");
                }
                object
            };
            objects.into_iter().map(timeless).collect()
        };
        let compressed = dir.path().join("log.gz");
        fs::write(&compressed, gz(&log)).expect("a file");
        let file = untimed(file);
        assert_eq!(untimed(objects(&run(&[&compressed], b""))), file, "{name}");
        assert_eq!(untimed(objects(&run(&[], &log))), file, "{name}");
        assert_eq!(
            untimed(objects(&run(&[Path::new("-")], &gz(&log)))),
            file,
            "{name}"
        );
    }
}

#[test]
fn the_journal_says_what_a_file_would() {
    let entries = objects(&run(&[&corpus("journal/captured.export")], b""));
    let delivery = entries
        .iter()
        .find(|object| object["event"] == "delivery")
        .expect("a delivery");
    assert_eq!(delivery["time"], "2026-11-24T14:45:37.584567+00:00");
    assert_eq!(delivery["program"], "postfix/smtp");
    assert_eq!(delivery["pid"], 2012);
    assert_eq!(delivery["host"], "mail");
    let others = b"__CURSOR=a\n__REALTIME_TIMESTAMP=1780000000000000\nSYSLOG_IDENTIFIER=sshd\n_PID=7\nMESSAGE=4D1A22001F: removed\n\n";
    assert_eq!(
        objects(&run(&[], others)),
        [serde_json::json!({
            "time": "2026-05-28T20:26:40.000000+00:00", "program": "sshd", "instance": "sshd", "daemon": "sshd", "pid": 7,
            "event": "foreign", "text": "4D1A22001F: removed",
        })]
    );
}

#[test]
fn lines_of_every_kind_may_be_mixed() {
    let log = concat!(
        "2026-06-05T09:00:00Z mail postfix/qmgr[1]: 4D1A22001F: removed\n",
        r#"{"__REALTIME_TIMESTAMP":"1780000000000000","SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"4D1A22001F: removed"}"#,
        "\n",
        r#"{"level":"info"}"#,
        "\n\nJun 05 09:00:00 imap-login: Info: Login: user=<bob>\n",
        r#"{"__REALTIME_TIMESTAMP":"1780000000000000","SYSLOG_IDENTIFIER":"cron","MESSAGE":null}"#,
    );
    let events: Vec<Value> = objects(&run(&[], log.as_bytes()))
        .into_iter()
        .map(|mut object| object["event"].take())
        .collect();
    assert_eq!(
        events,
        [
            "removed", "removed", "unparsed", "unparsed", "login", "foreign"
        ]
    );
}

#[test]
fn no_password_comes_out_in_any_kind_of_log() {
    let texts = [
        "auth: sql(ann,192.0.2.9): Password mismatch (given password: hunter2)",
        "auth: Error: x (SHA1 of given password: hunter2)",
        "auth: something new (given password: hunter2) at the end",
        "auth: Debug: client in: AUTH\t1\tPLAIN\tservice=imap\tresp=hunter2",
        "auth: Debug: client in: CONT\t1\thunter2",
        "auth: Debug: client passdb out: OK\t1\tuser=ann\tpass=hunter2",
        "auth-worker(7): Debug: sql(ann,192.0.2.9): PLAIN(hunter2) != 'hunter2'",
    ];
    let each = |line: &dyn Fn(&str) -> String| -> String { texts.map(line).concat() };
    let entry = |text: &str| serde_json::json!({"__REALTIME_TIMESTAMP": "1", "SYSLOG_IDENTIFIER": "dovecot", "MESSAGE": text});
    let mut logs = vec![
        each(&|text| {
            format!(
                "Jun  5 09:00:00 mail dovecot: {}\n",
                text.replace('\t', "#011")
            )
        }),
        each(&|text| format!("Jun 05 09:00:00 {text}\n")),
        each(&|text| format!("{}\n", entry(text))),
        each(&|text| format!("__CURSOR=x\nSYSLOG_IDENTIFIER=dovecot\nMESSAGE={text}\n\n")),
    ];
    logs.push(logs[2].replace(",\"SYSLOG", "; broken, \"SYSLOG"));
    for log in logs {
        assert!(log.contains("hunter2"));
        let output = run(&[], log.as_bytes());
        assert_eq!(objects(&output).len(), texts.len());
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("auth"));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_the_others_are_read() {
    let output = run(
        &[Path::new("/nonexistent/mail.log"), &corpus("tls.log")],
        b"",
    );
    assert!(!output.status.success());
    assert_eq!(output.stdout.split(|byte| *byte == b'\n').count(), 20 + 1);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("/nonexistent/mail.log: "), "{said}");
}

#[test]
fn a_followed_file_may_hold_entries_of_the_journal() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("mail.log");
    let line = "2026-06-05T09:00:00Z mail postfix/qmgr[1]: 4D1A22001F: removed\n";
    let entry = r#"{"__REALTIME_TIMESTAMP":"1780000000000000","SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"4D1A22001F: removed"}"#;
    fs::write(&path, format!("{entry}\n{line}")).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_mailtop"))
        .args(["parse", "--follow"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("mailtop runs");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let (to, from) = mpsc::channel();
    let reader = thread::spawn(move || output.lines().try_for_each(|line| to.send(line).ok()));
    let next = || -> Value {
        let line = from
            .recv_timeout(Duration::from_mins(1))
            .expect("a line in time");
        serde_json::from_str(&line.expect("a line")).expect("JSON")
    };
    let seen = [next(), next()];
    let mut file = fs::File::options()
        .append(true)
        .open(&path)
        .expect("the file");
    writeln!(file, "{entry}").expect("the file");
    let appended = next();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let _ = reader.join();
    for object in seen.iter().chain([&appended]) {
        assert_eq!(object["event"], "removed");
    }
    assert_eq!(seen[0]["time"], appended["time"]);
}
