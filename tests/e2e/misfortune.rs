//! Bad input: each gets a clear sentence, the program stays up, and no control byte of a log line reaches the terminal.

use crate::console::Console;
use crate::ground::{LIMIT, MAILTOP, WINDOW, lab, message_to};
use crate::harness::Lab;
use crate::ordinary::as_nobody;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn quits(mut console: Console) {
    console.keys("q");
    assert!(console.exit().success());
    console.assert_given_back();
}

#[test]
fn a_log_that_cannot_be_read_is_said_with_the_fix() {
    let Some(lab) = lab() else { return };
    for (log, sentence) in [
        (
            "/nonexistent/x.log",
            "the directory /nonexistent does not exist",
        ),
        ("/etc", "a directory"),
    ] {
        let mut command = lab.inside(None, MAILTOP);
        command.args(["--log", log]);
        let mut console = Console::open(&command, WINDOW);
        console.wait_for(sentence);
        console.wait_for("Queues");
        quits(console);
    }
    let mut console = Console::open(&as_nobody(&lab, "nogroup"), WINDOW);
    console.wait_for("permission denied");
    console.wait_for("fix: add this user to group adm");
    quits(console);
}

/// mailtop where `postqueue` is another program, or none; in a mount namespace of its own.
pub fn with_postqueue(lab: &Lab, script: Option<&str>) -> Command {
    with_postqueue_running(lab, script, "")
}

/// The same for one of mailtop's commands.
pub fn with_postqueue_running(lab: &Lab, script: Option<&str>, command_line: &str) -> Command {
    let replace = match script {
        Some(script) => {
            let fake = lab.dir().join("postqueue-fake");
            fs::write(&fake, format!("#!/bin/sh\n{script}\n")).expect("a script");
            fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("its mode");
            format!("mount --bind {} /usr/sbin/postqueue", fake.display())
        }
        None => String::from("mount -t tmpfs none /usr/sbin"),
    };
    let mut command = lab.inside(None, "unshare");
    command.args([
        "-m",
        "sh",
        "-c",
        &format!("{replace} && exec {MAILTOP} {command_line}"),
    ]);
    command
}

#[test]
fn a_postqueue_that_lies_fails_or_is_not_there_is_said_and_the_rest_goes_on() {
    let Some(lab) = lab() else { return };
    lab.mail("bob@shop.example", "ann@gmail.com");
    for (script, sentence) in [
        (None, "is Postfix installed"),
        (
            Some("echo 'postqueue: fatal: out of luck' >&2; exit 69"),
            "out of luck",
        ),
        (
            Some("echo '{\"queue_name\": '; echo nonsense"),
            "lines are no JSON",
        ),
    ] {
        let mut console = Console::open(&with_postqueue(&lab, script), WINDOW);
        console.wait_for(sentence);
        // What is missing comes up by itself, and goes with Enter.
        console.wait_for("Welcome to mailtop");
        console.keys("<enter>");
        console.wait_gone("Welcome to mailtop");
        // The log is followed all the same.
        console.wait_for("Google");
        quits(console);
    }
}

/// What the terminal must never be told by somebody else: controls, C1, bidirectional and invisible characters.
fn harmful(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\x1b' | '\r' | '\n' | '\u{8}');
    control
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn assert_harmless(console: &Console) {
    let text = String::from_utf8_lossy(console.bytes());
    // mailtop's own question, how the background is: once.
    let text = text.replacen("\x1b]11;?\x1b\\", "", 1);
    assert!(
        !text.chars().any(harmful),
        "a harmful character was written"
    );
    // Of escape sequences only those that draw: CSI, and no other kind.
    for (at, _) in text.match_indices('\x1b') {
        let next = text[at + 1..].chars().next();
        assert!(
            matches!(next, Some('[' | '(' | '7' | '8' | '=' | '>')),
            "ESC {next:?}"
        );
    }
    // The whole screen is cleared once, when it is entered; a log line's own sequence would be one more.
    assert!(
        text.matches("\x1b[2J").count() <= 1,
        "cleared by a log line"
    );
    assert!(!text.contains("\x1b[31m"), "coloured by a log line");
}

#[test]
fn hostile_lines_are_shown_as_visible_escapes() {
    let Some(lab) = lab() else { return };
    let log = lab.dir().join("hostile.log");
    let mut text = Vec::new();
    // Of today: what is older than a day is not read.
    let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00");
    let head = format!(
        "{now} mx postfix/smtp[7]: 3F0000001: to=<a@evil.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, \
         status=deferred ("
    );
    let line = |reply: &[u8]| [head.as_bytes(), reply, b")\n"].concat();
    text.extend(line(
        b"\x1b[2J\x1b[31mEVIL\x07 \xc2\x9b2J \xe2\x80\xae \xe2\x80\x8b \xff\xfe",
    ));
    text.extend(vec![0; 100_000]);
    text.extend(line(&vec![b'x'; 1_000_000]));
    text.extend(line(b"the last line"));
    fs::write(&log, text).expect("a log");
    let mut command = lab.inside(None, MAILTOP);
    command.arg("--log").arg(&log);
    let mut console = Console::open(&command, WINDOW);
    console.wait_for("the last line");
    console.wait_for("\\x1b[2J\\x1b[31mEV");
    assert_harmless(&console);
    quits(console);
}

#[test]
fn a_hostile_sender_comes_through_the_real_mail_server_harmless() {
    let Some(lab) = lab() else { return };
    let sender = "e\u{9b}2J\u{202e}\u{200b}vil@shop.example";
    let message = "Message-ID: <m\u{9b}2J\u{202e}\x1b[2J@evil>\nSubject: x\n\nx\n";
    lab.postfix(
        "sendmail",
        &["-f", sender, "omar@dead.example"],
        message.as_bytes(),
    );
    lab.wait_until(
        |lab| {
            message_to(lab, "omar@dead.example")
                .is_some_and(|entry| entry.recipients[0].delay_reason.is_some())
        },
        LIMIT,
        "the hostile message to be deferred",
    );
    let mut console = Console::open(&lab.inside(None, MAILTOP), WINDOW);
    console.wait_for("dead.example");
    console.keys("<enter>");
    console.wait_for("[2 Queue]");
    console.wait_for("\\u{202e}");
    console.keys("<enter>");
    console.wait_for("Messages to dead.example");
    console.keys("<enter>");
    console.wait_for("message-id=");
    assert_harmless(&console);
    console.keys("qqqq");
    assert!(console.exit().success());
}
