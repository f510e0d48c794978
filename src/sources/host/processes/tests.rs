//! Processes as a directory that looks like `/proc`.

use super::*;

struct Host {
    root: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let host = Self {
            root: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(host.root.path().join("spool/pid")).unwrap();
        host
    }

    /// A process that has used so many ticks.
    fn process(&self, pid: i32, parent: i32, comm: &str, command: &str, ticks: u64) {
        let directory = self.root.path().join(pid.to_string());
        fs::create_dir_all(&directory).unwrap();
        let stat = format!(
            "{pid} ({comm}) S {parent} {pid} {pid} 0 -1 4194304 1 0 0 0 {ticks} 0 0 0 20 0 1 0 {start} 1000 10 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
            start = 1000 + pid
        );
        fs::write(directory.join("stat"), stat).unwrap();
        fs::write(directory.join("cmdline"), command.replace(' ', "\0")).unwrap();
        let io = format!(
            "rchar: 1\nwchar: 1\nsyscr: 1\nsyscw: 1\nread_bytes: 0\nwrite_bytes: {}\ncancelled_write_bytes: 0\n",
            ticks * 4096
        );
        fs::write(directory.join("io"), io).unwrap();
    }

    fn end(&self, pid: i32) {
        fs::remove_dir_all(self.root.path().join(pid.to_string())).unwrap();
    }

    fn watch(&self) -> Watch {
        Watch {
            root: self.root.path().to_owned(),
            io: true,
            ..Watch::new(&self.root.path().join("spool"))
        }
    }

    fn postfix_is(&self, pid: &str) {
        fs::write(self.root.path().join("spool/pid/master.pid"), pid).unwrap();
    }
}

fn counts(processes: &Processes) -> Vec<(&str, &str, u32)> {
    let services = processes.services.iter();
    services
        .map(|service| {
            (
                service.name.as_str(),
                service.program.as_str(),
                service.count,
            )
        })
        .collect()
}

#[test]
fn children_are_counted_by_the_service_that_master_started_them_for() {
    let host = Host::new();
    host.process(1, 0, "init", "init", 0);
    host.process(10, 1, "master", "/usr/lib/postfix/sbin/master -w", 0);
    host.process(11, 10, "qmgr", "qmgr -l -t unix -u", 0);
    host.process(12, 10, "smtp", "smtp -t unix -u -c", 0);
    host.process(13, 10, "smtp", "smtp -n relay -t unix -u -c", 0);
    host.process(
        14,
        10,
        "smtpd",
        "smtpd -n 127.0.0.1:2587 -t inet -u -o x=-t -o syslog_name=postfix/submission",
        0,
    );
    host.process(15, 10, "smtp", "smtp -t unix -u -c", 0);
    host.process(16, 12, "smtp", "smtp -t unix -u -c", 0);
    host.process(17, 1, "smtp", "smtp -t unix", 0);
    host.process(20, 1, "dovecot", "/usr/sbin/dovecot -F", 0);
    host.process(21, 20, "anvil", "dovecot/anvil", 0);
    host.process(
        22,
        20,
        "managesieve-log",
        "dovecot/managesieve-login [192.0.2.1 TLS]",
        0,
    );
    host.process(23, 20, "auth", "dovecot/auth -w", 0);
    host.process(24, 20, "auth", "dovecot/auth", 0);
    host.process(30, 1, "amavisd (master", "amavisd (master)", 0);
    host.process(31, 1, "rsyslogd-helper", "x", 0);
    host.postfix_is("                 10\n");
    let processes = host.watch().look(Duration::ZERO).unwrap();
    assert_eq!(
        counts(&processes),
        [
            ("127.0.0.1:2587/inet", "smtpd", 1),
            ("qmgr/unix", "qmgr", 1),
            ("relay/unix", "smtp", 1),
            ("smtp/unix", "smtp", 2),
            ("anvil", "anvil", 1),
            ("auth", "auth", 1),
            ("auth-worker", "auth-worker", 1),
            ("managesieve-login", "managesieve-login", 1),
            ("amavisd", "amavisd", 1),
        ]
    );
    assert_eq!(processes.masters, 1);
    assert_eq!(
        processes.services[0].cpu, None,
        "the first look has no rates"
    );
    assert_eq!(processes.services[3].resident, 20 * page_size());
}

