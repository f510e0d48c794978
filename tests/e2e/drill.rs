//! From the Overview to one message, its timeline and its log lines, to the log and the trace, and back to the same row at every step.

use crate::console::{Console, rows};
use crate::ground::{LIMIT, id_of, lab, open, stuck_at_yahoo};
use crate::harness::Lab;

/// The window of the log lines is low here, so that they have to be scrolled.
const SMALL: (u16, u16) = (100, 24);

#[test]
fn every_log_line_of_a_message_is_reached_and_escape_returns_to_the_same_rows() {
    let Some(lab) = lab() else { return };
    stuck_at_yahoo(
        &lab,
        &[
            ("bob@shop.example", "lisa@aol.com"),
            ("bob@shop.example", "omar@aol.com"),
            ("orders@shop.example", "maria1@yahoo.com"),
            ("news@shop.example", "maria2@yahoo.com"),
            ("orders@shop.example", "maria3@yahoo.com"),
        ],
    );
    // A second attempt, so that there is something to scroll.
    let id = id_of(&lab, "omar@aol.com");
    let before = lines_of(&lab, &id).len();
    lab.postfix("postqueue", &["-i", &id], b"");
    let tried = |lab: &Lab| {
        let lines = lines_of(lab, &id);
        lines.len() > before + 1 && lines.last().is_some_and(|line| line.contains("status="))
    };
    lab.wait_until(tried, LIMIT, "a second attempt");

    let mut console = open(&lab, SMALL);
    console.wait_for("aol.com");
    console.keys("j");
    select(&mut console, "aol.com");
    let overview = console.selected();

    console.keys("<enter>");
    console.wait_for("[2 Queue]");
    select(&mut console, "aol.com");
    console.keys("<enter>");
    console.wait_for("Messages to aol.com");
    // The newest first; both may have come in the same second.
    if !console.selected().contains(&id) {
        console.keys("j");
    }
    select(&mut console, &id);
    console.wait_for("bob@shop.example");
    console.keys("<enter>");
    console.wait_for(&format!("Message {id}"));
    console.wait_for("┬ smtpd ");
    console.wait_for("├ smtp    ~ ");

    for (label, value) in [
        ("Queue", "deferred ·"),
        ("From", "bob@shop.example"),
        ("Arrived", " ago)"),
        ("Queue", "KiB"),
        ("To", "omar@aol.com"),
    ] {
        let row = console.row_with(&format!("│ {label:8} "));
        assert!(row.contains(value), "{row}");
    }
    assert!(console.screen().contains("421 4.7.0 [TSS04] Messages"));
    console.keys("<enter>");
    console.wait_for("Raw, newest first");
    let read = read_log_lines(&mut console, &lab, &id);
    let texts = lines_of(&lab, &id);
    assert!(texts.len() >= 6, "two attempts: {texts:#?}");
    for text in &texts {
        assert!(
            read.contains(&squeeze(text)),
            "not on the screen: {text}\nread: {read}"
        );
    }

    // What is logged from now on comes by itself.
    let many = lines_of(&lab, &id).len();
    lab.postfix("postsuper", &["-h", "-"], id.as_bytes());
    console.wait_for(&format!("{} lines", many + 1));

    // Its lines among all others, from there to its life, and back.
    console.keys("l");
    console.wait_for("[8 Log]");
    console.wait_for(&format!("{0} of ", many + 1));
    console.wait_for("placed on hold");
    select(&mut console, &id);
    console.keys("<enter>");
    console.wait_for("[4 Trace]");
    console.wait_for(&format!("Timeline {id}"));
    console.wait_for("‖ hold");
    console.keys("<esc>");
    console.wait_for("[8 Log]");
    console.keys("<esc>");
    console.wait_for(&format!("Message {id}"));

    console.keys("<esc>");
    console.wait_for("Messages to aol.com");
    select(&mut console, &id);
    console.keys("<esc>");
    console.wait_for("Domain × age");
    select(&mut console, "aol.com");
    console.keys("<esc>");
    console.wait_for("[1 Overview]");
    select(&mut console, "aol.com");
    let name = |row: &str| row.split_whitespace().nth(1).map(str::to_owned);
    assert_eq!(name(&console.selected()), name(&overview));
}

/// Waits until the selected row is the one with this text.
fn select(console: &mut Console, text: &str) {
    console.wait_until(&format!("{text} to be selected"), |screen| {
        rows(screen)
            .iter()
            .any(|row| row.contains('▌') && row.contains(text))
    });
}

/// What the log says of a queue id, without time and host.
fn lines_of(lab: &Lab, id: &str) -> Vec<String> {
    let mark = format!("]: {id}: ");
    let log = lab.log_text();
    let lines = log.lines().filter(|line| line.contains(&mark));
    lines
        .filter_map(|line| line.split_once("]: "))
        .map(|(_, text)| text.to_owned())
        .collect()
}

/// Reads the window of log lines, newest first, down to the first line of the log, a row at a time.
fn read_log_lines(console: &mut Console, lab: &Lab, id: &str) -> String {
    let lines = lines_of(lab, id);
    let first = squeeze(lines.first().expect("there are lines"));
    console.keys("g");
    let mut read = window(&console.rows());
    assert!(read.len() > 4, "a window of {} rows", read.len());
    while !text(&read).contains(&first) {
        let height = window(&console.rows()).len();
        let next: Vec<String> = read[read.len() + 1 - height..].to_vec();
        console.keys("j");
        console.wait_until("the window to scroll by a row", |screen| {
            window(&rows(screen)).starts_with(&next)
        });
        read.extend(window(&console.rows()).pop());
        assert!(
            read.len() < 400,
            "the log's first line never comes: {read:#?}"
        );
    }
    text(&read)
}

/// The rows inside the window of log lines.
fn window(rows: &[String]) -> Vec<String> {
    let inside = rows
        .iter()
        .skip_while(|row| !row.contains("Raw, newest first"))
        .skip(1);
    inside
        .take_while(|row| row.starts_with('│'))
        .map(|row| row.trim_end().trim_matches('│').to_owned())
        .collect()
}

/// The text of rows without blanks.
fn text(rows: &[String]) -> String {
    squeeze(&rows.concat())
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}
