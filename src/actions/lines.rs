//! Cuts a child's output into lines, with bounds: a line without end costs no more memory than the longest one allowed.

/// Cuts a stream into lines.
#[derive(Debug)]
pub(super) struct Lines {
    open: Vec<u8>,
    longest: usize,
    too_long: bool,
    /// Lines that were longer than allowed, and were dropped.
    pub(super) dropped: usize,
}

impl Lines {
    /// Lines of at most `longest` bytes.
    pub(super) fn new(longest: usize) -> Self {
        Self {
            open: Vec::new(),
            longest,
            too_long: false,
            dropped: 0,
        }
    }

    /// Takes a piece in and gives every finished line out, without its newline.
    pub(super) fn push(&mut self, piece: &[u8], line: &mut dyn FnMut(&[u8])) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match part.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (part, false),
            };
            if self.open.len() + text.len() > self.longest {
                self.too_long = true;
                self.open.clear();
            }
            if !self.too_long {
                self.open.extend_from_slice(text);
            }
            if ended {
                self.finish(line);
            }
        }
    }

    /// Gives a last line out that had no newline.
    pub(super) fn end(&mut self, line: &mut dyn FnMut(&[u8])) {
        if !self.open.is_empty() || self.too_long {
            self.finish(line);
        }
    }

    fn finish(&mut self, line: &mut dyn FnMut(&[u8])) {
        if self.too_long {
            self.dropped += 1;
        } else {
            line(&self.open);
        }
        self.open.clear();
        self.too_long = false;
    }
}

/// The last bytes of a stream.
#[derive(Debug, Default)]
pub(super) struct Tail(Vec<u8>);

/// What a receipt keeps of standard error.
pub(super) const KEPT: usize = 8 * 1024;

impl Tail {
    /// Takes a piece in.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.0.extend_from_slice(piece);
        let surplus = self.0.len().saturating_sub(KEPT);
        self.0.drain(..surplus);
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_endless_line_is_dropped_and_counted_and_the_next_one_is_read() {
        let mut lines = Lines::new(4);
        let mut got = Vec::new();
        for piece in [&b"abc"[..], b"defgh", b"ij\nok\n", b"end"] {
            lines.push(piece, &mut |line| got.push(line.to_vec()));
        }
        lines.end(&mut |line| got.push(line.to_vec()));
        assert_eq!(got, [b"ok".to_vec(), b"end".to_vec()]);
        assert_eq!(lines.dropped, 1);
    }

    proptest! {
        #[test]
        fn the_cuts_between_pieces_do_not_matter(pieces in prop::collection::vec("[ab\n]{0,6}", 0..12)) {
            let whole = pieces.concat();
            let mut expected: Vec<&str> = whole.split('\n').collect();
            if expected.last() == Some(&"") {
                expected.pop();
            }
            let mut lines = Lines::new(1024);
            let mut got = Vec::new();
            let mut keep = |line: &[u8]| got.push(String::from_utf8_lossy(line).into_owned());
            for piece in &pieces {
                lines.push(piece.as_bytes(), &mut keep);
            }
            lines.end(&mut keep);
            prop_assert_eq!(got, expected);
        }

        #[test]
        fn a_tail_is_the_end_of_the_whole(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5000), 0..8)) {
            let whole = pieces.concat();
            let mut tail = Tail::default();
            for piece in &pieces {
                tail.push(piece);
            }
            prop_assert_eq!(tail.bytes(), &whole[whole.len().saturating_sub(KEPT)..]);
        }
    }
}
