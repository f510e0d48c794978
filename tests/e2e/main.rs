//! The whole program on a real mail server: `mailtop` in a real terminal, run as an administrator runs it, in the lab of `tests/lab`.
//!
//! One file per promise. In: mail that is sent, keys that are typed. Checked: what the screen says, and that the queue, the log and
//! the terminal say the same.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../support/console.rs"]
mod console;
#[path = "../lab/harness.rs"]
mod harness;

mod ground;

mod actions;
mod drill;
mod leaving;
mod listing;
mod looking;
mod misfortune;
mod narrowing;
mod ordinary;
mod overview;
mod rest;
mod text;
mod ways;
