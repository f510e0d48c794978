//! Why a log cannot be read, in the operator's words and with the fix.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// The log does not exist (yet).
pub(super) fn missing(log: &Path, directory: &Path) -> String {
    if directory.is_dir() {
        format!(
            "{} does not exist: waiting for it — name the file that Postfix logs to with --log FILE (see `postconf maillog_file`), or use --journal",
            log.display()
        )
    } else {
        format!(
            "the directory {} does not exist: waiting for it",
            directory.display()
        )
    }
}

/// The log cannot be opened or read.
pub(super) fn refused(log: &Path, error: &io::Error) -> String {
    let name = log.display();
    let meta = log.symlink_metadata().ok();
    if let Some(kind) = meta.as_ref().and_then(strange_kind) {
        let target = fs::read_link(log).map_or(String::new(), |target| {
            format!(": follow {} itself", target.display())
        });
        return format!("{name} is {kind}, not a regular file, and is not read{target}");
    }
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            let owner = meta.map(|meta| (meta.mode(), meta.uid(), meta.gid()));
            denied(
                &name.to_string(),
                owner,
                &user_name(rustix::process::geteuid().as_raw()),
            )
        }
        _ => match error.raw_os_error() {
            Some(code) if code == rustix::io::Errno::MFILE.raw_os_error() => {
                format!("cannot open {name}: too many open files — raise the limit with ulimit -n")
            }
            _ => format!("cannot read {name}: {error}"),
        },
    }
}

fn denied(name: &str, owner: Option<(u32, u32, u32)>, user: &str) -> String {
    let why = format!("cannot read {name}: permission denied");
    match owner {
        Some((mode, uid, _)) if mode & 0o040 == 0 => {
            let owner = user_name(uid);
            format!(
                "{why} — its mode {:o} lets only {owner} read it: chmod g+r {name}, or run mailtop as {owner}",
                mode & 0o777
            )
        }
        Some((_, _, 0)) => format!(
            "{why} — it belongs to group root: chgrp adm {name}, then usermod -aG adm {user}"
        ),
        Some((_, _, gid)) => {
            let group = group_name(gid);
            format!("{why} — add this user to group {group}: usermod -aG {group} {user}")
        }
        None => format!("{why} — add this user to group adm: usermod -aG adm {user}"),
    }
}

fn strange_kind(meta: &Metadata) -> Option<&'static str> {
    let kind = meta.file_type();
    if kind.is_file() {
        None
    } else if kind.is_symlink() {
        Some("a symbolic link")
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a FIFO")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

/// A user's name, or the number of one that has none.
pub(crate) fn user_name(uid: u32) -> String {
    name_in("/etc/passwd", uid)
}

fn group_name(gid: u32) -> String {
    name_in("/etc/group", gid)
}

/// passwd(5) and group(5) have the name first and the number third.
fn name_in(file: &str, number: u32) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let wanted = number.to_string();
    text.lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&wanted.as_str()))
        .and_then(|fields| fields.first().map(ToString::to_string))
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permission_denied_says_the_group_or_the_mode() {
        assert_eq!(
            denied("/var/log/mail.log", None, "ada"),
            "cannot read /var/log/mail.log: permission denied — add this user to group adm: usermod -aG adm ada"
        );
        assert_eq!(
            denied("/var/log/mail.log", Some((0o100_640, 0, 4_000_000)), "ada"),
            "cannot read /var/log/mail.log: permission denied — add this user to group 4000000: usermod -aG 4000000 ada"
        );
        assert_eq!(
            denied("/l", Some((0o100_600, 4_000_000, 4)), "ada"),
            "cannot read /l: permission denied — its mode 600 lets only 4000000 read it: chmod g+r /l, or run mailtop as 4000000"
        );
        assert_eq!(
            denied("/l", Some((0o100_640, 0, 0)), "ada"),
            "cannot read /l: permission denied — it belongs to group root: chgrp adm /l, then usermod -aG adm ada"
        );
        assert_eq!(name_in("/etc/passwd", 0), "root");
    }
}
