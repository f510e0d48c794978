//! Reply texts as Postfix logs them, and hostile ones.

use super::*;
use proptest::prelude::*;

fn reason(text: &str) -> Reason {
    Reason::new(Arc::from(text))
}

#[test]
fn a_reply_is_taken_apart() {
    let yahoo = reason(
        "host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily \
         deferred (in reply to MAIL FROM command)",
    );
    assert_eq!(
        yahoo.line().as_str(),
        "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred"
    );
    assert!(!yahoo.suspended);
}

#[test]
fn a_suspended_destination_keeps_its_cause() {
    let dead = reason(
        "delivery temporarily suspended: connect to dead.example[192.0.2.1]:25: Connection timed out",
    );
    assert!(dead.suspended);
    assert_eq!(
        dead.dsn.map(|dsn| dsn.to_string()).as_deref(),
        Some("4.4.1")
    );
    assert_eq!(host(dead.verbatim.as_bytes()), Some(&b"dead.example"[..]));
}

#[test]
fn equal_causes_fold_to_one() {
    let one = reason(
        "host a[192.0.2.1] said: 452 4.2.2 <ann@full.example> over quota id 8f3a2b71c09d-17 (in reply to RCPT TO command)",
    );
    let two = reason(
        "host b[192.0.2.2] said: 452 4.2.2 <bob@full.example> over quota id 1c3f2b71c09d-99 (in reply to RCPT TO command)",
    );
    assert_eq!(one.fold, two.fold);
    assert_ne!(
        one.fold,
        reason("host a[192.0.2.1] said: 452 4.2.2 mailbox locked").fold
    );
}

#[test]
fn a_multi_line_reply_keeps_its_words() {
    let google = reason(
        "host aspmx.l.google.com[192.0.2.9] said: 421-4.7.28 Gmail has detected 421 4.7.28 an unusual rate - gsmtp \
         (in reply to end of DATA command)",
    );
    assert_eq!(
        google.line().as_str(),
        "421 4.7.28 Gmail has detected an unusual rate - gsmtp"
    );
}

#[test]
fn hostile_words_are_made_visible() {
    assert!(
        !reason("host x[1] said: 450 \u{202e}\u{1b}[2J")
            .words
            .as_str()
            .contains('\u{1b}')
    );
}

/// What a text is taken apart to: stage, line, fold.
#[track_caller]
fn apart(text: &str, stage: &str, line: &str, fold: &str) {
    let found = reason(text);
    assert_eq!(found.stage.map_or("", Stage::as_str), stage, "{text}");
    assert_eq!(found.line().as_str(), line, "{text}");
    assert_eq!(&*found.fold, fold, "{text}");
}

