//! What Postfix and Dovecot stop at, and where mailboxes are: asked for at the start and again every five minutes.
//!
//! In: the programs and configurations. Out: [`Msg::Limits`] and [`Msg::Settings`] when they changed, and the places for the host's figures.
//! Nothing here is needed to go on; what can't be told is a sentence among the limits.

use super::doveconf::{Doveconf, answer};
use super::host::Places;
use crate::app::msg::Msg;
use crate::model::limits::{Asked, Limits, PostfixLimits, Why};
use crate::model::settings::Settings;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// From one question to the next: somebody may have changed main.cf or master.cf.
const EVERY: Duration = Duration::from_mins(5);
/// How long postconf may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where Postfix itself puts mail.
const STORES: [&str; 3] = [
    "virtual_mailbox_base",
    "home_mailbox",
    "mail_spool_directory",
];

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// `postconf(1)`; `None` without Postfix.
    pub postconf: Option<PathBuf>,
    /// Postfix's configuration directory, when it is not the default one.
    pub config_dir: Option<PathBuf>,
    /// `doveconf(1)`; `None` without Dovecot.
    pub doveconf: Option<PathBuf>,
    /// Dovecot's configuration file, when it is not the usual one.
    pub dovecot_config: Option<PathBuf>,
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The limits.
    pub limits: Limits,
    /// Postfix's times; `None` when it does not answer.
    pub settings: Option<Settings>,
    /// Where the mailboxes are.
    pub store: Option<PathBuf>,
    /// Dovecot's `base_dir`.
    pub dovecot: Option<PathBuf>,
}

impl Sources {
    /// Asks both, one after the other.
    pub fn ask(&self) -> Told {
        let mut told = Told::default();
        let mut store = None;
        match self.postfix() {
            Ok((limits, settings, at)) => {
                told.limits.postfix = Asked::Known(limits);
                told.settings = Some(settings);
                store = at;
            }
            Err(why) => told.limits.postfix = unknown(why),
        }
        let dovecot = self
            .doveconf
            .as_deref()
            .ok_or_else(|| String::from("there is no doveconf here: no limits of Dovecot"))
            .and_then(|program| Doveconf::ask(program, self.dovecot_config.as_deref()));
        match dovecot {
            Ok(read) => {
                told.limits.dovecot = Asked::Known(read.limits);
                told.dovecot = read.base_dir;
                told.store = read.store;
            }
            Err(why) => told.limits.dovecot = unknown(why),
        }
        told.store = told.store.or(store);
        told
    }

    fn postfix(&self) -> Result<(PostfixLimits, Settings, Option<PathBuf>), String> {
        let program = self
            .postconf
            .as_deref()
            .ok_or("there is no postconf here: no limits of Postfix")?;
        let mut base: Vec<OsString> = Vec::new();
        if let Some(dir) = &self.config_dir {
            base.extend([OsString::from("-c"), dir.into()]);
        }
        let ask = |more: &[&str]| {
            let mut arguments = base.clone();
            arguments.extend(more.iter().map(OsString::from));
            answer(program, &arguments, PATIENCE)
        };
        let mut names = vec!["-x"];
        names.extend(PostfixLimits::NAMES);
        names.extend(Settings::NAMES);
        names.extend(STORES);
        let parameters = ask(&names)?;
        let limits = PostfixLimits::read(&ask(&["-M"])?, &parameters);
        let mut settings = Settings::default();
        for (name, value) in parameters.lines().filter_map(|line| line.split_once('=')) {
            settings.set(name.trim(), value.trim());
        }
        Ok((limits, settings, store(&parameters)))
    }
}

fn unknown<T>(why: String) -> Asked<T> {
    Asked::Unknown(Why::from(why))
}

