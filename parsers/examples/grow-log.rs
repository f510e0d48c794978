//! Grows a log: `cargo run --release -p mailtop-parsers --example grow-log -- [--gz] LOG BYTES > LONG`.
//!
//! `BYTES` may end in K, M or G; with `--gz` it is still the size of the text. What is kept and what changes from copy to copy:
//! `benches/support/grow.rs`.

#[path = "../benches/support/grow.rs"]
mod grow;

use flate2::{Compression, write::GzEncoder};
use std::io::{self, BufWriter, Write};
use std::{env, fs, process};

fn main() {
    let mut words: Vec<String> = env::args().skip(1).collect();
    let gz = words.first().is_some_and(|word| word == "--gz");
    if gz {
        words.remove(0);
    }
    let (Some(log), Some(size), 2) = (
        words.first(),
        words.get(1).and_then(|word| bytes(word)),
        words.len(),
    ) else {
        eprintln!("Usage: grow-log [--gz] LOG BYTES > LONG     BYTES may end in K, M or G");
        process::exit(2);
    };
    if let Err(error) = written(log, size, gz) {
        eprintln!("grow-log: {log}: {error}");
        process::exit(1);
    }
}

fn bytes(word: &str) -> Option<u64> {
    let (digits, unit) = match word.strip_suffix(['K', 'M', 'G']) {
        Some(digits) if word.ends_with('K') => (digits, 1_000),
        Some(digits) if word.ends_with('M') => (digits, 1_000_000),
        Some(digits) => (digits, 1_000_000_000),
        None => (word, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

fn written(log: &str, size: u64, gz: bool) -> io::Result<()> {
    let log = fs::read(log)?;
    let mut out = BufWriter::new(io::stdout().lock());
    if gz {
        let mut packed = GzEncoder::new(&mut out, Compression::default());
        grow::grow(&log, size, &mut packed)?;
        packed.finish()?;
    } else {
        grow::grow(&log, size, &mut out)?;
    }
    out.flush()
}
