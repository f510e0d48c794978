//! A console with a program in it: a pseudo-terminal of a given size, keys to type, and a screen to read.
//!
//! Included by a test with `#[path = "../support/console.rs"] mod console;`. In: a command and a size. Out: the screen as the vt100
//! emulator understands it, every byte that the program wrote, the terminal's modes, the exit status. Everything that is
//! waited for is a condition with a deadline, and what fails shows the screen as it was. It knows nothing of mail.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use mailtop::app::key::Key;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{ErrorKind, Read, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test fails: long, because the machine may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A frame's pieces come at once behind one another; after this long without one the frame is whole.
const REST_OF_A_FRAME: Duration = Duration::from_millis(40);

/// The mark that mailtop draws before the selected row.
const SELECTED: char = '▌';

/// A terminal with a program in it.
pub struct Console {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    written: Receiver<Vec<u8>>,
    before: String,
    emulator: vt100::Parser,
    bytes: Vec<u8>,
    over: bool,
}

// Every including test uses its own part of this file. Naming all of it here keeps the rest from being called dead.
const _: () = {
    let _ = Console::open;
    let _ = Console::keys;
    let _ = Console::type_in;
    let _ = Console::resize;
    let _ = Console::wait_for;
    let _ = Console::wait_gone;
    let _ = Console::screen;
    let _ = Console::rows;
    let _ = Console::row_of;
    let _ = Console::row_with;
    let _ = Console::selected;
    let _ = Console::bytes;
    let _ = Console::pid;
    let _ = Console::exit;
    let _ = Console::assert_given_back;
    let _ = Console::is_raw;
    let _ = Console::wait_until::<fn(&vt100::Screen) -> bool>;
};

