//! The panel that has the keys as a table of text.

use super::{Overview, Panel, QUEUES, depth_of};
use crate::app::extract::Extract;
use crate::model::stuck::Domain;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::views::{Facts, WINDOW, age};

/// What that panel shows: all its rows, also those that there is no room for.
pub(super) fn extract(view: &Overview, facts: &Facts<'_>) -> Extract {
    match (view.panel, &view.past) {
        (Panel::Stuck, Some(_)) => then(view),
        (Panel::Stuck, None) => stuck(view, facts),
        (Panel::Queues, _) => queues(view),
        (Panel::Providers, _) => providers(view),
    }
}

fn stuck(view: &Overview, facts: &Facts<'_>) -> Extract {
    let row = |domain: &Domain| {
        let reason = domain.main_reason();
        let dsn = reason.and_then(|reason| reason.dsn);
        vec![
            SafeText::from(&*domain.name),
            SafeText::from(domain.count.to_string()),
            SafeText::from(age(facts.model.now().timestamp() - domain.oldest)),
            SafeText::from(dsn.map(|dsn| dsn.to_string()).unwrap_or_default()),
            reason
                .map(|reason| reason.words.clone())
                .unwrap_or_default(),
        ]
    };
    Extract {
        title: SafeText::from("stuck domains"),
        columns: vec!["Domain", "Count", "Oldest", "DSN", "Reason"],
        rows: facts.standing.stuck.iter().map(row).collect(),
        selected: Some(view.domain.at()),
    }
}

/// What was deferred at the moment in the past that is looked at.
fn then(view: &Overview) -> Extract {
    let rows = view.past.iter().flatten();
    Extract {
        title: SafeText::from("deferred then"),
        columns: vec!["Domain", "Count", "Reason"],
        rows: rows
            .map(|row| {
                vec![
                    SafeText::from(&*row.domain),
                    SafeText::from(row.count.to_string()),
                    SafeText::from(&*row.reason),
                ]
            })
            .collect(),
        selected: None,
    }
}

fn queues(view: &Overview) -> Extract {
    let rows = QUEUES.iter().filter_map(|(name, scope, _)| {
        let depth = depth_of(view.now()?, *scope);
        let before = view.before.map(|before| depth_of(before.depth, *scope));
        Some(vec![
            SafeText::from(*name),
            SafeText::from(depth.to_string()),
            SafeText::from(before.map_or_else(String::new, |before| (depth - before).to_string())),
        ])
    });
    Extract {
        title: SafeText::from("queues"),
        columns: vec!["Queue", "Messages", "Change"],
        rows: rows.collect(),
        selected: Some(view.queue),
    }
}

fn providers(view: &Overview) -> Extract {
    let rows = view.providers.iter().map(|(provider, tally)| {
        let outcomes = tally.outcomes;
        let share = |count| {
            let share = outcomes.share(count).map(numbers::percent);
            SafeText::from(share.unwrap_or_default())
        };
        vec![
            SafeText::from(provider.name()),
            SafeText::from(outcomes.attempts().to_string()),
            share(outcomes.sent),
            share(outcomes.deferred),
            share(outcomes.bounced),
        ]
    });
    Extract {
        title: SafeText::from(format!("providers, last {WINDOW} min")),
        columns: vec!["Provider", "Attempts", "Sent %", "Deferred %", "Bounced %"],
        rows: rows.collect(),
        selected: Some(view.provider.at()),
    }
}
