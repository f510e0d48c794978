//! Alarms: the trouble that a person should see first, each as one sentence with its evidence.
//!
//! A check looks at the model and phrases what it found. Growth counts, not size: a large old queue is "largely harmless",
//! a young one that grows is an incident (Postfix, `QSHAPE_README`). What is growth beyond the usual is [`Growth`]'s business;
//! the queue as a whole comes first, and a domain that it already names is not told of again.

mod dovecot;
mod host;

use crate::model::accounts;
use crate::model::accounts::judge::{self, Judgement};
use crate::model::feeds::{Feed, FeedState, Source};
use crate::model::growth::Growth;
use crate::model::reasons::Reason;
use crate::model::stuck::Domain;
use crate::model::thresholds::Threshold;
use crate::model::{Model, SILENCE};
use crate::numbers;
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Accounts that are named each in an alarm of its own.
const NAMED: usize = 3;

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The sentence.
    pub text: SafeText,
    /// The recipient domain that it is about.
    pub domain: Option<Arc<str>>,
    /// The part of the sentence that may be cut short: the server's words.
    pub words: SafeText,
}

impl Alarm {
    /// The sentence within so many columns, as far as cutting the server's words does it: what follows them is kept.
    pub fn within(&self, columns: usize) -> SafeText {
        /// Fewer columns of a reason tell nothing.
        const FEWEST: usize = 10;
        let over = self.text.width().saturating_sub(columns);
        let words = self.words.width();
        if over == 0 || words <= FEWEST {
            return self.text.clone();
        }
        let short = self.words.cut(words.saturating_sub(over).max(FEWEST));
        SafeText::from(
            self.text
                .as_str()
                .replacen(self.words.as_str(), short.as_str(), 1),
        )
    }
}

/// All alarms, the most urgent first: lost sources (what is shown may be old), growth, the host, silence.
pub fn alarms(model: &Model, domains: &[Domain], growth: &Growth) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = model
        .feeds
        .states()
        .filter_map(|(feed, state)| lost(feed, state))
        .collect();
    let incident = growth.incident();
    if incident {
        alarms.push(whole_queue(model, growth));
    }
    let told = |domain: &Domain| {
        let main = growth.cause.as_ref().filter(|_| incident);
        main.is_some_and(|main| match &main.domain {
            Some(name) => *name == domain.name,
            None => domain
                .main_reason()
                .is_some_and(|reason| *reason.fold == *main.fold),
        })
    };
    let mut growing: Vec<&Domain> = domains
        .iter()
        .filter(|domain| growth.grows(domain) && !told(domain))
        .collect();
    growing.sort_by(|a, b| b.new.cmp(&a.new).then_with(|| a.name.cmp(&b.name)));
    alarms.extend(
        growing
            .into_iter()
            .map(|domain| one_domain(model, growth, domain)),
    );
    alarms.extend(host::alarms(model));
    alarms.extend(accounts(model));
    alarms.extend(dovecot::limits(model).into_iter().map(plain));
    alarms.extend(silence(model));
    alarms.extend(
        model
            .feeds
            .remarks()
            .map(|(_, remark)| plain(remark.as_str())),
    );
    alarms
}

/// From where on there are those of the host, of Dovecot and of silence.
pub fn thresholds(model: &Model) -> Vec<Threshold> {
    let mut all = host::thresholds(model);
    all.push(dovecot::threshold());
    let silence = format!("no line for {} min", SILENCE / 60);
    all.push(Threshold::own("the log", silence));
    all
}

fn plain(text: impl Into<SafeText>) -> Alarm {
    Alarm {
        text: text.into(),
        domain: None,
        words: SafeText::default(),
    }
}

/// `deferred +1 240 in 10 min, 91 % yahoo.com 421 4.7.0 [TSS04] Messages …, began 14:05`
fn whole_queue(model: &Model, growth: &Growth) -> Alarm {
    let span = match growth.span {
        ..60 => format!("{} s", growth.span),
        seconds => format!("{} min", (seconds + 30) / 60),
    };
    let grown = format!("deferred {} in {span}", numbers::delta(growth.grown()));
    let Some(main) = &growth.cause else {
        return plain(grown);
    };
    let whom = match &main.domain {
        Some(domain) => domain.to_string(),
        None => format!("to {}:", numbers::many(main.domains, "domain")),
    };
    let share = main.share * 100.0;
    let text = format!(
        "{grown}, {share:.0} % {whom} {}{}",
        main.reason,
        began(model, main.began)
    );
    Alarm {
        text: text.into(),
        domain: main.domain.clone(),
        words: main.reason.clone(),
    }
}