#[test]
fn another_instance_is_not_counted_unless_nobody_can_tell_them_apart() {
    let host = Host::new();
    for (master, child) in [(10, 11), (20, 21)] {
        host.process(master, 1, "master", "master", 0);
        host.process(child, master, "qmgr", "qmgr -l -t unix -u", 0);
    }
    host.process(30, 1, "master", "a master of something else", 0);
    host.process(31, 30, "smtp", "smtp -t unix", 0);
    let look = || host.watch().look(Duration::ZERO).unwrap();
    assert_eq!(
        (counts(&look()), look().masters),
        (vec![("qmgr/unix", "qmgr", 2)], 2),
        "no pid file"
    );
    host.postfix_is("20");
    assert_eq!(
        (counts(&look()), look().masters),
        (vec![("qmgr/unix", "qmgr", 1)], 1)
    );
    host.postfix_is("99");
    assert_eq!(
        (counts(&look()), look().masters),
        (vec![], 0),
        "that one is down"
    );
}

#[test]
fn what_was_counted_of_another_dovecot_is_not_once_it_is_known_which_is_meant() {
    let host = Host::new();
    for (master, child) in [(10, 11), (20, 21)] {
        host.process(master, 1, "dovecot", "/usr/sbin/dovecot -F", 0);
        host.process(child, master, "anvil", "dovecot/anvil", 0);
    }
    let mut watch = host.watch();
    let look = |watch: &mut Watch, second| watch.look(Duration::from_secs(second)).unwrap();
    assert_eq!(counts(&look(&mut watch, 1)), [("anvil", "anvil", 2)]);
    fs::write(host.root.path().join("master.pid"), "20\n").unwrap();
    watch.dovecot(host.root.path());
    host.process(21, 20, "anvil", "dovecot/anvil", ticks_per_second());
    let processes = look(&mut watch, 3);
    assert_eq!(counts(&processes), [("anvil", "anvil", 1)]);
    assert_eq!(
        processes.services[0].cpu,
        Some(0.5),
        "and nothing is counted twice"
    );
}

#[test]
fn rates_are_of_what_was_done_between_two_looks() {
    let host = Host::new();
    host.process(10, 1, "master", "master", 0);
    host.process(11, 10, "qmgr", "qmgr -l -t unix -u", 1000);
    host.process(12, 10, "cleanup", "cleanup -z -t unix -u", 500);
    host.process(13, 10, "cleanup", "cleanup -z -t unix -u", 500);
    host.postfix_is("10");
    let mut watch = host.watch();
    watch.look(Duration::from_secs(5)).unwrap();
    host.process(
        11,
        10,
        "qmgr",
        "qmgr -l -t unix -u",
        1000 + 2 * ticks_per_second(),
    );
    host.end(12);
    host.end(13);
    host.process(
        14,
        10,
        "cleanup",
        "cleanup -z -t unix -u",
        ticks_per_second(),
    );
    let processes = watch.look(Duration::from_secs(9)).unwrap();
    let rates: Vec<_> = processes
        .services
        .iter()
        .map(|service| (service.name.as_str(), service.cpu, service.written))
        .collect();
    let ticks = ticks_per_second() as f64;
    assert_eq!(
        rates,
        [
            ("cleanup/unix", Some(0.25), Some(ticks * 4096.0 / 4.0)),
            ("qmgr/unix", Some(0.5), Some(2.0 * ticks * 4096.0 / 4.0))
        ]
    );
    assert_eq!(watch.known.len(), 2, "those that ended are forgotten");
}

#[test]
fn what_is_no_process_is_left_alone() {
    let host = Host::new();
    fs::create_dir_all(host.root.path().join("77")).unwrap();
    fs::create_dir_all(host.root.path().join("78")).unwrap();
    fs::write(host.root.path().join("78/stat"), "78 (x\n").unwrap();
    assert_eq!(
        host.watch().look(Duration::ZERO).unwrap(),
        Processes::default()
    );
    let mut watch = host.watch();
    watch.root = "/none/such".into();
    assert!(watch.look(Duration::ZERO).is_err());
}
