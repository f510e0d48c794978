//! Values that are no words: comparisons with units, and networks.

use super::Field;
use std::net::IpAddr;

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
}

impl Order {
    pub(super) fn holds(self, value: i64, bound: i64) -> bool {
        match self {
            Self::Above => value > bound,
            Self::AtLeast => value >= bound,
            Self::Below => value < bound,
            Self::AtMost => value <= bound,
            Self::Equal => value == bound,
        }
    }
}

/// Reads `>2h`, `<=1M`, `=5` in the field's unit; `None` when it is none.
pub(super) fn comparison(field: Field, value: &str) -> Option<(Order, i64)> {
    let signs = [
        (">=", Order::AtLeast),
        ("<=", Order::AtMost),
        (">", Order::Above),
        ("<", Order::Below),
        ("=", Order::Equal),
    ];
    let (order, rest) = signs
        .into_iter()
        .find_map(|(sign, order)| Some((order, value.strip_prefix(sign)?)))?;
    let bound = match field {
        Field::Age => seconds(rest)?,
        Field::Delay => time(rest, 1)?,
        Field::Size => bytes(rest)?,
        _ => number(rest)?,
    };
    Some((order, bound))
}

/// A time in seconds: `90s`, `1h30m`, `2d`; a bare number is seconds.
pub fn seconds(text: &str) -> Option<i64> {
    Some(time(text, 1_000)? / 1_000)
}

/// A time in milliseconds: `90s`, `1h30m`, `1.5s`, `200ms`; a bare number is seconds. Not less than `least`, except 0.
fn time(text: &str, least: i64) -> Option<i64> {
    const UNITS: &[(&str, i64)] = &[
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
        ("w", 604_800_000),
    ];
    let mut rest = text;
    let mut sum = 0_i64;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at(digits.unwrap_or(rest.len()));
        let letters = after.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, next) = after.split_at(letters.unwrap_or(after.len()));
        let factor = match unit {
            "" if next.is_empty() => 1_000,
            unit => UNITS.iter().find(|(name, _)| *name == unit)?.1,
        };
        let part = decimal(number, factor)?;
        if part != 0 && part < least {
            return None;
        }
        sum = sum.checked_add(part)?;
        rest = next;
        if rest.is_empty() {
            return Some(sum);
        }
    }
}

/// `10k`, `5M`, `1.5G`, `64KiB`, or bytes; each step is 1024.
fn bytes(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let unit = unit.trim_end_matches('B');
    let factor = match unit.strip_suffix('i').unwrap_or(unit) {
        "" => 1,
        "k" | "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "T" => 1 << 40,
        _ => return None,
    };
    decimal(number, factor)
}

/// A count: `100`, `5k`.
fn number(text: &str) -> Option<i64> {
    match text.strip_suffix('k') {
        Some(thousands) => decimal(thousands, 1_000),
        None => decimal(text, 1),
    }
}

/// A number with a factor; digits after a point count as far as the factor makes them whole.
fn decimal(text: &str, factor: i64) -> Option<i64> {
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) if !whole.is_empty() && !part.is_empty() => (whole, part),
        Some(_) => return None,
        None => (text, ""),
    };
    let only_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !only_digits(whole) || !only_digits(part) || part.len() > 6 {
        return None;
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(factor)?;
    if part.is_empty() {
        return Some(whole);
    }
    let scale = 10_i64.pow(part.len() as u32);
    whole.checked_add(part.parse::<i64>().ok()?.checked_mul(factor)? / scale)
}

/// A network or one address: IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    base: u128,
    mask: u128,
    four: bool,
}

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or an address. `None` when it is neither; an address of the network need not be its first.
    pub(super) fn new(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            None => (text, None),
            Some((address, length)) => {
                let plain = (1..=3).contains(&length.len())
                    && length.bytes().all(|byte| byte.is_ascii_digit());
                (address, Some(length.parse::<u32>().ok().filter(|_| plain)?))
            }
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(most);
        let unused = most.checked_sub(length)?;
        let (bits, four) = bits(address);
        let mask = u128::MAX.checked_shl(unused).unwrap_or(0);
        Some(Self {
            base: bits & mask,
            mask,
            four,
        })
    }

    /// Whether the text is an address in it. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    pub(super) fn holds(self, text: &str) -> bool {
        let Ok(address) = text.parse::<IpAddr>() else {
            return false;
        };
        let within = |(bits, four)| four == self.four && bits & self.mask == self.base;
        within(bits(address)) || within(bits(address.to_canonical()))
    }
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), true),
        IpAddr::V6(address) => (u128::from(address), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_have_units() {
        let cases = [
            (Field::Age, ">2h", Some((Order::Above, 7_200))),
            (Field::Age, "<=1d", Some((Order::AtMost, 86_400))),
            (Field::Age, ">=1h30m", Some((Order::AtLeast, 5_400))),
            (Field::Age, "<90", Some((Order::Below, 90))),
            (Field::Age, ">1.5h", Some((Order::Above, 5_400))),
            (Field::Age, ">0", Some((Order::Above, 0))),
            (Field::Age, ">200ms", None),
            (Field::Age, ">2y", None),
            (Field::Age, "2h", None),
            (Field::Age, ">", None),
            (Field::Age, ">h", None),
            (Field::Age, ">-1h", None),
            (Field::Age, ">99999999999999999999", None),
            (Field::Age, ">9999999999999999w", None),
            (Field::Delay, ">1.5s", Some((Order::Above, 1_500))),
            (Field::Delay, "<200ms", Some((Order::Below, 200))),
            (Field::Delay, "=2", Some((Order::Equal, 2_000))),
            (Field::Size, ">1M", Some((Order::Above, 1 << 20))),
            (
                Field::Size,
                ">1.5MiB",
                Some((Order::Above, (1 << 20) + (1 << 19))),
            ),
            (Field::Size, "<10k", Some((Order::Below, 10 << 10))),
            (Field::Size, "=0", Some((Order::Equal, 0))),
            (Field::Size, ">1X", None),
            (Field::Size, ">1.M", None),
            (Field::Recipients, ">=100", Some((Order::AtLeast, 100))),
            (Field::Recipients, ">5k", Some((Order::Above, 5_000))),
            (Field::Recipients, ">5M", None),
        ];
        for (field, value, expected) in cases {
            assert_eq!(comparison(field, value), expected, "{value}");
        }
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        let holds = |network: &str, text: &str| Network::new(network).unwrap().holds(text);
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.77/24", "192.0.2.1", "192.0.1.1"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.10"),
            ("192.0.2.0/24", "::ffff:192.0.2.9", "::192.0.2.9"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("2001:DB8:0::1", "2001:db8::1", "2001:db8::2"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "::1", "1.2.3.4"),
            ("192.0.2.0/32", "192.0.2.0", "unknown"),
        ] {
            assert!(holds(network, inside), "{network} {inside}");
            assert!(!holds(network, outside), "{network} {outside}");
        }
        for bad in [
            "192.0.2.0/33",
            "192.0.2/24",
            "::/129",
            "192.0.2.0/",
            "192.0.2.0/+8",
            "x/8",
            "192.0.2.0/8/8",
            "192.0.2.*",
        ] {
            assert_eq!(Network::new(bad), None, "{bad}");
        }
    }
}
