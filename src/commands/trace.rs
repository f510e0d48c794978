//! `mailtop trace`: one message's whole life, found by the search of the Trace view ([`search`]) in the files that are named or in this host's own
//! log, be it files or the journal. Ends as grep(1) does: 0 when something was found, 1 when nothing was, 2 when a log could not
//! be read (the others are read all the same) or the question is none.

use super::{own_log, say, zone};
use crate::app::effect::{Search, What};
use crate::app::msg::{Found, Lives, Msg, Part};
use crate::cli::Trace;
use crate::model::span::Between;
use crate::model::trace::{LogLine, MESSAGES, Message, Question, Traced};
use crate::numbers::many;
use crate::reports;
use crate::safe_text::SafeText;
use crate::sources::archive::Archive;
use crate::sources::search::{self, Most};
use crate::theme::{GlyphSet, Theme};
use anyhow::anyhow;
use chrono::{DateTime, FixedOffset, Utc};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// More than for a view: it is printed and the program ends.
const MOST: Most = Most {
    lines: 100_000,
    bytes: 64 << 20,
};

const NOT_FOUND: u8 = 1;
const TROUBLE: u8 = 2;

/// Searches and prints.
pub fn run(asked: &Trace) -> ExitCode {
    trace(asked).unwrap_or_else(|why| {
        say(&format!("{why:#}"));
        TROUBLE.into()
    })
}

fn trace(asked: &Trace) -> anyhow::Result<ExitCode> {
    let question = Question::new(&asked.what).map_err(|why| anyhow!(why))?;
    let now = Utc::now();
    let (since, until) = (asked.since.as_deref(), asked.until.as_deref());
    let between = Between::read(since, until, now, zone())?;
    let log = if asked.files.is_empty() {
        own_log(None, now)?
    } else {
        let archive = Archive::of_files_kept(&asked.files, now, zone());
        (PathBuf::from("logs"), archive)
    };
    let searched = log.1.words();
    let Answer { lives, cut, unread } = search(&question, between, log);
    for why in &unread {
        say(why.as_str());
    }
    if cut {
        say(
            "not all that belongs together is shown: the newest lines are; --since and --until narrow it",
        );
    }
    let mut traced = lives.traced.clone();
    if traced.left_out > 0 {
        say(&format!(
            "{} answer this: the newest {MESSAGES} are shown",
            many(traced.left_out + MESSAGES, "message")
        ));
    }
    traced.keep(|message| under_way(message, between));
    if traced.messages.is_empty() && unread.is_empty() {
        say(&format!(
            "nothing mentions {}: {searched} searched",
            question.text(),
        ));
    }
    match print(asked, &traced, &lives.lines) {
        // A reader that has seen enough, such as head(1), is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            anyhow::bail!("standard output: {error}")
        }
        _ if !unread.is_empty() => Ok(TROUBLE.into()),
        _ if traced.messages.is_empty() => Ok(NOT_FOUND.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Whether any of a message's life lies in the span; one without a stamp is in every span.
fn under_way(message: &Message, between: Between) -> bool {
    let after = |last: DateTime<FixedOffset>| between.since.is_none_or(|since| since <= last);
    let before = |first: DateTime<FixedOffset>| between.until.is_none_or(|until| first < until);
    message.last.is_none_or(after) && message.first.is_none_or(before)
}

#[derive(Default)]
struct Answer {
    lives: Arc<Lives>,
    cut: bool,
    unread: Vec<SafeText>,
}

fn search(question: &Question, between: Between, log: (PathBuf, Archive)) -> Answer {
    let what = What::Lives(question.clone());
    let (asked, never) = (Search { what, between }, AtomicBool::new(false));
    let mut answer = Answer::default();
    search::answer(vec![log], zone(), asked, MOST, &never, |msg| {
        match msg {
            // Each takes the place of the one before.
            Msg::Found(Found {
                part: Part::Lives(lives),
                ..
            }) => answer.lives = lives,
            Msg::Found(Found {
                part: Part::End { cut, unread },
                ..
            }) => (answer.cut, answer.unread) = (cut, unread),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    answer
}

fn print(asked: &Trace, traced: &Traced, lines: &[LogLine]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if asked.json {
        for message in &traced.messages {
            let object = reports::trace::object(message, traced, lines);
            serde_json::to_writer(&mut out, &object).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
    } else {
        let glyphs = Theme::detect(|name| std::env::var(name).ok()).glyphs;
        let text = reports::trace::text(traced, lines, glyphs == GlyphSet::Ascii);
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}
