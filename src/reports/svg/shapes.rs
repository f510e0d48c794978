//! Signs that are drawn and not written: frames, bars, blocks, braille, triangles, ticks.
//!
//! Shapes of one colour are gathered into one path, which keeps a screen full of dots small.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::CELL;
use crate::theme::Rgb;

/// How a path is drawn; the order is the order of drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Brush {
    /// Filled, at this opacity in percent.
    Fill(u8),
    /// A thin line: frames and axes.
    Thin,
    /// A thick line: meters.
    Thick,
    /// Strokes with round ends: ticks and crosses.
    Round,
    /// Dots of braille.
    Dots,
}

/// Paths by brush and colour.
#[derive(Default)]
pub(super) struct Shapes {
    paths: BTreeMap<(Brush, [u8; 3]), String>,
}

const W: f64 = CELL.0;
const H: f64 = CELL.1;
/// The middle of a cell, on the pixel grid.
const X: f64 = 4.5;
const Y: f64 = 9.5;

impl Shapes {
    /// Draws the sign if it is one that is drawn; false means that it has to be written.
    pub(super) fn draw(&mut self, sign: &str, color: Rgb, left: f64, top: f64) -> bool {
        let mut chars = sign.chars();
        let (Some(c), None) = (chars.next(), chars.next()) else {
            return false;
        };
        let mut put = |brush, path: &str| self.put(brush, color, left, top, path);
        match c {
            '\u{2801}'..='\u{28ff}' => put(Brush::Dots, &braille(c)),
            '▁'..='█' => {
                let eighths = f64::from(c as u32 - '▁' as u32 + 1);
                let height = H * eighths / 8.0;
                put(Brush::Fill(100), &rect(0.0, H - height, W, height));
            }
            '■' => put(Brush::Fill(100), &rect(0.5, 4.0, W - 1.0, 11.0)),
            '▪' => put(Brush::Fill(100), &rect(2.0, 7.0, 5.0, 5.0)),
            '░' => put(Brush::Fill(25), &rect(0.5, 4.0, W - 1.0, 11.0)),
            '▒' => put(Brush::Fill(50), &rect(0.5, 4.0, W - 1.0, 11.0)),
            '▓' => put(Brush::Fill(75), &rect(0.5, 4.0, W - 1.0, 11.0)),
            '▌' => put(Brush::Fill(100), &rect(0.0, 0.0, 4.0, H)),
            '❚' => put(Brush::Fill(100), &rect(2.0, 4.0, 4.0, 11.0)),
            '▲' => put(Brush::Fill(100), "M.8 14.5L4.5 4.8L8.2 14.5Z"),
            '▼' => put(Brush::Fill(100), "M.8 5L4.5 14.7L8.2 5Z"),
            '◀' | '◄' => put(Brush::Fill(100), "M8 4.8L1 9.5L8 14.2Z"),
            '▶' | '►' => put(Brush::Fill(100), "M1 4.8L8 9.5L1 14.2Z"),
            '●' => put(
                Brush::Fill(100),
                "M.8 9.5a3.7 3.7 0 1 0 7.4 0a3.7 3.7 0 1 0 -7.4 0Z",
            ),
            '·' => put(
                Brush::Fill(100),
                "M3.3 9.7a1.2 1.2 0 1 0 2.4 0a1.2 1.2 0 1 0 -2.4 0Z",
            ),
            '✓' | '√' => put(Brush::Round, "M1.2 10.2L3.6 13.2L8 5.6"),
            '✗' => put(Brush::Round, "M1.6 5.6L7.6 13.4M7.6 5.6L1.6 13.4"),
            '‖' => put(Brush::Round, "M3 5V14M6.2 5V14"),
            '⊘' => put(
                Brush::Thin,
                "M1 9.5a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0ZM2.2 12L7 7",
            ),
            '━' => put(Brush::Thick, &format!("M0 {Y}h{W}")),
            '┈' => put(Brush::Thin, &format!("M.7 {Y}h1.2M3.7 {Y}h1.2M6.7 {Y}h1.2")),
            '┄' => put(Brush::Thin, &format!("M.5 {Y}h2M3.5 {Y}h2M6.5 {Y}h2")),
            '┊' => put(Brush::Thin, &format!("M{X} 1v3M{X} 6v3M{X} 11v3M{X} 16v3")),
            '╭' => put(Brush::Thin, &format!("M{X} {H}V14.5Q{X} {Y} {W} {Y}")),
            '╮' => put(Brush::Thin, &format!("M{X} {H}V14.5Q{X} {Y} 0 {Y}")),
            '╰' => put(Brush::Thin, &format!("M{X} 0V4.5Q{X} {Y} {W} {Y}")),
            '╯' => put(Brush::Thin, &format!("M{X} 0V4.5Q{X} {Y} 0 {Y}")),
            c => match arms(c) {
                Some(path) => put(Brush::Thin, &path),
                None => return false,
            },
        }
        true
    }

