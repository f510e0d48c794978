//! The queue, as `postqueue -j` lists it: one listing at a time, streamed, never more often than the last one's cost allows.
//!
//! In: a Postfix instance. Out: [`Msg::Listing`] in pieces of whole lines, and [`Msg::Feed`] reports in the operator's words. A listing opens
//! every queue file (100,001 files take 53 s with a cold cache), so the next one starts no sooner than ten times the last one's
//! duration, up to a hundred times of it while each is as the one before and nothing is told of ([`Options::changed`]), and [`Lister::list_now`]
//! no sooner than twice of it. A listing is no snapshot: messages may be repeated or missing (`postqueue(1)`), so what left the
//! queue is the model's judgement.
//!
//! The exit status alone is not trusted: Postfix 3.7 has 69 for every error, and 0 while the mail system is down. What `postqueue`
//! writes to standard error decides as well.
//!
//! It parses no message and never changes the queue. Formats: `postqueue(1)`, `postqueue/postqueue.c`, `postqueue/showq_json.c`.

mod child;
mod pace;
mod pieces;
mod verdict;

#[cfg(test)]
mod tests;

use crate::app::msg::{Listing, Msg};
use crate::model::feeds::{Feed, FeedReport, FeedState, Loss};
use crate::safe_text::SafeText;
use chrono::{DateTime, TimeDelta, Utc};
use pace::Pace;
use pieces::Pieces;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use verdict::Verdict;

/// Where the program is on the distributions; `postconf command_directory` says it otherwise.
const PLACES: [&str; 5] = [
    "/usr/sbin/postqueue",
    "/usr/lib/postfix/sbin/postqueue",
    "/usr/lib/postfix/postqueue",
    "/usr/local/sbin/postqueue",
    "/opt/postfix/sbin/postqueue",
];

/// What is listed, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The absolute path of `postqueue`; looked for where distributions put it when `None`.
    pub program: Option<PathBuf>,
    /// The configuration directory of the instance (`-c`), when it is not the default one.
    pub config_directory: Option<PathBuf>,
    /// The instance's name, as its `syslog_name` begins.
    pub instance: Box<str>,
    /// The limits.
    pub limits: Limits,
    /// Notified when something happened: the queue is not taken to be as it was listed last.
    pub changed: Arc<Notify>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            program: None,
            config_directory: None,
            instance: "postfix".into(),
            limits: Limits::default(),
            changed: Arc::default(),
        }
    }
}

/// How long a listing may take and how often one is made.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest silence of a listing.
    pub silence: Duration,
    /// Longest duration of a listing.
    pub total: Duration,
    /// What is left of its output, when a process it started keeps that open, must come within this time.
    pub linger: Duration,
    /// From TERM to KILL.
    pub grace: Duration,
    /// Least time from the start of a listing to the start of the next.
    pub every: Duration,
    /// The longest line that is taken whole, in bytes.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(30),
            total: Duration::from_mins(5),
            linger: Duration::from_secs(1),
            grace: Duration::from_secs(2),
            every: Duration::from_secs(2),
            line: 1 << 20,
        }
    }
}

/// Lists the queue again and again until dropped.
#[derive(Debug)]
pub struct Lister {
    calls: Arc<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    list: Notify,
    stop: Notify,
}

impl Lister {
    /// Makes the next listing start as soon as the last one's cost allows.
    pub fn list_now(&self) {
        self.calls.list.notify_one();
    }
}

impl Drop for Lister {
    fn drop(&mut self) {
        self.calls.stop.notify_one();
    }
}

/// Lists the queue in a task of the current tokio runtime (with I/O and time enabled). A listing that runs when the returned value is
/// dropped, or the receiver, is killed and reaped.
pub fn spawn(options: Options, sender: Sender<Msg>) -> Lister {
    let calls = Arc::new(Calls::default());
    let lister = Lister {
        calls: Arc::clone(&calls),
    };
    tokio::spawn(async move {
        let mut task = Task {
            options,
            sender,
            told: None,
            remark: None,
            listed: None,
        };
        task.run(&calls).await;
    });
    lister
}

/// The road is closed, or the source is told to end.
#[derive(Debug)]
struct Ended;

struct Task {
    options: Options,
    sender: Sender<Msg>,
    told: Option<FeedState>,
    remark: Option<String>,
    /// The digest of the last listing.
    listed: Option<u64>,
}

