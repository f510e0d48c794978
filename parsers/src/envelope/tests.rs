//! Heads of lines in every shape that a syslog daemon, postlogd(8) or Dovecot itself writes them, and stamps without a year.

use super::*;
use chrono::DateTime;

fn calendar() -> Calendar {
    Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-06-05T12:00:00+02:00").unwrap(),
    }
}

/// Time, host, tag, process id and text of a line of another program.
fn read(line: &str) -> String {
    let record = parse(line.as_bytes(), &calendar());
    let Event::Unrecognized { kind, text } = record.event else {
        panic!("an event in {line}");
    };
    format!(
        "{} {} {}[{}] {kind:?} {}",
        record.time.map_or("-".into(), |time| time.to_rfc3339()),
        record
            .host
            .map_or("-".into(), |host| host.escape_ascii().to_string()),
        record.program.escape_ascii(),
        record.pid.map_or("-".into(), |pid| pid.to_string()),
        text.escape_ascii()
    )
}

#[test]
fn stamps() {
    let table = [
        ("Jun  5 09:08:07 h p: x", "2026-06-05T09:08:07+02:00"),
        ("Jun 05 09:08:07 h p: x", "2026-06-05T09:08:07+02:00"),
        ("Jun 5 09:08:07 h p: x", "2026-06-05T09:08:07+02:00"),
        ("Dec 31 23:59:59 h p: x", "2025-12-31T23:59:59+02:00"),
        ("Jun  5 09:08:07.25 h p: x", "2026-06-05T09:08:07.250+02:00"),
        ("<22>Jun  5 09:08:07 h p: x", "2026-06-05T09:08:07+02:00"),
        (
            "2026-06-05T14:09:36+02:00 h p: x",
            "2026-06-05T14:09:36+02:00",
        ),
        ("2026-06-05T14:09:36Z h p: x", "2026-06-05T14:09:36+00:00"),
        (
            "2026-06-05T14:09:36.7-0530 h p: x",
            "2026-06-05T14:09:36.700-05:30",
        ),
        (
            "2026-06-05T14:09:36.750604123456+02:00 h p: x",
            "2026-06-05T14:09:36.750604123+02:00",
        ),
        ("2026-06-05 14:09:36 h p: x", "2026-06-05T14:09:36+02:00"),
        ("2016-12-31T23:59:60Z h p: x", "2016-12-31T23:59:60+00:00"),
        ("Dec 31 23:59:60 h p: x", "2025-12-31T23:59:60+02:00"),
        (
            "2026-06-05T14:09:36.75Z Jun 05 14:09:36 h p: x",
            "2026-06-05T14:09:36.750+00:00",
        ),
    ];
    for (line, time) in table {
        assert_eq!(read(line), format!("{time} h p[-] Foreign x"), "{line}");
    }
}

#[test]
fn what_is_no_stamp_is_unparsed_whole() {
    for line in [
        "",
        "x",
        "Jun",
        "Jun  5 09:08:07",
        "Jun  5 09:08:07 ",
        "Jun 31 09:08:07 h p: x",
        "Jun  5 24:08:07 h p: x",
        "Jun  5 09:08:61 h p: x",
        "Mon Jun  5 09:08:07 h p: x",
        "2026-13-05T14:09:36Z h p: x",
        "2026-06-05T14:09:36+99:00 h p: x",
        "2026-06-05",
        "<22>",
        "@400000005f5e1000 x",
    ] {
        assert_eq!(read(line), format!("- - [-] Unparsed {line}"));
    }
}

#[test]
fn heads() {
    let table = [
        ("mail sshd[12]: x", "mail sshd[12] Foreign x"),
        ("mail sshd: x: y", "mail sshd[-] Foreign x: y"),
        ("mail  sshd:  x", "mail sshd[-] Foreign x"),
        ("mail sshd[12]:", "mail sshd[12] Foreign "),
        ("sshd[12]: x", "- sshd[12] Foreign x"),
        ("2001:db8::1 sshd[12]: x", "2001:db8::1 sshd[12] Foreign x"),
        ("mail a[b]: x", "mail a[b][-] Foreign x"),
        ("mail a[99999999999]: x", "mail a[99999999999][-] Foreign x"),
        ("mail mail.info sshd[12]: x", "mail sshd[12] Foreign x"),
        ("INFO    sshd[12]: x", "- sshd[12] Foreign x"),
        ("mail -- MARK --", "mail [-] Foreign -- MARK --"),
        ("mail", "mail [-] Foreign "),
        ("mail : x", "mail [-] Foreign : x"),
        // Only a stamp with its own zone stands in front of another.
        (
            "Jun 05 09:08:08 h p: x",
            "Jun [-] Foreign 05 09:08:08 h p: x",
        ),
        (
            "mail postfix/smtpd[12]: x",
            "mail postfix/smtpd[12] Other x",
        ),
        ("mail dovecot: auth: x", "mail dovecot[-] Other auth: x"),
        ("auth: Error: x", "- dovecot[-] Warning auth: Error: x"),
        (
            "imap(a b)<1><s>: Info: x",
            "- dovecot[-] Other imap(a b)<1><s>: Info: x",
        ),
        ("auth dovecot: auth: x", "auth dovecot[-] Other auth: x"),
    ];
    for (head, expected) in table {
        assert_eq!(
            read(&format!("Jun  5 09:08:07 {head}")),
            format!("2026-06-05T09:08:07+02:00 {expected}"),
            "{head}"
        );
    }
}

