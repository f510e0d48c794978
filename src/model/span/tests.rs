//! What can be written, and what cannot.

use super::*;
use proptest::prelude::*;

fn zone() -> FixedOffset {
    FixedOffset::east_opt(3_600).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T15:30:00+01:00")
        .unwrap()
        .to_utc()
}

fn read(text: &str) -> Result<String, String> {
    moment(text, now(), zone())
        .map(|moment| {
            moment
                .with_timezone(&zone())
                .format("%Y-%m-%d %H:%M:%S")
                .to_string()
        })
        .map_err(|error| error.to_string())
}

#[test]
fn every_form_is_read() {
    for (text, expected) in [
        ("2h", "2026-11-24 13:30:00"),
        ("30m", "2026-11-24 15:00:00"),
        ("90s", "2026-11-24 15:28:30"),
        ("7d", "2026-11-17 15:30:00"),
        ("1w", "2026-11-17 15:30:00"),
        ("1d12h", "2026-11-23 03:30:00"),
        ("1d 12h", "2026-11-23 03:30:00"),
        ("2 hours ago", "2026-11-24 13:30:00"),
        ("-2h", "2026-11-24 13:30:00"),
        ("+5min", "2026-11-24 15:35:00"),
        ("now", "2026-11-24 15:30:00"),
        ("today", "2026-11-24 00:00:00"),
        ("Yesterday", "2026-11-23 00:00:00"),
        ("tomorrow", "2026-11-25 00:00:00"),
        ("14:05", "2026-11-24 14:05:00"),
        ("23:05:09", "2026-11-24 23:05:09"),
        ("2026-11-20", "2026-11-20 00:00:00"),
        ("2026-11-20 10:00", "2026-11-20 10:00:00"),
        (" 2026-11-20 10:00:07 ", "2026-11-20 10:00:07"),
        ("2026-11-20T10:00", "2026-11-20 10:00:00"),
        ("2026-11-20T10:00:00Z", "2026-11-20 11:00:00"),
        ("2026-11-20T10:00:00.5-05:00", "2026-11-20 16:00:00"),
        ("@1764000000", "2025-11-24 17:00:00"),
    ] {
        assert_eq!(read(text), Ok(String::from(expected)), "{text}");
    }
}

#[test]
fn what_is_no_time_is_told_what_is() {
    for text in [
        "",
        "2",
        "h",
        "2x",
        "2h-",
        "- 2",
        "24:00",
        "12:60",
        "2026-13-01",
        "2026-02-30",
        "26-11-24",
        "ago",
        "last tuesday",
        "@",
        "@x",
        "99999999999999999999d",
        "9223372036854775807w",
        "2026-11-24 10:00 CET",
        "é",
        "-",
        "+",
        "1é",
    ] {
        let error = read(text).unwrap_err();
        assert!(
            error.contains("is no time: write 2h, 30m"),
            "{text}: {error}"
        );
    }
    assert!(
        read("\x1b[2J")
            .unwrap_err()
            .starts_with("\"\\u{1b}[2J\" is no time")
    );
}

#[test]
fn the_span_holds_its_beginning_and_not_its_end() {
    let between = Between::read(Some("2h"), Some("1h"), now(), zone()).unwrap();
    let held = |text| between.holds(moment(text, now(), zone()).unwrap());
    assert_eq!(
        ["121m", "2h", "90m", "1h", "now"].map(held),
        [false, true, true, false, false]
    );
    assert!(Between::default().holds(now()));
    let error = Between::read(Some("1h"), Some("2h"), now(), zone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing lies between --since 2026-11-24 14:30:00 and --until 2026-11-24 13:30:00: the first must be the earlier one"
    );
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,30}") {
        moment(&text, now(), zone()).ok();
    }

    #[test]
    fn any_text_of_its_letters_is_answered(text in "[-+@0-9:.TZhmsdwago ]{0,24}") {
        moment(&text, now(), zone()).ok();
    }

    #[test]
    fn a_moment_that_is_written_out_is_read_back(seconds in 0_i64..4_102_444_800, offset in -12..=14) {
        let zone = FixedOffset::east_opt(offset * 3_600).unwrap();
        let there = DateTime::from_timestamp(seconds, 0).unwrap();
        let local = there.with_timezone(&zone);
        for text in [
            local.to_rfc3339(),
            local.format("%Y-%m-%d %H:%M:%S").to_string(),
            format!("@{seconds}"),
        ] {
            prop_assert_eq!(moment(&text, now(), zone), Ok(there));
        }
    }

    #[test]
    fn a_length_is_that_long_ago(parts in proptest::collection::vec((0_i64..100_000, 0_usize..5), 1..5)) {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800)];
        let texts: Vec<_> = parts.iter().map(|&(number, unit)| format!("{number}{}", units[unit].0)).collect();
        let text = texts.concat();
        let sum: i64 = parts.iter().map(|&(number, unit)| number * units[unit].1).sum();
        let read = moment(&text, now(), zone()).unwrap();
        prop_assert_eq!((now() - read).num_seconds(), sum);
    }
}
