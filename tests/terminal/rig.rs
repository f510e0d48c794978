//! A real pseudo-terminal with a program in it, looked at from the outside.
//!
//! The program runs in a session of its own with the terminal as its controlling terminal (`setsid --ctty` of util-linux). What it
//! writes goes through a terminal emulator (vt100); what it did to the line discipline is read from the kernel.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, Termios, Winsize, tcgetattr, tcsetattr, tcsetwinsize};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The terminal's size.
const COLUMNS: NonZero<u16> = NonZero::new(60).unwrap();
const ROWS: NonZero<u16> = NonZero::new(12).unwrap();

/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The program to look at: the probe, built for this very tree.
pub fn probe() -> &'static PathBuf {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut order = Command::new(cargo);
        order
            .args(["build", "--quiet", "--example", "terminal-probe"])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        // What cargo told this test about itself would make build scripts believe that they have to run again.
        let told = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_"];
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if told.iter().any(|start| text.starts_with(start)) {
                order.env_remove(&name);
            }
        }
        let built = order.status().unwrap();
        assert!(built.success(), "the probe can't be built");
        let here = std::env::current_exe().unwrap();
        here.ancestors()
            .nth(2)
            .unwrap()
            .join("examples/terminal-probe")
    })
}

/// Where a program's standard output goes.
pub enum Output {
    Terminal,
    File(&'static str),
}

pub struct Rig {
    pub child: Child,
    master: Option<File>,
    slave: File,
    before: String,
    cooked: Termios,
    pub screen: vt100::Parser,
}

impl Rig {
    /// The probe, ending as told.
    pub fn probe(ending: &str) -> Self {
        Self::start(
            &[probe().as_os_str(), OsStr::new(ending)],
            &Output::Terminal,
        )
    }

    /// Any program.
    pub fn start(argv: &[&OsStr], output: &Output) -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_col: COLUMNS.get(),
            ws_row: ROWS.get(),
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = File::options()
            .read(true)
            .write(true)
            .custom_flags(rustix::fs::OFlags::NOCTTY.bits() as i32)
            .open(OsStr::new(name.to_str().unwrap()))
            .unwrap();
        let before = modes(&slave);
        let cooked = tcgetattr(&slave).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        let stdout = match output {
            Output::Terminal => end(),
            Output::File(path) => Stdio::from(File::options().write(true).open(path).unwrap()),
        };
        let child = Command::new("setsid")
            .arg("--ctty")
            .args(argv)
            .env("TERM", "xterm-256color")
            .stdin(end())
            .stdout(stdout)
            .stderr(end())
            .spawn()
            .unwrap();
        Self {
            child,
            master: Some(File::from(master)),
            slave,
            before,
            cooked,
            screen: vt100::Parser::new(ROWS, COLUMNS, 100),
        }
    }

    pub fn type_in(&mut self, keys: &str) {
        self.master
            .as_mut()
            .unwrap()
            .write_all(keys.as_bytes())
            .unwrap();
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(self.master.as_ref().unwrap(), size).unwrap();
    }

    /// Reads what the program writes until the emulated screen is as wanted.
    pub fn until(&mut self, what: &str, seen: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !seen(self.screen.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "waited for {what}, saw:\n{}",
                self.screen.screen().contents()
            );
            self.take(left.min(Duration::from_millis(100)));
        }
    }

    /// Waits for a text on the alternate screen.
    pub fn until_drawn(&mut self, text: &str) {
        self.until(text, |screen| {
            screen.alternate_screen() && screen.contents().contains(text)
        });
    }

    /// Waits for the process's end without reaping it, reading on; gives the moment and the CPU seconds that it and its
    /// children took.
    pub fn until_ended(&mut self) -> f64 {
        let deadline = Instant::now() + PATIENCE;
        let pid = i32::try_from(self.child.id()).unwrap();
        loop {
            let stat = procfs::process::Process::new(pid).unwrap().stat().unwrap();
            if stat.state == 'Z' {
                let own = stat.utime + stat.stime;
                let of_children = u64::try_from(stat.cutime + stat.cstime).unwrap();
                return (own + of_children) as f64 / procfs::ticks_per_second() as f64;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end:\n{}",
                self.screen.screen().contents()
            );
            self.take(Duration::from_millis(10));
        }
    }

    /// Ends the observation: the exit status, after the program's last words were read.
    pub fn status(&mut self) -> ExitStatus {
        self.until_ended();
        while self.take(Duration::ZERO) {}
        self.child.wait().unwrap()
    }

    /// Closes the window.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    /// Everything about the terminal is as it was before the program came.
    pub fn assert_given_back(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "pastes are still marked");
        assert_eq!(screen.bgcolor(), vt100::Color::Default);
        assert!(!screen.inverse());
        assert_eq!(
            modes(&self.slave),
            self.before,
            "the terminal's modes differ"
        );
    }

    /// Waits for the process's end without reading what it writes.
    pub fn until_ended_unread(&mut self) {
        let master = self.master.take();
        self.until_ended();
        self.master = master;
    }

    /// Waits, without reading, until the terminal takes no more.
    pub fn until_full(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let now = Timespec::try_from(Duration::ZERO).unwrap();
        while poll(&mut [PollFd::new(&self.slave, PollFlags::OUT)], Some(&now)).unwrap() > 0 {
            assert!(Instant::now() < deadline, "it never was full");
            std::thread::yield_now();
        }
    }

    /// Waits until the process is in this state (`proc(5)`), reading on.
    pub fn until_state(&mut self, state: char) {
        let pid = i32::try_from(self.child.id()).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while procfs::process::Process::new(pid)
            .unwrap()
            .stat()
            .unwrap()
            .state
            != state
        {
            assert!(Instant::now() < deadline, "it never was in state {state}");
            self.take(Duration::from_millis(5));
        }
    }

    /// Sets the modes from before the program came, as a shell does when its job stops.
    pub fn cook(&self) {
        tcsetattr(&self.slave, OptionalActions::Now, &self.cooked).unwrap();
    }

    pub fn is_raw(&self) -> bool {
        modes(&self.slave) != self.before
    }

    fn take(&mut self, wait: Duration) -> bool {
        let Some(master) = &mut self.master else {
            // waits for: the process to end, which its closed terminal cannot tell
            std::thread::sleep(wait);
            return false;
        };
        let wait = Timespec::try_from(wait).unwrap();
        let mut fds = [PollFd::new(master, PollFlags::IN)];
        if poll(&mut fds, Some(&wait)).unwrap() == 0 {
            return false;
        }
        let mut buffer = [0; 4096];
        let Ok(count @ 1..) = master.read(&mut buffer) else {
            return false;
        };
        self.screen.process(&buffer[..count]);
        true
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn modes(terminal: impl AsFd) -> String {
    format!("{:?}", tcgetattr(terminal).unwrap())
}
