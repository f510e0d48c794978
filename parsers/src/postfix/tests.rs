//! Which daemon of which instance of Postfix a tag names.

use super::*;

#[test]
fn tags_of_postfix_and_of_others() {
    let tags = [
        "postfix/smtpd",
        "postfix/submission/smtpd",
        "postfix-out/smtp",
        "postfix-10.20.30.40/smtp",
        "postfix",
        "/postfix-script",
        "mailout/qmgr",
        "postfix2/smtpd",
        "postfix_in/cleanup",
        "postfix/some-renamed-service",
    ];
    for tag in tags {
        assert!(is_program(tag.as_bytes()), "{tag}");
    }
    for tag in [
        "opendkim",
        "smtpd",
        "dovecot",
        "docker/web",
        "postfixadmin",
        "",
        "/",
        "smtpd/",
    ] {
        assert!(!is_program(tag.as_bytes()), "{tag}");
    }
}

#[test]
fn programs_are_in_order_and_once() {
    assert!(PROGRAMS.is_sorted_by(|a, b| a < b));
}
