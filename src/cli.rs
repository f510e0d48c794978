//! The command line: what can be asked, and with which words. What is done then stands in [`crate::commands`].

use crate::app::command::Root;
use crate::app::filter::Filter;
use crate::app::{self, palette};
use crate::reports::listing::By;
use crate::theme::{Depth, GlyphSet, Sight, Theme, Tone};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A terminal dashboard for Postfix and Dovecot: what is stuck, why, since when; and keys to act on it, safely.
#[derive(Debug, Parser)]
#[command(name = "mailtop", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; without it the dashboard opens.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where the facts come from.
    #[command(flatten)]
    pub live: Live,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The dashboard on a recorded incident: no mail server needed, nothing real is touched
    Demo(Demo),
    /// One screen as text, for scripts and bug reports; also what mailtop prints where standard output is no terminal
    Once(Live),
    /// Reads log lines or the journal and prints one JSON object for each line or entry
    Parse(Parse),
    /// What became of mail: totals, hours, providers, domains, reasons, senders, warnings
    Report(Report),
    /// What is queued now, by message or in groups
    Queue(Queue),
    /// Finds one message's whole life in the logs
    Trace(Trace),
}

/// The dashboard of this host.
#[derive(Debug, Args)]
pub struct Live {
    /// Log files to follow instead of the one that is found
    #[arg(long = "log", value_name = "FILE", num_args = 1..)]
    pub logs: Vec<PathBuf>,

    /// Follow systemd's journal even if there is a log file
    #[arg(long, conflicts_with = "logs")]
    pub journal: bool,

    /// Postfix's configuration directory, when it is not the default one (as with postqueue -c)
    #[arg(long, short = 'c', value_name = "DIR")]
    pub config_dir: Option<PathBuf>,

    /// How far back the logs are read at the start: 2h, yesterday, "2026-11-24 10:00"; 24 hours when not given
    #[arg(long, value_name = "TIME", conflicts_with = "replay")]
    pub since: Option<String>,

    /// Opens at this moment of the past, with the time from --since until then as its range; G goes on to now
    #[arg(long, value_name = "TIME", conflicts_with = "replay")]
    pub until: Option<String>,

    /// Plays a tape instead of following this host
    #[arg(long, value_name = "TAPE", conflicts_with_all = ["logs", "config_dir"])]
    pub replay: Option<PathBuf>,

    /// Writes everything that comes in to a tape
    #[arg(long, value_name = "TAPE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,

    /// How it looks.
    #[command(flatten)]
    pub look: Look,
}

/// The recorded incident.
#[derive(Debug, Args)]
pub struct Demo {
    /// Minute of the tape to begin at; what came before is read at once
    #[arg(long, value_name = "MINUTE", default_value_t = 28.0)]
    pub from: f64,

    /// How many times faster than it happened
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub speed: f64,

    /// How it looks.
    #[command(flatten)]
    pub look: Look,
}

/// Lines to records.
#[derive(Debug, Args)]
pub struct Parse {
    /// Files to read, also compressed with gzip; - or none reads standard input
    ///
    /// What a file is, is told by its content: lines of any syslog daemon, of postlogd, of Dovecot or of a container, entries of
    /// journalctl -o json among them, or a stream of journalctl -o export. Each line or entry gives one object, in order.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Goes on with the records as they are written, through every rotation, until interrupted
    #[arg(long, short)]
    pub follow: bool,
}

/// A summary of logs.
#[derive(Debug, Args)]
pub struct Report {
    /// Log files in any order, compressed or not, - being standard input; none: the last 24 hours of this host's mail log and its rotated files, or of the journal
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// From this moment on: 2h, yesterday, 14:05, "2026-11-24 10:00"
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,

    /// Up to this moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,

    /// Prints one JSON object instead of text
    #[arg(long)]
    pub json: bool,

    /// Rows of each table; 20 as text and all as JSON when not given
    #[arg(long, value_name = "ROWS")]
    pub top: Option<usize>,

