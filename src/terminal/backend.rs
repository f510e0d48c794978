//! What ratatui draws on: crossterm's sequences, sent a frame at a time and only while the terminal is ours.
//!
//! Cells go in, bytes go to standard output. Unlike crossterm's own backend it asks the kernel for the size and never the
//! terminal for the cursor, it stops when another thread has given the terminal back, and it writes nothing when nothing changed.

use super::modes;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::io::{self, Write};

/// Collects a frame; sends it when flushed.
#[derive(Debug, Default)]
pub(super) struct Out(Vec<u8>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let sent = modes::write_frame(&self.0);
        self.0.clear();
        sent
    }
}

/// The terminal as ratatui sees it. It takes the cursor as hidden, which is how the terminal is taken.
#[derive(Debug)]
pub struct Tty<W: Write> {
    out: CrosstermBackend<W>,
    cursor: bool,
}

impl<W: Write> Tty<W> {
    /// Writes frames there; each ends with a flush.
    pub fn onto(out: W) -> Self {
        Self {
            out: CrosstermBackend::new(out),
            cursor: false,
        }
    }
}

impl<W: Write> Backend for Tty<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // Without any cell the style would be reset all the same.
        let mut content = content.peekable();
        match content.peek() {
            Some(_) => self.out.draw(content),
            None => Ok(()),
        }
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.cursor) {
            self.out.hide_cursor()
        } else {
            Ok(())
        }
    }

    /// Giving the terminal back shows the cursor too. ratatui wants to show it once more when it is dropped, and would complain
    /// on standard error that it can't.
    fn show_cursor(&mut self) -> io::Result<()> {
        if modes::is_ours() {
            self.cursor = true;
            self.out.show_cursor()
        } else {
            Ok(())
        }
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.out.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.out.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.out.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        modes::size().map(Size::from)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        let columns_rows = self.size()?;
        let pixels = Size::ZERO;
        Ok(WindowSize {
            columns_rows,
            pixels,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.out)
    }
}
