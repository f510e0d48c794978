//! The fixed argument vectors: everything that mailtop ever asks Postfix to do, as one list that can be read in a minute.
//!
//! | vector | standard input |
//! |---|---|
//! | `postqueue [-c DIR] -j` | |
//! | `postqueue [-c DIR] -f` | |
//! | `postqueue [-c DIR] -i ID` | |
//! | `postsuper [-c DIR] -h -` | queue ids, one a line |
//! | `postsuper [-c DIR] -H -` | queue ids, one a line |
//! | `postsuper [-c DIR] -r -` | queue ids, one a line |
//! | `postsuper [-c DIR] -d -` | queue ids, one a line |
//!
//! Never a bare `postsuper` (it repairs the queue), never `-s`, `-S`, `-p`, `-e`; never `ALL`, which is an order as an
//! argument and a harmless unknown id on standard input. `-i` takes its id as an argument since `postqueue(1)` has no
//! other way: the type admits nothing but the alphabet of queue ids.
//!
//! No queue name follows the `-`: without one, `-h` looks in incoming, active and deferred, `-H` in hold, `-r` and `-d` in all four,
//! and a message may have moved between these since it was listed (`postsuper(1)`).

use super::tools::Tools;
use mailtop_parsers::QueueId;
use std::path::Path;
use std::process::{Command, Stdio};

/// One of the fixed argument vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vector<'a> {
    List,
    FlushAll,
    Flush(QueueId<'a>),
    Hold,
    Release,
    Requeue,
    Delete,
}

impl Vector<'_> {
    /// The program of this installation that the vector is for.
    pub(super) fn program<'t>(&self, tools: &'t Tools) -> &'t Path {
        match self {
            Self::List | Self::FlushAll | Self::Flush(_) => &tools.postqueue,
            Self::Hold | Self::Release | Self::Requeue | Self::Delete => &tools.postsuper,
        }
    }

    /// The command: absolute path, nothing of mailtop's environment, no working directory that could go away. In its own
    /// process group, so that the end of the terminal session does not cut a batch and a time limit reaches grandchildren.
    pub(super) fn command(&self, tools: &Tools) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(self.program(tools));
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(config_dir) = &tools.config_dir {
            command.arg("-c").arg(config_dir);
        }
        match self {
            Self::List => command.arg("-j"),
            Self::FlushAll => command.arg("-f"),
            Self::Flush(id) => command.args(["-i", id.as_str()]),
            Self::Hold => command.args(["-h", "-"]),
            Self::Release => command.args(["-H", "-"]),
            Self::Requeue => command.args(["-r", "-"]),
            Self::Delete => command.args(["-d", "-"]),
        };
        command
    }
}