impl Console {
    /// Opens a terminal of so many columns and rows, and starts the command in it.
    pub fn open(command: &Command, (columns, rows): (u16, u16)) -> Self {
        let pty = native_pty_system()
            .openpty(size(columns, rows))
            .expect("a pseudo-terminal");
        let before = modes(&*pty.master);
        let mut start = CommandBuilder::new(command.get_program());
        start.args(command.get_args());
        start.cwd(env!("CARGO_MANIFEST_DIR"));
        for name in ["LC_ALL", "LC_CTYPE", "NO_COLOR", "COLORTERM", "TMUX"] {
            start.env_remove(name);
        }
        start.env("TERM", "xterm-256color");
        start.env("LANG", "C.UTF-8");
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => start.env(name, value),
                None => start.env_remove(name),
            }
        }
        let child = pty.slave.spawn_command(start).expect("the program starts");
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().expect("a reader");
        let keyboard = pty.master.take_writer().expect("a writer");
        let (road, written) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                match reader.read(&mut buffer) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Ok(count @ 1..) if road.send(buffer[..count].to_vec()).is_ok() => {}
                    _ => break,
                }
            }
        });
        Self {
            master: pty.master,
            keyboard,
            child,
            written,
            before,
            emulator: vt100::Parser::new(not_zero(rows), not_zero(columns), 0),
            bytes: Vec::new(),
            over: false,
        }
    }

    /// Presses keys, written as for `--keys`: `2j<enter>`. Escape may only be the last one, because with what follows at once
    /// it would be another key.
    pub fn keys(&mut self, script: &str) {
        let keys = Key::of_script(script).expect("keys");
        let escape = keys.iter().position(|key| *key == Key::Esc);
        assert!(
            escape.is_none_or(|at| at + 1 == keys.len()),
            "{script}: <esc> must be the last key"
        );
        let text: String = keys.into_iter().map(sequence).collect();
        self.type_in(&text);
    }

    /// Sends characters as they are.
    pub fn type_in(&mut self, text: &str) {
        let written = self.keyboard.write_all(text.as_bytes());
        written
            .and_then(|()| self.keyboard.flush())
            .expect("the terminal is open");
    }

    /// Makes the window larger or smaller.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let resized = self.master.resize(size(columns, rows));
        resized.expect("the terminal is open");
        let screen = self.emulator.screen_mut();
        screen.set_size(not_zero(rows), not_zero(columns));
    }

    /// Waits until the text is on the screen, and says when it was.
    pub fn wait_for(&mut self, text: &str) -> Instant {
        self.wait_until(text, |screen| screen.contents().contains(text))
    }

    /// Waits until the text is not on the screen.
    pub fn wait_gone(&mut self, text: &str) {
        self.wait_until(&format!("the end of {text}"), |screen| {
            !screen.contents().contains(text)
        });
    }

    /// Waits until the screen is as wanted, and says when it was.
    ///
    /// # Panics
    /// When it is not after [`PATIENCE`], with `what` was waited for and the screen.
    pub fn wait_until<C: Fn(&vt100::Screen) -> bool>(
        &mut self,
        what: &str,
        condition: C,
    ) -> Instant {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while self.take(Duration::ZERO) {}
            if condition(self.emulator.screen()) {
                let when = Instant::now();
                // A frame comes in pieces: what is read next is the rest of the one that fits.
                while self.take(REST_OF_A_FRAME) {}
                return when;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !self.over,
                "waited in vain for {what}; the screen is\n{}",
                self.screen()
            );
            self.take(left);
        }
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        self.emulator.screen().contents()
    }

    /// The screen's rows, with their blanks.
    pub fn rows(&self) -> Vec<String> {
        rows(self.emulator.screen())
    }

    /// The first row that holds the text, counted from the top.
    pub fn row_of(&self, text: &str) -> Option<usize> {
        self.rows().iter().position(|row| row.contains(text))
    }

    /// The first row that holds the text.
    pub fn row_with(&self, text: &str) -> String {
        let row = self.rows().into_iter().find(|row| row.contains(text));
        row.unwrap_or_else(|| panic!("no row has {text}:\n{}", self.screen()))
    }

    /// The row that is selected.
    pub fn selected(&self) -> String {
        self.row_with(&SELECTED.to_string())
    }

    /// Everything that the program has written up to now.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The program's process id.
    pub fn pid(&self) -> i32 {
        let pid = self.child.process_id().expect("it runs");
        i32::try_from(pid).expect("a process id")
    }

    /// Waits for the program's end and reads its last words.
    pub fn exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                while self.take(Duration::from_millis(200)) {}
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end; the screen is\n{}",
                self.screen()
            );
            self.take(Duration::from_millis(20));
            if self.over {
                thread::yield_now();
            }
        }
    }

    /// Everything about the terminal is as it was before the program came.
    pub fn assert_given_back(&self) {
        let screen = self.emulator.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "pastes are still marked");
        assert_eq!(screen.bgcolor(), vt100::Color::Default);
        assert!(!self.is_raw(), "the terminal's modes differ");
    }

    /// Whether the terminal's modes are other than before the program came.
    pub fn is_raw(&self) -> bool {
        modes(&*self.master) != self.before
    }

    fn take(&mut self, wait: Duration) -> bool {
        match self.written.recv_timeout(wait) {
            Ok(bytes) => {
                self.emulator.process(&bytes);
                self.bytes.extend(bytes);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                self.over = true;
                false
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // Fails when it has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The rows of a screen, with their blanks.
pub fn rows(screen: &vt100::Screen) -> Vec<String> {
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).collect()
}

fn not_zero(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a window has a size")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

/// What a terminal sends for a key.
fn sequence(key: Key) -> String {
    let known = match key {
        Key::Char(c) => return c.to_string(),
        Key::Ctrl(c) => return char::from(c as u8 & 0x1f).to_string(),
        Key::Enter => "\r",
        Key::Esc => "\x1b",
        Key::Tab => "\t",
        Key::BackTab => "\x1b[Z",
        Key::Backspace => "\x7f",
        Key::Delete => "\x1b[3~",
        Key::Up => "\x1b[A",
        Key::Down => "\x1b[B",
        Key::Right => "\x1b[C",
        Key::Left => "\x1b[D",
        Key::Home => "\x1b[H",
        Key::End => "\x1b[F",
        Key::PageUp => "\x1b[5~",
        Key::PageDown => "\x1b[6~",
    };
    known.to_owned()
}
