//! A frame as text, and what each of its cells means as a letter.

use crate::mails::press;
use mailtop::app::App;
use mailtop::reports::text::text_of;
use mailtop::theme::{Depth, GlyphSet, Role, SHADES, Theme};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use std::fmt::Write;

/// Draws the app with all that there is to do done.
pub fn draw(app: &mut App, size: (u16, u16)) -> Buffer {
    app.settle();
    drawn(app, size)
}

/// Draws the app as the loop does between two pieces of work; `None` when what is shown does not belong together yet.
pub fn draw_ready(app: &mut App, size: (u16, u16)) -> Option<Buffer> {
    app.settle_frame();
    app.ready().then(|| drawn(app, size))
}

fn drawn(app: &mut App, (width, height): (u16, u16)) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    app.draw(area, &mut buffer);
    app.drawn();
    buffer
}

/// The text only.
pub fn text(app: &mut App, size: (u16, u16)) -> String {
    text_of(&draw(app, size))
}

const LETTERS: [(Role, char); 11] = [
    (Role::Text, 't'),
    (Role::Ok, 'o'),
    (Role::Defer, 'd'),
    (Role::Bounce, 'b'),
    (Role::Hold, 'p'),
    // Reject looks the same.
    (Role::Dim, 'n'),
    (Role::Head, 'h'),
    (Role::Accent, 'k'),
    (Role::Frame, '.'),
    (Role::Alert, '!'),
    (Role::Sel, 's'),
];

/// One letter for each cell: `o`k, `d`eferred, `b`ounced, `p`arked, `n`ote, `h`ead, `k`ey, `.` frame, `!` alert, blank or `t`ext;
/// capital (`-` for a blank) where the row is selected; a digit for a level of shade.
pub fn roles(buffer: &Buffer, theme: Theme) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let row: String = (buffer.area.left()..buffer.area.right())
            .filter_map(|x| buffer.cell((x, y)))
            .map(|cell| letter(cell, theme))
            .collect();
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// The level of shade that a cell's ground is.
fn shade(cell: &Cell, theme: Theme) -> Option<usize> {
    (1..=SHADES).find(|level| {
        let grounds = Role::ALL.map(|role| theme.shade(role, *level).and_then(|style| style.bg));
        cell.bg != Color::Reset && grounds.contains(&Some(cell.bg))
    })
}

fn letter(cell: &Cell, theme: Theme) -> char {
    if let Some(level) = shade(cell, theme) {
        return char::from_digit(level as u32, 10).unwrap_or('?');
    }
    let selected = theme.style(Role::Sel).bg.is_some_and(|bg| cell.bg == bg);
    if cell.symbol() == " " {
        return if selected { '-' } else { ' ' };
    }
    // A selected row is bold and has a text colour of its own; the words' own colours stay.
    let looks = |role: &Role| {
        let style = theme.style(*role);
        let fg = style.fg.unwrap_or(Color::Reset);
        let own = style.add_modifier;
        if selected {
            let text = theme.style(Role::Sel).fg.unwrap_or(Color::Reset);
            cell.fg == fg || (fg == Color::Reset && cell.fg == text)
        } else {
            cell.fg == fg && cell.modifier == own
        }
    };
    let found = LETTERS
        .iter()
        .find(|(role, _)| looks(role))
        .map_or('?', |(_, letter)| *letter);
    if selected {
        found.to_ascii_uppercase()
    } else {
        found
    }
}

/// Says what must never be in a cell, if something is.
pub fn unsafe_cell(buffer: &Buffer) -> Option<String> {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{61c}')
    };
    buffer
        .content
        .iter()
        .position(|cell| cell.symbol().chars().any(bad) || cell.symbol().is_empty())
        .map(|at| {
            let (x, y) = buffer.pos_of(at);
            format!("{x},{y}: {:?}", buffer.content.get(at).map(Cell::symbol))
        })
}

#[test]
fn every_role_has_a_letter_of_its_own() {
    let theme = Theme::default();
    for (role, letter_of_role) in LETTERS {
        let mut cell = Cell::new("x");
        cell.set_style(Style::reset()).set_style(theme.style(role));
        if role == Role::Sel {
            continue;
        }
        assert_eq!(letter(&cell, theme), letter_of_role, "{role:?}");
    }
    let mut cell = Cell::new("x");
    cell.set_style(Style::new().add_modifier(Modifier::CROSSED_OUT));
    assert_eq!(letter(&cell, theme), '?');
}

const SIZES: [(u16, u16); 4] = [(120, 36), (80, 24), (60, 18), (40, 10)];

/// What an app made by `make` shows at every size after these keys.
pub fn frames(keys: &str, make: impl Fn(Theme, (u16, u16)) -> App) -> String {
    let braille = Theme::default();
    let ascii = Theme {
        depth: Depth::Mono,
        glyphs: GlyphSet::Ascii,
        ..braille
    };
    let mut out = String::new();
    for (theme, name) in [(braille, "braille"), (ascii, "ascii")] {
        for size in SIZES {
            let mut app = make(theme, size);
            press(&mut app, keys);
            let buffer = draw(&mut app, size);
            assert_eq!(unsafe_cell(&buffer), None);
            let text = text_of(&buffer);
            let _ = writeln!(out, "== {name} {}x{}\n{text}", size.0, size.1);
            if name == "braille" {
                let _ = writeln!(
                    out,
                    "== roles {}x{}\n{}",
                    size.0,
                    size.1,
                    roles(&buffer, theme)
                );
            } else {
                assert!(text.is_ascii(), "{text}");
            }
        }
    }
    out
}
