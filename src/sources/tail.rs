//! Log files that grow and rotate: every line once, the old file's rest before the new file's lines.
//!
//! In: a path. Out: [`crate::app::msg::Msg::Log`] batches of whole lines and [`crate::app::msg::Msg::Feed`] reports. A [`Follower`] is the core, without a
//! clock and without waiting; [`Follow`] drives several of them as a blocking iterator, [`spawn`] does so on a thread of its own.
//!
//! What it goes through without losing a line: rename and create, with a writer that opens the new file late or never; several
//! rotations between two looks; unlink and create; `copytruncate`, as long as the copy is there. What a plain truncation destroyed is
//! counted, as far as it was seen. Compressed files are history, not something to follow.
//!
//! Rotation: `logrotate(8)`, `/usr/lib/rsyslog/rsyslog-rotate` of Debian, `postlogd(8)` and `postfix-logrotate`.

mod adopt;
mod follow;
mod follower;
pub(crate) mod generation;
mod known;
pub(crate) mod lines;
mod outbox;
mod reading;
mod seam;
mod sentences;
pub(crate) mod siblings;
mod start;

#[cfg(test)]
mod tests;

pub use follow::{Follow, Stopper, Tail, spawn, spawn_after};
pub use follower::{Follower, Look, Now, Start};
pub use lines::LINE_LIMIT;
pub use seam::{Begin, Seam};
pub(crate) use seam::{Opened, open as open_shelf};
pub(crate) use sentences::user_name;