impl Task {
    async fn run(&mut self, calls: &Calls) {
        let mut pace = Pace::new(self.options.limits.every);
        let waiting = FeedState::Waiting {
            why: SafeText::new("the first listing of the queue runs"),
        };
        if self.report(waiting).await.is_err() {
            return;
        }
        loop {
            if self.list(&mut pace, calls).await.is_err() {
                return;
            }
            let ended = Instant::now();
            let mut wait = pace.wait();
            loop {
                tokio::select! {
                    () = tokio::time::sleep(wait.saturating_sub(ended.elapsed())) => break,
                    () = self.options.changed.notified() => wait = wait.min(pace.changed()),
                    () = calls.list.notified() => wait = wait.min(pace.soonest()),
                    () = calls.stop.notified() => return,
                    () = self.sender.closed() => return,
                }
            }
        }
    }

    /// One listing from beginning to end.
    async fn list(&mut self, pace: &mut Pace, calls: &Calls) -> Result<(), Ended> {
        let Some(program) = self.program() else {
            pace.failed(Duration::ZERO);
            let why = String::from(
                "postqueue not found: is Postfix installed here? `postconf command_directory` says where it is",
            );
            return self.lost(why, pace.next(Utc::now())).await;
        };
        let begin = Instant::now();
        let at = Utc::now();
        self.send(Msg::Listing(Listing::Begin {
            at,
            instance: self.options.instance.clone(),
        }))
        .await?;
        let outcome = child::run(&program, &self.options, &self.sender, calls).await?;
        let took = begin.elapsed();
        let verdict = verdict::judge(&outcome, &self.options.limits);
        match verdict {
            Verdict::Complete { .. } => {
                let before = self.listed.replace(outcome.digest);
                pace.succeeded(took, before == Some(outcome.digest));
            }
            Verdict::Failed(_) => {
                self.listed = None;
                pace.failed(took);
            }
        }
        let (at, next) = (Utc::now(), pace.next(Utc::now()));
        let complete = matches!(verdict, Verdict::Complete { .. }) && outcome.dropped.times == 0;
        self.send(Msg::Listing(Listing::End {
            at,
            took,
            complete,
            next,
        }))
        .await?;
        if outcome.cut != Loss::default() {
            self.send(Msg::Feed(FeedReport::Lost(Feed::Queue, outcome.cut)))
                .await?;
        }
        match verdict {
            Verdict::Failed(why) => self.lost(why, next).await,
            Verdict::Complete { remark } => {
                self.report(FeedState::Up).await?;
                if self.remark != remark {
                    self.remark.clone_from(&remark);
                    self.send(Msg::Feed(FeedReport::Remark(
                        Feed::Queue,
                        remark.map(SafeText::new),
                    )))
                    .await?;
                }
                Ok(())
            }
        }
    }

    fn program(&self) -> Option<PathBuf> {
        match &self.options.program {
            Some(program) => {
                Some(program.clone()).filter(|program| program.is_absolute() && program.exists())
            }
            None => PLACES
                .iter()
                .map(PathBuf::from)
                .find(|program| program.exists()),
        }
    }

    async fn lost(&mut self, why: String, retry_at: DateTime<Utc>) -> Result<(), Ended> {
        self.report(FeedState::Lost {
            why: SafeText::new(why),
            retry_at: Some(retry_at),
        })
        .await
    }

    async fn report(&mut self, state: FeedState) -> Result<(), Ended> {
        if self.told.as_ref() == Some(&state) {
            return Ok(());
        }
        self.told = Some(state.clone());
        self.send(Msg::Feed(FeedReport::State(Feed::Queue, state)))
            .await
    }

    async fn send(&self, message: Msg) -> Result<(), Ended> {
        self.sender.send(message).await.map_err(|_| Ended)
    }
}

fn after(moment: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| moment.checked_add_signed(wait))
        .unwrap_or(moment)
}

/// What a run printed elsewhere, from a file or, as `-`, from standard input: pieces of whole lines, cut as those of a run of our own. Returns
/// a sentence when something had to be left out.
///
/// # Errors
/// Those of the file.
pub fn read(path: &Path, limits: &Limits, mut on: impl FnMut(&[u8])) -> io::Result<Option<String>> {
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut pieces = Pieces::new(limits.line);
    let mut room = vec![0; 64 * 1024];
    let mut open = false;
    loop {
        match input.read(&mut room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                pieces.rest().as_deref().into_iter().for_each(on);
                return Err(error);
            }
            Ok(0) => break,
            Ok(read) => {
                let read = room.get(..read).unwrap_or_default();
                open = !read.ends_with(b"\n");
                pieces.take(read).as_deref().into_iter().for_each(&mut on);
            }
        }
    }
    if open {
        // A copy may lack the last newline; what is cut off in the middle is no JSON and is counted.
        pieces.take(b"\n").as_deref().into_iter().for_each(&mut on);
    }
    pieces.rest().as_deref().into_iter().for_each(on);
    Ok(verdict::left_out(pieces.cut.times, pieces.dropped.times))
}
