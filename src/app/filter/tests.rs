use super::*;
use proptest::prelude::*;

/// A thing that has these texts.
struct Thing(Vec<(Field, String)>);

impl Subject for Thing {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.0
            .iter()
            .any(|(own, text)| *own == field && test(&subject::shown(text.as_str())))
    }

    fn number(&self, field: Field) -> Option<i64> {
        let (_, text) = self.0.iter().find(|(own, _)| *own == field)?;
        text.parse().ok()
    }
}

fn thing(field: Field, text: &str) -> Thing {
    Thing(vec![(field, text.to_owned())])
}

fn filter(text: &str) -> Filter {
    Filter::new(text).unwrap_or_else(|error| panic!("{text}: {error} at {}", error.at))
}

fn holds(text: &str, field: Field, value: &str) -> bool {
    filter(text).matches(&thing(field, value))
}

#[test]
fn globs_quotes_exact_values_and_expressions() {
    let cases: &[(&str, Field, &[&str], &[&str])] = &[
        (
            "from:news@*",
            Field::From,
            &["news@x", "NEWS@x"],
            &["news", "xnews@x"],
        ),
        ("from:News@*", Field::From, &["News@x"], &["news@x"]),
        ("from:\"a b\"@x", Field::From, &["a b@x"], &["a  b@x"]),
        ("from:\"*\"@x", Field::From, &["*@x"], &["a@x"]),
        ("from:\"\\\"\"*", Field::From, &["\"a"], &["a"]),
        (
            "from:=News@*",
            Field::From,
            &["News@*"],
            &["News@x", "news@*"],
        ),
        ("from:=news@x", Field::From, &["news@x"], &["News@x"]),
        ("from:=\"a \\\\ b\"", Field::From, &["a \\ b"], &["a b"]),
        (
            "from:/^n.ws@/",
            Field::From,
            &["news@x", "News@x"],
            &["xnews@x"],
        ),
        ("from:/a b\\/c/", Field::From, &["a b/c"], &["ab/c"]),
        ("from:<>", Field::From, &["<>"], &["a@b"]),
        ("SENDER:a@b", Field::From, &["a@b"], &["a@bc"]),
        ("user:=\"\"", Field::User, &[""], &["a"]),
        (
            "domain:ÉCOLE.example",
            Field::Domain,
            &["école.example"],
            &["ecole.example"],
        ),
        (
            "code:4.7.*",
            Field::Code,
            &["4.7.0", "4.7.28"],
            &["4.17.0", "5.7.0"],
        ),
        ("dsn:4?1", Field::Code, &["421", "451"], &["4.10"]),
        (
            "reason:full",
            Field::Reason,
            &["Mailbox is FULL"],
            &["quota"],
        ),
        ("reason:=full", Field::Reason, &["full"], &["mailbox full"]),
        ("reason:a*d", Field::Reason, &["xabcdy"], &["da"]),
        (
            "ip:192.0.2.0/24",
            Field::Ip,
            &["192.0.2.9"],
            &["192.0.20.9", "unknown"],
        ),
        ("ip:192.0.2.*", Field::Ip, &["192.0.2.9"], &["192.0.20.9"]),
        (
            "ip:2001:db8::/32",
            Field::Ip,
            &["2001:DB8::1"],
            &["2001:db9::1"],
        ),
        (
            "ip:2001:db8::1",
            Field::Ip,
            &["2001:db8:0::1"],
            &["2001:db8::2"],
        ),
        ("ip:unknown", Field::Ip, &["unknown"], &["192.0.2.1"]),
        ("age:>=2h", Field::Age, &["7200"], &["7199"]),
        ("delay:<1.5s", Field::Delay, &["1499"], &["1500"]),
        ("rcpts:=3", Field::Recipients, &["3"], &["2"]),
        (
            "class:rate-limited",
            Field::Class,
            &["rate-limited"],
            &["policy"],
        ),
        ("queue:h*", Field::Queue, &["hold"], &["deferred"]),
        ("2001:db8::1", Field::Ip, &["2001:db8::1"], &["2001:db8::2"]),
        (
            "\"http://x\"",
            Field::Reason,
            &["see http://x/y"],
            &["http"],
        ),
        ("a/b", Field::Reason, &["xa/by"], &["ab"]),
        ("a=b", Field::Reason, &["a=b"], &["b"]),
        ("=a", Field::Reason, &["=a"], &["a"]),
    ];
    for (text, field, yes, no) in cases {
        for value in *yes {
            assert!(holds(text, *field, value), "{text} {value}");
            assert!(
                !holds(&format!("-{text}"), *field, value),
                "-{text} {value}"
            );
        }
        for value in *no {
            assert!(!holds(text, *field, value), "{text} {value}");
            assert!(holds(&format!("-{text}"), *field, value), "-{text} {value}");
        }
    }
}

