//! What is said of the selected account: why it is flagged, its rate, what waits of it, where it sends, and where it was last.

use super::failures::source_words;
use super::senders::sign_role;
use super::{Accounts, Panel, empty, known, moment};
use crate::model::accounts::judge::{self, Judgement, Why};
use crate::model::feeds::Source;
use crate::model::queue::Message;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, age, inset, over_time};
use crate::widgets::{Line, Pen, Window, wrap};
use chrono::TimeDelta;
use ratatui::layout::Rect;
use std::sync::Arc;

/// Values of the chart, two for each column of a wide panel.
const VALUES: usize = 120;
/// The least height of the chart.
const CHART: u16 = 4;
/// Destinations and senders that are named.
const NAMED: usize = 4;

/// What is said of one account.
#[derive(Debug, Clone)]
pub(super) struct Detail {
    name: Arc<str>,
    judgement: Option<Judgement>,
    /// Recipients per minute.
    rate: Vec<Option<f64>>,
    /// Where they lie in the chart.
    reach: (f64, f64),
    /// The words before a line, the line.
    lines: Vec<(&'static str, Line)>,
}

/// The envelope senders of an account.
fn senders<'a>(account: &str, facts: &Facts<'a>) -> Vec<&'a str> {
    let account = facts.model.told().accounts.get(account);
    let senders = account.map(|account| account.senders()).unwrap_or_default();
    senders
        .into_iter()
        .map(|(sender, _)| &**sender)
        .filter(|sender| !sender.is_empty())
        .collect()
}

/// The listed messages from envelope senders of an account. The listing does not say whose a message is.
pub(super) fn queued<'a>(
    account: &str,
    facts: &Facts<'a>,
) -> impl Iterator<Item = &'a Message> + use<'a> {
    let senders = senders(account, facts);
    facts.model.queue.messages().filter(move |message| {
        let mut senders = senders.iter();
        senders.any(|sender| sender.eq_ignore_ascii_case(&message.target.sender))
    })
}

impl Accounts {
    pub(super) fn explain(&self, facts: &Facts<'_>) -> Option<Detail> {
        let row = self.selected()?;
        let account = facts.model.told().accounts.get(&row.name)?;
        let until = facts.until;
        let shown = facts.shown();
        let minutes = shown.minutes();
        let range = TimeDelta::minutes(minutes.count());
        let each = minutes.count() as f64 / VALUES as f64;
        let rate = account.curve(shown.until, range, VALUES);
        let rate = rate.into_iter().map(|many| many / each).collect();
        let mut lines = vec![("Queue now", queue_line(&row.name, facts))];
        let domains = account.destinations();
        let to = domains
            .iter()
            .map(|(name, outcomes)| (&***name, outcomes.attempts()));
        let gone = account.destinations_gone() as usize;
        lines.push(("To", named(to, domains.len() + gone, "no attempt yet")));
        let senders = account.senders();
        let own =
            senders.len() == 1 && senders.iter().all(|(sender, _)| sender[..] == row.name[..]);
        if !own && !senders.is_empty() {
            let from = senders.iter().map(|(name, many)| match &***name {
                "" => ("<>", *many),
                name => (name, *many),
            });
            lines.push(("Sends as", named(from, senders.len(), "")));
        }
        let usual = judge::usual(account, until).map_or_else(
            || String::from("not known yet"),
            |usual| format!("{}/h when it sends", numbers::count(usual)),
        );
        let seen = account
            .first()
            .map(|first| age((until - first).num_seconds()));
        let since = format!(
            "{usual} · known for {} · {}",
            seen.unwrap_or_default(),
            numbers::many(account.party.recipients as usize, "rcpt")
        );
        lines.push(("Usual", Line::of(since, Role::Dim)));
        if let Some(last) = &row.last {
            let address = last
                .address
                .map_or(String::from("an unknown address"), |address| {
                    address.to_string()
                });
            let method = last
                .method
                .as_deref()
                .map(|method| format!(" ({method})"))
                .unwrap_or_default();
            lines.push((
                "Last mail",
                Line::from(format!("{} from {address}{method}", moment(last.at, facts))),
            ));
        }
        lines.push(("Failures", self.failures_line(&row.name)));
        Some(Detail {
            name: Arc::clone(&row.name),
            judgement: row.judgement.clone(),
            rate: known(rate, (shown.until, range), facts),
            reach: shown.reach(minutes),
            lines,
        })
    }

    /// Failed logins as this account.
    fn failures_line(&self, name: &str) -> Line {
        let mut users = self.failed.users.iter();
        let Some(row) = users.find(|row| row.user.eq_ignore_ascii_case(name)) else {
            return Line::of("no failed login as this account", Role::Dim);
        };
        let failed = format!(
            "{} from {}",
            numbers::count(row.failures),
            numbers::many(row.sources as usize, "source")
        );
        match row.success {
            Some((source, _)) => {
                Line::from(failed).add(format!(", then success from {source}"), Role::Defer)
            }
            None => Line::from(failed),
        }
    }

