//! What this host's Dovecot says of itself: `doveconf`.
//!
//! In: its configuration file, when it is not the usual one. Out: the limits of its services, where mailboxes are, where its master's pid file
//! is. Nothing here is needed to go on: no Dovecot, no answer within [`PATIENCE`] or a refusal is a sentence.
//!
//! Formats: doveconf(1); `mail_location` of Dovecot up to 2.3, `mail_path` and `mail_inbox_path` since 2.4.

use crate::model::limits::DovecotLimits;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where distributions put it.
const PROGRAMS: [&str; 3] = [
    "/usr/bin/doveconf",
    "/usr/local/bin/doveconf",
    "/opt/dovecot/bin/doveconf",
];
/// What is asked for beside the limits. A version that does not know a name says so on standard error and prints the rest.
const PLACES: [&str; 6] = [
    "base_dir",
    "mail_location",
    "mail_home",
    "mail_path",
    "mail_inbox_path",
    "userdb",
];
/// Where the homes of the host's own users are.
const HOMES: &str = "/home";

/// What Dovecot says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Doveconf {
    /// Its limits.
    pub limits: DovecotLimits,
    /// `base_dir`.
    pub base_dir: Option<PathBuf>,
    /// The directory above all mailboxes, as far as the settings tell it without a user.
    pub store: Option<PathBuf>,
}

impl Doveconf {
    /// The program of this host; `None` without Dovecot.
    pub fn program() -> Option<PathBuf> {
        PROGRAMS
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
    }

    /// Asks.
    ///
    /// # Errors
    /// A sentence: what went wrong and what to try.
    pub fn ask(program: &Path, config: Option<&Path>) -> Result<Self, String> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(config) = config {
            arguments.extend([OsString::from("-c"), config.into()]);
        }
        arguments.extend(
            PLACES
                .iter()
                .chain(&DovecotLimits::NAMES)
                .map(OsString::from),
        );
        let text = answer(program, &arguments, PATIENCE)?;
        let read = Self::read(&text);
        if read.limits.services.is_empty() {
            return Err(format!(
                "`{}` names no service: the limits of Dovecot are not known — try it by hand",
                program.display()
            ));
        }
        Ok(read)
    }

    fn read(text: &str) -> Self {
        let value = |name: &str| {
            let mut lines = text
                .lines()
                .filter(|line| !line.starts_with([' ', '\t', '}']));
            let of = |line: &'_ str| {
                line.split_once('=')
                    .filter(|(of, _)| of.trim() == name)
                    .map(|(_, value)| value.trim().to_owned())
            };
            lines.find_map(of).filter(|value| !value.is_empty())
        };
        let home = value("mail_home")
            .or_else(|| home_of_userdb(text))
            .and_then(|home| above_users(&home));
        let inbox = value("mail_inbox_path");
        let paths = [
            value("mail_location").map(|location| of_location(&location)),
            Some((value("mail_path"), inbox)),
        ];
        let store = paths.into_iter().flatten().find_map(|(path, inbox)| {
            // A path in the user's home tells where only if the homes are known.
            let in_home = |path: &String| {
                path.starts_with('~') || path.starts_with("%h") || path.starts_with("%{home}")
            };
            let path = path
                .filter(|path| !in_home(path))
                .and_then(|path| above_users(&path));
            path.or_else(|| home.clone())
                .or_else(|| above_users(&inbox.filter(|path| !in_home(path))?))
        });
        Self {
            limits: DovecotLimits::read(text),
            base_dir: value("base_dir")
                .map(PathBuf::from)
                .filter(|path| path.is_absolute()),
            store,
        }
    }
}

/// The home that a user database gives everybody: `args = uid=vmail home=/var/vmail/%d/%n`; for users of the host [`HOMES`].
fn home_of_userdb(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim);
    let mut inside = lines
        .skip_while(|line| !line.starts_with("userdb"))
        .take_while(|line| !line.starts_with("service"));
    inside.find_map(|line| {
        let (name, value) = line.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        match name {
            "home" => Some(value.to_owned()),
            "driver" if value == "passwd" => Some(HOMES.to_owned()),
            _ => value
                .split_ascii_whitespace()
                .find_map(|word| word.strip_prefix("home="))
                .map(str::to_owned),
        }
    })
}

