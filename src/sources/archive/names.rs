//! What the name of a rotated log says: how old it is, and how it is packed.
//!
//! In comes the log's name and a file's name beside it; out comes, for a rotated log, its name without the packing, its age and the
//! packing. Known are logrotate(8)'s numbers (`mail.log.1`), `dateext` with its usual forms of `dateformat` (`mail.log-20261124`,
//! `-2026112413`, `-20261124-1764000000`, `-2026-11-24`, `-1764000000`), `extension .log` (`mail.1.log`, `mail-20261124.log`), and
//! the names that postlogd(8) gives (`mail.log.20261124-093000`). Other dates are recognized as such, but not what they say: their
//! order is that of the modification times.

use chrono::{DateTime, NaiveDate};
use std::cmp::Reverse;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// How a rotated log is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// xz(1).
    Xz,
    /// zstd(1).
    Zstd,
    /// bzip2(1).
    Bzip2,
    /// Something that is not read: `.lz4`, `.Z`.
    Foreign,
}

const ENDINGS: [(&[u8], Packing); 6] = [
    (b".gz", Packing::Gzip),
    (b".xz", Packing::Xz),
    (b".zst", Packing::Zstd),
    (b".bz2", Packing::Bzip2),
    (b".lz4", Packing::Foreign),
    (b".Z", Packing::Foreign),
];

impl Packing {
    /// By the end of a name. Gives the name without it as well.
    pub fn of_name(name: &[u8]) -> (&[u8], Self) {
        ENDINGS
            .iter()
            .find_map(|(ending, packing)| Some((name.strip_suffix(*ending)?, *packing)))
            .unwrap_or((name, Self::Plain))
    }

    /// By how a file begins.
    pub fn of_text(text: &[u8]) -> Self {
        match text {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            _ => Self::Plain,
        }
    }
}

/// Where a file stands in time by its name: the smaller, the older.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Age {
    /// `mail.log.bak`: not a name that rotation gives.
    Unknown(OsString),
    /// A date in an order of its parts that is not known, `24-11-2026`.
    Odd(OsString),
    /// The date's digits, the year first.
    Date(Vec<u8>),
    /// `mail.log.3`: the larger the older.
    Number(Reverse<u64>),
}

/// What a name beside the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rotated {
    /// The name without the packing: the same for a file and what it is being compressed to.
    pub(crate) stem: OsString,
    pub(crate) age: Age,
    pub(crate) packing: Packing,
}

/// Reads the name of a file beside the log `base`. `None` when it is no rotated log.
pub(crate) fn rotated(base: &OsStr, name: &OsStr) -> Option<Rotated> {
    let (stem, packing) = Packing::of_name(name.as_bytes());
    let age = match stem.strip_prefix(base.as_bytes()) {
        Some(rest) => age(after_separator(rest)?),
        None => extended(base.as_bytes(), stem)?,
    };
    Some(Rotated {
        stem: OsString::from_vec(stem.to_vec()),
        age,
        packing,
    })
}

/// The log that a rotated log's name stems from, as far as it can be told without looking: `mail.log` for `mail.log.2.gz`.
pub(crate) fn base(name: &OsStr) -> Option<OsString> {
    let (stem, _) = Packing::of_name(name.as_bytes());
    let whole = |text: &[u8]| {
        stem.strip_prefix(text)
            .and_then(after_separator)
            .is_some_and(|suffix| !matches!(age(suffix), Age::Unknown(_)))
    };
    // The longest beginning that leaves a number or a date.
    let front = (1..stem.len()).find_map(|at| stem.get(..at).filter(|text| whole(text)));
    let found = front.filter(|text| !text.is_empty());
    let inner = || {
        let dot = memchr::memrchr(b'.', stem)?;
        let (front, extension) = stem.split_at(dot);
        let at = (1..front.len()).find(|&at| {
            front
                .get(at..)
                .and_then(after_separator)
                .is_some_and(|suffix| !matches!(age(suffix), Age::Unknown(_)))
        })?;
        Some([front.get(..at)?, extension].concat())
    };
    found
        .map(<[u8]>::to_vec)
        .or_else(inner)
        .map(OsString::from_vec)
}

fn after_separator(rest: &[u8]) -> Option<&[u8]> {
    match rest.split_first() {
        Some((b'.' | b'-' | b'_', suffix)) if !suffix.is_empty() => Some(suffix),
        _ => None,
    }
}

/// `extension .log` puts the number or date before the last part of the name.
fn extended(base: &[u8], stem: &[u8]) -> Option<Age> {
    let dot = memchr::memrchr(b'.', base)?;
    let (front, extension) = base.split_at(dot);
    let middle = stem.strip_prefix(front)?.strip_suffix(extension)?;
    match age(after_separator(middle)?) {
        Age::Unknown(_) => None,
        age => Some(age),
    }
}