#[test]
fn a_field_that_a_thing_does_not_have_holds_for_nothing_and_is_never_excluded() {
    let login = thing(Field::User, "ann");
    for text in [
        "domain:*",
        "domain:/./",
        "domain:=",
        "age:>0",
        "rcpts:<5",
        "ip:0.0.0.0/0",
    ] {
        let Ok(filter) = Filter::new(text) else {
            continue;
        };
        assert!(!filter.matches(&login), "{text}");
    }
    assert!(filter("-domain:x -age:<1h").matches(&login));
    assert!(filter("").matches(&login));
}

#[test]
fn what_is_shown_is_found() {
    assert!(holds("to:*202e*", Field::To, "a\u{202e}@b"));
    assert!(!holds("to:a?@b", Field::To, "a\u{202e}@b"));
}

#[test]
fn the_provider_the_queue_and_the_host_are_found_by_their_fields_only() {
    for (text, field, value) in [
        ("aol", Field::Provider, "Yahoo/AOL"),
        ("deferred", Field::Queue, "deferred"),
        ("mx1", Field::Host, "mx1"),
    ] {
        assert!(!holds(text, field, value), "{text}");
    }
    assert!(holds("provider:aol", Field::Provider, "Yahoo/AOL"));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        (
            "colour:red",
            "colour",
            "no field colour: there are domain: code:",
        ),
        (
            "yahoo  sise:>1M",
            "sise",
            "no field sise: did you mean size:?",
        ),
        ("-form:x", "form", "did you mean from:?"),
        (
            "http://x",
            "http",
            "quotes search for the letters themselves: \"http:…\"",
        ),
        ("age:2h", "2h", "age: wants a comparison, such as age:>2h"),
        ("yahoo age:>soon", ">soon", "such as age:>2h"),
        ("age:", "", "such as age:>2h"),
        ("size:>1X", ">1X", "such as size:>1M"),
        (
            "size:>99999999999999999999",
            ">99999999999999999999",
            "such as size:>1M",
        ),
        ("delay:>1", "", ""),
        ("rcpts:many", "many", "such as rcpts:>100"),
        (
            "x from: y",
            "",
            "from: wants a pattern, such as from:news@*",
        ),
        ("from:\"\"", "\"\"", "from: wants a pattern"),
        ("from:=", "=", "from: wants a value"),
        ("-domain:", "", "such as domain:*.example"),
        (
            "sender:",
            "",
            "sender: wants a pattern, such as sender:news@*",
        ),
        (
            "code:[",
            "[",
            "code: wants a reply code or an enhanced status code",
        ),
        ("code:TSS04", "TSS04", "such as code:4.7.*"),
        (
            "queue:defered",
            "defered",
            "no queue defered: did you mean queue:deferred?",
        ),
        (
            "queue:x*",
            "x*",
            "there are maildrop incoming active deferred hold",
        ),
        (
            "class:rate-limit",
            "rate-limit",
            "no class rate-limit: did you mean class:rate-limited?",
        ),
        (
            "ip:mx1.example",
            "mx1.example",
            "ip: wants an address, a network or a glob of one",
        ),
        ("ip:192.0.2.0/33", "192.0.2.0/33", "such as ip:192.0.2.0/24"),
        ("a -", "-", "a - excludes the term that follows it"),
        ("a \"\"", "\"\"", "nothing stands between the quotes"),
        ("a //", "//", "an empty regular expression"),
        (
            "a -/(/",
            "(",
            "/(/ is no regular expression: unclosed group",
        ),
        (
            "reason:/é[/",
            "[",
            "is no regular expression: unclosed character class",
        ),
        (
            "/a{1000}{1000}/",
            "a{1000}{1000}",
            "too large when compiled",
        ),
        ("/var/spool x", "spool", "write \\/ for a slash in it"),
        ("a reason:\"b c", "\"b c", "this quote has no end"),
        ("/a b", "/a b", "this /regex/ has no end"),
        ("from:/a", "/a", "this /regex/ has no end"),
    ];
    for (text, place, why) in cases {
        let error = match Filter::new(text) {
            Err(error) => error,
            Ok(_) if why.is_empty() => continue,
            Ok(_) => panic!("{text} is read"),
        };
        assert_eq!(&text[error.at..error.end], place, "{text}");
        assert!(error.why.contains(why), "{text}: {}", error.why);
        assert!(!error.why.contains('\n'), "{text}");
    }
}

