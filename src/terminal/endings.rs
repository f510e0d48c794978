//! The endings that come from outside: signals, and a terminal that is gone.
//!
//! Signals go in, `Msg::Terminate` comes out, and the loop ends in order. If it does not within a few seconds, the terminal is given
//! back and the process ends all the same. The signal itself is raised again at the very end ([`die_by`]), so that a shell or
//! a service manager sees what it did. A closed window is noticed even where SIGHUP never comes (`trap "" HUP; sudo
//! mailtop`): a thread sleeps in poll(2) on the terminal until it hangs up.
//!
//! `signal(7)`, `poll(2)`, `tty_io.c` of the kernel (a hung-up terminal reads as empty for ever, which is how other programs
//! come to burn a whole core).

use super::modes;
use crate::app::key::Key;
use crate::app::msg::Msg;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::{
    SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2,
};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// For the loop to end in order after a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(3);
/// The same when nobody can see the screen any more.
const AFTER_HANG_UP: Duration = Duration::from_millis(1500);

/// The first signal that asked for the end; 0 for none.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// The process was stopped and goes on: the terminal may look like anything.
static CONTINUED: AtomicBool = AtomicBool::new(false);

/// The threads that watch for an ending. They live as long as the process.
#[derive(Debug, Clone, Copy)]
pub struct Endings(());

impl Endings {
    /// Starts to watch; to be called before the screen is entered. Ending signals become `Msg::Terminate`, SIGTSTP becomes
    /// the key that it stands for (Ctrl-Z), SIGCONT a `Msg::Resize`, so that the loop draws again.
    ///
    /// # Errors
    /// When the signals or threads can't be had.
    pub fn watch(road: &Sender<Msg>) -> io::Result<Self> {
        let mut signals = Signals::new([
            SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGCONT,
        ])?;
        let to_loop = road.clone();
        thread::Builder::new()
            .name(String::from("signals"))
            .spawn(move || {
                for signal in &mut signals {
                    match signal {
                        SIGTSTP => {
                            let _ = to_loop.try_send(Msg::Key(Key::Ctrl('z')));
                        }
                        SIGCONT => {
                            CONTINUED.store(true, Ordering::SeqCst);
                            let (columns, rows) = modes::size().unwrap_or((80, 24));
                            let _ = to_loop.try_send(Msg::Resize(columns, rows));
                        }
                        ending => end(ending, AFTER_SIGNAL, &to_loop),
                    }
                }
            })?;
        if let Ok(terminal) = modes::input() {
            let to_loop = road.clone();
            thread::Builder::new()
                .name(String::from("hang-up"))
                .spawn(move || {
                    // Nothing is asked for: only a hang-up or an error wakes it.
                    let mut fds = [PollFd::from_borrowed_fd(terminal, PollFlags::empty())];
                    while let Err(Errno::INTR) = poll(&mut fds, None) {}
                    end(SIGHUP, AFTER_HANG_UP, &to_loop);
                })?;
        }
        Ok(Self(()))
    }

    /// The signal that asked for the end; SIGHUP for a terminal that is gone. `main` passes it to [`die_by`] when all else is
    /// done.
    pub fn signal(&self) -> Option<i32> {
        Some(SIGNAL.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }
}

/// Notes the ending, tells the loop, and sees to it that the process ends even if the loop does not listen.
fn end(signal: i32, limit: Duration, road: &Sender<Msg>) {
    let _ = SIGNAL.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    let by_force = move || {
        thread::sleep(limit);
        die_by(signal);
    };
    if thread::Builder::new()
        .name(String::from("deadline"))
        .spawn(by_force)
        .is_err()
    {
        die_by(signal);
    }
    let _ = road.blocking_send(Msg::Terminate);
}

/// Gives the terminal back and ends this process as `signal` would have ended it, so that the parent sees the signal.
pub fn die_by(signal: i32) -> ! {
    modes::restore_for_good();
    let _ = emulate_default_handler(signal);
    process::exit(128_i32.saturating_add(signal))
}

/// Whether the process was stopped and continued since this was asked last.
pub(super) fn was_continued() -> bool {
    CONTINUED.swap(false, Ordering::SeqCst)
}
