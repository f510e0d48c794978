//! Why: the reasons of deferrals and bounces, and of what was refused on the way in.
//!
//! Facts go in, rows come out, each with its codes apart from its words, and with what is known of such a reply.

use super::{Stamp, span};
use crate::knowledge::Class;
use crate::model::causes::{Cause, Causes};
use crate::model::facts::{Facts, Told};
use crate::safe_text::SafeText;
use mailtop_parsers::{EnhancedStatus, ReplyCode};
use serde::Serialize;

/// How much of something falls to one domain.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Share {
    pub domain: SafeText,
    pub count: u64,
}

/// Why attempts were deferred or recipients bounced.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Reason {
    pub class: &'static str,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsn: Option<SafeText>,
    pub text: SafeText,
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<Stamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Stamp>,
    pub domains: Vec<Share>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_helps: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<SafeText>,
}

impl Reason {
    pub(in crate::reports::summary) fn all(facts: &Facts) -> Vec<Self> {
        let of = |causes: &Causes, status| -> Vec<Self> {
            causes
                .rows()
                .map(|(fold, cause)| Self::of(fold, cause, status, facts))
                .collect()
        };
        let told = facts.told();
        let mut all = of(&told.deferrals, "deferred");
        all.extend(of(&told.bounces, "bounced"));
        all
    }

    fn of(fold: &str, cause: &Cause, status: &'static str, facts: &Facts) -> Self {
        let zone = facts.zone();
        let sample = cause.sample.as_ref().map(|(_, reason)| reason);
        let code = sample.and_then(|reason| reason.code);
        let dsn = sample.and_then(|reason| reason.dsn);
        let (first, last) = span(cause.seen, zone);
        let mut domains: Vec<Share> = cause
            .domains
            .rows()
            .map(|(name, count)| Share {
                domain: SafeText::from(&**name),
                count: *count,
            })
            .collect();
        domains.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.domain.cmp(&b.domain)));
        let reply = sample.and_then(|reason| reason.reply(facts.knowledge()));
        Self {
            class: reply.map_or(Class::Other, |reply| reply.class).as_str(),
            status,
            smtp_code: code.map(|code| code.0),
            dsn: dsn.map(|dsn| SafeText::from(dsn.to_string())),
            text: without_codes(fold, code, dsn),
            count: cause.count,
            first,
            last,
            domains,
            sample: sample.map(|reason| SafeText::from(&*reason.verbatim)),
            command: sample.and_then(|reason| reason.command()),
            meaning: reply.map(|reply| reply.meaning.clone()),
            retry_helps: reply.map(|reply| reply.retry_helps.as_str()),
            advice: reply.map(|reply| reply.advice.clone()),
        }
    }
}

/// A folded reason without the codes that it begins with.
fn without_codes(fold: &str, code: Option<ReplyCode>, dsn: Option<EnhancedStatus>) -> SafeText {
    let code = code.map(|code| code.to_string());
    let dsn = dsn.map(|dsn| dsn.to_string());
    let mut text = fold.trim_start();
    for code in [code, dsn].into_iter().flatten() {
        text = text.strip_prefix(&*code).unwrap_or(text).trim_start();
    }
    SafeText::from(text)
}

/// What was refused, held, discarded or warned of.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "explained in docs/report.md")]
pub struct Reject {
    pub action: SafeText,
    pub stage: SafeText,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsn: Option<SafeText>,
    pub reason: SafeText,
    pub count: u64,
    pub clients: u64,
}

impl Reject {
    pub(in crate::reports::summary) fn all(told: &Told) -> Vec<Self> {
        let rows = told.refusals.rows();
        rows.map(|(_, row)| Self {
            action: SafeText::from(&*row.action),
            stage: SafeText::from(&*row.stage),
            smtp_code: row.code.map(|code| code.0),
            dsn: row.dsn.map(|dsn| SafeText::from(dsn.to_string())),
            reason: without_codes(&row.reason, row.code, row.dsn),
            count: row.count,
            clients: row.clients.count(),
        })
        .collect()
    }

    pub(in crate::reports::summary) fn name(&self) -> SafeText {
        SafeText::from(format!("{} {} {}", self.action, self.stage, self.reason))
    }
}
