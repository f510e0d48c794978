//! Finds the log lines of one message: the log is the database, it is searched when somebody asks.
//!
//! In: the followed logs and a queue id. Out: [`Msg::Found`] with every line that holds the id as a whole word, oldest file first, at most
//! [`LINES`] of them and [`BYTES`]. The rotated files beside each log are searched as well, except compressed ones. The search
//! runs on a thread of its own with buffered reads of a megabyte, and stops when it is dropped.
//!
//! It knows nothing of a line's grammar: a queue id in free text is found as well, and a short queue id may have been used
//! again for another message (`postsuper(1)`, BUGS).

use crate::app::msg::{Found, Msg};
use crate::sources::archive::Archive;
use crate::sources::archive::fold::{self, Told};
use crate::sources::logs::Logs;
use crate::sources::tail::{LINE_LIMIT, siblings};
use chrono::{DateTime, Utc};
use mailtop_parsers::QueueId;
use memchr::{memchr, memmem, memrchr};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tokio::sync::mpsc::Sender;

/// The most lines that are given.
pub const LINES: usize = 2_000;
/// The most bytes that are given, about.
pub const BYTES: usize = 4 << 20;
/// One read. Longer than any line that is given whole.
const CHUNK: usize = 1 << 20;

/// A search that ends when dropped.
#[derive(Debug)]
pub struct Search(Arc<AtomicBool>);

impl Drop for Search {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Searches on a thread of its own and sends one [`Msg::Found`].
///
/// # Errors
/// When no thread can be started.
pub fn spawn(logs: Logs, queue_id: Box<str>, sender: Sender<Msg>) -> io::Result<Search> {
    let search = Search(Arc::default());
    let stop = Arc::clone(&search.0);
    thread::Builder::new()
        .name(String::from("find"))
        .spawn(move || {
            if let Some(found) = find(&logs, queue_id, &stop) {
                // Nobody waits for it any more when this fails.
                sender.blocking_send(Msg::Found(found)).ok();
            }
        })?;
    Ok(search)
}

/// Searches the logs for a queue id. `None` when stopped. What is no queue id is not found anywhere; a file that cannot be
/// read is left out, as its follower says so already.
pub fn find(logs: &Logs, queue_id: Box<str>, stop: &AtomicBool) -> Option<Found> {
    match logs {
        Logs::Files(files) => in_files(files, queue_id, stop),
        Logs::Journal(_) => in_archives(logs.archives(Utc::now()), queue_id, stop),
    }
}

/// Asks for all of a history, newest pieces first.
fn in_archives(
    archives: Vec<(PathBuf, Archive)>,
    queue_id: Box<str>,
    stop: &AtomicBool,
) -> Option<Found> {
    let mut pieces = Vec::new();
    let mut cut = false;
    if QueueId::new(queue_id.as_bytes()).is_some() {
        for (_, archive) in archives {
            fold::newest_first(
                &archive,
                fold::cores(),
                stop,
                || Hits::new(&queue_id),
                |hits, piece| hits.scan(piece.lines),
                |told| {
                    if let Told::Fold(hits) = told {
                        cut |= hits.cut;
                        pieces.push(hits.lines);
                    }
                    ControlFlow::Continue(())
                },
            );
        }
    }
    let lines = pieces.into_iter().rev().flatten().collect();
    (!stop.load(Ordering::Acquire)).then_some(Found {
        queue_id,
        lines,
        anchor: Utc::now(),
        cut,
    })
}

fn in_files(logs: &[PathBuf], queue_id: Box<str>, stop: &AtomicBool) -> Option<Found> {
    let mut hits = Hits::new(&queue_id);
    let mut anchor = None;
    if QueueId::new(queue_id.as_bytes()).is_some() {
        for log in logs {
            for path in files(log) {
                if let Ok(file) = siblings::open(&path) {
                    anchor = anchor.max(file.metadata().ok().and_then(|meta| meta.modified().ok()));
                    // What was found up to a read error is given.
                    hits.search(file, stop).ok();
                }
                if stop.load(Ordering::Acquire) {
                    return None;
                }
            }
        }
    }
    let Hits { lines, cut, .. } = hits;
    Some(Found {
        queue_id,
        lines,
        anchor: anchor.map_or_else(Utc::now, DateTime::<Utc>::from),
        cut,
    })
}

/// The rotated files of a log, oldest first, and the log.
fn files(log: &Path) -> Vec<PathBuf> {
    let rotated = siblings::settled(log).unwrap_or_default();
    rotated
        .into_iter()
        .map(|one| one.path)
        .chain([log.to_owned()])
        .collect()
}

struct Hits<'a> {
    id: &'a str,
    finder: memmem::Finder<'a>,
    lines: Vec<u8>,
    count: usize,
    cut: bool,
}

impl<'a> Hits<'a> {
    fn new(id: &'a str) -> Self {
        Self {
            id,
            finder: memmem::Finder::new(id.as_bytes()),
            lines: Vec::new(),
            count: 0,
            cut: false,
        }
    }

