//! Drawing without knowledge of mail: window, columns, time series, bars, sheet, key bar.
//!
//! Everything is drawn with a [`Pen`], which holds the buffer and the [`crate::theme::Theme`]. Text comes in as [`SafeText`](crate::safe_text::SafeText)
//! or becomes it on the way (`impl Into<SafeText>`), colours as [`Role`](crate::theme::Role)s. Nothing here panics at any size, down to none at all; what
//! does not fit is cut or left out, never wrapped into its neighbour. No clocks, no keys, no state: what is selected is an argument.

pub mod bars;
pub mod columns;
pub mod keybar;
pub mod line;
pub mod numbers;
pub mod pen;
pub mod sheet;
pub mod timeseries;
pub mod window;

#[cfg(test)]
mod tests;

pub use bars::{Part, bar, meter, sparkline, stacked};
pub use columns::{Align, Column, Columns, Row, Shown, Sort, Width, visible};
pub use keybar::keybar;
pub use line::{Line, Span, wrap};
pub use pen::Pen;
pub use sheet::{Choice, Sheet};
pub use timeseries::TimeSeries;
pub use window::Window;
