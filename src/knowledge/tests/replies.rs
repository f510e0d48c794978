//! Every text of a provider that is known gets its class, and a table of one's own comes first.

use super::*;
use crate::knowledge::{Class, Retry};
use crate::model::reasons::Reason;
use std::collections::HashSet;

use Class::*;
use Retry::*;

fn reason(text: &str) -> Reason {
    Reason::new(text.into())
}

/// A reply of a host, as Postfix logs it.
fn said(host: &str, reply: &str) -> Reason {
    reason(&format!(
        "host {host}[203.0.113.9] said: {reply} (in reply to end of DATA command)"
    ))
}

#[track_caller]
fn all(host: &str, table: &[(&str, Class, Retry)]) {
    for &(text, class, retry) in table {
        let found = said(host, text);
        let reply = found.reply(Knowledge::builtin());
        let found = reply.map_or((Class::Other, Retry::Unknown), |reply| {
            (reply.class, reply.retry_helps)
        });
        assert_eq!(found, (class, retry), "{host}: {text}");
    }
}

#[test]
fn the_builtin_table_is_whole() {
    let toml = include_str!("../replies.toml");
    let replies = Knowledge::read(toml).unwrap().replies;
    assert!(replies.len() >= 80, "{}", replies.len());
    let providers: HashSet<&str> = Knowledge::builtin()
        .hosts
        .values()
        .map(|provider| provider.name())
        .collect();
    let classes: HashSet<Class> = replies.iter().map(|reply| reply.class).collect();
    assert_eq!(
        classes.len(),
        Class::ALL.len() - 1,
        "each class but `other` has an entry"
    );
    for reply in &replies {
        if let Some(provider) = &reply.provider {
            assert!(
                providers.contains(provider.as_str()),
                "{provider} is no provider"
            );
        }
        assert!(!reply.meaning.is_empty() && !reply.source.is_empty());
        assert!(!reply.meaning.as_str().ends_with('.') && !reply.advice.as_str().ends_with('.'));
        assert!(
            reply.retry_helps != Retry::AfterFix && reply.retry_helps != Retry::Slower
                || !reply.advice.is_empty()
                || reply.class == Class::Tls,
            "what shall be done? {}",
            reply.meaning
        );
    }
    // A provider says 5.7.1 to everything: its own entries stand before the general ones.
    let last = replies
        .iter()
        .rposition(|reply| reply.provider.is_some())
        .unwrap();
    let general = toml.find("# ── Words that many servers use").unwrap();
    assert_eq!(
        toml.get(..general).unwrap().matches("[[reply]]").count(),
        last + 1
    );
}

