//! A directory with a log, a follower of it, and a clock that the test sets.

use crate::app::msg::Msg;
use crate::model::feeds::{FeedReport, FeedState, Loss};
use crate::sources::tail::{Follower, Now, Start};
use chrono::DateTime;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

pub(super) struct Bed {
    pub(super) directory: tempfile::TempDir,
    pub(super) follower: Follower,
    pub(super) now: Duration,
    pub(super) loss: Loss,
    pub(super) state: Option<FeedState>,
    pub(super) remark: Option<String>,
    pub(super) largest_batch: usize,
}

impl Bed {
    pub(super) fn new(start: Start) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let follower = Follower::new(directory.path().join("mail.log"), start);
        Self {
            directory,
            follower,
            now: Duration::ZERO,
            loss: Loss::default(),
            state: None,
            remark: None,
            largest_batch: 0,
        }
    }

    /// A follower that has looked at an empty log.
    pub(super) fn begun() -> (Self, File) {
        let mut bed = Self::new(Start::Beginning);
        let writer = bed.writer("mail.log");
        assert_eq!(bed.look(), "");
        assert_eq!(bed.state, Some(FeedState::Up));
        (bed, writer)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Opens a file as a logger does: created when missing, written at its end.
    pub(super) fn writer(&self, name: &str) -> File {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path(name))
            .unwrap()
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// Looks until there is nothing more, and gives the lines.
    pub(super) fn look(&mut self) -> String {
        String::from_utf8(self.look_bytes()).unwrap()
    }

    pub(super) fn look_bytes(&mut self) -> Vec<u8> {
        let mut lines = Vec::new();
        loop {
            // The wall clock stands at 1970: no listing of the directory then counts as certain, so each look lists anew.
            let now = Now {
                steady: self.now,
                wall: DateTime::UNIX_EPOCH,
            };
            let look = self.follower.look(now);
            for message in look.messages {
                match message {
                    Msg::Log(batch) => {
                        assert!(batch.lines.ends_with(b"\n"), "whole lines only");
                        self.largest_batch = self.largest_batch.max(batch.lines.len());
                        lines.extend(batch.lines);
                    }
                    Msg::Feed(FeedReport::State(_, state)) => self.state = Some(state),
                    Msg::Feed(FeedReport::Remark(_, remark)) => {
                        self.remark = remark.map(|text| text.to_string());
                    }
                    Msg::Feed(FeedReport::Lost(_, loss)) => {
                        self.loss.bytes += loss.bytes;
                        self.loss.times += loss.times;
                    }
                    other => panic!("{other:?}"),
                }
            }
            if !look.more {
                return lines;
            }
        }
    }

    /// The sentence of the state, when it is not up.
    pub(super) fn why(&self) -> String {
        match &self.state {
            Some(FeedState::Waiting { why } | FeedState::Lost { why, .. }) => why.to_string(),
            other => format!("{other:?}"),
        }
    }
}

/// Writes text in one piece.
pub(super) fn put(mut file: &File, text: &str) {
    file.write_all(text.as_bytes()).unwrap();
}
