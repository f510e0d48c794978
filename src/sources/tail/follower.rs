//! Follows one log through its rotations. `look` does one round: find the files, read on, close what is done, say what changed.
//!
//! The file system is real, the clock is an argument, nothing waits: so it can be tested step by step. Who calls `look`, and when, is
//! the driver's business.

use super::generation::{Generation, Key, key_of};
use super::known::Known;
use super::lines::Lines;
use super::outbox::{Outbox, Told};
use super::seam::Begin;
use super::siblings::{self, Sibling, directory_of};
use super::{sentences, start};
use crate::app::msg::Msg;
use crate::model::feeds::{Feed, FeedState};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A rotation leaves the name without a file for a moment; that is not worth a word.
const MISSING_GRACE: Duration = Duration::from_secs(2);
/// A directory's time is coarse: a listing counts as later than it only after this long.
const COARSE: Duration = Duration::from_secs(2);

/// Where reading begins in a file that is there when mailtop starts. What appears later is read from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the line that is not finished yet.
    End,
    /// With the first line.
    Beginning,
    /// With the first whole line of the last so many bytes.
    Last(u64),
}

/// The moment of a look.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Time since some fixed moment, never stepping back.
    pub steady: Duration,
    /// The wall clock, only for stamps without a year.
    pub wall: DateTime<Utc>,
}

/// What a look gave.
#[derive(Debug)]
pub struct Look {
    /// Reports and batches of whole lines, in order.
    pub messages: Vec<Msg>,
    /// There is more to read: look again at once.
    pub more: bool,
}

/// One followed log.
#[derive(Debug)]
pub struct Follower {
    pub(super) log: PathBuf,
    pub(super) source: Box<str>,
    feed: Feed,
    /// Taken when the log is opened for the first time; `None` afterwards.
    start: Option<Start>,
    began: bool,
    /// Oldest first.
    pub(super) generations: Vec<Generation>,
    /// The file that the log's name stands for.
    pub(super) current: Option<Key>,
    pub(super) known: Known,
    /// The rotated files as last listed, for their names.
    pub(super) listed: Vec<Sibling>,
    /// Files were renamed all the time while they were listed: some may not be found yet.
    pub(super) unsettled: bool,
    listed_when: Option<(DateTime<Utc>, DateTime<Utc>)>,
    missing_since: Option<Duration>,
    told: Told,
    /// Why reading failed in this look.
    pub(super) trouble: Option<io::Error>,
    /// Until when the operator is told that a file was closed although it was still written.
    pub(super) closed_early: Option<Duration>,
    pub(super) room: Vec<u8>,
}

/// What the log's name stands for.
pub(super) enum Named {
    /// A file that is followed already.
    Held(Key),
    /// A new file, opened.
    New(File, Key),
    /// Nothing.
    Missing,
    /// Something that cannot be read.
    Refused(io::Error),
}

impl Follower {
    /// Follows `log`. Nothing is opened before the first look.
    pub fn new(log: impl Into<PathBuf>, begin: impl Into<Begin>) -> Self {
        let log = log.into();
        let source: Box<str> = log.to_string_lossy().into();
        let mut known = Known::default();
        let (start, generations, current) = match begin.into() {
            Begin::At(start) => (Some(start), Vec::new(), None),
            Begin::After(seam) => {
                let seam = *seam;
                for (key, pin) in seam.known {
                    known.keep_or_number(key, pin, Duration::ZERO);
                }
                (None, seam.generations, seam.current)
            }
        };
        Self {
            feed: Feed::Log(source.clone()),
            log,
            source,
            began: start.is_none(),
            start,
            generations,
            current,
            known,
            listed: Vec::new(),
            unsettled: false,
            listed_when: None,
            missing_since: None,
            told: Told::default(),
            trouble: None,
            closed_early: None,
            room: vec![0; super::reading::CHUNK],
        }
    }

    /// The log's path.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Looks once: at most about 256 KiB of lines, from the oldest file on.
    pub fn look(&mut self, now: Now) -> Look {
        let mut outbox = Outbox::default();
        self.trouble = None;
        let named = self.find(now, &mut outbox);
        let more = self.read(now, &mut outbox) || self.unsettled;
        self.close(now, &mut outbox);
        let state = self.state(now, named);
        let remark = self.remark(now.steady);
        let news = self.told.news(&self.feed, state, remark);
        Look {
            messages: outbox.messages(&self.feed, news),
            more,
        }
    }

