//! What is said where no account is listed: good news with its evidence, that nothing is known, or what leaves nothing over.

use super::{Accounts, moment};
use crate::app::looking;
use crate::numbers;
use crate::theme::Role;
use crate::views::{Facts, no_match};
use crate::widgets::{Line, Pen};
use ratatui::layout::Rect;

/// Draws lines in the middle of a panel, or at its edge when it is low.
pub(super) fn lines(pen: &mut Pen<'_>, area: Rect, lines: &[Line]) {
    let above = u16::from(area.height > lines.len() as u16);
    for (y, line) in (area.y + above..area.bottom()).zip(lines) {
        pen.line(area.x + 2, y, area.width.saturating_sub(3), line);
    }
}

/// `✓` and the words.
pub(super) fn good(words: impl Into<String>, facts: &Facts<'_>) -> Line {
    Line::of(facts.theme.glyphs().ok, Role::Ok).text(format!(" {}", words.into()))
}

impl Accounts {
    pub(super) fn no_rows(&self, facts: &Facts<'_>) -> Vec<Line> {
        let told = facts.model.told();
        let range = looking::words(facts.range);
        let dim = |words: String| Line::of(words, Role::Dim);
        let Some(first) = told.seen.first else {
            return vec![dim(String::from(
                "No log line yet: accounts are known from the log.",
            ))];
        };
        if self.active > 0 {
            if self.anomalies && self.flagged == 0 {
                return vec![
                    good(
                        format!(
                            "Nothing out of the ordinary: {} active, none flagged.",
                            numbers::many(self.active, "account")
                        ),
                        facts,
                    ),
                    dim(String::from("  A: all of them")),
                ];
            }
            return vec![no_match(self.active as u64, "account", &self.filter)];
        }
        let newest = told.accounts.all().filter_map(|(name, account)| {
            let last = account.last().filter(|last| last.at <= facts.until)?;
            Some((last.at, name))
        });
        if let Some((at, name)) = newest.max() {
            return vec![
                good(
                    format!("Nobody sent mail with a password in the last {range}."),
                    facts,
                ),
                dim(format!("  The last one was {name}, {}.", moment(at, facts))),
                dim(format!(
                    "  {} known. Z: a longer time range",
                    numbers::many(told.accounts.len(), "account")
                )),
            ];
        }
        vec![
            dim(format!(
                "Nobody sent mail with a password since {} ({} log lines).",
                moment(first, facts),
                numbers::count(told.lines.read)
            )),
            dim(String::from(
                "smtpd logs it as sasl_username= with client=. 8: the log",
            )),
        ]
    }
}
