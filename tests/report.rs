//! `mailtop report` on what is no regular file.
//!
//! In: a log through a pipe that is named, as a shell's `<(zcat …)` does. Checked: what the program prints and what it exits with.

use std::io::Write;
use std::process::{Command, Stdio};

const LOG: &str = "\
2026-11-24T10:00:00+00:00 mx1 postfix/pickup[1]: 4D1A220001: uid=0 from=<root>
2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<root@x.example>, size=700, nrcpt=1 (queue active)
2026-11-24T10:00:03+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=local, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (delivered to mailbox)
";

#[test]
fn a_pipe_is_read_by_either_name() {
    for name in ["-", "/dev/stdin"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
        command.args(["report", "--json", name]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("mailtop runs");
        let mut input = child.stdin.take().expect("it is piped");
        input.write_all(LOG.as_bytes()).expect("it reads");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{name}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        assert_eq!(report["messages"]["delivered"], 1, "{name}: {report}");
    }
}
