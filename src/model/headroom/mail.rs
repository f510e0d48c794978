//! What only a mail server has: processes of each service against their limits, and the active queue.

use super::trend::Trend;
use super::{Kind, Moment, RECENT, Resource, Used, full};
use crate::model::host::{Family, Figure};
use crate::model::limits::ServiceLimit;
use crate::safe_text::SafeText;

/// A service that is none of those that are always shown is from this share of its limit on.
const NEAR: f64 = 0.5;
/// Postfix's service that is always shown: it is what deliveries wait for.
const SMTP: &str = "smtp/unix";
/// Dovecot's, when they have a process.
const SESSIONS: [&str; 4] = ["imap", "pop3", "lmtp", "submission"];

/// Services against their limits. Those that may have one process only are always at it and left out.
pub(super) fn processes(at: &Moment<'_>) -> Vec<Resource> {
    let Some(processes) = at.model.host.processes() else {
        return Vec::new();
    };
    let services = processes.services.iter();
    let mut all: Vec<Resource> = services
        .filter(|service| service.family != Family::Helper)
        .filter_map(|service| {
            let figure = Figure::Processes(service.family, service.name.as_str().into());
            at.value(&figure)?;
            let label = label(service.family, &service.name, &service.program);
            one(at, figure, &service.name, service.family, &label)
        })
        .collect();
    if !all
        .iter()
        .any(|resource| resource.figure == Some(smtp_figure()))
    {
        all.extend(smtp(at));
    }
    all
}

fn smtp_figure() -> Figure {
    Figure::Processes(Family::Postfix, SMTP.into())
}

/// Postfix's smtp service; it may have no process, which is known where any other service of Postfix is.
pub(super) fn smtp(at: &Moment<'_>) -> Option<Resource> {
    let processes = at.model.host.processes()?;
    let looked = processes.services.iter().any(|service| {
        let figure = Figure::Processes(service.family, service.name.as_str().into());
        service.family == Family::Postfix && at.value(&figure).is_some()
    });
    looked
        .then(|| one(at, smtp_figure(), SMTP, Family::Postfix, "smtp"))
        .flatten()
}

fn one(
    at: &Moment<'_>,
    figure: Figure,
    name: &str,
    family: Family,
    label: &str,
) -> Option<Resource> {
    // Where smtp has never had a process it has no past either.
    let count = at
        .value(&figure)
        .or_else(|| (name == SMTP).then_some(0.0))?
        .round();
    let (limit, setting) = limit(at, family, name);
    let always = match family {
        Family::Postfix => name == SMTP,
        Family::Dovecot => SESSIONS.contains(&name),
        Family::Helper => false,
    };
    let most = limit.and_then(|limit| limit.processes);
    let share = most.map(|most| count / f64::from(most.max(1)));
    let wanted =
        always || (most.is_some_and(|most| most > 1) && share.is_some_and(|share| share >= NEAR));
    if !wanted {
        return None;
    }
    let trends: Vec<Trend> = at
        .trends(&figure, false)
        .into_iter()
        .map(|trend| Trend {
            per_second: trend.per_second / f64::from(most.unwrap_or(1).max(1)),
            ..trend
        })
        .collect();
    Some(Resource {
        kind: Kind::Processes,
        name: SafeText::from(format!("{label} processes")),
        used: Used::Count(count as u64, most.map(u64::from)),
        share,
        per_second: most.and(trends.first()).map(|trend| trend.per_second),
        full: full(share, &trends),
        note: setting.into(),
        figure: Some(figure),
    })
}

/// `smtp/inet` that runs smtpd is `smtpd`; `submission/inet` is `submission`; `smtp/unix` is `smtp`; `192.0.2.1:2525/inet` is `smtpd:2525`.
pub fn label(family: Family, name: &str, program: &str) -> String {
    match (family, name.rsplit_once('/')) {
        (Family::Postfix, Some(("smtp", kind))) if kind != "unix" => program.to_owned(),
        (Family::Postfix, Some((base, "inet"))) => {
            let port = base.rsplit(':').next().unwrap_or(base);
            if port.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("{program}:{port}")
            } else {
                port.to_owned()
            }
        }
        (Family::Postfix, Some((base, _))) => base.to_owned(),
        _ => name.to_owned(),
    }
}

/// The limit of a service and the setting that it is from.
fn limit(at: &Moment<'_>, family: Family, name: &str) -> (Option<ServiceLimit>, String) {
    let limits = &at.model.limits;
    let unknown = |why: Option<&SafeText>| match why {
        Some(why) => why.as_str().to_owned(),
        None => String::from("its limit is not known yet"),
    };
    match family {
        Family::Postfix => {
            let known = limits.postfix.known();
            let limit = known.and_then(|known| known.services.get(name)).copied();
            let setting = match limit {
                Some(ServiceLimit {
                    processes: None, ..
                }) => String::from("no limit (maxproc 0)"),
                Some(ServiceLimit { default: true, .. }) => String::from("default_process_limit"),
                Some(_) => format!("maxproc of {name} in master.cf"),
                None if known.is_some() => format!("{name} is not in master.cf"),
                None => unknown(limits.postfix.why()),
            };
            (limit, setting)
        }
        Family::Dovecot => {
            let known = limits.dovecot.known();
            let limit = known
                .and_then(|known| known.services.get(name))
                .map(|service| service.processes);
            let setting = match limit {
                Some(ServiceLimit { default: true, .. }) => {
                    String::from("default_process_limit of Dovecot")
                }
                Some(_) => format!("service {name} {{ process_limit }}"),
                None if known.is_some() => format!("doveconf knows no service {name}"),
                None => unknown(limits.dovecot.why()),
            };
            (limit, setting)
        }
        Family::Helper => (None, String::new()),
    }
}

/// The active queue, once the queue was listed.
pub(super) fn active(at: &Moment<'_>) -> Option<Resource> {
    at.model.queue.listed().at?;
    let history = &at.model.told().history;
    let (range, points, times) = RECENT;
    let depths = history.depths(at.until - range, at.until, points);
    let active: Vec<Option<f64>> = depths
        .iter()
        .map(|depth| depth.map(|depth| depth.active as f64))
        .collect();
    let count = active.last().copied().flatten()?;
    let limits = &at.model.limits.postfix;
    let most = limits.known().and_then(|known| known.active);
    let of_limit = |count: f64| count / most.unwrap_or(1) as f64;
    let series: Vec<Option<f64>> = active.iter().map(|count| count.map(of_limit)).collect();
    let trend = most.and_then(|_| Trend::of(&series, range / points as i32, times));
    let share = most.map(|_| of_limit(count));
    Some(Resource {
        kind: Kind::Active,
        name: SafeText::from("qmgr active"),
        used: Used::Count(count as u64, most),
        share,
        per_second: trend.map(|trend| trend.per_second),
        full: full(share, trend.as_slice()),
        note: SafeText::from(match (most, limits.why()) {
            (Some(_), _) => "qmgr_message_active_limit",
            (None, Some(why)) => why.as_str(),
            (None, None) => "its limit is not known yet",
        }),
        figure: None,
    })
}