#[test]
fn every_frame_of_postfix_is_taken_off() {
    apart(
        "host mx.x.example[192.0.2.1] said: 550 5.1.1 <ann@x.example>: no such user (in reply to RCPT TO command)",
        "RCPT TO",
        "550 5.1.1 <ann@x.example>: no such user",
        "550 5.1.1 <addr>: no such user",
    );
    apart(
        "host mx.x.example[192.0.2.1] refused to talk to me: 554 5.7.1 Blocked, see https://x.example/?ip=192.0.2.9)",
        "greeting",
        "554 5.7.1 Blocked, see https://x.example/?ip=192.0.2.9)",
        "554 5.7.1 Blocked, see https://x.example/<url>)",
    );
    apart(
        "host mx.x.example[192.0.2.1] refused to talk to me: 554 No (in reply to EHLO command)",
        "EHLO",
        "554 No",
        "554 No",
    );
    apart(
        "SASL authentication failed; server smtp.x.example[192.0.2.1] said: 535 5.7.8 Error: authentication failed: 4f8b1c2d9e",
        "AUTH",
        "535 5.7.8 Error: authentication failed: 4f8b1c2d9e",
        "535 5.7.8 Error: authentication failed: <id>",
    );
    apart(
        "Protocol error: host mx.x.example[192.0.2.1] said: 354 go ahead (in reply to RCPT TO command)",
        "RCPT TO",
        "354 go ahead",
        "354 go ahead",
    );
    apart(
        "TLS is required, but host mx.x.example[192.0.2.1] refused to start TLS: 454 4.3.0 try later",
        "STARTTLS",
        "454 4.3.0 try later",
        "454 4.3.0 try later",
    );
    apart(
        "TLS is required, but was not offered by host mx.x.example[192.0.2.1]",
        "TLS",
        "4.7.5 TLS is required, but was not offered by host mx.x.example[192.0.2.1]",
        "4.7.5 TLS is required, but was not offered by host <host>[<ip>]",
    );
    apart(
        "delivery temporarily suspended: delivery temporarily suspended: connect to mx.x.example[2001:db8::1]:25: No route to host",
        "connect",
        "4.4.1 connect to mx.x.example[2001:db8::1]:25: No route to host",
        "4.4.1 connect to <host>[<ip>]:<n>: No route to host",
    );
    apart(
        "conversation with mx.x.example[192.0.2.1] timed out while sending end of data -- message may be sent more than once",
        "end of DATA",
        "4.4.2 conversation with mx.x.example[192.0.2.1] timed out while sending end of data -- message may be sent more than once",
        "4.4.2 conversation with <host>[<ip>] timed out while sending end of data -- message may be sent more than once",
    );
    apart(
        "lost connection with mx.x.example[192.0.2.1] while receiving the initial server greeting",
        "greeting",
        "4.4.2 lost connection with mx.x.example[192.0.2.1] while receiving the initial server greeting",
        "4.4.2 lost connection with <host>[<ip>] while receiving the initial server greeting",
    );
    apart(
        "Host or domain name not found. Name service error for name=x.example type=MX: Host not found",
        "DNS lookup",
        "5.4.4 Host or domain name not found. Name service error for name=x.example type=MX: Host not found",
        "5.4.4 Host or domain name not found. Name service error for name=<host> type=MX: Host not found",
    );
    apart(
        "host mx.x.example[private/dovecot-lmtp] said: 452 4.2.2 <\"ann b\"@x.example> Quota exceeded (mailbox for user is full) (in reply to end of DATA command)",
        "end of DATA",
        "452 4.2.2 <\"ann b\"@x.example> Quota exceeded (mailbox for user is full)",
        "452 4.2.2 <addr> Quota exceeded (mailbox for user is full)",
    );
    apart(
        "unknown user: \"ann.b\"",
        "",
        "5.1.1 unknown user: \"ann.b\"",
        "5.1.1 unknown user: \"<addr>\"",
    );
    apart(
        "cannot update mailbox /var/mail/ann for user ann. unable to create lock file /var/mail/ann.lock: Permission denied",
        "",
        "cannot update mailbox /var/mail/ann for user ann. unable to create lock file /var/mail/ann.lock: Permission denied",
        "cannot update mailbox <path> for user <addr>. unable to create lock file <path>: Permission denied",
    );
    apart(
        "message size 52428800 exceeds size limit 10240000 of server mx.x.example[192.0.2.1]",
        "",
        "5.3.4 message size 52428800 exceeds size limit 10240000 of server mx.x.example[192.0.2.1]",
        "5.3.4 message size <n> exceeds size limit <n> of server <host>[<ip>]",
    );
}

#[test]
fn the_codes_of_each_line_go_and_the_words_stay() {
    for (reply, line) in [
        (
            "550-5.7.26 This mail has been blocked 550-5.7.26 because the sender is unauthenticated. 550-5.7.26  550 5.7.26 https://x.example - gsmtp",
            "550 5.7.26 This mail has been blocked because the sender is unauthenticated. https://x.example - gsmtp",
        ),
        (
            "550-no codes 550-in here 550 at all",
            "550 no codes in here at all",
        ),
        (
            "550-5.1.1 one 550-5.7.1 two 550 5.7.1 three",
            "550 5.1.1 one two three",
        ),
        (
            "550 5.7.1 see 550 and 550-page",
            "550 5.7.1 see 550 and 550-page",
        ),
        ("550-one 550 two of 550 users", "550 one two of 550 users"),
        ("421-4.7.0 421-4.7.0 421 4.7.0", "421 4.7.0 "),
        ("450", "450 "),
        ("450-", "450 "),
        ("4500 x", "4500 x"),
        ("5.1.1: no", "5.1.1 no"),
        ("", ""),
    ] {
        let text = format!("host x.example[192.0.2.1] said: {reply} (in reply to DATA command)");
        assert_eq!(reason(&text).line().as_str(), line, "{reply}");
    }
}

#[test]
fn a_server_that_writes_frames_changes_nothing() {
    let forged = reason(
        "host mx.x.example[192.0.2.1] said: 450 4.7.1 host aspmx.l.google.com[192.0.2.9] said: 250 2.0.0 x (in reply to \
         MAIL FROM command) (in reply to end of DATA command)",
    );
    assert_eq!(forged.command(), Some("end of DATA"));
    assert_eq!(
        forged.line().as_str(),
        "450 4.7.1 host aspmx.l.google.com[192.0.2.9] said: 250 2.0.0 x (in reply to MAIL FROM command)"
    );
    assert_eq!(host(forged.verbatim.as_bytes()), Some(&b"mx.x.example"[..]));
    assert_eq!(
        host(b"host mx.x.example[1] said: 450 \xff\xfe"),
        Some(&b"mx.x.example"[..])
    );
}

