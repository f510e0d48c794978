//! mailtop: a terminal dashboard for Postfix and Dovecot.
//!
//! Text becomes records on the way in, records become facts in a pure model, keys become commands, commands become
//! effects that the shell performs. Everything that happens, happens as an [`app::msg::Msg`] on one road. See
//! `ARCHITECTURE.md` for the floors and what may import what.

pub mod actions;
pub mod app;
pub mod cli;
pub mod commands;
pub mod knowledge;
pub mod model;
pub mod numbers;
pub mod reports;
pub mod runtime;
pub mod safe_text;
pub mod sources;
pub mod terminal;
pub mod theme;
pub mod views;
pub mod widgets;
