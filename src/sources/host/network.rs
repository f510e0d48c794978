//! The network interface with the most traffic: what it carries, and what its link can.
//!
//! In: `/proc/net/dev` and `/sys/class/net/NAME/speed`. The loopback is left out: what a host says to itself fills no link. Format:
//! `proc_pid_net(5)`; `Documentation/ABI/testing/sysfs-class-net` of the kernel (megabits per second, or -1).

use super::rates;
use crate::model::host::Network;
use procfs::net::DeviceStatus;
use std::fs;
use std::time::Duration;

/// A link's speed seldom changes, and some drivers are slow to tell it.
const SPEED_HOLDS: Duration = Duration::from_mins(5);

/// What was read before.
#[derive(Debug, Default)]
pub(super) struct Interface {
    before: Option<(DeviceStatus, Duration)>,
    speed: Option<(String, Option<u64>, Duration)>,
}

impl Interface {
    /// Reads; `None` at first, and without an interface.
    pub(super) fn read(&mut self, now: Duration) -> Option<Network> {
        let devices = procfs::net::dev_status().ok()?;
        let after = busiest(devices.into_values())?;
        let before = self.before.replace((after.clone(), now));
        let (before, then) = before.filter(|(before, _)| before.name == after.name)?;
        let mut network = rates::network(&before, &after, now.saturating_sub(then))?;
        network.speed = self.speed(&network.name, now);
        Some(network)
    }

    fn speed(&mut self, name: &str, now: Duration) -> Option<u64> {
        if let Some((of, speed, then)) = &self.speed
            && of == name
            && now.saturating_sub(*then) < SPEED_HOLDS
        {
            return *speed;
        }
        let text = fs::read_to_string(format!("/sys/class/net/{name}/speed")).ok();
        let speed = text.as_deref().and_then(bits);
        self.speed = Some((name.to_owned(), speed, now));
        speed
    }
}

/// The one that has carried most since the host was started.
fn busiest(devices: impl Iterator<Item = DeviceStatus>) -> Option<DeviceStatus> {
    devices
        .filter(|device| device.name != "lo")
        .max_by_key(|device| device.recv_bytes.saturating_add(device.sent_bytes))
}

/// Bits per second. A virtual interface says -1, or what it was never asked for: 10 Mbit/s would be a lie about a bridge, but the kernel
/// does not tell which it is.
fn bits(text: &str) -> Option<u64> {
    let megabits: u64 = text.trim().parse().ok()?;
    (megabits > 0 && megabits < u64::from(u32::MAX)).then(|| megabits.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::FromBufRead;
    use procfs::net::InterfaceDeviceStatus;

    const BEFORE: &str = "Inter-|   Receive                                                |  Transmit\n \
        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
        lo: 9000000 1 0 0 0 0 0 0 9000000 1 0 0 0 0 0 0\n  eth0: 1000 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0\n  eth1: 10 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n";

    fn read(text: &str) -> DeviceStatus {
        let devices = InterfaceDeviceStatus::from_buf_read(text.as_bytes()).unwrap();
        busiest(devices.0.into_values()).unwrap()
    }

    #[test]
    fn the_busiest_interface_is_no_loopback() {
        let before = read(BEFORE);
        let after = read(&BEFORE.replace("eth0: 1000 ", "eth0: 5000 "));
        let rate = rates::network(&before, &after, Duration::from_secs(2)).unwrap();
        assert_eq!(
            (rate.name.as_str(), rate.received, rate.sent),
            ("eth0", 2000.0, 0.0)
        );
        assert_eq!(rates::network(&before, &after, Duration::ZERO), None);
    }

    #[test]
    fn a_link_that_does_not_know_its_speed_has_none() {
        assert_eq!(bits("1000\n"), Some(1_000_000_000));
        assert_eq!(
            (bits("-1\n"), bits("0"), bits("4294967295"), bits("")),
            (None, None, None, None)
        );
    }
}
