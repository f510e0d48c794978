//! Bytes as they are read become whole lines.
//!
//! In come pieces of one file in order, out come lines, each ended by `\n`. The unfinished last line is kept until its newline
//! arrives, at most [`LINE_LIMIT`] of it: of a longer line the head is kept and the rest counted. NUL bytes (holes that a
//! truncation or a crash left) are skipped. So memory is constant whatever is written.
//!
//! It interprets nothing else: carriage returns, broken UTF-8 and escape sequences pass through.

use crate::model::feeds::Loss;
use memchr::memchr;

/// The longest line that is given out, its newline included.
pub const LINE_LIMIT: usize = 64 * 1024;

/// The unfinished line of one file.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    partial: Vec<u8>,
    cutting: bool,
    skipping: bool,
}

impl Lines {
    /// Starts in the middle of a line: everything up to the first newline is left out.
    pub(crate) fn skip_to_newline() -> Self {
        Self {
            skipping: true,
            ..Self::default()
        }
    }

    /// Takes the next piece of the file; whole lines are added to `out`. Returns what was cut from overlong lines.
    pub(crate) fn take(&mut self, mut piece: &[u8], out: &mut Vec<u8>) -> Loss {
        let mut cut = Loss::default();
        while let Some(end) = memchr(b'\n', piece) {
            let (line, rest) = piece.split_at(end);
            piece = rest.get(1..).unwrap_or_default();
            if self.skipping {
                self.skipping = false;
                continue;
            }
            self.add(line, &mut cut);
            self.give(out);
        }
        if !self.skipping {
            self.add(piece, &mut cut);
        }
        cut
    }

    /// Gives the unfinished line out as it is: its file is closed.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        self.skipping = false;
        if !self.partial.is_empty() {
            self.give(out);
        }
    }

    fn give(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.partial);
        out.push(b'\n');
        self.cutting = false;
    }

    fn add(&mut self, text: &[u8], cut: &mut Loss) {
        for run in text.split(|&byte| byte == 0).filter(|run| !run.is_empty()) {
            let room = (LINE_LIMIT - 1).saturating_sub(self.partial.len());
            let (kept, over) = run.split_at(run.len().min(room));
            self.partial.extend_from_slice(kept);
            if !over.is_empty() {
                cut.bytes = cut.bytes.saturating_add(over.len() as u64);
                cut.times = cut.times.saturating_add(u64::from(!self.cutting));
                self.cutting = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lines: &mut Lines, pieces: &[&[u8]]) -> (Vec<u8>, Loss) {
        let (mut out, mut loss) = (Vec::new(), Loss::default());
        for piece in pieces {
            let cut = lines.take(piece, &mut out);
            loss.bytes += cut.bytes;
            loss.times += cut.times;
        }
        (out, loss)
    }

    #[test]
    fn a_line_waits_for_its_newline() {
        let mut lines = Lines::default();
        assert_eq!(all(&mut lines, &[b"one\ntw"]).0, b"one\n");
        assert_eq!(all(&mut lines, &[b"o\n\nthree"]).0, b"two\n\n");
        let mut out = Vec::new();
        lines.finish(&mut out);
        lines.finish(&mut out);
        assert_eq!(out, b"three\n");
    }

    #[test]
    fn the_head_of_an_overlong_line_is_kept_and_the_rest_counted() {
        let mut lines = Lines::default();
        let piece = vec![b'x'; 1 << 20];
        let mut out = Vec::new();
        let mut loss = Loss::default();
        for _ in 0..64 {
            let cut = lines.take(&piece, &mut out);
            loss.bytes += cut.bytes;
            loss.times += cut.times;
        }
        assert!(
            lines.partial.capacity() <= 2 * LINE_LIMIT,
            "constant memory"
        );
        let (rest, more) = all(&mut lines, &[b"\nnext\n"]);
        out.extend(rest);
        assert_eq!((out.len(), more), (LINE_LIMIT + 5, Loss::default()));
        assert!(out.ends_with(b"x\nnext\n"));
        let whole = 64 << 20;
        assert_eq!(
            (loss.bytes, loss.times),
            (whole - (LINE_LIMIT as u64 - 1), 1)
        );
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_whole() {
        let mut line = vec![b'y'; LINE_LIMIT - 1];
        line.push(b'\n');
        let (out, loss) = all(&mut Lines::default(), &[&line]);
        assert_eq!((out, loss), (line, Loss::default()));
    }

    #[test]
    fn nul_runs_are_skipped() {
        let (out, loss) = all(
            &mut Lines::default(),
            &[b"\0\0\0", b"\0one\n\0\0", b"t\0\0wo\n"],
        );
        assert_eq!(
            (out.as_slice(), loss),
            (b"one\ntwo\n".as_slice(), Loss::default())
        );
    }

    #[test]
    fn a_start_in_the_middle_skips_to_the_next_line() {
        let mut lines = Lines::skip_to_newline();
        assert_eq!(all(&mut lines, &[b"half", b" line\nwhole\n"]).0, b"whole\n");
        let mut cut_short = Lines::skip_to_newline();
        let mut out = Vec::new();
        cut_short.take(b"half", &mut out);
        cut_short.finish(&mut out);
        assert_eq!(out, b"");
    }
}
