//! The ending by a bug of our own: terminal first, then words, then status 101, from whichever thread it comes.
//!
//! The standard hook would write over the screen in raw mode, and a panic in another thread or task would leave a program that
//! goes on drawing half blind. Restoring belongs here and not in a destructor: destructors do not run when a panic aborts.

use super::modes;
use crate::safe_text::SafeText;
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The status that Rust programs end with after a panic.
const STATUS: i32 = 101;

static PANICKED: AtomicBool = AtomicBool::new(false);

/// From now on every panic in every thread gives the terminal back, says what happened on standard error, as safe text, and
/// ends the process with status 101.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        if PANICKED.swap(true, Ordering::SeqCst) {
            // Another thread is at it already, or this one fell over its own report.
            return;
        }
        // A terminal that takes nothing must not keep a broken program alive.
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(Duration::from_secs(2));
            process::exit(STATUS);
        });
        modes::restore_for_good();
        let thread = thread::current();
        let name = thread.name().unwrap_or("without a name");
        let mut stderr = io::stderr().lock();
        let _ = writeln!(
            stderr,
            "mailtop: stopped by a bug in mailtop, please report it"
        );
        let _ = writeln!(
            stderr,
            "mailtop: thread {}: {}",
            SafeText::new(name),
            sentence(info)
        );
        let _ = stderr.flush();
        process::exit(STATUS);
    }));
}

fn sentence(info: &PanicHookInfo<'_>) -> SafeText {
    let said = info.payload_as_str().unwrap_or("a panic without words");
    match info.location() {
        Some(place) => SafeText::new(format!("{said} ({}:{})", place.file(), place.line())),
        None => SafeText::new(said),
    }
}
