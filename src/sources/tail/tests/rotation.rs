//! Each way of rotating a log, step by step.

use super::bed::{Bed, put};
use crate::model::feeds::{FeedState, Loss};
use crate::sources::tail::Start;
use std::fs;

const NONE: Loss = Loss { bytes: 0, times: 0 };

#[test]
fn lines_come_once_and_whole() {
    let (mut bed, log) = Bed::begun();
    put(&log, "one\ntw");
    assert_eq!(bed.look(), "one\n");
    assert_eq!(bed.look(), "");
    put(&log, "o\n");
    assert_eq!(bed.look(), "two\n");
    assert_eq!(bed.loss, NONE);
}

#[test]
fn start_positions_begin_at_a_line() {
    for (start, expected) in [
        (Start::Beginning, "one\ntwo\nthree\n"),
        (Start::End, ""),
        (Start::Last(0), ""),
        (Start::Last(5), ""),
        (Start::Last(6), "three\n"),
        (Start::Last(9), "three\n"),
        (Start::Last(10), "two\nthree\n"),
        (Start::Last(13), "two\nthree\n"),
        (Start::Last(14), "one\ntwo\nthree\n"),
        (Start::Last(u64::MAX), "one\ntwo\nthree\n"),
    ] {
        let mut bed = Bed::new(start);
        let log = bed.writer("mail.log");
        put(&log, "one\ntwo\nthree\n");
        assert_eq!(bed.look(), expected, "{start:?}");
        put(&log, "four\n");
        assert_eq!(bed.look(), "four\n", "{start:?}");
    }
}

#[test]
fn the_line_that_is_being_written_at_the_start_comes_whole() {
    let mut bed = Bed::new(Start::End);
    let log = bed.writer("mail.log");
    put(&log, "one\ntw");
    assert_eq!(bed.look(), "");
    put(&log, "o\n");
    assert_eq!(bed.look(), "two\n");
}

