//! On a mail server where nothing happens the terminal is written to as little as the clock and the host's figures need.

use crate::console::Console;
use crate::ground::{WINDOW, lab, open, stuck_at_yahoo};
use chrono::NaiveTime;
use std::cell::Cell;

/// Seconds for which it is looked at.
const SPAN: i64 = 10;
/// Bytes per second that a slow line takes without notice.
const MOST: usize = 2_048;

/// The clock in the first line.
fn clock(screen: &vt100::Screen) -> Option<NaiveTime> {
    let text = screen.contents();
    let clock = text.split_once("LIVE ")?.1.get(..8)?;
    NaiveTime::parse_from_str(clock, "%H:%M:%S").ok()
}

#[test]
fn at_rest_less_than_two_kilobytes_a_second_are_written() {
    let Some(lab) = lab() else { return };
    stuck_at_yahoo(&lab, &[("orders@shop.example", "maria1@yahoo.com")]);
    let mut console = open(&lab, WINDOW);
    for settled in ["yahoo.com ", "listed ", "smtp processes", "/100"] {
        console.wait_for(settled);
    }
    let begin = wait_for_clock(&mut console, None, 0);
    let before = console.bytes().len();
    let end = wait_for_clock(&mut console, Some(begin), SPAN);
    let written = console.bytes().len() - before;
    let seconds = passed(begin, end) as usize;
    assert!(written > 0, "the clock goes on");
    assert!(written < MOST * seconds, "{written} bytes in {seconds} s");
    // One whole frame a second would be too much: Ctrl-L twice draws one.
    console.keys("<ctrl-l>");
    console.wait_for("any key goes back");
    assert!(
        sleeps(console.pid()),
        "while plain text stands nothing is to be done"
    );
    let before = console.bytes().len();
    console.keys("<ctrl-l>");
    console.wait_for("smtp processes");
    let whole = console.bytes().len() - before;
    assert!(whole > 2 * MOST, "a whole frame of {whole} bytes");
}

/// Whether the process comes to sleep: it is seen asleep many times in a row, which a busy one is never.
fn sleeps(pid: i32) -> bool {
    let status = format!("/proc/{pid}/status");
    let is_asleep = || {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        status.contains("State:\tS")
    };
    let mut row = 0;
    for _ in 0..100_000 {
        row = if is_asleep() { row + 1 } else { 0 };
        if row == 1_000 {
            return true;
        }
    }
    false
}

/// Seconds from one to the other; at midnight the clock begins anew.
fn passed(since: NaiveTime, now: NaiveTime) -> i64 {
    (now - since).num_seconds().rem_euclid(86_400)
}

/// Waits until the clock shows so many seconds more than `since`; says what it shows.
fn wait_for_clock(console: &mut Console, since: Option<NaiveTime>, seconds: i64) -> NaiveTime {
    let shown = Cell::new(None);
    console.wait_until("the clock", |screen| {
        let later = |now: &NaiveTime| since.is_none_or(|since| passed(since, *now) >= seconds);
        shown.set(clock(screen).filter(later));
        shown.get().is_some()
    });
    shown.get().expect("it was waited for")
}
