//! The first line: the views with their digits, the host, and whether this is now.
//!
//! What says whether this is now stands first; the names of the views take the room that is left, in the longest form that fits.

use super::Screen;
use crate::app::command::Root;
use crate::app::setting::Mode;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, age, clock};
use crate::widgets::{Line, Pen};
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

/// Columns for what is being read.
const READING: usize = 40;

/// One view's name on the line: where it begins, how wide it is.
struct Tab {
    root: Root,
    text: String,
    /// Blanks before it.
    gap: usize,
}

/// Draws the line.
pub(super) fn draw(
    screen: &Screen<'_>,
    here: Root,
    facts: &Facts<'_>,
    pen: &mut Pen<'_>,
    area: Rect,
) {
    if area.height == 0 {
        return;
    }
    let state = state(screen, facts, usize::from(area.width));
    let room = usize::from(area.width).saturating_sub(state.width() + 2);
    let mut line = Line::new();
    for tab in tabs(here, room) {
        let role = if tab.root == here {
            Role::Head
        } else {
            Role::Dim
        };
        line = line.text(" ".repeat(tab.gap)).add(tab.text, role);
    }
    pen.line(area.x, area.y, room as u16, &line);
    pen.line_right(area.x, area.y, area.width.saturating_sub(1), &state);
}

/// The view whose name stands at this column of a line that is `columns` wide.
pub(crate) fn tab_at(
    column: u16,
    here: Root,
    screen: &Screen<'_>,
    facts: &Facts<'_>,
) -> Option<Root> {
    let width = usize::from(facts.body.width);
    let room = width.saturating_sub(state(screen, facts, width).width() + 2);
    let mut at = 0;
    tabs(here, room).into_iter().find_map(|tab| {
        let begin = at + tab.gap;
        at = begin + tab.text.chars().count();
        (begin..at)
            .contains(&usize::from(column))
            .then_some(tab.root)
    })
}

/// The names in the longest form that fits.
fn tabs(here: Root, room: usize) -> Vec<Tab> {
    /// The forms, longest first: blanks between, whether names are whole for the view that is shown and for the others.
    const FORMS: [(usize, Form, Form); 4] = [
        (2, Form::Whole, Form::Whole),
        (1, Form::Whole, Form::Short),
        (1, Form::Short, Form::Short),
        (1, Form::Short, Form::Digit),
    ];
    let mut shown = Vec::new();
    for (gap, this, others) in FORMS {
        shown = Root::ALL
            .into_iter()
            .zip(1..)
            .map(|(root, digit)| {
                let form = if root == here { this } else { others };
                let text = match form {
                    Form::Whole => format!("{digit} {}", root.name()),
                    Form::Short => format!("{digit}{}", root.short()),
                    Form::Digit => digit.to_string(),
                };
                let text = if root == here {
                    format!("[{text}]")
                } else {
                    text
                };
                let gap = if digit == 1 { 1 } else { gap };
                Tab { root, text, gap }
            })
            .collect();
        let width: usize = shown.iter().map(|tab| tab.gap + tab.text.len()).sum();
        if width <= room {
            return shown;
        }
    }
    shown.retain(|tab| tab.root == here);
    shown
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Whole,
    Short,
    Digit,
}

/// `mx1 ● LIVE 11:09:31`
fn state(screen: &Screen<'_>, facts: &Facts<'_>, width: usize) -> Line {
    let glyphs = facts.theme.glyphs();
    let now = now(screen, facts);
    // On a narrow screen the host and what is read make room for the views.
    let host = facts.setting.host.cut(width / 5);
    let mut before = if width < 60 {
        Line::new()
    } else {
        Line::from(host).text(" ")
    };
    if let Some(reading) = &facts.model.reading {
        let room = width.saturating_sub(now.width() + 30).min(READING);
        let words = if room < 12 {
            Line::of(glyphs.ellipsis, Role::Accent)
        } else {
            Line::of(SafeText::from(reading.to_string()).cut(room), Role::Dim)
        };
        before = words.text("  ").then(before);
    }
    before.then(now)
}

/// Whether this is now, and what time it is.
fn now(screen: &Screen<'_>, facts: &Facts<'_>) -> Line {
    let glyphs = facts.theme.glyphs();
    let behind = |moment: DateTime<Utc>| age((screen.live - moment).num_seconds());
    if screen.past {
        let text = format!(
            "{} PAST {} -{}",
            glyphs.replay,
            clock(facts.until, facts),
            behind(facts.until)
        );
        return Line::of(text, Role::Alert);
    }
    if let Some(frozen) = screen.frozen {
        let text = format!(
            "{} FROZEN {} -{}",
            glyphs.paused,
            clock(frozen, facts),
            behind(frozen)
        );
        return Line::of(text, Role::Alert);
    }
    let now = clock(screen.live, facts);
    match facts.setting.mode {
        Mode::Live => Line::of(glyphs.live, Role::Ok).text(format!(" LIVE {now}")),
        Mode::Demo => {
            Line::of(format!("{} DEMO", glyphs.replay), Role::Accent).text(format!(" {now}"))
        }
        Mode::Replay => {
            Line::of(format!("{} REPLAY", glyphs.replay), Role::Accent).text(format!(" {now}"))
        }
    }
}