fn folded(words: &str) -> String {
    let mut out = String::new();
    fold::fold_into(&mut out, words);
    out
}

#[test]
fn what_differs_is_a_placeholder_and_what_tells_apart_stays() {
    for (words, template) in [
        (
            "to=<ann@x.example>, rcpt=ann@x.example;",
            "to=<addr>, rcpt=<addr>;",
        ),
        ("ann@x.example,bob@y.example: no", "<addr>,<addr>: no"),
        ("SRS0=a1b2=tt=x.example=ann@y.example", "<addr>"),
        ("<@x.example:ann@y.example>", "<<addr>:<addr>>"),
        ("@ a@ @b", "@ <addr> <addr>"),
        ("Ümläut@ü.example ünd 12", "<addr> ünd <n>"),
        (
            "[192.0.2.1]:25 192.0.2.1. 192.0.2.0/24",
            "[<ip>]:<n> <ip>. <ip>/<n>",
        ),
        (
            "(2001:db8::25) IPv6:2001:db8::25, ::1: x",
            "(<ip>) IPv6:<ip>, <ip>: x",
        ),
        ("25.2.0.192.zen.spamhaus.org", "<ip>.zen.spamhaus.org"),
        (
            "12:34:56 1.5 25MB 30s x86 1,000",
            "<n>:<n>:<n> <n> <n>MB <n>s x<n> <n>,<n>",
        ),
        (
            "www.spamhaus.org/query/bl?ip=192.0.2.1.",
            "www.spamhaus.org/<url>.",
        ),
        (
            "(https://x.example/a?b=c@d.example) https://x.example.",
            "(https://x.example/<url>) https://x.example.",
        ),
        (
            "http://192.0.2.1/x http://[2001:db8::1]/",
            "http://<ip>/<url> http:///<url>",
        ),
        (
            "[TSS04] (S3140) (S775) S77719 RL000001 SC-001 [BL21]",
            "[TSS04] (S3140) (S775) S77719 RL000001 SC-001 [BL21]",
        ),
        (
            "AUP#Out-1130 (#4.7.28) 5.7.606:",
            "AUP#Out-1130 (#4.7.28) 5.7.606:",
        ),
        (
            "DT:SPM HL:ITC RP:ORQ IPTS04 [HME1]",
            "DT:SPM HL:ITC RP:ORQ IPTS04 [HME1]",
        ),
        ("4F1A2B3C4D5E 8f3a2b71c09d-17", "<id> <id>"),
        (
            "p7083917b 7083917b f7083917 30s 1500ms mx12",
            "<id> <id> <id> <n>s <n>ms mx<n>",
        ),
        ("x12si1234567wmd.123 - gsmtp", "<id> - gsmtp"),
        (
            "bGFuZ0Jhc2VOb0RpZ2l0cw== XkZtRwQzVbNmLpKjHgFdSa",
            "<id> <id>",
        ),
        (
            "UnsolicitedRateLimitError Datenschutzgrundverordnung",
            "UnsolicitedRateLimitError Datenschutzgrundverordnung",
        ),
    ] {
        assert_eq!(folded(words), template, "{words}");
    }
}

#[test]
fn different_causes_are_not_merged() {
    let texts = [
        "421 4.7.0 [TSS04] deferred",
        "421 4.7.0 [TSS09] deferred",
        "550 5.7.1 block list (S3140).",
        "550 5.7.1 block list (S3150).",
        "421 4.7.0 see 4.7.28 rate",
        "421 4.7.0 see 4.7.26 rate",
        "550 5.7.1 AUP#Out-1130",
        "550 5.7.1 AUP#Out-1220",
        "450 4.7.1 SC-001",
        "450 4.7.1 SC-002",
        "450 4.7.1 later",
        "451 4.7.1 later",
        "450 4.7.2 later",
    ];
    let folds: std::collections::HashSet<_> = texts.iter().map(|text| reason(text).fold).collect();
    assert_eq!(folds.len(), texts.len(), "{folds:?}");
}

#[test]
fn hostile_length_costs_no_more_than_its_length() {
    let long = |piece: &str| piece.repeat(100_000 / piece.len());
    for piece in [
        "1", "a:", "::", "1.", "\"", "<\"", "\"@", "@", "a@", "[", "[1]", "://", "x/1", "a-",
        "A-1", "(", "550-", "550 ", "\u{202e}", "é", "=", "0:", "f:f.", "\"a ",
    ] {
        for head in [
            "",
            "host x[1] said: ",
            "host x[1] said: 550-",
            "delivery temporarily suspended: ",
        ] {
            let text = format!("{head}{}", long(piece));
            let found = reason(&text);
            assert!(found.fold.len() <= 16 * LONGEST, "{head}{piece}");
        }
        // Not bounded by LONGEST, and still linear: a quadratic fold of 100 000 bytes would not end in a test's time.
        let once = folded(&long(piece));
        assert_eq!(folded(&once), once, "{piece}");
    }
    let suspended = reason(&long(frame::SUSPENDED));
    assert!(suspended.suspended);
}

