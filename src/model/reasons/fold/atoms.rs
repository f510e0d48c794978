//! The smallest parts of a word: runs of letters and digits, and the IP addresses and enhanced status codes made of several.
//!
//! In goes a word or a part of one; out comes its template. What is decided here looks at one run, the sign before it and at most [`NEAR`] bytes after its
//! start, so the time grows with the length of the word only.

use super::LONGEST_IP;
use mailtop_parsers::EnhancedStatus;
// Of `core`, which has addresses but no sockets.
use core::net::{Ipv4Addr, Ipv6Addr};

/// How far an IP address or a code made of several runs is looked for.
const NEAR: usize = LONGEST_IP + 1;
/// Shortest run of letters and digits, or of digits alone, that is an id: Postfix's short queue ids have nine or more.
const ID: usize = 9;
/// Digits of the largest number that is not taken for an id.
const DIGITS: usize = 9;
/// Letters and digits of the longest code word of a provider: `RL000001`.
const CODE_WORD: usize = 8;
/// Digits of the longest number that has a unit or a name in front.
const MEASURE: usize = 5;
/// Shortest run of letters that can be an id without any digit.
const LETTERS: usize = 16;

/// Appends the template of a part of a word.
pub fn atoms(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let colons = memchr::memchr_iter(b':', bytes).take(2).count() == 2;
    let mut at = 0;
    // How many letters stand before the sign that was just passed, if they can begin a code word such as SC-001.
    let mut prefix = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let v6 = colons && may_begin_ipv6(bytes, at);
        if let Some(length) = v6.then(|| ipv6(rest)).flatten() {
            out.push_str("<ip>");
            at += length;
            prefix = 0;
        } else if !byte.is_ascii_alphanumeric() {
            let length = sign(rest);
            out.push_str(text.get(at..at + length).unwrap_or_default());
            at += length;
            if length > 1 || !matches!(byte, b'-' | b'#') {
                prefix = 0;
            }
        } else if let Some((length, short)) = byte.is_ascii_digit().then(|| dotted(rest)).flatten()
        {
            out.push_str(match short {
                Some(short) => short,
                None => text.get(at..at + length).unwrap_or_default(),
            });
            at += length;
            prefix = 0;
        } else {
            let length = run(rest, |b| b.is_ascii_alphanumeric());
            let atom = text.get(at..at + length).unwrap_or_default();
            let letters = run(atom.as_bytes(), |b| b.is_ascii_alphabetic());
            if letters == 0
                && prefix > 0
                && length <= 6
                && prefix + length <= CODE_WORD
                && digits_only(atom)
            {
                out.push_str(atom);
            } else {
                one(out, atom, letters);
            }
            let begins = letters == length && letters <= 6 && byte.is_ascii_uppercase();
            prefix = if begins { letters } else { 0 };
            at += length;
        }
    }
}

/// Whether a run of letters and digits is an id: long, and with a digit.
pub fn is_id(atom: &str) -> bool {
    atom.len() >= ID
        && atom.bytes().any(|b| b.is_ascii_digit())
        && (atom.len() > DIGITS || !digits_only(atom))
}

/// Whether the text begins with an IPv4 address.
pub fn starts_with_ip(text: &str) -> bool {
    matches!(dotted(text.as_bytes()), Some((_, Some("<ip>"))))
}

/// The length of the signs at the start; a colon ends them, because an IPv6 address may begin with it.
fn sign(rest: &[u8]) -> usize {
    1 + run(rest.get(1..).unwrap_or_default(), |b| {
        !b.is_ascii_alphanumeric() && b != b':'
    })
}

fn run(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !is(*b)).unwrap_or(bytes.len())
}

fn digits_only(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits with dots: an IPv4 address, an enhanced status code (which stays), a decimal number; with its length.
fn dotted(rest: &[u8]) -> Option<(usize, Option<&'static str>)> {
    let is = |b: u8| b.is_ascii_digit() || b == b'.';
    let near = rest.get(..NEAR).unwrap_or(rest);
    let length = run(near, is);
    if length == NEAR {
        return Some((run(rest, is), Some("<n>")));
    }
    let text = std::str::from_utf8(near.get(..length)?).ok()?;
    let number = text.trim_end_matches('.');
    let next = rest.get(number.len());
    if !number.contains('.') || next.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    // Dots at the end belong to the sentence, unless a name goes on: 25.2.0.192.zen.spamhaus.org.
    if number.parse::<Ipv4Addr>().is_ok() {
        return Some((number.len(), Some("<ip>")));
    }
    if EnhancedStatus::new(number.as_bytes()).is_some() {
        return Some((number.len(), None));
    }
    Some((number.len(), Some("<n>")))
}

/// An IPv6 address begins after a sign, but not after a colon that may itself belong to one: only after `IPv6:` and words such as `client:`.
fn may_begin_ipv6(bytes: &[u8], at: usize) -> bool {
    let begins = match bytes.get(at..) {
        Some([b':', b':', ..]) => true,
        Some([first, ..]) => first.is_ascii_hexdigit(),
        _ => false,
    };
    let before = bytes.get(..at).unwrap_or_default();
    begins
        && match before {
            [.., b':'] if before.ends_with(b"IPv6:") => true,
            [.., letter, b':'] => letter.is_ascii_alphabetic() && !letter.is_ascii_hexdigit(),
            [b':'] => false,
            _ => true,
        }
}

fn ipv6(rest: &[u8]) -> Option<usize> {
    let near = rest.get(..NEAR).unwrap_or(rest);
    let length = run(near, |b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    // A placeholder in it was a part of something longer.
    if near
        .get(length)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'<')
    {
        return None;
    }
    let text = std::str::from_utf8(near.get(..length)?).ok()?;
    let whole = text.trim_end_matches('.');
    [whole, whole.strip_suffix(':').unwrap_or(whole)]
        .into_iter()
        .find(|text| text.len() > 2 && text.parse::<Ipv6Addr>().is_ok())
        .map(str::len)
}

/// One run of letters and digits, which begins with that many letters.
fn one(out: &mut String, atom: &str, letters: usize) {
    let length = atom.len();
    if letters == length {
        out.push_str(if random_letters(atom) { "<id>" } else { atom });
        return;
    }
    let digits = run(atom.as_bytes().get(letters..).unwrap_or_default(), |b| {
        b.is_ascii_digit()
    });
    let after = length - letters - digits;
    let (head, tail) = (atom.get(..letters), atom.get(letters + digits..));
    let (head, tail) = (head.unwrap_or_default(), tail.unwrap_or_default());
    if after == 0 && letters == 0 {
        out.push_str(if digits > DIGITS { "<id>" } else { "<n>" });
    } else if length >= ID {
        out.push_str("<id>");
    } else if after == 0
        && letters <= 6
        && digits <= 6
        && head.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
    {
        out.push_str(atom);
    } else if digits <= MEASURE
        && (after == 0
            || (letters == 0 && after <= 3 && tail.bytes().all(|b| b.is_ascii_alphabetic())))
    {
        // mx12 and 30s, but not the hexadecimal 7083917b
        out.push_str(head);
        out.push_str("<n>");
        out.push_str(tail);
    } else {
        out.push_str("<id>");
    }
}

/// Whether letters without a digit look drawn by lot: base64 changes its case every fourth letter, words do it every seventh; long queue ids have no vowels.
fn random_letters(atom: &str) -> bool {
    if atom.len() < LETTERS {
        return false;
    }
    let rises = atom
        .as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count();
    rises * 5 >= atom.len()
        || !atom
            .bytes()
            .any(|b| matches!(b.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u'))
}
