//! The world: files, processes and the keyboard become messages.

pub mod input;
pub mod tape;
