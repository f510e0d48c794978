//! One run of journalctl(1) that ends by itself, read by a thread: both outputs all the time, never waiting longer than allowed, always reaped.

use super::{Journal, sentences};
use crate::safe_text::SafeText;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::Read;
use std::process::{Child, ChildStderr, ChildStdout, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// `stop` is looked at this often.
const LOOK: Duration = Duration::from_millis(100);
/// How long it may take to end after its last word.
const GRACE: Duration = Duration::from_secs(2);

/// Why a run did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It ended by itself, or was killed: it may go better the next time.
    Died(SafeText),
    /// It said nothing for too long.
    Hung,
}

impl From<Trouble> for SafeText {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Died(why) => why,
            Trouble::Hung => sentences::silent(),
        }
    }
}

/// A run; it is killed and reaped when dropped.
#[derive(Debug)]
pub(super) struct Stream {
    child: Child,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    said: Vec<u8>,
    silence: Duration,
}

impl Stream {
    /// Starts it.
    ///
    /// # Errors
    /// A sentence when it cannot be started.
    pub(super) fn start<'a>(
        journal: &Journal,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, SafeText> {
        let not_started = |error| sentences::not_started(&journal.program, &error);
        let mut child = journal.command(arguments).spawn().map_err(not_started)?;
        let stderr = child.stderr.take();
        let Some(stdout) = child.stdout.take() else {
            let _ = child.kill().and_then(|()| child.wait().map(drop));
            return Err(not_started(std::io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Self {
            child,
            stdout,
            stderr,
            said: Vec::new(),
            silence: journal.silence,
        })
    }

    /// Reads on; 0 when all was read and journalctl ended well, or `stop` is set.
    ///
    /// # Errors
    /// Why journalctl did not come to its end.
    pub(super) fn read(&mut self, room: &mut [u8], stop: &AtomicBool) -> Result<usize, Trouble> {
        let begin = Instant::now();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(0);
            }
            if begin.elapsed() > self.silence {
                return Err(Trouble::Hung);
            }
            let (out, err) = self.ready();
            if err {
                self.hear();
            }
            if out {
                match self.stdout.read(room) {
                    Ok(0) => return self.end(stop),
                    Ok(read) => return Ok(read),
                    // The next turn says what it was.
                    Err(_) => {}
                }
            }
        }
    }

    /// What it wrote to standard error.
    pub(super) fn said(&mut self) -> &[u8] {
        while self.ready().1 && self.stderr.is_some() {
            self.hear();
        }
        &self.said
    }

    /// Which outputs have something, or are at their end. Waits a moment for it.
    fn ready(&self) -> (bool, bool) {
        let mut both = Vec::with_capacity(2);
        both.push(PollFd::new(&self.stdout, PollFlags::IN));
        if let Some(stderr) = &self.stderr {
            both.push(PollFd::new(stderr, PollFlags::IN));
        }
        let wait = Timespec {
            tv_sec: 0,
            tv_nsec: LOOK.subsec_nanos().into(),
        };
        // An interrupted look is repeated.
        let _ = poll(&mut both, Some(&wait));
        let is = |index: usize| both.get(index).is_some_and(|one| !one.revents().is_empty());
        (is(0), is(1))
    }

    fn hear(&mut self) {
        let mut room = [0; 4096];
        match self.stderr.as_mut().map(|stderr| stderr.read(&mut room)) {
            Some(Ok(read)) if read > 0 => {
                sentences::keep(&mut self.said, room.get(..read).unwrap_or_default());
            }
            _ => self.stderr = None,
        }
    }

    /// Its output is closed: how did it end?
    fn end(&mut self, stop: &AtomicBool) -> Result<usize, Trouble> {
        let begin = Instant::now();
        while begin.elapsed() < GRACE && !stop.load(Ordering::Relaxed) {
            if self.stderr.is_some() {
                // Its standard output is always ready now, so this does not wait.
                if self.ready().1 {
                    self.hear();
                    continue;
                }
            }
            match self.child.try_wait() {
                Ok(Some(status)) => return self.verdict(status),
                Ok(None) => thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(Trouble::Died(SafeText::from(error.to_string()))),
            }
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(0);
        }
        Err(Trouble::Hung)
    }

    fn verdict(&mut self, status: ExitStatus) -> Result<usize, Trouble> {
        while self.stderr.is_some() && self.ready().1 {
            self.hear();
        }
        if status.success() {
            Ok(0)
        } else {
            Err(Trouble::Died(sentences::ended(status, &self.said)))
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // It fails only when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