#[test]
fn the_class_needs_no_provider_where_the_text_names_the_host() {
    let knowledge = Knowledge::builtin();
    let google = |status: &str| {
        format!("host aspmx.l.google.com[192.0.2.1] said: {status} x (in reply to DATA command)")
    };
    let class = |text: &str| reason(text).class(knowledge);
    assert_eq!(class(&google("421 4.7.28")), Class::RateLimited);
    assert_eq!(
        class(&format!(
            "delivery temporarily suspended: {}",
            google("421 4.7.23")
        )),
        Class::Auth
    );
    assert_eq!(
        class("host mx.x.example[192.0.2.1] said: 421 4.7.0 [TSS04] x"),
        Class::RateLimited,
        "a relay repeats words"
    );
    assert_eq!(
        class("host mx.x.example[192.0.2.1] said: 451 4.7.650 x"),
        Class::Other,
        "a bare code proves nothing"
    );
    let reply = reason(&google("550 5.7.25"))
        .reply(knowledge)
        .cloned()
        .unwrap();
    assert_eq!(
        (reply.retry_helps.as_str(), reply.provider.unwrap().as_str()),
        ("after-fix", "Google")
    );
}

#[test]
fn what_is_left_of_an_address_behind_a_slash_is_no_path() {
    for text in ["./:@\u{1900}=", "a.b/:x@y="] {
        let once = folded(text);
        assert!(once.ends_with("/:<addr>="), "{once}");
        assert_eq!(folded(&once), once);
    }
}

proptest! {
    #[test]
    fn folding_a_template_changes_nothing(words in "([a-zA-Z0-9@<>\\[\\]().,:;/=\"'#+_ é-]|[0-9a-f]{1,4}[.:]|://| for user |mailbox /|user: \"|name=|type=|<n>|<url>|<ip>|\\.example){0,60}") {
        let once = folded(&words);
        prop_assert_eq!(folded(&once), once);
    }

    #[test]
    fn any_text_is_taken_apart(text in "\\PC{0,200}|(host |x\\[1\\]| said: |550-|550 |5\\.7\\.1 |\\(in reply to |delivery temporarily suspended: |\\PC){0,40}") {
        let found = reason(&text);
        let again = reason(&found.fold);
        prop_assert!(found.class(Knowledge::builtin()) <= Class::Other);
        let safe = SafeText::from(&*found.fold);
        prop_assert_eq!(safe.as_str(), &*found.fold, "a fold is safe to show");
        prop_assert_eq!(folded(again.words.as_str()), again.words.as_str());
    }

    #[test]
    fn equal_causes_have_equal_folds(
        users in ["[a-z][a-z0-9._+-]{0,20}", "[a-z][a-z0-9._+-]{0,20}"], domains in ["[a-z0-9-]{1,12}\\.(example|test)", "[a-z0-9-]{1,12}\\.(example|test)"],
        v4 in any::<[[u8; 4]; 2]>(), v6 in any::<[[u16; 8]; 2]>(), hex in ["[0-9a-f]{4}[0-9][a-f][0-9a-f]{6}", "[0-9a-f]{4}[0-9][a-f][0-9a-f]{6}"],
        base64 in ["[A-Za-z0-9+/]{12}[0-9]{3}[A-Za-z0-9+/]{8}=", "[A-Za-z0-9+/]{12}[0-9]{3}[A-Za-z0-9+/]{8}="], number in any::<[u16; 2]>(),
    ) {
        let text = |nth: usize| {
            let (user, domain) = (&users[nth], &domains[nth]);
            let (v4, v6) = (std::net::Ipv4Addr::from(v4[nth]), std::net::Ipv6Addr::from(v6[nth]));
            let (hex, base64, number) = (&hex[nth], &base64[nth], number[nth]);
            format!(
                "host mx{number}.{domain}[{v4}] said: 450 4.7.1 [TSS04] <{user}@{domain}>: from {user}@{domain}, \"{user} b\"@{domain} at [{v4}] ({v6}) \
                 as {hex}, <{hex}> {base64} {number} bytes, see https://x.example/?a={hex}&ip={v4} or 4.7.28 (S3140) {hex}-{number} - gsmtp \
                 (in reply to RCPT TO command)"
            )
        };
        prop_assert_eq!(reason(&text(0)).fold, reason(&text(1)).fold);
    }
}
