//! Who is connected to Dovecot: `doveadm who`, again and again. [`Msg::Who`].
//!
//! In: `doveadm` where distributions put it; where it is not, there is no Dovecot and nothing is told. It asks Dovecot's anvil process,
//! which has the list in memory, so it costs a few milliseconds; still the next one comes no sooner than [`EVERY`], and than a hundred times what the
//! last one took. What the limits are set to is asked of `doveconf` now and then. Only root may ask: for others that is said once.
//!
//! It changes nothing: no other command of `doveadm` is ever run. Specified in `doveadm-who(1)`, `doveconf(1)`.

use crate::app::msg::Msg;
use crate::model::dovecot::who::{Allowed, Connections, Who};
use chrono::Utc;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

/// Where the program is on the distributions.
const PLACES: [&str; 3] = ["/usr/bin", "/usr/local/bin", "/opt/dovecot/bin"];
/// The shortest time between two lists.
const EVERY: Duration = Duration::from_secs(15);
/// From start to start, so many times what the last one took.
const FACTOR: u32 = 100;
/// How long until it is tried again when it failed.
const RETRY: Duration = Duration::from_mins(1);
/// The time between two looks at the settings.
const SETTINGS: Duration = Duration::from_mins(10);
/// The longest that one of them may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that is read of a list, in bytes: some hundred thousand connections.
const MOST: u64 = 32 << 20;

/// Asks until dropped.
#[derive(Debug)]
pub struct Doveadm(JoinHandle<()>);

impl Drop for Doveadm {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks in a task of the current tokio runtime (with I/O and time enabled); `None` where there is no `doveadm`. A program that runs when the
/// returned value is dropped is killed.
pub fn spawn(sender: Sender<Msg>) -> Option<Doveadm> {
    let place = PLACES.iter().map(PathBuf::from);
    let place = place
        .into_iter()
        .find(|place| place.join("doveadm").is_file())?;
    Some(Doveadm(tokio::spawn(run(place, sender))))
}

async fn run(place: PathBuf, sender: Sender<Msg>) {
    let mut told = None;
    let mut settings: Option<(Instant, Allowed)> = None;
    loop {
        let begin = Instant::now();
        let allowed = match settings {
            Some((at, allowed)) if at.elapsed() < SETTINGS => allowed,
            _ => {
                let allowed = allowed(&place).await;
                settings = Some((begin, allowed));
                allowed
            }
        };
        let who = who(&place, allowed).await;
        let wait = match &who {
            Ok(_) => EVERY.max(begin.elapsed() * FACTOR),
            Err(Trouble::NotAllowed | Trouble::Other(_)) => RETRY,
        };
        let last = matches!(who, Err(Trouble::NotAllowed));
        let who = who.map_or_else(|trouble| Who::Unknown(trouble.sentence()), Who::Known);
        // A failure is told once, a list each time.
        if (matches!(who, Who::Known(_)) || told.as_ref() != Some(&who))
            && sender.send(Msg::Who(Box::new(who.clone()))).await.is_err()
        {
            return;
        }
        if last {
            return;
        }
        told = Some(who);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = sender.closed() => return,
        }
    }
}

/// Why nothing is known.
#[derive(Debug, PartialEq)]
enum Trouble {
    NotAllowed,
    Other(String),
}

impl Trouble {
    fn sentence(self) -> String {
        match self {
            Self::NotAllowed => String::from("doveadm who is for root only"),
            Self::Other(why) => why,
        }
    }
}

/// Who is connected right now.
async fn who(place: &Path, allowed: Allowed) -> Result<Connections, Trouble> {
    let at = Utc::now();
    let mut command = command(place, "doveadm");
    command.args(["-f", "tab", "who", "-1"]);
    let (text, complaint) = answer(command).await?;
    match Connections::read(&text, at, allowed) {
        Some(connections) => Ok(connections),
        None if complaint.contains("Permission denied") => Err(Trouble::NotAllowed),
        None => {
            let last = complaint.lines().rfind(|line| !line.is_empty());
            Err(Trouble::Other(format!(
                "doveadm who: {}",
                last.unwrap_or("no list came; is Dovecot running?")
            )))
        }
    }
}

/// What the limits are set to; what `doveconf` does not tell is not known.
async fn allowed(place: &Path) -> Allowed {
    let mut command = command(place, "doveconf");
    command.args(Allowed::names());
    let answer = answer(command).await;
    answer.map_or_else(|_| Allowed::default(), |(text, _)| Allowed::read(&text))
}

fn command(place: &Path, name: &str) -> Command {
    let mut command = Command::new(place.join(name));
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .current_dir("/")
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a program wrote to its two outputs within [`PATIENCE`].
async fn answer(mut command: Command) -> Result<(String, String), Trouble> {
    let ran = async {
        let mut child = command.spawn()?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (out, err) = tokio::join!(text(out), text(err));
        child.wait().await?;
        Ok::<_, std::io::Error>((out?, err?))
    };
    match tokio::time::timeout(PATIENCE, ran).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Trouble::Other(format!("doveadm who cannot run: {error}"))),
        Err(_) => Err(Trouble::Other(format!(
            "doveadm who took longer than {} s",
            PATIENCE.as_secs()
        ))),
    }
}

async fn text(output: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(output) = output {
        output.take(MOST).read_to_end(&mut bytes).await?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
