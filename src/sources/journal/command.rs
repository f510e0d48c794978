//! How journalctl(1) is called.

use crate::safe_text::SafeText;
use chrono::FixedOffset;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where journalctl is.
const PROGRAMS: [&str; 2] = ["/usr/bin/journalctl", "/bin/journalctl"];
/// The entries of mail: journalctl's `+` is "or".
const MATCHES: [&str; 9] = [
    "SYSLOG_FACILITY=2",
    "+",
    "_SYSTEMD_UNIT=postfix.service",
    "+",
    "_SYSTEMD_UNIT=postfix@-.service",
    "+",
    "_SYSTEMD_UNIT=dovecot.service",
    "+",
    // "Suppressed N messages from UNIT" (systemd, sd-messages.h).
    "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e",
];

/// What is read of an entry; place and moment come with it. It halves what journalctl writes.
const FIELDS: &str = "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_HOSTNAME,_UID,_SOURCE_REALTIME_TIMESTAMP";

/// The journal of this host, or one in a directory.
#[derive(Debug, Clone)]
pub struct Journal {
    /// journalctl(1).
    pub program: PathBuf,
    /// Where the journal's files are, when it is not this host's own.
    pub directory: Option<PathBuf>,
    /// The zone that lines are written in.
    pub zone: FixedOffset,
    /// How long journalctl may say nothing while it reads the past.
    pub silence: Duration,
}

impl Journal {
    /// This host's journal, when there is a journalctl.
    ///
    /// # Errors
    /// A sentence when there is none.
    pub fn find(zone: FixedOffset) -> Result<Self, SafeText> {
        let program = PROGRAMS.iter().map(Path::new).find(|path| path.is_file());
        let program = program.ok_or_else(|| {
            SafeText::new(
                "there is no journalctl on this host: name the file that Postfix logs to with --log FILE",
            )
        })?;
        Ok(Self {
            program: program.to_owned(),
            directory: None,
            zone,
            silence: Duration::from_mins(1),
        })
    }

    /// A command that writes the entries of mail in the export format.
    pub(super) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.program);
        // Without --all a field over 4096 bytes is left out.
        command.args(["--no-pager", "--all", "--output=export", FIELDS]);
        if let Some(directory) = &self.directory {
            command.arg("--directory").arg(directory);
        }
        command.args(arguments).args(MATCHES);
        // The language would change what is read from standard error; SYSTEMD_… variables change what is written.
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C");
        command.current_dir("/");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// A moment, in microseconds since 1970, as systemd.time(7) writes it.
pub(super) fn moment(micros: i64) -> String {
    format!(
        "@{}.{:06}",
        micros.div_euclid(1_000_000),
        micros.rem_euclid(1_000_000)
    )
}
