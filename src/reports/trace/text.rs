//! Messages as text: a heading, the envelope, and the timeline with its waits, one block for each message.
//!
//! ```text
//! ~ 4jYg7l1WNDz2BGQD  deferred 4.7.0  4 attempts, 37m37s in the queue
//!   From        news@shop.example  6 214 B
//!   10:31:07.112 ┬ smtpd     client=app2[198.51.100.7]  sasl=news@shop.example
//!                ┊ waited 5m00s
//!   10:36:08.300 └ smtp    ~ <ann@yahoo.com>  mta6.am0.yahoodns.net[203.0.113.5]:25  deferred 4.7.0  421 …
//! ```
//!
//! Rows are as long as what was logged: a terminal or a pager wraps them.

use crate::model::trace::{LogLine, Mark, Message, Traced, mark, row};
use crate::numbers::{count, delay, many};
use crate::safe_text::SafeText;
use chrono::{DateTime, FixedOffset};
use std::fmt::{self, Write};

/// The sign of a mark.
fn glyph(mark: Mark, ascii: bool) -> &'static str {
    match (mark, ascii) {
        (Mark::None, _) => " ",
        (Mark::Good, false) => "✓",
        (Mark::Good, true) => "S",
        (Mark::Wait, _) => "~",
        (Mark::Bad, false) => "✗",
        (Mark::Bad, true) => "B",
        (Mark::Held, false) => "‖",
        (Mark::Held, true) => "H",
        (Mark::Refused, false) => "⊘",
        (Mark::Refused, true) => "R",
    }
}

/// The lines of the timeline: the first, a middle one, the last, the only one, a wait.
const STROKES: [&str; 5] = ["┬", "├", "└", "─", "┊"];
const ASCII: [&str; 5] = ["+", "|", "+", "-", ":"];

/// A wait that is worth a row, in seconds.
const WAIT: i64 = 2;

/// All messages as text. `ascii`: for terminals and files that know nothing else. `lines` are those that were traced.
pub fn text(traced: &Traced, lines: &[LogLine], ascii: bool) -> String {
    let mut out = String::new();
    for (at, message) in traced.messages.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Writing to a string does not fail.
        let _ = block(&mut out, message, traced, lines, ascii);
    }
    out
}

fn block(
    out: &mut String,
    message: &Message,
    traced: &Traced,
    lines: &[LogLine],
    ascii: bool,
) -> fmt::Result {
    heading(out, message, ascii)?;
    envelope(out, message, ascii)?;
    for tie in &message.related {
        if let Some(other) = traced.messages.get(tie.message) {
            let words = tie.kind.words(tie.came_of);
            field(out, "Related", &format!("{words} {}", name(other)))?;
        }
    }
    if !message.born && message.queue_id.is_some() {
        field(out, "Begin", "not in these logs")?;
    }
    timeline(out, message, lines, ascii)
}

fn name(message: &Message) -> String {
    match &message.queue_id {
        Some(id) => id.to_string(),
        None if *message.instance == *b"dovecot" => String::from("-"),
        None => String::from("NOQUEUE"),
    }
}

fn heading(out: &mut String, message: &Message, ascii: bool) -> fmt::Result {
    let fate = message.fate();
    write!(
        out,
        "{} {}  {}",
        glyph(Mark::of(fate), ascii),
        name(message),
        fate.as_str()
    )?;
    let last = message.recipients.iter().max_by_key(|one| one.time);
    if let Some(dsn) = last.and_then(|one| one.dsn.as_deref()) {
        write!(out, " {dsn}")?;
    }
    let attempts: u32 = message.recipients.iter().map(|one| one.attempts).sum();
    if attempts > 0 {
        write!(out, "  {}", many(attempts as usize, "attempt"))?;
    }
    let span = message.first.zip(message.ended.or(message.last));
    if message.queue_id.is_some()
        && let Some((first, last)) = span
        && let Ok(span) = (last - first).to_std()
    {
        let so_far = if message.ended.is_none() {
            " so far"
        } else {
            ""
        };
        write!(out, ", {} in the queue{so_far}", delay(span))?;
    }
    out.push('\n');
    Ok(())
}

fn field(out: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(out, "  {name:<11} {value}")
}

fn envelope(out: &mut String, message: &Message, ascii: bool) -> fmt::Result {
    let safe = |text: &[u8]| {
        let text = SafeText::new(text);
        if ascii { text.ascii() } else { text }
    };
    if let Some(id) = &message.message_id {
        field(out, "Message-ID", safe(id).as_str())?;
    }
    if let Some(from) = &message.from {
        let from = if from.is_empty() {
            SafeText::from("<>")
        } else {
            safe(from)
        };
        let size = message.size.map(|size| format!("  {} B", count(size)));
        field(out, "From", &format!("{from}{}", size.unwrap_or_default()))?;
    }
    for one in &message.recipients {
        let mut words = format!(
            "{}  {} {}",
            safe(&one.to),
            glyph(mark(one.status), ascii),
            one.status.as_str()
        );
        if let Some(dsn) = &one.dsn {
            write!(words, " {dsn}")?;
        }
        write!(words, "  {}", safe(&one.relay))?;
        if one.attempts > 1 {
            write!(words, "  {} attempts", one.attempts)?;
        }
        field(out, "To", &words)?;
    }
    for to in &message.refused {
        field(out, "To", safe(to).as_str())?;
    }
    if let Some(source) = &message.source {
        let mut words = String::new();
        if !source.ip.is_empty() {
            write!(words, "{}[{}]", safe(&source.host), safe(&source.ip))?;
        }
        if let Some(account) = &source.sasl_username {
            write!(words, "  account {}", safe(account))?;
        }
        if let Some(uid) = source.uid {
            write!(words, "local user {uid}")?;
        }
        field(out, "Client", &words)?;
    }
    let host = safe(&message.host);
    field(
        out,
        "Host",
        format!("{host}  {}", safe(&message.instance)).trim(),
    )
}

fn timeline(out: &mut String, message: &Message, lines: &[LogLine], ascii: bool) -> fmt::Result {
    let [first, middle, last, only, wait] = if ascii { ASCII } else { STROKES };
    let mut before: Option<DateTime<FixedOffset>> = None;
    let count = message.events.len();
    let events = message.events.iter().filter_map(|event| lines.get(*event));
    for (at, line) in events.enumerate() {
        let record = line.record();
        if let Some(time) = record.time {
            if before.map(|time| time.date_naive()) != Some(time.date_naive()) {
                writeln!(out, "  {}", time.format("%a %Y-%m-%d %:z"))?;
            }
            if let Some(passed) = before.map(|before| time - before)
                && passed.num_seconds() >= WAIT
                && let Ok(passed) = passed.to_std()
            {
                writeln!(out, "  {:<12} {wait} waited {}", "", delay(passed))?;
            }
            before = before.max(Some(time));
        }
        let stroke = match at {
            _ if count == 1 => only,
            0 => first,
            _ if at + 1 == count => last,
            _ => middle,
        };
        let time = record.time.map_or(String::new(), |time| {
            time.format("%H:%M:%S%.3f").to_string()
        });
        let row = row(&record, &line.text);
        let (mut who, mut words) = (SafeText::new(&row.who), SafeText::new(&row.words));
        if ascii {
            (who, words) = (who.ascii(), words.ascii());
        }
        let foreign = if row.foreign {
            "(another program) "
        } else {
            ""
        };
        let mark = glyph(row.mark, ascii);
        writeln!(
            out,
            "  {time:<12} {stroke} {:<8} {mark} {foreign}{words}",
            who.as_str()
        )?;
    }
    Ok(())
}
