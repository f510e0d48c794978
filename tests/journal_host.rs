//! A host that logs to the journal only, as Debian 12 does: `mailtop trace` and `mailtop report` read it without being told to.
//!
//! In: a real systemd-journald with one message's life, and the program in a mount namespace where that journal is the host's and
//! `/var/log` is empty. Checked: what it prints, what it says, and what it exits with.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/journald.rs"]
mod journald;

use journald::Journald;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

const LIFE: &str = "\
postfix/smtpd[1]: 4CCCCCCCC1: client=app2[198.51.100.7]
postfix/cleanup[2]: 4CCCCCCCC1: message-id=<Odd.1@shop.example>
postfix/qmgr[3]: 4CCCCCCCC1: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)
dovecot: lmtp(zoe@shop.example)<5478><FdCk>: msgid=<Odd.1@shop.example>: saved mail to INBOX
postfix/lmtp[7]: 4CCCCCCCC1: to=<Zoe@shop.example>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <zoe@shop.example> FdCk Saved)
postfix/qmgr[3]: 4CCCCCCCC1: removed
";

struct Host(Journald, tempfile::TempDir);

impl Host {
    /// With that life in its journal.
    fn new() -> Self {
        let journald = Journald::start().expect("journald");
        for line in LIFE.lines() {
            let datagram = format!("<22>Nov 24 10:00:00 {line}");
            journald.send(&datagram).expect("journald listens");
        }
        let host = Self(journald, tempfile::tempdir().expect("a directory"));
        let begin = Instant::now();
        while !text(&host.run("journalctl", &["--output=cat"]).stdout).contains("removed") {
            assert!(begin.elapsed() < PATIENCE, "journald writes nothing");
        }
        host
    }

    fn run(&self, program: &str, words: &[&str]) -> Output {
        among(&self.0.run(), self.1.path(), program, words)
    }

    /// What mailtop printed, what it said, and what it exited with.
    fn mailtop(&self, words: &[&str]) -> (String, String, Option<i32>) {
        let output = self.run(env!("CARGO_BIN_EXE_mailtop"), words);
        let code = output.status.code();
        (text(&output.stdout), text(&output.stderr), code)
    }
}

/// Runs a program where these directories are `/run` and `/var/log`.
fn among(run: &Path, log: &Path, program: &str, words: &[&str]) -> Output {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c"]);
    command.args([
        r#"mount --bind "$1" /run && mount --bind "$2" /var/log && shift 2 && exec "$@""#,
        "sh",
    ]);
    let output = command.arg(run).arg(log).arg(program).args(words).output();
    output.expect("unshare runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
#[ignore = "needs root and systemd-journald"]
fn trace_finds_a_life_in_the_journal() {
    let host = Host::new();
    for what in ["4CCCCCCCC1", "zoe@shop.example", "<Odd.1@shop.example>"] {
        for span in [&[][..], &["--since", "1h"]] {
            let (out, said, code) = host.mailtop(&[&["trace", "--json", what], span].concat());
            assert_eq!((said.as_str(), code), ("", Some(0)), "{what}");
            let message: serde_json::Value = serde_json::from_str(&out).expect("one message");
            assert_eq!(message["status"], "sent");
            assert_eq!(message["events"].as_array().map(Vec::len), Some(6), "{out}");
        }
    }
    let none = |words: &[&str]| {
        let wanted = "mailtop: nothing mentions 4DDDDDDDD1: the journal searched\n";
        assert_eq!(
            host.mailtop(words),
            (String::new(), wanted.to_owned(), Some(1))
        );
    };
    none(&["trace", "4DDDDDDDD1"]);
}

#[test]
#[ignore = "needs root and systemd-journald"]
fn report_reads_the_journal() {
    let host = Host::new();
    let (out, said, code) = host.mailtop(&["report", "--json"]);
    assert_eq!((said.as_str(), code), ("", Some(0)));
    let report: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(report["messages"]["delivered"], 1, "{out}");
}

#[test]
#[ignore = "needs root"]
fn without_any_log_the_fix_is_said() {
    let empty = tempfile::tempdir().expect("a directory");
    for (words, wanted) in [(&["trace", "4CCCCCCCC1"][..], 2), (&["report"], 1)] {
        let output = among(
            empty.path(),
            empty.path(),
            env!("CARGO_BIN_EXE_mailtop"),
            words,
        );
        assert_eq!(
            (text(&output.stdout), output.status.code()),
            (String::new(), Some(wanted))
        );
        assert_eq!(
            text(&output.stderr),
            "mailtop: there is no /var/log/mail.log and no mail in the journal: name the log files\n"
        );
    }
}
