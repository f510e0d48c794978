//! The corpus: lines by daemon, and what each is read as.
//!
//! `tests/corpus/*.log` holds one line per wording that `mailtop-parsers` knows, taken from the sources of Postfix and
//! Dovecot, `captured.log` what Postfix 3.7.11 and Dovecot 2.3.19.1 wrote on loopback, to postlogd's file and Dovecot's own,
//! and `adversarial.log` lines in which strangers' text imitates the writers. One snapshot per file shows every
//! line and its record; a changed reading is a changed snapshot, to be looked at before it is accepted.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says no by panicking, also outside of the test function"
)]

#[path = "corpus/render.rs"]
mod render;

use chrono::DateTime;
use mailtop_parsers::{Calendar, parse};
use std::path::Path;

fn rendered(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(name)
        .with_extension("log");
    let log = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let calendar = Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-06-05T12:00:00+02:00").unwrap(),
    };
    let log = log.strip_suffix(b"\n").unwrap_or(&log);
    log.split(|&byte| byte == b'\n')
        .map(|line| render::record(line, &parse(line, &calendar)))
        .collect()
}

macro_rules! corpus {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), rendered(stringify!($name)));
        })*

        #[test]
        fn every_file_has_its_test() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter_map(|name| name.strip_suffix(".log").map(String::from))
                .collect();
            files.sort();
            assert_eq!(files, [$(stringify!($name)),*]);
        }
    };
}

corpus!(
    adversarial,
    auth,
    captured,
    daemons,
    delivery,
    dovecot,
    envelope,
    mailbox,
    postscreen,
    queue,
    smtpd,
    tls
);