/// `yahoo.com deferred +3 812 in 10 min · 421 4.7.0 [TSS04] Messages …, began 14:05`
fn one_domain(model: &Model, growth: &Growth, domain: &Domain) -> Alarm {
    let words = domain.main_reason().map(Reason::line).unwrap_or_default();
    let reason = if words.is_empty() {
        String::new()
    } else {
        format!(" · {words}")
    };
    let text = format!(
        "{} deferred +{} in 10 min{reason}{}",
        domain.name,
        numbers::count(domain.new as u64),
        began(model, growth.began(domain))
    );
    Alarm {
        text: text.into(),
        domain: Some(Arc::clone(&domain.name)),
        words,
    }
}

/// `account carol@shop.example sends 200/min, 183 times its usual, began 10:58`; who logged in where passwords had been guessed. The worst
/// few are named.
fn accounts(model: &Model) -> Vec<Alarm> {
    let (told, now) = (model.told(), model.now());
    let intrusions = judge::intrusions(&told.auth_failures, now);
    let mut rows = accounts::remarkable(told, &intrusions, now);
    rows.retain(|row| row.judgement.as_ref().is_some_and(Judgement::is_alarming));
    let named = |user: &str| rows.iter().any(|row| row.name.eq_ignore_ascii_case(user));
    let mut guessed: Vec<_> = intrusions
        .into_values()
        .filter(|intrusion| !named(&intrusion.user))
        .collect();
    guessed.sort_by(|a, b| (b.at, &a.user).cmp(&(a.at, &b.user)));
    let sends = rows.iter().filter_map(|row| {
        let judgement = row.judgement.as_ref()?;
        let what = match judgement.times {
            Some(times) => format!(
                " sends {}/min, {} times its usual{}",
                numbers::count(judgement.per_minute),
                numbers::count(times),
                began(model, judgement.began)
            ),
            None => format!(": {}", judgement.whys.first()?.sentence()),
        };
        Some(format!("account {}{what}", row.name))
    });
    let guessed = guessed
        .iter()
        .map(|intrusion| format!("{} {}", intrusion.user, intrusion.sentence()));
    let mut all: Vec<String> = sends.chain(guessed).collect();
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    if more > 0 {
        all.push(format!(
            "{} out of the ordinary (view 5)",
            numbers::many(more, "more account")
        ));
    }
    all.into_iter().map(plain).collect()
}

/// `, began 14:05`
fn began(model: &Model, at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(String::new, |at| {
        format!(", began {}", short_time(model, at))
    })
}

/// `14:05`: the host's time; with the day when that is another one.
fn short_time(model: &Model, at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&model.zone());
    let today = model.now().with_timezone(&model.zone()).date_naive();
    let form = if at.date_naive() == today {
        "%H:%M"
    } else {
        "%a %H:%M"
    };
    at.format(form).to_string()
}

fn lost(feed: &Feed, state: &FeedState) -> Option<Alarm> {
    match (feed, state) {
        (_, FeedState::Up) | (Feed::Queue | Feed::Host, FeedState::Waiting { .. }) => None,
        (_, FeedState::Waiting { why } | FeedState::Lost { why, .. }) => Some(plain(why.as_str())),
    }
}

/// `no line since 11:02 (log rotated? rsyslog stopped?) · D: what was found`; nothing when it is known that no log is there.
fn silence(model: &Model) -> Option<Alarm> {
    let since = model.silent_since()?;
    if model.told_until(Source::Log).is_some() {
        return None;
    }
    let journal = model.feeds.states().any(|(feed, _)| *feed == Feed::Journal);
    let why = if journal {
        "journald stopped?"
    } else {
        "log rotated? rsyslog stopped?"
    };
    Some(plain(format!(
        "no line since {} ({why}) · D: what was found",
        short_time(model, since)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_are_cut_and_what_follows_them_is_kept() {
        let alarm = Alarm {
            text: "deferred +9 in 10 min, 91 % x.example 421 4.7.0 [TSS04] Messages deferred, began 14:05".into(),
            domain: None,
            words: "421 4.7.0 [TSS04] Messages deferred".into(),
        };
        assert_eq!(alarm.within(200), alarm.text);
        assert_eq!(
            alarm.within(75).as_str(),
            "deferred +9 in 10 min, 91 % x.example 421 4.7.0 [TSS04] Messa…, began 14:05"
        );
        assert_eq!(
            alarm.within(10).as_str(),
            "deferred +9 in 10 min, 91 % x.example 421 4.7.0…, began 14:05",
            "a reason keeps ten columns"
        );
        let short = plain("no log line for 6 min");
        assert_eq!(short.within(5), short.text);
    }
}