fn age(suffix: &[u8]) -> Age {
    let unknown = || OsString::from_vec(suffix.to_vec());
    let all = suffix.iter().all(u8::is_ascii_digit);
    if all && suffix.len() < 6 {
        let number = std::str::from_utf8(suffix)
            .ok()
            .and_then(|text| text.parse().ok());
        return number.map_or_else(
            || Age::Unknown(unknown()),
            |number| Age::Number(Reverse(number)),
        );
    }
    let between = |byte: &u8| matches!(byte, b'-' | b'.' | b'_' | b':' | b'T');
    let digits: Vec<u8> = suffix.iter().copied().filter(u8::is_ascii_digit).collect();
    if digits.len() < 6
        || !suffix
            .iter()
            .all(|byte| byte.is_ascii_digit() || between(byte))
    {
        return Age::Unknown(unknown());
    }
    if is_date(&digits) {
        return Age::Date(digits);
    }
    let seconds = all
        .then(|| std::str::from_utf8(suffix).ok()?.parse().ok())
        .flatten()
        .filter(|_| digits.len() == 10)
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match seconds {
        Some(moment) => Age::Date(moment.format("%Y%m%d%H%M%S").to_string().into_bytes()),
        None => Age::Odd(unknown()),
    }
}

/// Whether the digits begin with year, month and day.
fn is_date(digits: &[u8]) -> bool {
    let part = |from: usize, to: usize| -> Option<u32> {
        std::str::from_utf8(digits.get(from..to)?)
            .ok()?
            .parse()
            .ok()
    };
    let date = || {
        let year = part(0, 4).filter(|year| (1970..2200).contains(year))?;
        NaiveDate::from_ymd_opt(year.cast_signed(), part(4, 6)?, part(6, 8)?)
    };
    date().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<(Age, Packing)> {
        rotated(OsStr::new("mail.log"), OsStr::new(name)).map(|one| (one.age, one.packing))
    }

    #[test]
    fn every_name_that_logrotate_gives_is_read() {
        let number = |number| Age::Number(Reverse(number));
        let date = |digits: &str| Age::Date(digits.into());
        for (name, age, packing) in [
            ("mail.log.1", number(1), Packing::Plain),
            ("mail.log.12.gz", number(12), Packing::Gzip),
            ("mail.log.3.xz", number(3), Packing::Xz),
            ("mail.log.3.zst", number(3), Packing::Zstd),
            ("mail.log.3.bz2", number(3), Packing::Bzip2),
            ("mail.log-20261124", date("20261124"), Packing::Plain),
            ("mail.log-20261124.gz", date("20261124"), Packing::Gzip),
            ("mail.log-2026112413", date("2026112413"), Packing::Plain),
            (
                "mail.log-20261124-1764000000",
                date("202611241764000000"),
                Packing::Plain,
            ),
            ("mail.log-2026-11-24", date("20261124"), Packing::Plain),
            (
                "mail.log-1764000000",
                date("20251124160000"),
                Packing::Plain,
            ),
            (
                "mail.log.20261124-093000",
                date("20261124093000"),
                Packing::Plain,
            ),
            ("mail-20261124.log", date("20261124"), Packing::Plain),
            ("mail.1.log", number(1), Packing::Plain),
            ("mail.2.log.gz", number(2), Packing::Gzip),
            (
                "mail.log-24112026",
                Age::Odd("24112026".into()),
                Packing::Plain,
            ),
            ("mail.log.bak", Age::Unknown("bak".into()), Packing::Plain),
        ] {
            assert_eq!(read(name), Some((age, packing)), "{name}");
        }
        for name in [
            "mail.log",
            "mail.log.",
            "mail.logger",
            "mail.err.log",
            "mail-old.log",
            "other.log.1",
            "mail.log.gz",
            "mail.log-",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
    }

    #[test]
    fn older_names_come_first() {
        let names = [
            "mail.log-20251231.gz",
            "mail.log-20261123",
            "mail.log-2026112401",
            "mail.log-2026112413",
            "mail.log.10.gz",
            "mail.log.2.gz",
            "mail.log.1",
        ];
        assert!(names.iter().map(|name| read(name).unwrap().0).is_sorted());
    }

    #[test]
    fn a_rotated_log_names_its_log() {
        for (name, log) in [
            ("mail.log.1", Some("mail.log")),
            ("mail.log.2.gz", Some("mail.log")),
            ("mail.log-20261124.gz", Some("mail.log")),
            ("mail.log.20261124-093000", Some("mail.log")),
            ("mail-20261124.log", Some("mail.log")),
            ("mail.1.log.gz", Some("mail.log")),
            ("mail.log", None),
            ("mail.log.bak", None),
        ] {
            assert_eq!(base(OsStr::new(name)), log.map(OsString::from), "{name}");
        }
    }
}
