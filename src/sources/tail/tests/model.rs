//! Arbitrary histories of a log, played on a real file system, against a model that knows every line that was ever written.
//!
//! A *life* is what one file holds from its creation or truncation to the next truncation. Every line of every life has to
//! come once and in order. Only two kinds of life may lack lines: one that was truncated without a copy (counted, if a look ever saw
//! it), and one whose file was deleted before any look.

use super::bed::{Bed, put};
use crate::sources::tail::Start;
use proptest::prelude::*;
use std::collections::HashMap;
use std::fs::{self, File};
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
enum Action {
    /// The logger writes so many lines of this length.
    Write(u8, u16),
    /// It writes a piece without a newline.
    Partial(u8),
    /// Somebody writes a line into the file that he opened earlier.
    WriteLate(u8, u16),
    /// name.N becomes name.N+1, the log name.1, and a new log is made; the logger goes on writing to the old one.
    Rotate,
    /// The same without a new log.
    RotateAway,
    /// The logger opens the name anew, and makes the file if there is none.
    Reopen,
    /// Copies the log to name.1 and empties it at once.
    Copytruncate,
    /// Copies the log, and empties it only before something else is done to it than writing and looking.
    Copy,
    Truncate,
    Unlink,
    Look,
}

#[derive(Default)]
struct Life {
    text: Vec<u8>,
    /// The text that was there before the follower began, and that it is not to give.
    before: usize,
    /// A look saw text of it.
    seen: bool,
    end: End,
}

/// How a life ended.
#[derive(Default, Clone, Copy, PartialEq)]
enum End {
    /// It did not, or it goes on in a copy.
    #[default]
    None,
    /// It was truncated; so much of it is in a copy.
    Copied(usize),
    /// It was truncated without a copy.
    Truncated,
    /// Its file was deleted.
    Deleted,
    /// Its file was deleted before any look.
    Unseen,
}

struct OneFile {
    life: usize,
    /// A look found it.
    opened: bool,
}

/// Index of a file.
type FileId = usize;

struct World {
    bed: Bed,
    lives: Vec<Life>,
    files: Vec<OneFile>,
    /// The life of each line, by the number that it begins with.
    life_of: HashMap<Vec<u8>, usize>,
    named: Option<FileId>,
    logger: Option<(File, FileId)>,
    late: Vec<(File, FileId)>,
    rotated: usize,
    deleted: usize,
    copying: Option<(FileId, usize)>,
    sequence: usize,
    given: Vec<Vec<u8>>,
}

impl World {
    fn new(start: Start, old: u8) -> Self {
        let mut world = Self {
            bed: Bed::new(start),
            lives: Vec::new(),
            files: Vec::new(),
            life_of: HashMap::new(),
            named: None,
            logger: None,
            late: Vec::new(),
            rotated: 0,
            deleted: 0,
            copying: None,
            sequence: 0,
            given: Vec::new(),
        };
        if old > 0 {
            world.reopen();
            world.write(old, 20);
            if old.is_multiple_of(2) {
                world.partial(3);
            }
            if start == Start::End {
                let text = &world.lives[0].text;
                world.lives[0].before = text
                    .iter()
                    .rposition(|&byte| byte == b'\n')
                    .map_or(0, |at| at + 1);
            }
        }
        world.look();
        world
    }

    fn text(&mut self, length: u16) -> String {
        self.sequence += 1;
        format!("{:06}{}", self.sequence, "x".repeat(length.into()))
    }

    fn append(&mut self, late: Option<usize>, text: &str) {
        let (file, id) = match late {
            Some(index) => &self.late[index],
            None => match &self.logger {
                Some(logger) => logger,
                None => return,
            },
        };
        put(file, text);
        let life = self.files[*id].life;
        self.lives[life].text.extend_from_slice(text.as_bytes());
        for line in text.lines() {
            self.life_of.insert(line[..6].into(), life);
        }
    }

    fn write(&mut self, lines: u8, length: u16) {
        let text: String = (0..lines).map(|_| self.text(length) + "\n").collect();
        self.append(None, &text);
    }

