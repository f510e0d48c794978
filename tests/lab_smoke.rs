//! The lab itself works: real mail goes to every provider and to local users, and log and queue say so.
//!
//! In: one message to each recipient domain of the mix `each`. Checked: a relay by its real name for each provider, Yahoo's
//! TSS04 in the queue, Dovecot's deliveries and logins in the log, `postsuper -h`. What mailtop makes of it is not tested here.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use harness::{Lab, Options};
use mailtop_parsers::QueueName;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

/// (recipient domain, relay that must have taken it)
const TAKEN_BY: [(&str, &str); 10] = [
    ("gmail.com", "gmail-smtp-in.l.google.com["),
    ("googlehosted.example", "aspmx.l.google.com["),
    ("outlook.com", "outlook-com.olc.protection.outlook.com["),
    ("hotmail.com", "hotmail-com.olc.protection.outlook.com["),
    (
        "contoso.example",
        "contoso-example.mail.protection.outlook.com[",
    ),
    ("aol.com", "mx-aol.mail.gm0.yahoodns.net["),
    ("icloud.com", ".mail.icloud.com["),
    ("slow.example", "mx.slow.example["),
    ("tls.example", "mx.tls.example["),
    ("shop.example", "mail.shop.example[private/dovecot-lmtp]"),
];

/// (recipient domain, what the log says of it)
const NOT_TAKEN: [(&str, &str, &str); 7] = [
    (
        "refused.example",
        "deferred",
        "refused to talk to me: 554 Blocked",
    ),
    ("full.example", "deferred", "said: 452 4.2.2"),
    ("greylist.example", "deferred", "said: 450 4.2.0"),
    ("dead.example", "deferred", "Connection timed out"),
    (
        "hang.example",
        "deferred",
        "timed out while receiving the initial server greeting",
    ),
    ("nxdomain.example", "bounced", "Host not found"),
    (
        "shop.example",
        "bounced",
        "User doesn't exist: ghost@shop.example",
    ),
];

#[test]
#[ignore = "waits for a mail server's own times: make test runs it beside the others"]
fn every_provider_answers_as_in_real_life() {
    let options = Options {
        minimal_backoff: Duration::from_secs(5),
        queue_run: Duration::from_secs(3),
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    let report = lab.traffic(&["19", "--mix", "each"]);
    assert!(
        report.starts_with("18 accepted, 1 refused, 0 failed"),
        "{report}"
    );

    yahoo_defers(&lab);
    dovecot_logs_logins(&lab);
    a_held_message_is_listed_as_held(&lab);

    // Last, because the slow provider and the hanging one take some ten seconds.
    for (domain, relay) in TAKEN_BY {
        wait_for_delivery(&lab, domain, relay, "sent", "250 ");
    }
    for (domain, status, text) in NOT_TAKEN {
        wait_for_delivery(&lab, domain, "", status, text);
    }
    wait_for_delivery(
        &lab,
        "greylist.example",
        "mx.greylist.example[",
        "sent",
        "250 2.0.0 Ok: queued as",
    );
    let log = lab.log_text();
    assert!(log.contains("saved mail to INBOX"), "Dovecot saved nothing");
    assert!(
        log.contains("TLS connection established to mx.tls.example["),
        "no TLS"
    );
    assert!(
        log.contains("<nosuchuser@shop.example>: Recipient address rejected: User unknown"),
        "no reject"
    );
    the_log_goes_on_after_a_rotation(&lab);
}

fn the_log_goes_on_after_a_rotation(lab: &Lab) {
    lab.rotate_log();
    let old =
        std::fs::read_to_string(lab.log().with_extension("log.1")).expect("the old log is kept");
    assert!(
        old.contains("daemon started -- version"),
        "it began with the start of Postfix"
    );
    lab.mail("orders@shop.example", "anna@icloud.com");
    wait_for_delivery(lab, "icloud.com", ".mail.icloud.com[", "sent", "250 ");
}

/// Mail that Yahoo takes at first and defers once its mood has changed.
fn yahoo_defers(lab: &Lab) {
    wait_for_delivery(
        lab,
        "yahoo.com",
        ".am0.yahoodns.net[",
        "sent",
        "250 ok dirdel",
    );
    lab.mood("yahoo", "incident");
    lab.mail("orders@shop.example", "maria@yahoo.com");
    let deferred = |lab: &Lab| {
        lab.postqueue().iter().any(|entry| {
            entry.queue_name == QueueName::Deferred
                && entry.sender == "orders@shop.example"
                && entry.recipients.iter().any(|to| {
                    to.address == "maria@yahoo.com"
                        && to
                            .delay_reason
                            .as_ref()
                            .is_some_and(|reason| reason.contains("421 4.7.0 [TSS04]"))
                })
        })
    };
    lab.wait_until(deferred, LIMIT, "Yahoo's deferral in the queue");
}

fn a_held_message_is_listed_as_held(lab: &Lab) {
    let id = lab
        .postqueue()
        .into_iter()
        .find(|entry| {
            entry
                .recipients
                .iter()
                .any(|to| to.address == "maria@yahoo.com")
        })
        .expect("it was deferred")
        .queue_id;
    let said = lab.postfix("postsuper", &["-h", "-"], format!("{id}\n").as_bytes());
    assert!(said.contains("Placed on hold: 1 message"), "{said}");
    let held = lab
        .postqueue()
        .into_iter()
        .find(|entry| entry.queue_id == id);
    assert_eq!(held.expect("it is still there").queue_name, QueueName::Hold);
    let line = format!("{id}: placed on hold");
    lab.wait_until(
        |lab| lab.log_text().contains(&line),
        LIMIT,
        "the hold in the log",
    );
}

fn dovecot_logs_logins(lab: &Lab) {
    assert!(login(lab, "secret").starts_with("a OK"));
    assert!(login(lab, "wrong").starts_with("a NO"));
    let logged = |lab: &Lab| {
        let log = lab.log_text();
        log.contains("dovecot: imap-login: Login: user=<bob@shop.example>, method=PLAIN")
            && log.contains("(auth failed, 1 attempts in")
    };
    lab.wait_until(logged, LIMIT, "a login and a failed login in the log");
}

/// Speaks IMAP up to the reply to LOGIN, and logs out.
fn login(lab: &Lab, password: &str) -> String {
    let mut stream = BufReader::new(TcpStream::connect(lab.imap()).expect("Dovecot listens"));
    stream
        .get_ref()
        .set_read_timeout(Some(LIMIT))
        .expect("a socket");
    let mut line = String::new();
    stream.read_line(&mut line).expect("a greeting");
    write!(stream.get_mut(), "a LOGIN bob@shop.example {password}\r\n").expect("it is open");
    while !line.starts_with("a ") {
        line.clear();
        assert!(
            stream.read_line(&mut line).expect("a reply") > 0,
            "Dovecot closed the connection"
        );
    }
    write!(stream.get_mut(), "b LOGOUT\r\n").expect("it is open");
    line
}

fn wait_for_delivery(lab: &Lab, domain: &str, relay: &str, status: &str, text: &str) {
    let logged = |lab: &Lab| {
        lab.log_text().lines().any(|line| {
            line.contains(&format!("@{domain}>, relay="))
                && line.contains(relay)
                && line.contains(&format!("status={status} ("))
                && line.contains(text)
        })
    };
    lab.wait_until(
        logged,
        LIMIT,
        &format!("mail for {domain} with status={status} and {text}"),
    );
}
