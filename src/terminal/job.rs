//! Job control: whether there is a shell that could continue mailtop, and stopping for it.
//!
//! A process group without a parent in another group of the same session is an orphan (POSIX, 3.269): `ssh -t host mailtop`,
//! a tmux pane that was opened for it. Nobody would ever send SIGCONT to it. The kernel therefore ignores SIGTSTP there; we
//! stop ourselves, so we have to look.

use procfs::process::{Process, Stat};
use rustix::process::{Signal, kill_current_process_group};
use std::io;
use std::thread;
use std::time::Duration;

/// Whether a shell watches over this process group.
pub(super) fn is_watched() -> bool {
    let Some(this) = Process::myself().ok().and_then(|this| this.stat().ok()) else {
        return false;
    };
    let mut at: Stat = this.clone();
    loop {
        let parent = Process::new(at.ppid)
            .ok()
            .and_then(|parent| parent.stat().ok());
        match parent {
            // sudo, or a script without job control: stopped together with us, so its parent counts.
            Some(parent) if parent.pgrp == this.pgrp && parent.pid > 1 => at = parent,
            Some(parent) => return parent.session == this.session,
            None => return false,
        }
    }
}

/// Stops the whole job, as Ctrl-Z does, until it is continued. `continued` tells that SIGCONT came.
pub(super) fn stop(continued: impl Fn() -> bool) -> io::Result<()> {
    continued();
    kill_current_process_group(Signal::STOP)?;
    // With several threads the stop may take hold a moment after the call; the terminal must not be taken before.
    for _ in 0..200 {
        if continued() {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
