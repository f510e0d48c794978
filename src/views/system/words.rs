//! A resource in words: how much is used, when it is full, and how urgent that is.

use crate::app::extract::Extract;
use crate::model::headroom::{Full, NEAR, Resource, SOON, Used};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;

/// The name in so many columns: of a long path its end is kept, and what of it is meant.
pub(super) fn name(resource: &Resource, columns: usize) -> SafeText {
    let name = resource.name.as_str();
    let Some((path, what)) = name
        .rsplit_once(' ')
        .filter(|_| resource.name.width() > columns)
    else {
        return resource.name.clone();
    };
    let room = columns.saturating_sub(what.len() + 2);
    let skip = path.chars().count().saturating_sub(room);
    let end: String = path.chars().skip(skip).collect();
    SafeText::from(format!("…{end} {what}"))
}

/// `1 842 / 2 048`, `71 %`, `38 Mbit/s`; `?` when it is not known. In a narrow column a share whenever there is one.
pub(super) fn used(resource: &Resource, narrow: bool) -> String {
    if let Some(share) = resource.share.filter(|_| narrow) {
        return format!("{:.0} %", share * 100.0);
    }
    match resource.used {
        Used::Count(count, None) if narrow => numbers::count(count),
        Used::Count(count, Some(limit)) => {
            format!("{} / {}", numbers::count(count), numbers::count(limit))
        }
        Used::Count(count, None) => format!("{} / ?", numbers::count(count)),
        Used::Share(share) => format!("{:.0} %", share * 100.0),
        Used::Bits(bits) => rate(bits),
        Used::Unknown => String::from("?"),
    }
}

/// `38 Mbit/s`
fn rate(bits: f64) -> String {
    match bits {
        1e9.. => format!("{:.1} Gbit/s", bits / 1e9),
        1e6.. => format!("{:.0} Mbit/s", bits / 1e6),
        1e3.. => format!("{:.0} kbit/s", bits / 1e3),
        _ => format!("{bits:.0} bit/s"),
    }
}

/// `now`, `~ 2 h`, `3 d 4 h`, `41 d`, `stable`; nothing where there is no limit to reach.
pub(super) fn full(resource: &Resource) -> String {
    match resource.full {
        Full::Now => String::from("now"),
        Full::In(time) => match (time.num_minutes(), time.num_hours(), time.num_days()) {
            (0, _, _) => String::from("< 1 min"),
            (minutes, 0, _) => format!("~ {minutes} min"),
            (minutes, 1..=9, _) if minutes % 60 >= 10 => {
                format!("~ {} h {} m", minutes / 60, minutes % 60)
            }
            (_, hours, 0 | 1) => format!("~ {hours} h"),
            (_, hours, days @ 2..=9) => format!("{days} d {} h", hours % 24),
            (_, _, days) => format!("{days} d"),
        },
        Full::Stable => String::from("stable"),
        Full::Unknown if resource.share.is_some() => String::from("no trend"),
        Full::Unknown => String::from("?"),
    }
}

/// Amber for what makes mail wait: at its limit Postfix defers and senders try again. Never red: nothing is lost by a number.
pub(super) fn role(resource: &Resource) -> Role {
    match (resource.full, resource.share) {
        (Full::Now, _) => Role::Defer,
        (Full::In(time), _) if time <= SOON => Role::Defer,
        (_, Some(share)) if share >= NEAR => Role::Defer,
        (_, None) => Role::Dim,
        (_, Some(_)) => Role::Text,
    }
}

/// How urgent it is that a person looks: the role of the sign before it.
pub(super) fn sign(resource: &Resource) -> Option<Role> {
    match resource.full {
        Full::Now => Some(Role::Alert),
        Full::In(time) if time <= SOON => Some(Role::Defer),
        Full::In(_) | Full::Stable | Full::Unknown => None,
    }
}

/// The table as text.
pub(super) fn extract(resources: &[Resource], selected: usize) -> Extract {
    let rows = resources.iter().map(|resource| {
        vec![
            resource.name.clone(),
            SafeText::from(used(resource, false)),
            SafeText::from(
                resource
                    .share
                    .map(|share| format!("{:.1}", share * 100.0))
                    .unwrap_or_default(),
            ),
            SafeText::from(full(resource)),
            resource.note.clone(),
        ]
    });
    Extract {
        title: SafeText::from("headroom"),
        columns: vec!["Resource", "Value", "Percent", "Full in", "Note"],
        rows: rows.collect(),
        selected: (!resources.is_empty()).then_some(selected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::headroom::Kind;
    use chrono::TimeDelta;

    fn resource(full: Full, share: Option<f64>) -> Resource {
        Resource {
            kind: Kind::Space,
            name: SafeText::from("/ space"),
            used: share.map_or(Used::Unknown, Used::Share),
            share,
            per_second: None,
            full,
            note: SafeText::default(),
            figure: None,
        }
    }

    #[test]
    fn a_time_to_the_limit_is_as_exact_as_it_is_known() {
        let of = |seconds| full(&resource(Full::In(TimeDelta::seconds(seconds)), Some(0.5)));
        assert_eq!(
            [
                of(30),
                of(2280),
                of(7200),
                of(8000),
                of(50_000),
                of(273_600),
                of(3_600_000)
            ],
            [
                "< 1 min",
                "~ 38 min",
                "~ 2 h",
                "~ 2 h 13 m",
                "~ 13 h",
                "3 d 4 h",
                "41 d"
            ]
        );
        assert_eq!(full(&resource(Full::Unknown, Some(0.5))), "no trend");
        assert_eq!(full(&resource(Full::Unknown, None)), "?");
    }

    #[test]
    fn of_a_long_path_the_end_is_kept() {
        let long = Resource {
            name: SafeText::from("/srv/mail/stores/first space"),
            ..resource(Full::Stable, Some(0.5))
        };
        assert_eq!(name(&long, 20), "…/stores/first space");
        assert_eq!(name(&resource(Full::Stable, None), 20), "/ space");
        assert_eq!(
            super::used(&resource(Full::Stable, Some(0.5)), true),
            "50 %"
        );
    }

    #[test]
    fn figures_have_their_own_units() {
        let of = |used| {
            let resource = Resource {
                used,
                ..resource(Full::Stable, None)
            };
            super::used(&resource, false)
        };
        assert_eq!(of(Used::Count(1842, Some(2048))), "1 842 / 2 048");
        assert_eq!(of(Used::Count(60, None)), "60 / ?");
        assert_eq!(of(Used::Bits(3.8e7)), "38 Mbit/s");
        assert_eq!(
            (of(Used::Bits(12.0)), of(Used::Unknown)),
            ("12 bit/s".into(), "?".into())
        );
    }
}
