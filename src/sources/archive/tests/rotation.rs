//! A rotation at any moment: while the files are opened, while the history is read, before the follower looks.

use super::*;
use crate::app::msg::Msg;
use crate::model::feeds::FeedReport;
use crate::sources::tail::{Follower, Now, Seam};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Looks until there is nothing more. Gives the lines and the bytes lost.
fn look(follower: &mut Follower) -> (String, u64) {
    let (mut lines, mut gone) = (Vec::new(), 0);
    loop {
        let look = follower.look(Now {
            steady: Duration::ZERO,
            wall: DateTime::UNIX_EPOCH,
        });
        for message in look.messages {
            match message {
                Msg::Log(batch) => lines.extend(batch.lines),
                Msg::Feed(FeedReport::Lost(_, loss)) => gone += loss.bytes,
                _ => {}
            }
        }
        if !look.more {
            return (String::from_utf8(lines).unwrap(), gone);
        }
    }
}

fn begun(bed: &Bed) -> (Archive, Follower) {
    let (archive, seam) = Archive::before_tail(&bed.log(), now());
    let seam: Seam = seam.unwrap();
    let follower = Follower::new(bed.log(), seam);
    (archive, follower)
}

fn create(bed: &Bed) {
    if bed.path("mail.log.1").exists() {
        bed.rename("mail.log.1", "mail.log.2");
    }
    bed.rename("mail.log", "mail.log.1");
    bed.write("mail.log", "");
}

fn copytruncate(bed: &Bed) {
    if bed.path("mail.log.1").exists() {
        bed.rename("mail.log.1", "mail.log.2");
    }
    std::fs::copy(bed.log(), bed.path("mail.log.1")).unwrap();
    File::options()
        .write(true)
        .open(bed.log())
        .unwrap()
        .set_len(0)
        .unwrap();
}

fn copytruncate_and_compress(bed: &Bed) {
    copytruncate(bed);
    let text = std::fs::read(bed.path("mail.log.1")).unwrap();
    bed.gzip("mail.log.1.gz", &text);
    std::fs::remove_file(bed.path("mail.log.1")).unwrap();
}

#[test]
fn each_line_is_history_or_followed() {
    // What happens between the seam, the reading of the history and the first look.
    let styles: [fn(&Bed); 4] = [|_| {}, create, copytruncate, copytruncate_and_compress];
    for (number, rotate) in styles.into_iter().enumerate() {
        for before_first_look in [true, false] {
            for unfinished in [true, false] {
                let bed = Bed::new();
                bed.gzip("mail.log.3.gz", b"three\n");
                bed.write("mail.log.1", "one\n");
                bed.write("mail.log", if unfinished { "now\nhal" } else { "now\n" });
                let (archive, mut follower) = begun(&bed);
                let mut live = String::new();
                if !before_first_look {
                    live += &look(&mut follower).0;
                }
                bed.append("mail.log", if unfinished { "f\n" } else { "half\n" });
                // An emptied log that was compressed at once is gone for a follower that was not quick enough: it counts that.
                if number == 3 {
                    live += &look(&mut follower).0;
                }
                rotate(&bed);
                bed.append("mail.log", "new\n");
                let (history, remarks) = all(&archive);
                let (more, lost) = look(&mut follower);
                live += &more;
                let what = format!("style {number}, {before_first_look}, {unfinished}");
                assert_eq!(
                    (history.as_str(), remarks),
                    ("three\none\nnow\n", vec![]),
                    "{what}"
                );
                assert_eq!((live.as_str(), lost), ("half\nnew\n", 0), "{what}");
            }
        }
    }
}

#[test]
fn what_an_emptied_log_held_is_lost_and_counted_without_a_copy() {
    let bed = Bed::new();
    bed.write("mail.log.1", "one\n");
    bed.write("mail.log", "twelve bytes\n");
    let (archive, _) = begun(&bed);
    File::options()
        .write(true)
        .open(bed.log())
        .unwrap()
        .set_len(0)
        .unwrap();
    bed.append("mail.log", "another line that is longer\n");
    let whole = whole(&archive, 1);
    assert_eq!(whole.fold, b"one\n");
    assert_eq!(whole.remarks[0].lost, 13);
    assert_eq!(
        said(&whole.remarks),
        [
            "mail.log: it was emptied while it was read, and no copy of it is there: 13 bytes lost; not read"
        ]
    );
}

