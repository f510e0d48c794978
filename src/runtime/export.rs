//! An export becomes a file: a new one in the current directory, readable by its owner only, never in the place of another.

use crate::safe_text::SafeText;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::File;
use std::io::{self, Write};

/// Writes the file; says where it is, or why it is not.
pub(super) fn write(name: &str, text: &str) -> (SafeText, bool) {
    match create(name).and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            let directory = std::env::current_dir().unwrap_or_default();
            let path = directory.join(name);
            (SafeText::from(format!("written: {}", path.display())), true)
        }
        Err(error) => {
            let words = format!(
                "cannot write {name} here: {error}; start mailtop in a directory that you may write to"
            );
            (SafeText::from(words), false)
        }
    }
}

/// `O_EXCL` follows no link and replaces nothing, also in a directory that others may write to.
fn create(name: &str) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    Ok(File::from(openat(
        CWD,
        name,
        flags,
        Mode::RUSR | Mode::WUSR,
    )?))
}
