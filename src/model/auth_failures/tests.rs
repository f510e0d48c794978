use super::*;
use chrono::TimeDelta;
use mailtop_parsers::Calendar;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("2026-11-24T{text}+00:00"))
        .unwrap()
        .to_utc()
}

fn told(lines: &[&str]) -> AuthFailures {
    let mut failures = AuthFailures::default();
    for line in lines {
        let line = format!("2026-11-24T{line}");
        let calendar = Calendar {
            anchor: at("23:59:59").fixed_offset(),
        };
        let record = mailtop_parsers::parse(line.as_bytes(), &calendar);
        let time = record.time.unwrap().to_utc();
        if let Event::Client {
            client,
            sasl_username: Some(user),
            ..
        } = &record.event
        {
            failures.succeeded(user, source_of(address(client.ip).unwrap()), time);
        }
        failures.on(&record, time, u64::from(record.repeated));
    }
    failures
}

fn hour() -> TimeDelta {
    TimeDelta::hours(1)
}

#[test]
fn failures_are_known_by_source_and_by_user() {
    let failures = told(&[
        "10:00:00+00:00 mx1 postfix/submission/smtpd[7]: warning: bad[203.0.113.9]: SASL LOGIN authentication failed: authentication failure, sasl_username=Info@shop.example",
        "10:01:00+00:00 mx1 postfix/submission/smtpd[7]: warning: bad[203.0.113.9]: SASL PLAIN authentication failed: authentication failure, sasl_username=admin",
        "10:02:00+00:00 mx1 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<info@shop.example>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.2, TLS, session=<y>",
        "10:03:00+00:00 mx1 postfix/smtpd[7]: warning: bad[203.0.113.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
    ]);
    let sources = failures.sources(at("10:30:00"), hour());
    let told: Vec<_> = sources
        .iter()
        .map(|row| {
            let services: Vec<_> = row.services.names().collect();
            (
                row.source.to_string(),
                row.failures,
                row.users,
                services.join(" "),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (String::from("203.0.113.7"), 4, 1, String::from("smtp imap")),
            (String::from("203.0.113.9"), 2, 2, String::from("smtp")),
        ]
    );
    assert_eq!(sources[1].last, at("10:01:00"));
    assert_eq!(sources[1].first, at("10:00:00"));
    assert_eq!(sources[1].method.as_deref(), Some("PLAIN"));
    assert_eq!(sources[1].last_user.as_deref(), Some("admin"));
    let users = failures.users(at("10:30:00"), hour());
    let told: Vec<_> = users
        .iter()
        .map(|row| (&*row.user, row.failures, row.sources))
        .collect();
    assert_eq!(told, [("info@shop.example", 4, 2), ("admin", 1, 1)]);
    assert_eq!(failures.total(at("10:30:00"), hour()), 6);
    assert_eq!(failures.sources(at("10:00:30"), hour()).len(), 1);
    assert!(failures.sources(at("12:00:00"), hour()).is_empty());
}

#[test]
fn one_failure_that_several_lines_tell_counts_once() {
    let failures = told(&[
        "10:00:00+00:00 mx1 dovecot: auth: passwd-file(ann,203.0.113.9,<x>): Password mismatch",
        "10:00:02+00:00 mx1 dovecot: auth: passwd-file(ann,203.0.113.9,<x>): Password mismatch",
        "10:00:04+00:00 mx1 dovecot: imap-login: Disconnected (auth failed, 2 attempts in 4 secs): user=<ann>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.2, session=<x>",
        "10:01:00+00:00 mx1 dovecot: auth: passwd-file(bob,203.0.113.9): unknown user",
        "10:01:01+00:00 mx1 postfix/smtpd[7]: warning: bad[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
    ]);
    let [source] = &failures.sources(at("10:30:00"), hour())[..] else {
        panic!("one source");
    };
    assert_eq!((source.failures, source.users), (3, 2));
    assert_eq!(
        source.services.names().collect::<Vec<_>>(),
        ["smtp", "imap"]
    );
    let users = failures.users(at("10:30:00"), hour());
    let told: Vec<_> = users.iter().map(|row| (&*row.user, row.failures)).collect();
    assert_eq!(
        told,
        [("ann", 2), ("bob", 1)],
        "the old smtpd names no user, Dovecot does"
    );
    let curve = failures.curve(at("10:30:00"), hour(), 60);
    assert_eq!(curve.iter().sum::<f64>().round() as u64, 3);
}

#[test]
fn a_network_of_ipv6_is_one_source() {
    let failures = told(&[
        "10:00:00+00:00 mx1 postfix/smtpd[7]: warning: unknown[2001:db8:1:2::5]: SASL LOGIN authentication failed: x",
        "10:00:01+00:00 mx1 postfix/smtpd[7]: warning: unknown[2001:db8:1:2:ffff::9]: SASL LOGIN authentication failed: x",
        "10:00:02+00:00 mx1 postfix/smtpd[7]: warning: unknown[::ffff:192.0.2.7]: SASL LOGIN authentication failed: x",
    ]);
    let sources = failures.sources(at("10:30:00"), hour());
    let told: Vec<_> = sources
        .iter()
        .map(|row| (row.source.to_string(), row.failures))
        .collect();
    assert_eq!(
        told,
        [
            (String::from("2001:db8:1:2::"), 2),
            (String::from("192.0.2.7"), 1)
        ]
    );
}

#[test]
fn a_dead_authentication_server_is_no_guessing() {
    let failures = told(&[
        "10:00:00+00:00 mx1 postfix/smtpd[7]: warning: home[192.0.2.7]: SASL PLAIN authentication failed: Connection lost to authentication server",
    ]);
    assert!(failures.sources(at("10:30:00"), hour()).is_empty());
    assert_eq!(failures.total(at("10:30:00"), hour()), 0);
    assert_eq!(failures.unserved(at("10:30:00"), hour()), 1);
}

/// Somebody tries a dozen passwords of several users, and one is right.
#[test]
fn a_guess_that_was_right_is_told_from_a_typing_error() {
    let mut lines = Vec::new();
    for n in 0..12 {
        let user = ["carol", "info", "admin"][n % 3];
        lines.push(format!(
            "10:00:{n:02}+00:00 mx1 postfix/smtpd[7]: warning: bad[203.0.113.9]: SASL LOGIN authentication failed: x, sasl_username={user}"
        ));
    }
    lines.push(String::from(
        "10:05:00+00:00 mx1 postfix/submission/smtpd[7]: 4D1A22FFFF: client=bad[203.0.113.9], sasl_method=LOGIN, sasl_username=Carol",
    ));
    lines.push(String::from(
        "10:06:00+00:00 mx1 dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<ann>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.2, session=<x>",
    ));
    lines.push(String::from(
        "10:07:00+00:00 mx1 dovecot: imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.2, mpid=7, TLS, session=<z>",
    ));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let failures = told(&lines);
    let intrusions = failures.intrusions(at("10:30:00"), hour());
    let told: Vec<_> = intrusions
        .iter()
        .map(|row| {
            (
                &*row.user,
                row.failures,
                row.users,
                row.own,
                row.is_suspicious(),
            )
        })
        .collect();
    assert_eq!(told, [("ann", 1, 1, 1, false), ("carol", 12, 3, 4, true)]);
    let users = failures.users(at("10:30:00"), hour());
    let carol = users.iter().find(|row| &*row.user == "carol").unwrap();
    assert_eq!(carol.success.map(|(_, at)| at), Some(at("10:05:00")));
    let info = users.iter().find(|row| &*row.user == "info").unwrap();
    assert_eq!(info.success, None);
    let before = failures.users(at("10:04:00"), hour());
    assert!(before.iter().all(|row| row.success.is_none()));
}

#[test]
fn names_and_sources_without_end_are_bounded() {
    let mut failures = AuthFailures::default();
    let time = at("10:00:00");
    for n in 0..SOURCES as u32 + 10 {
        let text = format!(
            "warning: x[{}]: SASL LOGIN authentication failed: x, sasl_username=user{n}",
            std::net::Ipv4Addr::from(n + 0x0100_0000)
        );
        let line = format!("2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[7]: {text}");
        let calendar = Calendar {
            anchor: time.fixed_offset(),
        };
        failures.on(&mailtop_parsers::parse(line.as_bytes(), &calendar), time, 1);
    }
    assert!(failures.sources.len() <= SOURCES && failures.users.len() <= USERS);
    assert!(failures.is_cut());
    assert_eq!(failures.total(time, hour()), SOURCES as u64 + 10);
}
