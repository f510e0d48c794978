//! What ratatui draws on: crossterm's sequences, sent a frame at a time and only while the terminal is ours.
//!
//! Cells go in, bytes go to standard output. Unlike crossterm's own backend it asks the kernel for the size and never the
//! terminal for the cursor, and it stops when another thread has given the terminal back.

use super::modes;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::io::{self, Write};

/// Collects a frame; sends it when flushed.
#[derive(Debug, Default)]
struct Out(Vec<u8>);

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

/// The terminal as ratatui sees it.
#[derive(Debug)]
pub(super) struct Tty(CrosstermBackend<Out>);

impl Tty {
    pub(super) fn new() -> Self {
        Self(CrosstermBackend::new(Out::default()))
    }
}

impl Backend for Tty {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.0.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.0.hide_cursor()
    }

    /// Giving the terminal back shows the cursor too. ratatui wants to show it once more when it is dropped, and would complain
    /// on standard error that it can't.
    fn show_cursor(&mut self) -> io::Result<()> {
        if modes::is_ours() {
            self.0.show_cursor()
        } else {
            Ok(())
        }
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.0.clear_region(clear_type)
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
        Backend::flush(&mut self.0)
    }
}
