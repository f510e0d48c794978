//! Where standard output is no terminal: one frame as text; and the records of a log as they are written.

use crate::ground::{LIMIT, MAILTOP, lab, stuck_at_yahoo};
use crate::harness::Lab;
use crate::misfortune::with_postqueue;
use std::collections::HashMap;
use std::fs::{self, File};
use std::process::{Command, Stdio};

fn frame(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(!text.contains('\x1b'), "{text}");
    assert!(text.lines().count() >= 20, "{text}");
    text
}

#[test]
fn one_frame_is_printed_where_there_is_no_terminal() {
    let demo = frame(Command::new(MAILTOP).arg("demo"));
    assert!(
        demo.contains("Yahoo/AOL") && demo.contains("DEMO"),
        "{demo}"
    );
    let keys =
        frame(Command::new(MAILTOP).args(["demo", "--keys", "<enter><enter><enter><enter>"]));
    assert!(keys.contains("status=deferred"), "{keys}");

    let Some(lab) = lab() else { return };
    stuck_at_yahoo(&lab, &[("orders@shop.example", "maria1@yahoo.com")]);
    // Why there is no listing is said as on the screen.
    let failing = Some("echo 'postqueue: fatal: out of luck' >&2; exit 69");
    let told = frame(&mut with_postqueue(&lab, failing));
    assert!(told.contains("out of luck"), "{told}");
    let live = frame(&mut lab.inside(None, MAILTOP));
    assert!(
        live.contains("yahoo.com") && live.contains("LIVE"),
        "{live}"
    );
}

/// Every line of the log and of its rotated files, with how often it stands there.
fn on_disk(lab: &Lab) -> HashMap<String, usize> {
    let mut lines = HashMap::new();
    let directory = lab.log().parent().expect("a directory").to_owned();
    for file in fs::read_dir(directory).expect("the log's directory") {
        let path = file.expect("an entry").path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("mail.log"))
        {
            for line in fs::read_to_string(&path).unwrap_or_default().lines() {
                *lines.entry(stamp(line)).or_default() += 1;
            }
        }
    }
    lines
}

/// The stamp, which is microseconds fine and so names the line.
fn stamp(line: &str) -> String {
    line.split(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn records_are_printed_as_they_are_written_through_a_rotation() {
    let Some(lab) = lab() else { return };
    let out = lab.dir().join("records");
    let mut follow = lab
        .inside(None, MAILTOP)
        .args(["parse", "--follow", "/var/log/mail.log"])
        .stdout(File::create(&out).expect("a file"))
        .spawn()
        .expect("it runs");
    lab.traffic(&["30", "--mix", "calm"]);
    lab.rotate_log();
    lab.traffic(&["30", "--mix", "calm"]);
    let records = || {
        let mut stamps: HashMap<String, usize> = HashMap::new();
        for line in fs::read_to_string(&out).unwrap_or_default().lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let time = record["time"].as_str().unwrap_or_default().to_owned();
            *stamps.entry(time).or_default() += 1;
        }
        stamps
    };
    lab.wait_until(|lab| records() == on_disk(lab), LIMIT, "every line once");
    assert!(records().len() > 200, "{} lines", records().len());
    follow.kill().expect("it runs");
    follow.wait().expect("it ended");
}
