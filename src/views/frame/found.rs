//! What mailtop found on this host, and what is missing with the way to mend it: the first thing to look at on a new host, and when a
//! source is lost.

use crate::app::overlay::Opened;
use crate::app::setting::Mode;
use crate::model::Reading;
use crate::model::feeds::{Feed, FeedState, Source};
use crate::model::limits::Asked;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, clock, moment};
use crate::widgets::{Line, Pen, Window, meter, middle, wrap};
use ratatui::layout::Rect;

/// What stands between what is wrong and what mends it, in the sentences of sources and actions.
const FIX: &str = " — ";
/// Columns of the names on the left.
const NAMES: usize = 15;

/// One row: how it is, what, and the words.
struct Row {
    good: Option<bool>,
    name: SafeText,
    words: SafeText,
}

/// Draws it over the view.
pub(super) fn draw(opened: Opened, facts: &Facts<'_>, pen: &mut Pen<'_>, body: Rect) {
    let width = body.width.min(100);
    let room = usize::from(width).saturating_sub(NAMES + 7);
    let (title, note, keys) = match opened {
        Opened::OnDemand => ("What mailtop found", "any key closes", None),
        Opened::ByItself => ("Welcome to mailtop", "what it found here", Some(keys())),
    };
    let mut foot = vec![Line::new()];
    if let Some(reading) = &facts.model.reading {
        foot.extend([progress(reading, width, facts), Line::new()]);
    }
    if let Some(keys) = keys {
        foot.extend([keys, Line::new()]);
    }
    let above = usize::from(body.height).saturating_sub(foot.len() + 2);
    let mut rows = rows(facts);
    let lines = |rows: &[Row]| -> Vec<Line> {
        let lines = rows.iter().flat_map(|row| row.lines(facts, room));
        std::iter::once(Line::new()).chain(lines).collect()
    };
    let mut shown = lines(&rows);
    if shown.len() > above {
        // What is missing comes first where there is too little room.
        rows.sort_by_key(|row| row.good != Some(false));
        shown = lines(&rows);
        shown.truncate(above);
    }
    shown.extend(foot);
    let height = body.height.min(shown.len() as u16 + 2);
    let area = middle(body, width, height);
    pen.clear(area);
    let inner = Window::new(title).note(note).focused(true).draw(pen, area);
    pen.lines(inner, &shown);
}

/// How it is closed, and the way to everything else.
fn keys() -> Line {
    let keys = [
        ("Enter", "start"),
        ("?", "keys"),
        ("D", "this again"),
        ("q", "quit"),
    ];
    let mut line = Line::from("  ");
    for (nth, (key, what)) in keys.into_iter().enumerate() {
        let dot = if nth > 0 { " · " } else { "" };
        line = line
            .add(dot, Role::Dim)
            .add(key, Role::Accent)
            .text(format!(" {what}"));
    }
    line
}

/// `Reading mail.log.2.gz  ━━━━━━━━━━━━──────  68 %  1 204 311 lines`
fn progress(reading: &Reading, width: u16, facts: &Facts<'_>) -> Line {
    let lines = numbers::count(facts.model.told().lines.read);
    let bar = (width / 4).clamp(6, 24);
    Line::of(format!("  Reading {}  ", reading.file.cut(24)), Role::Head)
        .then(meter(
            reading.percent as f64,
            100.0,
            bar,
            Role::Accent,
            facts.theme,
        ))
        .text(format!("  {} %", reading.percent))
        .add(format!("  {lines} lines"), Role::Dim)
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
            // A log that is not there is missing; the first listing only takes its time, and a tape has an end.
            FeedState::Waiting { why } => {
                let missing = Source::Log.has(feed) && facts.setting.mode == Mode::Live;
                Row::new(missing.then_some(false), name, why.as_str())
            }
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
    rows.extend(past(facts));
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
        (Some(why), Mode::Live) => {
            let words = format!("{why} postsuper -h QUEUE-ID");
            Row::new(Some(false), SafeText::from("actions"), words)
        }
    });
    rows
}

/// How far back the logs are read, and whether Dovecot is in them.
fn past(facts: &Facts<'_>) -> Vec<Row> {
    let told = facts.model.told();
    let Some(first) = told.seen.first else {
        return Vec::new();
    };
    let reading = if facts.model.reading.is_some() {
        " so far"
    } else {
        ""
    };
    let words = format!("read back to {}{reading}", moment(first, facts, false));
    let dovecot = match told.dovecot.seen.last {
        Some(last) => {
            let words = format!(
                "logs there too, the newest line of {}",
                moment(last, facts, false)
            );
            Row::new(Some(true), SafeText::from("Dovecot"), words)
        }
        None => Row::new(
            None,
            SafeText::from("Dovecot"),
            "no line of it yet (doveconf log_path says where it logs)",
        ),
    };
    let good = facts.model.reading.is_none().then_some(true);
    vec![Row::new(good, SafeText::from("older logs"), words), dovecot]
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
    let messages = numbers::many(facts.model.queue.count(), "message");
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
        // What mends it stands on lines of its own.
        let (what, fix) = match self.words.as_str().split_once(FIX) {
            Some((what, fix)) => (SafeText::from(what), Some(format!("fix: {fix}"))),
            None => (self.words.clone(), None),
        };
        let fix = fix.map(SafeText::from);
        let parts = std::iter::once(&what).chain(&fix);
        let wrapped = parts.flat_map(|words| wrap(words, room.max(10)));
        wrapped
            .enumerate()
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
