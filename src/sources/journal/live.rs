//! The journal as it is written: `journalctl --follow`, started again after the last entry whenever it ends.
//!
//! In comes a place to begin at; out come [`Msg::Log`] batches and [`Msg::Feed`] reports. When the loop is behind, this waits, then
//! journalctl does, and the journal is the buffer. Losing journalctl is a state with a sentence and the moment of the next try.

use super::command::moment;
use super::gather::Gather;
use super::{Journal, Mark, sentences};
use crate::app::msg::{LogBatch, Msg};
use crate::model::feeds::{Feed, FeedReport, FeedState, Loss};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// The name of the source, in batches.
const SOURCE: &str = "journal";
/// One read.
const CHUNK: usize = 64 * 1024;
/// journalctl says nothing when there is nothing: when it lives so long, it can read the journal.
const SETTLED: Duration = Duration::from_secs(1);
/// The first pause before it is started again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(8));

/// Where to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Right after an entry.
    After(Mark),
    /// With what journald received at a moment, and later.
    Since(DateTime<Utc>),
}

/// Follows the journal until dropped.
#[derive(Debug)]
pub struct Live(JoinHandle<()>);

impl Drop for Live {
    fn drop(&mut self) {
        // journalctl is killed with the task, and reaped by the runtime.
        self.0.abort();
    }
}

/// Follows the journal in a task of the current tokio runtime (with I/O and time enabled) and sends what comes. It ends, and
/// journalctl is killed, when the returned value or the receiver is dropped.
#[must_use = "it ends when it is dropped"]
pub fn spawn(journal: Journal, begin: Begin, sender: Sender<Msg>) -> Live {
    let (give, told) = oneshot::channel();
    // The other end is here.
    let _ = give.send(begin);
    spawn_after(journal, told, sender)
}

/// The same, from a place that is told later: whoever reads the past asks where that ends. When it is never told, from now on.
#[must_use = "it ends when it is dropped"]
pub fn spawn_after(journal: Journal, begin: oneshot::Receiver<Begin>, sender: Sender<Msg>) -> Live {
    let now = Utc::now();
    Live(tokio::spawn(async move {
        let begin = begin.await.unwrap_or(Begin::Since(now));
        let mut task = Task {
            gather: Gather::new(journal.zone),
            journal,
            since: Utc::now(),
            sender,
            told: None,
            remark: None,
            heard: false,
        };
        match begin {
            Begin::After(mark) => task.gather.last = mark,
            Begin::Since(since) => task.since = since,
        }
        // Its only end is that the receiver is gone.
        let _ = task.run().await;
    }))
}

/// The receiver is gone.
struct Closed;

struct Task {
    journal: Journal,
    /// Where to begin as long as no entry is known.
    since: DateTime<Utc>,
    gather: Gather,
    sender: Sender<Msg>,
    told: Option<FeedState>,
    remark: Option<SafeText>,
    /// Whether this run gave something new.
    heard: bool,
}