#[test]
fn an_error_is_marked_in_the_line_below() {
    let text = "é\u{202e}中 sise:>1M";
    let error = Filter::new(text).unwrap_err();
    assert_eq!(
        error.marked(text),
        "  é\\u{202e}中 sise:>1M\n              ^^^^"
    );
    let error = Filter::new("from:").unwrap_err();
    assert_eq!(error.marked("from:"), "  from:\n       ^");
}

#[test]
fn what_only_lacks_its_end_says_what_is_missing() {
    for (text, missing) in [("reason:\"a b", '"'), ("/a b", '/'), ("x -from:/a\\/", '/')] {
        let error = Filter::new(text).unwrap_err();
        assert_eq!(error.unfinished, Some(missing), "{text}");
        filter(&format!("{text}{missing}"));
    }
    assert_eq!(Filter::new("age:").unwrap_err().unfinished, None);
}

#[test]
fn facets_are_added_once_replaced_and_dropped() {
    let safe = |text: &str| SafeText::from(text);
    let yahoo = filter("age:>2h").with(Field::Domain, &safe("yahoo.com"));
    assert_eq!(yahoo.text(), "age:>2h domain:yahoo.com");
    assert_eq!(yahoo.with(Field::Domain, &safe("yahoo.com")), yahoo);
    // Written otherwise it is the same facet.
    let typed = filter("DOMAIN:Yahoo.com size:>1M");
    assert_eq!(typed.with(Field::Domain, &safe("yahoo.com")), typed);
    let out = yahoo
        .with(Field::Queue, &safe("hold"))
        .without(Field::Domain, &safe("yahoo.com"));
    assert_eq!(out.text(), "age:>2h -domain:yahoo.com queue:hold");
    assert_eq!(out.without(Field::Domain, &safe("yahoo.com")), out);
    assert_eq!(
        out.with(Field::Domain, &safe("yahoo.com")).text(),
        "age:>2h domain:yahoo.com queue:hold"
    );
    assert_eq!(out.shorter().text(), "age:>2h -domain:yahoo.com");
    assert_eq!(
        out.shorter().shorter().shorter().shorter(),
        Filter::default()
    );
    let parts: Vec<(&str, Field, bool)> = out
        .terms()
        .map(|part| (part.text, part.field, part.negated))
        .collect();
    assert_eq!(
        parts,
        [
            ("age:>2h", Field::Age, false),
            ("-domain:yahoo.com", Field::Domain, true),
            ("queue:hold", Field::Queue, false),
        ]
    );
}

#[test]
fn a_facet_is_written_as_somebody_would_type_it_where_that_is_exact() {
    let cases = [
        (Field::Domain, "yahoo.com", "domain:yahoo.com"),
        (Field::From, "<>", "from:<>"),
        (Field::From, "news@shop.example", "from:news@shop.example"),
        (Field::From, "a b@x", "from:=\"a b@x\""),
        (Field::From, "*@x", "from:=*@x"),
        (Field::From, "=x", "from:==x"),
        (Field::From, "/x/", "from:=/x/"),
        (Field::From, "-x", "from:-x"),
        (Field::User, "", "user:=\"\""),
        (Field::Ip, "192.0.2.1", "ip:192.0.2.1"),
        (Field::Ip, "2001:db8::1", "ip:2001:db8::1"),
        (Field::Ip, "odd", "ip:=odd"),
        (Field::Code, "4.7.28", "code:4.7.28"),
        (Field::Queue, "hold", "queue:hold"),
        (Field::Queue, "corrupt", "queue:=corrupt"),
        (Field::Provider, "Yahoo/AOL", "provider:=Yahoo/AOL"),
        (
            Field::Reason,
            "421 [TSS04] \"x\" \\",
            "reason:=\"421 [TSS04] \\\"x\\\" \\\\\"",
        ),
        (Field::Age, ">2h", "age:>2h"),
        (Field::Age, "2h", ""),
        (Field::Anywhere, "yahoo", "yahoo"),
        (Field::Anywhere, "from:x", "\"from:x\""),
        (Field::Anywhere, "-x", "\"-x\""),
        (Field::Anywhere, "", ""),
    ];
    for (field, value, text) in cases {
        let facet = Filter::default().with(field, &SafeText::from(value));
        assert_eq!(facet.text(), text);
        let out = Filter::default().without(field, &SafeText::from(value));
        let expected = if text.is_empty() {
            String::new()
        } else {
            format!("-{text}")
        };
        assert_eq!(out.text(), expected);
    }
}

