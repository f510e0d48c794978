//! A real systemd-journald with a journal of its own, in a mount namespace; it ends when dropped. It needs root.
//!
//! Included with `#[path = "support/journald.rs"] mod journald;`. In: datagrams as syslog(3) sends them. Out: a directory that stands for
//! `/run`, with the journal in it.

use std::fs;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const CONFIGURATION: &str = "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\nForwardToSyslog=no\nForwardToWall=no\n";

/// A journald that runs.
#[derive(Debug)]
pub struct Journald {
    directory: tempfile::TempDir,
    /// The daemon.
    pub child: Child,
    socket: UnixDatagram,
}

impl Drop for Journald {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Journald {
    /// Starts it, and waits until it listens.
    pub fn start() -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let run = directory.path().join("run");
        for below in ["systemd/journal", "systemd/journald.conf.d", "log/journal"] {
            fs::create_dir_all(run.join(below))?;
        }
        fs::write(run.join("systemd/journald.conf.d/test.conf"), CONFIGURATION)?;
        let child = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .args([
                r#"mount --bind "$1" /run && exec /usr/lib/systemd/systemd-journald"#,
                "sh",
            ])
            .arg(&run)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut journald = Self {
            directory,
            child,
            socket: UnixDatagram::unbound()?,
        };
        let path = run.join("systemd/journal/dev-log");
        let begin = Instant::now();
        while journald.socket.connect(&path).is_err() {
            if journald.child.try_wait()?.is_some() || begin.elapsed() > PATIENCE {
                return Err(io::Error::other("journald does not start: it needs root"));
            }
            // waits for: journald's socket
            thread::sleep(Duration::from_millis(5));
        }
        Ok(journald)
    }

    /// What it sees as `/run`.
    pub fn run(&self) -> PathBuf {
        self.directory.path().join("run")
    }

    /// Logs a datagram of syslog(3): `<22>Nov 24 10:00:00 postfix/qmgr[1]: text`.
    pub fn send(&self, datagram: &str) -> io::Result<()> {
        self.socket.send(datagram.as_bytes()).map(drop)
    }
}
