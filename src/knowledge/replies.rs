//! What replies mean: `knowledge/replies.toml`, read and asked.
//!
//! In goes a [`Reason`] and, where it is known, the provider that said it; out comes the first entry that fits. Entries are tried in the order of the table, and
//! those of a user's own table come before all others, so whoever knows better can say so. An entry fits if each of its conditions holds; of the values of one
//! condition any will do. Texts are looked for in small letters.

use super::{Class, Provider, Retry};
use crate::model::reasons::Reason;
use crate::model::reasons::frame::Stage;
use crate::safe_text::SafeText;
use chrono::NaiveDate;
use mailtop_parsers::EnhancedStatus;
use memchr::memmem;
use serde::Deserialize;
use std::ops::RangeInclusive;

/// What is known of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who says it; `None` for texts of Postfix and of mail servers in general.
    pub provider: Option<SafeText>,
    /// What kind of failure it tells of.
    pub class: Class,
    /// What it means, in a sentence.
    pub meaning: SafeText,
    /// Whether another attempt can succeed.
    pub retry_helps: Retry,
    /// What to do; empty if there is nothing to do but wait.
    pub advice: SafeText,
    /// Where this is known from.
    pub source: SafeText,
    /// When it was read there.
    pub date: NaiveDate,
    when: When,
}

/// The conditions. An empty list is no condition.
#[derive(Debug, Clone, PartialEq, Eq)]
struct When {
    text: Vec<Box<str>>,
    code: Vec<u16>,
    status: Vec<Statuses>,
    stage: Vec<Stage>,
    remote: Option<bool>,
}

/// A set of enhanced status codes: `4.7.28`, `x.7.26`, `4.7.500-699`, `x.1.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statuses {
    class: Option<u8>,
    subject: u16,
    details: RangeInclusive<u16>,
}

/// An entry as it stands in the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    provider: Option<String>,
    #[serde(default)]
    text: Vec<String>,
    #[serde(default)]
    code: Vec<u16>,
    #[serde(default)]
    status: Vec<String>,
    #[serde(default)]
    stage: Vec<Stage>,
    remote: Option<bool>,
    class: Class,
    meaning: String,
    retry_helps: Retry,
    #[serde(default)]
    advice: String,
    source: String,
    date: toml::value::Datetime,
}

impl TryFrom<Entry> for Reply {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let meaning = SafeText::from(entry.meaning);
        let wrong = |what: String| Err(format!("the reply \"{meaning}\" {what}"));
        if entry.text.is_empty()
            && entry.code.is_empty()
            && entry.status.is_empty()
            && entry.stage.is_empty()
        {
            return wrong(
                "would fit every reply; give it a text, a status, a code or a stage".into(),
            );
        }
        if entry.text.iter().any(|text| text.trim().len() < 3) {
            return wrong("has a text of less than three letters, which would fit too much".into());
        }
        if let Some(code) = entry.code.iter().find(|code| !(200..600).contains(*code)) {
            return wrong(format!("has the reply code {code}; SMTP has 200 to 599"));
        }
        let date = entry.date.to_string();
        let Ok(date) = date.parse() else {
            return wrong(format!("has the date {date}; write it like 2026-11-24"));
        };
        let mut status = Vec::with_capacity(entry.status.len());
        for text in &entry.status {
            match Statuses::new(text) {
                Some(set) => status.push(set),
                None => {
                    return wrong(format!(
                        "has the status \"{}\"; write it like \"4.7.28\", \"x.7.26\", \"4.7.500-699\" or \"x.1.*\"",
                        SafeText::from(text.as_str())
                    ));
                }
            }
        }
        Ok(Self {
            provider: entry.provider.map(SafeText::from),
            class: entry.class,
            retry_helps: entry.retry_helps,
            advice: entry.advice.into(),
            source: entry.source.into(),
            date,
            when: When {
                text: entry
                    .text
                    .iter()
                    .map(|text| text.to_lowercase().into())
                    .collect(),
                code: entry.code,
                status,
                stage: entry.stage,
                remote: entry.remote,
            },
            meaning,
        })
    }
}

impl Statuses {
    fn new(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let class = match class {
            "x" => None,
            "4" => Some(4),
            "5" => Some(5),
            _ => return None,
        };
        let number = |text: &str| text.parse().ok().filter(|number: &u16| *number < 1000);
        let details = match detail.split_once('-') {
            Some((first, last)) => number(first)?..=number(last)?,
            None if detail == "*" => 0..=999,
            None => number(detail)?..=number(detail)?,
        };
        (!details.is_empty()).then_some(Self {
            class,
            subject: number(subject)?,
            details,
        })
    }

    fn hold(&self, status: EnhancedStatus) -> bool {
        self.class.is_none_or(|class| class == status.class)
            && self.subject == status.subject
            && self.details.contains(&status.detail)
    }
}

/// A reason as the conditions look at it: made once for the whole table.
pub(super) struct Asked<'a> {
    reason: &'a Reason,
    small: String,
    provider: Option<Provider>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(provider: Option<Provider>, reason: &'a Reason) -> Self {
        Self {
            reason,
            small: reason.words.as_str().to_lowercase(),
            provider,
        }
    }
}

impl Reply {
    pub(super) fn fits(&self, asked: &Asked<'_>) -> bool {
        let when = &self.when;
        let reason = asked.reason;
        let of_provider = match (&self.provider, asked.provider) {
            (None, _) => true,
            (Some(own), Some(provider)) => own.as_str() == provider.name(),
            // A relay between us may repeat a provider's words; a bare code proves nothing about who said it.
            (Some(_), None) => !when.text.is_empty(),
        };
        of_provider
            && when.remote.is_none_or(|remote| remote == reason.remote)
            && (when.code.is_empty() || reason.code.is_some_and(|code| when.code.contains(&code.0)))
            && (when.status.is_empty()
                || reason
                    .dsn
                    .is_some_and(|dsn| when.status.iter().any(|set| set.hold(dsn))))
            && (when.stage.is_empty()
                || reason
                    .stage
                    .is_some_and(|stage| when.stage.contains(&stage)))
            && (when.text.is_empty()
                || when
                    .text
                    .iter()
                    .any(|text| memmem::find(asked.small.as_bytes(), text.as_bytes()).is_some()))
    }
}
