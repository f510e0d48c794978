//! Who speaks in a line of Dovecot, and of which user, as each of its versions writes it.

use super::*;

fn who(text: &str) -> (String, String, Option<String>, String) {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (who, words) = prefix(text.as_bytes()).unwrap();
    (
        lossy(who.service),
        lossy(who.user),
        who.session.map(lossy),
        lossy(words),
    )
}

#[test]
fn prefixes_of_every_version() {
    let table = [
        ("imap-login: Login", "imap-login", "", None, "Login"),
        ("imap(bob): x", "imap", "bob", None, "x"),
        (
            "imap(bob@b.example)<12><s/+=>: x",
            "imap",
            "bob@b.example",
            Some("s/+="),
            "x",
        ),
        ("lmtp(9610): x", "lmtp", "", None, "x"),
        ("lmtp(9610, u@d): x", "lmtp", "u@d", None, "x"),
        (
            "lmtp(u@d)<9610><abc:2>: x",
            "lmtp",
            "u@d",
            Some("abc:2"),
            "x",
        ),
        ("imap(?): x", "imap", "", None, "x"),
        ("imap(a (b)): x", "imap", "a (b)", None, "x"),
        (
            "auth(u,192.0.2.1,sasl:plain)<sess>: x",
            "auth",
            "u,192.0.2.1,sasl:plain",
            Some("sess"),
            "x",
        ),
        ("lda(u)<12><>: x", "lda", "u", None, "x"),
    ];
    for (text, service, user, session, words) in table {
        let expected = (
            service.into(),
            user.into(),
            session.map(Into::into),
            words.into(),
        );
        assert_eq!(who(text), expected, "{text}");
    }
    assert!(prefix(b"no prefix").is_none());
    assert!(prefix(b": x").is_none());
    assert!(prefix(b"").is_none());
}