#[test]
fn rename_and_create_with_a_late_writer() {
    let (mut bed, old) = Bed::begun();
    put(&old, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    put(&old, "a2\n");
    bed.rename("mail.log", "mail.log.1");
    let new = bed.writer("mail.log");
    put(&new, "b1\n");
    put(&old, "a3\n");
    assert_eq!(bed.look(), "a2\na3\nb1\n");
    for seconds in [1, 60, 3600] {
        bed.pass(seconds);
        put(&new, "b\n");
        put(&old, "a\n");
        assert_eq!(bed.look(), "a\nb\n", "{seconds} s after the rotation");
    }
    assert_eq!(bed.loss, NONE);
}

#[test]
fn a_logger_that_was_not_told_is_remarked_on() {
    let (mut bed, old) = Bed::begun();
    bed.rename("mail.log", "mail.log.1");
    let new = bed.writer("mail.log");
    put(&old, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    assert_eq!(
        bed.remark, None,
        "a moment after the rotation that is in order"
    );
    bed.pass(5);
    put(&old, "a2\n");
    assert_eq!(bed.look(), "a2\n");
    assert_eq!(
        bed.remark.as_deref(),
        Some("mail.log.1 is still being written: the logger was not told of the rotation")
    );
    put(&new, "b1\n");
    bed.pass(601);
    assert_eq!(bed.look(), "b1\n");
    assert_eq!(bed.remark, None, "it was told in the end");
}

#[test]
fn an_unfinished_line_of_a_replaced_file_comes_when_it_is_done_with() {
    let (mut bed, old) = Bed::begun();
    put(&old, "a1\na2");
    bed.rename("mail.log", "mail.log.1");
    put(&bed.writer("mail.log"), "b1\n");
    assert_eq!(bed.look(), "a1\nb1\n");
    bed.pass(601);
    assert_eq!(bed.look(), "a2\n");
    assert_eq!(bed.look(), "");
}

#[test]
fn two_rotations_between_two_looks() {
    let (mut bed, first) = Bed::begun();
    put(&first, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    put(&first, "a2\n");
    for text in ["b1\n", "c1\n", "d1\n"] {
        for number in (1..5).rev() {
            if bed.path(&format!("mail.log.{number}")).exists() {
                bed.rename(
                    &format!("mail.log.{number}"),
                    &format!("mail.log.{}", number + 1),
                );
            }
        }
        bed.rename("mail.log", "mail.log.1");
        put(&bed.writer("mail.log"), text);
    }
    assert_eq!(bed.look(), "a2\nb1\nc1\nd1\n");
    assert_eq!(bed.look(), "");
}

#[test]
fn rotated_files_that_were_there_before_are_not_read() {
    let mut bed = Bed::new(Start::Beginning);
    put(&bed.writer("mail.log.2"), "old\n");
    put(&bed.writer("mail.log.1"), "newer\n");
    put(&bed.writer("mail.log"), "now\n");
    assert_eq!(bed.look(), "now\n");
    put(&bed.writer("mail.log.bak"), "somebody's copy\n");
    assert_eq!(bed.look(), "");
    bed.rename("mail.log.2", "mail.log.3");
    bed.rename("mail.log.1", "mail.log.2");
    bed.rename("mail.log", "mail.log.1");
    put(&bed.writer("mail.log"), "next\n");
    assert_eq!(bed.look(), "next\n");
}

#[test]
fn dated_rotations_between_two_looks() {
    let (mut bed, _) = Bed::begun();
    for (name, text) in [
        ("mail.log-20261122", "a\n"),
        ("mail.log-20261123", "b\n"),
        ("mail.log-20261124", "c\n"),
    ] {
        put(&bed.writer("mail.log"), text);
        bed.rename("mail.log", name);
    }
    put(&bed.writer("mail.log"), "d\n");
    assert_eq!(bed.look(), "a\nb\nc\nd\n");
}

#[test]
fn unlink_and_create_and_the_deleted_file_is_closed_when_idle() {
    let (mut bed, old) = Bed::begun();
    put(&old, "a1\n");
    fs::remove_file(bed.path("mail.log")).unwrap();
    assert_eq!(bed.look(), "a1\n");
    let new = bed.writer("mail.log");
    put(&new, "b1\n");
    put(&old, "a2\n");
    assert_eq!(bed.look(), "a2\nb1\n");
    assert_eq!(bed.follower.generations.len(), 2);
    bed.pass(61);
    assert_eq!(bed.look(), "");
    assert_eq!(bed.follower.generations.len(), 1);
}

#[test]
fn copytruncate_gives_the_unread_rest_from_the_copy() {
    let (mut bed, log) = Bed::begun();
    put(&log, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    put(&log, "a2\n");
    fs::copy(bed.path("mail.log"), bed.path("mail.log.1")).unwrap();
    log.set_len(0).unwrap();
    put(&log, "b1\n");
    assert_eq!(bed.look(), "a2\nb1\n");
    // The copy is seen before the log is emptied.
    put(&log, "b2\n");
    assert_eq!(bed.look(), "b2\n");
    put(&log, "b3\n");
    bed.rename("mail.log.1", "mail.log.2");
    fs::copy(bed.path("mail.log"), bed.path("mail.log.1")).unwrap();
    assert_eq!(bed.look(), "b3\n");
    log.set_len(0).unwrap();
    assert_eq!(bed.look(), "");
    put(&log, "c1\n");
    assert_eq!(bed.look(), "c1\n");
    assert_eq!(bed.loss, NONE);
}

#[test]
fn a_copy_that_ends_before_what_was_read_is_not_read_again() {
    for more in [10, 200] {
        let (mut bed, log) = Bed::begun();
        put(&log, &"a\n".repeat(200));
        assert_eq!(bed.look().len(), 400);
        // logrotate copies, the logger goes on, mailtop reads that, and then logrotate truncates.
        let copy = fs::read(bed.path("mail.log")).unwrap();
        put(&log, &"b\n".repeat(more));
        assert_eq!(bed.look().len(), 2 * more);
        fs::write(bed.path("mail.log.1"), copy).unwrap();
        log.set_len(0).unwrap();
        put(&log, "c\n");
        assert_eq!(bed.look(), "c\n", "{more}");
        assert_eq!(bed.loss, NONE);
    }
}

#[test]
fn a_copy_that_is_made_right_after_a_truncation_is_not_read_twice() {
    let (mut bed, log) = Bed::begun();
    put(&log, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    log.set_len(0).unwrap();
    put(&log, "b1\n");
    fs::copy(bed.path("mail.log"), bed.path("mail.log.1")).unwrap();
    assert_eq!(bed.look(), "b1\n");
}

#[test]
fn copytruncate_of_a_log_that_was_empty_at_the_last_look() {
    let (mut bed, log) = Bed::begun();
    put(&log, "a1\n");
    fs::copy(bed.path("mail.log"), bed.path("mail.log.1")).unwrap();
    assert_eq!(
        bed.look(),
        "a1\n",
        "a copy of what is still there is not read"
    );
    log.set_len(0).unwrap();
    assert_eq!(bed.look(), "");
    put(&log, "b1\n");
    bed.rename("mail.log.1", "mail.log.2");
    fs::copy(bed.path("mail.log"), bed.path("mail.log.1")).unwrap();
    log.set_len(0).unwrap();
    put(&log, "c1\n");
    assert_eq!(bed.look(), "b1\nc1\n");
    assert_eq!(bed.loss, NONE);
}

#[test]
fn truncation_without_a_copy_is_counted() {
    let (mut bed, log) = Bed::begun();
    put(&log, "a1\nhalf");
    assert_eq!(bed.look(), "a1\n");
    log.set_len(0).unwrap();
    put(&log, "b1\n");
    assert_eq!(bed.look(), "half\nb1\n");
    assert_eq!(bed.loss.times, 1);
}

#[test]
fn truncation_and_growth_past_the_old_position_is_seen() {
    let (mut bed, log) = Bed::begun();
    put(&log, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    log.set_len(0).unwrap();
    put(&log, "b1\nb2\nb3\n");
    assert_eq!(bed.look(), "b1\nb2\nb3\n");
    assert_eq!(bed.loss.times, 1);
}

#[test]
fn the_same_beginning_does_not_hide_a_truncation() {
    let banner = "started\n".repeat(100);
    let (mut bed, log) = Bed::begun();
    put(&log, &format!("{banner}a1\na2\n"));
    assert_eq!(bed.look(), format!("{banner}a1\na2\n"));
    log.set_len(0).unwrap();
    put(&log, &format!("{banner}b1\nb2\nb3\n"));
    assert_eq!(bed.look(), format!("{banner}b1\nb2\nb3\n"));
}

#[test]
fn the_same_beginning_does_not_make_two_files_one() {
    let banner = "started\n".repeat(100);
    let (mut bed, _) = Bed::begun();
    put(&bed.writer("mail.log"), &banner);
    assert_eq!(bed.look(), banner);
    for number in ["1", "2"] {
        bed.rename("mail.log", &format!("mail.log.{number}"));
        put(&bed.writer("mail.log"), &banner);
        assert_eq!(bed.look(), banner, "after rotation {number}");
    }
}

#[test]
fn a_writer_that_does_not_append_leaves_a_hole_and_no_line_is_lost() {
    use std::os::unix::fs::FileExt;
    let (mut bed, log) = Bed::begun();
    put(&log, "a1\na2\n");
    assert_eq!(bed.look(), "a1\na2\n");
    fs::copy(bed.path("mail.log"), bed.path("mail.log.1")).unwrap();
    let writer = fs::OpenOptions::new()
        .write(true)
        .open(bed.path("mail.log"))
        .unwrap();
    writer.set_len(0).unwrap();
    writer.write_all_at(b"b1\n", 6).unwrap();
    assert_eq!(bed.look(), "b1\n");
    assert_eq!(bed.loss, NONE);
}

#[test]
fn at_most_sixteen_files_are_held_open() {
    let (mut bed, mut log) = Bed::begun();
    for round in 0..40 {
        put(&log, &format!("{round}\n"));
        bed.rename("mail.log", &format!("mail.log-{round:08}"));
        log = bed.writer("mail.log");
        assert_eq!(bed.look(), format!("{round}\n"));
        assert!(bed.follower.generations.len() <= 16);
    }
    assert_eq!(bed.loss, NONE);
    assert_eq!(
        bed.remark.as_deref(),
        Some("more than 16 rotated files of mail.log were open: the oldest are no longer followed")
    );
    // Deleted ones are let go of altogether.
    for round in 0..40 {
        fs::remove_file(bed.path(&format!("mail.log-{round:08}"))).unwrap();
    }
    bed.pass(61);
    bed.look();
    bed.look();
    assert_eq!(
        (bed.follower.generations.len(), bed.follower.known.len()),
        (1, 0)
    );
}

#[test]
fn more_rotations_than_are_held_open_between_two_looks() {
    let (mut bed, mut log) = Bed::begun();
    let mut expected = String::new();
    for round in 0..50 {
        let text = format!("{round} {}\n", "x".repeat(20_000));
        put(&log, &text);
        expected += &text;
        bed.rename("mail.log", &format!("mail.log-{round:08}"));
        log = bed.writer("mail.log");
    }
    assert_eq!(bed.look(), expected);
    assert_eq!(bed.follower.generations.len(), 16);
}

#[test]
fn the_name_may_be_gone_for_a_moment() {
    let (mut bed, old) = Bed::begun();
    bed.rename("mail.log", "mail.log.1");
    put(&old, "a1\n");
    assert_eq!(bed.look(), "a1\n");
    assert_eq!(bed.state, Some(FeedState::Up));
    bed.pass(3);
    put(&old, "a2\n");
    assert_eq!(bed.look(), "a2\n");
    assert!(
        bed.why()
            .contains("mail.log does not exist: waiting for it"),
        "{}",
        bed.why()
    );
    put(&bed.writer("mail.log"), "b1\n");
    assert_eq!(bed.look(), "b1\n");
    assert_eq!(bed.state, Some(FeedState::Up));
}
