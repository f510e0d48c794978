//! `mailtop trace` on copied logs: in any order, compressed, twice, broken, or on standard input.
//!
//! In: one message's life, spread over a rotated and compressed file, a plain one and the current one, among other traffic. Checked:
//! what the program prints, what it says of what it could not read, and what it exits with.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

/// Stamps without a year, an id that is part of another, and a requeue across a rotation.
const PARTS: [&str; 3] = [
    "\
Nov 22 10:00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
Nov 22 10:00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<Odd.1@shop.example>
Nov 22 10:00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)
Nov 22 10:00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1F: from=<other@shop.example>, size=6214, nrcpt=1 (queue active)
",
    "\
Nov 23 10:00:02 mx1 postfix/lmtp[7]: 4AAAAAAAA1: to=<Zoe@shop.example>, relay=mx1[private/dovecot-lmtp], delay=86402, delays=86402/0/0/0, dsn=4.2.2, status=deferred (host mx1[private/dovecot-lmtp] said: 452 4.2.2 Quota exceeded (in reply to end of DATA command))
Nov 23 10:04:00 mx1 postfix/postsuper[10]: 4AAAAAAAA1: requeued
",
    "\
Nov 24 10:04:05 mx1 postfix/pickup[11]: 4CCCCCCCC1: uid=0 from=<news@shop.example> orig_id=4AAAAAAAA1
Nov 24 10:04:05 mx1 postfix/cleanup[2]: 4CCCCCCCC1: message-id=<Odd.1@shop.example>
Nov 24 10:04:06 mx1 dovecot: lmtp(zoe@shop.example)<5478><FdCk>: msgid=<Odd.1@shop.example>: saved mail to INBOX
Nov 24 10:04:06 mx1 postfix/lmtp[7]: 4CCCCCCCC1: to=<Zoe@shop.example>, relay=mx1[private/dovecot-lmtp], delay=245, delays=245/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <zoe@shop.example> FdCk Saved)
Nov 24 10:04:06 mx1 postfix/qmgr[3]: 4CCCCCCCC1: removed
",
];

struct Logs(tempfile::TempDir);

