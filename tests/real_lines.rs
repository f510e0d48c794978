//! Every line that a real Postfix and Dovecot write has a reading.
//!
//! In: the lab under varied traffic: a shop's mail and one message to each provider, good and bad logins by IMAP and SMTP,
//! scanners, every verb of postsuper, a reload and a rotation. Checked: no line of its logs is unparsed, none of Postfix or
//! Dovecot is taken for another program's, and none is `other` unless it is named below with the reason.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use chrono::Local;
use harness::{Lab, Options};
use mailtop_parsers::{Calendar, Event, QueueEntry, QueueName, Unrecognized, parse};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// What may be `other`: a part of the text, and why it has no event.
const OTHER: [(&str, &str); 0] = [];

/// The programs that share the lab's log with Postfix and Dovecot.
const FOREIGN: [&str; 2] = ["rsyslogd", "liblogging-stdlog"];

/// What the traffic must have made, so that the test looks at more than silence.
const EVENTS: [&str; 22] = [
    "Connect",
    "Disconnect",
    "Client",
    "Cleanup",
    "Queued",
    "Delivery",
    "Removed",
    "Hold",
    "Released",
    "Requeued",
    "ForceExpire",
    "Verdict",
    "SaslFailed",
    "Login",
    "LoginFailed",
    "LoginAborted",
    "Logout",
    "Saved",
    "Tls",
    "Notice",
    "BounceNotification",
    "Pickup",
];

#[test]
#[ignore = "waits for a mail server's own times: make test runs it beside the others"]
fn every_line_of_a_real_log_is_read() {
    let options = Options {
        minimal_backoff: Duration::from_mins(5),
        queue_run: Duration::from_mins(5),
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    lab.mood("yahoo", "incident");
    lab.traffic(&["19", "--mix", "each"]);
    lab.traffic(&["150", "--mix", "shop"]);
    conversations(&lab);
    lab.wait_until(
        |lab| deferred(lab).len() >= 5,
        LIMIT,
        "five deferred messages",
    );
    let ids = deferred(&lab);
    for (id, verbs) in ids
        .iter()
        .zip([&["-h", "-H"][..], &["-r"], &["-e"], &["-d"]])
    {
        for verb in verbs {
            lab.postfix("postsuper", &[verb, "-"], format!("{id}\n").as_bytes());
        }
    }
    lab.rotate_log();
    let reload = lab.inside(None, "postfix").arg("reload").output();
    assert!(reload.expect("postfix runs").status.success());
    wait_for(&lab, "reload -- version");
    lab.mail("orders@shop.example", "anna@icloud.com");
    wait_for(&lab, ".mail.icloud.com[");

    let old = fs::read(lab.log().with_extension("log.1")).expect("the old log is kept");
    check(&[old, lab.log_text().into_bytes()].concat());
}

fn wait_for(lab: &Lab, text: &str) {
    lab.wait_until(|lab| lab.log_text().contains(text), LIMIT, text);
}

/// The ids of the deferred messages.
fn deferred(lab: &Lab) -> Vec<String> {
    let listed = lab.postqueue();
    let waits = |entry: &QueueEntry| entry.queue_name == QueueName::Deferred;
    listed
        .into_iter()
        .filter(waits)
        .map(|entry| entry.queue_id)
        .collect()
}

/// Clients that log in, fail to, give up, and speak another language.
fn conversations(lab: &Lab) {
    let imap = [
        "a LOGIN bob@shop.example secret\r\nb LOGOUT\r\n",
        "a LOGIN bob@shop.example wrong\r\nb LOGOUT\r\n",
        "a LOGOUT\r\n",
        "GET / HTTP/1.1\r\nb LOGOUT\r\n",
    ];
    let smtp = [
        "EHLO x\r\nAUTH LOGIN\r\n*\r\nQUIT\r\n",
        "EHLO x\r\nAUTH PLAIN AGJvYgB3cm9uZw==\r\nQUIT\r\n",
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\n",
        "GET / HTTP/1.1\r\n",
        "EHLO x\r\nSTARTTLS\r\nQUIT\r\n",
    ];
    for words in imap {
        talk(lab.imap(), words);
    }
    for words in smtp {
        talk(lab.submission(), words);
    }
}

/// Says these lines one by one, each after the server's reply, and leaves.
fn talk(server: SocketAddr, words: &str) {
    let stream = TcpStream::connect(server).expect("the server listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a socket");
    let mut stream = BufReader::new(stream);
    let mut words = words.split_inclusive('\n');
    loop {
        let mut line = String::new();
        // A server may leave after words that it does not like.
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.as_bytes().get(3) == Some(&b'-') || line.starts_with("* CAPABILITY") {
            continue;
        }
        let Some(word) = words.next() else { return };
        if stream.get_mut().write_all(word.as_bytes()).is_err() {
            return;
        }
    }
}

fn check(log: &[u8]) {
    let calendar = Calendar {
        anchor: Local::now().fixed_offset(),
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut complaints = Vec::new();
    for line in log
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let record = parse(line, &calendar);
        let shown = String::from_utf8_lossy(line);
        let Event::Unrecognized { kind, .. } = record.event else {
            let name = format!("{:?}", record.event);
            let end = name.find([' ', '(']).unwrap_or(name.len());
            *seen.entry(name[..end].to_owned()).or_default() += 1;
            continue;
        };
        *seen.entry(format!("{kind:?}")).or_default() += 1;
        let justified = match kind {
            Unrecognized::Warning => true,
            Unrecognized::Other => OTHER.iter().any(|(text, _)| shown.contains(text)),
            Unrecognized::Foreign => FOREIGN.iter().any(|name| name.as_bytes() == record.program),
            Unrecognized::Unparsed => false,
        };
        if !justified {
            complaints.push(format!("{kind:?}: {shown}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    for event in EVENTS {
        assert!(
            seen.contains_key(event),
            "the traffic made no {event}: {seen:?}"
        );
    }
    println!("{seen:?}");
}
