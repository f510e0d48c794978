//! One run of `postqueue -j`: its own process group, a cleared environment, both outputs read all the time, a deadline, and always reaped.

use super::pieces::Pieces;
use super::{Calls, Ended, Limits, Options};
use crate::app::msg::{Listing, Msg};
use crate::model::feeds::Loss;
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

/// So much of the end of standard error is kept.
const STDERR: usize = 8 * 1024;
/// One read.
const CHUNK: usize = 64 * 1024;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal that was not ours.
    Killed(i32),
    /// Ended by us: nothing came for too long.
    Silent,
    /// Ended by us: it took too long.
    TooLong,
    /// It could not be started.
    NotStarted(String),
}

/// What a run gave.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ending: Ending,
    pub(super) stderr: Vec<u8>,
    pub(super) messages: u64,
    pub(super) broken: u64,
    pub(super) cut: Loss,
    pub(super) dropped: Loss,
    /// The same for the same messages.
    pub(super) digest: u64,
}

/// A process group that is killed when this goes away, unless its leader was reaped.
struct Group(Option<Pid>);

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // It fails only when no process of the group is left.
            kill_process_group(group, signal).ok();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Runs a listing and sends its lines.
pub(super) async fn run(
    program: &Path,
    options: &Options,
    sender: &Sender<Msg>,
    calls: &Calls,
) -> Result<Outcome, Ended> {
    let mut pieces = Pieces::new(options.limits.line);
    let mut stderr = Vec::new();
    let ending = match command(program, options).spawn() {
        Ok(mut child) => {
            let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
            let mut run = Run {
                child: &mut child,
                limits: &options.limits,
                pieces: &mut pieces,
                stderr: &mut stderr,
                sender,
                lingers: false,
            };
            let ending = tokio::select! {
                ending = run.read() => ending,
                () = calls.stop.notified() => Err(Ended),
                () = sender.closed() => Err(Ended),
            };
            let lingers = run.lingers;
            let stop = matches!(&ending, Ok(Ending::Silent | Ending::TooLong) | Err(_));
            if stop {
                group.signal(Signal::TERM);
                tokio::time::timeout(options.limits.grace, child.wait())
                    .await
                    .ok();
            }
            if stop || lingers {
                group.signal(Signal::KILL);
            }
            // As long as it takes: while one listing is not gone no other starts.
            let status = child.wait().await.ok();
            // The number is free for another process now.
            group.0 = None;
            match (ending?, status) {
                (Ending::Exited(_), Some(status)) => ended(status),
                (other, _) => other,
            }
        }
        Err(error) => Ending::NotStarted(error.to_string()),
    };
    if let Some(piece) = pieces.rest() {
        send(sender, piece).await?;
    }
    let Pieces {
        messages,
        broken,
        cut,
        dropped,
        digest,
        ..
    } = pieces;
    Ok(Outcome {
        ending,
        stderr,
        messages,
        broken,
        cut,
        dropped,
        digest,
    })
}

fn command(program: &Path, options: &Options) -> Command {
    let mut command = Command::new(program);
    if let Some(directory) = &options.config_directory {
        command.arg("-c").arg(directory);
    }
    command.arg("-j");
    // Root's postqueue would honour MAIL_CONFIG, and the language would change what is read from standard error.
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C");
    command.current_dir("/").process_group(0).kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Run<'a> {
    child: &'a mut Child,
    limits: &'a Limits,
    pieces: &'a mut Pieces,
    stderr: &'a mut Vec<u8>,
    sender: &'a Sender<Msg>,
    /// It ended, but something that it started keeps its output open.
    lingers: bool,
}

impl Run<'_> {
    /// Reads both outputs to their end, or as long as the limits allow. `Exited` says that it ended by itself; with which status
    /// is known when it is reaped.
    async fn read(&mut self) -> Result<Ending, Ended> {
        let begin = Instant::now();
        let (mut stdout, mut stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let (mut out_room, mut err_room) = (vec![0; CHUNK], vec![0; 4096]);
        let mut heard = begin;
        let mut exited: Option<Instant> = None;
        while stdout.is_some() || stderr.is_some() {
            let silent = exited.map_or(heard + self.limits.silence, |at| at + self.limits.linger);
            let deadline = silent.min(begin + self.limits.total);
            tokio::select! {
                read = read_some(&mut stdout, &mut out_room) => {
                    heard = Instant::now();
                    let piece = if read == 0 { stdout = None; None } else { self.pieces.take(out_room.get(..read).unwrap_or_default()) };
                    if let Some(piece) = piece {
                        send(self.sender, piece).await?;
                        // The loop was behind, not the listing.
                        heard = Instant::now();
                    }
                }
                read = read_some(&mut stderr, &mut err_room) => {
                    if read == 0 { stderr = None; }
                    self.stderr.extend_from_slice(err_room.get(..read).unwrap_or_default());
                    let over = self.stderr.len().saturating_sub(STDERR);
                    self.stderr.drain(..over);
                }
                // When this fails the process is gone already.
                _ = self.child.wait(), if exited.is_none() => exited = Some(Instant::now()),
                () = tokio::time::sleep_until(deadline) => {
                    self.lingers = exited.is_some();
                    return Ok(match exited {
                        // Its own lines are all there.
                        Some(_) => Ending::Exited(0),
                        None if deadline == silent => Ending::Silent,
                        None => Ending::TooLong,
                    });
                }
            }
        }
        if exited.is_none() {
            // Both outputs are closed: it has nothing more to say, but it may not end.
            let deadline = (heard + self.limits.silence).min(begin + self.limits.total);
            if tokio::time::timeout_at(deadline, self.child.wait())
                .await
                .is_err()
            {
                return Ok(Ending::Silent);
            }
        }
        Ok(Ending::Exited(0))
    }
}

/// Reads; 0 at the end and on an error. Waits for ever on an output that was closed before.
async fn read_some(output: &mut Option<impl AsyncRead + Unpin>, room: &mut [u8]) -> usize {
    match output {
        Some(output) => output.read(room).await.unwrap_or(0),
        None => std::future::pending().await,
    }
}

fn ended(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, signal) => Ending::Killed(signal.unwrap_or_default()),
    }
}

async fn send(sender: &Sender<Msg>, piece: Vec<u8>) -> Result<(), Ended> {
    sender
        .send(Msg::Listing(Listing::Lines(piece)))
        .await
        .map_err(|_| Ended)
}
