//! Alarms of the host, by plain thresholds: a service at its process limit, a file system that is nearly full, memory that is nearly gone.
//!
//! In: the newest reading and the limits. Out: sentences. Nothing is foretold here: that is [`crate::model::headroom`].

use super::{Alarm, plain};
use crate::model::Model;
use crate::model::headroom::label;
use crate::model::host::{Family, Figure, FileSystem, HostSample, Place, Service};
use crate::model::thresholds::Threshold;
use crate::numbers;
use crate::safe_text::SafeText;
use chrono::TimeDelta;

/// Free share of a file system, in space or inodes, under which it is an alarm.
const FREE: f64 = 0.05;
/// The same of memory that is available.
const AVAILABLE: f64 = 0.05;
/// How far back the beginning of an alarm is looked for.
const BACK: TimeDelta = TimeDelta::hours(1);

/// All of them, the most urgent first.
pub(super) fn alarms(model: &Model) -> Vec<Alarm> {
    let Some(sample) = model.host.newest() else {
        return Vec::new();
    };
    let mut alarms: Vec<Alarm> = file_systems(model, sample);
    alarms.extend(memory(sample));
    let services = model
        .host
        .processes()
        .into_iter()
        .flat_map(|all| &all.services);
    alarms.extend(services.filter_map(|service| at_limit(model, service)));
    alarms
}

/// From where on there are alarms of the host. Limits of processes are those of [`crate::model::headroom`].
pub(super) fn thresholds(model: &Model) -> Vec<Threshold> {
    let mut all = vec![
        Threshold::own(
            "a file system",
            format!("under {:.0} % of its space or inodes free", FREE * 100.0),
        ),
        Threshold::own(
            "memory",
            format!("under {:.0} % available", AVAILABLE * 100.0),
        ),
    ];
    let postfix = model.limits.postfix.known();
    if let Some(least) = postfix.and_then(|limits| limits.minfree) {
        all.push(Threshold {
            what: SafeText::from("the spool"),
            from: SafeText::from(format!(
                "under {} free smtpd refuses mail",
                numbers::bytes(least)
            )),
            source: SafeText::from("queue_minfree, message_size_limit"),
        });
    }
    all
}

/// `smtp 100/100 processes for 6 min: default_process_limit or its maxproc`
fn at_limit(model: &Model, service: &Service) -> Option<Alarm> {
    let limits = &model.limits;
    let limit = match service.family {
        Family::Postfix => limits.postfix.known()?.services.get(&service.name).copied(),
        Family::Dovecot => {
            let service = limits.dovecot.known()?.services.get(&service.name);
            service.map(|service| service.processes)
        }
        Family::Helper => None,
    };
    // One process of one is how most services are meant to be.
    let limit = limit?;
    let most = limit
        .processes
        .filter(|most| *most > 1 && service.count >= *most)?;
    let figure = Figure::Processes(service.family, service.name.as_str().into());
    let minutes = BACK.num_minutes() as usize;
    let past = model.host.series(&figure, model.now(), BACK, minutes);
    let full = past
        .iter()
        .rev()
        .take_while(|count| count.is_some_and(|count| count > f64::from(most) - 0.5))
        .count();
    let since = match full {
        0 | 1 => String::new(),
        full if full == minutes => String::from(" for an hour or more"),
        full => format!(" for {full} min"),
    };
    let setting = match (service.family, limit.default) {
        (Family::Dovecot, false) => format!("service {} {{ process_limit }}", service.name),
        (Family::Postfix, false) => format!("maxproc of {} in master.cf", service.name),
        (_, _) => String::from("default_process_limit"),
    };
    let label = label(service.family, &service.name, &service.program);
    let count = numbers::count(u64::from(service.count));
    let most = numbers::count(u64::from(most));
    Some(plain(format!(
        "{label} {count}/{most} processes{since}: {setting} is reached"
    )))
}

/// `/var/spool (spool, log): 4 % of space left`
fn file_systems(model: &Model, sample: &HostSample) -> Vec<Alarm> {
    let minfree = model
        .limits
        .postfix
        .known()
        .and_then(|limits| limits.minfree);
    let grounds = sample.grounds();
    let alarms = grounds.iter().filter_map(|(place, places)| {
        let file_system = sample.file_system(*place)?;
        let names: Vec<&str> = places.iter().map(|place| place.name()).collect();
        let least = minfree.filter(|_| places.contains(&Place::Spool));
        let what = trouble(file_system, least)?;
        Some(plain(format!(
            "{} ({}): {what}",
            file_system.label(),
            names.join(", ")
        )))
    });
    alarms.collect()
}

