//! Accounts and failed logins on a real Postfix and Dovecot: somebody guesses passwords, guesses one, and sends with it from two networks.
//!
//! In: a lab, logins through SMTP and IMAP from several addresses, right and wrong ones. Checked: what the log told of accounts, sources and users.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use chrono::{DateTime, Offset, TimeDelta, Utc};
use harness::{Lab, Options};
use mailtop::knowledge::Knowledge;
use mailtop::model::accounts::judge::{self, Why};
use mailtop::model::accounts::{self, AccountRow};
use mailtop::model::facts::{Facts, Told};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// Where the guesses come from, and a second network, both on the loopback.
const GUESSER: Ipv4Addr = Ipv4Addr::new(127, 77, 1, 1);
const HOME: Ipv4Addr = Ipv4Addr::new(127, 77, 2, 1);

/// `bob@shop.example` with the right password, and with a wrong one (RFC 4616).
const RIGHT: &str = "AGJvYkBzaG9wLmV4YW1wbGUAc2VjcmV0";
const WRONG: &str = "AGJvYkBzaG9wLmV4YW1wbGUAd3Jvbmc=";

/// A connection that is spoken to a line at a time.
struct Dialogue {
    read: BufReader<TcpStream>,
}

impl Dialogue {
    fn open(address: SocketAddr, from: Ipv4Addr) -> Self {
        let bound = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        bind(&bound, &SocketAddrV4::new(from, 0)).expect("the loopback has every address");
        connect(&bound, &address).expect("the lab listens");
        Self {
            read: BufReader::new(TcpStream::from(bound)),
        }
    }

    /// The first line that begins with this, and none that has to come before it.
    fn expect(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            let many = self.read.read_line(&mut line).expect("it speaks");
            assert!(many > 0, "it hung up before {start}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    fn say(&mut self, line: &str, answer: &str) {
        let stream = self.read.get_mut();
        stream
            .write_all(format!("{line}\r\n").as_bytes())
            .expect("it listens");
        self.expect(answer);
    }
}

/// An IMAP login (RFC 3501); a wrong password is told of when the client has gone.
fn imap(lab: &Lab, user: &str) {
    let mut imap = Dialogue::open(lab.imap(), GUESSER);
    imap.expect("* OK");
    imap.say(&format!("a LOGIN {user}@shop.example wrong"), "a NO");
    imap.say("b LOGOUT", "b OK");
}

/// Several wrong passwords through submission.
fn guess(lab: &Lab, times: usize) {
    let mut smtp = Dialogue::open(lab.submission(), GUESSER);
    smtp.expect("220 ");
    smtp.say("EHLO guess.example", "250 ");
    for _ in 0..times {
        smtp.say(&format!("AUTH PLAIN {WRONG}"), "535 ");
    }
    smtp.say("QUIT", "221 ");
}

fn send(lab: &Lab, from: Ipv4Addr) {
    let mut smtp = Dialogue::open(lab.submission(), from);
    smtp.expect("220 ");
    smtp.say("EHLO home.example", "250 ");
    smtp.say(&format!("AUTH PLAIN {RIGHT}"), "235 ");
    smtp.say("MAIL FROM:<bob@shop.example>", "250 ");
    smtp.say("RCPT TO:<alice@shop.example>", "250 ");
    smtp.say("RCPT TO:<ghost@shop.example>", "250 ");
    smtp.say("DATA", "354 ");
    smtp.say("Subject: x\r\n\r\nx\r\n.", "250 ");
    smtp.say("QUIT", "221 ");
}

fn told(lab: &Lab) -> (Facts, DateTime<Utc>) {
    let now = Utc::now();
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    facts.lines(lab.log_text().as_bytes(), now);
    (facts, now)
}

fn rows(told: &Told, until: DateTime<Utc>, range: TimeDelta) -> Vec<AccountRow> {
    let intrusions = judge::intrusions(&told.auth_failures, until);
    accounts::rows(told, &intrusions, until, range)
}

#[test]
#[ignore = "takes half a minute: make test runs it beside the others"]
fn a_guessed_password_is_told_from_a_real_log() {
    let Some(lab) = Lab::start(&Options::default()) else {
        return;
    };
    send(&lab, HOME);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| guess(&lab, 3));
        }
        for user in ["bob", "alice", "news", "orders"] {
            let lab = &lab;
            scope.spawn(move || imap(lab, user));
        }
    });
    send(&lab, GUESSER);
    let hour = TimeDelta::hours(1);
    let outcomes = |lab: &Lab| {
        let (facts, now) = told(lab);
        let rows = rows(facts.told(), now, hour);
        let failures = facts.told().auth_failures.total(now, hour);
        let ended = |row: &AccountRow| row.outcomes.sent + row.outcomes.bounced;
        rows.iter().map(ended).sum::<u64>() == 4 && failures >= 16
    };
    lab.wait_until(outcomes, LIMIT, "four outcomes and sixteen failures");

    let (facts, now) = told(&lab);
    let rows = rows(facts.told(), now, hour);
    assert_eq!(rows.len(), 1, "{rows:?}");
    let bob = &rows[0];
    assert_eq!(&*bob.name, "bob@shop.example");
    assert_eq!((bob.messages, bob.recipients), (2, 4));
    assert_eq!((bob.outcomes.sent, bob.outcomes.bounced), (2, 2));
    assert_eq!((bob.addresses, bob.networks), (2, 2));
    let last = bob.last.as_ref().expect("it was seen");
    assert_eq!(last.address, Some(GUESSER.into()));
    assert_eq!(last.method.as_deref(), Some("PLAIN"));

    let failures = &facts.told().auth_failures;
    let sources = failures.sources(now, hour);
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert_eq!(sources[0].source, GUESSER);
    assert_eq!((sources[0].failures, sources[0].users), (16, 4));
    let services: Vec<_> = sources[0].services.names().collect();
    assert_eq!(services, ["smtp", "imap"]);
    let users = failures.users(now, hour);
    let bob_tried = users.iter().find(|row| &*row.user == "bob@shop.example");
    let success = bob_tried.and_then(|row| row.success);
    assert_eq!(success.map(|(source, _)| source), Some(GUESSER.into()));
    let judgement = bob.judgement.as_ref().expect("it is flagged");
    assert!(
        matches!(&judgement.whys[..], [Why::Intrusion(found)] if found.failures == 16 && found.users == 4),
        "{judgement:?}"
    );
}
