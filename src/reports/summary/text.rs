//! A summary as text: what an administrator reads in the morning, the totals first and then whatever made them.
//!
//! In come a [`Summary`] and the [`Paper`], out comes the text. Sections without rows are left out, tables that are longer than `top` say
//! how much more there is. Attempts, messages and recipients are different counts and each table says which it has.

mod deliveries;

use super::rows::Sent;
use super::{Section, Stamp, Summary};
use crate::numbers;
use crate::reports::grid::{Grid, Paper};
use crate::safe_text::SafeText;
use std::fmt::Write;

/// Columns of the curve of the queue's depth.
const CURVE: usize = 60;

/// The whole report.
pub fn text(summary: &Summary, paper: Paper) -> String {
    let mut out = Text {
        out: String::new(),
        paper,
    };
    out.head(summary);
    out.totals(summary);
    out.queue(summary);
    out.hours(summary);
    out.providers(summary);
    out.codes(summary, "bounced", "Bounces by provider and code");
    out.codes(summary, "deferred", "Deferrals by provider and code");
    out.domains(summary);
    out.reasons(summary, "deferred", "Why attempts were deferred");
    out.reasons(summary, "bounced", "Why recipients bounced");
    out.rejects(summary);
    let senders = summary.senders.rows().iter();
    out.parties(
        "Senders",
        "sender",
        summary.senders.rows().len(),
        senders.map(|row| (&row.address, &row.party)),
    );
    let users = summary.accounts.rows().iter();
    out.parties(
        "Accounts (SASL)",
        "account",
        summary.accounts.rows().len(),
        users.map(|row| (&row.user, &row.party)),
    );
    let clients = summary.clients.rows().iter();
    out.parties(
        "Clients",
        "client",
        summary.clients.rows().len(),
        clients.map(|row| (&row.address, &row.party)),
    );
    out.dovecot(summary);
    out.warnings(summary);
    out.left_out(summary);
    out.out
}

struct Text {
    out: String,
    paper: Paper,
}

impl Text {
    fn line(&mut self, line: &str) {
        let line = SafeText::from(line);
        let line = if self.paper.ascii { line.ascii() } else { line };
        // Writing into a string cannot fail.
        let _ = writeln!(self.out, "{line}");
    }

    fn table(&mut self, title: &str, grid: &Grid, all: usize) {
        if grid.is_empty() {
            return;
        }
        let lines = grid.lines(self.paper);
        let _ = write!(self.out, "\n{title}\n\n{lines}");
        let more = all.saturating_sub(self.paper.top);
        if more > 0 {
            let _ = writeln!(self.out, "  and {} more", numbers::count(more as u64));
        }
    }

    fn head(&mut self, summary: &Summary) {
        let hosts = match summary.hosts.as_slice() {
            [] => String::from("no host"),
            [one] => one.to_string(),
            [first, rest @ ..] => {
                format!("{first} and {}", numbers::many(rest.len(), "other host"))
            }
        };
        let span = match (summary.since, summary.until) {
            (Some(since), Some(until)) => {
                let took = (until.0 - since.0).to_std().unwrap_or_default();
                let (since, until) = (moment(since), moment(until));
                format!("{since} to {until} ({})", numbers::duration(took))
            }
            _ => String::from("no time"),
        };
        self.line(&format!("Mail of {hosts}, {span}"));
        let mut read = format!("{} lines read", numbers::count(summary.lines));
        for (count, what) in [
            (summary.foreign, "of other programs"),
            (summary.other, "that no grammar knows"),
            (summary.unparsed, "without a readable head"),
        ] {
            if count > 0 {
                let _ = write!(read, ", {} {what}", numbers::count(count));
            }
        }
        self.line(&read);
    }

    fn totals(&mut self, summary: &Summary) {
        let m = &summary.messages;
        let many = |count: u64, noun| numbers::many(count as usize, noun);
        let mut grid = Grid::new(&["", ">", ""]);
        for (what, count, more) in [
            (
                "received",
                m.received,
                format!(
                    "messages, {} from {} in {}",
                    numbers::bytes(m.bytes_received),
                    many(m.senders, "sender"),
                    many(m.sender_domains, "domain")
                ),
            ),
            (
                "delivered",
                m.delivered,
                format!(
                    "recipients, {} to {} in {}",
                    numbers::bytes(m.bytes_delivered),
                    many(m.recipients, "address"),
                    many(m.recipient_domains, "domain")
                ),
            ),
            (
                "from a filter",
                m.reinjected,
                String::from("of the messages received, for the second time"),
            ),
            (
                "forwarded",
                m.forwarded,
                String::from("recipients, by local aliases"),
            ),
            (
                "deferred",
                m.deferred,
                format!("messages, in {}", many(m.deferrals, "deferral")),
            ),
            ("bounced", m.bounced, String::from("recipients")),
            (
                "rejected",
                m.rejected,
                String::from("requests and messages"),
            ),
            ("reject warnings", m.reject_warnings, String::new()),
            (
                "held",
                m.held,
                String::from("by a restriction, check or milter"),
            ),
            (
                "discarded",
                m.discarded,
                String::from("by a restriction, check or milter"),
            ),
        ] {
            if what == "from a filter" && count == 0 {
                continue;
            }
            let more = more.replace("addresss", "addresses");
            grid.row([what.into(), number(count), SafeText::from(more)]);
        }
        let lines = grid.lines(self.paper);
        // The titles are empty.
        let lines = lines.split_once('\n').map_or("", |(_, rows)| rows);
        let _ = write!(self.out, "\n{lines}");
    }

