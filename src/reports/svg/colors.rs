//! What a cell looks like when its colours are numbers: the terminal's own colours, reverse and dim resolved.

use std::fmt;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use crate::theme::{Palette, Rgb};

/// xterm's sixteen.
const ANSI: [u32; 16] = [
    0x00_00_00, 0xcd_31_31, 0x0d_bc_79, 0xc9_9b_2e, 0x24_72_c8, 0xbc_3f_bc, 0x11_a8_cd, 0xe5_e5_e5,
    0x66_66_66, 0xf1_4c_4c, 0x23_d1_8b, 0xf5_f5_43, 0x3b_8e_ea, 0xd6_70_d6, 0x29_b8_db, 0xff_ff_ff,
];

/// The look of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ink {
    pub(super) color: Rgb,
    /// None is the ground of the picture.
    pub(super) ground: Option<Rgb>,
    pub(super) bold: bool,
}

impl Ink {
    pub(super) fn of(cell: &Cell, palette: &Palette) -> Self {
        let mut color = rgb(cell.fg).unwrap_or(palette.text);
        let mut ground = rgb(cell.bg);
        if cell.modifier.contains(Modifier::REVERSED) {
            (color, ground) = (ground.unwrap_or(palette.ground), Some(color));
        }
        if cell.modifier.contains(Modifier::DIM) {
            color = color.toward(ground.unwrap_or(palette.ground), 45);
        }
        Self {
            color,
            ground,
            bold: cell.modifier.contains(Modifier::BOLD),
        }
    }
}

fn rgb(color: Color) -> Option<Rgb> {
    let ansi = |at: u8| ANSI.get(usize::from(at)).map(|hex| Rgb::hex(*hex));
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(at @ 0..16) => ansi(at),
        Color::Indexed(at @ 16..232) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let at = at - 16;
            Some(Rgb(step(at / 36), step(at / 6 % 6), step(at % 6)))
        }
        Color::Indexed(at) => {
            let grey = 8 + 10 * (at - 232);
            Some(Rgb(grey, grey, grey))
        }
        Color::Black => ansi(0),
        Color::Red => ansi(1),
        Color::Green => ansi(2),
        Color::Yellow => ansi(3),
        Color::Blue => ansi(4),
        Color::Magenta => ansi(5),
        Color::Cyan => ansi(6),
        Color::Gray => ansi(7),
        Color::DarkGray => ansi(8),
        Color::LightRed => ansi(9),
        Color::LightGreen => ansi(10),
        Color::LightYellow => ansi(11),
        Color::LightBlue => ansi(12),
        Color::LightMagenta => ansi(13),
        Color::LightCyan => ansi(14),
        Color::White => ansi(15),
    }
}

impl Rgb {
    /// So many percent of the way to the other colour.
    pub(super) fn toward(self, other: Self, percent: u16) -> Self {
        let mix =
            |a: u8, b: u8| ((u16::from(a) * (100 - percent) + u16::from(b) * percent) / 100) as u8;
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}
