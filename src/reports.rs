//! Views that are not a terminal: a drawn screen as text and as a picture.

pub mod json;
pub mod svg;
pub mod text;

#[cfg(test)]
mod tests;
