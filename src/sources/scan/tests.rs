//! A search finds what a plain reading would, however the file is cut, and says what it could not read.

use super::*;
use chrono::Utc;
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

fn file(text: &[u8]) -> (tempfile::NamedTempFile, Log) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let log = Log::open(file.path(), Utc::now()).unwrap();
    (file, log)
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    gz.finish().unwrap()
}

fn texts(found: &Found) -> Vec<String> {
    let text = |line: &Line| String::from_utf8_lossy(&line.text).into_owned();
    found.lines.iter().map(text).collect()
}

/// Which lines hold one of the words, and where they begin, found the slow way.
fn plainly(text: &str, words: &[String], any_case: bool) -> Vec<(u64, String)> {
    let fold = |text: &str| {
        if any_case {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    };
    let holds = |line: &str| {
        let line = fold(line);
        words.iter().any(|word| {
            let word = fold(word);
            let is_word = word.bytes().all(|byte| byte.is_ascii_alphanumeric());
            line.match_indices(&word).any(|(at, _)| {
                let outside =
                    |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
                let bytes = line.as_bytes();
                !is_word
                    || outside(at.checked_sub(1).map(|before| &bytes[before]))
                        && outside(bytes.get(at + word.len()))
            })
        })
    };
    // Overlapping matches are found by match_indices only where the word does not overlap itself: words here are tried one by one.
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        if holds(bare) {
            lines.push((at, bare.to_owned()));
        }
        at += line.len() as u64;
    }
    lines
}

fn given(found: &Found) -> Vec<(u64, String)> {
    found
        .lines
        .iter()
        .map(|line| line.offset)
        .zip(texts(found))
        .collect()
}

/// Texts in which the needles and what is nearly one of them are frequent.
fn log_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "4AB4AC",
        "4AB4ACD",
        "4ab4ac",
        "AB4AC1",
        "1@x.EXAMPLE",
        "1@x.example",
        "@x.ex",
        " ",
        "\n",
        ": ",
        "x",
        "4",
        "4A",
        "queued as 4AB4AC",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn however_a_file_is_cut_and_whoever_reads_it(text in log_text(), size in 1u64..50, cores in 1usize..4, count in 1usize..5) {
        let words: Vec<String> = ["4AB4AC", "1@x.example", "4AB4ACD", "AB4AC1"][..count].iter().map(|word| (*word).to_owned()).collect();
        let needles = Needles::words(&words).unwrap();
        let (_kept, log) = file(text.as_bytes());
        let found = scan_on(&[log], &needles, cores, size);
        prop_assert_eq!(given(&found), plainly(&text, &words, false));
        prop_assert!(found.troubles.is_empty() && !found.cut);
        let (_kept, packed) = file(&gz(text.as_bytes()));
        prop_assert_eq!(given(&scan_on(&[packed], &needles, cores, size)), plainly(&text, &words, false));
    }

    #[test]
    fn in_either_case(text in log_text(), which in 0usize..3, sample in log_text()) {
        let word = ["1@X.example", "4Ab4aC", "4a"][which];
        let needles = Needles::any_case(word, sample.as_bytes()).unwrap();
        let (_kept, log) = file(text.as_bytes());
        prop_assert_eq!(given(&scan(&[log], &needles)), plainly(&text, &[word.to_owned()], true));
    }

    /// More needles than are looked for one after the other.
    #[test]
    fn many_at_once(text in log_text(), more in prop::collection::vec("[4ABC]{6,8}", 9..20)) {
        let mut words = more;
        words.extend(["4AB4AC".to_owned(), "1@x.example".to_owned(), "4AB4ACD".to_owned(), "AB4AC1".to_owned()]);
        let (_kept, log) = file(text.as_bytes());
        let found = scan(&[log], &Needles::words(&words).unwrap());
        prop_assert_eq!(given(&found), plainly(&text, &words, false));
    }

    /// Needles of which one is too short for the fast way are found all the same.
    #[test]
    fn short_ones_among_long_ones(text in log_text()) {
        let mut words = vec!["4AB4AC".to_owned(), "1@x".to_owned(), "4A".to_owned()];
        words.extend((0..8).map(|n| format!("none{n}")));
        let (_kept, log) = file(text.as_bytes());
        let found = scan(&[log], &Needles::words(&words).unwrap());
        prop_assert_eq!(given(&found), plainly(&text, &words, false));
    }

    #[test]
    fn many_needles(text in "[0-2]{0,200}", words in prop::collection::vec("[0-2]{6,9}", 2..30)) {
        let many = many::Many::new(&words).unwrap();
        let first = (0..text.len()).find(|at| words.iter().any(|word| text[*at..].starts_with(word.as_str())));
        let found = many.find(text.as_bytes(), |_, _, _| true);
        prop_assert_eq!(found.map(|(begin, _)| begin), first);
        if let Some((begin, end)) = found {
            prop_assert!(words.iter().any(|word| *word == text[begin..end]));
        }
    }
}

#[test]
fn nothing_is_no_needle() {
    assert!(Needles::words::<&str>(&[]).is_none());
    assert!(Needles::words(&[""]).is_none());
    assert!(Needles::any_case("", b"").is_none());
}

#[test]
fn the_order_is_that_of_the_logs() {
    let (_one, one) = file(b"4AB4AC 1\nother\n4AB4AC 2\n");
    let (_two, two) = file(&gz(b"4AB4AC 3\n4AB4AC 4"));
    let (_three, three) = file(b"\x00\x004AB4AC 5\r\n");
    let found = scan_on(
        &[one, two, three],
        &Needles::words(&["4AB4AC"]).unwrap(),
        2,
        5,
    );
    assert_eq!(
        texts(&found),
        ["4AB4AC 1", "4AB4AC 2", "4AB4AC 3", "4AB4AC 4", "4AB4AC 5\r"]
    );
}

