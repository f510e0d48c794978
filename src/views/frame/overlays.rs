//! What lies over the view: the help, a menu, the sheet before an action, the receipt after it.

use crate::app::keymap::Binding;
use crate::app::overlay::{Help, Menu};
use crate::app::setting::Mode;
use crate::app::sheet::{self, Sheet, Summary, TypedCount};
use crate::model::command_line::{Aim, command_line};
use crate::model::journal::{Receipt, Verb};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{self, Choice, Line, Pen, Sort, Window, wrap};
use ratatui::layout::Rect;

/// The keys of the view.
pub(super) fn draw_help(help: &Help, pen: &mut Pen<'_>, body: Rect) {
    let rows = help.rows();
    let width = body.width.min(76);
    let height = body.height.min(rows.len() as u16 + 3);
    let area = widgets::middle(body, width, height);
    pen.clear(area);
    let note = match (help.search.is_empty(), width >= 64) {
        (true, true) => String::from("type to search · Enter runs · Esc closes"),
        (true, false) => String::from("type to search"),
        (false, _) => format!("search: {}", help.search),
    };
    let inner = Window::new("Keys of this view")
        .note(note)
        .focused(true)
        .draw(pen, area);
    if rows.is_empty() {
        let text = "no key does that · : finds every command";
        pen.text(
            inner.x + 1,
            inner.y,
            inner.width.saturating_sub(1),
            text,
            Role::Dim,
        );
    }
    // All keys of a command where there is room for them, else the first.
    let keys = |row: &Binding| -> String {
        let many = if width >= 64 { row.keys.len() } else { 1 };
        let keys: Vec<String> = row
            .keys
            .iter()
            .take(many)
            .map(ToString::to_string)
            .collect();
        keys.join(" ")
    };
    let wide = rows
        .iter()
        .map(|row| SafeText::from(keys(row)).width())
        .max()
        .unwrap_or(0);
    let visible = widgets::visible(rows.len(), help.at, usize::from(inner.height));
    for (y, at) in (inner.y..).zip(visible) {
        let Some(row) = rows.get(at) else { continue };
        let key = SafeText::from(keys(row)).pad(wide + 2);
        let line = Line::of(" ", Role::Text)
            .add(key, Role::Accent)
            .text(row.help);
        pen.line(inner.x, y, inner.width, &line);
        if at == help.at {
            pen.paint(
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
                Role::Sel,
            );
        }
    }
}

/// One of several.
pub(super) fn draw_menu(menu: &Menu, pen: &mut Pen<'_>, body: Rect) {
    let width = body.width.min(34);
    let height = body.height.min(menu.rows.len() as u16 + 2);
    let area = widgets::middle(body, width, height);
    pen.clear(area);
    let inner = Window::new(menu.title)
        .note("Enter · Esc")
        .focused(true)
        .draw(pen, area);
    let visible = widgets::visible(menu.rows.len(), menu.at, usize::from(inner.height));
    for (y, at) in (inner.y..).zip(visible) {
        let Some((words, _)) = menu.rows.get(at) else {
            continue;
        };
        pen.text(
            inner.x + 1,
            y,
            inner.width.saturating_sub(2),
            words.as_str(),
            Role::Text,
        );
        if let Some((_, sort)) = menu.now.filter(|(now, _)| *now == at) {
            let sign = match sort {
                Sort::Up => pen.glyphs().sort_up,
                Sort::Down => pen.glyphs().sort_down,
            };
            let now = Line::of(sign, Role::Accent);
            pen.line_right(inner.x, y, inner.width.saturating_sub(1), &now);
        }
        if at == menu.at {
            let row = Rect {
                y,
                height: 1,
                ..inner
            };
            pen.paint(row, Role::Sel);
        }
    }
}

