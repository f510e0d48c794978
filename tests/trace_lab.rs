//! `mailtop trace` on a real log: one message's life through a deferral, a retry, a requeue, LMTP and a bounce.
//!
//! In: a lab, a message to a full mailbox provider and to users of Dovecot, and what an administrator does to it. Checked: the program
//! itself, asked by queue id, address and Message-ID, in a log that was rotated and compressed meanwhile, tells all of it.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use harness::{Lab, Options};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

/// The log and its rotated file.
fn logs(lab: &Lab) -> Vec<PathBuf> {
    let rotated = ["log.1", "log.1.gz", "log.2.gz"].map(|end| lab.log().with_extension(end));
    let rotated = rotated.into_iter().filter(|path| path.exists());
    rotated.chain([lab.log()]).collect()
}

fn mailtop(lab: &Lab, what: &str, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
    command.arg("trace").args(options).arg(what).args(logs(lab));
    command.output().expect("mailtop runs")
}

fn traced(lab: &Lab, what: &str) -> Vec<Value> {
    let output = mailtop(lab, what, &["--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*said), (Some(0), ""), "{what}");
    let text = String::from_utf8(output.stdout).expect("it is text");
    let object = |line: &str| serde_json::from_str(line).expect("a line is an object");
    text.lines().map(object).collect()
}

/// `id status [event, …]` of each message.
fn lives(messages: &[Value]) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let life = |message: &Value| {
        let events = message["events"].as_array().expect("it has events");
        let mut names: Vec<String> = events.iter().map(|event| word(&event["event"])).collect();
        // Which of the daemons was first to write is chance.
        names.sort();
        format!(
            "{} {} {}",
            word(&message["queue_id"]),
            word(&message["status"]),
            names.join(" ")
        )
    };
    messages.iter().map(life).collect()
}

fn message<'a>(messages: &'a [Value], id: &str) -> &'a Value {
    let found = messages.iter().find(|one| one["queue_id"] == id);
    found.expect("the message is part of the answer")
}

fn count(message: &Value, event: &str) -> usize {
    let events = message["events"].as_array().expect("it has events");
    events.iter().filter(|one| one["event"] == event).count()
}

fn related(message: &Value) -> Vec<(String, String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let ties = message["related"].as_array().expect("it has ties");
    let tie = |tie: &Value| {
        (
            word(&tie["kind"]),
            word(&tie["direction"]),
            word(&tie["queue_id"]),
        )
    };
    ties.iter().map(tie).collect()
}

/// The queue id of the line with this text.
fn id_of(log: &str, text: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains(text))?;
    let (_, rest) = line.split_once("]: ")?;
    Some(rest.split(':').next()?.to_owned())
}

