//! The template of a text: what differs between two messages with the same cause is a placeholder, what tells causes apart stays.
//!
//! | in the text | in the template |
//! |---|---|
//! | an address, with its angle brackets | `<addr>` |
//! | an IPv4 or IPv6 address | `<ip>` |
//! | a name in front of an address in brackets, `N[ip]`; the name that a DNS error is about | `<host>` |
//! | what follows the host in a URL | `<url>` |
//! | a file of one user in an error of local(8) | `<path>` |
//! | queue ids, session ids, hashes, times in hex | `<id>` |
//! | other numbers | `<n>` |
//!
//! Enhanced status codes (`4.7.28`) stay, and so do the code words of providers: one to six capitals with up to six digits, `TSS04`, `S3140`, `SC-001`, not
//! longer than eight letters. Folding a template changes nothing. Time grows with the text's length only: each byte is looked at a bounded number of times.
//! It deliberately keeps domains and the words of the text: two servers that say the same differently have two templates.

mod atoms;

use atoms::atoms;
// Of `core`, which has addresses but no sockets.
use core::net::{Ipv4Addr, Ipv6Addr};

/// Longest IPv6 address as text, with an IPv4 tail.
const LONGEST_IP: usize = 45;
/// How far the end of a quoted local part is looked for (RFC 5321, section 4.5.3.1.1, with the quotes and escapes).
const LONGEST_QUOTED: usize = 130;
/// Shortest word with `+/=._-` in it that is an id even if none of its parts is one, if it holds three digits.
const LONG_ID: usize = 16;

/// What may stand around a word.
const OPENING: [char; 7] = ['(', '[', '{', '<', '"', '\'', '#'];
const CLOSING: [char; 11] = [')', ']', '}', '>', '"', '\'', '.', ',', ';', ':', '!'];
/// What stands before `=` and an address that is not a part of it.
const KEYS: [&str; 9] = [
    "to",
    "from",
    "rcpt",
    "sender",
    "mailfrom",
    "recipient",
    "user",
    "email",
    "address",
];

/// Appends the template of the words to `out`.
pub fn fold_into(out: &mut String, words: &str) {
    // Most words hold nothing that changes: stretches of them are copied at once, from `copied` on.
    let (mut copied, mut at) = (0, 0);
    let mut before = ["", ""];
    loop {
        let rest = words.get(at..).unwrap_or_default();
        let (word, next) = match plain(rest) {
            Some(length) if before != ["for", "user"] => {
                (rest.get(..length).unwrap_or_default(), at + length)
            }
            _ => {
                out.push_str(words.get(copied..at).unwrap_or_default());
                let (word, after) = cut_word(rest);
                fold_word(out, word, before, after.unwrap_or_default());
                copied = at + word.len();
                (word, copied)
            }
        };
        if next >= words.len() {
            break;
        }
        before = [before[1], word];
        at = next + 1;
    }
    out.push_str(words.get(copied..).unwrap_or_default());
}

/// The length of the first word, if it is short and without a byte that a placeholder may stand for.
fn plain(text: &str) -> Option<usize> {
    for (at, &byte) in text.as_bytes().iter().take(LONG_ID).enumerate() {
        if byte == b' ' {
            return Some(at);
        }
        if special(byte) {
            return None;
        }
    }
    (text.len() < LONG_ID).then_some(text.len())
}

/// The first word, and what follows the blank behind it. A quoted local part keeps its blanks: `<"ann b"@x.example>`.
fn cut_word(text: &str) -> (&str, Option<&str>) {
    let blank =
        |from: usize| memchr::memchr(b' ', text.as_bytes().get(from..)?).map(|at| from + at);
    let Some(mut end) = blank(0) else {
        return (text, None);
    };
    let head = text.get(..end).unwrap_or_default();
    let opening = head.trim_start_matches(['<', '(']);
    if opening
        .strip_prefix('"')
        .is_some_and(|open| !open.contains('"'))
    {
        let near = text.as_bytes().get(end..).unwrap_or_default();
        let near = near.get(..LONGEST_QUOTED).unwrap_or(near);
        let quote = memchr::memchr(b'"', near);
        if let Some(at) = quote.filter(|at| near.get(at + 1) == Some(&b'@')) {
            let Some(blank) = blank(end + at) else {
                return (text, None);
            };
            end = blank;
        }
    }
    (text.get(..end).unwrap_or_default(), text.get(end + 1..))
}

fn fold_word(out: &mut String, word: &str, before: [&str; 2], after: &str) {
    if let Some(short) = of_one_user(word, before) {
        out.push_str(short);
        out.push_str(
            word.get(word.trim_end_matches(['.', ',', ':']).len()..)
                .unwrap_or_default(),
        );
        return;
    }
    if word.starts_with("name=") && after.starts_with("type=") {
        out.push_str("name=<host>");
        return;
    }
    let at = memchr::memchr(b'@', word.as_bytes());
    let scheme = memchr::memmem::find(word.as_bytes(), b"://");
    if at.or(scheme).is_some() {
        addresses(out, word);
    } else if !(host_and_ip(out, word) || url_without_scheme(out, word) || id(out, word)) {
        atoms(out, word);
    }
}

fn special(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'@' | b'/' | b'[' | b'=' | b'"')
}

/// The names and files in texts of local(8): `unknown user: "ann"`, `cannot update mailbox /var/mail/ann for user ann. …`.
fn of_one_user(word: &str, before: [&str; 2]) -> Option<&'static str> {
    match before {
        [_, "user:"] if word.starts_with('"') => Some("\"<addr>\""),
        ["for", "user"] if word.ends_with('.') => Some("<addr>"),
        [_, "mailbox" | "file" | "maildir" | "directory"] if word.starts_with('/') => {
            Some("<path>")
        }
        _ => None,
    }
}