/// `maildir:/var/vmail/%d/%n:INBOX=/var/mail/%u`: the path and that of the inbox.
fn of_location(location: &str) -> (Option<String>, Option<String>) {
    let mut parts = location.split(':').skip(1);
    let path = parts.next().map(str::to_owned);
    let inbox = parts
        .find_map(|part| part.strip_prefix("INBOX="))
        .map(str::to_owned);
    (path, inbox)
}

/// `/var/vmail/%d/%n` is below `/var/vmail`; `None` when nothing is left that tells a place.
fn above_users(path: &str) -> Option<PathBuf> {
    let parts = Path::new(path).components();
    let above: PathBuf = parts
        .take_while(|part| !part.as_os_str().to_string_lossy().contains('%'))
        .collect();
    (above.is_absolute() && above.parent().is_some()).then_some(above)
}

/// What a program prints; it is given up after a while, whatever keeps it.
///
/// # Errors
/// A sentence, when it can't be started, says nothing in time, or prints nothing.
pub(super) fn answer(
    program: &Path,
    arguments: &[OsString],
    patience: Duration,
) -> Result<String, String> {
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    let mut command = Command::new(program);
    command.args(arguments);
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C");
    command.stdin(Stdio::null());
    let (give, take) = sync_channel(1);
    thread::Builder::new()
        .name(name.clone())
        .spawn(move || drop(give.send(command.output())))
        .map_err(|error| format!("`{name}` cannot be asked: {error}"))?;
    let output = match take.recv_timeout(patience) {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(format!("cannot run {}: {error}", program.display())),
        Err(_) => {
            return Err(format!(
                "`{name}` does not answer within {} s",
                patience.as_secs()
            ));
        }
    };
    if output.stdout.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it says nothing");
        return Err(format!("`{name}` tells nothing: {said}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(text: &str) -> Option<PathBuf> {
        Doveconf::read(text).store
    }

    #[test]
    fn mailboxes_are_above_what_depends_on_the_user() {
        let vmail = Some(PathBuf::from("/var/vmail"));
        assert_eq!(store("mail_location = maildir:/var/vmail/%d/%n\n"), vmail);
        assert_eq!(
            store("mail_location = maildir:~/Maildir\nmail_home = /var/vmail/%d/%n\n"),
            vmail
        );
        assert_eq!(
            store("mail_path = ~/mail\nmail_home = /var/vmail/%{user | domain}\n"),
            vmail
        );
        assert_eq!(store("mail_path = /var/vmail/%{user}\n"), vmail);
        assert_eq!(
            store("mail_location = mbox:~/mail:INBOX=/var/mail/%u\n"),
            Some("/var/mail".into())
        );
        assert_eq!(store("mail_location = maildir:~/Maildir\n"), None);
        let userdb = |line| {
            store(&format!(
                "mail_location = maildir:~/Maildir\nuserdb {{\n  {line}\n}}\n"
            ))
        };
        assert_eq!(
            userdb("args = uid=vmail gid=vmail home=/var/vmail/%d/%n"),
            vmail
        );
        assert_eq!(userdb("driver = passwd"), Some("/home".into()));
        assert_eq!(userdb("driver = sql"), None);
        assert_eq!(store("mail_location = \n"), None);
        assert_eq!(
            store("mail_location = maildir:/%d/%n\n"),
            None,
            "the root tells nothing"
        );
    }

    #[test]
    fn settings_inside_of_blocks_are_not_those_of_the_server() {
        let read = Doveconf::read(
            "base_dir = /run/dovecot\nservice x {\n  base_dir = /none\n  process_limit = 3\n}\n",
        );
        assert_eq!(read.base_dir, Some("/run/dovecot".into()));
        assert_eq!(read.limits.services["x"].processes.processes, Some(3));
    }

    #[test]
    fn no_answer_is_a_sentence() {
        let missing = Doveconf::ask(Path::new("/none/doveconf"), None).unwrap_err();
        assert!(
            missing.starts_with("cannot run /none/doveconf: "),
            "{missing}"
        );
        let silent = Doveconf::ask(Path::new("/bin/true"), None).unwrap_err();
        assert_eq!(silent, "`true` tells nothing: it says nothing");
        let late = answer(
            Path::new("/bin/sleep"),
            &["5".into()],
            Duration::from_millis(1),
        )
        .unwrap_err();
        assert_eq!(late, "`sleep` does not answer within 0 s");
        let odd = Doveconf::ask(Path::new("/bin/echo"), None).unwrap_err();
        assert!(odd.contains("names no service"), "{odd}");
    }
}
