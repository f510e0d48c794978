//! A lab for a live test: starts a private Postfix, Dovecot and mailbox providers, and takes them down when it is dropped.
//!
//! Included by a test with `#[path = "lab/harness.rs"] mod harness;`. In: options. Out: where the log, the configuration and the
//! ports are, the queue as records, and ways to send mail and to change the providers' moods. A lab needs root and the
//! packages of `tests/lab/packages`; what is missing fails the test with the name of it. `LIVE=0` skips, and says so.
//! If the test is killed, the lab notices that its owner is gone and ends itself.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use mailtop_parsers::QueueEntry;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(50);

/// How the lab's Postfix is configured.
#[derive(Debug, Clone)]
pub struct Options {
    /// `enable_long_queue_ids`.
    pub long_ids: bool,
    /// `multi_instance_name`, such as `postfix-out`; the log says `postfix` when absent.
    pub instance: Option<String>,
    /// `minimal_backoff_time`, whole seconds.
    pub minimal_backoff: Duration,
    /// `queue_run_delay`, whole seconds.
    pub queue_run: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            long_ids: false,
            instance: None,
            minimal_backoff: Duration::from_secs(20),
            queue_run: Duration::from_secs(10),
        }
    }
}

/// A lab that is up.
#[derive(Debug)]
pub struct Lab {
    // Kept for its drop, which removes the directory should `down` have failed.
    place: tempfile::TempDir,
    env: HashMap<String, String>,
}

// Every including test uses its own part of this file. Naming all of it here keeps the rest from being called dead.
const _: () = {
    let _ = Lab::traffic;
    let _ = Lab::mail;
    let _ = Lab::mood;
    let _ = Lab::rotate_log;
    let _ = Lab::postqueue;
    let _ = Lab::postfix;
    let _ = Lab::inside;
    let _ = Lab::program;
    let _ = Lab::config_dir;
    let _ = Lab::dir;
    let _ = Lab::log;
    let _ = Lab::log_text;
    let _ = Lab::queue_dir;
    let _ = Lab::instance;
    let _ = Lab::submission;
    let _ = Lab::imap;
    let _ = Lab::wait_until::<fn(&Lab) -> bool>;
};

impl Lab {
    /// Starts a lab in a temporary directory; `None` when `LIVE=0` asks to skip live tests.
    ///
    /// # Panics
    /// When the lab cannot be started, with what `up` said: a missing package, or that root is needed.
    pub fn start(options: &Options) -> Option<Self> {
        if std::env::var("LIVE").is_ok_and(|live| live == "0") {
            // Not eprintln!, which the test harness hides when the test passes.
            let name = thread::current().name().unwrap_or("a live test").to_owned();
            writeln!(
                io::stderr(),
                "\nSKIPPED: {name} did not run against a real Postfix, because LIVE=0"
            )
            .expect("stderr is open");
            return None;
        }
        let place = tempfile::Builder::new()
            .prefix("mailtop-lab.")
            .tempdir()
            .expect("a temporary directory");
        let dir = fs::canonicalize(place.path()).expect("the directory exists");
        let mut up = script("up");
        up.arg("--dir")
            .arg(&dir)
            .args(["--owner", &std::process::id().to_string()]);
        if options.long_ids {
            up.arg("--long-ids");
        }
        if let Some(instance) = &options.instance {
            up.args(["--instance", instance]);
        }
        up.env(
            "LAB_MINIMAL_BACKOFF",
            options.minimal_backoff.as_secs().to_string(),
        );
        up.env("LAB_QUEUE_RUN", options.queue_run.as_secs().to_string());
        run(&mut up, b"");
        let env = read_env(&dir.join("env"));
        Some(Self { place, env })
    }

    /// The lab's directory.
    pub fn dir(&self) -> PathBuf {
        PathBuf::from(self.env("LAB_DIR"))
    }

    /// The log that Postfix and Dovecot write through rsyslogd.
    pub fn log(&self) -> PathBuf {
        PathBuf::from(self.env("LAB_LOG"))
    }

