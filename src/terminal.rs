//! Raw mode and the alternate screen, given back on every exit.
//!
//! Frames go in, the terminal shows them. Whatever ends the program (the operator, a signal, a closed window, a panic in any
//! thread, an error half-way through taking the terminal), the terminal's modes, screen and cursor are left as they were found.
//! Ctrl-Z gives it back and takes it again. Keys are not read here (`sources::input`). One thing is asked of the terminal, its
//! background, and nobody waits for the answer: `sources::input` knows it among the keys.
//!
//! Order of use, in `main`: [`usable`], [`install_panic_hook`], [`Endings::watch`], [`Screen::enter`]; at the end
//! [`Screen::leave`], and [`die_by`] when [`Endings::signal`] says so.

mod backend;
mod endings;
mod job;
mod modes;
mod panic;

pub use backend::Tty;
pub use endings::{Endings, die_by};
pub use panic::install_panic_hook;

use backend::Out;
use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::{Frame, Terminal};
use rustix::stdio::stdout;
use rustix::termios::isatty;
use std::env;
use std::io::{self, Write};

/// Whether there is a terminal to draw on.
///
/// # Errors
/// A sentence for the operator: what is missing.
pub fn usable() -> Result<(), String> {
    if !isatty(stdout()) {
        return Err(String::from("standard output is not a terminal"));
    }
    if let Err(error) = modes::input() {
        return Err(format!("there is no terminal to read keys from: {error}"));
    }
    if env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(String::from(
            "the terminal can't be drawn on: TERM is \"dumb\"",
        ));
    }
    Ok(())
}

/// The terminal while it is ours.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Tty<Out>>,
    /// The frame that stands on it.
    last: Buffer,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When a step fails; what was done before it is undone.
    pub fn enter() -> io::Result<Self> {
        // With NO_COLOR crossterm would write empty sequences that wipe reverse video. Colours are the theme's decision.
        crossterm::style::force_color_output(true);
        modes::enter()?;
        let terminal =
            Terminal::new(Tty::onto(Out::default())).inspect_err(|_| modes::restore())?;
        Ok(Self {
            terminal,
            last: Buffer::default(),
            mouse: false,
        })
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// When the terminal is gone or was given back: the end.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if endings::was_continued() {
            self.reenter()?;
        }
        let frame = self.terminal.draw(draw)?;
        self.last.clone_from(frame.buffer);
        Ok(())
    }

    /// Puts text into the terminal's clipboard: xterm's OSC 52, which passes through ssh. Whether the terminal takes it, it does not say;
    /// tmux does with `set -s set-clipboard on`.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut sequence = String::new();
        // `CopyToClipboard` encodes in base64, so no byte of the text can end the sequence.
        CopyToClipboard::to_clipboard_from(text)
            .write_ansi(&mut sequence)
            .map_err(io::Error::other)?;
        modes::write_frame(sequence.as_bytes())
    }

    /// Leaves the screen that is ours and shows text on the normal one, where the terminal can select and scroll it;
    /// [`Screen::reenter`] comes back.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn plain(&mut self, text: &str) -> io::Result<()> {
        let mut bytes = String::from("\x1b[0m\x1b[?1049l\x1b[?25h\r\n");
        for line in text.lines() {
            bytes.push_str(line.trim_end());
            bytes.push_str("\r\n");
        }
        bytes.push_str("(any key goes back to mailtop) ");
        modes::write_frame(bytes.as_bytes())
    }

    /// Asks the terminal how its background is (xterm's OSC 11). The answer comes among the keys, if one comes.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn ask_background(&mut self) -> io::Result<()> {
        modes::write_frame(b"\x1b]11;?\x1b\\")
    }

    /// Takes the mouse, or gives it back to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        modes::mouse(on)
    }

    /// Gives the terminal back, stops as Ctrl-Z does, and takes it again when continued; the next frame is drawn anew.
    /// `false`: there is no shell that could continue mailtop, so nothing was done.
    ///
    /// # Errors
    /// When the terminal can't be taken again.
    pub fn suspend(&mut self) -> io::Result<bool> {
        if !job::is_watched() {
            return Ok(false);
        }
        modes::restore();
        job::stop(endings::was_continued)?;
        self.reenter()?;
        Ok(true)
    }

    /// Gives the terminal back; with `leave_screen` the last frame stays standing on the normal screen.
    ///
    /// # Errors
    /// When the last frame can't be written.
    pub fn leave(self, leave_screen: bool) -> io::Result<()> {
        modes::restore();
        if leave_screen {
            let mut out = io::stdout().lock();
            out.write_all(&standing(&self.last)?)?;
            out.flush()?;
        }
        Ok(())
    }

    /// Takes the screen again; the next frame is drawn anew.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn reenter(&mut self) -> io::Result<()> {
        modes::enter()?;
        if self.mouse {
            modes::mouse(true)?;
        }
        self.terminal.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        modes::restore();
    }
}

/// The bytes that put a frame on the normal screen: what is there moves up into the scroll-back first, then the frame is drawn from
/// the top, without the empty rows below it, and the cursor goes to the line after it.
fn standing(frame: &Buffer) -> io::Result<Vec<u8>> {
    let width = usize::from(frame.area.width).max(1);
    let rows: Vec<&[Cell]> = frame.content.chunks(width).collect();
    let blank = |row: &&[Cell]| {
        row.iter()
            .all(|cell| *cell == Cell::EMPTY || cell.symbol() == " ")
    };
    let kept = rows.len() - rows.iter().rev().take_while(|row| blank(row)).count();
    let mut bytes = format!("\x1b[{};1H", frame.area.height).into_bytes();
    bytes.resize(bytes.len() + usize::from(frame.area.height), b'\n');
    let mut backend = CrosstermBackend::new(&mut bytes);
    let nothing = Buffer::empty(frame.area);
    let updates = nothing.diff(frame);
    backend.draw(updates.into_iter())?;
    let last = u16::try_from(kept).unwrap_or(u16::MAX).max(1);
    writeln!(bytes, "\x1b[0m\x1b[{last};1H")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn a_standing_frame_keeps_its_text_and_ends_below_it() {
        let mut frame = Buffer::empty(Rect::new(0, 0, 12, 6));
        frame.set_string(0, 0, "queue 12", ratatui::style::Style::new());
        frame.set_string(2, 2, "日本 x", ratatui::style::Style::new());
        let mut screen = vt100::Parser::new(6.try_into().unwrap(), 12.try_into().unwrap(), 20);
        screen.process(b"$ mailtop\r\n");
        let bytes = standing(&frame).unwrap();
        // The terminal's own line discipline adds the carriage returns.
        let cooked: Vec<u8> = bytes
            .iter()
            .flat_map(|byte| match byte {
                b'\n' => vec![b'\r', b'\n'],
                byte => vec![*byte],
            })
            .collect();
        screen.process(&cooked);
        let rows: Vec<String> = screen.screen().rows(0, 12).collect();
        assert_eq!(rows, ["queue 12", "", "  日本 x", "", "", ""]);
        assert_eq!(screen.screen().cursor_position(), (3, 0));
        screen.screen_mut().set_scrollback(6);
        assert!(screen.screen().contents().contains("$ mailtop"));
    }
}