    fn partial(&mut self, length: u8) {
        let text = self.text(length.into());
        self.append(None, &text);
    }

    fn reopen(&mut self) {
        let file = self.bed.writer("mail.log");
        let id = match self.named {
            Some(id) => id,
            None => self.new_file(),
        };
        if let Some(old) = self.logger.replace((file, id)) {
            self.late.push(old);
            if self.late.len() > 3 {
                self.late.remove(0);
            }
        }
    }

    fn new_file(&mut self) -> FileId {
        let life = self.new_life();
        self.files.push(OneFile {
            life,
            opened: false,
        });
        let id = self.files.len() - 1;
        self.named = Some(id);
        id
    }

    fn new_life(&mut self) -> usize {
        self.lives.push(Life::default());
        self.lives.len() - 1
    }

    fn shift(&mut self) {
        for number in (1..=self.rotated).rev() {
            self.bed.rename(
                &format!("mail.log.{number}"),
                &format!("mail.log.{}", number + 1),
            );
        }
        self.rotated += 1;
    }

    fn rotate(&mut self, create: bool) {
        if self.named.is_some() {
            self.shift();
            self.bed.rename("mail.log", "mail.log.1");
            self.named = None;
            if create {
                drop(self.bed.writer("mail.log"));
                self.new_file();
            }
        }
    }

    fn copy(&mut self) {
        if let Some(id) = self.named {
            self.shift();
            fs::copy(self.bed.path("mail.log"), self.bed.path("mail.log.1")).unwrap();
            self.copying = Some((id, self.lives[self.files[id].life].text.len()));
        }
    }

    fn finish_copy(&mut self) {
        if let Some((id, copied)) = self.copying.take() {
            let life = &mut self.lives[self.files[id].life];
            life.end = if life.text.len() == copied {
                End::None
            } else {
                End::Copied(copied)
            };
            self.empty(id);
        }
    }

    fn truncate(&mut self) {
        if let Some(id) = self.named {
            self.lives[self.files[id].life].end = End::Truncated;
            self.empty(id);
        }
    }

    fn empty(&mut self, id: FileId) {
        let log = fs::OpenOptions::new()
            .write(true)
            .open(self.bed.path("mail.log"))
            .unwrap();
        log.set_len(0).unwrap();
        self.files[id].life = self.new_life();
    }

    fn unlink(&mut self) {
        if let Some(id) = self.named.take() {
            self.deleted += 1;
            fs::remove_file(self.bed.path("mail.log")).unwrap();
            let file = &self.files[id];
            self.lives[file.life].end = if file.opened {
                End::Deleted
            } else {
                End::Unseen
            };
        }
    }