#[test]
fn deleted_files_are_read_all_the_same() {
    let bed = Bed::new();
    bed.gzip("mail.log.2.gz", b"two\n");
    bed.write("mail.log.1", "one\n");
    bed.write("mail.log", "now\n");
    let (archive, _) = begun(&bed);
    for name in ["mail.log.2.gz", "mail.log.1", "mail.log"] {
        std::fs::remove_file(bed.path(name)).unwrap();
    }
    assert_eq!(all(&archive), (String::from("two\none\nnow\n"), vec![]));
}

#[test]
fn a_copy_in_the_making_is_not_history() {
    let bed = Bed::new();
    bed.write("mail.log.2", "two\n");
    bed.write("mail.log", "a\nb\nc\n");
    for made in ["", "a\n", "a\nb\nc\n"] {
        bed.write("mail.log.1", made);
        let (archive, mut follower) = begun(&bed);
        assert_eq!(all(&archive).0, "two\na\nb\nc\n");
        // It is made to its end, and the log is emptied.
        bed.append("mail.log", "d\n");
        std::fs::copy(bed.log(), bed.path("mail.log.1")).unwrap();
        bed.write("mail.log", "");
        assert_eq!(look(&mut follower), (String::from("d\n"), 0), "{made:?}");
        bed.write("mail.log", "a\nb\nc\n");
    }
}

#[test]
fn a_logger_that_was_not_told_is_followed_from_the_start() {
    let bed = Bed::new();
    bed.write("mail.log.1", "one\n");
    bed.write("mail.log", "");
    let (archive, mut follower) = begun(&bed);
    bed.append("mail.log.1", "late\n");
    assert_eq!(all(&archive).0, "one\n");
    assert_eq!(look(&mut follower).0, "late\n");
}

#[test]
fn a_log_that_is_not_there_yet_is_followed_from_its_beginning() {
    let bed = Bed::new();
    bed.write("mail.log.1", "one\n");
    let (archive, mut follower) = begun(&bed);
    bed.write("mail.log", "first\n");
    assert_eq!(all(&archive), (String::from("one\n"), vec![]));
    assert_eq!(look(&mut follower).0, "first\n");
}

#[test]
fn a_start_in_the_middle_of_rotations_sees_each_line_once_and_in_order() {
    // (emptied or renamed, rotations): what is emptied twice between two looks is another test's subject.
    for (rotate, rotations) in [(create_shifting as fn(&Bed, usize), 12), (copy_shifting, 1)] {
        for round in 0..150 {
            let bed = Bed::new();
            bed.write("mail.log.1", "000 a\n000 b\n");
            bed.write("mail.log", "001 a\n001 b\n");
            let begun_after = AtomicUsize::new(0);
            let (archive, seam) = std::thread::scope(|scope| {
                let rotating = scope.spawn(|| {
                    for number in 0..rotations {
                        rotate(&bed, number + 1);
                        bed.append(
                            "mail.log",
                            &format!("{:03} a\n{:03} b\n", number + 2, number + 2),
                        );
                        begun_after.store(number + 1, Ordering::Release);
                    }
                });
                while begun_after.load(Ordering::Acquire) < round % rotations {
                    std::hint::spin_loop();
                }
                // Another moment each time.
                (0..round * 37 % 1_000).for_each(|_| std::hint::spin_loop());
                let opened = Archive::before_tail(&bed.log(), now());
                rotating.join().unwrap();
                opened
            });
            let (mut given, remarks) = all(&archive);
            let (live, gone) = look(&mut Follower::new(bed.log(), seam.unwrap()));
            given += &live;
            let expected: Vec<_> = (0..rotations + 2)
                .flat_map(|number| ["a", "b"].map(|line| format!("{number:03} {line}")))
                .collect();
            assert_eq!(
                given.lines().collect::<Vec<_>>(),
                expected,
                "round {round}, live {live:?}"
            );
            assert_eq!((gone, remarks), (0, vec![]));
        }
    }
}

fn shift(bed: &Bed, count: usize) {
    for number in (1..=count).rev() {
        bed.rename(
            &format!("mail.log.{number}"),
            &format!("mail.log.{}", number + 1),
        );
    }
}

fn create_shifting(bed: &Bed, count: usize) {
    shift(bed, count);
    bed.rename("mail.log", "mail.log.1");
}

fn copy_shifting(bed: &Bed, count: usize) {
    shift(bed, count);
    let text = std::fs::read(bed.log()).unwrap();
    // Piece by piece, as a long log is copied.
    for piece in text.chunks(5) {
        bed.append("mail.log.1", std::str::from_utf8(piece).unwrap());
    }
    File::options()
        .write(true)
        .open(bed.log())
        .unwrap()
        .set_len(0)
        .unwrap();
}
