//! The terminal is given back on every ending, proven on a real pseudo-terminal.
//!
//! Each test starts the probe, waits for its frame, ends it in one way, and looks: modes equal bit by bit, alternate screen left,
//! cursor shown, pastes unmarked, and the status or signal that the parent sees. Nothing sleeps; everything waits for a condition
//! with a deadline.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod rig;

use rig::{Output, Rig, probe};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

/// Starts the probe and waits until it has drawn.
fn drawn(ending: &str) -> Rig {
    let mut rig = Rig::probe(ending);
    rig.until_drawn("0: ready");
    let screen = rig.screen.screen();
    assert!(screen.hide_cursor() && screen.bracketed_paste() && rig.is_raw());
    rig
}

fn send(rig: &Rig, signal: Signal) {
    kill_process(Pid::from_child(&rig.child), signal).unwrap();
}

#[test]
fn an_orderly_end_gives_everything_back() {
    let mut rig = drawn("quit");
    rig.type_in("q");
    assert_eq!(rig.status().code(), Some(0));
    rig.assert_given_back();
    assert_eq!(rig.screen.screen().contents(), "", "nothing is said");
}

#[test]
fn the_last_frame_can_stay_on_the_normal_screen() {
    let mut rig = drawn("leave-screen");
    rig.type_in("xq");
    assert_eq!(rig.status().code(), Some(0));
    rig.assert_given_back();
    let screen = rig.screen.screen();
    assert!(
        screen.contents().starts_with("1: Key(Char('x'))"),
        "{}",
        screen.contents()
    );
    assert!(
        screen.cell(0, 0).is_some_and(vt100::Cell::inverse),
        "its styles stay"
    );
}

#[test]
fn keys_pastes_and_sizes_arrive() {
    let mut rig = drawn("quit");
    rig.type_in("\u{1b}[5~");
    rig.until_drawn("1: Key(PageUp)");
    rig.type_in("\u{1b}[200~ham and q\u{1b}[201~");
    rig.until_drawn("2: Paste(\"ham and q\")");
    rig.type_in("\u{3}");
    rig.until_drawn("3: Key(Ctrl('c'))");
    rig.resize(50, 9);
    rig.until_drawn("4: Resize(50, 9)");
    rig.type_in("q");
    assert_eq!(rig.status().code(), Some(0));
    rig.assert_given_back();
}

#[test]
fn a_signal_gives_everything_back_and_is_seen_by_the_parent() {
    for signal in [
        Signal::TERM,
        Signal::HUP,
        Signal::INT,
        Signal::QUIT,
        Signal::USR1,
    ] {
        let mut rig = drawn("wait");
        send(&rig, signal);
        assert_eq!(rig.status().signal(), Some(signal.as_raw()), "{signal:?}");
        rig.assert_given_back();
    }
}

#[test]
fn a_loop_that_does_not_listen_is_ended_by_force() {
    let endings = ["stuck", "deaf", "deaf-at-the-end"];
    let mut rigs = endings.map(drawn);
    for (rig, ending) in rigs.iter_mut().zip(endings) {
        if ending == "stuck" {
            rig.type_in("!");
            rig.until_drawn("1: failing");
        }
        send(rig, Signal::TERM);
    }
    let start = Instant::now();
    for (rig, ending) in rigs.iter_mut().zip(endings) {
        let status = rig.status();
        assert_eq!(status.signal(), Some(Signal::TERM.as_raw()), "{ending}");
        rig.assert_given_back();
    }
    let time = start.elapsed();
    assert!(
        time >= Duration::from_millis(2500),
        "they had no time to end in order: {time:?}"
    );
}

#[test]
fn a_terminal_that_takes_nothing_does_not_hold_the_end_up() {
    let mut rig = drawn("flood");
    rig.type_in("!");
    // From here on nobody reads.
    rig.until_full();
    send(&rig, Signal::TERM);
    rig.until_ended_unread();
    // What could not be written is lost; the modes are not.
    assert!(!rig.is_raw());
    assert_eq!(rig.status().signal(), Some(Signal::TERM.as_raw()));
}

#[test]
fn keys_come_from_the_controlling_terminal_when_standard_input_is_elsewhere() {
    for stdin in ["< /dev/null", "<&-"] {
        let script = format!("exec {} wait {stdin}", probe().display());
        let argv = ["sh", "-c", &script].map(OsStr::new);
        let mut rig = Rig::start(&argv, &Output::Terminal);
        rig.until_drawn("0: ready");
        assert!(rig.is_raw());
        rig.type_in("x");
        rig.until_drawn("1: Key(Char('x'))");
        rig.type_in("q");
        assert_eq!(rig.status().code(), Some(0));
        rig.assert_given_back();
    }
}

