//! Commands: what the operator means, whatever key or palette entry said it; and what a view answers.

use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::model::history::Depth;
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
    /// The panel of this number, counted from 0 in the order of Tab.
    Focus(usize),
    /// The column or queue to the left.
    Left,
    /// The column or queue to the right.
    Right,
    /// The column of this number, counted from 0, where the cursor goes from cell to cell.
    Column(usize),
    /// Edit the filter, or what is searched for.
    Filter,
    /// Add the value under the cursor to the filter.
    Facet,
    /// Exclude the value under the cursor.
    Exclude,
    /// Take the last term off the filter.
    DropTerm,
    /// Choose what the rows are sorted by.
    Sort,
    /// Sort by the column before.
    SortBefore,
    /// Sort by the next column.
    SortAfter,
    /// Reverse the order.
    Reverse,
    /// Mark or unmark what is selected.
    Mark,
    /// Begin to mark a range at what is selected, or keep it.
    MarkRange,
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
    /// The view before in the history of views.
    HistoryBack,
    /// The view after in the history of views.
    HistoryForward,
    /// The view that was shown last.
    LastView,
    /// Choose a command by its name.
    Palette,
    /// The next alarm on the Overview, the next match elsewhere.
    Next,
    /// The alarm or match before.
    Previous,
    /// Choose the time range.
    Range,
    /// A shorter time range.
    ZoomIn,
    /// A longer time range.
    ZoomOut,
    /// The panel that has the keys alone, or all panels.
    Alone,
    /// Shares instead of counts, or counts again.
    Percent,
    /// What stands at the other axis.
    Axis,
    /// Only what is out of the ordinary, or all.
    Anomalies,
    /// Raw lines, or columns.
    Wrap,
    /// The lines of what is selected, in the log.
    Lines,
    /// Copy the selected row.
    Copy,
    /// Copy the table as Markdown.
    CopyMarkdown,
    /// Write the table to a file.
    Export,
    /// Hide who writes to whom, or show it again.
    Privacy,
    /// What mailtop found on this host.
    Found,
    /// From where on something is an alarm, and who says so.
    Thresholds,
    /// The mouse is used, or left to the terminal.
    Mouse,
    /// The screen as plain text that the terminal can select and scroll.
    Plain,
    /// Act on the queue.
    Act(Verb),
    /// `postqueue -f`: try the whole queue now.
    FlushAll,
    /// List the queue now.
    List,
    /// Stop until continued.
    Suspend,
}

impl Command {
    /// Whether the rows that are listed matter for it.
    pub fn means_rows(self) -> bool {
        !matches!(
            self,
            Self::Back
                | Self::Quit
                | Self::QuitLeaving
                | Self::View(_)
                | Self::HistoryBack
                | Self::HistoryForward
                | Self::LastView
                | Self::Freeze
                | Self::Help
                | Self::Filter
                | Self::DropTerm
                | Self::Palette
                | Self::Privacy
                | Self::Mouse
                | Self::List
                | Self::FlushAll
                | Self::Suspend
        )
    }

    /// Whether it is about the selected row, or moves the selection from there.
    pub fn means_selection(self) -> bool {
        matches!(
            self,
            Self::Move(_)
                | Self::Open
                | Self::Lines
                | Self::Act(_)
                | Self::Mark
                | Self::MarkRange
                | Self::Facet
                | Self::Exclude
                | Self::Copy
        )
    }
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
    /// To the row of this number, counted from 0.
    To(usize),
}

impl Motion {
    /// The other way round, for what is counted from its end.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
            Self::PageUp => Self::PageDown,
            Self::PageDown => Self::PageUp,
            Self::HalfUp => Self::HalfDown,
            Self::HalfDown => Self::HalfUp,
            Self::First => Self::Last,
            Self::Last => Self::First,
            Self::To(row) => Self::To(row),
        }
    }
}

/// The views that a digit opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// Is anything wrong, what, since when.
    Overview,
    /// Which domain, how old, why.
    Queue,
    /// Who answers what, and how fast.
    Providers,
    /// What happened to this message.
    Trace,
    /// Who sends what; stolen passwords.
    Accounts,
    /// Logins, sessions, deliveries, errors.
    Dovecot,
    /// What stops first.
    System,
    /// The lines.
    Log,
}

impl Root {
    /// In the order of their digits.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Queue,
        Self::Providers,
        Self::Trace,
        Self::Accounts,
        Self::Dovecot,
        Self::System,
        Self::Log,
    ];

    /// For the screen and the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Queue => "Queue",
            Self::Providers => "Providers",
            Self::Trace => "Trace",
            Self::Accounts => "Accounts",
            Self::Dovecot => "Dovecot",
            Self::System => "System",
            Self::Log => "Log",
        }
    }

    /// Where there is no room for the name.
    pub fn short(self) -> &'static str {
        match self {
            Self::Overview => "Ovr",
            Self::Queue => "Que",
            Self::Providers => "Prv",
            Self::Trace => "Trc",
            Self::Accounts => "Acc",
            Self::Dovecot => "Dov",
            Self::System => "Sys",
            Self::Log => "Log",
        }
    }
}

/// Where to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// One of the views that a digit opens, seen through this filter.
    Root(Root, Filter),
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

    /// How many messages it shows where there are so many.
    pub fn count(self, depth: Depth) -> i64 {
        let queues = [
            // Mail in maildrop counts as incoming.
            (QueueName::Incoming, depth.incoming),
            (QueueName::Active, depth.active),
            (QueueName::Deferred, depth.deferred),
            (QueueName::Hold, depth.hold),
        ];
        let shown = queues.into_iter().filter(|(queue, _)| self.shows(*queue));
        shown.map(|(_, count)| count).sum()
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
    /// Ask the shell for something, such as a search.
    Ask(Effect),
}
