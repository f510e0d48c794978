//! However mailtop ends, the terminal is as it was, and the exit status says how it ended.

use crate::console::Console;
use crate::ground::{MAILTOP, WINDOW, lab, open};
use crate::harness::Lab;
use rustix::process::{Pid, Signal, kill_process};

fn running(lab: &Lab) -> Console {
    let console = open(lab, WINDOW);
    assert!(console.is_raw(), "mailtop takes the terminal");
    console
}

fn send(console: &Console, signal: Signal) {
    let pid = Pid::from_raw(console.pid()).expect("a process id");
    kill_process(pid, signal).expect("it runs");
}

#[test]
fn the_terminal_is_given_back_after_q_and_after_signals_and_around_ctrl_z() {
    let Some(lab) = lab() else { return };
    q_leaves_with_status_0(&lab);
    a_signal_ends_it_and_is_its_status(&lab);
    ctrl_z_gives_the_terminal_to_the_shell_and_fg_comes_back(&lab);
}

fn q_leaves_with_status_0(lab: &Lab) {
    let mut console = running(lab);
    // From a view that was opened, q goes back first.
    console.keys("2");
    console.wait_for("[2 Queue]");
    console.keys("1");
    console.wait_for("[1 Overview]");
    console.keys("q");
    let status = console.exit();
    assert!(status.success(), "{status:?}");
    console.assert_given_back();
    assert!(
        !console.screen().contains("Overview"),
        "the first screen is as it was before:\n{}",
        console.screen()
    );
}

fn a_signal_ends_it_and_is_its_status(lab: &Lab) {
    for (signal, name) in [(Signal::TERM, "Terminated"), (Signal::HUP, "Hangup")] {
        let mut console = running(lab);
        send(&console, signal);
        let status = console.exit();
        assert_eq!(status.signal(), Some(name), "{status:?}");
        console.assert_given_back();
    }
}

fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_comes_back(lab: &Lab) {
    let mut shell = lab.inside(None, "bash");
    shell.args(["--norc", "--noprofile", "-i"]);
    let mut console = Console::open(&shell, WINDOW);
    console.wait_for("# ");
    console.type_in("PS1='ready> '\n");
    console.wait_for("ready> ");
    console.type_in(&format!("{MAILTOP}\n"));
    console.wait_for("[1 Overview]");
    console.wait_for("listed ");
    for _ in 0..2 {
        console.keys("<ctrl-z>");
        console.wait_until("the shell", |screen| {
            let text = screen.contents();
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && text.contains("Stopped")
                && text.trim_end().ends_with("ready>")
        });
        console.type_in("clear; fg\n");
        console.wait_until("mailtop again", |screen| {
            screen.alternate_screen()
                && screen.hide_cursor()
                && screen.contents().contains("[1 Overview]")
        });
        // It goes on, with keys as before.
        console.keys("2");
        console.wait_for("[2 Queue]");
        console.keys("1");
        console.wait_for("[1 Overview]");
    }
    console.keys("q");
    console.wait_until("the shell", |screen| {
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && screen.contents().trim_end().ends_with("ready>")
    });
    console.type_in("echo status=$?\n");
    console.wait_for("status=0");
    console.type_in("exit\n");
    console.exit();
    console.assert_given_back();
}