/// Where Postfix's own delivery agents put mail.
fn store(parameters: &str) -> Option<PathBuf> {
    let value = |wanted: &str| {
        let mut pairs = parameters.lines().filter_map(|line| line.split_once('='));
        let value = pairs.find(|(name, _)| name.trim() == wanted)?.1.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let [base, home, spool] = STORES.map(value);
    let at_home = home.map(|_| String::from("/home"));
    base.or(at_home)
        .or(spool)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// Asks until dropped.
#[derive(Debug)]
pub struct Limiting {
    stop: Arc<AtomicBool>,
    sleeper: Thread,
}

impl Drop for Limiting {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.sleeper.unpark();
    }
}

/// Asks on a thread of its own, which ends soon after the returned value is dropped, or when the receiver is. `places` are known already; what
/// is learned of more goes to `host`.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    sources: Sources,
    places: Places,
    host: mpsc::Sender<Places>,
    sender: Sender<Msg>,
) -> io::Result<Limiting> {
    let stop = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&stop);
    let thread = thread::Builder::new()
        .name(String::from("limits"))
        .spawn(move || {
            let (nothing, mut before) = (Told::default(), None::<Told>);
            while !stopped.load(Ordering::Acquire) {
                let asked = Instant::now();
                let told = sources.ask();
                for msg in news(before.as_ref().unwrap_or(&nothing), &told) {
                    if sender.blocking_send(msg).is_err() {
                        return;
                    }
                }
                // The first time it tells that no more is to be learned.
                let same = |before: &Told| {
                    (&told.store, &told.dovecot) == (&before.store, &before.dovecot)
                };
                if !before.as_ref().is_some_and(same) {
                    let _ = host.send(with(&places, &told));
                }
                before = Some(told);
                while !stopped.load(Ordering::Acquire) && asked.elapsed() < EVERY {
                    thread::park_timeout(EVERY.saturating_sub(asked.elapsed()));
                }
            }
        })?;
    Ok(Limiting {
        stop,
        sleeper: thread.thread().clone(),
    })
}

/// The places, with what was told of them.
pub fn with(places: &Places, told: &Told) -> Places {
    Places {
        store: told.store.clone().or_else(|| places.store.clone()),
        dovecot: told.dovecot.clone().or_else(|| places.dovecot.clone()),
        ..places.clone()
    }
}

/// What changed.
pub fn news(before: &Told, told: &Told) -> Vec<Msg> {
    let settings = told
        .settings
        .filter(|settings| before.settings != Some(*settings));
    let limits = (before.limits != told.limits).then(|| Box::new(told.limits.clone()));
    let settings = settings.map(Msg::Settings);
    settings
        .into_iter()
        .chain(limits.map(Msg::Limits))
        .collect()
}

/// The directory of the log: of a file the one that it is in, of the journal where journald keeps it.
pub fn log_place(file: Option<&Path>) -> Option<PathBuf> {
    let journal = ["/var/log/journal", "/run/log/journal"].map(PathBuf::from);
    match file {
        Some(file) => file.parent().map(Path::to_owned),
        None => journal.into_iter().find(|path| path.exists()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postfix_tells_where_its_own_agents_put_mail() {
        let at = |text: &str| store(text).map(|path| path.display().to_string());
        let base = "virtual_mailbox_base = /var/vmail\nhome_mailbox = Maildir/\nmail_spool_directory = /var/mail\n";
        assert_eq!(at(base).as_deref(), Some("/var/vmail"));
        let home = base.replace("/var/vmail", "");
        assert_eq!(at(&home).as_deref(), Some("/home"));
        assert_eq!(
            at("virtual_mailbox_base =\nhome_mailbox =\nmail_spool_directory = /var/mail\n")
                .as_deref(),
            Some("/var/mail")
        );
        assert_eq!(at(""), None);
    }

    #[test]
    fn without_the_programs_there_are_sentences() {
        let told = Sources::default().ask();
        let why = |why: Option<&crate::safe_text::SafeText>| why.unwrap().as_str().to_owned();
        assert_eq!(
            why(told.limits.postfix.why()),
            "there is no postconf here: no limits of Postfix"
        );
        assert_eq!(
            why(told.limits.dovecot.why()),
            "there is no doveconf here: no limits of Dovecot"
        );
        assert_eq!((told.settings, told.store), (None, None));
    }

    #[test]
    fn only_news_is_told() {
        let mut told = Told {
            settings: Some(Settings::default()),
            ..Told::default()
        };
        assert_eq!(
            news(&Told::default(), &told),
            [Msg::Settings(Settings::default())]
        );
        let before = told.clone();
        assert_eq!(news(&before, &told), []);
        told.limits.dovecot = unknown("x".into());
        assert_eq!(
            news(&before, &told),
            [Msg::Limits(Box::new(told.limits.clone()))]
        );
    }
}
