//! What mailtop is to do: `update` returns these, the shell performs them. Nothing in the floors below acts by itself.

pub use crate::app::search::{Search, What};
use crate::model::identity::Target;
use crate::model::journal::Verb;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Act on the queue.
    Queue(Action),
    /// List the queue as soon as the last listing's cost allows.
    List,
    /// Search the logs; answered by `Msg::Found`. A newer search ends the one before.
    Search(Search),
    /// Give the terminal back and stop until continued (Ctrl-Z).
    Suspend,
    /// Put this text into the terminal's clipboard.
    Copy(String),
    /// Write this text to a new file in the current directory; answered by `Msg::Said`.
    Export {
        /// The file's name.
        name: String,
        /// What it is to hold.
        text: String,
    },
    /// Show this text outside of the screen that is ours, until a key is pressed; then draw everything anew.
    Plain(String),
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// End.
    Quit {
        /// Leave the last screen standing in the terminal.
        leave_screen: bool,
    },
}

/// An action with a frozen set of targets: what the operator saw when the sheet was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What to do.
    pub verb: Verb,
    /// To which messages; or to the whole queue (flush only).
    pub scope: Scope,
}

/// Whom an action is aimed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// These messages.
    Messages(Vec<Target>),
    /// `postqueue -f`.
    WholeQueue,
}
