//! Where reading begins in a file that is there already.

use super::follower::Start;
use super::generation::{Generation, read_up_to};
use super::lines::{LINE_LIMIT, Lines};
use std::fs::File;
use std::io;
use std::time::Duration;

/// Opens a file at its start position, always at the beginning of a line.
pub(super) fn open(file: File, start: Start, now: Duration) -> io::Result<Generation> {
    let size = file.metadata()?.len();
    let (pos, lines) = match start {
        Start::Beginning => (0, Lines::default()),
        Start::Last(bytes) if bytes >= size => (0, Lines::default()),
        // One byte earlier: when it is a newline, a line begins right after it.
        Start::Last(bytes) => (size - bytes - 1, Lines::skip_to_newline()),
        Start::End => end(&file, size)?,
    };
    Generation::new(file, pos, lines, now)
}

/// The beginning of the unfinished last line, which is the end when there is none.
fn end(file: &File, size: u64) -> io::Result<(u64, Lines)> {
    let back = size.min(LINE_LIMIT as u64);
    let bytes = read_up_to(file, size - back, back as usize)?;
    Ok(match memchr::memrchr(b'\n', &bytes) {
        Some(at) => (size - back + at as u64 + 1, Lines::default()),
        None if back == size => (0, Lines::default()),
        None => (size, Lines::skip_to_newline()),
    })
}
