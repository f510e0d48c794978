//! What mailtop tells of Dovecot beside what Dovecot tells of itself: real sessions, failures, deliveries and errors in a lab.
//!
//! In: IMAP connections that log in, fail, or never try; mail for local users; a mailbox that cannot be opened. Compared: users and their sessions from
//! the log with `doveadm who`, complaints with `doveadm log errors`, counts with the lines themselves.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use chrono::{DateTime, Offset, TimeDelta, Utc};
use harness::{Lab, Options};
use mailtop::knowledge::Knowledge;
use mailtop::model::dovecot::sessions::{User, clients};
use mailtop::model::dovecot::who::{Allowed, Connections};
use mailtop::model::facts::Facts;
use mailtop_parsers::Severity;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// A connection that is closed, without a word, when it goes away.
struct Imap(BufReader<TcpStream>);

impl Imap {
    fn connect(lab: &Lab) -> Self {
        let stream = TcpStream::connect(lab.imap()).expect("Dovecot listens");
        stream.set_read_timeout(Some(LIMIT)).expect("a socket");
        let mut imap = Self(BufReader::new(stream));
        imap.line();
        imap
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a line");
        line
    }

    /// Says a command and returns the reply to it; empty when Dovecot closed the connection.
    fn say(&mut self, command: &str) -> String {
        write!(self.0.get_mut(), "a {command}\r\n").expect("it is open");
        loop {
            let line = self.line();
            if line.is_empty() || line.starts_with("a ") {
                return line;
            }
        }
    }

    fn login(lab: &Lab, user: &str) -> Self {
        let mut imap = Self::connect(lab);
        let reply = imap.say(&format!("LOGIN {user}@shop.example secret"));
        assert!(reply.starts_with("a OK"), "{reply}");
        imap
    }
}

fn doveadm(lab: &Lab, arguments: &[&str]) -> String {
    let output = lab.inside(None, "doveadm").args(arguments).output();
    let output = output.expect("doveadm runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn told(lab: &Lab) -> Facts {
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    facts.lines(lab.log_text().as_bytes(), Utc::now());
    facts
}

/// Users with their sessions, whatever order equal ones are in.
fn sessions(users: &[User]) -> Vec<(String, u64, usize)> {
    let mut users: Vec<_> = users
        .iter()
        .map(|user| (user.name.to_string(), user.sessions, user.addresses.len()))
        .collect();
    users.sort();
    users
}

#[test]
#[ignore = "waits for a mail server's own times: make test runs it beside the others"]
fn the_log_tells_what_dovecot_knows() {
    let Some(lab) = Lab::start(&Options::default()) else {
        return;
    };
    // A file where the mailbox should be: Dovecot cannot open it, and says so.
    let home = lab.dir().join("mail/news");
    std::fs::create_dir(&home).expect("a home");
    std::fs::write(home.join("Maildir"), "no directory").expect("a file");
    for path in [&home, &home.join("Maildir")] {
        chown(path, Some(8), Some(8)).expect("root may");
    }
    let _open = [
        Imap::login(&lab, "bob"),
        Imap::login(&lab, "bob"),
        Imap::login(&lab, "alice"),
    ];
    let mut gone = Imap::login(&lab, "bob");
    assert!(gone.say("LOGOUT").starts_with("a OK"));
    let mut guesser = Imap::connect(&lab);
    assert!(
        guesser
            .say("LOGIN bob@shop.example guess")
            .starts_with("a NO")
    );
    assert!(
        guesser
            .say("LOGIN bob@shop.example guess2")
            .starts_with("a NO")
    );
    drop(guesser);
    drop(Imap::connect(&lab));
    let mut broken = Imap::login(&lab, "news");
    assert!(broken.say("SELECT INBOX").starts_with("a NO"));
    drop(broken);
    // The last one bounces, and the bounce is saved for its sender.
    for to in ["bob", "alice", "bob", "ghost"] {
        lab.mail("orders@shop.example", &format!("{to}@shop.example"));
    }
    let all_is_logged = |lab: &Lab| {
        let told = told(lab);
        let told = &told.told().dovecot;
        let (logins, saves) = (told.logins.minutes.all(), told.saves.minutes.all());
        let endings: u64 = told.sessions.minutes.all().endings.iter().sum();
        // Starting the lab knocked, too.
        let knocked = lab.log_text().matches("(no auth attempts").count() as u64;
        (logins.all(), logins.failed) == (5, 2)
            && (knocked > 1 && logins.untried == knocked)
            && (saves.saved, saves.sent, saves.bounced) == (4, 4, 1)
            && endings >= 1
            && told.sessions.sessions().count() == 3
    };
    lab.wait_until(all_is_logged, LIMIT, "everything in the log");

    let list = doveadm(&lab, &["-f", "tab", "who", "-1"]);
    let who = Connections::read(&list, Utc::now(), Allowed::default()).expect("a list");
    let facts = told(&lab);
    let dovecot = &facts.told().dovecot;
    assert_eq!(sessions(&dovecot.sessions.users()), sessions(&who.users));
    let (now, hour) = (Utc::now(), TimeDelta::hours(1));
    let open = dovecot.sessions.open_at(now);
    assert_eq!((open[0], who.open[0]), (3, 3));
    // The one that logged out and the one whose mailbox is broken came one after the other.
    let peak = dovecot.sessions.peak(now, hour).map(|(_, most)| most);
    assert!(peak >= Some(clients(open)), "{peak:?}");

    errors_are_those_of_doveadm(&lab, &facts, now);
    let failures = dovecot.saves.failures_within(now, hour);
    assert!(
        failures[0].1.line().as_str().contains("User doesn't exist"),
        "{failures:?}"
    );
}

/// `doveadm log errors` keeps the newest warnings and errors; each is one of a complaint's.
fn errors_are_those_of_doveadm(lab: &Lab, facts: &Facts, now: DateTime<Utc>) {
    let errors = doveadm(lab, &["log", "errors"]);
    let logged = errors
        .lines()
        .filter(|line| line.contains("Error: ") || line.contains("Warning: "));
    let complaints = &facts.told().dovecot.complaints;
    let graver = complaints
        .within(now, TimeDelta::hours(1))
        .into_iter()
        .filter(|(_, complaint, _)| complaint.severity >= Some(Severity::Warning));
    let told: u64 = graver.map(|(_, _, count)| count).sum();
    let many = logged.count() as u64;
    assert!(many > 0, "nothing was wrong: {errors}");
    assert_eq!(told, many, "{errors}\n{:?}", complaints.kinds);
}
