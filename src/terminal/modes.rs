//! The terminal's modes: what mailtop switches on, and how it is given back on every ending.
//!
//! [`restore`] may be called from any thread, at any time and any number of times: it undoes what was done and no more.
//! It never waits for long, since the thread that draws may hang in a write to a stuck terminal. Nothing is asked of the
//! terminal here, so no answer can be taken for keys.
//!
//! `termios(3)`; xterm's control sequences (private modes 1049, 25, 2004, 1000 and 1006).

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// Alternate screen, cleared; cursor hidden; pasted text marked.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h";
/// The other way round. Begins with ESC, which also ends any sequence that was cut in the middle.
const LEAVE: &[u8] = b"\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";

/// How long giving back waits for a write that hangs, and for a terminal that takes nothing.
const PATIENCE: Duration = Duration::from_millis(250);

/// The modes from before, while ours are on.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether `ENTER` was written and `LEAVE` was not.
static ON_SCREEN: AtomicBool = AtomicBool::new(false);
/// The process is ending by a panic or by force: the terminal is not taken again.
static DYING: AtomicBool = AtomicBool::new(false);
/// Held by whoever writes to the terminal.
static WRITING: Mutex<()> = Mutex::new(());
static INPUT: OnceLock<OwnedFd> = OnceLock::new();

/// The terminal that keys come from: standard input, or else the controlling terminal.
pub(super) fn input() -> io::Result<BorrowedFd<'static>> {
    if let Some(fd) = INPUT.get() {
        return Ok(fd.as_fd());
    }
    let fd = if isatty(stdin()) {
        fcntl_dupfd_cloexec(stdin(), 3)?
    } else {
        File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")?
            .into()
    };
    Ok(INPUT.get_or_init(|| fd).as_fd())
}

/// Columns and rows; 80 × 24 where the terminal does not know, as on a serial line.
pub(super) fn size() -> io::Result<(u16, u16)> {
    let size = tcgetwinsize(stdout())?;
    let or = |value: u16, usual| if value == 0 { usual } else { value };
    Ok((or(size.ws_col, 80), or(size.ws_row, 24)))
}

/// Raw mode and the alternate screen. Undoes what it did when a step fails. May be called again after the terminal was
/// changed behind our back (SIGSTOP and SIGCONT): the modes from before the first time are kept.
pub(super) fn enter() -> io::Result<()> {
    let done = try_enter();
    if done.is_err() {
        restore();
    }
    done
}

fn try_enter() -> io::Result<()> {
    if DYING.load(Ordering::SeqCst) {
        return Err(io::Error::other("mailtop is ending"));
    }
    let input = input()?;
    let mut modes = tcgetattr(input)?;
    lock(&BEFORE).get_or_insert_with(|| modes.clone());
    modes.make_raw();
    tcsetattr(input, OptionalActions::Now, &modes)?;
    let _turn = lock(&WRITING);
    ON_SCREEN.store(true, Ordering::SeqCst);
    write_all(ENTER, None)
}

/// Gives the terminal back: cursor, screen, paste marks and modes as they were found.
pub(super) fn restore() {
    let _turn = turn();
    if ON_SCREEN.swap(false, Ordering::SeqCst) {
        // A dead terminal takes nothing, and nothing is owed to it.
        let _ = write_all(LEAVE, Some(PATIENCE));
    }
    if let (Some(modes), Ok(input)) = (lock(&BEFORE).take(), input()) {
        let _ = tcsetattr(input, OptionalActions::Now, &modes);
    }
}

/// As [`restore`], for good: nothing is drawn any more, whatever the other threads are doing.
pub(super) fn restore_for_good() {
    DYING.store(true, Ordering::SeqCst);
    restore();
}

/// Takes the mouse's buttons and wheel, or gives them back (xterm's private modes 1000 and 1006).
pub(super) fn mouse(on: bool) -> io::Result<()> {
    write_frame(if on {
        b"\x1b[?1000h\x1b[?1006h"
    } else {
        b"\x1b[?1006l\x1b[?1000l"
    })
}

/// Whether the screen is taken.
pub(super) fn is_ours() -> bool {
    ON_SCREEN.load(Ordering::SeqCst)
}

/// Writes a frame, or the part of it that fits before the terminal is given back.
pub(super) fn write_frame(frame: &[u8]) -> io::Result<()> {
    for piece in frame.chunks(4096) {
        let _turn = lock(&WRITING);
        if !is_ours() {
            return Err(io::Error::other("the terminal was given back"));
        }
        write_all(piece, None)?;
    }
    Ok(())
}

/// The right to write, or not to wait for it any longer.
fn turn() -> Option<MutexGuard<'static, ()>> {
    let until = Instant::now() + PATIENCE;
    loop {
        match WRITING.try_lock() {
            Ok(turn) => return Some(turn),
            Err(TryLockError::Poisoned(turn)) => return Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn write_all(mut bytes: &[u8], patience: Option<Duration>) -> io::Result<()> {
    while !bytes.is_empty() {
        wait_for_room(patience)?;
        match rustix::io::write(stdout(), bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            // Standard output may have been left non-blocking by another program that shares it.
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn wait_for_room(patience: Option<Duration>) -> io::Result<()> {
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    let mut fds = [PollFd::from_borrowed_fd(stdout(), PollFlags::OUT)];
    match poll(&mut fds, patience.as_ref()) {
        Ok(0) => Err(io::ErrorKind::TimedOut.into()),
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn lock<T>(mutex: &'static Mutex<T>) -> MutexGuard<'static, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
