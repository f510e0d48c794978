//! Numbers as an operator reads them: grouped counts, ages, sizes, shares and rates.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `4 712`: digits in groups of three.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 message`, `407 messages`: a count with its noun, whose plural takes an s.
pub fn many(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number as u64))
}

/// `+3 812`, `-7`, `0`.
pub fn delta(number: i64) -> String {
    let sign = match number {
        1.. => "+",
        0 => "",
        _ => "-",
    };
    format!("{sign}{}", count(number.unsigned_abs()))
}

/// `12s`, `38m`, `4h`, `4d`: the largest unit, rounded down.
pub fn age(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        _ => format!("{}d", seconds / DAY),
    }
}

/// `90 s`, `38 min`, `4 h`, `4 d`: the same within a sentence.
pub fn age_in_words(time: Duration) -> String {
    const TWO_MINUTES: u64 = 2 * MINUTE;
    let seconds = time.as_secs();
    match seconds {
        0..TWO_MINUTES => format!("{seconds} s"),
        TWO_MINUTES..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => format!("{} d", seconds / DAY),
    }
}

/// `12s`, `38m`, `21h 40m`, `4d 02h`: the two largest units from one hour on.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..HOUR => age(time),
        HOUR..DAY => format!("{}h {:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d {:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// `0.9s`, `37m37s`, `2h05m`: how long a delivery took.
pub fn delay(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..MINUTE => format!("{}.{}s", seconds, time.subsec_millis() / 100),
        MINUTE..HOUR => format!("{}m{:02}s", seconds / MINUTE, seconds % MINUTE),
        HOUR..DAY => format!("{}h{:02}m", seconds / HOUR, seconds % HOUR / MINUTE),
        _ => format!("{}d{:02}h", seconds / DAY, seconds % DAY / HOUR),
    }
}

/// `812 B`, `6.2 KiB`, `61.3 MiB`.
pub fn bytes(number: u64) -> String {
    match scaled(number) {
        (_, "") => format!("{number} B"),
        (value, unit) => format!("{value} {unit}iB"),
    }
}

/// `812`, `6.2K`, `61M`: a size for a narrow column.
pub fn bytes_short(number: u64) -> String {
    match scaled(number) {
        (_, "") => format!("{number}"),
        (value, unit) if value.len() > 3 => {
            format!("{}{unit}", value.split('.').next().unwrap_or_default())
        }
        (value, unit) => format!("{value}{unit}"),
    }
}

fn scaled(number: u64) -> (String, &'static str) {
    let mut value = number as f64;
    let mut unit = "";
    for next in ["K", "M", "G", "T", "P", "E"] {
        // What would be rounded up to 1024.0 belongs to the next unit.
        if value < 1023.95 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    (format!("{value:.1}"), unit)
}

/// `98.9`: a share of one in percent; never rounded to `100.0` or `0.0` when it is not.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if !value.is_finite() {
        return "-".to_owned();
    }
    let rounded = (value * 10.0).round() / 10.0;
    if share < 1.0 && rounded >= 100.0 {
        "99.9".to_owned()
    } else if share > 0.0 && rounded <= 0.0 {
        "0.1".to_owned()
    } else {
        format!("{rounded:.1}")
    }
}

/// `389/m`, `6.4/s`: how many in one unit of time; one decimal below ten.
pub fn rate(number: f64, unit: &'static str) -> String {
    if !number.is_finite() {
        return format!("-/{unit}");
    }
    if number.abs() < 9.95 {
        format!("{number:.1}/{unit}")
    } else {
        format!("{}/{unit}", grouped(number))
    }
}

/// `+6.4/s`, `-12/s`, `0/s`: how fast something grows.
pub fn trend(number: f64, unit: &'static str) -> String {
    if number.abs() < 0.05 {
        return format!("0/{unit}");
    }
    let sign = if number > 0.0 { "+" } else { "" };
    format!("{sign}{}", rate(number, unit))
}

fn grouped(number: f64) -> String {
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}", count(number.abs().round() as u64))
}

/// `0`, `0.5`, `950`, `1.2k`, `52k`, `3M`: a number in about three digits.
pub fn compact(number: f64) -> String {
    if !number.is_finite() {
        return "-".to_owned();
    }
    let (value, unit) = thousands(number);
    let text = if value.abs() < 9.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    };
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// `0`, `0.25`, `950`, `1.25k`: a round number for an axis, with all of its digits.
pub fn tick(number: f64) -> String {
    let (value, unit) = thousands(number);
    let exact = |decimals: &usize| {
        let scale = 10.0_f64.powi(*decimals as i32);
        ((value * scale).round() / scale - value).abs() <= value.abs() * 1e-6
    };
    match (0..4).find(exact) {
        Some(decimals) => format!("{value:.decimals$}{unit}"),
        None => format!("{number:.0e}"),
    }
}

fn thousands(number: f64) -> (f64, &'static str) {
    let mut value = number;
    let mut unit = "";
    for next in ["k", "M", "G", "T"] {
        if value.abs() < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    (value, unit)
}
