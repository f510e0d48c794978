//! What is written to the terminal while nothing happens.

use crate::fixture::{self, list};
use crate::mails::busy;
use crate::mails::morning;
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::msg::Msg;
use mailtop::terminal::Tty;
use mailtop::theme::Theme;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

const SIZE: (u16, u16) = (120, 36);

/// Counts the bytes that are written.
#[derive(Debug, Clone, Default)]
struct Sink(Rc<RefCell<usize>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0.borrow_mut() += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal and what was written to it.
struct Screen {
    terminal: Terminal<Tty<Sink>>,
    sink: Sink,
}

impl Screen {
    fn new() -> Self {
        let sink = Sink::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
        let terminal =
            Terminal::with_options(Tty::onto(sink.clone()), TerminalOptions { viewport });
        let terminal = terminal.unwrap_or_else(|error| unreachable!("{error}"));
        Self { terminal, sink }
    }

    /// Bytes that a frame takes.
    fn frame(&mut self, app: &mut App) -> usize {
        app.settle();
        let drawn = self
            .terminal
            .draw(|frame| app.draw(frame.area(), frame.buffer_mut()));
        drawn.unwrap_or_else(|error| unreachable!("{error}"));
        app.drawn();
        self.sink.0.take()
    }
}

#[test]
fn nothing_is_written_when_nothing_changed_and_little_when_the_clock_did() {
    for view in 1..=8 {
        let mut app = fixture::app(Theme::default(), SIZE, None);
        morning(&mut app, 60);
        list(&mut app, &busy(), true);
        crate::mails::press(&mut app, &view.to_string());
        let mut screen = Screen::new();
        let whole = screen.frame(&mut app);
        assert!(whole > 2_048, "view {view}: a whole frame of {whole} bytes");
        // The same facts once more, as a listing brings them.
        list(&mut app, &busy(), true);
        assert!(app.dirty());
        assert_eq!(screen.frame(&mut app), 0, "view {view}");
        app.update(Msg::Tick(fixture::now() + TimeDelta::seconds(1)));
        let second = screen.frame(&mut app);
        assert!(
            (1..1_024).contains(&second),
            "view {view}: {second} bytes for a second"
        );
    }
}