    fn search(&mut self, mut file: impl Read, stop: &AtomicBool) -> io::Result<()> {
        let mut room = vec![0; CHUNK];
        let mut filled = 0;
        loop {
            if self.cut || stop.load(Ordering::Acquire) {
                return Ok(());
            }
            let read = match file.read(room.get_mut(filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            filled += read;
            let text = room.get(..filled).unwrap_or_default();
            let whole = match memrchr(b'\n', text) {
                Some(end) => end + 1,
                // The end of the file, or a line longer than the room: it is searched in parts.
                None if read == 0 || filled == room.len() => filled,
                None => continue,
            };
            let whole = if read == 0 { filled } else { whole };
            self.scan(text.get(..whole).unwrap_or_default());
            room.copy_within(whole..filled, 0);
            filled -= whole;
            if read == 0 {
                return Ok(());
            }
        }
    }

    /// Takes every line of the text that holds the id as a word.
    fn scan(&mut self, text: &[u8]) {
        let mut from = 0;
        while let Some(at) = text
            .get(from..)
            .and_then(|rest| self.finder.find(rest))
            .map(|at| from + at)
        {
            let after = at + self.id.len();
            let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
            if word(text.get(after))
                || at
                    .checked_sub(1)
                    .is_some_and(|before| word(text.get(before)))
            {
                from = at + 1;
                continue;
            }
            let begin =
                memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |newline| newline + 1);
            let end = text
                .get(after..)
                .and_then(|rest| memchr(b'\n', rest))
                .map_or(text.len(), |newline| after + newline);
            if self.count >= LINES || self.lines.len() >= BYTES {
                self.cut = true;
                return;
            }
            let line = text
                .get(begin..end.min(begin + LINE_LIMIT - 1))
                .unwrap_or_default();
            self.lines.extend(line.iter().filter(|&&byte| byte != 0));
            self.lines.push(b'\n');
            self.count += 1;
            from = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(logs: &[PathBuf], id: &str) -> Found {
        let stop = AtomicBool::new(false);
        let logs = Logs::Files(logs.to_vec());
        let found = find(&logs, id.into(), &stop).unwrap();
        // A history that is asked for in pieces, as the journal is, has the same lines.
        let archives = logs.archives(Utc::now());
        let pieces = in_archives(archives, id.into(), &stop).unwrap();
        if !found.cut {
            assert_eq!(pieces.lines, found.lines);
        }
        found
    }

    #[test]
    fn whole_words_only_and_the_oldest_file_first() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("mail.log");
        let write =
            |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write(
            "mail.log.2",
            "oldest 4ABCDEF0123: one\nnext 4ABCDEF01234: other\n",
        );
        write(
            "mail.log.1",
            "x4ABCDEF0123\n(4ABCDEF0123) two\n4ABCDEF0123\n",
        );
        write("mail.log.1.gz", "4ABCDEF0123 not text\n");
        write(
            "mail.log",
            "x4ABCDEF0123 4ABCDEF0123, twice 4ABCDEF0123\nlast \x004ABCDEF0123",
        );
        let found = found(&[log, directory.path().join("none")], "4ABCDEF0123");
        assert_eq!(
            String::from_utf8(found.lines).unwrap(),
            "oldest 4ABCDEF0123: one\n(4ABCDEF0123) two\n4ABCDEF0123\nx4ABCDEF0123 4ABCDEF0123, twice 4ABCDEF0123\nlast 4ABCDEF0123\n"
        );
        assert!(!found.cut);
    }

    #[test]
    fn what_is_no_queue_id_is_not_searched_for() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("mail.log");
        std::fs::write(&log, "a b\n\n").unwrap();
        for id in ["", " ", "\n", "a b"] {
            assert_eq!(found(std::slice::from_ref(&log), id).lines, b"", "{id:?}");
        }
    }

    #[test]
    fn at_most_so_many_lines() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("mail.log");
        std::fs::write(&log, "4ABCDEF0123: line\n".repeat(LINES)).unwrap();
        assert!(!found(std::slice::from_ref(&log), "4ABCDEF0123").cut);
        std::fs::write(&log, "4ABCDEF0123: line\n".repeat(LINES + 1)).unwrap();
        let found = found(&[log], "4ABCDEF0123");
        assert_eq!((found.cut, found.lines.len()), (true, LINES * 18));
    }

    #[test]
    fn lines_across_reads_are_found_and_long_ones_cut() {
        // Reads of an arbitrary size stand for the pieces that a file comes in.
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
        let text = "4ABCDEF0123 a\nother\nb 4ABCDEF0123\n4ABCDEF0123".repeat(3);
        let search = |text: &[u8], size| {
            let mut hits = Hits {
                id: "4ABCDEF0123",
                finder: memmem::Finder::new("4ABCDEF0123"),
                lines: Vec::new(),
                count: 0,
                cut: false,
            };
            hits.search(Dribble(text, size), &AtomicBool::new(false))
                .unwrap();
            hits.lines
        };
        let whole = search(text.as_bytes(), usize::MAX);
        for size in 1..40 {
            assert_eq!(search(text.as_bytes(), size), whole);
        }
        let long = format!("4ABCDEF0123 {}\n4ABCDEF0123 short\n", "x".repeat(3 << 20));
        let lines = search(long.as_bytes(), usize::MAX);
        assert_eq!(lines.len(), LINE_LIMIT + 18);
    }

    #[test]
    fn a_dropped_search_sends_nothing() {
        let stop = AtomicBool::new(true);
        assert_eq!(
            find(
                &Logs::Files(vec![PathBuf::from("/none")]),
                "4ABCDEF0123".into(),
                &stop
            ),
            None
        );
    }

    #[test]
    fn a_search_sends_one_message() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("mail.log");
        std::fs::write(&log, "4ABCDEF0123: line\n").unwrap();
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let search = spawn(Logs::Files(vec![log]), "4ABCDEF0123".into(), sender).unwrap();
        let Some(Msg::Found(found)) = receiver.blocking_recv() else {
            panic!("found nothing")
        };
        assert_eq!(found.lines, b"4ABCDEF0123: line\n");
        assert_eq!(receiver.blocking_recv(), None);
        drop(search);
    }
}
