//! Commands: what the operator means, whatever key or palette entry said it; and what a view answers.

use crate::app::filter::Filter;
use crate::model::identity::MessageKey;
use crate::model::journal::Verb;
use mailtop_parsers::QueueName;
use std::sync::Arc;

/// What the operator means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Open what is selected.
    Open,
    /// Back to where this view was opened from.
    Back,
    /// Back; at the first view, end.
    Quit,
    /// End and leave the last screen standing.
    QuitLeaving,
    /// Move the selection.
    Move(Motion),
    /// The next panel.
    NextPanel,
    /// The panel before.
    PreviousPanel,
    /// The column or queue to the left.
    Left,
    /// The column or queue to the right.
    Right,
    /// Edit the filter.
    Filter,
    /// Sort by the next column.
    Sort,
    /// Reverse the order.
    Reverse,
    /// Mark or unmark what is selected.
    Mark,
    /// Mark everything in the filter.
    MarkAll,
    /// Take all marks off.
    Unmark,
    /// Freeze what is shown, or go on.
    Freeze,
    /// Show the keys of this view.
    Help,
    /// Go to a view.
    View(Root),
    /// The next alarm.
    NextAlarm,
    /// Act on the queue.
    Act(Verb),
    /// `postqueue -f`: try the whole queue now.
    FlushAll,
    /// List the queue now.
    List,
    /// Stop until continued.
    Suspend,
    /// Draw everything anew.
    Redraw,
}

/// How the selection moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Motion {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// To the first.
    First,
    /// To the last.
    Last,
}

/// The views that a digit opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// Is anything wrong, what, since when.
    Overview,
    /// Which domain, how old, why.
    Queue,
}

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The queue by domain and age, with this domain selected.
    Queue(QueueScope, Option<Arc<str>>),
    /// One domain's messages, seen through the filter that led to them.
    Messages(QueueScope, Arc<str>, Filter),
    /// One message.
    Message(MessageKey),
}

/// Which queues are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueScope {
    /// What waits: deferred and hold. Held mail stays in sight beside the mail that it was held from.
    Waiting,
    /// `deferred`.
    Deferred,
    /// `hold`.
    Hold,
    /// `active`.
    Active,
    /// `maildrop` and `incoming`.
    Incoming,
    /// All.
    All,
}

impl QueueScope {
    /// In the order that the cursor keys go through them.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Deferred,
        Self::Hold,
        Self::Active,
        Self::Incoming,
        Self::All,
    ];

    /// Whether the scope shows that queue.
    pub fn shows(self, queue: QueueName) -> bool {
        match self {
            Self::Waiting => matches!(queue, QueueName::Deferred | QueueName::Hold),
            Self::Deferred => queue == QueueName::Deferred,
            Self::Hold => queue == QueueName::Hold,
            Self::Active => queue == QueueName::Active,
            Self::Incoming => matches!(queue, QueueName::Incoming | QueueName::Maildrop),
            Self::All => true,
        }
    }

    /// For the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "deferred + hold",
            Self::Deferred => "deferred",
            Self::Hold => "hold",
            Self::Active => "active",
            Self::Incoming => "incoming",
            Self::All => "all",
        }
    }
}

/// What a view answers to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// Not this view's business.
    Ignored,
    /// Open another view on top of this one.
    Open(Place),
}
