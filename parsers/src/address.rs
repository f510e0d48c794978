//! Envelope addresses as Postfix logs them: `<…>` with a quoted local part, or the null sender `<>`.
//!
//! Comes in: text that begins with `<`. Goes out: the address without its brackets.
//!
//! An address is a stranger's text. In external form (Postfix 3.5 and later, `info_log_address_format`) a local part with
//! anything odd is a quoted string, which is stepped over as a whole; before that a bare `>` can stand inside. So the closing
//! bracket is the first one, outside the quoted string, after which the line goes on as its writer would have gone on.
//!
//! Deliberately not here: whether an address is valid. Specified in RFC 5321, section 4.1.2 (`Quoted-string`), and
//! `global/quote_822_local.c`.

use crate::grammar::{NO, Read, find_byte, mark, split_at};

/// Reads `<address>`; `goes_on` says whether the text after a `>` is what the writer puts after the address.
pub(crate) fn angle<'a>(
    goes_on: impl Fn(&[u8]) -> bool,
) -> impl Fn(&'a [u8]) -> Read<'a, &'a [u8]> {
    move |input| {
        let (body, _) = mark("<")(input)?;
        let quoted = quoted_local(body).and_then(|from| close(body, from, &goes_on));
        let (address, rest) = quoted.or_else(|| close(body, 0, &goes_on)).ok_or(NO)?;
        Ok((rest, address))
    }
}

/// Takes the angle brackets off an id that they enclose; text with more brackets than that is left as it is.
pub(crate) fn unbracketed(text: &[u8]) -> &[u8] {
    match text {
        [b'<', inner @ .., b'>'] if !has_bracket(inner) => inner,
        other => other,
    }
}

/// Whether an angle bracket is in a text. It is looked at as a whole, sixteen bytes at a time, because an id is short and has none.
fn has_bracket(text: &[u8]) -> bool {
    // The two brackets differ in one bit.
    let is_bracket = |byte: &u8| byte | 2 == b'>';
    let Some(last) = text.last_chunk::<16>() else {
        return text.iter().any(is_bracket);
    };
    let (chunks, _) = text.as_chunks::<16>();
    let in_chunk = |chunk: &[u8; 16]| {
        chunk
            .iter()
            .fold(false, |found, byte| found | is_bracket(byte))
    };
    chunks.iter().chain([last]).any(in_chunk)
}

/// Splits at the first `>` at or after `from` after which the line goes on as expected.
fn close<'a>(
    body: &'a [u8],
    from: usize,
    goes_on: &impl Fn(&[u8]) -> bool,
) -> Option<(&'a [u8], &'a [u8])> {
    let mut from = from;
    loop {
        let at = from + find_byte(b'>', body.get(from..)?)?;
        let (address, rest) = split_at(body, at, 1)?;
        if goes_on(rest) {
            return Some((address, rest));
        }
        from = at + 1;
    }
}

/// The length of a quoted local part at the start, its quotes included.
fn quoted_local(body: &[u8]) -> Option<usize> {
    body.strip_prefix(b"\"")?;
    let mut escaped = false;
    let end = body.iter().skip(1).position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })? + 2;
    matches!(body.get(end), Some(b'@' | b'>')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&str, &str)> {
        let (rest, address) = angle(|rest| rest.starts_with(b", "))(text.as_bytes()).ok()?;
        Some((
            std::str::from_utf8(address).ok()?,
            std::str::from_utf8(rest).ok()?,
        ))
    }

    #[test]
    fn one_id_loses_its_brackets() {
        for length in 0..50 {
            for filler in [b'a', b'=', b'?', b';', 0x7c, 0xbe] {
                let mut text = [&b"<"[..], &vec![filler; length], b">"].concat();
                assert_eq!(unbracketed(&text), &text[1..=length]);
                for at in 1..=length {
                    for bracket in [b'<', b'>'] {
                        text[at] = bracket;
                        assert_eq!(unbracketed(&text), text, "{}", text.escape_ascii());
                    }
                    text[at] = filler;
                }
            }
        }
        for text in [&b""[..], b"<", b">", b"a@b", b"<a@b", b"a@b>"] {
            assert_eq!(unbracketed(text), text);
        }
    }

    #[test]
    fn addresses_end_where_their_writer_ends_them() {
        let table = [
            ("<a@b.example>, x", "a@b.example"),
            ("<>, x", ""),
            (r#"<"user name"@b>, x"#, r#""user name"@b"#),
            (r#"<"a>, relay=x"@b>, x"#, r#""a>, relay=x"@b"#),
            (r#"<"a\">, \\"@b>, x"#, r#""a\">, \\"@b"#),
            (r#"<"only quoted">, x"#, r#""only quoted""#),
            ("<a>b@c>, x", "a>b@c"),
            (r#"<"broken>, x"#, r#""broken"#),
        ];
        for (text, address) in table {
            assert_eq!(read(text), Some((address, ", x")), "{text}");
        }
        assert_eq!(read("<a@b"), None);
        assert_eq!(read("a@b>, "), None);
    }
}
