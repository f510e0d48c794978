//! Logs of every kind, in pieces of any size, compressed and damaged.

use super::*;
use proptest::prelude::*;
use std::io::Write;

const EXPORT: &[u8] = include_bytes!("../../../parsers/tests/corpus/journal/captured.export");
const JSON: &[u8] = include_bytes!("../../../parsers/tests/corpus/journal/captured-all.json");
const ENVELOPES: &[u8] = include_bytes!("../../../parsers/tests/corpus/envelope.log");
const HOSTILE: &[u8] = include_bytes!("../../../parsers/tests/corpus/adversarial.log");

fn calendar() -> Calendar {
    Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00+01:00").unwrap(),
    }
}

/// What a log gives.
fn all(input: impl Read) -> (Vec<String>, io::Result<()>) {
    let mut seen = Vec::new();
    let result = pour(input, &calendar(), |step| {
        if let Step::Record(record) = step {
            seen.push(format!("{record:?}"));
        }
        Ok(())
    });
    (seen, result)
}

/// Gives so many bytes at a time, as a pipe may.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let size = self.1.min(room.len());
        self.0.read(room.get_mut(..size).unwrap_or_default())
    }
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    gz.finish().unwrap()
}

#[test]
fn every_kind_reads_the_same_compressed_and_in_pieces() {
    let mixed = [ENVELOPES, JSON, HOSTILE, EXPORT].concat();
    let lines = |log: &[u8]| log.split_inclusive(|byte| *byte == b'\n').count();
    for (log, records) in [
        (EXPORT, 11),
        (JSON, 11),
        (ENVELOPES, lines(ENVELOPES)),
        (&mixed, lines(&mixed)),
        (b"one\n\nand no newline at the end", 3),
        (b"x", 1),
        (b"\x1f", 1),
        (b"", 0),
    ] {
        let (plain, result) = all(log);
        assert!(result.is_ok());
        assert_eq!(plain.len(), records);
        for size in [1, 2, 3, 63, 64, 65, 66, 1000] {
            assert_eq!(all(Slow(log, size)).0, plain, "{size}");
        }
        assert_eq!(all(Slow(&gz(log), 1)).0, plain);
    }
    assert_eq!(all(EXPORT).0, all(JSON).0, "the same entries");
}

#[test]
fn a_file_reads_like_its_lines_one_by_one() {
    let mixed = [ENVELOPES, JSON, HOSTILE].concat();
    let lines: Vec<String> = mixed
        .split_inclusive(|byte| *byte == b'\n')
        .flat_map(|line| all(line).0)
        .collect();
    assert_eq!(all(&mixed[..]).0, lines);
}

#[test]
fn a_damaged_file_is_an_error_after_its_whole_part() {
    let text: Vec<u8> = (0..20_000)
        .flat_map(|n| format!("line {n} {}\n", n * 7919 % 1013).into_bytes())
        .collect();
    let whole = gz(&text);
    let (seen, result) = all(&whole[..whole.len() / 2]);
    assert!(result.is_err());
    assert!(seen.len() > 100);
    assert!(seen[1].contains("Unparsed"), "{}", seen[1]);
}

#[test]
fn an_error_of_the_reader_ends_it() {
    for log in [EXPORT, JSON, ENVELOPES] {
        let mut calls = 0;
        let result = pour(log, &calendar(), |_| {
            calls += 1;
            Err(io::ErrorKind::BrokenPipe.into())
        });
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(calls, 1);
    }
}

/// Lines of every kind and any bytes, with the newline.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let corpus: Vec<Vec<u8>> = [ENVELOPES, JSON, HOSTILE]
        .concat()
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let strange = proptest::collection::vec(any::<u8>(), 0..60).prop_map(|mut line| {
        line.retain(|byte| !matches!(byte, b'\n' | 0));
        line.push(b'\n');
        line
    });
    let bent = (
        prop::sample::select(corpus.clone()),
        any::<prop::sample::Index>(),
        any::<u8>(),
    )
        .prop_map(|(mut line, at, byte)| {
            let at = at.index(line.len());
            if line[at] != b'\n' && byte != b'\n' {
                line[at] = byte;
            }
            line
        });
    prop_oneof![prop::sample::select(corpus), strange, bent]
}

proptest! {
    #[test]
    fn any_lines_give_one_record_each_the_same_alone_and_together(lines in proptest::collection::vec(line(), 0..12), size in 1_usize..200) {
        // gzip and export are recognized at the start, where this log has a line of its own.
        let log = [&b"Jun  5 09:00:00 mail postfix/qmgr[12]: 4D1A22001F: removed\n"[..], &lines.concat()].concat();
        let (seen, result) = all(Slow(&log, size));
        prop_assert!(result.is_ok());
        let alone: Vec<String> = log
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| {
                let mut records = Records::default();
                let mut seen = Vec::new();
                let after_a_line = [b"\n", line].concat();
                records.take(&after_a_line, &calendar(), |record| { seen.push(format!("{record:?}")); Ok(()) }).unwrap();
                assert_eq!(seen.len(), 2);
                seen.remove(1)
            })
            .collect();
        prop_assert_eq!(&seen, &alone);
    }

    #[test]
    fn any_bytes_are_read_without_end(bytes in proptest::collection::vec(any::<u8>(), 0..600), export: bool, size in 1_usize..99) {
        let log = if export { [&b"__CURSOR=x\n"[..], &bytes].concat() } else { bytes };
        let whole = all(&log[..]).0;
        if !log.starts_with(&GZIP) {
            prop_assert_eq!(all(Slow(&log, size)).0, whole);
        }
    }
}
