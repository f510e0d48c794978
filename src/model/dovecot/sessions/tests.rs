//! Sessions from lines as Dovecot 2.3.19 writes them, whole and in pieces.

use super::*;
use crate::knowledge::Knowledge;
use crate::model::facts::Facts;
use chrono::Offset;

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn told(lines: &[String]) -> Facts {
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    facts.lines(text.as_bytes(), now());
    facts
}

fn line(minute: u32, text: &str) -> String {
    format!("2026-11-24T10:{minute:02}:00.000000+00:00 mx1 dovecot: {text}")
}

fn login(minute: u32, user: &str, ip: &str, session: &str) -> String {
    let text = format!(
        "imap-login: Login: user=<{user}>, method=PLAIN, rip={ip}, lip=192.0.2.2, mpid=7, TLS, session=<{session}>"
    );
    line(minute, &text)
}

fn end(minute: u32, user: &str, session: &str) -> String {
    let text = format!("imap({user})<7><{session}>: Disconnected: Logged out in=1 out=2");
    line(minute, &text)
}

fn open(facts: &Facts, minute: u32) -> u64 {
    let at = format!("2026-11-24T10:{minute:02}:30Z").parse().unwrap();
    clients(facts.told().dovecot.sessions.open_at(at))
}

#[test]
fn users_by_their_open_sessions() {
    let facts = told(&[
        login(1, "ann@shop.example", "192.0.2.78", "a"),
        login(2, "ann@shop.example", "192.0.2.79", "b"),
        login(3, "ann@shop.example", "192.0.2.79", "c"),
        login(4, "bob@shop.example", "2001:db8::1", "d"),
        end(5, "ann@shop.example", "a"),
    ]);
    let sessions = &facts.told().dovecot.sessions;
    let users = sessions.users();
    assert_eq!(users.len(), 2);
    assert_eq!(
        (&*users[0].name, users[0].sessions),
        ("ann@shop.example", 2)
    );
    assert_eq!(users[0].addresses, [("192.0.2.79".parse().unwrap(), 2)]);
    let counts: Vec<u64> = (0..6).map(|minute| open(&facts, minute)).collect();
    assert_eq!(counts, [0, 1, 2, 3, 4, 3]);
    let peak = sessions.peak(now(), TimeDelta::hours(3));
    assert_eq!(peak, Some(("2026-11-24T10:05:00Z".parse().unwrap(), 4)));
    assert_eq!(sessions.seconds.quantile(0.5).map(f64::round), Some(240.0));
}

#[test]
fn an_end_whose_login_is_not_known_was_there_before() {
    let facts = told(&[end(5, "ann@shop.example", "a")]);
    assert_eq!((open(&facts, 4), open(&facts, 5)), (1, 0));
}

#[test]
fn a_piece_that_was_read_later_knows_the_login() {
    let older = [login(1, "ann@shop.example", "192.0.2.78", "a")];
    let newer = [end(5, "ann@shop.example", "a"), end(6, "bob", "b")];
    let mut joined = told(&older);
    joined.join(told(&newer));
    assert_eq!(joined, told(&[&older[..], &newer[..]].concat()));
    let counts = [0, 1, 4, 5, 6].map(|minute| open(&joined, minute));
    assert_eq!(counts, [1, 2, 2, 1, 0]);
    assert_eq!(joined.told().dovecot.sessions.sessions().count(), 0);
}

#[test]
fn when_dovecot_starts_nobody_is_logged_in() {
    let start = line(
        3,
        "master: Dovecot v2.3.19.1 (9b53102964) starting up for imap, lmtp (core dumps disabled)",
    );
    let older = [
        login(1, "ann@shop.example", "192.0.2.78", "a"),
        login(2, "bob@shop.example", "192.0.2.78", "b"),
        start,
    ];
    let newer = [
        login(4, "ann@shop.example", "192.0.2.78", "c"),
        end(5, "bob@shop.example", "b"),
    ];
    let lines = [&older[..], &newer[..]].concat();
    let whole = told(&lines);
    let counts = [1, 2, 3, 4, 5].map(|minute| open(&whole, minute));
    assert_eq!(counts, [1, 2, 0, 1, 1]);
    for cut in 0..=lines.len() {
        let (older, newer) = lines.split_at(cut);
        let mut joined = told(older);
        joined.join(told(newer));
        assert_eq!(joined, whole, "cut before line {cut}");
    }
}

#[test]
fn lines_without_a_session_id_are_counted_by_user() {
    let login = "imap-login: Login: user=<bob>, method=PLAIN, rip=192.0.2.9, lip=192.0.2.2";
    let end = "imap(bob): Disconnected: Logged out in=93 out=1020";
    let facts = told(&[line(1, login), line(2, login), line(3, end)]);
    let counts = [1, 2, 3].map(|minute| open(&facts, minute));
    assert_eq!(counts, [1, 2, 1]);
}
