//! What is no log, cannot be read, or has no end.

use super::bed::{Bed, put};
use crate::model::feeds::{FeedState, Loss};
use crate::sources::tail::{LINE_LIMIT, Start};
use std::fs;

#[test]
fn a_log_and_its_directory_may_appear_later() {
    let mut bed = Bed::new(Start::End);
    bed.follower = crate::sources::tail::Follower::new(bed.path("later/mail.log"), Start::End);
    assert_eq!(bed.look(), "");
    assert!(
        bed.why().contains("later does not exist: waiting for it"),
        "{}",
        bed.why()
    );
    fs::create_dir(bed.path("later")).unwrap();
    assert_eq!(bed.look(), "");
    assert!(
        bed.why()
            .contains("mail.log does not exist: waiting for it"),
        "{}",
        bed.why()
    );
    put(&bed.writer("later/mail.log"), "new from its first line\n");
    assert_eq!(bed.look(), "new from its first line\n");
    assert_eq!(bed.state, Some(FeedState::Up));
}

#[test]
fn what_is_no_regular_file_is_refused_until_it_is_one() {
    let mut bed = Bed::new(Start::Beginning);
    let log = bed.path("mail.log");
    put(&bed.writer("elsewhere"), "secret\n");
    std::os::unix::fs::symlink(bed.path("elsewhere"), &log).unwrap();
    assert_eq!(bed.look(), "");
    assert!(
        bed.why()
            .contains("is a symbolic link, not a regular file, and is not read: follow /"),
        "{}",
        bed.why()
    );
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    assert_eq!(bed.look(), "");
    assert!(bed.why().contains("is a directory, not"), "{}", bed.why());
    fs::remove_dir(&log).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &log,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    assert_eq!(bed.look(), "");
    assert!(bed.why().contains("is a FIFO, not"), "{}", bed.why());
    fs::remove_file(&log).unwrap();
    put(&bed.writer("mail.log"), "line\n");
    assert_eq!(bed.look(), "line\n");
    assert_eq!(bed.state, Some(FeedState::Up));
}

#[test]
fn a_symbolic_link_does_not_take_the_place_of_a_log() {
    let (mut bed, log) = Bed::begun();
    put(&bed.writer("elsewhere"), "secret\n");
    bed.rename("mail.log", "mail.log.1");
    std::os::unix::fs::symlink(bed.path("elsewhere"), bed.path("mail.log")).unwrap();
    put(&log, "a1\n");
    assert_eq!(bed.look(), "a1\n", "the old file is still followed");
    assert!(matches!(bed.state, Some(FeedState::Lost { .. })));
}

#[test]
fn a_line_without_end_is_cut_and_counted() {
    let (mut bed, log) = Bed::begun();
    let piece = "x".repeat(1 << 20);
    for _ in 0..8 {
        put(&log, &piece);
        bed.look();
    }
    put(&log, "\nnext\n");
    let lines = bed.look();
    assert_eq!(lines.len(), LINE_LIMIT + 5);
    assert!(lines.ends_with("x\nnext\n"));
    let cut = (8 << 20) - (LINE_LIMIT as u64 - 1);
    assert_eq!(
        bed.loss,
        Loss {
            bytes: cut,
            times: 1
        }
    );
}

#[test]
fn a_gigabyte_of_nul_bytes_is_leapt_over() {
    let (mut bed, log) = Bed::begun();
    put(&log, "before\n");
    log.set_len(1 << 30).unwrap();
    put(&log, "after\n");
    assert_eq!(bed.look(), "before\nafter\n");
    assert_eq!(bed.loss, Loss::default());
}

#[test]
fn written_nul_bytes_are_skipped() {
    let (mut bed, log) = Bed::begun();
    put(&log, &"\0".repeat(3 << 20));
    assert_eq!(bed.look(), "");
    put(&log, "after\n");
    assert_eq!(bed.look(), "after\n");
}

#[test]
fn a_large_log_comes_in_batches() {
    let (mut bed, log) = Bed::begun();
    let lines: Vec<_> = (0..60_000)
        .map(|number| format!("{number} of many lines\n"))
        .collect();
    let text = lines.concat();
    put(&log, &text);
    assert_eq!(bed.look(), text);
    assert!(
        bed.largest_batch <= 256 * 1024 + LINE_LIMIT,
        "{}",
        bed.largest_batch
    );
}

#[test]
fn bytes_pass_as_they_are() {
    let (mut bed, log) = Bed::begun();
    let bytes = b"\xff\xfe\x1b[2J\r\n\xc3\n".as_slice();
    std::io::Write::write_all(&mut &log, bytes).unwrap();
    assert_eq!(bed.look_bytes(), bytes);
}