    /// A line under a cell.
    pub(super) fn underline(&mut self, color: Rgb, left: f64, top: f64) {
        self.put(Brush::Thin, color, left, top, &format!("M0 17.5h{W}"));
    }

    /// Moves a path of absolute commands in capitals to its cell and appends it.
    fn put(&mut self, brush: Brush, color: Rgb, left: f64, top: f64, path: &str) {
        let out = self
            .paths
            .entry((brush, [color.0, color.1, color.2]))
            .or_default();
        let mut command = ' ';
        let mut odd = false;
        let mut number = String::new();
        // Numbers are shifted by the command that they belong to: both axes for M L Q, one for H and V, none for small letters.
        for c in path.chars().chain([' ']) {
            if c.is_ascii_digit() || c == '.' || c == '-' {
                number.push(c);
                continue;
            }
            if let Ok(value) = number.parse::<f64>() {
                let shift = match (command, odd) {
                    ('M' | 'L' | 'Q', false) | ('H', _) => left,
                    ('M' | 'L' | 'Q', true) | ('V', _) => top,
                    _ => 0.0,
                };
                odd = !odd;
                let _ = write!(out, "{}", ((value + shift) * 100.0).round() / 100.0);
            }
            number.clear();
            if c == ' ' {
                out.push(' ');
            } else {
                command = c;
                odd = false;
                out.push(c);
            }
        }
        let end = out.trim_end_matches(' ').len();
        out.truncate(end);
    }

    pub(super) fn write(self, out: &mut String) {
        for ((brush, [r, g, b]), path) in self.paths {
            let color = Rgb(r, g, b);
            let style = match brush {
                Brush::Fill(100) => format!("fill=\"{color}\""),
                Brush::Fill(percent) => format!("fill=\"{color}\" fill-opacity=\".{percent}\""),
                Brush::Thin => format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"1.2\""),
                Brush::Thick => format!("fill=\"none\" stroke=\"{color}\" stroke-width=\"4\""),
                Brush::Round => format!(
                    "fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\" stroke-linecap=\"round\""
                ),
                Brush::Dots => format!(
                    "fill=\"none\" stroke=\"{color}\" stroke-width=\"3.3\" stroke-linecap=\"round\""
                ),
            };
            let _ = writeln!(out, "<path {style} d=\"{path}\"/>");
        }
    }
}

fn rect(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("M{x} {y}h{width}v{height}h{}z", -width)
}

/// The dots of a braille sign (Unicode 2800: bits 0–2 and 6 down the left column, 3–5 and 7 down the right one).
fn braille(c: char) -> String {
    const BITS: [(u32, u32); 8] = [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 1),
        (1, 2),
        (0, 3),
        (1, 3),
    ];
    let bits = c as u32 - 0x2800;
    let mut path = String::new();
    for (at, (across, down)) in BITS.iter().enumerate() {
        if bits & (1 << at) != 0 {
            let _ = write!(
                path,
                "M{} {}h.01",
                2.25 + 4.5 * f64::from(*across),
                2.375 + 4.75 * f64::from(*down)
            );
        }
    }
    path
}

/// Straight frame pieces by the arms that they have: up, right, down, left.
fn arms(c: char) -> Option<String> {
    let [up, right, down, left] = match c {
        '─' => [0, 1, 0, 1],
        '│' => [1, 0, 1, 0],
        '┌' => [0, 1, 1, 0],
        '┐' => [0, 0, 1, 1],
        '└' => [1, 1, 0, 0],
        '┘' => [1, 0, 0, 1],
        '├' => [1, 1, 1, 0],
        '┤' => [1, 0, 1, 1],
        '┬' => [0, 1, 1, 1],
        '┴' => [1, 1, 0, 1],
        '┼' => [1, 1, 1, 1],
        _ => return None,
    };
    let mut path = String::new();
    match (left, right) {
        (1, 1) => {
            let _ = write!(path, "M0 {Y}h{W}");
        }
        (1, _) => {
            let _ = write!(path, "M0 {Y}h{X}");
        }
        (_, 1) => {
            let _ = write!(path, "M{X} {Y}H{W}");
        }
        _ => {}
    }
    match (up, down) {
        (1, 1) => {
            let _ = write!(path, "M{X} 0v{H}");
        }
        (1, _) => {
            let _ = write!(path, "M{X} 0v{Y}");
        }
        (_, 1) => {
            let _ = write!(path, "M{X} {Y}V{H}");
        }
        _ => {}
    }
    Some(path)
}
