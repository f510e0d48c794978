//! Makes deferred messages old: sets back the time of arrival in their queue files, so that a fresh lab has a past.
//!
//! A queue file begins with a record of its sizes and one of its arrival, `T` (`src/global/rec_type.h` of Postfix), a length and
//! seconds since 1970 as text. Only those digits are changed, in place: the file's name is made of its inode, and its time
//! of change is when Postfix tries again.

use anyhow::Context;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The first so many octets hold the records.
const HEAD: usize = 512;

/// Sets back every deferred message by hours, in turn. Returns how many there are.
pub fn set_back(queue: &Path, hours: &[f64]) -> anyhow::Result<usize> {
    let mut files = Vec::new();
    collect(&queue.join("deferred"), &mut files)?;
    files.sort();
    for (file, hours) in files.iter().zip(hours.iter().cycle()) {
        one(file, (hours * 3600.0) as u64).with_context(|| file.display().to_string())?;
    }
    Ok(files.len())
}

fn collect(directory: &Path, into: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), into)?;
        } else {
            into.push(entry.path());
        }
    }
    Ok(())
}

fn one(path: &Path, seconds: u64) -> anyhow::Result<()> {
    let file: File = OpenOptions::new().read(true).write(true).open(path)?;
    let due = file.metadata()?.modified()?;
    let mut head = [0; HEAD];
    let read = file.read_at(&mut head, 0)?;
    let head = head.get(..read).unwrap_or_default();
    let (offset, arrived) = arrival(head).context("no record of its arrival")?;
    let then = arrived.saturating_sub(seconds).to_string();
    anyhow::ensure!(then.len() == arrived.to_string().len(), "too old");
    file.write_all_at(then.as_bytes(), offset as u64)?;
    Ok(file.set_modified(due)?)
}

/// Where the seconds of the first `T` record are, and the seconds. Records of the head are shorter than 128 octets.
fn arrival(head: &[u8]) -> Option<(usize, u64)> {
    let mut at = 0;
    loop {
        let (kind, length) = (*head.get(at)?, usize::from(*head.get(at + 1)?));
        let text = head.get(at + 2..at + 2 + length)?;
        if kind == b'T' {
            let text = std::str::from_utf8(text).ok()?;
            let seconds = text.split(' ').next()?.parse().ok()?;
            return Some((at + 2, seconds));
        }
        at += 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrival_is_found_behind_the_sizes() {
        let head = b"C\x05 1 2 T\x111732454400 123456A\x03a=b";
        assert_eq!(arrival(head), Some((9, 1_732_454_400)));
        assert_eq!(arrival(b"C\x05 1 2 A\x03a=b"), None);
    }
}
