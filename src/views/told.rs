//! Up to when a source has told what a panel shows, and how old that is.
//!
//! A panel names the sources that it lives from. When all of them are lost it keeps what they told last, and its window is given an [`Old`],
//! which fades it and says the age; when they are back, nothing is left of that. The same words, without fading, tell that the queue is
//! listed seldom because listing it takes long, and that nothing was logged for minutes where no log is followed. A log that is followed and
//! tells nothing is quiet, not lost: that is said once, in the second line.

use super::{Facts, coming};
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::widgets::Old;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// A listing that takes longer makes the queue old between two of them.
const SLOW: Duration = Duration::from_secs(2);

impl Facts<'_> {
    /// The moment that is looked at, or the one up to which the sources told: where no news comes, time stands still.
    pub(super) fn told_until(&self, sources: &[Source]) -> DateTime<Utc> {
        self.lost(sources)
            .map_or(self.until, |(_, told)| told.min(self.until))
    }

    /// The same facts as of [`Facts::told_until`].
    pub(super) fn as_told_by(mut self, sources: &[Source]) -> Self {
        self.until = self.told_until(sources);
        self
    }

    /// How old what a panel shows is that lives from these sources; `None` when it is new, or of the past anyway.
    pub(super) fn old(&self, sources: &[Source]) -> Option<Old> {
        let now = self.model.now();
        if let Some((source, told)) = self.lost(sources) {
            let words = age(source, now - told);
            return (told < now && told <= self.until).then(|| Old {
                words: words.clone(),
                short: words,
                lost: true,
            });
        }
        if self.until < now {
            return None;
        }
        match sources {
            [Source::Queue] => self.slow(),
            [Source::Log] => self.silent(),
            _ => None,
        }
    }

    /// The source that told last, and up to when, if all of them are lost.
    fn lost(&self, sources: &[Source]) -> Option<(Source, DateTime<Utc>)> {
        let told = sources.iter().map(|source| {
            let told = self.model.told_until(*source)?;
            Some((*source, told))
        });
        let told: Option<Vec<_>> = told.collect();
        told?.into_iter().max_by_key(|(_, told)| *told)
    }

    /// `queue 14 s old, each read takes 9 s → every 90 s`
    fn slow(&self) -> Option<Old> {
        let listed = self.model.queue.listed();
        let (at, next) = (listed.at?, listed.next?);
        let took = Some(listed.took).filter(|took| *took > SLOW)?;
        let every = (next - at).to_std().unwrap_or_default() + took;
        let short = age(Source::Queue, self.model.now() - at);
        let words = format!(
            "{short}, each read takes {} → every {}",
            numbers::age_in_words(took),
            numbers::age_in_words(every)
        );
        Some(Old {
            words: words.into(),
            short,
            lost: false,
        })
    }

    /// `no line since 11:02`, of a log that is followed and tells nothing; `None` in the past.
    pub(super) fn quiet(&self) -> Option<SafeText> {
        let now = self.until >= self.model.now() && self.model.feeds.is_up(Source::Log);
        now.then(|| self.no_line_since()).flatten()
    }

    fn no_line_since(&self) -> Option<SafeText> {
        let since = self.model.silent_since()?;
        Some(SafeText::from(format!(
            "no line since {}",
            coming(since, self)
        )))
    }

    /// The same where no log is followed.
    fn silent(&self) -> Option<Old> {
        let words = self
            .no_line_since()
            .filter(|_| !self.model.feeds.is_up(Source::Log))?;
        Some(Old {
            words: words.clone(),
            short: words,
            lost: false,
        })
    }
}

/// `queue 4 min old`
fn age(source: Source, age: TimeDelta) -> SafeText {
    let age = numbers::age_in_words(age.to_std().unwrap_or_default());
    SafeText::from(format!("{} {age} old", source.name()))
}
