//! The rotated files beside a log: `mail.log.1`, `mail.log-20261124`, oldest first.
//!
//! What a name says is told in [`crate::sources::archive`]. A follower leaves compressed files out: nothing writes to them. What is
//! no regular file is left out always.

use super::generation::Key;
use crate::sources::archive::names::{self, Packing, Rotated};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// A file beside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sibling {
    pub(crate) path: PathBuf,
    pub(crate) key: Key,
}

/// A rotated log beside the log, packed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) sibling: Sibling,
    pub(crate) rotated: Rotated,
}

/// The rotated files beside `log`, packed ones too, oldest first by their names.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn beside(log: &Path) -> io::Result<Vec<Beside>> {
    let (Some(directory), Some(base)) = (directory_of(log), log.file_name()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for entry in directory.read_dir()? {
        let name = entry?.file_name();
        let Some(rotated) = names::rotated(base, &name) else {
            continue;
        };
        let path = directory.join(&name);
        // It may be gone by now: then it is no sibling any more.
        if let Ok(stat) = rustix::fs::statat(rustix::fs::CWD, &path, AtFlags::SYMLINK_NOFOLLOW)
            && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
        {
            let key = (stat.st_dev, stat.st_ino);
            found.push(Beside {
                sibling: Sibling { path, key },
                rotated,
            });
        }
    }
    found.sort_by(|left, right| {
        let order = left.rotated.age.cmp(&right.rotated.age);
        order.then_with(|| left.sibling.path.cmp(&right.sibling.path))
    });
    Ok(found)
}

/// The plain files beside `log`, oldest first.
///
/// # Errors
/// When the directory cannot be read.
pub(super) fn list(log: &Path) -> io::Result<Vec<Sibling>> {
    let mut found = beside(log)?;
    found.retain(|one| one.rotated.packing == Packing::Plain);
    Ok(found.into_iter().map(|one| one.sibling).collect())
}

/// The plain files beside `log`, when two listings in a row agree: a listing during a rotation may miss or repeat files.
pub(crate) fn settled(log: &Path) -> io::Result<Vec<Sibling>> {
    let mut before = list(log)?;
    for _ in 0..8 {
        let after = list(log)?;
        if after == before {
            break;
        }
        before = after;
    }
    Ok(before)
}

/// The directory of a log, `.` for a bare name.
pub(crate) fn directory_of(log: &Path) -> Option<&Path> {
    let parent = log.parent()?;
    Some(if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    })
}

/// Holds a file's inode so that its number is not used again, without reading it (no permission is needed).
pub(super) fn pin(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Opens a regular file for reading; never blocks on a FIFO, never follows a link in the last part.
///
/// # Errors
/// What open(2) says; `InvalidInput` when it is no regular file.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Opening some devices acts on them: look before.
    let before = path.symlink_metadata()?;
    if !before.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let flags =
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_come_oldest_first_and_compressed_ones_are_left_out() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        for name in [
            "mail.log",
            "mail.log.1",
            "mail.log.10",
            "mail.log.2",
            "mail.log.3.gz",
            "mail.log-20261123",
            "mail.log.20261122-010203",
            "mail.log.bak",
            "mail.logger",
            "mail.log.",
            "other.log.1",
        ] {
            std::fs::write(directory.path().join(name), "")?;
        }
        std::fs::create_dir(directory.path().join("mail.log.4"))?;
        std::os::unix::fs::symlink("mail.log.1", directory.path().join("mail.log.5"))?;
        let names: Vec<_> = settled(&directory.path().join("mail.log"))?
            .into_iter()
            .filter_map(|sibling| {
                sibling
                    .path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
            })
            .collect();
        assert_eq!(
            names,
            [
                "mail.log.bak",
                "mail.log.20261122-010203",
                "mail.log-20261123",
                "mail.log.10",
                "mail.log.2",
                "mail.log.1"
            ]
        );
        Ok(())
    }
}
