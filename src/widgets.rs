//! Drawing without knowledge of mail: window, columns, matrix, time series, heat map, bars, sheet, key bar.
//!
//! Everything is drawn with a [`Pen`], which holds the buffer and the [`crate::theme::Theme`]. Text comes in as [`SafeText`](crate::safe_text::SafeText)
//! or becomes it on the way (`impl Into<SafeText>`), colours as [`Role`](crate::theme::Role)s. Nothing here panics at any size, down to none at all; what
//! does not fit is cut or left out, never wrapped into its neighbour. No clocks, no keys, no state: what is selected is an argument.
//!
//! ```
//! use mailtop::theme::{Role, Theme};
//! use mailtop::numbers;
//! use mailtop::widgets::{Column, Columns, Line, Pen, Row, Sort, Width, Window};
//! use ratatui::{buffer::Buffer, layout::Rect};
//!
//! let theme = Theme::PLAIN;
//! let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
//! let mut pen = Pen::new(&mut buffer, &theme);
//! let inner = Window::new("Stuck").note("now").draw(&mut pen, Rect::new(0, 0, 30, 4));
//! let columns = [Column::new("Domain", Width::Flex(8)), Column::new("Count", Width::Fixed(7)).right().sorted(Some(Sort::Down))];
//! Columns::new(&columns, 1).selected(Some(0)).draw(&mut pen, inner, |_| {
//!     Row::new(vec!["yahoo.com".into(), Line::of(numbers::count(3904), Role::Defer)]).sign("▲", Role::Alert)
//! });
//! assert!(mailtop::reports::text::text_of(&buffer).contains("│▌▲ yahoo.com"));
//! ```

pub mod bars;
pub mod columns;
pub mod heatmap;
pub mod keybar;
pub mod line;
pub mod matrix;
pub mod pen;
pub mod sheet;
pub mod spots;
pub mod timeseries;
pub mod window;

#[cfg(test)]
mod tests;

pub use bars::{Part, bar, marked, meter, shade, sparkline, stacked};
pub use columns::{Align, Column, Columns, Row, Shown, Sort, Width, visible};
pub use heatmap::HeatMap;
pub use keybar::keybar;
pub use line::{Line, Span, wrap};
pub use matrix::{Head, Matrix, MatrixCell, MatrixRow, MatrixShown};
pub use pen::Pen;
pub use sheet::{Choice, Sheet};
pub use spots::{Hit, Spot, Spots};
pub use timeseries::TimeSeries;
pub use timeseries::axis::times;
pub use window::{Old, Window, middle};
