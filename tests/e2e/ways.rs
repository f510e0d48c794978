//! In each view the way from what stands out to the log line that tells of it, with keys only. The line on the screen is the line in the
//! file, byte for byte.
//!
//! One mail server has all of it at once: Yahoo defers, bob's mail bounces, somebody guesses passwords, a mailbox is broken, and smtp(8) has
//! reached its process limit.

use crate::console::{Console, rows};
use crate::ground::{LIMIT, WINDOW, id_of, lab, open, stuck_at_yahoo};
use crate::harness::Lab;
use std::fs;
use std::os::unix::fs::chown;
use std::thread;

/// The system user `mail`, who owns the mailboxes.
const MAIL: Option<u32> = Some(8);

#[test]
fn from_what_stands_out_in_each_view_to_its_log_line() {
    let Some(lab) = lab() else { return };
    trouble(&lab);
    let mut console = open(&lab, WINDOW);
    queue(&mut console, &lab);
    providers(&mut console, &lab);
    trace(&mut console, &lab);
    log(&mut console, &lab);
    accounts(&mut console, &lab);
    dovecot(&mut console, &lab);
    system(&mut console, &lab);
}

fn trouble(lab: &Lab) {
    lab.postfix("postconf", &["-F", "smtp/unix/process_limit=3"], b"");
    let reloaded = lab.inside(None, "postfix").arg("reload").output();
    assert!(reloaded.expect("postfix runs").status.success());
    // A file where the mailbox should be.
    let home = lab.dir().join("mail/news");
    fs::create_dir(&home).expect("a home");
    fs::write(home.join("Maildir"), "no directory").expect("a file");
    for path in [&home, &home.join("Maildir")] {
        chown(path, MAIL, MAIL).expect("root may");
    }
    thread::scope(|scope| {
        scope.spawn(|| lab.traffic(&["20", "--mix", "guesses", "--seconds", "6"]));
        let to = ["maria1@yahoo.com", "maria2@yahoo.com", "maria3@yahoo.com"];
        stuck_at_yahoo(lab, &to.map(|to| ("orders@shop.example", to)));
        lab.mail("orders@shop.example", "news@shop.example");
        let bob = "bob@shop.example";
        lab.traffic(&["24", "--from", bob, "--to", "ghost@shop.example"]);
    });
    for (what, many) in [
        ("status=bounced", 24),
        ("to=<news@shop.example>", 1),
        ("SASL PLAIN authentication failed", 1),
        ("(auth failed, 1 attempts", 1),
    ] {
        let logged = |lab: &Lab| lab.log_text().matches(what).count() >= many;
        lab.wait_until(logged, LIMIT, what);
    }
}

/// The newest line of the log that has all of this.
fn newest(lab: &Lab, parts: &[&str]) -> Option<String> {
    let text = lab.log_text();
    let mut lines = text.lines().rev();
    let has = |line: &&str| parts.iter().all(|part| line.contains(part));
    lines.find(has).map(str::to_owned)
}

/// Whether the line stands in these rows from its first byte to its last, wrapped at blanks or where a word is longer than a row.
fn stands(rows: &[String], line: &str) -> bool {
    let words = |row: &str| {
        let inside = row.trim().trim_matches('│');
        inside.trim_start_matches(['▌', ' ']).trim_end().to_owned()
    };
    let rows: Vec<String> = rows.iter().map(|row| words(row)).collect();
    (0..rows.len()).any(|first| {
        let mut rest = line;
        for row in &rows[first..] {
            match rest.strip_prefix(row.as_str()) {
                Some(after) if !row.is_empty() => rest = after.trim_start(),
                _ => break,
            }
        }
        rest.is_empty()
    })
}

#[test]
fn a_line_with_one_byte_less_or_another_one_does_not_stand_there() {
    let rows = [
        "│▌ 10:31 mx1 smtp: x:  │",
        "│  deferred            │",
        "│  10:32 mx1 qmgr     │",
    ];
    let rows = rows.map(str::to_owned);
    assert!(stands(&rows, "10:31 mx1 smtp: x: deferred"));
    for other in [
        "10:31 mx1 smtp: x: deferred)",
        "10:31 mx1 smtp: y: deferred",
        "0:31 mx1 smtp: x: deferred",
    ] {
        assert!(!stands(&rows, other), "{other}");
    }
}

/// Waits until the newest line with all of this stands on the screen.
fn wait_for_line(console: &mut Console, lab: &Lab, parts: &[&str]) {
    let what = format!("the newest line with {parts:?}");
    console.wait_until(&what, |screen| {
        newest(lab, parts).is_some_and(|line| stands(&rows(screen), &line))
    });
}

/// Waits until the selected row has this.
fn wait_selected(console: &mut Console, text: &str) {
    console.wait_until(&format!("{text} to be selected"), |screen| {
        let rows = rows(screen);
        let mut selected = rows.iter().filter(|row| row.contains('▌'));
        selected.any(|row| row.contains(text))
    });
}

/// From the selected domain to the raw lines of its newest message, whose id it gives.
fn into_a_message(console: &mut Console, domain: &str) -> String {
    wait_selected(console, domain);
    console.keys("<enter>");
    console.wait_for(&format!("Messages to {domain}"));
    wait_selected(console, &format!("@{domain}"));
    let row = console.selected();
    let id = row
        .split_whitespace()
        .nth(1)
        .expect("a queue id")
        .to_owned();
    console.keys("<enter>");
    console.wait_for(&format!("Message {id}"));
    console.wait_for("├ qmgr ");
    console.keys("<enter>");
    console.wait_for("Raw, newest first");
    id
}

/// Goes back a step at a time: to what says this, and then this.
fn back(console: &mut Console, places: &[&str]) {
    for place in places {
        console.keys("<esc>");
        console.wait_for(place);
    }
}