fn named_text_field() -> impl Strategy<Value = Field> {
    let fields: Vec<Field> = Field::all().filter(|field| !field.is_number()).collect();
    proptest::sample::select(fields)
}

/// Texts that try to be something else: the language's own signs, blanks, odd letters.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-a-c=:/\"*?\\\\ <>.@|(\\[{]{0,8}",
        "\\PC{0,12}",
        any::<String>(),
        "[a-c]{1,3}@[A-Ca-c.]{1,4}",
        "[0-9a-f:.]{1,9}",
    ]
}

proptest! {
    #[test]
    fn a_facet_holds_for_its_value_and_for_no_other(
        field in named_text_field(),
        text in hostile(),
        other in hostile(),
        base in proptest::sample::select(&["", "rcpts:>0", "-queue:=\"a b\""][..]),
    ) {
        let value = SafeText::from(text.as_str());
        let other = SafeText::from(other);
        let has = |text: &SafeText| Thing(vec![
            (field, text.to_string()),
            (Field::Recipients, String::from("1")),
        ]);
        let base = filter(base);
        let (within, out) = (base.with(field, &value), base.without(field, &value));
        prop_assert_eq!(within.terms().len(), base.terms().len() + 1);
        for facet in [&within, &out] {
            let again = Filter::new(facet.text()).expect("what is written is read");
            prop_assert_eq!(again.matches(&has(&value)), facet.matches(&has(&value)));
        }
        prop_assert!(within.matches(&has(&value)), "{}", within.text());
        prop_assert!(!out.matches(&has(&value)), "{}", out.text());
        if !other.as_str().eq_ignore_ascii_case(value.as_str()) && field != Field::Ip {
            prop_assert!(!within.matches(&has(&other)), "{} {}", within.text(), other);
            prop_assert!(out.matches(&has(&other)), "{} {}", out.text(), other);
        }
        prop_assert_eq!(&within.with(field, &value), &within);
        prop_assert_eq!(&within.without(field, &value).without(field, &value), &out);
        prop_assert_eq!(within.shorter(), filter(base.text()));
    }

    #[test]
    fn a_word_from_the_screen_is_found_where_it_stands(text in hostile(), before in hostile(), after in hostile()) {
        let value = SafeText::from(text.as_str());
        let facet = Filter::default().with(Field::Anywhere, &value);
        prop_assert_eq!(facet.is_empty(), value.is_empty());
        let line = format!("{}{value}{}", SafeText::from(before), SafeText::from(after));
        prop_assert!(facet.matches(&thing(Field::Reason, &line)), "{}", facet.text());
    }

    #[test]
    fn any_text_is_read_or_refused_within_itself(text in hostile(), second in hostile()) {
        let text = format!("{text} {second}");
        match Filter::new(&text) {
            Ok(filter) => {
                let parts: Vec<&str> = filter.terms().map(|part| part.text).collect();
                let again = Filter::new(&parts.join(" ")).expect("its terms are terms");
                prop_assert_eq!(again.terms().len(), parts.len());
                let mut shorter = filter.clone();
                for _ in 0..parts.len() {
                    shorter = shorter.shorter();
                    prop_assert!(Filter::new(shorter.text()).is_ok());
                }
                prop_assert!(shorter.is_empty());
            }
            Err(error) => {
                prop_assert!(text.get(error.at..error.end).is_some());
                prop_assert!(!error.why.is_empty());
                error.marked(&text);
                if let Some(missing) = error.unfinished.filter(|_| !text.ends_with('\\')) {
                    let closed = Filter::new(&format!("{text}{missing}"));
                    prop_assert!(closed.err().is_none_or(|next| next.unfinished.is_none()));
                }
            }
        }
    }
}

