//! Runs one command of Postfix to its end, whatever it does: hang, flood, ignore TERM, leave a grandchild on the pipe.
//!
//! A command and its standard input go in; pieces of its output come out while it runs, and how it ended. The caller's thread
//! blocks, so this is for a thread of its own. Nothing is interpreted here.
//!
//! Standard input is a file in memory (memfd_create(2)): there is no pipe to fill and no thread to feed it, and the ids stay
//! readable for the child when mailtop itself is killed in the middle of a batch.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, SeekFrom, memfd_create, seek};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a child may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Without a byte of output.
    pub(super) silence: Duration,
    /// In all.
    pub(super) total: Duration,
    /// Between TERM and KILL, and after KILL before it is given up.
    pub(super) grace: Duration,
}

impl Default for Limits {
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

/// Runs `command` with `input` on its standard input; hands every piece of output to `sink`.
///
/// # Errors
/// When it could not be started. Then nothing was done.
pub(super) fn run(
    mut command: Command,
    input: &[u8],
    limits: Limits,
    sink: &mut dyn FnMut(Stream, &[u8]),
) -> io::Result<End> {
    if !input.is_empty() {
        let mut file = File::from(memfd_create("queue-ids", MemfdFlags::CLOEXEC)?);
        file.write_all(input)?;
        seek(&file, SeekFrom::Start(0))?;
        command.stdin(Stdio::from(file));
    }
    Running::new(command.spawn()?, limits).to_end(sink)
}

/// A started child and what is still open between it and us.
struct Running {
    child: Child,
    pid: Pid,
    /// Readable when the child has ended. `None` on kernels before 5.3: then we look every so often.
    ended: Option<OwnedFd>,
    out: Option<ChildStdout>,
    err: Option<ChildStderr>,
    limits: Limits,
}

impl Running {
    fn new(mut child: Child, limits: Limits) -> Self {
        let pid = Pid::from_child(&child);
        // A pipe that would block is not read: better no words than a thread that hangs.
        let out = child
            .stdout
            .take()
            .filter(|pipe| ioctl_fionbio(pipe, true).is_ok());
        let err = child
            .stderr
            .take()
            .filter(|pipe| ioctl_fionbio(pipe, true).is_ok());
        Self {
            child,
            pid,
            ended: pidfd_open(pid, PidfdFlags::empty()).ok(),
            out,
            err,
            limits,
        }
    }

    fn to_end(mut self, sink: &mut dyn FnMut(Stream, &[u8])) -> io::Result<End> {
        let start = Instant::now();
        let mut heard = start;
        let mut stopping: Option<(Instant, Signal)> = None;
        let mut waited = Duration::ZERO;
        loop {
            let now = Instant::now();
            let until = match stopping {
                None => (heard + self.limits.silence).min(start + self.limits.total),
                Some((since, _)) => since + self.limits.grace,
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
                    if now >= start + self.limits.total {
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
        let limit = if self.ended.is_some() {
            limit
        } else {
            limit.min(Duration::from_millis(50))
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
        let heard_err = drain(&mut self.err, Stream::Err, sink);
        heard_out || heard_err || before != (self.out.is_some(), self.err.is_some())
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
const AT_ONCE: usize = 1 << 20;

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
