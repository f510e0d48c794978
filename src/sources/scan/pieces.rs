//! A piece of a log is read and searched, line by line where something is found.
//!
//! In: a way to read bytes in order, where they begin in the log, and the range in which a line must begin to be of this piece. Out: each
//! line that holds a needle, NUL bytes left out (holes that a truncation left), with the place where it begins. A line that is longer than
//! [`LINE_LIMIT`] is given without the rest.

use super::Needles;
use crate::sources::tail::LINE_LIMIT;
use memchr::{memchr, memrchr};
use std::io::{self, ErrorKind};

/// One read: small enough for a core's own cache. Longer than any line that is given whole.
const ROOM: usize = 256 * 1024;

/// Reads the bytes at a place of the log into a buffer; 0 at its end.
pub(super) trait ReadAt {
    fn read(&mut self, room: &mut [u8], at: u64) -> io::Result<usize>;
}

/// Searches the lines that begin in `begin..end`. Returns where reading ended.
pub(super) fn search(
    mut input: impl ReadAt,
    begin: u64,
    end: u64,
    needles: &Needles,
    on: &mut impl FnMut(u64, Vec<u8>),
) -> io::Result<u64> {
    let mut room = vec![0; ROOM];
    let mut filled = 0;
    // The byte before tells whether a line begins here.
    let mut start = begin.saturating_sub(1);
    let mut inside = begin > 0;
    loop {
        let free = room.get_mut(filled..).unwrap_or_default();
        let read = match input.read(free, start + filled as u64) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        filled += read;
        let text = room.get(..filled).unwrap_or_default();
        let skipped = if inside {
            match memchr(b'\n', text) {
                Some(newline) => {
                    inside = false;
                    newline + 1
                }
                None => filled,
            }
        } else {
            0
        };
        // The last line that begins before the end is read to its own end.
        let own = end.saturating_sub(1).saturating_sub(start);
        let over = usize::try_from(own)
            .ok()
            .and_then(|own| memchr(b'\n', text.get(own..)?).map(|newline| own + newline + 1));
        let whole = match (over, memrchr(b'\n', text)) {
            (Some(over), _) => over,
            (None, _) if read == 0 => filled,
            (None, Some(newline)) => newline + 1,
            // A line longer than the room: it is searched in parts.
            (None, None) if filled == room.len() => filled,
            (None, None) => skipped,
        };
        let whole = whole.max(skipped);
        // A line that began before the piece may reach to its end.
        let first = start + skipped as u64;
        if !inside && first < end {
            lines(
                text.get(skipped..whole).unwrap_or_default(),
                first,
                needles,
                on,
            );
        }
        if over.is_some() || read == 0 || !inside && first >= end {
            return Ok(start + filled as u64);
        }
        room.copy_within(whole..filled, 0);
        filled -= whole;
        start += whole as u64;
    }
}

/// Gives every line of a text that holds a needle.
fn lines(text: &[u8], start: u64, needles: &Needles, on: &mut impl FnMut(u64, Vec<u8>)) {
    needles.lines(text, |begin, line| {
        let line = line.get(..line.len().min(LINE_LIMIT)).unwrap_or_default();
        let line = line.iter().copied().filter(|byte| *byte != 0).collect();
        on(start + begin as u64, line);
    });
}