#[test]
#[ignore = "takes a minute: make test runs it beside the others"]
fn a_real_life_is_told_whole() {
    let options = Options {
        minimal_backoff: Duration::from_secs(3),
        queue_run: Duration::from_secs(2),
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    // Other traffic, so that there is something to be told apart.
    lab.traffic(&["19", "--mix", "each"]);

    deferred_and_saved_to_a_mailbox(&lab);
    requeued_and_delivered_after_a_deferral(&lab);
    bounced_with_a_notification(&lab);

    // Nothing is found with 1, and a log that cannot be read ends with 2.
    let saved = id_of(&lab.log_text(), "to=<bob@shop.example>").expect("bob has mail");
    let none = mailtop(&lab, "4FFFFFFFFFFF", &[]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("nothing mentions"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtop"));
    command
        .args(["trace", &saved, "/nowhere/mail.log"])
        .args(logs(&lab));
    let unread = command.output().expect("mailtop runs");
    assert!(String::from_utf8_lossy(&unread.stdout).contains(&saved));
    assert!(String::from_utf8_lossy(&unread.stderr).contains("/nowhere/mail.log"));
    assert_eq!(unread.status.code(), Some(2));
}

/// Dovecot's LMTP socket is away at first: the message is deferred, tried again and saved.
fn deferred_and_saved_to_a_mailbox(lab: &Lab) {
    let socket = lab.queue_dir().join("private/dovecot-lmtp");
    let away = socket.with_extension("away");
    fs::rename(&socket, &away).expect("Dovecot listens there");
    lab.mail("orders@shop.example", "alice@shop.example");
    let logged = |lab: &Lab, status: &str| {
        let status = format!("status={status} (");
        let log = lab.log_text();
        let mut lines = log.lines();
        lines.any(|line| line.contains("to=<alice@shop.example>") && line.contains(&status))
    };
    lab.wait_until(|lab| logged(lab, "deferred"), LIMIT, "alice's deferral");
    fs::rename(&away, &socket).expect("it is still there");
    lab.wait_until(|lab| logged(lab, "sent"), LIMIT, "alice's mail");
    let id = id_of(&lab.log_text(), "to=<alice@shop.example>").expect("it was tried");
    let removed = format!("{id}: removed");
    lab.wait_until(|lab| lab.log_text().contains(&removed), LIMIT, "its end");

    let whole = traced(lab, &id);
    assert_eq!(whole.len(), 1, "{whole:?}");
    let alice = &whole[0];
    assert_eq!(alice["status"], "sent", "{alice}");
    assert_eq!(alice["sasl_username"], "orders@shop.example");
    assert_eq!(alice["recipients"][0]["to"], "alice@shop.example");
    assert!(
        count(alice, "delivery") >= 2 && count(alice, "queued") >= 2,
        "{alice}"
    );
    assert_eq!(count(alice, "lmtp_save"), 1, "{alice}");
    let message_id = alice["message_id"].as_str().expect("it has one");
    for question in [message_id, &format!("<{message_id}>")] {
        assert_eq!(lives(&traced(lab, question)), lives(&whole));
    }
    let by_address = traced(lab, "alice@shop.example");
    assert_eq!(lives(&by_address[by_address.len() - 1..]), lives(&whole));
}

/// Yahoo defers, the log is rotated, the message is requeued under another id, and goes out when Yahoo is well again.
fn requeued_and_delivered_after_a_deferral(lab: &Lab) {
    lab.mood("yahoo", "incident");
    lab.mail("bob@shop.example", "zoe.trace@yahoo.com");
    let tries = |lab: &Lab| lab.log_text().matches("to=<zoe.trace@yahoo.com>").count();
    lab.wait_until(|lab| tries(lab) >= 2, LIMIT, "a second attempt for zoe");
    let old = id_of(&lab.log_text(), "to=<zoe.trace@yahoo.com>").expect("it was tried");
    lab.rotate_log();
    lab.postfix("postsuper", &["-r", "-"], format!("{old}\n").as_bytes());
    let again = format!("orig_id={old}");
    lab.wait_until(
        |lab| lab.log_text().contains(&again),
        LIMIT,
        "the requeued message",
    );
    let new = id_of(&lab.log_text(), &again).expect("it has an id");
    lab.mood("yahoo", "healthy");
    let removed = format!("{new}: removed");
    lab.wait_until(
        |lab| lab.log_text().contains(&removed),
        LIMIT,
        "its delivery",
    );

    let whole = traced(lab, &old);
    let ids: Vec<&Value> = whole.iter().map(|one| &one["queue_id"]).collect();
    assert_eq!(ids, [old.as_str(), new.as_str()]);
    let (first, second) = (&whole[0], &whole[1]);
    assert_eq!(
        (&first["status"], &second["status"]),
        (&"requeued".into(), &"sent".into())
    );
    assert!(count(first, "delivery") >= 2, "{first}");
    assert!(count(first, "queued") >= 2, "{first}");
    assert_eq!(first["recipients"][0]["status"], "deferred");
    assert_eq!(second["recipients"][0]["to"], "zoe.trace@yahoo.com");
    let tie = |direction: &str, id: &str| {
        vec![("requeued".to_owned(), direction.to_owned(), id.to_owned())]
    };
    assert_eq!(related(first), tie("to", &new));
    assert_eq!(related(second), tie("from", &old));
    for name in ["message_id", "from", "size", "born", "host", "instance"] {
        assert!(!first[name].is_null(), "{name}: {first}");
    }
    let message_id = first["message_id"].as_str().expect("it has one");
    for question in [
        &new,
        message_id,
        "zoe.trace@yahoo.com",
        "ZOE.trace@Yahoo.com",
    ] {
        assert_eq!(lives(&traced(lab, question)), lives(&whole), "{question}");
    }
    let text = mailtop(lab, &old, &[]);
    let text = String::from_utf8(text.stdout).expect("it is text");
    for part in [
        &*old,
        &*new,
        "requeued, it became",
        "waited ",
        "deferred 4.7.0",
        "removed",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// A user that Dovecot does not know: the sender gets a notification, which Dovecot saves.
fn bounced_with_a_notification(lab: &Lab) {
    lab.mail("bob@shop.example", "ghost@shop.example");
    let notified = |lab: &Lab| {
        let log = lab.log_text();
        let parent = log
            .lines()
            .rfind(|line| line.contains("to=<ghost@shop.example>"))?;
        let parent = id_of(parent, "to=<ghost@shop.example>")?;
        let told = format!("{parent}: sender non-delivery notification: ");
        let (_, id) = log.split_once(&told)?;
        let id = id.lines().next()?.to_owned();
        log.contains(&format!("{id}: removed"))
            .then_some((parent, id))
    };
    lab.wait_until(
        |lab| notified(lab).is_some(),
        LIMIT,
        "the notification's delivery",
    );
    let (parent, id) = notified(lab).expect("it was waited for");
    let whole = traced(lab, &id);
    assert_eq!(message(&whole, &parent)["status"], "bounced");
    let notification = message(&whole, &id);
    assert_eq!(
        (&notification["status"], &notification["from"]),
        (&"sent".into(), &"".into())
    );
    assert_eq!(count(notification, "lmtp_save"), 1, "{notification}");
    assert_eq!(
        related(message(&whole, &parent)),
        [("notification".to_owned(), "to".to_owned(), id.clone())]
    );
    assert_eq!(lives(&traced(lab, &parent)), lives(&whole));
}