fn trouble(file_system: &FileSystem, minfree: Option<u64>) -> Option<String> {
    if let Some(least) =
        minfree.filter(|least| file_system.total > 0 && file_system.available <= *least)
    {
        return Some(format!(
            "{} left: under {} smtpd refuses mail",
            numbers::bytes(file_system.available),
            numbers::bytes(least)
        ));
    }
    let space = file_system.space().map(|used| (1.0 - used, "space"));
    let inodes = file_system.inodes_used().map(|used| (1.0 - used, "inodes"));
    let (free, what) = space
        .into_iter()
        .chain(inodes)
        .min_by(|one, other| one.0.total_cmp(&other.0))?;
    (free < FREE).then(|| format!("{:.0} % of {what} left", free * 100.0))
}

fn memory(sample: &HostSample) -> Option<Alarm> {
    let available = 1.0 - sample.memory()?;
    let of = numbers::bytes(sample.memory_total);
    (available < AVAILABLE).then(|| {
        plain(format!(
            "memory: {:.0} % of {of} available",
            available * 100.0
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::model::host::Processes;
    use crate::model::limits::{Asked, Limits, PostfixLimits};
    use chrono::{DateTime, FixedOffset};

    fn after(minutes: i64, sample: &HostSample) -> Vec<String> {
        let mut model = Model::new(Knowledge::builtin(), FixedOffset::east_opt(0).unwrap());
        let parameters =
            "default_process_limit = 100\nqueue_minfree = 0\nmessage_size_limit = 10240000\n";
        let master =
            "smtp unix - - y - - smtp\nqmgr unix n - y 300 1 qmgr\nlmtp unix - - y - 3 lmtp\n";
        model.limits = Limits {
            postfix: Asked::Known(PostfixLimits::read(master, parameters)),
            ..Limits::default()
        };
        for minute in 0..=minutes {
            let now = DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap();
            model.tick(now);
            model.host.on(now, sample.clone());
        }
        let alarms = alarms(&model).into_iter();
        alarms.map(|alarm| alarm.text.as_str().to_owned()).collect()
    }

    fn processes(counts: &[(&str, u32)]) -> HostSample {
        let services = counts.iter().map(|(name, count)| Service {
            family: Family::Postfix,
            name: (*name).to_owned(),
            program: String::from("smtp"),
            count: *count,
            cpu: None,
            resident: 0,
            written: None,
        });
        HostSample {
            processes: Some(Processes {
                services: services.collect(),
                masters: 1,
            }),
            ..HostSample::default()
        }
    }

    #[test]
    fn a_service_at_its_limit_is_an_alarm_and_one_of_one_is_not() {
        let sample = processes(&[("smtp/unix", 100), ("qmgr/unix", 1), ("lmtp/unix", 3)]);
        assert_eq!(
            after(6, &sample),
            [
                "smtp 100/100 processes for 6 min: default_process_limit is reached",
                "lmtp 3/3 processes for 6 min: maxproc of lmtp/unix in master.cf is reached"
            ]
        );
        assert_eq!(
            after(0, &sample)[0],
            "smtp 100/100 processes: default_process_limit is reached"
        );
        assert_eq!(
            after(0, &processes(&[("smtp/unix", 99), ("x/unix", 500)])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_file_system_that_is_nearly_full_is_an_alarm() {
        let place = |available, inodes_available| FileSystem {
            path: "/var/spool/postfix".into(),
            mount: "/var".into(),
            total: 1 << 40,
            available,
            inodes: 1000,
            inodes_available,
            device: 7,
            ..FileSystem::default()
        };
        let both = |available, inodes| HostSample {
            spool: Some(place(available, inodes)),
            log: Some(place(available, inodes)),
            ..HostSample::default()
        };
        assert_eq!(
            after(0, &both(1 << 35, 900)),
            ["/var (spool, log): 3 % of space left"]
        );
        assert_eq!(
            after(0, &both(1 << 39, 21)),
            ["/var (spool, log): 2 % of inodes left"]
        );
        assert_eq!(
            after(0, &both(1 << 20, 900)),
            ["/var (spool, log): 1.0 MiB left: under 14.6 MiB smtpd refuses mail"]
        );
        assert_eq!(after(0, &both(1 << 39, 900)), Vec::<String>::new());
    }

    #[test]
    fn memory_that_is_nearly_gone_is_an_alarm_and_an_unknown_one_is_not() {
        let memory = |available| HostSample {
            memory_total: 8 << 30,
            memory_available: available,
            ..HostSample::default()
        };
        assert_eq!(
            after(0, &memory(1 << 28)),
            ["memory: 3 % of 8.0 GiB available"]
        );
        assert_eq!(after(0, &memory(1 << 30)), Vec::<String>::new());
        assert_eq!(after(0, &HostSample::default()), Vec::<String>::new());
    }
}