/// Addresses, one after the other, and what stands around them; a URL ends them, because it goes to the end of the word.
fn addresses(out: &mut String, word: &str) {
    let mut rest = word;
    while let Some(at) = memchr::memchr(b'@', rest.as_bytes()) {
        let head = rest.get(..at).unwrap_or_default();
        if let Some(scheme) = memchr::memmem::find(head.as_bytes(), b"://") {
            return url(out, rest, scheme);
        }
        let tail = rest.get(at + 1..).unwrap_or_default();
        let domain = tail
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
            .unwrap_or(tail.len());
        let start = local_start(head);
        if domain == 0 && start == at {
            atoms(out, head);
            out.push('@');
            rest = tail;
            continue;
        }
        let lead = head.get(..start).unwrap_or_default();
        let open = lead
            .strip_suffix('<')
            .filter(|_| tail.get(domain..).is_some_and(|tail| tail.starts_with('>')));
        atoms(out, open.unwrap_or(lead));
        out.push_str("<addr>");
        rest = tail.get(domain..).unwrap_or_default();
        if open.is_some() {
            rest = rest.strip_prefix('>').unwrap_or(rest);
        }
    }
    match memchr::memmem::find(rest.as_bytes(), b"://") {
        Some(scheme) => url(out, rest, scheme),
        None => atoms(out, rest),
    }
}

/// Where the local part at the end of the text begins.
fn local_start(head: &str) -> usize {
    if let Some(open) = head.strip_suffix('"') {
        return open.rfind('"').unwrap_or(0);
    }
    let start = head
        .rfind(['<', '>', '(', '[', '"', '\'', ',', ';', ':'])
        .map_or(0, |at| at + 1);
    let local = head.get(start..).unwrap_or_default();
    match local.split_once('=') {
        Some((key, _)) if KEYS.iter().any(|known| key.eq_ignore_ascii_case(known)) => {
            start + key.len() + 1
        }
        _ => start,
    }
}

/// A URL stays up to its host. `at` is where `://` stands.
fn url(out: &mut String, word: &str, at: usize) {
    let bytes = word.as_bytes();
    let mut start = at;
    while start > 0 && bytes.get(start - 1).is_some_and(u8::is_ascii_alphabetic) {
        start -= 1;
    }
    atoms(out, word.get(..start).unwrap_or_default());
    out.push_str(word.get(start..at + 3).unwrap_or_default());
    let rest = word.get(at + 3..).unwrap_or_default();
    let rest = if let Some(rest) = rest.strip_prefix("<ip>") {
        out.push_str("<ip>");
        rest
    } else {
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
            .unwrap_or(rest.len());
        let host = rest.get(..end).unwrap_or_default();
        let host = host.trim_end_matches('.');
        out.push_str(if host.parse::<Ipv4Addr>().is_ok() {
            "<ip>"
        } else {
            host
        });
        rest.get(host.len()..).unwrap_or_default()
    };
    let path = rest.trim_end_matches(CLOSING);
    if rest.starts_with("/<url>") || matches!(path, "" | "/") {
        out.push_str(rest);
    } else {
        out.push_str("/<url>");
        out.push_str(rest.get(path.len()..).unwrap_or_default());
    }
}

/// `www.x.example/query?ip=…`: a host, and a path that tells messages apart.
fn url_without_scheme(out: &mut String, word: &str) -> bool {
    let Some((host, rest)) = word.split_once('/') else {
        return false;
    };
    let name = host.trim_start_matches(OPENING);
    let path = rest.trim_end_matches(CLOSING);
    let is_url = name.contains('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'.' | b'-'))
        // An address was told from it before: it is a template.
        && !path.contains("<addr>")
        && path
            .bytes()
            .any(|b| b.is_ascii_digit() || matches!(b, b'?' | b'='));
    if is_url {
        out.push_str(host);
        out.push_str("/<url>");
        out.push_str(rest.get(path.len()..).unwrap_or_default());
    }
    is_url
}

/// `N[ip]`, as Postfix writes a host.
fn host_and_ip(out: &mut String, word: &str) -> bool {
    let Some((head, rest)) = word.split_once('[') else {
        return false;
    };
    let Some((ip, rest)) = rest.split_once(']') else {
        return false;
    };
    let name = head.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let host = head.get(name.len()..).unwrap_or_default();
    let found = is_ip(ip) && (host.contains('.') || matches!(host, "unknown" | "localhost"));
    if found {
        atoms(out, name);
        out.push_str("<host>[<ip>]");
        atoms(out, rest);
    }
    found
}

fn is_ip(text: &str) -> bool {
    let text = text.strip_prefix("IPv6:").unwrap_or(text);
    text.len() <= LONGEST_IP
        && (text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok())
}

/// A word that is one id, with dots, hyphens and the other signs that ids hold.
fn id(out: &mut String, word: &str) -> bool {
    let core = word.trim_start_matches(OPENING);
    let lead = word.get(..word.len() - core.len()).unwrap_or_default();
    let id = core.trim_end_matches(CLOSING);
    let tail = core.get(id.len()..).unwrap_or_default();
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let signs =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'.' | b'-');
    let long = digits >= 3 && id.len() >= LONG_ID;
    let found = digits > 0
        && id.bytes().all(signs)
        && !atoms::starts_with_ip(id)
        && (long
            || id
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(atoms::is_id));
    if found {
        let bracketed = lead.strip_suffix('<').zip(tail.strip_prefix('>'));
        let (lead, tail) = bracketed.unwrap_or((lead, tail));
        out.push_str(lead);
        out.push_str("<id>");
        out.push_str(tail);
    }
    found
}
