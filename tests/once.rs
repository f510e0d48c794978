//! `mailtop once`: one frame of this host, here of a log of our own, also of a moment in the past.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Deliveries of the last two hours, one in a minute; in the first hour to Google, then to Apple; and somebody who guesses passwords.
fn log(dir: &Path, now: DateTime<Utc>) -> String {
    let mut lines = String::new();
    for minute in (1..120).rev() {
        let time = (now - TimeDelta::minutes(minute)).to_rfc3339();
        let (to, relay) = if minute > 60 {
            ("ann@gmail.com", "gmail-smtp-in.l.google.com")
        } else {
            ("dan@icloud.com", "mx01.mail.icloud.com")
        };
        let _ = writeln!(
            lines,
            "{time} mx1 postfix/smtp[4]: 4jYf{minute:05}zBGQD: to=<{to}>, relay={relay}[203.0.113.4]:25, delay=0.5, dsn=2.0.0, status=sent (250 2.0.0 OK)\n\
             {time} mx1 postfix/smtpd[5]: warning: unknown[203.0.113.77]: SASL LOGIN authentication failed: UGFzc3dvcmQ6"
        );
    }
    let log = dir.join("mail.log");
    fs::write(&log, lines).expect("a log");
    log.display().to_string()
}

fn once(options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mailtop"))
        .arg("once")
        .args(options)
        .output()
        .expect("mailtop runs")
}

fn frame(options: &[&str]) -> String {
    let output = once(options);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
fn a_moment_of_the_past_is_printed_as_if_it_had_been_scrubbed_to() {
    let dir = tempfile::tempdir().unwrap();
    let log = log(dir.path(), Utc::now());
    let until = (Utc::now() - TimeDelta::minutes(65)).to_rfc3339();
    let options = ["--log", &log, "--since", "3h", "--view", "providers"];
    let then = frame(&[&options[..], &["--until", &until]].concat());
    assert!(then.contains(" PAST "), "{then}");
    assert!(then.contains("Google") && !then.contains("Apple"), "{then}");
    assert!(
        then.contains("1 h 5"),
        "the range that was asked for\n{then}"
    );
    // From there G goes on to now.
    let now = frame(&[&options[..], &["--until", &until, "--keys", "G"]].concat());
    assert!(now.contains(" LIVE ") && now.contains("Apple"), "{now}");
    let future = frame(&[&options[..], &["--until", "tomorrow"]].concat());
    assert!(future.contains(" LIVE "), "{future}");
}

#[test]
fn a_time_without_a_span_is_a_sentence() {
    let output = once(&["--since", "1h", "--until", "2h"]);
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("nothing lies between --since"), "{error}");
}

#[test]
fn a_printed_frame_knows_what_the_dashboard_knows_and_nothing_lies_over_it() {
    let dir = tempfile::tempdir().unwrap();
    let log = log(dir.path(), Utc::now());
    let accounts = frame(&["--log", &log, "--view", "accounts"]);
    assert!(accounts.contains("203.0.113.77"), "{accounts}");
    let missing = dir.path().join("missing.log").display().to_string();
    let missing = frame(&["--log", &missing]);
    assert!(missing.contains("missing.log does not exist"), "{missing}");
    assert!(!missing.contains("Welcome"), "{missing}");
}