#[test]
fn a_broken_compressed_log_is_read_up_to_the_damage() {
    let text: Vec<u8> = (0..20_000)
        .flat_map(|n| format!("4AB4AC {n} {}\n", n * 7919 % 1013).into_bytes())
        .collect();
    let whole = gz(&text);
    let (_kept, broken) = file(&whole[..whole.len() / 2]);
    let (_sound, sound) = file(b"4AB4AC\n");
    let found = scan(&[broken, sound], &Needles::words(&["4AB4AC"]).unwrap());
    assert_eq!(found.troubles.len(), 1);
    assert_eq!(found.troubles[0].0, 0);
    let texts = texts(&found);
    assert_eq!(texts[0], "4AB4AC 0 0");
    assert_eq!(texts.last().map(String::as_str), Some("4AB4AC"));
    assert!(texts.len() > 1_000);
}

#[test]
fn a_log_that_becomes_shorter_is_said_and_one_that_grows_or_is_removed_is_not() {
    let needles = Needles::words(&["4AB4AC"]).unwrap();
    let (mut kept, log) = file(b"4AB4AC 1\n4AB4AC 2\n");
    kept.write_all(b"4AB4AC 3\n").unwrap();
    let logs = [log];
    let found = scan(&logs, &needles);
    assert_eq!(texts(&found)[..2], ["4AB4AC 1", "4AB4AC 2"]);
    kept.as_file().set_len(9).unwrap();
    let found = scan(&logs, &needles);
    assert_eq!(texts(&found), ["4AB4AC 1"]);
    assert_eq!(found.troubles[0].1.kind(), io::ErrorKind::UnexpectedEof);
    let (kept, log) = file(b"4AB4AC 1\n");
    drop(kept);
    assert_eq!(texts(&scan(&[log], &needles)), ["4AB4AC 1"]);
}

#[test]
fn a_line_without_end_is_cut() {
    let text = format!("4AB4AC {}\n4AB4AC short\n", "x".repeat(3 << 20));
    let (_kept, log) = file(text.as_bytes());
    let found = scan_on(&[log], &Needles::words(&["4AB4AC"]).unwrap(), 2, 1 << 20);
    let lengths: Vec<usize> = found.lines.iter().map(|line| line.text.len()).collect();
    assert_eq!(lengths, [crate::sources::tail::LINE_LIMIT, 12]);
}

#[test]
fn no_more_lines_than_there_is_room_for_and_the_newest() {
    let text: String = (0..LINES + 50_000)
        .map(|n| format!("4AB4AC {n:06}\n"))
        .collect::<Vec<String>>()
        .concat();
    let (_kept, log) = file(text.as_bytes());
    let found = scan_on(&[log], &Needles::words(&["4AB4AC"]).unwrap(), 2, 100_000);
    assert!(found.cut);
    assert!((LINES..LINES + 30_000).contains(&found.lines.len()));
    let first: usize = texts(&found)[0][7..].parse().unwrap();
    assert_eq!(first + found.lines.len(), LINES + 50_000);
    let (_kept, packed) = file(&gz(text.as_bytes()));
    let found = scan(&[packed], &Needles::words(&["4AB4AC"]).unwrap());
    assert!(found.cut);
    assert_eq!(found.lines.len(), LINES);
}

#[test]
fn what_is_no_log_is_refused_with_the_fix() {
    let directory = tempfile::tempdir().unwrap();
    let why = |path: PathBuf| Log::open(&path, Utc::now()).unwrap_err().to_string();
    assert_eq!(why(directory.path().to_owned()), "it is a directory");
    let xz = directory.path().join("mail.log.2.xz");
    fs::write(&xz, b"\xfd7zXZ\0\0\0").unwrap();
    assert!(why(xz).starts_with("it is damaged: xz -dc failed"));
}

#[test]
fn what_commands_pack_is_searched_like_plain_text() {
    let directory = tempfile::tempdir().unwrap();
    let plain = directory.path().join("mail.log.2");
    let text = "one\n4ABCDEF012: two\nthree\n".repeat(1000);
    fs::write(&plain, &text).unwrap();
    for (command, ending) in [("xz", "xz"), ("zstd", "zst"), ("bzip2", "bz2")] {
        let mut pack = std::process::Command::new(command);
        let status = pack.arg("-kq").arg(&plain).status().unwrap();
        assert!(status.success(), "{command}");
        let log = Log::open(&plain.with_extension(format!("2.{ending}")), Utc::now()).unwrap();
        let found = scan(&[log], &Needles::words(&["4ABCDEF012"]).unwrap());
        assert_eq!(
            (found.lines.len(), found.troubles.len()),
            (1000, 0),
            "{command}"
        );
    }
}

#[test]
fn the_rotated_files_are_those_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    for name in [
        "mail.log",
        "mail.log.1",
        "mail.log.2.gz",
        "mail.log.10.gz",
        "mail.log-20261101.gz",
        "mail.err",
    ] {
        fs::write(directory.path().join(name), "").unwrap();
    }
    let names: Vec<String> = files(&directory.path().join("mail.log"))
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "mail.log-20261101.gz",
            "mail.log.10.gz",
            "mail.log.2.gz",
            "mail.log.1",
            "mail.log"
        ]
    );
}
