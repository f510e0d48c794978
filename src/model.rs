//! The facts: what is known of the mail system, pure and without a clock.

pub mod command_line;
pub mod feeds;
pub mod host;
pub mod identity;
pub mod journal;
