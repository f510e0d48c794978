//! Views that are not a terminal: a drawn screen as text and as a picture.

pub mod json;
pub mod svg;
pub mod text;
pub mod trace;

#[cfg(test)]
mod tests;
