//! Text with who writes to whom taken out: local parts of addresses and the host's part of client addresses.
//!
//! For a picture or a bug report. `ann@shop.example` becomes `***@shop.example`, `192.0.2.77` becomes `192.0.2.x`, and of an IPv6 address
//! the first three groups stay. Names without an `@` (a login that is no address) can't be told from other words and stay.

use super::SafeText;
use std::net::IpAddr;

/// Characters of an unquoted local part (RFC 5322, section 3.2.3), and the marks that cutting a long one leaves.
fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.…".contains(c)
}

fn is_address(c: char) -> bool {
    c.is_ascii_hexdigit() || matches!(c, '.' | ':')
}

impl SafeText {
    /// The same without local parts and without the host's part of IP addresses.
    pub fn private(&self) -> Self {
        let text = self.as_str();
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let local = run(rest, is_local);
            let quoted = quoted(rest);
            if let Some(local) = [local, quoted].into_iter().find(|local| {
                *local > 0
                    && rest
                        .get(*local..)
                        .is_some_and(|after| after.starts_with('@'))
            }) {
                out.push_str("***");
                rest = rest.get(local..).unwrap_or_default();
            } else if let Some((length, hidden)) = address(rest) {
                out.push_str(&hidden);
                rest = rest.get(length..).unwrap_or_default();
            } else {
                // Whole words at a time: the end of a local part would not be known as one.
                let length = local.max(run(rest, is_address)).max(c.len_utf8());
                out.push_str(rest.get(..length).unwrap_or_default());
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        Self(out.into())
    }
}

fn run(text: &str, is: fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

/// The length of a quoted string at the beginning.
fn quoted(text: &str) -> usize {
    let inner = text.strip_prefix('"');
    let end = inner.and_then(|inner| inner.find('"'));
    end.map_or(0, |end| end + 2)
}

/// An IP address at the beginning: its length, and what may be shown of it.
fn address(text: &str) -> Option<(usize, String)> {
    let length = run(text, is_address);
    let word = text.get(..length)?.trim_end_matches(['.', ':']);
    let hidden = match word.parse().ok()? {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.x")
        }
        IpAddr::V6(address) if address.is_loopback() || address.is_unspecified() => return None,
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:x")
        }
    };
    Some((word.len(), hidden))
}

#[cfg(test)]
mod tests {
    use crate::safe_text::SafeText;

    #[test]
    fn local_parts_and_the_hosts_part_of_addresses_are_hidden() {
        for (text, private) in [
            ("ann@shop.example", "***@shop.example"),
            (
                "from=<o'neil+x@a.example>, to=<b@c.example>",
                "from=<***@a.example>, to=<***@c.example>",
            ),
            ("\"john doe\"@a.example", "***@a.example"),
            ("<müller@a.example>", "<***@a.example>"),
            ("…lis@a.example", "***@a.example"),
            ("client=x[192.0.2.77]:25", "client=x[192.0.2.x]:25"),
            ("[2001:db8:7:8::1]", "[2001:db8:7:x]"),
            ("said 192.0.2.7.", "said 192.0.2.x."),
        ] {
            assert_eq!(SafeText::from(text).private().as_str(), private, "{text}");
        }
    }

    #[test]
    fn what_names_nobody_stays() {
        for text in [
            "421 4.7.0 [TSS04] deferred",
            "11:09:31 to 11:10",
            "a.b.example",
            "4jYg7l1WNDz2BGQD",
            "::1",
            "1.2.3",
            "",
            "@",
            "a @ b",
            "\"",
            "yahoo.com 3 904 · 4.7.28",
        ] {
            assert_eq!(SafeText::from(text).private().as_str(), text);
        }
    }
}
