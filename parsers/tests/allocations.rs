//! Reading a line takes no memory: not for any line of the corpus, nor for what a real Postfix and Dovecot logged.

use allocation_counter::measure;
use chrono::DateTime;
use mailtop_parsers::{Calendar, parse};
use std::hint::black_box;
use std::path::Path;

#[test]
fn no_line_allocates() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut logs = vec![folder.join("benches/lab.log")];
    for entry in std::fs::read_dir(folder.join("tests/corpus")).unwrap() {
        logs.push(entry.unwrap().path());
    }
    logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    assert!(logs.len() > 10, "{logs:?}");
    let calendar = Calendar {
        anchor: DateTime::UNIX_EPOCH.fixed_offset(),
    };
    // What is prepared once for the whole process is prepared here.
    black_box(parse(b"Jun  5 09:00:00 mail dovecot: auth: x", &calendar));
    for path in logs {
        let log = std::fs::read(&path).unwrap();
        for line in log.split(|&byte| byte == b'\n') {
            let taken = measure(|| {
                black_box(parse(black_box(line), &calendar));
            });
            assert_eq!(
                taken.count_total,
                0,
                "{}: {}",
                path.display(),
                line.escape_ascii()
            );
        }
    }
}

#[test]
fn an_allocation_would_be_counted() {
    let taken = measure(|| {
        black_box(b"a line".to_vec());
    });
    assert_eq!(taken.count_total, 1);
}
