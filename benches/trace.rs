//! How long `mailtop trace` takes over a long log, beside `grep -c -F` in the same run.
//!
//! `cargo bench --bench trace`. The log is the lab's, grown to `TRACE_BENCH_BYTES` (1 GB when not set) in the temporary directory, with one
//! message in its middle that is deferred, sent to a mailbox by LMTP and saved there. It is asked for by its queue id, its recipient and
//! its Message-ID; grep searches for the same text in the same file, which is in the page cache. The best of several runs counts, and the
//! runs take turns, so that both have the same machine. The whole process is measured. The file is removed at the end.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

#[path = "../parsers/benches/support/grow.rs"]
mod grow;

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const SEED: &[u8] = include_bytes!("../parsers/benches/lab.log");
const BYTES: u64 = 1_000_000_000;
const RUNS: usize = 7;
/// What trace may take at most, in times of grep.
const GOAL: f64 = 3.0;

const MESSAGE: &str = "\
2026-11-24T17:20:00.000001+00:00 mail postfix/smtpd[12]: 7E57AB1E5D: client=app2.example[198.51.100.7], sasl_method=PLAIN, sasl_username=ann@bench.example
2026-11-24T17:20:00.000002+00:00 mail postfix/cleanup[13]: 7E57AB1E5D: message-id=<20261124172000.7@bench.example>
2026-11-24T17:20:00.000003+00:00 mail postfix/qmgr[14]: 7E57AB1E5D: from=<ann@bench.example>, size=2345, nrcpt=1 (queue active)
2026-11-24T17:20:00.000004+00:00 mail postfix/lmtp[15]: 7E57AB1E5D: to=<zoe@bench.example>, relay=mail.bench.example[private/dovecot-lmtp], delay=0.1, delays=0.05/0.01/0.02/0.02, dsn=4.2.2, status=deferred (host mail.bench.example[private/dovecot-lmtp] said: 452 4.2.2 <zoe@bench.example> Quota exceeded (in reply to end of DATA command))
2026-11-24T17:25:00.000003+00:00 mail postfix/qmgr[14]: 7E57AB1E5D: from=<ann@bench.example>, size=2345, nrcpt=1 (queue active)
2026-11-24T17:25:00.000005+00:00 mail dovecot: lmtp(zoe@bench.example)<5478><FdCkA3fGBWtmFQAAg+zDdQ>: msgid=<20261124172000.7@bench.example>: saved mail to INBOX
2026-11-24T17:25:00.000006+00:00 mail postfix/lmtp[15]: 7E57AB1E5D: to=<zoe@bench.example>, relay=mail.bench.example[private/dovecot-lmtp], delay=300, delays=300/0.01/0.02/0.02, dsn=2.0.0, status=sent (250 2.0.0 <zoe@bench.example> FdCkA3fGBWtmFQAAg+zDdQ Saved)
2026-11-24T17:25:00.000007+00:00 mail postfix/qmgr[14]: 7E57AB1E5D: removed
";

/// What is asked for, and what the text of the answer must hold.
const QUESTIONS: [(&str, &str); 3] = [
    ("a queue id", "7E57AB1E5D"),
    ("an address", "zoe@bench.example"),
    ("a Message-ID", "20261124172000.7@bench.example"),
];

fn main() {
    let bytes = std::env::var("TRACE_BENCH_BYTES").ok();
    let bytes = bytes.map_or(BYTES, |bytes| bytes.parse().expect("a number of bytes"));
    let log = tempfile::NamedTempFile::with_prefix("mailtop-trace.").expect("a temporary file");
    let mut out = BufWriter::with_capacity(1 << 20, log.as_file());
    grow::grow(SEED, bytes / 2, &mut out).expect("room for the log");
    out.write_all(MESSAGE.as_bytes()).expect("room for the log");
    grow::grow(SEED, bytes / 2, &mut out).expect("room for the log");
    out.flush().expect("room for the log");
    drop(out);
    let written = log.as_file().metadata().expect("it is there").len();
    println!("a log of {} MB", written / 1_000_000);
    for (what, text) in QUESTIONS {
        measure(log.path(), what, text);
    }
}

fn measure(log: &Path, what: &str, text: &str) {
    let (mut trace, mut grep) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..RUNS {
        let mut command = Command::new("grep");
        grep = grep.min(seconds(command.args(["-c", "-F", text]).arg(log)));
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
        command.arg("trace").arg(text).arg(log);
        trace = trace.min(seconds(&mut command));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
    let output = command.arg("trace").arg(text).arg(log).output();
    let answer = String::from_utf8(output.expect("mailtop runs").stdout).expect("it is text");
    assert_eq!(answer.matches("7E57AB1E5D  sent").count(), 1, "{answer}");
    assert!(answer.contains("saved to INBOX"), "{answer}");
    let ratio = trace / grep;
    println!(
        "{what}: trace {trace:.3} s, grep -c -F {grep:.3} s: {ratio:.2} times grep (goal: under {GOAL})"
    );
}

/// The wall time of a command that must succeed.
fn seconds(command: &mut Command) -> f64 {
    let begin = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("it runs");
    assert!(status.success(), "{command:?}: {status}");
    begin.elapsed().as_secs_f64()
}
