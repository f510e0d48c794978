//! The world: files, processes and the kernel's figures become messages.
//!
//! Out comes [`crate::app::msg::Msg`] through a bounded [`tokio::sync::mpsc::Sender`]. When the loop is behind, a source waits: the log
//! file is its own buffer, and a listing or a sample that is late is only older. Every source tells its life by
//! [`crate::model::feeds::FeedReport`]; none of them ever ends the program.
//!
//! What each one gives back when spawned ends it when dropped. None shares anything with the loop but the sender.
//!
//! What is deliberately not here: parsing (the model's business) and decisions about what is shown.

pub mod archive;
pub mod backfill;
pub mod doorbell;
pub mod doveadm;
pub mod doveconf;
pub mod host;
pub mod input;
pub mod journal;
pub mod limits;
pub mod logs;
pub mod postconf;
pub mod postqueue;
pub mod read;
pub mod search;
pub mod spool;
pub mod tail;
pub mod tape;