#[test]
fn a_panic_in_any_thread_gives_everything_back_and_speaks_safely() {
    for (ending, words) in [
        ("main", "a bug in main"),
        ("thread", "in a thread"),
        ("task", "a bug in a task"),
    ] {
        let mut rig = drawn(ending);
        rig.type_in("!");
        assert_eq!(rig.status().code(), Some(101), "{ending}");
        rig.assert_given_back();
        let said = rig.screen.screen().contents().replace('\n', "");
        assert!(
            said.contains("mailtop: stopped by a bug") && said.contains(words),
            "{ending}: {said}"
        );
    }
}

#[test]
fn an_init_that_fails_half_way_undoes_what_it_did() {
    // The modes are raw by then. /dev/full refuses the sequences, /dev/null has no size.
    for output in ["/dev/full", "/dev/null"] {
        let argv = [probe().as_os_str(), OsStr::new("init")];
        let mut rig = Rig::start(&argv, &Output::File(output));
        assert_eq!(rig.status().code(), Some(3), "{output}");
        rig.assert_given_back();
    }
}

#[test]
fn without_a_terminal_it_says_so_and_touches_nothing() {
    let argv = [probe().as_os_str(), OsStr::new("quit")];
    let mut rig = Rig::start(&argv, &Output::File("/dev/null"));
    assert_eq!(rig.status().code(), Some(2));
    rig.assert_given_back();
    assert!(
        rig.screen
            .screen()
            .contents()
            .contains("standard output is not a terminal")
    );
}

#[test]
fn a_closed_window_is_the_end_within_two_seconds_and_without_a_busy_loop() {
    let probe = probe().display();
    for (shape, script) in [
        ("SIGHUP delivered", format!("exec {probe} wait")),
        ("SIGHUP ignored", format!("trap '' HUP; exec {probe} wait")),
        (
            "another process leads",
            format!("trap '' HUP; {probe} wait; true"),
        ),
        (
            "another process leads, stuck loop",
            format!("trap '' HUP; {probe} stuck; true"),
        ),
    ] {
        let argv = ["sh", "-c", &script].map(OsStr::new);
        let mut rig = Rig::start(&argv, &Output::Terminal);
        rig.until_drawn("0: ready");
        if shape.contains("stuck") {
            // The loop no longer takes messages, so only the deadline can end it.
            rig.type_in("!");
            rig.until_drawn("1: failing");
        }
        let start = Instant::now();
        rig.hang_up();
        let cpu = rig.until_ended();
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{shape}: {:?}",
            start.elapsed()
        );
        assert!(
            shape.contains("stuck") || cpu < 0.2,
            "{shape}: {cpu} CPU seconds"
        );
    }
}

/// A job-control shell with the probe in the foreground.
fn in_a_shell() -> Rig {
    let argv = ["bash", "--norc", "--noprofile", "-i"].map(OsStr::new);
    let mut rig = Rig::start(&argv, &Output::Terminal);
    rig.until("a prompt", |screen| {
        screen.contents().contains('$') || screen.contents().contains('#')
    });
    rig.type_in(&format!("{} wait\n", probe().display()));
    rig.until_drawn("0: ready");
    rig
}

fn stopped(rig: &mut Rig) {
    rig.until("the shell", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor() && screen.contents().contains("Stopped")
    });
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let mut rig = in_a_shell();
    for round in 1..=3 {
        rig.type_in("\u{1a}");
        stopped(&mut rig);
        rig.type_in("clear; fg\n");
        // Stopping and continuing are two messages: the key, and the wish to be drawn again.
        rig.until_drawn(&format!("{}: Resize(60, 12)", 2 * round));
        assert!(rig.screen.screen().hide_cursor(), "round {round}");
    }
    rig.type_in("q");
    rig.until("the shell", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor()
    });
    // Not before the shell reads: what is typed while mailtop is still there is mailtop's.
    rig.until("a prompt", |screen| {
        screen.contents().trim_end().ends_with(['$', '#'])
    });
    rig.type_in("exit $?\n");
    assert_eq!(rig.status().code(), Some(0));
}

#[test]
fn where_nobody_could_continue_it_ctrl_z_does_not_stop_it() {
    let mut rig = drawn("wait");
    rig.type_in("\u{1a}");
    rig.until_drawn("suspended false");
    rig.type_in("q");
    assert_eq!(rig.status().code(), Some(0));
    rig.assert_given_back();
}

#[test]
fn after_sigstop_the_screen_is_taken_and_drawn_anew() {
    let mut rig = drawn("wait");
    send(&rig, Signal::STOP);
    rig.until_state('T');
    // What a shell would have done meanwhile: other modes, other text.
    rig.cook();
    rig.screen
        .process(b"\x1b[?1049l\x1b[?25h\x1b[2Jsomething else");
    send(&rig, Signal::CONT);
    rig.until_drawn("Resize(60, 12)");
    assert!(rig.screen.screen().hide_cursor() && rig.is_raw());
    assert!(!rig.screen.screen().contents().contains("something else"));
    rig.type_in("q");
    assert_eq!(rig.status().code(), Some(0));
    rig.assert_given_back();
}