impl Task {
    async fn run(&mut self) -> Result<(), Closed> {
        let mut pause = PAUSES.0;
        loop {
            self.heard = false;
            let why = self.follow().await?;
            if self.heard {
                pause = PAUSES.0;
            }
            let retry_at = Some(Utc::now() + pause);
            self.state(FeedState::Lost { why, retry_at }).await?;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.sender.closed() => return Err(Closed),
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// One run of journalctl; returns why it ended.
    async fn follow(&mut self) -> Result<SafeText, Closed> {
        self.gather.again();
        let begin = self.gather.after.as_ref().map_or_else(
            || format!("--since={}", moment(self.since.timestamp_micros())),
            |cursor| format!("--cursor={}", String::from_utf8_lossy(cursor)),
        );
        let arguments = ["--follow", "--no-tail", begin.as_str()];
        let mut command = Command::from(self.journal.command(arguments));
        command.kill_on_drop(true);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return Ok(sentences::not_started(&self.journal.program, &error)),
        };
        let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
        let (mut room, mut err_room) = (vec![0; CHUNK], vec![0; 4096]);
        let mut said = Vec::new();
        let settled = Instant::now() + SETTLED;
        let mut up = false;
        let sender = self.sender.clone();
        while stdout.is_some() {
            tokio::select! {
                read = read_some(&mut stdout, &mut room) => {
                    if read > 0 {
                        self.gather.take(room.get(..read).unwrap_or_default());
                        if !up && self.gather.first.is_some() {
                            up = true;
                            self.state(FeedState::Up).await?;
                        }
                        self.give().await?;
                    }
                }
                () = read_said(&mut stderr, &mut err_room, &mut said) => {
                    if sentences::is_denial(&said) {
                        // It goes on, with this user's own entries only.
                        return Ok(sentences::denied());
                    }
                }
                () = sleep_until(settled), if !up => {
                    up = true;
                    self.state(FeedState::Up).await?;
                }
                () = sender.closed() => return Err(Closed),
            }
        }
        let rest = async {
            while stderr.is_some() {
                read_said(&mut stderr, &mut err_room, &mut said).await;
            }
            child.wait().await
        };
        match tokio::time::timeout(SETTLED, rest).await {
            Ok(Ok(status)) => Ok(sentences::ended(status, &said)),
            Ok(Err(error)) => Ok(SafeText::from(error.to_string())),
            Err(_) => Ok(sentences::silent()),
        }
    }

    /// Sends what was gathered.
    async fn give(&mut self) -> Result<(), Closed> {
        let lines = std::mem::take(&mut self.gather.lines);
        if !lines.is_empty() {
            self.heard = true;
            let source = SOURCE.into();
            let anchor = Utc::now();
            self.send(Msg::Log(LogBatch {
                source,
                lines,
                anchor,
            }))
            .await?;
        }
        let loss = std::mem::take(&mut self.gather.loss);
        if loss != Loss::default() {
            self.report(FeedReport::Lost(Feed::Journal, loss)).await?;
        }
        if std::mem::take(&mut self.gather.gap) {
            self.remark("the journal was vacuumed where it was read last: entries may be missing")
                .await?;
        }
        if let Some(text) = self.gather.left_out.take() {
            let text = SafeText::new(&text);
            self.remark(&format!(
                "journald left out entries, so figures are too low: {text} — raise RateLimitBurst= in journald.conf"
            ))
            .await?;
        }
        Ok(())
    }

    async fn state(&mut self, state: FeedState) -> Result<(), Closed> {
        if self.told.as_ref() == Some(&state) {
            return Ok(());
        }
        self.told = Some(state.clone());
        self.report(FeedReport::State(Feed::Journal, state)).await
    }

    async fn remark(&mut self, text: &str) -> Result<(), Closed> {
        let remark = Some(SafeText::new(text));
        if self.remark == remark {
            return Ok(());
        }
        self.remark.clone_from(&remark);
        self.report(FeedReport::Remark(Feed::Journal, remark)).await
    }

    async fn report(&self, report: FeedReport) -> Result<(), Closed> {
        self.send(Msg::Feed(report)).await
    }

    async fn send(&self, msg: Msg) -> Result<(), Closed> {
        self.sender.send(msg).await.map_err(|_| Closed)
    }
}

/// Reads; 0 at the end and on an error, when the output is closed.
async fn read_some(output: &mut Option<impl AsyncRead + Unpin>, room: &mut [u8]) -> usize {
    let Some(open) = output else {
        return std::future::pending().await;
    };
    let read = open.read(room).await.unwrap_or(0);
    if read == 0 {
        *output = None;
    }
    read
}

async fn read_said(
    output: &mut Option<impl AsyncRead + Unpin>,
    room: &mut [u8],
    said: &mut Vec<u8>,
) {
    let read = read_some(output, room).await;
    sentences::keep(said, room.get(..read).unwrap_or_default());
}
