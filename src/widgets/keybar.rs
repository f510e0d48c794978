//! The last line of the screen: keys and what they do.

use ratatui::layout::Rect;

use super::{Line, Pen};
use crate::safe_text::SafeText;
use crate::theme::Role;

/// Draws ` ?help  Enter drill  …  q quit` into the first row of the area. The first pair always stays, and the last as long as both fit; of the
/// others the later ones are left out first. Where all fit only with single blanks between them, single blanks are used.
pub fn keybar(pen: &mut Pen<'_>, area: Rect, keys: &[(&str, &str)]) {
    let area = area.intersection(pen.area());
    if area.height == 0 {
        return;
    }
    let pairs: Vec<Line> = keys.iter().map(|(key, label)| words(key, label)).collect();
    let Some((last, before)) = pairs.split_last() else {
        return;
    };
    let room = usize::from(area.width).saturating_sub(1);
    let fits = |count: usize, gap: usize| {
        let shown = before.get(..count).unwrap_or(before);
        shown.iter().map(|line| line.width() + gap).sum::<usize>() + last.width() <= room
    };
    let gap = if fits(before.len(), 2) { 2 } else { 1 };
    let minimum = before.len().min(1);
    let Some(count) = (minimum..=before.len())
        .rev()
        .find(|count| fits(*count, gap))
    else {
        let first = before.first().unwrap_or(last).clone();
        pen.line(area.x, area.y, area.width, &Line::from(" ").then(first));
        return;
    };
    let mut line = Line::from(" ");
    for word in before.iter().take(count) {
        line = line.then(word.clone()).text(" ".repeat(gap));
    }
    pen.line(area.x, area.y, area.width, &line.then(last.clone()));
}

fn words(key: &str, label: &str) -> Line {
    // "?help" is written together, as it is the one that a newcomer must find.
    let label = SafeText::from(label);
    let blank = if key == "?" { "" } else { " " };
    Line::of(key, Role::Accent).text(blank).text(label)
}
