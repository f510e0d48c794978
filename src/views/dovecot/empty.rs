//! What is said where no line of Dovecot is known: where was looked, and what would bring them.

use crate::model::dovecot::who::Who;
use crate::model::feeds::Feed;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Line, Pen, Window, wrap};
use ratatui::layout::Rect;

pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let inner = Window::new("Dovecot").draw(pen, area);
    let lines = &facts.model.told().lines;
    let feeds = facts.model.feeds.states();
    let logs: Vec<&str> = feeds
        .filter_map(|(feed, _)| match feed {
            Feed::Log(path) => Some(&**path),
            Feed::Journal => Some("the journal"),
            _ => None,
        })
        .collect();
    let place = if logs.is_empty() {
        String::from("the log")
    } else {
        logs.join(" and ")
    };
    let mut texts: Vec<(String, Role)> = Vec::new();
    if lines.read == 0 {
        texts.push((format!("No log line yet: waiting for {place}."), Role::Text));
    } else {
        texts.push((
            format!(
                "No line of Dovecot among the {} lines read so far of {place}.",
                numbers::count(lines.read)
            ),
            Role::Text,
        ));
        texts.push((
            String::from(
                "If Dovecot runs here, `doveconf log_path info_log_path syslog_facility` says where it logs: syslog with the facility mail \
                 brings it into the same file (log_path = syslog, syslog_facility = mail); else name its file with --log.",
            ),
            Role::Dim,
        ));
    }
    if let Some(Who::Unknown(why)) = &facts.model.who {
        texts.push((why.clone(), Role::Dim));
    }
    texts.push((String::from("8: the lines of the log"), Role::Dim));
    let width = usize::from(inner.width.saturating_sub(4));
    let mut y = inner.y + u16::from(inner.height > 5);
    for (text, role) in texts {
        for row in wrap(&SafeText::from(text), width) {
            if y >= inner.bottom() {
                return;
            }
            pen.line(
                inner.x + 2,
                y,
                inner.width.saturating_sub(3),
                &Line::of(row, role),
            );
            y += 1;
        }
        y += u16::from(inner.height > 8);
    }
}