    fn look(&mut self) {
        let lines = self.bed.look_bytes();
        let mut newest = 0;
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            let life = self.life_of[&line[..6]];
            // What was cut off by a truncation or a closed file comes when that is noticed; when a deleted file was the log, nothing tells.
            if !matches!(self.lives[life].end, End::Deleted | End::Unseen)
                && memchr::memmem::find(&self.lives[life].text, line).is_some()
            {
                assert!(life >= newest, "the rest of the older file comes first");
                newest = life;
            }
            self.given.push(line[..line.len() - 1].to_vec());
        }
        for file in &mut self.files {
            file.opened = true;
            let life = &mut self.lives[file.life];
            life.seen |= !life.text.is_empty();
        }
        self.bed.now += Duration::from_millis(250);
    }

    /// Ends every line that can be ended, and lets so much time pass that the others are given as they are.
    fn settle(&mut self) {
        self.finish_copy();
        self.reopen();
        self.write(2, 10);
        self.look();
        self.bed.pass(601);
        self.look();
        self.look();
    }

    fn judge(&self) {
        let mut given: HashMap<usize, Vec<&[u8]>> = HashMap::new();
        for line in &self.given {
            given
                .entry(self.life_of[&line[..6]])
                .or_default()
                .push(line);
        }
        let mut uncounted = true;
        for (number, life) in self.lives.iter().enumerate() {
            let mut expected: Vec<&[u8]> = life.text[life.before..]
                .split(|&byte| byte == b'\n')
                .collect();
            if expected.last().is_some_and(|line| line.is_empty()) {
                expected.pop();
            }
            let given = given.remove(&number).unwrap_or_default();
            if given == expected {
                continue;
            }
            let text = |lines: &[&[u8]]| {
                lines
                    .iter()
                    .map(|line| String::from_utf8_lossy(line).into_owned())
                    .collect::<Vec<_>>()
            };
            assert!(
                matches!(life.end, End::Copied(_) | End::Truncated | End::Unseen),
                "life {number}: given {:?}, expected {:?}",
                text(&given),
                text(&expected)
            );
            // A beginning of it was given, the last line of that perhaps cut off.
            assert!(given.len() <= expected.len());
            for (at, (one, other)) in given.iter().zip(&expected).enumerate() {
                assert!(one == other || (at + 1 == given.len() && other.starts_with(one)));
            }
            if let End::Copied(copied) = life.end {
                let bytes: usize = given.iter().map(|line| line.len() + 1).sum();
                assert!(
                    life.before + bytes >= copied,
                    "what is in the copy was given"
                );
            }
            uncounted &= !(life.end == End::Truncated && life.seen);
        }
        assert!(uncounted || self.bed.loss.times > 0, "the loss is counted");
    }

    fn play(&mut self, action: Action) {
        use Action::{
            Copy, Copytruncate, Look, Partial, Reopen, Rotate, RotateAway, Unlink, Write, WriteLate,
        };
        if !matches!(
            action,
            Look | Partial(_) | Reopen | Write(..) | WriteLate(..)
        ) {
            self.finish_copy();
        }
        // More files than are held open are another test's subject.
        if self.rotated + self.deleted >= 14
            && matches!(action, Rotate | RotateAway | Copy | Copytruncate | Unlink)
        {
            return;
        }
        match action {
            Action::Write(lines, length) => self.write(lines, length),
            Action::Partial(length) => self.partial(length),
            Action::WriteLate(which, length) if !self.late.is_empty() => {
                let text = self.text(length) + "\n";
                let index = usize::from(which) % self.late.len();
                self.append(Some(index), &text);
            }
            Action::WriteLate(..) => {}
            Action::Rotate => self.rotate(true),
            Action::RotateAway => self.rotate(false),
            Action::Reopen => self.reopen(),
            Action::Copytruncate => {
                self.copy();
                self.finish_copy();
            }
            Action::Copy => self.copy(),
            Action::Truncate => self.truncate(),
            Action::Unlink => self.unlink(),
            Action::Look => self.look(),
        }
    }
}

fn action() -> impl Strategy<Value = Action> {
    let length = prop_oneof![8 => 0..40_u16, 2 => 250..300_u16, 1 => 3000..9000_u16];
    prop_oneof![
        8 => (1..4_u8, length.clone()).prop_map(|(lines, length)| Action::Write(lines, length)),
        3 => (0..40_u8).prop_map(Action::Partial),
        3 => (any::<u8>(), length).prop_map(|(which, length)| Action::WriteLate(which, length)),
        3 => Just(Action::Rotate),
        1 => Just(Action::RotateAway),
        5 => Just(Action::Reopen),
        2 => Just(Action::Copytruncate),
        2 => Just(Action::Copy),
        1 => Just(Action::Truncate),
        1 => Just(Action::Unlink),
        5 => Just(Action::Look),
    ]
}

fn cases() -> u32 {
    std::env::var("MAILTOP_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_line_comes_once_and_in_order(
        from_end in any::<bool>(),
        old in 0..4_u8,
        actions in proptest::collection::vec(action(), 0..60),
    ) {
        let mut world = World::new(if from_end { Start::End } else { Start::Beginning }, old);
        for action in actions {
            world.play(action);
        }
        world.settle();
        world.judge();
    }
}