    fn queue(&mut self, summary: &Summary) {
        let (Some(last), true) = (
            summary.queue.last(),
            summary.queue.iter().any(|at| at.all() > 0),
        ) else {
            return;
        };
        let depths: Vec<i64> = summary.queue.iter().map(super::rows::Minute::all).collect();
        let highest = depths.iter().copied().max().unwrap_or(0);
        let peak = summary
            .queue
            .iter()
            .find(|at| at.all() == highest)
            .unwrap_or(last);
        let _ = writeln!(self.out, "\nQueue\n");
        let curve = curve(&depths, self.paper.ascii);
        self.line(&format!("  {curve}"));
        let count = |count: i64| numbers::count(count.unsigned_abs());
        self.line(&format!(
            "  at most {}, at {}",
            numbers::many(usize::try_from(highest).unwrap_or(0), "message"),
            moment(peak.time)
        ));
        self.line(&format!(
            "  {} at the end: {} active, {} deferred, {} on hold, {} incoming",
            count(last.all()),
            count(last.active),
            count(last.deferred),
            count(last.hold),
            count(last.incoming),
        ));
    }

    fn hours(&mut self, summary: &Summary) {
        let mut grid = Grid::new(&[
            "hour",
            ">received",
            ">delivered",
            ">deferrals",
            ">bounced",
            ">rejected",
        ]);
        for hour in &summary.hours {
            grid.row([
                SafeText::from(hour.hour.0.format("%Y-%m-%d %H:%M").to_string()),
                number(hour.received),
                number(hour.delivered),
                number(hour.deferred),
                number(hour.bounced),
                number(hour.rejected),
            ]);
        }
        self.table("Hours", &grid, 0);
    }

    fn parties<'a>(
        &mut self,
        title: &str,
        name: &'static str,
        all: usize,
        rows: impl Iterator<Item = (&'a SafeText, &'a Sent)>,
    ) {
        let mut grid = Grid::new(&[
            ">messages",
            ">recipients",
            ">bytes",
            ">bounced",
            ">networks",
            name,
        ]);
        for (name, row) in rows.take(self.paper.top) {
            let name = if name.is_empty() {
                &SafeText::from("<>")
            } else {
                name
            };
            grid.row([
                number(row.messages),
                number(row.recipients),
                SafeText::from(numbers::bytes_short(row.bytes)),
                number(row.bounced),
                number(row.networks),
                name.clone(),
            ]);
        }
        self.table(title, &grid, all);
    }

    fn dovecot(&mut self, summary: &Summary) {
        let dovecot = &summary.dovecot;
        let counts = [
            (dovecot.logins, "logins"),
            (dovecot.auth_failures, "failed logins"),
            (dovecot.saves, "messages saved"),
            (dovecot.lmtp_errors, "messages not saved"),
        ];
        if counts.iter().all(|(count, _)| *count == 0) && dovecot.limits.is_empty() {
            return;
        }
        let _ = writeln!(self.out, "\nDovecot and logins\n");
        let counts: Vec<String> = counts
            .iter()
            .map(|(count, what)| format!("{} {what}", numbers::count(*count)))
            .collect();
        self.line(&format!("  {}", counts.join(", ")));
        for limit in dovecot.limits.iter().take(self.paper.top) {
            let line = format!("  {} times {}", numbers::count(limit.count), limit.sample);
            let line = SafeText::from(line).cut(self.paper.width);
            self.line(line.as_str());
        }
    }

    fn warnings(&mut self, summary: &Summary) {
        let mut grid = Grid::new(&[">count", "last", "warning"]);
        for row in self.top(&summary.warnings) {
            grid.row([
                number(row.count),
                SafeText::from(row.last.map(moment).unwrap_or_default()),
                row.text.clone(),
            ]);
        }
        self.table("Warnings", &grid, summary.warnings.rows().len());
    }

    fn top<'a, T>(&self, section: &'a Section<T>) -> impl Iterator<Item = &'a T> + use<'a, T> {
        section.rows().iter().take(self.paper.top)
    }

    fn left_out(&mut self, summary: &Summary) {
        if summary.left_out.is_empty() {
            return;
        }
        let counts: Vec<String> = summary
            .left_out
            .iter()
            .map(|(section, count)| format!("{section} {}", numbers::count(*count)))
            .collect();
        let _ = writeln!(self.out);
        self.line(&format!(
            "Not in these tables, because they were full: {}",
            counts.join(", ")
        ));
    }
}

fn number(count: u64) -> SafeText {
    SafeText::from(numbers::count(count))
}

fn code(code: Option<u16>) -> SafeText {
    SafeText::from(code.map(|code| code.to_string()).unwrap_or_default())
}

fn moment(stamp: Stamp) -> String {
    stamp.0.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The highest of each span as one of eight heights.
fn curve(depths: &[i64], ascii: bool) -> String {
    let heights: Vec<char> = if ascii {
        "_.:-=+*#"
    } else {
        "▁▂▃▄▅▆▇█"
    }
    .chars()
    .collect();
    let highest = depths.iter().copied().max().unwrap_or(0).max(1);
    let span = depths.len().div_ceil(CURVE).max(1);
    depths
        .chunks(span)
        .filter_map(|chunk| {
            let depth = chunk.iter().copied().max()?;
            let height = (depth * 7 + highest - 1) / highest;
            heights.get(height.clamp(0, 7) as usize)
        })
        .collect()
}
