//! What this host's Postfix says of itself: `postconf`, once at the start.
//!
//! In comes the configuration directory, out come the spool, the log, the instance's name and how long mail waits. Nothing here is needed to go on:
//! without an answer within [`PATIENCE`] the places that Postfix is built with are taken; its
//! [`Settings`] are unknown then.

use crate::model::settings::Settings;
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
    /// How long mail waits.
    pub settings: Settings,
}

impl Default for Postconf {
    fn default() -> Self {
        Self {
            queue_directory: PathBuf::from("/var/spool/postfix"),
            maillog_file: None,
            instance: String::from("postfix"),
            settings: Settings::default(),
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
        command.args(["-x", "queue_directory", "maillog_file", "syslog_name"]);
        command.args(Settings::NAMES);
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

    /// Reads the answer, `name = value` a line. An older Postfix leaves out what it does not know.
    fn read(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let value = value.trim();
            match name.trim() {
                _ if value.is_empty() => {}
                "queue_directory" => read.queue_directory = PathBuf::from(value),
                "maillog_file" => {
                    read.maillog_file =
                        Some(PathBuf::from(value)).filter(|path| path.is_absolute());
                }
                "syslog_name" => {
                    if let Some(instance) = value.split('/').next().filter(|name| !name.is_empty())
                    {
                        instance.clone_into(&mut read.instance);
                    }
                }
                name => read.settings.set(name, value),
            }
        }
        read
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
        let read = Postconf::read(
            "queue_directory = /srv/spool\nmaillog_file =\nsyslog_name = postfix-out/x\nmaximal_queue_lifetime = 2d\n",
        );
        assert_eq!(read.queue_directory, PathBuf::from("/srv/spool"));
        assert_eq!(read.maillog_file, None);
        assert_eq!(read.instance, "postfix-out");
        assert_eq!(read.settings.maximal_queue_lifetime, Some(172_800));
        assert_eq!(read.settings.queue_run_delay, None);
    }

    #[test]
    fn what_an_older_postfix_does_not_know_moves_no_other_value() {
        let read = Postconf::read("queue_directory = /srv/spool\nsyslog_name = postfix\n");
        assert_eq!(
            (read.maillog_file, read.instance.as_str()),
            (None, "postfix")
        );
    }

    #[test]
    fn a_log_that_postfix_writes_itself_is_the_one_to_follow() {
        let read = Postconf::read("maillog_file = /var/log/postfix.log\n");
        assert_eq!(read.log(), PathBuf::from("/var/log/postfix.log"));
        let container = Postconf::read("maillog_file = /dev/stdout\n");
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