    /// What is in the log now.
    pub fn log_text(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log()).expect("the lab has a log")).into_owned()
    }

    /// The directory of `main.cf`, for `-c`.
    pub fn config_dir(&self) -> PathBuf {
        PathBuf::from(self.env("LAB_POSTFIX_CONFIG"))
    }

    /// The queue directory.
    pub fn queue_dir(&self) -> PathBuf {
        PathBuf::from(self.env("LAB_QUEUE"))
    }

    /// The name of the instance in the log: `postfix`, or what the options say.
    pub fn instance(&self) -> &str {
        self.env("LAB_INSTANCE")
    }

    /// Where users submit mail, with or without a login.
    pub fn submission(&self) -> SocketAddr {
        self.env("LAB_SUBMISSION")
            .parse()
            .expect("an address and a port")
    }

    /// Where Dovecot speaks IMAP. Users are `bob@shop.example` and others, with the password `secret`.
    pub fn imap(&self) -> SocketAddr {
        self.env("LAB_IMAP").parse().expect("an address and a port")
    }

    /// Runs `tests/lab/traffic` with these arguments and returns its report.
    ///
    /// # Panics
    /// When a message could neither be handed over nor was refused.
    pub fn traffic(&self, arguments: &[&str]) -> String {
        run(
            script("traffic")
                .arg("--dir")
                .arg(self.dir())
                .args(arguments),
            b"",
        )
    }

    /// Sends one message through the submission port with a login of `from`, which is a user of the lab.
    pub fn mail(&self, from: &str, to: &str) {
        self.traffic(&["1", "--from", from, "--to", to]);
    }

    /// Changes how a provider answers: `healthy` or `incident`.
    pub fn mood(&self, provider: &str, mood: &str) {
        run(
            script("mood")
                .arg("--dir")
                .arg(self.dir())
                .args([provider, mood]),
            b"",
        );
    }

    /// Rotates the log as Debian does, with the real logrotate; rsyslogd then writes to a new file of the same name.
    pub fn rotate_log(&self) {
        let mut logrotate = Command::new("logrotate");
        logrotate
            .arg("-f")
            .arg("-s")
            .arg(self.dir().join("lib/logrotate.status"));
        run(logrotate.arg(self.dir().join("etc/logrotate.conf")), b"");
    }

    /// What is in the queue now.
    pub fn postqueue(&self) -> Vec<QueueEntry> {
        let listing = self.postfix("postqueue", &["-j"], b"");
        let entry = |line: &str| {
            mailtop_parsers::postqueue::parse(line.as_bytes())
                .unwrap_or_else(|why| panic!("{why}: {line}"))
        };
        listing.lines().map(entry).collect()
    }

    /// Runs a command of Postfix on the lab's instance, with ids on standard input, and returns what it said on both outputs.
    pub fn postfix(&self, program: &str, arguments: &[&str], input: &[u8]) -> String {
        run(Command::new(self.program(program)).args(arguments), input)
    }

    /// The lab's own `postsuper`, `postqueue`, `postcat`, `postconf`, `sendmail` or `mailq`: it runs inside the lab.
    /// The machine's, with `-c`, do the same work but log to the machine's log, not to the lab's.
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir().join("bin").join(name)
    }

    /// A command that runs where the lab is the machine's mail server, as `user` or as root.
    pub fn inside(&self, user: Option<&str>, program: &str) -> Command {
        let mut command = script("enter");
        command.arg("--dir").arg(self.dir());
        if let Some(user) = user {
            command.args(["--user", user]);
        }
        command.arg(program);
        command
    }

    /// Looks at the lab until `condition` holds.
    ///
    /// # Panics
    /// When it does not within `limit`, with `what` was waited for and the end of the log.
    pub fn wait_until<C: Fn(&Self) -> bool>(&self, condition: C, limit: Duration, what: &str) {
        let start = Instant::now();
        while !condition(self) {
            assert!(
                start.elapsed() < limit,
                "waited {limit:?} in vain for {what}; the log ends with\n{}",
                self.log_end()
            );
            // waits for: what the daemons of the lab do by themselves
            thread::sleep(POLL);
        }
    }

    fn log_end(&self) -> String {
        let text = self.log_text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn env(&self, name: &str) -> &str {
        self.env
            .get(name)
            .unwrap_or_else(|| panic!("the lab's env has no {name}"))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let down = script("down")
            .arg("--dir")
            .arg(self.dir())
            .arg("--purge")
            .stdin(Stdio::null())
            .output();
        let said = down.map(|down| {
            (
                down.status.success(),
                String::from_utf8_lossy(&down.stderr).into_owned(),
            )
        });
        let left = self.place.path().exists();
        if !matches!(&said, Ok((true, _))) || left {
            let complaint = format!("the lab did not go down: {said:?}");
            // A second panic would hide the first.
            assert!(thread::panicking(), "{complaint}");
            eprintln!("{complaint}");
        }
    }
}

fn script(name: &str) -> Command {
    Command::new(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/lab")
            .join(name),
    )
}

/// Runs a command to its end and returns both outputs together.
fn run(command: &mut Command, input: &[u8]) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|why| panic!("cannot run {command:?}: {why}"));
    let mut stdin = child.stdin.take().expect("it is piped");
    // A command that wants no input may be gone already; its status tells.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("it can be waited for");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        output.status.success(),
        "{command:?} failed, {}: {said}",
        output.status
    );
    said
}

/// Reads `NAME=value` lines, whose values may stand in single quotes.
fn read_env(path: &Path) -> HashMap<String, String> {
    let text = fs::read_to_string(path).expect("up writes an env");
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect()
}
