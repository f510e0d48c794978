//! What mailtop found on this host, and what is missing with the way to mend it: the first thing to look at on a new host, and when a
//! source is lost.

use crate::app::setting::Mode;
use crate::model::feeds::{Feed, FeedState};
use crate::model::limits::Asked;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, clock};
use crate::widgets::{Line, Pen, Window, middle, wrap};
use ratatui::layout::Rect;

/// Columns of the names on the left.
const NAMES: usize = 15;

/// One row: how it is, what, and the words.
struct Row {
    good: Option<bool>,
    name: SafeText,
    words: SafeText,
}

/// Draws it over the view.
pub(super) fn draw(facts: &Facts<'_>, pen: &mut Pen<'_>, body: Rect) {
    let width = body.width.min(100);
    let room = usize::from(width).saturating_sub(NAMES + 7);
    let mut lines = vec![Line::new()];
    for row in rows(facts) {
        lines.extend(row.lines(facts, room));
    }
    lines.push(Line::new());
    let height = body.height.min(lines.len() as u16 + 2);
    let area = middle(body, width, height);
    pen.clear(area);
    let inner = Window::new("What mailtop found")
        .note("any key closes")
        .focused(true)
        .draw(pen, area);
    pen.lines(inner, &lines);
}

fn rows(facts: &Facts<'_>) -> Vec<Row> {
    let model = facts.model;
    let mut rows = Vec::new();
    let mut sources: Vec<_> = model.feeds.states().collect();
    sources.sort_by_key(|(feed, _)| **feed != Feed::Queue);
    for (feed, state) in sources {
        let (name, words) = match feed {
            Feed::Queue => (SafeText::from("queue"), listing(facts)),
            Feed::Log(path) => (SafeText::from("mail log"), log(path, facts)),
            Feed::Journal => (SafeText::from("journal"), log("systemd's journal", facts)),
            Feed::Host => (
                SafeText::from("host"),
                String::from("figures every two seconds"),
            ),
        };
        rows.push(match state {
            FeedState::Up => Row::new(Some(true), name, words),
            FeedState::Waiting { why } => Row::new(None, name, why.as_str()),
            FeedState::Lost { why, .. } => Row::new(Some(false), name, why.as_str()),
        });
    }
    if rows.is_empty() {
        rows.push(Row::new(
            None,
            SafeText::from("sources"),
            "none has answered yet",
        ));
    }
    for (_, remark) in model.feeds.remarks() {
        rows.push(Row::new(None, SafeText::default(), remark.as_str()));
    }
    for (feed, loss) in model.feeds.losses() {
        let name = match feed {
            Feed::Log(path) => SafeText::from(&**path),
            other => SafeText::from(format!("{other:?}")),
        };
        let words = format!("{name}: {} could not be read", numbers::bytes(loss.bytes));
        rows.push(Row::new(Some(false), SafeText::from("lost"), words));
    }
    if let Some(reading) = &model.reading {
        rows.push(Row::new(
            None,
            SafeText::from("rotated logs"),
            reading.as_str(),
        ));
    }
    let lifetime = model.settings.and_then(|settings| settings.lifetime(false));
    rows.push(match (model.settings, lifetime) {
        (None, _) => Row::new(None, SafeText::from("postconf"), "not asked yet"),
        (Some(_), Some(lifetime)) => {
            let words = format!("mail is given up after {} h", lifetime.num_hours());
            Row::new(Some(true), SafeText::from("postconf"), words)
        }
        (Some(_), None) => Row::new(
            Some(false),
            SafeText::from("postconf"),
            "did not say how long mail is kept: run postconf maximal_queue_lifetime to see why",
        ),
    });
    rows.push(asked("process limits", &model.limits.postfix));
    rows.push(asked("Dovecot limits", &model.limits.dovecot));
    rows.push(match (&facts.setting.no_actions, facts.setting.mode) {
        (_, Mode::Demo | Mode::Replay) => Row::new(
            None,
            SafeText::from("actions"),
            "a tape: nothing real is touched",
        ),
        (None, Mode::Live) => Row::new(
            Some(true),
            SafeText::from("actions"),
            "hold, release, requeue, flush and delete are allowed",
        ),
        (Some(why), Mode::Live) => Row::new(Some(false), SafeText::from("actions"), why.as_str()),
    });
    rows
}

fn asked<T>(name: &'static str, asked: &Asked<T>) -> Row {
    let name = SafeText::from(name);
    match (asked.known(), asked.why()) {
        (Some(_), _) => Row::new(Some(true), name, "known"),
        (None, Some(why)) => Row::new(Some(false), name, why.as_str()),
        (None, None) => Row::new(None, name, "not asked yet"),
    }
}

fn listing(facts: &Facts<'_>) -> String {
    let listed = facts.model.queue.listed();
    let messages = numbers::many(facts.model.queue.messages().len(), "message");
    match listed.at {
        Some(at) => format!(
            "postqueue -j: {messages} at {}, took {:.2} s",
            clock(at, facts),
            listed.took.as_secs_f64()
        ),
        None => String::from("postqueue -j: the first listing runs"),
    }
}

fn log(path: &str, facts: &Facts<'_>) -> String {
    let lines = numbers::count(facts.model.told().lines.read);
    match facts.model.last_line() {
        Some(last) => format!(
            "{path}: {lines} lines read, the newest of {}",
            clock(last, facts)
        ),
        None => format!("{path}: no line yet"),
    }
}

impl Row {
    fn new(good: Option<bool>, name: SafeText, words: impl Into<SafeText>) -> Self {
        Self {
            good,
            name,
            words: words.into(),
        }
    }

    fn lines(&self, facts: &Facts<'_>, room: usize) -> Vec<Line> {
        let glyphs = facts.theme.glyphs();
        let (sign, role) = match self.good {
            Some(true) => (glyphs.ok, Role::Ok),
            Some(false) => (glyphs.bounced, Role::Bounce),
            None => (glyphs.zero, Role::Dim),
        };
        let wrapped = wrap(&self.words, room.max(10)).into_iter().enumerate();
        wrapped
            .map(|(nth, words)| {
                let head = if nth == 0 {
                    Line::of(format!("  {sign} "), role).add(self.name.pad(NAMES), Role::Head)
                } else {
                    Line::from(" ".repeat(NAMES + 4))
                };
                head.text(words)
            })
            .collect()
    }
}
