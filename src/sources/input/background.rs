//! The terminal's answer to "what is your background?" (xterm's OSC 11), among the keys.
//!
//! It may come at any time, or never; nobody waits for it. crossterm knows no such answer and gives it as keys: Alt-`]`, then `11;rgb:` and the
//! three colours in hexadecimal digits, then the end, Alt-`\\` or Ctrl-`g`. Here these keys are put together again, so that however late
//! the answer is, none of its letters is taken for a command. What is no such answer ends it: at most one key is lost then.

use crate::app::msg::Ground;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What every answer begins with.
const BEGIN: &str = "11;rgb:";
/// `11;rgb:` and three colours of four digits, with two strokes between.
const LONGEST: usize = BEGIN.len() + 14;

/// An answer that is being read.
#[derive(Debug, Default)]
pub(super) struct Reply {
    text: Option<String>,
}

/// Whether an event is part of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is none.
    No,
    /// It is, and more is to come; or the answer was none that can be read.
    Yes,
    /// With it the answer is whole.
    Answer(Ground),
}

impl Reply {
    pub(super) fn takes(&mut self, event: &Event) -> Taken {
        let Event::Key(key) = event else {
            return Taken::No;
        };
        if key.kind == KeyEventKind::Release {
            return Taken::No;
        }
        let Some(text) = &mut self.text else {
            if is(key, ']', KeyModifiers::ALT) {
                self.text = Some(String::new());
                return Taken::Yes;
            }
            return Taken::No;
        };
        if is(key, '\\', KeyModifiers::ALT) || is(key, 'g', KeyModifiers::CONTROL) {
            let tone = tone(text);
            self.text = None;
            return tone.map_or(Taken::Yes, Taken::Answer);
        }
        match key.code {
            KeyCode::Char(c) if fits(text, c) && !key.modifiers.contains(KeyModifiers::CONTROL) => {
                text.push(c);
            }
            _ => self.text = None,
        }
        Taken::Yes
    }
}

fn is(key: &KeyEvent, c: char, modifier: KeyModifiers) -> bool {
    key.code == KeyCode::Char(c) && key.modifiers == modifier
}

fn fits(text: &str, c: char) -> bool {
    match BEGIN.chars().nth(text.len()) {
        Some(begin) => c == begin,
        None => text.len() < LONGEST && (c.is_ascii_hexdigit() || c == '/'),
    }
}

/// Whether the colour is nearer to black or to white (relative luminance, ITU-R BT.709).
fn tone(text: &str) -> Option<Ground> {
    let mut colours = text.strip_prefix(BEGIN)?.split('/').map(|digits| {
        (1..=4).contains(&digits.len()).then_some(())?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        let most = (1_u32 << (4 * digits.len())) - 1;
        Some(f64::from(value) / f64::from(most))
    });
    let [red, green, blue] = [colours.next()??, colours.next()??, colours.next()??];
    let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5;
    let tone = if light { Ground::Light } else { Ground::Dark };
    colours.next().is_none().then_some(tone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(c: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    /// What becomes of `text` between the beginning of an answer and its end.
    fn answer(text: &str, end: &Event) -> Vec<Taken> {
        let begin = press(']', KeyModifiers::ALT);
        let inner = text.chars().map(|c| press(c, KeyModifiers::NONE));
        let mut reply = Reply::default();
        std::iter::once(begin)
            .chain(inner)
            .chain([end.clone(), press('q', KeyModifiers::NONE)])
            .map(|event| reply.takes(&event))
            .collect()
    }

    #[test]
    fn an_answer_is_no_keys_and_tells_light_from_dark() {
        for (text, tone) in [
            ("11;rgb:ffff/ffff/dddd", Ground::Light),
            ("11;rgb:1e/1e/2e", Ground::Dark),
            ("11;rgb:fdf6/e3e3/0000", Ground::Light),
        ] {
            for end in [
                press('\\', KeyModifiers::ALT),
                press('g', KeyModifiers::CONTROL),
            ] {
                let mut taken = answer(text, &end);
                assert_eq!(taken.pop(), Some(Taken::No), "the key after it is one");
                assert_eq!(taken.pop(), Some(Taken::Answer(tone)), "{text}");
                assert!(taken.iter().all(|taken| *taken == Taken::Yes));
            }
        }
    }

    #[test]
    fn what_is_no_answer_costs_one_key() {
        let end = press('q', KeyModifiers::NONE);
        let taken = answer("x", &end);
        assert_eq!(taken, [Taken::Yes, Taken::Yes, Taken::No, Taken::No]);
        let wrong = [
            "11;rgb:",
            "11;rgb:ff/ff",
            "11;rgb:12345/1/1",
            "11;rgb:///",
            "11;rgb:1/1/1/1",
        ];
        for text in wrong {
            let taken = answer(text, &press('g', KeyModifiers::CONTROL));
            assert!(
                !taken.iter().any(|taken| matches!(taken, Taken::Answer(_))),
                "{text}"
            );
        }
    }
}
