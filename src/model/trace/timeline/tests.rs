//! Timelines of short lives.

use super::*;
use crate::model::trace::{Mark, Question, trace};

const LOG: &str = "\
2026-11-24T10:31:07.112+01:00 mx1 postfix/submission/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7], sasl_method=PLAIN, sasl_username=news@shop.example
2026-11-24T10:31:07.140+01:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@shop.example>
2026-11-24T10:31:07.201+01:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=2 (queue active)
2026-11-24T10:31:08+01:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<ann@yahoo.com>, relay=mta5.example[203.0.113.4]:25, delay=0.9, delays=0.09/0.01/0.5/0.3, dsn=4.7.0, status=deferred (host mta5.example[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))
2026-11-24T10:31:08+01:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<bob@yahoo.com>, relay=mta5.example[203.0.113.4]:25, delay=0.9, delays=0.09/0.01/0.5/0.3, dsn=4.7.0, status=deferred (host mta5.example[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))
2026-11-24T10:36:08+01:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=2 (queue active)
2026-11-24T10:36:09+01:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<ann@yahoo.com>, relay=mta6.example[203.0.113.5]:25, delay=302, delays=301/0/0.6/0.4, dsn=4.7.0, status=deferred (host mta6.example[203.0.113.5] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))
";

fn lines(text: &str) -> Vec<LogLine> {
    let anchor = DateTime::parse_from_rfc3339("2026-11-24T12:00:00+01:00").unwrap();
    let line = |line: &str| LogLine {
        text: line.as_bytes().into(),
        anchor,
    };
    text.lines().map(line).collect()
}

fn message(lines: &[LogLine]) -> Message {
    let question = Question::new("4AAAAAAAA1").unwrap();
    let traced = trace(&question, lines);
    assert_eq!(traced.messages.len(), 1);
    traced.messages.into_iter().next().unwrap()
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.set("minimal_backoff_time", "300s");
    settings.set("maximal_backoff_time", "4000s");
    settings.set("maximal_queue_lifetime", "5d");
    settings.set("bounce_queue_lifetime", "5d");
    settings
}

#[test]
fn waits_stand_between_the_attempts_and_say_where() {
    let lines = lines(LOG);
    let told = timeline(&message(&lines), &lines);
    let words: Vec<String> = told
        .steps
        .iter()
        .map(|step| match step {
            Step::Said(said) => {
                let again = if said.again { " again" } else { "" };
                format!("{}{again}", String::from_utf8_lossy(&said.row.who))
            }
            Step::Waited { passed, queue } => format!("{} {queue:?}", passed.num_seconds()),
        })
        .collect();
    assert_eq!(
        words,
        [
            "smtpd",
            "cleanup",
            "qmgr",
            "smtp",
            "smtp",
            "300 Some(\"deferred\")",
            "qmgr again",
            "smtp"
        ]
    );
    let Step::Said(first) = &told.steps[3] else {
        panic!("{told:?}")
    };
    assert_eq!(first.row.mark, Mark::Wait);
}

#[test]
fn the_time_of_one_transaction_counts_once_and_the_rest_is_the_queues() {
    let lines = lines(LOG);
    let spent = timeline(&message(&lines), &lines).spent.unwrap();
    let near = |value: f64, wanted: f64| assert!((value - wanted).abs() < 1e-6, "{spent:?}");
    near(spent.reception, 0.09);
    near(spent.connecting, 1.1);
    near(spent.sending, 0.7);
    near(spent.total(), 302.0);
    near(spent.queue, 302.0 - 0.09 - 1.1 - 0.7);
}

#[test]
fn two_logs_of_one_message_are_put_in_the_order_of_time() {
    let dovecot = "2026-11-24T10:31:07.150+01:00 mx1 dovecot: lmtp(ann@yahoo.com)<5478><FdCk>: msgid=<1@shop.example>: saved mail to INBOX\n";
    let lines = lines(&format!("{LOG}{dovecot}"));
    let told = timeline(&message(&lines), &lines);
    let Step::Said(third) = &told.steps[2] else {
        panic!("{told:?}")
    };
    assert_eq!(third.line, 7);
}

#[test]
fn the_next_attempt_is_read_from_the_spool_or_estimated_as_postfix_reckons() {
    let lines = lines(LOG);
    let message = message(&lines);
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let settings = settings();
    let ahead = |due| super::ahead(&message, due, Some(&settings));
    // It is 301.888 s old at its last attempt: that long it waits again.
    let attempt = ahead(None).attempt.unwrap();
    assert_eq!(
        (attempt.due, attempt.estimated),
        (at("2026-11-24T10:41:10.888+01:00"), true)
    );
    let due = at("2026-11-24T10:44:00+01:00");
    let read = Attempt {
        due,
        estimated: false,
    };
    assert_eq!(ahead(Some(due)).attempt, Some(read));
    assert_eq!(
        ahead(None).expiry,
        Some(at("2026-11-29T10:31:07.112+01:00"))
    );
    // Without settings nothing is made up.
    assert_eq!(super::ahead(&message, None, None), Ahead::default());
    let limits = |arrival: &str, attempt: &str| estimate(at(arrival), at(attempt), &settings);
    let (old, new) = ("2026-11-24T00:00:00Z", "2026-11-24T09:59:59Z");
    let attempt = "2026-11-24T10:00:00Z";
    assert_eq!(limits(new, attempt), Some(at("2026-11-24T10:05:00Z")));
    assert_eq!(limits(old, attempt), Some(at("2026-11-24T11:06:40Z")));
}

#[test]
fn what_has_left_the_queue_has_nothing_ahead() {
    let removed =
        format!("{LOG}2026-11-24T10:36:10+01:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed\n");
    let lines = lines(&removed);
    let due = Some(DateTime::default());
    assert_eq!(
        ahead(&message(&lines), due, Some(&settings())),
        Ahead::default()
    );
}
