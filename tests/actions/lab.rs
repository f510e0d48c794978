//! A private Postfix of the machine's own binaries, in a directory of its own, that sends to nobody; and what its queue truly is.

use mailtop::actions::{Performer, Postfix, Tools};
use mailtop::app::effect::{Action, Scope};
use mailtop::app::msg::Msg;
use mailtop::model::identity::Target;
use mailtop::model::journal::{Receipt, Verb};
use mailtop_parsers::{QueueEntry, QueueName, postqueue};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Nothing here listens on the network: mail comes in by sendmail(1) and goes nowhere.
const MASTER: &str = "\
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
";

/// A running instance.
pub struct Lab {
    pub at: TempDir,
    postfix: Postfix,
}

impl Lab {
    /// Starts one; `None` when `LIVE=0` asks to skip live tests.
    pub fn start() -> Option<Self> {
        if std::env::var("LIVE").is_ok_and(|live| live == "0") {
            // Not eprintln!, which the test harness hides when the test passes.
            let mut stderr = std::io::stderr();
            let this = std::thread::current();
            let name = this.name().unwrap_or("a live test");
            writeln!(
                stderr,
                "\nSKIPPED: {name} did not run against a real Postfix, because LIVE=0"
            )
            .unwrap();
            return None;
        }
        assert!(
            rustix::process::geteuid().is_root(),
            "a live test needs root, because Postfix does; LIVE=0 skips it"
        );
        assert!(
            Path::new("/usr/sbin/postsuper").exists(),
            "there is no Postfix in /usr/sbin: install the package postfix; LIVE=0 skips this"
        );
        let at = tempfile::tempdir().unwrap();
        fs::set_permissions(at.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["config", "queue", "own"] {
            fs::create_dir(at.path().join(name)).unwrap();
            fs::set_permissions(at.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = at.path().display();
        // Port 1 of loopback answers nobody: every message is deferred, and none is ever bounced.
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {path}/queue\ndata_directory = {path}/own\n\
             command_directory = /usr/sbin\ndaemon_directory = {}\nmail_owner = postfix\nsetgid_group = postdrop\n\
             myhostname = lab.example\nmydestination =\nmynetworks = 127.0.0.0/8\ninet_interfaces = loopback-only\n\
             inet_protocols = ipv4\ndefault_transport = smtp:[127.0.0.1]:1\nalias_maps =\nalias_database =\n\
             maillog_file = {path}/mail.log\nmaillog_file_prefixes = {path}\nsyslog_name = postfix-lab\nqueue_run_delay = 1h\n",
            daemons().display()
        );
        fs::write(at.path().join("config/main.cf"), main).unwrap();
        fs::write(at.path().join("config/master.cf"), MASTER).unwrap();
        let chown = Command::new("chown")
            .arg("postfix")
            .arg(at.path().join("own"))
            .status()
            .unwrap();
        assert!(chown.success());
        let tools = Tools::find(Some(at.path().join("config"))).unwrap();
        let lab = Self {
            at,
            postfix: Postfix::new(tools).unwrap(),
        };
        assert!(lab.control("start"), "{}", lab.log());
        Some(lab)
    }

    pub fn config(&self) -> PathBuf {
        self.at.path().join("config")
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.at.path().join("mail.log")).unwrap_or_default()
    }

    pub fn control(&self, order: &str) -> bool {
        let done = Command::new("/usr/sbin/postfix")
            .arg("-c")
            .arg(self.config())
            .arg(order)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
    }

    /// Sends a message from `sender` and waits until it is deferred.
    pub fn send(&self, sender: &str) -> Target {
        let mut sendmail = Command::new("/usr/sbin/sendmail")
            .arg("-C")
            .arg(self.config())
            .args(["-f", sender, "r@far.example"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        sendmail
            .stdin
            .take()
            .unwrap()
            .write_all(b"Subject: x\n\nx\n")
            .unwrap();
        assert!(sendmail.wait().unwrap().success());
        self.until(&format!("{sender} in deferred"), |queue| {
            let entry = queue.values().find(|entry| entry.sender == sender)?;
            (entry.queue_name == QueueName::Deferred).then(|| Target::of("postfix-lab", entry))
        })
    }

    /// What Postfix itself says is in the queue, by queue id.
    pub fn queue(&self) -> BTreeMap<String, QueueEntry> {
        listed(&self.config())
    }

    /// Polls the queue until `seen` finds what it wants in it.
    pub fn until<T>(
        &self,
        what: &str,
        seen: impl Fn(&BTreeMap<String, QueueEntry>) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let queue = self.queue();
            if let Some(found) = seen(&queue) {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "waited for {what}: {queue:?}\n{}",
                self.log()
            );
            // waits for: what the daemons do by themselves
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn act(&mut self, verb: Verb, targets: &[&Target]) -> Receipt {
        let targets = targets.iter().map(|target| (*target).clone()).collect();
        self.perform(verb, Scope::Messages(targets))
    }

    pub fn perform(&mut self, verb: Verb, scope: Scope) -> Receipt {
        let (reply, mut road) = mpsc::channel(1);
        self.postfix.perform(Action { verb, scope }, reply);
        match road.blocking_recv() {
            Some(Msg::Receipt(receipt)) => *receipt,
            other => panic!("{other:?}"),
        }
    }

    pub fn queue_of(&self, target: &Target) -> Option<QueueName> {
        self.queue()
            .get(&*target.key.queue_id)
            .map(|entry| entry.queue_name)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.control("abort");
        // The master goes on for a moment; the directory must not be taken from under it.
        let pid =
            fs::read_to_string(self.at.path().join("queue/pid/master.pid")).unwrap_or_default();
        let proc = Path::new("/proc").join(pid.trim());
        let deadline = Instant::now() + Duration::from_secs(10);
        while !pid.is_empty() && proc.exists() && Instant::now() < deadline {
            // waits for: the master process to be gone
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// What Postfix itself says is in the queue of the instance configured here, by queue id.
pub fn listed(config: &Path) -> BTreeMap<String, QueueEntry> {
    let listed = Command::new("/usr/sbin/postqueue")
        .arg("-c")
        .arg(config)
        .arg("-j")
        .output()
        .unwrap();
    let lines = listed
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| postqueue::parse(line).unwrap())
        .map(|entry| (entry.queue_id.clone(), entry))
        .collect()
}

fn daemons() -> PathBuf {
    let known = [
        "/usr/lib/postfix/sbin",
        "/usr/libexec/postfix",
        "/usr/lib/postfix",
    ];
    let found = known
        .iter()
        .map(Path::new)
        .find(|path| path.join("master").exists());
    found.unwrap().to_path_buf()
}
