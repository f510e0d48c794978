//! The output of a listing becomes pieces of whole lines.
//!
//! One line is one message. A message with tens of thousands of recipients is a line of megabytes: of that the recipients that fit are
//! kept, so that the message stays in the listing. A line that cannot be cut between two recipients is dropped. Both are counted.

use crate::model::feeds::Loss;
use memchr::{memchr, memmem};
use std::hash::{DefaultHasher, Hasher};

/// A piece is given out when it is at least this large.
const PIECE: usize = 64 * 1024;
/// Between two recipients. Inside a string the quotation mark would have a backslash before it.
const BETWEEN: &[u8] = b"}, {\"address\"";

#[derive(Debug)]
pub(super) struct Pieces {
    limit: usize,
    line: Vec<u8>,
    over: u64,
    ready: Vec<u8>,
    /// Lines that were given out.
    pub(super) messages: u64,
    /// Given out lines that are no JSON object by their first and last byte.
    pub(super) broken: u64,
    /// What was cut from lines, and lines that were dropped.
    pub(super) cut: Loss,
    /// Lines that were dropped.
    pub(super) dropped: Loss,
    /// The same for the same lines in whatever order.
    pub(super) digest: u64,
}

impl Pieces {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            over: 0,
            ready: Vec::new(),
            messages: 0,
            broken: 0,
            cut: Loss::default(),
            dropped: Loss::default(),
            digest: 0,
        }
    }

    /// Takes what was read. Returns a piece when there is enough for one.
    pub(super) fn take(&mut self, mut text: &[u8]) -> Option<Vec<u8>> {
        while let Some(end) = memchr(b'\n', text) {
            let (line, rest) = text.split_at(end);
            text = rest.get(1..).unwrap_or_default();
            self.add(line);
            self.end_line();
        }
        self.add(text);
        (self.ready.len() >= PIECE).then(|| std::mem::take(&mut self.ready))
    }

    /// What is ready at the end. A line without its newline is no message: the listing was cut off in it.
    pub(super) fn rest(&mut self) -> Option<Vec<u8>> {
        self.broken += u64::from(!self.line.is_empty());
        self.line.clear();
        (!self.ready.is_empty()).then(|| std::mem::take(&mut self.ready))
    }

    fn add(&mut self, text: &[u8]) {
        let (kept, over) =
            text.split_at(text.len().min(self.limit.saturating_sub(self.line.len())));
        self.line.extend_from_slice(kept);
        self.over = self.over.saturating_add(over.len() as u64);
    }

    fn end_line(&mut self) {
        let over = std::mem::take(&mut self.over);
        let length = self.line.len() as u64;
        if over > 0 {
            let Some(end) = memmem::rfind(&self.line, BETWEEN) else {
                let lost = Loss {
                    bytes: length.saturating_add(over),
                    times: 1,
                };
                self.line.clear();
                add(&mut self.cut, lost);
                add(&mut self.dropped, lost);
                return;
            };
            add(
                &mut self.cut,
                Loss {
                    bytes: (length - end as u64).saturating_add(over),
                    times: 1,
                },
            );
            self.line.truncate(end);
            self.line.extend_from_slice(b"}]}");
        }
        if !(self.line.starts_with(b"{") && self.line.ends_with(b"}")) {
            self.broken += 1;
        }
        self.messages += 1;
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.line);
        self.digest = self.digest.wrapping_add(hasher.finish());
        self.ready.append(&mut self.line);
        self.ready.push(b'\n');
    }
}

fn add(total: &mut Loss, loss: Loss) {
    total.bytes = total.bytes.saturating_add(loss.bytes);
    total.times = total.times.saturating_add(loss.times);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_lines_have_the_same_digest_and_others_have_not() {
        let digest = |parts: &[&[u8]]| {
            let mut pieces = Pieces::new(100);
            for part in parts {
                pieces.take(part);
            }
            pieces.digest
        };
        let known = digest(&[b"{1}\n{2}\n"]);
        assert_eq!(digest(&[b"{2}\n{", b"1}\n"]), known);
        for other in [
            &b"{1}\n{3}\n"[..],
            b"{1}\n",
            b"{1}\n{2}\n{2}\n",
            b"{1}{2}\n",
        ] {
            assert_ne!(digest(&[other]), known);
        }
    }

    #[test]
    fn whole_lines_only() {
        let mut pieces = Pieces::new(100);
        assert_eq!(pieces.take(b"{1}\n{2"), None);
        assert_eq!(pieces.take(b"}\nno json\n{cut o"), None);
        assert_eq!(
            pieces.rest().as_deref(),
            Some(b"{1}\n{2}\nno json\n".as_slice())
        );
        assert_eq!((pieces.messages, pieces.broken), (3, 2));
    }

    #[test]
    fn pieces_are_given_out_when_they_are_large_enough() {
        let mut pieces = Pieces::new(1000);
        let line = format!("{{{}}}\n", "x".repeat(97));
        let given: Vec<_> = (0..2000)
            .filter_map(|_| pieces.take(line.as_bytes()))
            .collect();
        assert!(
            given
                .iter()
                .all(|piece| piece.len() < PIECE + 1000 && piece.ends_with(b"}\n"))
        );
        assert_eq!(given.len(), 3);
    }

    #[test]
    fn of_a_message_with_too_many_recipients_those_that_fit_are_kept() {
        let recipients: Vec<_> = (0..1000).map(|number| format!("{{\"address\": \"u{number}@example.org\", \"delay_reason\": \"}}, {{\\\"address\\\"\"}}")).collect();
        let line = format!(
            "{{\"queue_name\": \"deferred\", \"queue_id\": \"4abcDEfGhIz1Z\", \"arrival_time\": 1, \"message_size\": 2, \"forced_expire\": false, \"sender\": \"a@b\", \"recipients\": [{}]}}\n",
            recipients.join(", ")
        );
        for limit in (300..2000).step_by(7) {
            let mut pieces = Pieces::new(limit);
            pieces.take(line.as_bytes());
            let kept = pieces.rest().unwrap();
            let entry: serde_json::Value = serde_json::from_slice(&kept).unwrap();
            assert_eq!(entry["recipients"][0]["address"], "u0@example.org");
            assert_eq!((pieces.cut.times, pieces.dropped.times), (1, 0));
            assert_eq!(
                pieces.cut.bytes + kept.len() as u64 - 4,
                line.len() as u64 - 1
            );
        }
    }

    #[test]
    fn a_line_that_cannot_be_cut_is_dropped_and_counted() {
        let mut pieces = Pieces::new(100);
        let long = format!("{{{}}}\n{{}}\n", "x".repeat(1 << 20));
        pieces.take(long.as_bytes());
        assert_eq!(pieces.rest().as_deref(), Some(b"{}\n".as_slice()));
        assert_eq!(
            pieces.dropped,
            Loss {
                bytes: (1 << 20) + 2,
                times: 1
            }
        );
        assert!(pieces.line.capacity() <= 200);
    }
}