    /// Postfix's configuration directory, when it is not the default one (as with postqueue -c)
    #[arg(long, short = 'c', value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
}

/// The queue.
#[derive(Debug, Args)]
pub struct Queue {
    /// Gathers the messages, with the age buckets of qshape
    #[arg(long, value_enum, value_name = "WHAT")]
    pub by: Option<ByName>,

    /// Only messages that match: domain:yahoo.com code:4.7.* age:>4h size:>1M from:news@* -class:policy /regex/
    #[arg(long = "where", value_name = "EXPR", value_parser = filter, allow_hyphen_values = true)]
    pub filter: Option<Filter>,

    /// Prints one JSON object for each message or group instead of a table
    #[arg(long)]
    pub json: bool,

    /// Groups that are printed; all when not given
    #[arg(long, value_name = "ROWS", requires = "by")]
    pub top: Option<usize>,

    /// Reads what `postqueue -j` printed elsewhere; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "config_dir")]
    pub from: Option<PathBuf>,

    /// Postfix's configuration directory, when it is not the default one (as with postqueue -c)
    #[arg(long, short = 'c', value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
}

/// What messages are gathered by.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[expect(missing_docs, reason = "the names are the words of the command line")]
pub enum ByName {
    Domain,
    Sender,
    Provider,
    Reason,
    Age,
}

impl ByName {
    /// The same for reports.
    pub fn by(self) -> By {
        match self {
            ByName::Domain => By::Domain,
            ByName::Sender => By::Sender,
            ByName::Provider => By::Provider,
            ByName::Reason => By::Reason,
            ByName::Age => By::Age,
        }
    }
}

/// One message's life. Ends with 0 when something was found, with 1 when nothing was, and with 2 when a log could not be
/// read, as grep(1) does.
#[derive(Debug, Args)]
pub struct Trace {
    /// A queue id, an envelope address or a Message-ID
    #[arg(value_name = "QUEUE-ID|ADDRESS|MESSAGE-ID")]
    pub what: String,

    /// Only messages that were under way after this moment: 2h, yesterday, 14:05, "2026-11-24 10:00"; what was logged more than two hours
    /// before it may be left out
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,

    /// Only messages that were under way before this moment; what was logged more than two hours after it may be left out
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,

    /// Logs to search, compressed or not, - being standard input; without any, the mail log of this host and its rotated files, or the journal
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// One JSON object for each message
    #[arg(long)]
    pub json: bool,
}

/// How it looks.
#[derive(Debug, Args)]
pub struct Look {
    /// Colours: for a dark or a light background, or for colour-blind eyes (cb); auto asks the terminal
    #[arg(long, value_enum, value_name = "THEME", default_value = "auto")]
    pub theme: ThemeName,

    /// Characters to draw with; found out when not given
    #[arg(long, value_enum, value_name = "SET")]
    pub glyphs: Option<GlyphName>,

    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: When,

    /// Size of the frame that is printed when standard output is no terminal
    #[arg(long, value_name = "COLUMNSxROWS", value_parser = size, default_value = "120x36")]
    pub size: (u16, u16),

    /// Shows only what matches, in every view that has a filter: domain:yahoo.com code:4.7.* age:>4h -from:news@* /regex/
    #[arg(long = "where", value_name = "EXPR", value_parser = filter, allow_hyphen_values = true)]
    pub filter: Option<Filter>,

    /// View that is shown first
    #[arg(long, value_name = "VIEW", value_parser = views(), default_value = "overview")]
    pub view: Root,

    /// Whether one frame is printed, also to a terminal.
    #[arg(skip)]
    pub printed: bool,

    /// Keys typed at the start
    #[arg(
        long,
        value_name = "KEYS",
        default_value = "",
        help = "Keys typed at the start, such as 2jj<enter>"
    )]
    pub keys: String,
}

/// A set of colours, and the background that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names are the words of the command line")]
pub enum ThemeName {
    Auto,
    Dark,
    Light,
    Cb,
    CbDark,
    CbLight,
}

