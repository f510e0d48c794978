//! Runs one command of Postfix to its end, whatever it does: hang, flood, ignore TERM, leave a grandchild on the pipe.
//!
//! A command and its standard input go in; pieces of its output come out while it runs, and how it ended. The caller's thread
//! blocks, so this is for a thread of its own. Nothing is interpreted here.
//!
//! A command that changes something is to come to its end even when mailtop is killed in the middle of a batch: its standard
//! input and standard error are files in memory (`memfd_create(2)`), so that there are still ids to read and no broken pipe to
//! die of. A command that only tells has pipes: without a reader it ends, and that is right.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{
    MemfdFlags, SealFlags, SeekFrom, fcntl_add_seals, ftruncate, memfd_create, seek, tell,
};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a child may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Without a byte of output.
    pub(super) silence: Duration,
    /// In all.
    pub(super) total: Duration,
    /// Between TERM and KILL, and after KILL before it is given up.
    pub(super) grace: Duration,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(30),
            total: Duration::from_mins(10),
            grace: Duration::from_secs(2),
        }
    }
}

/// How a child ended.
#[derive(Debug)]
pub(super) enum End {
    /// By itself.
    Exited(ExitStatus),
    /// It was stopped, since it said nothing for this long or took this long in all.
    Stopped(Duration),
}

/// Where a piece of output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Runs `command`, which tells something; hands every piece of output to `sink`.
///
/// # Errors
/// When it could not be started. Then nothing was done.
pub(super) fn run(
    mut command: Command,
    limit: Limit,
    sink: &mut dyn FnMut(Stream, &[u8]),
) -> io::Result<End> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Running::new(command.spawn()?, limit).finish(sink)
}

/// Runs `command`, which changes something, with `input` on its standard input; hands what it says on standard error to `sink`.
/// It goes on when this process ends.
///
/// # Errors
/// When it could not be started. Then nothing was done.
pub(super) fn run_batch(
    mut command: Command,
    input: &[u8],
    limit: Limit,
    sink: &mut dyn FnMut(Stream, &[u8]),
) -> io::Result<End> {
    let mut ids = File::from(memfd_create("queue-ids", MemfdFlags::CLOEXEC)?);
    ids.write_all(input)?;
    seek(&ids, SeekFrom::Start(0))?;
    let said = said_file()?;
    command
        .stdin(Stdio::from(ids))
        .stdout(Stdio::null())
        .stderr(Stdio::from(said.try_clone()?));
    let mut running = Running::new(command.spawn()?, limit);
    running.said = Some((said, 0));
    running.finish(sink)
}

/// A file in memory that can be written from its start and never grows beyond [`MOST_SAID`].
fn said_file() -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = File::from(memfd_create("stderr", flags)?);
    ftruncate(&file, MOST_SAID)?;
    fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK)?;
    Ok(file)
}

/// `postsuper(1)` says one line of some forty bytes for each message: enough for half a million messages.
const MOST_SAID: u64 = 32 * 1024 * 1024;

/// How often a child is looked at where nothing wakes us.
const LOOK: Duration = Duration::from_millis(50);

/// A started child and what is still open between it and us.
struct Running {
    child: Child,
    pid: Pid,
    /// Readable when the child has ended. `None` on kernels before 5.3: then we look every so often.
    ended: Option<OwnedFd>,
    out: Option<ChildStdout>,
    err: Option<ChildStderr>,
    /// Standard error as a file, and how much of it was read. Its offset is the child's: how much was written.
    said: Option<(File, u64)>,
    limit: Limit,
}

impl Running {
    fn new(mut child: Child, limit: Limit) -> Self {
        let pid = Pid::from_child(&child);
        // A pipe that would block is not read: better no words than a thread that hangs.
        let out = child.stdout.take();
        let out = out.filter(|pipe| ioctl_fionbio(pipe, true).is_ok());
        let err = child.stderr.take();
        let err = err.filter(|pipe| ioctl_fionbio(pipe, true).is_ok());
        Self {
            child,
            pid,
            ended: pidfd_open(pid, PidfdFlags::empty()).ok(),
            out,
            err,
            said: None,
            limit,
        }
    }