/// What is about to be done to the queue.
pub(super) fn draw_sheet(sheet: &Sheet, facts: &Facts<'_>, pen: &mut Pen<'_>, body: Rect) {
    let summary = sheet.summary();
    let many = numbers::many(sheet.meant(), "message");
    let title = format!("{} {many}?", sheet::word(sheet.verb));
    let (scope, aim) = match sheet.chosen() {
        // Who may not act is given a command to copy.
        Some(choice) => match choice.targets.as_slice() {
            [one] if sheet.blocked.is_some() => (choice.label.clone(), Aim::One(&one.key.queue_id)),
            many => (choice.label.clone(), Aim::Many(many.len())),
        },
        None => (SafeText::from("the whole queue"), Aim::WholeQueue),
    };
    let command = SafeText::from(command_line(sheet.verb, aim, facts.setting.config_dir()));
    let room = usize::from(body.width.saturating_sub(16)).min(76);
    let mut drawn = widgets::Sheet::new(title)
        .note("any other key cancels")
        .line("Scope", scope);
    if let Some(other) = sheet.other() {
        drawn = drawn.line(
            "",
            Line::of("Tab: ", Role::Dim).add(&other.label, Role::Dim),
        );
    }
    for text in sheet.blocked.iter().flat_map(|why| wrap(why, room)) {
        drawn = drawn.line("", Line::of(text, Role::Bounce));
    }
    // What must not be missed comes first: on a low screen the end is cut.
    for (nth, text) in wrap(&command, room).into_iter().enumerate() {
        drawn = drawn.line(
            if nth == 0 { "Command" } else { "" },
            Line::of(text, Role::Accent),
        );
    }
    drawn = drawn
        .line("Senders", senders(summary, room))
        .line("Size", numbers::bytes(summary.bytes));
    if sheet.left() > 0 {
        let left = format!(
            "{} left the queue since",
            numbers::count(sheet.left() as u64)
        );
        drawn = drawn.line("", Line::of(left, Role::Dim));
    }
    if facts.setting.mode != Mode::Live {
        drawn = drawn.line(
            "",
            Line::of(
                "demo: the tape's own queue answers, nothing real is touched",
                Role::Dim,
            ),
        );
    }
    drawn = drawn.blank();
    let grave = sheet.verb == Verb::Delete;
    if grave {
        drawn = drawn.line("", Line::of("This cannot be undone.", Role::Bounce));
    }
    for text in wrap(&SafeText::from(sheet::warning(sheet.verb)), room) {
        drawn = drawn.line("", Line::of(text, Role::Text));
    }
    if sheet.chosen().is_some() {
        drawn = drawn.line(
            "",
            Line::of(
                "Each is checked again just before: gone ones are skipped.",
                Role::Dim,
            ),
        );
    }
    if let Some(count) = sheet.count() {
        drawn = drawn.input("Type the count to delete:", count.digits());
    }
    let (choices, focus) = choices(sheet, grave);
    drawn.choices(choices, focus).draw(pen, body);
}

/// Whose messages are meant: as many senders as there is room for, at most three, and how many more there are.
fn senders(summary: &Summary, room: usize) -> SafeText {
    let words = |shown: usize| {
        let shown_ones = summary.senders.iter().take(shown);
        let mut words: Vec<String> = shown_ones
            .map(|(sender, count)| format!("{} {}", sender.cut(32), numbers::count(*count as u64)))
            .collect();
        let others = summary.senders.len().saturating_sub(shown);
        if others > 0 {
            words.push(numbers::many(others, "other"));
        }
        SafeText::from(words.join(" · "))
    };
    let fits = (1..=3).rev().map(words).find(|words| words.width() <= room);
    fits.unwrap_or_else(|| words(1).cut(room))
}

/// What can be done, and which of it has the focus: to cancel, until the whole count stands there.
fn choices(sheet: &Sheet, grave: bool) -> (Vec<Choice>, usize) {
    if sheet.blocked.is_some() {
        return (vec![Choice::new("Esc", "close")], 0);
    }
    let yes = match sheet.count() {
        Some(_) => Choice::new("Enter", "delete"),
        None => Choice::new("y", "yes, do it"),
    };
    let yes = if grave { yes.grave() } else { yes };
    let mut choices = vec![yes, Choice::new("Esc", "cancel")];
    if sheet.can_hold() {
        choices.push(Choice::new("h", "hold them instead"));
    }
    let counted = sheet.count().is_some_and(TypedCount::is_right);
    (choices, usize::from(!counted))
}

/// What came of an action.
pub(super) fn draw_receipt(receipt: &Receipt, pen: &mut Pen<'_>, body: Rect) {
    let room = usize::from(body.width.saturating_sub(16)).min(76);
    let mut drawn = widgets::Sheet::new(format!("{}: what came of it", sheet::word(receipt.verb)))
        .note("any key closes");
    let numbers = format!(
        "{} asked · {} matched · {} done",
        receipt.asked, receipt.matched, receipt.done
    );
    drawn = drawn.line("Result", Line::from(numbers));
    for text in wrap(&receipt.command, room) {
        drawn = drawn.line("Command", Line::of(text, Role::Accent));
    }
    if let Some(failure) = &receipt.failure {
        for text in wrap(failure, room) {
            drawn = drawn.line("Problem", Line::of(text, Role::Bounce));
        }
    }
    for (key, why) in receipt.skipped.iter().take(6) {
        drawn = drawn.line("Skipped", Line::from(format!("{}: {why}", key.queue_id)));
    }
    if receipt.skipped.len() > 6 {
        drawn = drawn.line(
            "",
            Line::of(format!("and {} more", receipt.skipped.len() - 6), Role::Dim),
        );
    }
    if receipt.failure.is_some() && !receipt.stderr.is_empty() {
        for text in wrap(&receipt.stderr, room).into_iter().take(4) {
            drawn = drawn.line("It said", Line::of(text, Role::Dim));
        }
    }
    drawn.draw(pen, body);
}
