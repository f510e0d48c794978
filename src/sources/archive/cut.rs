//! A stream of bytes becomes pieces of whole lines, without copying them.
//!
//! In comes anything that reads; out come slices of the read buffer, each of whole lines ended by `\n`. Only where a piece holds an overlong
//! line or NUL bytes is it copied, and cut as [`crate::sources::tail`] cuts. The unfinished last line is given out ended.

use crate::model::feeds::Loss;
use crate::sources::tail::LINE_LIMIT;
use crate::sources::tail::lines::Lines;
use memchr::{memchr, memrchr};
use std::io::{self, Read};

/// One read: it stays in a core's second-level cache until it is folded.
pub(crate) const CHUNK: usize = 256 * 1024;

/// The buffers of one reader, used again for every file.
#[derive(Debug)]
pub(crate) struct Room {
    bytes: Vec<u8>,
    cleaned: Vec<u8>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            bytes: vec![0; CHUNK + LINE_LIMIT],
            cleaned: Vec::new(),
        }
    }
}

/// Gives out the lines of `input` in pieces. Returns what was cut from overlong lines.
///
/// # Errors
/// That of the input, after everything before it was given out; that of `on`.
pub(crate) fn whole_lines(
    mut input: impl Read,
    room: &mut Room,
    mut on: impl FnMut(&[u8]) -> io::Result<()>,
) -> (Loss, io::Result<()>) {
    let mut cut = Loss::default();
    let result = pour(&mut input, room, &mut cut, &mut on);
    (cut, result)
}

fn pour(
    input: &mut impl Read,
    room: &mut Room,
    cut: &mut Loss,
    on: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let Room { bytes, cleaned } = room;
    let mut filled = 0;
    // The overlong line that is being cut.
    let mut long: Option<Lines> = None;
    let end = loop {
        match input.read(bytes.get_mut(filled..).unwrap_or_default()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Err(error),
            Ok(0) => break Ok(()),
            Ok(read) => filled += read,
        }
        let mut text = bytes.get(..filled).unwrap_or_default();
        if let Some(lines) = &mut long {
            let (rest, next) = text.split_at(memchr(b'\n', text).map_or(filled, |at| at + 1));
            cleaned.clear();
            add(cut, lines.take(rest, cleaned));
            on(cleaned)?;
            if rest.ends_with(b"\n") {
                long = None;
            }
            text = next;
        }
        let (whole, rest) = text.split_at(memrchr(b'\n', text).map_or(0, |at| at + 1));
        give(whole, cleaned, cut, on)?;
        if rest.len() >= LINE_LIMIT {
            let mut lines = Lines::default();
            cleaned.clear();
            add(cut, lines.take(rest, cleaned));
            long = Some(lines);
            filled = 0;
        } else {
            let from = filled - rest.len();
            bytes.copy_within(from..filled, 0);
            filled -= from;
        }
    };
    let mut lines = long.unwrap_or_default();
    cleaned.clear();
    add(
        cut,
        lines.take(bytes.get(..filled).unwrap_or_default(), cleaned),
    );
    lines.finish(cleaned);
    if !cleaned.is_empty() {
        on(cleaned)?;
    }
    end
}

fn give(
    whole: &[u8],
    cleaned: &mut Vec<u8>,
    cut: &mut Loss,
    on: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    if whole.is_empty() {
        return Ok(());
    }
    if memchr(0, whole).is_none() && !has_overlong(whole) {
        return on(whole);
    }
    cleaned.clear();
    add(cut, Lines::default().take(whole, cleaned));
    on(cleaned)
}

/// Whether a line of these is longer than the limit. Looks only at the newline before each limit.
fn has_overlong(mut whole: &[u8]) -> bool {
    while whole.len() > LINE_LIMIT {
        let window = whole.get(..LINE_LIMIT).unwrap_or_default();
        match memrchr(b'\n', window) {
            Some(at) => whole = whole.get(at + 1..).unwrap_or_default(),
            None => return true,
        }
    }
    false
}

fn add(cut: &mut Loss, more: Loss) {
    cut.bytes = cut.bytes.saturating_add(more.bytes);
    cut.times = cut.times.saturating_add(more.times);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads of arbitrary sizes stand for the pieces that a file comes in.
    struct Dribble<'a>(&'a [u8], usize);

    impl Read for Dribble<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(room.len());
            let (now, later) = self.0.split_at(count);
            room[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn fast(text: &[u8], size: usize) -> (Vec<u8>, Loss) {
        let mut given = Vec::new();
        let (cut, result) = whole_lines(Dribble(text, size), &mut Room::default(), |lines| {
            assert!(lines.is_empty() || lines.ends_with(b"\n"));
            given.extend_from_slice(lines);
            Ok(())
        });
        result.unwrap();
        (given, cut)
    }

    fn slow(text: &[u8]) -> (Vec<u8>, Loss) {
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        let cut = lines.take(text, &mut out);
        lines.finish(&mut out);
        (out, cut)
    }

    fn line() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            8 => proptest::collection::vec(b' '..b'~', 0..200),
            1 => (LINE_LIMIT - 3..LINE_LIMIT + 3).prop_map(|length| vec![b'l'; length]),
            1 => (1..6 * LINE_LIMIT).prop_map(|length| vec![b'x'; length]),
            1 => (1..2 * LINE_LIMIT).prop_map(|length| vec![0; length]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn lines_are_cut_as_the_tail_cuts_them(
            lines in proptest::collection::vec(line(), 0..40),
            size in prop_oneof![1_usize..5_000, Just(usize::MAX)],
            ended in any::<bool>(),
        ) {
            let mut text = lines.join(&b'\n');
            if ended {
                text.push(b'\n');
            }
            prop_assert_eq!(fast(&text, size.max(text.len() / 5_000)), slow(&text));
        }
    }

    #[test]
    fn common_lines_are_not_copied() {
        let mut room = Room::default();
        let text = b"one\ntwo\n".repeat(100_000);
        let (cut, result) = whole_lines(text.as_slice(), &mut room, |_| Ok(()));
        result.unwrap();
        assert_eq!((cut, room.cleaned.capacity()), (Loss::default(), 0));
    }
}
