//! A whole log at once: a file, a compressed one, or standard input, as batches of lines.
//!
//! In comes the path, `-` being standard input; out come batches of whole lines with the moment that places stamps without a
//! year: the file's modification time. Overlong lines are cut and NUL bytes skipped as everywhere ([`super::tail`]).

use crate::sources::tail::lines::Lines;
use chrono::{DateTime, Utc};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// One read.
const CHUNK: usize = 256 * 1024;

/// Reads a log and gives out its lines, each ended by `\n`, in batches. `now` anchors what has no modification time.
///
/// # Errors
/// Those of the file, of the decompression, or of `on`.
pub fn read(
    path: &Path,
    now: DateTime<Utc>,
    mut on: impl FnMut(&[u8], DateTime<Utc>) -> io::Result<()>,
) -> io::Result<()> {
    if path == Path::new("-") {
        return pour(io::stdin().lock(), |lines| on(lines, now));
    }
    let file = File::open(path)?;
    let anchor = file
        .metadata()
        .and_then(|meta| meta.modified())
        .map_or(now, DateTime::from);
    pour(BufReader::with_capacity(CHUNK, file), |lines| {
        on(lines, anchor)
    })
}

fn pour(mut input: impl BufRead, on: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        lines(MultiGzDecoder::new(input), on)
    } else {
        lines(input, on)
    }
}

fn lines(mut input: impl Read, mut on: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut lines = Lines::default();
    let mut room = vec![0; CHUNK];
    let mut out = Vec::new();
    loop {
        let read = match input.read(&mut room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What was read before the damage is given out.
            Err(error) => {
                lines.finish(&mut out);
                on(&out)?;
                return Err(error);
            }
            Ok(0) => break,
            Ok(read) => read,
        };
        lines.take(room.get(..read).unwrap_or_default(), &mut out);
        on(&out)?;
        out.clear();
    }
    lines.finish(&mut out);
    on(&out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn all(input: &[u8]) -> (Vec<u8>, io::Result<()>) {
        let mut seen = Vec::new();
        let result = pour(input, |lines| {
            seen.extend_from_slice(lines);
            Ok(())
        });
        (seen, result)
    }

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(text).unwrap();
        gz.finish().unwrap()
    }

    #[test]
    fn a_compressed_log_reads_like_the_plain_one() {
        let text = b"one\ntwo\nand no newline at the end";
        assert_eq!(all(text).0, all(&gz(text)).0);
        assert_eq!(all(text).0, b"one\ntwo\nand no newline at the end\n");
    }

    #[test]
    fn a_damaged_file_is_an_error_after_its_whole_part() {
        let text: Vec<u8> = (0..20_000)
            .flat_map(|n| format!("line {n} {}\n", n * 7919 % 1013).into_bytes())
            .collect();
        let whole = gz(&text);
        let (seen, result) = all(&whole[..whole.len() / 2]);
        assert!(result.is_err());
        assert!(seen.starts_with(b"line 0 0\nline 1 "));
    }
}
