//! What every host has: CPU, memory, disks, file systems, network.

use super::{Full, Kind, Moment, Resource, Used, full};
use crate::model::host::{Figure, FileSystem, HostSample, Place};
use crate::numbers;
use crate::safe_text::SafeText;
use std::sync::Arc;

pub(super) fn resources(at: &Moment<'_>) -> Vec<Resource> {
    let Some(sample) = at.model.host.newest() else {
        return Vec::new();
    };
    let mut all = vec![cpu(at, sample), memory(at, sample)];
    let names: Vec<Arc<str>> = sample
        .disks()
        .map(|disk| disk.name.as_str().into())
        .collect();
    all.extend(names.iter().map(|name| disk(at, sample, name)));
    for (place, others) in sample.grounds() {
        let Some(file_system) = sample.file_system(place) else {
            continue;
        };
        let label = file_system.label();
        all.push(space(at, place, file_system, label, &others));
        if file_system.inodes > 0 {
            all.push(inodes(at, place, file_system, label));
        }
    }
    all.extend(network(at, sample));
    all
}

/// A resource whose share is one figure.
fn share(at: &Moment<'_>, kind: Kind, name: &str, figure: Figure, note: String) -> Resource {
    let slow = matches!(kind, Kind::Space | Kind::Inodes);
    let (share, trends) = (at.value(&figure), at.trends(&figure, slow));
    Resource {
        kind,
        name: SafeText::from(name),
        used: share.map_or(Used::Unknown, Used::Share),
        share,
        per_second: trends.first().map(|trend| trend.per_second),
        full: full(share, &trends),
        note: note.into(),
        figure: Some(figure),
    }
}

fn cpu(at: &Moment<'_>, sample: &HostSample) -> Resource {
    let percent = |figure: &Figure, name: &str| {
        let share = at.value(figure)?;
        Some(format!("{name} {:.0} %", share * 100.0))
    };
    let cores = match &sample.bounds.cpu {
        Some((group, cores)) => format!("cpu.max of {group}: {cores:.1} cores"),
        None => numbers::many(sample.cpus as usize, "core"),
    };
    let parts = [
        Some(cores),
        percent(&Figure::Steal, "steal"),
        percent(&Figure::Iowait, "iowait"),
    ];
    let note = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    share(at, Kind::Cpu, "CPU", Figure::Cpu, note)
}

fn memory(at: &Moment<'_>, sample: &HostSample) -> Resource {
    let mut notes = Vec::new();
    notes.extend(bound(sample));
    if !at.is_now() {
        return share(at, Kind::Memory, "memory", Figure::Memory, notes.join(", "));
    }
    if let Some(killed) = sample.oom_kills.filter(|killed| *killed > 0) {
        let processes = if killed == 1 { "process" } else { "processes" };
        notes.push(format!(
            "{} {processes} killed for want of memory",
            numbers::count(killed)
        ));
    }
    if let Some(cache) = sample.page_cache {
        notes.push(format!("page cache {}", numbers::bytes(cache)));
    }
    if let Some(swap) = sample.swap.filter(|swap| swap.total > swap.free) {
        let used = swap.total.saturating_sub(swap.free);
        notes.push(format!(
            "swap {} of {}",
            numbers::bytes(used),
            numbers::bytes(swap.total)
        ));
    }
    share(at, Kind::Memory, "memory", Figure::Memory, notes.join(", "))
}

/// `memory.max of postfix.service: 2.0 GiB`
fn bound(sample: &HostSample) -> Option<String> {
    let group = sample.bounds.memory.as_ref()?;
    let limit = numbers::bytes(sample.memory_total);
    Some(format!("memory.max of {group}: {limit}"))
}

fn disk(at: &Moment<'_>, sample: &HostSample, name: &Arc<str>) -> Resource {
    let mut notes = Vec::new();
    let newest = sample.disks().find(|disk| disk.name == **name);
    if let Some(writes) = newest.filter(|_| at.is_now()).and_then(|disk| disk.writes) {
        notes.push(format!("{writes:.0} writes/s"));
    }
    if let Some(latency) = at.value(&Figure::Latency(Arc::clone(name))) {
        notes.push(format!("{latency:.1} ms each"));
    }
    let figure = Figure::Busy(Arc::clone(name));
    let mut busy = share(
        at,
        Kind::Disk,
        &format!("disk {name} busy"),
        figure,
        notes.join(", "),
    );
    // A busy disk is slow, but it goes on: a time until it stops would be a lie.
    if let Full::In(_) | Full::Now = busy.full {
        busy.full = Full::Stable;
    }
    busy
}