    /// Finds what the log's name stands for, and the files that came and went since the last look.
    fn find(&mut self, now: Now, outbox: &mut Outbox) -> Named {
        // The order of these is what makes it right. Files listed before the name was looked up, while the name still stands
        // for the same intact file, cannot be generations of the log; files listed after the new one was opened can.
        let listed = self.list(now.wall);
        let blank: Vec<Key> = self
            .generations
            .iter()
            .filter(|one| one.head.is_empty())
            .map(|one| one.key)
            .collect();
        let emptied = self.emptied(now.steady);
        let named = self.look_up();
        if !self.began {
            self.began = true;
            for sibling in listed.iter().flatten() {
                self.known.add(sibling, now.steady);
            }
            self.begin(named, now.steady)
        } else if matches!(&named, Named::Held(key) if self.current == Some(*key))
            && emptied.is_empty()
            && !self.unsettled
        {
            if let Some(listed) = listed {
                self.pass(&listed, &blank, now, outbox);
            }
            named
        } else {
            self.adopt(named, &emptied, blank, now, outbox)
        }
    }

    /// Takes the first look's file in.
    fn begin(&mut self, named: Named, now: Duration) -> Named {
        match named {
            Named::New(file, key) => self.add_named(file, key, now),
            Named::Missing => {
                self.start = None;
                named
            }
            other => other,
        }
    }

    /// Follows the file that the name stands for from now on.
    pub(super) fn add_named(&mut self, file: File, key: Key, now: Duration) -> Named {
        let opened = match self.start {
            Some(start) => start::open(file, start, now),
            None => Generation::new(file, 0, Lines::default(), now),
        };
        match opened {
            Ok(generation) => {
                self.start = None;
                self.generations.push(generation);
                self.current = Some(key);
                Named::Held(key)
            }
            Err(error) => Named::Refused(error),
        }
    }

    /// The files beside the log, or `None` when the directory did not change since they were listed.
    fn list(&mut self, wall: DateTime<Utc>) -> Option<Vec<Sibling>> {
        let changed = directory_of(&self.log)?
            .metadata()
            .ok()?
            .modified()
            .ok()
            .map(DateTime::<Utc>::from)?;
        if let Some((then, listed_at)) = self.listed_when
            && then == changed
            && listed_at > changed + COARSE
        {
            return None;
        }
        let listed = siblings::list(&self.log).ok()?;
        self.listed_when = Some((changed, wall));
        Some(listed)
    }

    /// The held files that are not what they were.
    fn emptied(&mut self, now: Duration) -> Vec<Key> {
        let mut emptied = Vec::new();
        for generation in self.generations.iter_mut().filter(|one| !one.copy) {
            match generation.intact(now) {
                Ok(true) => {}
                Ok(false) => emptied.push(generation.key),
                Err(error) => self.trouble = Some(error),
            }
        }
        emptied
    }

    fn look_up(&self) -> Named {
        let held = |key: Key| {
            self.generations
                .iter()
                .any(|one| one.key == key && !one.copy)
        };
        match self.log.symlink_metadata() {
            Ok(meta) if held(key_of(&meta)) => return Named::Held(key_of(&meta)),
            Ok(_) => {}
            Err(error) => return unnamed(error),
        }
        let opened =
            siblings::open(&self.log).and_then(|file| Ok((key_of(&file.metadata()?), file)));
        match opened {
            Ok((key, _)) if held(key) => Named::Held(key),
            Ok((key, file)) => Named::New(file, key),
            Err(error) => unnamed(error),
        }
    }

    fn state(&mut self, now: Now, named: Named) -> Option<FeedState> {
        let lost = |why: &io::Error| FeedState::Lost {
            why: SafeText::new(sentences::refused(&self.log, why)),
            retry_at: None,
        };
        if !matches!(named, Named::Missing) {
            self.missing_since = None;
        }
        Some(match (named, &self.trouble) {
            (Named::Refused(why), _) => lost(&why),
            (Named::Missing, _) => {
                let since = *self.missing_since.get_or_insert(now.steady);
                if !self.generations.is_empty() && now.steady.saturating_sub(since) < MISSING_GRACE
                {
                    return None;
                }
                let directory = directory_of(&self.log).unwrap_or(Path::new("/"));
                FeedState::Waiting {
                    why: SafeText::new(sentences::missing(&self.log, directory)),
                }
            }
            (_, Some(why)) => lost(why),
            _ => FeedState::Up,
        })
    }
}

fn unnamed(error: io::Error) -> Named {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Named::Missing,
        _ => Named::Refused(error),
    }
}
