//! The life of messages as text to read and as JSON to script against.
//!
//! In: messages as [`crate::model::trace`] puts them together, and the lines that they come from. Out: one block for each message, or one
//! JSON object. Everything from the log goes through [`crate::safe_text::SafeText`].

mod json;
#[cfg(test)]
mod tests;
mod text;

pub use json::object;
pub use text::text;