/// The queue id in the selected row.
fn id_of_selected(console: &Console, lab: &Lab) -> String {
    let (row, log) = (console.selected(), lab.log_text());
    let mut words = row.split_whitespace();
    let id = words.find(|word| log.contains(&format!(": {word}: to=")));
    id.expect("a queue id").to_owned()
}

/// The domain with most mail, its newest message, why it was deferred.
fn queue(console: &mut Console, lab: &Lab) {
    console.keys("2");
    console.wait_for("[2 Queue]");
    let id = into_a_message(console, "yahoo.com");
    wait_for_line(console, lab, &[&id, "status=deferred", "[TSS04]"]);
}

/// The cell 4.7.0 of Yahoo, which is selected because most fails there.
fn providers(console: &mut Console, lab: &Lab) {
    console.keys("3");
    console.wait_for("Yahoo/AOL · 4.7.0");
    console.keys("<enter>");
    console.wait_for("filter: provider:Yahoo/AOL code:4.7.0");
    let id = into_a_message(console, "yahoo.com");
    wait_for_line(console, lab, &[&id, "dsn=4.7.0, status=deferred"]);
    // Escape goes back the way that led here, which the filter was a part of.
    back(
        console,
        &["Messages to yahoo.com", "Domain × age", "[3 Providers]"],
    );
    // All that Yahoo answered so, whether it still waits or not.
    console.keys("l");
    console.wait_for("[8 Log]");
    console.wait_for("filter: provider:Yahoo/AOL code:4.7.0");
    console.wait_for(" 3 of ");
    console.keys("w");
    wait_for_line(console, lab, &["@yahoo.com>", "dsn=4.7.0"]);
}

/// What became of the mail to an address.
fn trace(console: &mut Console, lab: &Lab) {
    let to = "maria2@yahoo.com";
    console.keys("4");
    console.wait_for("[4 Trace]");
    console.keys(&format!("/to:{to}<enter>"));
    console.wait_for(&format!("Timeline {}", id_of(lab, to)));
    console.keys("<enter>");
    wait_for_line(console, lab, &[&format!("to=<{to}>"), "status=deferred"]);
}

/// What the lines have in common: a domain, from there a line's message, its lines.
fn log(console: &mut Console, lab: &Lab) {
    console.keys("8");
    console.wait_for("Facets of this filter");
    console.wait_for("yahoo.com ");
    console.keys("<tab>");
    console.wait_for("[shop.example]");
    console.keys("<right>");
    console.wait_for("[yahoo.com]");
    console.keys("=");
    console.wait_for("filter: domain:yahoo.com");
    console.wait_for(" 3 of ");
    console.keys("<tab>");
    wait_selected(console, "@yahoo.com");
    let id = id_of_selected(console, lab);
    console.keys("<enter>");
    console.wait_for(&format!("Timeline {id}"));
    console.keys("<enter>");
    wait_for_line(console, lab, &[&id, "status=deferred"]);
}

/// The account that is flagged, and where passwords are guessed.
fn accounts(console: &mut Console, lab: &Lab) {
    console.keys("5");
    wait_selected(console, "▲ bob@shop.example");
    console.keys("<enter>");
    console.wait_for("[4 Trace]");
    console.wait_for("filter: user:bob@shop.example");
    wait_selected(console, "ghost@shop.example");
    let id = id_of_selected(console, lab);
    console.keys("<enter>");
    wait_for_line(console, lab, &[&id, "status=bounced"]);
    back(console, &["Timeline ", "[5 Accounts]"]);
    // The source of most failures: its lines, the newest that tells of trouble.
    console.keys("<tab><enter>");
    console.wait_for("[8 Log]");
    console.wait_for("filter: ip:127.");
    console.keys("wN");
    wait_for_line(console, lab, &["authentication failed"]);
}

/// What Dovecot complains of most, and where logins fail.
fn dovecot(console: &mut Console, lab: &Lab) {
    console.keys("6");
    console.wait_for("[6 Dovecot]");
    // The text of the complaint, with placeholders, stands below the table: its line is in the log.
    console.wait_for("stat(<path>) failed: Not a directory");
    console.keys("<enter>");
    console.wait_for("[8 Log]");
    console.wait_for("filter: prog:dovecot ");
    console.keys("w");
    wait_for_line(console, lab, &["lmtp-server: conn", "Not a directory"]);
    back(console, &["[6 Dovecot]"]);
    console.keys("<tab><enter>");
    console.wait_for("[8 Log]");
    console.wait_for("filter: ip:127.");
    // Postfix told of its own failure after it.
    console.keys("wNN");
    wait_for_line(console, lab, &["imap-login: ", "(auth failed, 1 attempts"]);
}

/// The processes that are at their limit, the mail that waits for them, and what they log.
fn system(console: &mut Console, lab: &Lab) {
    lab.traffic(&[
        "18",
        "--from",
        "bob@shop.example",
        "--to",
        "maria@slow.example",
    ]);
    console.keys("7");
    console.wait_for("3 / 3");
    // What was first before is still selected.
    console.keys("g");
    wait_selected(console, "▲ smtp processes");
    console.keys("<enter>");
    wait_selected(console, "▲ smtp  ");
    console.keys("<enter>");
    console.wait_for("Queue active");
    let id = into_a_message(console, "slow.example");
    wait_for_line(console, lab, &[&id, "(queue active)"]);
    back(
        console,
        &["Messages to slow.example", "Domain × age", "[7 System]"],
    );
    console.keys("l");
    console.wait_for("[8 Log]");
    console.wait_for("filter: prog:smtp");
    console.keys("w");
    wait_for_line(console, lab, &[" postfix/smtp["]);
}
