//! A drawn screen as a picture: SVG 1.1, a window frame around the cells.
//!
//! Letters are text in one monospace font and stretched to the grid, so that a viewer without that font still has straight columns. Frames, bars, braille
//! dots and signs are shapes: no font can lack them and no seams show between them. The same buffer gives the same bytes on every machine; there is no
//! date and no version in the file. It runs no scripts and refers to nothing outside itself.

mod colors;
mod shapes;

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::text::columns;
use crate::safe_text::SafeText;
use crate::theme::{Rgb, Theme};
use colors::Ink;
use shapes::Shapes;

/// Size of a cell, in pixels.
const CELL: (f64, f64) = (9.0, 19.0);
/// Ground around the cells.
const PADDING: f64 = 14.0;
/// Height of the window's title bar.
const BAR: f64 = 34.0;
/// From the top of a cell to the base line of its letters.
const BASELINE: f64 = 14.4;
/// The size at which a letter of the font `DejaVu Sans Mono` is [`CELL`] wide.
const FONT_SIZE: f64 = 14.95;

/// The picture of a drawn screen, in the colours of the theme, with this title in its window bar.
pub fn svg(buffer: &Buffer, theme: &Theme, title: impl Into<SafeText>) -> String {
    let width = f64::from(buffer.area.width) * CELL.0 + 2.0 * PADDING;
    let height = f64::from(buffer.area.height) * CELL.1 + PADDING + BAR + 4.0;
    let palette = theme.palette();
    let mut out = String::with_capacity(64 * 1024);
    let ground = palette.ground;
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"{FONT_SIZE}\">\n\
         <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"10\" fill=\"{ground}\" stroke=\"{}\"/>\n",
        width - 1.0,
        height - 1.0,
        palette.ground.toward(palette.text, 20),
    );
    window_bar(&mut out, palette.ground, palette.text, width, &title.into());
    let _ = writeln!(out, "<g transform=\"translate({PADDING} {BAR})\">");
    let mut shapes = Shapes::default();
    let mut words = String::new();
    for row in 0..buffer.area.height {
        draw_row(&mut out, &mut words, &mut shapes, buffer, row, &|cell| {
            Ink::of(cell, palette)
        });
    }
    shapes.write(&mut out);
    out.push_str(&words);
    out.push_str("</g>\n</svg>\n");
    out
}

fn window_bar(out: &mut String, ground: Rgb, text: Rgb, width: f64, title: &SafeText) {
    for (at, color) in [(20, "#f0525c"), (38, "#e0b64a"), (56, "#4fb88a")] {
        let _ = writeln!(
            out,
            "<circle cx=\"{at}\" cy=\"17\" r=\"5.5\" fill=\"{color}\"/>"
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"21.5\" font-size=\"13\" text-anchor=\"middle\" fill=\"{}\">{}</text>",
        width / 2.0,
        ground.toward(text, 55),
        escaped(title.as_str())
    );
}

/// Letters of one ink, waiting for the next cell that is not of the same.
struct Run {
    ink: Ink,
    from: u16,
    columns: u16,
    text: String,
}

fn draw_row(
    out: &mut String,
    words: &mut String,
    shapes: &mut Shapes,
    buffer: &Buffer,
    row: u16,
    ink: &impl Fn(&Cell) -> Ink,
) {
    let top = f64::from(row) * CELL.1;
    let mut run: Option<Run> = None;
    let mut ground: Option<(Rgb, u16, u16)> = None;
    let mut column = 0;
    while column < buffer.area.width {
        let Some(cell) = buffer.cell((buffer.area.x + column, buffer.area.y + row)) else {
            break;
        };
        let ink = ink(cell);
        let width = columns(cell.symbol());
        match (&mut ground, ink.ground) {
            (Some((color, _, columns)), Some(here)) if *color == here => *columns += width,
            (before, here) => {
                write_ground(out, before.take(), top);
                *before = here.map(|color| (color, column, width));
            }
        }
        if cell.modifier.contains(Modifier::UNDERLINED) && cell.symbol() != " " {
            shapes.underline(ink.color, f64::from(column) * CELL.0, top);
        }
        if shapes.draw(cell.symbol(), ink.color, f64::from(column) * CELL.0, top) {
            write_run(words, run.take(), top);
        } else {
            match &mut run {
                Some(open) if open.ink == ink => {
                    open.columns += width;
                    open.text.push_str(cell.symbol());
                }
                _ => {
                    write_run(words, run.take(), top);
                    run = Some(Run {
                        ink,
                        from: column,
                        columns: width,
                        text: cell.symbol().to_owned(),
                    });
                }
            }
        }
        column += width;
    }
    write_run(words, run, top);
    write_ground(out, ground, top);
}

fn write_ground(out: &mut String, ground: Option<(Rgb, u16, u16)>, top: f64) {
    let Some((color, from, columns)) = ground else {
        return;
    };
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{color}\" shape-rendering=\"crispEdges\"/>",
        f64::from(from) * CELL.0,
        f64::from(columns) * CELL.0,
        CELL.1
    );
}

/// One `<text>` for each group of words, so that a font of another width is set straight again at least every few words.
fn write_run(out: &mut String, run: Option<Run>, top: f64) {
    let Some(run) = run else { return };
    let weight = if run.ink.bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let mut from = run.from;
    for part in run.text.split_inclusive("  ") {
        let taken = part.width() as u16;
        let words = part.trim_start_matches(' ');
        let lead = (part.len() - words.len()) as u16;
        let words = words.trim_end_matches(' ');
        if !words.is_empty() {
            let _ = writeln!(
                out,
                "<text x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{weight}>{}</text>",
                f64::from(from + lead) * CELL.0,
                top + BASELINE,
                words.width() as f64 * CELL.0,
                run.ink.color,
                escaped(words)
            );
        }
        from += taken;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
