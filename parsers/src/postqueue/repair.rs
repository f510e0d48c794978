//! Repairs what old releases of `postqueue -j` print: bytes that are no UTF-8, control characters as they are, and escapes
//! that JSON does not know.
//!
//! Comes in: a line that a JSON reader refused. Goes out: a line with the same text in which every backslash begins a valid
//! escape. An escape that lacks its `u` (`\001F`) gets one; any other stray backslash stands for itself.
//!
//! Deliberately not here: brackets, commas and quotes that are missing; a cut line stays unreadable.
//! Specified in RFC 8259, section 7; the defect is told in Postfix's HISTORY for 3.9.

use std::fmt::Write;

/// The line with valid UTF-8 and valid escapes.
pub(super) fn repaired(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line);
    let mut whole = String::with_capacity(text.len() + 16);
    let mut in_string = false;
    let mut rest = text.trim_ascii().chars();
    while let Some(letter) = rest.next() {
        match letter {
            '"' => {
                in_string = !in_string;
                whole.push(letter);
            }
            '\\' if in_string => escape(&mut rest, &mut whole),
            control if in_string && control.is_ascii_control() => push_escaped(&mut whole, control),
            other => whole.push(other),
        }
    }
    whole.into_bytes()
}

/// Copies an escape, or makes one of what follows a backslash.
fn escape(rest: &mut std::str::Chars<'_>, whole: &mut String) {
    let text = rest.as_str();
    let unicode = text.strip_prefix('u').filter(|digits| is_hex4(digits));
    if unicode.is_some() {
        whole.push('\\');
    } else if text.starts_with("00") && is_hex4(text) {
        whole.push_str("\\u");
    } else if text.starts_with(['"', '\\', '/', 'b', 'f', 'n', 'r', 't']) {
        whole.push('\\');
        whole.extend(rest.next());
    } else {
        whole.push_str("\\\\");
    }
}

fn push_escaped(whole: &mut String, control: char) {
    // Writing to a String cannot fail.
    let _ = write!(whole, "\\u{:04X}", u32::from(control));
}

fn is_hex4(text: &str) -> bool {
    text.as_bytes()
        .get(..4)
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}
