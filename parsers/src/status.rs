//! Delivery status words, reply codes (RFC 5321) and enhanced status codes (RFC 3463).

use crate::grammar::find_byte;
use std::fmt;

/// The value of `status=` in a delivery line (`global/log_adhoc.c`, `global/deliver_request.h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Delivered, or handed on.
    Sent,
    /// Postfix will try again.
    Deferred,
    /// Given up; the sender is told.
    Bounced,
    /// A probe (`sendmail -bv`, verify(8)) would be delivered.
    Deliverable,
    /// A probe would not be delivered.
    Undeliverable,
    /// `soft_bounce = yes`: a hard failure that stays in the queue.
    SoftBounce,
}

impl Status {
    /// Reads the word as logged; `None` for a word that Postfix does not write.
    pub fn new(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"sent" => Self::Sent,
            b"deferred" => Self::Deferred,
            b"bounced" => Self::Bounced,
            b"deliverable" => Self::Deliverable,
            b"undeliverable" | b"undeliverable-but-not-cached" => Self::Undeliverable,
            b"SOFTBOUNCE" => Self::SoftBounce,
            _ => return None,
        })
    }

    /// The word in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Deliverable => "deliverable",
            Self::Undeliverable => "undeliverable",
            Self::SoftBounce => "softbounce",
        }
    }
}

/// An enhanced status code, `class.subject.detail` (RFC 3463). Numbers that no RFC knows are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnhancedStatus {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// The subject, 0 to 999.
    pub subject: u16,
    /// The detail, 0 to 999.
    pub detail: u16,
}

/// A three-digit SMTP reply code (RFC 5321, section 4.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplyCode(pub u16);

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl fmt::Debug for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl EnhancedStatus {
    /// Reads a whole field, `4.7.28`; `None` when it is not one.
    pub fn new(field: &[u8]) -> Option<Self> {
        match Self::leading(field)? {
            (code, b"") => Some(code),
            _ => None,
        }
    }

    /// Reads one at the start of a text; goes out with what follows.
    #[inline]
    pub(crate) fn leading(text: &[u8]) -> Option<(Self, &[u8])> {
        let [class @ (b'2' | b'4' | b'5'), b'.', rest @ ..] = text else {
            return None;
        };
        let (subject, rest) = up_to_three_digits(rest)?;
        let [b'.', rest @ ..] = rest else { return None };
        let (detail, rest) = up_to_three_digits(rest)?;
        let code = Self {
            class: class & 15,
            subject,
            detail,
        };
        Some((code, rest))
    }

    /// The first enhanced status code that stands right after a reply code in a reply text, or at its start.
    pub fn find(reply: &[u8]) -> Option<Self> {
        let after_code = code_position(reply).map_or(0, |at| at + 4);
        let word = reply
            .get(after_code..)?
            .split(|b| matches!(b, b' ' | b')' | b':' | b';'))
            .next()?;
        Self::new(word)
    }
}

impl ReplyCode {
    /// The reply code in a delivery's reply text: at its start, or after `said: ` or `refused to talk to me: `.
    pub fn find(reply: &[u8]) -> Option<Self> {
        let digits = reply.get(code_position(reply)?..)?.get(..3)?;
        digits
            .iter()
            .try_fold(0_u16, |code, digit| {
                Some(code * 10 + u16::from(digit.checked_sub(b'0')?))
            })
            .map(Self)
    }
}

#[inline]
fn up_to_three_digits(text: &[u8]) -> Option<(u16, &[u8])> {
    let [digit @ b'0'..=b'9', rest @ ..] = text else {
        return None;
    };
    let (mut number, mut rest) = (u16::from(digit & 15), rest);
    for _ in 0..2 {
        let [digit @ b'0'..=b'9', after @ ..] = rest else {
            break;
        };
        number = number * 10 + u16::from(digit & 15);
        rest = after;
    }
    Some((number, rest))
}

/// Where the reply code stands. The marks before it are looked for by their colons, the rarest of their bytes.
fn code_position(reply: &[u8]) -> Option<usize> {
    let is_code = |at: usize| {
        reply.get(at..at + 4).is_some_and(|head| {
            matches!(head, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-'])
        })
    };
    if is_code(0) {
        return Some(0);
    }
    let (mut said, mut refused, mut from) = (None, None, 0);
    while let Some(colon) = find_byte(b':', reply.get(from..)?) {
        let colon = from + colon;
        from = colon + 1;
        let Some(b' ') = reply.get(from) else {
            continue;
        };
        let before = reply.get(..colon)?;
        if said.is_none() && before.ends_with(b" said") {
            said = Some(from + 1);
            if is_code(from + 1) {
                return said;
            }
        } else if refused.is_none() && before.ends_with(b" refused to talk to me") {
            refused = Some(from + 1);
        }
    }
    refused.filter(|at| is_code(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enhanced_codes_are_whole_fields() {
        for field in ["2.0.0", "4.7.28", "5.7.509", "5.0.0", "4.999.999"] {
            let code = EnhancedStatus::new(field.as_bytes());
            assert_eq!(code.map(|code| code.to_string()).as_deref(), Some(field));
        }
        for field in [
            "", "5", "5.1", "5.1.1.1", "3.1.1", "9.9.9", "5..1", "5.1000.1", "5.1.1)", "+5.1.1",
        ] {
            assert_eq!(EnhancedStatus::new(field.as_bytes()), None, "{field}");
        }
    }

    #[test]
    fn codes_of_a_reply() {
        let table = [
            (
                "250 2.0.0 Ok: queued as 5E2B330020",
                Some(250),
                Some("2.0.0"),
            ),
            (
                "host mx[192.0.2.1] said: 550-5.7.26 no 550 5.7.26 end (in reply to DATA command)",
                Some(550),
                Some("5.7.26"),
            ),
            (
                "host mx[192.0.2.1] refused to talk to me: 554 Blocked",
                Some(554),
                None,
            ),
            (
                "delivery temporarily suspended: host mx[192.0.2.1] said: 421 4.7.0 x",
                Some(421),
                Some("4.7.0"),
            ),
            (
                "connect to mx[192.0.2.1]:25: Connection refused",
                None,
                None,
            ),
            (
                "host 2001:db8::1 refused to talk to me: 421 4.3.0 it said: 550 5.1.1 no",
                Some(550),
                Some("5.1.1"),
            ),
            (
                "host mx[192.0.2.1] said: no. refused to talk to me: 554 5.7.1 x, said: 550 y",
                Some(554),
                Some("5.7.1"),
            ),
            ("it said:", None, None),
            ("it said: ", None, None),
            ("delivered to mailbox", None, None),
            ("", None, None),
            ("250", None, None),
        ];
        for (reply, code, enhanced) in table {
            assert_eq!(
                ReplyCode::find(reply.as_bytes()).map(|code| code.0),
                code,
                "{reply}"
            );
            let found = EnhancedStatus::find(reply.as_bytes()).map(|code| code.to_string());
            assert_eq!(found.as_deref(), enhanced, "{reply}");
        }
    }
}