/// A glyph set.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[expect(missing_docs, reason = "the names are the words of the command line")]
pub enum GlyphName {
    Braille,
    Blocks,
    Cp437,
    Ascii,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the names are the words of the command line")]
pub enum When {
    Auto,
    Always,
    Never,
}

impl Look {
    /// Whether the terminal is to be asked how its background is: nobody said it, and it matters.
    pub fn asks(&self, theme: &Theme) -> bool {
        matches!(self.theme, ThemeName::Auto | ThemeName::Cb) && theme.depth != Depth::Mono
    }

    /// The theme for this terminal; `env` reads an environment variable.
    pub fn theme(&self, env: impl Fn(&str) -> Option<String>) -> Theme {
        let mut theme = Theme::detect(env);
        (theme.tone, theme.sight) = match self.theme {
            ThemeName::Auto | ThemeName::Dark => (Tone::Dark, Sight::Standard),
            ThemeName::Light => (Tone::Light, Sight::Standard),
            ThemeName::Cb | ThemeName::CbDark => (Tone::Dark, Sight::ColourBlind),
            ThemeName::CbLight => (Tone::Light, Sight::ColourBlind),
        };
        match self.glyphs {
            None => {}
            Some(GlyphName::Braille) => theme.glyphs = GlyphSet::Braille,
            Some(GlyphName::Blocks) => theme.glyphs = GlyphSet::Blocks,
            Some(GlyphName::Cp437) => theme.glyphs = GlyphSet::Cp437,
            Some(GlyphName::Ascii) => theme.glyphs = GlyphSet::Ascii,
        }
        match self.color {
            When::Never => theme.depth = Depth::Mono,
            When::Always if theme.depth == Depth::Mono => theme.depth = Depth::Ansi256,
            When::Auto | When::Always => {}
        }
        theme
    }
}

/// Reads a filter; the error has marks under what is wrong.
fn filter(text: &str) -> Result<Filter, String> {
    Filter::new(text).map_err(|error| format!("{error}\n\n{}", error.marked(text)))
}

/// The views by the names that the palette has for them.
fn views() -> impl TypedValueParser<Value = Root> {
    let name = |root| palette::name(app::command::Command::View(root));
    PossibleValuesParser::new(Root::ALL.map(name)).map(move |typed| {
        let named = |root: &Root| name(*root) == typed;
        Root::ALL.into_iter().find(named).unwrap_or(Root::Overview)
    })
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let parsed = text
        .split_once('x')
        .and_then(|(columns, rows)| Some((columns.parse().ok()?, rows.parse().ok()?)));
    match parsed {
        Some((columns, rows)) if (1..=1000).contains(&columns) && (1..=1000).contains(&rows) => {
            Ok((columns, rows))
        }
        _ => Err(String::from(
            "write columns and rows from 1 to 1000, such as 120x36",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_tape_has_its_own_time() {
        for option in ["--since", "--until"] {
            let error = Cli::try_parse_from(["mailtop", "--replay", "a.tape", option, "2h"]);
            assert_eq!(error.unwrap_err().kind(), ErrorKind::ArgumentConflict);
            assert!(Cli::try_parse_from(["mailtop", "once", option, "2h"]).is_ok());
        }
    }

    #[test]
    fn a_bad_filter_is_refused_with_marks_under_it() {
        for command in [&["mailtop"][..], &["mailtop", "queue"]] {
            let arguments = |filter| [command, &["--where", filter]].concat();
            let error = Cli::try_parse_from(arguments("-domain:a sise:>1M")).unwrap_err();
            let text = error.to_string();
            assert_eq!(error.exit_code(), 2);
            assert!(
                text.contains(
                    "no field sise: did you mean size:?\n\n  -domain:a sise:>1M\n            ^^^^\n"
                ),
                "{text}"
            );
            assert!(Cli::try_parse_from(arguments("-domain:a size:>1M")).is_ok());
        }
    }

    #[test]
    fn sizes_are_checked() {
        assert_eq!(size("80x24"), Ok((80, 24)));
        for bad in ["80", "x", "0x24", "80x24x3", "99999x1"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