    fn finish(mut self, sink: &mut dyn FnMut(Stream, &[u8])) -> io::Result<End> {
        let start = Instant::now();
        let mut heard = start;
        let mut stopping: Option<(Instant, Signal)> = None;
        let mut waited = Duration::ZERO;
        loop {
            let now = Instant::now();
            let until = match stopping {
                None => (heard + self.limit.silence).min(start + self.limit.total),
                Some((since, _)) => since + self.limit.grace,
            };
            if now >= until {
                let signal = match stopping {
                    None => Signal::TERM,
                    Some((_, Signal::TERM)) => Signal::KILL,
                    Some(_) => {
                        self.give_up();
                        return Ok(End::Stopped(waited));
                    }
                };
                if stopping.is_none() {
                    waited = now - heard.max(start);
                    if now >= start + self.limit.total {
                        waited = now - start;
                    }
                }
                stopping = Some((now, signal));
                // The group cannot have been given to others: its leader is not reaped yet.
                let _ = kill_process_group(self.pid, signal);
                continue;
            }
            self.wait(until - now)?;
            if self.read(sink) {
                heard = Instant::now();
            }
            if self.has_ended() {
                break;
            }
        }
        self.read(sink);
        // What the child left behind in its group would hold nothing of ours, but should not go on either.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let status = self.child.wait()?;
        Ok(match stopping {
            None => End::Exited(status),
            Some(_) => End::Stopped(waited),
        })
    }

    /// Blocks until there is something to read, the child has ended, or `limit` is over.
    fn wait(&self, limit: Duration) -> io::Result<()> {
        let limit = if self.ended.is_none() || self.said.is_some() {
            limit.min(LOOK)
        } else {
            limit
        };
        let timeout = Timespec::try_from(limit).unwrap_or(Timespec {
            tv_sec: 1,
            tv_nsec: 0,
        });
        let mut fds: Vec<PollFd<'_>> = [
            self.ended.as_ref().map(AsFd::as_fd),
            self.out.as_ref().map(AsFd::as_fd),
            self.err.as_ref().map(AsFd::as_fd),
        ]
        .into_iter()
        .flatten()
        .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
        .collect();
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads what is there, without blocking; whether there was anything.
    fn read(&mut self, sink: &mut dyn FnMut(Stream, &[u8])) -> bool {
        let before = (self.out.is_some(), self.err.is_some());
        let heard_out = drain(&mut self.out, Stream::Out, sink);
        let heard_err = drain(&mut self.err, Stream::Err, sink) || self.read_said(sink);
        heard_out || heard_err || before != (self.out.is_some(), self.err.is_some())
    }

    fn read_said(&mut self, sink: &mut dyn FnMut(Stream, &[u8])) -> bool {
        let Some((file, at)) = &mut self.said else {
            return false;
        };
        let written = tell(&*file).unwrap_or(0).min(MOST_SAID);
        let before = *at;
        let mut buffer = [0; 16 * 1024];
        while *at < written {
            let most = buffer.len().min((written - *at) as usize);
            let piece = buffer.get_mut(..most).unwrap_or_default();
            let Ok(count @ 1..) = file.read_at(piece, *at) else {
                break;
            };
            sink(Stream::Err, piece.get(..count).unwrap_or_default());
            *at += count as u64;
        }
        *at > before
    }

    fn has_ended(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        matches!(waitid(WaitId::Pid(self.pid), look), Ok(Some(_)))
    }

    /// A child that survives KILL hangs in the kernel (a dead disk). It is reaped whenever it comes back; we do not wait.
    fn give_up(self) {
        let mut child = self.child;
        let _ = std::thread::Builder::new()
            .name(String::from("reaper"))
            .spawn(move || child.wait());
    }
}

/// How much is read before the clock is looked at again: a flood must not outrun the time limit.
const AT_ONCE: usize = 64 * 1024;

fn drain(
    pipe: &mut Option<impl Read>,
    stream: Stream,
    sink: &mut dyn FnMut(Stream, &[u8]),
) -> bool {
    let mut buffer = [0; 16 * 1024];
    let mut read = 0;
    while let Some(source) = pipe.as_mut().filter(|_| read < AT_ONCE) {
        match source.read(&mut buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                read += count;
                sink(stream, buffer.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) => *pipe = None,
        }
    }
    read > 0
}