/// In the spool smtpd refuses mail before the file system is full.
fn space(
    at: &Moment<'_>,
    place: Place,
    file_system: &FileSystem,
    label: &str,
    places: &[Place],
) -> Resource {
    let mut notes = Vec::new();
    let minfree = places
        .contains(&Place::Spool)
        .then(|| at.model.limits.postfix.known()?.minfree)
        .flatten()
        .filter(|least| *least > 0);
    let mut space = share(
        at,
        Kind::Space,
        &format!("{label} space"),
        Figure::Space(place),
        String::new(),
    );
    let total = file_system.total;
    if let (Some(least), Some(share)) = (minfree, space.share) {
        let available = (total as f64 * (1.0 - share)) as u64;
        let limit = 1.0 - least as f64 / total.max(1) as f64;
        let trends = at.trends(&Figure::Space(place), true);
        space.full = if available <= least || limit <= 0.0 {
            notes.push(format!(
                "under {} smtpd refuses mail",
                numbers::bytes(least)
            ));
            Full::Now
        } else {
            full(Some(share + (1.0 - limit)), &trends)
        };
    }
    if let Some(growth) = space.per_second.filter(|growth| *growth > 0.0) {
        notes.push(format!(
            "+{}/day",
            numbers::bytes((growth * total as f64 * 86_400.0) as u64)
        ));
    }
    if places.contains(&Place::Spool) && at.is_now() && at.model.queue.bytes() > 0 {
        notes.push(format!(
            "{} of it is queue",
            numbers::bytes(at.model.queue.bytes())
        ));
    }
    let names: Vec<&str> = places.iter().map(|place| place.name()).collect();
    notes.push(names.join(", "));
    if file_system.inodes == 0 {
        let kind = if file_system.kind.is_empty() {
            "it"
        } else {
            &file_system.kind
        };
        notes.push(format!("{kind} has no limit of inodes"));
    }
    space.note = notes.join(" · ").into();
    space
}

fn inodes(at: &Moment<'_>, place: Place, file_system: &FileSystem, label: &str) -> Resource {
    let mut inodes = share(
        at,
        Kind::Inodes,
        &format!("{label} inodes"),
        Figure::Inodes(place),
        String::new(),
    );
    let growth = inodes
        .per_second
        .map_or(0.0, |growth| growth * file_system.inodes as f64 * 60.0);
    let left = inodes
        .share
        .map_or(0.0, |share| file_system.inodes as f64 * (1.0 - share));
    let free = format!("{} free", numbers::compact(left));
    inodes.note = if growth >= 1.0 {
        format!("+{}/min · {free}", numbers::compact(growth)).into()
    } else {
        free.into()
    };
    inodes
}

/// The fuller direction of the link; without a known speed only the rate.
fn network(at: &Moment<'_>, sample: &HostSample) -> Option<Resource> {
    let network = sample.network.as_ref()?;
    let name: Arc<str> = network.name.as_str().into();
    let (received, sent) = (
        Figure::Received(Arc::clone(&name)),
        Figure::Sent(Arc::clone(&name)),
    );
    let rate = |figure: &Figure| at.value(figure).unwrap_or(0.0);
    let figure = if rate(&received) > rate(&sent) {
        received
    } else {
        sent
    };
    let bytes = at.value(&figure);
    let speed = network.speed.map(|speed| speed as f64 / 8.0);
    let share = bytes.zip(speed).map(|(bytes, speed)| bytes / speed);
    Some(Resource {
        kind: Kind::Network,
        name: SafeText::from(format!("network {name}")),
        used: bytes.map_or(Used::Unknown, |bytes| Used::Bits(bytes * 8.0)),
        share,
        per_second: None,
        full: share.map_or(Full::Unknown, |_| Full::Stable),
        note: match network.speed {
            Some(speed) => format!("link {}bit/s", si(speed)),
            None => String::from("the link's speed is not known"),
        }
        .into(),
        figure: Some(figure),
    })
}

/// `1 G`, `100 M`
fn si(bits: u64) -> String {
    match bits {
        1_000_000_000.. => format!("{} G", bits / 1_000_000_000),
        _ => format!("{} M", bits / 1_000_000),
    }
}