#[test]
fn what_lines_before_had_is_not_read_anew() {
    let qmgr = "mail postfix/qmgr[7]: 4D1A22001F: removed";
    for (before, line) in [
        (
            "2026-06-05T14:09:36.750604+02:00",
            "2026-06-05T14:09:59.000001+02:00",
        ),
        ("2026-06-05T14:09:36.75-05:30", "2026-06-05T14:09:37-05:30"),
        ("Jun  5 09:08:07", "Jun  5 09:08:07"),
    ] {
        for rest in [
            qmgr,
            "192.0.2.1 dovecot: imap(bob)<1><x>: Disconnected",
            "mail.with-a-name-of-more-than-32-bytes.example postfix-of-a-customer/submission/smtpd[7]: x",
            "May1 postfix/submission/smtpd[7654321]: connect from a[192.0.2.1]",
            "m postfix/qmgr[7]: x",
        ] {
            let mut recent = Recent::default();
            let known = |text: &str, recent: &Recent| {
                begin_as_before(text.as_bytes(), &calendar(), recent).is_some()
            };
            let [before, line] = [before, line].map(|stamp| format!("{stamp} {rest}"));
            assert!(!known(&line, &recent));
            // The host is found first, and then the tag behind it.
            for _ in 0..2 {
                begin(before.as_bytes(), &calendar(), Some(&mut recent));
            }
            assert!(known(&line, &recent), "{line}");
        }
    }
}

#[test]
fn a_second_stamp_is_no_host_because_a_third_one_was() {
    let (stamp, rest) = (
        "2026-06-05T14:09:36+02:00",
        "postfix/qmgr[7]: 4D1A22001F: removed",
    );
    let mut recent = Recent::default();
    for stamps in [3, 3, 2, 3, 2] {
        let line = format!("{}{rest}", format!("{stamp} ").repeat(stamps));
        let begun = begin(line.as_bytes(), &calendar(), Some(&mut recent));
        let host = (stamps == 3).then_some(stamp.as_bytes());
        assert_eq!(
            (begun.host(), begun.record().program),
            (host, &b"postfix/qmgr"[..])
        );
    }
}

#[test]
fn folded_lines_have_their_number() {
    let folded = |line: &[u8]| {
        let record = parse(line, &calendar());
        (record.repeated, format!("{:?}", record.event))
    };
    let plain = folded(b"Jun  5 09:08:07 h postfix/smtpd[1]: connect from unknown[192.0.2.9]");
    assert_eq!(plain.0, 1);
    let twice = folded(
        b"Jun  5 09:08:07 h postfix/smtpd[1]: message repeated 2 times: [ connect from unknown[192.0.2.9]]",
    );
    assert_eq!(twice, (2, plain.1));
    let (times, event) = folded(b"Jun  5 09:08:07 h last message repeated 3 times");
    assert_eq!(times, 3);
    assert!(event.contains("\"repeated\""), "{event}");
    for never in [
        "message repeated 0 times: [ x]",
        "last message repeated 0 times",
    ] {
        let (times, event) = folded(format!("Jun  5 09:08:07 h p: {never}").as_bytes());
        assert_eq!(times, 1, "no logger writes this");
        assert!(event.contains("Unrecognized"), "{event}");
    }
    let (times, _) = folded(b"Jun  5 09:08:07 h p: message repeated many times: [ x]");
    assert_eq!(times, 1);
}

#[test]
fn dirt_at_both_ends_is_skipped() {
    let clean = read("Jun  5 09:08:07 h p[1]: x");
    assert_eq!(read("\0\0\0Jun  5 09:08:07 h p[1]: x"), clean);
    assert_eq!(read("Jun  5 09:08:07 h p[1]: x\r"), clean);
    assert_eq!(read("\0Jun  5 09:08:07 h p[1]: x\r\r\n"), clean);
    assert_eq!(read("\0\0\r"), "- - [-] Unparsed ");
}

#[test]
fn what_a_line_says_is_what_follows_the_tag() {
    for (line, said) in [
        (
            &b"2026-11-24T10:00:00+00:00 mail postfix/smtpd[7]: connect from unknown[192.0.2.1]"[..],
            &b"connect from unknown[192.0.2.1]"[..],
        ),
        (
            b"Feb 29 10:00:00 mail dovecot: master: Dovecot v2.3.19.1 starting up",
            b"master: Dovecot v2.3.19.1 starting up",
        ),
        (b"no envelope here\r", b"no envelope here"),
    ] {
        assert_eq!(crate::said(line), said, "{}", line.escape_ascii());
    }
}