/// Filters that hold for a line, and one that does not.
#[test]
fn log_lines_are_asked_for_what_they_say() {
    use crate::knowledge::Knowledge;
    use crate::model::facts::Facts;
    use chrono::{DateTime, Offset, Utc};
    use mailtop_parsers::{Calendar, journal::Mixed};

    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "mx1 postfix/smtp[9]: 4jYg7l1WNDz2BGQD: to=<ann@Yahoo.com>, orig_to=<ann@corp.example>, relay=mta5.am0.yahoodns.net[203.0.113.6]:25, delay=2.5, delays=1/0/1/0.5, dsn=4.7.0, status=deferred (host mta5.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to user complaints; see x (in reply to MAIL FROM command))",
            &[
                "prog:smtp",
                "prog:postfix/smtp",
                "host:mx1",
                "qid:4jYg7l1WNDz2BGQD",
                "to:ann@Yahoo.com",
                "to:ann@corp.example",
                "domain:yahoo.com",
                "domain:corp.example",
                "code:4.7.0",
                "code:421",
                "relay:*.yahoodns.net",
                "ip:203.0.113.0/24",
                "status:deferred",
                "reason:TSS04",
                "class:rate-limited",
                "provider:yahoo",
                "delay:>=2500ms",
                "age:=1h",
                "complaints",
                "/TSS\\d+/",
            ],
            &[
                "prog:postfix",
                "from:*",
                "user:*",
                "ip:192.0.2.25",
                "status:sent",
                "size:>0",
                "queue:deferred",
            ],
        ),
        (
            "mx1 postfix/smtp[9]: ABCDEF12: to=<bob@dead.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to dead.example[192.0.2.9]:25: Connection timed out)",
            &[
                "relay:none",
                "code:4.4.1",
                "class:unreachable",
                "provider:other",
            ],
            &["ip:192.0.2.9", "code:421"],
        ),
        (
            "mx1 postfix/qmgr[3]: ABCDEF12: from=<>, size=6214, nrcpt=3 (queue active)",
            &["from:<>", "size:>6k", "rcpts:=3", "prog:qmgr"],
            &["to:*", "domain:*", "status:*", "delay:>0"],
        ),
        (
            "mx1 postfix/submission/smtpd[4]: ABCDEF12: client=pc.example[2001:db8::5], sasl_method=PLAIN, sasl_username=ann@corp.example",
            &[
                "user:ann@*",
                "client:pc.example",
                "ip:2001:db8::/32",
                "prog:postfix/submission/smtpd",
            ],
            &["relay:*", "from:*"],
        ),
        (
            "mx1 postfix/smtpd[4]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<h>",
            &[
                "status:reject",
                "code:554",
                "code:5.7.1",
                "from:a@b.example",
                "domain:y.example",
                "ip:192.0.2.7",
                "proto:esmtp",
                "reason:\"access denied\"",
            ],
            &["class:*", "provider:*", "qid:*"],
        ),
        (
            "mx1 postfix/cleanup[2]: ABCDEF12: message-id=<1@shop.example>",
            &["msgid:1@shop.example", "msgid:*@shop.example"],
            &["from:*"],
        ),
        (
            "mx1 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<ann>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.1, session=<x>",
            &[
                "user:ann",
                "ip:198.51.100.7",
                "proto:imap",
                "proto:imap-login",
                "prog:dovecot",
                "status:failed",
            ],
            &["ip:192.0.2.1", "domain:*"],
        ),
        (
            "mx1 dovecot: lmtp(ann)<4><s>: msgid=<1@shop.example>: saved mail to INBOX",
            &[
                "user:ann",
                "msgid:1@shop.example",
                "proto:lmtp",
                "status:saved",
            ],
            &["status:failed"],
        ),
        (
            "mx1 postfix/qmgr[3]: ABCDEF12: from=<a@b.example>, status=expired, returned to sender",
            &["status:expired", "from:a@b.example"],
            &["status:bounced"],
        ),
        (
            "mx1 postfix/smtp[9]: something that no grammar knows \u{202e}",
            &["grammar", "/202e/", "prog:smtp"],
            &["reason:grammar"],
        ),
    ];
    let facts = Facts::new(Knowledge::builtin(), Utc.fix());
    let until = DateTime::parse_from_rfc3339("2026-11-24T11:00:00Z").unwrap();
    let calendar = Calendar { anchor: until };
    for (text, yes, no) in cases {
        let line = format!("2026-11-24T10:00:00+00:00 {text}");
        let mut mixed = Mixed::default();
        let record = mixed.record(line.as_bytes(), &calendar);
        let logged = Logged {
            record: &record,
            line: line.as_bytes(),
            facts: &facts,
            until: until.into(),
        };
        for text in *yes {
            assert!(filter(text).matches(&logged), "{text}: {record:?}");
        }
        for text in *no {
            assert!(!filter(text).matches(&logged), "{text}: {record:?}");
        }
    }
}
