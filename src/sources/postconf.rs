//! What this host's Postfix says of itself: `postconf -h`, once at the start.
//!
//! In comes the configuration directory, out come the spool, the log and the instance's name. Nothing here is needed to go on:
//! without an answer within [`PATIENCE`] the values that Postfix is built with are taken.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// How long an answer may take: a look-up in a dead directory server must not keep the screen.
const PATIENCE: Duration = Duration::from_secs(2);
/// Where distributions write mail logs, most common first.
const LOGS: [&str; 3] = [
    "/var/log/mail.log",
    "/var/log/maillog",
    "/var/log/mail/mail.log",
];

/// What Postfix says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postconf {
    /// `queue_directory`.
    pub queue_directory: PathBuf,
    /// `maillog_file`, when Postfix writes its log itself.
    pub maillog_file: Option<PathBuf>,
    /// The instance: the first component of `syslog_name`.
    pub instance: String,
}

impl Default for Postconf {
    fn default() -> Self {
        Self {
            queue_directory: PathBuf::from("/var/spool/postfix"),
            maillog_file: None,
            instance: String::from("postfix"),
        }
    }
}

impl Postconf {
    /// Asks the `postconf` beside the other commands.
    pub fn ask(command_directory: &Path, config_dir: Option<&Path>) -> Self {
        let mut command = Command::new(command_directory.join("postconf"));
        if let Some(dir) = config_dir {
            command.arg("-c").arg(dir);
        }
        command.args(["-xh", "queue_directory", "maillog_file", "syslog_name"]);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C");
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let (give, take) = sync_channel(1);
        let asked = thread::Builder::new()
            .name(String::from("postconf"))
            .spawn(move || {
                let answer = command
                    .output()
                    .ok()
                    .filter(|output| output.status.success());
                let _ = give.send(answer.and_then(|output| String::from_utf8(output.stdout).ok()));
            });
        let answer = asked
            .ok()
            .and_then(|_| take.recv_timeout(PATIENCE).ok().flatten());
        answer.map_or_else(Self::default, |text| Self::read(&text))
    }

    /// Reads the answer, one value a line.
    fn read(text: &str) -> Self {
        let mut values = text.lines().map(str::trim);
        let mut next = || values.next().filter(|value| !value.is_empty());
        let default = Self::default();
        let queue_directory = next().map_or(default.queue_directory, PathBuf::from);
        let maillog_file = next().map(PathBuf::from).filter(|path| path.is_absolute());
        let name = next()
            .and_then(|name| name.split('/').next())
            .filter(|name| !name.is_empty());
        let instance = name.map_or(default.instance, str::to_owned);
        Self {
            queue_directory,
            maillog_file,
            instance,
        }
    }

    /// The log to follow when none was named.
    pub fn log(&self) -> PathBuf {
        let written = self
            .maillog_file
            .clone()
            .filter(|path| !path.starts_with("/dev"));
        let found = || LOGS.iter().map(PathBuf::from).find(|path| path.exists());
        written
            .or_else(found)
            .unwrap_or_else(|| PathBuf::from(LOGS[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_value_by_value() {
        let read = Postconf::read("/srv/spool\n\npostfix-out/x\n");
        assert_eq!(read.queue_directory, PathBuf::from("/srv/spool"));
        assert_eq!(read.maillog_file, None);
        assert_eq!(read.instance, "postfix-out");
    }

    #[test]
    fn a_log_that_postfix_writes_itself_is_the_one_to_follow() {
        let read = Postconf::read("/srv/spool\n/var/log/postfix.log\npostfix\n");
        assert_eq!(read.log(), PathBuf::from("/var/log/postfix.log"));
        let container = Postconf::read("/srv/spool\n/dev/stdout\npostfix\n");
        assert_ne!(container.log(), PathBuf::from("/dev/stdout"));
    }

    #[test]
    fn no_answer_gives_what_postfix_is_built_with() {
        assert_eq!(
            Postconf::ask(Path::new("/nonexistent"), None),
            Postconf::default()
        );
    }
}