#[test]
fn words_are_those_of_the_table() {
    #[derive(serde::Deserialize)]
    struct Words {
        class: Vec<Class>,
        retry: Vec<Retry>,
    }
    let list = |words: &[&str]| {
        words
            .iter()
            .map(|word| format!("\"{word}\""))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let toml = format!(
        "class = [{}]\nretry = [{}]",
        list(&Class::ALL.map(Class::as_str)),
        list(&Retry::ALL.map(Retry::as_str))
    );
    let words: Words = toml::from_str(&toml).unwrap();
    assert_eq!(words.class, Class::ALL);
    assert_eq!(words.retry, Retry::ALL);
}

const GOOGLE: &[(&str, Class, Retry)] = &[
    (
        "421-4.7.0 This message is suspicious due to the very low reputation of the sending IP address. 421 4.7.0 x - gsmtp",
        Reputation,
        Slower,
    ),
    (
        "550-5.7.1 [192.0.2.25] Our system has detected that this message is suspicious due to the very low reputation of the sending domain. 550 5.7.1 x - gsmtp",
        Reputation,
        Slower,
    ),
    (
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. 421 4.7.28 x - gsmtp",
        RateLimited,
        Slower,
    ),
    (
        "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail containing one of your URL domains. - gsmtp",
        RateLimited,
        Slower,
    ),
    (
        "550-5.7.28 There is an unusual rate of unsolicited mail originating from your IP Netblock. 550 5.7.28 - gsmtp",
        RateLimited,
        Slower,
    ),
    (
        "550-5.7.1 [192.0.2.25      12] Our system has detected an unusual rate of 550-5.7.1 unsolicited mail originating from your IP address. 550 5.7.1 - gsmtp",
        RateLimited,
        Slower,
    ),
    (
        "421 4.7.26 This mail has been rate limited because it is unauthenticated. - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "550-5.7.26 This mail has been blocked because the sender is unauthenticated. 550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "550-5.7.26 Unauthenticated email from x.example is not accepted due to domain's 550-5.7.26 DMARC policy. 550 5.7.26 - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "421 4.7.27 Your email has been rate limited because SPF authentication didn't pass - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "421 4.7.30 Your email has been rate limited because DKIM authentication didn't pass - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "421 4.7.32 Your email has been rate limited because the From: header isn't aligned - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "421 4.7.24 The SPF record of the sending domain has one or more suspicious entries - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "421 4.7.23 The sending IP address doesn't have a PTR record - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "550 5.7.25 The IP address sending this message does not have a PTR record setup - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "550-5.7.1 [2001:db8::25] Our system has detected that this message does not meet IPv6 sending guidelines regarding PTR records and authentication. 550 5.7.1 - gsmtp",
        Auth,
        AfterFix,
    ),
    (
        "421 4.7.29 This mail has been rate limited because the connection is not TLS - gsmtp",
        Tls,
        AfterFix,
    ),
    ("550 5.7.29 x - gsmtp", Tls, AfterFix),
    (
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly. - gsmtp",
        RateLimited,
        Yes,
    ),
    (
        "452 4.2.2 The email account that you tried to reach is over quota. - gsmtp",
        MailboxFull,
        Yes,
    ),
    (
        "552 5.2.2 The email account that you tried to reach is over quota. - gsmtp",
        MailboxFull,
        Yes,
    ),
    (
        "550 5.2.1 The email account that you tried to reach is disabled. - gsmtp",
        InvalidRecipient,
        No,
    ),
    (
        "550-5.7.1 Our system has detected that this message is likely unsolicited mail. 550 5.7.1 - gsmtp",
        Content,
        No,
    ),
    (
        "552 5.7.0 This message was blocked because its content presents a potential security issue. - gsmtp",
        Content,
        No,
    ),
    (
        "550 5.7.1 The message was blocked by the recipient's content compliance rule x - gcdp",
        Policy,
        No,
    ),
    (
        "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1 - gsmtp",
        InvalidRecipient,
        No,
    ),
];

const MICROSOFT_365: &[(&str, Class, Retry)] = &[
    (
        "451 4.7.500 Server busy. Please try again later from [192.0.2.25]. (S77719)",
        RateLimited,
        Slower,
    ),
    (
        "451 4.7.500 Server busy. Please try again later from [192.0.2.25]. (AS77712)",
        RateLimited,
        Slower,
    ),
    (
        "451 4.7.850 Access denied, please try again later",
        RateLimited,
        Slower,
    ),
    (
        "550 5.7.606 Access denied, banned sending IP [192.0.2.25]",
        Reputation,
        AfterFix,
    ),
    ("550 5.7.649 Access denied", Reputation, AfterFix),
    (
        "550 5.7.511 Access denied, banned sender[192.0.2.25]. To request removal from this list please forward this message to delist@microsoft.com",
        Reputation,
        AfterFix,
    ),
    (
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
        InvalidRecipient,
        No,
    ),
    (
        "550 5.7.509 Access denied, sending domain x.example does not pass DMARC verification",
        Auth,
        AfterFix,
    ),
    (
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
        Auth,
        AfterFix,
    ),
    (
        "550 5.7.25 Service unavailable, sending IPv6 address [2001:db8::25] must have reverse DNS record",
        Auth,
        AfterFix,
    ),
    (
        "450 4.7.26 Service unavailable, message sent over IPv6 must pass either SPF or DKIM validation",
        Auth,
        AfterFix,
    ),
    (
        "550 5.7.513 Service unavailable, Client host [192.0.2.25] blocked by x using Customer Block list",
        Policy,
        No,
    ),
    (
        "550 5.7.124 RESOLVER.RST.SenderNotInAllowedSendersList",
        Policy,
        No,
    ),
    (
        "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup",
        Policy,
        No,
    ),
    (
        "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox",
        Policy,
        No,
    ),
    ("450 4.7.320 certificate-expired", Tls, AfterFix),
    ("550 5.7.323 tlsa-invalid", Tls, AfterFix),
    (
        "421 4.3.2 The maximum number of concurrent connections per resource forest has exceeded a limit",
        RateLimited,
        Slower,
    ),
];

const POSTFIX: &[(&str, Class, Retry)] = &[
    (
        "Host or domain name not found. Name service error for name=x.example type=MX: Host not found",
        Class::Dns,
        Retry::No,
    ),
    (
        "Host or domain name not found. Name service error for name=x.example type=MX: Host not found, try again",
        Class::Dns,
        Retry::Yes,
    ),
    (
        "Host or domain name not found. Name service error for name=mx.x.example type=A: Host found but no data record of requested type",
        Class::Dns,
        Retry::No,
    ),
    (
        "unable to look up host mx.x.example: Temporary failure in name resolution",
        Class::Dns,
        Retry::Yes,
    ),
    (
        "Domain x.example does not accept mail (nullMX)",
        Class::InvalidRecipient,
        Retry::No,
    ),
    (
        "connect to mx.x.example[192.0.2.1]:25: Connection timed out",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "connect to mx.x.example[192.0.2.1]:25: Connection refused",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "connect to mx.x.example[192.0.2.1]:25: No route to host",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "connect to mx.x.example[2001:db8::1]:25: Network is unreachable",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "lost connection with mx.x.example[192.0.2.1] while sending RCPT TO",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "conversation with mx.x.example[192.0.2.1] timed out while performing the EHLO handshake",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "delivery temporarily suspended: conversation with mx.x.example[192.0.2.1] timed out while sending MAIL FROM",
        Class::Unreachable,
        Retry::Yes,
    ),
    (
        "host mx.x.example[192.0.2.1] refused to talk to me: 554 Blocked",
        Class::Reputation,
        Retry::AfterFix,
    ),
    (
        "host mx.x.example[192.0.2.1] refused to talk to me: 421 4.3.2 Too many connections",
        Class::RateLimited,
        Retry::Slower,
    ),
    (
        "host mx.x.example[192.0.2.1] said: 450 4.2.0 <a@x.example>: Recipient address rejected: Greylisted, see x (in reply to RCPT TO command)",
        Class::Greylisted,
        Retry::Yes,
    ),
    (
        "host mx.x.example[192.0.2.1] said: 550 no such user (in reply to RCPT TO command)",
        Class::InvalidRecipient,
        Retry::No,
    ),
    (
        "host mx.x.example[192.0.2.1] said: 554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org (in reply to RCPT TO command)",
        Class::Reputation,
        Retry::AfterFix,
    ),
    (
        "host mx.x.example[192.0.2.1] said: 550 5.7.1 no (in reply to RCPT TO command)",
        Class::Policy,
        Retry::No,
    ),
    ("mail transport unavailable", Class::Local, Retry::AfterFix),
    ("deferred transport", Class::Local, Retry::AfterFix),
    (
        "mail for x.example loops back to myself",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "mail forwarding loop for a@x.example",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "TLS is required, but was not offered by host mx.x.example[192.0.2.1]",
        Class::Tls,
        Retry::AfterFix,
    ),
    (
        "Cannot start TLS: handshake failure",
        Class::Tls,
        Retry::AfterFix,
    ),
    (
        "Server certificate not verified",
        Class::Tls,
        Retry::AfterFix,
    ),
    (
        "Server certificate not trusted",
        Class::Tls,
        Retry::AfterFix,
    ),
    (
        "TLS is required, but host mx.x.example[192.0.2.1] refused to start TLS: 454 4.3.0 no",
        Class::Tls,
        Retry::Yes,
    ),
    (
        "SASL authentication failed; server smtp.x.example[192.0.2.1] said: 535 5.7.8 no",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "SASL authentication failed; cannot authenticate to server smtp.x.example[192.0.2.1]: no mechanism available",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "host mx.x.example[private/dovecot-lmtp] said: 452 4.2.2 <a@x.example> Quota exceeded (mailbox for user is full) (in reply to end of DATA command)",
        Class::MailboxFull,
        Retry::Yes,
    ),
    (
        "host mx.x.example[private/dovecot-lmtp] said: 550 5.1.1 <a@x.example> User doesn't exist: a@x.example (in reply to RCPT TO command)",
        Class::InvalidRecipient,
        Retry::No,
    ),
    (
        "connect to mx.x.example[private/dovecot-lmtp]: Connection refused",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "connect to mx.x.example[private/dovecot-lmtp]: No such file or directory",
        Class::Local,
        Retry::AfterFix,
    ),
    ("unknown user: \"ann\"", Class::InvalidRecipient, Retry::No),
    (
        "User unknown in virtual mailbox table",
        Class::InvalidRecipient,
        Retry::No,
    ),
    (
        "User unknown in local recipient table",
        Class::InvalidRecipient,
        Retry::No,
    ),
    (
        "maildir delivery failed: create maildir file /home/a/tmp/x: Permission denied",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "maildir delivery failed: error writing message: Disk quota exceeded",
        Class::MailboxFull,
        Retry::AfterFix,
    ),
    (
        "cannot update mailbox /var/mail/a for user a. unable to create lock file",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "Command died with status 127: \"/usr/bin/x\". Command output: sh: x: not found",
        Class::Local,
        Retry::AfterFix,
    ),
    (
        "Command time limit exceeded: \"/usr/bin/x\"",
        Class::Local,
        Retry::AfterFix,
    ),
    ("bad command startup", Class::Local, Retry::AfterFix),
    (
        "message size 9 exceeds size limit 8 of server mx.x.example[192.0.2.1]",
        Class::Policy,
        Retry::No,
    ),
    ("example.com", Class::Other, Retry::Unknown),
    ("", Class::Other, Retry::Unknown),
];

#[test]
fn google() {
    all("aspmx.l.google.com", GOOGLE);
}

#[test]
fn microsoft() {
    all(
        "outlook-com.olc.protection.outlook.com",
        &[
            (
                "451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. (S775)",
                Reputation,
                Slower,
            ),
            ("451 4.7.650 x", Reputation, Slower),
            (
                "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
                Reputation,
                AfterFix,
            ),
            (
                "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. x (S3150).",
                Reputation,
                AfterFix,
            ),
            (
                "550 SC-001 (BAY004-MC1F) Unfortunately, messages from 192.0.2.25 weren't sent.",
                Reputation,
                AfterFix,
            ),
            (
                "421 RP-001 (BAY0-MC1-F) Unfortunately, some messages from 192.0.2.25 weren't sent.",
                RateLimited,
                Slower,
            ),
        ],
    );
    all("contoso-example.mail.protection.outlook.com", MICROSOFT_365);
}

#[test]
fn yahoo_and_apple() {
    all(
        "mta5.am0.yahoodns.net",
        &[
            (
                "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1",
                RateLimited,
                Slower,
            ),
            ("421 4.7.0 [TSS05] x", RateLimited, Slower),
            (
                "421 4.7.0 [TS01] Messages from 192.0.2.25 temporarily deferred due to user complaints",
                RateLimited,
                Slower,
            ),
            ("421 4.7.0 [TS02] x", RateLimited, Slower),
            ("421 4.7.0 [IPTS04] x", RateLimited, Slower),
            ("421 4.7.0 [IPTS05] x", RateLimited, Slower),
            (
                "421 4.7.1 [TS03] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed.",
                Reputation,
                AfterFix,
            ),
            (
                "553 5.7.2 [TSS09] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed.",
                Reputation,
                No,
            ),
            ("553 5.7.2 [TSS11] x", Reputation, No),
            (
                "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.25, because the ip is in Spamhaus's list",
                Reputation,
                AfterFix,
            ),
            ("553 5.7.1 [BL23] x", Reputation, AfterFix),
            (
                "554 5.7.9 Message not accepted for policy reasons.",
                Policy,
                No,
            ),
            (
                "554 Message not allowed - [PH01] Email not accepted for policy reasons.",
                Content,
                No,
            ),
            (
                "550 5.7.9 This mail has been blocked because the sender is unauthenticated.",
                Auth,
                AfterFix,
            ),
            (
                "421 Max message per connection reached, closing transmission channel",
                RateLimited,
                Yes,
            ),
            (
                "451 Message temporarily deferred due to unresolvable RFC.5321 from domain",
                Auth,
                AfterFix,
            ),
        ],
    );
    all(
        "mx01.mail.icloud.com",
        &[
            (
                "421 4.7.1 Messages from 192.0.2.25 temporarily deferred due to excessive volume",
                RateLimited,
                Slower,
            ),
            (
                "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks.",
                Auth,
                AfterFix,
            ),
            (
                "554 5.7.1 [CS01] Message rejected due to local policy.",
                Policy,
                No,
            ),
            ("421 [HCM1] x", RateLimited, Slower),
            ("451 [BS02] x", Policy, Yes),
            (
                "550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.25",
                Reputation,
                AfterFix,
            ),
            ("550 5.7.0 x", Reputation, AfterFix),
        ],
    );
}

#[test]
fn others() {
    all(
        "mx1.comcast.net",
        &[(
            "421 4.1.0 192.0.2.25 Throttled - try again later. RL000001",
            RateLimited,
            Slower,
        )],
    );
    all(
        "smtp-in.orange.fr",
        &[(
            "421 Service refuse. Veuillez essayer plus tard. Trop de connexions, OFR004_104",
            RateLimited,
            Slower,
        )],
    );
    all(
        "mx00.emig.gmx.net",
        &[
            (
                "554 Transaction failed. Reject due to policy restrictions.",
                Policy,
                AfterFix,
            ),
            ("554 Reject due to policy violations", Policy, AfterFix),
            ("421 Too many connections", RateLimited, Slower),
        ],
    );
    all(
        "mx3.qq.com",
        &[
            ("550 Sender frequency limited", RateLimited, Slower),
            ("550 Ip frequency limited", RateLimited, Slower),
            ("451 Connection frequency limited", RateLimited, Slower),
            ("550 Domain frequency limited", RateLimited, Slower),
        ],
    );
    all(
        "163mx01.mxmail.netease.com",
        &[
            ("451 DT:SPM 163 mx1,x", Content, No),
            ("554 HL:ITC 163 mx2", RateLimited, Slower),
            ("451 RP:ORQ x", RateLimited, Slower),
        ],
    );
    let blocked = reason(
        "host mxa-00123401.gslb.pphosted.com[203.0.113.7] refused to talk to me: 554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.25",
    );
    assert_eq!(blocked.class(Knowledge::builtin()), Reputation);
}

#[test]
fn texts_of_postfix_itself() {
    for &(text, class, retry) in POSTFIX {
        let reason = reason(text);
        let reply = reason.reply(Knowledge::builtin());
        let found = reply.map_or((Class::Other, Retry::Unknown), |reply| {
            (reply.class, reply.retry_helps)
        });
        assert_eq!(found, (class, retry), "{text}");
    }
}

const OWN: &str = "[[reply]]\nclass = \"content\"\nmeaning = \"ours\"\nretry_helps = \"no\"\nsource = \"us\"\ndate = 2026-11-24\n";

#[test]
fn a_table_of_ones_own_comes_first() {
    let own = Knowledge::read(&format!("{OWN}text = [\"[TSS04]\"]\n")).unwrap();
    let both = Knowledge::builtin().clone().overridden_by(own);
    let yahoo = said("mta5.am0.yahoodns.net", "421 4.7.0 [TSS04] x");
    assert_eq!(yahoo.class(Knowledge::builtin()), Class::RateLimited);
    assert_eq!(yahoo.class(&both), Class::Content);
    assert_eq!(
        said("mta5.am0.yahoodns.net", "421 4.7.0 [TSS05] x").class(&both),
        Class::RateLimited
    );
}

#[test]
fn a_provider_that_is_known_excludes_the_others() {
    let knowledge = Knowledge::builtin();
    let provider = |host: &[u8]| knowledge.provider_of_relay(host);
    let reason = reason("421 4.7.28 x");
    let class = |provider| {
        knowledge
            .reply(provider, &reason)
            .map(|reply| (reply.class, reply.provider.is_some()))
    };
    assert_eq!(
        class(provider(b"aspmx.l.google.com")),
        Some((Class::RateLimited, true))
    );
    assert_eq!(
        class(provider(b"mx01.mail.icloud.com")),
        Some((Class::RateLimited, false))
    );
    assert_eq!(class(None), class(Some(Provider::OTHER)));
}

#[test]
fn a_wrong_reply_is_refused_with_a_sentence() {
    for (line, sentence) in [
        ("", "would fit every reply"),
        ("text = [\" \"]", "less than three letters"),
        ("code = [42]", "reply code 42"),
        ("status = [\"4.7\"]", "write it like"),
        ("status = [\"4.7.9-1\"]", "write it like"),
        ("status = [\"4.7.1000\"]", "write it like"),
        ("status = [\"4.7.\\u001b\"]", "\\x1b"),
        ("stage = [\"LUNCH\"]", "LUNCH"),
        ("words = [\"x\"]", "words"),
    ] {
        let error = Knowledge::read(&format!("{OWN}{line}\n")).unwrap_err();
        assert!(error.contains(sentence), "{line}: {error}");
    }
    assert!(
        Knowledge::read(&OWN.replace("content", "lunch"))
            .unwrap_err()
            .contains("lunch")
    );
    assert!(
        Knowledge::read(&OWN.replace("\"no\"", "\"maybe\""))
            .unwrap_err()
            .contains("maybe")
    );
    assert!(Knowledge::read(&OWN.replace("2026-11-24", "2026-13-24")).is_err());
}

const PUBLIC: &[(&str, &str, Class, Retry)] = &[
    (
        "mx1.comcast.net",
        "571 Email from 192.0.2.25 is currently blocked by Verizon Online's anti-spam system.",
        Reputation,
        AfterFix,
    ),
    (
        "mta5.am0.yahoodns.net",
        "420 Resources unavailable temporarily. Please try later (mta1060.mail.sp2.yahoo.com)",
        RateLimited,
        Slower,
    ),
    (
        "mta5.am0.yahoodns.net",
        "451 Message temporarily deferred - [160]",
        RateLimited,
        Slower,
    ),
    (
        "mta5.am0.yahoodns.net",
        "554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]",
        InvalidRecipient,
        No,
    ),
    (
        "mta5.am0.yahoodns.net",
        "552 1 Requested mail action aborted, mailbox not found",
        InvalidRecipient,
        No,
    ),
    (
        "mx3.qq.com",
        "550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726",
        Content,
        No,
    ),
    (
        "mx3.qq.com",
        "550 Suspected spam ip [192.0.2.25]",
        Reputation,
        AfterFix,
    ),
    (
        "163mx01.mxmail.netease.com",
        "550 RP:RCL 163 mx20,x",
        RateLimited,
        Slower,
    ),
    (
        "x.mail.protection.outlook.com",
        "550 5.7.515 Access denied, sending domain x.example does not meet the required authentication level.",
        Auth,
        AfterFix,
    ),
    (
        "mx00.t-online.de",
        "554 IP=192.0.2.25 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)",
        Reputation,
        AfterFix,
    ),
    (
        "smtp-in.orange.fr",
        "550 mwinf5c04 ME Adresse IP source bloquee pour incident de spam. Client host blocked for spamming issues. OFR006_102",
        Reputation,
        AfterFix,
    ),
    (
        "smtpz4.laposte.net",
        "550 5.5.0 Les emails envoyes vers la messagerie Laposte.net ont ete bloques par nos services. LPN007_510",
        Reputation,
        AfterFix,
    ),
    (
        "mx1.free.fr",
        "421 Too many spams from your IP (192.0.2.25), please visit http://postmaster.free.fr/",
        Reputation,
        AfterFix,
    ),
    (
        "smtp-in.sfr.fr",
        "554 5.7.1 <x[192.0.2.25]>: Client host rejected: Abus detecte GU_EIB_02",
        Reputation,
        AfterFix,
    ),
    (
        "us-smtp-inbound-1.mimecast.com",
        "550 SPF Sender Invalid - envelope rejected",
        Auth,
        AfterFix,
    ),
    (
        "mx.zoho.com",
        "550 5.4.6 Unusual sending activity detected. Please try after sometime",
        RateLimited,
        Slower,
    ),
    (
        "mx.x.example",
        "450 4.7.1 Error: too much mail from 192.0.2.25",
        RateLimited,
        Slower,
    ),
    (
        "mx.x.example",
        "421 4.7.0 mail2.x.example Error: too many errors",
        RateLimited,
        Slower,
    ),
    (
        "mx.x.example",
        "451-192.0.2.25 is not yet authorized to deliver mail from 451 <a@b.example> to <x@x.example>. Please try later.",
        Greylisted,
        Yes,
    ),
    (
        "mx.x.example",
        "450 4.7.1 <x@x.example>: Recipient address rejected: Policy Rejection- Please try later.",
        Greylisted,
        Yes,
    ),
    (
        "mx.x.example",
        "450 4.7.1 <mail.x.example>: Helo command rejected: Host not found",
        Auth,
        AfterFix,
    ),
    (
        "mx.x.example",
        "451-HELO/EHLO must contain 451 a FQDN or IP literal",
        Auth,
        AfterFix,
    ),
    (
        "mx.x.example",
        "550-\"JunkMail rejected - x [192.0.2.25]:1234 is in an RBL on 550 rbl.x.example\"",
        Reputation,
        AfterFix,
    ),
    (
        "mx.x.example",
        "550 unrouteable mail domain x.example",
        InvalidRecipient,
        No,
    ),
    (
        "mx.x.example",
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
        Policy,
        AfterFix,
    ),
    ("mx.x.example", "550 Administrative prohibition", Policy, No),
    (
        "smtp.x.example",
        "535-5.7.8 Username and Password not accepted. 535 5.7.8 https://support.google.com/mail/?p=BadCredentials",
        Local,
        AfterFix,
    ),
    (
        "smtp.x.example",
        "550 5.1.0 Authentication required",
        Local,
        AfterFix,
    ),
    ("smtp.x.example", "535 5.7.8 no", Local, AfterFix),
    (
        "smtp.sendgrid.net",
        "550 The from address does not match a verified Sender Identity.",
        Local,
        AfterFix,
    ),
];

#[test]
fn replies_of_public_logs_have_their_class() {
    for &(host, text, class, retry) in PUBLIC {
        all(host, &[(text, class, retry)]);
    }
}
