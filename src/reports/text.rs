//! A drawn screen as plain text: for files, pipes, the clipboard and tests.
//!
//! Colours are lost; what a row says must not depend on them. Blanks at the end of a row are left out, rows are not.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

/// The text of a drawn screen, one line for each row.
pub fn text_of(buffer: &Buffer) -> String {
    let mut text = String::with_capacity(buffer.content.len() + usize::from(buffer.area.height));
    for y in buffer.area.top()..buffer.area.bottom() {
        let row = text.len();
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let symbol = buffer
                .cell((x, y))
                .map_or(" ", ratatui::buffer::Cell::symbol);
            text.push_str(symbol);
            x += columns(symbol);
        }
        let end = text
            .get(row..)
            .map_or(row, |line| row + line.trim_end_matches(' ').len());
        text.truncate(end);
        text.push('\n');
    }
    text
}

/// Cells that a symbol covers: a wide character covers the one behind it, too.
pub(super) fn columns(symbol: &str) -> u16 {
    symbol.width().max(1) as u16
}