impl Logs {
    fn new() -> Self {
        let logs = Self(tempfile::tempdir().expect("a temporary directory"));
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(PARTS[0].as_bytes()).expect("memory");
        fs::write(logs.path("mail.log.2.gz"), gz.finish().expect("memory")).expect("a file");
        fs::write(logs.path("mail.log.1"), PARTS[1]).expect("a file");
        fs::write(logs.path("mail.log"), PARTS[2]).expect("a file");
        logs
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn trace(what: &str, files: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
    let command = command.arg("trace").arg("--json").arg(what).args(files);
    command.output().expect("mailtop runs")
}

/// `id status events` of each message, and what was said.
fn told(output: &Output) -> (Vec<String>, String, Option<i32>) {
    let text = String::from_utf8(output.stdout.clone()).expect("it is text");
    let message = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        let events = message["events"].as_array().map_or(0, Vec::len);
        let word = |name: &str| message[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {events}", word("queue_id"), word("status"))
    };
    let messages = text.lines().map(message).collect();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (messages, said, output.status.code())
}

fn whole() -> Vec<String> {
    vec![
        String::from("4AAAAAAAA1 requeued 5"),
        String::from("4CCCCCCCC1 sent 5"),
    ]
}

#[test]
fn every_name_finds_the_whole_life_in_files_of_any_order() {
    let logs = Logs::new();
    let [gz, old, new] = ["mail.log.2.gz", "mail.log.1", "mail.log"].map(|name| logs.path(name));
    let link = logs.path("syslog");
    std::os::unix::fs::symlink(&new, &link).expect("a link");
    let orders: [&[&Path]; 3] = [
        &[&gz, &old, &new],
        &[&new, &old, &gz],
        &[&new, &link, &gz, &old, &old],
    ];
    for files in orders {
        for what in [
            "4AAAAAAAA1",
            "4CCCCCCCC1",
            "zoe@shop.example",
            "news@shop.example",
            "<Odd.1@shop.example>",
        ] {
            let expected = (whole(), String::new(), Some(0));
            assert_eq!(told(&trace(what, files)), expected, "{what} in {files:?}");
        }
    }
}

#[test]
fn a_span_holds_the_messages_that_were_under_way_in_it() {
    let logs = Logs::new();
    let log = logs.path("mail.log");
    let stamped = PARTS
        .concat()
        .replace("Nov ", "2026-11-")
        .replace(" 10:0", "T10:0");
    let stamped: String = stamped
        .lines()
        .map(|line| line.replacen(" mx1", "+00:00 mx1", 1) + "\n")
        .collect();
    fs::write(&log, stamped).expect("a file");
    let among = |span: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
        let command = command.args(["trace", "--json", "4AAAAAAAA1"]).args(span);
        let output = command.arg(&log).output().expect("mailtop runs");
        let related = String::from_utf8_lossy(&output.stdout)
            .matches("\"direction\"")
            .count();
        let (messages, _, code) = told(&output);
        (messages, related, code)
    };
    let all = || whole();
    assert_eq!(among(&[]), (all(), 2, Some(0)));
    assert_eq!(
        among(&["--since", "2026-11-24T10:04:05Z"]),
        (all()[1..].to_vec(), 0, Some(0))
    );
    assert_eq!(
        among(&["--until", "2026-11-24T10:00:00Z"]),
        (all()[..1].to_vec(), 0, Some(0))
    );
    assert_eq!(
        among(&["--until", "2026-11-20T10:00:00Z"]),
        (vec![], 0, Some(1))
    );
    assert_eq!(among(&["--since", "soon"]), (vec![], 0, Some(2)));
}

/// With this on standard input.
fn trace_piped(files: &[&Path], text: &[u8], directory: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
    command.args(["trace", "--json", "4CCCCCCCC1"]).args(files);
    command.env("TMPDIR", directory);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("mailtop runs");
    let mut input = child.stdin.take().expect("it is piped");
    // It does not read what it has no room for.
    let _ = input.write_all(text);
    drop(input);
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_log_on_standard_input() {
    let logs = Logs::new();
    let gz = fs::read(logs.path("mail.log.2.gz")).expect("it is there");
    let [log, rotated] = ["mail.log", "mail.log.1"].map(|name| logs.path(name));
    let (dash, pipe) = (Path::new("-"), Path::new("/dev/stdin"));
    let all = PARTS.concat();
    let cases: [(&[&Path], &[u8]); 4] = [
        (&[dash], all.as_bytes()),
        (&[pipe], all.as_bytes()),
        (&[&log, &rotated, dash], &gz),
        (&[&rotated, dash, &log], &gz),
    ];
    for (files, text) in cases {
        let output = trace_piped(files, text, logs.0.path());
        assert_eq!(
            told(&output),
            (whole(), String::new(), Some(0)),
            "{files:?}"
        );
    }
}

#[test]
fn a_pipe_that_cannot_be_copied_is_said_with_the_fix() {
    let logs = Logs::new();
    let log = logs.path("mail.log");
    let files = [Path::new("-"), &log];
    let output = trace_piped(&files, PARTS[1].as_bytes(), Path::new("/nowhere"));
    let (messages, said, code) = told(&output);
    assert_eq!((messages.len(), code), (1, Some(2)));
    assert!(
        said.starts_with("mailtop: -: it can be read only once, and was not copied to /nowhere: ")
            && said.ends_with(" (TMPDIR names another directory); not read\n"),
        "{said}"
    );
}

#[test]
fn what_was_written_before_the_span_is_not_read() {
    let logs = Logs::new();
    let [gz, log] = ["mail.log.2.gz", "mail.log"].map(|name| logs.path(name));
    fs::write(&gz, b"\x1f\x8b\x08\0broken").expect("a file");
    let long_ago = SystemTime::now() - Duration::from_hours(72);
    let file = File::options().write(true).open(&gz).expect("a file");
    file.set_modified(long_ago).expect("a file");
    let ask = |span: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
        let command = command.args(["trace", "4DDDDDDDD1"]).args(span);
        let output = command.args([&gz, &log]).output().expect("mailtop runs");
        output.status.code()
    };
    assert_eq!(ask(&[]), Some(2));
    assert_eq!(ask(&["--since", "1d"]), Some(1));
}

#[test]
fn an_empty_log_is_no_trouble() {
    let logs = Logs::new();
    let [log, rotated] = ["mail.log", "mail.log.1"].map(|name| logs.path(name));
    fs::rename(&log, &rotated).expect("a file");
    fs::write(&log, "").expect("a file");
    let (messages, said, code) = told(&trace("4CCCCCCCC1", &[&log, &rotated]));
    assert_eq!((messages.len(), said.as_str(), code), (1, "", Some(0)));
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_read() {
    let logs = Logs::new();
    let gz = fs::read(logs.path("mail.log.2.gz")).expect("it is there");
    fs::write(logs.path("mail.log.2.gz"), &gz[..gz.len() - 12]).expect("a file");
    fs::write(logs.path("mail.log.3.xz"), b"\xfd7zXZ\0").expect("a file");
    let names = [
        "mail.log.3.xz",
        "mail.log.2.gz",
        "none.log",
        "mail.log.1",
        "mail.log",
    ];
    let paths = names.map(|name| logs.path(name));
    let files: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let (messages, said, code) = told(&trace("4CCCCCCCC1", &files));
    assert_eq!(code, Some(2));
    assert_eq!(
        messages.last().map(String::as_str),
        Some("4CCCCCCCC1 sent 5")
    );
    for (name, why) in [
        ("mail.log.3.xz", "it is damaged"),
        ("mail.log.2.gz", "the rest of it is not read"),
        ("none.log", "there is no such file; not read"),
    ] {
        let line = said.lines().find(|line| line.contains(name));
        assert!(
            line.is_some_and(|line| line.contains(why)),
            "{name}: {said}"
        );
    }
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[test]
fn nothing_found_is_no_success_and_no_question_is_an_error() {
    let logs = Logs::new();
    let log = logs.path("mail.log");
    let (messages, said, code) = told(&trace("4DDDDDDDD1", &[&log]));
    assert_eq!((messages.len(), code), (0, Some(1)));
    assert_eq!(
        said,
        "mailtop: nothing mentions 4DDDDDDDD1: 1 log searched\n"
    );
    let (_, said, code) = told(&trace("<>", &[&log]));
    assert_eq!(code, Some(2));
    assert!(said.contains("write a queue id"), "{said}");
}