    /// All failed logins in one line, for where their tables have no room.
    fn logins_line(&self) -> Line {
        let failed = &self.failed;
        if failed.total == 0 {
            return Line::of("none failed", Role::Dim);
        }
        let mut line = Line::from(format!("{} failed", numbers::count(failed.total)));
        if let Some(worst) = failed.sources.first() {
            let words = format!(
                " · worst {} {}",
                source_words(worst.source),
                numbers::count(worst.failures)
            );
            line = line.add(words, Role::Dim);
        }
        if let Some(worst) = failed.users.first() {
            let words = format!(" · {} {}", worst.user, numbers::count(worst.failures));
            line = line.add(words, Role::Dim);
        }
        line
    }

    pub(super) fn draw_detail(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let Some(detail) = &self.detail else {
            let inner = Window::new("Account").draw(pen, area);
            empty::lines(pen, inner, &[Line::of("Nothing is selected.", Role::Dim)]);
            return;
        };
        let focused = self.panel == Panel::Senders && facts.alone;
        let note = match &detail.judgement {
            Some(judgement) => flagged(judgement, facts),
            None => Line::of("nothing out of the ordinary", Role::Dim),
        };
        let window = Window::new(SafeText::from(&*detail.name))
            .note(note)
            .focused(focused)
            .old(facts.old(&[Source::Log]));
        let inner = inset(window.draw(pen, area));
        let mut above: Vec<Line> = Vec::new();
        for why in detail
            .judgement
            .iter()
            .flat_map(|judgement| &judgement.whys)
        {
            let words = SafeText::from(why.sentence());
            let columns = usize::from(inner.width).saturating_sub(2);
            for (nth, row) in wrap(&words, columns).into_iter().enumerate() {
                let sign = if nth == 0 { "· " } else { "  " };
                let role = if matches!(why, Why::Bounces { .. }) {
                    Role::Bounce
                } else {
                    Role::Text
                };
                above.push(Line::of(sign, Role::Dim).add(row, role));
            }
        }
        let beside = (area.width == facts.body.width).then(|| ("Logins", self.logins_line()));
        let below: Vec<Line> = detail
            .lines
            .iter()
            .chain(&beside)
            .map(|(title, line)| Line::of(format!("{title:<10} "), Role::Dim).then(line.clone()))
            .collect();
        let (up, down) = (above.len() as u16, below.len() as u16);
        let chart = inner.height.saturating_sub(up + down);
        let drawn = pen.lines(inner, &above);
        let rest = Rect {
            y: inner.y + drawn,
            height: inner.height - drawn,
            ..inner
        };
        if chart >= CHART {
            let caption = u16::from(chart > CHART);
            if caption > 0 {
                pen.text(rest.x, rest.y, rest.width, "recipients/min", Role::Dim);
            }
            let plot = Rect {
                y: rest.y + caption,
                height: chart - caption,
                ..rest
            };
            over_time(&detail.rate, Role::Accent, facts)
                .reaching(detail.reach)
                .draw(pen, plot);
        }
        let at = if chart >= CHART { chart } else { 0 };
        let foot = Rect {
            y: rest.y + at,
            height: rest.height - at,
            ..rest
        };
        pen.lines(foot, &below);
    }
}

/// `▲ flagged 10:58 · recipients/min below`
fn flagged(judgement: &Judgement, facts: &Facts<'_>) -> Line {
    let sign = facts.theme.glyphs().alert;
    let words = judgement.began.map_or_else(
        || format!("{sign} flagged"),
        |began| {
            let at = began.with_timezone(&facts.model.zone()).format("%H:%M");
            let ago = age((facts.until - began).num_seconds());
            format!("{sign} since {at} · {ago} ago")
        },
    );
    Line::of(words, sign_role(judgement))
}

/// `1 311 deferred · 204 active · from its senders`
fn queue_line(account: &str, facts: &Facts<'_>) -> Line {
    if facts.model.queue.listed().at.is_none() {
        return Line::of("the queue was not listed yet", Role::Dim);
    }
    let queued = facts.standing.from(senders(account, facts).into_iter());
    let counts = [
        queued.deferred,
        queued.active + queued.incoming,
        queued.hold,
    ];
    let names = [
        ("deferred", Role::Defer),
        ("active", Role::Text),
        ("held", Role::Hold),
    ];
    let mut line = Line::new();
    for (count, (name, role)) in counts.into_iter().zip(names) {
        if count > 0 {
            let count = numbers::count(count.unsigned_abs());
            line = line
                .add(format!("{count} {name}"), role)
                .add(" · ", Role::Dim);
        }
    }
    match counts {
        [0, 0, 0] => Line::of("nothing from its senders", Role::Dim),
        _ => line.add("from its senders · h: hold them", Role::Dim),
    }
}

/// `gmail.com 812 · hotmail.com 511 · 3 more`
fn named<'a>(names: impl Iterator<Item = (&'a str, u64)>, all: usize, none: &str) -> Line {
    let mut line = Line::new();
    for (nth, (name, many)) in names.take(NAMED).enumerate() {
        let dot = if nth > 0 { " · " } else { "" };
        line = line
            .add(dot, Role::Dim)
            .text(name)
            .add(format!(" {}", numbers::count(many)), Role::Dim);
    }
    match all {
        0 => Line::of(none, Role::Dim),
        all if all > NAMED => line.add(format!(" · {} more", all - NAMED), Role::Dim),
        _ => line,
    }
}
