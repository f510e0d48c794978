//! Why the journal cannot be read, in the operator's words and with the fix.

use crate::safe_text::SafeText;
use crate::sources::tail::user_name;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

/// So much of what journalctl wrote to standard error is kept: its beginning.
pub(super) const SAID: usize = 4 * 1024;

/// Whether journalctl says that it shows only the user's own entries, or none.
pub(super) fn is_denial(said: &[u8]) -> bool {
    let said = String::from_utf8_lossy(said);
    ["insufficient permissions", "not seeing messages from"]
        .iter()
        .any(|words| said.contains(words))
}

pub(super) fn denied() -> SafeText {
    let user = user_name(rustix::process::geteuid().as_raw());
    SafeText::from(format!(
        "cannot read the journal: permission denied — add this user to group systemd-journal: usermod -aG systemd-journal {user}, then log in again"
    ))
}

/// journalctl could not be started.
pub(super) fn not_started(program: &Path, error: &io::Error) -> SafeText {
    let program = program.display();
    SafeText::from(match error.kind() {
        io::ErrorKind::NotFound => format!(
            "cannot read the journal: there is no {program} — name the file that Postfix logs to with --log FILE"
        ),
        _ => format!("cannot read the journal: {program} cannot be started: {error}"),
    })
}

/// journalctl ended, though it should not have.
pub(super) fn ended(status: ExitStatus, said: &[u8]) -> SafeText {
    if is_denial(said) {
        return denied();
    }
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("journalctl ended with status {code}"),
        (None, signal) => format!(
            "journalctl was ended by signal {}",
            signal.unwrap_or_default()
        ),
    };
    let text = String::from_utf8_lossy(said);
    match text.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => SafeText::from(format!("{how}: {line}")),
        None => SafeText::from(how),
    }
}

pub(super) fn silent() -> SafeText {
    SafeText::new("journalctl said nothing for too long and was ended")
}

/// Adds to what was said, up to the limit.
pub(super) fn keep(said: &mut Vec<u8>, more: &[u8]) {
    let room = SAID.saturating_sub(said.len());
    said.extend_from_slice(more.get(..room.min(more.len())).unwrap_or_default());
}
