//! Views that are not a terminal: a drawn screen as text and as a picture, summaries of logs and listings of the queue.

pub mod extract;
pub mod grid;
pub mod json;
pub mod listing;
pub mod summary;
pub mod svg;
pub mod text;
pub mod trace;

#[cfg(test)]
mod tests;
