//! Keyboard and mouse: what the terminal sends becomes keys, pasted text, clicks and sizes.
//!
//! crossterm's events go in, `Msg::Key`, `Msg::Paste` and `Msg::Resize` come out, in order; when the terminal ends,
//! `Msg::Terminate`. Keys that mailtop has no word for are dropped here, among them every key with Alt: an escape sequence that
//! was cut by a slow line looks like one. Which key means what is the keymap's business.

mod background;

use crate::app::key::Key;
use crate::app::msg::{Mouse, Msg};
use background::{Reply, Taken};
use crossterm::event::{
    Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use futures_util::{Stream, StreamExt};
use std::io;
use tokio::sync::mpsc::Sender;

/// Pasted text beyond this many bytes is cut: it goes into one line of input.
const LONGEST_PASTE: usize = 4096;

/// Reads the terminal until it ends or nobody listens any more. The screen has to be entered first.
pub async fn run(road: Sender<Msg>) {
    read(EventStream::new(), &road).await;
}

async fn read(mut events: impl Stream<Item = io::Result<Event>> + Unpin, road: &Sender<Msg>) {
    let mut reply = Reply::default();
    while let Some(Ok(event)) = events.next().await {
        let msg = match reply.takes(&event) {
            Taken::No => msg(event),
            Taken::Yes => None,
            Taken::Answer(tone) => Some(Msg::Background(tone)),
        };
        if let Some(msg) = msg
            && road.send(msg).await.is_err()
        {
            return;
        }
    }
    let _ = road.send(Msg::Terminate).await;
}

fn msg(event: Event) -> Option<Msg> {
    match event {
        Event::Key(event) => key(event).map(Msg::Key),
        Event::Paste(mut text) => {
            text.truncate(text.floor_char_boundary(LONGEST_PASTE));
            Some(Msg::Paste(text))
        }
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::Mouse(event) => mouse(event).map(Msg::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn mouse(event: MouseEvent) -> Option<Mouse> {
    let (column, row) = (event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollUp => Some(Mouse::WheelUp),
        MouseEventKind::ScrollDown => Some(Mouse::WheelDown),
        MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Click { column, row }),
        _ => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let known = KeyModifiers::SHIFT | KeyModifiers::CONTROL;
    if event.kind == KeyEventKind::Release || !known.contains(event.modifiers) {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Char(c) if control => c
            .is_ascii_alphabetic()
            .then(|| Key::Ctrl(c.to_ascii_lowercase())),
        _ if control => None,
        KeyCode::Char(c) => (!c.is_control()).then_some(Key::Char(c)),
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Some(Key::BackTab),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Esc),
        KeyCode::Tab => Some(Key::Tab),
        KeyCode::BackTab => Some(Key::BackTab),
        KeyCode::Backspace => Some(Key::Backspace),
        KeyCode::Delete => Some(Key::Delete),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::Left => Some(Key::Left),
        KeyCode::Right => Some(Key::Right),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use tokio::sync::mpsc;

    fn typed(events: Vec<io::Result<Event>>) -> Vec<Msg> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (road, mut msgs) = mpsc::channel(64);
        runtime.block_on(read(stream::iter(events), &road));
        drop(road);
        std::iter::from_fn(|| msgs.try_recv().ok()).collect()
    }

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn keys_keep_their_order_and_the_end_of_the_terminal_is_the_end() {
        let shift = KeyModifiers::SHIFT;
        let got = typed(vec![
            Ok(press(KeyCode::Char('G'), shift)),
            Ok(press(KeyCode::Char('c'), KeyModifiers::CONTROL)),
            Ok(press(KeyCode::BackTab, shift)),
            Ok(Event::Paste(String::from("a@b.example"))),
            Ok(Event::Resize(100, 30)),
        ]);
        let expected = [
            Msg::Key(Key::Char('G')),
            Msg::Key(Key::Ctrl('c')),
            Msg::Key(Key::BackTab),
            Msg::Paste(String::from("a@b.example")),
            Msg::Resize(100, 30),
            Msg::Terminate,
        ];
        assert_eq!(got, expected);
    }

    #[test]
    fn an_error_is_the_end_and_nothing_after_it_is_read() {
        let error = io::Error::other("EIO");
        let got = typed(vec![
            Err(error),
            Ok(press(KeyCode::Enter, KeyModifiers::NONE)),
        ]);
        assert_eq!(got, [Msg::Terminate]);
    }

    #[test]
    fn releases_alt_and_unknown_keys_are_dropped_and_repeats_are_not() {
        let none = KeyModifiers::NONE;
        let of = |kind| Event::Key(KeyEvent::new_with_kind(KeyCode::Down, none, kind));
        let got = typed(vec![
            Ok(of(KeyEventKind::Press)),
            Ok(of(KeyEventKind::Repeat)),
            Ok(of(KeyEventKind::Release)),
            Ok(press(KeyCode::Char('x'), KeyModifiers::ALT)),
            Ok(press(KeyCode::Char('x'), KeyModifiers::SUPER)),
            Ok(press(KeyCode::F(5), none)),
            Ok(press(KeyCode::Char('4'), KeyModifiers::CONTROL)),
            Ok(press(KeyCode::Left, KeyModifiers::CONTROL)),
            Ok(press(KeyCode::Char('\u{7}'), none)),
            Ok(Event::FocusLost),
        ]);
        assert_eq!(
            got,
            [Msg::Key(Key::Down), Msg::Key(Key::Down), Msg::Terminate]
        );
    }

    #[test]
    fn a_paste_is_cut_between_characters() {
        let got = typed(vec![Ok(Event::Paste("é".repeat(LONGEST_PASTE)))]);
        let Some(Msg::Paste(text)) = got.first() else {
            panic!("no paste");
        };
        assert_eq!(text.len(), LONGEST_PASTE);
    }
}
